//! Reports and the numbers on the home page.
//!
//! What a customer owes is their open invoices less payments that are not applied to any; by age that credit counts as not due.
//! Sums over all customers are in the company's currency; customers billed in another one have rows of their own.

mod aging;
mod export;

use crate::company;
use crate::ids::CustomerId;
use crate::ledger::Account;
use crate::store;
use crate::view::MoneyView;
use serde::{Deserialize, Serialize};

/// What the home page shows.
#[derive(Debug, Clone, Serialize, Deserialize, specta::Type)]
#[expect(clippy::struct_excessive_bools, reason = "four independent facts, each a first step of the owner")]
pub struct HomeSummary {
    /// Owed by all customers.
    pub receivable: MoneyView,
    /// Past due.
    pub overdue: MoneyView,
    /// Number of overdue invoices.
    pub overdue_count: u32,
    /// Orders to ship.
    pub open_order_count: u32,
    /// Items at or below their reorder point.
    pub low_stock_count: u32,
    /// Payments received in the last 30 days.
    pub received_30_days: MoneyView,
    /// Whether there is any record at all; decides between numbers and first steps.
    pub has_customers: bool,
    /// Any item yet.
    pub has_items: bool,
    /// Any invoice yet.
    pub has_invoices: bool,
    /// Any connection yet.
    pub has_connections: bool,
}

/// Receivables by age, from the due date.
#[derive(Debug, Clone, Serialize, Deserialize, specta::Type)]
pub struct AgingReport {
    /// As of this day.
    pub as_of: String,
    /// One row per customer with an open balance, largest first.
    pub rows: Vec<AgingRow>,
    /// Sums.
    pub total: AgingBuckets,
}

/// A customer's receivables by age.
#[derive(Debug, Clone, Serialize, Deserialize, specta::Type)]
pub struct AgingRow {
    /// Which customer.
    pub customer_id: CustomerId,
    /// Name.
    pub customer_name: String,
    /// Amounts.
    pub buckets: AgingBuckets,
}

/// Amounts by days past due.
#[derive(Debug, Clone, Serialize, Deserialize, specta::Type)]
pub struct AgingBuckets {
    /// Not due yet.
    pub current: MoneyView,
    /// 1 to 30 days.
    pub days_1_30: MoneyView,
    /// 31 to 60 days.
    pub days_31_60: MoneyView,
    /// 61 to 90 days.
    pub days_61_90: MoneyView,
    /// 91 days and more.
    pub days_91: MoneyView,
    /// Everything.
    pub total: MoneyView,
}

/// Files written by an export.
#[derive(Debug, Clone, Serialize, Deserialize, specta::Type)]
pub struct ExportResult {
    /// Folder they lie in.
    pub folder: String,
    /// Their names.
    pub files: Vec<String>,
}

impl crate::Core {
    /// Numbers of the home page.
    pub fn home_summary(&self) -> crate::Result<HomeSummary> {
        self.store.read(|db| {
            let company = company::require(db)?;
            let today = company.day_of(self.now());
            let (overdue, overdue_count) = store::reports::overdue(db, today, company.currency)?;
            let (open_order_count, low_stock_count) = store::reports::counts(db)?;
            let a_month_ago = today - chrono::Duration::days(30);
            let received = store::reports::received_between(db, (a_month_ago, today), company.currency)?;
            let [has_customers, has_items, has_invoices, has_connections] = store::reports::has_any(db)?;
            Ok(HomeSummary {
                receivable: store::reports::balance(db, Account::Receivable.as_str(), company.currency)?.into(),
                overdue: overdue.into(),
                overdue_count,
                open_order_count,
                low_stock_count,
                received_30_days: received.into(),
                has_customers,
                has_items,
                has_invoices,
                has_connections,
            })
        })
    }

    /// Receivables by age.
    pub fn aging_report(&self) -> crate::Result<AgingReport> {
        self.store.read(|db| {
            let company = company::require(db)?;
            aging::report(db, &company, company.day_of(self.now()))
        })
    }

    /// Writes every record as CSV files into a new folder below the data folder.
    pub fn export_data(&self) -> crate::Result<ExportResult> {
        self.store.read(|db| export::write(db, self.parts.data_folder.as_deref(), self.now()))
    }
}
