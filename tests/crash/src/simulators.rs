//! The real simulators as a child process, their control interface, and the moments at which a sync can be killed.

use anyhow::{Context as _, Result, ensure};
use backroom_random::chance::Chance;
use bytes::Bytes;
use connector_http::{Exchange as _, Limits, Network};
use serde_json::{Value, json};
use std::fmt;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};

/// Between two looks.
const GLANCE: Duration = Duration::from_millis(4);

/// From the moment a request is taken until the vendor has surely acted on it.
const ACTING: Duration = Duration::from_millis(30);

/// Longer than any look at the simulators takes: the request hangs until its client is dead.
const HELD_MS: u64 = 20_000;

/// When a sync is killed.
#[derive(Debug)]
pub enum Moment {
    /// This long after its start.
    After(Duration),
    /// While a vendor's request hangs: the n-th, of any kind or only of those that write; before or after the vendor acted.
    At {
        /// Whose.
        vendor: &'static str,
        /// Requests that pass before it.
        skip: u64,
        /// Only requests that write.
        writes: bool,
        /// The vendor has acted; its answer never arrives.
        acted: bool,
    },
}

impl Moment {
    /// One or the other, by chance.
    pub fn any(chance: &mut Chance, usual: Duration) -> Self {
        if chance.percent(35) {
            let longest = i64::try_from(usual.as_millis()).unwrap_or(1_000).max(10);
            return Self::After(Duration::from_millis(chance.between(1, longest * 3 / 2).unsigned_abs()));
        }
        let vendor = chance.weighted(&[(5, "quickbooks"), (3, "shipstation"), (1, "stripe")]).unwrap_or("quickbooks");
        let writes = vendor != "stripe" && chance.percent(60);
        let skip = chance.between(0, if writes { 2 } else { 6 }).unsigned_abs();
        Self::At { vendor, skip, writes, acted: chance.percent(60) }
    }
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::After(delay) => write!(f, "after {} ms", delay.as_millis()),
            Self::At { vendor, skip, writes, acted } => {
                let (what, side) = (if *writes { "write" } else { "request" }, if *acted { "after" } else { "before" });
                write!(f, "{vendor}, {what} {}, {side} it acts", skip + 1)
            }
        }
    }
}

/// The running simulators; they end with this value.
pub struct Simulators {
    _child: Child,
    network: Network,
    connection: Value,
    url: String,
}

impl Simulators {
    /// Starts them empty, with consent given by itself and without `ShipStation`'s limit of forty requests a minute.
    pub async fn start(program: &Path) -> Result<Self> {
        let mut child = Command::new(program)
            .args(["--seed", "empty", "--auto-consent"])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .context("the simulators could not be started")?;
        let out = child.stdout.take().context("the simulators' output")?;
        let line = BufReader::new(out).lines().next_line().await?.context("the simulators ended at once")?;
        let connection: Value = serde_json::from_str(&line).context("the simulators' first line")?;
        let url = connection["base_url"].as_str().context("the simulators name no address")?.to_owned();
        let simulators = Self { _child: child, network: Network::new()?, connection, url };
        simulators.ask("POST", "act/shipstation/switch", &json!({ "name": "no_limits", "on": true })).await?;
        Ok(simulators)
    }

    /// Where they answer.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// A text of their first line, by the parts of its place.
    pub fn text(&self, place: &[&str]) -> Result<String> {
        let value = place.iter().try_fold(&self.connection, |value, part| value.get(part));
        value.and_then(Value::as_str).map(str::to_owned).with_context(|| format!("the simulators tell no {place:?}"))
    }

    /// Opens the page of a sign-in; the link that the browser ends at.
    pub async fn consent(&self, page: &str) -> Result<String> {
        let request = http::Request::get(page).body(Bytes::new())?;
        let answer = self.network.exchange(request, Limits::default()).await?;
        let target = answer.headers().get(http::header::LOCATION).context("the page leads nowhere")?;
        let query = url::Url::parse(target.to_str()?)?.query().unwrap_or_default().to_owned();
        Ok(format!("backroom://oauth/quickbooks?{query}"))
    }

    /// All they keep.
    pub async fn state(&self) -> Result<vendor_sim::State> {
        self.ask("DELETE", "requests", &Value::Null).await?;
        Ok(serde_json::from_slice(&self.bytes("GET", "world", Bytes::new()).await?)?)
    }

    /// Puts back what they keep.
    pub async fn restore(&self, state: &vendor_sim::State) -> Result<()> {
        self.bytes("POST", "world", serde_json::to_vec(state)?.into()).await.map(drop)
    }

    /// Lets the request hang at which a sync is to be killed.
    pub async fn prepare(&self, moment: &Moment) -> Result<()> {
        let Moment::At { vendor, skip, writes, acted } = moment else { return Ok(()) };
        let mut fault = json!({ "vendor": vendor, "kind": if *acted { "timeout_after" } else { "timeout_before" },
                                "skip": skip, "delay_ms": HELD_MS });
        if *writes {
            fault["method"] = "POST".into();
        }
        self.ask("POST", "faults", &fault).await.map(drop)
    }

    /// Waits for the moment.
    pub async fn reached(&self, moment: &Moment) -> Result<()> {
        if let Moment::After(delay) = moment {
            tokio::time::sleep(*delay).await;
            return Ok(());
        }
        while self.ask("GET", "faults", &Value::Null).await?.as_array().is_some_and(|faults| !faults.is_empty()) {
            tokio::time::sleep(GLANCE).await;
        }
        tokio::time::sleep(ACTING).await;
        Ok(())
    }

    /// Nothing hangs any more.
    pub async fn clear_faults(&self) -> Result<()> {
        self.ask("DELETE", "faults", &Value::Null).await.map(drop)
    }

    async fn ask(&self, method: &str, path: &str, body: &Value) -> Result<Value> {
        let body = if body.is_null() { Bytes::new() } else { body.to_string().into() };
        Ok(serde_json::from_slice(&self.bytes(method, path, body).await?)?)
    }

    async fn bytes(&self, method: &str, path: &str, body: Bytes) -> Result<Bytes> {
        let request = http::Request::builder()
            .method(method)
            .uri(format!("{}/__control/{path}", self.url))
            .header("content-type", "application/json")
            .body(body)?;
        let answer = self.network.exchange(request, Limits { body_bytes: 256 << 20, ..Limits::default() }).await?;
        let said = || String::from_utf8_lossy(answer.body()).into_owned();
        ensure!(answer.status().is_success(), "{method} {path}: {} {}", answer.status(), said());
        Ok(answer.into_body())
    }
}
