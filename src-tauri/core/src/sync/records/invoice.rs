//! Invoices on both sides. A vendor's sums are taken as they are: they have to add up, or the invoice waits as a problem.

use super::document::References;
use super::{Rendered, Source, Taken, id, local, released, take, take_text};
use crate::ids::{ConnectionId, InvoiceId, LineId};
use crate::invoices::{self, Invoice, InvoiceLine, InvoiceState, InvoiceTax};
use crate::store::{self, Db, Tx};
use crate::sync::merge::Fields;
use crate::view::FieldChange;
use crate::{Error, Result};
use backroom_money::{Money, Rate, Rounding};
use connector_contract::record::Address;
use connector_contract::{Record, RecordKind, RemoteId, record};
use uuid::Uuid;

/// Takes their changed fields over. A void only voids: the amounts stay as they were, whatever the vendor shows then.
pub fn take_over(
    tx: &Tx<'_>,
    from: &Source<'_>,
    local_id: Option<&str>,
    fresh: Uuid,
    theirs: &record::Invoice,
    changed: &Fields,
) -> Result<Taken> {
    let before = load(tx, local_id)?;
    let after = match &before {
        Some(before) if theirs.voided => Invoice { state: InvoiceState::Void, ..before.clone() },
        Some(before) => update(tx, from, before.clone(), theirs, changed)?,
        None => update(tx, from, blank(tx, from, fresh, theirs)?, theirs, changed)?,
    };
    let paid = released::paid(&tx.db(), before.as_ref())?;
    let written = invoices::write(tx, before.as_ref(), &after, from.who, from.now)?;
    released::look_again(tx, from, &paid, before.as_ref(), &written.record)?;
    Ok(Taken { local_id: after.id.to_string(), created: before.is_none(), changes: written.changes })
}

fn update(
    tx: &Tx<'_>,
    from: &Source<'_>,
    mut after: Invoice,
    theirs: &record::Invoice,
    changed: &Fields,
) -> Result<Invoice> {
    if changed.contains_key("customer") {
        after.customer_id = local(&tx.db(), from, RecordKind::Customer, &theirs.customer)?;
    }
    take_text(changed, "number", &mut after.number, theirs.number.as_ref());
    take(changed, "issued_on", &mut after.issued_on, Some(&theirs.issued_on));
    take(changed, "due_on", &mut after.due_on, theirs.due_on.as_ref());
    if ["lines", "discount", "shipping", "tax", "total", "currency"].iter().any(|field| changed.contains_key(*field)) {
        take_amounts(tx, from, &mut after, theirs)?;
    }
    if changed.contains_key("deposit") || after.deposit.currency() != after.currency {
        after.deposit = theirs
            .deposit
            .filter(|deposit| deposit.currency() == after.currency)
            .unwrap_or(Money::zero(after.currency));
    }
    take_text(changed, "message", &mut after.message, theirs.message.as_ref());
    take_text(changed, "note", &mut after.note, theirs.note.as_ref());
    take_text(changed, "email", &mut after.email, theirs.email.as_ref());
    take(changed, "billing", &mut after.billing, theirs.billing.as_ref());
    take(changed, "shipping_address", &mut after.shipping_address, theirs.shipping_address.as_ref());
    Ok(after)
}

/// Lines, discount, shipping and tax go together: half of them would not add up.
fn take_amounts(tx: &Tx<'_>, from: &Source<'_>, after: &mut Invoice, theirs: &record::Invoice) -> Result<()> {
    let mut free: Vec<InvoiceLine> = std::mem::take(&mut after.lines);
    for line in &theirs.lines {
        let item_id = line.item.as_ref().map(|item| local(&tx.db(), from, RecordKind::Item, item)).transpose()?;
        let same =
            free.iter().position(|known| known.remote_line.is_some() && known.remote_line == line.remote_line).or_else(
                || free.iter().position(|known| known.item_id == item_id && known.description == line.description),
            );
        let known = same.map(|index| free.remove(index));
        let discount = line.unit_price.times(line.quantity, Rounding::HalfUp)?.checked_sub(line.amount)?;
        let unchanged =
            known.as_ref().filter(|known| known.amount == line.amount && known.unit_price == line.unit_price);
        after.lines.push(InvoiceLine {
            id: known.as_ref().map_or_else(LineId::new, |known| known.id),
            remote_line: line.remote_line.clone(),
            item_id,
            description: line.description.clone(),
            quantity: line.quantity,
            unit_price: line.unit_price,
            discount_text: unchanged.map_or_else(|| typed(discount), |known| known.discount_text.clone()),
            amount: line.amount,
            taxable: line.taxable,
            tax_code_id: known.filter(|known| known.taxable == line.taxable).and_then(|known| known.tax_code_id),
        });
    }
    after.currency = theirs.currency;
    if theirs.discount != after.discount {
        after.discount_text = typed(theirs.discount);
    }
    after.discount = theirs.discount;
    after.shipping = theirs.shipping;
    after.tax_inclusive = false;
    after.subtotal = Money::sum(theirs.currency, after.lines.iter().map(|line| line.amount))?;
    if theirs.tax != after.tax || after.taxes.is_empty() {
        let taxable = after.lines.iter().filter(|line| line.taxable).map(|line| line.amount);
        let taxable = Money::sum(theirs.currency, taxable)?;
        let name = "Sales tax".to_owned();
        after.taxes = vec![InvoiceTax { tax_code_id: None, name, rate: Rate::ZERO, taxable, amount: theirs.tax }];
        after.taxes.retain(|tax| !tax.amount.is_zero());
    }
    after.tax = theirs.tax;
    after.total = theirs.total;
    Ok(())
}

/// An amount as the owner would have typed it; nothing for nothing.
fn typed(amount: Money) -> String {
    if amount.minor() > 0 { amount.to_decimal_string() } else { String::new() }
}

fn blank(tx: &Tx<'_>, from: &Source<'_>, fresh: Uuid, theirs: &record::Invoice) -> Result<Invoice> {
    let zero = Money::zero(theirs.currency);
    Ok(Invoice {
        id: InvoiceId(fresh),
        version: 0,
        number: theirs.number.clone().unwrap_or_default(),
        state: if theirs.voided { InvoiceState::Void } else { InvoiceState::Open },
        customer_id: local(&tx.db(), from, RecordKind::Customer, &theirs.customer)?,
        currency: theirs.currency,
        issued_on: theirs.issued_on,
        due_on: theirs.due_on.unwrap_or(theirs.issued_on),
        terms_id: None,
        tax_inclusive: false,
        lines: Vec::new(),
        discount_text: String::new(),
        discount: zero,
        shipping: zero,
        subtotal: zero,
        taxes: Vec::new(),
        tax: zero,
        total: zero,
        deposit: zero,
        paid: zero,
        balance: zero,
        message: String::new(),
        note: String::new(),
        email: String::new(),
        billing: Address::default(),
        shipping_address: Address::default(),
        order_id: None,
        source: from.vendor.to_owned(),
        created_at: from.now,
        updated_at: from.now,
    })
}

/// Voids it; what was paid on it becomes the customer's credit.
pub fn retire(tx: &Tx<'_>, from: &Source<'_>, local_id: &str) -> Result<Vec<FieldChange>> {
    let Some(before) = load(tx, Some(local_id))? else { return Ok(Vec::new()) };
    let after = Invoice { state: InvoiceState::Void, ..before.clone() };
    Ok(invoices::write(tx, Some(&before), &after, from.who, from.now)?.changes)
}

/// Writes it out, with amounts before tax. Drafts are not sent.
pub fn render(db: &Db<'_>, connection: ConnectionId, local_id: &str) -> Result<Rendered> {
    let Some(invoice) = store::invoices::get(db, id(local_id)?)? else { return Ok(Rendered::Nothing) };
    if invoice.state == InvoiceState::Draft {
        return Ok(Rendered::Nothing);
    }
    let (amounts, discount) = invoice.amounts_before_tax()?;
    let mut references = References::new(db, connection);
    let customer = references.get(RecordKind::Customer, invoice.customer_id)?;
    let mut lines = Vec::with_capacity(invoice.lines.len());
    for (line, amount) in invoice.lines.iter().zip(amounts) {
        let item: Option<RemoteId> = line.item_id.map(|item| references.get(RecordKind::Item, item)).transpose()?;
        lines.push(record::InvoiceLine {
            remote_line: line.remote_line.clone(),
            item,
            description: line.description.clone(),
            quantity: line.quantity,
            unit_price: line.unit_price,
            amount,
            taxable: line.taxable,
        });
    }
    Ok(references.complete(Record::Invoice(record::Invoice {
        number: Some(invoice.number).filter(|number| !number.is_empty()),
        customer,
        issued_on: invoice.issued_on,
        due_on: Some(invoice.due_on),
        currency: invoice.currency,
        lines,
        discount,
        shipping: invoice.shipping,
        tax: invoice.tax,
        total: invoice.total,
        balance: None,
        message: Some(invoice.message),
        note: Some(invoice.note),
        email: Some(invoice.email),
        billing: Some(invoice.billing),
        shipping_address: Some(invoice.shipping_address),
        voided: invoice.state == InvoiceState::Void,
        deposit: Some(invoice.deposit),
    })))
}

fn load(tx: &Tx<'_>, local_id: Option<&str>) -> Result<Option<Invoice>> {
    let Some(local_id) = local_id else { return Ok(None) };
    let found = store::invoices::get(&tx.db(), id(local_id)?)?;
    match found {
        Some(invoice) if invoice.state == InvoiceState::Draft => {
            Err(Error::Refused(format!("Invoice {} is still a draft here.", invoice.number)))
        }
        found => Ok(found),
    }
}
