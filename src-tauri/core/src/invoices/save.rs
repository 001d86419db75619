//! The owner's save and void: everything that needs the data file, in one write each.

use super::build::{Built, Known, build};
use super::invoice::{Invoice, InvoiceState};
use super::{InvoiceDraft, InvoicePreview, number, write};
use crate::company::{self, Company};
use crate::event::Tag;
use crate::ids::{InvoiceId, OrderId};
use crate::orders::{Order, OrderStatus};
use crate::store::outbox::{self, Wish};
use crate::store::{self, Tx, history};
use crate::{Error, FieldError, Result};
use backroom_money::Currency;
use chrono::{DateTime, Utc};
use connector_contract::RecordKind;
use rusqlite::Connection;

/// Reads what the checks of a draft need.
pub(super) fn known<'a>(
    db: &Connection,
    company: &Company,
    draft: &InvoiceDraft,
    before: Option<&'a Invoice>,
    now: DateTime<Utc>,
) -> Result<Known<'a>> {
    let moved = before.is_none_or(|before| Some(before.customer_id) != draft.customer_id);
    let customer = draft.customer_id.map(|id| store::customers::get(db, id)).transpose()?.flatten();
    let mut items = std::collections::BTreeSet::new();
    for id in draft.lines.iter().filter_map(|line| line.item_id) {
        if !items.contains(&id) && store::items::get(db, id)?.is_some() {
            items.insert(id);
        }
    }
    let billed_in = customer.as_ref().map_or(company.currency, |customer| customer.currency);
    // Amounts are in the currency they were saved in; another customer, or the same one billed otherwise by now, changes nothing.
    let priced = before.filter(|before| before.state != InvoiceState::Draft || !before.lines.is_empty());
    let currency = priced.map_or(billed_in, |before| before.currency);
    let order = draft.order_id.map(|id| store::orders::get(db, id)).transpose()?.flatten();
    let mut emails_on_file: Vec<String> = customer.iter().map(|customer| customer.email.clone()).collect();
    emails_on_file.extend(order.iter().map(|order| order.customer_email.clone()));
    let other_currency = customer.as_ref().zip(before).filter(|_| moved && billed_in != currency);
    Ok(Known {
        currency,
        customer_exists: customer.is_some(),
        customer_problem: other_currency.map(|(customer, before)| {
            format!(
                "This invoice comes to {} {currency}, and {} is billed in {billed_in}. Amounts are not converted: make a new \
                 invoice for {} and void this one.",
                before.total.to_decimal_string(),
                customer.display_name,
                customer.display_name
            )
        }),
        emails_on_file,
        order_problem: draft.order_id.map(|_| order_problem(db, order.as_ref(), draft.id, currency)).transpose()?.flatten(),
        items,
        tax_codes: store::company::tax_codes(db)?,
        terms: store::company::terms(db)?,
        before,
        earlier: None,
        now,
    })
}

/// Why this order can't become an invoice in this currency, whichever invoice it is.
pub(super) fn not_billable(order: &Order, currency: Currency) -> Option<String> {
    if order.status == OrderStatus::Cancelled {
        return Some(format!("Order {} is canceled, so there is nothing to bill.", order.number));
    }
    if order.currency != currency {
        return Some(format!(
            "Order {} comes to {} {}, and this customer is billed in {currency}. Amounts are not converted: choose a customer \
             billed in {}, or make the invoice without the order.",
            order.number,
            order.total.to_decimal_string(),
            order.currency,
            order.currency
        ));
    }
    None
}

/// Why an invoice can't be made from this order, if it can't.
fn order_problem(
    db: &Connection,
    order: Option<&Order>,
    invoice: InvoiceId,
    currency: Currency,
) -> Result<Option<String>> {
    let Some(order) = order else {
        return Ok(Some("The order this invoice was made from no longer exists.".into()));
    };
    if let Some(problem) = not_billable(order, currency) {
        return Ok(Some(problem));
    }
    let Some(other) = order.invoice_id.filter(|other| *other != invoice) else { return Ok(None) };
    let other = store::invoices::standing(db, other)?.filter(|other| other.state != InvoiceState::Void);
    Ok(other.map(|other| format!("Order {} is billed already, with invoice {}.", order.number, other.number)))
}

/// Totals and errors of an invoice being typed. A half-filled draft is no error.
pub(super) fn preview(db: &Connection, draft: &InvoiceDraft, now: DateTime<Utc>) -> Result<InvoicePreview> {
    let company = company::require(db)?;
    let before = store::invoices::get(db, draft.id)?;
    let known = known(db, &company, draft, before.as_ref(), now)?;
    let mut built = build(draft, &known)?;
    built.preview.errors.extend(number_problem(db, &company, draft, before.as_ref(), now)?);
    Ok(built.preview)
}

/// A number another invoice has, with the next free one on offer.
fn number_problem(
    db: &Connection,
    company: &Company,
    draft: &InvoiceDraft,
    before: Option<&Invoice>,
    now: DateTime<Utc>,
) -> Result<Option<FieldError>> {
    let number = draft.number.trim();
    // A vendor may have given one number twice; that is no reason to refuse an edit of something else.
    if before.is_some_and(|before| before.state != InvoiceState::Draft && before.number == draft.number) {
        return Ok(None);
    }
    if draft.as_draft || number.is_empty() || !number::taken(db, number, draft.id)? {
        return Ok(None);
    }
    let day = draft.issued_on.trim().parse().unwrap_or_else(|_| company.day_of(now));
    let free = number::next(db, company, day)?.text;
    Ok(Some(FieldError::new("number", format!("Number {number} is taken. {free} is free."))))
}

/// Creates or changes an invoice: version check, number, lines, ledger, balances, history and outbox. Called in one write.
/// `earlier` is the state the draft brings back, if it does.
pub(super) fn save(tx: &Tx<'_>, draft: &InvoiceDraft, earlier: Option<&Invoice>, now: DateTime<Utc>) -> Result<()> {
    let company = company::require(tx)?;
    let before = store::invoices::get(tx, draft.id)?;
    if before.is_none() && draft.version.is_some() {
        return Err(Error::NotFound("invoice"));
    }
    let mut draft = draft.clone();
    if let Some(before) = before.as_ref().filter(|_| draft.number.trim().is_empty()) {
        draft.number.clone_from(&before.number);
    }
    let known = Known { earlier, ..known(tx, &company, &draft, before.as_ref(), now)? };
    let Built { invoice, preview } = build(&draft, &known)?;
    let mut errors = preview.errors;
    errors.extend(number_problem(tx, &company, &draft, before.as_ref(), now)?);
    if !errors.is_empty() {
        return Err(Error::Invalid(errors));
    }
    let mut invoice = invoice.ok_or_else(|| Error::Bug("an invoice without errors was not built".into()))?;
    match &before {
        Some(before) if may_replace(before, &invoice, draft.version)? == Replace::Same => return Ok(()),
        _ => {}
    }
    if invoice.state == InvoiceState::Open {
        take_number(tx, &company, before.as_ref(), &mut invoice)?;
    }
    let written = write(tx, before.as_ref(), &invoice, "owner", now)?.record;
    tie_order(tx, before.as_ref().and_then(|before| before.order_id), &written)?;
    if written.state == InvoiceState::Open {
        outbox::enqueue(tx, RecordKind::Invoice, &written.id.to_string(), Wish::Upsert, now)?;
    }
    Ok(())
}

#[derive(PartialEq, Eq)]
enum Replace {
    /// Nothing would change: the same save came twice.
    Same,
    Changed,
}

fn may_replace(before: &Invoice, after: &Invoice, version: Option<u32>) -> Result<Replace> {
    let same = Invoice {
        version: before.version,
        created_at: before.created_at,
        updated_at: before.updated_at,
        ..after.clone()
    };
    if same == *before {
        return Ok(Replace::Same);
    }
    if version != Some(before.version) {
        return Err(Error::Stale("invoice"));
    }
    if before.state == InvoiceState::Void {
        return Err(Error::Refused(format!("Invoice {} is void and can't be changed.", before.number)));
    }
    if before.paid.minor() != 0 && after.customer_id != before.customer_id {
        return Err(Error::invalid("customer_id", "Payments were applied to this invoice, so its customer stays."));
    }
    let received = before.received()?;
    if after.total != before.total && after.total.minor() < received.minor() {
        let what =
            if before.paid.is_zero() { "Remove its deposit where your books are kept" } else { "Take the payment off" };
        return Err(Error::Refused(format!(
            "{} of this invoice is paid already, so it can't come to only {}. {what} first.",
            received.to_decimal_string(),
            after.total.to_decimal_string()
        )));
    }
    Ok(Replace::Changed)
}

/// Gives an invoice without a number the next one, and moves the counter when the next one was taken.
fn take_number(tx: &Tx<'_>, company: &Company, before: Option<&Invoice>, invoice: &mut Invoice) -> Result<()> {
    let keeps = before.is_some_and(|before| before.state == InvoiceState::Open && before.number == invoice.number);
    if keeps {
        return Ok(());
    }
    let next = number::next(tx, company, invoice.issued_on)?;
    if invoice.number.is_empty() {
        invoice.number.clone_from(&next.text);
    }
    if invoice.number == next.text {
        number::use_up(tx, company, &next)?;
        tx.changed(Tag::Company);
    }
    Ok(())
}

/// Ties the order to its invoice; an order the invoice was tied to before is free again.
fn tie_order(tx: &Tx<'_>, before: Option<OrderId>, invoice: &Invoice) -> Result<()> {
    if let Some(order) = before.filter(|order| Some(*order) != invoice.order_id) {
        free_order(tx, order, invoice.id)?;
    }
    if let Some(order) = invoice.order_id.filter(|order| Some(*order) != before) {
        store::orders::set_invoice(tx, order, Some(invoice.id))?;
        tx.changed(Tag::Orders);
    }
    Ok(())
}

fn free_order(tx: &Tx<'_>, order: OrderId, invoice: InvoiceId) -> Result<()> {
    if store::orders::get(tx, order)?.is_some_and(|order| order.invoice_id == Some(invoice)) {
        store::orders::set_invoice(tx, order, None)?;
        tx.changed(Tag::Orders);
    }
    Ok(())
}

/// Voids invoices and removes drafts, all or none. Void ones stay as they are.
pub(super) fn void(tx: &Tx<'_>, ids: &[InvoiceId], now: DateTime<Utc>) -> Result<()> {
    for id in ids {
        let invoice = store::invoices::get(tx, *id)?.ok_or(Error::NotFound("invoice"))?;
        void_one(tx, &invoice, now)?;
    }
    Ok(())
}

fn void_one(tx: &Tx<'_>, invoice: &Invoice, now: DateTime<Utc>) -> Result<()> {
    if invoice.paid.minor() != 0 {
        return Err(Error::Refused(format!(
            "Invoice {} has payments of {}. Cancel or move them first; then it can be voided.",
            invoice.number,
            invoice.paid.to_decimal_string()
        )));
    }
    let deposit = invoice.counted_deposit();
    if invoice.state == InvoiceState::Open && !deposit.is_zero() {
        return Err(Error::Refused(format!(
            "Invoice {} was issued with a deposit of {}. Remove the deposit where your books are kept, or void the invoice there.",
            invoice.number,
            deposit.to_decimal_string()
        )));
    }
    match invoice.state {
        InvoiceState::Void => return Ok(()),
        InvoiceState::Draft => {
            store::invoices::delete_draft(tx, invoice.id)?;
            history::add(tx, RecordKind::Invoice, &invoice.id.to_string(), now, "owner", history::DELETED, &[])?;
            tx.changed(Tag::Invoices);
        }
        InvoiceState::Open => {
            let after = Invoice { state: InvoiceState::Void, ..invoice.clone() };
            write(tx, Some(invoice), &after, "owner", now)?;
            outbox::enqueue(tx, RecordKind::Invoice, &invoice.id.to_string(), Wish::Retire, now)?;
        }
    }
    match invoice.order_id {
        Some(order) => free_order(tx, order, invoice.id),
        None => Ok(()),
    }
}
