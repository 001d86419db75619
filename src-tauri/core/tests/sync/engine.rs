//! The loop: the timer, "sync now", pausing, stopping, leftovers, and vendors that do not disturb each other.

use crate::world::{World, customer, order, settle, start, with_books, world};
use backroom_core::Core;
use backroom_core::company::SyncSettings;
use backroom_core::connections::ConnectionState;
use backroom_core::event::Event;
use backroom_core::sync::testing::Fault;
use backroom_core::sync::{Area, RunState, RunTrigger};
use chrono::Duration;
use connector_contract::{ConnectorError, Record, Rejection};
use std::time::Duration as Wait;

fn every(world: &World, minutes: u32) {
    let settings = world.sync_settings().expect("settings");
    world.save_sync_settings(SyncSettings { interval_minutes: minutes, paused: false, ..settings }).expect("a save");
}

fn run_count(world: &World) -> usize {
    world.list_runs(None, 200).expect("runs").rows.len()
}

#[tokio::test(start_paused = true)]
async fn sync_now_during_a_run_is_that_run() {
    let (world, _) = with_books().await;
    world.sync_well().await;
    let engine = start(&world);
    settle().await;
    world.customer("Ada");
    world.books.break_pushes([Some(Fault::HangBefore)]);
    let first = world.sync_now(None, RunTrigger::Owner).expect("a run");
    settle().await;
    let second = world.sync_now(None, RunTrigger::Owner).expect("a run");
    assert_eq!(first.id, second.id);
    assert_eq!(world.sync_status().expect("a status").open_run.map(|run| run.id), Some(first.id));
    let connections = world.list_connections().expect("connections");
    assert_eq!(connections[0].state, ConnectionState::Syncing);
    engine.abort();
}

#[tokio::test(start_paused = true)]
async fn what_is_connected_during_a_run_is_previewed_right_after() {
    let (world, _) = with_books().await;
    world.sync_well().await;
    let engine = start(&world);
    settle().await;
    world.customer("Ada");
    world.books.break_pushes([Some(Fault::Late(Wait::from_mins(3)))]);
    world.sync_now(None, RunTrigger::Owner).expect("a run");
    settle().await;
    let parcels = world.connect_parcels().await;
    settle().await;
    assert!(world.sync_plans().expect("plans").plans.is_empty(), "the run goes on");
    tokio::time::sleep(Wait::from_mins(4)).await;
    settle().await;
    let plans = world.sync_plans().expect("plans");
    assert_eq!(plans.plans[0].parts.iter().map(|part| part.connection_id).collect::<Vec<_>>(), [parcels]);
    assert_eq!(plans.asking, [parcels]);
    engine.abort();
}

#[tokio::test(start_paused = true)]
async fn what_is_signed_in_again_during_a_run_without_it_is_synced_right_after() {
    let (world, books) = with_books().await;
    world.connect_parcels().await;
    world.sync_well().await;
    let engine = start(&world);
    settle().await;
    world.customer("Ada");
    world.books.break_pushes([Some(Fault::Late(Wait::from_mins(3)))]);
    let busy = world.sync_now(Some(books), RunTrigger::Owner).expect("a run");
    settle().await;
    let parcels = world.connect_parcels().await;
    assert_eq!(world.sync_status().expect("a status").open_run.map(|run| run.id), Some(busy.id));
    tokio::time::sleep(Wait::from_mins(4)).await;
    settle().await;
    let runs = world.list_runs(None, 1).expect("runs").rows;
    assert_eq!((runs[0].trigger, runs[0].state), (RunTrigger::Connected, RunState::Done));
    assert_eq!(runs[0].parts.iter().map(|part| part.connection_id).collect::<Vec<_>>(), [parcels]);
    engine.abort();
}

#[tokio::test(start_paused = true)]
async fn trying_a_problem_again_sends_it_at_once_while_the_loop_runs() {
    let (world, _) = with_books().await;
    world.sync_well().await;
    world.customer("Ada");
    let refusal = Rejection::vendors("9999", None, "odd");
    world.books.break_pushes([Some(Fault::Before(ConnectorError::Rejected(refusal)))]);
    world.sync().await;
    let engine = start(&world);
    settle().await;
    world.retry_problems(vec![world.problems()[0].id]).expect("a retry");
    settle().await;
    assert_eq!(world.books_customers().len(), 1);
    assert!(world.outbox().is_empty());
    engine.abort();
}

#[tokio::test(start_paused = true)]
async fn a_problem_tried_again_during_a_run_goes_out_right_after_it() {
    let (world, _) = with_books().await;
    world.sync_well().await;
    world.customer("Ada");
    let refusal = Rejection::vendors("9999", None, "odd");
    world.books.break_pushes([Some(Fault::Before(ConnectorError::Rejected(refusal)))]);
    world.sync().await;
    let engine = start(&world);
    settle().await;
    world.customer("Bob");
    world.books.break_pushes([Some(Fault::Late(Wait::from_mins(1)))]);
    world.sync_now(None, RunTrigger::Owner).expect("a run");
    settle().await;
    world.retry_problems(vec![world.problems()[0].id]).expect("a retry");
    tokio::time::sleep(Wait::from_mins(2)).await;
    settle().await;
    assert_eq!(world.books_customers().len(), 2);
    assert!(world.outbox().is_empty());
    engine.abort();
}

#[tokio::test(start_paused = true)]
async fn the_timer_starts_runs_and_pausing_stops_it() {
    let (world, _) = with_books().await;
    every(&world, 15);
    let engine = start(&world);
    settle().await;
    let next = world.sync_status().expect("a status").next_run_at.expect("a time");
    assert_eq!(next, "2026-11-20T15:15:00.000Z");
    tokio::time::sleep(Wait::from_mins(14)).await;
    assert_eq!(run_count(&world), 0, "not yet");
    tokio::time::sleep(Wait::from_mins(2)).await;
    settle().await;
    let runs = world.list_runs(None, 10).expect("runs").rows;
    assert_eq!((runs.len(), runs[0].trigger, runs[0].state), (1, RunTrigger::Timer, RunState::Done));
    assert!(world.pause_sync(true).expect("a pause").paused);
    settle().await;
    assert_eq!(world.sync_status().expect("a status").next_run_at, None);
    tokio::time::sleep(Wait::from_hours(1)).await;
    settle().await;
    assert_eq!(run_count(&world), 1, "paused");
    world.sync_now(None, RunTrigger::Owner).expect("a run");
    settle().await;
    assert_eq!(run_count(&world), 2, "the owner may always");
    assert!(!world.pause_sync(false).expect("an end of the pause").paused);
    tokio::time::sleep(Wait::from_mins(16)).await;
    settle().await;
    assert_eq!(run_count(&world), 3);
    engine.abort();
}

#[tokio::test(start_paused = true)]
async fn a_machine_that_slept_past_the_time_syncs_when_it_wakes() {
    let (world, _) = with_books().await;
    every(&world, 60);
    let engine = start(&world);
    settle().await;
    world.clock.advance(Duration::hours(8));
    tokio::time::sleep(Wait::from_secs(61)).await;
    settle().await;
    assert_eq!(run_count(&world), 1, "the calendar says it is due");
    engine.abort();
}

#[tokio::test(start_paused = true)]
async fn switching_the_timer_on_takes_effect_at_once() {
    let (world, _) = with_books().await;
    every(&world, 0);
    let engine = start(&world);
    settle().await;
    assert_eq!(world.sync_status().expect("a status").next_run_at, None);
    every(&world, 5);
    settle().await;
    tokio::time::sleep(Wait::from_mins(6)).await;
    settle().await;
    assert_eq!(run_count(&world), 1);
    engine.abort();
}

#[tokio::test(start_paused = true)]
async fn connecting_again_while_the_loop_runs_starts_a_run() {
    let world = world();
    let engine = start(&world);
    settle().await;
    world.connect_books().await;
    settle().await;
    let first = world.sync_plans().expect("plans").plans[0].id;
    world.run_plan(first, true).expect("a run");
    settle().await;
    world.books.put("c1", Record::Customer(customer("Ada")));
    world.connect_books().await;
    settle().await;
    let runs = world.list_runs(None, 10).expect("runs").rows;
    assert_eq!((runs.len(), runs[0].trigger, runs[0].state), (2, RunTrigger::Connected, RunState::Done));
    assert_eq!(world.count_of("customers"), 1);
    engine.abort();
}

#[tokio::test(start_paused = true)]
async fn stopping_lets_the_current_step_finish_and_the_next_start_goes_on() {
    let (world, _) = with_books().await;
    world.sync_well().await;
    let engine = start(&world);
    settle().await;
    for name in ["Ada", "Bob", "Cy"] {
        world.customer(name);
    }
    world.sync_now(None, RunTrigger::Owner).expect("a run");
    // Up to the first request of the first customer.
    while world.books.pushes().is_empty() {
        tokio::task::yield_now().await;
    }
    world.stop().await;
    engine.await.expect("it ended by itself");
    let run = world.list_runs(None, 1).expect("runs").rows.remove(0);
    assert_eq!(run.state, RunState::Interrupted);
    assert_eq!(world.books_customers().len(), 1, "the step under way was finished, no other begun");
    assert_eq!(world.outbox().len(), 2);
    let engine = start(&world);
    settle().await;
    world.sync_now(None, RunTrigger::Owner).expect("a run");
    settle().await;
    assert_eq!(world.books_customers().len(), 3);
    engine.abort();
}

#[tokio::test(start_paused = true)]
async fn cancelling_ends_the_run_after_its_current_step() {
    let (world, _) = with_books().await;
    world.books.set_page_size(1);
    for number in 1..=50 {
        world.books.put(&format!("c{number}"), Record::Customer(customer(&format!("Customer {number}"))));
    }
    let engine = start(&world);
    settle().await;
    world.sync_now(None, RunTrigger::Owner).expect("a run");
    while world.count_of("customers") == 0 {
        tokio::task::yield_now().await;
    }
    world.cancel_run().expect("a cancel");
    settle().await;
    let run = world.list_runs(None, 1).expect("runs").rows.remove(0);
    assert_eq!((run.state, run.parts[0].state), (RunState::Cancelled, RunState::Cancelled));
    assert!(world.count_of("customers") < 50);
    world.sync_now(None, RunTrigger::Owner).expect("a run");
    settle().await;
    assert_eq!(world.count_of("customers"), 50, "what was read stays, the rest follows");
    engine.abort();
}

#[tokio::test(start_paused = true)]
async fn a_run_left_open_by_an_earlier_life_is_marked_at_the_start() {
    let (world, _) = with_books().await;
    world.sync_well().await;
    world.customer("Ada");
    world.books.break_pushes([Some(Fault::HangBefore)]);
    let engine = start(&world);
    settle().await;
    let run = world.sync_now(None, RunTrigger::Owner).expect("a run");
    settle().await;
    engine.abort();
    let _ = engine.await;
    let engine = start(&world);
    settle().await;
    let left = world.get_run(run.id, None, 10).expect("a run").run;
    assert_eq!((left.state, left.parts[0].state), (RunState::Interrupted, RunState::Interrupted));
    engine.abort();
}

#[tokio::test(start_paused = true)]
async fn a_leftover_is_never_taken_for_the_run_going_on() {
    let (world, _) = with_books().await;
    world.sync_well().await;
    world.customer("Ada");
    world.books.break_pushes([Some(Fault::HangBefore)]);
    let run = Box::pin(world.run_to_end(None, RunTrigger::Owner));
    assert!(tokio::time::timeout(Wait::from_millis(1), run).await.is_err(), "dropped in the middle");
    let left = world.sync_status().expect("a status").open_run.expect("a row that is still open");
    let next = world.sync_now(None, RunTrigger::Owner).expect("a run");
    assert_ne!(next.id, left.id);
    assert_eq!(world.get_run(left.id, None, 1).expect("a run").run.state, RunState::Interrupted);
}

#[tokio::test]
async fn one_vendor_down_or_signed_out_never_stops_the_other() {
    for fault in [ConnectorError::Unavailable("down".into()), ConnectorError::Unauthorized("ended".into())] {
        let world = world();
        world.connect_books().await;
        world.connect_parcels().await;
        world.parcels.put("o1", Record::Order(order("9001", "PEN-1", 1)));
        world.books.break_identify(fault.clone());
        let run = world.sync().await;
        assert_eq!(run.state, RunState::DoneWithProblems);
        let states: Vec<RunState> = run.parts.iter().map(|part| part.state).collect();
        assert_eq!(states, [RunState::Failed, RunState::Done], "{fault:?}");
        assert_eq!(world.count_of("orders"), 1);
        assert!(run.parts[0].error.as_deref().is_some_and(|text| text.contains("Books")), "{run:?}");
    }
}

#[tokio::test]
async fn the_notification_to_sign_in_comes_once() {
    let (world, _) = with_books().await;
    for _ in 0..3 {
        world.books.break_identify(ConnectorError::Unauthorized("ended".into()));
        world.sync().await;
    }
    let told = world.events.lock().iter().filter(|event| matches!(event, Event::Attention { .. })).count();
    assert_eq!(told, 1);
    assert_eq!(world.problems().len(), 1);
    world.sync_well().await;
    assert!(world.problems().is_empty(), "it mended itself");
}

#[tokio::test]
async fn a_sign_in_that_leads_elsewhere_is_not_synced() {
    let (world, _) = with_books().await;
    world.customer("Ada");
    world.books.set_account("account-2");
    let run = world.sync().await;
    assert_eq!(run.state, RunState::Failed);
    assert!(world.books_customers().is_empty(), "nothing of one account goes into another");
    assert_eq!(world.list_connections().expect("connections")[0].state, ConnectionState::NeedsSignIn);
}

#[tokio::test]
async fn with_nothing_connected_there_is_nothing_to_run() {
    let world = world();
    let refused = world.sync_now(None, RunTrigger::Owner).expect_err("a refusal");
    assert!(refused.to_string().contains("Connect an account"), "{refused}");
}

#[tokio::test]
async fn snapshots_of_a_run_are_sent_after_each_step_and_end_with_its_end() {
    let (world, _) = with_books().await;
    world.books.put("c1", Record::Customer(customer("Ada")));
    world.sync_well().await;
    let events = world.events.lock();
    let runs: Vec<_> =
        events.iter().filter_map(|e| if let Event::Run { run } = e { Some(run) } else { None }).collect();
    assert!(runs.iter().any(|run| run.parts[0].step == "Reading everything"));
    assert!(runs.iter().any(|run| run.parts[0].created_count == 1 && run.state == RunState::Running));
    assert_eq!(runs.last().map(|run| run.state), Some(RunState::Done));
}

#[tokio::test]
async fn lists_of_runs_and_changes_come_in_pages() {
    let (world, _) = with_books().await;
    for number in 1..=5 {
        world.books.put(&format!("c{number}"), Record::Customer(customer(&format!("Customer {number}"))));
    }
    let first = world.sync_well().await;
    world.sync_well().await;
    world.sync_well().await;
    let page = world.list_runs(None, 2).expect("runs");
    assert_eq!(page.rows.len(), 2);
    let rest = world.list_runs(page.next_cursor, 2).expect("runs");
    assert_eq!((rest.rows.len(), rest.rows[0].id, rest.next_cursor), (1, first.id, None));
    let detail = world.get_run(first.id, None, 3).expect("a run");
    let more = world.get_run(first.id, detail.next_cursor, 3).expect("a run");
    assert_eq!((detail.changes.len(), more.changes.len(), more.next_cursor), (3, 2, None));
    assert!(world.list_runs(Some("nonsense".into()), 2).is_err());
}

#[tokio::test]
async fn the_check_looks_at_file_ledger_keychain_connections_clock_and_what_is_stuck() {
    let (world, id) = with_books().await;
    let core: &Core = &world.core.core;
    assert!(core.check().await.expect("findings").iter().all(|finding| finding.ok));
    world.customer("Ada");
    world.clock.advance(Duration::days(3));
    world.books.set_server_time("2026-11-20T15:00:00Z".parse().expect("a moment"));
    let bad: Vec<Area> =
        core.check().await.expect("findings").into_iter().filter(|f| !f.ok).map(|finding| finding.area).collect();
    assert_eq!(bad, [Area::Clock, Area::Outbox]);
    world.books.break_identify(ConnectorError::Unavailable("down".into()));
    let findings = core.check().await.expect("findings");
    assert!(findings.iter().any(|f| f.area == Area::Connection(id) && !f.ok && f.message.contains("does not answer")));
}
