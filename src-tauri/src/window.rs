//! The one window: made at start, hidden to the tray on close, shown again on request.

use backroom_core::{Code, Core};
use std::sync::Arc;
use tauri::{AppHandle, Manager as _, WebviewUrl, WebviewWindowBuilder, WindowEvent};

/// Label of the window; the capability file names it too.
pub const MAIN: &str = "main";

/// Makes the window. With `trouble`, it shows only what went wrong when the data file was opened.
pub fn open(app: &AppHandle, trouble: Option<(Code, String)>) -> tauri::Result<()> {
    let page = match trouble {
        None => "index.html".to_owned(),
        Some((code, message)) => {
            let code = serde_json::to_value(code).ok().and_then(|code| code.as_str().map(str::to_owned));
            let mut query = url::form_urlencoded::Serializer::new(String::new());
            query.append_pair("code", code.as_deref().unwrap_or("bug")).append_pair("message", &sentence(&message));
            format!("index.html#/cannot-open?{}", query.finish())
        }
    };
    let window = WebviewWindowBuilder::new(app, MAIN, WebviewUrl::App(page.into()))
        .title("Backroom")
        .inner_size(1280.0, 800.0)
        .min_inner_size(960.0, 600.0)
        .build()?;
    let handle = app.clone();
    window.on_window_event(move |event| {
        if let WindowEvent::CloseRequested { api, .. } = event {
            if stays_in_tray(&handle) {
                api.prevent_close();
                hide(&handle);
            } else {
                crate::startup::quit(&handle);
            }
        }
    });
    Ok(())
}

/// Brings the window to the front.
pub fn show(app: &AppHandle) {
    if let Some(window) = app.get_webview_window(MAIN) {
        let shown = window.show().and_then(|()| window.unminimize()).and_then(|()| window.set_focus());
        if let Err(error) = shown {
            tracing::warn!(%error, "the window could not be shown");
        }
    }
}

/// Takes the window from the screen; it goes on existing.
pub fn hide(app: &AppHandle) {
    if let Some(Err(error)) = app.get_webview_window(MAIN).map(|window| window.hide()) {
        tracing::warn!(%error, "the window could not be hidden");
    }
}

/// Whether closing the window keeps the app running: only with a tray to come back from, and only when the owner wants it.
fn stays_in_tray(app: &AppHandle) -> bool {
    crate::tray::can_be_seen(app)
        && app
            .try_state::<Arc<Core>>()
            .and_then(|core| core.sync_settings().ok())
            .is_some_and(|settings| settings.close_to_tray)
}

/// A message that stands alone: errors begin in lower case, because most are read after a colon.
fn sentence(message: &str) -> String {
    let mut letters = message.trim_end_matches('.').chars();
    letters.next().map_or_else(String::new, |first| format!("{}{}.", first.to_uppercase(), letters.as_str()))
}

#[cfg(test)]
mod tests {
    use super::sentence;

    #[test]
    fn a_message_becomes_one_sentence() {
        assert_eq!(sentence("the data file is damaged: no header"), "The data file is damaged: no header.");
        assert_eq!(sentence("Close it and open Backroom again."), "Close it and open Backroom again.");
        assert_eq!(sentence(""), "");
    }
}
