//! Balance entries of a payment processor, and the payouts they add up to. A payout row keeps the sums of its entries, so that
//! a list can show its proof without adding up thousands of rows.
//!
//! Absent on purpose: bookings; `payments::record_balance_entry` does that.

use super::columns::Moment;
use super::money::{amount, currency};
use crate::Result;
use crate::ids::{ConnectionId, MoneyRecordId};
use chrono::NaiveDate;
use connector_contract::record::{BalanceEntry, Payout, RemoteId};
use rusqlite::{Connection, OptionalExtension as _, Row, params};

/// A balance entry as stored.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredEntry {
    /// Our id.
    pub id: MoneyRecordId,
    /// What the processor told.
    pub entry: BalanceEntry,
}

/// A balance entry by the processor's id.
pub fn find_entry(db: &Connection, connection: ConnectionId, remote: &RemoteId) -> Result<Option<StoredEntry>> {
    Ok(db
        .prepare_cached("SELECT * FROM balance_entries WHERE connection_id = ?1 AND remote_id = ?2")?
        .query_row(params![connection, remote.0], stored_entry)
        .optional()?)
}

/// The processor's own rows for a payout: the one that takes it from the balance, and the one that brings it back.
pub fn entries_of_source(db: &Connection, connection: ConnectionId, source: &RemoteId) -> Result<Vec<StoredEntry>> {
    let mut statement = db.prepare_cached(
        "SELECT * FROM balance_entries WHERE connection_id = ?1 AND source_remote_id = ?2 ORDER BY row",
    )?;
    let rows = statement.query_map(params![connection, source.0], stored_entry)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

fn stored_entry(row: &Row<'_>) -> rusqlite::Result<StoredEntry> {
    let currency = currency(row, "currency")?;
    let remote = |column: &str| row.get::<_, Option<String>>(column).map(|id| id.map(RemoteId));
    let description: String = row.get("description")?;
    Ok(StoredEntry {
        id: row.get("id")?,
        entry: BalanceEntry {
            category: row.get("category")?,
            amount: amount(row, "amount_minor", currency)?,
            fee: amount(row, "fee_minor", currency)?,
            net: amount(row, "net_minor", currency)?,
            created_at: row.get::<_, Moment>("created_at")?.0,
            available_on: row.get("available_on")?,
            source: remote("source_remote_id")?,
            payout: remote("payout_remote_id")?,
            description: (!description.is_empty()).then_some(description),
        },
    })
}

/// Adds or replaces a balance entry and moves the sums of the payout it belongs to.
pub fn put_entry(tx: &Connection, connection: ConnectionId, remote: &RemoteId, stored: &StoredEntry) -> Result<()> {
    let before = find_entry(tx, connection, remote)?;
    let StoredEntry { id, entry } = stored;
    tx.prepare_cached(
        "INSERT INTO balance_entries (id, connection_id, remote_id, category, amount_minor, fee_minor, net_minor, currency,
             created_at, available_on, source_remote_id, payout_remote_id, description)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)
         ON CONFLICT (connection_id, remote_id) DO UPDATE SET category = excluded.category,
             amount_minor = excluded.amount_minor, fee_minor = excluded.fee_minor, net_minor = excluded.net_minor,
             currency = excluded.currency, created_at = excluded.created_at, available_on = excluded.available_on,
             source_remote_id = excluded.source_remote_id, payout_remote_id = excluded.payout_remote_id,
             description = excluded.description",
    )?
    .execute(params![
        id,
        connection,
        remote.0,
        entry.category,
        entry.amount.minor(),
        entry.fee.minor(),
        entry.net.minor(),
        entry.amount.currency().code(),
        Moment(entry.created_at),
        entry.available_on,
        entry.source.as_ref().map(|id| &id.0),
        entry.payout.as_ref().map(|id| &id.0),
        entry.description.as_deref().unwrap_or_default(),
    ])?;
    if let Some(before) = before {
        add_to_payout(tx, connection, &before.entry, -1)?;
    }
    add_to_payout(tx, connection, entry, 1)
}

/// A payout's own row takes the money away; it is not one of the entries the payout is made of.
fn add_to_payout(tx: &Connection, connection: ConnectionId, entry: &BalanceEntry, sign: i64) -> Result<()> {
    let Some(payout) = entry.payout.as_ref().filter(|payout| entry.source.as_ref() != Some(payout)) else {
        return Ok(());
    };
    tx.prepare_cached(
        "UPDATE payouts SET entry_count = entry_count + ?3, gross_minor = gross_minor + ?3 * ?4,
             fee_minor = fee_minor + ?3 * ?5, net_minor = net_minor + ?3 * ?6
         WHERE connection_id = ?1 AND remote_id = ?2",
    )?
    .execute(params![connection, payout.0, sign, entry.amount.minor(), entry.fee.minor(), entry.net.minor()])?;
    Ok(())
}

/// Adds or replaces a payout; a new one counts the entries that came before it. Returns whether anything differed.
pub fn put_payout(tx: &Connection, connection: ConnectionId, remote: &RemoteId, payout: &Payout) -> Result<bool> {
    let changed = tx
        .prepare_cached(
            "INSERT INTO payouts (id, connection_id, remote_id, amount_minor, currency, status, arrives_on, created_at,
                 automatic, failure, entry_count, gross_minor, fee_minor, net_minor)
             SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, COUNT(*), COALESCE(SUM(amount_minor), 0),
                 COALESCE(SUM(fee_minor), 0), COALESCE(SUM(net_minor), 0)
             FROM balance_entries
             WHERE connection_id = ?2 AND payout_remote_id = ?3 AND source_remote_id IS NOT payout_remote_id
             ON CONFLICT (connection_id, remote_id) DO UPDATE SET amount_minor = excluded.amount_minor,
                 currency = excluded.currency, status = excluded.status, arrives_on = excluded.arrives_on,
                 created_at = excluded.created_at, automatic = excluded.automatic, failure = excluded.failure
             WHERE (amount_minor, currency, status, arrives_on, created_at, automatic, failure)
                 IS NOT (excluded.amount_minor, excluded.currency, excluded.status, excluded.arrives_on,
                     excluded.created_at, excluded.automatic, excluded.failure)",
        )?
        .execute(params![
            MoneyRecordId::new(),
            connection,
            remote.0,
            payout.amount.minor(),
            payout.amount.currency().code(),
            payout.status,
            payout.arrives_on,
            Moment(payout.created_at),
            payout.automatic,
            payout.failure.as_deref().unwrap_or_default(),
        ])?;
    Ok(changed > 0)
}

/// The day a payout arrives, if the payout is known.
pub fn arrives_on(db: &Connection, connection: ConnectionId, remote: &RemoteId) -> Result<Option<NaiveDate>> {
    Ok(db
        .prepare_cached("SELECT arrives_on FROM payouts WHERE connection_id = ?1 AND remote_id = ?2")?
        .query_row(params![connection, remote.0], |row| row.get(0))
        .optional()?)
}
