//! The client of one connection: takes its turn, signs, sends, judges, waits and tries again.
//!
//! The rule behind every branch: a write whose effect is uncertain never ends as "nothing was applied". Absent on purpose:
//! any memory of writes across calls; the engine's outbox has that.

use crate::answer::LONGEST_ASKED;
use crate::breaker::Breaker;
use crate::exchange::bounded;
use crate::pace::Pace;
use crate::vendor_clock::VendorClock;
use crate::{Answer, BreakerState, Call, Dialect, Exchange, ExchangeError, Repeat, Verdict};
use backon::{BackoffBuilder, ExponentialBuilder};
use bytes::Bytes;
use chrono::{DateTime, Utc};
use connector_contract::{Clock, ConnectorError, Rest, Safeguard};
use futures::FutureExt;
use futures::future::{BoxFuture, Shared, WeakShared};
use http::{HeaderMap, Request};
use parking_lot::Mutex;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;
use uuid::Uuid;

type Flight = Shared<BoxFuture<'static, Result<Answer, ConnectorError>>>;
type Landing = WeakShared<BoxFuture<'static, Result<Answer, ConnectorError>>>;

/// One connection's client. Clones share limits, breaker and reads under way.
#[derive(Clone)]
pub struct Client {
    inner: Arc<Inner>,
}

/// How patient a client is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tuning {
    /// Further tries after a transient fault.
    pub retries: usize,
    /// Upper bound of the first wait; it doubles each time and the wait is drawn evenly from zero up to it.
    pub first_wait: Duration,
    /// Upper bound of any such wait.
    pub longest_wait: Duration,
    /// A wait for a limit longer than this is handed to the engine as [`ConnectorError::RateLimited`].
    pub longest_pause: Duration,
    /// How often one call may be told to slow down.
    pub pauses: usize,
}

impl Default for Tuning {
    fn default() -> Self {
        Self {
            retries: 3,
            first_wait: Duration::from_secs(1),
            longest_wait: Duration::from_secs(20),
            longest_pause: Duration::from_mins(1),
            pauses: 3,
        }
    }
}

struct Inner {
    exchange: Arc<dyn Exchange>,
    dialect: Arc<dyn Dialect>,
    tuning: Tuning,
    pace: Pace,
    breaker: Breaker,
    vendor_clock: VendorClock,
    flights: Mutex<HashMap<String, Landing>>,
}

/// How one try ended.
enum Outcome {
    Good(Answer),
    SlowDown(Duration),
    /// A transient fault; `sent` tells that a write may have been applied, `answered` that a server spoke.
    Fault {
        reason: String,
        sent: bool,
        answered: bool,
    },
    Expired(HeaderMap),
    Failed(ConnectorError),
}

impl Client {
    /// A client with the usual patience. `clock` is the owner's.
    pub fn new(exchange: Arc<dyn Exchange>, dialect: Arc<dyn Dialect>, clock: Arc<dyn Clock>) -> Self {
        Self::tuned(exchange, dialect, clock, Tuning::default())
    }

    /// A client with a patience of its own.
    pub fn tuned(
        exchange: Arc<dyn Exchange>,
        dialect: Arc<dyn Dialect>,
        clock: Arc<dyn Clock>,
        tuning: Tuning,
    ) -> Self {
        let pace = Pace::new(&dialect.quotas());
        let (breaker, flights) = (Breaker::default(), Mutex::default());
        let vendor_clock = VendorClock::new(clock);
        Self { inner: Arc::new(Inner { exchange, dialect, tuning, pace, breaker, vendor_clock, flights }) }
    }

    /// The vendor's present moment, for the end of a window and for every cursor: `our_now` corrected by what the `Date` of
    /// the last answer showed. It may be a little early, by what an answer takes to arrive, and is never past the vendor's
    /// own now. Until an answer showed a time, and where it is absurd (see `vendor_clock.rs`), it is `our_now`; so ask
    /// after at least one answer, such as that of the window's own first page or of `identify`.
    pub fn vendor_now(&self, our_now: DateTime<Utc>) -> DateTime<Utc> {
        if Safeguard::VendorClock.is_broken() { our_now } else { self.inner.vendor_clock.at(our_now) }
    }

    /// The vendor's clock less ours; `None` until an answer showed it.
    pub fn clock_offset(&self) -> Option<chrono::TimeDelta> {
        self.inner.vendor_clock.offset()
    }

    /// Where the circuit breaker stands.
    pub fn breaker(&self) -> BreakerState {
        self.inner.breaker.state()
    }

    /// How long the server is left alone, in the words of the contract; `now` is the moment by the owner's clock.
    pub fn rest(&self, now: DateTime<Utc>) -> Option<Rest> {
        let BreakerState::Open { remaining } = self.breaker() else { return None };
        let until = now.checked_add_signed(chrono::Duration::from_std(remaining).ok()?)?;
        Some(Rest { until, failures: self.inner.breaker.in_a_row() })
    }

    /// Lets the next call through although the rest is not over. If it fails too, the rest begins anew and is longer.
    pub fn end_rest(&self) {
        self.inner.breaker.end_rest();
    }

    /// Makes the call. Identical reads under way at the same time become one. Errors: `Unavailable` and `RateLimited`
    /// promise that nothing was applied; a write that may have been is `Unknown`.
    pub async fn send(&self, call: Call) -> Result<Answer, ConnectorError> {
        let Some(identity) = call.identity() else {
            return self.inner.perform(&call).await;
        };
        let flight = self.join(identity.clone(), call);
        let result = flight.clone().await;
        let mut flights = self.inner.flights.lock();
        // Only this flight's own entry goes; a later one of the same name stays.
        if flights.get(&identity).and_then(WeakShared::upgrade).is_none_or(|other| other.ptr_eq(&flight)) {
            flights.remove(&identity);
        }
        result
    }

    /// The read of this name that is under way, or a new one.
    fn join(&self, identity: String, call: Call) -> Flight {
        let mut flights = self.inner.flights.lock();
        let under_way = flights.get(&identity).and_then(WeakShared::upgrade);
        // One that has ended is an old answer, not a read under way.
        if let Some(flight) = under_way.filter(|flight| flight.peek().is_none()) {
            return flight;
        }
        let inner = Arc::clone(&self.inner);
        let flight = async move { inner.perform(&call).await }.boxed().shared();
        flights.retain(|_, landing| landing.upgrade().is_some());
        if let Some(landing) = flight.downgrade() {
            flights.insert(identity, landing);
        }
        flight
    }
}

impl Inner {
    async fn perform(&self, call: &Call) -> Result<Answer, ConnectorError> {
        let url = call.url.clone()?;
        let call_id = Uuid::new_v4();
        let mut waits = self.backoff();
        let mut uncertain: Option<String> = None;
        let mut pauses = 0;
        let mut renewed = false;
        let mut fault_counted = false;
        loop {
            if let Err(error) = self.admit(call).await {
                return Err(settle(call, uncertain, error));
            }
            let outcome = self.attempt(call, &url, call_id).await;
            let error = match outcome {
                Outcome::Good(answer) => {
                    self.breaker.success();
                    return Ok(answer);
                }
                Outcome::SlowDown(after) => {
                    self.breaker.success();
                    self.pace.pause(after);
                    pauses += 1;
                    if after <= self.tuning.longest_pause && pauses <= self.tuning.pauses {
                        continue;
                    }
                    ConnectorError::RateLimited { after }
                }
                Outcome::Fault { reason, sent, answered } => {
                    // An answered fault may be about this one record, so a call counts once however often it tries.
                    if !answered || !std::mem::replace(&mut fault_counted, true) {
                        self.breaker.failure();
                    }
                    if sent {
                        uncertain = Some(reason.clone());
                    }
                    let may_repeat = !sent || call.repeat != Repeat::Once;
                    match waits.next().filter(|_| may_repeat) {
                        Some(longest) => {
                            tokio::time::sleep(rand::random_range(Duration::ZERO..=longest)).await;
                            continue;
                        }
                        None => ConnectorError::Unavailable(reason),
                    }
                }
                Outcome::Expired(refused) => {
                    self.breaker.success();
                    if std::mem::replace(&mut renewed, true) {
                        ConnectorError::Unauthorized(format!("{} refused the sign-in", self.dialect.name()))
                    } else {
                        match self.dialect.renew(&refused).await {
                            Ok(()) => continue,
                            Err(error) => error,
                        }
                    }
                }
                Outcome::Failed(error) => error,
            };
            return Err(settle(call, uncertain, error));
        }
    }

    /// Bounds of the waits between tries. Their jitter is drawn by the caller: the library's own never goes below the bound.
    fn backoff(&self) -> impl Iterator<Item = Duration> + use<> {
        ExponentialBuilder::new()
            .with_factor(2.0)
            .with_min_delay(self.tuning.first_wait)
            .with_max_delay(self.tuning.longest_wait)
            .with_max_times(self.tuning.retries)
            .build()
    }

    /// Waits for a turn within the limits, and asks the breaker last so that an admitted probe is really sent.
    async fn admit(&self, call: &Call) -> Result<(), ConnectorError> {
        if let BreakerState::Open { remaining } = self.breaker.state() {
            return Err(self.resting(remaining));
        }
        let turn = self.pace.turn(call.class, self.tuning.longest_pause).await;
        turn.map_err(|after| ConnectorError::RateLimited { after })?;
        self.breaker.admit().map_err(|remaining| self.resting(remaining))
    }

    fn resting(&self, remaining: Duration) -> ConnectorError {
        let (name, seconds) = (self.dialect.name(), remaining.as_secs() + 1);
        ConnectorError::Unavailable(format!("{name} has been out of order; it is tried again in {seconds} seconds"))
    }

    /// One signed exchange, logged and judged.
    async fn attempt(&self, call: &Call, url: &url::Url, call_id: Uuid) -> Outcome {
        let mut headers = call.headers.clone();
        let mut request = Request::new(call.body.clone());
        *request.method_mut() = call.method.clone();
        let address = url.as_str().parse();
        let address = address.map_err(|_| ConnectorError::Protocol("the address cannot be requested".to_owned()));
        match self.dialect.authorize(&mut headers).await.and(address) {
            Ok(uri) => *request.uri_mut() = uri,
            Err(error) => {
                self.breaker.abandon();
                return Outcome::Failed(error);
            }
        }
        request.headers_mut().clone_from(&headers);
        let started = Instant::now();
        let result = bounded(self.exchange.as_ref(), request, call.limits).await;
        self.log(call, call_id, started, &result);
        match result {
            Ok(response) => self.weigh(response, headers),
            Err(ExchangeError::NotSent(reason)) => Outcome::Fault { reason, sent: false, answered: false },
            Err(ExchangeError::NoAnswer(reason)) => Outcome::Fault { reason, sent: true, answered: false },
            // A larger answer would come again, so a read ends here; a write was acted upon.
            Err(error @ ExchangeError::TooLarge) => {
                self.breaker.success();
                Outcome::Failed(match call.repeat {
                    Repeat::Safe => ConnectorError::TooLarge,
                    Repeat::Keyed | Repeat::Once => ConnectorError::Unknown(error.to_string()),
                })
            }
        }
    }

    fn weigh(&self, response: http::Response<Bytes>, signed: HeaderMap) -> Outcome {
        let (parts, body) = response.into_parts();
        let answer = Answer { status: parts.status, headers: parts.headers, body };
        // A web page is a gateway's or a hotel's, and so is its clock.
        if answer.content_type() != "text/html" {
            self.vendor_clock.hear(answer.server_time());
        }
        if let Some(wait) = self.dialect.pace(&answer) {
            self.pace.pause(wait);
        }
        match self.dialect.judge(&answer) {
            Verdict::Accept => Outcome::Good(answer),
            Verdict::RateLimited { after } => {
                let after = after.or_else(|| answer.retry_after()).unwrap_or(Duration::from_mins(1));
                Outcome::SlowDown(after.clamp(Duration::from_secs(1), LONGEST_ASKED))
            }
            Verdict::Unavailable(reason) => Outcome::Fault { reason, sent: false, answered: true },
            Verdict::Uncertain(reason) => Outcome::Fault { reason, sent: true, answered: true },
            Verdict::Expired => Outcome::Expired(signed),
            Verdict::Refuse(error) => {
                self.breaker.success();
                Outcome::Failed(error)
            }
        }
    }

    /// Names the call by its template: paths, queries, headers and bodies hold ids, keys and personal data.
    fn log(&self, call: &Call, call_id: Uuid, started: Instant, result: &Result<http::Response<Bytes>, ExchangeError>) {
        let vendor = self.dialect.name();
        let (method, path) = (call.method.as_str(), call.template.as_str());
        let duration_ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
        match result {
            Ok(response) => {
                let status = response.status().as_u16();
                let header = self.dialect.request_id_header().and_then(|name| response.headers().get(name));
                let vendor_id = header.and_then(|value| value.to_str().ok()).unwrap_or_default();
                tracing::info!(vendor, %call_id, method, path, status, duration_ms, vendor_id, "answered");
            }
            Err(error) => tracing::warn!(vendor, %call_id, method, path, duration_ms, %error, "no answer"),
        }
    }
}

/// After a try that may have been applied, only the vendor's own word on the record ends the doubt.
fn settle(call: &Call, uncertain: Option<String>, error: ConnectorError) -> ConnectorError {
    let final_word =
        matches!(error, ConnectorError::Rejected(_) | ConnectorError::Conflict { .. } | ConnectorError::NotFound(_));
    match uncertain {
        Some(reason) if call.repeat != Repeat::Safe && !final_word => ConnectorError::Unknown(reason),
        _ => error,
    }
}
