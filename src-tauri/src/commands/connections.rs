//! Connections and sign-ins.

use super::{Reply, answer, answer_async};
use crate::browser::Browser;
use backroom_core::Core;
use backroom_core::connections::{ConnectDraft, ConnectionView, SignInOutcome, SignInStarted, VendorView};
use backroom_core::ids::ConnectionId;
use std::sync::Arc;
use tauri::State;

/// Vendors that can be connected.
#[tauri::command(async)]
#[specta::specta]
pub fn list_vendors(core: State<'_, Arc<Core>>) -> Reply<Vec<VendorView>> {
    answer("list_vendors", || core.list_vendors())
}

/// All connections.
#[tauri::command(async)]
#[specta::specta]
pub fn list_connections(core: State<'_, Arc<Core>>) -> Reply<Vec<ConnectionView>> {
    answer("list_connections", || core.list_connections())
}

/// Begins a sign-in and opens its page in the owner's browser; one waits at a time.
#[tauri::command]
#[specta::specta]
pub async fn start_sign_in(
    core: State<'_, Arc<Core>>,
    browser: State<'_, Browser>,
    draft: ConnectDraft,
) -> Reply<SignInStarted> {
    let started = answer_async("start_sign_in", core.start_sign_in(draft)).await?;
    if let Err(error) = browser.open(&started.authorize_url) {
        // The dialog shows the address as well, so the owner can open it by hand.
        tracing::warn!(error, "the browser did not open");
    }
    Ok(started)
}

/// Ends it with the link that came back, however it came: by the system, or pasted.
#[tauri::command]
#[specta::specta]
pub async fn finish_sign_in(core: State<'_, Arc<Core>>, link: String) -> Reply<SignInOutcome> {
    answer_async("finish_sign_in", core.finish_sign_in(link)).await
}

/// Stops waiting.
#[tauri::command(async)]
#[specta::specta]
pub fn cancel_sign_in(core: State<'_, Arc<Core>>) -> Reply<()> {
    answer("cancel_sign_in", || core.cancel_sign_in())
}

/// Connects with keys, after checking them with the vendor.
#[tauri::command]
#[specta::specta]
pub async fn connect_with_keys(core: State<'_, Arc<Core>>, draft: ConnectDraft) -> Reply<SignInOutcome> {
    answer_async("connect_with_keys", core.connect_with_keys(draft)).await
}

/// Forgets a connection and its secrets; local records stay.
#[tauri::command]
#[specta::specta]
pub async fn disconnect(core: State<'_, Arc<Core>>, id: ConnectionId) -> Reply<()> {
    answer_async("disconnect", core.disconnect(id)).await
}

/// Fetches the options of a connection's settings.
#[tauri::command]
#[specta::specta]
pub async fn refresh_connection_choices(core: State<'_, Arc<Core>>, id: ConnectionId) -> Reply<ConnectionView> {
    answer_async("refresh_connection_choices", core.refresh_connection_choices(id)).await
}

/// Chooses an option; `None` goes back to the suggestion.
#[tauri::command(async)]
#[specta::specta]
pub fn save_connection_setting(
    core: State<'_, Arc<Core>>,
    id: ConnectionId,
    setting: String,
    value: Option<String>,
) -> Reply<ConnectionView> {
    answer("save_connection_setting", || core.save_connection_setting(id, setting, value))
}
