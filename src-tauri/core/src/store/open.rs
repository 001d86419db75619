//! Opening the data file: settings of the connection, format check, copy before a change of format, migrations.

use crate::{Error, Result};
use rusqlite::{Connection, OpenFlags, OptionalExtension as _};
use rusqlite_migration::{M, Migrations};
use std::path::Path;
use std::time::Duration;

/// Every format the file ever had, oldest first. Entries are never changed once released.
const MIGRATIONS: &[M<'static>] = &[M::up(include_str!("migrations/0001_first.sql"))];

/// Marks the file as ours in its header: "Brm1".
const APPLICATION_ID: i32 = 0x4272_6d31;

/// Opens the one connection that writes.
pub fn writer(path: &Path) -> Result<Connection> {
    let mut connection = Connection::open(path)?;
    prepare(&connection)?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    // FULL: what the owner saw saved, and every key of a send, survives a power cut.
    connection.pragma_update(None, "synchronous", "FULL")?;
    check(&connection)?;
    migrate(&mut connection, Some(path))?;
    Ok(connection)
}

/// Opens a connection that only reads.
pub fn reader(path: &Path) -> Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    prepare(&connection)?;
    Ok(connection)
}

/// Opens a fresh file in memory.
pub fn memory() -> Result<Connection> {
    let mut connection = Connection::open_in_memory()?;
    prepare(&connection)?;
    migrate(&mut connection, None)?;
    Ok(connection)
}

fn prepare(connection: &Connection) -> Result<()> {
    connection.busy_timeout(Duration::from_secs(10))?;
    connection.pragma_update(None, "foreign_keys", true)?;
    connection.pragma_update(None, "trusted_schema", false)?;
    connection.set_prepared_statement_cache_capacity(256);
    Ok(())
}

/// Refuses a damaged file before anything is written to it.
fn check(connection: &Connection) -> Result<()> {
    let answer: Option<String> = connection.query_row("PRAGMA quick_check(1)", [], |row| row.get(0)).optional()?;
    match answer.as_deref() {
        Some("ok") => Ok(()),
        other => Err(Error::FileCorrupt(other.unwrap_or("no answer").to_owned())),
    }
}

fn migrate(connection: &mut Connection, path: Option<&Path>) -> Result<()> {
    let found: u32 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    let known = u32::try_from(MIGRATIONS.len()).map_err(|_| Error::Bug("too many formats".into()))?;
    if found > known {
        return Err(Error::FileTooNew { found, known });
    }
    if let Some(path) = path.filter(|_| found > 0 && found < known) {
        let copy = path.with_extension(format!("before-format-{known}.sqlite"));
        if !copy.exists() {
            connection.execute("VACUUM INTO ?1", [copy.to_string_lossy()])?;
        }
    }
    Migrations::from_slice(MIGRATIONS)
        .to_latest(connection)
        .map_err(|error| Error::Storage(format!("the data file could not be brought to the new format: {error}")))?;
    connection.pragma_update(None, "application_id", APPLICATION_ID)?;
    Ok(())
}
