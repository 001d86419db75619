//! Answers and refusals in the vendor's shape.

use crate::Effect;
use axum::body::Body;
use axum::response::{IntoResponse, Response};
use http::{HeaderName, HeaderValue, StatusCode, header};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// The account's version, and that of new events unless a test says otherwise.
pub const API_VERSION: &str = "2026-10-28.endive";

/// An answer; also what is kept under an idempotency key.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Reply {
    /// HTTP status.
    pub status: u16,
    /// The JSON body.
    pub body: Value,
    /// Further headers.
    pub headers: Vec<(String, String)>,
    /// Whether data changed.
    #[serde(skip)]
    pub effect: Option<Done>,
}

/// What a write did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Done {
    /// Data changed.
    Applied,
    /// A kept answer was given again.
    Replayed,
}

impl Reply {
    /// 200 with a body.
    pub fn ok(body: Value) -> Self {
        Self { status: 200, body, headers: Vec::new(), effect: None }
    }

    /// The same, noting that data changed.
    #[must_use]
    pub fn applied(self) -> Self {
        Self { effect: Some(Done::Applied), ..self }
    }

    /// A refusal. `code` and `param` are left out when empty.
    pub fn refuse(status: u16, kind: &str, code: &str, param: &str, message: impl Into<String>) -> Self {
        let mut error = json!({ "type": kind, "message": message.into() });
        if !code.is_empty() {
            error["code"] = json!(code);
            error["doc_url"] = json!(format!("https://stripe.com/docs/error-codes/{}", code.replace('_', "-")));
        }
        if !param.is_empty() {
            error["param"] = json!(param);
        }
        Self { status, body: json!({ "error": error }), headers: Vec::new(), effect: None }
    }

    /// 400 about a parameter.
    pub fn bad_parameter(param: &str, message: impl Into<String>) -> Self {
        let code = if param.is_empty() { "" } else { "parameter_invalid" };
        Self::refuse(400, "invalid_request_error", code, param, message)
    }

    /// 400 for a parameter the endpoint does not have.
    pub fn unknown_parameter(param: &str) -> Self {
        let message = format!("Received unknown parameter: {param}");
        Self::refuse(400, "invalid_request_error", "parameter_unknown", param, message)
    }

    /// 404 for an id.
    pub fn missing(what: &str, id: &str) -> Self {
        let message = format!("No such {}: '{id}'", what.replace('_', " "));
        Self::refuse(404, "invalid_request_error", "resource_missing", "id", message)
    }

    /// What a planned fault looks like.
    pub fn planned(status: StatusCode) -> Self {
        match status {
            StatusCode::TOO_MANY_REQUESTS => Self::too_many("global-rate"),
            StatusCode::NOT_FOUND => Self::refuse(
                404,
                "invalid_request_error",
                "",
                "",
                "Unrecognized request URL. Please see the API reference.",
            ),
            status if status.is_server_error() => {
                let mut reply = Self::refuse(status.as_u16(), "api_error", "", "", "An unknown error occurred");
                reply.headers.push(("stripe-should-retry".to_owned(), "true".to_owned()));
                reply
            }
            status => Self::refuse(status.as_u16(), "invalid_request_error", "", "", "Refused"),
        }
    }

    /// 429 with its reason. No `Retry-After`: the vendor sends none.
    pub fn too_many(reason: &str) -> Self {
        let message = "Request rate limit exceeded. Learn more about rate limits in the documentation.";
        let mut reply = Self::refuse(429, "invalid_request_error", "rate_limit", "", message);
        reply.headers.push(("stripe-rate-limited-reason".to_owned(), reason.to_owned()));
        reply
    }
}

impl IntoResponse for Reply {
    fn into_response(self) -> Response {
        let mut response = Response::new(Body::from(self.body.to_string()));
        *response.status_mut() = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        for (name, value) in &self.headers {
            if let (Ok(name), Ok(value)) = (name.parse::<HeaderName>(), HeaderValue::from_str(value)) {
                headers.insert(name, value);
            }
        }
        match self.effect {
            Some(Done::Applied) => drop(response.extensions_mut().insert(Effect::Applied)),
            Some(Done::Replayed) => drop(response.extensions_mut().insert(Effect::Replayed)),
            None => {}
        }
        response
    }
}
