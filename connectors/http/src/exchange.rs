//! The transport seam: one request, one answer, no judgement.
//!
//! Absent on purpose: retries, limits and sign-in, which lie above it and must behave the same over any transport.

use bytes::Bytes;
use http::{Request, Response};
use std::time::Duration;

/// Carries one request to a server. Implemented by [`crate::Network`] and by in-process stand-ins.
#[async_trait::async_trait]
pub trait Exchange: Send + Sync {
    /// Sends the request and reads the whole answer. An answer of any status is `Ok`.
    async fn exchange(&self, request: Request<Bytes>, limits: Limits) -> Result<Response<Bytes>, ExchangeError>;
}

/// How long and how large one exchange may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// From the start of the request to the last byte of the answer.
    pub total: Duration,
    /// Largest body read, after decompression.
    pub body_bytes: usize,
}

impl Default for Limits {
    /// One minute and 16 MiB: more than a full page of any vendor, little enough for a small machine.
    fn default() -> Self {
        Self { total: Duration::from_mins(1), body_bytes: 16 * 1024 * 1024 }
    }
}

/// Why there is no answer. The difference between the first two decides whether a write may be repeated.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ExchangeError {
    /// The request certainly did not reach the server: no name, no route, refused, bad certificate.
    #[error("{0}")]
    NotSent(String),
    /// The request may have reached the server: timed out or cut afterwards.
    #[error("{0}")]
    NoAnswer(String),
    /// The answer is larger than the limit. The server did act on the request.
    #[error("the answer is larger than allowed")]
    TooLarge,
}

/// Runs one exchange and gives up after `limits.total`, whatever the transport does.
pub(crate) async fn bounded(
    exchange: &dyn Exchange,
    request: Request<Bytes>,
    limits: Limits,
) -> Result<Response<Bytes>, ExchangeError> {
    match tokio::time::timeout(limits.total, exchange.exchange(request, limits)).await {
        Ok(Ok(response)) if response.body().len() > limits.body_bytes => Err(ExchangeError::TooLarge),
        Ok(result) => result,
        Err(_) => Err(ExchangeError::NoAnswer(format!("no answer within {} seconds", limits.total.as_secs()))),
    }
}
