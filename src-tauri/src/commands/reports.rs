//! Home page, reports, export.

use super::{Reply, answer};
use backroom_core::Core;
use backroom_core::reports::{AgingReport, ExportResult, HomeSummary};
use std::sync::Arc;
use tauri::State;

/// Numbers of the home page.
#[tauri::command(async)]
#[specta::specta]
pub fn home_summary(core: State<'_, Arc<Core>>) -> Reply<HomeSummary> {
    answer("home_summary", || core.home_summary())
}

/// Receivables by age.
#[tauri::command(async)]
#[specta::specta]
pub fn aging_report(core: State<'_, Arc<Core>>) -> Reply<AgingReport> {
    answer("aging_report", || core.aging_report())
}

/// Writes every record as CSV files into a new folder below the data folder.
#[tauri::command(async)]
#[specta::specta]
pub fn export_data(core: State<'_, Arc<Core>>) -> Reply<ExportResult> {
    answer("export_data", || core.export_data())
}
