//! Changes waiting to be sent. An entry says *that* a record has to go out; what goes out is rendered when it is first sent and
//! frozen then, so that every further try under its key sends the same.

use super::history::moment;
use super::links::{self, Link};
use super::{Db, Tx, dropped, problems, undo};
use crate::event::Tag;
use crate::ids::{ConnectionId, OutboxId};
use crate::sync::conflicts;
use crate::{Error, Result};
use chrono::{DateTime, Utc};
use connector_contract::{RecordKind, Safeguard};
use rusqlite::{OptionalExtension as _, Row, params};

/// What has to happen to the record over there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wish {
    /// Exist and look like ours: create or update, whichever is right when it is sent.
    Upsert,
    /// Be voided or deactivated.
    Retire,
}

/// Where an entry stands, as stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Not tried since it was made or reset.
    Waiting,
    /// A request may be under way, or was when the app ended.
    Sending,
    /// The last try certainly had no effect; it is tried again by itself.
    Retrying,
    /// A try may have had its effect.
    Unknown,
    /// Certainly without effect, and trying again unchanged is useless: refused, in conflict or given up.
    Rejected,
}

impl State {
    /// The stored name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Sending => "sending",
            Self::Retrying => "retrying",
            Self::Unknown => "unknown",
            Self::Rejected => "rejected",
        }
    }

    /// Whether a try may have had its effect.
    pub const fn is_unsettled(self) -> bool {
        matches!(self, Self::Sending | Self::Unknown)
    }

    fn parse(text: &str) -> Self {
        // The column's CHECK allows nothing else.
        match text {
            "sending" => Self::Sending,
            "retrying" => Self::Retrying,
            "unknown" => Self::Unknown,
            "rejected" => Self::Rejected,
            _ => Self::Waiting,
        }
    }
}

/// An entry.
#[derive(Debug, Clone)]
pub struct Entry {
    /// Position in the queue.
    pub row: i64,
    /// Id; with `generation` it is the idempotency key.
    pub id: OutboxId,
    /// Which connection.
    pub connection_id: ConnectionId,
    /// Kind of record.
    pub kind: RecordKind,
    /// Local id of the record.
    pub local_id: String,
    /// `create`, `update` or `retire`.
    pub operation: String,
    /// Raised when a new effect is wanted under the same entry.
    pub generation: u32,
    /// Where it stands.
    pub state: State,
    /// What was first sent, frozen.
    pub payload: Option<String>,
    /// Tries since it was made or the owner last said "try again"; waits grow with them.
    pub attempts: u32,
    /// Tries before that.
    pub tried_before: u32,
    /// Not before this moment.
    pub next_attempt_at: Option<String>,
    /// Why it waits, as a sentence; empty when nothing holds it up.
    pub why: String,
    /// When it was made.
    pub created_at: String,
}

impl Entry {
    /// All tries of this change, as people are shown them.
    pub const fn tries(&self) -> u32 {
        self.attempts.saturating_add(self.tried_before)
    }
}

const COLUMNS: &str = "row, id, connection_id, kind, local_id, operation, generation, state, payload, attempts, \
                       next_attempt_at, why, created_at, tried_before";

fn read(row: &Row<'_>) -> rusqlite::Result<Entry> {
    Ok(Entry {
        row: row.get(0)?,
        id: row.get(1)?,
        connection_id: row.get(2)?,
        kind: kind(&row.get::<_, String>(3)?).map_err(|error| rusqlite::Error::UserFunctionError(Box::new(error)))?,
        local_id: row.get(4)?,
        operation: row.get(5)?,
        generation: row.get(6)?,
        state: State::parse(&row.get::<_, String>(7)?),
        payload: row.get(8)?,
        attempts: row.get(9)?,
        next_attempt_at: row.get(10)?,
        why: row.get(11)?,
        created_at: row.get(12)?,
        tried_before: row.get(13)?,
    })
}

/// The kind with a stored name.
pub fn kind(name: &str) -> Result<RecordKind> {
    Ok(serde_json::from_value(serde_json::Value::String(name.to_owned()))?)
}

/// Queues a change of a record for every connection that takes this kind. Called in the transaction that changes the record.
///
/// The connection the change came from (`Tx::set_origin`) is left out, and so is one where the record was deleted. An entry not
/// yet tried is reused, because it will be rendered from the newest state anyway; so is a refused one, under a new key. One
/// that may have had its effect keeps payload and key, and a second entry queues behind it. Retiring a record that was never
/// sent cancels its entry instead.
pub fn enqueue(tx: &Tx<'_>, kind: RecordKind, local_id: &str, wish: Wish, now: DateTime<Utc>) -> Result<()> {
    links::forget_archived_here(tx, kind, local_id)?;
    for connection in targets(tx, kind)? {
        if tx.origin() != Some(connection) {
            enqueue_for(tx, connection, kind, local_id, wish, now)?;
        }
    }
    Ok(())
}

/// The connections that take this kind.
pub fn targets(tx: &Tx<'_>, kind: RecordKind) -> Result<Vec<ConnectionId>> {
    let mut statement =
        tx.prepare_cached("SELECT connection_id FROM connection_kinds WHERE kind = ?1 AND sends = 1")?;
    let rows = statement.query_map([kind.as_str()], |row| row.get(0))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// [`enqueue`] for one connection.
pub fn enqueue_for(
    tx: &Tx<'_>,
    connection: ConnectionId,
    kind: RecordKind,
    local_id: &str,
    wish: Wish,
    now: DateTime<Utc>,
) -> Result<()> {
    let link = links::by_local(&tx.db(), connection, kind, local_id)?;
    if link.as_ref().is_some_and(Link::is_closed) {
        return Ok(());
    }
    let link = link.filter(|link| !link.deleted);
    if wish == Wish::Upsert && conflicts::stays_open(tx, connection, kind, local_id, now)? {
        return Ok(());
    }
    let entries = of_record(&tx.db(), connection, kind, local_id)?;
    // After a restore, one that has yet to be written down may have been sent all the same.
    let sent =
        |entry: &Entry| (entry.payload.is_some() || entry.state.is_unsettled()) && entry.state != State::Rejected;
    let there = link.is_some() || entries.iter().any(sent);
    let reusable = entries.iter().rev().find(|entry| !sent(entry));
    tx.changed(Tag::Outbox);
    if let Some(entry) = reusable {
        problems::clear_entry(tx, entry.id)?;
        // Older ones without effect, such as a second one held by the same conflict, would hold it up for ever.
        for older in entries.iter().filter(|older| !sent(older) && older.id != entry.id) {
            problems::clear_entry(tx, older.id)?;
            remove(tx, older.id)?;
        }
    }
    problems::clear_outgoing(tx, connection, kind, local_id)?;
    links::settle(tx, connection, kind, local_id, now)?;
    undo::overtake(tx, kind, local_id)?;
    dropped::settled(tx, connection, kind, local_id)?;
    let operation = match (wish, there) {
        (Wish::Retire, true) => "retire",
        (Wish::Retire, false) => {
            if let Some(entry) = reusable {
                remove(tx, entry.id)?;
            }
            return Ok(());
        }
        (Wish::Upsert, true) => "update",
        (Wish::Upsert, false) => "create",
    };
    match reusable {
        Some(entry) => {
            reset(tx, entry.id, now)?;
            // Another content: what was refused before says nothing about it.
            let sql = "UPDATE outbox SET operation = ?2, tried_before = 0 WHERE id = ?1";
            tx.execute(sql, params![entry.id, operation])?;
        }
        None => {
            tx.prepare_cached(
                "INSERT INTO outbox (id, connection_id, kind, local_id, operation, state, created_at, updated_at)
                 VALUES (?1, ?2, ?3, ?4, ?5, 'waiting', ?6, ?6)",
            )?
            .execute(params![
                OutboxId::new(),
                connection,
                kind.as_str(),
                local_id,
                operation,
                moment(now)
            ])?;
        }
    }
    Ok(())
}

/// All entries of a record for a connection, oldest first.
pub fn of_record(db: &Db<'_>, connection: ConnectionId, kind: RecordKind, local_id: &str) -> Result<Vec<Entry>> {
    let mut statement = db.prepare_cached(&format!(
        "SELECT {COLUMNS} FROM outbox WHERE kind = ?2 AND local_id = ?3 AND connection_id = ?1 ORDER BY row"
    ))?;
    let rows = statement.query_map(params![connection, kind.as_str(), local_id], read)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// One entry.
pub fn get(db: &Db<'_>, id: OutboxId) -> Result<Option<Entry>> {
    let mut statement = db.prepare_cached(&format!("SELECT {COLUMNS} FROM outbox WHERE id = ?1"))?;
    Ok(statement.query_row([id], read).optional()?)
}

/// Entries of all connections whose last try may have had its effect.
pub fn unsettled(db: &Db<'_>) -> Result<Vec<Entry>> {
    let mut statement =
        db.prepare_cached(&format!("SELECT {COLUMNS} FROM outbox WHERE state IN ('sending', 'unknown') ORDER BY row"))?;
    let rows = statement.query_map([], read)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Which entries to look at when looking for the next to send.
#[derive(Debug, Clone, Copy)]
pub struct Wanted {
    /// Kind of record.
    pub kind: RecordKind,
    /// Retirements, or everything else.
    pub retire: bool,
    /// Only those whose earlier try may have had its effect.
    pub unsettled: bool,
}

/// The first due entry after `row` that no earlier entry of the same record holds up.
pub fn next(
    db: &Db<'_>,
    connection: ConnectionId,
    wanted: Wanted,
    row: i64,
    now: DateTime<Utc>,
) -> Result<Option<Entry>> {
    let mut statement = db.prepare_cached(&format!(
        "SELECT {COLUMNS} FROM outbox o
         WHERE connection_id = ?1 AND row > ?2 AND kind = ?3 AND (operation = 'retire') = ?4 AND state <> 'rejected'
             AND (NOT ?5 OR state IN ('sending', 'unknown'))
             AND (next_attempt_at IS NULL OR next_attempt_at <= ?6 OR state = 'sending')
             AND NOT EXISTS (SELECT 1 FROM outbox e WHERE e.kind = o.kind AND e.local_id = o.local_id
                 AND e.connection_id = o.connection_id AND e.row < o.row)
         ORDER BY row LIMIT 1"
    ))?;
    let Wanted { kind, retire, unsettled } = wanted;
    Ok(statement.query_row(params![connection, row, kind.as_str(), retire, unsettled, moment(now)], read).optional()?)
}

/// Freezes what is sent and counts the try. Committed before the request leaves.
pub fn freeze(tx: &Tx<'_>, id: OutboxId, payload: &str, operation: &str, now: DateTime<Utc>) -> Result<()> {
    if Safeguard::KeyOnDisk.is_broken() {
        return Ok(());
    }
    let updated = tx
        .prepare_cached(
            "UPDATE outbox SET state = 'sending', payload = ?2, operation = ?3, attempts = attempts + 1, why = '',
                 next_attempt_at = NULL, updated_at = ?4 WHERE id = ?1",
        )?
        .execute(params![id, payload, operation, moment(now)])?;
    tx.changed(Tag::Outbox);
    if updated == 1 { Ok(()) } else { Err(Error::Bug("an entry of the outbox is gone".into())) }
}

/// The last try said nothing about the entry and does not count.
pub fn take_try_back(tx: &Tx<'_>, id: OutboxId) -> Result<()> {
    tx.prepare_cached("UPDATE outbox SET attempts = max(attempts - 1, 0) WHERE id = ?1")?.execute([id])?;
    tx.changed(Tag::Outbox);
    Ok(())
}

/// Where an entry stands after a try.
pub fn settle(
    tx: &Tx<'_>,
    id: OutboxId,
    state: State,
    next_attempt_at: Option<DateTime<Utc>>,
    why: &str,
    now: DateTime<Utc>,
) -> Result<()> {
    tx.prepare_cached(
        "UPDATE outbox SET state = ?2, next_attempt_at = ?3, why = ?4, updated_at = ?5
         WHERE id = ?1 AND (state <> ?2 OR why <> ?4 OR next_attempt_at IS NOT ?3)",
    )?
    .execute(params![id, state.as_str(), next_attempt_at.map(moment), why, moment(now)])?;
    tx.changed(Tag::Outbox);
    Ok(())
}

/// Makes an entry that certainly had no effect ready again: it is rendered anew and goes out under a new key.
pub fn reset(tx: &Tx<'_>, id: OutboxId, now: DateTime<Utc>) -> Result<()> {
    tx.prepare_cached(
        "UPDATE outbox SET state = 'waiting', generation = generation + (payload IS NOT NULL), payload = NULL,
             tried_before = tried_before + attempts, attempts = 0, next_attempt_at = NULL, why = '', updated_at = ?2 WHERE id = ?1",
    )?
    .execute(params![id, moment(now)])?;
    tx.changed(Tag::Outbox);
    Ok(())
}

/// How many changes of a connection are put off beyond `soon`, and until when the first of them is. `None` when none is.
pub fn put_off(db: &Db<'_>, connection: ConnectionId, soon: DateTime<Utc>) -> Result<Option<(u32, DateTime<Utc>)>> {
    let (count, first): (u32, Option<String>) = db
        .prepare_cached(
            "SELECT COUNT(*), MIN(next_attempt_at) FROM outbox
             WHERE connection_id = ?1 AND state IN ('retrying', 'unknown') AND next_attempt_at > ?2",
        )?
        .query_row(params![connection, moment(soon)], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let first = first.and_then(|first| DateTime::parse_from_rfc3339(&first).ok());
    Ok(first.map(|first| (count, first.to_utc())))
}

/// Makes an entry due at once without changing what it sends.
pub fn hurry(tx: &Tx<'_>, id: OutboxId) -> Result<()> {
    tx.execute(
        "UPDATE outbox SET next_attempt_at = NULL, tried_before = tried_before + attempts, attempts = 0
         WHERE id = ?1",
        [id],
    )?;
    tx.changed(Tag::Outbox);
    Ok(())
}

/// Takes an entry off the queue.
pub fn remove(tx: &Tx<'_>, id: OutboxId) -> Result<()> {
    tx.prepare_cached("DELETE FROM outbox WHERE id = ?1")?.execute([id])?;
    tx.changed(Tag::Outbox);
    Ok(())
}

/// Entries of all connections.
pub fn count(db: &Db<'_>) -> Result<u32> {
    Ok(db.prepare_cached("SELECT count(*) FROM outbox")?.query_row([], |row| row.get(0))?)
}

/// Entries made before a moment that are still here.
pub fn count_older(db: &Db<'_>, before: DateTime<Utc>) -> Result<u32> {
    Ok(db.query_row("SELECT count(*) FROM outbox WHERE created_at < ?1", [moment(before)], |row| row.get(0))?)
}

/// Entries after a position, in order, with whether an earlier entry of the same record goes first.
pub fn page(db: &Db<'_>, after: i64, limit: u32) -> Result<Vec<(Entry, bool)>> {
    let mut statement = db.prepare_cached(&format!(
        "SELECT {COLUMNS}, EXISTS (SELECT 1 FROM outbox e WHERE e.kind = o.kind AND e.local_id = o.local_id
             AND e.connection_id = o.connection_id AND e.row < o.row)
         FROM outbox o WHERE row > ?1 ORDER BY row LIMIT ?2"
    ))?;
    let rows = statement.query_map(params![after, limit], |row| Ok((read(row)?, row.get(14)?)))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}
