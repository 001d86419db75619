//! Rows of orders and their lines.

use super::columns::{Code, Json, Moment, Named, money, price, quantity};
use super::page::{self, Listing};
use super::record_sync::worst_states;
use super::searchable::Searchable;
use crate::Result;
use crate::ids::{ItemId, LineId, OrderId};
use crate::orders::{Order, OrderFilter, OrderLine, OrderQuery, OrderRow, OrderSort};
use crate::text::{number_key, same_key, search_key};
use crate::view::Page;
use backroom_money::Currency;
use connector_contract::RecordKind;
use rusqlite::{Connection, OptionalExtension as _, Row, params};

const COLUMNS: &str = "id, version, number, status, ordered_at, ordered_on, hold_until, customer_id, customer_name,
    customer_email, billing, ship_to, currency, shipping_minor, tax_minor, total_minor, customer_note, internal_note,
    requested_service, source, parent_remote_id, invoice_id, created_at, updated_at";

fn read(row: &Row<'_>) -> rusqlite::Result<Order> {
    let currency = row.get::<_, Code>(12)?.0;
    Ok(Order {
        id: row.get(0)?,
        version: row.get(1)?,
        number: row.get(2)?,
        status: row.get::<_, Named<_>>(3)?.0,
        ordered_at: row.get::<_, Moment>(4)?.0,
        ordered_on: row.get(5)?,
        hold_until: row.get(6)?,
        customer_id: row.get(7)?,
        customer_name: row.get(8)?,
        customer_email: row.get(9)?,
        billing: row.get::<_, Json<_>>(10)?.0,
        ship_to: row.get::<_, Json<_>>(11)?.0,
        currency,
        shipping: money(row, 13, currency)?,
        tax: money(row, 14, currency)?,
        total: money(row, 15, currency)?,
        lines: Vec::new(),
        customer_note: row.get(16)?,
        internal_note: row.get(17)?,
        requested_service: row.get(18)?,
        source: row.get(19)?,
        parent_remote_id: row.get(20)?,
        invoice_id: row.get(21)?,
        created_at: row.get::<_, Moment>(22)?.0,
        updated_at: row.get::<_, Moment>(23)?.0,
    })
}

/// The order with this id, with its lines.
pub fn get(db: &Connection, id: OrderId) -> Result<Option<Order>> {
    let mut statement = db.prepare_cached(&format!("SELECT {COLUMNS} FROM orders WHERE id = ?1"))?;
    with_lines(db, statement.query_row([id], read).optional()?)
}

/// The newest order with this number in any case.
pub fn find_by_number(db: &Connection, number: &str) -> Result<Option<Order>> {
    let mut statement = db.prepare_cached(&format!(
        "SELECT {COLUMNS} FROM orders WHERE number_key = ?1 AND same_key(number) = ?2 ORDER BY ordered_at DESC LIMIT 1"
    ))?;
    with_lines(db, statement.query_row([search_key(number), same_key(number)], read).optional()?)
}

fn with_lines(db: &Connection, order: Option<Order>) -> Result<Option<Order>> {
    let Some(mut order) = order else { return Ok(None) };
    order.lines = lines(db, order.id, order.currency)?;
    Ok(Some(order))
}

fn lines(db: &Connection, id: OrderId, currency: Currency) -> Result<Vec<OrderLine>> {
    let mut statement = db.prepare_cached(
        "SELECT id, line_key, item_id, sku, name, quantity_scaled, shipped_scaled, unit_price_minor,
             unit_price_finer, adjustment, allocated_scaled, location_id, remote_line
         FROM order_lines WHERE order_id = ?1 ORDER BY position",
    )?;
    let rows = statement.query_map([id], |row| {
        Ok(OrderLine {
            id: row.get(0)?,
            line_key: row.get(1)?,
            item_id: row.get(2)?,
            sku: row.get(3)?,
            name: row.get(4)?,
            quantity: quantity(row, 5)?,
            shipped: quantity(row, 6)?,
            unit_price: price(row, 7, currency)?,
            adjustment: row.get(9)?,
            allocated: quantity(row, 10)?,
            location_id: row.get(11)?,
            remote_line: row.get("remote_line")?,
        })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Whether an order of the owner's own, other than `except`, has this number.
pub fn number_is_taken(db: &Connection, number: &str, except: OrderId) -> Result<bool> {
    let mut statement = db.prepare_cached(
        "SELECT EXISTS (SELECT 1 FROM orders
             WHERE number_key = ?1 AND same_key(number) = ?2 AND source = 'owner' AND id <> ?3)",
    )?;
    Ok(statement.query_row(params![search_key(number), same_key(number), except], |row| row.get(0))?)
}

/// Whether a line with this id is there, on whichever order.
pub fn line_exists(db: &Connection, id: LineId) -> Result<bool> {
    let mut statement = db.prepare_cached("SELECT EXISTS (SELECT 1 FROM order_lines WHERE id = ?1)")?;
    Ok(statement.query_row([id], |row| row.get(0))?)
}

/// Open orders with a line of this item.
pub fn open_with_item(db: &Connection, item: ItemId) -> Result<Vec<OrderId>> {
    let mut statement = db.prepare_cached(
        "SELECT DISTINCT l.order_id FROM order_lines l CROSS JOIN orders o ON o.id = l.order_id
         WHERE l.item_id = ?1 AND o.status IN ('open', 'on_hold', 'partly_shipped')",
    )?;
    let rows = statement.query_map([item], |row| row.get(0))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Open orders with a line that names this SKU and no item yet.
pub fn open_with_unknown_sku(db: &Connection, sku: &str) -> Result<Vec<OrderId>> {
    let mut statement = db.prepare_cached(
        "SELECT DISTINCT l.order_id FROM order_lines l CROSS JOIN orders o ON o.id = l.order_id
         WHERE l.item_id IS NULL AND l.sku_key = ?1 AND l.sku_key <> '' AND same_key(l.sku) = ?2
             AND o.status IN ('open', 'on_hold', 'partly_shipped')",
    )?;
    let rows = statement.query_map([search_key(sku), same_key(sku)], |row| row.get(0))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Adds an order with its lines. Its version becomes 1.
pub fn insert(tx: &Connection, order: &Order) -> Result<()> {
    tx.prepare_cached(
        "INSERT INTO orders (id, version, number, number_key, number_sort, status, ordered_at, ordered_on, hold_until,
             customer_id, customer_name, customer_email, billing, ship_to, currency, shipping_minor, tax_minor,
             total_minor, line_count, customer_note, internal_note, requested_service, source, parent_remote_id,
             invoice_id, created_at, updated_at)
         VALUES (?1, 1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22,
             ?23, ?24, ?25, ?26)",
    )?
    .execute(params![
        order.id,
        order.number,
        search_key(&order.number),
        number_key(&order.number),
        Named(order.status),
        Moment(order.ordered_at),
        order.ordered_on,
        order.hold_until,
        order.customer_id,
        order.customer_name,
        order.customer_email,
        Json(&order.billing),
        Json(&order.ship_to),
        Code(order.currency),
        order.shipping.minor(),
        order.tax.minor(),
        order.total.minor(),
        line_count(order),
        order.customer_note,
        order.internal_note,
        order.requested_service,
        order.source,
        order.parent_remote_id,
        order.invoice_id,
        Moment(order.created_at),
        Moment(order.updated_at),
    ])?;
    put_lines(tx, order)
}

/// Replaces an order with its lines and raises its version.
pub fn update(tx: &Connection, order: &Order) -> Result<()> {
    tx.prepare_cached(
        "UPDATE orders SET version = version + 1, number = ?2, number_key = ?3, number_sort = ?4, status = ?5,
             ordered_at = ?6, ordered_on = ?7, hold_until = ?8, customer_id = ?9, customer_name = ?10,
             customer_email = ?11, billing = ?12, ship_to = ?13, currency = ?14, shipping_minor = ?15, tax_minor = ?16,
             total_minor = ?17, line_count = ?18, customer_note = ?19, internal_note = ?20, requested_service = ?21,
             source = ?22, parent_remote_id = ?23, invoice_id = ?24, updated_at = ?25
         WHERE id = ?1",
    )?
    .execute(params![
        order.id,
        order.number,
        search_key(&order.number),
        number_key(&order.number),
        Named(order.status),
        Moment(order.ordered_at),
        order.ordered_on,
        order.hold_until,
        order.customer_id,
        order.customer_name,
        order.customer_email,
        Json(&order.billing),
        Json(&order.ship_to),
        Code(order.currency),
        order.shipping.minor(),
        order.tax.minor(),
        order.total.minor(),
        line_count(order),
        order.customer_note,
        order.internal_note,
        order.requested_service,
        order.source,
        order.parent_remote_id,
        order.invoice_id,
        Moment(order.updated_at),
    ])?;
    tx.prepare_cached("DELETE FROM order_lines WHERE order_id = ?1")?.execute([order.id])?;
    put_lines(tx, order)
}

fn put_lines(tx: &Connection, order: &Order) -> Result<()> {
    let mut statement = tx.prepare_cached(
        "INSERT INTO order_lines (id, order_id, position, line_key, item_id, sku, sku_key, name, quantity_scaled,
             shipped_scaled, unit_price_minor, unit_price_finer, adjustment, allocated_scaled, location_id,
             remote_line)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)",
    )?;
    for (position, line) in (0_u32..).zip(&order.lines) {
        statement.execute(params![
            line.id,
            order.id,
            position,
            line.line_key,
            line.item_id,
            line.sku,
            search_key(&line.sku),
            line.name,
            line.quantity.scaled(),
            line.shipped.scaled(),
            line.unit_price.minor(),
            line.unit_price.finer(),
            line.adjustment,
            line.allocated.scaled(),
            line.location_id,
            line.remote_line,
        ])?;
    }
    Ok(())
}

/// Remembers the invoice made from an order, or forgets it when that was voided. Not an edit: the version stays.
pub fn set_invoice(tx: &Connection, id: OrderId, invoice: Option<crate::ids::InvoiceId>) -> Result<()> {
    tx.prepare_cached("UPDATE orders SET invoice_id = ?2 WHERE id = ?1")?.execute(params![id, invoice])?;
    Ok(())
}

fn line_count(order: &Order) -> u32 {
    u32::try_from(order.lines.len()).unwrap_or(u32::MAX)
}

/// How orders are searched.
pub const SEARCHABLE: Searchable = Searchable {
    table: "orders",
    index: "orders_fts",
    text: "(t.number || char(10) || t.customer_name || char(10) || t.customer_email)",
    prefixes: &["number_key"],
};

/// The listing of a query.
pub(super) fn listing<'a>(db: &Connection, query: &'a OrderQuery) -> Result<Listing<'a>> {
    Ok(Listing {
        table: "orders",
        joins: "",
        columns: "t.id, t.number, t.ordered_on, t.customer_name, t.status, t.line_count, t.total_minor, t.currency, t.source",
        sort: match query.sort {
            OrderSort::OrderedAt => "ordered_at",
            OrderSort::Number => "number_sort",
            OrderSort::Total => "total_minor",
        },
        tie: "id",
        descending: query.descending,
        branches: match query.filter {
            OrderFilter::All => &[],
            OrderFilter::AwaitingPayment => &["t.status = 'awaiting_payment'"],
            OrderFilter::Open => &["t.status = 'open'"],
            OrderFilter::OnHold => &["t.status = 'on_hold'"],
            OrderFilter::PartlyShipped => &["t.status = 'partly_shipped'"],
            OrderFilter::Shipped => &["t.status = 'shipped'"],
            OrderFilter::Cancelled => &["t.status = 'cancelled'"],
        },
        bound: None,
        search: SEARCHABLE.search(db, &query.search)?,
        cursor: query.cursor.as_deref(),
        limit: query.limit,
    })
}

/// A page of orders with how they stand with the connections. `source` is still the vendor's id.
pub fn list(db: &Connection, query: &OrderQuery) -> Result<Page<OrderRow>> {
    let mut page = page::list(db, &listing(db, query)?, |row| {
        let currency = row.get::<_, Code>(7)?.0;
        Ok(OrderRow {
            id: row.get(0)?,
            number: row.get(1)?,
            ordered_on: row.get(2)?,
            customer_name: row.get(3)?,
            status: row.get::<_, Named<_>>(4)?.0,
            line_count: row.get(5)?,
            total: money(row, 6, currency)?.into(),
            source: row.get(8)?,
            sync: None,
        })
    })?;
    let ids: Vec<String> = page.rows.iter().map(|row| row.id.to_string()).collect();
    let states = worst_states(db, RecordKind::Order, &ids)?;
    for (row, id) in page.rows.iter_mut().zip(&ids) {
        row.sync = states.get(id).copied();
    }
    Ok(page)
}
