//! What the account holds. One store behind both interfaces; ids are numbers, which the newer interface writes as `se-n`.

use super::time;
use super::wire::decimal;
use chrono::{DateTime, NaiveDate, Utc};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};

/// The account.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct State {
    /// Last id of each series.
    pub last_id: BTreeMap<String, i64>,
    /// Orders, split and merged ones included, by id.
    pub orders: BTreeMap<i64, Order>,
    /// Versions before the last change, for stale reads.
    pub older: BTreeMap<i64, Order>,
    /// Labels by id; the older interface calls them shipments.
    pub labels: BTreeMap<i64, Label>,
    /// Orders marked as shipped without a label, by id.
    pub fulfillments: BTreeMap<i64, Fulfillment>,
    /// Products by id.
    pub products: BTreeMap<i64, Product>,
    /// Customers by id.
    pub customers: BTreeMap<i64, Customer>,
    /// Stores by id.
    pub stores: BTreeMap<i64, Store>,
    /// Ship-from locations by id; not the warehouses of the inventory.
    pub warehouses: BTreeMap<i64, ShipFrom>,
    /// Tags by id.
    pub tags: BTreeMap<i64, Tag>,
    /// Warehouses of the inventory by id.
    pub inventory_warehouses: BTreeMap<String, InventoryWarehouse>,
    /// Locations of the inventory by id.
    pub inventory_locations: BTreeMap<String, InventoryLocation>,
    /// What lies where.
    pub stock: Vec<Bin>,
    /// Requests in the present minute, by key.
    pub windows: BTreeMap<String, (i64, u32)>,
    /// Oddities that are switched on; see [`SWITCHES`].
    pub switches: BTreeSet<String>,
}

/// Oddities that a test may switch on.
pub const SWITCHES: [&str; 8] = [
    // `pages` of shipments and fulfillments is 0 and of orders one too low.
    "pages_undercount",
    // Lists of shipments hold a null.
    "null_entries",
    // Answering a page of orders changes its first order, so that it moves to the end of a list by modification.
    "shifting_pages",
    // Keys that ran out.
    "v1_key_expired",
    "v2_key_expired",
    // Plans that lack the interface.
    "v1_plan_refused",
    "v2_plan_refused",
    // No limits, for tests that do not move the clock.
    "no_limits",
];

/// An order.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Order {
    /// Id.
    pub id: i64,
    /// The caller's key, or one made here. Children of a split share it.
    pub key: String,
    /// Number the buyer knows.
    pub number: String,
    /// When it was placed.
    pub date: DateTime<Utc>,
    /// When it came here.
    pub created: DateTime<Utc>,
    /// When it last changed.
    pub modified: DateTime<Utc>,
    /// When it was paid.
    pub paid: Option<DateTime<Utc>>,
    /// Ship until then.
    pub ship_by: Option<DateTime<Utc>>,
    /// One of [`super::shape::STATUSES`].
    pub status: String,
    /// Held until this Pacific day.
    pub hold_until: Option<NaiveDate>,
    /// The customer's profile.
    pub customer_id: Option<i64>,
    /// Lines.
    pub items: Vec<Item>,
    /// All other writable fields.
    pub fields: Map<String, Value>,
    /// Writable advanced options.
    pub advanced: Map<String, Value>,
    /// Tags.
    pub tag_ids: BTreeSet<i64>,
    /// It was split or merged.
    pub merged_or_split: bool,
    /// Orders that were merged into this one.
    pub merged_ids: Vec<i64>,
    /// The order this one was split off from.
    pub parent_id: Option<i64>,
    /// Merged away or deleted: no interface shows it any more.
    pub gone: bool,
}

/// A line of an order.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Item {
    /// Id.
    pub id: i64,
    /// When it was made.
    pub created: DateTime<Utc>,
    /// When it last changed.
    pub modified: DateTime<Utc>,
    /// Fields of [`super::shape::ITEM`].
    pub fields: Map<String, Value>,
}

/// A label.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Label {
    pub id: i64,
    pub order_id: Option<i64>,
    pub created: DateTime<Utc>,
    pub ship_date: NaiveDate,
    pub cost: Decimal,
    pub insurance_cost: Decimal,
    pub tracking_number: String,
    pub carrier: String,
    pub service: String,
    pub package: Option<String>,
    pub confirmation: String,
    pub is_return: bool,
    pub voided: Option<DateTime<Utc>>,
    pub marketplace_notified: bool,
    /// The lines in it with their quantities, as they were.
    pub items: Vec<(Item, i64)>,
    /// Where the goods were taken from: SKU, location and how many, to put them back when it is voided.
    pub taken: Vec<(String, String, i64)>,
}

/// An order marked as shipped.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Fulfillment {
    pub id: i64,
    pub order_id: i64,
    pub created: DateTime<Utc>,
    pub ship_date: NaiveDate,
    pub carrier: String,
    pub tracking_number: Option<String>,
    pub marketplace_notified: bool,
}

/// A product.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Product {
    pub id: i64,
    pub sku: String,
    pub name: String,
    pub price: Decimal,
    pub cost: Option<Decimal>,
    pub weight_oz: Decimal,
    pub upc: Option<String>,
    pub active: bool,
    pub created: DateTime<Utc>,
    pub modified: DateTime<Utc>,
    /// Whatever else was written.
    pub fields: Map<String, Value>,
}

/// A customer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Customer {
    pub id: i64,
    pub username: String,
    pub email: Option<String>,
    pub created: DateTime<Utc>,
    pub modified: DateTime<Utc>,
    pub address: Map<String, Value>,
}

/// A store, the place orders come from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Store {
    pub id: i64,
    pub name: String,
    pub marketplace_id: i64,
    pub marketplace: String,
    pub active: bool,
    pub created: DateTime<Utc>,
    pub refreshed: DateTime<Utc>,
}

/// A place parcels leave from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ShipFrom {
    pub id: i64,
    pub name: String,
    pub address: Map<String, Value>,
    pub created: DateTime<Utc>,
    pub is_default: bool,
}

/// A tag.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Tag {
    pub id: i64,
    pub name: String,
    pub color: String,
}

/// A warehouse of the inventory.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct InventoryWarehouse {
    pub id: String,
    pub name: String,
    pub created: DateTime<Utc>,
    pub updated: DateTime<Utc>,
}

/// A shelf of the inventory.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct InventoryLocation {
    pub id: String,
    pub warehouse_id: String,
    pub name: String,
    pub created: DateTime<Utc>,
    pub updated: DateTime<Utc>,
}

/// Pieces of one product in one place and condition.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Bin {
    pub sku: String,
    pub location_id: String,
    pub condition: String,
    pub on_hand: i64,
    /// Average cost of one piece and its currency.
    pub cost: Option<(Decimal, String)>,
}

impl State {
    /// The next id of a series. Series start far apart, as the vendor's do.
    pub fn id(&mut self, series: &str, first: i64) -> i64 {
        let id = self.last_id.get(series).map_or(first, |last| last + 1);
        self.last_id.insert(series.to_owned(), id);
        id
    }

    /// Whether an oddity is switched on.
    pub fn on(&self, switch: &str) -> bool {
        self.switches.contains(switch)
    }

    /// An order that can be seen.
    pub fn order(&self, id: i64) -> Option<&Order> {
        self.orders.get(&id).filter(|order| !order.gone)
    }

    /// The order with this key. Among a split family, the parent answers to the shared key.
    pub fn by_key(&self, key: &str) -> Option<i64> {
        let family = self.orders.values().filter(|order| !order.gone && order.key == key);
        family.min_by_key(|order| (order.parent_id.is_some(), order.id)).map(|order| order.id)
    }

    /// Changes an order, keeping its version before and stamping the time.
    pub fn change<T>(&mut self, id: i64, now: DateTime<Utc>, change: impl FnOnce(&mut Order) -> T) -> Option<T> {
        let order = self.orders.get_mut(&id)?;
        self.older.insert(id, order.clone());
        order.modified = now;
        Some(change(order))
    }

    /// Held orders whose day has come are open again.
    pub fn release_holds(&mut self, now: DateTime<Utc>) {
        let today = time::pacific_day(now);
        let due = |order: &&Order| {
            !order.gone && order.status == "on_hold" && order.hold_until.is_some_and(|day| day <= today)
        };
        let due: Vec<(i64, DateTime<Utc>)> = self
            .orders
            .values()
            .filter(due)
            .map(|order| (order.id, order.hold_until.map_or(now, time::midnight).max(order.modified)))
            .collect();
        for (id, at) in due {
            self.change(id, at, |order| {
                "awaiting_shipment".clone_into(&mut order.status);
                order.hold_until = None;
            });
        }
    }

    /// The product with this SKU.
    pub fn product(&self, sku: &str) -> Option<&Product> {
        self.products.values().find(|product| product.sku == sku)
    }

    /// Pieces of a SKU that open orders wait for.
    pub fn waiting(&self, sku: &str) -> i64 {
        let open = self.orders.values().filter(|order| !order.gone && order.status == "awaiting_shipment");
        open.flat_map(|order| &order.items).filter(|item| item.sku() == Some(sku)).map(Item::quantity).sum()
    }

    /// Takes pieces from the shelves, first location first; what is short is not taken.
    pub fn take(&mut self, sku: &str, quantity: i64) -> Vec<(String, String, i64)> {
        let mut left = quantity;
        let mut taken = Vec::new();
        for bin in self.stock.iter_mut().filter(|bin| bin.sku == sku && bin.condition == "sellable") {
            let part = left.min(bin.on_hand);
            if part > 0 {
                bin.on_hand -= part;
                left -= part;
                taken.push((sku.to_owned(), bin.location_id.clone(), part));
            }
        }
        taken
    }

    /// Puts pieces back where they were taken from.
    pub fn put_back(&mut self, taken: &[(String, String, i64)]) {
        for (sku, location, quantity) in taken {
            self.bin(sku, location, "sellable").on_hand += quantity;
        }
    }

    /// The bin for these pieces, made when missing.
    pub fn bin(&mut self, sku: &str, location: &str, condition: &str) -> &mut Bin {
        let same = |bin: &Bin| bin.sku == sku && bin.location_id == location && bin.condition == condition;
        let at = self.stock.iter().position(same).unwrap_or_else(|| {
            self.stock.push(Bin {
                sku: sku.to_owned(),
                location_id: location.to_owned(),
                condition: condition.to_owned(),
                on_hand: 0,
                cost: None,
            });
            self.stock.len() - 1
        });
        &mut self.stock[at]
    }
}

impl Order {
    /// Lines times prices, plus the order's own tax and shipping. Tax and shipping of lines do not enter.
    pub fn total(&self) -> Decimal {
        let lines: Decimal = self.items.iter().map(|item| item.unit_price() * Decimal::from(item.quantity())).sum();
        lines + self.amount("taxAmount") + self.amount("shippingAmount")
    }

    /// An amount of the order; zero when absent.
    pub fn amount(&self, name: &str) -> Decimal {
        self.fields.get(name).and_then(decimal).unwrap_or_default()
    }

    /// A text of the order.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.fields.get(name).and_then(Value::as_str)
    }

    /// A part of the ship-to address.
    pub fn ship_to(&self, name: &str) -> Option<&str> {
        self.fields.get("shipTo")?.get(name)?.as_str()
    }
}

impl Item {
    /// SKU.
    pub fn sku(&self) -> Option<&str> {
        self.fields.get("sku").and_then(Value::as_str)
    }

    /// How many.
    pub fn quantity(&self) -> i64 {
        self.fields.get("quantity").and_then(Value::as_i64).unwrap_or_default()
    }

    /// Price of one.
    pub fn unit_price(&self) -> Decimal {
        self.fields.get("unitPrice").and_then(decimal).unwrap_or_default()
    }

    /// The caller's key of the line.
    pub fn key(&self) -> Option<&str> {
        self.fields.get("lineItemKey").and_then(Value::as_str)
    }
}
