//! "Mark as shipped" reaches ShipStation: once, with what the owner said, and without counting the parcel a second time.

use crate::shop::{Shop, connected};
use backroom_core::orders::{OrderAction, OrderStatus, ParcelDraft};
use backroom_core::sync::OutboxState;
use backroom_core::testing::wrong_fields;
use backroom_core::view::RecordSyncState;
use serde_json::{Value, json};
use vendor_sim::{FaultKind, Vendor};

/// Orders of the demo that wait to be shipped there.
const OPEN: [&str; 3] = ["1050", "1051", "1052"];

fn marking(shop: &Shop, numbers: &[(&str, &str)], carrier: &str) -> OrderAction {
    let parcel = |(number, tracking): &(&str, &str)| ParcelDraft {
        order_id: shop.order(number).draft.id,
        tracking_number: (*tracking).to_owned(),
    };
    OrderAction::MarkShipped {
        carrier: carrier.to_owned(),
        shipped_on: crate::shop::TODAY.to_owned(),
        notify_buyer: true,
        notify_channel: false,
        parcels: numbers.iter().map(parcel).collect(),
    }
}

fn mark(shop: &Shop, numbers: &[(&str, &str)], carrier: &str) -> backroom_core::Result<()> {
    let ids = numbers.iter().map(|(number, _)| shop.order(number).draft.id).collect();
    shop.act_on_orders(ids, marking(shop, numbers, carrier))
}

fn order_there(shop: &Shop, number: &str) -> Value {
    shop.one_there(Vendor::Shipstation, "orders", "orderNumber", number)
}

fn parcels_there(shop: &Shop, number: &str) -> Vec<Value> {
    let all = shop.there(Vendor::Shipstation, "fulfillments");
    all.into_iter().filter(|parcel| parcel["orderNumber"] == number).collect()
}

fn open_numbers(shop: &Shop) -> Vec<String> {
    let orders = shop.there(Vendor::Shipstation, "orders");
    let open = orders.iter().filter(|order| order["orderStatus"] == "awaiting_shipment");
    open.filter_map(|order| order["orderNumber"].as_str().map(str::to_owned)).collect()
}

#[tokio::test(start_paused = true)]
async fn orders_are_marked_there_with_a_tracking_number_each_and_leave_the_stock_once() {
    let shop = connected("demo").await;
    shop.sync_well().await;
    let numbers: Vec<String> = open_numbers(&shop).into_iter().take(2).collect();
    assert_eq!(numbers.len(), 2, "the demo has open orders, such as {OPEN:?}");
    let options = shop.shipping_options(numbers.iter().map(|n| shop.order(n).draft.id).collect()).unwrap();
    assert_eq!(options.vendors, ["ShipStation"]);
    assert!(options.carriers.iter().any(|carrier| carrier.code == "ups" && carrier.name == "UPS"), "{options:?}");
    let levels =
        |shop: &Shop| shop.items().iter().map(|item| (item.sku.clone(), item.on_hand.clone())).collect::<Vec<_>>();
    mark(&shop, &[(&numbers[0], "1Z-A"), (&numbers[1], "1Z-B")], "ups").unwrap();
    let marked = levels(&shop);
    assert_eq!(shop.order(&numbers[0]).sync[0].state, RecordSyncState::Waiting);
    shop.sync_well().await;
    for (number, tracking) in [(&numbers[0], "1Z-A"), (&numbers[1], "1Z-B")] {
        let there = parcels_there(&shop, number);
        assert_eq!((there.len(), &there[0]["trackingNumber"]), (1, &json!(tracking)));
        assert_eq!(
            (&there[0]["carrierCode"], &there[0]["shipDate"]),
            (&json!("ups"), &json!("2026-11-20T00:00:00.0000000"))
        );
        assert_eq!(order_there(&shop, number)["orderStatus"], "shipped");
        let here = shop.order(number);
        let ours = here.shipments.iter().filter(|parcel| parcel.tracking_number == tracking).count();
        assert_eq!((here.status, ours), (OrderStatus::Shipped, 1));
        assert_eq!(here.sync[0].state, RecordSyncState::Synced);
    }
    let sent = shop.requests(Vendor::Shipstation, "POST", "markasshipped");
    assert_eq!(sent.len(), 2);
    shop.sync_well().await;
    shop.sync_well().await;
    assert_eq!(levels(&shop), marked, "the fulfillment that comes back is the same parcel");
    assert_eq!(shop.order(&numbers[0]).shipments.iter().filter(|parcel| parcel.tracking_number == "1Z-A").count(), 1);
    assert_eq!(shop.requests(Vendor::Shipstation, "POST", "markasshipped").len(), 2);
    assert!(
        shop.requests(Vendor::Shipstation, "POST", "createorder").is_empty(),
        "the order itself is not sent for it"
    );
    shop.assert_sound();
}

#[tokio::test(start_paused = true)]
async fn a_lost_answer_marks_an_order_once() {
    for fault in [FaultKind::TimeoutAfter, FaultKind::CutAfter, FaultKind::ServerErrorAfter, FaultKind::TimeoutBefore] {
        let shop = connected("demo").await;
        shop.sync_well().await;
        let number = open_numbers(&shop).remove(0);
        mark(&shop, &[(&number, "1Z-A")], "UPS").unwrap();
        shop.plan(Vendor::Shipstation, fault, "POST", "markasshipped");
        for _ in 0..4 {
            shop.sync().await;
            shop.outside.clock.advance(chrono::Duration::hours(7));
        }
        let there = parcels_there(&shop, &number);
        assert_eq!((there.len(), &there[0]["trackingNumber"]), (1, &json!("1Z-A")), "{fault:?}");
        let here = shop.order(&number);
        assert_eq!((here.shipments.len(), here.status), (1, OrderStatus::Shipped), "{fault:?}");
        assert!(shop.outbox().is_empty() && shop.problems().is_empty(), "{fault:?} {:#?}", shop.problems());
        shop.assert_sound();
    }
}

#[tokio::test(start_paused = true)]
async fn an_order_typed_in_here_and_shipped_before_it_was_sent_is_made_and_then_marked() {
    let shop = connected("demo").await;
    shop.sync_well().await;
    let mug = shop.get_item(shop.item("MUG-01").id).unwrap();
    let draft = backroom_core::orders::OrderDraft {
        customer_name: "Ada Pine".to_owned(),
        ship_to: crate::order_out::ship_to(),
        ..backroom_core::testing::order(vec![backroom_core::testing::order_line(&mug, "1")])
    };
    let saved = shop.save_order(draft).unwrap();
    let number = saved.draft.number.clone();
    mark(&shop, &[(&number, "1Z-N")], "fedex").unwrap();
    shop.sync_well().await;
    let there = parcels_there(&shop, &number);
    assert_eq!((there.len(), &there[0]["carrierCode"]), (1, &json!("fedex")));
    assert_eq!(order_there(&shop, &number)["orderStatus"], "shipped");
    shop.sync_well().await;
    assert_eq!(shop.order(&number).shipments.len(), 1);
    assert_eq!(shop.requests(Vendor::Shipstation, "POST", "createorder").len(), 1);
    shop.assert_sound();
}

#[tokio::test(start_paused = true)]
async fn a_carrier_the_account_does_not_have_is_refused_before_anything_is_marked() {
    let shop = connected("demo").await;
    shop.sync_well().await;
    let number = open_numbers(&shop).remove(0);
    assert_eq!(wrong_fields(mark(&shop, &[(&number, "1")], "pigeon")), ["carrier"]);
    assert_eq!(wrong_fields(mark(&shop, &[(&number, "1")], "")), ["carrier"]);
    assert_eq!(shop.order(&number).status, OrderStatus::Open);
}

#[tokio::test(start_paused = true)]
async fn what_was_shipped_there_meanwhile_is_our_refusal_with_a_way_out_and_in_sync_only_when_it_is() {
    let shop = connected("demo").await;
    shop.sync_well().await;
    let number = open_numbers(&shop).remove(0);
    mark(&shop, &[(&number, "OURS")], "ups").unwrap();
    shop.act(Vendor::Shipstation, "mark_shipped", &json!({ "orderNumber": number, "trackingNumber": "THEIRS" }));
    shop.sync().await;
    let problems = shop.problems();
    assert_eq!(problems.len(), 1, "{problems:#?}");
    assert_eq!((problems[0].vendor_text.as_str(), problems[0].attempts), ("", 1), "our own words: {problems:#?}");
    assert!(problems[0].message.contains("shipped already"), "{problems:#?}");
    shop.retry_problems(vec![problems[0].id]).unwrap();
    shop.sync().await;
    assert_eq!(shop.problems()[0].attempts, 2, "further tries are counted");
    let entry = shop.outbox().remove(0);
    assert_eq!(entry.state, OutboxState::Rejected);
    shop.drop_outbox(entry.id, "Sent by their label").unwrap();
    shop.sync_well().await;
    assert_eq!(shop.order(&number).sync[0].state, RecordSyncState::Synced, "it is shipped on both sides");
    shop.assert_sound();
}

#[tokio::test(start_paused = true)]
async fn when_the_label_that_stood_for_it_is_cancelled_there_our_parcel_is_reported_after_all() {
    let shop = connected("demo").await;
    shop.sync_well().await;
    let number = open_numbers(&shop).remove(0);
    let id = order_there(&shop, &number)["orderId"].clone();
    let label = shop.act(Vendor::Shipstation, "ship", &json!({ "orderId": id }));
    mark(&shop, &[(&number, "OURS")], "ups").unwrap();
    shop.sync().await;
    assert_eq!(shop.outbox()[0].state, OutboxState::Rejected, "the order counts as shipped there");
    shop.act(Vendor::Shipstation, "void_label", &json!({ "shipmentId": label["shipmentId"] }));
    for _ in 0..3 {
        shop.world().advance(chrono::Duration::hours(7));
        shop.sync().await;
    }
    let there = parcels_there(&shop, &number);
    assert_eq!(there.iter().filter(|parcel| parcel["trackingNumber"] == "OURS").count(), 1, "{there:#?}");
    assert_eq!(order_there(&shop, &number)["orderStatus"], "shipped");
    assert_eq!(shop.order(&number).status, OrderStatus::Shipped);
    shop.assert_sound();
}

#[tokio::test(start_paused = true)]
async fn an_order_that_was_not_sent_as_shipped_is_not_shown_as_in_sync_until_it_is() {
    let shop = connected("demo").await;
    shop.sync_well().await;
    let number = open_numbers(&shop).remove(0);
    mark(&shop, &[(&number, "OURS")], "ups").unwrap();
    let entry = shop.outbox().remove(0);
    shop.drop_outbox(entry.id, "Not yet").unwrap();
    shop.sync_well().await;
    let sync = shop.order(&number).sync.remove(0);
    assert_eq!((sync.state, sync.problem.as_deref()), (RecordSyncState::NotSent, Some("Not yet")));
    assert_eq!(order_there(&shop, &number)["orderStatus"], "awaiting_shipment");
    shop.act(Vendor::Shipstation, "mark_shipped", &json!({ "orderNumber": number, "trackingNumber": "OURS" }));
    shop.sync_well().await;
    let here = shop.order(&number);
    assert_eq!((here.sync[0].state, here.shipments.len()), (RecordSyncState::Synced, 1));
    shop.assert_sound();
}

/// Fields that the vendor itself moves with each update.
fn settled(mut order: Value) -> Value {
    order["modifyDate"] = Value::Null;
    order["modifiedUtc"] = Value::Null;
    for item in order["items"].as_array_mut().into_iter().flatten() {
        item["modifyDate"] = Value::Null;
    }
    order
}

#[tokio::test(start_paused = true)]
async fn a_note_edited_here_changes_nothing_else_of_an_odd_order_there() {
    let shop = connected("demo").await;
    let odd = json!({
        "orderNumber": "ODD-1", "orderKey": "odd", "customerUsername": "pat", "gift": true, "giftMessage": "Hi",
        "billTo": {"name": "Pat Reed"},
        "shipTo": {"name": "Tim Reed", "street1": "1 Pier Road", "street2": "A", "street3": "B", "city": "Portland",
                   "state": "ME", "postalCode": "04101", "country": "US", "residential": true},
        "items": [
            {"lineItemKey": "p7", "sku": "MUG", "name": "Mug", "quantity": 1, "unitPrice": 10, "taxAmount": 0.005,
             "weight": {"value": 12, "units": "ounces"}, "options": [{"name": "Engraving", "value": "Ann"}]},
            {"lineItemKey": "p7", "sku": "MUG", "name": "Mug", "quantity": 2, "unitPrice": 10,
             "weight": {"value": 24, "units": "ounces"}, "options": [{"name": "Engraving", "value": "Bob"}]},
            {"lineItemKey": "lbl", "sku": "LBL", "name": "Label", "quantity": 1000, "unitPrice": 0.0125},
            {"lineItemKey": "off", "name": "Discount", "quantity": 1, "unitPrice": -3.335, "adjustment": true},
        ],
        "amountPaid": 0.125, "taxAmount": 1.005, "shippingAmount": 7.5,
        "insuranceOptions": {"provider": "carrier", "insureShipment": true, "insuredValue": 99.5},
        "internationalOptions": {"contents": "gift", "customsItems": [{"description": "Mug", "quantity": 3, "value": 9.99}]},
        "advancedOptions": {"customField1": "shelf 4", "customField2": "x", "customField3": "y", "nonMachinable": true},
    });
    shop.act(Vendor::Shipstation, "create_order", &odd);
    shop.sync_well().await;
    let before = settled(order_there(&shop, "ODD-1"));
    let mut draft = shop.order("ODD-1").draft;
    draft.internal_note = "a note".to_owned();
    shop.save_order(draft).unwrap();
    shop.outside.clock.advance(chrono::Duration::minutes(10));
    shop.sync_well().await;
    let mut expected = before;
    expected["internalNotes"] = json!("a note");
    assert_eq!(settled(order_there(&shop, "ODD-1")), expected);
    // "Ship all" counts each of the two lines of one key once.
    mark(&shop, &[("ODD-1", "1Z")], "ups").unwrap();
    let shipped = |shop: &Shop| -> Vec<String> {
        shop.order("ODD-1").lines.iter().take(2).map(|line| format!("{} of {}", line.shipped, line.quantity)).collect()
    };
    assert_eq!(shipped(&shop), ["1 of 1", "2 of 2"]);
    shop.sync_well().await;
    assert_eq!(shipped(&shop), ["1 of 1", "2 of 2"]);
    shop.assert_sound();
}

#[tokio::test(start_paused = true)]
async fn an_order_marked_on_both_sides_with_one_tracking_number_is_one_parcel() {
    let shop = connected("demo").await;
    shop.sync_well().await;
    let number = open_numbers(&shop).remove(0);
    mark(&shop, &[(&number, "SAME-1")], "ups").unwrap();
    let levels = |shop: &Shop| shop.items().iter().map(|item| item.on_hand.clone()).collect::<Vec<_>>();
    let marked = levels(&shop);
    shop.act(Vendor::Shipstation, "mark_shipped", &json!({ "orderNumber": number, "trackingNumber": "same-1" }));
    shop.sync_well().await;
    shop.sync_well().await;
    assert_eq!((shop.order(&number).shipments.len(), levels(&shop)), (1, marked));
    assert!(shop.requests(Vendor::Shipstation, "POST", "markasshipped").is_empty());
    assert!(shop.outbox().is_empty());
    shop.assert_sound();
}
