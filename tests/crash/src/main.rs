//! `backroom-crash`: the real command line on a real file, over real sockets, against the real simulators, and killed in the middle of
//! its syncs as a power cut would. Between two kills the owner and the vendors' people go on working.
//!
//! Runs inside a session with a keychain, such as `tests/desktop/session.sh` makes. The work and the promises are those of
//! `backroom-random`. Absent on purpose: faults of the vendors, which are played there; here the process is what fails.

use anyhow::{Result, ensure};
use backroom_crash::line::{Ended, Line};
use backroom_crash::office::{Office, Tally};
use backroom_crash::simulators::{Moment, Simulators};
use backroom_random::chance::Chance;
use clap::Parser;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

/// Kills syncs and counts what is lost or doubled.
#[derive(Parser)]
struct Arguments {
    /// How many times the process is killed.
    #[arg(long, default_value_t = 50)]
    kills: u32,
    /// Decides what happens and where it is killed.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// The command line.
    #[arg(long)]
    cli: PathBuf,
    /// The simulators.
    #[arg(long)]
    simulators: PathBuf,
}

/// Syncs that were to be killed and ended before it; so many in a row mean that nothing is there to be killed.
const MOST_ESCAPES: u32 = 40;

/// Plays until so many kills, then lets everything come to rest and compares.
async fn play(arguments: &Arguments) -> Result<Tally> {
    let folder = tempfile::Builder::new().prefix("backroom-crash").tempdir()?;
    let simulators = Simulators::start(&arguments.simulators).await?;
    let line = Line::new(&arguments.cli, folder.path(), &simulators);
    line.set_up(&simulators).await?;
    let mut chance = Chance::new(arguments.seed);
    let mut office = Office::new(folder.path(), arguments.seed);
    let mut tally = Tally::default();
    line.sync_with_a_yes().await?;
    let usual = line.time_a_sync().await?;
    let mut escapes = 0;
    while tally.kills < arguments.kills {
        for _ in 0..chance.between(1, 4) {
            office.work(&simulators).await?;
        }
        let moment = Moment::any(&mut chance, usual);
        let ended = line.sync_until(&simulators, &moment).await?;
        simulators.clear_faults().await?;
        tally.restarts += 1;
        escapes = if ended == Ended::Killed { 0 } else { escapes + 1 };
        tally.kills += u32::from(ended == Ended::Killed);
        ensure!(escapes < MOST_ESCAPES, "{escapes} syncs in a row ended before they could be killed");
        say(&format!("{:>3} {moment}: {ended:?}", tally.kills));
        office.look(&simulators, ended == Ended::Killed, &mut tally).await?;
    }
    office.settle(&line, &simulators, &mut tally).await?;
    Ok(tally)
}

fn say(line: &str) {
    // Nobody listens any more; the exit code still tells.
    let _ = writeln!(std::io::stdout(), "{line}");
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match play(&arguments).await {
        Ok(Tally { kills, restarts, lost, doubled }) => {
            say(&format!(
                "{kills} kills, {restarts} restarts, {lost} lost, {doubled} duplicated, integrity ok, ledger balanced"
            ));
            if lost + doubled == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
        }
        Err(error) => {
            say(&format!("{error:#}\nagain: cargo xtask crash --kills {} --seed {}", arguments.kills, arguments.seed));
            ExitCode::FAILURE
        }
    }
}
