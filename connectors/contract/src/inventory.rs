//! Listing what a vendor has, apart from its feed of changes, to prove that nothing was missed.

use crate::{Cursor, Pulled, RecordKind};
use chrono::{DateTime, NaiveDate, Utc};

/// Asks for a page of everything of one kind.
#[derive(Debug, Clone)]
pub struct InventoryRequest {
    /// Which records.
    pub kind: RecordKind,
    /// First and last day, both included. Records of other days may be listed too; kinds without a day ignore it.
    pub days: (NaiveDate, NaiveDate),
    /// Where the last page ended; `None` for the first.
    pub cursor: Option<Cursor>,
    /// The present moment.
    pub now: DateTime<Utc>,
}

/// A page of what there is. Deleted records are absent; inactive and voided ones are listed as such.
#[derive(Debug, Clone)]
pub struct InventoryPage {
    /// The records as they are now.
    pub records: Vec<Pulled>,
    /// Where to go on; `None` at the end.
    pub next: Option<Cursor>,
}
