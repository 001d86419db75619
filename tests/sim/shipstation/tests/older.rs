//! The older interface.

use super::*;
use crate::{Fault, FaultKind, Vendor};

#[tokio::test]
async fn keys_are_needed_and_an_expired_pair_is_refused() {
    let client = demo();
    let url = format!("{}/orders", client.world().connection().shipstation.v1_url);
    let unsigned = client.send(Request::get(&url).body(Bytes::new()).unwrap()).await;
    assert_eq!(unsigned.status(), 401);
    let newer_key = Request::get(&url).header("API-Key", "sim_ss_v2_key").body(Bytes::new()).unwrap();
    assert_eq!(client.send(newer_key).await.status(), 401, "keys of the two interfaces are not interchangeable");
    client.act("switch", &json!({"name": "v1_key_expired"}));
    assert_eq!(client.v1("GET", "/orders", &Value::Null).await.0, 401);
}

#[tokio::test]
async fn forty_requests_fit_in_a_minute_and_headers_count_them_down() {
    let client = demo();
    for n in 0..40_u32 {
        let answer = client.v1_raw("GET", "/accounts/listtags", "").await;
        assert_eq!(answer.status(), 200);
        assert_eq!(answer.headers()["X-Rate-Limit-Limit"], "40");
        assert_eq!(answer.headers()["X-Rate-Limit-Remaining"], (39 - n).to_string());
        assert_eq!(answer.headers()["X-Rate-Limit-Reset"], "60", "seconds to the next window, not a date");
    }
    let (status, body) = client.v1("GET", "/accounts/listtags", &Value::Null).await;
    assert_eq!((status, &body), (429, &json!({"message": "Too Many Requests"})));
    client.world().advance(chrono::Duration::seconds(60));
    assert_eq!(client.v1("GET", "/accounts/listtags", &Value::Null).await.0, 200);
}

#[tokio::test]
async fn routes_ignore_case_and_a_trailing_slash_and_unknown_parameters() {
    let client = demo();
    let plain = client.get("/orders").await;
    assert_eq!(client.get("/Orders/").await, plain);
    assert_eq!(client.get("/ORDERS?nonsense=1&alsoNonsense=2").await, plain);
    assert_eq!(client.v1("POST", "/orders/markshipped", &json!({})).await.0, 405);
    assert_eq!(client.v1("GET", "/invoices", &Value::Null).await.0, 404);
}

#[tokio::test]
async fn an_order_is_totalled_exactly_and_shown_in_pacific_time() {
    let client = demo();
    let mut new = order("k-1", "T-1");
    new["items"][0]["unitPrice"] = serde_json::from_str("0.1").unwrap();
    new["items"][0]["quantity"] = json!(3);
    new["items"][0]["taxAmount"] = json!(9.99);
    new["taxAmount"] = serde_json::from_str("0.2").unwrap();
    new["shippingAmount"] = serde_json::from_str("0.07").unwrap();
    let (status, made) = client.v1("POST", "/orders/createorder", &new).await;
    assert_eq!(status, 200, "{made}");
    assert_eq!(made["orderTotal"].to_string(), "0.57", "taxes of lines do not enter");
    assert_eq!(made["orderDate"], "2026-11-05T09:00:00.0000000");
    assert_eq!(made["createDate"], "2026-11-05T10:00:00.0000000", "18:00 UTC in winter");
    assert_eq!(made["createDate"], made["modifyDate"]);
    assert_eq!(made["items"][0]["createDate"], "2026-11-05T10:00:00");
    assert_eq!(made["advancedOptions"]["storeId"], 26_815, "the first manual store");
    for empty in ["customerNotes", "holdUntilDate", "tagIds", "customerId", "shipByDate", "dimensions", "paymentDate"] {
        assert!(made.as_object().unwrap().contains_key(empty) && made[empty].is_null(), "{empty}");
    }
}

#[tokio::test]
async fn a_known_key_replaces_the_whole_order_and_what_is_left_out_is_cleared() {
    let client = demo();
    let mut new = order("k-1", "T-1");
    new["internalNotes"] = json!("fragile");
    new["items"]
        .as_array_mut()
        .unwrap()
        .push(json!({"lineItemKey": "b", "sku": "FILT-100", "quantity": 1, "unitPrice": 6.4}));
    let first = client.v1("POST", "/orders/createorder", &new).await.1;
    client.world().advance(chrono::Duration::minutes(5));
    let mut again = order("k-1", "T-1");
    again["advancedOptions"] = json!({"storeId": 26_816});
    let second = client.v1("POST", "/orders/createorder", &again).await.1;
    assert_eq!(second["orderId"], first["orderId"]);
    assert_eq!(second["createDate"], first["createDate"]);
    assert_ne!(second["modifyDate"], first["modifyDate"]);
    assert_eq!(second["internalNotes"], Value::Null, "cleared");
    assert_eq!(second["items"].as_array().unwrap().len(), 1);
    assert_eq!(second["items"][0]["orderItemId"], first["items"][0]["orderItemId"], "the line key matches");
    assert_eq!(second["advancedOptions"]["storeId"], 26_815, "the store is chosen once");
    let count = client.get("/orders?orderNumber=T-1").await["total"].clone();
    assert_eq!(count, 1, "repeating with a key makes no second order");
}

#[tokio::test]
async fn without_a_key_every_call_makes_an_order() {
    let client = demo();
    let mut new = order("", "T-2");
    new.as_object_mut().unwrap().remove("orderKey");
    let a = client.v1("POST", "/orders/createorder", &new).await.1;
    let b = client.v1("POST", "/orders/createorder", &new).await.1;
    assert_ne!(a["orderId"], b["orderId"]);
    assert_eq!(a["orderKey"].as_str().unwrap().len(), 32, "a key was made");
    let (status, body) = client
        .v1("POST", "/orders/createorder", &{
            let mut with_id = new.clone();
            with_id["orderId"] = json!(1);
            with_id
        })
        .await;
    assert_eq!(status, 400, "an id must not be sent for a new order: {body}");
}

#[tokio::test]
async fn shipped_and_cancelled_orders_are_locked() {
    let client = demo();
    for number in ["1041", "1046"] {
        let locked = client.order(number).await;
        let mut change = order(locked["orderKey"].as_str().unwrap(), number);
        change["internalNotes"] = json!("late change");
        let (status, body) = client.v1("POST", "/orders/createorder", &change).await;
        assert_eq!(status, 400);
        assert!(body["ModelState"]["apiOrder"][0].is_string(), "{body}");
        assert_eq!(client.order(number).await, locked);
    }
}

#[tokio::test]
async fn a_body_that_does_not_fit_names_every_path() {
    let client = demo();
    let bad = json!({"orderNumber": "x".repeat(51), "orderDate": "soon", "orderStatus": "open", "billTo": {},
                     "gift": 1, "items": [{"quantity": 1.5, "unitPrice": "abc"}]});
    let (status, body) = client.v1("POST", "/orders/createorder", &bad).await;
    assert_eq!(status, 400);
    assert_eq!(body["Message"], "The request is invalid.");
    for path in ["orderNumber", "orderDate", "orderStatus", "shipTo", "gift", "items[0].quantity", "items[0].unitPrice"]
    {
        assert!(body["ModelState"][format!("apiOrder.{path}")].is_array(), "{path}: {body}");
    }
    let (status, body) = client.v1("POST", "/orders/createorder", &json!([order("k", "1")])).await;
    assert_eq!((status, body["ModelState"]["apiOrder"].is_array()), (400, true), "a list where one is wanted");
    let (status, body) = client.v1("POST", "/orders/createorders", &order("k", "1")).await;
    assert_eq!(status, 400);
    assert!(body["ModelState"].as_object().unwrap().keys().next().unwrap().starts_with("apiOrders."), "{body}");
    let (status, body) = client.v1("POST", "/orders/createorder", &Value::Null).await;
    assert_eq!((status, body["ExceptionMessage"].is_string()), (500, true), "no body at all");
}

#[tokio::test]
async fn numbers_and_booleans_may_be_texts() {
    let client = demo();
    let mut new = order("k-9", "T-9");
    new["taxAmount"] = json!("1.10");
    new["gift"] = json!("true");
    new["items"][0]["quantity"] = json!("2");
    let (status, made) = client.v1("POST", "/orders/createorder", &new).await;
    assert_eq!(status, 200, "{made}");
    assert_eq!((made["orderTotal"].to_string(), &made["gift"]), ("37.1".to_owned(), &json!(true)));
}

#[tokio::test]
async fn many_orders_at_once_fail_one_by_one_inside_a_200() {
    let client = demo();
    let locked = client.order("1041").await["orderKey"].as_str().unwrap().to_owned();
    let (status, body) =
        client.v1("POST", "/orders/createorders", &json!([order("n-1", "N-1"), order(&locked, "1041")])).await;
    assert_eq!((status, &body["hasErrors"]), (200, &json!(true)));
    assert_eq!(body["results"][0]["success"], true);
    assert_eq!((&body["results"][1]["success"], &body["results"][1]["orderKey"]), (&json!(false), &json!(locked)));
    let many: Vec<Value> = (0..101).map(|n| order(&format!("m-{n}"), "M")).collect();
    assert_eq!(client.v1("POST", "/orders/createorders", &json!(many)).await.0, 400);
}

#[tokio::test]
async fn filters_take_pacific_times_and_offsets_and_numbers_start_with() {
    let client = demo();
    client.act("create_order", &json!({"orderNumber": "Z-10"}));
    client.act("create_order", &json!({"orderNumber": "Z-1"}));
    assert_eq!(client.get("/orders?orderNumber=z-1").await["total"], 2, "starts with, whatever the case");
    // It is 18:00 UTC, 10:00 Pacific. A caller who sends UTC asks for the future.
    assert_eq!(client.get("/orders?modifyDateStart=2026-11-05%2009:59:00").await["total"], 2);
    assert_eq!(client.get("/orders?modifyDateStart=2026-11-05%2017:59:00").await["total"], 0);
    assert_eq!(client.get("/orders?modifyDateStart=2026-11-05T17:59:00Z").await["total"], 2);
    assert_eq!(client.v1("GET", "/orders?modifyDateStart=soon", &Value::Null).await.0, 400);
    assert_eq!(client.v1("GET", "/orders?orderStatus=open", &Value::Null).await.0, 400);
    assert_eq!(client.get("/orders?orderStatus=on_hold").await["orders"][0]["orderNumber"], "1047");
    assert_eq!(client.get("/orders?itemKeyword=grind-h&pageSize=1").await["pages"], 2);
}

#[tokio::test]
async fn pages_end_with_an_empty_one_and_may_lie_about_their_number() {
    let client = demo();
    let all = client.get("/orders").await["total"].as_u64().unwrap();
    let last = client.get(&format!("/orders?pageSize=5&page={}", all / 5 + 2)).await;
    assert_eq!(last["orders"], json!([]));
    client.act("switch", &json!({"name": "pages_undercount"}));
    assert_eq!(client.get("/orders?pageSize=5").await["pages"], all.div_ceil(5) - 1);
    assert_eq!(client.get("/shipments").await["pages"], 0);
    client.act("switch", &json!({"name": "null_entries"}));
    assert!(client.get("/shipments").await["shipments"].as_array().unwrap().contains(&Value::Null));
}

#[tokio::test]
async fn a_planned_fault_repeats_a_page_and_another_answers_an_older_version() {
    let client = demo();
    client.world().plan(Fault::next(Vendor::Shipstation, FaultKind::DuplicatePage).on("GET", "/v1/orders"));
    let first = client.get("/orders?pageSize=3&page=1").await;
    let second = client.get("/orders?pageSize=3&page=2").await;
    assert_eq!((&first["orders"], &second["page"]), (&second["orders"], &json!(2)));
    assert_ne!(client.get("/orders?pageSize=3&page=2").await["orders"], first["orders"], "once");
    let order = client.act("edit_order", &json!({"orderNumber": "1052", "internalNotes": "new"}));
    client.world().plan(Fault::next(Vendor::Shipstation, FaultKind::StaleRead));
    let path = format!("/orders/{}", order["orderId"]);
    assert_eq!(client.get(&path).await["internalNotes"], Value::Null);
    assert_eq!(client.get(&path).await["internalNotes"], "new");
}

#[tokio::test]
async fn a_shipped_label_shows_its_lines_only_on_request_and_voiding_reopens_the_order() {
    let client = demo();
    let order = client.order("1052").await;
    let label = json!({"orderId": order["orderId"], "carrierCode": "ups", "serviceCode": "ups_ground",
                       "confirmation": "none", "shipDate": "2026-11-05"});
    let mut rehearsal = label.clone();
    rehearsal["testLabel"] = json!(true);
    client.v1("POST", "/orders/createlabelfororder", &rehearsal).await;
    assert_eq!(client.order("1052").await["orderStatus"], "awaiting_shipment", "a test label ships nothing");
    let (status, bought) = client.v1("POST", "/orders/createlabelfororder", &label).await;
    assert_eq!((status, bought["shipmentCost"].to_string().as_str()), (200, "11.12"));
    assert_eq!(client.order("1052").await["orderStatus"], "shipped");
    let list = client.get(&format!("/shipments?orderId={}", order["orderId"])).await;
    assert_eq!(list["shipments"][0]["shipmentItems"], Value::Null);
    let list = client.get(&format!("/shipments?orderId={}&includeShipmentItems=true", order["orderId"])).await;
    assert_eq!(list["shipments"][0]["shipmentItems"].as_array().unwrap().len(), 3);
    assert_eq!(list["shipments"][0]["shipDate"], "2026-11-05");
    let (status, body) = client.v1("POST", "/orders/createlabelfororder", &label).await;
    assert_eq!((status, body["ExceptionMessage"].is_string()), (500, true), "bad input is a server fault");
    let void = json!({"shipmentId": bought["shipmentId"]});
    assert_eq!(client.v1("POST", "/shipments/voidlabel", &void).await.1["approved"], true);
    assert_eq!(client.order("1052").await["orderStatus"], "awaiting_shipment");
    let (status, body) = client.v1("POST", "/shipments/voidlabel", &void).await;
    assert_eq!((status, &body["approved"]), (200, &json!(false)), "a refusal is no error status");
    let voided = client.get("/shipments?voidDateStart=2026-11-05%2000:00:00").await;
    assert_eq!(voided["shipments"][0]["shipmentId"], bought["shipmentId"]);
}

#[tokio::test]
async fn orders_marked_as_shipped_are_fulfillments_and_never_shipments() {
    let client = demo();
    let order = client.order("1052").await;
    let mark =
        json!({"orderId": order["orderId"], "carrierCode": "usps", "trackingNumber": "T1", "shipDate": "2026-11-04"});
    assert_eq!(client.v1("POST", "/orders/markasshipped", &mark).await.1["orderNumber"], "1052");
    assert_eq!(client.get(&format!("/shipments?orderId={}", order["orderId"])).await["total"], 0);
    let list = client.get(&format!("/fulfillments?orderId={}", order["orderId"])).await;
    assert_eq!(list["fulfillments"][0]["shipDate"], "2026-11-04T00:00:00.0000000");
    assert_eq!(client.v1("POST", "/orders/markasshipped", &mark).await.0, 400, "only once");
}

#[tokio::test]
async fn a_held_order_opens_again_on_its_day_in_pacific_time() {
    let client = demo();
    let id = client.order("1052").await["orderId"].clone();
    let hold = json!({"orderId": id, "holdUntilDate": "2026-11-06"});
    assert_eq!(client.v1("POST", "/orders/holduntil", &hold).await.1["success"], true);
    let paused = client.order("1052").await;
    assert_eq!((&paused["orderStatus"], &paused["holdUntilDate"]), (&json!("on_hold"), &json!("2026-11-06")));
    client.world().advance(chrono::Duration::hours(13));
    assert_eq!(client.order("1052").await["orderStatus"], "on_hold", "07:00 UTC is still the day before");
    client.world().advance(chrono::Duration::hours(2));
    let open = client.order("1052").await;
    assert_eq!(
        (&open["orderStatus"], &open["modifyDate"]),
        (&json!("awaiting_shipment"), &json!("2026-11-06T00:00:00.0000000"))
    );
    assert_eq!(client.v1("POST", "/orders/restorefromhold", &json!({"orderId": id})).await.0, 400);
}

#[tokio::test]
async fn a_deleted_order_is_gone_from_every_list_and_its_key_is_free() {
    let client = demo();
    let order_1052 = client.order("1052").await;
    let path = format!("/orders/{}", order_1052["orderId"]);
    assert_eq!(client.v1("DELETE", &path, &Value::Null).await.1["success"], true);
    assert_eq!(client.v1("GET", &path, &Value::Null).await.0, 404);
    assert_eq!(client.get("/orders?orderNumber=1052").await["total"], 0);
    let again = client.v1("POST", "/orders/createorder", &order("shop-1052", "1052")).await.1;
    assert_ne!(again["orderId"], order_1052["orderId"]);
}

#[tokio::test]
async fn small_lists_are_bare_and_products_are_replaced_whole() {
    let client = demo();
    for path in ["/stores", "/warehouses", "/carriers", "/accounts/listtags", "/carriers/listservices?carrierCode=ups"]
    {
        assert!(client.get(path).await.as_array().is_some_and(|list| !list.is_empty()), "{path}");
    }
    let list = client.get("/products?sku=mug-01").await;
    let id = list["products"][0]["productId"].clone();
    assert_eq!(list["products"][0]["price"], 18);
    let put = json!({"productId": id, "sku": "MUG-01", "name": "Stoneware mug, blue", "price": 18.5});
    assert_eq!(client.v1("PUT", &format!("/products/{id}"), &put).await.1["success"], true);
    let product = client.get(&format!("/products/{id}")).await;
    assert_eq!((product["price"].to_string().as_str(), &product["defaultCost"]), ("18.5", &Value::Null));
    assert_eq!(client.v1("POST", "/products", &put).await.0, 405, "products cannot be made here");
    assert_eq!(client.get("/customers?pageSize=2").await["customers"].as_array().unwrap().len(), 2);
}
