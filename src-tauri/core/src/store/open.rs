//! Opening the data file: settings of the connection, format check, copy before a change of format, migrations.

use crate::{Error, Result};
use rusqlite::backup::Backup;
use rusqlite::{Connection, OpenFlags, OptionalExtension as _};
use rusqlite_migration::{M, Migrations};
use std::path::Path;
use std::time::Duration;

/// Every format the file ever had, oldest first. Entries are never changed once released.
const MIGRATIONS: &[M<'static>] = &[
    M::up(include_str!("migrations/0001_first.sql")),
    M::up(include_str!("migrations/0002_plan.sql")),
    M::up(include_str!("migrations/0003_undo.sql")),
    M::up(include_str!("migrations/0004_audit.sql")),
    M::up(include_str!("migrations/0005_history.sql")),
    M::up(include_str!("migrations/0006_brakes.sql")),
    M::up(include_str!("migrations/0007_takeback.sql")),
    M::up(include_str!("migrations/0008_problems.sql")),
    M::up(include_str!("migrations/0009_audit_not_listed.sql")),
    M::up(include_str!("migrations/0010_seen.sql")),
    M::up(include_str!("migrations/0011_prices.sql")),
    M::up(include_str!("migrations/0012_text_keys.sql")),
    M::up(include_str!("migrations/0013_money_in.sql")),
    M::up(include_str!("migrations/0014_shipping.sql")),
    M::up(include_str!("migrations/0015_decided.sql")),
];

/// Pages of the file that are copied in one go.
const COPIED_AT_ONCE: i32 = 4_096;

/// Marks the file as ours in its header: "Brm1".
const APPLICATION_ID: i32 = 0x4272_6d31;

/// Opens the one connection that writes.
pub fn writer(path: &Path) -> Result<Connection> {
    let mut connection = Connection::open(path)?;
    prepare(&connection)?;
    check(&connection)?;
    refuse_newer(&connection, MIGRATIONS)?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    // FULL: what the owner saw saved, and every key of a send, survives a power cut.
    connection.pragma_update(None, "synchronous", "FULL")?;
    migrate(&mut connection, Some(path), MIGRATIONS)?;
    Ok(connection)
}

/// Opens a connection that only reads.
pub fn reader(path: &Path) -> Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    prepare(&connection)?;
    Ok(connection)
}

/// Copies a file to a nameless one that lies in memory as far as it fits and is gone when closed.
pub fn copy(from: &Connection) -> Result<Connection> {
    let mut connection = Connection::open("")?;
    {
        let backup = Backup::new(from, &mut connection)?;
        backup.run_to_completion(COPIED_AT_ONCE, Duration::ZERO, None)?;
    }
    prepare(&connection)?;
    // Nobody needs it after a crash; only a step that fails has to be undone.
    connection.pragma_update(None, "journal_mode", "MEMORY")?;
    connection.pragma_update(None, "synchronous", "OFF")?;
    Ok(connection)
}

/// Opens a fresh file in memory.
pub fn memory() -> Result<Connection> {
    let mut connection = Connection::open_in_memory()?;
    prepare(&connection)?;
    migrate(&mut connection, None, MIGRATIONS)?;
    Ok(connection)
}

/// Opens a file that several connections of this process share in memory. A fresh one is a copy of one that was migrated before.
#[cfg(feature = "testing")]
pub fn shared(address: &str) -> Result<Connection> {
    static FRESH: parking_lot::Mutex<Option<Connection>> = parking_lot::Mutex::new(None);
    let mut connection = Connection::open(address)?;
    prepare(&connection)?;
    if refuse_newer(&connection, MIGRATIONS)?.0 == 0 {
        let mut fresh = FRESH.lock();
        if fresh.is_none() {
            *fresh = Some(memory()?);
        }
        if let Some(fresh) = fresh.as_ref() {
            rusqlite::backup::Backup::new(fresh, &mut connection)?.step(-1)?;
        }
    }
    migrate(&mut connection, None, MIGRATIONS)?;
    Ok(connection)
}

fn prepare(connection: &Connection) -> Result<()> {
    connection.busy_timeout(Duration::from_secs(10))?;
    connection.pragma_update(None, "foreign_keys", true)?;
    connection.pragma_update(None, "trusted_schema", false)?;
    connection.set_prepared_statement_cache_capacity(256);
    super::keys::add_to(connection)?;
    Ok(())
}

/// Refuses a damaged file before anything is written to it.
fn check(connection: &Connection) -> Result<()> {
    let answer: Option<String> = connection.query_row("PRAGMA quick_check(1)", [], |row| row.get(0)).optional()?;
    if answer.as_deref() != Some("ok") {
        return Err(Error::FileCorrupt(answer.unwrap_or_else(|| "no answer".to_owned())));
    }
    let owner: i32 = connection.pragma_query_value(None, "application_id", |row| row.get(0))?;
    match owner {
        0 | APPLICATION_ID => Ok(()),
        _ => Err(Error::FileCorrupt("it belongs to another program".into())),
    }
}

/// The file's format and the newest known one; a file newer than the app is left alone.
fn refuse_newer(connection: &Connection, formats: &[M<'static>]) -> Result<(u32, u32)> {
    let found: u32 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    let known = u32::try_from(formats.len()).map_err(|_| Error::Bug("too many formats".into()))?;
    if found > known { Err(Error::FileTooNew { found, known }) } else { Ok((found, known)) }
}

/// Brings the file to the newest of `formats`, after copying one that is to be changed.
fn migrate(connection: &mut Connection, path: Option<&Path>, formats: &[M<'static>]) -> Result<()> {
    let (found, known) = refuse_newer(connection, formats)?;
    if let Some(path) = path.filter(|_| found > 0 && found < known) {
        let copy = path.with_extension(format!("before-format-{known}.sqlite"));
        if !copy.exists() {
            connection.execute("VACUUM INTO ?1", [copy.to_string_lossy()])?;
        }
    }
    Migrations::from_slice(formats)
        .to_latest(connection)
        .map_err(|error| Error::Storage(format!("the data file could not be brought to the new format: {error}")))?;
    connection.pragma_update(None, "application_id", APPLICATION_ID)?;
    Ok(())
}

#[cfg(test)]
mod price_tests;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_runs_did_before_history_named_them_is_found_by_its_time() {
        let mut file = Connection::open_in_memory().expect("a file");
        prepare(&file).expect("settings");
        migrate(&mut file, None, &MIGRATIONS[..4]).expect("the format before");
        file.execute_batch(
            "INSERT INTO runs (id, trigger, state, started_at, finished_at) VALUES
                 ('first', 'owner', 'done', '2026-11-20T10:00:00.000Z', '2026-11-20T10:01:00.000Z'),
                 ('second', 'owner', 'done', '2026-11-20T11:00:00.000Z', '2026-11-20T11:01:00.000Z');
             INSERT INTO history (kind, local_id, at, who, action, fields) VALUES
                 ('customer', 'a', '2026-11-20T09:00:00.000Z', 'Books', 'created', '[]'),
                 ('customer', 'a', '2026-11-20T10:00:30.000Z', 'Books', 'updated', '[]'),
                 ('customer', 'a', '2026-11-20T10:00:40.000Z', 'owner', 'updated', '[]'),
                 ('customer', 'a', '2026-11-20T10:30:00.000Z', 'Books', 'updated', '[]'),
                 ('customer', 'a', '2026-11-20T11:01:00.000Z', 'undo', 'updated', '[]');",
        )
        .expect("a past");
        migrate(&mut file, None, MIGRATIONS).expect("the newest format");
        let mut statement = file.prepare("SELECT run_id FROM history ORDER BY row").expect("a query");
        let runs: Vec<Option<String>> =
            statement.query_map([], |row| row.get(0)).expect("rows").collect::<rusqlite::Result<_>>().expect("runs");
        assert_eq!(runs, [None, Some("first".into()), None, None, Some("second".into())]);
    }

    #[test]
    fn a_file_is_copied_before_its_format_changes() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("data.sqlite");
        let mut file = writer(&path).expect("a file");
        file.execute("INSERT INTO settings VALUES ('a', '1')", []).expect("a row");
        migrate(&mut file, Some(&path), MIGRATIONS).expect("nothing to do");
        let mut next = MIGRATIONS.to_vec();
        next.push(M::up("CREATE TABLE later (a TEXT) STRICT"));
        let newest = u32::try_from(next.len()).expect("few");
        let copy = path.with_extension(format!("before-format-{newest}.sqlite"));
        assert!(!copy.exists(), "no change, no copy");
        migrate(&mut file, Some(&path), &next).expect("the next format");
        file.execute("INSERT INTO later VALUES ('new')", []).expect("the new table");
        let copied = Connection::open(&copy).expect("a copy");
        let version: u32 = copied.pragma_query_value(None, "user_version", |row| row.get(0)).expect("a version");
        let rows: u32 = copied.query_row("SELECT count(*) FROM settings", [], |row| row.get(0)).expect("a count");
        assert_eq!((version, rows), (newest - 1, 1), "as it was before");
        let older = migrate(&mut file, None, MIGRATIONS);
        assert!(matches!(older, Err(Error::FileTooNew { found, known }) if (found, known) == (newest, newest - 1)));
    }
}

#[cfg(test)]
mod text_tests;
