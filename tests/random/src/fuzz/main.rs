//! `backroom-fuzz`: one place of one vendor's answer is made wrong, through the real connectors and the real core.
//!
//! A seed decides everything; the same seed plays the same way. Absent on purpose: what is played (`backroom_random::fuzz`).

use anyhow::Result;
use backroom_random::{fuzz, jobs};
use clap::Parser;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::atomic::{AtomicU64, Ordering};

/// A seed allocates much and keeps little.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Makes one place of a vendor's answers wrong and checks that nothing but the record around it suffers.
#[derive(Parser)]
struct Arguments {
    /// How many seeds.
    #[arg(long, default_value_t = 1_000)]
    seeds: u64,
    /// The first one.
    #[arg(long, default_value_t = 0)]
    from: u64,
    /// Seeds played at once; one per processor when left out.
    #[arg(long)]
    jobs: Option<usize>,
    /// Lines of the trace that a failing seed shows.
    #[arg(long, default_value_t = 30)]
    trace: usize,
    /// Where the data file and the vendors' states of failing seeds are kept to look at.
    #[arg(long)]
    keep: Option<PathBuf>,
}

fn main() -> Result<ExitCode> {
    let arguments = Arguments::parse();
    let (met, broken) = (AtomicU64::new(0), AtomicU64::new(0));
    fuzz::note_panics();
    jobs::on_all(arguments.jobs.unwrap_or_else(jobs::processors), arguments.seeds, |at| {
        let seed = arguments.from + at;
        let fuzzed = jobs::alone(fuzz::fuzz(seed, arguments.keep.as_deref()))?;
        met.fetch_add(u64::from(fuzzed.met), Ordering::Relaxed);
        if let Some(violation) = &fuzzed.violation {
            broken.fetch_add(1, Ordering::Relaxed);
            eprintln!("\nseed {seed}: {violation}");
            for line in fuzzed.trace.iter().skip(fuzzed.trace.len().saturating_sub(arguments.trace)) {
                eprintln!("  {line}");
            }
            eprintln!("  again: cargo xtask fuzz --seeds 1 --from {seed}");
        }
        Ok(true)
    })?;
    let (met, broken, seeds) = (met.into_inner(), broken.into_inner(), arguments.seeds);
    // Nobody listens any more; the exit code still says it.
    let _ = writeln!(std::io::stdout(), "{met} answers were wrong\n{seeds} seeds, {broken} violations");
    Ok(if broken == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
