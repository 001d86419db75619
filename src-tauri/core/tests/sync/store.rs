//! The data file as a whole: what it refuses, what it copies, and that listeners only hear of what is committed.

use crate::folders::folder;
use backroom_core::event::{Event, Tag};
use backroom_core::store::Store;
use backroom_core::testing::TestCore;
use backroom_core::{DATA_FILE, Error};
use parking_lot::Mutex;
use rusqlite::Connection;
use std::sync::Arc;

#[test]
fn a_newer_file_is_refused_and_left_as_it_is() {
    let folder = folder();
    drop(TestCore::open(Some(folder.path().into()), Vec::new()));
    let path = folder.path().join(DATA_FILE);
    let file = Connection::open(&path).expect("a file");
    file.pragma_update(None, "user_version", 99).expect("a version");
    drop(file);
    let before = std::fs::read(&path).expect("the file");
    let refused = Store::open(&path).map(|_| ()).expect_err("a refusal");
    assert!(matches!(refused, Error::FileTooNew { found: 99, known: 1.. }), "{refused}");
    assert_eq!(std::fs::read(&path).expect("the file"), before);
}

#[test]
fn a_damaged_or_foreign_file_is_refused_before_anything_is_written() {
    let folder = folder();
    let noise = folder.path().join("noise.sqlite");
    std::fs::write(&noise, b"this is not a data file at all, but it is long enough to look at".repeat(100))
        .expect("a file");
    assert!(matches!(Store::open(&noise), Err(Error::FileCorrupt(_))));

    drop(TestCore::open(Some(folder.path().into()), Vec::new()));
    let path = folder.path().join(DATA_FILE);
    let mut bytes = std::fs::read(&path).expect("the file");
    let middle = bytes.len() / 2;
    bytes[middle..].fill(0xA5);
    std::fs::write(&path, &bytes).expect("a damaged file");
    assert!(matches!(Store::open(&path), Err(Error::FileCorrupt(_))));

    let other = folder.path().join("other.sqlite");
    let file = Connection::open(&other).expect("a file");
    file.execute_batch("PRAGMA application_id = 77; CREATE TABLE t (a);").expect("a table");
    drop(file);
    assert!(matches!(Store::open(&other), Err(Error::FileCorrupt(_))), "another program's file");
}

#[test]
fn a_file_is_found_again_as_it_was_left() {
    let folder = folder();
    let first = TestCore::open(Some(folder.path().into()), Vec::new());
    first.store().write(|tx| Ok(tx.execute("INSERT INTO settings VALUES ('a', '1')", [])?)).expect("a write");
    drop(first);
    let second = TestCore::open(Some(folder.path().into()), Vec::new());
    assert_eq!(second.count("SELECT count(*) FROM settings WHERE name = 'a'"), 1);
}

#[test]
fn listeners_hear_only_of_what_is_committed_and_after_it() {
    let store = Arc::new(Store::in_memory().expect("a store"));
    let heard: Arc<Mutex<Vec<i64>>> = Arc::default();
    let (list, reader) = (heard.clone(), Arc::downgrade(&store));
    store.listen(Arc::new(move |event| {
        if let (Event::Changed { tags }, Some(store)) = (event, reader.upgrade()) {
            assert_eq!(tags, &[Tag::Customers, Tag::Settings], "each once, in order");
            let count = |db: &backroom_core::store::Db<'_>| {
                Ok(db.query_row("SELECT count(*) FROM settings", [], |row| row.get(0))?)
            };
            list.lock().push(store.read(count).expect("a count"));
        }
    }));
    let insert = |name: &str, fails: bool| {
        store.write(|tx| {
            tx.execute("INSERT INTO settings VALUES (?1, '')", [name])?;
            for tag in [Tag::Settings, Tag::Customers, Tag::Settings] {
                tx.changed(tag);
            }
            if fails { Err(Error::Refused("no".into())) } else { Ok(()) }
        })
    };
    insert("a", false).expect("a write");
    insert("b", true).expect_err("a refusal");
    assert_eq!(*heard.lock(), [1], "told once, and the row was there by then");
    let left: i64 =
        store.read(|db| Ok(db.query_row("SELECT count(*) FROM settings", [], |r| r.get(0))?)).expect("a count");
    assert_eq!(left, 1);
}

#[test]
fn a_part_that_fails_is_undone_alone_with_what_it_wanted_to_tell() {
    let store = Store::in_memory().expect("a store");
    let heard: Arc<Mutex<Vec<Tag>>> = Arc::default();
    let list = heard.clone();
    store.listen(Arc::new(move |event| {
        if let Event::Changed { tags } = event {
            list.lock().extend(tags);
        }
    }));
    let insert = |tx: &backroom_core::store::Tx<'_>, name: &str, tag: Tag| -> backroom_core::Result<()> {
        tx.execute("INSERT INTO settings VALUES (?1, '')", [name])?;
        tx.changed(tag);
        Ok(())
    };
    store
        .write(|tx| {
            tx.attempt(|| insert(tx, "a", Tag::Items))?.expect("the first");
            let second = tx.attempt(|| {
                insert(tx, "b", Tag::Orders)?;
                insert(tx, "a", Tag::Orders)
            })?;
            assert!(matches!(second, Err(Error::Bug(_))), "the name is taken: {second:?}");
            tx.attempt(|| insert(tx, "c", Tag::Invoices))?.expect("the third");
            Ok(())
        })
        .expect("a write");
    let names: String = store
        .read(|db| {
            Ok(db.query_row("SELECT group_concat(name) FROM (SELECT name FROM settings ORDER BY name)", [], |r| {
                r.get(0)
            })?)
        })
        .expect("names");
    assert_eq!(names, "a,c");
    assert_eq!(*heard.lock(), [Tag::Items, Tag::Invoices]);
}

#[test]
fn a_full_disk_is_told_as_such_and_saves_nothing() {
    let store = Store::in_memory().expect("a store");
    let full = store.write(|tx| {
        let pages: i64 = tx.query_row("PRAGMA page_count", [], |row| row.get(0))?;
        tx.execute_batch(&format!("PRAGMA max_page_count = {}", pages + 2))?;
        for number in 0..1000 {
            tx.attempt(|| {
                tx.execute("INSERT INTO settings VALUES (?1, ?2)", [number.to_string(), "x".repeat(4000)])?;
                Ok(())
            })??;
        }
        Ok(())
    });
    assert!(matches!(full, Err(Error::DiskFull)), "{full:?}");
    let left: i64 =
        store.read(|db| Ok(db.query_row("SELECT count(*) FROM settings", [], |r| r.get(0))?)).expect("a count");
    assert_eq!(left, 0);
}
