//! The item as it is kept, and the one way to write it: for the owner's saves and for the sync alike.
//!
//! Absent on purpose: checks of what the owner typed, and the outbox; see the customers' `write`.

use super::ItemKind;
use crate::event::Tag;
use crate::ids::{ItemId, TaxCodeId};
use crate::store::{self, Tx};
use crate::view::{Facts, Written, diff};
use crate::{Error, Result};
use backroom_money::{Currency, Quantity, UnitPrice};
use chrono::{DateTime, Utc};
use connector_contract::RecordKind;
use serde::{Deserialize, Serialize};

/// An item.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Item {
    /// Id.
    pub id: ItemId,
    /// Row version; raised by every write.
    pub version: u32,
    /// SKU; may be empty.
    pub sku: String,
    /// Name.
    pub name: String,
    /// Description on documents.
    pub description: String,
    /// Barcode.
    pub barcode: String,
    /// Counted, not counted, or work.
    pub kind: ItemKind,
    /// Sales price; its currency is the item's.
    pub unit_price: UnitPrice,
    /// Purchase cost, in the same currency.
    pub unit_cost: Option<UnitPrice>,
    /// Tax code of new lines; `None` is the company's default.
    pub tax_code_id: Option<TaxCodeId>,
    /// Whether sales tax is charged on it.
    pub taxable: bool,
    /// Warn at this quantity.
    pub reorder_point: Option<Quantity>,
    /// Archived.
    pub archived: bool,
    /// On hand over all locations. Kept by stock movements; a value given to [`write`] is ignored.
    pub on_hand: Quantity,
    /// Promised to orders. Kept like `on_hand`.
    pub allocated: Quantity,
    /// When it was made here.
    pub created_at: DateTime<Utc>,
    /// Last change.
    pub updated_at: DateTime<Utc>,
}

impl Item {
    /// An item with a name and a price of nothing.
    pub fn new(id: ItemId, name: impl Into<String>, currency: Currency, now: DateTime<Utc>) -> Self {
        Self {
            id,
            version: 0,
            sku: String::new(),
            name: name.into(),
            description: String::new(),
            barcode: String::new(),
            kind: ItemKind::Stocked,
            unit_price: UnitPrice::zero(currency),
            unit_cost: None,
            tax_code_id: None,
            taxable: true,
            reorder_point: None,
            archived: false,
            on_hand: Quantity::ZERO,
            allocated: Quantity::ZERO,
            created_at: now,
            updated_at: now,
        }
    }

    /// Currency of its price and cost.
    pub fn currency(&self) -> Currency {
        self.unit_price.currency()
    }

    /// Its fields as history shows them.
    pub fn facts(&self) -> Facts {
        let mut facts = Facts::default();
        facts.text("sku", &self.sku);
        facts.text("name", &self.name);
        facts.text("description", &self.description);
        facts.text("barcode", &self.barcode);
        facts.text("kind", self.kind.as_str());
        facts.price("unit_price", self.unit_price);
        if let Some(cost) = self.unit_cost {
            facts.price("unit_cost", cost);
        }
        facts.optional("tax_code_id", self.tax_code_id);
        facts.flag("not_taxable", !self.taxable);
        facts.optional("reorder_point", self.reorder_point.map(Quantity::to_decimal_string));
        facts.flag("archived", self.archived);
        facts
    }
}

/// Stores an item with its history. `before` is what is stored now, `None` for a new one; `who` is `owner` or a vendor's name.
/// Nothing is written when nothing differs. Open order lines that name its SKU are tied to it, and stock is promised to them.
pub fn write(tx: &Tx<'_>, before: Option<&Item>, after: &Item, who: &str, now: DateTime<Utc>) -> Result<Written<Item>> {
    let changes = diff(before.map(Item::facts), after.facts());
    if let (Some(before), true) = (before, changes.is_empty()) {
        return Ok(Written { record: before.clone(), changes });
    }
    let mut record = after.clone();
    record.updated_at = now;
    let action = match before {
        None => {
            store::items::insert(tx, &record)?;
            "created"
        }
        Some(before) => {
            store::items::update(tx, &record)?;
            match (before.archived, after.archived) {
                (false, true) => "archived",
                (true, false) => "restored",
                _ => "updated",
            }
        }
    };
    store::history::add(tx, RecordKind::Item, &record.id.to_string(), now, who, action, &changes)?;
    tx.changed(Tag::Items);
    crate::orders::allocate::item_changed(tx, before, &record)?;
    let record = store::items::get(tx, record.id)?.ok_or(Error::NotFound("item"))?;
    Ok(Written { record, changes })
}
