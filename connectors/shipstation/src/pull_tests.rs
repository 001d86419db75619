//! Signing in and pulling, over a scripted exchange on paused time.

use crate::auth::{V1, V2};
use crate::map_tests::{FULFILLMENTS, ORDERS, SHIPMENTS, STORES};
use crate::{DESCRIPTOR, pull, vendor};
use connector_contract::{
    ConnectionConfig, Connector, ConnectorError, Content, Cursor, Environment, FakeClock, MemorySecrets, Mode, Page,
    PullRequest, Secret, SecretStore, Stream,
};
use connector_http::Dialect;
use connector_http::testing::Script;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

pub(crate) const SECRET: &str = "s3cr3t";

pub(crate) fn open(script: &Arc<Script>, account: Option<&str>, v2: bool) -> (Arc<dyn Connector>, Arc<MemorySecrets>) {
    let secrets = Arc::new(MemorySecrets::default());
    secrets.set("api_key", &Secret::new("key")).unwrap();
    secrets.set("api_secret", &Secret::new(SECRET)).unwrap();
    if v2 {
        secrets.set("v2_key", &Secret::new("v2")).unwrap();
    }
    let config = ConnectionConfig {
        environment: Environment::Production,
        account_id: account.map(str::to_owned),
        endpoints: BTreeMap::new(),
        settings: BTreeMap::new(),
        secrets: secrets.clone(),
        clock: Arc::new(FakeClock::at("2026-07-10T00:00:00Z".parse().unwrap())),
    };
    ((vendor(script.clone()).open)(config), secrets)
}

async fn page(connector: &Arc<dyn Connector>, stream: Stream, cursor: Option<&Cursor>) -> Result<Page, ConnectorError> {
    let now = "2026-12-01T00:00:00Z".parse().unwrap();
    connector.pull(PullRequest { stream, cursor: cursor.cloned(), now }).await
}

fn query(script: &Script, index: usize) -> BTreeMap<String, String> {
    let url = script.requests()[index].uri().to_string();
    let text = url.split_once('?').unwrap().1.to_owned();
    let pairs = text.split('&').filter_map(|pair| pair.split_once('='));
    pairs.map(|(k, v)| (k.to_owned(), v.replace("%3A", ":").replace('+', " "))).collect()
}

fn empty(collection: &str) -> String {
    format!(r#"{{"{collection}":[],"total":0,"page":1,"pages":0}}"#)
}

fn full_page(from: usize, second: impl Fn(usize) -> usize) -> String {
    let row = |n: usize| {
        let (minute, second) = (second(n) / 60 % 60, second(n) % 60);
        format!(
            r#"{{"orderId":{n},"orderNumber":"N{n}","orderDate":"2026-07-01","orderTotal":1,
                "modifyDate":"2026-07-01T10:{minute:02}:{second:02}.0000000"}}"#
        )
    };
    let rows: Vec<_> = (from..from + 500).map(row).collect();
    format!(r#"{{"orders":[{}],"total":900,"page":1,"pages":0}}"#, rows.join(","))
}

#[tokio::test(start_paused = true)]
async fn the_account_is_its_lowest_store_and_bears_the_shops_name() {
    let script = Script::new();
    let date = [("content-type", "application/json"), ("date", "Fri, 10 Jul 2026 00:00:05 GMT")];
    script.answer(200, &date, STORES);
    let account = open(&script, None, false).0.identify().await.unwrap();
    assert_eq!(
        (account.id.as_str(), account.name.as_str(), account.mode),
        ("store-310", "Alder & Finch", Some(Mode::Live))
    );
    assert_eq!(account.server_time.unwrap().to_rfc3339(), "2026-07-10T00:00:05+00:00");
    let request = &script.requests()[0];
    assert_eq!(request.headers()["authorization"], "Basic a2V5OnMzY3IzdA==");
    assert_eq!(request.uri(), "https://ssapi.shipstation.com/stores?showInactive=true");
}

#[tokio::test(start_paused = true)]
async fn a_v2_key_is_tried_when_connecting_and_left_alone_afterwards() {
    let script = Script::new();
    script.json(200, STORES).json(200, r#"{"warehouses":[]}"#);
    open(&script, None, true).0.identify().await.unwrap();
    assert_eq!(script.requests()[1].headers()["api-key"], "v2");
    script.json(200, STORES).json(401, "");
    let refused = open(&script, None, true).0.identify().await;
    assert!(matches!(refused, Err(ConnectorError::Unauthorized(text)) if text.starts_with("V2")));
    script.json(200, STORES);
    open(&script, Some("store-310"), true).0.identify().await.unwrap();
    assert_eq!(script.count(), 5);
}

#[tokio::test(start_paused = true)]
async fn a_refused_key_is_asked_for_again_without_hammering_or_naming_it() {
    let script = Script::new();
    script.answer(401, &[("content-type", "text/html")], "<html>no</html>");
    let (connector, secrets) = open(&script, None, false);
    match connector.identify().await {
        Err(ConnectorError::Unauthorized(text)) => assert!(text.contains("expired") && !text.contains(SECRET)),
        other => panic!("{other:?}"),
    }
    assert_eq!(script.count(), 1);
    secrets.set("api_secret", &Secret::new("newer")).unwrap();
    script.json(200, STORES);
    connector.identify().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_plan_without_the_interface_is_said_in_words() {
    let script = Script::new();
    script.json(403, "");
    let result = open(&script, None, false).0.identify().await;
    assert!(matches!(result, Err(ConnectorError::Unauthorized(text)) if text.contains("plan")));
}

#[tokio::test(start_paused = true)]
async fn an_account_without_stores_is_refused_with_advice() {
    let script = Script::new();
    script.json(200, "[]");
    assert!(matches!(open(&script, None, false).0.identify().await, Err(ConnectorError::Rejected(_))));
}

#[tokio::test(start_paused = true)]
async fn a_short_page_ends_the_orders_and_the_next_run_overlaps_in_pacific_time() {
    let script = Script::new();
    script.json(200, ORDERS).json(200, &empty("orders"));
    let connector = open(&script, None, false).0;
    let first = page(&connector, pull::ORDERS, None).await.unwrap();
    assert_eq!((first.records.len(), first.more), (8, false));
    let asked = query(&script, 0);
    assert!(!asked.contains_key("modifyDateStart"), "a row may be dated before any window");
    assert_eq!(
        [&*asked["sortBy"], &*asked["sortDir"], &*asked["page"], &*asked["pageSize"]],
        ["ModifyDate", "ASC", "1", "500"]
    );
    page(&connector, pull::ORDERS, Some(&first.next)).await.unwrap();
    // The newest change, 01:45 of the clock-change night, less three hours.
    assert_eq!(query(&script, 1)["modifyDateStart"], "2026-10-31 22:45:00");
}

#[tokio::test(start_paused = true)]
async fn a_full_page_moves_the_window_instead_of_the_page_number() {
    let script = Script::new();
    script.json(200, &full_page(1, |n| n)).json(200, &empty("orders"));
    let connector = open(&script, None, false).0;
    let first = page(&connector, pull::ORDERS, None).await.unwrap();
    assert!(first.more);
    let second = page(&connector, pull::ORDERS, Some(&first.next)).await.unwrap();
    assert!(!second.more);
    let asked = query(&script, 1);
    assert_eq!((asked["modifyDateStart"].as_str(), asked["page"].as_str()), ("2026-07-01 10:08:18", "1"));
}

#[tokio::test(start_paused = true)]
async fn a_page_of_one_second_is_followed_by_its_second_page() {
    let script = Script::new();
    script.json(200, &full_page(1, |_| 0)).json(200, &full_page(501, |_| 0)).json(200, &empty("orders"));
    let connector = open(&script, None, false).0;
    let first = page(&connector, pull::ORDERS, None).await.unwrap();
    let second = page(&connector, pull::ORDERS, Some(&first.next)).await.unwrap();
    page(&connector, pull::ORDERS, Some(&second.next)).await.unwrap();
    assert_eq!([&*query(&script, 1)["page"], &*query(&script, 2)["page"]], ["1", "2"]);
    assert_eq!(query(&script, 1)["modifyDateStart"], query(&script, 2)["modifyDateStart"]);
}

#[tokio::test(start_paused = true)]
async fn labels_are_followed_by_those_voided_since() {
    let script = Script::new();
    script.json(200, SHIPMENTS).json(200, SHIPMENTS).json(200, &empty("shipments")).json(200, &empty("shipments"));
    let connector = open(&script, None, false).0;
    let labels = page(&connector, pull::SHIPMENTS, None).await.unwrap();
    assert_eq!((labels.records.len(), labels.more), (4, true));
    assert_eq!(query(&script, 0)["includeShipmentItems"], "true");
    assert!(!query(&script, 0).contains_key("createDateStart"), "a row may be dated before any window");
    let voids = page(&connector, pull::SHIPMENTS, Some(&labels.next)).await.unwrap();
    assert!(!voids.more);
    assert!(query(&script, 1).contains_key("voidDateStart") && !query(&script, 1).contains_key("createDateStart"));
    let labels = page(&connector, pull::SHIPMENTS, Some(&voids.next)).await.unwrap();
    page(&connector, pull::SHIPMENTS, Some(&labels.next)).await.unwrap();
    assert_eq!(query(&script, 2)["createDateStart"], "2026-07-05 08:01:00");
    assert_eq!(query(&script, 3)["voidDateStart"], "2026-07-04 11:55:00");
}

#[tokio::test(start_paused = true)]
async fn fulfillments_reach_back_a_week_for_late_voids_and_no_further_each_run() {
    let script = Script::new();
    let connector = open(&script, None, false).0;
    let mut cursor = None;
    for _ in 0..3 {
        script.json(200, FULFILLMENTS);
        cursor = Some(page(&connector, pull::FULFILLMENTS, cursor.as_ref()).await.unwrap().next);
    }
    assert_eq!(query(&script, 1)["createDateStart"], "2026-06-29 08:55:00");
    assert_eq!(query(&script, 2), query(&script, 1));
}

#[tokio::test(start_paused = true)]
async fn an_empty_window_is_asked_again_from_the_same_start() {
    let script = Script::new();
    let connector = open(&script, None, false).0;
    let mut cursor = None;
    for stream in [pull::ORDERS, pull::FULFILLMENTS] {
        for _ in 0..2 {
            script.json(200, &empty(stream.id));
            let page = page(&connector, stream, cursor.as_ref()).await.unwrap();
            cursor = Some(page.next);
        }
        cursor = None;
    }
    assert_eq!(query(&script, 0), query(&script, 1));
    assert_eq!(query(&script, 2), query(&script, 3));
}

#[tokio::test(start_paused = true)]
async fn a_web_page_under_status_200_is_tried_again() {
    let script = Script::new();
    script.answer(200, &[("content-type", "text/html")], "<html></html>").json(200, ORDERS);
    assert_eq!(page(&open(&script, None, false).0, pull::ORDERS, None).await.unwrap().records.len(), 8);
}

#[tokio::test(start_paused = true)]
async fn a_used_up_window_is_waited_out() {
    let script = Script::new();
    let left = [("content-type", "application/json"), ("x-rate-limit-remaining", "0"), ("x-rate-limit-reset", "23")];
    script.answer(200, &left, ORDERS);
    script.answer(429, &[("x-rate-limit-reset", "11")], r#"{"message":"Too Many Requests"}"#);
    script.answer(400, &[("x-rate-limit-reset", "4")], r#"{"message":"Too Many Requests"}"#).json(200, ORDERS);
    let connector = open(&script, None, false).0;
    let start = tokio::time::Instant::now();
    page(&connector, pull::ORDERS, None).await.unwrap();
    page(&connector, pull::ORDERS, None).await.unwrap();
    assert_eq!(start.elapsed(), Duration::from_secs(24 + 12 + 5));
}

#[tokio::test(start_paused = true)]
async fn a_record_the_vendor_fails_on_is_closed_in_on_and_the_rest_is_read() {
    let script = Script::new();
    let fail = || {
        for _ in 0..4 {
            script.json(500, r#"{"Message":"An error has occurred.","ExceptionMessage":"boom"}"#);
        }
    };
    (0..4).for_each(|_| fail());
    script.json(200, ORDERS).json(200, ORDERS);
    let connector = open(&script, None, false).0;
    let passed = page(&connector, pull::ORDERS, None).await.unwrap();
    assert!(passed.more && matches!(passed.records[0].content, Content::Unreadable { .. }));
    assert_eq!(query(&script, 12)["pageSize"], "1");
    let rest = page(&connector, pull::ORDERS, Some(&passed.next)).await.unwrap();
    assert_eq!(query(&script, 17)["page"], "2");
    assert_eq!(rest.records.len(), 8);
}

#[tokio::test(start_paused = true)]
async fn a_record_that_cannot_be_read_or_is_refused_is_passed_over_alone() {
    let spoiled = [(200, r#"{"orders":[{"orderId":1,"#), (200, "not JSON"), (400, r#"{"Message":"Bad row."}"#)];
    for (status, body) in spoiled {
        let script = Script::new();
        for _ in 0..4 {
            script.json(status, body);
        }
        script.json(200, ORDERS).json(200, ORDERS);
        let connector = open(&script, None, false).0;
        let passed = page(&connector, pull::ORDERS, None).await.unwrap();
        assert!(passed.more && matches!(passed.records[0].content, Content::Unreadable { .. }), "{body}");
        let rest = page(&connector, pull::ORDERS, Some(&passed.next)).await.unwrap();
        assert_eq!(rest.records.len(), 8, "{body}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_row_without_an_id_is_reported_and_not_dropped() {
    let script = Script::new();
    script.json(200, r#"{"orders":[null,{"orderNumber":"N7","modifyDate":"soon"},7],"total":3}"#);
    let read = page(&open(&script, None, false).0, pull::ORDERS, None).await.unwrap();
    assert!(
        matches!(&read.records[..], [row] if matches!(&row.content, Content::Unreadable { reason, .. } if reason.contains("N7"))),
        "{:?}",
        read.records
    );
}

#[tokio::test(start_paused = true)]
async fn the_next_window_is_bounded_by_the_vendors_date_and_by_no_row_or_clock_of_ours() {
    let row = |id: u32, changed: &str| {
        format!(
            r#"{{"orderId":{id},"orderNumber":"N{id}","orderDate":"2026-07-01","orderTotal":1,"modifyDate":"{changed}"}}"#
        )
    };
    // Pacific summer time is seven hours behind: the last ordinary change is eight minutes old.
    let ordinary = row(1, "2026-07-09T16:52:00.0000000");
    let odd = ["2099-01-01T00:00:00.0000000", "0001-01-01T00:00:00", "2026-07-10T02:00:00", "soon", ""];
    for odd in odd {
        let script = Script::new();
        let head = [("content-type", "application/json"), ("date", "Fri, 10 Jul 2026 00:00:00 GMT")];
        let rows = format!(r#"{{"orders":[{ordinary},{}],"total":2}}"#, row(2, odd));
        script.answer(200, &head, &rows).answer(200, &head, &empty("orders"));
        let connector = open(&script, None, false).0;
        let first = page(&connector, pull::ORDERS, None).await.unwrap();
        assert_eq!((first.records.len(), first.more), (2, false), "{odd}");
        page(&connector, pull::ORDERS, Some(&first.next)).await.unwrap();
        assert_eq!(query(&script, 1)["modifyDateStart"], "2026-07-09 16:47:00", "{odd}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_page_too_large_to_read_is_read_in_smaller_ones() {
    let script = Script::new();
    script.json(200, &" ".repeat(17 << 20)).json(200, &empty("orders"));
    let (connector, _) = open(&script, None, false);
    assert!(!page(&connector, pull::ORDERS, None).await.unwrap().more);
    assert_eq!((query(&script, 0)["pageSize"].as_str(), query(&script, 1)["pageSize"].as_str()), ("500", "100"));
}

#[tokio::test(start_paused = true)]
async fn a_vendor_that_fails_on_everything_is_unavailable_and_nothing_is_passed_over() {
    let script = Script::new();
    for _ in 0..30 {
        script.json(500, "");
    }
    let result = page(&open(&script, None, false).0, pull::ORDERS, None).await;
    assert!(matches!(result, Err(ConnectorError::Unavailable(_))));
}

#[tokio::test(start_paused = true)]
async fn an_unreadable_cursor_starts_over_and_a_missing_list_is_named() {
    let script = Script::new();
    let connector = open(&script, None, false).0;
    let broken = Cursor("{".into());
    assert_eq!(page(&connector, pull::ORDERS, Some(&broken)).await.unwrap_err(), ConnectorError::CursorExpired);
    for _ in 0..13 {
        script.json(200, r#"{"total":0}"#);
    }
    let result = page(&connector, pull::ORDERS, None).await;
    assert!(matches!(result, Err(ConnectorError::Protocol(text)) if text.contains("orders")));
}

#[test]
fn the_descriptor_names_each_stream_and_endpoint_once() {
    let script = Script::new();
    let ids: Vec<_> = open(&script, None, false).0.streams().iter().map(|stream| stream.id).collect();
    assert_eq!(ids, ["orders", "shipments", "fulfillments"]);
    assert_eq!(DESCRIPTOR.endpoints.iter().map(|endpoint| endpoint.id).collect::<Vec<_>>(), ["v1", "v2"]);
}

#[test]
fn no_minute_sees_more_calls_than_published() {
    let secrets: Arc<dyn SecretStore> = Arc::new(MemorySecrets::default());
    let (v1, v2) = (V1 { secrets: secrets.clone() }, V2 { secrets });
    for (quotas, published) in [(v1.quotas(), 40), (v2.quotas(), 200)] {
        assert!(quotas.iter().any(|quota| quota.per == Duration::from_mins(1) && quota.most() <= published));
    }
}
