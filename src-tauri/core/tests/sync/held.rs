//! What becomes of held and skipped records in the course of time: nothing stays held for ever, and nothing is kept silently.

use crate::plan::{OUT, with_ada};
use crate::world::{customer, invoice, payment, with_books, with_email};
use backroom_core::sync::RunState;
use backroom_core::sync::plan::{PlanAction, PlanDecision, PlanSelection};
use backroom_core::sync::testing::Fault;
use backroom_core::testing::first_page;
use connector_contract::{ConnectorError, Record, RecordKind, record};

#[tokio::test]
async fn what_is_held_and_has_nothing_left_to_do_is_held_no_longer() {
    let world = with_ada().await;
    world.books.put("c1", with_email("Ada", "new@example.com"));
    world.books.put("c2", Record::Customer(customer("Cleo")));
    let plan = world.preview().await;
    world.decide(plan.id, "Ada", PlanAction::Hold);
    world.decide(plan.id, "Cleo", PlanAction::Hold);
    world.carry_out(plan.id).await;
    assert_eq!(world.count_of("set_aside"), 2);
    // One goes back to what it was, the other one is deleted before it was ever here.
    world.books.put("c1", with_email("Ada", "old@example.com"));
    world.books.delete(RecordKind::Customer, "c2");
    world.sync_well().await;
    assert_eq!((world.count_of("set_aside"), world.count_of("sync_decisions")), (0, 0));
    world.books.put("c1", with_email("Ada", "newer@example.com"));
    world.sync_well().await;
    assert_eq!(world.customer_named("Ada").draft.email, "newer@example.com", "a later change is another one");
    assert_eq!(world.names(), ["Ada"]);
}

#[tokio::test]
async fn what_is_held_keeps_what_an_earlier_page_told_of_it() {
    let world = with_ada().await;
    world.books.put("c1", with_email("Ada", "new@example.com"));
    let plan = world.preview().await;
    world.decide(plan.id, "Ada", PlanAction::Hold);
    world.carry_out(plan.id).await;
    let phone_alone = record::Customer { email: None, phone: Some("555-1".into()), ..customer("Ada") };
    world.books.put("c1", Record::Customer(phone_alone));
    world.sync_well().await;
    // A page that tells nothing new of it is no reason to forget what is held.
    let nothing_told = record::Customer { email: None, phone: None, ..customer("Ada") };
    world.books.put("c1", Record::Customer(nothing_told.clone()));
    world.sync_well().await;
    assert_eq!(world.count_of("set_aside"), 1);
    let next = world.preview().await;
    world.decide(next.id, "Ada", PlanAction::ApproveAny);
    world.books.put("c1", Record::Customer(nothing_told));
    world.carry_out(next.id).await;
    let ada = world.customer_named("Ada").draft;
    assert_eq!((ada.email.as_str(), ada.phone.as_str()), ("new@example.com", "555-1"));
}

#[tokio::test]
async fn a_hold_or_skip_does_not_keep_what_may_have_arrived_from_being_found_out() {
    for action in [PlanAction::Hold, PlanAction::Skip] {
        let world = with_ada().await;
        world.set_email(world.customer_named("Ada").draft.id, "typed@example.com");
        world.books.break_pushes([Some(Fault::After(ConnectorError::Unknown("no answer".into())))]);
        world.sync().await;
        world.clock.advance(chrono::Duration::hours(7));
        let plan = world.preview().await;
        world.decide(plan.id, "Ada", action);
        assert_eq!(world.item_of(plan.id, OUT, "Ada").decision, PlanDecision::Approve, "the only choice");
        world.carry_out(plan.id).await;
        assert!(world.outbox().is_empty(), "{action:?}: {:#?}", world.outbox());
        assert_eq!(world.books.pushes().len(), 2);
        assert_eq!(world.books_customers()[0].email.as_deref(), Some("typed@example.com"));
    }
}

#[tokio::test]
async fn what_was_taken_for_another_one_keeps_its_link_when_it_is_gone_before_ours_is_found_out() {
    let (world, _) = with_books().await;
    world.sync_well().await;
    let ada = world.customer("Ada");
    world.sync_well().await;
    let ours = world.invoice(ada.draft.id, "50.00");
    world.books.break_pushes([Some(Fault::After(ConnectorError::Unknown("no answer".into())))]);
    world.sync().await;
    // A preview does not ask whether what may be ours is ours.
    let plan = world.preview().await;
    assert!(world.items_of(plan.id).iter().all(|item| item.pair.is_none() && !item.title.is_empty()));
    world.discard_plan(plan.id).expect("thrown away");
    // It gets another number there, so what comes in is taken for another one.
    let remote = world.books.all(RecordKind::Invoice)[0].0.clone();
    let (_, Record::Invoice(there)) = world.books.all(RecordKind::Invoice).remove(0) else { panic!("an invoice") };
    world.books.put(&remote.0, Record::Invoice(record::Invoice { number: Some("77".into()), ..there }));
    world.sync().await;
    assert_eq!(world.count_of("invoices"), 2);
    world.books.delete(RecordKind::Invoice, &remote.0);
    world.books.hide_unread(RecordKind::Invoice, &remote.0);
    world.clock.advance(chrono::Duration::hours(1));
    world.sync().await;
    assert_eq!(world.count_of("invoices"), 2);
    let problem = world.problems().remove(0);
    assert_eq!(problem.record_id, Some(ours.draft.id.to_string()));
    assert!(problem.message.contains("the same as"), "{problem:#?}");
    let linked =
        world.list_invoices(first_page()).expect("invoices").rows.into_iter().filter(|row| row.id != ours.draft.id);
    let states: Vec<_> = linked.map(|row| world.get_invoice(row.id).expect("it").sync.len()).collect();
    assert_eq!(states, [1], "the other one is still tied to what it was");
}

#[tokio::test]
async fn what_is_held_and_could_not_be_taken_in_is_told() {
    let (world, _) = with_books().await;
    let ada = world.books.put("c1", Record::Customer(customer("Ada")));
    let bill = world.books.put("i1", Record::Invoice(invoice("R-1", &ada, 5000)));
    world.sync_well().await;
    world.books.put("p1", Record::Payment(payment(&ada, &bill, 5000)));
    let plan = world.preview().await;
    let ids = world.items_of(plan.id).into_iter().filter(|item| item.kind == "payment").map(|item| item.id).collect();
    world.decide_plan_items(plan.id, &PlanSelection { ids, filter: None }, PlanAction::Hold).expect("a decision");
    world.carry_out(plan.id).await;
    assert!(world.problems().is_empty());
    // It is paid here by another one, so the held one has no place any more.
    let here = world.list_invoices(first_page()).expect("invoices").rows.remove(0);
    world.pay(&world.get_invoice(here.id).expect("an invoice"), "50.00");
    world.sync().await;
    let told = world.problems().into_iter().filter(|problem| problem.message.contains("could not be taken over"));
    assert_eq!(told.count(), 1, "{:#?}", world.problems());
    assert_eq!(world.count_of("set_aside"), 1, "and it is still kept");
}

#[tokio::test]
async fn a_hold_of_what_no_longer_waits_does_not_stop_a_later_edit() {
    let world = with_ada().await;
    let ada = world.customer_named("Ada").draft.id;
    world.set_email(ada, "typed@example.com");
    let plan = world.preview().await;
    world.decide(plan.id, "Ada", PlanAction::Hold);
    world.carry_out(plan.id).await;
    let waiting = world.outbox().remove(0);
    world.drop_outbox(waiting.id, "It need not go").expect("dropped");
    let next = world.preview().await;
    world.carry_out(next.id).await;
    world.set_email(ada, "later@example.com");
    world.sync_well().await;
    assert_eq!(world.books_customers()[0].email.as_deref(), Some("later@example.com"));
}

#[tokio::test]
async fn what_cannot_be_taken_in_is_told_whatever_else_the_owner_holds() {
    let world = with_ada().await;
    world.books.put("c1", with_email("Ada", "new@example.com"));
    let plan = world.preview().await;
    world.decide(plan.id, "Ada", PlanAction::Hold);
    world.carry_out(plan.id).await;
    let nobody = connector_contract::RemoteId("c9".into());
    world.books.put("i1", Record::Invoice(invoice("R-1", &nobody, 5000)));
    let run = world.sync().await;
    assert_eq!(run.state, RunState::DoneWithProblems);
    assert_eq!(world.problems().len(), 1, "{:#?}", world.problems());
}
