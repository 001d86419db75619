//! A preview that waits while something else does what it shows, and waits that a vendor asked for.

use crate::world::{customer, with_books};
use backroom_core::sync::RunState;
use backroom_core::sync::testing::Fault;
use chrono::Duration;
use connector_contract::{ConnectorError, Record};

#[tokio::test]
async fn a_preview_is_gone_when_a_sync_has_done_all_of_it() {
    let (world, books) = with_books().await;
    world.sync_well().await;
    world.customer("Ada");
    world.books.put("c1", Record::Customer(customer("Bea")));
    world.plan_sync(Some(books)).await.expect("a preview");
    let waiting = world.plan_sync(None).await.expect("a preview");
    assert_eq!(world.sync_plans().expect("plans").plans.iter().map(|plan| plan.id).collect::<Vec<_>>(), [waiting.id]);
    world.sync_well().await;
    assert!(world.sync_plans().expect("plans").plans.is_empty(), "it asks about nothing any more");
    assert!(world.run_plan(waiting.id, false).is_err());
}

#[tokio::test]
async fn a_preview_keeps_what_a_sync_did_not_come_to() {
    let (world, books) = with_books().await;
    let parcels = world.connect_parcels().await;
    world.sync_well().await;
    world.customer("Ada");
    let plan = world.plan_sync(None).await.expect("a preview");
    world.parcels.break_identify(ConnectorError::Unavailable("closed".into()));
    world.sync().await;
    let left = world.sync_plans().expect("plans").plans.remove(0);
    assert_eq!(left.id, plan.id);
    assert_eq!(left.parts.iter().map(|part| part.connection_id).collect::<Vec<_>>(), [parcels]);
    assert_ne!(books, parcels);
}

#[tokio::test]
async fn a_first_look_stays_whatever_else_is_synced() {
    let (world, _) = with_books().await;
    world.sync_well().await;
    let outcome = world.connect_with_keys(crate::world::parcels_draft()).await.expect("an outcome");
    let parcels = crate::world::connected(outcome);
    world.plan_sync(Some(parcels)).await.expect("a preview");
    world.sync_well().await;
    assert_eq!(world.sync_plans().expect("plans").plans.len(), 1);
}

#[tokio::test]
async fn a_vendor_that_wants_years_gets_a_day_and_no_run_is_done_while_a_change_waits() {
    for wish in [100_000_000, u64::MAX] {
        let (world, _) = with_books().await;
        world.sync_well().await;
        world.customer("Ada");
        let slow = ConnectorError::RateLimited { after: std::time::Duration::from_secs(wish) };
        world.books.break_pushes([Some(Fault::Before(slow))]);
        let run = world.sync().await;
        let error = run.parts[0].error.clone().expect("words");
        assert_eq!((run.state, error.contains("asked to wait until")), (RunState::Failed, true), "{error}");
        let run = world.sync().await;
        let error = run.parts[0].error.clone().expect("words");
        assert_eq!((run.state, error.contains("1 change waits")), (RunState::DoneWithProblems, true), "{error}");
        world.clock.advance(Duration::hours(25));
        world.sync_well().await;
        assert_eq!(world.books_customers().len(), 1);
    }
}
