//! `ShipStation` on the wire.

use crate::{ActError, World};
use axum::response::{IntoResponse, Response};
use axum::{Json, Router};
use chrono::{DateTime, Utc};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// Key of the older interface.
pub const API_KEY: &str = "sim_ss_key";
/// Secret of the older interface.
pub const API_SECRET: &str = "sim_ss_secret";
/// Key of the newer interface.
pub const V2_KEY: &str = "sim_ss_v2_key";

/// What the vendor keeps.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct State {}

/// The vendor's routes, mounted below `/shipstation`. Must have a fallback.
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
