//! Reading invoices.

use super::{Context, address, day, money, price, quantity, required, text, unvoided};
use crate::wire::{self, Line, SalesItemLineDetail};
use backroom_money::{AmountError, Currency, Money, Quantity, Rounding, UnitPrice};
use connector_contract::RemoteId;
use connector_contract::record::{Invoice, InvoiceLine};
use rust_decimal::Decimal;

/// The item that stands for the shipping field of a form.
pub(super) const SHIPPING: &str = "SHIPPING_ITEM_ID";

/// Where a neutral line came from: the place among the object's lines, and that among the parts of a bundle.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Origin {
    pub index: usize,
    pub part: Option<usize>,
}

/// What the lines of an invoice amount to.
struct Lines {
    plain: Vec<InvoiceLine>,
    origins: Vec<Origin>,
    discount: Money,
    shipping: Money,
}

/// Reads an invoice, and for each of its lines where that line came from.
pub(super) fn invoice(wire: &wire::Invoice, context: Context<'_>) -> Result<(Invoice, Vec<Origin>), String> {
    let currency = context.company.currency(wire.currency_ref.as_ref(), "CurrencyRef")?;
    let customer = required(wire.customer_ref.as_ref(), "CustomerRef")?;
    let zero = Money::zero(currency);
    let tax = wire.txn_tax_detail.as_ref().and_then(|detail| detail.total_tax.as_ref());
    let tax = tax.map_or(Ok(zero), |tax| money(Some(tax), currency, "TxnTaxDetail.TotalTax"))?;
    let total = money(wire.total_amt.as_ref(), currency, "TotalAmt")?;
    let read = lines(&wire.line, currency, !tax.is_zero())?;
    let note = wire.private_note.as_deref().unwrap_or_default();
    // Voiding has no flag: all amounts become zero and the note says so. A note alone is the owner's.
    let voided = total.is_zero() && wire.line.iter().all(is_nothing) && unvoided(note).is_some();
    let note = unvoided(note).filter(|_| voided).unwrap_or(note);
    let name = wire.customer_ref.as_ref().and_then(|customer| customer.name.as_deref()).unwrap_or_default();
    let balance = wire.balance.as_ref().map(|balance| money(Some(balance), currency, "Balance")).transpose()?;
    // An object without one has none, so that one which was removed goes here too.
    let deposit = wire.deposit.as_ref().map_or(Ok(zero), |deposit| money(Some(deposit), currency, "Deposit"))?;
    let invoice = Invoice {
        number: wire.doc_number.clone().filter(|number| !number.is_empty()),
        customer,
        issued_on: day(wire.txn_date.as_ref(), "TxnDate")?.ok_or("TxnDate is missing")?,
        due_on: day(wire.due_date.as_ref(), "DueDate")?,
        currency,
        lines: read.plain,
        discount: read.discount,
        shipping: read.shipping,
        tax,
        total,
        deposit: Some(deposit),
        balance,
        message: Some(text(wire.customer_memo.as_ref().and_then(|memo| memo.value.as_ref()))),
        voided,
        note: Some(note.to_owned()),
        email: Some(text(wire.bill_email.as_ref().and_then(|email| email.address.as_ref()))),
        billing: Some(address::read(wire.bill_addr.as_ref(), &[name])),
        shipping_address: Some(address::read(wire.ship_addr.as_ref(), &[name])),
    };
    Ok((invoice, read.origins))
}

fn lines(wire: &[Line], currency: Currency, taxed: bool) -> Result<Lines, String> {
    let zero = Money::zero(currency);
    let mut read = Lines { plain: Vec::new(), origins: Vec::new(), discount: zero, shipping: zero };
    let too_large = |error: AmountError| format!("Line: {error}");
    for (index, line) in wire.iter().enumerate() {
        let at = format!("Line[{index}]");
        match line.detail_type.as_deref().unwrap_or_default() {
            // The server adds the first; the second only belongs to the tax summary.
            "SubTotalLineDetail" | "TaxLineDetail" => {}
            "DiscountLineDetail" => {
                let amount = amount_or_zero(line, currency, &at)?;
                read.discount = read.discount.checked_add(amount).map_err(too_large)?;
            }
            "SalesItemLineDetail" if item_ref(line).is_some_and(|item| item.value == SHIPPING) => {
                let amount = amount_or_zero(line, currency, &at)?;
                read.shipping = read.shipping.checked_add(amount).map_err(too_large)?;
            }
            "GroupLineDetail" => {
                for (part, line) in line.group_line_detail.iter().flat_map(|bundle| &bundle.line).enumerate() {
                    read.plain.push(plain(line, currency, taxed, &format!("{at}.GroupLineDetail"))?);
                    read.origins.push(Origin { index, part: Some(part) });
                }
            }
            _ => {
                read.plain.push(plain(line, currency, taxed, &at)?);
                read.origins.push(Origin { index, part: None });
            }
        }
    }
    Ok(read)
}

/// Whether voiding left nothing of a line: no amount, and no pieces where it says how many.
fn is_nothing(line: &Line) -> bool {
    let zero = |number: Option<&wire::Decimal>| {
        number.is_none_or(|number| number.0.parse::<Decimal>().is_ok_and(|number| number.is_zero()))
    };
    let detail = line.sales_item_line_detail.as_ref();
    let parts = line.group_line_detail.iter().flat_map(|bundle| &bundle.line);
    zero(line.amount.as_ref())
        && zero(detail.and_then(|detail| detail.qty.as_ref()))
        && parts.into_iter().all(is_nothing)
}

fn item_ref(line: &Line) -> Option<&wire::Ref> {
    line.sales_item_line_detail.as_ref()?.item_ref.as_ref().filter(|item| !item.value.is_empty())
}

/// Some fields of a form, such as the tip, are lines of an item that only exists by name and never comes in as one.
fn is_built_in(item: &wire::Ref) -> bool {
    item.value.ends_with("_ITEM_ID")
}

fn item_of(line: &Line) -> Option<RemoteId> {
    item_ref(line).filter(|item| !is_built_in(item)).map(|item| RemoteId(item.value.clone()))
}

/// What the document says of the line. One without an item and without words is called by what it is.
fn described(line: &Line) -> String {
    let words = text(line.description.as_ref());
    let built_in = item_ref(line).filter(|item| words.is_empty() && is_built_in(item));
    let named = built_in.map(|item| {
        let plain = || item.value.trim_end_matches("_ITEM_ID").replace('_', " ").to_lowercase();
        item.name.clone().filter(|name| !name.is_empty()).unwrap_or_else(plain)
    });
    named.unwrap_or(words)
}

fn amount_or_zero(line: &Line, currency: Currency, at: &str) -> Result<Money, String> {
    line.amount
        .as_ref()
        .map_or(Ok(Money::zero(currency)), |amount| money(Some(amount), currency, &format!("{at}.Amount")))
}

/// A line of goods, work or text. `taxed` decides lines without a tax code: QuickBooks counts them as taxable.
fn plain(line: &Line, currency: Currency, taxed: bool, at: &str) -> Result<InvoiceLine, String> {
    let amount = amount_or_zero(line, currency, at)?;
    let none = SalesItemLineDetail::default();
    let detail = line.sales_item_line_detail.as_ref().unwrap_or(&none);
    let qty = detail.qty.as_ref().map(|qty| quantity(qty, &format!("{at}.Qty"))).transpose()?;
    // A description without an amount is a line of text: none of it is sold.
    let is_text = line.sales_item_line_detail.is_none() && amount.is_zero();
    let quantity = qty.unwrap_or(if is_text { Quantity::ZERO } else { Quantity::ONE });
    let unit_price = match &detail.unit_price {
        Some(number) => price(number, currency, &format!("{at}.UnitPrice"))?,
        None => per_piece(amount, quantity),
    };
    let taxable = match detail.tax_code_ref.as_ref().map(|code| code.value.as_str()) {
        Some("NON") => false,
        Some(code) if !code.is_empty() => true,
        _ => taxed && !is_text,
    };
    Ok(InvoiceLine {
        remote_line: line.id.clone(),
        item: item_of(line),
        description: described(line),
        quantity,
        unit_price,
        amount,
        taxable,
    })
}

/// The price a line's amount implies, for lines that give none.
fn per_piece(amount: Money, quantity: Quantity) -> UnitPrice {
    UnitPrice::per_piece(amount, quantity, Rounding::HalfUp).unwrap_or_else(|_| amount.into())
}
