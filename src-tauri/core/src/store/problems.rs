//! What the owner should look at: one row per cause, kept until it is mended or dismissed.

use super::history::moment;
use super::{Db, Tx};
use crate::Result;
use crate::event::Tag;
use crate::ids::{ConnectionId, OutboxId, ProblemId};
use chrono::{DateTime, Utc};
use connector_contract::RecordKind;
use rusqlite::{OptionalExtension as _, Row, params};

/// Both sides changed the same field. Views show the record's state as `Conflict` by this code.
pub const CONFLICT: &str = "conflict";

/// A record came in without something it names.
pub const INCOMPLETE: &str = "incomplete";

/// A problem as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProblemRecord {
    /// Position, for pages.
    pub row: i64,
    /// Id.
    pub id: ProblemId,
    /// Which connection.
    pub connection_id: ConnectionId,
    /// Kind of record; `connection` when it is about the connection itself.
    pub kind: String,
    /// Local id of the record.
    pub local_id: Option<String>,
    /// The vendor's id of the record, when the trouble is with what came from there.
    pub remote_id: Option<String>,
    /// The entry that could not be sent.
    pub outbox_id: Option<OutboxId>,
    /// Name or number of the record.
    pub title: String,
    /// Stable cause.
    pub code: String,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub advice: String,
    /// The vendor's words.
    pub vendor_text: String,
    /// What happened to the letter, in our own words.
    pub detail: String,
    /// Stored name of the action that mends it.
    pub action: String,
    /// The setting of the connection that mends it.
    pub setting: Option<String>,
    /// When it was first seen.
    pub since: String,
    /// How often.
    pub attempts: u32,
}

/// A problem to report.
#[derive(Debug, Clone)]
pub struct NewProblem<'a> {
    /// Which connection.
    pub connection_id: ConnectionId,
    /// Kind of record, or `connection`.
    pub kind: &'a str,
    /// Local id of the record.
    pub local_id: Option<&'a str>,
    /// The vendor's id of the record.
    pub remote_id: Option<&'a str>,
    /// The entry that could not be sent.
    pub outbox_id: Option<OutboxId>,
    /// Name or number of the record.
    pub title: &'a str,
    /// Stable cause; one problem per record and cause.
    pub code: &'a str,
    /// What is wrong.
    pub message: &'a str,
    /// What to do.
    pub advice: &'a str,
    /// The vendor's words.
    pub vendor_text: &'a str,
    /// Stored name of the action that mends it.
    pub action: &'a str,
    /// The setting of the connection that mends it.
    pub setting: Option<&'a str>,
}

const COLUMNS: &str = "row, id, connection_id, kind, local_id, remote_id, outbox_id, title, code, message, advice, \
                       vendor_text, action, since, attempts, setting, detail";

fn read(row: &Row<'_>) -> rusqlite::Result<ProblemRecord> {
    Ok(ProblemRecord {
        row: row.get(0)?,
        id: row.get(1)?,
        connection_id: row.get(2)?,
        kind: row.get(3)?,
        local_id: row.get(4)?,
        remote_id: row.get(5)?,
        outbox_id: row.get(6)?,
        title: row.get(7)?,
        code: row.get(8)?,
        message: row.get(9)?,
        advice: row.get(10)?,
        vendor_text: row.get(11)?,
        action: row.get(12)?,
        since: row.get(13)?,
        attempts: row.get(14)?,
        setting: row.get(15)?,
        detail: row.get(16)?,
    })
}

/// Reports a problem; the same cause again only counts up and takes the newest words. `true` when it is new.
pub fn report(tx: &Tx<'_>, new: &NewProblem<'_>, now: DateTime<Utc>) -> Result<bool> {
    report_detailed(tx, new, "", now)
}

/// [`report`] with what happened to the letter, in our own words.
pub fn report_detailed(tx: &Tx<'_>, new: &NewProblem<'_>, detail: &str, now: DateTime<Utc>) -> Result<bool> {
    tx.changed(Tag::Problems);
    tx.changed(Tag::Connections);
    let known = tx
        .prepare_cached(
            "UPDATE problems SET title = ?6, message = ?7, advice = ?8, vendor_text = ?9, action = ?10, outbox_id = ?11,
                 setting = ?12, detail = ?13, attempts = attempts + 1
             WHERE connection_id = ?1 AND kind = ?2 AND local_id IS ?3 AND (?3 IS NOT NULL OR remote_id IS ?4)
                 AND code = ?5",
        )?
        .execute(params![
            new.connection_id,
            new.kind,
            new.local_id,
            new.remote_id,
            new.code,
            new.title,
            new.message,
            new.advice,
            new.vendor_text,
            new.action,
            new.outbox_id,
            new.setting,
            detail,
        ])?;
    if known > 0 {
        return Ok(false);
    }
    tx.prepare_cached(
        "INSERT INTO problems (id, connection_id, kind, local_id, remote_id, outbox_id, title, code, message, advice,
             vendor_text, action, since, attempts, setting, detail)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, 1, ?14, ?15)",
    )?
    .execute(params![
        ProblemId::new(),
        new.connection_id,
        new.kind,
        new.local_id,
        new.remote_id,
        new.outbox_id,
        new.title,
        new.code,
        new.message,
        new.advice,
        new.vendor_text,
        new.action,
        moment(now),
        new.setting,
        detail,
    ])?;
    Ok(true)
}

fn cleared(tx: &Tx<'_>, rows: usize) {
    if rows > 0 {
        tx.changed(Tag::Problems);
        tx.changed(Tag::Connections);
    }
}

/// Removes what was reported of an entry.
pub fn clear_entry(tx: &Tx<'_>, entry: OutboxId) -> Result<()> {
    cleared(tx, tx.prepare_cached("DELETE FROM problems WHERE outbox_id = ?1")?.execute([entry])?);
    Ok(())
}

/// Removes what was reported of an entry but for its conflict: with that, nothing else of it can be tried again.
pub fn clear_entry_in_conflict(tx: &Tx<'_>, entry: OutboxId) -> Result<()> {
    let sql = "DELETE FROM problems WHERE outbox_id = ?1 AND code <> ?2";
    cleared(tx, tx.prepare_cached(sql)?.execute(params![entry, CONFLICT])?);
    Ok(())
}

/// Removes what was reported of sending a record, whichever entry it was. `true` when there was something.
pub fn clear_outgoing(tx: &Tx<'_>, connection: ConnectionId, kind: RecordKind, local_id: &str) -> Result<bool> {
    let rows = tx
        .prepare_cached(
            "DELETE FROM problems WHERE connection_id = ?1 AND kind = ?2 AND local_id = ?3 AND remote_id IS NULL",
        )?
        .execute(params![connection, kind.as_str(), local_id])?;
    cleared(tx, rows);
    Ok(rows > 0)
}

/// Removes what was reported of a record coming in.
pub fn clear_incoming(tx: &Tx<'_>, connection: ConnectionId, kind: RecordKind, remote_id: &str) -> Result<()> {
    let rows = tx
        .prepare_cached(
            "DELETE FROM problems WHERE connection_id = ?1 AND kind = ?2 AND remote_id = ?3 AND outbox_id IS NULL",
        )?
        .execute(params![connection, kind.as_str(), remote_id])?;
    cleared(tx, rows);
    Ok(())
}

/// Removes what was reported of a connection as a whole.
pub fn clear_connection(tx: &Tx<'_>, connection: ConnectionId) -> Result<()> {
    let rows = tx
        .prepare_cached("DELETE FROM problems WHERE connection_id = ?1 AND kind = 'connection'")?
        .execute([connection])?;
    cleared(tx, rows);
    Ok(())
}

/// Removes a question about a record that has answered itself.
pub fn clear_question(
    tx: &Tx<'_>,
    connection: ConnectionId,
    kind: RecordKind,
    local_id: &str,
    code: &str,
) -> Result<()> {
    let rows = tx
        .prepare_cached("DELETE FROM problems WHERE connection_id = ?1 AND kind = ?2 AND local_id = ?3 AND code = ?4")?
        .execute(params![connection, kind.as_str(), local_id, code])?;
    cleared(tx, rows);
    Ok(())
}

/// Whether a problem with this code is open about a record.
pub fn is_open(db: &Db<'_>, connection: ConnectionId, kind: RecordKind, local_id: &str, code: &str) -> Result<bool> {
    Ok(db
        .prepare_cached(
            "SELECT EXISTS (SELECT 1 FROM problems
                 WHERE connection_id = ?1 AND kind = ?2 AND local_id = ?3 AND code = ?4)",
        )?
        .query_row(params![connection, kind.as_str(), local_id, code], |row| row.get(0))?)
}

/// Whether a problem with this code is open about a record and says just this.
pub fn says(
    db: &Db<'_>,
    connection: ConnectionId,
    kind: RecordKind,
    local_id: &str,
    code: &str,
    message: &str,
) -> Result<bool> {
    Ok(db
        .prepare_cached(
            "SELECT EXISTS (SELECT 1 FROM problems
                 WHERE connection_id = ?1 AND kind = ?2 AND local_id = ?3 AND code = ?4 AND message = ?5)",
        )?
        .query_row(params![connection, kind.as_str(), local_id, code, message], |row| row.get(0))?)
}

/// Removes one problem.
pub fn remove(tx: &Tx<'_>, id: ProblemId) -> Result<()> {
    cleared(tx, tx.execute("DELETE FROM problems WHERE id = ?1", [id])?);
    Ok(())
}

/// One problem.
pub fn get(db: &Db<'_>, id: ProblemId) -> Result<Option<ProblemRecord>> {
    let mut statement = db.prepare_cached(&format!("SELECT {COLUMNS} FROM problems WHERE id = ?1"))?;
    Ok(statement.query_row([id], read).optional()?)
}

/// Whether both sides changed the same field of this record and the owner has not decided yet.
pub fn in_conflict(db: &Db<'_>, connection: ConnectionId, kind: RecordKind, local_id: &str) -> Result<bool> {
    is_open(db, connection, kind, local_id, CONFLICT)
}

/// All problems.
pub fn count(db: &Db<'_>) -> Result<u32> {
    Ok(db.prepare_cached("SELECT count(*) FROM problems")?.query_row([], |row| row.get(0))?)
}

/// Problems before a position, newest first.
pub fn page(db: &Db<'_>, before: i64, limit: u32) -> Result<Vec<ProblemRecord>> {
    let mut statement =
        db.prepare_cached(&format!("SELECT {COLUMNS} FROM problems WHERE row < ?1 ORDER BY row DESC LIMIT ?2"))?;
    Ok(statement.query_map(params![before, limit], read)?.collect::<rusqlite::Result<_>>()?)
}

/// Problems of a connection that a choice in its settings mends.
pub fn for_settings(db: &Db<'_>, connection: ConnectionId) -> Result<Vec<ProblemRecord>> {
    let mut statement = db.prepare_cached(&format!(
        "SELECT {COLUMNS} FROM problems WHERE connection_id = ?1 AND action = 'connection_settings'"
    ))?;
    Ok(statement.query_map([connection], read)?.collect::<rusqlite::Result<_>>()?)
}
