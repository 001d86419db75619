//! Sending what waits: the next entry whose references exist over there, frozen on disk before the request leaves, settled by
//! what came of it. Exactly one effect per entry and generation, whatever breaks in between.
//!
//! An entry that finds its state `sending` was under way when the app ended; like one without an answer it goes out again under
//! the same key with the same content, marked so that the connector finds out first.

use super::incoming;
use super::merge::{Fields, derived, differences, fields_of, record_of};
use super::part::{Ended, Part, Task};
use super::records::{self, Rendered};
use super::settle::Settled;
use crate::ids::OutboxId;
use crate::store::links::{self, Link};
use crate::store::outbox::{self, Entry, State, Wanted, Wish};
use crate::store::{Tx, history, problems};
use crate::{Error, Result};
use connector_contract::{
    Attempt, ConnectorError, IdempotencyKey, Operation, Push, RecordKind, RemoteId, RemoteVersion, Safeguard,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// References first: what an entry refers to is of a kind further up. Voiding goes the other way round.
const TURNS: [(RecordKind, bool); 11] = [
    (RecordKind::Customer, false),
    (RecordKind::Item, false),
    (RecordKind::Order, false),
    (RecordKind::Shipment, false),
    (RecordKind::Invoice, false),
    (RecordKind::Payment, false),
    (RecordKind::Payment, true),
    (RecordKind::Invoice, true),
    (RecordKind::Order, true),
    (RecordKind::Item, true),
    (RecordKind::Customer, true),
];

/// So many failed sends in a row, each of another record, mean that the vendor is out of order, not the records.
const FAILURES_IN_A_ROW: u32 = 3;

/// What is sent, as it lies on disk from before the first try on.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Frozen {
    /// `create`, `update` or `retire`.
    pub operation: String,
    /// Which record over there; not for a create.
    pub remote_id: Option<RemoteId>,
    /// The version we last saw.
    pub version: Option<RemoteVersion>,
    /// The record; not for a retirement.
    pub fields: Option<Fields>,
    /// The record both sides last agreed on, for an update. Absent where it is not known in full, and in what an earlier
    /// version froze.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base: Option<Fields>,
    /// The entry of the record's history that was the newest when it was frozen.
    #[serde(default)]
    pub history: Option<u32>,
}

/// What is to be done with an entry.
enum Prepared {
    /// Send this.
    Send(Box<Ready>),
    /// It waits for other records.
    Blocked {
        /// One of them had to be queued first.
        queued: bool,
        /// Which ones.
        needs: Vec<(RecordKind, String)>,
        /// New problems: one of them was deleted over there.
        problems: u32,
    },
    /// The owner does not want it to go now.
    KeptBack,
    /// It has become pointless and is gone.
    Dropped,
}

/// An entry on its way.
pub struct Ready {
    /// The entry as it was before this try.
    pub entry: Entry,
    /// What the record is known by over there, beside the vendor's own id.
    natural_key: String,
    /// What is sent.
    pub frozen: Frozen,
    /// Whether an earlier try may have been applied.
    pub attempt: Attempt,
}

impl Part<'_> {
    /// Sends all that can be sent, or only what was left without an answer. Returns how many had their effect.
    pub(super) async fn push_all(&mut self, unsettled: bool) -> Result<u32, Ended> {
        let mut sent = 0;
        loop {
            let mut again = false;
            for (kind, retire) in TURNS {
                if !self.descriptor.sends(kind) {
                    continue;
                }
                let wanted = Wanted { kind, retire, unsettled };
                let mut row = 0;
                while let Some(entry) = self.next_entry(wanted, row)? {
                    row = entry.row;
                    if self.tried.contains(&entry.id) || !self.may_send(&entry) {
                        continue;
                    }
                    self.check_halted()?;
                    self.check_rest()?;
                    match self.push_entry(entry.id).await? {
                        Pushing::Sent => {
                            sent += 1;
                            again = true;
                        }
                        Pushing::Queued => again = true,
                        Pushing::Nothing => {}
                    }
                }
            }
            if !again {
                return Ok(sent);
            }
        }
    }

    /// A run that undoes another one sends what it took back and what that needs; everything else waits for the next sync.
    fn may_send(&self, entry: &Entry) -> bool {
        let Task::Send(records) = &self.task else { return true };
        let record = (entry.kind, entry.local_id.clone());
        records.contains(&record) || self.needed.contains(&record)
    }

    fn next_entry(&self, wanted: Wanted, row: i64) -> Result<Option<Entry>> {
        let now = self.core.now();
        self.core.store.read(|db| outbox::next(db, self.row.id, wanted, row, now))
    }

    async fn push_entry(&mut self, id: OutboxId) -> Result<Pushing, Ended> {
        let now = self.core.now();
        let prepared = self.core.store.write(|tx| match outbox::get(&tx.db(), id)? {
            Some(entry) => self.prepare(tx, entry, now),
            None => Ok(Prepared::Dropped),
        })?;
        let ready = match prepared {
            Prepared::Send(ready) => ready,
            Prepared::Blocked { queued, needs, problems } => {
                self.problems += problems;
                self.needed.extend(needs);
                return Ok(if queued { Pushing::Queued } else { Pushing::Nothing });
            }
            Prepared::KeptBack => {
                self.tried.insert(id);
                return Ok(Pushing::Nothing);
            }
            Prepared::Dropped => return Ok(Pushing::Nothing),
        };
        self.tried.insert(id);
        self.step(&format!("Sending {}s", ready.entry.kind.as_str().replace('_', " ")))?;
        let answer = self.connector.push(ready.push()?).await;
        let transient = answer.as_ref().is_err_and(ConnectorError::is_transient);
        self.failures = if transient { self.failures + 1 } else { 0 };
        match self.settle(&ready, answer)? {
            Settled::Sent => {
                self.went_out(ready.entry.kind, &ready.entry.local_id)?;
                Ok(Pushing::Sent)
            }
            Settled::MovedOn => {
                // Somebody else was faster: read what they did, merge, and try once more.
                self.pull_all().await?;
                self.tried.remove(&id);
                Ok(Pushing::Queued)
            }
            Settled::Stop(error) => Err(self.failed(&error)?),
            Settled::Failed(error) if self.failures >= FAILURES_IN_A_ROW => Err(self.failed(&error)?),
            Settled::Waits | Settled::Failed(_) => Ok(Pushing::Nothing),
        }
    }

    /// Decides what goes out and freezes it. Committed before the request leaves.
    fn prepare(&self, tx: &Tx<'_>, entry: Entry, now: chrono::DateTime<chrono::Utc>) -> Result<Prepared> {
        let link = links::by_local(&tx.db(), self.row.id, entry.kind, &entry.local_id)?;
        if link.as_ref().is_some_and(Link::is_closed) {
            // Deleted over there: it is not sent again unless the owner wants that.
            return drop_entry(tx, &entry);
        }
        // A vendor that knows a record by our key must not take the new one for the one that ended there.
        let anew = entry.kind == RecordKind::Order && link.as_ref().is_some_and(|link| link.deleted);
        let natural_key = if anew { entry.id.to_string() } else { entry.local_id.clone() };
        let link = link.filter(|link| !link.deleted);
        let frozen = match &entry.payload {
            Some(payload) => serde_json::from_str(payload)?,
            None => match self.render(tx, &entry, link)? {
                Ok(frozen) => frozen,
                Err(waits) => return Ok(waits),
            },
        };
        if let Some(why) = self.keeps_back(tx, &entry, &frozen)? {
            outbox::settle(tx, entry.id, State::Waiting, None, why, now)?;
            return Ok(Prepared::KeptBack);
        }
        let attempt = match entry.state {
            State::Sending | State::Unknown => Attempt::AfterUnknown,
            State::Waiting | State::Retrying | State::Rejected => Attempt::Clean,
        };
        outbox::freeze(tx, entry.id, &serde_json::to_string(&frozen)?, &frozen.operation, now)?;
        Ok(Prepared::Send(Box::new(Ready { entry, natural_key, frozen, attempt })))
    }

    fn render(&self, tx: &Tx<'_>, entry: &Entry, link: Option<Link>) -> Result<Result<Frozen, Prepared>> {
        let agreed = link.as_ref().and_then(|link| link.agreed.as_ref()).map(|agreed| agreed.local.clone());
        let (remote_id, version) = link.clone().map(|link| (link.remote_id, link.version)).unzip();
        let version = version.flatten();
        let history = history::latest(&tx.db(), entry.kind, &entry.local_id)?;
        if entry.operation == "retire" {
            if remote_id.is_none() {
                return drop_entry(tx, entry).map(Err);
            }
            return Ok(Ok(Frozen {
                operation: "retire".into(),
                remote_id,
                version,
                fields: None,
                base: None,
                history,
            }));
        }
        match records::render(&tx.db(), self.row.id, entry.kind, &entry.local_id)? {
            // What was archived before it was ever sent is not made over there, unless something needs it.
            Rendered::Ready(record)
                if remote_id.is_none()
                    && records::is_archived(&record)
                    && !self.needed.contains(&(entry.kind, entry.local_id.clone())) =>
            {
                drop_entry(tx, entry).map(Err)
            }
            // A parcel is reported once; one that came in as the same is known there.
            Rendered::Ready(_) if entry.kind == RecordKind::Shipment && remote_id.is_some() => {
                drop_entry(tx, entry).map(Err)
            }
            // An edit of a void document would bring it back to life over there.
            Rendered::Ready(record) if incoming::is_void(&record) => drop_entry(tx, entry).map(Err),
            Rendered::Ready(record) => {
                let mut fields = fields_of(&record)?;
                let operation = if remote_id.is_some() { "update" } else { "create" }.to_owned();
                if remote_id.is_none() {
                    forget_lines(&mut fields);
                }
                let base = agreed.filter(|_| remote_id.is_some());
                if let (Some(link), Some(base)) = (link, &base)
                    && self.has_no_place_for(entry.kind, base, &fields)
                {
                    return self.agree_unsent(tx, entry, link, fields, history).map(Err);
                }
                // Only a whole record can be compared with.
                let base = base.filter(|base| record_of(entry.kind, base.clone()).is_ok());
                Ok(Ok(Frozen { operation, remote_id, version, fields: Some(fields), base, history }))
            }
            // What it refers to may never come. A newer change of the record, such as its void, takes its place.
            Rendered::Missing(missing) => {
                let entries = outbox::of_record(&tx.db(), self.row.id, entry.kind, &entry.local_id)?;
                if entries.iter().any(|newer| newer.row > entry.row) {
                    return drop_entry(tx, entry).map(Err);
                }
                self.wait_for(tx, entry, &missing).map(Err)
            }
            Rendered::Nothing => drop_entry(tx, entry).map(Err),
        }
    }

    /// Whether all that the owner changed are fields the vendor doesn't keep, so that nothing of it can be sent.
    fn has_no_place_for(&self, kind: RecordKind, base: &Fields, ours: &Fields) -> bool {
        let changes = differences(base, ours);
        let unkept = |field: &str| derived(kind, field) || !self.connector.keeps(kind, field);
        let mut kept = changes.iter().filter(|change| !unkept(&change.field));
        !changes.is_empty() && kept.next().is_none()
    }

    /// Ends an entry of which the vendor keeps nothing. It counts as agreed, or it would be looked at with every change.
    fn agree_unsent(
        &self,
        tx: &Tx<'_>,
        entry: &Entry,
        mut link: Link,
        ours: Fields,
        history: Option<u32>,
    ) -> Result<Prepared> {
        if let Some(agreed) = &mut link.agreed {
            agreed.local = ours;
            agreed.history = history;
        }
        links::put(tx, &link, self.core.now())?;
        drop_entry(tx, entry)
    }

    /// Holds an entry until what it refers to exists over there, and queues that where nobody has. What was deleted there comes
    /// again only if the owner wants that.
    fn wait_for(&self, tx: &Tx<'_>, entry: &Entry, missing: &[(RecordKind, String)]) -> Result<Prepared> {
        let now = self.core.now();
        let (mut queued, mut problems) = (false, 0);
        let (mut names, mut deleted) = (Vec::new(), Vec::new());
        for (kind, local_id) in missing {
            let name = links::title(&tx.db(), *kind, local_id)?;
            let link = links::by_local(&tx.db(), self.row.id, *kind, local_id)?;
            if link.as_ref().is_some_and(Link::is_closed) {
                let by = links::title(&tx.db(), entry.kind, &entry.local_id)?;
                problems += u32::from(self.report_needed(tx, *kind, local_id, &by)?);
                deleted.push(name);
                continue;
            }
            if outbox::of_record(&tx.db(), self.row.id, *kind, local_id)?.is_empty() {
                outbox::enqueue_for(tx, self.row.id, *kind, local_id, Wish::Upsert, now)?;
                queued = true;
            }
            names.push(name);
        }
        let vendor = self.descriptor.name;
        let why = if deleted.is_empty() {
            format!("Waits for {} to be sent first.", names.join(", "))
        } else {
            format!("Needs {}, deleted in {vendor}; see the problems.", deleted.join(", "))
        };
        outbox::settle(tx, entry.id, State::Waiting, None, &why, now)?;
        Ok(Prepared::Blocked { queued, needs: missing.to_vec(), problems })
    }
}

/// What trying an entry meant for the rest.
enum Pushing {
    /// It had its effect, and others may now go.
    Sent,
    /// Something is to be tried that was not before.
    Queued,
    /// Nothing.
    Nothing,
}

impl Ready {
    /// What the connector is asked to do.
    fn push(&self) -> Result<Push> {
        let Frozen { operation, remote_id, version, fields, base, .. } = &self.frozen;
        let record = || match fields {
            Some(fields) => record_of(self.entry.kind, fields.clone()).map(Box::new),
            None => Err(Error::Bug("a change without a record".into())),
        };
        let operation = match (operation.as_str(), remote_id) {
            ("create", _) => Operation::Create(record()?),
            ("update", Some(remote_id)) => Operation::Update {
                remote_id: remote_id.clone(),
                version: version.clone(),
                base: base.clone().and_then(|base| record_of(self.entry.kind, base).ok()).map(Box::new),
                record: record()?,
            },
            (_, Some(remote_id)) => {
                Operation::Retire { remote_id: remote_id.clone(), version: version.clone(), kind: self.entry.kind }
            }
            (_, None) => return Err(Error::Bug("a change of a record that is not over there".into())),
        };
        let id = if Safeguard::KeyOnDisk.is_broken() { OutboxId::new() } else { self.entry.id };
        Ok(Push {
            key: IdempotencyKey(format!("{id}:g{}", self.entry.generation)),
            attempt: self.attempt,
            natural_key: self.natural_key.clone(),
            operation,
        })
    }
}

/// A record that is made anew has none of the lines that the vendor knew of the old one.
fn forget_lines(fields: &mut Fields) {
    if let Some(Value::Array(lines)) = fields.get_mut("lines") {
        for line in lines.iter_mut().filter_map(Value::as_object_mut) {
            line.remove("remote_line");
        }
    }
}

fn drop_entry(tx: &Tx<'_>, entry: &Entry) -> Result<Prepared> {
    problems::clear_entry(tx, entry.id)?;
    outbox::remove(tx, entry.id)?;
    Ok(Prepared::Dropped)
}
