//! Rows of items.

use super::columns::{Code, Moment, Named, price, quantity};
use super::customers::archive_branches;
use super::page::{self, Listing};
use super::record_sync::worst_states;
use super::searchable::Searchable;
use crate::Result;
use crate::ids::ItemId;
use crate::items::{Item, ItemQuery, ItemRow, ItemSort};
use crate::text::{barcode_key, same_key, search_key};
use crate::view::{ArchiveFilter, Page, quantity_text};
use backroom_money::{Quantity, UnitPrice};
use connector_contract::RecordKind;
use rusqlite::{Connection, OptionalExtension as _, Row, params};

const COLUMNS: &str = "id, version, sku, name, description, barcode, kind, currency, unit_price_minor, unit_price_finer,
    unit_cost_minor, unit_cost_finer, tax_code_id, taxable, reorder_point_scaled, archived, on_hand_scaled, allocated_scaled, created_at, updated_at";

fn read(row: &Row<'_>) -> rusqlite::Result<Item> {
    let currency = row.get::<_, Code>(7)?.0;
    Ok(Item {
        id: row.get(0)?,
        version: row.get(1)?,
        sku: row.get(2)?,
        name: row.get(3)?,
        description: row.get(4)?,
        barcode: row.get(5)?,
        kind: row.get::<_, Named<_>>(6)?.0,
        unit_price: price(row, 8, currency)?,
        unit_cost: row.get::<_, Option<i64>>(10)?.map(|_| price(row, 10, currency)).transpose()?,
        tax_code_id: row.get(12)?,
        taxable: row.get(13)?,
        reorder_point: row.get::<_, Option<i64>>(14)?.map(Quantity::from_scaled),
        archived: row.get(15)?,
        on_hand: quantity(row, 16)?,
        allocated: quantity(row, 17)?,
        created_at: row.get::<_, Moment>(18)?.0,
        updated_at: row.get::<_, Moment>(19)?.0,
    })
}

/// The item with this id.
pub fn get(db: &Connection, id: ItemId) -> Result<Option<Item>> {
    let mut statement = db.prepare_cached(&format!("SELECT {COLUMNS} FROM items WHERE id = ?1"))?;
    Ok(statement.query_row([id], read).optional()?)
}

/// The item with this SKU in any case, active ones first. An empty SKU finds nothing.
pub fn find_by_sku(db: &Connection, sku: &str) -> Result<Option<Item>> {
    let mut statement = db.prepare_cached(&format!(
        "SELECT {COLUMNS} FROM items WHERE sku_key = ?1 AND sku_key <> '' AND same_key(sku) = ?2
         ORDER BY archived, created_at LIMIT 1"
    ))?;
    Ok(statement.query_row([search_key(sku), same_key(sku)], read).optional()?)
}

/// The item with this name in any case, active ones first.
pub fn find_by_name(db: &Connection, name: &str) -> Result<Option<Item>> {
    let mut statement = db.prepare_cached(&format!(
        "SELECT {COLUMNS} FROM items WHERE name_key = ?1 AND same_key(name) = ?2
         ORDER BY archived, created_at LIMIT 1"
    ))?;
    Ok(statement.query_row([search_key(name), same_key(name)], read).optional()?)
}

/// Items with this barcode, whichever length of one product's number is stored or scanned.
pub fn find_by_barcode(db: &Connection, barcode: &str, limit: u32) -> Result<Vec<Item>> {
    let mut statement = db.prepare_cached(&format!(
        "SELECT {COLUMNS} FROM items WHERE barcode_key = ?1 AND barcode_key <> '' ORDER BY archived, created_at LIMIT ?2"
    ))?;
    let rows = statement.query_map(params![barcode_key(barcode), limit], read)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// An active item other than `except` that has this SKU already.
pub fn other_with_sku(db: &Connection, sku: &str, except: ItemId) -> Result<Option<ItemId>> {
    let mut statement = db.prepare_cached(
        "SELECT id FROM items
         WHERE sku_key = ?1 AND sku_key <> '' AND same_key(sku) = ?2 AND archived = 0 AND id <> ?3 LIMIT 1",
    )?;
    Ok(statement.query_row(params![search_key(sku), same_key(sku), except], |row| row.get(0)).optional()?)
}

/// An active item other than `except` that has this name already.
pub fn other_with_name(db: &Connection, name: &str, except: ItemId) -> Result<Option<ItemId>> {
    let mut statement = db.prepare_cached(
        "SELECT id FROM items WHERE name_key = ?1 AND same_key(name) = ?2 AND archived = 0 AND id <> ?3 LIMIT 1",
    )?;
    Ok(statement.query_row(params![search_key(name), same_key(name), except], |row| row.get(0)).optional()?)
}

/// Adds an item. Its version becomes 1; its stock starts at nothing.
pub fn insert(tx: &Connection, item: &Item) -> Result<()> {
    tx.prepare_cached(
        "INSERT INTO items (id, version, sku, sku_key, name, name_key, description, barcode, kind, currency,
             unit_price_minor, unit_price_finer, unit_cost_minor, unit_cost_finer, tax_code_id, taxable,
             reorder_point_scaled, archived, created_at, updated_at, barcode_key)
         VALUES (?1, 1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20)",
    )?
    .execute(params![
        item.id,
        item.sku,
        search_key(&item.sku),
        item.name,
        search_key(&item.name),
        item.description,
        item.barcode,
        Named(item.kind),
        Code(item.currency()),
        item.unit_price.minor(),
        item.unit_price.finer(),
        item.unit_cost.map(UnitPrice::minor),
        item.unit_cost.map_or(0, UnitPrice::finer),
        item.tax_code_id,
        item.taxable,
        item.reorder_point.map(Quantity::scaled),
        item.archived,
        Moment(item.created_at),
        Moment(item.updated_at),
        barcode_key(&item.barcode),
    ])?;
    Ok(())
}

/// Replaces what can be edited of an item and raises its version. Its stock is not touched.
pub fn update(tx: &Connection, item: &Item) -> Result<()> {
    tx.prepare_cached(
        "UPDATE items SET version = version + 1, sku = ?2, sku_key = ?3, name = ?4, name_key = ?5, description = ?6,
             barcode = ?7, kind = ?8, currency = ?9, unit_price_minor = ?10, unit_price_finer = ?11,
             unit_cost_minor = ?12, unit_cost_finer = ?13, tax_code_id = ?14, taxable = ?15, reorder_point_scaled = ?16,
             archived = ?17, updated_at = ?18, barcode_key = ?19
         WHERE id = ?1",
    )?
    .execute(params![
        item.id,
        item.sku,
        search_key(&item.sku),
        item.name,
        search_key(&item.name),
        item.description,
        item.barcode,
        Named(item.kind),
        Code(item.currency()),
        item.unit_price.minor(),
        item.unit_price.finer(),
        item.unit_cost.map(UnitPrice::minor),
        item.unit_cost.map_or(0, UnitPrice::finer),
        item.tax_code_id,
        item.taxable,
        item.reorder_point.map(Quantity::scaled),
        item.archived,
        Moment(item.updated_at),
        barcode_key(&item.barcode),
    ])?;
    Ok(())
}

/// How items are searched in lists.
pub const SEARCHABLE: Searchable = Searchable {
    table: "items",
    index: "items_fts",
    text: "(t.sku || char(10) || t.name || char(10) || t.barcode || char(10) || t.barcode_key)",
    prefixes: &["name_key", "sku_key"],
};

const ROW_COLUMNS: &str =
    "t.id, t.sku, t.name, t.kind, t.currency, t.unit_price_minor, t.unit_price_finer, t.on_hand_scaled,
    t.allocated_scaled, t.available_scaled, t.low, t.archived";

fn read_row(row: &Row<'_>) -> rusqlite::Result<ItemRow> {
    let currency = row.get::<_, Code>(4)?.0;
    Ok(ItemRow {
        id: row.get(0)?,
        sku: row.get(1)?,
        name: row.get(2)?,
        kind: row.get::<_, Named<_>>(3)?.0,
        unit_price: price(row, 5, currency)?.into(),
        on_hand: quantity_text(quantity(row, 7)?),
        allocated: quantity_text(quantity(row, 8)?),
        available: quantity_text(quantity(row, 9)?),
        low: row.get(10)?,
        archived: row.get(11)?,
        sync: None,
    })
}

/// An item as a list shows it, without how it stands with the connections.
pub fn row(db: &Connection, id: ItemId) -> Result<Option<ItemRow>> {
    let mut statement = db.prepare_cached(&format!("SELECT {ROW_COLUMNS} FROM items t WHERE t.id = ?1"))?;
    Ok(statement.query_row([id], read_row).optional()?)
}

/// The listing of a query.
pub(super) fn listing<'a>(db: &Connection, query: &'a ItemQuery) -> Result<Listing<'a>> {
    Ok(Listing {
        table: "items",
        joins: "",
        columns: ROW_COLUMNS,
        sort: match query.sort {
            ItemSort::Name => "name_key",
            ItemSort::Sku => "sku_key",
            ItemSort::Available => "available_scaled",
            ItemSort::UpdatedAt => "updated_at",
        },
        tie: "id",
        descending: query.descending,
        branches: match (query.filter.low_stock, query.filter.archive) {
            (false, archive) => archive_branches(archive),
            (true, ArchiveFilter::Active) => &["t.low = 1 AND t.archived = 0"],
            (true, ArchiveFilter::Archived) => &["t.low = 1 AND t.archived = 1"],
            (true, ArchiveFilter::All) => &["t.low = 1 AND t.archived = 0", "t.low = 1 AND t.archived = 1"],
        },
        bound: None,
        search: SEARCHABLE.search(db, &query.search)?,
        cursor: query.cursor.as_deref(),
        limit: query.limit,
    })
}

/// A page of items with how they stand with the connections.
pub fn list(db: &Connection, query: &ItemQuery) -> Result<Page<ItemRow>> {
    let mut page = page::list(db, &listing(db, query)?, read_row)?;
    let ids: Vec<String> = page.rows.iter().map(|row| row.id.to_string()).collect();
    let states = worst_states(db, RecordKind::Item, &ids)?;
    for (row, id) in page.rows.iter_mut().zip(&ids) {
        row.sync = states.get(id).copied();
    }
    Ok(page)
}
