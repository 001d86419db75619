//! What the end of the app cut short is gone on with at the next start, timer or not.

use crate::world::{World, customer, settle, start, with_books, with_email};
use backroom_core::company::SyncSettings;
use backroom_core::sync::plan::{PlanFilter, PlanOutcome, PlanState};
use backroom_core::sync::testing::Fault;
use backroom_core::sync::{RunState, RunTrigger, RunView, UndoOutcome};
use connector_contract::Record;
use std::time::Duration as Wait;

/// Ada on both sides; the timer is paused, so that nothing starts by itself.
async fn with_ada() -> World {
    let (world, _) = with_books().await;
    let settings = world.sync_settings().expect("settings");
    world.save_sync_settings(SyncSettings { paused: true, ..settings }).expect("a save");
    world.books.put("1", with_email("Ada", "old@example.com"));
    world.sync_well().await;
    world
}

/// The process ends in the middle of this.
async fn crash<T>(work: impl Future<Output = T>) {
    assert!(tokio::time::timeout(Wait::from_millis(1), work).await.is_err(), "it did not hang");
}

fn runs(world: &World) -> Vec<RunView> {
    world.list_runs(None, 50).expect("runs").rows
}

#[tokio::test(start_paused = true)]
async fn a_run_left_open_is_gone_on_with_although_the_timer_is_paused() {
    let world = with_ada().await;
    world.customer("Bob");
    world.customer("Cy");
    world.books.break_pushes([None, Some(Fault::HangAfter)]);
    crash(world.run_to_end(None, RunTrigger::Owner)).await;
    let engine = start(&world);
    settle().await;
    let runs = runs(&world);
    assert_eq!((runs[1].state, runs[1].parts[0].state), (RunState::Interrupted, RunState::Interrupted));
    assert_eq!((runs[0].state, runs[0].trigger), (RunState::Done, RunTrigger::Owner), "{:#?}", world.problems());
    assert_eq!(runs[0].parts.len(), 1);
    assert!(world.outbox().is_empty());
    assert_eq!(world.books_customers().len(), 3, "and nobody is there twice");
    engine.abort();
}

#[tokio::test(start_paused = true)]
async fn a_run_that_quitting_cut_short_is_gone_on_with() {
    let world = with_ada().await;
    world.customer("Bob");
    world.customer("Cy");
    let engine = start(&world);
    settle().await;
    world.books.break_pushes([Some(Fault::Late(Wait::from_secs(5)))]);
    world.sync_now(None, RunTrigger::Owner).expect("a run");
    settle().await;
    world.stop().await;
    engine.await.expect("the loop ends");
    assert_eq!((runs(&world)[0].state, world.books_customers().len()), (RunState::Interrupted, 2));
    let engine = start(&world);
    settle().await;
    assert_eq!((runs(&world)[0].state, world.books_customers().len()), (RunState::Done, 3));
    engine.abort();
}

#[tokio::test(start_paused = true)]
async fn only_the_connections_of_the_run_are_gone_on_with() {
    let world = with_ada().await;
    let parcels = world.connect_parcels().await;
    world.sync_well().await;
    world.customer("Bob");
    let read = world.parcels.asked();
    let books = world.list_connections().expect("connections")[0].id;
    assert_ne!(books, parcels);
    world.books.break_pushes([Some(Fault::HangBefore)]);
    crash(world.run_to_end(Some(books), RunTrigger::Timer)).await;
    let engine = start(&world);
    settle().await;
    assert_eq!((runs(&world)[0].state, runs(&world)[0].parts.len()), (RunState::Done, 1));
    assert_eq!(world.parcels.asked(), read);
    engine.abort();
}

#[tokio::test(start_paused = true)]
async fn a_cancelled_run_and_one_that_another_has_followed_are_left_at_that() {
    let world = with_ada().await;
    world.books.put("2", Record::Customer(customer("Bob")));
    let engine = start(&world);
    settle().await;
    world.books.set_slowness(Wait::from_mins(1));
    world.sync_now(None, RunTrigger::Owner).expect("a run");
    settle().await;
    world.cancel_run().expect("a cancel");
    settle().await;
    assert_eq!(runs(&world)[0].state, RunState::Cancelled);
    world.stop().await;
    engine.await.expect("the loop ends");
    let engine = start(&world);
    settle().await;
    assert_eq!(runs(&world).len(), 2, "the owner ended it");
    world.stop().await;
    engine.await.expect("the loop ends");
}

#[tokio::test(start_paused = true)]
async fn a_plan_that_was_being_carried_out_is_handed_on_and_nothing_else_is_done() {
    let world = with_ada().await;
    world.customer("Bob");
    world.customer("Cy");
    let plan = world.plan_sync(None).await.expect("a plan").id;
    world.books.break_pushes([None, Some(Fault::HangBefore)]);
    crash(world.run_plan_to_end(plan, false)).await;
    world.books.put("9", Record::Customer(customer("Not in the plan")));
    let engine = start(&world);
    settle().await;
    let plans = world.sync_plans().expect("plans").plans;
    assert_eq!((plans[0].id, plans[0].state), (plan, PlanState::Done));
    assert_eq!((plans[0].run_id, runs(&world)[0].trigger), (Some(runs(&world)[0].id), RunTrigger::Planned));
    let items = world.list_plan_items(plan, &PlanFilter::default(), None, 50).expect("items").rows;
    let outcome = |title: &str| items.iter().find(|item| item.title == title).and_then(|item| item.outcome);
    assert_eq!((outcome("Bob"), outcome("Cy")), (Some(PlanOutcome::Done), Some(PlanOutcome::Done)));
    assert_eq!(outcome("Not in the plan"), Some(PlanOutcome::Moved), "it came later and waits for the owner's look");
    assert_eq!((world.books_customers().len(), world.count_of("customers")), (4, 3));
    engine.abort();
}

#[tokio::test(start_paused = true)]
async fn an_undo_that_had_not_begun_to_take_back_goes_on_as_that_undo() {
    let world = with_ada().await;
    world.books.put("1", with_email("Ada", "new@example.com"));
    let run = world.sync_well().await;
    world.books.set_slowness(Wait::from_mins(1));
    crash(world.undo_to_end(run.id)).await;
    world.books.set_slowness(Wait::ZERO);
    let engine = start(&world);
    settle().await;
    let undone = runs(&world).remove(0);
    assert_eq!((undone.trigger, undone.state), (RunTrigger::Undo, RunState::Done));
    let report = world.get_undo(undone.id).expect("a report");
    assert_eq!((report.target.id, report.records[0].outcome), (run.id, UndoOutcome::PutBack));
    assert_eq!(world.books_customers()[0].email.as_deref(), Some("old@example.com"));
    engine.abort();
}

#[tokio::test(start_paused = true)]
async fn an_undo_that_was_done_here_is_only_sent() {
    let world = with_ada().await;
    world.books.put("1", with_email("Ada", "new@example.com"));
    let run = world.sync_well().await;
    world.books.break_pushes([Some(Fault::HangBefore)]);
    crash(world.undo_to_end(run.id)).await;
    let undone = runs(&world).remove(0);
    let engine = start(&world);
    settle().await;
    assert_eq!((runs(&world)[0].trigger, runs(&world)[0].state), (RunTrigger::Owner, RunState::Done));
    let report = world.get_undo(undone.id).expect("a report");
    assert_eq!((report.change_count, report.records[0].waiting), (1, false), "the undo's own report says so");
    assert_eq!(world.books_customers()[0].email.as_deref(), Some("old@example.com"));
    assert_eq!(world.customer_named("Ada").draft.email, "old@example.com");
    engine.abort();
}
