//! What saves and actions queue to be sent, for the connections that take that kind of record.

use backroom_core::customers::CustomerDraft;
use backroom_core::ids::{ConnectionId, MovementId};
use backroom_core::orders::OrderAction;
use backroom_core::stock::{StockChange, StockDraft};
use backroom_core::testing::{TestCore, customer};

fn connected(kinds: &[&str]) -> TestCore {
    let core = TestCore::new();
    let id = ConnectionId::new();
    core.store()
        .write(|tx| {
            tx.execute(
                "INSERT INTO connections (id, vendor, environment, account_id, account_name, state, created_at)
                 VALUES (?1, 'vendor', 'production', '1', 'Shop', 'ready', '2026-01-01T00:00:00.000Z')",
                [id],
            )?;
            for kind in kinds {
                tx.execute(
                    "INSERT INTO connection_kinds (connection_id, kind, sends, receives) VALUES (?1, ?2, 1, 1)",
                    rusqlite::params![id, kind],
                )?;
            }
            Ok(())
        })
        .unwrap();
    core
}

fn queued(core: &TestCore) -> Vec<(String, String)> {
    core.store()
        .read(|db| {
            let mut statement = db.prepare("SELECT kind, operation FROM outbox ORDER BY row")?;
            let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
            Ok(rows.collect::<rusqlite::Result<_>>()?)
        })
        .unwrap()
}

fn entry(kind: &str, operation: &str) -> (String, String) {
    (kind.into(), operation.into())
}

#[test]
fn a_save_queues_one_change_however_often_it_is_repeated() {
    let core = connected(&["customer"]);
    let draft = customer("Ada");
    let saved = core.save_customer(draft.clone()).unwrap();
    core.save_customer(draft).unwrap();
    core.save_customer(CustomerDraft { phone: "1".into(), ..saved.draft }).unwrap();
    core.item("PEN", "1");
    assert_eq!(queued(&core), [entry("customer", "create")], "items are not taken by this connection");
}

#[test]
fn a_refused_save_queues_nothing() {
    let core = connected(&["customer", "item", "order"]);
    core.save_customer(customer("a:b")).unwrap_err();
    assert!(queued(&core).is_empty());
}

#[test]
fn acting_on_orders_queues_what_changed() {
    let core = connected(&["order"]);
    let pen = core.stocked_item("PEN", "1", "5");
    let first = core.order(&[(&pen, "1")]).draft.id;
    let second = core.order(&[(&pen, "1")]).draft.id;
    assert_eq!(queued(&core).len(), 2);
    core.act_on_orders(vec![first], OrderAction::Cancel).unwrap();
    assert_eq!(queued(&core).len(), 1, "what was never sent need not be cancelled over there");
    core.store().write(|tx| Ok(tx.execute("DELETE FROM outbox", [])?)).unwrap();
    core.act_on_orders(vec![second], OrderAction::Hold { until: None }).unwrap();
    core.act_on_orders(vec![second], OrderAction::Hold { until: None }).unwrap();
    assert_eq!(queued(&core).len(), 1);
}

#[test]
fn a_change_of_stock_sends_nothing() {
    let core = connected(&["item"]);
    let pen = core.stocked_item("PEN", "1", "5");
    core.store().write(|tx| Ok(tx.execute("DELETE FROM outbox", [])?)).unwrap();
    let draft = StockDraft {
        id: MovementId::new(),
        item_id: pen.draft.id,
        location_id: pen.levels[0].location_id,
        to_location_id: None,
        change: StockChange::Receive,
        quantity: "1".into(),
        note: String::new(),
        seen: None,
        counted_before: false,
    };
    core.change_stock(draft).unwrap();
    assert!(queued(&core).is_empty(), "the item itself is as it was");
}
