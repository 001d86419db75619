//! What is read and kept to find out whether a charge is a payment that is here already: charges to look at, the names of
//! invoices in them, and payments that may be the same.
//!
//! Absent on purpose: the decision; `payments::matching` makes it.

use super::money::{amount, currency};
use crate::Result;
use crate::ids::{ConnectionId, InvoiceId, MoneyRecordId, PaymentId};
use crate::text::search_key;
use backroom_money::{Currency, Money};
use chrono::{NaiveDate, TimeDelta};
use connector_contract::record::RemoteId;
use rusqlite::{Connection, OptionalExtension as _, Row, params};

/// A shorter beginning of a reference says nothing.
pub const LEAST_CUT: usize = 16;

/// A payment that may be the one a charge stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// Which payment.
    pub id: PaymentId,
    /// Day received.
    pub received_on: NaiveDate,
    /// The whole amount.
    pub amount: Money,
    /// How much of it pays the invoice that the charge names.
    pub on_invoice: Money,
    /// How much of it pays nothing.
    pub unapplied: Money,
    /// Its reference.
    pub reference: String,
    /// Its method.
    pub method: String,
    /// Its reference is that of another charge.
    pub of_another: bool,
}

/// Replaces the names of invoices in a charge.
pub fn set_names(tx: &Connection, charge: MoneyRecordId, names: &[String]) -> Result<()> {
    tx.prepare_cached("DELETE FROM charge_names WHERE charge_id = ?1")?.execute([charge])?;
    let mut insert = tx.prepare_cached("INSERT OR IGNORE INTO charge_names (charge_id, name_key) VALUES (?1, ?2)")?;
    for name in names {
        insert.execute(params![charge, search_key(name)])?;
    }
    Ok(())
}

/// The next run looks at this charge.
pub fn look_at(tx: &Connection, charge: MoneyRecordId) -> Result<()> {
    tx.prepare_cached("UPDATE charges SET look = 1 WHERE id = ?1")?.execute([charge])?;
    Ok(())
}

/// The next run looks at the charge with this id of the processor's.
pub fn look_at_remote(tx: &Connection, connection: ConnectionId, remote: &RemoteId) -> Result<()> {
    tx.prepare_cached("UPDATE charges SET look = 1 WHERE connection_id = ?1 AND remote_id = ?2")?
        .execute(params![connection, remote.0])?;
    Ok(())
}

/// The next run looks at the charges that name this invoice and are no payment yet.
pub fn look_at_named(tx: &Connection, invoice: InvoiceId) -> Result<()> {
    tx.prepare_cached(
        "UPDATE charges SET look = 1 WHERE payment_id IS NULL AND id IN (
             SELECT n.charge_id FROM charge_names n
             WHERE n.name_key IN (?1, (SELECT number_key FROM invoices WHERE id = ?1)))",
    )?
    .execute([invoice])?;
    Ok(())
}

/// The next run looks at the charges of this payment, and at those that its reference may mean.
pub fn look_at_paid_by(tx: &Connection, payment: PaymentId, reference: &str) -> Result<()> {
    tx.prepare_cached("UPDATE charges SET look = 1 WHERE payment_id = ?1")?.execute([payment])?;
    let reference = reference.trim();
    if reference.len() >= LEAST_CUT {
        tx.prepare_cached(
            "UPDATE charges SET look = 1 WHERE payment_id IS NULL AND remote_id >= ?1 AND remote_id <= ?1 || char(1114111)",
        )?
        .execute([reference])?;
    }
    Ok(())
}

/// Notes that a charge was looked at.
pub fn looked_at(tx: &Connection, charge: MoneyRecordId) -> Result<()> {
    tx.prepare_cached("UPDATE charges SET look = 0 WHERE id = ?1")?.execute([charge])?;
    Ok(())
}

/// Charges of a connection to look at, oldest first.
pub fn to_look_at(db: &Connection, connection: ConnectionId) -> Result<Vec<MoneyRecordId>> {
    let mut statement =
        db.prepare_cached("SELECT id FROM charges WHERE connection_id = ?1 AND look = 1 ORDER BY created_at, row")?;
    Ok(statement.query_map([connection], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?)
}

/// What disputes of a charge took for good.
pub fn lost(db: &Connection, connection: ConnectionId, remote: &RemoteId, currency: Currency) -> Result<Money> {
    let minor: i64 = db
        .prepare_cached(
            "SELECT COALESCE(SUM(amount_minor), 0) FROM disputes
             WHERE connection_id = ?1 AND charge_remote_id = ?2 AND outcome = 'lost' AND currency = ?3",
        )?
        .query_row(params![connection, remote.0, currency.code()], |row| row.get(0))?;
    Ok(Money::from_minor(minor, currency))
}

/// The charge that a payment is the match of.
pub fn charge_of(db: &Connection, payment: PaymentId) -> Result<Option<MoneyRecordId>> {
    Ok(db
        .prepare_cached("SELECT id FROM charges WHERE payment_id = ?1 LIMIT 1")?
        .query_row([payment], |row| row.get(0))
        .optional()?)
}

/// Where candidates are looked for.
#[derive(Debug, Clone, Copy)]
pub struct Search<'a> {
    /// The charge's id at the processor.
    pub remote: &'a RemoteId,
    /// In which currency.
    pub currency: Currency,
    /// The invoice it names.
    pub invoice: Option<InvoiceId>,
    /// The charge's day.
    pub day: NaiveDate,
    /// So many days around it.
    pub days: i64,
}

/// Payments in force that no charge is matched with: with the charge's reference, whole or cut; of the invoice; and of its customer
/// around the day. Oldest first.
pub fn candidates(db: &Connection, search: &Search<'_>) -> Result<Vec<Candidate>> {
    let span = TimeDelta::days(search.days);
    let cut: String = search.remote.0.chars().take(LEAST_CUT).collect();
    let mut statement = db.prepare_cached(
        "SELECT p.id, p.received_on, p.currency, p.amount_minor, p.unapplied_minor, p.reference, p.method,
             COALESCE((SELECT a.amount_minor FROM payment_applications a
                 WHERE a.payment_id = p.id AND a.invoice_id = ?2), 0) AS on_invoice_minor,
             length(p.reference) >= ?7 AND EXISTS (SELECT 1 FROM charges c
                 WHERE c.remote_id <> ?1 AND c.remote_id = p.reference) AS of_another
         FROM payments p
         WHERE p.id IN (
                 SELECT id FROM payments WHERE reference <> '' AND reference >= ?6 AND reference <= ?1
                     AND (reference = ?1 OR length(reference) >= ?7) AND substr(?1, 1, length(reference)) = reference
                 UNION SELECT payment_id FROM payment_applications WHERE invoice_id = ?2
                 UNION SELECT id FROM payments
                     WHERE customer_id = (SELECT customer_id FROM invoices WHERE id = ?2)
                         AND received_on BETWEEN ?4 AND ?5)
             AND p.voided = 0 AND p.currency = ?3
             AND NOT EXISTS (SELECT 1 FROM charges c WHERE c.payment_id = p.id)
         ORDER BY p.received_on, p.id",
    )?;
    let rows = statement.query_map(
        params![
            search.remote.0,
            search.invoice,
            search.currency.code(),
            search.day.checked_sub_signed(span).unwrap_or(search.day),
            search.day.checked_add_signed(span).unwrap_or(search.day),
            cut,
            i64::try_from(LEAST_CUT).unwrap_or(i64::MAX),
        ],
        candidate,
    )?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

fn candidate(row: &Row<'_>) -> rusqlite::Result<Candidate> {
    let currency = currency(row, "currency")?;
    Ok(Candidate {
        id: row.get("id")?,
        received_on: row.get("received_on")?,
        amount: amount(row, "amount_minor", currency)?,
        on_invoice: amount(row, "on_invoice_minor", currency)?,
        unapplied: amount(row, "unapplied_minor", currency)?,
        reference: row.get("reference")?,
        method: row.get("method")?,
        of_another: row.get("of_another")?,
    })
}
