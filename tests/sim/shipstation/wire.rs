//! What passes between the router and the handlers: a request taken apart, a reply put together.

use crate::Effect;
use axum::body::Body;
use axum::response::Response;
use http::{HeaderMap, StatusCode, header};
use rust_decimal::Decimal;
use serde_json::Value;
use std::str::FromStr;

/// A request, as far as handlers care.
pub struct Call {
    /// Upper case.
    pub method: String,
    /// Path segments below the interface's base; lower case for the older interface, whose routes ignore case.
    pub segments: Vec<String>,
    /// Query parameters.
    pub query: Query,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: Vec<u8>,
    /// Scheme, host and port, for links.
    pub base_url: String,
    /// A planned fault: answer this list with the page before.
    pub repeat_page: bool,
    /// A planned fault: answer this read with an older version.
    pub stale: bool,
}

impl Call {
    /// The segments, to match on.
    pub fn path(&self) -> Vec<&str> {
        self.segments.iter().map(String::as_str).collect()
    }
}

/// Query parameters by name; names ignore case, the first of a name counts.
#[derive(Default)]
pub struct Query(Vec<(String, String)>);

impl Query {
    /// Reads the text after the question mark.
    pub fn parse(text: &str) -> Self {
        let pairs = url::form_urlencoded::parse(text.as_bytes());
        Self(pairs.map(|(name, value)| (name.to_ascii_lowercase(), value.into_owned())).collect())
    }

    /// A parameter that is present and not empty.
    pub fn get(&self, name: &str) -> Option<&str> {
        let name = name.to_ascii_lowercase();
        self.0.iter().find(|(n, _)| *n == name).map(|(_, v)| v.as_str()).filter(|v| !v.is_empty())
    }

    /// The parameters again, one of them replaced.
    pub fn with(&self, name: &str, value: &str) -> String {
        let mut out = url::form_urlencoded::Serializer::new(String::new());
        for (n, v) in self.0.iter().filter(|(n, _)| n != name) {
            out.append_pair(n, v);
        }
        out.append_pair(name, value).finish()
    }
}

/// An answer.
pub struct Reply {
    /// The status.
    pub status: StatusCode,
    /// JSON; `None` is an empty body.
    pub body: Option<Value>,
    /// Further headers.
    pub headers: Vec<(&'static str, String)>,
    /// Whether data changed.
    pub applied: bool,
}

impl Reply {
    /// JSON with a status.
    pub fn new(status: StatusCode, body: Value) -> Self {
        Self { status, body: Some(body), headers: Vec::new(), applied: false }
    }

    /// JSON with 200.
    pub fn ok(body: Value) -> Self {
        Self::new(StatusCode::OK, body)
    }

    /// Nothing but a status.
    pub fn empty(status: StatusCode) -> Self {
        Self { status, body: None, headers: Vec::new(), applied: false }
    }

    /// The same, noting that data changed.
    #[must_use]
    pub fn applied(self) -> Self {
        Self { applied: true, ..self }
    }

    /// For the wire.
    pub fn into_response(self) -> Response {
        let text = self.body.map(|body| body.to_string());
        let mut response = Response::new(Body::empty());
        *response.status_mut() = self.status;
        let headers = response.headers_mut();
        if text.is_some() {
            headers.insert(header::CONTENT_TYPE, header::HeaderValue::from_static("application/json; charset=utf-8"));
        }
        for (name, value) in self.headers {
            if let Ok(value) = header::HeaderValue::from_str(&value) {
                headers.insert(name, value);
            }
        }
        if self.applied {
            response.extensions_mut().insert(Effect::Applied);
        }
        *response.body_mut() = text.map_or_else(Body::empty, Body::from);
        response
    }
}

/// An exact decimal as a JSON number.
pub fn number(value: Decimal) -> Value {
    serde_json::Number::from_str(&value.normalize().to_string()).map_or(Value::Null, Value::Number)
}

/// A JSON number or a text with one, exactly.
pub fn decimal(value: &Value) -> Option<Decimal> {
    let text = match value {
        Value::Number(number) => number.to_string(),
        Value::String(text) => text.trim().to_owned(),
        _ => return None,
    };
    Decimal::from_str_exact(&text).ok().or_else(|| Decimal::from_scientific(&text).ok())
}
