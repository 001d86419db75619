//! The frame around all vendors: faults, the request log, outages, snapshots, virtual time.

use super::*;
use crate::{Fault, FaultKind};

async fn create(client: &Client, key: &str) -> Result<Response<Bytes>, ExchangeError> {
    let body = json!({ "DisplayName": "Once" }).to_string();
    send(&client.http, client.request("POST", &format!("customer?requestid={key}"), body)).await
}

fn plan(client: &Client, kind: FaultKind) {
    client.world.plan(Fault::next(Vendor::Quickbooks, kind).on("POST", "/v3/"));
}

#[tokio::test]
async fn a_cut_before_applies_nothing_and_a_cut_after_applies_once() {
    let client = Client::new("empty").await;
    for (kind, made) in [(FaultKind::CutBefore, 0), (FaultKind::TimeoutBefore, 0), (FaultKind::CutAfter, 1)] {
        plan(&client, kind);
        assert!(matches!(create(&client, "k1").await, Err(ExchangeError::NoAnswer(_))), "{kind:?}");
        assert_eq!(client.count("Customer"), made, "{kind:?}");
    }
    let replay = create(&client, "k1").await.unwrap();
    assert_eq!(replay.status(), StatusCode::OK);
    assert_eq!(client.count("Customer"), 1);
    let log = client.world.requests();
    let tries: Vec<_> = log.iter().filter(|r| r.idempotency_key.as_deref() == Some("k1")).collect();
    assert_eq!(tries.iter().filter(|r| r.applied).count(), 1);
    assert_eq!(tries.iter().filter(|r| r.replayed).count(), 1);
    assert_eq!(tries[0].status, None);
}

#[tokio::test]
async fn refused_connections_and_outages_never_reach_the_vendor() {
    let client = Client::new("empty").await;
    plan(&client, FaultKind::Refuse);
    assert!(matches!(create(&client, "k").await, Err(ExchangeError::NotSent(_))));
    client.world.outage(Vendor::Quickbooks, true);
    assert!(matches!(create(&client, "k").await, Err(ExchangeError::NotSent(_))));
    client.world.outage(Vendor::Quickbooks, false);
    assert_eq!(create(&client, "k").await.unwrap().status(), StatusCode::OK);
}

#[tokio::test]
async fn planned_answers_come_in_the_vendors_shapes() {
    let client = Client::new("empty").await;
    plan(&client, FaultKind::TooManyRequests);
    let throttled = create(&client, "k").await.unwrap();
    assert_eq!(throttled.status(), StatusCode::TOO_MANY_REQUESTS);
    assert!(String::from_utf8_lossy(throttled.body()).contains("code=\"3001\""));
    plan(&client, FaultKind::ServerError);
    assert_eq!(fault(&json_of(&create(&client, "k").await.unwrap())).0, "10000");
    plan(&client, FaultKind::BadGateway);
    assert_eq!(create(&client, "k").await.unwrap().headers()[header::CONTENT_TYPE], "text/html; charset=utf-8");
    plan(&client, FaultKind::Html200);
    assert_eq!(create(&client, "k").await.unwrap().status(), StatusCode::OK);
    assert_eq!(client.count("Customer"), 0);
    plan(&client, FaultKind::TruncatedJson);
    assert!(serde_json::from_slice::<Value>(create(&client, "k").await.unwrap().body()).is_err());
    plan(&client, FaultKind::EmptyBody);
    assert!(create(&client, "k").await.unwrap().body().is_empty());
    assert_eq!(client.count("Customer"), 1);
}

#[tokio::test]
async fn a_plan_can_skip_and_repeat_and_choose_its_path() {
    let client = Client::new("empty").await;
    client
        .world
        .plan(Fault::next(Vendor::Quickbooks, FaultKind::ServerError).on("GET", "preferences").after(1).times(2));
    let mut statuses = Vec::new();
    for _ in 0..4 {
        statuses.push(client.raw("GET", "preferences", "").await.status().as_u16());
    }
    assert_eq!(statuses, [200, 500, 500, 200]);
}

#[tokio::test]
async fn a_slow_answer_is_no_answer_for_an_impatient_client() {
    let client = Client::new("empty").await;
    let mut fault = Fault::next(Vendor::Quickbooks, FaultKind::Slow);
    fault.delay_ms = Some(90_000);
    client.world.plan(fault);
    assert!(matches!(create(&client, "k").await, Err(ExchangeError::NoAnswer(_))));
    assert_eq!(client.count("Customer"), 1);
}

#[tokio::test]
async fn a_snapshot_brings_everything_back() {
    let client = Client::new("demo").await;
    let before = client.world.snapshot();
    let invoices = client.count("Invoice");
    client.act("delete_invoice", &json!({ "id": client.world.dump(Vendor::Quickbooks)["Invoice"][9]["Id"] }));
    assert_eq!(client.count("Invoice"), invoices - 1);
    client.world.restore(before);
    assert_eq!(client.count("Invoice"), invoices);
    client.get("preferences").await;
}

#[tokio::test]
async fn a_state_file_holds_the_whole_world() {
    let folder = std::env::temp_dir().join(format!("vendor-sim-{}", uuid::Uuid::new_v4()));
    std::fs::create_dir(&folder).unwrap();
    let file = folder.join("state.json");
    let client = Client::new("demo").await;
    client.world.save(&file).unwrap();
    let second = World::at(client.world.now());
    second.load(&file).unwrap();
    assert_eq!(second.dump(Vendor::Quickbooks), client.world.dump(Vendor::Quickbooks));
    let http = InProcess::new(second);
    assert_eq!(send(&http, client.request("GET", "preferences", "")).await.unwrap().status(), StatusCode::OK);
    std::fs::remove_dir_all(folder).unwrap();
}

#[tokio::test]
async fn the_same_seed_gives_the_same_world() {
    let (a, b) = (world("demo"), world("demo"));
    assert_eq!(a.dump(Vendor::Quickbooks), b.dump(Vendor::Quickbooks));
    assert_eq!(
        a.seed("nothing of that name").map_err(|e| e.0),
        Err("no simulator knows a seed called nothing of that name".into())
    );
}

#[tokio::test]
async fn the_control_interface_does_what_the_methods_do() {
    let client = Client::new("demo").await;
    let ask = |method: &str, path: &str, body: &str| {
        Request::builder()
            .method(method)
            .uri(format!("{}/__control/{path}", World::IN_PROCESS))
            .header(header::CONTENT_TYPE, "application/json")
            .body(Bytes::from(body.to_owned()))
            .unwrap()
    };
    let act = send(&client.http, ask("POST", "act/quickbooks/create_customer", "{\"DisplayName\":\"Via control\"}"))
        .await
        .unwrap();
    assert_eq!(json_of(&act)["DisplayName"], "Via control");
    let wrong = send(&client.http, ask("POST", "act/quickbooks/dance", "")).await.unwrap();
    assert_eq!(wrong.status(), StatusCode::BAD_REQUEST);
    let before = client.world.now();
    send(&client.http, ask("POST", "time", "{\"advance_s\":60}")).await.unwrap();
    assert_eq!((client.world.now() - before).num_seconds(), 60);
    let fault = "{\"vendor\":\"quickbooks\",\"kind\":\"bad_gateway\"}";
    send(&client.http, ask("POST", "faults", fault)).await.unwrap();
    assert_eq!(client.raw("GET", "preferences", "").await.status(), StatusCode::BAD_GATEWAY);
    send(&client.http, ask("POST", "faults", fault)).await.unwrap();
    send(&client.http, ask("DELETE", "faults", "")).await.unwrap();
    assert_eq!(client.raw("GET", "preferences", "").await.status(), StatusCode::OK);
    let log = json_of(&send(&client.http, ask("GET", "requests", "")).await.unwrap());
    assert_eq!(log.as_array().unwrap().last().unwrap()["vendor"], "quickbooks");
    send(&client.http, ask("POST", "outage", "{\"vendor\":\"quickbooks\",\"on\":true}")).await.unwrap();
    assert!(send(&client.http, client.request("GET", "preferences", "")).await.is_err());
    send(&client.http, ask("POST", "reset", "")).await.unwrap();
    let state = json_of(&send(&client.http, ask("GET", "state/quickbooks", "")).await.unwrap());
    assert_eq!(state["Customer"].as_array().unwrap().len(), 8);
}

#[tokio::test]
async fn limits_are_ten_a_second_and_five_hundred_a_minute() {
    let client = Client::new("empty").await;
    client.world.set_options(|o| o.limits = true);
    for n in 0..11 {
        let want = if n < 10 { StatusCode::OK } else { StatusCode::TOO_MANY_REQUESTS };
        assert_eq!(client.raw("GET", "preferences", "").await.status(), want);
    }
    let mut passed = 10;
    for _ in 0..58 {
        client.world.advance(chrono::Duration::seconds(1));
        for _ in 0..10 {
            passed += usize::from(client.raw("GET", "preferences", "").await.status() == StatusCode::OK);
        }
    }
    assert_eq!(passed, 500);
}

#[tokio::test(flavor = "multi_thread")]
async fn over_the_network_a_cut_closes_the_socket_without_a_byte() {
    use std::io::{Read, Write};
    let world = world("demo");
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let serving = tokio::spawn({
        let world = world.clone();
        async move { crate::serve(&world, listener).await }
    });
    let ask = move || {
        let mut socket = std::net::TcpStream::connect(address).unwrap();
        let path = "/quickbooks/.well-known/openid_configuration";
        write!(socket, "GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").unwrap();
        let mut answer = String::new();
        // A closed socket may show as a reset or as an end; neither brings a byte.
        let _ = socket.read_to_string(&mut answer);
        answer
    };
    world.plan(Fault::next(Vendor::Quickbooks, FaultKind::CutAfter));
    assert_eq!(tokio::task::spawn_blocking(ask).await.unwrap(), "");
    let answer = tokio::task::spawn_blocking(ask).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    assert!(answer.contains(&format!("http://{address}/quickbooks/connect/oauth2")), "URLs name the real port");
    serving.abort();
}

#[test]
fn the_bounce_page_runs_only_its_own_style_and_script() {
    use sha2::Digest;
    let page = include_str!("../../../../assets/oauth-bounce/index.html");
    for tag in ["style", "script"] {
        let content = page.split(&format!("<{tag}>")).nth(1).unwrap().split(&format!("</{tag}>")).next().unwrap();
        let hash = base64::engine::general_purpose::STANDARD.encode(sha2::Sha256::digest(content));
        assert!(
            page.contains(&format!("{tag}-src 'sha256-{hash}'")),
            "the policy's hash of the {tag} should be sha256-{hash}"
        );
    }
    assert!(!page.contains("http://") && !page.contains("https://"), "nothing is loaded from elsewhere");
}
