//! Reading and writing the vendor's JSON: exact decimals, dotted paths, references and Pacific-time stamps.
//!
//! Objects are kept as JSON, not as structs, because sparse updates, unknown fields and projections are about fields.

use chrono::{DateTime, NaiveDate, SecondsFormat, Utc};
use chrono_tz::America::Los_Angeles;
use rust_decimal::{Decimal, RoundingStrategy};
use serde_json::{Map, Number, Value, json};
use std::str::FromStr;

/// A JSON object.
pub type Object = Map<String, Value>;

/// The exact decimal in a JSON number, or in text as some clients send it.
pub fn decimal(value: &Value) -> Option<Decimal> {
    let text = match value {
        Value::Number(n) => n.to_string(),
        Value::String(s) => s.trim().to_owned(),
        _ => return None,
    };
    Decimal::from_str(&text).or_else(|_| Decimal::from_scientific(&text)).ok()
}

/// The decimal of a field; zero when it is missing.
pub fn amount(object: &Object, field: &str) -> Decimal {
    object.get(field).and_then(decimal).unwrap_or_default()
}

/// A JSON number with exactly these digits.
pub fn number(value: Decimal) -> Value {
    let text = value.normalize().to_string();
    Number::from_str(&text).map_or(Value::Null, Value::Number)
}

/// Rounds half up to cents, as posted amounts are.
pub fn cents(value: Decimal) -> Decimal {
    value.round_dp_with_strategy(2, RoundingStrategy::MidpointAwayFromZero)
}

/// The value under a dotted path.
pub fn at<'a>(object: &'a Object, path: &str) -> Option<&'a Value> {
    let mut parts = path.split('.');
    let mut value = object.get(parts.next()?)?;
    for part in parts {
        value = value.get(part)?;
    }
    Some(value)
}

/// Text under a dotted path; `None` when missing or empty.
pub fn text<'a>(object: &'a Object, path: &str) -> Option<&'a str> {
    at(object, path).and_then(Value::as_str).filter(|s| !s.is_empty())
}

/// A boolean, also from text as some clients send it.
pub fn flag(object: &Object, field: &str) -> Option<bool> {
    match object.get(field)? {
        Value::Bool(b) => Some(*b),
        Value::String(s) => s.parse().ok(),
        _ => None,
    }
}

/// The id inside a `{value, name}` reference; ids may arrive as numbers.
pub fn reference(object: &Object, field: &str) -> Option<String> {
    match object.get(field)?.get("value")? {
        Value::String(s) if !s.is_empty() => Some(s.clone()),
        Value::Number(n) => Some(n.to_string()),
        _ => None,
    }
}

/// A reference as the vendor writes it.
pub fn refer(id: &str, name: &str) -> Value {
    if name.is_empty() { json!({ "value": id }) } else { json!({ "value": id, "name": name }) }
}

/// A stamp on an object: US Pacific time whatever the company's zone, whole seconds.
pub fn stamp(at: DateTime<Utc>) -> String {
    at.with_timezone(&Los_Angeles).to_rfc3339_opts(SecondsFormat::Secs, false)
}

/// The `time` of an answer: Pacific, with milliseconds.
pub fn answer_time(at: DateTime<Utc>) -> String {
    at.with_timezone(&Los_Angeles).to_rfc3339_opts(SecondsFormat::Millis, false)
}

/// The server's current date, which is Pacific too.
pub fn today(now: DateTime<Utc>) -> NaiveDate {
    now.with_timezone(&Los_Angeles).date_naive()
}

/// A date field.
pub fn date(object: &Object, field: &str) -> Option<NaiveDate> {
    NaiveDate::parse_from_str(text(object, field)?, "%Y-%m-%d").ok()
}

/// A moment as clients write it: with an offset, or a bare date or time in Pacific.
pub fn moment(text: &str) -> Option<DateTime<Utc>> {
    if let Ok(at) = DateTime::parse_from_rfc3339(text) {
        return Some(at.to_utc());
    }
    let bare = chrono::NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.f")
        .ok()
        .or_else(|| NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?.and_hms_opt(0, 0, 0))?;
    bare.and_local_timezone(Los_Angeles).earliest().map(|t| t.to_utc())
}

/// When an object last changed.
pub fn updated(object: &Object) -> Option<DateTime<Utc>> {
    moment(text(object, "MetaData.LastUpdatedTime")?)
}
