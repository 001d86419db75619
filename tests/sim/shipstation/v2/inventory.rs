//! Stock levels. Only products that are counted appear; what open orders wait for is allocated to their first place.

use super::super::model::{Bin, State};
use super::super::wire::{Call, Reply, decimal, number};
use super::paging::Slice;
use super::{bad, body, refuse};
use http::StatusCode;
use rust_decimal::Decimal;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// Conditions of stock.
const CONDITIONS: [&str; 4] = ["sellable", "damaged", "expired", "qa_hold"];

/// `GET /v2/inventory`.
pub fn list(s: &State, call: &Call) -> Reply {
    let by_warehouse = match call.query.get("group_by") {
        None | Some("location") => false,
        Some("warehouse") => true,
        Some(_) => return bad("group_by", "group_by must be warehouse or location."),
    };
    // The limit is called `limit` in one description and `page_size` in another; both are taken.
    let slice = match Slice::of(call, &["limit", "page_size"], 25, 500) {
        Ok(slice) => slice,
        Err(refusal) => return refusal,
    };
    let (sku, place) = (call.query.get("sku"), call.query.get("inventory_location_id"));
    let warehouse = call.query.get("inventory_warehouse_id");
    let mut groups: BTreeMap<(&str, &str, Option<&str>), Vec<&Bin>> = BTreeMap::new();
    let mut allocated: BTreeMap<(&str, &str, Option<&str>), i64> = BTreeMap::new();
    let mut placed: BTreeSet<&str> = BTreeSet::new();
    for bin in &s.stock {
        let Some(location) = s.inventory_locations.get(&bin.location_id) else { continue };
        let key = (bin.sku.as_str(), location.warehouse_id.as_str(), (!by_warehouse).then_some(location.id.as_str()));
        if placed.insert(&bin.sku) {
            allocated.insert(key, s.waiting(&bin.sku));
        }
        let fits = sku.is_none_or(|sku| bin.sku == sku)
            && place.is_none_or(|place| location.id == place)
            && warehouse.is_none_or(|warehouse| location.warehouse_id == warehouse);
        if fits {
            groups.entry(key).or_default().push(bin);
        }
    }
    let rows: Vec<Value> = groups
        .iter()
        .map(|(key, bins)| {
            let on_hand: i64 = bins.iter().map(|bin| bin.on_hand).sum();
            let allocated = allocated.get(key).copied().unwrap_or_default();
            let mut row = json!({
                "sku": key.0,
                "on_hand": on_hand,
                "allocated": allocated,
                "available": on_hand - allocated,
                "average_cost": average(bins),
                "inventory_warehouse_id": key.1,
            });
            if let Some(location) = key.2 {
                row["inventory_location_id"] = json!(location);
            }
            row
        })
        .collect();
    slice.envelope(call, "inventory", &rows)
}

fn average(bins: &[&Bin]) -> Value {
    let priced: Vec<(&Decimal, i64, &str)> = bins
        .iter()
        .filter(|bin| bin.on_hand > 0)
        .filter_map(|bin| bin.cost.as_ref().map(|(amount, currency)| (amount, bin.on_hand, currency.as_str())))
        .collect();
    let pieces: i64 = priced.iter().map(|(_, pieces, _)| pieces).sum();
    let worth: Decimal = priced.iter().map(|(amount, pieces, _)| **amount * Decimal::from(*pieces)).sum();
    match priced.first() {
        Some((_, _, currency)) => {
            json!({"amount": number((worth / Decimal::from(pieces)).round_dp(4)), "currency": currency})
        }
        None => json!({"amount": 0, "currency": "usd"}),
    }
}

/// What a change of stock says.
struct Change {
    sku: String,
    location: String,
    quantity: i64,
    condition: Option<String>,
    cost: Option<(Decimal, String)>,
    new_location: Option<String>,
    new_condition: Option<String>,
    new_cost: Option<(Decimal, String)>,
}

/// `POST /v2/inventory`: 204, or 400 and nothing is changed.
pub fn post(s: &mut State, bytes: &[u8]) -> Reply {
    let value = match body(bytes) {
        Ok(value) => value,
        Err(refusal) => return refusal,
    };
    let change = match read(s, &value) {
        Ok(change) => change,
        Err(refusal) => return refusal,
    };
    let done = match value.get("transaction_type").and_then(Value::as_str) {
        Some("increment") => {
            increment(s, &change);
            Ok(())
        }
        Some("decrement") => remove(s, &change).map(|_| ()),
        Some("adjust") => {
            adjust(s, &change);
            Ok(())
        }
        Some("modify") => modify(s, &change),
        _ => Err(bad("transaction_type", "transaction_type must be increment, decrement, adjust or modify.")),
    };
    done.map_or_else(|refusal| refusal, |()| Reply::empty(StatusCode::NO_CONTENT).applied())
}

fn read(s: &State, value: &Value) -> Result<Change, Reply> {
    let required = |name: &str| {
        let text = value.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
        text.map(str::to_owned).ok_or_else(|| {
            let message = format!("{name} is required.");
            refuse(StatusCode::BAD_REQUEST, "field_value_required", &message)
        })
    };
    required("transaction_type")?;
    let (sku, location) = (required("sku")?, required("inventory_location_id")?);
    if s.product(&sku).is_none() {
        return Err(refuse(StatusCode::BAD_REQUEST, "invalid_identifier", "There is no product with this SKU."));
    }
    let place = |name: &str| match value.get(name).and_then(Value::as_str) {
        Some(id) if !s.inventory_locations.contains_key(id) => Err(bad(name, "There is no such inventory location.")),
        other => Ok(other.map(str::to_owned)),
    };
    place("inventory_location_id")?;
    let quantity = value.get("quantity").filter(|quantity| !quantity.is_null());
    let Some(quantity) = quantity else {
        return Err(refuse(StatusCode::BAD_REQUEST, "field_value_required", "quantity is required."));
    };
    let Some(quantity) = quantity.as_i64().filter(|quantity| *quantity >= 0) else {
        return Err(bad("quantity", "quantity must be a whole number and not negative."));
    };
    if value.get("lot").is_some_and(|lot| !lot.is_null()) {
        return Err(bad("lot", "This account does not keep lots."));
    }
    let condition = |name: &str| match value.get(name).and_then(Value::as_str) {
        Some(word) if !CONDITIONS.contains(&word) => Err(bad(name, "There is no such condition.")),
        other => Ok(other.map(str::to_owned)),
    };
    let cost = |name: &str| match value.get(name).filter(|cost| !cost.is_null()) {
        None => Ok(None),
        Some(cost) => {
            let amount = cost.get("amount").filter(|amount| amount.is_number()).and_then(decimal);
            match (amount, cost.get("currency").and_then(Value::as_str)) {
                (Some(amount), Some(currency)) => Ok(Some((amount, currency.to_owned()))),
                _ => Err(bad(name, "A cost has an amount and a currency.")),
            }
        }
    };
    Ok(Change {
        sku,
        location,
        quantity,
        condition: condition("condition")?,
        cost: cost("cost")?,
        new_location: place("new_inventory_location_id")?,
        new_condition: condition("new_condition")?,
        new_cost: cost("new_cost")?,
    })
}

impl Change {
    fn condition_or_usual(&self) -> &str {
        self.condition.as_deref().unwrap_or("sellable")
    }
}

/// Joins pieces to a bin; the cost becomes the average.
fn join(bin: &mut Bin, quantity: i64, cost: Option<&(Decimal, String)>) {
    if let Some((amount, currency)) = cost {
        let (had, before) = (bin.on_hand.max(0), bin.cost.as_ref().map_or(*amount, |(before, _)| *before));
        let pieces = had + quantity;
        let average = if pieces == 0 {
            *amount
        } else {
            (before * Decimal::from(had) + *amount * Decimal::from(quantity)) / Decimal::from(pieces)
        };
        bin.cost = Some((average.round_dp(4), currency.clone()));
    }
    bin.on_hand += quantity;
}

fn increment(s: &mut State, change: &Change) {
    let bin = s.bin(&change.sku, &change.location, change.condition_or_usual());
    join(bin, change.quantity, change.cost.as_ref());
}

/// Takes from all bins that fit the filters, or from none.
fn remove(s: &mut State, change: &Change) -> Result<Option<(Decimal, String)>, Reply> {
    let fits = |bin: &Bin| {
        bin.sku == change.sku
            && bin.location_id == change.location
            && change.condition.as_ref().is_none_or(|condition| bin.condition == *condition)
            && change.cost.as_ref().is_none_or(|cost| bin.cost.as_ref() == Some(cost))
    };
    let there: i64 = s.stock.iter().filter(|bin| fits(bin)).map(|bin| bin.on_hand).sum();
    if there < change.quantity {
        let message = format!("Only {there} of the requested {} are there.", change.quantity);
        return Err(refuse(StatusCode::BAD_REQUEST, "invalid_field_value", &message));
    }
    let mut left = change.quantity;
    let mut cost = None;
    for bin in s.stock.iter_mut().filter(|bin| fits(bin)) {
        let part = left.min(bin.on_hand);
        bin.on_hand -= part;
        left -= part;
        cost = cost.or_else(|| bin.cost.clone());
    }
    Ok(cost)
}

fn adjust(s: &mut State, change: &Change) {
    let bin = s.bin(&change.sku, &change.location, change.condition_or_usual());
    bin.on_hand = change.quantity;
    if change.cost.is_some() {
        bin.cost.clone_from(&change.cost);
    }
}

fn modify(s: &mut State, change: &Change) -> Result<(), Reply> {
    if change.new_location.is_none() && change.new_condition.is_none() && change.new_cost.is_none() {
        return Err(bad("transaction_type", "Say what is to be changed."));
    }
    let old_cost = remove(s, change)?;
    let location = change.new_location.as_deref().unwrap_or(&change.location).to_owned();
    let condition = change.new_condition.as_deref().unwrap_or(change.condition_or_usual()).to_owned();
    let cost = change.new_cost.clone().or(old_cost);
    join(s.bin(&change.sku, &location, &condition), change.quantity, cost.as_ref());
    Ok(())
}
