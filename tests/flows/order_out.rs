//! An order made here: it reaches ShipStation once, leaves the house there, and is shipped here.

use crate::shop::{Shop, connected};
use backroom_core::orders::{OrderAction, OrderDraft, OrderStatus, OrderView};
use backroom_core::testing::{order, order_line};
use backroom_core::view::AddressView;
use serde_json::{Value, json};
use vendor_sim::{FaultKind, Vendor};

pub fn ship_to() -> AddressView {
    AddressView {
        name: "Ada Pine".to_owned(),
        line1: "12 Harbour Lane".to_owned(),
        city: "Portland".to_owned(),
        region: "ME".to_owned(),
        postal_code: "04101".to_owned(),
        country: "US".to_owned(),
        ..AddressView::default()
    }
}

/// Three mugs and a kettle, ordered by phone.
fn phone_order(shop: &Shop) -> OrderView {
    let mug = shop.get_item(shop.item("MUG-01").id).unwrap();
    let kettle = shop.get_item(shop.item("KETT-09").id).unwrap();
    let draft = OrderDraft {
        customer_name: "Ada Pine".to_owned(),
        ship_to: ship_to(),
        shipping: "7.50".to_owned(),
        customer_note: "Ring twice".to_owned(),
        ..order(vec![order_line(&mug, "3"), order_line(&kettle, "1")])
    };
    let saved = shop.save_order(draft).unwrap();
    assert_eq!(saved.total.minor, "12550");
    saved
}

/// Orders over there that carry our key.
fn theirs(shop: &Shop, ours: &OrderView) -> Vec<Value> {
    let key = ours.draft.id.to_string();
    shop.there(Vendor::Shipstation, "orders").into_iter().filter(|o| o["orderKey"] == key.as_str()).collect()
}

#[tokio::test(start_paused = true)]
async fn an_order_reaches_shipstation_once_and_its_parcel_comes_back() {
    let shop = connected("demo").await;
    shop.sync_well().await;
    shop.receive(shop.item("MUG-01").id, "40");
    let before: i64 = shop.item("MUG-01").on_hand.parse().unwrap();
    let saved = phone_order(&shop);
    shop.sync_well().await;
    shop.sync_well().await;
    let there = theirs(&shop, &saved);
    assert_eq!(there.len(), 1);
    assert_eq!(
        (there[0]["orderTotal"].to_string(), &there[0]["shipTo"]["city"]),
        ("125.5".to_owned(), &json!("Portland"))
    );
    assert_eq!(there[0]["customerNotes"], "Ring twice");
    shop.act(Vendor::Shipstation, "ship", &json!({ "orderId": there[0]["orderId"] }));
    shop.sync_well().await;
    let here = shop.get_order(saved.draft.id).unwrap();
    assert_eq!(here.status, OrderStatus::Shipped);
    assert_eq!(here.shipments.len(), 1);
    assert!(!here.shipments[0].tracking_number.is_empty() && here.lines.iter().all(|l| l.shipped == l.quantity));
    assert_eq!(shop.item("MUG-01").on_hand, (before - 3).to_string());
    shop.sync_well().await;
    assert_eq!((shop.orders().len(), theirs(&shop, &saved).len()), (14, 1));
    shop.assert_sound();
}

#[tokio::test(start_paused = true)]
async fn an_order_whose_answers_are_lost_is_one_order() {
    for fault in [
        FaultKind::TimeoutAfter,
        FaultKind::CutAfter,
        FaultKind::ServerErrorAfter,
        FaultKind::TruncatedJson,
        FaultKind::BadGateway,
    ] {
        let shop = connected("demo").await;
        shop.sync_well().await;
        let saved = phone_order(&shop);
        for _ in 0..7 {
            shop.plan(Vendor::Shipstation, fault, "POST", "createorder");
        }
        for _ in 0..6 {
            shop.sync().await;
            tokio::time::sleep(std::time::Duration::from_mins(15)).await;
        }
        assert!(shop.outbox().is_empty() && shop.problems().is_empty(), "{fault:?} {:#?}", shop.outbox());
        assert_eq!((theirs(&shop, &saved).len(), shop.orders().len()), (1, 14), "{fault:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn edits_holds_and_a_cancellation_go_out_too() {
    let shop = connected("demo").await;
    shop.sync_well().await;
    let saved = phone_order(&shop);
    shop.sync_well().await;
    let mut draft = shop.get_order(saved.draft.id).unwrap().draft;
    draft.lines[0].quantity = "5".to_owned();
    draft.internal_note = "Two more by phone".to_owned();
    shop.save_order(draft).unwrap();
    shop.sync_well().await;
    let there = theirs(&shop, &saved).remove(0);
    assert_eq!((&there["items"][0]["quantity"], &there["internalNotes"]), (&json!(5), &json!("Two more by phone")));
    shop.act_on_orders(vec![saved.draft.id], OrderAction::Hold { until: Some("2026-12-01".to_owned()) }).unwrap();
    shop.sync_well().await;
    let there = theirs(&shop, &saved).remove(0);
    assert_eq!((&there["orderStatus"], &there["holdUntilDate"]), (&json!("on_hold"), &json!("2026-12-01")));
    shop.act_on_orders(vec![saved.draft.id], OrderAction::Release).unwrap();
    shop.sync_well().await;
    assert_eq!(theirs(&shop, &saved)[0]["orderStatus"], "awaiting_shipment");
    shop.act_on_orders(vec![saved.draft.id], OrderAction::Cancel).unwrap();
    shop.sync_well().await;
    assert_eq!(theirs(&shop, &saved)[0]["orderStatus"], "cancelled");
    assert_eq!(shop.get_order(saved.draft.id).unwrap().status, OrderStatus::Cancelled);
    shop.assert_sound();
}

#[tokio::test(start_paused = true)]
async fn an_order_without_an_address_waits_as_a_problem_and_the_others_go_out() {
    let shop = connected("demo").await;
    shop.sync_well().await;
    let mug = shop.get_item(shop.item("MUG-01").id).unwrap();
    let incomplete = shop.save_order(order(vec![order_line(&mug, "1")])).unwrap();
    let complete = phone_order(&shop);
    shop.sync().await;
    assert_eq!(theirs(&shop, &complete).len(), 1);
    let problems = shop.problems();
    assert_eq!((problems.len(), problems[0].record_id.clone()), (1, Some(incomplete.draft.id.to_string())));
    assert!(problems[0].message.contains("address"), "{problems:#?}");
    let mut draft = shop.get_order(incomplete.draft.id).unwrap().draft;
    draft.ship_to = ship_to();
    shop.save_order(draft).unwrap();
    shop.sync_well().await;
    assert_eq!(theirs(&shop, &incomplete).len(), 1);
    assert!(shop.problems().is_empty());
}
