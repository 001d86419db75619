//! The vendors' stand-ins as a child process, and their control interface.

use super::limit::named;
use anyhow::{Context as _, ensure};
use bytes::Bytes;
use connector_http::{Exchange as _, Limits, Network};
use serde_json::Value;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};

/// The running stand-ins.
pub struct Simulators {
    child: Child,
    network: Network,
    /// What they print at start: URLs and keys.
    pub connection: Value,
}

impl Simulators {
    /// Starts them with the demo shop. Their consent page asks, as the vendor's does.
    pub async fn start(program: &Path, state: &Path) -> anyhow::Result<Self> {
        Self::start_at(program, state, 0).await
    }

    async fn start_at(program: &Path, state: &Path, port: u16) -> anyhow::Result<Self> {
        let mut child = Command::new(program)
            .args(["--seed", "demo", "--port", &port.to_string(), "--state"])
            .arg(state)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .context("the simulators could not be started")?;
        let out = child.stdout.take().context("the simulators' output")?;
        let line = named("the simulators' first line", BufReader::new(out).lines().next_line()).await?;
        let line = line.context("the simulators ended at once")?;
        let connection = serde_json::from_str(&line).context("the simulators' first line")?;
        Ok(Self { child, network: Network::new()?, connection })
    }

    /// Stops them as a machine that is switched off: nothing answers at their address any more.
    pub async fn stop(&mut self) -> anyhow::Result<()> {
        super::app::terminate(self.child.id().context("the simulators run")?).await?;
        tokio::time::timeout(Duration::from_secs(10), self.child.wait())
            .await
            .context("the simulators did not end")??;
        Ok(())
    }

    /// Starts them again at the same address with what they knew.
    pub async fn resume(&mut self, program: &Path, state: &Path) -> anyhow::Result<()> {
        let port = url::Url::parse(&self.url()?)?.port().context("the simulators' port")?;
        let again = Self::start_at(program, state, port).await?;
        *self = again;
        Ok(())
    }

    /// Where they answer.
    pub fn url(&self) -> anyhow::Result<String> {
        self.text(&["base_url"])
    }

    /// A text of the first line, by the parts of its place.
    pub fn text(&self, place: &[&str]) -> anyhow::Result<String> {
        let value = place.iter().try_fold(&self.connection, |value, part| value.get(part));
        value.and_then(Value::as_str).map(str::to_owned).with_context(|| format!("the simulators tell no {place:?}"))
    }

    /// All objects of a vendor.
    pub async fn state(&self, vendor: &str) -> anyhow::Result<Value> {
        self.ask("GET", &format!("state/{vendor}"), None).await
    }

    /// The demo shop as it was at first.
    pub async fn reset(&self) -> anyhow::Result<()> {
        self.ask("POST", "reset", None).await.map(drop)
    }

    /// Does something as the vendor's own user.
    pub async fn act(&self, vendor: &str, action: &str, body: Value) -> anyhow::Result<Value> {
        self.ask("POST", &format!("act/{vendor}/{action}"), Some(body)).await
    }

    /// Makes a vendor unreachable, or reachable again.
    pub async fn outage(&self, vendor: &str, on: bool) -> anyhow::Result<()> {
        self.ask("POST", "outage", Some(serde_json::json!({ "vendor": vendor, "on": on }))).await.map(drop)
    }

    async fn ask(&self, method: &str, path: &str, body: Option<Value>) -> anyhow::Result<Value> {
        let body = body.map(|body| Bytes::from(body.to_string())).unwrap_or_default();
        let request = http::Request::builder()
            .method(method)
            .uri(format!("{}/__control/{path}", self.url()?))
            .header("content-type", "application/json")
            .body(body)?;
        let limits = Limits { body_bytes: 64 << 20, ..Limits::default() };
        let answer = named("the simulators", self.network.exchange(request, limits)).await?;
        let text = String::from_utf8_lossy(answer.body()).into_owned();
        ensure!(answer.status().is_success(), "{method} {path}: {} {text}", answer.status());
        serde_json::from_str(&text).with_context(|| format!("{method} {path} answers in JSON"))
    }

    /// One request of a browser, without following where it is sent on to: status, target of a redirect, page.
    pub async fn browse(&self, method: &str, url: &str, form: String) -> anyhow::Result<(u16, Option<String>, String)> {
        let request = http::Request::builder()
            .method(method)
            .uri(url)
            .header("content-type", "application/x-www-form-urlencoded")
            .body(Bytes::from(form))?;
        let answer = self.network.exchange(request, Limits::default()).await?;
        let target = answer.headers().get("location").and_then(|value| value.to_str().ok()).map(str::to_owned);
        Ok((answer.status().as_u16(), target, String::from_utf8_lossy(answer.body()).into_owned()))
    }
}
