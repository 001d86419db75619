//! Plans: what a run would do, as worked out, and how far they have come. Their items are next door.

use super::history::moment;
use super::{Db, Tx};
use crate::Result;
use crate::event::Tag;
use crate::ids::{ConnectionId, PlanId, RunId};
use crate::store::columns::{Json, Named};
use crate::sync::plan::{PlanCounts, PlanPartView, PlanState, PlanView};
use crate::view::FieldChange;
use chrono::{DateTime, Utc};
use rusqlite::{OptionalExtension as _, params};

/// Plans of the past that stay readable.
const KEPT: u32 = 10;

/// Writes a plan that is still being put down; it is shown from [`ready`] on.
pub fn begin(tx: &Tx<'_>, id: PlanId, scope: Option<ConnectionId>, now: DateTime<Utc>) -> Result<()> {
    tx.execute(
        "INSERT INTO plans (id, scope, state, created_at) VALUES (?1, ?2, 'preparing', ?3)",
        params![id, scope, moment(now)],
    )?;
    Ok(())
}

/// A connection the plan is about, with the sentence why nothing could be worked out for it.
pub fn add_part(tx: &Tx<'_>, id: PlanId, position: u32, part: &PlanPartView) -> Result<()> {
    tx.execute(
        "INSERT INTO plan_parts (plan_id, connection_id, position, vendor_name, account_name, error, brake)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        params![id, part.connection_id, position, part.vendor_name, part.account_name, part.error, part.brake],
    )?;
    Ok(())
}

/// Opens a plan for the owner. It takes the place of open ones about the same, or about a part of it; old ones are forgotten.
pub fn ready(tx: &Tx<'_>, id: PlanId, scope: Option<ConnectionId>) -> Result<()> {
    tx.execute(
        "DELETE FROM plans WHERE state IN ('preparing', 'ready') AND id <> ?1
             AND (state = 'preparing' OR ?2 IS NULL OR scope IS NULL OR scope = ?2)",
        params![id, scope],
    )?;
    tx.execute(
        "DELETE FROM plans WHERE state = 'done' AND row NOT IN (SELECT row FROM plans ORDER BY row DESC LIMIT ?1)",
        [KEPT],
    )?;
    tx.execute("UPDATE plans SET state = 'ready' WHERE id = ?1", [id])?;
    tx.changed(Tag::Plans);
    Ok(())
}

/// Throws a plan away that was not carried out.
pub fn discard(tx: &Tx<'_>, id: PlanId) -> Result<bool> {
    tx.changed(Tag::Plans);
    Ok(tx.execute("DELETE FROM plans WHERE id = ?1 AND state = 'ready'", [id])? == 1)
}

/// A run that was not theirs has read and sent all of some connections: what open plans show of these is out of date and is
/// taken out of them; a plan without any left is gone. Connections that wait for the owner's look keep theirs.
pub fn outdate(tx: &Tx<'_>, run: RunId) -> Result<()> {
    const SYNCED: &str = "SELECT p.plan_id, p.connection_id FROM plan_parts p
         JOIN plans l ON l.id = p.plan_id JOIN run_parts r ON r.connection_id = p.connection_id
         WHERE l.state = 'ready' AND r.run_id = ?1 AND r.error IS NULL AND r.state IN ('done', 'done_with_problems')
             AND NOT EXISTS (SELECT 1 FROM asking a WHERE a.connection_id = p.connection_id)";
    tx.execute(&format!("DELETE FROM plan_items WHERE (plan_id, connection_id) IN ({SYNCED})"), [run])?;
    let parts = tx.execute(&format!("DELETE FROM plan_parts WHERE (plan_id, connection_id) IN ({SYNCED})"), [run])?;
    if parts > 0 {
        tx.execute(
            "DELETE FROM plans WHERE state = 'ready'
                 AND NOT EXISTS (SELECT 1 FROM plan_parts p WHERE p.plan_id = plans.id AND p.error IS NULL)",
            [],
        )?;
        tx.changed(Tag::Plans);
    }
    Ok(())
}

/// Hands a plan to a run and keeps the owner's word for every run to come, however this one ends: what is held and skipped, and
/// which records are the same. What was left for this preview is free again. With `without_asking` the connections whose parts
/// end well no longer wait for the owner's look.
pub fn start(tx: &Tx<'_>, id: PlanId, run: RunId, without_asking: bool) -> Result<()> {
    tx.execute(
        "UPDATE plans SET state = 'running', run_id = ?2, without_asking = ?3 WHERE id = ?1",
        params![id, run, without_asking],
    )?;
    tx.execute(
        "DELETE FROM sync_decisions
         WHERE connection_id IN (SELECT connection_id FROM plan_parts WHERE plan_id = ?1 AND error IS NULL)
             AND (decision = 'moved' OR pair_of IS NOT NULL
                 OR (direction = 'out' AND NOT EXISTS (SELECT 1 FROM outbox o WHERE o.kind = sync_decisions.kind
                     AND o.local_id = sync_decisions.record AND o.connection_id = sync_decisions.connection_id))
                 OR (connection_id, direction, kind, record) IN (
                     SELECT connection_id, direction, kind, record FROM plan_items WHERE plan_id = ?1))",
        [id],
    )?;
    tx.execute(
        "INSERT OR REPLACE INTO sync_decisions (connection_id, direction, kind, record, decision, fingerprint)
         SELECT connection_id, direction, kind, record, decision, fingerprint FROM plan_items
         WHERE plan_id = ?1 AND decision IN ('hold', 'skip')",
        [id],
    )?;
    hold_undecided_pairs(tx, id)?;
    tx.execute(
        "INSERT OR REPLACE INTO pair_words (connection_id, kind, remote_id, local_id, same)
         SELECT connection_id, kind, record, pair_local_id, pair_same FROM plan_items
         WHERE plan_id = ?1 AND decision IN ('approve', 'approve_any') AND pair_local_id IS NOT NULL",
        [id],
    )?;
    tx.changed(Tag::Plans);
    Ok(())
}

/// Hands a plan whose run was interrupted to the run that goes on with it; what was done stays done.
pub fn hand_on(tx: &Tx<'_>, id: PlanId, run: RunId) -> Result<()> {
    tx.execute("UPDATE plans SET state = 'running', run_id = ?2 WHERE id = ?1", params![id, run])?;
    tx.execute("UPDATE plan_items SET outcome = NULL WHERE plan_id = ?1 AND outcome = 'waits'", [id])?;
    tx.changed(Tag::Plans);
    Ok(())
}

/// While nobody has said whether two records are one, ours must not be made over there a second time. It is free again as soon
/// as somebody has.
fn hold_undecided_pairs(tx: &Tx<'_>, id: PlanId) -> Result<()> {
    tx.execute(
        "INSERT OR IGNORE INTO sync_decisions (connection_id, direction, kind, record, decision, fingerprint, pair_of)
         SELECT connection_id, 'out', kind, pair_local_id, 'hold', '', record FROM plan_items
         WHERE plan_id = ?1 AND decision IN ('hold', 'skip') AND pair_local_id IS NOT NULL",
        [id],
    )?;
    tx.execute(
        "UPDATE plan_items SET decision = 'hold'
         WHERE plan_id = ?1 AND direction = 'out' AND decision IN ('approve', 'approve_any')
             AND (connection_id, kind, record) IN (SELECT connection_id, kind, pair_local_id FROM plan_items
                 WHERE plan_id = ?1 AND decision IN ('hold', 'skip') AND pair_local_id IS NOT NULL)",
        [id],
    )?;
    Ok(())
}

/// The plan a run carries out.
pub fn of_run(db: &Db<'_>, run: RunId) -> Result<Option<PlanId>> {
    Ok(db.prepare_cached("SELECT id FROM plans WHERE run_id = ?1")?.query_row([run], |row| row.get(0)).optional()?)
}

/// Ends plans whose run has ended, no longer asks about connections whose part ended well, and says of each item what became of it. An approved record that needs nothing any more is
/// told from one that the run did not come to by whether its part ended well.
pub fn finish(tx: &Tx<'_>) -> Result<()> {
    tx.execute(
        "UPDATE plan_items SET outcome = CASE
             WHEN decision = 'hold' THEN 'held'
             WHEN decision = 'skip' THEN 'skipped'
             WHEN EXISTS (SELECT 1 FROM outbox o WHERE plan_items.direction = 'out' AND o.kind = plan_items.kind
                 AND o.local_id = plan_items.record AND o.connection_id = plan_items.connection_id) THEN 'waits'
             WHEN EXISTS (SELECT 1 FROM parked k WHERE plan_items.direction = 'in' AND k.kind = plan_items.kind
                 AND k.remote_id = plan_items.record AND k.connection_id = plan_items.connection_id) THEN 'waits'
             WHEN EXISTS (SELECT 1 FROM run_parts r JOIN plans p ON p.run_id = r.run_id WHERE p.id = plan_items.plan_id
                 AND r.connection_id = plan_items.connection_id AND r.state IN ('done', 'done_with_problems')) THEN 'nothing'
             ELSE 'waits' END
         WHERE outcome IS NULL AND plan_id IN (SELECT p.id FROM plans p JOIN runs r ON r.id = p.run_id
             WHERE p.state = 'running' AND r.state <> 'running')",
        [],
    )?;
    tx.execute(
        "DELETE FROM asking WHERE connection_id IN (SELECT r.connection_id FROM plans p JOIN run_parts r ON r.run_id = p.run_id
             WHERE p.state = 'running' AND p.without_asking = 1 AND r.error IS NULL
                 AND r.state IN ('done', 'done_with_problems'))
             AND NOT EXISTS (SELECT 1 FROM runs WHERE state = 'running')",
        [],
    )?;
    let ended = tx.execute(
        "UPDATE plans SET state = 'done' WHERE state = 'running'
             AND NOT EXISTS (SELECT 1 FROM runs r WHERE r.id = plans.run_id AND r.state = 'running')",
        [],
    )?;
    if ended > 0 {
        tx.changed(Tag::Plans);
        tx.changed(Tag::Connections);
    }
    Ok(())
}

/// One plan that can be shown.
pub fn view(db: &Db<'_>, id: PlanId) -> Result<Option<PlanView>> {
    let found = db
        .prepare_cached("SELECT scope, state, run_id, created_at FROM plans WHERE id = ?1 AND state <> 'preparing'")?
        .query_row([id], |row| {
            Ok(PlanView {
                id,
                connection_id: row.get(0)?,
                state: row.get::<_, Named<PlanState>>(1)?.0,
                run_id: row.get(2)?,
                created_at: row.get(3)?,
                parts: Vec::new(),
                counts: PlanCounts::default(),
            })
        })
        .optional()?;
    found.map(|plan| Ok(PlanView { parts: parts(db, id)?, counts: counts(db, id)?, ..plan })).transpose()
}

/// Connections of a plan, in order.
pub fn parts(db: &Db<'_>, id: PlanId) -> Result<Vec<PlanPartView>> {
    let mut statement = db.prepare_cached(
        "SELECT p.connection_id, p.vendor_name, p.account_name, p.error,
             EXISTS (SELECT 1 FROM asking a WHERE a.connection_id = p.connection_id), p.brake
         FROM plan_parts p WHERE p.plan_id = ?1 ORDER BY p.position",
    )?;
    let rows = statement.query_map([id], |row| {
        Ok(PlanPartView {
            connection_id: row.get(0)?,
            vendor_name: row.get(1)?,
            account_name: row.get(2)?,
            error: row.get(3)?,
            asks: row.get(4)?,
            brake: row.get(5)?,
        })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

fn counts(db: &Db<'_>, id: PlanId) -> Result<PlanCounts> {
    let mut counts = PlanCounts::default();
    let mut statement = db.prepare_cached(
        "SELECT direction = 'in', pair_local_id IS NOT NULL, decision, coalesce(outcome, ''), count(*)
         FROM plan_items WHERE plan_id = ?1 GROUP BY 1, 2, 3, 4",
    )?;
    let mut rows = statement.query([id])?;
    while let Some(row) = rows.next()? {
        let count: u32 = row.get(4)?;
        *(if row.get(0)? { &mut counts.incoming } else { &mut counts.outgoing }) += count;
        if row.get(1)? {
            counts.pairs += count;
        }
        match row.get::<_, String>(2)?.as_str() {
            "hold" => counts.held += count,
            "skip" => counts.skipped += count,
            _ => counts.approved += count,
        }
        match row.get::<_, String>(3)?.as_str() {
            "done" => counts.done += count,
            "moved" => counts.moved += count,
            "waits" => counts.waiting += count,
            _ => {}
        }
    }
    Ok(counts)
}

/// Plans that wait for the owner or are carried out, and the last one that was; newest first.
pub fn shown(db: &Db<'_>) -> Result<Vec<PlanId>> {
    let mut statement = db.prepare_cached(
        "SELECT id FROM plans WHERE state IN ('ready', 'running')
             OR row = (SELECT max(row) FROM plans WHERE state = 'done') ORDER BY row DESC",
    )?;
    Ok(statement.query_map([], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?)
}

/// Connections whose syncs wait for the owner's look, and no plan to look at says anything about them.
pub fn unlooked(db: &Db<'_>) -> Result<Vec<ConnectionId>> {
    let mut statement = db.prepare_cached(
        "SELECT connection_id FROM asking WHERE connection_id NOT IN (
             SELECT p.connection_id FROM plan_parts p JOIN plans l ON l.id = p.plan_id
             WHERE l.state IN ('ready', 'running') AND p.error IS NULL)",
    )?;
    Ok(statement.query_map([], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?)
}

/// Makes a copy fit for a rehearsal: nothing of it is under way, nothing waits for the owner, and no brake stops it half-way.
pub fn make_ready_to_rehearse(tx: &Tx<'_>) -> Result<()> {
    tx.execute_batch("UPDATE runs SET state = 'interrupted' WHERE state = 'running'; DELETE FROM asking;")?;
    Ok(())
}

/// Puts entries whose last try may have had its effect beyond the reach of a rehearsal.
pub fn postpone_unsettled(tx: &Tx<'_>) -> Result<()> {
    tx.execute(
        "UPDATE outbox SET state = 'unknown', next_attempt_at = '9999-12-31T00:00:00.000Z'
         WHERE state IN ('sending', 'unknown')",
        [],
    )?;
    Ok(())
}

/// Takes out what was worked out for connections that could not be read to the end: it may lack the half.
pub fn drop_items(tx: &Tx<'_>, id: PlanId, connections: &[ConnectionId]) -> Result<()> {
    for connection in connections {
        tx.execute("DELETE FROM plan_items WHERE plan_id = ?1 AND connection_id = ?2", params![id, connection])?;
    }
    Ok(())
}

/// The newest change that any run noted.
pub fn last_change(db: &Db<'_>) -> Result<i64> {
    Ok(db.prepare_cached("SELECT coalesce(max(row), 0) FROM run_changes")?.query_row([], |row| row.get(0))?)
}

/// What a run changed after a position, in order: title, action, field by field.
pub fn changes_after(db: &Db<'_>, run: RunId, mark: i64) -> Result<Vec<(String, String, Vec<FieldChange>)>> {
    let mut statement =
        db.prepare_cached("SELECT title, action, fields FROM run_changes WHERE row > ?2 AND run_id = ?1 ORDER BY row")?;
    let rows = statement.query_map(params![run, mark], |row| {
        Ok((row.get(0)?, row.get(1)?, row.get::<_, Json<Vec<FieldChange>>>(2)?.0))
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}
