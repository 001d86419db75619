//! Stripe on the wire.

use crate::{ActError, World};
use axum::response::{IntoResponse, Response};
use axum::{Json, Router};
use chrono::{DateTime, Utc};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// A key that may do everything.
pub const SECRET_KEY: &str = "sk_test_sim";
/// A key that may only read.
pub const RESTRICTED_KEY: &str = "rk_test_sim";

/// What the vendor keeps.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct State {}

/// The vendor's routes, mounted below `/stripe`. Must have a fallback.
pub fn router(world: World) -> Router {
    Router::new().fallback(|| async { refusal(StatusCode::NOT_FOUND) }).with_state(world)
}

/// Plants a seed; false when the name is unknown.
pub fn seed(_state: &mut crate::State, _now: DateTime<Utc>, name: &str) -> bool {
    matches!(name, "demo" | "empty")
}

/// Everything kept, with ids.
pub fn dump(_state: &crate::State, _now: DateTime<Utc>) -> Value {
    json!({})
}

/// Does something as the vendor's own user.
pub fn act(_state: &mut crate::State, _now: DateTime<Utc>, action: &str, _body: &Value) -> Result<Value, ActError> {
    Err(format!("no action called {action}").into())
}

/// A bare refusal in the vendor's own shape, for planned faults.
pub fn refusal(status: StatusCode) -> Response {
    (status, Json(json!({}))).into_response()
}
