//! Stripe on the wire: the account, charges, refunds, disputes, balance transactions, payouts, customers and the events that tell
//! of them.
//!
//! Written from the vendor's published types and what readers of the events API report. Choices where neither says: a charge
//! costs 2.9 % plus 30 of the smallest unit; money is available after two days; a lost dispute costs 1,500; the order of events
//! within one second is the order they were made in. Absent on purpose: invoices, checkout, subscriptions and Connect.

mod acts;
mod api;
mod book;
mod list;
mod make;
mod reply;
mod seed;
#[cfg(test)]
mod tests;
mod write;

use crate::{ActError, World};
use axum::Router;
use axum::extract::{Request, State as Shared};
use axum::response::{IntoResponse as _, Response};
use axum::routing::any;
use chrono::{DateTime, Utc};
use http::StatusCode;
use http_body_util::BodyExt as _;
use serde_json::{Value, json};

pub use book::{Knobs, State};
pub use reply::API_VERSION;

/// A key that may do everything.
pub const SECRET_KEY: &str = "sk_test_sim";
/// A key that may only read.
pub const RESTRICTED_KEY: &str = "rk_test_sim";

/// The vendor's routes, mounted below `/stripe`.
pub fn router(world: World) -> Router {
    Router::new().fallback(any(answer)).with_state(world)
}

async fn answer(Shared(world): Shared<World>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let body = body.collect().await.map(|body| body.to_bytes().to_vec()).unwrap_or_default();
    let limits = world.options().limits;
    let call = api::Call::new(&parts, &body);
    world.write(|state, now| api::answer(state, now, limits, &call)).into_response()
}

/// Plants a seed; false when the name is unknown.
pub fn seed(state: &mut crate::State, now: DateTime<Utc>, name: &str) -> bool {
    seed::plant(state, now, name)
}

/// Everything kept, by collection, oldest first, and which balance transactions belong to which payout.
pub fn dump(state: &crate::State, now: DateTime<Utc>) -> Value {
    let mut all: serde_json::Map<String, Value> = serde_json::Map::new();
    for (kind, objects) in &state.stripe.objects {
        all.insert(kind.clone(), objects.iter().map(|object| book::shown(object, now)).collect());
    }
    all.insert("payout_members".to_owned(), json!(state.stripe.members));
    Value::Object(all)
}

/// Does something as the vendor's own user, or as one of his buyers.
pub fn act(state: &mut crate::State, now: DateTime<Utc>, action: &str, body: &Value) -> Result<Value, ActError> {
    acts::act(state, now, action, body)
}

/// A bare refusal in the vendor's own shape, for planned faults.
pub fn refusal(status: StatusCode) -> Response {
    reply::Reply::planned(status).into_response()
}
