//! Which stock is promised to which order line: open lines of stocked items, at the line's location or the default one.
//!
//! Absent on purpose: waiting lists. A promise may exceed what is there; available is negative then, which is a backorder.

use super::record::write_as;
use super::{Order, OrderLine};
use crate::Result;
use crate::ids::{ItemId, LocationId};
use crate::items::{Item, ItemKind};
use crate::store::{self, Tx};
use backroom_money::Quantity;
use std::collections::BTreeMap;

/// Ties lines to items by SKU and sets what each line has to be promised.
pub(super) fn settle(tx: &Tx<'_>, order: &mut Order) -> Result<()> {
    let default = store::company::default_location(tx)?;
    let open = order.is_open();
    for line in &mut order.lines {
        let item = item_of(tx, line)?;
        line.item_id = item.as_ref().map(|item| item.id);
        let stocked = item.is_some_and(|item| item.kind == ItemKind::Stocked);
        let location = line.location_id.or(default);
        let promised =
            if open && stocked && !line.adjustment && location.is_some() { line.open() } else { Quantity::ZERO };
        line.allocated = promised;
        if promised != Quantity::ZERO {
            line.location_id = location;
        }
    }
    Ok(())
}

fn item_of(tx: &Tx<'_>, line: &OrderLine) -> Result<Option<Item>> {
    match line.item_id {
        Some(id) => store::items::get(tx, id),
        None if line.adjustment => Ok(None),
        None => store::items::find_by_sku(tx, &line.sku),
    }
}

/// Brings the levels from the promises of `before` to those of `after`.
pub(super) fn promise(tx: &Tx<'_>, before: Option<&Order>, after: &Order) -> Result<()> {
    let mut changes: BTreeMap<(ItemId, LocationId), i64> = BTreeMap::new();
    let old = before.iter().flat_map(|order| &order.lines).map(|line| (line, -1));
    for (line, sign) in old.chain(after.lines.iter().map(|line| (line, 1))) {
        if let (Some(item), Some(location)) = (line.item_id, line.location_id) {
            // Both are within i64 and of one sign each, so the sums stay far from its ends for any real order.
            let change = changes.entry((item, location)).or_default();
            *change = change.saturating_add(sign * line.allocated.scaled());
        }
    }
    for ((item, location), change) in changes {
        store::stock::allocate(tx, item, location, Quantity::from_scaled(change))?;
    }
    Ok(())
}

/// An item appeared, got another SKU or is counted differently: open orders that name it are settled anew.
pub(crate) fn item_changed(tx: &Tx<'_>, before: Option<&Item>, after: &Item) -> Result<()> {
    let mut orders = Vec::new();
    if before.is_none_or(|before| before.sku != after.sku) {
        orders = store::orders::open_with_unknown_sku(tx, &after.sku)?;
    }
    if before.is_some_and(|before| before.kind != after.kind) {
        orders.extend(store::orders::open_with_item(tx, after.id)?);
    }
    for id in orders {
        if let Some(before) = store::orders::get(tx, id)? {
            write_as(tx, Some(&before), before.clone(), "updated", "owner", after.updated_at)?;
        }
    }
    Ok(())
}
