//! The data file. All SQL of the product lies in this folder: one file per table group, with the rows' types and functions.
//!
//! Absent on purpose: rules. Functions here take a [`Tx`] or a [`Db`] and plain values; what may be written is decided in the
//! area modules.

pub mod audits;
pub mod brakes;
pub mod charge_match;
pub mod charges;
pub mod columns;
pub mod company;
pub mod conflicts;
pub mod connections;
pub mod cursors;
pub mod customers;
pub mod decisions;
pub mod dropped;
pub mod export;
pub mod file;
mod handle;
pub mod history;
pub mod invoice_list;
pub mod invoices;
pub mod items;
mod keys;
pub mod ledger;
pub mod ledger_check;
pub mod links;
pub mod money;
pub mod money_lists;
mod open;
pub mod orders;
pub mod outbox;
pub mod page;
pub mod parked;
pub mod payment_match;
pub mod payments;
pub mod payouts;
pub mod pick;
pub mod plan_items;
pub mod plans;
pub mod problems;
pub mod record_sync;
pub mod reports;
pub mod restored;
pub mod runs;
pub mod search;
pub mod searchable;
pub mod shipments;
pub mod snapshots;
pub mod stock;
pub mod sums;
pub mod totals;
pub mod undo;

use crate::event::{Event, Tag};
use crate::ids::{ConnectionId, RunId};
use crate::sync::supervise::caught_now;
use crate::{Error, Result};
use connector_contract::Safeguard;
use parking_lot::Mutex;
use rusqlite::{Connection, Transaction, TransactionBehavior};
use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;
use std::ops::Deref;
use std::sync::Arc;

/// Told what was committed, in order. Runs on the writing thread, so it must be quick.
pub type Listener = Arc<dyn Fn(&Event) + Send + Sync>;

/// An open data file: one writer, a few readers. Opening, closing and copying it is in `handle`.
pub struct Store {
    handle: handle::Handle,
    listeners: Mutex<Vec<Listener>>,
    #[cfg(feature = "testing")]
    pub(crate) ending: crate::testing::Ending,
}

/// A connection that may only read.
pub struct Db<'a>(&'a Connection);

impl Deref for Db<'_> {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        self.0
    }
}

/// An open write. Everything in it is committed together, and only then do listeners hear of it.
pub struct Tx<'a> {
    transaction: Transaction<'a>,
    tags: RefCell<BTreeSet<Tag>>,
    events: RefCell<Vec<Event>>,
    /// The connection whose records are being applied; they are not sent back to where they came from.
    origin: Cell<Option<ConnectionId>>,
    /// The run that writes; the history names it.
    run: Cell<Option<RunId>>,
}

impl Tx<'_> {
    /// Marks queries with this tag as stale once committed.
    pub fn changed(&self, tag: Tag) {
        self.tags.borrow_mut().insert(tag);
    }

    /// Sends an event once committed. A newer snapshot of the same run takes the place of the one before: what is told is what was
    /// committed.
    pub fn after_commit(&self, event: Event) {
        let mut events = self.events.borrow_mut();
        if let Event::Run { run } = &event {
            events.retain(|told| !matches!(told, Event::Run { run: before } if before.id == run.id));
        }
        events.push(event);
    }

    /// Says that everything written from here on came from this connection, so that `outbox::enqueue` leaves it out.
    pub fn set_origin(&self, connection: Option<ConnectionId>) {
        self.origin.set(connection);
    }

    /// The connection the records being written came from.
    pub fn origin(&self) -> Option<ConnectionId> {
        self.origin.get()
    }

    /// Says that everything written from here on is done by this run, or by the owner.
    pub fn set_run(&self, run: Option<RunId>) {
        self.run.set(run);
    }

    /// The run that writes; `None` for the owner.
    pub fn run(&self) -> Option<RunId> {
        self.run.get()
    }

    /// Does a part that can fail by itself: an error undoes the part and only the part, with what it wanted to announce. The
    /// outer result is an error when the whole transaction is lost, such as with a full disk.
    pub fn attempt<T>(&self, part: impl FnOnce() -> Result<T>) -> Result<Result<T>> {
        let (tags, events) = (self.tags.borrow().clone(), self.events.borrow().len());
        self.prepare_cached("SAVEPOINT part")?.execute([])?;
        // A record that trips a fault of ours is that record's trouble, like one that is refused.
        let outcome = caught_now("a record", part).unwrap_or_else(|panicked| Err(panicked.into()));
        match &outcome {
            Ok(_) => drop(self.prepare_cached("RELEASE part")?.execute([])?),
            Err(Error::DiskFull | Error::FileCorrupt(_) | Error::Storage(_) | Error::FileInUse(_)) => {
                return outcome.map(Ok);
            }
            Err(_) => {
                self.execute_batch("ROLLBACK TO part; RELEASE part")?;
                *self.tags.borrow_mut() = tags;
                self.events.borrow_mut().truncate(events);
            }
        }
        Ok(outcome)
    }

    /// The same data, for functions that only read.
    pub fn db(&self) -> Db<'_> {
        Db(&self.transaction)
    }
}

impl Deref for Tx<'_> {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        &self.transaction
    }
}

impl Store {
    fn over(handle: handle::Handle) -> Self {
        Self {
            handle,
            listeners: Mutex::default(),
            #[cfg(feature = "testing")]
            ending: crate::testing::Ending::default(),
        }
    }

    /// Adds a listener for committed changes.
    pub fn listen(&self, listener: Listener) {
        self.listeners.lock().push(listener);
    }

    /// Reads. The closure is synchronous, so no outside call can keep a connection busy.
    pub fn read<T>(&self, work: impl FnOnce(&Db<'_>) -> Result<T>) -> Result<T> {
        let connection = self.handle.reader()?;
        work(&Db(&connection))
    }

    /// Writes all or nothing. The closure is synchronous, so no outside call can happen inside a transaction. Events go out
    /// only after the commit.
    pub fn write<T>(&self, work: impl FnOnce(&Tx<'_>) -> Result<T>) -> Result<T> {
        let (value, told) = {
            let mut connection = self.handle.writer()?;
            let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            self.handle.begin_write(&transaction)?;
            let tx = Tx {
                transaction,
                tags: RefCell::default(),
                events: RefCell::default(),
                origin: Cell::new(None),
                run: Cell::new(None),
            };
            let value = work(&tx)?;
            let Tx { transaction, tags, events, .. } = tx;
            let tags: Vec<Tag> = tags.into_inner().into_iter().collect();
            let changed = (!tags.is_empty()).then_some(Event::Changed { tags });
            let told: Vec<Event> = changed.into_iter().chain(events.into_inner()).collect();
            if Safeguard::EventAfterCommit.is_broken() {
                self.tell_all(&told);
            }
            transaction.commit()?;
            (value, told)
        };
        #[cfg(feature = "testing")]
        self.ending.committed();
        self.tell_all(&told);
        Ok(value)
    }

    fn tell_all(&self, events: &[Event]) {
        for event in events {
            self.tell(event);
        }
    }

    /// [`Store::write`] by a run, which the history of what is written names.
    pub fn write_in_run<T>(&self, run: RunId, work: impl FnOnce(&Tx<'_>) -> Result<T>) -> Result<T> {
        self.write(|tx| {
            tx.set_run(Some(run));
            work(tx)
        })
    }

    /// Sends an event that stands for no change of data, such as the end of a sign-in.
    pub fn tell(&self, event: &Event) {
        let listeners = self.listeners.lock().clone();
        for listener in listeners {
            // What was committed stays committed, and the other listeners hear of it, whatever one of them does.
            let _ = caught_now("a listener", || listener(event));
        }
    }
}

impl From<rusqlite::Error> for Error {
    fn from(error: rusqlite::Error) -> Self {
        use rusqlite::ErrorCode;
        // Sums of whole numbers either stop at their largest value or turn into a REAL, which no column takes.
        let said = error.to_string();
        if said.contains("cannot store REAL value in INTEGER column") || said.contains("integer overflow") {
            return Self::Refused(format!(
                "A sum would be larger than {}, the largest that can be kept. Check the amounts and quantities.",
                i64::MAX
            ));
        }
        match error.sqlite_error_code() {
            Some(ErrorCode::DiskFull) => Self::DiskFull,
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => Self::FileCorrupt(error.to_string()),
            Some(ErrorCode::SystemIoFailure) => Self::Storage(format!("the disk reports an error ({error})")),
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
                Self::FileInUse("another program keeps the data file busy; try again, or close that program".to_owned())
            }
            // A rule of the tables that the rules in code should have caught. It is about one record, not about the file.
            Some(ErrorCode::ConstraintViolation) => Self::Bug(error.to_string()),
            _ => Self::Storage(error.to_string()),
        }
    }
}

impl From<serde_json::Error> for Error {
    fn from(error: serde_json::Error) -> Self {
        Self::Bug(format!("a stored value could not be read or written: {error}"))
    }
}
