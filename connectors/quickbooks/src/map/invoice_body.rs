//! Writing invoices.

use super::body::{limit, limit_new, money_value};
use super::invoice::{self, Origin};
use super::line::Pen;
use super::lines::LineWriter;
use super::{Body, Company, Context, Known, address, refuse};
use crate::wire::{self, Object};
use backroom_money::Money;
use connector_contract::ConnectorError;
use connector_contract::record::{Address, Invoice};
use serde_json::{Value, json};

/// An invoice on its way.
#[derive(Debug, Clone, Copy)]
pub(crate) struct InvoiceChange<'a> {
    pub wanted: &'a Invoice,
    /// What QuickBooks has; `None` for a new one.
    pub stored: Option<&'a Object>,
    /// What both sides last agreed on.
    pub base: Option<&'a Invoice>,
    pub company: &'a Company,
    /// The item of lines that have none.
    pub stand_in: Option<&'a str>,
}

impl InvoiceChange<'_> {
    fn known(&self) -> Result<Option<(Invoice, Vec<Origin>)>, ConnectorError> {
        let context = Context { company: self.company, methods: &[], sku_selected: false };
        let read = |object: &Object| {
            let wire = wire::read(Value::Object(object.clone()));
            wire.and_then(|wire| invoice::invoice(&wire, context)).map_err(|reason| {
                // Sending lines over an invoice we can't read would destroy what we don't understand.
                ConnectorError::Protocol(format!("the invoice in QuickBooks can't be read: {reason}"))
            })
        };
        self.stored.map(read).transpose()
    }

    fn lines<'s>(&'s self, known: Option<&'s (Invoice, Vec<Origin>)>) -> LineWriter<'s> {
        let raw = self.stored.and_then(|object| object.get("Line")).and_then(Value::as_array);
        LineWriter {
            pen: Pen { company: self.company, stand_in: self.stand_in },
            wanted: self.wanted,
            before: known.map(|(record, _)| self.base.unwrap_or(record)),
            raw: raw.map_or(&[], Vec::as_slice),
            known,
        }
    }
}

/// Whether a line that is new, or lost its item, has an amount and no item.
pub(crate) fn lacks_item(change: &InvoiceChange<'_>) -> Result<bool, ConnectorError> {
    let known = change.known()?;
    let writer = change.lines(known.as_ref());
    Ok(writer.lacks_item(&writer.matched()))
}

/// The body that makes an invoice look as wanted.
///
/// QuickBooks replaces lines as a whole, so they are left out when nothing about them changed, and sent with all that
/// Backroom does not know about them when something did.
pub(crate) fn invoice_body(change: &InvoiceChange<'_>) -> Result<Body, ConnectorError> {
    let (known, company, asked) = (change.known()?, change.company, change.wanted);
    let record = known.as_ref().map(|(record, _)| record);
    let known_as = change.stored.zip(record).map(|(stored, record)| Known { stored, record, base: change.base });
    let settled = known_as.map(|known| settled(asked, known));
    let wanted = settled.as_ref().unwrap_or(asked);
    check_head(wanted, record, company)?;
    let mut body = known_as.map_or_else(Body::create, |known| Body::update(known.stored));
    head(&mut body, wanted, record, company);
    let address = |field: fn(&Invoice) -> Option<&Address>| address::Change {
        wanted: field(asked),
        known: record.and_then(field),
        base: change.base.and_then(field),
        named: true,
    };
    body.set_address("BillAddr", &address(|i| i.billing.as_ref()));
    body.set_address("ShipAddr", &address(|i| i.shipping_address.as_ref()));
    let before = record.map(|record| change.base.unwrap_or(record));
    let writer = change.lines(known.as_ref());
    let matched = writer.matched();
    let taxed = before.is_none_or(|before| before.tax != asked.tax);
    let lines = !writer.is_unchanged(&matched);
    if lines || taxed {
        check_amounts(asked, before, company)?;
    }
    if lines {
        for line in &asked.lines {
            let known = record.is_some_and(|r| r.lines.iter().any(|known| known.description == line.description));
            limit("lines", Some(&line.description).filter(|_| !known), 4000)?;
        }
        body.set("Line", writer.write(&matched)?);
    }
    if taxed || (lines && matched.has_new()) {
        set_tax(&mut body, asked, change.stored, company, taxed)?;
    }
    if change.stored.is_none() {
        if company.multi_currency {
            body.set_ref("CurrencyRef", asked.currency.code());
        }
        // One that is made again was paid for in part before; an update leaves the deposit to QuickBooks.
        if let Some(deposit) = asked.deposit.filter(|deposit| deposit.minor() > 0) {
            body.set("Deposit", money_value(deposit));
        }
    }
    Ok(body)
}

/// What the owner did not change is as QuickBooks has it. Addresses and lines are looked at part by part.
fn settled(wanted: &Invoice, known: Known<'_, Invoice>) -> Invoice {
    Invoice {
        customer: known.settled(wanted, |i| &i.customer),
        issued_on: known.settled(wanted, |i| &i.issued_on),
        due_on: known.settled(wanted, |i| &i.due_on),
        number: known.settled(wanted, |i| &i.number),
        message: known.settled(wanted, |i| &i.message),
        note: known.settled(wanted, |i| &i.note),
        email: known.settled(wanted, |i| &i.email),
        ..wanted.clone()
    }
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
}

/// The tax goes along so that both totals agree: ours where it was edited, else what QuickBooks has. Without automated sales tax
/// the invoice names a tax code; without one QuickBooks would drop the tax.
fn set_tax(
    body: &mut Body,
    wanted: &Invoice,
    stored: Option<&Object>,
    company: &Company,
    edited: bool,
) -> Result<(), ConnectorError> {
    if !company.is_us() {
        if stored.is_none() {
            body.set("GlobalTaxCalculation", "NotApplicable");
        }
        return Ok(());
    }
    let detail = stored.and_then(|object| object.get("TxnTaxDetail")).and_then(Value::as_object);
    let mut detail = detail.cloned().unwrap_or_default();
    // QuickBooks' own reckoning of the lines before.
    detail.remove("TaxLine");
    let needs = !company.automated_tax && !wanted.tax.is_zero();
    let default = company.tax_code.as_ref().filter(|_| needs);
    if !detail.contains_key("TxnTaxCodeRef") {
        match default {
            Some(id) => drop(detail.insert("TxnTaxCodeRef".into(), json!({ "value": id }))),
            None if needs => return Err(refuse("tax_code", "an invoice with tax needs a sales tax code")),
            None => {}
        }
    }
    if edited || !detail.contains_key("TotalTax") {
        detail.insert("TotalTax".into(), money_value(wanted.tax));
    }
    body.set("TxnTaxDetail", detail);
    Ok(())
}

fn check_head(wanted: &Invoice, before: Option<&Invoice>, company: &Company) -> Result<(), ConnectorError> {
    if before.is_none() && wanted.currency != company.home && !company.multi_currency {
        return Err(refuse("currency", format!("this QuickBooks company only uses {}", company.home)));
    }
    let amounts = [wanted.discount, wanted.shipping, wanted.tax, wanted.total].into_iter().chain(wanted.deposit);
    let amounts = amounts.map(Money::currency);
    let prices = wanted.lines.iter().flat_map(|line| [line.amount.currency(), line.unit_price.currency()]);
    if amounts.chain(prices).any(|currency| currency != wanted.currency) {
        return Err(refuse("currency", "all amounts of an invoice must be in one currency"));
    }
    let old = |field: fn(&Invoice) -> Option<&String>| before.and_then(field);
    limit_new("number", wanted.number.as_ref().filter(|_| company.own_numbers), old(|i| i.number.as_ref()), 21)?;
    limit_new("message", wanted.message.as_ref(), old(|i| i.message.as_ref()), 1000)?;
    limit_new("note", wanted.note.as_ref(), old(|i| i.note.as_ref()), 4000)?;
    limit_new("email", wanted.email.as_ref(), old(|i| i.email.as_ref()), 100)
}

/// Only what changed is judged: an invoice whose amounts stay as they are may break rules of ours.
fn check_amounts(wanted: &Invoice, before: Option<&Invoice>, company: &Company) -> Result<(), ConnectorError> {
    let changed = |field: fn(&Invoice) -> Money| before.is_none_or(|before| field(before) != field(wanted));
    if wanted.lines.is_empty() {
        return Err(refuse("lines", "QuickBooks needs at least one line"));
    }
    if changed(|i| i.discount) && wanted.discount.minor() < 0 {
        return Err(refuse("discount", "a discount can't be negative"));
    }
    if changed(|i| i.discount) && !wanted.discount.is_zero() && !company.discounts {
        return Err(refuse("discount", "discounts are switched off in QuickBooks (Account and settings, Sales)"));
    }
    if changed(|i| i.shipping) && !wanted.shipping.is_zero() && !company.shipping {
        return Err(refuse("shipping", "shipping is switched off in QuickBooks (Account and settings, Sales)"));
    }
    if changed(|i| i.tax) && !company.is_us() && !wanted.tax.is_zero() {
        let text = "sales tax can only be sent to US companies; enter this invoice in QuickBooks";
        return Err(refuse("tax", text));
    }
    // QuickBooks computes the total from the lines, so another one would silently differ there.
    match (unexplained(wanted), before.map_or(Some(Money::zero(wanted.currency)), unexplained)) {
        (Some(now), Some(then)) if now == then => Ok(()),
        _ => Err(refuse("total", "the total is not the sum of the lines, shipping and tax less the discount")),
    }
}

/// What of the total does not come from lines, shipping and tax less the discount.
fn unexplained(invoice: &Invoice) -> Option<Money> {
    let parts = invoice.lines.iter().map(|line| line.amount).chain([invoice.shipping, invoice.tax]);
    let sum = Money::sum(invoice.currency, parts).and_then(|sum| sum.checked_sub(invoice.discount)).ok()?;
    invoice.total.checked_sub(sum).ok()
}
