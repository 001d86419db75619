//! Plans: a run worked out without sending, decided on record by record, and then carried out exactly so.
//!
//! Absent on purpose: how it is worked out (`rehearsal`) and how a run keeps to it (`gate`).

use super::{ChangeDirection, RunView};
use crate::ids::{ConnectionId, PlanId, RunId};
use crate::store::plans;
use crate::store::{decisions, plan_items};
use crate::view::{FieldChange, Page};
use crate::{Core, Error, Result};
use serde::{Deserialize, Serialize};

/// Where a plan stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, specta::Type)]
#[serde(rename_all = "snake_case")]
pub enum PlanState {
    /// It waits for the owner.
    Ready,
    /// A run carries it out.
    Running,
    /// It was carried out.
    Done,
}

/// What is to happen with one record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, specta::Type)]
#[serde(rename_all = "snake_case")]
pub enum PlanDecision {
    /// Do it as shown; if it is not as shown any more, leave it.
    Approve,
    /// Do it whatever it has become meanwhile.
    ApproveAny,
    /// Leave it until the next preview.
    Hold,
    /// Leave it until it changes again.
    Skip,
}

/// What the owner may do with items.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, specta::Type)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the first four are the decisions")]
pub enum PlanAction {
    Approve,
    ApproveAny,
    Hold,
    Skip,
    /// The two records of a pair are the same.
    Same,
    /// They are two different ones.
    Separate,
}

/// What became of an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, specta::Type)]
#[serde(rename_all = "snake_case")]
pub enum PlanOutcome {
    /// As approved.
    Done,
    /// Left until the next preview.
    Held,
    /// Left until it changes again.
    Skipped,
    /// It was not as shown any more, so it was left for the next preview.
    Moved,
    /// It waits for something else, or the run did not come to it.
    Waits,
    /// There was nothing left to do.
    Nothing,
}

/// A plan.
#[derive(Debug, Clone, Serialize, Deserialize, specta::Type)]
pub struct PlanView {
    /// Id.
    pub id: PlanId,
    /// The connection it is about; `None` means all.
    pub connection_id: Option<ConnectionId>,
    /// Where it stands.
    pub state: PlanState,
    /// The run that carries it out.
    pub run_id: Option<RunId>,
    /// When it was worked out (RFC 3339, UTC).
    pub created_at: String,
    /// One part per connection.
    pub parts: Vec<PlanPartView>,
    /// How many items there are of what.
    pub counts: PlanCounts,
}

/// A plan's part for one connection.
#[derive(Debug, Clone, Serialize, Deserialize, specta::Type)]
pub struct PlanPartView {
    /// Which connection.
    pub connection_id: ConnectionId,
    /// Vendor name.
    pub vendor_name: String,
    /// Account name.
    pub account_name: String,
    /// Why nothing could be worked out, as a sentence; such a part is left out of the run.
    pub error: Option<String>,
    /// Why a sync without a preview would stop and ask, as sentences; what is concerned is on hold at first.
    pub brake: Option<String>,
    /// Every sync of this connection waits for the owner's look.
    pub asks: bool,
}

/// Numbers of a plan's items.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, specta::Type)]
#[expect(missing_docs, reason = "the names say it")]
pub struct PlanCounts {
    pub incoming: u32,
    pub outgoing: u32,
    pub pairs: u32,
    pub approved: u32,
    pub held: u32,
    pub skipped: u32,
    pub done: u32,
    pub moved: u32,
    pub waiting: u32,
}

/// What a run would do to one record.
#[derive(Debug, Clone, Serialize, Deserialize, specta::Type)]
pub struct PlanItemView {
    /// Id within the plan.
    pub id: String,
    /// Which connection.
    pub connection_id: ConnectionId,
    /// Vendor name.
    pub vendor_name: String,
    /// Which way.
    pub direction: ChangeDirection,
    /// Kind of record.
    pub kind: String,
    /// Local id, to open it; `None` while it is not here.
    pub record_id: Option<String>,
    /// Its name or number.
    pub title: String,
    /// `created`, `updated`, `voided`, `deleted`, `linked`, `conflict`, `find_out`.
    pub action: String,
    /// Field by field.
    pub fields: Vec<FieldChange>,
    /// What is to happen with it.
    pub decision: PlanDecision,
    /// A record of ours that may be the same.
    pub pair: Option<PairView>,
    /// What became of it, once carried out.
    pub outcome: Option<PlanOutcome>,
}

/// A record of ours that may be the same as one of theirs.
#[derive(Debug, Clone, Serialize, Deserialize, specta::Type)]
pub struct PairView {
    /// Our record.
    pub record_id: String,
    /// Its name.
    pub title: String,
    /// How sure it is, in percent.
    pub score: u32,
    /// Why.
    pub evidence: Vec<Evidence>,
    /// Taken for the same.
    pub same: bool,
}

/// One reason to take two records for the same.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, specta::Type)]
pub struct Evidence {
    /// Which field.
    pub field: String,
    /// Ours.
    pub ours: String,
    /// Theirs.
    pub theirs: String,
    /// They are equal, and not only alike.
    pub exact: bool,
}

/// Which items of a plan.
#[derive(Debug, Clone, Default, Serialize, Deserialize, specta::Type)]
#[expect(missing_docs, reason = "as in the item")]
pub struct PlanFilter {
    pub direction: Option<ChangeDirection>,
    pub kind: Option<String>,
    pub decision: Option<PlanDecision>,
    pub outcome: Option<PlanOutcome>,
    /// Only pairs.
    pub pairs: bool,
}

/// Items to decide on: the named ones, and all that a filter shows.
#[derive(Debug, Clone, Default, Serialize, Deserialize, specta::Type)]
pub struct PlanSelection {
    /// Ids of items.
    pub ids: Vec<String>,
    /// All that this shows.
    pub filter: Option<PlanFilter>,
}

/// All plans worth showing.
#[derive(Debug, Clone, Serialize, Deserialize, specta::Type)]
pub struct PlanList {
    /// One is being worked out just now.
    pub preparing: bool,
    /// Those that wait for the owner or are carried out, and the last one that was; newest first.
    pub plans: Vec<PlanView>,
    /// Connections whose syncs wait for the owner's look.
    pub asking: Vec<ConnectionId>,
}

impl Core {
    /// Works out what a run would do. Nothing is sent and no record changes. Dropping the future stops it.
    pub async fn plan_sync(&self, connection_id: Option<ConnectionId>) -> Result<PlanView> {
        let id = self.rehearse(connection_id).await?;
        self.plan_view(id)
    }

    /// Plans worth showing.
    pub fn sync_plans(&self) -> Result<PlanList> {
        let preparing = self.is_planning();
        self.store.read(|db| {
            let plans = plans::shown(db)?.into_iter().filter_map(|id| plans::view(db, id).transpose());
            Ok(PlanList { preparing, plans: plans.collect::<Result<_>>()?, asking: decisions::asking(db)? })
        })
    }

    /// A page of a plan's items, in the order the run would come to them.
    pub fn list_plan_items(
        &self,
        plan_id: PlanId,
        filter: &PlanFilter,
        cursor: Option<&str>,
        limit: u32,
    ) -> Result<Page<PlanItemView>> {
        let limit = limit.clamp(1, 200);
        let after = cursor.map_or(Ok(0), |cursor| {
            cursor.parse().map_err(|_| Error::invalid("cursor", "This page no longer exists; start at the first."))
        })?;
        let mut rows = self.store.read(|db| plan_items::page(db, plan_id, filter, after, limit + 1))?;
        let more = rows.len() > limit as usize;
        rows.truncate(limit as usize);
        let next_cursor = rows.last().filter(|_| more).map(|(position, _)| position.to_string());
        Ok(Page { rows: rows.into_iter().map(|(_, item)| item).collect(), next_cursor })
    }

    /// Notes the owner's decisions; nothing happens before the plan is carried out.
    pub fn decide_plan_items(
        &self,
        plan_id: PlanId,
        selection: &PlanSelection,
        action: PlanAction,
    ) -> Result<PlanView> {
        self.store.write(|tx| {
            let plan = plans::view(&tx.db(), plan_id)?.ok_or(Error::NotFound("plan"))?;
            if plan.state != PlanState::Ready {
                return Err(Error::Refused("This plan has been carried out. Make a new preview.".into()));
            }
            plan_items::decide(tx, plan_id, &selection.ids, selection.filter.as_ref(), action)
        })?;
        self.plan_view(plan_id)
    }

    /// Carries a plan out: what is approved and still as shown, and nothing else. With `without_asking` later syncs of its
    /// connections no longer wait for the owner's look.
    pub fn run_plan(&self, plan_id: PlanId, without_asking: bool) -> Result<RunView> {
        self.start_plan(plan_id, without_asking)
    }

    /// Throws a plan away. Held and skipped records stay as they were decided before.
    pub fn discard_plan(&self, plan_id: PlanId) -> Result<()> {
        let found = self.store.write(|tx| plans::discard(tx, plan_id))?;
        if found { Ok(()) } else { Err(Error::NotFound("plan")) }
    }

    pub(super) fn plan_view(&self, id: PlanId) -> Result<PlanView> {
        self.store.read(|db| plans::view(db, id))?.ok_or(Error::NotFound("plan"))
    }
}
