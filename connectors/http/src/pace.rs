//! Keeping to a vendor's limits: token buckets, and the waits a server asked for.
//!
//! Runs on tokio's clock, so that paused time in tests moves it too.

use crate::Quota;
use crate::answer::LONGEST_ASKED;
use governor::clock::{Clock, Reference};
use governor::nanos::Nanos;
use governor::state::{InMemoryState, NotKeyed};
use governor::{RateLimiter, middleware::NoOpMiddleware};
use parking_lot::Mutex;
use std::num::NonZeroU32;
use std::ops::Add;
use std::time::Duration;
use tokio::time::Instant;

/// A moment of tokio's clock, for the limiter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Moment(Instant);

impl Add<Nanos> for Moment {
    type Output = Self;

    fn add(self, nanos: Nanos) -> Self {
        Self(later(self.0, nanos.into()))
    }
}

impl Reference for Moment {
    fn duration_since(&self, earlier: Self) -> Nanos {
        self.0.saturating_duration_since(earlier.0).into()
    }

    fn saturating_sub(&self, duration: Nanos) -> Self {
        Self(self.0.checked_sub(duration.into()).unwrap_or(self.0))
    }
}

/// A moment so much later. One beyond what a clock can show is far enough away; no arithmetic on waits may panic.
fn later(moment: Instant, wait: Duration) -> Instant {
    moment.checked_add(wait).or_else(|| moment.checked_add(LONGEST_ASKED)).unwrap_or(moment)
}

#[derive(Debug, Clone, Copy, Default)]
struct TokioClock;

impl Clock for TokioClock {
    type Instant = Moment;

    fn now(&self) -> Moment {
        Moment(Instant::now())
    }
}

type Limiter = RateLimiter<NotKeyed, InMemoryState, TokioClock, NoOpMiddleware<Moment>>;

/// All limits of one connection.
pub(crate) struct Pace {
    buckets: Vec<(Option<&'static str>, Limiter)>,
    /// No call before this moment, because the server said so.
    not_before: Mutex<Option<Instant>>,
}

impl Pace {
    pub fn new(quotas: &[Quota]) -> Self {
        let bucket = |quota: &Quota| {
            let burst = NonZeroU32::new(quota.burst).unwrap_or(NonZeroU32::MIN);
            // A period of zero would mean no limit; one nanosecond is as good.
            let step = (quota.per / quota.refill.max(1)).max(Duration::from_nanos(1));
            let quota = governor::Quota::with_period(step)?.allow_burst(burst);
            Some(RateLimiter::direct_with_clock(quota, TokioClock))
        };
        let buckets = quotas.iter().filter_map(|quota| Some((quota.class, bucket(quota)?))).collect();
        Self { buckets, not_before: Mutex::new(None) }
    }

    /// Nobody calls for this long, and for no longer than [`LONGEST_ASKED`].
    pub fn pause(&self, wait: Duration) {
        let until = later(Instant::now(), wait.min(LONGEST_ASKED));
        let mut not_before = self.not_before.lock();
        *not_before = Some(not_before.map_or(until, |earlier| earlier.max(until)));
    }

    /// Waits for a turn, or tells the wait when it is longer than `longest`.
    pub async fn turn(&self, class: Option<&'static str>, longest: Duration) -> Result<(), Duration> {
        loop {
            let wait = self.not_before.lock().map(|until| until.saturating_duration_since(Instant::now()));
            match wait {
                Some(wait) if wait > longest => return Err(wait),
                Some(wait) if !wait.is_zero() => tokio::time::sleep(wait).await,
                _ => break,
            }
        }
        for (of, bucket) in &self.buckets {
            if of.is_some() && *of != class {
                continue;
            }
            while let Err(full) = bucket.check() {
                let wait = full.wait_time_from(TokioClock.now());
                if wait > longest {
                    return Err(wait);
                }
                tokio::time::sleep(wait.max(Duration::from_millis(1))).await;
            }
        }
        Ok(())
    }
}
