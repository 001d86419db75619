//! The sync engine: pulls, merges, pushes, and keeps an account of all of it.

mod anew;
mod audit;
mod audit_fix;
mod brake;
mod carriers;
mod causes;
mod check;
mod compare;
pub(crate) mod conflicts;
mod dropped;
mod engine;
mod explain;
mod gate;
mod gone;
mod holdable;
mod incoming;
mod incomplete;
mod lookup;
mod mend;
pub mod merge;
mod pairs;
mod part;
pub mod plan;
mod plan_run;
mod pull;
mod push;
mod records;
mod rehearsal;
mod rest;
mod resume;
mod retry;
mod run;
mod same_payment;
mod settle;
mod status;
mod sums;
pub(crate) mod supervise;
#[cfg(feature = "testing")]
pub mod testing;
mod twins;
mod undo;
mod writing;

pub use audit::{AuditConnection, AuditDay, AuditFinding, AuditKind, AuditView};
pub use check::{Area, Finding};
pub use compare::AuditCause;
pub use conflicts::{ConflictChoice, ConflictField, ConflictRule, ConflictSide, ConflictView};
pub use dropped::DroppedRow;
pub use undo::{UndoOutcome, UndoRecord, UndoReport};

pub(crate) use brake::check_shares;
pub(crate) use conflicts::rule_of as conflict_rule;
pub(crate) use engine::Engine;
pub(crate) use explain::action_name;
pub(crate) use records::Same;

use crate::connections::ConnectionView;
use crate::ids::{ConnectionId, OutboxId, ProblemId, RunId};
use crate::view::FieldChange;
use serde::{Deserialize, Serialize};

/// What is always visible of the sync.
#[derive(Debug, Clone, Serialize, Deserialize, specta::Type)]
pub struct SyncStatus {
    /// The run going on.
    pub open_run: Option<RunView>,
    /// The last run that ended.
    pub last_run: Option<RunView>,
    /// All connections.
    pub connections: Vec<ConnectionView>,
    /// Changes waiting to be sent.
    pub waiting_count: u32,
    /// Problems to look at.
    pub problem_count: u32,
    /// When the timer runs next (RFC 3339, UTC); `None` when off or paused.
    pub next_run_at: Option<String>,
    /// The timer is paused.
    pub paused: bool,
    /// The vendor whose lists are compared with ours just now; a run that is begun meanwhile waits for that.
    pub comparing_with: Option<String>,
}

/// What started a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, specta::Type)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names say it")]
pub enum RunTrigger {
    Owner,
    Timer,
    Connected,
    CommandLine,
    Planned,
    Undo,
}

/// Where a run, or its part for one connection, stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, specta::Type)]
#[serde(rename_all = "snake_case")]
pub enum RunState {
    /// Not begun.
    Queued,
    /// Going on.
    Running,
    /// Ended well.
    Done,
    /// Ended; something needs the owner.
    DoneWithProblems,
    /// The vendor failed; what was done stays done, the rest comes next time.
    Failed,
    /// Stopped by the owner.
    Cancelled,
    /// The app ended before the run did.
    Interrupted,
}

/// A run.
#[derive(Debug, Clone, Serialize, Deserialize, specta::Type)]
pub struct RunView {
    /// Id.
    pub id: RunId,
    /// What started it.
    pub trigger: RunTrigger,
    /// Where it stands.
    pub state: RunState,
    /// Start (RFC 3339, UTC).
    pub started_at: String,
    /// End (RFC 3339, UTC).
    pub finished_at: Option<String>,
    /// Its length in milliseconds so far.
    pub duration_ms: u32,
    /// One part per connection.
    pub parts: Vec<RunPartView>,
}

/// A run's part for one connection.
#[derive(Debug, Clone, Serialize, Deserialize, specta::Type)]
pub struct RunPartView {
    /// Which connection.
    pub connection_id: ConnectionId,
    /// Vendor name.
    pub vendor_name: String,
    /// Account name.
    pub account_name: String,
    /// Where it stands.
    pub state: RunState,
    /// What it is doing, such as "Reading invoices".
    pub step: String,
    /// Records read.
    pub read_count: u32,
    /// Records new here.
    pub created_count: u32,
    /// Records changed here.
    pub updated_count: u32,
    /// Changes sent.
    pub sent_count: u32,
    /// Records that need the owner.
    pub problem_count: u32,
    /// Why it failed, as a sentence.
    pub error: Option<String>,
}

/// One record that a run changed.
#[derive(Debug, Clone, Serialize, Deserialize, specta::Type)]
pub struct RunChange {
    /// When (RFC 3339, UTC).
    pub at: String,
    /// Vendor name.
    pub vendor_name: String,
    /// Which way.
    pub direction: ChangeDirection,
    /// Kind of record, such as `invoice`.
    pub kind: String,
    /// Local id, to open it.
    pub record_id: Option<String>,
    /// Its name or number.
    pub title: String,
    /// `created`, `updated`, `deleted`, `voided`.
    pub action: String,
    /// Field by field.
    pub fields: Vec<FieldChange>,
}

/// Which way a change went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, specta::Type)]
#[serde(rename_all = "snake_case")]
pub enum ChangeDirection {
    /// From the vendor.
    In,
    /// To the vendor.
    Out,
}

/// A run with what it changed.
#[derive(Debug, Clone, Serialize, Deserialize, specta::Type)]
pub struct RunDetail {
    /// The run.
    pub run: RunView,
    /// What it changed, newest first, one page.
    pub changes: Vec<RunChange>,
    /// Where the next page of changes starts.
    pub next_cursor: Option<String>,
}

/// Why an outbox entry waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, specta::Type)]
#[serde(rename_all = "snake_case")]
pub enum OutboxState {
    /// Goes out with the next run.
    Waiting,
    /// Another entry has to go first.
    Blocked,
    /// On its way.
    Sending,
    /// A try failed; it is tried again by itself.
    Retrying,
    /// No answer came; the next run finds out what happened before sending again.
    Unknown,
    /// The vendor refused it; the owner has to act.
    Rejected,
}

/// One change waiting to be sent.
#[derive(Debug, Clone, Serialize, Deserialize, specta::Type)]
pub struct OutboxRow {
    /// Id.
    pub id: OutboxId,
    /// Which connection.
    pub connection_id: ConnectionId,
    /// Vendor name.
    pub vendor_name: String,
    /// Kind of record.
    pub kind: String,
    /// Local id, to open it.
    pub record_id: String,
    /// Its name or number.
    pub title: String,
    /// `create`, `update` or `retire`.
    pub operation: String,
    /// Why it waits.
    pub state: OutboxState,
    /// Why it waits, as a sentence.
    pub why: String,
    /// Tries so far.
    pub attempts: u32,
    /// Next try (RFC 3339, UTC), where it has to wait.
    pub next_attempt_at: Option<String>,
    /// When it was made (RFC 3339, UTC).
    pub created_at: String,
}

/// What mends a problem.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, specta::Type)]
#[serde(rename_all = "snake_case")]
pub enum ProblemAction {
    /// Try again as it is.
    Retry,
    /// Change the record, which tries again by itself.
    EditRecord,
    /// Give the invoice the next free number, which tries again by itself.
    Renumber,
    /// Sign in again.
    SignIn,
    /// Choose something in the connection's settings; `ProblemRow::setting` says what.
    ConnectionSettings,
    /// Give the customer or item another name, which tries again by itself.
    Rename,
    /// Choose between the two values of each field.
    Decide,
    /// Let one run pass that stopped because it would have changed too much.
    Release,
    /// Send it anew: it was deleted over there.
    SendAnew,
    /// Take it up again: it is back over there.
    TakeUp,
    /// Say whether it is a payment that is here already, or another one.
    SamePayment,
    /// Record what arrived beyond what was due as credit, or leave it.
    RecordCredit,
    /// Compare both sides' sums again.
    CompareAgain,
    /// Nothing but to know.
    Dismiss,
}

/// Something the owner should look at.
#[derive(Debug, Clone, Serialize, Deserialize, specta::Type)]
pub struct ProblemRow {
    /// Id.
    pub id: ProblemId,
    /// Which connection.
    pub connection_id: ConnectionId,
    /// Vendor name.
    pub vendor_name: String,
    /// Kind of record; `connection` when it is about the connection itself.
    pub kind: String,
    /// Local id, to open it.
    pub record_id: Option<String>,
    /// Its name or number.
    pub title: String,
    /// What is wrong, in plain words.
    pub message: String,
    /// What to do about it, in plain words.
    pub advice: String,
    /// The vendor's own code and words, quoted.
    pub vendor_text: String,
    /// What happened to the letter, in Backroom's words.
    pub detail: String,
    /// What mends it.
    pub action: ProblemAction,
    /// The setting of the connection that mends it, where it is one.
    pub setting: Option<String>,
    /// The change that was refused; it may be dropped with a reason.
    pub outbox_id: Option<OutboxId>,
    /// When it was first seen (RFC 3339, UTC).
    pub since: String,
    /// Tries so far.
    pub attempts: u32,
}

impl crate::Core {
    /// What is always visible of the sync.
    pub fn sync_status(&self) -> crate::Result<SyncStatus> {
        self.status_now()
    }

    /// Starts a run, or returns the one going on.
    pub fn sync_now(&self, connection_id: Option<ConnectionId>, trigger: RunTrigger) -> crate::Result<RunView> {
        self.start_run(connection_id, trigger)
    }

    /// Stops the run, preview or comparison going on after its current step.
    pub fn cancel_run(&self) -> crate::Result<()> {
        self.cancel_work();
        Ok(())
    }

    /// Pauses or resumes the timer.
    pub fn pause_sync(&self, paused: bool) -> crate::Result<SyncStatus> {
        let settings = self.sync_settings()?;
        self.save_sync_settings(crate::company::SyncSettings { paused, ..settings })?;
        self.timer_changed();
        self.status_now()
    }

    /// A page of runs, newest first.
    pub fn list_runs(&self, cursor: Option<String>, limit: u32) -> crate::Result<crate::view::Page<RunView>> {
        self.runs_page(cursor.as_deref(), limit)
    }

    /// One run with what it changed.
    pub fn get_run(&self, id: RunId, cursor: Option<String>, limit: u32) -> crate::Result<RunDetail> {
        self.run_detail(id, cursor.as_deref(), limit)
    }

    /// Changes waiting to be sent, in order.
    pub fn list_outbox(&self, cursor: Option<String>, limit: u32) -> crate::Result<crate::view::Page<OutboxRow>> {
        self.outbox_page(cursor.as_deref(), limit)
    }

    /// What the owner should look at.
    pub fn list_problems(&self, cursor: Option<String>, limit: u32) -> crate::Result<crate::view::Page<ProblemRow>> {
        self.problems_page(cursor.as_deref(), limit)
    }

    /// Tries again what problems are about, at once where the engine runs. Conflicts and runs that stopped for the owner are left:
    /// they want a decision, see [`crate::Core::resolve_conflict`] and [`crate::Core::release_brake`].
    pub fn retry_problems(&self, ids: Vec<ProblemId>) -> crate::Result<()> {
        self.retry_all(&ids)
    }

    /// Lets the next run of a connection pass that stopped because it would have changed too much, and begins it where the engine
    /// runs.
    pub fn release_brake(&self, id: ProblemId) -> crate::Result<()> {
        self.let_pass(id)
    }

    /// Takes a problem off the list. One about a refused change stays until that is sent or dropped with a reason.
    pub fn dismiss_problem(&self, id: ProblemId) -> crate::Result<()> {
        self.dismiss(id)
    }
}
