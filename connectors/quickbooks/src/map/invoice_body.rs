//! Writing invoices.

use super::body::{limit, money_value};
use super::invoice;
use super::lines::LineWriter;
use super::{Body, Company, Context, refuse};
use crate::wire::{self, Object};
use backroom_money::Money;
use connector_contract::ConnectorError;
use connector_contract::record::{Invoice, InvoiceLine};
use serde_json::{Value, json};

/// The body that makes an invoice look like `wanted`; `stored` is what QuickBooks has, `None` for a new one.
///
/// QuickBooks replaces lines as a whole, so they are left out when nothing about them changed, and sent with all that
/// Backroom does not know about them when something did.
pub(crate) fn invoice_body(
    wanted: &Invoice,
    stored: Option<&Object>,
    company: &Company,
) -> Result<Body, ConnectorError> {
    check_head(wanted, company)?;
    let context = Context { company, methods: &[], sku_selected: false };
    let known = stored.map(|object| {
        let wire = wire::read(Value::Object(object.clone()));
        wire.and_then(|wire| invoice::invoice(&wire, context)).map_err(|reason| {
            // Sending lines over an invoice we can't read would destroy what we don't understand.
            ConnectorError::Protocol(format!("the invoice in QuickBooks can't be read: {reason}"))
        })
    });
    let known = known.transpose()?;
    let before = known.as_ref().map(|(record, _)| record);
    let mut body = if stored.is_some() { Body::update() } else { Body::create() };
    head(&mut body, wanted, before, company);
    let same = before.is_some_and(|b| {
        same_lines(&b.lines, &wanted.lines)
            && b.discount == wanted.discount
            && b.shipping == wanted.shipping
            && b.tax == wanted.tax
    });
    if !same {
        check_amounts(wanted, company)?;
        let writer = LineWriter::new(company, wanted, stored, known.as_ref());
        body.set("Line", writer.write()?);
        set_tax(&mut body, wanted, stored, company)?;
    }
    if company.multi_currency && stored.is_none() {
        body.set_ref("CurrencyRef", wanted.currency.code());
    }
    Ok(body)
}

fn head(body: &mut Body, wanted: &Invoice, before: Option<&Invoice>, company: &Company) {
    if before.is_none_or(|b| b.customer != wanted.customer) {
        body.set_ref("CustomerRef", &wanted.customer.0);
    }
    // QuickBooks takes its own date when none is sent, so the day always goes with a new invoice.
    if before.is_none_or(|b| b.issued_on != wanted.issued_on) {
        body.set("TxnDate", wanted.issued_on.to_string());
    }
    if let Some(due) = wanted.due_on.filter(|due| before.and_then(|b| b.due_on) != Some(*due)) {
        body.set("DueDate", due.to_string());
    }
    if company.own_numbers {
        body.set_text("DocNumber", wanted.number.as_ref(), before.and_then(|b| b.number.as_ref()));
    }
    body.set_inner("CustomerMemo", "value", wanted.message.as_ref(), before.and_then(|b| b.message.as_ref()));
    body.set_text("PrivateNote", wanted.note.as_ref(), before.and_then(|b| b.note.as_ref()));
    body.set_inner("BillEmail", "Address", wanted.email.as_ref(), before.and_then(|b| b.email.as_ref()));
    body.set_address("BillAddr", wanted.billing.as_ref(), before.and_then(|b| b.billing.as_ref()), true);
    let shipping = before.and_then(|b| b.shipping_address.as_ref());
    body.set_address("ShipAddr", wanted.shipping_address.as_ref(), shipping, true);
}

/// Equal but for the vendor's line ids, which not everyone keeps.
fn same_lines(left: &[InvoiceLine], right: &[InvoiceLine]) -> bool {
    let bare = |line: &InvoiceLine| InvoiceLine { remote_line: None, ..line.clone() };
    left.len() == right.len() && left.iter().zip(right).all(|(left, right)| bare(left) == bare(right))
}

/// Our tax goes along so that both totals agree. Without automated sales tax the invoice names a tax code; without one
/// QuickBooks would drop the tax.
fn set_tax(
    body: &mut Body,
    wanted: &Invoice,
    stored: Option<&Object>,
    company: &Company,
) -> Result<(), ConnectorError> {
    if !company.is_us() {
        if stored.is_none() {
            body.set("GlobalTaxCalculation", "NotApplicable");
        }
        return Ok(());
    }
    let mut detail = Object::new();
    let code = stored.and_then(|object| object.get("TxnTaxDetail")).and_then(|d| d.get("TxnTaxCodeRef")).cloned();
    let needs = !company.automated_tax && !wanted.tax.is_zero();
    let default = company.tax_code.as_ref().filter(|_| needs);
    match code.or_else(|| default.map(|id| json!({ "value": id }))) {
        Some(code) => drop(detail.insert("TxnTaxCodeRef".into(), code)),
        None if needs => return Err(refuse("tax_code", "an invoice with tax needs a sales tax code")),
        None => {}
    }
    detail.insert("TotalTax".into(), money_value(wanted.tax));
    body.set("TxnTaxDetail", detail);
    Ok(())
}

fn check_head(wanted: &Invoice, company: &Company) -> Result<(), ConnectorError> {
    if wanted.currency != company.home && !company.multi_currency {
        return Err(refuse("currency", format!("this QuickBooks company only uses {}", company.home)));
    }
    let amounts = [wanted.discount, wanted.shipping, wanted.tax, wanted.total];
    let lines = wanted.lines.iter().flat_map(|line| [line.amount.currency(), line.unit_price.currency()]);
    if amounts.map(Money::currency).into_iter().chain(lines).any(|currency| currency != wanted.currency) {
        return Err(refuse("currency", "all amounts of an invoice must be in one currency"));
    }
    limit("number", wanted.number.as_ref().filter(|_| company.own_numbers), 21)?;
    limit("message", wanted.message.as_ref(), 1000)?;
    limit("note", wanted.note.as_ref(), 4000)?;
    limit("email", wanted.email.as_ref(), 100)?;
    for line in &wanted.lines {
        limit("lines", Some(&line.description), 4000)?;
    }
    Ok(())
}

/// Only when lines are sent: an invoice whose amounts stay as they are may break rules of ours.
fn check_amounts(wanted: &Invoice, company: &Company) -> Result<(), ConnectorError> {
    if wanted.lines.is_empty() {
        return Err(refuse("lines", "QuickBooks needs at least one line"));
    }
    if wanted.discount.minor() < 0 {
        return Err(refuse("discount", "a discount can't be negative"));
    }
    if !wanted.discount.is_zero() && !company.discounts {
        return Err(refuse("discount", "discounts are switched off in QuickBooks (Account and settings, Sales)"));
    }
    if !wanted.shipping.is_zero() && !company.shipping {
        return Err(refuse("shipping", "shipping is switched off in QuickBooks (Account and settings, Sales)"));
    }
    if !company.is_us() && !wanted.tax.is_zero() {
        let text = "sales tax can only be sent to US companies; enter this invoice in QuickBooks";
        return Err(refuse("tax", text));
    }
    let parts = wanted.lines.iter().map(|line| line.amount).chain([wanted.shipping, wanted.tax]);
    let sum = Money::sum(wanted.currency, parts).and_then(|sum| sum.checked_sub(wanted.discount));
    match sum {
        // QuickBooks computes the total from the lines, so another one would silently differ there.
        Ok(sum) if sum == wanted.total => Ok(()),
        _ => Err(refuse("total", "the total is not the sum of the lines, shipping and tax less the discount")),
    }
}
