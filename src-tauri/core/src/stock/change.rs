//! The owner's changes of stock: receiving, adjusting, counting and moving, each as movements.
//!
//! Absent on purpose: the outbox. No vendor is sent stock levels; what a vendor says is on hand is only compared.

use super::{MovementKind, StockChange, StockDraft};
use crate::fields::{Fields, LONGEST_LINE};
use crate::items::{Item, ItemKind};
use crate::store::stock::Movement;
use crate::store::{self, Tx};
use crate::{Error, Result};
use backroom_money::Quantity;
use chrono::{DateTime, Utc};

/// Records a change. A draft saved before changes nothing: its movements stand under its id already.
pub(super) fn change(tx: &Tx<'_>, draft: &StockDraft, now: DateTime<Utc>) -> Result<Item> {
    let item = store::items::get(tx, draft.item_id)?.ok_or(Error::NotFound("item"))?;
    if store::stock::has_movement(tx, draft.id)? {
        return Ok(item);
    }
    if item.kind != ItemKind::Stocked {
        return Err(Error::Refused(format!("\"{}\" is not counted; make it a stocked item first.", item.name)));
    }
    let movements = read(tx, draft, now)?;
    for movement in &movements {
        store::stock::move_stock(tx, movement)?;
    }
    Ok(item)
}

fn read(tx: &Tx<'_>, draft: &StockDraft, now: DateTime<Utc>) -> Result<Vec<Movement>> {
    let mut fields = Fields::default();
    let locations = store::company::locations(tx)?;
    let name_of = |id| locations.iter().find(|location| location.id == id).map(|location| location.name.as_str());
    let here = name_of(draft.location_id);
    if here.is_none() {
        fields.wrong("location_id", "This location no longer exists; choose another.");
    }
    let there = draft.to_location_id.filter(|_| draft.change == StockChange::Transfer);
    if draft.change == StockChange::Transfer {
        match there {
            None => fields.wrong("to_location_id", "Choose where the goods go."),
            Some(id) if id == draft.location_id => {
                fields.wrong("to_location_id", "Choose another location than the first.");
            }
            Some(id) if name_of(id).is_none() => {
                fields.wrong("to_location_id", "This location no longer exists; choose another.");
            }
            Some(_) => {}
        }
    }
    let note = fields.line("note", &draft.note, LONGEST_LINE);
    let quantity = quantity(&mut fields, draft);
    let on_hand = store::stock::on_hand(tx, draft.item_id, draft.location_id)?;
    let change = match draft.change {
        StockChange::Receive | StockChange::Adjust => Some(quantity),
        StockChange::Count => quantity.checked_sub(counted_against(&mut fields, draft, on_hand)),
        StockChange::Transfer => quantity.checked_neg(),
    };
    let change = change.filter(|change| on_hand.checked_add(*change).is_some());
    let takes = matches!(draft.change, StockChange::Adjust | StockChange::Transfer);
    match change {
        None => fields.wrong("quantity", "This is more than can be counted."),
        Some(change) if takes && change < Quantity::ZERO && on_hand.scaled() + change.scaled() < 0 => {
            let here = here.unwrap_or("this location");
            fields.wrong("quantity", format!("Only {} are on hand at {here}.", on_hand.to_decimal_string()));
        }
        Some(_) => {}
    }
    fields.finish()?;
    let Some(change) = change else { return Ok(Vec::new()) };
    let movement = |location_id, quantity| Movement {
        id: draft.id,
        item_id: draft.item_id,
        location_id,
        kind: match draft.change {
            StockChange::Receive => MovementKind::Receipt,
            StockChange::Adjust => MovementKind::Adjustment,
            StockChange::Count => MovementKind::Count,
            StockChange::Transfer => MovementKind::Transfer,
        },
        quantity,
        note: note.clone(),
        shipment: String::new(),
        at: now,
    };
    let mut movements = vec![movement(draft.location_id, change)];
    movements.extend(there.map(|id| movement(id, quantity)));
    Ok(movements)
}

/// The level that a count is a count of: what is on hand, or what was when the form was opened. Where both differ and nobody
/// has said which, it must be asked: goods that left meanwhile would come back to life, or disappear twice.
fn counted_against(fields: &mut Fields, draft: &StockDraft, on_hand: Quantity) -> Quantity {
    let Some(text) = &draft.seen else { return on_hand };
    let Ok(seen) = Quantity::parse(text) else {
        fields.wrong("seen", "Open the form again; it no longer knows what was on hand.");
        return on_hand;
    };
    if draft.counted_before {
        return seen;
    }
    if seen != on_hand {
        let (was, is) = (seen.to_decimal_string(), on_hand.to_decimal_string());
        let reason = format!(
            "Stock moved while this form was open: {was} were on hand, now {is} are. Say whether you counted before or after that."
        );
        fields.wrong("seen", reason);
    }
    on_hand
}

fn quantity(fields: &mut Fields, draft: &StockDraft) -> Quantity {
    let quantity = fields.quantity("quantity", &draft.quantity);
    if fields.is_wrong("quantity") {
        return Quantity::ZERO;
    }
    let (fits, reason) = match (draft.change, quantity) {
        (_, None) => (false, "Write how many."),
        (StockChange::Receive | StockChange::Transfer, Some(quantity)) => {
            (quantity > Quantity::ZERO, "Write how many, as a number above zero.")
        }
        (StockChange::Adjust, Some(quantity)) => {
            (quantity != Quantity::ZERO, "Write how many were found, or with a minus how many are missing.")
        }
        (StockChange::Count, Some(quantity)) => (quantity >= Quantity::ZERO, "A count can't be below zero."),
    };
    if !fits {
        fields.wrong("quantity", reason);
    }
    quantity.unwrap_or_default()
}
