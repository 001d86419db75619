//! Sales and money: lines, tax, numbers, stock, payments, voids.

use super::*;

#[tokio::test]
async fn an_invoice_needs_a_customer_and_a_line() {
    let client = Client::new("empty").await;
    let (customer, item) = (client.customer("Ada").await, client.thing().await);
    let no_customer = json!({ "Line": [line(&item, "1")] });
    assert_eq!(client.refused("invoice", &no_customer).await.0, "2020");
    let no_line = json!({ "CustomerRef": { "value": customer["Id"] }, "Line": [] });
    assert_eq!(client.refused("invoice", &no_line).await.0, "2020");
}

#[tokio::test]
async fn the_server_adds_the_subtotal_and_computes_the_total_itself() {
    let client = Client::new("empty").await;
    let (customer, item) = (client.customer("Ada").await, client.thing().await);
    let mut body = invoice_body(&customer, &item, "12.30");
    body["TotalAmt"] = exact("99999");
    let invoice = client.post("invoice", &body).await["Invoice"].take();
    assert_eq!(invoice["TotalAmt"].to_string(), "12.3");
    let lines = invoice["Line"].as_array().unwrap();
    assert_eq!((lines.len(), &lines[1]["DetailType"]), (2, &json!("SubTotalLineDetail")));
    assert_eq!((&lines[0]["Id"], &lines[0]["LineNum"]), (&json!("1"), &json!(1)));
    assert!(lines[1].get("Id").is_none());
    assert_eq!(invoice["CustomerRef"]["name"], "Ada");
    assert_eq!(invoice["TxnDate"], "2026-07-14");
}

#[tokio::test]
async fn the_default_day_is_the_servers_pacific_one() {
    let client = Client::new("empty").await;
    let (customer, item) = (client.customer("Ada").await, client.thing().await);
    client.world.advance(chrono::Duration::hours(-7));
    assert_eq!(client.invoice(&customer, &item, "1").await["TxnDate"], "2026-07-13");
}

#[tokio::test]
async fn an_amount_that_is_not_quantity_times_price_is_6070() {
    let client = Client::new("empty").await;
    let (customer, item) = (client.customer("Ada").await, client.thing().await);
    let body = |amount: &str, price: &str| {
        let mut body = invoice_body(&customer, &item, amount);
        body["Line"][0]["SalesItemLineDetail"]["Qty"] = json!(3);
        body["Line"][0]["SalesItemLineDetail"]["UnitPrice"] = exact(price);
        body
    };
    assert_eq!(client.refused("invoice", &body("10.01", "3.3333")).await.0, "6070");
    let made = client.post("invoice", &body("10.00", "3.3333")).await;
    assert_eq!(made["Invoice"]["Line"][0]["SalesItemLineDetail"]["UnitPrice"].to_string(), "3.3333");
}

#[tokio::test]
async fn lines_are_replaced_as_a_whole_even_by_a_sparse_update() {
    let client = Client::new("empty").await;
    let (customer, item) = (client.customer("Ada").await, client.thing().await);
    let mut body = invoice_body(&customer, &item, "1");
    body["Line"].as_array_mut().unwrap().push(line(&item, "2"));
    let made = client.post("invoice", &body).await["Invoice"].take();
    let mut second = made["Line"][1].clone();
    second["Amount"] = json!(5);
    let edit = json!({ "Id": made["Id"], "SyncToken": "0", "sparse": true, "Line": [second, line(&item, "7")] });
    let now = client.post("invoice", &edit).await["Invoice"].take();
    assert_eq!(now["TotalAmt"], 12);
    assert_eq!((&now["Line"][0]["Id"], &now["Line"][1]["Id"]), (&json!("2"), &json!("3")));
    let note = json!({ "Id": made["Id"], "SyncToken": "1", "sparse": true, "PrivateNote": "hello" });
    assert_eq!(client.post("invoice", &note).await["Invoice"]["TotalAmt"], 12);
}

#[tokio::test]
async fn a_line_without_a_code_is_taxed_and_other_codes_are_refused() {
    let client = Client::new("demo").await;
    let customer = json!({ "Id": "2" });
    let body = |code: Option<&str>| {
        let mut body = invoice_body(&customer, &json!({ "Id": "1" }), "18.00");
        let detail = body["Line"][0]["SalesItemLineDetail"].as_object_mut().unwrap();
        detail.remove("TaxCodeRef");
        if let Some(code) = code {
            detail.insert("TaxCodeRef".into(), json!({ "value": code }));
        }
        body
    };
    let absent = client.post("invoice", &body(None)).await["Invoice"].take();
    assert_eq!(
        (absent["TxnTaxDetail"]["TotalTax"].to_string(), absent["TotalAmt"].to_string()),
        ("0.99".into(), "18.99".into())
    );
    assert_eq!(client.post("invoice", &body(Some("NON"))).await["Invoice"]["TotalAmt"], 18);
    assert_eq!(client.refused("invoice", &body(Some("7"))).await.0, "6100");
}

#[tokio::test]
async fn a_sent_total_of_tax_is_honoured_until_the_lines_change() {
    let client = Client::new("demo").await;
    let mut body = invoice_body(&json!({ "Id": "2" }), &json!({ "Id": "1" }), "18.00");
    body["Line"][0]["SalesItemLineDetail"]["TaxCodeRef"] = json!({ "value": "TAX" });
    body["TxnTaxDetail"] = json!({ "TotalTax": exact("1.01") });
    let made = client.post("invoice", &body).await["Invoice"].take();
    assert_eq!(made["TotalAmt"].to_string(), "19.01");
    let mut edit = made.clone();
    edit["PrivateNote"] = json!("same lines");
    let kept = client.post("invoice", &edit).await["Invoice"].take();
    assert_eq!(kept["TotalAmt"].to_string(), "19.01");
    edit["SyncToken"] = kept["SyncToken"].clone();
    edit["Line"][0]["Amount"] = exact("36.00");
    assert_eq!(client.post("invoice", &edit).await["Invoice"]["TotalAmt"].to_string(), "37.98");
}

#[tokio::test]
async fn a_discount_is_positive_and_reduces() {
    let client = Client::new("empty").await;
    let (customer, item) = (client.customer("Ada").await, client.thing().await);
    let mut body = invoice_body(&customer, &item, "200");
    let discount = json!({ "DetailType": "DiscountLineDetail", "DiscountLineDetail": { "PercentBased": true, "DiscountPercent": exact("8.5") } });
    body["Line"].as_array_mut().unwrap().push(discount);
    let made = client.post("invoice", &body).await["Invoice"].take();
    assert_eq!((&made["TotalAmt"], &made["Line"][2]["Amount"]), (&json!(183), &json!(17)));
    client.act("preferences", &json!({ "SalesFormsPrefs": { "AllowDiscount": false } }));
    assert_eq!(client.refused("invoice", &body).await.0, "6000");
}

#[tokio::test]
async fn shipping_is_a_line_with_its_own_item() {
    let client = Client::new("demo").await;
    let mut body = invoice_body(&json!({ "Id": "1" }), &json!({ "Id": "1" }), "18");
    body["Line"].as_array_mut().unwrap().push(line(&json!({ "Id": "SHIPPING_ITEM_ID" }), "6.50"));
    assert_eq!(client.post("invoice", &body).await["Invoice"]["TotalAmt"].to_string(), "24.5");
}

#[tokio::test]
async fn with_custom_numbers_yours_is_kept_none_stays_none_and_a_duplicate_is_6140() {
    let client = Client::new("empty").await;
    let (customer, item) = (client.customer("Ada").await, client.thing().await);
    let mut body = invoice_body(&customer, &item, "1");
    assert!(client.post("invoice", &body).await["Invoice"].get("DocNumber").is_none());
    body["DocNumber"] = json!("INV-7");
    let made = client.post("invoice", &body).await["Invoice"].take();
    let (code, detail) = client.refused("salesreceipt", &body).await;
    assert_eq!(code, "6140");
    assert!(detail.contains("TxnType=Invoice") && detail.contains(made["Id"].as_str().unwrap()), "{detail}");
    client.post("invoice?include=allowduplicatedocnum", &body).await;
}

#[tokio::test]
async fn without_custom_numbers_the_company_counts() {
    let client = Client::new("empty").await;
    client.act("preferences", &json!({ "SalesFormsPrefs": { "CustomTxnNumbers": false } }));
    let (customer, item) = (client.customer("Ada").await, client.thing().await);
    assert_eq!(client.invoice(&customer, &item, "1").await["DocNumber"], "1001");
    let receipt = client.post("salesreceipt", &invoice_body(&customer, &item, "1")).await;
    assert_eq!(receipt["SalesReceipt"]["DocNumber"], "1002");
    let mut automatic = invoice_body(&customer, &item, "1");
    automatic["DocNumber"] = json!("AUTO_GENERATE");
    assert_eq!(client.post("invoice", &automatic).await["Invoice"]["DocNumber"], "1003");
}

#[tokio::test]
async fn the_due_day_comes_from_the_terms() {
    let client = Client::new("demo").await;
    let mut body = invoice_body(&json!({ "Id": "4" }), &json!({ "Id": "8" }), "25");
    body["TxnDate"] = json!("2026-07-01");
    let made = client.post("invoice", &body).await["Invoice"].take();
    assert_eq!((&made["DueDate"], &made["SalesTermRef"]["value"]), (&json!("2026-07-16"), &json!("3")));
}

#[tokio::test]
async fn inactive_customers_and_items_cannot_be_sold_to_or_sold() {
    let client = Client::new("demo").await;
    client.act("deactivate_customer", &json!({ "id": 1 }));
    client.act("deactivate_item", &json!({ "id": 2 }));
    let (code, detail) =
        client.refused("invoice", &invoice_body(&json!({ "Id": "1" }), &json!({ "Id": "1" }), "1")).await;
    assert!(code == "610" && detail.contains("made inactive"), "{code} {detail}");
    let (code, detail) =
        client.refused("invoice", &invoice_body(&json!({ "Id": "2" }), &json!({ "Id": "2" }), "1")).await;
    assert!(code == "2500" && detail.contains("made inactive"), "{code} {detail}");
}

#[tokio::test]
async fn sales_move_stock_and_nothing_sells_before_its_first_day() {
    let client = Client::new("demo").await;
    let on_hand = async || client.get("item/6").await["Item"]["QtyOnHand"].as_i64().unwrap();
    let before = on_hand().await;
    let mut body = invoice_body(&json!({ "Id": "1" }), &json!({ "Id": "6" }), "128");
    body["Line"][0]["SalesItemLineDetail"]["Qty"] = json!(2);
    let made = client.post("invoice", &body).await["Invoice"].take();
    assert_eq!(on_hand().await, before - 2);
    client.act("delete_invoice", &json!({ "id": made["Id"] }));
    assert_eq!(on_hand().await, before);
    body["TxnDate"] = json!("2020-01-01");
    assert_eq!(client.refused("invoice", &body).await.0, "6270");
}

#[tokio::test]
async fn a_payment_moves_the_invoices_balance_and_version() {
    let client = Client::new("empty").await;
    let (customer, item) = (client.customer("Ada").await, client.thing().await);
    let invoice = client.invoice(&customer, &item, "100").await;
    let body = payment_body(&customer, "40.00", &[(&invoice, "Invoice", "40.00")]);
    let payment = client.post("payment", &body).await["Payment"].take();
    assert_eq!(
        (&payment["UnappliedAmt"], &payment["DepositToAccountRef"]["name"]),
        (&json!(0), &json!("Undeposited Funds"))
    );
    let path = format!("invoice/{}", invoice["Id"].as_str().unwrap());
    let now = client.get(&path).await["Invoice"].take();
    assert_eq!((&now["Balance"], &now["SyncToken"]), (&json!(60), &json!("1")));
    assert_eq!(now["LinkedTxn"][0], json!({ "TxnId": payment["Id"], "TxnType": "Payment" }));
    let stale = json!({ "Id": invoice["Id"], "SyncToken": "0", "sparse": true, "PrivateNote": "x" });
    assert_eq!(client.refused("invoice", &stale).await.0, "5010");
    let owes = client.get(&format!("customer/{}", customer["Id"].as_str().unwrap())).await["Customer"].take();
    assert_eq!((&owes["Balance"], &owes["SyncToken"]), (&json!(60), &json!("0")));
    client.post("payment?operation=delete", &json!({ "Id": payment["Id"], "SyncToken": "0" })).await;
    assert_eq!(client.get(&path).await["Invoice"]["Balance"], 100);
}

#[tokio::test]
async fn money_beyond_the_open_balance_stays_unapplied() {
    let client = Client::new("empty").await;
    let (customer, item) = (client.customer("Ada").await, client.thing().await);
    let invoice = client.invoice(&customer, &item, "100").await;
    let body = payment_body(&customer, "130", &[(&invoice, "Invoice", "130")]);
    let payment = client.post("payment", &body).await["Payment"].take();
    assert_eq!((&payment["UnappliedAmt"], &payment["Line"][0]["Amount"]), (&json!(30), &json!(100)));
    let again = payment_body(&customer, "1", &[(&invoice, "Invoice", "1")]);
    assert_eq!(client.refused("payment", &again).await.0, "620");
    let too_little = client.invoice(&customer, &item, "50").await;
    assert_eq!(
        client.refused("payment", &payment_body(&customer, "1", &[(&too_little, "Invoice", "2")])).await.0,
        "6000"
    );
}

#[tokio::test]
async fn another_customers_invoice_cannot_be_linked() {
    let client = Client::new("empty").await;
    let (customer, item) = (client.customer("Ada").await, client.thing().await);
    let other = client.customer("Bob").await;
    let invoice = client.invoice(&customer, &item, "10").await;
    assert_eq!(client.refused("payment", &payment_body(&other, "10", &[(&invoice, "Invoice", "10")])).await.0, "620");
}

#[tokio::test]
async fn sending_only_the_new_line_unapplies_the_old_one() {
    let client = Client::new("empty").await;
    let (customer, item) = (client.customer("Ada").await, client.thing().await);
    let (first, second) = (client.invoice(&customer, &item, "10").await, client.invoice(&customer, &item, "10").await);
    let payment =
        client.post("payment", &payment_body(&customer, "20", &[(&first, "Invoice", "10")])).await["Payment"].take();
    let mut edit = payment_body(&customer, "20", &[(&second, "Invoice", "10")]);
    edit["Id"] = payment["Id"].clone();
    edit["SyncToken"] = json!("0");
    edit["sparse"] = json!(true);
    assert_eq!(client.post("payment", &edit).await["Payment"]["UnappliedAmt"], 10);
    let balance = async |of: &Value| {
        client.get(&format!("invoice/{}", of["Id"].as_str().unwrap())).await["Invoice"]["Balance"].clone()
    };
    assert_eq!((balance(&first).await, balance(&second).await), (json!(10), json!(0)));
}

#[tokio::test]
async fn a_credit_memo_is_applied_by_a_payment_of_nothing() {
    let client = Client::new("empty").await;
    let (customer, item) = (client.customer("Ada").await, client.thing().await);
    let invoice = client.invoice(&customer, &item, "30").await;
    let memo = client.post("creditmemo", &invoice_body(&customer, &item, "12")).await["CreditMemo"].take();
    assert_eq!(memo["RemainingCredit"], 12);
    let links = [(&invoice, "Invoice", "12"), (&memo, "CreditMemo", "12")];
    client.post("payment", &payment_body(&customer, "0", &links)).await;
    let now = client.get(&format!("creditmemo/{}", memo["Id"].as_str().unwrap())).await["CreditMemo"].take();
    assert_eq!(now["RemainingCredit"], 0);
    let now = client.get(&format!("invoice/{}", invoice["Id"].as_str().unwrap())).await["Invoice"].take();
    assert_eq!(now["Balance"], 18);
}

#[tokio::test]
async fn a_paid_invoice_can_be_neither_deleted_nor_voided_until_it_is_unlinked() {
    let client = Client::new("empty").await;
    let (customer, item) = (client.customer("Ada").await, client.thing().await);
    let invoice = client.invoice(&customer, &item, "10").await;
    let payment =
        client.post("payment", &payment_body(&customer, "10", &[(&invoice, "Invoice", "10")])).await["Payment"].take();
    let body = json!({ "Id": invoice["Id"], "SyncToken": "1" });
    assert_eq!(client.refused("invoice?operation=delete", &body).await.0, "800");
    assert_eq!(client.refused("invoice?operation=void", &body).await.0, "6000");
    let void = json!({ "Id": payment["Id"], "SyncToken": "0", "sparse": true });
    let voided = client.post("payment?operation=update&include=void", &void).await["Payment"].take();
    assert_eq!((&voided["TotalAmt"], voided["PrivateNote"].as_str()), (&json!(0), Some("Voided")));
    let body = json!({ "Id": invoice["Id"], "SyncToken": "2" });
    let gone = client.post("invoice?operation=delete", &body).await;
    assert_eq!(gone["Invoice"], json!({ "Id": invoice["Id"], "domain": "QBO", "status": "Deleted" }));
    let response = client.raw("GET", &format!("invoice/{}", invoice["Id"].as_str().unwrap()), "").await;
    assert_eq!(fault(&json_of(&response)).0, "610");
}

#[tokio::test]
async fn a_voided_invoice_stays_with_zeros_and_a_note() {
    let client = Client::new("empty").await;
    let (customer, item) = (client.customer("Ada").await, client.thing().await);
    let mut body = invoice_body(&customer, &item, "10");
    body["PrivateNote"] = json!("net 30");
    let invoice = client.post("invoice", &body).await["Invoice"].take();
    let void = json!({ "Id": invoice["Id"], "SyncToken": "0" });
    let now = client.post("invoice?operation=void", &void).await["Invoice"].take();
    assert_eq!((&now["TotalAmt"], &now["Balance"], &now["Line"][0]["Amount"]), (&json!(0), &json!(0), &json!(0)));
    assert_eq!(now["PrivateNote"], "Voided - net 30");
    assert!(now.get("status").is_none());
}

#[tokio::test]
async fn deposited_money_is_locked() {
    let client = Client::new("demo").await;
    let payment = client.world.dump(Vendor::Quickbooks)["Payment"][0].clone();
    client.act("deposit_payment", &json!({ "id": payment["Id"] }));
    let body = json!({ "Id": payment["Id"], "SyncToken": payment["SyncToken"] });
    assert_eq!(client.refused("payment?operation=delete", &body).await.0, "6540");
}

#[tokio::test]
async fn sending_by_mail_sets_the_status_and_moves_the_version() {
    let client = Client::new("empty").await;
    let (customer, item) = (client.customer("Ada").await, client.thing().await);
    let invoice = client.invoice(&customer, &item, "10").await;
    let path = format!("invoice/{}", invoice["Id"].as_str().unwrap());
    let none = client.raw("POST", &format!("{path}/send"), "").await;
    assert_eq!(fault(&json_of(&none)).0, "6420");
    let sent = json_of(&client.raw("POST", &format!("{path}/send?sendTo=a%40b.example"), "").await);
    assert_eq!((&sent["Invoice"]["EmailStatus"], &sent["Invoice"]["SyncToken"]), (&json!("EmailSent"), &json!("1")));
    let pdf = client.raw("GET", &format!("{path}/pdf"), "").await;
    assert_eq!(pdf.headers()[header::CONTENT_TYPE], "application/pdf");
    assert!(pdf.body().starts_with(b"%PDF"));
}

#[tokio::test]
async fn the_demo_company_adds_up() {
    let client = Client::new("demo").await;
    let all = client.world.dump(Vendor::Quickbooks);
    let counts = ["Customer", "Item", "Invoice", "Payment"].map(|k| all[k].as_array().unwrap().len());
    assert_eq!(counts, [8, 8, 10, 5]);
    let open = client.query("select * from Invoice where Balance > '0' and DueDate < '2026-07-14'").await;
    assert!(!open["Invoice"].as_array().unwrap().is_empty(), "something is overdue");
    assert!(
        all["Item"]
            .as_array()
            .unwrap()
            .iter()
            .all(|i| i.get("QtyOnHand").is_none_or(|q| !q.to_string().starts_with('-')))
    );
}
