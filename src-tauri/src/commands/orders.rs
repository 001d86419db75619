//! Sales orders.

use super::{Reply, answer};
use backroom_core::Core;
use backroom_core::ids::OrderId;
use backroom_core::orders::{OrderAction, OrderDraft, OrderPreview, OrderQuery, OrderRow, OrderView, ShippingOptions};
use backroom_core::view::Page;
use std::sync::Arc;
use tauri::State;

/// A page of orders.
#[tauri::command(async)]
#[specta::specta]
pub fn list_orders(core: State<'_, Arc<Core>>, query: OrderQuery) -> Reply<Page<OrderRow>> {
    answer("list_orders", || core.list_orders(query))
}

/// One order.
#[tauri::command(async)]
#[specta::specta]
pub fn get_order(core: State<'_, Arc<Core>>, id: OrderId) -> Reply<OrderView> {
    answer("get_order", || core.get_order(id))
}

/// Totals and errors of an order being typed.
#[tauri::command(async)]
#[specta::specta]
pub fn preview_order(core: State<'_, Arc<Core>>, draft: OrderDraft) -> Reply<OrderPreview> {
    answer("preview_order", || core.preview_order(draft))
}

/// Creates or changes an order.
#[tauri::command(async)]
#[specta::specta]
pub fn save_order(core: State<'_, Arc<Core>>, draft: OrderDraft) -> Reply<OrderView> {
    answer("save_order", || core.save_order(draft))
}

/// What it takes to mark these orders as shipped.
#[tauri::command(async)]
#[specta::specta]
pub fn shipping_options(core: State<'_, Arc<Core>>, ids: Vec<OrderId>) -> Reply<ShippingOptions> {
    answer("shipping_options", || core.shipping_options(ids))
}

/// Holds, releases, cancels or ships orders; all or none.
#[tauri::command(async)]
#[specta::specta]
pub fn act_on_orders(core: State<'_, Arc<Core>>, ids: Vec<OrderId>, action: OrderAction) -> Reply<()> {
    answer("act_on_orders", || core.act_on_orders(ids, action))
}
