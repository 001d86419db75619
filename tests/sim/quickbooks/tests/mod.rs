//! One test per fact about the vendor, in process over the same routers as the network's.

mod accounting;
mod frame;
mod reading;
mod selling;
mod sign_in;

use super::{CLIENT_ID, CLIENT_SECRET, REALM_ID};
use crate::{InProcess, Vendor, World};
use base64::Engine;
use bytes::Bytes;
use chrono::{TimeZone, Utc};
use connector_http::{Exchange, ExchangeError, Limits};
use http::{Request, Response, StatusCode, header};
use serde_json::{Value, json};

/// A signed-in client.
pub(super) struct Client {
    pub world: World,
    pub http: InProcess,
    pub access: String,
    pub refresh: String,
}

/// Noon UTC on a summer day.
pub(super) fn world(seed: &str) -> World {
    let world = World::at(Utc.with_ymd_and_hms(2026, 7, 14, 12, 0, 0).single().unwrap());
    world.seed(seed).unwrap();
    world
}

pub(super) fn url(path: &str) -> String {
    format!("{}/quickbooks{path}", World::IN_PROCESS)
}

pub(super) fn encode(pairs: &[(&str, &str)]) -> String {
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish()
}

pub(super) fn basic() -> String {
    format!("Basic {}", base64::engine::general_purpose::STANDARD.encode(format!("{CLIENT_ID}:{CLIENT_SECRET}")))
}

pub(super) async fn send(http: &InProcess, request: Request<Bytes>) -> Result<Response<Bytes>, ExchangeError> {
    http.exchange(request, Limits::default()).await
}

pub(super) fn json_of(response: &Response<Bytes>) -> Value {
    serde_json::from_slice(response.body()).unwrap()
}

/// Asks for consent and returns where the browser is sent.
pub(super) async fn authorize(http: &InProcess, change: &[(&str, &str)]) -> Response<Bytes> {
    let own = format!("{}/bounce", World::IN_PROCESS);
    let mut pairs = vec![
        ("client_id", CLIENT_ID),
        ("response_type", "code"),
        ("scope", "com.intuit.quickbooks.accounting"),
        ("redirect_uri", own.as_str()),
        ("state", "st4te"),
    ];
    pairs.retain(|(k, _)| change.iter().all(|(c, _)| c != k));
    pairs.extend_from_slice(change);
    let request = Request::get(url(&format!("/connect/oauth2?{}", encode(&pairs)))).body(Bytes::new()).unwrap();
    send(http, request).await.unwrap()
}

pub(super) fn query_of(response: &Response<Bytes>) -> std::collections::BTreeMap<String, String> {
    let target = response.headers()[header::LOCATION].to_str().unwrap();
    url::Url::parse(target).unwrap().query_pairs().into_owned().collect()
}

pub(super) async fn token(http: &InProcess, pairs: &[(&str, &str)]) -> (StatusCode, Value) {
    let request = Request::post(url("/oauth2/v1/tokens/bearer"))
        .header(header::AUTHORIZATION, basic())
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(Bytes::from(encode(pairs)))
        .unwrap();
    let response = send(http, request).await.unwrap();
    (response.status(), json_of(&response))
}

pub(super) async fn exchange_code(http: &InProcess, code: &str) -> (StatusCode, Value) {
    let own = format!("{}/bounce", World::IN_PROCESS);
    token(http, &[("grant_type", "authorization_code"), ("code", code), ("redirect_uri", &own)]).await
}

impl Client {
    pub async fn new(seed: &str) -> Self {
        let world = world(seed);
        let http = InProcess::new(world.clone());
        let code = query_of(&authorize(&http, &[]).await)["code"].clone();
        let (status, body) = exchange_code(&http, &code).await;
        assert_eq!(status, StatusCode::OK, "{body}");
        let take = |field: &str| body[field].as_str().unwrap().to_owned();
        Self { world, http, access: take("access_token"), refresh: take("refresh_token") }
    }

    pub fn request(&self, method: &str, path: &str, body: impl Into<Bytes>) -> Request<Bytes> {
        Request::builder()
            .method(method)
            .uri(url(&format!("/v3/company/{REALM_ID}/{path}")))
            .header(header::AUTHORIZATION, format!("Bearer {}", self.access))
            .header(header::ACCEPT, "application/json")
            .header(header::CONTENT_TYPE, "application/json")
            .body(body.into())
            .unwrap()
    }

    pub async fn raw(&self, method: &str, path: &str, body: impl Into<Bytes>) -> Response<Bytes> {
        send(&self.http, self.request(method, path, body)).await.unwrap()
    }

    pub async fn get(&self, path: &str) -> Value {
        let response = self.raw("GET", path, "").await;
        assert_eq!(response.status(), StatusCode::OK, "{path}: {:?}", response.body());
        json_of(&response)
    }

    pub async fn post(&self, path: &str, body: &Value) -> Value {
        let response = self.raw("POST", path, body.to_string()).await;
        assert_eq!(response.status(), StatusCode::OK, "{path}: {:?}", response.body());
        json_of(&response)
    }

    /// The code and detail of a refused request.
    pub async fn refused(&self, path: &str, body: &Value) -> (String, String) {
        let response = self.raw("POST", path, body.to_string()).await;
        assert_eq!(response.status(), StatusCode::BAD_REQUEST, "{path}: {:?}", response.body());
        fault(&json_of(&response))
    }

    pub async fn query(&self, statement: &str) -> Value {
        self.get(&format!("query?{}", encode(&[("query", statement)]))).await["QueryResponse"].take()
    }

    pub async fn query_refused(&self, statement: &str) -> (String, String) {
        let response = self.raw("GET", &format!("query?{}", encode(&[("query", statement)])), "").await;
        assert_eq!(response.status(), StatusCode::BAD_REQUEST, "{statement}");
        fault(&json_of(&response))
    }

    pub fn act(&self, action: &str, body: &Value) -> Value {
        self.world.act(Vendor::Quickbooks, action, body).unwrap()
    }

    pub fn count(&self, entity: &str) -> usize {
        self.world.dump(Vendor::Quickbooks)[entity].as_array().unwrap().len()
    }

    pub async fn customer(&self, name: &str) -> Value {
        self.post("customer", &json!({ "DisplayName": name })).await["Customer"].take()
    }

    /// An untaxed item called Thing.
    pub async fn thing(&self) -> Value {
        let accounts = self.query("select * from Account where AccountType = 'Income' maxresults 1").await;
        let income = &accounts["Account"][0]["Id"];
        let body = json!({ "Name": "Thing", "Type": "NonInventory", "IncomeAccountRef": { "value": income } });
        self.post("item", &body).await["Item"].take()
    }

    /// An untaxed invoice over one line.
    pub async fn invoice(&self, customer: &Value, item: &Value, amount: &str) -> Value {
        self.post("invoice", &invoice_body(customer, item, amount)).await["Invoice"].take()
    }
}

pub(super) fn fault(body: &Value) -> (String, String) {
    let error = &body["Fault"]["Error"][0];
    (error["code"].as_str().unwrap().to_owned(), error["Detail"].as_str().unwrap().to_owned())
}

pub(super) fn exact(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

pub(super) fn line(item: &Value, amount: &str) -> Value {
    json!({ "DetailType": "SalesItemLineDetail", "Amount": exact(amount),
            "SalesItemLineDetail": { "ItemRef": { "value": item["Id"] }, "TaxCodeRef": { "value": "NON" } } })
}

pub(super) fn invoice_body(customer: &Value, item: &Value, amount: &str) -> Value {
    json!({ "CustomerRef": { "value": customer["Id"] }, "Line": [line(item, amount)] })
}

pub(super) fn payment_body(customer: &Value, total: &str, links: &[(&Value, &str, &str)]) -> Value {
    let allocated: Vec<Value> = links
        .iter()
        .map(|(document, kind, amount)| {
            json!({ "Amount": exact(amount), "LinkedTxn": [{ "TxnId": document["Id"], "TxnType": kind }] })
        })
        .collect();
    json!({ "CustomerRef": { "value": customer["Id"] }, "TotalAmt": exact(total), "Line": allocated })
}
