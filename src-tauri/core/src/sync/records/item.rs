//! Items on both sides. Stock on hand is ours alone; what they count only opens the count of an item that is new here.

use super::{Rendered, Source, Taken, id, take, take_text};
use crate::company;
use crate::ids::ItemId;
use crate::items::{self, Item, ItemKind};
use crate::store::{self, Db, Tx};
use crate::sync::merge::Fields;
use crate::view::FieldChange;
use crate::{Error, Result};
use backroom_money::{Quantity, UnitPrice};
use connector_contract::{Record, record};
use uuid::Uuid;

/// Takes their changed fields over.
pub fn take_over(
    tx: &Tx<'_>,
    from: &Source<'_>,
    local_id: Option<&str>,
    fresh: Uuid,
    theirs: &record::Item,
    changed: &Fields,
) -> Result<Taken> {
    let before = load(tx, local_id)?;
    let mut after = if let Some(before) = &before {
        before.clone()
    } else {
        let priced = theirs.unit_price.map(UnitPrice::currency);
        let currency = priced.map_or_else(|| Ok(company::require(tx)?.currency), Ok::<_, Error>)?;
        Item::new(ItemId(fresh), theirs.name.as_str(), currency, from.now)
    };
    take_text(changed, "name", &mut after.name, Some(&theirs.name));
    take_text(changed, "sku", &mut after.sku, theirs.sku.as_ref());
    take_text(changed, "description", &mut after.description, theirs.description.as_ref());
    take_text(changed, "barcode", &mut after.barcode, theirs.barcode.as_ref());
    take(changed, "kind", &mut after.kind, Some(&kind_here(theirs.kind)));
    take(changed, "unit_price", &mut after.unit_price, theirs.unit_price.as_ref());
    let cost = theirs.unit_cost.filter(|cost| cost.currency() == after.currency());
    take(changed, "unit_cost", &mut after.unit_cost, cost.is_some().then_some(&cost));
    take(changed, "taxable", &mut after.taxable, theirs.taxable.as_ref());
    take(changed, "active", &mut after.archived, Some(&!theirs.active));
    let written = items::write(tx, before.as_ref(), &after, from.who, from.now)?;
    if let (None, ItemKind::Stocked, Some(counted)) = (&before, after.kind, theirs.on_hand)
        && counted > Quantity::ZERO
    {
        items::open_stock(tx, after.id, counted, format!("As counted at {}", from.who), from.now)?;
    }
    Ok(Taken { local_id: after.id.to_string(), created: before.is_none(), changes: written.changes })
}

/// Archives it.
pub fn retire(tx: &Tx<'_>, from: &Source<'_>, local_id: &str) -> Result<Vec<FieldChange>> {
    let Some(before) = load(tx, Some(local_id))? else { return Ok(Vec::new()) };
    let after = Item { archived: true, ..before.clone() };
    Ok(items::write(tx, Some(&before), &after, from.who, from.now)?.changes)
}

/// Writes it out.
pub fn render(db: &Db<'_>, local_id: &str) -> Result<Rendered> {
    let Some(item) = store::items::get(db, id(local_id)?)? else { return Ok(Rendered::Nothing) };
    Ok(Rendered::Ready(Box::new(Record::Item(record::Item {
        name: item.name,
        sku: Some(item.sku),
        description: Some(item.description),
        barcode: Some(item.barcode),
        kind: match item.kind {
            ItemKind::Stocked => record::ItemKind::Stocked,
            ItemKind::NonStocked => record::ItemKind::NonStocked,
            ItemKind::Service => record::ItemKind::Service,
        },
        unit_price: Some(item.unit_price),
        unit_cost: item.unit_cost,
        taxable: Some(item.taxable),
        active: !item.archived,
        on_hand: Some(item.on_hand),
        created_at: None,
    }))))
}

fn kind_here(kind: record::ItemKind) -> ItemKind {
    match kind {
        record::ItemKind::Stocked => ItemKind::Stocked,
        record::ItemKind::NonStocked => ItemKind::NonStocked,
        record::ItemKind::Service => ItemKind::Service,
    }
}

fn load(tx: &Tx<'_>, local_id: Option<&str>) -> Result<Option<Item>> {
    local_id.map(|local_id| store::items::get(tx, id(local_id)?)).transpose().map(Option::flatten)
}
