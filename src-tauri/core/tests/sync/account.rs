//! The account of a run: only what was in a request counts as sent.

use crate::world::{World, customer, with_books};
use backroom_core::items::ItemDraft;
use backroom_core::sync::testing::Fault;
use backroom_core::sync::{ChangeDirection, RunChange, RunView};
use chrono::{DateTime, Duration, Utc};
use connector_contract::{ConnectorError, Record, RecordKind, record};

fn sent(world: &World, run: &RunView) -> Vec<RunChange> {
    let changes = world.get_run(run.id, None, 50).expect("the run").changes;
    changes.into_iter().filter(|change| change.direction == ChangeDirection::Out).collect()
}

fn fields(change: &RunChange) -> Vec<&str> {
    change.fields.iter().map(|change| change.field.as_str()).collect()
}

/// What lies frozen in the outbox.
fn frozen(world: &World) -> String {
    let sql = "SELECT payload FROM outbox";
    world.store().read(|db| Ok(db.query_row(sql, [], |row| row.get::<_, String>(0))?)).expect("a payload")
}

/// A synced item at a vendor that keeps no barcode.
async fn without_barcodes() -> (World, ItemDraft) {
    let (world, _) = with_books().await;
    world.books.set_unkept(&["barcode"]);
    world.sync_well().await;
    let item = world.item("PEN-1", "2.50");
    world.sync_well().await;
    let draft = world.get_item(item.draft.id).expect("the item").draft;
    (world, draft)
}

#[tokio::test]
async fn a_change_the_vendor_has_no_place_for_makes_no_request_and_no_account() {
    let (world, draft) = without_barcodes().await;
    let requests = world.books.pushes().len();
    world.save_item(ItemDraft { barcode: "4006381333931".into(), ..draft }).expect("a save");
    let run = world.sync_well().await;
    assert!(sent(&world, &run).is_empty());
    assert_eq!((run.parts[0].sent_count, world.outbox().len()), (0, 0));
    assert_eq!(world.books.pushes().len(), requests, "no request");
}

#[tokio::test]
async fn of_a_mixed_change_only_what_the_vendor_keeps_is_named() {
    let (world, draft) = without_barcodes().await;
    world
        .save_item(ItemDraft { barcode: "4006381333931".into(), description: "Blue".into(), ..draft })
        .expect("a save");
    let run = world.sync_well().await;
    let told = sent(&world, &run);
    assert_eq!((told.len(), run.parts[0].sent_count), (1, 1));
    assert_eq!(fields(&told[0]), ["description"]);
}

#[tokio::test]
async fn an_update_goes_out_beside_what_was_agreed_and_the_same_at_a_retry() {
    let (world, draft) = without_barcodes().await;
    world.save_item(ItemDraft { description: "Blue".into(), ..draft.clone() }).expect("a save");
    world.books.break_pushes([Some(Fault::Before(ConnectorError::Unknown("no answer".into())))]);
    world.sync().await;
    let first = frozen(&world);
    world.clock.advance(Duration::hours(1));
    world.books.break_pushes([Some(Fault::Before(ConnectorError::Unknown("no answer".into())))]);
    world.sync().await;
    assert_eq!(frozen(&world), first, "the same to the letter");
    let payload: serde_json::Value = serde_json::from_str(&first).expect("JSON");
    assert_eq!((&payload["base"]["description"], &payload["fields"]["description"]), (&"".into(), &"Blue".into()));
    // What an earlier version froze has no record to compare with, and still goes out.
    let sql = "UPDATE outbox SET payload = replace(payload, '\"base\"', '\"another\"')";
    world.store().write(|tx| Ok(tx.execute(sql, [])?)).expect("an older payload");
    world.clock.advance(Duration::hours(2));
    world.sync_well().await;
    let Record::Item(stored) = &world.books.all(RecordKind::Item)[0].1 else { panic!() };
    assert_eq!(stored.description.as_deref(), Some("Blue"));
}

#[tokio::test]
async fn a_customer_that_came_in_is_as_old_as_the_vendors_record() {
    let (world, _) = with_books().await;
    let since: DateTime<Utc> = "2019-03-04T10:00:00Z".parse().expect("a time");
    world.books.put("7", Record::Customer(record::Customer { created_at: Some(since), ..customer("Ada") }));
    world.sync_well().await;
    assert_eq!(world.customer_named("Ada").created_at, "2019-03-04T10:00:00.000Z");
}
