//! Copies of the data file that are proven before they get their name: copied at one moment of the file, closed, opened again,
//! checked by SQLite as a whole, and compared table by table with the moment they are of.
//!
//! The copy is taken from a connection that holds one moment open while the copy is made, so writers neither wait for it nor make
//! it begin again, and its rows can be compared exactly.
//!
//! Absent on purpose: when copies are made and which are kept.

use super::look::APPLICATION_ID;
use super::{life, look, summary};
use crate::{Error, Result, private};
use rusqlite::Connection;
use rusqlite::backup::{Backup, StepResult};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

/// Pages between two looks at whether the copy is still wanted.
const PAGES: i32 = 4_096;

/// Ending of a copy that is not proven yet.
pub const PARTIAL: &str = ".part";

/// Copies the file that `from` is open on, to a place where nothing is. `made_at` is noted in the copy; without it the copy stays as
/// the file is, as before a change of the format. Ends early, leaving nothing, once `stop` is set.
pub fn proven(from: &Connection, to: &Path, made_at: Option<&str>, stop: &AtomicBool) -> Result<summary::Summary> {
    let partial = life::beside(to, PARTIAL);
    discard(&partial);
    let made = copy(from, &partial, made_at, stop).and_then(|found| {
        private::told(&partial, "written", std::fs::File::open(&partial).and_then(|file| file.sync_all()))?;
        if to.exists() {
            return Err(Error::Refused(format!("{} exists already; choose another name.", to.display())));
        }
        private::told(to, "written", std::fs::rename(&partial, to))?;
        private::told(to, "written", to.parent().map_or(Ok(()), private::sync_folder))?;
        Ok(found)
    });
    if made.is_err() {
        discard(&partial);
    }
    made
}

/// Removes what is left of a copy that was never proven.
pub fn discard(partial: &Path) {
    for ending in ["", "-wal", "-shm", "-journal"] {
        let _mostly_not_there = std::fs::remove_file(life::beside(partial, ending));
    }
}

fn copy(from: &Connection, partial: &Path, made_at: Option<&str>, stop: &AtomicBool) -> Result<summary::Summary> {
    // Nothing else reads on this connection, and what it sees stays the same until the copy is made.
    from.execute_batch("BEGIN")?;
    let copied = (|| -> Result<_> {
        let rows = summary::rows(from)?;
        let found = summary::of(from)?;
        drop(private::told(partial, "written", private::new_file(partial))?);
        let mut to = Connection::open(partial)?;
        to.pragma_update(None, "synchronous", "OFF")?;
        step(from, &mut to, stop)?;
        Ok((to, rows, found))
    })();
    from.execute_batch("ROLLBACK")?;
    let (to, mut rows, found) = copied?;
    // One file, which needs nothing beside it. What was not yet written is on disk before it gets its name.
    to.pragma_update(None, "locking_mode", "EXCLUSIVE")?;
    let mode: String = to.pragma_update_and_check(None, "journal_mode", "DELETE", |row| row.get(0))?;
    if mode != "delete" {
        return Err(Error::Bug(format!("a copy stays in the mode {mode}")));
    }
    if found.format >= life::FORMAT {
        // A state of its own: changes left over from the file it was taken from are not its changes.
        to.execute_batch(life::RENEW)?;
    }
    if let Some(made_at) = made_at {
        let before = summary::clear_note(&to)?;
        summary::set_note(&to, &summary::Note { made_at: made_at.to_owned(), summary: found.clone() })?;
        *rows.entry("settings".to_owned()).or_default() += i64::from(!before);
    }
    to.close().map_err(|(_, error)| Error::from(error))?;
    prove(partial, &rows, &found)?;
    Ok(found)
}

fn step(from: &Connection, to: &mut Connection, stop: &AtomicBool) -> Result<()> {
    let backup = Backup::new(from, to)?;
    loop {
        if stop.load(Ordering::Relaxed) {
            return Err(Error::Refused("Backroom is quitting; the copy was not finished.".into()));
        }
        match backup.step(PAGES)? {
            StepResult::Done => return Ok(()),
            StepResult::More => {}
            other => return Err(Error::Storage(format!("the file could not be copied: {other:?}"))),
        }
    }
}

/// Opens the copy as anybody would and compares it with what it is of.
fn prove(path: &Path, rows: &std::collections::BTreeMap<String, i64>, found: &summary::Summary) -> Result<()> {
    let header = look::header(path)?.ok_or_else(|| Error::Storage("the copy is gone".into()))?;
    look::refuse_cut(path, header)?;
    let copy = summary::closed(path)?;
    summary::refuse_damaged(&copy)?;
    let sign: i32 = copy.pragma_query_value(None, "application_id", |row| row.get(0))?;
    if (sign != APPLICATION_ID && sign != 0) || header.format != found.format {
        return Err(Error::FileCorrupt("the copy is not of the file it was taken from".into()));
    }
    if summary::of(&copy)? != *found || summary::rows(&copy)? != *rows {
        return Err(Error::FileCorrupt("the copy does not hold what the file held".into()));
    }
    Ok(())
}
