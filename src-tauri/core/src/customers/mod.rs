//! Customers: who buys.

mod record;

pub use record::{Customer, write};

use crate::ids::{CustomerId, TermsId};
use crate::view::{AddressView, ArchiveFilter, HistoryEntry, ListQuery, MoneyView, RecordSync, RecordSyncState};
use serde::{Deserialize, Serialize};

/// Query of the customer list.
pub type CustomerQuery = ListQuery<ArchiveFilter, CustomerSort>;

/// Orders of the customer list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, specta::Type)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names say it")]
pub enum CustomerSort {
    #[default]
    Name,
    OpenBalance,
    UpdatedAt,
}

/// A row of the customer list.
#[derive(Debug, Clone, Serialize, Deserialize, specta::Type)]
pub struct CustomerRow {
    /// Id.
    pub id: CustomerId,
    /// Name.
    pub display_name: String,
    /// Company.
    pub company: String,
    /// E-mail.
    pub email: String,
    /// Telephone.
    pub phone: String,
    /// Owed by this customer.
    pub open_balance: MoneyView,
    /// Archived.
    pub archived: bool,
    /// The worst of its sync states; `None` when no connection knows it.
    pub sync: Option<RecordSyncState>,
    /// Last change (RFC 3339, UTC).
    pub updated_at: String,
}

/// A customer as typed.
#[derive(Debug, Clone, Serialize, Deserialize, specta::Type)]
pub struct CustomerDraft {
    /// Id, made when the form opens.
    pub id: CustomerId,
    /// Version it was loaded with; `None` for a new one.
    pub version: Option<u32>,
    /// Name; required, unique.
    pub display_name: String,
    /// Company.
    pub company: String,
    /// E-mail.
    pub email: String,
    /// Telephone.
    pub phone: String,
    /// Bill-to.
    pub billing: AddressView,
    /// Ship-to.
    pub shipping: AddressView,
    /// Notes.
    pub notes: String,
    /// Terms of this customer's invoices; `None` is the company's.
    pub terms_id: Option<TermsId>,
}

/// A customer with what belongs to it.
#[derive(Debug, Clone, Serialize, Deserialize, specta::Type)]
pub struct CustomerView {
    /// Its fields; `version` is set.
    pub draft: CustomerDraft,
    /// Archived.
    pub archived: bool,
    /// Owed.
    pub open_balance: MoneyView,
    /// Past due.
    pub overdue_balance: MoneyView,
    /// How it stands with each connection.
    pub sync: Vec<RecordSync>,
    /// Newest first, at most 50.
    pub history: Vec<HistoryEntry>,
    /// When it was made (RFC 3339, UTC).
    pub created_at: String,
    /// Last change (RFC 3339, UTC).
    pub updated_at: String,
}

#[expect(unused_variables, reason = "being built")]
impl crate::Core {
    /// A page of customers.
    pub fn list_customers(&self, query: CustomerQuery) -> crate::Result<crate::view::Page<CustomerRow>> {
        Err(crate::Error::Bug("not built yet".into()))
    }

    /// One customer.
    pub fn get_customer(&self, id: CustomerId) -> crate::Result<CustomerView> {
        Err(crate::Error::Bug("not built yet".into()))
    }

    /// Creates or changes a customer.
    pub fn save_customer(&self, draft: CustomerDraft) -> crate::Result<CustomerView> {
        Err(crate::Error::Bug("not built yet".into()))
    }

    /// Archives customers, or brings them back.
    pub fn archive_customers(&self, ids: Vec<CustomerId>, archived: bool) -> crate::Result<()> {
        Err(crate::Error::Bug("not built yet".into()))
    }
}
