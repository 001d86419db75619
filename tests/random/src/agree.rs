//! The end of a seed: troubles over, the world quiet. After a few runs both sides agree, and a further run has nothing to do.

use crate::day::Day;
use crate::file::File;
use crate::shop::{Ran, Shop};
use crate::{patched, sides, trust};
use anyhow::{Result, bail, ensure};
use backroom_core::sync::{RunState, RunView};
use chrono::Duration;

/// Runs until nothing waits by itself any more. The longest wait between tries is six hours.
const MOST_RUNS: u32 = 16;

/// Brings everything to rest and compares.
pub async fn settle(day: &mut Day, shop: &mut Shop) -> Result<()> {
    shop.calm();
    if day.absurd {
        // The longest wait that a vendor's word can bring about.
        shop.wait(Duration::hours(25)).await;
    }
    let mut quiet = 0;
    for _ in 0..MOST_RUNS {
        release_brakes(day, shop)?;
        answer_questions(day, shop)?;
        read_again(day, shop)?;
        trust::approve_all(day, shop).await?;
        shop.wait(Duration::hours(7)).await;
        if let Some(outcome) = shop.sign_in_again().await? {
            outcome?;
            day.tell(shop, "owner: signs in again");
        }
        let run = whole_run(day, shop).await?;
        crate::check::check(day, shop)?;
        quiet = if is_idle(&run) && !waits_by_itself(shop.file())? { quiet + 1 } else { 0 };
        if quiet == 2 {
            sides::compare(&shop.world, shop.file(), &day.left_out, &day.spoiled, day.long_absence)?;
            sides::once_paid(day, shop)?;
            return trust::audit_is_clean(day, shop).await;
        }
    }
    let outbox = shop.file().outbox()?;
    bail!("no rest after {MOST_RUNS} quiet runs; waiting: {outbox:#?}")
}

async fn whole_run(day: &mut Day, shop: &mut Shop) -> Result<RunView> {
    let before = patched::look(shop)?;
    match shop.sync(None, |_| Ok(())).await? {
        Ran::Killed => bail!("a quiet run was cut off"),
        Ran::Refused(why) => bail!("a quiet run was refused: {why}"),
        Ran::Ended(run) => {
            day.counts.runs += 1;
            day.cut_off = false;
            day.note_run(&run, shop.world.now());
            day.tell(shop, format!("quiet run: {}", summary(&run)));
            let broken = run.parts.iter().find(|part| part.state == RunState::Failed);
            ensure!(broken.is_none() || shop.needs_sign_in()?, "a run failed although the world is quiet: {broken:?}");
            patched::check(day, shop, &before)?;
            Ok(*run)
        }
    }
}

/// A run in a line.
pub fn summary(run: &RunView) -> String {
    let parts = run.parts.iter().map(|part| {
        let error = part.error.as_deref().unwrap_or_default();
        let (made, changed, sent) = (part.created_count, part.updated_count, part.sent_count);
        let problems = part.problem_count;
        format!("{} {:?} +{made} ~{changed} >{sent} !{problems} {error}", part.vendor_name, part.state)
    });
    parts.collect::<Vec<_>>().join("; ")
}

fn is_idle(run: &RunView) -> bool {
    run.parts.iter().all(|part| part.created_count + part.updated_count + part.sent_count == 0)
}

/// Whether something will be sent without anybody doing anything.
pub fn waits_by_itself(file: &File) -> Result<bool> {
    let due = |state: &str| matches!(state, "sending" | "unknown" | "retrying");
    Ok(file.outbox()?.iter().any(|entry| due(&entry.state)))
}

/// Has what could not be read looked at again: it can be by now.
fn read_again(day: &mut Day, shop: &Shop) -> Result<()> {
    let problems = shop.file().problems()?.into_iter().filter(|problem| problem.code == "unreadable");
    let ids = problems.map(|problem| problem.id.parse()).collect::<Result<Vec<_>, _>>()?;
    if !ids.is_empty() {
        let done = shop.core().retry_problems(ids);
        day.outcome(shop, "has what could not be read looked at again", done)?;
    }
    Ok(())
}

/// Says of each payment that may be here already that it is.
fn answer_questions(day: &mut Day, shop: &Shop) -> Result<()> {
    for problem in shop.file().problems()? {
        if matches!(problem.code.as_str(), "same_payment" | "more_than_due") {
            let done = shop.core().answer_same_payment(problem.id.parse()?, problem.code == "same_payment");
            day.outcome(shop, "answer whether it is the same payment", done)?;
        }
    }
    Ok(())
}

/// Lets big changes happen that a brake holds back.
pub fn release_brakes(day: &mut Day, shop: &Shop) -> Result<()> {
    for problem in shop.file().problems()? {
        if problem.code == "brake" {
            let done = shop.core().release_brake(problem.id.parse()?);
            day.outcome(shop, "agree to the big change", done)?;
        }
    }
    Ok(())
}
