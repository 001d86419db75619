//! Reading JSON bodies of the older interface as its server does: names ignore case, unknown names are ignored, numbers
//! and booleans may be texts, and what does not fit is a validation error that names its path.

use super::time;
use super::wire::decimal;
use rust_decimal::prelude::ToPrimitive;
use serde_json::{Map, Value, json};

/// What a field takes.
pub enum Kind {
    /// Text of at most so many characters.
    Text(usize),
    /// A whole number.
    Whole,
    /// A decimal.
    Number,
    /// A boolean; 0 and 1 are refused.
    Flag,
    /// A time; kept as RFC 3339 in UTC.
    When,
    /// A date.
    Day,
    /// One of these words.
    Choice(&'static [&'static str]),
    /// An object.
    Object(&'static [Field]),
    /// A list.
    List(&'static Kind),
}

/// A field of an object.
pub struct Field {
    /// Its name.
    pub name: &'static str,
    /// What it takes.
    pub kind: Kind,
    /// Must be there.
    pub required: bool,
}

const fn field(name: &'static str, kind: Kind) -> Field {
    Field { name, kind, required: false }
}

const fn required(name: &'static str, kind: Kind) -> Field {
    Field { name, kind, required: true }
}

/// Length that no fact limits.
const ANY: usize = 100_000;

/// Values of an order's status.
pub const STATUSES: &[&str] = &[
    "awaiting_payment",
    "awaiting_shipment",
    "pending_fulfillment",
    "shipped",
    "on_hold",
    "cancelled",
    "rejected_fulfillment",
];
const CONFIRMATIONS: &[&str] = &["none", "delivery", "signature", "adult_signature", "direct_signature"];

/// A postal address.
pub const ADDRESS: &[Field] = &[
    field("name", Kind::Text(ANY)),
    field("company", Kind::Text(ANY)),
    field("street1", Kind::Text(ANY)),
    field("street2", Kind::Text(ANY)),
    field("street3", Kind::Text(ANY)),
    field("city", Kind::Text(ANY)),
    field("state", Kind::Text(ANY)),
    field("postalCode", Kind::Text(ANY)),
    field("country", Kind::Text(2)),
    field("phone", Kind::Text(ANY)),
    field("residential", Kind::Flag),
];
/// A weight.
pub const WEIGHT: &[Field] =
    &[field("value", Kind::Number), field("units", Kind::Choice(&["pounds", "ounces", "grams"]))];
const DIMENSIONS: &[Field] = &[
    field("length", Kind::Number),
    field("width", Kind::Number),
    field("height", Kind::Number),
    field("units", Kind::Choice(&["inches", "centimeters"])),
];
const OPTION: &[Field] = &[field("name", Kind::Text(ANY)), field("value", Kind::Text(ANY))];
/// A line of an order.
pub const ITEM: &[Field] = &[
    field("lineItemKey", Kind::Text(ANY)),
    field("sku", Kind::Text(ANY)),
    field("name", Kind::Text(ANY)),
    field("imageUrl", Kind::Text(ANY)),
    field("weight", Kind::Object(WEIGHT)),
    field("quantity", Kind::Whole),
    field("unitPrice", Kind::Number),
    field("taxAmount", Kind::Number),
    field("shippingAmount", Kind::Number),
    field("warehouseLocation", Kind::Text(ANY)),
    field("options", Kind::List(&Kind::Object(OPTION))),
    field("productId", Kind::Whole),
    field("fulfillmentSku", Kind::Text(ANY)),
    field("adjustment", Kind::Flag),
    field("upc", Kind::Text(ANY)),
];
const INSURANCE: &[Field] = &[
    field("provider", Kind::Choice(&["shipsurance", "carrier", "provider", "xcover", "parcelguard"])),
    field("insureShipment", Kind::Flag),
    field("insuredValue", Kind::Number),
];
const CUSTOMS_ITEM: &[Field] = &[
    field("customsItemId", Kind::Whole),
    field("description", Kind::Text(ANY)),
    field("quantity", Kind::Whole),
    field("value", Kind::Number),
    field("harmonizedTariffCode", Kind::Text(ANY)),
    field("countryOfOrigin", Kind::Text(2)),
];
const INTERNATIONAL: &[Field] = &[
    field("contents", Kind::Choice(&["merchandise", "documents", "gift", "returned_goods", "sample"])),
    field("customsItems", Kind::List(&Kind::Object(CUSTOMS_ITEM))),
    field("nonDelivery", Kind::Choice(&["return_to_sender", "treat_as_abandoned"])),
];
const ADVANCED: &[Field] = &[
    field("warehouseId", Kind::Whole),
    field("nonMachinable", Kind::Flag),
    field("saturdayDelivery", Kind::Flag),
    field("containsAlcohol", Kind::Flag),
    field("storeId", Kind::Whole),
    field("customField1", Kind::Text(ANY)),
    field("customField2", Kind::Text(ANY)),
    field("customField3", Kind::Text(ANY)),
    field("source", Kind::Text(ANY)),
    field("billToParty", Kind::Choice(&["my_account", "my_other_account", "recipient", "third_party"])),
    field("billToAccount", Kind::Text(ANY)),
    field("billToPostalCode", Kind::Text(ANY)),
    field("billToCountryCode", Kind::Text(2)),
    field("billToMyOtherAccount", Kind::Text(ANY)),
];
/// What may be written of an order.
pub const ORDER: &[Field] = &[
    field("orderId", Kind::Whole),
    field("orderKey", Kind::Text(ANY)),
    required("orderNumber", Kind::Text(50)),
    required("orderDate", Kind::When),
    required("orderStatus", Kind::Choice(STATUSES)),
    required("billTo", Kind::Object(ADDRESS)),
    required("shipTo", Kind::Object(ADDRESS)),
    field("paymentDate", Kind::When),
    field("shipByDate", Kind::When),
    field("customerUsername", Kind::Text(ANY)),
    field("customerEmail", Kind::Text(ANY)),
    field("items", Kind::List(&Kind::Object(ITEM))),
    field("amountPaid", Kind::Number),
    field("taxAmount", Kind::Number),
    field("shippingAmount", Kind::Number),
    field("customerNotes", Kind::Text(ANY)),
    field("internalNotes", Kind::Text(ANY)),
    field("gift", Kind::Flag),
    field("giftMessage", Kind::Text(ANY)),
    field("paymentMethod", Kind::Text(ANY)),
    field("requestedShippingService", Kind::Text(ANY)),
    field("carrierCode", Kind::Text(ANY)),
    field("serviceCode", Kind::Text(ANY)),
    field("packageCode", Kind::Text(ANY)),
    field("confirmation", Kind::Choice(CONFIRMATIONS)),
    field("shipDate", Kind::Day),
    field("weight", Kind::Object(WEIGHT)),
    field("dimensions", Kind::Object(DIMENSIONS)),
    field("insuranceOptions", Kind::Object(INSURANCE)),
    field("internationalOptions", Kind::Object(INTERNATIONAL)),
    field("advancedOptions", Kind::Object(ADVANCED)),
    field("tagIds", Kind::List(&Kind::Whole)),
];
/// `markasshipped`.
pub const MARK: &[Field] = &[
    required("orderId", Kind::Whole),
    required("carrierCode", Kind::Text(ANY)),
    field("shipDate", Kind::Day),
    field("trackingNumber", Kind::Text(ANY)),
    field("notifyCustomer", Kind::Flag),
    field("notifySalesChannel", Kind::Flag),
];
/// `createlabelfororder`.
pub const LABEL: &[Field] = &[
    required("orderId", Kind::Whole),
    required("carrierCode", Kind::Text(ANY)),
    required("serviceCode", Kind::Text(ANY)),
    field("packageCode", Kind::Text(ANY)),
    required("confirmation", Kind::Choice(CONFIRMATIONS)),
    required("shipDate", Kind::Day),
    field("weight", Kind::Object(WEIGHT)),
    field("dimensions", Kind::Object(DIMENSIONS)),
    field("insuranceOptions", Kind::Object(INSURANCE)),
    field("internationalOptions", Kind::Object(INTERNATIONAL)),
    field("advancedOptions", Kind::Object(ADVANCED)),
    field("testLabel", Kind::Flag),
];
/// `holduntil`.
pub const HOLD: &[Field] = &[required("orderId", Kind::Whole), required("holdUntilDate", Kind::Day)];
/// `restorefromhold`.
pub const RESTORE: &[Field] = &[required("orderId", Kind::Whole)];
/// `addtag` and `removetag`.
pub const TAG: &[Field] = &[required("orderId", Kind::Whole), required("tagId", Kind::Whole)];
/// `voidlabel`.
pub const VOID: &[Field] = &[required("shipmentId", Kind::Whole)];

/// What does not fit, and where.
#[derive(Debug)]
pub struct Misfit {
    /// Such as `items[0].quantity`; empty for the whole.
    pub path: String,
    /// The server's words.
    pub text: String,
}

/// Reads an object. All fields of the shape are present in the result; missing ones are null.
pub fn object(fields: &[Field], value: &Value, path: &str, misfits: &mut Vec<Misfit>) -> Map<String, Value> {
    let Value::Object(given) = value else {
        misfits.push(Misfit {
            path: path.to_owned(),
            text: format!(
                "Cannot deserialize the current JSON {} because the type requires a JSON object.",
                word(value)
            ),
        });
        return Map::new();
    };
    let mut out = Map::new();
    for field in fields {
        let path = if path.is_empty() { field.name.to_owned() } else { format!("{path}.{}", field.name) };
        let value = given.iter().find(|(name, _)| name.eq_ignore_ascii_case(field.name)).map(|(_, value)| value);
        let value = match value {
            None | Some(Value::Null) if field.required => {
                misfits.push(Misfit { path, text: format!("The {} field is required.", field.name) });
                Value::Null
            }
            None | Some(Value::Null) => Value::Null,
            Some(value) => read(&field.kind, value, &path, misfits),
        };
        out.insert(field.name.to_owned(), value);
    }
    out
}

fn read(kind: &Kind, value: &Value, path: &str, misfits: &mut Vec<Misfit>) -> Value {
    match kind {
        Kind::Object(fields) => return Value::Object(object(fields, value, path, misfits)),
        Kind::List(kind) => {
            if let Value::Array(items) = value {
                let items = items.iter().enumerate();
                return items.map(|(n, item)| read(kind, item, &format!("{path}[{n}]"), misfits)).collect();
            }
        }
        _ => {}
    }
    match scalar(kind, value) {
        Ok(value) => value,
        Err(text) => {
            misfits.push(Misfit { path: path.to_owned(), text: format!("{text} Path '{path}'.") });
            Value::Null
        }
    }
}

fn scalar(kind: &Kind, value: &Value) -> Result<Value, String> {
    let no = |type_name: &str| Err(format!("Error converting value {} to type '{type_name}'.", short(value)));
    let text = match value {
        Value::String(text) => Some(text.trim()),
        _ => None,
    };
    match kind {
        Kind::Text(longest) => match value {
            Value::String(text) if text.chars().count() > *longest => {
                Err(format!("The field must be a string with a maximum length of {longest}."))
            }
            Value::String(_) => Ok(value.clone()),
            Value::Number(number) => Ok(json!(number.to_string())),
            _ => no("System.String"),
        },
        Kind::Whole => match decimal(value).filter(rust_decimal::Decimal::is_integer).and_then(|d| d.to_i64()) {
            Some(whole) => Ok(json!(whole)),
            None if text == Some("") => Ok(Value::Null),
            None => no("System.Int32"),
        },
        Kind::Number => match decimal(value) {
            Some(number) => Ok(super::wire::number(number)),
            None if text == Some("") => Ok(Value::Null),
            None => no("System.Decimal"),
        },
        Kind::Flag => match (value, text) {
            (Value::Bool(flag), _) => Ok(json!(flag)),
            (_, Some(text)) if text.eq_ignore_ascii_case("true") => Ok(json!(true)),
            (_, Some(text)) if text.eq_ignore_ascii_case("false") => Ok(json!(false)),
            _ => no("System.Boolean"),
        },
        Kind::When => match text.map(time::read) {
            Some(Some(at)) => Ok(json!(at.to_rfc3339())),
            _ => no("System.DateTime"),
        },
        Kind::Day => match text.map(time::read_day) {
            Some(Some(day)) => Ok(json!(day.to_string())),
            _ => no("System.DateTime"),
        },
        Kind::Choice(words) => match text.and_then(|text| words.iter().find(|word| word.eq_ignore_ascii_case(text))) {
            Some(word) => Ok(json!(word)),
            None => no("ShipStation.Enum"),
        },
        Kind::Object(_) | Kind::List(_) => no("System.Collections.Generic.List"),
    }
}

fn short(value: &Value) -> String {
    value.to_string().chars().take(60).collect()
}

/// What JSON calls it.
pub fn word(value: &Value) -> &'static str {
    match value {
        Value::Array(_) => "array",
        Value::Object(_) => "object",
        Value::String(_) => "string",
        Value::Number(_) => "number",
        Value::Bool(_) => "boolean",
        Value::Null => "null",
    }
}
