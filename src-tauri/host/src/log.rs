//! The log: JSON lines in the data folder, one file a day, a week of them. Fields never hold secrets or personal data.

use std::path::Path;
use tracing_appender::non_blocking::WorkerGuard;
use tracing_appender::rolling::{Builder, Rotation};
use tracing_subscriber::EnvFilter;

/// Days of log that are kept.
const DAYS: usize = 7;

/// From now on a panic is logged by the place where it happened, never with the values that were in play: they may be a
/// record's. With `aloud` it is also said on standard error, for programs that have nowhere else to say it.
pub fn log_panics(aloud: bool) {
    std::panic::set_hook(Box::new(move |panic| {
        let at = panic.location().map(ToString::to_string);
        if aloud {
            eprintln!("A fault in Backroom itself, at {}.", at.as_deref().unwrap_or("an unknown place"));
        }
        tracing::error!(at, "a stage panicked");
    }));
}

/// Starts logging to `<folder>/logs`. Keep the guard until the end, or the last lines are lost. Without a writable folder there
/// is no log, which is no reason not to start.
pub fn start_log(folder: &Path) -> Option<WorkerGuard> {
    let folder = folder.join("logs");
    // Made here, because the appender would complain aloud about a folder it has yet to make.
    std::fs::create_dir_all(&folder).ok()?;
    let appender = Builder::new()
        .rotation(Rotation::DAILY)
        .filename_prefix("backroom")
        .filename_suffix("log")
        .max_log_files(DAYS)
        .build(folder)
        .ok()?;
    let (writer, guard) = tracing_appender::non_blocking(appender);
    let filter =
        EnvFilter::try_from_env("BACKROOM_LOG").unwrap_or_else(|_| EnvFilter::new("warn,backroom=info,connector=info"));
    let subscriber = tracing_subscriber::fmt().json().with_env_filter(filter).with_writer(writer).finish();
    // A second start in one process (tests) keeps the first log.
    tracing::subscriber::set_global_default(subscriber).ok()?;
    Some(guard)
}
