//! The order as it is kept, and the one way to write it: for the owner's saves and for the sync alike.
//!
//! Absent on purpose: checks of what the owner typed, and the outbox; see the customers' `write`.

use super::{OrderStatus, allocate};
use crate::event::Tag;
use crate::ids::{CustomerId, InvoiceId, ItemId, LineId, LocationId, OrderId};
use crate::store::{self, Tx};
use crate::view::{Facts, Written, diff};
use crate::{Error, Result};
use backroom_money::{AmountError, Currency, Money, Quantity, Rounding, UnitPrice};
use chrono::{DateTime, NaiveDate, Utc};
use connector_contract::RecordKind;
use connector_contract::record::{self, Address};
use serde::{Deserialize, Serialize};

/// A sales order. Every amount is in `currency`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Order {
    /// Id.
    pub id: OrderId,
    /// Row version; raised by every write.
    pub version: u32,
    /// Number the buyer knows.
    pub number: String,
    /// Where it stands.
    pub status: OrderStatus,
    /// When it was placed.
    pub ordered_at: DateTime<Utc>,
    /// The same as a day in the company's time zone.
    pub ordered_on: NaiveDate,
    /// Held until this day.
    pub hold_until: Option<NaiveDate>,
    /// The customer; `None` when the buyer is only a name.
    pub customer_id: Option<CustomerId>,
    /// Buyer's name.
    pub customer_name: String,
    /// Buyer's e-mail.
    pub customer_email: String,
    /// Bill-to.
    pub billing: Address,
    /// Ship-to.
    pub ship_to: Address,
    /// Currency of all amounts.
    pub currency: Currency,
    /// Shipping charged.
    pub shipping: Money,
    /// Tax charged.
    pub tax: Money,
    /// Everything together, as its source has it.
    pub total: Money,
    /// Lines in order. A sync keeps a line's id by the vendor's id or key of it, so that what was shipped stays with it.
    pub lines: Vec<OrderLine>,
    /// The buyer's note.
    pub customer_note: String,
    /// The owner's note.
    pub internal_note: String,
    /// Service the buyer asked for.
    pub requested_service: String,
    /// `owner`, or the id of the vendor it came from.
    pub source: String,
    /// The vendor's id of the order it was split off from.
    pub parent_remote_id: Option<String>,
    /// Invoice made from it.
    pub invoice_id: Option<InvoiceId>,
    /// When it was made here.
    pub created_at: DateTime<Utc>,
    /// Last change.
    pub updated_at: DateTime<Utc>,
}

/// A line of an order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderLine {
    /// Id.
    pub id: LineId,
    /// The vendor's own id of the line, where it has one; empty otherwise. A sync knows lines by it first.
    #[serde(default)]
    pub remote_line: String,
    /// The line's key with the vendor it came from; empty for our own lines, whose key is their id.
    pub line_key: String,
    /// The item. [`write`] fills it in from the SKU where that is known.
    pub item_id: Option<ItemId>,
    /// SKU as ordered.
    pub sku: String,
    /// What it is.
    pub name: String,
    /// Ordered.
    pub quantity: Quantity,
    /// Left the house. Kept by [`super::apply_shipment`]; a value given to [`write`] is ignored.
    #[serde(default)]
    pub shipped: Quantity,
    /// Price of one.
    pub unit_price: UnitPrice,
    /// A discount or fee rather than goods.
    pub adjustment: bool,
    /// Promised from stock right now. Kept by the writes of this crate; a value given to [`write`] is ignored.
    #[serde(default)]
    pub allocated: Quantity,
    /// Where it is promised; `None` takes the default location.
    #[serde(default)]
    pub location_id: Option<LocationId>,
}

impl OrderLine {
    /// Quantity × price, rounded half up to whole minor units.
    pub fn amount(&self) -> Result<Money, AmountError> {
        self.unit_price.times(self.quantity, Rounding::HalfUp)
    }

    /// Not yet shipped, at least nothing.
    pub fn open(&self) -> Quantity {
        self.quantity.checked_sub(self.shipped).unwrap_or(Quantity::ZERO).max(Quantity::ZERO)
    }

    /// The line as a connector sees it. Its key is the vendor's where it came from there, else our id of it.
    pub fn neutral(&self) -> record::OrderLine {
        let key = if self.line_key.is_empty() { self.id.to_string() } else { self.line_key.clone() };
        record::OrderLine {
            remote_line: Some(self.remote_line.clone()).filter(|id| !id.is_empty()),
            key: Some(key),
            sku: Some(self.sku.clone()),
            name: self.name.clone(),
            quantity: self.quantity,
            unit_price: self.unit_price,
            adjustment: self.adjustment,
        }
    }

    /// Whether `key` names this line: the vendor's key, or our id.
    pub fn has_key(&self, key: &str) -> bool {
        !key.is_empty() && (self.line_key == key || self.id.to_string() == key)
    }
}

impl Order {
    /// An open order of nothing yet, placed now.
    pub fn new(id: OrderId, currency: Currency, source: impl Into<String>, now: DateTime<Utc>) -> Self {
        Self {
            id,
            version: 0,
            number: String::new(),
            status: OrderStatus::Open,
            ordered_at: now,
            ordered_on: now.date_naive(),
            hold_until: None,
            customer_id: None,
            customer_name: String::new(),
            customer_email: String::new(),
            billing: Address::default(),
            ship_to: Address::default(),
            currency,
            shipping: Money::zero(currency),
            tax: Money::zero(currency),
            total: Money::zero(currency),
            lines: Vec::new(),
            customer_note: String::new(),
            internal_note: String::new(),
            requested_service: String::new(),
            source: source.into(),
            parent_remote_id: None,
            invoice_id: None,
            created_at: now,
            updated_at: now,
        }
    }

    /// Sum of the lines.
    pub fn subtotal(&self) -> Result<Money, AmountError> {
        self.lines.iter().try_fold(Money::zero(self.currency), |sum, line| sum.checked_add(line.amount()?))
    }

    /// Whether goods may still leave for it, so that stock is promised to it.
    pub fn is_open(&self) -> bool {
        matches!(self.status, OrderStatus::Open | OrderStatus::OnHold | OrderStatus::PartlyShipped)
    }

    /// Its fields as history shows them.
    pub fn facts(&self) -> Facts {
        let mut facts = Facts::default();
        facts.text("number", &self.number);
        facts.text("status", self.status.as_str());
        facts.optional("ordered_on", Some(self.ordered_on));
        facts.optional("hold_until", self.hold_until);
        facts.text("customer_name", &self.customer_name);
        facts.text("customer_email", &self.customer_email);
        facts.address("billing", &self.billing);
        facts.address("ship_to", &self.ship_to);
        for (index, line) in self.lines.iter().enumerate() {
            let what = if line.sku.is_empty() { &line.name } else { &line.sku };
            let price = format!("{} {}", line.unit_price.to_decimal_string(), self.currency);
            let text = format!("{} × {what} at {price}", line.quantity.to_decimal_string());
            facts.text(format!("lines.{}", index + 1), &text);
            if line.shipped != Quantity::ZERO {
                facts.text(format!("lines.{}.shipped", index + 1), &line.shipped.to_decimal_string());
            }
        }
        facts.money("shipping", self.shipping);
        facts.money("tax", self.tax);
        facts.money("total", self.total);
        facts.text("customer_note", &self.customer_note);
        facts.text("internal_note", &self.internal_note);
        facts.text("requested_service", &self.requested_service);
        facts
    }
}

/// Stores an order with its lines, its promises of stock and its history. `before` is what is stored now, `None` for a new
/// one; `who` is `owner` or a vendor's name. Nothing is written when nothing differs.
pub fn write(
    tx: &Tx<'_>,
    before: Option<&Order>,
    after: &Order,
    who: &str,
    now: DateTime<Utc>,
) -> Result<Written<Order>> {
    let mut record = after.clone();
    for line in &mut record.lines {
        let stored = before.and_then(|order| order.lines.iter().find(|stored| stored.id == line.id));
        line.shipped = stored.map_or(Quantity::ZERO, |stored| stored.shipped);
    }
    if record.status == OrderStatus::Open && record.lines.iter().any(|line| line.shipped != Quantity::ZERO) {
        record.status = status_after_shipping(&record);
    }
    let action = match before {
        None => "created",
        Some(before) => action_of(before.status, record.status),
    };
    write_as(tx, before, record, action, who, now)
}

/// The part all writes of an order share. Amounts shipped are taken as given.
pub(super) fn write_as(
    tx: &Tx<'_>,
    before: Option<&Order>,
    mut record: Order,
    action: &str,
    who: &str,
    now: DateTime<Utc>,
) -> Result<Written<Order>> {
    allocate::settle(tx, &mut record)?;
    if let Some(before) = before {
        record.version = before.version;
        record.created_at = before.created_at;
        record.updated_at = before.updated_at;
        if *before == record {
            return Ok(Written { record, changes: Vec::new() });
        }
    }
    let changes = diff(before.map(Order::facts), record.facts());
    record.updated_at = now;
    match before {
        None => store::orders::insert(tx, &record)?,
        Some(_) => store::orders::update(tx, &record)?,
    }
    allocate::promise(tx, before, &record)?;
    let id = record.id.to_string();
    if changes.is_empty() {
        store::history::add_unseen(tx, RecordKind::Order, &id, now, who)?;
    } else {
        store::history::add(tx, RecordKind::Order, &id, now, who, action, &changes)?;
    }
    tx.changed(Tag::Orders);
    let record = store::orders::get(tx, record.id)?.ok_or(Error::NotFound("order"))?;
    Ok(Written { record, changes })
}

/// Where an order stands by what has left for it. A cancelled order stays cancelled, and one its vendor calls shipped stays
/// shipped: the vendor may know of parcels that carry no list of contents.
pub(super) fn status_after_shipping(order: &Order) -> OrderStatus {
    let goods = || order.lines.iter().filter(|line| !line.adjustment);
    let all = goods().all(|line| line.open() == Quantity::ZERO) && goods().next().is_some();
    let any = goods().any(|line| line.shipped > Quantity::ZERO);
    match order.status {
        OrderStatus::Cancelled | OrderStatus::Shipped => order.status,
        _ if all => OrderStatus::Shipped,
        OrderStatus::OnHold => OrderStatus::OnHold,
        _ if any => OrderStatus::PartlyShipped,
        status => status,
    }
}

fn action_of(before: OrderStatus, after: OrderStatus) -> &'static str {
    match after {
        _ if before == after => "updated",
        OrderStatus::Cancelled => "cancelled",
        OrderStatus::OnHold => "held",
        OrderStatus::Shipped => "shipped",
        OrderStatus::Open if before == OrderStatus::OnHold => "released",
        _ => "updated",
    }
}
