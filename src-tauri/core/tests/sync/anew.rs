//! Records that ended over there: sent anew when the owner says so, and asked about when they are back.

use crate::world::{World, customer, invoice, order, with_books, with_email, world};
use backroom_core::ids::{ConnectionId, CustomerId};
use backroom_core::invoices::InvoiceStatus;
use backroom_core::orders::OrderStatus;
use backroom_core::sync::testing::Fault;
use backroom_core::sync::{ProblemAction, ProblemRow, RunState};
use backroom_core::testing::{first_page, order as typed_order, order_line};
use chrono::Duration;
use connector_contract::{ConnectorError, Record, RecordKind, RemoteId, record};

fn only(world: &World) -> ProblemRow {
    let mut problems = world.problems();
    assert_eq!(problems.len(), 1, "{problems:#?}");
    problems.remove(0)
}

/// Ada was deleted over there while a change of her waited here.
async fn deleted_with_a_change() -> (World, ConnectionId, CustomerId) {
    let (world, books) = with_books().await;
    world.books.put("c1", Record::Customer(customer("Ada")));
    world.sync_well().await;
    let ada = world.customer_named("Ada").draft.id;
    world.set_email(ada, "typed@example.com");
    world.books.delete(RecordKind::Customer, "c1");
    world.sync().await;
    (world, books, ada)
}

#[tokio::test]
async fn what_was_deleted_there_is_sent_anew_when_the_owner_says_so() {
    let (world, books, ada) = deleted_with_a_change().await;
    let problem = only(&world);
    assert_eq!(problem.action, ProblemAction::SendAnew);
    assert!(problem.advice.contains("Send it anew") && problem.advice.contains("leave it out"), "{problem:#?}");
    world.send_anew(books, "customer".into(), ada.to_string()).expect("a wish");
    assert!(world.problems().is_empty());
    assert_eq!(world.outbox().len(), 1);
    world.sync_well().await;
    let there = world.books.all(RecordKind::Customer);
    assert_eq!((there.len(), &there[0].0), (1, &RemoteId("r1".into())), "another record over there");
    assert_eq!(world.books_customers()[0].email.as_deref(), Some("typed@example.com"));
    // The tombstone of the old one stays: its page, once more, says nothing new.
    world.books.set_rewind(9);
    world.sync_well().await;
    assert_eq!((world.count_of("customers"), world.count_of("links")), (1, 2));
    assert!(!world.customer_named("Ada").archived);
    // What is there is not sent anew.
    let refused = world.send_anew(books, "customer".into(), ada.to_string()).expect_err("a refusal");
    assert!(refused.to_string().contains("not deleted in Books"), "{refused}");
}

#[tokio::test]
async fn what_was_sent_anew_and_deleted_again_stays_gone_although_the_clock_was_set_back() {
    let (world, books, ada) = deleted_with_a_change().await;
    world.send_anew(books, "customer".into(), ada.to_string()).expect("a wish");
    world.sync_well().await;
    world.clock.advance(-Duration::hours(3));
    world.books.delete(RecordKind::Customer, "r1");
    world.sync_well().await;
    assert!(world.get_customer(ada).expect("Ada").archived);
    world.invoice(ada, "10.00");
    world.sync().await;
    assert_eq!(world.books_customers().len(), 0, "the owner's word was about the first deletion");
    assert_eq!(only(&world).action, ProblemAction::SendAnew);
}

#[tokio::test]
async fn the_send_that_found_it_gone_goes_out_anew_under_a_new_key() {
    let (world, _) = with_books().await;
    world.books.put("c1", Record::Customer(customer("Ada")));
    world.sync_well().await;
    world.set_email(world.customer_named("Ada").draft.id, "typed@example.com");
    world.books.delete(RecordKind::Customer, "c1");
    world.books.hide_unread(RecordKind::Customer, "c1");
    world.sync().await;
    let problem = only(&world);
    assert_eq!(problem.action, ProblemAction::SendAnew);
    world.retry_problems(vec![problem.id]).expect("the same by the button");
    world.sync_well().await;
    let keys: Vec<String> = world.books.pushes().into_iter().map(|(key, ..)| key).collect();
    assert_eq!(keys.len(), 2);
    assert_ne!(keys[0], keys[1]);
    assert_eq!(world.books_customers().len(), 1);
}

/// Ada arrived over there without an answer, was changed here, and was deleted there before anybody heard of her.
async fn deleted_before_the_answer() -> (World, CustomerId) {
    let (world, _) = with_books().await;
    let ada = world.customer("Ada").draft.id;
    world.books.break_pushes([Some(Fault::After(ConnectorError::Unknown("no answer".into())))]);
    world.sync().await;
    world.books.delete(RecordKind::Customer, "r1");
    world.books.hide_unread(RecordKind::Customer, "r1");
    world.clock.advance(Duration::hours(1));
    (world, ada)
}

#[tokio::test]
async fn what_was_deleted_there_before_its_answer_came_is_not_made_again_by_a_newer_edit() {
    let (world, ada) = deleted_before_the_answer().await;
    world.set_email(ada, "typed@example.com");
    let bill = world.invoice(ada, "10.00");
    world.sync().await;
    assert_eq!(world.books_customers().len(), 0, "only the owner can want it again");
    let problem =
        world.problems().into_iter().find(|problem| problem.message.contains("before the answer")).expect("told");
    assert_eq!(problem.action, ProblemAction::SendAnew);
    world.set_email(ada, "later@example.com");
    world.sync().await;
    assert_eq!(world.books_customers().len(), 0, "nor by saving it");
    world.retry_problems(vec![problem.id]).expect("a wish");
    world.sync_well().await;
    assert_eq!(world.books_customers()[0].email.as_deref(), Some("later@example.com"));
    assert_eq!(world.books.all(RecordKind::Invoice).len(), 1, "{bill:?} went after it");
    assert!(world.problems().is_empty(), "{:#?}", world.problems());
}

#[tokio::test]
async fn what_was_archived_here_and_deleted_there_before_its_answer_came_is_done() {
    let (world, ada) = deleted_before_the_answer().await;
    world.archive_customers(vec![ada], true).expect("archived");
    world.sync_well().await;
    assert!(world.problems().is_empty() && world.outbox().is_empty(), "{:#?}", world.problems());
    assert_eq!(world.books_customers().len(), 0);
}

#[tokio::test]
async fn what_depends_on_a_deleted_record_names_it_and_goes_out_with_it() {
    let (world, _) = with_books().await;
    world.books.put("c1", Record::Customer(customer("Ada")));
    world.sync_well().await;
    let ada = world.customer_named("Ada").draft.id;
    world.books.delete(RecordKind::Customer, "c1");
    world.sync_well().await;
    assert!(world.get_customer(ada).expect("Ada").archived);
    let bill = world.invoice(ada, "10.00");
    let run = world.sync().await;
    assert_eq!(run.state, RunState::DoneWithProblems);
    let problem = only(&world);
    assert_eq!((problem.kind.as_str(), problem.record_id.clone()), ("customer", Some(ada.to_string())));
    assert!(problem.message.contains(&format!("Invoice {}", bill.draft.number)), "{}", problem.message);
    assert_eq!(problem.action, ProblemAction::SendAnew);
    assert!(world.outbox()[0].why.contains("Ada") && world.outbox()[0].why.contains("deleted"), "{:?}", world.outbox());
    world.sync().await;
    only(&world);
    world.retry_problems(vec![problem.id]).expect("a wish");
    assert!(!world.get_customer(ada).expect("Ada").archived, "it is wanted again");
    world.sync_well().await;
    assert_eq!((world.books_customers().len(), world.books_invoices().len()), (1, 1));
    assert!(world.books_customers()[0].active && world.outbox().is_empty());
}

#[tokio::test]
async fn a_void_document_is_not_sent_anew() {
    let (world, books) = with_books().await;
    let ada = world.books.put("c1", Record::Customer(customer("Ada")));
    world.books.put("i1", Record::Invoice(invoice("77", &ada, 5000)));
    world.sync_well().await;
    world.books.delete(RecordKind::Invoice, "i1");
    world.sync_well().await;
    let bill = world.list_invoices(first_page()).expect("invoices").rows[0].id;
    let refused = world.send_anew(books, "invoice".into(), bill.to_string()).expect_err("a refusal");
    assert!(refused.to_string().contains("void"), "{refused}");
    assert!(world.outbox().is_empty());
}

/// An invoice that was deleted there, voided here for it, and is there again.
async fn invoice_back() -> World {
    let (world, _) = with_books().await;
    let ada = world.books.put("c1", Record::Customer(customer("Ada")));
    world.books.put("i1", Record::Invoice(invoice("77", &ada, 5000)));
    world.sync_well().await;
    world.books.delete(RecordKind::Invoice, "i1");
    world.sync_well().await;
    world.books.put("i1", Record::Invoice(invoice("77", &ada, 5000)));
    assert_eq!(world.sync().await.state, RunState::DoneWithProblems);
    world
}

fn statuses(world: &World) -> Vec<InvoiceStatus> {
    world.list_invoices(first_page()).expect("invoices").rows.into_iter().map(|row| row.status).collect()
}

#[tokio::test]
async fn a_document_that_is_back_there_asks_before_it_lives_again_here() {
    let world = invoice_back().await;
    let problem = only(&world);
    assert!(problem.message.contains("is back in Books"), "{problem:#?}");
    assert_eq!(problem.action, ProblemAction::TakeUp);
    assert_eq!(statuses(&world), [InvoiceStatus::Void]);
    world.sync_well().await;
    assert_eq!((only(&world).id, statuses(&world).len()), (problem.id, 1), "it is told once");
    world.retry_problems(vec![problem.id]).expect("a wish");
    world.sync_well().await;
    assert!(world.problems().is_empty());
    let mut found = statuses(&world);
    found.sort_by_key(|status| *status == InvoiceStatus::Void);
    assert_eq!(found.len(), 2, "a void invoice stays void");
    assert!(found[0] != InvoiceStatus::Void && found[1] == InvoiceStatus::Void, "{found:?}");
    assert_eq!(world.customer_named("Ada").open_balance.minor, "5000");
    world.sync_well().await;
    assert_eq!(statuses(&world).len(), 2);
    assert_eq!(world.check_ledger().expect("a check"), Vec::<String>::new());
}

#[tokio::test]
async fn a_document_that_is_back_there_is_left_out_until_it_changes_again() {
    let world = invoice_back().await;
    world.dismiss_problem(only(&world).id).expect("a word");
    world.books.set_rewind(5);
    world.sync_well().await;
    assert!(world.problems().is_empty());
    assert_eq!((statuses(&world), world.count_of("parked")), (vec![InvoiceStatus::Void], 0));
    world.books.put("i1", Record::Invoice(invoice("77", &RemoteId("c1".into()), 6000)));
    world.sync().await;
    assert_eq!(only(&world).action, ProblemAction::TakeUp);
    // Deleted once more, there is nothing left to ask.
    world.books.delete(RecordKind::Invoice, "i1");
    world.sync_well().await;
    assert!(world.problems().is_empty());
}

#[tokio::test]
async fn an_order_that_is_back_is_taken_up_as_the_same_one() {
    let world = world();
    world.connect_parcels().await;
    world.parcels.put("o1", Record::Order(order("1050", "PEN-1", 2)));
    world.sync_well().await;
    let id = world.list_orders(first_page()).expect("orders").rows[0].id;
    world.parcels.delete(RecordKind::Order, "o1");
    world.sync_well().await;
    world.parcels.put("o1", Record::Order(order("1050", "PEN-1", 3)));
    world.sync().await;
    assert_eq!(world.get_order(id).expect("an order").status, OrderStatus::Cancelled);
    world.retry_problems(vec![only(&world).id]).expect("a wish");
    world.sync_well().await;
    let taken = world.get_order(id).expect("an order");
    assert_eq!((taken.status, taken.draft.lines[0].quantity.as_str()), (OrderStatus::Open, "3"));
    assert_eq!(world.count_of("orders"), 1);
}

#[tokio::test]
async fn what_was_split_off_an_order_that_ended_there_is_an_order_of_its_own() {
    let world = world();
    world.connect_parcels().await;
    let pen = world.stocked_item("PEN-1", "1", "9");
    let ours = world.save_order(typed_order(vec![order_line(&pen, "2")])).expect("an order").draft;
    world.sync_well().await;
    let remote = world.parcels.all(RecordKind::Order)[0].0.clone();
    world.parcels.delete(RecordKind::Order, &remote.0);
    world.sync_well().await;
    let child = record::Order { key: Some(ours.id.to_string()), parent: Some(remote), ..order("1001-1", "PEN-1", 1) };
    world.parcels.put("o9", Record::Order(child));
    world.sync_well().await;
    let kept = world.get_order(ours.id).expect("ours");
    assert_eq!((kept.draft.number.as_str(), kept.status), (ours.number.as_str(), OrderStatus::Cancelled));
    assert_eq!(world.count_of("orders"), 2);
}

#[tokio::test]
async fn a_customer_the_owner_archived_is_not_made_active_by_coming_back() {
    let (world, _, ada) = deleted_with_a_change().await;
    world.dismiss_problem(only(&world).id).expect("left out");
    world.archive_customers(vec![ada], true).expect("away");
    world.books.put("c1", with_email("Ada", "back@example.com"));
    world.sync().await;
    assert!(world.get_customer(ada).expect("Ada").archived);
    let problem = only(&world);
    assert_eq!(problem.action, ProblemAction::TakeUp);
    world.retry_problems(vec![problem.id]).expect("a wish");
    world.sync_well().await;
    let ada = world.get_customer(ada).expect("Ada");
    assert_eq!((ada.archived, ada.draft.email.as_str()), (false, "back@example.com"));
    assert_eq!(world.count_of("customers"), 1);
}

#[tokio::test]
async fn a_change_that_waited_when_it_was_deleted_waits_again_when_it_is_back() {
    let (world, _, ada) = deleted_with_a_change().await;
    let back = record::Customer { notes: Some("Restored".into()), ..customer("Ada") };
    world.books.put("c1", Record::Customer(back));
    world.sync_well().await;
    let here = world.get_customer(ada).expect("Ada").draft;
    assert_eq!((here.email.as_str(), here.notes.as_str()), ("typed@example.com", "Restored"));
    assert_eq!(world.books_customers()[0].email.as_deref(), Some("typed@example.com"));
    assert!(world.problems().is_empty(), "{:#?}", world.problems());
}
