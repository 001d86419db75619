//! One place of one vendor's answer is made wrong, and the whole app has to live with it.
//!
//! A seed decides the place. It may be met in the very first reading, in a later one, or in the answer to a change that was sent.
//! Afterwards the vendors answer rightly again, but for a record that was made wrong for good.
//! Absent on purpose: faults of the network and the end of the app, which the random days play.

pub mod hostile;
mod spoil;
mod whole;

use crate::agree::{self, summary};
use crate::chance::Chance;
use crate::day::Day;
use crate::shop::{Ran, Shop};
use anyhow::{Context as _, Result, bail, ensure};
use chrono::{DateTime, Duration, Utc};
use spoil::{Plan, Seen};
use std::cell::RefCell;
use std::path::{Path, PathBuf};
use vendor_sim::Vendor;

/// When every seed begins.
const START: &str = "2026-11-20T15:00:00Z";

/// Runs until nothing is waited for any more. A vendor may make us wait a day.
const MOST_RUNS: u32 = 8;

thread_local! {
    /// What panicked on this thread, whoever caught it.
    static PANICKED: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
}

/// How a seed went.
pub struct Fuzzed {
    /// What happened.
    pub trace: Vec<String>,
    /// Whether an answer was spoiled at all.
    pub met: bool,
    /// What was broken.
    pub violation: Option<String>,
}

/// Notes every panic of this process, for [`fuzz`] to report. Called once.
pub fn note_panics() {
    std::panic::set_hook(Box::new(|panic| {
        PANICKED.with_borrow_mut(|panicked| panicked.push(panic.to_string()));
    }));
}

/// Plays a seed. It needs a current-thread runtime with paused time. What lies around a violation is kept in `keep`.
pub async fn fuzz(seed: u64, keep: Option<&Path>) -> Fuzzed {
    PANICKED.with_borrow_mut(Vec::clear);
    let mut day = Day::new(Chance::new(seed));
    let met = std::panic::AssertUnwindSafe(whole_seed(&mut day, keep.map(|keep| keep.join(format!("fuzz-{seed}")))));
    let met = futures::FutureExt::catch_unwind(met).await;
    let panicked = PANICKED.with_borrow_mut(std::mem::take);
    let (met, violation) = match met {
        Ok(Ok(met)) => (met, None),
        Ok(Err(error)) => (true, Some(format!("{error:#}"))),
        Err(_) => (true, Some("the seed itself panicked".to_owned())),
    };
    let violation = panicked.first().map(|panic| format!("something panicked: {panic}")).or(violation);
    Fuzzed { trace: day.trace.into(), met, violation }
}

async fn whole_seed(day: &mut Day, keep: Option<PathBuf>) -> Result<bool> {
    let start: DateTime<Utc> = START.parse()?;
    let world = if day.chance.percent(80) { "demo" } else { "empty" };
    let first = day.chance.percent(40);
    let chance = day.chance.bits();
    let mut shop = if first {
        Shop::connected(world, start, chance, &[]).await?
    } else {
        Shop::open(world, start, chance, &[]).await?
    };
    let outcome = spoiled_days(day, &mut shop).await;
    match keep.filter(|_| outcome.is_err()) {
        Some(keep) => shop.keep(&keep).and(outcome),
        None => outcome,
    }
}

async fn spoiled_days(day: &mut Day, shop: &mut Shop) -> Result<bool> {
    for _ in 0..day.chance.below(12) {
        if day.chance.percent(50) { day.owner(shop)? } else { day.vendors(shop)? }
    }
    let most = if day.chance.percent(50) { 3 } else { 12 };
    let plan = Plan {
        vendor: day.chance.one(&Vendor::ALL).copied().context("a vendor")?,
        skip: u32::try_from(day.chance.below(most))?,
        for_good: day.chance.percent(50),
    };
    day.tell(shop, format!("{} answers wrongly after {} requests", plan.vendor.as_str(), plan.skip));
    let for_good = plan.for_good;
    let (hook, seen) = spoil::spoiler(plan, Chance::new(day.chance.bits()));
    shop.wire.spoil(Some(hook));
    // A quiet sync asks little, so the place may only come up in a later one.
    for _ in 0..3 {
        run(day, shop).await?;
        if seen.lock().is_some() {
            break;
        }
        if day.chance.percent(50) {
            day.owner(shop)?;
        } else {
            day.vendors(shop)?;
        }
        shop.wait(Duration::hours(1)).await;
    }
    let Some(spoiled) = note(day, shop, &seen) else { return Ok(false) };
    if spoiled.record.is_none() || !for_good {
        shop.wire.spoil(None);
    }
    rest(day, shop).await?;
    whole::check(shop, &spoiled)?;
    Ok(true)
}

fn note(day: &mut Day, shop: &Shop, seen: &Seen) -> Option<spoil::Spoiled> {
    let spoiled = seen.lock().clone()?;
    day.tell(shop, &spoiled.line);
    Some(spoiled)
}

/// Runs until the app is at rest.
async fn rest(day: &mut Day, shop: &mut Shop) -> Result<()> {
    let mut quiet = 0;
    for _ in 0..MOST_RUNS {
        agree::release_brakes(day, shop)?;
        shop.wait(Duration::hours(25)).await;
        if let Some(Err(error)) = shop.sign_in_again().await? {
            day.tell(shop, format!("owner: signs in again -- without success: {error:#}"));
        }
        let moved = run(day, shop).await?;
        quiet = if moved || agree::waits_by_itself(shop.file())? { 0 } else { quiet + 1 };
        if quiet == 2 {
            return Ok(());
        }
    }
    // What is wrong for good may be tried for ever, with its reason.
    let unexplained = shop.file().outbox()?.into_iter().find(|entry| entry.state != "rejected" && entry.why.is_empty());
    ensure!(unexplained.is_none(), "after {MOST_RUNS} runs a change waits without a reason: {unexplained:?}");
    Ok(())
}

/// One run to its end. `true` when it changed anything.
async fn run(day: &mut Day, shop: &mut Shop) -> Result<bool> {
    match shop.sync(None, |_| Ok(())).await? {
        Ran::Killed => bail!("nobody ends the app here"),
        Ran::Refused(why) => {
            day.tell(shop, format!("no run: {why}"));
            Ok(false)
        }
        Ran::Ended(run) => {
            let line = summary(&run);
            day.tell(shop, format!("run of {} requests: {line}", shop.wire.passed()));
            Ok(run.parts.iter().any(|part| part.created_count + part.updated_count + part.sent_count > 0))
        }
    }
}
