//! One record that makes every answer fail that shows it: it is reported and passed over, and blocks nothing else.

use super::company;
use crate::bench::Bench;
use chrono::Duration;
use connector_contract::RecordKind;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// Ids the books have, but for the poisoned.
fn others(bench: &Bench, entity: &str, poisoned: &[&str]) -> BTreeSet<String> {
    let dump = bench.dump();
    let ids = dump[entity].as_array().unwrap().iter().map(|row| row["Id"].as_str().unwrap().to_owned());
    ids.filter(|id| !poisoned.contains(&id.as_str())).collect()
}

fn ours(bench: &Bench, kind: RecordKind) -> BTreeSet<String> {
    bench.all(kind).into_keys().collect()
}

fn ids(bench: &Bench, entity: &str) -> Vec<String> {
    bench.dump()[entity].as_array().unwrap().iter().map(|row| row["Id"].as_str().unwrap().to_owned()).collect()
}

fn poison(bench: &Bench, entity: &str, id: &str) {
    bench.act("poison", &json!({ "entity": entity, "id": id }));
}

#[tokio::test(start_paused = true)]
async fn a_row_that_makes_its_page_fail_is_passed_over_in_the_first_sync() {
    let bench = company("demo").await;
    let invoices = ids(&bench, "Invoice");
    let (bad, worse) = (invoices[3].as_str(), invoices[4].as_str());
    poison(&bench, "Invoice", bad);
    poison(&bench, "Invoice", worse);
    poison(&bench, "Customer", "2");
    bench.pull().await.unwrap();
    assert_eq!(ours(&bench, RecordKind::Invoice), others(&bench, "Invoice", &[bad, worse]));
    assert_eq!(ours(&bench, RecordKind::Customer), others(&bench, "Customer", &["2"]));
    assert_eq!(ours(&bench, RecordKind::Payment), others(&bench, "Payment", &[]));
    // The search is paid once.
    bench.world.clear_requests();
    bench.pass(Duration::hours(1));
    bench.pull().await.unwrap();
    assert!(bench.requests("GET", "").len() <= 3, "{:?}", bench.requests("GET", "").len());
}

#[tokio::test(start_paused = true)]
async fn a_row_that_makes_the_capture_fail_lets_all_other_changes_come_in() {
    let bench = company("demo").await;
    bench.pull().await.unwrap();
    bench.pass(Duration::hours(2));
    let invoices = ids(&bench, "Invoice");
    bench.act("edit_invoice", &json!({ "id": invoices[0], "PrivateNote": "bad" }));
    bench.act("edit_invoice", &json!({ "id": invoices[1], "PrivateNote": "good" }));
    bench.act("edit_customer", &json!({ "id": 2, "Notes": "Prefers e-mail" }));
    poison(&bench, "Invoice", &invoices[0]);
    bench.pull().await.unwrap();
    assert_eq!(bench.one(RecordKind::Invoice, &invoices[1])["note"], "good");
    assert_eq!(bench.one(RecordKind::Customer, "2")["notes"], "Prefers e-mail");
    // Windows overlap, so the change of a moment ago is met once more; after that the cursor is past it.
    bench.pass(Duration::hours(2));
    bench.pull().await.unwrap();
    bench.pass(Duration::hours(2));
    bench.world.clear_requests();
    bench.pull().await.unwrap();
    assert!(bench.requests("GET", "").len() <= 3, "the search is paid once");
    // When it is changed there it comes by itself.
    bench.act("heal", &Value::Object(serde_json::Map::new()));
    bench.act("edit_invoice", &json!({ "id": invoices[0], "PrivateNote": "healed" }));
    bench.pull().await.unwrap();
    assert_eq!(bench.one(RecordKind::Invoice, &invoices[0])["note"], "healed");
}
