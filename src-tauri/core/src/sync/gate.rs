//! What a run may do without asking. An open run does everything but what the owner holds or skipped; a run that carries out a
//! plan does what was approved and is still as it was shown; a rehearsal does everything, on a copy, and writes it down.
//!
//! What comes in is applied first and judged by its effect: what may not be is undone and set aside as it came. What goes out is
//! judged once it is written out and before it is frozen, so an entry that may not go is as if it had not been looked at.

use super::ChangeDirection;
use super::incoming::{self, Outcome};
use super::merge::{Fields, differences, fields_of};
use super::pairs::Pairs;
use super::part::Part;
use super::plan::{PlanDecision, PlanOutcome};
use super::push::Frozen;
use super::records::{self, Same};
use super::twins;
use super::writing::{content, digest, incoming_fingerprint, readable, references};
use crate::ids::PlanId;
use crate::store::decisions::{self, Key, Reason};
use crate::store::outbox::{self, Entry};
use crate::store::plan_items::{self, Decided, NewItem, Pair};
use crate::store::{Db, Tx, links, parked, plans, problems};
use crate::view::FieldChange;
use crate::{Error, Result};
use connector_contract::{Content, Pulled, Record, RecordKind, RemoteId};
use std::cell::{Cell, RefCell};
use std::collections::hash_map;

/// How far a run may go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Gate {
    /// Everything but what is held or skipped.
    Open,
    /// What is approved in this plan.
    Plan(PlanId),
    /// Everything, into this plan; on a copy.
    Rehearsal(PlanId),
}

/// What is seen of a change: enough to show it and to know it again.
#[derive(Debug, Clone)]
pub struct Seen {
    /// Local id.
    pub local_id: Option<String>,
    /// Name or number.
    pub title: String,
    /// What is done.
    pub action: String,
    /// Field by field.
    pub fields: Vec<FieldChange>,
    /// Of the record.
    pub fingerprint: String,
    /// Of what is done to it.
    pub effect: String,
}

impl Seen {
    /// Writes it down in a plan.
    pub fn put(&self, tx: &Tx<'_>, plan: PlanId, key: Key<'_>, pair: Option<&Pair>) -> Result<()> {
        let item = NewItem {
            key,
            local_id: self.local_id.as_deref(),
            title: &self.title,
            action: &self.action,
            fields: &self.fields,
            fingerprint: &self.fingerprint,
            effect: &self.effect,
            pair,
        };
        plan_items::put(tx, plan, &item)
    }
}

impl Part<'_> {
    fn key<'k>(&self, direction: ChangeDirection, kind: RecordKind, record: &'k str) -> Key<'k> {
        Key { connection: self.row.id, direction, kind, record }
    }

    /// Applies a record that came in as far as the owner lets it. What may not be applied is set aside and counts as held. As
    /// with [`Tx::attempt`], an inner error is this record's alone.
    pub(super) fn admit(&self, tx: &Tx<'_>, pulled: &Pulled) -> Result<Result<Outcome>> {
        let kind = super::pull::kind_of(pulled);
        let key = self.key(ChangeDirection::In, kind, &pulled.remote_id.0);
        let stopped: RefCell<Option<(Reason, Option<Seen>)>> = RefCell::default();
        let mut fault = None;
        let outcome = tx.attempt(|| {
            let stop = |reason, seen| {
                *stopped.borrow_mut() = Some((reason, seen));
                Err(Error::Refused("It is set aside.".into()))
            };
            let fingerprint = incoming_fingerprint(pulled)?;
            let decided = self.decided(&tx.db(), key)?;
            if let Some(reason) = left_alone(tx, key, decided.as_ref(), &fingerprint)? {
                match self.try_held(tx, pulled)? {
                    Ok(true) => return stop(reason, None),
                    Ok(false) => {
                        decisions::forget(tx, key)?;
                        return Ok(Outcome::Same);
                    }
                    Err(error) => {
                        fault = Some(error);
                        return stop(reason, None);
                    }
                }
            }
            if self.waits_for_brake(&tx.db(), pulled)? {
                return stop(Reason::Brake, None);
            }
            let mark = plans::last_change(&tx.db())?;
            let pair = self.pair(&tx.db(), pulled, decided.as_ref())?;
            // A charge is compared with payments, and looked at when everything has been read.
            let told = pair.as_ref().filter(|_| kind != RecordKind::Charge);
            let same = told.map_or(Same::ByKey, Pair::as_told);
            let outcome = incoming::apply(tx, &self.source(), pulled, same)?;
            let Some(seen) = self.seen_in(tx, pulled, outcome, mark, pair.as_ref(), fingerprint)? else {
                return Ok(outcome);
            };
            match self.gate {
                Gate::Open => {}
                Gate::Rehearsal(plan) => seen.put(tx, plan, key, pair.as_ref())?,
                Gate::Plan(_) if self.sent.contains(&(kind, pulled.remote_id.clone())) => {}
                Gate::Plan(plan) => {
                    if !as_shown(decided.as_ref(), &seen) {
                        return stop(Reason::Moved, Some(seen));
                    }
                    plan_items::set_outcome(tx, plan, key, PlanOutcome::Done)?;
                }
            }
            Ok(outcome)
        })?;
        let Some((reason, seen)) = stopped.into_inner() else {
            // What can't be applied yet waits as such, and no longer as set aside; only deletions can't be kept so.
            let waits = matches!(outcome, Err(_) | Ok(Outcome::Held));
            if !waits || matches!(pulled.content, Content::Present(_)) {
                decisions::take_up(tx, self.row.id, kind, &pulled.remote_id)?;
            }
            return Ok(outcome);
        };
        decisions::set_aside(tx, self.row.id, pulled, reason)?;
        parked::remove(tx, self.row.id, kind, &pulled.remote_id)?;
        problems::clear_incoming(tx, self.row.id, kind, &pulled.remote_id.0)?;
        self.tell(tx, key, reason, seen.as_ref())?;
        match fault {
            Some(error) => {
                incoming::report_refused(tx, &self.source(), pulled, &error).map(|news| Ok(Outcome::Asks(news)))
            }
            None => Ok(Ok(Outcome::Held)),
        }
    }

    /// Whether a record that is held back would still do something: both sides may have come to the same meanwhile, or it ended
    /// over there before it was ever taken in. An inner error is why it could not be taken in at all, which a preview can't show.
    fn try_held(&self, tx: &Tx<'_>, pulled: &Pulled) -> Result<Result<bool>> {
        let linked = links::local_of(&tx.db(), self.row.id, super::pull::kind_of(pulled), &pulled.remote_id)?.is_some();
        for (kind, remote) in references(pulled)? {
            if decisions::is_kept_out(&tx.db(), self.row.id, kind, &remote)? {
                return Ok(Ok(true));
            }
        }
        let idle = Cell::new(None);
        let tried = tx.attempt(|| {
            let outcome = incoming::apply(tx, &self.source(), pulled, Same::ByKey)?;
            idle.set(Some(matches!(outcome, Outcome::Same | Outcome::Stale)));
            // What was tried is taken back, unless all there was to do is to note that both sides agree.
            let settled = idle.get() == Some(true) && (linked || !matches!(pulled.content, Content::Present(_)));
            if settled { Ok(()) } else { Err(Error::Refused("It is held back.".into())) }
        })?;
        Ok(match (tried, idle.get()) {
            (Err(error), None) => Err(error),
            (tried, _) => Ok(tried.is_err()),
        })
    }

    /// Whether a record that came in stays aside because of what the owner said before.
    pub(super) fn is_left_alone(&self, tx: &Tx<'_>, pulled: &Pulled) -> Result<bool> {
        let key = self.key(ChangeDirection::In, super::pull::kind_of(pulled), &pulled.remote_id.0);
        Ok(left_alone(tx, key, None, &incoming_fingerprint(pulled)?)?.is_some())
    }

    /// Whether an entry about to go out has to stay, and the sentence why.
    pub(super) fn keeps_back(&self, tx: &Tx<'_>, entry: &Entry, frozen: &Frozen) -> Result<Option<&'static str>> {
        let key = self.key(ChangeDirection::Out, entry.kind, &entry.local_id);
        let mut seen = seen_out(&tx.db(), entry, frozen)?;
        seen.fields.retain(|change| self.connector.keeps(entry.kind, &change.field));
        if entry.state.is_unsettled() {
            // It was let go before and may have had its effect. Until that is known nothing else of the record can be done, here
            // or there.
            if let Gate::Rehearsal(plan) = self.gate {
                seen.put(tx, plan, key, None)?;
            }
            return Ok(None);
        }
        if self.is_asked_about(&tx.db(), entry.kind, &entry.local_id)? {
            return Ok(Some("It may be there already; answer the question in the problems first."));
        }
        let decided = self.decided(&tx.db(), key)?;
        // The vendor's side of the same record waits, so ours would overwrite it, or create it a second time.
        let like = if frozen.remote_id.is_none() { self.waiting_payment_like(&tx.db(), entry)? } else { None };
        let reason = match frozen.remote_id.as_ref().or(like.as_ref()) {
            Some(remote) => decisions::aside(&tx.db(), self.row.id, entry.kind, remote)?,
            None => None,
        };
        if like.is_some() && reason.is_none() {
            return Ok(Some("A payment that may be the same one came in and is waiting for the invoice it refers to."));
        }
        let reason = match reason {
            Some(reason) => Some(reason),
            None => left_alone(tx, key, decided.as_ref(), &seen.fingerprint)?,
        };
        let reason = match (reason, self.gate) {
            (None, Gate::Rehearsal(plan)) => {
                seen.put(tx, plan, key, None)?;
                None
            }
            (None, Gate::Plan(_)) if !as_shown(decided.as_ref(), &seen) => Some(Reason::Moved),
            (reason, _) => reason,
        };
        let Some(reason) = reason else { return Ok(None) };
        self.tell(tx, key, reason, Some(&seen))?;
        Ok(Some(match reason {
            Reason::Hold => "You put it on hold; it is in the next preview again.",
            Reason::Skip => "You skipped this change; it is looked at when the record changes again.",
            Reason::Moved => "It is not as it was in the preview, so it waits for the next one.",
            Reason::Brake => "A big change from there waits for you; see the problems.",
        }))
    }

    /// Notes that an entry had its effect.
    pub(super) fn went_out(&mut self, kind: RecordKind, local_id: &str) -> Result<()> {
        let key = Key { connection: self.row.id, direction: ChangeDirection::Out, kind, record: local_id };
        let gate = self.gate;
        let remote = self.core.store.write(|tx| {
            if let Gate::Plan(plan) = gate {
                plan_items::set_outcome(tx, plan, key, PlanOutcome::Done)?;
            }
            links::remote_of(&tx.db(), key.connection, kind, local_id)
        })?;
        self.sent.extend(remote.map(|remote| (kind, remote)));
        Ok(())
    }

    fn decided(&self, db: &Db<'_>, key: Key<'_>) -> Result<Option<Decided>> {
        match self.gate {
            Gate::Plan(plan) => plan_items::decided(db, plan, key),
            Gate::Open | Gate::Rehearsal(_) => Ok(None),
        }
    }

    /// Which record of ours it may be: as the owner said, now or before, or as proposed in a rehearsal.
    fn pair(&self, db: &Db<'_>, pulled: &Pulled, decided: Option<&Decided>) -> Result<Option<Pair>> {
        let Content::Present(record) = &pulled.content else { return Ok(None) };
        let (connection, kind) = (self.row.id, record.kind());
        if let Record::Charge(charge) = record.as_ref() {
            let rehearsed = matches!(self.gate, Gate::Rehearsal(_));
            return if rehearsed { twins::of_charge(db, connection, &pulled.remote_id, charge) } else { Ok(None) };
        }
        if links::local_of(db, connection, kind, &pulled.remote_id)?.is_some() {
            return Ok(None);
        }
        let told = match decided.and_then(|decided| decided.pair.clone()) {
            Some((local_id, same, _)) => Some((local_id, same)),
            None => decisions::pair_word(db, connection, kind, &pulled.remote_id)?,
        };
        let told = told.map(|(local_id, same)| Pair::told(db, connection, kind, local_id, same)).transpose()?;
        if !matches!(self.gate, Gate::Rehearsal(_)) {
            return Ok(told);
        }
        let proposed = match self.propose(db, record)? {
            // Ours may be this very record, sent without an answer: that is found out, not asked.
            Some(pair) if self.may_have_arrived(db, kind, &pair.local_id)? => None,
            proposed => proposed,
        };
        Ok(match (proposed, told) {
            (Some(pair), Some(told)) if pair.local_id == told.local_id => Some(Pair { same: told.same, ..pair }),
            (_, Some(told)) if told.same => Some(told),
            (Some(pair), _) => Some(pair),
            (None, told) => told,
        })
    }

    fn may_have_arrived(&self, db: &Db<'_>, kind: RecordKind, local_id: &str) -> Result<bool> {
        let entries = outbox::of_record(db, self.row.id, kind, local_id)?;
        Ok(entries.iter().any(|entry| entry.state.is_unsettled()))
    }

    /// The record of ours that it most likely is, with what speaks for it.
    fn propose(&self, db: &Db<'_>, record: &Record) -> Result<Option<Pair>> {
        let kind = record.kind();
        if !matches!(kind, RecordKind::Customer | RecordKind::Item) {
            return twins::propose(db, &self.source(), record);
        }
        let mut pairs = self.pairs.lock();
        let known = match pairs.entry(kind) {
            hash_map::Entry::Occupied(known) => known.into_mut(),
            hash_map::Entry::Vacant(place) => place.insert(Pairs::read(db, self.row.id, kind)?),
        };
        known.find(db, self.row.id, record)
    }

    /// What applying a record did; `None` when it did nothing that concerns the owner.
    fn seen_in(
        &self,
        tx: &Tx<'_>,
        pulled: &Pulled,
        outcome: Outcome,
        mark: i64,
        pair: Option<&Pair>,
        fingerprint: String,
    ) -> Result<Option<Seen>> {
        let kind = super::pull::kind_of(pulled);
        let local_id = links::local_of(&tx.db(), self.row.id, kind, &pulled.remote_id)?;
        let changes = plans::changes_after(&tx.db(), self.run, mark)?;
        let mut seen = Seen {
            title: match &local_id {
                Some(local_id) => links::title(&tx.db(), kind, local_id)?,
                None => String::new(),
            },
            local_id,
            action: String::new(),
            fields: Vec::new(),
            fingerprint,
            effect: String::new(),
        };
        if let Some((title, action, _)) = changes.first() {
            seen.title.clone_from(title);
            seen.action.clone_from(action);
            seen.fields = changes.into_iter().flat_map(|(.., fields)| fields).collect();
        } else if matches!((outcome, &pulled.content), (Outcome::Problem(true), Content::Present(_))) {
            "conflict".clone_into(&mut seen.action);
            seen.fields = self.conflict_fields(&tx.db(), kind, &pulled.remote_id)?;
        } else if matches!(
            (outcome, &pulled.content),
            (Outcome::Problem(true), Content::Deleted(_) | Content::Merged { .. })
        ) {
            "deleted_there".clone_into(&mut seen.action);
        } else if pair.is_some_and(|pair| pair.same) {
            "linked".clone_into(&mut seen.action);
        } else {
            return Ok(None);
        }
        seen.effect = digest(&serde_json::to_string(&(&seen.action, &seen.fields))?);
        Ok(Some(seen))
    }

    fn conflict_fields(&self, db: &Db<'_>, kind: RecordKind, remote: &RemoteId) -> Result<Vec<FieldChange>> {
        let Some(link) = links::by_remote(db, self.row.id, kind, remote)? else { return Ok(Vec::new()) };
        let ours = match records::render(db, self.row.id, kind, &link.local_id)? {
            records::Rendered::Ready(record) => fields_of(&record)?,
            _ => Fields::new(),
        };
        let theirs = link.agreed.map(|agreed| agreed.conflict).unwrap_or_default();
        let ours = theirs.keys().filter_map(|name| Some((name.clone(), ours.get(name)?.clone()))).collect();
        Ok(differences(&readable(db, self.row.id, &ours)?, &readable(db, self.row.id, &theirs)?))
    }

    /// Writes down in a plan that a record was left, and adds it where the owner did not see it.
    fn tell(&self, tx: &Tx<'_>, key: Key<'_>, reason: Reason, seen: Option<&Seen>) -> Result<()> {
        let Gate::Plan(plan) = self.gate else { return Ok(()) };
        if let (Reason::Moved, Some(seen)) = (reason, seen)
            && plan_items::decided(&tx.db(), plan, key)?.is_none()
        {
            // Without a fingerprint, so that being in the plan now does not pass for being approved.
            Seen { fingerprint: String::new(), ..seen.clone() }.put(tx, plan, key, None)?;
        }
        if reason == Reason::Moved {
            decisions::leave_moved(tx, key)?;
        }
        let outcome = match reason {
            Reason::Hold => PlanOutcome::Held,
            Reason::Skip => PlanOutcome::Skipped,
            Reason::Moved => PlanOutcome::Moved,
            Reason::Brake => PlanOutcome::Waits,
        };
        plan_items::set_outcome(tx, plan, key, outcome)
    }
}

/// What the owner said of a record before this run: held, or skipped and not changed since.
fn left_alone(tx: &Tx<'_>, key: Key<'_>, decided: Option<&Decided>, fingerprint: &str) -> Result<Option<Reason>> {
    if decided.is_some_and(|decided| !matches!(decided.decision, PlanDecision::Hold | PlanDecision::Skip)) {
        return Ok(None);
    }
    Ok(match decisions::get(&tx.db(), key)? {
        Some((Reason::Skip, skipped)) if skipped != fingerprint => {
            decisions::forget(tx, key)?;
            None
        }
        decision => decision.map(|(reason, _)| reason),
    })
}

/// Whether the owner approved just this. Where the owner turned a proposed pair round the effect is another by intention.
fn as_shown(decided: Option<&Decided>, seen: &Seen) -> bool {
    let Some(decided) = decided else { return false };
    let turned = decided.pair.as_ref().is_some_and(|(.., turned)| *turned);
    match decided.decision {
        PlanDecision::ApproveAny => true,
        PlanDecision::Approve => decided.fingerprint == seen.fingerprint && (turned || decided.effect == seen.effect),
        PlanDecision::Hold | PlanDecision::Skip => false,
    }
}

/// What sending an entry would do.
pub fn seen_out(db: &Db<'_>, entry: &Entry, frozen: &Frozen) -> Result<Seen> {
    let connection = entry.connection_id;
    let link = links::by_local(db, connection, entry.kind, &entry.local_id)?;
    let before = link.and_then(|link| link.agreed).map(|agreed| agreed.local).unwrap_or_default();
    let (action, fields) = match (frozen.operation.as_str(), &frozen.fields) {
        ("create", Some(ours)) => ("created", differences(&Fields::new(), &readable(db, connection, ours)?)),
        ("update", Some(ours)) => {
            ("updated", differences(&readable(db, connection, &before)?, &readable(db, connection, ours)?))
        }
        _ => ("voided", Vec::new()),
    };
    let written = match &frozen.fields {
        Some(fields) => content(db, connection, entry.kind, fields)?,
        None => String::new(),
    };
    Ok(Seen {
        local_id: Some(entry.local_id.clone()),
        title: links::title(db, entry.kind, &entry.local_id)?,
        action: action.to_owned(),
        fields,
        fingerprint: digest(&format!("{action} {written}")),
        effect: String::new(),
    })
}

/// An entry whose last try may have had its effect, as shown: the run first finds out.
pub fn seen_unsettled(db: &Db<'_>, entry: &Entry) -> Result<Option<Seen>> {
    let Some(payload) = &entry.payload else { return Ok(None) };
    let seen = seen_out(db, entry, &serde_json::from_str(payload)?)?;
    Ok(Some(Seen { action: "find_out".into(), ..seen }))
}

/// Entries of a copy whose last try may have had its effect: written down in the plan, and left alone by its rehearsal.
pub fn postpone_unsettled(tx: &Tx<'_>, plan: PlanId) -> Result<()> {
    for entry in outbox::unsettled(&tx.db())? {
        let key = Key {
            connection: entry.connection_id,
            direction: ChangeDirection::Out,
            kind: entry.kind,
            record: &entry.local_id,
        };
        if let Some(seen) = seen_unsettled(&tx.db(), &entry)? {
            seen.put(tx, plan, key, None)?;
        }
    }
    plans::postpone_unsettled(tx)
}
