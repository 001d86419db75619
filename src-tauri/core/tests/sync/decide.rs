//! Conflicts are decided field by field, for the whole record, or by the connection's rule; dead letters may be dropped.

use crate::world::{World, customer, with_books, with_email};
use backroom_core::Error;
use backroom_core::ids::{ConnectionId, CustomerId};
use backroom_core::sync::testing::Fault;
use backroom_core::sync::{ConflictChoice, ConflictRule, ConflictSide, ConflictView, RunState};
use chrono::Duration;
use connector_contract::{ConnectorError, Record, Rejection, record};

/// Ada exists on both sides; her address and telephone were changed here and there, her company only here.
async fn ada() -> (World, ConnectionId, CustomerId) {
    let (world, books) = with_books().await;
    world.books.put("c1", with_email("Ada", "old@example.com"));
    world.sync_well().await;
    let id = world.customer_named("Ada").draft.id;
    (world, books, id)
}

fn both_edit(world: &World, id: CustomerId) {
    let mut draft = world.get_customer(id).expect("Ada").draft;
    draft.email = "ours@example.com".into();
    draft.phone = "111".into();
    draft.company = "Engines".into();
    world.save_customer(draft).expect("a save");
    let theirs =
        record::Customer { email: Some("theirs@example.com".into()), phone: Some("222".into()), ..customer("Ada") };
    world.books.put("c1", Record::Customer(theirs));
}

fn conflicts(world: &World) -> Vec<ConflictView> {
    world.list_conflicts(None, 50).expect("conflicts").rows
}

fn choose(email: ConflictSide, phone: ConflictSide) -> Vec<ConflictChoice> {
    vec![ConflictChoice { field: "email".into(), side: email }, ConflictChoice { field: "phone".into(), side: phone }]
}

#[tokio::test]
async fn a_conflict_is_listed_with_both_values_who_and_when() {
    let (world, books, id) = ada().await;
    both_edit(&world, id);
    world.sync().await;
    let conflict = conflicts(&world).remove(0);
    assert_eq!((conflict.connection_id, conflict.record_id), (books, id.to_string()));
    let shown: Vec<_> = conflict
        .fields
        .iter()
        .map(|field| (field.field.as_str(), field.ours.as_deref(), field.theirs.as_deref(), field.ours_by.as_deref()))
        .collect();
    assert_eq!(
        shown,
        [
            ("email", Some("ours@example.com"), Some("theirs@example.com"), Some("owner")),
            ("phone", Some("111"), Some("222"), Some("owner")),
        ]
    );
    assert!(conflict.fields[0].ours_at.is_some() && conflict.theirs_at.is_some());
}

#[tokio::test]
async fn each_field_keeps_the_side_that_was_chosen_here_and_there() {
    let (world, books, id) = ada().await;
    both_edit(&world, id);
    world.sync().await;
    let choices = choose(ConflictSide::Ours, ConflictSide::Theirs);
    world.resolve_conflict(books, "customer", &id.to_string(), &choices).expect("a decision");
    assert!(world.problems().is_empty() && conflicts(&world).is_empty());
    world.sync_well().await;
    let here = world.get_customer(id).expect("Ada").draft;
    assert_eq!(
        (here.email.as_str(), here.phone.as_str(), here.company.as_str()),
        ("ours@example.com", "222", "Engines")
    );
    let there = world.books_customers().remove(0);
    assert_eq!(
        (there.email.as_deref(), there.phone.as_deref(), there.company.as_deref()),
        (Some("ours@example.com"), Some("222"), Some("Engines"))
    );
    let run = world.sync_well().await;
    assert_eq!((run.parts[0].updated_count, run.parts[0].sent_count), (0, 0), "and it is settled");
}

#[tokio::test]
async fn a_choice_that_leaves_a_field_open_changes_nothing() {
    let (world, books, id) = ada().await;
    both_edit(&world, id);
    world.sync().await;
    let one = vec![ConflictChoice { field: "email".into(), side: ConflictSide::Theirs }];
    let refused = world.resolve_conflict(books, "customer", &id.to_string(), &one);
    assert!(matches!(refused, Err(Error::Invalid(fields)) if fields[0].field == "phone"));
    assert_eq!(conflicts(&world).len(), 1);
    assert_eq!(world.get_customer(id).expect("Ada").draft.email, "ours@example.com");
}

#[tokio::test]
async fn a_held_record_can_be_worked_with_while_it_waits() {
    let (world, _, id) = ada().await;
    both_edit(&world, id);
    world.sync().await;
    let invoice = world.invoice(id, "10");
    assert_eq!(world.get_invoice(invoice.draft.id).expect("an invoice").draft.customer_id, Some(id));
    assert_eq!(world.sync().await.parts[0].sent_count, 1, "and what refers to it is sent: {:?}", world.outbox());
}

#[tokio::test]
async fn the_rule_ours_wins_sends_ours_and_tells_it_in_the_run() {
    let (world, books, id) = ada().await;
    world.save_conflict_rule(books, ConflictRule::Ours).expect("a rule");
    both_edit(&world, id);
    let run = world.sync_well().await;
    assert!(world.problems().is_empty());
    let there = world.books_customers().remove(0);
    assert_eq!((there.email.as_deref(), there.phone.as_deref()), (Some("ours@example.com"), Some("111")));
    let changes = world.get_run(run.id, None, 50).expect("a run").changes;
    let kept = changes.iter().find(|change| change.action == "kept_ours").expect("the choice is told");
    let email = kept.fields.iter().find(|field| field.field == "email").expect("its address");
    assert_eq!(
        (email.before.as_deref(), email.after.as_deref()),
        (Some("theirs@example.com"), Some("ours@example.com"))
    );
    assert!(world.get_customer(id).expect("Ada").history.iter().any(|entry| entry.action == "kept_ours"));
    assert_eq!(world.sync_well().await.parts[0].sent_count, 0);
}

#[tokio::test]
async fn the_rule_theirs_wins_takes_theirs_and_still_sends_the_rest() {
    let (world, books, id) = ada().await;
    world.save_conflict_rule(books, ConflictRule::Theirs).expect("a rule");
    both_edit(&world, id);
    let run = world.sync_well().await;
    let here = world.get_customer(id).expect("Ada").draft;
    assert_eq!((here.email.as_str(), here.phone.as_str()), ("theirs@example.com", "222"));
    assert_eq!(world.books_customers()[0].company.as_deref(), Some("Engines"));
    let changes = world.get_run(run.id, None, 50).expect("a run").changes;
    assert!(changes.iter().any(|change| change.action == "took_theirs"));
    assert_eq!(world.list_connections().expect("connections")[0].conflict_rule, Some(ConflictRule::Theirs));
    world.save_conflict_rule(books, ConflictRule::Ask).expect("a rule");
    assert_eq!(world.list_connections().expect("connections")[0].conflict_rule, Some(ConflictRule::Ask));
}

#[tokio::test]
async fn the_sum_of_an_invoice_goes_with_its_lines() {
    let (world, books, id) = ada().await;
    let invoice = world.invoice(id, "10");
    world.sync_well().await;
    let (remote, theirs) = world.books.all(connector_contract::RecordKind::Invoice).remove(0);
    let mut draft = world.get_invoice(invoice.draft.id).expect("an invoice").draft;
    draft.lines[0].quantity = "2".into();
    world.save_invoice(draft).expect("a save");
    let Record::Invoice(mut theirs) = theirs else { panic!("an invoice") };
    theirs.lines[0].amount = crate::world::usd(3000);
    theirs.lines[0].unit_price = crate::world::usd(3000).into();
    theirs.total = crate::world::usd(3000);
    world.books.put(&remote.0, Record::Invoice(theirs));
    world.sync().await;
    let conflict = conflicts(&world).remove(0);
    let fields: Vec<&str> = conflict.fields.iter().map(|field| field.field.as_str()).collect();
    assert_eq!(fields, ["lines", "total"]);
    assert!(conflict.fields.iter().all(|field| field.group == "amounts"));
    let pick = |lines, total| {
        vec![
            ConflictChoice { field: "lines".into(), side: lines },
            ConflictChoice { field: "total".into(), side: total },
        ]
    };
    let torn = pick(ConflictSide::Ours, ConflictSide::Theirs);
    assert!(world.resolve_conflict(books, "invoice", &conflict.record_id, &torn).is_err(), "a sum of other lines");
    let whole = pick(ConflictSide::Theirs, ConflictSide::Theirs);
    world.resolve_conflict(books, "invoice", &conflict.record_id, &whole).expect("a decision");
    world.sync_well().await;
    let total = world.get_invoice(invoice.draft.id).expect("an invoice").totals.total;
    assert_eq!(total.minor, "3000");
    assert!(world.check_ledger().expect("a check").is_empty());
}

fn rejected() -> Fault {
    let rejection = Rejection::vendors("taken", None, "Duplicate Name");
    Fault::Before(ConnectorError::Rejected(rejection))
}

#[tokio::test]
async fn a_dropped_change_is_kept_with_its_reason_and_sent_only_when_changed_again() {
    let (world, _, id) = ada().await;
    world.set_email(id, "new@example.com");
    world.books.break_pushes([Some(rejected())]);
    world.sync().await;
    let entry = world.outbox().remove(0);
    assert!(matches!(world.drop_outbox(entry.id, "  "), Err(Error::Invalid(_))), "a reason is asked for");
    world.drop_outbox(entry.id, "The bookkeeper has another address").expect("dropped");
    assert!(world.outbox().is_empty() && world.problems().is_empty());
    let dropped = world.list_dropped(None, 50).expect("what was dropped").rows.remove(0);
    assert_eq!(
        (dropped.title.as_str(), dropped.operation.as_str(), dropped.reason.as_str()),
        ("Ada", "update", "The bookkeeper has another address")
    );
    let history = world.get_customer(id).expect("Ada").history;
    assert_eq!(history[0].fields[0].after.as_deref(), Some("The bookkeeper has another address"));
    assert_eq!(world.sync_well().await.parts[0].sent_count, 0);
    assert_eq!(world.get_customer(id).expect("Ada").draft.email, "new@example.com");
    assert_eq!(world.books_customers()[0].email.as_deref(), Some("old@example.com"));
    world.set_phone(id, "555");
    world.sync_well().await;
    assert_eq!(world.books_customers()[0].email.as_deref(), Some("new@example.com"));
}

#[tokio::test]
async fn a_dead_letter_can_be_replayed_after_the_last_try() {
    let (world, _, id) = ada().await;
    world.set_email(id, "new@example.com");
    let down = || Some(Fault::Before(ConnectorError::Unavailable("out of order".into())));
    world.books.break_pushes(std::iter::repeat_with(down).take(10));
    for _ in 0..10 {
        world.sync().await;
        world.clock.advance(Duration::hours(7));
    }
    assert_eq!(world.sync().await.state, RunState::Done, "a dead letter is not tried by itself");
    assert_eq!(world.books.pushes().len(), 10);
    world.retry_problems(vec![world.problems()[0].id]).expect("a replay");
    world.sync_well().await;
    assert_eq!(world.books_customers()[0].email.as_deref(), Some("new@example.com"));
}
