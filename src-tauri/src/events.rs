//! The one event the window listens to.

use backroom_core::event::Event;
use serde::{Deserialize, Serialize};

/// Core's events as the window receives them.
#[derive(Debug, Clone, Serialize, Deserialize, specta::Type, tauri_specta::Event)]
pub struct AppEvent(pub Event);
