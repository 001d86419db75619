//! Changes waiting to be sent. An entry says *that* a record has to go out; what goes out is rendered when it is first sent and
//! frozen then, so that every further try under its key sends the same.

use super::Tx;
use super::history::moment;
use crate::Result;
use crate::event::Tag;
use crate::ids::OutboxId;
use chrono::{DateTime, Utc};
use connector_contract::RecordKind;
use rusqlite::params;

/// What has to happen to the record over there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wish {
    /// Exist and look like ours: create or update, whichever is right when it is sent.
    Upsert,
    /// Be voided or deactivated.
    Retire,
}

/// Queues a change of a record for every connection that takes this kind. Called in the transaction that changes the record.
///
/// An entry not yet tried is reused, because it will be rendered from the newest state anyway. One that was tried keeps its
/// payload and key, and a second entry queues behind it. Retiring a record that was never sent cancels its entry instead.
pub fn enqueue(tx: &Tx<'_>, kind: RecordKind, local_id: &str, wish: Wish, now: DateTime<Utc>) -> Result<()> {
    let mut targets = tx.prepare_cached(
        "SELECT k.connection_id, (SELECT l.remote_id FROM links l
             WHERE l.kind = k.kind AND l.local_id = ?2 AND l.connection_id = k.connection_id AND l.deleted = 0)
         FROM connection_kinds k WHERE k.kind = ?1 AND k.sends = 1",
    )?;
    let targets: Vec<(String, Option<String>)> = targets
        .query_map(params![kind.as_str(), local_id], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<rusqlite::Result<_>>()?;
    for (connection_id, remote_id) in targets {
        enqueue_for(tx, &connection_id, kind, local_id, wish, remote_id.is_some(), now)?;
    }
    Ok(())
}

/// [`enqueue`] for one connection. `linked`: the record exists there already.
pub fn enqueue_for(
    tx: &Tx<'_>,
    connection_id: &str,
    kind: RecordKind,
    local_id: &str,
    wish: Wish,
    linked: bool,
    now: DateTime<Utc>,
) -> Result<()> {
    let now = moment(now);
    let fresh = "connection_id = ?1 AND kind = ?2 AND local_id = ?3 AND payload IS NULL";
    let tried: bool = tx
        .prepare_cached(
            "SELECT EXISTS (SELECT 1 FROM outbox
                 WHERE connection_id = ?1 AND kind = ?2 AND local_id = ?3 AND payload IS NOT NULL)",
        )?
        .query_row(params![connection_id, kind.as_str(), local_id], |row| row.get(0))?;
    let operation = match wish {
        Wish::Retire if !linked && !tried => {
            tx.execute(&format!("DELETE FROM outbox WHERE {fresh}"), params![connection_id, kind.as_str(), local_id])?;
            tx.changed(Tag::Outbox);
            return Ok(());
        }
        Wish::Retire => "retire",
        Wish::Upsert if linked || tried => "update",
        Wish::Upsert => "create",
    };
    let reused = tx.execute(
        &format!(
            "UPDATE outbox SET operation = ?4, state = 'waiting', next_attempt_at = NULL, why = '', updated_at = ?5
             WHERE {fresh}"
        ),
        params![connection_id, kind.as_str(), local_id, operation, now],
    )?;
    if reused == 0 {
        tx.prepare_cached(
            "INSERT INTO outbox (id, connection_id, kind, local_id, operation, state, created_at, updated_at)
             VALUES (?1, ?2, ?3, ?4, ?5, 'waiting', ?6, ?6)",
        )?
        .execute(params![OutboxId::new(), connection_id, kind.as_str(), local_id, operation, now])?;
    }
    tx.changed(Tag::Outbox);
    Ok(())
}
