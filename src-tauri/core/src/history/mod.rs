//! What happened to records: every change with who or what made it, what a record was after each, and bringing such a state back.
//!
//! Bringing back is an owner's save of the earlier fields, with all its checks; undoing a run puts single fields back through
//! the same writes the sync uses.

mod put;
mod restore;

pub(crate) use put::put_back;

use crate::Result;
use crate::store::history;
use crate::view::{HistoryEntry, HistoryRun, Page};
use serde::{Deserialize, Serialize};

/// A record as it was after one of its changes.
#[derive(Debug, Clone, Serialize, Deserialize, specta::Type)]
pub struct RecordVersion {
    /// The entry of its history.
    pub history_id: u32,
    /// When (RFC 3339, UTC).
    pub at: String,
    /// `owner`, `undo`, or the name of the vendor the change came from.
    pub who: String,
    /// The run that made the change; `None` for the owner's own.
    pub run: Option<HistoryRun>,
    /// What happened then.
    pub action: String,
    /// All its fields, as of then and as of now.
    pub fields: Vec<VersionField>,
    /// Why this state can't be brought back; `None` when it can.
    pub refusal: Option<String>,
}

/// A field as of then and as of now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, specta::Type)]
pub struct VersionField {
    /// Name of the field.
    pub field: String,
    /// As of then; `None` when it was empty.
    pub then: Option<String>,
    /// As of now; `None` when it is empty.
    pub now: Option<String>,
}

impl crate::Core {
    /// What happened to a record (`customer`, `item`, `order`, `invoice`, `payment` or `shipment`), newest first, page by page.
    pub fn list_history(&self, kind: &str, id: &str, cursor: Option<String>, limit: u32) -> Result<Page<HistoryEntry>> {
        let kind = restore::kind_named(kind)?;
        self.store.read(|db| history::page(db, kind, id, cursor.as_deref(), limit))
    }

    /// A record of one of these kinds as it was after an entry of its history.
    pub fn get_record_version(&self, kind: String, id: String, history_id: u32) -> Result<RecordVersion> {
        self.store.read(|db| restore::version(db, &kind, &id, history_id))
    }

    /// Saves a record as it was after an entry of its history, as the owner would by typing it again. `version` is the one the
    /// owner looked at; a newer one is refused as stale.
    pub fn restore_record_version(&self, kind: String, id: String, history_id: u32, version: u32) -> Result<()> {
        self.restore_version(&kind, &id, history_id, version)
    }
}
