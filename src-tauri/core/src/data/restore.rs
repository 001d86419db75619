//! Restoring: what a file holds, what would be lost, and putting it in the data file's place.
//!
//! The file that is restored from is only read. It is copied first, and the copy is checked as a whole and brought to the present format
//! before anything happens to the file in use. That one is kept beside it under a dated name; there is no moment without a data file.
//!
//! Absent on purpose: what the sync makes of it, which happens whenever a file that was put back is opened (`session`).

use super::backups::BackupView;
use super::{BACKUPS, ChangedSince, Counts};
use crate::core::DATA_FILE;
use crate::event::{Event, Tag};
use crate::store::Store;
use crate::store::file::{copy, life, look, summary};
use crate::store::restored;
use crate::{Core, Error, Result, private};
use serde::{Deserialize, Serialize};
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The copy that becomes the data file.
const STAGED: &str = "restoring.sqlite.part";

/// What restoring a backup would do.
#[derive(Debug, Clone, Serialize, Deserialize, specta::Type)]
pub struct RestorePreview {
    /// The backup.
    pub backup: BackupView,
    /// What the data file holds now.
    pub present: Counts,
    /// What was changed here after the backup and would be lost here.
    pub lost: Vec<ChangedSince>,
    /// Connections whose next sync would wait for a look at its preview.
    pub connections: Vec<String>,
}

/// What a restore did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, specta::Type)]
pub struct RestoredFile {
    /// Where the file is kept that was in use before; `None` when there was none.
    pub kept_as: Option<String>,
}

/// What a file holds, checked as a whole. Nothing about it is changed.
pub fn inspect(path: &Path) -> Result<(summary::Summary, Option<String>)> {
    let path = real(path)?;
    let (found, note) = summary::of_file(&path)?;
    if whose(&path)? != life::Wal::Own {
        summary::refuse_damaged(&summary::closed(&path)?)?;
    }
    Ok((found, note.map(|note| note.made_at)))
}

/// Puts a file in the place of the data file in `folder`, which nobody may have open. `time` stands in the name under which the
/// present one is kept.
pub fn restore_closed(folder: &Path, file: &Path, time: &str) -> Result<RestoredFile> {
    let staged = stage(folder, file)?;
    swap(folder, &staged, time)
}

impl Core {
    /// What restoring a backup would do.
    pub fn preview_restore(&self, name: &str) -> Result<RestorePreview> {
        let path = self.backup_named(name)?;
        inspect(&path)?;
        let backup = self.backups()?.rows.into_iter().find(|backup| backup.name == name);
        let backup = backup.ok_or(Error::NotFound("backup"))?;
        let since = backup.newest.clone().unwrap_or_default();
        let (lost, connections) = self.store.read(|db| {
            let rows = crate::store::connections::all(db)?;
            Ok((restored::changed_since(db, &since)?, rows))
        })?;
        let connections = connections.iter().map(|row| self.vendor_name(&row.vendor)).collect();
        Ok(RestorePreview { backup, present: self.store.summary()?.counts, lost, connections })
    }

    /// What was changed here since a moment.
    pub fn changed_since(&self, since: &str) -> Result<Vec<ChangedSince>> {
        self.store.read(|db| restored::changed_since(db, since))
    }

    /// What the data file holds now.
    pub fn summary(&self) -> Result<summary::Summary> {
        self.store.summary()
    }

    /// Puts a backup in the place of the data file while the app runs: the sync ends after its current step, everything is closed in
    /// order, and the app goes on with the file that is there then.
    pub async fn restore_backup(self: Arc<Self>, name: &str) -> Result<RestoredFile> {
        let (folder, path) = (self.folder()?, self.backup_named(name)?);
        let time = self.local_time()?;
        let staged = stage(&folder, &path)?;
        let _resumed_at_the_end = self.pause_engine().await?;
        let mut kept = RestoredFile { kept_as: None };
        self.store.replace(|| {
            kept = swap(&folder, &staged, &time)?;
            Ok(())
        })?;
        // What was opened for the connections of the file before.
        self.opened.lock().clear();
        *self.sign_in.lock() = None;
        self.welcome_restored()?;
        self.store.tell(&Event::Changed { tags: Tag::ALL.to_vec() });
        self.tell_restored();
        Ok(kept)
    }
}

/// Links are followed: the owner named the file.
fn real(path: &Path) -> Result<PathBuf> {
    private::told(path, "read", fs::canonicalize(path))
}

fn whose(path: &Path) -> Result<life::Wal> {
    let header = look::header(path)?.ok_or(Error::NotFound("file"))?;
    private::told(path, "read", life::whose(path, header))
}

/// Copies a file into the folder, checks the copy as a whole, and brings it to the present format.
fn stage(folder: &Path, file: &Path) -> Result<PathBuf> {
    let file = real(file)?;
    // Refuses what is not ours, cut short or too new, by its name.
    summary::of_file(&file)?;
    let backups = folder.join(BACKUPS);
    private::told(&backups, "made", private::folder(&backups))?;
    let staged = backups.join(STAGED);
    copy::discard(&staged);
    let made = (|| {
        private::told(&staged, "written", duplicate(&file, &staged))?;
        if whose(&file)? == life::Wal::Own {
            // It was copied while it was in use; its latest changes are beside it.
            private::told(&staged, "written", duplicate(&life::wal_of(&file), &life::wal_of(&staged)))?;
        }
        let store = Store::open_staged(&staged)?;
        store.read(|db| summary::refuse_damaged(db))?;
        store.close()?;
        private::told(&staged, "written", File::open(&staged).and_then(|file| file.sync_all()))
    })();
    if made.is_err() {
        copy::discard(&staged);
    }
    made.map(|()| staged)
}

fn duplicate(from: &Path, to: &Path) -> std::io::Result<()> {
    let mut copy = private::new_file(to)?;
    std::io::copy(&mut File::open(from)?, &mut copy)?;
    copy.sync_all()
}

/// Keeps the present file under a dated name and puts the other in its place, in one step.
fn swap(folder: &Path, staged: &Path, time: &str) -> Result<RestoredFile> {
    let data = folder.join(DATA_FILE);
    let mut kept_as = None;
    if let Ok(present) = fs::symlink_metadata(&data) {
        let kept = free(folder, time);
        if present.is_file() {
            private::told(&kept, "written", keep(&data, &kept))?;
        } else {
            private::told(&kept, "written", fs::rename(&data, &kept))?;
        }
        // Only there when the file could not be opened and closed in order; it may be of use to somebody who repairs it.
        let wal = life::wal_of(&data);
        if wal.exists() {
            private::told(&wal, "moved", fs::rename(&wal, life::wal_of(&kept)))?;
        }
        kept_as = Some(kept.display().to_string());
    }
    private::told(&data, "written", fs::rename(staged, &data))?;
    private::told(folder, "written", private::sync_folder(folder))?;
    Ok(RestoredFile { kept_as })
}

/// A second name for the same file, or a copy where the disk has no such thing.
fn keep(data: &Path, kept: &Path) -> std::io::Result<()> {
    fs::hard_link(data, kept).or_else(|_| duplicate(data, kept))
}

fn free(folder: &Path, time: &str) -> PathBuf {
    let stem = Path::new(DATA_FILE).file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let name = |number: u32| {
        let number = if number == 1 { String::new() } else { format!("-{number}") };
        folder.join(format!("{stem}.before-restore-{time}{number}.sqlite"))
    };
    (1..=u32::MAX).map(name).find(|path| !path.exists()).unwrap_or_else(|| name(1))
}
