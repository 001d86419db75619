//! The owner's changes to items: all checks, and what is written.

use super::{Item, ItemDraft, ItemKind};
use crate::fields::{Fields, LONGEST_ITEM_NAME, LONGEST_TEXT};
use crate::ids::{ItemId, MovementId};
use crate::stock::MovementKind;
use crate::store::outbox::{Wish, enqueue};
use crate::store::stock::Movement;
use crate::store::{self, Tx};
use crate::{Error, Result};
use backroom_money::{Currency, Quantity, UnitPrice};
use chrono::{DateTime, Utc};
use connector_contract::RecordKind;

/// Most items archived in one step; a list's selection is one page.
const MOST_AT_ONCE: usize = 500;

/// Creates or changes an item. Saving what is stored already changes nothing, whichever version it was loaded with.
pub(super) fn save(tx: &Tx<'_>, draft: &ItemDraft, now: DateTime<Utc>) -> Result<Item> {
    let company = crate::company::require(tx)?;
    let before = store::items::get(tx, draft.id)?;
    let currency = before.as_ref().map_or(company.currency, Item::currency);
    let mut fields = Fields::against(draft, before.clone().map(ItemDraft::from).as_ref())?;
    let after = read(&mut fields, draft, before.as_ref(), currency, now);
    let opening = opening(&mut fields, draft, before.as_ref());
    if store::items::other_with_name(tx, &after.name, draft.id)?.is_some() {
        fields.wrong("name", "There is an item with this name already; add something that tells them apart.");
    }
    if store::items::other_with_sku(tx, &after.sku, draft.id)?.is_some() {
        fields.wrong("sku", "Another item has this SKU already.");
    }
    let codes = store::company::tax_codes(tx)?;
    if draft.tax_code_id.is_some_and(|id| !codes.iter().any(|code| code.id == id)) {
        fields.wrong("tax_code_id", "This tax code no longer exists; choose another.");
    }
    fields.finish()?;
    match &before {
        None if draft.version.is_some() => return Err(Error::NotFound("item")),
        Some(before) if *before == after => return Ok(after),
        Some(before) if draft.version != Some(before.version) => return Err(Error::Stale("item")),
        _ => {}
    }
    let written = super::write(tx, before.as_ref(), &after, "owner", now)?;
    if before.is_none() && opening != Quantity::ZERO {
        open_stock(tx, draft.id, opening, String::new(), now)?;
    }
    enqueue(tx, RecordKind::Item, &draft.id.to_string(), Wish::Upsert, now)?;
    Ok(written.record)
}

fn read(fields: &mut Fields, draft: &ItemDraft, before: Option<&Item>, currency: Currency, now: DateTime<Utc>) -> Item {
    let start = before.cloned().unwrap_or_else(|| Item::new(draft.id, "", currency, now));
    if draft.name.contains('"') {
        fields.wrong("name", "QuickBooks allows no double quotes in the name of an item.");
    }
    let reorder_point = fields.quantity("reorder_point", &draft.reorder_point);
    if reorder_point.is_some_and(|quantity| quantity < Quantity::ZERO) {
        fields.wrong("reorder_point", "Warn at zero or more; leave it empty for no warning.");
    }
    let on_hand = before.map_or(Quantity::ZERO, |item| item.on_hand);
    if draft.kind != ItemKind::Stocked && start.kind == ItemKind::Stocked && on_hand != Quantity::ZERO {
        fields.wrong("kind", "There is stock of this item; count it to zero before it stops being counted.");
    }
    Item {
        sku: fields.line("sku", &draft.sku, LONGEST_ITEM_NAME),
        name: fields.name("name", &draft.name, LONGEST_ITEM_NAME, "the item's name"),
        description: fields.text("description", &draft.description, LONGEST_TEXT),
        barcode: fields.line("barcode", &draft.barcode, LONGEST_ITEM_NAME),
        kind: draft.kind,
        unit_price: fields.price("unit_price", &draft.unit_price, currency).unwrap_or(UnitPrice::zero(currency)),
        unit_cost: fields.price("unit_cost", &draft.unit_cost, currency),
        tax_code_id: draft.tax_code_id,
        // What is not counted is never low.
        reorder_point: reorder_point.filter(|_| draft.kind == ItemKind::Stocked),
        ..start
    }
}

/// Begins an item's count with what is at the default location now.
pub(crate) fn open_stock(
    tx: &Tx<'_>,
    item: ItemId,
    quantity: Quantity,
    note: String,
    now: DateTime<Utc>,
) -> Result<()> {
    let location_id = store::company::default_location(tx)?.ok_or(Error::NotFound("location"))?;
    let movement = Movement {
        id: MovementId::new(),
        item_id: item,
        location_id,
        kind: MovementKind::Opening,
        quantity,
        note,
        shipment: String::new(),
        at: now,
    };
    store::stock::move_stock(tx, &movement)?;
    Ok(())
}

fn opening(fields: &mut Fields, draft: &ItemDraft, before: Option<&Item>) -> Quantity {
    // An item saved before got its opening movement then; the form may still show what was typed.
    if before.is_some() {
        return Quantity::ZERO;
    }
    let opening = fields.quantity("opening_quantity", &draft.opening_quantity).unwrap_or_default();
    if opening < Quantity::ZERO {
        fields.wrong("opening_quantity", "The quantity on hand can't be negative.");
    }
    if opening != Quantity::ZERO && draft.kind != ItemKind::Stocked {
        fields.wrong("opening_quantity", "Only stocked items are counted; choose that kind, or leave this empty.");
    }
    opening
}

/// Archives items, or brings them back; all or none.
pub(super) fn archive(tx: &Tx<'_>, ids: &[ItemId], archived: bool, now: DateTime<Utc>) -> Result<()> {
    if ids.len() > MOST_AT_ONCE {
        return Err(Error::Refused(format!("Choose at most {MOST_AT_ONCE} items at once.")));
    }
    for id in ids {
        let before = store::items::get(tx, *id)?.ok_or(Error::NotFound("item"))?;
        if before.archived == archived {
            continue;
        }
        let taken = store::items::other_with_name(tx, &before.name, *id)?.is_some()
            || store::items::other_with_sku(tx, &before.sku, *id)?.is_some();
        if !archived && taken {
            return Err(Error::Refused(format!(
                "Another item has the name or SKU of \"{}\" by now; change that one before bringing this one back.",
                before.name
            )));
        }
        let after = Item { archived, ..before.clone() };
        super::write(tx, Some(&before), &after, "owner", now)?;
        enqueue(tx, RecordKind::Item, &id.to_string(), Wish::Upsert, now)?;
    }
    Ok(())
}
