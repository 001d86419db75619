//! Writing earlier values of single fields into a record, through the writes that the sync uses too.
//!
//! Absent on purpose: which fields, and whether they may go back; and the outbox. The caller decides both.

use crate::customers::{self, Customer};
use crate::invoices::{self, Invoice};
use crate::items::{self, Item};
use crate::orders::{self, Order};
use crate::payments::{self, Payment};
use crate::store::{self, Tx};
use crate::sync::merge::Fields;
use crate::view::FieldChange;
use crate::{Error, Result};
use chrono::{DateTime, Utc};
use connector_contract::RecordKind;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::str::FromStr;

/// Writes these fields, as a snapshot keeps them, into a record. Returns what changed, field by field.
pub(crate) fn put_back(
    tx: &Tx<'_>,
    kind: RecordKind,
    local_id: &str,
    fields: &Fields,
    who: &str,
    now: DateTime<Utc>,
) -> Result<Vec<FieldChange>> {
    match kind {
        RecordKind::Customer => {
            let before = store::customers::get(tx, id(local_id)?)?.ok_or(Error::NotFound("customer"))?;
            let after: Customer = with(&before, fields)?;
            Ok(customers::write(tx, Some(&before), &after, who, now)?.changes)
        }
        RecordKind::Item => {
            let before = store::items::get(tx, id(local_id)?)?.ok_or(Error::NotFound("item"))?;
            let after: Item = with(&before, fields)?;
            Ok(items::write(tx, Some(&before), &after, who, now)?.changes)
        }
        RecordKind::Order => {
            let before = store::orders::get(tx, id(local_id)?)?.ok_or(Error::NotFound("order"))?;
            let after: Order = with(&before, fields)?;
            Ok(orders::write(tx, Some(&before), &after, who, now)?.changes)
        }
        RecordKind::Invoice => {
            let before = store::invoices::get(tx, id(local_id)?)?.ok_or(Error::NotFound("invoice"))?;
            let mut after: Invoice = with(&before, fields)?;
            for line in after.lines.iter_mut().filter(|line| line.remote_line.is_none()) {
                let known = before.lines.iter().find(|known| known.id == line.id);
                line.remote_line = known.and_then(|known| known.remote_line.clone());
            }
            Ok(invoices::write(tx, Some(&before), &after, who, now)?.changes)
        }
        RecordKind::Payment => {
            let before = store::payments::get(tx, id(local_id)?)?.ok_or(Error::NotFound("payment"))?;
            let after: Payment = with(&before, fields)?;
            Ok(payments::write(tx, Some(&before), &after, who, now)?.changes)
        }
        _ => Err(Error::Bug("records of this kind have no earlier state".into())),
    }
}

/// The record with these fields in place of its own.
pub(super) fn with<T: Serialize + DeserializeOwned>(record: &T, fields: &Fields) -> Result<T> {
    let mut value = serde_json::to_value(record)?;
    if let Value::Object(own) = &mut value {
        own.extend(fields.clone());
    }
    Ok(serde_json::from_value(value)?)
}

pub(super) fn id<T: FromStr>(text: &str) -> Result<T> {
    text.parse().map_err(|_| Error::NotFound("record"))
}
