//! Backups and restoring: proven before they get their name, one a day, put back with what would be lost, and safe to sync afterwards.

use crate::folders::{company, folder, names as files, open};
use backroom_core::data::{self, BackupKind};
use backroom_core::{DATA_FILE, Error};
use chrono::Duration;
use std::fs;
use std::path::Path;
use std::sync::Arc;

#[test]
fn a_backup_is_one_whole_file_that_opens_elsewhere() {
    let (first, second) = (folder(), folder());
    let core = company(first.path());
    core.customer("Ada");
    let made = core.back_up_now().expect("a backup");
    assert_eq!((made.kind, made.counts.expect("counts").customers), (BackupKind::Manual, 1));
    core.customer("Ben");
    assert_eq!(
        files(&first.path().join(data::BACKUPS)),
        std::slice::from_ref(&made.name),
        "nothing unfinished is left"
    );
    fs::copy(&made.path, second.path().join(DATA_FILE)).expect("a copy");
    assert_eq!(open(second.path()).count("SELECT count(*) FROM customers"), 1);
}

#[test]
fn a_backup_under_a_steady_writer_ends_and_holds_one_moment() {
    let folder = folder();
    let core = Arc::new(company(folder.path()));
    let writer = Arc::clone(&core);
    let (stop, stopped) = std::sync::mpsc::channel::<()>();
    let writing = std::thread::spawn(move || {
        let mut number = 0;
        while stopped.try_recv().is_err() {
            number += 1;
            writer.customer(&format!("Customer {number}"));
        }
        number
    });
    for _ in 0..3 {
        let made = core.back_up_to(&folder.path().join(format!("{}.copy", uuid::Uuid::new_v4()))).expect("a backup");
        assert_eq!(made.problem, "");
    }
    stop.send(()).expect("the writer listens");
    assert!(writing.join().expect("the writer") > 0);
}

#[test]
fn one_backup_a_day_by_itself_and_old_ones_go() {
    let folder = folder();
    let core = company(folder.path());
    for _ in 0..40 {
        core.look_after_file();
        core.look_after_file();
        core.clock.advance(Duration::days(1));
    }
    let kept = core.backups().expect("backups").rows;
    assert!(kept.iter().all(|backup| backup.kind == BackupKind::Daily && backup.problem.is_empty()));
    assert!((9..=13).contains(&kept.len()), "{:?}", kept.iter().map(|backup| &backup.name).collect::<Vec<_>>());
    assert_eq!(kept.first().map(|backup| backup.name.as_str()), Some("daily-2026-12-29.sqlite"));
}

#[test]
fn a_backup_that_fails_leaves_nothing_is_told_once_and_older_ones_stay() {
    let folder = folder();
    let core = company(folder.path());
    core.look_after_file();
    core.clock.advance(Duration::days(1));
    let backups = folder.path().join(data::BACKUPS);
    // A folder in the way of the unfinished copy makes every further one fail.
    fs::create_dir(backups.join("daily-2026-11-21.sqlite.part")).expect("in the way");
    fs::write(backups.join("daily-2026-11-21.sqlite.part/x"), "x").expect("in the way");
    for _ in 0..2 {
        core.look_after_file();
    }
    let list = core.backups().expect("backups");
    assert_eq!(list.rows.len(), 1);
    assert!(list.problems[0].starts_with("The last backup could not be made"), "{:?}", list.problems);
    let calls = core.events.lock().iter().filter(|event| format!("{event:?}").contains("No backup was made")).count();
    assert_eq!(calls, 1);
    fs::remove_dir_all(backups.join("daily-2026-11-21.sqlite.part")).expect("room again");
    core.look_after_file();
    assert_eq!((core.backups().expect("backups").problems.len(), core.backups().expect("backups").rows.len()), (0, 2));
}

#[tokio::test]
async fn restoring_shows_what_would_be_lost_and_keeps_the_present_file() {
    let folder = folder();
    let core = company(folder.path());
    core.customer("Ada");
    let made = core.back_up_now().expect("a backup");
    core.clock.advance(Duration::hours(1));
    core.customer("Ben");
    let preview = core.preview_restore(&made.name).expect("a preview");
    assert_eq!(preview.present.customers, 2);
    assert_eq!(
        preview.lost.iter().map(|lost| (lost.kind.as_str(), lost.created)).collect::<Vec<_>>(),
        [("customer", 1)]
    );

    let done = Arc::clone(&core.core).restore_backup(&made.name).await.expect("restored");
    assert_eq!(core.count("SELECT count(*) FROM customers"), 1);
    core.customer("Cy");
    let kept = done.kept_as.expect("the present file is kept");
    assert_eq!(data::inspect(Path::new(&kept)).expect("sound").0.counts.customers, 2);
    assert!(core.backups().expect("backups").rows.iter().any(|backup| backup.kind == BackupKind::BeforeRestore));
    assert!(core.backups().expect("backups").restored.is_some());
}

#[test]
fn restoring_into_a_closed_folder_refuses_what_is_damaged_newer_or_none_of_ours_untouched() {
    let (from, to) = (folder(), folder());
    let core = company(from.path());
    core.customer("Ada");
    let made = core.back_up_now().expect("a backup");
    company(to.path()).close().expect("closed");
    let present = fs::read(to.path().join(DATA_FILE)).expect("present");
    let good = fs::read(&made.path).expect("a backup");
    let mut newer = good.clone();
    newer[60..64].copy_from_slice(&[0, 0, 0, 99]);
    let mut damaged = good.clone();
    let half = damaged.len() / 2;
    damaged[half..].fill(0xA5);
    for (name, bytes) in [("newer", newer), ("damaged", damaged), ("cut", good[..half].to_vec()), ("empty", Vec::new())]
    {
        let file = to.path().join(name);
        fs::write(&file, &bytes).expect("a file");
        assert!(data::restore_closed(to.path(), &file, "now").is_err(), "{name}");
        assert_eq!(fs::read(&file).expect("the file"), bytes, "{name}");
        assert_eq!(fs::read(to.path().join(DATA_FILE)).expect("present"), present, "{name}");
    }
    assert_eq!(files(&to.path().join(data::BACKUPS)), Vec::<String>::new(), "nothing unfinished is left");
    data::restore_closed(to.path(), Path::new(&made.path), "now").expect("restored");
    assert_eq!(open(to.path()).count("SELECT count(*) FROM customers"), 1);
    assert!(to.path().join("backroom.before-restore-now.sqlite").is_file());
}

#[test]
fn a_backup_named_by_a_path_is_no_backup() {
    let folder = folder();
    let core = company(folder.path());
    for name in ["../backroom.sqlite", "/etc/passwd", "", ".."] {
        assert!(matches!(core.preview_restore(name), Err(Error::NotFound(_))), "{name}");
    }
}
