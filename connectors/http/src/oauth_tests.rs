//! What the sign-in promises: durable before use, one renewal at a time, no loops.

use crate::testing::Script;
use crate::{Discovery, OAuth, Provider, TokenSet, renewals_done};
use chrono::{DateTime, Duration, Utc};
use connector_contract::{ConnectorError, FakeClock, MemorySecrets, Secret, SecretError, SecretStore};
use http::HeaderMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

const FIRST: &str = r#"{"access_token":"a1","refresh_token":"r1","token_type":"bearer","expires_in":3600,
    "x_refresh_token_expires_in":8726400,"id_token":"x"}"#;
const SECOND: &str = r#"{"access_token":"a2","refresh_token":"r2","token_type":"bearer","expires_in":3600}"#;

/// Secrets that can fail to write.
#[derive(Default)]
struct Keychain {
    inner: MemorySecrets,
    locked: AtomicBool,
    /// What other processes wait for.
    alone: Arc<Turn>,
}

/// A turn that one has at a time.
#[derive(Default)]
struct Turn {
    taken: parking_lot::Mutex<bool>,
    freed: parking_lot::Condvar,
}

struct Taken(Arc<Turn>);

impl Turn {
    fn take(self: &Arc<Self>) -> Taken {
        let mut taken = self.taken.lock();
        self.freed.wait_while(&mut taken, |taken| *taken);
        *taken = true;
        Taken(Arc::clone(self))
    }
}

impl Drop for Taken {
    fn drop(&mut self) {
        *self.0.taken.lock() = false;
        self.0.freed.notify_all();
    }
}

impl SecretStore for Keychain {
    fn get(&self, name: &str) -> Result<Option<Secret>, SecretError> {
        self.inner.get(name)
    }

    fn set(&self, name: &str, secret: &Secret) -> Result<(), SecretError> {
        if self.locked.load(Ordering::SeqCst) {
            return Err(SecretError::Refused("locked".into()));
        }
        self.inner.set(name, secret)
    }

    fn delete(&self, name: &str) -> Result<(), SecretError> {
        self.inner.delete(name)
    }

    fn alone(&self) -> Result<Option<Box<dyn Send>>, SecretError> {
        Ok(Some(Box::new(self.alone.take())))
    }
}

struct Stage {
    script: Arc<Script>,
    keychain: Arc<Keychain>,
    clock: Arc<FakeClock>,
    oauth: OAuth,
}

fn now() -> DateTime<Utc> {
    "2026-11-20T08:00:00Z".parse().unwrap()
}

fn provider(pkce: bool) -> Provider {
    let url = |path: &str| format!("https://id.example.com/{path}").parse().unwrap();
    Provider { authorize: url("authorize"), token: url("token"), revoke: Some(url("revoke")), userinfo: None, pkce }
}

fn stage(discovery: Discovery) -> Stage {
    let (script, keychain, clock) = (Script::new(), Arc::new(Keychain::default()), Arc::new(FakeClock::at(now())));
    keychain.set("client_id", &Secret::new("the id")).unwrap();
    keychain.set("client_secret", &Secret::new("the secret")).unwrap();
    let oauth = OAuth::new(script.clone(), discovery, &["books"], &[], keychain.clone(), clock.clone());
    Stage { script, keychain, clock, oauth }
}

/// Signed in with a1 and r1 for an hour.
async fn signed_in() -> Stage {
    let stage = stage(Discovery { document: None, fallback: Some(provider(false)) });
    stage.script.json(200, FIRST);
    stage.oauth.exchange_code("https://app.example/cb", "code").await.unwrap();
    stage
}

async fn token(oauth: &OAuth) -> Result<String, ConnectorError> {
    let mut headers = HeaderMap::new();
    oauth.authorize(&mut headers).await?;
    Ok(headers["authorization"].to_str().unwrap().trim_start_matches("Bearer ").to_owned())
}

fn stored(stage: &Stage) -> String {
    stage.keychain.get("tokens").unwrap().unwrap().expose().to_owned()
}

fn body(stage: &Stage, index: usize) -> String {
    String::from_utf8(stage.script.requests()[index].body().to_vec()).unwrap()
}

fn is_signed_out<T: std::fmt::Debug>(result: &Result<T, ConnectorError>) -> bool {
    matches!(result, Err(ConnectorError::Unauthorized(_)))
}

#[tokio::test]
async fn the_authorize_page_carries_scope_state_and_redirect() {
    let stage = stage(Discovery { document: None, fallback: Some(provider(false)) });
    let url = stage.oauth.authorize_url("https://app.example/cb", "s t").await.unwrap();
    let query: std::collections::BTreeMap<_, _> = url.query_pairs().into_owned().collect();
    assert_eq!((query["scope"].as_str(), query["state"].as_str()), ("books", "s t"));
    assert_eq!((query["redirect_uri"].as_str(), query["response_type"].as_str()), ("https://app.example/cb", "code"));
    assert!(!query.contains_key("code_challenge") && !url.as_str().contains("secret"));
}

#[tokio::test]
async fn a_code_becomes_stored_tokens() {
    let stage = signed_in().await;
    let request = &stage.script.requests()[0];
    assert!(request.headers()["authorization"].to_str().unwrap().starts_with("Basic "));
    assert!(body(&stage, 0).contains("grant_type=authorization_code"));
    assert!(body(&stage, 0).contains("redirect_uri=https%3A%2F%2Fapp.example%2Fcb"));
    assert!(stored(&stage).contains("r1"));
    let set = stage.oauth.current().await.unwrap();
    assert_eq!(set.sign_in_ends_at, Some(now() + Duration::seconds(8_726_400)));
    assert_eq!(token(&stage.oauth).await.unwrap(), "a1");
    assert_eq!(stage.script.count(), 1);
}

#[tokio::test]
async fn an_ending_token_is_renewed_before_it_is_used_and_stored_first() {
    let stage = signed_in().await;
    stage.clock.advance(Duration::minutes(59));
    stage.script.json(200, SECOND);
    assert_eq!(token(&stage.oauth).await.unwrap(), "a2");
    assert!(body(&stage, 1).contains("refresh_token=r1"));
    assert!(stored(&stage).contains("r2"));
}

#[tokio::test]
async fn a_renewed_token_that_cannot_be_stored_is_not_used_but_not_lost_either() {
    let stage = signed_in().await;
    stage.clock.advance(Duration::hours(2));
    stage.script.json(200, SECOND);
    stage.keychain.locked.store(true, Ordering::SeqCst);
    assert!(matches!(token(&stage.oauth).await, Err(ConnectorError::Keychain(_))));
    assert!(matches!(token(&stage.oauth).await, Err(ConnectorError::Keychain(_))));
    stage.keychain.locked.store(false, Ordering::SeqCst);
    assert_eq!(token(&stage.oauth).await.unwrap(), "a2");
    assert_eq!(stage.script.count(), 2, "r1 is spent; it is not sent again");
}

#[tokio::test(start_paused = true)]
async fn concurrent_renewals_become_one_even_between_two_connectors() {
    let stage = signed_in().await;
    let fallback = Discovery { document: None, fallback: Some(provider(false)) };
    let other =
        OAuth::new(stage.script.clone(), fallback, &["books"], &[], stage.keychain.clone(), stage.clock.clone());
    stage.clock.advance(Duration::hours(2));
    stage.script.json(200, SECOND).slowly(std::time::Duration::from_secs(3));
    let (first, second, third) = tokio::join!(token(&stage.oauth), token(&stage.oauth), token(&other));
    assert_eq!([first.unwrap(), second.unwrap(), third.unwrap()], ["a2", "a2", "a2"]);
    assert_eq!(stage.script.count(), 2);
}

#[tokio::test(start_paused = true)]
async fn renewals_become_one_even_where_one_connector_has_missed_an_earlier_renewal() {
    let stage = signed_in().await;
    let fallback = || Discovery { document: None, fallback: Some(provider(false)) };
    let open =
        || OAuth::new(stage.script.clone(), fallback(), &["books"], &[], stage.keychain.clone(), stage.clock.clone());
    let renewed = stored(&stage).replace("a1", "a2").replace("r1", "r2");
    stage.keychain.set("tokens", &Secret::new(renewed)).unwrap();
    stage.clock.advance(Duration::hours(2));
    let third = SECOND.replace("a2", "a3").replace("r2", "r3");
    stage.script.json(200, &third).slowly(std::time::Duration::from_secs(3));
    let newer = open();
    let (behind, ahead) = tokio::join!(token(&stage.oauth), token(&newer));
    assert_eq!([behind.unwrap(), ahead.unwrap()], ["a3", "a3"]);
    assert_eq!(stage.script.count(), 2);
    assert!(body(&stage, 1).contains("refresh_token=r2"));
}

#[tokio::test]
async fn a_refused_token_is_renewed_only_if_it_is_still_the_current_one() {
    let stage = signed_in().await;
    let mut old = HeaderMap::new();
    stage.oauth.authorize(&mut old).await.unwrap();
    stage.script.json(200, SECOND);
    stage.oauth.renew(&old).await.unwrap();
    stage.oauth.renew(&old).await.unwrap();
    assert_eq!(stage.script.count(), 2);
    assert_eq!(token(&stage.oauth).await.unwrap(), "a2");
}

#[tokio::test]
async fn a_renewal_is_kept_although_its_answer_is_odd_beside_the_tokens() {
    let odd = [
        ("text/html", SECOND),
        ("", SECOND),
        ("18446744073709551615", SECOND),
        ("application/json", r#"{"access_token":"a2","refresh_token":"r2","token_type":null,"expires_in":"3600"}"#),
        ("application/json", r#"{"access_token":"a2","refresh_token":"r2","expires_in":-1,"scope":["books"]}"#),
        ("application/json", r#"{"access_token":"a2","refresh_token":"r2","expires_in":1e300,"scope":{}}"#),
    ];
    for (content_type, body) in odd {
        let stage = signed_in().await;
        stage.clock.advance(Duration::hours(2));
        stage.script.answer(200, &[("content-type", content_type)], body);
        assert_eq!(token(&stage.oauth).await.unwrap(), "a2", "{content_type} {body}");
        assert!(stored(&stage).contains("r2"), "{content_type} {body}");
    }
}

#[tokio::test]
async fn invalid_grant_ends_the_sign_in_and_never_loops() {
    let stage = signed_in().await;
    stage.clock.advance(Duration::hours(2));
    stage.script.json(400, r#"{"error":"invalid_grant"}"#);
    for _ in 0..3 {
        assert!(is_signed_out(&token(&stage.oauth).await));
    }
    let fallback = Discovery { document: None, fallback: Some(provider(false)) };
    let reopened = OAuth::new(stage.script.clone(), fallback, &[], &[], stage.keychain.clone(), stage.clock.clone());
    assert!(is_signed_out(&token(&reopened).await), "the refusal is remembered in the keychain");
    assert_eq!(stage.script.count(), 2);
    stage.script.json(200, SECOND);
    stage.oauth.exchange_code("https://app.example/cb", "new").await.unwrap();
    assert_eq!(token(&stage.oauth).await.unwrap(), "a2");
}

#[tokio::test(start_paused = true)]
async fn a_renewal_is_kept_even_when_its_caller_has_gone_away() {
    let stage = signed_in().await;
    stage.clock.advance(Duration::hours(2));
    stage.script.json(200, SECOND).slowly(std::time::Duration::from_secs(3));
    let second = std::time::Duration::from_secs(1);
    assert!(tokio::time::timeout(second, token(&stage.oauth)).await.is_err(), "the caller stopped waiting");
    renewals_done().await;
    assert!(stored(&stage).contains("r2"), "r1 is spent; r2 must not be lost");
    assert_eq!(token(&stage.oauth).await.unwrap(), "a2");
    assert_eq!(stage.script.count(), 2);
}

#[tokio::test(start_paused = true)]
async fn tokens_that_another_program_renewed_are_used_instead_of_ending_the_sign_in() {
    let stage = signed_in().await;
    stage.clock.advance(Duration::hours(2));
    stage.script.json(400, r#"{"error":"invalid_grant"}"#).slowly(std::time::Duration::from_secs(3));
    let elsewhere = async {
        tokio::time::sleep(std::time::Duration::from_secs(1)).await;
        let renewed = stored(&stage).replace("a1", "a9").replace("r1", "r9").replace("T09:", "T12:");
        stage.keychain.set("tokens", &Secret::new(renewed)).unwrap();
    };
    let (used, ()) = tokio::join!(token(&stage.oauth), elsewhere);
    assert_eq!(used.unwrap(), "a9");
    assert!(stored(&stage).contains("r9"), "what the other one stored stays");
    assert_eq!(token(&stage.oauth).await.unwrap(), "a9");
    assert_eq!(stage.script.count(), 2);
}

#[tokio::test]
async fn a_lost_renewal_is_unavailable_and_the_next_try_uses_what_is_stored() {
    let stage = signed_in().await;
    stage.clock.advance(Duration::hours(2));
    stage.script.no_answer().json(503, "").json(200, SECOND);
    for _ in 0..2 {
        assert!(matches!(token(&stage.oauth).await, Err(ConnectorError::Unavailable(_))));
    }
    assert_eq!(token(&stage.oauth).await.unwrap(), "a2");
    assert!(body(&stage, 3).contains("refresh_token=r1"));
}

#[tokio::test]
async fn a_busy_or_broken_sign_in_server_is_told_apart_from_wrong_app_keys() {
    let stage = signed_in().await;
    stage.clock.advance(Duration::hours(2));
    stage.script.answer(429, &[("retry-after", "9")], "").json(401, r#"{"error":"invalid_client"}"#);
    stage.script.answer(200, &[("content-type", "text/html")], "<html>a1 secret</html>");
    let slow = ConnectorError::RateLimited { after: std::time::Duration::from_secs(9) };
    assert_eq!(token(&stage.oauth).await.unwrap_err(), slow);
    assert!(is_signed_out(&token(&stage.oauth).await));
    match token(&stage.oauth).await {
        Err(ConnectorError::Protocol(text)) => assert!(!text.contains("secret"), "{text}"),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_vendor_without_rotation_keeps_the_old_refresh_token() {
    let stage = signed_in().await;
    stage.clock.advance(Duration::hours(2));
    stage.script.json(200, r#"{"access_token":"a2","token_type":"bearer","expires_in":3600}"#);
    assert_eq!(token(&stage.oauth).await.unwrap(), "a2");
    assert!(stored(&stage).contains("r1"));
}

#[tokio::test]
async fn discovery_is_read_once_and_its_pkce_is_used() {
    let document = Some("https://id.example.com/.well-known".parse().unwrap());
    let stage = stage(Discovery { document, fallback: None });
    stage.script.json(
        200,
        r#"{"authorization_endpoint":"https://x.example/a","token_endpoint":"https://x.example/t",
            "code_challenge_methods_supported":["plain","S256"]}"#,
    );
    let url = stage.oauth.authorize_url("https://app.example/cb", "s").await.unwrap();
    assert!(url.as_str().starts_with("https://x.example/a?") && url.as_str().contains("code_challenge_method=S256"));
    stage.script.json(200, FIRST);
    stage.oauth.exchange_code("https://app.example/cb", "code").await.unwrap();
    assert_eq!(stage.script.lines()[1], "POST https://x.example/t");
    assert!(body(&stage, 1).contains("code_verifier="));
    assert_eq!(stage.keychain.inner.names(), ["client_id", "client_secret", "tokens"]);
}

#[tokio::test]
async fn without_discovery_the_constants_stand_in_and_a_forged_address_is_refused() {
    let document = Some("https://id.example.com/.well-known".parse().unwrap());
    let stage = stage(Discovery { document, fallback: Some(provider(false)) });
    stage.script.not_sent();
    stage
        .script
        .json(200, r#"{"authorization_endpoint":"http://evil.example/a","token_endpoint":"http://evil.example/t"}"#);
    for _ in 0..2 {
        assert_eq!(stage.oauth.provider().await.unwrap(), provider(false));
    }
    assert_eq!(stage.script.count(), 2, "the document is asked for again");
}

#[tokio::test]
async fn signing_out_forgets_the_tokens_even_when_the_vendor_does_not_answer() {
    let stage = signed_in().await;
    stage.script.no_answer();
    assert!(stage.oauth.revoke().await.is_err());
    assert_eq!(body(&stage, 1), "token=r1");
    assert_eq!(stage.keychain.get("tokens").unwrap(), None);
    assert!(is_signed_out(&token(&stage.oauth).await));
}

#[tokio::test]
async fn tokens_never_print_themselves() {
    let stage = signed_in().await;
    let set: TokenSet = stage.oauth.current().await.unwrap();
    assert!(!format!("{set:?}").contains("a1") && !format!("{set:?}").contains("r1"));
}

#[tokio::test]
async fn a_renewal_waits_for_another_processs_and_takes_what_that_one_stored() {
    let stage = signed_in().await;
    stage.clock.advance(Duration::hours(2));
    let other = stage.keychain.alone.take();
    let oauth = stage.oauth.clone();
    let ours = tokio::spawn(async move { token(&oauth).await });
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
    assert!(!ours.is_finished(), "the other one has the turn");
    let newer = stored(&stage).replace("a1", "a9").replace("r1", "r9").replace("2026-11-20T09", "2026-11-20T23");
    stage.keychain.set("tokens", &Secret::new(newer)).unwrap();
    drop(other);
    assert_eq!(ours.await.unwrap().unwrap(), "a9");
    assert_eq!(stage.script.count(), 1, "the spent refresh token was not sent");
    assert!(!*stage.keychain.alone.taken.lock(), "and the turn is free again");
}
