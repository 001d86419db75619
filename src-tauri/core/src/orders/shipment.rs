//! Parcels: what left the house, once. Applying a shipment twice, in any order, or after a void changes nothing that it has not
//! changed already: whether it was applied stands in its row, and what it took stands in the movements.
//!
//! Absent on purpose: returns of goods to stock. A return label only announces a parcel; the owner receives it when it came.

use super::record::{status_after_shipping, write_as};
use super::{Order, OrderLine, OrderStatus, matching};
use crate::company;
use crate::event::Tag;
use crate::ids::{ItemId, LineId, LocationId, MovementId, OrderId, ShipmentId};
use crate::items::{Item, ItemKind};
use crate::stock::MovementKind;
use crate::store::stock::Movement;
use crate::store::{self, Tx};
use crate::view::{Facts, Written, diff};
use crate::{Error, Result};
use backroom_money::{Currency, Money, Quantity};
use chrono::{DateTime, NaiveDate, Utc};
use connector_contract::RecordKind;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A parcel that left, or the label of a return.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own, and vendors state them as flags")]
pub struct Shipment {
    /// Id.
    pub id: ShipmentId,
    /// The order it belongs to, once known.
    pub order_id: Option<OrderId>,
    /// The order's number, where that is all the vendor says.
    pub order_number: String,
    /// Carrier.
    pub carrier: String,
    /// Service.
    pub service: String,
    /// Tracking number.
    pub tracking_number: String,
    /// Day it left.
    pub shipped_on: Option<NaiveDate>,
    /// Postage.
    pub cost: Option<Money>,
    /// Currency of the postage.
    pub currency: Currency,
    /// Label cancelled: nothing left.
    pub voided: bool,
    /// Label of a return: nothing leaves.
    pub is_return: bool,
    /// What is in it. `None`: not known, so it is everything open on the order; filled in when applied.
    pub lines: Option<Vec<ShipmentLine>>,
    /// Whether its goods have left the stock. Kept by [`apply_shipment`]; a value given to it is ignored.
    pub applied: bool,
    /// Whether a vendor that is told of it is to write to the buyer.
    #[serde(default)]
    pub notify_buyer: bool,
    /// Whether it is to tell the shop the order comes from.
    #[serde(default)]
    pub notify_channel: bool,
    /// `owner`, or the id of the vendor it came from.
    pub source: String,
    /// When it was made here.
    pub created_at: DateTime<Utc>,
    /// Last change.
    pub updated_at: DateTime<Utc>,
}

/// What is in a parcel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShipmentLine {
    /// The vendor's own id of the order line; may be empty.
    #[serde(default)]
    pub remote_line: String,
    /// The order line's key as the vendor gives it; may be empty.
    pub line_key: String,
    /// The order line. Filled in when applied.
    pub order_line_id: Option<LineId>,
    /// The item. Filled in when applied.
    pub item_id: Option<ItemId>,
    /// SKU; may be empty.
    pub sku: String,
    /// What it is.
    pub name: String,
    /// How many.
    pub quantity: Quantity,
}

impl Shipment {
    /// A parcel of everything open on an order.
    pub fn new(id: ShipmentId, order: &Order, source: impl Into<String>, now: DateTime<Utc>) -> Self {
        Self {
            id,
            order_id: Some(order.id),
            order_number: order.number.clone(),
            carrier: String::new(),
            service: String::new(),
            tracking_number: String::new(),
            shipped_on: None,
            cost: None,
            currency: order.currency,
            voided: false,
            is_return: false,
            lines: None,
            applied: false,
            notify_buyer: false,
            notify_channel: false,
            source: source.into(),
            created_at: now,
            updated_at: now,
        }
    }

    /// Its fields as history shows them.
    pub fn facts(&self) -> Facts {
        let mut facts = Facts::default();
        facts.text("order_number", &self.order_number);
        facts.text("carrier", &self.carrier);
        facts.text("service", &self.service);
        facts.text("tracking_number", &self.tracking_number);
        facts.optional("shipped_on", self.shipped_on);
        if let Some(cost) = self.cost {
            facts.money("cost", cost);
        }
        facts.flag("voided", self.voided);
        facts.flag("is_return", self.is_return);
        for (index, line) in self.lines.iter().flatten().enumerate() {
            facts.text(format!("lines.{}", index + 1), &line.to_string());
        }
        facts
    }

    /// Whether goods have left with it.
    fn takes_goods(&self) -> bool {
        !self.voided && !self.is_return
    }

    /// Whether the vendor now says something else of what is in it, or of whose it is.
    fn goods_differ(&self, after: &Self) -> bool {
        fn told(lines: &[ShipmentLine]) -> BTreeMap<(&str, &str), i128> {
            let mut told = BTreeMap::new();
            for line in lines {
                *told.entry((line.line_key.as_str(), line.sku.as_str())).or_default() +=
                    i128::from(line.quantity.scaled());
            }
            told
        }
        let other_goods = match (&self.lines, &after.lines) {
            (Some(before), Some(after)) => told(before) != told(after),
            _ => false,
        };
        other_goods || (after.order_id.is_some() && after.order_id != self.order_id)
    }
}

impl std::fmt::Display for ShipmentLine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let what = if self.sku.is_empty() { &self.name } else { &self.sku };
        write!(f, "{} × {what}", self.quantity.to_decimal_string())
    }
}

/// Stores a shipment and what follows from it: goods leave the stock once, lines are marked shipped, the order's status moves
/// on; a void takes all of it back. Lines name order lines by key, else by SKU; what can't be matched is kept and moves no
/// stock. `before` is what is stored now, `None` for a new one.
pub fn apply_shipment(
    tx: &Tx<'_>,
    before: Option<&Shipment>,
    after: &Shipment,
    who: &str,
    now: DateTime<Utc>,
) -> Result<Written<Shipment>> {
    // What is stored decides whether goods have left; a caller that did not look it up must not make them leave twice.
    let stored = if before.is_none() { store::shipments::get(tx, after.id)? } else { None };
    let before = before.or(stored.as_ref());
    let mut record = after.clone();
    record.applied = before.is_some_and(|before| before.applied);
    record.order_id = after.order_id.or(before.and_then(|before| before.order_id));
    if let Some(before) = before {
        record.created_at = before.created_at;
        record.updated_at = before.updated_at;
        if before.applied && (!record.takes_goods() || before.goods_differ(&record)) {
            put_back(tx, before, who, now)?;
            record.applied = false;
        }
        if record.applied || record.lines.is_none() {
            record.lines.clone_from(&before.lines);
        }
    }
    if record.takes_goods() && !record.applied {
        take(tx, &mut record, who, now)?;
    }
    if before == Some(&record) {
        return Ok(Written { record, changes: Vec::new() });
    }
    let changes = diff(before.map(Shipment::facts), record.facts());
    record.updated_at = now;
    store::shipments::put(tx, &record)?;
    let id = record.id.to_string();
    if changes.is_empty() {
        store::history::add_unseen(tx, RecordKind::Shipment, &id, now, who)?;
    } else {
        let action = match before {
            None => "created",
            Some(before) if !before.voided && record.voided => "voided",
            Some(_) => "updated",
        };
        store::history::add(tx, RecordKind::Shipment, &id, now, who, action, &changes)?;
    }
    if before.is_some_and(|before| !before.voided) && record.voided {
        fill_empty_parcels(tx, &record, who, now)?;
    }
    tx.changed(Tag::Orders);
    Ok(Written { record, changes })
}

/// A parcel whose contents nobody tells took what was open when it came. Where that was nothing, because a label that is cancelled
/// now still had the goods, it has them.
fn fill_empty_parcels(tx: &Tx<'_>, voided: &Shipment, who: &str, now: DateTime<Utc>) -> Result<()> {
    let Some(order) = voided.order_id else { return Ok(()) };
    for before in store::shipments::of_order(tx, order)? {
        let is_empty = before.lines.as_ref().is_some_and(Vec::is_empty);
        if before.id != voided.id && before.applied && before.takes_goods() && is_empty {
            let mut after = Shipment { lines: None, applied: false, updated_at: now, ..before.clone() };
            take(tx, &mut after, who, now)?;
            store::shipments::put(tx, &after)?;
            let changes = diff(Some(before.facts()), after.facts());
            store::history::add(tx, RecordKind::Shipment, &after.id.to_string(), now, who, "updated", &changes)?;
        }
    }
    Ok(())
}

/// Ties what left for an order to its lines again, once the vendor has told of new ones: a parcel may be heard of before the line
/// it names, and is laid to another one of the same SKU until then. The goods are the same, so no stock moves.
pub fn tie_to_new_lines(tx: &Tx<'_>, order: &Order, who: &str, now: DateTime<Utc>) -> Result<()> {
    let mut after = order.clone();
    let mut tied = false;
    for mut shipment in store::shipments::of_order(tx, order.id)? {
        let mut moved = false;
        for line in shipment.lines.iter_mut().flatten().filter(|_| shipment.applied) {
            let Some(at) = line.order_line_id else { continue };
            let names = |ordered: &&OrderLine| matching::is_named(ordered, line);
            // Keys repeat: a line that is tied to one of several stays there.
            if order.lines.iter().filter(names).any(|ordered| ordered.id == at) {
                continue;
            }
            if let Some(own) = order.lines.iter().find(names) {
                line.order_line_id = Some(own.id);
                let parcel = std::slice::from_ref(line);
                let away = ShipmentLine { order_line_id: Some(at), ..line.clone() };
                count_shipped(&mut after, &[away], -1)?;
                count_shipped(&mut after, parcel, 1)?;
                moved = true;
            }
        }
        if moved {
            store::shipments::put(tx, &shipment)?;
            tied = true;
        }
    }
    if tied {
        after.status = status_after_shipping(&after);
        write_as(tx, Some(order), after, "updated", who, now)?;
    }
    Ok(())
}

fn take(tx: &Tx<'_>, shipment: &mut Shipment, who: &str, now: DateTime<Utc>) -> Result<()> {
    let order = match shipment.order_id {
        Some(id) => store::orders::get(tx, id)?,
        None => None,
    };
    let Some(mut lines) = contents(tx, shipment, order.as_ref())? else { return Ok(()) };
    if let Some(order) = &order
        && shipment.source != "owner"
        && has_left_by_owner(tx, order)?
    {
        lines = without_what_left(order, lines);
    }
    let fallback = store::company::default_location(tx)?;
    for line in &lines {
        let Some(item) = line.item_id.map(|id| store::items::get(tx, id)).transpose()?.flatten() else { continue };
        let promised = order.as_ref().and_then(|order| {
            order.lines.iter().find(|ordered| Some(ordered.id) == line.order_line_id).and_then(|line| line.location_id)
        });
        if left_before_counting(tx, shipment, &item)? {
            continue;
        }
        if let (ItemKind::Stocked, Some(location)) = (item.kind, promised.or(fallback)) {
            let quantity = line.quantity.checked_neg().ok_or_else(too_many)?;
            let kind = MovementKind::Shipment;
            store::stock::move_stock(tx, &movement(shipment, item.id, location, kind, quantity, now))?;
        }
    }
    shipment.applied = true;
    if let Some(order) = &order {
        mark(tx, order, &lines, 1, who, now)?;
    }
    shipment.lines = Some(lines);
    Ok(())
}

/// Whether the parcel left before the item was counted here for the first time: the count knows of it already. On the day
/// itself the parcel counts, since it is the newer of the two far more often.
fn left_before_counting(tx: &Tx<'_>, shipment: &Shipment, item: &Item) -> Result<bool> {
    let Some(left) = shipment.shipped_on else { return Ok(false) };
    Ok(left < company::require(tx)?.day_of(item.created_at))
}

fn put_back(tx: &Tx<'_>, shipment: &Shipment, who: &str, now: DateTime<Utc>) -> Result<()> {
    for (item, location, taken) in store::stock::taken_by_shipment(tx, &shipment.id.to_string())? {
        let quantity = taken.checked_neg().ok_or_else(too_many)?;
        let kind = MovementKind::ShipmentVoided;
        store::stock::move_stock(tx, &movement(shipment, item, location, kind, quantity, now))?;
    }
    if let Some(order) = shipment.order_id.map(|id| store::orders::get(tx, id)).transpose()?.flatten() {
        mark(tx, &order, shipment.lines.as_deref().unwrap_or_default(), -1, who, now)?;
    }
    Ok(())
}

fn movement(
    shipment: &Shipment,
    item_id: ItemId,
    location_id: LocationId,
    kind: MovementKind,
    quantity: Quantity,
    at: DateTime<Utc>,
) -> Movement {
    let note = match shipment.order_number.as_str() {
        "" => String::new(),
        number => format!("Order {number}"),
    };
    Movement {
        id: MovementId::new(),
        item_id,
        location_id,
        kind,
        quantity,
        note,
        shipment: shipment.id.to_string(),
        at,
    }
}

/// Marks lines shipped (`sign` 1) or not shipped after all (−1), and moves the order's status on.
fn mark(tx: &Tx<'_>, before: &Order, lines: &[ShipmentLine], sign: i64, who: &str, now: DateTime<Utc>) -> Result<()> {
    let mut after = before.clone();
    count_shipped(&mut after, lines, sign)?;
    let was_out = matches!(before.status, OrderStatus::Shipped | OrderStatus::PartlyShipped);
    if sign < 0 && was_out {
        after.status = OrderStatus::Open;
    }
    after.status = status_after_shipping(&after);
    let action = match (sign, after.status) {
        (1, OrderStatus::Shipped) => "shipped",
        (1, _) => "partly_shipped",
        _ => "shipment_voided",
    };
    write_as(tx, Some(before), after, action, who, now)?;
    Ok(())
}

fn count_shipped(order: &mut Order, lines: &[ShipmentLine], sign: i64) -> Result<()> {
    for line in &mut order.lines {
        for parcel in lines.iter().filter(|parcel| parcel.order_line_id == Some(line.id)) {
            let shipped = line.shipped.scaled().checked_add(sign * parcel.quantity.scaled()).ok_or_else(too_many)?;
            line.shipped = Quantity::from_scaled(shipped.max(0));
        }
    }
    Ok(())
}

/// What is in a parcel, tied to order lines and items; `None` when only its order could tell and that is not known.
fn contents(tx: &Tx<'_>, shipment: &Shipment, order: Option<&Order>) -> Result<Option<Vec<ShipmentLine>>> {
    let Some(told) = &shipment.lines else { return Ok(order.map(everything_open)) };
    let mut lines = match order {
        Some(order) => matching::tie(order, told),
        None => told.clone(),
    };
    for line in lines.iter_mut().filter(|line| line.quantity > Quantity::ZERO) {
        let tied = line.order_line_id.filter(|_| order.is_some());
        let ordered = order.and_then(|order| order.lines.iter().find(|ordered| Some(ordered.id) == tied));
        line.item_id = match ordered.and_then(|ordered| ordered.item_id) {
            Some(id) => Some(id),
            None => store::items::find_by_sku(tx, &line.sku)?.map(|item| item.id),
        };
    }
    Ok(Some(lines))
}

/// Whether the owner marked goods of this order shipped, which its vendor may tell again as a shipment of its own.
fn has_left_by_owner(tx: &Tx<'_>, order: &Order) -> Result<bool> {
    let shipments = store::shipments::of_order(tx, order.id)?;
    Ok(shipments.iter().any(|shipment| shipment.source == "owner" && shipment.applied && shipment.takes_goods()))
}

/// Unties from order and stock what is not open any more: it is the same parcel told a second time.
fn without_what_left(order: &Order, lines: Vec<ShipmentLine>) -> Vec<ShipmentLine> {
    let mut open: BTreeMap<LineId, Quantity> = order.lines.iter().map(|line| (line.id, line.open())).collect();
    let mut all = Vec::with_capacity(lines.len());
    for mut line in lines {
        let Some(left) = line.order_line_id.and_then(|id| open.get_mut(&id)) else {
            all.push(line);
            continue;
        };
        let leaves = line.quantity.min(*left);
        let told_again = line.quantity.checked_sub(leaves).unwrap_or_default();
        *left = left.checked_sub(leaves).unwrap_or_default();
        if told_again > Quantity::ZERO {
            all.push(ShipmentLine { order_line_id: None, item_id: None, quantity: told_again, ..line.clone() });
        }
        line.quantity = leaves;
        if leaves > Quantity::ZERO {
            all.push(line);
        }
    }
    all
}

fn everything_open(order: &Order) -> Vec<ShipmentLine> {
    let goods = order.lines.iter().filter(|line| !line.adjustment && line.open() > Quantity::ZERO);
    goods
        .map(|line| ShipmentLine {
            remote_line: line.remote_line.clone(),
            line_key: line.line_key.clone(),
            order_line_id: Some(line.id),
            item_id: line.item_id,
            sku: line.sku.clone(),
            name: line.name.clone(),
            quantity: line.open(),
        })
        .collect()
}

fn too_many() -> Error {
    Error::Refused("This shipment holds more than can be counted.".into())
}
