//! A run's part for one connection: is it still the same account, settle what was left open, read, send, read what was sent.
//! Whatever goes wrong ends this part alone.

use super::brake::{Released, Tolls};
use super::explain::{Explained, action_name, explain};
use super::gate::Gate;
use super::pairs::Pairs;
use super::records::Source;
use super::rest::unreachable;
use super::status::{BRAKE, brake_note};
use super::{ProblemAction, RunState};
use crate::event::{AttentionPlace, Event};
use crate::ids::{ConnectionId, OutboxId, RunId};
use crate::store::connections::{self as rows, ConnectionRow};
use crate::store::links;
use crate::store::outbox::{self, Wish};
use crate::store::problems::{self, NewProblem};
use crate::store::runs::{self, Counts};
use crate::store::undo::{self as undo_rows, Phase};
use crate::{Core, Error, Result};
use connector_contract::{Connector, ConnectorError, Descriptor, RecordKind, RemoteId};
use parking_lot::Mutex;
use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;

/// Why a part ended before its time.
pub enum Ended {
    /// The owner or the app wanted it.
    Halted(RunState),
    /// The vendor failed; the sentence says how.
    Failed(String),
    /// The run must not go on without the owner; the sentence says why.
    Stopped(String),
    /// The data file failed.
    Store(Error),
}

impl From<Error> for Ended {
    fn from(error: Error) -> Self {
        Self::Store(error)
    }
}

/// What a part is to do.
pub enum Task {
    /// Read, then send.
    Sync,
    /// Read only: what the vendor has now, before another run is undone.
    Read,
    /// Send only these records, and what they need.
    Send(HashSet<(RecordKind, String)>),
}

/// A part at work.
pub struct Part<'a> {
    pub(super) core: &'a Core,
    pub(super) run: RunId,
    pub(super) row: ConnectionRow,
    pub(super) descriptor: &'static Descriptor,
    pub(super) connector: Arc<dyn Connector>,
    /// New problems so far.
    pub(super) problems: u32,
    /// How many of them the owner was told about.
    told: u32,
    /// What would be done, or was, to records that exist on both sides.
    pub(super) tolls: Mutex<Tolls>,
    /// What came in so far was weighed, or need not be.
    pub(super) weighed: bool,
    /// What the owner lets pass however much it is.
    pub(super) released: Released,
    /// Entries tried in this run; each is tried once.
    pub(super) tried: HashSet<OutboxId>,
    /// Entries that met a newer remote version in this run; a second time is a problem.
    pub(super) moved_on: HashSet<OutboxId>,
    /// Records that something else on its way refers to.
    pub(super) needed: HashSet<(RecordKind, String)>,
    /// Failed sends in a row.
    pub(super) failures: u32,
    /// A problem of the connection as a whole was met in this run.
    pub(super) reported: bool,
    /// Something of the connection as a whole could not be done, whether or not the owner has heard of it before.
    pub(super) failing: bool,
    /// What it does.
    pub(super) task: Task,
    /// How far it may go.
    pub(super) gate: Gate,
    /// Invoices and payments that came in or were sent since sums were last compared.
    pub(super) touched: Mutex<BTreeSet<(RecordKind, String)>>,
    /// Records sent in this run: what comes back of them is our own doing.
    pub(super) sent: HashSet<(RecordKind, RemoteId)>,
    /// Ours that may be the same as theirs, read when first needed.
    pub(super) pairs: Mutex<HashMap<RecordKind, Pairs>>,
}

/// Records queued in one transaction when a new connection is offered what was there before.
const BACKFILL_PORTION: usize = 500;

/// The order in which kinds are backfilled. Parcels are not: what left before connecting is no news to anybody.
pub const SENT_KINDS: [RecordKind; 5] =
    [RecordKind::Customer, RecordKind::Item, RecordKind::Order, RecordKind::Invoice, RecordKind::Payment];

impl Core {
    /// Works off one connection's part; `Some` when it ended well. Errors are the data file's; a vendor's end up in the part.
    pub(super) async fn sync_part(&self, run: RunId, connection: ConnectionId) -> Result<Option<Part<'_>>> {
        let Some(row) = self.store.read(|db| rows::get(db, connection))? else {
            return self.store.write(|tx| {
                let text = "It was disconnected meanwhile.";
                runs::end_part(tx, run, connection, RunState::Cancelled, Some(text), self.now())?;
                Ok(None)
            });
        };
        let (vendor, connector) = match self.connector(&row) {
            Ok(opened) => opened,
            Err(error) => {
                let text = error.to_string();
                return self.store.write(|tx| {
                    rows::set_state(tx, connection, "unreachable", &text)?;
                    runs::end_part(tx, run, connection, RunState::Failed, Some(&text), self.now())?;
                    Ok(None)
                });
            }
        };
        let gate = self.gate_of(run)?;
        let task = self.task_of(run)?;
        let (note, undone) =
            self.store.read(|db| Ok((rows::note(db, &brake_note(connection))?, undo_rows::target(db, run)?)))?;
        let mut part = Part {
            core: self,
            run,
            row,
            descriptor: vendor.descriptor,
            connector,
            problems: 0,
            told: 0,
            tolls: Mutex::default(),
            weighed: false,
            released: match (gate, note, undone) {
                (Gate::Rehearsal(_), ..) | (_, None, None) => Released::Nothing,
                (_, Some(_), _) => Released::All,
                (_, None, Some(_)) => Released::Outgoing,
            },
            tried: HashSet::new(),
            moved_on: HashSet::new(),
            needed: HashSet::new(),
            failures: 0,
            reported: false,
            failing: false,
            task,
            gate,
            touched: Mutex::default(),
            sent: HashSet::new(),
            pairs: Mutex::default(),
        };
        let ended = part.work().await;
        let well = ended.is_ok();
        part.finish(ended)?;
        Ok(well.then_some(part))
    }

    /// A run that undoes another one first reads, then sends what it took back.
    fn task_of(&self, run: RunId) -> Result<Task> {
        self.store.read(|db| {
            Ok(match undo_rows::phase(db, run)? {
                None => Task::Sync,
                Some(Phase::Reading) => Task::Read,
                Some(Phase::Sending) => Task::Send(undo_rows::records(db, run)?),
            })
        })
    }
}

impl Part<'_> {
    async fn work(&mut self) -> Result<(), Ended> {
        self.mind_rest()?;
        self.identify().await?;
        self.refresh_carriers().await?;
        if !matches!(self.task, Task::Send(_)) {
            self.push_all(true).await?;
            let complete = self.pull_all().await?;
            match self.task {
                Task::Read if complete => return Ok(()),
                // What could not be seen might have been changed.
                Task::Read => {
                    let vendor = self.descriptor.name;
                    return Err(Ended::Failed(format!("Not everything in {vendor} could be read.")));
                }
                _ if complete => self.backfill()?,
                _ => {}
            }
        }
        self.weigh_outgoing()?;
        if self.push_all(false).await? > 0 {
            self.pull_all().await?;
        }
        self.compare_sums().await?;
        self.hold_what_is_over()?;
        Ok(())
    }

    /// Sends what other parts of the run brought in after this one had ended.
    pub(super) async fn catch_up(mut self) -> Result<()> {
        if matches!(self.task, Task::Read) {
            return Ok(());
        }
        let before = self.tried.len();
        let sent = match self.weigh_outgoing() {
            Ok(()) => self.push_all(false).await,
            Err(ended) => Err(ended),
        };
        let ended = match sent {
            Ok(_) if self.tried.len() == before => return Ok(()),
            Ok(_) => match self.pull_all().await {
                Ok(_) => self.compare_sums().await,
                Err(ended) => Err(ended),
            },
            Err(ended) => Err(ended),
        };
        self.finish(ended)
    }

    /// The same account as ever? Records of one must not end up in another.
    async fn identify(&mut self) -> Result<(), Ended> {
        self.check_halted()?;
        self.step("Checking the account")?;
        let account = match self.ask(self.connector.identify()).await? {
            Ok(account) => account,
            Err(error) => return Err(self.failed(&error)?),
        };
        if account.id != self.row.account_id {
            let vendor = self.descriptor.name;
            let message = format!("The sign-in leads to another account in {vendor} than {}.", self.row.account_name);
            self.needs_sign_in("other_account", &message, "Sign in again, with the account this connection is for.")?;
            return Err(Ended::Failed(message));
        }
        let currency = account.currency.map(|currency| currency.code().to_owned());
        if account.name != self.row.account_name || currency != self.row.currency {
            self.row.account_name = account.name;
            self.row.currency = currency;
            self.core.store.write(|tx| {
                let stored = rows::get(&tx.db(), self.row.id)?.ok_or(Error::NotFound("connection"))?;
                let (account_name, currency) = (self.row.account_name.clone(), self.row.currency.clone());
                rows::put(tx, &ConnectionRow { account_name, currency, ..stored }, self.core.now())
            })?;
        }
        Ok(())
    }

    /// Offers the vendor what the owner had before connecting, once, after the vendor's own records have been matched.
    fn backfill(&mut self) -> Result<()> {
        if self.row.backfilled {
            return Ok(());
        }
        let now = self.core.now();
        for kind in SENT_KINDS.into_iter().filter(|kind| self.descriptor.sends(*kind)) {
            let unlinked = self.core.store.read(|db| links::unlinked(db, self.row.id, kind))?;
            // In portions, so that the owner's own saves need not wait for all of them; begun anew it skips what is queued.
            for portion in unlinked.chunks(BACKFILL_PORTION) {
                self.core.store.write(|tx| {
                    for local_id in portion {
                        if outbox::of_record(&tx.db(), self.row.id, kind, local_id)?.is_empty() {
                            outbox::enqueue_for(tx, self.row.id, kind, local_id, Wish::Upsert, now)?;
                        }
                    }
                    Ok(())
                })?;
            }
        }
        self.core.store.write(|tx| rows::mark_backfilled(tx, self.row.id))?;
        self.row.backfilled = true;
        Ok(())
    }

    pub(super) fn finish(&mut self, ended: Result<(), Ended>) -> Result<()> {
        let (core, now) = (self.core, self.core.now());
        core.store.write(|tx| {
            let (state, error) = match ended {
                Ok(()) => {
                    let waits = self.still_waits(tx, now)?;
                    rows::set_state(tx, self.row.id, "ready", "")?;
                    rows::mark_synced(tx, self.row.id, now)?;
                    if !self.reported {
                        problems::clear_connection(tx, self.row.id)?;
                    }
                    if self.released == Released::All {
                        rows::set_note(tx, &brake_note(self.row.id), None)?;
                    }
                    let well = self.problems == 0 && !self.failing && waits.is_none();
                    (if well { RunState::Done } else { RunState::DoneWithProblems }, waits)
                }
                Err(Ended::Halted(state)) => (state, None),
                Err(Ended::Failed(text)) => (RunState::Failed, Some(text)),
                Err(Ended::Stopped(text)) => (RunState::DoneWithProblems, Some(text)),
                Err(Ended::Store(error)) => return Err(error),
            };
            if self.problems > self.told {
                let text = match self.problems {
                    1 => "One record needs you; see the problems on the Sync page.".to_owned(),
                    count => format!("{count} records need you; see the problems on the Sync page."),
                };
                let title = self.descriptor.name.to_owned();
                tx.after_commit(Event::Attention { title, text, place: AttentionPlace::Problems });
            }
            runs::end_part(tx, self.run, self.row.id, state, error.as_deref(), now)
        })?;
        self.told = self.problems;
        Ok(())
    }

    /// Whose part it is.
    pub(super) fn connection(&self) -> ConnectionId {
        self.row.id
    }

    pub(super) fn source(&self) -> Source<'_> {
        Source {
            connection: self.row.id,
            vendor: self.descriptor.id,
            who: self.descriptor.name,
            run: self.run,
            now: self.core.now(),
        }
    }

    /// Ends the part here if the owner or the app wants it.
    pub(super) fn check_halted(&self) -> Result<(), Ended> {
        self.core.engine.halted().map_or(Ok(()), |state| Err(Ended::Halted(state)))
    }

    /// The vendor's answer to a question that changes nothing; it is not waited for when the part is to end.
    pub(super) async fn ask<T>(&self, question: impl Future<Output = T>) -> Result<T, Ended> {
        self.core.engine.unless_halted(question).await.map_err(Ended::Halted)
    }

    pub(super) fn step(&self, step: &str) -> Result<()> {
        let now = self.core.now();
        self.core
            .store
            .write(|tx| runs::advance(tx, self.run, self.row.id, RunState::Running, step, Counts::default(), now))
    }

    /// Ends the part because of the vendor, and marks the connection.
    pub(super) fn failed(&mut self, error: &ConnectorError) -> Result<Ended> {
        let vendor = self.descriptor.name;
        let text = match error {
            ConnectorError::Unauthorized(_) => {
                let Explained { code, message, advice, .. } = explain(error, self.descriptor, "");
                self.needs_sign_in(&code, &message, &advice)?;
                return Ok(Ended::Failed(message));
            }
            ConnectorError::RateLimited { after } => return self.slowed_down(*after),
            ConnectorError::Unavailable(_) | ConnectorError::Unknown(_) => match self.connector.rest() {
                Some(rest) => {
                    tracing::warn!(vendor = self.descriptor.id, %error, "the vendor is left alone for a while");
                    return self.rests(&rest);
                }
                None => unreachable(vendor),
            },
            error => {
                self.report_connection(error, None)?;
                return Ok(Ended::Failed(explain(error, self.descriptor, "the account").message));
            }
        };
        tracing::warn!(vendor = self.descriptor.id, %error, "the part of the run failed");
        self.core.store.write(|tx| rows::set_state(tx, self.row.id, "unreachable", &text))?;
        Ok(Ended::Failed(text))
    }

    fn needs_sign_in(&mut self, code: &str, message: &str, advice: &str) -> Result<()> {
        self.core.store.write(|tx| {
            let news = rows::set_state(tx, self.row.id, "needs_sign_in", message)?;
            problems::report(
                tx,
                &self.connection_problem(code, message, advice, "", ProblemAction::SignIn),
                self.core.now(),
            )?;
            if news {
                let title = format!("Sign in to {} again", self.descriptor.name);
                tx.after_commit(Event::Attention { title, text: message.to_owned(), place: AttentionPlace::Problems });
            }
            Ok(())
        })?;
        self.core.forget_opened(self.row.id);
        Ok(())
    }

    /// Reports an error of the connection as a whole, or of one of its streams.
    pub(super) fn report_connection(&mut self, error: &ConnectorError, stream: Option<&str>) -> Result<()> {
        if matches!(error, ConnectorError::Bug(_)) {
            // Whatever it holds in memory may be half done.
            self.core.forget_opened(self.row.id);
        }
        let what = stream.map_or_else(|| "the account".to_owned(), |stream| format!("its {stream}"));
        let Explained { code, message, advice, vendor_text, detail, action, .. } =
            explain(error, self.descriptor, &what);
        let code = stream.map_or_else(|| code.clone(), |stream| format!("{code} ({stream})"));
        self.report(&code, &message, &advice, [&vendor_text, &detail], action)
    }

    /// Reports a problem of the connection as a whole.
    pub(super) fn report(
        &mut self,
        code: &str,
        message: &str,
        advice: &str,
        [vendor_text, detail]: [&str; 2],
        action: ProblemAction,
    ) -> Result<()> {
        self.reported = true;
        let problem = self.connection_problem(code, message, advice, vendor_text, action);
        let now = self.core.now();
        let news = self.core.store.write(|tx| {
            let news = problems::report_detailed(tx, &problem, detail, now)?;
            let counts = Counts { problems: u32::from(news), ..Counts::default() };
            runs::advance(tx, self.run, self.row.id, RunState::Running, "", counts, now)?;
            if news && code == BRAKE {
                let title = format!("{} needs you", self.descriptor.name);
                tx.after_commit(Event::Attention { title, text: message.to_owned(), place: AttentionPlace::Problems });
            }
            Ok(news)
        })?;
        if code != BRAKE {
            self.problems += u32::from(news);
            self.failing = true;
        }
        Ok(())
    }

    fn connection_problem<'p>(
        &'p self,
        code: &'p str,
        message: &'p str,
        advice: &'p str,
        vendor_text: &'p str,
        action: ProblemAction,
    ) -> NewProblem<'p> {
        NewProblem {
            connection_id: self.row.id,
            kind: "connection",
            local_id: None,
            remote_id: None,
            outbox_id: None,
            title: &self.row.account_name,
            code,
            message,
            advice,
            vendor_text,
            action: action_name(action),
            setting: None,
        }
    }
}
