//! The records that forms offer while one types a name: best matches first, a few at a time.

use crate::customers::{Customer, CustomerRow};
use crate::ids::{CustomerId, ItemId};
use crate::items::ItemRow;
use crate::store::history::moment;
use crate::store::{self, pick};

impl crate::Core {
    /// Active customers whose name is, begins with or contains the text.
    pub fn find_customers(&self, text: String, limit: u32) -> crate::Result<Vec<CustomerRow>> {
        self.store.read(|db| {
            let ids: Vec<CustomerId> = pick::best(db, &pick::CUSTOMERS, &text, limit)?;
            let found = ids.into_iter().filter_map(|id| store::customers::get(db, id).transpose());
            found.map(|customer| customer.map(customer_row)).collect()
        })
    }

    /// Active items whose name or SKU is, begins with or contains the text.
    pub fn find_items(&self, text: String, limit: u32) -> crate::Result<Vec<ItemRow>> {
        self.store.read(|db| {
            let ids: Vec<ItemId> = pick::best(db, &pick::ITEMS, &text, limit)?;
            ids.into_iter().filter_map(|id| store::items::row(db, id).transpose()).collect()
        })
    }
}

fn customer_row(customer: Customer) -> CustomerRow {
    CustomerRow {
        id: customer.id,
        display_name: customer.display_name,
        company: customer.company,
        email: customer.email,
        phone: customer.phone,
        open_balance: customer.open.into(),
        archived: customer.archived,
        sync: None,
        updated_at: moment(customer.updated_at),
    }
}
