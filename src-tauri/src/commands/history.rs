//! Undoing runs; what happened to records, and earlier states of them.

use super::{Reply, answer};
use backroom_core::Core;
use backroom_core::history::RecordVersion;
use backroom_core::ids::RunId;
use backroom_core::sync::{RunView, UndoReport};
use backroom_core::view::{HistoryEntry, Page};
use std::sync::Arc;
use tauri::State;

/// What undoing a run would do, record by record.
#[tauri::command(async)]
#[specta::specta]
pub fn preview_undo(core: State<'_, Arc<Core>>, id: RunId) -> Reply<UndoReport> {
    answer("preview_undo", || core.preview_undo(id))
}

/// Begins the run that undoes another.
#[tauri::command(async)]
#[specta::specta]
pub fn undo_run(core: State<'_, Arc<Core>>, id: RunId) -> Reply<RunView> {
    answer("undo_run", || core.undo_run(id))
}

/// What a run that undid another did, record by record.
#[tauri::command(async)]
#[specta::specta]
pub fn get_undo(core: State<'_, Arc<Core>>, id: RunId) -> Reply<UndoReport> {
    answer("get_undo", || core.get_undo(id))
}

/// What happened to a record, newest first, page by page.
#[tauri::command(async)]
#[specta::specta]
pub fn list_history(
    core: State<'_, Arc<Core>>,
    kind: String,
    id: String,
    cursor: Option<String>,
    limit: u32,
) -> Reply<Page<HistoryEntry>> {
    answer("list_history", || core.list_history(&kind, &id, cursor, limit))
}

/// A record as it was after an entry of its history.
#[tauri::command(async)]
#[specta::specta]
pub fn get_record_version(
    core: State<'_, Arc<Core>>,
    kind: String,
    id: String,
    history_id: u32,
) -> Reply<RecordVersion> {
    answer("get_record_version", || core.get_record_version(kind, id, history_id))
}

/// Saves a record as it was after an entry of its history.
#[tauri::command(async)]
#[specta::specta]
pub fn restore_record_version(
    core: State<'_, Arc<Core>>,
    kind: String,
    id: String,
    history_id: u32,
    version: u32,
) -> Reply<()> {
    answer("restore_record_version", || core.restore_record_version(kind, id, history_id, version))
}
