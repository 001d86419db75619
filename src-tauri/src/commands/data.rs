//! The data file: its backups and restoring one.

use super::{Reply, answer, answer_async};
use crate::browser::Browser;
use backroom_core::data::{BackupList, BackupView, RestorePreview, RestoredFile};
use backroom_core::{Core, Error};
use std::sync::Arc;
use tauri::State;

/// All backups, newest first, and what the owner should know about the file.
#[tauri::command(async)]
#[specta::specta]
pub fn list_backups(core: State<'_, Arc<Core>>) -> Reply<BackupList> {
    answer("list_backups", || core.backups())
}

/// Makes a backup.
#[tauri::command(async)]
#[specta::specta]
pub fn back_up_now(core: State<'_, Arc<Core>>) -> Reply<BackupView> {
    answer("back_up_now", || core.back_up_now())
}

/// What restoring a backup would do.
#[tauri::command(async)]
#[specta::specta]
pub fn preview_restore(core: State<'_, Arc<Core>>, name: String) -> Reply<RestorePreview> {
    answer("preview_restore", || core.preview_restore(&name))
}

/// Puts a backup in the place of the data file; the one in use is kept beside it.
#[tauri::command]
#[specta::specta]
pub async fn restore_backup(core: State<'_, Arc<Core>>, name: String) -> Reply<RestoredFile> {
    let core = Arc::clone(&core);
    answer_async("restore_backup", core.restore_backup(&name)).await
}

/// Shows the folder of the backups.
#[tauri::command(async)]
#[specta::specta]
pub fn open_backup_folder(core: State<'_, Arc<Core>>, browser: State<'_, Browser>) -> Reply<()> {
    answer("open_backup_folder", || {
        let folder = core.backups()?.folder;
        browser.open_folder(&folder).map_err(|reason| Error::Refused(format!("{folder} could not be opened: {reason}")))
    })
}
