//! HTTP as every connector needs it: one call in, one judged answer out, with limits, retries and sign-in renewal done
//! once for all vendors.
//!
//! [`Exchange`] is the seam to the network; a stand-in for a vendor implements it in process. A [`Client`] belongs to one
//! connection; what differs between vendors is a [`Dialect`]. Answers are read row by row ([`Document`]), and what can't be read
//! is narrowed down to the one record ([`step`], [`Search`]). Absent on purpose: any vendor's name, paging (each vendor
//! pages differently), redirects (none is followed, so a key never travels to another host).

mod answer;
mod breaker;
mod call;
mod client;
mod dialect;
mod discovery;
mod document;
mod exchange;
mod lenient;
mod narrow;
mod network;
#[cfg(test)]
mod network_tests;
mod oauth;
#[cfg(test)]
mod oauth_tests;
mod pace;
mod route;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod time_tests;
mod token;
mod vendor_clock;

pub use answer::{Answer, LONGEST_ASKED};
pub use breaker::BreakerState;
pub use call::{Call, Repeat};
pub use client::{Client, Tuning};
pub use dialect::{Dialect, Quota, Verdict, bearer};
pub use discovery::{Discovery, Provider};
pub use document::{Document, Part, Rows};
pub use exchange::{Exchange, ExchangeError, Limits};
pub use narrow::{Narrow, Search, Sizes, Step, may_be_one_row, step};
pub use network::Network;
pub use oauth::{OAuth, renewals_done};
pub use route::{Base, Route};
pub use token::TokenSet;
pub use vendor_clock::plausible;
