//! Customers.

use super::{Reply, answer};
use backroom_core::Core;
use backroom_core::customers::{CustomerDraft, CustomerQuery, CustomerRow, CustomerView};
use backroom_core::ids::CustomerId;
use backroom_core::view::Page;
use std::sync::Arc;
use tauri::State;

/// A page of customers.
#[tauri::command(async)]
#[specta::specta]
pub fn list_customers(core: State<'_, Arc<Core>>, query: CustomerQuery) -> Reply<Page<CustomerRow>> {
    answer("list_customers", || core.list_customers(query))
}

/// Customers for a form's picker, best matches first.
#[tauri::command(async)]
#[specta::specta]
pub fn find_customers(core: State<'_, Arc<Core>>, text: String, limit: u32) -> Reply<Vec<CustomerRow>> {
    answer("find_customers", || core.find_customers(text, limit))
}

/// One customer.
#[tauri::command(async)]
#[specta::specta]
pub fn get_customer(core: State<'_, Arc<Core>>, id: CustomerId) -> Reply<CustomerView> {
    answer("get_customer", || core.get_customer(id))
}

/// Creates or changes a customer.
#[tauri::command(async)]
#[specta::specta]
pub fn save_customer(core: State<'_, Arc<Core>>, draft: CustomerDraft) -> Reply<CustomerView> {
    answer("save_customer", || core.save_customer(draft))
}

/// Archives customers, or brings them back.
#[tauri::command(async)]
#[specta::specta]
pub fn archive_customers(core: State<'_, Arc<Core>>, ids: Vec<CustomerId>, archived: bool) -> Reply<()> {
    answer("archive_customers", || core.archive_customers(ids, archived))
}
