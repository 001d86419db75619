//! Does the program notice? One safeguard of the sync is broken at a time, and seeds are played until a promise is.

use crate::Arguments;
use anyhow::Result;
use std::process::ExitCode;

/// Seeds played at most before a sabotage counts as unseen.
#[cfg(feature = "sabotage")]
const MOST_SEEDS: u64 = 300;

/// Only a build with the feature can break anything.
#[cfg(not(feature = "sabotage"))]
pub fn run(name: &str, _arguments: &Arguments, _jobs: usize) -> Result<ExitCode> {
    anyhow::bail!("this build can't break anything; try `cargo xtask random --sabotage {name}`")
}

/// Breaks what is named, or everything in turn; fails when something stays unseen.
#[cfg(feature = "sabotage")]
pub fn run(name: &str, arguments: &Arguments, jobs: usize) -> Result<ExitCode> {
    use connector_contract::Safeguard;
    let chosen: Vec<Safeguard> =
        Safeguard::ALL.into_iter().filter(|safeguard| name == "all" || safeguard.sabotage() == name).collect();
    let names = Safeguard::ALL.map(Safeguard::sabotage).join(", ");
    anyhow::ensure!(!chosen.is_empty(), "no sabotage is called {name}; there are: all, {names}");
    let mut caught = 0;
    crate::say(&format!("{:<24} {:>5}  violation", "sabotage", "seeds"));
    for safeguard in &chosen {
        Safeguard::break_only(Some(*safeguard));
        let (seeds, violation) = until_noticed(arguments, jobs)?;
        Safeguard::break_only(None);
        caught += usize::from(violation.is_some());
        let violation = violation.unwrap_or_else(|| "-- unseen --".to_owned());
        crate::say(&format!("{:<24} {seeds:>5}  {violation}", safeguard.sabotage()));
    }
    crate::say(&format!("{caught} of {} sabotages caught", chosen.len()));
    Ok(if caught == chosen.len() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Plays until something is wrong: how many seeds that took, and what was wrong, in a line.
#[cfg(feature = "sabotage")]
fn until_noticed(arguments: &Arguments, jobs: usize) -> Result<(u64, Option<String>)> {
    let (played, noticed) = (std::sync::atomic::AtomicU64::new(0), parking_lot::Mutex::new(None));
    backroom_random::jobs::on_all(jobs, arguments.seeds.unwrap_or(MOST_SEEDS), |at| {
        let seed = arguments.from + at;
        let one = crate::play_alone(seed, arguments.steps, arguments.keep.as_deref())?;
        played.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let Some(violation) = one.violation else { return Ok(noticed.lock().is_none()) };
        let line: String = violation.lines().map(str::trim).collect::<Vec<_>>().join(" ").chars().take(150).collect();
        noticed.lock().get_or_insert(format!("{line} (seed {seed})"));
        Ok(false)
    })?;
    Ok((played.into_inner(), noticed.into_inner()))
}
