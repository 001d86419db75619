//! No network at all: every local job goes on, what has to go out waits in sight, and the next good run sends each change once.

use crate::shop::{Shop, TODAY, connected};
use backroom_core::invoices::{InvoiceDraft, InvoiceLineDraft, InvoiceSource, InvoiceStatus};
use backroom_core::items::{ItemDraft, ItemKind};
use backroom_core::orders::{OrderAction, OrderDraft};
use backroom_core::payments::{AppliedDraft, PaymentDraft};
use backroom_core::sync::{OutboxState, RunState};
use backroom_core::testing::{customer, invoice_line, item, order, order_line};
use backroom_core::view::AddressView;
use serde_json::json;
use std::collections::BTreeMap;
use vendor_sim::Vendor;

fn network(shop: &Shop, on: bool) {
    for vendor in Vendor::ALL {
        shop.world().outage(vendor, !on);
    }
}

/// A day's work. Returns the numbers of the invoice and the order.
fn a_days_work(shop: &Shop) -> (String, String) {
    let who = shop.save_customer(customer("Quiet Cove Inn")).unwrap();
    let what = shop.save_item(ItemDraft { kind: ItemKind::Service, ..item("TASTING", "95.00") }).unwrap();
    let draft = shop.new_invoice(InvoiceSource::Customer { id: who.draft.id }).unwrap();
    let line = InvoiceLineDraft { item_id: Some(what.draft.id), ..invoice_line("Tasting", "1", "95.00") };
    let draft = InvoiceDraft { lines: vec![line], ..draft };
    assert_eq!(shop.preview_invoice(draft.clone()).unwrap().total.minor, "9500");
    let invoice = shop.save_invoice(draft).unwrap();
    let payment = PaymentDraft {
        id: backroom_core::ids::PaymentId::new(),
        customer_id: who.draft.id,
        received_on: TODAY.to_owned(),
        amount: "95.00".to_owned(),
        method: "Cash".to_owned(),
        reference: String::new(),
        note: "At the counter".to_owned(),
        applied: vec![AppliedDraft { invoice_id: invoice.draft.id, amount: "95.00".to_owned() }],
    };
    shop.record_payment(payment).unwrap();
    let mut anna = shop.customer("Anna Lindqvist").draft;
    anna.email = "anna@offline.example".into();
    shop.save_customer(anna).unwrap();
    shop.receive(shop.item("MUG-02").id, "12");
    let mug = shop.get_item(shop.item("MUG-02").id).unwrap();
    let ship_to = AddressView {
        name: "Quiet Cove Inn".to_owned(),
        line1: "1 Cove Road".to_owned(),
        city: "Bath".to_owned(),
        region: "ME".to_owned(),
        postal_code: "04530".to_owned(),
        country: "US".to_owned(),
        ..AddressView::default()
    };
    let sale = shop.save_order(OrderDraft { ship_to, ..order(vec![order_line(&mug, "6")]) }).unwrap();
    (invoice.draft.number, sale.draft.number)
}

#[tokio::test(start_paused = true)]
async fn work_goes_on_without_a_network_and_each_change_is_sent_once_when_it_is_back() {
    let shop = connected("demo").await;
    shop.sync_well().await;
    network(&shop, false);
    let (invoice, sale) = a_days_work(&shop);
    assert_eq!(shop.invoice(&invoice).status, InvoiceStatus::Paid);
    assert!(shop.search("cove".to_owned(), 5).unwrap().len() >= 2, "search, lists and reports need nobody");
    assert!(!shop.home_summary().unwrap().receivable.minor.is_empty());
    assert!(shop.aging_report().is_ok());
    let waiting = shop.outbox();
    let mut kinds: Vec<&str> = waiting.iter().map(|row| row.kind.as_str()).collect();
    kinds.sort_unstable();
    assert_eq!(kinds, ["customer", "customer", "invoice", "item", "order", "payment"]);
    for round in 0..4 {
        let run = shop.sync().await;
        assert_eq!(run.state, RunState::Failed);
        let words = if round == 0 { "could not be reached" } else { "times in a row" };
        assert!(run.parts.iter().all(|part| part.error.as_ref().is_some_and(|text| text.contains(words))), "{run:#?}");
        assert_eq!(shop.outbox().len(), 6);
        tokio::time::sleep(std::time::Duration::from_secs(400)).await;
    }
    assert!(
        shop.outbox().iter().all(|row| row.state == OutboxState::Waiting && !row.why.is_empty()),
        "{:#?}",
        shop.outbox()
    );
    assert!(shop.problems().iter().all(|problem| problem.kind == "connection"), "a dead network is nobody's fault");
    network(&shop, true);
    tokio::time::sleep(std::time::Duration::from_mins(10)).await;
    shop.sync_well().await;
    assert!(shop.outbox().is_empty() && shop.problems().is_empty());
    let mut sent: BTreeMap<String, usize> = BTreeMap::new();
    for request in shop.world().requests().iter().filter(|request| request.method == "POST" && request.applied) {
        let name = request.path.rsplit('/').next().unwrap().to_owned();
        if name != "bearer" {
            *sent.entry(name).or_default() += 1;
        }
    }
    let expected = [("createorder", 1), ("customer", 2), ("invoice", 1), ("item", 1), ("payment", 1)];
    assert_eq!(sent, expected.map(|(name, count)| (name.to_owned(), count)).into());
    let theirs = shop.one_there(Vendor::Quickbooks, "Invoice", "DocNumber", &invoice);
    assert_eq!((theirs["TotalAmt"].to_string(), theirs["Balance"].to_string()), ("95".to_owned(), "0".to_owned()));
    shop.one_there(Vendor::Shipstation, "orders", "orderNumber", &sale);
    shop.assert_sound();
}

#[tokio::test(start_paused = true)]
async fn what_was_made_and_undone_offline_is_never_sent() {
    let shop = connected("demo").await;
    shop.sync_well().await;
    network(&shop, false);
    let (invoice, sale) = a_days_work(&shop);
    let payment = shop.invoice(&invoice).payments[0].payment_id;
    shop.void_payment(payment).unwrap();
    shop.void_invoices(vec![shop.invoice(&invoice).draft.id]).unwrap();
    shop.act_on_orders(vec![shop.order(&sale).draft.id], OrderAction::Cancel).unwrap();
    network(&shop, true);
    shop.sync_well().await;
    assert!(shop.outbox().is_empty());
    assert_eq!(
        (shop.there(Vendor::Quickbooks, "Invoice").len(), shop.there(Vendor::Quickbooks, "Payment").len()),
        (10, 5)
    );
    let ours: Vec<_> =
        shop.there(Vendor::Shipstation, "orders").into_iter().filter(|o| o["orderNumber"] == sale.as_str()).collect();
    assert!(ours.iter().all(|order| order["orderStatus"] == "cancelled"), "{ours:#?}");
    shop.assert_sound();
}

#[tokio::test(start_paused = true)]
async fn many_edits_of_one_record_offline_go_out_as_one() {
    let shop = connected("demo").await;
    shop.sync_well().await;
    network(&shop, false);
    for n in 0..20 {
        let mut anna = shop.customer("Anna Lindqvist").draft;
        anna.phone = format!("555-{n:04}");
        shop.save_customer(anna).unwrap();
    }
    assert_eq!(shop.outbox().len(), 1);
    network(&shop, true);
    shop.sync_well().await;
    let there = shop.one_there(Vendor::Quickbooks, "Customer", "DisplayName", "Anna Lindqvist");
    assert_eq!(there["PrimaryPhone"]["FreeFormNumber"], "555-0019");
    assert_eq!(shop.requests(Vendor::Quickbooks, "POST", "customer").len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_network_that_goes_in_the_middle_of_a_run_keeps_what_was_done() {
    let shop = connected("demo").await;
    shop.sync_well().await;
    let (invoice, _) = a_days_work(&shop);
    // Everything from the second write to QuickBooks on is cut off.
    let cut = vendor_sim::Fault::next(Vendor::Quickbooks, vendor_sim::FaultKind::Refuse);
    shop.world().plan(cut.on("POST", "/v3/").after(1).times(200));
    shop.sync().await;
    assert_eq!(shop.there(Vendor::Quickbooks, "Customer").len(), 9, "the first write arrived");
    let waiting = shop.outbox();
    assert!(
        waiting.iter().any(|row| row.state == OutboxState::Retrying && row.next_attempt_at.is_some()),
        "{waiting:#?}"
    );
    shop.world().clear_faults();
    for _ in 0..3 {
        tokio::time::sleep(std::time::Duration::from_mins(15)).await;
        shop.sync().await;
    }
    assert!(shop.outbox().is_empty() && shop.problems().is_empty(), "{:#?} {:#?}", shop.outbox(), shop.problems());
    assert_eq!(shop.there(Vendor::Quickbooks, "Customer").len(), 9);
    let theirs = shop.one_there(Vendor::Quickbooks, "Invoice", "DocNumber", &invoice);
    assert_eq!(theirs["Balance"].to_string(), "0");
    assert_eq!(json!(shop.there(Vendor::Quickbooks, "Payment").len()), json!(6));
    shop.assert_sound();
}
