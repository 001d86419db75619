//! Sales orders: what was promised, and what left the house.

mod act;
pub(crate) mod allocate;
mod matching;
mod read;
mod record;
mod save;
mod ship;
mod shipment;

pub use record::{Order, OrderLine, write};
pub use shipment::{Shipment, ShipmentLine, apply_shipment, tie_to_new_lines};

use crate::ids::{CustomerId, InvoiceId, ItemId, LineId, OrderId, ShipmentId};
use crate::store;
use crate::view::{
    AddressView, HistoryEntry, ListQuery, MoneyView, PriceView, QuantityText, RecordSync, RecordSyncState,
};
use serde::{Deserialize, Serialize};

/// Query of the order list.
pub type OrderQuery = ListQuery<OrderFilter, OrderSort>;

/// Which orders.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, specta::Type)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names say it")]
pub enum OrderFilter {
    #[default]
    All,
    AwaitingPayment,
    Open,
    OnHold,
    PartlyShipped,
    Shipped,
    Cancelled,
}

/// Orders of the order list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, specta::Type)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names say it")]
pub enum OrderSort {
    #[default]
    OrderedAt,
    Number,
    Total,
}

/// Where an order stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, specta::Type)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names say it")]
pub enum OrderStatus {
    AwaitingPayment,
    Open,
    OnHold,
    PartlyShipped,
    Shipped,
    Cancelled,
}

impl OrderStatus {
    /// The stored name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::AwaitingPayment => "awaiting_payment",
            Self::Open => "open",
            Self::OnHold => "on_hold",
            Self::PartlyShipped => "partly_shipped",
            Self::Shipped => "shipped",
            Self::Cancelled => "cancelled",
        }
    }
}

/// A row of the order list.
#[derive(Debug, Clone, Serialize, Deserialize, specta::Type)]
pub struct OrderRow {
    /// Id.
    pub id: OrderId,
    /// Number.
    pub number: String,
    /// Day it was placed, in the company's time zone.
    pub ordered_on: String,
    /// Buyer.
    pub customer_name: String,
    /// Status.
    pub status: OrderStatus,
    /// Number of different lines.
    pub line_count: u32,
    /// Total.
    pub total: MoneyView,
    /// Where it came from: `owner` or the vendor's name.
    pub source: String,
    /// The worst of its sync states.
    pub sync: Option<RecordSyncState>,
}

/// A line of an order as typed.
#[derive(Debug, Clone, Serialize, Deserialize, specta::Type)]
pub struct OrderLineDraft {
    /// Id, made by the form.
    pub id: LineId,
    /// The item; `None` for a line of free text.
    pub item_id: Option<ItemId>,
    /// SKU as shown.
    pub sku: String,
    /// What it is.
    pub name: String,
    /// How many, as typed.
    pub quantity: String,
    /// Price of one, as typed.
    pub unit_price: String,
}

/// An order as typed.
#[derive(Debug, Clone, Serialize, Deserialize, specta::Type)]
pub struct OrderDraft {
    /// Id, made when the form opens.
    pub id: OrderId,
    /// Version it was loaded with; `None` for a new one.
    pub version: Option<u32>,
    /// Number; empty takes the next one.
    pub number: String,
    /// Day it was placed (`YYYY-MM-DD`).
    pub ordered_on: String,
    /// The customer; `None` when the buyer is only a name.
    pub customer_id: Option<CustomerId>,
    /// Buyer's name.
    pub customer_name: String,
    /// Buyer's e-mail.
    pub customer_email: String,
    /// Ship-to.
    pub ship_to: AddressView,
    /// Lines.
    pub lines: Vec<OrderLineDraft>,
    /// Shipping charged, as typed.
    pub shipping: String,
    /// Tax charged, as typed.
    pub tax: String,
    /// The buyer's note.
    pub customer_note: String,
    /// The owner's note.
    pub internal_note: String,
}

/// A line of an order with what has become of it.
#[derive(Debug, Clone, Serialize, Deserialize, specta::Type)]
pub struct OrderLineView {
    /// Id.
    pub id: LineId,
    /// The item.
    pub item_id: Option<ItemId>,
    /// SKU.
    pub sku: String,
    /// What it is.
    pub name: String,
    /// Ordered.
    pub quantity: QuantityText,
    /// Left the house.
    pub shipped: QuantityText,
    /// Price of one.
    pub unit_price: PriceView,
    /// Quantity × price.
    pub amount: MoneyView,
    /// A discount or fee rather than goods.
    pub adjustment: bool,
}

/// A parcel of an order.
#[derive(Debug, Clone, Serialize, Deserialize, specta::Type)]
pub struct ShipmentView {
    /// Names it, to ask for its history.
    pub id: ShipmentId,
    /// Day it left.
    pub shipped_on: Option<String>,
    /// Carrier.
    pub carrier: String,
    /// Service.
    pub service: String,
    /// Tracking number.
    pub tracking_number: String,
    /// Postage.
    pub cost: Option<MoneyView>,
    /// Label cancelled.
    pub voided: bool,
    /// A return.
    pub is_return: bool,
    /// What is in it, such as `2 × PEN-1`.
    pub contents: Vec<String>,
}

/// An order with what belongs to it.
#[derive(Debug, Clone, Serialize, Deserialize, specta::Type)]
pub struct OrderView {
    /// Its fields; `version` is set.
    pub draft: OrderDraft,
    /// Status.
    pub status: OrderStatus,
    /// Held until this day.
    pub hold_until: Option<String>,
    /// Where it came from: `owner` or the vendor's name.
    pub source: String,
    /// Whether its fields can still be changed here.
    pub editable: bool,
    /// Lines with what has shipped.
    pub lines: Vec<OrderLineView>,
    /// Sum of the lines.
    pub subtotal: MoneyView,
    /// Shipping.
    pub shipping: MoneyView,
    /// Tax.
    pub tax: MoneyView,
    /// Total.
    pub total: MoneyView,
    /// Parcels.
    pub shipments: Vec<ShipmentView>,
    /// Invoice made from it.
    pub invoice_id: Option<InvoiceId>,
    /// How it stands with each connection.
    pub sync: Vec<RecordSync>,
    /// The newest entries, newest first; `list_history` has the rest.
    pub history: Vec<HistoryEntry>,
}

/// Totals of an order being typed, with all that is wrong with it.
#[derive(Debug, Clone, Serialize, Deserialize, specta::Type)]
pub struct OrderPreview {
    /// Amount of each line; `None` where it can't be computed yet.
    pub line_amounts: Vec<Option<MoneyView>>,
    /// Sum of the lines.
    pub subtotal: MoneyView,
    /// Total.
    pub total: MoneyView,
    /// Everything that would be refused on saving.
    pub errors: Vec<crate::FieldError>,
}

/// What can be done to an order as a whole.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, specta::Type)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum OrderAction {
    /// Put on hold.
    Hold {
        /// Until this day, or until released.
        until: Option<String>,
    },
    /// Release from hold.
    Release,
    /// Cancel; allocated stock is free again.
    Cancel,
    /// Everything open left the house without a label of a connected vendor. Vendors that have the order are told.
    MarkShipped {
        /// Carrier: one of those the vendor offers where one is told, else as typed; may be empty then.
        carrier: String,
        /// Day it left (`YYYY-MM-DD`).
        shipped_on: String,
        /// A vendor that is told is to write to the buyer.
        notify_buyer: bool,
        /// It is to tell the shop the order comes from.
        notify_channel: bool,
        /// One for each of the orders that has a tracking number.
        parcels: Vec<ParcelDraft>,
    },
}

/// The tracking number of one order that is marked as shipped.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, specta::Type)]
pub struct ParcelDraft {
    /// Which order.
    pub order_id: OrderId,
    /// Tracking number as typed, may be empty.
    pub tracking_number: String,
}

/// A carrier that a vendor offers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, specta::Type)]
pub struct CarrierOption {
    /// The vendor's code.
    pub code: String,
    /// Its name.
    pub name: String,
}

/// An order that is to be marked as shipped.
#[derive(Debug, Clone, Serialize, Deserialize, specta::Type)]
pub struct ShippingOrder {
    /// Id.
    pub id: OrderId,
    /// Number.
    pub number: String,
    /// Buyer.
    pub customer_name: String,
    /// The vendors that are told that it shipped.
    pub vendors: Vec<String>,
    /// A part of it has left already; the rest is marked.
    pub partly_shipped: bool,
}

/// What the form for marking orders as shipped starts from.
#[derive(Debug, Clone, Serialize, Deserialize, specta::Type)]
pub struct ShippingOptions {
    /// Today, in the company's time zone.
    pub today: String,
    /// The carriers to choose from where a vendor is told; empty while they are not known.
    pub carriers: Vec<CarrierOption>,
    /// The vendors that are told of any of the orders.
    pub vendors: Vec<String>,
    /// The orders, in the order they were asked for.
    pub orders: Vec<ShippingOrder>,
}

impl crate::Core {
    /// A page of orders.
    pub fn list_orders(&self, query: OrderQuery) -> crate::Result<crate::view::Page<OrderRow>> {
        let mut page = self.store.read(|db| store::orders::list(db, &query))?;
        for row in &mut page.rows {
            row.source = self.source_name(&row.source);
        }
        Ok(page)
    }

    /// One order.
    pub fn get_order(&self, id: OrderId) -> crate::Result<OrderView> {
        self.store.read(|db| self.order_view(db, id))
    }

    /// Totals and errors of an order being typed.
    pub fn preview_order(&self, draft: OrderDraft) -> crate::Result<OrderPreview> {
        self.store.read(|db| save::preview(db, &draft, self.now()))
    }

    /// Creates or changes an order.
    pub fn save_order(&self, draft: OrderDraft) -> crate::Result<OrderView> {
        self.store.write(|tx| {
            let order = save::save(tx, &draft, self.now())?;
            self.order_view(&tx.db(), order.id)
        })
    }

    /// What it takes to mark these orders as shipped.
    pub fn shipping_options(&self, ids: Vec<OrderId>) -> crate::Result<ShippingOptions> {
        self.store.read(|db| self.options_for_shipping(db, &ids))
    }

    /// Holds, releases, cancels or ships orders; all or none.
    pub fn act_on_orders(&self, ids: Vec<OrderId>, action: OrderAction) -> crate::Result<()> {
        self.store.write(|tx| act::act(tx, &ids, &action, self.now()))
    }
}
