//! One record that spoils the answers it is in: everything else comes in, and so does the record where it can be read.

use crate::bench::Bench;
use crate::{quickbooks, shipstation, stripe};
use connector_contract::RecordKind;
use serde_json::Value;
use vendor_sim::{Harm, Poison, Vendor};

/// What can be read once what is no character is replaced and what is nested without end is cut off.
fn readable(field: &str) -> Vec<Harm> {
    vec![
        Harm::LoneSurrogate { field: field.to_owned() },
        Harm::BadUtf8 { field: field.to_owned() },
        Harm::Deep { levels: 200 },
        Harm::Deep { levels: 20_000 },
    ]
}

/// Pulls everything with one of these records poisoned; every record is there as without the poison, but for the field.
async fn reads_everything(bench: &Bench, kind: RecordKind, poison: impl Fn(&str) -> Poison, field: &str) {
    bench.pull().await.unwrap_or_else(|error| panic!("{error}"));
    let all = bench.all(kind);
    let id = all.keys().nth(all.len() / 2).unwrap_or_else(|| panic!("the seed has {kind:?}")).clone();
    let poison = poison(&id);
    let harm = format!("{:?}", poison.harm);
    bench.world.poison(poison);
    bench.forget();
    bench.pull().await.unwrap_or_else(|error| panic!("{harm}: {error}"));
    let again = bench.all(kind);
    assert_eq!(again.keys().collect::<Vec<_>>(), all.keys().collect::<Vec<_>>(), "{harm}");
    for (other, value) in &all {
        if *other == id {
            let text = again[other][field].as_str().unwrap_or_default();
            assert!(text == value[field].as_str().unwrap_or_default() || text.contains('\u{fffd}'), "{harm}: {text}");
        } else {
            assert_eq!(again[other], *value, "{harm}");
        }
    }
    assert!(bench.unreadable().is_empty(), "{harm}: {:?}", bench.unreadable());
    bench.world.clear_poisons();
    bench.forget();
}

#[tokio::test(start_paused = true)]
async fn an_order_that_spoils_its_page_is_read_and_so_are_all_others() {
    let bench = shipstation::account("demo");
    for harm in readable("customerNotes") {
        let poison = |id: &str| Poison::of(Vendor::Shipstation, "orderId", id, harm.clone()).within("orders");
        reads_everything(&bench, RecordKind::Order, poison, "customer_note").await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_customer_that_spoils_its_page_is_read_and_so_are_all_others() {
    let bench = quickbooks::company("demo").await;
    for harm in readable("Notes") {
        let poison = |id: &str| Poison::of(Vendor::Quickbooks, "Id", id, harm.clone()).within("Customer");
        reads_everything(&bench, RecordKind::Customer, poison, "notes").await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_charge_that_spoils_its_page_is_read_and_so_are_all_others() {
    let bench = stripe::account("demo");
    for harm in readable("description") {
        let poison = |id: &str| Poison::of(Vendor::Stripe, "id", Value::from(id), harm.clone()).within("data");
        reads_everything(&bench, RecordKind::Charge, poison, "description").await;
    }
}
