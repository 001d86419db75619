//! Stock: append-only movements per item and location, and the levels that follow from them.

mod change;

use crate::ids::{ItemId, LocationId, MovementId};
use crate::items::{Item, ItemKind};
use crate::store;
use crate::store::stock::Level;
use crate::view::{PriceView, QuantityText, quantity_text};
use backroom_money::Quantity;
use rusqlite::Connection;
use serde::{Deserialize, Serialize};

/// Stock of one item at one location.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, specta::Type)]
pub struct LevelView {
    /// Which location.
    pub location_id: LocationId,
    /// Its name.
    pub location: String,
    /// Physically there.
    pub on_hand: QuantityText,
    /// Promised to open orders.
    pub allocated: QuantityText,
    /// On hand − allocated; negative is a backorder.
    pub available: QuantityText,
}

/// An answer of the stock look-up.
#[derive(Debug, Clone, Serialize, Deserialize, specta::Type)]
pub struct StockHit {
    /// Which item.
    pub item_id: ItemId,
    /// SKU.
    pub sku: String,
    /// Name.
    pub name: String,
    /// Barcode.
    pub barcode: String,
    /// Sales price.
    pub unit_price: PriceView,
    /// `false` for services and things not counted: no levels then.
    pub stocked: bool,
    /// Over all locations.
    pub on_hand: QuantityText,
    /// Over all locations.
    pub allocated: QuantityText,
    /// Over all locations.
    pub available: QuantityText,
    /// Per location.
    pub levels: Vec<LevelView>,
}

/// Why stock moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, specta::Type)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names say it")]
pub enum MovementKind {
    Opening,
    Receipt,
    Shipment,
    ShipmentVoided,
    Adjustment,
    Transfer,
    Return,
    Count,
}

/// One movement.
#[derive(Debug, Clone, Serialize, Deserialize, specta::Type)]
pub struct MovementRow {
    /// Id.
    pub id: MovementId,
    /// When (RFC 3339, UTC).
    pub at: String,
    /// Why.
    pub kind: MovementKind,
    /// Where.
    pub location: String,
    /// Signed change.
    pub quantity: QuantityText,
    /// On hand there afterwards.
    pub on_hand_after: QuantityText,
    /// Note, or what caused it, such as an order's number.
    pub note: String,
}

/// How a change of stock is typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, specta::Type)]
#[serde(rename_all = "snake_case")]
pub enum StockChange {
    /// Goods came in: adds.
    Receive,
    /// Goods were lost, found or used: adds or takes, by sign.
    Adjust,
    /// Goods were counted: sets what is on hand.
    Count,
    /// Goods were moved to another location.
    Transfer,
}

/// A change of stock as typed.
#[derive(Debug, Clone, Serialize, Deserialize, specta::Type)]
pub struct StockDraft {
    /// Id of the movement, made when the form opens, so that saving twice writes once.
    pub id: MovementId,
    /// Which item.
    pub item_id: ItemId,
    /// Where.
    pub location_id: LocationId,
    /// Where to, for a transfer.
    pub to_location_id: Option<LocationId>,
    /// What kind of change.
    pub change: StockChange,
    /// How many, as typed.
    pub quantity: String,
    /// Note.
    pub note: String,
    /// For a count: what was on hand there when the form was opened. Where that has moved since, the count is not taken before
    /// the owner has said what it was a count of.
    pub seen: Option<QuantityText>,
    /// The owner's answer: it was counted before stock moved, so what moved since is left out of it.
    pub counted_before: bool,
}

impl From<Level> for LevelView {
    fn from(level: Level) -> Self {
        Self {
            location_id: level.location_id,
            location: level.location,
            on_hand: quantity_text(level.on_hand),
            allocated: quantity_text(level.allocated),
            available: quantity_text(available(level.on_hand, level.allocated)),
        }
    }
}

/// What is neither gone nor promised.
fn available(on_hand: Quantity, allocated: Quantity) -> Quantity {
    on_hand.checked_sub(allocated).unwrap_or_default()
}

/// Levels of an item; none when it is not counted.
pub(crate) fn levels(db: &Connection, item: &Item) -> crate::Result<Vec<LevelView>> {
    if item.kind != ItemKind::Stocked {
        return Ok(Vec::new());
    }
    Ok(store::stock::levels(db, item.id)?.into_iter().map(Into::into).collect())
}

impl crate::Core {
    /// Looks up stock by SKU, name or barcode; best matches first.
    pub fn find_stock(&self, text: String, limit: u32) -> crate::Result<Vec<StockHit>> {
        self.store.read(|db| {
            let items = store::search::items(db, &text, limit)?;
            items
                .into_iter()
                .map(|item| {
                    Ok(StockHit {
                        levels: levels(db, &item)?,
                        item_id: item.id,
                        unit_price: item.unit_price.into(),
                        stocked: item.kind == ItemKind::Stocked,
                        on_hand: quantity_text(item.on_hand),
                        allocated: quantity_text(item.allocated),
                        available: quantity_text(available(item.on_hand, item.allocated)),
                        sku: item.sku,
                        name: item.name,
                        barcode: item.barcode,
                    })
                })
                .collect()
        })
    }

    /// Records a change of stock and returns the item's levels.
    pub fn change_stock(&self, draft: StockDraft) -> crate::Result<Vec<LevelView>> {
        self.store.write(|tx| {
            let item = change::change(tx, &draft, self.now())?;
            levels(tx, &item)
        })
    }

    /// Proves all kept stock figures against movements and order lines; sentences on what disagrees, none when all is well.
    pub fn check_stock(&self) -> crate::Result<Vec<String>> {
        self.store.read(|db| store::stock::check(db))
    }

    /// Movements of an item, newest first.
    pub fn list_movements(
        &self,
        item_id: ItemId,
        cursor: Option<String>,
        limit: u32,
    ) -> crate::Result<crate::view::Page<MovementRow>> {
        self.store.read(|db| store::stock::movements(db, item_id, cursor.as_deref(), limit))
    }
}
