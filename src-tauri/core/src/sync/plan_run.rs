//! Where plans meet the engine: the run that carries one out, the first look at a new connection, how far a run may go.

use super::gate::Gate;
use super::plan::{PlanPartView, PlanState};
use super::{RunTrigger, RunView};
use crate::event::{AttentionPlace, Event};
use crate::ids::{ConnectionId, PlanId, RunId};
use crate::store::runs::{self, NewPart};
use crate::store::{decisions, plans};
use crate::{Core, Error, Result};
use std::sync::atomic::Ordering;

impl Core {
    /// Begins the run that carries a plan out.
    fn begin_plan(&self, id: PlanId, without_asking: bool) -> Result<RunView> {
        self.begin(|tx, open| {
            if open.is_some() {
                return Err(Error::Refused("A sync is going on. Carry the plan out when it has ended.".into()));
            }
            let plan = plans::view(&tx.db(), id)?.ok_or(Error::NotFound("plan"))?;
            if plan.state != PlanState::Ready {
                return Err(Error::Refused("This plan has been carried out. Make a new preview.".into()));
            }
            let able: Vec<_> = plan.parts.into_iter().filter(|part| part.error.is_none()).collect();
            if able.is_empty() {
                return Err(Error::Refused(
                    "Nothing could be worked out, so there is nothing to do. Preview again.".into(),
                ));
            }
            let parts: Vec<NewPart> = able
                .into_iter()
                .map(|PlanPartView { connection_id, vendor_name, account_name, .. }| NewPart {
                    connection_id,
                    vendor_name,
                    account_name,
                })
                .collect();
            let run = RunId::new();
            runs::begin(tx, run, RunTrigger::Planned, &parts, self.now())?;
            plans::start(tx, id, run, without_asking)?;
            Ok(run)
        })
    }

    pub(super) fn start_plan(&self, id: PlanId, without_asking: bool) -> Result<RunView> {
        let run = self.begin_plan(id, without_asking)?;
        self.engine.work_on(run.id);
        Ok(run)
    }

    /// [`Core::run_plan`] to its end without the loop, for the command line and tests.
    pub async fn run_plan_to_end(&self, id: PlanId, without_asking: bool) -> Result<RunView> {
        let _alone = self.engine.alone().await?;
        let run = self.begin_plan(id, without_asking)?;
        self.work(run.id).await?;
        self.run_view(run.id)
    }

    /// A new connection's syncs wait for the owner's look; the first look is prepared at once, or when an engine starts.
    pub(crate) fn ask_first(&self, connection: ConnectionId) -> Result<()> {
        self.store.write(|tx| decisions::set_asking(tx, connection, true))?;
        if self.engine.is_looping() {
            self.engine.plan_for(connection);
        }
        Ok(())
    }

    /// Connections whose first look is due and was not prepared yet.
    pub(super) fn prepare_first_looks(&self) -> Result<()> {
        for connection in self.store.read(plans::unlooked)? {
            self.engine.plan_for(connection);
        }
        Ok(())
    }

    /// Goes without the first look at new connections: the owner takes what comes.
    pub fn waive_first_looks(&self) -> Result<()> {
        self.store.write(|tx| {
            decisions::asking(&tx.db())?
                .into_iter()
                .try_for_each(|connection| decisions::set_asking(tx, connection, false))
        })
    }

    /// Works out the first sync of a new connection and tells the owner.
    pub(super) async fn plan_first_sync(&self, connection: ConnectionId) {
        match self.plan_sync(Some(connection)).await {
            Ok(plan) => {
                let name = plan.parts.first().map(|part| part.vendor_name.clone()).unwrap_or_default();
                let title = format!("Review the next {name} sync");
                let text = "Nothing has been changed or sent yet. See the preview on the Sync page.".to_owned();
                self.store.tell(&Event::Attention { title, text, place: AttentionPlace::Preview });
            }
            Err(error) => tracing::warn!(%error, "the first sync of a connection could not be previewed"),
        }
    }

    pub(super) fn is_planning(&self) -> bool {
        self.engine.planning.load(Ordering::Relaxed)
    }

    /// How far a run may go.
    pub(super) fn gate_of(&self, run: RunId) -> Result<Gate> {
        if let Some(plan) = self.engine.rehearsal {
            return Ok(Gate::Rehearsal(plan));
        }
        Ok(self.store.read(|db| plans::of_run(db, run))?.map_or(Gate::Open, Gate::Plan))
    }
}
