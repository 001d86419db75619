//! The shapes QuickBooks puts on the wire, as far as Backroom uses them.
//!
//! Every field is optional and unknown ones are ignored: Intuit adds fields without a new version. Numbers stay text
//! until `map` turns them into money. Fault bodies are in `fault`; building bodies to send is in `map`.

use crate::entity::Entity;
use chrono::{DateTime, NaiveDateTime, Utc};
use connector_contract::ConnectorError;
use connector_http::Part;
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};

/// A JSON object as the vendor sent it.
pub(crate) type Object = Map<String, Value>;

/// A decimal as it was written, whether as number or as text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Decimal(pub String);

impl<'de> Deserialize<'de> for Decimal {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match Value::deserialize(deserializer)? {
            Value::Number(number) => Ok(Self(number.to_string())),
            Value::String(text) => Ok(Self(text)),
            _ => Err(serde::de::Error::custom("expected a number")),
        }
    }
}

/// A reference to another object; the name is decoration.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub(crate) struct Ref {
    pub value: String,
    pub name: Option<String>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(crate) struct MetaData {
    pub create_time: Option<String>,
    pub last_updated_time: Option<String>,
}

impl MetaData {
    /// When the object was made.
    pub(crate) fn made(&self) -> Option<DateTime<Utc>> {
        self.create_time.as_deref().and_then(parse_time)
    }
}

/// What every entity has.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Head {
    #[serde(rename = "Id")]
    pub id: String,
    #[serde(rename = "SyncToken")]
    pub sync_token: Option<String>,
    #[serde(rename = "MetaData")]
    pub meta: MetaData,
    /// Only `Deleted` means anything; a missing status means the object lives.
    pub status: Option<String>,
}

impl Head {
    pub(crate) fn is_deleted(&self) -> bool {
        self.status.as_deref().is_some_and(|status| status.eq_ignore_ascii_case("deleted"))
    }

    pub(crate) fn updated_at(&self) -> Option<DateTime<Utc>> {
        self.meta.last_updated_time.as_deref().and_then(parse_time)
    }
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(crate) struct Addr {
    pub line1: Option<String>,
    pub line2: Option<String>,
    pub line3: Option<String>,
    pub line4: Option<String>,
    pub line5: Option<String>,
    pub city: Option<String>,
    pub country_sub_division_code: Option<String>,
    pub postal_code: Option<String>,
    pub country: Option<String>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(crate) struct Email {
    pub address: Option<String>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(crate) struct Phone {
    pub free_form_number: Option<String>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(crate) struct Customer {
    pub display_name: Option<String>,
    pub company_name: Option<String>,
    pub primary_email_addr: Option<Email>,
    pub primary_phone: Option<Phone>,
    pub bill_addr: Option<Addr>,
    pub ship_addr: Option<Addr>,
    pub notes: Option<String>,
    pub active: Option<bool>,
    pub currency_ref: Option<Ref>,
    pub meta_data: MetaData,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(crate) struct Item {
    pub name: Option<String>,
    pub sku: Option<String>,
    pub description: Option<String>,
    #[serde(rename = "Type")]
    pub kind: Option<String>,
    pub unit_price: Option<Decimal>,
    pub purchase_cost: Option<Decimal>,
    pub expense_account_ref: Option<Ref>,
    pub taxable: Option<bool>,
    pub active: Option<bool>,
    pub qty_on_hand: Option<Decimal>,
    pub meta_data: MetaData,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(crate) struct Invoice {
    pub doc_number: Option<String>,
    pub txn_date: Option<String>,
    pub due_date: Option<String>,
    pub customer_ref: Option<Ref>,
    pub currency_ref: Option<Ref>,
    pub line: Vec<Line>,
    pub txn_tax_detail: Option<TxnTaxDetail>,
    pub total_amt: Option<Decimal>,
    pub balance: Option<Decimal>,
    pub deposit: Option<Decimal>,
    pub customer_memo: Option<Memo>,
    pub private_note: Option<String>,
    pub bill_email: Option<Email>,
    pub bill_addr: Option<Addr>,
    pub ship_addr: Option<Addr>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Memo {
    pub value: Option<String>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(crate) struct TxnTaxDetail {
    pub total_tax: Option<Decimal>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(crate) struct Line {
    pub id: Option<String>,
    pub description: Option<String>,
    pub amount: Option<Decimal>,
    pub detail_type: Option<String>,
    pub sales_item_line_detail: Option<SalesItemLineDetail>,
    pub group_line_detail: Option<GroupLineDetail>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(crate) struct SalesItemLineDetail {
    pub item_ref: Option<Ref>,
    pub qty: Option<Decimal>,
    pub unit_price: Option<Decimal>,
    pub tax_code_ref: Option<Ref>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(crate) struct GroupLineDetail {
    pub line: Vec<Line>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(crate) struct Payment {
    pub customer_ref: Option<Ref>,
    pub txn_date: Option<String>,
    pub total_amt: Option<Decimal>,
    pub unapplied_amt: Option<Decimal>,
    pub currency_ref: Option<Ref>,
    #[serde(rename = "PaymentMethodRef")]
    pub method: Option<Ref>,
    #[serde(rename = "PaymentRefNum")]
    pub reference: Option<String>,
    pub private_note: Option<String>,
    pub line: Vec<PaymentLine>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(crate) struct PaymentLine {
    pub amount: Option<Decimal>,
    pub linked_txn: Vec<LinkedTxn>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(crate) struct LinkedTxn {
    #[serde(rename = "TxnId")]
    pub id: String,
    #[serde(rename = "TxnType")]
    pub kind: String,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(crate) struct Account {
    pub id: String,
    pub name: String,
    pub fully_qualified_name: Option<String>,
    #[serde(rename = "AccountType")]
    pub kind: Option<String>,
    #[serde(rename = "AccountSubType")]
    pub sub_kind: Option<String>,
    pub active: Option<bool>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(crate) struct PaymentMethod {
    pub id: String,
    pub name: String,
}

/// What the company says of itself.
#[derive(Debug, Clone)]
pub(crate) struct CompanyInfo {
    pub id: Option<String>,
    /// Only shown, so one that can't be read is none.
    pub company_name: Option<String>,
    pub country: Option<String>,
}

impl CompanyInfo {
    /// Out of `{"CompanyInfo":{…},"time":…}`.
    pub(crate) fn read(root: Part<'_>) -> Result<Self, ConnectorError> {
        let missing = || ConnectorError::Protocol("the answer holds no CompanyInfo".into());
        let info = root.get("CompanyInfo").filter(|info| info.members().is_some()).ok_or_else(missing)?;
        let needed = |name: &str| match info.get(name) {
            Some(part) if !part.is_null() => {
                part.read::<String>().map(Some).map_err(|_| ConnectorError::Protocol(format!("{name} can't be read")))
            }
            _ => Ok(None),
        };
        Ok(Self {
            id: needed("Id")?,
            company_name: info.get("CompanyName").and_then(Part::text),
            country: needed("Country")?,
        })
    }
}

/// An item as a choice for lines that name none.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(crate) struct ServiceItem {
    pub id: String,
    pub name: String,
}

/// A tax code as a choice for invoices.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(crate) struct TaxCode {
    pub id: String,
    pub name: String,
    pub active: Option<bool>,
}

/// The preferences that change what the server does with what we send.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(crate) struct Preferences {
    #[serde(rename = "SalesFormsPrefs")]
    pub sales: SalesFormsPrefs,
    #[serde(rename = "TaxPrefs")]
    pub tax: TaxPrefs,
    #[serde(rename = "CurrencyPrefs")]
    pub currency: CurrencyPrefs,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(crate) struct SalesFormsPrefs {
    pub custom_txn_numbers: Option<bool>,
    pub allow_discount: Option<bool>,
    pub allow_shipping: Option<bool>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(crate) struct TaxPrefs {
    pub partner_tax_enabled: Option<bool>,
    pub tax_group_code_ref: Option<Ref>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(crate) struct CurrencyPrefs {
    pub multi_currency_enabled: Option<bool>,
    pub home_currency: Option<Ref>,
}

/// Reads a stamp into UTC. QuickBooks answers in US Pacific time with an offset whatever the company's own zone is;
/// a stamp without an offset is therefore taken as Pacific.
pub(crate) fn parse_time(text: &str) -> Option<DateTime<Utc>> {
    let time = if let Ok(time) = DateTime::parse_from_rfc3339(text) {
        Some(time.to_utc())
    } else {
        let naive = NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.f").ok()?;
        naive.and_local_timezone(chrono_tz::America::Los_Angeles).earliest().map(|time| time.to_utc())
    };
    time.and_then(connector_contract::calendar::moment)
}

/// Takes the one object out of `{"Invoice":{…},"time":…}`.
pub(crate) fn single(body: &mut Object, name: &str) -> Result<Object, ConnectorError> {
    match body.remove(name) {
        Some(Value::Object(object)) => Ok(object),
        _ => Err(ConnectorError::Protocol(format!("the answer holds no {name}"))),
    }
}

/// Takes the rows out of `{"QueryResponse":{"Invoice":[…]}}`. No hits means no key at all.
pub(crate) fn rows(body: &mut Object, name: &str) -> Result<Vec<Value>, ConnectorError> {
    match body.remove("QueryResponse") {
        Some(Value::Object(mut response)) => entity_rows(&mut response, name),
        _ => Err(ConnectorError::Protocol("the answer holds no QueryResponse".into())),
    }
}

/// Takes the rows of every entity out of a change-data-capture answer, in the order references need.
pub(crate) fn changes(body: &mut Object) -> Result<Vec<(Entity, Vec<Value>)>, ConnectorError> {
    let Some(Value::Array(captures)) = body.remove("CDCResponse") else {
        return Err(ConnectorError::Protocol("the answer holds no CDCResponse".into()));
    };
    let mut found: Vec<(Entity, Vec<Value>)> = Entity::ALL.iter().map(|entity| (*entity, Vec::new())).collect();
    for mut capture in captures {
        let Some(Value::Array(responses)) = capture.get_mut("QueryResponse").map(Value::take) else { continue };
        for mut response in responses {
            // An entity without changes may be an empty object.
            let Some(response) = response.as_object_mut() else { continue };
            for (entity, rows) in &mut found {
                rows.extend(entity_rows(response, entity.name())?);
            }
        }
    }
    Ok(found)
}

fn entity_rows(response: &mut Object, name: &str) -> Result<Vec<Value>, ConnectorError> {
    match response.remove(name) {
        None | Some(Value::Null) => Ok(Vec::new()),
        Some(Value::Array(rows)) => Ok(rows),
        Some(_) => Err(ConnectorError::Protocol(format!("{name} is not a list"))),
    }
}

/// The server's clock in an answer: `time` is an ISO stamp, or milliseconds since 1970 from the gateway.
pub(crate) fn answer_time(body: &Object) -> Option<DateTime<Utc>> {
    // Positions are reckoned from it, so what no clock shows is no answer.
    stamp(body.get("time")?).filter(|time| connector_http::plausible(*time))
}

/// A time as QuickBooks writes it: a text, or milliseconds since 1970.
pub(crate) fn stamp(value: &Value) -> Option<DateTime<Utc>> {
    match value {
        Value::String(text) => parse_time(text),
        Value::Number(number) => number.to_string().parse().ok().and_then(DateTime::from_timestamp_millis),
        _ => None,
    }
    .and_then(connector_contract::calendar::moment)
}

/// Reads one object into its shape. The error names the field and never repeats its content.
pub(crate) fn read<T: serde::de::DeserializeOwned>(value: Value) -> Result<T, String> {
    serde_path_to_error::deserialize(value).map_err(|error| format!("{} can't be read", error.path()))
}
