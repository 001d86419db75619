//! The app ends between any two steps of a busy run, before or after the vendor acted: nothing is doubled, nothing is lost,
//! and the next run brings all sides together.

use crate::gate::{Gate, Side};
use crate::shop::{Outside, Shop, charge, set_up};
use backroom_core::invoices::{InvoiceDraft, InvoiceLineDraft, InvoiceSource, InvoiceStatus};
use backroom_core::items::{ItemDraft, ItemKind};
use backroom_core::orders::{OrderDraft, OrderStatus};
use backroom_core::sync::{RunState, RunTrigger};
use backroom_core::testing::{customer, invoice_line, item, order, order_line};
use backroom_core::view::AddressView;
use serde_json::json;
use std::path::Path;
use std::sync::Arc;
use tempfile::TempDir;
use vendor_sim::{State, Vendor};

/// A shop with work in both directions at all three vendors, as it lies on disk and at the vendors.
struct Busy {
    folder: TempDir,
    outside: Outside,
    vendors: State,
    invoice_number: String,
    order_key: String,
}

/// The vendors' side of the work: a new customer with a paid invoice, an edit, a parcel, a card payment.
fn work_there(shop: &Shop, invoice_number: &str) {
    let who = shop.act(Vendor::Quickbooks, "create_customer", &json!({ "DisplayName": "Island Ferry Kiosk" }));
    let line = json!({ "DetailType": "SalesItemLineDetail", "Amount": 64,
                       "SalesItemLineDetail": { "ItemRef": { "value": "6" }, "Qty": 1, "UnitPrice": 64,
                                                "TaxCodeRef": { "value": "NON" } } });
    let body = json!({ "CustomerRef": { "value": who["Id"] }, "Line": [line], "DocNumber": "F-1" });
    let bill = shop.act(Vendor::Quickbooks, "create_invoice", &body);
    let paid = json!({ "CustomerRef": { "value": who["Id"] }, "TotalAmt": 64,
                       "Line": [{ "Amount": 64, "LinkedTxn": [{ "TxnId": bill["Id"], "TxnType": "Invoice" }] }] });
    shop.act(Vendor::Quickbooks, "create_payment", &paid);
    shop.act(Vendor::Quickbooks, "edit_customer", &json!({ "id": 2, "Notes": "Edited there" }));
    shop.act(Vendor::Shipstation, "ship", &json!({ "orderNumber": "1052" }));
    shop.act(Vendor::Stripe, "charge", &charge(5000, invoice_number));
}

/// The owner's side: an edit, a new customer, item and invoice, and an order.
fn work_here(shop: &Shop) -> (String, String) {
    let mut anna = shop.customer("Anna Lindqvist").draft;
    anna.phone = "555-0100".into();
    shop.save_customer(anna).unwrap();
    let who = shop.save_customer(customer("Lighthouse Tea Room")).unwrap();
    let what = shop.save_item(ItemDraft { kind: ItemKind::NonStocked, ..item("TEA-9", "12.50") }).unwrap();
    let draft = shop.new_invoice(InvoiceSource::Customer { id: who.draft.id }).unwrap();
    let line = InvoiceLineDraft { item_id: Some(what.draft.id), ..invoice_line("Loose leaf", "4", "12.50") };
    let invoice = shop.save_invoice(InvoiceDraft { lines: vec![line], ..draft }).unwrap();
    let mug = shop.get_item(shop.item("MUG-01").id).unwrap();
    let ship_to = AddressView {
        name: "Ada Pine".to_owned(),
        line1: "12 Harbour Lane".to_owned(),
        city: "Portland".to_owned(),
        region: "ME".to_owned(),
        postal_code: "04101".to_owned(),
        country: "US".to_owned(),
        ..AddressView::default()
    };
    let sale = shop.save_order(OrderDraft { ship_to, ..order(vec![order_line(&mug, "2")]) }).unwrap();
    (invoice.draft.number, sale.draft.id.to_string())
}

async fn busy() -> Busy {
    let folder = TempDir::new().unwrap();
    let outside = Outside::new("demo");
    let shop = set_up(outside.start(Some(folder.path().to_owned())));
    shop.connect_all().await;
    shop.sync_well().await;
    let (invoice_number, order_key) = work_here(&shop);
    work_there(&shop, &invoice_number);
    let vendors = shop.world().snapshot();
    drop(shop);
    Busy { folder, outside, vendors, invoice_number, order_key }
}

fn copy(from: &Path) -> TempDir {
    let folder = TempDir::new().unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        if entry.file_type().unwrap().is_file() {
            std::fs::copy(entry.path(), folder.path().join(entry.file_name())).unwrap();
        }
    }
    folder
}

/// Runs until the n-th request is stopped, and ends there as a process does when it is killed. `true` when the run came to
/// its end before.
async fn run_and_die(outside: &Outside, folder: &Path, nth: usize, side: Side) -> bool {
    let gate = Gate::new(outside.exchange.clone());
    gate.stop_at(nth, side);
    let shop = Outside { exchange: gate.clone(), ..outside.clone() }.start(Some(folder.to_owned()));
    tokio::select! {
        run = shop.run_to_end(None, RunTrigger::Owner) => {
            run.unwrap();
            true
        }
        () = gate.reached() => false,
    }
}

/// Both sides agree, and nobody has anything twice.
fn assert_together(shop: &Shop, busy: &Busy, told: &str) {
    assert!(shop.outbox().is_empty(), "{told}: {:#?}", shop.outbox());
    assert!(shop.problems().is_empty(), "{told}: {:#?}", shop.problems());
    let there = |vendor, collection: &str| shop.there(vendor, collection).len();
    let books = ["Customer", "Item", "Invoice", "Payment"].map(|entity| there(Vendor::Quickbooks, entity));
    assert_eq!(books, [10, 9, 12, 7], "{told}: customers, items, invoices and payments in QuickBooks");
    let here = [shop.customers().len(), shop.items().len(), shop.invoices().len(), shop.payments().len()];
    assert_eq!(here, books, "{told}: and here");
    assert_eq!((there(Vendor::Shipstation, "orders"), shop.orders().len()), (14, 14), "{told}");
    assert_eq!((there(Vendor::Stripe, "charges"), shop.charges().len()), (12, 12), "{told}");
    shop.one_there(Vendor::Shipstation, "orders", "orderKey", &busy.order_key);
    let invoice = shop.one_there(Vendor::Quickbooks, "Invoice", "DocNumber", &busy.invoice_number);
    assert_eq!(invoice["Balance"].to_string(), "0", "{told}: the card payment arrived");
    assert_eq!(shop.invoice(&busy.invoice_number).status, InvoiceStatus::Paid, "{told}");
    assert_eq!(shop.invoice("F-1").status, InvoiceStatus::Paid, "{told}");
    assert_eq!(shop.order("1052").status, OrderStatus::Shipped, "{told}");
    let anna = shop.customer("Anna Lindqvist").draft;
    assert_eq!((anna.phone.as_str(), anna.notes.as_str()), ("555-0100", "Edited there"), "{told}");
    let theirs = shop.one_there(Vendor::Quickbooks, "Customer", "DisplayName", "Anna Lindqvist");
    assert_eq!(theirs["PrimaryPhone"]["FreeFormNumber"], "555-0100", "{told}");
    // QuickBooks counted 160 when the item came over; since then one mug left.
    assert_eq!(shop.item("MUG-01").on_hand, "159", "{told}");
    shop.assert_sound();
}

/// The app is started again and syncs until nothing is left to do.
async fn resume(busy: &Busy, folder: &Path) -> Shop {
    let shop = busy.outside.start(Some(folder.to_owned()));
    for _ in 0..3 {
        let run = shop.sync().await;
        assert_eq!(run.state, RunState::Done, "{run:#?} {:#?}", shop.problems());
        // A change of unknown outcome waits a little before it is looked into.
        shop.outside.clock.advance(chrono::Duration::minutes(15));
    }
    shop
}

#[tokio::test(start_paused = true)]
async fn a_run_that_is_not_disturbed_brings_all_sides_together() {
    let busy = busy().await;
    let shop = resume(&busy, busy.folder.path()).await;
    assert_together(&shop, &busy, "undisturbed");
    let before = shop.world().requests().iter().filter(|request| request.applied).count();
    shop.sync_well().await;
    assert_eq!(shop.world().requests().iter().filter(|request| request.applied).count(), before);
}

#[tokio::test(start_paused = true)]
async fn the_end_of_the_app_at_any_request_of_a_run_doubles_and_loses_nothing() {
    let busy = busy().await;
    let now = connector_contract::Clock::now(busy.outside.clock.as_ref());
    for side in [Side::Before, Side::After] {
        let mut deaths = 0;
        for nth in 1.. {
            busy.outside.world.restore(busy.vendors.clone());
            busy.outside.clock.set(now);
            let folder = copy(busy.folder.path());
            let ended = run_and_die(&busy.outside, folder.path(), nth, side).await;
            let shop = resume(&busy, folder.path()).await;
            assert_together(&shop, &busy, &format!("killed {side:?} request {nth}"));
            let runs = shop.list_runs(None, 10).unwrap().rows;
            let disturbed = runs.iter().filter(|run| run.state == RunState::Interrupted).count();
            assert_eq!(disturbed, usize::from(!ended), "a run that did not end says so");
            if ended {
                break;
            }
            deaths += 1;
        }
        assert!(deaths > 20, "only {deaths} places to die were met");
    }
}

#[tokio::test(start_paused = true)]
async fn three_deaths_in_a_row_are_no_worse_than_one() {
    let busy = busy().await;
    let now = connector_contract::Clock::now(busy.outside.clock.as_ref());
    for (first, second, third) in [(9, 9, 9), (8, 5, 3), (12, 11, 13), (14, 14, 14), (10, 16, 4), (21, 7, 20)] {
        for side in [Side::Before, Side::After] {
            busy.outside.world.restore(busy.vendors.clone());
            busy.outside.clock.set(now);
            let folder = copy(busy.folder.path());
            for nth in [first, second, third] {
                run_and_die(&busy.outside, folder.path(), nth, side).await;
                busy.outside.clock.advance(chrono::Duration::minutes(2));
            }
            let shop = resume(&busy, folder.path()).await;
            assert_together(&shop, &busy, &format!("killed {side:?} at {first}, {second}, {third}"));
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_first_sync_that_dies_halfway_goes_on_from_its_cursors() {
    let outside = Outside::new("demo");
    let folder = TempDir::new().unwrap();
    let shop = set_up(outside.start(Some(folder.path().to_owned())));
    shop.connect_all().await;
    drop(shop);
    assert!(!run_and_die(&outside, folder.path(), 12, Side::After).await);
    let shop = outside.start(Some(folder.path().to_owned()));
    let read = shop.world().requests().len();
    shop.sync_well().await;
    let lists = |request: &&vendor_sim::RequestEntry| {
        request.query.contains("SELECT") && request.query.contains("FROM+Customer")
    };
    let again = shop.world().requests()[read..].iter().filter(lists).count();
    assert_eq!(again, 0, "what was read and kept is not read again");
    assert_eq!((shop.customers().len(), shop.orders().len(), shop.charges().len()), (8, 13, 11));
    shop.assert_sound();
}

#[tokio::test(start_paused = true)]
async fn a_second_app_on_the_same_folder_does_not_write_beside_the_first() {
    let outside = Outside::new("demo");
    let folder = TempDir::new().unwrap();
    let first = set_up(outside.start(Some(folder.path().to_owned())));
    first.connect_all().await;
    let second = outside.start(Some(folder.path().to_owned()));
    let shared: Arc<_> = second.core.clone();
    let (one, two) = tokio::join!(first.sync(), async move { shared.run_to_end(None, RunTrigger::CommandLine).await });
    assert!(one.finished_at.is_some() && two.is_ok(), "{one:?} {two:?}");
    first.sync().await;
    assert_eq!((first.customers().len(), first.invoices().len(), first.orders().len()), (8, 10, 13));
    first.assert_sound();
}
