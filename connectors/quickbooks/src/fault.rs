//! What a refusal means. Faults come in three shapes: the service's JSON, the gateway's JSON with small letters, and
//! the gateway's XML even where JSON was asked for; behind them are web pages of proxies, judged by status alone.
//!
//! The vendor's words are kept; advice on what to do is core's.

use crate::entity::Entity;
use connector_contract::{ConnectorError, Rejection};
use connector_http::{Answer, Verdict};
use serde_json::Value;
use std::time::Duration;

/// How many characters of the vendor's words are kept.
const TEXT_CHARS: usize = 400;
/// The documented wait after too many requests.
const THROTTLED: Duration = Duration::from_mins(1);

/// The first error of a fault.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Fault {
    /// Without leading zeros, as the list of codes writes them.
    pub code: String,
    pub message: String,
    pub detail: String,
    /// The part of the body it is about, in the vendor's names.
    pub element: String,
}

impl Fault {
    /// Finds the fault in an answer, whatever its shape. `None`: there is none, or nothing that can be read as one.
    pub(crate) fn find(answer: &Answer) -> Option<Self> {
        let first = answer.body.iter().find(|byte| !byte.is_ascii_whitespace())?;
        match first {
            b'<' => Self::from_xml(&answer.text(20_000)),
            b'{' => {
                // A good answer of megabytes is not read twice: quotes inside its texts are escaped, so this is exact.
                let names = answer.body.windows(7).any(|bytes| bytes.eq_ignore_ascii_case(b"\"fault\""));
                names.then(|| serde_json::from_slice(&answer.body).ok()).flatten().and_then(|v| Self::from_json(&v))
            }
            _ => None,
        }
    }

    fn from_json(body: &Value) -> Option<Self> {
        let places = [body.get("Fault"), body.get("fault"), body.get("QueryResponse").and_then(|q| q.get("Fault"))];
        let fault = places.into_iter().flatten().find(|fault| fault.is_object())?;
        let error = either(fault, "Error", "error").and_then(|errors| errors.get(0)).unwrap_or(&Value::Null);
        Some(Self {
            code: code(&text(either(error, "code", "Code"))),
            message: text(either(error, "Message", "message")),
            detail: text(either(error, "Detail", "detail")),
            element: text(error.get("element")),
        })
    }

    /// Reads the few parts of the gateway's XML by their tags; nothing in it nests.
    fn from_xml(xml: &str) -> Option<Self> {
        let error = &xml[xml.find("<Fault").and_then(|at| xml[at..].find("<Error").map(|more| at + more))?..];
        let between = |open: &str, close: &str| {
            let rest = &error[error.find(open)? + open.len()..];
            Some(rest[..rest.find(close)?].to_owned())
        };
        Some(Self {
            code: code(&between("code=\"", "\"").unwrap_or_default()),
            message: between("<Message>", "</Message>").unwrap_or_default(),
            detail: between("<Detail>", "</Detail>").unwrap_or_default(),
            element: between("element=\"", "\"").unwrap_or_default(),
        })
    }

    /// The vendor's words, the longer explanation first.
    pub(crate) fn text(&self) -> String {
        let text = match (self.detail.trim(), self.message.trim()) {
            ("", "") => "QuickBooks gave no reason",
            ("", message) => message,
            (detail, _) => detail,
        };
        text.chars().take(TEXT_CHARS).collect()
    }

    fn says(&self, word: &str) -> bool {
        [&self.detail, &self.message].iter().any(|text| text.to_ascii_lowercase().contains(word))
    }

    fn rejection(&self) -> ConnectorError {
        let field = (!self.element.is_empty()).then(|| self.element.clone());
        let silent = self.detail.trim().is_empty() && self.message.trim().is_empty();
        let refused = if silent { Rejection::ours } else { Rejection::vendors };
        ConnectorError::Rejected(refused(self.code.clone(), field, self.text()))
    }
}

/// What an answer means. Codes count more than statuses: too many requests has come with 403 as well as with 429.
pub(crate) fn judge(answer: &Answer) -> Verdict {
    let Some(fault) = Fault::find(answer) else { return Verdict::by_status(answer) };
    let unauthorized = |text: &str| Verdict::Refuse(ConnectorError::Unauthorized(text.to_owned()));
    match fault.code.as_str() {
        "3001" => Verdict::RateLimited { after: answer.retry_after().or(Some(THROTTLED)) },
        "100" | "110" | "3200" => Verdict::Expired,
        "120" => unauthorized("the person who connected QuickBooks no longer has the rights; an admin must sign in"),
        "130" => unauthorized("this company belongs to another QuickBooks environment (sandbox or production)"),
        "3100" => unauthorized("the app is not allowed to use this QuickBooks company"),
        "140" | "150" => Verdict::Unavailable("QuickBooks has locked the company for maintenance".to_owned()),
        // A lapsed subscription makes the company read-only until it is paid; records wait rather than fail.
        "6190" => Verdict::Unavailable("the QuickBooks subscription has ended or has a billing problem".to_owned()),
        "10000" => Verdict::Uncertain("QuickBooks reports a failure of its own".to_owned()),
        "6000" if fault.says("unexpected error") && fault.says("try again") => {
            Verdict::Unavailable("QuickBooks met an unexpected error".to_owned())
        }
        "5010" => Verdict::Refuse(ConnectorError::Conflict { remote_version: None }),
        // The same code also means "refers to something inactive", which is a fault of the record.
        "610" if !fault.says("inactive") => Verdict::Refuse(ConnectorError::NotFound(fault.text())),
        _ if answer.status.is_server_error() => {
            Verdict::Uncertain(format!("QuickBooks is out of order (status {})", answer.status.as_u16()))
        }
        _ if answer.status.as_u16() == 401 => Verdict::Expired,
        _ if answer.status.as_u16() == 429 => Verdict::RateLimited { after: answer.retry_after().or(Some(THROTTLED)) },
        _ => Verdict::Refuse(fault.rejection()),
    }
}

/// Translates the vendor's name of a field in a refusal into the neutral one, by code and by the words around it.
pub(crate) fn localize(error: ConnectorError, entity: Entity) -> ConnectorError {
    match error {
        // Our own refusals name the neutral field already.
        ConnectorError::Rejected(mut rejection)
            if !["not_sent", "name_characters"].contains(&rejection.code.as_str()) =>
        {
            rejection.field = field(&rejection, entity).map(str::to_owned);
            ConnectorError::Rejected(rejection)
        }
        other => other,
    }
}

fn field(rejection: &Rejection, entity: Entity) -> Option<&'static str> {
    let is_list = entity.is_list();
    let name = if entity == Entity::Customer { "display_name" } else { "name" };
    match rejection.code.as_str() {
        "6240" if is_list => return Some(name),
        "6140" => return Some("number"),
        "6250" => return Some("customer"),
        "6270" | "6200" | "6210" | "2060" | "2070" => {
            return Some(if entity == Entity::Payment { "received_on" } else { "issued_on" });
        }
        "6070" | "2250" => return Some("lines"),
        "6090" => return Some("discount"),
        "6100" | "6160" | "6170" => return Some("tax"),
        "2220" => return Some("currency"),
        "2210" | "6420" => return Some("email"),
        "6430" if entity == Entity::Item => return Some("income_account"),
        "620" => return Some("applied"),
        _ => {}
    }
    let said = format!("{} {}", rejection.field.as_deref().unwrap_or_default(), rejection.text);
    let known = [
        ("DisplayName", "display_name"),
        ("CompanyName", "company"),
        ("PrimaryEmailAddr", "email"),
        ("BillEmail", "email"),
        ("PrimaryPhone", "phone"),
        ("BillAddr", "billing"),
        ("ShipAddr", if is_list { "shipping" } else { "shipping_address" }),
        ("IncomeAccountRef", "income_account"),
        ("DepositToAccountRef", "deposit_account"),
        ("CustomerRef", "customer"),
        ("CurrencyRef", "currency"),
        ("DocNumber", "number"),
        ("Sku", "sku"),
        ("UnitPrice", if is_list { "unit_price" } else { "lines" }),
        ("ItemRef", "lines"),
        ("LinkedTxn", "applied"),
        ("Line", "lines"),
        ("PaymentRefNum", "reference"),
        ("PrivateNote", "note"),
        ("CustomerMemo", "message"),
    ];
    known.iter().find(|(theirs, _)| said.contains(theirs)).map(|(_, ours)| *ours)
}

fn either<'a>(value: &'a Value, one: &str, other: &str) -> Option<&'a Value> {
    value.get(one).or_else(|| value.get(other))
}

fn text(value: Option<&Value>) -> String {
    match value {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Number(number)) => number.to_string(),
        _ => String::new(),
    }
}

fn code(text: &str) -> String {
    text.trim().trim_start_matches('0').to_owned()
}

#[cfg(test)]
mod tests;
