//! Opening the data file: settings of the connection, format check, proven copy before a change of format, migrations.
//!
//! A file is looked at before it is opened, and nothing about it changes before it is known to be whole and ours: not even by
//! closing it again.
//!
//! Absent on purpose: reading the whole file. Opening takes as long for three gigabytes as for three megabytes.

use super::file::look::{self, APPLICATION_ID, Header};
use super::file::{copy as copies, life, summary};
use crate::{Error, Result, private};
use rusqlite::backup::Backup;
use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};
use rusqlite_migration::{M, Migrations};
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;
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
    M::up(include_str!("migrations/0015_life.sql")),
    M::up(include_str!("migrations/0016_decided.sql")),
    M::up(include_str!("migrations/0017_deposits.sql")),
    M::up(include_str!("migrations/0018_link_order.sql")),
];

/// A file of at most so many pages is checked as a whole when it is opened: that takes a few milliseconds.
const CHECKED_AT_ONCE: u32 = 1_024;

/// What opening found.
pub struct Opened {
    /// The one connection that writes.
    pub writer: Connection,
    /// The file was not closed in order the last time, so it deserves a thorough look.
    pub unclean: bool,
    /// Changes of another copy that lay beside the file, where they are now.
    pub set_aside: Option<PathBuf>,
    /// Why the file was opened in a way that needs no room on the disk; nothing else can open it meanwhile.
    pub cramped: Option<Error>,
}

/// What is done about an older format.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Formats {
    /// Nothing: the file is refused.
    Leave,
    /// It is brought to the present one, after a copy was made.
    BringUp,
    /// Likewise, without another copy of what is a copy.
    BringUpCopy,
}

/// The newest format this app knows.
pub fn newest_format() -> Result<u32> {
    u32::try_from(MIGRATIONS.len()).map_err(|_| Error::Bug("too many formats".into()))
}

/// Opens the file as the one process that may change its format; makes it when there is none.
pub fn owner(path: &Path) -> Result<Opened> {
    let mut set_aside = None;
    let header = if let Some(header) = look::header(path)? {
        header
    } else {
        set_aside = without_file(path)?;
        create(path)?;
        look::header(path)?.ok_or_else(|| Error::Storage(format!("{} is gone", path.display())))?
    };
    let wal = private::told(path, "read", life::whose(path, header))?;
    if wal == life::Wal::Foreign {
        // Not before the file itself is known to be good: a file that is refused stays as it is, with all that lies beside it.
        refuse_unfit(path, header)?;
        set_aside = Some(private::told(path, "opened", life::set_aside(path))?);
        tracing::warn!("changes of another copy lay beside the data file and were moved aside");
    }
    let unclean = wal == life::Wal::Own;
    if !unclean {
        look::refuse_cut(path, header)?;
    }
    match writer(path, Formats::BringUp).and_then(begin_life) {
        Ok(writer) => Ok(Opened { writer, unclean, set_aside, cramped: None }),
        Err(error @ (Error::DiskFull | Error::Storage(_))) => {
            let cramped = why_cramped(path, error);
            // Such a disk may still be good enough to read from.
            let writer = exclusive(path).map_err(|_| same(&cramped))?;
            Ok(Opened { writer, unclean: false, set_aside, cramped: Some(cramped) })
        }
        Err(error) => Err(error),
    }
}

/// Makes the file differ from every copy of it that was made before, so that none of them can be taken for it once there are new changes
/// beside it.
fn begin_life(writer: Connection) -> Result<Connection> {
    writer.execute_batch(life::RENEW)?;
    // Another process that reads may keep it from being moved into the file; the mark is safe either way.
    writer.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
    Ok(writer)
}

/// Opens a copy that is to become a data file.
pub fn staged(path: &Path) -> Result<Opened> {
    let header = look::header(path)?.ok_or_else(|| Error::Storage(format!("{} is gone", path.display())))?;
    if private::told(path, "read", life::whose(path, header))? == life::Wal::Empty {
        look::refuse_cut(path, header)?;
    }
    let writer = writer(path, Formats::BringUpCopy)?;
    Ok(Opened { writer, unclean: false, set_aside: None, cramped: None })
}

/// Opens the file beside the process that may change its format. One that would have to be changed is refused.
pub fn guest(path: &Path) -> Result<Opened> {
    let Some(header) = look::header(path)? else {
        return Err(Error::FileInUse("the data file is being made by another Backroom; try again in a moment".into()));
    };
    if header.application_id != 0 && header.format > newest_format()? {
        return Err(Error::FileTooNew { found: header.format, known: newest_format()? });
    }
    Ok(Opened { writer: writer(path, Formats::Leave)?, unclean: false, set_aside: None, cramped: None })
}

/// A `-wal` without its file is moved aside, or SQLite would delete it.
fn without_file(path: &Path) -> Result<Option<PathBuf>> {
    let wal = life::wal_of(path);
    let left = wal.metadata().is_ok_and(|metadata| metadata.len() > 0);
    left.then(|| private::told(&wal, "moved aside", life::set_aside(path))).transpose()
}

/// Makes a new file: under another name first, so that there is never a file that is not whole.
fn create(path: &Path) -> Result<()> {
    let partial = life::beside(path, copies::PARTIAL);
    copies::discard(&partial);
    let made = (|| -> Result<()> {
        drop(private::told(path, "made", private::new_file(&partial))?);
        let mut connection = Connection::open(&partial)?;
        prepare(&connection)?;
        migrate(&mut connection, None, MIGRATIONS)?;
        connection.close().map_err(|(_, error)| Error::from(error))?;
        private::told(path, "made", std::fs::File::open(&partial).and_then(|file| file.sync_all()))?;
        private::told(path, "made", std::fs::rename(&partial, path))?;
        private::told(path, "made", path.parent().map_or(Ok(()), private::sync_folder))
    })();
    if made.is_err() {
        copies::discard(&partial);
    }
    made
}

/// Opens a connection that writes. Until the file is known to be good, closing the connection changes nothing about it.
fn writer(path: &Path, formats: Formats) -> Result<Connection> {
    let mut connection =
        Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
    prepare(&connection)?;
    check(&connection)?;
    let (found, known) = refuse_newer(&connection, MIGRATIONS)?;
    if found < known && formats == Formats::Leave {
        return Err(Error::FileInUse(
            "another Backroom has this data folder open with an older format; close it, then try again".into(),
        ));
    }
    connection.pragma_update(None, "journal_mode", "WAL")?;
    // FULL: what the owner saw saved, and every key of a send, survives a power cut.
    connection.pragma_update(None, "synchronous", "FULL")?;
    if connection.is_readonly("main")? {
        return Err(Error::FileUnusable(format!(
            "Backroom has no permission to write to {}; give your user account access to it",
            path.display()
        )));
    }
    migrate(&mut connection, (formats == Formats::BringUp).then_some(path), MIGRATIONS)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, false)?;
    Ok(connection)
}

/// Opens the file alone, with all that SQLite otherwise keeps in files beside it held in memory: reading needs no room on the disk.
fn exclusive(path: &Path) -> Result<Connection> {
    let connection =
        Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
    connection.pragma_update(None, "locking_mode", "EXCLUSIVE")?;
    prepare(&connection)?;
    check(&connection)?;
    let (found, known) = refuse_newer(&connection, MIGRATIONS)?;
    if found < known {
        return Err(Error::Storage("the file has to be brought to a new format first".into()));
    }
    connection.pragma_update(None, "synchronous", "FULL")?;
    Ok(connection)
}

/// Why a file that is there could not be opened in the usual way: tries what the disk does with a few bytes more.
fn why_cramped(path: &Path, error: Error) -> Error {
    let probe = life::beside(path, ".room");
    let _left_over = std::fs::remove_file(&probe);
    let tried = private::new_file(&probe).and_then(|mut file| {
        std::io::Write::write_all(&mut file, &vec![0; 64 * 1024])?;
        file.sync_all()
    });
    let _gone_either_way = std::fs::remove_file(&probe);
    match tried {
        Err(reason) => private::explain(path, "written", &reason),
        Ok(()) => error,
    }
}

/// The same error once more.
fn same(error: &Error) -> Error {
    match error {
        Error::DiskFull => Error::DiskFull,
        Error::FileUnusable(text) => Error::FileUnusable(text.clone()),
        Error::Storage(text) => Error::Storage(text.clone()),
        other => Error::Storage(other.to_string()),
    }
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
    // All at once: a copy in steps begins again whenever somebody writes in between.
    Backup::new(from, &mut connection)?.step(-1)?;
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
    // macOS keeps what was written in the drive's cache unless it is asked twice; elsewhere this does nothing.
    connection.pragma_update(None, "fullfsync", true)?;
    connection.pragma_update(None, "checkpoint_fullfsync", true)?;
    connection.set_prepared_statement_cache_capacity(256);
    super::keys::add_to(connection)?;
    Ok(())
}

/// What can be told of a file without opening it: newer than this app, or not ours.
fn refuse_unfit(path: &Path, header: Header) -> Result<()> {
    let known = newest_format()?;
    if header.format > known {
        return Err(Error::FileTooNew { found: header.format, known });
    }
    look::refuse_cut(path, header)?;
    let connection = summary::closed(path)?;
    check(&connection)
}

/// Refuses a file that is not ours, or whose tables can't be read. A small one is checked as a whole.
fn check(connection: &Connection) -> Result<()> {
    let format: u32 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    let known = newest_format()?;
    if format > known {
        return Err(Error::FileTooNew { found: format, known });
    }
    if !summary::is_ours(connection)? {
        return Err(Error::FileCorrupt("it belongs to another program".into()));
    }
    let pages: u32 = connection.pragma_query_value(None, "page_count", |row| row.get(0))?;
    if pages <= CHECKED_AT_ONCE { quick_check(connection) } else { Ok(()) }
}

/// Looks at every page, but not at every index entry.
pub fn quick_check(connection: &Connection) -> Result<()> {
    let answer: String = connection.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
    if answer == "ok" { Ok(()) } else { Err(Error::FileCorrupt(answer)) }
}

/// The file's format and the newest known one; a file newer than the app is left alone.
fn refuse_newer(connection: &Connection, formats: &[M<'static>]) -> Result<(u32, u32)> {
    let found: u32 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    let known = u32::try_from(formats.len()).map_err(|_| Error::Bug("too many formats".into()))?;
    if found > known { Err(Error::FileTooNew { found, known }) } else { Ok((found, known)) }
}

/// Brings the file to the newest of `formats`. One that is to be changed is copied first, and the copy proven; without that nothing is
/// changed.
fn migrate(connection: &mut Connection, path: Option<&Path>, formats: &[M<'static>]) -> Result<()> {
    let (found, known) = refuse_newer(connection, formats)?;
    if found == known {
        return Ok(());
    }
    if let Some(path) = path.filter(|_| found > 0) {
        keep_before(connection, path, known)?;
        // What the change writes is then known as this file's, should it be cut short.
        if found >= life::FORMAT {
            connection.execute_batch(life::RENEW)?;
        }
    }
    if found == 0 {
        connection.pragma_update(None, "application_id", APPLICATION_ID)?;
    }
    Migrations::from_slice(formats).to_latest(connection).map_err(|error| match error {
        rusqlite_migration::Error::RusqliteError { err, .. } => Error::from(err),
        other => Error::Storage(format!("the data file could not be brought to the new format: {other}")),
    })?;
    if connection.pragma_query_value::<i32, _>(None, "application_id", |row| row.get(0))? != APPLICATION_ID {
        connection.pragma_update(None, "application_id", APPLICATION_ID)?;
    }
    Ok(())
}

/// Keeps the file as it is before it is changed. A copy of an earlier try that holds the same is good enough.
fn keep_before(connection: &Connection, path: &Path, known: u32) -> Result<()> {
    let name = |number: u32| {
        let number = if number == 1 { String::new() } else { format!("-{number}") };
        path.with_extension(format!("before-format-{known}{number}.sqlite"))
    };
    let rows = summary::rows(connection)?;
    let holds_the_same = |copy: &Path| {
        let proven = summary::closed(copy).and_then(|copy| {
            summary::refuse_damaged(&copy)?;
            Ok(summary::rows(&copy)? == rows && summary::of(&copy)? == summary::of(connection)?)
        });
        proven.unwrap_or(false)
    };
    for number in 1.. {
        let copy = name(number);
        if !copy.exists() {
            copies::proven(connection, &copy, None, &AtomicBool::new(false))?;
            return Ok(());
        }
        if holds_the_same(&copy) {
            return Ok(());
        }
    }
    Ok(())
}

#[cfg(test)]
mod price_tests;

#[cfg(test)]
mod tests;

#[cfg(test)]
mod text_tests;

#[cfg(test)]
mod vendor_tests;
