//! The tray: open, sync now, pause, quit.

use backroom_core::Core;
use backroom_core::sync::RunTrigger;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use tauri::menu::{CheckMenuItem, Menu, MenuItem, PredefinedMenuItem};
use tauri::tray::{MouseButton, MouseButtonState, TrayIconBuilder, TrayIconEvent};
use tauri::{AppHandle, Manager as _, Wry};

/// Name of the tray icon.
pub const ID: &str = "backroom";

/// The entry that shows whether the timer is paused; kept so that it can follow the Sync page.
pub struct PauseEntry(CheckMenuItem<Wry>);

impl PauseEntry {
    /// Shows the state the settings have now.
    pub fn follow(&self, core: &Core) {
        if let Ok(settings) = core.sync_settings() {
            // A tray that has gone away needs no tick.
            let _shown = self.0.set_checked(settings.paused);
        }
    }
}

/// Makes the tray icon. A system that can't have one simply has none; closing the window then quits.
pub fn open(app: &AppHandle, core: &Arc<Core>) {
    // On Linux the indicator's library is loaded only now, and its binding panics where it is not installed.
    match std::panic::catch_unwind(AssertUnwindSafe(|| make(app, core))) {
        Ok(Ok(())) => {}
        Ok(Err(error)) => tracing::warn!(%error, "there is no tray"),
        Err(_) => tracing::warn!("there is no tray: its library is missing"),
    }
}

/// Whether there is an icon that the owner can come back by. Several Linux desktops have no place for icons; there a window that was
/// hidden on close would seem gone while the app runs on.
pub fn can_be_seen(app: &AppHandle) -> bool {
    app.tray_by_id(ID).is_some() && has_host()
}

#[cfg(target_os = "linux")]
fn has_host() -> bool {
    let ask = || -> zbus::Result<bool> {
        let bus = zbus::blocking::Connection::session()?;
        let watcher = zbus::names::BusName::try_from("org.kde.StatusNotifierWatcher")?;
        Ok(zbus::blocking::fdo::DBusProxy::new(&bus)?.name_has_owner(watcher)?)
    };
    // Without a bus there is no place for icons either.
    ask().unwrap_or(false)
}

#[cfg(not(target_os = "linux"))]
fn has_host() -> bool {
    true
}

fn make(app: &AppHandle, core: &Arc<Core>) -> tauri::Result<()> {
    let pause = CheckMenuItem::with_id(app, "pause", "Pause syncing", true, false, None::<&str>)?;
    let menu = Menu::with_items(
        app,
        &[
            &MenuItem::with_id(app, "open", "Open Backroom", true, None::<&str>)?,
            &MenuItem::with_id(app, "sync", "Sync now", true, None::<&str>)?,
            &pause,
            &PredefinedMenuItem::separator(app)?,
            &MenuItem::with_id(app, "quit", "Quit", true, None::<&str>)?,
        ],
    )?;
    let mut tray = TrayIconBuilder::with_id(ID).menu(&menu).tooltip("Backroom").show_menu_on_left_click(false);
    if let Some(icon) = app.default_window_icon() {
        tray = tray.icon(icon.clone());
    }
    tray.on_menu_event(|app, event| choose(app, event.id().as_ref()))
        .on_tray_icon_event(|tray, event| {
            if let TrayIconEvent::Click { button: MouseButton::Left, button_state: MouseButtonState::Up, .. } = event {
                crate::window::show(tray.app_handle());
            }
        })
        .build(app)?;
    let pause = PauseEntry(pause);
    pause.follow(core);
    app.manage(pause);
    Ok(())
}

fn choose(app: &AppHandle, entry: &str) {
    let core = app.state::<Arc<Core>>();
    let done = match entry {
        "open" => {
            crate::window::show(app);
            Ok(())
        }
        "sync" => core.sync_now(None, RunTrigger::Owner).map(drop),
        "pause" => core.sync_settings().and_then(|settings| core.pause_sync(!settings.paused)).map(drop),
        "quit" => {
            crate::startup::quit(app);
            Ok(())
        }
        _ => Ok(()),
    };
    if let Err(error) = done {
        tracing::warn!(error.code = ?error.code(), entry, "a tray entry failed");
    }
}
