//! Runs of the sync, their parts per connection, and what they changed field by field.

use super::history::moment;
use super::{Db, Tx};
use crate::event::{Event, Tag};
use crate::ids::{ConnectionId, RunId};
use crate::sync::{ChangeDirection, RunChange, RunPartView, RunState, RunTrigger, RunView};
use crate::view::FieldChange;
use crate::{Error, Result};
use chrono::{DateTime, Utc};
use connector_contract::RecordKind;
use rusqlite::{OptionalExtension as _, params};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// A part to come.
#[derive(Debug, Clone)]
pub struct NewPart {
    /// Which connection.
    pub connection_id: ConnectionId,
    /// The vendor's name.
    pub vendor_name: String,
    /// The account's name.
    pub account_name: String,
}

/// What a step adds to a part's counters.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub struct Counts {
    pub read: u32,
    pub created: u32,
    pub updated: u32,
    pub sent: u32,
    pub problems: u32,
}

/// A change a run made.
#[derive(Debug, Clone)]
pub struct NewChange<'a> {
    /// The vendor's name.
    pub vendor_name: &'a str,
    /// Which way.
    pub direction: ChangeDirection,
    /// Kind of record.
    pub kind: RecordKind,
    /// Local id.
    pub local_id: Option<&'a str>,
    /// Name or number.
    pub title: &'a str,
    /// `created`, `updated`, `deleted`, `voided`, ….
    pub action: &'a str,
    /// Field by field.
    pub fields: &'a [FieldChange],
}

fn name(value: &impl Serialize) -> Result<String> {
    match serde_json::to_value(value)? {
        serde_json::Value::String(text) => Ok(text),
        _ => Err(Error::Bug("a stored name is not a text".into())),
    }
}

fn named<T: DeserializeOwned>(text: String) -> Result<T> {
    Ok(serde_json::from_value(serde_json::Value::String(text))?)
}

/// Begins a run. Only one can be open.
pub fn begin(tx: &Tx<'_>, id: RunId, trigger: RunTrigger, parts: &[NewPart], now: DateTime<Utc>) -> Result<()> {
    tx.prepare_cached("INSERT INTO runs (id, trigger, state, started_at) VALUES (?1, ?2, 'running', ?3)")?
        .execute(params![id, name(&trigger)?, moment(now)])?;
    for (position, part) in parts.iter().enumerate() {
        tx.prepare_cached(
            "INSERT INTO run_parts (run_id, connection_id, position, vendor_name, account_name, state)
             VALUES (?1, ?2, ?3, ?4, ?5, 'queued')",
        )?
        .execute(params![
            id,
            part.connection_id,
            u32::try_from(position).unwrap_or(u32::MAX),
            part.vendor_name,
            part.account_name
        ])?;
    }
    announce(tx, id, now)
}

/// Sends the run's snapshot once committed.
pub fn announce(tx: &Tx<'_>, id: RunId, now: DateTime<Utc>) -> Result<()> {
    tx.changed(Tag::Runs);
    if let Some(run) = view(&tx.db(), id, now)? {
        tx.after_commit(Event::Run { run });
    }
    Ok(())
}

/// Moves a part on and adds to its counters.
pub fn advance(
    tx: &Tx<'_>,
    run: RunId,
    connection: ConnectionId,
    state: RunState,
    step: &str,
    counts: Counts,
    now: DateTime<Utc>,
) -> Result<()> {
    tx.prepare_cached(
        "UPDATE run_parts SET state = ?3, step = ?4, read_count = read_count + ?5, created_count = created_count + ?6,
             updated_count = updated_count + ?7, sent_count = sent_count + ?8, problem_count = problem_count + ?9
         WHERE run_id = ?1 AND connection_id = ?2",
    )?
    .execute(params![
        run,
        connection,
        name(&state)?,
        step,
        counts.read,
        counts.created,
        counts.updated,
        counts.sent,
        counts.problems,
    ])?;
    announce(tx, run, now)
}

/// Ends a part.
pub fn end_part(
    tx: &Tx<'_>,
    run: RunId,
    connection: ConnectionId,
    state: RunState,
    error: Option<&str>,
    now: DateTime<Utc>,
) -> Result<()> {
    tx.prepare_cached(
        "UPDATE run_parts SET state = ?3, step = '', error = ?4 WHERE run_id = ?1 AND connection_id = ?2",
    )?
    .execute(params![run, connection, name(&state)?, error])?;
    announce(tx, run, now)
}

/// Ends a run and what is left of its parts.
pub fn end(tx: &Tx<'_>, id: RunId, state: RunState, now: DateTime<Utc>) -> Result<()> {
    tx.prepare_cached(
        "UPDATE run_parts SET state = ?2, step = '' WHERE run_id = ?1 AND state IN ('queued', 'running')",
    )?
    .execute(params![id, name(&state)?])?;
    tx.prepare_cached("UPDATE runs SET state = ?2, finished_at = ?3 WHERE id = ?1 AND state = 'running'")?
        .execute(params![id, name(&state)?, moment(now)])?;
    tx.changed(Tag::Connections);
    announce(tx, id, now)
}

/// The open run.
pub fn open(db: &Db<'_>) -> Result<Option<RunId>> {
    Ok(db.prepare_cached("SELECT id FROM runs WHERE state = 'running'")?.query_row([], |row| row.get(0)).optional()?)
}

/// The last run that ended.
pub fn last_ended(db: &Db<'_>) -> Result<Option<RunId>> {
    Ok(db
        .prepare_cached("SELECT id FROM runs WHERE state <> 'running' ORDER BY row DESC LIMIT 1")?
        .query_row([], |row| row.get(0))
        .optional()?)
}

/// The newest run of all, if the app ended before it did.
pub fn newest_if_interrupted(db: &Db<'_>) -> Result<Option<RunId>> {
    Ok(db
        .prepare_cached("SELECT id FROM runs WHERE row = (SELECT max(row) FROM runs) AND state = 'interrupted'")?
        .query_row([], |row| row.get(0))
        .optional()?)
}

/// A run as it is now.
pub fn view(db: &Db<'_>, id: RunId, now: DateTime<Utc>) -> Result<Option<RunView>> {
    let row = db
        .prepare_cached("SELECT trigger, state, started_at, finished_at FROM runs WHERE id = ?1")?
        .query_row([id], |row| {
            Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?, row.get::<_, String>(2)?, row.get(3)?))
        })
        .optional()?;
    let Some((trigger, state, started_at, finished_at)) = row else { return Ok(None) };
    let finished_at: Option<String> = finished_at;
    let until = finished_at.as_deref().map_or_else(|| moment(now), str::to_owned);
    Ok(Some(RunView {
        id,
        trigger: named(trigger)?,
        state: named(state)?,
        duration_ms: milliseconds(&started_at, &until),
        started_at,
        finished_at,
        parts: parts(db, id)?,
    }))
}

fn milliseconds(from: &str, to: &str) -> u32 {
    let parse = |text: &str| DateTime::parse_from_rfc3339(text).ok();
    let length = parse(from).zip(parse(to)).map(|(from, to)| (to - from).num_milliseconds());
    u32::try_from(length.unwrap_or_default().max(0)).unwrap_or(u32::MAX)
}

fn parts(db: &Db<'_>, run: RunId) -> Result<Vec<RunPartView>> {
    let mut statement = db.prepare_cached(
        "SELECT connection_id, vendor_name, account_name, state, step, read_count, created_count, updated_count,
             sent_count, problem_count, error
         FROM run_parts WHERE run_id = ?1 ORDER BY position",
    )?;
    let mut rows = statement.query([run])?;
    let mut parts = Vec::new();
    while let Some(row) = rows.next()? {
        parts.push(RunPartView {
            connection_id: row.get(0)?,
            vendor_name: row.get(1)?,
            account_name: row.get(2)?,
            state: named(row.get(3)?)?,
            step: row.get(4)?,
            read_count: row.get(5)?,
            created_count: row.get(6)?,
            updated_count: row.get(7)?,
            sent_count: row.get(8)?,
            problem_count: row.get(9)?,
            error: row.get(10)?,
        });
    }
    Ok(parts)
}

/// Runs before a position, newest first, each with its position.
pub fn page(db: &Db<'_>, before: i64, limit: u32, now: DateTime<Utc>) -> Result<Vec<(i64, RunView)>> {
    let mut statement = db.prepare_cached("SELECT row, id FROM runs WHERE row < ?1 ORDER BY row DESC LIMIT ?2")?;
    let ids: Vec<(i64, RunId)> = statement
        .query_map(params![before, limit], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<rusqlite::Result<_>>()?;
    ids.into_iter().filter_map(|(row, id)| Some(view(db, id, now).transpose()?.map(|view| (row, view)))).collect()
}

/// Notes a change.
pub fn add_change(tx: &Tx<'_>, run: RunId, change: &NewChange<'_>, now: DateTime<Utc>) -> Result<()> {
    tx.prepare_cached(
        "INSERT INTO run_changes (run_id, at, vendor_name, direction, kind, local_id, title, action, fields)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
    )?
    .execute(params![
        run,
        moment(now),
        change.vendor_name,
        name(&change.direction)?,
        change.kind.as_str(),
        change.local_id,
        change.title,
        change.action,
        serde_json::to_string(change.fields)?,
    ])?;
    Ok(())
}

/// Changes of a run before a position, newest first, each with its position.
pub fn changes(db: &Db<'_>, run: RunId, before: i64, limit: u32) -> Result<Vec<(i64, RunChange)>> {
    let mut statement = db.prepare_cached(
        "SELECT row, at, vendor_name, direction, kind, local_id, title, action, fields FROM run_changes
         WHERE run_id = ?1 AND row < ?2 ORDER BY row DESC LIMIT ?3",
    )?;
    let mut rows = statement.query(params![run, before, limit])?;
    let mut changes = Vec::new();
    while let Some(row) = rows.next()? {
        let change = RunChange {
            at: row.get(1)?,
            vendor_name: row.get(2)?,
            direction: named(row.get(3)?)?,
            kind: row.get(4)?,
            record_id: row.get(5)?,
            title: row.get(6)?,
            action: row.get(7)?,
            fields: serde_json::from_str(&row.get::<_, String>(8)?)?,
        };
        changes.push((row.get(0)?, change));
    }
    Ok(changes)
}
