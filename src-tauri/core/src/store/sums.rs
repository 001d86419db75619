//! What makes two sums of the same document comparable: nothing of it, and of the payments around it, is on its way or waits.
//!
//! Absent on purpose: the comparison itself; `sync::sums` makes it.

use super::Db;
use crate::Result;
use crate::ids::ConnectionId;
use connector_contract::{RecordKind, RemoteId};
use rusqlite::params;

/// Whether a change of this document, or of a payment of its customer's, still has to be sent.
pub fn is_on_its_way(db: &Db<'_>, connection: ConnectionId, kind: RecordKind, local_id: &str) -> Result<bool> {
    let table = if kind == RecordKind::Invoice { "invoices" } else { "payments" };
    let mut statement = db.prepare_cached(&format!(
        "SELECT EXISTS (SELECT 1 FROM outbox WHERE connection_id = ?1 AND kind = ?2 AND local_id = ?3)
             OR EXISTS (SELECT 1 FROM outbox o CROSS JOIN payments p ON p.id = o.local_id
                 WHERE o.connection_id = ?1 AND o.kind = 'payment'
                     AND p.customer_id = (SELECT customer_id FROM {table} WHERE id = ?3))"
    ))?;
    Ok(statement.query_row(params![connection, kind.as_str(), local_id], |row| row.get(0))?)
}

/// Whether this record, or a payment that names it, came in and waits to be taken over: for another record, or for the owner.
pub fn waits_here(db: &Db<'_>, connection: ConnectionId, kind: RecordKind, remote: &RemoteId) -> Result<bool> {
    Ok(db
        .prepare_cached(
            "SELECT EXISTS (SELECT 1 FROM (
                 SELECT kind, remote_id, record FROM parked k WHERE connection_id = ?1
                     -- What came in without an item is here with all its amounts.
                     AND NOT EXISTS (SELECT 1 FROM problems p WHERE p.connection_id = ?1 AND p.kind = k.kind
                         AND p.remote_id = k.remote_id AND p.code = 'incomplete')
                 UNION ALL SELECT kind, remote_id, record FROM set_aside WHERE connection_id = ?1) w
             WHERE (w.kind = ?2 AND w.remote_id = ?3)
                 OR (w.kind = 'payment' AND ?2 = 'invoice' AND w.record IS NOT NULL
                     AND EXISTS (SELECT 1 FROM json_each(w.record, '$.applied') part
                         WHERE json_extract(part.value, '$.invoice') = ?3)))",
        )?
        .query_row(params![connection, kind.as_str(), remote.0], |row| row.get(0))?)
}

/// Invoices that a payment pays.
pub fn invoices_of(db: &Db<'_>, payment: &str) -> Result<Vec<String>> {
    let mut statement = db.prepare_cached("SELECT invoice_id FROM payment_applications WHERE payment_id = ?1")?;
    Ok(statement.query_map([payment], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?)
}

/// Records about which this question is open.
pub fn asked(db: &Db<'_>, connection: ConnectionId, code: &str) -> Result<Vec<(String, String)>> {
    let mut statement = db.prepare_cached(
        "SELECT kind, local_id FROM problems WHERE connection_id = ?1 AND code = ?2 AND local_id IS NOT NULL",
    )?;
    let rows = statement.query_map(params![connection, code], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}
