//! What an undo may touch: its own run's records and nothing else, on every account it reached, in words that hold afterwards.

use crate::world::{World, customer, invoice, order, with_books, with_email, world};
use backroom_core::invoices::InvoiceStatus;
use backroom_core::orders::OrderStatus;
use backroom_core::sync::{AuditCause, RunState, RunView, UndoOutcome, UndoRecord};
use connector_contract::{ConnectorError, Record, RecordKind, record};

/// Undoes a run; returns what became of each record.
async fn undo(world: &World, run: &RunView) -> (RunView, Vec<UndoRecord>) {
    let undone = world.undo_to_end(run.id).await.expect("an undo");
    (undone.clone(), world.get_undo(undone.id).expect("a report").records)
}

fn of<'a>(records: &'a [UndoRecord], kind: &str) -> &'a UndoRecord {
    let found: Vec<_> = records.iter().filter(|record| record.kind == kind).collect();
    assert_eq!(found.len(), 1, "{kind}: {records:#?}");
    found[0]
}

fn email_there(world: &World, name: &str) -> String {
    let found = world.books_customers().into_iter().find(|customer| customer.display_name == name);
    found.expect("a customer").email.unwrap_or_default()
}

/// Ada and Bea on both sides, agreed.
async fn with_two() -> World {
    let (world, _) = with_books().await;
    world.books.put("1", with_email("Ada", "old@example.com"));
    world.books.put("2", with_email("Bea", "bea@example.com"));
    world.sync_well().await;
    world
}

#[tokio::test]
async fn undoing_an_undo_leaves_what_others_changed_meanwhile() {
    let world = with_two().await;
    world.set_email(world.customer_named("Ada").draft.id, "new@example.com");
    let run = world.sync_well().await;
    // The bookkeeper changes another customer, and the same one in another field; the undo is the first to read both.
    world.books.put("2", with_email("Bea", "bea@new.example"));
    let phone =
        record::Customer { phone: Some("555-7".into()), email: Some("new@example.com".into()), ..customer("Ada") };
    world.books.put("1", Record::Customer(phone));
    let (undone, done) = undo(&world, &run).await;
    assert_eq!(of(&done, "customer").outcome, UndoOutcome::PutBack);
    let (_, back) = undo(&world, &undone).await;
    assert_eq!(back.len(), 1, "{back:#?}");
    assert_eq!(email_there(&world, "Bea"), "bea@new.example");
    assert_eq!(world.customer_named("Bea").draft.email, "bea@new.example");
    let ada = world.books_customers().into_iter().find(|customer| customer.display_name == "Ada").expect("Ada");
    assert_eq!((ada.email.as_deref(), ada.phone.as_deref()), (Some("new@example.com"), Some("555-7")));
}

#[tokio::test]
async fn an_undo_sends_its_own_records_and_the_rest_waits_for_the_next_sync() {
    let world = with_two().await;
    world.set_email(world.customer_named("Ada").draft.id, "new@example.com");
    let run = world.sync_well().await;
    world.set_email(world.customer_named("Bea").draft.id, "typed@example.com");
    world.customer("Cleo");
    undo(&world, &run).await;
    assert_eq!(email_there(&world, "Ada"), "old@example.com");
    assert_eq!(email_there(&world, "Bea"), "bea@example.com", "the preview said nothing of Bea");
    assert_eq!((world.books_customers().len(), world.outbox().len()), (2, 2));
    world.sync_well().await;
    assert_eq!((email_there(&world, "Bea"), world.books_customers().len()), ("typed@example.com".into(), 3));
}

#[tokio::test]
async fn an_undo_sends_what_its_records_need() {
    let (world, _) = with_books().await;
    let ada = world.books.put("1", Record::Customer(customer("Ada")));
    world.books.put("7", Record::Invoice(invoice("77", &ada, 1000)));
    world.sync_well().await;
    let bill = world.list_invoices(backroom_core::testing::first_page()).expect("invoices").rows[0].id;
    let cleo = world.customer("Cleo").draft.id;
    let mut draft = world.get_invoice(bill).expect("an invoice").draft;
    draft.customer_id = Some(cleo);
    world.save_invoice(draft).expect("a save");
    world.sync_well().await;
    let run = world.list_runs(None, 1).expect("runs").rows.remove(0);
    let (_, done) = undo(&world, &run).await;
    assert_eq!(of(&done, "invoice").outcome, UndoOutcome::PutBack, "{done:#?}");
    assert_eq!(world.books_invoices()[0].customer, ada);
    assert!(world.outbox().is_empty(), "{:#?}", world.outbox());
}

/// Two accounts whose first sync still waits for the owner's look.
fn ask(world: &World) {
    world
        .store()
        .write(|tx| {
            tx.execute("INSERT OR IGNORE INTO asking SELECT id FROM connections", [])?;
            Ok(())
        })
        .expect("a note");
}

#[tokio::test]
async fn a_run_of_an_account_that_still_asks_first_can_be_undone() {
    let world = with_two().await;
    world.set_email(world.customer_named("Ada").draft.id, "new@example.com");
    let run = world.sync_well().await;
    ask(&world);
    // It is read first, so what changed since is seen.
    let phone = record::Customer {
        email: Some("new@example.com".into()),
        notes: Some("Prefers tea".into()),
        ..customer("Ada")
    };
    world.books.put("1", Record::Customer(phone));
    let (undone, done) = undo(&world, &run).await;
    assert_eq!(undone.state, RunState::Done);
    assert_eq!(of(&done, "customer").outcome, UndoOutcome::PutBack);
    assert_eq!(email_there(&world, "Ada"), "old@example.com");
    assert_eq!(world.customer_named("Ada").draft.notes, "Prefers tea");
}

#[tokio::test]
async fn an_account_that_asks_first_and_was_not_touched_stays_out_of_an_undo() {
    let world = world();
    world.connect_parcels().await;
    world.parcels.put("9", Record::Order(order("1050", "PEN-1", 2)));
    world.sync_well().await;
    let rows = world.list_orders(backroom_core::testing::first_page()).expect("orders").rows;
    let mut draft = world.get_order(rows[0].id).expect("an order").draft;
    draft.internal_note = "Handle with care".into();
    world.save_order(draft).expect("a save");
    let run = world.sync_well().await;
    let books = world.connect_books().await;
    world.books.put("1", Record::Customer(customer("Ada")));
    ask(&world);
    let (undone, done) = undo(&world, &run).await;
    assert_eq!(of(&done, "order").outcome, UndoOutcome::PutBack);
    assert!(undone.parts.iter().all(|part| part.connection_id != books), "{undone:#?}");
    assert_eq!(world.count_of("customers"), 0, "nothing of it was read");
}

#[tokio::test]
async fn a_stream_that_cannot_be_read_leaves_its_account_alone() {
    let world = with_two().await;
    world.set_email(world.customer_named("Ada").draft.id, "new@example.com");
    let run = world.sync_well().await;
    let refused = connector_contract::Rejection::vendors("9", None, "no");
    world.books.break_pulls([ConnectorError::Rejected(refused)]);
    let (_, done) = undo(&world, &run).await;
    assert!(of(&done, "customer").reasons[0].contains("could not be read"), "{done:#?}");
    assert_eq!(email_there(&world, "Ada"), "new@example.com");
}

#[tokio::test]
async fn a_record_joined_with_one_over_there_is_named_and_its_fields_go_back() {
    let world = world();
    let mut draft = backroom_core::testing::customer("Ada");
    draft.email = "ours@example.com".into();
    draft.phone = "555".into();
    world.save_customer(draft).expect("a customer");
    world.customer("Bea");
    let bea = world.customer_named("Bea").draft;
    world.books.put("1", with_email("Ada", "theirs@example.com"));
    let same = record::Customer { email: Some(bea.email), phone: Some(bea.phone), ..customer("Bea") };
    world.books.put("2", Record::Customer(same));
    world.connect_books().await;
    let run = world.sync_well().await;
    let changes = world.get_run(run.id, None, 50).expect("a run").changes;
    let linked: Vec<_> =
        changes.iter().filter(|change| change.action == "linked").map(|change| change.title.as_str()).collect();
    assert_eq!(linked.len(), 2, "{changes:#?}");
    let (_, done) = undo(&world, &run).await;
    let named = |name: &str| done.iter().find(|record| record.title == name).expect("a record");
    assert_eq!(named("Bea").outcome, UndoOutcome::Left);
    assert!(named("Bea").reasons[0].contains("stays joined"), "{done:#?}");
    assert_eq!(named("Ada").outcome, UndoOutcome::PutBack);
    assert!(named("Ada").reasons[0].contains("stays joined"), "{done:#?}");
    assert_eq!(world.customer_named("Ada").draft.email, "ours@example.com");
    assert_eq!(email_there(&world, "Ada"), "ours@example.com");
}

#[tokio::test]
async fn archived_here_stays_over_there_whatever_is_saved_later() {
    let (world, _) = with_books().await;
    world.books.put("1", with_email("Ada", "a@example.com"));
    let run = world.sync_well().await;
    let id = world.customer_named("Ada").draft.id;
    let (_, done) = undo(&world, &run).await;
    assert_eq!(of(&done, "customer").outcome, UndoOutcome::ArchivedHere);
    world.audit_now(None, 30).await.expect("an audit");
    let found = world.list_audit_findings(None, 50).expect("findings").rows;
    assert!(found.iter().all(|finding| finding.cause != AuditCause::ChangedHere), "{found:#?}");
    assert!(found.is_empty(), "{found:#?}");
    world.set_phone(id, "555");
    world.sync_well().await;
    let there = &world.books_customers()[0];
    assert!(there.active, "a later save does not take it away there");
    assert_eq!(there.phone.as_deref(), Some("555"));
    assert!(world.get_customer(id).expect("Ada").archived);
    world.sync_well().await;
    // Taken up again and archived by the owner, it is the owner's word for both sides.
    world.archive_customers(vec![id], false).expect("back");
    world.sync_well().await;
    world.archive_customers(vec![id], true).expect("away");
    world.sync_well().await;
    assert!(!world.books_customers()[0].active);
}

#[tokio::test]
async fn what_a_run_merely_sent_is_taken_back_there_and_stays_here() {
    let (world, _) = with_books().await;
    world.sync_well().await;
    let ada = world.customer("Ada").draft.id;
    let bill = world.invoice(ada, "10.00").draft.id;
    let run = world.sync_well().await;
    let preview = world.preview_undo(run.id).expect("a preview");
    assert_eq!((preview.change_count, preview.left_count), (2, 0), "{preview:#?}");
    let told = of(&preview.records, "invoice");
    assert_eq!(told.reasons, ["It is voided in Books. Here it stays as it is, and is not sent again by itself."]);
    let told = of(&preview.records, "customer");
    assert!(told.reasons[0].contains("can only be made inactive in Books"), "{told:#?}");
    let (undone, done) = undo(&world, &run).await;
    assert!(done.iter().all(|record| record.outcome == UndoOutcome::Retired && !record.waiting), "{done:#?}");
    assert!(world.books_invoices()[0].voided && !world.books_customers()[0].active);
    let here = || world.get_invoice(bill).expect("an invoice");
    assert_eq!(here().status, InvoiceStatus::Open);
    assert!(!world.get_customer(ada).expect("Ada").archived);
    // The void that comes back from there is no void here, and nothing goes out by itself.
    for _ in 0..2 {
        let again = world.sync_well().await;
        assert_eq!((again.parts[0].updated_count, again.parts[0].sent_count), (0, 0));
    }
    assert_eq!((here().status, world.count_of("invoices")), (InvoiceStatus::Open, 1));
    assert!(world.outbox().is_empty() && world.problems().is_empty(), "{:#?}", world.problems());
    let (_, again) = undo(&world, &run).await;
    assert!(again.iter().all(|record| record.outcome == UndoOutcome::AsBefore), "{again:#?}");
    // A void document stays void; an entry of a list comes back.
    let (_, back) = undo(&world, &undone).await;
    assert_eq!(of(&back, "customer").outcome, UndoOutcome::PutBack);
    assert!(of(&back, "invoice").reasons[0].contains("stays void"), "{back:#?}");
    assert!(world.books_customers()[0].active);
    // The owner's own save sends it as a new one.
    let mut draft = here().draft;
    draft.note = "Once more".into();
    world.save_invoice(draft).expect("a save");
    world.sync_well().await;
    assert_eq!(world.books_invoices().iter().filter(|there| !there.voided).count(), 1);
    assert_eq!(world.books_invoices().len(), 2);
    assert_eq!(world.check_ledger().expect("a check"), Vec::<String>::new());
}

#[tokio::test]
async fn an_order_that_a_run_merely_sent_is_cancelled_there_and_open_here() {
    let world = world();
    world.connect_parcels().await;
    world.sync_well().await;
    let item = world.item("PEN-1", "2.50");
    let typed = backroom_core::testing::order(vec![backroom_core::testing::order_line(&item, "1")]);
    let id = world.save_order(typed).expect("an order").draft.id;
    let run = world.sync_well().await;
    let (_, done) = undo(&world, &run).await;
    assert_eq!(of(&done, "order").outcome, UndoOutcome::Retired);
    let Record::Order(there) = &world.parcels.all(RecordKind::Order)[0].1 else { panic!("an order") };
    assert_eq!(there.status, record::OrderStatus::Cancelled);
    world.sync_well().await;
    let rows = world.list_orders(backroom_core::testing::first_page()).expect("orders").rows;
    assert_eq!((rows.len(), rows[0].id), (1, id));
    assert_eq!(world.get_order(id).expect("an order").status, OrderStatus::Open);
}
