//! Shipments: a vendor's come in, and those the owner made are reported to vendors that take them.

use super::{Rendered, Source, Taken, id};
use crate::ids::{ConnectionId, OrderId, ShipmentId};
use crate::orders::{self, Shipment, ShipmentLine};
use crate::store::outbox::{self, Wish};
use crate::store::{self, Db, Tx, links};
use crate::text::same_key;
use crate::view::FieldChange;
use crate::{Result, company};
use connector_contract::{Record, RecordKind, record};

/// Takes it over whole: a vendor's shipment has no fields of ours.
pub fn take_over(tx: &Tx<'_>, from: &Source<'_>, local_id: Option<&str>, theirs: &record::Shipment) -> Result<Taken> {
    let before = local_id.map(|local_id| store::shipments::get(tx, id(local_id)?)).transpose()?.flatten();
    let order_id = order_of(&tx.db(), from, theirs)?;
    let order = order_id.map(|id| store::orders::get(tx, id)).transpose()?.flatten();
    let currency = match (&theirs.cost, &before, &order) {
        (Some(cost), ..) => cost.currency(),
        (None, Some(before), _) => before.currency,
        (None, None, Some(order)) => order.currency,
        (None, None, None) => company::require(tx)?.currency,
    };
    let line = |line: &record::ShipmentLine| ShipmentLine {
        remote_line: line.remote_line.clone().unwrap_or_default(),
        line_key: line.line_key.clone().unwrap_or_default(),
        order_line_id: None,
        item_id: None,
        sku: line.sku.clone().unwrap_or_default(),
        name: line.name.clone(),
        quantity: line.quantity,
    };
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    let after = Shipment {
        id: before.as_ref().map_or_else(ShipmentId::new, |before| before.id),
        order_id,
        order_number: theirs.order_number.clone().or(order.map(|order| order.number)).unwrap_or_default(),
        carrier: text(&theirs.carrier),
        service: text(&theirs.service),
        tracking_number: text(&theirs.tracking_number),
        shipped_on: theirs.shipped_on,
        cost: theirs.cost,
        currency,
        voided: theirs.voided,
        is_return: theirs.is_return,
        lines: theirs.lines.as_ref().map(|lines| lines.iter().map(line).collect()),
        applied: before.as_ref().is_some_and(|before| before.applied),
        notify_buyer: before.as_ref().is_some_and(|before| before.notify_buyer),
        notify_channel: before.as_ref().is_some_and(|before| before.notify_channel),
        // A parcel of ours that the vendor was told of stays ours.
        source: before.as_ref().map_or_else(|| from.vendor.to_owned(), |before| before.source.clone()),
        created_at: before.as_ref().map_or(from.now, |before| before.created_at),
        updated_at: from.now,
    };
    let written = orders::apply_shipment(tx, before.as_ref(), &after, from.who, from.now)?;
    if let Some(order) = order_id.filter(|_| after.voided && !after.is_return) {
        // What the owner marked as shipped was not taken while this parcel stood for it. Now it can be.
        for parcel in store::shipments::unreported(&tx.db(), from.connection, order)? {
            outbox::enqueue_for(tx, from.connection, RecordKind::Shipment, &parcel, Wish::Upsert, from.now)?;
        }
    }
    Ok(Taken { local_id: after.id.to_string(), created: before.is_none(), changes: written.changes })
}

/// The order by its id over there, else by its number among the orders of the same connection.
fn order_of(db: &Db<'_>, from: &Source<'_>, theirs: &record::Shipment) -> Result<Option<OrderId>> {
    let by_id = match &theirs.order {
        Some(remote) => links::referred_local(db, from.connection, RecordKind::Order, remote)?,
        None => None,
    };
    let found = match (by_id, &theirs.order_number) {
        (Some(found), _) => Some(found),
        (None, Some(number)) => links::order_by_number(db, from.connection, number)?,
        (None, None) => None,
    };
    found.map(|found| id(&found)).transpose()
}

/// Writes out a parcel that the owner marked as shipped. Its order has to exist there first.
pub fn render(db: &Db<'_>, connection: ConnectionId, local_id: &str) -> Result<Rendered> {
    let parcel = store::shipments::get(db, id(local_id)?)?;
    let Some(parcel) = parcel.filter(|parcel| parcel.source == "owner" && !parcel.voided && !parcel.is_return) else {
        return Ok(Rendered::Nothing);
    };
    let Some(order) = parcel.order_id.map(|order| order.to_string()) else { return Ok(Rendered::Nothing) };
    let link = links::by_local(db, connection, RecordKind::Order, &order)?.filter(|link| !link.deleted);
    let Some(link) = link else { return Ok(Rendered::Missing(vec![(RecordKind::Order, order)])) };
    let content = |line: &ShipmentLine| record::ShipmentLine {
        remote_line: Some(line.remote_line.clone()).filter(|id| !id.is_empty()),
        line_key: Some(line.line_key.clone()).filter(|key| !key.is_empty()),
        sku: Some(line.sku.clone()).filter(|sku| !sku.is_empty()),
        name: line.name.clone(),
        quantity: line.quantity,
    };
    let told = |text: String| Some(text).filter(|text| !text.is_empty());
    Ok(Rendered::Ready(Box::new(Record::Shipment(record::Shipment {
        order: Some(link.remote_id),
        order_number: told(parcel.order_number),
        carrier: told(parcel.carrier),
        service: told(parcel.service),
        tracking_number: told(parcel.tracking_number),
        shipped_on: parcel.shipped_on,
        cost: parcel.cost,
        voided: false,
        is_return: false,
        notify_buyer: parcel.notify_buyer,
        notify_channel: parcel.notify_channel,
        lines: parcel.lines.as_ref().map(|lines| lines.iter().map(content).collect()),
    }))))
}

/// The parcel of ours that a vendor's is: of the same order, with the same tracking number.
pub fn find_same(db: &Db<'_>, from: &Source<'_>, theirs: &record::Shipment) -> Result<Option<String>> {
    let Some(order) = order_of(db, from, theirs)? else { return Ok(None) };
    let tracking = same_key(theirs.tracking_number.as_deref().unwrap_or_default());
    if tracking.is_empty() || theirs.is_return {
        return Ok(None);
    }
    for parcel in store::shipments::of_order(db, order)? {
        let local_id = parcel.id.to_string();
        let is_same = parcel.source == "owner" && !parcel.voided && same_key(&parcel.tracking_number) == tracking;
        if is_same && links::by_local(db, from.connection, RecordKind::Shipment, &local_id)?.is_none() {
            return Ok(Some(local_id));
        }
    }
    Ok(None)
}

/// Marks its label cancelled; its goods are back in stock.
pub fn retire(tx: &Tx<'_>, from: &Source<'_>, local_id: &str) -> Result<Vec<FieldChange>> {
    let Some(before) = store::shipments::get(tx, id(local_id)?)? else { return Ok(Vec::new()) };
    let after = Shipment { voided: true, ..before.clone() };
    Ok(orders::apply_shipment(tx, Some(&before), &after, from.who, from.now)?.changes)
}
