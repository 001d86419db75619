//! Where the data lies.

use std::path::{Path, PathBuf};

/// Moves the data folder, for tests, demos and second companies.
pub const DATA_DIR_VARIABLE: &str = "BACKROOM_DATA_DIR";

/// The folder from the environment, else the platform's place for application data.
///
/// Returns `None` only where the system names no home folder at all.
pub fn data_folder() -> Option<PathBuf> {
    match std::env::var_os(DATA_DIR_VARIABLE).filter(|folder| !folder.is_empty()) {
        Some(folder) => Some(PathBuf::from(folder)),
        None => directories::ProjectDirs::from("app", "Backroom", "Backroom")
            .map(|folders| folders.data_local_dir().to_path_buf()),
    }
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
    fn every_folder_has_keychain_entries_of_its_own() {
        let (one, other) = (keychain_service(Path::new("/books/one")), keychain_service(Path::new("/books/other")));
        assert_ne!(one, other);
        assert_ne!(one, "Backroom", "and none of them the app's own");
        assert_eq!(one, keychain_service(Path::new("/books/one")), "the same at every start");
    }
}
