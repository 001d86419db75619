//! What a file holds, told without opening it as the data file: whose company, how many records, the newest change, and what the
//! app noted about a copy when it made it.

use super::look::{self, APPLICATION_ID};
use crate::{Error, Result};
use rusqlite::{Connection, OpenFlags, OptionalExtension as _};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::Path;

/// Name of the setting that makes a file a copy: what is noted in it.
const NOTE: &str = "backup";

/// How many records of the kinds an owner knows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, specta::Type)]
#[expect(missing_docs, reason = "the names say it")]
pub struct Counts {
    pub customers: u32,
    pub items: u32,
    pub orders: u32,
    pub invoices: u32,
    pub payments: u32,
}

/// What a file holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summary {
    /// The company's name; `None` before the welcome.
    pub company: Option<String>,
    /// Format of the tables.
    pub format: u32,
    /// How many records.
    pub counts: Counts,
    /// When a record was last changed (RFC 3339, UTC).
    pub newest: Option<String>,
}

/// What is noted in a copy, so that a list of copies need not count.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Note {
    /// When it was made (RFC 3339, UTC).
    pub made_at: String,
    /// What it holds.
    pub summary: Summary,
}

/// A connection to a closed file that changes nothing about it and needs no files beside it. What lies in a `-wal` is not seen.
pub fn closed(path: &Path) -> Result<Connection> {
    let text = path.to_str().ok_or_else(|| Error::FileUnusable(format!("{} is no readable name", path.display())))?;
    let mut address = String::from("file:");
    for character in text.chars() {
        match character {
            '%' => address.push_str("%25"),
            '?' => address.push_str("%3f"),
            '#' => address.push_str("%23"),
            other => address.push(other),
        }
    }
    address.push_str("?immutable=1");
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(address, flags)?;
    connection.pragma_update(None, "trusted_schema", false)?;
    // Indexes may be made of them, and the check of the file computes those.
    super::super::keys::add_to(&connection)?;
    Ok(connection)
}

/// What a closed file holds, and what is noted in it when it is a copy. A file that is none of ours, cut short or from a newer
/// Backroom is refused.
pub fn of_file(path: &Path) -> Result<(Summary, Option<Note>)> {
    let header = look::header(path)?.ok_or(Error::NotFound("file"))?;
    look::refuse_cut(path, header)?;
    let known = super::super::open::newest_format()?;
    if header.format > known {
        return Err(Error::FileTooNew { found: header.format, known });
    }
    let connection = closed(path)?;
    if !is_ours(&connection)? {
        return Err(Error::FileCorrupt(format!("{} is not a Backroom data file", path.display())));
    }
    let note = note(&connection)?;
    let summary = match &note {
        Some(note) => note.summary.clone(),
        None => of(&connection)?,
    };
    Ok((summary, note))
}

/// Whether a file has our sign and our tables; the very first version of the app could leave the sign out.
pub fn is_ours(connection: &Connection) -> Result<bool> {
    let sign: i32 = connection.pragma_query_value(None, "application_id", |row| row.get(0))?;
    let tables: u32 = connection.query_row(
        "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name IN ('company', 'settings', 'ledger_entries', 'history')",
        [],
        |row| row.get(0),
    )?;
    Ok((sign == APPLICATION_ID || sign == 0) && tables == 4)
}

/// What a file holds, counted.
pub fn of(connection: &Connection) -> Result<Summary> {
    let count = |table: &str| -> Result<u32> {
        Ok(connection.query_row(&format!("SELECT count(*) FROM {table}"), [], |row| row.get(0))?)
    };
    Ok(Summary {
        company: connection.query_row("SELECT name FROM company", [], |row| row.get(0)).optional()?,
        format: connection.pragma_query_value(None, "user_version", |row| row.get(0))?,
        counts: Counts {
            customers: count("customers")?,
            items: count("items")?,
            orders: count("orders")?,
            invoices: count("invoices")?,
            payments: count("payments")?,
        },
        newest: connection
            .query_row("SELECT at FROM history ORDER BY row DESC LIMIT 1", [], |row| row.get(0))
            .optional()?,
    })
}

/// The rows of every table: what a copy must have too.
pub fn rows(connection: &Connection) -> Result<BTreeMap<String, i64>> {
    let mut statement = connection.prepare(
        "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type IN ('table', 'virtual') AND name NOT LIKE 'sqlite%'",
    )?;
    let names: Vec<String> = statement.query_map([], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
    let count = |name: String| {
        let quoted = name.replace('"', "\"\"");
        let rows = connection.query_row(&format!("SELECT count(*) FROM \"{quoted}\""), [], |row| row.get(0))?;
        Ok((name, rows))
    };
    names.into_iter().map(count).collect()
}

/// Runs the whole check of SQLite; says what is wrong with the file.
pub fn refuse_damaged(connection: &Connection) -> Result<()> {
    let answer: String = connection.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0))?;
    if answer == "ok" { Ok(()) } else { Err(Error::FileCorrupt(answer)) }
}

/// What is noted in a copy.
pub fn note(connection: &Connection) -> Result<Option<Note>> {
    let text: Option<String> =
        connection.query_row("SELECT value FROM settings WHERE name = ?1", [NOTE], |row| row.get(0)).optional()?;
    Ok(text.and_then(|text| serde_json::from_str(&text).ok()))
}

/// Notes something in a copy.
pub fn set_note(connection: &Connection, note: &Note) -> Result<()> {
    connection.execute(
        "INSERT OR REPLACE INTO settings (name, value) VALUES (?1, ?2)",
        [NOTE, &serde_json::to_string(note)?],
    )?;
    Ok(())
}

/// The file is a copy no more.
pub fn clear_note(connection: &Connection) -> Result<bool> {
    Ok(connection.execute("DELETE FROM settings WHERE name = ?1", [NOTE])? > 0)
}
