//! The control interface under `/__control`, the front page and the bounce page.
//!
//! The same things are plain methods of [`World`] for tests in process.

use crate::{ActError, Fault, Poison, Vendor, World};
use axum::extract::{DefaultBodyLimit, Path, State};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use chrono::Duration;
use http::{HeaderMap, StatusCode, header};
use serde::Deserialize;
use serde_json::{Value, json};

/// The page that forwards the browser to the app. Served here so that a sign-in works wholly on loopback.
const BOUNCE: &str = include_str!("../../assets/oauth-bounce/index.html");

impl IntoResponse for ActError {
    fn into_response(self) -> Response {
        (StatusCode::BAD_REQUEST, Json(json!({ "error": self.0 }))).into_response()
    }
}

/// Routes that belong to no vendor.
pub(crate) fn router(world: World) -> Router {
    Router::new()
        .route("/", get(home))
        .route("/bounce", get(|| async { Html(BOUNCE) }))
        .route("/__control/connection", get(|State(w): State<World>| async move { Json(w.connection()) }))
        .route("/__control/seed", post(seed))
        .route("/__control/reset", post(|State(w): State<World>| async move { w.reset().map(|()| done()) }))
        .route("/__control/state/{vendor}", get(state))
        .route("/__control/act/{vendor}/{action}", post(act))
        .route("/__control/faults", post(plan).delete(clear_faults).get(faults))
        .route("/__control/poisons", post(poison).delete(clear_poisons).get(poisons))
        .route("/__control/time", post(time).get(|State(w): State<World>| async move { Json(times(&w)) }))
        .route("/__control/requests", get(requests).delete(clear_requests))
        .route("/__control/outage", post(outage))
        .route(
            "/__control/world",
            get(|State(w): State<World>| async move { Json(w.snapshot()) })
                .post(restore)
                .layer(DefaultBodyLimit::disable()),
        )
        .with_state(world)
}

fn done() -> Json<Value> {
    Json(json!({ "ok": true }))
}

fn vendor(name: &str) -> Result<Vendor, ActError> {
    Vendor::named(name).ok_or_else(|| ActError(format!("no vendor called {name}: quickbooks, shipstation or stripe")))
}

#[derive(Deserialize)]
struct Seed {
    name: String,
}

async fn seed(State(world): State<World>, Json(body): Json<Seed>) -> Result<Json<Value>, ActError> {
    world.seed(&body.name).map(|()| done())
}

async fn state(State(world): State<World>, Path(name): Path<String>) -> Result<Json<Value>, ActError> {
    Ok(Json(world.dump(vendor(&name)?)))
}

async fn act(
    State(world): State<World>,
    Path((name, action)): Path<(String, String)>,
    body: bytes::Bytes,
) -> Result<Json<Value>, ActError> {
    let body = if body.is_empty() { json!({}) } else { parse(&body)? };
    world.act(vendor(&name)?, &action, &body).map(Json)
}

fn parse(body: &[u8]) -> Result<Value, ActError> {
    serde_json::from_slice(body).map_err(|e| ActError(format!("the body is not JSON: {e}")))
}

async fn plan(State(world): State<World>, Json(fault): Json<Fault>) -> Json<Value> {
    world.plan(fault);
    done()
}

async fn faults(State(world): State<World>) -> Json<Vec<Fault>> {
    Json(world.read(|s| s.faults.clone()))
}

async fn clear_faults(State(world): State<World>) -> Json<Value> {
    world.clear_faults();
    done()
}

async fn poison(State(world): State<World>, Json(poison): Json<Poison>) -> Json<Value> {
    world.poison(poison);
    done()
}

async fn poisons(State(world): State<World>) -> Json<Vec<Poison>> {
    Json(world.read(|s| s.poisons.clone()))
}

async fn clear_poisons(State(world): State<World>) -> Json<Value> {
    world.clear_poisons();
    done()
}

/// Moves the world's time by `advance_s`, or sets one vendor's own clock `ahead_s` of it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Time {
    #[serde(default)]
    advance_s: i64,
    vendor: Option<Vendor>,
    ahead_s: Option<i64>,
}

async fn time(State(world): State<World>, Json(body): Json<Time>) -> Result<Json<Value>, ActError> {
    let span = |seconds: i64| {
        let years = Duration::days(366 * 400);
        let span = Duration::try_seconds(seconds).filter(|span| span.abs() <= years);
        span.ok_or_else(|| ActError::from("that is too far"))
    };
    match (body.vendor, body.ahead_s) {
        (Some(vendor), Some(ahead)) => world.set_ahead(vendor, span(ahead)?),
        (None, None) => {}
        _ => return Err(ActError::from("vendor and ahead_s go together")),
    }
    world.advance(span(body.advance_s)?);
    Ok(Json(times(&world)))
}

/// The world's time and each vendor's own.
fn times(world: &World) -> Value {
    let vendors = Vendor::ALL.map(|vendor| (vendor.as_str().to_owned(), json!(world.of(vendor).now())));
    json!({ "now": world.now(), "vendors": serde_json::Map::from_iter(vendors) })
}

/// Puts the whole state back in place of the present one.
async fn restore(State(world): State<World>, body: bytes::Bytes) -> Result<Json<Value>, ActError> {
    world.restore(serde_json::from_slice(&body).map_err(|e| ActError(format!("the body is no world: {e}")))?);
    Ok(done())
}

async fn requests(State(world): State<World>) -> Response {
    Json(world.requests()).into_response()
}

async fn clear_requests(State(world): State<World>) -> Json<Value> {
    world.clear_requests();
    done()
}

#[derive(Deserialize)]
struct Outage {
    vendor: Vendor,
    on: bool,
}

async fn outage(State(world): State<World>, Json(body): Json<Outage>) -> Json<Value> {
    world.outage(body.vendor, body.on);
    done()
}

/// The front page for people; programs that ask for JSON get the connection line.
async fn home(State(world): State<World>, headers: HeaderMap) -> Response {
    let connection = world.connection();
    let accept = headers.get(header::ACCEPT).and_then(|v| v.to_str().ok()).unwrap_or_default();
    if accept.contains("application/json") {
        return Json(connection).into_response();
    }
    let rows = [
        ("QuickBooks API", connection.quickbooks.base_url),
        ("QuickBooks discovery", connection.quickbooks.discovery_url),
        ("ShipStation v1", connection.shipstation.v1_url),
        ("ShipStation v2", connection.shipstation.v2_url),
        ("Stripe", connection.stripe.base_url),
        ("Bounce page", connection.quickbooks.redirect_uri),
        ("Control: state", format!("{}/__control/state/quickbooks", connection.base_url)),
        ("Control: requests", format!("{}/__control/requests", connection.base_url)),
    ];
    let rows = rows.map(|(k, v)| format!("<tr><th>{k}</th><td><a href=\"{v}\">{v}</a></td></tr>")).concat();
    Html(format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Vendor simulators</title>\
         <style>body{{font:16px system-ui;margin:3rem auto;max-width:50rem;padding:0 1rem;color-scheme:light dark}}\
         th{{text-align:left;padding:.3rem 1.5rem .3rem 0}}</style>\
         <h1>Vendor simulators</h1><p>Local stand-ins with seed <b>{}</b>. Virtual time is {}.</p><table>{rows}</table></html>",
        world.read(|s| s.seed.clone()),
        world.now().to_rfc3339()
    ))
    .into_response()
}
