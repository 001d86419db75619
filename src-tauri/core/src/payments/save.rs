//! Payments that the owner records and cancels: all checks at once, one write each.

use super::payment::{Applied, DepositTo, Payment};
use super::{PaymentDraft, PaymentView, write};
use crate::event::Tag;
use crate::fields::{Fields, LONGEST_ADDRESS, LONGEST_LINE, LONGEST_TEXT};
use crate::ids::PaymentId;
use crate::invoices::InvoiceState;
use crate::store::outbox::{self, Wish};
use crate::store::{self, Db, Tx};
use crate::{Core, Error, Result, company};
use backroom_money::{Currency, Money};
use chrono::{DateTime, Utc};
use connector_contract::RecordKind;

/// Records a payment. The same one twice is recorded once.
pub(super) fn record(tx: &Tx<'_>, draft: &PaymentDraft, now: DateTime<Utc>) -> Result<()> {
    let payment = read(tx, draft, now)?;
    if let Some(before) = store::payments::get(tx, draft.id)? {
        let mut same = Payment {
            version: before.version,
            created_at: before.created_at,
            updated_at: before.updated_at,
            deposit_to: before.deposit_to,
            source: before.source.clone(),
            ..payment
        };
        same.applied.sort_by_key(|part| part.invoice_id);
        return if same == before { Ok(()) } else { Err(Error::Stale("payment")) };
    }
    write(tx, None, &payment, "owner", now)?;
    outbox::enqueue(tx, RecordKind::Payment, &payment.id.to_string(), Wish::Upsert, now)
}

fn read(tx: &Tx<'_>, draft: &PaymentDraft, now: DateTime<Utc>) -> Result<Payment> {
    let mut fields = Fields::default();
    let customer = store::customers::get(tx, draft.customer_id)?;
    if customer.is_none() {
        fields.wrong("customer_id", "This customer no longer exists; choose another.");
    }
    let currency = match &customer {
        Some(customer) => customer.currency,
        None => company::require(tx)?.currency,
    };
    let received_on = fields.day("received_on", &draft.received_on);
    let amount = fields.amount("amount", &draft.amount, currency);
    if amount.is_none_or(Money::is_zero) && !fields.is_wrong("amount") {
        fields.wrong("amount", "Write how much was paid.");
    }
    let method = fields.line("method", &draft.method, LONGEST_ADDRESS);
    let reference = fields.line("reference", &draft.reference, LONGEST_LINE);
    let note = fields.text("note", &draft.note, LONGEST_TEXT);
    let applied = applied(tx, &mut fields, draft, currency)?;
    let sum = Money::sum(currency, applied.iter().map(|part| part.amount))?;
    if amount.is_some_and(|amount| sum.minor() > amount.minor()) {
        let sum = sum.to_decimal_string();
        fields.wrong("amount", format!("{sum} is applied to invoices, which is more than was paid."));
    }
    fields.finish()?;
    let (Some(received_on), Some(amount)) = (received_on, amount) else {
        return Err(Error::Bug("a checked field is empty".into()));
    };
    Ok(Payment {
        id: draft.id,
        version: 0,
        customer_id: draft.customer_id,
        received_on,
        amount,
        method,
        reference,
        note,
        applied,
        deposit_to: DepositTo::Bank,
        voided: false,
        source: "owner".into(),
        created_at: now,
        updated_at: now,
    })
}

/// The parts as typed; a part of nothing is no part. A payment recorded before keeps its own parts open to itself.
fn applied(tx: &Tx<'_>, fields: &mut Fields, draft: &PaymentDraft, currency: Currency) -> Result<Vec<Applied>> {
    let before = store::payments::get(tx, draft.id)?;
    let mut parts: Vec<Applied> = Vec::new();
    for (index, typed) in draft.applied.iter().enumerate() {
        let path = format!("applied.{index}.amount");
        let Some(amount) = fields.amount(&path, &typed.amount, currency).filter(|amount| !amount.is_zero()) else {
            continue;
        };
        let invoice = store::invoices::standing(tx, typed.invoice_id)?;
        let invoice =
            invoice.filter(|invoice| invoice.state == InvoiceState::Open && invoice.customer_id == draft.customer_id);
        let Some(invoice) = invoice else {
            fields.wrong(path, "This is not an open invoice of the customer.");
            continue;
        };
        let own = before.iter().flat_map(|before| &before.applied).find(|part| part.invoice_id == typed.invoice_id);
        let open = invoice.balance.minor() + own.map_or(0, |part| part.amount.minor());
        if amount.minor() > open {
            let open = Money::from_minor(open, currency).to_decimal_string();
            fields.wrong(path, format!("Invoice {} has only {open} open.", invoice.number));
        } else if parts.iter().any(|part| part.invoice_id == typed.invoice_id) {
            fields.wrong(path, "This invoice is there twice.");
        } else {
            parts.push(Applied { invoice_id: typed.invoice_id, amount });
        }
    }
    Ok(parts)
}

/// Cancels a payment; its invoices are open again. A charge behind it stays, without an invoice.
pub(super) fn void(tx: &Tx<'_>, id: PaymentId, now: DateTime<Utc>) -> Result<()> {
    let before = store::payments::get(tx, id)?.ok_or(Error::NotFound("payment"))?;
    if before.voided {
        return Ok(());
    }
    let after = Payment { voided: true, ..before.clone() };
    write(tx, Some(&before), &after, "owner", now)?;
    if store::charges::unmatch(tx, id)? {
        tx.changed(Tag::MoneyRecords);
    }
    outbox::enqueue(tx, RecordKind::Payment, &id.to_string(), Wish::Retire, now)
}

impl Core {
    pub(super) fn payment_view(&self, db: &Db<'_>, id: PaymentId) -> Result<PaymentView> {
        let payment = store::payments::get(db, id)?.ok_or(Error::NotFound("payment"))?;
        Ok(PaymentView {
            row: store::money_lists::payment(db, id)?.ok_or(Error::NotFound("payment"))?,
            customer_id: payment.customer_id,
            applied: store::money_lists::invoices_of(db, id, payment.currency())?,
            note: payment.note,
            sync: self.record_sync(db, RecordKind::Payment, id)?,
            history: store::history::first_page(db, RecordKind::Payment, &id.to_string())?,
        })
    }
}
