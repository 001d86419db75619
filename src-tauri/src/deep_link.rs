//! Links that open the app: `backroom://oauth/…` ends a sign-in. Everything about a link is untrusted; core decides what it means.

use backroom_core::Core;
use std::sync::Arc;
use tauri::{AppHandle, Manager as _};
use tauri_plugin_deep_link::DeepLinkExt as _;

/// Longest link that is looked at; a sign-in's is far shorter.
const LONGEST: usize = 8 * 1024;

/// Registers the scheme for this user where the installer has not, and listens.
pub fn listen(app: &AppHandle) {
    #[cfg(any(target_os = "linux", all(debug_assertions, windows)))]
    register(app.clone());
    if let Ok(Some(urls)) = app.deep_link().get_current() {
        for url in &urls {
            open(app, url.as_str());
        }
    }
    let handle = app.clone();
    app.deep_link().on_open_url(move |event| {
        for url in event.urls() {
            open(&handle, url.as_str());
        }
    });
}

/// On a thread of its own: Linux runs two programs for it, and the window need not wait for them.
#[cfg(any(target_os = "linux", all(debug_assertions, windows)))]
fn register(app: AppHandle) {
    std::thread::spawn(move || {
        if let Err(error) = app.deep_link().register_all() {
            // Pasting the address still works, so this is no reason not to start.
            tracing::warn!(%error, "the link scheme could not be registered");
        }
    });
}

fn open(app: &AppHandle, link: &str) {
    crate::window::show(app);
    if link.len() > LONGEST || !link.starts_with("backroom://oauth/") {
        tracing::warn!(length = link.len(), "a link that is no sign-in was ignored");
        return;
    }
    let Some(core) = app.try_state::<Arc<Core>>().map(|core| Arc::clone(&core)) else { return };
    let link = link.to_owned();
    tauri::async_runtime::spawn(async move {
        // The outcome reaches the window as an event.
        if let Err(error) = core.finish_sign_in(link).await {
            tracing::warn!(error.code = ?error.code(), "a sign-in link could not be handled");
        }
    });
}
