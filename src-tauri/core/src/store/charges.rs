//! What a payment processor reports of single buyers: charges, refunds, disputes. One row per connection and remote id.
//!
//! Absent on purpose: the match of a charge to an invoice and its bookings (`payments`), and what is read for it (`charge_match`).

use super::columns::{Json, Moment};
use super::money::{amount, currency, named};
use crate::Result;
use crate::ids::{ConnectionId, InvoiceId, MoneyRecordId, PaymentId};
use backroom_money::Money;
use connector_contract::record::{Charge, ChargeStatus, Dispute, DisputeOutcome, Refund, RemoteId};
use rusqlite::{Connection, OptionalExtension as _, Row, named_params, params};

/// A charge as stored.
#[derive(Debug, Clone, PartialEq)]
pub struct Stored {
    /// Our id.
    pub id: MoneyRecordId,
    /// What the processor told.
    pub charge: Charge,
    /// The invoice it pays.
    pub invoice_id: Option<InvoiceId>,
    /// The payment made from it.
    pub payment_id: Option<PaymentId>,
}

/// A charge by the processor's id.
pub fn find(db: &Connection, connection: ConnectionId, remote: &RemoteId) -> Result<Option<Stored>> {
    Ok(db
        .prepare_cached("SELECT * FROM charges WHERE connection_id = ?1 AND remote_id = ?2")?
        .query_row(params![connection, remote.0], stored)
        .optional()?)
}

fn stored(row: &Row<'_>) -> rusqlite::Result<Stored> {
    let currency = currency(row, "currency")?;
    let filled = |column: &str| row.get::<_, String>(column).map(|text| (!text.is_empty()).then_some(text));
    Ok(Stored {
        id: row.get("id")?,
        charge: Charge {
            amount: amount(row, "amount_minor", currency)?,
            captured: row.get::<_, Option<i64>>("captured_minor")?.map(|minor| Money::from_minor(minor, currency)),
            refunded: amount(row, "refunded_minor", currency)?,
            status: named(row, "status", status_named)?,
            created_at: row.get::<_, Moment>("created_at")?.0,
            customer_name: filled("customer_name")?,
            customer_email: filled("customer_email")?,
            description: filled("description")?,
            metadata: row.get::<_, Json<_>>("metadata")?.0,
            balance_entry: row.get::<_, Option<String>>("balance_entry_remote_id")?.map(RemoteId),
            failure: filled("failure")?,
        },
        invoice_id: row.get("invoice_id")?,
        payment_id: row.get("payment_id")?,
    })
}

/// The stored name of a charge's status.
pub fn status_name(status: ChargeStatus) -> &'static str {
    match status {
        ChargeStatus::Pending => "pending",
        ChargeStatus::Succeeded => "succeeded",
        ChargeStatus::Failed => "failed",
    }
}

fn status_named(name: &str) -> Option<ChargeStatus> {
    [ChargeStatus::Pending, ChargeStatus::Succeeded, ChargeStatus::Failed]
        .into_iter()
        .find(|status| status_name(*status) == name)
}

/// Adds or replaces a charge.
pub fn put(tx: &Connection, connection: ConnectionId, remote: &RemoteId, stored: &Stored) -> Result<()> {
    let Stored { id, charge, invoice_id, payment_id } = stored;
    tx.prepare_cached(
        "INSERT INTO charges (id, connection_id, remote_id, amount_minor, captured_minor, refunded_minor, currency, status,
             created_at, customer_name, customer_email, description, metadata, balance_entry_remote_id, failure, invoice_id, payment_id)
         VALUES (:id, :connection, :remote, :amount, :captured, :refunded, :currency, :status, :created_at,
             :customer_name, :customer_email, :description, :metadata, :balance_entry, :failure, :invoice_id, :payment_id)
         ON CONFLICT (connection_id, remote_id) DO UPDATE SET amount_minor = excluded.amount_minor,
             captured_minor = excluded.captured_minor, refunded_minor = excluded.refunded_minor,
             currency = excluded.currency, status = excluded.status,
             created_at = excluded.created_at, customer_name = excluded.customer_name,
             customer_email = excluded.customer_email, description = excluded.description, metadata = excluded.metadata,
             balance_entry_remote_id = excluded.balance_entry_remote_id, failure = excluded.failure,
             invoice_id = excluded.invoice_id, payment_id = excluded.payment_id",
    )?
    .execute(named_params! {
        ":id": id,
        ":connection": connection,
        ":remote": remote.0,
        ":amount": charge.amount.minor(),
        ":captured": charge.captured.map(Money::minor),
        ":refunded": charge.refunded.minor(),
        ":currency": charge.amount.currency().code(),
        ":status": status_name(charge.status),
        ":created_at": Moment(charge.created_at),
        ":customer_name": charge.customer_name.as_deref().unwrap_or_default(),
        ":customer_email": charge.customer_email.as_deref().unwrap_or_default(),
        ":description": charge.description.as_deref().unwrap_or_default(),
        ":metadata": Json(&charge.metadata),
        ":balance_entry": charge.balance_entry.as_ref().map(|entry| &entry.0),
        ":failure": charge.failure.as_deref().unwrap_or_default(),
        ":invoice_id": invoice_id,
        ":payment_id": payment_id,
    })?;
    Ok(())
}

/// Frees the charges of a payment that was cancelled: the money is there, but pays no invoice any more.
pub fn unmatch(tx: &Connection, payment: PaymentId) -> Result<bool> {
    let freed = tx
        .prepare_cached("UPDATE charges SET invoice_id = NULL WHERE payment_id = ?1 AND invoice_id IS NOT NULL")?
        .execute([payment])?;
    Ok(freed > 0)
}

/// Adds or replaces a refund. Returns whether anything differed.
pub fn put_refund(tx: &Connection, connection: ConnectionId, remote: &RemoteId, refund: &Refund) -> Result<bool> {
    let changed = tx
        .prepare_cached(
            "INSERT INTO refunds (id, connection_id, remote_id, charge_remote_id, amount_minor, currency, status, created_at,
                 reason)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
             ON CONFLICT (connection_id, remote_id) DO UPDATE SET charge_remote_id = excluded.charge_remote_id,
                 amount_minor = excluded.amount_minor, currency = excluded.currency, status = excluded.status,
                 created_at = excluded.created_at, reason = excluded.reason
             WHERE (charge_remote_id, amount_minor, currency, status, created_at, reason)
                 IS NOT (excluded.charge_remote_id, excluded.amount_minor, excluded.currency, excluded.status,
                     excluded.created_at, excluded.reason)",
        )?
        .execute(params![
            MoneyRecordId::new(),
            connection,
            remote.0,
            refund.charge.as_ref().map(|charge| &charge.0),
            refund.amount.minor(),
            refund.amount.currency().code(),
            refund.status,
            Moment(refund.created_at),
            refund.reason.as_deref().unwrap_or_default(),
        ])?;
    Ok(changed > 0)
}

/// Adds or replaces a dispute. Returns whether anything differed.
pub fn put_dispute(tx: &Connection, connection: ConnectionId, remote: &RemoteId, dispute: &Dispute) -> Result<bool> {
    let changed = tx
        .prepare_cached(
            "INSERT INTO disputes (id, connection_id, remote_id, charge_remote_id, amount_minor, currency, status, created_at,
                 reason, respond_by, outcome)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)
             ON CONFLICT (connection_id, remote_id) DO UPDATE SET charge_remote_id = excluded.charge_remote_id,
                 amount_minor = excluded.amount_minor, currency = excluded.currency, status = excluded.status,
                 created_at = excluded.created_at, reason = excluded.reason, respond_by = excluded.respond_by,
                 outcome = excluded.outcome
             WHERE (charge_remote_id, amount_minor, currency, status, created_at, reason, respond_by, outcome)
                 IS NOT (excluded.charge_remote_id, excluded.amount_minor, excluded.currency, excluded.status,
                     excluded.created_at, excluded.reason, excluded.respond_by, excluded.outcome)",
        )?
        .execute(params![
            MoneyRecordId::new(),
            connection,
            remote.0,
            dispute.charge.as_ref().map(|charge| &charge.0),
            dispute.amount.minor(),
            dispute.amount.currency().code(),
            dispute.status,
            Moment(dispute.created_at),
            dispute.reason.as_deref().unwrap_or_default(),
            dispute.respond_by.map(Moment),
            outcome_name(dispute.outcome),
        ])?;
    Ok(changed > 0)
}

/// Whether this refund was seen before.
pub fn refund_known(db: &Connection, connection: ConnectionId, remote: &RemoteId) -> Result<bool> {
    Ok(db
        .prepare_cached("SELECT EXISTS (SELECT 1 FROM refunds WHERE connection_id = ?1 AND remote_id = ?2)")?
        .query_row(params![connection, remote.0], |row| row.get(0))?)
}

/// Whether this dispute was seen before.
pub fn dispute_known(db: &Connection, connection: ConnectionId, remote: &RemoteId) -> Result<bool> {
    Ok(db
        .prepare_cached("SELECT EXISTS (SELECT 1 FROM disputes WHERE connection_id = ?1 AND remote_id = ?2)")?
        .query_row(params![connection, remote.0], |row| row.get(0))?)
}

/// The vendor behind a connection; `None` when the connection is gone.
pub fn vendor_of(db: &Connection, connection: ConnectionId) -> Result<Option<String>> {
    Ok(db
        .prepare_cached("SELECT vendor FROM connections WHERE id = ?1")?
        .query_row([connection], |row| row.get(0))
        .optional()?)
}

/// The stored name of what a dispute means for the money.
fn outcome_name(outcome: DisputeOutcome) -> &'static str {
    match outcome {
        DisputeOutcome::Inquiry => "inquiry",
        DisputeOutcome::Open => "open",
        DisputeOutcome::Won => "won",
        DisputeOutcome::Lost => "lost",
    }
}

/// A charge by our id, with its connection and the processor's id.
pub fn get(db: &Connection, id: MoneyRecordId) -> Result<Option<(ConnectionId, RemoteId, Stored)>> {
    Ok(db
        .prepare_cached("SELECT * FROM charges WHERE id = ?1")?
        .query_row([id], |row| Ok((row.get("connection_id")?, RemoteId(row.get("remote_id")?), stored(row)?)))
        .optional()?)
}
