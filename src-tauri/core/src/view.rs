//! Small shapes shared by all views and drafts. Views and drafts are plain data; rules live in the area modules.

use crate::Result;
use crate::ids::{ConnectionId, RunId};
use crate::store::Db;
use backroom_money::{Money, Quantity, UnitPrice};
use connector_contract::RecordKind;
use connector_contract::record::Address;
use serde::{Deserialize, Serialize};

pub use crate::store::record_sync::{record_sync, worst_states};

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

/// A unit price on its way to a face: decimal text, because it is finer than the currency's minor units.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, specta::Type)]
pub struct PriceView {
    /// All decimals it has, and at least those of the currency, such as `12.50` or `0.0125`.
    pub decimal: String,
    /// Three-letter code.
    pub currency: String,
}

impl From<UnitPrice> for PriceView {
    fn from(price: UnitPrice) -> Self {
        Self { decimal: price.to_decimal_string(), currency: price.currency().code().to_owned() }
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
    /// Plain words when `state` is `problem`; the owner's reason when it is `not_sent`.
    pub problem: Option<String>,
}

/// Where a record stands with a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, specta::Type)]
#[serde(rename_all = "snake_case")]
pub enum RecordSyncState {
    /// Both sides agree.
    Synced,
    /// The owner chose not to send a change, and the vendor still lacks it.
    NotSent,
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
    /// Names the entry among all of history, to ask for the record's state as of then.
    pub id: u32,
    /// When (RFC 3339, UTC).
    pub at: String,
    /// `owner`, `undo`, or the name of the vendor the change came from.
    pub who: String,
    /// The run that made it; `None` for the owner's own changes.
    pub run: Option<HistoryRun>,
    /// What happened: `created`, `updated`, `voided`, …
    pub action: String,
    /// Field by field.
    pub fields: Vec<FieldChange>,
}

/// The run that made a change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, specta::Type)]
pub struct HistoryRun {
    /// Names it, to open it.
    pub id: RunId,
    /// When it began (RFC 3339, UTC).
    pub started_at: String,
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

impl From<Address> for AddressView {
    fn from(address: Address) -> Self {
        let Address { name, company, line1, line2, city, region, postal_code, country, phone } = address;
        Self { name, company, line1, line2, city, region, postal_code, country, phone }
    }
}

impl From<AddressView> for Address {
    fn from(view: AddressView) -> Self {
        let AddressView { name, company, line1, line2, city, region, postal_code, country, phone } = view;
        Self { name, company, line1, line2, city, region, postal_code, country, phone }
    }
}

/// A record as it was stored, and what changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written<T> {
    /// As stored now.
    pub record: T,
    /// Field by field; empty when nothing differed and nothing was written.
    pub changes: Vec<FieldChange>,
}

/// The fields of a record as history shows them: names and texts, in order. Empty fields are left out.
#[derive(Debug, Clone, Default)]
pub struct Facts(Vec<(String, String)>);

impl Facts {
    /// The fields and their texts, in order.
    pub fn into_pairs(self) -> Vec<(String, String)> {
        self.0
    }

    /// A text; nothing when empty.
    pub fn text(&mut self, field: impl Into<String>, text: &str) {
        if !text.is_empty() {
            self.0.push((field.into(), text.to_owned()));
        }
    }

    /// Anything that can be written out, where it is there.
    pub fn optional(&mut self, field: impl Into<String>, value: Option<impl ToString>) {
        if let Some(value) = value {
            self.0.push((field.into(), value.to_string()));
        }
    }

    /// A switch; nothing when off.
    pub fn flag(&mut self, field: impl Into<String>, on: bool) {
        if on {
            self.0.push((field.into(), "yes".to_owned()));
        }
    }

    /// An amount with its currency.
    pub fn money(&mut self, field: impl Into<String>, amount: Money) {
        self.0.push((field.into(), format!("{} {}", amount.to_decimal_string(), amount.currency())));
    }

    /// A unit price with its currency.
    pub fn price(&mut self, field: impl Into<String>, price: UnitPrice) {
        self.0.push((field.into(), format!("{} {}", price.to_decimal_string(), price.currency())));
    }

    /// An address, part by part.
    pub fn address(&mut self, field: &str, address: &Address) {
        let parts = [
            ("name", &address.name),
            ("company", &address.company),
            ("line1", &address.line1),
            ("line2", &address.line2),
            ("city", &address.city),
            ("region", &address.region),
            ("postal_code", &address.postal_code),
            ("country", &address.country),
            ("phone", &address.phone),
        ];
        for (part, text) in parts {
            self.text(format!("{field}.{part}"), text);
        }
    }
}

/// What differs between two states of a record; `None` is before it existed.
pub fn diff(before: Option<Facts>, after: Facts) -> Vec<FieldChange> {
    let before = before.unwrap_or_default().0;
    let mut changes = Vec::new();
    for (field, old) in &before {
        let new = after.0.iter().find(|(name, _)| name == field).map(|(_, text)| text.clone());
        if new.as_ref() != Some(old) {
            changes.push(FieldChange { field: field.clone(), before: Some(old.clone()), after: new });
        }
    }
    for (field, new) in after.0 {
        if !before.iter().any(|(name, _)| *name == field) {
            changes.push(FieldChange { field, before: None, after: Some(new) });
        }
    }
    changes
}

impl crate::Core {
    /// How a record stands with each connection, under the vendors' own names.
    pub(crate) fn record_sync(&self, db: &Db<'_>, kind: RecordKind, id: impl ToString) -> Result<Vec<RecordSync>> {
        let mut all = record_sync(db, kind, &id.to_string())?;
        for sync in &mut all {
            sync.vendor_name = self.source_name(&sync.vendor_name);
        }
        Ok(all)
    }

    /// The name of where a record came from: the vendor's own name for its id, `owner` for the owner.
    pub(crate) fn source_name(&self, source: &str) -> String {
        let vendor = self.parts.vendors.iter().find(|vendor| vendor.descriptor.id == source);
        vendor.map_or(source, |vendor| vendor.descriptor.name).to_owned()
    }
}
