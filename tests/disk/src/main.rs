//! `backroom-disk`: the disk fails under the real command line, at the n-th request it makes, in every way a disk can: an error, no room,
//! half a write, a sync that lies, a kill, a power cut with what was not synced undone or torn. Afterwards the file must open and hold
//! all that was reported as saved, unless the disk lied.
//!
//! The failing disk is a small library put in front of the C library (`faulty_disk.c`), compiled here and loaded into the unchanged
//! program. Runs inside a session with a keychain, such as `tests/desktop/session.sh` makes; the office that syncs is that of
//! `backroom-crash`. Absent on purpose: systems other than Linux, which have no such way in.

mod scene;

use anyhow::{Context as _, Result, ensure};
use clap::Parser;
use scene::{Deed, Programs, Scene};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Output};

/// How the disk can fail.
const FAULTS: [&str; 7] = ["EIO", "ENOSPC", "SHORT", "NOSYNC", "KILL", "POWER", "TORN"];

/// Lets the disk fail and counts what is lost.
#[derive(Parser)]
struct Arguments {
    /// The command line.
    #[arg(long)]
    cli: PathBuf,
    /// The simulators.
    #[arg(long)]
    simulators: PathBuf,
    /// Fail at every request instead of a fixed sample of them.
    #[arg(long)]
    all: bool,
    /// How many requests of each command are in the sample, for each way to fail.
    #[arg(long, default_value_t = 3)]
    sample: u64,
}

/// A disk that fails at one request.
#[derive(Clone, Copy)]
struct Disk<'a> {
    library: &'a Path,
    fault: &'a str,
    at: u64,
}

impl Disk<'_> {
    /// Runs a command in a folder on this disk; returns how it ended and how many requests it made, where it came to its end.
    fn run(self, mut command: Command, folder: &Path) -> Result<(Output, Option<u64>)> {
        let count = folder.with_extension("count");
        let _from_the_run_before = std::fs::remove_file(&count);
        command
            .env("LD_PRELOAD", self.library)
            .env("DISK_FOLDER", folder)
            .env("DISK_FAULT", self.fault)
            .env("DISK_AT", self.at.to_string())
            .env("DISK_SEED", self.at.to_string())
            .env("DISK_COUNT", &count);
        let output = command.output()?;
        let made = std::fs::read_to_string(&count).ok().and_then(|text| text.trim().parse().ok());
        Ok((output, made))
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match play(&arguments).await {
        Ok((runs, broken)) => {
            say(&format!("{runs} disk faults, {broken} lost"));
            if broken == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
        }
        Err(error) => {
            say(&format!("{error:#}"));
            ExitCode::FAILURE
        }
    }
}

async fn play(arguments: &Arguments) -> Result<(u64, u64)> {
    let work = tempfile::Builder::new().prefix("backroom-disk").tempdir()?;
    let library = compile(work.path())?;
    let programs = Programs { cli: arguments.cli.clone(), simulators: arguments.simulators.clone() };
    let (mut runs, mut broken) = (0, 0);
    for deed in Deed::ALL {
        let scene = Scene::new(&programs, deed, &work.path().join(deed.name())).await?;
        let whole = Disk { library: &library, fault: "EIO", at: 0 };
        let folder = scene.fresh().await?;
        let (ended, made) = whole.run(scene.command(&folder), &folder)?;
        let requests = made.context("the failing disk was not loaded")?;
        ensure!(requests > 0, "{} asks nothing of the disk: {ended:?}", deed.name());
        scene.check(&folder, &ended, true).await.with_context(|| format!("{} on a good disk", deed.name()))?;
        for (turn, fault) in FAULTS.iter().enumerate() {
            for at in sample(requests, turn as u64, arguments) {
                let folder = scene.fresh().await?;
                let disk = Disk { fault, at, ..whole };
                let (ended, _) = disk.run(scene.command(&folder), &folder)?;
                runs += 1;
                if let Err(error) = scene.check(&folder, &ended, *fault != "NOSYNC").await {
                    broken += 1;
                    say(&format!("{} {fault} at {at} of {requests}: {error:#}", deed.name()));
                }
            }
        }
        say(&format!("{}: {requests} requests", deed.name()));
    }
    Ok((runs, broken))
}

/// The requests that fail: all of them, or a few at even distances that differ for each way to fail.
fn sample(requests: u64, turn: u64, arguments: &Arguments) -> Vec<u64> {
    if arguments.all || requests <= arguments.sample {
        return (1..=requests).collect();
    }
    let step = requests / arguments.sample;
    (0..arguments.sample).map(|number| 1 + (number * step + turn * 5) % requests).collect()
}

fn compile(work: &Path) -> Result<PathBuf> {
    let source = work.join("faulty_disk.c");
    std::fs::write(&source, include_str!("../faulty_disk.c"))?;
    let library = work.join("faulty_disk.so");
    let mut compiler = Command::new("cc");
    compiler.args(["-shared", "-fPIC", "-O2"]).arg(&source).arg("-o").arg(&library).arg("-ldl");
    let done = compiler.status().context("the C compiler `cc` could not be started")?;
    ensure!(done.success(), "the failing disk could not be compiled");
    Ok(library)
}

fn say(line: &str) {
    // Nobody listens any more; the exit code still tells.
    let _ = writeln!(std::io::stdout(), "{line}");
}
