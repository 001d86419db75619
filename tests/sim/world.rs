//! The whole state of the three simulators behind one lock, with deterministic ids, virtual time and a request log.

use crate::faults::{self, Fault, FaultKind};
use crate::poison::Poison;
use crate::{ActError, Connection, WorldClock, quickbooks, shipstation, stripe};
use chrono::{DateTime, Duration, Utc};
use connector_contract::{Clock, FakeClock};
use parking_lot::{Mutex, RwLock};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Entries kept in the request log; the oldest go first.
const LOG_LIMIT: usize = 20_000;

/// The vendors played here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[expect(missing_docs, reason = "the names say it")]
pub enum Vendor {
    Quickbooks,
    Shipstation,
    Stripe,
}

impl Vendor {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Quickbooks, Self::Shipstation, Self::Stripe];

    /// The first segment of its URLs.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Quickbooks => "quickbooks",
            Self::Shipstation => "shipstation",
            Self::Stripe => "stripe",
        }
    }

    /// The vendor with this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|v| v.as_str() == name)
    }
}

/// One request as it was answered, for assertions such as "applied exactly once".
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestEntry {
    /// Virtual time of arrival.
    pub at: DateTime<Utc>,
    /// Whose.
    pub vendor: Vendor,
    /// HTTP method.
    pub method: String,
    /// Path below the vendor's base.
    pub path: String,
    /// Query text, as sent.
    pub query: String,
    /// `requestid` parameter or `Idempotency-Key` header.
    pub idempotency_key: Option<String>,
    /// Status answered; absent when no answer was given.
    pub status: Option<u16>,
    /// Whether it changed the vendor's data.
    pub applied: bool,
    /// Whether a stored answer was given again.
    pub replayed: bool,
    /// The fault played on it.
    pub fault: Option<FaultKind>,
}

/// Everything that is saved and restored.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct State {
    /// Name of the seed last planted.
    pub seed: String,
    /// Named counters behind [`State::next_id`].
    pub counters: BTreeMap<String, u64>,
    /// Faults waiting for a request.
    pub faults: Vec<Fault>,
    /// Records that spoil the answers they are in.
    #[serde(default)]
    pub poisons: Vec<Poison>,
    /// Vendors that cannot be reached.
    pub outages: BTreeSet<Vendor>,
    /// Seconds by which a vendor's own clock is ahead of the world's; behind when negative.
    #[serde(default)]
    pub ahead_s: BTreeMap<Vendor, i64>,
    /// Requests answered so far.
    pub requests: Vec<RequestEntry>,
    /// Seconds a running clock is ahead of the machine's; only in state files.
    pub clock_offset_s: i64,
    /// `QuickBooks` Online.
    pub quickbooks: quickbooks::State,
    /// `ShipStation`.
    pub shipstation: shipstation::State,
    /// Stripe.
    pub stripe: stripe::State,
}

impl State {
    /// The next number of a named series, starting at 1.
    pub fn next_id(&mut self, series: &str) -> u64 {
        let counter = self.counters.entry(series.to_owned()).or_default();
        *counter += 1;
        *counter
    }

    /// Text of `len` letters and digits that looks random, never repeats and is the same in every run.
    pub fn token(&mut self, series: &str, len: usize) -> String {
        use rand::{Rng, SeedableRng, distr::Alphanumeric};
        let n = self.next_id(series);
        // FNV-1a over the series' name, so that two series never give the same text.
        let hash =
            series.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |h, b| (h ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3));
        let mut rng = rand::rngs::StdRng::seed_from_u64(hash ^ n.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        (0..len).map(|_| char::from(rng.sample(Alphanumeric))).collect()
    }

    /// Takes a planned fault of a kind that only the vendor's handler can play.
    pub fn take_fault(&mut self, vendor: Vendor, kind: FaultKind, method: &str, path: &str) -> Option<Fault> {
        faults::take(&mut self.faults, vendor, method, path, |k| k == kind)
    }

    pub(crate) fn log(&mut self, entry: RequestEntry) {
        if self.requests.len() >= LOG_LIMIT {
            self.requests.drain(..LOG_LIMIT / 10);
        }
        self.requests.push(entry);
    }
}

/// Settings of a running world that are not state.
#[derive(Debug, Clone)]
pub struct Options {
    /// Scheme, host and port under which clients reach it, without a trailing slash.
    pub base_url: String,
    /// Authorize pages redirect at once instead of asking.
    pub auto_consent: bool,
    /// The vendors' published request limits are enforced. Off on a fake clock, which may stand still for a whole test.
    pub limits: bool,
}

struct Inner {
    state: Mutex<State>,
    clock: WorldClock,
    options: RwLock<Options>,
    revision: AtomicU64,
}

/// A handle on the simulators; clones share everything. What a vendor does is done through its own handle ([`World::of`]),
/// whose time is that vendor's.
#[derive(Clone)]
pub struct World(Arc<Inner>, Option<Vendor>);

impl World {
    /// Base URL of a world that is only reached in process.
    pub const IN_PROCESS: &str = "http://sim.invalid";

    /// An empty world on a fake clock that the caller may share with the code under test.
    pub fn with_clock(clock: Arc<FakeClock>) -> Self {
        Self::build(WorldClock::fake(clock))
    }

    /// An empty world on a fake clock of its own.
    pub fn at(now: DateTime<Utc>) -> Self {
        Self::with_clock(Arc::new(FakeClock::at(now)))
    }

    /// An empty world on the machine's clock plus a movable offset.
    pub fn live() -> Self {
        Self::build(WorldClock::real())
    }

    fn build(clock: WorldClock) -> Self {
        let limits = clock.is_real();
        let options = Options { base_url: Self::IN_PROCESS.to_owned(), auto_consent: true, limits };
        let inner = Arc::new(Inner {
            state: Mutex::new(State::default()),
            clock,
            options: RwLock::new(options),
            revision: AtomicU64::new(0),
        });
        Self(inner, None)
    }

    /// The same world as this vendor sees it: by its own clock.
    #[must_use]
    pub fn of(&self, vendor: Vendor) -> Self {
        Self(Arc::clone(&self.0), Some(vendor))
    }

    /// The present virtual moment; through a vendor's handle, by that vendor's clock.
    pub fn now(&self) -> DateTime<Utc> {
        let ahead = self.1.and_then(|vendor| self.0.state.lock().ahead_s.get(&vendor).copied());
        let ahead = ahead.and_then(Duration::try_seconds).unwrap_or_default();
        let now = self.0.clock.now();
        now.checked_add_signed(ahead).unwrap_or(now)
    }

    /// Sets a vendor's own clock ahead of the world's, or behind it. Everything the vendor does goes by it: its `Date`, its
    /// time stamps, its filters and windows, the life of its tokens.
    pub fn set_ahead(&self, vendor: Vendor, ahead: Duration) {
        self.write(|s, _| s.ahead_s.insert(vendor, ahead.num_seconds()));
    }

    /// Moves virtual time.
    pub fn advance(&self, step: Duration) {
        self.0.clock.advance(step);
        self.touch();
    }

    /// How the world is reached and whether consent is automatic.
    pub fn options(&self) -> Options {
        self.0.options.read().clone()
    }

    /// Changes how the world is reached and whether consent is automatic.
    pub fn set_options(&self, change: impl FnOnce(&mut Options)) {
        change(&mut self.0.options.write());
    }

    /// URLs and keys for clients.
    pub fn connection(&self) -> Connection {
        Connection::of(&self.options().base_url)
    }

    /// Looks at the state.
    pub fn read<T>(&self, look: impl FnOnce(&State) -> T) -> T {
        look(&self.0.state.lock())
    }

    /// Changes the state. The lock is held meanwhile, so a handler's whole effect is one step.
    pub fn write<T>(&self, change: impl FnOnce(&mut State, DateTime<Utc>) -> T) -> T {
        let now = self.now();
        let out = change(&mut self.0.state.lock(), now);
        self.touch();
        out
    }

    fn touch(&self) {
        self.0.revision.fetch_add(1, Ordering::Relaxed);
    }

    /// Counts changes; the state file is written when it moves.
    pub fn revision(&self) -> u64 {
        self.0.revision.load(Ordering::Relaxed)
    }

    /// Forgets everything and plants a seed (`demo`, `empty`, or one that only some vendors know).
    pub fn seed(&self, name: &str) -> Result<(), ActError> {
        let [quickbooks, shipstation, stripe] = Vendor::ALL.map(|vendor| self.of(vendor).now());
        self.write(|state, _| {
            // Time goes on as it was, and so do the vendors' clocks.
            let ahead_s = state.ahead_s.clone();
            let mut fresh = State { seed: name.to_owned(), ahead_s, ..State::default() };
            let known = [
                quickbooks::seed(&mut fresh, quickbooks, name),
                shipstation::seed(&mut fresh, shipstation, name),
                stripe::seed(&mut fresh, stripe, name),
            ];
            if !known.contains(&true) {
                return Err(ActError(format!("no simulator knows a seed called {name}")));
            }
            *state = fresh;
            Ok(())
        })
    }

    /// Forgets everything and plants the present seed again.
    pub fn reset(&self) -> Result<(), ActError> {
        let name = self.read(|s| s.seed.clone());
        self.seed(if name.is_empty() { "empty" } else { &name })
    }

    /// All objects of a vendor as JSON.
    pub fn dump(&self, vendor: Vendor) -> Value {
        let now = self.of(vendor).now();
        self.read(|state| match vendor {
            Vendor::Quickbooks => quickbooks::dump(state, now),
            Vendor::Shipstation => shipstation::dump(state, now),
            Vendor::Stripe => stripe::dump(state, now),
        })
    }

    /// Does something as the vendor's own user.
    pub fn act(&self, vendor: Vendor, action: &str, body: &Value) -> Result<Value, ActError> {
        self.of(vendor).write(|state, now| match vendor {
            Vendor::Quickbooks => quickbooks::act(state, now, action, body),
            Vendor::Shipstation => shipstation::act(state, now, action, body),
            Vendor::Stripe => stripe::act(state, now, action, body),
        })
    }

    /// Plans a fault.
    pub fn plan(&self, fault: Fault) {
        self.write(|s, _| s.faults.push(fault));
    }

    /// Forgets all planned faults.
    pub fn clear_faults(&self) {
        self.write(|s, _| s.faults.clear());
    }

    /// Lets a record spoil every answer it is in, until [`World::clear_poisons`].
    pub fn poison(&self, poison: Poison) {
        self.write(|s, _| s.poisons.push(poison));
    }

    /// All records are fit to be shown again.
    pub fn clear_poisons(&self) {
        self.write(|s, _| s.poisons.clear());
    }

    /// Makes a vendor unreachable, or reachable again.
    pub fn outage(&self, vendor: Vendor, on: bool) {
        self.write(|s, _| if on { s.outages.insert(vendor) } else { s.outages.remove(&vendor) });
    }

    /// The requests answered so far.
    pub fn requests(&self) -> Vec<RequestEntry> {
        self.read(|s| s.requests.clone())
    }

    /// Forgets the request log.
    pub fn clear_requests(&self) {
        self.write(|s, _| s.requests.clear());
    }

    /// A copy of the whole state, to return to later.
    pub fn snapshot(&self) -> State {
        self.read(State::clone)
    }

    /// Returns to a copied state. Virtual time stays.
    pub fn restore(&self, state: State) {
        self.write(|s, _| *s = state);
    }

    /// Writes the state file, through a neighbour so that a crash never leaves half a file.
    pub fn save(&self, file: &Path) -> anyhow::Result<()> {
        let mut state = self.snapshot();
        state.clock_offset_s = self.0.clock.offset().num_seconds();
        let part = file.with_extension("part");
        std::fs::write(&part, serde_json::to_vec(&state)?)?;
        std::fs::rename(&part, file)?;
        Ok(())
    }

    /// Reads a state file.
    pub fn load(&self, file: &Path) -> anyhow::Result<()> {
        let state: State = serde_json::from_slice(&std::fs::read(file)?)?;
        self.0.clock.set_offset(Duration::seconds(state.clock_offset_s));
        self.restore(state);
        Ok(())
    }
}
