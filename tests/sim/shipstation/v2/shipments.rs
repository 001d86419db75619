//! Orders as the newer interface sees them: shipments; and orders marked as shipped.

use super::super::model::{Fulfillment, Item, Order, State};
use super::super::parcels;
use super::super::time::{self, zulu};
use super::super::wire::{Call, Reply, decimal, number};
use super::paging::Slice;
use super::{bad, body, not_found, number_of, se};
use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use serde_json::{Value, json};

/// This interface cuts longer keys and numbers.
const LONGEST: usize = 50;

fn cut(text: &str) -> String {
    text.chars().take(LONGEST).collect()
}

/// Four states for what the older interface has seven of.
fn status(order: &Order) -> &'static str {
    match order.status.as_str() {
        "shipped" => "label_purchased",
        "cancelled" => "cancelled",
        "pending_fulfillment" => "processing",
        _ => "pending",
    }
}

/// `GET /v2/shipments`.
pub fn list(s: &State, call: &Call) -> Reply {
    select(s, call).unwrap_or_else(|refusal| refusal)
}

fn moment(call: &Call, name: &str) -> Result<Option<DateTime<Utc>>, Reply> {
    let Some(text) = call.query.get(name) else { return Ok(None) };
    match DateTime::parse_from_rfc3339(text) {
        Ok(at) => Ok(Some(at.to_utc())),
        Err(_) => Err(bad(name, &format!("{name} must be an ISO 8601 time with an offset."))),
    }
}

fn descending(call: &Call, usual: bool) -> Result<bool, Reply> {
    match call.query.get("sort_dir") {
        None => Ok(usual),
        Some("asc") => Ok(false),
        Some("desc") => Ok(true),
        Some(_) => Err(bad("sort_dir", "sort_dir must be asc or desc.")),
    }
}

fn select(s: &State, call: &Call) -> Result<Reply, Reply> {
    let slice = Slice::of(call, &["page_size"], 25, 500)?;
    let query = &call.query;
    let wanted = match query.get("shipment_status") {
        None => None,
        Some(word @ ("pending" | "processing" | "label_purchased" | "cancelled")) => Some(word),
        Some(_) => return Err(bad("shipment_status", "There is no such shipment_status.")),
    };
    let (created_from, created_to) = (moment(call, "created_at_start")?, moment(call, "created_at_end")?);
    let (modified_from, modified_to) = (moment(call, "modified_at_start")?, moment(call, "modified_at_end")?);
    let keyword = query.get("item_keyword").map(str::to_lowercase);
    let name = query.get("ship_to_name").map(str::to_lowercase);
    let fits = |order: &&Order| {
        let store = order.advanced.get("storeId").and_then(Value::as_i64).map(|id| id.to_string());
        !order.gone
            && wanted.is_none_or(|wanted| status(order) == wanted)
            && created_from.is_none_or(|from| order.created >= from)
            && created_to.is_none_or(|to| order.created <= to)
            && modified_from.is_none_or(|from| order.modified >= from)
            && modified_to.is_none_or(|to| order.modified <= to)
            && query.get("shipment_number").is_none_or(|number| cut(&order.number) == number)
            && query.get("external_shipment_id").is_none_or(|key| cut(&order.key) == key)
            && query.get("store_id").is_none_or(|id| store.as_deref() == Some(id))
            && name.as_ref().is_none_or(|n| order.ship_to("name").is_some_and(|given| given.to_lowercase().contains(n)))
            && keyword.as_ref().is_none_or(|word| {
                let text = |item: &Item| Value::Object(item.fields.clone()).to_string().to_lowercase();
                order.items.iter().any(|item| text(item).contains(word))
            })
    };
    let mut orders: Vec<&Order> = s.orders.values().filter(fits).collect();
    match query.get("sort_by") {
        None | Some("created_at") => orders.sort_by_key(|order| (order.created, order.id)),
        Some("modified_at") => orders.sort_by_key(|order| (order.modified, order.id)),
        Some(_) => return Err(bad("sort_by", "sort_by must be modified_at or created_at.")),
    }
    if descending(call, true)? {
        orders.reverse();
    }
    let rows: Vec<Value> = orders.into_iter().map(|order| shown(s, order)).collect();
    Ok(slice.envelope(call, "shipments", &rows))
}

/// `GET /v2/shipments/{id}`.
pub fn one(s: &State, text: &str, stale: bool) -> Reply {
    let Some(order) = number_of(text).and_then(|id| s.order(id)) else { return not_found("shipment") };
    Reply::ok(shown(s, s.older.get(&order.id).filter(|_| stale).unwrap_or(order)))
}

/// `GET /v2/shipments/external_shipment_id/{key}`.
pub fn by_key(s: &State, key: &str) -> Reply {
    let family = s.orders.values().filter(|order| !order.gone && cut(&order.key) == key);
    let order = family.min_by_key(|order| (order.parent_id.is_some(), order.id));
    order.map_or_else(|| not_found("shipment"), |order| Reply::ok(shown(s, order)))
}

fn address(value: Option<&Value>) -> Value {
    let of = |name: &str| value.and_then(|value| value.get(name)).cloned().unwrap_or_default();
    let residential = match of("residential") {
        Value::Bool(true) => "yes",
        Value::Bool(false) => "no",
        _ => "unknown",
    };
    json!({
        "name": of("name"), "phone": of("phone"), "email": null, "company_name": of("company"),
        "address_line1": of("street1"), "address_line2": of("street2"), "address_line3": of("street3"),
        "city_locality": of("city"), "state_province": of("state"), "postal_code": of("postalCode"),
        "country_code": of("country"), "address_residential_indicator": residential,
    })
}

fn weight(value: Option<&Value>) -> Value {
    let unit = match value.and_then(|weight| weight.get("units")).and_then(Value::as_str) {
        Some("pounds") => "pound",
        Some("grams") => "gram",
        _ => "ounce",
    };
    let amount = value.and_then(|weight| weight.get("value")).and_then(decimal).unwrap_or_default();
    json!({"value": number(amount), "unit": unit})
}

fn money(amount: Decimal) -> Value {
    json!({"currency": "usd", "amount": number(amount)})
}

fn item(order: &Order, item: &Item) -> Value {
    let of = |name: &str| item.fields.get(name).cloned().unwrap_or_default();
    let options = of("options");
    json!({
        "name": of("name"), "sku": of("sku"), "quantity": item.quantity(), "unit_price": of("unitPrice"),
        "tax_amount": of("taxAmount"), "shipping_amount": of("shippingAmount"), "image_url": of("imageUrl"),
        "upc": of("upc"), "bundle_sku": null, "asin": null, "item_id": item.id.to_string(),
        "sales_order_id": order.id.to_string(), "sales_order_item_id": item.id.to_string(),
        "external_order_id": order.key, "external_order_item_id": of("lineItemKey"),
        "product_id": of("productId").as_i64().map(|id| id.to_string()), "fullfilment_sku": of("fulfillmentSku"),
        "inventory_location": of("warehouseLocation"), "allocation_status": null,
        "weight": weight(item.fields.get("weight")), "options": if options.is_null() { json!([]) } else { options },
    })
}

fn shown(s: &State, order: &Order) -> Value {
    let option = |name: &str| order.advanced.get(name).cloned().unwrap_or_default();
    let from = s.warehouses.values().find(|w| Some(w.id) == option("warehouseId").as_i64() || w.is_default);
    let origin = from.map(|warehouse| address(Some(&Value::Object(warehouse.address.clone()))));
    let tags: Vec<Value> =
        order.tag_ids.iter().filter_map(|id| s.tags.get(id)).map(|tag| json!({"name": tag.name})).collect();
    let whole_weight = weight(order.fields.get("weight"));
    json!({
        "shipment_id": se(order.id),
        "shipment_number": cut(&order.number),
        "external_shipment_id": cut(&order.key),
        "external_order_id": null,
        "sales_order_id": se(order.id),
        "shipment_status": status(order),
        "created_at": zulu(order.created),
        "modified_at": zulu(order.modified),
        "hold_until_date": order.hold_until.map(|day| zulu(time::midnight(day))),
        "ship_by_date": order.ship_by.map(zulu),
        "ship_date": order.text("shipDate"),
        "carrier_id": null,
        "service_code": order.text("serviceCode"),
        "requested_shipment_service": order.text("requestedShippingService"),
        "store_id": option("storeId").as_i64().map(|id| id.to_string()),
        "order_source_code": null,
        "notes_from_buyer": order.text("customerNotes"),
        "internal_notes": order.text("internalNotes"),
        "notes_for_gift": order.text("giftMessage"),
        "is_gift": order.fields.get("gift") == Some(&json!(true)),
        "is_return": false,
        "amount_paid": money(order.amount("amountPaid")),
        "shipping_paid": money(order.amount("shippingAmount")),
        "tax_paid": money(order.amount("taxAmount")),
        "ship_to": address(order.fields.get("shipTo")),
        "ship_from": origin,
        "return_to": origin,
        "warehouse_id": from.map(|warehouse| se(warehouse.id)),
        "confirmation": order.text("confirmation").unwrap_or("none"),
        "customs": null,
        "advanced_options": {
            "custom_field1": option("customField1"), "custom_field2": option("customField2"),
            "custom_field3": option("customField3"), "contains_alcohol": option("containsAlcohol") == json!(true),
            "non_machinable": option("nonMachinable") == json!(true),
            "saturday_delivery": option("saturdayDelivery") == json!(true),
        },
        "insurance_provider": "none",
        "shipping_rule_id": null,
        "tags": tags,
        "items": order.items.iter().map(|line| item(order, line)).collect::<Vec<_>>(),
        "packages": [{"package_code": order.text("packageCode").unwrap_or("package"), "weight": whole_weight}],
        "total_weight": whole_weight,
    })
}

/// `GET /v2/fulfillments`.
pub fn fulfillments(s: &State, call: &Call) -> Reply {
    let select = || {
        let slice = Slice::of(call, &["page_size"], 25, 500)?;
        let query = &call.query;
        let (from, to) = (moment(call, "create_date_start")?, moment(call, "create_date_end")?);
        let fits = |row: &&Fulfillment| {
            let order = s.orders.get(&row.order_id);
            from.is_none_or(|from| row.created >= from)
                && to.is_none_or(|to| row.created <= to)
                && query.get("shipment_id").is_none_or(|id| number_of(id) == Some(row.order_id))
                && query.get("fulfillment_id").is_none_or(|id| number_of(id) == Some(row.id))
                && query.get("tracking_number").is_none_or(|number| row.tracking_number.as_deref() == Some(number))
                && query.get("shipment_number").is_none_or(|n| order.is_some_and(|order| order.number == n))
        };
        let mut rows: Vec<&Fulfillment> = s.fulfillments.values().filter(fits).collect();
        if descending(call, false)? {
            rows.reverse();
        }
        let rows: Vec<Value> = rows.into_iter().map(|row| fulfillment(s, row)).collect();
        Ok(slice.envelope(call, "fulfillments", &rows))
    };
    select().unwrap_or_else(|refusal: Reply| refusal)
}

fn fulfillment(s: &State, row: &Fulfillment) -> Value {
    let order = s.orders.get(&row.order_id);
    json!({
        "fulfillment_id": se(row.id),
        "shipment_id": se(row.order_id),
        "shipment_number": order.map(|order| cut(&order.number)),
        "tracking_number": row.tracking_number,
        "created_at": zulu(row.created),
        "ship_date": zulu(time::midnight(row.ship_date)),
        "fulfillment_carrier_friendly_name": row.carrier,
        "fulfillment_provider_code": null,
        "order_source_notified": row.marketplace_notified,
        "voided": false,
        "ship_to": order.map(|order| address(order.fields.get("shipTo"))),
    })
}

/// `POST /v2/fulfillments`: one outcome each, with status 200.
pub fn mark(s: &mut State, now: DateTime<Utc>, bytes: &[u8]) -> Reply {
    let value = match body(bytes) {
        Ok(value) => value,
        Err(refusal) => return refusal,
    };
    let Some(wanted) = value.get("fulfillments").and_then(Value::as_array).filter(|list| !list.is_empty()) else {
        return bad("fulfillments", "fulfillments must hold at least one entry.");
    };
    let (mut failed, mut applied) = (false, false);
    let mut rows = Vec::new();
    for entry in wanted {
        let text = |name: &str| entry.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
        let id = text("shipment_id").and_then(number_of);
        let outcome = match (id, text("tracking_number"), text("carrier_code")) {
            (Some(id), Some(tracking), Some(carrier)) => {
                let day = text("ship_date").and_then(time::read_day).unwrap_or_else(|| time::pacific_day(now));
                let notify = entry.get("notify_order_source") == Some(&json!(true));
                parcels::mark(s, now, id, carrier, Some(tracking.to_owned()), day, notify).map(|_| ())
            }
            _ => Err("shipment_id, tracking_number and carrier_code are required.".to_owned()),
        };
        failed |= outcome.is_err();
        applied |= outcome.is_ok();
        rows.push(json!({
            "shipment_id": entry.get("shipment_id"),
            "shipment_number": id.and_then(|id| s.order(id)).map(|order| cut(&order.number)),
            "error_message": outcome.err(),
        }));
    }
    let reply = Reply::ok(json!({"has_errors": failed, "fulfillments": rows}));
    if applied { reply.applied() } else { reply }
}
