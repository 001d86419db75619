//! Stripe's JSON as it arrives: only the fields that are used, every one read leniently.
//!
//! Lists and events carry objects of several API versions (an event keeps the version of the day it was made, whatever
//! version the call asks for), so a field that some version lacks is optional, an id may come expanded into its object,
//! and an enum is a text. Unknown fields are ignored. Amounts are whole numbers in Stripe's own units; `map` turns them
//! into money.

use connector_contract::ConnectorError;
use connector_http::Part;
use serde::{Deserialize, Deserializer};
use serde_json::Value;
use std::collections::BTreeMap;

/// An event: what happened, and the object as it was right after.
#[derive(Debug, Deserialize)]
pub struct Event {
    /// Such as `charge.refunded`.
    #[serde(rename = "type")]
    pub kind: String,
    /// Unix seconds. Many events share one.
    pub created: i64,
    /// The object.
    pub data: EventData,
}

/// The payload of an event.
#[derive(Debug, Deserialize)]
pub struct EventData {
    /// The object in the shape of the event's `api_version`.
    pub object: Value,
}

/// A reference: an id, or the object itself where the version or the caller expanded it.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Reference(pub Option<String>);

impl<'de> Deserialize<'de> for Reference {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self(match Value::deserialize(deserializer)? {
            Value::String(id) if !id.is_empty() => Some(id),
            Value::Object(object) => object.get("id").and_then(Value::as_str).map(str::to_owned),
            _ => None,
        }))
    }
}

/// The shop's own key and value pairs; `null` in some old events.
#[derive(Debug, Default)]
pub struct Metadata(pub BTreeMap<String, String>);

impl<'de> Deserialize<'de> for Metadata {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Value::Object(pairs) = Value::deserialize(deserializer)? else { return Ok(Self::default()) };
        let text = |value| match value {
            Value::String(text) => text,
            other => other.to_string(),
        };
        Ok(Self(pairs.into_iter().map(|(key, value)| (key, text(value))).collect()))
    }
}

/// `ch_…` (or `py_…` for other means than cards).
#[derive(Debug, Deserialize)]
pub struct Charge {
    /// Gross, in Stripe's units of `currency`.
    pub amount: i64,
    /// What was taken of it; missing in very old shapes.
    #[serde(default)]
    pub amount_captured: Option<i64>,
    /// Given back so far; a partial capture counts its rest here.
    #[serde(default)]
    pub amount_refunded: i64,
    /// Lower-case ISO code.
    pub currency: String,
    /// Unix seconds.
    pub created: i64,
    /// `false` while the money is only reserved on the card.
    pub captured: Option<bool>,
    /// Given back whole.
    #[serde(default)]
    pub refunded: Option<bool>,
    /// Older word for success.
    pub paid: Option<bool>,
    /// `succeeded`, `pending`, `failed`.
    pub status: Option<String>,
    /// `null` until the fee is known, up to an hour later.
    #[serde(default)]
    pub balance_transaction: Reference,
    /// Who pays.
    pub billing_details: Option<BillingDetails>,
    /// Where the receipt went.
    pub receipt_email: Option<String>,
    /// Free text.
    pub description: Option<String>,
    /// The shop's own.
    #[serde(default)]
    pub metadata: Metadata,
    /// Such as `card_declined`.
    pub failure_code: Option<String>,
    /// In words.
    pub failure_message: Option<String>,
}

/// Who pays.
#[derive(Debug, Deserialize)]
pub struct BillingDetails {
    /// Name.
    pub name: Option<String>,
    /// E-mail.
    pub email: Option<String>,
}

/// `re_…`.
#[derive(Debug, Deserialize)]
pub struct Refund {
    /// Positive.
    pub amount: i64,
    /// Lower-case ISO code.
    pub currency: String,
    /// Unix seconds.
    pub created: i64,
    /// Which charge.
    #[serde(default)]
    pub charge: Reference,
    /// `pending`, `requires_action`, `succeeded`, `failed`, `canceled`; missing in very old shapes.
    pub status: Option<String>,
    /// Why it was given.
    pub reason: Option<String>,
    /// Why it did not arrive.
    pub failure_reason: Option<String>,
}

/// `dp_…` (older `du_…`).
#[derive(Debug, Deserialize)]
pub struct Dispute {
    /// Disputed, which may differ from the charge.
    pub amount: i64,
    /// Lower-case ISO code.
    pub currency: String,
    /// Unix seconds.
    pub created: i64,
    /// Which charge.
    #[serde(default)]
    pub charge: Reference,
    /// Such as `needs_response`; inquiries begin with `warning_` and move no money.
    pub status: String,
    /// Such as `fraudulent`.
    pub reason: Option<String>,
    /// Deadlines.
    pub evidence_details: Option<EvidenceDetails>,
}

/// Deadlines of a dispute.
#[derive(Debug, Deserialize)]
pub struct EvidenceDetails {
    /// Unix seconds.
    pub due_by: Option<i64>,
}

/// `po_…`.
#[derive(Debug, Deserialize)]
pub struct Payout {
    /// In Stripe's units.
    pub amount: i64,
    /// Lower-case ISO code.
    pub currency: String,
    /// Unix seconds.
    pub created: i64,
    /// Unix seconds, midnight UTC of the day.
    pub arrival_date: i64,
    /// By schedule.
    #[serde(default)]
    pub automatic: bool,
    /// `pending`, `in_transit`, `paid`, `failed`, `canceled`; `paid` can still turn into `failed`.
    pub status: String,
    /// `completed`, `in_progress`, `not_applicable`; missing in older shapes.
    pub reconciliation_status: Option<String>,
    /// Such as `account_closed`.
    pub failure_code: Option<String>,
    /// In words.
    pub failure_message: Option<String>,
}

/// `txn_…`, one row of the Stripe balance.
#[derive(Debug, Deserialize)]
pub struct BalanceTransaction {
    /// Gross, signed.
    pub amount: i64,
    /// Positive when charged.
    #[serde(default)]
    pub fee: i64,
    /// Amount − fee.
    pub net: i64,
    /// Lower-case ISO code of the settlement currency.
    pub currency: String,
    /// Unix seconds.
    pub created: i64,
    /// Unix seconds.
    pub available_on: Option<i64>,
    /// The charge, refund, dispute or payout.
    #[serde(default)]
    pub source: Reference,
    /// One of about fifty values; disputes and failed refunds are all `adjustment`.
    #[serde(rename = "type")]
    pub kind: String,
    /// Tells apart what `type` does not.
    pub reporting_category: Option<String>,
    /// Words for people.
    pub description: Option<String>,
}

/// `acct_…`: whose key it is.
#[derive(Debug)]
pub struct Account {
    /// The id.
    pub id: String,
    /// ISO code of the home currency.
    pub default_currency: Option<String>,
    /// The name at the top of the Dashboard, or else the one that customers know.
    pub name: Option<String>,
}

impl Account {
    /// Each member is read by itself: the account has many, and one that is not as documented must not keep its money out.
    pub fn read(root: Part<'_>) -> Result<Self, ConnectorError> {
        let text = |path: &[&str]| path.iter().try_fold(root, |part, name| part.get(name)).and_then(Part::text);
        let missing = || ConnectorError::Protocol("the account has no id".to_owned());
        let names = [text(&["settings", "dashboard", "display_name"]), text(&["business_profile", "name"])];
        Ok(Self {
            id: text(&["id"]).filter(|id| is_id(id)).ok_or_else(missing)?,
            default_currency: text(&["default_currency"]),
            name: names.into_iter().flatten().find(|name| !name.trim().is_empty()),
        })
    }
}

/// Whether this can be an id of Stripe's: up to 255 characters without spaces. Neither prefixes nor lengths are promised
/// (<https://docs.stripe.com/upgrades>).
pub fn is_id(text: &str) -> bool {
    (1..=255).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic())
}

/// The envelope of every error.
#[derive(Debug, Default, Deserialize)]
pub struct ErrorBody {
    /// What went wrong.
    #[serde(default)]
    pub error: ErrorDetail,
}

/// What went wrong.
#[derive(Debug, Default, Deserialize)]
pub struct ErrorDetail {
    /// `invalid_request_error`, `api_error`, …
    #[serde(rename = "type")]
    pub kind: Option<String>,
    /// Such as `resource_missing`; often absent.
    pub code: Option<String>,
    /// For developers; a missing permission is named only here.
    pub message: Option<String>,
    /// Which parameter.
    pub param: Option<String>,
}
