//! Mending what an audit found: bringing what is missing or changed there, sending what is missing or changed here, retiring
//! here what is gone there. What waits by the owner's word is left to that word, and nothing is claimed that did not happen.

use super::audit::{AuditFinding, finding_view};
use super::compare::{AuditCause, source};
use super::incoming::{self, Outcome};
use super::records::Same;
use super::{ChangeDirection, RunTrigger};
use crate::ids::{ConnectionId, FindingId, RunId};
use crate::store::audits::{self, FindingRow};
use crate::store::connections::{self as rows, ConnectionRow};
use crate::store::decisions::{self, Key, Reason};
use crate::store::outbox::{self, Wish};
use crate::store::plan_items::Pair;
use crate::store::runs::Counts;
use crate::store::{Db, Tx, parked, plans, problems, undo};
use crate::{Core, Error, Result};
use connector_contract::{Connector, Pulled, RecordKind, RemoteId};

impl Core {
    /// Mends a difference: brings what is missing or changed there, sends what is missing or changed here, retires here what is
    /// gone there. The record is looked at anew first, so a difference that is gone by now does no harm. Refused while the
    /// record waits by the owner's word, while the connection waits for the owner's look, and while a planned run or an undo
    /// is about to begin.
    pub async fn fix_audit_finding(&self, id: FindingId) -> Result<AuditFinding> {
        let finding = self.store.read(|db| audits::finding(db, id))?.ok_or(Error::NotFound("difference"))?;
        if finding.fixed_at.is_none() {
            self.store.read(|db| may_mend(db, finding.connection_id))?;
            let kind = outbox::kind(&finding.kind)?;
            match (AuditCause::named(&finding.cause), &finding.remote_id, &finding.local_id) {
                (AuditCause::MissingThere | AuditCause::ChangedHere, _, Some(local_id)) => {
                    self.send(&finding, kind, local_id)?;
                }
                (_, Some(remote_id), _) => self.bring(&finding, kind, &RemoteId(remote_id.clone())).await?,
                _ => return Err(Error::Bug("a difference of no record".into())),
            }
        }
        let finding = self.store.read(|db| audits::finding(db, id))?.ok_or(Error::NotFound("difference"))?;
        let vendor = self.store.read(|db| rows::get(db, finding.connection_id))?;
        Ok(finding_view(finding, vendor.map(|row| self.vendor_name(&row.vendor)).unwrap_or_default()))
    }

    fn send(&self, finding: &FindingRow, kind: RecordKind, local_id: &str) -> Result<()> {
        let (now, connection) = (self.now(), finding.connection_id);
        self.store.write(|tx| {
            not_waiting(&tx.db(), Key { connection, direction: ChangeDirection::Out, kind, record: local_id })?;
            outbox::enqueue_for(tx, connection, kind, local_id, Wish::Upsert, now)?;
            if outbox::of_record(&tx.db(), connection, kind, local_id)?.is_empty() {
                let text = "There is nothing to send: it was deleted there and stays here as your copy. Check again.";
                return Err(Error::Refused(text.into()));
            }
            audits::mark_fixed(tx, finding.id, "It waits to be sent with the next sync.", now)
        })?;
        if self.engine.is_looping() {
            self.start_run(Some(connection), RunTrigger::Owner)?;
        }
        Ok(())
    }

    async fn bring(&self, finding: &FindingRow, kind: RecordKind, remote: &RemoteId) -> Result<()> {
        let connection = finding.connection_id;
        let row = self.store.read(|db| rows::get(db, connection))?.ok_or(Error::NotFound("connection"))?;
        let (vendor, connector) = self.connector(&row)?;
        self.same_account(&row, connector.as_ref()).await?;
        let alone = self.engine.alone().await?;
        let day = finding.day.parse().ok();
        let Some(pulled) = self.look_up(connector.as_ref(), kind, remote, day).await? else {
            let vendor = vendor.descriptor.name;
            return Err(Error::Refused(format!("{vendor} does not list it on its day. Nothing was changed.")));
        };
        let now = self.now();
        self.apply_alone(&alone, connection, |tx, run| {
            not_waiting(&tx.db(), Key { connection, direction: ChangeDirection::In, kind, record: &remote.0 })?;
            let from = source(connection, &row.vendor, vendor.descriptor.name, run, now);
            if let (AuditCause::ChangedBoth, Some(local_id)) = (AuditCause::named(&finding.cause), &finding.local_id) {
                if !outbox::of_record(&tx.db(), connection, kind, local_id)?.is_empty() {
                    let text = "It has changed since it was compared. Sync, then compare again.";
                    return Err(Error::Refused(text.into()));
                }
                // As a change that waits it is merged with theirs instead of giving way to it.
                outbox::enqueue_for(tx, connection, kind, local_id, Wish::Upsert, now)?;
            }
            tx.set_origin(Some(connection));
            let outcome = bring_in(tx, &from, &pulled, kind)?;
            audits::mark_fixed(tx, finding.id, said(outcome), now)?;
            Ok(counts(outcome))
        })
    }

    /// Refuses another account than the connection's: its lists say nothing about ours.
    pub(super) async fn same_account(&self, row: &ConnectionRow, connector: &dyn Connector) -> Result<()> {
        if self.ask(connector.identify()).await??.id == row.account_id {
            return Ok(());
        }
        let (who, name) = (self.vendor_name(&row.vendor), &row.account_name);
        Err(Error::Refused(format!(
            "The sign-in leads to another account in {who} than {name}. Sign in again, with the account this connection is for."
        )))
    }
}

/// Applies a record, matched as the owner said where that is known. From then on it is no longer one that waits.
fn bring_in(tx: &Tx<'_>, from: &super::records::Source<'_>, pulled: &Pulled, kind: RecordKind) -> Result<Outcome> {
    let word = decisions::pair_word(&tx.db(), from.connection, kind, &pulled.remote_id)?;
    let pair = word.map(|(local_id, same)| Pair::told(&tx.db(), from.connection, kind, local_id, same)).transpose()?;
    let outcome = incoming::apply(tx, from, pulled, pair.as_ref().map_or(Same::ByKey, Pair::as_told))?;
    if !matches!(outcome, Outcome::Held | Outcome::Asks(_)) {
        decisions::take_up(tx, from.connection, kind, &pulled.remote_id)?;
        parked::remove(tx, from.connection, kind, &pulled.remote_id)?;
        if !matches!(outcome, Outcome::Problem(_)) {
            problems::clear_incoming(tx, from.connection, kind, &pulled.remote_id.0)?;
        }
    }
    Ok(outcome)
}

/// Refuses what the owner's look comes first for.
fn may_mend(db: &Db<'_>, connection: ConnectionId) -> Result<()> {
    if decisions::asking(db)?.contains(&connection) {
        return Err(Error::Refused(
            "The next sync needs your review: open its preview on the Sync page, then resolve what is left.".into(),
        ));
    }
    Ok(())
}

/// Refuses a record that waits by the owner's word, or because of the brake.
fn not_waiting(db: &Db<'_>, key: Key<'_>) -> Result<()> {
    let reason = match (decisions::get(db, key)?, key.direction) {
        (Some((reason, _)), _) => Some(reason),
        (None, ChangeDirection::In) => {
            decisions::aside(db, key.connection, key.kind, &RemoteId(key.record.to_owned()))?
        }
        (None, ChangeDirection::Out) => None,
    };
    let text = match reason {
        None => return Ok(()),
        Some(Reason::Hold) => "You put it on hold, so it waits for your look at the next preview on the Sync page.",
        Some(Reason::Skip) => "You skipped this change; it is looked at when the record changes again.",
        Some(Reason::Moved) => "It moved after your last preview, so it waits for the next one on the Sync page.",
        Some(Reason::Brake) => "The sync stopped before a big change that it is part of; answer that on the Sync page.",
    };
    Err(Error::Refused(text.into()))
}

/// Whether a run does just what the owner has looked at, so that nothing else may be booked under it.
pub(super) fn is_looked_at(db: &Db<'_>, run: RunId) -> Result<bool> {
    Ok(plans::of_run(db, run)?.is_some() || undo::target(db, run)?.is_some())
}

fn said(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Created => "It was brought in.",
        Outcome::Updated => "It was brought up to date.",
        Outcome::Retired => "It is gone there, so it was archived or voided here.",
        Outcome::Same | Outcome::Stale => "Both sides agree by now.",
        Outcome::Held => "It waits until a change of yours has been sent.",
        Outcome::Problem(_) | Outcome::Asks(_) => "It needs you; see the problems.",
    }
}

fn counts(outcome: Outcome) -> Counts {
    Counts {
        read: 1,
        created: u32::from(outcome == Outcome::Created),
        updated: u32::from(matches!(outcome, Outcome::Updated | Outcome::Retired)),
        problems: u32::from(matches!(outcome, Outcome::Problem(true) | Outcome::Asks(true))),
        sent: 0,
    }
}
