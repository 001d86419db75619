//! Rows of stock: movements, and the levels that follow from them. Only the functions here write either, so that they agree.

use super::Tx;
use super::columns::{Moment, Named, quantity};
use crate::event::Tag;
use crate::ids::{ItemId, LocationId, MovementId};
use crate::stock::MovementKind;
use crate::{Error, Result};
use backroom_money::Quantity;
use chrono::{DateTime, Utc};
use rusqlite::{Connection, OptionalExtension as _, params};

/// A movement of stock at one location. A transfer is two of them under one id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Movement {
    /// Id.
    pub id: MovementId,
    /// Which item.
    pub item_id: ItemId,
    /// Where.
    pub location_id: LocationId,
    /// Why.
    pub kind: MovementKind,
    /// Signed change.
    pub quantity: Quantity,
    /// Note.
    pub note: String,
    /// The shipment behind it; empty for the owner's own changes.
    pub shipment: String,
    /// When.
    pub at: DateTime<Utc>,
}

/// Stock of one item at one location.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Level {
    /// Where.
    pub location_id: LocationId,
    /// Its name.
    pub location: String,
    /// Physically there.
    pub on_hand: Quantity,
    /// Promised to orders.
    pub allocated: Quantity,
}

/// Levels of an item, the default location first. Every location has one, if only of nothing.
pub fn levels(db: &Connection, item: ItemId) -> Result<Vec<Level>> {
    let mut statement = db.prepare_cached(
        "SELECT l.id, l.name, coalesce(s.on_hand_scaled, 0), coalesce(s.allocated_scaled, 0)
         FROM locations l LEFT JOIN stock_levels s ON s.item_id = ?1 AND s.location_id = l.id
         ORDER BY l.is_default DESC, l.name COLLATE NOCASE, l.id",
    )?;
    let rows = statement.query_map([item], |row| {
        Ok(Level {
            location_id: row.get(0)?,
            location: row.get(1)?,
            on_hand: quantity(row, 2)?,
            allocated: quantity(row, 3)?,
        })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// On hand of an item at a location.
pub fn on_hand(db: &Connection, item: ItemId, location: LocationId) -> Result<Quantity> {
    let mut statement =
        db.prepare_cached("SELECT on_hand_scaled FROM stock_levels WHERE item_id = ?1 AND location_id = ?2")?;
    let found = statement.query_row(params![item, location], |row| quantity(row, 0)).optional()?;
    Ok(found.unwrap_or(Quantity::ZERO))
}

/// Whether a movement with this id is there.
pub fn has_movement(db: &Connection, id: MovementId) -> Result<bool> {
    let mut statement = db.prepare_cached("SELECT EXISTS (SELECT 1 FROM stock_movements WHERE id = ?1)")?;
    Ok(statement.query_row([id], |row| row.get(0))?)
}

/// Writes a movement and the levels that follow from it; returns what is on hand there afterwards.
pub fn move_stock(tx: &Tx<'_>, movement: &Movement) -> Result<Quantity> {
    let too_much = || Error::Refused("this would be more stock than can be counted".into());
    let before = on_hand(tx, movement.item_id, movement.location_id)?;
    let after = before.checked_add(movement.quantity).ok_or_else(too_much)?;
    tx.prepare_cached(
        "INSERT INTO stock_levels (item_id, location_id, on_hand_scaled) VALUES (?1, ?2, ?3)
         ON CONFLICT (item_id, location_id) DO UPDATE SET on_hand_scaled = excluded.on_hand_scaled",
    )?
    .execute(params![movement.item_id, movement.location_id, after.scaled()])?;
    tx.prepare_cached("UPDATE items SET on_hand_scaled = on_hand_scaled + ?2 WHERE id = ?1")?
        .execute(params![movement.item_id, movement.quantity.scaled()])?;
    tx.prepare_cached(
        "INSERT INTO stock_movements (id, item_id, location_id, kind, quantity_scaled, on_hand_after_scaled, note,
             source_kind, source_id, at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
    )?
    .execute(params![
        movement.id,
        movement.item_id,
        movement.location_id,
        Named(movement.kind),
        movement.quantity.scaled(),
        after.scaled(),
        movement.note,
        if movement.shipment.is_empty() { "" } else { "shipment" },
        movement.shipment,
        Moment(movement.at),
    ])?;
    tx.changed(Tag::Stock);
    tx.changed(Tag::Items);
    Ok(after)
}

/// What a shipment has taken from stock in all, by item and location; nothing once it was put back.
pub fn taken_by_shipment(db: &Connection, shipment: &str) -> Result<Vec<(ItemId, LocationId, Quantity)>> {
    let mut statement = db.prepare_cached(
        "SELECT item_id, location_id, sum(quantity_scaled) FROM stock_movements
         WHERE source_kind = 'shipment' AND source_id = ?1 AND source_id <> ''
         GROUP BY item_id, location_id HAVING sum(quantity_scaled) <> 0",
    )?;
    let rows = statement.query_map([shipment], |row| Ok((row.get(0)?, row.get(1)?, quantity(row, 2)?)))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Promises stock to orders, or frees it when negative.
pub fn allocate(tx: &Tx<'_>, item: ItemId, location: LocationId, change: Quantity) -> Result<()> {
    if change == Quantity::ZERO {
        return Ok(());
    }
    tx.prepare_cached(
        "INSERT INTO stock_levels (item_id, location_id, allocated_scaled) VALUES (?1, ?2, ?3)
         ON CONFLICT (item_id, location_id) DO UPDATE SET allocated_scaled = allocated_scaled + excluded.allocated_scaled",
    )?
    .execute(params![item, location, change.scaled()])?;
    tx.prepare_cached("UPDATE items SET allocated_scaled = allocated_scaled + ?2 WHERE id = ?1")?
        .execute(params![item, change.scaled()])?;
    tx.changed(Tag::Stock);
    tx.changed(Tag::Items);
    Ok(())
}
