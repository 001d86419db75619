//! Keys are judged before anything is sent; refusals are read as Stripe means them.

use super::*;
use connector_contract::{Environment, FakeClock, MemorySecrets, SecretStore};
use std::collections::BTreeMap;
use std::sync::Arc;

fn config(key: Option<&str>) -> ConnectionConfig {
    let secrets = MemorySecrets::default();
    if let Some(key) = key {
        secrets.set(SECRET_KEY, &Secret::new(key)).unwrap();
    }
    ConnectionConfig {
        environment: Environment::Production,
        account_id: None,
        endpoints: BTreeMap::new(),
        settings: BTreeMap::new(),
        secrets: Arc::new(secrets),
        clock: Arc::new(FakeClock::at(chrono::DateTime::UNIX_EPOCH)),
    }
}

fn refusal(key: Option<&str>) -> String {
    match Key::of(&config(key)) {
        Err(ConnectorError::Unauthorized(why)) => why,
        Err(other) => panic!("{other:?}"),
        Ok(_) => panic!("{key:?} was taken"),
    }
}

fn answer(status: u16, headers: &[(&'static str, &'static str)], body: &'static str) -> Answer {
    let headers = headers.iter().map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)));
    Answer { status: StatusCode::from_u16(status).unwrap(), headers: headers.collect(), body: body.into() }
}

fn unauthorized(verdict: Verdict) -> String {
    match verdict {
        Verdict::Refuse(ConnectorError::Unauthorized(why)) => why,
        other => panic!("{other:?}"),
    }
}

fn wait_s(verdict: Verdict) -> u64 {
    match verdict {
        Verdict::RateLimited { after: Some(after) } => after.as_secs(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_publishable_key_is_refused_with_the_way_out() {
    assert!(refusal(Some("pk_live_abc123")).contains("rk_"));
}

#[test]
fn nonsense_and_broken_keys_are_refused_without_repeating_them() {
    for bad in ["hello", "sk_live_", "rk_test_ab\ncd", "rk_prod_abc", ""] {
        let why = refusal(Some(bad));
        assert!(bad.len() < 5 || !why.contains(bad), "{why}");
    }
    assert!(refusal(None).contains("paste"));
}

#[test]
fn the_prefix_tells_the_mode() {
    for (key, mode) in [(" rk_live_abcd1234 ", Mode::Live), ("sk_test_abcd1234", Mode::Test)] {
        let key = Key::of(&config(Some(key))).unwrap();
        assert_eq!(key.mode, mode);
        assert_eq!(key.ending(), "1234");
    }
}

#[tokio::test]
async fn every_request_is_signed_and_names_the_version() {
    let mut headers = HeaderMap::new();
    StripeDialect::new(config(Some("rk_test_abcd1234"))).authorize(&mut headers).await.unwrap();
    assert_eq!(headers["authorization"], "Bearer rk_test_abcd1234");
    assert!(headers["authorization"].is_sensitive());
    assert_eq!(headers["stripe-version"], "2026-10-28.endive");
}

#[test]
fn a_missing_permission_is_named_as_the_owner_sees_it() {
    let body = include_str!("../fixtures/error_403_permission.json");
    let why = unauthorized(judge(&answer(403, &[], body)));
    assert!(why.contains("\"Disputes\" to Read"), "{why}");
    assert!(!why.contains("rak_") && !why.contains("rk_test"), "{why}");
}

#[test]
fn a_forbidden_answer_without_a_slug_still_says_what_to_do() {
    assert!(unauthorized(judge(&answer(403, &[], "{}"))).contains("Read"));
    assert!(unauthorized(judge(&answer(403, &[("content-type", "text/html")], "<html>"))).contains("Read"));
}

#[test]
fn an_expired_key_asks_for_a_new_one_and_never_shows_the_old() {
    let why = unauthorized(judge(&answer(401, &[], include_str!("../fixtures/error_401_expired.json"))));
    assert!(why.contains("expired") && !why.contains("9999"), "{why}");
}

#[test]
fn each_reason_for_slowing_down_has_its_wait() {
    let body = include_str!("../fixtures/error_429_rate.json");
    assert_eq!(wait_s(judge(&answer(429, &[("stripe-rate-limited-reason", "endpoint-rate")], body))), 1);
    assert_eq!(wait_s(judge(&answer(429, &[("stripe-rate-limited-reason", "global-concurrency")], body))), 2);
    assert_eq!(wait_s(judge(&answer(429, &[("stripe-rate-limited-reason", "resource-specific")], body))), 5);
    assert_eq!(wait_s(judge(&answer(429, &[], include_str!("../fixtures/error_429_lock_timeout.json")))), 1);
    assert_eq!(wait_s(judge(&answer(400, &[], body))), 5, "old accounts get the code with status 400");
}

#[test]
fn stripe_decides_whether_another_try_can_help() {
    assert!(matches!(judge(&answer(500, &[], "")), Verdict::Uncertain(_)));
    let never = judge(&answer(503, &[("stripe-should-retry", "false")], ""));
    assert!(matches!(never, Verdict::Refuse(ConnectorError::Unavailable(_))));
    assert!(matches!(judge(&answer(409, &[("stripe-should-retry", "true")], "")), Verdict::Unavailable(_)));
    assert!(matches!(judge(&answer(402, &[], "")), Verdict::Refuse(ConnectorError::Rejected(_))));
}

#[test]
fn a_position_that_aged_out_is_told_apart_from_other_mistakes() {
    let aged = judge(&answer(400, &[], include_str!("../fixtures/error_400_aged_out.json")));
    assert_eq!(aged, Verdict::Refuse(ConnectorError::CursorExpired));
    let other = r#"{"error":{"type":"invalid_request_error","message":"Invalid integer: x","param":"limit"}}"#;
    assert!(matches!(judge(&answer(400, &[], other)), Verdict::Refuse(ConnectorError::Rejected(_))));
}

#[test]
fn no_second_sees_more_calls_than_any_endpoint_allows() {
    let quotas = StripeDialect::new(config(None)).quotas();
    assert!(quotas.iter().any(|quota| quota.class.is_none() && quota.per.as_secs() == 1 && quota.most() <= 25));
}
