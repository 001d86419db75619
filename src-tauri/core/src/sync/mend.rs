//! What the owner does about problems: try again, let a run pass, give another name, take off the list.
//!
//! Absent on purpose: deciding conflicts (`conflicts`) and dropping a change with a reason (`dropped`). Nothing here does either
//! of them on the side.

use super::anew::BACK;
use super::explain::action_named;
use super::same_payment::THERE_TWICE;
use super::status::{BRAKE, UNREADABLE, brake_note};
use super::sums::SUMS_DIFFER;
use super::{ProblemAction, RunTrigger};
use crate::ids::{ConnectionId, ProblemId};
use crate::payments::{MORE_THAN_DUE, SAME_PAYMENT};
use crate::store::outbox::{self, State};
use crate::store::problems::{self, CONFLICT, ProblemRecord};
use crate::store::{Tx, connections as rows, cursors};
use crate::{Core, Error, Result};
use connector_contract::{RecordKind, Stream};
use std::collections::BTreeSet;

impl Core {
    pub(super) fn retry_all(&self, ids: &[ProblemId]) -> Result<()> {
        let tried = self.store.write(|tx| {
            let mut tried = BTreeSet::new();
            for id in ids {
                let Some(problem) = problems::get(&tx.db(), *id)? else { continue };
                let asked = matches!(problem.code.as_str(), CONFLICT | BRAKE | SAME_PAYMENT | MORE_THAN_DUE);
                if !asked {
                    self.retry(tx, &problem)?;
                    tried.insert(problem.connection_id);
                }
            }
            Ok(tried)
        })?;
        begin_for(self, &tried)
    }

    fn retry(&self, tx: &Tx<'_>, problem: &ProblemRecord) -> Result<()> {
        if matches!(problem.code.as_str(), SUMS_DIFFER | THERE_TWICE) {
            // The run to come looks again, and takes it off the list where there is nothing left to say.
            return Ok(());
        }
        if problem.code == BACK {
            self.take_up_again(tx, problem)?;
        } else if let (ProblemAction::SendAnew, Some(local_id)) = (action_named(&problem.action), &problem.local_id) {
            self.release(tx, problem.connection_id, outbox::kind(&problem.kind)?, local_id)?;
        } else if let Some(entry) = problem.outbox_id.map(|id| outbox::get(&tx.db(), id)).transpose()?.flatten() {
            match entry.state {
                // Nobody knows whether it had its effect, so it must go out under its old key.
                State::Unknown | State::Sending => outbox::hurry(tx, entry.id)?,
                State::Waiting | State::Retrying | State::Rejected => outbox::reset(tx, entry.id, self.now())?,
            }
        } else if problem.code == UNREADABLE {
            // A record that could not be read is looked at again only if its stream is read again.
            for stream in cursors::streams(&tx.db(), problem.connection_id)? {
                if stream != Stream::DELETIONS {
                    cursors::clear(tx, problem.connection_id, &stream)?;
                }
            }
        }
        problems::remove(tx, problem.id)
    }

    pub(super) fn let_pass(&self, id: ProblemId) -> Result<()> {
        let connection = self.store.write(|tx| {
            let problem = problems::get(&tx.db(), id)?.filter(|problem| problem.code == BRAKE);
            let problem = problem.ok_or(Error::NotFound("problem"))?;
            rows::set_note(tx, &brake_note(problem.connection_id), Some("yes"))?;
            problems::remove(tx, problem.id)?;
            Ok(problem.connection_id)
        })?;
        begin_for(self, &BTreeSet::from([connection]))
    }

    pub(super) fn dismiss(&self, id: ProblemId) -> Result<()> {
        self.store.write(|tx| {
            let problem = problems::get(&tx.db(), id)?.ok_or(Error::NotFound("problem"))?;
            let entry = problem.outbox_id.map(|id| outbox::get(&tx.db(), id)).transpose()?.flatten();
            if entry.is_some_and(|entry| entry.state == State::Rejected) {
                let text = "The change it is about still waits. Try it again, or drop it and say why.";
                return Err(Error::Refused(text.into()));
            }
            if problem.code == BACK {
                self.leave_out(tx, &problem)?;
            }
            problems::remove(tx, id)
        })
    }

    /// Gives a customer or an item another name, as saving its form does.
    pub fn rename_record(&self, kind: &str, id: &str, name: &str) -> Result<()> {
        let unknown = |_| Error::NotFound("record");
        match outbox::kind(kind).map_err(unknown)? {
            RecordKind::Customer => {
                let mut draft = self.get_customer(id.parse().map_err(|_| Error::NotFound("customer"))?)?.draft;
                name.clone_into(&mut draft.display_name);
                self.save_customer(draft).map(drop)
            }
            RecordKind::Item => {
                let mut draft = self.get_item(id.parse().map_err(|_| Error::NotFound("item"))?)?.draft;
                name.clone_into(&mut draft.name);
                self.save_item(draft).map(drop)
            }
            _ => Err(Error::NotFound("record")),
        }
    }
}

/// Begins a run over these connections where an engine runs, after the one going on where there is one: that may have sent
/// what it sends already. Elsewhere whoever asked decides when.
pub(super) fn begin_for(core: &Core, connections: &BTreeSet<ConnectionId>) -> Result<()> {
    if !core.engine.is_looping() || connections.is_empty() {
        return Ok(());
    }
    if core.engine.own.lock().is_some() {
        for connection in connections {
            core.engine.again(*connection, RunTrigger::Owner);
        }
        return Ok(());
    }
    let only = connections.first().copied().filter(|_| connections.len() == 1);
    match core.start_run(only, RunTrigger::Owner) {
        // Its first sync still waits for the owner's look, or it was disconnected meanwhile.
        Ok(_) | Err(Error::Refused(_) | Error::NotFound(_)) => Ok(()),
        Err(error) => Err(error),
    }
}
