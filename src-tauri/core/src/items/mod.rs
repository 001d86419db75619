//! Items: what is sold.

mod record;
mod save;

pub use record::{Item, write};
pub(crate) use save::open_stock;

use crate::ids::{ItemId, TaxCodeId};
use crate::stock::LevelView;
use crate::store::history::moment;
use crate::store::{self, Db};
use crate::view::{
    ArchiveFilter, HistoryEntry, ListQuery, PriceView, QuantityText, RecordSync, RecordSyncState, quantity_text,
};
use backroom_money::UnitPrice;
use connector_contract::RecordKind;
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
    pub unit_price: PriceView,
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
    pub unit_price: PriceView,
    /// Purchase cost, where there is one.
    pub unit_cost: Option<PriceView>,
    /// Stock per location; empty when not counted.
    pub levels: Vec<LevelView>,
    /// How it stands with each connection.
    pub sync: Vec<RecordSync>,
    /// The newest entries, newest first; `list_history` has the rest.
    pub history: Vec<HistoryEntry>,
    /// Last change (RFC 3339, UTC).
    pub updated_at: String,
}

impl From<Item> for ItemDraft {
    fn from(item: Item) -> Self {
        Self {
            id: item.id,
            version: Some(item.version),
            sku: item.sku,
            name: item.name,
            description: item.description,
            barcode: item.barcode,
            kind: item.kind,
            unit_price: item.unit_price.to_decimal_string(),
            unit_cost: item.unit_cost.map(UnitPrice::to_decimal_string).unwrap_or_default(),
            tax_code_id: item.tax_code_id,
            reorder_point: item.reorder_point.map(quantity_text).unwrap_or_default(),
            opening_quantity: String::new(),
        }
    }
}

impl crate::Core {
    /// A page of items.
    pub fn list_items(&self, query: ItemQuery) -> crate::Result<crate::view::Page<ItemRow>> {
        self.store.read(|db| store::items::list(db, &query))
    }

    /// One item.
    pub fn get_item(&self, id: ItemId) -> crate::Result<ItemView> {
        self.store.read(|db| self.item_view(db, id))
    }

    /// Creates or changes an item.
    pub fn save_item(&self, draft: ItemDraft) -> crate::Result<ItemView> {
        self.store.write(|tx| {
            let item = save::save(tx, &draft, self.now())?;
            self.item_view(&tx.db(), item.id)
        })
    }

    /// Archives items, or brings them back.
    pub fn archive_items(&self, ids: Vec<ItemId>, archived: bool) -> crate::Result<()> {
        self.store.write(|tx| save::archive(tx, &ids, archived, self.now()))
    }

    fn item_view(&self, db: &Db<'_>, id: ItemId) -> crate::Result<ItemView> {
        let item = store::items::get(db, id)?.ok_or(crate::Error::NotFound("item"))?;
        Ok(ItemView {
            archived: item.archived,
            unit_price: item.unit_price.into(),
            unit_cost: item.unit_cost.map(Into::into),
            levels: crate::stock::levels(db, &item)?,
            sync: self.record_sync(db, RecordKind::Item, id)?,
            history: store::history::first_page(db, RecordKind::Item, &id.to_string())?,
            updated_at: moment(item.updated_at),
            draft: item.into(),
        })
    }
}
