//! Who changed which field when. Append-only; every write of a record adds one row.

use super::{Db, Tx, snapshots};
use crate::Result;
use crate::sync::merge::Fields;
use crate::view::{FieldChange, HistoryEntry};
use chrono::{DateTime, SecondsFormat, Utc};
use connector_contract::RecordKind;
use rusqlite::{OptionalExtension as _, Row, params};

/// Text form of a moment in the data file: RFC 3339 in UTC with milliseconds, so that texts sort by time.
pub fn moment(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Millis, true)
}

/// Adds a row with the record's state as it is stored now, after the change. `who` is `owner` or a vendor's name; `action` is `created`, `updated`, `archived`, `voided`, ….
pub fn add(
    tx: &Tx<'_>,
    kind: RecordKind,
    local_id: &str,
    at: DateTime<Utc>,
    who: &str,
    action: &str,
    fields: &[FieldChange],
) -> Result<()> {
    let snapshot = snapshots::of(tx, kind, local_id)?.map(|state| serde_json::to_string(&state)).transpose()?;
    tx.prepare_cached(
        "INSERT INTO history (kind, local_id, at, who, action, fields, snapshot) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    )?
    .execute(params![
        kind.as_str(),
        local_id,
        moment(at),
        who,
        action,
        serde_json::to_string(fields)?,
        snapshot
    ])?;
    Ok(())
}

/// The newest rows of a record, newest first.
pub fn newest(db: &Db<'_>, kind: RecordKind, local_id: &str, limit: u32) -> Result<Vec<HistoryEntry>> {
    let mut statement = db.prepare_cached(
        "SELECT row, at, who, action, fields FROM history WHERE kind = ?1 AND local_id = ?2 ORDER BY row DESC LIMIT ?3",
    )?;
    let rows = statement.query_map(params![kind.as_str(), local_id, limit], parts)?;
    rows.map(|row| entry(row?)).collect()
}

type Parts = (u32, String, String, String, String);

fn parts(row: &Row<'_>) -> rusqlite::Result<Parts> {
    Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?))
}

fn entry((id, at, who, action, fields): Parts) -> Result<HistoryEntry> {
    Ok(HistoryEntry { id, at, who, action, fields: serde_json::from_str(&fields)? })
}

/// One entry of a record, and the record as it was then; `None` for the state where it was not kept.
pub fn get(db: &Db<'_>, kind: RecordKind, local_id: &str, id: u32) -> Result<Option<(HistoryEntry, Option<Fields>)>> {
    let row = db
        .prepare_cached(
            "SELECT row, at, who, action, fields, snapshot FROM history WHERE row = ?1 AND kind = ?2 AND local_id = ?3",
        )?
        .query_row(params![id, kind.as_str(), local_id], |row| Ok((parts(row)?, row.get(5)?)))
        .optional()?;
    row.map(|(parts, state)| Ok((entry(parts)?, read(state)?))).transpose()
}

fn read(state: Option<String>) -> Result<Option<Fields>> {
    Ok(state.map(|state| serde_json::from_str(&state)).transpose()?)
}

/// The newest entry of a record.
pub fn latest(db: &Db<'_>, kind: RecordKind, local_id: &str) -> Result<Option<u32>> {
    Ok(db
        .prepare_cached("SELECT row FROM history WHERE kind = ?1 AND local_id = ?2 ORDER BY row DESC LIMIT 1")?
        .query_row(params![kind.as_str(), local_id], |row| row.get(0))
        .optional()?)
}

/// The record as it was after its newest entry, and after the one before that.
pub fn newest_states(db: &Db<'_>, kind: RecordKind, local_id: &str) -> Result<(Option<Fields>, Option<Fields>)> {
    let mut statement =
        db.prepare_cached("SELECT snapshot FROM history WHERE kind = ?1 AND local_id = ?2 ORDER BY row DESC LIMIT 2")?;
    let mut states = statement
        .query_map(params![kind.as_str(), local_id], |row| row.get(0))?
        .collect::<rusqlite::Result<Vec<Option<String>>>>()?
        .into_iter();
    Ok((read(states.next().flatten())?, read(states.next().flatten())?))
}
