//! Links that open the app: `backroom://oauth/…` ends a sign-in. Everything about a link is untrusted; core decides what it means.

use backroom_core::Core;
use std::path::PathBuf;
use std::sync::Arc;
use tauri::{AppHandle, Manager as _, Url};
use tauri_plugin_deep_link::DeepLinkExt as _;

/// How the links begin that end a sign-in.
const SIGN_IN: &str = "backroom://oauth/";

/// Longest link that is looked at; a sign-in's is far shorter.
const LONGEST: usize = 8 * 1024;

/// The data folder that a sign-in was begun from, when this start only brings its link: it belongs to that folder's window.
pub fn folder_of_start() -> Option<PathBuf> {
    let mut arguments = std::env::args().skip(1);
    let (Some(link), None) = (arguments.next(), arguments.next()) else { return None };
    let link = link.starts_with(SIGN_IN).then(|| Url::parse(&link).ok()).flatten()?;
    backroom_host::sign_in_folder(&link)
}

/// Registers the scheme for this user where the installer has not, and listens. A window on a data folder of its own, such as a demo,
/// takes the links over from nobody.
pub fn listen(app: &AppHandle, own_folder: bool) {
    #[cfg(any(target_os = "linux", all(debug_assertions, windows)))]
    register(app.clone(), own_folder);
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
fn register(app: AppHandle, own_folder: bool) {
    std::thread::spawn(move || {
        if own_folder && somebody_handles_links() {
            return;
        }
        if let Err(error) = app.deep_link().register_all() {
            // Pasting the address still works, so this is no reason not to start.
            tracing::warn!(%error, "the link scheme could not be registered");
        }
    });
}

/// Whether a program is already set for the links, be it this one or another.
#[cfg(target_os = "linux")]
fn somebody_handles_links() -> bool {
    let asked = std::process::Command::new("xdg-mime").args(["query", "default", "x-scheme-handler/backroom"]).output();
    asked.is_ok_and(|answer| !answer.stdout.trim_ascii().is_empty())
}

/// Where an installer registers them for good, what is not installed registers nothing beside it.
#[cfg(all(debug_assertions, windows))]
fn somebody_handles_links() -> bool {
    true
}

fn open(app: &AppHandle, link: &str) {
    crate::window::show(app);
    if link.len() > LONGEST || !link.starts_with(SIGN_IN) {
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
