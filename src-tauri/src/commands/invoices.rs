//! Invoices.

use super::{Reply, answer};
use backroom_core::Core;
use backroom_core::ids::InvoiceId;
use backroom_core::invoices::{InvoiceDraft, InvoicePreview, InvoiceQuery, InvoiceRow, InvoiceSource, InvoiceView};
use backroom_core::view::Page;
use std::sync::Arc;
use tauri::State;

/// A page of invoices.
#[tauri::command(async)]
#[specta::specta]
pub fn list_invoices(core: State<'_, Arc<Core>>, query: InvoiceQuery) -> Reply<Page<InvoiceRow>> {
    answer("list_invoices", || core.list_invoices(query))
}

/// One invoice.
#[tauri::command(async)]
#[specta::specta]
pub fn get_invoice(core: State<'_, Arc<Core>>, id: InvoiceId) -> Reply<InvoiceView> {
    answer("get_invoice", || core.get_invoice(id))
}

/// What a new invoice form starts with: number, dates, lines.
#[tauri::command(async)]
#[specta::specta]
pub fn new_invoice(core: State<'_, Arc<Core>>, source: InvoiceSource) -> Reply<InvoiceDraft> {
    answer("new_invoice", || core.new_invoice(source))
}

/// Totals and errors of an invoice being typed.
#[tauri::command(async)]
#[specta::specta]
pub fn preview_invoice(core: State<'_, Arc<Core>>, draft: InvoiceDraft) -> Reply<InvoicePreview> {
    answer("preview_invoice", || core.preview_invoice(draft))
}

/// Creates or changes an invoice.
#[tauri::command(async)]
#[specta::specta]
pub fn save_invoice(core: State<'_, Arc<Core>>, draft: InvoiceDraft) -> Reply<InvoiceView> {
    answer("save_invoice", || core.save_invoice(draft))
}

/// Voids invoices; drafts are removed. All or none.
#[tauri::command(async)]
#[specta::specta]
pub fn void_invoices(core: State<'_, Arc<Core>>, ids: Vec<InvoiceId>) -> Reply<()> {
    answer("void_invoices", || core.void_invoices(ids))
}

/// Gives an open invoice the next free number.
#[tauri::command(async)]
#[specta::specta]
pub fn renumber_invoice(core: State<'_, Arc<Core>>, id: InvoiceId) -> Reply<InvoiceView> {
    answer("renumber_invoice", || core.renumber_invoice(id))
}
