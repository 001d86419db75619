//! No list, save or home-page query reads a table from end to end: every statement that the core really runs is caught, and
//! `SQLite` is asked how it would run it.

use crate::{invoice, payment};
use backroom_core::ids::ConnectionId;
use backroom_core::invoices::{InvoiceFilter, InvoiceQuery, InvoiceSort, InvoiceSource};
use backroom_core::payments::{MoneyFilter, MoneyQuery, MoneySort, record_balance_entry, record_charge, record_payout};
use backroom_core::testing::{TestCore, first_page};
use backroom_money::{Currency, Money};
use connector_contract::record::{BalanceEntry, Charge, ChargeStatus, Payout, RemoteId};
use rusqlite::trace::{TraceEvent, TraceEventCodes};
use std::collections::BTreeSet;
use std::sync::Mutex;

static SEEN: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());

/// Tables of a handful of rows, and aliases that stand for a few rows at hand.
const SMALL: &[&str] =
    &["company", "terms", "tax_codes", "locations", "connections", "connection_kinds", "k", "ids", "p", "CONSTANT"];

fn catch(event: TraceEvent<'_>) {
    if let TraceEvent::Stmt(statement, _) = event {
        SEEN.lock().unwrap().insert(statement.sql().into_owned());
    }
}

fn trace(core: &TestCore, listener: Option<fn(TraceEvent<'_>)>) {
    let set = |db: &backroom_core::store::Db<'_>| {
        db.trace_v2(TraceEventCodes::SQLITE_TRACE_STMT, listener);
        Ok(())
    };
    core.store().read(set).unwrap();
}

#[test]
fn no_list_save_or_home_page_reads_a_whole_table() {
    let core = TestCore::new();
    trace(&core, Some(catch));
    do_everything(&core);
    trace(&core, None);
    let seen: Vec<String> = SEEN.lock().unwrap().iter().cloned().collect();
    let mut lists = 0;
    for sql in &seen {
        let first = sql.split_whitespace().next().unwrap_or_default().to_uppercase();
        if !matches!(first.as_str(), "SELECT" | "INSERT" | "UPDATE" | "DELETE") || sql.contains("_fts_") {
            continue;
        }
        let plan = plan(&core, sql);
        lists += usize::from(sql.contains("sort_key"));
        for step in &plan {
            assert!(is_bounded(step, sql, &plan), "reads everything: {step}\n{sql}\n{plan:#?}");
        }
    }
    assert!(lists > 80, "only {lists} list queries were seen");
}

fn plan(core: &TestCore, sql: &str) -> Vec<String> {
    let explain = |db: &backroom_core::store::Db<'_>| {
        let mut statement = db.prepare(&format!("EXPLAIN QUERY PLAN {sql}"))?;
        let mut rows = statement.raw_query();
        let mut steps = Vec::new();
        while let Some(row) = rows.next()? {
            steps.push(row.get::<_, String>(3)?);
        }
        Ok(steps)
    };
    core.store().read(explain).unwrap()
}

fn is_bounded(step: &str, sql: &str, plan: &[String]) -> bool {
    if let Some(scanned) = step.strip_prefix("SCAN ") {
        let name = scanned.split_whitespace().next().unwrap_or_default();
        // A table the statement does not name is there for foreign keys, and looked at only while one is broken.
        if !sql.contains(name) || name.starts_with('(') || SMALL.contains(&name) {
            return true;
        }
        if plan.contains(&format!("CO-ROUTINE {name}")) || plan.contains(&format!("MATERIALIZE {name}")) {
            return true;
        }
        // The trigram index with a MATCH; without one its plan ends in a bare number and colon.
        if scanned.contains("VIRTUAL TABLE INDEX") {
            return scanned.contains(":M");
        }
        // The open invoices and credits are a small part of all, and each has an index of its own.
        if scanned.contains("COVERING INDEX invoices_open") || scanned.contains("COVERING INDEX payments_credit") {
            return true;
        }
        // Walking an index in its own order is fine as long as the walk ends with the page.
        let walks = scanned.contains("USING INDEX") || scanned.contains("USING COVERING INDEX");
        return walks && (sql.contains("LIMIT") || sql.contains("EXISTS"));
    }
    if step.starts_with("USE TEMP B-TREE FOR ORDER BY") {
        // Sorting is fine for hits that a search has limited, and for what belongs to one record.
        let parts_of_one = ["payment_applications", "invoice_id = ?1", "balance_entries e"];
        return sql.contains("hit")
            || sql.contains("tax_codes")
            || sql.contains("terms")
            || sql.contains("reference = ?1")
            || sql.contains("number_key = ?1")
            || sql.contains("customer_id = ?1 AND t.status = 'open'")
            || parts_of_one.iter().any(|part| sql.contains(part));
    }
    true
}

fn do_everything(core: &TestCore) {
    let customer = core.customer("Ada Lovelace").draft.id;
    let bill = invoice(core, customer, "10");
    invoice(core, customer, "20");
    core.save_invoice(backroom_core::invoices::InvoiceDraft { note: "n".into(), ..bill.draft.clone() }).unwrap();
    core.new_invoice(InvoiceSource::Copy { id: bill.draft.id }).unwrap();
    core.preview_invoice(bill.draft.clone()).unwrap();
    let paid = core.record_payment(payment(customer, "5", &[(bill.draft.id, "4")])).unwrap();
    core.record_payment(payment(customer, "5", &[])).unwrap();
    core.get_invoice(bill.draft.id).unwrap();
    core.open_invoices(customer).unwrap();
    core.home_summary().unwrap();
    core.aging_report().unwrap();
    take_in_money(core);
    for descending in [false, true] {
        for search in ["", "a", "lovelace", "lovelace 10"] {
            list_invoices(core, descending, search);
            list_money(core, descending, search);
        }
    }
    let payouts = core.list_payouts(first_page()).unwrap();
    core.get_payout(payouts.rows[0].id).unwrap();
    core.void_payment(paid.row.id).unwrap();
    core.void_invoices(vec![bill.draft.id]).unwrap();
}

fn take_in_money(core: &TestCore) {
    let (connection, now) = (ConnectionId::new(), "2026-11-20T15:00:00Z".parse().unwrap());
    let dollars = |minor| Money::from_minor(minor, Currency::USD);
    for number in 0..3 {
        let id = |kind: &str| RemoteId(format!("{kind}_{number}"));
        let charge = Charge {
            amount: dollars(1000),
            captured: None,
            refunded: dollars(0),
            status: ChargeStatus::Succeeded,
            created_at: now,
            customer_name: Some("Ada Lovelace".into()),
            customer_email: None,
            description: None,
            metadata: [("invoice".to_owned(), "INV-1002".to_owned())].into_iter().collect(),
            balance_entry: Some(id("txn")),
            failure: None,
        };
        let entry = BalanceEntry {
            category: "charge".into(),
            amount: dollars(1000),
            fee: dollars(59),
            net: dollars(941),
            created_at: now,
            available_on: None,
            source: Some(id("ch")),
            payout: Some(id("po")),
            description: None,
        };
        let payout = Payout {
            amount: dollars(900),
            status: "paid".into(),
            arrives_on: now.date_naive(),
            created_at: now,
            automatic: true,
            failure: None,
        };
        let take = |tx: &backroom_core::store::Tx<'_>| {
            record_charge(tx, connection, &id("ch"), &charge)?;
            record_balance_entry(tx, connection, &id("txn"), &entry, now)?;
            record_payout(tx, connection, &id("po"), &payout, now)
        };
        core.store().write(take).unwrap();
    }
}

fn list_invoices(core: &TestCore, descending: bool, search: &str) {
    for filter in [
        InvoiceFilter::All,
        InvoiceFilter::Draft,
        InvoiceFilter::Open,
        InvoiceFilter::Overdue,
        InvoiceFilter::Paid,
        InvoiceFilter::Void,
    ] {
        for sort in
            [InvoiceSort::IssuedOn, InvoiceSort::DueOn, InvoiceSort::Number, InvoiceSort::Total, InvoiceSort::Balance]
        {
            let query = InvoiceQuery { search: search.into(), filter, sort, descending, cursor: None, limit: 1 };
            let page = core.list_invoices(query.clone()).unwrap();
            core.list_invoices(InvoiceQuery { cursor: page.next_cursor, ..query }).unwrap();
        }
    }
}

fn list_money(core: &TestCore, descending: bool, search: &str) {
    for filter in [MoneyFilter::All, MoneyFilter::Unmatched] {
        for sort in [MoneySort::Date, MoneySort::Amount] {
            let query = MoneyQuery { search: search.into(), filter, sort, descending, cursor: None, limit: 1 };
            let next = core.list_payments(query.clone()).unwrap().next_cursor;
            core.list_payments(MoneyQuery { cursor: next, ..query.clone() }).unwrap();
            let next = core.list_charges(query.clone()).unwrap().next_cursor;
            core.list_charges(MoneyQuery { cursor: next, ..query.clone() }).unwrap();
            let next = core.list_payouts(query.clone()).unwrap().next_cursor;
            core.list_payouts(MoneyQuery { cursor: next, ..query }).unwrap();
        }
    }
}
