//! The product without its window: records, rules, the store and the sync engine.
//!
//! Absent on purpose: Tauri, HTTP, any vendor's name, the keychain's implementation, the machine's clock. Both shells (the
//! window and the command line) drive the same [`Core`].

pub mod company;
pub mod connections;
mod core;
pub mod customers;
pub mod data;
pub mod error;
pub mod event;
pub mod fields;
pub mod history;
pub mod ids;
pub mod invoices;
pub mod items;
pub mod ledger;
pub mod orders;
pub mod payments;
mod pick;
pub mod private;
pub mod reports;
pub mod search;
pub mod stock;
pub mod store;
mod stored;
pub mod sync;
#[cfg(feature = "testing")]
pub mod testing;
pub mod text;
pub mod totals;
pub mod view;

pub use core::{Core, DATA_FILE, Parts};
pub use error::{Code, Error, FieldError, Result};
