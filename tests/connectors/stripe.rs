//! Stripe: lists once, then events that come late and out of order, balance rows that make no events, and payouts whose
//! parts must add up.

use crate::bench::{self, Bench, DOUBTFUL, PASSING, create, words};
use backroom_money::{Currency, Money};
use chrono::Duration;
use connector_contract::record::{Customer, Payout};
use connector_contract::{ConnectorError, MemorySecrets, Mode, Record, RecordKind, Secret, SecretStore};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::sync::Arc;
use vendor_sim::{Fault, FaultKind, Vendor};

pub fn account(seed: &str) -> Bench {
    let (world, clock, exchange) = bench::world(seed);
    let vendor = connector_stripe::vendor(exchange.clone());
    let secrets = Arc::new(MemorySecrets::default());
    secrets.set("secret_key", &Secret::new(world.connection().stripe.restricted_key)).unwrap();
    let config = bench::config(&world, &vendor, &secrets, &clock);
    Bench::of(Vendor::Stripe, (world, clock, exchange), secrets, &vendor, config)
}

fn id(value: &Value) -> String {
    value["id"].as_str().unwrap().to_owned()
}

/// An amount of Stripe's as ours, for currencies with two decimals.
fn money(object: &Value, field: &str) -> Value {
    let currency: Currency = object["currency"].as_str().unwrap().parse().unwrap();
    serde_json::to_value(Money::from_minor(object[field].as_i64().unwrap(), currency)).unwrap()
}

/// The mirror says what the account says: every object, its amounts, and which payout each balance row went into.
fn assert_agrees(bench: &Bench) {
    let dump = bench.dump();
    for (kind, list) in [
        (RecordKind::Charge, "charges"),
        (RecordKind::Refund, "refunds"),
        (RecordKind::Dispute, "disputes"),
        (RecordKind::Payout, "payouts"),
        (RecordKind::BalanceEntry, "balance_transactions"),
    ] {
        let rows = dump[list].as_array().cloned().unwrap_or_default();
        let theirs: BTreeSet<String> = rows.iter().map(id).collect();
        let ours: BTreeSet<String> = bench.all(kind).into_keys().collect();
        let apart: Vec<_> = ours.symmetric_difference(&theirs).collect();
        assert!(apart.is_empty(), "{list}: {} here, {} there, apart {apart:?}", ours.len(), theirs.len());
        for row in &rows {
            let ours = bench.one(kind, &id(row));
            assert_eq!(ours["amount"], money(row, "amount"), "{row}");
            match kind {
                RecordKind::Charge => {
                    assert_eq!(ours["refunded"], money(row, "amount_refunded"));
                    assert_eq!(
                        (&ours["status"], &ours["balance_entry"]),
                        (&row["status"], &row["balance_transaction"])
                    );
                }
                RecordKind::BalanceEntry => {
                    assert_eq!((&ours["fee"], &ours["net"]), (&money(row, "fee"), &money(row, "net")));
                    let own = row["type"] == "payout";
                    let payout = dump["payout_members"].get(id(row)).filter(|_| !own);
                    assert_eq!(&ours["payout"], payout.unwrap_or(&Value::Null), "{row}");
                }
                _ => assert_eq!(ours["status"], row["status"], "{row}"),
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn the_account_is_known_with_its_name_mode_and_currency_or_by_the_end_of_its_key() {
    let bench = account("demo");
    let known = bench.connector.identify().await.unwrap();
    assert_eq!((known.id.as_str(), known.name.as_str()), ("acct_1SimHarborPine", "Harbor & Pine Coffee Supply"));
    assert_eq!((known.mode, known.currency), (Some(Mode::Test), Some(Currency::USD)));
    bench.act("knobs", &json!({ "missing_permissions": ["rak_connected_account_read"] }));
    let stand_in = bench.connector.identify().await.unwrap();
    assert!(stand_in.id.starts_with("key-test-"), "{stand_in:?}");
}

#[tokio::test(start_paused = true)]
async fn wrong_lapsed_and_too_weak_keys_say_what_to_do() {
    let bench = account("demo");
    for (key, word) in [
        ("pk_test_visible", "publishable"),
        ("rk_test_wrong", "does not accept"),
        ("hello", "does not look like"),
        ("rk_live_", "incomplete"),
    ] {
        bench.secrets.set("secret_key", &Secret::new(key)).unwrap();
        for error in [bench.connector.identify().await.unwrap_err(), bench.pull().await.unwrap_err()] {
            assert!(matches!(error, ConnectorError::Unauthorized(_)), "{key}: {error:?}");
            assert!(words(&error).contains(word) && !words(&error).contains(key), "{key}: {error}");
        }
    }
    let right = bench.world.connection().stripe.restricted_key;
    bench.secrets.set("secret_key", &Secret::new(right.clone())).unwrap();
    bench.act("knobs", &json!({ "missing_permissions": ["rak_dispute_read"] }));
    let error = bench.pull().await.unwrap_err();
    assert!(matches!(&error, ConnectorError::Unauthorized(text) if text.contains("Disputes")), "{error:?}");
    bench.act("knobs", &json!({ "missing_permissions": [], "expired_keys": [right] }));
    let error = bench.pull().await.unwrap_err();
    assert!(matches!(&error, ConnectorError::Unauthorized(text) if text.contains("expired")), "{error:?}");
    bench.act("knobs", &json!({ "expired_keys": [] }));
    bench.pull().await.unwrap();
    assert_agrees(&bench);
}

#[tokio::test(start_paused = true)]
async fn the_first_sync_brings_the_whole_account_and_the_second_nothing_new() {
    let bench = account("demo");
    bench.pull().await.unwrap();
    assert_agrees(&bench);
    assert_eq!(bench.all(RecordKind::Charge).len(), 11, "ten paid and one declined");
    for _ in 0..3 {
        assert_eq!(bench.pull().await.unwrap(), []);
        bench.pass(Duration::hours(9));
    }
}

#[tokio::test(start_paused = true)]
async fn the_parts_of_every_payout_add_up_to_it() {
    let bench = account("demo");
    bench.pass(Duration::days(1));
    let charge = bench.act("charge", &json!({ "amount": 12_345 }));
    bench.act("refund", &json!({ "id": charge["id"], "amount": 345 }));
    bench.act("fee", &json!({ "amount": 99 }));
    bench.pull().await.unwrap();
    bench.pass(Duration::hours(2));
    bench.act("payout", &json!({}));
    bench.pull().await.unwrap();
    assert_agrees(&bench);
    let entries = bench.all(RecordKind::BalanceEntry);
    let payouts = bench.all(RecordKind::Payout);
    assert!(payouts.len() >= 3);
    for (id, payout) in payouts {
        let payout: Payout = serde_json::from_value(payout).unwrap();
        let parts = entries.values().filter(|entry| entry["payout"] == id.as_str());
        let nets: Vec<i64> = parts.map(|entry| entry["net"]["minor"].as_i64().unwrap()).collect();
        assert!(nets.len() > 1);
        assert_eq!(nets.iter().sum::<i64>(), payout.amount.minor(), "{id}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_happens_at_stripe_comes_with_the_next_pull() {
    let bench = account("demo");
    bench.pull().await.unwrap();
    bench.pass(Duration::minutes(30));
    let charge = bench.act("charge", &json!({ "amount": 5_000, "metadata": { "invoice": "1009" } }));
    bench.pull().await.unwrap();
    assert_eq!(bench.one(RecordKind::Charge, &id(&charge))["metadata"]["invoice"], "1009");
    bench.pass(Duration::hours(3));
    let refund = bench.act("refund", &json!({ "id": charge["id"], "amount": 700 }));
    bench.act("refund", &json!({ "id": charge["id"], "amount": 300 }));
    let lost = bench.dump()["charges"][4].clone();
    let dispute = bench.act("dispute", &json!({ "id": lost["id"] }));
    bench.act("fee", &json!({ "amount": 250 }));
    bench.pull().await.unwrap();
    assert_agrees(&bench);
    bench.pass(Duration::days(4));
    bench.act("fail_refund", &json!({ "id": refund["id"] }));
    bench.act("close_dispute", &json!({ "id": dispute["id"], "won": true }));
    bench.pull().await.unwrap();
    assert_agrees(&bench);
    assert_eq!(bench.one(RecordKind::Refund, &id(&refund))["status"], "failed");
    assert_eq!(bench.one(RecordKind::Dispute, &id(&dispute))["status"], "won");
    assert_eq!(bench.pull().await.unwrap(), []);
}

#[tokio::test(start_paused = true)]
async fn a_payout_that_fails_days_after_it_was_paid_is_failed_here_too() {
    let bench = account("demo");
    bench.pull().await.unwrap();
    let payout = bench.act("payout", &json!({ "pending": true }));
    bench.pass(Duration::minutes(20));
    bench.pull().await.unwrap();
    assert_eq!(bench.one(RecordKind::Payout, &id(&payout))["status"], "in_transit");
    bench.pass(Duration::days(3));
    bench.act("fail_payout", &json!({ "id": payout["id"] }));
    bench.pull().await.unwrap();
    let failed = bench.one(RecordKind::Payout, &id(&payout));
    assert_eq!(
        (&failed["status"], &failed["failure"]),
        (&json!("failed"), &json!("The bank account has been closed."))
    );
}

#[tokio::test(start_paused = true)]
async fn manual_payouts_have_no_parts_that_stripe_could_name() {
    let bench = account("demo");
    bench.pull().await.unwrap();
    bench.pass(Duration::minutes(20));
    let payout = bench.act("payout", &json!({ "manual": true }));
    bench.pull().await.unwrap();
    assert_agrees(&bench);
    assert_eq!(bench.one(RecordKind::Payout, &id(&payout))["automatic"], false);
}

#[tokio::test(start_paused = true)]
async fn the_fee_of_a_charge_that_settles_later_is_found_when_it_is_known() {
    let bench = account("empty");
    bench.pull().await.unwrap();
    bench.act("knobs", &json!({ "async_capture": true }));
    bench.pass(Duration::minutes(5));
    let charge = bench.act("charge", &json!({ "amount": 8_900 }));
    bench.pass(Duration::seconds(20));
    bench.pull().await.unwrap();
    let paid = bench.one(RecordKind::Charge, &id(&charge));
    assert_eq!((&paid["status"], &paid["balance_entry"]), (&json!("succeeded"), &Value::Null));
    bench.pass(Duration::minutes(50));
    bench.act("settle", &json!({ "id": charge["id"] }));
    bench.pull().await.unwrap();
    assert_agrees(&bench);
    let entry = bench.one(RecordKind::Charge, &id(&charge))["balance_entry"].as_str().unwrap().to_owned();
    assert_eq!(bench.one(RecordKind::BalanceEntry, &entry)["fee"]["minor"].as_i64(), Some(288));
}

#[tokio::test(start_paused = true)]
async fn events_that_appear_late_below_newer_ones_are_not_missed() {
    let bench = account("empty");
    bench.pull().await.unwrap();
    for n in 0..30 {
        bench.act("knobs", &json!({ "event_lag_s": if n % 3 == 0 { 45 } else { 0 } }));
        bench.act("charge", &json!({ "amount": 1_000 + n }));
        bench.pass(Duration::seconds(7));
        bench.pull().await.unwrap();
    }
    bench.pass(Duration::minutes(2));
    bench.pull().await.unwrap();
    assert_agrees(&bench);
}

#[tokio::test(start_paused = true)]
async fn a_change_told_late_does_not_put_an_older_state_over_a_newer_one() {
    let bench = account("empty");
    bench.pull().await.unwrap();
    bench.act("knobs", &json!({ "event_lag_s": 50 }));
    let charge = bench.act("charge", &json!({ "amount": 9_000 }));
    bench.act("knobs", &json!({ "event_lag_s": 0 }));
    bench.pass(Duration::seconds(10));
    bench.act("refund", &json!({ "id": charge["id"], "amount": 4_000 }));
    for _ in 0..8 {
        bench.pull().await.unwrap();
        bench.pass(Duration::seconds(15));
    }
    assert_agrees(&bench);
}

#[tokio::test(start_paused = true)]
async fn many_changes_in_one_second_end_in_the_last_state() {
    let bench = account("empty");
    bench.pull().await.unwrap();
    for _ in 0..40 {
        let charge = bench.act("charge", &json!({ "amount": 3_000 }));
        for _ in 0..3 {
            bench.act("refund", &json!({ "id": charge["id"], "amount": 500 }));
        }
    }
    bench.pass(Duration::seconds(30));
    bench.pull().await.unwrap();
    assert_agrees(&bench);
}

#[tokio::test(start_paused = true)]
async fn long_lists_and_long_pauses_come_over_page_by_page() {
    let bench = account("demo");
    for n in 0..230 {
        bench.act("charge", &json!({ "amount": 500 + n, "age_s": n * 600 }));
    }
    bench.pull().await.unwrap();
    assert_agrees(&bench);
    for _ in 0..12 {
        bench.pass(Duration::hours(13));
        for n in 0..25 {
            bench.act("charge", &json!({ "amount": 700 + n }));
        }
        bench.act("payout", &json!({}));
    }
    bench.pull().await.unwrap();
    assert_agrees(&bench);
}

#[tokio::test(start_paused = true)]
async fn after_a_pause_longer_than_events_are_kept_the_lists_are_read_again() {
    let bench = account("demo");
    bench.pull().await.unwrap();
    bench.pass(Duration::days(5));
    let charge = bench.act("charge", &json!({ "amount": 4_321 }));
    bench.act("refund", &json!({ "id": charge["id"] }));
    bench.act("payout", &json!({}));
    bench.pass(Duration::days(40));
    bench.act("charge", &json!({ "amount": 1_234 }));
    bench.pull().await.unwrap();
    assert_agrees(&bench);
}

#[tokio::test(start_paused = true)]
async fn currencies_without_and_with_other_decimals_are_exact() {
    let bench = account("empty");
    let made = |currency: &str, amount: i64| bench.act("charge", &json!({ "amount": amount, "currency": currency }));
    let cases = [
        ("jpy", 1_980, 1_980),
        ("kwd", 12_340, 12_340),
        ("isk", 50_000, 500),
        ("huf", 129_900, 129_900),
        ("ugx", 700_000, 7_000),
    ];
    let charges: Vec<_> = cases.iter().map(|(currency, amount, _)| made(currency, *amount)).collect();
    let odd = made("isk", 50_050);
    bench.pull().await.unwrap();
    for (charge, (currency, _, minor)) in charges.iter().zip(cases) {
        let ours = bench.one(RecordKind::Charge, &id(charge));
        assert_eq!(ours["amount"]["minor"].as_i64(), Some(minor), "{currency}: {ours}");
    }
    let unreadable = bench.one(RecordKind::Charge, &id(&odd));
    assert!(unreadable["unreadable"].as_str().is_some_and(|reason| reason.contains("amount")), "{unreadable}");
}

#[tokio::test(start_paused = true)]
async fn events_frozen_in_old_versions_are_read_as_well() {
    for version in ["2020-08-27", "2022-11-15", "2025-02-24.acacia"] {
        let bench = account("empty");
        bench.pull().await.unwrap();
        bench.act("knobs", &json!({ "event_version": version }));
        bench.pass(Duration::minutes(3));
        let charge = bench.act("charge", &json!({ "amount": 2_000 }));
        bench.pass(Duration::minutes(3));
        bench.act("refund", &json!({ "id": charge["id"], "amount": 1_500 }));
        bench.pass(Duration::minutes(3));
        bench.pull().await.unwrap();
        assert_agrees(&bench);
    }
}

#[tokio::test(start_paused = true)]
async fn faults_that_pass_are_got_over_and_others_leave_the_position_where_it_was() {
    let passing = [FaultKind::ServerError, FaultKind::BadGateway, FaultKind::TimeoutBefore, FaultKind::CutAfter];
    for kind in PASSING.into_iter().chain(passing) {
        let bench = account("demo");
        for skip in 0..6 {
            bench.world.plan(Fault::next(Vendor::Stripe, kind).after(skip * 2));
        }
        bench.pull().await.unwrap_or_else(|error| panic!("{kind:?}: {error}"));
        assert_agrees(&bench);
    }
    for kind in [FaultKind::Html200, FaultKind::TruncatedJson, FaultKind::EmptyBody] {
        let bench = account("demo");
        for skip in 0..6 {
            bench.world.plan(Fault::next(Vendor::Stripe, kind).after(skip * 2));
        }
        let mut failures = 0;
        while let Err(error) = bench.pull().await {
            assert!(matches!(error, ConnectorError::Protocol(_)), "{kind:?}: {error:?}");
            assert!(!words(&error).contains("@example.com"), "nobody's address: {error:?}");
            failures += 1;
        }
        assert!((3..=6).contains(&failures), "{kind:?}: {failures}");
        assert_agrees(&bench);
    }
}

#[tokio::test(start_paused = true)]
async fn the_published_limit_is_kept_and_a_lasting_429_is_rate_limited() {
    let bench = account("demo");
    bench.world.set_options(|options| options.limits = true);
    bench.pull().await.unwrap();
    for _ in 0..150 {
        bench.pull().await.unwrap();
    }
    assert!(bench.world.requests().iter().all(|request| request.status == Some(200)));
    bench.world.plan(Fault::next(Vendor::Stripe, FaultKind::TooManyRequests).times(40));
    let error = bench.pull().await.unwrap_err();
    assert!(matches!(error, ConnectorError::RateLimited { .. }), "{error:?}");
    bench.world.clear_faults();
    bench.world.outage(Vendor::Stripe, true);
    tokio::time::sleep(std::time::Duration::from_mins(1)).await;
    assert!(matches!(bench.pull().await.unwrap_err(), ConnectorError::Unavailable(_)));
}

#[tokio::test(start_paused = true)]
async fn nothing_is_ever_written_to_stripe() {
    let bench = account("demo");
    let customer = Customer {
        display_name: "X".to_owned(),
        company: None,
        email: None,
        phone: None,
        billing: None,
        shipping: None,
        notes: None,
        active: true,
        currency: None,
        created_at: None,
    };
    let error = bench.push("refused", create(Record::Customer(customer))).await.unwrap_err();
    assert!(matches!(&error, ConnectorError::Rejected(r) if r.code == "read_only"), "{error:?}");
    bench.pull().await.unwrap();
    assert!(bench.world.requests().iter().all(|request| request.method == "GET"));
}

#[tokio::test(start_paused = true)]
async fn no_error_shows_the_key() {
    for kind in DOUBTFUL.into_iter().chain([FaultKind::TooManyRequests, FaultKind::Refuse, FaultKind::EmptyBody]) {
        let bench = account("demo");
        bench.world.plan(Fault::next(Vendor::Stripe, kind).times(60));
        for error in [bench.pull().await.unwrap_err(), bench.connector.identify().await.unwrap_err()] {
            assert!(!words(&error).contains(vendor_sim::stripe::RESTRICTED_KEY), "{kind:?}: {error:?}");
        }
    }
}
