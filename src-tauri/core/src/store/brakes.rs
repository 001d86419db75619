//! What the brake weighs: how much of a kind exists on both sides, what waits to be sent of it, and what a reading from the
//! start once brought.

use super::history::moment;
use super::{Db, Tx, outbox};
use crate::Result;
use crate::ids::ConnectionId;
use crate::sync::merge::Agreed;
use backroom_money::Money;
use chrono::{DateTime, Utc};
use connector_contract::RecordKind;
use rusqlite::{OptionalExtension as _, params};
use std::collections::BTreeMap;

/// What exists on both sides of a kind.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Live {
    /// Records.
    pub count: u32,
    /// Documents in force by currency: how many, and their sum in minor units.
    pub money: BTreeMap<String, (u32, i64)>,
}

/// Table, amount and condition of the kinds with amounts that can be voided.
const fn amounts(kind: RecordKind) -> Option<(&'static str, &'static str, &'static str)> {
    Some(match kind {
        RecordKind::Invoice => ("invoices", "total_minor", "status <> 'void'"),
        RecordKind::Payment => ("payments", "amount_minor", "voided = 0"),
        RecordKind::Order => ("orders", "total_minor", "status <> 'cancelled'"),
        _ => return None,
    })
}

/// What exists of a kind on both sides.
pub fn live(db: &Db<'_>, connection: ConnectionId, kind: RecordKind) -> Result<Live> {
    let mut live = Live { count: super::links::count_live(db, connection, kind)?, money: BTreeMap::new() };
    let Some((table, amount, in_force)) = amounts(kind) else { return Ok(live) };
    let mut statement = db.prepare_cached(&format!(
        "SELECT currency, count(*), sum({amount}) FROM {table} WHERE {in_force} AND id IN (
             SELECT local_id FROM links WHERE connection_id = ?1 AND kind = ?2 AND deleted = 0) GROUP BY currency"
    ))?;
    let mut rows = statement.query(params![connection, kind.as_str()])?;
    while let Some(row) = rows.next()? {
        live.money.insert(row.get(0)?, (row.get(1)?, row.get(2)?));
    }
    Ok(live)
}

/// The amount of one of our documents; `None` for kinds without one.
pub fn amount(db: &Db<'_>, kind: RecordKind, local_id: &str) -> Result<Option<Money>> {
    let Some((table, amount, _)) = amounts(kind) else { return Ok(None) };
    let found: Option<(i64, String)> = db
        .prepare_cached(&format!("SELECT {amount}, currency FROM {table} WHERE id = ?1"))?
        .query_row([local_id], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    Ok(found.and_then(|(minor, code)| Some(Money::from_minor(minor, code.parse().ok()?))))
}

/// Whether one of our customers or items is out of use.
pub fn is_archived(db: &Db<'_>, kind: RecordKind, local_id: &str) -> Result<bool> {
    let query = match kind {
        RecordKind::Customer => "SELECT archived FROM customers WHERE id = ?1",
        RecordKind::Item => "SELECT archived FROM items WHERE id = ?1",
        _ => return Ok(false),
    };
    Ok(db.prepare_cached(query)?.query_row([local_id], |row| row.get(0)).optional()?.unwrap_or_default())
}

/// A change or retirement about to be sent of a record that exists over there.
#[derive(Debug, Clone)]
pub struct Due {
    /// Kind of record.
    pub kind: RecordKind,
    /// Local id.
    pub local_id: String,
    /// It is a retirement.
    pub retire: bool,
    /// What both sides last agreed on.
    pub agreed: Option<Agreed>,
}

/// What is due of a connection, but for what the owner keeps back.
pub fn due(db: &Db<'_>, connection: ConnectionId, now: DateTime<Utc>) -> Result<Vec<Due>> {
    let mut statement = db.prepare_cached(
        "SELECT o.kind, o.local_id, max(o.operation = 'retire'), l.snapshot FROM outbox o
         JOIN links l ON l.connection_id = o.connection_id AND l.kind = o.kind AND l.local_id = o.local_id AND l.deleted = 0
         WHERE o.connection_id = ?1 AND o.operation <> 'create' AND o.state IN ('waiting', 'retrying')
             AND (o.next_attempt_at IS NULL OR o.next_attempt_at <= ?2)
             AND NOT EXISTS (SELECT 1 FROM sync_decisions d WHERE d.connection_id = o.connection_id
                 AND d.direction = 'out' AND d.kind = o.kind AND d.record = o.local_id)
         GROUP BY o.kind, o.local_id",
    )?;
    let mut rows = statement.query(params![connection, moment(now)])?;
    let mut due = Vec::new();
    while let Some(row) = rows.next()? {
        let snapshot: Option<String> = row.get(3)?;
        due.push(Due {
            kind: outbox::kind(&row.get::<_, String>(0)?)?,
            local_id: row.get(1)?,
            retire: row.get(2)?,
            agreed: snapshot.map(|text| serde_json::from_str(&text)).transpose()?,
        });
    }
    Ok(due)
}

/// Notes that reading a stream from its start brought a record of this kind.
pub fn note_full_read(tx: &Tx<'_>, connection: ConnectionId, stream: &str, kind: RecordKind) -> Result<()> {
    tx.prepare_cached("INSERT OR IGNORE INTO full_reads (connection_id, stream, kind) VALUES (?1, ?2, ?3)")?
        .execute(params![connection, stream, kind.as_str()])?;
    Ok(())
}

/// How many records exist on both sides of the kinds that reading a stream from its start once brought.
pub fn expected(db: &Db<'_>, connection: ConnectionId, stream: &str) -> Result<u32> {
    Ok(db
        .prepare_cached(
            "SELECT count(*) FROM links l JOIN full_reads f ON f.connection_id = l.connection_id AND f.kind = l.kind
             WHERE f.connection_id = ?1 AND f.stream = ?2 AND l.deleted = 0",
        )?
        .query_row(params![connection, stream], |row| row.get(0))?)
}
