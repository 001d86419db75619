//! What the owner said at a look holds beyond it: however the run ends that carries it out, and in the runs after it.

use crate::plan::{IN, OUT, draft, settle, with_ada};
use crate::world::{World, customer, with_books, with_email, world};
use backroom_core::Error;
use backroom_core::ids::PlanId;
use backroom_core::sync::plan::{PlanAction, PlanDecision, PlanOutcome, PlanSelection, PlanState};
use backroom_core::sync::{RunState, RunTrigger};
use connector_contract::{ConnectorError, Record, record};
use std::sync::Arc;

impl World {
    fn decide_pairs(&self, plan: PlanId, action: PlanAction) {
        let pairs = self.items_of(plan).into_iter().filter(|item| item.pair.is_some());
        let ids: Vec<String> = pairs.map(|item| item.id).collect();
        assert!(!ids.is_empty());
        self.decide_plan_items(plan, &PlanSelection { ids, filter: None }, action).expect("a word");
    }

    /// The run of a plan that ends before it has done anything.
    async fn carry_out_in_vain(&self, plan: PlanId, without_asking: bool) {
        self.books.break_identify(ConnectorError::Unavailable("out of order".into()));
        let run = self.run_plan_to_end(plan, without_asking).await.expect("a run");
        assert_eq!(run.state, RunState::Failed);
    }
}

#[tokio::test]
async fn two_of_one_name_stay_two_once_the_owner_said_so_even_when_the_run_is_lost() {
    let (world, _) = with_books().await;
    world.customer("Ada");
    world.books.put("c1", with_email("ada", "other@example.com"));
    let plan = world.preview().await;
    world.decide_pairs(plan.id, PlanAction::Separate);
    world.carry_out_in_vain(plan.id, false).await;
    world.sync_well().await;
    assert_eq!(world.count_of("customers"), 2, "the timer does not merge them");
}

#[tokio::test]
async fn one_under_two_names_stays_one_once_the_owner_said_so_even_when_the_run_is_lost() {
    let world = world();
    world.save_customer(draft("Ada Lovelace", "ada@example.com", "")).expect("a customer");
    world.books.put("c1", with_email("A. Lovelace", "ada@example.com"));
    world.connect_books().await;
    let plan = world.preview().await;
    world.decide_pairs(plan.id, PlanAction::Same);
    world.carry_out_in_vain(plan.id, false).await;
    world.sync_well().await;
    assert_eq!((world.count_of("customers"), world.books_customers().len()), (1, 1), "not doubled");
}

#[tokio::test]
async fn the_next_preview_knows_the_word_on_a_pair() {
    let world = world();
    world.save_customer(draft("Harbor Co", "", "207-555-0199")).expect("a customer");
    let harbor = record::Customer { phone: Some("207 555 0199".into()), ..customer("Pine & Sons") };
    world.books.put("c1", Record::Customer(harbor));
    world.connect_books().await;
    let plan = world.preview().await;
    world.decide_pairs(plan.id, PlanAction::Same);
    world.carry_out_in_vain(plan.id, false).await;
    let next = world.preview().await;
    let pair = world.item_of(next.id, IN, "Pine & Sons").pair.expect("a pair");
    assert!(pair.same && pair.evidence.len() == 1, "{pair:?}");
}

#[tokio::test]
async fn a_connection_asks_until_its_part_of_the_plan_has_ended_well() {
    let world = world();
    let id = world.connect_books_to_look().await;
    world.books.put("c1", Record::Customer(customer("Ada")));
    let plan = world.preview().await;
    world.carry_out_in_vain(plan.id, true).await;
    assert_eq!(world.sync_plans().expect("plans").asking, [id], "the look was not carried out");
    assert!(matches!(world.run_to_end(None, RunTrigger::Owner).await, Err(Error::Refused(_))));
    let plan = world.preview().await;
    let run = world.run_plan_to_end(plan.id, true).await.expect("a run");
    assert_eq!(run.state, RunState::Done);
    assert!(world.sync_plans().expect("plans").asking.is_empty());
    world.sync_well().await;
}

#[tokio::test]
async fn what_moved_waits_for_the_next_preview_whatever_runs_come_by() {
    let world = with_ada().await;
    let bea = world.customer("Bea");
    world.books.put("c1", with_email("Ada", "new@example.com"));
    let plan = world.preview().await;
    world.books.put("c1", with_email("Ada", "newer@example.com"));
    world.books.put("c9", Record::Customer(customer("Late")));
    world.set_phone(bea.draft.id, "555-0100");
    world.carry_out(plan.id).await;
    for _ in 0..2 {
        assert_eq!(world.sync().await.state, RunState::Done, "{:#?}", world.problems());
    }
    assert_eq!(world.customer_named("Ada").draft.email, "old@example.com");
    assert_eq!((world.names().len(), world.books_customers().len()), (2, 2), "Late is not here, nor is Bea there");
    assert!(world.outbox()[0].why.contains("not as it was in the preview"), "{:?}", world.outbox());
    let next = world.preview().await;
    assert_eq!((next.counts.incoming, next.counts.outgoing, next.counts.approved), (2, 1, 3));
    world.carry_out(next.id).await;
    assert_eq!((world.names().len(), world.books_customers().len()), (3, 3));
    world.books.put("c9", with_email("Late", "late@example.com"));
    world.sync_well().await;
    assert_eq!(world.customer_named("Late").draft.email, "late@example.com", "and is free again");
}

#[tokio::test]
async fn what_moved_and_is_no_longer_shown_is_free_again_after_the_next_preview() {
    let world = with_ada().await;
    world.books.put("c1", with_email("Ada", "new@example.com"));
    let plan = world.preview().await;
    world.books.put("c1", with_email("Ada", "newer@example.com"));
    world.carry_out(plan.id).await;
    assert_eq!(world.item_of(plan.id, IN, "Ada").outcome, Some(PlanOutcome::Moved));
    world.books.put("c1", with_email("Ada", "old@example.com"));
    let next = world.preview().await;
    world.carry_out(next.id).await;
    world.books.put("c1", with_email("Ada", "newest@example.com"));
    world.sync_well().await;
    assert_eq!(world.customer_named("Ada").draft.email, "newest@example.com");
}

#[tokio::test]
async fn a_record_is_no_longer_mute_once_its_pair_is_decided() {
    let (world, _) = with_books().await;
    world.save_customer(draft("Harbor Co", "", "207-555-0199")).expect("a customer");
    let harbor = record::Customer { phone: Some("207 555 0199".into()), ..customer("Pine & Sons") };
    world.books.put("c1", Record::Customer(harbor));
    let plan = world.preview().await;
    world.decide(plan.id, "Pine & Sons", PlanAction::Hold);
    world.carry_out(plan.id).await;
    assert_eq!(world.item_of(plan.id, OUT, "Harbor Co").outcome, Some(PlanOutcome::Held), "nobody knows yet");
    world.sync().await;
    assert_eq!((world.count_of("customers"), world.books_customers().len()), (1, 1));
    let next = world.preview().await;
    assert_eq!(world.item_of(next.id, OUT, "Harbor Co").decision, PlanDecision::Approve, "not held by the owner");
    world.decide(next.id, "Pine & Sons", PlanAction::Separate);
    world.carry_out(next.id).await;
    assert_eq!((world.count_of("customers"), world.books_customers().len()), (2, 2), "{:?}", world.outbox());
}

#[tokio::test]
async fn the_first_sync_waits_for_a_look_where_no_engine_runs() {
    let world = world();
    world.customer("Bea");
    let id = world.connect_books_to_look().await;
    assert_eq!(world.sync_plans().expect("plans").asking, [id]);
    let refused = world.run_to_end(None, RunTrigger::CommandLine).await;
    assert!(
        matches!(&refused, Err(Error::Refused(text)) if text.contains("next sync needs your review")),
        "{refused:?}"
    );
    assert!(world.books.pushes().is_empty());
    world.waive_first_looks().expect("no look");
    world.sync_well().await;
    assert_eq!(world.books_customers().len(), 1);
    assert_eq!(world.connect_books_to_look().await, id);
    assert!(world.sync_plans().expect("plans").asking.is_empty(), "signed in again is not new");
}

#[tokio::test(start_paused = true)]
async fn an_engine_that_starts_later_prepares_the_look() {
    let world = world();
    world.books.put("c1", Record::Customer(customer("Ada")));
    world.connect_books_to_look().await;
    assert!(world.sync_plans().expect("plans").plans.is_empty());
    let engine = tokio::spawn(Arc::clone(&world.core.core).run_engine());
    settle().await;
    let plans = world.sync_plans().expect("plans").plans;
    assert_eq!((plans.len(), plans[0].state, plans[0].counts.incoming), (1, PlanState::Ready, 1));
    world.stop().await;
    engine.await.expect("the loop ends");
    // Another start, and the plan is still there to look at: it is not made again.
    let engine = tokio::spawn(Arc::clone(&world.core.core).run_engine());
    settle().await;
    assert_eq!(world.sync_plans().expect("plans").plans[0].id, plans[0].id);
    engine.abort();
}
