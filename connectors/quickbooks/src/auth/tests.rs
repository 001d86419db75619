//! Signing in: what the redirect must bring, and that practice keys stay away from Intuit.

use super::*;
use crate::testing::{REALM, config};
use connector_http::testing::Script;

const REDIRECT: &str = "https://owner.example/oauth-bounce/";
const DISCOVERED: &str = r#"{"authorization_endpoint":"http://127.0.0.1:9/connect/oauth2","token_endpoint":"http://127.0.0.1:9/token",
    "revocation_endpoint":"http://127.0.0.1:9/revoke"}"#;
const TOKENS: &str = r#"{"access_token":"A2","refresh_token":"R2","token_type":"bearer","expires_in":3600,
    "x_refresh_token_expires_in":8726400,"x_refresh_token_hard_expires_in":157494248}"#;

fn sign_in(script: &Arc<Script>, config: &ConnectionConfig) -> SignIn {
    let exchange: Arc<dyn Exchange> = Arc::<Script>::clone(script);
    SignIn(oauth(&exchange, config))
}

fn realm(id: &str) -> BTreeMap<String, String> {
    BTreeMap::from([("realmId".to_owned(), id.to_owned())])
}

#[tokio::test(start_paused = true)]
async fn the_page_asks_for_accounting_and_carries_the_state() {
    let script = Script::new();
    script.json(200, DISCOVERED);
    let url = sign_in(&script, &config(&[])).authorize_url(REDIRECT, "st4te").await.unwrap();
    let query: BTreeMap<_, _> = url.query_pairs().collect();
    assert_eq!((query["scope"].as_ref(), query["state"].as_ref()), ("com.intuit.quickbooks.accounting", "st4te"));
    assert_eq!((query["redirect_uri"].as_ref(), query["response_type"].as_ref()), (REDIRECT, "code"));
    assert_eq!(url.path(), "/connect/oauth2");
}

#[tokio::test(start_paused = true)]
async fn the_code_is_exchanged_for_the_company_the_redirect_names() {
    let script = Script::new();
    script.json(200, DISCOVERED).json(200, TOKENS);
    let account = sign_in(&script, &config(&[])).exchange(REDIRECT, "c0de", &realm(REALM)).await.unwrap();
    assert_eq!(account.as_deref(), Some(REALM));
    let request = &script.requests()[1];
    assert_eq!(request.headers()[HARD_END], "true");
    assert!(request.headers()["authorization"].to_str().unwrap().starts_with("Basic "));
    let body = String::from_utf8(request.body().to_vec()).unwrap();
    assert!(body.contains("redirect_uri=https%3A%2F%2Fowner.example%2Foauth-bounce%2F"), "{body}");
}

#[tokio::test(start_paused = true)]
async fn without_a_company_the_code_is_not_even_spent() {
    let script = Script::new();
    let sign_in = sign_in(&script, &config(&[]));
    for parameters in [BTreeMap::new(), realm(""), realm("../../v3")] {
        let error = sign_in.exchange(REDIRECT, "c0de", &parameters).await.unwrap_err();
        assert!(matches!(error, ConnectorError::Unauthorized(_)), "{error:?}");
    }
    assert_eq!(script.count(), 0);
}

#[tokio::test(start_paused = true)]
async fn the_constants_stand_in_for_intuits_document_only() {
    let script = Script::new();
    script.not_sent();
    let mut production = config(&[]);
    production.endpoints.clear();
    let url = sign_in(&script, &production).authorize_url(REDIRECT, "s").await.unwrap();
    assert!(url.as_str().starts_with(AUTHORIZE));
    script.not_sent();
    let error = sign_in(&script, &config(&[])).authorize_url(REDIRECT, "s").await.unwrap_err();
    assert!(matches!(error, ConnectorError::Unavailable(_)), "practice keys must not travel to Intuit: {error:?}");
}

#[tokio::test(start_paused = true)]
async fn disconnecting_tells_intuit_and_forgets_the_tokens() {
    let script = Script::new();
    script.json(200, DISCOVERED).json(200, "");
    let config = config(&[]);
    sign_in(&script, &config).revoke().await.unwrap();
    assert_eq!(script.lines()[1], "POST http://127.0.0.1:9/revoke");
    assert_eq!(config.secrets.get("tokens").unwrap(), None);
}

#[tokio::test(start_paused = true)]
async fn a_stale_token_is_refreshed_once_and_the_request_goes_again() {
    let script = Script::new();
    let refused = include_str!("../../fixtures/fault_gateway.json");
    script.json(401, refused).json(200, DISCOVERED).json(200, TOKENS);
    script.json(200, include_str!("../../fixtures/companyinfo.json"));
    script.json(200, crate::testing::PREFERENCES);
    let connector = crate::testing::connected(&script);
    connector_contract::Connector::identify(&connector).await.unwrap();
    let requests = script.requests();
    assert_eq!(requests[0].headers()["authorization"], "Bearer access");
    assert_eq!(requests[3].headers()["authorization"], "Bearer A2");
}

#[test]
fn no_span_of_time_sees_more_calls_than_published() {
    let exchange: Arc<dyn Exchange> = Script::new();
    let quotas = Intuit(oauth(&exchange, &config(&[]))).quotas();
    let most = |per: Duration| quotas.iter().filter(|quota| quota.per == per).map(Quota::most).min().unwrap();
    assert!(most(Duration::from_mins(1)) <= 500 && most(Duration::from_secs(1)) <= 10, "{quotas:?}");
}
