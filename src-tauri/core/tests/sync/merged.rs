//! Records merged into another one over there: what refers to them goes to the one that stays, and the tombstone says where.

use crate::world::{World, customer, invoice, order, with_books, world};
use backroom_core::orders::OrderStatus;
use backroom_core::sync::testing::Fault;
use backroom_core::sync::{ProblemAction, ProblemRow};
use backroom_core::testing::first_page;
use connector_contract::{ConnectorError, Content, Pulled, Record, RecordKind, RemoteId, record};

fn only(world: &World) -> ProblemRow {
    let mut problems = world.problems();
    assert_eq!(problems.len(), 1, "{problems:#?}");
    problems.remove(0)
}

/// The feed says that a record was merged into another one.
fn merged(kind: RecordKind, id: &str, into: &str) -> Pulled {
    let content = Content::Merged { kind, into: RemoteId(into.into()) };
    Pulled { remote_id: RemoteId(id.into()), version: None, updated_at: None, content }
}

#[tokio::test]
async fn what_refers_to_a_record_merged_away_there_goes_to_the_one_that_stays() {
    let (world, _) = with_books().await;
    world.books.put("c1", Record::Customer(customer("Ada")));
    let stays = world.books.put("c2", Record::Customer(customer("Bea")));
    world.sync_well().await;
    let ada = world.customer_named("Ada").draft.id;
    world.invoice(ada, "10.00");
    world.books.feed(merged(RecordKind::Customer, "c1", "c2"));
    // A page from before still names the one that is gone.
    world.books.put("i9", Record::Invoice(invoice("99", &RemoteId("c1".into()), 700)));
    world.sync_well().await;
    assert!(world.get_customer(ada).expect("Ada").archived);
    let sent = world.books_invoices().into_iter().find(|there| there.number.as_deref() != Some("99"));
    assert_eq!(sent.expect("ours").customer, stays);
    assert_eq!(world.customer_named("Bea").open_balance.minor, "700");
    assert!(world.outbox().is_empty() && world.problems().is_empty(), "{:#?}", world.problems());
    assert_eq!(world.count("SELECT count(*) FROM links WHERE deleted = 1 AND merged_into = 'c2'"), 1);
}

#[tokio::test]
async fn a_parcel_of_an_order_merged_away_belongs_to_the_order_that_stays() {
    let world = world();
    let parcels = world.connect_parcels().await;
    world.parcels.put("o1", Record::Order(order("1050", "PEN-1", 2)));
    world.parcels.put("o2", Record::Order(order("1051", "PEN-1", 1)));
    world.sync_well().await;
    let rows = world.list_orders(first_page()).expect("orders").rows;
    let id = |number: &str| rows.iter().find(|row| row.number == number).expect("an order").id;
    world.parcels.feed(merged(RecordKind::Order, "o2", "o1"));
    let parcel = record::Shipment {
        order: Some(RemoteId("o2".into())),
        order_number: None,
        carrier: Some("ups".into()),
        service: None,
        tracking_number: Some("1Z".into()),
        shipped_on: None,
        cost: None,
        voided: false,
        is_return: false,
        notify_buyer: false,
        notify_channel: false,
        lines: None,
    };
    world.parcels.put("s1", Record::Shipment(parcel));
    world.sync_well().await;
    assert_eq!(world.get_order(id("1051")).expect("an order").status, OrderStatus::Cancelled);
    assert_eq!(world.get_order(id("1050")).expect("an order").shipments.len(), 1);
    let refused = world.send_anew(parcels, "order".into(), id("1051").to_string()).expect_err("a refusal");
    assert!(refused.to_string().contains("merged into Order 1050"), "{refused}");
}

#[tokio::test]
async fn a_change_of_an_order_that_was_merged_away_is_told_with_where_it_went() {
    let world = world();
    world.connect_parcels().await;
    world.parcels.put("o1", Record::Order(order("1050", "PEN-1", 2)));
    world.parcels.put("o2", Record::Order(order("1051", "PEN-1", 1)));
    world.sync_well().await;
    let rows = world.list_orders(first_page()).expect("orders").rows;
    let away = rows.iter().find(|row| row.number == "1051").expect("an order").id;
    let mut draft = world.get_order(away).expect("an order").draft;
    draft.internal_note = "Handle with care".into();
    world.save_order(draft).expect("a save");
    // The send finds it gone before the feed says why.
    world.parcels.break_pushes([Some(Fault::Before(ConnectorError::NotFound("merged away".into())))]);
    world.sync().await;
    assert_eq!(only(&world).action, ProblemAction::SendAnew);
    world.parcels.feed(merged(RecordKind::Order, "o2", "o1"));
    world.sync().await;
    let problem = only(&world);
    assert!(problem.message.contains("merged into Order 1050"), "{problem:#?}");
    assert_eq!(problem.action, ProblemAction::Dismiss);
}
