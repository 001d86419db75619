//! The real command line as a child process: set up, connect, sync, and the end of it by SIGKILL.

use crate::simulators::{Moment, Simulators};
use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};
use std::time::{Duration, Instant};
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::process::Command;

/// A sync that takes longer than this hangs.
const LONGEST: Duration = Duration::from_mins(3);

/// How a sync came out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// By itself.
    ByItself,
    /// By SIGKILL.
    Killed,
}

/// The command line on one data folder.
pub struct Line {
    program: PathBuf,
    folder: PathBuf,
    sandbox: String,
}

impl Line {
    /// On this folder, with Practice at these simulators.
    pub fn new(program: &Path, folder: &Path, simulators: &Simulators) -> Self {
        Self { program: program.to_owned(), folder: folder.to_owned(), sandbox: simulators.url().to_owned() }
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.program);
        command.arg("--data-dir").arg(&self.folder).arg("--json").args(arguments);
        // The keychain's entries are named after this folder in every process that works on it.
        command.env("BACKROOM_DATA_DIR", &self.folder).env("BACKROOM_SANDBOX", &self.sandbox);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
        command
    }

    /// Runs to the end; exit code 1 means it ran and found something.
    async fn run(&self, arguments: &[&str]) -> Result<Value> {
        let output = tokio::time::timeout(LONGEST, self.command(arguments).output()).await;
        answer(arguments, &output.with_context(|| format!("{arguments:?} does not end"))??)
    }

    /// Makes the company and connects all three vendors.
    pub async fn set_up(&self, simulators: &Simulators) -> Result<()> {
        self.run(&["setup", "--name", "Harbor & Pine"]).await?;
        let text = |place: &[&str]| simulators.text(place);
        self.sign_in(simulators).await?;
        let shipstation = json!({
            "api_key": text(&["shipstation", "api_key"])?,
            "api_secret": text(&["shipstation", "api_secret"])?,
            "v2_key": text(&["shipstation", "v2_key"])?,
        });
        self.connect("shipstation", &shipstation).await?;
        self.connect("stripe", &json!({ "secret_key": text(&["stripe", "restricted_key"])? })).await
    }

    async fn connect(&self, vendor: &str, keys: &Value) -> Result<()> {
        let arguments = ["connect", vendor, "--practice", "--fields", "-"];
        let mut child = self.command(&arguments).stdin(Stdio::piped()).spawn()?;
        let mut input = child.stdin.take().context("its input")?;
        input.write_all(format!("{keys}\n").as_bytes()).await?;
        drop(input);
        let document = answer(&arguments, &child.wait_with_output().await?)?;
        ensure!(document["ok"] == true, "{vendor} is not connected: {document}");
        Ok(())
    }

    /// Signs in through the browser, whose part is played here.
    async fn sign_in(&self, simulators: &Simulators) -> Result<()> {
        let arguments = ["connect", "quickbooks", "--practice", "--fields", "-"];
        let mut child = self.command(&arguments).stdin(Stdio::piped()).spawn()?;
        let mut input = child.stdin.take().context("its input")?;
        let keys = json!({
            "client_id": simulators.text(&["quickbooks", "client_id"])?,
            "client_secret": simulators.text(&["quickbooks", "client_secret"])?,
        });
        input.write_all(format!("{keys}\n").as_bytes()).await?;
        let mut told = BufReader::new(child.stderr.take().context("its words")?).lines();
        let mut said = String::new();
        let page = loop {
            let line = told.next_line().await?.with_context(|| format!("no page was named: {said}"))?;
            if line.starts_with("http") {
                break line;
            }
            said.push_str(&line);
        };
        input.write_all(format!("{}\n", simulators.consent(&page).await?).as_bytes()).await?;
        drop(input);
        let document = answer(&arguments, &child.wait_with_output().await?)?;
        ensure!(document["ok"] == true, "QuickBooks is not connected: {document}");
        Ok(())
    }

    /// A sync that does not wait for a look at what it will do, as the first one would.
    pub async fn sync_with_a_yes(&self) -> Result<()> {
        self.run(&["sync", "--yes"]).await.map(drop)
    }

    /// How long a sync takes that has little to do.
    pub async fn time_a_sync(&self) -> Result<Duration> {
        let began = Instant::now();
        self.run(&["sync"]).await?;
        Ok(began.elapsed())
    }

    /// A sync in peace. `true` when it had nothing to do.
    pub async fn sync_to_the_end(&self) -> Result<bool> {
        let document = self.run(&["sync"]).await?;
        let counts = ["created_count", "updated_count", "sent_count"];
        let parts = document["data"]["parts"].as_array().context("a run has parts")?;
        Ok(parts.iter().all(|part| counts.iter().all(|count| part[count] == 0)))
    }

    /// A sync that is killed at this moment, unless it ends before.
    pub async fn sync_until(&self, simulators: &Simulators, moment: &Moment) -> Result<Ended> {
        simulators.prepare(moment).await?;
        // Its words are of no use, and a full pipe would hold it up.
        let mut child = self.command(&["sync"]).stdout(Stdio::null()).stderr(Stdio::null()).spawn()?;
        let ended = tokio::select! {
            status = tokio::time::timeout(LONGEST, child.wait()) => {
                let code = status.context("a sync hangs")??.code();
                ensure!(code.is_some_and(|code| code < 2), "a sync could not run: {code:?}");
                Ended::ByItself
            }
            reached = simulators.reached(moment) => {
                reached?;
                child.kill().await?;
                Ended::Killed
            }
        };
        Ok(ended)
    }
}

fn answer(arguments: &[&str], output: &Output) -> Result<Value> {
    let (text, told) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    ensure!(
        output.status.code().is_some_and(|code| code < 2),
        "{arguments:?} ended with {}: {text}{told}",
        output.status
    );
    serde_json::from_str(&text).with_context(|| format!("{arguments:?} prints JSON: {text}{told}"))
}
