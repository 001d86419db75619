//! What a vendor refuses: in words, with a way out, and without holding up what does not need it.

use crate::world::with_books;
use backroom_core::Error;
use backroom_core::event::Event;
use backroom_core::sync::testing::Fault;
use backroom_core::sync::{OutboxState, ProblemAction, RunState};
use chrono::Duration;
use connector_contract::{Choice, ConnectorError, RecordKind, Rejection};

fn rejected(code: &str, field: Option<&str>) -> ConnectorError {
    let text = "the vendor's words".to_owned();
    ConnectorError::Rejected(Rejection::vendors(code, field.map(str::to_owned), text))
}

#[tokio::test]
async fn a_refused_record_is_told_and_blocks_only_what_needs_it() {
    let (world, _) = with_books().await;
    world.sync_well().await;
    let (ada, bob) = (world.customer("Ada"), world.customer("Bob"));
    world.invoice(ada.draft.id, "10.00");
    world.invoice(bob.draft.id, "20.00");
    world.books.break_pushes([Some(Fault::Before(rejected("taken", Some("display_name"))))]);
    let run = world.sync().await;
    assert_eq!((run.state, run.parts[0].sent_count), (RunState::DoneWithProblems, 2), "Bob and his invoice");
    let problem = world.problems().remove(0);
    assert_eq!((problem.title.as_str(), problem.action), ("Ada", ProblemAction::Rename));
    assert!(problem.message.contains("already has another entry"), "{}", problem.message);
    assert_eq!(problem.vendor_text, "taken: the vendor's words");
    let waiting: Vec<OutboxState> = world.outbox().into_iter().map(|row| row.state).collect();
    assert_eq!(waiting, [OutboxState::Rejected, OutboxState::Blocked]);
    assert!(world.outbox()[1].why.contains("Ada"), "{}", world.outbox()[1].why);
    let attention = |event: &Event| matches!(event, Event::Attention { .. });
    assert_eq!(world.events.lock().iter().filter(|event| attention(event)).count(), 1);
    // It is not retried automatically, and not reported again.
    world.clock.advance(Duration::days(1));
    let pushes = world.books.pushes().len();
    world.sync().await;
    assert_eq!(world.books.pushes().len(), pushes);
    // Saved again: a new key, and everything goes.
    let mut draft = world.get_customer(ada.draft.id).expect("Ada").draft;
    draft.display_name = "Ada L.".into();
    world.save_customer(draft).expect("a save");
    assert!(world.problems().is_empty());
    world.sync_well().await;
    assert_eq!(world.books_invoices().len(), 2);
    assert!(world.books.pushes()[pushes].0.ends_with(":g2"), "{:?}", world.books.pushes());
}

#[tokio::test]
async fn a_name_that_the_vendor_does_not_take_is_changed_in_place() {
    let (world, _) = with_books().await;
    world.sync_well().await;
    let ada = world.customer("Ada");
    world.books.break_pushes([Some(Fault::Before(rejected("characters", Some("display_name"))))]);
    world.sync().await;
    let problem = world.problems().remove(0);
    assert_eq!(problem.action, ProblemAction::Rename);
    let id = ada.draft.id.to_string();
    assert!(matches!(world.rename_record("customer", &id, " "), Err(Error::Invalid(_))), "checked as in its form");
    world.rename_record("customer", &id, "Ada L.").expect("another name");
    assert!(world.problems().is_empty());
    world.sync_well().await;
    assert_eq!(world.books_customers()[0].display_name, "Ada L.");
    assert!(world.rename_record("invoice", &id, "Ada").is_err());
}

#[tokio::test]
async fn trying_a_problem_again_sends_it_under_a_new_key_and_only_a_reason_lets_it_rest() {
    let (world, _) = with_books().await;
    world.sync_well().await;
    world.customer("Ada");
    let fault = || Some(Fault::Before(rejected("9999", None)));
    world.books.break_pushes([fault(), fault()]);
    world.sync().await;
    world.retry_problems(vec![world.problems()[0].id]).expect("a retry");
    assert_eq!(world.outbox()[0].state, OutboxState::Waiting);
    world.sync().await;
    let keys: Vec<String> = world.books.pushes().into_iter().map(|(key, ..)| key).collect();
    assert_ne!(keys[0], keys[1]);
    let problem = world.problems().remove(0);
    assert!(matches!(world.dismiss_problem(problem.id), Err(Error::Refused(_))), "nothing goes without a word");
    assert_eq!(problem.outbox_id, Some(world.outbox()[0].id));
    world.drop_outbox(world.outbox()[0].id, "She is no customer").expect("dropped");
    assert!(world.problems().is_empty());
    world.sync_well().await;
    assert!(world.outbox().is_empty() && world.books_customers().is_empty());
}

#[tokio::test]
async fn a_missing_choice_points_to_the_settings_and_choosing_sends_what_waited() {
    let (world, id) = with_books().await;
    world.sync_well().await;
    world.item("PEN-1", "2.50");
    world.books.break_pushes([Some(Fault::Before(rejected("not_sent", Some("income_account"))))]);
    world.sync().await;
    assert_eq!(world.problems()[0].action, ProblemAction::ConnectionSettings);
    let choice = |value: &str, suggested| Choice {
        setting: "income_account",
        value: value.into(),
        label: format!("Account {value}"),
        suggested,
    };
    world.books.set_choices(vec![choice("1", true), choice("2", false)]);
    let view = world.refresh_connection_choices(id).await.expect("options");
    assert_eq!(view.settings[0].options.len(), 2);
    let odd = world.save_connection_setting(id, "income_account".into(), Some("3".into()));
    assert_eq!(backroom_core::testing::wrong_fields(odd), ["value"]);
    let view = world.save_connection_setting(id, "income_account".into(), Some("2".into())).expect("a choice");
    assert_eq!(view.settings[0].value.as_deref(), Some("2"));
    assert!(world.problems().is_empty());
    world.sync_well().await;
    assert_eq!(world.books.all(RecordKind::Item).len(), 1);
}
