//! What the account holds at first. Days are counted back from the present.

use super::acts::act;
use chrono::{DateTime, Duration, Utc};
use serde_json::{Value, json};

/// Plants a seed; false when the name is unknown.
pub fn plant(state: &mut crate::State, now: DateTime<Utc>, name: &str) -> bool {
    match name {
        "demo" => {
            demo(state, now);
            true
        }
        "empty" => true,
        _ => false,
    }
}

/// (days ago, amount in cents, payer, e-mail, what for)
const SALES: &[(i64, i64, &str, &str, &str)] = &[
    (19, 8_900, "Priya Raman", "priya@example.com", "Hand grinder"),
    (18, 4_200, "Joel Lindqvist", "joel@example.com", "Stoneware mugs"),
    (17, 12_840, "Corner Lantern Books", "orders@cornerlantern.example", "Espresso beans and filters"),
    (13, 6_400, "Dana Whitfield", "dana@example.com", "Gooseneck kettle"),
    (12, 3_200, "Marcus Oyelaran", "marcus@example.com", "House espresso 1 kg"),
    (11, 24_990, "Tidewater Inn", "purchasing@tidewaterinn.example", "Mugs and beans"),
    (6, 2_450, "Hana Sato", "hana@example.com", "Travel mug"),
    (5, 9_600, "Elm Street Studio", "hello@elmstreet.example", "House espresso 1 kg x3"),
    (2, 5_000, "Ruth Abernathy", "ruth@example.com", "Gift cards"),
    (1, 1_800, "Leo Fontaine", "leo@example.com", "Stoneware mug"),
];

fn demo(state: &mut crate::State, now: DateTime<Utc>) {
    let mut charges: Vec<Value> = Vec::new();
    let mut day = i64::MAX;
    for (days, amount, name, email, what) in SALES {
        // A payout leaves after each week of sales.
        if day != i64::MAX && day - days >= 4 {
            let _paid = act(state, now - Duration::days(days + 2), "payout", &json!({}));
        }
        day = *days;
        let body = json!({ "amount": amount, "name": name, "email": email, "description": what, "metadata": { "source": "web" } });
        charges.extend(act(state, now - Duration::days(*days), "charge", &body));
        if *days == 12 {
            let refund = json!({ "id": charges[1]["id"], "amount": 1_800 });
            let _given = act(state, now - Duration::days(12), "refund", &refund);
        }
        if *days == 11 {
            let _taken = act(
                state,
                now - Duration::days(11),
                "fee",
                &json!({ "amount": 700, "description": "Radar for Fraud Teams" }),
            );
        }
    }
    let declined = json!({ "amount": 6_400, "name": "Sam Novak", "email": "sam@example.com", "description": "Gooseneck kettle", "decline": "card_declined" });
    let _declined = act(state, now - Duration::days(3), "charge", &declined);
    if let Some(id) = charges.first().and_then(|charge| charge["id"].as_str()) {
        let _disputed =
            act(state, now - Duration::days(4), "dispute", &json!({ "id": id, "reason": "product_not_received" }));
    }
}
