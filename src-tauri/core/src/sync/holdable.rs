//! Whether a record's days and moments can be held: one of the year 99999 would be stored and never read again.
//!
//! Connectors report such rows themselves; this is for the one that does not. Pure.
//! Absent on purpose: amounts; the ledger refuses those that don't fit.

use connector_contract::{Content, Pulled, Record, calendar};

/// The same record as one that can't be read, or without its time of change, where that can't be held; `None` where all is well.
pub fn unholdable(pulled: &Pulled) -> Option<Pulled> {
    let changed = pulled.updated_at.is_some_and(|at| calendar::moment(at).is_none());
    let wrong = match &pulled.content {
        Content::Present(record) => wrong(record).map(|field| (record.kind(), field)),
        Content::Deleted(_) | Content::Merged { .. } | Content::Unreadable { .. } => None,
    };
    if !changed && wrong.is_none() {
        return None;
    }
    let mut pulled = pulled.clone();
    pulled.updated_at = pulled.updated_at.and_then(calendar::moment);
    if let Some((kind, field)) = wrong {
        let reason = format!("its {} is not a date that can be kept", field.replace('_', " "));
        pulled.content = Content::Unreadable { kind, reason };
    }
    Some(pulled)
}

/// The first field whose day or moment can't be held.
fn wrong(record: &Record) -> Option<&'static str> {
    let (moments, days) = match record {
        Record::Customer(customer) => ([("created_at", customer.created_at), ("", None)], [("", None), ("", None)]),
        Record::Item(item) => ([("created_at", item.created_at), ("", None)], [("", None), ("", None)]),
        Record::Order(order) => {
            ([("ordered_at", Some(order.ordered_at)), ("", None)], [("hold_until", order.hold_until), ("", None)])
        }
        Record::Invoice(invoice) => {
            ([("", None); 2], [("issued_on", Some(invoice.issued_on)), ("due_on", invoice.due_on)])
        }
        Record::Payment(payment) => ([("", None); 2], [("received_on", Some(payment.received_on)), ("", None)]),
        Record::Shipment(shipment) => ([("", None); 2], [("shipped_on", shipment.shipped_on), ("", None)]),
        Record::Charge(charge) => ([("created_at", Some(charge.created_at)), ("", None)], [("", None); 2]),
        Record::Refund(refund) => ([("created_at", Some(refund.created_at)), ("", None)], [("", None); 2]),
        Record::Dispute(dispute) => {
            ([("created_at", Some(dispute.created_at)), ("respond_by", dispute.respond_by)], [("", None); 2])
        }
        Record::BalanceEntry(entry) => {
            ([("created_at", Some(entry.created_at)), ("", None)], [("available_on", entry.available_on), ("", None)])
        }
        Record::Payout(payout) => (
            [("created_at", Some(payout.created_at)), ("", None)],
            [("arrives_on", Some(payout.arrives_on)), ("", None)],
        ),
    };
    let moment = moments.into_iter().find(|(_, at)| at.is_some_and(|at| calendar::moment(at).is_none()));
    let day = || days.into_iter().find(|(_, day)| day.is_some_and(|day| !calendar::holds(day)));
    moment.map(|(field, _)| field).or_else(|| day().map(|(field, _)| field))
}
