//! `backroom-random`: random days of a shop against the real core, the real connectors and the simulators, in one process and
//! without sockets. A seed decides everything; the same seed plays the same way.
//!
//! Absent on purpose: the window, and each vendor's own rules, which the connectors' tests hold.

mod sabotage;
#[cfg(test)]
mod tests;

use anyhow::{Result, ensure};
use backroom_random::{Counts, Played, jobs, play};
use clap::Parser;
use parking_lot::Mutex;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

/// A seed allocates much and keeps little.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Plays random days of a shop and checks the promises of the sync after every step.
#[derive(Parser)]
struct Arguments {
    /// How many seeds: 100 when left out, and at most 300 for each sabotage.
    #[arg(long)]
    seeds: Option<u64>,
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
    /// Breaks a safeguard of the sync, or `all` of them one after the other, and plays until that is noticed. Only in a build with
    /// the feature `sabotage`.
    #[arg(long)]
    sabotage: Option<String>,
}

/// Plays a seed on a runtime of its own.
fn play_alone(seed: u64, steps: u32, keep: Option<&Path>) -> Result<Played> {
    jobs::alone(play(seed, steps, keep))
}

fn report(seed: u64, arguments: &Arguments, violation: &str, trace: &[String]) {
    let steps = arguments.steps;
    eprintln!("\nseed {seed}: {violation}");
    for line in trace.iter().skip(trace.len().saturating_sub(arguments.trace)) {
        eprintln!("  {line}");
    }
    eprintln!("  again: cargo xtask random --seeds 1 --from {seed} --steps {steps}");
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
    let report = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        if !panic.payload().is::<backroom_random::wire::Planned>() {
            report(panic);
        }
    }));
    let jobs = arguments.jobs.unwrap_or_else(jobs::processors).max(1);
    if let Some(name) = &arguments.sabotage {
        return sabotage::run(name, &arguments, jobs);
    }
    let seeds = arguments.seeds.unwrap_or(100);
    let (total, broken) = (Mutex::new(Counts::default()), AtomicU64::new(0));
    let began = Instant::now();
    backroom_random::jobs::on_all(jobs, seeds, |at| {
        let (counts, violated) = one(arguments.from + at, &arguments)?;
        broken.fetch_add(u64::from(violated), Ordering::Relaxed);
        total.lock().add(counts);
        Ok(true)
    })?;
    let (counts, broken, took) = (*total.lock(), broken.into_inner(), began.elapsed());
    let seeds_a_second = u128::from(seeds) * 10_000 / took.as_millis().max(1) / jobs as u128;
    say(&format!(
        "{} runs in {} ms on {jobs} threads: {}.{} seeds a second each\n\
         {seeds} seeds, {} steps, {} faults, {} kills, {broken} violations",
        counts.runs,
        took.as_millis(),
        seeds_a_second / 10,
        seeds_a_second % 10,
        counts.steps,
        counts.faults,
        counts.kills
    ));
    Ok(if broken == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Prints a line.
fn say(line: &str) {
    // Nobody listens any more; the exit code still tells.
    let _ = writeln!(std::io::stdout(), "{line}");
}
