//! The newer interface over the same store.

use super::*;

#[tokio::test]
async fn a_key_is_needed_and_errors_come_in_an_envelope() {
    let client = demo();
    let url = format!("{}/v2/inventory", client.world().connection().shipstation.v2_url);
    let (status, body) = read(&client.send(Request::get(&url).body(Bytes::new()).unwrap()).await);
    assert_eq!((status, &body["errors"][0]["error_code"]), (401, &json!("unauthorized")));
    let error = body["errors"][0].as_object().unwrap();
    assert!(["error_source", "error_type", "error_code", "message"].iter().all(|field| error.contains_key(*field)));
    assert_eq!(body["request_id"].as_str().unwrap().len(), 36);
    client.act("switch", &json!({"name": "v2_plan_refused"}));
    let (status, body) = client.v2("GET", "/v2/inventory", &Value::Null).await;
    assert_eq!((status, &body["errors"][0]["error_code"]), (403, &json!("invalid_billing_plan")));
}

#[tokio::test]
async fn two_hundred_requests_fit_in_a_minute_and_the_next_tells_how_long_to_wait() {
    let client = demo();
    client.world().advance(chrono::Duration::seconds(15));
    for _ in 0..200 {
        assert_eq!(client.v2("GET", "/v2/tags", &Value::Null).await.0, 200);
    }
    let refused = client.v2_raw("GET", "/v2/tags", &Value::Null).await;
    assert_eq!((refused.status().as_u16(), &refused.headers()["Retry-After"]), (429, &"45".parse().unwrap()));
    assert_eq!(
        client.v1("GET", "/accounts/listtags", &Value::Null).await.0,
        200,
        "the other interface has its own limit"
    );
}

#[tokio::test]
async fn an_order_of_the_older_interface_is_a_shipment_here() {
    let client = demo();
    let order = client.order("1052").await;
    let (status, shipment) = client.v2("GET", "/v2/shipments/external_shipment_id/shop-1052", &Value::Null).await;
    assert_eq!(status, 200);
    assert_eq!(shipment["shipment_id"], format!("se-{}", order["orderId"]));
    assert_eq!((&shipment["shipment_number"], &shipment["shipment_status"]), (&json!("1052"), &json!("pending")));
    let (_, same) = client.v2("GET", &format!("/v2/shipments/se-{}", order["orderId"]), &Value::Null).await;
    assert_eq!(same, shipment);
    client.act("ship", &json!({"orderNumber": "1052"}));
    let (_, list) = client.v2("GET", "/v2/shipments?shipment_number=1052", &Value::Null).await;
    assert_eq!(list["shipments"][0]["shipment_status"], "label_purchased");
    assert_eq!(client.v2("GET", "/v2/shipments/external_shipment_id/unknown", &Value::Null).await.0, 404);
    assert_eq!(client.v2("GET", "/v2/orders", &Value::Null).await.0, 404, "there are no orders here");
}

#[tokio::test]
async fn keys_longer_than_fifty_are_cut_here_and_whole_there() {
    let client = demo();
    let key = "k".repeat(60);
    client.v1("POST", "/orders/createorder", &order(&key, "L-1")).await;
    let (_, list) = client.v2("GET", "/v2/shipments?shipment_number=L-1", &Value::Null).await;
    assert_eq!(list["shipments"][0]["external_shipment_id"], "k".repeat(50));
    assert_eq!(client.order("L-1").await["orderKey"], key);
}

#[tokio::test]
async fn lists_are_paged_with_links() {
    let client = demo();
    let (_, first) = client.v2("GET", "/v2/inventory?limit=3", &Value::Null).await;
    assert_eq!((&first["total"], &first["pages"], &first["links"]["prev"]), (&json!(7), &json!(3), &json!({})));
    let next = first["links"]["next"]["href"].as_str().unwrap();
    let base = client.world().connection().shipstation.v2_url;
    let (_, second) = client.v2("GET", next.strip_prefix(&base).unwrap(), &Value::Null).await;
    assert_eq!((&second["page"], second["inventory"].as_array().unwrap().len()), (&json!(2), 3));
    assert_ne!(first["inventory"][0]["sku"], second["inventory"][0]["sku"]);
    assert_eq!(client.v2("GET", "/v2/products?page_size=101", &Value::Null).await.0, 400);
}

async fn level(client: &Client, sku: &str) -> (i64, i64, i64) {
    let (_, body) = client.v2("GET", &format!("/v2/inventory?sku={sku}&group_by=warehouse"), &Value::Null).await;
    let of = |name: &str| body["inventory"][0][name].as_i64().unwrap();
    (of("on_hand"), of("allocated"), of("available"))
}

#[tokio::test]
async fn what_open_orders_wait_for_is_allocated_and_a_label_takes_it_from_the_shelf() {
    let client = demo();
    let (on_hand, allocated, available) = level(&client, "FILT-100").await;
    assert_eq!(available, on_hand - allocated);
    assert_eq!(allocated, 3, "orders 1050 and 1052");
    client.act("ship", &json!({"orderNumber": "1052"}));
    assert_eq!(level(&client, "FILT-100").await, (on_hand - 2, 1, on_hand - 3));
    client.act("void_label", &json!({"orderNumber": "1052"}));
    assert_eq!(level(&client, "FILT-100").await, (on_hand, allocated, available));
}

#[tokio::test]
async fn stock_is_changed_absolutely_or_by_steps_and_all_or_nothing() {
    let client = demo();
    let post = |kind: &str, quantity: i64| json!({"transaction_type": kind, "sku": "MUG-02", "quantity": quantity, "inventory_location_id": "se-3001"});
    for (kind, quantity, after) in [("adjust", 10, 10), ("adjust", 10, 10), ("increment", 5, 15), ("decrement", 15, 0)]
    {
        let answer = client.v2_raw("POST", "/v2/inventory", &post(kind, quantity)).await;
        assert_eq!((answer.status().as_u16(), answer.body().len()), (204, 0));
        assert_eq!(level(&client, "MUG-02").await.0, after, "{kind}");
    }
    let (status, body) = client.v2("POST", "/v2/inventory", &post("decrement", 1)).await;
    assert_eq!((status, body["errors"].as_array().unwrap().len()), (400, 1));
    assert_eq!(level(&client, "MUG-02").await.0, 0, "nothing was taken");
}

#[tokio::test]
async fn a_change_of_stock_that_makes_no_sense_is_refused() {
    let client = demo();
    let good =
        json!({"transaction_type": "adjust", "sku": "MUG-02", "quantity": 1, "inventory_location_id": "se-3001"});
    let wrong = [
        ("transaction_type", json!("set")),
        ("sku", json!("NOPE")),
        ("quantity", json!(1.5)),
        ("quantity", json!(-1)),
        ("inventory_location_id", json!("se-9")),
        ("condition", json!("new")),
        ("sku", Value::Null),
    ];
    for (field, value) in wrong {
        let mut body = good.clone();
        body[field] = value;
        assert_eq!(client.v2("POST", "/v2/inventory", &body).await.0, 400, "{body}");
    }
    assert_eq!(
        client.v2("POST", "/v2/inventory", &Value::Null).await.1["errors"][0]["error_code"],
        "request_body_required"
    );
}

#[tokio::test]
async fn stock_can_move_and_costs_become_an_average() {
    let client = demo();
    let body = json!({"transaction_type": "adjust", "sku": "GRIND-H", "quantity": 2, "inventory_location_id": "se-3001",
                      "cost": {"amount": 40, "currency": "usd"}});
    client.v2("POST", "/v2/inventory", &body).await;
    let body = json!({"transaction_type": "increment", "sku": "GRIND-H", "quantity": 2, "inventory_location_id": "se-3001",
                      "cost": {"amount": 41.01, "currency": "usd"}});
    client.v2("POST", "/v2/inventory", &body).await;
    let body = json!({"transaction_type": "modify", "sku": "GRIND-H", "quantity": 1, "inventory_location_id": "se-3001",
                      "new_inventory_location_id": "se-3002"});
    assert_eq!(client.v2("POST", "/v2/inventory", &body).await.0, 204);
    let (_, list) = client.v2("GET", "/v2/inventory?sku=GRIND-H&inventory_location_id=se-3002", &Value::Null).await;
    assert_eq!(list["inventory"][0]["on_hand"], 1);
    assert_eq!(list["inventory"][0]["average_cost"]["amount"].to_string(), "40.505");
}

#[tokio::test]
async fn places_of_the_inventory_have_names_of_four_parts_and_go_only_when_empty() {
    let client = demo();
    let (_, warehouse) = client.v2("POST", "/v2/inventory_warehouses", &json!({"name": "Annex"})).await;
    let id = warehouse["inventory_warehouse_id"].clone();
    let body = json!({"name": "Annex", "inventory_warehouse_id": id});
    assert_eq!(client.v2("POST", "/v2/inventory_locations", &body).await.0, 400);
    let body = json!({"name": "A-1-1-1", "inventory_warehouse_id": id});
    assert_eq!(client.v2("POST", "/v2/inventory_locations", &body).await.0, 200);
    assert_eq!(client.v2("DELETE", "/v2/inventory_locations/se-3001", &Value::Null).await.0, 400);
    assert_eq!(client.v2("DELETE", "/v2/inventory_locations/se-3001?remove_inventory=1", &Value::Null).await.0, 204);
    assert_eq!(client.v2("GET", "/v2/inventory", &Value::Null).await.1["total"], 0);
    assert_eq!(client.v2("GET", "/v2/inventory_warehouses", &Value::Null).await.1["total"], 2);
}

#[tokio::test]
async fn fulfillments_have_one_outcome_each() {
    let client = demo();
    let id = client.order("1052").await["orderId"].clone();
    let entry = json!({"shipment_id": format!("se-{id}"), "tracking_number": "T1", "carrier_code": "ups"});
    let (status, body) = client.v2("POST", "/v2/fulfillments", &json!({"fulfillments": [entry, entry]})).await;
    assert_eq!((status, &body["has_errors"]), (200, &json!(true)));
    assert_eq!(body["fulfillments"][0]["error_message"], Value::Null);
    assert!(body["fulfillments"][1]["error_message"].is_string(), "already fulfilled");
    assert_eq!(client.get(&format!("/fulfillments?orderId={id}")).await["total"], 1);
    let (_, list) = client.v2("GET", "/v2/fulfillments?sort_dir=desc", &Value::Null).await;
    assert_eq!(list["fulfillments"][0]["shipment_number"], "1052");
}

#[tokio::test]
async fn products_warehouses_and_carriers_are_read_only_here() {
    let client = demo();
    let (_, products) = client.v2("GET", "/v2/products?sku=BEAN-250", &Value::Null).await;
    assert_eq!(products["products"][0]["price"]["amount"].to_string(), "9.8");
    assert_eq!(client.v2("POST", "/v2/products", &json!({})).await.0, 405);
    let (_, warehouses) = client.v2("GET", "/v2/warehouses", &Value::Null).await;
    assert_eq!(warehouses["warehouses"][0]["warehouse_id"], "se-24079");
    assert!(!client.v2("GET", "/v2/carriers", &Value::Null).await.1["carriers"].as_array().unwrap().is_empty());
}
