//! The transport between the app and the simulators. It moves the clock with every request, and stops the n-th one, before the
//! vendor hears of it or after the vendor has acted, so that something can happen meanwhile, or the app can end there.
//!
//! Absent on purpose: faults, which the simulators play. The waits of the program under test are tokio's paused time and do not
//! move the clock, because they are spread by chance and a seed has to play the same way twice.

use chrono::{DateTime, Duration, Utc};
use connector_contract::{Clock as _, FakeClock};
use connector_http::{Exchange, ExchangeError, Limits};
use parking_lot::Mutex;
use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use tokio::sync::{Notify, watch};
use vendor_sim::InProcess;

/// Requests of one run after which it counts as endless. The largest honest runs need some hundreds.
const MOST_REQUESTS: u32 = 4_000;

/// Where sign-ins are renewed.
const RENEWAL: &str = "/oauth2/v1/tokens/bearer";

/// A sign-in that is not renewed for so long has ended.
const LIFE: Duration = Duration::days(100);

/// A renewal takes this long where two are to meet. Paused time only passes when nothing else can be done, so whoever else wants
/// to renew has begun by then, unless something holds it back.
const MEETING: std::time::Duration = std::time::Duration::from_millis(1);

type Answer = Result<http::Response<bytes::Bytes>, ExchangeError>;

/// Changes an answer on its way to the app: the address asked, and the answer as the vendor gave it.
pub type Spoiler = Box<dyn FnMut(&http::Uri, &mut http::Response<bytes::Bytes>) + Send>;

/// What a panic on purpose says.
#[derive(Debug)]
pub struct Planned;

/// Where a request is stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// The vendor has not heard of it.
    Before,
    /// The vendor has acted; its answer is held.
    After,
}

#[derive(Default)]
struct Plan {
    stop: Option<(u32, Side)>,
    panics: Option<u32>,
    passed: u32,
    endless: bool,
    stopped: bool,
    /// Tokens were made useless while the run was stopped, the ones that it had just got included.
    expired: bool,
}

/// The transport.
pub struct Wire {
    inner: InProcess,
    clock: Arc<FakeClock>,
    chance: Mutex<StdRng>,
    plan: Mutex<Plan>,
    reached: Notify,
    open: Notify,
    /// Counts the ends of the app.
    ends: watch::Sender<u32>,
    meeting: AtomicBool,
    /// Renewals under way, and the most there ever were at once.
    renewing: AtomicU32,
    most_renewing: AtomicU32,
    /// The vendor may have renewed the sign-in without the app's knowing: then the app has to ask for a new one.
    renewal_lost: AtomicBool,
    renewed_at: Mutex<Option<DateTime<Utc>>>,
    spoiler: Mutex<Option<Spoiler>>,
    panics: Mutex<Option<u32>>,
}

impl Wire {
    /// Around these simulators.
    pub fn new(inner: InProcess, clock: Arc<FakeClock>, seed: u64) -> Arc<Self> {
        Arc::new(Self {
            inner,
            clock,
            chance: Mutex::new(StdRng::seed_from_u64(seed)),
            plan: Mutex::default(),
            reached: Notify::new(),
            open: Notify::new(),
            ends: watch::Sender::new(0),
            meeting: AtomicBool::default(),
            renewing: AtomicU32::default(),
            most_renewing: AtomicU32::default(),
            renewal_lost: AtomicBool::default(),
            renewed_at: Mutex::default(),
            spoiler: Mutex::default(),
            panics: Mutex::default(),
        })
    }

    /// Begins a run: counts from one again, and stops the n-th request.
    pub fn begin(&self, stop: Option<(u32, Side)>) {
        *self.plan.lock() = Plan { stop, panics: self.panics.lock().take(), ..Plan::default() };
    }

    /// In the run that begins next, whoever sends the n-th request panics before it leaves.
    pub fn panic_in_next_run(&self, nth: u32) {
        *self.panics.lock() = Some(nth);
    }

    /// From now on answers pass through this; `None` leaves them as they are.
    pub fn spoil(&self, spoiler: Option<Spoiler>) {
        *self.spoiler.lock() = spoiler;
    }

    /// Makes renewals that are wanted at the same time meet.
    pub fn let_renewals_meet(&self, on: bool) {
        self.meeting.store(on, Ordering::Relaxed);
    }

    /// The most renewals that were ever under way at once.
    pub fn most_renewals_at_once(&self) -> u32 {
        self.most_renewing.load(Ordering::Relaxed)
    }

    /// The app has ended: what it left behind in other tasks gets no answer, and is gone when this returns.
    pub async fn end(&self) {
        self.ends.send_modify(|ends| *ends += 1);
        // Paused time only passes when nothing else can be done.
        tokio::time::sleep(MEETING).await;
    }

    /// Whether the app may rightly ask the owner to sign in again.
    pub fn may_ask_to_sign_in(&self) -> bool {
        let is_over = |renewed_at: DateTime<Utc>| self.clock.now() - renewed_at >= LIFE;
        self.renewal_lost.load(Ordering::Relaxed) || self.renewed_at.lock().is_some_and(is_over)
    }

    /// A new sign-in came to nothing.
    pub fn tokens_lost(&self) {
        self.renewal_lost.store(true, Ordering::Relaxed);
    }

    /// The tokens are made useless. In the middle of a run that may look like a sign-in that has ended.
    pub fn tokens_expire(&self) {
        let mut plan = self.plan.lock();
        if plan.stopped {
            plan.expired = true;
            self.renewal_lost.store(true, Ordering::Relaxed);
        }
    }

    /// Requests since the run began.
    pub fn passed(&self) -> u32 {
        self.plan.lock().passed
    }

    /// Whether the run was stopped because it asked without end.
    pub fn is_endless(&self) -> bool {
        self.plan.lock().endless
    }

    /// Waits until a request is stopped.
    pub async fn reached(&self) {
        self.reached.notified().await;
    }

    /// Lets the stopped request go on.
    pub fn open(&self) {
        self.open.notify_one();
    }

    /// What the owner's browser asks: no request of the app's, so it counts for nothing and never panics.
    pub async fn browse(&self, request: http::Request<bytes::Bytes>) -> Answer {
        self.clock.advance(self.a_while());
        self.inner.exchange(request, Limits::default()).await
    }

    fn a_while(&self) -> Duration {
        Duration::milliseconds(self.chance.lock().random_range(20..600))
    }

    /// Counts a request; where it stops, if it does.
    fn count(&self) -> Option<Side> {
        let mut plan = self.plan.lock();
        plan.passed += 1;
        if plan.passed > MOST_REQUESTS {
            plan.endless = true;
            return Some(Side::Before);
        }
        let passed = plan.passed;
        if plan.panics == Some(passed) {
            drop(plan);
            std::panic::panic_any(Planned);
        }
        plan.stop.take_if(|(nth, _)| *nth == passed).map(|(_, side)| side)
    }

    async fn stop(&self) -> Result<(), ExchangeError> {
        let mut ends = self.ends.subscribe();
        self.plan.lock().stopped = true;
        self.reached.notify_one();
        let goes_on = tokio::select! {
            () = self.open.notified() => Ok(()),
            _ = ends.changed() => Err(ExchangeError::NoAnswer("the app ended".to_owned())),
        };
        self.plan.lock().stopped = false;
        goes_on
    }

    /// A renewal, counted while it is under way.
    async fn renewal(&self, request: http::Request<bytes::Bytes>, limits: Limits) -> Answer {
        let at_once = self.renewing.fetch_add(1, Ordering::Relaxed) + 1;
        self.most_renewing.fetch_max(at_once, Ordering::Relaxed);
        if self.meeting.load(Ordering::Relaxed) {
            tokio::time::sleep(MEETING).await;
        }
        let answer = self.inner.exchange(request, limits).await;
        self.renewing.fetch_sub(1, Ordering::Relaxed);
        answer
    }

    /// Notes whether the app learned what became of a renewal.
    fn note_renewal(&self, answer: &Answer) {
        let lost = match answer {
            Err(ExchangeError::NotSent(_)) => return,
            Err(_) => true,
            Ok(answer) if answer.status().is_client_error() => return,
            Ok(answer) => {
                let tokens = serde_json::from_slice::<serde_json::Value>(answer.body()).unwrap_or_default();
                tokens.get("access_token").is_none()
            }
        };
        if !lost {
            *self.renewed_at.lock() = Some(self.clock.now());
        }
        self.renewal_lost.store(lost || self.plan.lock().expired, Ordering::Relaxed);
    }
}

#[async_trait::async_trait]
impl Exchange for Wire {
    async fn exchange(&self, request: http::Request<bytes::Bytes>, limits: Limits) -> Answer {
        let stop = self.count();
        self.clock.advance(self.a_while());
        if stop == Some(Side::Before) {
            self.stop().await?;
        }
        let renews = request.uri().path().ends_with(RENEWAL);
        let uri = request.uri().clone();
        let mut answer =
            if renews { self.renewal(request, limits).await } else { self.inner.exchange(request, limits).await };
        if let (Ok(answer), Some(spoil)) = (&mut answer, self.spoiler.lock().as_mut()) {
            spoil(&uri, answer);
        }
        if stop == Some(Side::After) {
            // The app may end here and never hear of it.
            self.renewal_lost.fetch_or(renews, Ordering::Relaxed);
            self.stop().await?;
        }
        if renews {
            self.note_renewal(&answer);
        }
        answer
    }
}
