//! What undoing a run needs: the states its changes were kept with, and what became of each record when it was undone.

use super::{Db, Tx, outbox};
use crate::Result;
use crate::ids::{ConnectionId, RunId};
use crate::sync::merge::Fields;
use crate::sync::{ChangeDirection, UndoOutcome, UndoRecord};
use connector_contract::{RecordKind, RemoteId, RemoteVersion};
use rusqlite::{OptionalExtension as _, Row, params};
use serde_json::Value;
use std::collections::HashSet;

/// The states a change is kept with.
#[derive(Debug, Clone, Default)]
pub struct Kept<'a> {
    /// The connection it went over; `None` when it was made here.
    pub connection: Option<ConnectionId>,
    /// The record here before; `None` when it did not exist.
    pub before: Option<&'a Fields>,
    /// The record here after.
    pub after: Option<&'a Fields>,
    /// The vendor's id of it.
    pub remote_id: Option<&'a RemoteId>,
    /// The vendor's version of it.
    pub version: Option<&'a RemoteVersion>,
}

/// Keeps these states with the change noted last in this transaction.
pub fn keep(tx: &Tx<'_>, run: RunId, kept: &Kept<'_>) -> Result<()> {
    let text = |fields: Option<&Fields>| fields.map(serde_json::to_string).transpose();
    tx.prepare_cached(
        "UPDATE run_changes SET connection_id = ?2, before_fields = ?3, after_fields = ?4, remote_id = ?5, version = ?6
         WHERE row = (SELECT max(row) FROM run_changes WHERE run_id = ?1)",
    )?
    .execute(params![
        run,
        kept.connection,
        text(kept.before)?,
        text(kept.after)?,
        kept.remote_id.map(|id| id.0.as_str()),
        kept.version.map(|version| version.0.as_str()),
    ])?;
    Ok(())
}

/// A change of a run with what was kept of it.
#[derive(Debug, Clone)]
pub struct KeptChange {
    /// Kind of record.
    pub kind: RecordKind,
    /// The record here.
    pub local_id: Option<String>,
    /// Its name or number.
    pub title: String,
    /// Which way it went.
    pub direction: ChangeDirection,
    /// What happened.
    pub action: String,
    /// The vendor's name; empty when it was made here.
    pub vendor_name: String,
    /// The connection it went over.
    pub connection_id: Option<ConnectionId>,
    /// The record here before.
    pub before: Option<Fields>,
    /// The record here after; `None` when nothing was kept.
    pub after: Option<Fields>,
}

/// What a run changed itself, oldest first. A run that undoes another one also notes what it reads and settles meanwhile; that
/// is others' doing and left out: its own is what it wrote here and sent, after it had read, of the records in its steps.
pub fn changes(db: &Db<'_>, run: RunId) -> Result<Vec<KeptChange>> {
    let mut statement = db.prepare_cached(
        "SELECT kind, local_id, title, direction, action, vendor_name, connection_id, before_fields, after_fields
         FROM run_changes c WHERE run_id = ?1 AND (
             NOT EXISTS (SELECT 1 FROM runs WHERE id = ?1 AND undoes IS NOT NULL)
             OR (row > coalesce((SELECT undone_after FROM runs WHERE id = ?1), 0)
                 AND (direction = 'out' OR vendor_name = '')
                 AND (kind, local_id) IN (SELECT kind, local_id FROM undo_steps WHERE run_id = ?1)))
         ORDER BY row",
    )?;
    let mut rows = statement.query([run])?;
    let mut changes = Vec::new();
    let read = |text: Option<String>| text.map(|text| serde_json::from_str(&text)).transpose();
    while let Some(row) = rows.next()? {
        changes.push(KeptChange {
            kind: outbox::kind(&row.get::<_, String>(0)?)?,
            local_id: row.get(1)?,
            title: row.get(2)?,
            direction: serde_json::from_value(Value::String(row.get(3)?))?,
            action: row.get(4)?,
            vendor_name: row.get(5)?,
            connection_id: row.get(6)?,
            before: read(row.get(7)?)?,
            after: read(row.get(8)?)?,
        });
    }
    Ok(changes)
}

/// Says that a run undoes another one.
pub fn set_target(tx: &Tx<'_>, run: RunId, target: RunId) -> Result<()> {
    tx.execute("UPDATE runs SET undoes = ?2 WHERE id = ?1", params![run, target])?;
    Ok(())
}

/// The run that this one undoes.
pub fn target(db: &Db<'_>, run: RunId) -> Result<Option<RunId>> {
    let found: Option<Option<RunId>> =
        db.prepare_cached("SELECT undoes FROM runs WHERE id = ?1")?.query_row([run], |row| row.get(0)).optional()?;
    Ok(found.flatten())
}

/// How far a run that undoes another one has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// It reads what the vendors have now.
    Reading,
    /// The earlier values are written here; they are being sent.
    Sending,
}

/// Where a run stands that undoes another one; `None` for every other run.
pub fn phase(db: &Db<'_>, run: RunId) -> Result<Option<Phase>> {
    Ok(db
        .prepare_cached("SELECT undone_after IS NOT NULL FROM runs WHERE id = ?1 AND undoes IS NOT NULL")?
        .query_row([run], |row| Ok(if row.get(0)? { Phase::Sending } else { Phase::Reading }))
        .optional()?)
}

/// Says that a run begins to write the earlier values: what is noted from here on is its own.
pub fn begin_writing(tx: &Tx<'_>, run: RunId) -> Result<()> {
    tx.execute("UPDATE runs SET undone_after = (SELECT coalesce(max(row), 0) FROM run_changes) WHERE id = ?1", [run])?;
    Ok(())
}

/// Records that a run that undoes changed here or has to change over there; it sends nothing else.
pub fn records(db: &Db<'_>, run: RunId) -> Result<HashSet<(RecordKind, String)>> {
    let mut statement = db.prepare_cached(
        "SELECT kind, local_id FROM undo_steps
         WHERE run_id = ?1 AND local_id IS NOT NULL AND (waiting = 1 OR fallback IS NOT NULL)",
    )?;
    let rows = statement.query_map([run], |row| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?)))?;
    rows.map(|row| {
        let (kind, local_id) = row?;
        Ok((outbox::kind(&kind)?, local_id))
    })
    .collect()
}

/// Connections that a run went over.
pub fn connections(db: &Db<'_>, run: RunId) -> Result<HashSet<ConnectionId>> {
    let mut statement = db.prepare_cached(
        "SELECT connection_id FROM run_parts WHERE run_id = ?1
         UNION SELECT connection_id FROM run_changes WHERE run_id = ?1 AND connection_id IS NOT NULL",
    )?;
    Ok(statement.query_map([run], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?)
}

/// Notes what undoing did to a record. `fallback` is what its fields return to when a vendor refuses.
pub fn add_step(tx: &Tx<'_>, run: RunId, record: &UndoRecord, fallback: Option<&Fields>) -> Result<()> {
    tx.prepare_cached(
        "INSERT INTO undo_steps (run_id, kind, local_id, title, outcome, fields, reasons, waiting, fallback)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
    )?
    .execute(params![
        run,
        record.kind,
        record.record_id,
        record.title,
        outcome_name(record.outcome)?,
        serde_json::to_string(&record.fields)?,
        serde_json::to_string(&record.reasons)?,
        record.waiting,
        fallback.map(serde_json::to_string).transpose()?,
    ])?;
    Ok(())
}

fn outcome_name(outcome: UndoOutcome) -> Result<String> {
    Ok(serde_json::to_value(outcome)?.as_str().unwrap_or_default().to_owned())
}

type Parts = (String, Option<String>, String, String, String, String, bool);

fn parts(row: &Row<'_>) -> rusqlite::Result<Parts> {
    Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?, row.get(5)?, row.get(6)?))
}

fn record((kind, record_id, title, outcome, fields, reasons, waiting): Parts) -> Result<UndoRecord> {
    Ok(UndoRecord {
        kind,
        record_id,
        title,
        outcome: serde_json::from_value(Value::String(outcome))?,
        fields: serde_json::from_str(&fields)?,
        reasons: serde_json::from_str(&reasons)?,
        waiting,
    })
}

/// What undoing a run did, in its order.
pub fn steps(db: &Db<'_>, run: RunId) -> Result<Vec<UndoRecord>> {
    let mut statement = db.prepare_cached(
        "SELECT kind, local_id, title, outcome, fields, reasons, waiting AND EXISTS (
             SELECT 1 FROM outbox o WHERE o.kind = s.kind AND o.local_id = s.local_id)
         FROM undo_steps s WHERE run_id = ?1 ORDER BY row",
    )?;
    statement.query_map([run], parts)?.map(|row| record(row?)).collect()
}

/// A step whose change is on its way to the vendors.
#[derive(Debug, Clone)]
pub struct WaitingStep {
    /// Which one.
    pub row: i64,
    /// The run that undoes.
    pub run: RunId,
    /// What it did.
    pub outcome: UndoOutcome,
    /// What the record's fields return to when a vendor refuses.
    pub fallback: Option<Fields>,
}

/// The newest step of a record that waits for a vendor.
pub fn waiting(db: &Db<'_>, kind: RecordKind, local_id: &str) -> Result<Option<WaitingStep>> {
    let row = db
        .prepare_cached(
            "SELECT row, run_id, outcome, fallback FROM undo_steps
             WHERE kind = ?1 AND local_id = ?2 AND waiting = 1 ORDER BY row DESC LIMIT 1",
        )?
        .query_row(params![kind.as_str(), local_id], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get::<_, String>(2)?, row.get::<_, Option<String>>(3)?))
        })
        .optional()?;
    let Some((row, run, outcome, fallback)) = row else { return Ok(None) };
    Ok(Some(WaitingStep {
        row,
        run,
        outcome: serde_json::from_value(Value::String(outcome))?,
        fallback: fallback.map(|fallback| serde_json::from_str(&fallback)).transpose()?,
    }))
}

/// The step's change has arrived everywhere.
pub fn finish(tx: &Tx<'_>, row: i64) -> Result<()> {
    tx.execute("UPDATE undo_steps SET waiting = 0 WHERE row = ?1", [row])?;
    Ok(())
}

/// A newer change of the record takes the place of the undo's: whatever becomes of it is not the undo's any more.
pub fn overtake(tx: &Tx<'_>, kind: RecordKind, local_id: &str) -> Result<()> {
    tx.prepare_cached("UPDATE undo_steps SET waiting = 0 WHERE kind = ?1 AND local_id = ?2 AND waiting = 1")?
        .execute(params![kind.as_str(), local_id])?;
    Ok(())
}

/// The step could not be done after all.
pub fn leave(tx: &Tx<'_>, row: i64, reason: &str) -> Result<()> {
    tx.execute(
        "UPDATE undo_steps SET waiting = 0, outcome = 'left', reasons = json_array(?2), fields = '[]' WHERE row = ?1",
        params![row, reason],
    )?;
    Ok(())
}

/// Whether a change of this record still waits to be sent to any vendor.
pub fn is_queued(db: &Db<'_>, kind: RecordKind, local_id: &str) -> Result<bool> {
    Ok(db
        .prepare_cached("SELECT EXISTS (SELECT 1 FROM outbox WHERE kind = ?1 AND local_id = ?2)")?
        .query_row(params![kind.as_str(), local_id], |row| row.get(0))?)
}

/// Whether a change of this record is stuck: refused, in conflict, or without an answer.
pub fn is_stuck(db: &Db<'_>, kind: RecordKind, local_id: &str) -> Result<bool> {
    Ok(db
        .prepare_cached(
            "SELECT EXISTS (SELECT 1 FROM outbox WHERE kind = ?1 AND local_id = ?2
                 AND state IN ('rejected', 'sending', 'unknown'))",
        )?
        .query_row(params![kind.as_str(), local_id], |row| row.get(0))?)
}
