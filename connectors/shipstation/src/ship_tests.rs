//! Marking as shipped, over a scripted exchange on paused time.

use crate::pull_tests::open;
use connector_contract::record::Shipment;
use connector_contract::{
    Attempt, ConnectorError, IdempotencyKey, Operation, Push, Pushed, Record, RefusedBy, RemoteId, SHIPPING_CARRIER,
};
use connector_http::testing::Script;
use serde_json::json;
use std::sync::Arc;

const OPEN: &str = r#"{"orderId":9001,"orderNumber":"W-1001","orderStatus":"awaiting_shipment"}"#;
const SHIPPED: &str = r#"{"orderId":9001,"orderNumber":"W-1001","orderStatus":"shipped"}"#;
const MARKED: &str = r#"{"orderId":9001,"orderNumber":"W-1001"}"#;

fn fulfillments(tracking: &str) -> String {
    format!(
        r#"{{"fulfillments":[null,{{"fulfillmentId":7,"orderId":9001,"orderNumber":"W-1001","trackingNumber":{tracking},
            "createDate":"2026-07-09T09:00:00.0000000","shipDate":"2026-07-09T00:00:00.0000000","carrierCode":"ups",
            "voided":false}}],"total":1,"page":1,"pages":0}}"#
    )
}

fn parcel() -> Shipment {
    Shipment {
        order: Some(RemoteId("9001".into())),
        order_number: Some("W-1001".into()),
        carrier: Some("ups".into()),
        service: None,
        tracking_number: Some("1Z999".into()),
        shipped_on: Some("2026-07-09".parse().unwrap()),
        cost: None,
        voided: false,
        is_return: false,
        notify_buyer: true,
        notify_channel: false,
        lines: None,
    }
}

async fn ship(script: &Arc<Script>, parcel: Shipment, attempt: Attempt) -> Result<Pushed, ConnectorError> {
    let operation = Operation::Create(Box::new(Record::Shipment(parcel)));
    let push = Push { key: IdempotencyKey("e:1".into()), attempt, natural_key: "s".into(), operation };
    open(script, Some("store-310"), false).0.push(push).await
}

fn refused(result: Result<Pushed, ConnectorError>) -> (RefusedBy, String, String) {
    match result {
        Err(ConnectorError::Rejected(refused)) => (refused.by, refused.code, refused.text),
        other => panic!("{other:?}"),
    }
}

#[tokio::test(start_paused = true)]
async fn an_order_is_marked_with_all_that_the_owner_said_and_known_by_its_fulfillment() {
    let script = Script::new();
    script.json(200, OPEN).json(200, MARKED).json(200, &fulfillments("\"1Z999\""));
    let pushed = ship(&script, parcel(), Attempt::Clean).await.unwrap();
    assert_eq!(pushed.remote_id.0, "f7");
    assert_eq!(
        script.sent_json(1),
        json!({"orderId": 9001, "carrierCode": "ups", "shipDate": "2026-07-09", "trackingNumber": "1Z999",
               "notifyCustomer": true, "notifySalesChannel": false})
    );
    let script = Script::new();
    script.json(200, OPEN).json(200, MARKED).json(200, &fulfillments("null"));
    let untracked = Shipment { tracking_number: None, shipped_on: None, ..parcel() };
    assert_eq!(ship(&script, untracked, Attempt::Clean).await.unwrap().remote_id.0, "f7");
    let sent = script.sent_json(1);
    assert!(sent.get("trackingNumber").is_none() && sent.get("shipDate").is_none(), "{sent}");
}

#[tokio::test(start_paused = true)]
async fn after_a_lost_answer_the_order_is_looked_at_first_and_never_marked_twice() {
    let script = Script::new();
    script.json(200, OPEN).no_answer();
    assert!(matches!(ship(&script, parcel(), Attempt::Clean).await, Err(ConnectorError::Unknown(_))));
    assert_eq!(script.count(), 2, "sent once");
    script.json(200, SHIPPED).json(200, &fulfillments("\"1z999 \""));
    assert_eq!(ship(&script, parcel(), Attempt::AfterUnknown).await.unwrap().remote_id.0, "f7");
    assert_eq!(script.count(), 4, "and only looked at afterwards");
    // It never arrived: now it goes out.
    script.json(200, OPEN).json(200, MARKED).json(200, &fulfillments("\"1Z999\""));
    assert_eq!(ship(&script, parcel(), Attempt::AfterUnknown).await.unwrap().remote_id.0, "f7");
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_names_no_fulfillment_yet_is_still_a_success_and_one_not_to_be_had_leaves_doubt() {
    let script = Script::new();
    script.json(200, OPEN).json(200, MARKED).json(200, r#"{"fulfillments":[],"total":0}"#);
    assert_eq!(ship(&script, parcel(), Attempt::Clean).await.unwrap().remote_id.0, "o9001");
    let script = Script::new();
    script.json(200, OPEN).json(200, MARKED).json(403, "");
    assert!(matches!(ship(&script, parcel(), Attempt::Clean).await, Err(ConnectorError::Unknown(_))));
}

#[tokio::test(start_paused = true)]
async fn what_ended_otherwise_there_is_refused_in_our_own_words() {
    let script = Script::new();
    script.json(200, SHIPPED).json(200, &fulfillments("\"OTHER\""));
    let (by, code, text) = refused(ship(&script, parcel(), Attempt::Clean).await);
    assert!(by == RefusedBy::Us && code == "shipped_there" && text.contains("another tracking number"), "{text}");
    let script = Script::new();
    script.json(200, r#"{"orderId":9001,"orderStatus":"cancelled"}"#);
    assert_eq!(refused(ship(&script, parcel(), Attempt::Clean).await).1, "canceled_there");
    let script = Script::new();
    script.json(404, "");
    assert_eq!(refused(ship(&script, parcel(), Attempt::Clean).await).1, "order_gone");
    let script = Script::new();
    for wrong in [Shipment { carrier: None, ..parcel() }, Shipment { voided: true, ..parcel() }] {
        assert_eq!(refused(ship(&script, wrong, Attempt::Clean).await).0, RefusedBy::Us);
    }
    assert_eq!(script.count(), 0);
}

#[tokio::test(start_paused = true)]
async fn the_vendors_refusal_keeps_its_words() {
    let script = Script::new();
    let no = r#"{"Message":"The request is invalid.","ModelState":{"request.carrierCode":["No such carrier."]}}"#;
    script.json(200, OPEN).json(400, no);
    let (by, _, text) = refused(ship(&script, parcel(), Attempt::Clean).await);
    assert_eq!((by, text.as_str()), (RefusedBy::Vendor, "No such carrier."));
    let script = Script::new();
    let fault = r#"{"Message":"An error has occurred.","ExceptionMessage":"Object reference not set"}"#;
    script.json(200, OPEN).json(500, fault).json(200, r#"{"fulfillments":[],"total":0}"#);
    let (by, code, text) = refused(ship(&script, parcel(), Attempt::Clean).await);
    assert_eq!((by, code.as_str(), text.as_str()), (RefusedBy::Vendor, "500", "Object reference not set"));
}

#[tokio::test(start_paused = true)]
async fn carriers_are_offered_with_their_names() {
    let script = Script::new();
    script.json(
        200,
        r#"[{"code":"ups","name":"UPS","nickname":"Shop"},null,{"name":"no code"},{"code":"dhl","primary":true}]"#,
    );
    let found = open(&script, Some("store-310"), false).0.choices().await.unwrap();
    let told: Vec<_> = found.iter().map(|c| (c.setting, c.value.as_str(), c.label.as_str(), c.suggested)).collect();
    assert_eq!(told, [(SHIPPING_CARRIER, "ups", "UPS (Shop)", false), (SHIPPING_CARRIER, "dhl", "dhl", true)]);
}
