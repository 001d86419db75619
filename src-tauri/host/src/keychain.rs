//! The system's keychain: Keychain on macOS, Credential Manager on Windows, the Secret Service on Linux.

use crate::lock::RenewalLock;
use connector_contract::{Secret, SecretError, SecretStore};
use keyring::{Entry, Error};
use std::path::{Path, PathBuf};

/// Longest secret kept in one entry, in bytes. Windows takes 2,560; vendors' tokens can be longer than that.
const ENTRY_BYTES: usize = 2_000;

/// Begins the text of an entry whose secret lies in numbered parts.
const PARTS_MARK: &str = "\u{1}parts:";

/// Said where no program answers for the keychain; that only happens on Linux.
const NOBODY: &str = "no program answers for it, such as GNOME Keyring, KWallet or KeePassXC";

/// Secrets of one data folder in the system's keychain.
pub struct Keychain {
    service: String,
    /// Where other processes on the same secrets are waited for.
    turns: Option<PathBuf>,
}

impl Keychain {
    /// Entries under this service name.
    pub fn new(service: impl Into<String>) -> Self {
        Self { service: service.into(), turns: None }
    }

    /// The same, with sign-ins renewed by one process of this data folder at a time.
    #[must_use]
    pub fn shared_in(self, folder: &Path) -> Self {
        Self { turns: Some(folder.to_path_buf()), ..self }
    }

    fn entry(&self, name: &str) -> Result<Entry, SecretError> {
        Entry::new(&self.service, name).map_err(explain)
    }

    fn read(&self, name: &str) -> Result<Option<String>, SecretError> {
        match self.entry(name)?.get_secret() {
            Ok(bytes) => String::from_utf8(bytes)
                .map(Some)
                .map_err(|_| SecretError::Refused("an entry holds something that is not text".to_owned())),
            Err(Error::NoEntry) => Ok(None),
            Err(error) => Err(explain(error)),
        }
    }

    fn write(&self, name: &str, text: &str) -> Result<(), SecretError> {
        self.entry(name)?.set_secret(text.as_bytes()).map_err(explain)
    }

    fn remove(&self, name: &str) -> Result<(), SecretError> {
        match self.entry(name)?.delete_credential() {
            Ok(()) | Err(Error::NoEntry) => Ok(()),
            Err(error) => Err(explain(error)),
        }
    }

    /// The parts an entry stands for: its generation and how many there are.
    fn parts(text: &str) -> Option<(u64, usize)> {
        let (generation, count) = text.strip_prefix(PARTS_MARK)?.split_once(':')?;
        Some((generation.parse().ok()?, count.parse().ok()?))
    }

    fn remove_parts(&self, name: &str, head: Option<&str>) -> Result<(), SecretError> {
        if let Some((generation, count)) = head.and_then(Self::parts) {
            for index in 0..count {
                self.remove(&part_name(name, generation, index))?;
            }
        }
        Ok(())
    }
}

fn part_name(name: &str, generation: u64, index: usize) -> String {
    format!("{name}#{generation}.{index}")
}

/// Cuts a text into pieces of at most `bytes` bytes at character borders.
fn pieces(text: &str, bytes: usize) -> Vec<&str> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let end = rest.floor_char_boundary(bytes.min(rest.len()));
        let (piece, tail) = rest.split_at(end);
        pieces.push(piece);
        rest = tail;
    }
    pieces
}

impl SecretStore for Keychain {
    fn get(&self, name: &str) -> Result<Option<Secret>, SecretError> {
        let Some(head) = self.read(name)? else { return Ok(None) };
        let Some((generation, count)) = Self::parts(&head) else { return Ok(Some(Secret::new(head))) };
        let mut whole = String::new();
        for index in 0..count {
            match self.read(&part_name(name, generation, index))? {
                Some(part) => whole.push_str(&part),
                None => return Ok(None),
            }
        }
        Ok(Some(Secret::new(whole)))
    }

    fn set(&self, name: &str, secret: &Secret) -> Result<(), SecretError> {
        let before = self.read(name)?;
        if secret.expose().len() <= ENTRY_BYTES {
            self.write(name, secret.expose())?;
        } else {
            // New parts first, the head that points to them last: a crash in between leaves the old secret whole.
            let generation = before.as_deref().and_then(Self::parts).map_or(1, |(generation, _)| generation + 1);
            let pieces = pieces(secret.expose(), ENTRY_BYTES);
            for (index, piece) in pieces.iter().enumerate() {
                self.write(&part_name(name, generation, index), piece)?;
            }
            self.write(name, &format!("{PARTS_MARK}{generation}:{}", pieces.len()))?;
        }
        self.remove_parts(name, before.as_deref())
    }

    fn delete(&self, name: &str) -> Result<(), SecretError> {
        let before = self.read(name)?;
        self.remove(name)?;
        self.remove_parts(name, before.as_deref())
    }

    fn alone(&self) -> Result<Option<Box<dyn Send>>, SecretError> {
        match &self.turns {
            Some(folder) => Ok(Some(Box::new(RenewalLock::wait(folder)?))),
            None => Ok(None),
        }
    }
}

/// The keychain's errors in words an owner can act on. Names of entries are not secret, their content never appears.
fn explain(error: Error) -> SecretError {
    match error {
        Error::NoStorageAccess(reason) => SecretError::Refused(format!(
            "it is locked or has no default keyring ({})",
            first_line(&reason.to_string())
        )),
        Error::NoDefaultStore => SecretError::Unavailable(NOBODY.to_owned()),
        Error::PlatformFailure(reason) => SecretError::Unavailable(first_line(&reason.to_string())),
        other => SecretError::Refused(first_line(&other.to_string())),
    }
}

fn first_line(text: &str) -> String {
    text.lines().next().unwrap_or_default().chars().take(200).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_secret_is_cut_at_character_borders_and_joins_to_itself() {
        let text = "äöü€".repeat(700);
        let cut = pieces(&text, ENTRY_BYTES);
        assert!(cut.len() > 1 && cut.iter().all(|piece| piece.len() <= ENTRY_BYTES), "every piece fits an entry");
        assert_eq!(cut.concat(), text, "nothing is lost between pieces");
    }

    #[test]
    fn a_head_of_parts_is_told_from_a_secret() {
        assert_eq!(Keychain::parts("\u{1}parts:3:2"), Some((3, 2)));
        assert_eq!(Keychain::parts("parts:3:2"), None, "a secret that only looks similar is a secret");
    }

    /// Needs a real keychain; the desktop tests run it inside a session that has one.
    #[test]
    fn long_and_short_secrets_survive_a_round_trip_where_a_keychain_is_running() {
        if std::env::var_os("BACKROOM_TEST_KEYCHAIN").is_none() {
            return;
        }
        let keychain = Keychain::new(format!("Backroom test {}", std::process::id()));
        for length in [10, 5_000, 3, 9_000] {
            let secret = Secret::new("x".repeat(length));
            keychain.set("token", &secret).expect("the keychain takes it");
            assert_eq!(keychain.get("token").expect("it answers"), Some(secret), "length {length}");
        }
        keychain.delete("token").expect("it can be removed");
        assert_eq!(keychain.get("token").expect("it answers"), None, "nothing is left behind");
    }
}
