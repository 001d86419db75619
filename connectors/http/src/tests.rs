//! What the client promises, rule by rule, over a scripted exchange on paused time.

use crate::testing::Script;
use crate::{Answer, Base, BreakerState, Call, Client, Dialect, Limits, Quota, Verdict, bearer};
use connector_contract::{ConnectorError, Rejection, Rest, SystemClock};
use http::HeaderMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio::time::Instant;

/// A vendor whose key is `key-N`, N being how often it was renewed.
#[derive(Default)]
pub(crate) struct Plain {
    renewals: AtomicUsize,
    quotas: Vec<Quota>,
}

#[async_trait::async_trait]
impl Dialect for Plain {
    fn name(&self) -> &'static str {
        "Example"
    }

    async fn authorize(&self, headers: &mut HeaderMap) -> Result<(), ConnectorError> {
        bearer(headers, &format!("key-{}", self.renewals.load(Ordering::SeqCst)))
    }

    async fn renew(&self, _refused: &HeaderMap) -> Result<(), ConnectorError> {
        self.renewals.fetch_add(1, Ordering::SeqCst);
        Ok(())
    }

    fn judge(&self, answer: &Answer) -> Verdict {
        match answer.status.as_u16() {
            400 => Verdict::Refuse(ConnectorError::Rejected(Rejection::vendors("bad", None, "no"))),
            503 => Verdict::Unavailable("closed for repairs".into()),
            _ => Verdict::by_status(answer),
        }
    }

    fn pace(&self, answer: &Answer) -> Option<Duration> {
        answer.header("x-wait").and_then(|text| text.parse().ok()).map(Duration::from_secs)
    }

    fn quotas(&self) -> Vec<Quota> {
        self.quotas.clone()
    }
}

fn client(script: &Arc<Script>) -> Client {
    Client::new(script.clone(), Arc::new(Plain::default()), Arc::new(SystemClock))
}

fn limited(script: &Arc<Script>, quotas: Vec<Quota>) -> Client {
    Client::new(script.clone(), Arc::new(Plain { quotas, ..Plain::default() }), Arc::new(SystemClock))
}

fn read() -> Call {
    Call::get(Base::new("https://api.example.com").route("/things", &[]))
}

fn write() -> Call {
    Call::post(Base::new("https://api.example.com").route("/things", &[])).json(&serde_json::json!({"n": 1}))
}

fn is_unknown(result: &Result<Answer, ConnectorError>) -> bool {
    matches!(result, Err(ConnectorError::Unknown(_)))
}

#[tokio::test(start_paused = true)]
async fn a_read_survives_transient_faults() {
    let script = Script::new();
    script.not_sent().no_answer().json(502, "").json(200, "{}");
    assert_eq!(client(&script).send(read()).await.unwrap().status, 200);
    assert_eq!(script.count(), 4);
}

#[tokio::test(start_paused = true)]
async fn a_read_gives_up_after_its_retries_and_says_that_nothing_was_applied() {
    let script = Script::new();
    script.no_answer().no_answer().no_answer().no_answer().json(200, "{}");
    assert!(matches!(client(&script).send(read()).await, Err(ConnectorError::Unavailable(_))));
    assert_eq!(script.count(), 4);
}

#[tokio::test(start_paused = true)]
async fn a_once_only_write_without_an_answer_is_unknown_and_never_sent_twice() {
    for fault in ["cut", "500"] {
        let script = Script::new();
        if fault == "cut" { script.no_answer() } else { script.json(500, "") }.json(200, "{}");
        assert!(is_unknown(&client(&script).send(write()).await), "{fault}");
        assert_eq!(script.count(), 1, "{fault}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_once_only_write_is_repeated_when_it_certainly_had_no_effect() {
    let script = Script::new();
    script.not_sent().json(503, "").json(201, "{}");
    assert_eq!(client(&script).send(write()).await.unwrap().status, 201);
}

#[tokio::test(start_paused = true)]
async fn a_repeatable_write_is_sent_again_with_the_same_bytes() {
    let script = Script::new();
    script.no_answer().json(200, "{}");
    client(&script).send(write().repeatable()).await.unwrap();
    let requests = script.requests();
    assert_eq!(requests[0].body(), requests[1].body());
    assert_eq!(requests.len(), 2);
}

#[tokio::test(start_paused = true)]
async fn doubt_about_a_repeatable_write_outlives_harmless_failures_after_it() {
    for last in ["refused", "slow down", "signed out"] {
        let script = Script::new();
        script.no_answer();
        match last {
            "refused" => script.not_sent().not_sent().not_sent(),
            "slow down" => script.answer(429, &[("retry-after", "600")], ""),
            _ => script.json(401, "").json(401, ""),
        };
        assert!(is_unknown(&client(&script).send(write().repeatable()).await), "{last}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_vendors_own_word_ends_the_doubt() {
    let script = Script::new();
    script.no_answer().json(400, "{}");
    let result = client(&script).send(write().repeatable()).await;
    assert!(matches!(result, Err(ConnectorError::Rejected(_))));
}

#[tokio::test(start_paused = true)]
async fn a_stale_token_is_renewed_once() {
    let script = Script::new();
    script.json(401, "").json(200, "{}");
    client(&script).send(write()).await.unwrap();
    let keys: Vec<_> = script.requests().iter().map(|r| r.headers()["authorization"].clone()).collect();
    assert_eq!(keys, ["Bearer key-0", "Bearer key-1"]);
    assert!(keys.iter().all(http::HeaderValue::is_sensitive));
}

#[tokio::test(start_paused = true)]
async fn a_second_refusal_of_the_sign_in_is_final() {
    let script = Script::new();
    script.json(401, "").json(401, "").json(200, "{}");
    assert!(matches!(client(&script).send(read()).await, Err(ConnectorError::Unauthorized(_))));
    assert_eq!(script.count(), 2);
}

#[tokio::test(start_paused = true)]
async fn retry_after_is_obeyed_to_the_second() {
    let script = Script::new();
    script.answer(429, &[("retry-after", "17")], "").json(200, "{}");
    let start = Instant::now();
    client(&script).send(write()).await.unwrap();
    assert!((17..19).contains(&start.elapsed().as_secs()), "{:?}", start.elapsed());
}

#[tokio::test(start_paused = true)]
async fn retry_after_may_be_a_date() {
    let script = Script::new();
    let headers = [("date", "Wed, 21 Oct 2026 07:28:00 GMT"), ("retry-after", "Wed, 21 Oct 2026 07:28:40 GMT")];
    script.answer(429, &headers, "").json(200, "{}");
    let start = Instant::now();
    client(&script).send(read()).await.unwrap();
    assert_eq!(start.elapsed().as_secs(), 40);
}

#[tokio::test(start_paused = true)]
async fn a_long_wait_is_handed_to_the_engine_and_kept_for_the_next_call() {
    let script = Script::new();
    script.answer(429, &[("retry-after", "300")], "").json(200, "{}");
    let client = client(&script);
    let start = Instant::now();
    let slow = ConnectorError::RateLimited { after: Duration::from_mins(5) };
    assert_eq!(client.send(write()).await.unwrap_err(), slow);
    assert_eq!(client.send(write()).await.unwrap_err(), slow);
    assert_eq!((start.elapsed(), script.count()), (Duration::ZERO, 1));
    tokio::time::advance(Duration::from_mins(5)).await;
    client.send(write()).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn an_answer_may_ask_for_a_pause_before_the_next_call() {
    let script = Script::new();
    script.answer(200, &[("x-wait", "30")], "{}").json(200, "{}");
    let client = client(&script);
    let start = Instant::now();
    client.send(read()).await.unwrap();
    assert_eq!(start.elapsed(), Duration::ZERO);
    client.send(read()).await.unwrap();
    assert_eq!(start.elapsed().as_secs(), 30);
}

#[tokio::test(start_paused = true)]
async fn a_bucket_lets_a_burst_through_and_then_paces() {
    let script = Script::new();
    for _ in 0..6 {
        script.json(200, "{}");
    }
    let quota = Quota { class: None, burst: 4, refill: 30, per: Duration::from_mins(1) };
    let client = limited(&script, vec![quota]);
    let start = Instant::now();
    for _ in 0..4 {
        client.send(write()).await.unwrap();
    }
    assert_eq!(start.elapsed(), Duration::ZERO);
    client.send(write()).await.unwrap();
    client.send(write()).await.unwrap();
    assert_eq!(start.elapsed().as_secs(), 4);
}

#[tokio::test(start_paused = true)]
async fn a_class_has_a_bucket_of_its_own() {
    let script = Script::new();
    for _ in 0..4 {
        script.json(200, "{}");
    }
    let quota = Quota { class: Some("batch"), burst: 1, refill: 1, per: Duration::from_secs(10) };
    let client = limited(&script, vec![quota]);
    let start = Instant::now();
    client.send(write().class("batch")).await.unwrap();
    client.send(write()).await.unwrap();
    client.send(write()).await.unwrap();
    assert_eq!(start.elapsed(), Duration::ZERO);
    client.send(write().class("batch")).await.unwrap();
    assert_eq!(start.elapsed().as_secs(), 10);
}

#[tokio::test(start_paused = true)]
async fn identical_reads_under_way_become_one() {
    let script = Script::new();
    script.json(200, "{}").slowly(Duration::from_secs(2)).json(200, "{}").json(200, "{}");
    let client = client(&script);
    let (first, second, other) =
        tokio::join!(client.send(read()), client.send(read()), client.send(read().query("page", "2")));
    assert!(first.is_ok() && second.is_ok() && other.is_ok());
    assert_eq!(script.count(), 2);
    client.send(read()).await.unwrap();
    assert_eq!(script.count(), 3, "a later read is made anew");
}

#[tokio::test(start_paused = true)]
async fn a_shared_read_outlives_the_caller_that_started_it() {
    let script = Script::new();
    script.json(200, "{}").slowly(Duration::from_secs(5));
    let client = client(&script);
    let gone = tokio::spawn({
        let client = client.clone();
        async move { client.send(read()).await }
    });
    let stays = tokio::spawn({
        let client = client.clone();
        async move { client.send(read()).await }
    });
    tokio::time::sleep(Duration::from_secs(1)).await;
    gone.abort();
    assert_eq!(stays.await.unwrap().unwrap().status, 200);
    assert_eq!(script.count(), 1);
}

#[tokio::test(start_paused = true)]
async fn the_breaker_opens_rests_probes_and_closes() {
    let script = Script::new();
    for _ in 0..6 {
        script.not_sent();
    }
    let client = client(&script);
    assert_eq!(client.breaker(), BreakerState::Closed);
    assert!(client.send(read()).await.is_err());
    assert!(client.send(read()).await.is_err());
    assert!(matches!(client.breaker(), BreakerState::Open { .. }), "{:?}", client.breaker());
    let count = script.count();
    assert!(matches!(client.send(write()).await, Err(ConnectorError::Unavailable(_))));
    assert_eq!(script.count(), count, "nothing is sent while it rests");
    tokio::time::advance(Duration::from_secs(15)).await;
    assert_eq!(client.breaker(), BreakerState::HalfOpen);
    script.json(200, "{}");
    client.send(read()).await.unwrap();
    assert_eq!(client.breaker(), BreakerState::Closed);
}

#[tokio::test(start_paused = true)]
async fn a_rest_is_told_with_its_end_and_one_call_may_be_let_through_before() {
    let script = Script::new();
    for _ in 0..7 {
        script.not_sent();
    }
    let client = client(&script);
    let now: chrono::DateTime<chrono::Utc> = "2026-11-20T10:41:45Z".parse().unwrap();
    assert_eq!(client.rest(now), None);
    let _ = (client.send(read()).await, client.send(read()).await);
    let seconds = |rest: Rest| (rest.until - now).num_seconds();
    let rest = client.rest(now).unwrap();
    // Waiting for another try of the same call has taken a second or two of it.
    assert!(rest.failures == 6 && (10..=15).contains(&seconds(rest)), "{rest:?}");
    assert_eq!(script.count(), 6, "telling it costs no request");
    client.end_rest();
    assert_eq!(client.rest(now), None);
    assert!(client.send(read()).await.is_err());
    assert_eq!(script.count(), 7, "one probe, and no more when it fails");
    let rest = client.rest(now).unwrap();
    assert!(rest.failures == 7 && (27..=30).contains(&seconds(rest)), "longer: {rest:?}");
    client.end_rest();
    script.json(200, "{}");
    client.send(read()).await.unwrap();
    assert_eq!((client.rest(now), client.breaker()), (None, BreakerState::Closed));
}

#[tokio::test(start_paused = true)]
async fn a_failed_probe_makes_the_rest_longer_and_only_one_probe_goes_at_a_time() {
    let script = Script::new();
    for _ in 0..6 {
        script.not_sent();
    }
    let client = client(&script);
    let _ = (client.send(read()).await, client.send(read()).await);
    tokio::time::advance(Duration::from_secs(16)).await;
    script.no_answer().slowly(Duration::from_secs(5));
    let (probe, held) = tokio::join!(client.send(write()), client.send(write()));
    assert!(is_unknown(&probe) && matches!(held, Err(ConnectorError::Unavailable(_))));
    match client.breaker() {
        BreakerState::Open { remaining } => assert_eq!(remaining.as_secs(), 30),
        other => panic!("{other:?}"),
    }
}

#[tokio::test(start_paused = true)]
async fn one_bad_record_that_crashes_the_vendor_does_not_open_the_breaker() {
    let script = Script::new();
    for _ in 0..4 {
        script.json(500, "").json(200, "{}");
    }
    let client = client(&script);
    for _ in 0..4 {
        assert!(is_unknown(&client.send(write()).await));
        assert!(client.send(read()).await.is_ok());
    }
    assert_eq!(client.breaker(), BreakerState::Closed);
}

#[tokio::test(start_paused = true)]
async fn a_silent_server_is_given_up_at_the_limit() {
    let script = Script::new();
    script.json(200, "{}").slowly(Duration::from_hours(1));
    let start = Instant::now();
    let call = write().limits(Limits { total: Duration::from_secs(7), ..Limits::default() });
    assert!(is_unknown(&client(&script).send(call).await));
    assert_eq!(start.elapsed().as_secs(), 7);
}

#[tokio::test(start_paused = true)]
async fn an_answer_beyond_the_size_limit_is_refused() {
    for (call, unknown) in [(read(), false), (write(), true)] {
        let script = Script::new();
        script.json(200, &"x".repeat(100));
        let result = client(&script).send(call.limits(Limits { body_bytes: 99, ..Limits::default() })).await;
        assert_eq!(is_unknown(&result), unknown);
        assert!(unknown || result.unwrap_err() == ConnectorError::TooLarge, "asking for less may help");
    }
}

#[tokio::test(start_paused = true)]
async fn waits_are_drawn_from_the_whole_range_and_grow() {
    let mut longest = Duration::ZERO;
    let mut shortest = Duration::MAX;
    for _ in 0..40 {
        let script = Script::new();
        script.not_sent().json(200, "{}");
        let start = Instant::now();
        client(&script).send(read()).await.unwrap();
        longest = longest.max(start.elapsed());
        shortest = shortest.min(start.elapsed());
    }
    assert!(longest <= Duration::from_millis(1001) && longest > shortest + Duration::from_millis(300));
}

#[tokio::test]
async fn a_call_that_cannot_be_written_fails_before_anything_is_sent() {
    let script = Script::new();
    let bad_address = Call::get(Base::new("http://api.example.com").route("/x", &[]));
    let bad_header = read().header(http::header::ETAG, "two\nlines");
    for call in [bad_address, bad_header] {
        assert!(matches!(client(&script).send(call).await, Err(ConnectorError::Protocol(_))));
    }
    assert_eq!(script.count(), 0);
}

#[test]
fn nothing_private_is_printed() {
    let call = write().query("customer", "Ann").header(http::header::COOKIE, "secret");
    let text = format!("{call:?}");
    assert!(!text.contains("Ann") && !text.contains("secret"), "{text}");
}

mod reading {
    use super::*;
    use bytes::Bytes;
    use http::StatusCode;

    fn answer(content_type: &str, body: &str) -> Answer {
        let mut headers = HeaderMap::new();
        if !content_type.is_empty() {
            headers.insert("content-type", content_type.parse().unwrap());
        }
        Answer { status: StatusCode::OK, headers, body: Bytes::copy_from_slice(body.as_bytes()) }
    }

    #[derive(Debug, serde::Deserialize)]
    #[expect(dead_code, reason = "only its shape is read")]
    struct Shape {
        rows: Vec<Row>,
    }

    #[derive(Debug, serde::Deserialize)]
    #[expect(dead_code, reason = "only its shape is read")]
    struct Row {
        id: u64,
    }

    fn fault(content_type: &str, body: &str) -> String {
        match answer(content_type, body).json::<Shape>() {
            Err(ConnectorError::Protocol(text)) => text,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn json_is_read_whatever_text_type_it_is_labelled_with() {
        for label in ["application/json; charset=utf-8", "application/problem+json", "text/plain", ""] {
            assert!(answer(label, r#" {"rows":[{"id":1,"new":true}]} "#).json::<Shape>().is_ok(), "{label}");
        }
    }

    #[test]
    fn each_fault_of_an_answer_is_named() {
        assert!(fault("application/json", "").contains("empty"));
        assert!(fault("text/html", "<!doctype html>").contains("web page"));
        assert!(fault("application/json", " <html>").contains("web page"));
        assert!(fault("application/xml", "x").contains("application/xml"));
        assert!(fault("application/json", r#"{"rows":[{"id":"#).contains("breaks off"));
        assert!(fault("application/json", "{rows}").contains("line 1"));
        assert!(fault("application/json", r#"{"rows":[{}]}"#).contains("\"id\" is missing at rows[0]"));
        assert!(fault("application/json", r#"{"rows":[]} {}"#).contains("follows"));
    }

    #[test]
    fn a_wrong_field_is_named_without_its_value() {
        let text = fault("application/json", r#"{"rows":[{"id":1},{"id":"sk_live_secret"}]}"#);
        assert!(text.contains("rows[1].id") && !text.contains("secret"), "{text}");
    }
}
