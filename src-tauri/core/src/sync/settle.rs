//! What came of a send: one transaction for the link, the entry, problems and the account of the run.

use super::explain::{Explained, action_name, explain};
use super::merge::{Agreed, Fields, derived, differences, fields_of, overlay, record_of, same, three_way, unit};
use super::part::Part;
use super::push::Ready;
use super::records::Rendered;
use super::retry::{GIVE_UP_AFTER, delay, spread};
use super::writing::readable;
use super::{ChangeDirection, ProblemAction, RunState, records, undo};
use crate::store::links::{self, Link};
use crate::store::outbox::{self, Entry, State, Wish};
use crate::store::problems::{self, NewProblem};
use crate::store::runs::{self, Counts, NewChange};
use crate::store::{Tx, history};
use crate::view::FieldChange;
use crate::{Error, Result};
use connector_contract::{Attempt, ConnectorError, Pushed, RecordKind, RemoteId};
use serde_json::Value;

/// Code of the problem of an invoice for which the vendor computes another total than was sent.
pub(super) const TOTAL_DIFFERS: &str = "total_differs";

/// What the outcome of a send means for the part.
pub enum Settled {
    /// It had its effect.
    Sent,
    /// It waits; others go on.
    Waits,
    /// The record has changed over there; the entry is ready to be merged.
    MovedOn,
    /// The vendor may be out of order.
    Failed(ConnectorError),
    /// Nothing more can be sent on this connection.
    Stop(ConnectorError),
}

impl Part<'_> {
    /// Settles an entry by the vendor's answer.
    pub(super) fn settle(&mut self, ready: &Ready, answer: Result<Pushed, ConnectorError>) -> Result<Settled> {
        let error = match answer {
            Ok(pushed) => return self.sent(ready, pushed),
            Err(error) => error,
        };
        let retire = ready.frozen.operation == "retire";
        match &error {
            ConnectorError::NotFound(_) if retire => self.gone_as_wished(ready),
            ConnectorError::NotFound(_) if ready.frozen.operation == "update" => self.gone(ready, &error),
            ConnectorError::DeletedSince(remote_id) => self.deleted_since(ready, remote_id),
            ConnectorError::NotFound(_) | ConnectorError::Rejected(_) => self.refused(ready, &error),
            ConnectorError::Conflict { .. } => self.moved_on(ready, &error),
            ConnectorError::Unauthorized(_) | ConnectorError::Keychain(_) | ConnectorError::RateLimited { .. } => {
                self.try_later(ready, &error)?;
                Ok(Settled::Stop(error))
            }
            // An answer to a write that can't be read leaves open whether it was applied, like none at all.
            ConnectorError::Unavailable(_)
            | ConnectorError::Unknown(_)
            | ConnectorError::Protocol(_)
            | ConnectorError::TooLarge
            | ConnectorError::CursorExpired
            | ConnectorError::Bug(_) => {
                if matches!(error, ConnectorError::Bug(_)) {
                    self.core.forget_opened(self.row.id);
                    self.report_connection(&error, None)?;
                }
                self.try_later(ready, &error)?;
                Ok(Settled::Failed(error))
            }
        }
    }

    fn sent(&mut self, ready: &Ready, pushed: Pushed) -> Result<Settled> {
        let now = self.core.now();
        let entry = &ready.entry;
        let news = self.core.store.write_in_run(self.run, |tx| {
            tx.set_origin(Some(self.row.id));
            let known = links::by_remote(&tx.db(), self.row.id, entry.kind, &pushed.remote_id)?;
            if let Some(other) = known.as_ref().filter(|link| !link.deleted && link.local_id != entry.local_id) {
                return self.report_same(tx, ready, other).map(Err);
            }
            let before = links::by_local(&tx.db(), self.row.id, entry.kind, &entry.local_id)?
                .filter(|link| !link.deleted)
                .and_then(|link| link.agreed)
                .unwrap_or_default();
            let ours = ready.frozen.fields.clone().unwrap_or_else(|| before.local.clone());
            let theirs = stored(ready, &before, &pushed)?;
            self.link(tx, ready, &pushed.remote_id, &pushed, &ours, &theirs, &before)?;
            problems::clear_entry(tx, entry.id)?;
            outbox::remove(tx, entry.id)?;
            self.account_for(tx, ready, &before, Some(&pushed))?;
            undo::sent::arrived(tx, &self.source(), ready)?;
            let sent = u32::from(ready.frozen.operation != "update" || !pushed.written.is_nothing());
            let counts = Counts { sent, ..Counts::default() };
            runs::advance(tx, self.run, self.row.id, RunState::Running, "Sending", counts, now)?;
            self.take_assigned(tx, ready, &pushed, &ours, &theirs).map(Ok)
        })?;
        self.touch(entry.kind, &entry.local_id);
        match news {
            Ok(news) => {
                self.problems += u32::from(news);
                Ok(Settled::Sent)
            }
            Err(news) => {
                self.problems += u32::from(news);
                Ok(Settled::Waits)
            }
        }
    }

    #[expect(clippy::too_many_arguments, reason = "each is another side of the same agreement")]
    fn link(
        &self,
        tx: &Tx<'_>,
        ready: &Ready,
        remote_id: &RemoteId,
        pushed: &Pushed,
        ours: &Fields,
        theirs: &Fields,
        before: &Agreed,
    ) -> Result<()> {
        let link = Link {
            connection_id: self.row.id,
            kind: ready.entry.kind,
            remote_id: remote_id.clone(),
            local_id: ready.entry.local_id.clone(),
            version: pushed.version.clone(),
            agreed: Some(Agreed {
                remote: theirs.clone(),
                local: ours.clone(),
                conflict: Fields::new(),
                mine: Fields::new(),
                seen_at: before.seen_at,
                history: ready.frozen.history.or(before.history),
            }),
            deleted: false,
            released: false,
            merged_into: None,
        };
        links::put(tx, &link, self.core.now())
    }

    pub(super) fn account_for(
        &self,
        tx: &Tx<'_>,
        ready: &Ready,
        before: &Agreed,
        pushed: Option<&Pushed>,
    ) -> Result<()> {
        let entry = &ready.entry;
        let told = |fields: &Fields| readable(&tx.db(), self.row.id, fields);
        let (action, mut fields) = match (ready.frozen.operation.as_str(), &ready.frozen.fields) {
            ("create", Some(ours)) => ("created", differences(&Fields::new(), &told(ours)?)),
            ("update", Some(ours)) => ("updated", differences(&told(&before.local)?, &told(ours)?)),
            _ => ("voided", Vec::new()),
        };
        // Only what was in the request.
        let written = pushed.map(|pushed| pushed.written.clone()).unwrap_or_default();
        fields.retain(|change| self.connector.keeps(entry.kind, &change.field) && written.names(&change.field));
        if action == "updated" && written.is_nothing() {
            return Ok(());
        }
        self.note(tx, entry.kind, &entry.local_id, action, &fields)?;
        undo::keep::sent(tx, self.run, self.row.id, ready, before, pushed)
    }

    fn note(&self, tx: &Tx<'_>, kind: RecordKind, local_id: &str, action: &str, fields: &[FieldChange]) -> Result<()> {
        let change = NewChange {
            vendor_name: self.descriptor.name,
            direction: ChangeDirection::Out,
            kind,
            local_id: Some(local_id),
            title: &links::title(&tx.db(), kind, local_id)?,
            action,
            fields,
        };
        runs::add_change(tx, self.run, &change, self.core.now())
    }

    /// What the vendor assigned: a number is taken over; sums that came out otherwise are told, never taken silently. `true`
    /// when that is a new problem.
    fn take_assigned(
        &self,
        tx: &Tx<'_>,
        ready: &Ready,
        pushed: &Pushed,
        ours: &Fields,
        theirs: &Fields,
    ) -> Result<bool> {
        let entry = &ready.entry;
        if ready.frozen.operation == "retire" {
            return Ok(false);
        }
        match entry.kind {
            RecordKind::Invoice => {}
            // More than was still open over there is not applied, and a hold that has run out is none.
            RecordKind::Payment => return self.take_stored(tx, ready, pushed, ours, theirs, &["applied"]),
            RecordKind::Order if ours.get("status").is_some_and(|status| status == "on_hold") => {
                return self.take_stored(tx, ready, pushed, ours, theirs, &["status", "hold_until"]);
            }
            _ => return Ok(false),
        }
        let null = Value::Null;
        let of = |fields: &Fields, name: &str| fields.get(name).unwrap_or(&null).clone();
        let differs = |name: &str| {
            let stored = of(theirs, name);
            !stored.is_null() && !same(&stored, &of(ours, name))
        };
        if differs("number") {
            let record = record_of(entry.kind, overlay(ours, theirs))?;
            let number = [("number".to_owned(), of(theirs, "number"))].into_iter().collect();
            let from = self.source();
            let taken = records::take_over(tx, &from, &pushed.remote_id, Some(&entry.local_id), &record, &number)?;
            self.note(tx, entry.kind, &entry.local_id, "numbered", &taken.changes)?;
            undo::keep::here(tx, self.run, entry.kind, &entry.local_id, false, None)?;
            // Our writing of it has the number now too.
            if let Some(mut link) = links::by_local(&tx.db(), self.row.id, entry.kind, &entry.local_id)? {
                let agreed = link.agreed.get_or_insert_default();
                agreed.local.extend(number);
                agreed.history = history::latest(&tx.db(), entry.kind, &entry.local_id)?;
                links::put(tx, &link, self.core.now())?;
            }
        }
        let sums: Vec<&str> = ["tax", "total"].into_iter().filter(|name| differs(name)).collect();
        if sums.is_empty() {
            return Ok(false);
        }
        let pick = |fields: &Fields| sums.iter().map(|name| ((*name).to_owned(), of(fields, name))).collect();
        let changes = differences(&pick(ours), &pick(theirs));
        let (at, who) = (self.core.now(), self.descriptor.name);
        history::add(tx, entry.kind, &entry.local_id, at, who, "computed_otherwise", &changes)?;
        self.note(tx, entry.kind, &entry.local_id, "computed_otherwise", &changes)?;
        if differs("total") { self.report_total(tx, ready, &changes) } else { Ok(false) }
    }

    /// Takes over what the vendor stored otherwise than it was sent, so that both sides stay the same. Never a problem.
    fn take_stored(
        &self,
        tx: &Tx<'_>,
        ready: &Ready,
        pushed: &Pushed,
        ours: &Fields,
        theirs: &Fields,
        names: &[&str],
    ) -> Result<bool> {
        let entry = &ready.entry;
        let null = Value::Null;
        let of = |fields: &Fields, name: &str| fields.get(name).unwrap_or(&null).clone();
        let stored: Fields = names.iter().map(|name| ((*name).to_owned(), of(theirs, name))).collect();
        let later = outbox::of_record(&tx.db(), self.row.id, entry.kind, &entry.local_id)?;
        // With a newer change of ours behind it, that one decides.
        if !later.is_empty() || names.iter().all(|name| same(&of(ours, name), &of(theirs, name))) {
            return Ok(false);
        }
        let record = record_of(entry.kind, overlay(ours, theirs))?;
        let from = self.source();
        let taken = records::take_over(tx, &from, &pushed.remote_id, Some(&entry.local_id), &record, &stored)?;
        self.note(tx, entry.kind, &entry.local_id, "stored_otherwise", &taken.changes)?;
        if !taken.changes.is_empty() {
            undo::keep::here(tx, self.run, entry.kind, &entry.local_id, false, None)?;
        }
        if let Some(mut link) = links::by_local(&tx.db(), self.row.id, entry.kind, &entry.local_id)? {
            let agreed = link.agreed.get_or_insert_default();
            agreed.local.extend(stored);
            agreed.history = history::latest(&tx.db(), entry.kind, &entry.local_id)?;
            links::put(tx, &link, self.core.now())?;
        }
        Ok(false)
    }

    fn report_total(&self, tx: &Tx<'_>, ready: &Ready, changes: &[FieldChange]) -> Result<bool> {
        let vendor = self.descriptor.name;
        let total = changes.iter().find(|change| change.field == "total");
        let text = |text: Option<&Option<String>>| text.cloned().flatten().unwrap_or_default();
        let (ours, theirs) = (text(total.map(|t| &t.before)), text(total.map(|t| &t.after)));
        let explained = Explained {
            code: TOTAL_DIFFERS.into(),
            message: format!("{vendor} computes {theirs} for it; here it is {ours}."),
            advice: format!("Compare the tax of both. Change it here and save, or change it in {vendor}."),
            vendor_text: String::new(),
            detail: String::new(),
            action: ProblemAction::EditRecord,
            setting: None,
        };
        self.report_entry(tx, ready, explained, false)
    }

    pub(super) fn report_same(&self, tx: &Tx<'_>, ready: &Ready, other: &Link) -> Result<bool> {
        if self.is_overtaken(tx, &ready.entry)? {
            problems::clear_entry(tx, ready.entry.id)?;
            outbox::remove(tx, ready.entry.id)?;
            return Ok(false);
        }
        let vendor = self.descriptor.name;
        let twin = links::title(&tx.db(), other.kind, &other.local_id)?;
        let why = format!("In {vendor} it is the same as “{twin}”.");
        outbox::settle(tx, ready.entry.id, State::Rejected, None, &why, self.core.now())?;
        let explained = Explained {
            code: "same_record".into(),
            message: why,
            advice: "Archive one of the two, or give this one another name and save.".into(),
            vendor_text: String::new(),
            detail: String::new(),
            action: ProblemAction::EditRecord,
            setting: None,
        };
        self.report_entry(tx, ready, explained, true)
    }

    pub(super) fn report_entry(&self, tx: &Tx<'_>, ready: &Ready, explained: Explained, tied: bool) -> Result<bool> {
        let entry = &ready.entry;
        let Explained { code, message, advice, vendor_text, detail, action, setting } = explained;
        let problem = NewProblem {
            connection_id: self.row.id,
            kind: entry.kind.as_str(),
            local_id: Some(&entry.local_id),
            remote_id: None,
            outbox_id: tied.then_some(entry.id),
            title: &links::title(&tx.db(), entry.kind, &entry.local_id)?,
            code: &code,
            message: &message,
            advice: &advice,
            vendor_text: &vendor_text,
            action: action_name(action),
            setting,
        };
        let news = problems::report_detailed(tx, &problem, &detail, self.core.now())?;
        let counts = Counts { problems: u32::from(news), ..Counts::default() };
        runs::advance(tx, self.run, self.row.id, RunState::Running, "Sending", counts, self.core.now())?;
        Ok(news)
    }

    fn refused(&mut self, ready: &Ready, error: &ConnectorError) -> Result<Settled> {
        let entry = &ready.entry;
        let title = self.core.store.read(|db| links::title(db, entry.kind, &entry.local_id))?;
        self.reject(ready, explain(error, self.descriptor, &title))
    }

    /// The try certainly had no effect and is useless as it is. A newer change of the same record takes its place.
    fn reject(&mut self, ready: &Ready, explained: Explained) -> Result<Settled> {
        let entry = &ready.entry;
        let (replaced, news) = self.core.store.write_in_run(self.run, |tx| {
            if self.is_overtaken(tx, entry)? {
                problems::clear_entry(tx, entry.id)?;
                outbox::remove(tx, entry.id)?;
                return Ok((true, false));
            }
            if undo::sent::refused(tx, &self.source(), entry, &explained.message)? {
                problems::clear_entry(tx, entry.id)?;
                outbox::remove(tx, entry.id)?;
                self.send_rest(tx, entry)?;
                return Ok((false, false));
            }
            outbox::settle(tx, entry.id, State::Rejected, None, &explained.message, self.core.now())?;
            Ok((false, self.report_entry(tx, ready, explained, true)?))
        })?;
        self.problems += u32::from(news);
        Ok(if replaced { Settled::Sent } else { Settled::Waits })
    }

    /// Whether a newer change of the same record takes the place of this one.
    fn is_overtaken(&self, tx: &Tx<'_>, entry: &Entry) -> Result<bool> {
        let entries = outbox::of_record(&tx.db(), self.row.id, entry.kind, &entry.local_id)?;
        Ok(entries.iter().any(|other| other.row > entry.row))
    }

    /// An edit of the owner's that waited goes along with an undo; where that is refused it still has to go.
    fn send_rest(&self, tx: &Tx<'_>, entry: &Entry) -> Result<()> {
        let link = links::by_local(&tx.db(), self.row.id, entry.kind, &entry.local_id)?.filter(|link| !link.deleted);
        let Some(agreed) = link.and_then(|link| link.agreed) else { return Ok(()) };
        let Rendered::Ready(record) = records::render(&tx.db(), self.row.id, entry.kind, &entry.local_id)? else {
            return Ok(());
        };
        if three_way(entry.kind, &agreed, &fields_of(&record)?, &agreed.remote).outgoing.is_empty() {
            return Ok(());
        }
        outbox::enqueue_for(tx, self.row.id, entry.kind, &entry.local_id, Wish::Upsert, self.core.now())
    }

    fn moved_on(&mut self, ready: &Ready, error: &ConnectorError) -> Result<Settled> {
        if !self.moved_on.insert(ready.entry.id) {
            return self.refused(ready, error);
        }
        let now = self.core.now();
        self.core.store.write(|tx| outbox::reset(tx, ready.entry.id, now))?;
        Ok(Settled::MovedOn)
    }

    /// Waits and tries again: under the same key, and as unsettled once one try may have had its effect. A vendor that asks
    /// to slow down, or does not let us in, says nothing about the entry, so such a try does not count.
    fn try_later(&mut self, ready: &Ready, error: &ConnectorError) -> Result<()> {
        let (entry, now) = (&ready.entry, self.core.now());
        let doubt = ready.attempt == Attempt::AfterUnknown
            || matches!(
                error,
                ConnectorError::Unknown(_)
                    | ConnectorError::Protocol(_)
                    | ConnectorError::TooLarge
                    | ConnectorError::CursorExpired
                    | ConnectorError::Bug(_)
            );
        let asked = match error {
            ConnectorError::RateLimited { after } => Some(*after),
            _ => None,
        };
        let waits = error.is_transient()
            || matches!(error, ConnectorError::Protocol(_) | ConnectorError::TooLarge | ConnectorError::Bug(_));
        let counts = waits && asked.is_none();
        let attempts = entry.attempts + u32::from(counts);
        // What is in doubt is never given up; the owner is told again after as many tries once more.
        let many = counts && attempts >= GIVE_UP_AFTER && (!doubt || attempts.is_multiple_of(GIVE_UP_AFTER));
        let next = waits.then(|| now + delay(attempts.max(1), spread(entry.row, attempts), asked));
        let vendor = self.descriptor.name;
        let (state, why) = match (doubt, many) {
            (true, _) => (State::Unknown, format!("No answer came from {vendor}; the next try finds out first.")),
            (false, true) => (State::Rejected, format!("{vendor} failed {attempts} times.")),
            (false, false) => (State::Retrying, format!("{vendor} could not take it; it is tried again by itself.")),
        };
        let news = self.core.store.write(|tx| {
            if !counts {
                outbox::take_try_back(tx, entry.id)?;
            }
            outbox::settle(tx, entry.id, state, next.filter(|_| state != State::Rejected), &why, now)?;
            if !many {
                return Ok::<_, Error>(false);
            }
            let title = links::title(&tx.db(), entry.kind, &entry.local_id)?;
            let explained = if doubt {
                in_doubt(vendor, &title, &ready.frozen.operation, attempts)
            } else {
                explain(error, self.descriptor, &title)
            };
            self.report_entry(tx, ready, explained, true)
        })?;
        self.problems += u32::from(news);
        Ok(())
    }
}

/// What the owner is told of a change that may have arrived, and where to look.
fn in_doubt(vendor: &str, title: &str, operation: &str, attempts: u32) -> Explained {
    let look = match operation {
        "create" => "is there",
        "update" => "has your newest change there",
        _ => "is void or inactive there",
    };
    Explained {
        code: "in_doubt".into(),
        message: format!("{title} may have arrived in {vendor} or not: {attempts} tries brought no answer."),
        advice: format!(
            "Look in {vendor} whether {title} {look}. It goes on being tried every few hours, and each try finds out first, so \
             nothing is made twice. If {vendor} works again, try again now."
        ),
        vendor_text: String::new(),
        detail: String::new(),
        action: ProblemAction::Retry,
        setting: None,
    }
}

/// What the vendor has now: what it says it stored, over what was sent, over what it had before.
fn stored(ready: &Ready, before: &Agreed, pushed: &Pushed) -> Result<Fields> {
    let mut theirs = match &ready.frozen.fields {
        Some(sent) => {
            let mut sent = sent.clone();
            sent.retain(|name, _| pushed.written.names(name));
            overlay(&before.remote, &sent)
        }
        None => before.remote.clone(),
    };
    if ready.frozen.operation == "retire" {
        let retired = match ready.entry.kind {
            RecordKind::Customer | RecordKind::Item => Some(("active", Value::Bool(false))),
            RecordKind::Invoice | RecordKind::Payment => Some(("voided", Value::Bool(true))),
            _ => None,
        };
        theirs.extend(retired.map(|(name, value)| (name.to_owned(), value)));
    }
    let Some(record) = &pushed.record else { return Ok(theirs) };
    let mut shown = fields_of(record)?;
    shown.retain(|name, _| is_answer(ready, before, name));
    Ok(overlay(&theirs, &shown))
}

/// Whether what the vendor shows of a field after a send answers that send. It may show more: what somebody changed there since
/// the last reading. That was not agreed on, so the next reading has to find it new.
fn is_answer(ready: &Ready, before: &Agreed, name: &str) -> bool {
    let kind = ready.entry.kind;
    let of_send = |field: &str| match (ready.frozen.operation.as_str(), &ready.frozen.fields) {
        ("update", Some(sent)) => {
            let null = Value::Null;
            !same(sent.get(field).unwrap_or(&null), before.local.get(field).unwrap_or(&null))
        }
        ("retire", _) if matches!(kind, RecordKind::Customer | RecordKind::Item) => field == "active",
        _ => true,
    };
    let together = before.remote.keys().filter(|field| unit(kind, field) == unit(kind, name));
    derived(kind, name) || !before.remote.contains_key(name) || together.into_iter().any(|field| of_send(field))
}
