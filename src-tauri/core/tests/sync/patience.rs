//! A vendor that is left alone for a while, one that asks to slow down, and one that never answers: nothing is given up for it,
//! and the owner is told.

use crate::world::{World, with_books};
use backroom_core::connections::{ConnectionState, ConnectionView};
use backroom_core::ids::ConnectionId;
use backroom_core::sync::testing::Fault;
use backroom_core::sync::{OutboxState, ProblemAction, RunState, RunTrigger, RunView};
use chrono::Duration;
use connector_contract::{Attempt, Clock as _, ConnectorError, Rest};

/// Synced, with one customer waiting to be sent.
async fn one_waits() -> (World, ConnectionId) {
    let (world, id) = with_books().await;
    world.sync_well().await;
    world.customer("Ada");
    (world, id)
}

fn rest(world: &World) {
    let until = world.clock.now() + Duration::minutes(2);
    world.books.set_rest(Some(Rest { until, failures: 6 }));
}

fn connection(world: &World) -> ConnectionView {
    world.list_connections().expect("connections").remove(0)
}

async fn timed(world: &World) -> RunView {
    world.run_to_end(None, RunTrigger::Timer).await.expect("a run")
}

#[tokio::test]
async fn a_vendor_that_rests_is_left_alone_and_the_owner_is_told_until_when() {
    let (world, _) = one_waits().await;
    rest(&world);
    let run = timed(&world).await;
    let until = world.clock.now() + Duration::minutes(2);
    let words = run.parts[0].error.clone().expect("words");
    assert_eq!(run.parts[0].state, RunState::Failed);
    assert!(
        words.starts_with("Books failed 6 times in a row; it is tried again with the first sync after "),
        "{words}"
    );
    assert!(words.ends_with("Nothing is lost."), "{words}");
    let shown = connection(&world);
    assert_eq!((shown.state, shown.state_text.as_str()), (ConnectionState::Unreachable, words.as_str()));
    let told = shown.resting_until.expect("a moment");
    assert_eq!(chrono::DateTime::parse_from_rfc3339(&told).expect("a moment").timestamp(), until.timestamp());
    let entry = world.outbox().remove(0);
    assert!(world.books.pushes().is_empty(), "nothing left this machine");
    assert_eq!((entry.state, entry.attempts), (OutboxState::Waiting, 0), "and no try was used up");
    assert!(world.problems().is_empty());
}

#[tokio::test]
async fn when_the_rest_is_over_the_plain_words_stay_until_a_sync_ends_well() {
    let (world, _) = one_waits().await;
    rest(&world);
    timed(&world).await;
    world.books.set_rest(None);
    let shown = connection(&world);
    assert_eq!((shown.state, shown.resting_until), (ConnectionState::Unreachable, None));
    assert!(shown.state_text.contains("could not be reached"), "no time that has passed: {}", shown.state_text);
    assert_eq!(timed(&world).await.state, RunState::Done);
    assert_eq!(connection(&world).state, ConnectionState::Ready);
}

#[tokio::test]
async fn sync_now_tries_a_resting_vendor_at_once() {
    let (world, _) = one_waits().await;
    rest(&world);
    world.sync_well().await;
    assert_eq!(world.books_customers().len(), 1);
}

#[tokio::test]
async fn a_vendor_that_asks_to_slow_down_uses_up_no_tries() {
    let (world, _) = one_waits().await;
    let slow = || ConnectorError::RateLimited { after: std::time::Duration::from_mins(1) };
    for _ in 0..14 {
        world.books.break_pushes([Some(Fault::Before(slow()))]);
        world.sync().await;
        world.clock.advance(Duration::hours(7));
    }
    assert_eq!(world.books.pushes().len(), 14, "it was tried each time");
    let entry = world.outbox().remove(0);
    assert_eq!((entry.state, entry.attempts), (OutboxState::Retrying, 0), "{}", entry.why);
    assert!(world.problems().is_empty(), "{:#?}", world.problems());
    world.sync_well().await;
    assert_eq!(world.books_customers().len(), 1);
}

#[tokio::test]
async fn what_stays_in_doubt_is_told_to_the_owner_and_still_found_out_first() {
    let (world, _) = one_waits().await;
    let lost = || ConnectorError::Unknown("timed out".into());
    let mut told = Vec::new();
    for round in 1..=13 {
        world.books.break_pushes([Some(if round == 1 { Fault::After(lost()) } else { Fault::Before(lost()) })]);
        world.sync().await;
        told.push(world.problems().len());
        world.clock.advance(Duration::hours(7));
    }
    assert_eq!(told, [0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1], "after ten tries, once");
    let problem = world.problems().remove(0);
    assert_eq!((problem.title.as_str(), problem.action), ("Ada", ProblemAction::Retry));
    assert!(problem.message.contains("may have arrived") && problem.message.contains("Books"), "{}", problem.message);
    assert!(problem.advice.starts_with("Look in Books whether Ada is there."), "{}", problem.advice);
    let pushes = world.books.pushes();
    assert!(pushes.iter().all(|(key, ..)| *key == pushes[0].0), "under one key");
    assert!(pushes[1..].iter().all(|(_, attempt, _)| *attempt == Attempt::AfterUnknown), "found out first");
    let entry = world.outbox().remove(0);
    assert_eq!(entry.state, OutboxState::Unknown, "it is never given up");
    let next = chrono::DateTime::parse_from_rfc3339(&entry.next_attempt_at.expect("a moment")).expect("a moment");
    assert!(next <= world.clock.now(), "some hours are enough");
    world.sync_well().await;
    assert_eq!(world.books_customers().len(), 1);
    assert!(world.problems().is_empty() && world.outbox().is_empty());
}
