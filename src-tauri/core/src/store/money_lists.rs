//! Pages of payments, charges and payouts, and a payout with its entries.

use super::columns::{Code, money};
use super::page::{self, Listing};
use super::record_sync::worst_states;
use super::searchable::{Search, Searchable, words_of};
use crate::ids::{MoneyRecordId, PaymentId};
use crate::payments::{
    AppliedInvoice, BalanceEntryRow, ChargeRow, MoneyFilter, MoneyQuery, MoneySort, PaymentRow, PayoutRow, PayoutView,
};
use crate::view::{MoneyView, Page};
use crate::{Error, Result};
use backroom_money::{Currency, Money};
use connector_contract::RecordKind;
use rusqlite::{Connection, OptionalExtension as _, Row, params};

const PAYMENTS: Searchable = Searchable {
    table: "payments",
    index: "payments_fts",
    text: "(t.customer_name || char(10) || t.reference || char(10) || t.method || char(10) || t.note)",
    prefixes: &[],
};

const CHARGES: Searchable = Searchable {
    table: "charges",
    index: "charges_fts",
    text: "(t.remote_id || char(10) || t.customer_name || char(10) || t.customer_email || char(10) || t.description)",
    prefixes: &[],
};

/// What the index can't find occurs in most rows, so a walk along the sort index soon has a page.
fn search(db: &Connection, searchable: &Searchable, typed: &str) -> Result<Search> {
    let key = words_of(typed);
    let words: Vec<&str> = key.split(' ').filter(|word| !word.is_empty()).collect();
    if words.is_empty() || searchable.hits(&words).is_some() {
        return searchable.search(db, typed);
    }
    Ok(searchable.walk(&words))
}

/// Looks at row after row: there is about one payout a day.
fn walk_payouts(typed: &str) -> Search {
    let payouts =
        Searchable { table: "payouts", index: "", text: "(t.remote_id || char(10) || t.status)", prefixes: &[] };
    let key = words_of(typed);
    let words: Vec<&str> = key.split(' ').filter(|word| !word.is_empty()).collect();
    if words.is_empty() { Search::All } else { payouts.walk(&words) }
}

fn sort(query: &MoneyQuery, date: &'static str) -> &'static str {
    match query.sort {
        MoneySort::Date => date,
        MoneySort::Amount => "amount_minor",
    }
}

const PAYMENT_COLUMNS: &str = "t.id, t.received_on, t.customer_name, t.currency, t.amount_minor, t.unapplied_minor, t.method, \
     t.reference, t.voided";

fn read_payment(row: &Row<'_>) -> rusqlite::Result<PaymentRow> {
    let currency = row.get::<_, Code>(3)?.0;
    Ok(PaymentRow {
        id: row.get(0)?,
        received_on: row.get(1)?,
        customer_name: row.get(2)?,
        amount: money(row, 4, currency)?.into(),
        unapplied: money(row, 5, currency)?.into(),
        method: row.get(6)?,
        reference: row.get(7)?,
        voided: row.get(8)?,
        sync: None,
    })
}

/// The listing of a query for payments.
pub(super) fn payments_listing<'a>(db: &Connection, query: &'a MoneyQuery) -> Result<Listing<'a>> {
    Ok(Listing {
        table: "payments",
        joins: "",
        columns: PAYMENT_COLUMNS,
        sort: sort(query, "received_on"),
        tie: "id",
        descending: query.descending,
        branches: match query.filter {
            MoneyFilter::All => &[],
            MoneyFilter::Unmatched => &["t.unapplied_minor <> 0 AND t.voided = 0"],
        },
        bound: None,
        search: search(db, &PAYMENTS, &query.search)?,
        cursor: query.cursor.as_deref(),
        limit: query.limit,
    })
}

/// A page of payments with how they stand with the connections.
pub fn payments(db: &Connection, query: &MoneyQuery) -> Result<Page<PaymentRow>> {
    let mut page = page::list(db, &payments_listing(db, query)?, read_payment)?;
    let ids: Vec<String> = page.rows.iter().map(|row| row.id.to_string()).collect();
    let states = worst_states(db, RecordKind::Payment, &ids)?;
    for (row, id) in page.rows.iter_mut().zip(&ids) {
        row.sync = states.get(id).copied();
    }
    Ok(page)
}

/// One payment as the list shows it.
pub fn payment(db: &Connection, id: PaymentId) -> Result<Option<PaymentRow>> {
    let found = db
        .prepare_cached(&format!("SELECT {PAYMENT_COLUMNS} FROM payments t WHERE t.id = ?1"))?
        .query_row([id], read_payment)
        .optional()?;
    let Some(mut row) = found else { return Ok(None) };
    let id = id.to_string();
    row.sync = worst_states(db, RecordKind::Payment, std::slice::from_ref(&id))?.get(&id).copied();
    Ok(Some(row))
}

/// The invoices a payment pays, oldest due first.
pub fn invoices_of(db: &Connection, id: PaymentId, currency: Currency) -> Result<Vec<AppliedInvoice>> {
    let mut statement = db.prepare_cached(
        "SELECT i.id, i.number, a.amount_minor FROM payment_applications a CROSS JOIN invoices i ON i.id = a.invoice_id
         WHERE a.payment_id = ?1 ORDER BY i.due_on, i.id",
    )?;
    let rows = statement.query_map([id], |row| {
        Ok(AppliedInvoice { invoice_id: row.get(0)?, number: row.get(1)?, amount: money(row, 2, currency)?.into() })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// The listing of a query for charges. Disputes that ended well for us no longer mark a charge.
pub(super) fn charges_listing<'a>(db: &Connection, query: &'a MoneyQuery) -> Result<Listing<'a>> {
    Ok(Listing {
        table: "charges",
        joins: "LEFT JOIN balance_entries e ON e.connection_id = t.connection_id AND e.remote_id = t.balance_entry_remote_id
                LEFT JOIN invoices i ON i.id = t.invoice_id",
        columns: "t.id, t.remote_id, t.created_at, t.customer_name, t.description, t.currency, t.amount_minor,
                  t.refunded_minor, t.status, e.currency, e.fee_minor, e.net_minor, t.invoice_id, i.number,
                  EXISTS (SELECT 1 FROM disputes d WHERE d.connection_id = t.connection_id
                      AND d.charge_remote_id = t.remote_id AND d.outcome <> 'won'), t.captured_minor",
        sort: sort(query, "created_at"),
        tie: "id",
        descending: query.descending,
        branches: match query.filter {
            MoneyFilter::All => &[],
            MoneyFilter::Unmatched => &["t.invoice_id IS NULL AND t.status = 'succeeded'"],
        },
        bound: None,
        search: search(db, &CHARGES, &query.search)?,
        cursor: query.cursor.as_deref(),
        limit: query.limit,
    })
}

/// A page of charges.
pub fn charges(db: &Connection, query: &MoneyQuery) -> Result<Page<ChargeRow>> {
    page::list(db, &charges_listing(db, query)?, |row| {
        let currency = row.get::<_, Code>(5)?.0;
        let (amount, refunded) = (money(row, 6, currency)?, money(row, 7, currency)?);
        let captured = row.get::<_, Option<i64>>(15)?.map_or(amount, |minor| Money::from_minor(minor, currency));
        let settled = row.get::<_, Option<Code>>(9)?.map(|code| code.0);
        let in_settlement = |index| -> rusqlite::Result<Option<MoneyView>> {
            settled.map(|currency| money(row, index, currency).map(Into::into)).transpose()
        };
        Ok(ChargeRow {
            id: row.get(0)?,
            remote_id: row.get(1)?,
            created_at: row.get(2)?,
            customer_name: row.get(3)?,
            description: row.get(4)?,
            amount: amount.into(),
            captured: captured.into(),
            refunded: refunded.into(),
            fee: in_settlement(10)?,
            net: in_settlement(11)?,
            status: charge_status(&row.get::<_, String>(8)?, captured, refunded, row.get(14)?).to_owned(),
            invoice_id: row.get(12)?,
            invoice_number: row.get(13)?,
        })
    })
}

fn charge_status(status: &str, captured: Money, refunded: Money, disputed: bool) -> &'static str {
    match status {
        "pending" => "pending",
        "failed" => "failed",
        _ if disputed => "disputed",
        _ if refunded.is_zero() => "succeeded",
        _ if refunded.minor() >= captured.minor() => "refunded",
        _ => "partly_refunded",
    }
}

const PAYOUT_COLUMNS: &str = "t.id, t.remote_id, t.arrives_on, t.currency, t.amount_minor, t.status, t.entry_count, \
     t.net_minor";

fn read_payout(row: &Row<'_>) -> rusqlite::Result<PayoutRow> {
    let currency = row.get::<_, Code>(3)?.0;
    let (amount, net) = (money(row, 4, currency)?, money(row, 7, currency)?);
    let known = row.get::<_, i64>(6)? > 0;
    Ok(PayoutRow {
        id: row.get(0)?,
        remote_id: row.get(1)?,
        arrives_on: row.get(2)?,
        amount: amount.into(),
        status: row.get(5)?,
        difference: known.then(|| net.checked_sub(amount).ok()).flatten().map(Into::into),
    })
}

/// The listing of a query for payouts.
pub(super) fn payouts_listing(query: &MoneyQuery) -> Listing<'_> {
    Listing {
        table: "payouts",
        joins: "",
        columns: PAYOUT_COLUMNS,
        sort: sort(query, "arrives_on"),
        tie: "id",
        descending: query.descending,
        branches: match query.filter {
            MoneyFilter::All => &[],
            MoneyFilter::Unmatched => &["t.unproven = 1"],
        },
        bound: None,
        search: walk_payouts(&query.search),
        cursor: query.cursor.as_deref(),
        limit: query.limit,
    }
}

/// A page of payouts.
pub fn payouts(db: &Connection, query: &MoneyQuery) -> Result<Page<PayoutRow>> {
    page::list(db, &payouts_listing(query), read_payout)
}

/// A payout with its entries, oldest first. Its own row, which takes it from the balance, is not one of them.
pub fn payout(db: &Connection, id: MoneyRecordId) -> Result<PayoutView> {
    let mut view = db
        .prepare_cached(&format!(
            "SELECT {PAYOUT_COLUMNS}, t.automatic, t.gross_minor, t.fee_minor FROM payouts t WHERE t.id = ?1"
        ))?
        .query_row([id], |row| {
            let currency = row.get::<_, Code>(3)?.0;
            Ok(PayoutView {
                row: read_payout(row)?,
                automatic: row.get(8)?,
                entries: Vec::new(),
                gross: money(row, 9, currency)?.into(),
                fees: money(row, 10, currency)?.into(),
                net: money(row, 7, currency)?.into(),
            })
        })
        .optional()?
        .ok_or(Error::NotFound("payout"))?;
    let mut statement = db.prepare_cached(
        "SELECT e.id, e.remote_id, e.created_at, e.category, e.description, e.currency, e.amount_minor, e.fee_minor,
             e.net_minor
         FROM payouts p CROSS JOIN balance_entries e
             ON e.connection_id = p.connection_id AND e.payout_remote_id = p.remote_id
         WHERE p.id = ?1 AND e.source_remote_id IS NOT e.payout_remote_id ORDER BY e.created_at, e.row",
    )?;
    let rows = statement.query_map(params![id], |row| {
        let currency = row.get::<_, Code>(5)?.0;
        Ok(BalanceEntryRow {
            id: row.get(0)?,
            remote_id: row.get(1)?,
            created_at: row.get(2)?,
            category: row.get(3)?,
            description: row.get(4)?,
            amount: money(row, 6, currency)?.into(),
            fee: money(row, 7, currency)?.into(),
            net: money(row, 8, currency)?.into(),
        })
    })?;
    view.entries = rows.collect::<rusqlite::Result<_>>()?;
    Ok(view)
}
