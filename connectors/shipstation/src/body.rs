//! From a neutral order to V1's JSON, for an order that V1 does not have yet; `patch` changes one that it has.

use crate::map;
use crate::wire::{body_time, filter_time};
use backroom_money::{Currency, Money, Quantity, UnitPrice};
use connector_contract::record::{Address, Order, OrderLine, OrderStatus};
use connector_contract::{ConnectorError, Rejection};
use serde_json::{Map, Number, Value, json};

/// An order of V1 as it is.
pub(crate) type Raw = Map<String, Value>;

/// Longest order number V1 keeps.
const NUMBER_CHARS: usize = 50;

/// A refusal of our own, before anything is sent.
pub(crate) fn refuse(field: &str, text: &str) -> ConnectorError {
    let field = (!field.is_empty()).then(|| field.to_owned());
    ConnectorError::Rejected(Rejection::ours("not_sendable", field, text))
}

/// A new order.
pub(crate) fn order(order: &Order) -> Result<Raw, ConnectorError> {
    check_number(order)?;
    check_address(order)?;
    let mut body = Raw::new();
    let mut set = |name: &str, value: Value| drop(body.insert(name.to_owned(), value));
    set("orderNumber", order.number.clone().into());
    set("orderDate", body_time(order.ordered_at).into());
    set("orderStatus", status(order.status).into());
    for (name, text) in [
        ("customerEmail", &order.customer_email),
        ("customerNotes", &order.customer_note),
        ("internalNotes", &order.internal_note),
        ("requestedShippingService", &order.requested_service),
    ] {
        if let Some(text) = text {
            set(name, if text.is_empty() { Value::Null } else { text.clone().into() });
        }
    }
    if let Some(email) = order.customer_email.as_ref().filter(|email| !email.is_empty()) {
        // Without a user name V1 makes no customer of its own.
        set("customerUsername", email.clone().into());
    }
    set("taxAmount", amount(order.tax_amount)?);
    set("shippingAmount", amount(order.shipping_amount)?);
    if let Some(paid) = order.paid {
        set("amountPaid", amount(paid)?);
    }
    set("shipTo", address(&ship_to(order)));
    set("billTo", address(&bill_to(order)));
    let items = order.lines.iter().enumerate().map(|(index, line)| new_item(line, index));
    set("items", json!(items.collect::<Result<Vec<_>, _>>()?));
    Ok(body)
}

/// Whether V1 would write both times alike: to the second, and blind to the pass of the repeated autumn hour.
pub(crate) fn same_moment(one: &Order, other: &Order) -> bool {
    filter_time(one.ordered_at) == filter_time(other.ordered_at)
}

/// Refuses a number that V1 cannot take.
pub(crate) fn check_number(order: &Order) -> Result<(), ConnectorError> {
    if order.number.trim().is_empty() {
        return Err(refuse("number", "ShipStation needs an order number."));
    }
    if order.number.chars().count() > NUMBER_CHARS {
        return Err(refuse("number", "ShipStation keeps at most 50 characters of an order number."));
    }
    Ok(())
}

/// Refuses an address that V1 cannot ship to.
pub(crate) fn check_address(order: &Order) -> Result<(), ConnectorError> {
    let to = ship_to(order);
    let needs = |field: &str, what: &str| Err(refuse(field, &format!("ShipStation needs {what} to ship to.")));
    let in_us = to.country.eq_ignore_ascii_case("US");
    match () {
        () if to.is_empty() => needs("shipping", "an address"),
        () if to.name.trim().is_empty() => needs("shipping.name", "a name"),
        () if to.line1.trim().is_empty() => needs("shipping.line1", "a street"),
        () if to.city.trim().is_empty() => needs("shipping.city", "a city"),
        () if to.country.trim().len() != 2 => needs("shipping.country", "a country as two letters, such as US,"),
        () if in_us && to.region.trim().is_empty() => needs("shipping.region", "a state"),
        () if in_us && to.postal_code.trim().is_empty() => needs("shipping.postal_code", "a postal code"),
        () => Ok(()),
    }
}

/// Refuses to take away what V1 needs to ship. What was never there is not asked for.
pub(crate) fn check_changed_address(ours: &Address, known: &Address) -> Result<(), ConnectorError> {
    let needs = |field: &str, what: &str| Err(refuse(field, &format!("ShipStation needs {what} to ship to.")));
    let gone = |part: fn(&Address) -> &String| part(ours).trim().is_empty() && !part(known).trim().is_empty();
    let in_us = ours.country.eq_ignore_ascii_case("US");
    match () {
        () if ours.is_empty() && !known.is_empty() => needs("shipping", "an address"),
        () if gone(|address| &address.name) => needs("shipping.name", "a name"),
        () if gone(|address| &address.line1) => needs("shipping.line1", "a street"),
        () if gone(|address| &address.city) => needs("shipping.city", "a city"),
        () if ours.country != known.country && ours.country.trim().len() != 2 => {
            needs("shipping.country", "a country as two letters, such as US,")
        }
        () if in_us && gone(|address| &address.postal_code) => needs("shipping.postal_code", "a postal code"),
        () => Ok(()),
    }
}

/// The address to ship to: the order's own, else where the bill goes.
pub(crate) fn ship_to(order: &Order) -> Address {
    let mut address = tidy(order.shipping.as_ref().or(order.billing.as_ref()));
    if address.name.trim().is_empty() && !address.is_empty() {
        address.name.clone_from(&order.customer_name);
    }
    address
}

/// V1 wants a bill-to with a name at least.
fn bill_to(order: &Order) -> Address {
    let mut address = tidy(order.billing.as_ref());
    if address.name.trim().is_empty() {
        address.name.clone_from(&order.customer_name);
    }
    address
}

/// As it comes back from V1: trimmed, the country in capitals.
pub(crate) fn tidy(address: Option<&Address>) -> Address {
    let Some(address) = address else { return Address::default() };
    let text = |text: &str| text.trim().to_owned();
    Address {
        name: text(&address.name),
        company: text(&address.company),
        line1: text(&address.line1),
        line2: text(&address.line2),
        city: text(&address.city),
        region: text(&address.region),
        postal_code: text(&address.postal_code),
        country: text(&address.country).to_ascii_uppercase(),
        phone: text(&address.phone),
    }
}

/// How V1 sees a status of ours: it does not know partly shipped.
pub(crate) fn settled(status: OrderStatus) -> OrderStatus {
    if status == OrderStatus::PartlyShipped { OrderStatus::Open } else { status }
}

pub(crate) fn status(status: OrderStatus) -> &'static str {
    match status {
        OrderStatus::AwaitingPayment => "awaiting_payment",
        OrderStatus::Open | OrderStatus::PartlyShipped => "awaiting_shipment",
        OrderStatus::OnHold => "on_hold",
        OrderStatus::Shipped => "shipped",
        OrderStatus::Cancelled => "cancelled",
    }
}

fn address(ours: &Address) -> Value {
    let line = |text: &str| if text.trim().is_empty() { Value::Null } else { text.into() };
    json!({
        "name": ours.name,
        "company": line(&ours.company),
        "street1": line(&ours.line1),
        "street2": line(&ours.line2),
        "street3": null,
        "city": line(&ours.city),
        "state": line(&ours.region),
        "postalCode": line(&ours.postal_code),
        "country": line(&ours.country),
        "phone": line(&ours.phone),
    })
}

/// A line that V1 does not have yet.
pub(crate) fn new_item(line: &OrderLine, index: usize) -> Result<Value, ConnectorError> {
    let key = line.key.clone().unwrap_or_else(|| format!("line-{}", index + 1));
    Ok(json!({
        "lineItemKey": key,
        "sku": line.sku,
        "name": line.name,
        "quantity": pieces(line, index)?,
        "unitPrice": price(line.unit_price)?,
        "adjustment": line.adjustment,
    }))
}

/// What of a line is sent.
pub(crate) fn line_fields(line: &OrderLine) -> (String, &str, Quantity, UnitPrice, bool) {
    (line.sku.clone().unwrap_or_default(), &line.name, line.quantity, line.unit_price, line.adjustment)
}

/// Whole pieces, none or more.
pub(crate) fn pieces(line: &OrderLine, index: usize) -> Result<Value, ConnectorError> {
    if let Some(pieces) = line.quantity.whole().filter(|pieces| *pieces >= 0) {
        return Ok(pieces.into());
    }
    let text = format!("ShipStation ships whole pieces only; {} cannot be sent.", line.quantity.to_decimal_string());
    Err(refuse(&format!("lines[{index}].quantity"), &text))
}

/// A bare number. V1 keeps no currency, so another one would silently change its meaning.
pub(crate) fn amount(money: Money) -> Result<Value, ConnectorError> {
    bare(money.currency(), &money.to_decimal_string())
}

/// A price, with all its decimals.
pub(crate) fn price(price: UnitPrice) -> Result<Value, ConnectorError> {
    bare(price.currency(), &price.to_decimal_string())
}

fn bare(currency: Currency, decimal: &str) -> Result<Value, ConnectorError> {
    if currency != map::CURRENCY {
        let text = format!("ShipStation knows no currency; this order is in {currency} and would turn into dollars.");
        return Err(refuse("currency", &text));
    }
    let number: Number = serde_json::from_str(decimal)
        .map_err(|_| ConnectorError::Protocol("an amount could not be written".to_owned()))?;
    Ok(Value::Number(number))
}
