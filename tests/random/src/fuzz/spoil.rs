//! Making one place of an answer wrong: a value, a header, the status, or the body as a whole.
//!
//! A record may be made wrong for good: then it is wrong in the same way wherever it is shown. Everything else happens once.
//! Absent on purpose: what has to hold afterwards (`whole`).

use super::hostile;
use crate::chance::Chance;
use bytes::Bytes;
use http::{HeaderValue, Response, StatusCode, Uri};
use parking_lot::Mutex;
use serde_json::Value;
use std::sync::Arc;
use vendor_sim::Vendor;

/// Names under which vendors keep a record's id.
const IDS: [&str; 5] = ["Id", "orderId", "shipmentId", "customerId", "id"];

/// In the paths of what a vendor says of the account itself.
const ACCOUNTS: [&str; 3] = ["/v1/account", "/companyinfo/", "/preferences"];

/// Stands where the hostile bytes go. No world has such a text.
const PLACE: &str = "\u{e000}here\u{e000}";

/// A step into a JSON value.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Key {
    Name(String),
    At(usize),
}

/// The innermost record around a place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Around {
    /// Where its id stands.
    key: &'static str,
    /// Its id.
    pub id: String,
}

/// What was done to a value.
#[derive(Debug, Clone)]
enum Deed {
    /// It became these bytes.
    Became(Vec<u8>),
    /// It is gone.
    Removed,
    /// It stands there twice: only in a list.
    Doubled,
}

/// What was spoiled, once it has happened.
#[derive(Debug, Clone)]
pub struct Spoiled {
    /// In words, for the trace.
    pub line: String,
    /// The account itself was shown: who it is and how it is set up.
    pub account: bool,
    /// The record around it, `None` for the envelope, a header, the status or the whole body.
    pub record: Option<Around>,
    /// Whose answer it was.
    pub vendor: Vendor,
    /// What the record is called now, where its id was made another one.
    pub renamed: Option<String>,
}

/// What is to be spoiled.
pub struct Plan {
    /// Whose answers.
    pub vendor: Vendor,
    /// So many of them pass first.
    pub skip: u32,
    /// A record stays wrong for good.
    pub for_good: bool,
}

/// Where the outcome can be read.
pub type Seen = Arc<Mutex<Option<Spoiled>>>;

/// The spoiler of a plan, and where it says what it did.
pub fn spoiler(plan: Plan, chance: Chance) -> (crate::wire::Spoiler, Seen) {
    let seen = Seen::default();
    let mut state = State { plan, chance, again: None, seen: seen.clone() };
    (Box::new(move |uri, answer| state.pass(uri, answer)), seen)
}

struct State {
    plan: Plan,
    chance: Chance,
    /// What is done wherever the record is shown.
    again: Option<(Around, Vec<Key>, Deed)>,
    seen: Seen,
}

impl State {
    fn pass(&mut self, uri: &Uri, answer: &mut Response<Bytes>) {
        if !uri.path().trim_start_matches('/').starts_with(self.plan.vendor.as_str()) {
            return;
        }
        if let Some((around, rest, deed)) = &self.again {
            spoil_everywhere(answer, around, rest, deed);
            return;
        }
        if self.seen.lock().is_some() {
            return;
        }
        if self.plan.skip > 0 {
            self.plan.skip -= 1;
            return;
        }
        let spoiled = match self.chance.below(100) {
            0..=9 => self.header(answer),
            10..=13 => self.status(answer),
            14..=18 => self.body(answer),
            _ => self.value(answer),
        };
        if let Some(mut spoiled) = spoiled {
            spoiled.line = format!("{} {}", uri.path(), spoiled.line);
            spoiled.account = ACCOUNTS.iter().any(|part| uri.path().contains(part));
            *self.seen.lock() = Some(spoiled);
        }
    }

    fn header(&mut self, answer: &mut Response<Bytes>) -> Option<Spoiled> {
        let name = *self.chance.one(hostile::HEADERS)?;
        let value = *self.chance.one(hostile::HEADER_VALUES)?;
        let header = HeaderValue::from_bytes(value).ok()?;
        answer.headers_mut().insert(name, header);
        // The wait is asked for together with a refusal.
        if name == "retry-after" && self.chance.percent(70) {
            *answer.status_mut() = StatusCode::TOO_MANY_REQUESTS;
        }
        let line = format!("has the header {name}: {}, status {}", String::from_utf8_lossy(value), answer.status());
        Some(Spoiled { line, record: None, renamed: None, account: false, vendor: self.plan.vendor })
    }

    fn status(&mut self, answer: &mut Response<Bytes>) -> Option<Spoiled> {
        let status = *self.chance.one(hostile::STATUSES)?;
        *answer.status_mut() = StatusCode::from_u16(status).ok()?;
        Some(Spoiled {
            line: format!("has the status {status}"),
            record: None,
            renamed: None,
            account: false,
            vendor: self.plan.vendor,
        })
    }

    fn body(&mut self, answer: &mut Response<Bytes>) -> Option<Spoiled> {
        let body = answer.body().clone();
        let (line, bytes): (&str, Vec<u8>) = match self.chance.below(6) {
            0 => ("has an empty body", Vec::new()),
            1 => ("begins with a byte-order mark", [b"\xef\xbb\xbf".as_slice(), &body].concat()),
            2 => ("is cut off", body.get(..self.chance.below(body.len()))?.to_vec()),
            3 => ("is a page", b"<!doctype html><title>Sign in</title>".to_vec()),
            4 => ("has a text behind it", [body.as_ref(), b"}garbage"].concat()),
            _ => {
                let mut bytes = body.to_vec();
                let at = self.chance.below(bytes.len());
                *bytes.get_mut(at)? ^= 1 << self.chance.below(8);
                ("has a flipped bit", bytes)
            }
        };
        *answer.body_mut() = Bytes::from(bytes);
        Some(Spoiled { line: line.to_owned(), record: None, renamed: None, account: false, vendor: self.plan.vendor })
    }

    fn value(&mut self, answer: &mut Response<Bytes>) -> Option<Spoiled> {
        let whole: Value = serde_json::from_slice(answer.body()).ok()?;
        let mut places = Vec::new();
        collect(&whole, &mut Vec::new(), &mut places);
        let place = self.chance.one(&places)?.clone();
        let deed = match self.chance.below(20) {
            0 => Deed::Removed,
            1 => Deed::Doubled,
            _ => Deed::Became(hostile::value(self.chance.below(hostile::HOW_MANY))),
        };
        let around = around(&whole, &place);
        *answer.body_mut() = done(&whole, std::slice::from_ref(&place), &deed)?;
        let line = format!("has {deed} at {}", shown(&place));
        let renamed = around.as_ref().and_then(|(around, depth)| deed.renames(around, &place[*depth..]));
        if let (Some((around, depth)), true) = (&around, self.plan.for_good) {
            self.again = Some((around.clone(), place[*depth..].to_vec(), deed));
        }
        Some(Spoiled {
            line,
            record: around.map(|(around, _)| around),
            renamed,
            account: false,
            vendor: self.plan.vendor,
        })
    }
}

impl Deed {
    /// The record's new name, where this place in it is its id.
    fn renames(&self, around: &Around, rest: &[Key]) -> Option<String> {
        let Self::Became(bytes) = self else { return None };
        let is_id = matches!(rest, [Key::Name(name)] if name == around.key);
        match serde_json::from_slice(bytes).ok().filter(|_| is_id)? {
            Value::String(text) => Some(text),
            Value::Number(number) => Some(number.to_string()),
            _ => None,
        }
    }
}

impl std::fmt::Display for Deed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Became(bytes) => {
                let text: String = String::from_utf8_lossy(bytes).chars().take(60).collect();
                write!(f, "{text}")
            }
            Self::Removed => f.write_str("nothing"),
            Self::Doubled => f.write_str("itself twice"),
        }
    }
}

fn shown(place: &[Key]) -> String {
    let parts = place.iter().map(|key| match key {
        Key::Name(name) => name.clone(),
        Key::At(at) => at.to_string(),
    });
    parts.collect::<Vec<_>>().join(".")
}

/// Every place below the top.
fn collect(value: &Value, path: &mut Vec<Key>, places: &mut Vec<Vec<Key>>) {
    let mut into = |key: Key, inner: &Value, places: &mut Vec<Vec<Key>>| {
        path.push(key);
        places.push(path.clone());
        collect(inner, path, places);
        path.pop();
    };
    match value {
        Value::Object(members) => members.iter().for_each(|(name, inner)| into(Key::Name(name.clone()), inner, places)),
        Value::Array(items) => items.iter().enumerate().for_each(|(at, inner)| into(Key::At(at), inner, places)),
        _ => {}
    }
}

fn step<'a>(value: &'a Value, key: &Key) -> Option<&'a Value> {
    match key {
        Key::Name(name) => value.get(name),
        Key::At(at) => value.get(at),
    }
}

fn step_mut<'a>(value: &'a mut Value, key: &Key) -> Option<&'a mut Value> {
    match key {
        Key::Name(name) => value.get_mut(name),
        Key::At(at) => value.get_mut(at),
    }
}

fn identity(value: &Value) -> Option<Around> {
    let members = value.as_object()?;
    let key = IDS.into_iter().find(|key| members.contains_key(*key))?;
    let id = match members.get(key)? {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        _ => return None,
    };
    Some(Around { key, id })
}

/// The outermost record that holds this place (lines have ids too), and how deep it lies. An event is only the envelope of its
/// object.
fn around(whole: &Value, place: &[Key]) -> Option<(Around, usize)> {
    let (mut value, mut found) = (whole, None);
    for (depth, key) in place.iter().enumerate() {
        let is_event = value.get("object").and_then(Value::as_str) == Some("event");
        if found.is_none() && !is_event {
            found = identity(value).map(|around| (around, depth));
        }
        value = step(value, key)?;
    }
    // The place may be a whole record.
    found.or_else(|| identity(value).map(|around| (around, place.len())))
}

/// The body with these places changed. `None` when nothing was.
fn done(whole: &Value, places: &[Vec<Key>], deed: &Deed) -> Option<Bytes> {
    let mut changed = whole.clone();
    let mut any = false;
    for place in places {
        any |= change(&mut changed, place, deed);
    }
    let text = serde_json::to_string(&changed).ok()?;
    let bytes = match deed {
        Deed::Became(bytes) => {
            let mark = serde_json::to_string(PLACE).ok()?;
            let parts: Vec<&[u8]> = text.split(&mark).map(str::as_bytes).collect();
            parts.join(bytes.as_slice())
        }
        Deed::Removed | Deed::Doubled => text.into_bytes(),
    };
    any.then(|| Bytes::from(bytes))
}

fn change(whole: &mut Value, place: &[Key], deed: &Deed) -> bool {
    let Some((last, before)) = place.split_last() else { return false };
    let mut parent = whole;
    for key in before {
        match step_mut(parent, key) {
            Some(inner) => parent = inner,
            None => return false,
        }
    }
    match (parent, last, deed) {
        (Value::Object(members), Key::Name(name), Deed::Removed) => members.remove(name).is_some(),
        (Value::Array(items), Key::At(at), Deed::Removed) if *at < items.len() => {
            items.remove(*at);
            true
        }
        (Value::Array(items), Key::At(at), Deed::Doubled) if *at < items.len() => {
            let item = items[*at].clone();
            items.insert(*at, item);
            true
        }
        (_, _, Deed::Doubled) => false,
        (parent, last, _) => step_mut(parent, last).map(|value| *value = PLACE.into()).is_some(),
    }
}

/// Does the same wherever the record is shown.
fn spoil_everywhere(answer: &mut Response<Bytes>, around: &Around, rest: &[Key], deed: &Deed) {
    let Ok(whole) = serde_json::from_slice::<Value>(answer.body()) else { return };
    let mut places = Vec::new();
    collect(&whole, &mut Vec::new(), &mut places);
    places.push(Vec::new());
    let is_it = |place: &Vec<Key>| {
        let value = place.iter().try_fold(&whole, |value, key| step(value, key));
        value.and_then(identity).as_ref() == Some(around)
    };
    let found: Vec<Vec<Key>> =
        places.iter().filter(|place| is_it(place)).map(|place| [place.as_slice(), rest].concat()).collect();
    if let Some(body) = done(&whole, &found, deed) {
        *answer.body_mut() = body;
    }
}
