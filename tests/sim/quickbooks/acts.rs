//! What the company's own people do in the vendor's web page, and what tests change behind the scenes.
//!
//! Actions are `create_customer`, `edit_invoice`, `void_payment` and so on: a verb and an entity. Edits need no
//! `SyncToken`; the body of an edit is a sparse one. The others are listed in [`act`].

use super::State;
use super::books::Books;
use super::kind::Kind;
use super::refusal::Refusal;
use super::value::{Object, refer, reference, stamp, text};
use super::write::{self, Wish};
use crate::ActError;
use chrono::{DateTime, Utc};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

impl From<Refusal> for ActError {
    fn from(refusal: Refusal) -> Self {
        Self(format!("{} ({})", refusal.detail, refusal.code))
    }
}

/// Does one action.
pub fn act(state: &mut State, now: DateTime<Utc>, action: &str, body: &Value) -> Result<Value, ActError> {
    let sent = body.as_object().ok_or_else(|| ActError::from("the body must be an object"))?;
    match action {
        "merge_customers" => return merge(&mut state.books, Kind::Customer, sent, now),
        "merge_items" => return merge(&mut state.books, Kind::Item, sent, now),
        "deposit_payment" => {
            state.books.deposited.push(id_of(sent)?);
        }
        "poison" => {
            let kind = text(sent, "entity").and_then(Kind::named).ok_or_else(|| ActError::from("entity is missing"))?;
            state.books.poisoned.push((kind, id_of(sent)?));
        }
        "heal" => state.books.poisoned.clear(),
        "disconnect" => state.tokens.grants.iter_mut().for_each(|g| g.revoked = true),
        "expire_access_tokens" => state.tokens.grants.iter_mut().for_each(|g| g.access.clear()),
        "expire_refresh_tokens" => state.tokens.grants.iter_mut().for_each(|g| g.soft_until = now),
        "register_redirect" => {
            let uri = text(sent, "uri").ok_or_else(|| ActError::from("uri is missing"))?;
            state.tokens.redirect_uris.push(uri.to_owned());
        }
        "close_books" => {
            state.books.closed_until = super::value::date(sent, "date");
        }
        "preferences" => overlay(&mut state.books.preferences, sent),
        "rules" => state.rules = changed(&state.rules, sent)?,
        "knobs" => state.knobs = changed(&state.knobs, sent)?,
        _ => return edit(&mut state.books, action, sent, now),
    }
    Ok(json!({ "ok": true }))
}

fn id_of(sent: &Object) -> Result<u64, ActError> {
    let id = sent.get("id").or_else(|| sent.get("Id"));
    let id = id.and_then(|v| v.as_u64().or_else(|| v.as_str()?.parse().ok()));
    id.ok_or_else(|| ActError::from("id is missing"))
}

fn changed<T: serde::Serialize + DeserializeOwned>(present: &T, sent: &Object) -> Result<T, ActError> {
    let mut whole = serde_json::to_value(present).map_err(|e| e.to_string())?;
    whole.as_object_mut().into_iter().for_each(|o| o.extend(sent.clone()));
    serde_json::from_value(whole).map_err(|e| ActError(e.to_string()))
}

/// Merges nested objects key by key.
fn overlay(target: &mut Object, sent: &Object) {
    for (key, value) in sent {
        match (target.get_mut(key).and_then(Value::as_object_mut), value.as_object()) {
            (Some(inner), Some(more)) => overlay(inner, more),
            _ => drop(target.insert(key.clone(), value.clone())),
        }
    }
}

/// A verb and an entity.
fn edit(books: &mut Books, action: &str, sent: &Object, now: DateTime<Utc>) -> Result<Value, ActError> {
    let unknown = || ActError(format!("no action called {action}"));
    let (verb, entity) = action.split_once('_').ok_or_else(unknown)?;
    let kind = Kind::named(&entity.replace('_', "")).ok_or_else(unknown)?;
    let mut body = sent.clone();
    body.remove("id");
    let wish = Wish { delete: verb == "delete", void: verb == "void", duplicate_number: false };
    match verb {
        "create" => {}
        "edit" | "delete" | "void" | "deactivate" | "reactivate" => {
            let id = id_of(sent)?;
            let object = books.get(kind, id).ok_or_else(|| ActError(format!("there is no {} {id}", kind.name())))?;
            body.insert("Id".into(), json!(id.to_string()));
            body.insert("SyncToken".into(), json!(text(object, "SyncToken")));
            body.insert("sparse".into(), json!(true));
            if matches!(verb, "deactivate" | "reactivate") {
                body.insert("Active".into(), json!(verb == "reactivate"));
            }
        }
        _ => return Err(unknown()),
    }
    Ok(Value::Object(write::apply(books, kind, wish, &body, now)?))
}

/// A merge keeps one and lets the other disappear; its documents move over.
fn merge(books: &mut Books, kind: Kind, sent: &Object, now: DateTime<Utc>) -> Result<Value, ActError> {
    let number = |field: &str| sent.get(field).and_then(|v| v.as_u64().or_else(|| v.as_str()?.parse::<u64>().ok()));
    let (Some(keep), Some(gone)) = (number("keep"), number("gone")) else {
        return Err("keep and gone are missing".into());
    };
    let survivor = books.get(kind, keep).cloned().ok_or_else(|| ActError(format!("there is no {keep}")))?;
    if keep == gone || books.get(kind, gone).is_none() {
        return Err(ActError(format!("there is no {gone} to merge")));
    }
    let target = refer(&keep.to_string(), text(&survivor, kind.name_field()).unwrap_or_default());
    for table in [Kind::Invoice, Kind::SalesReceipt, Kind::CreditMemo, Kind::Payment] {
        let moved: Vec<u64> = books.tables.get(&table).into_iter().flatten().map(|(id, _)| *id).collect();
        for id in moved {
            let Some(mut object) = books.get(table, id).cloned() else { continue };
            if repoint(&mut object, kind, gone, &target) {
                books.replace(table, id, object, now);
            }
        }
    }
    books.remove(kind, gone, now);
    books.replace(kind, keep, survivor, now);
    if kind == Kind::Customer {
        books.rebalance(&keep.to_string());
    }
    Ok(json!({ "ok": true, "Id": keep.to_string(), "LastUpdatedTime": stamp(now) }))
}

fn repoint(object: &mut Object, kind: Kind, gone: u64, target: &Value) -> bool {
    let gone = Some(gone.to_string());
    if kind == Kind::Customer {
        let hit = reference(object, "CustomerRef") == gone;
        if hit {
            object.insert("CustomerRef".into(), target.clone());
        }
        return hit;
    }
    let mut hit = false;
    let lines = object.get_mut("Line").and_then(Value::as_array_mut).into_iter().flatten();
    for detail in lines.filter_map(|l| l.get_mut("SalesItemLineDetail")?.as_object_mut()) {
        if reference(detail, "ItemRef") == gone {
            detail.insert("ItemRef".into(), target.clone());
            hit = true;
        }
    }
    hit
}

/// Everything kept, for assertions.
pub fn dump(state: &State) -> Value {
    let mut out = Map::new();
    for kind in Kind::ALL {
        let rows: Vec<Value> = state.books.all(kind).map(|o| Value::Object(Books::shown(o))).collect();
        out.insert(kind.name().to_owned(), Value::Array(rows));
    }
    let gone =
        state.books.tombstones.iter().map(|t| json!({ "entity": t.kind.name(), "Id": t.id.to_string(), "at": t.at }));
    out.insert("deleted".into(), gone.collect());
    let grants = state
        .tokens
        .grants
        .iter()
        .map(|g| json!({ "realm": g.realm, "revoked": g.revoked, "rotations": g.retired.len() }));
    out.insert("grants".into(), grants.collect());
    out.insert("CompanyInfo".into(), Value::Object(state.books.company.clone()));
    out.insert("Preferences".into(), Value::Object(state.books.preferences.clone()));
    out.insert("replies".into(), json!(state.books.replies.len()));
    Value::Object(out)
}
