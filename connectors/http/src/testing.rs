//! A scripted [`Exchange`] for unit tests: answers in order, keeps every request.

use crate::{Exchange, ExchangeError, Limits};
use bytes::Bytes;
use http::{Request, Response};
use parking_lot::Mutex;
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

/// Answers what the script says, in order. Running out of script is `NotSent`, which a test sees as a failure.
#[derive(Default)]
pub struct Script {
    steps: Mutex<VecDeque<Step>>,
    requests: Mutex<Vec<Request<Bytes>>>,
}

struct Step {
    wait: Duration,
    result: Result<Response<Bytes>, ExchangeError>,
}

impl Script {
    /// An empty script.
    pub fn new() -> Arc<Self> {
        Arc::default()
    }

    /// Next: this result.
    pub fn then(&self, result: Result<Response<Bytes>, ExchangeError>) -> &Self {
        self.steps.lock().push_back(Step { wait: Duration::ZERO, result });
        self
    }

    /// Next: JSON with this status.
    pub fn json(&self, status: u16, body: &str) -> &Self {
        self.answer(status, &[("content-type", "application/json")], body)
    }

    /// Next: an answer with these headers.
    pub fn answer(&self, status: u16, headers: &[(&str, &str)], body: &str) -> &Self {
        let builder =
            headers.iter().fold(Response::builder().status(status), |b, (name, value)| b.header(*name, *value));
        self.then(
            builder.body(Bytes::copy_from_slice(body.as_bytes())).map_err(|e| ExchangeError::NotSent(e.to_string())),
        )
    }

    /// Next: certainly not sent.
    pub fn not_sent(&self) -> &Self {
        self.then(Err(ExchangeError::NotSent("refused".into())))
    }

    /// Next: sent, but cut before the answer.
    pub fn no_answer(&self) -> &Self {
        self.then(Err(ExchangeError::NoAnswer("cut".into())))
    }

    /// The step added last takes this long, on tokio's clock.
    pub fn slowly(&self, wait: Duration) -> &Self {
        if let Some(step) = self.steps.lock().back_mut() {
            step.wait = wait;
        }
        self
    }

    /// All requests so far.
    pub fn requests(&self) -> Vec<Request<Bytes>> {
        self.requests.lock().clone()
    }

    /// All requests so far as `METHOD url`.
    pub fn lines(&self) -> Vec<String> {
        self.requests.lock().iter().map(|r| format!("{} {}", r.method(), r.uri())).collect()
    }

    /// How many requests came.
    pub fn count(&self) -> usize {
        self.requests.lock().len()
    }

    /// The JSON body of a request; null when there is none.
    pub fn sent_json(&self, index: usize) -> serde_json::Value {
        self.requests.lock().get(index).and_then(|r| serde_json::from_slice(r.body()).ok()).unwrap_or_default()
    }

    /// Steps not used yet.
    pub fn left(&self) -> usize {
        self.steps.lock().len()
    }
}

#[async_trait::async_trait]
impl Exchange for Script {
    async fn exchange(&self, request: Request<Bytes>, _limits: Limits) -> Result<Response<Bytes>, ExchangeError> {
        self.requests.lock().push(request);
        let step = self.steps.lock().pop_front();
        let Some(step) = step else { return Err(ExchangeError::NotSent("the script has ended".into())) };
        tokio::time::sleep(step.wait).await;
        step.result
    }
}
