//! What an owner does, whole: core, the real connectors and the simulators, without a window.
//!
//! Every step goes through the methods the window calls. Time is virtual: tokio's is paused and the clock follows it.
//! Absent on purpose: the window itself, and each vendor's own rules, which the connectors' tests hold.

#![expect(clippy::unwrap_used, reason = "a step that fails must fail its test")]

mod audit;
mod bad_input;
mod clocks;
mod conflicts;
mod connect;
mod crash_resume;
mod deposits;
mod fine_prices;
mod first_meeting;
mod gate;
mod mark_shipped;
mod names;
mod offline;
mod order_out;
mod plan;
mod rest;
mod restored;
#[path = "../connectors/running.rs"]
mod running;
mod save_invoice;
mod shop;
mod sync_now;
mod two_way;
mod undo;
