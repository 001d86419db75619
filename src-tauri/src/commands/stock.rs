//! Stock look-up and changes.

use super::{Reply, answer};
use backroom_core::Core;
use backroom_core::ids::ItemId;
use backroom_core::stock::{LevelView, MovementRow, StockDraft, StockHit};
use backroom_core::view::Page;
use std::sync::Arc;
use tauri::State;

/// Looks up stock by SKU, name or barcode; best matches first.
#[tauri::command(async)]
#[specta::specta]
pub fn find_stock(core: State<'_, Arc<Core>>, text: String, limit: u32) -> Reply<Vec<StockHit>> {
    answer("find_stock", || core.find_stock(text, limit))
}

/// Records a change of stock and returns the item's levels.
#[tauri::command(async)]
#[specta::specta]
pub fn change_stock(core: State<'_, Arc<Core>>, draft: StockDraft) -> Reply<Vec<LevelView>> {
    answer("change_stock", || core.change_stock(draft))
}

/// Movements of an item, newest first.
#[tauri::command(async)]
#[specta::specta]
pub fn list_movements(
    core: State<'_, Arc<Core>>,
    item_id: ItemId,
    cursor: Option<String>,
    limit: u32,
) -> Reply<Page<MovementRow>> {
    answer("list_movements", || core.list_movements(item_id, cursor, limit))
}
