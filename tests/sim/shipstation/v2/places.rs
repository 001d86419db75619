//! Warehouses and locations of the inventory.

use super::super::model::{InventoryLocation, InventoryWarehouse, State};
use super::super::time::zulu;
use super::super::wire::{Call, Reply};
use super::paging::Slice;
use super::{bad, body, not_found, refuse};
use chrono::{DateTime, Utc};
use http::StatusCode;
use serde_json::{Value, json};

/// `/v2/inventory_warehouses` and below.
pub fn warehouses(s: &mut State, now: DateTime<Utc>, call: &Call, rest: &[&str]) -> Reply {
    let answer = || match (call.method.as_str(), rest) {
        ("GET", []) => {
            let rows: Vec<Value> = s.inventory_warehouses.values().map(warehouse).collect();
            Ok(Slice::of(call, &["limit", "page_size"], 25, 500)?.envelope(call, "inventory_warehouses", &rows))
        }
        ("POST", []) => {
            let name = name_of(&body(&call.body)?)?;
            let id = super::se(s.id("inventory_warehouse", 2_001));
            let made = InventoryWarehouse { id: id.clone(), name, created: now, updated: now };
            let reply = Reply::ok(warehouse(&made)).applied();
            s.inventory_warehouses.insert(id, made);
            Ok(reply)
        }
        ("GET", [id]) => {
            let found = s.inventory_warehouses.get(*id).ok_or_else(|| not_found("inventory warehouse"))?;
            Ok(Reply::ok(warehouse(found)))
        }
        ("PUT", [id]) => {
            let name = name_of(&body(&call.body)?)?;
            let found = s.inventory_warehouses.get_mut(*id).ok_or_else(|| not_found("inventory warehouse"))?;
            found.name = name;
            found.updated = now;
            Ok(Reply::empty(StatusCode::NO_CONTENT).applied())
        }
        ("DELETE", [id]) => {
            if !s.inventory_warehouses.contains_key(*id) {
                return Err(not_found("inventory warehouse"));
            }
            let of_it = s.inventory_locations.values().filter(|location| location.warehouse_id == *id);
            let places: Vec<String> = of_it.map(|location| location.id.clone()).collect();
            clear_out(s, call, &places)?;
            s.inventory_locations.retain(|place, _| !places.contains(place));
            s.inventory_warehouses.remove(*id);
            Ok(Reply::empty(StatusCode::NO_CONTENT).applied())
        }
        _ => Err(refuse(StatusCode::METHOD_NOT_ALLOWED, "unspecified", "This method is not allowed here.")),
    };
    run(answer)
}

fn run(answer: impl FnOnce() -> Result<Reply, Reply>) -> Reply {
    answer().unwrap_or_else(|refusal| refusal)
}

/// `/v2/inventory_locations` and below.
pub fn locations(s: &mut State, now: DateTime<Utc>, call: &Call, rest: &[&str]) -> Reply {
    let answer = || match (call.method.as_str(), rest) {
        ("GET", []) => {
            let rows: Vec<Value> = s.inventory_locations.values().map(location).collect();
            Ok(Slice::of(call, &["limit", "page_size"], 25, 500)?.envelope(call, "inventory_locations", &rows))
        }
        ("POST", []) => {
            let value = body(&call.body)?;
            let name = place_name(&value)?;
            let warehouse = value.get("inventory_warehouse_id").and_then(Value::as_str).unwrap_or_default().to_owned();
            if !s.inventory_warehouses.contains_key(&warehouse) {
                return Err(bad("inventory_warehouse_id", "There is no such inventory warehouse."));
            }
            let id = super::se(s.id("inventory_location", 3_001));
            let made = InventoryLocation { id: id.clone(), warehouse_id: warehouse, name, created: now, updated: now };
            let reply = Reply::ok(location(&made)).applied();
            s.inventory_locations.insert(id, made);
            Ok(reply)
        }
        ("GET", [id]) => {
            let found = s.inventory_locations.get(*id).ok_or_else(|| not_found("inventory location"))?;
            Ok(Reply::ok(location(found)))
        }
        ("PUT", [id]) => {
            let name = place_name(&body(&call.body)?)?;
            let found = s.inventory_locations.get_mut(*id).ok_or_else(|| not_found("inventory location"))?;
            found.name = name;
            found.updated = now;
            Ok(Reply::empty(StatusCode::NO_CONTENT).applied())
        }
        ("DELETE", [id]) => {
            if !s.inventory_locations.contains_key(*id) {
                return Err(not_found("inventory location"));
            }
            clear_out(s, call, &[(*id).to_owned()])?;
            s.inventory_locations.remove(*id);
            Ok(Reply::empty(StatusCode::NO_CONTENT).applied())
        }
        _ => Err(refuse(StatusCode::METHOD_NOT_ALLOWED, "unspecified", "This method is not allowed here.")),
    };
    run(answer)
}

/// Empties places that are to go; with stock on hand only when the caller says so.
fn clear_out(s: &mut State, call: &Call, places: &[String]) -> Result<(), Reply> {
    let full = s.stock.iter().any(|bin| places.contains(&bin.location_id) && bin.on_hand != 0);
    if full && call.query.get("remove_inventory") != Some("1") {
        let text = "There is inventory on hand; set remove_inventory to 1 to remove it.";
        return Err(refuse(StatusCode::BAD_REQUEST, "field_conflict", text));
    }
    s.stock.retain(|bin| !places.contains(&bin.location_id));
    Ok(())
}

fn name_of(value: &Value) -> Result<String, Reply> {
    let name = value.get("name").and_then(Value::as_str).filter(|name| !name.trim().is_empty());
    name.map(str::to_owned).ok_or_else(|| refuse(StatusCode::BAD_REQUEST, "field_value_required", "name is required."))
}

/// A place is named by area, unit, shelf and bin.
fn place_name(value: &Value) -> Result<String, Reply> {
    let name = name_of(value)?;
    let parts: Vec<&str> = name.split('-').collect();
    if parts.len() == 4 && parts.iter().all(|part| !part.trim().is_empty()) {
        return Ok(name);
    }
    Err(bad("name", "The name must have the layout area-unit-shelf-bin."))
}

fn warehouse(warehouse: &InventoryWarehouse) -> Value {
    json!({
        "inventory_warehouse_id": warehouse.id,
        "name": warehouse.name,
        "created_at": zulu(warehouse.created),
        "updated_at": zulu(warehouse.updated),
    })
}

fn location(location: &InventoryLocation) -> Value {
    json!({
        "inventory_location_id": location.id,
        "inventory_warehouse_id": location.warehouse_id,
        "name": location.name,
        "created_at": zulu(location.created),
        "updated_at": zulu(location.updated),
    })
}
