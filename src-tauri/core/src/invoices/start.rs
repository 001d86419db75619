//! What a new invoice form starts with: blank, for a customer, from an order, or as a copy.

use super::build::build;
use super::view::draft_of;
use super::{InvoiceDraft, InvoiceLineDraft, InvoiceSource, number, save};
use crate::company::{self, Company};
use crate::customers::Customer;
use crate::ids::{CustomerId, InvoiceId, LineId, OrderId};
use crate::orders::Order;
use crate::store;
use crate::view::AddressView;
use crate::{Error, Result};
use backroom_money::{Money, Quantity};
use chrono::{DateTime, Utc};
use rusqlite::Connection;

/// The draft for a source. Nothing is written; its number is only looked at.
pub(super) fn start(db: &Connection, source: &InvoiceSource, now: DateTime<Utc>) -> Result<InvoiceDraft> {
    let company = company::require(db)?;
    let blank = blank(db, &company, now)?;
    match source {
        InvoiceSource::Blank => Ok(blank),
        InvoiceSource::Customer { id } => for_customer(db, blank, *id),
        InvoiceSource::Order { id } => from_order(db, &company, blank, *id, now),
        InvoiceSource::Copy { id } => copy(db, blank, *id),
    }
}

fn blank(db: &Connection, company: &Company, now: DateTime<Utc>) -> Result<InvoiceDraft> {
    let today = company.day_of(now);
    Ok(InvoiceDraft {
        id: InvoiceId::new(),
        version: None,
        number: number::next(db, company, today)?.text,
        customer_id: None,
        issued_on: today.to_string(),
        terms_id: company.default_terms_id,
        due_on: String::new(),
        lines: vec![InvoiceLineDraft {
            id: LineId::new(),
            item_id: None,
            description: String::new(),
            quantity: "1".into(),
            unit_price: String::new(),
            discount: String::new(),
            tax_code_id: company.default_tax_code_id,
        }],
        discount: String::new(),
        shipping: String::new(),
        tax_inclusive: false,
        message: String::new(),
        note: String::new(),
        email: String::new(),
        billing: AddressView::default(),
        shipping_address: AddressView::default(),
        order_id: None,
        as_draft: false,
    })
}

fn for_customer(db: &Connection, blank: InvoiceDraft, id: CustomerId) -> Result<InvoiceDraft> {
    let customer = store::customers::get(db, id)?.ok_or(Error::NotFound("customer"))?;
    Ok(billed_to(blank, customer))
}

fn billed_to(blank: InvoiceDraft, customer: Customer) -> InvoiceDraft {
    InvoiceDraft {
        customer_id: Some(customer.id),
        terms_id: customer.terms_id.or(blank.terms_id),
        email: customer.email,
        billing: customer.billing.into(),
        shipping_address: customer.shipping.into(),
        ..blank
    }
}

fn copy(db: &Connection, blank: InvoiceDraft, id: InvoiceId) -> Result<InvoiceDraft> {
    let invoice = store::invoices::get(db, id)?.ok_or(Error::NotFound("invoice"))?;
    let terms = store::company::terms(db)?;
    let mut draft = draft_of(&invoice, &terms);
    for line in &mut draft.lines {
        line.id = LineId::new();
    }
    Ok(InvoiceDraft {
        id: blank.id,
        version: None,
        number: blank.number,
        issued_on: blank.issued_on,
        due_on: String::new(),
        order_id: None,
        as_draft: false,
        ..draft
    })
}

fn from_order(
    db: &Connection,
    company: &Company,
    blank: InvoiceDraft,
    id: OrderId,
    now: DateTime<Utc>,
) -> Result<InvoiceDraft> {
    let order = store::orders::get(db, id)?.ok_or(Error::NotFound("order"))?;
    let customer = order.customer_id.map(|id| store::customers::get(db, id)).transpose()?.flatten();
    let billed_in = customer.as_ref().map_or(order.currency, |customer| customer.currency);
    if let Some(problem) = save::not_billable(&order, billed_in) {
        return Err(Error::Refused(problem));
    }
    let mut draft = match customer {
        Some(customer) => billed_to(blank, customer),
        None => blank,
    };
    draft.order_id = Some(id);
    if !order.customer_email.is_empty() {
        draft.email.clone_from(&order.customer_email);
    }
    if !order.billing.is_empty() {
        draft.billing = order.billing.clone().into();
    }
    if !order.ship_to.is_empty() {
        draft.shipping_address = order.ship_to.clone().into();
    }
    draft.shipping = typed(order.shipping);
    draft.lines = order_lines(db, company, &order)?;
    keep_tax(db, company, draft, &order, now)
}

fn order_lines(db: &Connection, company: &Company, order: &Order) -> Result<Vec<InvoiceLineDraft>> {
    let mut lines = Vec::new();
    for line in order.lines.iter().filter(|line| line.quantity != Quantity::ZERO) {
        let item = line.item_id.map(|id| store::items::get(db, id)).transpose()?.flatten();
        let tax_code_id = match &item {
            _ if order.tax.is_zero() || line.adjustment => None,
            Some(item) if !item.taxable => None,
            Some(item) => item.tax_code_id.or(company.default_tax_code_id),
            None => company.default_tax_code_id,
        };
        // An invoice's quantity is never negative: what was given back lowers the price instead.
        let negative = line.quantity < Quantity::ZERO;
        let (quantity, unit_price) = if negative {
            let quantity = line.quantity.checked_neg().unwrap_or(Quantity::ZERO);
            (quantity, line.unit_price.checked_neg()?)
        } else {
            (line.quantity, line.unit_price)
        };
        lines.push(InvoiceLineDraft {
            id: LineId::new(),
            item_id: item.map(|item| item.id),
            description: if line.name.is_empty() { line.sku.clone() } else { line.name.clone() },
            quantity: quantity.to_decimal_string(),
            unit_price: unit_price.to_decimal_string(),
            discount: String::new(),
            tax_code_id,
        });
    }
    Ok(lines)
}

/// The buyer has seen a total: where our tax codes don't come to the tax charged with the order, that tax becomes a line.
fn keep_tax(
    db: &Connection,
    company: &Company,
    mut draft: InvoiceDraft,
    order: &Order,
    now: DateTime<Utc>,
) -> Result<InvoiceDraft> {
    if order.tax.is_zero() {
        return Ok(draft);
    }
    let mut known = save::known(db, company, &draft, None, now)?;
    known.currency = order.currency;
    let preview = build(&draft, &known)?.preview;
    let computed: i64 = preview.taxes.iter().filter_map(|tax| tax.amount.minor.parse::<i64>().ok()).sum();
    if computed != order.tax.minor() {
        for line in &mut draft.lines {
            line.tax_code_id = None;
        }
        draft.lines.push(InvoiceLineDraft {
            id: LineId::new(),
            item_id: None,
            description: "Sales tax as charged with the order".into(),
            quantity: "1".into(),
            unit_price: order.tax.to_decimal_string(),
            discount: String::new(),
            tax_code_id: None,
        });
    }
    Ok(draft)
}

/// An amount as it is typed; nothing for zero.
fn typed(amount: Money) -> String {
    if amount.is_zero() { String::new() } else { amount.to_decimal_string() }
}
