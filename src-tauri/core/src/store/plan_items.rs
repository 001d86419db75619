//! The items of plans: one record each, with what would become of it, the owner's decision, and what became of it.

use super::decisions::Key;
use super::{Db, Tx, outbox};
use crate::event::Tag;
use crate::ids::{ConnectionId, PlanId};
use crate::store::columns::{Json, Named};
use crate::sync::Same;
use crate::sync::plan::{Evidence, PairView, PlanAction, PlanDecision, PlanFilter, PlanItemView, PlanOutcome};
use crate::view::FieldChange;
use crate::{Error, Result};
use connector_contract::RecordKind;
use rusqlite::{OptionalExtension as _, Row, ToSql, params, params_from_iter};

/// What a run would do to one record.
#[derive(Debug, Clone)]
pub struct NewItem<'a> {
    /// Which record.
    pub key: Key<'a>,
    /// Local id, where it is one that exists.
    pub local_id: Option<&'a str>,
    /// Name or number.
    pub title: &'a str,
    /// `created`, `updated`, …
    pub action: &'a str,
    /// Field by field.
    pub fields: &'a [FieldChange],
    /// Of the record it was worked out from.
    pub fingerprint: &'a str,
    /// Of what it would do.
    pub effect: &'a str,
    /// A record of ours that may be the same.
    pub pair: Option<&'a Pair>,
}

/// A record of ours that may be the same as one of theirs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pair {
    /// Our record.
    pub local_id: String,
    /// Its name.
    pub title: String,
    /// How sure it is, in percent.
    pub score: u32,
    /// Why.
    pub evidence: Vec<Evidence>,
    /// Whether they are taken for the same, now.
    pub same: bool,
}

impl Pair {
    /// For finding the same record.
    pub fn as_told(&self) -> Same<'_> {
        Same::Told(self.same.then_some(self.local_id.as_str()))
    }

    /// As the owner said. A record of ours that is gone, or another one by now, is not the same.
    pub fn told(db: &Db<'_>, connection: ConnectionId, kind: RecordKind, local_id: String, same: bool) -> Result<Self> {
        let title = super::links::title(db, kind, &local_id)?;
        let free = !title.is_empty() && super::links::remote_of(db, connection, kind, &local_id)?.is_none();
        Ok(Self { local_id, title, score: 100, evidence: Vec::new(), same: same && free })
    }
}

/// What a run has to know of an item.
#[derive(Debug, Clone)]
pub struct Decided {
    /// The owner's word.
    pub decision: PlanDecision,
    /// Of the record the owner saw.
    pub fingerprint: String,
    /// Of what the owner saw it would do.
    pub effect: String,
    /// The pair, and whether the owner turned the proposal round.
    pub pair: Option<(String, bool, bool)>,
}

/// Adds an item. Met again in the same rehearsal it keeps the record's first state before and its last after.
pub fn put(tx: &Tx<'_>, plan: PlanId, item: &NewItem<'_>) -> Result<()> {
    let NewItem { key, pair, .. } = item;
    let before: Option<Vec<FieldChange>> = tx
        .prepare_cached(
            "SELECT fields FROM plan_items
             WHERE plan_id = ?1 AND connection_id = ?2 AND direction = ?3 AND kind = ?4 AND record = ?5",
        )?
        .query_row(params![plan, key.connection, Named(key.direction), key.kind.as_str(), key.record], |row| {
            Ok(row.get::<_, Json<_>>(0)?.0)
        })
        .optional()?;
    let mut fields = before.unwrap_or_default();
    for change in item.fields {
        match fields.iter_mut().find(|known| known.field == change.field) {
            Some(known) => known.after.clone_from(&change.after),
            None => fields.push(change.clone()),
        }
    }
    tx.prepare_cached(
        "INSERT INTO plan_items (plan_id, connection_id, direction, kind, record, local_id, title, action, fields,
             fingerprint, effect, decision, pair_local_id, pair_title, pair_score, pair_evidence, pair_same, pair_proposed)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, 'approve', ?12, ?13, ?14, ?15, ?16, ?16)
         ON CONFLICT (plan_id, connection_id, direction, kind, record) DO UPDATE SET title = ?7, fields = ?9",
    )?
    .execute(params![
        plan,
        key.connection,
        Named(key.direction),
        key.kind.as_str(),
        key.record,
        item.local_id,
        item.title,
        item.action,
        Json(fields),
        item.fingerprint,
        item.effect,
        pair.map(|pair| &pair.local_id),
        pair.map(|pair| &pair.title),
        pair.map(|pair| pair.score),
        pair.map(|pair| Json(&pair.evidence)),
        pair.map(|pair| pair.same),
    ])?;
    Ok(())
}

/// What the owner decided about a record.
pub fn decided(db: &Db<'_>, plan: PlanId, key: Key<'_>) -> Result<Option<Decided>> {
    Ok(db
        .prepare_cached(
            "SELECT decision, fingerprint, effect, pair_local_id, pair_same, pair_proposed FROM plan_items
             WHERE plan_id = ?1 AND connection_id = ?2 AND direction = ?3 AND kind = ?4 AND record = ?5",
        )?
        .query_row(params![plan, key.connection, Named(key.direction), key.kind.as_str(), key.record], |row| {
            let pair = match row.get::<_, Option<String>>(3)? {
                Some(local_id) => {
                    let (same, proposed): (bool, bool) = (row.get(4)?, row.get(5)?);
                    Some((local_id, same, same != proposed))
                }
                None => None,
            };
            Ok(Decided {
                decision: row.get::<_, Named<PlanDecision>>(0)?.0,
                fingerprint: row.get(1)?,
                effect: row.get(2)?,
                pair,
            })
        })
        .optional()?)
}

/// Puts an item on hold until the owner decides.
pub fn hold(tx: &Tx<'_>, plan: PlanId, key: Key<'_>) -> Result<()> {
    tx.prepare_cached(
        "UPDATE plan_items SET decision = 'hold'
         WHERE plan_id = ?1 AND connection_id = ?2 AND direction = ?3 AND kind = ?4 AND record = ?5",
    )?
    .execute(params![plan, key.connection, Named(key.direction), key.kind.as_str(), key.record])?;
    Ok(())
}

/// Says what became of a record.
pub fn set_outcome(tx: &Tx<'_>, plan: PlanId, key: Key<'_>, outcome: PlanOutcome) -> Result<()> {
    tx.prepare_cached(
        "UPDATE plan_items SET outcome = ?6
         WHERE plan_id = ?1 AND connection_id = ?2 AND direction = ?3 AND kind = ?4 AND record = ?5
             AND (outcome IS NULL OR outcome <> 'done')",
    )?
    .execute(params![
        plan,
        key.connection,
        Named(key.direction),
        key.kind.as_str(),
        key.record,
        Named(outcome)
    ])?;
    tx.changed(Tag::Plans);
    Ok(())
}

/// Hands what a rehearsal worked out over from its copy, a portion at a time; `after` is where the portion before ended. A held
/// record stays held, and ids of records that only the copy has are left out. Returns where this one ended.
pub fn take_portion(tx: &Tx<'_>, copy: &Db<'_>, plan: PlanId, after: i64, limit: u32) -> Result<Option<i64>> {
    let mut read = copy.prepare_cached(
        "SELECT row, plan_id, connection_id, direction, kind, record, local_id, title, action, fields, fingerprint, effect,
             decision, pair_local_id, pair_title, pair_score, pair_evidence, pair_same, pair_proposed
         FROM plan_items WHERE plan_id = ?1 AND row > ?2 ORDER BY row LIMIT ?3",
    )?;
    let mut write = tx.prepare_cached(
        "INSERT INTO plan_items (plan_id, connection_id, direction, kind, record, local_id, title, action, fields,
             fingerprint, effect, decision, pair_local_id, pair_title, pair_score, pair_evidence, pair_same, pair_proposed)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11,
             CASE WHEN EXISTS (SELECT 1 FROM sync_decisions d WHERE d.connection_id = ?2 AND d.direction = ?3
                 AND d.kind = ?4 AND d.record = ?5 AND d.decision = 'hold' AND d.pair_of IS NULL) THEN 'hold' ELSE ?12 END,
             ?13, ?14, ?15, ?16, ?17, ?18)",
    )?;
    let mut rows = read.query(params![plan, after, limit])?;
    let mut last = None;
    while let Some(row) = rows.next()? {
        last = Some(row.get(0)?);
        let mut values: Vec<rusqlite::types::Value> =
            (1..19).map(|index| row.get(index)).collect::<rusqlite::Result<_>>()?;
        let kind: String = row.get(4)?;
        if let Some(local_id) = row.get::<_, Option<String>>(6)?
            && super::links::title(&tx.db(), outbox::kind(&kind)?, &local_id)?.is_empty()
        {
            values[5] = rusqlite::types::Value::Null;
        }
        write.execute(params_from_iter(values))?;
    }
    Ok(last)
}

const COLUMNS: &str = "i.row, i.connection_id, i.direction, i.kind, i.local_id, i.title, i.action, i.fields, i.decision, \
                       i.pair_local_id, i.pair_title, i.pair_score, i.pair_evidence, i.pair_same, i.outcome, \
                       coalesce((SELECT p.vendor_name FROM plan_parts p WHERE p.plan_id = i.plan_id \
                           AND p.connection_id = i.connection_id), '')";

/// The condition of a filter, over alias `i`, with what it is filled with from parameter `first` on.
fn condition(filter: &PlanFilter, first: usize) -> (String, Vec<Box<dyn ToSql>>) {
    let mut text = String::new();
    let mut values: Vec<Box<dyn ToSql>> = Vec::new();
    let mut add = |column: &str, value: Box<dyn ToSql>| {
        text = format!("{text} AND {column} = ?{}", first + values.len());
        values.push(value);
    };
    if let Some(direction) = filter.direction {
        add("i.direction", Box::new(Named(direction)));
    }
    if let Some(kind) = &filter.kind {
        add("i.kind", Box::new(kind.clone()));
    }
    if let Some(decision) = filter.decision {
        add("i.decision", Box::new(Named(decision)));
    }
    if let Some(outcome) = filter.outcome {
        add("i.outcome", Box::new(Named(outcome)));
    }
    if filter.pairs {
        text.push_str(" AND i.pair_local_id IS NOT NULL");
    }
    (text, values)
}

/// Items after a position, in the order the run would come to them, each with its position.
pub fn page(
    db: &Db<'_>,
    plan: PlanId,
    filter: &PlanFilter,
    after: i64,
    limit: u32,
) -> Result<Vec<(i64, PlanItemView)>> {
    let (condition, values) = condition(filter, 4);
    let mut statement = db.prepare_cached(&format!(
        "SELECT {COLUMNS} FROM plan_items i WHERE i.plan_id = ?1 AND i.row > ?2{condition} ORDER BY i.row LIMIT ?3"
    ))?;
    let mut all: Vec<Box<dyn ToSql>> = vec![Box::new(plan), Box::new(after), Box::new(limit)];
    all.extend(values);
    let rows = statement.query_map(params_from_iter(all), read)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

fn read(row: &Row<'_>) -> rusqlite::Result<(i64, PlanItemView)> {
    let position: i64 = row.get(0)?;
    let pair = match row.get::<_, Option<String>>(9)? {
        Some(record_id) => Some(PairView {
            record_id,
            title: row.get(10)?,
            score: row.get(11)?,
            evidence: row.get::<_, Json<_>>(12)?.0,
            same: row.get(13)?,
        }),
        None => None,
    };
    let item = PlanItemView {
        id: position.to_string(),
        connection_id: row.get::<_, ConnectionId>(1)?,
        vendor_name: row.get(15)?,
        direction: row.get::<_, Named<_>>(2)?.0,
        kind: row.get(3)?,
        record_id: row.get(4)?,
        title: row.get(5)?,
        action: row.get(6)?,
        fields: row.get::<_, Json<_>>(7)?.0,
        decision: row.get::<_, Named<_>>(8)?.0,
        pair,
        outcome: row.get::<_, Option<Named<_>>>(14)?.map(|outcome| outcome.0),
    };
    Ok((position, item))
}

/// Notes decisions on the named items, or on all that a filter shows.
pub fn decide(
    tx: &Tx<'_>,
    plan: PlanId,
    ids: &[String],
    filter: Option<&PlanFilter>,
    action: PlanAction,
) -> Result<()> {
    let set = match action {
        PlanAction::Approve => "decision = 'approve'",
        PlanAction::ApproveAny => "decision = 'approve_any'",
        PlanAction::Hold => "decision = 'hold'",
        PlanAction::Skip => "decision = 'skip'",
        PlanAction::Same => "pair_same = 1, decision = 'approve'",
        PlanAction::Separate => "pair_same = 0, decision = 'approve'",
    };
    let able = match action {
        PlanAction::Same | PlanAction::Separate => " AND i.pair_local_id IS NOT NULL",
        // What may have arrived is found out in any case.
        PlanAction::Hold | PlanAction::Skip => " AND i.action <> 'find_out'",
        PlanAction::Approve | PlanAction::ApproveAny => "",
    };
    if let Some(filter) = filter {
        let (condition, values) = condition(filter, 2);
        let mut all: Vec<Box<dyn ToSql>> = vec![Box::new(plan)];
        all.extend(values);
        tx.execute(
            &format!("UPDATE plan_items AS i SET {set} WHERE i.plan_id = ?1{condition}{able}"),
            params_from_iter(all),
        )?;
    }
    let mut statement =
        tx.prepare_cached(&format!("UPDATE plan_items AS i SET {set} WHERE i.plan_id = ?1 AND i.row = ?2{able}"))?;
    for id in ids {
        let row: i64 = id.parse().map_err(|_| Error::NotFound("item of the plan"))?;
        statement.execute(params![plan, row])?;
    }
    tx.changed(Tag::Plans);
    Ok(())
}

/// Local ids of a kind with what pairs are found by: id, name, e-mail or SKU, phone or bar code. Only what the connection does
/// not know yet.
pub fn unmatched(db: &Db<'_>, connection: ConnectionId, kind: RecordKind) -> Result<Vec<[String; 4]>> {
    let columns = match kind {
        RecordKind::Customer => "t.id, t.display_name, t.email, t.phone FROM customers t",
        RecordKind::Item => "t.id, t.name, t.sku, t.barcode FROM items t",
        _ => return Ok(Vec::new()),
    };
    let mut statement = db.prepare(&format!(
        "SELECT {columns} WHERE NOT EXISTS (SELECT 1 FROM links l WHERE l.connection_id = ?1 AND l.kind = ?2
             AND l.local_id = t.id AND l.deleted = 0) ORDER BY t.created_at, t.id"
    ))?;
    let rows = statement.query_map(params![connection, kind.as_str()], |row| {
        Ok([row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?])
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}
