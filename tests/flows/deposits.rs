//! Invoices with a deposit, as QuickBooks keeps them: the balances of both sides agree, and no edit touches the deposit.

use crate::shop::{Shop, connected};
use backroom_core::invoices::{InvoiceDraft, InvoiceStatus};
use backroom_money::{Currency, Money};
use serde_json::{Value, json};
use vendor_sim::Vendor;

const NUMBER: &str = "D-1008";

/// A number with exactly these digits.
fn exact(number: &str) -> Value {
    serde_json::from_str(number).unwrap()
}

fn there(shop: &Shop) -> Value {
    shop.one_there(Vendor::Quickbooks, "Invoice", "DocNumber", NUMBER)
}

/// An invoice of 467.00 with this deposit comes from QuickBooks.
async fn with_deposit(deposit: &str) -> Shop {
    let shop = connected("demo").await;
    let line = json!({ "DetailType": "SalesItemLineDetail", "Amount": 467, "Description": "Work",
        "SalesItemLineDetail": { "ItemRef": { "value": "1" }, "TaxCodeRef": { "value": "NON" } } });
    let body = json!({ "DocNumber": NUMBER, "TxnDate": "2026-10-30", "DueDate": "2026-11-10",
        "CustomerRef": { "value": "2" }, "Deposit": exact(deposit), "Line": [line] });
    shop.act(Vendor::Quickbooks, "create_invoice", &body);
    shop.sync_well().await;
    shop
}

fn pay(shop: &Shop, amount: &str) {
    let line = json!({ "Amount": exact(amount), "LinkedTxn": [{ "TxnId": there(shop)["Id"], "TxnType": "Invoice" }] });
    let body =
        json!({ "CustomerRef": { "value": "2" }, "TotalAmt": exact(amount), "TxnDate": "2026-11-05", "Line": [line] });
    shop.act(Vendor::Quickbooks, "create_payment", &body);
}

/// Both balances, which must be the same.
fn balance(shop: &Shop) -> String {
    let here = Money::from_minor(shop.invoice(NUMBER).balance.minor.parse().unwrap(), Currency::USD);
    assert_eq!(Money::parse(&there(shop)["Balance"].to_string(), Currency::USD), Ok(here));
    shop.assert_sound();
    here.to_decimal_string()
}

#[tokio::test(start_paused = true)]
async fn what_a_deposit_and_a_payment_pay_is_paid_on_both_sides() {
    for (deposit, rest) in [("50", "417"), ("50.00", "417.00"), ("0.01", "466.99"), ("466.99", "0.01")] {
        let shop = with_deposit(deposit).await;
        pay(&shop, rest);
        shop.sync_well().await;
        assert_eq!((balance(&shop).as_str(), shop.invoice(NUMBER).status), ("0.00", InvoiceStatus::Paid), "{deposit}");
        assert!(shop.problems().is_empty(), "{:#?}", shop.problems());
    }
}

#[tokio::test(start_paused = true)]
async fn no_edit_here_changes_the_deposit_there() {
    let shop = with_deposit("50.00").await;
    let edits: [fn(&mut InvoiceDraft); 5] = [
        |draft| draft.note = "Called".into(),
        |draft| draft.due_on = "2026-12-24".into(),
        |draft| draft.lines[0].description = "Work, second floor".into(),
        |draft| draft.lines[0].unit_price = "500".into(),
        |draft| draft.lines.push(backroom_core::testing::invoice_line("Travel", "1", "12.50")),
    ];
    for edit in edits {
        let mut draft = shop.invoice(NUMBER).draft;
        edit(&mut draft);
        shop.save_invoice(draft).unwrap();
        shop.sync_well().await;
        assert_eq!(there(&shop)["Deposit"].to_string(), "50.00");
        balance(&shop);
    }
    assert_eq!(balance(&shop), "462.50");
    assert!(shop.problems().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_deposit_changed_or_removed_there_is_followed() {
    let shop = with_deposit("50").await;
    assert_eq!(balance(&shop), "417.00");
    for (deposit, due) in [("100.25", "366.75"), ("0", "467.00"), ("467", "0.00"), ("1", "466.00")] {
        shop.act(Vendor::Quickbooks, "edit_invoice", &json!({ "id": there(&shop)["Id"], "Deposit": exact(deposit) }));
        shop.sync_well().await;
        assert_eq!(balance(&shop), due);
    }
    // Taken out of the object altogether.
    shop.act(Vendor::Quickbooks, "edit_invoice", &json!({ "id": there(&shop)["Id"], "Deposit": null }));
    shop.sync_well().await;
    assert!(there(&shop).get("Deposit").is_none());
    assert_eq!(balance(&shop), "467.00");
    assert!(shop.problems().is_empty());
}
