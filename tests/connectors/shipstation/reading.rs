//! Reading an account: three lists, no deletions, Pacific clocks, lists that shift while they are read.

use super::{account, over, utc};
use crate::bench::{self, Bench, DOUBTFUL, Meddling, PASSING, words};
use backroom_money::{Currency, Money};
use chrono::Duration;
use connector_contract::{Clock, ConnectorError, Mode, RecordKind, Secret, SecretStore};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use vendor_sim::{Fault, FaultKind, Vendor};

fn rows(bench: &Bench, list: &str) -> Vec<Value> {
    bench.dump()[list].as_array().unwrap().clone()
}

fn by_number(bench: &Bench, number: &str) -> Value {
    bench.all(RecordKind::Order).into_values().find(|order| order["number"] == number).unwrap_or_default()
}

/// Every order that can be seen, every label and every fulfillment is here, as it is there.
fn assert_agrees(bench: &Bench) {
    let there: Vec<Value> = rows(bench, "orders").into_iter().filter(|order| order["gone"] == false).collect();
    let theirs: BTreeSet<String> = there.iter().map(|order| order["orderId"].to_string()).collect();
    let ours: BTreeSet<String> = bench.all(RecordKind::Order).into_keys().collect();
    let apart: Vec<_> = ours.symmetric_difference(&theirs).collect();
    assert!(apart.is_empty(), "{} here, {} there, apart {apart:?}", ours.len(), theirs.len());
    for theirs in there {
        let ours = bench.one(RecordKind::Order, &theirs["orderId"].to_string());
        let total = Money::parse(&theirs["orderTotal"].to_string(), Currency::USD).unwrap();
        assert_eq!((&ours["number"], &ours["key"]), (&theirs["orderNumber"], &theirs["orderKey"]));
        assert_eq!(ours["total"], serde_json::to_value(total).unwrap());
        assert_eq!(ours["lines"].as_array().unwrap().len(), theirs["items"].as_array().unwrap().len());
        let moment = |text: &Value| text.as_str().unwrap().parse::<chrono::DateTime<chrono::Utc>>().unwrap();
        assert!(moment(&ours["ordered_at"]) <= moment(&theirs["modifiedUtc"]) + Duration::hours(1));
        let open = matches!(theirs["orderStatus"].as_str(), Some("awaiting_shipment"));
        assert_eq!(ours["status"] == "open", open, "{theirs}");
    }
    let parcels = bench.all(RecordKind::Shipment);
    assert_eq!(parcels.len(), rows(bench, "shipments").len() + rows(bench, "fulfillments").len());
    for label in rows(bench, "shipments") {
        let ours = &parcels[&label["shipmentId"].to_string()];
        assert_eq!((&ours["voided"], &ours["tracking_number"]), (&label["voided"], &label["trackingNumber"]));
    }
}

#[tokio::test(start_paused = true)]
async fn the_account_is_known_by_its_first_store() {
    let bench = account("demo");
    let account = bench.connector.identify().await.unwrap();
    assert_eq!((account.id.as_str(), account.mode), ("store-26815", Some(Mode::Live)));
    assert_eq!(account.currency, Some(Currency::USD));
}

#[tokio::test(start_paused = true)]
async fn wrong_and_lapsed_keys_are_told_apart_from_a_plan_that_lacks_the_interface() {
    let bench = account("demo");
    for (name, wrong) in [("api_secret", "nope-1234"), ("v2_key", "nope-5678")] {
        let right = bench.secrets.get(name).unwrap().unwrap();
        bench.secrets.set(name, &Secret::new(wrong)).unwrap();
        let error = bench.connector.identify().await.unwrap_err();
        assert!(matches!(&error, ConnectorError::Unauthorized(_)), "{name}: {error:?}");
        assert_eq!(words(&error).contains("V2"), name == "v2_key");
        assert!(!words(&error).contains(wrong));
        bench.secrets.set(name, &right).unwrap();
    }
    for switch in ["v1_key_expired", "v2_key_expired", "v1_plan_refused", "v2_plan_refused"] {
        bench.act("switch", &json!({ "name": switch }));
        let error = bench.connector.identify().await.unwrap_err();
        assert!(matches!(&error, ConnectorError::Unauthorized(_)), "{switch}: {error:?}");
        assert_eq!(words(&error).contains("plan"), switch.contains("plan"), "{switch}: {error}");
        bench.act("switch", &json!({ "name": switch, "on": false }));
    }
    bench.connector.identify().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn the_first_sync_brings_the_whole_account_and_the_second_nothing_new() {
    let bench = account("demo");
    let new = bench.pull().await.unwrap();
    assert_eq!(new.len(), 13 + 4 + 1, "twelve orders, one split off, four labels, one marked as shipped");
    assert_agrees(&bench);
    assert_eq!(by_number(&bench, "1046")["status"], "cancelled");
    assert_eq!(by_number(&bench, "1047")["status"], "on_hold");
    assert_eq!(by_number(&bench, "1048")["status"], "awaiting_payment");
    let child = by_number(&bench, "1044-1");
    assert_eq!(child["status"], "shipped");
    let parent = bench.one(RecordKind::Order, child["parent"].as_str().unwrap());
    assert_eq!((&parent["number"], &parent["status"]), (&json!("1044"), &json!("open")));
    let discounted = by_number(&bench, "1049");
    assert_eq!(discounted["lines"][1]["adjustment"], true);
    let voided: Vec<_> = bench.all(RecordKind::Shipment).into_values().filter(|s| s["voided"] == true).collect();
    assert_eq!((voided.len(), &voided[0]["order_number"]), (1, &json!("1045")));
    for _ in 0..3 {
        bench.pass(Duration::hours(5));
        assert_eq!(bench.pull().await.unwrap(), []);
    }
}

#[tokio::test(start_paused = true)]
async fn what_the_warehouse_does_comes_with_the_next_pull() {
    let bench = account("demo");
    bench.pull().await.unwrap();
    bench.pass(Duration::minutes(50));
    bench.act("edit_order", &json!({ "orderNumber": "1050", "internalNotes": "Wrap it" }));
    bench.act("ship", &json!({ "orderNumber": "1052" }));
    bench.act("mark_shipped", &json!({ "orderNumber": "1050", "trackingNumber": "VAN-1" }));
    bench.act("cancel_order", &json!({ "orderNumber": "1049" }));
    bench.act("void_label", &json!({ "orderNumber": "1041" }));
    bench.act("create_order", &json!({ "orderNumber": "2001" }));
    bench.pull().await.unwrap();
    assert_agrees(&bench);
    assert_eq!(by_number(&bench, "1050")["internal_note"], "Wrap it");
    assert_eq!(by_number(&bench, "1049")["status"], "cancelled");
    let parcels = bench.all(RecordKind::Shipment);
    let of = |number: &str| parcels.values().find(|s| s["order_number"] == number).cloned().unwrap_or_default();
    assert_eq!(of("1052")["lines"].as_array().unwrap().len(), 3);
    assert_eq!((&of("1050")["tracking_number"], &of("1050")["lines"]), (&json!("VAN-1"), &Value::Null));
    assert_eq!(of("1041")["voided"], true, "an old label that was voided today");
    assert_eq!(bench.pull().await.unwrap(), []);
}

#[tokio::test(start_paused = true)]
async fn parts_of_an_order_that_leave_one_by_one_are_parcels_of_orders_that_name_their_parent() {
    let bench = account("demo");
    bench.pull().await.unwrap();
    bench.pass(Duration::minutes(20));
    bench.act("ship", &json!({ "orderNumber": "1052", "items": [{ "sku": "BEAN-250", "quantity": 1 }] }));
    bench.pull().await.unwrap();
    assert_agrees(&bench);
    let child = by_number(&bench, "1052-1");
    let parent = by_number(&bench, "1052");
    assert_eq!((&child["status"], &parent["status"]), (&json!("shipped"), &json!("open")));
    assert_eq!(bench.one(RecordKind::Order, child["parent"].as_str().unwrap()), parent);
    assert_eq!(child["key"], parent["key"], "which is why the key alone does not tell them apart");
}

#[tokio::test(start_paused = true)]
async fn merged_orders_leave_one_behind_and_tombstones_for_the_others() {
    let bench = account("demo");
    bench.pull().await.unwrap();
    let id = |number: &str| {
        rows(&bench, "orders").into_iter().find(|o| o["orderNumber"] == number).unwrap()["orderId"].clone()
    };
    let (first, second) = (id("1050"), id("1052"));
    bench.pass(Duration::minutes(20));
    bench.act("merge", &json!({ "orderIds": [first, second] }));
    bench.pull().await.unwrap();
    let into = json!({ "deleted": true, "into": first.to_string() });
    assert_eq!(bench.one(RecordKind::Order, &second.to_string()), into, "it says which one it is now");
    assert_eq!(by_number(&bench, "1050")["lines"].as_array().unwrap().len(), 2 + 3);
    assert_agrees(&bench);
}

/// Orders placed a few seconds apart.
fn fill(bench: &Bench, count: usize) {
    for n in 0..count {
        bench.pass(Duration::seconds(if n % 100 < 50 { 0 } else { 7 }));
        bench.act("create_order", &json!({ "orderNumber": format!("F{n}") }));
    }
}

#[tokio::test(start_paused = true)]
async fn long_lists_come_over_whole_although_pages_lie_and_rows_move_while_they_are_read() {
    for switch in ["", "pages_undercount", "shifting_pages", "null_entries"] {
        let bench = account("demo");
        if !switch.is_empty() {
            bench.act("switch", &json!({ "name": switch }));
        }
        fill(&bench, 1_150);
        bench.pass(Duration::minutes(9));
        bench.pull().await.unwrap();
        assert_agrees(&bench);
    }
}

#[tokio::test(start_paused = true)]
async fn hundreds_of_orders_that_share_one_second_come_over_whole() {
    let bench = account("empty");
    for n in 0..1_030 {
        bench.act("create_order", &json!({ "orderNumber": format!("S{n}") }));
    }
    bench.pass(Duration::minutes(1));
    bench.plan(FaultKind::DuplicatePage, "GET", "orders");
    bench.pull().await.unwrap();
    bench.pull().await.unwrap();
    assert_agrees(&bench);
}

#[tokio::test(start_paused = true)]
async fn an_order_changed_while_the_list_is_read_is_not_missed() {
    let (world, clock, inner) = bench::world("demo");
    let second = |request: &http::Request<bytes::Bytes>| {
        request.uri().path().ends_with("/orders")
            && request.uri().query().unwrap_or_default().contains("modifyDateStart")
    };
    let meddling = Meddling::new(inner, second);
    let bench = over((world.clone(), clock, meddling.clone()));
    fill(&bench, 700);
    meddling.then(move || {
        for n in 0..30 {
            let edit = json!({ "orderNumber": format!("F{n}"), "internalNotes": "Moved" });
            world.act(Vendor::Shipstation, "edit_order", &edit).unwrap();
        }
    });
    bench.pull().await.unwrap();
    assert!(meddling.is_done());
    assert_agrees(&bench);
    assert_eq!(by_number(&bench, "F7")["internal_note"], "Moved");
}

/// Pulls every quarter of an hour through a night while the shop sells, and never misses one.
async fn through_the_night(from: &str) {
    let bench = over(bench::world_at("demo", utc(from)));
    bench.pull().await.unwrap();
    for n in 0..40 {
        let placed = bench.clock.now();
        bench.act("create_order", &json!({ "orderNumber": format!("N{n}"), "orderDate": placed.to_rfc3339() }));
        bench.pass(Duration::minutes(4));
        if n > 4 {
            bench.act(
                "edit_order",
                &json!({ "orderNumber": format!("N{}", n - 4), "internalNotes": format!("at {n}") }),
            );
            bench.act("ship", &json!({ "orderNumber": format!("N{}", n - 5) }));
        }
        bench.pass(Duration::minutes(11));
        bench.pull().await.unwrap();
        assert_agrees(&bench);
        if n > 4 {
            assert_eq!(by_number(&bench, &format!("N{}", n - 4))["internal_note"], format!("at {n}"));
        }
    }
    assert_eq!(bench.pull().await.unwrap(), []);
}

#[tokio::test(start_paused = true)]
async fn nothing_is_missed_in_the_night_that_has_an_hour_twice() {
    through_the_night("2026-11-01T05:00:00Z").await;
}

#[tokio::test(start_paused = true)]
async fn nothing_is_missed_in_the_night_that_lacks_an_hour() {
    through_the_night("2027-03-14T06:00:00Z").await;
}

#[tokio::test(start_paused = true)]
async fn faults_that_pass_are_got_over_in_every_request_of_a_first_sync() {
    let others = [
        FaultKind::ServerError,
        FaultKind::BadGateway,
        FaultKind::TimeoutBefore,
        FaultKind::CutAfter,
        FaultKind::Html200,
    ];
    for kind in PASSING.into_iter().chain(others) {
        let bench = account("demo");
        for skip in 0..4 {
            bench.world.plan(Fault::next(Vendor::Shipstation, kind).after(skip * 2));
        }
        bench.pull().await.unwrap_or_else(|error| panic!("{kind:?}: {error}"));
        assert_agrees(&bench);
    }
}

#[tokio::test(start_paused = true)]
async fn an_unreadable_answer_is_read_around_and_a_lasting_one_is_a_protocol_error() {
    for kind in [FaultKind::TruncatedJson, FaultKind::EmptyBody] {
        for path in ["orders", "shipments", "fulfillments"] {
            let bench = account("demo");
            bench.plan(kind, "GET", path);
            bench.pull().await.unwrap();
            assert_agrees(&bench);
            let bench = account("demo");
            // Each size of page, the one row, and those behind it that would show that it is the culprit.
            for _ in 0..13 {
                bench.plan(kind, "GET", path);
            }
            let error = bench.pull().await.unwrap_err();
            assert!(matches!(error, ConnectorError::Protocol(_)), "{kind:?} {path}: {error:?}");
            assert!(!words(&error).contains("pine.test"), "nobody's address: {error:?}");
            bench.pull().await.unwrap();
            assert_agrees(&bench);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn an_outage_is_unavailable_and_a_lasting_429_is_rate_limited() {
    let bench = account("demo");
    bench.world.outage(Vendor::Shipstation, true);
    assert!(matches!(bench.pull().await.unwrap_err(), ConnectorError::Unavailable(_)));
    let bench = account("demo");
    bench.world.plan(Fault::next(Vendor::Shipstation, FaultKind::TooManyRequests).times(40));
    let error = bench.pull().await.unwrap_err();
    assert!(matches!(error, ConnectorError::RateLimited { .. }), "{error:?}");
    assert!(bench.world.requests().len() < 10, "it does not hammer");
}

#[tokio::test(start_paused = true)]
async fn forty_requests_a_minute_are_never_exceeded() {
    let bench = account("demo");
    let began = bench.clock.now();
    for _ in 0..50 {
        bench.pull().await.unwrap();
    }
    let requests = bench.world.requests();
    assert!(requests.len() >= 200, "{}", requests.len());
    assert!(requests.iter().all(|request| request.status == Some(200)), "the connector waits its turn");
    assert!(bench.clock.now() - began >= Duration::minutes(4));
}

#[tokio::test(start_paused = true)]
async fn no_error_shows_a_key() {
    let keys =
        [vendor_sim::shipstation::API_SECRET, vendor_sim::shipstation::V2_KEY, "c2ltX3NzX2tleTpzaW1fc3Nfc2VjcmV0"];
    let mut kinds = DOUBTFUL.to_vec();
    kinds.extend([FaultKind::TooManyRequests, FaultKind::Refuse, FaultKind::EmptyBody]);
    for kind in kinds {
        let bench = account("demo");
        bench.world.plan(Fault::next(Vendor::Shipstation, kind).times(60));
        for error in [bench.pull().await.unwrap_err(), bench.connector.identify().await.unwrap_err()] {
            assert!(keys.iter().all(|key| !words(&error).contains(key)), "{kind:?}: {error:?}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn one_row_of_the_year_2099_changes_nothing_about_what_is_asked_for() {
    let bench = account("demo");
    bench.pull().await.unwrap();
    bench.pass(Duration::minutes(30));
    bench.act("edit_order", &json!({ "orderNumber": "1049", "internalNotes": "ordinary" }));
    bench.act("date_order", &json!({ "orderNumber": "1050", "modifyDate": "2099-01-01T00:00:00Z" }));
    bench.pull().await.unwrap();
    assert_eq!(by_number(&bench, "1049")["internal_note"], "ordinary");
    for round in 0..3 {
        bench.pass(Duration::minutes(30));
        bench.act("edit_order", &json!({ "orderNumber": "1052", "internalNotes": format!("round {round}") }));
        bench.pull().await.unwrap();
        assert_eq!(by_number(&bench, "1052")["internal_note"], format!("round {round}"));
    }
    assert_agrees(&bench);
}
