//! The one way an invoice gets into the data file, for the owner's saves and for the sync: row, lines, history, ledger, balances,
//! tags. Called inside a `store.write`.
//!
//! Absent on purpose: the outbox. The owner's save queues the change; the sync decides for itself what to send.

use super::invoice::{Invoice, InvoiceLine, InvoiceState};
use crate::event::Tag;
use crate::fields::{is_possible, too_large};
use crate::ledger::{self, Account, Entry, Posting};
use crate::payments;
use crate::store::{self, Tx, history};
use crate::view::{Facts, Written, diff};
use crate::{Error, Result};
use backroom_money::Money;
use chrono::{DateTime, Utc};
use connector_contract::RecordKind;
use rusqlite::Connection;

/// Writes an invoice and everything that follows from it, and returns it as stored with what changed. If nothing but version and time differs
/// from `before`, nothing is written.
///
/// `after.version`, `paid`, `balance` and the times are set here. When the invoice is void, changes its customer, or comes to
/// less than what is paid beside its deposit, the surplus of the payments goes back to the customer as credit: the owner's save refuses those
/// cases beforehand, but a vendor may have done them.
///
/// # Errors
/// `Refused` when the totals do not add up, a total is negative, the currency is not the customer's, a void invoice would
/// live again, or an issued one would become a draft. `NotFound` when the customer is gone.
pub fn write(
    tx: &Tx<'_>,
    before: Option<&Invoice>,
    after: &Invoice,
    who: &str,
    now: DateTime<Utc>,
) -> Result<Written<Invoice>> {
    let mut after = Invoice {
        version: before.map_or(1, |before| before.version + 1),
        created_at: before.map_or(now, |before| before.created_at),
        updated_at: now,
        ..after.clone()
    };
    allowed(tx, before, &after)?;
    if let Some(before) = before {
        let keep = if after.state == InvoiceState::Open && before.customer_id == after.customer_id {
            after.total.checked_sub(after.counted_deposit())?
        } else {
            Money::zero(before.currency)
        };
        payments::release_surplus(tx, before, keep, who, now)?;
    }
    let applied = store::payments::applied_to(tx, after.id, after.currency)?;
    after.paid = Money::sum(after.currency, applied.into_iter().map(|(_, amount)| amount))?;
    after.balance = match after.state {
        InvoiceState::Open => after.total.checked_sub(after.received()?)?,
        InvoiceState::Draft | InvoiceState::Void => Money::zero(after.currency),
    };
    let changes = diff(before.map(|before| facts(tx, before)).transpose()?, facts(tx, &after)?);
    match before {
        Some(before) if changes.is_empty() && same_hidden(before, &after) => {
            return Ok(Written { record: before.clone(), changes });
        }
        Some(_) => store::invoices::update(tx, &after)?,
        None => store::invoices::insert(tx, &after)?,
    }
    let action = action(before, &after);
    history::add(tx, RecordKind::Invoice, &after.id.to_string(), now, who, action, &changes)?;
    ledger::book(tx, entry(&after)?, now)?;
    store::charge_match::look_at_named(tx, after.id)?;
    tx.changed(Tag::Invoices);
    tx.changed(Tag::Customers);
    Ok(Written { record: after, changes })
}

fn allowed(tx: &Tx<'_>, before: Option<&Invoice>, after: &Invoice) -> Result<()> {
    let customer = store::customers::get(tx, after.customer_id)?.ok_or(Error::NotFound("customer"))?;
    let refused = |text: String| Err(Error::Refused(text));
    let settled =
        before.is_some_and(|before| (before.customer_id, before.currency) == (after.customer_id, after.currency));
    if customer.currency != after.currency && !settled {
        return refused(format!(
            "{} is billed in {}, so invoice {} can't be in {}.",
            customer.display_name, customer.currency, after.number, after.currency
        ));
    }
    match (before.map(|before| before.state), after.state) {
        (Some(InvoiceState::Void), InvoiceState::Draft | InvoiceState::Open) => {
            return refused(format!(
                "Invoice {} is void and stays void. Copy it to bill the same again.",
                after.number
            ));
        }
        (Some(InvoiceState::Open), InvoiceState::Draft) => {
            return refused(format!(
                "Invoice {} is issued and can't become a draft again. Void it instead.",
                after.number
            ));
        }
        _ => {}
    }
    after.check_totals()?;
    let mut amounts = after.lines.iter().map(|line| line.amount).chain([after.subtotal, after.total]);
    if before.is_none_or(|before| before.total != after.total) && !amounts.all(is_possible) {
        return refused(format!("Invoice {} is too large. {}", after.number, too_large(after.currency)));
    }
    if after.state == InvoiceState::Open && after.total.minor() < 0 {
        return refused(format!("Invoice {} would come to less than nothing.", after.number));
    }
    Ok(())
}

fn action(before: Option<&Invoice>, after: &Invoice) -> &'static str {
    match (before.map(|before| before.state), after.state) {
        (None, _) => "created",
        (Some(InvoiceState::Draft), InvoiceState::Open) => "issued",
        (Some(InvoiceState::Draft | InvoiceState::Open), InvoiceState::Void) => "voided",
        _ => "updated",
    }
}

/// What an invoice books: nothing as a draft or void; otherwise receivable, discount and what was paid with it against sales, tax
/// and shipping. With tax-inclusive prices the tax is taken out of sales.
fn entry(invoice: &Invoice) -> Result<Entry> {
    let mut postings = Vec::new();
    if invoice.state == InvoiceState::Open {
        let sales = if invoice.tax_inclusive { invoice.subtotal.checked_sub(invoice.tax)? } else { invoice.subtotal };
        let side = |account, amount| Posting { account, customer_id: None, amount };
        let deposit = invoice.counted_deposit();
        let owed = invoice.total.checked_sub(deposit)?;
        postings = vec![
            Posting { customer_id: Some(invoice.customer_id), ..side(Account::Receivable, owed) },
            side(Account::Bank, deposit),
            side(Account::Discounts, invoice.discount),
            side(Account::Sales, sales.checked_neg()?),
            side(Account::TaxPayable, invoice.tax.checked_neg()?),
            side(Account::ShippingIncome, invoice.shipping.checked_neg()?),
        ];
    }
    Ok(Entry {
        source_kind: RecordKind::Invoice.as_str(),
        source_id: invoice.id.to_string(),
        booked_on: invoice.issued_on,
        text: format!("Invoice {}", invoice.number),
        postings,
    })
}

/// What the history does not show but the store keeps.
fn same_hidden(before: &Invoice, after: &Invoice) -> bool {
    before.lines == after.lines && before.taxes == after.taxes && before.order_id == after.order_id
}

/// Its fields as history shows them.
pub(crate) fn facts(db: &Connection, invoice: &Invoice) -> Result<Facts> {
    let customer = store::customers::get(db, invoice.customer_id)?;
    let mut facts = Facts::default();
    facts.text("number", &invoice.number);
    facts.text("status", invoice.state.as_str());
    facts.optional("customer", customer.map(|customer| customer.display_name));
    facts.optional("issued_on", Some(invoice.issued_on));
    facts.optional("due_on", Some(invoice.due_on));
    facts.optional("terms_id", invoice.terms_id);
    facts.flag("tax_inclusive", invoice.tax_inclusive);
    for (position, line) in invoice.lines.iter().enumerate() {
        facts.text(format!("lines.{}", position + 1), &line_text(line));
    }
    facts.text("discount_text", &invoice.discount_text);
    facts.money("discount", invoice.discount);
    facts.money("shipping", invoice.shipping);
    facts.money("tax", invoice.tax);
    facts.money("total", invoice.total);
    facts.money("deposit", invoice.deposit);
    facts.text("message", &invoice.message);
    facts.text("note", &invoice.note);
    facts.text("email", &invoice.email);
    facts.address("billing", &invoice.billing);
    facts.address("shipping_address", &invoice.shipping_address);
    Ok(facts)
}

fn line_text(line: &InvoiceLine) -> String {
    let discount = if line.discount_text.is_empty() { String::new() } else { format!(" − {}", line.discount_text) };
    format!(
        "{} × {}{discount} = {} {}",
        line.quantity.to_decimal_string(),
        line.unit_price.to_decimal_string(),
        line.amount.to_decimal_string(),
        line.description
    )
}
