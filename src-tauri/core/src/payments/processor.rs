//! What a payment processor reports, taken in exactly once: charges, refunds, disputes, balance entries, payouts.
//!
//! The clearing method: the account `ProcessorClearing` mirrors the balance that the processor keeps for us, and is booked from
//! balance entries only, each once. A charge credits suspense there; the payment made from the charge debits suspense and
//! credits the customer. So it does not matter which of the two is seen first, and what stays in suspense is money of buyers
//! whose invoice is not known.
//!
//! Refunds: the processor's entry books the money as given back. The payment and what it has paid stay as they are, because only
//! the owner knows whether the invoice is still owed, was too high, or is to be voided; the charge shows what was refunded.
//! Disputes likewise.
//!
//! Absent on purpose: requests to the processor, and posting of its fees and payouts to the books of another vendor.

use super::payment::{Applied, DepositTo, Payment};
use super::write::write;
use crate::company;
use crate::event::Tag;
use crate::ids::{ConnectionId, InvoiceId, MoneyRecordId, PaymentId};
use crate::invoices::InvoiceState;
use crate::ledger::{self, Account, Entry, Posting};
use crate::store::charges::Stored;
use crate::store::outbox::{self, Wish};
use crate::store::payouts::StoredEntry;
use crate::store::{self, Tx};
use crate::{Error, Result};
use backroom_money::Money;
use chrono::{DateTime, NaiveDate, Utc};
use connector_contract::RecordKind;
use connector_contract::record::{BalanceEntry, Charge, ChargeStatus, Dispute, Payout, Refund, RemoteId};
use rusqlite::Connection;

/// Keys of a charge's metadata that name an invoice, best first; compared without case. The value is its number or our id.
const INVOICE_KEYS: [&str; 4] = ["backroom_invoice", "invoice_id", "invoice_number", "invoice"];

/// What taking in a record did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Recorded {
    /// Seen for the first time.
    Created,
    /// Known, and something differed.
    Updated,
    /// Known like this already; nothing was written.
    Unchanged,
}

/// What taking in a charge did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RecordedCharge {
    /// To the charge.
    pub change: Recorded,
    /// The payment made from it just now; already queued for sending.
    pub payment: Option<PaymentId>,
}

/// Takes in a charge. One that succeeded and names an open invoice of ours in the same currency, and that no payment was made
/// from yet, becomes a payment of that invoice up to what it still owes; the rest is the customer's credit. A payment already
/// there with the charge's id as reference and the same amount is taken instead of a second one.
pub fn record_charge(
    tx: &Tx<'_>,
    connection: ConnectionId,
    remote: &RemoteId,
    charge: &Charge,
    who: &str,
    now: DateTime<Utc>,
) -> Result<RecordedCharge> {
    let before = store::charges::find(tx, connection, remote)?;
    let mut after = match &before {
        Some(before) => Stored { charge: charge.clone(), ..before.clone() },
        None => Stored { id: MoneyRecordId::new(), charge: charge.clone(), invoice_id: None, payment_id: None },
    };
    // The data file keeps milliseconds and no difference between nothing and an empty text.
    after.charge.created_at = rounded(charge.created_at);
    if let Some(before) = &before {
        // An event may be older than the list it was read beside: what is known already is not forgotten.
        after.charge.balance_entry = charge.balance_entry.clone().or_else(|| before.charge.balance_entry.clone());
    }
    let mut made = None;
    let unpaid = after.payment_id.is_none() && charge.status == ChargeStatus::Succeeded;
    if let Some(invoice) = if unpaid { named_invoice(tx, charge)? } else { None } {
        let (payment, is_new) = payment_for(tx, connection, remote, &after.charge, invoice, who, now)?;
        after.invoice_id = Some(invoice);
        after.payment_id = Some(payment);
        made = is_new.then_some(payment);
    }
    let recorded = match &before {
        None => Recorded::Created,
        Some(before) if same_charge(before, &after) => Recorded::Unchanged,
        Some(_) => Recorded::Updated,
    };
    if recorded != Recorded::Unchanged {
        store::charges::put(tx, connection, remote, &after)?;
        tx.changed(Tag::MoneyRecords);
    }
    Ok(RecordedCharge { change: recorded, payment: made })
}

fn rounded(at: DateTime<Utc>) -> DateTime<Utc> {
    DateTime::from_timestamp_millis(at.timestamp_millis()).unwrap_or(at)
}

fn same_charge(before: &Stored, after: &Stored) -> bool {
    let tidy = |stored: &Stored| {
        let mut stored = stored.clone();
        let charge = &mut stored.charge;
        for text in
            [&mut charge.customer_name, &mut charge.customer_email, &mut charge.description, &mut charge.failure]
        {
            *text = text.take().filter(|text| !text.is_empty());
        }
        stored
    };
    tidy(before) == tidy(after)
}

/// The open invoice a charge names, if it is in the charge's currency.
fn named_invoice(db: &Connection, charge: &Charge) -> Result<Option<InvoiceId>> {
    for key in INVOICE_KEYS {
        let values = charge.metadata.iter().filter(|(name, _)| name.trim().eq_ignore_ascii_case(key));
        for value in values.map(|(_, value)| value.trim()).filter(|value| !value.is_empty()) {
            let id = match value.parse::<InvoiceId>() {
                Ok(id) => Some(id),
                Err(_) => store::invoices::find_by_number(db, value.trim_start_matches('#'))?,
            };
            let Some(id) = id else { continue };
            let Some(invoice) = store::invoices::standing(db, id)? else { continue };
            if invoice.state == InvoiceState::Open && invoice.balance.currency() == charge.amount.currency() {
                return Ok(Some(id));
            }
        }
    }
    Ok(None)
}

fn payment_for(
    tx: &Tx<'_>,
    connection: ConnectionId,
    remote: &RemoteId,
    charge: &Charge,
    invoice: InvoiceId,
    who: &str,
    now: DateTime<Utc>,
) -> Result<(PaymentId, bool)> {
    if let Some(id) = store::payments::find_by_reference(tx, &remote.0, charge.amount)?
        && !store::charges::payment_matched(tx, id)?
    {
        let before = store::payments::get(tx, id)?.ok_or(Error::NotFound("payment"))?;
        let after = Payment { deposit_to: DepositTo::Processor, ..before.clone() };
        write(tx, Some(&before), &after, who, now)?;
        return Ok((id, false));
    }
    let standing = store::invoices::standing(tx, invoice)?.ok_or(Error::NotFound("invoice"))?;
    let part = charge.amount.minor().min(standing.balance.minor());
    // The same in a rehearsal and in the run after it, unless it was made before and is void by now.
    let id = PaymentId(crate::ids::derived(&[&connection.to_string(), "payment of charge", &remote.0]));
    let id = if store::payments::get(tx, id)?.is_some() { PaymentId::new() } else { id };
    let payment = Payment {
        id,
        version: 0,
        customer_id: standing.customer_id,
        received_on: local_day(tx, charge.created_at)?,
        amount: charge.amount,
        method: who.to_owned(),
        reference: remote.0.clone(),
        note: charge.description.clone().unwrap_or_default(),
        applied: (part > 0)
            .then(|| Applied { invoice_id: invoice, amount: Money::from_minor(part, charge.amount.currency()) })
            .into_iter()
            .collect(),
        deposit_to: DepositTo::Processor,
        voided: false,
        source: store::charges::vendor_of(tx, connection)?.unwrap_or_else(|| who.to_lowercase()),
        created_at: now,
        updated_at: now,
    };
    let written = write(tx, None, &payment, who, now)?;
    outbox::enqueue(tx, RecordKind::Payment, &payment.id.to_string(), Wish::Upsert, now)?;
    Ok((written.record.id, true))
}

/// Takes in a refund. The charge's own `refunded` comes with the charge.
pub fn record_refund(tx: &Tx<'_>, connection: ConnectionId, remote: &RemoteId, refund: &Refund) -> Result<Recorded> {
    let known = store::charges::refund_known(tx, connection, remote)?;
    let changed = store::charges::put_refund(tx, connection, remote, refund)?;
    Ok(told(tx, known, changed))
}

/// Takes in a dispute.
pub fn record_dispute(tx: &Tx<'_>, connection: ConnectionId, remote: &RemoteId, dispute: &Dispute) -> Result<Recorded> {
    let known = store::charges::dispute_known(tx, connection, remote)?;
    let changed = store::charges::put_dispute(tx, connection, remote, dispute)?;
    Ok(told(tx, known, changed))
}

fn told(tx: &Tx<'_>, known: bool, changed: bool) -> Recorded {
    if changed {
        tx.changed(Tag::MoneyRecords);
    }
    match (known, changed) {
        (false, _) => Recorded::Created,
        (true, true) => Recorded::Updated,
        (true, false) => Recorded::Unchanged,
    }
}

/// Takes in a balance entry and books it once. Entries never change, but which payout one belongs to is told later.
///
/// # Errors
/// `Refused` when net is not amount − fee: such a row would put the ledger out of balance.
pub fn record_balance_entry(
    tx: &Tx<'_>,
    connection: ConnectionId,
    remote: &RemoteId,
    entry: &BalanceEntry,
    now: DateTime<Utc>,
) -> Result<Recorded> {
    if entry.amount.checked_sub(entry.fee)? != entry.net {
        return Err(Error::Refused(format!(
            "Balance entry {} does not add up: its net is not amount less fee.",
            remote.0
        )));
    }
    let before = store::payouts::find_entry(tx, connection, remote)?;
    let mut after = StoredEntry {
        id: before.as_ref().map_or_else(MoneyRecordId::new, |before| before.id),
        entry: BalanceEntry { created_at: rounded(entry.created_at), ..entry.clone() },
    };
    after.entry.description = after.entry.description.filter(|text| !text.is_empty());
    if let Some(before) = &before {
        after.entry.payout = after.entry.payout.or_else(|| before.entry.payout.clone());
        if *before == after {
            return Ok(Recorded::Unchanged);
        }
    }
    store::payouts::put_entry(tx, connection, remote, &after)?;
    book_entry(tx, connection, &after, now)?;
    tx.changed(Tag::MoneyRecords);
    Ok(if before.is_some() { Recorded::Updated } else { Recorded::Created })
}

/// Takes in a payout. Its own balance entries are booked on the day it arrives, so they follow when that day moves.
pub fn record_payout(
    tx: &Tx<'_>,
    connection: ConnectionId,
    remote: &RemoteId,
    payout: &Payout,
    now: DateTime<Utc>,
) -> Result<Recorded> {
    let known = store::payouts::arrives_on(tx, connection, remote)?.is_some();
    let payout = Payout { created_at: rounded(payout.created_at), ..payout.clone() };
    let changed = store::payouts::put_payout(tx, connection, remote, &payout)?;
    if changed {
        for stored in store::payouts::entries_of_source(tx, connection, remote)? {
            book_entry(tx, connection, &stored, now)?;
        }
    }
    Ok(told(tx, known, changed))
}

fn book_entry(tx: &Tx<'_>, connection: ConnectionId, stored: &StoredEntry, now: DateTime<Utc>) -> Result<()> {
    let entry = &stored.entry;
    let side = |account, amount| Posting { account, customer_id: None, amount };
    let counterpart = counterpart(&entry.category);
    let arrival = match &entry.source {
        Some(payout) if entry.category == "payout" => store::payouts::arrives_on(tx, connection, payout)?,
        _ => None,
    };
    let booked_on = match arrival {
        Some(day) => day,
        None => local_day(tx, entry.created_at)?,
    };
    let booking = Entry {
        source_kind: RecordKind::BalanceEntry.as_str(),
        source_id: stored.id.to_string(),
        booked_on,
        text: entry.description.clone().unwrap_or_else(|| entry.category.clone()),
        postings: vec![
            side(Account::ProcessorClearing, entry.net),
            side(Account::ProcessorFees, entry.fee),
            side(counterpart, entry.amount.checked_neg()?),
        ],
    };
    ledger::book(tx, booking, now)
}

/// Where the other side of a balance entry goes. Categories nobody can explain without the owner go to suspense.
fn counterpart(category: &str) -> Account {
    match category {
        "refund" | "refund_failure" => Account::Refunds,
        "dispute" | "dispute_reversal" => Account::Disputes,
        "fee" | "network_cost" | "tax" => Account::ProcessorFees,
        "payout" | "payout_reversal" => Account::Bank,
        _ => Account::Suspense,
    }
}

/// The company's day of a moment.
fn local_day(db: &Connection, at: DateTime<Utc>) -> Result<NaiveDate> {
    Ok(company::require(db)?.day_of(at))
}
