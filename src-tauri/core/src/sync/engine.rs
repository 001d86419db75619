//! The engine: one loop per data file that waits for the timer or a message and works runs off, one at a time.
//!
//! Waiting is `tokio::time`, stamps are the [`connector_contract::Clock`]; the timer is due when either says so, because a
//! laptop that slept has not counted its hours. A run's steps are short and each commits by itself, so the loop may end
//! between any two of them: what is left is marked interrupted at the next start and gone on with (`resume`).
//!
//! Whoever works — the loop, a command, the command line — works alone. Quitting and cancelling reach all of them: a question to
//! a vendor is dropped at once, because it changes nothing; what is being sent is waited for.
//!
//! Absent on purpose: a queue of runs ("Sync now" during a run is that run), and what a run does (`run`).

use super::supervise::{Panicked, caught, caught_now};
use super::{RunState, RunTrigger, RunView};
use crate::event::{Event, Tag};
use crate::ids::{ConnectionId, PlanId, RunId};
use crate::store::Listener;
use crate::{Core, Error, Result};
use chrono::{DateTime, Utc};
use parking_lot::Mutex;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::sync::watch;
use tokio::time::Instant;

/// Longest sleep at a stretch, so that a clock that jumped is noticed.
const GLANCE: Duration = Duration::from_mins(1);

/// What the loop is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Message {
    /// The timer is due.
    Tick,
    /// This run was begun and waits to be worked off.
    SyncNow(RunId),
    /// This connection is to be synced once more after the run going on.
    Again(ConnectionId, RunTrigger),
    /// This connection is new: work out what its first sync would do.
    Plan(ConnectionId),
    /// Look at the settings again.
    Wake,
    /// The timer was paused or resumed.
    Pause,
    /// End after the current step.
    Stop,
}

/// The engine's inbox and switches. The work itself is methods of [`Core`].
pub(crate) struct Engine {
    sender: UnboundedSender<Message>,
    /// Taken by the loop while it runs.
    inbox: Mutex<Option<UnboundedReceiver<Message>>>,
    looping: watch::Sender<bool>,
    /// The file is being replaced; the loop begins again afterwards.
    paused: watch::Sender<bool>,
    /// How the work going on should end before its time, if it should. `Interrupted` stays until a loop begins anew.
    halt: watch::Sender<Option<RunState>>,
    /// The open run if it is this process's; an open run of another life is a leftover.
    pub(super) own: Mutex<Option<RunId>>,
    /// Held while something is worked off.
    working: tokio::sync::Mutex<()>,
    next_run_at: Mutex<Option<DateTime<Utc>>>,
    /// A plan is being worked out.
    pub(super) planning: AtomicBool,
    /// The vendor that an audit compares with just now.
    pub(super) comparing: Mutex<Option<String>>,
    /// Runs of this engine are rehearsals of this plan.
    pub(super) rehearsal: Option<PlanId>,
}

impl Default for Engine {
    fn default() -> Self {
        let (sender, inbox) = unbounded_channel();
        Self {
            sender,
            inbox: Mutex::new(Some(inbox)),
            looping: watch::Sender::new(false),
            paused: watch::Sender::new(false),
            halt: watch::Sender::new(None),
            own: Mutex::default(),
            working: tokio::sync::Mutex::default(),
            next_run_at: Mutex::default(),
            planning: AtomicBool::default(),
            comparing: Mutex::default(),
            rehearsal: None,
        }
    }
}

impl Engine {
    /// For a core on a copy: everything it does is written down in this plan.
    pub(super) fn rehearsing(plan: PlanId) -> Self {
        Self { rehearsal: Some(plan), ..Self::default() }
    }

    /// Waits until nothing is being worked off, and keeps it so. Refused while the app quits.
    pub(super) async fn alone(&self) -> Result<Alone<'_>> {
        let working = self.working.lock().await;
        self.refuse_when_stopping()?;
        Ok(Alone { engine: self, _working: working })
    }

    /// Nothing may begin while the app quits.
    pub(super) fn refuse_when_stopping(&self) -> Result<()> {
        match self.halted() {
            Some(RunState::Interrupted) => {
                Err(Error::Refused("Backroom is quitting; do this when you have opened it again.".into()))
            }
            _ => Ok(()),
        }
    }

    /// Has the loop work off a run that was begun.
    pub(super) fn work_on(&self, run: RunId) {
        self.tell(Message::SyncNow(run));
    }

    /// Has the loop sync a connection once more after the run going on.
    pub(super) fn again(&self, connection: ConnectionId, trigger: RunTrigger) {
        self.tell(Message::Again(connection, trigger));
    }

    /// Has the loop work out the first sync of a new connection.
    pub(super) fn plan_for(&self, connection: ConnectionId) {
        self.tell(Message::Plan(connection));
    }

    /// Whether a loop is running in this process.
    pub(crate) fn is_looping(&self) -> bool {
        *self.looping.borrow()
    }

    /// Wakes the loop when settings change.
    pub(crate) fn listener(&self) -> Listener {
        let sender = self.sender.clone();
        Arc::new(move |event| {
            if matches!(event, Event::Changed { tags } if tags.contains(&Tag::Settings)) {
                // No loop, nobody to wake.
                let _ = sender.send(Message::Wake);
            }
        })
    }

    /// When the timer is due next, as shown.
    pub(super) fn next_run_at(&self) -> Option<DateTime<Utc>> {
        *self.next_run_at.lock()
    }

    /// How the work going on should end before its time, if it should.
    pub(super) fn halted(&self) -> Option<RunState> {
        *self.halt.borrow()
    }

    /// The answer to a question that may be dropped at any time, or how the work going on should end before it has come.
    pub(super) async fn unless_halted<T>(&self, question: impl Future<Output = T>) -> std::result::Result<T, RunState> {
        let halted = async {
            let mut halt = self.halt.subscribe();
            // The sender lives as long as this value.
            halt.wait_for(Option::is_some).await.ok().and_then(|state| *state)
        };
        tokio::select! {
            biased;
            state = halted => Err(state.unwrap_or(RunState::Interrupted)),
            answer = question => Ok(answer),
        }
    }

    /// After a panic: nothing is being worked off, planned or compared.
    pub(super) fn forget_work(&self) {
        *self.own.lock() = None;
        self.forget_cancel();
        self.planning.store(false, Ordering::Relaxed);
        *self.comparing.lock() = None;
    }

    fn set_halt(&self, from: Option<RunState>, to: Option<RunState>) {
        self.halt.send_if_modified(|halt| *halt == from && std::mem::replace(halt, to) != to);
    }

    /// A cancel concerns the work under way and is forgotten with it.
    pub(super) fn forget_cancel(&self) {
        self.set_halt(Some(RunState::Cancelled), None);
    }

    fn tell(&self, message: Message) {
        // The receiver lives as long as this value.
        let _ = self.sender.send(message);
    }
}

/// Nothing else is worked off while this lives.
pub(super) struct Alone<'a> {
    engine: &'a Engine,
    _working: tokio::sync::MutexGuard<'a, ()>,
}

impl Drop for Alone<'_> {
    fn drop(&mut self) {
        // A run that waits to be worked off was meant too.
        if self.engine.own.lock().is_none() {
            self.engine.forget_cancel();
        }
    }
}

/// The engine stands still while this lives.
pub(crate) struct Paused(Arc<Core>);

impl Drop for Paused {
    fn drop(&mut self) {
        *self.0.engine.own.lock() = None;
        self.0.engine.set_halt(Some(RunState::Interrupted), None);
        self.0.engine.paused.send_replace(false);
    }
}

/// Puts the engine back in order however its loop ends, even when its future is dropped.
struct Looping<'a> {
    engine: &'a Engine,
    inbox: Option<UnboundedReceiver<Message>>,
}

impl Drop for Looping<'_> {
    fn drop(&mut self) {
        *self.engine.inbox.lock() = self.inbox.take();
        *self.engine.next_run_at.lock() = None;
        self.engine.looping.send_replace(false);
    }
}

/// When the timer is due, by the machine's steady clock and by the calendar.
#[derive(Clone, Copy)]
struct Due {
    steady: Instant,
    calendar: DateTime<Utc>,
    interval: Duration,
}

impl Core {
    /// The loop, again and again as long as it only ends for the file to be replaced; ends when it is stopped. A second loop on the same
    /// core ends at once.
    pub(super) async fn engine_loop(&self) {
        loop {
            self.loop_once().await;
            let mut paused = self.engine.paused.subscribe();
            if !*paused.borrow_and_update() {
                return;
            }
            // An error means the sender is gone, and with it the file.
            let _ = paused.wait_for(|paused| !paused).await;
        }
    }

    /// Ends what the engine does after its current step, so that the file can be replaced; it begins again when what is returned is
    /// dropped.
    pub(crate) async fn pause_engine(self: &Arc<Self>) -> Result<Paused> {
        if self.engine.paused.send_replace(true) {
            return Err(Error::Refused("A backup is being restored already.".into()));
        }
        let paused = Paused(Arc::clone(self));
        self.stop().await;
        Ok(paused)
    }

    async fn loop_once(&self) {
        let Some(inbox) = self.engine.inbox.lock().take() else { return };
        let mut looping = Looping { engine: &self.engine, inbox: Some(inbox) };
        self.engine.set_halt(Some(RunState::Interrupted), None);
        self.engine.looping.send_replace(true);
        if let Err(error) = self.begin_session() {
            tracing::error!(%error, "the session of the sync could not be noted");
        }
        match caught_now("resuming", || self.resume()) {
            Ok(Ok(_)) | Err(Panicked) => {}
            Ok(Err(error)) => tracing::error!(%error, "what an earlier life began could not be resumed"),
        }
        // What was said while nobody listened is stale, but for the run that waits to be worked off.
        while looping.inbox.as_mut().is_some_and(|inbox| inbox.try_recv().is_ok()) {}
        if let Some(run) = *self.engine.own.lock() {
            self.engine.tell(Message::SyncNow(run));
        }
        if let Err(error) = self.prepare_first_looks() {
            tracing::error!(%error, "first looks at new connections could not be prepared");
        }
        let mut due = self.arm(None);
        loop {
            let Some(inbox) = looping.inbox.as_mut() else { return };
            let message = tokio::select! {
                message = inbox.recv() => message.unwrap_or(Message::Stop),
                () = rest(due) => Message::Tick,
            };
            if message == Message::Stop {
                return;
            }
            due = if let Ok(next) = Box::pin(caught("a message of the engine", self.attend(message, due))).await {
                next
            } else {
                self.put_in_order();
                // A full interval, so that what panics each time is not tried again at once.
                self.arm(None)
            };
            if self.engine.refuse_when_stopping().is_err() {
                return;
            }
        }
    }

    /// Does what a message asks for; returns when the timer is due next.
    async fn attend(&self, message: Message, due: Option<Due>) -> Option<Due> {
        match message {
            Message::Stop => due,
            Message::Wake | Message::Pause => self.arm(due),
            Message::SyncNow(run) => {
                self.work_off(run).await;
                self.arm(None)
            }
            Message::Again(id, trigger) => {
                self.begin_and_work(Some(id), trigger).await;
                self.arm(None)
            }
            Message::Plan(connection) => {
                self.plan_first_sync(connection).await;
                due
            }
            Message::Tick => {
                let mut due = due;
                if due.is_some_and(|due| self.is_due(due)) {
                    self.begin_and_work(None, RunTrigger::Timer).await;
                    due = self.arm(None);
                }
                self.audit_if_due().await;
                due
            }
        }
    }

    /// Begins a run of the loop's own accord and works it off.
    async fn begin_and_work(&self, scope: Option<ConnectionId>, trigger: RunTrigger) {
        match self.begin_run(scope, trigger) {
            Ok(run) => self.work_off(run.id).await,
            // Nothing is connected yet, or no longer.
            Err(Error::Refused(_) | Error::NotFound(_)) => {}
            Err(error) => tracing::error!(%error, ?trigger, "a run could not be begun"),
        }
    }

    /// Ends everything that is worked off after its current step; returns when it has ended. From then on everything that would
    /// begin is refused, until a loop is started again.
    pub async fn stop(&self) {
        self.engine.halt.send_replace(Some(RunState::Interrupted));
        self.engine.tell(Message::Stop);
        let mut looping = self.engine.looping.subscribe();
        // An error means the sender is gone, and with it the loop.
        let _ = looping.wait_for(|looping| !looping).await;
        // What a command works off is no matter of the loop.
        drop(self.engine.working.lock().await);
    }

    pub(super) fn start_run(&self, scope: Option<ConnectionId>, trigger: RunTrigger) -> Result<RunView> {
        let run = self.begin_run(scope, trigger)?;
        self.engine.tell(Message::SyncNow(run.id));
        Ok(run)
    }

    /// A connection that was signed in again is synced at once, or right after the run going on when that began without it.
    pub(crate) fn start_run_of_connected(&self, id: ConnectionId) -> Result<()> {
        let run = self.start_run(Some(id), RunTrigger::Connected)?;
        if run.parts.iter().all(|part| part.connection_id != id) {
            self.engine.again(id, RunTrigger::Connected);
        }
        Ok(())
    }

    pub(super) fn start_undo(&self, target: RunId) -> Result<RunView> {
        let run = self.begin_undo(target)?;
        self.engine.tell(Message::SyncNow(run.id));
        Ok(run)
    }

    pub(super) fn cancel_work(&self) {
        if self.engine.own.lock().is_some() || self.engine.working.try_lock().is_err() {
            self.engine.set_halt(None, Some(RunState::Cancelled));
        }
    }

    pub(super) fn timer_changed(&self) {
        self.engine.tell(Message::Pause);
    }

    /// Sets the timer by the settings. A timer that is set and whose interval has not changed keeps its time.
    fn arm(&self, set: Option<Due>) -> Option<Due> {
        let settings = match self.sync_settings() {
            Ok(settings) => settings,
            Err(error) => {
                tracing::error!(%error, "the settings of the sync could not be read");
                return set;
            }
        };
        let interval = Duration::from_secs(u64::from(settings.interval_minutes) * 60);
        let due = if settings.paused || interval.is_zero() {
            None
        } else {
            set.filter(|due| due.interval == interval).or_else(|| {
                let wait = chrono::Duration::minutes(settings.interval_minutes.into());
                let calendar = self.now().checked_add_signed(wait)?;
                Some(Due { steady: Instant::now() + interval, calendar, interval })
            })
        };
        let shown = due.map(|due| due.calendar);
        let mut next = self.engine.next_run_at.lock();
        if *next != shown {
            *next = shown;
            drop(next);
            self.store.tell(&Event::Changed { tags: vec![Tag::Runs] });
        }
        due
    }

    fn is_due(&self, due: Due) -> bool {
        Instant::now() >= due.steady || self.now() >= due.calendar
    }
}

/// Rests until the timer is due, but never longer than a glance at the calendar is away.
async fn rest(due: Option<Due>) {
    let glance = Instant::now() + GLANCE;
    tokio::time::sleep_until(due.map_or(glance, |due| due.steady.min(glance))).await;
}
