//! The foot of every list: how many rows there are, and what they come to.

use crate::customers::CustomerQuery;
use crate::invoices::InvoiceQuery;
use crate::items::ItemQuery;
use crate::orders::OrderQuery;
use crate::payments::MoneyQuery;
use crate::store;
use crate::view::MoneyView;
use serde::{Deserialize, Serialize};

/// The list that is counted, with the query it is shown by. Cursor, limit and order make no difference.
#[derive(Debug, Clone, Serialize, Deserialize, specta::Type)]
#[serde(tag = "list", content = "query", rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names say it")]
pub enum TotalsQuery {
    Customers(CustomerQuery),
    Items(ItemQuery),
    Orders(OrderQuery),
    Invoices(InvoiceQuery),
    Payments(MoneyQuery),
    Charges(MoneyQuery),
    Payouts(MoneyQuery),
}

/// Rows and sums of a whole list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, specta::Type)]
pub struct ListTotals {
    /// Rows.
    pub count: u32,
    /// A sum for each column of money and currency; void and canceled rows count as rows, not as money.
    pub sums: Vec<Sum>,
}

/// What a column of money comes to in one currency.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, specta::Type)]
pub struct Sum {
    /// The rows' own name of the column, such as `balance`.
    pub column: String,
    /// The sum.
    pub amount: MoneyView,
}

impl crate::Core {
    /// Counts a list and adds it up; with `chosen`, only these of its rows.
    pub fn list_totals(&self, query: TotalsQuery, chosen: Option<Vec<String>>) -> crate::Result<ListTotals> {
        self.store.read(|db| {
            let today = crate::company::require(db)?.day_of(self.now());
            store::totals::of(db, &query, today, chosen.as_deref())
        })
    }
}
