//! Where the data lies.

use sha2::{Digest as _, Sha256};
use std::path::{Path, PathBuf};

/// Moves the data folder, for tests, demos and second companies.
pub const DATA_DIR_VARIABLE: &str = "BACKROOM_DATA_DIR";

/// The folder from the environment, else the platform's place for application data.
///
/// Returns `None` only where the system names no home folder at all.
pub fn data_folder() -> Option<PathBuf> {
    match std::env::var_os(DATA_DIR_VARIABLE).filter(|folder| !folder.is_empty()) {
        Some(folder) => Some(PathBuf::from(folder)),
        None => usual_folder(),
    }
}

/// The folder of an app that was told nothing else.
fn usual_folder() -> Option<PathBuf> {
    directories::ProjectDirs::from("app", "Backroom", "Backroom").map(|folders| folders.data_local_dir().to_path_buf())
}

/// Tells the window of a folder of its own from all others on this machine; `None` for the usual folder. The same folder has the same
/// key however its path is written.
pub fn instance_key(folder: &Path) -> Option<String> {
    key_beside(folder, usual_folder().as_deref())
}

fn key_beside(folder: &Path, usual: Option<&Path>) -> Option<String> {
    let whole = resolved(folder);
    if usual.is_some_and(|usual| resolved(usual) == whole) {
        return None;
    }
    // Names on the message bus take letters and digits and must not begin with a digit.
    Some(format!("folder{}", &short_hash(whole.as_os_str().as_encoded_bytes())))
}

/// The path without links, dots and detours, as far as it exists already.
fn resolved(folder: &Path) -> PathBuf {
    let whole = std::path::absolute(folder).unwrap_or_else(|_| folder.to_path_buf());
    let existing = whole.ancestors().find_map(|part| Some((part, part.canonicalize().ok()?)));
    match existing {
        Some((part, true_part)) => whole.strip_prefix(part).map_or(whole.clone(), |rest| true_part.join(rest)),
        None => whole,
    }
}

/// Sixteen digits that are the same at every start and in every version.
pub fn short_hash(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    Sha256::digest(bytes).iter().take(8).fold(String::new(), |mut text, byte| {
        // Writing into text does not fail.
        let _written = write!(text, "{byte:02x}");
        text
    })
}

/// The name under which the keychain keeps this folder's secrets. A folder of its own has entries of its own, so a rehearsal
/// can never touch a real company's.
pub fn keychain_service(folder: &Path) -> String {
    if std::env::var_os(DATA_DIR_VARIABLE).is_none_or(|set| set.is_empty()) && data_folder().as_deref() == Some(folder)
    {
        return "Backroom".to_owned();
    }
    let whole = std::path::absolute(folder).unwrap_or_else(|_| folder.to_path_buf());
    format!("Backroom ({})", whole.display())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_folder_has_an_instance_of_its_own_and_the_usual_one_has_the_apps_name() {
        let place = tempfile::tempdir().expect("a temporary folder");
        let (usual, second) = (place.path().join("usual"), place.path().join("second"));
        std::fs::create_dir_all(&second).expect("a folder");
        let key = |folder: &Path| key_beside(folder, Some(&usual));
        assert_eq!(key(&usual), None, "also before it is made");
        std::fs::create_dir_all(&usual).expect("a folder");
        assert_eq!(key(&place.path().join("second/../usual")), None, "however it is written");
        let own = key(&second).expect("a key of its own");
        assert_ne!(Some(&own), key(&place.path().join("third")).as_ref());
        assert_eq!(Some(&own), key(&place.path().join("usual/../second/")).as_ref());
        assert!(own.starts_with(char::is_alphabetic) && own.chars().all(char::is_alphanumeric), "{own}");
        #[cfg(unix)]
        {
            let link = place.path().join("link");
            std::os::unix::fs::symlink(&second, &link).expect("a link");
            assert_eq!(Some(&own), key(&link).as_ref(), "a link to it is the same folder");
        }
    }

    #[test]
    fn every_folder_has_keychain_entries_of_its_own() {
        let (one, other) = (keychain_service(Path::new("/books/one")), keychain_service(Path::new("/books/other")));
        assert_ne!(one, other);
        assert_ne!(one, "Backroom", "and none of them the app's own");
        assert_eq!(one, keychain_service(Path::new("/books/one")), "the same at every start");
    }
}
