//! `QuickBooks` Online on the wire.

use crate::{ActError, World};
use axum::response::{IntoResponse, Response};
use axum::{Json, Router};
use chrono::{DateTime, Utc};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// The registered app.
pub const CLIENT_ID: &str = "ABsimQuickBooksClientId00";
/// The registered app's secret.
pub const CLIENT_SECRET: &str = "simQuickBooksClientSecret00";
/// The seeded company.
pub const REALM_ID: &str = "9341453908059321";

/// What the vendor keeps.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct State {}

/// The vendor's routes, mounted below `/quickbooks`.
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
