//! What every API call passes before it reaches the company: sign-in, the right company, request limits.

use super::REALM_ID;
use super::refusal::{gateway, throttled};
use chrono::{DateTime, Duration, Utc};
use http::{HeaderMap, StatusCode, header};
use std::collections::VecDeque;

/// Requests of one company in a minute.
const PER_MINUTE: usize = 500;
/// Requests of one app to one company in a second.
const PER_SECOND: usize = 10;
/// Batch requests of one app to one company in a minute.
const BATCHES_PER_MINUTE: usize = 40;

/// Recent requests, for the limits.
#[derive(Debug, Clone, Default)]
pub struct Traffic {
    all: VecDeque<DateTime<Utc>>,
    batches: VecDeque<DateTime<Utc>>,
}

impl Traffic {
    /// Counts a request; false when it is one too many. Refused requests do not count.
    pub fn admits(&mut self, batch: bool, now: DateTime<Utc>) -> bool {
        for queue in [&mut self.all, &mut self.batches] {
            while queue.front().is_some_and(|at| now - *at >= Duration::minutes(1)) {
                queue.pop_front();
            }
        }
        let in_second = self.all.iter().rev().take_while(|at| now - **at < Duration::seconds(1)).count();
        if self.all.len() >= PER_MINUTE
            || in_second >= PER_SECOND
            || (batch && self.batches.len() >= BATCHES_PER_MINUTE)
        {
            return false;
        }
        self.all.push_back(now);
        if batch {
            self.batches.push_back(now);
        }
        true
    }
}

/// The token of an `Authorization: Bearer` header.
pub fn bearer(headers: &HeaderMap) -> Option<&str> {
    headers.get(header::AUTHORIZATION)?.to_str().ok()?.strip_prefix("Bearer ")
}

/// Lets a request pass, or answers in the gateway's place.
pub fn pass(
    s: &mut crate::State,
    headers: &HeaderMap,
    realm: &str,
    batch: bool,
    limits: bool,
    now: DateTime<Utc>,
) -> Result<(), Box<axum::response::Response>> {
    let knobs = s.quickbooks.knobs.clone();
    let grant =
        bearer(headers).and_then(|t| s.quickbooks.tokens.by_access(t, now)).map(|g| (g.realm.clone(), g.scope.clone()));
    let Some((granted, scope)) = grant else {
        let detail = "Token expired: AB01 or missing or invalid";
        let mut response =
            gateway(knobs.unauthorized_shape, StatusCode::UNAUTHORIZED, "3200", "AuthenticationFailed", detail, now);
        let value = header::HeaderValue::from_static("Bearer realm=\"Intuit\", error=\"invalid_token\"");
        response.headers_mut().insert(header::WWW_AUTHENTICATE, value);
        return Err(Box::new(response));
    };
    let accounting = scope.split_whitespace().any(|s| s == "com.intuit.quickbooks.accounting");
    if granted != realm || realm != REALM_ID || !accounting || knobs.forbidden {
        let word = "ApplicationAuthorizationFailed";
        let shape = knobs.unauthorized_shape;
        return Err(Box::new(gateway(
            shape,
            StatusCode::FORBIDDEN,
            "3100",
            word,
            "The app may not use this company.",
            now,
        )));
    }
    if limits && !s.quickbooks.traffic.admits(batch, now) {
        return Err(Box::new(throttled(knobs.throttle_shape, now)));
    }
    Ok(())
}
