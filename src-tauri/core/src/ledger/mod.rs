//! The ledger: small, double-entry, append-only. Every document has at most one entry in force; a correction is a reversal plus
//! a new entry. Debits are positive, credits negative.
//!
//! Absent on purpose: a chart of accounts to edit, closing of periods, bank reconciliation. QuickBooks stays the books; this
//! ledger proves that what Backroom shows adds up.

use crate::fields::{is_possible, too_large};
use crate::ids::{CustomerId, EntryId};
use crate::store::{self, Tx};
use crate::{Error, Result};
use backroom_money::{Currency, Money};
use chrono::{DateTime, NaiveDate, Utc};
use rusqlite::Connection;
use std::collections::BTreeMap;

/// The accounts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Account {
    /// Owed by customers: open invoices less credit that is not applied. The only account kept per customer.
    Receivable,
    /// Goods and services sold, before discount, without tax.
    Sales,
    /// Sales tax collected.
    TaxPayable,
    /// Shipping charged to customers.
    ShippingIncome,
    /// Discounts on whole invoices, against sales.
    Discounts,
    /// Mirrors the balance that the payment processor keeps for us.
    ProcessorClearing,
    /// What the processor takes.
    ProcessorFees,
    /// Taken back by buyers' banks.
    Disputes,
    /// The bank.
    Bank,
    /// Goods in stock, at cost.
    Inventory,
    /// Cost of what was sold.
    CostOfGoodsSold,
    /// Money given back to customers, against sales.
    Refunds,
    /// Money whose counterpart is not known yet. A charge credits it, the payment made from the charge debits it; what stays
    /// are charges without an invoice and movements only the owner can explain.
    Suspense,
}

impl Account {
    const ALL: [Self; 13] = [
        Self::Receivable,
        Self::Sales,
        Self::TaxPayable,
        Self::ShippingIncome,
        Self::Discounts,
        Self::ProcessorClearing,
        Self::ProcessorFees,
        Self::Disputes,
        Self::Bank,
        Self::Inventory,
        Self::CostOfGoodsSold,
        Self::Refunds,
        Self::Suspense,
    ];

    /// The stored name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Receivable => "receivable",
            Self::Sales => "sales",
            Self::TaxPayable => "tax_payable",
            Self::ShippingIncome => "shipping_income",
            Self::Discounts => "discounts",
            Self::ProcessorClearing => "processor_clearing",
            Self::ProcessorFees => "processor_fees",
            Self::Disputes => "disputes",
            Self::Bank => "bank",
            Self::Inventory => "inventory",
            Self::CostOfGoodsSold => "cost_of_goods_sold",
            Self::Refunds => "refunds",
            Self::Suspense => "suspense",
        }
    }

    /// The account with this stored name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|account| account.as_str() == name)
    }
}

/// One side of an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Posting {
    /// Where.
    pub account: Account,
    /// Whose; set exactly on the receivable.
    pub customer_id: Option<CustomerId>,
    /// Debit when positive, credit when negative.
    pub amount: Money,
}

/// What a document books.
#[derive(Debug, Clone)]
pub struct Entry {
    /// Kind of the document: `invoice`, `payment`, `balance_entry`.
    pub source_kind: &'static str,
    /// Id of the document.
    pub source_id: String,
    /// Day it counts for.
    pub booked_on: NaiveDate,
    /// Words for a reader.
    pub text: String,
    /// The sides. They add up to zero in each currency.
    pub postings: Vec<Posting>,
}

/// Makes the ledger say what the document now says. `entry.postings` empty: the document books nothing any more. If the entry in
/// force already says so, nothing is written; otherwise it is reversed on its own day and the new one is added.
pub fn book(tx: &Tx<'_>, mut entry: Entry, now: DateTime<Utc>) -> Result<()> {
    entry.postings.retain(|posting| !posting.amount.is_zero());
    balanced(&entry.postings)?;
    let standing = store::ledger::standing(tx, entry.source_kind, &entry.source_id)?;
    if standing.as_ref().is_none_or(|standing| standing.postings != entry.postings) {
        // Beyond that the sums of accounts could no longer be kept.
        let beyond = entry.postings.iter().find(|posting| !is_possible(posting.amount));
        if let Some(Posting { amount, .. }) = beyond {
            return Err(Error::Refused(format!("{} is too large. {}", entry.text, too_large(amount.currency()))));
        }
    }
    if let Some(standing) = standing {
        if standing.booked_on == entry.booked_on && standing.postings == entry.postings {
            return Ok(());
        }
        let reversal = Entry {
            booked_on: standing.booked_on,
            text: format!("Reversal: {}", entry.text),
            postings: opposite(&standing.postings)?,
            source_id: entry.source_id.clone(),
            source_kind: entry.source_kind,
        };
        store::ledger::insert(tx, EntryId::new(), &reversal, Some(standing.id), now)?;
    }
    if entry.postings.is_empty() {
        return Ok(());
    }
    store::ledger::insert(tx, EntryId::new(), &entry, None, now)
}

/// Refuses postings that do not add up to zero in each currency, or a receivable that is nobody's.
fn balanced(postings: &[Posting]) -> Result<()> {
    let mut sums: BTreeMap<Currency, i128> = BTreeMap::new();
    for posting in postings {
        if (posting.account == Account::Receivable) != posting.customer_id.is_some() {
            return Err(Error::Bug("a receivable must name its customer, and nothing else may".into()));
        }
        *sums.entry(posting.amount.currency()).or_default() += i128::from(posting.amount.minor());
    }
    match sums.into_iter().find(|(_, sum)| *sum != 0) {
        Some((currency, sum)) => {
            Err(Error::Bug(format!("an entry is out of balance by {sum} minor units of {currency}")))
        }
        None => Ok(()),
    }
}

fn opposite(postings: &[Posting]) -> Result<Vec<Posting>> {
    postings.iter().map(|posting| Ok(Posting { amount: posting.amount.checked_neg()?, ..posting.clone() })).collect()
}

/// Proves every kept sum: entries balance, account balances are the sums of postings, each customer's open amount is both their
/// receivable and their open invoices less credit, each document has exactly its one entry in force. Returns what differs.
pub fn check(db: &Connection) -> Result<Vec<String>> {
    store::ledger_check::differences(db)
}

impl crate::Core {
    /// [`check`] on the open data file, for `doctor`. Empty when every sum agrees.
    pub fn check_ledger(&self) -> Result<Vec<String>> {
        self.store.read(|db| check(db))
    }
}
