//! OAuth: consent, codes, rotation, revocation, and the three shapes of 401.

use super::*;
use crate::quickbooks::Shape;
use chrono::Duration;

async fn refresh(http: &InProcess, value: &str) -> (StatusCode, Value) {
    token(http, &[("grant_type", "refresh_token"), ("refresh_token", value)]).await
}

fn rules(client: &Client, rules: &Value) {
    client.act("rules", rules);
}

#[tokio::test]
async fn the_discovery_document_names_the_endpoints_and_no_pkce() {
    let http = InProcess::new(world("empty"));
    let request = Request::get(url("/.well-known/openid_configuration")).body(Bytes::new()).unwrap();
    let body = json_of(&send(&http, request).await.unwrap());
    assert_eq!(body["token_endpoint"], url("/oauth2/v1/tokens/bearer"));
    assert!(body.get("code_challenge_methods_supported").is_none());
    assert!(!body["scopes_supported"].to_string().contains("accounting"));
}

#[tokio::test]
async fn consent_comes_back_with_code_state_and_company() {
    let http = InProcess::new(world("empty"));
    let response = authorize(&http, &[]).await;
    assert_eq!(response.status(), StatusCode::SEE_OTHER);
    let query = query_of(&response);
    assert_eq!((query["state"].as_str(), query["realmId"].as_str()), ("st4te", REALM_ID));
    assert!(!query["code"].is_empty());
}

#[tokio::test]
async fn without_automatic_consent_a_page_asks_and_a_refusal_carries_no_company() {
    let world = world("demo");
    world.set_options(|o| o.auto_consent = false);
    let http = InProcess::new(world);
    let response = authorize(&http, &[("state", "a\"<b>")]).await;
    let page = String::from_utf8(response.body().to_vec()).unwrap();
    assert!(page.contains("Harbor &amp; Pine Coffee Supply") && page.contains("Allow") && page.contains("Deny"));
    assert!(page.contains("a&quot;&lt;b&gt;"), "state is escaped");
    let own = format!("{}/bounce", World::IN_PROCESS);
    let body = encode(&[
        ("client_id", CLIENT_ID),
        ("response_type", "code"),
        ("scope", "com.intuit.quickbooks.accounting"),
        ("redirect_uri", &own),
        ("state", "s"),
        ("decision", "deny"),
    ]);
    let request = Request::post(url("/connect/oauth2/decision")).body(Bytes::from(body)).unwrap();
    let query = query_of(&send(&http, request).await.unwrap());
    assert_eq!(query["error"], "access_denied");
    assert!(!query.contains_key("realmId") && !query.contains_key("code"));
}

#[tokio::test]
async fn a_redirect_address_that_differs_by_a_slash_gets_an_error_page_and_no_redirect() {
    let http = InProcess::new(world("empty"));
    let slash = format!("{}/bounce/", World::IN_PROCESS);
    let response = authorize(&http, &[("redirect_uri", &slash)]).await;
    assert_eq!(response.status(), StatusCode::BAD_REQUEST);
    assert!(response.headers().get(header::LOCATION).is_none());
    assert!(String::from_utf8_lossy(response.body()).contains("redirect_uri"));
}

#[tokio::test]
async fn production_keys_refuse_plain_http_but_take_a_registered_https_address() {
    let client = Client::new("empty").await;
    rules(&client, &json!({ "https_only": true }));
    assert_eq!(authorize(&client.http, &[]).await.status(), StatusCode::BAD_REQUEST);
    client.act("register_redirect", &json!({ "uri": "https://shop.example/oauth" }));
    let response = authorize(&client.http, &[("redirect_uri", "https://shop.example/oauth")]).await;
    assert_eq!(response.status(), StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn unknown_scopes_and_a_missing_state_are_refused() {
    let http = InProcess::new(world("empty"));
    assert_eq!(authorize(&http, &[("scope", "everything")]).await.status(), StatusCode::BAD_REQUEST);
    assert_eq!(authorize(&http, &[("state", "")]).await.status(), StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn a_wrong_secret_is_invalid_client_and_the_body_may_carry_the_right_one() {
    let http = InProcess::new(world("empty"));
    let ask = |body: String| Request::post(url("/oauth2/v1/tokens/bearer")).body(Bytes::from(body)).unwrap();
    let wrong = encode(&[("client_id", CLIENT_ID), ("client_secret", "no"), ("grant_type", "refresh_token")]);
    let response = send(&http, ask(wrong)).await.unwrap();
    assert_eq!(
        (response.status(), json_of(&response)["error"].clone()),
        (StatusCode::UNAUTHORIZED, json!("invalid_client"))
    );
    let right = encode(&[
        ("client_id", CLIENT_ID),
        ("client_secret", CLIENT_SECRET),
        ("grant_type", "refresh_token"),
        ("refresh_token", "x"),
    ]);
    assert_eq!(json_of(&send(&http, ask(right)).await.unwrap())["error"], "invalid_grant");
}

#[tokio::test]
async fn a_code_used_twice_is_refused_and_ends_the_first_sign_in() {
    let client = Client::new("empty").await;
    let code = query_of(&authorize(&client.http, &[]).await)["code"].clone();
    let (_, first) = exchange_code(&client.http, &code).await;
    let (status, second) = exchange_code(&client.http, &code).await;
    assert_eq!((status, second["error"].as_str()), (StatusCode::BAD_REQUEST, Some("invalid_grant")));
    let (status, _) = refresh(&client.http, first["refresh_token"].as_str().unwrap()).await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn a_code_expires_and_belongs_to_its_redirect_address() {
    let client = Client::new("empty").await;
    let code = query_of(&authorize(&client.http, &[]).await)["code"].clone();
    let pairs =
        [("grant_type", "authorization_code"), ("code", code.as_str()), ("redirect_uri", "https://other.example")];
    assert_eq!(token(&client.http, &pairs).await.0, StatusCode::BAD_REQUEST);
    client.world.advance(Duration::seconds(601));
    assert_eq!(exchange_code(&client.http, &code).await.0, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn the_refresh_token_stays_for_a_day_and_then_changes() {
    let client = Client::new("empty").await;
    client.world.advance(Duration::hours(23));
    let (_, same) = refresh(&client.http, &client.refresh).await;
    assert_eq!(same["refresh_token"], client.refresh);
    client.world.advance(Duration::hours(2));
    let (_, changed) = refresh(&client.http, &client.refresh).await;
    assert_ne!(changed["refresh_token"], client.refresh);
    assert_eq!(refresh(&client.http, &client.refresh).await.0, StatusCode::BAD_REQUEST, "no grace by default");
    assert_eq!(refresh(&client.http, changed["refresh_token"].as_str().unwrap()).await.0, StatusCode::OK);
}

#[tokio::test]
async fn with_grace_the_old_value_gives_the_new_one_for_a_day() {
    let client = Client::new("empty").await;
    rules(&client, &json!({ "grace_s": 86_400 }));
    client.world.advance(Duration::hours(25));
    let (_, changed) = refresh(&client.http, &client.refresh).await;
    let (status, again) = refresh(&client.http, &client.refresh).await;
    assert_eq!((status, &again["refresh_token"]), (StatusCode::OK, &changed["refresh_token"]));
    client.world.advance(Duration::hours(24));
    assert_eq!(refresh(&client.http, &client.refresh).await.0, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn a_stale_value_can_revoke_the_whole_chain() {
    let client = Client::new("empty").await;
    rules(&client, &json!({ "revoke_chain": true }));
    client.world.advance(Duration::hours(25));
    let (_, changed) = refresh(&client.http, &client.refresh).await;
    assert_eq!(refresh(&client.http, &client.refresh).await.0, StatusCode::BAD_REQUEST);
    assert_eq!(refresh(&client.http, changed["refresh_token"].as_str().unwrap()).await.0, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn a_hundred_idle_days_end_the_sign_in_and_every_refresh_arms_them_anew() {
    let client = Client::new("empty").await;
    client.world.advance(Duration::days(99));
    let (status, body) = refresh(&client.http, &client.refresh).await;
    assert_eq!((status, &body["x_refresh_token_expires_in"]), (StatusCode::OK, &json!(8_640_000)));
    client.world.advance(Duration::days(100));
    assert_eq!(refresh(&client.http, body["refresh_token"].as_str().unwrap()).await.0, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn five_years_end_the_sign_in_whatever_is_refreshed() {
    let client = Client::new("empty").await;
    let mut value = client.refresh.clone();
    for _ in 0..20 {
        client.world.advance(Duration::days(90));
        let (status, body) = refresh(&client.http, &value).await;
        assert_eq!(status, StatusCode::OK);
        value = body["refresh_token"].as_str().unwrap().to_owned();
    }
    client.world.advance(Duration::days(90));
    assert_eq!(refresh(&client.http, &value).await.0, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn an_access_token_lives_an_hour() {
    let client = Client::new("empty").await;
    client.get("preferences").await;
    client.world.advance(Duration::seconds(3600));
    assert_eq!(client.raw("GET", "preferences", "").await.status(), StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn the_three_shapes_of_a_401() {
    let client = Client::new("empty").await;
    client.act("expire_access_tokens", &json!({}));
    let gateway = client.raw("GET", "preferences", "").await;
    assert_eq!(json_of(&gateway)["fault"]["error"][0]["code"], "3200");
    assert!(json_of(&gateway)["time"].is_number());
    client.act("knobs", &json!({ "unauthorized_shape": Shape::Fault }));
    assert_eq!(fault(&json_of(&client.raw("GET", "preferences", "").await)).0, "3200");
    client.act("knobs", &json!({ "unauthorized_shape": Shape::Xml }));
    let xml = client.raw("GET", "preferences", "").await;
    assert_eq!(xml.headers()[header::CONTENT_TYPE], "application/xml");
    assert!(String::from_utf8_lossy(xml.body()).contains("code=\"3200\""));
}

#[tokio::test]
async fn another_company_is_403_with_3100() {
    let client = Client::new("empty").await;
    let request = Request::get(url("/v3/company/1/preferences"))
        .header(header::AUTHORIZATION, format!("Bearer {}", client.access))
        .body(Bytes::new())
        .unwrap();
    let response = send(&client.http, request).await.unwrap();
    assert_eq!(response.status(), StatusCode::FORBIDDEN);
    assert_eq!(json_of(&response)["fault"]["error"][0]["code"], "3100");
}

#[tokio::test]
async fn revoking_by_json_or_form_and_disconnecting_end_the_sign_in() {
    for (body, kind) in [("{\"token\":\"T\"}", "application/json"), ("token=T", "application/x-www-form-urlencoded")] {
        let client = Client::new("empty").await;
        let request = Request::post(url("/v2/oauth2/tokens/revoke"))
            .header(header::AUTHORIZATION, basic())
            .header(header::CONTENT_TYPE, kind)
            .body(Bytes::from(body.replace('T', &client.refresh)))
            .unwrap();
        assert_eq!(send(&client.http, request).await.unwrap().status(), StatusCode::OK);
        assert_eq!(refresh(&client.http, &client.refresh).await.0, StatusCode::BAD_REQUEST);
        assert_eq!(client.raw("GET", "preferences", "").await.status(), StatusCode::UNAUTHORIZED);
    }
    let client = Client::new("empty").await;
    client.act("disconnect", &json!({}));
    assert_eq!(refresh(&client.http, &client.refresh).await.0, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn userinfo_needs_the_openid_scope() {
    let client = Client::new("empty").await;
    let ask = |access: &str| {
        Request::get(url("/v1/openid_connect/userinfo"))
            .header(header::AUTHORIZATION, format!("Bearer {access}"))
            .body(Bytes::new())
            .unwrap()
    };
    assert_eq!(send(&client.http, ask(&client.access)).await.unwrap().status(), StatusCode::UNAUTHORIZED);
    let response = authorize(&client.http, &[("scope", "com.intuit.quickbooks.accounting openid email")]).await;
    let (_, body) = exchange_code(&client.http, &query_of(&response)["code"]).await;
    let response = send(&client.http, ask(body["access_token"].as_str().unwrap())).await.unwrap();
    assert_eq!(json_of(&response)["email"], "owner@harborpine.example");
}
