//! Reading: query grammar and its defaults, change data capture, batch, company information.

use super::*;
use chrono::Duration;

#[tokio::test]
async fn company_and_preferences_can_be_read_and_queried() {
    let client = Client::new("demo").await;
    let info = client.get(&format!("companyinfo/{REALM_ID}")).await;
    assert_eq!(info["CompanyInfo"]["CompanyName"], "Harbor & Pine Coffee Supply");
    assert_eq!(info["CompanyInfo"]["CompanyAddr"]["Country"], "USA");
    assert_eq!(client.query("select * from CompanyInfo").await["CompanyInfo"][0]["domain"], "QBO");
    assert_eq!(client.get("preferences").await["Preferences"]["CurrencyPrefs"]["MultiCurrencyEnabled"], false);
}

#[tokio::test]
async fn stamps_are_pacific_with_daylight_saving() {
    let client = Client::new("empty").await;
    let made = client.customer("Summer").await;
    assert_eq!(made["MetaData"]["CreateTime"], "2026-07-14T05:00:00-07:00");
    client.world.advance(Duration::days(150));
    client.act("edit_customer", &json!({ "id": made["Id"], "Notes": "winter" }));
    let rows = client.world.dump(Vendor::Quickbooks);
    assert_eq!(rows["Customer"][0]["MetaData"]["LastUpdatedTime"], "2026-12-11T04:00:00-08:00");
    assert_eq!(rows["Customer"][0]["MetaData"]["CreateTime"], "2026-07-14T05:00:00-07:00");
}

#[tokio::test]
async fn a_query_gives_a_hundred_rows_by_default_and_a_thousand_at_most() {
    let client = Client::new("empty").await;
    for n in 0..120 {
        client.act("create_customer", &json!({ "DisplayName": format!("C{n:03}") }));
    }
    let page = client.query("select * from Customer").await;
    assert_eq!((page["Customer"].as_array().unwrap().len(), &page["maxResults"]), (100, &json!(100)));
    let page = client.query("SELECT * FROM Customer STARTPOSITION 101 MAXRESULTS 1000").await;
    assert_eq!((page["Customer"].as_array().unwrap().len(), &page["startPosition"]), (20, &json!(101)));
    assert_eq!(client.query_refused("select * from Customer maxresults 1001").await.0, "4001");
    assert_eq!(client.query_refused("select * from Customer startposition 0").await.0, "4001");
    assert_eq!(client.query("select count(*) from Customer").await, json!({ "totalCount": 120 }));
}

#[tokio::test]
async fn no_hits_is_an_answer_without_the_entity() {
    let client = Client::new("empty").await;
    assert_eq!(client.query("select * from Customer where DisplayName = 'Nobody'").await, json!({}));
}

#[tokio::test]
async fn conditions_compare_text_numbers_dates_and_references() {
    let client = Client::new("demo").await;
    let count = async |condition: &str| {
        let statement = format!("select count(*) from Invoice where {condition}");
        client.query(&statement).await["totalCount"].as_u64().unwrap()
    };
    assert_eq!(count("DocNumber = '1003'").await, 1);
    assert_eq!(count("DocNumber IN ('1003', '1004', '9')").await, 2);
    assert_eq!(count("DocNumber LIKE '100%'").await, 9);
    assert_eq!(count("Balance = '0'").await, 4);
    assert_eq!(count("Balance > '0.00' AND CustomerRef = '1'").await, 1);
    assert_eq!(count("TxnDate >= '2026-07-09' AND TxnDate < '2026-07-10'").await, 1);
    assert_eq!(count("MetaData.LastUpdatedTime >= '2026-07-12T00:00:00-07:00'").await, 1);
    assert_eq!(count("Id <= '1000000'").await, 10);
}

#[tokio::test]
async fn order_runs_both_ways_and_posted_queries_and_lower_case_work() {
    let client = Client::new("demo").await;
    let statement = "select * from invoice where TotalAmt > '1' order by TxnDate desc, Id asc maxresults 2";
    let response = client.raw("POST", "query?minorversion=75", statement).await;
    let rows = &json_of(&response)["QueryResponse"]["Invoice"];
    assert_eq!((&rows[0]["DocNumber"], &rows[1]["DocNumber"]), (&json!("1010"), &json!("1009")));
    let rows = client.query("Select DocNumber, TotalAmt From Invoice OrderBy DocNumber").await;
    assert_eq!(rows["Invoice"][0]["DocNumber"], "1001");
    assert!(rows["Invoice"][0].get("Line").is_none());
}

#[tokio::test]
async fn quotes_and_backslashes_are_escaped_by_backslash_and_never_doubled() {
    let client = Client::new("empty").await;
    client.customer("O'Brien \\ Sons").await;
    let rows = client.query("select * from Customer where DisplayName = 'O\\'Brien \\\\ Sons'").await;
    assert_eq!(rows["Customer"][0]["DisplayName"], "O'Brien \\ Sons");
    assert_eq!(client.query_refused("select * from Customer where DisplayName = 'O''Brien'").await.0, "4000");
}

#[tokio::test]
async fn what_the_language_lacks_is_a_parse_error_and_unknown_properties_a_validation_error() {
    let client = Client::new("empty").await;
    for statement in [
        "select * from Customer where DisplayName = 'a' or DisplayName = 'b'",
        "select * from Customer where DisplayName != 'a'",
        "delete from Customer",
        "select * from Customer where DisplayName = 'open",
        "select * from Customer where DisplayName = name",
    ] {
        let (code, detail) = client.query_refused(statement).await;
        assert_eq!(code, "4000", "{statement}");
        assert!(detail.contains("Encountered") && detail.contains("line 1, column"), "{detail}");
    }
    for statement in [
        "select * from Customer where Nonsense = 'a'",
        "select * from Payment where DocNumber = '1'",
        "select * from Invoice where PrivateNote = 'x'",
        "select * from Unicorn",
        "select Nonsense from Customer",
    ] {
        assert_eq!(client.query_refused(statement).await.0, "4001", "{statement}");
    }
}

#[tokio::test]
async fn inactive_rows_hide_until_asked_for() {
    let client = Client::new("demo").await;
    client.act("deactivate_customer", &json!({ "id": 2 }));
    let count =
        async |tail: &str| client.query(&format!("select count(*) from Customer{tail}")).await["totalCount"].clone();
    assert_eq!(count("").await, 7);
    assert_eq!(count(" where Active IN (true,false)").await, 8);
    assert_eq!(count(" where Active = false").await, 1);
    assert_eq!(client.get("customer/2").await["Customer"]["Active"], false);
}

#[tokio::test]
async fn the_sku_is_answered_by_a_query_only_when_it_is_named() {
    let client = Client::new("demo").await;
    let plain = client.query("select * from Item").await;
    assert!(plain["Item"][0].get("Sku").is_none());
    let named = client.query("SELECT *, Sku FROM Item").await;
    assert_eq!((&named["Item"][0]["Sku"], &named["Item"][0]["Name"]), (&json!("MUG-01"), &json!("Stoneware mug")));
    assert_eq!(client.get("item/1").await["Item"]["Sku"], "MUG-01");
}

#[tokio::test]
async fn numbers_are_written_exactly() {
    let client = Client::new("demo").await;
    let body = String::from_utf8(client.raw("GET", "item/2", "").await.body().to_vec()).unwrap();
    assert!(body.contains("\"UnitPrice\":24.5,"), "{body}");
}

async fn cdc(client: &Client, entities: &str, since: &str) -> Value {
    let path = format!("cdc?{}", encode(&[("entities", entities), ("changedSince", since)]));
    client.get(&path).await["CDCResponse"][0]["QueryResponse"].take()
}

#[tokio::test]
async fn changes_give_full_objects_and_bare_tombstones() {
    let client = Client::new("demo").await;
    client.world.advance(Duration::minutes(5));
    client.act("edit_customer", &json!({ "id": 3, "Notes": "new cook" }));
    client.act("deactivate_item", &json!({ "id": 5 }));
    let gone = client.world.dump(Vendor::Quickbooks)["Invoice"][9]["Id"].clone();
    client.act("delete_invoice", &json!({ "id": gone }));
    let found = cdc(&client, "Customer,Item,Invoice,Payment", "2026-07-14T12:01:00Z").await;
    assert_eq!(found[0]["Customer"][0]["Notes"], "new cook");
    let items = found[1]["Item"].as_array().unwrap();
    assert!(items.iter().any(|i| i["Id"] == "5" && i["Active"] == false));
    let tombstone = &found[2]["Invoice"][0];
    assert_eq!((&tombstone["status"], &tombstone["Id"]), (&json!("Deleted"), &gone));
    assert!(tombstone.get("SyncToken").is_none() && tombstone["MetaData"]["LastUpdatedTime"].is_string());
    assert_eq!(found[3], json!({}));
}

#[tokio::test]
async fn changes_reach_back_thirty_days_and_know_no_tax_codes() {
    let client = Client::new("demo").await;
    let ask = async |entities: &str, since: &str| {
        let path = format!("cdc?{}", encode(&[("entities", entities), ("changedSince", since)]));
        client.raw("GET", &path, "").await.status()
    };
    assert_eq!(ask("Invoice", "2026-06-14T12:00:00Z").await, StatusCode::OK);
    assert_eq!(ask("Invoice", "2026-06-14T11:59:59Z").await, StatusCode::BAD_REQUEST);
    assert_eq!(ask("TaxCode", "2026-07-14T00:00:00Z").await, StatusCode::BAD_REQUEST);
    assert_eq!(ask("Invoice", "yesterday").await, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn changes_are_capped_over_all_entities_without_a_cursor() {
    let client = Client::new("empty").await;
    client.act("knobs", &json!({ "cdc_cap": 3 }));
    for name in ["A", "B", "C", "D"] {
        client.act("create_customer", &json!({ "DisplayName": name }));
    }
    client.act("create_vendor", &json!({ "DisplayName": "V" }));
    let found = cdc(&client, "Customer,Vendor", "2026-07-14T00:00:00-07:00").await;
    assert_eq!(found[0]["Customer"].as_array().unwrap().len(), 3);
    assert_eq!(found[1], json!({}));
}

#[tokio::test]
async fn a_batch_answers_item_by_item() {
    let client = Client::new("demo").await;
    let body = json!({ "BatchItemRequest": [
        { "bId": "a", "operation": "create", "Customer": { "DisplayName": "Batched" } },
        { "bId": "b", "operation": "create", "Customer": { "DisplayName": "Driftwood Inn" } },
        { "bId": "c", "Query": "select count(*) from Item" },
        { "bId": "d", "operation": "delete", "Payment": { "Id": "2", "SyncToken": "9" } },
    ]});
    let answers = client.post("batch", &body).await["BatchItemResponse"].take();
    assert_eq!(answers[0]["Customer"]["DisplayName"], "Batched");
    assert_eq!(answers[1]["Fault"]["Error"][0]["code"], "6240");
    assert_eq!(answers[2]["QueryResponse"]["totalCount"], 8);
    assert_eq!(answers[3]["Fault"]["Error"][0]["code"], "5010");
    assert_eq!(answers[3]["bId"], "d");
}

#[tokio::test]
async fn an_empty_batch_and_a_too_large_one_are_refused() {
    let client = Client::new("empty").await;
    let (_, detail) = client.refused("batch", &json!({ "BatchItemRequest": [] })).await;
    assert!(detail.contains("Batch Request is Empty"));
    let items: Vec<Value> = (0..31).map(|n| json!({ "bId": n.to_string(), "Query": "select * from Item" })).collect();
    assert_eq!(client.refused("batch", &json!({ "BatchItemRequest": items })).await.0, "1040");
}

#[tokio::test]
async fn every_answer_carries_a_trace_id_and_unknown_minor_versions_pass() {
    let client = Client::new("empty").await;
    let response = client.raw("GET", "preferences?minorversion=177", "").await;
    assert_eq!(response.status(), StatusCode::OK);
    assert!(response.headers().contains_key("intuit_tid"));
}
