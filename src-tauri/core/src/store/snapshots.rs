//! Whole states of records, kept as JSON beside their history and with what a run changed.
//!
//! Absent on purpose: what other rows keep up to date (balances, stock, what has shipped); going back to an earlier state must
//! not touch that.

use crate::sync::merge::Fields;
use crate::{Error, Result, store};
use connector_contract::RecordKind;
use rusqlite::Connection;
use serde::Serialize;
use serde_json::Value;
use std::str::FromStr;

/// Fields of a record that are not its content.
const KEPT_ELSEWHERE: [&str; 13] = [
    "id",
    "version",
    "source",
    "created_at",
    "updated_at",
    "open",
    "paid",
    "balance",
    "on_hand",
    "allocated",
    "invoice_id",
    "order_id",
    "parent_remote_id",
];

/// Likewise of a shipment: whether its goods have left the stock, which its row keeps. A payment's field of this name is content.
const KEPT_ELSEWHERE_OF_SHIPMENTS: &str = "applied";

/// Likewise of a line.
const KEPT_ELSEWHERE_OF_LINES: [&str; 3] = ["shipped", "allocated", "location_id"];

/// The record as it is now; `None` when it is not there or of a kind without history.
pub fn of(db: &Connection, kind: RecordKind, local_id: &str) -> Result<Option<Fields>> {
    match kind {
        RecordKind::Customer => content(store::customers::get(db, id(local_id)?)?),
        RecordKind::Item => content(store::items::get(db, id(local_id)?)?),
        RecordKind::Order => content(store::orders::get(db, id(local_id)?)?),
        RecordKind::Invoice => content(store::invoices::get(db, id(local_id)?)?),
        RecordKind::Payment => content(store::payments::get(db, id(local_id)?)?),
        RecordKind::Shipment => {
            let mut fields = content(store::shipments::get(db, id(local_id)?)?)?;
            if let Some(fields) = &mut fields {
                fields.remove(KEPT_ELSEWHERE_OF_SHIPMENTS);
            }
            Ok(fields)
        }
        // A processor's records are facts that only it changes; they have no history here.
        _ => Ok(None),
    }
}

fn id<T: FromStr>(text: &str) -> Result<T> {
    text.parse().map_err(|_| Error::Bug("a stored id is not an id".into()))
}

fn content<T: Serialize>(record: Option<T>) -> Result<Option<Fields>> {
    let Some(record) = record else { return Ok(None) };
    let Value::Object(mut fields) = serde_json::to_value(record)? else {
        return Err(Error::Bug("a record is not an object".into()));
    };
    fields.retain(|name, _| !KEPT_ELSEWHERE.contains(&name.as_str()));
    if let Some(Value::Array(lines)) = fields.get_mut("lines") {
        for line in lines.iter_mut().filter_map(Value::as_object_mut) {
            line.retain(|name, _| !KEPT_ELSEWHERE_OF_LINES.contains(&name.as_str()));
        }
    }
    Ok(Some(fields))
}
