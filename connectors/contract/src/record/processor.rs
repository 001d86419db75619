//! What a payment processor keeps: charges, what was given back or disputed of them, and how it reached the bank.
//!
//! Absent on purpose: anything that could be sent; these records only come in.

use super::RemoteId;
use backroom_money::Money;
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Where a charge stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names say it")]
pub enum ChargeStatus {
    Pending,
    Succeeded,
    Failed,
}

/// A card payment or the like, taken by a payment processor.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Charge {
    /// Gross, in the buyer's currency.
    pub amount: Money,
    /// What was taken of it; `None` means all of it once it has succeeded.
    #[serde(default)]
    pub captured: Option<Money>,
    /// Given back so far of what was taken.
    pub refunded: Money,
    /// Where it stands.
    pub status: ChargeStatus,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// Name of the payer.
    pub customer_name: Option<String>,
    /// E-mail of the payer.
    pub customer_email: Option<String>,
    /// Free text of the processor.
    pub description: Option<String>,
    /// Key and value pairs the shop attached; may name an invoice or order.
    pub metadata: BTreeMap<String, String>,
    /// The balance entry that holds its fee; `None` until the processor has made it.
    pub balance_entry: Option<RemoteId>,
    /// Why it failed.
    pub failure: Option<String>,
}

/// Money given back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refund {
    /// How much, positive.
    pub amount: Money,
    /// Which charge.
    pub charge: Option<RemoteId>,
    /// `pending`, `succeeded`, `failed`, … in the processor's words.
    pub status: String,
    /// When.
    pub created_at: DateTime<Utc>,
    /// Why, in the processor's words.
    pub reason: Option<String>,
}

/// What a dispute means for the money.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DisputeOutcome {
    /// Only a question so far; no money has moved.
    Inquiry,
    /// Not decided yet.
    #[default]
    Open,
    /// Decided for the shop, withdrawn, or prevented: the money stays.
    Won,
    /// Decided for the buyer: the money is gone.
    Lost,
}

/// A buyer's bank took the money back, for now or for good.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dispute {
    /// How much is disputed, positive.
    pub amount: Money,
    /// Which charge.
    pub charge: Option<RemoteId>,
    /// Status in the processor's words.
    pub status: String,
    /// What that means for the money.
    #[serde(default)]
    pub outcome: DisputeOutcome,
    /// When it was opened.
    pub created_at: DateTime<Utc>,
    /// Reason in the processor's words.
    pub reason: Option<String>,
    /// Answer by then.
    pub respond_by: Option<DateTime<Utc>>,
}

/// One movement of the balance that the processor keeps for us. Never changes once made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BalanceEntry {
    /// The processor's category: `charge`, `refund`, `fee`, `payout`, …
    pub category: String,
    /// Gross, signed.
    pub amount: Money,
    /// Fee taken, positive when charged.
    pub fee: Money,
    /// Amount − fee.
    pub net: Money,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it can be paid out.
    pub available_on: Option<NaiveDate>,
    /// The charge, refund, dispute or payout behind it.
    pub source: Option<RemoteId>,
    /// The payout it belongs to, where known.
    pub payout: Option<RemoteId>,
    /// Words of the processor.
    pub description: Option<String>,
}

/// Money on its way from the processor to the bank.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Payout {
    /// How much; negative when the bank account was debited.
    pub amount: Money,
    /// Status in the processor's words.
    pub status: String,
    /// Expected or arrived on this day.
    pub arrives_on: NaiveDate,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// By schedule, so that its members are known.
    pub automatic: bool,
    /// Why it failed.
    pub failure: Option<String>,
}
