//! What a run may change at a vendor: in records that were there before, only what the owner changed. Everything else of them,
//! known here or not, stays as it was to the last digit.
//!
//! Absent on purpose: whether the change itself is right, which `sides` compares; and records that a run makes.

use crate::day::{Day, Watched};
use crate::file::File;
use crate::shop::Shop;
use anyhow::{Result, bail};
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};
use vendor_sim::Vendor;
use vendor_sim::quickbooks::Kind;

/// A record: its kind and our id.
pub type Record = (String, String);

/// What may change in a record at its vendor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wished {
    /// These members, as the vendor calls them.
    Members(BTreeSet<&'static str>),
    /// Anything.
    All,
}

/// The records of both sides as their vendors have them.
pub struct Before(BTreeMap<Record, (String, Map<String, Value>)>);

/// Members that a vendor keeps by itself: stamps, and what follows from other records.
fn is_its_own(kind: &str, member: &str) -> bool {
    match kind {
        "order" => matches!(member, "modifyDate" | "modifiedUtc"),
        "payment" if matches!(member, "UnappliedAmt" | "Line") => true,
        "invoice" if matches!(member, "Balance" | "HomeBalance" | "LinkedTxn") => true,
        "customer" if matches!(member, "Balance" | "BalanceWithJobs") => true,
        "item" if matches!(member, "QtyOnHand") => true,
        _ => matches!(member, "SyncToken" | "MetaData"),
    }
}

/// A hold that has an end ends by itself.
fn ends_by_itself(kind: &str, member: &str, was: &Map<String, Value>, is: &Map<String, Value>) -> bool {
    kind == "order"
        && matches!(member, "orderStatus" | "holdUntilDate")
        && was.get("orderStatus").is_some_and(|status| status == "on_hold")
        && was.get("holdUntilDate").is_some_and(Value::is_string)
        && is.get("orderStatus").is_some_and(|status| status == "awaiting_shipment")
}

/// What the vendor calls a field that the owner edits.
const fn member_of(field: Watched) -> &'static str {
    match field.column.as_bytes() {
        b"phone" => "PrimaryPhone",
        b"notes" => "Notes",
        b"description" => "Description",
        b"note" => "PrivateNote",
        _ => "internalNotes",
    }
}

impl Day {
    /// The owner changed these members of a record.
    pub fn wish(&mut self, kind: &str, id: &str, members: &[&'static str]) {
        let wished = self.wished.entry((kind.to_owned(), id.to_owned()));
        if let Wished::Members(known) = wished.or_insert_with(|| Wished::Members(BTreeSet::new())) {
            known.extend(members);
        }
    }

    /// The owner changed a field that is watched.
    pub fn wish_field(&mut self, field: Watched, id: &str) {
        self.wish(field.kind, id, &[member_of(field)]);
    }

    /// The owner did something to a record after which anything of it may change.
    pub fn wish_all(&mut self, kind: &str, id: &str) {
        self.wished.insert((kind.to_owned(), id.to_owned()), Wished::All);
    }
}

/// Takes out what the vendor fills in by itself: stamps, numbers of lines, and the names beside references.
fn without_its_own(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(without_its_own),
        Value::Object(members) => {
            for name in ["modifyDate", "orderItemId"] {
                members.remove(name);
            }
            if members.contains_key("lineItemKey") {
                members.remove("createDate");
            }
            if members.contains_key("value") {
                members.remove("name");
            }
            members.values_mut().for_each(without_its_own);
        }
        _ => {}
    }
}

fn there(shop: &Shop) -> BTreeMap<(&'static str, String), Map<String, Value>> {
    let mut all = BTreeMap::new();
    shop.world.read(|state| {
        let books = &state.quickbooks.books;
        for (kind, name) in
            [(Kind::Customer, "customer"), (Kind::Item, "item"), (Kind::Invoice, "invoice"), (Kind::Payment, "payment")]
        {
            for row in books.all(kind) {
                let id = row.get("Id").and_then(Value::as_str).unwrap_or_default().to_owned();
                let mut row = row.clone();
                row.values_mut().for_each(without_its_own);
                all.insert((name, id), row);
            }
        }
    });
    for mut row in shop.dump(Vendor::Shipstation)["orders"].as_array().cloned().unwrap_or_default() {
        let id = row["orderId"].as_i64();
        without_its_own(&mut row);
        if let (Some(id), Some(row)) = (id, row.as_object()) {
            all.insert(("order", id.to_string()), row.clone());
        }
    }
    all
}

/// Before a run.
pub fn look(shop: &Shop) -> Result<Before> {
    let mut there = there(shop);
    let mut before = BTreeMap::new();
    // What arrived of a charge goes up and down with its refunds and disputes, and so does its payment.
    let of_charges = shop.file().rows("SELECT id FROM payments WHERE deposit_to = 'processor'")?.concat();
    for link in shop.file().links()?.into_iter().filter(|link| !link.deleted && !of_charges.contains(&link.local_id)) {
        let kind = ["customer", "item", "invoice", "payment", "order"].into_iter().find(|kind| *kind == link.kind);
        if let Some(row) = kind.and_then(|kind| there.remove(&(kind, link.remote_id.clone()))) {
            before.insert((link.kind, link.local_id), (link.remote_id, row));
        }
    }
    Ok(Before(before))
}

/// After a run in which nobody but the app did anything.
pub fn check(day: &mut Day, shop: &Shop, before: &Before) -> Result<()> {
    let there = there(shop);
    for ((kind, local), (remote, was)) in &before.0 {
        let key = there.keys().find(|(of, id)| of == kind && id == remote);
        let Some(is) = key.and_then(|key| there.get(key)) else {
            bail!("{kind} {remote} is gone at its vendor after a run");
        };
        let names: BTreeSet<&String> = was.keys().chain(is.keys()).collect();
        let own = |name: &str| is_its_own(kind, name) || ends_by_itself(kind, name, was, is);
        let changed: Vec<&String> =
            names.into_iter().filter(|name| !own(name) && was.get(*name) != is.get(*name)).collect();
        let may = |name: &str| match day.wished.get(&(kind.clone(), local.clone())) {
            Some(Wished::All) => true,
            Some(Wished::Members(members)) => members.contains(name),
            None => false,
        };
        let unasked: Vec<_> = changed.into_iter().filter(|name| !day.anything && !may(name)).collect();
        if !unasked.is_empty() {
            let of = |row: &Map<String, Value>| {
                unasked
                    .iter()
                    .map(|name| format!("{name}: {}", row.get(*name).unwrap_or(&Value::Null)))
                    .collect::<Vec<_>>()
            };
            bail!("nobody changed that: {kind} {remote} ({local})\n  was {:?}\n  is  {:?}", of(was), of(is));
        }
    }
    forget(day, shop.file())
}

/// What waits no longer has been sent, or never will be.
fn forget(day: &mut Day, file: &File) -> Result<()> {
    let waits: BTreeSet<Record> = file.outbox()?.into_iter().map(|entry| (entry.kind, entry.local_id)).collect();
    // A parcel is an entry of its own, and changes its order.
    let parcels = waits.iter().any(|(kind, _)| kind == "shipment");
    day.wished.retain(|record, _| waits.contains(record) || (parcels && record.0 == "order"));
    day.anything &= !waits.is_empty();
    Ok(())
}
