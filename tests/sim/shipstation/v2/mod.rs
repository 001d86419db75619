//! The newer interface: one key, two hundred requests a minute, UTC times, ids written `se-n`, errors in an envelope.

mod inventory;
mod lists;
mod paging;
mod places;
mod shipments;

use super::V2_KEY;
use super::model::State;
use super::wire::{Call, Reply};
use chrono::{DateTime, Utc};
use http::StatusCode;
use serde_json::{Value, json};

/// Requests a minute for a key.
const LIMIT: u32 = 200;

/// An error's envelope. The id of the request is filled in on the way out.
pub fn problem(code: &str, message: &str) -> Value {
    let kind = match code {
        "unauthorized" | "forbidden" => "security",
        "invalid_billing_plan" | "subscription_inactive" | "trial_expired" => "account_status",
        "unspecified" | "unknown" | "rate_limit_exceeded" => "system",
        "identifier_conflict" | "invalid_status" | "insufficient_funds" => "business_rules",
        _ => "validation",
    };
    let error = json!({"error_source": "ShipStation", "error_type": kind, "error_code": code, "message": message});
    json!({"request_id": uuid::Uuid::nil(), "errors": [error]})
}

fn refuse(status: StatusCode, code: &str, message: &str) -> Reply {
    Reply::new(status, problem(code, message))
}

fn bad(field: &str, message: &str) -> Reply {
    let mut body = problem("invalid_field_value", message);
    body["errors"][0]["field_name"] = json!(field);
    Reply::new(StatusCode::BAD_REQUEST, body)
}

fn not_found(what: &str) -> Reply {
    refuse(StatusCode::NOT_FOUND, "invalid_identifier", &format!("There is no such {what}."))
}

/// Answers one request.
pub fn answer(s: &mut State, now: DateTime<Utc>, call: &Call) -> Reply {
    let mut reply = admit(s, now, call).err().unwrap_or_else(|| route(s, now, call));
    let request = s.id("request", 1);
    if let Some(id) = reply.body.as_mut().and_then(|body| body.get_mut("request_id")) {
        *id = json!(uuid::Uuid::from_u64_pair(0x5e00_0000_0000_4000, 0x8000_0000_0000_0000 + request.unsigned_abs()));
    }
    reply
}

fn admit(s: &mut State, now: DateTime<Utc>, call: &Call) -> Result<(), Reply> {
    let key = call.headers.get("api-key").and_then(|key| key.to_str().ok());
    if key != Some(V2_KEY) || s.on("v2_key_expired") {
        return Err(refuse(StatusCode::UNAUTHORIZED, "unauthorized", "The API key is invalid or has expired."));
    }
    let (minute, second) = (now.timestamp().div_euclid(60), now.timestamp().rem_euclid(60));
    let window = s.windows.entry("v2".to_owned()).or_default();
    if window.0 != minute {
        *window = (minute, 0);
    }
    window.1 = window.1.saturating_add(1);
    if window.1 > LIMIT && !s.on("no_limits") {
        let mut reply = refuse(StatusCode::TOO_MANY_REQUESTS, "rate_limit_exceeded", "Too many requests.");
        reply.headers.push(("retry-after", (60 - second).to_string()));
        return Err(reply);
    }
    if s.on("v2_plan_refused") {
        let text = "The current billing plan does not include this.";
        return Err(refuse(StatusCode::FORBIDDEN, "invalid_billing_plan", text));
    }
    Ok(())
}

fn route(s: &mut State, now: DateTime<Utc>, call: &Call) -> Reply {
    let path = call.path();
    match (call.method.as_str(), path.as_slice()) {
        ("GET", ["v2", "inventory"]) => inventory::list(s, call),
        ("POST", ["v2", "inventory"]) => inventory::post(s, &call.body),
        (_, ["v2", "inventory_warehouses", rest @ ..]) => places::warehouses(s, now, call, rest),
        (_, ["v2", "inventory_locations", rest @ ..]) => places::locations(s, now, call, rest),
        ("GET", ["v2", "products"]) => lists::products(s, call),
        ("GET", ["v2", "shipments"]) => shipments::list(s, call),
        ("GET", ["v2", "shipments", "external_shipment_id", key]) => shipments::by_key(s, key),
        ("GET", ["v2", "shipments", id]) => shipments::one(s, id, call.stale),
        ("GET", ["v2", "fulfillments"]) => shipments::fulfillments(s, call),
        ("POST", ["v2", "fulfillments"]) => shipments::mark(s, now, &call.body),
        ("GET", ["v2", "warehouses"]) => lists::warehouses(s),
        ("GET", ["v2", "tags"]) => lists::tags(s),
        ("GET", ["v2", "carriers"]) => lists::carriers(),
        (
            _,
            ["v2", "products" | "shipments" | "fulfillments" | "warehouses" | "tags" | "carriers" | "inventory", ..],
        ) => refuse(StatusCode::METHOD_NOT_ALLOWED, "unspecified", "This method is not allowed here."),
        _ => refuse(StatusCode::NOT_FOUND, "unspecified", "There is no such resource."),
    }
}

/// Reads a JSON body.
fn body(bytes: &[u8]) -> Result<Value, Reply> {
    if bytes.trim_ascii().is_empty() {
        return Err(refuse(StatusCode::BAD_REQUEST, "request_body_required", "Body of request cannot be null."));
    }
    serde_json::from_slice(bytes)
        .map_err(|_| refuse(StatusCode::BAD_REQUEST, "invalid_object", "The body of the request is not valid JSON."))
}

/// Writes an id.
fn se(id: i64) -> String {
    format!("se-{id}")
}

/// Reads an id.
fn number_of(text: &str) -> Option<i64> {
    text.strip_prefix("se-")?.parse().ok()
}
