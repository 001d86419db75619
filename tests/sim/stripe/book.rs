//! What the account keeps: objects as JSON by collection, in the order they were made.

use super::reply::{API_VERSION, Reply};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// What the vendor keeps.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct State {
    /// Objects by collection (`charges`, `events`, …), oldest first.
    pub objects: BTreeMap<String, Vec<Value>>,
    /// Balance transaction id → payout id. The API never tells it but through the payout filter.
    pub members: BTreeMap<String, String>,
    /// Event id → unix second from which lists show it.
    pub visible_from: BTreeMap<String, i64>,
    /// Kept answers by idempotency key, with the request they belong to.
    pub kept: BTreeMap<String, (String, Reply)>,
    /// How it behaves.
    pub knobs: Knobs,
    /// Requests in the present second; not worth saving.
    #[serde(skip)]
    pub traffic: (i64, u32),
}

/// Behaviour that a test may want otherwise.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Knobs {
    /// New charges have no balance transaction until they are settled.
    pub async_capture: bool,
    /// New events appear in lists this many seconds late.
    pub event_lag_s: i64,
    /// Permissions the restricted key lacks, such as `rak_event_read`.
    pub missing_permissions: Vec<String>,
    /// Keys that have expired.
    pub expired_keys: Vec<String>,
    /// Version in which new events are frozen.
    pub event_version: String,
}

impl Default for Knobs {
    fn default() -> Self {
        Self {
            async_capture: false,
            event_lag_s: 0,
            missing_permissions: Vec::new(),
            expired_keys: Vec::new(),
            event_version: API_VERSION.to_owned(),
        }
    }
}

impl State {
    /// A collection.
    pub fn all(&self, kind: &str) -> &[Value] {
        self.objects.get(kind).map_or(&[], Vec::as_slice)
    }

    /// One object.
    pub fn get(&self, kind: &str, id: &str) -> Option<&Value> {
        self.all(kind).iter().find(|object| object["id"] == id)
    }

    /// One object, to change it.
    pub fn get_mut(&mut self, kind: &str, id: &str) -> Option<&mut Value> {
        self.objects.get_mut(kind)?.iter_mut().find(|object| object["id"] == id)
    }

    /// Keeps a new object.
    pub fn add(&mut self, kind: &str, object: Value) {
        self.objects.entry(kind.to_owned()).or_default().push(object);
    }
}

/// A new id such as `ch_3SimQ…`; ids say nothing about age.
pub fn new_id(state: &mut crate::State, prefix: &str) -> String {
    let token = state.token(&format!("stripe {prefix}"), 20);
    format!("{prefix}_1Sim{token}")
}

/// Tells of a change: an event that holds the object as it is now, frozen for ever.
pub fn tell(state: &mut crate::State, now: DateTime<Utc>, kind: &str, object: &Value) {
    let id = new_id(state, "evt");
    let late = state.take_fault(crate::Vendor::Stripe, crate::FaultKind::LateEvent, "GET", "/v1/events");
    let book = &mut state.stripe;
    let lag = if late.is_some() { 45 } else { book.knobs.event_lag_s };
    if lag > 0 {
        book.visible_from.insert(id.clone(), now.timestamp() + lag);
    }
    let event = json!({
        "id": id,
        "object": "event",
        "api_version": book.knobs.event_version,
        "created": now.timestamp(),
        "data": { "object": aged(object, &book.knobs.event_version) },
        "livemode": false,
        "pending_webhooks": 0,
        "request": { "id": null, "idempotency_key": null },
        "type": kind,
    });
    book.add("events", event);
}

/// The object in the shape of an older version, as far as it differs in what is kept here.
fn aged(object: &Value, version: &str) -> Value {
    let mut object = object.clone();
    if version < "2022-11-15" && object["object"] == "charge" {
        object["refunds"] = json!({ "object": "list", "data": [], "has_more": false, "url": "/v1/refunds" });
    }
    if version < "2024-10-28" && object["object"] == "refund" {
        object["charge"] = object["charge"].clone();
    }
    object
}

/// An object as an answer shows it at this moment: a balance transaction becomes available by itself.
pub fn shown(object: &Value, now: DateTime<Utc>) -> Value {
    let mut object = object.clone();
    if object["object"] == "balance_transaction" {
        let available = object["available_on"].as_i64().is_some_and(|on| on <= now.timestamp());
        object["status"] = json!(if available { "available" } else { "pending" });
    }
    object
}
