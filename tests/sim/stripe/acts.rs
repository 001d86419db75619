//! What happens at Stripe without the API: buyers pay, banks dispute, payouts leave and arrive.
//!
//! Actions: `charge`, `settle`, `refund`, `fail_refund`, `dispute`, `close_dispute`, `fee`, `payout`, `fail_payout`, `customer`, `knobs`.

use super::book::{new_id, tell};
use super::make::{self, Row, Sale};
use crate::ActError;
use chrono::{DateTime, Duration, Utc};
use serde_json::{Value, json};

/// Does one action.
pub fn act(state: &mut crate::State, now: DateTime<Utc>, action: &str, body: &Value) -> Result<Value, ActError> {
    let id = || body["id"].as_str().ok_or_else(|| ActError::from("id is missing"));
    let found = |object: Option<Value>| object.ok_or_else(|| ActError::from("there is no such object"));
    match action {
        "charge" => charge(state, now, body),
        "settle" => found(make::settle(state, now, id()?)),
        "refund" => {
            let reason = body["reason"].as_str().unwrap_or("requested_by_customer");
            make::refund(state, now, id()?, body["amount"].as_i64(), Some(reason)).map_err(ActError)
        }
        "fail_refund" => found(fail_refund(state, now, id()?)),
        "dispute" => found(make::dispute(state, now, id()?, body["reason"].as_str().unwrap_or("fraudulent"))),
        "close_dispute" => found(make::close_dispute(state, now, id()?, body["won"].as_bool().unwrap_or(false))),
        "fee" => Ok(fee(state, now, body)),
        "payout" => payout(state, now, body),
        "fail_payout" => found(fail_payout(state, now, id()?)),
        "customer" => Ok(customer(state, now, body)),
        "knobs" => {
            let mut whole = serde_json::to_value(&state.stripe.knobs).map_err(|error| error.to_string())?;
            for (name, value) in body.as_object().into_iter().flatten() {
                whole[name] = value.clone();
            }
            state.stripe.knobs = serde_json::from_value(whole).map_err(|error| error.to_string())?;
            Ok(json!({ "ok": true }))
        }
        _ => Err(format!("no action called {action}").into()),
    }
}

fn charge(state: &mut crate::State, now: DateTime<Utc>, body: &Value) -> Result<Value, ActError> {
    let amount = body["amount"].as_i64().ok_or_else(|| ActError::from("amount is missing"))?;
    let at = now - Duration::seconds(body["age_s"].as_i64().unwrap_or(0));
    let sale = Sale {
        amount,
        currency: body["currency"].as_str().unwrap_or("usd"),
        description: body["description"].as_str(),
        name: body["name"].as_str(),
        email: body["email"].as_str(),
        customer: body["customer"].as_str(),
        metadata: body.get("metadata").cloned().unwrap_or_else(|| json!({})),
        decline: body["decline"].as_str(),
    };
    Ok(make::charge(state, at, &sale))
}

fn customer(state: &mut crate::State, now: DateTime<Utc>, body: &Value) -> Value {
    let id = new_id(state, "cus");
    let customer = json!({
        "id": id, "object": "customer", "created": now.timestamp(), "email": body["email"], "livemode": false,
        "metadata": {}, "name": body["name"],
    });
    state.stripe.add("customers", customer.clone());
    tell(state, now, "customer.created", &customer);
    customer
}

/// A refund that does not arrive comes back days later.
fn fail_refund(state: &mut crate::State, now: DateTime<Utc>, id: &str) -> Option<Value> {
    let refund = state.stripe.get("refunds", id)?.clone();
    let row = Row {
        kind: "refund_failure",
        category: "refund_failure",
        amount: refund["amount"].as_i64()?,
        fee: 0,
        currency: refund["currency"].as_str()?,
        source: Some(id),
        description: "REFUND FAILURE",
    };
    let transaction = make::balance_row(state, now, &row);
    let fields = json!({ "status": "failed", "failure_reason": "lost_or_stolen_card", "failure_balance_transaction": transaction });
    make::change(state, now, "refunds", id, "refund.failed", &fields)
}

fn fee(state: &mut crate::State, now: DateTime<Utc>, body: &Value) -> Value {
    let row = Row {
        kind: "stripe_fee",
        category: "fee",
        amount: -body["amount"].as_i64().unwrap_or(200),
        fee: 0,
        currency: body["currency"].as_str().unwrap_or("usd"),
        source: None,
        description: body["description"].as_str().unwrap_or("Radar for Fraud Teams"),
    };
    let id = make::balance_row(state, now, &row);
    state.stripe.get("balance_transactions", &id).cloned().unwrap_or_default()
}

/// Pays out every row that no payout holds yet. `manual`: its members are not told; `pending`: it has not arrived;
/// `all`: also what is not available yet.
fn payout(state: &mut crate::State, now: DateTime<Utc>, body: &Value) -> Result<Value, ActError> {
    let currency = body["currency"].as_str().unwrap_or("usd").to_owned();
    let automatic = !body["manual"].as_bool().unwrap_or(false);
    let all = body["all"].as_bool().unwrap_or(true);
    let free: Vec<(String, i64)> = state
        .stripe
        .all("balance_transactions")
        .iter()
        .filter(|row| row["currency"] == currency.as_str() && row["type"] != "payout")
        .filter(|row| all || row["available_on"].as_i64().is_some_and(|on| on <= now.timestamp()))
        .filter_map(|row| Some((row["id"].as_str()?.to_owned(), row["net"].as_i64()?)))
        .filter(|(id, _)| !state.stripe.members.contains_key(id))
        .collect();
    let amount: i64 = free.iter().map(|(_, net)| net).sum();
    if free.is_empty() {
        return Err("nothing to pay out".into());
    }
    let id = new_id(state, "po");
    let row = Row {
        kind: "payout",
        category: "payout",
        amount: -amount,
        fee: 0,
        currency: &currency,
        source: Some(&id),
        description: "STRIPE PAYOUT",
    };
    let own = make::balance_row(state, now, &row);
    for (member, _) in free.iter().filter(|_| automatic) {
        state.stripe.members.insert(member.clone(), id.clone());
    }
    if automatic {
        state.stripe.members.insert(own.clone(), id.clone());
    }
    let midnight = (now + Duration::days(1)).date_naive().and_time(chrono::NaiveTime::MIN).and_utc();
    let made = json!({
        "id": id, "object": "payout", "amount": amount, "arrival_date": midnight.timestamp(), "automatic": automatic,
        "balance_transaction": own, "created": now.timestamp(), "currency": currency, "description": "STRIPE PAYOUT",
        "destination": "ba_1SimBank", "failure_balance_transaction": null, "failure_code": null, "failure_message": null,
        "livemode": false, "metadata": {}, "method": "standard",
        "reconciliation_status": if automatic { "in_progress" } else { "not_applicable" },
        "source_type": "card", "status": "in_transit", "type": "bank_account",
    });
    state.stripe.add("payouts", made.clone());
    tell(state, now, "payout.created", &made);
    if body["pending"].as_bool().unwrap_or(false) {
        return Ok(made);
    }
    make::change(state, now, "payouts", &id, "payout.paid", &json!({ "status": "paid" }));
    if automatic {
        let fields = json!({ "reconciliation_status": "completed" });
        make::change(state, now, "payouts", &id, "payout.reconciliation_completed", &fields);
    }
    state.stripe.get("payouts", &id).cloned().ok_or_else(|| "the payout is gone".into())
}

/// The bank sends a payout back, which can follow "paid" by days.
fn fail_payout(state: &mut crate::State, now: DateTime<Utc>, id: &str) -> Option<Value> {
    let payout = state.stripe.get("payouts", id)?.clone();
    let row = Row {
        kind: "payout_failure",
        category: "payout_reversal",
        amount: payout["amount"].as_i64()?,
        fee: 0,
        currency: payout["currency"].as_str()?,
        source: Some(id),
        description: "PAYOUT FAILURE",
    };
    let transaction = make::balance_row(state, now, &row);
    let fields = json!({
        "status": "failed", "failure_code": "account_closed", "failure_message": "The bank account has been closed.",
        "failure_balance_transaction": transaction,
    });
    make::change(state, now, "payouts", id, "payout.failed", &fields)
}
