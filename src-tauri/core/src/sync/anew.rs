//! Records that ended over there: sent anew when the owner says so, and what it means when they are back.
//!
//! Neither happens by itself where it would undo what somebody did: a deletion there is no wish to have the record made again,
//! and a record that is back there is no wish to bring a void or archived one to life here.

use super::explain::action_name;
use super::incoming::Outcome;
use super::part::{Part, SENT_KINDS};
use super::records::{self, Source};
use super::undo::is_retired;
use super::{ProblemAction, RunState};
use crate::ids::ConnectionId;
use crate::store::links::{self, Link};
use crate::store::outbox::{self, Wish};
use crate::store::problems::{self, NewProblem, ProblemRecord};
use crate::store::runs::{self, Counts};
use crate::store::{Db, Tx, connections, history as entries, parked, snapshots};
use crate::{Core, Error, Result, history};
use chrono::{DateTime, Utc};
use connector_contract::{Pulled, Record, RecordKind, RemoteId};
use serde_json::Value;

/// Code of the problem of a record that is back over there.
pub(super) const BACK: &str = "back_again";

/// Code of the problem of a record that was deleted there and that another one needs.
const NEEDED: &str = "needed_there";

/// What can be done about a record that is gone over there.
pub(super) const ADVICE: &str = "Your copy stays as it is. Send it anew, or dismiss this to leave it out.";

impl Core {
    /// Sends a record anew that was deleted at this vendor: as another one, under a new key. Refused for what is still there,
    /// was merged into another one, or is void or cancelled here; a customer or item archived here is in use again.
    pub fn send_anew(&self, connection_id: ConnectionId, kind: String, id: String) -> Result<()> {
        let kind = outbox::kind(&kind).map_err(|_| Error::NotFound("record"))?;
        self.store.write(|tx| self.release(tx, connection_id, kind, &id))
    }

    /// [`Core::send_anew`] in a transaction.
    pub(super) fn release(
        &self,
        tx: &Tx<'_>,
        connection: ConnectionId,
        kind: RecordKind,
        local_id: &str,
    ) -> Result<()> {
        let row = connections::get(&tx.db(), connection)?.ok_or(Error::NotFound("connection"))?;
        let (vendor, now) = (self.vendor_name(&row.vendor), self.now());
        let link = links::by_local(&tx.db(), connection, kind, local_id)?.filter(|link| link.deleted);
        let Some(link) = link.filter(|_| SENT_KINDS.contains(&kind)) else {
            return Err(Error::Refused(format!("It was not deleted in {vendor}, so there is nothing to send anew.")));
        };
        if let Some(into) = &link.merged_into {
            let stays = name_of(&tx.db(), connection, kind, into)?;
            return Err(Error::Refused(format!("It was merged into {stays} in {vendor}, which has what it had.")));
        }
        let state = snapshots::of(tx, kind, local_id)?.ok_or(Error::NotFound("record"))?;
        let retired = is_retired(kind, &state);
        if retired && !is_list(kind) {
            let text = "It is void or cancelled here, so there is nothing to send. Copy it to have the same again.";
            return Err(Error::Refused(text.into()));
        }
        links::put(tx, &Link { released: true, ..link }, now)?;
        if retired {
            let fields = [("archived".to_owned(), Value::Bool(false))].into_iter().collect();
            history::put_back(tx, kind, local_id, &fields, "owner", now)?;
            outbox::enqueue(tx, kind, local_id, Wish::Upsert, now)?;
        }
        outbox::enqueue_for(tx, connection, kind, local_id, Wish::Upsert, now)
    }

    /// Takes a record up again that is back over there; it comes in with the next sync, from where it is kept.
    pub(super) fn take_up_again(&self, tx: &Tx<'_>, problem: &ProblemRecord) -> Result<()> {
        match tombstone_of(tx, problem)? {
            Some(link) => take_up(tx, link, self.now()),
            None => Ok(()),
        }
    }

    /// Leaves a record out that is back over there, as it looks there now.
    pub(super) fn leave_out(&self, tx: &Tx<'_>, problem: &ProblemRecord) -> Result<()> {
        let Some(mut link) = tombstone_of(tx, problem)? else { return Ok(()) };
        let waiting = parked::all(&tx.db(), link.connection_id)?;
        if let Some(pulled) = waiting.into_iter().find(|pulled| pulled.remote_id == link.remote_id) {
            parked::remove(tx, link.connection_id, link.kind, &link.remote_id)?;
            link.agreed.get_or_insert_default().seen_at = pulled.updated_at;
            link.version = pulled.version;
            links::put(tx, &link, self.now())?;
        }
        Ok(())
    }
}

fn tombstone_of(tx: &Tx<'_>, problem: &ProblemRecord) -> Result<Option<Link>> {
    let Some(remote) = problem.remote_id.clone().map(RemoteId) else { return Ok(None) };
    let link = links::by_remote(&tx.db(), problem.connection_id, outbox::kind(&problem.kind)?, &remote)?;
    Ok(link.filter(|link| link.deleted))
}

/// What a remote record is called here.
pub(super) fn name_of(db: &Db<'_>, connection: ConnectionId, kind: RecordKind, remote: &RemoteId) -> Result<String> {
    let title = match links::referred_local(db, connection, kind, remote)? {
        Some(local_id) => links::title(db, kind, &local_id)?,
        None => String::new(),
    };
    Ok(if title.is_empty() { "another one".to_owned() } else { title })
}

const fn is_list(kind: RecordKind) -> bool {
    matches!(kind, RecordKind::Customer | RecordKind::Item)
}

/// A record is there whose tombstone we have. `Some` when that is all there is to it for now; else it is tied to ours again, or
/// is one of its own, and is applied like any other.
pub(super) fn returned(
    tx: &Tx<'_>,
    from: &Source<'_>,
    tombstone: Link,
    pulled: &Pulled,
    theirs: &Record,
) -> Result<Option<Outcome>> {
    // Ended over there is what the tombstone says already.
    if records::is_over(theirs) {
        return Ok(Some(Outcome::Same));
    }
    if asks(tx, from, &tombstone)? {
        parked::put(tx, from.connection, pulled)?;
        return report_back(tx, from, &tombstone).map(Outcome::Asks).map(Some);
    }
    take_up(tx, tombstone, from.now)?;
    Ok(None)
}

/// Whether the owner has to decide: documents, and what was archived here for another reason than the deletion there.
fn asks(tx: &Tx<'_>, from: &Source<'_>, tombstone: &Link) -> Result<bool> {
    let (kind, local_id) = (tombstone.kind, &tombstone.local_id);
    if !SENT_KINDS.contains(&kind) {
        return Ok(false);
    }
    let Some(state) = snapshots::of(tx, kind, local_id)? else { return Ok(false) };
    if !is_list(kind) {
        return Ok(true);
    }
    let archived_by = || -> Result<Option<String>> {
        let entries = entries::newest(&tx.db(), kind, local_id, 50)?;
        Ok(entries.into_iter().find(|entry| entry.action == "archived").map(|entry| entry.who))
    };
    Ok(is_retired(kind, &state) && archived_by()?.as_deref() != Some(from.who))
}

/// Ties a record that is back to ours, or makes room for it as one of its own: a void document can't live again, and one of ours
/// that was sent anew has its own over there.
fn take_up(tx: &Tx<'_>, tombstone: Link, now: DateTime<Utc>) -> Result<()> {
    let Link { connection_id, kind, ref local_id, .. } = tombstone;
    let elsewhere = links::remote_of(&tx.db(), connection_id, kind, local_id)?.is_some();
    let retired = snapshots::of(tx, kind, local_id)?.is_some_and(|state| is_retired(kind, &state));
    let tied = Link { deleted: false, released: false, merged_into: None, ..tombstone.clone() };
    match kind {
        _ if elsewhere => links::remove(tx, &tombstone),
        RecordKind::Invoice | RecordKind::Payment if retired => links::remove(tx, &tombstone),
        // As they show it now, whatever was agreed before it was deleted.
        _ if retired || !SENT_KINDS.contains(&kind) => links::put(tx, &Link { agreed: None, ..tied }, now),
        // A change made here waited when it was deleted; it waits again.
        _ => {
            links::put(tx, &tied, now)?;
            outbox::enqueue_for(tx, connection_id, kind, local_id, Wish::Upsert, now)
        }
    }
}

fn report_back(tx: &Tx<'_>, from: &Source<'_>, tombstone: &Link) -> Result<bool> {
    let Link { kind, remote_id, local_id, .. } = tombstone;
    let title = links::title(&tx.db(), *kind, local_id)?;
    let problem = NewProblem {
        connection_id: from.connection,
        kind: kind.as_str(),
        local_id: Some(local_id),
        remote_id: Some(&remote_id.0),
        outbox_id: None,
        title: &title,
        code: BACK,
        message: &format!("It had ended in {} and is back in {} now.", from.who, from.who),
        advice: "Take it up again, or dismiss this to leave it as it is here.",
        vendor_text: "",
        action: action_name(ProblemAction::TakeUp),
        setting: None,
    };
    problems::report(tx, &problem, from.now)
}

impl Part<'_> {
    /// Tells that something on its way needs a record that was deleted over there. `true` when that is news.
    pub(super) fn report_needed(&self, tx: &Tx<'_>, kind: RecordKind, local_id: &str, by: &str) -> Result<bool> {
        let vendor = self.descriptor.name;
        let problem = NewProblem {
            connection_id: self.row.id,
            kind: kind.as_str(),
            local_id: Some(local_id),
            remote_id: None,
            outbox_id: None,
            title: &links::title(&tx.db(), kind, local_id)?,
            code: NEEDED,
            message: &format!("It was deleted in {vendor}, and {by} can't be sent without it."),
            advice: &format!("Send it anew, or change {by} so that it does without."),
            vendor_text: "",
            action: action_name(ProblemAction::SendAnew),
            setting: None,
        };
        let news = problems::report(tx, &problem, self.core.now())?;
        let counts = Counts { problems: u32::from(news), ..Counts::default() };
        runs::advance(tx, self.run, self.row.id, RunState::Running, "Sending", counts, self.core.now())?;
        Ok(news)
    }
}
