//! The owner's data as a whole: backups, restoring one, and looking after the file while the app runs.
//!
//! A backup is one file that anybody can copy anywhere. It gets its name only after it was proven, and it says in itself that it is a
//! backup, so that a file put back by hand is treated like one restored from the window.
//!
//! Absent on purpose: deleting backups that the owner made, and anything about secrets: sign-ins stay in this computer's keychain and
//! are in no backup.

mod backups;
mod keep;
mod restore;
mod session;

pub use crate::store::file::summary::{Counts, Summary};
pub use crate::store::restored::{ChangedSince, Restored};
pub use backups::{BACKUPS, BackupKind, BackupList, BackupView};
pub use restore::{RestorePreview, RestoredFile, inspect, restore_closed};

use parking_lot::Mutex;

/// What is known to be wrong with the file or its backups; the same words as long as it stays so.
#[derive(Debug, Default)]
pub(crate) struct Watch {
    backup: Mutex<Option<String>>,
    damage: Mutex<Option<String>>,
}
