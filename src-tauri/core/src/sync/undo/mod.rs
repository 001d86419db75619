//! Undoing a run: what it did to each record, field by field, is taken back where both sides still hold what it wrote.
//!
//! An undo is a run of its own. It first reads what the vendors have now, so that whatever somebody changed since is seen; then
//! it writes the earlier values here, in one transaction, and sends them like an owner's edits. A preview does the same and
//! throws it away. What it changed is kept like any run's, so that it can be undone itself.
//!
//! What is left as it is, each time with its reason: what changed since, what both sides hold as a fact (parcels, a payment
//! processor's money), void documents, and what a vendor refuses when asked.

mod apply;
pub mod fields;
mod gather;
pub mod keep;
pub mod sent;

pub use apply::is_retired;

use super::{RunState, RunTrigger, RunView};
use crate::ids::RunId;
use crate::store::{Tx, undo as rows};
use crate::view::FieldChange;
use crate::{Core, Error, Result};
use serde::{Deserialize, Serialize};
use std::cell::RefCell;

/// Most records listed in a report; the counts are of all.
const MOST_LISTED: usize = 500;

/// What undoing does, or did, to one record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, specta::Type)]
#[serde(rename_all = "snake_case")]
pub enum UndoOutcome {
    /// Earlier values are put back, here and over there.
    PutBack,
    /// The run had made it over there: there it is voided, cancelled or made inactive; here it stays as it was.
    Retired,
    /// It had come in with the run: it is archived here and stays over there.
    ArchivedHere,
    /// It is as it was before the run already.
    AsBefore,
    /// It stays as it is; the reasons say why.
    Left,
}

/// One record of a run that is undone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, specta::Type)]
pub struct UndoRecord {
    /// Kind of record, such as `invoice`.
    pub kind: String,
    /// Local id, to open it.
    pub record_id: Option<String>,
    /// Its name or number.
    pub title: String,
    /// What happens to it.
    pub outcome: UndoOutcome,
    /// Field by field: as it is, and as it will be.
    pub fields: Vec<FieldChange>,
    /// Why it, or a part of it, stays as it is; sentences.
    pub reasons: Vec<String>,
    /// Done here, and on its way to a vendor.
    pub waiting: bool,
}

/// What undoing a run does, or did.
#[derive(Debug, Clone, Serialize, Deserialize, specta::Type)]
pub struct UndoReport {
    /// The run that is undone.
    pub target: RunView,
    /// Its records, at most 500: first those that change, then those that stay, then those that are as before already.
    pub records: Vec<UndoRecord>,
    /// How many records change.
    pub change_count: u32,
    /// How many stay as they are, wholly or in part.
    pub left_count: u32,
    /// How many are as before already.
    pub as_before_count: u32,
}

impl Core {
    /// What undoing this run would do, record by record, by what is known now. Nothing is changed.
    pub fn preview_undo(&self, id: RunId) -> Result<UndoReport> {
        let target = self.undoable(id)?;
        let found = RefCell::new(None);
        let tried = self.store.write(|tx| {
            let records = apply::apply(tx, &apply::Undoing { run: None, target: id, unread: &[], now: self.now() })?;
            *found.borrow_mut() = Some(records);
            // Thrown away: an error takes everything back.
            Err::<(), Error>(Error::Refused("preview".into()))
        });
        match (found.into_inner(), tried) {
            (Some(records), _) => Ok(report(target, records)),
            (None, Err(error)) => Err(error),
            (None, Ok(())) => Err(Error::Bug("a preview was kept".into())),
        }
    }

    /// Begins the run that undoes this one.
    pub fn undo_run(&self, id: RunId) -> Result<RunView> {
        let target = self.undoable(id)?;
        self.start_undo(target.id)
    }

    /// The same without the loop, to its end; for the command line and tests.
    pub async fn undo_to_end(&self, id: RunId) -> Result<RunView> {
        let target = self.undoable(id)?;
        self.work_undo_to_end(target.id).await
    }

    /// What the run that undid another one did, record by record.
    pub fn get_undo(&self, id: RunId) -> Result<UndoReport> {
        let (target, records) = self.store.read(|db| Ok((rows::target(db, id)?, rows::steps(db, id)?)))?;
        let target = target.ok_or(Error::NotFound("undone run"))?;
        Ok(report(self.run_view(target)?, records))
    }

    fn undoable(&self, id: RunId) -> Result<RunView> {
        let target = self.run_view(id)?;
        if matches!(target.state, RunState::Queued | RunState::Running) {
            return Err(Error::Refused("This run is still going on. Wait until it has ended, then undo it.".into()));
        }
        Ok(target)
    }

    /// The part between reading and sending: writes the earlier values here.
    pub(super) fn undo_here(&self, run: RunId, target: RunId, unread: &[crate::ids::ConnectionId]) -> Result<()> {
        self.store.write_in_run(run, |tx: &Tx<'_>| {
            rows::begin_writing(tx, run)?;
            let undoing = apply::Undoing { run: Some(run), target, unread, now: self.now() };
            apply::apply(tx, &undoing).map(drop)
        })
    }
}

/// What starts a run that undoes another.
pub(super) const TRIGGER: RunTrigger = RunTrigger::Undo;

fn report(target: RunView, mut records: Vec<UndoRecord>) -> UndoReport {
    let place = |record: &UndoRecord| match record.outcome {
        UndoOutcome::PutBack | UndoOutcome::Retired | UndoOutcome::ArchivedHere => 0,
        UndoOutcome::Left => 1,
        UndoOutcome::AsBefore => 2,
    };
    records.sort_by_key(place);
    let count = |which: &dyn Fn(&UndoRecord) -> bool| {
        u32::try_from(records.iter().filter(|record| which(record)).count()).unwrap_or(u32::MAX)
    };
    let change_count = count(&|record| place(record) == 0);
    // Of what is retired the reasons say how.
    let left_count = count(&|record| record.outcome != UndoOutcome::Retired && !record.reasons.is_empty());
    let as_before_count = count(&|record| place(record) == 2);
    records.truncate(MOST_LISTED);
    UndoReport { target, records, change_count, left_count, as_before_count }
}
