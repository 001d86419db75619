//! The shell: the only Rust that names Tauri. It opens core, forwards commands and events, and owns the window.

pub mod bindings;
pub mod commands;
pub mod error;
pub mod events;
