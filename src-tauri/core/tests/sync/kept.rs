//! Imported records that our own forms would refuse: one field is edited, the others are neither judged nor changed.

use crate::world::{World, customer, invoice, order, usd, with_books, world};
use backroom_core::customers::CustomerDraft;
use backroom_core::invoices::InvoiceDraft;
use backroom_core::orders::OrderDraft;
use backroom_core::testing::{TestCore, first_page, wrong_fields};
use backroom_money::{Currency, Quantity, UnitPrice};
use connector_contract::{Record, RecordKind, record};

/// What the vendor was sent last, field by field, apart from one field.
fn sent_apart_from(world: &World, kind: RecordKind, field: &str) -> serde_json::Value {
    let script = if kind == RecordKind::Order { &world.parcels } else { &world.books };
    let (_, record) = script.all(kind).into_iter().next_back().expect("a record");
    let mut value = serde_json::to_value(record).expect("a value");
    value.as_object_mut().expect("an object").remove(field);
    // What is not said and what is empty mean the same.
    serde_json::from_str(&value.to_string().replace("null", "\"\"")).expect("a value")
}

fn line(description: &str, quantity: i64, price: i64, amount: i64) -> record::InvoiceLine {
    record::InvoiceLine {
        remote_line: Some(format!("{description} {quantity}")),
        item: None,
        description: description.into(),
        quantity: Quantity::from_whole(quantity).expect("few"),
        unit_price: usd(price).into(),
        amount: usd(amount),
        taxable: false,
    }
}

#[tokio::test]
async fn an_imported_invoice_with_text_lines_and_returns_takes_a_note() {
    let (world, _) = with_books().await;
    let ada = world.books.put("c1", Record::Customer(customer("Ada")));
    let mut theirs = invoice("1".repeat(30).as_str(), &ada, 0);
    theirs.lines = vec![
        line("Delivered in two parts", 0, 0, 0),
        line("Returned", -1, 1800, -1800),
        line("", 3, 1000, 3000),
        line("Labels", 1000, 1, 1250),
    ];
    theirs.lines[3].unit_price = UnitPrice::parse("0.0125", Currency::USD).expect("a price");
    (theirs.total, theirs.balance) = (usd(2450), Some(usd(2450)));
    theirs.due_on = Some("2026-10-01".parse().expect("a day"));
    theirs.email = Some("a@pier.example,b@pier.example".into());
    theirs.message = Some("  kept as it is  ".into());
    world.books.put("i1", Record::Invoice(theirs));
    world.sync_well().await;
    let before = sent_apart_from(&world, RecordKind::Invoice, "note");
    let id = world.list_invoices(first_page()).expect("a page").rows[0].id;
    let loaded = world.get_invoice(id).expect("the invoice").draft;
    let noted = InvoiceDraft { note: "called".into(), ..loaded };
    let errors = world.preview_invoice(noted.clone()).expect("a preview").errors;
    assert!(errors.is_empty(), "{errors:?}");
    let saved = world.save_invoice(noted).expect("a save");
    assert_eq!(saved.totals.total.minor, "2450");
    world.sync_well().await;
    let after = sent_apart_from(&world, RecordKind::Invoice, "note");
    for field in ["number", "issued_on", "due_on", "lines", "discount", "shipping", "tax", "total", "email", "message"]
    {
        assert_eq!(after[field], before[field], "{field}");
    }
    assert_eq!(world.books_invoices()[0].note.as_deref(), Some("called"));
    // What is edited is judged like anything that is typed.
    let mut edited = saved.draft;
    edited.lines[1].quantity = "-2".into();
    edited.email = "c@pier.example,d@pier.example".into();
    assert_eq!(wrong_fields(world.save_invoice(edited)), ["email", "lines.1.quantity"]);
}

#[tokio::test]
async fn imported_customers_with_one_name_and_two_addresses_take_notes() {
    let (world, _) = with_books().await;
    for id in ["c1", "c2"] {
        let kitchen =
            record::Customer { email: Some("a@pier.example,b@pier.example".into()), ..customer("Pier: Kitchen") };
        world.books.put(id, Record::Customer(kitchen));
    }
    world.sync_well().await;
    for row in world.list_customers(first_page()).expect("a page").rows {
        let loaded = world.get_customer(row.id).expect("a customer").draft;
        let saved = world.save_customer(CustomerDraft { notes: "rings twice".into(), ..loaded }).expect("a save");
        assert_eq!(saved.draft.email, "a@pier.example,b@pier.example");
        let renamed = CustomerDraft { display_name: " Pier: Kitchen".into(), ..saved.draft };
        assert_eq!(wrong_fields(world.save_customer(renamed)), ["display_name", "display_name"]);
    }
    world.sync_well().await;
    for sent in world.books_customers() {
        assert_eq!((sent.notes.as_deref(), sent.display_name.as_str()), (Some("rings twice"), "Pier: Kitchen"));
        assert_eq!(sent.email.as_deref(), Some("a@pier.example,b@pier.example"));
    }
}

#[tokio::test]
async fn an_imported_order_with_a_coupon_and_an_empty_line_takes_an_internal_note() {
    let world = world();
    world.connect_parcels().await;
    let mut theirs = order("W-1", "LBL", 1000);
    theirs.lines[0].unit_price = UnitPrice::parse("0.0125", Currency::USD).expect("a price");
    let extra = |key: &str, name: &str, pieces: i64, price: i64| record::OrderLine {
        remote_line: None,
        key: Some(key.into()),
        sku: None,
        name: name.into(),
        quantity: Quantity::from_whole(pieces).expect("few"),
        unit_price: usd(price).into(),
        adjustment: false,
    };
    theirs.lines.extend([extra("line-2", "Coupon", 1, -250), extra("line-3", "", 0, 100)]);
    // The vendor says what it comes to; a fee it shows nowhere else is in it.
    theirs.total = usd(1100);
    world.parcels.put("o1", Record::Order(theirs));
    world.sync_well().await;
    let before = sent_apart_from(&world, RecordKind::Order, "internal_note");
    let id = world.list_orders(first_page()).expect("a page").rows[0].id;
    let loaded = world.get_order(id).expect("the order").draft;
    let noted = OrderDraft { internal_note: "fragile".into(), ..loaded };
    let errors = world.preview_order(noted.clone()).expect("a preview").errors;
    assert!(errors.is_empty(), "{errors:?}");
    let saved = world.save_order(noted).expect("a save");
    assert_eq!((saved.total.minor.as_str(), saved.lines[0].unit_price.decimal.as_str()), ("1100", "0.0125"));
    world.sync_well().await;
    let after = sent_apart_from(&world, RecordKind::Order, "internal_note");
    for field in ["lines", "total", "tax_amount", "shipping_amount", "customer_name", "customer_email", "status"] {
        assert_eq!(after[field], before[field], "{field}");
    }
    let mut edited = saved.draft;
    edited.lines[1].unit_price = "-3".into();
    edited.lines[2].quantity = "-1".into();
    assert_eq!(wrong_fields(world.save_order(edited)), ["lines.1.unit_price", "lines.2.quantity"]);
}

#[test]
fn what_is_new_is_judged_in_full() {
    let test = TestCore::new();
    test.customer("Ada");
    let twin = backroom_core::testing::customer("Ada");
    assert_eq!(wrong_fields(test.save_customer(twin)), ["display_name"]);
}
