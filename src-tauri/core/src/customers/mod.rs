//! Customers: who buys.

mod record;
mod save;

pub use record::{Customer, write};

use crate::ids::{CustomerId, TermsId};
use crate::store::history::moment;
use crate::store::{self, Db};
use crate::view::{AddressView, ArchiveFilter, HistoryEntry, ListQuery, MoneyView, RecordSync, RecordSyncState};
use connector_contract::RecordKind;
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
    /// The newest entries, newest first; `list_history` has the rest.
    pub history: Vec<HistoryEntry>,
    /// When it was made (RFC 3339, UTC).
    pub created_at: String,
    /// Last change (RFC 3339, UTC).
    pub updated_at: String,
}

impl From<Customer> for CustomerDraft {
    fn from(customer: Customer) -> Self {
        Self {
            id: customer.id,
            version: Some(customer.version),
            display_name: customer.display_name,
            company: customer.company,
            email: customer.email,
            phone: customer.phone,
            billing: customer.billing.into(),
            shipping: customer.shipping.into(),
            notes: customer.notes,
            terms_id: customer.terms_id,
        }
    }
}

impl crate::Core {
    /// A page of customers.
    pub fn list_customers(&self, query: CustomerQuery) -> crate::Result<crate::view::Page<CustomerRow>> {
        self.store.read(|db| store::customers::list(db, &query))
    }

    /// One customer.
    pub fn get_customer(&self, id: CustomerId) -> crate::Result<CustomerView> {
        self.store.read(|db| self.customer_view(db, id))
    }

    /// Creates or changes a customer.
    pub fn save_customer(&self, draft: CustomerDraft) -> crate::Result<CustomerView> {
        self.store.write(|tx| {
            let customer = save::save(tx, &draft, self.now())?;
            self.customer_view(&tx.db(), customer.id)
        })
    }

    /// Archives customers, or brings them back.
    pub fn archive_customers(&self, ids: Vec<CustomerId>, archived: bool) -> crate::Result<()> {
        self.store.write(|tx| save::archive(tx, &ids, archived, self.now()))
    }

    fn customer_view(&self, db: &Db<'_>, id: CustomerId) -> crate::Result<CustomerView> {
        let customer = store::customers::get(db, id)?.ok_or(crate::Error::NotFound("customer"))?;
        let today = crate::company::require(db)?.day_of(self.now());
        Ok(CustomerView {
            archived: customer.archived,
            open_balance: customer.open.into(),
            overdue_balance: store::customers::overdue(db, &customer, today)?.into(),
            sync: self.record_sync(db, RecordKind::Customer, id)?,
            history: store::history::first_page(db, RecordKind::Customer, &id.to_string())?,
            created_at: moment(customer.created_at),
            updated_at: moment(customer.updated_at),
            draft: customer.into(),
        })
    }
}
