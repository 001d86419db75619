//! What the owner does to orders as a whole: hold, release, cancel, ship. All of the chosen ones or none.

use super::save::words;
use super::{Order, OrderAction, OrderStatus, Shipment};
use crate::company::Company;
use crate::fields::{Fields, LONGEST_ITEM_NAME};
use crate::ids::{OrderId, ShipmentId};
use crate::store::outbox::{Wish, enqueue};
use crate::store::{self, Tx};
use crate::{Error, Result};
use chrono::{DateTime, NaiveDate, Utc};
use connector_contract::RecordKind;
use std::fmt::Write as _;

/// Most orders in one step; a list's selection is one page.
const MOST_AT_ONCE: usize = 500;

/// Refused orders that are named; the rest is counted.
const MOST_NAMED: usize = 5;

/// An action read from the form.
enum Step {
    Hold(Option<NaiveDate>),
    Release,
    Cancel,
    Ship { carrier: String, tracking_number: String },
}

/// Does it to all orders, or to none when one of them can't have it.
pub(super) fn act(tx: &Tx<'_>, ids: &[OrderId], action: &OrderAction, now: DateTime<Utc>) -> Result<()> {
    let company = crate::company::require(tx)?;
    let step = read(action, &company, now)?;
    if ids.len() > MOST_AT_ONCE {
        return Err(Error::Refused(format!("Choose at most {MOST_AT_ONCE} orders at once.")));
    }
    let mut refused = Vec::new();
    for id in ids {
        let order = store::orders::get(tx, *id)?.ok_or(Error::NotFound("order"))?;
        if allowed(&step, order.status) {
            take(tx, &step, &order, &company, now)?;
        } else {
            refused.push(order);
        }
    }
    if refused.is_empty() { Ok(()) } else { Err(Error::Refused(refusal(&step, &refused))) }
}

fn read(action: &OrderAction, company: &Company, now: DateTime<Utc>) -> Result<Step> {
    let mut fields = Fields::default();
    let step = match action {
        OrderAction::Hold { until } => {
            let until = until.as_ref().and_then(|day| fields.day("until", day));
            if until.is_some_and(|day| day < company.day_of(now)) {
                fields.wrong("until", "Choose today or a later day.");
            }
            Step::Hold(until)
        }
        OrderAction::Release => Step::Release,
        OrderAction::Cancel => Step::Cancel,
        OrderAction::MarkShipped { carrier, tracking_number } => Step::Ship {
            carrier: fields.line("carrier", carrier, LONGEST_ITEM_NAME),
            tracking_number: fields.line("tracking_number", tracking_number, LONGEST_ITEM_NAME),
        },
    };
    fields.finish()?;
    Ok(step)
}

fn allowed(step: &Step, status: OrderStatus) -> bool {
    use OrderStatus::{Cancelled, OnHold, Open, PartlyShipped, Shipped};
    match step {
        // Releasing opens an order, which must not skip the payment it awaits.
        Step::Hold(_) => matches!(status, Open | OnHold | PartlyShipped),
        Step::Release => status == OnHold,
        Step::Cancel => !matches!(status, Cancelled | Shipped),
        // ShipStation allows no label for an order that awaits payment; neither do we.
        Step::Ship { .. } => matches!(status, Open | OnHold | PartlyShipped),
    }
}

fn refusal(step: &Step, refused: &[Order]) -> String {
    let what = match step {
        Step::Hold(_) => "put on hold",
        Step::Release => "released",
        Step::Cancel => "cancelled",
        Step::Ship { .. } => "marked shipped",
    };
    let named: Vec<String> = refused
        .iter()
        .take(MOST_NAMED)
        .map(|order| format!("order {} is {}", order.number, words(order.status)))
        .collect();
    let mut text = format!("Nothing was changed, because not all of these can be {what}: {}", named.join(", "));
    if refused.len() > MOST_NAMED {
        let _ = write!(text, " and {} more", refused.len() - MOST_NAMED);
    }
    text.push('.');
    text
}

fn take(tx: &Tx<'_>, step: &Step, before: &Order, company: &Company, now: DateTime<Utc>) -> Result<()> {
    let mut after = before.clone();
    let mut wish = Wish::Upsert;
    match step {
        Step::Hold(until) => {
            after.status = OrderStatus::OnHold;
            after.hold_until = *until;
        }
        Step::Release => {
            after.status = OrderStatus::Open;
            after.hold_until = None;
        }
        Step::Cancel => {
            after.status = OrderStatus::Cancelled;
            after.hold_until = None;
            wish = Wish::Retire;
        }
        Step::Ship { carrier, tracking_number } => {
            let shipment = Shipment {
                carrier: carrier.clone(),
                tracking_number: tracking_number.clone(),
                shipped_on: Some(company.day_of(now)),
                ..Shipment::new(ShipmentId::new(), before, "owner", now)
            };
            super::apply_shipment(tx, None, &shipment, "owner", now)?;
            return enqueue(tx, RecordKind::Order, &before.id.to_string(), wish, now);
        }
    }
    let written = super::write(tx, Some(before), &after, "owner", now)?;
    if written.changes.is_empty() {
        return Ok(());
    }
    enqueue(tx, RecordKind::Order, &before.id.to_string(), wish, now)
}
