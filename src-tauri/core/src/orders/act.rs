//! What the owner does to orders as a whole: hold, release, cancel, ship. All of the chosen ones or none.

use super::save::words;
use super::{Order, OrderAction, OrderStatus, ship};
use crate::company::Company;
use crate::fields::Fields;
use crate::ids::OrderId;
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
    Ship(ship::Marking),
}

/// Does it to all orders, or to none when one of them can't have it.
pub(super) fn act(tx: &Tx<'_>, ids: &[OrderId], action: &OrderAction, now: DateTime<Utc>) -> Result<()> {
    let company = crate::company::require(tx)?;
    let step = read(tx, ids, action, &company, now)?;
    if ids.len() > MOST_AT_ONCE {
        return Err(Error::Refused(format!("Choose at most {MOST_AT_ONCE} orders at once.")));
    }
    let mut refused = Vec::new();
    for id in ids {
        let order = store::orders::get(tx, *id)?.ok_or(Error::NotFound("order"))?;
        if allowed(&step, order.status) {
            take(tx, &step, &order, now)?;
        } else {
            refused.push(order);
        }
    }
    if refused.is_empty() { Ok(()) } else { Err(Error::Refused(refusal(&step, &refused))) }
}

fn read(tx: &Tx<'_>, ids: &[OrderId], action: &OrderAction, company: &Company, now: DateTime<Utc>) -> Result<Step> {
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
        OrderAction::MarkShipped { carrier, shipped_on, notify_buyer, notify_channel, parcels } => {
            let typed = ship::Typed { carrier, shipped_on, notify: (*notify_buyer, *notify_channel), parcels };
            Step::Ship(ship::read(tx, &mut fields, ids, &typed, company.day_of(now))?)
        }
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
        Step::Ship(_) => matches!(status, Open | OnHold | PartlyShipped),
    }
}

fn refusal(step: &Step, refused: &[Order]) -> String {
    let what = match step {
        Step::Hold(_) => "put on hold",
        Step::Release => "released",
        Step::Cancel => "cancelled",
        Step::Ship(_) => "marked as shipped",
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

fn take(tx: &Tx<'_>, step: &Step, before: &Order, now: DateTime<Utc>) -> Result<()> {
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
        Step::Ship(marking) => return ship::mark(tx, before, marking, now),
    }
    let written = super::write(tx, Some(before), &after, "owner", now)?;
    if written.changes.is_empty() {
        return Ok(());
    }
    enqueue(tx, RecordKind::Order, &before.id.to_string(), wish, now)
}
