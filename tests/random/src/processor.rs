//! What happens at the payment processor: buyers pay and want their money back, banks pay out; and what the bookkeeper makes of it
//! in the books.
//!
//! Absent on purpose: what is a payment of what, which the app has to find out.

#![expect(clippy::unnecessary_wraps, reason = "all acts have one shape, so that they fit into one table")]

use crate::day::Day;
use crate::shop::Shop;
use crate::vendors::books;
use anyhow::Result;
use serde_json::{Value, json};
use vendor_sim::Vendor;
use vendor_sim::quickbooks::Kind;

/// Stripe objects of a kind.
fn money(shop: &Shop, kind: &str, keep: impl Fn(&Value) -> bool) -> Vec<String> {
    shop.world.read(|state| {
        let objects = state.stripe.all(kind).iter().filter(|object| keep(object));
        objects.filter_map(|object| object["id"].as_str().map(str::to_owned)).collect()
    })
}

pub fn charge(day: &mut Day, shop: &Shop) -> Result<()> {
    let numbers = shop.file().rows("SELECT number, balance_minor FROM invoices WHERE status = 'open' ORDER BY row")?;
    let named = day.chance.one(&numbers).filter(|_| true).cloned();
    let mut body = json!({ "amount": day.chance.between(100, 9_000), "name": "Paid Online",
                           "email": format!("{}@cards.example", day.text("p")), "metadata": {} });
    if let Some(invoice) = named.filter(|_| day.chance.percent(60)) {
        body["metadata"] = json!({ "invoice": invoice[0] });
        if day.chance.percent(60) {
            body["amount"] = invoice[1].parse::<i64>().unwrap_or(100).max(50).into();
        }
    }
    if day.chance.percent(10) {
        body["decline"] = "card_declined".into();
    }
    day.act(shop, Vendor::Stripe, "charge", &body);
    Ok(())
}

/// The bookkeeper enters the money of a charge by hand, under as much of its id as fits.
pub fn book_charge(day: &mut Day, shop: &Shop) -> Result<()> {
    let paid = shop.world.read(|state| {
        let charges = state.stripe.all("charges").iter().filter(|charge| charge["status"] == "succeeded");
        let named = charges.filter(|charge| charge["metadata"]["invoice"].is_string());
        named
            .map(|charge| (charge["id"].clone(), charge["amount"].clone(), charge["metadata"]["invoice"].clone()))
            .collect::<Vec<_>>()
    });
    let Some((charge, minor, number)) = day.chance.one(&paid).cloned() else { return Ok(()) };
    let (charge, minor) = (charge.as_str().unwrap_or_default().to_owned(), minor.as_i64().unwrap_or_default());
    let entered = |object: &serde_json::Map<String, Value>| {
        object
            .get("PaymentRefNum")
            .and_then(Value::as_str)
            .is_some_and(|text| charge.starts_with(text) && text.len() > 4)
    };
    if !books(shop, Kind::Payment, entered).is_empty() {
        return Ok(());
    }
    let unpaid = |object: &serde_json::Map<String, Value>| {
        object.get("DocNumber") == Some(&number)
            && crate::sides::minor(object, "Balance").parse::<i64>().is_ok_and(|due| due >= minor)
    };
    let Some(id) = books(shop, Kind::Invoice, unpaid).into_iter().next() else { return Ok(()) };
    let customer = shop.world.read(|state| {
        let invoice = id.parse().ok().and_then(|id| state.quickbooks.books.get(Kind::Invoice, id)).cloned();
        invoice.unwrap_or_default().get("CustomerRef").cloned().unwrap_or_default()
    });
    let amount: Value = serde_json::from_str(&format!("{}.{:02}", minor / 100, minor % 100))?;
    let reference: String = charge.chars().take(21).collect();
    let body = json!({ "CustomerRef": { "value": customer["value"] }, "TotalAmt": amount, "PaymentRefNum": reference,
                       "Line": [{ "Amount": amount, "LinkedTxn": [{ "TxnId": id, "TxnType": "Invoice" }] }] });
    day.books(shop, "create_payment", &body);
    let being_sent = |entry: &crate::file::Waiting| {
        entry.kind == "payment" && ["sending", "unknown"].contains(&entry.state.as_str())
    };
    day.entered_in_a_run |= day.in_a_run || shop.file().outbox()?.iter().any(being_sent);
    Ok(())
}

pub fn refund(day: &mut Day, shop: &Shop) -> Result<()> {
    let charges = money(shop, "charges", |charge| charge["status"] == "succeeded");
    if let Some(id) = day.chance.one(&charges).cloned() {
        let mut body = json!({ "id": id });
        if day.chance.percent(50) {
            body["amount"] = day.chance.between(1, 400).into();
        }
        let made = day.act(shop, Vendor::Stripe, "refund", &body);
        if let Some(made) = made.filter(|_| day.chance.percent(15)) {
            day.act(shop, Vendor::Stripe, "fail_refund", &json!({ "id": made["id"] }));
        }
    }
    Ok(())
}

pub fn dispute(day: &mut Day, shop: &Shop) -> Result<()> {
    let open = money(shop, "disputes", |dispute| dispute["status"] == "needs_response");
    if let Some(id) = day.chance.one(&open).cloned().filter(|_| day.chance.percent(50)) {
        let won = day.chance.percent(50);
        day.act(shop, Vendor::Stripe, "close_dispute", &json!({ "id": id, "won": won }));
        return Ok(());
    }
    let charges = money(shop, "charges", |charge| charge["status"] == "succeeded" && charge["disputed"] != true);
    if let Some(id) = day.chance.one(&charges).cloned() {
        day.act(shop, Vendor::Stripe, "dispute", &json!({ "id": id }));
    }
    Ok(())
}

pub fn payout(day: &mut Day, shop: &Shop) -> Result<()> {
    let paid = money(shop, "payouts", |payout| payout["status"] == "paid");
    if let Some(id) = day.chance.one(&paid).cloned().filter(|_| day.chance.percent(15)) {
        day.act(shop, Vendor::Stripe, "fail_payout", &json!({ "id": id }));
        return Ok(());
    }
    let body = json!({ "manual": day.chance.percent(20), "pending": day.chance.percent(20) });
    day.act(shop, Vendor::Stripe, "payout", &body);
    Ok(())
}

pub fn fee(day: &mut Day, shop: &Shop) -> Result<()> {
    let amount = day.chance.between(50, 900);
    day.act(shop, Vendor::Stripe, "fee", &json!({ "amount": amount }));
    Ok(())
}
