//! Shipments: they only come in.

use super::{Source, Taken, id};
use crate::ids::{OrderId, ShipmentId};
use crate::orders::{self, Shipment, ShipmentLine};
use crate::store::{self, Tx, links};
use crate::view::FieldChange;
use crate::{Result, company};
use connector_contract::{RecordKind, record};

/// Takes it over whole: a vendor's shipment has no fields of ours.
pub fn take_over(tx: &Tx<'_>, from: &Source<'_>, local_id: Option<&str>, theirs: &record::Shipment) -> Result<Taken> {
    let before = local_id.map(|local_id| store::shipments::get(tx, id(local_id)?)).transpose()?.flatten();
    let order_id = order_of(tx, from, theirs)?;
    let order = order_id.map(|id| store::orders::get(tx, id)).transpose()?.flatten();
    let currency = match (&theirs.cost, &before, &order) {
        (Some(cost), ..) => cost.currency(),
        (None, Some(before), _) => before.currency,
        (None, None, Some(order)) => order.currency,
        (None, None, None) => company::require(tx)?.currency,
    };
    let line = |line: &record::ShipmentLine| ShipmentLine {
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
        source: from.vendor.to_owned(),
        created_at: before.as_ref().map_or(from.now, |before| before.created_at),
        updated_at: from.now,
    };
    let written = orders::apply_shipment(tx, before.as_ref(), &after, from.who, from.now)?;
    Ok(Taken { local_id: after.id.to_string(), created: before.is_none(), changes: written.changes })
}

/// The order by its id over there, else by its number among the orders of the same connection.
fn order_of(tx: &Tx<'_>, from: &Source<'_>, theirs: &record::Shipment) -> Result<Option<OrderId>> {
    let by_id = match &theirs.order {
        Some(remote) => links::referred_local(&tx.db(), from.connection, RecordKind::Order, remote)?,
        None => None,
    };
    let found = match (by_id, &theirs.order_number) {
        (Some(found), _) => Some(found),
        (None, Some(number)) => links::order_by_number(&tx.db(), from.connection, number)?,
        (None, None) => None,
    };
    found.map(|found| id(&found)).transpose()
}

/// Marks its label cancelled; its goods are back in stock.
pub fn retire(tx: &Tx<'_>, from: &Source<'_>, local_id: &str) -> Result<Vec<FieldChange>> {
    let Some(before) = store::shipments::get(tx, id(local_id)?)? else { return Ok(Vec::new()) };
    let after = Shipment { voided: true, ..before.clone() };
    Ok(orders::apply_shipment(tx, Some(&before), &after, from.who, from.now)?.changes)
}
