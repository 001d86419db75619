//! Undoing a run with the real connectors: both sides as before, what may not be taken back is named, and vendors' refusals too.

use crate::shop::{Shop, TODAY, connected};
use backroom_core::ids::PaymentId;
use backroom_core::invoices::{InvoiceSource, InvoiceStatus, InvoiceView};
use backroom_core::orders::{OrderStatus, OrderView};
use backroom_core::payments::PaymentDraft;
use backroom_core::sync::{RunState, RunView, UndoOutcome, UndoRecord};
use backroom_core::testing::{customer, first_page, invoice_line, order, order_line};
use backroom_core::view::AddressView;
use serde_json::{Value, json};
use vendor_sim::{Fault, FaultKind, Vendor};

/// Undoes a run; returns what became of each record.
async fn undo(shop: &Shop, run: &RunView) -> (RunView, Vec<UndoRecord>) {
    let undone = shop.undo_to_end(run.id).await.unwrap();
    shop.outside.clock.advance(chrono::Duration::minutes(3));
    let report = shop.get_undo(undone.id).unwrap();
    (undone, report.records)
}

fn of<'a>(records: &'a [UndoRecord], kind: &str) -> &'a UndoRecord {
    let found: Vec<_> = records.iter().filter(|record| record.kind == kind).collect();
    assert_eq!(found.len(), 1, "{kind}: {records:#?}");
    found[0]
}

fn anna(shop: &Shop) -> Value {
    shop.one_there(Vendor::Quickbooks, "Customer", "DisplayName", "Anna Lindqvist")
}

fn edit_anna(shop: &Shop, phone: &str) {
    let mut draft = shop.customer("Anna Lindqvist").draft;
    draft.phone = phone.into();
    shop.save_customer(draft).unwrap();
}

/// An invoice of 25.00 for a customer QuickBooks has not heard of.
fn bill(shop: &Shop) -> InvoiceView {
    let who = shop.save_customer(customer("Lighthouse Tea Room")).unwrap();
    let mut draft = shop.new_invoice(InvoiceSource::Customer { id: who.draft.id }).unwrap();
    draft.lines = vec![invoice_line("Consulting", "1", "25.00")];
    shop.save_invoice(draft).unwrap()
}

fn bill_there(shop: &Shop, bill: &InvoiceView) -> Value {
    shop.one_there(Vendor::Quickbooks, "Invoice", "DocNumber", &bill.draft.number)
}

/// An order of one mug, typed in here.
fn order_a_mug(shop: &Shop) -> OrderView {
    let mug = shop.get_item(shop.item("MUG-01").id).unwrap();
    let mut typed = order(vec![order_line(&mug, "1")]);
    typed.customer_name = "Ada Pine".into();
    typed.ship_to = AddressView {
        name: "Ada Pine".into(),
        line1: "12 Harbour Lane".into(),
        city: "Portland".into(),
        region: "ME".into(),
        postal_code: "04101".into(),
        country: "US".into(),
        ..AddressView::default()
    };
    shop.save_order(typed).unwrap()
}

/// Everything there and here that a later run could still move.
async fn assert_settled(shop: &Shop) {
    assert!(shop.outbox().is_empty() && shop.problems().is_empty(), "{:#?} {:#?}", shop.outbox(), shop.problems());
    let again = shop.sync_well().await;
    assert_eq!(again.parts.iter().map(|part| part.sent_count + part.updated_count).sum::<u32>(), 0, "{again:#?}");
    shop.assert_sound();
}

#[tokio::test(start_paused = true)]
async fn an_undone_run_leaves_both_sides_as_before_in_both_directions() {
    let shop = connected("demo").await;
    shop.sync_well().await;
    let (phone, note) = (anna(&shop)["PrimaryPhone"].clone(), shop.order("1050").draft.internal_note);
    let (phone_here, notes_here) =
        (shop.customer("Anna Lindqvist").draft.phone, shop.customer("Anna Lindqvist").draft.notes);
    edit_anna(&shop, "555-0001");
    shop.act(Vendor::Quickbooks, "edit_customer", &json!({ "id": 2, "Notes": "Prefers tea" }));
    let mut draft = shop.order("1050").draft;
    draft.internal_note = "Handle with care".into();
    shop.save_order(draft).unwrap();
    let run = shop.sync_well().await;
    assert_eq!(anna(&shop)["PrimaryPhone"]["FreeFormNumber"], "555-0001");
    let preview = shop.preview_undo(run.id).unwrap();
    assert_eq!((preview.change_count, preview.left_count), (2, 0), "{preview:#?}");
    let (undone, done) = undo(&shop, &run).await;
    assert_eq!(undone.state, RunState::Done, "{undone:#?}");
    assert_eq!(of(&done, "customer").outcome, UndoOutcome::PutBack);
    assert_eq!(of(&done, "order").outcome, UndoOutcome::PutBack);
    let (here, there) = (shop.customer("Anna Lindqvist").draft, anna(&shop));
    assert_eq!((&here.phone, &here.notes), (&phone_here, &notes_here));
    assert_eq!(
        there["PrimaryPhone"]["FreeFormNumber"].as_str().unwrap_or(""),
        phone["FreeFormNumber"].as_str().unwrap_or("")
    );
    assert_eq!(there["Notes"].as_str().unwrap_or(""), notes_here);
    let order = shop.one_there(Vendor::Shipstation, "orders", "orderNumber", "1050");
    assert_eq!(order["internalNotes"].as_str().unwrap_or(""), note);
    assert_settled(&shop).await;
    // And an undo of the undo restores.
    let (_, back) = undo(&shop, &undone).await;
    assert!(back.iter().all(|record| record.outcome == UndoOutcome::PutBack), "{back:#?}");
    let there = anna(&shop);
    assert_eq!(
        (&there["PrimaryPhone"]["FreeFormNumber"], &there["Notes"]),
        (&json!("555-0001"), &json!("Prefers tea"))
    );
    assert_eq!(shop.order("1050").draft.internal_note, "Handle with care");
    assert_settled(&shop).await;
}

#[tokio::test(start_paused = true)]
async fn what_changed_since_there_is_left_and_named() {
    let shop = connected("demo").await;
    shop.sync_well().await;
    let notes = shop.customer("Anna Lindqvist").draft.notes;
    let mut draft = shop.customer("Anna Lindqvist").draft;
    draft.phone = "555-0001".into();
    draft.notes = "Ours".into();
    shop.save_customer(draft).unwrap();
    let run = shop.sync_well().await;
    shop.act(Vendor::Quickbooks, "edit_customer", &json!({ "id": 2, "PrimaryPhone": { "FreeFormNumber": "222" } }));
    let (_, done) = undo(&shop, &run).await;
    assert_eq!(of(&done, "customer").reasons, ["Changed since, so left: phone."]);
    let there = anna(&shop);
    assert_eq!(there["PrimaryPhone"]["FreeFormNumber"], "222");
    assert_eq!(there["Notes"].as_str().unwrap_or(""), notes);
    assert_eq!(shop.customer("Anna Lindqvist").draft.phone, "222");
    assert_settled(&shop).await;
}

#[tokio::test(start_paused = true)]
async fn what_the_run_made_over_there_is_voided_cancelled_and_made_inactive_there() {
    let shop = connected("demo").await;
    shop.sync_well().await;
    let bill = bill(&shop);
    let order = order_a_mug(&shop);
    let run = shop.sync_well().await;
    assert_eq!(bill_there(&shop, &bill)["TotalAmt"].to_string(), "25");
    let (undone, done) = undo(&shop, &run).await;
    assert_eq!(undone.state, RunState::Done, "{undone:#?} {:#?}", shop.problems());
    // The line of free text made QuickBooks show its own item for services; that is not ours to take away.
    assert_eq!(of(&done, "item").outcome, UndoOutcome::ArchivedHere);
    let sent = done.iter().filter(|record| record.kind != "item");
    assert!(sent.clone().all(|record| record.outcome == UndoOutcome::Retired && !record.waiting), "{done:#?}");
    assert_eq!(sent.count(), 3);
    assert_eq!(bill_there(&shop, &bill)["TotalAmt"].to_string(), "0");
    assert_eq!(shop.get_invoice(bill.draft.id).unwrap().status, InvoiceStatus::Open, "the run only sent it");
    assert_eq!(shop.customer("Lighthouse Tea Room").draft.id, bill.draft.customer_id.unwrap());
    let there = shop.there(Vendor::Quickbooks, "Customer");
    let made = there.iter().find(|row| row["DisplayName"].as_str().is_some_and(|name| name.contains("Lighthouse")));
    assert_eq!(made.unwrap()["Active"], false);
    let key = order.draft.id.to_string();
    let there = shop.one_there(Vendor::Shipstation, "orders", "orderKey", &key);
    assert_eq!(there["orderStatus"], "cancelled");
    assert_eq!(shop.get_order(order.draft.id).unwrap().status, OrderStatus::Open);
    assert_settled(&shop).await;
}

#[tokio::test(start_paused = true)]
async fn an_order_that_an_undo_cancelled_there_goes_out_as_a_new_one_even_without_an_answer() {
    for fault in [None, Some(FaultKind::TimeoutAfter)] {
        let shop = connected("demo").await;
        shop.sync_well().await;
        let order = order_a_mug(&shop);
        let run = shop.sync_well().await;
        undo(&shop, &run).await;
        let mut again = shop.get_order(order.draft.id).unwrap().draft;
        again.internal_note = "Pack it well".into();
        shop.save_order(again).unwrap();
        if let Some(kind) = fault {
            let mut fault = Fault::next(Vendor::Shipstation, kind);
            fault.method = Some("POST".to_owned());
            shop.outside.world.plan(fault);
            shop.sync().await;
            shop.outside.clock.advance(chrono::Duration::hours(1));
        }
        shop.sync_well().await;
        let all = shop.there(Vendor::Shipstation, "orders");
        let mine: Vec<_> = all.iter().filter(|row| row["orderNumber"] == order.draft.number.as_str()).collect();
        let states: Vec<_> = mine.iter().map(|row| (&row["orderStatus"], &row["internalNotes"])).collect();
        assert_eq!(
            states,
            [(&json!("cancelled"), &json!(null)), (&json!("awaiting_shipment"), &json!("Pack it well"))]
        );
        assert_eq!(
            shop.list_orders(first_page()).unwrap().rows.iter().filter(|row| row.number == order.draft.number).count(),
            1
        );
        assert_settled(&shop).await;
    }
}

#[tokio::test(start_paused = true)]
async fn an_invoice_with_a_payment_applied_is_named_and_stays() {
    let shop = connected("demo").await;
    shop.sync_well().await;
    let bill = bill(&shop);
    let run = shop.sync_well().await;
    let theirs = bill_there(&shop, &bill);
    let body = json!({ "CustomerRef": theirs["CustomerRef"], "TotalAmt": 10,
                       "Line": [{ "Amount": 10, "LinkedTxn": [{ "TxnId": theirs["Id"], "TxnType": "Invoice" }] }] });
    shop.act(Vendor::Quickbooks, "create_payment", &body);
    let (_, done) = undo(&shop, &run).await;
    let left = of(&done, "invoice");
    assert_eq!(left.outcome, UndoOutcome::Left);
    assert!(left.reasons[0].contains("Payments of 10.00 are applied"), "{left:#?}");
    assert_eq!(bill_there(&shop, &bill)["TotalAmt"].to_string(), "25");
    assert_eq!(shop.get_invoice(bill.draft.id).unwrap().status, InvoiceStatus::PartlyPaid);
    shop.assert_sound();
}

#[tokio::test(start_paused = true)]
async fn closed_books_are_named_and_both_sides_keep_what_they_had() {
    let shop = connected("demo").await;
    shop.sync_well().await;
    let bill = bill(&shop);
    let made = shop.sync_well().await;
    let mut draft = shop.get_invoice(bill.draft.id).unwrap().draft;
    draft.note = "Second thoughts".into();
    shop.save_invoice(draft).unwrap();
    let edited = shop.sync_well().await;
    shop.act(Vendor::Quickbooks, "close_books", &json!({ "date": "2026-11-30" }));
    let (_, done) = undo(&shop, &edited).await;
    let left = of(&done, "invoice");
    assert_eq!(left.outcome, UndoOutcome::Left);
    assert!(left.reasons[0].contains("books of that period are closed"), "{left:#?}");
    assert_eq!(shop.get_invoice(bill.draft.id).unwrap().draft.note, "Second thoughts");
    assert_eq!(bill_there(&shop, &bill)["PrivateNote"], "Second thoughts");
    let mut draft = shop.get_invoice(bill.draft.id).unwrap().draft;
    draft.note = String::new();
    shop.act(Vendor::Quickbooks, "close_books", &json!({ "date": "" }));
    shop.save_invoice(draft).unwrap();
    shop.sync_well().await;
    shop.act(Vendor::Quickbooks, "close_books", &json!({ "date": "2026-11-30" }));
    let (_, done) = undo(&shop, &made).await;
    let left = of(&done, "invoice");
    assert!(left.reasons[0].contains("books of that period are closed"), "{left:#?}");
    assert_eq!(shop.get_invoice(bill.draft.id).unwrap().status, InvoiceStatus::Open, "not void here alone");
    assert_eq!(bill_there(&shop, &bill)["TotalAmt"].to_string(), "25");
    assert!(shop.outbox().is_empty() && shop.problems().is_empty());
    shop.assert_sound();
}

#[tokio::test(start_paused = true)]
async fn a_payment_in_a_deposit_is_named() {
    let shop = connected("demo").await;
    shop.sync_well().await;
    let who = shop.customer("Anna Lindqvist").draft.id;
    let draft = PaymentDraft {
        id: PaymentId::new(),
        customer_id: who,
        received_on: TODAY.to_owned(),
        amount: "12.00".to_owned(),
        method: String::new(),
        reference: "check 12".to_owned(),
        note: String::new(),
        applied: Vec::new(),
    };
    let ours = shop.record_payment(draft).unwrap();
    let run = shop.sync_well().await;
    let there =
        shop.there(Vendor::Quickbooks, "Payment").into_iter().find(|row| row["PaymentRefNum"] == "check 12").unwrap();
    shop.act(Vendor::Quickbooks, "deposit_payment", &json!({ "id": there["Id"] }));
    let (_, done) = undo(&shop, &run).await;
    let left = of(&done, "payment");
    assert_eq!(left.outcome, UndoOutcome::Left, "{left:#?}");
    assert!(left.reasons[0].contains("deposit") || left.reasons[0].contains("settled"), "{left:#?}");
    assert!(shop.payments().iter().any(|row| row.id == ours.row.id && !row.voided));
}

#[tokio::test(start_paused = true)]
async fn the_first_sync_leaves_the_vendors_books_alone() {
    let shop = connected("demo").await;
    let first = shop.sync_well().await;
    let before = shop.dump(Vendor::Quickbooks);
    let (_, done) = undo(&shop, &first).await;
    assert!(done.iter().any(|record| record.outcome == UndoOutcome::ArchivedHere));
    for record in done.iter().filter(|record| record.kind == "shipment" || record.kind == "payout") {
        assert!(record.outcome == UndoOutcome::Left && record.reasons[0].contains("fact"), "{record:#?}");
    }
    let after = shop.dump(Vendor::Quickbooks);
    for collection in ["Customer", "Item", "Invoice", "Payment"] {
        assert_eq!(before[collection], after[collection], "{collection}");
    }
    assert!(shop.requests(Vendor::Quickbooks, "POST", "/v3/company").is_empty(), "nothing is sent");
    shop.assert_sound();
}

#[tokio::test(start_paused = true)]
async fn an_undo_survives_the_vendor_being_out_of_reach_in_its_middle() {
    let shop = connected("demo").await;
    shop.sync_well().await;
    let phone = shop.customer("Anna Lindqvist").draft.phone;
    edit_anna(&shop, "555-0001");
    let run = shop.sync_well().await;
    // It applies the change and loses the answer.
    shop.plan(Vendor::Quickbooks, vendor_sim::FaultKind::TimeoutAfter, "POST", "customer");
    let (undone, done) = undo(&shop, &run).await;
    assert!(of(&done, "customer").waiting, "{done:#?}");
    tokio::time::sleep(std::time::Duration::from_mins(10)).await;
    shop.sync_well().await;
    assert!(!shop.get_undo(undone.id).unwrap().records[0].waiting);
    assert_eq!(anna(&shop)["PrimaryPhone"]["FreeFormNumber"].as_str().unwrap_or(""), phone);
    assert_settled(&shop).await;
}
