//! Who or what changed which field of a record when, and what the record was after it. Append-only; every write of a record adds
//! one row, with the record's state as stored then and the run that wrote it.
//!
//! # As of a past moment
//! Lists and reports about the past are built on two readers, both by index and both giving states as [`snapshots`] keeps them:
//! [`as_of`] for one record, [`list_as_of`] for a page of all records of a kind. A record is in the order of its rows, so a
//! computer's clock that was set back shortens a state's time but never brings an older state back.
//!
//! Absent on purpose: balances, stock and what has shipped as of a moment. The ledger, the stock movements and the shipments
//! keep those with their own days.

use super::page::MOST_ROWS;
use super::{Db, Tx, snapshots};
use crate::ids::RunId;
use crate::sync::merge::Fields;
use crate::view::{FieldChange, HistoryEntry, HistoryRun, Page};
use crate::{Error, Result};
use chrono::{DateTime, SecondsFormat, Utc};
use connector_contract::RecordKind;
use rusqlite::{OptionalExtension as _, Row, params};

/// The action of the row that ends a record's life, such as of a draft that was thrown away.
pub const DELETED: &str = "deleted";

/// Text form of a moment in the data file: RFC 3339 in UTC with milliseconds, so that texts sort by time.
pub fn moment(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Millis, true)
}

/// Adds a row with the record's state as it is stored now, after the change, and the run that writes (`Tx::set_run`). `who` is
/// `owner`, `undo` or a vendor's name; `action` is `created`, `updated`, `archived`, `voided`, ….
pub fn add(
    tx: &Tx<'_>,
    kind: RecordKind,
    local_id: &str,
    at: DateTime<Utc>,
    who: &str,
    action: &str,
    fields: &[FieldChange],
) -> Result<()> {
    let state = snapshots::of(tx, kind, local_id)?;
    insert(tx, kind, local_id, at, (who, action), fields, state.as_ref())
}

/// Adds a row without fields where the record is stored otherwise than its newest row says, though nothing that people see of it
/// differs, such as a vendor's key of a line. It is not listed.
pub fn add_unseen(tx: &Tx<'_>, kind: RecordKind, local_id: &str, at: DateTime<Utc>, who: &str) -> Result<()> {
    let state = snapshots::of(tx, kind, local_id)?;
    if state == newest_states(&tx.db(), kind, local_id)?.0 {
        return Ok(());
    }
    insert(tx, kind, local_id, at, (who, "updated"), &[], state.as_ref())
}

fn insert(
    tx: &Tx<'_>,
    kind: RecordKind,
    local_id: &str,
    at: DateTime<Utc>,
    (who, action): (&str, &str),
    fields: &[FieldChange],
    state: Option<&Fields>,
) -> Result<()> {
    tx.prepare_cached(
        "INSERT INTO history (kind, local_id, at, who, action, fields, snapshot, run_id)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
    )?
    .execute(params![
        kind.as_str(),
        local_id,
        moment(at),
        who,
        action,
        serde_json::to_string(fields)?,
        state.map(serde_json::to_string).transpose()?,
        tx.run(),
    ])?;
    Ok(())
}

/// What an entry is read from; the run where it is still known.
const ENTRY: &str = "h.row, h.at, h.who, h.action, h.fields, r.id, r.started_at";
const FROM: &str = "FROM history h LEFT JOIN runs r ON r.id = h.run_id";

/// Entries that a record's view brings along; `page` has the rest.
pub const FIRST_PAGE: u32 = 20;

/// The first page of a record's entries.
pub fn first_page(db: &Db<'_>, kind: RecordKind, local_id: &str) -> Result<Vec<HistoryEntry>> {
    newest(db, kind, local_id, FIRST_PAGE)
}

/// The newest entries of a record, newest first.
pub fn newest(db: &Db<'_>, kind: RecordKind, local_id: &str, limit: u32) -> Result<Vec<HistoryEntry>> {
    before(db, kind, local_id, i64::MAX, limit)
}

/// A page of a record's entries, newest first. Rows that changed nothing people can see are left out.
pub fn page(
    db: &Db<'_>,
    kind: RecordKind,
    local_id: &str,
    cursor: Option<&str>,
    limit: u32,
) -> Result<Page<HistoryEntry>> {
    let start = cursor.map_or(Ok(i64::MAX), |cursor| cursor.parse().map_err(|_| no_such_page()))?;
    let limit = limit.clamp(1, MOST_ROWS);
    let mut rows = before(db, kind, local_id, start, limit + 1)?;
    let more = rows.len() > limit as usize;
    rows.truncate(limit as usize);
    let next_cursor = rows.last().filter(|_| more).map(|last| last.id.to_string());
    Ok(Page { rows, next_cursor })
}

fn no_such_page() -> Error {
    Error::invalid("cursor", "This page no longer exists; start at the first.")
}

fn before(db: &Db<'_>, kind: RecordKind, local_id: &str, row: i64, limit: u32) -> Result<Vec<HistoryEntry>> {
    let mut statement = db.prepare_cached(&format!(
        "SELECT {ENTRY} {FROM} WHERE h.kind = ?1 AND h.local_id = ?2 AND h.row < ?3
             AND NOT (h.action = 'updated' AND h.fields = '[]')
         ORDER BY h.row DESC LIMIT ?4"
    ))?;
    let rows = statement.query_map(params![kind.as_str(), local_id, row, limit], parts)?;
    rows.map(|row| entry(row?)).collect()
}

type Parts = (u32, String, String, String, String, Option<HistoryRun>);

fn parts(row: &Row<'_>) -> rusqlite::Result<Parts> {
    let run = row.get::<_, Option<RunId>>(5)?;
    let run = run.map(|id| Ok::<_, rusqlite::Error>(HistoryRun { id, started_at: row.get(6)? })).transpose()?;
    Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?, run))
}

fn entry((id, at, who, action, fields, run): Parts) -> Result<HistoryEntry> {
    Ok(HistoryEntry { id, at, who, action, fields: serde_json::from_str(&fields)?, run })
}

/// One entry of a record, and the record as it was then; `None` for the state where it was not kept.
pub fn get(db: &Db<'_>, kind: RecordKind, local_id: &str, id: u32) -> Result<Option<(HistoryEntry, Option<Fields>)>> {
    let row = db
        .prepare_cached(&format!(
            "SELECT {ENTRY}, h.snapshot {FROM} WHERE h.row = ?1 AND h.kind = ?2 AND h.local_id = ?3"
        ))?
        .query_row(params![id, kind.as_str(), local_id], |row| Ok((parts(row)?, row.get(7)?)))
        .optional()?;
    row.map(|(parts, state)| Ok((entry(parts)?, read(state)?))).transpose()
}

fn read(state: Option<String>) -> Result<Option<Fields>> {
    Ok(state.map(|state| serde_json::from_str(&state)).transpose()?)
}

/// The newest row of a record.
pub fn latest(db: &Db<'_>, kind: RecordKind, local_id: &str) -> Result<Option<u32>> {
    Ok(db
        .prepare_cached("SELECT row FROM history WHERE kind = ?1 AND local_id = ?2 ORDER BY row DESC LIMIT 1")?
        .query_row(params![kind.as_str(), local_id], |row| row.get(0))
        .optional()?)
}

/// The record as it was after its newest row, and after the one before that.
pub fn newest_states(db: &Db<'_>, kind: RecordKind, local_id: &str) -> Result<(Option<Fields>, Option<Fields>)> {
    let mut statement =
        db.prepare_cached("SELECT snapshot FROM history WHERE kind = ?1 AND local_id = ?2 ORDER BY row DESC LIMIT 2")?;
    let mut states = statement
        .query_map(params![kind.as_str(), local_id], |row| row.get(0))?
        .collect::<rusqlite::Result<Vec<Option<String>>>>()?
        .into_iter();
    Ok((read(states.next().flatten())?, read(states.next().flatten())?))
}

/// A record as it was at a moment.
#[derive(Debug, Clone, PartialEq)]
pub struct PastState {
    /// The record.
    pub local_id: String,
    /// The row of its history that made it so.
    pub history_id: u32,
    /// Since when it was so (RFC 3339, UTC).
    pub since: String,
    /// Its fields; `None` where only the fact that it changed was kept, as in early versions of the app.
    pub fields: Option<Fields>,
}

/// A record as it was at a moment, changes of that very millisecond included. `None` before it existed and after it was deleted.
pub fn as_of(db: &Db<'_>, kind: RecordKind, local_id: &str, at: DateTime<Utc>) -> Result<Option<PastState>> {
    state_at(db, kind, local_id, &moment(at))
}

fn state_at(db: &Db<'_>, kind: RecordKind, local_id: &str, at: &str) -> Result<Option<PastState>> {
    let row = db
        .prepare_cached(
            "SELECT row, at, action, snapshot FROM history WHERE kind = ?1 AND local_id = ?2 AND at <= ?3
             ORDER BY row DESC LIMIT 1",
        )?
        .query_row(params![kind.as_str(), local_id, at], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get::<_, String>(2)?, row.get(3)?))
        })
        .optional()?;
    match row {
        Some((history_id, since, action, state)) if action != DELETED => {
            Ok(Some(PastState { local_id: local_id.to_owned(), history_id, since, fields: read(state)? }))
        }
        _ => Ok(None),
    }
}

/// A page of all records of a kind as they were at a moment, oldest record first. Reads only what had happened by then: the
/// index by kind and time leads from one record's first row to the next one's, and each record's state is one look-up.
pub fn list_as_of(
    db: &Db<'_>,
    kind: RecordKind,
    at: DateTime<Utc>,
    cursor: Option<&str>,
    limit: u32,
) -> Result<Page<PastState>> {
    let (at, limit) = (moment(at), limit.clamp(1, MOST_ROWS) as usize);
    let (mut since, mut after) = match cursor.map(|cursor| cursor.split_once(' ').ok_or_else(no_such_page)) {
        None => (String::new(), String::new()),
        Some(cursor) => cursor.map(|(since, after)| (since.to_owned(), after.to_owned()))?,
    };
    let mut statement = db.prepare_cached(
        "SELECT h.at, h.local_id FROM history h INDEXED BY history_by_time
         WHERE h.kind = ?1 AND h.at <= ?2 AND (h.at, h.local_id) > (?3, ?4) AND NOT EXISTS (
             SELECT 1 FROM history e WHERE e.kind = h.kind AND e.local_id = h.local_id AND (e.at, e.row) < (h.at, h.row))
         ORDER BY h.at, h.local_id",
    )?;
    let mut firsts = statement.query(params![kind.as_str(), at, since, after])?;
    let mut page = Page { rows: Vec::new(), next_cursor: None };
    while let Some(first) = firsts.next()? {
        let place = (first.get(0)?, first.get::<_, String>(1)?);
        let Some(state) = state_at(db, kind, &place.1, &at)? else { continue };
        if page.rows.len() == limit {
            page.next_cursor = Some(format!("{since} {after}"));
            break;
        }
        page.rows.push(state);
        (since, after) = place;
    }
    Ok(page)
}
