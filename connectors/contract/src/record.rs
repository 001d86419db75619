//! Neutral records: what a customer, an invoice or a payout is, whoever keeps it.
//!
//! Amounts are exact; references are remote ids of the same connection. `None`: the vendor does not say; empty: cleared.

mod processor;

pub use processor::{BalanceEntry, Charge, ChargeStatus, Dispute, DisputeOutcome, Payout, Refund};

use backroom_money::{Currency, Money, Quantity, UnitPrice};
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

/// The vendor's id of a record. Opaque text.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RemoteId(pub String);

impl RemoteId {
    const PLACE: &str = "unreadable:";

    /// What stands for the id of a record whose own can't be read: the place where the record was met.
    pub fn of_place(place: &str) -> Self {
        Self(format!("{}{place}", Self::PLACE))
    }

    /// Whether it is a place instead of an id, which means nothing to a person.
    pub fn is_place(&self) -> bool {
        self.0.starts_with(Self::PLACE)
    }
}

/// The vendor's version of a record (a sync token, a modification time). Opaque text.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RemoteVersion(pub String);

/// Kinds of records. The text form is stored in the data file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names say it")]
pub enum RecordKind {
    Customer,
    Item,
    Order,
    Invoice,
    Payment,
    Shipment,
    Charge,
    Refund,
    Dispute,
    BalanceEntry,
    Payout,
}

impl RecordKind {
    /// The stored name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Customer => "customer",
            Self::Item => "item",
            Self::Order => "order",
            Self::Invoice => "invoice",
            Self::Payment => "payment",
            Self::Shipment => "shipment",
            Self::Charge => "charge",
            Self::Refund => "refund",
            Self::Dispute => "dispute",
            Self::BalanceEntry => "balance_entry",
            Self::Payout => "payout",
        }
    }
}

/// Any record.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[expect(missing_docs, reason = "each variant is the struct of the same name")]
pub enum Record {
    Customer(Customer),
    Item(Item),
    Order(Order),
    Invoice(Invoice),
    Payment(Payment),
    Shipment(Shipment),
    Charge(Charge),
    Refund(Refund),
    Dispute(Dispute),
    BalanceEntry(BalanceEntry),
    Payout(Payout),
}

impl Record {
    /// Which kind it is.
    pub const fn kind(&self) -> RecordKind {
        match self {
            Self::Customer(_) => RecordKind::Customer,
            Self::Item(_) => RecordKind::Item,
            Self::Order(_) => RecordKind::Order,
            Self::Invoice(_) => RecordKind::Invoice,
            Self::Payment(_) => RecordKind::Payment,
            Self::Shipment(_) => RecordKind::Shipment,
            Self::Charge(_) => RecordKind::Charge,
            Self::Refund(_) => RecordKind::Refund,
            Self::Dispute(_) => RecordKind::Dispute,
            Self::BalanceEntry(_) => RecordKind::BalanceEntry,
            Self::Payout(_) => RecordKind::Payout,
        }
    }
}

/// A postal address. Every part may be empty.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Address {
    /// Person or firm on the first line.
    pub name: String,
    /// Company, where it is a line of its own.
    pub company: String,
    /// Street lines.
    pub line1: String,
    /// Second street line.
    pub line2: String,
    /// City.
    pub city: String,
    /// State, province or county.
    pub region: String,
    /// Postal code.
    pub postal_code: String,
    /// Two-letter country code where the vendor gives one.
    pub country: String,
    /// Telephone for the carrier.
    pub phone: String,
}

impl Address {
    /// Whether nothing is filled in.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// Who buys.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Customer {
    /// The name in lists; unique with most vendors.
    pub display_name: String,
    /// Company name.
    pub company: Option<String>,
    /// E-mail.
    pub email: Option<String>,
    /// Telephone.
    pub phone: Option<String>,
    /// Bill-to address.
    pub billing: Option<Address>,
    /// Ship-to address.
    pub shipping: Option<Address>,
    /// Notes.
    pub notes: Option<String>,
    /// In use, or archived.
    pub active: bool,
    /// Currency the customer is billed in.
    pub currency: Option<Currency>,
    /// When the vendor's record was made. Ignored on a push.
    pub created_at: Option<DateTime<Utc>>,
}

/// What kind of thing an item is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ItemKind {
    /// Counted.
    Stocked,
    /// A thing that is not counted.
    NonStocked,
    /// Work.
    Service,
}

/// What is sold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Item {
    /// The name in lists; unique with most vendors.
    pub name: String,
    /// Stock keeping unit.
    pub sku: Option<String>,
    /// Description on documents.
    pub description: Option<String>,
    /// Barcode (UPC, EAN).
    pub barcode: Option<String>,
    /// Counted, not counted, or work.
    pub kind: ItemKind,
    /// Sales price.
    pub unit_price: Option<UnitPrice>,
    /// Purchase cost.
    pub unit_cost: Option<UnitPrice>,
    /// Whether sales tax is charged on it.
    pub taxable: Option<bool>,
    /// In use, or archived.
    pub active: bool,
    /// What the vendor says is on hand, for comparison only.
    pub on_hand: Option<Quantity>,
    /// When the vendor's record was made. Ignored on a push.
    pub created_at: Option<DateTime<Utc>>,
}

/// Where an order stands.
#[expect(missing_docs, reason = "the names say it")]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OrderStatus {
    AwaitingPayment,
    Open,
    OnHold,
    PartlyShipped,
    Shipped,
    Cancelled,
}

/// A sales order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Order {
    /// Number the buyer knows; not unique everywhere.
    pub number: String,
    /// Our natural key, where the vendor keeps one.
    pub key: Option<String>,
    /// Where it stands.
    pub status: OrderStatus,
    /// When it was placed.
    pub ordered_at: DateTime<Utc>,
    /// Hold until this day.
    pub hold_until: Option<NaiveDate>,
    /// Name of the buyer.
    pub customer_name: String,
    /// E-mail of the buyer; matches the order to a customer.
    pub customer_email: Option<String>,
    /// Bill-to address.
    pub billing: Option<Address>,
    /// Ship-to address.
    pub shipping: Option<Address>,
    /// What was ordered.
    pub lines: Vec<OrderLine>,
    /// Shipping charged.
    pub shipping_amount: Money,
    /// Tax charged.
    pub tax_amount: Money,
    /// Everything together, as the vendor has it.
    pub total: Money,
    /// Already paid.
    pub paid: Option<Money>,
    /// The buyer's note.
    pub customer_note: Option<String>,
    /// The owner's note.
    pub internal_note: Option<String>,
    /// Service the buyer asked for, such as "Ground".
    pub requested_service: Option<String>,
    /// Split off from, or merged into, this order.
    pub parent: Option<RemoteId>,
}

/// A line of an order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderLine {
    /// The vendor's own id of the line, where it has one: lines are known by it first.
    #[serde(default)]
    pub remote_line: Option<String>,
    /// The line's key with the vendor, or ours; it may repeat.
    pub key: Option<String>,
    /// Stock keeping unit.
    pub sku: Option<String>,
    /// What it is.
    pub name: String,
    /// How many.
    pub quantity: Quantity,
    /// Price of one.
    pub unit_price: UnitPrice,
    /// A discount or a fee rather than goods.
    pub adjustment: bool,
}

/// A parcel that left (or a return that came).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own, and vendors state them as flags")]
pub struct Shipment {
    /// The order it belongs to.
    pub order: Option<RemoteId>,
    /// The order's number, where the id is missing.
    pub order_number: Option<String>,
    /// Carrier.
    pub carrier: Option<String>,
    /// Service.
    pub service: Option<String>,
    /// Tracking number.
    pub tracking_number: Option<String>,
    /// Day it was shipped.
    pub shipped_on: Option<NaiveDate>,
    /// Postage paid.
    pub cost: Option<Money>,
    /// The label was cancelled: nothing left the house.
    pub voided: bool,
    /// A return label: nothing leaves the house.
    pub is_return: bool,
    /// For one that we report: the vendor is to write to the buyer.
    #[serde(default)]
    pub notify_buyer: bool,
    /// Likewise: it is to tell the shop the order comes from.
    #[serde(default)]
    pub notify_channel: bool,
    /// What is in it. `None`: the vendor does not say, so it is everything open on the order.
    pub lines: Option<Vec<ShipmentLine>>,
}

/// What is in a parcel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShipmentLine {
    /// The vendor's own id of the order line, where it says so.
    #[serde(default)]
    pub remote_line: Option<String>,
    /// The order line's key.
    pub line_key: Option<String>,
    /// Stock keeping unit.
    pub sku: Option<String>,
    /// What it is.
    pub name: String,
    /// How many.
    pub quantity: Quantity,
}

/// An invoice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Invoice {
    /// Document number; `None` when the vendor assigns it.
    pub number: Option<String>,
    /// Who owes it.
    pub customer: RemoteId,
    /// Day of the invoice.
    pub issued_on: NaiveDate,
    /// Day it is due.
    pub due_on: Option<NaiveDate>,
    /// Currency of all amounts.
    pub currency: Currency,
    /// What is charged.
    pub lines: Vec<InvoiceLine>,
    /// Discount on the whole, positive.
    pub discount: Money,
    /// Shipping charged, apart from the lines.
    pub shipping: Money,
    /// Tax, apart from the lines.
    pub tax: Money,
    /// Everything together.
    pub total: Money,
    /// Paid with the invoice itself, not by a payment of its own; part of what is no longer open. Only a new record is sent with
    /// one; an update never touches it.
    pub deposit: Option<Money>,
    /// Still open, as the vendor has it. Ignored on a push.
    pub balance: Option<Money>,
    /// Message to the customer.
    pub message: Option<String>,
    /// The owner's note.
    pub note: Option<String>,
    /// Where the bill is mailed.
    pub email: Option<String>,
    /// Bill-to address.
    pub billing: Option<Address>,
    /// Ship-to address.
    pub shipping_address: Option<Address>,
    /// Cancelled with its number kept.
    pub voided: bool,
}

/// A line of an invoice. `amount` is what counts; quantity and price explain it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InvoiceLine {
    /// The vendor's line id, where it has one.
    pub remote_line: Option<String>,
    /// The item; `None` for a line of free text.
    pub item: Option<RemoteId>,
    /// Description on the document.
    pub description: String,
    /// How many.
    pub quantity: Quantity,
    /// Price of one before discount.
    pub unit_price: UnitPrice,
    /// Quantity × price − line discount, without tax added on top.
    pub amount: Money,
    /// Whether tax applies to it.
    pub taxable: bool,
}

/// Money received for invoices.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Payment {
    /// Who paid.
    pub customer: RemoteId,
    /// Day it was received.
    pub received_on: NaiveDate,
    /// The whole amount.
    pub amount: Money,
    /// How: a name such as "Stripe" or "Check".
    pub method: Option<String>,
    /// Check number or charge id.
    pub reference: Option<String>,
    /// The owner's note.
    pub note: Option<String>,
    /// Which invoices it pays, and how much of each.
    pub applied: Vec<Applied>,
    /// What of the amount is used for nothing yet, as the vendor has it. Ignored on a push.
    pub unapplied: Option<Money>,
    /// Cancelled.
    pub voided: bool,
}

/// A part of a payment and the invoice it pays.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Applied {
    /// The invoice.
    pub invoice: RemoteId,
    /// How much of the payment goes to it.
    pub amount: Money,
}
