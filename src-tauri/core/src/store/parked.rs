//! Records that came in and could not be applied yet: an invoice before its customer, a payment of more than is owed. They are
//! kept as they came and tried again by every run, so that a page and its cursor can be committed without them.

use super::{Db, Tx, outbox};
use crate::Result;
use crate::ids::ConnectionId;
use crate::sync::merge::{fields_of, overlay, record_of};
use chrono::{DateTime, Utc};
use connector_contract::{Content, Pulled, Record, RecordKind, RemoteId, RemoteVersion};
use rusqlite::{OptionalExtension as _, params};

/// Keeps a record; what a newer page tells of it takes the place of what is kept. Only records that are there can be kept.
pub fn put(tx: &Tx<'_>, connection: ConnectionId, pulled: &Pulled) -> Result<()> {
    let Content::Present(record) = &pulled.content else { return Ok(()) };
    let kept: Option<String> = tx
        .prepare_cached("SELECT record FROM parked WHERE connection_id = ?1 AND kind = ?2 AND remote_id = ?3")?
        .query_row(params![connection, record.kind().as_str(), pulled.remote_id.0], |row| row.get(0))
        .optional()?;
    tx.prepare_cached(
        "INSERT INTO parked (connection_id, kind, remote_id, version, updated_at, record) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
         ON CONFLICT (connection_id, kind, remote_id) DO UPDATE SET version = ?4, updated_at = ?5, record = ?6",
    )?
    .execute(params![
        connection,
        record.kind().as_str(),
        pulled.remote_id.0,
        pulled.version.as_ref().map(|version| version.0.as_str()),
        pulled.updated_at.map(|at| at.to_rfc3339()),
        laid_over(kept, record)?,
    ])?;
    Ok(())
}

/// A record as it is kept, over what was kept of it before: a page that tells less of it takes nothing away.
pub(super) fn laid_over(kept: Option<String>, record: &Record) -> Result<String> {
    let newer = fields_of(record)?;
    let fields = match kept {
        Some(kept) => overlay(&serde_json::from_str(&kept)?, &newer),
        None => newer,
    };
    Ok(serde_json::to_string(&fields)?)
}

/// Forgets a record that has been applied, replaced or deleted.
pub fn remove(tx: &Tx<'_>, connection: ConnectionId, kind: RecordKind, remote_id: &RemoteId) -> Result<()> {
    tx.prepare_cached("DELETE FROM parked WHERE connection_id = ?1 AND kind = ?2 AND remote_id = ?3")?
        .execute(params![connection, kind.as_str(), remote_id.0])?;
    Ok(())
}

/// All records of a connection that wait.
pub fn all(db: &Db<'_>, connection: ConnectionId) -> Result<Vec<Pulled>> {
    let mut statement =
        db.prepare_cached("SELECT kind, remote_id, version, updated_at, record FROM parked WHERE connection_id = ?1")?;
    let mut rows = statement.query([connection])?;
    let mut parked = Vec::new();
    while let Some(row) = rows.next()? {
        let kind = outbox::kind(&row.get::<_, String>(0)?)?;
        let updated_at: Option<String> = row.get(3)?;
        parked.push(Pulled {
            remote_id: RemoteId(row.get(1)?),
            version: row.get::<_, Option<String>>(2)?.map(RemoteVersion),
            updated_at: updated_at
                .and_then(|text| DateTime::parse_from_rfc3339(&text).ok())
                .map(|at| at.with_timezone(&Utc)),
            content: Content::Present(Box::new(record_of(kind, serde_json::from_str(&row.get::<_, String>(4)?)?)?)),
        });
    }
    Ok(parked)
}
