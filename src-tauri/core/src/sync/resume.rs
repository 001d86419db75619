//! Going on with what the end of the app cut short: the newest run, if it was interrupted, gets a successor over the same
//! connections as soon as the loop begins, timer or not. What it has done already is not done again: cursors and outbox say
//! where it stood.
//!
//! A run that carried a plan out hands the plan on: what was approved and is still as shown, and nothing else. An undo that had
//! not taken anything back yet goes on as that undo; one that had is done here, and what it changed only has to be sent.
//!
//! Absent on purpose: runs that the owner cancelled, and interrupted ones that another run has followed.

use super::{RunTrigger, RunView};
use crate::ids::RunId;
use crate::store::runs::{self, NewPart};
use crate::store::{Tx, connections as rows, decisions, plans, undo};
use crate::{Core, Error, Result};

impl Core {
    /// Begins the successor of the newest run if that was interrupted. `None` when there is nothing to go on with.
    pub(super) fn resume(&self) -> Result<Option<RunView>> {
        self.mark_leftovers()?;
        let Some(left) = self.store.read(runs::newest_if_interrupted)? else { return Ok(None) };
        let left = self.run_view(left)?;
        let begun = self.begin(|tx, open| match open {
            Some(open) => Ok(open),
            None => self.begin_successor(tx, &left),
        });
        match begun {
            Ok(run) => Ok(Some(run)),
            // Its connections are gone, or wait for the owner's look.
            Err(Error::Refused(_)) => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn begin_successor(&self, tx: &Tx<'_>, left: &RunView) -> Result<RunId> {
        let db = tx.db();
        let plan = plans::of_run(&db, left.id)?;
        let target = match undo::target(&db, left.id)? {
            Some(_) if !undo::steps(&db, left.id)?.is_empty() => None,
            target => target,
        };
        let connected: Vec<_> = rows::all(&db)?.into_iter().map(|row| row.id).collect();
        let asking = if plan.is_some() { Vec::new() } else { decisions::asking(&db)? };
        let parts = left.parts.iter().map(|part| NewPart {
            connection_id: part.connection_id,
            vendor_name: part.vendor_name.clone(),
            account_name: part.account_name.clone(),
        });
        let parts: Vec<NewPart> = parts
            .filter(|part| connected.contains(&part.connection_id) && !asking.contains(&part.connection_id))
            .collect();
        if parts.is_empty() {
            return Err(Error::Refused("Nothing of the interrupted run can be gone on with.".into()));
        }
        let id = RunId::new();
        let trigger = match (left.trigger, target) {
            (RunTrigger::Undo, None) => RunTrigger::Owner,
            (trigger, _) => trigger,
        };
        runs::begin(tx, id, trigger, &parts, self.now())?;
        if let Some(target) = target {
            undo::set_target(tx, id, target)?;
        }
        if let Some(plan) = plan {
            plans::hand_on(tx, plan, id)?;
        }
        Ok(id)
    }
}
