//! Making and changing objects, with the balance rows and events that follow from each. Shared by API writes and acts.

use super::book::{new_id, tell};
use chrono::{DateTime, Duration, Utc};
use serde_json::{Value, json};

/// Days until money is available.
const DELAY_DAYS: i64 = 2;
/// Fee of a dispute, in the smallest unit.
const DISPUTE_FEE: i64 = 1500;

/// 2.9 % plus 30, rounded half up. Whole numbers: the exact share of an amount in the smallest unit.
pub fn fee_of(amount: i64) -> i64 {
    (amount * 29 + 500) / 1000 + 30
}

/// A row of the balance.
pub struct Row<'a> {
    /// `charge`, `refund`, `adjustment`, `payout`, `stripe_fee`, ….
    pub kind: &'a str,
    /// The category in reports.
    pub category: &'a str,
    /// Gross, signed.
    pub amount: i64,
    /// Taken, positive.
    pub fee: i64,
    /// Three letters, lower case.
    pub currency: &'a str,
    /// The object behind it.
    pub source: Option<&'a str>,
    /// In words.
    pub description: &'a str,
}

/// Adds a row to the balance and returns its id.
pub fn balance_row(state: &mut crate::State, now: DateTime<Utc>, row: &Row<'_>) -> String {
    let id = new_id(state, "txn");
    let details: Vec<Value> = (row.fee != 0)
        .then(|| {
            json!({ "amount": row.fee, "application": null, "currency": row.currency, "description": "Stripe processing fees", "type": "stripe_fee" })
        })
        .into_iter()
        .collect();
    let instant = matches!(row.kind, "payout" | "stripe_fee" | "adjustment" | "refund");
    let available = if instant { now } else { now + Duration::days(DELAY_DAYS) };
    state.stripe.add(
        "balance_transactions",
        json!({
            "id": id,
            "object": "balance_transaction",
            "amount": row.amount,
            "available_on": available.timestamp(),
            "balance_type": "payments",
            "created": now.timestamp(),
            "currency": row.currency,
            "description": row.description,
            "exchange_rate": null,
            "fee": row.fee,
            "fee_details": details,
            "net": row.amount - row.fee,
            "reporting_category": row.category,
            "source": row.source,
            "type": row.kind,
        }),
    );
    id
}

/// What a buyer pays.
pub struct Sale<'a> {
    /// In the currency's own unit.
    pub amount: i64,
    /// Three letters, lower case.
    pub currency: &'a str,
    /// Free text.
    pub description: Option<&'a str>,
    /// Name of the payer.
    pub name: Option<&'a str>,
    /// E-mail of the payer.
    pub email: Option<&'a str>,
    /// Customer.
    pub customer: Option<&'a str>,
    /// The shop's pairs.
    pub metadata: Value,
    /// Why the card is declined, if it is.
    pub decline: Option<&'a str>,
}

/// A payment intent with its charge. Returns the charge.
pub fn charge(state: &mut crate::State, now: DateTime<Utc>, sale: &Sale<'_>) -> Value {
    let (intent_id, charge_id) = (new_id(state, "pi"), new_id(state, "ch"));
    let failed = sale.decline.is_some();
    let mut charge = bare_charge(now, &charge_id, &intent_id, sale);
    if !failed && !state.stripe.knobs.async_capture {
        charge["balance_transaction"] = json!(charge_row(state, now, &charge));
    }
    state.stripe.add("charges", charge.clone());
    let intent = json!({
        "id": intent_id,
        "object": "payment_intent",
        "amount": sale.amount,
        "amount_received": if failed { 0 } else { sale.amount },
        "capture_method": "automatic_async",
        "created": now.timestamp(),
        "currency": sale.currency,
        "customer": sale.customer,
        "description": sale.description,
        "latest_charge": charge_id,
        "livemode": false,
        "metadata": sale.metadata,
        "status": if failed { "requires_payment_method" } else { "succeeded" },
    });
    state.stripe.add("payment_intents", intent.clone());
    tell(state, now, "payment_intent.created", &intent);
    tell(state, now, if failed { "charge.failed" } else { "charge.succeeded" }, &charge);
    tell(state, now, if failed { "payment_intent.payment_failed" } else { "payment_intent.succeeded" }, &intent);
    charge
}

fn bare_charge(now: DateTime<Utc>, id: &str, intent: &str, sale: &Sale<'_>) -> Value {
    let failed = sale.decline.is_some();
    json!({
        "id": id,
        "object": "charge",
        "amount": sale.amount,
        "amount_captured": if failed { 0 } else { sale.amount },
        "amount_refunded": 0,
        "balance_transaction": null,
        "billing_details": { "address": {}, "email": sale.email, "name": sale.name, "phone": null },
        "captured": !failed,
        "created": now.timestamp(),
        "currency": sale.currency,
        "customer": sale.customer,
        "description": sale.description,
        "disputed": false,
        "failure_balance_transaction": null,
        "failure_code": sale.decline,
        "failure_message": sale.decline.map(|_| "Your card was declined."),
        "livemode": false,
        "metadata": sale.metadata,
        "outcome": { "network_status": if failed { "declined_by_network" } else { "approved_by_network" }, "type": if failed { "issuer_declined" } else { "authorized" } },
        "paid": !failed,
        "payment_intent": intent,
        "payment_method_details": { "card": { "brand": "visa", "country": "US", "last4": "4242" }, "type": "card" },
        "receipt_email": sale.email,
        "refunded": false,
        "status": if failed { "failed" } else { "succeeded" },
    })
}

fn charge_row(state: &mut crate::State, now: DateTime<Utc>, charge: &Value) -> String {
    let amount = charge["amount"].as_i64().unwrap_or_default();
    let row = Row {
        kind: "charge",
        category: "charge",
        amount,
        fee: fee_of(amount),
        currency: charge["currency"].as_str().unwrap_or("usd"),
        source: charge["id"].as_str(),
        description: charge["description"].as_str().unwrap_or_default(),
    };
    balance_row(state, now, &row)
}

/// The fee becomes known: the balance row appears and `charge.updated` says so.
pub fn settle(state: &mut crate::State, now: DateTime<Utc>, id: &str) -> Option<Value> {
    let charge = state.stripe.get("charges", id)?.clone();
    if charge["balance_transaction"].is_null() && charge["status"] == "succeeded" {
        let row = charge_row(state, now, &charge);
        change(state, now, "charges", id, "charge.updated", &json!({ "balance_transaction": row }));
    }
    state.stripe.get("charges", id).cloned()
}

/// Changes fields of an object and tells of it under this event type.
pub fn change(
    state: &mut crate::State,
    now: DateTime<Utc>,
    kind: &str,
    id: &str,
    event: &str,
    fields: &Value,
) -> Option<Value> {
    let object = state.stripe.get_mut(kind, id)?;
    for (name, value) in fields.as_object().into_iter().flatten() {
        object[name] = value.clone();
    }
    let object = object.clone();
    tell(state, now, event, &object);
    Some(object)
}

/// Gives money back. The original fee is not returned.
pub fn refund(
    state: &mut crate::State,
    now: DateTime<Utc>,
    charge_id: &str,
    amount: Option<i64>,
    reason: Option<&str>,
) -> Result<Value, String> {
    let charge = state.stripe.get("charges", charge_id).ok_or("No such charge")?.clone();
    let (total, given) =
        (charge["amount"].as_i64().unwrap_or_default(), charge["amount_refunded"].as_i64().unwrap_or_default());
    let amount = amount.unwrap_or(total - given);
    if amount <= 0 || amount > total - given || charge["status"] != "succeeded" {
        return Err(format!(
            "Refund amount ({amount}) is greater than unrefunded amount on charge ({})",
            total - given
        ));
    }
    let id = new_id(state, "re");
    let currency = charge["currency"].as_str().unwrap_or("usd").to_owned();
    let row = Row {
        kind: "refund",
        category: "refund",
        amount: -amount,
        fee: 0,
        currency: &currency,
        source: Some(&id),
        description: "REFUND FOR CHARGE",
    };
    let transaction = balance_row(state, now, &row);
    let refund = json!({
        "id": id,
        "object": "refund",
        "amount": amount,
        "balance_transaction": transaction,
        "charge": charge_id,
        "created": now.timestamp(),
        "currency": currency,
        "metadata": {},
        "payment_intent": charge["payment_intent"],
        "reason": reason,
        "status": "succeeded",
    });
    state.stripe.add("refunds", refund.clone());
    tell(state, now, "refund.created", &refund);
    let fields = json!({ "amount_refunded": given + amount, "refunded": given + amount == total });
    change(state, now, "charges", charge_id, "charge.refunded", &fields);
    Ok(refund)
}

/// A buyer's bank takes the money back: one row with the fee in it.
pub fn dispute(state: &mut crate::State, now: DateTime<Utc>, charge_id: &str, reason: &str) -> Option<Value> {
    let charge = state.stripe.get("charges", charge_id)?.clone();
    let id = new_id(state, "dp");
    let amount = charge["amount"].as_i64().unwrap_or_default();
    let currency = charge["currency"].as_str().unwrap_or("usd").to_owned();
    let row = Row {
        kind: "adjustment",
        category: "dispute",
        amount: -amount,
        fee: DISPUTE_FEE,
        currency: &currency,
        source: Some(&id),
        description: "Chargeback withdrawal",
    };
    let transaction = balance_row(state, now, &row);
    let taken = state.stripe.get("balance_transactions", &transaction).cloned();
    let dispute = json!({
        "id": id,
        "object": "dispute",
        "amount": amount,
        "balance_transactions": [taken],
        "charge": charge_id,
        "created": now.timestamp(),
        "currency": currency,
        "evidence_details": { "due_by": (now + Duration::days(14)).timestamp(), "has_evidence": false, "past_due": false, "submission_count": 0 },
        "is_charge_refundable": false,
        "livemode": false,
        "metadata": {},
        "payment_intent": charge["payment_intent"],
        "reason": reason,
        "status": "needs_response",
    });
    state.stripe.add("disputes", dispute.clone());
    tell(state, now, "charge.dispute.created", &dispute);
    tell(state, now, "charge.dispute.funds_withdrawn", &dispute);
    change(state, now, "charges", charge_id, "charge.updated", &json!({ "disputed": true }));
    Some(dispute)
}

/// The bank decides. A won dispute gives the amount back.
pub fn close_dispute(state: &mut crate::State, now: DateTime<Utc>, id: &str, won: bool) -> Option<Value> {
    let dispute = state.stripe.get("disputes", id)?.clone();
    if won {
        let row = Row {
            kind: "adjustment",
            category: "dispute_reversal",
            amount: dispute["amount"].as_i64().unwrap_or_default(),
            fee: 0,
            currency: dispute["currency"].as_str().unwrap_or("usd"),
            source: Some(id),
            description: "Chargeback reversal",
        };
        let transaction = balance_row(state, now, &row);
        let given = state.stripe.get("balance_transactions", &transaction).cloned();
        let mut rows = dispute["balance_transactions"].as_array().cloned().unwrap_or_default();
        rows.extend(given);
        change(state, now, "disputes", id, "charge.dispute.funds_reinstated", &json!({ "balance_transactions": rows }));
    }
    change(state, now, "disputes", id, "charge.dispute.closed", &json!({ "status": if won { "won" } else { "lost" } }))
}
