//! The shell: the only Rust that names Tauri. It opens core, forwards commands and events, and owns the window and the tray.
//!
//! Absent on purpose: rules, SQL, vendors. The command line drives the same core without any of this.

pub mod bindings;
pub mod browser;
pub mod commands;
mod context;
mod deep_link;
mod engine;
pub mod error;
pub mod events;
mod gate;
mod navigation;
mod startup;
mod tray;
mod window;

pub use startup::run;
