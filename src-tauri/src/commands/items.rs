//! Items.

use super::{Reply, answer};
use backroom_core::Core;
use backroom_core::ids::ItemId;
use backroom_core::items::{ItemDraft, ItemQuery, ItemRow, ItemView};
use backroom_core::view::Page;
use std::sync::Arc;
use tauri::State;

/// A page of items.
#[tauri::command(async)]
#[specta::specta]
pub fn list_items(core: State<'_, Arc<Core>>, query: ItemQuery) -> Reply<Page<ItemRow>> {
    answer("list_items", || core.list_items(query))
}

/// Items for a form's picker, best matches first.
#[tauri::command(async)]
#[specta::specta]
pub fn find_items(core: State<'_, Arc<Core>>, text: String, limit: u32) -> Reply<Vec<ItemRow>> {
    answer("find_items", || core.find_items(text, limit))
}

/// One item.
#[tauri::command(async)]
#[specta::specta]
pub fn get_item(core: State<'_, Arc<Core>>, id: ItemId) -> Reply<ItemView> {
    answer("get_item", || core.get_item(id))
}

/// Creates or changes an item.
#[tauri::command(async)]
#[specta::specta]
pub fn save_item(core: State<'_, Arc<Core>>, draft: ItemDraft) -> Reply<ItemView> {
    answer("save_item", || core.save_item(draft))
}

/// Archives items, or brings them back.
#[tauri::command(async)]
#[specta::specta]
pub fn archive_items(core: State<'_, Arc<Core>>, ids: Vec<ItemId>, archived: bool) -> Reply<()> {
    answer("archive_items", || core.archive_items(ids, archived))
}
