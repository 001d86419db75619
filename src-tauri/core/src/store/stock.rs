//! Rows of stock: movements, and the levels that follow from them. Only the functions here write either, so that they agree.

use super::Tx;
use super::columns::{Moment, Named, quantity};
use super::page::{self, Listing};
use super::searchable::Search;
use crate::event::Tag;
use crate::ids::{ItemId, LocationId, MovementId};
use crate::stock::{MovementKind, MovementRow};
use crate::view::{Page, quantity_text};
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
        "SELECT place.id, place.name, coalesce(s.on_hand_scaled, 0), coalesce(s.allocated_scaled, 0)
         FROM locations place LEFT JOIN stock_levels s ON s.item_id = ?1 AND s.location_id = place.id
         ORDER BY place.is_default DESC, search_key(place.name), place.id",
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
    let too_much = || Error::Refused("This would be more stock than can be counted.".into());
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

/// Movements of an item, newest first. `row` is the order they were written in.
pub fn movements(db: &Connection, item: ItemId, cursor: Option<&str>, limit: u32) -> Result<Page<MovementRow>> {
    let listing = Listing {
        table: "stock_movements",
        joins: "JOIN locations l ON l.id = t.location_id",
        columns: "t.id, t.at, t.kind, l.name, t.quantity_scaled, t.on_hand_after_scaled, t.note",
        sort: "row",
        tie: "row",
        descending: true,
        branches: &["t.item_id = :bound"],
        bound: Some(item.to_string().into()),
        search: Search::All,
        cursor,
        limit,
    };
    page::list(db, &listing, |row| {
        Ok(MovementRow {
            id: row.get(0)?,
            at: row.get(1)?,
            kind: row.get::<_, Named<_>>(2)?.0,
            location: row.get(3)?,
            quantity: quantity_text(quantity(row, 4)?),
            on_hand_after: quantity_text(quantity(row, 5)?),
            note: row.get(6)?,
        })
    })
}

/// Proves the kept sums against what they follow from: levels against movements, promises against order lines, items against
/// their levels. Returns what disagrees, as sentences; nothing when all is well. Reads everything, so it is no part of any list.
pub fn check(db: &Connection) -> Result<Vec<String>> {
    let proofs = [
        (
            "movements",
            "SELECT i.name, coalesce(s.on_hand_scaled, 0), coalesce(m.total, 0) FROM items i CROSS JOIN locations l
             LEFT JOIN stock_levels s ON s.item_id = i.id AND s.location_id = l.id
             LEFT JOIN (SELECT item_id, location_id, sum(quantity_scaled) AS total FROM stock_movements GROUP BY 1, 2) m
                 ON m.item_id = i.id AND m.location_id = l.id
             WHERE coalesce(s.on_hand_scaled, 0) <> coalesce(m.total, 0)",
        ),
        (
            "order lines",
            "SELECT i.name, coalesce(s.allocated_scaled, 0), coalesce(o.total, 0) FROM items i CROSS JOIN locations l
             LEFT JOIN stock_levels s ON s.item_id = i.id AND s.location_id = l.id
             LEFT JOIN (SELECT item_id, location_id, sum(allocated_scaled) AS total FROM order_lines GROUP BY 1, 2) o
                 ON o.item_id = i.id AND o.location_id = l.id
             WHERE coalesce(s.allocated_scaled, 0) <> coalesce(o.total, 0)",
        ),
        (
            "levels",
            "SELECT i.name, i.on_hand_scaled, coalesce(sum(s.on_hand_scaled), 0) FROM items i
             LEFT JOIN stock_levels s ON s.item_id = i.id GROUP BY i.row
             HAVING i.on_hand_scaled <> coalesce(sum(s.on_hand_scaled), 0)",
        ),
        (
            "promises",
            "SELECT i.name, i.allocated_scaled, coalesce(sum(s.allocated_scaled), 0) FROM items i
             LEFT JOIN stock_levels s ON s.item_id = i.id GROUP BY i.row
             HAVING i.allocated_scaled <> coalesce(sum(s.allocated_scaled), 0)",
        ),
        (
            "open lines",
            "SELECT l.name, l.allocated_scaled, max(0, l.quantity_scaled - l.shipped_scaled) FROM order_lines l
             JOIN orders o ON o.id = l.order_id JOIN items i ON i.id = l.item_id
             WHERE l.allocated_scaled <> CASE
                 WHEN o.status IN ('open', 'on_hold', 'partly_shipped') AND i.kind = 'stocked' AND l.adjustment = 0
                 THEN max(0, l.quantity_scaled - l.shipped_scaled) ELSE 0 END",
        ),
    ];
    let mut findings = Vec::new();
    for (what, sql) in proofs {
        let mut statement = db.prepare_cached(sql)?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            findings.push(format!(
                "The stock of \"{}\" disagrees with its {what}: {} is kept, {} follows.",
                row.get::<_, String>(0)?,
                quantity_text(quantity(row, 1)?),
                quantity_text(quantity(row, 2)?),
            ));
        }
    }
    Ok(findings)
}
