//! Writing: versions, sparse and full updates, repeated requests, names, lengths, closed books.

use super::*;

#[tokio::test]
async fn a_new_object_has_version_zero_and_a_stale_version_is_5010() {
    let client = Client::new("empty").await;
    let made = client.customer("Ada").await;
    assert_eq!(made["SyncToken"], "0");
    let edit = json!({ "Id": made["Id"], "SyncToken": "0", "sparse": true, "Notes": "one" });
    assert_eq!(client.post("customer", &edit).await["Customer"]["SyncToken"], "1");
    let (code, _) = client.refused("customer", &edit).await;
    assert_eq!(code, "5010");
    let (code, _) = client.refused("customer", &json!({ "Id": made["Id"], "sparse": true })).await;
    assert_eq!(code, "2020");
    let (code, _) = client.refused("customer", &json!({ "Id": "999", "SyncToken": "0", "sparse": true })).await;
    assert_eq!(code, "610");
}

#[tokio::test]
async fn a_sparse_update_keeps_and_a_full_one_clears() {
    let client = Client::new("empty").await;
    let body = json!({ "DisplayName": "Ada", "Notes": "keep", "CompanyName": "Engines" });
    let made = client.post("customer", &body).await["Customer"].take();
    let sparse = json!({ "Id": made["Id"], "SyncToken": "0", "sparse": true, "CompanyName": "" });
    let now = client.post("customer", &sparse).await["Customer"].take();
    assert_eq!((now["Notes"].as_str(), now.get("CompanyName")), (Some("keep"), None));
    let full = json!({ "Id": made["Id"], "SyncToken": "1", "DisplayName": "Ada" });
    assert!(client.post("customer", &full).await["Customer"].get("Notes").is_none());
}

#[tokio::test]
async fn unknown_properties_and_broken_bodies_are_2010() {
    let client = Client::new("empty").await;
    assert_eq!(client.refused("customer", &json!({ "DisplayName": "A", "Favourite": 1 })).await.0, "2010");
    let response = client.raw("POST", "customer", "{\"DisplayName\":").await;
    assert_eq!(fault(&json_of(&response)).0, "2010");
}

#[tokio::test]
async fn a_repeated_request_gets_the_first_answer_even_after_a_delete() {
    let client = Client::new("empty").await;
    let (customer, item) = (client.customer("Ada").await, client.thing().await);
    let body = invoice_body(&customer, &item, "10.00");
    let first = client.post("invoice?requestid=r1", &body).await;
    let second = client.post("invoice?requestid=r1", &body).await;
    assert_eq!(first, second);
    assert_eq!(client.count("Invoice"), 1);
    client.act("delete_invoice", &json!({ "id": first["Invoice"]["Id"] }));
    assert_eq!(client.post("invoice?requestid=r1", &body).await, first);
    assert_eq!(client.count("Invoice"), 0);
    client.post("invoice?requestid=r1:g2", &body).await;
    assert_eq!(client.count("Invoice"), 1);
}

#[tokio::test]
async fn a_refused_request_leaves_its_id_free() {
    let client = Client::new("empty").await;
    assert_eq!(client.refused("customer?requestid=r", &json!({ "Notes": "nameless" })).await.0, "2020");
    client.post("customer?requestid=r", &json!({ "DisplayName": "Named" })).await;
}

#[tokio::test]
async fn request_ids_have_a_longest_length() {
    let client = Client::new("empty").await;
    let long = "x".repeat(51);
    let (code, _) = client.refused(&format!("customer?requestid={long}"), &json!({ "DisplayName": "A" })).await;
    assert_eq!(code, "2130");
    client.post(&format!("customer?requestid={}", &long[..50]), &json!({ "DisplayName": "A" })).await;
    let item = json!({ "BatchItemRequest": [{ "bId": "1", "Query": "select * from Item" }] });
    assert_eq!(client.refused(&format!("batch?requestid={}", &long[..37]), &item).await.0, "2130");
    let item = json!({ "BatchItemRequest": [{ "bId": "12345678901", "Query": "select * from Item" }] });
    assert_eq!(client.refused("batch?requestid=b", &item).await.0, "2130");
}

#[tokio::test]
async fn in_a_batch_request_id_and_item_id_together_name_a_request() {
    let client = Client::new("empty").await;
    let item = |id: &str, name: &str| json!({ "bId": id, "operation": "create", "Customer": { "DisplayName": name } });
    let body = json!({ "BatchItemRequest": [item("1", "A"), item("2", "B")] });
    let first = client.post("batch?requestid=b", &body).await["BatchItemResponse"].take();
    assert_eq!(client.post("batch?requestid=b", &body).await["BatchItemResponse"], first);
    let body = json!({ "BatchItemRequest": [item("3", "A")] });
    let third = client.post("batch?requestid=b", &body).await["BatchItemResponse"].take();
    assert_eq!(third[0]["Fault"]["Error"][0]["code"], "6240", "another bId is another request");
}

#[tokio::test]
async fn a_name_is_taken_across_customers_vendors_and_employees_even_when_inactive() {
    let client = Client::new("empty").await;
    let made = client.customer("Pine & Sons").await;
    client.act("deactivate_customer", &json!({ "id": made["Id"] }));
    for entity in ["customer", "vendor", "employee"] {
        let (code, detail) = client.refused(entity, &json!({ "DisplayName": " pine & sons" })).await;
        assert_eq!(code, "6240");
        assert!(detail.contains(&format!("Id={}", made["Id"].as_str().unwrap())), "{detail}");
    }
}

#[tokio::test]
async fn a_display_name_is_built_from_its_parts_and_holds_no_colon() {
    let client = Client::new("empty").await;
    let made = client.post("customer", &json!({ "GivenName": "Ada", "FamilyName": "King" })).await;
    assert_eq!(made["Customer"]["DisplayName"], "Ada King");
    assert_eq!(client.refused("customer", &json!({ "DisplayName": "Ada:King" })).await.0, "2040");
    assert_eq!(client.refused("customer", &json!({ "CompanyName": "Only" })).await.0, "2020");
    assert_eq!(client.refused("item", &json!({ "Name": "A\tB" })).await.0, "2040");
}

#[tokio::test]
async fn a_sub_customer_carries_its_parents_name() {
    let client = Client::new("empty").await;
    let parent = client.customer("Inn").await;
    let body = json!({ "DisplayName": "Kitchen", "Job": true, "ParentRef": { "value": parent["Id"] } });
    let child = client.post("customer", &body).await["Customer"].take();
    assert_eq!((&child["FullyQualifiedName"], &child["Level"]), (&json!("Inn:Kitchen"), &json!(1)));
}

#[tokio::test]
async fn texts_have_longest_lengths() {
    let client = Client::new("empty").await;
    let (code, detail) = client.refused("customer", &json!({ "DisplayName": "x".repeat(501) })).await;
    assert_eq!((code.as_str(), detail.as_str()), ("2050", "Min:0 Max:500 supplied:501"));
    let (customer, item) = (client.customer("Ada").await, client.thing().await);
    let mut body = invoice_body(&customer, &item, "1");
    body["DocNumber"] = json!("x".repeat(22));
    assert_eq!(client.refused("invoice", &body).await.0, "2050");
    assert_eq!(
        client.refused("customer", &json!({ "DisplayName": "B", "PrimaryEmailAddr": { "Address": "none" } })).await.0,
        "2210"
    );
}

#[tokio::test]
async fn name_lists_cannot_be_deleted() {
    let client = Client::new("empty").await;
    let made = client.customer("Ada").await;
    let body = json!({ "Id": made["Id"], "SyncToken": "0" });
    assert_eq!(client.refused("customer?operation=delete", &body).await.0, "500");
}

#[tokio::test]
async fn an_item_needs_an_income_account_of_the_right_type() {
    let client = Client::new("empty").await;
    assert_eq!(client.refused("item", &json!({ "Name": "A", "Type": "Service" })).await.0, "2020");
    let bank = json!({ "Name": "A", "Type": "Service", "IncomeAccountRef": { "value": "1" } });
    assert_eq!(client.refused("item", &bank).await.0, "6430");
    let nowhere = json!({ "Name": "A", "Type": "Service", "IncomeAccountRef": { "value": "999" } });
    assert_eq!(client.refused("item", &nowhere).await.0, "2500");
}

#[tokio::test]
async fn an_inventory_item_needs_quantity_day_and_three_accounts() {
    let client = Client::new("demo").await;
    let item = client.get("item/1").await["Item"].take();
    let body = json!({ "Name": "Scale", "Type": "Inventory", "TrackQtyOnHand": true, "QtyOnHand": 4,
        "IncomeAccountRef": item["IncomeAccountRef"], "ExpenseAccountRef": item["ExpenseAccountRef"],
        "AssetAccountRef": item["AssetAccountRef"] });
    let (code, detail) = client.refused("item", &body).await;
    assert_eq!((code.as_str(), detail.as_str()), ("2020", "As of date for initial quantity on hand is required"));
    let mut whole = body.clone();
    whole["InvStartDate"] = json!("2026-07-01");
    assert_eq!(client.post("item", &whole).await["Item"]["QtyOnHand"], 4);
}

#[tokio::test]
async fn closed_books_take_no_change_up_to_their_date() {
    let client = Client::new("empty").await;
    let (customer, item) = (client.customer("Ada").await, client.thing().await);
    let invoice = client.invoice(&customer, &item, "5").await;
    client.act("close_books", &json!({ "date": "2026-07-14" }));
    assert_eq!(client.refused("invoice", &invoice_body(&customer, &item, "5")).await.0, "6210");
    let delete = json!({ "Id": invoice["Id"], "SyncToken": invoice["SyncToken"] });
    assert_eq!(client.refused("invoice?operation=delete", &delete).await.0, "6210");
    let mut later = invoice_body(&customer, &item, "5");
    later["TxnDate"] = json!("2026-07-15");
    client.post("invoice", &later).await;
}

#[tokio::test]
async fn a_company_whose_subscription_ended_can_be_read_but_not_changed() {
    let client = Client::new("demo").await;
    client.act("knobs", &json!({ "subscription_ended": true }));
    assert_eq!(client.refused("customer", &json!({ "DisplayName": "A" })).await.0, "6190");
    client.query("select * from Customer").await;
}

#[tokio::test]
async fn merging_keeps_one_customer_and_moves_the_documents() {
    let client = Client::new("demo").await;
    client.act("merge_customers", &json!({ "keep": "1", "gone": "4" }));
    let response = client.raw("GET", "customer/4", "").await;
    assert_eq!(fault(&json_of(&response)).0, "610");
    let moved = client.query("select count(*) from Invoice where CustomerRef = '1'").await;
    assert_eq!(moved["totalCount"], 4);
    let payment = client.query("select * from Payment where CustomerRef = '4'").await;
    assert_eq!(payment, json!({}));
}
