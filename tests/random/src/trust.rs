//! What the owner does on the Sync page beside syncing: looks at a preview and carries it out, takes a run back, has both sides
//! compared.

use crate::check;
use crate::day::Day;
use crate::play::{Meanwhile, run};
use crate::shop::{Shop, Work};
use anyhow::{Context as _, Result, bail, ensure};
use backroom_core::ids::RunId;
use backroom_core::sync::plan::{PlanAction, PlanFilter, PlanSelection};
use backroom_core::sync::{AuditCause, UndoOutcome};

/// More than a page of a plan or of what an audit found is not looked at.
const PAGE: u32 = 100;

/// As far back as a day lasts and further.
const AUDITED_DAYS: u32 = 90;

/// Kinds that are facts over there: what was left out of them is not seen in the record itself, but in others beside it.
const FACTS: [&str; 6] = ["charge", "refund", "dispute", "payout", "balance_entry", "shipment"];

/// Works a preview out, decides here and there, and carries it out, perhaps after something else has happened.
pub async fn preview(day: &mut Day, shop: &mut Shop) -> Result<()> {
    let planned = shop.undisturbed(async |core| core.plan_sync(None).await).await?;
    let Some(plan) = day.attempt(shop, "looks at a preview", planned)? else { return Ok(()) };
    for item in shop.core().list_plan_items(plan.id, &PlanFilter::default(), None, PAGE)?.rows {
        let action = match (item.pair.is_some(), day.chance.below(20)) {
            (true, 0..=9) => PlanAction::Same,
            (true, _) => PlanAction::Separate,
            (false, 0) => PlanAction::Hold,
            (false, 1) if !FACTS.contains(&item.kind.as_str()) => PlanAction::Skip,
            (false, 2) => PlanAction::ApproveAny,
            (false, 3) => PlanAction::Approve,
            _ => continue,
        };
        day.said_apart |= action == PlanAction::Separate && matches!(item.kind.as_str(), "charge" | "payment");
        day.tell(shop, format!("owner: {action:?} {} {} {:?} in the preview", item.action, item.title, item.direction));
        let only = PlanSelection { ids: vec![item.id], filter: None };
        shop.core().decide_plan_items(plan.id, &only, action)?;
    }
    if day.chance.percent(40) {
        if day.chance.percent(50) { day.owner(shop)? } else { day.vendors(shop)? }
    }
    if day.chance.percent(20) {
        day.tell(shop, "owner: throws the preview away");
        return Ok(shop.core().discard_plan(plan.id)?);
    }
    let meanwhile = day.chance.weighted(&[(5, Meanwhile::Nothing), (2, Meanwhile::Something), (1, Meanwhile::Kill)]);
    day.anything = true;
    let held = check::held(shop.file())?;
    let busy = run(day, shop, Work::Plan(plan.id), meanwhile.unwrap_or(Meanwhile::Nothing)).await?;
    if busy { Ok(()) } else { check::still_held(&held, shop.file()) }
}

/// Takes one of the last runs back.
pub async fn undo(day: &mut Day, shop: &mut Shop) -> Result<()> {
    let ended = "SELECT id FROM runs WHERE state IN ('done', 'done_with_problems', 'failed') AND EXISTS
        (SELECT 1 FROM run_changes c WHERE c.run_id = runs.id) ORDER BY row DESC LIMIT 4";
    let runs = shop.file().rows(ended)?;
    let Some(target) = day.chance.one(&runs).cloned() else { return Ok(()) };
    let target: RunId = target[0].parse()?;
    let shown = shop.core().preview_undo(target);
    let Some(report) = day.attempt(shop, "looks at taking a run back", shown)? else { return Ok(()) };
    for record in &report.records {
        day.tell(shop, format!("  {:?} {} {} {}", record.outcome, record.kind, record.title, record.reasons.join(" ")));
    }
    let meanwhile = day.chance.weighted(&[(5, Meanwhile::Nothing), (2, Meanwhile::Something), (1, Meanwhile::Kill)]);
    day.anything = true;
    run(day, shop, Work::Undo(target), meanwhile.unwrap_or(Meanwhile::Nothing)).await?;
    day.anything = true;
    taken_back(day, shop)
}

/// What a run took back is no longer to arrive, and what it could not take back as a whole differs on both sides.
fn taken_back(day: &mut Day, shop: &Shop) -> Result<()> {
    let steps = "SELECT kind, coalesce(local_id, ''), outcome FROM undo_steps WHERE run_id =
        (SELECT run_id FROM undo_steps ORDER BY row DESC LIMIT 1)";
    for step in shop.file().rows(steps)? {
        let [kind, id, outcome] = <[String; 3]>::try_from(step).ok().context("a step of an undo")?;
        let outcome: UndoOutcome = serde_json::from_value(outcome.into())?;
        if outcome != UndoOutcome::AsBefore {
            day.let_go(&kind, &id);
        }
        if matches!(outcome, UndoOutcome::Retired | UndoOutcome::ArchivedHere) {
            day.left_out.insert((kind, id));
        }
    }
    Ok(())
}

/// Has both sides compared and mends a difference or two.
pub async fn audit(day: &mut Day, shop: &mut Shop) -> Result<()> {
    let days = [0, 7, 90][day.chance.below(3)];
    let compared = shop.undisturbed(async |core| core.audit_now(None, days).await).await?;
    day.cut_off &= compared.is_err();
    let Some(view) = day.attempt(shop, "has both sides compared", compared)? else { return Ok(()) };
    day.tell(shop, format!("  {} differences, {} on their way", view.open_count, view.waiting_count));
    for finding in shop.core().list_audit_findings(None, PAGE)?.rows {
        if finding.fixed_at.is_none() && day.chance.percent(40) {
            let what = format!("mends {:?} {} {}", finding.cause, finding.kind, finding.title);
            day.anything = true;
            let mended = shop.undisturbed(async |core| core.fix_audit_finding(finding.id).await).await?;
            day.attempt(shop, &what, mended)?;
            if let Some(id) = &finding.record_id {
                day.let_go(&finding.kind, id);
            }
        }
    }
    Ok(())
}

/// Approves all that was held, and carries it out, until nothing is. What was skipped stays as it is until it changes.
pub async fn approve_all(day: &mut Day, shop: &mut Shop) -> Result<()> {
    // Where ours can't go out, theirs can't come in either, and some can't come in at all; problems say so.
    let held = "SELECT kind, remote_id, reason FROM set_aside s WHERE reason IN ('hold', 'moved') AND NOT EXISTS
        (SELECT 1 FROM links l JOIN outbox o ON o.kind = l.kind AND o.local_id = l.local_id
         WHERE l.kind = s.kind AND l.remote_id = s.remote_id
             AND (o.state = 'rejected' OR o.why LIKE 'Needs %' OR o.why LIKE 'Waits for %'))
        AND NOT EXISTS (SELECT 1 FROM problems p WHERE p.kind = s.kind AND p.remote_id = s.remote_id)";
    for _ in 0..4 {
        if shop.file().rows(held)?.is_empty() {
            return Ok(());
        }
        // A vendor that is left alone for a while can't be previewed.
        shop.wait(chrono::Duration::hours(7)).await;
        shop.sign_in_again().await?.transpose()?;
        let plan = shop.undisturbed(async |core| core.plan_sync(None).await).await??;
        let all = PlanSelection { ids: Vec::new(), filter: Some(PlanFilter::default()) };
        shop.core().decide_plan_items(plan.id, &all, PlanAction::ApproveAny)?;
        day.tell(shop, "owner: approves all that was left");
        run(day, shop, Work::Plan(plan.id), Meanwhile::Nothing).await?;
        // A preview notes no ended sign-in; the next sync does.
        run(day, shop, Work::Sync, Meanwhile::Nothing).await?;
        crate::agree::release_brakes(day, shop)?;
    }
    bail!("approved, yet left by the owner's word: {:?}", shop.file().rows(held)?)
}

/// Where both sides agree the app's own audit finds nothing either, but for what the owner left out or a problem tells.
pub async fn audit_is_clean(day: &Day, shop: &Shop) -> Result<()> {
    shop.undisturbed(async |core| core.audit_now(None, AUDITED_DAYS).await).await??;
    let problems = shop.file().problems()?;
    for finding in shop.core().list_audit_findings(None, 200)?.rows {
        let id = finding.record_id.clone().unwrap_or_default();
        let told =
            problems.iter().any(|problem| problem.kind == finding.kind && problem.local_id.as_ref() == Some(&id));
        let there = shop.file().link(&finding.kind, &id)?.map(|link| link.remote_id).unwrap_or_default();
        let left_out =
            day.left_out.contains(&(finding.kind.clone(), id)) || day.spoiled.contains(&(finding.kind.clone(), there));
        // Its parcel is not reported, by the owner's word, so that it stays open over there.
        let unreported = day.left_out.iter().filter(|(kind, _)| finding.kind == "order" && kind == "shipment");
        let orders = unreported.map(|(_, shipment)| shop.file().field("shipments", "order_id", shipment));
        let left_out = left_out || orders.collect::<Result<Vec<_>>>()?.contains(&finding.record_id);
        // Only an audit can know of it: ShipStation tells nobody of a deleted order.
        if finding.kind == "order" && finding.cause == AuditCause::DeletedThere {
            continue;
        }
        ensure!(told || left_out || day.long_absence, "both sides agree, yet the audit finds: {finding:?}");
    }
    Ok(())
}
