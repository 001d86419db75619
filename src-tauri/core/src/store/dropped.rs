//! Changes that the owner decided not to send, with the reason. Kept so that nothing disappears without a trace.

use super::history::moment;
use super::outbox::Entry;
use super::{Db, Tx};
use crate::Result;
use crate::event::Tag;
use crate::ids::{ConnectionId, OutboxId};
use chrono::{DateTime, Utc};
use connector_contract::RecordKind;
use rusqlite::params;

/// A dropped change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dropped {
    /// Position, for pages.
    pub row: i64,
    /// Id of the entry it was.
    pub id: OutboxId,
    /// Which connection.
    pub connection_id: ConnectionId,
    /// Kind of record.
    pub kind: String,
    /// Local id of the record.
    pub local_id: String,
    /// Its name or number back then.
    pub title: String,
    /// `create`, `update` or `retire`.
    pub operation: String,
    /// Why it waited.
    pub why: String,
    /// Why the owner dropped it.
    pub reason: String,
    /// Tries until then.
    pub attempts: u32,
    /// When it was dropped.
    pub dropped_at: String,
}

/// Keeps what was dropped. `lacking` names the fields that the vendor still has otherwise; `None` when it lacks nothing.
pub fn add(
    tx: &Tx<'_>,
    entry: &Entry,
    title: &str,
    reason: &str,
    lacking: Option<&[String]>,
    now: DateTime<Utc>,
) -> Result<()> {
    tx.execute(
        "INSERT INTO dropped (id, connection_id, kind, local_id, title, operation, why, reason, attempts, created_at,
             dropped_at, fields, lacking)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
        params![
            entry.id,
            entry.connection_id,
            entry.kind.as_str(),
            entry.local_id,
            title,
            entry.operation,
            entry.why,
            reason,
            entry.tries(),
            entry.created_at,
            moment(now),
            serde_json::to_string(lacking.unwrap_or_default())?,
            lacking.is_some(),
        ],
    )?;
    tx.changed(Tag::Outbox);
    Ok(())
}

/// What a record's dropped changes were about, by operation, as long as the vendor lacks it.
pub fn lacking(
    db: &Db<'_>,
    connection: ConnectionId,
    kind: RecordKind,
    local_id: &str,
) -> Result<Vec<(String, Vec<String>)>> {
    let mut statement = db.prepare_cached(
        "SELECT operation, fields FROM dropped
         WHERE lacking = 1 AND kind = ?2 AND local_id = ?3 AND connection_id = ?1",
    )?;
    let rows = statement.query_map(params![connection, kind.as_str(), local_id], |row| {
        Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?))
    })?;
    let mut all = Vec::new();
    for row in rows {
        let (operation, fields) = row?;
        all.push((operation, serde_json::from_str(&fields)?));
    }
    Ok(all)
}

/// The vendor lacks nothing of a record any more, or a newer change of ours brings it all.
pub fn settled(tx: &Tx<'_>, connection: ConnectionId, kind: RecordKind, local_id: &str) -> Result<()> {
    let rows = tx
        .prepare_cached(
            "UPDATE dropped SET lacking = 0 WHERE lacking = 1 AND kind = ?2 AND local_id = ?3 AND connection_id = ?1",
        )?
        .execute(params![connection, kind.as_str(), local_id])?;
    if rows > 0 {
        tx.changed(Tag::Outbox);
    }
    Ok(())
}

/// [`settled`] for the parcels of an order: the order itself went out or ended there.
pub fn settled_of_order(tx: &Tx<'_>, connection: ConnectionId, order: &str) -> Result<()> {
    tx.prepare_cached(
        "UPDATE dropped SET lacking = 0 WHERE lacking = 1 AND kind = 'shipment' AND connection_id = ?1
             AND local_id IN (SELECT id FROM shipments WHERE order_id = ?2)",
    )?
    .execute(params![connection, order])?;
    Ok(())
}

/// What was dropped before a position, newest first.
pub fn page(db: &Db<'_>, before: i64, limit: u32) -> Result<Vec<Dropped>> {
    let mut statement = db.prepare_cached(
        "SELECT row, id, connection_id, kind, local_id, title, operation, why, reason, attempts, dropped_at
         FROM dropped WHERE row < ?1 ORDER BY row DESC LIMIT ?2",
    )?;
    let rows = statement.query_map(params![before, limit], |row| {
        Ok(Dropped {
            row: row.get(0)?,
            id: row.get(1)?,
            connection_id: row.get(2)?,
            kind: row.get(3)?,
            local_id: row.get(4)?,
            title: row.get(5)?,
            operation: row.get(6)?,
            why: row.get(7)?,
            reason: row.get(8)?,
            attempts: row.get(9)?,
            dropped_at: row.get(10)?,
        })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}
