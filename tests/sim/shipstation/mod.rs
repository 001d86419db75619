//! `ShipStation` on the wire: the older interface under `/v1`, the newer one under `/v2/v2`, over one store.
//!
//! Written from the vendor's documentation and what its integrators report. Where neither says, the choice made here is
//! named at its place: a locked order is refused with 400, a soft-deleted order is gone and its key free again, a test
//! label is not kept, children of a split share the parent's key, and a label takes its goods from the shelves.

mod acts;
mod catalogue;
mod model;
mod parcels;
mod saving;
mod seed;
mod shape;
#[cfg(test)]
mod tests;
mod time;
mod v1;
mod v2;
mod wire;

use crate::{ActError, FaultKind, Vendor, World};
use axum::Router;
use axum::extract::{Request, State as Shared};
use axum::response::Response;
use axum::routing::any;
use chrono::{DateTime, Utc};
use http::StatusCode;
use http_body_util::BodyExt;
pub use model::State;
use serde_json::{Value, json};
use wire::{Call, Query, Reply};

/// Key of the older interface.
pub const API_KEY: &str = "sim_ss_key";
/// Secret of the older interface.
pub const API_SECRET: &str = "sim_ss_secret";
/// Key of the newer interface.
pub const V2_KEY: &str = "sim_ss_v2_key";

/// The vendor's routes, mounted below `/shipstation`.
pub fn router(world: World) -> Router {
    Router::new()
        .route("/v1", any(older))
        .route("/v1/{*path}", any(older))
        .route("/v2/{*path}", any(newer))
        .fallback(|| async { refusal(StatusCode::NOT_FOUND) })
        .with_state(world)
}

async fn older(Shared(world): Shared<World>, request: Request) -> Response {
    let mut call = take_apart(&world, request).await;
    for segment in &mut call.segments {
        segment.make_ascii_lowercase();
    }
    world
        .write(|s, now| {
            plan(s, "/v1", &mut call);
            s.shipstation.release_holds(now);
            v1::answer(&mut s.shipstation, now, &call)
        })
        .into_response()
}

async fn newer(Shared(world): Shared<World>, request: Request) -> Response {
    let mut call = take_apart(&world, request).await;
    world
        .write(|s, now| {
            plan(s, "/v2", &mut call);
            s.shipstation.release_holds(now);
            v2::answer(&mut s.shipstation, now, &call)
        })
        .into_response()
}

/// Path below `/v1` or `/v2`, query, headers, body.
async fn take_apart(world: &World, request: Request) -> Call {
    let (parts, body) = request.into_parts();
    let decoded = |segment: &str| {
        url::form_urlencoded::parse(format!("x={}", segment.replace('+', "%2B")).as_bytes())
            .next()
            .map_or_else(String::new, |(_, value)| value.into_owned())
    };
    let segments = parts.uri.path().split('/').filter(|segment| !segment.is_empty()).skip(1).map(decoded).collect();
    let body = body.collect().await.map(|body| body.to_bytes().to_vec()).unwrap_or_default();
    Call {
        method: parts.method.to_string(),
        segments,
        query: Query::parse(parts.uri.query().unwrap_or_default()),
        headers: parts.headers,
        body,
        base_url: world.options().base_url,
        repeat_page: false,
        stale: false,
    }
}

/// Takes the planned faults that only make sense for some reads: a later page of a list, an order by id.
fn plan(s: &mut crate::State, base: &str, call: &mut Call) {
    if call.method != "GET" {
        return;
    }
    let path = format!("{base}/{}", call.segments.join("/"));
    let page = call.query.get("page").and_then(|page| page.parse::<u64>().ok()).unwrap_or(1);
    if page > 1 {
        call.repeat_page = s.take_fault(Vendor::Shipstation, FaultKind::DuplicatePage, "GET", &path).is_some();
    }
    if call.segments.last().is_some_and(|last| last.bytes().any(|b| b.is_ascii_digit())) {
        call.stale = s.take_fault(Vendor::Shipstation, FaultKind::StaleRead, "GET", &path).is_some();
    }
}

/// Plants a seed; false when the name is unknown.
pub fn seed(state: &mut crate::State, now: DateTime<Utc>, name: &str) -> bool {
    seed::plant(&mut state.shipstation, now, name)
}

/// Everything kept, with ids, as the older interface shows it; gone orders too.
pub fn dump(state: &crate::State, _now: DateTime<Utc>) -> Value {
    let s = &state.shipstation;
    let orders: Vec<Value> = s
        .orders
        .values()
        .map(|order| {
            let mut shown = v1::order(order);
            shown["gone"] = json!(order.gone);
            shown["createdUtc"] = json!(order.created);
            shown["modifiedUtc"] = json!(order.modified);
            shown
        })
        .collect();
    json!({
        "orders": orders,
        "shipments": s.labels.values().map(|label| v1::label(s, label, true)).collect::<Vec<_>>(),
        "fulfillments": s.fulfillments.values().map(|f| v1::fulfillment(s, f)).collect::<Vec<_>>(),
        "products": s.products.values().map(v1::product).collect::<Vec<_>>(),
        "customers": s.customers.values().map(v1::customer).collect::<Vec<_>>(),
        "stock": s.stock,
        "inventory_warehouses": s.inventory_warehouses.values().collect::<Vec<_>>(),
        "inventory_locations": s.inventory_locations.values().collect::<Vec<_>>(),
        "switches": s.switches,
    })
}

/// Does something as the vendor's own user.
pub fn act(state: &mut crate::State, now: DateTime<Utc>, action: &str, body: &Value) -> Result<Value, ActError> {
    state.shipstation.release_holds(now);
    acts::act(&mut state.shipstation, now, action, body)
}

/// A bare refusal, for planned faults. The frame does not tell which interface was asked; the shape is the older one's,
/// plus the newer one's list of errors, so that each client finds what it looks for.
pub fn refusal(status: StatusCode) -> Response {
    let text = match status {
        StatusCode::TOO_MANY_REQUESTS => "Too Many Requests",
        StatusCode::NOT_FOUND => "No HTTP resource was found that matches the request URI.",
        _ => "An error has occurred.",
    };
    let code = if status == StatusCode::TOO_MANY_REQUESTS { "rate_limit_exceeded" } else { "unspecified" };
    let mut body = v2::problem(code, text);
    body[if status == StatusCode::TOO_MANY_REQUESTS { "message" } else { "Message" }] = json!(text);
    if status.is_server_error() {
        body["ExceptionMessage"] = json!("Object reference not set to an instance of an object.");
        body["ExceptionType"] = json!("System.NullReferenceException");
    }
    let mut reply = Reply::new(status, body);
    if status == StatusCode::TOO_MANY_REQUESTS {
        reply.headers.extend([
            ("x-rate-limit-limit", "40".to_owned()),
            ("x-rate-limit-remaining", "0".to_owned()),
            ("x-rate-limit-reset", "1".to_owned()),
            ("retry-after", "1".to_owned()),
        ]);
    }
    reply.into_response()
}
