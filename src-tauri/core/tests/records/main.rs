//! Customers, items, stock, orders, search and their lists, through the same core both shells drive, on real SQLite in memory.
//!
//! Absent on purpose: invoices, payments and the sync, which have tests of their own beside this folder; here are only their past
//! states, read like those of every kind.

#![expect(clippy::unwrap_used, reason = "a step that fails must fail its test")]

mod company;
mod customers;
mod items;
mod lists;
mod orders;
mod past;
mod plans;
mod queue;
mod random;
mod search;
mod shipments;
mod stock;
mod text;
