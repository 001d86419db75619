//! Writing orders: by key, whole, and exactly once whatever goes wrong on the way.

use super::{account, order, over};
use crate::bench::{self, Bench, DOUBTFUL, Meddling, PASSING, create, retire, update, usd};
use chrono::Duration;
use connector_contract::record::OrderStatus;
use connector_contract::{ConnectorError, Pushed, Record, RecordKind, RemoteId, Written};
use serde_json::{Value, json};
use vendor_sim::{FaultKind, Vendor};

fn orders(bench: &Bench, number: &str) -> Vec<Value> {
    let dump = bench.dump();
    dump["orders"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|o| o["orderNumber"] == number && o["gone"] == false)
        .cloned()
        .collect()
}

fn only(bench: &Bench, number: &str) -> Value {
    let found = orders(bench, number);
    assert_eq!(found.len(), 1, "{number}");
    found[0].clone()
}

async fn made(bench: &Bench) -> Pushed {
    let pushed = bench.push("order-1", create(Record::Order(order("B-1")))).await.unwrap();
    bench.pass(Duration::minutes(1));
    pushed
}

#[tokio::test(start_paused = true)]
async fn an_order_arrives_with_our_key_and_comes_back_the_same() {
    let bench = account("empty");
    let pushed = made(&bench).await;
    let theirs = only(&bench, "B-1");
    assert_eq!(
        (theirs["orderKey"].as_str(), theirs["orderStatus"].as_str()),
        (Some("local-order-1"), Some("awaiting_shipment"))
    );
    assert_eq!(
        (theirs["orderTotal"].to_string(), theirs["amountPaid"].to_string()),
        ("43.5".to_owned(), "43.5".to_owned())
    );
    assert_eq!(theirs["orderDate"], "2026-11-16T10:05:09.0000000", "in Pacific time");
    let Some(Record::Order(stored)) = pushed.record.as_deref() else { panic!("{pushed:?}") };
    let mut lines = order("B-1").lines;
    assert!(stored.lines[0].remote_line.is_some(), "the vendor gives each line an id");
    lines[0].remote_line.clone_from(&stored.lines[0].remote_line);
    assert_eq!((stored.ordered_at, stored.total, &stored.lines), (order("B-1").ordered_at, usd(4350), &lines));
    bench.pull().await.unwrap();
    assert_eq!(
        bench.one(RecordKind::Order, &pushed.remote_id.0),
        serde_json::to_value(Record::Order(stored.clone())).unwrap()
    );
}

#[tokio::test(start_paused = true)]
async fn an_update_sends_the_whole_order_and_loses_nothing_that_backroom_does_not_know() {
    let bench = account("empty");
    let pushed = made(&bench).await;
    let theirs = json!({ "orderNumber": "B-1", "giftMessage": "Enjoy", "gift": true,
                         "weight": { "value": 20, "units": "ounces" }, "advancedOptions": { "customField1": "shelf 4" } });
    bench.act("edit_order", &theirs);
    bench.pull().await.unwrap();
    let version = connector_contract::RemoteVersion(only(&bench, "B-1")["modifyDate"].as_str().unwrap().to_owned());
    let mut wanted = order("B-1");
    wanted.lines[0].quantity = backroom_money::Quantity::from_whole(3).unwrap();
    wanted.internal_note = Some("One more".to_owned());
    let known = Pushed { version: Some(version), ..pushed };
    bench.push("order-2", update(&known, Record::Order(wanted))).await.unwrap();
    let stored = only(&bench, "B-1");
    assert_eq!((&stored["giftMessage"], &stored["gift"]), (&json!("Enjoy"), &json!(true)));
    assert_eq!(stored["advancedOptions"]["customField1"], "shelf 4");
    assert_eq!((&stored["items"][0]["quantity"], &stored["internalNotes"]), (&json!(3), &json!("One more")));
    assert_eq!(stored["orderKey"], "local-order-1");
}

#[tokio::test(start_paused = true)]
async fn an_order_is_held_until_a_day_and_cancelled() {
    let bench = account("empty");
    let mut held = order("B-2");
    (held.status, held.hold_until) = (OrderStatus::OnHold, Some("2026-11-24".parse().unwrap()));
    let pushed = bench.push("order-2", create(Record::Order(held))).await.unwrap();
    let theirs = only(&bench, "B-2");
    assert_eq!(
        (theirs["orderStatus"].as_str(), theirs["holdUntilDate"].as_str()),
        (Some("on_hold"), Some("2026-11-24"))
    );
    let cancelled = bench.push("order-3", retire(&pushed, RecordKind::Order)).await.unwrap();
    assert_eq!(only(&bench, "B-2")["orderStatus"], "cancelled");
    assert!(matches!(cancelled.record.as_deref(), Some(Record::Order(o)) if o.status == OrderStatus::Cancelled));
}

#[tokio::test(start_paused = true)]
async fn a_create_happens_exactly_once_under_every_fault() {
    for fault in DOUBTFUL.into_iter().chain(PASSING).chain([FaultKind::EmptyBody]) {
        let bench = account("empty");
        bench.plan(fault, "POST", "createorder");
        let (pushed, errors) = bench.send_until_done("once", &create(Record::Order(order("ONCE")))).await;
        assert_eq!(only(&bench, "ONCE")["orderId"].to_string(), pushed.remote_id.0, "{fault:?} {errors:?}");
        assert!(errors.iter().all(|e| matches!(e, ConnectorError::Unknown(_))), "{fault:?} {errors:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_order_whose_answers_are_lost_again_and_again_is_one_order() {
    for fault in [FaultKind::TimeoutAfter, FaultKind::CutAfter, FaultKind::ServerErrorAfter, FaultKind::TruncatedJson] {
        let bench = account("empty");
        for _ in 0..7 {
            bench.plan(fault, "POST", "createorder");
        }
        let (pushed, errors) = bench.send_until_done("once", &create(Record::Order(order("ONCE")))).await;
        assert_eq!(only(&bench, "ONCE")["orderId"].to_string(), pushed.remote_id.0, "{fault:?} {errors:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn changes_and_cancellations_happen_exactly_once_under_every_fault() {
    for fault in DOUBTFUL.into_iter().chain(PASSING).chain([FaultKind::EmptyBody]) {
        let bench = account("empty");
        let pushed = made(&bench).await;
        let mut wanted = order("B-1");
        wanted.internal_note = Some("Changed".to_owned());
        bench.plan(fault, "POST", "createorder");
        let (changed, errors) = bench.send_until_done("change", &update(&pushed, Record::Order(wanted))).await;
        assert_eq!(only(&bench, "B-1")["internalNotes"], "Changed", "{fault:?} {errors:?}");
        bench.pass(Duration::minutes(1));
        bench.plan(fault, "POST", "createorder");
        let (_, errors) = bench.send_until_done("cancel", &retire(&changed, RecordKind::Order)).await;
        assert_eq!(only(&bench, "B-1")["orderStatus"], "cancelled", "{fault:?} {errors:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_lost_answer_for_an_order_that_was_split_meanwhile_finds_the_parent() {
    let bench = account("empty");
    for _ in 0..4 {
        bench.plan(FaultKind::TimeoutAfter, "POST", "createorder");
    }
    let lost = bench.push("once", create(Record::Order(order("ONCE")))).await.unwrap_err();
    assert!(matches!(lost, ConnectorError::Unknown(_)), "{lost:?}");
    let parent = only(&bench, "ONCE")["orderId"].to_string();
    bench.act("split", &json!({ "orderNumber": "ONCE", "items": [{ "sku": "MUG-01", "quantity": 1 }] }));
    let found = bench.push_again("once", create(Record::Order(order("ONCE")))).await.unwrap();
    assert_eq!(found.remote_id.0, parent);
    assert_eq!(bench.dump()["orders"].as_array().unwrap().len(), 2, "the parent and its part, and no third");
}

#[tokio::test(start_paused = true)]
async fn an_order_moved_on_there_is_a_conflict_and_stays_as_it_is() {
    let bench = account("empty");
    let pushed = made(&bench).await;
    bench.act("edit_order", &json!({ "orderNumber": "B-1", "customerNotes": "Theirs" }));
    let mut wanted = order("B-1");
    wanted.customer_note = Some("Ours".to_owned());
    let error = bench.push("stale-1", update(&pushed, Record::Order(wanted))).await.unwrap_err();
    assert!(matches!(error, ConnectorError::Conflict { remote_version: Some(_) }), "{error:?}");
    let error = bench.push("stale-2", retire(&pushed, RecordKind::Order)).await.unwrap_err();
    assert!(matches!(error, ConnectorError::Conflict { .. }), "{error:?}");
    let theirs = only(&bench, "B-1");
    assert_eq!((&theirs["customerNotes"], &theirs["orderStatus"]), (&json!("Theirs"), &json!("awaiting_shipment")));
}

#[tokio::test(start_paused = true)]
async fn an_order_shipped_at_the_last_moment_is_refused_and_stays_shipped() {
    let (world, clock, inner) = bench::world("empty");
    let meddling = Meddling::new(inner, |request| request.method() == "POST");
    let bench = over((world.clone(), clock, meddling.clone()));
    let pushed = made(&bench).await;
    meddling.then(move || drop(world.act(Vendor::Shipstation, "ship", &json!({ "orderNumber": "B-1" })).unwrap()));
    let error = bench.push("late-1", retire(&pushed, RecordKind::Order)).await.unwrap_err();
    assert!(meddling.is_done() && matches!(error, ConnectorError::Rejected(_)), "{error:?}");
    assert_eq!(only(&bench, "B-1")["orderStatus"], "shipped");
    let error = bench.push("late-2", retire(&Pushed { version: None, ..pushed }, RecordKind::Order)).await.unwrap_err();
    assert!(matches!(&error, ConnectorError::Rejected(r) if r.code == "locked"), "{error:?}");
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_sent_is_refused_with_its_field_before_anything_leaves() {
    let bench = account("empty");
    let mut halves = order("B-9");
    halves.lines[0].quantity = backroom_money::Quantity::parse("0.5").unwrap();
    let mut nowhere = order("B-9");
    nowhere.shipping = None;
    let mut long = order(&"9".repeat(51));
    long.internal_note = None;
    for (wanted, field) in [(halves, "lines[0].quantity"), (nowhere, "shipping"), (long, "number")] {
        let error = bench.push("refused", create(Record::Order(wanted))).await.unwrap_err();
        assert!(matches!(&error, ConnectorError::Rejected(r) if r.field.as_deref() == Some(field)), "{error:?}");
    }
    assert!(bench.requests("POST", "").is_empty());
}

#[tokio::test(start_paused = true)]
async fn an_order_gone_there_is_not_found_and_never_made_again() {
    let bench = account("empty");
    let pushed = made(&bench).await;
    bench.act("delete_order", &json!({ "orderNumber": "B-1" }));
    for operation in [update(&pushed, Record::Order(order("B-1"))), retire(&pushed, RecordKind::Order)] {
        let error = bench.push("gone", operation).await.unwrap_err();
        assert!(matches!(error, ConnectorError::NotFound(_)), "{error:?}");
    }
    let shipment = retire(
        &Pushed { remote_id: RemoteId("1".into()), version: None, record: None, written: Written::default() },
        RecordKind::Shipment,
    );
    assert!(matches!(bench.push("kind", shipment).await.unwrap_err(), ConnectorError::Rejected(_)));
    assert!(orders(&bench, "B-1").is_empty());
}
