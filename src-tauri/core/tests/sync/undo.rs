//! Undoing a run: both sides as before, what changed since is left and named, and an undo can be undone.

use crate::world::{World, customer, invoice, order, parcel, payment, usd, with_books, with_email, world};
use backroom_core::ids::PaymentId;
use backroom_core::invoices::{InvoiceDraft, InvoiceView};
use backroom_core::orders::{OrderDraft, OrderStatus};
use backroom_core::payments::{AppliedDraft, PaymentDraft};
use backroom_core::sync::testing::Fault;
use backroom_core::sync::{ProblemAction, RunTrigger, RunView, UndoOutcome, UndoRecord};
use backroom_core::testing::draft_invoice;
use connector_contract::{ConnectorError, Record, RecordKind, Rejection, RemoteId, record};

impl World {
    /// Records that an invoice is paid.
    pub fn pay(&self, bill: &InvoiceView, amount: &str) {
        let customer_id = bill.draft.customer_id.expect("a customer");
        let applied = vec![AppliedDraft { invoice_id: bill.draft.id, amount: amount.into() }];
        let draft = PaymentDraft {
            id: PaymentId::new(),
            customer_id,
            received_on: "2026-11-20".into(),
            amount: amount.into(),
            method: "Check".into(),
            reference: "7".into(),
            note: String::new(),
            applied,
        };
        self.record_payment(draft).expect("a payment");
    }

    pub async fn undo(&self, run: &RunView) -> (RunView, Vec<UndoRecord>) {
        let undone = self.undo_to_end(run.id).await.expect("an undo");
        assert_eq!(undone.trigger, RunTrigger::Undo);
        (undone.clone(), self.get_undo(undone.id).expect("a report").records)
    }

    fn email_here(&self, name: &str) -> String {
        self.customer_named(name).draft.email
    }

    fn email_there(&self, name: &str) -> String {
        let found = self.books_customers().into_iter().find(|customer| customer.display_name == name);
        found.expect("a customer").email.unwrap_or_default()
    }
}

fn only(records: &[UndoRecord]) -> &UndoRecord {
    assert_eq!(records.len(), 1, "{records:#?}");
    &records[0]
}

/// Ada on both sides, agreed.
pub async fn with_ada() -> World {
    let (world, _) = with_books().await;
    world.books.put("1", with_email("Ada", "old@example.com"));
    world.sync_well().await;
    world
}

#[tokio::test]
async fn what_a_run_changed_here_goes_back_on_both_sides() {
    let world = with_ada().await;
    world.books.put("1", with_email("Ada", "new@example.com"));
    let run = world.sync_well().await;
    let preview = world.preview_undo(run.id).expect("a preview");
    let record = only(&preview.records);
    assert_eq!((record.outcome, preview.change_count, preview.left_count), (UndoOutcome::PutBack, 1, 0));
    let field = &record.fields[0];
    assert_eq!(
        (field.field.as_str(), field.before.as_deref(), field.after.as_deref()),
        ("email", Some("new@example.com"), Some("old@example.com"))
    );
    assert_eq!(world.email_here("Ada"), "new@example.com", "a preview changes nothing");
    assert!(world.outbox().is_empty());
    let (_, done) = world.undo(&run).await;
    assert_eq!(only(&done).outcome, UndoOutcome::PutBack);
    assert!(!only(&done).waiting);
    assert_eq!(
        (world.email_here("Ada"), world.email_there("Ada")),
        ("old@example.com".into(), "old@example.com".into())
    );
    assert!(world.outbox().is_empty() && world.problems().is_empty());
    assert_eq!(world.sync_well().await.parts[0].updated_count, 0, "both sides agree again");
}

#[tokio::test]
async fn what_a_run_sent_goes_back_on_both_sides() {
    let world = with_ada().await;
    world.set_email(world.customer_named("Ada").draft.id, "new@example.com");
    let run = world.sync_well().await;
    assert_eq!(world.email_there("Ada"), "new@example.com");
    let (_, done) = world.undo(&run).await;
    assert_eq!(only(&done).outcome, UndoOutcome::PutBack);
    assert_eq!(
        (world.email_here("Ada"), world.email_there("Ada")),
        ("old@example.com".into(), "old@example.com".into())
    );
    let history = world.customer_named("Ada").history;
    assert_eq!(history[0].who, "undo");
}

#[tokio::test]
async fn an_undo_of_an_undo_restores() {
    let world = with_ada().await;
    world.set_email(world.customer_named("Ada").draft.id, "new@example.com");
    let run = world.sync_well().await;
    let (undone, _) = world.undo(&run).await;
    let (_, done) = world.undo(&undone).await;
    assert_eq!(only(&done).outcome, UndoOutcome::PutBack);
    assert_eq!(
        (world.email_here("Ada"), world.email_there("Ada")),
        ("new@example.com".into(), "new@example.com".into())
    );
    // The first undo has nothing left to take back.
    let (_, again) = world.undo(&undone).await;
    assert_eq!(only(&again).outcome, UndoOutcome::AsBefore);
}

#[tokio::test]
async fn a_field_changed_since_is_left_and_named_and_the_others_go_back() {
    let world = with_ada().await;
    let there = |email: &str, phone: &str| {
        let record = record::Customer { email: Some(email.into()), phone: Some(phone.into()), ..customer("Ada") };
        Record::Customer(record)
    };
    world.books.put("1", there("new@example.com", "555-1"));
    let run = world.sync_well().await;
    // The bookkeeper goes on meanwhile, and only the undo's own reading shows it.
    world.books.put("1", there("newest@example.com", "555-1"));
    let (_, done) = world.undo(&run).await;
    let record = only(&done);
    assert_eq!(record.outcome, UndoOutcome::PutBack);
    assert_eq!(record.reasons, ["Changed since, so left: email."]);
    assert_eq!(world.email_here("Ada"), "newest@example.com");
    assert_eq!(world.email_there("Ada"), "newest@example.com");
    assert_eq!(world.books_customers()[0].phone.as_deref(), Some(""), "the telephone number went back");
}

#[tokio::test]
async fn another_change_that_came_in_before_the_send_is_not_taken_back_with_it() {
    let world = with_ada().await;
    world.set_email(world.customer_named("Ada").draft.id, "new@example.com");
    // The first try fails after their change of another field has been merged in.
    let phone =
        record::Customer { email: Some("old@example.com".into()), phone: Some("555-7".into()), ..customer("Ada") };
    world.books.put("1", Record::Customer(phone));
    world.books.break_pushes([Some(Fault::Before(ConnectorError::Unavailable("out of order".into())))]);
    world.sync().await;
    world.clock.advance(chrono::Duration::hours(1));
    let run = world.sync_well().await;
    assert_eq!(run.parts[0].sent_count, 1);
    let (_, done) = world.undo(&run).await;
    assert_eq!(only(&done).outcome, UndoOutcome::PutBack, "{done:#?}");
    let there = &world.books_customers()[0];
    assert_eq!((there.email.as_deref(), there.phone.as_deref()), (Some("old@example.com"), Some("555-7")));
}

#[tokio::test]
async fn changes_of_both_sides_that_joined_in_one_run_both_go_back() {
    let world = with_ada().await;
    world.set_email(world.customer_named("Ada").draft.id, "new@example.com");
    let phone =
        record::Customer { email: Some("old@example.com".into()), phone: Some("555-7".into()), ..customer("Ada") };
    world.books.put("1", Record::Customer(phone));
    let run = world.sync_well().await;
    let (undone, done) = world.undo(&run).await;
    assert_eq!(only(&done).fields.len(), 2, "{done:#?}");
    let there = &world.books_customers()[0];
    assert_eq!((there.email.as_deref(), there.phone.as_deref()), (Some("old@example.com"), Some("")));
    world.undo(&undone).await;
    let there = &world.books_customers()[0];
    assert_eq!((there.email.as_deref(), there.phone.as_deref()), (Some("new@example.com"), Some("555-7")));
}

#[tokio::test]
async fn an_invoice_with_a_payment_of_another_run_is_left_and_named() {
    let (world, _) = with_books().await;
    world.sync_well().await;
    let ada = world.customer("Ada");
    let bill = world.invoice(ada.draft.id, "10.00");
    let run = world.sync_well().await;
    let (customer, invoice) =
        (world.books.all(RecordKind::Customer)[0].0.clone(), world.books.all(RecordKind::Invoice)[0].0.clone());
    world.books.put("p", Record::Payment(payment(&customer, &invoice, 400)));
    world.sync_well().await;
    let (_, done) = world.undo(&run).await;
    let left = done.iter().find(|record| record.kind == "invoice").expect("the invoice");
    assert_eq!(left.outcome, UndoOutcome::Left);
    assert!(left.reasons[0].contains("Payments of 4.00 are applied"), "{left:#?}");
    assert!(!world.books_invoices()[0].voided);
    assert_eq!(world.get_invoice(bill.draft.id).expect("an invoice").paid.minor, "400");
}

#[tokio::test]
async fn what_is_paid_here_holds_an_invoice_also_where_the_payment_is_taken_back_there() {
    let (world, _) = with_books().await;
    world.sync_well().await;
    let ada = world.customer("Ada");
    let bill = world.invoice(ada.draft.id, "10.00");
    world.sync_well().await;
    let mut dearer = world.get_invoice(bill.draft.id).expect("an invoice").draft;
    dearer.lines[0].unit_price = "25.00".into();
    let bill = world.save_invoice(dearer).expect("saved");
    world.pay(&bill, "25.00");
    let run = world.sync_well().await;
    let (_, done) = world.undo(&run).await;
    let of = |kind: &str| done.iter().find(|record| record.kind == kind).expect("a record");
    assert_eq!((of("payment").outcome, of("invoice").outcome), (UndoOutcome::Retired, UndoOutcome::Left));
    assert_eq!(world.get_invoice(bill.draft.id).expect("an invoice").paid.minor, "2500", "nothing was taken off it");
}

#[tokio::test]
async fn a_payment_and_its_invoice_made_in_one_run_are_taken_back_in_order() {
    let (world, _) = with_books().await;
    world.sync_well().await;
    let ada = world.customer("Ada");
    let bill = world.invoice(ada.draft.id, "10.00");
    world.pay(&bill, "10.00");
    let run = world.sync_well().await;
    assert_eq!(run.parts[0].sent_count, 3);
    let (_, done) = world.undo(&run).await;
    assert!(done.iter().all(|record| record.outcome == UndoOutcome::Retired), "{done:#?}");
    assert!(world.books_invoices()[0].voided);
    assert_eq!(world.get_invoice(bill.draft.id).expect("an invoice").paid.minor, "1000", "here it stays as it was");
    assert_eq!(world.check_ledger().expect("a check"), Vec::<String>::new());
    assert!(world.problems().is_empty(), "{:#?}", world.problems());
}

#[tokio::test]
async fn what_was_deleted_there_before_its_undo_arrived_is_sent_again_only_when_the_owner_says_so() {
    let (world, books) = with_books().await;
    let ada = world.customer("Ada");
    world.sync_well().await;
    let bill = world.invoice(ada.draft.id, "10.00");
    let run = world.sync_well().await;
    let there = world.books.all(RecordKind::Invoice).remove(0).0;
    world.books.delete(RecordKind::Invoice, &there.0);
    world.books.hide_unread(RecordKind::Invoice, &there.0);
    world.undo(&run).await;
    let kept = world.get_invoice(bill.draft.id).expect("it stays here").draft;
    assert_eq!(world.problems().len(), 1, "{:#?}", world.problems());
    assert_eq!(world.problems()[0].action, ProblemAction::SendAnew);
    world.save_invoice(InvoiceDraft { note: "later".into(), ..kept }).expect("saved");
    world.sync().await;
    assert_eq!(world.books.all(RecordKind::Invoice).len(), 0, "an edit does not make it there again");
    world.send_anew(books, "invoice".into(), bill.draft.id.to_string()).expect("the owner's word");
    world.sync().await;
    assert_eq!(world.books_invoices().len(), 1);
}

#[tokio::test]
async fn what_came_in_stays_there_and_lists_are_archived_here() {
    let (world, _) = with_books().await;
    let ada = world.books.put("1", with_email("Ada", "a@example.com"));
    world.books.put("2", Record::Invoice(invoice("77", &ada, 1000)));
    let run = world.sync_well().await;
    let (_, done) = world.undo(&run).await;
    let of = |kind: &str| done.iter().find(|record| record.kind == kind).expect("a record");
    assert_eq!(of("customer").outcome, UndoOutcome::ArchivedHere);
    assert!(of("invoice").reasons[0].contains("It was made in Books, so it stays"), "{done:#?}");
    assert!(world.books_customers()[0].active && !world.books_invoices()[0].voided);
    assert!(world.outbox().is_empty(), "nothing is sent");
}

#[tokio::test]
async fn what_the_vendor_refuses_returns_here_and_is_named() {
    let world = with_ada().await;
    world.set_email(world.customer_named("Ada").draft.id, "new@example.com");
    let run = world.sync_well().await;
    let refusal = Rejection::vendors("closed", None, "closed");
    world.books.break_pushes([Some(Fault::Before(ConnectorError::Rejected(refusal)))]);
    let (_, done) = world.undo(&run).await;
    let record = only(&done);
    assert_eq!(record.outcome, UndoOutcome::Left);
    assert!(record.reasons[0].contains("books of that period are closed"), "{record:#?}");
    assert_eq!(
        (world.email_here("Ada"), world.email_there("Ada")),
        ("new@example.com".into(), "new@example.com".into())
    );
    assert!(world.outbox().is_empty() && world.problems().is_empty());
    // Open again, it can be undone after all.
    let (_, done) = world.undo(&run).await;
    assert_eq!(only(&done).outcome, UndoOutcome::PutBack);
    assert_eq!(world.email_there("Ada"), "old@example.com");
}

#[tokio::test]
async fn an_edit_that_waited_still_goes_out_when_the_undo_it_went_along_with_is_refused() {
    let world = with_ada().await;
    let ada = world.customer_named("Ada").draft.id;
    world.set_email(ada, "new@example.com");
    let run = world.sync_well().await;
    world.set_phone(ada, "555-1");
    let refusal = Rejection::vendors("closed", None, "closed");
    world.books.break_pushes([Some(Fault::Before(ConnectorError::Rejected(refusal)))]);
    let (_, done) = world.undo(&run).await;
    assert_eq!(only(&done).outcome, UndoOutcome::Left);
    world.sync_well().await;
    assert_eq!(world.email_there("Ada"), "new@example.com");
    assert_eq!(world.books_customers()[0].phone.as_deref(), Some("555-1"));
    assert!(world.outbox().is_empty() && world.problems().is_empty());
}

#[tokio::test]
async fn a_vendor_that_cannot_be_read_is_left_alone() {
    let world = with_ada().await;
    world.set_email(world.customer_named("Ada").draft.id, "new@example.com");
    let run = world.sync_well().await;
    world.books.break_identify(ConnectorError::Unavailable("out of order".into()));
    let (_, done) = world.undo(&run).await;
    assert!(only(&done).reasons[0].contains("could not be read"), "{done:#?}");
    assert_eq!(world.email_here("Ada"), "new@example.com");
    let (_, done) = world.undo(&run).await;
    assert_eq!(only(&done).outcome, UndoOutcome::PutBack);
}

#[tokio::test]
async fn an_undo_that_is_lost_on_its_way_is_finished_by_the_next_run() {
    let world = with_ada().await;
    world.set_email(world.customer_named("Ada").draft.id, "new@example.com");
    let run = world.sync_well().await;
    world.books.break_pushes([Some(Fault::After(ConnectorError::Unknown("no answer".into())))]);
    let (undone, done) = world.undo(&run).await;
    assert!(only(&done).waiting);
    world.clock.advance(chrono::Duration::hours(1));
    world.sync_well().await;
    assert!(!world.get_undo(undone.id).expect("a report").records[0].waiting);
    assert_eq!(
        (world.email_here("Ada"), world.email_there("Ada")),
        ("old@example.com".into(), "old@example.com".into())
    );
}

#[tokio::test]
async fn an_edit_after_an_undo_that_still_waits_is_the_owners_and_stays_when_it_is_refused() {
    let world = with_ada().await;
    let id = world.customer_named("Ada").draft.id;
    world.set_email(id, "new@example.com");
    let run = world.sync_well().await;
    world.books.break_pushes([Some(Fault::Before(ConnectorError::Unavailable("out of order".into())))]);
    world.undo(&run).await;
    world.set_email(id, "third@example.com");
    let refusal = Rejection::vendors("address", None, "no");
    let refused = Some(Fault::Before(ConnectorError::Rejected(refusal)));
    world.books.break_pushes([refused.clone(), refused]);
    world.clock.advance(chrono::Duration::hours(1));
    world.sync().await;
    assert_eq!(world.email_here("Ada"), "third@example.com");
    assert_eq!(world.problems().len(), 1, "an owner's edit that is refused is a problem to see");
}

#[tokio::test]
async fn the_amounts_of_an_invoice_go_back_as_they_were_typed() {
    let (world, _) = with_books().await;
    world.sync_well().await;
    let ada = world.customer("Ada");
    let bill = world.invoice(ada.draft.id, "10.00");
    world.sync_well().await;
    let mut draft = world.get_invoice(bill.draft.id).expect("an invoice").draft;
    draft.discount = "10%".into();
    draft.lines[0].quantity = "3".into();
    world.save_invoice(draft).expect("a save");
    let run = world.sync_well().await;
    assert_eq!(world.books_invoices()[0].total, usd(2700));
    let (undone, _) = world.undo(&run).await;
    assert_eq!(world.books_invoices()[0].total, usd(1000));
    let here = world.get_invoice(bill.draft.id).expect("an invoice");
    assert_eq!((here.draft.discount.as_str(), here.draft.lines[0].quantity.as_str()), ("", "1"));
    world.undo(&undone).await;
    let here = world.get_invoice(bill.draft.id).expect("an invoice");
    assert_eq!((here.draft.discount.as_str(), here.balance.minor.as_str()), ("10%", "2700"));
    assert_eq!(world.check_ledger().expect("a check"), Vec::<String>::new());
}

#[tokio::test]
async fn orders_that_came_in_stay_and_edits_of_them_go_back() {
    let world = crate::world::world();
    world.connect_parcels().await;
    world.parcels.put("9", Record::Order(order("1050", "PEN-1", 2)));
    let first = world.sync_well().await;
    let rows = world.list_orders(backroom_core::testing::first_page()).expect("orders").rows;
    let mut draft = world.get_order(rows[0].id).expect("an order").draft;
    draft.internal_note = "Handle with care".into();
    world.save_order(draft).expect("a save");
    let run = world.sync_well().await;
    let (_, done) = world.undo(&run).await;
    assert_eq!(only(&done).outcome, UndoOutcome::PutBack, "{done:#?}");
    let Record::Order(there) = &world.parcels.all(RecordKind::Order)[0].1 else { panic!("an order") };
    assert_eq!(there.internal_note.as_deref(), Some(""));
    assert_eq!(there.lines[0].key.as_deref(), Some("line-1"));
    let preview = world.preview_undo(first.id).expect("a preview");
    assert!(only(&preview.records).reasons[0].contains("Cancel it if it is not wanted"), "{preview:#?}");
}

#[tokio::test]
async fn a_run_that_is_going_on_is_not_undone() {
    let world = with_ada().await;
    let open = world.sync_now(None, RunTrigger::Owner).expect("a run");
    let refused = world.preview_undo(open.id).expect_err("a refusal");
    assert!(refused.to_string().contains("still going on"), "{refused}");
    let run = world.list_runs(None, 10).expect("runs").rows.pop().expect("the first run");
    let refused = world.undo_run(run.id).expect_err("a refusal");
    assert!(refused.to_string().contains("A run is going on"), "{refused}");
}

#[tokio::test]
async fn a_record_deleted_there_since_is_named() {
    let (world, _) = with_books().await;
    world.sync_well().await;
    let ada = world.customer("Ada");
    world
        .save_invoice(draft_invoice(ada.draft.id, vec![backroom_core::testing::invoice_line("Work", "1", "5")]))
        .expect("an invoice");
    let run = world.sync_well().await;
    let RemoteId(id) = world.books.all(RecordKind::Invoice)[0].0.clone();
    world.books.delete(RecordKind::Invoice, &id);
    let (_, done) = world.undo(&run).await;
    let invoice = done.iter().find(|record| record.kind == "invoice").expect("the invoice");
    assert_eq!(invoice.reasons, ["It was deleted in Books since."]);
}

#[tokio::test]
async fn an_order_whose_label_was_cancelled_is_not_shipped_again_by_an_undo() {
    let world = world();
    let shipped = world.shipped_order().await;
    world.parcels.put("s1", Record::Shipment(record::Shipment { voided: true, ..parcel("ups") }));
    let customer_note = Some("No hurry".to_owned());
    world.parcels.put("o1", Record::Order(record::Order { customer_note, ..order("9001", "PEN-1", 3) }));
    world.sync_well().await;
    let open = world.get_order(shipped.draft.id).expect("an order");
    assert_eq!((shipped.status, open.status), (OrderStatus::Shipped, OrderStatus::Open));
    let internal_note = "Ship it on Monday".to_owned();
    world.save_order(OrderDraft { internal_note, ..open.draft }).expect("a save");
    let run = world.sync_well().await;
    let (_, done) = world.undo(&run).await;
    assert!(only(&done).reasons[0].contains("it is a fact"), "{done:#?}");
    let here = world.get_order(shipped.draft.id).expect("an order");
    assert_eq!((here.status, here.draft.internal_note.as_str()), (OrderStatus::Open, ""));
}
