//! Orders on both sides. Lines keep their ids by their key, so that what was shipped stays with them.

use super::{Rendered, Source, Taken, id, take, take_text};
use crate::ids::{ConnectionId, LineId, OrderId};
use crate::orders::{self, Order, OrderLine, OrderStatus};
use crate::store::{self, Db, Tx, links};
use crate::sync::merge::Fields;
use crate::view::FieldChange;
use crate::{Result, company};
use backroom_money::Quantity;
use connector_contract::{Record, RecordKind, pair_lines, record};
use uuid::Uuid;

/// Takes their changed fields over. A new order belongs to the customer with the buyer's e-mail address; a buyer without one
/// stays a name, because names are not unique.
pub fn take_over(
    tx: &Tx<'_>,
    from: &Source<'_>,
    local_id: Option<&str>,
    fresh: Uuid,
    theirs: &record::Order,
    changed: &Fields,
) -> Result<Taken> {
    let before = load(tx, local_id)?;
    let mut after = match &before {
        Some(before) => before.clone(),
        None => Order::new(OrderId(fresh), theirs.total.currency(), from.vendor, from.now),
    };
    take_text(changed, "number", &mut after.number, Some(&theirs.number));
    take(changed, "status", &mut after.status, Some(&status_here(theirs.status)));
    if changed.contains_key("ordered_at") {
        after.ordered_at = theirs.ordered_at;
        after.ordered_on = company::require(tx)?.day_of(theirs.ordered_at);
    }
    if changed.contains_key("status") || changed.contains_key("hold_until") {
        after.hold_until = theirs.hold_until.filter(|_| after.status == OrderStatus::OnHold);
    }
    take_text(changed, "customer_name", &mut after.customer_name, Some(&theirs.customer_name));
    take_text(changed, "customer_email", &mut after.customer_email, theirs.customer_email.as_ref());
    if after.customer_id.is_none() && changed.contains_key("customer_email") {
        after.customer_id = store::customers::find_by_email(tx, &after.customer_email)?.map(|customer| customer.id);
    }
    take(changed, "billing", &mut after.billing, theirs.billing.as_ref());
    take(changed, "shipping", &mut after.ship_to, theirs.shipping.as_ref());
    take(changed, "shipping_amount", &mut after.shipping, Some(&theirs.shipping_amount));
    take(changed, "tax_amount", &mut after.tax, Some(&theirs.tax_amount));
    take(changed, "total", &mut after.total, Some(&theirs.total));
    if changed.contains_key("lines") {
        after.lines = lines(&after.lines, &theirs.lines);
    }
    take_text(changed, "customer_note", &mut after.customer_note, theirs.customer_note.as_ref());
    take_text(changed, "internal_note", &mut after.internal_note, theirs.internal_note.as_ref());
    take_text(changed, "requested_service", &mut after.requested_service, theirs.requested_service.as_ref());
    if changed.contains_key("parent") {
        after.parent_remote_id = theirs.parent.as_ref().map(|parent| parent.0.clone());
    }
    let written = orders::write(tx, before.as_ref(), &after, from.who, from.now)?;
    if before.is_none() {
        adopt_shipments(tx, from, &written.record)?;
    } else if changed.contains_key("lines") {
        orders::tie_to_new_lines(tx, &written.record, from.who, from.now)?;
    }
    Ok(Taken { local_id: after.id.to_string(), created: before.is_none(), changes: written.changes })
}

/// Shipments that came before their order take their goods from stock now.
fn adopt_shipments(tx: &Tx<'_>, from: &Source<'_>, order: &Order) -> Result<()> {
    for shipment in store::shipments::waiting_for_order(tx, &order.number)? {
        if shipment.source == from.vendor {
            let after = orders::Shipment { order_id: Some(order.id), ..shipment.clone() };
            orders::apply_shipment(tx, Some(&shipment), &after, from.who, from.now)?;
        }
    }
    Ok(())
}

fn lines(ours: &[OrderLine], theirs: &[record::OrderLine]) -> Vec<OrderLine> {
    let known: Vec<record::OrderLine> = ours.iter().map(OrderLine::neutral).collect();
    let pairs = pair_lines(theirs, &known);
    let lines = theirs.iter().zip(pairs).map(|(line, pair)| {
        let known = pair.map(|index| &ours[index]);
        let sku = line.sku.clone().unwrap_or_default();
        let key = line.key.clone().unwrap_or_default();
        OrderLine {
            id: known.map_or_else(LineId::new, |known| known.id),
            remote_line: line.remote_line.clone().unwrap_or_default(),
            // A line of ours goes by our id of it, also with the vendor.
            line_key: if known.is_some_and(|known| known.id.to_string() == key) { String::new() } else { key },
            item_id: known.filter(|known| known.sku == sku).and_then(|known| known.item_id),
            sku,
            name: line.name.clone(),
            quantity: line.quantity,
            shipped: known.map_or(Quantity::ZERO, |known| known.shipped),
            unit_price: line.unit_price,
            adjustment: line.adjustment,
            allocated: known.map_or(Quantity::ZERO, |known| known.allocated),
            location_id: known.and_then(|known| known.location_id),
        }
    });
    lines.collect()
}

/// Cancels it.
pub fn retire(tx: &Tx<'_>, from: &Source<'_>, local_id: &str) -> Result<Vec<FieldChange>> {
    let Some(before) = load(tx, Some(local_id))? else { return Ok(Vec::new()) };
    let after = Order { status: OrderStatus::Cancelled, hold_until: None, ..before.clone() };
    Ok(orders::write(tx, Some(&before), &after, from.who, from.now)?.changes)
}

/// Writes it out. Its key is our id.
pub fn render(db: &Db<'_>, connection: ConnectionId, local_id: &str) -> Result<Rendered> {
    let Some(order) = store::orders::get(db, id(local_id)?)? else { return Ok(Rendered::Nothing) };
    let status = if store::shipments::waits_to_be_reported(db, connection, order.id)? {
        agreed_status(db, connection, local_id)?
    } else {
        status_there(order.status)
    };
    Ok(Rendered::Ready(Box::new(Record::Order(record::Order {
        number: order.number,
        key: (order.source == "owner").then(|| order.id.to_string()),
        status,
        ordered_at: order.ordered_at,
        hold_until: order.hold_until,
        customer_name: order.customer_name,
        customer_email: Some(order.customer_email),
        billing: Some(order.billing),
        shipping: Some(order.ship_to),
        lines: order.lines.iter().map(OrderLine::neutral).collect(),
        shipping_amount: order.shipping,
        tax_amount: order.tax,
        total: order.total,
        paid: None,
        customer_note: Some(order.customer_note),
        internal_note: Some(order.internal_note),
        requested_service: Some(order.requested_service),
        parent: order.parent_remote_id.map(connector_contract::RemoteId),
    }))))
}

/// Where an order stands with a vendor that has yet to hear that it shipped: the parcel that waits says so, not the order.
fn agreed_status(db: &Db<'_>, connection: ConnectionId, local_id: &str) -> Result<record::OrderStatus> {
    let link = links::by_local(db, connection, RecordKind::Order, local_id)?.filter(|link| !link.deleted);
    let agreed = link.and_then(|link| link.agreed).and_then(|agreed| agreed.local.get("status").cloned());
    Ok(agreed.map(serde_json::from_value).transpose()?.unwrap_or(record::OrderStatus::Open))
}

fn status_here(status: record::OrderStatus) -> OrderStatus {
    match status {
        record::OrderStatus::AwaitingPayment => OrderStatus::AwaitingPayment,
        record::OrderStatus::Open => OrderStatus::Open,
        record::OrderStatus::OnHold => OrderStatus::OnHold,
        record::OrderStatus::PartlyShipped => OrderStatus::PartlyShipped,
        record::OrderStatus::Shipped => OrderStatus::Shipped,
        record::OrderStatus::Cancelled => OrderStatus::Cancelled,
    }
}

fn status_there(status: OrderStatus) -> record::OrderStatus {
    match status {
        OrderStatus::AwaitingPayment => record::OrderStatus::AwaitingPayment,
        // How far it has come follows from its parcels, which go by themselves; for its vendor it stays open until it is complete.
        OrderStatus::Open | OrderStatus::PartlyShipped => record::OrderStatus::Open,
        OrderStatus::OnHold => record::OrderStatus::OnHold,
        OrderStatus::Shipped => record::OrderStatus::Shipped,
        OrderStatus::Cancelled => record::OrderStatus::Cancelled,
    }
}

fn load(tx: &Tx<'_>, local_id: Option<&str>) -> Result<Option<Order>> {
    local_id.map(|local_id| store::orders::get(tx, id(local_id)?)).transpose().map(Option::flatten)
}
