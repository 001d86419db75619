//! The simulator over its own routes, as a client sees it.

mod newer;
mod older;
mod owner;

use crate::{InProcess, World};
use base64::Engine;
use bytes::Bytes;
use chrono::{DateTime, Utc};
use connector_http::{Exchange, Limits};
use http::{Request, Response};
use serde_json::{Value, json};

/// A client with keys.
struct Client {
    sim: InProcess,
}

fn demo() -> Client {
    seeded("demo")
}

fn seeded(name: &str) -> Client {
    let world = World::at("2026-11-05T18:00:00Z".parse::<DateTime<Utc>>().unwrap());
    world.seed(name).unwrap();
    Client { sim: InProcess::new(world) }
}

impl Client {
    fn world(&self) -> &World {
        self.sim.world()
    }

    async fn send(&self, request: Request<Bytes>) -> Response<Bytes> {
        self.sim.exchange(request, Limits::default()).await.unwrap()
    }

    /// A signed request to the older interface.
    async fn v1_raw(&self, method: &str, path: &str, body: &str) -> Response<Bytes> {
        let keys = base64::engine::general_purpose::STANDARD.encode("sim_ss_key:sim_ss_secret");
        let url = format!("{}{path}", self.world().connection().shipstation.v1_url);
        let request = Request::builder().method(method).uri(url).header("authorization", format!("Basic {keys}"));
        self.send(request.body(Bytes::copy_from_slice(body.as_bytes())).unwrap()).await
    }

    async fn v1(&self, method: &str, path: &str, body: &Value) -> (u16, Value) {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        read(&self.v1_raw(method, path, &body).await)
    }

    async fn get(&self, path: &str) -> Value {
        let (status, body) = self.v1("GET", path, &Value::Null).await;
        assert_eq!(status, 200, "{body}");
        body
    }

    /// A signed request to the newer interface.
    async fn v2_raw(&self, method: &str, path: &str, body: &Value) -> Response<Bytes> {
        let url = format!("{}{path}", self.world().connection().shipstation.v2_url);
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let request = Request::builder().method(method).uri(url).header("API-Key", "sim_ss_v2_key");
        self.send(request.body(Bytes::from(body)).unwrap()).await
    }

    async fn v2(&self, method: &str, path: &str, body: &Value) -> (u16, Value) {
        read(&self.v2_raw(method, path, body).await)
    }

    fn act(&self, action: &str, body: &Value) -> Value {
        self.world().act(crate::Vendor::Shipstation, action, body).unwrap()
    }

    /// The order with this number, as the older interface lists it.
    async fn order(&self, number: &str) -> Value {
        let list = self.get(&format!("/orders?orderNumber={number}")).await;
        list["orders"].as_array().unwrap().iter().find(|order| order["orderNumber"] == number).cloned().unwrap()
    }
}

fn read(response: &Response<Bytes>) -> (u16, Value) {
    (response.status().as_u16(), serde_json::from_slice(response.body()).unwrap_or_default())
}

/// The least an order needs.
fn order(key: &str, number: &str) -> Value {
    json!({
        "orderKey": key, "orderNumber": number, "orderDate": "2026-11-05 09:00:00", "orderStatus": "awaiting_shipment",
        "billTo": {"name": "Ada Pine"},
        "shipTo": {"name": "Ada Pine", "street1": "12 Harbour Lane", "city": "Portland", "state": "ME",
                   "postalCode": "04101", "country": "US"},
        "items": [{"lineItemKey": "a", "sku": "MUG-01", "name": "Stoneware mug", "quantity": 2, "unitPrice": 18.00}],
    })
}
