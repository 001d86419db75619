//! ShipStation: orders both ways and shipments in, in Pacific time and within forty requests a minute.

mod reading;
mod writing;

use crate::bench::{self, Bench, usd};
use backroom_money::Quantity;
use chrono::{DateTime, Utc};
use connector_contract::record::{Address, Order, OrderLine, OrderStatus};
use connector_contract::{FakeClock, MemorySecrets, Secret, SecretStore};
use connector_http::Exchange;
use std::sync::Arc;
use vendor_sim::{Vendor, World};

/// An account with both interfaces' keys.
pub fn account(seed: &str) -> Bench {
    over(bench::world(seed))
}

/// The same over a transport of the test's own.
pub fn over((world, clock, exchange): (World, Arc<FakeClock>, Arc<dyn Exchange>)) -> Bench {
    let vendor = connector_shipstation::vendor(exchange.clone());
    let secrets = Arc::new(MemorySecrets::default());
    let keys = world.connection().shipstation;
    for (name, value) in [("api_key", keys.api_key), ("api_secret", keys.api_secret), ("v2_key", keys.v2_key)] {
        secrets.set(name, &Secret::new(value)).unwrap();
    }
    let config = bench::config(&world, &vendor, &secrets, &clock);
    Bench::of(Vendor::Shipstation, (world, clock, exchange), secrets, &vendor, config)
}

fn utc(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

/// Two mugs at 18.00, 7.50 shipping: 43.50.
pub fn order(number: &str) -> Order {
    let address = Address {
        name: "Ada Pine".to_owned(),
        line1: "12 Harbour Lane".to_owned(),
        city: "Portland".to_owned(),
        region: "ME".to_owned(),
        postal_code: "04101".to_owned(),
        country: "US".to_owned(),
        ..Address::default()
    };
    Order {
        number: number.to_owned(),
        key: None,
        status: OrderStatus::Open,
        ordered_at: utc("2026-11-16T18:05:09Z"),
        hold_until: None,
        customer_name: "Ada Pine".to_owned(),
        customer_email: Some("ada@pine.test".to_owned()),
        billing: None,
        shipping: Some(address),
        lines: vec![OrderLine {
            remote_line: None,
            key: Some("line-a".to_owned()),
            sku: Some("MUG-01".to_owned()),
            name: "Stoneware mug".to_owned(),
            quantity: Quantity::from_whole(2).unwrap(),
            unit_price: usd(1800).into(),
            adjustment: false,
        }],
        shipping_amount: usd(750),
        tax_amount: usd(0),
        total: usd(4350),
        paid: Some(usd(4350)),
        customer_note: Some("Leave at the door".to_owned()),
        internal_note: None,
        requested_service: Some("Ground".to_owned()),
        parent: None,
    }
}
