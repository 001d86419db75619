//! Walk A, "Sync now": everything comes over once, one run at a time, and one vendor's trouble stays its own.

use crate::gate::{Gate, Side};
use crate::shop::{Outside, Shop, connected, made, set_up};
use backroom_core::company::SyncSettings;
use backroom_core::connections::{ConnectDraft, ConnectionState};
use backroom_core::ids::RunId;
use backroom_core::orders::OrderStatus;
use backroom_core::payments::ChargeRow;
use backroom_core::sync::{RunState, RunTrigger, RunView};
use backroom_core::testing::customer;
use serde_json::json;
use std::sync::Arc;
use std::time::Duration;
use vendor_sim::Vendor;

/// Waits, as the window does, until the run has ended.
async fn ended(shop: &Shop, id: RunId) -> RunView {
    for _ in 0..2000 {
        let run = shop.get_run(id, None, 10).unwrap().run;
        if run.finished_at.is_some() {
            return run;
        }
        tokio::time::sleep(Duration::from_millis(250)).await;
    }
    panic!("the run does not end");
}

/// Everything the lists show, to tell whether anything changed.
fn picture(shop: &Shop) -> String {
    let lists = (shop.customers(), shop.items(), shop.orders(), shop.invoices(), shop.payments());
    format!("{lists:?} {:?} {:?}", shop.charges(), shop.payouts())
}

fn part<'a>(run: &'a RunView, vendor: &str) -> &'a backroom_core::sync::RunPartView {
    run.parts.iter().find(|part| part.vendor_name == vendor).unwrap()
}

#[tokio::test(start_paused = true)]
async fn sync_now_brings_everything_over_and_a_second_run_changes_nothing() {
    let shop = connected("demo").await;
    let engine = tokio::spawn(shop.core.clone().run_engine());
    let begun = shop.sync_now(None, RunTrigger::Owner).unwrap();
    let run = ended(&shop, begun.id).await;
    assert_eq!(run.state, RunState::Done, "{run:#?} {:#?}", shop.problems());
    assert_eq!((shop.customers().len(), shop.items().len(), shop.invoices().len()), (8, 8, 10));
    assert_eq!((shop.orders().len(), shop.payments().len()), (13, 5));
    assert_eq!((shop.charges().len(), shop.payouts().len()), (11, 2));
    assert_eq!((part(&run, "QuickBooks").created_count, part(&run, "ShipStation").created_count), (31, 18));
    assert!(part(&run, "Stripe").created_count > 20);
    assert!(run.parts.iter().all(|part| part.sent_count == 0 && part.problem_count == 0));
    let before = picture(&shop);
    let again = ended(&shop, shop.sync_now(None, RunTrigger::Owner).unwrap().id).await;
    assert_eq!(again.state, RunState::Done);
    let counted = again.parts.iter().map(|p| p.created_count + p.updated_count + p.sent_count).sum::<u32>();
    assert_eq!(counted, 0, "{again:#?}");
    assert_eq!(picture(&shop), before);
    assert!(shop.get_run(again.id, None, 50).unwrap().changes.is_empty());
    assert!(
        shop.world().requests().iter().all(|r| r.method == "GET" || r.path.contains("/tokens/")),
        "nothing is written"
    );
    shop.assert_sound();
    shop.stop().await;
    engine.await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn what_came_over_says_what_the_vendors_say() {
    let shop = connected("demo").await;
    shop.sync_well().await;
    for theirs in shop.there(Vendor::Quickbooks, "Invoice") {
        let ours = shop.invoice(theirs["DocNumber"].as_str().unwrap());
        let cents = |field: &str| {
            let amount = backroom_money::Money::parse(&theirs[field].to_string(), backroom_money::Currency::USD);
            amount.unwrap().minor().to_string()
        };
        assert_eq!(
            (ours.totals.total.minor.clone(), ours.balance.minor.clone()),
            (cents("TotalAmt"), cents("Balance"))
        );
        assert_eq!(ours.customer_name, theirs["CustomerRef"]["name"].as_str().unwrap());
    }
    let marked = shop.order("1043");
    assert_eq!((marked.status, marked.shipments[0].tracking_number.as_str()), (OrderStatus::Shipped, "BIKE-0007"));
    let voided = shop.order("1045");
    assert_eq!((voided.status, voided.shipments[0].voided), (OrderStatus::Open, true));
    assert_eq!(shop.order("1047").status, OrderStatus::OnHold);
    for payout in shop.payouts() {
        assert_eq!(payout.difference.as_ref().unwrap().minor, "0", "every payout is proven: {payout:?}");
    }
    let disputed = |charge: &&ChargeRow| charge.status == "disputed";
    assert_eq!(shop.charges().iter().filter(disputed).count(), 1);
}

#[tokio::test(start_paused = true)]
async fn stock_begins_with_what_quickbooks_counts_and_parcels_from_before_take_nothing() {
    let shop = connected("demo").await;
    shop.sync_well().await;
    for there in shop.there(Vendor::Quickbooks, "Item") {
        if there["Type"] == "Inventory" {
            let sku = there["Sku"].as_str().unwrap();
            assert_eq!(shop.item(sku).on_hand, there["QtyOnHand"].to_string(), "{sku}");
        }
    }
    assert_eq!(
        shop.order("1041").status,
        OrderStatus::Shipped,
        "its parcel left weeks ago, with goods not counted here yet"
    );
    shop.assert_sound();
}

#[tokio::test(start_paused = true)]
async fn a_parcel_takes_its_goods_from_the_shelf_and_a_voided_label_puts_them_back() {
    let shop = connected("demo").await;
    shop.sync_well().await;
    let mug = shop.item("MUG-01");
    shop.receive(mug.id, "50");
    let start: i64 = shop.item("MUG-01").on_hand.parse().unwrap();
    shop.act(Vendor::Shipstation, "ship", &json!({ "orderNumber": "1052" }));
    shop.sync_well().await;
    let order = shop.order("1052");
    assert_eq!(order.status, OrderStatus::Shipped);
    assert!(order.lines.iter().all(|line| line.shipped == line.quantity), "{:?}", order.lines);
    assert_eq!(shop.item("MUG-01").on_hand, (start - 1).to_string());
    shop.act(Vendor::Shipstation, "void_label", &json!({ "orderNumber": "1052" }));
    shop.sync_well().await;
    assert_eq!(shop.item("MUG-01").on_hand, start.to_string());
    assert_eq!(shop.order("1052").status, OrderStatus::Open);
    // Four mugs of order 1050 leave in two parcels: the part is an order of its own over there.
    let part = json!({ "orderNumber": "1050", "items": [{ "sku": "MUG-01", "quantity": 1 }] });
    shop.act(Vendor::Shipstation, "ship", &part);
    shop.sync_well().await;
    assert_eq!(shop.item("MUG-01").on_hand, (start - 1).to_string());
    shop.act(Vendor::Shipstation, "ship", &json!({ "orderNumber": "1050" }));
    shop.sync_well().await;
    assert_eq!(shop.item("MUG-01").on_hand, (start - 4).to_string());
    shop.assert_sound();
}

#[tokio::test(start_paused = true)]
async fn a_run_tells_what_it_changed_field_by_field() {
    let shop = connected("demo").await;
    shop.sync_well().await;
    let edit = json!({ "id": 2, "PrimaryPhone": { "FreeFormNumber": "555-7777" } });
    shop.act(Vendor::Quickbooks, "edit_customer", &edit);
    let run = shop.sync_well().await;
    let changes = shop.get_run(run.id, None, 50).unwrap().changes;
    assert_eq!(changes.len(), 1, "{changes:?}");
    assert_eq!((changes[0].title.as_str(), changes[0].action.as_str()), ("Anna Lindqvist", "updated"));
    let field = &changes[0].fields[0];
    assert_eq!((field.field.as_str(), field.after.as_deref()), ("phone", Some("555-7777")));
    let history = shop.customer("Anna Lindqvist").history;
    assert!(format!("{history:?}").contains("555-7777"), "{history:?}");
}

/// A shop whose requests pass a gate.
async fn gated() -> (Shop, Arc<Gate>) {
    let outside = Outside::new("demo");
    let gate = Gate::new(outside.exchange.clone());
    let shop = set_up(Outside { exchange: gate.clone(), ..outside }.start(None));
    shop.connect_all().await;
    (shop, gate)
}

#[tokio::test(start_paused = true)]
async fn sync_now_during_a_run_is_that_run() {
    let (shop, gate) = gated().await;
    let engine = tokio::spawn(shop.core.clone().run_engine());
    gate.stop_at(4, Side::Before);
    let first = shop.sync_now(None, RunTrigger::Owner).unwrap();
    gate.reached().await;
    let status = shop.sync_status().unwrap();
    assert_eq!(status.open_run.as_ref().map(|run| (run.id, run.state)), Some((first.id, RunState::Running)));
    assert!(status.connections.iter().any(|c| c.state == ConnectionState::Syncing));
    for trigger in [RunTrigger::Owner, RunTrigger::Timer, RunTrigger::CommandLine] {
        assert_eq!(shop.sync_now(None, trigger).unwrap().id, first.id);
    }
    gate.open();
    assert_eq!(ended(&shop, first.id).await.state, RunState::Done);
    tokio::time::sleep(Duration::from_secs(30)).await;
    assert_eq!(shop.list_runs(None, 10).unwrap().rows.len(), 1, "the clicks in between made no further runs");
    let next = shop.sync_now(None, RunTrigger::Owner).unwrap();
    assert_ne!(next.id, first.id);
    ended(&shop, next.id).await;
    shop.stop().await;
    engine.await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_cancelled_run_stops_at_once_and_the_next_one_goes_on() {
    let (shop, gate) = gated().await;
    let engine = tokio::spawn(shop.core.clone().run_engine());
    gate.stop_at(5, Side::Before);
    let run = shop.sync_now(None, RunTrigger::Owner).unwrap();
    gate.reached().await;
    shop.cancel_run().unwrap();
    gate.open();
    let run = ended(&shop, run.id).await;
    assert_eq!(run.state, RunState::Cancelled);
    assert!(shop.payouts().is_empty(), "the other vendors were not asked any more");
    let kept = shop.customers().len();
    assert_eq!(kept, 8, "what was read stays");
    let again = ended(&shop, shop.sync_now(None, RunTrigger::Owner).unwrap().id).await;
    assert_eq!(again.state, RunState::Done);
    assert_eq!((shop.customers().len(), shop.payouts().len()), (8, 2));
    shop.stop().await;
    engine.await.unwrap();
}

/// The owner quits.
fn quit(shop: &Shop) -> tokio::task::JoinHandle<()> {
    let core = shop.core.clone();
    tokio::spawn(async move { core.stop().await })
}

#[tokio::test(start_paused = true)]
async fn quitting_waits_for_what_is_being_sent_and_the_next_start_goes_on_by_itself() {
    let (shop, gate) = gated().await;
    shop.sync_well().await;
    for name in ["Lighthouse Tea Room", "Island Ferry Kiosk"] {
        shop.save_customer(customer(name)).unwrap();
    }
    let engine = tokio::spawn(shop.core.clone().run_engine());
    gate.stop_at_write(Side::After);
    let run = shop.sync_now(None, RunTrigger::Owner).unwrap();
    gate.reached().await;
    let quitting = quit(&shop);
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert!(!quitting.is_finished(), "what is being sent is waited for");
    gate.open();
    quitting.await.unwrap();
    engine.await.unwrap();
    assert_eq!(shop.get_run(run.id, None, 1).unwrap().run.state, RunState::Interrupted);
    assert_eq!(shop.outbox().len(), 1, "the answer was taken, and no other step begun");
    let engine = tokio::spawn(shop.core.clone().run_engine());
    tokio::time::sleep(Duration::from_mins(1)).await;
    let last = shop.list_runs(None, 1).unwrap().rows.remove(0);
    assert_eq!((last.state, last.parts.len(), shop.outbox().len()), (RunState::Done, 3, 0));
    for name in ["Lighthouse Tea Room", "Island Ferry Kiosk"] {
        shop.one_there(Vendor::Quickbooks, "Customer", "DisplayName", name);
    }
    shop.stop().await;
    engine.await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn quitting_does_not_wait_for_a_page_that_is_slow_to_come() {
    for nth in [1, 2, 5, 9] {
        let (shop, gate) = gated().await;
        let engine = tokio::spawn(shop.core.clone().run_engine());
        gate.stop_at(nth, Side::After);
        let run = shop.sync_now(None, RunTrigger::Owner).unwrap();
        gate.reached().await;
        quit(&shop).await.unwrap();
        engine.await.unwrap();
        assert_eq!(shop.get_run(run.id, None, 1).unwrap().run.state, RunState::Interrupted, "request {nth}");
        gate.open();
        let engine = tokio::spawn(shop.core.clone().run_engine());
        tokio::time::sleep(Duration::from_mins(1)).await;
        assert_eq!((shop.customers().len(), shop.orders().len(), shop.payouts().len()), (8, 13, 2), "request {nth}");
        shop.stop().await;
        engine.await.unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn the_timer_runs_by_itself_until_it_is_paused() {
    let shop = connected("demo").await;
    let engine = tokio::spawn(shop.core.clone().run_engine());
    let settings = shop.sync_settings().unwrap();
    shop.save_sync_settings(SyncSettings { interval_minutes: 15, ..settings }).unwrap();
    tokio::time::sleep(Duration::from_mins(16)).await;
    let runs = shop.list_runs(None, 10).unwrap().rows;
    assert_eq!((runs.len(), runs[0].trigger, runs[0].state), (1, RunTrigger::Timer, RunState::Done));
    assert!(shop.pause_sync(true).unwrap().next_run_at.is_none() || shop.sync_status().unwrap().paused);
    tokio::time::sleep(Duration::from_hours(3)).await;
    assert_eq!(shop.list_runs(None, 10).unwrap().rows.len(), 1);
    shop.stop().await;
    engine.await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn one_vendor_that_is_down_does_not_stop_the_others() {
    for (down, name) in
        [(Vendor::Quickbooks, "QuickBooks"), (Vendor::Shipstation, "ShipStation"), (Vendor::Stripe, "Stripe")]
    {
        let shop = connected("demo").await;
        shop.world().outage(down, true);
        let run = shop.sync().await;
        assert_eq!(run.state, RunState::DoneWithProblems, "{name}");
        for part in &run.parts {
            let expected = if part.vendor_name == name { RunState::Failed } else { RunState::Done };
            assert_eq!(part.state, expected, "{name}: {part:?}");
        }
        assert!(part(&run, name).error.as_ref().unwrap().contains("could not be reached"));
        let connection = shop.list_connections().unwrap().into_iter().find(|c| c.vendor_name == name).unwrap();
        assert_eq!(connection.state, ConnectionState::Unreachable);
        shop.world().outage(down, false);
        tokio::time::sleep(Duration::from_mins(2)).await;
        shop.sync_well().await;
        assert_eq!((shop.customers().len(), shop.orders().len(), shop.charges().len()), (8, 13, 11), "{name}");
        shop.assert_sound();
    }
}

#[tokio::test(start_paused = true)]
async fn a_vendor_that_signed_the_owner_out_waits_for_a_new_sign_in_and_the_rest_goes_on() {
    let shop = connected("demo").await;
    shop.sync_well().await;
    shop.act(Vendor::Quickbooks, "disconnect", &json!({}));
    shop.act(Vendor::Shipstation, "create_order", &json!({ "orderNumber": "3001" }));
    let run = shop.sync().await;
    assert_eq!((part(&run, "QuickBooks").state, part(&run, "ShipStation").state), (RunState::Failed, RunState::Done));
    assert_eq!(shop.order("3001").status, OrderStatus::Open);
    let connection = shop.list_connections().unwrap().into_iter().find(|c| c.vendor == "quickbooks").unwrap();
    assert_eq!(connection.state, ConnectionState::NeedsSignIn);
    let refreshes = || shop.requests(Vendor::Quickbooks, "POST", "/tokens/bearer").len();
    let tried = refreshes();
    shop.sync().await;
    shop.sync().await;
    assert_eq!(refreshes(), tried, "a dead sign-in is not tried again and again");
    let draft = ConnectDraft { connection_id: Some(connection.id), fields: Vec::new(), ..shop.practice("quickbooks") };
    let started = shop.start_sign_in(draft).await.unwrap();
    let bounced = shop.browse(&started.authorize_url).await.unwrap();
    let again = made(shop.finish_sign_in(bounced.to_string()).await.unwrap());
    assert_eq!(again.id, connection.id);
    shop.sync_well().await;
    assert_eq!((shop.list_connections().unwrap().len(), shop.customers().len()), (3, 8));
}
