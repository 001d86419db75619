//! Creating and replacing orders, as `createorder` does it and as the vendor's own user does by hand.
//!
//! A call with a known key replaces the whole order: what it leaves out is cleared. Ids, key, store, creation, customer
//! and family of the order stay; a line stays itself only when its `lineItemKey` matches.

use super::model::{Customer, Item, Order, State};
use super::shape;
use chrono::{DateTime, Utc};
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;

/// States in which `createorder` may change an order; `createorders` also names `pending_fulfillment`.
const OPEN: [&str; 3] = ["awaiting_payment", "awaiting_shipment", "on_hold"];

/// Reads a body as an order. The misfits carry paths below the parameter.
pub fn read(body: &Value) -> Result<Map<String, Value>, Vec<shape::Misfit>> {
    let mut misfits = Vec::new();
    let fields = shape::object(shape::ORDER, body, "", &mut misfits);
    if misfits.is_empty() { Ok(fields) } else { Err(misfits) }
}

/// Creates or replaces. The error is the vendor's sentence; nothing is changed then.
pub fn save(s: &mut State, now: DateTime<Utc>, mut fields: Map<String, Value>, bulk: bool) -> Result<i64, String> {
    let key = take_text(&mut fields, "orderKey");
    let id = fields.remove("orderId").and_then(|id| id.as_i64()).filter(|id| *id != 0);
    let target = match (id, &key) {
        (Some(id), key) => {
            let order = s.order(id).ok_or("The orderId does not exist; it must not be sent for a new order.")?;
            if key.as_ref().is_some_and(|key| *key != order.key) {
                return Err("The orderId and the orderKey belong to different orders.".to_owned());
            }
            Some(id)
        }
        (None, Some(key)) => s.by_key(key),
        (None, None) => None,
    };
    let Some(id) = target else { return Ok(create(s, now, key, fields)) };
    let status = s.orders.get(&id).map_or("", |order| order.status.as_str());
    let may_change = OPEN.contains(&status) || (bulk && status == "pending_fulfillment");
    if !may_change {
        return Err(format!("An order with the status {status} cannot be updated."));
    }
    replace(s, now, id, fields);
    Ok(id)
}

fn create(s: &mut State, now: DateTime<Utc>, key: Option<String>, fields: Map<String, Value>) -> i64 {
    let id = s.id("order", 94_113_592);
    let store = fields.get("advancedOptions").and_then(|options| options.get("storeId")).and_then(Value::as_i64);
    let manual = s.stores.values().find(|store| store.marketplace_id == 0).map(|store| store.id);
    let known_store = store.filter(|id| s.stores.contains_key(id)).or(manual);
    // The examples show keys made by the vendor as 32 hexadecimal digits.
    let made =
        || format!("{:032x}", u128::from(id.unsigned_abs()).wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_0cad_9c2b_5a17));
    let order = Order {
        id,
        key: key.unwrap_or_else(made),
        number: String::new(),
        date: now,
        created: now,
        modified: now,
        paid: None,
        ship_by: None,
        status: String::new(),
        hold_until: None,
        customer_id: None,
        items: Vec::new(),
        fields: Map::new(),
        advanced: Map::from_iter([("storeId".to_owned(), json!(known_store))]),
        tag_ids: BTreeSet::new(),
        merged_or_split: false,
        merged_ids: Vec::new(),
        parent_id: None,
        gone: false,
    };
    s.orders.insert(id, order);
    replace(s, now, id, fields);
    s.older.remove(&id);
    id
}

/// Writes every writable field, given or not.
fn replace(s: &mut State, now: DateTime<Utc>, id: i64, mut fields: Map<String, Value>) {
    let customer = profile(s, now, &fields);
    let before = s.orders.get(&id).map(|order| order.items.clone()).unwrap_or_default();
    let lines = match fields.remove("items") {
        Some(Value::Array(lines)) => lines,
        _ => Vec::new(),
    };
    let mut left = before;
    let items = lines.into_iter().filter_map(|line| match line {
        Value::Object(line) => Some(item(s, now, line, &mut left)),
        _ => None,
    });
    let items: Vec<Item> = items.collect();
    let when = |fields: &mut Map<String, Value>, name: &str| {
        let text = take_text(fields, name)?;
        DateTime::parse_from_rfc3339(&text).ok().map(|at| at.to_utc())
    };
    let tags = fields.remove("tagIds");
    let known = tags.as_ref().and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_i64);
    let tags: BTreeSet<i64> = known.filter(|tag| s.tags.contains_key(tag)).collect();
    s.change(id, now, |order| {
        order.number = take_text(&mut fields, "orderNumber").unwrap_or_default();
        order.date = when(&mut fields, "orderDate").unwrap_or(now);
        order.paid = when(&mut fields, "paymentDate");
        order.ship_by = when(&mut fields, "shipByDate");
        order.status = take_text(&mut fields, "orderStatus").unwrap_or_default();
        if order.status != "on_hold" {
            order.hold_until = None;
        }
        order.customer_id = customer.or(order.customer_id);
        order.items = items;
        order.tag_ids = tags;
        let store = order.advanced.get("storeId").cloned();
        order.advanced = match fields.remove("advancedOptions") {
            Some(Value::Object(options)) => options,
            _ => Map::new(),
        };
        order.advanced.insert("storeId".to_owned(), store.unwrap_or_default());
        order.fields = fields;
    });
}

fn item(s: &mut State, now: DateTime<Utc>, mut fields: Map<String, Value>, left: &mut Vec<Item>) -> Item {
    for (name, usual) in [("name", json!("")), ("adjustment", json!(false)), ("options", json!([]))] {
        if fields.get(name).is_none_or(Value::is_null) {
            fields.insert(name.to_owned(), usual);
        }
    }
    if fields.get("productId").is_none_or(Value::is_null) {
        let product = fields.get("sku").and_then(Value::as_str).and_then(|sku| s.product(sku));
        fields.insert("productId".to_owned(), json!(product.map(|product| product.id)));
    }
    let key = fields.get("lineItemKey").and_then(Value::as_str).filter(|key| !key.is_empty());
    // Keys repeat: each line of before stays itself once.
    let known = key.and_then(|key| left.iter().position(|item| item.key() == Some(key))).map(|at| left.remove(at));
    match known {
        Some(item) if item.fields == fields => item,
        Some(item) => Item { id: item.id, created: item.created, modified: now, fields },
        None => Item { id: s.id("item", 128_836_912), created: now, modified: now, fields },
    }
}

/// A profile is kept for buyers with a user name.
fn profile(s: &mut State, now: DateTime<Utc>, fields: &Map<String, Value>) -> Option<i64> {
    let username = fields.get("customerUsername").and_then(Value::as_str).filter(|name| !name.is_empty())?;
    let email = fields.get("customerEmail").and_then(Value::as_str).map(str::to_owned);
    let address = fields.get("shipTo").and_then(Value::as_object).cloned().unwrap_or_default();
    if let Some(customer) = s.customers.values_mut().find(|c| c.username.eq_ignore_ascii_case(username)) {
        if customer.address != address || customer.email != email {
            customer.address = address;
            customer.email = email;
            customer.modified = now;
        }
        return Some(customer.id);
    }
    let id = s.id("customer", 37_701_499);
    let username = username.to_owned();
    s.customers.insert(id, Customer { id, username, email, created: now, modified: now, address });
    Some(id)
}

/// A new order of the same family with some of the lines: split off by hand, as no interface can.
pub fn split(s: &mut State, now: DateTime<Utc>, id: i64, parts: &[(i64, i64)]) -> Result<i64, String> {
    let parent = s.order(id).cloned().ok_or("There is no such order.")?;
    let mut child_items = Vec::new();
    let mut kept = parent.items.clone();
    for (item_id, quantity) in parts {
        let item = kept.iter_mut().find(|item| item.id == *item_id).ok_or("The order has no such line.")?;
        if *quantity < 1 || *quantity > item.quantity() {
            return Err("The line does not have that many pieces.".to_owned());
        }
        let mut moved = Item { id: s.id("item", 128_836_912), ..item.clone() };
        moved.fields.insert("quantity".to_owned(), json!(quantity));
        child_items.push(moved);
        let left = item.quantity() - quantity;
        item.fields.insert("quantity".to_owned(), json!(left));
        item.modified = now;
    }
    kept.retain(|item| item.quantity() > 0);
    if kept.iter().all(|item| item.fields.get("adjustment") == Some(&json!(true))) {
        return Err("Something must stay in the order.".to_owned());
    }
    let child_id = s.id("order", 94_113_592);
    let siblings = s.orders.values().filter(|order| order.parent_id == Some(id)).count();
    let mut child = Order {
        id: child_id,
        number: format!("{}-{}", parent.number, siblings + 1),
        created: now,
        modified: now,
        items: child_items,
        merged_or_split: true,
        parent_id: Some(id),
        ..parent
    };
    // Shipping, tax and what was paid stay with the parent.
    for name in ["taxAmount", "shippingAmount", "amountPaid"] {
        child.fields.insert(name.to_owned(), json!(0));
    }
    s.orders.insert(child_id, child);
    s.change(id, now, |order| {
        order.items = kept;
        order.merged_or_split = true;
    });
    Ok(child_id)
}

/// Merges orders into the first: the others disappear without a trace but in its `mergedIds`.
pub fn merge(s: &mut State, now: DateTime<Utc>, ids: &[i64]) -> Result<i64, String> {
    let (&first, others) = ids.split_first().ok_or("Say which orders.")?;
    if others.is_empty() || ids.iter().any(|id| s.order(*id).is_none_or(|o| !OPEN.contains(&o.status.as_str()))) {
        return Err("Only two or more open orders can be merged.".to_owned());
    }
    for &id in others {
        let moved = s.change(id, now, |order| {
            order.gone = true;
            let amounts = ["taxAmount", "shippingAmount", "amountPaid"].map(|name| (name, order.amount(name)));
            (order.items.clone(), amounts)
        });
        let Some((items, amounts)) = moved else { continue };
        s.change(first, now, |order| {
            order.items.extend(items);
            for (name, amount) in amounts {
                let sum = order.amount(name) + amount;
                order.fields.insert(name.to_owned(), super::wire::number(sum));
            }
            order.merged_or_split = true;
            order.merged_ids.push(id);
        });
    }
    Ok(first)
}

fn take_text(fields: &mut Map<String, Value>, name: &str) -> Option<String> {
    match fields.remove(name) {
        Some(Value::String(text)) if !text.is_empty() => Some(text),
        _ => None,
    }
}
