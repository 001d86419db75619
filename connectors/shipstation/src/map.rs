//! From V1's JSON to neutral records, leniently: what is odd becomes data, what is missing stays unsaid.
//!
//! V1 amounts carry no currency; they are taken as US dollars, the currency of the accounts V1 was made for. Amounts finer than
//! a cent are rounded half up, unit prices beyond seven decimals likewise; the order's own total is never recomputed.

use crate::wire::{Fields, date};
use backroom_money::{AmountError, Currency, Money, Quantity, Rounding, UnitPrice};
use connector_contract::record::{Address, Order, OrderLine, OrderStatus, Shipment, ShipmentLine};
use connector_contract::{Content, Pulled, Record, RecordKind, RemoteId, RemoteVersion};

/// The currency of every amount.
pub(crate) const CURRENCY: Currency = Currency::USD;

/// An order as pulled, preceded by tombstones of the orders merged into it: V1 shows those nowhere else.
pub(crate) fn orders(row: Fields) -> Vec<Pulled> {
    let Some(id) = row.filled("orderId") else { return Vec::new() };
    let mut pulled = Vec::new();
    if let Some(options) = row.object("advancedOptions").filter(|options| options.flag("mergedOrSplit")) {
        for merged in options.ids("mergedIds").into_iter().filter(|merged| *merged != id) {
            pulled.push(Pulled {
                remote_id: RemoteId(merged),
                version: None,
                updated_at: row.time("modifyDate"),
                content: Content::Merged { kind: RecordKind::Order, into: RemoteId(id.clone()) },
            });
        }
    }
    let content = order(row).map(Record::Order);
    pulled.push(Pulled {
        remote_id: RemoteId(id),
        version: version(row),
        updated_at: row.time("modifyDate"),
        content: content_of(RecordKind::Order, content),
    });
    pulled
}

/// The version of an order: the raw text, because it is compared and never computed with.
pub(crate) fn version(row: Fields) -> Option<RemoteVersion> {
    row.filled("modifyDate").map(RemoteVersion)
}

/// An order, or what is wrong with it.
pub(crate) fn order(row: Fields) -> Result<Order, String> {
    let shipping = row.object("shipTo").map(address);
    let billing = row.object("billTo").map(address);
    let username = row.filled("customerUsername");
    let names = [&shipping, &billing].into_iter().flatten().map(|address| address.name.clone());
    let customer_name = names.chain(username).find(|name| !name.trim().is_empty());
    let lines = row.objects("items").unwrap_or_default();
    let lines = lines.into_iter().map(line).collect::<Result<Vec<_>, _>>()?;
    let options = row.object("advancedOptions");
    Ok(Order {
        number: row.filled("orderNumber").ok_or("the order has no number")?,
        key: row.filled("orderKey"),
        status: status(&row.text("orderStatus").unwrap_or_default()),
        ordered_at: row.time("orderDate").ok_or("the field orderDate is not a date")?,
        hold_until: row.filled("holdUntilDate").and_then(|text| date(&text)),
        customer_name: customer_name.unwrap_or_default(),
        customer_email: row.stated("customerEmail"),
        // V1 often fills in the name only; that says nothing about the address.
        billing: billing.filter(|billing| *billing != Address { name: billing.name.clone(), ..Address::default() }),
        shipping: shipping.filter(|shipping| !shipping.is_empty()),
        lines,
        shipping_amount: money(row, "shippingAmount")?.unwrap_or(Money::zero(CURRENCY)),
        tax_amount: money(row, "taxAmount")?.unwrap_or(Money::zero(CURRENCY)),
        total: money(row, "orderTotal")?.ok_or("the field orderTotal is missing")?,
        paid: money(row, "amountPaid")?,
        customer_note: row.stated("customerNotes"),
        internal_note: row.stated("internalNotes"),
        requested_service: row.stated("requestedShippingService"),
        parent: options.and_then(|options| options.filled("parentId")).filter(|id| id != "0").map(RemoteId),
    })
}

/// Unknown words are open orders: something waits to be done, and hiding it would be worse.
fn status(word: &str) -> OrderStatus {
    match word {
        "awaiting_payment" => OrderStatus::AwaitingPayment,
        "on_hold" => OrderStatus::OnHold,
        "shipped" => OrderStatus::Shipped,
        "cancelled" => OrderStatus::Cancelled,
        // awaiting_shipment, pending_fulfillment, rejected_fulfillment, processing and whatever comes.
        _ => OrderStatus::Open,
    }
}

pub(crate) fn line(item: Fields) -> Result<OrderLine, String> {
    Ok(OrderLine {
        remote_line: item.filled("orderItemId").filter(|id| id != "0"),
        key: line_key(item),
        sku: item.filled("sku"),
        name: item.text("name").unwrap_or_default(),
        quantity: quantity(item)?,
        unit_price: price(item)?.unwrap_or(UnitPrice::zero(CURRENCY)),
        adjustment: item.flag("adjustment"),
    })
}

/// The key we or the shop gave a line, else the vendor's own number of it.
pub(crate) fn line_key(item: Fields) -> Option<String> {
    item.filled("lineItemKey").or_else(|| item.filled("orderItemId").filter(|id| id != "0"))
}

fn quantity(item: Fields) -> Result<Quantity, String> {
    let Some(text) = item.filled("quantity") else { return Ok(Quantity::ZERO) };
    Quantity::parse(&text).map_err(|error| format!("the field quantity cannot be read: {error}"))
}

/// An amount; null and missing are `None`.
pub(crate) fn money(row: Fields, name: &str) -> Result<Option<Money>, String> {
    number(row, name, |text| Money::parse_rounded(text, CURRENCY, Rounding::HalfUp))
}

/// The price of one, exact to seven decimals.
fn price(item: Fields) -> Result<Option<UnitPrice>, String> {
    number(item, "unitPrice", |text| UnitPrice::parse_rounded(text, CURRENCY, Rounding::HalfUp))
}

fn number<T>(row: Fields, name: &str, read: impl FnOnce(&str) -> Result<T, AmountError>) -> Result<Option<T>, String> {
    let Some(text) = row.filled(name) else { return Ok(None) };
    read(&text).map(Some).map_err(|error| format!("the field {name} cannot be read: {error}"))
}

/// An address. The third street line joins the second.
pub(crate) fn address(row: Fields) -> Address {
    let text = |name: &str| row.text(name).unwrap_or_default().trim().to_owned();
    let line2 = [text("street2"), text("street3")].into_iter().filter(|line| !line.is_empty()).collect::<Vec<_>>();
    Address {
        name: text("name"),
        company: text("company"),
        line1: text("street1"),
        line2: line2.join(", "),
        city: text("city"),
        region: text("state"),
        postal_code: text("postalCode"),
        country: text("country"),
        phone: text("phone"),
    }
}

/// A label as pulled.
pub(crate) fn shipment(row: Fields) -> Option<Pulled> {
    let id = row.filled("shipmentId")?;
    let content = parcel(row).and_then(|parcel| {
        Ok(Shipment {
            cost: total_cost(row)?,
            is_return: row.flag("isReturnLabel"),
            lines: row
                .objects("shipmentItems")
                .map(|items| items.into_iter().map(shipment_line).collect())
                .transpose()?,
            ..parcel
        })
    });
    Some(pulled_shipment(RemoteId(id), row, content))
}

/// A mark-as-shipped as pulled. Its numbers are another series than the labels', hence the prefix.
pub(crate) fn fulfillment(row: Fields) -> Option<Pulled> {
    let id = row.filled("fulfillmentId")?;
    let content = parcel(row).and_then(|parcel| Ok(Shipment { cost: money(row, "fulfillmentFee")?, ..parcel }));
    Some(pulled_shipment(RemoteId(format!("f{id}")), row, content))
}

/// What labels and fulfillments have in common.
fn parcel(row: Fields) -> Result<Shipment, String> {
    Ok(Shipment {
        order: row.filled("orderId").filter(|id| id != "0").map(RemoteId),
        order_number: row.filled("orderNumber"),
        carrier: row.filled("carrierCode"),
        service: row.filled("serviceCode").or_else(|| row.filled("fulfillmentServiceCode")),
        tracking_number: row.filled("trackingNumber"),
        shipped_on: match row.filled("shipDate") {
            Some(text) => Some(date(&text).ok_or("the field shipDate is not a date")?),
            None => None,
        },
        cost: None,
        voided: row.flag("voided"),
        is_return: false,
        notify_buyer: false,
        notify_channel: false,
        lines: None,
    })
}

/// Postage and insurance.
fn total_cost(row: Fields) -> Result<Option<Money>, String> {
    let Some(postage) = money(row, "shipmentCost")? else { return Ok(None) };
    let insurance = money(row, "insuranceCost")?.unwrap_or(Money::zero(CURRENCY));
    postage.checked_add(insurance).map(Some).map_err(|error| error.to_string())
}

fn shipment_line(item: Fields) -> Result<ShipmentLine, String> {
    Ok(ShipmentLine {
        remote_line: item.filled("orderItemId").filter(|id| id != "0"),
        line_key: line_key(item),
        sku: item.filled("sku"),
        name: item.text("name").unwrap_or_default(),
        quantity: quantity(item)?,
    })
}

/// A shipment changes only by being voided, so that moment is its version.
fn pulled_shipment(remote_id: RemoteId, row: Fields, content: Result<Shipment, String>) -> Pulled {
    let voided = row.flag("voided").then(|| row.filled("voidDate").unwrap_or_else(|| "voided".to_owned()));
    Pulled {
        remote_id,
        version: voided.or_else(|| row.filled("createDate")).map(RemoteVersion),
        updated_at: row.time("voidDate").or_else(|| row.time("createDate")),
        content: content_of(RecordKind::Shipment, content.map(Record::Shipment)),
    }
}

fn content_of(kind: RecordKind, record: Result<Record, String>) -> Content {
    match record {
        Ok(record) => Content::Present(Box::new(record)),
        Err(reason) => Content::Unreadable { kind, reason },
    }
}
