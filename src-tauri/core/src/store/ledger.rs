//! Ledger entries, their postings and the balances kept beside them. Entries are only ever added.
//!
//! Absent on purpose: which entry a document makes; `ledger` and the area modules decide.

use super::history::moment;
use super::money::{amount, currency, named};
use crate::Result;
use crate::ids::{CustomerId, EntryId};
use crate::ledger::{Account, Entry, Posting};
use chrono::{DateTime, NaiveDate, Utc};
use rusqlite::{Connection, OptionalExtension as _, params};

/// An entry in force: not a reversal and not reversed.
pub struct Standing {
    /// Its id.
    pub id: EntryId,
    /// The day it is booked on.
    pub booked_on: NaiveDate,
    /// Its postings in order.
    pub postings: Vec<Posting>,
}

/// The entry in force of a document, if any. A document has at most one.
pub fn standing(db: &Connection, source_kind: &str, source_id: &str) -> Result<Option<Standing>> {
    let found: Option<(EntryId, NaiveDate)> = db
        .prepare_cached(
            "SELECT e.id, e.booked_on FROM ledger_entries e
             WHERE e.source_kind = ?1 AND e.source_id = ?2 AND e.reverses IS NULL
               AND NOT EXISTS (SELECT 1 FROM ledger_entries r WHERE r.reverses = e.id)
             ORDER BY e.row DESC LIMIT 1",
        )?
        .query_row([source_kind, source_id], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let Some((id, booked_on)) = found else { return Ok(None) };
    Ok(Some(Standing { id, booked_on, postings: postings(db, id)? }))
}

/// The postings of an entry in order.
pub fn postings(db: &Connection, id: EntryId) -> Result<Vec<Posting>> {
    let mut statement = db.prepare_cached(
        "SELECT account, customer_id, amount_minor, currency FROM ledger_postings WHERE entry_id = ?1 ORDER BY position",
    )?;
    let rows = statement.query_map([id], |row| {
        let currency = currency(row, "currency")?;
        Ok(Posting {
            account: named(row, "account", Account::named)?,
            customer_id: row.get("customer_id")?,
            amount: amount(row, "amount_minor", currency)?,
        })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Adds an entry, moves the kept balances, and moves the open amount of customers for postings to the receivable.
pub fn insert(tx: &Connection, id: EntryId, entry: &Entry, reverses: Option<EntryId>, at: DateTime<Utc>) -> Result<()> {
    tx.prepare_cached(
        "INSERT INTO ledger_entries (id, at, booked_on, source_kind, source_id, text, reverses)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    )?
    .execute(params![
        id,
        moment(at),
        entry.booked_on,
        entry.source_kind,
        entry.source_id,
        entry.text,
        reverses
    ])?;
    let mut insert = tx.prepare_cached(
        "INSERT INTO ledger_postings (entry_id, position, account, customer_id, amount_minor, currency)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    )?;
    let mut balance = tx.prepare_cached(
        "INSERT INTO ledger_balances (account, currency, amount_minor) VALUES (?1, ?2, ?3)
         ON CONFLICT (account, currency) DO UPDATE SET amount_minor = amount_minor + excluded.amount_minor",
    )?;
    for (position, posting) in (0_i64..).zip(&entry.postings) {
        let code = posting.amount.currency().code();
        let minor = posting.amount.minor();
        insert.execute(params![id, position, posting.account.as_str(), posting.customer_id, minor, code])?;
        balance.execute(params![posting.account.as_str(), code, minor])?;
        if let (Account::Receivable, Some(customer)) = (posting.account, posting.customer_id) {
            move_open(tx, customer, minor)?;
        }
    }
    Ok(())
}

/// Moves what a customer owes. The row's version stays: nobody edited it.
fn move_open(tx: &Connection, customer: CustomerId, minor: i64) -> Result<()> {
    tx.prepare_cached("UPDATE customers SET open_minor = open_minor + ?2 WHERE id = ?1")?
        .execute(params![customer, minor])?;
    Ok(())
}
