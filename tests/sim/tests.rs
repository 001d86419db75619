//! The frame before every vendor: clocks of their own, headers on request, poisoned records.

use crate::{Fault, FaultKind, Harm, InProcess, Poison, Vendor, World};
use base64::Engine;
use bytes::Bytes;
use chrono::{DateTime, Duration, Utc};
use connector_http::{Exchange, Limits};
use http::{Request, Response};
use serde_json::{Value, json};

const NOW: &str = "2026-11-05T18:00:00Z";

fn sim() -> InProcess {
    let world = World::at(NOW.parse::<DateTime<Utc>>().unwrap());
    world.seed("demo").unwrap();
    InProcess::new(world)
}

async fn ask(sim: &InProcess, method: &str, path: &str, body: &Value) -> Response<Bytes> {
    let keys = base64::engine::general_purpose::STANDARD.encode("sim_ss_key:sim_ss_secret");
    let url = format!("{}{path}", World::IN_PROCESS);
    let request = Request::builder().method(method).uri(url).header("authorization", format!("Basic {keys}"));
    let body = if body.is_null() { Bytes::new() } else { Bytes::from(body.to_string()) };
    let request = request.header("content-type", "application/json").body(body).unwrap();
    sim.exchange(request, Limits::default()).await.unwrap()
}

async fn orders(sim: &InProcess) -> Response<Bytes> {
    ask(sim, "GET", "/shipstation/v1/orders?pageSize=500", &Value::Null).await
}

/// The id of an order that can still be changed, by the list.
async fn some_order(sim: &InProcess) -> i64 {
    let list: Value = serde_json::from_slice(orders(sim).await.body()).unwrap();
    let open = list["orders"].as_array().unwrap().iter().find(|order| order["orderStatus"] == "awaiting_shipment");
    open.unwrap()["orderId"].as_i64().unwrap()
}

#[tokio::test]
async fn every_vendor_has_a_clock_of_its_own_which_its_date_shows() {
    let sim = sim();
    let answer = ask(&sim, "POST", "/__control/time", &json!({"vendor": "shipstation", "ahead_s": 7200})).await;
    assert_eq!(answer.status(), 200);
    assert_eq!(orders(&sim).await.headers()["date"], "Thu, 05 Nov 2026 20:00:00 GMT");
    let stripe = ask(&sim, "GET", "/stripe/v1/events", &Value::Null).await;
    assert_eq!(stripe.headers()["date"], "Thu, 05 Nov 2026 18:00:00 GMT");
    sim.world().set_ahead(Vendor::Shipstation, Duration::hours(-30));
    assert_eq!(orders(&sim).await.headers()["date"], "Wed, 04 Nov 2026 12:00:00 GMT");
    // What the vendor does goes by its clock too.
    let id = some_order(&sim).await;
    sim.world().act(Vendor::Shipstation, "edit_order", &json!({"orderId": id, "customerNotes": "later"})).unwrap();
    let list: Value = serde_json::from_slice(orders(&sim).await.body()).unwrap();
    let order = list["orders"].as_array().unwrap().iter().find(|order| order["orderId"] == id).unwrap().clone();
    assert!(order["modifyDate"].as_str().unwrap().starts_with("2026-11-04T04:00:00"), "{}", order["modifyDate"]);
    assert_eq!(sim.world().now(), NOW.parse::<DateTime<Utc>>().unwrap());
}

#[tokio::test]
async fn a_fault_gives_its_answer_any_headers() {
    let sim = sim();
    let slow = Fault::next(Vendor::Shipstation, FaultKind::TooManyRequests).with_header("Retry-After", "-1");
    sim.world().plan(slow);
    sim.world().plan(
        Fault::next(Vendor::Shipstation, FaultKind::Headers).with_header("Date", "Fri, 31 Dec 9999 23:59:59 GMT"),
    );
    let refused = orders(&sim).await;
    assert_eq!((refused.status().as_u16(), refused.headers()["retry-after"].to_str().unwrap()), (429, "-1"));
    let right = orders(&sim).await;
    assert_eq!(right.headers()["date"], "Fri, 31 Dec 9999 23:59:59 GMT");
    assert!(right.status().is_success() && serde_json::from_slice::<Value>(right.body()).is_ok());
}

#[tokio::test]
async fn a_poisoned_record_spoils_the_pages_it_is_in_and_no_other() {
    let sim = sim();
    let id = some_order(&sim).await;
    let contains = |answer: &Response<Bytes>, wanted: &[u8]| answer.body().windows(wanted.len()).any(|w| w == wanted);
    let harms: [(Harm, &[u8]); 4] = [
        (Harm::BadUtf8 { field: "customerNotes".into() }, b"\xf0\x9f\x8e\""),
        (Harm::LoneSurrogate { field: "customerNotes".into() }, br#"\ud83c""#),
        (Harm::Deep { levels: 200 }, &[b'['; 200]),
        (Harm::BrokenJson, b":NaN"),
    ];
    for (harm, mark) in harms {
        sim.world().poison(Poison::of(Vendor::Shipstation, "orderId", id, harm).within("orders"));
        for path in ["/shipstation/v1/orders?pageSize=500".to_owned(), format!("/shipstation/v1/orders/{id}")] {
            assert!(contains(&ask(&sim, "GET", &path, &Value::Null).await, mark), "{path}");
        }
        let other = ask(&sim, "GET", "/shipstation/v1/shipments", &Value::Null).await;
        assert!(serde_json::from_slice::<Value>(other.body()).is_ok());
        sim.world().clear_poisons();
    }
    let fails = json!({"vendor": "shipstation", "record": {"orderId": id},
                       "harm": {"fails": {"status": 500, "body": {"Message": "An error has occurred."}}}});
    assert_eq!(ask(&sim, "POST", "/__control/poisons", &fails).await.status(), 200);
    assert_eq!(orders(&sim).await.status(), 500);
    let page = ask(&sim, "GET", "/shipstation/v1/orders?pageSize=1&page=400", &Value::Null).await;
    assert_eq!(page.status(), 200, "a page without it is as ever");
    assert_eq!(ask(&sim, "DELETE", "/__control/poisons", &Value::Null).await.status(), 200);
    assert_eq!(orders(&sim).await.status(), 200);
}
