//! Rows of shipments and what is in them.

use super::columns::{Code, Moment, quantity};
use crate::Result;
use crate::ids::{ConnectionId, OrderId, ShipmentId};
use crate::orders::{Shipment, ShipmentLine};
use crate::text::{same_key, search_key};
use backroom_money::Money;
use rusqlite::{Connection, OptionalExtension as _, Row, params};

const COLUMNS: &str =
    "id, order_id, order_number, carrier, service, tracking_number, shipped_on, cost_minor, currency, voided,
    is_return, applied, lines_known, source, created_at, updated_at, notify_buyer, notify_channel";

fn read(row: &Row<'_>) -> rusqlite::Result<Shipment> {
    let currency = row.get::<_, Code>(8)?.0;
    Ok(Shipment {
        id: row.get(0)?,
        order_id: row.get(1)?,
        order_number: row.get(2)?,
        carrier: row.get(3)?,
        service: row.get(4)?,
        tracking_number: row.get(5)?,
        shipped_on: row.get(6)?,
        cost: row.get::<_, Option<i64>>(7)?.map(|minor| Money::from_minor(minor, currency)),
        currency,
        voided: row.get(9)?,
        is_return: row.get(10)?,
        applied: row.get(11)?,
        lines: row.get::<_, bool>(12)?.then(Vec::new),
        source: row.get(13)?,
        created_at: row.get::<_, Moment>(14)?.0,
        updated_at: row.get::<_, Moment>(15)?.0,
        notify_buyer: row.get(16)?,
        notify_channel: row.get(17)?,
    })
}

/// The shipment with this id.
pub fn get(db: &Connection, id: ShipmentId) -> Result<Option<Shipment>> {
    let mut statement = db.prepare_cached(&format!("SELECT {COLUMNS} FROM shipments WHERE id = ?1"))?;
    let shipment = statement.query_row([id], read).optional()?;
    shipment.map(|shipment| with_lines(db, shipment)).transpose()
}

/// Shipments of an order, oldest first.
pub fn of_order(db: &Connection, order: OrderId) -> Result<Vec<Shipment>> {
    let mut statement = db.prepare_cached(&format!(
        "SELECT {COLUMNS} FROM shipments WHERE order_id = ?1 ORDER BY shipped_on, created_at"
    ))?;
    let rows: Vec<Shipment> = statement.query_map([order], read)?.collect::<rusqlite::Result<_>>()?;
    rows.into_iter().map(|shipment| with_lines(db, shipment)).collect()
}

/// Shipments that came before their order: they name this number and belong to no order yet.
pub fn waiting_for_order(db: &Connection, order_number: &str) -> Result<Vec<Shipment>> {
    let mut statement = db.prepare_cached(&format!(
        "SELECT {COLUMNS} FROM shipments WHERE order_id IS NULL AND order_number_key = ?1 AND same_key(order_number) = ?2
         ORDER BY created_at"
    ))?;
    let keys = [search_key(order_number), same_key(order_number)];
    let rows: Vec<Shipment> = statement.query_map(keys, read)?.collect::<rusqlite::Result<_>>()?;
    rows.into_iter().map(|shipment| with_lines(db, shipment)).collect()
}

/// Whether a parcel of this order waits to be reported to a vendor.
pub fn waits_to_be_reported(db: &Connection, connection: ConnectionId, order: OrderId) -> Result<bool> {
    let mut statement = db.prepare_cached(
        "SELECT EXISTS (SELECT 1 FROM shipments s JOIN outbox o ON o.kind = 'shipment' AND o.local_id = s.id
             WHERE s.order_id = ?2 AND o.connection_id = ?1)",
    )?;
    Ok(statement.query_row(params![connection, order], |row| row.get(0))?)
}

/// Parcels of the owner's for this order that the connection's vendor does not have: refused there or never sent, and not kept back by
/// the owner.
pub fn unreported(db: &Connection, connection: ConnectionId, order: OrderId) -> Result<Vec<String>> {
    let mut statement = db.prepare_cached(
        "SELECT s.id FROM shipments s WHERE s.order_id = ?2 AND s.source = 'owner' AND s.voided = 0 AND s.is_return = 0
            AND NOT EXISTS (SELECT 1 FROM links l WHERE l.connection_id = ?1 AND l.kind = 'shipment' AND l.local_id = s.id)
            AND NOT EXISTS (SELECT 1 FROM outbox o
                WHERE o.connection_id = ?1 AND o.kind = 'shipment' AND o.local_id = s.id AND o.state <> 'rejected')
            AND NOT EXISTS (SELECT 1 FROM dropped d
                WHERE d.connection_id = ?1 AND d.kind = 'shipment' AND d.local_id = s.id)",
    )?;
    Ok(statement.query_map(params![connection, order], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?)
}

fn with_lines(db: &Connection, mut shipment: Shipment) -> Result<Shipment> {
    if shipment.lines.is_some() {
        let mut statement = db.prepare_cached(
            "SELECT line_key, order_line_id, item_id, sku, name, quantity_scaled, remote_line FROM shipment_lines
             WHERE shipment_id = ?1 ORDER BY position",
        )?;
        let rows = statement.query_map([shipment.id], |row| {
            Ok(ShipmentLine {
                line_key: row.get(0)?,
                order_line_id: row.get(1)?,
                item_id: row.get(2)?,
                sku: row.get(3)?,
                name: row.get(4)?,
                quantity: quantity(row, 5)?,
                remote_line: row.get(6)?,
            })
        })?;
        shipment.lines = Some(rows.collect::<rusqlite::Result<_>>()?);
    }
    Ok(shipment)
}

/// Adds a shipment, or replaces it.
pub fn put(tx: &Connection, shipment: &Shipment) -> Result<()> {
    tx.prepare_cached(&format!(
        "INSERT INTO shipments ({COLUMNS}, order_number_key)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19)
         ON CONFLICT (id) DO UPDATE SET order_id = excluded.order_id, order_number = excluded.order_number,
             carrier = excluded.carrier, service = excluded.service, tracking_number = excluded.tracking_number,
             shipped_on = excluded.shipped_on, cost_minor = excluded.cost_minor, currency = excluded.currency,
             voided = excluded.voided, is_return = excluded.is_return, applied = excluded.applied,
             lines_known = excluded.lines_known, updated_at = excluded.updated_at,
             notify_buyer = excluded.notify_buyer, notify_channel = excluded.notify_channel,
             order_number_key = excluded.order_number_key"
    ))?
    .execute(params![
        shipment.id,
        shipment.order_id,
        shipment.order_number,
        shipment.carrier,
        shipment.service,
        shipment.tracking_number,
        shipment.shipped_on,
        shipment.cost.map(Money::minor),
        Code(shipment.currency),
        shipment.voided,
        shipment.is_return,
        shipment.applied,
        shipment.lines.is_some(),
        shipment.source,
        Moment(shipment.created_at),
        Moment(shipment.updated_at),
        shipment.notify_buyer,
        shipment.notify_channel,
        search_key(&shipment.order_number),
    ])?;
    tx.prepare_cached("DELETE FROM shipment_lines WHERE shipment_id = ?1")?.execute([shipment.id])?;
    let mut statement = tx.prepare_cached(
        "INSERT INTO shipment_lines (shipment_id, position, line_key, order_line_id, item_id, sku, name, quantity_scaled,
             remote_line)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
    )?;
    for (position, line) in (0_u32..).zip(shipment.lines.iter().flatten()) {
        statement.execute(params![
            shipment.id,
            position,
            line.line_key,
            line.order_line_id,
            line.item_id,
            line.sku,
            line.name,
            line.quantity.scaled(),
            line.remote_line,
        ])?;
    }
    Ok(())
}
