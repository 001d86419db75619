//! Records that are gone over there: deleted, or merged into another one, as a page or the answer to a send tells. Ours is retired
//! with it and its link becomes a tombstone; where a change of ours waited it stays for the owner.
//!
//! Absent on purpose: what becomes of it afterwards (`anew`).

use super::explain::{Explained, action_name, explain};
use super::incoming::{Outcome, note};
use super::merge::Agreed;
use super::part::Part;
use super::push::Ready;
use super::records::{self, Source};
use super::settle::Settled;
use super::{ProblemAction, anew, undo};
use crate::Result;
use crate::store::links::{self, Link};
use crate::store::outbox::{self, Wish};
use crate::store::problems::{self, NewProblem};
use crate::store::{Tx, snapshots};
use connector_contract::{ConnectorError, Pulled, RecordKind, RemoteId};

/// Gone over there, perhaps into another one. Our copy is retired with it, unless a change of ours waits: then the copy stays for
/// the owner to decide.
pub(super) fn deleted(
    tx: &Tx<'_>,
    from: &Source<'_>,
    pulled: &Pulled,
    kind: RecordKind,
    into: Option<&RemoteId>,
) -> Result<Outcome> {
    let Some(mut link) = links::by_remote(&tx.db(), from.connection, kind, &pulled.remote_id)? else {
        return Ok(Outcome::Same);
    };
    let seen_at = link.agreed.as_ref().and_then(|agreed| agreed.seen_at);
    if link.deleted && into.is_some() && link.merged_into.is_none() {
        return learn_merge(tx, from, Link { merged_into: into.cloned(), ..link });
    }
    if link.deleted || pulled.updated_at.zip(seen_at).is_some_and(|(updated_at, seen_at)| updated_at < seen_at) {
        return Ok(Outcome::Same);
    }
    let pending = outbox::of_record(&tx.db(), from.connection, kind, &link.local_id)?;
    let local_id = link.local_id.clone();
    for entry in &pending {
        problems::clear_entry(tx, entry.id)?;
        outbox::remove(tx, entry.id)?;
    }
    link.deleted = true;
    link.merged_into = into.cloned();
    let agreed = link.agreed.get_or_insert_default();
    agreed.conflict.clear();
    agreed.seen_at = pulled.updated_at.or(agreed.seen_at);
    links::put(tx, &link, from.now)?;
    if pending.iter().any(|entry| entry.operation != "retire") {
        return report_gone(tx, from, &link).map(Outcome::Problem);
    }
    let changes = records::retire(tx, from, kind, &local_id)?;
    note(tx, from, kind, &local_id, "deleted", &changes)?;
    if !changes.is_empty() {
        undo::keep::here(tx, from.run, kind, &local_id, false, Some((from.connection, pulled)))?;
        outbox::enqueue(tx, kind, &local_id, Wish::Retire, from.now)?;
    }
    Ok(Outcome::Retired)
}

/// A record that was found to be gone turns out to have been merged into another one.
fn learn_merge(tx: &Tx<'_>, from: &Source<'_>, link: Link) -> Result<Outcome> {
    links::put(tx, &link, from.now)?;
    // Who was told that it is gone is told where it went.
    if !problems::clear_outgoing(tx, from.connection, link.kind, &link.local_id)? {
        return Ok(Outcome::Same);
    }
    report_gone(tx, from, &link).map(Outcome::Problem)
}

/// Tells that a record is gone while a change of ours waited: to be sent anew, or with where it went.
fn report_gone(tx: &Tx<'_>, from: &Source<'_>, link: &Link) -> Result<bool> {
    let Link { kind, local_id, merged_into, .. } = link;
    let Some(into) = merged_into else {
        let message = format!("It was deleted in {} while a change made here was waiting to be sent.", from.who);
        let (advice, action) = (anew::ADVICE, ProblemAction::SendAnew);
        let ended = Ended { code: "deleted_there", message: &message, advice, action };
        return report_ended(tx, from, *kind, local_id, &ended);
    };
    let stays = anew::name_of(&tx.db(), from.connection, *kind, into)?;
    let message = format!("It was merged into {stays} in {} while a change made here was waiting.", from.who);
    let advice = "Your copy stays as it is and is no longer sent. Make the change in the one that stays if it matters.";
    let ended = Ended { code: "merged_there", message: &message, advice, action: ProblemAction::Dismiss };
    report_ended(tx, from, *kind, local_id, &ended)
}

/// How the vendor ended a record, in words.
pub(super) struct Ended<'a> {
    /// Stable cause.
    pub code: &'a str,
    /// What happened.
    pub message: &'a str,
    /// What can be done.
    pub advice: &'a str,
    /// What mends it.
    pub action: ProblemAction,
}

/// Tells that the vendor ended a record while a change of ours waited.
pub(super) fn report_ended(
    tx: &Tx<'_>,
    from: &Source<'_>,
    kind: RecordKind,
    local_id: &str,
    ended: &Ended<'_>,
) -> Result<bool> {
    let title = links::title(&tx.db(), kind, local_id)?;
    let problem = NewProblem {
        connection_id: from.connection,
        kind: kind.as_str(),
        local_id: Some(local_id),
        remote_id: None,
        outbox_id: None,
        title: &title,
        code: ended.code,
        message: ended.message,
        advice: ended.advice,
        vendor_text: "",
        action: action_name(ended.action),
        setting: None,
    };
    problems::report(tx, &problem, from.now)
}

impl Part<'_> {
    /// It was to be voided and does not exist any more: the wish is fulfilled.
    pub(super) fn gone_as_wished(&mut self, ready: &Ready) -> Result<Settled> {
        let news = self.core.store.write_in_run(self.run, |tx| {
            self.bury(tx, ready)?;
            self.account_for(tx, ready, &Agreed::default(), None)?;
            undo::sent::arrived(tx, &self.source(), ready)?;
            self.report_kept(tx, ready)
        })?;
        self.problems += u32::from(news);
        Ok(Settled::Sent)
    }

    /// It was to be changed and does not exist any more: nothing is sent for it again until the owner says so.
    pub(super) fn gone(&mut self, ready: &Ready, error: &ConnectorError) -> Result<Settled> {
        let news = self.core.store.write_in_run(self.run, |tx| {
            self.bury(tx, ready)?;
            undo::sent::refused(tx, &self.source(), &ready.entry, "It no longer exists over there.")?;
            let title = links::title(&tx.db(), ready.entry.kind, &ready.entry.local_id)?;
            let gone = explain(error, self.descriptor, &title);
            let explained = Explained { advice: anew::ADVICE.into(), action: ProblemAction::SendAnew, ..gone };
            self.report_entry(tx, ready, explained, false)
        })?;
        self.problems += u32::from(news);
        Ok(Settled::Waits)
    }

    /// It arrived, and was deleted before we heard of it: only the owner knows whether it should be there. What has been changed
    /// here meanwhile is no such wish, and goes along when the owner says so.
    pub(super) fn deleted_since(&mut self, ready: &Ready, remote_id: &RemoteId) -> Result<Settled> {
        let (entry, vendor, now) = (&ready.entry, self.descriptor.name, self.core.now());
        let news = self.core.store.write_in_run(self.run, |tx| {
            let other = links::by_remote(&tx.db(), self.row.id, entry.kind, remote_id)?;
            if let Some(other) = other.filter(|other| other.local_id != entry.local_id) {
                return self.report_same(tx, ready, &other);
            }
            let tombstone = Link {
                connection_id: self.row.id,
                kind: entry.kind,
                remote_id: remote_id.clone(),
                local_id: entry.local_id.clone(),
                version: None,
                agreed: None,
                deleted: true,
                released: false,
                merged_into: None,
            };
            links::put(tx, &tombstone, now)?;
            self.bury(tx, ready)?;
            undo::sent::refused(tx, &self.source(), entry, "It no longer exists over there.")?;
            let ended = |state| undo::is_retired(entry.kind, &state);
            if snapshots::of(tx, entry.kind, &entry.local_id)?.is_some_and(ended) {
                return Ok(false);
            }
            let explained = Explained {
                code: "deleted_after_arrival".into(),
                message: format!("It arrived in {vendor} and was deleted there before the answer came."),
                advice: anew::ADVICE.into(),
                vendor_text: String::new(),
                detail: String::new(),
                action: ProblemAction::SendAnew,
                setting: None,
            };
            self.report_entry(tx, ready, explained, false)
        })?;
        self.problems += u32::from(news);
        Ok(Settled::Waits)
    }

    /// Reports a record that an undo keeps in Backroom, and that somebody deleted there before the undo arrived: whether it should
    /// be there again is the owner's to say, and no later edit says it.
    fn report_kept(&self, tx: &Tx<'_>, ready: &Ready) -> Result<bool> {
        let Ready { entry, .. } = ready;
        let is_kept = |state| !undo::is_retired(entry.kind, &state);
        if !snapshots::of(tx, entry.kind, &entry.local_id)?.is_some_and(is_kept) {
            return Ok(false);
        }
        match links::by_local(&tx.db(), self.row.id, entry.kind, &entry.local_id)?.filter(Link::is_closed) {
            Some(link) => report_gone(tx, &self.source(), &link),
            None => Ok(false),
        }
    }

    fn bury(&self, tx: &Tx<'_>, ready: &Ready) -> Result<()> {
        let entry = &ready.entry;
        if let Some(link) = links::by_local(&tx.db(), self.row.id, entry.kind, &entry.local_id)? {
            links::put(tx, &Link { deleted: true, ..link }, self.core.now())?;
        }
        for entry in outbox::of_record(&tx.db(), self.row.id, entry.kind, &entry.local_id)? {
            problems::clear_entry(tx, entry.id)?;
            outbox::remove(tx, entry.id)?;
        }
        Ok(())
    }
}
