//! Local id ↔ remote id, with what both sides last agreed on. A deleted link is a tombstone: it keeps a record that was deleted
//! over there from coming back and from being sent again.

use super::history::moment;
use super::{Db, Tx};
use crate::ids::ConnectionId;
use crate::sync::merge::Agreed;
use crate::text::{same_key, search_key};
use crate::{Error, Result};
use chrono::{DateTime, Utc};
use connector_contract::{RecordKind, RemoteId, RemoteVersion, Safeguard};
use rusqlite::{OptionalExtension as _, Row, params};

/// A link.
#[derive(Debug, Clone, PartialEq)]
pub struct Link {
    /// Which connection.
    pub connection_id: ConnectionId,
    /// Kind of record.
    pub kind: RecordKind,
    /// The vendor's id.
    pub remote_id: RemoteId,
    /// Our id.
    pub local_id: String,
    /// The vendor's version as last seen.
    pub version: Option<RemoteVersion>,
    /// What both sides last agreed on; `None` when only the ids are known.
    pub agreed: Option<Agreed>,
    /// The record is gone over there.
    pub deleted: bool,
    /// Of a tombstone: it no longer keeps the record from being sent, as a new one.
    pub released: bool,
    /// Of a tombstone: the record that it was merged into over there.
    pub merged_into: Option<RemoteId>,
}

impl Link {
    /// Whether nothing may be sent for the record: it is gone over there, and nobody has said that it should be there again.
    pub const fn is_closed(&self) -> bool {
        self.deleted && !self.released
    }
}

const COLUMNS: &str = "remote_id, local_id, version, snapshot, deleted, released, merged_into";

fn read(connection_id: ConnectionId, kind: RecordKind, row: &Row<'_>) -> rusqlite::Result<Link> {
    let snapshot: Option<String> = row.get(3)?;
    Ok(Link {
        connection_id,
        kind,
        remote_id: RemoteId(row.get(0)?),
        local_id: row.get(1)?,
        version: row.get::<_, Option<String>>(2)?.map(RemoteVersion),
        agreed: snapshot
            .map(|text| serde_json::from_str(&text))
            .transpose()
            .map_err(|error| rusqlite::Error::UserFunctionError(Box::new(error)))?,
        deleted: row.get(4)?,
        released: row.get(5)?,
        merged_into: row.get::<_, Option<String>>(6)?.map(RemoteId),
    })
}

/// The link of a remote record, tombstones included.
pub fn by_remote(db: &Db<'_>, connection: ConnectionId, kind: RecordKind, remote: &RemoteId) -> Result<Option<Link>> {
    Ok(db
        .prepare_cached(&format!(
            "SELECT {COLUMNS} FROM links WHERE connection_id = ?1 AND kind = ?2 AND remote_id = ?3"
        ))?
        .query_row(params![connection, kind.as_str(), remote.0], |row| read(connection, kind, row))
        .optional()?)
}

/// The link of a local record: the live one, else its newest tombstone.
pub fn by_local(db: &Db<'_>, connection: ConnectionId, kind: RecordKind, local_id: &str) -> Result<Option<Link>> {
    Ok(db
        .prepare_cached(&format!(
            "SELECT {COLUMNS} FROM links WHERE connection_id = ?1 AND kind = ?2 AND local_id = ?3
             ORDER BY deleted, made DESC LIMIT 1"
        ))?
        .query_row(params![connection, kind.as_str(), local_id], |row| read(connection, kind, row))
        .optional()?)
}

/// The remote id of a local record, where it exists over there.
pub fn remote_of(db: &Db<'_>, connection: ConnectionId, kind: RecordKind, local_id: &str) -> Result<Option<RemoteId>> {
    Ok(by_local(db, connection, kind, local_id)?.filter(|link| !link.deleted).map(|link| link.remote_id))
}

/// The local id of a remote record, whether or not it still exists over there.
pub fn local_of(db: &Db<'_>, connection: ConnectionId, kind: RecordKind, remote: &RemoteId) -> Result<Option<String>> {
    Ok(db
        .prepare_cached("SELECT local_id FROM links WHERE connection_id = ?1 AND kind = ?2 AND remote_id = ?3")?
        .query_row(params![connection, kind.as_str(), remote.0], |row| row.get(0))
        .optional()?)
}

/// Whether a record over there is linked and was last taken over as just what it says now, and nothing of ours waits for it.
pub fn is_seen(db: &Db<'_>, connection: ConnectionId, kind: RecordKind, remote: &RemoteId, seen: &str) -> Result<bool> {
    Ok(db
        .prepare_cached(
            "SELECT EXISTS (SELECT 1 FROM links l
                 WHERE connection_id = ?1 AND kind = ?2 AND remote_id = ?3 AND deleted = 0 AND seen = ?4
                     AND NOT EXISTS (SELECT 1 FROM outbox o
                         WHERE o.kind = l.kind AND o.local_id = l.local_id AND o.connection_id = l.connection_id))",
        )?
        .query_row(params![connection, kind.as_str(), remote.0, seen], |row| row.get(0))?)
}

/// Notes what a record over there said when it was taken over, or that it has to be looked at again.
pub fn set_seen(
    tx: &Tx<'_>,
    connection: ConnectionId,
    kind: RecordKind,
    remote: &RemoteId,
    seen: Option<&str>,
) -> Result<()> {
    tx.prepare_cached(
        "UPDATE links SET seen = ?4 WHERE connection_id = ?1 AND kind = ?2 AND remote_id = ?3 AND seen IS NOT ?4",
    )?
    .execute(params![connection, kind.as_str(), remote.0, seen])?;
    Ok(())
}

/// Merges of merges followed before something must be wrong.
const MOST_MERGES: usize = 16;

/// The record of ours that a reference to a remote one means: its own, or that of the one it was merged into.
pub fn referred_local(
    db: &Db<'_>,
    connection: ConnectionId,
    kind: RecordKind,
    remote: &RemoteId,
) -> Result<Option<String>> {
    let Some(mut link) = by_remote(db, connection, kind, remote)? else { return Ok(None) };
    for _ in 0..MOST_MERGES {
        let into = link.merged_into.as_ref().filter(|_| link.deleted);
        match into.map(|into| by_remote(db, connection, kind, into)).transpose()?.flatten() {
            Some(next) => link = next,
            None => break,
        }
    }
    Ok(Some(link.local_id))
}

/// The remote record that stands for one of ours over there: its own, or the one that was merged into.
pub fn referred_remote(
    db: &Db<'_>,
    connection: ConnectionId,
    kind: RecordKind,
    local_id: &str,
) -> Result<Option<RemoteId>> {
    let Some(link) = by_local(db, connection, kind, local_id)? else { return Ok(None) };
    match link.merged_into.as_ref().filter(|_| link.deleted) {
        None => Ok((!link.deleted).then_some(link.remote_id)),
        Some(into) => match referred_local(db, connection, kind, into)? {
            Some(stays) => remote_of(db, connection, kind, &stays),
            None => Ok(None),
        },
    }
}

/// Adds or replaces a link; one that begins or lives again is the record's newest. What comes in under it is looked at again.
pub fn put(tx: &Tx<'_>, link: &Link, now: DateTime<Utc>) -> Result<()> {
    if link.deleted && Safeguard::Tombstone.is_broken() {
        tx.execute("DELETE FROM links WHERE kind = ?1 AND local_id = ?2", params![link.kind.as_str(), link.local_id])?;
        return Ok(());
    }
    let snapshot = link.agreed.as_ref().map(serde_json::to_string).transpose()?;
    tx.prepare_cached(
        "INSERT INTO links (connection_id, kind, remote_id, local_id, version, snapshot, agreed_at, deleted, released,
             merged_into, made)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10,
             (SELECT coalesce(max(made), 0) + 1 FROM links WHERE kind = ?2 AND local_id = ?4 AND connection_id = ?1))
         ON CONFLICT (connection_id, kind, remote_id) DO UPDATE SET local_id = ?4, version = ?5, snapshot = ?6,
             agreed_at = ?7, deleted = ?8, released = ?9, merged_into = ?10, seen = NULL,
             made = iif(local_id = ?4 AND (deleted = 0 OR ?8), made, excluded.made)",
    )?
    .execute(params![
        link.connection_id,
        link.kind.as_str(),
        link.remote_id.0,
        link.local_id,
        link.version.as_ref().map(|version| version.0.as_str()),
        snapshot,
        moment(now),
        link.deleted,
        link.released,
        link.merged_into.as_ref().map(|into| into.0.as_str()),
    ])?;
    Ok(())
}

/// Forgets a link: what comes under its remote id is a record of its own.
pub fn remove(tx: &Tx<'_>, link: &Link) -> Result<()> {
    tx.execute(
        "DELETE FROM links WHERE connection_id = ?1 AND kind = ?2 AND remote_id = ?3",
        params![link.connection_id, link.kind.as_str(), link.remote_id.0],
    )?;
    Ok(())
}

/// Says that a customer or item is archived here alone: over there it stays as they have it.
pub fn set_archived_here(tx: &Tx<'_>, kind: RecordKind, local_id: &str) -> Result<()> {
    tx.execute(
        "UPDATE links SET archived_here = 1 WHERE kind = ?1 AND local_id = ?2 AND deleted = 0",
        params![kind.as_str(), local_id],
    )?;
    Ok(())
}

/// A customer or item that is in use here again is no longer archived here alone: archived anew, it is so for both sides.
pub fn forget_archived_here(tx: &Tx<'_>, kind: RecordKind, local_id: &str) -> Result<()> {
    let table = match kind {
        RecordKind::Customer => "customers",
        RecordKind::Item => "items",
        _ => return Ok(()),
    };
    tx.prepare_cached(&format!(
        "UPDATE links SET archived_here = 0 WHERE kind = ?1 AND local_id = ?2 AND deleted = 0 AND archived_here = 1
             AND EXISTS (SELECT 1 FROM {table} WHERE id = ?2 AND archived = 0)"
    ))?
    .execute(params![kind.as_str(), local_id])?;
    Ok(())
}

/// Whether a record is archived here alone.
pub fn is_archived_here(db: &Db<'_>, connection: ConnectionId, kind: RecordKind, local_id: &str) -> Result<bool> {
    Ok(db
        .prepare_cached(
            "SELECT EXISTS (SELECT 1 FROM links WHERE kind = ?1 AND local_id = ?2 AND connection_id = ?3 AND deleted = 0
                 AND archived_here = 1)",
        )?
        .query_row(params![kind.as_str(), local_id, connection], |row| row.get(0))?)
}

/// How many records of a kind exist on both sides.
pub fn count_live(db: &Db<'_>, connection: ConnectionId, kind: RecordKind) -> Result<u32> {
    Ok(db
        .prepare_cached("SELECT count(*) FROM links WHERE connection_id = ?1 AND kind = ?2 AND deleted = 0")?
        .query_row(params![connection, kind.as_str()], |row| row.get(0))?)
}

/// Local records that the connection has never seen and that are worth sending: active customers and items, open invoices,
/// payments in force, open orders that were typed in here. Oldest first.
pub fn unlinked(db: &Db<'_>, connection: ConnectionId, kind: RecordKind) -> Result<Vec<String>> {
    let table = match kind {
        RecordKind::Customer => "customers t WHERE t.archived = 0",
        RecordKind::Item => "items t WHERE t.archived = 0",
        RecordKind::Invoice => "invoices t WHERE t.status = 'open' AND t.balance_minor <> 0",
        RecordKind::Payment => "payments t WHERE t.voided = 0",
        RecordKind::Order => {
            "orders t WHERE t.source = 'owner' AND t.status IN ('awaiting_payment', 'open', 'on_hold', 'partly_shipped')"
        }
        _ => return Ok(Vec::new()),
    };
    let mut statement = db.prepare(&format!(
        "SELECT t.id FROM {table} AND NOT EXISTS (
             SELECT 1 FROM links l WHERE l.connection_id = ?1 AND l.kind = ?2 AND l.local_id = t.id)
         ORDER BY t.created_at, t.id"
    ))?;
    Ok(statement.query_map(params![connection, kind.as_str()], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?)
}

/// What a local record is looked up by when the vendor's copy has no link yet.
#[derive(Debug, Clone, Copy)]
pub enum NaturalKey<'a> {
    /// A customer's name, in any writing of it.
    CustomerName(&'a str),
    /// An item's SKU.
    ItemSku(&'a str),
    /// An item's name.
    ItemName(&'a str),
    /// An issued invoice's number, and its customer.
    Invoice(&'a str, &'a str),
    /// The key an order went out under: its own id, or that of the change which makes it again.
    OrderKey(&'a str),
}

/// The oldest local record with this key that the connection does not know yet.
pub fn find_unlinked(db: &Db<'_>, connection: ConnectionId, key: NaturalKey<'_>) -> Result<Option<String>> {
    let (kind, condition, text, second) = match key {
        NaturalKey::CustomerName(name) => {
            (RecordKind::Customer, "customers t WHERE t.name_key = ?3 AND same_key(t.display_name) = ?5", name, "")
        }
        NaturalKey::ItemSku(sku) => {
            (RecordKind::Item, "items t WHERE t.sku_key = ?3 AND same_key(t.sku) = ?5", sku, "")
        }
        NaturalKey::ItemName(name) => {
            (RecordKind::Item, "items t WHERE t.name_key = ?3 AND same_key(t.name) = ?5", name, "")
        }
        NaturalKey::Invoice(number, customer) => {
            // One that is void here still counts while nobody knows whether it arrived: then it is the one that did.
            let condition =
                "invoices t WHERE t.number_key = ?3 AND same_key(t.number) = ?5 AND t.customer_id = ?4 AND (t.status = 'open' OR EXISTS (
                 SELECT 1 FROM outbox o WHERE o.kind = ?2 AND o.local_id = t.id AND o.connection_id = ?1
                     AND o.state IN ('sending', 'unknown')))";
            (RecordKind::Invoice, condition, number, customer)
        }
        NaturalKey::OrderKey(key) => {
            let condition = "orders t WHERE t.id IN (?3, (SELECT o.local_id FROM outbox o WHERE o.id = ?3))";
            (RecordKind::Order, condition, key, "")
        }
    };
    let mut statement = db.prepare_cached(&format!(
        "SELECT t.id FROM {condition} AND ?3 <> '' AND ?4 = ?4 AND ?5 = ?5 AND NOT EXISTS (
             SELECT 1 FROM links l WHERE l.connection_id = ?1 AND l.kind = ?2 AND l.local_id = t.id AND l.deleted = 0)
         ORDER BY t.created_at, t.id LIMIT 1"
    ))?;
    let exact = matches!(key, NaturalKey::OrderKey(_));
    let first = if exact { text.to_owned() } else { search_key(text) };
    let values = params![connection, kind.as_str(), first, second, same_key(text)];
    Ok(statement.query_row(values, |row| row.get(0)).optional()?)
}

/// The local order with this number that came from the connection.
pub fn order_by_number(db: &Db<'_>, connection: ConnectionId, number: &str) -> Result<Option<String>> {
    Ok(db
        .prepare_cached(
            "SELECT o.id FROM orders o JOIN links l ON l.kind = 'order' AND l.local_id = o.id
             WHERE o.number_key = ?2 AND same_key(o.number) = ?3 AND l.connection_id = ?1
             ORDER BY l.deleted, o.ordered_at DESC LIMIT 1",
        )?
        .query_row(params![connection, search_key(number), same_key(number)], |row| row.get(0))
        .optional()?)
}

/// Our id of a payment processor's record.
pub fn money_record(db: &Db<'_>, connection: ConnectionId, kind: RecordKind, remote: &RemoteId) -> Result<String> {
    let table = match kind {
        RecordKind::Charge => "charges",
        RecordKind::Refund => "refunds",
        RecordKind::Dispute => "disputes",
        RecordKind::BalanceEntry => "balance_entries",
        RecordKind::Payout => "payouts",
        _ => return Err(Error::Bug("not a payment processor's kind of record".into())),
    };
    Ok(db
        .prepare_cached(&format!("SELECT id FROM {table} WHERE connection_id = ?1 AND remote_id = ?2"))?
        .query_row(params![connection, remote.0], |row| row.get(0))?)
}

/// What lists call a record: its name or number.
pub fn title(db: &Db<'_>, kind: RecordKind, local_id: &str) -> Result<String> {
    let query = match kind {
        RecordKind::Customer => "SELECT display_name FROM customers WHERE id = ?1",
        RecordKind::Item => "SELECT name FROM items WHERE id = ?1",
        RecordKind::Order => "SELECT 'Order ' || number FROM orders WHERE id = ?1",
        RecordKind::Invoice => "SELECT 'Invoice ' || number FROM invoices WHERE id = ?1",
        RecordKind::Payment => {
            "SELECT 'Payment of ' || p.received_on || ' from ' || c.display_name
             FROM payments p JOIN customers c ON c.id = p.customer_id WHERE p.id = ?1"
        }
        RecordKind::Shipment => {
            "SELECT CASE order_number WHEN '' THEN 'Shipment ' || tracking_number
                 ELSE 'Shipment of order ' || order_number END FROM shipments WHERE id = ?1"
        }
        RecordKind::Charge => "SELECT 'Charge ' || remote_id FROM charges WHERE id = ?1",
        RecordKind::Refund => "SELECT 'Refund ' || remote_id FROM refunds WHERE id = ?1",
        RecordKind::Dispute => "SELECT 'Dispute ' || remote_id FROM disputes WHERE id = ?1",
        RecordKind::BalanceEntry => "SELECT 'Balance entry ' || remote_id FROM balance_entries WHERE id = ?1",
        RecordKind::Payout => "SELECT 'Payout ' || remote_id FROM payouts WHERE id = ?1",
    };
    let title: Option<String> = db.prepare_cached(query)?.query_row([local_id], |row| row.get(0)).optional()?;
    Ok(title.map(|title| title.trim_end().to_owned()).unwrap_or_default())
}

/// Whether the order of a parcel has shipped or ended at the vendor, as far as we know.
pub fn order_is_shipped_there(db: &Db<'_>, connection: ConnectionId, parcel: &str) -> Result<bool> {
    let order: Option<Option<String>> = db
        .prepare_cached("SELECT order_id FROM shipments WHERE id = ?1")?
        .query_row([parcel], |row| row.get(0))
        .optional()?;
    let Some(order) = order.flatten() else { return Ok(false) };
    let link = by_local(db, connection, RecordKind::Order, &order)?;
    let status = link.and_then(|link| link.agreed).and_then(|agreed| agreed.remote.get("status").cloned());
    Ok(status.is_some_and(|status| status == "shipped" || status == "cancelled"))
}

/// Ends a conflict in favour of our values: theirs count as seen. Called when the owner saves the record again.
pub fn settle(
    tx: &Tx<'_>,
    connection: ConnectionId,
    kind: RecordKind,
    local_id: &str,
    now: DateTime<Utc>,
) -> Result<()> {
    let Some(mut link) = by_local(&tx.db(), connection, kind, local_id)? else { return Ok(()) };
    if link.agreed.as_mut().is_some_and(Agreed::settle) {
        put(tx, &link, now)?;
    }
    Ok(())
}
