//! Both sides changed something: different fields join, the same field is the owner's to decide, nothing is lost silently.

use crate::world::{World, customer, invoice, order, with_books, with_email, world};
use backroom_core::ids::CustomerId;
use backroom_core::orders::{OrderAction, OrderStatus};
use backroom_core::sync::testing::Fault;
use backroom_core::sync::{ConflictChoice, ConflictSide, OutboxState, ProblemAction, RunState};
use backroom_core::testing::first_page;
use backroom_core::view::RecordSyncState;
use chrono::Duration;
use connector_contract::{Attempt, ConnectorError, Record, RecordKind, Rejection, record};

/// Ada exists on both sides with this address.
async fn ada() -> (World, CustomerId) {
    let (world, _) = with_books().await;
    world.books.put("c1", with_email("Ada", "old@example.com"));
    world.sync_well().await;
    let id = world.customer_named("Ada").draft.id;
    (world, id)
}

fn theirs(email: &str, phone: &str) -> Record {
    Record::Customer(record::Customer { email: Some(email.into()), phone: Some(phone.into()), ..customer("Ada") })
}

#[tokio::test]
async fn different_fields_join_on_both_sides() {
    let (world, id) = ada().await;
    world.set_email(id, "ours@example.com");
    world.books.put("c1", theirs("old@example.com", "555"));
    world.sync_well().await;
    let here = world.customer_named("Ada").draft;
    assert_eq!((here.email.as_str(), here.phone.as_str()), ("ours@example.com", "555"));
    let there = world.books_customers().remove(0);
    assert_eq!((there.email.as_deref(), there.phone.as_deref()), (Some("ours@example.com"), Some("555")));
    assert!(world.outbox().is_empty());
}

#[tokio::test]
async fn the_same_change_on_both_sides_is_no_conflict_and_needs_no_sending() {
    let (world, id) = ada().await;
    world.set_email(id, "new@example.com");
    world.books.put("c1", theirs("new@example.com", ""));
    world.sync_well().await;
    assert!(world.outbox().is_empty() && world.books.pushes().is_empty());
}

#[tokio::test]
async fn ours_is_kept_also_where_it_cannot_be_sent_just_then() {
    let (world, books) = with_books().await;
    let ada = world.books.put("c1", Record::Customer(customer("Ada")));
    let bill = |note: &str| Record::Invoice(record::Invoice { note: Some(note.into()), ..invoice("R-1", &ada, 5000) });
    world.books.put("i1", bill(""));
    world.sync_well().await;
    let here = world.list_invoices(first_page()).expect("invoices").rows.remove(0);
    let mut draft = world.get_invoice(here.id).expect("an invoice").draft;
    draft.note = "ours".into();
    world.save_invoice(draft).expect("saved");
    world.books.put("i1", bill("theirs"));
    world.sync().await;
    assert_eq!(world.problems()[0].action, ProblemAction::Decide);
    // Ada is deleted there, so her invoice can't be written out until she is there again.
    world.books.delete(RecordKind::Customer, "c1");
    world.sync().await;
    world.settle_conflicts(ConflictSide::Ours);
    world.sync().await;
    let customer = world.get_invoice(here.id).expect("an invoice").draft.customer_id.expect("Ada");
    world.send_anew(books, "customer".into(), customer.to_string()).expect("a wish");
    world.sync_well().await;
    assert_eq!(world.books_invoices()[0].note.as_deref(), Some("ours"));
}

#[tokio::test]
async fn the_same_field_is_a_conflict_that_names_both_values_and_holds_the_change() {
    let (world, id) = ada().await;
    world.set_email(id, "ours@example.com");
    world.books.put("c1", theirs("theirs@example.com", "555"));
    let run = world.sync().await;
    assert_eq!((run.state, run.parts[0].problem_count), (RunState::DoneWithProblems, 1));
    let here = world.get_customer(id).expect("Ada");
    assert_eq!((here.draft.email.as_str(), here.draft.phone.as_str()), ("ours@example.com", "555"), "the rest joined");
    assert_eq!(here.sync[0].state, RecordSyncState::Conflict);
    let problem = world.problems().remove(0);
    assert_eq!(problem.action, ProblemAction::Decide);
    assert!(problem.message.contains("“ours@example.com” here, “theirs@example.com” in Books"), "{}", problem.message);
    assert_eq!(world.outbox()[0].state, OutboxState::Rejected);
    // It stays so, however often it is synced, and is told once.
    let again = world.sync().await;
    assert_eq!((world.problems().len(), again.parts[0].problem_count), (1, 0));
    assert!(world.books.pushes().is_empty());
    assert_eq!(world.books_customers()[0].email.as_deref(), Some("theirs@example.com"));
}

#[tokio::test]
async fn saving_the_record_again_keeps_ours() {
    let (world, id) = ada().await;
    world.set_email(id, "ours@example.com");
    world.books.put("c1", theirs("theirs@example.com", "555"));
    world.sync().await;
    world.set_email(id, "ours.again@example.com");
    assert!(world.problems().is_empty());
    // The record comes again with the value that was decided against: it is not asked about twice.
    world.books.put("c1", theirs("theirs@example.com", "556"));
    world.sync_well().await;
    let there = world.books_customers().remove(0);
    assert_eq!((there.email.as_deref(), there.phone.as_deref()), (Some("ours.again@example.com"), Some("556")));
    assert_eq!(world.get_customer(id).expect("Ada").draft.email, "ours.again@example.com");
    let run = world.sync_well().await;
    assert_eq!((run.parts[0].updated_count, run.parts[0].sent_count), (0, 0));
}

#[tokio::test]
async fn going_back_to_what_was_agreed_before_is_sent_as_the_owners_choice() {
    let (world, id) = ada().await;
    world.set_email(id, "ours@example.com");
    world.books.put("c1", theirs("theirs@example.com", ""));
    world.sync().await;
    world.set_email(id, "old@example.com");
    world.sync_well().await;
    assert_eq!(world.books_customers()[0].email.as_deref(), Some("old@example.com"), "neither side drifts");
    assert_eq!(world.get_customer(id).expect("Ada").draft.email, "old@example.com");
}

#[tokio::test]
async fn saving_another_field_leaves_the_conflict_open() {
    let (world, id) = ada().await;
    world.set_email(id, "ours@example.com");
    world.books.put("c1", theirs("theirs@example.com", ""));
    world.sync().await;
    let mut draft = world.get_customer(id).expect("Ada").draft;
    draft.notes = "Likes engines".into();
    world.save_customer(draft).expect("a save");
    assert_eq!(world.problems().len(), 1, "the owner has not looked at the address");
    world.sync().await;
    let there = world.books_customers().remove(0);
    assert_eq!((there.email.as_deref(), there.notes.as_deref()), (Some("theirs@example.com"), None), "all of it waits");
    world.settle_conflicts(ConflictSide::Theirs);
    world.sync_well().await;
    let (here, there) = (world.get_customer(id).expect("Ada").draft, world.books_customers().remove(0));
    assert_eq!((here.email.as_str(), here.notes.as_str()), ("theirs@example.com", "Likes engines"));
    assert_eq!(there.notes.as_deref(), Some("Likes engines"), "and goes out with the decision");
}

#[tokio::test]
async fn trying_all_problems_again_decides_no_conflict() {
    let (world, id) = ada().await;
    world.set_email(id, "ours@example.com");
    world.books.put("c1", theirs("theirs@example.com", ""));
    world.sync().await;
    world.retry_problems(vec![world.problems()[0].id]).expect("nothing to try");
    assert_eq!(world.problems().len(), 1);
    assert_eq!(world.get_customer(id).expect("Ada").draft.email, "ours@example.com");
    assert_eq!(world.books_customers()[0].email.as_deref(), Some("theirs@example.com"));
}

#[tokio::test]
async fn taking_theirs_still_sends_the_rest_of_ours() {
    let (world, id) = ada().await;
    let mut draft = world.get_customer(id).expect("Ada").draft;
    draft.email = "ours@example.com".into();
    draft.company = "Engines".into();
    world.save_customer(draft).expect("a save");
    world.books.put("c1", theirs("theirs@example.com", ""));
    world.sync().await;
    world.settle_conflicts(ConflictSide::Theirs);
    let here = world.get_customer(id).expect("Ada").draft;
    assert_eq!((here.email.as_str(), here.company.as_str()), ("theirs@example.com", "Engines"));
    world.sync_well().await;
    let there = world.books_customers().remove(0);
    assert_eq!((there.email.as_deref(), there.company.as_deref()), (Some("theirs@example.com"), Some("Engines")));
    assert!(world.outbox().is_empty() && world.problems().is_empty());
}

#[tokio::test]
async fn dropping_a_change_in_conflict_leaves_both_sides_as_they_are() {
    let (world, id) = ada().await;
    world.set_email(id, "ours@example.com");
    world.books.put("c1", theirs("theirs@example.com", ""));
    world.sync().await;
    world.drop_outbox(world.outbox()[0].id, "Both are right").expect("dropped");
    world.sync_well().await;
    assert_eq!(world.get_customer(id).expect("Ada").draft.email, "ours@example.com");
    assert_eq!(world.books_customers()[0].email.as_deref(), Some("theirs@example.com"));
    assert!(world.outbox().is_empty());
}

#[tokio::test]
async fn a_conflict_that_they_take_back_resolves_itself() {
    let (world, id) = ada().await;
    world.set_email(id, "ours@example.com");
    world.books.put("c1", theirs("theirs@example.com", ""));
    world.sync().await;
    world.books.put("c1", theirs("old@example.com", ""));
    world.sync_well().await;
    assert!(world.problems().is_empty());
    assert_eq!(world.books_customers()[0].email.as_deref(), Some("ours@example.com"));
}

#[tokio::test]
async fn a_frozen_change_that_certainly_had_no_effect_is_written_anew_after_their_change() {
    let (world, id) = ada().await;
    world.set_email(id, "ours@example.com");
    world.books.break_pushes([Some(Fault::Before(ConnectorError::Unavailable("out of order".into())))]);
    world.sync().await;
    world.books.put("c1", theirs("old@example.com", "555"));
    world.clock.advance(Duration::hours(1));
    world.sync_well().await;
    let there = world.books_customers().remove(0);
    assert_eq!((there.email.as_deref(), there.phone.as_deref()), (Some("ours@example.com"), Some("555")));
    let keys: Vec<String> = world.books.pushes().into_iter().map(|(key, ..)| key).collect();
    assert_ne!(keys[0], keys[1], "other content, other key");
}

#[tokio::test]
async fn remote_changes_are_held_while_ours_is_in_doubt_and_merged_afterwards() {
    let (world, id) = ada().await;
    world.set_email(id, "ours@example.com");
    // It was applied, the answer was lost, and asking again fails as well: then they change the telephone.
    let lost = || Some(Fault::After(ConnectorError::Unknown("no answer".into())));
    world.books.break_pushes([lost(), Some(Fault::Before(ConnectorError::Unavailable("out of order".into())))]);
    world.sync().await;
    world.books.put("c1", theirs("ours@example.com", "555"));
    world.clock.advance(Duration::hours(1));
    world.sync().await;
    let here = world.get_customer(id).expect("Ada").draft;
    assert_eq!((here.email.as_str(), here.phone.as_str()), ("ours@example.com", ""), "held");
    world.clock.advance(Duration::hours(7));
    world.sync_well().await;
    let here = world.get_customer(id).expect("Ada").draft;
    assert_eq!((here.email.as_str(), here.phone.as_str()), ("ours@example.com", "555"), "merged");
    assert_eq!(world.books_customers()[0].phone.as_deref(), Some("555"), "and not undone");
    assert_eq!(world.books.pushes().last().map(|push| push.1), Some(Attempt::AfterUnknown));
}

#[tokio::test]
async fn a_customer_typed_in_on_both_sides_is_one_and_what_differs_is_asked() {
    let (world, _) = with_books().await;
    world.sync_well().await;
    let mut draft = backroom_core::testing::customer("Ada");
    draft.email = "ours@example.com".into();
    draft.phone = "555".into();
    let id = world.save_customer(draft).expect("a customer").draft.id;
    world.books.put("c1", with_email("ada", "theirs@example.com"));
    world.sync().await;
    assert_eq!(world.books_customers().len(), 1);
    assert_eq!(world.count_of("customers"), 1);
    assert!(world.problems()[0].message.contains("theirs@example.com"), "{:?}", world.problems());
    world.settle_conflicts(ConflictSide::Theirs);
    world.sync_well().await;
    assert_eq!(world.get_customer(id).expect("Ada").draft.email, "theirs@example.com");
    assert_eq!(world.books_customers()[0].phone.as_deref(), Some("555"), "what only we had is there now");
}

#[tokio::test]
async fn saving_again_ends_a_conflict_for_every_change_that_was_held_by_it() {
    let (world, id) = ada().await;
    world.set_email(id, "first@example.com");
    world.books.break_pushes([Some(Fault::Before(ConnectorError::Unavailable("out of order".into())))]);
    world.sync().await;
    world.set_email(id, "second@example.com");
    assert_eq!(world.outbox().len(), 2, "the first is frozen and waits for its next try");
    world.books.put("c1", theirs("theirs@example.com", ""));
    world.sync().await;
    assert_eq!(world.problems().len(), 1);
    world.set_email(id, "third@example.com");
    world.clock.advance(Duration::hours(1));
    world.sync_well().await;
    assert_eq!(world.books_customers()[0].email.as_deref(), Some("third@example.com"));
    assert_eq!(world.outbox().len(), 0, "{:?}", world.outbox());
}

#[tokio::test]
async fn an_order_held_on_both_sides_is_released_there_too_when_it_is_released_here() {
    let world = world();
    world.connect_parcels().await;
    let held = |status, until: Option<&str>| {
        let hold_until = until.map(|day| day.parse().expect("a day"));
        Record::Order(record::Order { status, hold_until, ..order("9001", "PEN-1", 3) })
    };
    world.parcels.put("o1", held(record::OrderStatus::Open, None));
    world.sync_well().await;
    let id = world.list_orders(first_page()).expect("orders").rows[0].id;
    world.act_on_orders(vec![id], OrderAction::Hold { until: None }).expect("a hold");
    world.parcels.put("o1", held(record::OrderStatus::OnHold, Some("2026-12-24")));
    world.sync().await;
    let conflict = world.list_conflicts(None, 10).expect("conflicts").rows.remove(0);
    let fields: Vec<&str> = conflict.fields.iter().map(|field| field.field.as_str()).collect();
    assert_eq!(fields, ["hold_until"], "what is the same on both sides is not asked for");
    world.act_on_orders(vec![id], OrderAction::Release).expect("a release");
    world.sync_well().await;
    let Record::Order(there) = &world.parcels.all(RecordKind::Order)[0].1 else { panic!("an order") };
    assert_eq!((there.status, there.hold_until), (record::OrderStatus::Open, None));
    assert_eq!(world.get_order(id).expect("an order").status, OrderStatus::Open);
}

#[tokio::test]
async fn a_choice_for_one_field_counts_for_what_belongs_to_it() {
    let world = world();
    let parcels = world.connect_parcels().await;
    let status = record::OrderStatus::OnHold;
    world.parcels.put("o1", Record::Order(order("9001", "PEN-1", 3)));
    world.sync_well().await;
    let id = world.list_orders(first_page()).expect("orders").rows[0].id;
    world.act_on_orders(vec![id], OrderAction::Hold { until: None }).expect("a hold");
    let hold_until = Some("2026-12-24".parse().expect("a day"));
    world.parcels.put("o1", Record::Order(record::Order { status, hold_until, ..order("9001", "PEN-1", 3) }));
    world.sync().await;
    let choice = ConflictChoice { field: "hold_until".into(), side: ConflictSide::Theirs };
    world.resolve_conflict(parcels, "order", &id.to_string(), &[choice]).expect("a decision");
    world.sync_well().await;
    let here = world.get_order(id).expect("an order");
    assert_eq!((here.status, here.hold_until.as_deref()), (OrderStatus::OnHold, Some("2026-12-24")));
}

#[tokio::test]
async fn a_refused_change_that_comes_into_conflict_waits_for_the_choice_alone() {
    let (world, id) = ada().await;
    let refusal = ConnectorError::Rejected(Rejection::vendors("taken", None, "Not now."));
    world.books.break_pushes([Some(Fault::Before(refusal))]);
    world.set_email(id, "ours@example.com");
    world.sync().await;
    let refused = world.problems().remove(0);
    world.books.put("c1", theirs("theirs@example.com", ""));
    world.sync().await;
    let problems = world.problems();
    assert_eq!(problems.iter().map(|problem| problem.action).collect::<Vec<_>>(), [ProblemAction::Decide]);
    world.retry_problems(vec![refused.id, problems[0].id]).expect("nothing to try again");
    world.sync().await;
    let there = world.books_customers().remove(0);
    assert_eq!(there.email.as_deref(), Some("theirs@example.com"), "nobody has chosen yet");
    assert_eq!(world.list_conflicts(None, 10).expect("conflicts").rows.len(), 1);
}

#[tokio::test]
async fn what_an_answer_shows_beyond_what_was_sent_comes_in_with_the_next_reading() {
    let (world, id) = ada().await;
    world.books.set_assign(|record| {
        if let Record::Customer(customer) = record {
            customer.phone = Some("555".into());
        }
    });
    world.set_email(id, "ours@example.com");
    world.sync_well().await;
    world.sync_well().await;
    let here = world.customer_named("Ada").draft;
    assert_eq!((here.email.as_str(), here.phone.as_str()), ("ours@example.com", "555"));
    assert!(world.outbox().is_empty());
    assert_eq!(world.books.pushes().len(), 1, "it is theirs, and not sent back");
}
