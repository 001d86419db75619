//! A vendor that fails again and again is left alone for a while, in sight of the owner, and nothing that waits suffers for it.

use crate::shop::{Shop, connected};
use backroom_core::connections::{ConnectionState, ConnectionView};
use backroom_core::sync::{OutboxState, RunState, RunTrigger};
use backroom_core::testing::customer;
use vendor_sim::{Fault, FaultKind, Vendor};

fn quickbooks(shop: &Shop) -> ConnectionView {
    shop.list_connections().unwrap().into_iter().find(|view| view.vendor == "quickbooks").unwrap()
}

fn asked(shop: &Shop) -> usize {
    shop.world().requests().iter().filter(|request| request.vendor == Vendor::Quickbooks).count()
}

#[tokio::test(start_paused = true)]
async fn a_vendor_that_fails_in_a_row_rests_in_sight_and_what_waits_keeps_its_tries() {
    let shop = connected("demo").await;
    shop.sync_well().await;
    for name in ["Ada", "Grace", "Joan", "Mary"] {
        shop.save_customer(customer(name)).unwrap();
    }
    shop.world().plan(Fault::next(Vendor::Quickbooks, FaultKind::Refuse).on("POST", "/v3/").times(200));
    let run = shop.run_to_end(None, RunTrigger::Timer).await.unwrap();
    let part = run.parts.iter().find(|part| part.vendor_name == "QuickBooks").unwrap();
    assert_eq!(part.state, RunState::Failed);
    let words = part.error.clone().unwrap();
    // Three minutes past ten in New York, where the shop is.
    assert!(words.starts_with("QuickBooks failed 6 times in a row; it is tried again with the first sync after "));
    assert!(words.contains(" after 10:04,") && words.ends_with("Nothing is lost."), "{words}");
    let shown = quickbooks(&shop);
    assert_eq!(shown.state, ConnectionState::Unreachable);
    assert!(shown.resting_until.is_some() && shown.state_text.contains("failed 6 times"), "{}", shown.state_text);
    let waiting = shop.outbox();
    let states: Vec<(OutboxState, u32)> = waiting.iter().map(|entry| (entry.state, entry.attempts)).collect();
    let (failed, kept) = ((OutboxState::Retrying, 1), (OutboxState::Waiting, 0));
    assert_eq!(states, [failed, failed, kept, kept]);
    let before = asked(&shop);
    shop.run_to_end(None, RunTrigger::Timer).await.unwrap();
    assert_eq!(asked(&shop), before, "the timer leaves it alone");
    shop.world().clear_faults();
    shop.outside.clock.advance(chrono::Duration::minutes(1));
    shop.sync_well().await;
    assert!(shop.outbox().is_empty(), "asked by the owner it is tried at once: {:#?}", shop.outbox());
    let shown = quickbooks(&shop);
    assert_eq!((shown.state, shown.resting_until), (ConnectionState::Ready, None));
    shop.assert_sound();
}
