//! Finding any record.

use super::{Reply, answer};
use backroom_core::Core;
use backroom_core::search::SearchHit;
use backroom_core::totals::{ListTotals, TotalsQuery};
use std::sync::Arc;
use tauri::State;

/// Finds records of all kinds; best matches first.
#[tauri::command(async)]
#[specta::specta]
pub fn search(core: State<'_, Arc<Core>>, text: String, limit: u32) -> Reply<Vec<SearchHit>> {
    answer("search", || core.search(text, limit))
}

/// How many rows a list has, and what they come to; with `chosen`, only these of its rows.
#[tauri::command(async)]
#[specta::specta]
pub fn list_totals(core: State<'_, Arc<Core>>, query: TotalsQuery, chosen: Option<Vec<String>>) -> Reply<ListTotals> {
    answer("list_totals", || core.list_totals(query, chosen))
}
