//! What a file that was put back from a copy no longer knows, and the mark that tells such a file: the session.
//!
//! Whoever syncs puts a new session into the file and beside it. A file whose session is not the one beside it has been replaced by
//! another copy; what it takes for unsent may have been sent since.
//!
//! Absent on purpose: the file beside it, which is `crate::data`'s.

use super::file::summary;
use super::history::moment;
use super::{Db, Tx};
use crate::Result;
use crate::event::Tag;
use chrono::{DateTime, Utc};
use rusqlite::{OptionalExtension as _, params};
use serde::{Deserialize, Serialize};

/// Setting with the session.
const SESSION: &str = "session";

/// Setting with the last restore.
const RESTORED: &str = "restored";

/// Why an entry of the queue is looked up before it is sent.
const WHY: &str = "This may have been sent before the backup was restored; it is looked up first.";

/// That the file was put back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, specta::Type)]
pub struct Restored {
    /// When the copy was made, where that is known (RFC 3339, UTC).
    pub made_at: Option<String>,
    /// When it was put back.
    pub at: String,
}

/// The session the file was last synced in; `None` before the first one.
pub fn session(db: &Db<'_>) -> Result<Option<String>> {
    Ok(db
        .prepare_cached("SELECT value FROM settings WHERE name = ?1")?
        .query_row([SESSION], |row| row.get(0))
        .optional()?)
}

/// Begins a session.
pub fn set_session(tx: &Tx<'_>, session: &str) -> Result<()> {
    put(tx, SESSION, session)
}

/// Whether the app made this file as a copy.
pub fn is_copy(db: &Db<'_>) -> Result<bool> {
    Ok(summary::note(db)?.is_some())
}

/// The last restore.
pub fn last(db: &Db<'_>) -> Result<Option<Restored>> {
    let text: Option<String> = db
        .prepare_cached("SELECT value FROM settings WHERE name = ?1")?
        .query_row([RESTORED], |row| row.get(0))
        .optional()?;
    Ok(text.map(|text| serde_json::from_str(&text)).transpose()?)
}

/// Makes a file that was put back safe to sync: every waiting change counts as possibly sent, so that it goes out under its old key
/// and is looked up first; what was cut short or approved then is not resumed; and the next sync of each connection waits for the
/// owner's look at its preview.
pub fn mark(tx: &Tx<'_>, now: DateTime<Utc>) -> Result<()> {
    let made_at = summary::note(tx)?.map(|note| note.made_at);
    summary::clear_note(tx)?;
    tx.execute(
        "UPDATE outbox SET state = 'unknown', attempts = 0, next_attempt_at = NULL, why = ?1
         WHERE state IN ('waiting', 'sending', 'retrying')",
        [WHY],
    )?;
    tx.execute(
        "UPDATE runs SET state = 'cancelled', finished_at = coalesce(finished_at, ?1)
         WHERE state IN ('queued', 'running', 'interrupted')",
        [moment(now)],
    )?;
    tx.execute("DELETE FROM plans", [])?;
    tx.execute("INSERT OR IGNORE INTO asking (connection_id) SELECT id FROM connections", [])?;
    put(tx, RESTORED, &serde_json::to_string(&Restored { made_at, at: moment(now) })?)?;
    for tag in [Tag::Outbox, Tag::Runs, Tag::Plans, Tag::Connections, Tag::Backups] {
        tx.changed(tag);
    }
    Ok(())
}

/// How many records of a kind were changed after a moment, and how many of them did not exist before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, specta::Type)]
pub struct ChangedSince {
    /// Kind of record, as the history names it.
    pub kind: String,
    /// Records made since.
    pub created: u32,
    /// Records that existed and were changed since.
    pub changed: u32,
}

/// What has changed since a moment, by kind of record.
pub fn changed_since(db: &Db<'_>, since: &str) -> Result<Vec<ChangedSince>> {
    let mut statement = db.prepare(
        "SELECT kind, sum(made), count(*) - sum(made) FROM (
             SELECT kind, local_id, max(action = 'created') AS made FROM history WHERE at > ?1 GROUP BY kind, local_id
         ) GROUP BY kind ORDER BY kind",
    )?;
    let rows = statement
        .query_map([since], |row| Ok(ChangedSince { kind: row.get(0)?, created: row.get(1)?, changed: row.get(2)? }))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

fn put(tx: &Tx<'_>, name: &str, value: &str) -> Result<()> {
    tx.prepare_cached("INSERT OR REPLACE INTO settings (name, value) VALUES (?1, ?2)")?
        .execute(params![name, value])?;
    Ok(())
}
