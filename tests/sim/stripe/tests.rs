//! One test per fact of the vendor that readers of its API trip over.

use crate::{Vendor, World};
use axum::body::Body;
use chrono::{DateTime, Duration, Utc};
use http::Request;
use http_body_util::BodyExt as _;
use serde_json::{Value, json};
use tower::ServiceExt as _;

fn noon() -> DateTime<Utc> {
    "2026-03-02T12:00:00Z".parse().expect("a moment")
}

fn world(seed: &str) -> World {
    let world = World::at(noon());
    world.seed(seed).expect("a known seed");
    world
}

async fn send(world: &World, request: http::request::Builder, body: &str) -> (u16, Value, http::HeaderMap) {
    let response = super::router(world.clone())
        .oneshot(request.body(Body::from(body.to_owned())).expect("a request"))
        .await
        .expect("routers do not fail");
    let (parts, body) = response.into_parts();
    let body = body.collect().await.expect("a body").to_bytes();
    (parts.status.as_u16(), serde_json::from_slice(&body).expect("JSON"), parts.headers)
}

async fn get(world: &World, path: &str) -> (u16, Value) {
    let request = Request::get(path).header("authorization", format!("Bearer {}", super::RESTRICTED_KEY));
    let (status, body, _) = send(world, request, "").await;
    (status, body)
}

async fn ids(world: &World, path: &str) -> Vec<String> {
    let (status, body) = get(world, path).await;
    assert_eq!(status, 200, "{body}");
    let data = body["data"].as_array().cloned().unwrap_or_default();
    data.iter().filter_map(|row| row["id"].as_str().map(str::to_owned)).collect()
}

fn act(world: &World, action: &str, body: Value) -> Value {
    world.act(Vendor::Stripe, action, &body).unwrap_or_else(|error| panic!("{action}: {error}"))
}

#[tokio::test]
async fn lists_are_newest_first_and_cursors_walk_both_ways() {
    let world = world("empty");
    for amount in [100, 200, 300, 400] {
        act(&world, "charge", json!({ "amount": amount }));
        world.advance(Duration::seconds(1));
    }
    let all = ids(&world, "/v1/charges?limit=4").await;
    let (_, page) = get(&world, "/v1/charges?limit=1").await;
    assert_eq!((&page["data"][0]["amount"], &page["has_more"]), (&json!(400), &json!(true)), "the newest comes first");
    let older = ids(&world, &format!("/v1/charges?limit=2&starting_after={}", all[0])).await;
    assert_eq!(older, all[1..3], "starting_after walks to older rows");
    let newer = ids(&world, &format!("/v1/charges?limit=2&ending_before={}", all[3])).await;
    assert_eq!(newer, all[1..3], "ending_before gives the rows next to the cursor, still newest first");
    let both = format!("/v1/charges?starting_after={}&ending_before={}", all[0], all[1]);
    assert_eq!(get(&world, &both).await.0, 400, "both cursors are refused");
}

#[tokio::test]
async fn an_event_that_aged_out_is_gone_and_no_cursor_any_more() {
    let world = world("empty");
    act(&world, "charge", json!({ "amount": 500 }));
    let old = ids(&world, "/v1/events?limit=1").await.remove(0);
    world.advance(Duration::days(31));
    act(&world, "charge", json!({ "amount": 600 }));
    assert!(!ids(&world, "/v1/events?limit=100").await.contains(&old), "events are kept for 30 days");
    let (status, body) = get(&world, &format!("/v1/events?starting_after={old}")).await;
    assert_eq!(status, 400);
    assert!(body["error"]["message"].as_str().is_some_and(|text| text.contains("retention")), "{body}");
}

#[tokio::test]
async fn a_late_event_appears_below_newer_ones() {
    let world = world("empty");
    act(&world, "knobs", json!({ "event_lag_s": 30 }));
    act(&world, "charge", json!({ "amount": 100 }));
    act(&world, "knobs", json!({ "event_lag_s": 0 }));
    world.advance(Duration::seconds(5));
    act(&world, "charge", json!({ "amount": 200 }));
    let early = ids(&world, "/v1/events?limit=100").await;
    world.advance(Duration::seconds(30));
    let later = ids(&world, "/v1/events?limit=100").await;
    assert_eq!(early, later[..early.len()], "what was on top stays on top");
    assert!(later.len() > early.len(), "the late ones came in below");
}

#[tokio::test]
async fn types_are_exact_and_type_takes_a_star() {
    let world = world("empty");
    act(&world, "charge", json!({ "amount": 100 }));
    assert_eq!(ids(&world, "/v1/events?types[]=charge.succeeded&types[1]=payout.paid").await.len(), 1);
    assert_eq!(ids(&world, "/v1/events?type=payment_intent.*").await.len(), 2);
    assert_eq!(get(&world, "/v1/events?type=a&types[]=b").await.0, 400, "one or the other");
    assert_eq!(get(&world, "/v1/events?colour=red").await.0, 400, "unknown parameters are refused");
    assert_eq!(get(&world, "/v1/events?limit=101").await.0, 400, "a hundred at most");
}

#[tokio::test]
async fn a_payouts_rows_hold_its_own_and_sum_to_zero() {
    let world = world("empty");
    act(&world, "charge", json!({ "amount": 10_000 }));
    let charge = act(&world, "charge", json!({ "amount": 5_000 }));
    act(&world, "refund", json!({ "id": charge["id"], "amount": 1_000 }));
    act(&world, "fee", json!({ "amount": 250 }));
    let payout = act(&world, "payout", json!({}));
    let (_, page) = get(&world, &format!("/v1/balance_transactions?payout={}", payout["id"].as_str().unwrap())).await;
    let rows = page["data"].as_array().cloned().unwrap_or_default();
    let net = |row: &Value| row["net"].as_i64().unwrap_or_default();
    assert_eq!(rows.iter().map(net).sum::<i64>(), 0, "with the payout's own row the sum is zero");
    let others: i64 = rows.iter().filter(|row| row["type"] != "payout").map(net).sum();
    assert_eq!(json!(others), payout["amount"], "the others sum to the payout");
    assert_eq!(rows[0].get("payout"), None, "no row names its payout");
}

#[tokio::test]
async fn a_manual_payout_does_not_tell_its_members() {
    let world = world("empty");
    act(&world, "charge", json!({ "amount": 10_000 }));
    let payout = act(&world, "payout", json!({ "manual": true }));
    assert_eq!(payout["reconciliation_status"], "not_applicable");
    assert!(
        ids(&world, &format!("/v1/balance_transactions?payout={}", payout["id"].as_str().unwrap())).await.is_empty()
    );
}

#[tokio::test]
async fn with_asynchronous_capture_the_fee_comes_with_charge_updated() {
    let world = world("empty");
    act(&world, "knobs", json!({ "async_capture": true }));
    let charge = act(&world, "charge", json!({ "amount": 10_000 }));
    assert!(charge["balance_transaction"].is_null(), "the fee is not known yet");
    let settled = act(&world, "settle", json!({ "id": charge["id"] }));
    assert!(settled["balance_transaction"].is_string());
    let (_, page) = get(&world, "/v1/events?type=charge.updated").await;
    assert_eq!(page["data"][0]["data"]["object"]["balance_transaction"], settled["balance_transaction"]);
    let (_, first) = get(&world, "/v1/events?type=charge.succeeded").await;
    assert!(first["data"][0]["data"]["object"]["balance_transaction"].is_null(), "an event never changes");
}

#[tokio::test]
async fn keys_are_told_apart() {
    let world = world("empty");
    let with = async |key: &str| {
        let request = Request::get("/v1/charges").header("authorization", format!("Bearer {key}"));
        let (status, body, headers) = send(&world, request, "").await;
        assert!(headers.contains_key("request-id"), "every answer has a request id");
        (status, body["error"]["code"].as_str().unwrap_or_default().to_owned())
    };
    assert_eq!(with(super::SECRET_KEY).await.0, 200);
    assert_eq!(with("sk_test_other").await.0, 401);
    assert_eq!(with("pk_test_sim").await, (401, "secret_key_required".to_owned()));
    act(&world, "knobs", json!({ "expired_keys": [super::SECRET_KEY], "missing_permissions": ["rak_charge_read"] }));
    assert_eq!(with(super::SECRET_KEY).await, (401, "api_key_expired".to_owned()));
    assert_eq!(with(super::RESTRICTED_KEY).await.0, 403, "a restricted key needs the permission");
    let (_, body) = get(&world, "/v1/charges").await;
    assert!(
        body["error"]["message"].as_str().is_some_and(|text| text.contains("'rak_charge_read'")),
        "the slug is named"
    );
}

#[tokio::test]
async fn a_write_under_the_same_key_is_answered_again_and_done_once() {
    let world = world("empty");
    let create = async |body: &str| {
        let request = Request::post("/v1/customers")
            .header("authorization", format!("Bearer {}", super::SECRET_KEY))
            .header("idempotency-key", "once");
        send(&world, request, body).await
    };
    let (_, first, _) = create("name=Ada").await;
    let (_, again, headers) = create("name=Ada").await;
    assert_eq!(first["id"], again["id"], "the same customer");
    assert_eq!(headers.get("idempotent-replayed").and_then(|value| value.to_str().ok()), Some("true"));
    assert_eq!(world.dump(Vendor::Stripe)["customers"].as_array().map(Vec::len), Some(1));
    let (status, body, _) = create("name=Bob").await;
    assert_eq!((status, &body["error"]["type"]), (400, &json!("idempotency_error")));
}

#[tokio::test]
async fn a_payout_can_fail_after_it_was_paid() {
    let world = world("empty");
    act(&world, "charge", json!({ "amount": 10_000 }));
    let payout = act(&world, "payout", json!({}));
    assert_eq!(payout["status"], "paid");
    let failed = act(&world, "fail_payout", json!({ "id": payout["id"] }));
    assert_eq!(failed["status"], "failed");
    assert_eq!(ids(&world, "/v1/events?type=payout.failed").await.len(), 1);
}

#[tokio::test]
async fn the_demo_holds_proven_payouts_and_one_of_each_trouble() {
    let world = world("demo");
    let all = world.dump(Vendor::Stripe);
    assert!(all["payouts"].as_array().is_some_and(|payouts| payouts.len() >= 2), "two payouts");
    for kind in ["refunds", "disputes"] {
        assert_eq!(all[kind].as_array().map(Vec::len), Some(1), "one of {kind}");
    }
    for payout in all["payouts"].as_array().into_iter().flatten() {
        assert!(payout["amount"].as_i64().is_some_and(|amount| amount > 0), "{payout}");
    }
}
