//! Signing requests of both interfaces, and what their answers mean.
//!
//! V1 takes a key and a secret, V2 one key of its own; they are not interchangeable. Keys are read from the keychain for
//! each call, so that a key replaced by the owner works at once. Absent on purpose: anything about records.

use base64::Engine;
use connector_contract::{ConnectorError, Rejection, Secret, SecretStore};
use connector_http::{Answer, Dialect, Quota, Verdict};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use serde_json::Value;
use std::sync::Arc;
use std::time::Duration;

/// Ids of the fields the owner fills in.
pub(crate) const API_KEY: &str = "api_key";
pub(crate) const API_SECRET: &str = "api_secret";
pub(crate) const V2_KEY: &str = "v2_key";

/// Start of the reason when the vendor's program failed. It does so on some bad input too, so this may be permanent.
const FAULT: &str = "ShipStation failed on this request";

/// Whether the vendor's program failed while it worked on the request.
pub(crate) fn is_fault(reason: &str) -> bool {
    reason.starts_with(FAULT)
}

/// What the vendor's program said of its failure, without our own words about it.
pub(crate) fn words_of_fault(reason: &str) -> &str {
    reason.strip_prefix(FAULT).map_or(reason, |rest| rest.trim_start_matches(": "))
}

/// Whether it failed and said how, which it does for input it cannot work with.
pub(crate) fn is_explained_fault(reason: &str) -> bool {
    reason.strip_prefix(FAULT).is_some_and(|rest| rest.starts_with(": "))
}

/// The manners of V1.
pub(crate) struct V1 {
    pub secrets: Arc<dyn SecretStore>,
}

/// The manners of V2.
pub(crate) struct V2 {
    pub secrets: Arc<dyn SecretStore>,
}

#[async_trait::async_trait]
impl Dialect for V1 {
    fn name(&self) -> &'static str {
        "ShipStation"
    }

    async fn authorize(&self, headers: &mut HeaderMap) -> Result<(), ConnectorError> {
        let [key, secret] = read(&self.secrets, [API_KEY, API_SECRET]).await?;
        let (Some(key), Some(secret)) = (key, secret) else {
            return Err(ConnectorError::Unauthorized("the API key or secret is missing".to_owned()));
        };
        let pair =
            base64::prelude::BASE64_STANDARD.encode(format!("{}:{}", key.expose().trim(), secret.expose().trim()));
        sign(headers, header::AUTHORIZATION, &format!("Basic {pair}"))
    }

    async fn renew(&self, refused: &HeaderMap) -> Result<(), ConnectorError> {
        replaced(self, refused, &header::AUTHORIZATION, "the API key or secret").await
    }

    fn judge(&self, answer: &Answer) -> Verdict {
        let throttled = || answer.text(200).to_ascii_lowercase().contains("too many requests");
        match answer.status {
            // Seen under other statuses too; the words are the same.
            status if status == StatusCode::TOO_MANY_REQUESTS || (!status.is_success() && throttled()) => {
                Verdict::RateLimited { after: reset(answer).or_else(|| answer.retry_after()) }
            }
            _ => judge_common(answer, fault_v1),
        }
    }

    /// Every answer says how many requests are left in the window and, in seconds, when the next one begins.
    fn pace(&self, answer: &Answer) -> Option<Duration> {
        (answer.header("x-rate-limit-remaining")?.trim() == "0").then(|| reset(answer)).flatten()
    }

    /// 40 a minute per key pair in fixed windows, whatever is asked for, so burst and refill together stay at 40.
    fn quotas(&self) -> Vec<Quota> {
        vec![Quota { class: None, burst: 10, refill: 30, per: Duration::from_mins(1) }]
    }
}

#[async_trait::async_trait]
impl Dialect for V2 {
    fn name(&self) -> &'static str {
        "ShipStation V2"
    }

    async fn authorize(&self, headers: &mut HeaderMap) -> Result<(), ConnectorError> {
        let [key] = read(&self.secrets, [V2_KEY]).await?;
        let missing = || ConnectorError::Unauthorized("the V2 API key is missing".to_owned());
        sign(headers, HeaderName::from_static("api-key"), key.ok_or_else(missing)?.expose().trim())
    }

    async fn renew(&self, refused: &HeaderMap) -> Result<(), ConnectorError> {
        replaced(self, refused, &HeaderName::from_static("api-key"), "the V2 API key").await
    }

    fn judge(&self, answer: &Answer) -> Verdict {
        judge_common(answer, fault_v2)
    }

    /// 200 a minute.
    fn quotas(&self) -> Vec<Quota> {
        vec![Quota { class: None, burst: 50, refill: 150, per: Duration::from_mins(1) }]
    }
}

/// Finds the vendor's words in an error body, and the neutral field they are about.
type Explain = fn(&Value) -> Option<(String, Option<String>)>;

/// What both interfaces mean alike; `explain` finds the vendor's words and the neutral field in an error body.
fn judge_common(answer: &Answer, explain: Explain) -> Verdict {
    let body = || serde_json::from_slice::<Value>(&answer.body).ok();
    let words = || body().as_ref().and_then(explain);
    match answer.status {
        // A web page under a good status is a gateway speaking, not the vendor's program.
        status if status.is_success() && answer.body.trim_ascii_start().starts_with(b"<") => {
            Verdict::Uncertain("a web page came instead of data".to_owned())
        }
        StatusCode::FORBIDDEN => Verdict::Refuse(ConnectorError::Unauthorized(
            "the ShipStation account's plan does not include this; see Settings > Account > API Settings there"
                .to_owned(),
        )),
        StatusCode::INTERNAL_SERVER_ERROR => Verdict::Uncertain(match words() {
            Some((text, _)) => format!("{FAULT}: {text}"),
            None => FAULT.to_owned(),
        }),
        StatusCode::BAD_REQUEST | StatusCode::CONFLICT | StatusCode::UNPROCESSABLE_ENTITY => {
            let code = answer.status.as_u16().to_string();
            Verdict::Refuse(ConnectorError::Rejected(match words() {
                Some((text, field)) => Rejection::vendors(code, field, text),
                None => Rejection::ours(code, None, "ShipStation gave no reason"),
            }))
        }
        _ => Verdict::by_status(answer),
    }
}

/// `{"Message", "ModelState": {"apiOrder.orderNumber": ["…"]}}`, or `{"Message", "ExceptionMessage"}` with status 500.
fn fault_v1(body: &Value) -> Option<(String, Option<String>)> {
    let message = || body.get("Message").or_else(|| body.get("message")).and_then(Value::as_str);
    if let Some((path, reasons)) =
        body.get("ModelState").and_then(Value::as_object).and_then(|state| state.iter().next())
    {
        let reason = reasons.as_array().and_then(|list| list.first()).and_then(Value::as_str).or_else(message)?;
        return Some((cut(reason), neutral_field(path)));
    }
    let text = body.get("ExceptionMessage").and_then(Value::as_str).or_else(message)?;
    Some((cut(text), None))
}

/// `{"errors": [{"message", "field_name"}]}`.
fn fault_v2(body: &Value) -> Option<(String, Option<String>)> {
    let first = body.get("errors")?.get(0)?;
    Some((cut(first.get("message")?.as_str()?), None))
}

/// Our name of the field that a path such as `apiOrder.shipTo.name` is about.
fn neutral_field(path: &str) -> Option<String> {
    let known = [("orderNumber", "number"), ("shipTo", "shipping"), ("billTo", "billing"), ("items", "lines")];
    known.iter().find(|(wire, _)| path.contains(wire)).map(|(_, neutral)| (*neutral).to_owned())
}

fn cut(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(300).collect()
}

/// Seconds to the next window, and one more because the header is rounded down.
fn reset(answer: &Answer) -> Option<Duration> {
    let seconds: u64 = answer.header("x-rate-limit-reset")?.trim().parse().ok()?;
    Some(Duration::from_secs(seconds.min(3600) + 1))
}

/// Reads secrets where blocking is allowed, all in one go; a blank one counts as missing.
pub(crate) async fn read<const N: usize>(
    secrets: &Arc<dyn SecretStore>,
    names: [&'static str; N],
) -> Result<[Option<Secret>; N], ConnectorError> {
    let secrets = Arc::clone(secrets);
    let work = move || names.iter().map(|name| secrets.get(name)).collect::<Result<Vec<_>, _>>();
    let found = tokio::task::spawn_blocking(work).await;
    let found = found.map_err(|_| ConnectorError::Unavailable("the keychain stopped answering".to_owned()))??;
    let mut found = found.into_iter().map(|secret| secret.filter(|secret| !secret.expose().trim().is_empty()));
    Ok(std::array::from_fn(|_| found.next().flatten()))
}

fn sign(headers: &mut HeaderMap, name: HeaderName, value: &str) -> Result<(), ConnectorError> {
    let mut value = HeaderValue::from_str(value)
        .map_err(|_| ConnectorError::Unauthorized("the key holds characters no key has".to_owned()))?;
    value.set_sensitive(true);
    headers.insert(name, value);
    Ok(())
}

/// A refused key is worth another try only when the owner has put in another one meanwhile.
async fn replaced(
    dialect: &impl Dialect,
    refused: &HeaderMap,
    name: &HeaderName,
    what: &str,
) -> Result<(), ConnectorError> {
    let mut now = HeaderMap::new();
    dialect.authorize(&mut now).await?;
    if now.get(name) == refused.get(name) {
        return Err(ConnectorError::Unauthorized(format!(
            "ShipStation does not accept {what}; it may have expired. Make a new one in Settings > Account > API Settings"
        )));
    }
    Ok(())
}
