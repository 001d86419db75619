//! Building the UI and the programs.

use crate::shell::{cargo, npm, run, target};
use std::env::consts::EXE_SUFFIX;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// The programs that demos and desktop tests need.
pub struct Programs {
    /// The app.
    pub app: PathBuf,
    /// The command line.
    pub cli: PathBuf,
    /// The simulators.
    pub simulators: PathBuf,
    /// Drives the real window.
    pub tour: PathBuf,
}

/// Builds the UI unless it is newer than everything it is made of.
pub fn ui() -> anyhow::Result<()> {
    let built = modified(Path::new("ui/dist/index.html"));
    let sources = ["ui/src", "ui/index.html", "ui/package-lock.json", "ui/vite.config.ts"];
    if built
        .is_some_and(|built| sources.iter().all(|source| newest(Path::new(source)).is_some_and(|made| made <= built)))
    {
        return Ok(());
    }
    println!("Building the UI");
    run(&mut npm(["--prefix", "ui", "run", "--silent", "build"]))
}

/// Everything there is, tests' needs included. Whatever is not shipped is built with this choice of packages, because cargo builds what
/// they are made of once for each set of features that the chosen packages ask for.
pub const EVERYTHING: &[&str] = &["--workspace"];

/// What is tested from outside, built with exactly the features it is shipped with, and nothing that tests need.
pub fn shipped() -> anyhow::Result<()> {
    placeholder_ui()?;
    println!("Building the app and the command line");
    run(&mut cargo(["build", "--locked", "--bins", "-p", "backroom", "-p", "backroom-cli"]))
}

/// Programs that test others.
pub fn tools(names: &[&str]) -> anyhow::Result<()> {
    println!("Building {}", names.join(", "));
    let bins = names.iter().flat_map(|name| ["--bin", name]);
    run(cargo(["build", "--locked"]).args(EVERYTHING).args(bins))
}

/// Where a program is once it is built.
pub fn built(name: &str) -> PathBuf {
    target().join("debug").join(format!("{name}{EXE_SUFFIX}"))
}

/// Builds the programs of demos and desktop tests.
pub fn programs() -> anyhow::Result<Programs> {
    tools(&["vendor-sim", "backroom-tour"])?;
    shipped()?;
    Ok(Programs {
        app: built("backroom"),
        cli: built("backroom-cli"),
        simulators: built("vendor-sim"),
        tour: built("backroom-tour"),
    })
}

/// Writes `ui/src/api/bindings.ts`.
pub fn bindings() -> anyhow::Result<()> {
    placeholder_ui()?;
    run(cargo(["test", "--quiet", "-p", "backroom", "--lib", "bindings"]).env("BACKROOM_WRITE_BINDINGS", "1"))
}

/// The app embeds the built UI when it is compiled; a chore that does not show it is content with an empty page.
pub fn placeholder_ui() -> anyhow::Result<()> {
    let page = Path::new("ui/dist/index.html");
    if !page.exists() {
        std::fs::create_dir_all("ui/dist")?;
        std::fs::write(page, "<!doctype html><title>Backroom</title>")?;
        // Older than any source, so that the next real build is not skipped.
        std::fs::File::open(page)?.set_modified(SystemTime::UNIX_EPOCH)?;
    }
    Ok(())
}

fn modified(path: &Path) -> Option<SystemTime> {
    path.metadata().and_then(|data| data.modified()).ok()
}

fn newest(path: &Path) -> Option<SystemTime> {
    if path.is_file() {
        return modified(path);
    }
    std::fs::read_dir(path).ok()?.flatten().filter_map(|entry| newest(&entry.path())).max()
}
