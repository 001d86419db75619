//! What the owner decided about single records and what was set aside for it: held until the next preview, skipped until the
//! record changes again, or left because it moved after the preview; and which records are the same, once the owner said so.

use super::{Db, Tx, links, outbox, parked};
use crate::Result;
use crate::event::Tag;
use crate::ids::ConnectionId;
use crate::store::columns::Named;
use crate::sync::ChangeDirection;
use crate::sync::merge::record_of;
use chrono::{DateTime, Utc};
use connector_contract::{Content, Pulled, RecordKind, RemoteId, RemoteVersion};
use rusqlite::{OptionalExtension as _, params};
use serde::{Deserialize, Serialize};
use std::collections::HashSet;

/// Why a record is left alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// Until the owner looks again.
    Hold,
    /// Until it changes again.
    Skip,
    /// It is not as it was when the owner looked.
    Moved,
    /// Until it is known how much would be changed along with it.
    Brake,
}

/// What names a record in a decision: the vendor's id of what comes in, ours of what goes out.
#[derive(Debug, Clone, Copy)]
pub struct Key<'a> {
    /// Which connection.
    pub connection: ConnectionId,
    /// Which way.
    pub direction: ChangeDirection,
    /// Kind of record.
    pub kind: RecordKind,
    /// Its id.
    pub record: &'a str,
}

/// The decision that stands for a record, with the fingerprint it was made for.
pub fn get(db: &Db<'_>, key: Key<'_>) -> Result<Option<(Reason, String)>> {
    Ok(db
        .prepare_cached(
            "SELECT decision, fingerprint FROM sync_decisions
             WHERE connection_id = ?1 AND direction = ?2 AND kind = ?3 AND record = ?4",
        )?
        .query_row(params![key.connection, Named(key.direction), key.kind.as_str(), key.record], |row| {
            Ok((row.get::<_, Named<Reason>>(0)?.0, row.get(1)?))
        })
        .optional()?)
}

/// Forgets a decision.
pub fn forget(tx: &Tx<'_>, key: Key<'_>) -> Result<()> {
    tx.prepare_cached(
        "DELETE FROM sync_decisions WHERE connection_id = ?1 AND direction = ?2 AND kind = ?3 AND record = ?4",
    )?
    .execute(params![key.connection, Named(key.direction), key.kind.as_str(), key.record])?;
    Ok(())
}

/// Forgets what waits for the owner's look, so that a rehearsal looks at it again.
pub fn forget_holds(tx: &Tx<'_>) -> Result<()> {
    tx.execute("DELETE FROM sync_decisions WHERE decision <> 'skip'", [])?;
    Ok(())
}

/// Leaves a record that moved after the owner looked until the owner looks again.
pub fn leave_moved(tx: &Tx<'_>, key: Key<'_>) -> Result<()> {
    tx.prepare_cached(
        "INSERT OR REPLACE INTO sync_decisions (connection_id, direction, kind, record, decision, fingerprint)
         VALUES (?1, ?2, ?3, ?4, 'moved', '')",
    )?
    .execute(params![key.connection, Named(key.direction), key.kind.as_str(), key.record])?;
    Ok(())
}

/// What the owner said of a record of theirs: our record it was compared with, and whether they are the same.
pub fn pair_word(
    db: &Db<'_>,
    connection: ConnectionId,
    kind: RecordKind,
    remote: &RemoteId,
) -> Result<Option<(String, bool)>> {
    Ok(db
        .prepare_cached(
            "SELECT local_id, same FROM pair_words WHERE connection_id = ?1 AND kind = ?2 AND remote_id = ?3",
        )?
        .query_row(params![connection, kind.as_str(), remote.0], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?)
}

/// Notes what the owner said of a record of theirs and one of ours.
pub fn set_pair_word(
    tx: &Tx<'_>,
    connection: ConnectionId,
    kind: RecordKind,
    remote: &RemoteId,
    local_id: &str,
    same: bool,
) -> Result<()> {
    tx.prepare_cached(
        "INSERT OR REPLACE INTO pair_words (connection_id, kind, remote_id, local_id, same) VALUES (?1, ?2, ?3, ?4, ?5)",
    )?
    .execute(params![connection, kind.as_str(), remote.0, local_id, same])?;
    Ok(())
}

/// Keeps a record that came in; what a newer page tells of it takes the place of what is kept.
pub fn set_aside(tx: &Tx<'_>, connection: ConnectionId, pulled: &Pulled, reason: Reason) -> Result<()> {
    let (kind, record, into) = match &pulled.content {
        Content::Present(record) => {
            let kept: Option<Option<String>> = tx
                .prepare_cached(
                    "SELECT record FROM set_aside WHERE connection_id = ?1 AND kind = ?2 AND remote_id = ?3",
                )?
                .query_row(params![connection, record.kind().as_str(), pulled.remote_id.0], |row| row.get(0))
                .optional()?;
            (record.kind(), Some(parked::laid_over(kept.flatten(), record)?), None)
        }
        Content::Deleted(kind) => (*kind, None, None),
        Content::Merged { kind, into } => (*kind, None, Some(into.0.as_str())),
        Content::Unreadable { .. } => return Ok(()),
    };
    tx.prepare_cached(
        "INSERT INTO set_aside (connection_id, kind, remote_id, version, updated_at, record, reason, merged_into)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
         ON CONFLICT (connection_id, kind, remote_id) DO UPDATE SET version = ?4, updated_at = ?5, record = ?6, reason = ?7,
             merged_into = ?8",
    )?
    .execute(params![
        connection,
        kind.as_str(),
        pulled.remote_id.0,
        pulled.version.as_ref().map(|version| version.0.as_str()),
        pulled.updated_at.map(|at| at.to_rfc3339()),
        record,
        Named(reason),
        into,
    ])?;
    tx.changed(Tag::Plans);
    Ok(())
}

/// A record that came in, over what was set aside or put aside of it before: the page at hand may tell less of it.
pub fn with_kept(db: &Db<'_>, connection: ConnectionId, pulled: &Pulled) -> Result<Option<Pulled>> {
    let Content::Present(record) = &pulled.content else { return Ok(None) };
    let kept: Option<String> = db
        .prepare_cached(
            "SELECT record FROM set_aside WHERE connection_id = ?1 AND kind = ?2 AND remote_id = ?3 AND record IS NOT NULL
             UNION ALL SELECT record FROM parked WHERE connection_id = ?1 AND kind = ?2 AND remote_id = ?3 LIMIT 1",
        )?
        .query_row(params![connection, record.kind().as_str(), pulled.remote_id.0], |row| row.get(0))
        .optional()?;
    let Some(kept) = kept else { return Ok(None) };
    let whole = serde_json::from_str(&parked::laid_over(Some(kept), record)?)?;
    let content = Content::Present(Box::new(record_of(record.kind(), whole)?));
    Ok(Some(Pulled { content, ..pulled.clone() }))
}

/// Forgets what was set aside of a record.
pub fn take_up(tx: &Tx<'_>, connection: ConnectionId, kind: RecordKind, remote: &RemoteId) -> Result<()> {
    tx.prepare_cached("DELETE FROM set_aside WHERE connection_id = ?1 AND kind = ?2 AND remote_id = ?3")?
        .execute(params![connection, kind.as_str(), remote.0])?;
    Ok(())
}

/// Why a remote record is set aside, if it is.
pub fn aside(db: &Db<'_>, connection: ConnectionId, kind: RecordKind, remote: &RemoteId) -> Result<Option<Reason>> {
    Ok(db
        .prepare_cached("SELECT reason FROM set_aside WHERE connection_id = ?1 AND kind = ?2 AND remote_id = ?3")?
        .query_row(params![connection, kind.as_str(), remote.0], |row| Ok(row.get::<_, Named<Reason>>(0)?.0))
        .optional()?)
}

/// Whether a record was never taken in because it is set aside.
pub fn is_kept_out(db: &Db<'_>, connection: ConnectionId, kind: RecordKind, remote: &RemoteId) -> Result<bool> {
    let aside = aside(db, connection, kind, remote)?.is_some();
    Ok(aside && links::local_of(db, connection, kind, remote)?.is_none())
}

/// All of those.
pub fn kept_out(db: &Db<'_>, connection: ConnectionId) -> Result<HashSet<(RecordKind, RemoteId)>> {
    let mut statement = db.prepare_cached(
        "SELECT kind, remote_id FROM set_aside s WHERE connection_id = ?1 AND NOT EXISTS (SELECT 1 FROM links l
             WHERE l.connection_id = s.connection_id AND l.kind = s.kind AND l.remote_id = s.remote_id)",
    )?;
    let mut rows = statement.query([connection])?;
    let mut found = HashSet::new();
    while let Some(row) = rows.next()? {
        found.insert((outbox::kind(&row.get::<_, String>(0)?)?, RemoteId(row.get(1)?)));
    }
    Ok(found)
}

/// All that is set aside of a connection, references first.
pub fn all_aside(db: &Db<'_>, connection: ConnectionId) -> Result<Vec<Pulled>> {
    let mut statement = db.prepare_cached(
        "SELECT kind, remote_id, version, updated_at, record, merged_into FROM set_aside WHERE connection_id = ?1",
    )?;
    let mut rows = statement.query([connection])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let kind = outbox::kind(&row.get::<_, String>(0)?)?;
        let updated_at: Option<String> = row.get(3)?;
        let content = match (row.get::<_, Option<String>>(4)?, row.get::<_, Option<String>>(5)?) {
            (Some(text), _) => Content::Present(Box::new(record_of(kind, serde_json::from_str(&text)?)?)),
            (None, Some(into)) => Content::Merged { kind, into: RemoteId(into) },
            (None, None) => Content::Deleted(kind),
        };
        let pulled = Pulled {
            remote_id: RemoteId(row.get(1)?),
            version: row.get::<_, Option<String>>(2)?.map(RemoteVersion),
            updated_at: updated_at
                .and_then(|text| DateTime::parse_from_rfc3339(&text).ok())
                .map(|at| at.with_timezone(&Utc)),
            content,
        };
        found.push((kind, pulled));
    }
    found.sort_by_key(|(kind, _)| *kind);
    Ok(found.into_iter().map(|(_, pulled)| pulled).collect())
}

/// Connections whose syncs wait for the owner's look.
pub fn asking(db: &Db<'_>) -> Result<Vec<ConnectionId>> {
    let mut statement = db.prepare_cached("SELECT connection_id FROM asking")?;
    Ok(statement.query_map([], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?)
}

/// Sets whether a connection's syncs wait for the owner's look.
pub fn set_asking(tx: &Tx<'_>, connection: ConnectionId, asks: bool) -> Result<()> {
    tx.execute(
        if asks { "INSERT OR IGNORE INTO asking VALUES (?1)" } else { "DELETE FROM asking WHERE connection_id = ?1" },
        [connection],
    )?;
    tx.changed(Tag::Plans);
    tx.changed(Tag::Connections);
    Ok(())
}
