//! Backups: making one, listing them, making one a day by itself, and letting old ones go.

use super::keep;
use crate::event::{AttentionPlace, Event, Tag};
use crate::store::file::{copy, summary};
use crate::store::restored::{self, Restored};
use crate::{Core, Error, Result, private, store};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

/// Folder of the backups, inside the data folder.
pub const BACKUPS: &str = "backups";

/// Why a backup was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, specta::Type)]
#[serde(rename_all = "snake_case")]
pub enum BackupKind {
    /// By itself, once a day.
    Daily,
    /// The owner asked for it.
    Manual,
    /// Before an update of Backroom changed the file's format.
    BeforeUpdate,
    /// The file as it was before a backup was restored.
    BeforeRestore,
    /// Put here by somebody else.
    Other,
}

/// A backup.
#[derive(Debug, Clone, Serialize, Deserialize, specta::Type)]
pub struct BackupView {
    /// File name; names it in commands.
    pub name: String,
    /// Where it is.
    pub path: String,
    /// Why it was made.
    pub kind: BackupKind,
    /// When (RFC 3339, UTC).
    pub made_at: String,
    /// Size in kibibytes.
    pub size_kib: u32,
    /// The company in it.
    pub company: Option<String>,
    /// What it holds; `None` when it can't be used.
    pub counts: Option<summary::Counts>,
    /// When a record in it was last changed (RFC 3339, UTC).
    pub newest: Option<String>,
    /// Why it can't be used, as a sentence; empty when it can.
    pub problem: String,
}

/// All backups, and what the owner should know about the file.
#[derive(Debug, Clone, Serialize, Deserialize, specta::Type)]
pub struct BackupList {
    /// Newest first.
    pub rows: Vec<BackupView>,
    /// Folder they are in.
    pub folder: String,
    /// What is wrong with the data file or its backups, as sentences.
    pub problems: Vec<String>,
    /// The last time a backup was restored.
    pub restored: Option<Restored>,
}

impl Core {
    /// All backups, newest first.
    pub fn backups(&self) -> Result<BackupList> {
        let folder = self.folder()?;
        let mut rows: Vec<BackupView> = [folder.join(BACKUPS), folder.clone()]
            .iter()
            .flat_map(|folder| std::fs::read_dir(folder).into_iter().flatten().flatten())
            .filter_map(|entry| view(&entry.path()))
            .collect();
        rows.sort_by(|one, other| other.made_at.cmp(&one.made_at).then_with(|| other.name.cmp(&one.name)));
        Ok(BackupList {
            rows,
            folder: folder.join(BACKUPS).display().to_string(),
            problems: self.file_problems(),
            restored: self.store.read(restored::last)?,
        })
    }

    /// Makes a backup now.
    pub fn back_up_now(&self) -> Result<BackupView> {
        let name = format!("manual-{}.sqlite", self.local_time()?);
        let path = self.backup_folder()?.join(name);
        self.back_up_to(&path)
    }

    /// Makes a backup at a place of the owner's choice, where nothing may be.
    pub fn back_up_to(&self, path: &Path) -> Result<BackupView> {
        if path.exists() {
            return Err(Error::Refused(format!("{} exists already; choose another name.", path.display())));
        }
        let made = self.store.copy_to(path, &store::history::moment(self.now()));
        self.note_backup(made.as_ref().err());
        made?;
        self.store.tell(&Event::Changed { tags: vec![Tag::Backups] });
        described(path)
    }

    /// The file of a backup named by its file name.
    pub(super) fn backup_named(&self, name: &str) -> Result<PathBuf> {
        let plain = Path::new(name).file_name().is_some_and(|file| file == name);
        let folder = self.folder()?;
        let places = [folder.join(BACKUPS).join(name), folder.join(name)];
        let found = places.into_iter().find(|path| plain && view(path).is_some());
        found.ok_or(Error::NotFound("backup"))
    }

    /// What a running app does for the file from time to time: a thorough look after it was not closed in order, and a backup a day.
    /// Takes as long as it takes; closing the file ends it.
    pub fn look_after_file(&self) {
        self.check_after_unclean_end();
        if let Err(error) = self.back_up_daily() {
            tracing::warn!(%error, "the daily backup was not made");
        }
    }

    fn check_after_unclean_end(&self) {
        if !self.store.found(|found| std::mem::take(&mut found.unclean)) {
            return;
        }
        if let Err(Error::FileCorrupt(reason)) = self.store.check_thoroughly() {
            let text = format!("The data file is damaged ({reason}). Restore a backup in Settings, under Data.");
            *self.watch.damage.lock() = Some(text.clone());
            self.call_owner("The data file is damaged", text);
        }
    }

    fn back_up_daily(&self) -> Result<()> {
        if self.store.found(|found| found.cramped.is_some()) {
            return Ok(());
        }
        let Some(company) = self.store.read(|db| store::company::get(db))? else { return Ok(()) };
        let today = company.day_of(self.now());
        let folder = self.backup_folder()?;
        let path = folder.join(daily_name(today));
        if path.exists() {
            return Ok(());
        }
        remove_unfinished(&folder);
        self.back_up_to(&path)?;
        let days: Vec<NaiveDate> = daily_backups(&folder);
        for day in keep::superfluous(&days, today) {
            let old = folder.join(daily_name(day));
            if let Err(error) = std::fs::remove_file(&old) {
                tracing::warn!(%error, "an old backup could not be removed");
            }
        }
        self.store.tell(&Event::Changed { tags: vec![Tag::Backups] });
        Ok(())
    }

    /// Remembers how the last backup ended; the owner is called once when it begins to fail.
    fn note_backup(&self, error: Option<&Error>) {
        let told = match error {
            // Refusals are answers to a command, or the end of the app.
            None | Some(Error::Refused(_)) => None,
            Some(Error::DiskFull) => Some("the disk is full".to_owned()),
            Some(error) => Some(error.to_string()),
        };
        let text = told.map(|reason| format!("The last backup could not be made: {reason}."));
        let before = std::mem::replace(&mut *self.watch.backup.lock(), text.clone());
        if let Some(text) = text.filter(|text| before.as_ref() != Some(text)) {
            self.call_owner("No backup was made", text);
        }
    }

    fn call_owner(&self, title: &str, text: String) {
        self.store.tell(&Event::Attention { title: title.to_owned(), text, place: AttentionPlace::Data });
        self.store.tell(&Event::Changed { tags: vec![Tag::Backups] });
    }

    /// What is wrong with the file or its backups, as sentences.
    pub(crate) fn file_problems(&self) -> Vec<String> {
        let found = self.store.found(|found| {
            let cramped = found.cramped.as_ref().map(|error| {
                let reason = match error {
                    Error::DiskFull => "the disk is full".to_owned(),
                    other => other.to_string(),
                };
                format!("You can look at everything, but nothing can be saved: {reason}. Make room, then open Backroom again.")
            });
            let aside = found.set_aside.as_ref().map(|path| {
                format!(
                    "Another copy of the data file had left changes here. They were not used and are kept in {}.",
                    path.display()
                )
            });
            [cramped, aside]
        });
        let watched = [self.watch.damage.lock().clone(), self.watch.backup.lock().clone()];
        found.into_iter().chain(watched).flatten().collect()
    }

    pub(super) fn folder(&self) -> Result<PathBuf> {
        self.parts.data_folder.clone().ok_or_else(|| Error::Refused("There is no data folder.".into()))
    }

    fn backup_folder(&self) -> Result<PathBuf> {
        let folder = self.folder()?.join(BACKUPS);
        private::told(&folder, "made", private::folder(&folder))?;
        Ok(folder)
    }

    /// The time where the company is, as it can stand in a file name.
    pub(super) fn local_time(&self) -> Result<String> {
        const FORMAT: &str = "%Y-%m-%d_%H-%M-%S";
        let company = self.store.read(|db| store::company::get(db))?;
        Ok(match company {
            Some(company) => self.now().with_timezone(&company.time_zone).format(FORMAT).to_string(),
            None => self.now().format(FORMAT).to_string(),
        })
    }
}

fn daily_name(day: NaiveDate) -> String {
    format!("daily-{day}.sqlite")
}

fn daily_backups(folder: &Path) -> Vec<NaiveDate> {
    let names = std::fs::read_dir(folder).into_iter().flatten().flatten();
    names
        .filter_map(|entry| {
            let name = entry.file_name();
            name.to_str()?.strip_prefix("daily-")?.strip_suffix(".sqlite")?.parse().ok()
        })
        .collect()
}

/// Removes what is left of backups that were cut short.
fn remove_unfinished(folder: &Path) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        if entry.file_name().to_str().is_some_and(|name| name.ends_with(&format!(".sqlite{}", copy::PARTIAL))) {
            copy::discard(&entry.path());
        }
    }
}

/// A file as a backup; `None` for everything that is none by its name.
fn view(path: &Path) -> Option<BackupView> {
    let name = path.file_name()?.to_str()?;
    let in_backups = path.parent().is_some_and(|folder| folder.ends_with(BACKUPS));
    let kind = match name.strip_suffix(".sqlite")? {
        stem if stem.contains(".before-format-") => BackupKind::BeforeUpdate,
        stem if stem.contains(".before-restore-") => BackupKind::BeforeRestore,
        _ if !in_backups => return None,
        stem if stem.starts_with("daily-") => BackupKind::Daily,
        stem if stem.starts_with("manual-") => BackupKind::Manual,
        _ => BackupKind::Other,
    };
    path.is_file().then(|| describe(path, kind))
}

/// A file at any place as a backup.
fn described(path: &Path) -> Result<BackupView> {
    let view = view(path).unwrap_or_else(|| describe(path, BackupKind::Manual));
    if view.problem.is_empty() { Ok(view) } else { Err(Error::Storage(view.problem)) }
}

fn describe(path: &Path, kind: BackupKind) -> BackupView {
    let metadata = std::fs::metadata(path).ok();
    let written = metadata.as_ref().and_then(|metadata| metadata.modified().ok());
    let written = written.map(|at| store::history::moment(at.into())).unwrap_or_default();
    let size = metadata.map_or(0, |metadata| metadata.len().div_ceil(1024));
    let base = BackupView {
        name: path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default(),
        path: path.display().to_string(),
        kind,
        made_at: written,
        size_kib: u32::try_from(size).unwrap_or(u32::MAX),
        company: None,
        counts: None,
        newest: None,
        problem: String::new(),
    };
    match summary::of_file(path) {
        Ok((found, note)) => BackupView {
            company: found.company,
            counts: Some(found.counts),
            newest: found.newest,
            made_at: note.map_or(base.made_at, |note| note.made_at),
            ..base
        },
        // Of this file, not of the one in use.
        Err(Error::FileCorrupt(reason)) => BackupView { problem: format!("It can't be used: {reason}."), ..base },
        Err(error) => BackupView { problem: format!("It can't be used: {error}."), ..base },
    }
}
