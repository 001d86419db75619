//! From a page of events to the newest state of each object. Pure.

use crate::cursor::Errand;
use crate::map;
use crate::pull::members_of;
use crate::wire::Event;
use chrono::{DateTime, Utc};
use connector_contract::{Content, Pulled, RecordKind, RemoteId, calendar};
use serde::Deserialize;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};

/// What a page of events amounts to.
pub struct Batch {
    /// One state per object, oldest first; charges before what refers to them.
    pub states: Vec<State>,
    /// Questions these states raise.
    pub errands: VecDeque<Errand>,
    /// Events of a kind that is kept which make no sense.
    pub unreadable: Vec<Pulled>,
}

/// An object as an event shows it.
pub struct State {
    /// Which kind of record it is.
    pub kind: RecordKind,
    /// The object's id.
    pub id: String,
    /// The object.
    pub object: Value,
    /// When it was in this state, in unix seconds.
    pub created: i64,
    /// It was deleted.
    pub deleted: bool,
    /// Another state was made in the same second, and nothing tells which is the newer.
    pub ambiguous: bool,
}

impl State {
    /// As a record.
    pub fn into_pulled(self) -> Pulled {
        let at = DateTime::<Utc>::from_timestamp(self.created, 0).and_then(calendar::moment);
        if self.deleted {
            let content = Content::Deleted(self.kind);
            return Pulled { remote_id: RemoteId(self.id), version: None, updated_at: at, content };
        }
        map::pulled(self.kind, &self.object, at)
    }
}

/// Keeps the newest state of each object. `data` runs from new to old; `seen` holds the states of earlier pages of the
/// same window and grows by those of this one. A state of a time that is yet to come counts as one of now, or no later state of
/// the object would ever be taken for newer.
pub fn newest_states<'a>(data: impl Iterator<Item = &'a Value>, seen: &mut BTreeMap<String, i64>, now: i64) -> Batch {
    let mut states: Vec<State> = Vec::new();
    let mut at: HashMap<String, usize> = HashMap::new();
    let mut hinted = BTreeSet::new();
    let mut told = BTreeSet::new();
    let mut unreadable = Vec::new();
    for raw in data {
        let (mut event, kind, id) = match of_interest(raw) {
            Ok(Some(found)) => found,
            Ok(None) => continue,
            Err(report) => {
                unreadable.push(*report);
                continue;
            }
        };
        event.created = event.created.min(now);
        if kind == RecordKind::Refund
            && let Some(charge) = event.data.object.get("charge").and_then(Value::as_str)
        {
            told.insert(charge.to_owned());
        }
        if event.kind == "charge.refunded" {
            hinted.insert(id.clone());
        }
        let known = seen.get(&id).copied();
        if known.is_some_and(|known| known > event.created) {
            continue;
        }
        if let Some(&index) = at.get(&id) {
            // Newer ones were read before, so this is the same second. An equal copy of the change is no riddle.
            let state = &mut states[index];
            if state.created == event.created && state.object != event.data.object {
                state.ambiguous = true;
            } else if state.created < event.created {
                // The list is not in order after all; the time decides.
                state.object = event.data.object;
                state.created = event.created;
                seen.insert(id, event.created);
            }
            continue;
        }
        seen.insert(id.clone(), event.created);
        at.insert(id.clone(), states.len());
        let deleted = event.kind.ends_with(".deleted");
        let ambiguous = known == Some(event.created);
        states.push(State { kind, id, object: event.data.object, created: event.created, deleted, ambiguous });
    }
    states.sort_by_key(|state| (state.created, state.kind));
    let members = states.iter().filter(|state| state.kind == RecordKind::Payout && !state.deleted);
    let members = members.filter_map(|state| members_of(&state.object));
    // Accounts on old versions only say that a charge was refunded, not by which refund.
    let refunds = hinted.difference(&told).map(|charge| Errand::Refunds { charge: charge.clone(), after: None });
    let errands = members.chain(refunds).collect();
    Batch { states, errands, unreadable }
}

/// An event about an object that is kept; nothing for any other. One that makes no sense is reported as the object it is about.
fn of_interest(raw: &Value) -> Result<Option<(Event, RecordKind, String)>, Box<Pulled>> {
    let object = raw.pointer("/data/object").unwrap_or(&Value::Null);
    let by_type = || raw.get("type").and_then(Value::as_str).and_then(map::kind_of_event);
    let Some(kind) = map::kind_of(object).or_else(by_type).filter(|kind| *kind != RecordKind::BalanceEntry) else {
        return Ok(None);
    };
    let report = |reason: String| {
        let id = map::id_of(object).or_else(|| map::id_of(raw)).unwrap_or("(without an id)");
        Box::new(Pulled::unreadable(
            kind,
            RemoteId(id.to_owned()),
            format!("An event about it could not be read: {reason}."),
        ))
    };
    let event = Event::deserialize(raw).map_err(|error| report(map::without_values(&error.to_string())))?;
    // An event of this family about another object, such as a payment method, is of no interest.
    let Some(kind) = map::kind_of(&event.data.object) else { return Ok(None) };
    let id = map::id_of(&event.data.object).ok_or_else(|| report("its object has no id".to_owned()))?.to_owned();
    Ok(Some((event, kind, id)))
}
