//! The simulators without a network: requests go straight to the routers.
//!
//! A time-out or a cut connection is reported at once; nothing waits on real time.

use crate::World;
use crate::front::{Broken, Late};
use axum::body::Body;
use bytes::Bytes;
use http::{Request, Response};
use http_body_util::BodyExt;
use std::time::Duration;
use tower::ServiceExt;

/// Why a request got no response.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoResponse {
    /// Nothing reached the vendor.
    NotSent,
    /// It was sent; no answer came. It may or may not have been applied.
    NoAnswer,
}

/// Sends requests for `http://sim.invalid/…` to a [`World`]; every other host cannot be reached.
#[derive(Clone)]
pub struct InProcess {
    world: World,
    router: axum::Router,
}

impl InProcess {
    /// To this world.
    pub fn new(world: World) -> Self {
        let router = world.router();
        Self { world, router }
    }

    /// The world behind it.
    pub fn world(&self) -> &World {
        &self.world
    }

    /// One exchange. A slow answer that comes later than `patience` is no answer.
    pub async fn call(&self, request: Request<Bytes>, patience: Duration) -> Result<Response<Bytes>, NoResponse> {
        let host = request.uri().host().unwrap_or_default();
        if !self.world.options().base_url.contains(host) || host.is_empty() {
            return Err(NoResponse::NotSent);
        }
        let (mut parts, body) = request.into_parts();
        // Over the network, the server sees only path and query.
        let target = parts.uri.path_and_query().map_or("/", http::uri::PathAndQuery::as_str);
        parts.uri = target.parse().map_err(|_| NoResponse::NotSent)?;
        let response = match self.router.clone().oneshot(Request::from_parts(parts, Body::from(body))).await {
            Ok(response) => response,
            Err(never) => match never {},
        };
        match response.extensions().get::<Broken>() {
            Some(Broken::NotSent) => return Err(NoResponse::NotSent),
            Some(Broken::Cut | Broken::Hang(_)) => return Err(NoResponse::NoAnswer),
            None => {}
        }
        if response.extensions().get::<Late>().is_some_and(|late| late.0 > patience) {
            return Err(NoResponse::NoAnswer);
        }
        let (parts, body) = response.into_parts();
        let body = body.collect().await.map_err(|_| NoResponse::NoAnswer)?.to_bytes();
        Ok(Response::from_parts(parts, body))
    }
}
