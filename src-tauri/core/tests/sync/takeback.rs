//! What an undo may touch: its own run's records and nothing else, on every account it reached, in words that hold afterwards.

use crate::world::{World, customer, invoice, order, with_books, with_email, world};
use backroom_core::sync::{RunState, RunView, UndoOutcome, UndoRecord};
use connector_contract::{ConnectorError, Record, record};

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
    let refused = connector_contract::Rejection { code: "9".into(), field: None, text: "no".into() };
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
