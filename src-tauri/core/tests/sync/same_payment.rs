//! One payment, told of by two vendors: whatever order they are read in, it is here once, and what is only likely is asked.

use crate::world::{World, connected, customer, invoice, parcels_draft, payment, usd};
use backroom_core::connections::{ConnectDraft, NamedText};
use backroom_core::sync::plan::PlanAction;
use backroom_core::sync::testing::{BOOKS, CARDS, Script};
use backroom_core::sync::{ChangeDirection, ProblemAction, ProblemRow, RunState};
use backroom_core::testing::{TestCore, first_page, without_first_look};
use connector_contract::{ConnectorError, Record, RecordKind, RemoteId, record};

const CHARGE: &str = "ch_1SimFboOBFoXSfezIvx7ygoo";
const CUT: &str = "ch_1SimFboOBFoXSfezIv";

/// Books and cards, read in this order or the other one, and a customer and an open invoice in the books.
async fn books_and_cards(cards_first: bool) -> World {
    let world = to_look(cards_first).await;
    without_first_look(&world);
    world
}

/// The charge has been recorded, and the books were down when it was to be sent.
async fn recorded_and_not_sent() -> World {
    let world = books_and_cards(false).await;
    world.sync_well().await;
    world.parcels.put(CHARGE, charge());
    world.books.break_pulls([ConnectorError::Unavailable("down".into())]);
    world.sync().await;
    world
}

async fn to_look(cards_first: bool) -> World {
    let (books, cards) = (Script::new(&BOOKS), Script::new(&CARDS));
    let mut vendors = vec![books.vendor(), cards.vendor()];
    if cards_first {
        vendors.reverse();
    }
    let world = World { core: TestCore::with_vendors(vendors), books, parcels: cards };
    world.connect_books_to_look().await;
    let text = NamedText { id: "secret_key".into(), value: "key".into() };
    let draft = ConnectDraft { vendor: "cards".into(), fields: vec![text], ..parcels_draft() };
    connected(world.connect_with_keys(draft).await.expect("an outcome"));
    let ada = world.books.put("c1", Record::Customer(customer("Ada")));
    world.books.put("i1", Record::Invoice(invoice("1009", &ada, 18642)));
    world
}

fn charge() -> Record {
    Record::Charge(record::Charge {
        amount: usd(18642),
        captured: Some(usd(18642)),
        refunded: usd(0),
        status: record::ChargeStatus::Succeeded,
        created_at: "2026-11-20T12:00:00Z".parse().expect("a moment"),
        customer_name: Some("Ada".into()),
        customer_email: None,
        description: None,
        metadata: [("invoice".to_owned(), "1009".to_owned())].into(),
        balance_entry: None,
        failure: None,
    })
}

/// The books' payment of the invoice.
fn paid(day: &str, reference: &str) -> Record {
    let (customer, invoice) = (RemoteId("c1".into()), RemoteId("i1".into()));
    Record::Payment(record::Payment {
        received_on: day.parse().expect("a day"),
        reference: Some(reference.into()),
        ..payment(&customer, &invoice, 18642)
    })
}

impl World {
    fn payments_in_force(&self) -> usize {
        let rows = self.list_payments(first_page()).expect("payments").rows;
        rows.iter().filter(|row| !row.voided).count()
    }

    fn in_the_books(&self) -> usize {
        self.books.all(RecordKind::Payment).len()
    }

    fn the_question(&self) -> ProblemRow {
        let mut problems = self.problems();
        assert_eq!(problems.len(), 1, "{problems:#?}");
        assert_eq!(problems[0].action, ProblemAction::SamePayment);
        problems.remove(0)
    }
}

#[tokio::test]
async fn a_charge_and_the_books_payment_of_it_are_one_in_whatever_order_they_are_read() {
    for cards_first in [false, true] {
        let world = books_and_cards(cards_first).await;
        world.parcels.put(CHARGE, charge());
        world.books.put("p1", paid("2026-11-20", CUT));
        world.sync_well().await;
        world.sync_well().await;
        assert_eq!((world.payments_in_force(), world.in_the_books()), (1, 1), "cards first: {cards_first}");
        assert!(world.outbox().is_empty());
        assert_eq!(world.customer_named("Ada").open_balance.minor, "0");
    }
}

#[tokio::test]
async fn a_payment_that_the_books_tell_of_after_the_charge_was_recorded_is_that_one() {
    for reference in [CUT, CHARGE] {
        let world = recorded_and_not_sent().await;
        assert_eq!((world.payments_in_force(), world.outbox().len()), (1, 1), "recorded, and not sent yet");
        world.books.put("p1", paid("2026-11-21", reference));
        world.sync_well().await;
        assert_eq!((world.payments_in_force(), world.in_the_books()), (1, 1), "{reference}");
        assert!(world.outbox().is_empty());
    }
}

#[tokio::test]
async fn a_charge_entered_in_the_books_is_known_although_its_invoice_has_moved_to_another_customer() {
    for reference in [CUT, CHARGE] {
        let world = recorded_and_not_sent().await;
        let grace = world.books.put("c2", Record::Customer(customer("Grace")));
        world.books.put("i1", Record::Invoice(invoice("1009", &grace, 18642)));
        let Record::Payment(entered) = paid("2026-11-20", reference) else { unreachable!() };
        world.books.put("p1", Record::Payment(record::Payment { customer: grace, ..entered }));
        world.sync_well().await;
        world.sync_well().await;
        assert_eq!((world.payments_in_force(), world.in_the_books()), (1, 1), "{reference}");
        assert!(world.outbox().is_empty());
        for name in ["Ada", "Grace"] {
            assert_eq!(world.customer_named(name).open_balance.minor, "0", "{name}, {reference}");
        }
    }
}

#[tokio::test]
async fn a_payment_of_the_books_that_is_likely_the_recorded_one_is_asked_about_before_anything_is_sent() {
    for same in [true, false] {
        let world = recorded_and_not_sent().await;
        world.books.put("p1", paid("2026-11-23", "terminal 4"));
        assert_eq!(world.sync().await.state, RunState::DoneWithProblems);
        let asked = world.the_question();
        assert!(asked.message.contains("186.42 USD") && asked.message.contains("terminal 4"), "{asked:#?}");
        assert_eq!((world.payments_in_force(), world.in_the_books()), (1, 1), "neither sent nor taken over");
        world.sync().await;
        assert_eq!(
            (world.payments_in_force(), world.in_the_books(), world.problems().len()),
            (1, 1, 1),
            "it is one question"
        );
        world.answer_same_payment(asked.id, same).expect("an answer");
        world.sync_well().await;
        world.sync_well().await;
        let expected = if same { (1, 1) } else { (2, 2) };
        assert_eq!((world.payments_in_force(), world.in_the_books()), expected, "same: {same}");
        assert!(world.outbox().is_empty() && world.problems().is_empty());
        let credit = if same { "0" } else { "-18642" };
        assert_eq!(world.customer_named("Ada").open_balance.minor, credit);
    }
}

#[tokio::test]
async fn a_payment_cancelled_here_while_it_is_asked_about_ends_alone_whatever_is_answered() {
    for same in [Some(true), Some(false), None] {
        let world = recorded_and_not_sent().await;
        let recorded = world.list_payments(first_page()).expect("payments").rows.remove(0).id;
        world.books.put("p1", paid("2026-11-23", "terminal 4"));
        world.sync().await;
        let asked = world.the_question();
        world.void_payment(recorded).expect("cancelled");
        if let Some(same) = same {
            world.answer_same_payment(asked.id, same).expect("an answer");
        }
        world.sync_well().await;
        world.sync_well().await;
        assert_eq!((world.payments_in_force(), world.in_the_books()), (1, 1), "{same:?}");
        assert!(world.outbox().is_empty() && world.problems().is_empty(), "{same:?} {:#?}", world.problems());
        assert_eq!(world.customer_named("Ada").open_balance.minor, "0", "{same:?}");
    }
}

#[tokio::test]
async fn a_payment_is_not_sent_while_the_books_payment_of_it_waits_for_the_next_preview() {
    for reference in [CUT, "cash"] {
        let world = recorded_and_not_sent().await;
        let plan = world.preview().await;
        assert_eq!(plan.counts.outgoing, 1);
        world.books.put("p1", paid("2026-11-21", reference));
        world.carry_out(plan.id).await;
        assert_eq!((world.in_the_books(), world.outbox().len()), (1, 1), "{reference}");
        if reference == CUT {
            assert!(world.outbox()[0].why.contains("waits for the next one"), "{:#?}", world.outbox());
            let next = world.preview().await;
            world.run_plan_to_end(next.id, true).await.expect("a run");
        } else {
            world.answer_same_payment(world.the_question().id, true).expect("an answer");
        }
        world.sync_well().await;
        assert_eq!((world.payments_in_force(), world.in_the_books()), (1, 1), "{reference}");
        assert!(world.outbox().is_empty() && world.problems().is_empty(), "{reference} {:#?}", world.outbox());
    }
}

#[tokio::test]
async fn a_payment_is_not_sent_while_the_books_payment_of_it_waits_for_its_invoice() {
    let world = recorded_and_not_sent().await;
    let Record::Payment(entered) = paid("2026-11-21", CUT) else { unreachable!() };
    let applied = vec![record::Applied { invoice: RemoteId("i2".into()), ..entered.applied[0].clone() }];
    world.books.put("p1", Record::Payment(record::Payment { applied, ..entered }));
    world.sync().await;
    assert_eq!((world.in_the_books(), world.outbox().len()), (1, 1));
    assert!(world.outbox()[0].why.contains("may be the same one"), "{:#?}", world.outbox());
    let ada = RemoteId("c1".into());
    world.books.put("i2", Record::Invoice(invoice("1010", &ada, 18642)));
    world.sync().await;
    let question = world.problems().into_iter().find(|problem| problem.action == ProblemAction::SamePayment);
    world.answer_same_payment(question.expect("it pays another invoice").id, true).expect("an answer");
    world.sync_well().await;
    assert_eq!((world.payments_in_force(), world.in_the_books()), (1, 1));
    assert!(world.outbox().is_empty() && world.problems().is_empty(), "{:#?}", world.outbox());
}

#[tokio::test]
async fn a_payment_entered_in_the_books_while_ours_was_being_sent_is_reported_until_one_is_deleted() {
    for gone in ["p1", "r1"] {
        let world = books_and_cards(false).await;
        world.sync_well().await;
        world.parcels.put(CHARGE, charge());
        world.sync_well().await;
        assert_eq!(world.in_the_books(), 1);
        let Record::Payment(entered) = paid("2026-11-20", CUT) else { unreachable!() };
        world.books.put("p1", Record::Payment(record::Payment { applied: Vec::new(), ..entered }));
        world.sync().await;
        let twice = |problem: &ProblemRow| problem.message.contains("186.42 USD twice");
        let problem = world.problems().into_iter().find(twice).expect("a problem");
        assert!(problem.message.contains(CUT) && problem.message.contains(CHARGE), "{}", problem.message);
        let reported = world.problems().len();
        world.sync().await;
        assert_eq!(world.problems().len(), reported, "once");
        world.books.delete(RecordKind::Payment, gone);
        world.sync().await;
        world.sync().await;
        assert_eq!((world.payments_in_force(), world.in_the_books()), (1, 1), "{gone}");
        assert!(!world.problems().iter().any(twice), "{:#?}", world.problems());
    }
}

#[tokio::test]
async fn the_first_preview_shows_the_payment_that_a_charge_is_likely_to_be() {
    for (reference, answer, payments) in [
        (CUT, None, 1),
        ("cash", None, 1),
        ("cash", Some(PlanAction::Same), 1),
        ("cash", Some(PlanAction::Separate), 2),
    ] {
        let world = to_look(false).await;
        world.books.put("p1", paid("2026-11-18", reference));
        world.parcels.put(CHARGE, charge());
        let plan = world.preview().await;
        let title = format!("Charge {CHARGE}");
        let item = world.item_of(plan.id, ChangeDirection::In, &title);
        let pair = item.pair.expect("a payment that may be the same");
        let fields: Vec<&str> = pair.evidence.iter().map(|evidence| evidence.field.as_str()).collect();
        assert_eq!(fields, ["amount", "received_on", "invoice", "reference"]);
        assert!(pair.same && pair.title.starts_with("Payment"), "{pair:#?}");
        if let Some(answer) = answer {
            world.decide(plan.id, &title, answer);
        }
        world.run_plan_to_end(plan.id, true).await.expect("a run");
        world.sync_well().await;
        assert_eq!(world.payments_in_force(), payments, "{reference} {answer:?}");
        assert!(world.problems().is_empty());
    }
}
