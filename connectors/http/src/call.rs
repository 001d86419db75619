//! One request as a vendor's connector describes it, and whether it may be sent twice.

use crate::{Limits, Route};
use bytes::Bytes;
use connector_contract::ConnectorError;
use http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use std::fmt;
use url::Url;

/// Whether a call may be sent again when no answer came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Repeat {
    /// It changes nothing; repeated as often as needed.
    Safe,
    /// A write whose second sending has no second effect: it carries an idempotency key or is an upsert by key.
    Keyed,
    /// A write that must never be sent twice: no answer is [`ConnectorError::Unknown`].
    Once,
}

/// A request to be made. Built once; every try sends the same bytes.
#[derive(Clone)]
pub struct Call {
    pub(crate) method: Method,
    pub(crate) url: Result<Url, ConnectorError>,
    pub(crate) template: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    pub(crate) repeat: Repeat,
    pub(crate) class: Option<&'static str>,
    pub(crate) limits: Limits,
}

impl Call {
    fn new(method: Method, route: impl Into<Route>, repeat: Repeat) -> Self {
        let Route { url, template } = route.into();
        let headers = HeaderMap::from_iter([(header::ACCEPT, HeaderValue::from_static("application/json"))]);
        Self { method, url, template, headers, body: Bytes::new(), repeat, class: None, limits: Limits::default() }
    }

    /// Reads something; safe to repeat.
    pub fn get(route: impl Into<Route>) -> Self {
        Self::new(Method::GET, route, Repeat::Safe)
    }

    /// Writes something; once only, unless [`Call::repeatable`] or [`Call::safe`] says otherwise.
    pub fn post(route: impl Into<Route>) -> Self {
        Self::new(Method::POST, route, Repeat::Once)
    }

    /// Replaces something; once only unless said otherwise.
    pub fn put(route: impl Into<Route>) -> Self {
        Self::new(Method::PUT, route, Repeat::Once)
    }

    /// Removes something; once only unless said otherwise.
    pub fn delete(route: impl Into<Route>) -> Self {
        Self::new(Method::DELETE, route, Repeat::Once)
    }

    /// Declares a write to be safe to send twice, because of a key in it.
    #[must_use]
    pub fn repeatable(mut self) -> Self {
        self.repeat = Repeat::Keyed;
        self
    }

    /// Declares a POST to be a mere question, such as a query too long for a URL.
    #[must_use]
    pub fn safe(mut self) -> Self {
        self.repeat = Repeat::Safe;
        self
    }

    /// Adds a query parameter; encoding is done here.
    #[must_use]
    pub fn query(mut self, name: &str, value: impl AsRef<str>) -> Self {
        if let Ok(url) = &mut self.url {
            url.query_pairs_mut().append_pair(name, value.as_ref());
        }
        self
    }

    /// Sets a header. A value that HTTP does not allow makes the call fail before anything is sent.
    #[must_use]
    pub fn header(mut self, name: HeaderName, value: impl AsRef<str>) -> Self {
        match HeaderValue::from_str(value.as_ref()) {
            Ok(value) => {
                self.headers.insert(name, value);
            }
            Err(_) => self.url = Err(ConnectorError::Protocol(format!("the header {name} cannot hold this value"))),
        }
        self
    }

    /// Sends JSON.
    #[must_use]
    pub fn json(self, value: &impl serde::Serialize) -> Self {
        match serde_json::to_vec(value) {
            Ok(body) => self.body("application/json", body),
            Err(error) => {
                let url = Err(ConnectorError::Protocol(format!("the request could not be written as JSON: {error}")));
                Self { url, ..self }
            }
        }
    }

    /// Sends a form, in the order given.
    #[must_use]
    pub fn form(self, pairs: &[(impl AsRef<str>, impl AsRef<str>)]) -> Self {
        let mut form = url::form_urlencoded::Serializer::new(String::new());
        for (name, value) in pairs {
            form.append_pair(name.as_ref(), value.as_ref());
        }
        self.body("application/x-www-form-urlencoded", form.finish())
    }

    /// Sends bytes of a given content type.
    #[must_use]
    pub fn body(mut self, content_type: &'static str, body: impl Into<Bytes>) -> Self {
        self.headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
        self.body = body.into();
        self
    }

    /// Counts the call against the quotas of this endpoint class too, besides those that hold for all calls.
    #[must_use]
    pub fn class(mut self, class: &'static str) -> Self {
        self.class = Some(class);
        self
    }

    /// Other limits of time and size than the default.
    #[must_use]
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// What makes two reads the same read.
    pub(crate) fn identity(&self) -> Option<String> {
        let url = self.url.as_ref().ok().filter(|_| self.method == Method::GET)?;
        Some(format!("{url}\n{:?}", self.headers))
    }
}

impl fmt::Debug for Call {
    /// Leaves out headers, query and body: they hold keys and personal data.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} ({:?})", self.method, self.template, self.repeat)
    }
}
