//! The promises that hold after every step, checked cheaply: nothing twice, nothing lost, nothing back from the dead, nothing of
//! the owner's overwritten, books and stock in proof.

use crate::day::{DESCRIPTION, Day, NOTE, NOTES, PHONE, Watched};
use crate::file::{File, Waiting};
use crate::shop::Shop;
use crate::vendors::marker;
use anyhow::{Result, bail, ensure};
use serde_json::Value;
use std::collections::{BTreeMap, HashSet};
use vendor_sim::World;
use vendor_sim::quickbooks::Kind;

/// Records that must not be touched from outside while a change of ours may be under way, with their version.
pub type Held = BTreeMap<(String, String), (String, String)>;

/// Everything that is checked after a step. What nobody has written to since the last time needs no second look.
pub fn check(day: &mut Day, shop: &Shop) -> Result<()> {
    let file = shop.file();
    let now = (file.version()?, shop.world.revision());
    let (ours_changed, world_moved) = (now.0 != day.checked.0, now.1 != day.checked.1);
    day.checked = now;
    if ours_changed {
        let faults = [shop.core().check_ledger()?, shop.core().check_stock()?].concat();
        ensure!(faults.is_empty(), "books or stock are out of proof: {faults:?}");
        ensure!(day.cut_off || !file.has_open_run()?, "a run is left open");
        nothing_lost(day, file)?;
        let right = shop.wire.may_ask_to_sign_in() || !shop.needs_sign_in()?;
        ensure!(right, "the owner is asked to sign in again although its sign-in could be renewed");
        ensure!(shop.wire.most_renewals_at_once() < 2, "a sign-in was renewed twice at the same time");
        if let Some(untold) = shop.untold() {
            bail!("{untold}");
        }
    }
    if world_moved {
        nothing_twice_and_nothing_back(day, shop)?;
    }
    if ours_changed || world_moved { edits_arrive(day, shop) } else { Ok(()) }
}

fn nothing_lost(day: &Day, file: &File) -> Result<()> {
    for (kind, id) in file.lost()? {
        if !day.left_out.contains(&(kind.to_owned(), id.clone())) {
            bail!("lost: {kind} {id} is neither over there, nor waiting, nor a problem");
        }
    }
    Ok(())
}

/// The keys under which remote records could be doubles of one of ours: kind and key.
fn remote_keys(world: &World) -> Vec<(&'static str, String)> {
    world.read(|state| {
        let books = &state.quickbooks.books;
        let text = |object: &serde_json::Map<String, Value>, field: &str| {
            object.get(field).and_then(Value::as_str).unwrap_or_default().to_owned()
        };
        let mut keys = Vec::new();
        keys.extend(books.all(Kind::Customer).map(|object| ("customer", text(object, "DisplayName"))));
        keys.extend(books.all(Kind::Item).map(|object| ("item", text(object, "Name"))));
        keys.extend(books.all(Kind::Invoice).map(|object| ("invoice", text(object, "DocNumber"))));
        let notes = books.all(Kind::Payment).map(|object| text(object, "PrivateNote"));
        keys.extend(notes.filter_map(|note| marker(&note).map(|id| ("payment", id.to_owned()))));
        let orders = state.shipstation.orders.values().filter(|order| !order.gone && order.parent_id.is_none());
        keys.extend(orders.map(|order| ("order", order.key.clone())));
        keys
    })
}

/// Records that a vendor has more than once: kind and key.
pub fn doubled(world: &World) -> Vec<(&'static str, String)> {
    let mut seen = HashSet::new();
    remote_keys(world).into_iter().filter(|(kind, key)| !key.is_empty() && !seen.insert((*kind, key.clone()))).collect()
}

fn nothing_twice_and_nothing_back(day: &Day, shop: &Shop) -> Result<()> {
    let keys = remote_keys(&shop.world);
    let mut seen = HashSet::new();
    for (kind, key) in &keys {
        if !key.is_empty() && !seen.insert((*kind, key.as_str())) {
            bail!("twice over there: {kind} {key}");
        }
    }
    for grave in &day.graves {
        if seen.contains(&(grave.kind, grave.key.as_str())) {
            bail!("back from the dead: {} {}", grave.kind, grave.key);
        }
    }
    Ok(())
}

/// What a vendor shows for a watched field.
pub fn remote_value(shop: &Shop, field: Watched, remote_id: &str) -> Option<String> {
    let text = |value: Option<&Value>| value.and_then(Value::as_str).unwrap_or_default().to_owned();
    shop.world.read(|state| {
        let id: u64 = remote_id.parse().ok()?;
        let books = &state.quickbooks.books;
        Some(match field {
            PHONE => text(books.get(Kind::Customer, id)?.get("PrimaryPhone").and_then(|p| p.get("FreeFormNumber"))),
            NOTES => text(books.get(Kind::Customer, id)?.get("Notes")),
            DESCRIPTION => text(books.get(Kind::Item, id)?.get("Description")),
            // The stamp of a void one is QuickBooks' own.
            NOTE => {
                let note = text(books.get(Kind::Invoice, id)?.get("PrivateNote"));
                note.strip_prefix("Voided - ").map_or_else(|| note.clone(), str::to_owned)
            }
            _ => {
                let order = state.shipstation.orders.get(&remote_id.parse().ok()?).filter(|order| !order.gone)?;
                order.text("internalNotes").unwrap_or_default().to_owned()
            }
        })
    })
}

/// An edit of the owner's stays here while it waits, and once it no longer waits it is over there or a problem says why not.
fn edits_arrive(day: &mut Day, shop: &Shop) -> Result<()> {
    if day.edits.is_empty() {
        return Ok(());
    }
    let (outbox, problems) = (shop.file().outbox()?, shop.file().problems()?);
    let (mut arrived, mut seen_there) = (Vec::new(), Vec::new());
    for ((field, id), (value, touched)) in &day.edits {
        let waits = outbox.iter().any(|entry| entry.kind == field.kind && entry.local_id == *id);
        let here = shop.file().field(field.table, field.column, id)?.unwrap_or_default();
        let link = shop.file().link(field.kind, id)?.filter(|link| !link.deleted);
        let spoiled = |remote: &str| day.spoiled.contains(&(field.kind.to_owned(), remote.to_owned()));
        let is_spoiled = link.as_ref().is_some_and(|link| spoiled(&link.remote_id));
        let there = link.and_then(|link| remote_value(shop, *field, &link.remote_id));
        if waits {
            // Another field may be what it waits for, and this one have arrived, and perhaps come back with half a character.
            let replaced = *touched && (there.as_ref() == Some(&here) || is_spoiled);
            ensure!(
                here == *value || replaced,
                "overwritten: {} {} of {id} is {here:?} although {value:?} waits",
                field.kind,
                field.column
            );
            if there.as_ref() == Some(value) {
                seen_there.push((*field, id.clone()));
            }
            continue;
        }
        if problems.iter().any(|problem| problem.kind == field.kind && problem.local_id.as_ref() == Some(id)) {
            continue;
        }
        arrived.push((*field, id.clone()));
        if let Some(there) = there.filter(|_| !*touched) {
            ensure!(
                there == *value,
                "an edit is lost: {} {} of {id} is {there:?} over there and {here:?} here instead of {value:?}",
                field.kind,
                field.column
            );
        }
    }
    for key in seen_there {
        if let Some((_, touched)) = day.edits.get_mut(&key) {
            *touched = true;
        }
    }
    for key in arrived {
        day.edits.remove(&key);
    }
    Ok(())
}

/// Changes that may be under way, with the version of their record.
pub fn held(file: &File) -> Result<Held> {
    let mut held = Held::new();
    let doubtful = |entry: &Waiting| matches!(entry.state.as_str(), "sending" | "unknown");
    for entry in file.outbox()?.into_iter().filter(doubtful) {
        let table = match entry.kind.as_str() {
            "customer" => "customers",
            "item" => "items",
            _ => continue,
        };
        if let Some(version) = file.field(table, "version", &entry.local_id)? {
            held.insert((entry.kind, entry.local_id), (entry.key, version));
        }
    }
    Ok(held)
}

/// What was held before a run and still is has not been touched by it.
pub fn still_held(before: &Held, file: &File) -> Result<()> {
    for (record, (key, version)) in held(file)? {
        if let Some((old_key, old_version)) = before.get(&record)
            && *old_key == key
            && *old_version != version
        {
            bail!("held, yet changed: {} {} went from version {old_version} to {version}", record.0, record.1);
        }
    }
    Ok(())
}
