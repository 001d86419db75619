//! Earlier states of records: seen as of any change, and brought back like an owner's save.

use crate::world::{with_books, with_email, world};
use backroom_core::Error;
use backroom_core::testing::{draft_invoice, invoice_line};
use backroom_core::view::HistoryEntry;

fn entry<'a>(history: &'a [HistoryEntry], action: &str) -> &'a HistoryEntry {
    history.iter().find(|entry| entry.action == action).expect("an entry")
}

#[tokio::test]
async fn a_customer_is_shown_as_of_a_change_and_brought_back_on_both_sides() {
    let (world, _) = with_books().await;
    world.books.put("1", with_email("Ada", "old@example.com"));
    world.sync_well().await;
    let id = world.customer_named("Ada").draft.id;
    world.set_email(id, "new@example.com");
    world.set_phone(id, "555-1");
    world.sync_well().await;
    let now = world.get_customer(id).expect("a customer");
    let first = entry(&now.history, "created").id;
    let then = world.get_record_version("customer".into(), id.to_string(), first).expect("a version");
    assert_eq!((then.who.as_str(), then.refusal), ("Books", None));
    let email = then.fields.iter().find(|field| field.field == "email").expect("the email");
    assert_eq!((email.then.as_deref(), email.now.as_deref()), (Some("old@example.com"), Some("new@example.com")));
    let version = now.draft.version.expect("a version");
    world.restore_record_version("customer".into(), id.to_string(), first, version).expect("a restore");
    let back = world.get_customer(id).expect("a customer");
    assert_eq!((back.draft.email.as_str(), back.draft.phone.as_str()), ("old@example.com", ""));
    assert_eq!(back.history[0].who, "owner");
    world.sync_well().await;
    assert_eq!(world.books_customers()[0].email.as_deref(), Some("old@example.com"));
    let newest = back.history[0].id;
    let same = world.get_record_version("customer".into(), id.to_string(), newest).expect("a version");
    assert_eq!(same.refusal.as_deref(), Some("It is like this now."));
}

#[tokio::test]
async fn a_stale_restore_is_refused_and_so_is_a_taken_name() {
    let world = world();
    let ada = world.customer("Ada");
    world.set_email(ada.draft.id, "a@example.com");
    let first = world.get_customer(ada.draft.id).expect("a customer").history.pop().expect("an entry").id;
    let restore = |version| world.restore_record_version("customer".into(), ada.draft.id.to_string(), first, version);
    assert!(matches!(restore(ada.draft.version.expect("one")), Err(Error::Stale(_))));
    let mut renamed = world.get_customer(ada.draft.id).expect("a customer").draft;
    renamed.display_name = "Augusta".into();
    let renamed = world.save_customer(renamed).expect("a save");
    world.customer("Ada");
    assert!(matches!(restore(renamed.draft.version.expect("one")), Err(Error::Invalid(_))));
}

#[tokio::test]
async fn archived_items_come_back_with_their_earlier_state() {
    let world = world();
    let pen = world.item("PEN-1", "2.50");
    world.archive_items(vec![pen.draft.id], true).expect("an archive");
    let now = world.get_item(pen.draft.id).expect("an item");
    let first = entry(&now.history, "created").id;
    let version = now.draft.version.expect("one");
    world.restore_record_version("item".into(), pen.draft.id.to_string(), first, version).expect("a restore");
    assert!(!world.get_item(pen.draft.id).expect("an item").archived);
}

#[tokio::test]
async fn an_open_invoice_gets_its_earlier_lines_and_a_void_one_stays_void() {
    let world = world();
    let ada = world.customer("Ada");
    let bill =
        world.save_invoice(draft_invoice(ada.draft.id, vec![invoice_line("Work", "1", "10")])).expect("an invoice");
    let mut draft = bill.draft.clone();
    draft.lines = vec![invoice_line("Other work", "2", "20")];
    draft.discount = "50%".into();
    let changed = world.save_invoice(draft).expect("a save");
    assert_eq!(changed.balance.minor, "2000");
    let id = bill.draft.id.to_string();
    let first = entry(&changed.history, "created").id;
    let then = world.get_record_version("invoice".into(), id.clone(), first).expect("a version");
    let total = then.fields.iter().find(|field| field.field == "total").expect("the total");
    assert_eq!((total.then.as_deref(), total.now.as_deref()), (Some("10.00 USD"), Some("20.00 USD")));
    let version = changed.draft.version.expect("one");
    world.restore_record_version("invoice".into(), id.clone(), first, version).expect("a restore");
    let back = world.get_invoice(bill.draft.id).expect("an invoice");
    assert_eq!((back.balance.minor.as_str(), back.draft.lines[0].description.as_str()), ("1000", "Work"));
    assert_eq!(world.check_ledger().expect("a check"), Vec::<String>::new());
    world.void_invoices(vec![bill.draft.id]).expect("a void");
    let void = world.get_record_version("invoice".into(), id.clone(), first).expect("a version");
    assert!(void.refusal.expect("a reason").contains("stays void"));
    let refused = world.restore_record_version("invoice".into(), id, first, 9).expect_err("a refusal");
    assert!(matches!(refused, Error::Refused(_)), "{refused}");
}

#[tokio::test]
async fn an_open_order_gets_its_earlier_lines_and_a_cancelled_one_is_refused() {
    let world = world();
    let pen = world.item("PEN-1", "2.50");
    let order = world.order(&[(&pen, "4")]);
    let mut draft = order.draft.clone();
    draft.lines[0].quantity = "1".into();
    draft.internal_note = "Only one".into();
    let changed = world.save_order(draft).expect("a save");
    let first = entry(&changed.history, "created").id;
    let id = order.draft.id.to_string();
    let version = changed.draft.version.expect("one");
    world.restore_record_version("order".into(), id.clone(), first, version).expect("a restore");
    let back = world.get_order(order.draft.id).expect("an order");
    assert_eq!((back.lines[0].quantity.as_str(), back.draft.internal_note.as_str()), ("4", ""));
    let cancel = backroom_core::orders::OrderAction::Cancel;
    world.act_on_orders(vec![order.draft.id], cancel).expect("a cancellation");
    let then = world.get_record_version("order".into(), id, first).expect("a version");
    assert!(then.refusal.expect("a reason").contains("cancelled"));
}

#[tokio::test]
async fn an_entry_of_another_record_is_not_found() {
    let world = world();
    let (ada, bo) = (world.customer("Ada"), world.customer("Bo"));
    let entry = world.get_customer(bo.draft.id).expect("a customer").history[0].id;
    let lost = world.get_record_version("customer".into(), ada.draft.id.to_string(), entry);
    assert!(matches!(lost, Err(Error::NotFound(_))));
    assert!(world.get_record_version("shipment".into(), ada.draft.id.to_string(), entry).is_err());
}
