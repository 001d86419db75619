//! Formats: what changes a file, and the copy that is made before.

use super::*;

#[test]
fn what_runs_did_before_history_named_them_is_found_by_its_time() {
    let mut file = Connection::open_in_memory().expect("a file");
    prepare(&file).expect("settings");
    migrate(&mut file, None, &MIGRATIONS[..4]).expect("the format before");
    file.execute_batch(
        "INSERT INTO runs (id, trigger, state, started_at, finished_at) VALUES
             ('first', 'owner', 'done', '2026-11-20T10:00:00.000Z', '2026-11-20T10:01:00.000Z'),
             ('second', 'owner', 'done', '2026-11-20T11:00:00.000Z', '2026-11-20T11:01:00.000Z');
         INSERT INTO history (kind, local_id, at, who, action, fields) VALUES
             ('customer', 'a', '2026-11-20T09:00:00.000Z', 'Books', 'created', '[]'),
             ('customer', 'a', '2026-11-20T10:00:30.000Z', 'Books', 'updated', '[]'),
             ('customer', 'a', '2026-11-20T10:00:40.000Z', 'owner', 'updated', '[]'),
             ('customer', 'a', '2026-11-20T10:30:00.000Z', 'Books', 'updated', '[]'),
             ('customer', 'a', '2026-11-20T11:01:00.000Z', 'undo', 'updated', '[]');",
    )
    .expect("a past");
    migrate(&mut file, None, MIGRATIONS).expect("the newest format");
    let mut statement = file.prepare("SELECT run_id FROM history ORDER BY row").expect("a query");
    let runs: Vec<Option<String>> =
        statement.query_map([], |row| row.get(0)).expect("rows").collect::<rusqlite::Result<_>>().expect("runs");
    assert_eq!(runs, [None, Some("first".into()), None, None, Some("second".into())]);
}

#[test]
fn a_file_is_copied_before_its_format_changes() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("data.sqlite");
    let mut file = owner(&path).expect("a file").writer;
    file.execute("INSERT INTO settings VALUES ('a', '1')", []).expect("a row");
    migrate(&mut file, Some(&path), MIGRATIONS).expect("nothing to do");
    let mut next = MIGRATIONS.to_vec();
    next.push(M::up("CREATE TABLE later (a TEXT) STRICT"));
    let newest = u32::try_from(next.len()).expect("few");
    let copy = path.with_extension(format!("before-format-{newest}.sqlite"));
    assert!(!copy.exists(), "no change, no copy");
    migrate(&mut file, Some(&path), &next).expect("the next format");
    file.execute("INSERT INTO later VALUES ('new')", []).expect("the new table");
    let copied = Connection::open(&copy).expect("a copy");
    let version: u32 = copied.pragma_query_value(None, "user_version", |row| row.get(0)).expect("a version");
    let rows: u32 = copied.query_row("SELECT count(*) FROM settings", [], |row| row.get(0)).expect("a count");
    assert_eq!((version, rows), (newest - 1, 1), "as it was before");
    let older = migrate(&mut file, None, MIGRATIONS);
    assert!(matches!(older, Err(Error::FileTooNew { found, known }) if (found, known) == (newest, newest - 1)));
}

#[test]
fn marks_begin_with_the_format_that_says_so() {
    let mut file = Connection::open_in_memory().expect("a file");
    prepare(&file).expect("settings");
    let before = usize::try_from(life::FORMAT).expect("a number") - 1;
    let marks = |file: &Connection| -> bool {
        file.query_row("SELECT count(*) FROM sqlite_schema WHERE name = 'life'", [], |row| row.get(0)).expect("a count")
    };
    migrate(&mut file, None, &MIGRATIONS[..before]).expect("the format before");
    assert!(!marks(&file));
    migrate(&mut file, None, &MIGRATIONS[..=before]).expect("the format of marks");
    assert!(marks(&file));
}

#[test]
fn a_copy_that_could_not_be_made_leaves_nothing_and_the_format_as_it_is() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("data.sqlite");
    let mut file = owner(&path).expect("a file").writer;
    let mut next = MIGRATIONS.to_vec();
    next.push(M::up("CREATE TABLE later (a TEXT) STRICT"));
    let newest = next.len();
    let copy = path.with_extension(format!("before-format-{newest}.sqlite"));
    // A folder in the way stands for a disk without room.
    let partial = life::beside(&copy, copies::PARTIAL);
    std::fs::create_dir(&partial).expect("in the way");
    assert!(migrate(&mut file, Some(&path), &next).is_err());
    assert!(!copy.exists(), "what is no proven copy does not get its name");
    let version: u32 = file.pragma_query_value(None, "user_version", |row| row.get(0)).expect("a version");
    assert_eq!(version as usize, newest - 1);
    std::fs::remove_dir(&partial).expect("room again");
    migrate(&mut file, Some(&path), &next).expect("the next format");
    assert!(copy.is_file());
}
