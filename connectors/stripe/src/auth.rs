//! Signing requests with the owner's key, and what Stripe's refusals mean.
//!
//! A wrong kind of key is found out before anything is sent. Texts for the owner are ours: Stripe's own messages name
//! internal permission slugs and parts of the key.

use crate::wire::{ErrorBody, ErrorDetail};
use connector_contract::{ConnectionConfig, ConnectorError, Mode, Rejection, Secret};
use connector_http::{Answer, Dialect, Quota, Verdict};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use std::time::Duration;

/// The version asked for on every call. Stripe keeps old versions working; events come in the version of their own day.
pub const API_VERSION: &str = "2026-10-28.endive";

/// The field of the sign-in dialog, and its name in the keychain.
pub const SECRET_KEY: &str = "secret_key";

/// A key that may be sent.
pub struct Key {
    secret: Secret,
    /// Which world it opens.
    pub mode: Mode,
}

impl Key {
    /// The connection's key, checked. The refusal says what to paste instead.
    pub fn of(config: &ConnectionConfig) -> Result<Self, ConnectorError> {
        let refuse = |why: &str| Err(ConnectorError::Unauthorized(why.to_owned()));
        let Some(secret) = config.secrets.get(SECRET_KEY)? else {
            return refuse("no Stripe key is saved for this connection; paste one under Connections");
        };
        let key = secret.expose().trim();
        if key.starts_with("pk_") {
            return refuse(
                "this is a publishable key (pk_…), which cannot read payments; \
                 paste a restricted key (rk_…) from Developers, API keys in Stripe",
            );
        }
        let mut parts = key.splitn(3, '_');
        let (kind, mode, rest) = (parts.next(), parts.next(), parts.next().unwrap_or_default());
        let mode = match (kind, mode) {
            (Some("sk" | "rk" | "rkcs"), Some("live")) => Mode::Live,
            (Some("sk" | "rk" | "rkcs"), Some("test")) => Mode::Test,
            _ => return refuse("this does not look like a Stripe key; it should begin with rk_live_ or rk_test_"),
        };
        if rest.is_empty() || !key.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') {
            return refuse("the Stripe key is incomplete or holds other signs; copy it again as a whole");
        }
        Ok(Self { secret: Secret::new(key), mode })
    }

    /// The end of the key as Stripe's own Dashboard shows it, to tell keys apart without revealing them.
    pub fn ending(&self) -> &str {
        let key = self.secret.expose();
        key.get(key.len().saturating_sub(4)..).unwrap_or_default()
    }

    /// Stands in for the account's id while the key may not read the account.
    pub fn stand_in_id(&self) -> String {
        let mode = if self.mode == Mode::Live { "live" } else { "test" };
        format!("key-{mode}-{}", self.ending())
    }
}

/// Stripe's manners.
pub struct StripeDialect {
    config: ConnectionConfig,
}

impl StripeDialect {
    /// For one connection.
    pub fn new(config: ConnectionConfig) -> Self {
        Self { config }
    }
}

#[async_trait::async_trait]
impl Dialect for StripeDialect {
    fn name(&self) -> &'static str {
        "Stripe"
    }

    async fn authorize(&self, headers: &mut HeaderMap) -> Result<(), ConnectorError> {
        let key = Key::of(&self.config)?;
        connector_http::bearer(headers, key.secret.expose())?;
        headers.insert(HeaderName::from_static("stripe-version"), HeaderValue::from_static(API_VERSION));
        Ok(())
    }

    fn judge(&self, answer: &Answer) -> Verdict {
        judge(answer)
    }

    /// 25 a second for each endpoint, and for a whole test account. A live account may do 100 in all; reading one page after
    /// another never comes near that, so the one limit serves for both. The endpoints that allow less, search (20) and the
    /// making of payouts (15), are not used.
    fn quotas(&self) -> Vec<Quota> {
        vec![Quota { class: None, burst: 5, refill: 20, per: Duration::from_secs(1) }]
    }

    fn request_id_header(&self) -> Option<&'static str> {
        Some("request-id")
    }
}

fn judge(answer: &Answer) -> Verdict {
    if answer.status.is_success() {
        return Verdict::Accept;
    }
    let detail = answer.json::<ErrorBody>().unwrap_or_default().error;
    let code = detail.code.as_deref().unwrap_or_default();
    match answer.status {
        StatusCode::UNAUTHORIZED => Verdict::Refuse(ConnectorError::Unauthorized(refused_key(code).to_owned())),
        StatusCode::FORBIDDEN => Verdict::Refuse(ConnectorError::Unauthorized(missing_permission(&detail))),
        _ if code == "secret_key_required" || code.ends_with("api_key_expired") => {
            Verdict::Refuse(ConnectorError::Unauthorized(refused_key(code).to_owned()))
        }
        StatusCode::TOO_MANY_REQUESTS => too_many(answer, code),
        // Old accounts get this code with status 400.
        _ if code == "rate_limit" => too_many(answer, code),
        StatusCode::BAD_REQUEST if matches!(detail.param.as_deref(), Some("starting_after" | "ending_before")) => {
            Verdict::Refuse(ConnectorError::CursorExpired)
        }
        StatusCode::NOT_FOUND | StatusCode::BAD_REQUEST | StatusCode::PAYMENT_REQUIRED => final_refusal(answer, detail),
        // Elsewhere Stripe says itself whether another try can help.
        status => match (answer.header("stripe-should-retry"), status.is_server_error()) {
            (Some("true"), _) => Verdict::Unavailable(format!("Stripe asks to try again (status {})", status.as_u16())),
            (Some("false"), true) => Verdict::Refuse(ConnectorError::Unavailable(format!(
                "Stripe is out of order and asks not to try again now (status {})",
                status.as_u16()
            ))),
            (_, true) => Verdict::by_status(answer),
            (_, false) => final_refusal(answer, detail),
        },
    }
}

/// Stripe sends no `Retry-After`; its reason tells whether the second, the concurrency or one object is exhausted.
fn too_many(answer: &Answer, code: &str) -> Verdict {
    let reason = answer.header("stripe-rate-limited-reason").unwrap_or(code).to_owned();
    tracing::info!(reason, "Stripe asks to slow down");
    let seconds = match reason.as_str() {
        "global-rate" | "endpoint-rate" | "lock_timeout" => 1,
        "global-concurrency" | "endpoint-concurrency" => 2,
        _ => 5,
    };
    Verdict::RateLimited { after: Some(Duration::from_secs(seconds)) }
}

fn refused_key(code: &str) -> &'static str {
    match code {
        "api_key_expired" | "platform_api_key_expired" => {
            "the Stripe key has expired; make a new restricted key in Stripe and paste it"
        }
        "secret_key_required" => "this Stripe key may not read payments; paste a restricted key (rk_…)",
        _ => "Stripe does not accept the key; it may have been deleted or rolled, so paste the present one",
    }
}

/// Stripe names the missing permission by an internal slug inside its message; the owner needs the row of the key's page.
fn missing_permission(detail: &ErrorDetail) -> String {
    let message = detail.message.as_deref().unwrap_or_default();
    let slug = message
        .split(|c: char| !(c.is_ascii_lowercase() || c == '_'))
        .find(|word| word.starts_with("rak_"))
        .unwrap_or_default();
    let row = match slug.trim_end_matches("_read").trim_end_matches("_write") {
        "rak_event" => "Events",
        "rak_charge" => "Charges and Refunds",
        "rak_payment_intent" => "PaymentIntents",
        "rak_balance" => "Balance",
        "rak_balance_transaction_source" => "Balance transaction sources",
        "rak_payout" => "Payouts",
        "rak_dispute" => "Disputes",
        "rak_connected_account" | "rak_account" => "Connected accounts",
        "" => return "Stripe does not allow this key to read what is needed; give it Read permissions".to_owned(),
        other => {
            return format!("the Stripe key lacks a permission: set \"{other}\" to Read on the key's page in Stripe");
        }
    };
    format!("the Stripe key lacks a permission: set \"{row}\" to Read on the key's page in Stripe")
}

fn final_refusal(answer: &Answer, detail: ErrorDetail) -> Verdict {
    if answer.status == StatusCode::NOT_FOUND {
        return Verdict::Refuse(ConnectorError::NotFound("Stripe has no such record".to_owned()));
    }
    let status = answer.status.as_u16().to_string();
    let code = detail.code.or(detail.kind).unwrap_or(status);
    Verdict::Refuse(ConnectorError::Rejected(match detail.message {
        Some(words) => Rejection::vendors(code, detail.param, words.chars().take(300).collect::<String>()),
        None => Rejection::ours(code, detail.param, "Stripe gave no reason"),
    }))
}

#[cfg(test)]
#[path = "auth_tests.rs"]
mod tests;
