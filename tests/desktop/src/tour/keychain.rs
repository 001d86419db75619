//! Where the secrets are, and where they are not: in the keychain, and nowhere in the data folder. And a start without a keychain.

use super::limit::named;
use super::simulators::Simulators;
use super::surroundings::Stage;
use anyhow::{Context as _, ensure};
use backroom_host::Keychain;
use connector_contract::{Secret, SecretStore as _};
use serde_json::{Value, json};
use std::path::Path;
use std::process::Stdio;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};

/// Runs while no window is open.
pub async fn play(stage: &mut Stage) -> anyhow::Result<()> {
    secrets_lie_right(stage).await?;
    round_trip(stage).await?;
    no_keychain(stage).await
}

async fn secrets_lie_right(stage: &mut Stage) -> anyhow::Result<()> {
    stage.record.begin("Secrets: all in the keychain, none in the data folder");
    let kept = kept_secrets(stage).await?;
    let mut secrets = known_secrets(&stage.simulators)?;
    for (name, secret) in &secrets {
        ensure!(kept.iter().any(|(_, value)| value.contains(secret.as_str())), "the keychain holds the {name}");
    }
    let tokens: Vec<(String, String)> = kept.iter().flat_map(|(name, value)| tokens_in(name, value)).collect();
    ensure!(tokens.len() >= 2, "the keychain holds QuickBooks' tokens");
    let searched = secrets.len() + tokens.len();
    secrets.extend(tokens);
    let found = stage.books().files_with(&secrets)?;
    ensure!(found.is_empty(), "secrets outside the keychain: {found:?}");
    stage.record.end(false, json!({ "keychain_entries": kept.len(), "searched_for": searched, "found_in_files": 0 }))
}

/// Name and content of every entry the app keeps for this folder's connections.
async fn kept_secrets(stage: &Stage) -> anyhow::Result<Vec<(String, String)>> {
    let mut wanted = Vec::new();
    for vendor in ["quickbooks", "shipstation", "stripe"] {
        let id =
            stage.books().text("SELECT id FROM connections WHERE vendor = ?1", vendor)?.context("the connection")?;
        let names = stage.books().text("SELECT value FROM settings WHERE name = 'secret_names/' || ?1", &id)?;
        let names: Vec<String> = serde_json::from_str(&names.context("the names of its secrets")?)?;
        ensure!(!names.is_empty(), "{vendor} has secrets");
        wanted.extend(names.into_iter().map(|name| (format!("{vendor} {name}"), format!("connection/{id}/{name}"))));
    }
    let keychain = Keychain::new(backroom_host::keychain_service(&stage.data));
    let read = move |(name, entry): (String, String)| {
        let secret = keychain.get(&entry)?.with_context(|| format!("{name} is in the keychain"))?;
        Ok((name, secret.expose().to_owned()))
    };
    beside(move || wanted.into_iter().map(read).collect()).await
}

/// Works with the keychain beside the tour's own thread: its client blocks until the keychain answers, and the tour's limits hold
/// only while that thread is free.
async fn beside<T: Send + 'static>(work: impl FnOnce() -> anyhow::Result<T> + Send + 'static) -> anyhow::Result<T> {
    named("the keychain", tokio::task::spawn_blocking(work)).await?
}

/// What was handed out by the vendors before signing in.
fn known_secrets(simulators: &Simulators) -> anyhow::Result<Vec<(String, String)>> {
    [
        ["quickbooks", "client_secret"],
        ["shipstation", "api_secret"],
        ["shipstation", "v2_key"],
        ["stripe", "restricted_key"],
    ]
    .iter()
    .map(|place| Ok((place.join(" "), simulators.text(place)?)))
    .collect()
}

/// Tokens inside an entry that is a set of them.
fn tokens_in(name: &str, value: &str) -> Vec<(String, String)> {
    let Ok(Value::Object(parts)) = serde_json::from_str(value) else { return Vec::new() };
    let tokens =
        parts.iter().filter(|(part, _)| part.contains("token") || matches!(part.as_str(), "access" | "refresh"));
    tokens
        .filter_map(|(part, text)| Some((format!("{name} {part}"), text.as_str()?.to_owned())))
        .filter(|(_, text)| text.len() >= 16)
        .collect()
}

/// What is written comes back, whether it fits one entry or not, and nothing stays behind.
async fn round_trip(stage: &mut Stage) -> anyhow::Result<()> {
    stage.record.begin("Keychain: short and long secrets come back");
    let work = || -> anyhow::Result<()> {
        let keychain = Keychain::new("Backroom tour");
        for length in [10, 5_000, 3, 9_000] {
            let secret = Secret::new("x".repeat(length));
            keychain.set("token", &secret)?;
            ensure!(keychain.get("token")? == Some(secret), "{length} letters come back");
        }
        keychain.delete("token")?;
        ensure!(keychain.get("token")?.is_none(), "nothing is left behind");
        Ok(())
    };
    beside(work).await?;
    stage.record.end(false, json!({}))
}

/// A message bus on which no keychain answers or can be started.
struct BareBus {
    child: Child,
    address: String,
}

impl BareBus {
    async fn start(home: &Path) -> anyhow::Result<Self> {
        let config = home.join("bare-bus.conf");
        let text = "<!DOCTYPE busconfig PUBLIC \"-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN\" \
                    \"http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd\"><busconfig><type>session</type>\
                    <listen>unix:tmpdir=/tmp</listen><auth>EXTERNAL</auth><policy context=\"default\">\
                    <allow send_destination=\"*\" eavesdrop=\"true\"/><allow eavesdrop=\"true\"/><allow own=\"*\"/>\
                    </policy></busconfig>";
        std::fs::write(&config, text)?;
        let mut child = Command::new("dbus-daemon")
            .args(["--nofork", "--nopidfile", "--print-address=1"])
            .arg(format!("--config-file={}", config.display()))
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .context("the bare bus could not be started")?;
        let out = child.stdout.take().context("the bus' output")?;
        let address =
            named("the bare bus", BufReader::new(out).lines().next_line()).await?.context("the bus' address")?;
        Ok(Self { child, address })
    }
}

/// Without a keychain nothing can be connected, the window says why, and no secret is put anywhere else.
async fn no_keychain(stage: &mut Stage) -> anyhow::Result<()> {
    stage.record.begin("Start without a keychain");
    let mut bus = BareBus::start(&stage.home).await?;
    let data = stage.home.join("no-keychain");
    let sandbox = stage.simulators.url()?;
    let settings = [("DBUS_SESSION_BUS_ADDRESS", bus.address.as_str()), ("BACKROOM_SANDBOX", sandbox.as_str())];
    let cli = |arguments: &[&str]| {
        let mut command = Command::new(&stage.programs.cli);
        command.arg("--data-dir").arg(&data).args(arguments).envs(settings).env("BACKROOM_DATA_DIR", &data);
        command.kill_on_drop(true);
        command
    };
    let made = cli(&["setup", "--name", "No Keychain Ltd"]).output().await?;
    ensure!(made.status.success(), "setup: {}", String::from_utf8_lossy(&made.stderr));

    let keys = stage.home.join("stripe-keys.json");
    let key = stage.simulators.text(&["stripe", "restricted_key"])?;
    std::fs::write(&keys, json!({ "secret_key": key }).to_string())?;
    let fields = keys.display().to_string();
    let refused = cli(&["--json", "connect", "stripe", "--practice", "--fields", &fields]).output().await?;
    let said = String::from_utf8_lossy(&refused.stdout).into_owned();
    ensure!(refused.status.code() == Some(1) && said.contains("keychain"), "connecting is refused in words: {said}");

    stage.open_on(&data, &settings).await?;
    stage.window()?.go("/settings/connections").await?;
    stage.window()?.read("The keychain can't be used").await?;
    let open = stage.window()?.count("//button[starts-with(@aria-label, 'Connect ') and not(@disabled)]").await?;
    ensure!(open == 0, "nothing can be connected");
    let found = super::books::Books::of(&data).files_with(&[("the key".to_owned(), key)])?;
    ensure!(found.is_empty(), "the key lies in {found:?}");
    stage.done(json!({ "connect_exit_code": 1, "said": said.trim() })).await?;
    stage.quit().await?;
    bus.child.kill().await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_read_from_a_set_and_nothing_from_a_plain_key() {
        let set = json!({ "access_token": "a".repeat(20), "refresh_token": "r".repeat(30), "access_ends_at": "2026" });
        let found = tokens_in("quickbooks tokens", &set.to_string());
        assert_eq!(found.len(), 2, "{found:?}");
        assert!(tokens_in("stripe secret_key", "sk_test_1").is_empty());
    }
}
