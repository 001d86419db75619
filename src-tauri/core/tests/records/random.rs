//! Random owners and vendors: whatever they do in whatever order, kept stock figures follow from movements and order lines, and
//! doing the same again changes nothing.

use backroom_core::company::LocationDraft;
use backroom_core::ids::{LocationId, MovementId, OrderId, ShipmentId};
use backroom_core::items::ItemView;
use backroom_core::orders::{OrderAction, Shipment, ShipmentLine, apply_shipment};
use backroom_core::stock::{StockChange, StockDraft};
use backroom_core::store;
use backroom_core::testing::{TestCore, order, order_line};
use backroom_money::Quantity;
use proptest::prelude::*;

#[derive(Debug, Clone)]
enum Step {
    Stock { item: usize, change: usize, quantity: i64, to: bool },
    Order { item: usize, quantity: u32, other: u32 },
    Edit { order: usize, quantity: u32 },
    Act { order: usize, action: usize },
    Ship { order: usize, quantity: Option<i64>, is_return: bool },
    Repeat { shipment: usize },
    Void { shipment: usize, voided: bool },
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        (0..2_usize, 0..4_usize, -30_000..60_000_i64, any::<bool>())
            .prop_map(|(item, change, quantity, to)| Step::Stock { item, change, quantity, to }),
        (0..2_usize, 1..6_u32, 0..3_u32).prop_map(|(item, quantity, other)| Step::Order { item, quantity, other }),
        (0..8_usize, 1..9_u32).prop_map(|(order, quantity)| Step::Edit { order, quantity }),
        (0..8_usize, 0..4_usize).prop_map(|(order, action)| Step::Act { order, action }),
        (0..8_usize, proptest::option::of(1..50_000_i64), any::<bool>())
            .prop_map(|(order, quantity, is_return)| Step::Ship { order, quantity, is_return }),
        (0..8_usize).prop_map(|shipment| Step::Repeat { shipment }),
        (0..8_usize, any::<bool>()).prop_map(|(shipment, voided)| Step::Void { shipment, voided }),
    ]
}

struct World {
    core: TestCore,
    items: [ItemView; 2],
    shop: LocationId,
    orders: Vec<OrderId>,
    shipments: Vec<Shipment>,
}

impl World {
    fn new() -> Self {
        let core = TestCore::new();
        let items = [core.stocked_item("PEN", "1.10", "5"), core.stocked_item("INK", "2", "0")];
        let shop = LocationId::new();
        core.save_location(LocationDraft { id: shop, name: "Shop".into(), is_default: false }).unwrap();
        Self { core, items, shop, orders: Vec::new(), shipments: Vec::new() }
    }

    fn apply(&mut self, shipment: &Shipment) {
        let now = now(&self.core);
        let apply = |tx: &store::Tx<'_>| {
            let before = store::shipments::get(tx, shipment.id)?;
            apply_shipment(tx, before.as_ref(), shipment, "ShipStation", now)
        };
        self.core.store().write(apply).unwrap();
    }

    /// Refusals are fine; only what is kept afterwards counts.
    fn take(&mut self, step: &Step) {
        match step {
            Step::Stock { item, change, quantity, to } => {
                let change =
                    [StockChange::Receive, StockChange::Adjust, StockChange::Count, StockChange::Transfer][*change];
                let main = self.items[0].levels[0].location_id;
                let (from, to) = if *to { (main, self.shop) } else { (self.shop, main) };
                let draft = StockDraft {
                    id: MovementId::new(),
                    item_id: self.items[*item].draft.id,
                    location_id: from,
                    to_location_id: Some(to),
                    change,
                    quantity: Quantity::from_scaled(*quantity).to_decimal_string(),
                    note: String::new(),
                    seen: None,
                    counted_before: false,
                };
                let first = self.core.change_stock(draft.clone());
                if let Ok(levels) = first {
                    assert_eq!(self.core.change_stock(draft).unwrap(), levels);
                }
            }
            Step::Order { item, quantity, other } => {
                let mut lines = vec![order_line(&self.items[*item], &quantity.to_string())];
                if *other > 0 {
                    lines.push(order_line(&self.items[1 - *item], &other.to_string()));
                }
                self.orders.push(self.core.save_order(order(lines)).unwrap().draft.id);
            }
            Step::Edit { order, quantity } => {
                if let Some(id) = self.orders.get(*order) {
                    let mut draft = self.core.get_order(*id).unwrap().draft;
                    draft.lines[0].quantity = quantity.to_string();
                    drop(self.core.save_order(draft));
                }
            }
            Step::Act { order, action } => {
                let shipped = backroom_core::testing::mark_shipped(&[]);
                let action = [OrderAction::Hold { until: None }, OrderAction::Release, OrderAction::Cancel, shipped]
                    [*action]
                    .clone();
                if let Some(id) = self.orders.get(*order) {
                    drop(self.core.act_on_orders(vec![*id], action));
                }
            }
            Step::Ship { order, quantity, is_return } => self.ship(*order, *quantity, *is_return),
            Step::Repeat { shipment } => {
                if let Some(shipment) = self.shipments.get(*shipment).cloned() {
                    let before = self.figures();
                    self.apply(&shipment);
                    assert_eq!(self.figures(), before);
                }
            }
            Step::Void { shipment, voided } => {
                if let Some(shipment) = self.shipments.get_mut(*shipment) {
                    shipment.voided = *voided;
                    let shipment = shipment.clone();
                    self.apply(&shipment);
                }
            }
        }
    }

    fn ship(&mut self, order: usize, quantity: Option<i64>, is_return: bool) {
        let Some(id) = self.orders.get(order) else { return };
        let order = self.core.store().read(|db| store::orders::get(db, *id)).unwrap().unwrap();
        let lines = quantity.map(|quantity| {
            vec![ShipmentLine {
                remote_line: String::new(),
                line_key: String::new(),
                order_line_id: None,
                item_id: None,
                sku: "pen".into(),
                name: String::new(),
                quantity: Quantity::from_scaled(quantity),
            }]
        });
        let now = now(&self.core);
        let shipment = Shipment { lines, is_return, ..Shipment::new(ShipmentId::new(), &order, "shipstation", now) };
        self.apply(&shipment);
        self.shipments.push(shipment);
    }

    fn figures(&self) -> (Vec<String>, i64, i64) {
        let levels = self.items.iter().flat_map(|item| self.core.get_item(item.draft.id).unwrap().levels);
        (
            levels.map(|level| format!("{} {}", level.on_hand, level.allocated)).collect(),
            self.core.count("SELECT count(*) FROM stock_movements"),
            self.core.count("SELECT coalesce(sum(version), 0) FROM orders"),
        )
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn kept_figures_always_follow_from_movements_and_lines(steps in proptest::collection::vec(step(), 1..40)) {
        let mut world = World::new();
        for step in &steps {
            world.take(step);
            prop_assert_eq!(world.core.check_stock().unwrap(), Vec::<String>::new(), "after {:?}", step);
        }
    }

    #[test]
    fn no_text_a_person_can_paste_breaks_a_save_or_a_search(text in "\\PC{0,60}|.{0,40}") {
        let core = TestCore::new();
        let _ = core.save_customer(backroom_core::testing::customer(&text));
        let _ = core.save_item(backroom_core::testing::item(&text, &text));
        core.search(text.clone(), 10).unwrap();
        core.find_stock(text.clone(), 10).unwrap();
        let query = backroom_core::customers::CustomerQuery { search: text, ..backroom_core::testing::first_page() };
        core.list_customers(query).unwrap();
    }
}

fn now(core: &TestCore) -> chrono::DateTime<chrono::Utc> {
    use connector_contract::Clock as _;
    core.clock.now()
}
