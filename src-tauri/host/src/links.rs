//! Which data folder waits for which sign-in. The link that ends a sign-in starts the app without saying for which company; a window
//! on a folder of its own leaves a note before, so that the link finds its way there and not to the usual company.
//!
//! Absent on purpose: anything that could be used to sign in. A note has the folder's path, and its name is a hash of the state.

use crate::folder::short_hash;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};
use url::Url;

/// Sign-ins wait for minutes; older notes are of no use.
const KEPT: Duration = Duration::from_hours(1);

/// Longest path that a note is read for.
const LONGEST: u64 = 16 * 1024;

/// Notes that a sign-in which opens this page was begun from this folder. Without a place for notes the link can still be pasted.
pub fn remember_sign_in(folder: &Path, page: &str) {
    let kept = notes().zip(Url::parse(page).ok()).map(|(notes, page)| remember(&notes, folder, &page));
    if let Some(Err(error)) = kept {
        tracing::warn!(%error, "where a sign-in was begun could not be noted");
    }
}

/// The folder that a sign-in's link belongs to, if a window on a folder of its own waits for it.
pub fn sign_in_folder(link: &Url) -> Option<PathBuf> {
    find(&notes()?, link)
}

fn notes() -> Option<PathBuf> {
    directories::ProjectDirs::from("app", "Backroom", "Backroom").map(|folders| folders.cache_dir().join("sign-ins"))
}

fn note_of(notes: &Path, address: &Url) -> Option<PathBuf> {
    let (_, state) = address.query_pairs().find(|(name, _)| name == "state")?;
    (!state.is_empty()).then(|| notes.join(short_hash(state.as_bytes())))
}

fn remember(notes: &Path, folder: &Path, page: &Url) -> std::io::Result<()> {
    let Some(note) = note_of(notes, page) else { return Ok(()) };
    make_private(notes)?;
    for old in std::fs::read_dir(notes)?.flatten().filter(|entry| is_old(entry.path().as_path())) {
        std::fs::remove_file(old.path())?;
    }
    let whole = std::path::absolute(folder)?;
    std::fs::write(note, whole.as_os_str().as_encoded_bytes())
}

#[cfg(unix)]
fn make_private(folder: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::DirBuilderExt as _;
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)
}

#[cfg(not(unix))]
fn make_private(folder: &Path) -> std::io::Result<()> {
    std::fs::create_dir_all(folder)
}

fn is_old(note: &Path) -> bool {
    let written = note.metadata().and_then(|data| data.modified());
    written.is_ok_and(|written| SystemTime::now().duration_since(written).is_ok_and(|age| age > KEPT))
}

fn find(notes: &Path, link: &Url) -> Option<PathBuf> {
    let note = note_of(notes, link)?;
    if is_old(&note) || note.metadata().ok()?.len() > LONGEST {
        return None;
    }
    let folder = PathBuf::from(std::fs::read_to_string(note).ok()?);
    (folder.is_absolute() && folder.is_dir()).then_some(folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> Url {
        text.parse().expect("an address")
    }

    #[test]
    fn a_sign_ins_link_finds_the_folder_it_was_begun_from() {
        let place = tempfile::tempdir().expect("a temporary folder");
        let (notes, company) = (place.path().join("notes"), place.path().join("second company"));
        std::fs::create_dir_all(&company).expect("a folder");
        remember(&notes, &company, &address("https://vendor.example/authorize?state=s%2F1&x=2")).expect("a note");
        let link = address("backroom://oauth/quickbooks?code=9&state=s%2F1");
        assert_eq!(find(&notes, &link), Some(company.clone()));
        for other in
            ["backroom://oauth/quickbooks?code=9&state=s", "backroom://oauth/quickbooks", "backroom://oauth/q?state="]
        {
            assert_eq!(find(&notes, &address(other)), None, "{other} belongs to the usual company");
        }
        std::fs::remove_dir(&company).expect("it is empty");
        assert_eq!(find(&notes, &link), None, "a folder that is gone is not made anew");
    }

    #[test]
    fn notes_hold_no_state_and_old_ones_go() {
        let place = tempfile::tempdir().expect("a temporary folder");
        let notes = place.path().join("notes");
        remember(&notes, place.path(), &address("https://vendor.example/?state=first-secret")).expect("a note");
        let old = std::fs::read_dir(&notes).expect("notes").flatten().next().expect("one note").path();
        assert!(!old.to_string_lossy().contains("secret"), "{}", old.display());
        let hours_ago = SystemTime::now() - KEPT * 2;
        std::fs::File::options()
            .write(true)
            .open(&old)
            .and_then(|file| file.set_modified(hours_ago))
            .expect("its time");
        assert_eq!(find(&notes, &address("backroom://oauth/q?state=first-secret")), None, "too old");
        remember(&notes, place.path(), &address("https://vendor.example/?state=second")).expect("a note");
        assert!(!old.exists(), "the next one clears it away");
        remember(&notes, place.path(), &address("https://vendor.example/keys")).expect("nothing to note");
        assert_eq!(std::fs::read_dir(&notes).expect("notes").count(), 1);
    }
}
