//! `backroom-cli` on a company of its own: every command, its exit code, and the same demo data matched with the vendors' records.

use super::books::Books;
use super::limit::named;
use super::surroundings::Stage;
use crate::demo_data;
use anyhow::{Context as _, ensure};
use backroom_host::EngineLock;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::process::Command;

/// Runs while no window is open.
pub async fn play(stage: &mut Stage) -> anyhow::Result<()> {
    let folder = stage.home.join("command-line");
    new_company(stage, &folder).await?;
    taken_lock(stage, &folder).await?;
    demo_company(stage).await
}

/// The command line on a folder.
pub struct Line {
    program: PathBuf,
    folder: PathBuf,
    sandbox: String,
}

impl Line {
    /// On this folder.
    pub fn of(stage: &Stage, folder: &Path) -> anyhow::Result<Self> {
        let (program, sandbox) = (stage.programs.cli.clone(), stage.simulators.url()?);
        Ok(Self { program, folder: folder.to_path_buf(), sandbox })
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.program);
        command.arg("--data-dir").arg(&self.folder).arg("--json").args(arguments);
        // The keychain's entries are named after this folder in every process that works on it.
        command.env("BACKROOM_DATA_DIR", &self.folder).env("BACKROOM_SANDBOX", &self.sandbox).kill_on_drop(true);
        command
    }

    /// Runs to the end: exit code and the one JSON document.
    pub async fn run(&self, arguments: &[&str]) -> anyhow::Result<(i32, Value)> {
        let output = self.command(arguments).stdin(Stdio::null()).output();
        let output = named(&format!("the command line with {arguments:?}"), output).await?;
        self.answer(arguments, output)
    }

    fn answer(&self, arguments: &[&str], output: std::process::Output) -> anyhow::Result<(i32, Value)> {
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        let document = serde_json::from_str(&text)
            .with_context(|| format!("{arguments:?} on {} prints JSON: {text}{told}", self.folder.display()))?;
        Ok((output.status.code().context("an exit code")?, document))
    }

    /// Runs to the end and expects this exit code.
    pub async fn expect(&self, code: i32, arguments: &[&str]) -> anyhow::Result<Value> {
        let (ended, document) = self.run(arguments).await?;
        ensure!(ended == code, "{arguments:?} ended with {ended}, not {code}: {document}");
        ensure!(document["ok"] == (code == 0), "{arguments:?}: {document}");
        Ok(document)
    }

    async fn connect_with_keys(&self, vendor: &str, keys: Value, code: i32) -> anyhow::Result<Value> {
        let file = self.folder.join(format!("{vendor}-keys.json"));
        std::fs::write(&file, keys.to_string())?;
        let fields = file.display().to_string();
        let document = self.expect(code, &["connect", vendor, "--practice", "--fields", &fields]).await;
        std::fs::remove_file(&file)?;
        document
    }

    /// Signs in through the browser: reads the page to open, answers it, pastes the link.
    async fn connect_quickbooks(&self, stage: &Stage) -> anyhow::Result<Value> {
        let arguments = ["connect", "quickbooks", "--practice", "--fields", "-"];
        let mut child =
            self.command(&arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
        let mut input = child.stdin.take().context("its input")?;
        let keys = json!({
            "client_id": stage.simulators.text(&["quickbooks", "client_id"])?,
            "client_secret": stage.simulators.text(&["quickbooks", "client_secret"])?,
        });
        input.write_all(format!("{keys}\n").as_bytes()).await?;
        let mut told = BufReader::new(child.stderr.take().context("its words")?).lines();
        let mut said = String::new();
        let page = loop {
            let line = named("the page to sign in at", told.next_line())
                .await?
                .with_context(|| format!("no page was named: {said}"))?;
            if line.starts_with("http") {
                break line;
            }
            said.push_str(&line);
        };
        let bounced = stage.person.answer(&stage.simulators, &page, true).await?;
        let link = stage.person.link_on(&bounced).await?;
        input.write_all(format!("{link}\n").as_bytes()).await?;
        drop(input);
        let (code, document) =
            self.answer(&arguments, named("the end of connecting", child.wait_with_output()).await?)?;
        ensure!(code == 0, "connecting QuickBooks ended with {code}: {document}");
        Ok(document)
    }

    async fn connect_all(&self, stage: &Stage) -> anyhow::Result<()> {
        let text = |place: &[&str]| stage.simulators.text(place);
        self.connect_quickbooks(stage).await?;
        let shipstation = json!({
            "api_key": text(&["shipstation", "api_key"])?,
            "api_secret": text(&["shipstation", "api_secret"])?,
            "v2_key": text(&["shipstation", "v2_key"])?,
        });
        self.connect_with_keys("shipstation", shipstation, 0).await?;
        self.connect_with_keys("stripe", json!({ "secret_key": text(&["stripe", "restricted_key"])? }), 0).await?;
        Ok(())
    }
}

async fn new_company(stage: &mut Stage, folder: &Path) -> anyhow::Result<()> {
    stage.record.begin("Command line: set up, connect, sync, export, check");
    let line = Line::of(stage, folder)?;
    let empty = line.expect(1, &["status"]).await?;
    ensure!(empty["data"]["app"]["company"].is_null(), "no company yet: {empty}");
    line.expect(2, &["setup", "--name", "Nowhere Ltd", "--currency", "XXQ"]).await?;
    line.expect(0, &["setup", "--name", "Pier & Post"]).await?;
    line.expect(2, &["sync"]).await?;
    let wrong = line.connect_with_keys("stripe", json!({ "secret_key": "rk_test_wrong" }), 1).await?;
    ensure!(wrong["data"]["message"].as_str().is_some_and(|words| !words.is_empty()), "in words: {wrong}");
    line.connect_all(stage).await?;
    let unseen = line.expect(2, &["sync"]).await?;
    ensure!(unseen["error"].as_str().is_some_and(|words| words.contains("--yes")), "the first sync waits: {unseen}");
    let run = line.expect(0, &["sync", "--yes"]).await?;
    let status = line.expect(0, &["status"]).await?;
    ensure!(status["data"]["sync"]["connections"].as_array().is_some_and(|all| all.len() == 3), "three: {status}");
    let export = line.expect(0, &["export"]).await?;
    let files = export["data"]["files"].as_array().map_or(0, Vec::len);
    ensure!(files > 0, "files are written: {export}");
    line.expect(0, &["doctor"]).await?;
    let counts = Books::of(folder).counts()?;
    stage.record.end(false, json!({ "here": counts, "export_files": files, "run_state": run["data"]["state"] }))
}

/// While another process syncs the folder, this one says so and does nothing.
async fn taken_lock(stage: &mut Stage, folder: &Path) -> anyhow::Result<()> {
    stage.record.begin("Command line: a sync while another process syncs");
    let lock = EngineLock::take(folder)?;
    let refused = Line::of(stage, folder)?.expect(2, &["sync"]).await?;
    drop(lock);
    let said = refused["error"].as_str().unwrap_or_default().to_owned();
    ensure!(said.contains("another Backroom"), "it says why: {refused}");
    stage.record.end(false, json!({ "said": said }))
}

/// The demo company meets the vendors' records: what is the same thing becomes one record, and a second sync sends nothing.
async fn demo_company(stage: &mut Stage) -> anyhow::Result<()> {
    stage.record.begin("Demo data, written twice, then synced with all three");
    // The first company's invoice has taken the number of one of this company's.
    stage.simulators.reset().await?;
    let folder = stage.home.join("demo");
    demo_data::write(&folder).await?;
    let books = Books::of(&folder);
    let written = books.counts()?;
    demo_data::write(&folder).await?;
    ensure!(books.counts()? == written, "writing it again adds nothing");
    let line = Line::of(stage, &folder)?;
    line.connect_all(stage).await?;
    let (_, first) = line.run(&["sync", "--yes"]).await?;
    let skus = books.number("SELECT count(*) - count(DISTINCT sku) FROM items WHERE sku <> ''")?;
    ensure!(skus == 0, "{skus} items are here twice");
    let (_, second) = line.run(&["sync"]).await?;
    let sent = |run: &Value| -> i64 {
        run["data"]["parts"].as_array().into_iter().flatten().filter_map(|part| part["sent_count"].as_i64()).sum()
    };
    ensure!(sent(&second) == 0, "the second sync sends nothing: {second}");
    let problems = books.number("SELECT count(*) FROM problems")?;
    let asked = books.text("SELECT coalesce(group_concat(title || ?1 || message, '; '), '') FROM problems", ": ")?;
    ensure!(problems == 0, "nothing is asked of the owner: {asked:?}");
    line.expect(0, &["status"]).await?;
    stage
        .record
        .end(false, json!({ "written": written, "here": books.counts()?, "sent": sent(&first), "problems": problems }))
}
