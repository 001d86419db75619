//! QuickBooks: signing in, reading, writing, and every fault in between.

mod poison;
mod reading;
mod sign_in;
mod writing;

use crate::bench::{self, Bench, usd};
use backroom_money::{Currency, Quantity};
use bytes::Bytes;
use chrono::NaiveDate;
use connector_contract::record::{Applied, Customer, Invoice, InvoiceLine, Item, ItemKind, Payment};
use connector_contract::{ConnectionConfig, Environment, FakeClock, MemorySecrets, RemoteId, Secret, SecretStore};
use connector_http::{Exchange, Limits};
use http::Request;
use std::collections::BTreeMap;
use std::sync::Arc;
use url::Url;
use vendor_sim::{Vendor, World};

/// A company that has been signed in to, as the connect dialog does it.
pub async fn company(seed: &str) -> Bench {
    let (world, clock, exchange) = bench::world(seed);
    over(world, clock, exchange).await
}

/// The same over a transport of the test's own.
pub async fn over(world: World, clock: Arc<FakeClock>, exchange: Arc<dyn Exchange>) -> Bench {
    let vendor = connector_quickbooks::vendor(exchange.clone());
    let secrets = Arc::new(MemorySecrets::default());
    let connection = world.connection().quickbooks;
    secrets.set("client_id", &Secret::new(connection.client_id.clone())).unwrap();
    secrets.set("client_secret", &Secret::new(connection.client_secret.clone())).unwrap();
    let mut config = bench::config(&world, &vendor, &secrets, &clock);
    let sign_in = (vendor.sign_in.as_ref().unwrap())(config.clone());
    let url = sign_in.authorize_url(&connection.redirect_uri, "state-1").await.unwrap();
    let mut answer = follow(exchange.as_ref(), &url).await;
    assert_eq!(answer.remove("state").as_deref(), Some("state-1"));
    let code = answer.remove("code").unwrap();
    config.account_id = sign_in.exchange(&connection.redirect_uri, &code, &answer).await.unwrap();
    world.clear_requests();
    Bench::of(Vendor::Quickbooks, (world, clock, exchange), secrets, &vendor, config)
}

/// Opens the page in the browser; with automatic consent it redirects at once. Returns the redirect's parameters.
pub async fn follow(exchange: &dyn Exchange, url: &Url) -> BTreeMap<String, String> {
    let request = Request::get(url.as_str()).body(Bytes::new()).unwrap();
    let response = exchange.exchange(request, Limits::default()).await.unwrap();
    let target = response.headers()[http::header::LOCATION].to_str().unwrap();
    Url::parse(target).unwrap().query_pairs().into_owned().collect()
}

/// The same connection opened anew, as after a restart of the app.
pub fn reopened(bench: &Bench) -> Arc<dyn connector_contract::Connector> {
    (connector_quickbooks::vendor(bench.exchange.clone()).open)(bench.config.clone())
}

/// A configuration without a sign-in.
pub fn unsigned(world: &World, secrets: &Arc<MemorySecrets>, clock: &Arc<FakeClock>) -> ConnectionConfig {
    let vendor = connector_quickbooks::vendor(Arc::new(vendor_sim::InProcess::new(world.clone())));
    let config = bench::config(world, &vendor, secrets, clock);
    assert_eq!(config.environment, Environment::Practice);
    config
}

pub fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

pub fn customer(name: &str) -> Customer {
    Customer {
        display_name: name.to_owned(),
        company: Some("Firm & Söhne".to_owned()),
        email: Some("post@firm.example".to_owned()),
        phone: Some("(207) 555-0177".to_owned()),
        billing: Some(connector_contract::record::Address {
            line1: "5 Quay".to_owned(),
            city: "Bath".to_owned(),
            region: "ME".to_owned(),
            postal_code: "04530".to_owned(),
            country: "US".to_owned(),
            ..Default::default()
        }),
        shipping: None,
        notes: Some("Pays by check".to_owned()),
        active: true,
        currency: Some(Currency::USD),
        created_at: None,
    }
}

pub fn item(name: &str) -> Item {
    Item {
        name: name.to_owned(),
        sku: Some("TEA-100".to_owned()),
        description: Some("Loose leaf".to_owned()),
        barcode: None,
        kind: ItemKind::NonStocked,
        unit_price: Some(usd(1250).into()),
        unit_cost: None,
        taxable: Some(false),
        active: true,
        on_hand: None,
        created_at: None,
    }
}

/// One line of four at 12.50, 2.00 off, 7.50 shipping, no tax: 55.50.
pub fn invoice(number: Option<&str>, customer: &RemoteId, item: &RemoteId) -> Invoice {
    Invoice {
        number: number.map(str::to_owned),
        customer: customer.clone(),
        issued_on: day("2026-11-16"),
        due_on: Some(day("2026-12-16")),
        currency: Currency::USD,
        lines: vec![InvoiceLine {
            remote_line: None,
            item: Some(item.clone()),
            description: "Loose leaf".to_owned(),
            quantity: Quantity::from_whole(4).unwrap(),
            unit_price: usd(1250).into(),
            amount: usd(5000),
            taxable: false,
        }],
        discount: usd(200),
        shipping: usd(750),
        tax: usd(0),
        total: usd(5550),
        balance: None,
        message: Some("Thank you".to_owned()),
        note: None,
        email: Some("post@firm.example".to_owned()),
        billing: None,
        shipping_address: None,
        voided: false,
        deposit: None,
    }
}

pub fn payment(customer: &RemoteId, invoice: &RemoteId, cents: i64) -> Payment {
    Payment {
        customer: customer.clone(),
        received_on: day("2026-11-17"),
        amount: usd(cents),
        method: Some("Stripe".to_owned()),
        reference: Some("ch_1".to_owned()),
        note: None,
        applied: vec![Applied { invoice: invoice.clone(), amount: usd(cents) }],
        voided: false,
        unapplied: None,
    }
}
