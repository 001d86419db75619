//! The engine: one loop per data file that waits for the timer or a message and works runs off, one at a time.
//!
//! Waiting is `tokio::time`, stamps are the [`connector_contract::Clock`]; the timer is due when either says so, because a
//! laptop that slept has not counted its hours. A run's steps are short and each commits by itself, so the loop may end
//! between any two of them: what is left is marked interrupted at the next start and picked up from cursors and outbox.
//!
//! Absent on purpose: a queue of runs ("Sync now" during a run is that run), and what a run does (`run`).

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
use tokio::sync::{Notify, watch};
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
    /// This connection was signed in again during a run that it has no part in.
    Connected(ConnectionId),
    /// This connection is new: work out what its first sync would do.
    Plan(ConnectionId),
    /// Look at settings and clock again.
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
    pub(super) cancel: AtomicBool,
    pub(super) stop: AtomicBool,
    /// The open run if it is this process's; an open run of another life is a leftover.
    pub(super) own: Mutex<Option<RunId>>,
    /// Held while a run is worked off.
    pub(super) working: tokio::sync::Mutex<()>,
    next_run_at: Mutex<Option<DateTime<Utc>>>,
    /// A plan is being worked out.
    pub(super) planning: AtomicBool,
    /// Told when that is to stop.
    pub(super) stop_planning: Notify,
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
            cancel: AtomicBool::default(),
            stop: AtomicBool::default(),
            own: Mutex::default(),
            working: tokio::sync::Mutex::default(),
            next_run_at: Mutex::default(),
            planning: AtomicBool::default(),
            stop_planning: Notify::new(),
            rehearsal: None,
        }
    }
}

impl Engine {
    /// For a core on a copy: everything it does is written down in this plan.
    pub(super) fn rehearsing(plan: PlanId) -> Self {
        Self { rehearsal: Some(plan), ..Self::default() }
    }

    /// Waits until nothing is being worked off, and keeps it so.
    pub(super) async fn alone(&self) -> tokio::sync::MutexGuard<'_, ()> {
        self.working.lock().await
    }

    /// Has the loop work off a run that was begun.
    pub(super) fn work_on(&self, run: RunId) {
        self.tell(Message::SyncNow(run));
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

    /// How the run going on should end before its time, if it should.
    pub(super) fn halted(&self) -> Option<RunState> {
        if self.stop.load(Ordering::Relaxed) {
            Some(RunState::Interrupted)
        } else if self.cancel.load(Ordering::Relaxed) {
            Some(RunState::Cancelled)
        } else {
            None
        }
    }

    fn tell(&self, message: Message) {
        // The receiver lives as long as this value.
        let _ = self.sender.send(message);
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
    /// The engine's loop; ends when [`Core::stop`] is called or the future is dropped. A second loop on the same core ends at once.
    pub async fn run_engine(self: Arc<Self>) {
        let Some(inbox) = self.engine.inbox.lock().take() else { return };
        let mut looping = Looping { engine: &self.engine, inbox: Some(inbox) };
        self.engine.stop.store(false, Ordering::Relaxed);
        self.engine.looping.send_replace(true);
        if let Err(error) = self.mark_leftovers() {
            tracing::error!(%error, "runs of an earlier life could not be marked");
        }
        // What was said while nobody listened is stale, but for a run begun by this process.
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
            match message {
                Message::Stop => return,
                Message::Wake | Message::Pause => due = self.arm(due),
                Message::SyncNow(run) => {
                    self.work_off(run).await;
                    due = self.arm(None);
                }
                Message::Connected(id) => {
                    match self.begin_run(Some(id), RunTrigger::Connected) {
                        Ok(run) => self.work_off(run.id).await,
                        // It was disconnected meanwhile.
                        Err(Error::NotFound(_)) => {}
                        Err(error) => {
                            tracing::error!(%error, "the run of a connection signed in again could not be begun");
                        }
                    }
                    due = self.arm(None);
                }
                Message::Plan(connection) => self.plan_first_sync(connection).await,
                Message::Tick if due.is_some_and(|due| self.is_due(due)) => {
                    match self.begin_run(None, RunTrigger::Timer) {
                        Ok(run) => {
                            self.work_off(run.id).await;
                            self.audit_if_due().await;
                        }
                        // Nothing is connected yet.
                        Err(Error::Refused(_)) => {}
                        Err(error) => tracing::error!(%error, "the timed run could not be begun"),
                    }
                    due = self.arm(None);
                }
                Message::Tick => {}
            }
            if self.engine.stop.load(Ordering::Relaxed) {
                return;
            }
        }
    }

    /// Ends the loop after its current step; returns when it has ended.
    pub async fn stop(&self) {
        self.engine.stop.store(true, Ordering::Relaxed);
        self.engine.stop_planning.notify_waiters();
        self.engine.tell(Message::Stop);
        let mut looping = self.engine.looping.subscribe();
        // An error means the sender is gone, and with it the loop.
        let _ = looping.wait_for(|looping| !looping).await;
    }

    /// Tells the loop to look at settings and clock again, for example after the machine woke up.
    pub fn wake(&self) {
        self.engine.tell(Message::Wake);
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
            self.engine.tell(Message::Connected(id));
        }
        Ok(())
    }

    pub(super) fn start_undo(&self, target: RunId) -> Result<RunView> {
        let run = self.begin_undo(target)?;
        self.engine.tell(Message::SyncNow(run.id));
        Ok(run)
    }

    pub(super) fn cancel_open_run(&self) {
        if self.is_planning() {
            self.engine.stop_planning.notify_waiters();
        }
        if self.engine.own.lock().is_some() {
            self.engine.cancel.store(true, Ordering::Relaxed);
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
                let calendar = self.now() + chrono::Duration::minutes(settings.interval_minutes.into());
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

/// Rests until the timer is due, but never longer than a glance at the calendar is away; for ever when it is off.
async fn rest(due: Option<Due>) {
    match due {
        Some(due) => tokio::time::sleep_until(due.steady.min(Instant::now() + GLANCE)).await,
        None => std::future::pending().await,
    }
}
