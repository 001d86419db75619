//! What the account's owner does by hand, and the seed.

use super::*;
use crate::Vendor;
use std::collections::BTreeMap;

#[tokio::test]
async fn the_demo_shop_has_orders_in_every_state() {
    let client = demo();
    let list = client.get("/orders").await;
    let mut states: BTreeMap<String, u32> = BTreeMap::new();
    for order in list["orders"].as_array().unwrap() {
        *states.entry(order["orderStatus"].as_str().unwrap().to_owned()).or_default() += 1;
        assert!(!order["items"].as_array().unwrap().is_empty(), "{order}");
    }
    let expected =
        [("awaiting_payment", 1), ("awaiting_shipment", 6), ("cancelled", 1), ("on_hold", 1), ("shipped", 4)];
    assert_eq!(states, expected.map(|(state, count)| (state.to_owned(), count)).into());
    assert_eq!(list["total"], 13, "twelve orders, one of them split");
    assert_eq!(client.get("/shipments").await["total"], 4);
    assert_eq!(client.get("/fulfillments").await["total"], 1);
    assert_eq!(client.get("/products").await["total"], 8);
    assert_eq!(client.order("1049").await["orderTotal"].to_string(), "87.6", "a discount line counts");
    assert_eq!(client.order("1042").await["orderTotal"].to_string(), "76.78");
}

#[tokio::test]
async fn the_same_seed_is_the_same_shop_and_survives_being_saved() {
    let (one, other) = (demo(), demo());
    assert_eq!(one.world().dump(Vendor::Shipstation), other.world().dump(Vendor::Shipstation));
    let text = serde_json::to_string(&one.world().snapshot()).unwrap();
    let before = one.world().dump(Vendor::Shipstation);
    one.act("cancel_order", &json!({"orderNumber": "1052"}));
    one.world().restore(serde_json::from_str(&text).unwrap());
    assert_eq!(one.world().dump(Vendor::Shipstation), before);
}

#[tokio::test]
async fn an_empty_account_can_take_orders() {
    let client = seeded("empty");
    assert_eq!(client.get("/orders").await["total"], 0);
    assert_eq!(client.v1("POST", "/orders/createorder", &order("k", "1")).await.0, 200);
}

#[tokio::test]
async fn a_partial_shipment_is_a_split_whose_child_is_shipped() {
    let client = demo();
    let parent = client.order("1050").await;
    let part = json!({"orderNumber": "1050", "items": [{"sku": "MUG-01", "quantity": 1}]});
    let label = client.act("ship", &part);
    assert_ne!(label["orderId"], parent["orderId"]);
    assert_eq!(label["shipmentItems"][0]["quantity"], 1);
    let child = client.get(&format!("/orders/{}", label["orderId"])).await;
    assert_eq!((&child["orderStatus"], &child["orderKey"]), (&json!("shipped"), &parent["orderKey"]));
    assert_eq!(child["advancedOptions"]["parentId"], parent["orderId"]);
    let rest = client.order("1050").await;
    assert_eq!((&rest["orderStatus"], &rest["items"][0]["quantity"]), (&json!("awaiting_shipment"), &json!(3)));
    assert_eq!(rest["advancedOptions"]["mergedOrSplit"], true);
    // The family's key answers for the parent; the child needs its id besides.
    let mut update = order("shop-1050", "1050");
    assert_eq!(client.v1("POST", "/orders/createorder", &update).await.1["orderId"], parent["orderId"]);
    update["orderId"] = child["orderId"].clone();
    assert_eq!(client.v1("POST", "/orders/createorder", &update).await.0, 400, "the child is shipped");
}

#[tokio::test]
async fn a_split_keeps_every_piece_and_every_cent() {
    let client = demo();
    let before = client.order("1044").await;
    let split = client.world().act(
        Vendor::Shipstation,
        "split",
        &json!({"orderNumber": "1044", "items": [{"sku": "GRIND-H"}]}),
    );
    assert!(split.is_err(), "something must stay: {before}");
    let whole = client.order("1050").await;
    let child = client.act("split", &json!({"orderNumber": "1050", "items": [{"sku": "MUG-01", "quantity": 2}]}));
    let rest = client.order("1050").await;
    let sum = |values: [&Value; 2]| {
        values
            .iter()
            .map(|v| v["orderTotal"].to_string().parse::<rust_decimal::Decimal>().unwrap())
            .sum::<rust_decimal::Decimal>()
    };
    assert_eq!(sum([&child, &rest]).to_string(), whole["orderTotal"].to_string());
}

#[tokio::test]
async fn a_merged_order_disappears_and_only_the_other_one_tells() {
    let client = demo();
    let (kept, away) = (client.order("1050").await, client.order("1052").await);
    client.act("merge", &json!({"orderIds": [kept["orderId"], away["orderId"]]}));
    assert_eq!(client.v1("GET", &format!("/orders/{}", away["orderId"]), &Value::Null).await.0, 404);
    assert_eq!(client.get("/orders?orderNumber=1052").await["total"], 0);
    let merged = client.order("1050").await;
    assert_eq!(merged["advancedOptions"]["mergedIds"], json!([away["orderId"]]));
    assert_eq!(merged["items"].as_array().unwrap().len(), 5);
    assert_eq!(merged["shippingAmount"], 15);
}

#[tokio::test]
async fn an_owner_edits_one_field_and_nothing_else_is_lost() {
    let client = demo();
    let before = client.order("1047").await;
    let mut after = client.act("edit_order", &json!({"orderNumber": "1047", "internalNotes": "called"}));
    assert_eq!((&after["internalNotes"], &after["holdUntilDate"]), (&json!("called"), &before["holdUntilDate"]));
    for name in ["internalNotes", "modifyDate"] {
        after[name] = before[name].clone();
    }
    assert_eq!(after, before);
}

#[tokio::test]
async fn a_return_label_leaves_the_order_and_the_shelf_alone() {
    let client = demo();
    let label = client.act("return_label", &json!({"orderNumber": "1041"}));
    assert_eq!(label["isReturnLabel"], true);
    assert_eq!(client.order("1041").await["orderStatus"], "shipped");
}

#[tokio::test]
async fn lists_by_modification_shift_while_they_are_read() {
    let client = demo();
    client.act("switch", &json!({"name": "shifting_pages"}));
    let path = "/orders?sortBy=ModifyDate&sortDir=ASC&pageSize=4";
    let first = client.get(&format!("{path}&page=1")).await;
    client.world().advance(chrono::Duration::seconds(1));
    let second = client.get(&format!("{path}&page=2")).await;
    let all = client.get("/orders?sortBy=ModifyDate&sortDir=ASC").await;
    let ids =
        |page: &Value| page["orders"].as_array().unwrap().iter().map(|o| o["orderId"].clone()).collect::<Vec<_>>();
    let seen: Vec<Value> = [ids(&first), ids(&second)].concat();
    assert!(ids(&all).iter().take(7).any(|id| !seen.contains(id)), "a reader that trusts page numbers misses one");
}

#[tokio::test]
async fn unknown_acts_and_switches_say_so() {
    let client = demo();
    assert!(client.world().act(Vendor::Shipstation, "fly", &json!({})).is_err());
    assert!(client.world().act(Vendor::Shipstation, "switch", &json!({"name": "gravity"})).is_err());
    assert!(client.world().act(Vendor::Shipstation, "set_stock", &json!({"sku": "NOPE", "quantity": 1})).is_err());
}
