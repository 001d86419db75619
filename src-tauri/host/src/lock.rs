//! One engine per data folder: the window and the command line may both read and write, but only one of them syncs.

use std::fs::{File, OpenOptions, TryLockError};
use std::path::Path;

/// Held as long as this process may sync; the system releases it when the process ends, however it ends.
#[derive(Debug)]
pub struct EngineLock(#[expect(dead_code, reason = "holding the file open is the lock")] File);

/// Why the lock could not be had.
#[derive(Debug, thiserror::Error)]
pub enum LockError {
    /// Another process syncs this folder.
    #[error("another Backroom is open on this data folder and does the syncing")]
    Taken,
    /// The lock file could not be made.
    #[error("the data folder can't be locked: {0}")]
    Failed(#[from] std::io::Error),
}

impl EngineLock {
    /// Takes the lock of a data folder without waiting.
    pub fn take(folder: &Path) -> Result<Self, LockError> {
        std::fs::create_dir_all(folder)?;
        let file = OpenOptions::new().create(true).truncate(false).write(true).open(folder.join("engine.lock"))?;
        match file.try_lock() {
            Ok(()) => Ok(Self(file)),
            Err(TryLockError::WouldBlock) => Err(LockError::Taken),
            Err(TryLockError::Error(error)) => Err(LockError::Failed(error)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_one_engine_gets_the_lock_and_it_is_free_again_afterwards() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let first = EngineLock::take(folder.path()).expect("the first one gets it");
        assert!(matches!(EngineLock::take(folder.path()), Err(LockError::Taken)), "the second one is told");
        drop(first);
        assert!(EngineLock::take(folder.path()).is_ok(), "it is free after the first one ended");
    }
}
