//! The simulators without a network: requests go straight to the routers.
//!
//! A time-out or a cut connection is reported at once; nothing waits on real time.

use crate::World;
use crate::front::{Broken, Late};
use axum::body::Body;
use bytes::Bytes;
use connector_http::{Exchange, ExchangeError, Limits};
use http::{Request, Response};
use http_body_util::BodyExt;
use tower::ServiceExt;

/// Host of [`World::IN_PROCESS`].
const HOST: &str = "sim.invalid";

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
}

#[async_trait::async_trait]
impl Exchange for InProcess {
    async fn exchange(&self, request: Request<Bytes>, limits: Limits) -> Result<Response<Bytes>, ExchangeError> {
        let not_sent = |why: &str| ExchangeError::NotSent(why.to_owned());
        let no_answer = |why: &str| ExchangeError::NoAnswer(why.to_owned());
        if request.uri().host() != Some(HOST) {
            return Err(not_sent("no such host"));
        }
        let (mut parts, body) = request.into_parts();
        // Over the network, the server sees only path and query.
        let target = parts.uri.path_and_query().map_or("/", http::uri::PathAndQuery::as_str);
        parts.uri = target.parse().map_err(|_| not_sent("not an address"))?;
        let response = match self.router.clone().oneshot(Request::from_parts(parts, Body::from(body))).await {
            Ok(response) => response,
            Err(never) => match never {},
        };
        match response.extensions().get::<Broken>() {
            Some(Broken::NotSent) => return Err(not_sent("the connection was refused")),
            Some(Broken::Cut) => return Err(no_answer("the connection was closed")),
            Some(Broken::Hang(_)) => return Err(no_answer("timed out")),
            None => {}
        }
        if response.extensions().get::<Late>().is_some_and(|late| late.0 > limits.total) {
            return Err(no_answer("timed out"));
        }
        let (parts, body) = response.into_parts();
        let body = body.collect().await.map_err(|_| no_answer("the answer broke off"))?.to_bytes();
        if body.len() > limits.body_bytes {
            return Err(ExchangeError::TooLarge);
        }
        Ok(Response::from_parts(parts, body))
    }
}
