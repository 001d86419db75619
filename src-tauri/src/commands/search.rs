//! Finding any record.

use super::{Reply, answer};
use backroom_core::Core;
use backroom_core::search::SearchHit;
use std::sync::Arc;
use tauri::State;

/// Finds records of all kinds; best matches first.
#[tauri::command(async)]
#[specta::specta]
pub fn search(core: State<'_, Arc<Core>>, text: String, limit: u32) -> Reply<Vec<SearchHit>> {
    answer("search", || core.search(text, limit))
}
