//! Shipments as a sync applies them: once, in any order, repeated, voided, incomplete.

use backroom_core::ids::{LineId, OrderId, ShipmentId};
use backroom_core::items::ItemView;
use backroom_core::orders::{
    Order, OrderLine, OrderStatus, Shipment, ShipmentLine, apply_shipment, tie_to_new_lines, write,
};
use backroom_core::store;
use backroom_core::testing::TestCore;
use backroom_money::{Currency, Money, Quantity};
use chrono::{DateTime, Utc};

fn now() -> DateTime<Utc> {
    "2026-11-20T16:00:00Z".parse().unwrap()
}

fn pieces(count: i64) -> Quantity {
    Quantity::from_whole(count).unwrap()
}

fn line(key: &str, sku: &str, count: i64) -> OrderLine {
    OrderLine {
        id: LineId::new(),
        remote_line: String::new(),
        line_key: key.into(),
        item_id: None,
        sku: sku.into(),
        name: format!("Thing {sku}"),
        quantity: pieces(count),
        shipped: Quantity::ZERO,
        unit_price: Money::from_minor(100, Currency::USD).into(),
        adjustment: false,
        allocated: Quantity::ZERO,
        location_id: None,
    }
}

fn parcel_line(key: &str, sku: &str, count: i64) -> ShipmentLine {
    ShipmentLine {
        remote_line: String::new(),
        line_key: key.into(),
        order_line_id: None,
        item_id: None,
        sku: sku.into(),
        name: String::new(),
        quantity: pieces(count),
    }
}

struct World {
    core: TestCore,
    pen: ItemView,
    order: Order,
}

impl World {
    fn new() -> Self {
        let core = TestCore::new();
        let pen = core.stocked_item("PEN", "1", "20");
        let order = Order {
            number: "A-7".into(),
            lines: vec![line("k1", "PEN", 3), line("k2", "pen", 2), line("k3", "UNKNOWN", 1)],
            ..Order::new(OrderId::new(), Currency::USD, "shipstation", now())
        };
        let order = core.store().write(|tx| write(tx, None, &order, "ShipStation", now())).unwrap().record;
        Self { core, pen, order }
    }

    fn parcel(&self, lines: Option<Vec<ShipmentLine>>) -> Shipment {
        Shipment { lines, ..Shipment::new(ShipmentId::new(), &self.order, "shipstation", now()) }
    }

    fn apply(&self, shipment: &Shipment) -> Shipment {
        let apply = |tx: &store::Tx<'_>| {
            let before = store::shipments::get(tx, shipment.id)?;
            apply_shipment(tx, before.as_ref(), shipment, "ShipStation", now())
        };
        let record = self.core.store().write(apply).unwrap().record;
        assert_eq!(self.core.check_stock().unwrap(), Vec::<String>::new());
        record
    }

    fn stock(&self) -> (String, String) {
        let level = self.core.get_item(self.pen.draft.id).unwrap().levels.remove(0);
        (level.on_hand, level.allocated)
    }

    fn shipped(&self) -> (OrderStatus, Vec<String>) {
        let view = self.core.get_order(self.order.id).unwrap();
        (view.status, view.lines.into_iter().map(|line| line.shipped).collect())
    }
}

#[test]
fn lines_are_matched_by_key_then_by_sku() {
    let world = World::new();
    assert_eq!(world.stock(), ("20".into(), "5".into()));
    world.apply(&world.parcel(Some(vec![parcel_line("k2", "", 1), parcel_line("", "Pen", 3)])));
    assert_eq!(world.stock(), ("16".into(), "1".into()));
    assert_eq!(world.shipped(), (OrderStatus::PartlyShipped, vec!["3".into(), "1".into(), "0".into()]));
}

#[test]
fn a_parcel_heard_of_before_its_line_is_tied_to_it_once_the_line_comes() {
    let world = World::new();
    let first = world.parcel(Some(vec![parcel_line("k1", "PEN", 3), parcel_line("k2", "PEN", 2)]));
    world.apply(&first);
    // The label was cancelled, another order was merged into this one, and all of it left together. The parcel comes first.
    let all = ["k1", "k2", "k3", "k4"].into_iter().zip([3, 2, 1, 4]);
    let all = all.map(|(key, count)| parcel_line(key, if key == "k3" { "UNKNOWN" } else { "PEN" }, count)).collect();
    world.apply(&world.parcel(Some(all)));
    let merged = |tx: &store::Tx<'_>| {
        let before = store::orders::get(tx, world.order.id)?.expect("the order");
        let mut after = before.clone();
        after.lines.push(line("k4", "PEN", 4));
        let written = write(tx, Some(&before), &after, "ShipStation", now())?;
        tie_to_new_lines(tx, &written.record, "ShipStation", now())
    };
    world.core.store().write(merged).unwrap();
    world.apply(&Shipment { voided: true, ..first });
    assert_eq!(world.shipped(), (OrderStatus::Shipped, vec!["3".into(), "2".into(), "1".into(), "4".into()]));
    assert_eq!(world.stock(), ("11".into(), "0".into()));
}

#[test]
fn applying_a_shipment_again_changes_nothing() {
    let world = World::new();
    let parcel = world.parcel(Some(vec![parcel_line("k1", "PEN", 3)]));
    world.apply(&parcel);
    let version = world.core.get_order(world.order.id).unwrap().draft.version;
    for _ in 0..3 {
        world.apply(&parcel);
    }
    assert_eq!(world.stock(), ("17".into(), "2".into()));
    assert_eq!(world.core.get_order(world.order.id).unwrap().draft.version, version);
    assert_eq!(world.core.count("SELECT count(*) FROM stock_movements WHERE source_kind = 'shipment'"), 1);
    assert_eq!(world.core.count("SELECT count(*) FROM history WHERE kind = 'shipment'"), 1);
}

#[test]
fn a_parcel_without_contents_is_everything_open() {
    let world = World::new();
    world.apply(&world.parcel(Some(vec![parcel_line("k1", "PEN", 1)])));
    let rest = world.apply(&world.parcel(None));
    assert_eq!(rest.lines.as_ref().unwrap().len(), 3);
    assert_eq!(world.stock(), ("15".into(), "0".into()));
    assert_eq!(world.shipped().0, OrderStatus::Shipped);
    world.apply(&Shipment { lines: None, ..rest });
    assert_eq!(world.stock().0, "15");
}

#[test]
fn a_void_puts_everything_back_once_and_can_be_undone() {
    let world = World::new();
    let parcel = world.parcel(None);
    world.apply(&parcel);
    let voided = Shipment { voided: true, ..parcel.clone() };
    world.apply(&voided);
    world.apply(&voided);
    assert_eq!(world.stock(), ("20".into(), "5".into()));
    assert_eq!(world.shipped(), (OrderStatus::Open, vec!["0".into(), "0".into(), "0".into()]));
    world.apply(&parcel);
    assert_eq!(world.stock(), ("15".into(), "0".into()));
    assert_eq!(world.shipped().0, OrderStatus::Shipped);
}

#[test]
fn a_void_that_is_told_after_the_parcel_that_took_its_place_leaves_the_order_shipped() {
    let world = World::new();
    let label = world.parcel(None);
    world.apply(&label);
    // The label was cancelled and the order marked as shipped, and the mark is heard of first.
    let mark = world.parcel(None);
    world.apply(&mark);
    world.apply(&Shipment { voided: true, ..label.clone() });
    assert_eq!(world.stock(), ("15".into(), "0".into()));
    assert_eq!(world.shipped().0, OrderStatus::Shipped);
    world.apply(&mark);
    world.apply(&Shipment { voided: true, ..mark });
    assert_eq!(world.stock(), ("20".into(), "5".into()));
    assert_eq!(world.shipped().0, OrderStatus::Open);
}

#[test]
fn a_parcel_voided_before_it_was_seen_moves_nothing() {
    let world = World::new();
    world.apply(&Shipment { voided: true, ..world.parcel(None) });
    assert_eq!(world.stock(), ("20".into(), "5".into()));
    assert_eq!(world.core.get_order(world.order.id).unwrap().shipments.len(), 1);
}

#[test]
fn a_return_label_moves_no_stock() {
    let world = World::new();
    world.apply(&Shipment { is_return: true, ..world.parcel(Some(vec![parcel_line("k1", "PEN", 3)])) });
    assert_eq!(world.stock(), ("20".into(), "5".into()));
    assert_eq!(world.shipped().0, OrderStatus::Open);
}

#[test]
fn corrected_contents_replace_what_was_taken() {
    let world = World::new();
    let parcel = world.parcel(Some(vec![parcel_line("k1", "PEN", 3)]));
    world.apply(&parcel);
    world.apply(&Shipment { lines: Some(vec![parcel_line("k1", "PEN", 1)]), ..parcel });
    assert_eq!(world.stock(), ("19".into(), "4".into()));
    assert_eq!(world.shipped(), (OrderStatus::PartlyShipped, vec!["1".into(), "0".into(), "0".into()]));
}

#[test]
fn a_parcel_may_come_before_its_order() {
    let world = World::new();
    let early = Shipment { order_id: None, order_number: "B-1".into(), ..world.parcel(None) };
    assert!(!world.apply(&early).applied);
    let told = Shipment {
        lines: Some(vec![parcel_line("", "PEN", 2), parcel_line("", "", 1)]),
        id: ShipmentId::new(),
        ..early.clone()
    };
    assert!(world.apply(&told).applied, "its SKUs are enough to take it from stock");
    assert_eq!(world.stock(), ("18".into(), "5".into()));
    let waiting = world.core.store().read(|db| store::shipments::waiting_for_order(db, "b-1")).unwrap();
    assert_eq!(waiting.len(), 2);
    world.apply(&Shipment { order_id: Some(world.order.id), ..told });
    assert_eq!(world.stock(), ("18".into(), "3".into()));
    assert_eq!(world.shipped(), (OrderStatus::PartlyShipped, vec!["2".into(), "0".into(), "0".into()]));
}

#[test]
fn an_order_its_vendor_calls_shipped_or_cancelled_keeps_that() {
    let world = World::new();
    for status in [OrderStatus::Shipped, OrderStatus::Cancelled] {
        let change = |tx: &store::Tx<'_>| {
            let before = store::orders::get(tx, world.order.id)?.unwrap();
            write(tx, Some(&before), &Order { status, ..before.clone() }, "ShipStation", now())
        };
        world.core.store().write(change).unwrap();
        assert_eq!(world.stock().1, "0");
        world.apply(&world.parcel(Some(vec![parcel_line("k1", "PEN", 1)])));
        assert_eq!(world.shipped().0, status);
    }
    assert_eq!(world.stock().0, "18");
}

#[test]
fn a_sync_that_brings_the_same_order_writes_nothing() {
    let world = World::new();
    world.apply(&world.parcel(Some(vec![parcel_line("k1", "PEN", 1)])));
    let repeat = |tx: &store::Tx<'_>| {
        let before = store::orders::get(tx, world.order.id)?.unwrap();
        let mut after = before.clone();
        after.status = OrderStatus::Open;
        for line in &mut after.lines {
            line.shipped = Quantity::ZERO;
            line.allocated = Quantity::ZERO;
        }
        Ok((before.version, write(tx, Some(&before), &after, "ShipStation", now())?.record))
    };
    let (version, record) = world.core.store().write(repeat).unwrap();
    assert_eq!((record.version, record.status), (version, OrderStatus::PartlyShipped));
    assert_eq!(record.lines[0].shipped, pieces(1));
}

#[test]
fn a_parcel_that_the_owner_marked_shipped_is_not_taken_again_when_its_vendor_tells_of_it() {
    let world = World::new();
    let action = backroom_core::testing::mark_shipped(&[]);
    world.core.act_on_orders(vec![world.order.id], action).unwrap();
    assert_eq!(world.stock(), ("15".into(), "0".into()));
    let echo = world.parcel(Some(vec![parcel_line("k1", "PEN", 3), parcel_line("k2", "pen", 2)]));
    for _ in 0..2 {
        world.apply(&echo);
        assert_eq!(world.stock(), ("15".into(), "0".into()));
    }
    world.apply(&Shipment { voided: true, ..echo });
    assert_eq!(world.stock(), ("15".into(), "0".into()));
    assert_eq!(world.shipped().0, OrderStatus::Shipped);
}

#[test]
fn a_second_parcel_of_a_vendor_for_the_same_goods_leaves_too() {
    let world = World::new();
    world.apply(&world.parcel(Some(vec![parcel_line("k1", "PEN", 3)])));
    world.apply(&world.parcel(Some(vec![parcel_line("k1", "PEN", 3)])));
    assert_eq!(world.stock(), ("14".into(), "2".into()));
}

#[test]
fn a_caller_that_forgot_what_is_stored_takes_nothing_twice() {
    let world = World::new();
    let parcel = world.parcel(None);
    for _ in 0..2 {
        let apply = |tx: &store::Tx<'_>| apply_shipment(tx, None, &parcel, "ShipStation", now());
        world.core.store().write(apply).unwrap();
    }
    assert_eq!(world.stock(), ("15".into(), "0".into()));
}
