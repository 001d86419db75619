//! Faults on request: a plan that a test lays down and the requests consume in order.
//!
//! The kinds up to `Headers` are played by the frame for every vendor. The last ones need a vendor's own knowledge
//! and are asked for by its handlers through [`crate::State::take_fault`].

use crate::Vendor;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FaultKind {
    /// 429 in the vendor's own shape. Nothing is applied.
    TooManyRequests,
    /// 500 in the vendor's own shape. Nothing is applied.
    ServerError,
    /// 500 in the vendor's own shape although the request was applied.
    ServerErrorAfter,
    /// 502 with an HTML page from a gateway. Nothing is applied.
    BadGateway,
    /// The connection is refused: nothing leaves the client.
    Refuse,
    /// No answer comes; the request was not applied.
    TimeoutBefore,
    /// No answer comes; the request was applied.
    TimeoutAfter,
    /// The connection is closed without an answer; the request was not applied.
    CutBefore,
    /// The connection is closed without an answer; the request was applied.
    CutAfter,
    /// The right answer, late.
    Slow,
    /// The right answer, cut in the middle of its body.
    TruncatedJson,
    /// An HTML page with status 200, as captive portals send. Nothing is applied.
    Html200,
    /// The right status with an empty body; the request was applied.
    EmptyBody,
    /// The right answer; what is wrong with it are the headers given in [`Fault::headers`].
    Headers,
    /// A list page is answered twice (vendor's handler).
    DuplicatePage,
    /// An event appears late, out of order (vendor's handler).
    LateEvent,
    /// A read answers with an older version (vendor's handler).
    StaleRead,
}

impl FaultKind {
    /// Whether a vendor's handler plays it, rather than the frame.
    pub const fn is_vendors_own(self) -> bool {
        matches!(self, Self::DuplicatePage | Self::LateEvent | Self::StaleRead)
    }
}

/// One planned fault.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fault {
    /// Whose requests.
    pub vendor: Vendor,
    /// What goes wrong.
    pub kind: FaultKind,
    /// Only requests with this method.
    #[serde(default)]
    pub method: Option<String>,
    /// Only requests whose path below the vendor's base starts with this; without a leading `/`, contains this.
    #[serde(default)]
    pub path: Option<String>,
    /// Let this many matching requests pass first.
    #[serde(default)]
    pub skip: u32,
    /// How many requests it hits.
    #[serde(default = "once")]
    pub count: u32,
    /// For slow answers and time-outs over the network: how long, in milliseconds.
    #[serde(default)]
    pub delay_ms: Option<u64>,
    /// Headers that the answer gets, in place of its own of the same name: an absurd `Retry-After` or `Date`.
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
}

fn once() -> u32 {
    1
}

impl Fault {
    /// Hits the vendor's next request, whatever it is.
    pub fn next(vendor: Vendor, kind: FaultKind) -> Self {
        Self { vendor, kind, method: None, path: None, skip: 0, count: 1, delay_ms: None, headers: BTreeMap::new() }
    }

    /// Only requests with this method and path (see [`Fault::path`]).
    #[must_use]
    pub fn on(mut self, method: &str, path: &str) -> Self {
        self.method = Some(method.to_owned());
        self.path = Some(path.to_owned());
        self
    }

    /// Hits this many requests.
    #[must_use]
    pub fn times(mut self, count: u32) -> Self {
        self.count = count;
        self
    }

    /// Gives the answer this header, whatever it says.
    #[must_use]
    pub fn with_header(mut self, name: &str, value: &str) -> Self {
        self.headers.insert(name.to_owned(), value.to_owned());
        self
    }

    /// Lets this many matching requests pass first.
    #[must_use]
    pub fn after(mut self, skip: u32) -> Self {
        self.skip = skip;
        self
    }

    fn matches(&self, vendor: Vendor, method: &str, path: &str) -> bool {
        let path_fits =
            |want: &String| if want.starts_with('/') { path.starts_with(want) } else { path.contains(want) };
        self.vendor == vendor
            && self.method.as_ref().is_none_or(|m| m.eq_ignore_ascii_case(method))
            && self.path.as_ref().is_none_or(path_fits)
    }
}

/// Takes the first planned fault that fits a request, counting it down.
pub(crate) fn take(
    plan: &mut Vec<Fault>,
    vendor: Vendor,
    method: &str,
    path: &str,
    wanted: impl Fn(FaultKind) -> bool,
) -> Option<Fault> {
    for at in 0..plan.len() {
        let fault = &mut plan[at];
        if !wanted(fault.kind) || !fault.matches(vendor, method, path) {
            continue;
        }
        if fault.skip > 0 {
            fault.skip -= 1;
            continue;
        }
        let hit = fault.clone();
        fault.count = fault.count.saturating_sub(1);
        if fault.count == 0 {
            plan.remove(at);
        }
        return Some(hit);
    }
    None
}
