//! What stands before every vendor's routes: outages, planned faults, poisoned records, the vendor's clock and the request log.
//!
//! A broken exchange cannot be expressed as an HTTP answer, so it travels as the [`Broken`] extension to the edge:
//! the network closes the socket, the in-process exchange reports the matching error.

use crate::faults;
use crate::poison::{self, Poison, Spoiled};
use crate::{Fault, FaultKind, RequestEntry, Vendor, World, quickbooks, shipstation, stripe};
use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{Html, IntoResponse, Response};
use bytes::Bytes;
use chrono::{DateTime, Utc};
use http::{HeaderName, HeaderValue, Method, StatusCode, header};
use http_body_util::BodyExt;
use std::collections::BTreeMap;
use std::time::Duration;

/// How long a time-out hangs over the network when the plan does not say: longer than any sane client waits.
const HANG: Duration = Duration::from_secs(150);
/// How late a slow answer comes when the plan does not say.
const SLOW: Duration = Duration::from_secs(3);

/// An exchange that does not end in an answer. A response extension.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Broken {
    /// Nothing reached the vendor.
    NotSent,
    /// The connection closes without an answer.
    Cut,
    /// Nothing comes for this long, then the connection closes.
    Hang(Duration),
}

/// The answer comes this late. A response extension.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Late(pub Duration);

/// What a handler did; a response extension that handlers of writes set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// The vendor's data changed.
    Applied,
    /// A stored answer was given again; nothing changed.
    Replayed,
}

/// All routes: three vendors, the control interface and the bounce page.
pub(crate) fn router(world: &World) -> Router {
    let vendor = |vendor: Vendor, routes: fn(World) -> Router| {
        routes(world.of(vendor)).layer(from_fn_with_state((world.of(vendor), vendor), front))
    };
    Router::new()
        .nest("/quickbooks", vendor(Vendor::Quickbooks, quickbooks::router))
        .nest("/shipstation", vendor(Vendor::Shipstation, shipstation::router))
        .nest("/stripe", vendor(Vendor::Stripe, stripe::router))
        .merge(crate::control::router(world.clone()))
}

async fn front(State((world, vendor)): State<(World, Vendor)>, request: Request, next: Next) -> Response {
    let mut entry = entry_of(&world, vendor, &request);
    let (out, fault, poisons) = world.write(|s, _| {
        let out = s.outages.contains(&vendor);
        let frames_own = |k: FaultKind| !k.is_vendors_own();
        let take = |s: &mut crate::State| faults::take(&mut s.faults, vendor, &entry.method, &entry.path, frames_own);
        let poisons: Vec<Poison> = s.poisons.iter().filter(|poison| poison.vendor == vendor).cloned().collect();
        (out, if out { None } else { take(s) }, poisons)
    });
    entry.fault = fault.as_ref().map(|f| f.kind);
    let now = world.now();
    let headers = fault.as_ref().map(|fault| fault.headers.clone()).unwrap_or_default();
    let mut response = if out {
        broken(Broken::NotSent)
    } else {
        play((vendor, now), fault, &poisons, request, next, &mut entry).await
    };
    stamp(&mut response, now, &headers);
    let lost = response.extensions().get::<Broken>().is_some();
    entry.status = (!lost).then(|| response.status().as_u16());
    world.write(|s, _| s.log(entry));
    response
}

fn entry_of(world: &World, vendor: Vendor, request: &Request) -> RequestEntry {
    let query = request.uri().query().unwrap_or_default().to_owned();
    let from_query =
        url::form_urlencoded::parse(query.as_bytes()).find(|(k, _)| k == "requestid").map(|(_, v)| v.into());
    let from_header = || request.headers().get("idempotency-key")?.to_str().ok().map(str::to_owned);
    RequestEntry {
        at: world.now(),
        vendor,
        method: request.method().to_string(),
        path: request.uri().path().to_owned(),
        idempotency_key: from_query.or_else(from_header),
        query,
        status: None,
        applied: false,
        replayed: false,
        fault: None,
    }
}

/// The vendor's clock in every answer, and the headers a planned fault asks for.
fn stamp(response: &mut Response, now: DateTime<Utc>, extra: &BTreeMap<String, String>) {
    let date = now.format("%a, %d %b %Y %H:%M:%S GMT").to_string();
    if let Ok(date) = HeaderValue::from_str(&date) {
        response.headers_mut().insert(header::DATE, date);
    }
    for (name, value) in extra {
        if let (Ok(name), Ok(value)) = (name.parse::<HeaderName>(), HeaderValue::from_bytes(value.as_bytes())) {
            response.headers_mut().insert(name, value);
        }
    }
}

async fn play(
    (vendor, now): (Vendor, DateTime<Utc>),
    fault: Option<Fault>,
    poisons: &[Poison],
    request: Request,
    next: Next,
    entry: &mut RequestEntry,
) -> Response {
    use FaultKind as K;
    let delay = fault.as_ref().and_then(|f| f.delay_ms).map(Duration::from_millis);
    let kind = fault.map(|f| f.kind);
    match kind {
        Some(K::TooManyRequests) => return refusal(vendor, StatusCode::TOO_MANY_REQUESTS, now),
        Some(K::ServerError) => return refusal(vendor, StatusCode::INTERNAL_SERVER_ERROR, now),
        Some(K::BadGateway) => return (StatusCode::BAD_GATEWAY, Html(GATEWAY_PAGE)).into_response(),
        Some(K::Html200) => return Html(PORTAL_PAGE).into_response(),
        Some(K::Refuse) => return broken(Broken::NotSent),
        Some(K::CutBefore) => return broken(Broken::Cut),
        Some(K::TimeoutBefore) => return broken(Broken::Hang(delay.unwrap_or(HANG))),
        _ => {}
    }
    let reads = is_read(&request);
    let mut response = next.run(request).await;
    if reads && !poisons.is_empty() && response.status().is_success() {
        response = spoil(response, poisons).await;
    }
    match response.extensions().get::<Effect>() {
        Some(Effect::Applied) => entry.applied = true,
        Some(Effect::Replayed) => entry.replayed = true,
        None => {}
    }
    match kind {
        Some(K::CutAfter) => broken(Broken::Cut),
        Some(K::TimeoutAfter) => broken(Broken::Hang(delay.unwrap_or(HANG))),
        Some(K::ServerErrorAfter) => refusal(vendor, StatusCode::INTERNAL_SERVER_ERROR, now),
        Some(K::TruncatedJson) => rewrite(response, |body| body.slice(..body.len() / 2)).await,
        Some(K::EmptyBody) => rewrite(response, |_| Bytes::new()).await,
        Some(K::Slow) => {
            response.extensions_mut().insert(Late(delay.unwrap_or(SLOW)));
            response
        }
        _ => response,
    }
}

fn broken(how: Broken) -> Response {
    let mut response = StatusCode::NO_CONTENT.into_response();
    response.extensions_mut().insert(how);
    response
}

/// A GET, or a query too long for one.
fn is_read(request: &Request) -> bool {
    request.method() == Method::GET || request.uri().path().ends_with("/query")
}

async fn spoil(response: Response, poisons: &[Poison]) -> Response {
    let (mut parts, body) = response.into_parts();
    let whole = body.collect().await.map(http_body_util::Collected::to_bytes).unwrap_or_default();
    parts.headers.remove(header::CONTENT_LENGTH);
    match poison::spoil(&whole, poisons) {
        None => Response::from_parts(parts, Body::from(whole)),
        Some(Spoiled::Body(body)) => Response::from_parts(parts, Body::from(body)),
        Some(Spoiled::Answer { status, body }) => {
            (StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR), axum::Json(body))
                .into_response()
        }
    }
}

fn refusal(vendor: Vendor, status: StatusCode, now: DateTime<Utc>) -> Response {
    match vendor {
        Vendor::Quickbooks => quickbooks::refusal(status, now),
        Vendor::Shipstation => shipstation::refusal(status),
        Vendor::Stripe => stripe::refusal(status),
    }
}

async fn rewrite(response: Response, change: impl FnOnce(Bytes) -> Bytes) -> Response {
    let (mut parts, body) = response.into_parts();
    let whole = body.collect().await.map(http_body_util::Collected::to_bytes).unwrap_or_default();
    parts.headers.remove(header::CONTENT_LENGTH);
    Response::from_parts(parts, Body::from(change(whole)))
}

const GATEWAY_PAGE: &str =
    "<html><head><title>502 Bad Gateway</title></head><body><center><h1>502 Bad Gateway</h1></center></body></html>";
const PORTAL_PAGE: &str = "<!doctype html><html><head><title>Welcome</title></head><body><p>Please accept the terms to use this network.</p></body></html>";
