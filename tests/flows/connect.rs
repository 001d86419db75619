//! Connecting: through QuickBooks' consent page or with keys, and every way in which that ends without a connection.

use crate::shop::{Outside, Shop, failed, made, set_up, shop};
use backroom_core::connections::{ConnectDraft, ConnectionState, NamedText, SignInFailure};
use backroom_core::{Code, Error};
use bytes::Bytes;
use chrono::Duration;
use connector_contract::{MemorySecrets, Secret, SecretError, SecretStore};
use connector_http::Limits;
use http::Request;
use serde_json::json;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use url::Url;
use vendor_sim::{Fault, FaultKind, Vendor};

/// Presses a button of the consent page, whose form carries what the page was asked with. Returns the redirect.
async fn press(shop: &Shop, page: &str, action: &Url, button: &str) -> Url {
    let mut form = url::form_urlencoded::Serializer::new(String::new());
    for input in page.split("<input type=\"hidden\" name=\"").skip(1) {
        let (name, rest) = input.split_once("\" value=\"").unwrap();
        form.append_pair(name, &rest.split_once('"').unwrap().0.replace("&amp;", "&"));
    }
    form.append_pair("decision", button);
    let request = Request::post(action.as_str())
        .header("content-type", "application/x-www-form-urlencoded")
        .body(Bytes::from(form.finish()))
        .unwrap();
    let response = shop.outside.exchange.exchange(request, Limits::default()).await.unwrap();
    Url::parse(response.headers()["location"].to_str().unwrap()).unwrap()
}

/// Opens the sign-in and answers the vendor's question in the browser. Returns the link that the bounce page hands over.
async fn in_the_browser(shop: &Shop, draft: ConnectDraft, button: &str) -> String {
    shop.world().set_options(|options| options.auto_consent = false);
    let started = shop.start_sign_in(draft).await.unwrap();
    let page = shop.browse(&started.authorize_url).await.unwrap_err();
    assert!(page.contains("Harbor &amp; Pine Coffee Supply") && page.contains("Deny"), "{page}");
    let action = Url::parse(&started.authorize_url).unwrap().join("oauth2/decision").unwrap();
    let bounced = press(shop, &page, &action, button).await;
    format!("backroom://oauth/quickbooks?{}", bounced.query().unwrap())
}

fn keychain(shop: &Shop) -> Vec<String> {
    // Every shop here that asks keeps its secrets in memory.
    let name = |id: &str, field: &str| format!("connection/{id}/{field}");
    let fields = ["client_id", "client_secret", "tokens", "api_key", "api_secret", "v2_key", "secret_key"];
    let ids: Vec<String> = shop.list_connections().unwrap().into_iter().map(|c| c.id.to_string()).collect();
    let names = ids.iter().flat_map(|id| fields.map(|field| name(id, field)));
    names.filter(|name| shop.outside.secrets.get(name).unwrap().is_some()).collect()
}

/// A shop whose keychain the test can look into.
fn open_book() -> (Shop, Arc<MemorySecrets>) {
    let secrets = Arc::new(MemorySecrets::default());
    let shop = set_up(Outside { secrets: secrets.clone(), ..Outside::new("demo") }.start(None));
    (shop, secrets)
}

/// Nothing came of it: no connection, no entry in the keychain, and a next try works.
async fn assert_nothing_left(shop: &Shop, secrets: &MemorySecrets) {
    assert!(shop.list_connections().unwrap().is_empty());
    assert_eq!(secrets.names(), Vec::<String>::new());
    shop.world().clear_faults();
    shop.world().outage(Vendor::Quickbooks, false);
    shop.world().set_options(|options| options.auto_consent = true);
    shop.connect_quickbooks().await;
}

#[tokio::test(start_paused = true)]
async fn allowing_at_quickbooks_connects_the_company_that_was_chosen() {
    let (shop, secrets) = open_book();
    let link = in_the_browser(&shop, shop.practice("quickbooks"), "allow").await;
    let connection = made(shop.finish_sign_in(link).await.unwrap());
    assert_eq!(
        (connection.account_name.as_str(), connection.vendor_name.as_str()),
        ("Harbor & Pine Coffee Supply", "QuickBooks")
    );
    assert_eq!(
        (connection.account_id.as_str(), connection.state),
        (vendor_sim::quickbooks::REALM_ID, ConnectionState::Ready)
    );
    assert_eq!(keychain(&shop).len(), 3, "client id, client secret and tokens");
    assert_eq!(secrets.names().len(), 3, "and nothing else: no probe, no verifier");
    let settings = shop.refresh_connection_choices(connection.id).await.unwrap().settings;
    assert!(settings.iter().any(|s| s.id == "income_account" && s.options.iter().any(|o| o.suggested)));
}

#[tokio::test(start_paused = true)]
async fn denying_at_quickbooks_connects_nothing() {
    let (shop, secrets) = open_book();
    let link = in_the_browser(&shop, shop.practice("quickbooks"), "deny").await;
    let (reason, message) = failed(shop.finish_sign_in(link).await.unwrap());
    assert_eq!(reason, SignInFailure::Declined);
    assert!(message.contains("declined"), "{message}");
    assert_nothing_left(&shop, &secrets).await;
}

#[tokio::test(start_paused = true)]
async fn a_link_without_the_waiting_state_changes_nothing_and_the_right_one_still_works() {
    let (shop, secrets) = open_book();
    let link = in_the_browser(&shop, shop.practice("quickbooks"), "allow").await;
    let state = Url::parse(&link).unwrap().query_pairs().find(|(name, _)| name == "state").unwrap().1.into_owned();
    let wrong = link.replace(&state, &state.chars().rev().collect::<String>());
    let forged = format!("backroom://oauth/quickbooks?code=stolen&state={}&realmId=1", "0".repeat(state.len()));
    let other_vendor = link.replace("oauth/quickbooks", "oauth/stripe");
    for bad in [wrong, forged, other_vendor] {
        assert_eq!(failed(shop.finish_sign_in(bad).await.unwrap()).0, SignInFailure::UnknownState);
    }
    for malformed in ["", "hello", "backroom://oauth/quickbooks", "https://shop.example/", "backroom://evil?state=1"] {
        assert_eq!(
            failed(shop.finish_sign_in(malformed.to_owned()).await.unwrap()).0,
            SignInFailure::Malformed,
            "{malformed}"
        );
    }
    assert!(shop.list_connections().unwrap().is_empty() && secrets.names().is_empty());
    made(shop.finish_sign_in(link.clone()).await.unwrap());
    let again = failed(shop.finish_sign_in(link).await.unwrap());
    assert_eq!(again.0, SignInFailure::UnknownState, "a link works once");
    assert_eq!(shop.list_connections().unwrap().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_sign_in_that_takes_too_long_or_is_cancelled_connects_nothing() {
    let (shop, secrets) = open_book();
    let link = in_the_browser(&shop, shop.practice("quickbooks"), "allow").await;
    shop.outside.clock.advance(Duration::minutes(11));
    assert_eq!(failed(shop.finish_sign_in(link).await.unwrap()).0, SignInFailure::Expired);
    let link = in_the_browser(&shop, shop.practice("quickbooks"), "allow").await;
    shop.cancel_sign_in().unwrap();
    assert_eq!(failed(shop.finish_sign_in(link).await.unwrap()).0, SignInFailure::UnknownState);
    assert_nothing_left(&shop, &secrets).await;
}

#[tokio::test(start_paused = true)]
async fn a_link_that_lacks_code_or_company_connects_nothing() {
    for missing in ["code", "realmId"] {
        let (shop, secrets) = open_book();
        let link = Url::parse(&in_the_browser(&shop, shop.practice("quickbooks"), "allow").await).unwrap();
        let kept: Vec<_> = link.query_pairs().into_owned().filter(|(name, _)| name != missing).collect();
        let cut = Url::parse_with_params("backroom://oauth/quickbooks", kept).unwrap();
        let (reason, message) = failed(shop.finish_sign_in(cut.to_string()).await.unwrap());
        assert!(matches!(reason, SignInFailure::Malformed | SignInFailure::CodeRefused), "{missing}: {reason:?}");
        assert!(!message.is_empty());
        assert_nothing_left(&shop, &secrets).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_wrong_client_secret_is_named_as_that() {
    let (shop, secrets) = open_book();
    let mut draft = shop.practice("quickbooks");
    for field in draft.fields.iter_mut().filter(|field| field.id == "client_secret") {
        field.value = "not-the-secret-1234".to_owned();
    }
    let link = in_the_browser(&shop, draft, "allow").await;
    let (reason, message) = failed(shop.finish_sign_in(link).await.unwrap());
    assert_eq!(reason, SignInFailure::ClientRefused);
    assert!(!message.contains("not-the-secret-1234"));
    assert_nothing_left(&shop, &secrets).await;
}

#[tokio::test(start_paused = true)]
async fn a_code_the_vendor_no_longer_takes_is_refused() {
    let (shop, secrets) = open_book();
    shop.act(Vendor::Quickbooks, "rules", &json!({ "code_s": 30 }));
    let link = in_the_browser(&shop, shop.practice("quickbooks"), "allow").await;
    shop.outside.clock.advance(Duration::minutes(2));
    assert_eq!(failed(shop.finish_sign_in(link).await.unwrap()).0, SignInFailure::CodeRefused);
    shop.act(Vendor::Quickbooks, "rules", &json!({ "code_s": 600 }));
    assert_nothing_left(&shop, &secrets).await;
}

#[tokio::test(start_paused = true)]
async fn a_vendor_that_cannot_be_reached_before_or_after_consent_leaves_nothing() {
    let (shop, secrets) = open_book();
    shop.world().outage(Vendor::Quickbooks, true);
    let error = shop.start_sign_in(shop.practice("quickbooks")).await.unwrap_err();
    assert_eq!(error.code(), Error::Connector(connector_contract::ConnectorError::Unavailable(String::new())).code());
    shop.world().outage(Vendor::Quickbooks, false);
    for (path, kind) in [
        ("/oauth2/v1/tokens/bearer", FaultKind::TimeoutAfter),
        ("/oauth2/v1/tokens/bearer", FaultKind::ServerError),
        ("/v3/company", FaultKind::Refuse),
        ("/v3/company", FaultKind::ServerError),
    ] {
        let link = in_the_browser(&shop, shop.practice("quickbooks"), "allow").await;
        shop.world().plan(Fault { path: Some(path.to_owned()), ..Fault::next(Vendor::Quickbooks, kind).times(20) });
        let (reason, _) = failed(shop.finish_sign_in(link).await.unwrap());
        assert_eq!(reason, SignInFailure::Unreachable, "{path} {kind:?}");
        assert!(shop.list_connections().unwrap().is_empty() && secrets.names().is_empty(), "{path} {kind:?}");
        shop.world().clear_faults();
    }
    assert_nothing_left(&shop, &secrets).await;
}

/// A keychain that refuses to keep anything from the n-th write on.
struct Failing {
    inner: MemorySecrets,
    writes_left: std::sync::atomic::AtomicUsize,
    mended: AtomicBool,
}

impl SecretStore for Failing {
    fn get(&self, name: &str) -> Result<Option<Secret>, SecretError> {
        self.inner.get(name)
    }

    fn set(&self, name: &str, secret: &Secret) -> Result<(), SecretError> {
        let left = self.writes_left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1));
        if left.is_err() && !self.mended.load(Ordering::Relaxed) {
            return Err(SecretError::Refused("locked".to_owned()));
        }
        self.inner.set(name, secret)
    }

    fn delete(&self, name: &str) -> Result<(), SecretError> {
        self.inner.delete(name)
    }
}

#[tokio::test(start_paused = true)]
async fn a_keychain_that_fails_at_any_moment_leaves_no_half_made_connection() {
    for writes in 0..5 {
        let keychain = Arc::new(Failing {
            inner: MemorySecrets::default(),
            writes_left: writes.into(),
            mended: AtomicBool::new(false),
        });
        let shop = set_up(Outside { secrets: keychain.clone(), ..Outside::new("demo") }.start(None));
        let outcome = match shop.start_sign_in(shop.practice("quickbooks")).await {
            Err(error) => {
                assert_eq!(error.code(), Code::Keychain, "{error}");
                None
            }
            Ok(started) => {
                let bounced = shop.browse(&started.authorize_url).await.unwrap();
                Some(shop.finish_sign_in(bounced.to_string()).await.unwrap())
            }
        };
        if let Some(outcome) = outcome.filter(|_| writes < 4) {
            assert_eq!(failed(outcome).0, SignInFailure::Keychain, "{writes}");
        }
        if writes < 4 {
            assert!(shop.list_connections().unwrap().is_empty(), "{writes}");
            assert_eq!(keychain.inner.names(), Vec::<String>::new(), "{writes}");
        }
        keychain.mended.store(true, Ordering::Relaxed);
        shop.connect_quickbooks().await;
        shop.sync_well().await;
    }
}

#[tokio::test(start_paused = true)]
async fn the_https_address_of_the_bounce_page_can_be_pasted_instead() {
    let outside = Outside::new("demo");
    let mut practice = outside.practice.clone();
    practice["quickbooks"]["redirect_uri"] = json!("https://shop.example/backroom/");
    let shop = set_up(Outside { practice, ..outside }.start(None));
    shop.act(Vendor::Quickbooks, "register_redirect", &json!({ "uri": "https://shop.example/backroom/" }));
    shop.act(Vendor::Quickbooks, "rules", &json!({ "https_only": true }));
    let started = shop.start_sign_in(shop.practice("quickbooks")).await.unwrap();
    let bounced = shop.browse(&started.authorize_url).await.unwrap();
    assert!(bounced.as_str().starts_with("https://shop.example/backroom/?code="), "{bounced}");
    made(shop.finish_sign_in(format!("  {bounced}\n")).await.unwrap());
    backroom_core::testing::without_first_look(&shop);
    shop.sync_well().await;
}

#[tokio::test(start_paused = true)]
async fn keys_are_checked_before_anything_is_kept() {
    for (vendor, field, wrong) in [
        ("shipstation", "api_secret", "no-such-secret"),
        ("shipstation", "v2_key", "no-such-key"),
        ("stripe", "secret_key", "rk_test_wrong"),
        ("stripe", "secret_key", "pk_test_public"),
        ("stripe", "secret_key", "gibberish"),
    ] {
        let (shop, secrets) = open_book();
        let mut draft = shop.practice(vendor);
        draft.fields.retain(|text| text.id != field);
        draft.fields.push(NamedText { id: field.to_owned(), value: wrong.to_owned() });
        let (reason, message) = failed(shop.connect_with_keys(draft).await.unwrap());
        assert_eq!(reason, SignInFailure::ClientRefused, "{vendor} {wrong}");
        assert!(!message.contains(wrong), "{message}");
        assert!(shop.list_connections().unwrap().is_empty() && secrets.names().is_empty(), "{vendor} {wrong}");
        shop.connect_keys(vendor).await;
    }
}

#[tokio::test(start_paused = true)]
async fn good_keys_connect_and_a_test_key_says_that_it_is_one() {
    let (shop, secrets) = open_book();
    shop.connect_keys("shipstation").await;
    shop.connect_keys("stripe").await;
    let connections = shop.list_connections().unwrap();
    let stripe = connections.iter().find(|c| c.vendor == "stripe").unwrap();
    assert_eq!((stripe.mode.as_deref(), stripe.account_id.as_str()), (Some("test"), "acct_1SimHarborPine"));
    assert_eq!(secrets.names().len(), 4, "three keys of ShipStation and one of Stripe");
    let empty = ConnectDraft { fields: Vec::new(), ..shop.practice("stripe") };
    assert!(
        matches!(shop.connect_with_keys(empty).await.unwrap_err(), Error::Invalid(errors) if errors[0].field == "fields.secret_key")
    );
}

#[tokio::test(start_paused = true)]
async fn a_second_sign_in_to_the_same_company_is_the_same_connection_and_another_company_is_not() {
    let (shop, secrets) = open_book();
    let first = shop.connect_quickbooks().await;
    let again = shop.connect_quickbooks().await;
    assert_eq!((first, shop.list_connections().unwrap().len(), secrets.names().len()), (again, 1, 3));
    // The owner means the same connection, but chooses another company on the vendor's page.
    let link =
        in_the_browser(&shop, ConnectDraft { connection_id: Some(first), ..shop.practice("quickbooks") }, "allow")
            .await;
    let elsewhere = link.replace(vendor_sim::quickbooks::REALM_ID, "4620816365000000001");
    let before = secrets.get(&format!("connection/{first}/tokens")).unwrap().unwrap();
    let (reason, _) = failed(shop.finish_sign_in(elsewhere).await.unwrap());
    assert!(matches!(reason, SignInFailure::OtherAccount | SignInFailure::CodeRefused), "{reason:?}");
    let after = secrets.get(&format!("connection/{first}/tokens")).unwrap().unwrap();
    assert!(before == after, "the working sign-in stays");
    shop.sync_well().await;
}

#[tokio::test(start_paused = true)]
async fn two_companies_are_two_connections_with_secrets_of_their_own() {
    let (shop, secrets) = open_book();
    let first = shop.connect_keys("stripe").await;
    // A key that may not read the account stands for an account of its own.
    shop.act(Vendor::Stripe, "knobs", &json!({ "missing_permissions": ["rak_connected_account_read"] }));
    let second = shop.connect_keys("stripe").await;
    assert_ne!(first, second);
    assert_eq!((shop.list_connections().unwrap().len(), secrets.names().len()), (2, 2));
    shop.act(Vendor::Stripe, "knobs", &json!({ "missing_permissions": [] }));
    shop.disconnect(second).await.unwrap();
    assert_eq!((shop.list_connections().unwrap().len(), secrets.names().len()), (1, 1));
    shop.sync_well().await;
    assert_eq!(shop.charges().len(), 11);
}

#[tokio::test(start_paused = true)]
async fn disconnecting_revokes_empties_the_keychain_and_keeps_the_records() {
    let (shop, secrets) = open_book();
    let id = shop.connect_quickbooks().await;
    shop.sync_well().await;
    shop.disconnect(id).await.unwrap();
    assert_eq!(secrets.names(), Vec::<String>::new());
    assert!(shop.list_connections().unwrap().is_empty());
    assert!(shop.world().read(|s| s.quickbooks.tokens.grants.iter().all(|grant| grant.revoked)));
    assert_eq!((shop.customers().len(), shop.invoices().len()), (8, 10));
    // Signing in anew recognises what is here instead of doubling it.
    shop.connect_quickbooks().await;
    shop.sync_well().await;
    assert_eq!(
        (shop.customers().len(), shop.items().len(), shop.invoices().len(), shop.payments().len()),
        (8, 8, 10, 5)
    );
    let there = |entity: &str| shop.there(Vendor::Quickbooks, entity).len();
    assert_eq!((there("Customer"), there("Item"), there("Invoice"), there("Payment")), (8, 8, 10, 5));
    shop.assert_sound();
}

#[tokio::test(start_paused = true)]
async fn without_practice_the_practice_button_says_so() {
    let outside = Outside::new("demo");
    let with = set_up(outside.start(None));
    let draft = with.practice("quickbooks");
    assert!(with.app_status().unwrap().practice_available);
    let without = shop("demo");
    let parts_without = backroom_core::Parts {
        data_folder: None,
        clock: without.outside.clock.clone(),
        secrets: without.outside.secrets.clone(),
        vendors: connector_registry::vendors(without.outside.exchange.clone()),
        practice: None,
    };
    let core = backroom_core::Core::open(parts_without).unwrap();
    assert!(
        matches!(core.start_sign_in(draft).await.unwrap_err(), Error::Invalid(errors) if errors[0].field == "environment")
    );
}
