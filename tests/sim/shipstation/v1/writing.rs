//! Changing orders.

use super::super::model::State;
use super::super::shape::{self, Field};
use super::super::wire::Reply;
use super::super::{parcels, saving, time};
use super::{fallen, id, invalid, misfits, not_found, show};
use chrono::{DateTime, NaiveDate, Utc};
use http::StatusCode;
use serde_json::{Map, Value, json};

/// Most orders in one call.
const MOST: usize = 100;

/// Reads a body. An absent one makes the server fall over, a broken one is a validation error.
fn json_body(body: &[u8], parameter: &str) -> Result<Value, Reply> {
    if body.trim_ascii().is_empty() {
        return Err(fallen("Object reference not set to an instance of an object."));
    }
    serde_json::from_slice(body).map_err(|error| {
        invalid(parameter, &format!("Unexpected character encountered while parsing. Line {}.", error.line()))
    })
}

/// Reads a body of a known shape.
pub fn shaped(body: &[u8], parameter: &str, fields: &[Field]) -> Result<Map<String, Value>, Reply> {
    let value = json_body(body, parameter)?;
    let mut found = Vec::new();
    let object = shape::object(fields, &value, "", &mut found);
    if found.is_empty() { Ok(object) } else { Err(misfits(parameter, &found)) }
}

/// A whole number of a read body; zero when absent, which no id is.
pub fn number(fields: &Map<String, Value>, name: &str) -> i64 {
    fields.get(name).and_then(Value::as_i64).unwrap_or_default()
}

/// A date of a read body; today in the Pacific zone when absent.
pub fn day(fields: &Map<String, Value>, name: &str, now: DateTime<Utc>) -> NaiveDate {
    let text = fields.get(name).and_then(Value::as_str);
    text.and_then(time::read_day).unwrap_or_else(|| time::pacific_day(now))
}

fn shown(s: &State, id: i64) -> Reply {
    s.order(id).map_or_else(not_found, |order| Reply::ok(show::order(order)).applied())
}

/// `POST /orders/createorder`: creates, or replaces the order with the same key.
pub fn create_order(s: &mut State, now: DateTime<Utc>, body: &[u8]) -> Reply {
    let value = match json_body(body, "apiOrder") {
        Ok(value) => value,
        Err(refusal) => return refusal,
    };
    let fields = match saving::read(&value) {
        Ok(fields) => fields,
        Err(found) => return misfits("apiOrder", &found),
    };
    match saving::save(s, now, fields, false) {
        Ok(id) => shown(s, id),
        Err(text) => invalid("apiOrder", &text),
    }
}

/// `POST /orders/createorders`: a list, with one outcome each.
pub fn create_orders(s: &mut State, now: DateTime<Utc>, body: &[u8]) -> Reply {
    let value = match json_body(body, "apiOrders") {
        Ok(value) => value,
        Err(refusal) => return refusal,
    };
    let Value::Array(orders) = value else {
        // The parser stops at the first property of what should have been a list.
        let first = value.as_object().and_then(|object| object.keys().next().cloned());
        let key = first.map_or_else(|| "apiOrders".to_owned(), |name| format!("apiOrders.{name}"));
        return invalid(&key, "Cannot deserialize the current JSON object because the type requires a JSON array.");
    };
    if orders.len() > MOST {
        return invalid("apiOrders", &format!("No more than {MOST} orders can be sent at once."));
    }
    let mut read = Vec::new();
    let mut found = Vec::new();
    for (n, order) in orders.iter().enumerate() {
        match saving::read(order) {
            Ok(fields) => read.push(fields),
            Err(misfits) => found.extend(misfits.into_iter().map(|misfit| shape::Misfit {
                path: if misfit.path.is_empty() { format!("[{n}]") } else { format!("[{n}].{}", misfit.path) },
                ..misfit
            })),
        }
    }
    if !found.is_empty() {
        return misfits("apiOrders", &found);
    }
    let mut failed = false;
    let results = read.into_iter().map(|fields| {
        let (number, key) = (fields.get("orderNumber").cloned(), fields.get("orderKey").cloned());
        match saving::save(s, now, fields, true) {
            Ok(id) => {
                let key = s.order(id).map(|order| order.key.clone());
                json!({"orderId": id, "orderNumber": number, "orderKey": key, "success": true, "errorMessage": null})
            }
            Err(text) => {
                failed = true;
                json!({"orderId": 0, "orderNumber": number, "orderKey": key, "success": false, "errorMessage": text})
            }
        }
    });
    let results: Vec<Value> = results.collect();
    let reply = Reply::ok(json!({"hasErrors": failed, "results": results}));
    if results.iter().any(|result| result["success"] == true) { reply.applied() } else { reply }
}

/// `DELETE /orders/{id}`: out of sight, not out of the books.
pub fn delete(s: &mut State, now: DateTime<Utc>, text: &str) -> Reply {
    let Some(id) = id(text).filter(|id| s.order(*id).is_some()) else { return not_found() };
    s.change(id, now, |order| order.gone = true);
    Reply::ok(json!({"success": true, "message": "The requested order has been deleted."})).applied()
}

/// `POST /orders/holduntil`.
pub fn hold(s: &mut State, now: DateTime<Utc>, body: &[u8]) -> Reply {
    let fields = match shaped(body, "holdUntilRequest", shape::HOLD) {
        Ok(fields) => fields,
        Err(refusal) => return refusal,
    };
    let (id, until) = (number(&fields, "orderId"), day(&fields, "holdUntilDate", now));
    let Some(order) = s.order(id) else { return not_found() };
    if !matches!(order.status.as_str(), "awaiting_shipment" | "on_hold" | "awaiting_payment") {
        return invalid("holdUntilRequest", &format!("An order with the status {} cannot be held.", order.status));
    }
    s.change(id, now, |order| {
        "on_hold".clone_into(&mut order.status);
        order.hold_until = Some(until);
    });
    Reply::ok(json!({"success": true, "message": "Order held successfully."})).applied()
}

/// `POST /orders/restorefromhold`.
pub fn restore(s: &mut State, now: DateTime<Utc>, body: &[u8]) -> Reply {
    let fields = match shaped(body, "restoreRequest", shape::RESTORE) {
        Ok(fields) => fields,
        Err(refusal) => return refusal,
    };
    let id = number(&fields, "orderId");
    match s.order(id).map(|order| order.status.clone()) {
        None => not_found(),
        Some(status) if status != "on_hold" => invalid("restoreRequest", "The order is not on hold."),
        Some(_) => {
            s.change(id, now, |order| {
                "awaiting_shipment".clone_into(&mut order.status);
                order.hold_until = None;
            });
            Reply::ok(json!({"success": true, "message": "The requested order has been restored"})).applied()
        }
    }
}

/// `POST /orders/markasshipped`.
pub fn mark(s: &mut State, now: DateTime<Utc>, body: &[u8]) -> Reply {
    let fields = match shaped(body, "request", shape::MARK) {
        Ok(fields) => fields,
        Err(refusal) => return refusal,
    };
    let id = number(&fields, "orderId");
    if s.order(id).is_none() {
        return not_found();
    }
    let text = |name: &str| fields.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
    let carrier = text("carrierCode").unwrap_or_default();
    let notify = fields.get("notifySalesChannel") == Some(&json!(true));
    let tracking = text("trackingNumber").map(str::to_owned);
    match parcels::mark(s, now, id, carrier, tracking, day(&fields, "shipDate", now), notify) {
        Ok(_) => {
            let order_number = s.order(id).map(|order| order.number.clone());
            Reply::ok(json!({"orderId": id, "orderNumber": order_number})).applied()
        }
        Err(text) => invalid("request", &text),
    }
}

/// `POST /orders/addtag` and `/orders/removetag`.
pub fn tag(s: &mut State, now: DateTime<Utc>, body: &[u8], add: bool) -> Reply {
    let fields = match shaped(body, "request", shape::TAG) {
        Ok(fields) => fields,
        Err(refusal) => return refusal,
    };
    let (id, tag) = (number(&fields, "orderId"), number(&fields, "tagId"));
    if s.order(id).is_none() || !s.tags.contains_key(&tag) {
        return Reply::new(StatusCode::NOT_FOUND, json!({"Message": "The order or the tag was not found."}));
    }
    s.change(id, now, |order| if add { order.tag_ids.insert(tag) } else { order.tag_ids.remove(&tag) });
    let done = if add { "Tag added successfully." } else { "Tag removed successfully." };
    Reply::ok(json!({"success": true, "message": done})).applied()
}
