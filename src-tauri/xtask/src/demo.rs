//! `demo`: the real app on demo data. With a display a person uses it; without one the tour drives it and takes pictures.

use crate::build::{self, Programs};
use crate::machine;
use crate::shell::{command, run as run_program, target};
use anyhow::Context as _;
use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// Opens the demo, or drives the tour.
pub fn run(tour: bool) -> anyhow::Result<()> {
    let display = std::env::var_os("DISPLAY").is_some() || std::env::var_os("WAYLAND_DISPLAY").is_some();
    let tour = tour || (cfg!(target_os = "linux") && !display);
    machine::prepare(tour)?;
    build::ui()?;
    let programs = build::programs()?;
    if tour { drive(&programs, &target().join("tour")) } else { show(&programs) }
}

/// Opens the app in front of a person.
fn show(programs: &Programs) -> anyhow::Result<()> {
    let folder = target().join("demo");
    fs::create_dir_all(&folder)?;
    let mut simulators = Simulators::start(programs, &folder)?;
    let data = folder.join("data");
    run_program(Command::new(&programs.tour).arg("demo-data").arg("--data-dir").arg(&data))?;
    println!("Backroom is opening. Connect all three vendors under Settings → Connections, with Practice chosen.");
    println!("The simulators' own pages are at {}", simulators.url);
    let begun = Instant::now();
    let ended = Command::new(&programs.app)
        .env("BACKROOM_DATA_DIR", &data)
        .env("BACKROOM_SANDBOX", &simulators.url)
        .status()
        .context("the app could not be started")?;
    simulators.stop();
    if ended.success() && begun.elapsed() < Duration::from_secs(2) {
        println!("A Backroom that was open already has come to the front instead. Close it first to see the demo.");
    }
    anyhow::ensure!(ended.success(), "the app ended with {ended}");
    Ok(())
}

/// Drives the real window under a display, a session and a keychain of its own, and leaves pictures and figures in `folder`.
pub fn drive(programs: &Programs, folder: &Path) -> anyhow::Result<()> {
    let driver = machine::driver()?;
    if folder.exists() {
        fs::remove_dir_all(folder)?;
    }
    fs::create_dir_all(folder)?;
    let result = run_program(
        command("bash", ["tests/desktop/session.sh"])
            .arg(&programs.tour)
            .arg("tour")
            .arg("--app")
            .arg(&programs.app)
            .arg("--cli")
            .arg(&programs.cli)
            .arg("--simulators")
            .arg(&programs.simulators)
            .arg("--driver")
            .arg(driver)
            .arg("--out")
            .arg(folder),
    );
    println!("Pictures and summary.json are in {}", folder.display());
    result
}

/// The app with the UI reloading as it is edited.
pub fn dev() -> anyhow::Result<()> {
    machine::prepare(false)?;
    build::placeholder_ui()?;
    run_program(&mut command("ui/node_modules/.bin/tauri", ["dev", "--", "--no-default-features"]))
}

/// The simulators as a child process that ends with this one.
struct Simulators {
    child: Child,
    url: String,
}

impl Simulators {
    fn start(programs: &Programs, folder: &Path) -> anyhow::Result<Self> {
        let state = folder.join("simulators.json");
        let mut child = Command::new(&programs.simulators)
            .arg("--seed")
            .arg("demo")
            .arg("--state")
            .arg(state)
            .stdout(Stdio::piped())
            .spawn()
            .context("the simulators could not be started")?;
        let mut line = String::new();
        BufReader::new(child.stdout.take().context("the simulators print nothing")?).read_line(&mut line)?;
        let described: serde_json::Value = serde_json::from_str(&line).context("the simulators did not start")?;
        let url = described["base_url"].as_str().context("the simulators name no address")?.to_owned();
        Ok(Self { child, url })
    }

    fn stop(&mut self) {
        // It may have ended with the terminal already.
        let _killed = self.child.kill();
        let _ended = self.child.wait();
    }
}

impl Drop for Simulators {
    fn drop(&mut self) {
        self.stop();
    }
}
