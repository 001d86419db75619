//! One seed: a world, some hundred steps, a check after each, and the end.

use crate::agree::{self, summary};
use crate::chance::Chance;
use crate::check;
use crate::day::{Counts, Day};
use crate::shop::{Halt, Ran, Shop, Work};
use crate::wire::Side;
use crate::{patched, trouble, trust};
use anyhow::{Context as _, Result};
use chrono::{DateTime, Duration, Utc};
use futures::FutureExt as _;
use std::panic::AssertUnwindSafe;
use std::path::{Path, PathBuf};
use vendor_sim::Vendor;

/// Moments a seed may begin at: an ordinary day, the days before the clocks change, and the turn of a year.
const STARTS: [&str; 5] = [
    "2026-11-20T15:00:00Z",
    "2026-03-07T20:00:00Z",
    "2026-10-31T22:00:00Z",
    "2026-12-30T12:00:00Z",
    "2026-06-15T03:30:00Z",
];

/// What a step may be.
#[derive(Debug, Clone, Copy)]
enum Step {
    Owner,
    Vendors,
    Sync,
    SyncMeanwhile,
    SyncKilled,
    Preview,
    Undo,
    Audit,
    TwoAtOnce,
    Restart,
    Fault,
    Poison,
    Panic,
    Clock,
    Outage,
    Calm,
    Time,
}

const STEPS: &[(u32, Step)] = &[
    (34, Step::Owner),
    (26, Step::Vendors),
    (14, Step::Sync),
    (3, Step::SyncMeanwhile),
    (3, Step::SyncKilled),
    (1, Step::Preview),
    (1, Step::Undo),
    (1, Step::Audit),
    (1, Step::TwoAtOnce),
    (1, Step::Restart),
    (7, Step::Fault),
    (2, Step::Poison),
    (1, Step::Panic),
    (1, Step::Clock),
    (1, Step::Outage),
    (2, Step::Calm),
    (9, Step::Time),
];

/// How a seed went.
pub struct Played {
    /// What was counted.
    pub counts: Counts,
    /// What happened, as far as it is remembered.
    pub trace: Vec<String>,
    /// What was broken.
    pub violation: Option<String>,
}

/// Plays a seed. It needs a current-thread runtime with paused time. What lies around a violation is kept in `keep`.
pub async fn play(seed: u64, steps: u32, keep: Option<&Path>) -> Played {
    let mut day = Day::new(Chance::new(seed));
    let played = AssertUnwindSafe(whole(&mut day, steps, keep.map(|keep| keep.join(seed.to_string()))));
    let violation = match played.catch_unwind().await {
        Ok(outcome) => outcome.err().map(|error| format!("{error:#}")),
        Err(_) => Some("something panicked and nothing caught it".to_owned()),
    };
    Played { counts: day.counts, trace: day.trace.into(), violation }
}

async fn whole(day: &mut Day, steps: u32, keep: Option<PathBuf>) -> Result<()> {
    let start: DateTime<Utc> = day.chance.one(&STARTS).context("a start")?.parse()?;
    let world = if day.chance.percent(30) { "demo" } else { "empty" };
    let chance = day.chance.bits();
    let clocks = trouble::clocks_of_their_own(&mut day.chance);
    let mut shop = Shop::open(world, start, chance, &clocks).await?;
    day.note_first_run(shop.world.now());
    day.tell(&shop, format!("the world is {world}"));
    for (vendor, ahead) in clocks {
        day.tell(&shop, format!("{}'s clock is {} minutes ahead", vendor.as_str(), ahead.num_minutes()));
    }
    let outcome = steps_and_end(day, &mut shop, steps).await;
    match keep.filter(|_| outcome.is_err()) {
        Some(keep) => shop.keep(&keep).and(outcome),
        None => outcome,
    }
}

async fn steps_and_end(day: &mut Day, shop: &mut Shop, steps: u32) -> Result<()> {
    check::check(day, shop)?;
    for _ in 0..steps {
        day.counts.steps += 1;
        step(day, shop).await?;
        check::check(day, shop)?;
    }
    agree::settle(day, shop).await
}

async fn step(day: &mut Day, shop: &mut Shop) -> Result<()> {
    match day.chance.weighted(STEPS).context("a step")? {
        Step::Owner => day.owner(shop),
        Step::Vendors => day.vendors(shop),
        Step::Sync => sync(day, shop, Meanwhile::Nothing).await,
        Step::SyncMeanwhile => sync(day, shop, Meanwhile::Something).await,
        Step::SyncKilled => sync(day, shop, Meanwhile::Kill).await,
        Step::Preview => trust::preview(day, shop).await,
        Step::Undo => trust::undo(day, shop).await,
        Step::Audit => trust::audit(day, shop).await,
        Step::TwoAtOnce => {
            if day.chance.percent(50) {
                // By then the next renewal also changes what it is renewed with.
                shop.wait(Duration::hours(25)).await;
            }
            day.tell(shop, "window and command line check at once");
            shop.two_at_once().await
        }
        Step::Restart => {
            day.counts.kills += 1;
            day.tell(shop, "the app is ended and started");
            shop.restart()
        }
        Step::Fault => {
            trouble::fault(day, shop);
            Ok(())
        }
        Step::Poison => {
            trouble::poison(day, shop);
            Ok(())
        }
        Step::Panic => {
            day.tell(shop, "a connector panics in the next run");
            shop.wire.panic_in_next_run(u32::try_from(day.chance.between(1, 16))?);
            sync(day, shop, Meanwhile::Nothing).await
        }
        Step::Clock => {
            trouble::clock(day, shop);
            Ok(())
        }
        Step::Outage => {
            day.counts.faults += 1;
            if let Some(vendor) = day.chance.one(&Vendor::ALL).copied() {
                day.tell(shop, format!("{} can't be reached", vendor.as_str()));
                shop.world.outage(vendor, true);
            }
            Ok(())
        }
        Step::Calm => {
            day.tell(shop, "all troubles are over");
            shop.calm();
            Ok(())
        }
        Step::Time => {
            time(day, shop).await;
            Ok(())
        }
    }
}

/// What happens in the middle of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Meanwhile {
    /// Nothing.
    Nothing,
    /// The owner or a vendor's user does something.
    Something,
    /// The app ends.
    Kill,
}

/// Where in a run that is.
pub fn halt(day: &mut Day, meanwhile: Meanwhile) -> Option<Halt> {
    let side = if day.chance.percent(50) { Side::Before } else { Side::After };
    let nth = u32::try_from(day.chance.between(1, 24)).unwrap_or(1);
    match meanwhile {
        Meanwhile::Nothing => None,
        Meanwhile::Something => Some(Halt::Meanwhile(nth, side)),
        Meanwhile::Kill if day.chance.percent(50) => Some(Halt::EndAtRequest(nth, side)),
        Meanwhile::Kill => Some(Halt::EndAfterCommit(3 * nth - u32::try_from(day.chance.below(3)).unwrap_or(0))),
    }
}

async fn sync(day: &mut Day, shop: &mut Shop, meanwhile: Meanwhile) -> Result<()> {
    let pause = day.chance.between(1, 20);
    shop.wait(Duration::seconds(pause)).await;
    if day.chance.percent(40)
        && let Some(outcome) = shop.sign_in_again().await?
    {
        day.tell(shop, if outcome.is_ok() { "owner: signs in again" } else { "owner: signs in again -- in vain" });
    }
    let held = check::held(shop.file())?;
    let busy = run(day, shop, Work::Sync, meanwhile).await?;
    if busy { Ok(()) } else { check::still_held(&held, shop.file()) }
}

/// Does this work. `true` when something else happened in the middle of it.
pub async fn run(day: &mut Day, shop: &mut Shop, work: Work, meanwhile: Meanwhile) -> Result<bool> {
    let halt = halt(day, meanwhile);
    let before = patched::look(shop)?;
    let mut busy = false;
    let run = shop.work(work, halt, |shop| {
        busy = true;
        day.tell(shop, format!("meanwhile, at {halt:?}:"));
        day.in_a_run = true;
        let done = if day.chance.percent(50) { day.owner(shop) } else { day.vendors(shop) };
        day.in_a_run = false;
        done
    });
    match run.await? {
        Ran::Killed => {
            day.counts.runs += 1;
            day.cut_off = true;
            day.counts.kills += 1;
            day.tell(shop, format!("the app ended in a run, at {halt:?}"));
        }
        Ran::Refused(why) => day.tell(shop, format!("no run: {why}")),
        Ran::Ended(run) => {
            day.counts.runs += 1;
            day.cut_off = false;
            day.note_run(&run, shop.world.now());
            let line = summary(&run);
            day.tell(shop, format!("run of {} requests: {line}", shop.wire.passed()));
            if !busy {
                patched::check(day, shop, &before)?;
            }
        }
    }
    Ok(busy)
}

async fn time(day: &mut Day, shop: &Shop) {
    let step = match day.chance.below(10) {
        0..=3 => Duration::minutes(day.chance.between(1, 30)),
        4..=7 => Duration::hours(day.chance.between(1, 12)),
        8 => Duration::days(day.chance.between(1, 3)),
        _ if day.chance.percent(15) => Duration::days(35),
        _ => Duration::days(8),
    };
    day.tell(shop, format!("{} minutes pass", step.num_minutes()));
    shop.wait(step).await;
}
