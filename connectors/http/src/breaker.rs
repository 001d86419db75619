//! A circuit breaker: after repeated failures a server is left alone for a while, then tried with one call.

use parking_lot::Mutex;
use std::time::Duration;
use tokio::time::Instant;

/// Where the breaker of a connection stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BreakerState {
    /// Calls go through.
    Closed,
    /// The server failed repeatedly; calls fail at once until the rest is over.
    Open {
        /// What is left of the rest.
        remaining: Duration,
    },
    /// The rest is over; the next call, or the one on its way, decides.
    HalfOpen,
}

#[derive(Debug, Default)]
struct Inner {
    /// Failures since it last opened.
    failures: u32,
    /// Failures since the last success.
    in_a_row: u32,
    /// How often it opened since the last success; each time it rests longer.
    openings: u32,
    open_until: Option<Instant>,
    /// A probe is on its way; it counts as lost at this moment, should its caller have gone away.
    probe_until: Option<Instant>,
}

#[derive(Debug, Default)]
pub(crate) struct Breaker(Mutex<Inner>);

impl Breaker {
    /// Failures in a row that open it.
    const THRESHOLD: u32 = 6;
    const FIRST_REST: Duration = Duration::from_secs(15);
    const LONGEST_REST: Duration = Duration::from_mins(5);
    const PROBE: Duration = Duration::from_mins(2);

    pub fn state(&self) -> BreakerState {
        let inner = self.0.lock();
        match inner.open_until {
            None => BreakerState::Closed,
            Some(until) => match until.saturating_duration_since(Instant::now()) {
                Duration::ZERO => BreakerState::HalfOpen,
                remaining => BreakerState::Open { remaining },
            },
        }
    }

    /// Failures since the last success.
    pub fn in_a_row(&self) -> u32 {
        self.0.lock().in_a_row
    }

    /// Ends the rest now: the next call decides.
    pub fn end_rest(&self) {
        let now = Instant::now();
        let mut inner = self.0.lock();
        inner.open_until = inner.open_until.map(|until| until.min(now));
    }

    /// Lets a call through, or tells how long to leave the server alone.
    pub fn admit(&self) -> Result<(), Duration> {
        let now = Instant::now();
        let mut inner = self.0.lock();
        let Some(until) = inner.open_until else { return Ok(()) };
        if until > now {
            return Err(until - now);
        }
        match inner.probe_until {
            Some(probe) if probe > now => Err(Duration::from_secs(1)),
            _ => {
                inner.probe_until = Some(now + Self::PROBE);
                Ok(())
            }
        }
    }

    /// The server answered sensibly.
    pub fn success(&self) {
        *self.0.lock() = Inner::default();
    }

    /// The probe ended before it reached the server, so the next call may be the probe.
    pub fn abandon(&self) {
        self.0.lock().probe_until = None;
    }

    /// The server did not answer, or answered that it is out of order.
    pub fn failure(&self) {
        let mut inner = self.0.lock();
        inner.failures = inner.failures.saturating_add(1);
        inner.in_a_row = inner.in_a_row.saturating_add(1);
        if inner.probe_until.take().is_some() || inner.failures >= Self::THRESHOLD {
            let rest = Self::FIRST_REST.saturating_mul(1 << inner.openings.min(10)).min(Self::LONGEST_REST);
            inner.open_until = Some(Instant::now() + rest);
            inner.openings = inner.openings.saturating_add(1);
            inner.failures = 0;
        }
    }
}
