//! What becomes of one record that came in: new here, changed here, the same, older than what is known, held back, in conflict,
//! or gone over there. Runs inside the transaction of its page.
//!
//! While nothing of ours waits, the fields that changed over there are taken over. While a change of ours waits, the record is
//! merged field by field; where both changed the same field, ours stays here, theirs is kept beside it, and the change is held
//! until the owner decides, unless the connection has a rule for that (see `conflicts`). While a change of ours may be under
//! way, the record is put aside until that is settled.

use super::conflicts;
use super::dropped;
use super::explain::action_name;
use super::gone::{Ended, deleted, report_ended};
use super::holdable::unholdable;
use super::merge::{Agreed, Fields, Merge, changed_there, differences, fields_of, overlay, same, three_way, words};
use super::records::{self, Rendered, Same, Source, Taken};
use super::{ChangeDirection, ProblemAction, anew, same_payment, undo};
use crate::Result;
use crate::store::links::{self, Link};
use crate::store::outbox::{self, Entry, State, Wish};
use crate::store::problems::{self, CONFLICT, NewProblem};
use crate::store::runs::{self, NewChange};
use crate::store::{Tx, history, parked, snapshots};
use crate::view::FieldChange;
use connector_contract::{Content, Pulled, Record, RecordKind, Safeguard};
use serde_json::Value;

/// What became of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It is as known.
    Same,
    /// It is new here.
    Created,
    /// It changed here.
    Updated,
    /// It was archived, voided or cancelled here.
    Retired,
    /// It is older than what is known already.
    Stale,
    /// It waits until a change of ours that may be under way is settled.
    Held,
    /// It needs the owner; `true` when that is news.
    Problem(bool),
    /// It is kept until the owner has decided; `true` when that is news.
    Asks(bool),
}

/// Applies a record. Errors concern this record alone.
pub fn apply(tx: &Tx<'_>, from: &Source<'_>, pulled: &Pulled, same: Same<'_>) -> Result<Outcome> {
    let fit = unholdable(pulled);
    let pulled = fit.as_ref().unwrap_or(pulled);
    match &pulled.content {
        Content::Present(record) => present(tx, from, pulled, record, same),
        Content::Deleted(kind) => deleted(tx, from, pulled, *kind, None),
        Content::Merged { kind, into } => deleted(tx, from, pulled, *kind, Some(into)),
        Content::Unreadable { kind, reason } => unreadable(tx, from, pulled, *kind, reason).map(Outcome::Problem),
    }
}

fn present(tx: &Tx<'_>, from: &Source<'_>, pulled: &Pulled, theirs: &Record, same: Same<'_>) -> Result<Outcome> {
    let kind = theirs.kind();
    let mut link = links::by_remote(&tx.db(), from.connection, kind, &pulled.remote_id)?;
    if link.as_ref().is_some_and(|link| is_older(link, pulled)) {
        return Ok(Outcome::Stale);
    }
    if let Some(tombstone) = link.take_if(|link| link.deleted) {
        if let Some(outcome) = anew::returned(tx, from, tombstone, pulled, theirs)? {
            return Ok(outcome);
        }
        link = links::by_remote(&tx.db(), from.connection, kind, &pulled.remote_id)?;
    }
    let local_id = match (&link, theirs) {
        (Some(link), _) => Some(link.local_id.clone()),
        (None, Record::Payment(payment)) if !payment.voided && matches!(same, Same::ByKey) => {
            match records::payment::find(&tx.db(), from.connection, payment)? {
                Some((ours, true)) => Some(ours.id),
                Some((ours, false)) => return same_payment::ask(tx, from, pulled, payment, &ours),
                None => None,
            }
        }
        (None, _) => records::find_same(&tx.db(), from, theirs, same)?,
    };
    let pending = match &local_id {
        Some(id) if !Safeguard::HoldUnsent.is_broken() => outbox::of_record(&tx.db(), from.connection, kind, id)?,
        _ => Vec::new(),
    };
    // What was cancelled here before both were joined, and never sent, ended here alone: theirs is in force and a record of its own.
    let local_id = match local_id {
        Some(id) if link.is_none() && pending.is_empty() && ended_alone(tx, theirs, &id)? => None,
        local_id => local_id,
    };
    if pending.iter().any(|entry| matches!(entry.state, State::Sending | State::Unknown)) {
        parked::put(tx, from.connection, pulled)?;
        return Ok(Outcome::Held);
    }
    // A parcel of ours that was reported by hand as well is there already: nothing of it is left to send.
    let pending = match (&local_id, &link) {
        (Some(_), None) if kind == RecordKind::Shipment => forget(tx, pending)?,
        _ => pending,
    };
    let joined = local_id.clone().filter(|_| link.is_none());
    let told = matches!(same, Same::Told(Some(_)));
    let pending = match &joined {
        Some(id) if kind == RecordKind::Payment && same_payment::is_theirs_to_say(tx, id, told, &pending)? => {
            same_payment::need_not_go(tx, &pending)?;
            Vec::new()
        }
        _ => pending,
    };
    let incoming = Incoming { tx, from, pulled, theirs, kind, fields: fields_of(theirs)? };
    let outcome = match (&local_id, pending.is_empty()) {
        (Some(local_id), false) => incoming.merge(local_id, link, &pending),
        _ => incoming.take_all(local_id.as_deref(), link),
    }?;
    let here = local_id.as_deref().filter(|_| outcome != Outcome::Held);
    if let Some(local_id) = here {
        dropped::look_again(tx, from, theirs, &incoming.fields, local_id)?;
    }
    if let Some(local_id) = joined.filter(|_| outcome != Outcome::Held) {
        note(tx, from, kind, &local_id, "linked", &[])?;
        undo::keep::joined(tx, from.run, from.connection, pulled)?;
    }
    Ok(outcome)
}

/// Whether theirs is a document in force and the one of ours that it would be joined with is not.
fn ended_alone(tx: &Tx<'_>, theirs: &Record, local_id: &str) -> Result<bool> {
    let kind = theirs.kind();
    if !matches!(kind, RecordKind::Invoice | RecordKind::Payment) || records::is_over(theirs) {
        return Ok(false);
    }
    Ok(snapshots::of(tx, kind, local_id)?.is_some_and(|state| undo::is_retired(kind, &state)))
}

/// Takes entries that certainly had no effect off the queue.
fn forget(tx: &Tx<'_>, entries: Vec<Entry>) -> Result<Vec<Entry>> {
    for entry in entries {
        problems::clear_entry(tx, entry.id)?;
        outbox::remove(tx, entry.id)?;
    }
    Ok(Vec::new())
}

/// Whether a page shows an earlier state than one that is known already. Versions that count are compared; else the times.
pub(super) fn is_older(link: &Link, pulled: &Pulled) -> bool {
    let seen_at = link.agreed.as_ref().and_then(|agreed| agreed.seen_at);
    let counts = |version: &Option<connector_contract::RemoteVersion>| version.as_ref()?.0.parse::<u64>().ok();
    if link.deleted {
        return match (pulled.updated_at, seen_at) {
            (Some(updated_at), Some(deleted_at)) => updated_at <= deleted_at,
            _ => pulled.version.is_none() || pulled.version == link.version,
        };
    }
    match (counts(&pulled.version), counts(&link.version)) {
        (Some(new), Some(known)) => new < known,
        _ => pulled.updated_at.zip(seen_at).is_some_and(|(updated_at, seen_at)| updated_at < seen_at),
    }
}

/// A record that is there, on its way in.
struct Incoming<'a> {
    tx: &'a Tx<'a>,
    from: &'a Source<'a>,
    pulled: &'a Pulled,
    theirs: &'a Record,
    kind: RecordKind,
    fields: Fields,
}

impl Incoming<'_> {
    /// Nothing of ours waits: what changed over there is taken over. A local record met for the first time keeps what the
    /// vendor leaves empty, and that is sent; where both say something, the vendor's word is taken and history keeps ours.
    fn take_all(&self, local_id: Option<&str>, link: Option<Link>) -> Result<Outcome> {
        let Self { tx, from, kind, .. } = self;
        let base = link.as_ref().and_then(|link| link.agreed.as_ref());
        let ours = match (local_id, base) {
            (Some(local_id), None) => self.ours(local_id)?,
            _ => None,
        };
        let mut changed = changed_there(*kind, base, &self.fields);
        if let Some(ours) = &ours {
            let null = Value::Null;
            changed.retain(|name, value| !same(value, &null) && !same(value, ours.get(name).unwrap_or(&null)));
        }
        if changed.is_empty() && base.is_some() {
            if let Some(link) = &link {
                self.agree(&link.local_id, base, Fields::new(), None)?;
            }
            return Ok(Outcome::Same);
        }
        let mut taken = records::take_over(tx, from, &self.pulled.remote_id, local_id, self.theirs, &changed)?;
        if records::only_comes_in(*kind) {
            // Not ours to edit, so it has no history of its own: what differs over there is what changed.
            let (before, nothing) = (base.map(|base| &base.remote), Fields::new());
            let before = before.unwrap_or(&nothing).clone();
            taken.changes = differences(&before, &overlay(&before, &changed));
        }
        let mut local = self.ours(&taken.local_id)?.unwrap_or_default();
        if ours.is_some() {
            // What they leave empty is not agreed: it is ours to send.
            let lacking: Vec<String> = self.lacking(&local).map(|(name, _)| name.clone()).collect();
            local.extend(lacking.into_iter().filter_map(|name| Some((name.clone(), self.fields.get(&name)?.clone()))));
        }
        self.agree(&taken.local_id, base, Fields::new(), Some(local))?;
        if let Some(ours) = ours {
            self.send_what_they_lack(&taken.local_id, &ours)?;
        }
        self.account_for(&taken)
    }

    /// A change of ours waits: different fields join, the same field is a conflict.
    fn merge(&self, local_id: &str, link: Option<Link>, pending: &[Entry]) -> Result<Outcome> {
        let Self { tx, from, kind, .. } = self;
        if is_void(self.theirs) {
            return self.void(local_id, link, pending);
        }
        let Some(ours) = self.ours(local_id)? else {
            // Ours can't be written out yet, because what it refers to is unknown over there: first things first.
            parked::put(tx, from.connection, self.pulled)?;
            return Ok(Outcome::Held);
        };
        let base = link.as_ref().and_then(|link| link.agreed.clone()).unwrap_or_default();
        let mut merge = three_way(*kind, &base, &ours, &self.fields);
        let decided = conflicts::apply_rule(tx, from, &mut merge)?;
        let taken = if merge.incoming.is_empty() {
            Taken { local_id: local_id.to_owned(), created: false, changes: Vec::new() }
        } else {
            records::take_over(tx, from, &self.pulled.remote_id, Some(local_id), self.theirs, &merge.incoming)?
        };
        let mut local = base.local.clone();
        let now = self.ours(local_id)?.unwrap_or_default();
        for field in merge.incoming.keys().chain(merge.joined.keys()) {
            if let Some(value) = now.get(field) {
                local.insert(field.clone(), value.clone());
            }
        }
        let theirs = merge.conflicts.iter().map(|conflict| (conflict.field.clone(), conflict.theirs.clone())).collect();
        self.agree(local_id, Some(&base), theirs, Some(local))?;
        let news = self.settle_entries(local_id, &merge, pending, link.is_none())?;
        let outcome = self.account_for(&taken)?;
        if let Some(decided) = decided {
            decided.note(tx, from, *kind, local_id)?;
        }
        Ok(news.map_or(outcome, Outcome::Problem))
    }

    /// A document voided over there stays void: a change of ours would bring it back to life, so it is not sent.
    fn void(&self, local_id: &str, link: Option<Link>, pending: &[Entry]) -> Result<Outcome> {
        let Self { tx, from, kind, .. } = self;
        for entry in pending {
            problems::clear_entry(tx, entry.id)?;
            outbox::remove(tx, entry.id)?;
        }
        let outcome = self.take_all(Some(local_id), link)?;
        if pending.iter().all(|entry| entry.operation == "retire") {
            return Ok(outcome);
        }
        let message = format!("It was voided in {} while a change made here was waiting to be sent.", from.who);
        let advice = "It is void here too, and the change is not sent. Make a new one if the change still matters.";
        let ended = Ended { code: "voided_there", message: &message, advice, action: ProblemAction::Dismiss };
        Ok(Outcome::Problem(report_ended(tx, from, *kind, local_id, &ended)?))
    }

    /// What the merge means for the changes that wait. `Some` when there is a conflict; `true` when it is news.
    fn settle_entries(
        &self,
        local_id: &str,
        merge: &Merge,
        pending: &[Entry],
        just_linked: bool,
    ) -> Result<Option<bool>> {
        let Self { tx, from, kind, .. } = self;
        let was_conflict = problems::in_conflict(&tx.db(), from.connection, *kind, local_id)?;
        let Some(last) = pending.last() else { return Ok(None) };
        if !merge.conflicts.is_empty() {
            let why = "Both sides changed the same field; see the problems.";
            for entry in pending {
                // Whatever else kept it here, it waits for the owner's choice now.
                problems::clear_entry_in_conflict(tx, entry.id)?;
                outbox::settle(tx, entry.id, State::Rejected, None, why, from.now)?;
            }
            return Ok(Some(self.report_conflict(local_id, merge, last)?));
        }
        let retire = pending.iter().any(|entry| entry.operation == "retire");
        for entry in pending {
            if was_conflict || (just_linked && entry.state == State::Rejected) {
                problems::clear_entry(tx, entry.id)?;
                outbox::reset(tx, entry.id, from.now)?;
            }
            if merge.outgoing.is_empty() && !retire {
                problems::clear_entry(tx, entry.id)?;
                outbox::remove(tx, entry.id)?;
            } else if entry.payload.is_some() && entry.state == State::Retrying {
                // What is frozen lacks their change and would undo it.
                outbox::reset(tx, entry.id, from.now)?;
            }
        }
        Ok(None)
    }

    fn report_conflict(&self, local_id: &str, merge: &Merge, entry: &Entry) -> Result<bool> {
        let Self { tx, from, kind, .. } = self;
        let nothing = || "nothing".to_owned();
        let fields: Vec<String> = merge
            .conflicts
            .iter()
            .filter(|conflict| conflict.differs())
            .map(|conflict| {
                let (ours, theirs) = (words(&conflict.ours), words(&conflict.theirs));
                let (ours, theirs) = (ours.unwrap_or_else(nothing), theirs.unwrap_or_else(nothing));
                format!("{}: “{ours}” here, “{theirs}” in {}", conflict.field.replace('_', " "), from.who)
            })
            .collect();
        let title = links::title(&tx.db(), *kind, local_id)?;
        let message = format!("It was changed here and in {} at the same time. {}.", from.who, fields.join("; "));
        let advice = "Choose for each field which value to keep; it is then sent to both sides.".to_owned();
        let problem = NewProblem {
            connection_id: from.connection,
            kind: kind.as_str(),
            local_id: Some(local_id),
            remote_id: None,
            outbox_id: Some(entry.id),
            title: &title,
            code: CONFLICT,
            message: &message,
            advice: &advice,
            vendor_text: "",
            action: action_name(ProblemAction::Decide),
            setting: None,
        };
        problems::report(tx, &problem, from.now)
    }

    /// Ours, written out; `None` for kinds that are never sent and while references are missing.
    fn ours(&self, local_id: &str) -> Result<Option<Fields>> {
        match records::render(&self.tx.db(), self.from.connection, self.kind, local_id)? {
            Rendered::Ready(record) => Ok(Some(fields_of(&record)?)),
            Rendered::Missing(_) | Rendered::Nothing => Ok(None),
        }
    }

    /// Writes the link: what they show is agreed but for conflicts, and so is `local` where it is given.
    fn agree(&self, local_id: &str, base: Option<&Agreed>, conflict: Fields, local: Option<Fields>) -> Result<()> {
        let (base, db) = (base.cloned().unwrap_or_default(), self.tx.db());
        // With a change of ours that waits, not all of our record is agreed.
        let whole = local.is_some() && outbox::of_record(&db, self.from.connection, self.kind, local_id)?.is_empty();
        let history = if whole { history::latest(&db, self.kind, local_id)? } else { base.history };
        let mut theirs = self.fields.clone();
        theirs.retain(|name, _| !conflict.contains_key(name));
        let mut mine = if conflict.is_empty() { None } else { self.ours(local_id)? }.unwrap_or_default();
        mine.retain(|name, _| conflict.contains_key(name));
        let link = Link {
            connection_id: self.from.connection,
            kind: self.kind,
            remote_id: self.pulled.remote_id.clone(),
            local_id: local_id.to_owned(),
            version: self.pulled.version.clone(),
            agreed: Some(Agreed {
                remote: overlay(&base.remote, &theirs),
                local: local.unwrap_or(base.local),
                conflict,
                mine,
                seen_at: self.pulled.updated_at.or(base.seen_at),
                history,
            }),
            deleted: false,
            released: false,
            merged_into: None,
        };
        links::put(self.tx, &link, self.from.now)
    }

    fn send_what_they_lack(&self, local_id: &str, ours: &Fields) -> Result<()> {
        if self.lacking(ours).next().is_some() {
            outbox::enqueue_for(self.tx, self.from.connection, self.kind, local_id, Wish::Upsert, self.from.now)?;
        }
        Ok(())
    }

    /// Fields of ours that they say are empty.
    fn lacking<'f>(&'f self, ours: &'f Fields) -> impl Iterator<Item = (&'f String, &'f Value)> {
        let null = Value::Null;
        ours.iter().filter(move |(name, value)| {
            let theirs = self.fields.get(*name).unwrap_or(&null);
            !theirs.is_null() && same(theirs, &null) && !same(value, &null)
        })
    }

    /// Notes the change in the run and passes it on to the other connections that take this kind.
    fn account_for(&self, taken: &Taken) -> Result<Outcome> {
        let Self { tx, from, kind, .. } = self;
        if !taken.created && taken.changes.is_empty() {
            return Ok(Outcome::Same);
        }
        let retired = records::is_retired(self.theirs);
        let action = match (taken.created, retired) {
            (true, _) => "created",
            (false, true) => "voided",
            (false, false) => "updated",
        };
        note(tx, from, *kind, &taken.local_id, action, &taken.changes)?;
        undo::keep::here(tx, from.run, *kind, &taken.local_id, taken.created, Some((from.connection, self.pulled)))?;
        if !(taken.created && retired) {
            let wish = if retired { Wish::Retire } else { Wish::Upsert };
            outbox::enqueue(tx, *kind, &taken.local_id, wish, from.now)?;
        }
        // The brake counts what goes away, however the vendor words it.
        let goes = |change: &FieldChange| matches!(change.field.as_str(), "archived" | "status" | "voided");
        Ok(match taken.created {
            true => Outcome::Created,
            false if retired && taken.changes.iter().any(goes) => Outcome::Retired,
            false => Outcome::Updated,
        })
    }
}

/// Whether it is a document that no longer counts.
pub fn is_void(record: &Record) -> bool {
    match record {
        Record::Invoice(invoice) => invoice.voided,
        Record::Payment(payment) => payment.voided,
        _ => false,
    }
}

pub(super) fn note(
    tx: &Tx<'_>,
    from: &Source<'_>,
    kind: RecordKind,
    local_id: &str,
    action: &str,
    fields: &[FieldChange],
) -> Result<()> {
    let change = NewChange {
        vendor_name: from.who,
        direction: ChangeDirection::In,
        kind,
        local_id: Some(local_id),
        title: &links::title(&tx.db(), kind, local_id)?,
        action,
        fields,
    };
    runs::add_change(tx, from.run, &change, from.now)
}

fn unreadable(tx: &Tx<'_>, from: &Source<'_>, pulled: &Pulled, kind: RecordKind, reason: &str) -> Result<bool> {
    let link = links::by_remote(&tx.db(), from.connection, kind, &pulled.remote_id)?;
    let title = match &link {
        Some(link) => links::title(&tx.db(), kind, &link.local_id)?,
        None => records::unknown_title(kind, &pulled.remote_id),
    };
    let problem = NewProblem {
        connection_id: from.connection,
        kind: kind.as_str(),
        local_id: link.as_ref().map(|link| link.local_id.as_str()),
        remote_id: Some(&pulled.remote_id.0),
        outbox_id: None,
        title: &title,
        code: super::status::UNREADABLE,
        message: &format!("It came from {} in a form that could not be understood.", from.who),
        advice: &format!("Look at it in {}. When it is changed there it is read again by itself.", from.who),
        vendor_text: "",
        action: action_name(ProblemAction::Retry),
        setting: None,
    };
    problems::report_detailed(tx, &problem, reason, from.now)
}

/// Reports a record that could not be applied, in the words of what went wrong.
pub fn report_refused(tx: &Tx<'_>, from: &Source<'_>, pulled: &Pulled, error: &crate::Error) -> Result<bool> {
    let Content::Present(record) = &pulled.content else { return Ok(false) };
    let link = links::by_remote(&tx.db(), from.connection, record.kind(), &pulled.remote_id)?;
    let problem = NewProblem {
        connection_id: from.connection,
        kind: record.kind().as_str(),
        local_id: link.as_ref().map(|link| link.local_id.as_str()),
        remote_id: Some(&pulled.remote_id.0),
        outbox_id: None,
        title: &records::title(record),
        code: "not_applied",
        message: &format!("What came from {} could not be taken over. {error}", from.who),
        advice: &format!("It is kept and tried again with every sync. If it stays, mend it in {}.", from.who),
        vendor_text: "",
        action: action_name(ProblemAction::Retry),
        setting: None,
    };
    problems::report(tx, &problem, from.now)
}
