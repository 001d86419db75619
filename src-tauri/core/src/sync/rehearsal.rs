//! A run on a copy of the data file with connectors that can only read. What it would have done is handed over as a plan; the
//! copy is thrown away. The real file gets the plan and nothing else.
//!
//! Costs as much as the copy and what changed. Connections are rehearsed one after the other on the same copy, as a run would
//! work them off, so that what one brings in is seen to go out to the next.

use super::engine::Engine;
use super::gate::postpone_unsettled;
use super::plan::PlanPartView;
use super::status::brake_seen;
use super::supervise::caught;
use super::{RunState, RunTrigger};
use crate::event::{Event, Tag};
use crate::ids::{ConnectionId, PlanId};
use crate::store::connections as rows;
use crate::store::{Store, decisions, plan_items, plans};
use crate::{Core, Error, Parts, Result};
use connector_contract::{
    Account, Connector, ConnectorError, Operation, Page, PullRequest, Push, Pushed, RecordKind, RemoteId, Rest, Stream,
    Vendor, Written,
};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Items handed over in one transaction.
const PORTION: u32 = 500;

/// A connector that reads and only pretends to send.
struct Reader {
    real: Arc<dyn Connector>,
    /// Something was pretended, so what the vendor shows is no longer what the copy believes.
    pretended: AtomicBool,
}

impl Reader {
    fn of(real: Arc<dyn Connector>) -> Arc<dyn Connector> {
        Arc::new(Self { real, pretended: AtomicBool::new(false) })
    }
}

#[async_trait::async_trait]
impl Connector for Reader {
    async fn identify(&self) -> Result<Account, ConnectorError> {
        self.real.identify().await
    }

    fn streams(&self) -> &'static [Stream] {
        self.real.streams()
    }

    fn rest(&self) -> Option<Rest> {
        self.real.rest()
    }

    fn end_rest(&self) {
        self.real.end_rest();
    }

    async fn pull(&self, request: PullRequest) -> Result<Page, ConnectorError> {
        match request.cursor {
            Some(next) if self.pretended.load(Ordering::Relaxed) => Ok(Page { records: Vec::new(), next, more: false }),
            _ => self.real.pull(request).await,
        }
    }

    fn keeps(&self, kind: RecordKind, field: &str) -> bool {
        self.real.keeps(kind, field)
    }

    async fn push(&self, push: Push) -> Result<Pushed, ConnectorError> {
        self.pretended.store(true, Ordering::Relaxed);
        let (remote_id, version) = match push.operation {
            Operation::Create(_) => (RemoteId(format!("planned {}", push.natural_key)), None),
            Operation::Update { remote_id, version, .. } | Operation::Retire { remote_id, version, .. } => {
                (remote_id, version)
            }
        };
        Ok(Pushed { remote_id, version, record: None, written: Written::default() })
    }
}

/// Says that a plan is being worked out, until it is dropped.
struct Planning<'a>(&'a Core);

impl<'a> Planning<'a> {
    fn begin(core: &'a Core) -> Self {
        core.engine.planning.store(true, Ordering::Relaxed);
        core.store.tell(&Event::Changed { tags: vec![Tag::Plans] });
        Self(core)
    }
}

impl Drop for Planning<'_> {
    fn drop(&mut self) {
        self.0.engine.planning.store(false, Ordering::Relaxed);
        self.0.store.tell(&Event::Changed { tags: vec![Tag::Plans] });
    }
}

impl Core {
    /// Works a plan out and puts it down. Waits for what the engine is at.
    pub(super) async fn rehearse(&self, scope: Option<ConnectionId>) -> Result<PlanId> {
        let _alone = self.engine.alone().await?;
        let _planning = Planning::begin(self);
        let plan = PlanId::new();
        match self.engine.unless_halted(caught("a preview", self.rehearse_on_copy(plan, scope))).await {
            Ok(made) => made?.map(|()| plan),
            Err(_) => Err(Error::Refused("The preview was stopped; nothing has changed.".into())),
        }
    }

    async fn rehearse_on_copy(&self, plan: PlanId, scope: Option<ConnectionId>) -> Result<()> {
        let parts = self.store.read(|db| self.parts_of_plan(db, scope))?;
        let rehearsal = self.rehearsal(plan, self.store.copy()?);
        rehearsal.store.write(|tx| {
            plans::begin(tx, plan, None, self.now())?;
            plans::make_ready_to_rehearse(tx)?;
            decisions::forget_holds(tx)?;
            postpone_unsettled(tx, plan)
        })?;
        let mut shown = Vec::new();
        for part in parts {
            let id = part.connection_id;
            let error = self.rehearse_part(&rehearsal, id).await?;
            let brake = rehearsal.store.read(|db| rows::note(db, &brake_seen(id)))?.filter(|_| error.is_none());
            let (vendor_name, account_name) = (part.vendor_name, part.account_name);
            shown.push(PlanPartView { connection_id: id, vendor_name, account_name, error, brake, asks: false });
        }
        self.hand_over(plan, scope, &shown, &rehearsal.store)
    }

    /// Rehearses one connection; returns why it could not be done, as a sentence.
    async fn rehearse_part(&self, rehearsal: &Self, id: ConnectionId) -> Result<Option<String>> {
        let Some(row) = self.store.read(|db| rows::get(db, id))? else {
            return Ok(Some("It was disconnected meanwhile.".into()));
        };
        match self.connector(&row) {
            Ok((_, real)) => rehearsal.opened.lock().insert(id, Reader::of(real)),
            Err(error) => return Ok(Some(error.to_string())),
        };
        let run = rehearsal.run_to_end(Some(id), RunTrigger::Owner).await?;
        let part = run.parts.into_iter().next();
        Ok(part.and_then(|part| match part.state {
            RunState::Done | RunState::DoneWithProblems => part.error,
            _ => Some(part.error.unwrap_or_else(|| "It could not be read to the end.".to_owned())),
        }))
    }

    /// This core once more, on the copy. Connectors it opens by itself can't send either.
    fn rehearsal(&self, plan: PlanId, store: Store) -> Self {
        let vendors = self.parts.vendors.iter().map(|vendor| {
            let open = Arc::clone(&vendor.open);
            Vendor { open: Arc::new(move |config| Reader::of(open(config))), ..vendor.clone() }
        });
        Self {
            store,
            parts: Parts { vendors: vendors.collect(), data_folder: None, ..self.parts.clone() },
            engine: Engine::rehearsing(plan),
            sign_in: parking_lot::Mutex::default(),
            opened: parking_lot::Mutex::default(),
            watch: crate::data::Watch::default(),
        }
    }

    fn hand_over(&self, plan: PlanId, scope: Option<ConnectionId>, parts: &[PlanPartView], copy: &Store) -> Result<()> {
        self.store.write(|tx| {
            plans::begin(tx, plan, scope, self.now())?;
            for (position, part) in (0..).zip(parts) {
                plans::add_part(tx, plan, position, part)?;
            }
            Ok(())
        })?;
        let failed: Vec<ConnectionId> =
            parts.iter().filter(|part| part.error.is_some()).map(|part| part.connection_id).collect();
        let mut after = 0;
        // In portions, so that the owner's own saves need not wait for all of them.
        while let Some(last) =
            self.store.write(|tx| copy.read(|db| plan_items::take_portion(tx, db, plan, after, PORTION)))?
        {
            after = last;
        }
        self.store.write(|tx| {
            plans::drop_items(tx, plan, &failed)?;
            plans::ready(tx, plan, scope)
        })
    }
}
