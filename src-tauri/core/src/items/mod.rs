//! Items: what is sold.

mod record;

pub use record::{Item, write};

use crate::ids::{ItemId, TaxCodeId};
use crate::stock::LevelView;
use crate::view::{ArchiveFilter, HistoryEntry, ListQuery, MoneyView, QuantityText, RecordSync, RecordSyncState};
use serde::{Deserialize, Serialize};

/// Query of the item list.
pub type ItemQuery = ListQuery<ItemFilter, ItemSort>;

/// Which items.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, specta::Type)]
pub struct ItemFilter {
    /// Active, archived or all.
    pub archive: ArchiveFilter,
    /// Only those at or below their reorder point.
    pub low_stock: bool,
}

/// Orders of the item list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, specta::Type)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names say it")]
pub enum ItemSort {
    #[default]
    Name,
    Sku,
    Available,
    UpdatedAt,
}

/// Counted, not counted, or work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, specta::Type)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names say it")]
pub enum ItemKind {
    #[default]
    Stocked,
    NonStocked,
    Service,
}

impl ItemKind {
    /// The stored name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Stocked => "stocked",
            Self::NonStocked => "non_stocked",
            Self::Service => "service",
        }
    }
}

/// A row of the item list.
#[derive(Debug, Clone, Serialize, Deserialize, specta::Type)]
pub struct ItemRow {
    /// Id.
    pub id: ItemId,
    /// SKU.
    pub sku: String,
    /// Name.
    pub name: String,
    /// Kind.
    pub kind: ItemKind,
    /// Sales price.
    pub unit_price: MoneyView,
    /// On hand over all locations.
    pub on_hand: QuantityText,
    /// Promised to orders.
    pub allocated: QuantityText,
    /// On hand − allocated.
    pub available: QuantityText,
    /// At or below the reorder point.
    pub low: bool,
    /// Archived.
    pub archived: bool,
    /// The worst of its sync states.
    pub sync: Option<RecordSyncState>,
}

/// An item as typed.
#[derive(Debug, Clone, Serialize, Deserialize, specta::Type)]
pub struct ItemDraft {
    /// Id, made when the form opens.
    pub id: ItemId,
    /// Version it was loaded with; `None` for a new one.
    pub version: Option<u32>,
    /// SKU; unique when given.
    pub sku: String,
    /// Name; required, unique.
    pub name: String,
    /// Description on documents.
    pub description: String,
    /// Barcode.
    pub barcode: String,
    /// Kind.
    pub kind: ItemKind,
    /// Sales price as typed.
    pub unit_price: String,
    /// Purchase cost as typed.
    pub unit_cost: String,
    /// Tax code of new lines with it; `None` is the company's default.
    pub tax_code_id: Option<TaxCodeId>,
    /// Warn at this quantity, as typed; empty is never.
    pub reorder_point: String,
    /// Only for a new stocked item: on hand at the default location, as typed.
    pub opening_quantity: String,
}

/// An item with what belongs to it.
#[derive(Debug, Clone, Serialize, Deserialize, specta::Type)]
pub struct ItemView {
    /// Its fields; `version` is set.
    pub draft: ItemDraft,
    /// Archived.
    pub archived: bool,
    /// Sales price.
    pub unit_price: MoneyView,
    /// Stock per location; empty when not counted.
    pub levels: Vec<LevelView>,
    /// How it stands with each connection.
    pub sync: Vec<RecordSync>,
    /// Newest first, at most 50.
    pub history: Vec<HistoryEntry>,
    /// Last change (RFC 3339, UTC).
    pub updated_at: String,
}

#[expect(unused_variables, reason = "being built")]
impl crate::Core {
    /// A page of items.
    pub fn list_items(&self, query: ItemQuery) -> crate::Result<crate::view::Page<ItemRow>> {
        Err(crate::Error::Bug("not built yet".into()))
    }

    /// One item.
    pub fn get_item(&self, id: ItemId) -> crate::Result<ItemView> {
        Err(crate::Error::Bug("not built yet".into()))
    }

    /// Creates or changes an item.
    pub fn save_item(&self, draft: ItemDraft) -> crate::Result<ItemView> {
        Err(crate::Error::Bug("not built yet".into()))
    }

    /// Archives items, or brings them back.
    pub fn archive_items(&self, ids: Vec<ItemId>, archived: bool) -> crate::Result<()> {
        Err(crate::Error::Bug("not built yet".into()))
    }
}
