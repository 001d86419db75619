//! All that a run did to each record, put together from its single changes. Pure.

use crate::ids::ConnectionId;
use crate::store::undo::KeptChange;
use crate::sync::ChangeDirection;
use crate::sync::merge::{Fields, same};
use connector_contract::RecordKind;
use serde_json::Value;
use std::collections::BTreeMap;

/// All that a run did to one record.
#[derive(Debug)]
pub(super) struct Touched {
    pub kind: RecordKind,
    pub local_id: String,
    pub title: String,
    /// It came in with the run: from this vendor.
    pub came_from: Option<String>,
    /// It was here, and the run found that one of this vendor's is the same.
    pub joined_with: Option<String>,
    /// The run made it over there, on these connections.
    pub made_in: BTreeMap<ConnectionId, String>,
    /// The run voided, cancelled or deactivated it over there.
    pub retired_there: bool,
    /// It was deleted over there.
    pub deleted_there: bool,
    /// The states of each change, oldest first.
    pub states: Vec<(Option<Fields>, Fields)>,
    pub before: Option<Fields>,
    pub after: Option<Fields>,
    pub connections: BTreeMap<ConnectionId, String>,
}

/// One entry per record, from how it was before its first change to how it was after its last one.
pub(super) fn gather(changes: Vec<KeptChange>) -> Vec<Touched> {
    let mut all: Vec<Touched> = Vec::new();
    let mut places: BTreeMap<(RecordKind, String), usize> = BTreeMap::new();
    for change in changes {
        let Some(local_id) = change.local_id else { continue };
        let key = (change.kind, local_id.clone());
        let place = *places.entry(key).or_insert_with(|| {
            all.push(Touched {
                kind: change.kind,
                local_id,
                title: change.title.clone(),
                came_from: None,
                joined_with: None,
                made_in: BTreeMap::new(),
                retired_there: false,
                deleted_there: false,
                before: None,
                after: None,
                states: Vec::new(),
                connections: BTreeMap::new(),
            });
            all.len() - 1
        });
        let touched = &mut all[place];
        touched.title = change.title;
        let over = change.connection_id.map(|id| (id, change.vendor_name.clone()));
        touched.connections.extend(over.clone());
        match (change.action.as_str(), change.direction) {
            ("created", ChangeDirection::In) => touched.came_from = Some(change.vendor_name),
            ("created", ChangeDirection::Out) => touched.made_in.extend(over),
            ("voided", ChangeDirection::Out) => touched.retired_there = true,
            ("linked", _) => touched.joined_with = Some(change.vendor_name),
            ("deleted", _) => touched.deleted_there = true,
            _ => {}
        }
        touched.states.extend(change.after.map(|after| (change.before, after)));
    }
    for touched in &mut all {
        touched.after = touched.states.last().map(|(_, after)| after.clone());
        touched.before = before_all(&touched.states);
    }
    all
}

/// The record as it would be without these changes, each with its state before and after; `None` when one of them made it.
/// Changes of different fields may overlap in time, so each is taken back by its own fields.
fn before_all(states: &[(Option<Fields>, Fields)]) -> Option<Fields> {
    let mut record = states.last()?.1.clone();
    for (before, after) in states.iter().rev() {
        let before = before.as_ref()?;
        let changed = before.iter().filter(|(name, value)| !same(value, after.get(*name).unwrap_or(&Value::Null)));
        record.extend(changed.map(|(name, value)| (name.clone(), value.clone())));
    }
    Some(record)
}
