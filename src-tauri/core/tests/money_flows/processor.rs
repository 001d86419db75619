//! Charges, refunds, disputes, balance entries and payouts: taken in once, matched, booked, proven.

use crate::{account, connection, invoice, processor_connection, proven, usd};
use backroom_core::ids::{ConnectionId, InvoiceId};
use backroom_core::invoices::InvoiceStatus;
use backroom_core::payments::{
    Looked, MoneyFilter, Recorded, look_at_charge, record_balance_entry, record_charge, record_dispute, record_payout,
    record_refund,
};
use backroom_core::store::{Tx, charge_match};
use backroom_core::testing::{TestCore, first_page};
use backroom_money::{Currency, Money};
use chrono::{DateTime, Utc};
use connector_contract::record::{
    BalanceEntry, Charge, ChargeStatus, Dispute, DisputeOutcome, Payout, Refund, RemoteId,
};
use std::collections::BTreeMap;

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn dollars(minor: i64) -> Money {
    Money::from_minor(minor, Currency::USD)
}

fn remote(id: &str) -> RemoteId {
    RemoteId(id.into())
}

/// A charge of 03:30 UTC on the 20th, which is the evening of the 19th in New York.
fn charge(minor: i64, key: &str, value: &str) -> Charge {
    Charge {
        amount: dollars(minor),
        captured: None,
        refunded: dollars(0),
        status: ChargeStatus::Succeeded,
        created_at: at("2026-11-20T03:30:00.123456Z"),
        customer_name: Some("Ada".into()),
        customer_email: Some(String::new()),
        description: None,
        metadata: BTreeMap::from([(key.to_owned(), value.to_owned())]),
        balance_entry: Some(remote("txn_1")),
        failure: None,
    }
}

fn entry(category: &str, amount: i64, fee: i64, source: &str, payout: Option<&str>) -> BalanceEntry {
    BalanceEntry {
        category: category.into(),
        amount: dollars(amount),
        fee: dollars(fee),
        net: dollars(amount - fee),
        created_at: at("2026-11-20T03:30:00Z"),
        available_on: None,
        source: Some(remote(source)),
        payout: payout.map(remote),
        description: None,
    }
}

fn payout(minor: i64) -> Payout {
    Payout {
        amount: dollars(minor),
        status: "paid".into(),
        arrives_on: "2026-11-23".parse().unwrap(),
        created_at: at("2026-11-21T00:00:00Z"),
        automatic: true,
        failure: None,
    }
}

struct Shop {
    test: TestCore,
    processor: ConnectionId,
    invoice: InvoiceId,
}

impl Shop {
    fn new() -> Self {
        let test = TestCore::new();
        connection(&test, "books");
        let processor = processor_connection(&test);
        let invoice = invoice(&test, test.customer("Ada").draft.id, "10").draft.id;
        Self { test, processor, invoice }
    }

    /// A charge comes in, and when the run has read everything it is looked at.
    fn charge(&self, id: &str, charge: &Charge) -> (Recorded, Looked) {
        let store = self.test.store();
        let recorded = store.write(|tx| record_charge(tx, self.processor, &remote(id), charge)).unwrap();
        (recorded, self.look())
    }

    /// Looks at all charges about which something changed; what the last of them came to.
    fn look(&self) -> Looked {
        let now = at("2026-11-20T16:00:00Z");
        let look = |tx: &Tx<'_>| {
            let mut looked = Looked::default();
            for id in charge_match::to_look_at(tx, self.processor)? {
                looked = look_at_charge(tx, id, "Stripe", now)?;
            }
            Ok::<_, backroom_core::Error>(looked)
        };
        self.test.store().write(look).unwrap()
    }

    fn entry(&self, id: &str, entry: &BalanceEntry) -> Recorded {
        self.test
            .store()
            .write(|tx| record_balance_entry(tx, self.processor, &remote(id), entry, at("2026-11-20T16:00:00Z")))
            .unwrap()
    }

    fn payout(&self, id: &str, payout: &Payout) -> Recorded {
        self.test
            .store()
            .write(|tx| record_payout(tx, self.processor, &remote(id), payout, at("2026-11-20T16:00:00Z")))
            .unwrap()
    }
}

#[test]
fn a_charge_that_names_an_invoice_pays_it_once() {
    let shop = Shop::new();
    let named = charge(1000, "Invoice_Number", " inv-1001 ");
    let (recorded, looked) = shop.charge("ch_1", &named);
    assert_eq!(recorded, Recorded::Created);
    let payment = shop.test.get_payment(looked.payment.unwrap()).unwrap();
    assert_eq!((payment.row.method.as_str(), payment.row.reference.as_str()), ("Stripe", "ch_1"));
    assert_eq!(payment.row.received_on, "2026-11-19", "the company's day");
    assert_eq!((usd(&payment.row.amount), usd(&payment.row.unapplied)), (1000, 0));
    assert_eq!(shop.test.get_invoice(shop.invoice).unwrap().status, InvoiceStatus::Paid);
    assert_eq!(shop.charge("ch_1", &named), (Recorded::Unchanged, Looked::default()));
    assert_eq!(shop.test.count("SELECT COUNT(*) FROM outbox WHERE kind = 'payment'"), 1);
    assert_eq!(shop.test.count("SELECT COUNT(*) FROM ledger_entries WHERE source_kind = 'payment'"), 1);
    let refunded = Charge { refunded: dollars(300), balance_entry: None, ..named };
    assert_eq!(shop.charge("ch_1", &refunded), (Recorded::Updated, Looked::default()));
    let row = &shop.test.list_charges(first_page()).unwrap().rows[0];
    assert_eq!((row.status.as_str(), row.invoice_number.as_deref()), ("partly_refunded", Some("INV-1001")));
    assert_eq!(usd(&shop.test.get_invoice(shop.invoice).unwrap().balance), 0, "the payment stays after a refund");
    proven(&shop.test);
}

#[test]
fn the_money_of_a_charge_is_booked_once_whatever_comes_first() {
    for entry_first in [true, false] {
        let shop = Shop::new();
        let (charged, balance) = (charge(1000, "invoice", "INV-1001"), entry("charge", 1000, 59, "ch_1", None));
        if entry_first {
            shop.entry("txn_1", &balance);
            assert_eq!(account(&shop.test, "suspense"), -1000, "nobody knows yet what it was for");
            shop.charge("ch_1", &charged);
        } else {
            shop.charge("ch_1", &charged);
            shop.entry("txn_1", &balance);
        }
        assert_eq!(shop.entry("txn_1", &balance), Recorded::Unchanged);
        for (name, minor) in
            [("processor_clearing", 941), ("processor_fees", 59), ("suspense", 0), ("receivable", 0), ("bank", 0)]
        {
            assert_eq!(account(&shop.test, name), minor, "{name}");
        }
        let row = &shop.test.list_charges(first_page()).unwrap().rows[0];
        assert_eq!((row.fee.as_ref().map(usd), row.net.as_ref().map(usd)), (Some(59), Some(941)));
        proven(&shop.test);
    }
}

#[test]
fn a_charge_is_matched_by_our_id_and_only_when_it_fits() {
    let shop = Shop::new();
    let id = shop.invoice.to_string();
    for (name, unfit) in [
        ("pending", Charge { status: ChargeStatus::Pending, ..charge(1000, "invoice_id", &id) }),
        ("failed", Charge { status: ChargeStatus::Failed, ..charge(1000, "invoice_id", &id) }),
        (
            "euros",
            Charge {
                amount: Money::from_minor(1000, Currency::EUR),
                refunded: Money::zero(Currency::EUR),
                ..charge(1000, "invoice_id", &id)
            },
        ),
        ("unknown", charge(1000, "invoice", "INV-9999")),
        ("elsewhere", charge(1000, "order", "INV-1001")),
        ("nothing", charge(1000, "invoice", "  ")),
    ] {
        assert_eq!(shop.charge(name, &unfit).1.payment, None, "{name}");
    }
    let mut query = first_page();
    query.filter = MoneyFilter::Unmatched;
    let rows = shop.test.list_charges(query).unwrap().rows;
    let mut unmatched: Vec<&str> = rows.iter().map(|row| row.remote_id.as_str()).collect();
    unmatched.sort_unstable();
    assert_eq!(unmatched, ["elsewhere", "euros", "nothing", "unknown"]);
    let settled = Charge { status: ChargeStatus::Succeeded, ..charge(1000, "BACKROOM_INVOICE", &id) };
    assert!(shop.charge("pending", &settled).1.payment.is_some(), "it succeeded later");
    proven(&shop.test);
}

#[test]
fn a_payment_already_there_for_the_charge_is_taken() {
    let shop = Shop::new();
    let customer = shop.test.get_invoice(shop.invoice).unwrap().draft.customer_id.unwrap();
    let mut known = crate::payment(customer, "10", &[(shop.invoice, "10")]);
    known.reference = "ch_1".into();
    let known = shop.test.record_payment(known).unwrap().row.id;
    let looked = shop.charge("ch_1", &charge(1000, "invoice", "INV-1001")).1;
    assert_eq!(looked, Looked { joined: Some(known), ..Looked::default() });
    let history = shop.test.get_payment(known).unwrap().history;
    assert!(history.iter().any(|entry| entry.action == "linked"), "{history:#?}");
    shop.entry("txn_1", &entry("charge", 1000, 59, "ch_1", None));
    assert_eq!(shop.test.count("SELECT COUNT(*) FROM payments"), 1);
    assert_eq!((account(&shop.test, "bank"), account(&shop.test, "suspense")), (0, 0));
    shop.test.void_payment(known).unwrap();
    assert_eq!(account(&shop.test, "suspense"), -1000, "the money is there, but for nothing we know");
    assert_eq!(shop.charge("ch_1", &charge(1000, "invoice", "INV-1001")).1.payment, None, "cancelled is cancelled");
    proven(&shop.test);
}

#[test]
fn refunds_and_disputes_are_kept_once_and_show_on_the_charge() {
    let shop = Shop::new();
    shop.charge("ch_1", &charge(1000, "invoice", "INV-1001"));
    let refund = Refund {
        amount: dollars(1000),
        charge: Some(remote("ch_1")),
        status: "pending".into(),
        created_at: at("2026-11-20T10:00:00Z"),
        reason: None,
    };
    let store = shop.test.store();
    let take = |refund: &Refund| store.write(|tx| record_refund(tx, shop.processor, &remote("re_1"), refund)).unwrap();
    assert_eq!([take(&refund), take(&refund)], [Recorded::Created, Recorded::Unchanged]);
    assert_eq!(take(&Refund { status: "succeeded".into(), ..refund }), Recorded::Updated);
    let dispute = Dispute {
        amount: dollars(1000),
        charge: Some(remote("ch_1")),
        status: "needs_response".into(),
        outcome: DisputeOutcome::Open,
        created_at: at("2026-11-20T10:00:00Z"),
        reason: None,
        respond_by: None,
    };
    let take =
        |dispute: &Dispute| store.write(|tx| record_dispute(tx, shop.processor, &remote("dp_1"), dispute)).unwrap();
    assert_eq!([take(&dispute), take(&dispute)], [Recorded::Created, Recorded::Unchanged]);
    assert_eq!(shop.test.list_charges(first_page()).unwrap().rows[0].status, "disputed");
    assert_eq!(take(&Dispute { status: "won".into(), outcome: DisputeOutcome::Won, ..dispute }), Recorded::Updated);
    assert_eq!(shop.test.list_charges(first_page()).unwrap().rows[0].status, "succeeded");
    shop.entry("txn_2", &entry("refund", -400, 0, "re_1", None));
    shop.entry("txn_3", &entry("dispute", -600, 1500, "dp_1", None));
    for (name, minor) in [("refunds", 400), ("disputes", 600), ("processor_fees", 1500), ("processor_clearing", -2500)]
    {
        assert_eq!(account(&shop.test, name), minor, "{name}");
    }
    proven(&shop.test);
}

#[test]
fn a_payout_is_proven_by_its_entries() {
    let shop = Shop::new();
    shop.entry("txn_1", &entry("charge", 1000, 59, "ch_1", None));
    shop.entry("txn_2", &entry("charge", 2000, 88, "ch_2", None));
    assert_eq!(shop.payout("po_1", &payout(2353)), Recorded::Created);
    let unproven = || {
        let mut query = first_page();
        query.filter = MoneyFilter::Unmatched;
        shop.test.list_payouts(query).unwrap().rows
    };
    assert_eq!(unproven()[0].difference, None, "its entries are not known yet");
    assert_eq!(shop.entry("txn_1", &entry("charge", 1000, 59, "ch_1", Some("po_1"))), Recorded::Updated);
    assert_eq!(unproven()[0].difference.as_ref().map(usd), Some(941 - 2353));
    shop.entry("txn_2", &entry("charge", 2000, 88, "ch_2", Some("po_1")));
    shop.entry("txn_3", &entry("refund", -500, 0, "re_1", Some("po_1")));
    shop.entry("txn_po", &entry("payout", -2353, 0, "po_1", Some("po_1")));
    assert!(unproven().is_empty());
    let rows = shop.test.list_payouts(first_page()).unwrap().rows;
    assert_eq!(rows[0].difference.as_ref().map(usd), Some(0));
    let view = shop.test.get_payout(rows[0].id).unwrap();
    assert_eq!(view.entries.len(), 3, "its own row is not one of them");
    assert_eq!((usd(&view.gross), usd(&view.fees), usd(&view.net)), (2500, 147, 2353));
    assert_eq!((account(&shop.test, "bank"), account(&shop.test, "processor_clearing")), (2353, 0));
    let later = BalanceEntry {
        available_on: Some("2026-11-22".parse().unwrap()),
        ..entry("charge", 1000, 59, "ch_1", Some("po_1"))
    };
    assert_eq!(shop.entry("txn_1", &later), Recorded::Updated);
    assert_eq!(shop.test.get_payout(rows[0].id).unwrap().row.difference.as_ref().map(usd), Some(0), "counted once");
    // An event older than the list forgets nothing.
    assert_eq!(shop.entry("txn_1", &BalanceEntry { payout: None, ..later }), Recorded::Unchanged);
    proven(&shop.test);
}

#[test]
fn a_payout_is_booked_on_the_day_it_arrives() {
    let shop = Shop::new();
    shop.entry("txn_po", &entry("payout", -2353, 0, "po_1", Some("po_1")));
    let booked =
        || shop.test.count("SELECT COUNT(*) FROM ledger_entries WHERE booked_on = '2026-11-23' AND reverses IS NULL");
    assert_eq!(booked(), 0);
    shop.payout("po_1", &payout(2353));
    assert_eq!(booked(), 1);
    assert_eq!(shop.payout("po_1", &payout(2353)), Recorded::Unchanged);
    assert_eq!(shop.payout("po_1", &Payout { status: "failed".into(), ..payout(2353) }), Recorded::Updated);
    shop.entry("txn_back", &entry("payout_reversal", 2353, 0, "po_1", None));
    assert_eq!((account(&shop.test, "bank"), account(&shop.test, "processor_clearing")), (0, 0));
    proven(&shop.test);
}

#[test]
fn entries_known_before_their_payout_count() {
    let shop = Shop::new();
    shop.entry("txn_1", &entry("charge", 1000, 59, "ch_1", Some("po_1")));
    shop.payout("po_1", &payout(941));
    assert_eq!(shop.test.list_payouts(first_page()).unwrap().rows[0].difference.as_ref().map(usd), Some(0));
    proven(&shop.test);
}

#[test]
fn an_entry_that_does_not_add_up_is_refused() {
    let shop = Shop::new();
    let bad = BalanceEntry { net: dollars(1), ..entry("charge", 1000, 59, "ch_1", None) };
    let result = shop
        .test
        .store()
        .write(|tx| record_balance_entry(tx, shop.processor, &remote("txn_1"), &bad, at("2026-11-20T16:00:00Z")));
    assert!(matches!(result, Err(backroom_core::Error::Refused(_))));
    assert_eq!(shop.test.count("SELECT COUNT(*) FROM balance_entries"), 0);
}
