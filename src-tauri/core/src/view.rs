//! Small shapes shared by all views and drafts. Views and drafts are plain data; rules live in the area modules.

use crate::ids::ConnectionId;
use backroom_money::{Money, Quantity};
use serde::{Deserialize, Serialize};

/// An amount on its way to or from a face: minor units as text, because a script must never add them up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, specta::Type)]
pub struct MoneyView {
    /// Whole number of minor units, such as `1050`.
    pub minor: String,
    /// Three-letter code.
    pub currency: String,
}

impl From<Money> for MoneyView {
    fn from(money: Money) -> Self {
        Self { minor: money.minor().to_string(), currency: money.currency().code().to_owned() }
    }
}

/// A quantity as a plain decimal text, such as `1.5`.
pub type QuantityText = String;

/// Text for a quantity.
pub fn quantity_text(quantity: Quantity) -> QuantityText {
    quantity.to_decimal_string()
}

/// A page request: keyset, never an offset.
#[derive(Debug, Clone, Serialize, Deserialize, specta::Type)]
pub struct ListQuery<F, S> {
    /// Words to find; empty for all.
    pub search: String,
    /// Which rows.
    pub filter: F,
    /// Order.
    pub sort: S,
    /// Reverse order.
    pub descending: bool,
    /// `next_cursor` of the page before.
    pub cursor: Option<String>,
    /// Rows wanted, 1 to 200.
    pub limit: u32,
}

/// A page of rows.
#[derive(Debug, Clone, Serialize, Deserialize, specta::Type)]
pub struct Page<T> {
    /// The rows.
    pub rows: Vec<T>,
    /// Where the next page starts; `None` at the end.
    pub next_cursor: Option<String>,
}

/// Active rows, archived rows or both.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, specta::Type)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names say it")]
pub enum ArchiveFilter {
    #[default]
    Active,
    Archived,
    All,
}

/// A postal address as typed. All parts may be empty.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, specta::Type)]
pub struct AddressView {
    /// Person or firm.
    pub name: String,
    /// Company, where it is a line of its own.
    pub company: String,
    /// Street.
    pub line1: String,
    /// Second street line.
    pub line2: String,
    /// City.
    pub city: String,
    /// State, province or county.
    pub region: String,
    /// Postal code.
    pub postal_code: String,
    /// Two-letter country code.
    pub country: String,
    /// Telephone for the carrier.
    pub phone: String,
}

/// How a record stands with one connection.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, specta::Type)]
pub struct RecordSync {
    /// Which connection.
    pub connection_id: ConnectionId,
    /// The vendor's name.
    pub vendor_name: String,
    /// Where it stands.
    pub state: RecordSyncState,
    /// The vendor's id of it, once it exists there.
    pub remote_id: Option<String>,
    /// When both sides last agreed (RFC 3339, UTC).
    pub synced_at: Option<String>,
    /// Plain words when `state` is `problem`.
    pub problem: Option<String>,
}

/// Where a record stands with a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, specta::Type)]
#[serde(rename_all = "snake_case")]
pub enum RecordSyncState {
    /// Both sides agree.
    Synced,
    /// Our change waits to be sent.
    Waiting,
    /// Sending it failed; the owner should look.
    Problem,
    /// Both sides changed the same field.
    Conflict,
}

/// One change in a record's life.
#[derive(Debug, Clone, Serialize, Deserialize, specta::Type)]
pub struct HistoryEntry {
    /// When (RFC 3339, UTC).
    pub at: String,
    /// `owner`, or the name of the vendor the change came from.
    pub who: String,
    /// What happened: `created`, `updated`, `voided`, …
    pub action: String,
    /// Field by field.
    pub fields: Vec<FieldChange>,
}

/// A field before and after.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, specta::Type)]
pub struct FieldChange {
    /// Name of the field.
    pub field: String,
    /// Before, as text; `None` when it did not exist.
    pub before: Option<String>,
    /// After, as text; `None` when it is gone.
    pub after: Option<String>,
}
