//! `backroom-bench`: what the data file costs beside SQLite alone, as ratios measured in one run on one machine.
//!
//! It fills files of its own with a seeded generator and keeps them for the next time. Absent on purpose: verdicts. A ratio is for
//! a person to compare with the one before.
#![expect(clippy::print_stdout, reason = "ratios are what it is for")]

mod fill;
mod store;

use anyhow::Result;
use clap::Parser;
use std::path::PathBuf;

/// Measures the data file.
#[derive(Parser)]
struct Arguments {
    /// Where its files are kept.
    #[arg(long, default_value = "target/bench")]
    folder: PathBuf,
    /// Items of the large file, and as many invoices; the small one has a hundredth.
    #[arg(long, default_value_t = 1_000_000)]
    rows: u32,
    /// Decides names, dates and amounts.
    #[arg(long, default_value_t = 1)]
    seed: u32,
}

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let small = fill::folder(&arguments.folder, (arguments.rows / 100).max(100), arguments.seed)?;
    let large = fill::folder(&arguments.folder, arguments.rows, arguments.seed)?;
    for (what, ratio) in store::ratios(&small, &large)? {
        println!("{what}\nratio {ratio:.2}");
    }
    Ok(())
}
