//! The payment as it is kept: who paid how much, and which invoices it pays.

use crate::ids::{CustomerId, InvoiceId, PaymentId};
use backroom_money::{Currency, Money};
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

/// Where the money of a payment went, which decides the account it is booked to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DepositTo {
    /// The bank, directly.
    Bank,
    /// The balance a payment processor keeps for us; it is booked from the processor's own balance entries.
    Processor,
}

impl DepositTo {
    /// The stored name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Bank => "bank",
            Self::Processor => "processor",
        }
    }
}

/// Money received from a customer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Payment {
    /// Id.
    pub id: PaymentId,
    /// Row version; raised by every write.
    pub version: u32,
    /// Who paid.
    pub customer_id: CustomerId,
    /// Day it was received.
    pub received_on: NaiveDate,
    /// The whole amount, positive.
    pub amount: Money,
    /// How, such as "Check" or "Stripe".
    pub method: String,
    /// Check number, charge id or the like.
    pub reference: String,
    /// The owner's note.
    pub note: String,
    /// Which invoices it pays; each at most once. What is left is the customer's credit.
    pub applied: Vec<Applied>,
    /// Where the money went.
    pub deposit_to: DepositTo,
    /// Cancelled; pays nothing then.
    pub voided: bool,
    /// `owner`, or the id of the vendor it came from.
    pub source: String,
    /// When it was made here.
    pub created_at: DateTime<Utc>,
    /// Last change.
    pub updated_at: DateTime<Utc>,
}

/// A part of a payment and the invoice it pays.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Applied {
    /// Which invoice.
    pub invoice_id: InvoiceId,
    /// How much of the payment, positive.
    pub amount: Money,
}

impl Payment {
    /// The currency, which is the customer's.
    pub fn currency(&self) -> Currency {
        self.amount.currency()
    }

    /// What is not applied to any invoice: the customer's credit. Zero when cancelled.
    pub fn unapplied(&self) -> crate::Result<Money> {
        if self.voided {
            return Ok(Money::zero(self.currency()));
        }
        let applied = Money::sum(self.currency(), self.applied.iter().map(|part| part.amount))?;
        Ok(self.amount.checked_sub(applied)?)
    }
}
