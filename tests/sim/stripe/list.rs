//! Reads: lists newest first with cursors in both directions, and single objects.

use super::api::{Call, account};
use super::book::shown;
use super::reply::Reply;
use chrono::{DateTime, Utc};
use serde_json::{Value, json};

/// Events are kept this long.
const EVENT_DAYS: i64 = 30;

/// A collection: its path, the word for one of its objects, and the filters it takes beside the common ones.
const COLLECTIONS: &[(&str, &str, &[&str])] = &[
    ("events", "event", &["type", "types", "delivery_success"]),
    ("charges", "charge", &["customer", "payment_intent", "transfer_group"]),
    ("payment_intents", "payment_intent", &["customer"]),
    ("refunds", "refund", &["charge", "payment_intent"]),
    ("disputes", "dispute", &["charge", "payment_intent"]),
    ("payouts", "payout", &["destination", "status", "arrival_date"]),
    ("balance_transactions", "balance_transaction", &["currency", "payout", "source", "type"]),
    ("customers", "customer", &["email"]),
];

/// Answers a GET.
pub fn read(state: &crate::State, now: DateTime<Utc>, call: &Call) -> Reply {
    let path: Vec<&str> = call.segments.iter().map(String::as_str).collect();
    match path.as_slice() {
        ["account"] => Reply::ok(account()),
        ["accounts", id] => {
            if account()["id"] == *id {
                Reply::ok(account())
            } else {
                Reply::missing("account", id)
            }
        }
        ["balance"] => Reply::ok(balance(state, now)),
        [kind] => match COLLECTIONS.iter().find(|(name, _, _)| name == kind) {
            Some((name, _, filters)) => list(state, now, call, name, filters).unwrap_or_else(|refused| refused),
            None => Reply::planned(http::StatusCode::NOT_FOUND),
        },
        [kind, id] => match COLLECTIONS.iter().find(|(name, _, _)| name == kind) {
            Some((name, word, _)) => match state.stripe.get(name, id) {
                Some(object) => Reply::ok(expand(state, now, shown(object, now), call, "")),
                None => Reply::missing(word, id),
            },
            None => Reply::planned(http::StatusCode::NOT_FOUND),
        },
        _ => Reply::planned(http::StatusCode::NOT_FOUND),
    }
}

/// What a list is asked for.
#[derive(Default)]
struct Wanted {
    limit: usize,
    after: Option<String>,
    before: Option<String>,
    /// (field, comparison, unix seconds)
    times: Vec<(String, String, i64)>,
    types: Vec<String>,
    equal: Vec<(String, String)>,
}

fn wanted(call: &Call, filters: &[&str]) -> Result<Wanted, Reply> {
    let mut wanted = Wanted { limit: 10, ..Wanted::default() };
    for (name, value) in &call.parameters {
        let (base, inner) =
            name.split_once('[').map_or((name.as_str(), ""), |(base, rest)| (base, rest.trim_end_matches(']')));
        match base {
            "limit" => {
                wanted.limit = value
                    .parse()
                    .ok()
                    .filter(|limit| (1..=100).contains(limit))
                    .ok_or_else(|| Reply::bad_parameter("limit", "This value must be between 1 and 100."))?;
            }
            "starting_after" => wanted.after = Some(value.clone()),
            "ending_before" => wanted.before = Some(value.clone()),
            "expand" => {}
            "created" | "arrival_date" if base == "created" || filters.contains(&base) => {
                let second =
                    value.parse().map_err(|_| Reply::bad_parameter(name, format!("Invalid integer: {value}")))?;
                if !matches!(inner, "" | "gt" | "gte" | "lt" | "lte") {
                    return Err(Reply::unknown_parameter(name));
                }
                wanted.times.push((base.to_owned(), inner.to_owned(), second));
            }
            "types" if filters.contains(&"types") => wanted.types.push(value.clone()),
            other if filters.contains(&other) && inner.is_empty() => {
                wanted.equal.push((other.to_owned(), value.clone()));
            }
            _ => return Err(Reply::unknown_parameter(name)),
        }
    }
    if wanted.after.is_some() && wanted.before.is_some() {
        return Err(Reply::bad_parameter(
            "",
            "Received both starting_after and ending_before parameters. Please pass in only one.",
        ));
    }
    if wanted.types.len() > 20 || (!wanted.types.is_empty() && wanted.equal.iter().any(|(name, _)| name == "type")) {
        return Err(Reply::bad_parameter("types", "You may pass up to 20 types, and not together with type."));
    }
    Ok(wanted)
}

fn list(state: &crate::State, now: DateTime<Utc>, call: &Call, kind: &str, filters: &[&str]) -> Result<Reply, Reply> {
    let wanted = wanted(call, filters)?;
    if let Some((_, payout)) = wanted.equal.iter().find(|(name, _)| name == "payout")
        && state.stripe.get("payouts", payout).is_none()
    {
        return Err(Reply::missing("payout", payout));
    }
    let mut rows: Vec<(usize, &Value)> =
        state.stripe.all(kind).iter().enumerate().filter(|(_, object)| visible(state, now, kind, object)).collect();
    // Newest first; within a second the later one first.
    rows.sort_by_key(|(place, object)| std::cmp::Reverse((object["created"].as_i64().unwrap_or_default(), *place)));
    let rows: Vec<&Value> =
        rows.into_iter().map(|(_, object)| object).filter(|object| fits(state, object, &wanted)).collect();
    let place = |id: &str| rows.iter().position(|object| object["id"] == id);
    let (page, has_more) = match (&wanted.after, &wanted.before) {
        (Some(id), _) => {
            let from = place(id).ok_or_else(|| lost_cursor(state, kind, id, "starting_after"))? + 1;
            let to = (from + wanted.limit).min(rows.len());
            (&rows[from..to], to < rows.len())
        }
        (_, Some(id)) => {
            // The rows next to the cursor on its newer side, still newest first.
            let to = place(id).ok_or_else(|| lost_cursor(state, kind, id, "ending_before"))?;
            let from = to.saturating_sub(wanted.limit);
            (&rows[from..to], from > 0)
        }
        _ => (&rows[..wanted.limit.min(rows.len())], rows.len() > wanted.limit),
    };
    let data: Vec<Value> = page.iter().map(|object| expand(state, now, shown(object, now), call, "data.")).collect();
    Ok(Reply::ok(json!({ "object": "list", "data": data, "has_more": has_more, "url": format!("/v1/{kind}") })))
}

fn visible(state: &crate::State, now: DateTime<Utc>, kind: &str, object: &Value) -> bool {
    if kind != "events" {
        return true;
    }
    let id = object["id"].as_str().unwrap_or_default();
    let shown = state.stripe.visible_from.get(id).is_none_or(|from| *from <= now.timestamp());
    let young = object["created"].as_i64().unwrap_or_default() >= now.timestamp() - EVENT_DAYS * 86_400;
    shown && young
}

/// A cursor that is no longer (or never was) in the list.
fn lost_cursor(state: &crate::State, kind: &str, id: &str, param: &str) -> Reply {
    if kind == "events" && state.stripe.get("events", id).is_some() {
        let message = format!("The event {id} is no longer available because it aged out of our retention policy.");
        return Reply::refuse(400, "invalid_request_error", "resource_missing", param, message);
    }
    Reply::refuse(400, "invalid_request_error", "resource_missing", param, format!("No such object: '{id}'"))
}

fn fits(state: &crate::State, object: &Value, wanted: &Wanted) -> bool {
    let times = wanted.times.iter().all(|(field, comparison, second)| {
        let value = object[field].as_i64().unwrap_or_default();
        match comparison.as_str() {
            "gt" => value > *second,
            "gte" => value >= *second,
            "lt" => value < *second,
            "lte" => value <= *second,
            _ => value == *second,
        }
    });
    let kind = object["type"].as_str().unwrap_or_default();
    let types = wanted.types.is_empty() || wanted.types.iter().any(|wanted| wanted == kind);
    times && types && wanted.equal.iter().all(|(field, value)| equal(state, object, field, value))
}

fn equal(state: &crate::State, object: &Value, field: &str, value: &str) -> bool {
    match field {
        "payout" => state.stripe.members.get(object["id"].as_str().unwrap_or_default()).is_some_and(|po| po == value),
        "delivery_success" => value == "true",
        "type" => {
            let kind = object["type"].as_str().unwrap_or_default();
            value.strip_suffix('*').map_or(kind == value, |prefix| kind.starts_with(prefix))
        }
        _ => object[field].as_str() == Some(value),
    }
}

/// Replaces ids by their objects where the call asks for it. Payloads of events are never expanded.
fn expand(state: &crate::State, now: DateTime<Utc>, mut object: Value, call: &Call, prefix: &str) -> Value {
    let asked = call.parameters.iter().filter(|(name, _)| name.starts_with("expand"));
    for field in asked.filter_map(|(_, path)| path.strip_prefix(prefix)) {
        let kinds =
            ["balance_transactions", "charges", "refunds", "disputes", "payouts", "payment_intents", "customers"];
        let Some(id) = object.get(field).and_then(Value::as_str).map(str::to_owned) else { continue };
        if let Some(found) = kinds.iter().find_map(|kind| state.stripe.get(kind, &id)) {
            object[field] = shown(found, now);
        }
    }
    object
}

/// The balance by availability, from its rows.
fn balance(state: &crate::State, now: DateTime<Utc>) -> Value {
    let mut sums = std::collections::BTreeMap::<(bool, String), i64>::new();
    for row in state.stripe.all("balance_transactions") {
        let available = row["available_on"].as_i64().is_some_and(|on| on <= now.timestamp());
        let currency = row["currency"].as_str().unwrap_or_default().to_owned();
        *sums.entry((available, currency)).or_default() += row["net"].as_i64().unwrap_or_default();
    }
    let part = |wanted: bool| -> Vec<Value> {
        let rows = sums.iter().filter(|((available, _), _)| *available == wanted);
        rows.map(|((_, currency), amount)| json!({ "amount": amount, "currency": currency, "source_types": {} }))
            .collect()
    };
    json!({ "object": "balance", "available": part(true), "pending": part(false), "livemode": false })
}
