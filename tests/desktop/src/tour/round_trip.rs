//! A company's file on its way through closing, copying, restoring and killing, by the real command line and the real window: whatever
//! was reported as saved is there each time.
//!
//! Absent on purpose: disks that fail and kills inside a sync, which `backroom-disk` and `backroom-crash` bring about.

use super::books::Books;
use super::command_line::Line;
use super::surroundings::Stage;
use crate::demo_data;
use anyhow::{Context as _, ensure};
use backroom_core::DATA_FILE;
use serde_json::{Map, Value, json};
use std::fs;
use std::path::{Path, PathBuf};

/// Customers, each saved in the window before the file is closed, or the app killed, in a way of its own.
const CLOSED: &str = "Ashore Before Closing";
const KILLED: &str = "Buoyed Before a Kill";
const KILLED_AGAIN: &str = "Caulked Before a Kill";

/// Where the company is written, and the older copy of its file.
struct Trip {
    folder: PathBuf,
    older: PathBuf,
    /// What the older copy holds.
    before: Map<String, Value>,
}

/// Runs while no window is open.
pub async fn play(stage: &mut Stage) -> anyhow::Result<()> {
    let trip = set_out(stage).await?;
    closed_in_order(stage, &trip).await?;
    let kept = restored(stage, &trip, "An older backup is put back", &[]).await?;
    back_again(stage, &trip, "The newer file is put back", &kept, &[CLOSED]).await?;
    killed_and_restored(stage, &trip).await?;
    killed_and_opened(stage, &trip).await
}

/// A company with records, and the backup that later is the older one.
async fn set_out(stage: &mut Stage) -> anyhow::Result<Trip> {
    stage.record.begin("Backups: a company is written and backed up");
    let (folder, older) = (stage.home.join("round-trip"), stage.home.join("older.sqlite"));
    demo_data::write(&folder).await?;
    let line = Line::of(stage, &folder)?;
    let made = line.expect(0, &["backup", &older.display().to_string()]).await?;
    alone(&folder)?;
    let before = Books::of(&folder).counts()?;
    ensure!(made["data"]["counts"]["customers"] == before["customers"], "the backup is counted: {made}");
    stage.record.end(false, json!({ "backed_up": before }))?;
    Ok(Trip { folder, older, before })
}

/// Written in the window, read by the command line beside it, closed in order: the one file holds everything.
async fn closed_in_order(stage: &mut Stage, trip: &Trip) -> anyhow::Result<()> {
    stage.record.begin("Backups: written in the window, closed in order, copied as one file");
    stage.open_on(&trip.folder, &[]).await?;
    save_customer(stage, CLOSED).await?;
    Line::of(stage, &trip.folder)?.run(&["status"]).await?;
    stage.done(json!({})).await?;
    stage.quit().await?;
    alone(&trip.folder)?;
    opens_elsewhere(stage, trip, "closed", &[CLOSED]).await
}

/// The older copy takes the file's place; what was saved since is in the file that is kept. Returns where that one is.
async fn restored(stage: &mut Stage, trip: &Trip, name: &str, open: &[&str]) -> anyhow::Result<PathBuf> {
    stage.record.begin(&format!("Backups: {name}"));
    let kept = put_in_place(stage, trip, &trip.older).await?;
    alone(&trip.folder)?;
    stage.open_on(&trip.folder, &[]).await?;
    for customer in [CLOSED].iter().chain(open) {
        search(stage, customer).await?;
        stage.window()?.read("No customer fits").await?;
    }
    search(stage, "Lighthouse").await?;
    stage.window()?.find("a customer of the backup", &row("Lighthouse Diner")).await?;
    stage.window()?.go("/settings/data").await?;
    stage.window()?.read("Before a restore").await?;
    let counts = Books::of(&trip.folder).counts()?;
    ensure!(counts == trip.before, "as it was: {counts:?}, not {:?}", trip.before);
    stage.done(json!({ "here": counts, "kept_as": kept })).await?;
    stage.quit().await?;
    Ok(kept)
}

/// The file that a restore kept is put back in its turn, with all that was saved in it.
async fn back_again(stage: &mut Stage, trip: &Trip, name: &str, kept: &Path, saved: &[&str]) -> anyhow::Result<()> {
    stage.record.begin(&format!("Backups: {name}"));
    put_in_place(stage, trip, kept).await?;
    stage.open_on(&trip.folder, &[]).await?;
    expect_saved(stage, saved).await?;
    let counts = holds(trip, &trip.folder, saved.len())?;
    stage.done(json!({ "here": counts })).await?;
    stage.quit().await?;
    alone(&trip.folder)
}

/// Killed right after saving, and restored without being opened in between.
async fn killed_and_restored(stage: &mut Stage, trip: &Trip) -> anyhow::Result<()> {
    save_and_kill(stage, trip, KILLED).await?;
    let kept = restored(stage, trip, "After a kill, an older backup is put back", &[KILLED]).await?;
    back_again(stage, trip, "After a kill, the newer file is put back", &kept, &[CLOSED, KILLED]).await?;
    opens_elsewhere(stage, trip, "killed", &[CLOSED, KILLED]).await
}

/// Killed right after saving, and simply opened again.
async fn killed_and_opened(stage: &mut Stage, trip: &Trip) -> anyhow::Result<()> {
    let all = [CLOSED, KILLED, KILLED_AGAIN];
    save_and_kill(stage, trip, KILLED_AGAIN).await?;
    stage.record.begin("Backups: opened again after a kill, and closed in order");
    stage.open_on(&trip.folder, &[]).await?;
    expect_saved(stage, &all).await?;
    stage.done(json!({ "here": holds(trip, &trip.folder, all.len())? })).await?;
    stage.quit().await?;
    alone(&trip.folder)?;
    let line = Line::of(stage, &trip.folder)?;
    line.run(&["status"]).await?;
    alone(&trip.folder)?;
    opens_elsewhere(stage, trip, "killed-again", &all).await
}

async fn save_and_kill(stage: &mut Stage, trip: &Trip, customer: &str) -> anyhow::Result<()> {
    stage.record.begin(&format!("Backups: “{customer}” is saved, and the app is killed"));
    stage.open_on(&trip.folder, &[]).await?;
    save_customer(stage, customer).await?;
    stage.kill().await?;
    stage.record.end(false, json!({ "left_by_the_kill": beside(&trip.folder)? }))
}

/// The file alone, copied into another folder, is opened by the window and the command line, and holds everything.
async fn opens_elsewhere(stage: &mut Stage, trip: &Trip, name: &str, saved: &[&str]) -> anyhow::Result<()> {
    stage.record.begin(&format!("Backups: the copied file opens in another folder ({name})"));
    let folder = stage.home.join(format!("elsewhere-{name}"));
    fs::create_dir_all(&folder)?;
    fs::copy(trip.folder.join(DATA_FILE), folder.join(DATA_FILE)).context("the company's file")?;
    stage.open_on(&folder, &[]).await?;
    expect_saved(stage, saved).await?;
    stage.done(json!({})).await?;
    stage.quit().await?;
    alone(&folder)?;
    Line::of(stage, &folder)?.expect(0, &["doctor"]).await?;
    alone(&folder)?;
    holds(trip, &folder, saved.len()).map(drop)
}

/// Puts a file in the data file's place with the command line. Returns where the file in use until then is kept.
async fn put_in_place(stage: &Stage, trip: &Trip, file: &Path) -> anyhow::Result<PathBuf> {
    let file = file.display().to_string();
    let line = Line::of(stage, &trip.folder)?;
    line.expect(2, &["restore", &file]).await?;
    let done = line.expect(0, &["restore", &file, "--yes"]).await?;
    let kept = done["data"]["kept_as"].as_str().with_context(|| format!("the present file is kept: {done}"))?;
    Ok(PathBuf::from(kept))
}

/// Adds a customer and waits until the window shows it as saved.
async fn save_customer(stage: &Stage, name: &str) -> anyhow::Result<()> {
    let window = stage.window()?;
    window.go("/customers?new=1").await?;
    window.fill("Name", name).await?;
    window.press_in("//*[@role='dialog']", "Save").await?;
    window.find("the saved customer", &format!("//aside[@aria-label={}]", super::window::quoted(name)?)).await?;
    Ok(())
}

async fn expect_saved(stage: &Stage, saved: &[&str]) -> anyhow::Result<()> {
    for name in saved {
        search(stage, name).await?;
        stage.window()?.find(&format!("the customer {name}"), &row(name)).await?;
    }
    Ok(())
}

async fn search(stage: &Stage, words: &str) -> anyhow::Result<()> {
    stage.window()?.go("/customers").await?;
    stage.window()?.fill("Search customers", words).await
}

fn row(name: &str) -> String {
    format!("//*[@role='grid']//*[@role='row'][contains(., '{name}')]")
}

/// The records of the older copy and so many customers more.
fn holds(trip: &Trip, folder: &Path, more: usize) -> anyhow::Result<Map<String, Value>> {
    let counts = Books::of(folder).counts()?;
    let mut expected = trip.before.clone();
    let customers = expected["customers"].as_u64().context("a count")? + u64::try_from(more)?;
    expected.insert("customers".to_owned(), customers.into());
    ensure!(counts == expected, "{} holds {counts:?}, not {expected:?}", folder.display());
    Ok(counts)
}

/// After an orderly end the data file is whole: nothing that belongs to it is beside it.
fn alone(folder: &Path) -> anyhow::Result<()> {
    let left = beside(folder)?;
    ensure!(left.is_empty(), "left beside the closed data file in {}: {left:?}", folder.display());
    Ok(())
}

/// What SQLite keeps beside the data file, by name.
fn beside(folder: &Path) -> anyhow::Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(folder)? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        if name.strip_prefix(DATA_FILE).is_some_and(|rest| rest.starts_with('-')) {
            names.push(name);
        }
    }
    names.sort();
    Ok(names)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_beside_a_data_file_is_found_and_other_files_are_not() {
        let folder = std::env::temp_dir().join(format!("backroom-round-trip-{}", std::process::id()));
        fs::create_dir_all(&folder).expect("a folder");
        for name in [DATA_FILE, "backroom.before-restore-x.sqlite", "last-sync"] {
            fs::write(folder.join(name), b"").expect("a file");
        }
        alone(&folder).expect("the file is alone");
        fs::write(folder.join(format!("{DATA_FILE}-wal")), b"").expect("a file");
        assert_eq!(beside(&folder).expect("it can be read"), [format!("{DATA_FILE}-wal")]);
        assert!(alone(&folder).is_err());
        fs::remove_dir_all(&folder).expect("it can be removed");
    }
}
