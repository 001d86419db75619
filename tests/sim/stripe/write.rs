//! Writes of the API: customers, payment intents confirmed at once, refunds. Parameters are form-encoded with brackets.

use super::api::Call;
use super::book::{new_id, tell};
use super::make::{self, Sale};
use super::reply::Reply;
use chrono::{DateTime, Utc};
use serde_json::{Map, Value, json};

/// Answers a POST.
pub fn write(state: &mut crate::State, now: DateTime<Utc>, call: &Call) -> Reply {
    let path: Vec<&str> = call.segments.iter().map(String::as_str).collect();
    match path.as_slice() {
        ["customers"] => {
            checked(call, &["name", "email", "phone", "description", "metadata"], || customer(state, now, call))
        }
        ["payment_intents"] => checked(
            call,
            &[
                "amount",
                "currency",
                "description",
                "customer",
                "receipt_email",
                "metadata",
                "confirm",
                "payment_method",
                "automatic_payment_methods",
            ],
            || intent(state, now, call),
        ),
        ["refunds"] => checked(call, &["charge", "amount", "reason", "metadata"], || refund(state, now, call)),
        _ => Reply::planned(http::StatusCode::NOT_FOUND),
    }
}

/// Refuses parameters the endpoint does not have.
fn checked(call: &Call, known: &[&str], write: impl FnOnce() -> Reply) -> Reply {
    let unknown = call.parameters.iter().map(|(name, _)| name.split('[').next().unwrap_or_default());
    match unknown.into_iter().find(|name| *name != "expand" && !known.contains(name)) {
        Some(name) => Reply::unknown_parameter(name),
        None => write(),
    }
}

fn metadata(call: &Call) -> Value {
    let pairs = call.parameters.iter().filter_map(|(name, value)| {
        let key = name.strip_prefix("metadata[")?.strip_suffix(']')?;
        Some((key.to_owned(), json!(value)))
    });
    Value::Object(pairs.collect::<Map<_, _>>())
}

fn customer(state: &mut crate::State, now: DateTime<Utc>, call: &Call) -> Reply {
    let id = new_id(state, "cus");
    let customer = json!({
        "id": id,
        "object": "customer",
        "created": now.timestamp(),
        "description": call.get("description"),
        "email": call.get("email"),
        "livemode": false,
        "metadata": metadata(call),
        "name": call.get("name"),
        "phone": call.get("phone"),
    });
    state.stripe.add("customers", customer.clone());
    tell(state, now, "customer.created", &customer);
    Reply::ok(customer).applied()
}

fn intent(state: &mut crate::State, now: DateTime<Utc>, call: &Call) -> Reply {
    let Some(amount) = call.get("amount").and_then(|amount| amount.parse::<i64>().ok()).filter(|amount| *amount > 0)
    else {
        return Reply::refuse(
            400,
            "invalid_request_error",
            "parameter_invalid_integer",
            "amount",
            "Invalid integer: amount",
        );
    };
    let Some(currency) = call.get("currency").map(str::to_ascii_lowercase) else {
        return Reply::refuse(
            400,
            "invalid_request_error",
            "parameter_missing",
            "currency",
            "Missing required param: currency.",
        );
    };
    let sale = Sale {
        amount,
        currency: &currency,
        description: call.get("description"),
        name: None,
        email: call.get("receipt_email"),
        customer: call.get("customer"),
        metadata: metadata(call),
        decline: None,
    };
    let charge = make::charge(state, now, &sale);
    let intent = charge["payment_intent"].as_str().and_then(|id| state.stripe.get("payment_intents", id)).cloned();
    Reply::ok(intent.unwrap_or_default()).applied()
}

fn refund(state: &mut crate::State, now: DateTime<Utc>, call: &Call) -> Reply {
    let Some(charge) = call.get("charge") else {
        return Reply::refuse(
            400,
            "invalid_request_error",
            "parameter_missing",
            "charge",
            "Missing required param: charge.",
        );
    };
    if state.stripe.get("charges", charge).is_none() {
        return Reply::missing("charge", charge);
    }
    let amount = call.get("amount").and_then(|amount| amount.parse().ok());
    match make::refund(state, now, charge, amount, call.get("reason")) {
        Ok(refund) => Reply::ok(refund).applied(),
        Err(message) => Reply::refuse(400, "invalid_request_error", "", "amount", message),
    }
}
