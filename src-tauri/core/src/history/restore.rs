//! Showing an earlier state of a record and saving it again.
//!
//! Absent on purpose: going around the owner's checks. What a save refuses (a void invoice, an order that has left, a name that
//! another has by now) is refused here in the same words.

use super::put::{id, with};
use super::{RecordVersion, VersionField};
use crate::customers::CustomerDraft;
use crate::invoices::{Invoice, InvoiceState, draft_of};
use crate::items::ItemDraft;
use crate::orders::{OrderDraft, OrderStatus};
use crate::store::{self, Db, history, outbox, snapshots};
use crate::sync::merge::{Fields, same};
use crate::view::Facts;
use crate::{Core, Error, Result};
use connector_contract::RecordKind;
use serde_json::Value;

const NOT_KEPT: &str = "The state of that time was not kept; earlier versions of the app only kept what changed.";
const PAYMENT: &str = "A payment is not changed once it is recorded. Cancel it and record it again.";
const CANCELLED: &str = "It was cancelled and stays so. Record it again instead.";
const PARCEL: &str =
    "What left the house, or came back, stays: it is a fact. A label is cancelled where it was bought.";
const PAID_CUSTOMER: &str = "Payments are applied to it, so its customer stays. Take them off first.";
const VOID: &str = "It is void and stays void. Copy it to bill the same again.";
const GONE_OUT: &str = "The order has been shipped or cancelled, so it can't be changed any more.";
const SAME: &str = "It is like this now.";

/// The kinds that have a history.
pub(super) fn kind_named(name: &str) -> Result<RecordKind> {
    let kind = outbox::kind(name).map_err(|_| Error::NotFound("record"))?;
    match kind {
        RecordKind::Customer
        | RecordKind::Item
        | RecordKind::Order
        | RecordKind::Invoice
        | RecordKind::Payment
        | RecordKind::Shipment => Ok(kind),
        _ => Err(Error::Refused("Records of this kind are not edited here, so they have no history.".into())),
    }
}

pub(super) fn version(db: &Db<'_>, kind: &str, local_id: &str, history_id: u32) -> Result<RecordVersion> {
    let kind = kind_named(kind)?;
    let (entry, then) = history::get(db, kind, local_id, history_id)?.ok_or(Error::NotFound("entry of the history"))?;
    let now = snapshots::of(db, kind, local_id)?.ok_or(Error::NotFound("record"))?;
    let facts_now = facts(db, kind, local_id, &Fields::new())?.into_pairs();
    let facts_then = match &then {
        Some(then) => facts(db, kind, local_id, then)?.into_pairs(),
        None => Vec::new(),
    };
    let of = |facts: &[(String, String)], field: &str| {
        facts.iter().find(|(name, _)| name == field).map(|(_, text)| text.clone())
    };
    let mut fields: Vec<VersionField> = Vec::new();
    if then.is_some() {
        for (field, _) in facts_then.iter().chain(&facts_now) {
            if fields.iter().all(|known| known.field != *field) {
                let (then, now) = (of(&facts_then, field), of(&facts_now, field));
                fields.push(VersionField { field: field.clone(), then, now });
            }
        }
    }
    let refusal = match &then {
        None => Some(NOT_KEPT.to_owned()),
        Some(then) => refusal(db, kind, local_id, &now, then)?,
    };
    Ok(RecordVersion {
        history_id,
        at: entry.at,
        who: entry.who,
        run: entry.run,
        action: entry.action,
        fields,
        refusal,
    })
}

/// Why a state can't be brought back, as far as is known beforehand. A save may still find more.
fn refusal(db: &Db<'_>, kind: RecordKind, local_id: &str, now: &Fields, then: &Fields) -> Result<Option<String>> {
    match by_itself(kind, now, then) {
        Some(reason) => Ok(Some(reason.to_owned())),
        None if kind == RecordKind::Invoice => paid(db, local_id, now, then),
        None => Ok(None),
    }
}

/// Why not, as far as the record itself says.
fn by_itself(kind: RecordKind, now: &Fields, then: &Fields) -> Option<&'static str> {
    let text = |name: &str| now.get(name).and_then(Value::as_str).unwrap_or_default();
    match kind {
        RecordKind::Payment if now.get("voided") == Some(&Value::Bool(true)) => Some(CANCELLED),
        RecordKind::Payment => Some(PAYMENT),
        RecordKind::Shipment => Some(PARCEL),
        RecordKind::Invoice if text("state") == InvoiceState::Void.as_str() => Some(VOID),
        RecordKind::Order
            if [OrderStatus::Shipped.as_str(), OrderStatus::Cancelled.as_str()].contains(&text("status")) =>
        {
            Some(GONE_OUT)
        }
        _ => {
            let differs = |(name, value): (&String, &Value)| !same(value, now.get(name).unwrap_or(&Value::Null));
            let kept = |name: &str| {
                matches!(
                    (kind, name),
                    (RecordKind::Order, "status" | "hold_until" | "billing") | (RecordKind::Invoice, "deposit")
                )
            };
            let any = then.iter().filter(|(name, _)| !kept(name)).any(differs);
            if any { None } else { Some(SAME) }
        }
    }
}

/// What is paid on an invoice holds its customer, and its total up.
fn paid(db: &Db<'_>, local_id: &str, now: &Fields, then: &Fields) -> Result<Option<String>> {
    let invoice = store::invoices::get(db, id(local_id)?)?.ok_or(Error::NotFound("record"))?;
    if !invoice.paid.is_zero() && then.get("customer_id") != now.get("customer_id") {
        return Ok(Some(PAID_CUSTOMER.to_owned()));
    }
    let (received, total) = (invoice.received()?, with(&invoice, then)?.total);
    let too_low = total != invoice.total && total.minor() < received.minor();
    Ok(too_low.then(|| {
        let (received, total) = (received.to_decimal_string(), total.to_decimal_string());
        if invoice.counted_deposit().is_zero() {
            format!(
                "Payments of {received} are applied to it, so it can't come to only {total} again. Take them off first."
            )
        } else {
            format!(
                "{received} of it is paid, deposit included, so it can't come to only {total} again. Take the payments off, or \
                 remove the deposit where your books are kept."
            )
        }
    }))
}

/// The record's fields for people, with these values in place of its own.
fn facts(db: &Db<'_>, kind: RecordKind, local_id: &str, fields: &Fields) -> Result<Facts> {
    let gone = || Error::NotFound("record");
    match kind {
        RecordKind::Customer => {
            let record = store::customers::get(db, id(local_id)?)?.ok_or_else(gone)?;
            Ok(with(&record, fields)?.facts())
        }
        RecordKind::Item => Ok(with(&store::items::get(db, id(local_id)?)?.ok_or_else(gone)?, fields)?.facts()),
        RecordKind::Order => Ok(with(&store::orders::get(db, id(local_id)?)?.ok_or_else(gone)?, fields)?.facts()),
        RecordKind::Invoice => {
            let record = store::invoices::get(db, id(local_id)?)?.ok_or_else(gone)?;
            let deposit = record.deposit;
            crate::invoices::facts(db, &Invoice { deposit, ..with(&record, fields)? })
        }
        RecordKind::Payment => {
            let record = store::payments::get(db, id(local_id)?)?.ok_or_else(gone)?;
            crate::payments::facts(db, &with(&record, fields)?)
        }
        RecordKind::Shipment => Ok(with(&store::shipments::get(db, id(local_id)?)?.ok_or_else(gone)?, fields)?.facts()),
        _ => Err(Error::Bug("records of this kind have no earlier state".into())),
    }
}

impl Core {
    pub(super) fn restore_version(&self, kind: &str, local_id: &str, history_id: u32, version: u32) -> Result<()> {
        let kind = kind_named(kind)?;
        let then = self.store.read(|db| {
            let (_, then) =
                history::get(db, kind, local_id, history_id)?.ok_or(Error::NotFound("entry of the history"))?;
            let then = then.ok_or_else(|| Error::Refused(NOT_KEPT.into()))?;
            let now = snapshots::of(db, kind, local_id)?.ok_or(Error::NotFound("record"))?;
            match refusal(db, kind, local_id, &now, &then)? {
                Some(reason) if reason != SAME => Err(Error::Refused(reason)),
                _ => Ok(then),
            }
        })?;
        match kind {
            RecordKind::Customer => self.restore_customer(local_id, &then, version),
            RecordKind::Item => self.restore_item(local_id, &then, version),
            RecordKind::Order => self.restore_order(local_id, &then, version),
            _ => self.restore_invoice(local_id, &then, version),
        }
    }

    fn restore_customer(&self, local_id: &str, then: &Fields, version: u32) -> Result<()> {
        let now = self.store.read(|db| store::customers::get(db, id(local_id)?))?.ok_or(Error::NotFound("customer"))?;
        let earlier = with(&now, then)?;
        let archived = earlier.archived;
        self.save_customer(CustomerDraft { version: Some(version), ..earlier.into() })?;
        self.archive_customers(vec![now.id], archived)
    }

    fn restore_item(&self, local_id: &str, then: &Fields, version: u32) -> Result<()> {
        let now = self.store.read(|db| store::items::get(db, id(local_id)?))?.ok_or(Error::NotFound("item"))?;
        let earlier = with(&now, then)?;
        let archived = earlier.archived;
        self.save_item(ItemDraft { version: Some(version), ..earlier.into() })?;
        self.archive_items(vec![now.id], archived)
    }

    fn restore_order(&self, local_id: &str, then: &Fields, version: u32) -> Result<()> {
        let now = self.store.read(|db| store::orders::get(db, id(local_id)?))?.ok_or(Error::NotFound("order"))?;
        let earlier = with(&now, then)?;
        self.save_order(OrderDraft { version: Some(version), ..earlier.into() }).map(drop)
    }

    /// An issued invoice stays issued, also when the earlier state was a draft's.
    fn restore_invoice(&self, local_id: &str, then: &Fields, version: u32) -> Result<()> {
        let (now, terms) =
            self.store.read(|db| Ok((store::invoices::get(db, id(local_id)?)?, store::company::terms(db)?)))?;
        let now = now.ok_or(Error::NotFound("invoice"))?;
        let earlier = with(&now, then)?;
        let mut draft = draft_of(&earlier, &terms);
        draft.version = Some(version);
        draft.as_draft = now.state == InvoiceState::Draft;
        self.bring_back_invoice(&draft, &earlier)
    }
}
