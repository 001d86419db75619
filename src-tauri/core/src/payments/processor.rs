//! What a payment processor reports, taken in exactly once: charges, refunds, disputes, balance entries, payouts.
//!
//! The clearing method: the account `ProcessorClearing` mirrors the balance that the processor keeps for us, and is booked from
//! balance entries only, each once. A charge credits suspense there; the payment made from the charge debits suspense and
//! credits the customer. So it does not matter which of the two is seen first, and what stays in suspense is money of buyers
//! whose invoice is not known.
//!
//! Whether a charge is a payment is found out later in the run, when everything has been read (`matching`).
//!
//! Refunds: the processor's entry books the money as given back. The payment and what it has paid stay as they are, because only
//! the owner knows whether the invoice is still owed, was too high, or is to be voided; the charge shows what was refunded.
//! Disputes likewise.
//!
//! Absent on purpose: requests to the processor, and posting of its fees and payouts to the books of another vendor.

use super::charge::names;
use crate::company;
use crate::event::Tag;
use crate::fields::{is_possible, too_large};
use crate::ids::{ConnectionId, MoneyRecordId};
use crate::ledger::{self, Account, Entry, Posting};
use crate::store::charges::Stored;
use crate::store::payouts::StoredEntry;
use crate::store::{self, Tx};
use crate::{Error, Result};
use backroom_money::Money;
use chrono::{DateTime, NaiveDate, Utc};
use connector_contract::RecordKind;
use connector_contract::record::{BalanceEntry, Charge, ChargeStatus, Dispute, Payout, Refund, RemoteId};
use rusqlite::Connection;

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

/// Takes in a charge. Whether it is a payment is looked at when everything has been read.
///
/// # Errors
/// `Refused`, as for all that a processor reports, when an amount is larger than records may hold.
pub fn record_charge(tx: &Tx<'_>, connection: ConnectionId, remote: &RemoteId, charge: &Charge) -> Result<Recorded> {
    possible([charge.amount, charge.refunded].into_iter().chain(charge.captured))?;
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
    let recorded = match &before {
        None => Recorded::Created,
        Some(before) if same_charge(before, &after) => return Ok(Recorded::Unchanged),
        Some(_) => Recorded::Updated,
    };
    store::charges::put(tx, connection, remote, &after)?;
    store::charge_match::set_names(tx, after.id, &names(charge))?;
    if charge.status == ChargeStatus::Succeeded {
        store::charge_match::look_at(tx, after.id)?;
    }
    tx.changed(Tag::MoneyRecords);
    Ok(recorded)
}

fn possible(amounts: impl IntoIterator<Item = Money>) -> Result<()> {
    match amounts.into_iter().find(|amount| !is_possible(*amount)) {
        Some(amount) => {
            let currency = amount.currency();
            Err(Error::Refused(format!(
                "{} {currency} is too large. {}",
                amount.to_decimal_string(),
                too_large(currency)
            )))
        }
        None => Ok(()),
    }
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

/// Takes in a refund. The charge's own `refunded` comes with the charge.
pub fn record_refund(tx: &Tx<'_>, connection: ConnectionId, remote: &RemoteId, refund: &Refund) -> Result<Recorded> {
    possible([refund.amount])?;
    let known = store::charges::refund_known(tx, connection, remote)?;
    let changed = store::charges::put_refund(tx, connection, remote, refund)?;
    Ok(told(tx, known, changed))
}

/// Takes in a dispute.
pub fn record_dispute(tx: &Tx<'_>, connection: ConnectionId, remote: &RemoteId, dispute: &Dispute) -> Result<Recorded> {
    possible([dispute.amount])?;
    let known = store::charges::dispute_known(tx, connection, remote)?;
    let changed = store::charges::put_dispute(tx, connection, remote, dispute)?;
    if let Some(charge) = dispute.charge.as_ref().filter(|_| changed) {
        store::charge_match::look_at_remote(tx, connection, charge)?;
    }
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
    possible([entry.amount, entry.fee, entry.net])?;
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
pub(super) fn local_day(db: &Connection, at: DateTime<Utc>) -> Result<NaiveDate> {
    Ok(company::require(db)?.day_of(at))
}
