//! Requests: who asks, what for, and the answer.

use super::reply::{API_VERSION, Done, Reply};
use super::{RESTRICTED_KEY, SECRET_KEY, list, write};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, Utc};
use http::{HeaderMap, header, request::Parts};
use serde_json::{Value, json};

/// A live account takes 100 a second, a sandbox 25.
const PER_SECOND: u32 = 25;

/// A request taken apart.
pub struct Call {
    /// Upper case.
    pub method: String,
    /// Path segments below `/v1`.
    pub segments: Vec<String>,
    /// Query or form pairs, decoded, in order.
    pub parameters: Vec<(String, String)>,
    headers: HeaderMap,
    known_base: bool,
}

impl Call {
    /// Takes a request apart.
    pub fn new(parts: &Parts, body: &[u8]) -> Self {
        let mut segments = parts.uri.path().split('/').filter(|s| !s.is_empty()).map(str::to_owned);
        let known_base = segments.next().as_deref() == Some("v1");
        let source =
            if parts.method == http::Method::GET { parts.uri.query().unwrap_or_default().as_bytes() } else { body };
        Self {
            method: parts.method.to_string(),
            segments: segments.collect(),
            parameters: url::form_urlencoded::parse(source).into_owned().collect(),
            headers: parts.headers.clone(),
            known_base,
        }
    }

    /// A parameter by name.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.parameters.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str())
    }

    fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The key, from `Bearer key` or from Basic with the key as user.
    fn key(&self) -> Option<String> {
        let sent = self.header(header::AUTHORIZATION.as_str())?;
        if let Some(key) = sent.strip_prefix("Bearer ") {
            return Some(key.trim().to_owned());
        }
        let decoded = STANDARD.decode(sent.strip_prefix("Basic ")?.trim()).ok()?;
        let pair = String::from_utf8(decoded).ok()?;
        Some(pair.split_once(':').map_or(pair.clone(), |(user, _)| user.to_owned()))
    }
}

/// Answers a request. `limits`: whether the published rates are enforced.
pub fn answer(state: &mut crate::State, now: DateTime<Utc>, limits: bool, call: &Call) -> Reply {
    let request_id = super::book::new_id(state, "req");
    let mut reply = judge(state, now, limits, call);
    reply.headers.push(("request-id".to_owned(), request_id));
    let version = call.header("stripe-version").unwrap_or(API_VERSION).to_owned();
    reply.headers.push(("stripe-version".to_owned(), version));
    reply
}

fn judge(state: &mut crate::State, now: DateTime<Utc>, limits: bool, call: &Call) -> Reply {
    if let Some(refused) = refused_key(state, call) {
        return refused;
    }
    if limits && over_limit(state, now) {
        return Reply::too_many("endpoint-rate");
    }
    if !call.known_base {
        return Reply::planned(http::StatusCode::NOT_FOUND);
    }
    match call.method.as_str() {
        "GET" => list::read(state, now, call),
        "POST" => post(state, now, call),
        _ => Reply::planned(http::StatusCode::NOT_FOUND),
    }
}

fn refused_key(state: &crate::State, call: &Call) -> Option<Reply> {
    let refuse = |code: &str, message: &str| Some(Reply::refuse(401, "invalid_request_error", code, "", message));
    let Some(key) = call.key() else {
        return refuse(
            "",
            "You did not provide an API key. You need to provide your API key in the Authorization header.",
        );
    };
    let knobs = &state.stripe.knobs;
    if knobs.expired_keys.contains(&key) {
        return refuse("api_key_expired", "Expired API Key provided.");
    }
    if key.starts_with("pk_") {
        return refuse("secret_key_required", "This API call cannot be made with a publishable API key.");
    }
    if key != SECRET_KEY && key != RESTRICTED_KEY {
        return refuse("", "Invalid API Key provided.");
    }
    let missing =
        permission(call).filter(|slug| key == RESTRICTED_KEY && knobs.missing_permissions.iter().any(|m| m == slug));
    let writing = key == RESTRICTED_KEY && call.method != "GET";
    let slug = missing.or(writing.then_some("rak_charge_write"))?;
    let message = format!(
        "The provided key does not have the required permissions for this endpoint. Having the '{slug}' permission would allow \
         this request to continue."
    );
    Some(Reply::refuse(403, "invalid_request_error", "", "", message))
}

/// The permission a read needs.
fn permission(call: &Call) -> Option<&'static str> {
    Some(match call.segments.first()?.as_str() {
        "events" => "rak_event_read",
        "charges" | "refunds" => "rak_charge_read",
        "payment_intents" => "rak_payment_intent_read",
        "balance_transactions" | "balance" => "rak_balance_read",
        "payouts" => "rak_payout_read",
        "disputes" => "rak_dispute_read",
        "customers" => "rak_customer_read",
        "account" | "accounts" => "rak_connected_account_read",
        _ => return None,
    })
}

fn over_limit(state: &mut crate::State, now: DateTime<Utc>) -> bool {
    let traffic = &mut state.stripe.traffic;
    if traffic.0 != now.timestamp() {
        *traffic = (now.timestamp(), 0);
    }
    traffic.1 += 1;
    traffic.1 > PER_SECOND
}

/// Writes, with idempotency: the first answer under a key is kept and given again; other parameters under it are refused.
fn post(state: &mut crate::State, now: DateTime<Utc>, call: &Call) -> Reply {
    let Some(key) = call.header("idempotency-key").map(str::to_owned) else { return write::write(state, now, call) };
    if key.len() > 255 {
        return Reply::bad_parameter("", "The idempotency key is longer than 255 characters.");
    }
    let request = format!("{} {:?}", call.segments.join("/"), call.parameters);
    if let Some((kept_request, kept)) = state.stripe.kept.get(&key) {
        if *kept_request != request {
            let message =
                "Keys for idempotent requests can only be used with the same parameters they were first used with.";
            return Reply::refuse(400, "idempotency_error", "", "", message);
        }
        let mut reply = kept.clone();
        reply.headers.push(("idempotent-replayed".to_owned(), "true".to_owned()));
        reply.effect = Some(Done::Replayed);
        return reply;
    }
    let reply = write::write(state, now, call);
    // Refused parameters are not kept, so that the same key may be tried again with right ones.
    if reply.status == 200 || reply.status >= 500 {
        state.stripe.kept.insert(key, (request, reply.clone()));
    }
    reply
}

/// The account, as `/v1/account` shows it.
pub fn account() -> Value {
    json!({
        "id": "acct_1SimHarborPine",
        "object": "account",
        "business_profile": { "name": "Harbor & Pine Coffee Supply", "url": null, "support_email": null },
        "charges_enabled": true,
        "country": "US",
        "created": 1_640_995_200,
        "default_currency": "usd",
        "details_submitted": true,
        "email": "owner@harborandpine.example",
        "payouts_enabled": true,
        "settings": {
            "dashboard": { "display_name": "Harbor & Pine Coffee Supply", "timezone": "America/New_York" },
            "payouts": { "schedule": { "delay_days": 2, "interval": "daily" } },
        },
        "type": "standard",
        "metadata": {},
    })
}
