//! The invoice as it is kept: typed, computed, consistent. Drafts (what was typed) become one of these in `build`; a sync makes
//! one from a vendor's record.
//!
//! Absent on purpose: status words such as paid or overdue, which follow from balance, due day and today.

use crate::ids::{CustomerId, InvoiceId, ItemId, LineId, OrderId, TaxCodeId, TermsId};
use crate::invoices::InvoiceStatus;
use crate::{Error, Result};
use backroom_money::{Currency, Money, Quantity, Rate, UnitPrice, allocate};
use chrono::{DateTime, NaiveDate, Utc};
use connector_contract::record::Address;
use serde::{Deserialize, Serialize};

/// What an invoice is, apart from how much of it is paid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InvoiceState {
    /// Not counted anywhere yet.
    Draft,
    /// Issued: in the ledger, owed until paid.
    Open,
    /// Cancelled with its number kept.
    Void,
}

impl InvoiceState {
    /// The stored name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Open => "open",
            Self::Void => "void",
        }
    }
}

/// An invoice. Every amount is in `currency`, which is the customer's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Invoice {
    /// Id.
    pub id: InvoiceId,
    /// Row version; raised by every write.
    pub version: u32,
    /// Number; unique among issued invoices whatever the case. A draft may have none.
    pub number: String,
    /// Draft, open or void.
    pub state: InvoiceState,
    /// Who owes it.
    pub customer_id: CustomerId,
    /// Currency of all amounts.
    pub currency: Currency,
    /// Day of the invoice.
    pub issued_on: NaiveDate,
    /// Day it is due.
    pub due_on: NaiveDate,
    /// Terms it was made with.
    pub terms_id: Option<TermsId>,
    /// Line amounts already contain the tax.
    pub tax_inclusive: bool,
    /// What is charged.
    pub lines: Vec<InvoiceLine>,
    /// The discount as typed, such as `10%`; empty is none.
    pub discount_text: String,
    /// The discount on the whole, positive.
    pub discount: Money,
    /// Shipping charged; not taxed.
    pub shipping: Money,
    /// Sum of the line amounts.
    pub subtotal: Money,
    /// Tax by code.
    pub taxes: Vec<InvoiceTax>,
    /// Sum of `taxes`.
    pub tax: Money,
    /// subtotal − discount + shipping, plus the tax unless the lines contain it.
    pub total: Money,
    /// Paid with the invoice itself, not by a payment: recorded where the books are kept, and only changed there.
    pub deposit: Money,
    /// Applied payments. Kept by the writes of this crate; a value given to `write` is ignored.
    pub paid: Money,
    /// Still owed: total − deposit − paid while open, else zero. Kept by the writes of this crate like `paid`.
    pub balance: Money,
    /// Message to the customer.
    pub message: String,
    /// The owner's note.
    pub note: String,
    /// Where the bill is mailed.
    pub email: String,
    /// Bill-to.
    pub billing: Address,
    /// Ship-to.
    pub shipping_address: Address,
    /// The order it was made from.
    pub order_id: Option<OrderId>,
    /// `owner`, or the id of the vendor it came from.
    pub source: String,
    /// When it was made here.
    pub created_at: DateTime<Utc>,
    /// Last change.
    pub updated_at: DateTime<Utc>,
}

/// A line of an invoice. `amount` is what counts; quantity, price and discount explain it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InvoiceLine {
    /// Id.
    pub id: LineId,
    /// The vendor's line id, where one came with it.
    pub remote_line: Option<String>,
    /// The item; `None` for a line of free text.
    pub item_id: Option<ItemId>,
    /// Description on the document.
    pub description: String,
    /// How many.
    pub quantity: Quantity,
    /// Price of one before discount.
    pub unit_price: UnitPrice,
    /// The line's discount as typed, such as `10%`; empty is none.
    pub discount_text: String,
    /// Quantity × price − line discount; contains the tax when the invoice is tax-inclusive.
    pub amount: Money,
    /// Whether tax applies to it.
    pub taxable: bool,
    /// Its tax code; `None` when not taxed or when a vendor computed the tax.
    pub tax_code_id: Option<TaxCodeId>,
}

/// Tax of one code on an invoice, frozen as it was when the invoice was saved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InvoiceTax {
    /// The code it was computed with; `None` when a vendor computed it.
    #[serde(default)]
    pub tax_code_id: Option<TaxCodeId>,
    /// Name of the code.
    pub name: String,
    /// Rate; zero when a vendor computed the tax.
    pub rate: Rate,
    /// What it was computed on.
    pub taxable: Money,
    /// The tax.
    pub amount: Money,
}

impl Invoice {
    /// The status to show on `today`.
    pub fn status(&self, today: NaiveDate) -> InvoiceStatus {
        status_of(self.state, self.total, self.balance, self.due_on, today)
    }

    /// What of the deposit counts: never more than the invoice comes to.
    pub fn counted_deposit(&self) -> Money {
        Money::from_minor(self.deposit.minor().min(self.total.minor()).max(0), self.currency)
    }

    /// Deposit and payments.
    pub fn received(&self) -> Result<Money> {
        Ok(self.counted_deposit().checked_add(self.paid)?)
    }

    /// Whether subtotal, tax and total follow from the parts. A sync must not store anything else.
    pub fn check_totals(&self) -> Result<()> {
        let subtotal = Money::sum(self.currency, self.lines.iter().map(|line| line.amount))?;
        let tax = Money::sum(self.currency, self.taxes.iter().map(|tax| tax.amount))?;
        let mut total = subtotal.checked_sub(self.discount)?.checked_add(self.shipping)?;
        if !self.tax_inclusive {
            total = total.checked_add(tax)?;
        }
        if subtotal == self.subtotal && tax == self.tax && total == self.total {
            Ok(())
        } else {
            Err(Error::Refused(format!(
                "The total of invoice {} is {}, but its lines, discount, shipping and tax come to {}.",
                self.number,
                self.total.to_decimal_string(),
                total.to_decimal_string()
            )))
        }
    }

    /// The amount of each line without tax, and the discount without tax. For vendors that know tax only on top: with these
    /// the sum of the lines − discount + shipping + tax is the total whether or not the invoice is tax-inclusive.
    pub fn amounts_before_tax(&self) -> Result<(Vec<Money>, Money)> {
        let gross: Vec<Money> = self.lines.iter().map(|line| line.amount).collect();
        if !self.tax_inclusive || self.tax.is_zero() {
            return Ok((gross, self.discount));
        }
        // The tax was computed on taxed lines less their part of the discount. Taking the whole tax out of the taxed lines and
        // none out of the discount keeps the total; how it is spread only shows in the vendor's line amounts.
        let mut net = gross.clone();
        for tax in &self.taxes {
            let weights: Vec<i64> =
                self.lines.iter().map(|line| if line.taxable { line.amount.minor() } else { 0 }).collect();
            for (amount, part) in net.iter_mut().zip(allocate(tax.amount, &weights)?) {
                *amount = amount.checked_sub(part)?;
            }
        }
        Ok((net, self.discount))
    }
}

/// The status of an invoice on a day.
pub fn status_of(
    state: InvoiceState,
    total: Money,
    balance: Money,
    due_on: NaiveDate,
    today: NaiveDate,
) -> InvoiceStatus {
    match state {
        InvoiceState::Draft => InvoiceStatus::Draft,
        InvoiceState::Void => InvoiceStatus::Void,
        InvoiceState::Open if balance.is_zero() => InvoiceStatus::Paid,
        InvoiceState::Open if due_on < today => InvoiceStatus::Overdue,
        InvoiceState::Open if balance != total => InvoiceStatus::PartlyPaid,
        InvoiceState::Open => InvoiceStatus::Open,
    }
}
