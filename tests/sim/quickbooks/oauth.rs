//! The OAuth pages and endpoints: discovery, authorize, token, revoke, userinfo.
//!
//! No PKCE and no accounting scope in the metadata, as with the vendor. No `id_token`: nobody here signs with RS256.

use super::tokens::{ACCESS_S, Code, Grant};
use super::{CLIENT_ID, CLIENT_SECRET, REALM_ID};
use crate::{Effect, World};
use axum::Json;
use axum::extract::{Query, State};
use axum::response::{Html, IntoResponse, Redirect, Response};
use base64::Engine;
use bytes::Bytes;
use chrono::{DateTime, Duration, Utc};
use http::{HeaderMap, StatusCode, header};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// The scope every API call needs.
const ACCOUNTING: &str = "com.intuit.quickbooks.accounting";
/// Every scope the vendor knows.
const SCOPES: &[&str] =
    &[ACCOUNTING, "com.intuit.quickbooks.payment", "openid", "profile", "email", "phone", "address"];

type Parameters = BTreeMap<String, String>;

/// The metadata document, without `code_challenge_methods_supported`.
pub async fn discovery(State(world): State<World>) -> Json<Value> {
    let base = world.connection().quickbooks.base_url;
    Json(json!({
        "issuer": format!("{base}/op/v1"),
        "authorization_endpoint": format!("{base}/connect/oauth2"),
        "token_endpoint": format!("{base}/oauth2/v1/tokens/bearer"),
        "userinfo_endpoint": format!("{base}/v1/openid_connect/userinfo"),
        "revocation_endpoint": format!("{base}/v2/oauth2/tokens/revoke"),
        "jwks_uri": format!("{base}/op/v1/jwks"),
        "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "scopes_supported": ["openid", "email", "profile", "address", "phone"],
        "token_endpoint_auth_methods_supported": ["client_secret_post", "client_secret_basic"],
        "claims_supported": ["aud", "exp", "iat", "iss", "realmid", "sub"],
    }))
}

/// Checks the request; the error is the vendor's own page, because nothing may be sent to an unchecked address.
fn check(world: &World, asked: &Parameters) -> Result<(), &'static str> {
    let given = |name: &str| asked.get(name).map(String::as_str).unwrap_or_default();
    if given("client_id") != CLIENT_ID {
        return Err("The client_id parameter is invalid.");
    }
    let uri = given("redirect_uri");
    let own = world.connection().quickbooks.redirect_uri;
    let (listed, https_only) =
        world.read(|s| (s.quickbooks.tokens.redirect_uris.iter().any(|u| u == uri), s.quickbooks.rules.https_only));
    if !(listed || uri == own) || (https_only && !uri.starts_with("https://")) {
        return Err("The redirect_uri query parameter value is invalid. Make sure it is listed in the Redirect URIs \
                    section on your app's keys tab and matches it exactly.");
    }
    if given("response_type") != "code" {
        return Err("The response_type query parameter must be code.");
    }
    let scopes: Vec<&str> = given("scope").split_whitespace().collect();
    if scopes.is_empty() || scopes.iter().any(|s| !SCOPES.contains(s)) {
        return Err("Invalid permissions requested: the scope query parameter is missing or unknown.");
    }
    if given("state").is_empty() {
        return Err("The state query parameter is missing.");
    }
    Ok(())
}

/// The consent page, or with automatic consent the redirect itself.
pub async fn authorize(State(world): State<World>, Query(asked): Query<Parameters>) -> Response {
    if let Err(why) = check(&world, &asked) {
        return (StatusCode::BAD_REQUEST, Html(super::page::error(why))).into_response();
    }
    if world.options().auto_consent {
        return decided(&world, &asked, true);
    }
    let company = world.read(|s| super::value::text(&s.quickbooks.books.company, "CompanyName").map(str::to_owned));
    let page = super::page::consent(&company.unwrap_or_default(), &asked);
    // The vendor refuses to be framed.
    let headers = [(header::CONTENT_SECURITY_POLICY, "frame-ancestors 'none'"), (header::X_FRAME_OPTIONS, "DENY")];
    (headers, Html(page)).into_response()
}

/// The consent page's buttons.
pub async fn decision(State(world): State<World>, body: Bytes) -> Response {
    let asked = form(&body);
    if let Err(why) = check(&world, &asked) {
        return (StatusCode::BAD_REQUEST, Html(super::page::error(why))).into_response();
    }
    decided(&world, &asked, asked.get("decision").is_some_and(|d| d == "allow"))
}

fn decided(world: &World, asked: &Parameters, allowed: bool) -> Response {
    let redirect_uri = asked.get("redirect_uri").cloned().unwrap_or_default();
    let state = asked.get("state").cloned().unwrap_or_default();
    let Ok(mut target) = url::Url::parse(&redirect_uri) else { return StatusCode::BAD_REQUEST.into_response() };
    if allowed {
        let code = world.write(|s, now| {
            let code = format!("XAB1{}", s.token("qb_code", 46));
            let scope = asked.get("scope").cloned().unwrap_or_default();
            let entry = Code { redirect_uri, scope, issued_at: now, grant: None };
            s.quickbooks.tokens.codes.insert(code.clone(), entry);
            code
        });
        target
            .query_pairs_mut()
            .append_pair("code", &code)
            .append_pair("state", &state)
            .append_pair("realmId", REALM_ID);
    } else {
        target.query_pairs_mut().append_pair("error", "access_denied").append_pair("state", &state);
    }
    Redirect::to(target.as_str()).into_response()
}

fn form(body: &[u8]) -> Parameters {
    url::form_urlencoded::parse(body).into_owned().collect()
}

fn refused(status: StatusCode, error: &str) -> Response {
    (status, Json(json!({ "error": error }))).into_response()
}

/// Client authentication by Basic or in the body.
fn is_our_client(headers: &HeaderMap, body: &Parameters) -> bool {
    let basic = headers.get(header::AUTHORIZATION).and_then(|v| v.to_str().ok()).and_then(|v| v.strip_prefix("Basic "));
    if let Some(basic) = basic {
        let pair = base64::engine::general_purpose::STANDARD.decode(basic).unwrap_or_default();
        return pair == format!("{CLIENT_ID}:{CLIENT_SECRET}").as_bytes();
    }
    let given = |name: &str| body.get(name).map(String::as_str);
    given("client_id") == Some(CLIENT_ID) && given("client_secret") == Some(CLIENT_SECRET)
}

/// Exchanges a code or refreshes.
pub async fn token(State(world): State<World>, headers: HeaderMap, body: Bytes) -> Response {
    let asked = form(&body);
    if !is_our_client(&headers, &asked) {
        return refused(StatusCode::UNAUTHORIZED, "invalid_client");
    }
    let given = |name: &str| asked.get(name).map(String::as_str).filter(|v| !v.is_empty());
    let hard = headers.get("x-include-refresh-token-hard-expires-in").is_some_and(|v| v == "true");
    world.write(|s, now| {
        let grant = match given("grant_type") {
            Some("authorization_code") => match (given("code"), given("redirect_uri")) {
                (Some(code), Some(uri)) => exchange(s, code, uri, now),
                _ => return refused(StatusCode::BAD_REQUEST, "invalid_request"),
            },
            Some("refresh_token") => {
                let Some(value) = given("refresh_token") else {
                    return refused(StatusCode::BAD_REQUEST, "invalid_request");
                };
                let fresh = format!("RT1-{}", s.token("qb_refresh", 46));
                let rules = s.quickbooks.rules.clone();
                s.quickbooks.tokens.refresh(value, &rules, fresh, now)
            }
            Some(_) => return refused(StatusCode::BAD_REQUEST, "unsupported_grant_type"),
            None => return refused(StatusCode::BAD_REQUEST, "invalid_request"),
        };
        match grant {
            Some(grant) => issued(s, grant, hard, now),
            None => refused(StatusCode::BAD_REQUEST, "invalid_grant"),
        }
    })
}

/// A code works once, for the address it was handed to, for a few minutes. Its second use ends what the first began.
fn exchange(s: &mut crate::State, code: &str, uri: &str, now: DateTime<Utc>) -> Option<usize> {
    let refresh = format!("RT1-{}", s.token("qb_refresh", 46));
    let life = Duration::seconds(s.quickbooks.rules.code_s);
    let tokens = &mut s.quickbooks.tokens;
    let entry = tokens.codes.get_mut(code)?;
    if let Some(first) = entry.grant {
        tokens.grants[first].revoked = true;
        return None;
    }
    if entry.redirect_uri != uri || now - entry.issued_at >= life {
        return None;
    }
    let grant = tokens.grants.len();
    entry.grant = Some(grant);
    tokens.grants.push(Grant::new(REALM_ID, &entry.scope, refresh, now));
    Some(grant)
}

fn issued(s: &mut crate::State, grant: usize, hard: bool, now: DateTime<Utc>) -> Response {
    let access = s.token("qb_access", 64);
    let grant = &mut s.quickbooks.tokens.grants[grant];
    grant.access.insert(access.clone(), now + Duration::seconds(ACCESS_S));
    let mut body = json!({
        "access_token": access,
        "token_type": "bearer",
        "expires_in": ACCESS_S,
        "refresh_token": grant.refresh,
        "x_refresh_token_expires_in": (grant.until() - now).num_seconds(),
    });
    if hard {
        body["x_refresh_token_hard_expires_in"] = json!((grant.hard_until - now).num_seconds());
    }
    let mut response = ([(header::CACHE_CONTROL, "no-store")], Json(body)).into_response();
    response.extensions_mut().insert(Effect::Applied);
    response
}

/// Ends a grant. JSON or form body, because clients use both.
pub async fn revoke(State(world): State<World>, headers: HeaderMap, body: Bytes) -> Response {
    let asked = match serde_json::from_slice::<Value>(&body) {
        Ok(json) => json
            .as_object()
            .into_iter()
            .flatten()
            .filter_map(|(k, v)| Some((k.clone(), v.as_str()?.to_owned())))
            .collect(),
        Err(_) => form(&body),
    };
    if !is_our_client(&headers, &asked) {
        return refused(StatusCode::UNAUTHORIZED, "invalid_client");
    }
    let Some(token) = asked.get("token") else { return refused(StatusCode::BAD_REQUEST, "invalid_request") };
    let known = world.write(|s, _| s.quickbooks.tokens.revoke(token));
    let mut response = StatusCode::OK.into_response();
    if known {
        response.extensions_mut().insert(Effect::Applied);
    }
    response
}

/// Who signed in; needs the `openid` scope.
pub async fn userinfo(State(world): State<World>, headers: HeaderMap) -> Response {
    let token = super::gate::bearer(&headers);
    let now = world.now();
    let scope = world.read(|s| s.quickbooks.tokens.by_access(token?, now).map(|g| g.scope.clone()));
    match scope {
        Some(scope) if scope.split_whitespace().any(|s| s == "openid") => Json(json!({
            "sub": "sim-1182d6ec-2a1f-4aa3-af3f-bb3b95db45af", "email": "owner@harborpine.example", "emailVerified": true,
            "givenName": "Robin", "familyName": "Pine",
        }))
        .into_response(),
        _ => refused(StatusCode::UNAUTHORIZED, "invalid_token"),
    }
}
