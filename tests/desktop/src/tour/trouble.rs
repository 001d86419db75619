//! Starts that can't go well end in a window that says why, and leave the file as it is.

use super::surroundings::Stage;
use anyhow::{Context as _, ensure};
use backroom_core::DATA_FILE;
use backroom_host::EngineLock;
use serde_json::json;
use std::fs;
use std::path::{Path, PathBuf};

/// Runs while no window is open.
pub async fn play(stage: &mut Stage) -> anyhow::Result<()> {
    let folder = prepare(stage, "damaged", |file| Ok(fs::write(file, "this was a data file once ".repeat(400))?))?;
    cannot_open(stage, "Open a damaged data file", &folder, "file_corrupt").await?;

    let folder = prepare(stage, "newer", |file| {
        let db = rusqlite::Connection::open(file)?;
        Ok(db.pragma_update(None, "user_version", 9_999)?)
    })?;
    cannot_open(stage, "Open the data file of a newer app", &folder, "file_too_new").await?;

    let folder = stage.data.clone();
    let lock = EngineLock::take(&folder)?;
    cannot_open(stage, "Open a folder that another process syncs", &folder, "file_in_use").await?;
    drop(lock);
    Ok(())
}

/// A folder with a copy of the company's file, changed.
fn prepare(stage: &Stage, name: &str, change: fn(&Path) -> anyhow::Result<()>) -> anyhow::Result<PathBuf> {
    let folder = stage.home.join(name);
    fs::create_dir_all(&folder)?;
    let file = folder.join(DATA_FILE);
    fs::copy(stage.data.join(DATA_FILE), &file).context("the company's file")?;
    change(&file)?;
    Ok(folder)
}

async fn cannot_open(stage: &mut Stage, name: &str, folder: &Path, code: &str) -> anyhow::Result<()> {
    stage.record.begin(name);
    let before = fs::read(folder.join(DATA_FILE))?;
    stage.open_on(folder, &[]).await?;
    let place = stage.window()?.place().await?;
    let (path, query) = place.split_once('?').context("the page's address carries the reason")?;
    let told: Vec<(String, String)> = url::form_urlencoded::parse(query.as_bytes()).into_owned().collect();
    let of = |key: &str| told.iter().find(|(name, _)| name == key).map(|(_, value)| value.clone());
    ensure!(path == "/cannot-open", "the page is {path}");
    ensure!(of("code").as_deref() == Some(code), "the code is {:?}, not {code}", of("code"));
    let message = of("message").context("a message")?;
    stage.window()?.read(&message).await?;
    stage.done(json!({ "code": code, "message": message })).await?;
    stage.quit().await?;
    ensure!(fs::read(folder.join(DATA_FILE))? == before, "the file is as it was");
    Ok(())
}
