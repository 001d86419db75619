//! The sync: status, runs, what waits, problems.

use super::{Reply, answer, answer_async};
use backroom_core::Core;
use backroom_core::ids::{ConnectionId, FindingId, OutboxId, PlanId, ProblemId, RunId};
use backroom_core::sync::plan::{PlanAction, PlanFilter, PlanItemView, PlanList, PlanSelection, PlanView};
use backroom_core::sync::{
    AuditFinding, AuditView, ConflictChoice, ConflictRule, ConflictView, DroppedRow, OutboxRow, ProblemRow, RunDetail,
    RunTrigger, RunView, SyncStatus,
};
use backroom_core::view::Page;
use std::sync::Arc;
use tauri::State;

/// What is always visible of the sync.
#[tauri::command(async)]
#[specta::specta]
pub fn sync_status(core: State<'_, Arc<Core>>) -> Reply<SyncStatus> {
    answer("sync_status", || core.sync_status())
}

/// Starts a run, or returns the one going on.
#[tauri::command(async)]
#[specta::specta]
pub fn sync_now(core: State<'_, Arc<Core>>, connection_id: Option<ConnectionId>) -> Reply<RunView> {
    answer("sync_now", || core.sync_now(connection_id, RunTrigger::Owner))
}

/// Stops the run going on after its current step.
#[tauri::command(async)]
#[specta::specta]
pub fn cancel_run(core: State<'_, Arc<Core>>) -> Reply<()> {
    answer("cancel_run", || core.cancel_run())
}

/// Pauses or resumes the timer.
#[tauri::command(async)]
#[specta::specta]
pub fn pause_sync(core: State<'_, Arc<Core>>, paused: bool) -> Reply<SyncStatus> {
    answer("pause_sync", || core.pause_sync(paused))
}

/// A page of runs, newest first.
#[tauri::command(async)]
#[specta::specta]
pub fn list_runs(core: State<'_, Arc<Core>>, cursor: Option<String>, limit: u32) -> Reply<Page<RunView>> {
    answer("list_runs", || core.list_runs(cursor, limit))
}

/// One run with what it changed.
#[tauri::command(async)]
#[specta::specta]
pub fn get_run(core: State<'_, Arc<Core>>, id: RunId, cursor: Option<String>, limit: u32) -> Reply<RunDetail> {
    answer("get_run", || core.get_run(id, cursor, limit))
}

/// Changes waiting to be sent, in order.
#[tauri::command(async)]
#[specta::specta]
pub fn list_outbox(core: State<'_, Arc<Core>>, cursor: Option<String>, limit: u32) -> Reply<Page<OutboxRow>> {
    answer("list_outbox", || core.list_outbox(cursor, limit))
}

/// What the owner should look at.
#[tauri::command(async)]
#[specta::specta]
pub fn list_problems(core: State<'_, Arc<Core>>, cursor: Option<String>, limit: u32) -> Reply<Page<ProblemRow>> {
    answer("list_problems", || core.list_problems(cursor, limit))
}

/// Tries again what a problem is about.
#[tauri::command(async)]
#[specta::specta]
pub fn retry_problems(core: State<'_, Arc<Core>>, ids: Vec<ProblemId>) -> Reply<()> {
    answer("retry_problems", || core.retry_problems(ids))
}

/// Lets a run pass that stopped because it would have changed too much.
#[tauri::command(async)]
#[specta::specta]
pub fn release_brake(core: State<'_, Arc<Core>>, id: ProblemId) -> Reply<()> {
    answer("release_brake", || core.release_brake(id))
}

/// Says whether what a problem is about is a payment that is here already, or is recorded as another one.
#[tauri::command(async)]
#[specta::specta]
pub fn answer_same_payment(core: State<'_, Arc<Core>>, id: ProblemId, same: bool) -> Reply<()> {
    answer("answer_same_payment", || core.answer_same_payment(id, same))
}

/// Gives a customer or an item another name, for a vendor that does not take the one it has.
#[tauri::command(async)]
#[specta::specta]
pub fn rename_record(core: State<'_, Arc<Core>>, kind: String, id: String, name: String) -> Reply<()> {
    answer("rename_record", || core.rename_record(&kind, &id, &name))
}

/// Takes a problem off the list.
#[tauri::command(async)]
#[specta::specta]
pub fn dismiss_problem(core: State<'_, Arc<Core>>, id: ProblemId) -> Reply<()> {
    answer("dismiss_problem", || core.dismiss_problem(id))
}

/// Sends a record anew that was deleted at a vendor.
#[tauri::command(async)]
#[specta::specta]
pub fn send_anew(core: State<'_, Arc<Core>>, connection_id: ConnectionId, kind: String, id: String) -> Reply<()> {
    answer("send_anew", || core.send_anew(connection_id, kind, id))
}

/// Works out what a run would do, without sending anything.
#[tauri::command]
#[specta::specta]
pub async fn plan_sync(core: State<'_, Arc<Core>>, connection_id: Option<ConnectionId>) -> Reply<PlanView> {
    Box::pin(answer_async("plan_sync", core.plan_sync(connection_id))).await
}

/// Plans worth showing.
#[tauri::command(async)]
#[specta::specta]
pub fn sync_plans(core: State<'_, Arc<Core>>) -> Reply<PlanList> {
    answer("sync_plans", || core.sync_plans())
}

/// A page of a plan's items.
#[tauri::command(async)]
#[specta::specta]
pub fn list_plan_items(
    core: State<'_, Arc<Core>>,
    plan_id: PlanId,
    filter: PlanFilter,
    cursor: Option<String>,
    limit: u32,
) -> Reply<Page<PlanItemView>> {
    answer("list_plan_items", || core.list_plan_items(plan_id, &filter, cursor.as_deref(), limit))
}

/// Notes the owner's decisions.
#[tauri::command(async)]
#[specta::specta]
pub fn decide_plan_items(
    core: State<'_, Arc<Core>>,
    plan_id: PlanId,
    selection: PlanSelection,
    action: PlanAction,
) -> Reply<PlanView> {
    answer("decide_plan_items", || core.decide_plan_items(plan_id, &selection, action))
}

/// Carries a plan out.
#[tauri::command(async)]
#[specta::specta]
pub fn run_plan(core: State<'_, Arc<Core>>, plan_id: PlanId, without_asking: bool) -> Reply<RunView> {
    answer("run_plan", || core.run_plan(plan_id, without_asking))
}

/// Throws a plan away.
#[tauri::command(async)]
#[specta::specta]
pub fn discard_plan(core: State<'_, Arc<Core>>, plan_id: PlanId) -> Reply<()> {
    answer("discard_plan", || core.discard_plan(plan_id))
}

/// Records that both sides changed and that wait for the owner.
#[tauri::command(async)]
#[specta::specta]
pub fn list_conflicts(core: State<'_, Arc<Core>>, cursor: Option<String>, limit: u32) -> Reply<Page<ConflictView>> {
    answer("list_conflicts", || core.list_conflicts(cursor, limit))
}

/// Decides a conflict, field by field.
#[tauri::command(async)]
#[specta::specta]
pub fn resolve_conflict(
    core: State<'_, Arc<Core>>,
    connection_id: ConnectionId,
    kind: String,
    local_id: String,
    choices: Vec<ConflictChoice>,
) -> Reply<()> {
    answer("resolve_conflict", || core.resolve_conflict(connection_id, &kind, &local_id, &choices))
}

/// Sets who decides conflicts of a connection from now on.
#[tauri::command(async)]
#[specta::specta]
pub fn save_conflict_rule(core: State<'_, Arc<Core>>, connection_id: ConnectionId, rule: ConflictRule) -> Reply<()> {
    answer("save_conflict_rule", || core.save_conflict_rule(connection_id, rule))
}

/// Takes a change off the queue for good, with the reason.
#[tauri::command(async)]
#[specta::specta]
pub fn drop_outbox(core: State<'_, Arc<Core>>, id: OutboxId, reason: String) -> Reply<()> {
    answer("drop_outbox", || core.drop_outbox(id, &reason))
}

/// What was dropped, newest first.
#[tauri::command(async)]
#[specta::specta]
pub fn list_dropped(core: State<'_, Arc<Core>>, cursor: Option<String>, limit: u32) -> Reply<Page<DroppedRow>> {
    answer("list_dropped", || core.list_dropped(cursor, limit))
}

/// Syncs, then compares both sides day by day.
#[tauri::command]
#[specta::specta]
pub async fn audit_now(core: State<'_, Arc<Core>>, connection_id: Option<ConnectionId>, days: u32) -> Reply<AuditView> {
    answer_async("audit_now", core.audit_now(connection_id, days)).await
}

/// The newest audit of every connection.
#[tauri::command(async)]
#[specta::specta]
pub fn audit_view(core: State<'_, Arc<Core>>) -> Reply<AuditView> {
    answer("audit_view", || core.audit_view())
}

/// Differences that the newest audits found.
#[tauri::command(async)]
#[specta::specta]
pub fn list_audit_findings(
    core: State<'_, Arc<Core>>,
    cursor: Option<String>,
    limit: u32,
) -> Reply<Page<AuditFinding>> {
    answer("list_audit_findings", || core.list_audit_findings(cursor, limit))
}

/// Brings or sends what a difference is about.
#[tauri::command]
#[specta::specta]
pub async fn fix_audit_finding(core: State<'_, Arc<Core>>, id: FindingId) -> Reply<AuditFinding> {
    answer_async("fix_audit_finding", core.fix_audit_finding(id)).await
}
