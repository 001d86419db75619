//! Payments with what they pay.
//!
//! Absent on purpose: what follows from a change (ledger, history, invoices' balances); `payments::write` does that.

use super::history::moment;
use super::money::{amount, currency, named};
use crate::Result;
use crate::ids::{InvoiceId, PaymentId};
use crate::payments::{Applied, DepositTo, Payment};
use backroom_money::{Currency, Money};
use rusqlite::{Connection, OptionalExtension as _, Row, named_params, params};

/// One payment, whole.
pub fn get(db: &Connection, id: PaymentId) -> Result<Option<Payment>> {
    let found =
        db.prepare_cached("SELECT * FROM payments WHERE id = ?1")?.query_row([id], payment_without_parts).optional()?;
    let Some(mut payment) = found else { return Ok(None) };
    payment.applied = applied(db, id, payment.currency())?;
    Ok(Some(payment))
}

/// Payments in force that pay this invoice with how much, newest first.
pub fn applied_to(db: &Connection, id: InvoiceId, currency: Currency) -> Result<Vec<(PaymentId, Money)>> {
    let mut statement = db.prepare_cached(
        "SELECT a.payment_id, a.amount_minor FROM payment_applications a JOIN payments p ON p.id = a.payment_id
         WHERE a.invoice_id = ?1 ORDER BY p.received_on DESC, p.row DESC",
    )?;
    let rows = statement.query_map([id], |row| Ok((row.get(0)?, amount(row, "amount_minor", currency)?)))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Adds a payment with what it pays.
pub fn insert(tx: &Connection, payment: &Payment) -> Result<()> {
    put(
        tx,
        payment,
        "INSERT INTO payments (id, version, customer_id, customer_name, received_on, amount_minor, unapplied_minor, currency, method,
             reference, note, deposit_to, voided, source, created_at, updated_at)
         VALUES (:id, :version, :customer_id,
             (SELECT display_name FROM customers WHERE id = :customer_id), :received_on, :amount, :unapplied, :currency, :method,
             :reference, :note, :deposit_to, :voided, :source, :created_at, :updated_at)",
    )
}

/// Replaces a payment with what it pays.
pub fn update(tx: &Connection, payment: &Payment) -> Result<()> {
    tx.prepare_cached("DELETE FROM payment_applications WHERE payment_id = ?1")?.execute([payment.id])?;
    put(
        tx,
        payment,
        "UPDATE payments SET version = :version, customer_id = :customer_id,
             customer_name = (SELECT display_name FROM customers WHERE id = :customer_id), received_on = :received_on,
             amount_minor = :amount, unapplied_minor = :unapplied, currency = :currency, method = :method,
             reference = :reference, note = :note, deposit_to = :deposit_to, voided = :voided, source = :source,
             created_at = :created_at, updated_at = :updated_at
         WHERE id = :id",
    )
}

fn put(tx: &Connection, payment: &Payment, sql: &str) -> Result<()> {
    tx.prepare_cached(sql)?.execute(named_params! {
        ":id": payment.id,
        ":version": payment.version,
        ":customer_id": payment.customer_id,
        ":received_on": payment.received_on,
        ":amount": payment.amount.minor(),
        ":unapplied": payment.unapplied()?.minor(),
        ":currency": payment.currency().code(),
        ":method": payment.method,
        ":reference": payment.reference,
        ":note": payment.note,
        ":deposit_to": payment.deposit_to.as_str(),
        ":voided": payment.voided,
        ":source": payment.source,
        ":created_at": moment(payment.created_at),
        ":updated_at": moment(payment.updated_at),
    })?;
    let mut insert = tx.prepare_cached(
        "INSERT INTO payment_applications (payment_id, invoice_id, amount_minor) VALUES (?1, ?2, ?3)",
    )?;
    for part in &payment.applied {
        insert.execute(params![payment.id, part.invoice_id, part.amount.minor()])?;
    }
    Ok(())
}

fn payment_without_parts(row: &Row<'_>) -> rusqlite::Result<Payment> {
    let currency = currency(row, "currency")?;
    Ok(Payment {
        id: row.get("id")?,
        version: row.get("version")?,
        customer_id: row.get("customer_id")?,
        received_on: row.get("received_on")?,
        amount: amount(row, "amount_minor", currency)?,
        method: row.get("method")?,
        reference: row.get("reference")?,
        note: row.get("note")?,
        applied: Vec::new(),
        deposit_to: named(row, "deposit_to", |name| {
            [DepositTo::Bank, DepositTo::Processor].into_iter().find(|to| to.as_str() == name)
        })?,
        voided: row.get("voided")?,
        source: row.get("source")?,
        created_at: row.get("created_at")?,
        updated_at: row.get("updated_at")?,
    })
}

fn applied(db: &Connection, id: PaymentId, currency: Currency) -> Result<Vec<Applied>> {
    let mut statement = db.prepare_cached(
        "SELECT invoice_id, amount_minor FROM payment_applications WHERE payment_id = ?1 ORDER BY invoice_id",
    )?;
    let rows = statement.query_map([id], |row| {
        Ok(Applied { invoice_id: row.get(0)?, amount: amount(row, "amount_minor", currency)? })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}
