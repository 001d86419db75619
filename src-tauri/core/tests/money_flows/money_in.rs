//! Money in is what arrived, once: captured, less refunded, less lost disputes; joined to the payment that is here already, asked
//! about where that is likely, and never more than is due without asking.

use crate::{connection, invoice, payment, processor_connection, proven, usd};
use backroom_core::ids::{ConnectionId, InvoiceId, PaymentId};
use backroom_core::invoices::{InvoiceStatus, InvoiceView};
use backroom_core::payments::{Looked, Payment, look_at_charge, record_charge, record_dispute, write};
use backroom_core::store::{self, Tx, charge_match};
use backroom_core::sync::{ProblemAction, ProblemRow};
use backroom_core::testing::{TestCore, first_page};
use backroom_money::{Currency, Money};
use connector_contract::record::{Charge, ChargeStatus, Dispute, DisputeOutcome, RemoteId};
use proptest::prelude::*;
use std::collections::BTreeMap;

const CHARGE: &str = "ch_1SimFboOBFoXSfezIvx7ygoo";

fn dollars(minor: i64) -> Money {
    Money::from_minor(minor, Currency::USD)
}

fn charge(minor: i64, invoice: &str) -> Charge {
    Charge {
        amount: dollars(minor),
        captured: Some(dollars(minor)),
        refunded: dollars(0),
        status: ChargeStatus::Succeeded,
        created_at: "2026-11-20T15:00:00Z".parse().unwrap(),
        customer_name: None,
        customer_email: None,
        description: None,
        metadata: BTreeMap::from([("invoice".to_owned(), invoice.to_owned())]),
        balance_entry: None,
        failure: None,
    }
}

fn dispute(charge: &str, minor: i64, outcome: DisputeOutcome) -> Dispute {
    Dispute {
        amount: dollars(minor),
        charge: Some(RemoteId(charge.into())),
        status: format!("{outcome:?}"),
        outcome,
        created_at: "2026-11-20T16:00:00Z".parse().unwrap(),
        reason: None,
        respond_by: None,
    }
}

struct Shop {
    test: TestCore,
    cards: ConnectionId,
    bill: InvoiceView,
}

impl Shop {
    /// One open invoice of this amount, and books to send to.
    fn with_invoice(amount: &str) -> Self {
        let test = TestCore::new();
        connection(&test, "books");
        let cards = processor_connection(&test);
        let bill = invoice(&test, test.customer("Ada").draft.id, amount);
        Self { test, cards, bill }
    }

    fn number(&self) -> &str {
        &self.bill.draft.number
    }

    fn take(&self, id: &str, charge: &Charge) {
        self.test.store().write(|tx| record_charge(tx, self.cards, &RemoteId(id.into()), charge)).unwrap();
    }

    fn dispute(&self, id: &str, dispute: &Dispute) {
        self.test.store().write(|tx| record_dispute(tx, self.cards, &RemoteId(id.into()), dispute)).unwrap();
    }

    fn look(&self) -> Vec<Looked> {
        let now = "2026-11-21T08:00:00Z".parse().unwrap();
        let look = |tx: &Tx<'_>| {
            let due = charge_match::to_look_at(tx, self.cards)?;
            due.into_iter().map(|id| look_at_charge(tx, id, "Cards", now)).collect::<backroom_core::Result<Vec<_>>>()
        };
        self.test.store().write(look).unwrap()
    }

    fn paid(&self) -> (i64, InvoiceStatus) {
        let invoice = self.test.get_invoice(self.bill.draft.id).unwrap();
        (usd(&invoice.totals.total) - usd(&invoice.balance), invoice.status)
    }

    fn payments(&self) -> Vec<(i64, i64)> {
        let rows = self.test.list_payments(first_page()).unwrap().rows;
        let in_force = rows.iter().filter(|row| !row.voided);
        let mut sums: Vec<(i64, i64)> = in_force.map(|row| (usd(&row.amount), usd(&row.unapplied))).collect();
        sums.sort_unstable();
        sums
    }

    fn queued(&self) -> i64 {
        self.test.count("SELECT COUNT(*) FROM outbox WHERE kind = 'payment'")
    }

    fn problems(&self) -> Vec<ProblemRow> {
        self.test.list_problems(None, 50).unwrap().rows
    }

    /// A payment as the books bring it: not queued for anyone.
    fn books_pay(&self, amount: i64, applied: &[InvoiceId], day: &str, reference: &str) -> PaymentId {
        let customer = self.bill.draft.customer_id.unwrap();
        let parts: Vec<(InvoiceId, String)> =
            applied.iter().map(|id| (*id, dollars(amount).to_decimal_string())).collect();
        let parts: Vec<(InvoiceId, &str)> = parts.iter().map(|(id, part)| (*id, part.as_str())).collect();
        let draft = payment(customer, &dollars(amount).to_decimal_string(), &parts);
        let id = self.test.record_payment(draft).unwrap().row.id;
        self.test
            .store()
            .write(|tx| {
                let before = store::payments::get(tx, id)?.unwrap();
                let day = day.parse().unwrap();
                let after = Payment { reference: reference.into(), received_on: day, ..before.clone() };
                write(tx, Some(&before), &after, "Books", "2026-11-20T16:00:00Z".parse().unwrap())?;
                tx.execute("DELETE FROM outbox", [])?;
                Ok(())
            })
            .unwrap();
        id
    }
}

#[test]
fn a_charge_of_an_invoice_that_the_books_know_as_paid_is_that_payment() {
    let shop = Shop::with_invoice("186.42");
    let known = shop.books_pay(18642, &[shop.bill.draft.id], "2026-11-20", "ch_1SimFboOBFoXSfezIv");
    shop.take(CHARGE, &charge(18642, shop.number()));
    assert_eq!(shop.look(), [Looked { joined: Some(known), ..Looked::default() }]);
    assert_eq!(shop.payments(), [(18642, 0)], "one payment, no credit");
    assert_eq!(shop.queued(), 0, "nothing is sent");
    assert_eq!(shop.problems().len(), 0);
    let history = shop.test.get_payment(known).unwrap().history;
    assert_eq!(history[0].action, "linked", "and the history says so");
    let row = &shop.test.list_charges(first_page()).unwrap().rows[0];
    assert_eq!(row.invoice_number.as_deref(), Some(shop.number()));
    proven(&shop.test);
}

#[test]
fn a_charge_that_was_refunded_before_it_was_first_seen_is_no_payment() {
    let shop = Shop::with_invoice("467");
    shop.take("ch_a", &Charge { refunded: dollars(46700), ..charge(46700, shop.number()) });
    assert_eq!(shop.look(), [Looked::default()]);
    assert_eq!((shop.paid(), shop.queued()), ((0, InvoiceStatus::Open), 0));
    // The refund fails days later, and the money is there again.
    shop.take("ch_a", &charge(46700, shop.number()));
    shop.look();
    assert_eq!((shop.paid(), shop.payments()), ((46700, InvoiceStatus::Paid), vec![(46700, 0)]));
    proven(&shop.test);
}

#[test]
fn only_what_was_captured_is_paid() {
    let shop = Shop::with_invoice("467");
    shop.take("ch_a", &Charge { captured: Some(dollars(45700)), ..charge(46700, shop.number()) });
    shop.look();
    assert_eq!(shop.payments(), [(45700, 0)]);
    assert_eq!(shop.paid(), (45700, InvoiceStatus::PartlyPaid));
    proven(&shop.test);
}

#[test]
fn what_was_refunded_and_what_disputes_took_for_good_is_not_paid() {
    for (captured, refunded, disputes, expected) in [
        (10000, 2500, vec![], 7500),
        (9000, 2500, vec![], 6500),
        (10000, 0, vec![(4000, DisputeOutcome::Lost)], 6000),
        (10000, 1000, vec![(4000, DisputeOutcome::Lost), (5000, DisputeOutcome::Lost)], 0),
        (10000, 0, vec![(10000, DisputeOutcome::Won)], 10000),
        (10000, 0, vec![(10000, DisputeOutcome::Open)], 10000),
        (10000, 0, vec![(10000, DisputeOutcome::Inquiry)], 10000),
        (10000, 10000, vec![(10000, DisputeOutcome::Lost)], 0),
        (0, 0, vec![], 0),
    ] {
        let shop = Shop::with_invoice("100");
        let charge =
            Charge { captured: Some(dollars(captured)), refunded: dollars(refunded), ..charge(10000, shop.number()) };
        // Disputes are listed after the charges they are about.
        shop.take("ch_a", &charge);
        for (place, (minor, outcome)) in disputes.iter().enumerate() {
            shop.dispute(&format!("dp_{place}"), &dispute("ch_a", *minor, *outcome));
        }
        shop.look();
        let case = format!("{captured} {refunded} {disputes:?}");
        assert_eq!(shop.paid().0, expected, "{case}");
        assert_eq!(shop.payments().iter().map(|(amount, _)| amount).sum::<i64>(), expected, "{case}");
        proven(&shop.test);
    }
}

#[test]
fn a_refund_or_a_lost_dispute_after_the_payment_leaves_the_payment_to_the_owner() {
    let shop = Shop::with_invoice("100");
    shop.take("ch_a", &charge(10000, shop.number()));
    shop.look();
    shop.take("ch_a", &Charge { refunded: dollars(3000), ..charge(10000, shop.number()) });
    shop.dispute("dp", &dispute("ch_a", 7000, DisputeOutcome::Lost));
    shop.look();
    assert_eq!((shop.payments(), shop.problems().len()), (vec![(10000, 0)], 0));
    proven(&shop.test);
}

#[test]
fn a_payment_that_is_likely_the_same_is_asked_about_and_nothing_is_recorded_meanwhile() {
    for same in [true, false] {
        let shop = Shop::with_invoice("100");
        let cash = shop.books_pay(10000, &[shop.bill.draft.id], "2026-11-17", "");
        shop.take(CHARGE, &charge(10000, shop.number()));
        assert_eq!(shop.look(), [Looked { news: true, ..Looked::default() }]);
        assert_eq!((shop.payments(), shop.queued()), (vec![(10000, 0)], 0));
        let asked = shop.problems();
        assert_eq!(asked.len(), 1);
        assert_eq!(asked[0].action, ProblemAction::SamePayment);
        assert!(asked[0].message.contains("100.00 USD") && asked[0].message.contains(shop.number()), "{asked:#?}");
        // Looked at again it is the same question.
        shop.take(CHARGE, &Charge { description: Some("later".into()), ..charge(10000, shop.number()) });
        assert_eq!(shop.look(), [Looked::default()]);
        shop.test.answer_same_payment(asked[0].id, same).unwrap();
        assert_eq!(shop.problems().len(), 0);
        if same {
            assert_eq!((shop.payments(), shop.queued()), (vec![(10000, 0)], 0));
            let history = shop.test.get_payment(cash).unwrap().history;
            assert_eq!(history[0].action, "linked");
        } else {
            assert_eq!((shop.payments(), shop.queued()), (vec![(10000, 0), (10000, 10000)], 1));
        }
        proven(&shop.test);
    }
}

#[test]
fn an_invoice_paid_long_ago_in_cash_is_never_paid_again_without_asking() {
    let shop = Shop::with_invoice("100");
    shop.books_pay(10000, &[shop.bill.draft.id], "2026-09-01", "receipt 4");
    shop.take(CHARGE, &charge(10000, shop.number()));
    shop.look();
    assert_eq!(shop.payments(), [(10000, 0)]);
    assert_eq!(shop.problems()[0].action, ProblemAction::SamePayment);
    // The cash was never there after all: the question answers itself, and the charge pays.
    let cash = shop.test.list_payments(first_page()).unwrap().rows[0].id;
    shop.test.void_payment(cash).unwrap();
    shop.look();
    assert_eq!((shop.paid(), shop.problems().len()), ((10000, InvoiceStatus::Paid), 0));
    proven(&shop.test);
}

#[test]
fn what_arrives_beyond_what_is_due_is_recorded_only_when_the_owner_says_so() {
    let shop = Shop::with_invoice("100");
    shop.take("ch_a", &charge(11800, shop.number()));
    assert!(shop.look()[0].news);
    assert_eq!((shop.payments(), shop.paid().0), (vec![(10000, 0)], 10000));
    let asked = shop.problems();
    assert_eq!(asked[0].action, ProblemAction::RecordCredit);
    assert!(asked[0].message.contains("18.00 USD"), "{asked:#?}");
    shop.test.answer_same_payment(asked[0].id, false).unwrap();
    assert_eq!((shop.payments(), shop.problems().len()), (vec![(11800, 1800)], 0));
    proven(&shop.test);
}

#[test]
fn several_charges_of_one_invoice_are_several_payments() {
    let shop = Shop::with_invoice("100");
    shop.take("ch_1SimAAAAAAAAAAAAAAAAAAAA", &charge(5000, shop.number()));
    shop.take("ch_1SimAAAAAAAAAAAAAAAAAAAB", &charge(5000, shop.number()));
    shop.look();
    assert_eq!((shop.payments(), shop.problems().len()), (vec![(5000, 0), (5000, 0)], 0));
    shop.take("ch_1SimAAAAAAAAAAAAAAAAAAAC", &charge(5000, shop.number()));
    shop.look();
    assert_eq!((shop.payments().len(), shop.problems().len()), (2, 1), "the third is asked about");
    proven(&shop.test);
}

#[test]
fn references_that_were_cut_alike_are_told_apart_by_their_invoices() {
    let shop = Shop::with_invoice("100");
    let other = invoice(&shop.test, shop.bill.draft.customer_id.unwrap(), "100");
    let second = shop.books_pay(10000, &[other.draft.id], "2026-11-20", "ch_1SimFboOBFoXSfezIv");
    let first = shop.books_pay(10000, &[shop.bill.draft.id], "2026-11-20", "ch_1SimFboOBFoXSfezIv");
    shop.take("ch_1SimFboOBFoXSfezIvAAAAAA", &charge(10000, shop.number()));
    shop.take("ch_1SimFboOBFoXSfezIvBBBBBB", &charge(10000, &other.draft.number));
    let joined: Vec<_> = shop.look().into_iter().map(|looked| looked.joined).collect();
    assert_eq!(joined, [Some(first), Some(second)]);
    assert_eq!(shop.payments().len(), 2);
    proven(&shop.test);
}

#[test]
fn an_invoice_that_comes_after_its_charge_is_paid_by_it() {
    let shop = Shop::with_invoice("5");
    shop.take("ch_a", &charge(3000, "INV-1002"));
    assert_eq!(shop.look(), [Looked::default()]);
    let late = invoice(&shop.test, shop.bill.draft.customer_id.unwrap(), "30");
    assert_eq!(late.draft.number, "INV-1002");
    shop.look();
    assert_eq!(shop.test.get_invoice(late.draft.id).unwrap().status, InvoiceStatus::Paid);
    assert_eq!(shop.look(), [], "and is not looked at again");
    proven(&shop.test);
}

#[test]
fn an_invoice_is_found_however_its_number_is_written() {
    for written in [" inv-1001 ", "#INV-1001", "Inv-1001", "ＩＮＶ－１００１"] {
        let shop = Shop::with_invoice("30");
        shop.take("ch_a", &charge(3000, written));
        shop.look();
        assert_eq!(shop.paid().1, InvoiceStatus::Paid, "{written}");
    }
}

#[test]
fn a_bank_payment_counts_when_it_has_succeeded_and_a_reservation_when_it_is_captured() {
    let shop = Shop::with_invoice("30");
    let reserved = Charge { status: ChargeStatus::Pending, captured: Some(dollars(0)), ..charge(3000, shop.number()) };
    for waiting in [reserved, Charge { status: ChargeStatus::Failed, ..charge(3000, shop.number()) }] {
        shop.take("ch_a", &waiting);
        shop.look();
        assert_eq!(shop.payments(), []);
    }
    shop.take("ch_a", &Charge { captured: Some(dollars(2000)), ..charge(3000, shop.number()) });
    shop.look();
    assert_eq!(shop.payments(), [(2000, 0)]);
}

#[test]
fn a_charge_in_another_currency_than_its_invoice_is_no_payment() {
    let shop = Shop::with_invoice("30");
    let yen = |minor| Money::from_minor(minor, Currency::JPY);
    let foreign = Charge { amount: yen(3000), captured: Some(yen(3000)), refunded: yen(0), ..charge(0, shop.number()) };
    shop.take("ch_a", &foreign);
    assert_eq!((shop.look(), shop.payments()), (vec![Looked::default()], vec![]));
}

/// What arrives, in some order.
#[derive(Debug, Clone, Copy)]
enum Arrival {
    Invoice,
    Charge,
    Dispute,
    Payment,
    Look,
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, max_shrink_iters: 200, ..ProptestConfig::default() })]

    /// Whatever the order, one charge pays its invoice at most once, with no more than what arrived.
    #[test]
    fn one_charge_is_one_payment_in_any_order(
        order in Just(vec![Arrival::Invoice, Arrival::Charge, Arrival::Dispute, Arrival::Payment, Arrival::Look]).prop_shuffle(),
        captured in 0_i64..12_000,
        refunded in 0_i64..6_000,
        lost in prop::option::of(1_i64..6_000),
        reference in prop::sample::select(vec!["", CHARGE, "ch_1SimFboOBFoXSfezIv"]),
        with_payment in any::<bool>(),
    ) {
        let shop = Shop::with_invoice("1");
        let customer = shop.bill.draft.customer_id.unwrap();
        let arrived = Charge {
            captured: Some(dollars(captured.min(10_000))),
            refunded: dollars(refunded),
            ..charge(10_000, "INV-1002")
        };
        let money_in = (captured.min(10_000) - refunded - lost.unwrap_or(0)).max(0);
        let mut bill = None;
        let (mut disputed, mut most) = (lost.is_none(), 0);
        for what in order.into_iter().chain([Arrival::Look]) {
            match what {
                Arrival::Invoice => bill = Some(invoice(&shop.test, customer, "100").draft.id),
                Arrival::Charge => shop.take(CHARGE, &arrived),
                Arrival::Dispute => {
                    if let Some(minor) = lost {
                        shop.dispute("dp", &dispute(CHARGE, minor, DisputeOutcome::Lost));
                        disputed = true;
                    }
                }
                // The books bring the same money only where the charge has not paid the invoice yet.
                Arrival::Payment => {
                    let due = bill.map(|id| usd(&shop.test.get_invoice(id).unwrap().balance));
                    if let (true, Some(id), Some(10_000)) = (with_payment, bill, due) {
                        shop.books_pay(captured.clamp(1, 10_000), &[id], "2026-11-19", reference);
                    }
                }
                Arrival::Look => {
                    // What is recorded stays, whatever is given back later.
                    let arrived = if disputed { money_in } else { (captured.min(10_000) - refunded).max(0) };
                    most = most.max(arrived);
                    shop.look();
                }
            }
            let sum: i64 = shop.payments().iter().map(|(amount, _)| amount).sum();
            let books = shop.test.count("SELECT COALESCE(SUM(amount_minor), 0) FROM payments WHERE method = 'Check'");
            prop_assert!(sum <= if books > 0 { books } else { most }, "{sum} of {most}");
            prop_assert!(shop.payments().iter().all(|(amount, unapplied)| *amount > 0 && *unapplied == 0));
            if let Some(id) = bill {
                prop_assert!(usd(&shop.test.get_invoice(id).unwrap().balance) >= 0);
            }
        }
        proven(&shop.test);
    }
}
