//! From Stripe's objects to neutral records, and from Stripe's currency units to exact money.
//!
//! Amounts are integers in Stripe's own unit of the currency, which is not always the ISO minor unit: the forint and the
//! króna differ from it one way, the ariary the other. An amount that has no exact ISO form makes the record unreadable;
//! nothing is rounded.

use crate::wire;
use backroom_money::{Currency, Money};
use chrono::{DateTime, NaiveDate, Utc};
use connector_contract::record::{BalanceEntry, Charge, ChargeStatus, Dispute, DisputeOutcome, Payout, Refund};
use connector_contract::{Content, Pulled, Record, RecordKind, RemoteId};
use serde::de::DeserializeOwned;
use serde_json::Value;

/// Currencies whose amounts Stripe gives in whole units.
const WHOLE_UNITS: [&str; 15] =
    ["BIF", "CLP", "DJF", "GNF", "JPY", "KMF", "KRW", "MGA", "PYG", "RWF", "VND", "VUV", "XAF", "XOF", "XPF"];
/// Currencies whose amounts Stripe gives in thousandths.
const THOUSANDTHS: [&str; 5] = ["BHD", "JOD", "KWD", "OMR", "TND"];

/// Which kind of record an object is, by its `object` field; `None` for everything that is not kept.
pub fn kind_of(object: &Value) -> Option<RecordKind> {
    kind_named(object.get("object").and_then(Value::as_str)?)
}

/// Which kind of record an event of this type is about, where its object can't say; balance rows make no events.
pub fn kind_of_event(kind: &str) -> Option<RecordKind> {
    match kind.split('.').next()? {
        "charge" if kind.starts_with("charge.dispute.") => Some(RecordKind::Dispute),
        "charge" if kind.starts_with("charge.refund.") => Some(RecordKind::Refund),
        "charge" => Some(RecordKind::Charge),
        "refund" => Some(RecordKind::Refund),
        "payout" => Some(RecordKind::Payout),
        _ => None,
    }
}

/// Which kind of record goes by this name in an object's `object` field.
pub fn kind_named(name: &str) -> Option<RecordKind> {
    match name {
        "charge" => Some(RecordKind::Charge),
        "refund" => Some(RecordKind::Refund),
        "dispute" => Some(RecordKind::Dispute),
        "payout" => Some(RecordKind::Payout),
        "balance_transaction" => Some(RecordKind::BalanceEntry),
        _ => None,
    }
}

/// The object's id, where it has one.
pub fn id_of(object: &Value) -> Option<&str> {
    object.get("id").and_then(Value::as_str).filter(|id| wire::is_id(id))
}

/// Reads an object of a known kind. `updated_at` is when the state was true, known for events only.
pub fn pulled(kind: RecordKind, object: &Value, updated_at: Option<DateTime<Utc>>) -> Pulled {
    // A record without an id cannot be kept, but must be seen: it becomes a problem under a name of its own.
    let id = id_of(object).unwrap_or("(without an id)");
    let content = match record(kind, object) {
        Ok(record) => Content::Present(Box::new(record)),
        Err(reason) => Content::Unreadable { kind, reason },
    };
    Pulled { remote_id: RemoteId(id.to_owned()), version: None, updated_at, content }
}

/// A row of the list that Stripe gives for a payout. That list also holds the payout's own row, which takes the sum out of
/// the balance: it is not one of the parts, so it keeps no payout and the parts add up to the payout's amount.
pub fn payout_member(row: &Value, payout: &str) -> Pulled {
    let payout = RemoteId(payout.to_owned());
    let mut pulled = pulled(RecordKind::BalanceEntry, row, None);
    if let Content::Present(record) = &mut pulled.content
        && let Record::BalanceEntry(entry) = record.as_mut()
        && entry.source.as_ref() != Some(&payout)
    {
        entry.payout = Some(payout);
    }
    pulled
}

/// Whether Stripe can name the members of this payout by now. Manual and instant payouts have none, and while the
/// reconciliation is in progress the list may be short.
pub fn has_members(payout: &Value) -> bool {
    let Ok(payout) = read::<wire::Payout>(payout) else { return false };
    let settled = match payout.reconciliation_status.as_deref() {
        Some(status) => status == "completed",
        None => payout.status == "paid",
    };
    payout.automatic && settled
}

fn record(kind: RecordKind, object: &Value) -> Result<Record, String> {
    if id_of(object).is_none() {
        return Err("it has no id".to_owned());
    }
    match kind {
        RecordKind::Charge => charge(read(object)?).map(Record::Charge),
        RecordKind::Refund => refund(read(object)?).map(Record::Refund),
        RecordKind::Dispute => dispute(read(object)?).map(Record::Dispute),
        RecordKind::Payout => payout(read(object)?).map(Record::Payout),
        RecordKind::BalanceEntry => balance_entry(read(object)?).map(Record::BalanceEntry),
        other => Err(format!("Stripe keeps no {}", other.as_str())),
    }
}

fn read<T: DeserializeOwned>(object: &Value) -> Result<T, String> {
    T::deserialize(object).map_err(|error| without_values(&error.to_string()))
}

/// The parser's words name a missing field, but quote the text that stands where something else should: it may be a
/// person's name, so quoted texts go.
pub(crate) fn without_values(words: &str) -> String {
    let outside = words.split('"').step_by(2).collect::<Vec<_>>().join("…");
    outside.chars().take(200).collect()
}

fn charge(wire: wire::Charge) -> Result<Charge, String> {
    let currency = currency(&wire.currency)?;
    let (status, failure) = charge_status(&wire);
    let (captured, refunded) = taken_and_given_back(&wire)?;
    let billing = wire.billing_details.unwrap_or(wire::BillingDetails { name: None, email: None });
    Ok(Charge {
        amount: money("amount", wire.amount, currency)?,
        captured: captured.map(|amount| money("amount_captured", amount, currency)).transpose()?,
        refunded: money("amount_refunded", refunded, currency)?,
        status,
        created_at: moment("created", wire.created)?,
        customer_name: filled(billing.name),
        customer_email: filled(billing.email).or(filled(wire.receipt_email)),
        description: wire.description,
        metadata: wire.metadata.0,
        balance_entry: wire.balance_transaction.0.map(RemoteId),
        failure,
    })
}

fn filled(text: Option<String>) -> Option<String> {
    text.filter(|text| !text.trim().is_empty())
}

/// What was taken of a charge, and what was given back of that. A capture of less counts what it left untaken as given back,
/// although no buyer ever paid it.
fn taken_and_given_back(wire: &wire::Charge) -> Result<(Option<i64>, i64), String> {
    for (field, amount) in [
        ("amount", wire.amount),
        ("amount_captured", wire.amount_captured.unwrap_or(0)),
        ("amount_refunded", wire.amount_refunded),
    ] {
        if amount < 0 {
            return Err(format!("{field} is less than nothing"));
        }
    }
    let untaken = wire.amount_captured.map_or(0, |captured| (wire.amount - captured).max(0));
    let refunded = if wire.amount_refunded >= untaken { wire.amount_refunded - untaken } else { wire.amount_refunded };
    Ok((wire.amount_captured, refunded))
}

/// A charge only counts once captured: until then the money is reserved, and it may be released without a payment.
fn charge_status(wire: &wire::Charge) -> (ChargeStatus, Option<String>) {
    let failure = || wire.failure_message.clone().or_else(|| wire.failure_code.clone());
    let succeeded = match wire.status.as_deref() {
        Some("failed") => return (ChargeStatus::Failed, failure()),
        Some("succeeded") => true,
        Some("pending") => false,
        // A word this program does not know yet: the older flag still says whether money came.
        _ => wire.paid == Some(true),
    };
    match (succeeded, wire.captured) {
        (true, Some(false)) if wire.refunded == Some(true) => {
            (ChargeStatus::Failed, Some("The reserved amount was released without being captured.".to_owned()))
        }
        (true, None | Some(true)) => (ChargeStatus::Succeeded, None),
        _ => (ChargeStatus::Pending, None),
    }
}

fn refund(wire: wire::Refund) -> Result<Refund, String> {
    let currency = currency(&wire.currency)?;
    Ok(Refund {
        amount: money("amount", wire.amount, currency)?,
        charge: wire.charge.0.map(RemoteId),
        // Shapes from before refunds could fail have no status: those refunds were final at once.
        status: wire.status.unwrap_or_else(|| "succeeded".to_owned()),
        created_at: moment("created", wire.created)?,
        reason: wire.failure_reason.or(wire.reason),
    })
}

fn dispute(wire: wire::Dispute) -> Result<Dispute, String> {
    let currency = currency(&wire.currency)?;
    let due_by = wire.evidence_details.and_then(|details| details.due_by);
    Ok(Dispute {
        amount: money("amount", wire.amount, currency)?,
        charge: wire.charge.0.map(RemoteId),
        outcome: dispute_outcome(&wire.status),
        status: wire.status,
        created_at: moment("created", wire.created)?,
        reason: wire.reason,
        respond_by: due_by.map(|at| moment("evidence_details.due_by", at)).transpose()?,
    })
}

/// A word this program does not know yet leaves the dispute open.
fn dispute_outcome(status: &str) -> DisputeOutcome {
    match status {
        "lost" => DisputeOutcome::Lost,
        // A dispute that the buyer withdrew counts as won.
        "won" | "warning_closed" | "prevented" => DisputeOutcome::Won,
        warning if warning.starts_with("warning_") => DisputeOutcome::Inquiry,
        _ => DisputeOutcome::Open,
    }
}

fn payout(wire: wire::Payout) -> Result<Payout, String> {
    let currency = currency(&wire.currency)?;
    Ok(Payout {
        amount: money("amount", wire.amount, currency)?,
        status: wire.status,
        arrives_on: day("arrival_date", wire.arrival_date)?,
        created_at: moment("created", wire.created)?,
        automatic: wire.automatic,
        failure: wire.failure_message.or(wire.failure_code),
    })
}

fn balance_entry(wire: wire::BalanceTransaction) -> Result<BalanceEntry, String> {
    let currency = currency(&wire.currency)?;
    if wire.amount.checked_sub(wire.fee) != Some(wire.net) {
        // The payout proof adds these up; a row that contradicts itself must not enter it.
        return Err("net is not amount less fee".to_owned());
    }
    Ok(BalanceEntry {
        category: wire.reporting_category.filter(|category| !category.is_empty()).unwrap_or(wire.kind),
        amount: money("amount", wire.amount, currency)?,
        fee: money("fee", wire.fee, currency)?,
        net: money("net", wire.net, currency)?,
        created_at: moment("created", wire.created)?,
        available_on: wire.available_on.map(|at| day("available_on", at)).transpose()?,
        source: wire.source.0.map(RemoteId),
        payout: None,
        description: wire.description,
    })
}

/// Decimals of the unit in which Stripe counts a currency. ISK and UGX are counted in hundredths although they have
/// none, which is why they are missing from the whole units.
fn stripe_decimals(currency: Currency) -> u32 {
    if WHOLE_UNITS.contains(&currency.code()) {
        0
    } else if THOUSANDTHS.contains(&currency.code()) {
        3
    } else {
        2
    }
}

fn money(field: &str, amount: i64, currency: Currency) -> Result<Money, String> {
    let (theirs, iso) = (stripe_decimals(currency), currency.decimals());
    let minor = if theirs <= iso {
        amount.checked_mul(10_i64.pow(iso - theirs)).ok_or_else(|| format!("{field} is too large"))?
    } else {
        let divisor = 10_i64.pow(theirs - iso);
        if amount % divisor != 0 {
            return Err(format!("{field} {amount} has a fraction that {currency} does not have"));
        }
        amount / divisor
    };
    Ok(Money::from_minor(minor, currency))
}

fn currency(code: &str) -> Result<Currency, String> {
    code.parse().map_err(|error| format!("currency: {error}"))
}

fn moment(field: &str, unix: i64) -> Result<DateTime<Utc>, String> {
    let moment = DateTime::from_timestamp(unix, 0).and_then(connector_contract::calendar::moment);
    moment.ok_or_else(|| format!("{field} is not a time that can be kept"))
}

fn day(field: &str, unix: i64) -> Result<NaiveDate, String> {
    moment(field, unix).map(|moment| moment.date_naive())
}

#[cfg(test)]
#[path = "map_tests.rs"]
mod tests;
