//! From a neutral order to V1's JSON.
//!
//! V1 knows no partial update: what is not sent may be cleared. So an update starts from the raw order as V1 has it and
//! replaces only what is ours; a part that means the same already keeps its raw form, with all that we do not model.

use crate::map;
use crate::wire::{Fields, body_time, filter_time};
use backroom_money::{Currency, Money, UnitPrice};
use connector_contract::record::{Address, Order, OrderLine, OrderStatus};
use connector_contract::{ConnectorError, Rejection};
use serde_json::{Map, Number, Value, json};

/// Longest order number V1 keeps.
const NUMBER_CHARS: usize = 50;

/// A refusal of our own, before anything is sent.
pub(crate) fn refuse(field: &str, text: &str) -> ConnectorError {
    let field = (!field.is_empty()).then(|| field.to_owned());
    ConnectorError::Rejected(Rejection { code: "not_sendable".to_owned(), field, text: text.to_owned() })
}

/// The order to send: a new one when `base` is empty, else `base` with our fields in it.
pub(crate) fn order(order: &Order, base: Map<String, Value>) -> Result<Map<String, Value>, ConnectorError> {
    check(order)?;
    let mut body = base;
    let known = map::order(Fields(&body)).ok();
    let mut set = |name: &str, value: Value| drop(body.insert(name.to_owned(), value));
    set("orderNumber", order.number.clone().into());
    if known.as_ref().is_none_or(|known| !same_moment(known, order)) {
        set("orderDate", body_time(order.ordered_at).into());
    }
    if known.as_ref().is_none_or(|known| known.status != settled(order.status)) {
        set("orderStatus", status(order.status).into());
    }
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
    if known.is_none()
        && let Some(email) = order.customer_email.as_ref().filter(|email| !email.is_empty())
    {
        // Without a user name V1 makes no customer of its own.
        set("customerUsername", email.clone().into());
    }
    set("taxAmount", amount(order.tax_amount)?);
    set("shippingAmount", amount(order.shipping_amount)?);
    if let Some(paid) = order.paid {
        set("amountPaid", amount(paid)?);
    }
    let (shipping, billing) = (ship_to(order), bill_to(order));
    let ship_to = address(&shipping, body.get("shipTo"));
    let bill_to = address(&billing, body.get("billTo"));
    let items = items(&order.lines, body.get("items"))?;
    body.insert("shipTo".to_owned(), ship_to);
    // A name-only bill-to of V1's is not replaced by our stand-in for it.
    if order.billing.is_some() || !body.contains_key("billTo") {
        body.insert("billTo".to_owned(), bill_to);
    }
    body.insert("items".to_owned(), items);
    // V1 computes it; a stale one would only confuse.
    body.remove("orderTotal");
    Ok(body)
}

/// Whether V1's order already says what ours says, in everything that is sent with it (the day of a hold is not).
pub(crate) fn says_the_same(order: &Order, raw: &Map<String, Value>) -> bool {
    let Ok(known) = map::order(Fields(raw)) else { return false };
    let same = |ours: &Option<String>, theirs: &Option<String>| {
        ours.as_deref().is_none_or(|ours| ours == theirs.as_deref().unwrap_or_default())
    };
    let line = |line: &OrderLine| {
        (line.sku.clone().unwrap_or_default(), line.name.clone(), line.quantity, line.unit_price, line.adjustment)
    };
    known.number == order.number
        && known.status == settled(order.status)
        && same_moment(&known, order)
        && (known.shipping_amount, known.tax_amount) == (order.shipping_amount, order.tax_amount)
        && order.paid.is_none_or(|paid| known.paid == Some(paid))
        && same(&order.customer_email, &known.customer_email)
        && same(&order.customer_note, &known.customer_note)
        && same(&order.internal_note, &known.internal_note)
        && same(&order.requested_service, &known.requested_service)
        && known.shipping == Some(ship_to(order))
        && order.billing.as_ref().is_none_or(|_| known.billing.as_ref().is_none_or(|known| *known == bill_to(order)))
        && known.lines.iter().map(line).eq(order.lines.iter().map(line))
}

/// Whether V1 would write both times alike: to the second, and blind to the pass of the repeated autumn hour.
fn same_moment(one: &Order, other: &Order) -> bool {
    filter_time(one.ordered_at) == filter_time(other.ordered_at)
}

/// Finds what V1 cannot take, and says it in words.
fn check(order: &Order) -> Result<(), ConnectorError> {
    if order.number.trim().is_empty() {
        return Err(refuse("number", "ShipStation needs an order number."));
    }
    if order.number.chars().count() > NUMBER_CHARS {
        return Err(refuse("number", "ShipStation keeps at most 50 characters of an order number."));
    }
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

/// The address to ship to: the order's own, else where the bill goes.
fn ship_to(order: &Order) -> Address {
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
fn tidy(address: Option<&Address>) -> Address {
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
fn settled(status: OrderStatus) -> OrderStatus {
    if status == OrderStatus::PartlyShipped { OrderStatus::Open } else { status }
}

fn status(status: OrderStatus) -> &'static str {
    match status {
        OrderStatus::AwaitingPayment => "awaiting_payment",
        OrderStatus::Open | OrderStatus::PartlyShipped => "awaiting_shipment",
        OrderStatus::OnHold => "on_hold",
        OrderStatus::Shipped => "shipped",
        OrderStatus::Cancelled => "cancelled",
    }
}

fn address(ours: &Address, raw: Option<&Value>) -> Value {
    let mut fields = raw.and_then(Value::as_object).cloned().unwrap_or_default();
    if map::address(Fields(&fields)) == *ours {
        return Value::Object(fields);
    }
    let line = |text: &str| if text.trim().is_empty() { Value::Null } else { text.into() };
    for (name, value) in [
        ("name", ours.name.as_str().into()),
        ("company", line(&ours.company)),
        ("street1", line(&ours.line1)),
        ("street2", line(&ours.line2)),
        ("street3", Value::Null),
        ("city", line(&ours.city)),
        ("state", line(&ours.region)),
        ("postalCode", line(&ours.postal_code)),
        ("country", line(&ours.country)),
        ("phone", line(&ours.phone)),
    ] {
        fields.insert(name.to_owned(), value);
    }
    Value::Object(fields)
}

/// The lines; each starts from V1's own line of the same key, so that weight, options and the like stay.
fn items(lines: &[OrderLine], raw: Option<&Value>) -> Result<Value, ConnectorError> {
    let raw: Vec<&Map<String, Value>> =
        raw.and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_object).collect();
    let items = lines.iter().enumerate().map(|(index, line)| {
        let key = line.key.clone().unwrap_or_else(|| format!("line-{}", index + 1));
        let known = raw.iter().find(|item| map::line_key(Fields(item)).as_ref() == Some(&key));
        let mut item = known.map(|item| (*item).clone()).unwrap_or_default();
        let field = |name: &str| format!("lines[{index}].{name}");
        let Some(quantity) = line.quantity.whole().filter(|pieces| *pieces >= 0) else {
            let text =
                format!("ShipStation ships whole pieces only; {} cannot be sent.", line.quantity.to_decimal_string());
            return Err(refuse(&field("quantity"), &text));
        };
        item.insert("lineItemKey".to_owned(), key.into());
        item.insert("sku".to_owned(), line.sku.clone().map_or(Value::Null, Value::from));
        item.insert("name".to_owned(), line.name.clone().into());
        item.insert("quantity".to_owned(), quantity.into());
        item.insert("unitPrice".to_owned(), price(line.unit_price)?);
        item.insert("adjustment".to_owned(), line.adjustment.into());
        Ok(Value::Object(item))
    });
    Ok(json!(items.collect::<Result<Vec<_>, _>>()?))
}

/// A bare number. V1 keeps no currency, so another one would silently change its meaning.
fn amount(money: Money) -> Result<Value, ConnectorError> {
    bare(money.currency(), &money.to_decimal_string())
}

/// A price, with all its decimals.
fn price(price: UnitPrice) -> Result<Value, ConnectorError> {
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
