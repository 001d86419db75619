//! Both sides' sums are compared after what came in and what was sent, and a difference is said with both of them.

use crate::world::{World, customer, invoice, payment, usd, with_books};
use backroom_core::sync::{ProblemAction, ProblemRow, RunState};
use connector_contract::{ConnectorError, Record, RecordKind, RemoteId, record};

/// An invoice of 467.00 in the books, of which this much is due before any payment.
async fn with_due(minor: i64) -> World {
    let (world, _) = with_books().await;
    let ada = world.books.put("c1", Record::Customer(customer("Ada")));
    let bill = record::Invoice { balance: Some(usd(minor)), ..invoice("1008", &ada, 46700) };
    world.books.put("i1", Record::Invoice(bill));
    world
}

fn pay(minor: i64) -> record::Payment {
    payment(&RemoteId("c1".into()), &RemoteId("i1".into()), minor)
}

impl World {
    fn differences(&self) -> Vec<ProblemRow> {
        self.problems().into_iter().filter(|problem| problem.action == ProblemAction::CompareAgain).collect()
    }
}

#[tokio::test]
async fn sums_that_agree_are_no_news() {
    let world = with_due(46700).await;
    world.books.put("p1", Record::Payment(pay(20000)));
    world.sync_well().await;
    world.books.put("p1", Record::Payment(pay(46700)));
    world.sync_well().await;
    let bill = world.invoice(world.customer_named("Ada").draft.id, "30.00");
    world.sync_well().await;
    world.void_invoices(vec![bill.draft.id]).expect("a void");
    world.sync_well().await;
}

#[tokio::test]
async fn a_balance_that_differs_is_said_with_both_sums_and_goes_when_both_agree() {
    let world = with_due(41700).await;
    world.books.put("p1", Record::Payment(pay(41700)));
    assert_eq!(world.sync().await.state, RunState::DoneWithProblems);
    let said = world.differences();
    assert_eq!(said.len(), 1, "{said:#?}");
    for words in ["Invoice 1008", "0.00 USD in Books", "50.00 USD here", "a difference of 50.00 USD"] {
        assert!(said[0].message.contains(words), "{words}: {said:#?}");
    }
    assert_eq!(said[0].kind, "invoice");
    world.sync_well().await;
    assert_eq!(world.differences()[0].attempts, 1, "the same difference is no news");
    world.retry_problems(vec![said[0].id]).expect("a comparison");
    world.sync_well().await;
    assert_eq!(world.differences().len(), 1, "compared again it still differs");
    // The books find their mistake: the rest was a payment of its own.
    let whole = record::Invoice { balance: Some(usd(46700)), ..invoice("1008", &RemoteId("c1".into()), 46700) };
    world.books.put("i1", Record::Invoice(whole));
    world.books.put("p2", Record::Payment(record::Payment { reference: Some("check 8".into()), ..pay(5000) }));
    world.sync_well().await;
    assert!(world.problems().is_empty());
}

#[tokio::test]
async fn a_difference_because_of_what_still_waits_to_be_sent_is_none() {
    let world = with_due(46700).await;
    world.sync_well().await;
    let ada = world.customer_named("Ada").draft.id;
    let bill = world.open_invoices(ada).expect("invoices").remove(0).id;
    let mut paid = backroom_core::payments::PaymentDraft {
        id: backroom_core::ids::PaymentId::new(),
        customer_id: ada,
        received_on: "2026-11-20".into(),
        amount: "100".into(),
        method: "Cash".into(),
        reference: String::new(),
        note: String::new(),
        applied: Vec::new(),
    };
    paid.applied.push(backroom_core::payments::AppliedDraft { invoice_id: bill, amount: "100".into() });
    world.record_payment(paid).expect("a payment");
    world
        .books
        .break_pushes([Some(backroom_core::sync::testing::Fault::Before(ConnectorError::Unavailable("down".into())))]);
    // The books show the invoice again while the payment waits.
    let again = record::Invoice { note: Some("seen".into()), ..invoice("1008", &RemoteId("c1".into()), 46700) };
    world.books.put("i1", Record::Invoice(again));
    world.sync().await;
    assert!(world.differences().is_empty());
    world.clock.advance(chrono::Duration::hours(1));
    world.sync_well().await;
    assert_eq!(world.books.all(RecordKind::Payment).len(), 1);
}

#[tokio::test]
async fn what_changed_there_since_it_was_read_is_compared_with_the_next_run() {
    let world = with_due(46700).await;
    world.sync_well().await;
    // The payment is told of, and the invoice not again yet.
    world.books.put("p1", Record::Payment(pay(20000)));
    world.sync_well().await;
    let bill = invoice("1008", &RemoteId("c1".into()), 46700);
    world.books.put("i1", Record::Invoice(bill));
    world.sync_well().await;
}
