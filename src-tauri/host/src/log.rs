//! The log: JSON lines in the data folder, one file a day, a week of them, for the owner's eyes only. Fields never hold secrets or
//! personal data.

use backroom_core::private;
use chrono::{NaiveDate, Utc};
use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use tracing_appender::non_blocking::WorkerGuard;
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
    private::folder(folder).ok()?;
    let folder = folder.join("logs");
    private::folder(&folder).ok()?;
    let (writer, guard) = tracing_appender::non_blocking(Daily { folder, day: NaiveDate::MIN, file: None });
    let filter =
        EnvFilter::try_from_env("BACKROOM_LOG").unwrap_or_else(|_| EnvFilter::new("warn,backroom=info,connector=info"));
    let subscriber = tracing_subscriber::fmt().json().with_env_filter(filter).with_writer(writer).finish();
    // A second start in one process (tests) keeps the first log.
    tracing::subscriber::set_global_default(subscriber).ok()?;
    Some(guard)
}

/// Writes each day to a file of its own, which nobody else may read.
struct Daily {
    folder: PathBuf,
    day: NaiveDate,
    file: Option<File>,
}

impl Daily {
    fn on(&mut self, today: NaiveDate) -> io::Result<&mut File> {
        let open = self.file.take().filter(|_| self.day == today);
        let file = if let Some(file) = open {
            file
        } else {
            let file = private::append(&self.folder.join(format!("backroom.{today}.log")))?;
            self.day = today;
            self.forget_old();
            file
        };
        Ok(self.file.insert(file))
    }

    fn forget_old(&self) {
        let entries = std::fs::read_dir(&self.folder).into_iter().flatten().flatten();
        let mut logs: Vec<PathBuf> = entries
            .map(|entry| entry.path())
            .filter(|path| {
                let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
                name.starts_with("backroom.") && path.extension().is_some_and(|ending| ending == "log")
            })
            .collect();
        logs.sort();
        for old in logs.iter().rev().skip(DAYS) {
            let _another_time_if_not_now = std::fs::remove_file(old);
        }
    }
}

impl Write for Daily {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        self.on(Utc::now().date_naive())?.write(line)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.as_mut().map_or(Ok(()), File::flush)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_day_has_a_file_and_a_week_of_them_is_kept() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut log = Daily { folder: folder.path().to_path_buf(), day: NaiveDate::MIN, file: None };
        let first: NaiveDate = "2026-01-01".parse().expect("a day");
        for day in first.iter_days().take(10) {
            log.on(day).and_then(|file| file.write_all(b"line\n")).expect("written");
            log.on(day).and_then(|file| file.write_all(b"line\n")).expect("written");
        }
        let mut files: Vec<_> = std::fs::read_dir(folder.path()).expect("a list").flatten().collect();
        files.sort_by_key(std::fs::DirEntry::file_name);
        assert_eq!(files.len(), DAYS);
        assert_eq!(files[0].file_name(), "backroom.2026-01-04.log");
        assert_eq!(std::fs::read_to_string(files[0].path()).expect("read"), "line\nline\n");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            assert_eq!(files[0].metadata().expect("metadata").permissions().mode() & 0o777, 0o600);
        }
    }
}
