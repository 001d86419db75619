//! The app ends between any two steps: no record is doubled, none is lost, and the next run brings both sides together.

use crate::world::{World, invoice, payment, with_books, with_email};
use backroom_core::sync::testing::Fault;
use backroom_core::sync::{OutboxState, RunState, RunTrigger};
use connector_contract::{Attempt, Record, RecordKind};
use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

/// Polls a run so often and then drops it, as the end of the process does. `true` when it had ended by itself.
fn run_and_crash(world: &World, polls: usize) -> bool {
    let mut run = pin!(world.run_to_end(None, RunTrigger::Owner));
    let mut context = Context::from_waker(Waker::noop());
    (0..polls).any(|_| matches!(run.as_mut().poll(&mut context), Poll::Ready(_)))
}

async fn busy_world() -> World {
    let (world, _) = with_books().await;
    world.sync_well().await;
    world.books.set_page_size(1);
    let remote = world.books.put("c1", with_email("Remote", "r@example.com"));
    let bill = world.books.put("i1", Record::Invoice(invoice("R-1", &remote, 4000)));
    world.books.put("p1", Record::Payment(payment(&remote, &bill, 1000)));
    let ada = world.customer("Ada");
    world.item("PEN-1", "2.50");
    world.invoice(ada.draft.id, "10.00");
    world
}

fn assert_together(world: &World, crashed_after: usize) {
    let told = format!("crashed after {crashed_after} polls");
    assert_eq!(world.count_of("customers"), 2, "{told}");
    assert_eq!(world.count_of("invoices"), 2, "{told}");
    assert_eq!(world.count_of("payments"), 1, "{told}");
    assert_eq!(world.books.all(RecordKind::Customer).len(), 2, "{told}");
    assert_eq!(world.books.all(RecordKind::Item).len(), 1, "{told}");
    assert_eq!(world.books.all(RecordKind::Invoice).len(), 2, "{told}");
    assert_eq!(world.count("SELECT count(*) FROM links WHERE deleted = 0"), 6, "{told}");
    assert!(world.outbox().is_empty() && world.problems().is_empty(), "{told}: {:?}", world.outbox());
    assert_eq!(world.customer_named("Remote").open_balance.minor, "3000", "{told}");
    assert_eq!(world.core.check_ledger().expect("a proof"), Vec::<String>::new(), "{told}");
}

#[tokio::test]
async fn a_crash_between_any_two_steps_loses_and_doubles_nothing() {
    let mut crashes = 0;
    for polls in 1.. {
        let world = busy_world().await;
        let ended = run_and_crash(&world, polls);
        world.sync_well().await;
        assert_together(&world, polls);
        let runs = world.list_runs(None, 10).expect("runs").rows;
        assert_eq!(runs[1].state == RunState::Interrupted, !ended, "a run that did not end says so");
        if ended {
            break;
        }
        crashes += 1;
    }
    assert!(crashes > 10, "only {crashes} places to crash were met");
}

#[tokio::test]
async fn two_crashes_in_a_row_are_no_worse_than_one() {
    for first in [3, 5, 7, 9, 11] {
        for second in [2, 4, 6, 8] {
            let world = busy_world().await;
            run_and_crash(&world, first);
            run_and_crash(&world, second);
            world.sync_well().await;
            assert_together(&world, first * 100 + second);
        }
    }
}

#[tokio::test]
async fn a_send_that_was_under_way_goes_out_again_with_the_same_key_and_content() {
    for fault in [Fault::HangBefore, Fault::HangAfter] {
        let (world, _) = with_books().await;
        world.sync_well().await;
        let ada = world.customer("Ada");
        world.books.break_pushes([Some(fault.clone())]);
        assert!(!run_and_crash(&world, 50));
        assert_eq!(world.outbox()[0].state, OutboxState::Sending);
        // What is edited meanwhile is another change and goes after it.
        world.set_email(ada.draft.id, "later@example.com");
        world.sync_well().await;
        let pushes = world.books.pushes();
        assert_eq!(pushes[0].0, pushes[1].0, "{fault:?}");
        assert_eq!(pushes[1].1, Attempt::AfterUnknown, "{fault:?}");
        let all = world.books_customers();
        assert_eq!((all.len(), all[0].email.as_deref()), (1, Some("later@example.com")), "{fault:?}");
    }
}
