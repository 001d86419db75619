//! Signing in and staying signed in: renewal, rotation, revocation, and what never shows.

use super::{company, follow, over, reopened, unsigned};
use crate::bench::{self, Bench, DOUBTFUL, start, words};
use bytes::Bytes;
use chrono::Duration;
use connector_contract::{ConnectorError, MemorySecrets, PullRequest, RecordKind, Secret, SecretError, SecretStore};
use connector_http::{Exchange, ExchangeError, Limits};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use vendor_sim::{Fault, FaultKind, Vendor};

const TOKEN: &str = "/oauth2/v1/tokens/bearer";

fn renewals(bench: &Bench) -> usize {
    bench.requests("POST", TOKEN).len()
}

fn stored_refresh(secrets: &dyn SecretStore) -> String {
    let tokens: Value = serde_json::from_str(secrets.get("tokens").unwrap().unwrap().expose()).unwrap();
    tokens["refresh_token"].as_str().unwrap().to_owned()
}

fn their_refresh(bench: &Bench) -> String {
    bench.world.read(|s| s.quickbooks.tokens.grants.last().unwrap().refresh.clone())
}

#[tokio::test(start_paused = true)]
async fn the_consent_page_asks_in_the_owners_name_and_a_code_works_once() {
    let (world, clock, exchange) = bench::world("demo");
    let secrets = Arc::new(MemorySecrets::default());
    let config = unsigned(&world, &secrets, &clock);
    let vendor = connector_quickbooks::vendor(exchange.clone());
    let sign_in = (vendor.sign_in.unwrap())(config);
    let connection = world.connection().quickbooks;
    let missing = sign_in.authorize_url(&connection.redirect_uri, "s").await.unwrap_err();
    assert!(matches!(missing, ConnectorError::Unauthorized(_)), "without keys nothing is opened: {missing:?}");
    secrets.set("client_id", &Secret::new(connection.client_id)).unwrap();
    secrets.set("client_secret", &Secret::new(connection.client_secret)).unwrap();
    let url = sign_in.authorize_url(&connection.redirect_uri, "a b&c").await.unwrap();
    let mut answer = follow(exchange.as_ref(), &url).await;
    assert_eq!(answer.remove("state").as_deref(), Some("a b&c"));
    let code = answer.remove("code").unwrap();
    let nowhere = sign_in.exchange(&connection.redirect_uri, &code, &BTreeMap::new()).await.unwrap_err();
    assert!(matches!(nowhere, ConnectorError::Unauthorized(_)), "a redirect without a company: {nowhere:?}");
    assert!(secrets.get("tokens").unwrap().is_none());
    let realm = sign_in.exchange(&connection.redirect_uri, &code, &answer).await.unwrap();
    assert_eq!(realm.as_deref(), Some(vendor_sim::quickbooks::REALM_ID));
    assert!(secrets.get("tokens").unwrap().is_some());
    let again = sign_in.exchange(&connection.redirect_uri, &code, &answer).await.unwrap_err();
    assert!(matches!(again, ConnectorError::Unauthorized(_)));
    sign_in.revoke().await.unwrap();
    assert!(secrets.get("tokens").unwrap().is_none());
    assert!(world.read(|s| s.quickbooks.tokens.grants.iter().all(|g| g.revoked)));
}

#[tokio::test(start_paused = true)]
async fn an_access_token_that_ends_is_renewed_once_and_nobody_notices() {
    let bench = company("demo").await;
    bench.pull().await.unwrap();
    assert_eq!(renewals(&bench), 0);
    bench.pass(Duration::minutes(61));
    assert_eq!(bench.pull().await.unwrap(), []);
    assert_eq!(renewals(&bench), 1);
    assert_eq!(bench.requests("GET", "/v3/").iter().filter(|r| r.status == Some(401)).count(), 0, "renewed before");
}

#[tokio::test(start_paused = true)]
async fn a_token_the_vendor_no_longer_takes_is_renewed_once_in_every_shape_of_the_refusal() {
    for shape in ["gateway", "fault", "xml"] {
        let bench = company("demo").await;
        bench.act("knobs", &json!({ "unauthorized_shape": shape }));
        bench.pull().await.unwrap();
        bench.act("expire_access_tokens", &json!({}));
        let stream = bench.connector.streams()[4];
        let request = || PullRequest { stream, cursor: None, now: start() };
        let (a, b, c, d) = tokio::join!(
            bench.connector.pull(request()),
            bench.connector.identify(),
            bench.connector.choices(),
            bench.connector.pull(request()),
        );
        assert!(a.is_ok() && b.is_ok() && c.is_ok() && d.is_ok(), "{shape}: {b:?} {c:?}");
        assert_eq!(renewals(&bench), 1, "{shape}");
    }
}

#[tokio::test(start_paused = true)]
async fn two_connectors_of_one_connection_renew_once_between_them() {
    let bench = company("demo").await;
    let other = reopened(&bench);
    bench.connector.identify().await.unwrap();
    other.identify().await.unwrap();
    bench.pass(Duration::hours(26));
    let (one, two) = tokio::join!(bench.connector.identify(), other.identify());
    assert!(one.is_ok() && two.is_ok(), "{one:?} {two:?}");
    assert_eq!(renewals(&bench), 1);
}

/// Checks that the refresh token in the keychain is the vendor's newest whenever an API request leaves.
struct StoredBeforeUse {
    inner: Arc<dyn Exchange>,
    world: vendor_sim::World,
    secrets: std::sync::OnceLock<Arc<MemorySecrets>>,
    checked: AtomicBool,
}

#[async_trait::async_trait]
impl Exchange for StoredBeforeUse {
    async fn exchange(
        &self,
        request: http::Request<Bytes>,
        limits: Limits,
    ) -> Result<http::Response<Bytes>, ExchangeError> {
        if let Some(secrets) = self.secrets.get().filter(|_| request.uri().path().contains("/v3/company")) {
            let theirs = self.world.read(|s| s.quickbooks.tokens.grants.last().unwrap().refresh.clone());
            assert_eq!(stored_refresh(secrets.as_ref()), theirs, "stored before the new access token is used");
            self.checked.store(true, Ordering::Relaxed);
        }
        self.inner.exchange(request, limits).await
    }
}

#[tokio::test(start_paused = true)]
async fn every_rotated_refresh_token_is_stored_before_the_new_access_token_is_used() {
    let (world, clock, inner) = bench::world("demo");
    let watch = Arc::new(StoredBeforeUse {
        inner,
        world: world.clone(),
        secrets: std::sync::OnceLock::new(),
        checked: AtomicBool::new(false),
    });
    let bench = over(world, clock, watch.clone()).await;
    watch.secrets.set(bench.secrets.clone()).unwrap();
    let first = stored_refresh(bench.secrets.as_ref());
    for _ in 0..5 {
        bench.pass(Duration::hours(25));
        bench.pull().await.unwrap();
    }
    assert!(watch.checked.load(Ordering::Relaxed));
    assert_ne!(stored_refresh(bench.secrets.as_ref()), first);
    assert_eq!(stored_refresh(bench.secrets.as_ref()), their_refresh(&bench));
    assert_eq!(renewals(&bench), 5);
}

#[tokio::test(start_paused = true)]
async fn a_revoked_sign_in_is_told_once_and_never_tried_in_a_loop() {
    let bench = company("demo").await;
    bench.pull().await.unwrap();
    bench.act("disconnect", &json!({}));
    bench.world.clear_requests();
    let error = bench.pull().await.unwrap_err();
    assert!(matches!(error, ConnectorError::Unauthorized(_)), "{error:?}");
    assert_eq!(renewals(&bench), 1);
    for _ in 0..5 {
        assert!(matches!(bench.pull().await.unwrap_err(), ConnectorError::Unauthorized(_)));
        assert!(matches!(reopened(&bench).identify().await.unwrap_err(), ConnectorError::Unauthorized(_)));
    }
    assert_eq!(renewals(&bench), 1, "a refused refresh token is not shown again");
}

#[tokio::test(start_paused = true)]
async fn a_hundred_idle_days_end_the_sign_in() {
    let bench = company("demo").await;
    bench.pass(Duration::days(101));
    assert!(matches!(bench.pull().await.unwrap_err(), ConnectorError::Unauthorized(_)));
    assert_eq!(renewals(&bench), 1);
}

#[tokio::test(start_paused = true)]
async fn a_renewal_that_fails_in_passing_does_not_end_the_sign_in() {
    for kind in [
        FaultKind::ServerError,
        FaultKind::BadGateway,
        FaultKind::Refuse,
        FaultKind::CutBefore,
        FaultKind::TooManyRequests,
    ] {
        let bench = company("demo").await;
        bench.pass(Duration::minutes(61));
        bench.plan(kind, "POST", TOKEN);
        if let Err(error) = bench.pull().await {
            assert!(error.is_transient(), "{kind:?}: {error:?}");
            tokio::time::sleep(std::time::Duration::from_mins(2)).await;
            bench.pull().await.unwrap();
        }
        assert_eq!(bench.all(RecordKind::Customer).len(), 8, "{kind:?}");
    }
}

/// A keychain that can be locked.
#[derive(Default)]
struct Lockable {
    inner: MemorySecrets,
    locked: AtomicBool,
}

impl SecretStore for Lockable {
    fn get(&self, name: &str) -> Result<Option<Secret>, SecretError> {
        self.inner.get(name)
    }

    fn set(&self, name: &str, secret: &Secret) -> Result<(), SecretError> {
        if self.locked.load(Ordering::Relaxed) {
            return Err(SecretError::Refused("it is locked".to_owned()));
        }
        self.inner.set(name, secret)
    }

    fn delete(&self, name: &str) -> Result<(), SecretError> {
        self.inner.delete(name)
    }
}

#[tokio::test(start_paused = true)]
async fn a_keychain_that_refuses_the_rotated_token_loses_nothing_once_it_is_unlocked() {
    let bench = company("demo").await;
    let keychain = Arc::new(Lockable::default());
    for name in bench.secrets.names() {
        keychain.inner.set(&name, &bench.secrets.get(&name).unwrap().unwrap()).unwrap();
    }
    let config = connector_contract::ConnectionConfig { secrets: keychain.clone(), ..bench.config.clone() };
    let connector = (connector_quickbooks::vendor(bench.exchange.clone()).open)(config);
    connector.identify().await.unwrap();
    bench.pass(Duration::hours(25));
    keychain.locked.store(true, Ordering::Relaxed);
    let error = connector.identify().await.unwrap_err();
    assert!(matches!(error, ConnectorError::Keychain(_)), "{error:?}");
    keychain.locked.store(false, Ordering::Relaxed);
    connector.identify().await.unwrap();
    assert_eq!(renewals(&bench), 1, "the token that could not be stored is stored now");
    assert_eq!(stored_refresh(keychain.as_ref()), their_refresh(&bench));
}

#[tokio::test(start_paused = true)]
async fn a_wrong_client_secret_is_said_in_words_without_showing_it() {
    let bench = company("demo").await;
    bench.secrets.set("client_secret", &Secret::new("wrong-secret-9876")).unwrap();
    bench.pass(Duration::minutes(61));
    let error = bench.pull().await.unwrap_err();
    assert!(matches!(error, ConnectorError::Unauthorized(_)), "{error:?}");
    assert!(!words(&error).contains("wrong-secret-9876"));
}

#[tokio::test(start_paused = true)]
async fn no_error_shows_a_key_or_a_token() {
    let mut kinds = DOUBTFUL.to_vec();
    kinds.extend([FaultKind::TooManyRequests, FaultKind::Refuse, FaultKind::EmptyBody]);
    for kind in kinds {
        for path in ["/v3/", TOKEN] {
            let bench = company("demo").await;
            bench.pass(Duration::minutes(61));
            bench.world.plan(Fault { path: Some(path.to_owned()), ..Fault::next(Vendor::Quickbooks, kind).times(50) });
            let error = bench.pull().await.unwrap_err();
            let tokens = bench.secrets.get("tokens").unwrap().unwrap();
            let tokens: Value = serde_json::from_str(tokens.expose()).unwrap();
            let secrets = [
                vendor_sim::quickbooks::CLIENT_SECRET,
                tokens["access_token"].as_str().unwrap(),
                tokens["refresh_token"].as_str().unwrap(),
            ];
            assert!(secrets.iter().all(|secret| !words(&error).contains(secret)), "{kind:?} {path}: {error:?}");
            assert!(!format!("{:?}", bench.secrets).contains(vendor_sim::quickbooks::CLIENT_SECRET));
        }
    }
}
