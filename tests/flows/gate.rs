//! A gate between the app and the network: it stops the n-th request, before it reaches the vendor or after the vendor has
//! acted on it, until it is opened, or for ever.

use connector_http::{Exchange, ExchangeError, Limits};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use tokio::sync::Notify;

/// Where a request is stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// The vendor never hears of it.
    Before,
    /// The vendor has acted; its answer is held.
    After,
}

/// The gate.
pub struct Gate {
    inner: Arc<dyn Exchange>,
    passed: AtomicUsize,
    stops_at: AtomicUsize,
    after: AtomicBool,
    writes_only: AtomicBool,
    reached: Notify,
    open: Notify,
}

impl Gate {
    /// Open, around this transport.
    pub fn new(inner: Arc<dyn Exchange>) -> Arc<Self> {
        Arc::new(Self {
            inner,
            passed: AtomicUsize::new(0),
            stops_at: AtomicUsize::new(usize::MAX),
            after: AtomicBool::new(false),
            writes_only: AtomicBool::new(false),
            reached: Notify::new(),
            open: Notify::new(),
        })
    }

    /// Stops the n-th request from now on, counted from 1.
    pub fn stop_at(&self, nth: usize, side: Side) {
        self.writes_only.store(false, Ordering::Relaxed);
        self.stop(nth, side);
    }

    /// Stops the next request that changes something over there.
    pub fn stop_at_write(&self, side: Side) {
        self.writes_only.store(true, Ordering::Relaxed);
        self.stop(1, side);
    }

    fn stop(&self, nth: usize, side: Side) {
        self.passed.store(0, Ordering::Relaxed);
        self.after.store(side == Side::After, Ordering::Relaxed);
        self.stops_at.store(nth, Ordering::Relaxed);
    }

    /// Waits until a request is stopped.
    pub async fn reached(&self) {
        self.reached.notified().await;
    }

    /// Lets the stopped request go on.
    pub fn open(&self) {
        self.stops_at.store(usize::MAX, Ordering::Relaxed);
        self.open.notify_one();
    }
}

#[async_trait::async_trait]
impl Exchange for Gate {
    async fn exchange(
        &self,
        request: http::Request<bytes::Bytes>,
        limits: Limits,
    ) -> Result<http::Response<bytes::Bytes>, ExchangeError> {
        let reads = request.method() == http::Method::GET || request.uri().path().contains("/tokens/");
        if reads && self.writes_only.load(Ordering::Relaxed) {
            return self.inner.exchange(request, limits).await;
        }
        let nth = self.passed.fetch_add(1, Ordering::Relaxed) + 1;
        let stops = nth == self.stops_at.load(Ordering::Relaxed);
        let after = self.after.load(Ordering::Relaxed);
        if stops && !after {
            self.reached.notify_one();
            self.open.notified().await;
        }
        let answer = self.inner.exchange(request, limits).await;
        if stops && after {
            self.reached.notify_one();
            self.open.notified().await;
        }
        answer
    }
}
