//! Changes going out: order, exactly one effect, what is refused, what waits, what the vendor assigns.

use crate::world::{books_draft, customer, state_of, usd, with_books, with_email, world};
use backroom_core::connections::ConnectionState;
use backroom_core::ids::PaymentId;
use backroom_core::invoices::{InvoiceLineDraft, InvoiceStatus};
use backroom_core::payments::{AppliedDraft, PaymentDraft};
use backroom_core::sync::testing::Fault;
use backroom_core::sync::{OutboxState, ProblemAction, RunState};
use backroom_core::testing::{TODAY, draft_invoice, invoice_line, order, order_line};
use chrono::Duration;
use connector_contract::{Attempt, ConnectorError, Record, RecordKind, record};

fn down() -> ConnectorError {
    ConnectorError::Unavailable("out of order".into())
}

fn lost() -> ConnectorError {
    ConnectorError::Unknown("no answer".into())
}

#[tokio::test]
async fn references_are_sent_before_what_refers_to_them() {
    let (world, _) = with_books().await;
    world.sync_well().await;
    let ada = world.customer("Ada");
    let item = world.item("PEN-1", "2.50");
    let line = InvoiceLineDraft { item_id: Some(item.draft.id), ..invoice_line("Pens", "4", "2.50") };
    let bill = world.save_invoice(draft_invoice(ada.draft.id, vec![line])).expect("an invoice");
    let run = world.sync_well().await;
    assert_eq!(run.parts[0].sent_count, 3);
    assert!(world.outbox().is_empty());
    let stored = &world.books_invoices()[0];
    assert_eq!(stored.number.as_deref(), Some(bill.draft.number.as_str()));
    assert_eq!(stored.customer, world.books.all(RecordKind::Customer)[0].0);
    assert_eq!(stored.lines[0].item.as_ref(), Some(&world.books.all(RecordKind::Item)[0].0));
    assert_eq!(stored.total, usd(1000));
    let keys: Vec<String> = world.books.pushes().into_iter().map(|(key, ..)| key).collect();
    assert!(keys.iter().all(|key| key.len() <= 50 && key.ends_with(":g1")), "{keys:?}");
    // And what was sent does not come back as a change.
    let again = world.sync_well().await;
    assert_eq!((again.parts[0].updated_count, again.parts[0].sent_count), (0, 0));
}

#[tokio::test]
async fn a_run_tells_what_it_sent_by_names_and_not_by_the_vendors_numbers() {
    let (world, _) = with_books().await;
    world.sync_well().await;
    let ada = world.customer("Ada");
    let bill =
        world.save_invoice(draft_invoice(ada.draft.id, vec![invoice_line("Pens", "4", "2.50")])).expect("an invoice");
    let run = world.sync_well().await;
    let told = world.get_run(run.id, None, 50).expect("the run").changes;
    let told = told.iter().find(|change| change.title.contains(&bill.draft.number)).expect("the invoice");
    let of =
        |field: &str| told.fields.iter().find(|change| change.field == field).and_then(|field| field.after.clone());
    assert_eq!(of("customer").as_deref(), Some("Ada"));
    assert_eq!(of("lines").as_deref(), Some("4 × Pens 2.50 USD"));
}

#[tokio::test]
async fn a_reference_that_nobody_queued_is_queued_first() {
    let (world, _) = with_books().await;
    let ada = world.customer("Ada");
    world.sync_well().await;
    // An item that was archived before it could be sent is needed all the same.
    let item = world.item("PEN-1", "2.50");
    world.archive_items(vec![item.draft.id], true).expect("an archive");
    world.sync_well().await;
    assert!(world.outbox().is_empty() && world.books.all(RecordKind::Item).is_empty(), "nothing needs it there yet");
    let line = InvoiceLineDraft { item_id: Some(item.draft.id), ..invoice_line("Pens", "4", "2.50") };
    world.save_invoice(draft_invoice(ada.draft.id, vec![line])).expect("an invoice");
    world.sync_well().await;
    assert_eq!(world.books.all(RecordKind::Item).len(), 1);
    assert_eq!(world.books_invoices().len(), 1);
}

#[tokio::test]
async fn an_answer_that_was_lost_never_makes_a_second_record() {
    let (world, _) = with_books().await;
    world.sync_well().await;
    world.customer("Ada");
    world.books.break_pushes([Some(Fault::After(lost()))]);
    world.sync().await;
    assert_eq!(world.outbox()[0].state, OutboxState::Unknown);
    world.clock.advance(Duration::hours(1));
    world.sync_well().await;
    assert_eq!(world.books_customers().len(), 1);
    assert_eq!(world.count_of("customers"), 1);
    let pushes = world.books.pushes();
    assert_eq!(pushes[0].0, pushes[1].0, "the same key");
    assert_eq!((pushes[0].1, pushes[1].1), (Attempt::Clean, Attempt::AfterUnknown));
}

#[tokio::test]
async fn what_is_in_doubt_is_settled_before_anything_is_read() {
    let (world, _) = with_books().await;
    world.sync_well().await;
    world.customer("Ada");
    world.books.break_pushes([Some(Fault::After(lost()))]);
    world.sync().await;
    // It did arrive, and is renamed there: nothing but the key tells that it is ours.
    world.books.put("r1", Record::Customer(customer("Augusta")));
    world.clock.advance(Duration::hours(1));
    world.sync_well().await;
    assert_eq!((world.count_of("customers"), world.books_customers().len()), (1, 1));
    assert_eq!(world.customer_named("Augusta").history.len(), 2, "made here, renamed there");
}

#[tokio::test]
async fn once_in_doubt_an_entry_stays_in_doubt_until_an_answer_comes() {
    let (world, _) = with_books().await;
    world.sync_well().await;
    world.customer("Ada");
    world.books.break_pushes([Some(Fault::After(lost())), Some(Fault::Before(down())), None]);
    for _ in 0..3 {
        world.sync().await;
        world.clock.advance(Duration::hours(7));
    }
    let attempts: Vec<Attempt> = world.books.pushes().into_iter().map(|(_, attempt, _)| attempt).collect();
    assert_eq!(attempts, [Attempt::Clean, Attempt::AfterUnknown, Attempt::AfterUnknown]);
    assert_eq!(world.books_customers().len(), 1);
}

#[tokio::test]
async fn an_edit_during_a_lost_send_goes_out_after_it() {
    let (world, _) = with_books().await;
    world.sync_well().await;
    let ada = world.customer("Ada");
    world.books.break_pushes([Some(Fault::After(lost()))]);
    world.sync().await;
    world.set_email(ada.draft.id, "later@example.com");
    assert_eq!(world.outbox().len(), 2);
    assert_eq!(world.outbox()[1].state, OutboxState::Blocked, "it waits for the one in doubt");
    world.clock.advance(Duration::hours(1));
    world.sync_well().await;
    let all = world.books_customers();
    assert_eq!((all.len(), all[0].email.as_deref()), (1, Some("later@example.com")));
    assert_eq!(world.customer_named("Ada").draft.email, "later@example.com");
}

#[tokio::test]
async fn what_is_voided_here_while_its_arrival_is_in_doubt_does_not_come_in_as_another_one() {
    let (world, _) = with_books().await;
    let ada = world.customer("Ada");
    world.sync_well().await;
    let bill = world.invoice(ada.draft.id, "10.00");
    world.books.break_pushes([Some(Fault::After(lost()))]);
    world.sync().await;
    assert_eq!(world.outbox()[0].state, OutboxState::Unknown);
    world.void_invoices(vec![bill.draft.id]).expect("a void");
    // Not yet tried again, but it comes in as the vendor has it.
    world.sync().await;
    assert_eq!(world.count_of("invoices"), 1);
    world.clock.advance(Duration::hours(1));
    world.sync_well().await;
    assert_eq!((world.count_of("invoices"), world.outbox().len()), (1, 0));
    assert!(world.books_invoices().iter().all(|invoice| invoice.voided), "the void goes out after it");
}

#[tokio::test]
async fn a_transient_failure_is_tried_again_later_and_not_before() {
    let (world, _) = with_books().await;
    world.sync_well().await;
    world.customer("Ada");
    world.books.break_pushes([Some(Fault::Before(down()))]);
    world.sync().await;
    assert_eq!(world.outbox()[0].state, OutboxState::Retrying);
    assert!(world.outbox()[0].next_attempt_at.is_some());
    world.clock.advance(Duration::seconds(10));
    world.sync().await;
    assert_eq!(world.books.pushes().len(), 1, "too early");
    world.clock.advance(Duration::seconds(30));
    world.sync_well().await;
    assert_eq!(world.books_customers().len(), 1);
    let pushes = world.books.pushes();
    assert_eq!(pushes[0].0, pushes[1].0, "the same key");
    assert_eq!(pushes[1].1, Attempt::Clean, "it certainly had no effect");
}

#[tokio::test]
async fn one_record_that_always_fails_does_not_stop_the_others_but_a_dead_vendor_does() {
    let (world, _) = with_books().await;
    world.sync_well().await;
    for name in ["Ada", "Bob", "Cy", "Dee", "Eve"] {
        world.customer(name);
    }
    world.books.break_pushes([Some(Fault::Before(down())), None, Some(Fault::Before(down())), None]);
    let run = world.sync_well().await;
    assert_eq!(run.parts[0].sent_count, 3);
    world.clock.advance(Duration::hours(1));
    world.customer("Fay");
    world.books.break_pushes((0..3).map(|_| Some(Fault::Before(down()))));
    let run = world.sync().await;
    assert_eq!(run.state, RunState::Failed);
    assert_eq!(world.list_connections().expect("connections")[0].state, ConnectionState::Unreachable);
    world.clock.advance(Duration::hours(7));
    world.sync_well().await;
    assert_eq!(world.books_customers().len(), 6);
    assert_eq!(world.list_connections().expect("connections")[0].state, ConnectionState::Ready);
}

#[tokio::test]
async fn after_many_tries_the_owner_is_asked_and_can_start_it_again() {
    let (world, _) = with_books().await;
    world.sync_well().await;
    world.customer("Ada");
    world.books.break_pushes((0..10).map(|_| Some(Fault::Before(down()))));
    for _ in 0..10 {
        world.sync().await;
        world.clock.advance(Duration::hours(7));
    }
    assert_eq!(world.outbox()[0].state, OutboxState::Rejected);
    let problem = world.problems().remove(0);
    assert_eq!(problem.action, ProblemAction::Retry);
    world.sync().await;
    assert_eq!(world.books.pushes().len(), 10, "it rests until the owner acts");
    world.retry_problems(vec![problem.id]).expect("a retry");
    world.sync_well().await;
    assert_eq!(world.books_customers().len(), 1);
}

#[tokio::test]
async fn signed_out_in_the_middle_of_sending_keeps_what_waits_and_asks_for_a_sign_in() {
    let (world, _) = with_books().await;
    world.sync_well().await;
    world.customer("Ada");
    world.customer("Bob");
    world.books.break_pushes([Some(Fault::Before(ConnectorError::Unauthorized("ended".into())))]);
    let run = world.sync().await;
    assert_eq!(run.state, RunState::Failed);
    assert_eq!((world.books.pushes().len(), world.outbox().len()), (1, 2), "nothing more was tried, nothing lost");
    assert_eq!(world.list_connections().expect("connections")[0].state, ConnectionState::NeedsSignIn);
    assert_eq!(world.problems()[0].action, ProblemAction::SignIn);
    // Signing in again mends it.
    let started = world.start_sign_in(books_draft()).await.expect("a page");
    let link = format!("code=c&realmId=account-1&state={}", state_of(&started.authorize_url));
    world.finish_sign_in(link).await.expect("an outcome");
    assert!(world.problems().is_empty());
    world.sync_well().await;
    assert_eq!(world.books_customers().len(), 2);
}

#[tokio::test]
async fn a_record_that_moved_on_is_read_merged_and_sent_once_more() {
    let (world, _) = with_books().await;
    world.books.put("c1", with_email("Ada", "ada@example.com"));
    world.sync_well().await;
    let ada = world.customer_named("Ada").draft.id;
    world.set_phone(ada, "555");
    // Somebody was faster, as the vendor says.
    let conflict = ConnectorError::Conflict { remote_version: None };
    world.books.break_pushes([Some(Fault::Before(conflict))]);
    world.sync_well().await;
    let all = world.books_customers();
    assert_eq!((all[0].phone.as_deref(), all[0].email.as_deref()), (Some("555"), Some("ada@example.com")));
    let pushes = world.books.pushes();
    assert_ne!(pushes[0].0, pushes[1].0, "what was refused is sent under a new key");
}

#[tokio::test]
async fn a_record_that_keeps_moving_on_becomes_a_problem_instead_of_a_loop() {
    let (world, _) = with_books().await;
    world.books.put("c1", Record::Customer(customer("Ada")));
    world.sync_well().await;
    world.set_phone(world.customer_named("Ada").draft.id, "555");
    let conflict = || Some(Fault::Before(ConnectorError::Conflict { remote_version: None }));
    world.books.break_pushes((0..5).map(|_| conflict()));
    world.sync().await;
    assert_eq!(world.books.pushes().len(), 2, "once, and once more");
    assert_eq!(world.problems()[0].action, ProblemAction::Retry);
}

#[tokio::test]
async fn a_change_of_a_record_that_is_gone_is_told_and_never_sent_again() {
    let (world, _) = with_books().await;
    world.books.put("c1", Record::Customer(customer("Ada")));
    world.sync_well().await;
    let ada = world.customer_named("Ada").draft.id;
    world.set_phone(ada, "555");
    world.books.break_pushes([Some(Fault::Before(ConnectorError::NotFound("gone".into())))]);
    world.sync().await;
    assert_eq!(world.problems()[0].action, ProblemAction::SendAnew);
    world.set_phone(ada, "556");
    assert!(world.outbox().is_empty(), "{:?}", world.outbox());
    // Voiding what is gone already is what was wanted.
    let (world, _) = with_books().await;
    let ada = world.customer("Ada");
    let bill = world.invoice(ada.draft.id, "10.00");
    world.sync_well().await;
    world.void_invoices(vec![bill.draft.id]).expect("a void");
    world.books.break_pushes([Some(Fault::Before(ConnectorError::NotFound("gone".into())))]);
    world.sync_well().await;
    assert!(world.outbox().is_empty());
}

#[tokio::test]
async fn voiding_goes_out_once_and_what_was_never_sent_needs_no_voiding() {
    let (world, _) = with_books().await;
    world.sync_well().await;
    let ada = world.customer("Ada");
    let sent = world.invoice(ada.draft.id, "10.00");
    world.sync_well().await;
    let unsent = world.invoice(ada.draft.id, "20.00");
    world.void_invoices(vec![sent.draft.id, unsent.draft.id]).expect("a void");
    world.sync_well().await;
    let invoices = world.books_invoices();
    assert_eq!((invoices.len(), invoices[0].voided), (1, true));
    let run = world.sync_well().await;
    assert_eq!((run.parts[0].updated_count, run.parts[0].sent_count), (0, 0));
}

#[tokio::test]
async fn a_number_the_vendor_assigned_is_taken_and_another_total_is_told() {
    let (world, _) = with_books().await;
    world.sync_well().await;
    let ada = world.customer("Ada");
    let bill = world.invoice(ada.draft.id, "10.00");
    world.books.set_assign(|record| {
        if let Record::Invoice(invoice) = record {
            invoice.number = Some("B-1".into());
            invoice.tax = usd(80);
            invoice.total = usd(1080);
        }
    });
    world.sync().await;
    let bill = world.get_invoice(bill.draft.id).expect("an invoice");
    assert_eq!((bill.draft.number.as_str(), bill.totals.total.minor.as_str()), ("B-1", "1000"));
    let problem = world.problems().remove(0);
    assert!(problem.message.contains("10.80 USD") && problem.message.contains("10.00 USD"), "{}", problem.message);
    assert!(bill.history.iter().any(|entry| entry.action == "computed_otherwise" && entry.who == "Books"));
    let run = world.sync().await;
    assert_eq!((run.parts[0].updated_count, run.parts[0].sent_count), (0, 0), "it does not swing to and fro");
}

#[tokio::test]
async fn what_the_vendor_applied_of_a_payment_is_taken_over() {
    let (world, _) = with_books().await;
    world.sync_well().await;
    let ada = world.customer("Ada").draft.id;
    let bill = world.invoice(ada, "10.00").draft.id;
    let draft = PaymentDraft {
        id: PaymentId::new(),
        customer_id: ada,
        received_on: TODAY.into(),
        amount: "10.00".into(),
        method: String::new(),
        reference: String::new(),
        note: String::new(),
        applied: vec![AppliedDraft { invoice_id: bill, amount: "10.00".into() }],
    };
    world.record_payment(draft).expect("a payment");
    world.books.set_assign(|record| {
        if let Record::Payment(payment) = record {
            payment.applied[0].amount = usd(700);
        }
    });
    world.sync_well().await;
    assert_eq!(world.get_invoice(bill).expect("an invoice").balance.minor, "300");
    let run = world.sync_well().await;
    assert_eq!((run.parts[0].updated_count, run.parts[0].sent_count), (0, 0), "both sides are at rest");
    assert_eq!(world.check_ledger().expect("a check"), Vec::<String>::new());
}

#[tokio::test]
async fn an_edit_of_an_invoice_voided_there_does_not_bring_it_back() {
    let (world, _) = with_books().await;
    world.sync_well().await;
    let ada = world.customer("Ada").draft.id;
    let bill = world.invoice(ada, "10.00");
    world.sync_well().await;
    let mut draft = world.get_invoice(bill.draft.id).expect("an invoice").draft;
    draft.note = "Call first".into();
    world.save_invoice(draft).expect("a save");
    let (remote, there) = world.books.all(RecordKind::Invoice).remove(0);
    let Record::Invoice(there) = there else { panic!("an invoice") };
    world
        .books
        .put(&remote.0, Record::Invoice(record::Invoice { voided: true, total: usd(0), lines: vec![], ..there }));
    assert_eq!(world.sync().await.state, RunState::DoneWithProblems);
    let here = world.get_invoice(bill.draft.id).expect("an invoice");
    assert_eq!((here.status, here.draft.note.as_str()), (InvoiceStatus::Void, "Call first"));
    let problems = world.problems();
    assert!(problems.len() == 1 && problems[0].message.contains("voided in Books"), "{problems:?}");
    world.sync().await;
    assert!(world.outbox().is_empty());
    assert_eq!(world.books.pushes().len(), 2, "the customer and the invoice, once each");
    assert!(world.books_invoices()[0].voided);
}

#[tokio::test]
async fn what_the_owner_had_before_connecting_is_offered_once() {
    let world = world();
    let ada = world.customer("Ada");
    world.customer("Bob");
    let gone = world.customer("Gone");
    world.archive_customers(vec![gone.draft.id], true).expect("an archive");
    world.item("PEN-1", "2.50");
    world.invoice(ada.draft.id, "10.00");
    let order = world.save_order(order(vec![order_line(&world.item("INK-1", "4.00"), "2")])).expect("an order");
    world.books.put("c9", Record::Customer(customer("bob")));
    world.connect_books().await;
    world.connect_parcels().await;
    world.sync_well().await;
    let mut names: Vec<String> = world.books_customers().into_iter().map(|customer| customer.display_name).collect();
    names.sort();
    assert_eq!(names, ["Ada", "bob"], "matched first, archived left out");
    assert_eq!((world.books.all(RecordKind::Item).len(), world.books_invoices().len()), (2, 1));
    let parcels = world.parcels.all(RecordKind::Order);
    assert!(matches!(&parcels[0].1, Record::Order(sent) if sent.number == order.draft.number), "{parcels:?}");
    let pushes = world.books.pushes().len();
    world.sync_well().await;
    assert_eq!(world.books.pushes().len(), pushes, "only once");
}
