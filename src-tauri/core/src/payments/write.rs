//! The one way a payment gets into the data file, for the owner and for the sync: row, applications, invoices' balances, history,
//! ledger, tags. Called inside a `store.write`.
//!
//! Absent on purpose: the outbox. The owner's save queues the change; the sync decides for itself what to send.

use super::payment::{Applied, DepositTo, Payment};
use crate::event::Tag;
use crate::ids::InvoiceId;
use crate::invoices::{Invoice, InvoiceState};
use crate::ledger::{self, Account, Entry, Posting};
use crate::store::{self, Tx, history};
use crate::view::{Facts, Written, diff};
use crate::{Error, Result};
use backroom_money::Money;
use chrono::{DateTime, Utc};
use connector_contract::RecordKind;
use rusqlite::Connection;
use std::collections::BTreeSet;

/// Writes a payment and everything that follows from it, and returns it as stored with what changed. If nothing but version and time differs from
/// `before`, nothing is written. A cancelled payment pays nothing.
///
/// # Errors
/// `Refused` when more is applied than was paid or than an invoice still owes, when an invoice is another customer's, is not
/// issued, or is in another currency, and when a cancelled payment would live again. `NotFound` when customer or invoice is gone.
pub fn write(
    tx: &Tx<'_>,
    before: Option<&Payment>,
    after: &Payment,
    who: &str,
    now: DateTime<Utc>,
) -> Result<Written<Payment>> {
    let mut after = Payment {
        version: before.map_or(1, |before| before.version + 1),
        created_at: before.map_or(now, |before| before.created_at),
        updated_at: now,
        ..after.clone()
    };
    if after.voided {
        after.applied.clear();
    }
    after.applied.sort_by_key(|part| part.invoice_id);
    if before.is_some_and(|before| before.voided && !after.voided) {
        return Err(Error::Refused("This payment was cancelled and stays so. Record it again instead.".into()));
    }
    allowed(tx, before, &after)?;
    let changes = diff(before.map(|before| facts(tx, before)).transpose()?, facts(tx, &after)?);
    match before {
        Some(before) if changes.is_empty() && before.applied == after.applied => {
            return Ok(Written { record: before.clone(), changes });
        }
        Some(_) => store::payments::update(tx, &after)?,
        None => store::payments::insert(tx, &after)?,
    }
    let touched: BTreeSet<InvoiceId> = before
        .into_iter()
        .flat_map(|before| &before.applied)
        .chain(&after.applied)
        .map(|part| part.invoice_id)
        .collect();
    for invoice in touched {
        store::invoices::recount_paid(tx, invoice, now)?;
        store::charge_match::look_at_named(tx, invoice)?;
    }
    store::charge_match::look_at_paid_by(tx, after.id, &after.reference)?;
    let action = match before {
        None => "created",
        Some(before) if after.voided && !before.voided => "voided",
        Some(_) => "updated",
    };
    history::add(tx, RecordKind::Payment, &after.id.to_string(), now, who, action, &changes)?;
    ledger::book(tx, entry(&after)?, now)?;
    for tag in [Tag::Payments, Tag::Invoices, Tag::Customers] {
        tx.changed(tag);
    }
    Ok(Written { record: after, changes })
}

/// Takes back what payments have applied to an invoice beyond `keep`, newest payment first; it becomes the customer's credit. The
/// invoice's own row is left to the caller.
pub(crate) fn release_surplus(
    tx: &Tx<'_>,
    invoice: &Invoice,
    keep: Money,
    who: &str,
    now: DateTime<Utc>,
) -> Result<()> {
    let applied = store::payments::applied_to(tx, invoice.id, invoice.currency)?;
    let paid = Money::sum(invoice.currency, applied.iter().map(|(_, amount)| *amount))?;
    let mut surplus = paid.minor() - keep.minor().min(paid.minor());
    for (id, amount) in applied {
        if surplus <= 0 {
            break;
        }
        let released = surplus.min(amount.minor());
        surplus -= released;
        let before = store::payments::get(tx, id)?.ok_or(Error::NotFound("payment"))?;
        let mut after = Payment { version: before.version + 1, updated_at: now, ..before.clone() };
        for part in &mut after.applied {
            if part.invoice_id == invoice.id {
                part.amount = Money::from_minor(part.amount.minor() - released, invoice.currency);
            }
        }
        after.applied.retain(|part| !part.amount.is_zero());
        let changes = diff(Some(facts(tx, &before)?), facts(tx, &after)?);
        store::payments::update(tx, &after)?;
        history::add(tx, RecordKind::Payment, &id.to_string(), now, who, "updated", &changes)?;
        tx.changed(Tag::Payments);
    }
    Ok(())
}

fn allowed(tx: &Tx<'_>, before: Option<&Payment>, after: &Payment) -> Result<()> {
    let customer = store::customers::get(tx, after.customer_id)?.ok_or(Error::NotFound("customer"))?;
    let refused = |text: String| Err(Error::Refused(text));
    if customer.currency != after.currency() {
        let (name, theirs, ours) = (customer.display_name, customer.currency, after.currency());
        return refused(format!("{name} is billed in {theirs}, so a payment can't be in {ours}."));
    }
    if after.amount.minor() < 0 {
        return refused("A payment can't be less than nothing.".into());
    }
    if after.unapplied()?.minor() < 0 {
        return refused("More is applied to invoices than was paid.".into());
    }
    let ids: BTreeSet<InvoiceId> = after.applied.iter().map(|part| part.invoice_id).collect();
    if ids.len() != after.applied.len() {
        return refused("The same invoice is named twice.".into());
    }
    after.applied.iter().try_for_each(|part| may_apply(tx, before, after, part))
}

fn may_apply(tx: &Tx<'_>, before: Option<&Payment>, after: &Payment, part: &Applied) -> Result<()> {
    let invoice = store::invoices::standing(tx, part.invoice_id)?.ok_or(Error::NotFound("invoice"))?;
    let own = before
        .and_then(|before| before.applied.iter().find(|old| old.invoice_id == part.invoice_id))
        .map_or(0, |old| old.amount.minor());
    let problem = if invoice.state != InvoiceState::Open {
        "is not an open invoice".to_owned()
    } else if invoice.customer_id != after.customer_id {
        "belongs to another customer".to_owned()
    } else if invoice.balance.currency() != after.currency() {
        "is in another currency".to_owned()
    } else if part.amount.minor() <= 0 {
        "must be paid with more than nothing".to_owned()
    } else if part.amount.minor() > invoice.balance.minor() + own {
        let open = Money::from_minor(invoice.balance.minor() + own, invoice.balance.currency());
        format!("only has {} open", open.to_decimal_string())
    } else {
        return Ok(());
    };
    Err(Error::Refused(format!("Invoice {} {problem}.", invoice.number)))
}

/// What a payment books: the money against the receivable, applied or not. Money taken by a processor is booked against suspense,
/// where the processor's own balance entry of the charge meets it: whichever comes first, each is booked once.
fn entry(payment: &Payment) -> Result<Entry> {
    let mut postings = Vec::new();
    if !payment.voided {
        let account = match payment.deposit_to {
            DepositTo::Bank => Account::Bank,
            DepositTo::Processor => Account::Suspense,
        };
        postings = vec![
            Posting { account, customer_id: None, amount: payment.amount },
            Posting {
                account: Account::Receivable,
                customer_id: Some(payment.customer_id),
                amount: payment.amount.checked_neg()?,
            },
        ];
    }
    Ok(Entry {
        source_kind: RecordKind::Payment.as_str(),
        source_id: payment.id.to_string(),
        booked_on: payment.received_on,
        text: if payment.reference.is_empty() { "Payment".into() } else { format!("Payment {}", payment.reference) },
        postings,
    })
}

/// Its fields as history shows them.
pub(crate) fn facts(db: &Connection, payment: &Payment) -> Result<Facts> {
    let customer = store::customers::get(db, payment.customer_id)?;
    let mut applied = Vec::new();
    for part in &payment.applied {
        let number = store::invoices::standing(db, part.invoice_id)?.map_or_else(String::new, |found| found.number);
        applied.push(format!("{number}: {}", part.amount.to_decimal_string()));
    }
    let mut facts = Facts::default();
    facts.optional("customer", customer.map(|customer| customer.display_name));
    facts.optional("received_on", Some(payment.received_on));
    facts.money("amount", payment.amount);
    facts.text("method", &payment.method);
    facts.text("reference", &payment.reference);
    facts.text("note", &payment.note);
    facts.text("applied", &applied.join(", "));
    facts.text("deposit_to", payment.deposit_to.as_str());
    facts.flag("voided", payment.voided);
    Ok(facts)
}
