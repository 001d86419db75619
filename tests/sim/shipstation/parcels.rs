//! Shipping: buying a label, voiding it, marking an order as shipped. Shared by the interfaces and the vendor's own user.

use super::catalogue;
use super::model::{Fulfillment, Item, Label, State};
use chrono::{DateTime, NaiveDate, Utc};
use rust_decimal::Decimal;
use serde_json::Value;

/// What a label is bought for.
pub struct Postage {
    /// Carrier code.
    pub carrier: String,
    /// Service code.
    pub service: String,
    /// Package code.
    pub package: Option<String>,
    /// Confirmation.
    pub confirmation: String,
    /// Day the parcel leaves.
    pub ship_date: NaiveDate,
    /// A return label: goods come back, the order stays as it is.
    pub is_return: bool,
}

/// Buys a label for the whole order, which is shipped then. Goods that are counted leave the shelves.
pub fn label(s: &mut State, now: DateTime<Utc>, order_id: i64, postage: Postage) -> Result<i64, String> {
    let cost = catalogue::price(&postage.carrier, &postage.service).ok_or("Invalid serviceCode")?;
    if postage.package.as_deref().is_some_and(|package| catalogue::PACKAGES.iter().all(|(code, _)| *code != package)) {
        return Err("Invalid packageCode".to_owned());
    }
    let order = s.order(order_id).ok_or("The order does not exist.")?;
    if !postage.is_return && order.status != "awaiting_shipment" {
        return Err(format!("A label cannot be made for an order with the status {}.", order.status));
    }
    let goods = order.items.iter().filter(|item| item.fields.get("adjustment") != Some(&Value::Bool(true)));
    let items: Vec<(Item, i64)> = goods.map(|item| (item.clone(), item.quantity())).collect();
    let mut taken = Vec::new();
    if !postage.is_return {
        for (item, quantity) in &items {
            if let Some(sku) = item.sku().map(str::to_owned) {
                taken.extend(s.take(&sku, *quantity));
            }
        }
        s.change(order_id, now, |order| "shipped".clone_into(&mut order.status));
    }
    let id = s.id("label", 33_974_374);
    s.labels.insert(
        id,
        Label {
            id,
            order_id: Some(order_id),
            created: now,
            ship_date: postage.ship_date,
            cost,
            insurance_cost: Decimal::ZERO,
            tracking_number: tracking(&postage.carrier, id),
            carrier: postage.carrier,
            service: postage.service,
            package: postage.package,
            confirmation: postage.confirmation,
            is_return: postage.is_return,
            voided: None,
            marketplace_notified: false,
            items,
            taken,
        },
    );
    Ok(id)
}

/// A number of the carrier's usual length.
pub fn tracking(carrier: &str, id: i64) -> String {
    match carrier {
        "ups" => format!("1Z999AA1{id:010}"),
        "fedex" => format!("7948{id:08}"),
        _ => format!("94001118995{id:011}"),
    }
}

/// Voids a label: the order is open again and the goods are back. Refused for one that was voided before.
pub fn void(s: &mut State, now: DateTime<Utc>, label_id: i64) -> Result<(), String> {
    let label = s.labels.get_mut(&label_id).ok_or("The label does not exist.")?;
    if label.voided.is_some() {
        return Err("The label was already voided.".to_owned());
    }
    label.voided = Some(now);
    let (order_id, is_return, taken) = (label.order_id, label.is_return, std::mem::take(&mut label.taken));
    s.put_back(&taken);
    let of_same = |other: &&Label| other.order_id == order_id && other.voided.is_none() && !other.is_return;
    let still_shipped = s.labels.values().any(|other| of_same(&other));
    if let Some(order_id) = order_id.filter(|_| !is_return && !still_shipped)
        && s.order(order_id).is_some_and(|order| order.status == "shipped")
    {
        s.change(order_id, now, |order| "awaiting_shipment".clone_into(&mut order.status));
    }
    Ok(())
}

/// Marks an order as shipped without a label. It can be done once.
pub fn mark(
    s: &mut State,
    now: DateTime<Utc>,
    order_id: i64,
    carrier: &str,
    tracking_number: Option<String>,
    ship_date: NaiveDate,
    notify: bool,
) -> Result<i64, String> {
    let order = s.order(order_id).ok_or("The order does not exist.")?;
    if matches!(order.status.as_str(), "shipped" | "cancelled") {
        return Err(format!("An order with the status {} cannot be marked as shipped.", order.status));
    }
    let lines: Vec<(String, i64)> =
        order.items.iter().filter_map(|item| Some((item.sku()?.to_owned(), item.quantity()))).collect();
    for (sku, quantity) in lines {
        s.take(&sku, quantity);
    }
    s.change(order_id, now, |order| "shipped".clone_into(&mut order.status));
    let id = s.id("fulfillment", 246_310);
    s.fulfillments.insert(
        id,
        Fulfillment {
            id,
            order_id,
            created: now,
            ship_date,
            carrier: carrier.to_owned(),
            tracking_number,
            marketplace_notified: notify,
        },
    );
    Ok(id)
}
