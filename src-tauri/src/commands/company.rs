//! The company, its settings and the small lists of forms.

use super::{Reply, answer};
use backroom_core::Core;
use backroom_core::company::{
    AppStatus, Choices, CompanySetup, CompanyView, LocationDraft, LocationView, SyncSettings, TaxCodeDraft, TaxCodeView,
};
use std::sync::Arc;
use tauri::State;

/// What the app shows first.
#[tauri::command(async)]
#[specta::specta]
pub fn app_status(core: State<'_, Arc<Core>>) -> Reply<AppStatus> {
    answer("app_status", || core.app_status())
}

/// Ends the welcome: makes the company, its default location, terms and a tax code.
#[tauri::command(async)]
#[specta::specta]
pub fn set_up_company(core: State<'_, Arc<Core>>, setup: CompanySetup) -> Reply<CompanyView> {
    answer("set_up_company", || core.set_up_company(setup))
}

/// Saves the company's settings.
#[tauri::command(async)]
#[specta::specta]
pub fn save_company(core: State<'_, Arc<Core>>, company: CompanyView) -> Reply<CompanyView> {
    answer("save_company", || core.save_company(company))
}

/// Reads a whole number that the owner typed into this field.
#[tauri::command(async)]
#[specta::specta]
pub fn read_whole_number(core: State<'_, Arc<Core>>, field: String, text: String) -> Reply<u32> {
    answer("read_whole_number", || core.read_whole_number(&field, &text))
}

/// The small lists forms draw from.
#[tauri::command(async)]
#[specta::specta]
pub fn choices(core: State<'_, Arc<Core>>) -> Reply<Choices> {
    answer("choices", || core.choices())
}

/// Adds or changes a tax code.
#[tauri::command(async)]
#[specta::specta]
pub fn save_tax_code(core: State<'_, Arc<Core>>, draft: TaxCodeDraft) -> Reply<TaxCodeView> {
    answer("save_tax_code", || core.save_tax_code(draft))
}

/// Adds or renames a location.
#[tauri::command(async)]
#[specta::specta]
pub fn save_location(core: State<'_, Arc<Core>>, draft: LocationDraft) -> Reply<LocationView> {
    answer("save_location", || core.save_location(draft))
}

/// Settings of the background sync.
#[tauri::command(async)]
#[specta::specta]
pub fn sync_settings(core: State<'_, Arc<Core>>) -> Reply<SyncSettings> {
    answer("sync_settings", || core.sync_settings())
}

/// Saves the settings of the background sync.
#[tauri::command(async)]
#[specta::specta]
pub fn save_sync_settings(core: State<'_, Arc<Core>>, settings: SyncSettings) -> Reply<SyncSettings> {
    answer("save_sync_settings", || core.save_sync_settings(settings))
}
