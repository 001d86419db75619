//! Labels and orders marked as shipped: two lists, and no order is in both.

use super::super::model::{Fulfillment, Label, Order, State};
use super::super::parcels::{self, Postage};
use super::super::wire::{Call, Query, Reply};
use super::super::{catalogue, shape, time};
use super::paging::{Short, Slice, Span, whole, word};
use super::writing::{day, number, shaped};
use super::{fallen, not_found, show};
use chrono::{DateTime, Utc};
use serde_json::{Value, json};

/// One page of nothing: a label file as the examples show it, base64 of a PDF header.
const LABEL_DATA: &str = "JVBERi0xLjQK";

/// A text filter that wants equality, letters' case aside.
struct Equal<'a>(Option<&'a str>);

impl<'a> Equal<'a> {
    fn of(query: &'a Query, name: &str) -> Self {
        Self(query.get(name))
    }

    fn fits(&self, value: Option<&str>) -> bool {
        self.0.is_none_or(|wanted| value.is_some_and(|value| value.eq_ignore_ascii_case(wanted)))
    }
}

/// `GET /shipments`: labels only. Their lines come on request.
pub fn list(s: &State, call: &Call) -> Reply {
    let select = || {
        let query = &call.query;
        let slice = Slice::of(call)?;
        let (created, shipped) = (Span::of(query, "createDate")?, Span::of(query, "shipDate")?);
        let voided = Span::of(query, "voidDate")?;
        let (order_id, store) = (whole(query, "orderId")?, whole(query, "storeId")?);
        let with_items = word(query, "includeShipmentItems", &["true", "false"])? == Some("true");
        let (carrier, service) = (Equal::of(query, "carrierCode"), Equal::of(query, "serviceCode"));
        let (tracking, number) = (Equal::of(query, "trackingNumber"), Equal::of(query, "orderNumber"));
        let (name, country) = (Equal::of(query, "recipientName"), Equal::of(query, "recipientCountryCode"));
        let fits = |label: &&Label| {
            let order: Option<&Order> = label.order_id.and_then(|id| s.orders.get(&id));
            let of_store = order.and_then(|order| order.advanced.get("storeId")).and_then(Value::as_i64);
            created.within(label.created)
                && shipped.within(time::midnight(label.ship_date))
                && (!voided.is_set() || label.voided.is_some_and(|at| voided.within(at)))
                && order_id.is_none_or(|id| label.order_id == Some(id))
                && store.is_none_or(|store| of_store == Some(store))
                && carrier.fits(Some(&label.carrier))
                && service.fits(Some(&label.service))
                && tracking.fits(Some(&label.tracking_number))
                && number.fits(order.map(|order| order.number.as_str()))
                && name.fits(order.and_then(|order| order.ship_to("name")))
                && country.fits(order.and_then(|order| order.ship_to("country")))
        };
        let mut labels: Vec<&Label> = s.labels.values().filter(fits).collect();
        sort(query, &mut labels, |label| (label.ship_date, label.id), |label| (label.created, label.id))?;
        Ok((labels, slice, with_items))
    };
    match select() {
        Err(refusal) => refusal,
        Ok((labels, slice, with_items)) => {
            let mut rows: Vec<Value> =
                slice.cut(&labels).into_iter().map(|label| show::label(s, label, with_items)).collect();
            if s.on("null_entries") && !rows.is_empty() {
                rows.insert(rows.len() / 2, Value::Null);
            }
            slice.envelope("shipments", rows, labels.len(), s.on("pages_undercount").then_some(Short::Zero))
        }
    }
}

fn sort<T, A: Ord, B: Ord>(
    query: &Query,
    rows: &mut [T],
    by_ship_date: impl Fn(&T) -> A,
    by_creation: impl Fn(&T) -> B,
) -> Result<(), Reply> {
    match word(query, "sortBy", &["ShipDate", "CreateDate"])? {
        Some("ShipDate") => rows.sort_by_key(by_ship_date),
        Some("CreateDate") => rows.sort_by_key(by_creation),
        _ => {}
    }
    if word(query, "sortDir", &["ASC", "DESC"])? == Some("DESC") {
        rows.reverse();
    }
    Ok(())
}

/// `GET /fulfillments`: orders marked as shipped, without lines.
pub fn fulfillments(s: &State, call: &Call) -> Reply {
    let select = || {
        let query = &call.query;
        let slice = Slice::of(call)?;
        let (created, shipped) = (Span::of(query, "createDate")?, Span::of(query, "shipDate")?);
        let (id, order_id) = (whole(query, "fulfillmentId")?, whole(query, "orderId")?);
        let (tracking, number) = (Equal::of(query, "trackingNumber"), Equal::of(query, "orderNumber"));
        let name = Equal::of(query, "recipientName");
        let fits = |fulfillment: &&Fulfillment| {
            let order = s.orders.get(&fulfillment.order_id);
            created.within(fulfillment.created)
                && shipped.within(time::midnight(fulfillment.ship_date))
                && id.is_none_or(|id| fulfillment.id == id)
                && order_id.is_none_or(|id| fulfillment.order_id == id)
                && tracking.fits(fulfillment.tracking_number.as_deref())
                && number.fits(order.map(|order| order.number.as_str()))
                && name.fits(order.and_then(|order| order.ship_to("name")))
        };
        let mut rows: Vec<&Fulfillment> = s.fulfillments.values().filter(fits).collect();
        sort(query, &mut rows, |row| (row.ship_date, row.id), |row| (row.created, row.id))?;
        Ok((rows, slice))
    };
    match select() {
        Err(refusal) => refusal,
        Ok((rows, slice)) => {
            let page = slice.cut(&rows).into_iter().map(|row| show::fulfillment(s, row)).collect();
            slice.envelope("fulfillments", page, rows.len(), s.on("pages_undercount").then_some(Short::Zero))
        }
    }
}

/// `POST /orders/createlabelfororder`. A test label costs nothing, is not kept and has no id of its own.
pub fn create_label(s: &mut State, now: DateTime<Utc>, body: &[u8]) -> Reply {
    let fields = match shaped(body, "request", shape::LABEL) {
        Ok(fields) => fields,
        Err(refusal) => return refusal,
    };
    let order_id = number(&fields, "orderId");
    if s.order(order_id).is_none() {
        return not_found();
    }
    let text = |name: &str| fields.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    let (carrier, service) = (text("carrierCode"), text("serviceCode"));
    if catalogue::carrier(&carrier).is_none() {
        return fallen("Invalid carrierCode");
    }
    let answer = |id: i64, cost: Value, tracking: &str| {
        Reply::ok(json!({
            "shipmentId": id, "shipmentCost": cost, "insuranceCost": 0, "trackingNumber": tracking,
            "labelData": LABEL_DATA, "formData": null,
        }))
    };
    if fields.get("testLabel") == Some(&json!(true)) {
        return match catalogue::price(&carrier, &service) {
            Some(_) => answer(-1, json!(0), &parcels::tracking(&carrier, 0)),
            None => fallen("Invalid serviceCode"),
        };
    }
    let postage = Postage {
        carrier,
        service,
        package: Some(text("packageCode")).filter(|package| !package.is_empty()),
        confirmation: text("confirmation"),
        ship_date: day(&fields, "shipDate", now),
        is_return: false,
    };
    match parcels::label(s, now, order_id, postage) {
        Err(text) => fallen(&text),
        Ok(id) => match s.labels.get(&id) {
            Some(label) => {
                let cost = super::super::wire::number(label.cost);
                answer(id, cost, &label.tracking_number).applied()
            }
            None => not_found(),
        },
    }
}

/// `POST /shipments/voidlabel`. A refusal is `approved: false` with status 200.
pub fn void(s: &mut State, now: DateTime<Utc>, body: &[u8]) -> Reply {
    let fields = match shaped(body, "request", shape::VOID) {
        Ok(fields) => fields,
        Err(refusal) => return refusal,
    };
    match parcels::void(s, now, number(&fields, "shipmentId")) {
        Ok(()) => Reply::ok(json!({"approved": true, "message": "Label voided successfully"})).applied(),
        Err(text) => Reply::ok(json!({"approved": false, "message": text})),
    }
}
