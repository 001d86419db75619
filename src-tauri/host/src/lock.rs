//! One engine per data folder: the window and the command line may both read and write, but only one of them syncs. Sign-ins
//! may be renewed by both, one after the other.

use backroom_core::private;
use connector_contract::SecretError;
use std::fs::{File, TryLockError};
use std::path::Path;
use std::time::{Duration, Instant};

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
        private::folder(folder)?;
        let file = private::append(&folder.join("engine.lock"))?;
        match file.try_lock() {
            Ok(()) => Ok(Self(file)),
            Err(TryLockError::WouldBlock) => Err(LockError::Taken),
            Err(TryLockError::Error(error)) => Err(LockError::Failed(error)),
        }
    }
}

/// Held while a sign-in is renewed, so that two processes never spend the same refresh token.
#[derive(Debug)]
pub(crate) struct RenewalLock(#[expect(dead_code, reason = "holding the file open is the lock")] File);

impl RenewalLock {
    /// A renewal is one request of a minute at most, and a keychain that may ask the owner.
    const PATIENCE: Duration = Duration::from_mins(3);
    const PAUSE: Duration = Duration::from_millis(25);

    /// Waits for the lock of a data folder. Blocking.
    pub fn wait(folder: &Path) -> Result<Self, SecretError> {
        Self::wait_for(folder, Self::PATIENCE)
    }

    fn wait_for(folder: &Path, patience: Duration) -> Result<Self, SecretError> {
        let failed = |error: std::io::Error| SecretError::Refused(format!("the data folder can't be locked: {error}"));
        let path = folder.join("sign-in.lock");
        let file = private::append(&path).map_err(failed)?;
        let began = Instant::now();
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(Self(file)),
                Err(TryLockError::WouldBlock) if began.elapsed() < patience => std::thread::sleep(Self::PAUSE),
                Err(TryLockError::WouldBlock) => {
                    return Err(SecretError::Refused(
                        "another Backroom has been renewing a sign-in for minutes".to_owned(),
                    ));
                }
                Err(TryLockError::Error(error)) => return Err(failed(error)),
            }
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

    #[test]
    fn a_second_renewal_waits_for_the_first_and_gives_up_in_words() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let first = RenewalLock::wait(folder.path()).expect("the first one gets it");
        let refused = RenewalLock::wait_for(folder.path(), Duration::ZERO).expect_err("it is taken");
        assert!(refused.to_string().contains("another Backroom"), "{refused}");
        let path = folder.path().to_path_buf();
        let second = std::thread::spawn(move || RenewalLock::wait(&path).map(drop));
        drop(first);
        second.join().expect("no panic").expect("it gets its turn");
    }
}
