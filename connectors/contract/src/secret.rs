//! Where secrets live: the system's keychain in the product, memory in tests. Nothing else may hold one.

use std::collections::HashMap;
use std::fmt;
use std::sync::Mutex;

/// A secret text that never prints itself.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Wraps a secret.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The secret itself; the name is long so that each use is noticed in review.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// The keychain could not be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SecretError {
    /// There is no keychain on this machine, or nothing answers.
    #[error("no system keychain is available: {0}")]
    Unavailable(String),
    /// There is one, but it is locked or refused the entry.
    #[error("the system keychain refused: {0}")]
    Refused(String),
}

/// A store of named secrets. Blocking: keychain calls take milliseconds, or wait for the owner to unlock it.
pub trait SecretStore: Send + Sync {
    /// The secret, or `None` if there is no such entry.
    fn get(&self, name: &str) -> Result<Option<Secret>, SecretError>;
    /// Writes or replaces an entry; when this returns the entry is durable.
    fn set(&self, name: &str, secret: &Secret) -> Result<(), SecretError>;
    /// Removes an entry; removing a missing one is fine.
    fn delete(&self, name: &str) -> Result<(), SecretError>;

    /// Waits until no other process works on the entries of this data folder that can be renewed (a sign-in), and keeps others
    /// out until the value is dropped. What is stored is to be read again then. Without one by default: for stores that no other
    /// process uses.
    fn alone(&self) -> Result<Option<Box<dyn Send>>, SecretError> {
        Ok(None)
    }
}

/// Secrets in memory, for tests.
#[derive(Debug, Default)]
pub struct MemorySecrets(Mutex<HashMap<String, Secret>>);

impl MemorySecrets {
    /// Names of all entries, sorted, to assert what is left behind.
    pub fn names(&self) -> Vec<String> {
        let mut names: Vec<String> = self.lock().keys().cloned().collect();
        names.sort();
        names
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<String, Secret>> {
        self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

impl SecretStore for MemorySecrets {
    fn get(&self, name: &str) -> Result<Option<Secret>, SecretError> {
        Ok(self.lock().get(name).cloned())
    }

    fn set(&self, name: &str, secret: &Secret) -> Result<(), SecretError> {
        self.lock().insert(name.to_owned(), secret.clone());
        Ok(())
    }

    fn delete(&self, name: &str) -> Result<(), SecretError> {
        self.lock().remove(name);
        Ok(())
    }
}
