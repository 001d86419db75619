//! What differs between vendors: how a request is signed and what an answer means.

use crate::Answer;
use connector_contract::{ConnectorError, Rejection};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use std::time::Duration;

/// One vendor's manners. Written by its connector; used by [`crate::Client`].
#[async_trait::async_trait]
pub trait Dialect: Send + Sync {
    /// The vendor's name, for messages and logs.
    fn name(&self) -> &'static str;

    /// Adds what signs a request. May renew the sign-in first.
    async fn authorize(&self, headers: &mut HeaderMap) -> Result<(), ConnectorError>;

    /// Called once per call after [`Verdict::Expired`]; `refused` are the headers the vendor did not accept. On `Ok` the
    /// call is signed anew and sent once more. By default the sign-in is lost.
    async fn renew(&self, refused: &HeaderMap) -> Result<(), ConnectorError> {
        let _ = refused;
        Err(ConnectorError::Unauthorized(format!("{} no longer accepts the keys", self.name())))
    }

    /// What an answer means.
    fn judge(&self, answer: &Answer) -> Verdict;

    /// A wait before the next call that any answer may ask for, such as "no requests left in this window".
    fn pace(&self, answer: &Answer) -> Option<Duration> {
        let _ = answer;
        None
    }

    /// The published limits. Several may hold at once.
    fn quotas(&self) -> Vec<Quota>;

    /// The header with the vendor's own id of a request, for its support; logged.
    fn request_id_header(&self) -> Option<&'static str> {
        None
    }
}

/// A token bucket: `burst` at once, then `refill` evenly over `per`. A fixed window of N needs burst + refill ≤ N.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quota {
    /// Which calls count; `None` is all.
    pub class: Option<&'static str>,
    /// How many may go at once after a rest. Zero counts as one.
    pub burst: u32,
    /// How many more become free over `per`. Zero counts as one.
    pub refill: u32,
    /// The period.
    pub per: Duration,
}

impl Quota {
    /// The most calls that go out in any span of `per`.
    pub const fn most(&self) -> u32 {
        self.burst.saturating_add(self.refill)
    }
}

/// What an answer means for its call.
#[derive(Debug, Clone, PartialEq)]
pub enum Verdict {
    /// Good; the caller reads it.
    Accept,
    /// Too many requests; nothing was applied. `None`: as `Retry-After` says, else one minute.
    RateLimited {
        /// The wait in the vendor's own words, where they are not in `Retry-After`.
        after: Option<Duration>,
    },
    /// Out of order, and certainly nothing was applied.
    Unavailable(String),
    /// Out of order, and a write may or may not have been applied: most 5xx.
    Uncertain(String),
    /// The sign-in is stale: renew once, send once more.
    Expired,
    /// Anything final.
    Refuse(ConnectorError),
}

impl Verdict {
    /// The meaning of statuses where a vendor says nothing special. A dialect handles its own cases first and leaves the
    /// rest to this. Texts do not quote the body.
    pub fn by_status(answer: &Answer) -> Self {
        let status = answer.status;
        let refuse = |text: &str| {
            // The vendor refused, but the words are ours: a status says nothing more.
            Self::Refuse(ConnectorError::Rejected(Rejection::ours(status.as_u16().to_string(), None, text)))
        };
        match status {
            _ if status.is_success() => Self::Accept,
            _ if status.is_redirection() => {
                Self::Refuse(ConnectorError::Protocol("the answer points to another address".to_owned()))
            }
            StatusCode::UNAUTHORIZED => Self::Expired,
            StatusCode::FORBIDDEN => {
                Self::Refuse(ConnectorError::Unauthorized("the account does not allow this".to_owned()))
            }
            StatusCode::NOT_FOUND | StatusCode::GONE => {
                Self::Refuse(ConnectorError::NotFound("there is no such record".to_owned()))
            }
            StatusCode::TOO_MANY_REQUESTS => Self::RateLimited { after: None },
            StatusCode::REQUEST_TIMEOUT => Self::Uncertain("the server gave up waiting (status 408)".to_owned()),
            _ if status.is_server_error() => {
                Self::Uncertain(format!("the server is out of order (status {})", status.as_u16()))
            }
            _ => refuse(&format!("refused with status {}", status.as_u16())),
        }
    }
}

/// Signs with a bearer token; the value is marked so that it never prints.
pub fn bearer(headers: &mut HeaderMap, token: &str) -> Result<(), ConnectorError> {
    let mut value = HeaderValue::from_str(&format!("Bearer {token}"))
        .map_err(|_| ConnectorError::Unauthorized("the key holds characters no key has".to_owned()))?;
    value.set_sensitive(true);
    headers.insert(header::AUTHORIZATION, value);
    Ok(())
}
