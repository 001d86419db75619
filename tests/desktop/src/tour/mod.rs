//! The tour: sessions, links and drivers as they are on Linux, so only there.
#![expect(clippy::print_stdout, reason = "telling how far it is")]

mod app;
mod books;
mod command_line;
mod driver;
mod first_steps;
mod keychain;
mod limit;
mod person;
mod record;
mod round_trip;
mod sale;
mod simulators;
mod surroundings;
mod trouble;
mod window;

pub use surroundings::run;

use clap::Args;
use std::path::PathBuf;

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
