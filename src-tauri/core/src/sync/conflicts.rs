//! Fields that both sides changed: shown with both values, decided by the owner field by field, or by the connection's rule.
//!
//! Until it is decided the record stays as it is here and there, and can be worked with. Fields that only make sense together,
//! such as the lines of an invoice and its total, are decided together.

use super::incoming::note;
use super::merge::{Fields, Merge, fields_of, overlay, record_of, same, three_way, unit, words};
use super::records::{self, Rendered, Source};
use super::status::{page, position};
use super::undo::fields::{unit as unit_here, unit_of_neutral};
use crate::ids::{ConnectionId, RunId};
use crate::store::links::{self, Link};
use crate::store::outbox::{self, State, Wish};
use crate::store::problems::{self, ProblemRecord};
use crate::store::{Db, Tx, conflicts as rows, connections, history};
use crate::view::{FieldChange, HistoryEntry, Page};
use crate::{Core, Error, Result};
use chrono::{DateTime, Utc};
use connector_contract::RecordKind;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// Who decides when both sides changed the same field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, specta::Type)]
#[serde(rename_all = "snake_case")]
pub enum ConflictRule {
    /// The owner, each time.
    #[default]
    Ask,
    /// What is here wins and is sent.
    Ours,
    /// What is there wins and is taken over.
    Theirs,
}

/// A side of a conflict.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, specta::Type)]
#[serde(rename_all = "snake_case")]
pub enum ConflictSide {
    /// What is here.
    Ours,
    /// What the vendor has.
    Theirs,
}

/// The owner's choice for a field.
#[derive(Debug, Clone, Serialize, Deserialize, specta::Type)]
pub struct ConflictChoice {
    /// Which field.
    pub field: String,
    /// Whose value.
    pub side: ConflictSide,
}

/// A field with two values.
#[derive(Debug, Clone, Serialize, Deserialize, specta::Type)]
pub struct ConflictField {
    /// Name of the field.
    pub field: String,
    /// Fields with the same group are decided together.
    pub group: String,
    /// What is here, for people; `None` when empty.
    pub ours: Option<String>,
    /// What is there.
    pub theirs: Option<String>,
    /// Who changed ours: `owner` or a vendor's name, where history tells.
    pub ours_by: Option<String>,
    /// When ours was changed (RFC 3339, UTC).
    pub ours_at: Option<String>,
}

/// A record that waits for a decision.
#[derive(Debug, Clone, Serialize, Deserialize, specta::Type)]
pub struct ConflictView {
    /// Which connection.
    pub connection_id: ConnectionId,
    /// Vendor name.
    pub vendor_name: String,
    /// Kind of record.
    pub kind: String,
    /// Local id.
    pub record_id: String,
    /// Its name or number.
    pub title: String,
    /// When it was found (RFC 3339, UTC).
    pub since: String,
    /// When the vendor's copy was last changed, by the vendor's clock (RFC 3339, UTC).
    pub theirs_at: Option<String>,
    /// The fields to decide.
    pub fields: Vec<ConflictField>,
}

impl ConflictRule {
    fn named(name: Option<&str>) -> Self {
        match name {
            Some("ours") => Self::Ours,
            Some("theirs") => Self::Theirs,
            _ => Self::Ask,
        }
    }

    const fn stored(self) -> Option<&'static str> {
        match self {
            Self::Ask => None,
            Self::Ours => Some("ours"),
            Self::Theirs => Some("theirs"),
        }
    }
}

/// What a rule decided, to be told.
pub(super) struct Decided {
    side: ConflictSide,
    fields: Vec<FieldChange>,
}

impl Decided {
    /// Keeps an account of the choice in the run and in the record's history.
    pub(super) fn note(&self, tx: &Tx<'_>, from: &Source<'_>, kind: RecordKind, local_id: &str) -> Result<()> {
        let action = match self.side {
            ConflictSide::Ours => "kept_ours",
            ConflictSide::Theirs => "took_theirs",
        };
        history::add(tx, kind, local_id, from.now, from.who, action, &self.fields)?;
        note(tx, from, kind, local_id, action, &self.fields)
    }
}

/// Decides a merge's conflicts by the connection's rule. `None` when there are none or the owner is to be asked.
pub(super) fn apply_rule(tx: &Tx<'_>, from: &Source<'_>, merge: &mut Merge) -> Result<Option<Decided>> {
    if merge.conflicts.is_empty() {
        return Ok(None);
    }
    let side = match rule_of(&tx.db(), from.connection)? {
        ConflictRule::Ask => return Ok(None),
        ConflictRule::Ours => ConflictSide::Ours,
        ConflictRule::Theirs => ConflictSide::Theirs,
    };
    let mut fields = Vec::new();
    for conflict in std::mem::take(&mut merge.conflicts) {
        let differs = conflict.differs();
        let (ours, theirs) = (detail(&conflict.ours), detail(&conflict.theirs));
        let (before, after) = match side {
            ConflictSide::Ours => {
                merge.outgoing.insert(conflict.field.clone());
                (theirs, ours)
            }
            ConflictSide::Theirs => {
                merge.incoming.insert(conflict.field.clone(), conflict.theirs);
                (ours, theirs)
            }
        };
        if differs {
            fields.push(FieldChange { field: conflict.field, before, after });
        }
    }
    Ok(Some(Decided { side, fields }))
}

/// The rule of a connection.
pub(crate) fn rule_of(db: &Db<'_>, connection: ConnectionId) -> Result<ConflictRule> {
    Ok(ConflictRule::named(rows::rule(db, connection)?.as_deref()))
}

/// Ours, written out; `None` while something it refers to is unknown over there.
fn ours_of(db: &Db<'_>, connection: ConnectionId, kind: RecordKind, local_id: &str) -> Result<Option<Fields>> {
    match records::render(db, connection, kind, local_id)? {
        Rendered::Ready(record) => fields_of(&record).map(Some),
        Rendered::Missing(_) | Rendered::Nothing => Ok(None),
    }
}

/// Whether a conflict stays open now that the record was saved: fields that hold another value than when the conflict was found
/// are decided for ours, together with those that belong to them; the others still wait for the owner.
pub(crate) fn stays_open(
    tx: &Tx<'_>,
    connection: ConnectionId,
    kind: RecordKind,
    local_id: &str,
    now: DateTime<Utc>,
) -> Result<bool> {
    let Some(mut link) = links::by_local(&tx.db(), connection, kind, local_id)? else { return Ok(false) };
    let Some(agreed) = link.agreed.as_mut().filter(|agreed| !agreed.conflict.is_empty()) else { return Ok(false) };
    let ours = ours_of(&tx.db(), connection, kind, local_id)?.unwrap_or_else(|| agreed.mine.clone());
    let null = Value::Null;
    let of = |fields: &Fields, name: &str| fields.get(name).unwrap_or(&null).clone();
    let touched: BTreeSet<String> = agreed
        .conflict
        .keys()
        .filter(|field| !same(&of(&agreed.mine, field), &of(&ours, field)))
        .map(|field| unit(kind, field).to_owned())
        .collect();
    let (decided, open): (Fields, Fields) =
        std::mem::take(&mut agreed.conflict).into_iter().partition(|(field, _)| touched.contains(unit(kind, field)));
    agreed.keep_ours(&decided);
    agreed.mine.retain(|field, _| open.contains_key(field));
    agreed.conflict = open;
    let open = !agreed.conflict.is_empty();
    links::put(tx, &link, now)?;
    Ok(open)
}

/// Ends a conflict: theirs is taken over where `side` says so, ours stays where it does not, and what is ours is sent.
pub(super) fn decide(
    tx: &Tx<'_>,
    from: &Source<'_>,
    kind: RecordKind,
    local_id: &str,
    side: impl Fn(&str) -> ConflictSide,
) -> Result<()> {
    let Some(mut link) = links::by_local(&tx.db(), from.connection, kind, local_id)? else { return Ok(()) };
    let Some(agreed) = link.agreed.as_mut() else { return Ok(()) };
    let open = std::mem::take(&mut agreed.conflict);
    agreed.mine.clear();
    // Either way the owner has seen theirs.
    agreed.remote.extend(open.clone());
    let (taken, kept): (Fields, Fields) = open.into_iter().partition(|(field, _)| side(field) == ConflictSide::Theirs);
    agreed.keep_ours(&kept);
    let before = ours_of(&tx.db(), from.connection, kind, local_id)?.unwrap_or_default();
    if !taken.is_empty() {
        let mut whole = overlay(&before, &agreed.remote);
        for field in kept.keys() {
            whole.insert(field.clone(), before.get(field).cloned().unwrap_or(Value::Null));
        }
        tx.set_origin(Some(from.connection));
        let changed = records::take_over(tx, from, &link.remote_id, Some(local_id), &record_of(kind, whole)?, &taken)?;
        if !changed.changes.is_empty() {
            outbox::enqueue(tx, kind, local_id, Wish::Upsert, from.now)?;
        }
    }
    let now = ours_of(&tx.db(), from.connection, kind, local_id)?;
    for name in taken.keys() {
        if let Some(value) = now.as_ref().and_then(|now| now.get(name)) {
            agreed.local.insert(name.clone(), value.clone());
        }
    }
    let nothing_to_send = now.is_some_and(|now| three_way(kind, agreed, &now, &Fields::new()).outgoing.is_empty());
    if nothing_to_send {
        agreed.history = history::latest(&tx.db(), kind, local_id)?;
    }
    links::put(tx, &link, from.now)?;
    for entry in outbox::of_record(&tx.db(), from.connection, kind, local_id)? {
        match entry.state {
            // It may have had its effect: that is found out first, as it was sent.
            State::Sending | State::Unknown => {}
            State::Waiting | State::Retrying | State::Rejected if nothing_to_send => {
                outbox::remove(tx, entry.id)?;
            }
            State::Waiting | State::Retrying | State::Rejected => outbox::reset(tx, entry.id, from.now)?,
        }
    }
    Ok(())
}

/// A value in enough words to choose by: lines one by one rather than their number.
fn detail(value: &Value) -> Option<String> {
    let Value::Array(lines) = value else { return words(value) };
    let line = |line: &Value| {
        let text = |name: &str| line.get(name).and_then(words);
        let what = text("description").or_else(|| text("name")).or_else(|| text("sku")).unwrap_or_default();
        let quantity = text("quantity").map(|quantity| format!("{quantity} × ")).unwrap_or_default();
        let amount = text("amount").or_else(|| text("unit_price")).map(|amount| format!(", {amount}"));
        format!("{quantity}{what}{}", amount.unwrap_or_default())
    };
    let lines: Vec<String> = lines.iter().map(line).collect();
    Some(lines.join("; ")).filter(|text| !text.is_empty())
}

/// Who last gave a field of ours its value. Names in history are those of the forms. Nobody, where that can't be told.
fn author<'h>(history: &'h [HistoryEntry], kind: RecordKind, vendor: &str, field: &str) -> Option<&'h HistoryEntry> {
    let wanted = unit_of_neutral(kind, field);
    history.iter().filter(|entry| entry.who != vendor).find(|entry| {
        entry.fields.iter().any(|change| {
            let name = change.field.split('.').next().unwrap_or_default();
            name == field || unit_here(kind, name) == wanted
        })
    })
}

fn view(db: &Db<'_>, problem: ProblemRecord, vendor_name: String) -> Result<Option<ConflictView>> {
    let (Some(record_id), Ok(kind)) = (problem.local_id, outbox::kind(&problem.kind)) else { return Ok(None) };
    let link = links::by_local(db, problem.connection_id, kind, &record_id)?;
    let Some(Link { agreed: Some(agreed), .. }) = link else { return Ok(None) };
    let ours = ours_of(db, problem.connection_id, kind, &record_id)?.unwrap_or_else(|| agreed.mine.clone());
    let history = history::newest(db, kind, &record_id, 50)?;
    let null = Value::Null;
    let differs = |field: &str, theirs: &Value| !same(theirs, ours.get(field).unwrap_or(&null));
    let any = agreed.conflict.iter().any(|(field, theirs)| differs(field, theirs));
    let shown = agreed.conflict.iter().filter(|(field, theirs)| !any || differs(field, theirs));
    let fields = shown.map(|(field, theirs)| {
        let author = author(&history, kind, &vendor_name, field);
        ConflictField {
            field: field.clone(),
            group: unit(kind, field).to_owned(),
            ours: ours.get(field).and_then(detail),
            theirs: detail(theirs),
            ours_by: author.map(|entry| entry.who.clone()),
            ours_at: author.map(|entry| entry.at.clone()),
        }
    });
    Ok(Some(ConflictView {
        connection_id: problem.connection_id,
        kind: problem.kind,
        title: problem.title,
        since: problem.since,
        theirs_at: agreed.seen_at.map(history::moment),
        fields: fields.collect(),
        vendor_name,
        record_id,
    }))
}

impl Core {
    /// Records that both sides changed and that wait for the owner, newest first.
    pub fn list_conflicts(&self, cursor: Option<String>, limit: u32) -> Result<Page<ConflictView>> {
        let (limit, before) = (limit.clamp(1, 200), position(cursor.as_deref(), i64::MAX)?);
        self.store.read(|db| {
            let Page { rows: found, next_cursor } = page(
                rows::page(db, before, limit + 1)?.into_iter().map(|problem| (problem.row, problem)).collect(),
                limit,
            );
            let mut conflicts = Vec::with_capacity(found.len());
            for problem in found {
                let vendor = connections::get(db, problem.connection_id)?;
                let vendor_name = vendor.map(|row| self.vendor_name(&row.vendor)).unwrap_or_default();
                conflicts.extend(view(db, problem, vendor_name)?);
            }
            Ok(Page { rows: conflicts, next_cursor })
        })
    }

    /// Decides a conflict; every field that waits needs a choice, and fields of one group the same one.
    pub fn resolve_conflict(
        &self,
        connection_id: ConnectionId,
        kind: &str,
        local_id: &str,
        choices: &[ConflictChoice],
    ) -> Result<()> {
        let kind = outbox::kind(kind).map_err(|_| Error::NotFound("conflict"))?;
        self.store.write(|tx| {
            let row = connections::get(&tx.db(), connection_id)?.ok_or(Error::NotFound("connection"))?;
            let problem =
                rows::of_record(&tx.db(), connection_id, kind, local_id)?.ok_or(Error::NotFound("conflict"))?;
            let link = links::by_local(&tx.db(), connection_id, kind, local_id)?.ok_or(Error::NotFound("conflict"))?;
            let open = link.agreed.map(|agreed| agreed.conflict).unwrap_or_default();
            let chosen: BTreeMap<&str, ConflictSide> =
                choices.iter().map(|choice| (choice.field.as_str(), choice.side)).collect();
            let mut groups = BTreeMap::new();
            for (field, side) in open.keys().filter_map(|field| Some((field, *chosen.get(field.as_str())?))) {
                if *groups.entry(unit(kind, field)).or_insert(side) != side {
                    return Err(Error::invalid(field, "This belongs to another field; choose the same side for both."));
                }
            }
            // What is the same on both sides is not asked for; it goes with its group.
            if let Some(field) = open.keys().find(|field| !groups.contains_key(unit(kind, field))) {
                return Err(Error::invalid(field, "Choose which value to keep."));
            }
            let who = self.vendor_name(&row.vendor);
            let from =
                Source { connection: row.id, vendor: &row.vendor, who: &who, run: RunId::new(), now: self.now() };
            let side = |field: &str| groups.get(unit(kind, field)).copied().unwrap_or(ConflictSide::Ours);
            decide(tx, &from, kind, local_id, side)?;
            problems::remove(tx, problem.id)
        })
    }

    /// Sets who decides from now on; conflicts that wait already stay for the owner until the record comes again.
    pub fn save_conflict_rule(&self, connection_id: ConnectionId, rule: ConflictRule) -> Result<()> {
        self.store.write(|tx| {
            connections::get(&tx.db(), connection_id)?.ok_or(Error::NotFound("connection"))?;
            rows::set_rule(tx, connection_id, rule.stored())
        })
    }
}
