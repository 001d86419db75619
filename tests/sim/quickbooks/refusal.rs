//! The vendor's refusals: codes, words and the three body shapes.

use super::value::answer_time;
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, Utc};
use http::{StatusCode, header};
use serde_json::{Value, json};

/// Something inactive is referred to. The vendor's own words, which clients search for.
const INACTIVE: &str = "Something you're trying to use has been made inactive. \
     Check the fields with accounts, customers, items, vendors or employees.";

/// A business refusal: HTTP 400 with a `Fault`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The vendor's code.
    pub code: &'static str,
    /// The class of the code in words.
    pub message: &'static str,
    /// What exactly.
    pub detail: String,
    /// The property, where it is known.
    pub element: String,
    /// `ValidationFault` or `SystemFault`.
    pub fault: &'static str,
}

impl Refusal {
    fn new(code: &'static str, message: &'static str, detail: impl Into<String>) -> Self {
        Self { code, message, detail: detail.into(), element: String::new(), fault: "ValidationFault" }
    }

    /// Names the property.
    #[must_use]
    pub fn on(mut self, element: &str) -> Self {
        element.clone_into(&mut self.element);
        self
    }

    /// 610: no such object, or it was deleted.
    pub fn not_found(what: &str) -> Self {
        Self::new(
            "610",
            "Object Not Found",
            format!("Object Not Found : {what} was not found; it may have been deleted."),
        )
    }

    /// 610: the customer of a document is inactive.
    pub fn inactive() -> Self {
        Self::new("610", "Object Not Found", format!("Object Not Found : {INACTIVE}"))
    }

    /// 2500: a reference to something inactive.
    pub fn inactive_reference() -> Self {
        Self::new("2500", "Invalid Reference Id", format!("Invalid Reference Id : {INACTIVE}"))
    }

    /// 2500: a reference to something that does not exist.
    pub fn bad_reference(list: &str, id: &str) -> Self {
        Self::new("2500", "Invalid Reference Id", format!("Invalid Reference Id : {list} element id {id} not found"))
    }

    /// 620: a payment cannot be applied there.
    pub fn cannot_link(why: &str) -> Self {
        Self::new("620", "Transaction cannot be linked", format!("Transaction cannot be linked : {why}"))
    }

    /// 800: others depend on it.
    pub fn has_dependents() -> Self {
        let detail = "Cannot Delete : This transaction is linked to others. Unlink them first.";
        Self::new("800", "Object cannot be deleted", detail)
    }

    /// 1040: too many items in a batch.
    pub fn batch_too_large(max: usize) -> Self {
        Self::new("1040", "Batch size exceeded", format!("Maximum number of batch items is {max}."))
    }

    /// 2010: a property the vendor does not know, or a body it cannot read.
    pub fn unsupported_property(name: &str) -> Self {
        let detail = format!("Property Name:{name} specified is unsupported or invalid");
        Self::new("2010", "Request has invalid or unsupported property", detail)
    }

    /// 2020: something required is missing.
    pub fn missing(name: &str) -> Self {
        let message = "Required param missing, need to supply the required value for the API";
        Self::new("2020", message, format!("Required parameter {name} is missing in the request")).on(name)
    }

    /// 2030: an id that is not an id.
    pub fn bad_id(id: &str) -> Self {
        Self::new("2030", "Invalid ID", format!("Id should be a valid number. Supplied value:{id}"))
    }

    /// 2050: text of the wrong length.
    pub fn length(field: &str, max: usize, supplied: usize) -> Self {
        let message = "String length is either shorter or longer than supported by specification";
        Self::new("2050", message, format!("Min:0 Max:{max} supplied:{supplied}")).on(field)
    }

    /// 2060: not a date.
    pub fn bad_date(field: &str, value: &str) -> Self {
        Self::new("2060", "Invalid Date", format!("Invalid date. Supplied value:{value}")).on(field)
    }

    /// 2110: not a decimal.
    pub fn bad_number(field: &str) -> Self {
        Self::new("2110", "Invalid Number", format!("{field} is not a valid number.")).on(field)
    }

    /// 2130: a request id of the wrong form.
    pub fn bad_request_id(max: usize, supplied: usize) -> Self {
        Self::new("2130", "Invalid Request Id Format", format!("Maximum length is {max}, supplied: {supplied}"))
            .on("requestid")
    }

    /// 2170: not one of the allowed words.
    pub fn bad_choice(field: &str, value: &str) -> Self {
        Self::new("2170", "Invalid Enumeration", format!("Invalid Enumeration : {value}")).on(field)
    }

    /// 2210: not an e-mail address.
    pub fn bad_email() -> Self {
        let detail = "Email Address does not conform to the syntax rules of RFC 822.";
        Self::new("2210", "Invalid Email Address format", detail).on("PrimaryEmailAddr")
    }

    /// 2290: a negative amount where none is allowed.
    pub fn negative(field: &str) -> Self {
        Self::new("2290", "Negative amount", format!("{field} must not be negative.")).on(field)
    }

    /// 4000: the query cannot be parsed.
    pub fn query_syntax(found: &str, column: usize, expected: &str) -> Self {
        let detail = format!(
            "QueryParserError: Encountered \" {found} \" at line 1, column {column}.\nWas expecting one of:\n    {expected}"
        );
        Self::new("4000", "Error parsing query", detail)
    }

    /// 4001: the query is well formed but not allowed.
    pub fn query_invalid(detail: impl Into<String>) -> Self {
        Self::new("4001", "Invalid query", format!("QueryValidationError: {}", detail.into()))
    }

    /// 4002: the query is good, and working on it failed.
    pub fn query_failed() -> Self {
        let detail = "QueryProcessingError: To email address entered is invalid";
        Self::new("4002", "Error processing query", detail)
    }

    /// 5010: the object has moved on.
    pub fn stale() -> Self {
        let detail = "Stale Object Error : You and another user were working on this at the same time. \
                      The other user finished before you did, so your work was not saved.";
        Self::new("5010", "Stale Object Error", detail)
    }

    /// 6000: a business rule without a code of its own.
    pub fn business(detail: impl Into<String>) -> Self {
        let detail = format!("Business Validation Error: {}", detail.into());
        Self::new("6000", "A business validation error has occurred while processing your request", detail)
    }

    /// 6070: the amount of a line is not quantity times price.
    pub fn amount_mismatch(supplied: &str) -> Self {
        let detail = format!("Amount is not equal to UnitPrice * Qty. Supplied value:{supplied}");
        Self::new("6070", "Amount calculation incorrect in the request", detail)
    }

    /// 6100: a US line needs `TAX` or `NON`.
    pub fn bad_tax_code(value: &str) -> Self {
        let detail = format!("Tax code should be TAX or NON. Supplied value:{value}");
        Self::new("6100", "Invalid tax code for the line", detail).on("TaxCodeRef")
    }

    /// 6140: the document number is taken.
    pub fn duplicate_number(number: &str, kind: &str, id: u64) -> Self {
        let detail = format!(
            "Duplicate Document Number Error : You must specify a different number. This number has already been used. \
             DocNumber={number} is assigned to TxnType={kind} with TxnId={id}"
        );
        Self::new("6140", "Duplicate Document Number Error", detail)
    }

    /// 6190: the company is read-only until somebody pays the vendor.
    pub fn subscription() -> Self {
        let detail = "Subscription period has ended or canceled or there was a billing problem : \
                      You can't add or change data because your subscription has ended.";
        Self::new("6190", "Invalid Company Status", detail)
    }

    /// 6210: the books are closed up to a date.
    pub fn closed(until: &str) -> Self {
        let detail =
            format!("The account period has closed and the account books cannot be updated. Closing date: {until}");
        Self::new("6210", "Account Period Closed, Cannot Update Through Services API", detail)
    }

    /// 6240: the name is taken by a customer, vendor or employee.
    pub fn duplicate_name(id: u64) -> Self {
        Self::new("6240", "Duplicate Name Exists Error", format!("The name supplied already exists. : Id={id}"))
    }

    /// 6270: stock cannot be sold before its first day.
    pub fn before_inventory(item: &str) -> Self {
        let detail = format!("Transaction date is prior to start date for inventory item : {item}");
        Self::new("6270", "Invalid Transaction Date", detail)
    }

    /// 6540: the money has been deposited.
    pub fn deposited() -> Self {
        let detail = "The transaction you are editing has been deposited. Remove it from the deposit first.";
        Self::new("6540", "Deposited Transaction cannot be changed", detail)
    }

    /// `{"Error":[…],"type":…}`.
    pub fn body(&self) -> Value {
        json!({
            "Error": [{ "Message": self.message, "Detail": self.detail, "code": self.code, "element": self.element }],
            "type": self.fault,
        })
    }
}

/// Which of the three shapes a gateway answers in.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Shape {
    /// Lower-case keys, milliseconds since 1970.
    #[default]
    Gateway,
    /// The same shape as business refusals.
    Fault,
    /// XML although JSON was asked for.
    Xml,
}

/// A refusal by the gateway before the request reaches the company: 401, 403, 429.
pub fn gateway(shape: Shape, status: StatusCode, code: &str, word: &str, detail: &str, now: DateTime<Utc>) -> Response {
    let class = if status == StatusCode::UNAUTHORIZED { "AUTHENTICATION" } else { "SERVICE" };
    let message = format!("message={word}; errorCode=00{code}; statusCode={}", status.as_u16());
    match shape {
        Shape::Gateway => {
            let body = json!({
                "warnings": null, "intuitObject": null,
                "fault": { "error": [{ "message": message, "detail": detail, "code": code, "element": null }], "type": class },
                "report": null, "queryResponse": null, "batchItemResponse": [], "attachableResponse": [],
                "syncErrorResponse": null, "requestId": null, "time": now.timestamp_millis(), "status": null, "cdcresponse": [],
            });
            (status, axum::Json(body)).into_response()
        }
        Shape::Fault => {
            let error = json!({ "Message": message, "Detail": detail, "code": code, "element": "" });
            (status, axum::Json(json!({ "Fault": { "Error": [error], "type": class }, "time": answer_time(now) })))
                .into_response()
        }
        Shape::Xml => {
            let body = format!(
                "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\
                 <IntuitResponse time=\"{}\" xmlns=\"http://schema.intuit.com/finance/v3\"><Fault type=\"{class}\">\
                 <Error code=\"{code}\"><Message>{message}</Message><Detail>{detail}</Detail></Error></Fault></IntuitResponse>",
                answer_time(now)
            );
            (status, [(header::CONTENT_TYPE, "application/xml")], body).into_response()
        }
    }
}

/// 429 in the shape in which it was seen: XML, with code 3001.
pub fn throttled(shape: Shape, now: DateTime<Utc>) -> Response {
    let detail = "The request limit was reached. Please try again later.";
    gateway(shape, StatusCode::TOO_MANY_REQUESTS, "3001", "ThrottleExceeded", detail, now)
}

/// A planned fault's answer in the vendor's shape.
pub fn planned(status: StatusCode, now: DateTime<Utc>) -> Response {
    if status == StatusCode::TOO_MANY_REQUESTS {
        return throttled(Shape::Xml, now);
    }
    let refusal = Refusal {
        code: "10000",
        message: "An application error has occurred while processing your request",
        detail: "System Failure Error: Could not process the request. Please try again.".to_owned(),
        element: String::new(),
        fault: "SystemFault",
    };
    (status, axum::Json(json!({ "Fault": refusal.body(), "time": answer_time(now) }))).into_response()
}
