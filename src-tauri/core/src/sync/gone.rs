//! Records that are gone over there: deleted, or merged into another one. Ours is retired with it and its link becomes a
//! tombstone; where a change of ours waited it stays for the owner.
//!
//! Absent on purpose: what becomes of it afterwards (`anew`).

use super::explain::action_name;
use super::incoming::{Outcome, note};
use super::records::{self, Source};
use super::{ProblemAction, anew, undo};
use crate::Result;
use crate::store::Tx;
use crate::store::links::{self, Link};
use crate::store::outbox::{self, Wish};
use crate::store::problems::{self, NewProblem};
use connector_contract::{Pulled, RecordKind, RemoteId};

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
