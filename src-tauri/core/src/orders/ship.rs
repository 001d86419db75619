//! Marking orders as shipped: what the form starts from, its checks, and the parcels that come of it. A vendor that has the order and
//! takes parcels is told by the parcel's own entry in the outbox; the order itself is not sent for it.
//!
//! Absent on purpose: shipping a part. What is marked is all that is still open, because that is all a vendor can be told.

use super::{CarrierOption, Order, OrderStatus, ParcelDraft, Shipment, ShippingOptions, ShippingOrder};
use crate::fields::{Fields, LONGEST_ITEM_NAME};
use crate::ids::{ConnectionId, OrderId, ShipmentId};
use crate::store::connections::{self as rows, ConnectionRow};
use crate::store::links::{self, Link};
use crate::store::outbox::{self, Wish};
use crate::store::{self, Db, Tx};
use crate::{Core, Error, Result, company};
use chrono::{DateTime, NaiveDate, Utc};
use connector_contract::{RecordKind, SHIPPING_CARRIER};
use std::collections::BTreeMap;

/// What was typed.
pub(super) struct Typed<'a> {
    pub carrier: &'a str,
    pub shipped_on: &'a str,
    /// The buyer, and the shop the order comes from.
    pub notify: (bool, bool),
    pub parcels: &'a [ParcelDraft],
}

/// The same, read.
pub(super) struct Marking {
    carrier: String,
    shipped_on: Option<NaiveDate>,
    notify: (bool, bool),
    tracking: BTreeMap<OrderId, String>,
}

/// Reads what was typed for these orders.
pub(super) fn read(
    tx: &Tx<'_>,
    fields: &mut Fields,
    ids: &[OrderId],
    typed: &Typed<'_>,
    today: NaiveDate,
) -> Result<Marking> {
    let shipped_on = fields.day("shipped_on", typed.shipped_on);
    if shipped_on.is_some_and(|day| day > today) {
        fields.wrong("shipped_on", "Choose today or an earlier day: what is marked as shipped has left.");
    }
    let mut tracking = BTreeMap::new();
    for (index, parcel) in typed.parcels.iter().enumerate() {
        let at = format!("parcels.{index}.tracking_number");
        let number = fields.line(&at, &parcel.tracking_number, LONGEST_ITEM_NAME);
        if tracking.insert(parcel.order_id, number).is_some() {
            fields.wrong(at, "This order is there twice.");
        }
    }
    let mut told: BTreeMap<ConnectionId, ConnectionRow> = BTreeMap::new();
    for id in ids {
        told.extend(reported_to(&tx.db(), *id)?.into_iter().map(|row| (row.id, row)));
    }
    Ok(Marking { carrier: carrier(fields, typed.carrier, told.values()), shipped_on, notify: typed.notify, tracking })
}

/// The carrier as typed or, where a vendor is told, by its code.
fn carrier<'a>(fields: &mut Fields, typed: &str, told: impl Iterator<Item = &'a ConnectionRow>) -> String {
    let typed = fields.line("carrier", typed, LONGEST_ITEM_NAME);
    let mut code = typed.clone();
    for row in told {
        let offered = carriers(row);
        if typed.is_empty() {
            fields.wrong("carrier", "Choose the carrier; the order is marked as shipped there with it.");
            break;
        }
        let same = |option: &&CarrierOption| {
            option.code.eq_ignore_ascii_case(&typed) || option.name.eq_ignore_ascii_case(&typed)
        };
        match offered.iter().find(same) {
            Some(option) => code.clone_from(&option.code),
            // Not known yet, so the vendor decides.
            None if offered.is_empty() => {}
            None => {
                let names: Vec<&str> = offered.iter().map(|option| option.name.as_str()).collect();
                fields.wrong("carrier", format!("Choose one of the account's carriers: {}.", names.join(", ")));
                break;
            }
        }
    }
    code
}

fn carriers(row: &ConnectionRow) -> Vec<CarrierOption> {
    let offered = row.choices.iter().filter(|choice| choice.setting == SHIPPING_CARRIER);
    offered.map(|choice| CarrierOption { code: choice.value.clone(), name: choice.label.clone() }).collect()
}

/// The connections that are told when an order has shipped: they take parcels, and have the order or are about to.
fn reported_to(db: &Db<'_>, order: OrderId) -> Result<Vec<ConnectionRow>> {
    let mut told = Vec::new();
    for row in rows::that_send(db, RecordKind::Shipment)? {
        let local_id = order.to_string();
        let link = links::by_local(db, row.id, RecordKind::Order, &local_id)?;
        let has_it = match link {
            Some(link) => !link.deleted && !link.is_closed(),
            None => !outbox::of_record(db, row.id, RecordKind::Order, &local_id)?.is_empty(),
        };
        if has_it {
            told.push(row);
        }
    }
    Ok(told)
}

/// Everything open of an order has left.
pub(super) fn mark(tx: &Tx<'_>, before: &Order, marking: &Marking, now: DateTime<Utc>) -> Result<()> {
    let shipment = Shipment {
        carrier: marking.carrier.clone(),
        tracking_number: marking.tracking.get(&before.id).cloned().unwrap_or_default(),
        shipped_on: marking.shipped_on,
        notify_buyer: marking.notify.0,
        notify_channel: marking.notify.1,
        ..Shipment::new(ShipmentId::new(), before, "owner", now)
    };
    super::apply_shipment(tx, None, &shipment, "owner", now)?;
    let told: Vec<ConnectionId> = reported_to(&tx.db(), before.id)?.into_iter().map(|row| row.id).collect();
    let order = before.id.to_string();
    for connection in outbox::targets(tx, RecordKind::Order)? {
        let takes_parcels = told.contains(&connection);
        let closed =
            links::by_local(&tx.db(), connection, RecordKind::Order, &order)?.as_ref().is_some_and(Link::is_closed);
        if takes_parcels {
            outbox::enqueue_for(tx, connection, RecordKind::Shipment, &shipment.id.to_string(), Wish::Upsert, now)?;
        } else if !closed {
            outbox::enqueue_for(tx, connection, RecordKind::Order, &order, Wish::Upsert, now)?;
        }
    }
    Ok(())
}

impl Core {
    pub(super) fn options_for_shipping(&self, db: &Db<'_>, ids: &[OrderId]) -> Result<ShippingOptions> {
        let today = company::require(db)?.day_of(self.now()).to_string();
        let mut options = ShippingOptions { today, carriers: Vec::new(), vendors: Vec::new(), orders: Vec::new() };
        for id in ids {
            let order = store::orders::get(db, *id)?.ok_or(Error::NotFound("order"))?;
            let mut vendors = Vec::new();
            for row in reported_to(db, *id)? {
                vendors.push(self.vendor_name(&row.vendor));
                for carrier in carriers(&row) {
                    if !options.carriers.contains(&carrier) {
                        options.carriers.push(carrier);
                    }
                }
            }
            options
                .vendors
                .extend(vendors.iter().filter(|vendor| !options.vendors.contains(vendor)).cloned().collect::<Vec<_>>());
            options.orders.push(ShippingOrder {
                id: order.id,
                number: order.number,
                customer_name: order.customer_name,
                vendors,
                partly_shipped: order.status == OrderStatus::PartlyShipped,
            });
        }
        Ok(options)
    }
}
