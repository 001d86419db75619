//! The older interface: Basic keys, forty requests a minute, Pacific times, routes that ignore case.

mod lists;
mod orders;
mod paging;
mod shipments;
mod show;
mod writing;

pub use show::{customer, fulfillment, label, order, product};

use super::model::State;
use super::wire::{Call, Reply};
use super::{API_KEY, API_SECRET};
use base64::Engine;
use chrono::{DateTime, Utc};
use http::{StatusCode, header};
use serde_json::{Value, json};

/// Requests a minute for a pair of keys.
const LIMIT: u32 = 40;

/// Answers one request.
pub fn answer(s: &mut State, now: DateTime<Utc>, call: &Call) -> Reply {
    if !signed(call) || s.on("v1_key_expired") {
        return message(StatusCode::UNAUTHORIZED, "Authorization has been denied for this request.");
    }
    let (minute, second) = (now.timestamp().div_euclid(60), now.timestamp().rem_euclid(60));
    let window = s.windows.entry("v1".to_owned()).or_default();
    if window.0 != minute {
        *window = (minute, 0);
    }
    window.1 = window.1.saturating_add(1);
    let used = window.1;
    let mut reply = if used > LIMIT && !s.on("no_limits") {
        Reply::new(StatusCode::TOO_MANY_REQUESTS, json!({"message": "Too Many Requests"}))
    } else if s.on("v1_plan_refused") {
        message(StatusCode::FORBIDDEN, "Your plan does not include access to the API.")
    } else {
        route(s, now, call)
    };
    reply.headers.extend([
        ("x-rate-limit-limit", LIMIT.to_string()),
        ("x-rate-limit-remaining", LIMIT.saturating_sub(used).to_string()),
        ("x-rate-limit-reset", (60 - second).to_string()),
    ]);
    reply
}

fn signed(call: &Call) -> bool {
    let given = call.headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let Some((scheme, credentials)) = given.and_then(|value| value.split_once(' ')) else { return false };
    let expected = format!("{API_KEY}:{API_SECRET}");
    let decoded = base64::engine::general_purpose::STANDARD.decode(credentials.trim());
    scheme.eq_ignore_ascii_case("basic") && decoded.is_ok_and(|decoded| decoded == expected.as_bytes())
}

/// Routes that exist, to tell 405 from 404.
const KNOWN: &[&[&str]] = &[
    &["orders"],
    &["orders", "*"],
    &["shipments"],
    &["shipments", "voidlabel"],
    &["fulfillments"],
    &["products"],
    &["products", "*"],
    &["customers"],
    &["customers", "*"],
    &["stores"],
    &["stores", "*"],
    &["warehouses"],
    &["warehouses", "*"],
    &["carriers"],
    &["carriers", "*"],
    &["accounts", "listtags"],
    &["users"],
];

fn route(s: &mut State, now: DateTime<Utc>, call: &Call) -> Reply {
    let path = call.path();
    let query = &call.query;
    match (call.method.as_str(), path.as_slice()) {
        ("GET", ["orders"] | ["orders", "list"]) => orders::list(s, now, call),
        ("GET", ["orders", "listbytag"]) => orders::list_by_tag(s, call),
        ("GET", ["orders", id]) => orders::one(s, id, call.stale),
        ("DELETE", ["orders", id]) => writing::delete(s, now, id),
        ("POST", ["orders", "createorder"]) => writing::create_order(s, now, &call.body),
        ("POST", ["orders", "createorders"]) => writing::create_orders(s, now, &call.body),
        ("POST", ["orders", "holduntil"]) => writing::hold(s, now, &call.body),
        ("POST", ["orders", "restorefromhold"]) => writing::restore(s, now, &call.body),
        ("POST", ["orders", "markasshipped"]) => writing::mark(s, now, &call.body),
        ("POST", ["orders", "addtag"]) => writing::tag(s, now, &call.body, true),
        ("POST", ["orders", "removetag"]) => writing::tag(s, now, &call.body, false),
        ("POST", ["orders", "createlabelfororder"]) => shipments::create_label(s, now, &call.body),
        ("GET", ["shipments"] | ["shipments", "list"]) => shipments::list(s, call),
        ("POST", ["shipments", "voidlabel"]) => shipments::void(s, now, &call.body),
        ("GET", ["fulfillments"]) => shipments::fulfillments(s, call),
        ("GET", ["products"]) => lists::products(s, call),
        ("GET", ["products", id]) => lists::product(s, id),
        ("PUT", ["products", id]) => lists::put_product(s, now, id, &call.body),
        ("GET", ["customers"]) => lists::customers(s, call),
        ("GET", ["customers", id]) => lists::customer(s, id),
        ("GET", ["stores"]) => lists::stores(s, query),
        ("GET", ["stores", "marketplaces"]) => lists::marketplaces(s),
        ("GET", ["stores", "getrefreshstatus"]) => lists::refresh_status(s, query),
        ("POST", ["stores", "refreshstore"]) => lists::refresh(s, now, query),
        ("GET", ["stores", id]) => lists::store(s, id),
        ("GET", ["warehouses"]) => lists::warehouses(s),
        ("GET", ["warehouses", id]) => lists::warehouse(s, id),
        ("GET", ["carriers"]) => lists::carriers(),
        ("GET", ["carriers", "getcarrier"]) => lists::carrier(query),
        ("GET", ["carriers", "listservices"]) => lists::services(query),
        ("GET", ["carriers", "listpackages"]) => lists::packages(query),
        ("GET", ["accounts", "listtags"]) => lists::tags(s),
        ("GET", ["users"]) => lists::users(),
        (method, path) => {
            let same = |known: &&&[&str]| {
                known.len() == path.len()
                    && known.iter().zip(path).all(|(known, given)| *known == "*" || known == given)
            };
            match KNOWN.iter().find(same) {
                Some(_) => message(
                    StatusCode::METHOD_NOT_ALLOWED,
                    &format!("The requested resource does not support http method '{method}'."),
                ),
                None => message(StatusCode::NOT_FOUND, "No HTTP resource was found that matches the request URI."),
            }
        }
    }
}

/// The envelope of simple errors.
fn message(status: StatusCode, text: &str) -> Reply {
    Reply::new(status, json!({"Message": text}))
}

fn not_found() -> Reply {
    message(StatusCode::NOT_FOUND, "The requested resource was not found.")
}

/// A validation error of one parameter.
fn invalid(parameter: &str, text: &str) -> Reply {
    let state = json!({ parameter: [text] });
    Reply::new(StatusCode::BAD_REQUEST, json!({"Message": "The request is invalid.", "ModelState": state}))
}

/// Validation errors below a parameter.
fn misfits(parameter: &str, misfits: &[super::shape::Misfit]) -> Reply {
    let mut state = serde_json::Map::new();
    for misfit in misfits {
        let key = match misfit.path.as_str() {
            "" => parameter.to_owned(),
            path if path.starts_with('[') => format!("{parameter}{path}"),
            path => format!("{parameter}.{path}"),
        };
        if let Value::Array(texts) = state.entry(key).or_insert_with(|| json!([])) {
            texts.push(json!(misfit.text));
        }
    }
    Reply::new(StatusCode::BAD_REQUEST, json!({"Message": "The request is invalid.", "ModelState": state}))
}

/// What the server says when it falls over bad input.
fn fallen(exception: &str) -> Reply {
    let body = json!({
        "Message": "An error has occurred.",
        "ExceptionMessage": exception,
        "ExceptionType": "System.NullReferenceException",
        "StackTrace": "   at ShipStation.Api.Controllers.ApiController.Execute()",
    });
    Reply::new(StatusCode::INTERNAL_SERVER_ERROR, body)
}

/// The id in a path; what is no number is no resource.
fn id(text: &str) -> Option<i64> {
    text.parse().ok()
}
