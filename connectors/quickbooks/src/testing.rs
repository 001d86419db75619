//! A connected company over a scripted exchange, and the fixtures.

use crate::connector::QuickBooks;
use crate::map::{Company, Context, Method};
use backroom_money::Currency;
use chrono::{DateTime, Utc};
use connector_contract::{ConnectionConfig, Environment, FakeClock, MemorySecrets, Secret, SecretStore};
use connector_http::Exchange;
use connector_http::testing::Script;
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::Arc;

pub(crate) const REALM: &str = "9130355377388383";
pub(crate) const PREFERENCES: &str = include_str!("../fixtures/preferences.json");
pub(crate) const METHODS: &str = include_str!("../fixtures/payment_methods.json");
pub(crate) const ACCOUNTS: &str = include_str!("../fixtures/accounts.json");

pub(crate) fn time(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

pub(crate) fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

pub(crate) fn us() -> Company {
    Company {
        home: Currency::USD,
        multi_currency: false,
        own_numbers: true,
        discounts: true,
        shipping: true,
        automated_tax: false,
        tax_code: Some("2".into()),
    }
}

pub(crate) fn methods() -> Vec<Method> {
    [("1", "Cash"), ("3", "Visa")].map(|(id, name)| Method { id: id.into(), name: name.into() }).to_vec()
}

pub(crate) fn context<'a>(company: &'a Company, methods: &'a [Method]) -> Context<'a> {
    Context { company, methods, sku_selected: true }
}

pub(crate) fn config(settings: &[(&str, &str)]) -> ConnectionConfig {
    let secrets = Arc::new(MemorySecrets::default());
    for (name, value) in [
        ("client_id", "id"),
        ("client_secret", "hush"),
        ("tokens", r#"{"access_token":"access","refresh_token":"refresh","access_ends_at":"2026-11-20T10:00:00Z"}"#),
    ] {
        secrets.set(name, &Secret::new(value)).unwrap();
    }
    let pairs = |pairs: &[(&str, &str)]| -> BTreeMap<String, String> {
        pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
    };
    ConnectionConfig {
        environment: Environment::Practice,
        account_id: Some(REALM.into()),
        endpoints: pairs(&[("api", "http://127.0.0.1:9"), ("discovery", "http://127.0.0.1:9/discovery")]),
        settings: pairs(settings),
        secrets,
        clock: Arc::new(FakeClock::at(time("2026-11-20T09:00:00Z"))),
    }
}

pub(crate) fn connected(script: &Arc<Script>) -> QuickBooks {
    connected_with(script, &[])
}

pub(crate) fn connected_with(script: &Arc<Script>, settings: &[(&str, &str)]) -> QuickBooks {
    let exchange: Arc<dyn Exchange> = Arc::<Script>::clone(script);
    let connector = QuickBooks::open(&exchange, config(settings));
    // As after the question whose account it is, which opens every run.
    connector.api.note_time(time("2026-11-20T09:00:00Z"));
    connector
}

/// The requests so far, without host, company and minor version, decoded.
pub(crate) fn asked(script: &Script) -> Vec<String> {
    let requests = script.requests();
    let shown = requests.iter().map(|request| {
        let url = url::Url::parse(&request.uri().to_string()).unwrap();
        let path = url.path().trim_start_matches("/v3/company/").trim_start_matches(REALM);
        let query: Vec<String> = url
            .query_pairs()
            .filter(|(name, _)| name != "minorversion")
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        format!("{} {path}?{}", request.method(), query.join("&")).trim_end_matches('?').to_owned()
    });
    shown.collect()
}
