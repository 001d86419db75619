//! Reading a company: the first sync, then changes, through faults, long absences and answers that were cut.

use super::{company, over};
use crate::bench::{Bench, Meddling, PASSING, words, world};
use backroom_money::{Currency, Money, UnitPrice};
use chrono::Duration;
use connector_contract::{ConnectorError, Mode, RecordKind};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use vendor_sim::{Fault, FaultKind, Vendor, World};

/// An exact amount as the vendor writes it.
fn money(theirs: &Value) -> Value {
    let amount = Money::parse(&theirs.to_string(), Currency::USD).unwrap();
    serde_json::to_value(amount).unwrap()
}

fn rows<'a>(dump: &'a Value, entity: &str) -> &'a Vec<Value> {
    dump[entity].as_array().unwrap()
}

fn id(value: &Value) -> String {
    value["Id"].as_str().unwrap().to_owned()
}

/// The mirror says what the company's own books say.
fn assert_agrees(bench: &Bench) {
    let dump = bench.dump();
    let kinds = [RecordKind::Customer, RecordKind::Item, RecordKind::Invoice, RecordKind::Payment];
    for (kind, entity) in kinds.into_iter().zip(["Customer", "Item", "Invoice", "Payment"]) {
        let theirs: BTreeSet<String> = rows(&dump, entity).iter().map(id).collect();
        let ours: BTreeSet<String> = bench.all(kind).into_keys().collect();
        let apart: Vec<_> = ours.symmetric_difference(&theirs).collect();
        assert!(apart.is_empty(), "{entity}: {} here, {} there, apart {apart:?}", ours.len(), theirs.len());
    }
    for theirs in rows(&dump, "Customer") {
        let ours = bench.one(RecordKind::Customer, &id(theirs));
        assert_eq!((&ours["display_name"], &ours["active"]), (&theirs["DisplayName"], &theirs["Active"]));
    }
    for theirs in rows(&dump, "Item") {
        let ours = bench.one(RecordKind::Item, &id(theirs));
        assert_eq!((&ours["name"], &ours["sku"]), (&theirs["Name"], &theirs["Sku"]));
        let price = UnitPrice::parse(&theirs["UnitPrice"].to_string(), Currency::USD).unwrap();
        assert_eq!(ours["unit_price"], serde_json::to_value(price).unwrap());
    }
    for theirs in rows(&dump, "Invoice") {
        let ours = bench.one(RecordKind::Invoice, &id(theirs));
        assert_eq!(&ours["customer"], &theirs["CustomerRef"]["value"]);
        assert_eq!(ours["total"], money(&theirs["TotalAmt"]));
        assert_eq!(ours["balance"], money(&theirs["Balance"]));
        assert_eq!(ours["number"], theirs["DocNumber"]);
    }
    for theirs in rows(&dump, "Payment") {
        let ours = bench.one(RecordKind::Payment, &id(theirs));
        assert_eq!(ours["amount"], money(&theirs["TotalAmt"]));
    }
}

#[tokio::test(start_paused = true)]
async fn the_company_is_known_by_its_realm_its_name_and_its_currency() {
    let bench = company("demo").await;
    let account = bench.connector.identify().await.unwrap();
    assert_eq!(account.id, vendor_sim::quickbooks::REALM_ID);
    assert_eq!(account.name, "Harbor & Pine Coffee Supply");
    assert_eq!((account.mode, account.currency), (Some(Mode::Test), Some(Currency::USD)));
}

#[tokio::test(start_paused = true)]
async fn the_first_sync_brings_the_whole_company_and_the_second_nothing_new() {
    let bench = company("demo").await;
    let new = bench.pull().await.unwrap();
    assert_eq!(new.len(), 8 + 8 + 10 + 5);
    assert_agrees(&bench);
    for _ in 0..2 {
        assert_eq!(bench.pull().await.unwrap(), []);
        bench.pass(Duration::hours(7));
    }
}

/// Many small invoices, numbered B0, B1, …
fn fill(world: &World, count: usize) {
    for n in 0..count {
        let line = json!({ "DetailType": "SalesItemLineDetail", "Amount": 1,
                           "SalesItemLineDetail": { "ItemRef": { "value": "8" }, "TaxCodeRef": { "value": "NON" } } });
        let body = json!({ "CustomerRef": { "value": "1" }, "Line": [line], "DocNumber": format!("B{n}") });
        world.act(Vendor::Quickbooks, "create_invoice", &body).unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn lists_longer_than_a_page_come_over_page_by_page() {
    let bench = company("demo").await;
    fill(&bench.world, 1030);
    bench.pull().await.unwrap();
    assert!(bench.requests("GET", "/query").len() >= 5, "four lists, one of two pages");
    assert_agrees(&bench);
}

#[tokio::test(start_paused = true)]
async fn rows_that_vanish_while_a_list_is_read_let_no_other_row_be_missed() {
    let (world, clock, inner) = world("demo");
    let second_page =
        |request: &http::Request<bytes::Bytes>| request.uri().query().is_some_and(|q| q.contains("STARTPOSITION+991"));
    let meddling = Meddling::new(inner, second_page);
    let bench = over(world.clone(), clock, meddling.clone()).await;
    fill(&world, 1030);
    bench.pass(Duration::minutes(30));
    meddling.then(move || {
        for invoice in world.dump(Vendor::Quickbooks)["Invoice"].as_array().unwrap() {
            let number = invoice["DocNumber"].as_str().unwrap().strip_prefix('B').and_then(|n| n.parse::<u32>().ok());
            if number.is_some_and(|number| number < 40) {
                world.act(Vendor::Quickbooks, "delete_invoice", &json!({ "id": id(invoice) })).unwrap();
            }
        }
    });
    bench.pull().await.unwrap();
    assert!(meddling.is_done());
    assert_agrees(&bench);
}

#[tokio::test(start_paused = true)]
async fn what_the_bookkeeper_changes_comes_with_the_next_pull() {
    let bench = company("demo").await;
    bench.pull().await.unwrap();
    bench.pass(Duration::hours(3));
    bench.act(
        "edit_customer",
        &json!({ "id": 2, "Notes": "Prefers e-mail", "PrimaryPhone": { "FreeFormNumber": "1" } }),
    );
    bench.act("deactivate_item", &json!({ "id": 3 }));
    bench.act("create_customer", &json!({ "DisplayName": "Newcomer" }));
    let unpaid = rows(&bench.dump(), "Invoice").iter().find(|i| i["DocNumber"] == "1004").map(id).unwrap();
    let voided = rows(&bench.dump(), "Invoice").iter().find(|i| i["DocNumber"] == "1006").map(id).unwrap();
    bench.act("delete_invoice", &json!({ "id": unpaid }));
    bench.act("void_invoice", &json!({ "id": voided }));
    let paid = rows(&bench.dump(), "Payment").iter().map(id).collect::<Vec<_>>();
    bench.act("void_payment", &json!({ "id": paid[0] }));
    bench.act("delete_payment", &json!({ "id": paid[1] }));
    bench.pull().await.unwrap();
    let customer = bench.one(RecordKind::Customer, "2");
    assert_eq!((&customer["notes"], &customer["phone"]), (&json!("Prefers e-mail"), &json!("1")));
    assert_eq!(bench.one(RecordKind::Item, "3")["active"], false);
    assert_eq!(bench.one(RecordKind::Item, "3")["sku"], "BEAN-250", "a change without a SKU does not lose it");
    assert_eq!(bench.one(RecordKind::Invoice, &unpaid)["deleted"], true);
    assert_eq!(bench.one(RecordKind::Invoice, &voided)["voided"], true);
    assert_eq!(bench.one(RecordKind::Payment, &paid[0])["voided"], true);
    assert_eq!(bench.one(RecordKind::Payment, &paid[1])["deleted"], true);
    assert_agrees(&bench);
    assert_eq!(bench.pull().await.unwrap(), []);
}

#[tokio::test(start_paused = true)]
async fn merged_customers_leave_one_behind_and_their_invoices_move_over() {
    let bench = company("demo").await;
    bench.pull().await.unwrap();
    bench.pass(Duration::minutes(40));
    bench.act("merge_customers", &json!({ "keep": 1, "gone": 4 }));
    bench.pull().await.unwrap();
    let owners: BTreeSet<String> =
        bench.all(RecordKind::Invoice).values().map(|i| i["customer"].as_str().unwrap().to_owned()).collect();
    assert!(owners.contains("1") && !owners.contains("4"));
    let gone = bench.one(RecordKind::Customer, "4");
    assert!(gone["deleted"] == true || gone["active"] == false, "the merged customer does not stay in use: {gone}");
}

#[tokio::test(start_paused = true)]
async fn more_changes_than_one_answer_holds_are_all_brought_and_no_deletion_is_lost() {
    let bench = company("demo").await;
    bench.pull().await.unwrap();
    bench.pass(Duration::hours(2));
    for n in 0..1005 {
        bench.act("create_customer", &json!({ "DisplayName": format!("Walk-in {n}") }));
    }
    let gone = rows(&bench.dump(), "Invoice").iter().find(|i| i["DocNumber"] == "1008").map(id).unwrap();
    bench.act("delete_invoice", &json!({ "id": gone }));
    bench.pull().await.unwrap();
    assert_eq!(bench.all(RecordKind::Customer).len(), 8 + 1005);
    assert_eq!(bench.one(RecordKind::Invoice, &gone)["deleted"], true);
    assert_agrees(&bench);
    assert_eq!(bench.pull().await.unwrap(), []);
}

#[tokio::test(start_paused = true)]
async fn after_an_absence_longer_than_changes_reach_back_nothing_that_exists_is_missing() {
    let bench = company("demo").await;
    bench.pull().await.unwrap();
    bench.pass(Duration::days(3));
    bench.act("edit_customer", &json!({ "id": 5, "Notes": "Moved" }));
    bench.act("create_customer", &json!({ "DisplayName": "Early bird" }));
    bench.pass(Duration::days(45));
    let gone = rows(&bench.dump(), "Invoice").iter().find(|i| i["DocNumber"] == "1010").map(id).unwrap();
    bench.act("delete_invoice", &json!({ "id": gone }));
    bench.pull().await.unwrap();
    assert_eq!(bench.one(RecordKind::Customer, "5")["notes"], "Moved");
    assert_agrees(&bench);
}

#[tokio::test(start_paused = true)]
async fn faults_that_pass_are_got_over_in_every_request_of_a_first_sync() {
    for kind in PASSING.into_iter().chain([
        FaultKind::ServerError,
        FaultKind::BadGateway,
        FaultKind::TimeoutBefore,
        FaultKind::CutAfter,
    ]) {
        let bench = company("demo").await;
        for skip in 0..8 {
            bench.world.plan(Fault::next(Vendor::Quickbooks, kind).on("GET", "/v3/").after(skip * 2));
        }
        bench.pull().await.unwrap_or_else(|error| panic!("{kind:?}: {error}"));
        assert_agrees(&bench);
    }
}

#[tokio::test(start_paused = true)]
async fn an_unreadable_answer_is_a_protocol_error_and_the_next_pull_goes_on() {
    for kind in [FaultKind::Html200, FaultKind::TruncatedJson, FaultKind::EmptyBody] {
        let bench = company("demo").await;
        bench.plan(kind, "GET", "preferences");
        let error = bench.pull().await.unwrap_err();
        assert!(matches!(error, ConnectorError::Protocol(_)), "{kind:?}: {error:?}");
        assert!(!words(&error).contains("Blue Heron"), "no content of the books: {error:?}");
        bench.pull().await.unwrap();
        assert_agrees(&bench);
    }
}

#[tokio::test(start_paused = true)]
async fn an_unreadable_list_is_asked_for_in_smaller_parts_at_once_unless_nothing_can_be_read() {
    for kind in [FaultKind::Html200, FaultKind::TruncatedJson, FaultKind::EmptyBody] {
        for path in ["query", "cdc"] {
            let bench = company("demo").await;
            bench.plan(kind, "GET", path);
            // A web page is somebody else's answer and says nothing of any row.
            if kind == FaultKind::Html200 {
                assert!(matches!(bench.pull().await.unwrap_err(), ConnectorError::Protocol(_)));
            }
            bench.pull().await.unwrap();
            assert_agrees(&bench);
        }
        let bench = company("demo").await;
        bench.world.plan(Fault::next(Vendor::Quickbooks, kind).on("GET", "/v3/").times(40));
        let error = bench.pull().await.unwrap_err();
        assert!(matches!(error, ConnectorError::Protocol(_)), "{kind:?}: {error:?}");
        assert!(bench.world.requests().len() < 10, "it does not hammer");
    }
}

#[tokio::test(start_paused = true)]
async fn a_vendor_that_stays_down_is_unavailable_and_one_that_stays_full_is_rate_limited() {
    let bench = company("demo").await;
    bench.world.outage(Vendor::Quickbooks, true);
    assert!(matches!(bench.pull().await.unwrap_err(), ConnectorError::Unavailable(_)));
    bench.world.outage(Vendor::Quickbooks, false);
    let bench = company("demo").await;
    bench.world.plan(Fault::next(Vendor::Quickbooks, FaultKind::TooManyRequests).times(40));
    let error = bench.pull().await.unwrap_err();
    assert!(matches!(error, ConnectorError::RateLimited { after } if after.as_secs() >= 1), "{error:?}");
    assert!(bench.world.requests().len() < 10, "it does not hammer");
    bench.world.clear_faults();
    tokio::time::sleep(std::time::Duration::from_mins(10)).await;
    bench.pull().await.unwrap();
    assert_agrees(&bench);
}

#[tokio::test(start_paused = true)]
async fn many_requests_stay_within_the_published_limits() {
    let bench = company("demo").await;
    bench.world.set_options(|options| options.limits = true);
    bench.pull().await.unwrap();
    for _ in 0..700 {
        bench.pull().await.unwrap();
    }
    let refused = bench.world.requests().iter().filter(|r| r.status == Some(429)).count();
    assert_eq!(refused, 0, "the connector waits its turn instead of being refused");
    assert!(bench.requests("GET", "/cdc").len() >= 700);
}

#[tokio::test(start_paused = true)]
async fn an_app_that_lost_its_right_to_the_company_is_not_signed_in() {
    let bench = company("demo").await;
    bench.act("knobs", &json!({ "forbidden": true }));
    assert!(matches!(bench.pull().await.unwrap_err(), ConnectorError::Unauthorized(_)));
    bench.act("knobs", &json!({ "forbidden": false }));
    bench.pull().await.unwrap();
}
