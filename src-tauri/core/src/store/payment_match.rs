//! Payments of ours that may be one of the vendor's, and payments that a vendor has twice.
//!
//! Absent on purpose: what speaks for two being one (`sync`), and charges (`charge_match`).

use super::Db;
use super::columns::Json;
use crate::Result;
use crate::ids::ConnectionId;
use crate::sync::merge::record_of;
use backroom_money::Money;
use chrono::{NaiveDate, TimeDelta};
use connector_contract::{Record, RecordKind, RemoteId, record};
use rusqlite::{OptionalExtension as _, params};

/// A payment here that may be one of theirs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LikePayment {
    /// Local id.
    pub id: String,
    /// Its reference.
    pub reference: String,
    /// Day received.
    pub received_on: NaiveDate,
    /// The whole amount.
    pub amount: Money,
    /// A charge is matched with it.
    pub of_charge: bool,
    /// Invoices it pays.
    pub invoices: Vec<String>,
    /// It was sent, and nobody knows yet whether it arrived.
    pub unsettled: bool,
}

/// Where payments like one of theirs are looked for.
#[derive(Debug, Clone, Copy)]
pub struct Near<'a> {
    /// Its day.
    pub day: NaiveDate,
    /// So many days around it.
    pub days: i64,
    /// Its amount.
    pub amount: Money,
    /// Its reference.
    pub reference: &'a str,
}

/// Payments of the vendor that came in and wait, held or deferred, and that have the amount or the long reference of one of ours.
/// They are looked through by the data file, one by one, so that only those few are taken apart.
pub fn waiting_like(db: &Db<'_>, connection: ConnectionId, local_id: &str) -> Result<Vec<(RemoteId, record::Payment)>> {
    let mut statement = db.prepare_cached(
        "SELECT w.remote_id, w.record FROM payments t CROSS JOIN (
             SELECT remote_id, record FROM set_aside
             WHERE connection_id = ?1 AND kind = 'payment' AND record IS NOT NULL
             UNION ALL SELECT remote_id, record FROM parked WHERE connection_id = ?1 AND kind = 'payment') w
         WHERE t.id = ?2 AND (CAST(json_extract(w.record, '$.amount.minor') AS INTEGER) = t.amount_minor
             OR (length(t.reference) >= 16
                 AND substr(json_extract(w.record, '$.reference'), 1, 16) = substr(t.reference, 1, 16)))
             AND NOT EXISTS (SELECT 1 FROM links l
                 WHERE l.connection_id = ?1 AND l.kind = 'payment' AND l.remote_id = w.remote_id)",
    )?;
    let mut rows = statement.query(params![connection, local_id])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let fields = serde_json::from_str(&row.get::<_, String>(1)?)?;
        if let Record::Payment(payment) = record_of(RecordKind::Payment, fields)? {
            found.push((RemoteId(row.get(0)?), payment));
        }
    }
    Ok(found)
}

/// Two payments in force that the connection has as two, with one amount and one long reference, whole or cut: this one and another,
/// the earlier one of this file first. Not where the owner said that they are two.
pub fn there_twice(db: &Db<'_>, connection: ConnectionId, local_id: &str) -> Result<Option<(String, String)>> {
    Ok(db
        .prepare_cached(
            "SELECT iif(a.row < b.row, a.id, b.id), iif(a.row < b.row, b.id, a.id)
             FROM payments a JOIN payments b ON b.id <> a.id AND +b.amount_minor = a.amount_minor AND b.currency = a.currency
                 AND b.reference <> '' AND b.reference >= substr(a.reference, 1, 16)
                 AND b.reference < substr(a.reference, 1, 16) || char(0x10FFFF)
                 AND length(b.reference) >= 16
                 AND (substr(a.reference, 1, length(b.reference)) = b.reference
                     OR substr(b.reference, 1, length(a.reference)) = a.reference)
             WHERE a.id = ?2 AND length(a.reference) >= 16 AND a.voided = 0 AND b.voided = 0
                 AND EXISTS (SELECT 1 FROM links l WHERE l.connection_id = ?1 AND l.kind = 'payment'
                     AND l.local_id = a.id AND l.deleted = 0)
                 AND EXISTS (SELECT 1 FROM links l WHERE l.connection_id = ?1 AND l.kind = 'payment'
                     AND l.local_id = b.id AND l.deleted = 0)
                 AND NOT EXISTS (SELECT 1 FROM pair_words w WHERE w.same = 0 AND w.local_id IN (a.id, b.id))
             LIMIT 1",
        )?
        .query_row(params![connection, local_id], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?)
}

/// Payments in force that the connection does not know yet: of this customer and amount around the day, and of whomever with this
/// reference, whole or cut, because an invoice may have moved to another customer since. Those of the day come first, then the oldest.
pub fn payments_like(
    db: &Db<'_>,
    connection: ConnectionId,
    customer: Option<&str>,
    near: &Near<'_>,
) -> Result<Vec<LikePayment>> {
    let Near { day, days, amount, reference } = *near;
    // One that is cancelled here still counts while nobody knows whether it arrived.
    let mut statement = db.prepare_cached(
        "SELECT t.id, t.reference,
             (SELECT json_group_array(a.invoice_id) FROM payment_applications a WHERE a.payment_id = t.id),
             EXISTS (SELECT 1 FROM outbox o WHERE o.kind = 'payment' AND o.local_id = t.id AND o.connection_id = ?1
                 AND o.state IN ('sending', 'unknown')) AS unsettled,
             t.received_on, t.amount_minor, EXISTS (SELECT 1 FROM charges c WHERE c.payment_id = t.id)
         FROM payments t WHERE t.currency = ?5 AND t.row IN (
                 SELECT row FROM payments
                 WHERE customer_id = ?2 AND amount_minor = ?4 AND received_on BETWEEN ?6 AND ?7
                 UNION
                 SELECT row FROM payments
                 WHERE reference <> '' AND reference >= substr(?8, 1, 16) AND reference < substr(?8, 1, 16) || char(0x10FFFF)
                     AND length(?8) >= 16 AND length(reference) >= 16
                     AND (substr(reference, 1, length(?8)) = ?8 OR substr(?8, 1, length(reference)) = reference))
             AND (t.voided = 0 OR unsettled) AND NOT EXISTS (SELECT 1 FROM links l
                 WHERE l.connection_id = ?1 AND l.kind = 'payment' AND l.local_id = t.id AND l.deleted = 0)
         ORDER BY t.received_on <> ?3, t.created_at, t.id",
    )?;
    let span = TimeDelta::days(days);
    let currency = amount.currency();
    let rows = statement.query_map(
        params![
            connection,
            customer,
            day,
            amount.minor(),
            currency.code(),
            day.checked_sub_signed(span).unwrap_or(day),
            day.checked_add_signed(span).unwrap_or(day),
            reference
        ],
        |row| {
            Ok(LikePayment {
                id: row.get(0)?,
                reference: row.get(1)?,
                invoices: row.get::<_, Json<_>>(2)?.0,
                unsettled: row.get(3)?,
                received_on: row.get(4)?,
                amount: Money::from_minor(row.get(5)?, currency),
                of_charge: row.get(6)?,
            })
        },
    )?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}
