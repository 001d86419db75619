//! The driver of the window: starts the app, and ends with everything it started.

use super::Programs;
use super::app::{self, until};
use super::limit::{START, named};
use anyhow::{Context as _, bail, ensure};
use fantoccini::{Client, ClientBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};
use std::fs::{self, File};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;
use tokio::process::{Child, Command};

/// How long a process may take to listen or to end.
const PATIENCE: Duration = Duration::from_secs(20);

/// What the driver and the app print, beside the pictures.
const PRINTED: &str = "printed.log";

/// Lines of it that an error repeats.
const TOLD: usize = 20;

/// The driver, the one below it, and below that the app.
pub struct Driver {
    child: Child,
    /// The process group of them all.
    group: u32,
    /// Whether they have been ended in order.
    ended: bool,
    ports: [u16; 2],
    program: PathBuf,
    data: PathBuf,
    printed: PathBuf,
    /// How much others had printed before.
    printed_before: usize,
}

impl Driver {
    /// Starts the app on a data folder and connects to its window. `settings` are further variables of its environment.
    pub async fn open(programs: &Programs, data: &Path, settings: &[(&str, &str)]) -> anyhow::Result<(Self, Client)> {
        let driver = Self::start(programs, data, settings)?;
        let connected = named("the driver's start of the app", tokio::time::timeout(START, driver.connect())).await;
        match connected.unwrap_or_else(|_late| Err(anyhow::anyhow!("it stood still for {} s", START.as_secs()))) {
            Ok(client) => Ok((driver, client)),
            Err(error) => {
                let traces = driver.traces();
                driver.end().await?;
                Err(error.context(format!("the driver could not open the app; {traces}")))
            }
        }
    }

    fn start(programs: &Programs, data: &Path, settings: &[(&str, &str)]) -> anyhow::Result<Self> {
        let ports = free_ports()?;
        let printed = programs.out.join(PRINTED);
        let printed_before = fs::read(&printed).map_or(0, |before| before.len());
        let child = Command::new(&programs.driver)
            .args(["--port", &ports[0].to_string(), "--native-port", &ports[1].to_string()])
            .args(["--native-driver", "/usr/bin/WebKitWebDriver"])
            .env("BACKROOM_DATA_DIR", data)
            .env_remove("BACKROOM_SANDBOX")
            .envs(settings.iter().copied())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(File::options().create(true).append(true).open(&printed)?)
            // A group of its own, so that the driver below it and the app end with it.
            .process_group(0)
            .kill_on_drop(true)
            .spawn()
            .context("the driver could not be started")?;
        let group = child.id().context("the driver runs")?;
        let (program, data) = (programs.app.clone(), data.to_path_buf());
        Ok(Self { child, group, ended: false, ports, program, data, printed, printed_before })
    }

    /// Waits for the driver and the one below it, which is later, and lets them start the app.
    async fn connect(&self) -> anyhow::Result<Client> {
        for port in self.ports {
            until("the driver listens", PATIENCE, async || {
                Ok(tokio::net::TcpStream::connect(("127.0.0.1", port)).await.ok())
            })
            .await?;
        }
        let Value::Object(wanted) = json!({ "browserName": "wry", "tauri:options": { "application": self.program } })
        else {
            bail!("capabilities are an object");
        };
        let mut client = ClientBuilder::new(HttpConnector::new());
        let address = format!("http://127.0.0.1:{}", self.ports[0]);
        Ok(named("the window", client.capabilities(wanted).connect(&address)).await?)
    }

    /// What is left to say about a start that failed: whether the app runs, and what was printed.
    fn traces(&self) -> String {
        let app = app::find(&self.program, &self.data)
            .map_or_else(|| "the app does not run".to_owned(), |id| format!("the app runs as process {id}"));
        let printed = fs::read(&self.printed).unwrap_or_default();
        let printed = String::from_utf8_lossy(printed.get(self.printed_before..).unwrap_or_default()).into_owned();
        format!("{app}, {}", last_lines(&printed))
    }

    /// Ends the app as the system does when the owner logs off, and then the driver. Returns how long the app took.
    pub async fn quit(self) -> anyhow::Result<Duration> {
        let took = app::quit(&self.program, &self.data).await?;
        self.end().await?;
        Ok(took)
    }

    /// Kills the app, and then ends the driver.
    pub async fn kill(self) -> anyhow::Result<()> {
        app::kill(&self.program, &self.data).await?;
        self.end().await
    }

    /// Ends the driver with the one below it, which would outlive it, and with the app if it still runs.
    pub async fn end(mut self) -> anyhow::Result<()> {
        // Looked up before: one that is ending can no longer be told by its program and folder.
        let app = app::find(&self.program, &self.data);
        app::terminate_group(self.group).await?;
        let ended = named("the driver's end", tokio::time::timeout(PATIENCE, self.child.wait())).await;
        ensure!(ended.is_ok(), "the driver did not end");
        until("the app ends", Duration::from_secs(30), async || Ok((!app.is_some_and(app::runs)).then_some(())))
            .await?;
        self.ended = true;
        Ok(())
    }
}

impl Drop for Driver {
    /// Where the tour broke off, nothing may go on without it, not even what no longer listens.
    fn drop(&mut self) {
        if !self.ended {
            let group = format!("-{}", self.group);
            // The group may have gone by itself.
            let _killed =
                std::process::Command::new("kill").args(["-KILL", "--", &group]).stderr(Stdio::null()).status();
        }
    }
}

/// The end of what was printed, in words.
fn last_lines(printed: &str) -> String {
    let lines: Vec<&str> = printed.lines().collect();
    if lines.is_empty() {
        return "and nothing was printed".to_owned();
    }
    format!("and printed at last:\n{}", lines[lines.len().saturating_sub(TOLD)..].join("\n"))
}

/// Two ports nobody listens on, held at the same time so that they differ.
fn free_ports() -> anyhow::Result<[u16; 2]> {
    let held = [TcpListener::bind("127.0.0.1:0")?, TcpListener::bind("127.0.0.1:0")?];
    Ok([held[0].local_addr()?.port(), held[1].local_addr()?.port()])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_what_was_printed_the_last_lines_are_told() {
        assert_eq!(last_lines(""), "and nothing was printed");
        let many: Vec<String> = (0..30).map(|line| format!("line {line}")).collect();
        let told = last_lines(&many.join("\n"));
        assert!(told.starts_with("and printed at last:\nline 10\n") && told.ends_with("line 29"), "{told}");
    }
}
