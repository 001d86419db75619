//! The connections of an open data file: taking one, and closing, copying or replacing the file under them.
//!
//! Readers close first and the writer last. The last connection to close moves everything into the file and removes what lies beside
//! it, and only one that may write can do that.
//!
//! Absent on purpose: transactions and events, which are the store's.

use super::file::{copy, life, summary};
use super::{Db, Store, open};
use crate::{Error, Result};
use parking_lot::{MappedMutexGuard, Mutex, MutexGuard};
use rusqlite::{Connection, InterruptHandle};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

/// Read-only connections beside the one writer; a desktop window rarely asks for more at once.
const READERS: usize = 3;

/// A connection, until the file is closed.
type Slot = Mutex<Option<Connection>>;

/// The open file.
pub(super) struct Handle {
    /// Where the file lies; `None` for one in memory.
    path: Option<PathBuf>,
    writer: Slot,
    /// None for a file in memory or one that is opened alone, where the writer reads too.
    readers: Vec<Slot>,
    /// Ends what the readers are at.
    interrupts: Mutex<Vec<InterruptHandle>>,
    /// Held while a copy is made.
    copying: Mutex<()>,
    /// A copy that is being made is no longer wanted.
    stopping: AtomicBool,
    found: Mutex<Found>,
}

/// What opening the file found.
#[derive(Debug, Default)]
pub struct Found {
    /// The file was not closed in order and nobody has looked at it thoroughly since.
    pub unclean: bool,
    /// Where changes of another copy are now that lay beside the file.
    pub set_aside: Option<PathBuf>,
    /// Why nothing can be saved now.
    pub cramped: Option<Error>,
}

impl Handle {
    pub(super) fn memory(writer: Connection) -> Self {
        Self {
            path: None,
            writer: Mutex::new(Some(writer)),
            readers: Vec::new(),
            interrupts: Mutex::default(),
            copying: Mutex::default(),
            stopping: AtomicBool::default(),
            found: Mutex::default(),
        }
    }

    fn file(path: &Path, opened: open::Opened) -> Result<Self> {
        let empty = || (0..READERS).map(|_| Mutex::new(None)).collect();
        let readers = if opened.cramped.is_some() { Vec::new() } else { empty() };
        let handle = Self { path: Some(path.to_path_buf()), readers, ..Self::memory(opened.writer) };
        for slot in &handle.readers {
            let reader = open::reader(path)?;
            handle.interrupts.lock().push(reader.get_interrupt_handle());
            *slot.lock() = Some(reader);
        }
        let Handle { found, .. } = &handle;
        *found.lock() = Found { unclean: opened.unclean, set_aside: opened.set_aside, cramped: opened.cramped };
        Ok(handle)
    }

    pub(super) fn reader(&self) -> Result<MappedMutexGuard<'_, Connection>> {
        let free = self.readers.iter().find_map(Mutex::try_lock);
        taken(free.or_else(|| self.readers.first().map(Mutex::lock)).unwrap_or_else(|| self.writer.lock()))
    }

    pub(super) fn writer(&self) -> Result<MappedMutexGuard<'_, Connection>> {
        taken(self.writer.lock())
    }

    /// What every write begins with: nothing is written into a file that a newer app has changed meanwhile, and the file's changes can
    /// be told from those of any other.
    pub(super) fn begin_write(&self, transaction: &Connection) -> Result<()> {
        if self.path.is_none() {
            return Ok(());
        }
        let found: u32 = transaction.prepare_cached("PRAGMA user_version")?.query_row([], |row| row.get(0))?;
        let known = open::newest_format()?;
        if found > known {
            return Err(Error::FileTooNew { found, known });
        }
        transaction.prepare_cached(life::RENEW)?.execute([])?;
        Ok(())
    }

    /// Closes everything, readers first. What is being written is waited for; what is being read or copied is ended.
    fn close(&self) -> Result<()> {
        self.stopping.store(true, Ordering::Relaxed);
        for interrupt in self.interrupts.lock().drain(..) {
            interrupt.interrupt();
        }
        let _no_copy = self.copying.lock();
        for reader in &self.readers {
            drop(reader.lock().take());
        }
        self.writer.lock().take().map_or(Ok(()), close_writer)
    }
}

/// A connection out of its slot, while the file is open.
fn taken(slot: MutexGuard<'_, Option<Connection>>) -> Result<MappedMutexGuard<'_, Connection>> {
    MutexGuard::try_map(slot, Option::as_mut).map_err(|_| Error::Storage("the data file is closed".into()))
}

/// Moves everything into the file, then closes it. Another process that reads may keep a part of it in the `-wal`; the file then stays
/// sound, and that process, or the next start, does the rest.
fn close_writer(writer: Connection) -> Result<()> {
    let moved = writer.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()));
    writer.close().map_err(|(_, error)| Error::from(error))?;
    Ok(moved?)
}

impl Store {
    /// Opens or makes the data file as the one process that may bring it to a newer format, which it does after copying it.
    pub fn open(path: &Path) -> Result<Self> {
        Ok(Self::over(Handle::file(path, open::owner(path)?)?))
    }

    /// Opens the data file beside the process that may change its format. A file that is missing or has an older format is refused.
    pub fn open_as_guest(path: &Path) -> Result<Self> {
        Ok(Self::over(Handle::file(path, open::guest(path)?)?))
    }

    /// Opens a copy that is to become a data file: it is brought to the present format without another copy of it.
    pub fn open_staged(path: &Path) -> Result<Self> {
        Ok(Self::over(Handle::file(path, open::staged(path)?)?))
    }

    /// A data file in memory, for tests and rehearsals.
    pub fn in_memory() -> Result<Self> {
        Ok(Self::over(Handle::memory(open::memory()?)))
    }

    /// A data file that several connections of this process share in memory, by a `file:` address.
    #[cfg(feature = "testing")]
    pub(crate) fn shared(address: &str) -> Result<Self> {
        Ok(Self::over(Handle::memory(open::shared(address)?)))
    }

    /// A copy to rehearse on, in a file of its own that nobody else can open and that is gone with it.
    pub fn copy(&self) -> Result<Self> {
        let copied = open::copy(&*self.handle.reader()?)?;
        Ok(Self::over(Handle::memory(copied)))
    }

    /// Closes the file in order: from then on it alone holds everything. A second time does nothing.
    pub fn close(&self) -> Result<()> {
        self.handle.close()
    }

    /// What opening the file found.
    pub fn found<T>(&self, look: impl FnOnce(&mut Found) -> T) -> T {
        look(&mut self.handle.found.lock())
    }

    /// Looks at the whole file, on a connection of its own. Says what is wrong with it.
    pub fn check_thoroughly(&self) -> Result<()> {
        let Some(path) = self.own_readers() else { return self.read(|db| open::quick_check(db)) };
        let _no_closing_meanwhile = self.handle.copying.lock();
        let connection = open::reader(path)?;
        self.handle.interrupts.lock().push(connection.get_interrupt_handle());
        open::quick_check(&connection)
    }

    /// Copies the file as it is at this moment, proves the copy, and only then gives it its name. Writers go on meanwhile.
    pub fn copy_to(&self, to: &Path, made_at: &str) -> Result<summary::Summary> {
        let _one_at_a_time = self.handle.copying.lock();
        match self.own_readers() {
            Some(path) => copy::proven(&open::reader(path)?, to, Some(made_at), &self.handle.stopping),
            None => copy::proven(&*self.handle.writer()?, to, Some(made_at), &self.handle.stopping),
        }
    }

    /// Where connections that read can be opened; not where the writer is the only one.
    fn own_readers(&self) -> Option<&Path> {
        self.handle.path.as_deref().filter(|_| !self.handle.readers.is_empty())
    }

    /// What the file holds now.
    pub fn summary(&self) -> Result<summary::Summary> {
        self.read(|db: &Db<'_>| summary::of(db))
    }

    /// Puts another file in the place of this one: closes it, lets `swap` do it, and opens what is there then. Everybody else waits.
    pub fn replace(&self, swap: impl FnOnce() -> Result<()>) -> Result<()> {
        let Handle { path, writer, readers, interrupts, copying, .. } = &self.handle;
        let Some(path) = path else { return Err(Error::Refused("There is no data file to replace.".into())) };
        let _no_copy = copying.lock();
        let mut readers: Vec<_> = readers.iter().map(Mutex::lock).collect();
        let mut writer = writer.lock();
        interrupts.lock().clear();
        for reader in &mut readers {
            drop(reader.take());
        }
        writer.take().map_or(Ok(()), close_writer)?;
        let swapped = swap();
        let opened = open::owner(path)?;
        *writer = Some(opened.writer);
        for slot in &mut readers {
            let reader = open::reader(path)?;
            interrupts.lock().push(reader.get_interrupt_handle());
            **slot = Some(reader);
        }
        *self.handle.found.lock() =
            Found { unclean: opened.unclean, set_aside: opened.set_aside, cramped: opened.cramped };
        swapped
    }
}

impl Drop for Store {
    fn drop(&mut self) {
        if let Err(error) = self.close() {
            tracing::warn!(%error, "the data file could not be closed in order; the next start puts it right");
        }
    }
}
