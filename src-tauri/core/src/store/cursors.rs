//! Where each stream of a connection was last read to. Written in the transaction that applies the page.

use super::history::moment;
use super::{Db, Tx};
use crate::Result;
use crate::ids::ConnectionId;
use chrono::{DateTime, Utc};
use connector_contract::Cursor;
use rusqlite::{OptionalExtension as _, params};

/// The position, or `None` before the first page.
pub fn get(db: &Db<'_>, connection: ConnectionId, stream: &str) -> Result<Option<Cursor>> {
    Ok(db
        .prepare_cached("SELECT cursor FROM cursors WHERE connection_id = ?1 AND stream = ?2")?
        .query_row(params![connection, stream], |row| row.get(0))
        .optional()?
        .map(Cursor))
}

/// Stores the position.
pub fn set(tx: &Tx<'_>, connection: ConnectionId, stream: &str, cursor: &Cursor, now: DateTime<Utc>) -> Result<()> {
    tx.prepare_cached(
        "INSERT INTO cursors (connection_id, stream, cursor, updated_at) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT (connection_id, stream) DO UPDATE SET cursor = excluded.cursor, updated_at = excluded.updated_at",
    )?
    .execute(params![connection, stream, cursor.0, moment(now)])?;
    Ok(())
}

/// Forgets the position: the stream is read from its start again.
pub fn clear(tx: &Tx<'_>, connection: ConnectionId, stream: &str) -> Result<()> {
    tx.execute("DELETE FROM cursors WHERE connection_id = ?1 AND stream = ?2", params![connection, stream])?;
    Ok(())
}

/// The streams with a position.
pub fn streams(db: &Db<'_>, connection: ConnectionId) -> Result<Vec<String>> {
    let mut statement = db.prepare_cached("SELECT stream FROM cursors WHERE connection_id = ?1 ORDER BY stream")?;
    Ok(statement.query_map([connection], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?)
}
