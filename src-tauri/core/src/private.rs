//! Folders and files that only the owner of the machine's account may read, and changes of folders that survive a power cut.
//!
//! Absent on purpose: Windows' access lists. There, a profile's application data is private already.

use crate::{Error, Result};
use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::Path;

#[cfg(unix)]
const FOLDER_MODE: u32 = 0o700;
#[cfg(unix)]
const FILE_MODE: u32 = 0o600;

/// Makes a folder and those above it that are missing, for the owner alone. One that exists and is the owner's is made private.
pub fn folder(path: &Path) -> io::Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::DirBuilderExt as _;
        fs::DirBuilder::new().recursive(true).mode(FOLDER_MODE).create(path)?;
        close_to_others(path, FOLDER_MODE);
        Ok(())
    }
    #[cfg(not(unix))]
    fs::create_dir_all(path)
}

/// Makes a new file for the owner alone; one that exists is an error.
pub fn new_file(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    owner_only(&mut options);
    options.open(path)
}

/// Opens a file to append to, made for the owner alone where it is missing.
pub fn append(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.append(true).create(true);
    owner_only(&mut options);
    options.open(path)
}

fn owner_only(options: &mut OpenOptions) {
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(FILE_MODE);
    }
    #[cfg(not(unix))]
    let _kept_private_by_the_profile = options;
}

/// Closes everything in a data folder to other people: folders and files that an earlier version left readable. What belongs to
/// somebody else stays as it is; links are not followed.
pub fn repair(path: &Path) {
    let Ok(metadata) = fs::symlink_metadata(path) else { return };
    if metadata.is_dir() {
        #[cfg(unix)]
        close_to_others(path, FOLDER_MODE);
        for entry in fs::read_dir(path).into_iter().flatten().flatten() {
            repair(&entry.path());
        }
    } else if metadata.is_file() {
        #[cfg(unix)]
        close_to_others(path, FILE_MODE);
    }
}

#[cfg(unix)]
fn close_to_others(path: &Path, mode: u32) {
    use std::os::unix::fs::PermissionsExt as _;
    let right = fs::metadata(path).is_ok_and(|metadata| metadata.permissions().mode() & 0o777 == mode);
    if !right && let Err(error) = fs::set_permissions(path, fs::Permissions::from_mode(mode)) {
        tracing::warn!(%error, "a file or folder could not be closed to other people");
    }
}

/// Makes what was created, renamed or removed in a folder survive a power cut.
pub fn sync_folder(path: &Path) -> io::Result<()> {
    #[cfg(unix)]
    File::open(path)?.sync_all()?;
    #[cfg(not(unix))]
    let _done_by_the_file_system = path;
    Ok(())
}

/// Writes a small file so that it is there whole or not at all.
pub fn write_whole(path: &Path, bytes: &[u8]) -> io::Result<()> {
    use std::io::Write as _;
    let partial = path.with_extension("part");
    let _left_from_an_earlier_try = fs::remove_file(&partial);
    let mut file = new_file(&partial)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&partial, path)?;
    path.parent().map_or(Ok(()), sync_folder)
}

/// An error about a file, in words; a full disk has a code of its own.
pub fn explain(path: &Path, what: &str, error: &io::Error) -> Error {
    match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Error::DiskFull,
        io::ErrorKind::PermissionDenied => Error::FileUnusable(format!(
            "Backroom has no permission to use {}; give your user account access to it",
            path.display()
        )),
        _ => Error::Storage(format!("{} can't be {what}: {error}", path.display())),
    }
}

/// [`explain`] for a result.
pub fn told<T>(path: &Path, what: &str, result: io::Result<T>) -> Result<T> {
    result.map_err(|error| explain(path, what, &error))
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt as _;

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).expect("it is there").permissions().mode() & 0o777
    }

    #[test]
    fn what_an_earlier_version_left_readable_is_closed_and_links_are_not_followed() {
        let folder = tempfile::tempdir().expect("a folder");
        let (data, outside) = (folder.path().join("data"), folder.path().join("outside"));
        fs::create_dir_all(data.join("exports/one")).expect("folders");
        for path in [data.join("backroom.sqlite"), data.join("exports/one/customers.csv"), outside.clone()] {
            fs::write(&path, "x").expect("a file");
            fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).expect("a mode");
        }
        fs::set_permissions(&data, fs::Permissions::from_mode(0o755)).expect("a mode");
        std::os::unix::fs::symlink(&outside, data.join("link")).expect("a link");
        repair(&data);
        assert_eq!((mode(&data), mode(&data.join("exports/one"))), (0o700, 0o700));
        assert_eq!(mode(&data.join("backroom.sqlite")), 0o600);
        assert_eq!(mode(&data.join("exports/one/customers.csv")), 0o600);
        assert_eq!(mode(&outside), 0o644, "what lies elsewhere is no business of ours");
    }

    #[test]
    fn a_small_file_is_replaced_whole_and_for_the_owner_alone() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("note");
        for text in ["first", "second, and longer"] {
            write_whole(&path, text.as_bytes()).expect("written");
            assert_eq!(fs::read_to_string(&path).expect("read"), text);
        }
        assert_eq!(mode(&path), 0o600);
        assert_eq!(fs::read_dir(folder.path()).expect("a list").count(), 1, "nothing is left beside it");
    }
}
