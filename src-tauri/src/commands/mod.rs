//! What the window may ask for: one thin function per wish, grouped by area. Rules live in core, never here.

pub mod company;
pub mod connections;
pub mod customers;
pub mod history;
pub mod invoices;
pub mod items;
pub mod orders;
pub mod payments;
pub mod reports;
pub mod search;
pub mod stock;
pub mod sync;

use crate::error::UiError;
use std::future::Future;
use tracing::Instrument as _;
use uuid::Uuid;

/// What every command returns.
pub type Reply<T> = Result<T, UiError>;

/// Runs a command's work under a request id that also reaches the log and, on failure, the window.
fn answer<T>(command: &'static str, work: impl FnOnce() -> backroom_core::Result<T>) -> Reply<T> {
    let request_id = Uuid::now_v7();
    let span = tracing::info_span!("command", name = command, request.id = %request_id);
    span.in_scope(|| work().map_err(|error| UiError::new(error, request_id)))
}

/// [`answer`] for work that waits for a vendor.
async fn answer_async<T>(command: &'static str, work: impl Future<Output = backroom_core::Result<T>>) -> Reply<T> {
    let request_id = Uuid::now_v7();
    let span = tracing::info_span!("command", name = command, request.id = %request_id);
    async { work.await.map_err(|error| UiError::new(error, request_id)) }.instrument(span).await
}
