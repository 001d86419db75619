//! `backroom-random`: random days of a shop against the real core, the real connectors and the simulators, in one process and
//! without sockets. A seed decides everything; the same seed plays the same way.
//!
//! Absent on purpose: the window, and each vendor's own rules, which the connectors' tests hold.

mod agree;
mod chance;
mod check;
mod day;
mod file;
mod owner;
mod play;
mod shop;
#[cfg(test)]
mod tests;
mod vendors;
mod wire;

use anyhow::{Result, ensure};
use clap::Parser;
use day::Counts;
use parking_lot::Mutex;
use play::{Played, play};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

/// Plays random days of a shop and checks the promises of the sync after every step.
#[derive(Parser)]
struct Arguments {
    /// How many seeds.
    #[arg(long, default_value_t = 100)]
    seeds: u64,
    /// The first one.
    #[arg(long, default_value_t = 0)]
    from: u64,
    /// Steps of each.
    #[arg(long, default_value_t = 200)]
    steps: u32,
    /// Seeds played at once; one per processor when left out.
    #[arg(long)]
    jobs: Option<usize>,
    /// Lines of the trace that a failing seed shows.
    #[arg(long, default_value_t = 40)]
    trace: usize,
    /// Where the data file and the vendors' states of failing seeds are kept to look at.
    #[arg(long)]
    keep: Option<PathBuf>,
    /// Plays each seed twice and compares.
    #[arg(long)]
    twice: bool,
}

/// Plays a seed on a runtime of its own, with time that only moves when told to.
fn play_alone(seed: u64, steps: u32, keep: Option<&Path>) -> Result<Played> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build()?;
    Ok(runtime.block_on(play(seed, steps, keep)))
}

fn report(seed: u64, arguments: &Arguments, violation: &str, trace: &[String]) {
    let steps = arguments.steps;
    eprintln!("\nseed {seed}: {violation}");
    for line in trace.iter().skip(trace.len().saturating_sub(arguments.trace)) {
        eprintln!("  {line}");
    }
    eprintln!("  again: cargo run -p backroom-random -- --seeds 1 --from {seed} --steps {steps}");
}

fn one(seed: u64, arguments: &Arguments) -> Result<(Counts, bool)> {
    let played = play_alone(seed, arguments.steps, arguments.keep.as_deref())?;
    if arguments.twice {
        let again = play_alone(seed, arguments.steps, None)?;
        let differing = played.trace.iter().zip(&again.trace).find(|(first, second)| first != second);
        ensure!(
            differing.is_none() && played.trace.len() == again.trace.len(),
            "seed {seed} does not play the same way twice: {differing:#?}"
        );
    }
    if let Some(violation) = &played.violation {
        report(seed, arguments, violation, &played.trace);
    }
    Ok((played.counts, played.violation.is_some()))
}

fn main() -> Result<ExitCode> {
    let arguments = Arguments::parse();
    let processors = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let jobs = arguments.jobs.unwrap_or(processors).max(1);
    let (next, total, broken) = (AtomicU64::new(0), Mutex::new(Counts::default()), AtomicU64::new(0));
    let began = Instant::now();
    let work = || -> Result<()> {
        loop {
            let at = next.fetch_add(1, Ordering::Relaxed);
            if at >= arguments.seeds {
                return Ok(());
            }
            let (counts, violated) = one(arguments.from + at, &arguments)?;
            broken.fetch_add(u64::from(violated), Ordering::Relaxed);
            total.lock().add(counts);
        }
    };
    let outcomes: Vec<Result<()>> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..jobs).map(|_| scope.spawn(work)).collect();
        threads
            .into_iter()
            .map(|thread| thread.join().unwrap_or_else(|_| Err(anyhow::anyhow!("a seed panicked"))))
            .collect()
    });
    outcomes.into_iter().collect::<Result<Vec<()>>>()?;
    let (counts, broken, took) = (*total.lock(), broken.into_inner(), began.elapsed());
    let line = format!(
        "{} seeds, {} steps, {} faults, {} kills, {broken} violations",
        arguments.seeds, counts.steps, counts.faults, counts.kills
    );
    let seeds_a_second = u128::from(arguments.seeds) * 10_000 / took.as_millis().max(1) / jobs as u128;
    let _ = std::io::Write::write_fmt(
        &mut std::io::stdout(),
        format_args!(
            "{} runs in {} ms on {jobs} threads: {}.{} seeds a second each\n{line}\n",
            counts.runs,
            took.as_millis(),
            seeds_a_second / 10,
            seeds_a_second % 10
        ),
    );
    Ok(if broken == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
