//! An owner who worked here before connecting: what both sides have meets, what only one has goes over, nothing is doubled.

use crate::shop::{Shop, TODAY, charge, shop};
use backroom_core::company::TaxCodeDraft;
use backroom_core::invoices::{InvoiceDraft, InvoiceLineDraft, InvoiceSource, InvoiceStatus};
use backroom_core::items::{ItemDraft, ItemKind};
use backroom_core::payments::{AppliedDraft, PaymentDraft};
use backroom_core::sync::RunState;
use backroom_core::testing::{customer, invoice_line, item, order, order_line};
use backroom_core::view::AddressView;
use serde_json::json;
use vendor_sim::Vendor;

/// Runs until nothing is left to do, and shows that nothing goes back and forth.
async fn settle(shop: &Shop) {
    for _ in 0..2 {
        shop.sync_well().await;
    }
    let applied = || shop.world().requests().iter().filter(|request| request.applied).count();
    let before = applied();
    let run = shop.sync_well().await;
    let moved: u32 = run.parts.iter().map(|part| part.created_count + part.updated_count + part.sent_count).sum();
    assert_eq!((moved, applied()), (0, before), "{run:#?}");
    assert!(shop.outbox().is_empty() && shop.problems().is_empty());
    shop.assert_sound();
}

#[tokio::test(start_paused = true)]
async fn customers_and_items_of_the_same_name_meet_and_the_others_go_over() {
    let shop = shop("demo");
    let mut anna = customer("anna lindqvist");
    anna.notes = "Known for years".into();
    shop.save_customer(anna).unwrap();
    shop.save_customer(customer("Only Here Ltd")).unwrap();
    shop.save_item(ItemDraft { name: "Stoneware mug, ours".into(), ..item("MUG-01", "18.50") }).unwrap();
    shop.save_item(item("OURS-1", "3.00")).unwrap();
    shop.connect_all().await;
    settle(&shop).await;
    assert_eq!((shop.customers().len(), shop.items().len()), (9, 9));
    let there = |entity: &str| shop.there(Vendor::Quickbooks, entity).len();
    assert_eq!((there("Customer"), there("Item")), (9, 9));
    let anna = shop.one_there(Vendor::Quickbooks, "Customer", "Id", "2");
    assert_eq!(anna["Notes"], "Known for years", "what they lacked was sent");
    assert_eq!(shop.item("MUG-01").unit_price.decimal, "18.00", "where both said something, the books' word holds");
}

#[tokio::test(start_paused = true)]
async fn a_counted_item_stays_counted_here_whatever_quickbooks_makes_of_it() {
    let shop = shop("demo");
    shop.connect_all().await;
    shop.sync_well().await;
    let made = shop.save_item(ItemDraft { opening_quantity: "25".into(), ..item("VASE-1", "42.00") }).unwrap();
    settle(&shop).await;
    shop.one_there(Vendor::Quickbooks, "Item", "Sku", "VASE-1");
    let here = shop.get_item(made.draft.id).unwrap();
    assert_eq!((here.draft.kind, shop.item("VASE-1").on_hand.as_str()), (ItemKind::Stocked, "25"));
    // A change there of something else leaves the kind alone.
    let id = shop.one_there(Vendor::Quickbooks, "Item", "Sku", "VASE-1")["Id"].clone();
    shop.act(Vendor::Quickbooks, "edit_item", &json!({ "id": id, "UnitPrice": 45 }));
    settle(&shop).await;
    let here = shop.get_item(made.draft.id).unwrap();
    assert_eq!((here.draft.kind, here.unit_price.decimal.as_str()), (ItemKind::Stocked, "45.00"));
    assert_eq!(shop.item("VASE-1").on_hand, "25");
}

#[tokio::test(start_paused = true)]
async fn an_invoice_with_tax_discounts_and_free_text_has_the_same_total_there() {
    let shop = shop("demo");
    shop.connect_all().await;
    shop.sync_well().await;
    let id = backroom_core::ids::TaxCodeId::new();
    let code = TaxCodeDraft { id, name: "Maine".into(), percent: "5.5".into(), archived: false };
    let code = shop.save_tax_code(code).unwrap();
    let tidewater = shop.customer("Tidewater Studio").draft.id;
    let draft = shop.new_invoice(InvoiceSource::Customer { id: tidewater }).unwrap();
    let mug = shop.item("MUG-01").id;
    let goods = InvoiceLineDraft {
        item_id: Some(mug),
        discount: "10%".into(),
        tax_code_id: Some(code.id),
        ..invoice_line("Mugs", "7", "18.00")
    };
    let work = InvoiceLineDraft { tax_code_id: None, ..invoice_line("Engraving by hand", "1.5", "33.33") };
    let draft = InvoiceDraft { lines: vec![goods, work], discount: "5%".into(), shipping: "9.95".into(), ..draft };
    let saved = shop.save_invoice(draft).unwrap();
    settle(&shop).await;
    let theirs = shop.one_there(Vendor::Quickbooks, "Invoice", "DocNumber", &saved.draft.number);
    let total = backroom_money::Money::parse(&theirs["TotalAmt"].to_string(), backroom_money::Currency::USD).unwrap();
    assert_eq!(total.minor().to_string(), saved.totals.total.minor);
    assert_eq!(shop.invoice(&saved.draft.number).totals.total, saved.totals.total);
    // Changed once more here, it is the same again there.
    let mut draft = shop.invoice(&saved.draft.number).draft;
    draft.lines[0].quantity = "9".into();
    let changed = shop.save_invoice(draft).unwrap();
    settle(&shop).await;
    let theirs = shop.one_there(Vendor::Quickbooks, "Invoice", "DocNumber", &saved.draft.number);
    let total = backroom_money::Money::parse(&theirs["TotalAmt"].to_string(), backroom_money::Currency::USD).unwrap();
    assert_eq!(total.minor().to_string(), changed.totals.total.minor);
    assert_ne!(changed.totals.total, saved.totals.total);
}

#[tokio::test(start_paused = true)]
async fn an_order_of_the_shop_is_billed_paid_by_card_and_closed_in_the_books() {
    let shop = shop("demo");
    shop.connect_all().await;
    shop.sync_well().await;
    let mut ada = customer("Ada Pine");
    ada.email = "ada@pine.test".into();
    let ada = shop.save_customer(ada).unwrap();
    let order = shop.order("1050");
    let draft = shop.new_invoice(InvoiceSource::Order { id: order.draft.id }).unwrap();
    let draft = InvoiceDraft { customer_id: draft.customer_id.or(Some(ada.draft.id)), ..draft };
    let saved = shop.save_invoice(draft).unwrap();
    assert_eq!(saved.totals.total.minor, order.total.minor);
    let cents: u64 = saved.totals.total.minor.parse().unwrap();
    shop.act(Vendor::Stripe, "charge", &charge(cents, &saved.draft.number));
    settle(&shop).await;
    assert_eq!(shop.invoice(&saved.draft.number).status, InvoiceStatus::Paid);
    assert_eq!(shop.order("1050").invoice_id, Some(saved.draft.id));
    let theirs = shop.one_there(Vendor::Quickbooks, "Invoice", "DocNumber", &saved.draft.number);
    assert_eq!(theirs["Balance"].to_string(), "0");
}

#[tokio::test(start_paused = true)]
async fn refunds_disputes_and_a_payout_that_fails_leave_the_books_in_balance() {
    let shop = shop("demo");
    shop.connect_all().await;
    shop.sync_well().await;
    let first = shop.act(Vendor::Stripe, "charge", &charge(20_000, "1008"));
    shop.sync_well().await;
    let refund = shop.act(Vendor::Stripe, "refund", &json!({ "id": first["id"], "amount": 5_000 }));
    let second = shop.act(Vendor::Stripe, "charge", &json!({ "amount": 7_700 }));
    shop.act(Vendor::Stripe, "dispute", &json!({ "id": second["id"] }));
    shop.act(Vendor::Stripe, "fee", &json!({ "amount": 450 }));
    settle(&shop).await;
    let payout = shop.act(Vendor::Stripe, "payout", &json!({}));
    shop.outside.clock.advance(chrono::Duration::days(2));
    settle(&shop).await;
    shop.act(Vendor::Stripe, "fail_refund", &json!({ "id": refund["id"] }));
    shop.act(Vendor::Stripe, "fail_payout", &json!({ "id": payout["id"] }));
    settle(&shop).await;
    let failed = shop.payouts().into_iter().find(|row| row.remote_id == payout["id"].as_str().unwrap()).unwrap();
    assert_eq!((failed.status.as_str(), failed.difference.unwrap().minor.as_str()), ("failed", "0"));
    let parts = shop.get_payout(failed.id).unwrap();
    assert_eq!(parts.net.minor, failed.amount.minor);
    shop.act(Vendor::Stripe, "payout", &json!({}));
    settle(&shop).await;
    assert!(
        shop.payouts().iter().all(|row| row.difference.as_ref().is_some_and(|d| d.minor == "0")),
        "{:#?}",
        shop.payouts()
    );
}

#[tokio::test(start_paused = true)]
async fn a_months_pause_loses_nothing_on_any_side() {
    let shop = shop("demo");
    shop.connect_all().await;
    shop.sync_well().await;
    let who = shop.save_customer(customer("Before The Pause")).unwrap();
    shop.outside.clock.advance(chrono::Duration::days(3));
    shop.act(Vendor::Quickbooks, "edit_customer", &json!({ "id": 5, "Notes": "While away" }));
    shop.act(Vendor::Shipstation, "create_order", &json!({ "orderNumber": "9001" }));
    shop.act(Vendor::Shipstation, "ship", &json!({ "orderNumber": "1052" }));
    shop.act(Vendor::Stripe, "charge", &json!({ "amount": 3_000 }));
    shop.act(Vendor::Stripe, "payout", &json!({}));
    shop.outside.clock.advance(chrono::Duration::days(42));
    settle(&shop).await;
    assert_eq!(shop.customer("North Pier Books").draft.notes, "While away");
    assert_eq!((shop.orders().len(), shop.charges().len(), shop.payouts().len()), (14, 12, 3));
    assert_eq!(shop.get_customer(who.draft.id).unwrap().sync.len(), 1);
    shop.one_there(Vendor::Quickbooks, "Customer", "DisplayName", "Before The Pause");
}

#[tokio::test(start_paused = true)]
async fn a_shop_that_was_all_here_fills_an_empty_company_once() {
    let shop = shop("empty");
    let who = shop.save_customer(customer("First Customer")).unwrap();
    let gone = shop.save_customer(customer("Long Gone")).unwrap();
    shop.archive_customers(vec![gone.draft.id], true).unwrap();
    let what = shop.save_item(ItemDraft { opening_quantity: "10".into(), ..item("FIRST-1", "20.00") }).unwrap();
    let draft = shop.new_invoice(InvoiceSource::Customer { id: who.draft.id }).unwrap();
    let line = InvoiceLineDraft { item_id: Some(what.draft.id), ..invoice_line("First sale", "2", "20.00") };
    let bill = shop.save_invoice(InvoiceDraft { lines: vec![line], ..draft }).unwrap();
    let payment = PaymentDraft {
        id: backroom_core::ids::PaymentId::new(),
        customer_id: who.draft.id,
        received_on: TODAY.to_owned(),
        amount: "15".to_owned(),
        method: "Cash".to_owned(),
        reference: String::new(),
        note: String::new(),
        applied: vec![AppliedDraft { invoice_id: bill.draft.id, amount: "15".to_owned() }],
    };
    shop.record_payment(payment).unwrap();
    let address = AddressView {
        name: "First Customer".into(),
        line1: "1 Road".into(),
        city: "Bath".into(),
        region: "ME".into(),
        postal_code: "04530".into(),
        country: "US".into(),
        ..AddressView::default()
    };
    let what = shop.get_item(what.draft.id).unwrap();
    let sale = order(vec![order_line(&what, "1")]);
    shop.save_order(backroom_core::orders::OrderDraft { ship_to: address, ..sale }).unwrap();
    shop.connect_all().await;
    let first = shop.sync().await;
    assert_eq!(first.state, RunState::Done, "{:#?}", shop.problems());
    settle(&shop).await;
    let there = |entity: &str| shop.there(Vendor::Quickbooks, entity).len();
    assert_eq!((there("Customer"), there("Item"), there("Invoice"), there("Payment")), (1, 1, 1, 1));
    assert_eq!(shop.there(Vendor::Shipstation, "orders").len(), 1);
    assert_eq!(shop.there(Vendor::Quickbooks, "Invoice")[0]["Balance"].to_string(), "25");
}
