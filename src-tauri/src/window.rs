//! The one window: made at start, before the data file is open; hidden to the tray on close, shown again on request.

use crate::browser::Browser;
use crate::navigation::{Way, way};
use backroom_core::{Code, Core};
use std::path::PathBuf;
use std::sync::Arc;
use tauri::webview::NewWindowResponse;
use tauri::{AppHandle, Manager as _, Url, WebviewUrl, WebviewWindowBuilder, WindowEvent};

/// Label of the window; the capability file names it too.
pub const MAIN: &str = "main";

/// Makes the window. What the web view stores of its own goes into `storage`, or to the system's usual place.
pub fn open(app: &AppHandle, storage: Option<PathBuf>) -> tauri::Result<()> {
    let (links, new_windows) = (app.clone(), app.clone());
    let mut builder = WebviewWindowBuilder::new(app, MAIN, WebviewUrl::App("index.html".into()))
        .title("Backroom")
        .inner_size(1280.0, 800.0)
        .min_inner_size(640.0, 480.0)
        .zoom_hotkeys_enabled(true)
        .on_navigation(move |address| may_go(&links, address))
        .on_new_window(move |address, _| {
            // There is one window: what asks for another one gets at most another program.
            may_go(&new_windows, &address);
            NewWindowResponse::Deny
        })
        .on_download(|_, _| false);
    if let Some(storage) = storage {
        builder = builder.data_directory(storage);
    }
    let window = builder.build()?;
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

/// Whether the window may show this address; hands a mail address to the system.
fn may_go(app: &AppHandle, address: &Url) -> bool {
    let served = if cfg!(dev) { app.config().build.dev_url.as_ref() } else { None };
    match way(address, served) {
        Way::Stay => true,
        Way::HandOver => {
            if let Some(Err(error)) = app.try_state::<Browser>().map(|system| system.write_mail(address.as_str())) {
                tracing::warn!(error, "the mail program did not open");
            }
            false
        }
        Way::Refuse => {
            tracing::warn!(scheme = address.scheme(), "the window was kept on its own pages");
            false
        }
    }
}

/// Shows only what went wrong when the data file was opened.
pub fn show_trouble(app: &AppHandle, code: Code, message: &str) {
    let Some(window) = app.get_webview_window(MAIN) else { return };
    let code = serde_json::to_value(code).ok().and_then(|code| code.as_str().map(str::to_owned));
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    query.append_pair("code", code.as_deref().unwrap_or("bug")).append_pair("message", &sentence(message));
    let page = format!("/cannot-open?{}", query.finish());
    let gone = window.url().and_then(|mut address| {
        address.set_fragment(Some(&page));
        window.navigate(address)
    });
    if let Err(error) = gone {
        tracing::warn!(%error, "the window could not show what went wrong");
    }
}

/// Names the company in the title, so that two companies' windows can be told apart.
pub fn name(app: &AppHandle, core: &Core) {
    let Some(window) = app.get_webview_window(MAIN) else { return };
    let company = core.app_status().ok().and_then(|status| status.company);
    let title = title(company.as_ref().map(|company| company.name.as_str()));
    if window.title().is_ok_and(|shown| shown == title) {
        return;
    }
    if let Err(error) = window.set_title(&title) {
        tracing::warn!(%error, "the window could not be named");
    }
}

fn title(company: Option<&str>) -> String {
    company.map_or_else(|| "Backroom".to_owned(), |company| format!("{company} – Backroom"))
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
    use super::{sentence, title};

    #[test]
    fn the_title_names_the_company() {
        assert_eq!(title(Some("Tidewater Studio")), "Tidewater Studio – Backroom");
        assert_eq!(title(None), "Backroom", "before there is one");
    }

    #[test]
    fn a_message_becomes_one_sentence() {
        assert_eq!(sentence("the data file is damaged: no header"), "The data file is damaged: no header.");
        assert_eq!(sentence("Close it and open Backroom again."), "Close it and open Backroom again.");
        assert_eq!(sentence(""), "");
    }
}
