//! Between neutral records and ours: taking over what a vendor changed, writing out ours for a vendor, finding the same record
//! on both sides. One file per kind; the decisions which fields to take are made before.

mod customer;
mod document;
mod invoice;
mod item;
mod order;
pub mod payment;
mod processor;
mod released;
mod shipment;

use super::merge::Fields;
use crate::ids::{self, ConnectionId, RunId};
use crate::store::links::{self, NaturalKey};
use crate::store::{Db, Tx, history};
use crate::view::FieldChange;
use crate::{Error, Result};
use chrono::{DateTime, Utc};
use connector_contract::{Record, RecordKind, RemoteId, Safeguard, record};
use serde_json::Value;
use std::str::FromStr;
use uuid::Uuid;

/// Where a record comes from, and when.
#[derive(Debug, Clone, Copy)]
pub struct Source<'a> {
    /// The connection.
    pub connection: ConnectionId,
    /// The vendor's id, kept as the source of new records.
    pub vendor: &'a str,
    /// The vendor's name, kept in the history.
    pub who: &'a str,
    /// The run.
    pub run: RunId,
    /// The present moment.
    pub now: DateTime<Utc>,
}

/// What taking over did here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taken {
    /// The local record.
    pub local_id: String,
    /// It is new here.
    pub created: bool,
    /// Field by field; empty when nothing differed.
    pub changes: Vec<FieldChange>,
}

/// Our record, written out for a connection.
#[derive(Debug, Clone, PartialEq)]
pub enum Rendered {
    /// As it should be over there.
    Ready(Box<Record>),
    /// These records have to exist over there first.
    Missing(Vec<(RecordKind, String)>),
    /// There is nothing to send: a draft, or a record that is gone.
    Nothing,
}

/// A record refers to one that has not come in yet; it waits for it.
pub fn not_here_yet(kind: RecordKind, remote: &RemoteId) -> Error {
    Error::Refused(format!("It refers to the {} {}, which has not come in yet.", kind.as_str(), remote.0))
}

/// The id of a new record of ours that one of theirs becomes: always the same, so that a rehearsal and the run after it call it
/// the same. A second record made of theirs, as after a void, gets another.
fn fresh(tx: &Tx<'_>, from: &Source<'_>, kind: RecordKind, remote: &RemoteId) -> Result<Uuid> {
    let id = ids::derived(&[&from.connection.to_string(), kind.as_str(), &remote.0]);
    let taken = history::latest(&tx.db(), kind, &id.to_string())?.is_some();
    Ok(if taken { Uuid::now_v7() } else { id })
}

/// Takes `changed` fields of `theirs` over into the local record, or makes a new one from all of them.
pub fn take_over(
    tx: &Tx<'_>,
    from: &Source<'_>,
    remote: &RemoteId,
    local_id: Option<&str>,
    theirs: &Record,
    changed: &Fields,
) -> Result<Taken> {
    let fresh = fresh(tx, from, theirs.kind(), remote)?;
    match theirs {
        Record::Customer(theirs) => customer::take_over(tx, from, local_id, fresh, theirs, changed),
        Record::Item(theirs) => item::take_over(tx, from, local_id, fresh, theirs, changed),
        Record::Order(theirs) => order::take_over(tx, from, local_id, fresh, theirs, changed),
        Record::Invoice(theirs) => invoice::take_over(tx, from, local_id, fresh, theirs, changed),
        Record::Payment(theirs) => payment::take_over(tx, from, local_id, fresh, theirs, changed),
        Record::Shipment(theirs) => shipment::take_over(tx, from, local_id, theirs),
        _ => processor::take_over(tx, from, remote, theirs),
    }
}

/// Writes a local record out for a connection.
pub fn render(db: &Db<'_>, connection: ConnectionId, kind: RecordKind, local_id: &str) -> Result<Rendered> {
    match kind {
        RecordKind::Customer => in_use_there(db, connection, kind, local_id, customer::render(db, local_id)?),
        RecordKind::Item => in_use_there(db, connection, kind, local_id, item::render(db, local_id)?),
        RecordKind::Order => order::render(db, connection, local_id),
        RecordKind::Shipment => shipment::render(db, connection, local_id),
        RecordKind::Invoice => invoice::render(db, connection, local_id),
        RecordKind::Payment => payment::render(db, connection, local_id),
        _ => Ok(Rendered::Nothing),
    }
}

/// What is archived here alone stays over there as they have it.
fn in_use_there(
    db: &Db<'_>,
    connection: ConnectionId,
    kind: RecordKind,
    local_id: &str,
    mut ours: Rendered,
) -> Result<Rendered> {
    if let Rendered::Ready(record) = &mut ours
        && is_archived(record)
        && links::is_archived_here(db, connection, kind, local_id)?
    {
        let agreed = links::by_local(db, connection, kind, local_id)?.and_then(|link| link.agreed);
        let inactive = agreed.is_some_and(|agreed| agreed.remote.get("active") == Some(&Value::Bool(false)));
        match record.as_mut() {
            Record::Customer(customer) => customer.active = !inactive,
            Record::Item(item) => item.active = !inactive,
            _ => {}
        }
    }
    Ok(ours)
}

/// Archives, voids or cancels a local record because it is gone over there.
pub fn retire(tx: &Tx<'_>, from: &Source<'_>, kind: RecordKind, local_id: &str) -> Result<Vec<FieldChange>> {
    match kind {
        RecordKind::Customer => customer::retire(tx, from, local_id),
        RecordKind::Item => item::retire(tx, from, local_id),
        RecordKind::Order => order::retire(tx, from, local_id),
        RecordKind::Invoice => invoice::retire(tx, from, local_id),
        RecordKind::Payment => payment::retire(tx, from, local_id),
        RecordKind::Shipment => shipment::retire(tx, from, local_id),
        // What a processor booked stays booked; it takes things back with new records.
        _ => Ok(Vec::new()),
    }
}

/// Which record of ours a new one of theirs is.
#[derive(Debug, Clone, Copy)]
pub enum Same<'a> {
    /// The one with its name, number or key.
    ByKey,
    /// This one, or none: a person said so or was asked.
    Told(Option<&'a str>),
}

/// The local record that is the same as a remote one without a link.
pub fn find_same(db: &Db<'_>, from: &Source<'_>, theirs: &Record, same: Same<'_>) -> Result<Option<String>> {
    if Safeguard::Dedupe.is_broken() {
        return Ok(None);
    }
    if let Same::Told(local_id) = same {
        return Ok(local_id.map(str::to_owned));
    }
    let find = |key: NaturalKey<'_>| links::find_unlinked(db, from.connection, key);
    let customer = |remote: &RemoteId| links::referred_local(db, from.connection, RecordKind::Customer, remote);
    match theirs {
        Record::Customer(theirs) => find(NaturalKey::CustomerName(&theirs.display_name)),
        Record::Item(theirs) => {
            let sku = theirs.sku.as_deref().unwrap_or_default();
            match find(NaturalKey::ItemSku(sku))? {
                Some(found) => Ok(Some(found)),
                None => find(NaturalKey::ItemName(&theirs.name)),
            }
        }
        // What was split off carries the key of the order it comes from, and is another one.
        Record::Order(theirs) if theirs.parent.is_some() => Ok(None),
        Record::Order(theirs) => find(NaturalKey::OrderKey(theirs.key.as_deref().unwrap_or_default())),
        Record::Invoice(theirs) => match (&theirs.number, customer(&theirs.customer)?) {
            (Some(number), Some(customer)) => find(NaturalKey::Invoice(number, &customer)),
            _ => Ok(None),
        },
        Record::Payment(theirs) => {
            let alike = payment::alike(db, from.connection, theirs)?;
            Ok(alike.into_iter().find(|(_, likeness)| likeness.is_enough()).map(|(found, _)| found.id))
        }
        Record::Shipment(theirs) => shipment::find_same(db, from, theirs),
        _ => Ok(None),
    }
}

/// Whether records of this kind are a payment processor's, which nobody here edits or sends.
pub fn only_comes_in(kind: RecordKind) -> bool {
    use RecordKind::{BalanceEntry, Charge, Dispute, Payout, Refund};
    matches!(kind, Charge | Refund | Dispute | BalanceEntry | Payout)
}

/// Whether it is an entry of a list that is no longer in use.
pub fn is_archived(record: &Record) -> bool {
    match record {
        Record::Customer(customer) => !customer.active,
        Record::Item(item) => !item.active,
        _ => false,
    }
}

/// Whether it is archived or void.
pub fn is_retired(record: &Record) -> bool {
    match record {
        Record::Customer(_) | Record::Item(_) => is_archived(record),
        Record::Invoice(invoice) => invoice.voided,
        Record::Payment(payment) => payment.voided,
        Record::Shipment(shipment) => shipment.voided,
        _ => false,
    }
}

/// Whether it has ended: archived, void or cancelled.
pub fn is_over(record: &Record) -> bool {
    match record {
        Record::Order(order) => order.status == record::OrderStatus::Cancelled,
        record => is_retired(record),
    }
}

/// What to call a remote record that is not here.
pub fn title(theirs: &Record) -> String {
    match theirs {
        Record::Customer(customer) => customer.display_name.clone(),
        Record::Item(item) => item.name.clone(),
        Record::Order(order) => format!("Order {}", order.number),
        Record::Invoice(invoice) => match &invoice.number {
            Some(number) => format!("Invoice {number}"),
            None => "Invoice".to_owned(),
        },
        Record::Payment(payment) => format!("Payment of {}", payment.received_on),
        Record::Shipment(shipment) => match &shipment.order_number {
            Some(number) => format!("Shipment of order {number}"),
            None => "Shipment".to_owned(),
        },
        Record::Charge(_) => "Charge".to_owned(),
        Record::Refund(_) => "Refund".to_owned(),
        Record::Dispute(_) => "Dispute".to_owned(),
        Record::BalanceEntry(_) => "Balance entry".to_owned(),
        Record::Payout(_) => "Payout".to_owned(),
    }
}

/// What a record is called of which only its id could be read, or not even that.
pub fn unknown_title(kind: RecordKind, remote: &RemoteId) -> String {
    let name = kind.as_str().replace('_', " ");
    if remote.is_place() {
        let article = if name.starts_with(['a', 'e', 'i', 'o', 'u']) { "An" } else { "A" };
        return format!("{article} {name} without a readable id");
    }
    let (first, rest) = name.split_at(1);
    format!("{}{rest} {}", first.to_uppercase(), remote.0)
}

/// A stored id in its own type.
fn id<T: FromStr>(text: &str) -> Result<T> {
    text.parse().map_err(|_| Error::Bug("a stored id is not an id".into()))
}

/// The local id of a record that `theirs` refers to.
fn local<T: FromStr>(db: &Db<'_>, from: &Source<'_>, kind: RecordKind, remote: &RemoteId) -> Result<T> {
    match links::referred_local(db, from.connection, kind, remote)? {
        Some(found) => id(&found),
        None => Err(not_here_yet(kind, remote)),
    }
}

/// Takes a text over if it changed and the vendor tells it.
fn take_text(changed: &Fields, field: &str, ours: &mut String, theirs: Option<&String>) {
    if let (true, Some(theirs)) = (changed.contains_key(field), theirs) {
        ours.clone_from(theirs);
    }
}

/// Likewise for anything else.
fn take<T: Clone>(changed: &Fields, field: &str, ours: &mut T, theirs: Option<&T>) {
    if let (true, Some(theirs)) = (changed.contains_key(field), theirs) {
        ours.clone_from(theirs);
    }
}
