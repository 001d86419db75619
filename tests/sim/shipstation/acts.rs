//! What the account's owner does by hand in the vendor's own pages, including what no interface offers: split, merge,
//! partial shipments. Orders are named by `orderId` or `orderNumber`.

use super::model::{Product, SWITCHES, State};
use super::parcels::{self, Postage};
use super::wire::decimal;
use super::{saving, time, v1};
use crate::ActError;
use chrono::{DateTime, NaiveDate, Utc};
use serde_json::{Map, Value, json};

/// Does one thing and tells the outcome in the older interface's words.
pub fn act(s: &mut State, now: DateTime<Utc>, action: &str, body: &Value) -> Result<Value, ActError> {
    match action {
        "create_order" => create_order(s, now, body),
        "edit_order" => edit_order(s, now, body),
        "date_order" => date_order(s, body),
        "cancel_order" => set_status(s, now, body, "cancelled"),
        "hold_order" => hold(s, now, body),
        "restore_order" => set_status(s, now, body, "awaiting_shipment"),
        "delete_order" => {
            let id = which(s, body)?;
            s.change(id, now, |order| order.gone = true);
            Ok(json!({"orderId": id}))
        }
        "ship" => ship(s, now, body),
        "return_label" => {
            let id = which(s, body)?;
            let label = parcels::label(s, now, id, postage(body, now, true)?)?;
            shown_label(s, label)
        }
        "void_label" => {
            let id = label_of(s, body)?;
            parcels::void(s, now, id)?;
            shown_label(s, id)
        }
        "mark_shipped" => mark(s, now, body),
        "split" => {
            let id = which(s, body)?;
            let parts = parts(s, id, body)?;
            let child = saving::split(s, now, id, &parts)?;
            shown_order(s, child)
        }
        "merge" => {
            let ids = body.get("orderIds").and_then(Value::as_array).ok_or("Say which orders in orderIds.")?;
            let ids: Vec<i64> = ids.iter().filter_map(Value::as_i64).collect();
            let id = saving::merge(s, now, &ids)?;
            shown_order(s, id)
        }
        "tag_order" => {
            let id = which(s, body)?;
            let tag = whole(body, "tagId").filter(|tag| s.tags.contains_key(tag)).ok_or("There is no such tag.")?;
            s.change(id, now, |order| order.tag_ids.insert(tag));
            shown_order(s, id)
        }
        "set_stock" => set_stock(s, body),
        "save_product" => save_product(s, now, body),
        "switch" => switch(s, body),
        _ => Err(format!("no action called {action}").into()),
    }
}

fn whole(body: &Value, name: &str) -> Option<i64> {
    body.get(name).and_then(Value::as_i64)
}

fn text<'a>(body: &'a Value, name: &str) -> Option<&'a str> {
    body.get(name).and_then(Value::as_str)
}

fn which(s: &State, body: &Value) -> Result<i64, ActError> {
    let by_number = |number: &str| s.orders.values().find(|o| !o.gone && o.number == number).map(|o| o.id);
    let id = whole(body, "orderId").filter(|id| s.order(*id).is_some());
    id.or_else(|| text(body, "orderNumber").and_then(by_number)).ok_or_else(|| "There is no such order.".into())
}

fn shown_order(s: &State, id: i64) -> Result<Value, ActError> {
    s.orders.get(&id).map(v1::order).ok_or_else(|| "There is no such order.".into())
}

fn shown_label(s: &State, id: i64) -> Result<Value, ActError> {
    s.labels.get(&id).map(|label| v1::label(s, label, true)).ok_or_else(|| "There is no such label.".into())
}

/// Whatever an order needs and the act leaves out.
fn create_order(s: &mut State, now: DateTime<Utc>, body: &Value) -> Result<Value, ActError> {
    let Value::Object(given) = body else { return Err("An order is a JSON object.".into()) };
    let number = 1_000 + s.id("manual number", 1);
    let mut order = json!({
        "orderNumber": number.to_string(),
        "orderDate": now.to_rfc3339(),
        "orderStatus": "awaiting_shipment",
        "billTo": {"name": "Walk-in"},
        "shipTo": {"name": "Walk-in", "street1": "1 Pier Road", "city": "Portland", "state": "ME",
                   "postalCode": "04101", "country": "US"},
    });
    for (name, value) in given {
        order[name] = value.clone();
    }
    save(s, now, &order)
}

fn save(s: &mut State, now: DateTime<Utc>, order: &Value) -> Result<Value, ActError> {
    let fields = saving::read(order).map_err(|misfits| {
        let list: Vec<String> = misfits.iter().map(|misfit| format!("{}: {}", misfit.path, misfit.text)).collect();
        ActError(list.join(" "))
    })?;
    let id = saving::save(s, now, fields, true)?;
    shown_order(s, id)
}

/// Changes some fields and leaves the others: a person edits what is on the screen.
fn edit_order(s: &mut State, now: DateTime<Utc>, body: &Value) -> Result<Value, ActError> {
    let id = which(s, body)?;
    let mut order = shown_order(s, id)?;
    for (name, value) in body.as_object().into_iter().flatten() {
        if name != "orderId" {
            order[name] = value.clone();
        }
    }
    order["orderId"] = json!(id);
    save(s, now, &order)
}

/// An import that brought a wrong time along: the order bears it as that of its last change.
fn date_order(s: &mut State, body: &Value) -> Result<Value, ActError> {
    let id = which(s, body)?;
    let at = text(body, "modifyDate").and_then(time::read).ok_or("Say when, in `modifyDate`.")?;
    if let Some(order) = s.orders.get_mut(&id) {
        order.modified = at;
    }
    shown_order(s, id)
}

fn set_status(s: &mut State, now: DateTime<Utc>, body: &Value, status: &str) -> Result<Value, ActError> {
    let id = which(s, body)?;
    if s.order(id).is_some_and(|order| order.status == "shipped") {
        return Err("The order is shipped; void its label first.".into());
    }
    s.change(id, now, |order| {
        status.clone_into(&mut order.status);
        order.hold_until = None;
    });
    shown_order(s, id)
}

fn hold(s: &mut State, now: DateTime<Utc>, body: &Value) -> Result<Value, ActError> {
    let until = text(body, "until").or_else(|| text(body, "holdUntilDate")).and_then(time::read_day);
    let until = until.ok_or("Say until which day, as YYYY-MM-DD in `until`.")?;
    let shown = set_status(s, now, body, "on_hold")?;
    let id = whole(&shown, "orderId").ok_or("There is no such order.")?;
    s.change(id, now, |order| order.hold_until = Some(until));
    shown_order(s, id)
}

fn postage(body: &Value, now: DateTime<Utc>, is_return: bool) -> Result<Postage, ActError> {
    let day = text(body, "shipDate").map(|day| time::read_day(day).ok_or("The shipDate is no date.")).transpose()?;
    Ok(Postage {
        carrier: text(body, "carrierCode").unwrap_or("stamps_com").to_owned(),
        service: text(body, "serviceCode").unwrap_or("usps_ground_advantage").to_owned(),
        package: Some("package".to_owned()),
        confirmation: "delivery".to_owned(),
        ship_date: day.unwrap_or_else(|| time::pacific_day(now)),
        is_return,
    })
}

/// Lines of an order by `orderItemId` or `sku`, with a quantity.
fn parts(s: &State, id: i64, body: &Value) -> Result<Vec<(i64, i64)>, ActError> {
    let order = s.order(id).ok_or("There is no such order.")?;
    let wanted = body.get("items").and_then(Value::as_array).ok_or("Say which lines in `items`.")?;
    wanted
        .iter()
        .map(|part| {
            let by_sku = || order.items.iter().find(|item| item.sku() == text(part, "sku")).map(|item| item.id);
            let item = whole(part, "orderItemId").or_else(by_sku).ok_or("The order has no such line.")?;
            Ok((item, whole(part, "quantity").unwrap_or(1)))
        })
        .collect()
}

/// Buys a label. With `items` that are not the whole order, these are split off first and the rest stays open.
fn ship(s: &mut State, now: DateTime<Utc>, body: &Value) -> Result<Value, ActError> {
    let mut id = which(s, body)?;
    if body.get("items").is_some() {
        let parts = parts(s, id, body)?;
        let goods = |o: &super::model::Order| {
            let counted = o.items.iter().filter(|item| item.fields.get("adjustment") != Some(&json!(true)));
            counted.map(super::model::Item::quantity).sum::<i64>()
        };
        let all = s.order(id).map_or(0, goods);
        if parts.iter().map(|(_, quantity)| quantity).sum::<i64>() < all {
            id = saving::split(s, now, id, &parts)?;
        }
    }
    let label = parcels::label(s, now, id, postage(body, now, false)?)?;
    shown_label(s, label)
}

fn label_of(s: &State, body: &Value) -> Result<i64, ActError> {
    if let Some(id) = whole(body, "shipmentId") {
        return Ok(id);
    }
    let order = which(s, body)?;
    let label = s.labels.values().rev().find(|label| label.order_id == Some(order) && label.voided.is_none());
    label.map(|label| label.id).ok_or_else(|| "The order has no label.".into())
}

fn mark(s: &mut State, now: DateTime<Utc>, body: &Value) -> Result<Value, ActError> {
    let id = which(s, body)?;
    let day: Option<NaiveDate> = text(body, "shipDate").and_then(time::read_day);
    let tracking = text(body, "trackingNumber").map(str::to_owned);
    let carrier = text(body, "carrierCode").unwrap_or("USPS");
    let day = day.unwrap_or_else(|| time::pacific_day(now));
    let made = parcels::mark(s, now, id, carrier, tracking, day, false)?;
    s.fulfillments.get(&made).map(|row| v1::fulfillment(s, row)).ok_or_else(|| "It was not marked.".into())
}

fn set_stock(s: &mut State, body: &Value) -> Result<Value, ActError> {
    let sku = text(body, "sku").ok_or("Say which sku.")?;
    let quantity = whole(body, "quantity").ok_or("Say how many in `quantity`.")?;
    if s.product(sku).is_none() {
        return Err("There is no product with this SKU.".into());
    }
    let named = text(body, "inventory_location_id").map(str::to_owned);
    let location = named.or_else(|| s.inventory_locations.keys().next().cloned());
    let location = location.filter(|id| s.inventory_locations.contains_key(id)).ok_or("There is no such location.")?;
    s.bin(sku, &location, "sellable").on_hand = quantity;
    Ok(json!({"sku": sku, "inventory_location_id": location, "on_hand": quantity}))
}

fn save_product(s: &mut State, now: DateTime<Utc>, body: &Value) -> Result<Value, ActError> {
    let sku = text(body, "sku").ok_or("Say which sku.")?;
    let id = match s.product(sku) {
        Some(product) => product.id,
        None => s.id("product", 7_239_919),
    };
    let product = s.products.entry(id).or_insert_with(|| Product {
        id,
        sku: sku.to_owned(),
        name: sku.to_owned(),
        price: rust_decimal::Decimal::ZERO,
        cost: None,
        weight_oz: rust_decimal::Decimal::ZERO,
        upc: None,
        active: true,
        created: now,
        modified: now,
        fields: Map::new(),
    });
    if let Some(name) = text(body, "name") {
        name.clone_into(&mut product.name);
    }
    if let Some(price) = body.get("price").and_then(decimal) {
        product.price = price;
    }
    if let Some(weight) = body.get("weightOz").and_then(decimal) {
        product.weight_oz = weight;
    }
    product.cost = body.get("defaultCost").and_then(decimal).or(product.cost);
    product.upc = text(body, "upc").map(str::to_owned).or(product.upc.take());
    product.active = body.get("active").and_then(Value::as_bool).unwrap_or(product.active);
    product.modified = now;
    Ok(v1::product(product))
}

fn switch(s: &mut State, body: &Value) -> Result<Value, ActError> {
    let name = text(body, "name").filter(|name| SWITCHES.contains(name));
    let name = name.ok_or_else(|| ActError(format!("Switches are {}.", SWITCHES.join(", "))))?;
    let on = body.get("on").and_then(Value::as_bool).unwrap_or(true);
    if on {
        s.switches.insert(name.to_owned())
    } else {
        s.switches.remove(name)
    };
    Ok(json!({"switches": s.switches}))
}
