//! `QuickBooks` Online on the wire: OAuth with rotating tokens, the accounting API, its limits and its quirks.
//!
//! Money is exact decimals throughout. Deliberately absent: classes, multicurrency, reports, attachments, webhooks,
//! XML bodies and estimates. Where the vendor's behaviour is not documented, the choice taken is said in `README.md`.

mod acts;
mod api;
mod books;
mod gate;
mod kind;
mod lists;
mod oauth;
mod page;
mod payment;
mod query;
mod refusal;
mod sale;
mod seed;
mod select;
#[cfg(test)]
mod tests;
mod tokens;
mod value;
mod write;

use crate::{ActError, World};
use axum::Router;
use axum::response::Response;
use axum::routing::{any, get, post};
use chrono::{DateTime, Utc};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::Value;

pub use books::Books;
pub use kind::Kind;
pub use refusal::Shape;
pub use tokens::{Grant, Rules, Tokens};

/// The registered app.
pub const CLIENT_ID: &str = "ABsimQuickBooksClientId00";
/// The registered app's secret.
pub const CLIENT_SECRET: &str = "simQuickBooksClientSecret00";
/// The seeded company.
pub const REALM_ID: &str = "9341453908059321";

/// What the vendor keeps.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct State {
    /// The company's data.
    pub books: Books,
    /// Sign-ins.
    pub tokens: Tokens,
    /// How sign-ins behave.
    pub rules: Rules,
    /// How the API behaves.
    pub knobs: Knobs,
    /// Recent requests; not worth saving.
    #[serde(skip)]
    pub(crate) traffic: gate::Traffic,
}

/// Behaviour that a test may want otherwise.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Knobs {
    /// Shape of 401 and 403.
    pub unauthorized_shape: Shape,
    /// Shape of 429.
    pub throttle_shape: Shape,
    /// Objects in one answer of change data capture.
    pub cdc_cap: usize,
    /// The company is read-only (6190).
    pub subscription_ended: bool,
    /// The app has lost its right to the company (403, 3100).
    pub forbidden: bool,
}

impl Default for Knobs {
    fn default() -> Self {
        Self {
            unauthorized_shape: Shape::Gateway,
            throttle_shape: Shape::Xml,
            cdc_cap: 1000,
            subscription_ended: false,
            forbidden: false,
        }
    }
}

/// The vendor's routes, mounted below `/quickbooks`.
pub fn router(world: World) -> Router {
    Router::new()
        .route("/.well-known/openid_configuration", get(oauth::discovery))
        .route("/.well-known/openid_configuration/", get(oauth::discovery))
        .route("/.well-known/openid_sandbox_configuration", get(oauth::discovery))
        .route("/connect/oauth2", get(oauth::authorize))
        .route("/connect/oauth2/decision", post(oauth::decision))
        .route("/oauth2/v1/tokens/bearer", post(oauth::token))
        .route("/v2/oauth2/tokens/revoke", post(oauth::revoke))
        .route("/v1/openid_connect/userinfo", get(oauth::userinfo))
        .route("/v3/company/{realm}/{*rest}", any(api::company))
        .fallback(|| async { StatusCode::NOT_FOUND })
        .with_state(world)
}

/// Plants a seed; false when the name is unknown.
pub fn seed(state: &mut crate::State, now: DateTime<Utc>, name: &str) -> bool {
    seed::plant(&mut state.quickbooks.books, now, name)
}

/// Everything kept: objects by entity, deletions, sign-ins.
pub fn dump(state: &crate::State, _now: DateTime<Utc>) -> Value {
    acts::dump(&state.quickbooks)
}

/// Does something as the vendor's own user.
pub fn act(state: &mut crate::State, now: DateTime<Utc>, action: &str, body: &Value) -> Result<Value, ActError> {
    acts::act(&mut state.quickbooks, now, action, body)
}

/// A bare refusal in the vendor's own shape, for planned faults.
pub fn refusal(status: StatusCode, now: DateTime<Utc>) -> Response {
    refusal::planned(status, now)
}
