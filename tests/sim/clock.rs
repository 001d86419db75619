//! Virtual time: a fake clock in process, or the machine's clock plus an offset that the control API moves.

use chrono::{DateTime, Duration, Utc};
use connector_contract::{Clock, FakeClock, SystemClock};
use parking_lot::Mutex;
use std::sync::Arc;

/// The simulators' clock.
#[derive(Debug)]
pub struct WorldClock {
    /// Present in tests; shared with whoever else must see the same time.
    fake: Option<Arc<FakeClock>>,
    /// Added to the machine's clock when there is no fake one.
    offset: Mutex<Duration>,
}

impl WorldClock {
    /// Stands still until moved.
    pub fn fake(clock: Arc<FakeClock>) -> Self {
        Self { fake: Some(clock), offset: Mutex::new(Duration::zero()) }
    }

    /// Runs with the machine's clock.
    pub fn real() -> Self {
        Self { fake: None, offset: Mutex::new(Duration::zero()) }
    }

    /// Whether it runs by itself.
    pub fn is_real(&self) -> bool {
        self.fake.is_none()
    }

    /// Moves virtual time by `step`.
    pub fn advance(&self, step: Duration) {
        match &self.fake {
            Some(clock) => clock.advance(step),
            None => *self.offset.lock() += step,
        }
    }

    /// How far a running clock is ahead of the machine's; zero for a fake one.
    pub fn offset(&self) -> Duration {
        *self.offset.lock()
    }

    /// Restores what [`Self::offset`] told.
    pub fn set_offset(&self, offset: Duration) {
        *self.offset.lock() = offset;
    }
}

impl Clock for WorldClock {
    fn now(&self) -> DateTime<Utc> {
        match &self.fake {
            Some(clock) => clock.now(),
            None => SystemClock.now() + *self.offset.lock(),
        }
    }
}
