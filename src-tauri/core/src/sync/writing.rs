//! Records in writing: what a record says, to know it again, and what it says in words, to show it.

use super::merge::{Fields, derived, fields_of, words};
use crate::Result;
use crate::ids::ConnectionId;
use crate::store::{Db, links};
use connector_contract::{Content, Pulled, RecordKind, RemoteId};
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use std::fmt::Write as _;

/// What a record that came in says, as far as it is content.
pub(super) fn incoming_fingerprint(pulled: &Pulled) -> Result<String> {
    Ok(match &pulled.content {
        Content::Present(record) => {
            let mut fields = fields_of(record)?;
            fields.retain(|name, value| !value.is_null() && !derived(record.kind(), name));
            digest(&serde_json::to_string(&fields)?)
        }
        Content::Deleted(_) | Content::Merged { .. } | Content::Unreadable { .. } => "gone".to_owned(),
    })
}

/// Everything that came of a record that is there, to the letter; `None` for what has ended.
pub(super) fn as_it_came(pulled: &Pulled) -> Result<Option<String>> {
    let Content::Present(record) = &pulled.content else { return Ok(None) };
    let version = pulled.version.as_ref().map(|version| &version.0);
    Ok(Some(digest(&serde_json::to_string(&(version, pulled.updated_at, record))?)))
}

/// Ours, written out, with references by our own ids: a record that is yet to be made over there has no other.
pub(super) fn content(db: &Db<'_>, connection: ConnectionId, kind: RecordKind, fields: &Fields) -> Result<String> {
    let mut fields = fields.clone();
    fields.retain(|name, value| !value.is_null() && !derived(kind, name));
    let mut value = Value::Object(fields);
    each_reference(&mut value, &mut |kind, remote| {
        links::local_of(db, connection, kind, &RemoteId(remote.to_owned()))
    })?;
    Ok(value.to_string())
}

/// Records over there that a record which came in names.
pub(super) fn references(pulled: &Pulled) -> Result<Vec<(RecordKind, RemoteId)>> {
    let Content::Present(record) = &pulled.content else { return Ok(Vec::new()) };
    let mut found = Vec::new();
    each_reference(&mut Value::Object(fields_of(record)?), &mut |kind, remote| {
        found.push((kind, RemoteId(remote.to_owned())));
        Ok(None)
    })?;
    Ok(found)
}

/// Fields in words: names for references, and what a line says instead of how many there are.
pub(super) fn readable(db: &Db<'_>, connection: ConnectionId, fields: &Fields) -> Result<Fields> {
    let mut value = Value::Object(fields.clone());
    each_reference(&mut value, &mut |kind, remote| match links::local_of(
        db,
        connection,
        kind,
        &RemoteId(remote.to_owned()),
    )? {
        Some(local_id) => Ok(Some(links::title(db, kind, &local_id)?).filter(|title| !title.is_empty())),
        None => Ok(None),
    })?;
    let Value::Object(mut fields) = value else { return Ok(Fields::new()) };
    for value in fields.values_mut() {
        if let Value::Array(lines) = value {
            *value = Value::String(lines.iter().map(line_words).collect::<Vec<_>>().join("; "));
        }
    }
    Ok(fields)
}

fn line_words(line: &Value) -> String {
    let text = |names: &[&str]| names.iter().find_map(|name| line.get(name).and_then(words)).unwrap_or_default();
    let what = text(&["description", "name", "item", "invoice"]);
    let (pieces, price) = (text(&["quantity"]), text(&["unit_price", "amount"]));
    match (pieces.is_empty(), price.is_empty()) {
        (true, true) => what,
        (true, false) => format!("{what} {price}"),
        (false, _) => format!("{pieces} × {what} {price}").trim_end().to_owned(),
    }
}

fn each_reference(
    value: &mut Value,
    replace: &mut impl FnMut(RecordKind, &str) -> Result<Option<String>>,
) -> Result<()> {
    match value {
        Value::Array(entries) => entries.iter_mut().try_for_each(|entry| each_reference(entry, replace)),
        Value::Object(fields) => fields.iter_mut().try_for_each(|(name, value)| {
            let kind = match name.as_str() {
                "customer" => RecordKind::Customer,
                "item" => RecordKind::Item,
                "invoice" => RecordKind::Invoice,
                _ => return each_reference(value, replace),
            };
            match value {
                Value::String(remote) => {
                    if let Some(with) = replace(kind, remote)? {
                        *remote = with;
                    }
                    Ok(())
                }
                value => each_reference(value, replace),
            }
        }),
        _ => Ok(()),
    }
}

/// A short name of a text.
pub(super) fn digest(text: &str) -> String {
    Sha256::digest(text.as_bytes()).iter().take(16).fold(String::new(), |mut hex, byte| {
        // Writing to a text can't fail.
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}
