//! Showing one order with all that belongs to it.

use super::{Order, OrderDraft, OrderLine, OrderLineDraft, OrderLineView, OrderView, Shipment, ShipmentView, save};
use crate::ids::OrderId;
use crate::store::{self, Db};
use crate::view::quantity_text;
use crate::{Core, Error, Result};
use connector_contract::RecordKind;

impl Core {
    pub(super) fn order_view(&self, db: &Db<'_>, id: OrderId) -> Result<OrderView> {
        let order = store::orders::get(db, id)?.ok_or(Error::NotFound("order"))?;
        let shipments = store::shipments::of_order(db, id)?;
        Ok(OrderView {
            status: order.status,
            hold_until: order.hold_until.map(|day| day.to_string()),
            source: self.source_name(&order.source),
            editable: save::is_editable(&order),
            lines: order.lines.iter().map(line_view).collect::<Result<_>>()?,
            subtotal: order.subtotal()?.into(),
            shipping: order.shipping.into(),
            tax: order.tax.into(),
            total: order.total.into(),
            shipments: shipments.into_iter().map(Into::into).collect(),
            invoice_id: order.invoice_id,
            sync: self.record_sync(db, RecordKind::Order, id)?,
            history: store::history::first_page(db, RecordKind::Order, &id.to_string())?,
            draft: order.into(),
        })
    }
}

fn line_view(line: &OrderLine) -> Result<OrderLineView> {
    Ok(OrderLineView {
        id: line.id,
        item_id: line.item_id,
        sku: line.sku.clone(),
        name: line.name.clone(),
        quantity: quantity_text(line.quantity),
        shipped: quantity_text(line.shipped),
        unit_price: line.unit_price.into(),
        amount: line.amount()?.into(),
        adjustment: line.adjustment,
    })
}

impl From<Order> for OrderDraft {
    fn from(order: Order) -> Self {
        let lines = order.lines.into_iter().map(|line| OrderLineDraft {
            id: line.id,
            item_id: line.item_id,
            sku: line.sku,
            name: line.name,
            quantity: quantity_text(line.quantity),
            unit_price: line.unit_price.to_decimal_string(),
        });
        Self {
            id: order.id,
            version: Some(order.version),
            number: order.number,
            ordered_on: order.ordered_on.to_string(),
            customer_id: order.customer_id,
            customer_name: order.customer_name,
            customer_email: order.customer_email,
            ship_to: order.ship_to.into(),
            lines: lines.collect(),
            shipping: order.shipping.to_decimal_string(),
            tax: order.tax.to_decimal_string(),
            customer_note: order.customer_note,
            internal_note: order.internal_note,
        }
    }
}

impl From<Shipment> for ShipmentView {
    fn from(shipment: Shipment) -> Self {
        Self {
            id: shipment.id,
            contents: shipment.lines.iter().flatten().map(ToString::to_string).collect(),
            shipped_on: shipment.shipped_on.map(|day| day.to_string()),
            carrier: shipment.carrier,
            service: shipment.service,
            tracking_number: shipment.tracking_number,
            cost: shipment.cost.map(Into::into),
            voided: shipment.voided,
            is_return: shipment.is_return,
        }
    }
}
