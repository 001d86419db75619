//! Payments, charges and payouts.

use super::{Reply, answer};
use backroom_core::Core;
use backroom_core::ids::{CustomerId, MoneyRecordId, PaymentId};
use backroom_core::invoices::InvoiceRow;
use backroom_core::payments::{ChargeRow, MoneyQuery, PaymentDraft, PaymentRow, PaymentView, PayoutRow, PayoutView};
use backroom_core::view::Page;
use std::sync::Arc;
use tauri::State;

/// A page of payments.
#[tauri::command(async)]
#[specta::specta]
pub fn list_payments(core: State<'_, Arc<Core>>, query: MoneyQuery) -> Reply<Page<PaymentRow>> {
    answer("list_payments", || core.list_payments(query))
}

/// One payment.
#[tauri::command(async)]
#[specta::specta]
pub fn get_payment(core: State<'_, Arc<Core>>, id: PaymentId) -> Reply<PaymentView> {
    answer("get_payment", || core.get_payment(id))
}

/// Open invoices of a customer, oldest due first, to apply a payment to.
#[tauri::command(async)]
#[specta::specta]
pub fn open_invoices(core: State<'_, Arc<Core>>, customer_id: CustomerId) -> Reply<Vec<InvoiceRow>> {
    answer("open_invoices", || core.open_invoices(customer_id))
}

/// Records a payment received.
#[tauri::command(async)]
#[specta::specta]
pub fn record_payment(core: State<'_, Arc<Core>>, draft: PaymentDraft) -> Reply<PaymentView> {
    answer("record_payment", || core.record_payment(draft))
}

/// Cancels a payment; its invoices are open again.
#[tauri::command(async)]
#[specta::specta]
pub fn void_payment(core: State<'_, Arc<Core>>, id: PaymentId) -> Reply<()> {
    answer("void_payment", || core.void_payment(id))
}

/// A page of charges.
#[tauri::command(async)]
#[specta::specta]
pub fn list_charges(core: State<'_, Arc<Core>>, query: MoneyQuery) -> Reply<Page<ChargeRow>> {
    answer("list_charges", || core.list_charges(query))
}

/// A page of payouts.
#[tauri::command(async)]
#[specta::specta]
pub fn list_payouts(core: State<'_, Arc<Core>>, query: MoneyQuery) -> Reply<Page<PayoutRow>> {
    answer("list_payouts", || core.list_payouts(query))
}

/// One payout with its entries.
#[tauri::command(async)]
#[specta::specta]
pub fn get_payout(core: State<'_, Arc<Core>>, id: MoneyRecordId) -> Reply<PayoutView> {
    answer("get_payout", || core.get_payout(id))
}
