//! `backroom-tour`: drives the main job through the real window, as a person would, and keeps a picture and the figures of each step.
//!
//! Runs inside `session.sh`, which gives it a display, a message bus, a keychain and a home folder of its own. Absent on purpose:
//! anything that reaches into the app. It clicks, types, follows links, and reads the data file and the simulators from outside.
#![expect(clippy::print_stdout, reason = "telling how far it is")]

mod app;
mod books;
mod command_line;
mod demo_data;
mod first_steps;
mod keychain;
mod person;
mod record;
mod sale;
mod simulators;
mod surroundings;
mod trouble;
mod window;

use clap::{Args, Parser, Subcommand};
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
    Tour(Programs),
    /// Writes the demo company.
    DemoData {
        /// Folder of the data file.
        #[arg(long)]
        data_dir: PathBuf,
    },
}

/// The programs the tour starts, all by absolute path, and where its results go.
#[derive(Args)]
pub struct Programs {
    /// The app.
    #[arg(long)]
    app: PathBuf,
    /// The command line.
    #[arg(long)]
    cli: PathBuf,
    /// The simulators.
    #[arg(long)]
    simulators: PathBuf,
    /// `tauri-driver`.
    #[arg(long)]
    driver: PathBuf,
    /// Folder for pictures and the summary.
    #[arg(long)]
    out: PathBuf,
}

#[tokio::main]
async fn main() -> ExitCode {
    let ended = match Arguments::parse().command {
        Command::Tour(programs) => surroundings::tour(programs).await,
        Command::DemoData { data_dir } => demo_data::write(&data_dir).await,
    };
    if let Err(error) = ended {
        eprintln!("{error:#}");
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}
