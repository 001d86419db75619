//! What both sides have, day by day: the rows here that belong to a connection, and the newest audit with its findings.

use super::history::moment;
use super::{Db, Tx};
use crate::event::Tag;
use crate::ids::{ConnectionId, FindingId};
use crate::view::FieldChange;
use crate::{Error, Result};
use chrono::{DateTime, NaiveDate, Utc};
use connector_contract::{RecordKind, RemoteId};
use rusqlite::{OptionalExtension as _, Row, params};

/// A record here that the connection has, or should have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LocalRow {
    /// Local id.
    pub local_id: String,
    /// The day as a date, or the moment the day follows from; empty for kinds without one.
    pub at: String,
    /// Its amount; zero for kinds without one.
    pub minor: i64,
    /// Currency of the amount; empty for kinds without one.
    pub currency: String,
    /// Archived, voided or cancelled here.
    pub retired: bool,
    /// The vendor's id, where it is linked.
    pub remote_id: Option<RemoteId>,
    /// A change of it waits to be sent.
    pub waiting: bool,
}

/// Table and columns of a kind: day, amount, currency, retired, worth sending without a link, within the span.
fn columns(kind: RecordKind) -> (&'static str, &'static str) {
    match kind {
        RecordKind::Customer => ("'', 0, '', t.archived FROM customers t", "t.archived = 0 AND ?3 <> '' AND ?4 <> ''"),
        RecordKind::Item => ("'', 0, '', t.archived FROM items t", "t.archived = 0 AND ?3 <> '' AND ?4 <> ''"),
        RecordKind::Invoice => (
            "t.issued_on, t.total_minor, t.currency, t.status = 'void' FROM invoices t",
            "t.status = 'open' AND t.issued_on BETWEEN ?3 AND ?4
                 AND (t.balance_minor <> 0 OR t.created_at >= (SELECT created_at FROM connections WHERE id = ?1))",
        ),
        RecordKind::Payment => (
            "t.received_on, t.amount_minor, t.currency, t.voided FROM payments t",
            "t.voided = 0 AND t.received_on BETWEEN ?3 AND ?4",
        ),
        RecordKind::Order => (
            "t.ordered_at, t.total_minor, t.currency, t.status = 'cancelled' FROM orders t",
            "t.source = 'owner' AND t.status IN ('awaiting_payment', 'open', 'on_hold', 'partly_shipped')
                 AND t.ordered_at BETWEEN ?3 AND ?4",
        ),
        // A parcel without a known cost has no currency either; one without a day is in no list by day.
        RecordKind::Shipment => (
            "t.shipped_on, coalesce(t.cost_minor, 0), iif(t.cost_minor IS NULL, '', t.currency), t.voided FROM shipments t",
            "0 AND ?3 <> ?4",
        ),
        RecordKind::Refund => ("t.created_at, t.amount_minor, t.currency, 0 FROM refunds t", "0 AND ?3 <> ?4"),
        RecordKind::Dispute => ("t.created_at, t.amount_minor, t.currency, 0 FROM disputes t", "0 AND ?3 <> ?4"),
        RecordKind::BalanceEntry => {
            ("t.created_at, t.net_minor, t.currency, 0 FROM balance_entries t", "0 AND ?3 <> ?4")
        }
        RecordKind::Charge => ("t.created_at, t.amount_minor, t.currency, 0 FROM charges t", "0 AND ?3 <> ?4"),
        RecordKind::Payout => ("t.created_at, t.amount_minor, t.currency, 0 FROM payouts t", "0 AND ?3 <> ?4"),
    }
}

/// What is within the span for records that are linked.
fn span(kind: RecordKind) -> &'static str {
    match kind {
        RecordKind::Invoice => "t.status <> 'draft' AND t.issued_on BETWEEN ?3 AND ?4",
        RecordKind::Payment => "t.received_on BETWEEN ?3 AND ?4",
        RecordKind::Order => "t.ordered_at BETWEEN ?3 AND ?4",
        RecordKind::Shipment => "t.shipped_on BETWEEN ?3 AND ?4",
        RecordKind::Charge
        | RecordKind::Refund
        | RecordKind::Dispute
        | RecordKind::Payout
        | RecordKind::BalanceEntry => "t.created_at BETWEEN ?3 AND ?4",
        RecordKind::Customer | RecordKind::Item => "1",
    }
}

/// Records of a kind that are linked with the connection, and where `sends` those that should be. The span is in days for
/// kinds with a day and in moments for kinds with a time.
pub fn local_rows(
    db: &Db<'_>,
    connection: ConnectionId,
    kind: RecordKind,
    sends: bool,
    from: &str,
    to: &str,
) -> Result<Vec<LocalRow>> {
    let (select, unsent) = columns(kind);
    let span = span(kind);
    let (head, table) = select.split_once(" FROM ").ok_or_else(|| Error::Bug("a query without a table".into()))?;
    let mut statement = db.prepare(&format!(
        "SELECT t.id, {head}, l.remote_id, EXISTS (
             SELECT 1 FROM outbox o WHERE o.kind = ?2 AND o.local_id = t.id AND o.connection_id = ?1),
             coalesce(l.archived_here, 0)
         FROM {table} LEFT JOIN links l ON l.kind = ?2 AND l.local_id = t.id AND l.connection_id = ?1 AND l.deleted = 0
         WHERE (l.remote_id IS NOT NULL AND {span}) OR (l.remote_id IS NULL AND ?5 AND {unsent} AND t.id NOT IN (
             SELECT d.local_id FROM links d WHERE d.connection_id = ?1 AND d.kind = ?2 AND d.deleted = 1))
         ORDER BY t.id"
    ))?;
    let rows = statement.query_map(params![connection, kind.as_str(), from, to, sends], |row| {
        Ok(LocalRow {
            local_id: row.get(0)?,
            at: row.get(1)?,
            minor: row.get(2)?,
            currency: row.get(3)?,
            // Archived here alone, it is in use for the vendor.
            retired: row.get(4)? && !row.get::<_, bool>(7)?,
            remote_id: row.get::<_, Option<String>>(5)?.map(RemoteId),
            waiting: row.get(6)?,
        })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Whether the record waits to be applied here: it could not be, or the owner's look at a preview keeps it back.
pub fn is_waiting(db: &Db<'_>, connection: ConnectionId, kind: RecordKind, remote: &RemoteId) -> Result<bool> {
    Ok(db
        .prepare_cached(
            "SELECT EXISTS (SELECT 1 FROM parked WHERE connection_id = ?1 AND kind = ?2 AND remote_id = ?3)
                 OR EXISTS (SELECT 1 FROM set_aside WHERE connection_id = ?1 AND kind = ?2 AND remote_id = ?3)",
        )?
        .query_row(params![connection, kind.as_str(), remote.0], |row| row.get(0))?)
}

/// An audit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Audit {
    /// When (RFC 3339, UTC).
    pub checked_at: String,
    /// First day.
    pub from_day: String,
    /// Last day.
    pub to_day: String,
    /// Why it could not be finished; empty when it could.
    pub error: String,
}

/// Counts and sums of a kind on a day in a currency.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DayRow {
    /// Kind of record.
    pub kind: String,
    /// Day; empty for kinds without one.
    pub day: String,
    /// Currency; empty for kinds without amounts.
    pub currency: String,
    /// Records here.
    pub here_count: u32,
    /// Their sum.
    pub here_minor: i64,
    /// Records there.
    pub there_count: u32,
    /// Their sum.
    pub there_minor: i64,
    /// Records on their way, which explain a difference.
    pub waiting_count: u32,
}

/// A difference.
#[derive(Debug, Clone, PartialEq)]
pub struct FindingRow {
    /// Position, for pages.
    pub row: i64,
    /// Id.
    pub id: FindingId,
    /// Which connection.
    pub connection_id: ConnectionId,
    /// Kind of record.
    pub kind: String,
    /// Stored name of the cause.
    pub cause: String,
    /// Local id, where it is here.
    pub local_id: Option<String>,
    /// The vendor's id, where it is there.
    pub remote_id: Option<String>,
    /// Name or number.
    pub title: String,
    /// Its day; empty for kinds without one.
    pub day: String,
    /// Amount here.
    pub here_minor: Option<i64>,
    /// Amount there.
    pub there_minor: Option<i64>,
    /// Currency of the amounts; empty without one.
    pub currency: String,
    /// What differs: here, then there.
    pub fields: Vec<FieldChange>,
    /// When it was mended (RFC 3339, UTC).
    pub fixed_at: Option<String>,
    /// What came of that.
    pub outcome: String,
}

/// Keeps an audit in place of the one before.
pub fn replace(
    tx: &Tx<'_>,
    connection: ConnectionId,
    days: (NaiveDate, NaiveDate),
    rows: &[DayRow],
    findings: &[FindingRow],
    now: DateTime<Utc>,
) -> Result<()> {
    clear(tx, connection)?;
    note(tx, connection, days, "", now)?;
    for row in rows {
        tx.prepare_cached(
            "INSERT INTO audit_days (connection_id, kind, day, currency, here_count, here_minor, there_count, there_minor,
                 waiting_count) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        )?
        .execute(params![
            connection,
            row.kind,
            row.day,
            row.currency,
            row.here_count,
            row.here_minor,
            row.there_count,
            row.there_minor,
            row.waiting_count,
        ])?;
    }
    for finding in findings {
        tx.prepare_cached(
            "INSERT INTO audit_findings (id, connection_id, kind, cause, local_id, remote_id, title, day, here_minor,
                 there_minor, currency, fields) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
        )?
        .execute(params![
            finding.id,
            connection,
            finding.kind,
            finding.cause,
            finding.local_id,
            finding.remote_id,
            finding.title,
            finding.day,
            finding.here_minor,
            finding.there_minor,
            finding.currency,
            serde_json::to_string(&finding.fields)?,
        ])?;
    }
    Ok(())
}

/// Notes when a connection was audited, and why that failed where it did; what an earlier one found stays.
pub fn note(
    tx: &Tx<'_>,
    connection: ConnectionId,
    (from, to): (NaiveDate, NaiveDate),
    error: &str,
    now: DateTime<Utc>,
) -> Result<()> {
    tx.execute(
        "INSERT INTO audits (connection_id, checked_at, from_day, to_day, error) VALUES (?1, ?2, ?3, ?4, ?5)
         ON CONFLICT (connection_id) DO UPDATE SET checked_at = ?2, from_day = ?3, to_day = ?4, error = ?5",
        params![connection, moment(now), from.to_string(), to.to_string(), error],
    )?;
    tx.changed(Tag::Audits);
    Ok(())
}

fn clear(tx: &Tx<'_>, connection: ConnectionId) -> Result<()> {
    tx.execute("DELETE FROM audit_days WHERE connection_id = ?1", [connection])?;
    tx.execute("DELETE FROM audit_findings WHERE connection_id = ?1", [connection])?;
    Ok(())
}

/// The newest audit of a connection.
pub fn get(db: &Db<'_>, connection: ConnectionId) -> Result<Option<Audit>> {
    Ok(db
        .prepare_cached("SELECT checked_at, from_day, to_day, error FROM audits WHERE connection_id = ?1")?
        .query_row([connection], |row| {
            Ok(Audit { checked_at: row.get(0)?, from_day: row.get(1)?, to_day: row.get(2)?, error: row.get(3)? })
        })
        .optional()?)
}

/// When a connection was last audited, or made if it never was, and whether that could be finished.
pub fn last_checked(db: &Db<'_>, connection: ConnectionId) -> Result<Option<(String, bool)>> {
    Ok(db
        .prepare_cached(
            "SELECT coalesce(a.checked_at, c.created_at), coalesce(a.error, '') = ''
             FROM connections c LEFT JOIN audits a ON a.connection_id = c.id WHERE c.id = ?1",
        )?
        .query_row([connection], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?)
}

/// Its days, newest day first.
pub fn days(db: &Db<'_>, connection: ConnectionId) -> Result<Vec<DayRow>> {
    let mut statement = db.prepare_cached(
        "SELECT kind, day, currency, here_count, here_minor, there_count, there_minor, waiting_count
         FROM audit_days WHERE connection_id = ?1 ORDER BY kind, day DESC, currency",
    )?;
    let rows = statement.query_map([connection], |row| {
        Ok(DayRow {
            kind: row.get(0)?,
            day: row.get(1)?,
            currency: row.get(2)?,
            here_count: row.get(3)?,
            here_minor: row.get(4)?,
            there_count: row.get(5)?,
            there_minor: row.get(6)?,
            waiting_count: row.get(7)?,
        })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// How many findings of a connection are still to be mended, by kind and day.
pub fn open_counts(db: &Db<'_>, connection: ConnectionId) -> Result<Vec<(String, String, u32)>> {
    let mut statement = db.prepare_cached(
        "SELECT kind, day, count(*) FROM audit_findings WHERE connection_id = ?1 AND fixed_at IS NULL GROUP BY kind, day",
    )?;
    let rows = statement.query_map([connection], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

const FINDING: &str = "row, id, connection_id, kind, cause, local_id, remote_id, title, day, here_minor, there_minor, \
                       currency, fields, fixed_at, outcome";

fn read(row: &Row<'_>) -> rusqlite::Result<FindingRow> {
    let fields: String = row.get(12)?;
    Ok(FindingRow {
        row: row.get(0)?,
        id: row.get(1)?,
        connection_id: row.get(2)?,
        kind: row.get(3)?,
        cause: row.get(4)?,
        local_id: row.get(5)?,
        remote_id: row.get(6)?,
        title: row.get(7)?,
        day: row.get(8)?,
        here_minor: row.get(9)?,
        there_minor: row.get(10)?,
        currency: row.get(11)?,
        fields: serde_json::from_str(&fields).map_err(|error| rusqlite::Error::UserFunctionError(Box::new(error)))?,
        fixed_at: row.get(13)?,
        outcome: row.get(14)?,
    })
}

/// One finding.
pub fn finding(db: &Db<'_>, id: FindingId) -> Result<Option<FindingRow>> {
    let mut statement = db.prepare_cached(&format!("SELECT {FINDING} FROM audit_findings WHERE id = ?1"))?;
    Ok(statement.query_row([id], read).optional()?)
}

/// Findings after a position, in order.
pub fn findings(db: &Db<'_>, after: i64, limit: u32) -> Result<Vec<FindingRow>> {
    let mut statement =
        db.prepare_cached(&format!("SELECT {FINDING} FROM audit_findings WHERE row > ?1 ORDER BY row LIMIT ?2"))?;
    Ok(statement.query_map(params![after, limit], read)?.collect::<rusqlite::Result<_>>()?)
}

/// Marks a finding as mended, with what came of it.
pub fn mark_fixed(tx: &Tx<'_>, id: FindingId, outcome: &str, now: DateTime<Utc>) -> Result<()> {
    tx.execute(
        "UPDATE audit_findings SET fixed_at = ?2, outcome = ?3 WHERE id = ?1",
        params![id, moment(now), outcome],
    )?;
    tx.changed(Tag::Audits);
    Ok(())
}
