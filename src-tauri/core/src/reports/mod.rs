//! Reports and the numbers on the home page.

use crate::ids::CustomerId;
use crate::view::MoneyView;
use serde::{Deserialize, Serialize};

/// What the home page shows.
#[derive(Debug, Clone, Serialize, Deserialize, specta::Type)]
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

#[expect(unused_variables, reason = "being built")]
impl crate::Core {
    /// Numbers of the home page.
    pub fn home_summary(&self) -> crate::Result<HomeSummary> {
        Err(crate::Error::Bug("not built yet".into()))
    }

    /// Receivables by age.
    pub fn aging_report(&self) -> crate::Result<AgingReport> {
        Err(crate::Error::Bug("not built yet".into()))
    }

    /// Writes every record as CSV files into a new folder below the data folder.
    pub fn export_data(&self) -> crate::Result<ExportResult> {
        Err(crate::Error::Bug("not built yet".into()))
    }
}
