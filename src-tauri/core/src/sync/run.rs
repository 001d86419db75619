//! Runs: begun as rows, one open at a time, and worked off part by part.
//!
//! A run's steps are short and each commits by itself, so it may end between any two of them: what is left is marked interrupted
//! at the next start and gone on with (`resume`).
//!
//! Absent on purpose: when a run begins (`engine`), and what a part does (`part`).

use super::audit_fix::is_looked_at;
use super::engine::{Alone, Engine};
use super::explain::action_name;
use super::gate::Gate;
use super::part::Part;
use super::supervise::{Panicked, caught};
use super::{ProblemAction, RunState, RunTrigger, RunView, undo};
use crate::ids::{ConnectionId, RunId};
use crate::store::connections::{self as rows, ConnectionRow};
use crate::store::problems::{self, NewProblem};
use crate::store::runs::{self, Counts, NewPart};
use crate::store::undo::{self as undo_rows, Phase};
use crate::store::{Db, Tx, decisions, plans};
use crate::{Core, Error, Result};
use futures::future::join_all;
use std::time::Duration;
use tokio::sync::oneshot;
use tokio::time::timeout;

/// How long a part waits for each one before it. Long enough for the few pages of an everyday read.
const PATIENCE: Duration = Duration::from_secs(20);

/// Forgets the run when its work ends or is dropped: from then on the row, if still open, is a leftover.
struct Owned<'a>(&'a Engine);

impl Drop for Owned<'_> {
    fn drop(&mut self) {
        *self.0.own.lock() = None;
        self.0.forget_cancel();
    }
}

impl Core {
    /// Runs one sync to its end without the loop, for the command line and tests. Waits for a run going on in this process;
    /// one left open by an earlier life is marked interrupted first. Refused while the app quits.
    pub async fn run_to_end(&self, connection_id: Option<ConnectionId>, trigger: RunTrigger) -> Result<RunView> {
        let _alone = self.engine.alone().await?;
        self.begin_session()?;
        self.mark_leftovers()?;
        let run = self.begin_run(connection_id, trigger)?;
        self.work(run.id).await?;
        self.run_view(run.id)
    }

    /// Applies something outside the usual order as a run of its own, so that it is accounted for like any other; within the
    /// run that waits to begin, where there is one.
    pub(super) fn apply_alone(
        &self,
        _alone: &Alone<'_>,
        connection: ConnectionId,
        work: impl FnOnce(&Tx<'_>, RunId) -> Result<Counts>,
    ) -> Result<()> {
        let waiting = *self.engine.own.lock();
        let queued = waiting.is_some();
        if let Some(run) = waiting
            && self.store.read(|db| is_looked_at(db, run))?
        {
            return Err(Error::Refused("A run that you have looked at is about to begin; try again after it.".into()));
        }
        let run = self.begin_run(Some(connection), RunTrigger::Owner)?.id;
        let _owned = (!queued).then(|| Owned(&self.engine));
        let done = self.store.write_in_run(run, |tx| {
            let counts = work(tx, run)?;
            runs::advance(tx, run, connection, RunState::Running, "", counts, self.now())
        });
        if !queued {
            let (state, text) = match &done {
                Ok(()) => (RunState::Done, None),
                Err(error) => (RunState::Failed, Some(error.to_string())),
            };
            self.store.write(|tx| {
                runs::end_part(tx, run, connection, state, text.as_deref(), self.now())?;
                runs::end(tx, run, state, self.now())
            })?;
        }
        done
    }

    /// [`Core::run_to_end`] for a run that undoes another.
    pub(super) async fn work_undo_to_end(&self, target: RunId) -> Result<RunView> {
        let _alone = self.engine.alone().await?;
        self.mark_leftovers()?;
        let run = self.begin_undo(target)?;
        self.work(run.id).await?;
        self.run_view(run.id)
    }

    /// The open run of this process, or a new one.
    pub(super) fn begin_run(&self, scope: Option<ConnectionId>, trigger: RunTrigger) -> Result<RunView> {
        self.begin(|tx, open| {
            if let Some(open) = open {
                return Ok(open);
            }
            let id = RunId::new();
            runs::begin(tx, id, trigger, &self.parts_of_run(tx, scope)?, self.now())?;
            Ok(id)
        })
    }

    /// Begins a run by a closure that gets the open run of this process; one of an earlier life is ended first.
    pub(super) fn begin(&self, work: impl FnOnce(&Tx<'_>, Option<RunId>) -> Result<RunId>) -> Result<RunView> {
        self.engine.refuse_when_stopping()?;
        let mut own = self.engine.own.lock();
        let now = self.now();
        let id = self.store.write(|tx| {
            let open = runs::open(&tx.db())?;
            if let Some(left) = open.filter(|open| *own != Some(*open)) {
                runs::end(tx, left, RunState::Interrupted, now)?;
                plans::finish(tx)?;
            }
            work(tx, open.filter(|open| *own == Some(*open)))
        })?;
        *own = Some(id);
        drop(own);
        self.run_view(id)
    }

    pub(super) fn begin_undo(&self, target: RunId) -> Result<RunView> {
        self.begin(|tx, open| {
            if open.is_some() {
                return Err(Error::Refused("A run is going on. Wait until it has ended, then undo.".into()));
            }
            let id = RunId::new();
            runs::begin(tx, id, undo::TRIGGER, &self.parts_of_undo(tx, target)?, self.now())?;
            undo_rows::set_target(tx, id, target)?;
            Ok(id)
        })
    }

    /// The parts of a run: connections that wait for the owner's look are left out.
    fn parts_of_run(&self, tx: &Tx<'_>, scope: Option<ConnectionId>) -> Result<Vec<NewPart>> {
        let mut parts = self.parts_of_plan(&tx.db(), scope)?;
        let asking = decisions::asking(&tx.db())?;
        parts.retain(|part| !asking.contains(&part.connection_id));
        if parts.is_empty() {
            return Err(Error::Refused(
                "The next sync needs your review: open its preview on the Sync page, then press “Do this”.".into(),
            ));
        }
        Ok(parts)
    }

    /// The parts of a run that undoes: all connections but those that ask first and that the other run did not go over.
    fn parts_of_undo(&self, tx: &Tx<'_>, target: RunId) -> Result<Vec<NewPart>> {
        let (touched, asking) = (undo_rows::connections(&tx.db(), target)?, decisions::asking(&tx.db())?);
        let mut parts = self.parts_of_plan(&tx.db(), None)?;
        parts.retain(|part| touched.contains(&part.connection_id) || !asking.contains(&part.connection_id));
        if parts.is_empty() {
            return Err(Error::Refused("No account that this run went over is connected any more.".into()));
        }
        Ok(parts)
    }

    /// One part per connection, always in the same order: by vendor as listed, then by age.
    pub(super) fn parts_of_plan(&self, db: &Db<'_>, scope: Option<ConnectionId>) -> Result<Vec<NewPart>> {
        let mut connections = rows::all(db)?;
        if let Some(scope) = scope {
            connections.retain(|row| row.id == scope);
            if connections.is_empty() {
                return Err(Error::NotFound("connection"));
            }
        }
        if connections.is_empty() {
            return Err(Error::Refused("Nothing is connected yet. Connect an account first.".into()));
        }
        let place = |row: &ConnectionRow| self.parts.vendors.iter().position(|v| v.descriptor.id == row.vendor);
        connections.sort_by_key(|row| place(row).unwrap_or(usize::MAX));
        Ok(connections
            .into_iter()
            .map(|row| NewPart {
                connection_id: row.id,
                vendor_name: self.vendor_name(&row.vendor),
                account_name: row.account_name,
            })
            .collect())
    }

    /// What an owner calls a vendor.
    pub(crate) fn vendor_name(&self, id: &str) -> String {
        self.vendor(id).map_or_else(|| id.to_owned(), |vendor| vendor.descriptor.name.to_owned())
    }

    pub(super) fn mark_leftovers(&self) -> Result<()> {
        let own = *self.engine.own.lock();
        self.store.write(|tx| match runs::open(&tx.db())? {
            Some(open) if own != Some(open) => {
                runs::end(tx, open, RunState::Interrupted, self.now())?;
                plans::finish(tx)
            }
            _ => Ok(()),
        })
    }

    pub(super) async fn work_off(&self, run: RunId) {
        // Refused while the app quits: the run is gone on with at the next start.
        let Ok(_alone) = self.engine.alone().await else { return };
        if *self.engine.own.lock() != Some(run) {
            return;
        }
        if let Err(error) = self.work(run).await {
            tracing::error!(%error, "the run could not be kept");
        }
    }

    /// Works a run off. It ends whatever happens: a panic outside of its parts makes it a failed one.
    pub(super) async fn work(&self, run: RunId) -> Result<()> {
        let _owned = Owned(&self.engine);
        match caught("a run", self.work_through(run)).await {
            Ok(worked) => worked,
            Err(Panicked) => self.store.write(|tx| {
                runs::end(tx, run, RunState::Failed, self.now())?;
                plans::finish(tx)
            }),
        }
    }

    /// Each part, whatever becomes of the others.
    async fn work_through(&self, run: RunId) -> Result<()> {
        let mut halted = self.work_parts(run, &[]).await?;
        let target = self.store.read(|db| match undo_rows::phase(db, run)? {
            Some(Phase::Reading) => undo_rows::target(db, run),
            _ => Ok(None),
        })?;
        if let Some(target) = target.filter(|_| halted.is_none()) {
            halted = self.work_undo(run, target).await?;
        }
        halted = halted.or_else(|| self.engine.halted());
        let parts = self.run_view(run)?.parts;
        let failed = parts.iter().filter(|part| part.state == RunState::Failed).count();
        let state = match halted {
            Some(state) => state,
            None if failed == parts.len() => RunState::Failed,
            None if failed > 0 || parts.iter().any(|part| part.state != RunState::Done) => RunState::DoneWithProblems,
            None => RunState::Done,
        };
        let undoes = self.store.read(|db| undo_rows::target(db, run))?.is_some();
        let outdates = self.gate_of(run)? == Gate::Open && !undoes;
        self.store.write(|tx| {
            runs::end(tx, run, state, self.now())?;
            plans::finish(tx)?;
            if outdates { plans::outdate(tx, run) } else { Ok(()) }
        })
    }

    /// Everything has been read: takes the other run's changes back here, and sends that. A connection that could not be read,
    /// or has no part, is left alone.
    async fn work_undo(&self, run: RunId, target: RunId) -> Result<Option<RunState>> {
        let parts = self.run_view(run)?.parts;
        let read = |id: ConnectionId| parts.iter().any(|part| part.connection_id == id && part.error.is_none());
        let unread: Vec<ConnectionId> =
            self.store.read(rows::all)?.into_iter().map(|row| row.id).filter(|id| !read(*id)).collect();
        if let Err(error) = self.undo_here(run, target, &unread) {
            self.store.write(|tx| runs::end(tx, run, RunState::Failed, self.now()))?;
            return Err(error);
        }
        let halted = self.work_parts(run, &unread).await?;
        for part in parts.iter().filter(|part| part.state == RunState::DoneWithProblems && part.error.is_none()) {
            let now = self.run_view(run)?.parts.into_iter().find(|other| other.connection_id == part.connection_id);
            if now.is_some_and(|now| now.state == RunState::Done) {
                self.store.write(|tx| runs::end_part(tx, run, part.connection_id, part.state, None, self.now()))?;
            }
        }
        Ok(halted)
    }

    /// Works the parts off but for those of `without`, in their order, so that what one brings in is there for the next; but none
    /// waits long for one that is slow. `Some` when the run should end before its time.
    ///
    /// Parts share one task and the data file is written in line, so what they do interleaves between steps only, as an owner's
    /// saves do. A plan's parts wait for each other to the end, because its effects were worked out in this order.
    async fn work_parts(&self, run: RunId, without: &[ConnectionId]) -> Result<Option<RunState>> {
        let planned = matches!(self.gate_of(run)?, Gate::Plan(_));
        let mut parts = self.run_view(run)?.parts;
        parts.retain(|part| !without.contains(&part.connection_id));
        let mut before: Option<oneshot::Receiver<()>> = None;
        let work = (0u32..).zip(parts).map(|(place, part)| {
            let (ended, end) = oneshot::channel();
            let before = before.replace(end);
            async move {
                // Dropped when this part has ended.
                let _ended = ended;
                match before {
                    // Neither end of a wait is an error: the part before has ended, or has had its time.
                    Some(before) if planned => drop(before.await),
                    Some(before) => drop(timeout(PATIENCE * place, before).await),
                    None => {}
                }
                self.work_part(run, part.connection_id).await
            }
        });
        let mut ended: Vec<Option<Part<'_>>> = join_all(work).await.into_iter().collect::<Result<_>>()?;
        // Whatever order the connections were read in, what is one payment is known as one before anything of it is sent.
        ended.iter_mut().flatten().try_for_each(Part::look_at_charges)?;
        if !planned {
            let rest = ended.into_iter().flatten().map(|part| {
                let connection = part.connection();
                async move {
                    match caught("the end of a connection's share of a run", part.catch_up()).await {
                        Ok(ended) => ended,
                        Err(Panicked) => self.part_tripped(run, connection),
                    }
                }
            });
            join_all(rest).await.into_iter().collect::<Result<()>>()?;
        }
        Ok(self.engine.halted())
    }

    /// Works one part off. `Some` when it ended well.
    async fn work_part(&self, run: RunId, connection: ConnectionId) -> Result<Option<Part<'_>>> {
        if self.engine.halted().is_some() {
            return Ok(None);
        }
        match caught("a connection's share of a run", self.sync_part(run, connection)).await {
            Err(Panicked) => self.part_tripped(run, connection).map(|()| None),
            Ok(Ok(part)) => Ok(part),
            Ok(Err(error)) => {
                // The store itself failed (a full disk): say so on this part if it can be said, and go on.
                tracing::error!(%error, "a part of the run could not be kept");
                let text = error.to_string();
                self.store.write(|tx| {
                    runs::end_part(tx, run, connection, RunState::Failed, Some(&text), self.now())?;
                    Ok(None)
                })
            }
        }
    }

    /// A stage of this connection panicked: its part ends with that as its problem, and what its connector holds is dropped.
    fn part_tripped(&self, run: RunId, connection: ConnectionId) -> Result<()> {
        self.forget_opened(connection);
        self.store.write(|tx| {
            let Some(row) = rows::get(&tx.db(), connection)? else {
                return runs::end_part(tx, run, connection, RunState::Failed, None, self.now());
            };
            let vendor = self.vendor_name(&row.vendor);
            let message = format!("A fault in Backroom itself stopped the sync with {vendor}.");
            let advice = "Nothing is lost, and everything else goes on. Sync again; if it stays like this, send the log to \
                          whoever looks after Backroom for you.";
            let problem = NewProblem {
                connection_id: connection,
                kind: "connection",
                local_id: None,
                remote_id: None,
                outbox_id: None,
                title: &row.account_name,
                code: "fault",
                message: &message,
                advice,
                vendor_text: "",
                action: action_name(ProblemAction::Retry),
                setting: None,
            };
            let news = problems::report(tx, &problem, self.now())?;
            let counts = Counts { problems: u32::from(news), ..Counts::default() };
            runs::advance(tx, run, connection, RunState::Running, "", counts, self.now())?;
            runs::end_part(tx, run, connection, RunState::Failed, Some(&message), self.now())
        })
    }

    pub(super) fn run_view(&self, id: RunId) -> Result<RunView> {
        self.store.read(|db| runs::view(db, id, self.now()))?.ok_or(Error::NotFound("run"))
    }
}
