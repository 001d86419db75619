//! Walk B, "Save invoice": saved without a network, sent once, numbered there, paid by card, and paid over there too.

use crate::shop::{Shop, TODAY, charge, connected};
use backroom_core::ids::InvoiceId;
use backroom_core::invoices::{InvoiceDraft, InvoiceLineDraft, InvoiceSource, InvoiceStatus, InvoiceView};
use backroom_core::items::ItemKind;
use backroom_core::payments::{AppliedDraft, PaymentDraft};
use backroom_core::sync::{OutboxState, ProblemAction, RunState};
use backroom_core::testing::{customer, invoice_line, item};
use backroom_core::view::RecordSyncState;
use serde_json::json;
use vendor_sim::{FaultKind, Vendor};

/// A customer and an item that QuickBooks has never heard of.
fn new_faces(shop: &Shop) -> (backroom_core::customers::CustomerView, backroom_core::items::ItemView) {
    let mut who = customer("Lighthouse Tea Room");
    who.email = "tea@lighthouse.example".into();
    let what = backroom_core::items::ItemDraft { kind: ItemKind::NonStocked, ..item("TEA-9", "12.50") };
    (shop.save_customer(who).unwrap(), shop.save_item(what).unwrap())
}

/// Opens the form for a customer and fills in four of the item with 2.00 off and 7.50 shipping, without tax.
fn form(shop: &Shop) -> InvoiceDraft {
    let (who, what) = new_faces(shop);
    let draft = shop.new_invoice(InvoiceSource::Customer { id: who.draft.id }).unwrap();
    let line = InvoiceLineDraft {
        item_id: Some(what.draft.id),
        tax_code_id: None,
        ..invoice_line("Loose leaf", "4", "12.50")
    };
    InvoiceDraft { lines: vec![line], discount: "2.00".to_owned(), shipping: "7.50".to_owned(), ..draft }
}

fn save(shop: &Shop) -> InvoiceView {
    let draft = form(shop);
    let preview = shop.preview_invoice(draft.clone()).unwrap();
    assert!(preview.errors.is_empty(), "{:?}", preview.errors);
    assert_eq!(preview.total.minor, "5550");
    shop.save_invoice(draft).unwrap()
}

fn sync_state(shop: &Shop, id: InvoiceId) -> (RecordSyncState, Option<String>) {
    let sync = shop.get_invoice(id).unwrap().sync;
    let quickbooks = sync.into_iter().find(|sync| sync.vendor_name == "QuickBooks").unwrap();
    (quickbooks.state, quickbooks.remote_id)
}

/// Writes to QuickBooks by entity, in order.
fn writes(shop: &Shop) -> Vec<String> {
    let posts = shop.requests(Vendor::Quickbooks, "POST", "/v3/company");
    posts.iter().map(|r| r.path.rsplit('/').next().unwrap().to_owned()).collect()
}

#[tokio::test(start_paused = true)]
async fn an_invoice_saved_offline_waits_in_sight_and_is_sent_once_after_what_it_refers_to() {
    let shop = connected("demo").await;
    shop.sync_well().await;
    shop.world().outage(Vendor::Quickbooks, true);
    let saved = save(&shop);
    let waiting = shop.outbox();
    let kinds: Vec<(&str, &str)> = waiting.iter().map(|row| (row.kind.as_str(), row.operation.as_str())).collect();
    assert_eq!(kinds, [("customer", "create"), ("item", "create"), ("invoice", "create")]);
    assert!(waiting.iter().all(|row| !row.why.is_empty() && row.state == OutboxState::Waiting), "{waiting:#?}");
    assert_eq!(sync_state(&shop, saved.draft.id).0, RecordSyncState::Waiting);
    for _ in 0..3 {
        assert_eq!(shop.sync().await.state, RunState::DoneWithProblems);
        assert_eq!(shop.outbox().len(), 3);
    }
    shop.world().outage(Vendor::Quickbooks, false);
    tokio::time::sleep(std::time::Duration::from_mins(10)).await;
    shop.sync_well().await;
    assert!(shop.outbox().is_empty());
    assert_eq!(writes(&shop), ["customer", "item", "invoice"]);
    let keys: Vec<_> =
        shop.requests(Vendor::Quickbooks, "POST", "/v3/").into_iter().map(|r| r.idempotency_key).collect();
    assert!(keys.iter().all(Option::is_some), "every write carries its request id: {keys:?}");
    let theirs = shop.one_there(Vendor::Quickbooks, "Invoice", "DocNumber", &saved.draft.number);
    assert_eq!(theirs["TotalAmt"].to_string(), "55.5");
    assert_eq!(theirs["CustomerRef"]["name"], "Lighthouse Tea Room");
    assert_eq!(sync_state(&shop, saved.draft.id), (RecordSyncState::Synced, theirs["Id"].as_str().map(str::to_owned)));
    shop.sync_well().await;
    assert_eq!(writes(&shop).len(), 3, "and never again");
    shop.assert_sound();
}

#[tokio::test(start_paused = true)]
async fn under_every_fault_of_the_network_there_is_one_invoice() {
    for fault in [
        FaultKind::ServerError,
        FaultKind::ServerErrorAfter,
        FaultKind::BadGateway,
        FaultKind::TimeoutBefore,
        FaultKind::TimeoutAfter,
        FaultKind::CutAfter,
        FaultKind::TruncatedJson,
        FaultKind::Html200,
        FaultKind::TooManyRequests,
        FaultKind::EmptyBody,
    ] {
        let shop = connected("demo").await;
        shop.sync_well().await;
        let saved = save(&shop);
        for path in ["customer", "item", "invoice"] {
            shop.plan(Vendor::Quickbooks, fault, "POST", path);
        }
        for _ in 0..8 {
            shop.sync().await;
            tokio::time::sleep(std::time::Duration::from_mins(10)).await;
        }
        assert!(shop.outbox().is_empty(), "{fault:?}: {:#?}", shop.outbox());
        assert!(shop.problems().is_empty(), "{fault:?}: {:#?}", shop.problems());
        shop.one_there(Vendor::Quickbooks, "Customer", "DisplayName", "Lighthouse Tea Room");
        shop.one_there(Vendor::Quickbooks, "Item", "Sku", "TEA-9");
        shop.one_there(Vendor::Quickbooks, "Invoice", "DocNumber", &saved.draft.number);
        assert_eq!(shop.there(Vendor::Quickbooks, "Invoice").len(), 11, "{fault:?}");
        assert_eq!((shop.invoices().len(), shop.customers().len()), (11, 9), "{fault:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_number_quickbooks_assigns_comes_back() {
    let shop = connected("demo").await;
    let own = json!({ "SalesFormsPrefs": { "CustomTxnNumbers": false } });
    shop.act(Vendor::Quickbooks, "preferences", &own);
    shop.sync_well().await;
    // One made there takes the next number, so theirs and ours are apart.
    let line = json!({ "DetailType": "SalesItemLineDetail", "Amount": 10, "SalesItemLineDetail": { "ItemRef": { "value": "1" } } });
    shop.act(Vendor::Quickbooks, "create_invoice", &json!({ "CustomerRef": { "value": "1" }, "Line": [line] }));
    let draft = form(&shop);
    let saved = shop.save_invoice(InvoiceDraft { number: "HP-77".to_owned(), ..draft }).unwrap();
    shop.sync_well().await;
    let here = shop.get_invoice(saved.draft.id).unwrap();
    let (_, remote_id) = sync_state(&shop, saved.draft.id);
    let theirs = shop.one_there(Vendor::Quickbooks, "Invoice", "Id", &remote_id.unwrap());
    assert_eq!(here.draft.number, theirs["DocNumber"].as_str().unwrap());
    assert_ne!(here.draft.number, "HP-77");
    assert!(format!("{:?}", here.history).contains("HP-77"), "its history keeps the old one");
    shop.sync_well().await;
}

#[tokio::test(start_paused = true)]
async fn an_invoice_paid_by_card_is_paid_here_and_then_in_quickbooks() {
    let shop = connected("demo").await;
    shop.sync_well().await;
    let saved = save(&shop);
    shop.sync_well().await;
    let paid = shop.act(Vendor::Stripe, "charge", &charge(5550, &saved.draft.number));
    shop.sync_well().await;
    let here = shop.get_invoice(saved.draft.id).unwrap();
    assert_eq!((here.status, here.balance.minor.as_str()), (InvoiceStatus::Paid, "0"));
    assert_eq!(here.payments[0].reference, paid["id"].as_str().unwrap());
    shop.sync_well().await;
    let theirs = shop.one_there(Vendor::Quickbooks, "Invoice", "DocNumber", &saved.draft.number);
    assert_eq!(theirs["Balance"].to_string(), "0");
    assert_eq!(shop.there(Vendor::Quickbooks, "Payment").len(), 6);
    for _ in 0..3 {
        shop.sync_well().await;
    }
    assert_eq!((shop.payments().len(), shop.there(Vendor::Quickbooks, "Payment").len()), (6, 6));
    assert!(shop.charges().iter().any(|c| c.invoice_id == Some(saved.draft.id) && c.fee.is_some()));
    shop.assert_sound();
}

#[tokio::test(start_paused = true)]
async fn a_charge_that_names_our_id_and_pays_too_much_leaves_a_credit_on_both_sides() {
    let shop = connected("demo").await;
    shop.sync_well().await;
    let saved = save(&shop);
    shop.act(Vendor::Stripe, "charge", &charge(6000, &saved.draft.id.to_string()));
    assert_eq!(shop.sync().await.state, RunState::DoneWithProblems);
    assert_eq!(shop.get_invoice(saved.draft.id).unwrap().status, InvoiceStatus::Paid);
    // What is beyond the invoice is recorded only when the owner says so.
    let asked = shop.problems();
    assert_eq!((asked.len(), asked[0].action), (1, ProblemAction::RecordCredit), "{asked:#?}");
    shop.answer_same_payment(asked[0].id, false).unwrap();
    shop.sync_well().await;
    shop.sync_well().await;
    let ours = shop.payments().into_iter().find(|p| p.customer_name == "Lighthouse Tea Room").unwrap();
    assert_eq!(ours.unapplied.minor, "450");
    let payments = shop.there(Vendor::Quickbooks, "Payment");
    let theirs = payments.iter().find(|p| p["CustomerRef"]["name"] == "Lighthouse Tea Room").unwrap();
    assert_eq!(
        (theirs["TotalAmt"].to_string(), theirs["UnappliedAmt"].to_string()),
        ("60".to_owned(), "4.5".to_owned())
    );
    shop.assert_sound();
}

#[tokio::test(start_paused = true)]
async fn a_check_recorded_here_closes_the_invoice_there() {
    let shop = connected("demo").await;
    shop.sync_well().await;
    let open = shop.invoice("1008");
    let draft = PaymentDraft {
        id: backroom_core::ids::PaymentId::new(),
        customer_id: open.draft.customer_id.unwrap(),
        received_on: TODAY.to_owned(),
        amount: "50".to_owned(),
        method: "Check".to_owned(),
        reference: "8812".to_owned(),
        note: String::new(),
        applied: vec![AppliedDraft { invoice_id: open.draft.id, amount: "50".to_owned() }],
    };
    let payment = shop.record_payment(draft).unwrap();
    shop.sync_well().await;
    let theirs = shop.one_there(Vendor::Quickbooks, "Payment", "PaymentRefNum", "8812");
    assert_eq!((theirs["TotalAmt"].to_string(), &theirs["PaymentMethodRef"]["value"]), ("50".to_owned(), &json!("2")));
    let here = shop.invoice("1008");
    assert_eq!(here.status, InvoiceStatus::PartlyPaid);
    shop.void_payment(payment.row.id).unwrap();
    shop.sync_well().await;
    let there = shop.one_there(Vendor::Quickbooks, "Invoice", "DocNumber", "1008");
    assert_eq!(there["Balance"], there["TotalAmt"]);
    assert_eq!(shop.invoice("1008").balance, open.balance);
    shop.assert_sound();
}

#[tokio::test(start_paused = true)]
async fn a_refused_invoice_waits_with_its_reason_and_goes_out_once_it_is_mended() {
    let shop = connected("demo").await;
    shop.sync_well().await;
    shop.act(Vendor::Quickbooks, "close_books", &json!({ "date": "2026-11-30" }));
    let saved = save(&shop);
    let run = shop.sync().await;
    assert_eq!(run.state, RunState::DoneWithProblems);
    let problems = shop.problems();
    assert_eq!(problems.len(), 1, "{problems:#?}");
    assert_eq!(
        (problems[0].kind.as_str(), problems[0].record_id.clone()),
        ("invoice", Some(saved.draft.id.to_string()))
    );
    assert!(!problems[0].advice.is_empty() && problems[0].vendor_text.contains("6210"), "{problems:#?}");
    assert_eq!(shop.outbox()[0].state, OutboxState::Rejected);
    assert_eq!(shop.there(Vendor::Quickbooks, "Invoice").len(), 10);
    let mut draft = shop.get_invoice(saved.draft.id).unwrap().draft;
    draft.issued_on = "2026-12-01".to_owned();
    shop.save_invoice(draft).unwrap();
    shop.sync_well().await;
    assert!(shop.problems().is_empty() && shop.outbox().is_empty());
    shop.one_there(Vendor::Quickbooks, "Invoice", "DocNumber", &saved.draft.number);
}
