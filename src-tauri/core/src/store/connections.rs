//! Connections and which kinds of records they move. Holds no secret.

use super::history::moment;
use super::{Db, Tx};
use crate::Result;
use crate::event::Tag;
use crate::ids::ConnectionId;
use chrono::{DateTime, Utc};
use connector_contract::{Capability, Direction, RecordKind};
use rusqlite::{OptionalExtension as _, Row, params};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A connection as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConnectionRow {
    /// Id.
    pub id: ConnectionId,
    /// Vendor id.
    pub vendor: String,
    /// `production` or `practice`.
    pub environment: String,
    /// The vendor's id of the account.
    pub account_id: String,
    /// The account's name.
    pub account_name: String,
    /// `live` or `test`, where the vendor has modes.
    pub mode: Option<String>,
    /// Home currency of the account, where known.
    pub currency: Option<String>,
    /// `ready`, `unreachable` or `needs_sign_in`.
    pub state: String,
    /// One line on the state.
    pub state_text: String,
    /// Replaced base URLs by endpoint id.
    pub endpoints: BTreeMap<String, String>,
    /// Chosen settings by setting id.
    pub settings: BTreeMap<String, String>,
    /// The vendor's options for the settings, as last fetched.
    pub choices: Vec<StoredChoice>,
    /// The redirect URI it was signed in with.
    pub redirect_uri: Option<String>,
    /// Everything the owner had before connecting has been queued for the vendor.
    pub backfilled: bool,
    /// When a run last ended well for it (RFC 3339, UTC).
    pub last_synced_at: Option<String>,
}

/// An option of a setting.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredChoice {
    /// Which setting.
    pub setting: String,
    /// The vendor's id.
    pub value: String,
    /// The vendor's name.
    pub label: String,
    /// The connector's suggestion.
    pub suggested: bool,
}

const COLUMNS: &str = "id, vendor, environment, account_id, account_name, mode, currency, state, state_text, endpoints, \
                       settings, choices, redirect_uri, backfilled, last_synced_at";

fn read(row: &Row<'_>) -> rusqlite::Result<ConnectionRow> {
    let json = |index: usize| -> rusqlite::Result<String> { row.get(index) };
    let broken = |error: serde_json::Error| rusqlite::Error::UserFunctionError(Box::new(error));
    Ok(ConnectionRow {
        id: row.get(0)?,
        vendor: row.get(1)?,
        environment: row.get(2)?,
        account_id: row.get(3)?,
        account_name: row.get(4)?,
        mode: row.get(5)?,
        currency: row.get(6)?,
        state: row.get(7)?,
        state_text: row.get(8)?,
        endpoints: serde_json::from_str(&json(9)?).map_err(broken)?,
        settings: serde_json::from_str(&json(10)?).map_err(broken)?,
        choices: serde_json::from_str(&json(11)?).map_err(broken)?,
        redirect_uri: row.get(12)?,
        backfilled: row.get(13)?,
        last_synced_at: row.get(14)?,
    })
}

/// All connections, oldest first.
pub fn all(db: &Db<'_>) -> Result<Vec<ConnectionRow>> {
    let mut statement = db.prepare_cached(&format!("SELECT {COLUMNS} FROM connections ORDER BY created_at, id"))?;
    Ok(statement.query_map([], read)?.collect::<rusqlite::Result<_>>()?)
}

/// One connection.
pub fn get(db: &Db<'_>, id: ConnectionId) -> Result<Option<ConnectionRow>> {
    let mut statement = db.prepare_cached(&format!("SELECT {COLUMNS} FROM connections WHERE id = ?1"))?;
    Ok(statement.query_row([id], read).optional()?)
}

/// The connection to an account.
pub fn by_account(db: &Db<'_>, vendor: &str, environment: &str, account: &str) -> Result<Option<ConnectionRow>> {
    let mut statement = db.prepare_cached(&format!(
        "SELECT {COLUMNS} FROM connections WHERE vendor = ?1 AND environment = ?2 AND account_id = ?3"
    ))?;
    Ok(statement.query_row([vendor, environment, account], read).optional()?)
}

/// Adds a connection, or replaces what is known of it.
pub fn put(tx: &Tx<'_>, row: &ConnectionRow, now: DateTime<Utc>) -> Result<()> {
    tx.prepare_cached(
        "INSERT INTO connections (id, vendor, environment, account_id, account_name, mode, currency, state, state_text,
             endpoints, settings, choices, redirect_uri, backfilled, last_synced_at, created_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)
         ON CONFLICT (id) DO UPDATE SET account_name = ?5, mode = ?6, currency = ?7, state = ?8, state_text = ?9,
             endpoints = ?10, settings = ?11, choices = ?12, redirect_uri = ?13, backfilled = ?14, last_synced_at = ?15",
    )?
    .execute(params![
        row.id,
        row.vendor,
        row.environment,
        row.account_id,
        row.account_name,
        row.mode,
        row.currency,
        row.state,
        row.state_text,
        serde_json::to_string(&row.endpoints)?,
        serde_json::to_string(&row.settings)?,
        serde_json::to_string(&row.choices)?,
        row.redirect_uri,
        row.backfilled,
        row.last_synced_at,
        moment(now),
    ])?;
    tx.changed(Tag::Connections);
    Ok(())
}

/// Connections that take records of this kind.
pub fn that_send(db: &Db<'_>, kind: RecordKind) -> Result<Vec<ConnectionRow>> {
    let mut statement =
        db.prepare_cached("SELECT connection_id FROM connection_kinds WHERE kind = ?1 AND sends = 1")?;
    let ids: Vec<ConnectionId> =
        statement.query_map([kind.as_str()], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
    let rows: Vec<Option<ConnectionRow>> = ids.into_iter().map(|id| get(db, id)).collect::<Result<_>>()?;
    Ok(rows.into_iter().flatten().collect())
}

/// Sets which kinds move which way.
pub fn set_kinds(tx: &Tx<'_>, id: ConnectionId, capabilities: &[Capability]) -> Result<()> {
    tx.execute("DELETE FROM connection_kinds WHERE connection_id = ?1", [id])?;
    let mut statement = tx.prepare_cached(
        "INSERT INTO connection_kinds (connection_id, kind, sends, receives) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT (connection_id, kind) DO UPDATE SET sends = max(sends, excluded.sends),
             receives = max(receives, excluded.receives)",
    )?;
    for Capability { kind, direction } in capabilities {
        let (sends, receives) = (*direction != Direction::In, *direction != Direction::Out);
        statement.execute(params![id, kind.as_str(), sends, receives])?;
    }
    Ok(())
}

/// Sets the state and says whether it is another one than before.
pub fn set_state(tx: &Tx<'_>, id: ConnectionId, state: &str, text: &str) -> Result<bool> {
    let before: Option<String> = tx
        .prepare_cached("SELECT state FROM connections WHERE id = ?1")?
        .query_row([id], |row| row.get(0))
        .optional()?;
    let changed = tx
        .prepare_cached(
            "UPDATE connections SET state = ?2, state_text = ?3 WHERE id = ?1 AND (state <> ?2 OR state_text <> ?3)",
        )?
        .execute(params![id, state, text])?;
    if changed > 0 {
        tx.changed(Tag::Connections);
    }
    Ok(before.is_some_and(|before| before != state))
}

/// Notes that a run ended well for it.
pub fn mark_synced(tx: &Tx<'_>, id: ConnectionId, now: DateTime<Utc>) -> Result<()> {
    tx.prepare_cached("UPDATE connections SET last_synced_at = ?2 WHERE id = ?1")?.execute(params![id, moment(now)])?;
    tx.changed(Tag::Connections);
    Ok(())
}

/// Notes that everything from before connecting has been queued.
pub fn mark_backfilled(tx: &Tx<'_>, id: ConnectionId) -> Result<()> {
    tx.execute("UPDATE connections SET backfilled = 1 WHERE id = ?1", [id])?;
    Ok(())
}

/// Removes it with its links, cursors, outbox and problems. Runs and local records stay.
pub fn delete(tx: &Tx<'_>, id: ConnectionId) -> Result<()> {
    tx.execute("DELETE FROM connections WHERE id = ?1", [id])?;
    for tag in [Tag::Connections, Tag::Outbox, Tag::Problems] {
        tx.changed(tag);
    }
    Ok(())
}

/// Waiting changes and problems of one connection.
pub fn counts(db: &Db<'_>, id: ConnectionId) -> Result<(u32, u32)> {
    Ok(db
        .prepare_cached(
            "SELECT (SELECT count(*) FROM outbox WHERE connection_id = ?1),
                    (SELECT count(*) FROM problems WHERE connection_id = ?1)",
        )?
        .query_row([id], |row| Ok((row.get(0)?, row.get(1)?)))?)
}

/// A named value of the sync that no table fits, such as a brake that the owner released.
pub fn note(db: &Db<'_>, name: &str) -> Result<Option<String>> {
    Ok(db
        .prepare_cached("SELECT value FROM settings WHERE name = ?1")?
        .query_row([name], |row| row.get(0))
        .optional()?)
}

/// Sets such a value; `None` removes it.
pub fn set_note(tx: &Tx<'_>, name: &str, value: Option<&str>) -> Result<()> {
    match value {
        Some(value) => tx.execute(
            "INSERT INTO settings (name, value) VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
            params![name, value],
        )?,
        None => tx.execute("DELETE FROM settings WHERE name = ?1", [name])?,
    };
    Ok(())
}

/// Compares the file with its own check sums; the first fault found, or `None`.
pub fn integrity_fault(db: &Db<'_>) -> Result<Option<String>> {
    let answer: String = db.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0))?;
    let orphan: Option<String> = db.query_row("PRAGMA foreign_key_check", [], |row| row.get(0)).optional()?;
    Ok(match (answer.as_str(), orphan) {
        ("ok", None) => None,
        ("ok", Some(table)) => Some(format!("a row of {table} refers to a record that is gone")),
        (fault, _) => Some(fault.to_owned()),
    })
}
