//! What the machine would give the app: a clock that goes with the vendors', so that a test moves both, and a keychain.
//!
//! Secrets stay in memory, so a test leaves nothing behind; `--no-keychain` gives the app a machine without one.

use connector_contract::{Clock, MemorySecrets, Secret, SecretError, SecretStore};
use std::sync::Arc;
use vendor_sim::World;

/// The vendors' clock.
pub struct WorldClock(pub World);

impl Clock for WorldClock {
    fn now(&self) -> chrono::DateTime<chrono::Utc> {
        self.0.now()
    }
}

/// A machine on which no keychain answers.
struct NoKeychain;

impl NoKeychain {
    fn refusal<T>() -> Result<T, SecretError> {
        Err(SecretError::Unavailable("no secret service answers on this machine".to_owned()))
    }
}

impl SecretStore for NoKeychain {
    fn get(&self, _name: &str) -> Result<Option<Secret>, SecretError> {
        Self::refusal()
    }

    fn set(&self, _name: &str, _secret: &Secret) -> Result<(), SecretError> {
        Self::refusal()
    }

    fn delete(&self, _name: &str) -> Result<(), SecretError> {
        Self::refusal()
    }
}

/// Where secrets go: memory, or nowhere.
pub fn secrets(keychain: bool) -> Arc<dyn SecretStore> {
    if keychain { Arc::new(MemorySecrets::default()) } else { Arc::new(NoKeychain) }
}
