//! `random`, `crash` and `disk`: random days of a shop in one process, the real command line killed in the middle of its syncs, and the
//! same on a disk that fails.

use crate::build::{self, built};
use crate::machine;
use crate::shell::{cargo, command, run, target};
use std::env::consts::EXE_SUFFIX;
use std::process::Command;

/// The program of random days with these arguments, built with its own profile. Only `--sabotage` gets a build that can break
/// anything.
pub fn program(arguments: &[String]) -> Command {
    let sabotage = arguments.iter().any(|argument| argument == "--sabotage" || argument.starts_with("--sabotage="));
    let mut command = played("backroom-random");
    if sabotage {
        command.args(["--features", "sabotage"]);
    }
    command.arg("--").args(arguments);
    command
}

/// The program of wrong answers with these arguments.
pub fn fuzz_program(arguments: &[String]) -> Command {
    let mut command = played("backroom-fuzz");
    command.arg("--").args(arguments);
    command
}

/// Both are built with the same profile, so that they share what they are made of.
fn played(program: &str) -> Command {
    cargo(["run", "--quiet", "--locked", "--profile", "random", "-p", "backroom-random", "--bin", program])
}

/// The programs of random days and of wrong answers for the test run, in one build that can break a safeguard: with none chosen it
/// plays as the other does, but for a look at a flag where each stands, and building both kinds takes as long as all that is played.
pub fn for_tests() -> anyhow::Result<impl Fn(&str) -> Command> {
    let built =
        ["build", "--locked", "--profile", "random", "-p", "backroom-random", "--bins", "--features", "sabotage"];
    run(&mut cargo(built))?;
    Ok(|name: &str| command(&target().join("random").join(format!("{name}{EXE_SUFFIX}")).to_string_lossy(), [""; 0]))
}

/// Plays random days.
pub fn days(arguments: &[String]) -> anyhow::Result<()> {
    run(&mut program(arguments))
}

/// The crash program inside a session with a keychain of its own.
pub fn crash_program(kills: u32, seed: u64) -> anyhow::Result<Command> {
    build::tools(&["vendor-sim", "backroom-crash"])?;
    build::shipped()?;
    let mut command = in_a_session("backroom-crash");
    command.args(["--kills", &kills.to_string(), "--seed", &seed.to_string()]);
    Ok(command)
}

/// A program that plays with the command line and the simulators, in a session of its own.
fn in_a_session(program: &str) -> Command {
    let mut command = command("bash", ["tests/desktop/session.sh"]);
    command.arg(built(program)).arg("--cli").arg(built("backroom-cli")).arg("--simulators").arg(built("vendor-sim"));
    command
}

/// Kills syncs of the real command line.
pub fn crash(kills: u32, seed: u64) -> anyhow::Result<()> {
    anyhow::ensure!(cfg!(target_os = "linux"), "it needs a keychain of its own, which only works on Linux");
    machine::prepare(false)?;
    machine::session()?;
    run(&mut crash_program(kills, seed)?)
}

/// The program that lets the disk fail, inside a session with a keychain of its own.
pub fn disk_program(all: bool) -> anyhow::Result<Command> {
    build::tools(&["vendor-sim", "backroom-disk"])?;
    build::shipped()?;
    let mut command = in_a_session("backroom-disk");
    if all {
        command.arg("--all");
    }
    Ok(command)
}

/// Lets the disk fail.
pub fn disk(all: bool) -> anyhow::Result<()> {
    anyhow::ensure!(cfg!(target_os = "linux"), "the failing disk is only made on Linux");
    machine::prepare(false)?;
    machine::session()?;
    run(&mut disk_program(all)?)
}
