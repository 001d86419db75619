//! `cargo xtask`: the repository's chores, each the same for a person and for a machine that builds.
//!
//! Absent on purpose: dependencies beyond the command line, so that the first thing a newcomer runs builds in seconds.
#![expect(clippy::print_stdout, reason = "telling what goes on is what a chore does")]

mod bench;
mod build;
mod demo;
mod deny;
mod machine;
mod random;
mod shell;
mod test;

use clap::{Parser, Subcommand};
use std::process::ExitCode;

/// Chores of the repository.
#[derive(Parser)]
#[command(name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    chore: Chore,
}

#[derive(Subcommand)]
enum Chore {
    /// Opens the real app on demo data with the simulators running; without a display drives the main job and takes pictures.
    Demo {
        /// Drive the main job under a virtual display even where there is a real one.
        #[arg(long)]
        tour: bool,
    },
    /// Runs every check and test.
    Test {
        /// Only the parts whose name contains this.
        only: Option<String>,
    },
    /// Plays random days of a shop against the sync: `--seeds N --from S --steps K`, `--sabotage NAME|all`.
    Random {
        /// Handed on to the program.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<String>,
    },
    /// Makes one place of a vendor's answers wrong and checks that nothing but the record around it suffers: `--seeds N --from S`.
    Fuzz {
        /// Handed on to the program.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<String>,
    },
    /// Kills the real command line in the middle of its syncs and counts what is lost or doubled.
    Crash {
        /// How many times.
        #[arg(long, default_value_t = 50)]
        kills: u32,
        /// Decides what happens and where it is killed; from the clock when left out.
        #[arg(long)]
        seed: Option<u64>,
    },
    /// Lets the disk fail under the real command line and counts what is lost. Linux only.
    Disk {
        /// At every request, which takes long, instead of a fixed sample.
        #[arg(long)]
        all: bool,
    },
    /// Measures: `start` compares the window's start and memory with those of a blank window. Prints ratios, no verdicts.
    Bench {
        /// What to measure.
        what: bench::What,
    },
    /// Opens the app with the UI reloading as it is edited.
    Dev,
    /// Writes the typed client of the UI from the shell's commands.
    Bindings,
}

fn main() -> ExitCode {
    match run(Arguments::parse().chore) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(chore: Chore) -> anyhow::Result<()> {
    std::env::set_current_dir(shell::root())?;
    match chore {
        Chore::Demo { tour } => demo::run(tour),
        Chore::Test { only } => test::run(only.as_deref()),
        Chore::Random { arguments } => random::days(&arguments),
        Chore::Fuzz { arguments } => shell::run(&mut random::fuzz_program(&arguments)),
        Chore::Crash { kills, seed } => random::crash(kills, seed.unwrap_or_else(shell::seconds)),
        Chore::Disk { all } => random::disk(all),
        Chore::Bench { what } => bench::run(what),
        Chore::Dev => demo::dev(),
        Chore::Bindings => build::bindings(),
    }
}
