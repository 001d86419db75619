//! The data file between two starts: closed whole, put back beside what a killed app left, refused in words, opened on a full disk.

use crate::folders::{self, company, folder, open};
use backroom_core::store::Store;
use backroom_core::testing::{TestCore, customer};
use backroom_core::{DATA_FILE, Error};
use rusqlite::Connection;
use std::fs;
use std::path::{Path, PathBuf};

fn names(folder: &Path) -> Vec<String> {
    folders::names(folder).into_iter().filter(|name| name.starts_with(DATA_FILE)).collect()
}

fn customers(core: &TestCore) -> i64 {
    core.count("SELECT count(*) FROM customers")
}

/// The files as a killed app leaves them: copied while it is open.
fn as_killed(from: &Path, to: &Path) {
    for name in names(from).iter().filter(|name| !name.ends_with("-shm")) {
        fs::copy(from.join(name), to.join(name)).expect("a copy");
    }
}

/// A folder with three customers in the file, closed in order.
fn closed_with_three() -> tempfile::TempDir {
    let folder = folder();
    let core = company(folder.path());
    for name in ["Ada", "Ben", "Cy"] {
        core.customer(name);
    }
    core.close().expect("closed");
    folder
}

#[test]
fn after_an_orderly_end_the_file_alone_holds_everything() {
    let first = folder();
    let core = company(first.path());
    for name in ["Ada", "Ben", "Cy"] {
        core.customer(name);
    }
    assert_eq!(customers(&core), 3, "a reader was used last");
    core.close().expect("closed");
    assert_eq!(names(first.path()), [DATA_FILE], "nothing is left beside it");
    assert!(core.save_customer(customer("Dee")).is_err(), "nothing is saved into a closed file");
    let second = folder();
    fs::copy(first.path().join(DATA_FILE), second.path().join(DATA_FILE)).expect("a copy");
    assert_eq!(customers(&open(second.path())), 3);
}

#[test]
fn dropping_the_core_closes_the_file_in_order_too() {
    let folder = folder();
    let core = company(folder.path());
    core.customer("Ada");
    drop(core);
    assert_eq!(names(folder.path()), [DATA_FILE]);
}

#[test]
fn a_killed_app_loses_nothing_and_its_changes_are_known_as_the_files_own() {
    for writes in [1, 3, 40] {
        let (running, killed) = (folder(), folder());
        let core = company(running.path());
        for number in 0..writes {
            core.customer(&format!("Customer {number}"));
        }
        as_killed(running.path(), killed.path());
        assert_eq!(names(killed.path()).len(), 2, "the changes are still beside the file");
        let found = open(killed.path());
        assert_eq!(customers(&found), writes);
        assert!(found.store().found(|found| found.unclean && found.set_aside.is_none()));
    }
}

#[test]
fn an_older_copy_put_back_beside_newer_changes_opens_as_it_was() {
    let folder = closed_with_three();
    let older = fs::read(folder.path().join(DATA_FILE)).expect("the older copy");
    let killed = self::folder();
    let core = open(folder.path());
    core.customer("Dee");
    core.customer("Eve");
    as_killed(folder.path(), killed.path());
    let left = fs::read(killed.path().join(format!("{DATA_FILE}-wal"))).expect("changes");
    fs::write(killed.path().join(DATA_FILE), &older).expect("put back");

    let found = open(killed.path());
    assert_eq!(customers(&found), 3, "as it was when it was copied");
    let aside = found.store().found(|found| found.set_aside.clone()).expect("the owner is told");
    assert_eq!(fs::read(aside).expect("kept"), left, "the other changes are kept as they were");
    found.close().expect("closed");
    assert_eq!(customers(&open(killed.path())), 3, "and it stays like that");
}

#[test]
fn changes_of_another_company_are_never_played_into_a_file() {
    let (mine, theirs, killed) = (closed_with_three(), folder(), folder());
    let other = company(theirs.path());
    other.customer("Stranger");
    as_killed(theirs.path(), killed.path());
    fs::copy(mine.path().join(DATA_FILE), killed.path().join(DATA_FILE)).expect("put back");
    let found = open(killed.path());
    assert_eq!(customers(&found), 3);
    assert!(found.count("SELECT count(*) FROM customers WHERE display_name = 'Stranger'") == 0);
}

#[test]
fn a_file_that_cannot_be_one_is_refused_in_words_and_stays_as_it_is() {
    let whole = closed_with_three();
    let bytes = fs::read(whole.path().join(DATA_FILE)).expect("a file");
    let mut signed_by_another = bytes.clone();
    signed_by_another[68..72].copy_from_slice(&[0, 0, 0, 77]);
    let other_program = {
        let folder = folder();
        let path = folder.path().join("other.sqlite");
        let file = Connection::open(&path).expect("a file");
        file.execute_batch("CREATE TABLE notes (a); INSERT INTO notes VALUES (1)").expect("a table");
        drop(file);
        fs::read(path).expect("a file")
    };
    let cases: [(&str, &[u8]); 6] = [
        ("is empty (0 bytes)", b""),
        ("too short", b"SQLite format 3"),
        ("is not a Backroom data file", &[0xA5; 8192]),
        ("belongs to another program", &signed_by_another),
        ("belongs to another program", &other_program),
        ("is cut off", &bytes[..bytes.len() / 2]),
    ];
    for (words, content) in cases {
        let folder = folder();
        let path = folder.path().join(DATA_FILE);
        fs::write(&path, content).expect("a file");
        let refused = Store::open(&path).map(|_| ()).expect_err(words);
        assert!(matches!(refused, Error::FileCorrupt(_)) && refused.to_string().contains(words), "{refused}");
        assert_eq!(fs::read(&path).expect("the file"), content, "{words}");
        assert_eq!(names(folder.path()), [DATA_FILE], "{words}");
    }
}

#[test]
fn a_refused_file_keeps_what_lies_beside_it() {
    let (running, killed) = (folder(), folder());
    company(running.path()).customer("Ada");
    let core = open(running.path());
    core.customer("Ben");
    as_killed(running.path(), killed.path());
    let path = killed.path().join(DATA_FILE);
    fs::write(&path, b"").expect("emptied");
    let wal = fs::read(killed.path().join(format!("{DATA_FILE}-wal"))).expect("changes");
    assert!(Store::open(&path).is_err());
    assert_eq!(fs::read(killed.path().join(format!("{DATA_FILE}-wal"))).expect("changes"), wal);
}

#[test]
fn folders_and_links_in_the_files_place_are_refused_in_words() {
    let folder = folder();
    let path = folder.path().join(DATA_FILE);
    fs::create_dir(&path).expect("a folder");
    let words = |path: &Path| match Store::open(path).map(|_| ()) {
        Err(Error::FileUnusable(words)) => words,
        other => panic!("{other:?}"),
    };
    assert!(words(&path).contains("is a folder"));
    #[cfg(unix)]
    {
        let link = folder.path().join("link.sqlite");
        std::os::unix::fs::symlink(folder.path().join("nowhere"), &link).expect("a link");
        assert!(words(&link).contains("is a link"));
        assert!(!folder.path().join("nowhere").exists(), "nothing is made at its end");
    }
}

#[test]
fn an_older_app_stops_writing_once_a_newer_one_has_changed_the_format() {
    let folder = folder();
    let core = company(folder.path());
    let other = Connection::open(folder.path().join(DATA_FILE)).expect("another program");
    other.pragma_update(None, "user_version", 99).expect("a newer format");
    let refused = core.save_customer(customer("Ada")).expect_err("a refusal");
    assert!(matches!(refused, Error::FileTooNew { found: 99, .. }), "{refused}");
    assert_eq!(customers(&core), 0, "it can still be read");
}

#[test]
fn a_guest_neither_makes_a_file_nor_changes_its_format() {
    let folder = folder();
    let path = folder.path().join(DATA_FILE);
    assert!(matches!(Store::open_as_guest(&path), Err(Error::FileInUse(_))));
    assert!(!path.exists());
    let owner = company(folder.path());
    owner.customer("Ada");
    let guest = Store::open_as_guest(&path).expect("beside the owner");
    assert_eq!(guest.summary().expect("a summary").counts.customers, 1);
    drop(guest);
    drop(owner);
    let file = Connection::open(&path).expect("a file");
    file.pragma_update(None, "user_version", 5).expect("an older format");
    drop(file);
    assert!(matches!(Store::open_as_guest(&path), Err(Error::FileInUse(_))));
}

#[cfg(unix)]
#[test]
fn the_file_and_all_beside_it_are_for_the_owner_alone_and_older_ones_are_closed() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = folder();
    let data = folder.path().join("data");
    let core = company(&data);
    core.customer("Ada");
    core.export_data().expect("an export");
    core.back_up_now().expect("a backup");
    let open_to_others = |path: &Path| -> Vec<PathBuf> {
        let mut left = vec![path.to_path_buf()];
        let mut found = Vec::new();
        while let Some(path) = left.pop() {
            let metadata = fs::metadata(&path).expect("it is there");
            if metadata.permissions().mode() & 0o077 != 0 {
                found.push(path.clone());
            }
            if metadata.is_dir() {
                left.extend(fs::read_dir(&path).expect("a list").flatten().map(|entry| entry.path()));
            }
        }
        found
    };
    assert_eq!(open_to_others(&data), Vec::<PathBuf>::new());
    drop(core);
    fs::set_permissions(&data, fs::Permissions::from_mode(0o755)).expect("a mode");
    fs::set_permissions(data.join(DATA_FILE), fs::Permissions::from_mode(0o644)).expect("a mode");
    let _core = open(&data);
    assert_eq!(open_to_others(&data), Vec::<PathBuf>::new());
}

#[test]
fn without_room_for_what_lies_beside_the_file_it_opens_for_reading_and_says_so() {
    let folder = closed_with_three();
    // A folder in the way stands for a disk on which nothing more can be made.
    let beside = folder.path().join(format!("{DATA_FILE}-shm"));
    fs::create_dir(&beside).expect("in the way");
    let core = open(folder.path());
    assert_eq!(customers(&core), 3, "everything can be looked at");
    assert_eq!(core.list_customers(backroom_core::testing::first_page()).expect("a list").rows.len(), 3);
    assert!(core.check_ledger().expect("a check").is_empty());
    let problems = core.backups().expect("backups").problems;
    assert!(
        problems.iter().any(|text| text.starts_with("You can look at everything, but nothing can be saved")),
        "{problems:?}"
    );
    core.close().expect("closed");
    // With room again it is as it was.
    fs::remove_dir(&beside).expect("room");
    let core = open(folder.path());
    assert!(core.backups().expect("backups").problems.is_empty());
    core.customer("Dee");
    assert_eq!(customers(&core), 4);
}
