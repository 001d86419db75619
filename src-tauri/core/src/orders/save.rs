//! Orders as the owner types them: all checks, totals, and what is written.

use super::{Order, OrderDraft, OrderLine, OrderLineDraft, OrderPreview, OrderStatus};
use crate::company::Company;
use crate::fields::{Fields, LONGEST_LINE, LONGEST_NAME, LONGEST_TEXT, is_possible, too_large};
use crate::store::outbox::{Wish, enqueue};
use crate::store::{self, Tx};
use crate::{Error, FieldError, Result};
use backroom_money::{AmountError, Money, Quantity, UnitPrice};
use chrono::{DateTime, Utc};
use connector_contract::RecordKind;
use rusqlite::Connection;
use std::collections::HashSet;

/// The length ShipStation documents for order numbers.
const LONGEST_NUMBER: usize = 50;

/// More lines than any order of a small business; keeps a pasted mistake from becoming a document.
const MOST_LINES: usize = 500;

/// Whether the owner may still change the fields of an order: its own until it left the house, a vendor's until something did.
pub(super) fn is_editable(order: &Order) -> bool {
    match order.status {
        OrderStatus::AwaitingPayment | OrderStatus::Open | OrderStatus::OnHold => true,
        OrderStatus::PartlyShipped => order.source == "owner",
        OrderStatus::Shipped | OrderStatus::Cancelled => false,
    }
}

/// A draft read against what is stored: the order it would become, and all that is wrong with it.
pub(super) struct Reading {
    /// The order; a number not given is still empty.
    pub order: Order,
    /// What is wrong.
    pub errors: Vec<FieldError>,
}

/// Reads a draft. Nothing is written.
pub(super) fn read(
    db: &Connection,
    company: &Company,
    draft: &OrderDraft,
    before: Option<&Order>,
    now: DateTime<Utc>,
) -> Result<Reading> {
    let mut fields = Fields::against(draft, before.cloned().map(OrderDraft::from).as_ref())?;
    let start = before.cloned().unwrap_or_else(|| Order::new(draft.id, company.currency, "owner", now));
    let currency = start.currency;
    let zero = Money::zero(currency);
    let mut order = Order {
        number: number(&mut fields, db, draft, before)?,
        customer_id: draft.customer_id,
        customer_name: fields.line("customer_name", &draft.customer_name, LONGEST_NAME),
        customer_email: fields.email("customer_email", &draft.customer_email),
        ship_to: fields.address("ship_to", &draft.ship_to),
        shipping: fields.amount("shipping", &draft.shipping, currency).unwrap_or(zero),
        tax: fields.amount("tax", &draft.tax, currency).unwrap_or(zero),
        lines: Vec::new(),
        customer_note: fields.text("customer_note", &draft.customer_note, LONGEST_TEXT),
        internal_note: fields.text("internal_note", &draft.internal_note, LONGEST_TEXT),
        ..start
    };
    buyer(&mut fields, db, &mut order)?;
    if let Some(day) = fields.day("ordered_on", &draft.ordered_on)
        && (before.is_none() || day != order.ordered_on)
    {
        order.ordered_at = if day == company.day_of(now) { now } else { company.noon_of(day) };
        order.ordered_on = day;
    }
    lines(&mut fields, db, draft, before, &mut order)?;
    match total(&order) {
        // A vendor's total is its own; it is reckoned here only once something about money has changed.
        _ if before.is_some_and(|before| same_money(before, &order)) => {}
        Ok(total) if is_possible(total) => order.total = total,
        _ => fields.wrong_by_others("lines", format!("The total is too large. {}", too_large(currency))),
    }
    Ok(Reading { order, errors: fields.into_errors() })
}

/// Whether both cost the same by their own parts.
fn same_money(one: &Order, other: &Order) -> bool {
    let line = |line: &OrderLine| (line.id, line.quantity, line.unit_price, line.adjustment);
    (one.currency, one.shipping, one.tax) == (other.currency, other.shipping, other.tax)
        && one.lines.iter().map(line).eq(other.lines.iter().map(line))
}

fn total(order: &Order) -> Result<Money, AmountError> {
    order.subtotal()?.checked_add(order.shipping)?.checked_add(order.tax)
}

fn number(fields: &mut Fields, db: &Connection, draft: &OrderDraft, before: Option<&Order>) -> Result<String> {
    let typed = fields.line("number", &draft.number, LONGEST_NUMBER);
    if typed.is_empty() {
        return Ok(before.map(|order| order.number.clone()).unwrap_or_default());
    }
    let own = before.is_none_or(|order| order.source == "owner");
    if own && store::orders::number_is_taken(db, &typed, draft.id)? {
        fields.wrong("number", "Another order has this number already.");
    }
    Ok(typed)
}

/// A buyer is a customer or at least a name. What was left empty is filled in from the customer.
fn buyer(fields: &mut Fields, db: &Connection, order: &mut Order) -> Result<()> {
    let customer = match order.customer_id {
        Some(id) => store::customers::get(db, id)?,
        None => None,
    };
    match customer {
        Some(customer) => {
            let left_empty =
                |text: &str, field: &str| text.is_empty() && !fields.is_stored(field) && !fields.is_wrong(field);
            if left_empty(&order.customer_name, "customer_name") {
                order.customer_name = customer.display_name;
            }
            if left_empty(&order.customer_email, "customer_email") {
                order.customer_email = customer.email;
            }
        }
        None if order.customer_id.is_some() => {
            fields.wrong("customer_id", "This customer no longer exists; choose another.");
        }
        None if order.customer_name.is_empty() => fields.wrong("customer_name", "Choose a customer or write a name."),
        None => {}
    }
    Ok(())
}

fn lines(
    fields: &mut Fields,
    db: &Connection,
    draft: &OrderDraft,
    before: Option<&Order>,
    order: &mut Order,
) -> Result<()> {
    if draft.lines.is_empty() {
        fields.wrong("lines", "An order needs at least one line.");
    }
    if draft.lines.len() > MOST_LINES {
        fields.wrong("lines", format!("An order has at most {MOST_LINES} lines; split it."));
        return Ok(());
    }
    let mut ids = HashSet::new();
    for (index, typed) in draft.lines.iter().enumerate() {
        let stored = before.and_then(|order| order.lines.iter().find(|line| line.id == typed.id));
        if !ids.insert(typed.id) || (stored.is_none() && store::orders::line_exists(db, typed.id)?) {
            let reason = "This line is there twice; remove it and add it again.";
            fields.wrong_by_others(format!("lines.{index}"), reason);
        }
        let line = line(fields, db, typed, stored, index, order)?;
        order.lines.push(line);
    }
    let gone = before
        .iter()
        .flat_map(|order| &order.lines)
        .find(|line| line.shipped != Quantity::ZERO && !ids.contains(&line.id));
    if let Some(line) = gone {
        fields.wrong("lines", format!("\"{}\" has shipped already and can't be removed.", line.name));
    }
    Ok(())
}

fn line(
    fields: &mut Fields,
    db: &Connection,
    typed: &OrderLineDraft,
    stored: Option<&OrderLine>,
    index: usize,
    order: &Order,
) -> Result<OrderLine> {
    let at = |field: &str| format!("lines.{index}.{field}");
    let zero = UnitPrice::zero(order.currency);
    let adjustment = stored.is_some_and(|line| line.adjustment);
    let unit_price = fields.price(&at("unit_price"), &typed.unit_price, order.currency).unwrap_or(zero);
    let quantity = fields.quantity(&at("quantity"), &typed.quantity);
    if quantity.unwrap_or_default() <= Quantity::ZERO && !fields.is_wrong(&at("quantity")) {
        fields.wrong(at("quantity"), "Write how many, as a number above zero.");
    }
    let quantity = quantity.unwrap_or_default();
    let shipped = stored.map_or(Quantity::ZERO, |line| line.shipped);
    if quantity < shipped && !fields.is_wrong(&at("quantity")) {
        fields.wrong(at("quantity"), format!("{} have shipped already.", shipped.to_decimal_string()));
    }
    let item = match typed.item_id {
        Some(id) => store::items::get(db, id)?,
        None => None,
    };
    if item.is_none() && typed.item_id.is_some() {
        fields.wrong(at("item_id"), "This item no longer exists; choose another.");
    }
    let mut sku = fields.line(&at("sku"), &typed.sku, LONGEST_LINE);
    let mut name = fields.line(&at("name"), &typed.name, LONGEST_NAME);
    if let Some(item) = &item {
        if sku.is_empty() && !fields.is_stored(&at("sku")) {
            sku.clone_from(&item.sku);
        }
        if name.is_empty() && !fields.is_stored(&at("name")) {
            name.clone_from(&item.name);
        }
    }
    if name.is_empty() {
        fields.wrong(at("name"), "Choose an item or write what it is.");
    }
    let line = OrderLine {
        id: typed.id,
        remote_line: stored.map(|line| line.remote_line.clone()).unwrap_or_default(),
        line_key: stored.map(|line| line.line_key.clone()).unwrap_or_default(),
        item_id: typed.item_id,
        sku,
        name,
        quantity,
        shipped,
        unit_price,
        adjustment,
        allocated: stored.map_or(Quantity::ZERO, |line| line.allocated),
        location_id: stored.and_then(|line| line.location_id),
    };
    let kept = fields.is_stored(&at("quantity")) && fields.is_stored(&at("unit_price"));
    if !kept && !line.amount().is_ok_and(is_possible) {
        let reason = format!("Quantity times price is too large. {}", too_large(order.currency));
        fields.wrong_by_others(at("quantity"), reason);
    }
    Ok(line)
}

/// Totals and errors of a draft.
pub(super) fn preview(db: &Connection, draft: &OrderDraft, now: DateTime<Utc>) -> Result<OrderPreview> {
    let company = crate::company::require(db)?;
    let before = store::orders::get(db, draft.id)?;
    let Reading { order, errors } = read(db, &company, draft, before.as_ref(), now)?;
    let wrong = |index: usize| {
        ["quantity", "unit_price"].iter().any(|field| {
            let path = format!("lines.{index}.{field}");
            errors.iter().any(|error| error.field == path)
        })
    };
    let line_amounts = order
        .lines
        .iter()
        .enumerate()
        .map(|(index, line)| line.amount().ok().filter(|_| !wrong(index)).map(Into::into))
        .collect();
    let subtotal = order.subtotal().unwrap_or(Money::zero(order.currency));
    Ok(OrderPreview { line_amounts, subtotal: subtotal.into(), total: order.total.into(), errors })
}

/// Creates or changes an order. Saving what is stored already changes nothing, whichever version it was loaded with.
pub(super) fn save(tx: &Tx<'_>, draft: &OrderDraft, now: DateTime<Utc>) -> Result<Order> {
    let company = crate::company::require(tx)?;
    let before = store::orders::get(tx, draft.id)?;
    let Reading { mut order, errors } = read(tx, &company, draft, before.as_ref(), now)?;
    if !errors.is_empty() {
        return Err(Error::Invalid(errors));
    }
    if let Some(before) = &before {
        super::allocate::settle(tx, &mut order)?;
        if *before == order {
            return Ok(order);
        }
        if draft.version != Some(before.version) {
            return Err(Error::Stale("order"));
        }
        if !is_editable(before) {
            return Err(Error::Refused(format!(
                "Order {} is {} and can't be changed.",
                before.number,
                words(before.status)
            )));
        }
    } else if draft.version.is_some() {
        return Err(Error::NotFound("order"));
    }
    if order.number.is_empty() {
        order.number = take_number(tx, &company, &order)?;
    }
    let written = super::write(tx, before.as_ref(), &order, "owner", now)?;
    enqueue(tx, RecordKind::Order, &draft.id.to_string(), Wish::Upsert, now)?;
    Ok(written.record)
}

fn take_number(tx: &Tx<'_>, company: &Company, order: &Order) -> Result<String> {
    let mut next = company.next_order_number;
    while store::orders::number_is_taken(tx, &next.to_string(), order.id)? {
        next = next.checked_add(1).ok_or_else(|| Error::Refused("The order numbers are used up.".into()))?;
    }
    store::company::set_order_counter(tx, next.saturating_add(1))?;
    Ok(next.to_string())
}

/// A status in a sentence.
pub(super) const fn words(status: OrderStatus) -> &'static str {
    match status {
        OrderStatus::AwaitingPayment => "awaiting payment",
        OrderStatus::Open => "open",
        OrderStatus::OnHold => "on hold",
        OrderStatus::PartlyShipped => "partly shipped",
        OrderStatus::Shipped => "shipped",
        OrderStatus::Cancelled => "cancelled",
    }
}
