//! Three-way merge, field by field, against what both sides last agreed on. Pure: fields in, decisions out.
//!
//! Either side writes a record in its own manner (a vendor drops a line break, we spread a tax over lines), so the agreement
//! keeps both writings: what the vendor showed and what we would have sent at that moment. A side has changed a field when it
//! differs from its own writing back then; the manner never passes for a change.

use crate::view::FieldChange;
use crate::{Error, Result};
use backroom_money::UnitPrice;
use chrono::{DateTime, Utc};
use connector_contract::record::Address;
use connector_contract::{Record, RecordKind, Safeguard};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// A neutral record, field by field.
pub type Fields = serde_json::Map<String, Value>;

/// What both sides last agreed on.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Agreed {
    /// As the vendor showed it.
    pub remote: Fields,
    /// As we would have sent it.
    pub local: Fields,
    /// The vendor's values of fields that both sides changed, until the owner decides.
    #[serde(default, skip_serializing_if = "Fields::is_empty")]
    pub conflict: Fields,
    /// Our values of these fields when the conflict was found, to tell whether the owner has changed them since.
    #[serde(default, skip_serializing_if = "Fields::is_empty")]
    pub mine: Fields,
    /// When the vendor's record was last changed as far as we have seen, so that an older page is recognised.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seen_at: Option<DateTime<Utc>>,
    /// The entry of our record's history that was the newest then, to find the whole record of that moment again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub history: Option<u32>,
}

impl Agreed {
    /// Counts the vendor's side of a conflict as seen, so that ours wins. `false` when there is no conflict.
    pub fn settle(&mut self) -> bool {
        let open = std::mem::take(&mut self.conflict);
        self.mine.clear();
        self.keep_ours(&open);
        !open.is_empty()
    }

    /// Both sides have seen the vendor's values of these fields, and ours is a change of them: also where it is what was agreed
    /// before, or the vendor would never hear of it.
    pub fn keep_ours(&mut self, theirs: &Fields) {
        self.remote.extend(theirs.clone());
        self.local.extend(theirs.clone());
    }
}

/// A field to be decided: both sides changed what it belongs to, to different values. Its own may be the same on both sides, and is
/// kept with the others all the same, because a later change of it belongs to the same decision.
#[derive(Debug, Clone, PartialEq)]
pub struct Conflict {
    /// Name of the field.
    pub field: String,
    /// Our value.
    pub ours: Value,
    /// The vendor's value.
    pub theirs: Value,
}

impl Conflict {
    /// Whether its own values differ.
    pub fn differs(&self) -> bool {
        !same(&self.ours, &self.theirs)
    }
}

/// What a merge decided.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Merge {
    /// The vendor's new values, to be taken over here.
    pub incoming: Fields,
    /// Fields that only we changed; they still have to be sent.
    pub outgoing: BTreeSet<String>,
    /// Fields that both sides changed to the same value.
    pub joined: Fields,
    /// Units that both sides changed to different values, field by field.
    pub conflicts: Vec<Conflict>,
}

/// The fields of a record. Written variant by variant: the tag of the enum would hide an item's own `kind`.
pub fn fields_of(record: &Record) -> Result<Fields> {
    let value = match record {
        Record::Customer(record) => serde_json::to_value(record),
        Record::Item(record) => serde_json::to_value(record),
        Record::Order(record) => serde_json::to_value(record),
        Record::Invoice(record) => serde_json::to_value(record),
        Record::Payment(record) => serde_json::to_value(record),
        Record::Shipment(record) => serde_json::to_value(record),
        Record::Charge(record) => serde_json::to_value(record),
        Record::Refund(record) => serde_json::to_value(record),
        Record::Dispute(record) => serde_json::to_value(record),
        Record::BalanceEntry(record) => serde_json::to_value(record),
        Record::Payout(record) => serde_json::to_value(record),
    }?;
    match value {
        Value::Object(fields) => Ok(fields),
        _ => Err(Error::Bug("a record is not an object".into())),
    }
}

/// The record with these fields.
pub fn record_of(kind: RecordKind, fields: Fields) -> Result<Record> {
    let value = Value::Object(fields);
    Ok(match kind {
        RecordKind::Customer => Record::Customer(serde_json::from_value(value)?),
        RecordKind::Item => Record::Item(serde_json::from_value(value)?),
        RecordKind::Order => Record::Order(serde_json::from_value(value)?),
        RecordKind::Invoice => Record::Invoice(serde_json::from_value(value)?),
        RecordKind::Payment => Record::Payment(serde_json::from_value(value)?),
        RecordKind::Shipment => Record::Shipment(serde_json::from_value(value)?),
        RecordKind::Charge => Record::Charge(serde_json::from_value(value)?),
        RecordKind::Refund => Record::Refund(serde_json::from_value(value)?),
        RecordKind::Dispute => Record::Dispute(serde_json::from_value(value)?),
        RecordKind::BalanceEntry => Record::BalanceEntry(serde_json::from_value(value)?),
        RecordKind::Payout => Record::Payout(serde_json::from_value(value)?),
    })
}

/// Fields that only make sense together are merged as one: the sum of an invoice belongs to its lines.
pub fn unit(kind: RecordKind, field: &str) -> &str {
    match (kind, field) {
        (RecordKind::Invoice, "lines" | "discount" | "shipping" | "tax" | "total" | "currency")
        | (RecordKind::Order, "lines" | "shipping_amount" | "tax_amount" | "total")
        | (RecordKind::Payment, "amount" | "applied") => "amounts",
        (RecordKind::Order, "status" | "hold_until") => "status",
        _ => field,
    }
}

/// Fields that follow from other records and are never merged.
pub fn derived(kind: RecordKind, field: &str) -> bool {
    matches!(
        (kind, field),
        (RecordKind::Invoice, "balance")
            | (RecordKind::Item, "on_hand" | "created_at")
            | (RecordKind::Customer, "created_at")
            | (RecordKind::Order, "paid")
            | (RecordKind::Payment, "unapplied")
    )
}

/// Whether two values mean the same. The ids that a vendor gives to lines are no content.
pub fn same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Array(a), Value::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b)),
        (Value::Object(a), Value::Object(b)) => {
            let names: BTreeSet<&String> = a.keys().chain(b.keys()).filter(|name| *name != "remote_line").collect();
            names.into_iter().all(|name| same(a.get(name).unwrap_or(&Value::Null), b.get(name).unwrap_or(&Value::Null)))
        }
        (Value::Null, Value::String(text)) | (Value::String(text), Value::Null) => text.is_empty(),
        _ => a == b,
    }
}

/// Merges their record and ours. A field that the vendor does not tell (`null`) has not changed over there.
pub fn three_way(kind: RecordKind, base: &Agreed, ours: &Fields, theirs: &Fields) -> Merge {
    let null = Value::Null;
    let mut units: BTreeMap<&str, Vec<&String>> = BTreeMap::new();
    for field in ours.keys().chain(theirs.keys()) {
        let members = units.entry(unit(kind, field)).or_default();
        if !derived(kind, field) && !members.contains(&field) {
            members.push(field);
        }
    }
    let mut merge = Merge::default();
    for fields in units.into_values() {
        let their = |field: &String| theirs.get(field).filter(|value| !value.is_null());
        let our = |field: &String| ours.get(field).unwrap_or(&null);
        let they_changed = |field: &&&String| {
            their(field).is_some_and(|value| !same(value, base.remote.get(**field).unwrap_or(&null)))
        };
        let we_changed = |field: &&&String| !same(our(field), base.local.get(**field).unwrap_or(&null));
        let theirs_new: Vec<&&String> = fields.iter().filter(they_changed).collect();
        let ours_new: Vec<&&String> = fields.iter().filter(we_changed).collect();
        let differing: Vec<&&String> = fields
            .iter()
            .filter(|field| theirs_new.contains(field) || ours_new.contains(field))
            .filter(|field| their(field).is_some_and(|value| !same(value, our(field))))
            .collect();
        match (theirs_new.is_empty(), ours_new.is_empty()) {
            (true, true) => {}
            (true, false) => merge.outgoing.extend(ours_new.into_iter().map(|field| (*field).clone())),
            (false, true) => {
                merge.incoming.extend(theirs_new.into_iter().filter_map(|f| Some(((*f).clone(), their(f)?.clone()))));
            }
            (false, false) if !differing.is_empty() && Safeguard::MergeByField.is_broken() => {
                merge.incoming.extend(differing.into_iter().filter_map(|f| Some(((**f).clone(), their(f)?.clone()))));
            }
            (false, false) if differing.is_empty() => {
                merge.joined.extend(theirs_new.into_iter().filter_map(|f| Some(((*f).clone(), their(f)?.clone()))));
                merge.outgoing.extend(ours_new.iter().filter(|f| their(f).is_none()).map(|f| (**f).clone()));
            }
            (false, false) => {
                let changed = fields.iter().filter(|field| theirs_new.contains(field) || ours_new.contains(field));
                let told = changed.filter_map(|field| Some((field, their(field)?)));
                merge.conflicts.extend(told.map(|(field, theirs)| Conflict {
                    field: (*field).clone(),
                    ours: our(field).clone(),
                    theirs: theirs.clone(),
                }));
            }
        }
    }
    merge
}

/// Their fields that differ from what they last showed; what a pull takes over when nothing of ours waits.
pub fn changed_there(kind: RecordKind, base: Option<&Agreed>, theirs: &Fields) -> Fields {
    let known = |field: &str, value: &Value| {
        base.is_some_and(|base| base.remote.get(field).is_some_and(|old| same(old, value)))
    };
    theirs
        .iter()
        .filter(|(field, value)| !value.is_null() && !derived(kind, field) && !known(field, value))
        .map(|(field, value)| (field.clone(), value.clone()))
        .collect()
}

/// Lays newer fields over older ones; untold fields stay.
pub fn overlay(base: &Fields, newer: &Fields) -> Fields {
    let mut fields = base.clone();
    fields
        .extend(newer.iter().filter(|(_, value)| !value.is_null()).map(|(name, value)| (name.clone(), value.clone())));
    fields
}

/// What differs between two writings, for people.
pub fn differences(before: &Fields, after: &Fields) -> Vec<FieldChange> {
    let null = Value::Null;
    let names: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    let pair = |name: &str| (before.get(name).unwrap_or(&null), after.get(name).unwrap_or(&null));
    names
        .into_iter()
        .map(|name| (name, pair(name)))
        .filter(|(_, (old, new))| !same(old, new))
        .map(|(name, (old, new))| FieldChange { field: name.clone(), before: words(old), after: words(new) })
        .collect()
}

/// A value as people read it; `None` when there is nothing.
pub fn words(value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::String(text) if text.is_empty() => None,
        Value::String(text) => Some(text.clone()),
        Value::Bool(on) => Some(if *on { "yes" } else { "no" }.to_owned()),
        Value::Number(number) => Some(number.to_string()),
        Value::Array(entries) => Some(match entries.len() {
            1 => "1 line".to_owned(),
            count => format!("{count} lines"),
        }),
        Value::Object(_) => object_words(value),
    }
}

fn object_words(value: &Value) -> Option<String> {
    // Amounts are written like prices that have nothing finer than the currency.
    if let Ok(price) = UnitPrice::deserialize(value) {
        return Some(format!("{} {}", price.to_decimal_string(), price.currency()));
    }
    let Address { name, company, line1, line2, city, region, postal_code, country, phone } =
        Address::deserialize(value).ok()?;
    let parts = [name, company, line1, line2, city, region, postal_code, country, phone];
    let text = parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", ");
    Some(text).filter(|text| !text.is_empty())
}
