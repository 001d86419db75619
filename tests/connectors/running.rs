//! Virtual time that runs along with tokio's: waits of the program under test move the simulators too.

use connector_contract::FakeClock;
use connector_http::{Exchange, ExchangeError, Limits};
use std::sync::{Arc, Mutex};
use tokio::time::Instant;
use vendor_sim::InProcess;

/// The simulators, with a clock that catches up with tokio's before every request.
pub struct Running {
    inner: InProcess,
    clock: Arc<FakeClock>,
    seen: Mutex<Instant>,
}

impl Running {
    /// Around these simulators.
    pub fn new(inner: InProcess, clock: Arc<FakeClock>) -> Self {
        Self { inner, clock, seen: Mutex::new(Instant::now()) }
    }
}

#[async_trait::async_trait]
impl Exchange for Running {
    async fn exchange(
        &self,
        request: http::Request<bytes::Bytes>,
        limits: Limits,
    ) -> Result<http::Response<bytes::Bytes>, ExchangeError> {
        {
            let mut seen = self.seen.lock().unwrap();
            let passed = seen.elapsed();
            *seen = Instant::now();
            self.clock.advance(chrono::Duration::from_std(passed).unwrap());
        }
        self.inner.exchange(request, limits).await
    }
}
