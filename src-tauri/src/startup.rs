//! From the first instruction to the window, and from "Quit" to the last.

use crate::browser::Browser;
use crate::context::context;
use crate::engine::Engine;
use crate::events::AppEvent;
use crate::gate::Gate;
use crate::{bindings, deep_link, events, tray, window};
use backroom_core::event::{Event, Tag};
use backroom_core::{Code, Core};
use backroom_host::{EngineLock, LockError, Opened};
use std::path::PathBuf;
use std::sync::Arc;
use tauri::{AppHandle, Manager as _};
use tauri_plugin_notification::NotificationExt as _;
use tauri_specta::Event as _;

/// Counts, in the environment of the next one, how often a start was begun anew.
#[cfg(target_os = "linux")]
const STARTS: &str = "BACKROOM_STARTS";

/// How often that is done: five seconds in all.
#[cfg(target_os = "linux")]
const MOST_STARTS: u32 = 10;

/// Runs the app until it quits.
pub fn run() {
    let folder = deep_link::folder_of_start().or_else(backroom_host::data_folder);
    let log = folder.as_deref().and_then(backroom_host::start_log);
    backroom_host::log_panics(false);
    let commands = bindings::builder::<tauri::Wry>();
    let gate = Arc::new(Gate::new(commands.invoke_handler()));
    let calls = Arc::clone(&gate);
    // Every data folder has a window of its own, so the name by which a second start finds the first one includes it.
    let own = folder.as_deref().and_then(backroom_host::instance_key);
    let mut context = context::<tauri::Wry>();
    if let Some(key) = &own {
        let named = format!("{}.{key}", context.config().identifier);
        context.config_mut().identifier = named;
    }
    let app = tauri::Builder::default()
        // First, so that a second start hands its link to the first and ends before it opens anything.
        .plugin(tauri_plugin_single_instance::init(|app, _arguments, _folder| window::show(app)))
        .plugin(tauri_plugin_deep_link::init())
        .plugin(tauri_plugin_notification::init())
        .invoke_handler(move |call| calls.pass(call))
        .setup(move |app| {
            commands.mount_events(app);
            let own_folder = own.as_ref().and(folder.clone());
            app.manage(Browser::system(own_folder.clone()));
            app.manage(Arc::clone(&gate));
            // The window comes first: it shows its frame while the data file is opened.
            window::open(app.handle(), own_folder.map(|folder| folder.join("window")))?;
            stop_on_signals(app.handle());
            let (app, own) = (app.handle().clone(), own.is_some());
            std::thread::Builder::new().name("open".to_owned()).spawn(move || start(&app, &gate, folder, own))?;
            Ok(())
        })
        .build(context);
    let app = match app {
        Ok(app) => app,
        Err(error) => cannot_start(&error, log),
    };
    app.run(|app, event| match event {
        event if ends_the_app(&event) => stop_engine(app),
        #[cfg(target_os = "macos")]
        tauri::RunEvent::Reopen { .. } => window::show(app),
        _ => {}
    });
}

/// A Backroom that is just ending still has its name on the message bus but answers nobody, so that handing over to it fails. Soon it
/// is gone, and this one is the first: it begins anew, and gives up only after a while. Whatever else is wrong is said and ends it.
fn cannot_start(error: &tauri::Error, log: impl Sized) -> ! {
    #[cfg(target_os = "linux")]
    if matches!(error, tauri::Error::PluginInitialization(plugin, _) if plugin == "single-instance") {
        use std::os::unix::process::CommandExt as _;
        let before = std::env::var(STARTS).ok().and_then(|count| count.parse::<u32>().ok()).unwrap_or(0);
        if before < MOST_STARTS
            && let Ok(program) = std::env::current_exe()
        {
            tracing::warn!(%error, "the start begins anew");
            // What follows leaves this program at once, so what was logged is written before.
            drop(log);
            std::thread::sleep(std::time::Duration::from_millis(500));
            let again = std::process::Command::new(program)
                .args(std::env::args_os().skip(1))
                .env(STARTS, (before + 1).to_string())
                .exec();
            eprintln!("Backroom could not begin anew: {again}");
            std::process::exit(1)
        }
    }
    tracing::error!(%error, "the app could not be started");
    drop(log);
    eprintln!("Backroom could not be started: {error}");
    std::process::exit(1)
}

/// Leaving from within asks first and then ends; Cmd+Q on macOS and a log-off on Windows end at once. The engine is stopped on
/// whichever comes first; a second time does nothing.
fn ends_the_app(event: &tauri::RunEvent) -> bool {
    matches!(event, tauri::RunEvent::ExitRequested { .. } | tauri::RunEvent::Exit)
}

/// Opens the data file and everything around it, beside the window's thread; if that fails, the window says why and nothing else runs.
fn start(app: &AppHandle, gate: &Gate<tauri::Wry>, folder: Option<PathBuf>, own: bool) {
    let trouble = match open(folder) {
        Ok(Opened { core, engine }) => {
            forward_events(app, &core);
            app.manage(Arc::clone(&core));
            match start_engine(app, Arc::clone(&core), engine) {
                None => {
                    gate.open();
                    // After the gate: this asks the window's thread, which may be waiting for the gate in order to end.
                    window::name(app, &core);
                    show_tray(app, core);
                    deep_link::listen(app, own);
                    return;
                }
                Some(trouble) => trouble,
            }
        }
        Err(error) => (error.code(), error.to_string()),
    };
    let (code, message) = trouble;
    tracing::error!(?code, message, "the data file is not open");
    gate.fail(code, &message);
    window::show_trouble(app, code, &message);
}

/// On a runtime of its own: calls that wait for the file must never keep the one they wait for from working.
fn open(folder: Option<PathBuf>) -> backroom_core::Result<Opened> {
    let Some(folder) = folder else {
        return Err(backroom_core::Error::Storage("this system names no folder for application data".to_owned()));
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| backroom_core::Error::Bug(error.to_string()))?;
    runtime.block_on(backroom_host::open(&folder))
}

/// The tray belongs to the window's thread.
fn show_tray(app: &AppHandle, core: Arc<Core>) {
    let handle = app.clone();
    if let Err(error) = app.run_on_main_thread(move || tray::open(&handle, &core)) {
        tracing::warn!(%error, "there is no tray");
    }
}

/// Starts the engine, or returns why this window must not work on the folder.
fn start_engine(app: &AppHandle, core: Arc<Core>, lock: Result<EngineLock, LockError>) -> Option<(Code, String)> {
    let lock = match lock {
        Ok(lock) => lock,
        Err(error) => return Some((Code::FileInUse, format!("{error}. Close it and open Backroom again."))),
    };
    match Engine::start(core, lock) {
        Ok(engine) => {
            app.manage(engine);
            None
        }
        Err(error) => Some((Code::Bug, format!("the sync could not be started: {error}"))),
    }
}

fn forward_events(app: &AppHandle, core: &Arc<Core>) {
    let handle = app.clone();
    let deliver = move |event: Event| {
        if let Event::Attention { title, text, .. } = &event {
            notify(&handle, title, text);
        }
        let settings_changed = matches!(&event, Event::Changed { tags } if tags.contains(&Tag::Settings));
        if let (true, Some(entry), Some(core)) =
            (settings_changed, handle.try_state::<tray::PauseEntry>(), handle.try_state::<Arc<Core>>())
        {
            entry.follow(&core);
        }
        let company_changed = matches!(&event, Event::Changed { tags } if tags.contains(&Tag::Company));
        if let (true, Some(core)) = (company_changed, handle.try_state::<Arc<Core>>()) {
            window::name(&handle, &core);
        }
        if let Err(error) = AppEvent(event).emit(&handle) {
            tracing::warn!(%error, "an event did not reach the window");
        }
    };
    let sender = events::coalesce(deliver);
    core.listen(Arc::new(move |event| {
        // The thread only ends with the app.
        let _sent = sender.send(event.clone());
    }));
}

/// A desktop notification, unless the owner is looking at the window or does not want any.
fn notify(app: &AppHandle, title: &str, text: &str) {
    let looking = app.get_webview_window(window::MAIN).and_then(|window| window.is_focused().ok()).unwrap_or(false);
    let wanted =
        app.try_state::<Arc<Core>>().and_then(|core| core.sync_settings().ok()).is_some_and(|settings| settings.notify);
    if wanted
        && !looking
        && let Err(error) = app.notification().builder().title(title).body(text).show()
    {
        tracing::warn!(%error, "a notification could not be shown");
    }
}

/// Ends the app after the sync's current step. The window goes at once; a step that waits for a vendor may take a while, and must
/// not leave a frozen window standing meanwhile.
pub fn quit(app: &AppHandle) {
    window::hide(app);
    let handle = app.clone();
    std::thread::spawn(move || {
        stop_engine(&handle);
        handle.exit(0);
    });
}

/// Stops the engine, then closes the data file: from then on the file alone holds everything.
fn stop_engine(app: &AppHandle) {
    // A file that is just being opened, or even changed to a newer format, is let through first.
    if let Some(gate) = app.try_state::<Arc<Gate<tauri::Wry>>>() {
        gate.wait();
    }
    if let Some(engine) = app.try_state::<Engine>() {
        engine.stop();
    }
    if let Some(Err(error)) = app.try_state::<Arc<Core>>().map(|core| core.close()) {
        tracing::warn!(%error, "the data file could not be closed in order; the next start puts it right");
    }
}

/// Log-off, shut-down and Ctrl+C end the app as "Quit" does.
fn stop_on_signals(app: &AppHandle) {
    #[cfg(unix)]
    {
        let handle = app.clone();
        tauri::async_runtime::spawn(async move {
            use tokio::signal::unix::{SignalKind, signal};
            let (Ok(mut term), Ok(mut hang_up), Ok(mut interrupt)) =
                (signal(SignalKind::terminate()), signal(SignalKind::hangup()), signal(SignalKind::interrupt()))
            else {
                return;
            };
            tokio::select! {
                _ = term.recv() => {}
                _ = hang_up.recv() => {}
                _ = interrupt.recv() => {}
            }
            quit(&handle);
        });
    }
    #[cfg(not(unix))]
    let _ends_by_window_messages = app;
}

#[cfg(test)]
mod tests {
    use super::ends_the_app;
    use tauri::RunEvent;

    #[test]
    fn an_end_without_a_request_stops_the_engine_too() {
        assert!(ends_the_app(&RunEvent::Exit), "Cmd+Q and log-off bring only this");
        assert!(!ends_the_app(&RunEvent::Ready) && !ends_the_app(&RunEvent::Resumed));
    }
}
