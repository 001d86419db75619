//! Taking back a run's changes here, record by record, with the reason for each that stays. Runs inside one write, which a
//! preview throws away.

use super::fields::{Takeable, differing, takeable, words};
use super::gather::{Touched, gather};
use super::{UndoOutcome, UndoRecord, keep};
use crate::ids::{ConnectionId, PaymentId, RunId};
use crate::invoices::{Invoice, InvoiceState};
use crate::orders::OrderStatus;
use crate::payments::DepositTo;
use crate::store::links::{self, Link};
use crate::store::outbox::{self, Wish};
use crate::store::runs::{self, NewChange};
use crate::store::undo as rows;
use crate::store::{self, Tx, snapshots};
use crate::sync::ChangeDirection;
use crate::sync::merge::{Agreed, Fields};
use crate::view::FieldChange;
use crate::{Error, Result, history};
use backroom_money::Money;
use chrono::{DateTime, Utc};
use connector_contract::RecordKind;
use serde_json::Value;
use std::collections::BTreeSet;

/// What the history says who did it.
pub const WHO: &str = "undo";

/// What is undone, and how.
pub struct Undoing<'a> {
    /// The run that undoes; `None` for a preview.
    pub run: Option<RunId>,
    /// The run that is undone.
    pub target: RunId,
    /// Connections that could not be read just now; their records stay.
    pub unread: &'a [ConnectionId],
    /// The present moment.
    pub now: DateTime<Utc>,
}

/// Steps that depend on each other: a payment is taken off before its invoice is voided.
const ORDER: [RecordKind; 5] =
    [RecordKind::Payment, RecordKind::Invoice, RecordKind::Order, RecordKind::Item, RecordKind::Customer];

/// Takes back what the target run did. Returns what was done to each record.
pub fn apply(tx: &Tx<'_>, undoing: &Undoing<'_>) -> Result<Vec<UndoRecord>> {
    let mut touched = gather(rows::changes(&tx.db(), undoing.target)?);
    touched.sort_by_key(|record| ORDER.iter().position(|kind| *kind == record.kind).unwrap_or(ORDER.len()));
    let mut retiring = BTreeSet::new();
    let mut records = Vec::with_capacity(touched.len());
    for record in touched {
        let work = Work { tx, undoing, record: &record, retiring: &retiring };
        let done = match tx.attempt(|| work.undo())? {
            Ok(done) => done,
            // Mostly a number that must be unique and that another record has by now. One record never stops the others.
            Err(Error::Bug(cause)) => {
                tracing::warn!(kind = record.kind.as_str(), cause, "a record could not be put back");
                Done::left("Another record stands in the way, such as one that has its number by now.")
            }
            Err(error) => Done::left(error.to_string()),
        };
        if done.outcome == UndoOutcome::Retired && record.kind == RecordKind::Payment {
            retiring.insert(record.local_id.clone());
        }
        let queued = rows::is_queued(&tx.db(), record.kind, &record.local_id)?;
        let changes = matches!(done.outcome, UndoOutcome::PutBack | UndoOutcome::Retired);
        let step = UndoRecord {
            kind: record.kind.as_str().to_owned(),
            record_id: Some(record.local_id.clone()),
            title: record.title.clone(),
            outcome: done.outcome,
            fields: done.fields,
            reasons: done.reasons,
            waiting: queued && changes,
        };
        if let Some(run) = undoing.run {
            rows::add_step(tx, run, &step, done.fallback.as_ref())?;
        }
        records.push(step);
    }
    Ok(records)
}

/// What was done to a record.
struct Done {
    outcome: UndoOutcome,
    fields: Vec<FieldChange>,
    reasons: Vec<String>,
    fallback: Option<Fields>,
}

impl Done {
    fn left(reason: impl Into<String>) -> Self {
        Self::plain(UndoOutcome::Left, vec![reason.into()])
    }

    fn plain(outcome: UndoOutcome, reasons: Vec<String>) -> Self {
        Self { outcome, fields: Vec::new(), reasons, fallback: None }
    }
}

/// One record at work.
struct Work<'a> {
    tx: &'a Tx<'a>,
    undoing: &'a Undoing<'a>,
    record: &'a Touched,
    /// Payments that this undo cancels.
    retiring: &'a BTreeSet<String>,
}

impl Work<'_> {
    fn undo(&self) -> Result<Done> {
        let Self { tx, record, .. } = self;
        match record.kind {
            RecordKind::Shipment => return Ok(Done::left("What left the house, or came back, stays: it is a fact.")),
            RecordKind::Charge
            | RecordKind::Refund
            | RecordKind::Dispute
            | RecordKind::BalanceEntry
            | RecordKind::Payout => return Ok(Done::left("Money that a payment processor moved stays: it is a fact.")),
            _ => {}
        }
        let Some(after) = &record.after else {
            if let Some(vendor) = &record.joined_with {
                return Ok(Done::left(stays_joined(vendor)));
            }
            return Ok(Done::left("How it was before was not kept with this run."));
        };
        let Some(now) = snapshots::of(tx, record.kind, &record.local_id)? else {
            return Ok(Done::left("It is no longer here."));
        };
        if let Some(reason) = self.blocked()? {
            return Ok(Done::left(reason));
        }
        if let Some(vendor) = &record.came_from {
            return self.undo_arrival(vendor, &now);
        }
        if !record.made_in.is_empty() {
            return self.undo_making(after, &now);
        }
        match &record.before {
            Some(before) if record.retired_there && differing(record.kind, before, after).is_empty() => {
                self.undo_retiring(&now)
            }
            Some(before) => self.put_back(before, after, &now).map(|done| self.still_joined(done)),
            None => Ok(Done::left("How it was before was not kept with this run.")),
        }
    }

    /// Why nothing may be done to it right now.
    fn blocked(&self) -> Result<Option<String>> {
        let Self { tx, undoing, record, .. } = self;
        if record.deleted_there {
            return Ok(Some("It was deleted over there, which can't be taken back from here.".into()));
        }
        for (connection, vendor) in &record.connections {
            if undoing.unread.contains(connection) {
                return Ok(Some(format!("{vendor} could not be read just now. Undo the run again when it can.")));
            }
            let Some(link) = links::by_local(&tx.db(), *connection, record.kind, &record.local_id)? else { continue };
            if link.is_closed() {
                return Ok(Some(format!("It was deleted in {vendor} since.")));
            }
            if link.agreed.is_some_and(|agreed| !agreed.conflict.is_empty()) {
                return Ok(Some(format!("It was changed here and in {vendor} at the same time; decide that first.")));
            }
        }
        if rows::is_stuck(&tx.db(), record.kind, &record.local_id)? {
            return Ok(Some("A change of it is stuck on its way; see the Sync page.".into()));
        }
        Ok(None)
    }

    /// Fields go back; that two records were found to be one does not.
    fn still_joined(&self, mut done: Done) -> Done {
        if let Some(vendor) = &self.record.joined_with {
            done.reasons.push(stays_joined(vendor));
            if done.outcome == UndoOutcome::AsBefore {
                done.outcome = UndoOutcome::Left;
            }
        }
        done
    }

    /// It came in with the run: the vendor's own record is not ours to take away. Entries of lists are put out of sight here.
    fn undo_arrival(&self, vendor: &str, now: &Fields) -> Result<Done> {
        if !matches!(self.record.kind, RecordKind::Customer | RecordKind::Item) {
            let how = if self.record.kind == RecordKind::Order { "Cancel" } else { "Void" };
            return Ok(Done::left(format!("It was made in {vendor}, so it stays. {how} it if it is not wanted.")));
        }
        if now.get("archived") == Some(&Value::Bool(true)) {
            return Ok(Done::plain(UndoOutcome::AsBefore, Vec::new()));
        }
        let fields = self.write(&archived())?;
        links::set_archived_here(self.tx, self.record.kind, &self.record.local_id)?;
        self.note("archived", &fields)?;
        Ok(Done { fields, ..Done::plain(UndoOutcome::ArchivedHere, Vec::new()) })
    }

    /// The run made it over there: there it is voided, cancelled or made inactive, unless somebody has changed it since. Here
    /// it stays: the run only sent it.
    fn undo_making(&self, after: &Fields, now: &Fields) -> Result<Done> {
        let Self { tx, undoing, record, .. } = self;
        if is_retired(record.kind, now) {
            return Ok(Done::plain(UndoOutcome::AsBefore, Vec::new()));
        }
        let mut tied = false;
        let mut there = Vec::new();
        for (connection, vendor) in &record.made_in {
            if let Some(link) = links::by_local(&tx.db(), *connection, record.kind, &record.local_id)? {
                tied = true;
                there.extend((!is_over_there(&link)).then_some((*connection, vendor.as_str())));
            }
        }
        if there.is_empty() {
            let untied = || Done::left("It is no longer tied to a connected account.");
            return Ok(if tied { Done::plain(UndoOutcome::AsBefore, Vec::new()) } else { untied() });
        }
        let since = differing(record.kind, after, now);
        if !since.is_empty() {
            return Ok(Done::left(format!("It was changed since ({}), so it stays.", words(&since))));
        }
        if let Some(reason) = self.may_not_retire()? {
            return Ok(Done::left(reason));
        }
        for (connection, _) in &there {
            outbox::enqueue_for(tx, *connection, record.kind, &record.local_id, Wish::Retire, undoing.now)?;
        }
        let vendors = there.into_iter().map(|(_, vendor)| vendor).collect::<Vec<_>>().join(" and ");
        let reason = match record.kind {
            RecordKind::Customer | RecordKind::Item => {
                format!("It can only be made inactive in {vendors}, not deleted. Here it stays as it is.")
            }
            kind => {
                let done = if kind == RecordKind::Order { "cancelled" } else { "voided" };
                format!("It is {done} in {vendors}. Here it stays as it is, and is not sent again by itself.")
            }
        };
        Ok(Done::plain(UndoOutcome::Retired, vec![reason]))
    }

    /// The run took it back over there while it stayed here: an undo. An entry of a list is made active again.
    fn undo_retiring(&self, now: &Fields) -> Result<Done> {
        let Self { tx, undoing, record, .. } = self;
        let mut inactive = Vec::new();
        for (connection, vendor) in &record.connections {
            let link = links::by_local(&tx.db(), *connection, record.kind, &record.local_id)?;
            inactive.extend(link.filter(is_over_there).map(|_| (*connection, vendor.as_str())));
        }
        let Some((_, vendor)) = inactive.first() else { return Ok(Done::plain(UndoOutcome::AsBefore, Vec::new())) };
        if !matches!(record.kind, RecordKind::Customer | RecordKind::Item) {
            let over = if record.kind == RecordKind::Order { "cancelled" } else { "void" };
            return Ok(Done::left(format!("It stays {over} in {vendor}. Send it anew, and it is there as a new one.")));
        }
        if is_retired(record.kind, now) {
            return Ok(Done::left("It was archived here since, so it stays inactive."));
        }
        for (connection, _) in &inactive {
            outbox::enqueue_for(tx, *connection, record.kind, &record.local_id, Wish::Upsert, undoing.now)?;
        }
        let yes_no = |on: bool| Some(if on { "yes" } else { "no" }.to_owned());
        let field = FieldChange { field: "active".into(), before: yes_no(false), after: yes_no(true) };
        Ok(Done { fields: vec![field], ..Done::plain(UndoOutcome::PutBack, Vec::new()) })
    }

    fn may_not_retire(&self) -> Result<Option<String>> {
        let Self { tx, record, .. } = self;
        match record.kind {
            RecordKind::Invoice => {
                let Some(invoice) = self.invoice()? else { return Ok(None) };
                let paid = self.paid_by_others(&invoice)?;
                Ok((!paid.is_zero()).then(|| {
                    let paid = paid.to_decimal_string();
                    format!("Payments of {paid} are applied to it. Cancel or move them first, then undo the run again.")
                }))
            }
            RecordKind::Payment => {
                let payment =
                    record.local_id.parse().ok().map(|id| store::payments::get(tx, id)).transpose()?.flatten();
                Ok(payment
                    .filter(|payment| payment.deposit_to == DepositTo::Processor)
                    .map(|_| "Money that a payment processor moved stays: it is a fact.".to_owned()))
            }
            RecordKind::Order => Ok(self.has_left()?.then(|| "It has left the house, which stays.".to_owned())),
            _ => Ok(None),
        }
    }

    fn invoice(&self) -> Result<Option<Invoice>> {
        let id = self.record.local_id.parse().map_err(|_| Error::Bug("a stored id is not an id".into()))?;
        store::invoices::get(self.tx, id)
    }

    fn paid_by_others(&self, invoice: &Invoice) -> Result<Money> {
        let applied = store::payments::applied_to(self.tx, invoice.id, invoice.currency)?;
        let others = applied.into_iter().filter(|(id, _): &(PaymentId, _)| !self.retiring.contains(&id.to_string()));
        Ok(Money::sum(invoice.currency, others.map(|(_, amount)| amount))?)
    }

    fn has_left(&self) -> Result<bool> {
        let id = self.record.local_id.parse().map_err(|_| Error::Bug("a stored id is not an id".into()))?;
        let order = store::orders::get(self.tx, id)?;
        Ok(order.is_some_and(|order| matches!(order.status, OrderStatus::PartlyShipped | OrderStatus::Shipped)))
    }

    /// Puts back what still holds what the run wrote.
    fn put_back(&self, before: &Fields, after: &Fields, now: &Fields) -> Result<Done> {
        let Self { tx, undoing, record, .. } = self;
        let mut found = takeable(record.kind, before, after, now);
        let mut reasons = Vec::new();
        if !found.changed_since.is_empty() {
            reasons.push(format!("Changed since, so left: {}.", words(&found.changed_since)));
        }
        reasons.extend(self.irreversible(&mut found, now)?);
        if found.fields.is_empty() {
            let outcome = if reasons.is_empty() { UndoOutcome::AsBefore } else { UndoOutcome::Left };
            return Ok(Done::plain(outcome, reasons));
        }
        let fields = self.write(&found.fields)?;
        if fields.is_empty() {
            return Ok(Done::plain(UndoOutcome::AsBefore, reasons));
        }
        outbox::enqueue(tx, record.kind, &record.local_id, Wish::Upsert, undoing.now)?;
        self.note("put_back", &fields)?;
        let names = found.fields.keys();
        let fallback = names.map(|name| (name.clone(), now.get(name).cloned().unwrap_or(Value::Null))).collect();
        Ok(Done { fields, fallback: Some(fallback), ..Done::plain(UndoOutcome::PutBack, reasons) })
    }

    /// Takes out what can't go back, with the reasons.
    fn irreversible(&self, found: &mut Takeable, now: &Fields) -> Result<Vec<String>> {
        let text = |name: &str| now.get(name).and_then(Value::as_str).unwrap_or_default();
        let all = |found: &mut Takeable, reason: &str| {
            found.fields.clear();
            vec![reason.to_owned()]
        };
        if found.fields.is_empty() {
            return Ok(Vec::new());
        }
        Ok(match self.record.kind {
            RecordKind::Invoice if text("state") == InvoiceState::Void.as_str() => {
                all(found, "A void invoice stays void. Copy it to bill the same again.")
            }
            RecordKind::Payment if now.get("voided") == Some(&Value::Bool(true)) => {
                all(found, "A cancelled payment stays cancelled. Record it again instead.")
            }
            RecordKind::Order if text("status") == OrderStatus::Cancelled.as_str() => {
                all(found, "A cancelled order stays cancelled.")
            }
            RecordKind::Order if self.has_left()? => {
                all(found, "It has left the house, so it can't be changed any more.")
            }
            RecordKind::Order => came_back(found).into_iter().collect(),
            RecordKind::Invoice => {
                let deposit = self.deposit(found);
                deposit.into_iter().chain(self.paid_invoice(found)?).collect()
            }
            _ => Vec::new(),
        })
    }

    /// A deposit is only changed where it was recorded.
    fn deposit(&self, found: &mut Takeable) -> Option<String> {
        found.fields.remove("deposit")?;
        let vendors: Vec<&str> = self.record.connections.values().map(String::as_str).collect();
        Some(format!("Its deposit was recorded in {}, so it stays.", vendors.join(" and ")))
    }

    /// What is paid on an invoice holds its customer, and its total up; also by payments that are taken back over there alone.
    fn paid_invoice(&self, found: &mut Takeable) -> Result<Option<String>> {
        let Some(invoice) = self.invoice()? else { return Ok(None) };
        let applied = store::payments::applied_to(self.tx, invoice.id, invoice.currency)?;
        let paid = Money::sum(invoice.currency, applied.into_iter().map(|(_, amount)| amount))?;
        let held = paid.checked_add(invoice.counted_deposit())?;
        if held.is_zero() {
            return Ok(None);
        }
        let earlier: Option<Money> =
            found.fields.get("total").map(|total| serde_json::from_value(total.clone())).transpose()?;
        let too_low = earlier.is_some_and(|total| total.minor() < held.minor());
        let moves = !paid.is_zero() && found.fields.contains_key("customer_id");
        if !too_low && !moves {
            return Ok(None);
        }
        let kind = RecordKind::Invoice;
        found.fields.retain(|name, _| {
            let unit = super::fields::unit(kind, name);
            name != "customer_id" && !(too_low && unit == "amounts")
        });
        let (held, deposit) = (held.to_decimal_string(), !invoice.counted_deposit().is_zero());
        let what =
            if deposit { format!("{held} of it is paid") } else { format!("Payments of {held} are applied to it") };
        Ok(Some(format!("{what}, so its amounts and its customer stay.")))
    }

    fn write(&self, fields: &Fields) -> Result<Vec<FieldChange>> {
        let Self { tx, undoing, record, .. } = self;
        history::put_back(tx, record.kind, &record.local_id, fields, WHO, undoing.now)
    }

    fn note(&self, action: &str, fields: &[FieldChange]) -> Result<()> {
        let Self { tx, undoing, record, .. } = self;
        match undoing.run {
            Some(run) => note_here(tx, run, record.kind, &record.local_id, action, fields, undoing.now),
            None => Ok(()),
        }
    }
}

/// Only a parcel ships an order. One that was shipped before the run and is not now has none any more, and the parcel stays void.
fn came_back(found: &mut Takeable) -> Option<String> {
    let shipped = |status: &Value| {
        [OrderStatus::Shipped, OrderStatus::PartlyShipped].iter().any(|shipped| status == shipped.as_str())
    };
    found.fields.get("status").filter(|status| shipped(status))?;
    found.fields.retain(|name, _| super::fields::unit(RecordKind::Order, name) != "status");
    Some("What left the house, or came back, stays: it is a fact.".to_owned())
}

/// Whether a record as it is here is archived, void or cancelled.
pub fn is_retired(kind: RecordKind, now: &Fields) -> bool {
    let text = |name: &str| now.get(name).and_then(Value::as_str).unwrap_or_default();
    let on = |name: &str| now.get(name) == Some(&Value::Bool(true));
    match kind {
        RecordKind::Invoice => text("state") == InvoiceState::Void.as_str(),
        RecordKind::Order => text("status") == OrderStatus::Cancelled.as_str(),
        RecordKind::Payment => on("voided"),
        _ => on("archived"),
    }
}

/// Whether it has ended over there, by what was agreed last.
fn is_over_there(link: &Link) -> bool {
    let inactive = |agreed: &Agreed| agreed.remote.get("active") == Some(&Value::Bool(false));
    link.deleted || link.agreed.as_ref().is_some_and(inactive)
}

fn stays_joined(vendor: &str) -> String {
    format!(
        "It was joined with the one in {vendor} and stays joined: what has happened to either since belongs to both. If they \
         are two, add one of them anew under a name of its own."
    )
}

fn archived() -> Fields {
    [("archived".to_owned(), Value::Bool(true))].into_iter().collect()
}

/// Notes in the run what was just written here.
pub(super) fn note_here(
    tx: &Tx<'_>,
    run: RunId,
    kind: RecordKind,
    local_id: &str,
    action: &str,
    fields: &[FieldChange],
    now: DateTime<Utc>,
) -> Result<()> {
    if fields.is_empty() {
        return Ok(());
    }
    let change = NewChange {
        vendor_name: "",
        direction: ChangeDirection::In,
        kind,
        local_id: Some(local_id),
        title: &links::title(&tx.db(), kind, local_id)?,
        action,
        fields,
    };
    runs::add_change(tx, run, &change, now)?;
    keep::here(tx, run, kind, local_id, false, None)
}
