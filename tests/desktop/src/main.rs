//! `backroom-tour`: drives the main job through the real window, as a person would, and keeps a picture and the figures of each step.
//!
//! Runs inside `session.sh`, which gives it a display, a message bus, a keychain and a home folder of its own. Absent on purpose:
//! anything that reaches into the app. It clicks, types, follows links, and reads the data file and the simulators from outside.

mod demo_data;
#[cfg(target_os = "linux")]
mod start_bench;
#[cfg(target_os = "linux")]
mod tour;

use clap::{Parser, Subcommand};
use std::path::PathBuf;
use std::process::ExitCode;

/// Drives the real window, or writes demo data.
#[derive(Parser)]
#[command(name = "backroom-tour")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Drives the main job and leaves pictures and `summary.json`.
    #[cfg(target_os = "linux")]
    Tour(tour::Programs),
    /// Compares the app's start and memory with those of a blank window.
    #[cfg(target_os = "linux")]
    StartBench(start_bench::Programs),
    /// Writes the demo company.
    DemoData {
        /// Folder of the data file.
        #[arg(long)]
        data_dir: PathBuf,
    },
}

fn main() -> ExitCode {
    let ended = run(Arguments::parse().command);
    if let Err(error) = ended {
        eprintln!("{error:#}");
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}

fn run(command: Command) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let ended = runtime.block_on(async {
        match command {
            #[cfg(target_os = "linux")]
            Command::Tour(programs) => tour::run(programs).await,
            #[cfg(target_os = "linux")]
            Command::StartBench(programs) => tokio::task::block_in_place(|| start_bench::run(&programs)),
            Command::DemoData { data_dir } => demo_data::write(&data_dir).await,
        }
    });
    // A call that blocks for ever, such as the keychain's, must not keep the program from ending.
    runtime.shutdown_background();
    ended
}
