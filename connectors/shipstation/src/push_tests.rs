//! Sending orders, over a scripted exchange on paused time.

use crate::map_tests::ORDERS;
use crate::pull_tests::open;
use backroom_money::{Currency, Money, Quantity};
use connector_contract::record::{Address, Order, OrderLine, OrderStatus};
use connector_contract::{
    Attempt, ConnectorError, IdempotencyKey, Operation, Push, Pushed, Record, RecordKind, Rejection, RemoteId,
    RemoteVersion,
};
use connector_http::testing::Script;
use serde_json::{Value, json};
use std::sync::Arc;

const KEY: &str = "0190aa11-0000-7000-8000-000000000001";

fn dollars(text: &str) -> Money {
    Money::parse(text, Currency::USD).unwrap()
}

/// What the owner wrote: the same as order 9001 of the fixtures.
fn ours() -> Order {
    match crate::map::order(crate::wire::Fields(theirs().as_object().unwrap())) {
        Ok(order) => order,
        Err(reason) => panic!("{reason}"),
    }
}

/// Order 9001 as the vendor has it.
fn theirs() -> Value {
    serde_json::from_str::<Value>(ORDERS).unwrap()["orders"][0].clone()
}

fn version() -> RemoteVersion {
    RemoteVersion("2026-07-01T09:00:00.5000000".into())
}

fn create(order: Order) -> Operation {
    Operation::Create(Box::new(Record::Order(order)))
}

fn update(order: Order) -> Operation {
    let record = Box::new(Record::Order(order));
    Operation::Update { remote_id: RemoteId("9001".into()), version: Some(version()), base: None, record }
}

fn retire() -> Operation {
    Operation::Retire { remote_id: RemoteId("9001".into()), version: Some(version()), kind: RecordKind::Order }
}

async fn push(script: &Arc<Script>, operation: Operation, attempt: Attempt) -> Result<Pushed, ConnectorError> {
    let push = Push { key: IdempotencyKey("e:1".into()), attempt, natural_key: KEY.into(), operation };
    open(script, Some("store-310"), false).0.push(push).await
}

fn rejection(result: Result<Pushed, ConnectorError>) -> Rejection {
    match result {
        Err(ConnectorError::Rejected(rejection)) => rejection,
        other => panic!("{other:?}"),
    }
}

fn with(value: &Value, change: impl FnOnce(&mut Value)) -> String {
    let mut value = value.clone();
    change(&mut value);
    value.to_string()
}

#[tokio::test(start_paused = true)]
async fn an_order_is_created_under_our_key() {
    let script = Script::new();
    script.json(201, &theirs().to_string());
    let pushed = push(&script, create(ours()), Attempt::Clean).await.unwrap();
    assert_eq!((pushed.remote_id.0.as_str(), pushed.version), ("9001", Some(version())));
    assert!(matches!(pushed.record.as_deref(), Some(Record::Order(_))));
    assert_eq!(script.lines(), ["POST https://ssapi.shipstation.com/orders/createorder"]);
    let sent = script.sent_json(0);
    assert_eq!((&sent["orderKey"], &sent["orderNumber"]), (&json!(KEY), &json!("W-1001")));
    assert_eq!(sent["orderDate"], "2026-06-30T17:05:00.0000000");
    assert_eq!(sent["orderStatus"], "awaiting_shipment");
    assert_eq!(sent["items"][0]["unitPrice"].to_string(), "19.995", "a bare decimal with all its digits");
    assert_eq!(sent["items"][0]["quantity"], 2);
    assert_eq!(sent["items"][1]["adjustment"], true);
    assert_eq!(sent["billTo"]["name"], "Mara Quist");
    assert_eq!(sent["shipTo"]["street2"], "Floor 3, Rear door");
    assert!(sent.get("orderId").is_none(), "never on create");
}

#[tokio::test(start_paused = true)]
async fn a_lost_creation_is_repeated_under_the_same_key_and_then_left_open() {
    let script = Script::new();
    script.no_answer().json(200, &theirs().to_string());
    push(&script, create(ours()), Attempt::Clean).await.unwrap();
    assert_eq!(script.requests()[0].body(), script.requests()[1].body());
    let script = Script::new();
    script.no_answer().no_answer().no_answer().no_answer();
    let result = push(&script, create(ours()), Attempt::Clean).await;
    assert!(matches!(result, Err(ConnectorError::Unknown(_))));
}

#[tokio::test(start_paused = true)]
async fn after_doubt_the_order_is_looked_up_by_number_and_exact_key_before_sending() {
    let other = with(&theirs(), |order| order["orderKey"] = json!("somebody else's"));
    let script = Script::new();
    script.json(200, &format!(r#"{{"orders":[{other},{}],"total":2}}"#, theirs()));
    let pushed = push(&script, create(ours()), Attempt::AfterUnknown).await.unwrap();
    assert_eq!((pushed.remote_id.0.as_str(), pushed.record), ("9001", None), "what changed since is read later");
    assert_eq!(script.lines(), ["GET https://ssapi.shipstation.com/orders?orderNumber=W-1001&page=1&pageSize=500"]);

    let script = Script::new();
    script.json(200, &format!(r#"{{"orders":[{other}],"total":1}}"#)).json(200, &theirs().to_string());
    push(&script, create(ours()), Attempt::AfterUnknown).await.unwrap();
    assert_eq!(script.count(), 2);
}

#[tokio::test(start_paused = true)]
async fn an_update_sends_the_whole_order_back_with_everything_it_does_not_model() {
    let script = Script::new();
    script.json(200, &theirs().to_string()).json(200, &theirs().to_string());
    let order = Order {
        customer_note: Some(String::new()),
        internal_note: Some("Check stock".into()),
        lines: vec![OrderLine { quantity: Quantity::from_whole(3).unwrap(), ..ours().lines[0].clone() }],
        ..ours()
    };
    push(&script, update(order), Attempt::Clean).await.unwrap();
    let (sent, raw) = (script.sent_json(1), theirs());
    for kept in [
        "orderId",
        "orderKey",
        "tagIds",
        "advancedOptions",
        "loyaltyTier",
        "orderDate",
        "shipTo",
        "billTo",
        "orderStatus",
    ] {
        assert_eq!(sent[kept], raw[kept], "{kept}");
    }
    assert_eq!((&sent["customerNotes"], &sent["internalNotes"]), (&Value::Null, &json!("Check stock")));
    assert_eq!(sent["items"].as_array().unwrap().len(), 1);
    let item = &sent["items"][0];
    assert_eq!(
        (&item["quantity"], &item["options"], &item["weight"]),
        (&json!(3), &raw["items"][0]["options"], &raw["items"][0]["weight"])
    );
    assert!(sent.get("orderTotal").is_none());
}

#[tokio::test(start_paused = true)]
async fn an_order_that_already_says_so_is_not_sent() {
    let script = Script::new();
    script.json(200, &theirs().to_string());
    push(&script, update(ours()), Attempt::Clean).await.unwrap();
    assert_eq!(script.count(), 1);
}

#[tokio::test(start_paused = true)]
async fn an_order_that_moved_on_is_a_conflict_unless_it_moved_where_we_wanted() {
    let moved = with(&theirs(), |order| order["modifyDate"] = json!("2026-07-09T09:00:00.0000000"));
    let script = Script::new();
    script.json(200, &moved);
    let order = Order { internal_note: Some("mine".into()), ..ours() };
    let expected = Some(RemoteVersion("2026-07-09T09:00:00.0000000".into()));
    let result = push(&script, update(order.clone()), Attempt::Clean).await;
    assert_eq!(result.unwrap_err(), ConnectorError::Conflict { remote_version: expected.clone() });
    script.json(200, &moved);
    assert!(push(&script, update(order), Attempt::AfterUnknown).await.is_err());
    script.json(200, &moved);
    let pushed = push(&script, update(ours()), Attempt::AfterUnknown).await.unwrap();
    assert_eq!((pushed.version, pushed.record), (expected, None), "what else changed since is read later");
    assert_eq!(script.count(), 3, "nothing was written");
}

#[tokio::test(start_paused = true)]
async fn shipped_and_cancelled_orders_are_locked_in_plain_words() {
    for (status, word) in [("shipped", "shipped"), ("cancelled", "cancelled")] {
        let script = Script::new();
        script.json(200, &with(&theirs(), |order| order["orderStatus"] = json!(status)));
        let refused = rejection(push(&script, update(ours()), Attempt::Clean).await);
        assert!(refused.code == "locked" && refused.text.contains(word), "{refused:?}");
        assert_eq!(script.count(), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn an_order_merged_away_is_not_found_and_never_made_anew() {
    let script = Script::new();
    script.json(404, "");
    assert!(matches!(push(&script, update(ours()), Attempt::Clean).await, Err(ConnectorError::NotFound(_))));
    assert_eq!(script.count(), 1);
}

#[tokio::test(start_paused = true)]
async fn retiring_cancels_with_a_full_update_once() {
    let cancelled = with(&theirs(), |order| order["orderStatus"] = json!("cancelled"));
    let script = Script::new();
    script.json(200, &theirs().to_string()).json(200, &cancelled);
    push(&script, retire(), Attempt::Clean).await.unwrap();
    let sent = script.sent_json(1);
    assert_eq!((&sent["orderStatus"], &sent["tagIds"]), (&json!("cancelled"), &json!([3])));
    script.json(200, &cancelled);
    push(&script, retire(), Attempt::AfterUnknown).await.unwrap();
    assert_eq!(script.count(), 3, "already cancelled");
    script.json(200, &with(&theirs(), |order| order["orderStatus"] = json!("shipped")));
    assert_eq!(rejection(push(&script, retire(), Attempt::Clean).await).code, "locked");
}

#[tokio::test(start_paused = true)]
async fn a_refusal_names_the_field_and_keeps_the_vendors_words() {
    let script = Script::new();
    script.json(
        400,
        r#"{"Message":"The request is invalid.","ModelState":{"apiOrder.shipTo.country":["Country is not valid."]}}"#,
    );
    let refused = rejection(push(&script, create(ours()), Attempt::Clean).await);
    assert_eq!((refused.field.as_deref(), refused.text.as_str()), (Some("shipping"), "Country is not valid."));
}

#[tokio::test(start_paused = true)]
async fn an_order_the_vendors_program_fails_on_is_parked_after_looking_for_it() {
    let fault =
        r#"{"Message":"An error has occurred.","ExceptionMessage":"Object reference not set","StackTrace":"x"}"#;
    let script = Script::new();
    for _ in 0..4 {
        script.json(500, fault);
    }
    script.json(200, r#"{"orders":[],"total":0}"#);
    let refused = rejection(push(&script, create(ours()), Attempt::Clean).await);
    assert!(refused.text.contains("Object reference"), "{refused:?}");

    let script = Script::new();
    for _ in 0..4 {
        script.json(500, fault);
    }
    script.json(200, &format!(r#"{{"orders":[{}],"total":1}}"#, theirs()));
    assert_eq!(push(&script, create(ours()), Attempt::Clean).await.unwrap().remote_id.0, "9001");

    let script = Script::new();
    script.json(500, "").json(500, "").json(500, "").json(500, "");
    let result = push(&script, create(ours()), Attempt::Clean).await;
    assert!(matches!(result, Err(ConnectorError::Unknown(_))), "an unexplained failure stays open");
}

#[tokio::test(start_paused = true)]
async fn what_the_vendor_cannot_take_is_refused_before_anything_is_sent() {
    let no_street = Address { line1: String::new(), ..ours().shipping.unwrap() };
    let spelled = Address { country: "United States".into(), ..ours().shipping.unwrap() };
    let no_state = Address { region: String::new(), ..ours().shipping.unwrap() };
    let half = OrderLine { quantity: Quantity::parse("1.5").unwrap(), ..ours().lines[0].clone() };
    let euros = Money::parse("1", Currency::EUR).unwrap();
    let cases = [
        ("number", Order { number: "x".repeat(51), ..ours() }),
        ("number", Order { number: " ".into(), ..ours() }),
        ("shipping", Order { shipping: None, billing: None, ..ours() }),
        ("shipping.line1", Order { shipping: Some(no_street), ..ours() }),
        ("shipping.country", Order { shipping: Some(spelled), ..ours() }),
        ("shipping.region", Order { shipping: Some(no_state), ..ours() }),
        ("lines[1].quantity", Order { lines: vec![ours().lines[0].clone(), half], ..ours() }),
        ("currency", Order { tax_amount: euros, ..ours() }),
    ];
    for (field, order) in cases {
        let script = Script::new();
        let refused = rejection(push(&script, create(order), Attempt::Clean).await);
        assert_eq!((refused.field.as_deref(), script.count()), (Some(field), 0), "{refused:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_order_without_a_ship_to_goes_where_the_bill_goes() {
    let script = Script::new();
    script.json(200, &theirs().to_string());
    let order = Order { billing: ours().shipping, shipping: None, status: OrderStatus::OnHold, ..ours() };
    push(&script, create(order), Attempt::Clean).await.unwrap();
    let sent = script.sent_json(0);
    assert_eq!((&sent["shipTo"], &sent["orderStatus"]), (&sent["billTo"], &json!("on_hold")));
    assert_eq!(dollars("5").to_decimal_string(), sent["shippingAmount"].to_string());
}

fn held() -> Order {
    Order { status: OrderStatus::OnHold, hold_until: Some("2026-12-24".parse().unwrap()), ..ours() }
}

#[tokio::test(start_paused = true)]
async fn the_day_of_a_hold_is_set_by_a_call_of_its_own() {
    let on_hold = with(&theirs(), |order| order["orderStatus"] = json!("on_hold"));
    let until = with(&serde_json::from_str(&on_hold).unwrap(), |order| order["holdUntilDate"] = json!("2026-12-24"));
    let script = Script::new();
    script.json(200, &on_hold).json(200, r#"{"success":true,"message":"Order held successfully."}"#).json(200, &until);
    let pushed = push(&script, create(held()), Attempt::Clean).await.unwrap();
    assert_eq!(script.sent_json(1), json!({"orderId": 9001, "holdUntilDate": "2026-12-24"}));
    match pushed.record.as_deref() {
        Some(Record::Order(order)) => assert_eq!(order.hold_until, held().hold_until),
        other => panic!("{other:?}"),
    }
    script.json(200, &until);
    push(&script, update(held()), Attempt::Clean).await.unwrap();
    assert_eq!(script.count(), 4, "already held until then");
}

#[tokio::test(start_paused = true)]
async fn a_hold_that_nobody_here_changed_stays_as_it_is_there() {
    let there = with(&theirs(), |order| {
        (order["orderStatus"], order["holdUntilDate"]) = (json!("on_hold"), json!("2026-12-31"));
    });
    let script = Script::new();
    script.json(200, &there).json(200, &there);
    // Agreed on with another day than the order has by now.
    let wanted = Order { internal_note: Some("Called".into()), ..held() };
    let change = Operation::Update {
        remote_id: RemoteId("9001".into()),
        version: Some(version()),
        base: Some(Box::new(Record::Order(held()))),
        record: Box::new(Record::Order(wanted)),
    };
    push(&script, change, Attempt::Clean).await.unwrap();
    assert_eq!(script.count(), 2, "read and written, and no call about the hold");
    assert_eq!(script.sent_json(1)["holdUntilDate"], "2026-12-31");
}

#[tokio::test(start_paused = true)]
async fn a_hold_that_fails_after_the_order_was_stored_stays_open_and_a_refused_one_names_the_day() {
    let on_hold = with(&theirs(), |order| order["orderStatus"] = json!("on_hold"));
    let script = Script::new();
    script.json(200, &on_hold).answer(429, &[("retry-after", "900")], "");
    let result = push(&script, create(held()), Attempt::Clean).await;
    assert!(matches!(result, Err(ConnectorError::Unknown(_))), "{result:?}");
    let script = Script::new();
    script.json(200, &on_hold).json(200, r#"{"success":false,"message":"The date has passed."}"#);
    let refused = rejection(push(&script, create(held()), Attempt::Clean).await);
    assert_eq!((refused.field.as_deref(), refused.text.as_str()), (Some("hold_until"), "The date has passed."));
}

#[tokio::test(start_paused = true)]
async fn the_lookup_prefers_our_order_to_what_was_split_off_from_it() {
    let child = with(&theirs(), |order| {
        order["orderId"] = json!(9050);
        order["orderNumber"] = json!("W-1001-1");
        order["advancedOptions"]["parentId"] = json!(9001);
    });
    let script = Script::new();
    script.json(200, &format!(r#"{{"orders":[{child},{}],"total":2}}"#, theirs()));
    assert_eq!(push(&script, create(ours()), Attempt::AfterUnknown).await.unwrap().remote_id.0, "9001");
}

#[tokio::test(start_paused = true)]
async fn other_records_are_not_for_this_vendor() {
    let script = Script::new();
    let retire = Operation::Retire { remote_id: RemoteId("1".into()), version: None, kind: RecordKind::Shipment };
    rejection(push(&script, retire, Attempt::Clean).await);
    assert_eq!(script.count(), 0);
}

#[tokio::test(start_paused = true)]
async fn an_order_with_half_a_character_is_not_sent_back_with_another_one() {
    let half = |name: &str| with(&theirs(), |order| order[name] = json!("@@")).replace("@@", "ends in \\ud83c");
    for (operation, name) in [
        (update(Order { internal_note: Some("mine".into()), ..ours() }), "giftMessage"),
        (update(Order { number: "W-2".into(), ..ours() }), "customerNotes"),
        (retire(), "internalNotes"),
    ] {
        let script = Script::new();
        script.json(200, &half(name));
        let refused = rejection(push(&script, operation, Attempt::Clean).await);
        assert_eq!(refused.code, "spoiled", "{refused:?}");
        assert_eq!(script.count(), 1, "nothing is written");
    }
}
