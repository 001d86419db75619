//! Quitting: everything under way is waited for, questions are dropped, nothing new begins.

use crate::world::{World, customer, settle, start, with_books, with_email};
use backroom_core::Error;
use backroom_core::sync::testing::Fault;
use backroom_core::sync::{RunState, RunTrigger};
use connector_contract::{Record, RecordKind};
use std::sync::Arc;
use std::time::Duration as Wait;
use tokio::time::Instant;

async fn with_ada() -> World {
    let (world, _) = with_books().await;
    world.books.put("1", with_email("Ada", "old@example.com"));
    world.sync_well().await;
    world
}

fn refused<T: std::fmt::Debug>(answer: Result<T, Error>) {
    let error = answer.expect_err("a refusal");
    assert!(matches!(&error, Error::Refused(text) if text.contains("quitting")), "{error:?}");
}

#[tokio::test(start_paused = true)]
async fn quitting_waits_for_what_is_sent_outside_the_loop() {
    let world = with_ada().await;
    world.customer("Bob");
    world.books.break_pushes([Some(Fault::Late(Wait::from_secs(30)))]);
    let (core, begun) = (Arc::clone(&world.core.core), Instant::now());
    let run = tokio::spawn(async move { core.run_to_end(None, RunTrigger::CommandLine).await });
    settle().await;
    world.stop().await;
    assert_eq!(begun.elapsed(), Wait::from_secs(30));
    assert_eq!(run.await.expect("no panic").expect("a run").state, RunState::Interrupted);
    assert_eq!((world.books_customers().len(), world.outbox().len()), (2, 0), "what was sent is settled");
}

#[tokio::test(start_paused = true)]
async fn quitting_does_not_wait_for_questions_of_any_kind_of_work() {
    let world = with_ada().await;
    world.books.put("2", with_email("Bob", "bob@example.com"));
    world.books.hide_unread(RecordKind::Customer, "2");
    world.audit_now(None, 30).await.expect("an audit");
    let finding = world.list_audit_findings(None, 5).expect("findings").rows[0].id;
    world.books.set_slowness(Wait::from_mins(10));
    for work in 0..4 {
        let (core, begun) = (Arc::clone(&world.core.core), Instant::now());
        let working = tokio::spawn(async move {
            match work {
                0 => core.run_to_end(None, RunTrigger::Owner).await.map(drop),
                1 => core.plan_sync(None).await.map(drop),
                2 => core.audit_now(None, 30).await.map(drop),
                _ => core.fix_audit_finding(finding).await.map(drop),
            }
        });
        settle().await;
        world.stop().await;
        assert_eq!(begun.elapsed(), Wait::ZERO, "work {work}");
        let ended = working.await.expect("no panic");
        assert_eq!(ended.is_ok(), work == 0, "{ended:?}");
        // The next start.
        let engine = start(&world);
        settle().await;
        engine.abort();
        assert!(engine.await.is_err());
    }
    assert_eq!(world.count_of("customers"), 1);
    assert!(world.sync_plans().expect("plans").plans.is_empty());
}

#[tokio::test(start_paused = true)]
async fn nothing_begins_while_the_app_quits() {
    let world = with_ada().await;
    let engine = start(&world);
    settle().await;
    world.customer("Bob");
    world.books.break_pushes([Some(Fault::Late(Wait::from_secs(30)))]);
    world.sync_now(None, RunTrigger::Owner).expect("a run");
    settle().await;
    let core = Arc::clone(&world.core.core);
    let quitting = tokio::spawn(async move { core.stop().await });
    settle().await;
    assert!(!quitting.is_finished());
    refused(world.sync_now(None, RunTrigger::Owner));
    refused(world.run_to_end(None, RunTrigger::Owner).await);
    refused(world.plan_sync(None).await);
    refused(world.audit_now(None, 30).await);
    quitting.await.expect("it ends");
    engine.await.expect("the loop ends");
    refused(world.sync_now(None, RunTrigger::Owner));
    let engine = start(&world);
    settle().await;
    world.sync_now(None, RunTrigger::Owner).expect("a start makes it work again");
    engine.abort();
}

#[tokio::test(start_paused = true)]
async fn cancelling_does_not_wait_for_a_slow_answer_and_what_follows_is_not_cancelled() {
    let world = with_ada().await;
    world.books.put("2", Record::Customer(customer("Bob")));
    let engine = start(&world);
    settle().await;
    world.books.set_slowness(Wait::from_mins(10));
    let (run, begun) = (world.sync_now(None, RunTrigger::Owner).expect("a run"), Instant::now());
    settle().await;
    world.cancel_run().expect("a cancel");
    settle().await;
    assert_eq!(world.get_run(run.id, None, 1).expect("a run").run.state, RunState::Cancelled);
    assert_eq!(begun.elapsed(), Wait::ZERO);
    world.books.set_slowness(Wait::ZERO);
    world.cancel_run().expect("nothing to cancel");
    world.sync_now(None, RunTrigger::Owner).expect("a run");
    settle().await;
    assert_eq!(world.list_runs(None, 1).expect("runs").rows[0].state, RunState::Done);
    assert_eq!(world.count_of("customers"), 2);
    engine.abort();
}
