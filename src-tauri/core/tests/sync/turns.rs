//! Connections side by side: none waits long for a slow one, and what one brings in goes out to the others in the same run.

use crate::world::{World, connected, order, parcels_draft, settle, start, usd, with_email, world};
use backroom_core::connections::{ConnectDraft, NamedText};
use backroom_core::sync::testing::{BOOKS, CARDS, Fault, Script};
use backroom_core::sync::{RunState, RunTrigger};
use backroom_core::testing::{TestCore, without_first_look};
use connector_contract::{Record, RecordKind, record};
use std::time::Duration as Wait;

/// Connected to both, synced once.
async fn with_both() -> World {
    let world = world();
    world.connect_books().await;
    world.connect_parcels().await;
    world.sync_well().await;
    world
}

#[tokio::test(start_paused = true)]
async fn a_slow_connection_does_not_hold_the_next_one_back() {
    let world = with_both().await;
    let engine = start(&world);
    settle().await;
    world.books.set_slowness(Wait::from_hours(1));
    world.parcels.put("o1", Record::Order(order("9001", "PEN-1", 1)));
    let run = world.sync_now(None, RunTrigger::Owner).expect("a run");
    tokio::time::sleep(Wait::from_mins(1)).await;
    let going = world.get_run(run.id, None, 1).expect("a run").run;
    let states: Vec<RunState> = going.parts.iter().map(|part| part.state).collect();
    assert_eq!(states, [RunState::Running, RunState::Done]);
    assert_eq!(world.count_of("orders"), 1);
    world.cancel_run().expect("a cancel");
    settle().await;
    let ended = world.get_run(run.id, None, 1).expect("a run").run;
    let states: Vec<RunState> = ended.parts.iter().map(|part| part.state).collect();
    assert_eq!((ended.state, states.as_slice()), (RunState::Cancelled, &[RunState::Cancelled, RunState::Done][..]));
    engine.abort();
}

#[tokio::test(start_paused = true)]
async fn a_send_without_an_answer_does_not_hold_the_next_one_back() {
    let world = with_both().await;
    world.customer("Ada");
    world.parcels.put("o1", Record::Order(order("9001", "PEN-1", 1)));
    world.books.break_pushes([Some(Fault::Late(Wait::from_mins(3)))]);
    let run = world.sync_well().await;
    assert_eq!((run.parts[0].sent_count, run.parts[1].created_count), (1, 1));
}

#[tokio::test(start_paused = true)]
async fn connections_that_answer_are_read_in_their_order() {
    let world = with_both().await;
    world.books.set_slowness(Wait::from_secs(2));
    world.books.put("c1", with_email("Ada", "ada@example.com"));
    world.parcels.put("o1", Record::Order(order("9001", "PEN-1", 1)));
    world.sync_well().await;
    assert_eq!(
        world.count("SELECT count(*) FROM orders WHERE customer_id IS NOT NULL"),
        1,
        "its buyer is there already"
    );
}

#[tokio::test(start_paused = true)]
async fn what_a_later_connection_brings_goes_out_to_an_earlier_one_in_the_same_run() {
    let (books, cards) = (Script::new(&BOOKS), Script::new(&CARDS));
    let core = TestCore::with_vendors(vec![books.vendor(), cards.vendor()]);
    let world = World { core, books, parcels: cards };
    world.connect_books().await;
    let draft = ConnectDraft {
        vendor: "cards".into(),
        fields: vec![NamedText { id: "secret_key".into(), value: "key".into() }],
        ..parcels_draft()
    };
    connected(world.connect_with_keys(draft).await.expect("an outcome"));
    without_first_look(&world);
    let bill = world.invoice(world.customer("Ada").draft.id, "30.00");
    world.sync_well().await;
    world.parcels.put("ch_1", Record::Charge(charge(&bill.draft.number, 3000)));
    let run = world.sync_well().await;
    assert_eq!(
        run.parts.iter().map(|part| (part.created_count, part.sent_count)).collect::<Vec<_>>(),
        [(0, 1), (1, 0)]
    );
    assert_eq!(world.books.all(RecordKind::Payment).len(), 1);
    assert!(world.outbox().is_empty());
    let quiet = world.sync_well().await;
    let counts = quiet.parts.iter().map(|part| part.created_count + part.updated_count + part.sent_count);
    assert_eq!(counts.sum::<u32>(), 0, "{quiet:#?}");
}

/// A card payment that names an invoice.
fn charge(invoice: &str, minor: i64) -> record::Charge {
    record::Charge {
        amount: usd(minor),
        captured: None,
        refunded: usd(0),
        status: record::ChargeStatus::Succeeded,
        created_at: "2026-11-20T12:00:00Z".parse().expect("a moment"),
        customer_name: None,
        customer_email: None,
        description: None,
        metadata: [("invoice_number".to_owned(), invoice.to_owned())].into(),
        balance_entry: None,
        failure: None,
    }
}
