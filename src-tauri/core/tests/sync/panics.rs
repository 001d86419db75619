//! A panic ends the stage it happens in and nothing else: the run ends, the connection has a problem, the other connections,
//! the loop and the next "Sync now" go on.

use crate::world::{
    World, books_draft, connected, customer, order, settle, start, state_of, with_books, with_email, world,
};
use backroom_core::connections::{ConnectDraft, SignInFailure, SignInOutcome};
use backroom_core::event::Event;
use backroom_core::ids::ConnectionId;
use backroom_core::sync::{ProblemAction, RunState, RunTrigger, RunView};
use connector_contract::{Record, RecordKind};
use std::sync::Arc;
use std::time::Duration as Wait;

/// More often than anything tries.
const ALWAYS: u32 = 1_000_000;

async fn two() -> (World, ConnectionId, ConnectionId) {
    let (world, books) = with_books().await;
    let parcels = world.connect_parcels().await;
    world.sync_well().await;
    (world, books, parcels)
}

fn part(run: &RunView, connection: ConnectionId) -> (RunState, String) {
    let part = run.parts.iter().find(|part| part.connection_id == connection).expect("a part");
    (part.state, part.error.clone().unwrap_or_default())
}

#[tokio::test]
async fn a_connector_that_panics_once_fails_its_part_and_the_next_run_makes_up_for_it() {
    for call in ["identify", "pull", "push", "pushed"] {
        let (world, books, parcels) = two().await;
        world.books.put("c1", with_email("Ada", "ada@example.com"));
        world.customer("Bea");
        world.parcels.put("o1", Record::Order(order("1001", "PEN-1", 1)));
        world.books.panic_in(call, 1);
        let run = world.sync().await;
        assert_ne!(part(&run, books).0, RunState::Done, "{call}");
        assert_eq!(part(&run, parcels).0, RunState::Done, "{call}: the other one is not disturbed");
        assert_eq!(
            world.sync_status().expect("a status").open_run.map(|run| run.id),
            None,
            "{call}: the run has ended"
        );
        let problems = world.problems();
        let told = problems.iter().find(|problem| problem.message.contains("A fault in Backroom itself"));
        assert_eq!(told.map(|problem| problem.kind.as_str()), Some("connection"), "{call}: {problems:#?}");
        assert!(!format!("{problems:?}{run:?}").contains("a connector that panics"), "{call}: not the panic's words");
        world.clock.advance(chrono::Duration::hours(1));
        world.sync_well().await;
        assert!(world.problems().is_empty(), "{call}: {:#?}", world.problems());
        assert_eq!(world.books.all(RecordKind::Customer).len(), 2, "{call}: nothing is lost or twice there");
        world.customer_named("Ada");
    }
}

#[tokio::test]
async fn a_connector_that_always_panics_never_stops_the_others() {
    for call in ["identify", "pull", "push", "streams"] {
        let (world, books, parcels) = two().await;
        world.customer("Bea");
        world.books.panic_in(call, ALWAYS);
        for round in 0..3 {
            world.parcels.put(&format!("o{round}"), Record::Order(order(&format!("100{round}"), "PEN-1", 1)));
            let run = world.sync().await;
            assert_eq!(part(&run, parcels).0, RunState::Done, "{call}");
            assert_ne!(part(&run, books).0, RunState::Done, "{call}");
            assert!(
                world.problems().iter().any(|problem| problem.message.contains("A fault in Backroom itself")),
                "{call}"
            );
            world.clock.advance(chrono::Duration::hours(7));
        }
        assert_eq!(world.count_of("orders"), 3, "{call}");
        // Sending goes on where only reading fails.
        let waits = usize::from(call != "pull");
        assert_eq!(world.outbox().len(), waits, "{call}: what could not be sent waits");
    }
}

#[tokio::test(start_paused = true)]
async fn the_loop_goes_on_after_a_panic_and_sync_now_works_again() {
    let (world, books, _) = two().await;
    let engine = start(&world);
    settle().await;
    for call in ["identify", "pull", "inventory"] {
        world.books.panic_in(call, 2);
        for _ in 0..3 {
            world.sync_now(None, RunTrigger::Owner).expect("a run");
            settle().await;
            assert_eq!(world.sync_status().expect("a status").open_run.map(|run| run.id), None, "{call}");
        }
        world.books.panic_in(call, 0);
    }
    let newest = world.list_runs(None, 1).expect("runs").rows.remove(0);
    assert_eq!(part(&newest, books), (RunState::Done, String::new()));
    assert!(!engine.is_finished());
    engine.abort();
}

#[tokio::test(start_paused = true)]
async fn an_audit_and_a_preview_that_panic_are_refused_in_words_and_work_the_next_time() {
    let (world, books, _) = two().await;
    world.books.put("c1", Record::Customer(customer("Ada")));
    world.books.panic_in("inventory", 1);
    let audit = world.audit_now(Some(books), 0).await.expect("an audit that says what went wrong");
    assert!(format!("{audit:?}").contains("could not be asked for everything"), "{audit:?}");
    let audit = world.audit_now(Some(books), 0).await.expect("an audit");
    assert_eq!(audit.open_count, 0, "{audit:?}");
    world.books.panic_in("identify", 1);
    let plan = world.plan_sync(Some(books)).await.expect("a preview");
    assert!(plan.parts[0].error.is_some(), "{plan:?}");
    assert!(!world.sync_plans().expect("plans").preparing);
    let plan = world.plan_sync(Some(books)).await.expect("a preview");
    assert_eq!(plan.parts[0].error, None);
    world.books.panic_in("choices", 1);
    assert!(world.refresh_connection_choices(books).await.is_err());
    assert!(world.refresh_connection_choices(books).await.is_ok());
}

#[tokio::test]
async fn a_listener_that_panics_neither_undoes_what_was_committed_nor_keeps_others_from_hearing_of_it() {
    let (world, ..) = two().await;
    let heard = Arc::new(std::sync::atomic::AtomicU32::new(0));
    world.listen(Arc::new(|event: &Event| assert!(!matches!(event, Event::Changed { .. }), "a listener that panics")));
    let count = heard.clone();
    world.listen(Arc::new(move |_| {
        count.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
    }));
    world.customer("Ada");
    assert!(heard.load(std::sync::atomic::Ordering::Relaxed) > 0);
    world.customer_named("Ada");
    world.sync_well().await;
    assert_eq!(world.books_customers().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn the_timer_keeps_its_time_while_a_connector_panics() {
    let (world, books, _) = two().await;
    let settings = world.sync_settings().expect("settings");
    let every = backroom_core::company::SyncSettings { interval_minutes: 15, paused: false, ..settings };
    world.save_sync_settings(every).expect("a save");
    let engine = start(&world);
    settle().await;
    world.books.panic_in("identify", ALWAYS);
    let before = world.list_runs(None, 200).expect("runs").rows.len();
    for _ in 0..4 {
        tokio::time::sleep(Wait::from_mins(16)).await;
        settle().await;
    }
    let runs = world.list_runs(None, 200).expect("runs").rows;
    assert!(runs.len() >= before + 4, "{} runs", runs.len() - before);
    assert!(runs.iter().take(4).all(|run| part(run, books).0 == RunState::Failed));
    engine.abort();
}

#[tokio::test]
async fn a_sign_in_that_panics_says_so_keeps_nothing_and_works_the_next_time() {
    for call in ["sign_in", "authorize_url"] {
        let world = world();
        world.books.panic_in(call, 1);
        let refused = world.start_sign_in(books_draft()).await.expect_err("no page").to_string();
        assert!(refused.contains("fault in Backroom itself") && !refused.contains("panics"), "{call}: {refused}");
        world.connect_books().await;
        world.sync_well().await;
    }
    for call in ["exchange", "identify"] {
        let world = world();
        let started = world.start_sign_in(books_draft()).await.expect("a page to open");
        world.books.panic_in(call, 1);
        let link =
            format!("backroom://oauth/books?code=c&state={}&realmId=account-1", state_of(&started.authorize_url));
        let outcome = world.finish_sign_in(link).await.expect("an outcome");
        let SignInOutcome::Failed { reason: SignInFailure::Fault, message } = outcome else {
            panic!("{call}: {outcome:?}")
        };
        assert!(message.contains("A fault in Backroom itself") && !message.contains("panics"), "{call}: {message}");
        assert_eq!((world.secrets.names(), world.count_of("connections")), (Vec::new(), 0), "{call}: nothing is kept");
        world.connect_books().await;
    }
}

#[tokio::test]
async fn a_fault_while_signing_in_again_is_that_connections_problem_until_it_succeeds() {
    let (world, books, parcels) = two().await;
    for call in ["exchange", "identify"] {
        let again = || ConnectDraft { connection_id: Some(books), fields: Vec::new(), ..books_draft() };
        let sign_in = async || {
            let started = world.start_sign_in(again()).await.expect("a page to open");
            let state = state_of(&started.authorize_url);
            let link = format!("backroom://oauth/books?code=c&state={state}&realmId=account-1");
            world.finish_sign_in(link).await.expect("an outcome")
        };
        world.books.panic_in(call, 1);
        assert!(matches!(sign_in().await, SignInOutcome::Failed { reason: SignInFailure::Fault, .. }), "{call}");
        let problems = world.problems();
        assert_eq!((problems.len(), problems[0].connection_id, problems[0].kind.as_str()), (1, books, "connection"));
        assert_eq!(problems[0].action, ProblemAction::SignIn, "{call}");
        // The others and this one's own data are not disturbed.
        let run = world.sync().await;
        assert_eq!(part(&run, parcels).0, RunState::Done, "{call}");
        assert_eq!(connected(sign_in().await), books);
        assert!(world.problems().is_empty(), "{call}: {:#?}", world.problems());
    }
    world.books.panic_in("revoke", 1);
    world.disconnect(books).await.expect("the owner is rid of it all the same");
    assert_eq!(world.list_connections().expect("connections").len(), 1);
}
