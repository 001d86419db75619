//! Rows of customers.

use super::columns::{Code, Json, Moment, money};
use super::page::{self, Listing};
use super::record_sync::worst_states;
use super::searchable::Searchable;
use crate::Result;
use crate::customers::{Customer, CustomerQuery, CustomerRow, CustomerSort};
use crate::ids::CustomerId;
use crate::text::{same_key, search_key};
use crate::view::{ArchiveFilter, Page};
use backroom_money::Money;
use chrono::NaiveDate;
use connector_contract::RecordKind;
use rusqlite::{Connection, OptionalExtension as _, Row, params};

const COLUMNS: &str = "id, version, display_name, company, email, phone, billing, shipping, notes, terms_id, currency,
    archived, open_minor, created_at, updated_at";

fn read(row: &Row<'_>) -> rusqlite::Result<Customer> {
    let currency = row.get::<_, Code>(10)?.0;
    Ok(Customer {
        id: row.get(0)?,
        version: row.get(1)?,
        display_name: row.get(2)?,
        company: row.get(3)?,
        email: row.get(4)?,
        phone: row.get(5)?,
        billing: row.get::<_, Json<_>>(6)?.0,
        shipping: row.get::<_, Json<_>>(7)?.0,
        notes: row.get(8)?,
        terms_id: row.get(9)?,
        currency,
        archived: row.get(11)?,
        open: money(row, 12, currency)?,
        created_at: row.get::<_, Moment>(13)?.0,
        updated_at: row.get::<_, Moment>(14)?.0,
    })
}

/// The customer with this id.
pub fn get(db: &Connection, id: CustomerId) -> Result<Option<Customer>> {
    let mut statement = db.prepare_cached(&format!("SELECT {COLUMNS} FROM customers WHERE id = ?1"))?;
    Ok(statement.query_row([id], read).optional()?)
}

/// The customer with this name in any case, active ones first.
pub fn find_by_name(db: &Connection, name: &str) -> Result<Option<Customer>> {
    let mut statement = db.prepare_cached(&format!(
        "SELECT {COLUMNS} FROM customers WHERE name_key = ?1 AND same_key(display_name) = ?2
         ORDER BY archived, created_at LIMIT 1"
    ))?;
    Ok(statement.query_row([search_key(name), same_key(name)], read).optional()?)
}

/// An active customer other than `except` that has this name already.
pub fn other_with_name(db: &Connection, name: &str, except: CustomerId) -> Result<Option<CustomerId>> {
    let mut statement = db.prepare_cached(
        "SELECT id FROM customers WHERE name_key = ?1 AND same_key(display_name) = ?2 AND archived = 0 AND id <> ?3 LIMIT 1",
    )?;
    Ok(statement.query_row(params![search_key(name), same_key(name), except], |row| row.get(0)).optional()?)
}

/// The active customer with this e-mail address, if there is exactly one.
pub fn find_by_email(db: &Connection, email: &str) -> Result<Option<Customer>> {
    let key = same_key(email);
    if key.is_empty() {
        return Ok(None);
    }
    let mut statement = db.prepare_cached(&format!(
        "SELECT {COLUMNS} FROM customers WHERE email_key = ?1 AND email_key <> '' AND archived = 0 LIMIT 2"
    ))?;
    let mut found: Vec<Customer> = statement.query_map([key], read)?.collect::<rusqlite::Result<_>>()?;
    Ok(if found.len() == 1 { found.pop() } else { None })
}

/// Adds a customer. Its version becomes 1; the open balance starts at nothing.
pub fn insert(tx: &Connection, customer: &Customer) -> Result<()> {
    tx.prepare_cached(
        "INSERT INTO customers (id, version, display_name, name_key, company, email, phone, billing, shipping, notes,
             terms_id, currency, archived, created_at, updated_at, email_key)
         VALUES (?1, 1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)",
    )?
    .execute(params![
        customer.id,
        customer.display_name,
        search_key(&customer.display_name),
        customer.company,
        customer.email,
        customer.phone,
        Json(&customer.billing),
        Json(&customer.shipping),
        customer.notes,
        customer.terms_id,
        Code(customer.currency),
        customer.archived,
        Moment(customer.created_at),
        Moment(customer.updated_at),
        same_key(&customer.email),
    ])?;
    Ok(())
}

/// Replaces what can be edited of a customer and raises its version. The open balance is not touched.
pub fn update(tx: &Connection, customer: &Customer) -> Result<()> {
    tx.prepare_cached(
        "UPDATE customers SET version = version + 1, display_name = ?2, name_key = ?3, company = ?4, email = ?5,
             phone = ?6, billing = ?7, shipping = ?8, notes = ?9, terms_id = ?10, currency = ?11, archived = ?12,
             updated_at = ?13, email_key = ?14, created_at = min(created_at, ?15)
         WHERE id = ?1",
    )?
    .execute(params![
        customer.id,
        customer.display_name,
        search_key(&customer.display_name),
        customer.company,
        customer.email,
        customer.phone,
        Json(&customer.billing),
        Json(&customer.shipping),
        customer.notes,
        customer.terms_id,
        Code(customer.currency),
        customer.archived,
        Moment(customer.updated_at),
        same_key(&customer.email),
        Moment(customer.created_at),
    ])?;
    Ok(())
}

/// Moves the open balance; called by the transaction that changes an invoice or payment. The version stays, because nobody
/// edits a balance.
pub fn add_to_open_balance(tx: &Connection, id: CustomerId, change: Money) -> Result<()> {
    tx.prepare_cached("UPDATE customers SET open_minor = open_minor + ?2 WHERE id = ?1")?
        .execute(params![id, change.minor()])?;
    Ok(())
}

/// How customers are searched.
pub const SEARCHABLE: Searchable = Searchable {
    table: "customers",
    index: "customers_fts",
    text: "(t.display_name || char(10) || t.company || char(10) || t.email || char(10) || t.phone)",
    prefixes: &["name_key"],
};

/// Conditions for active and archived rows, as `Listing` takes them.
pub(super) const fn archive_branches(filter: ArchiveFilter) -> &'static [&'static str] {
    match filter {
        ArchiveFilter::Active => &["t.archived = 0"],
        ArchiveFilter::Archived => &["t.archived = 1"],
        ArchiveFilter::All => &["t.archived = 0", "t.archived = 1"],
    }
}

/// The listing of a query.
pub(super) fn listing<'a>(db: &Connection, query: &'a CustomerQuery) -> Result<Listing<'a>> {
    Ok(Listing {
        table: "customers",
        joins: "",
        columns: "t.id, t.display_name, t.company, t.email, t.phone, t.open_minor, t.currency, t.archived, t.updated_at",
        sort: match query.sort {
            CustomerSort::Name => "name_key",
            CustomerSort::OpenBalance => "open_minor",
            CustomerSort::UpdatedAt => "updated_at",
        },
        tie: "id",
        descending: query.descending,
        branches: archive_branches(query.filter),
        bound: None,
        search: SEARCHABLE.search(db, &query.search)?,
        cursor: query.cursor.as_deref(),
        limit: query.limit,
    })
}

/// A page of customers with how they stand with the connections.
pub fn list(db: &Connection, query: &CustomerQuery) -> Result<Page<CustomerRow>> {
    let mut page = page::list(db, &listing(db, query)?, |row| {
        let currency = row.get::<_, Code>(6)?.0;
        Ok(CustomerRow {
            id: row.get(0)?,
            display_name: row.get(1)?,
            company: row.get(2)?,
            email: row.get(3)?,
            phone: row.get(4)?,
            open_balance: money(row, 5, currency)?.into(),
            archived: row.get(7)?,
            sync: None,
            updated_at: row.get(8)?,
        })
    })?;
    let ids: Vec<String> = page.rows.iter().map(|row| row.id.to_string()).collect();
    let states = worst_states(db, RecordKind::Customer, &ids)?;
    for (row, id) in page.rows.iter_mut().zip(&ids) {
        row.sync = states.get(id).copied();
    }
    Ok(page)
}

/// What a customer owes past its due day.
pub fn overdue(db: &Connection, customer: &Customer, today: NaiveDate) -> Result<Money> {
    let minor: i64 = db
        .prepare_cached(
            "SELECT coalesce(sum(balance_minor), 0) FROM invoices
             WHERE customer_id = ?1 AND due_on < ?2 AND status = 'open' AND balance_minor <> 0",
        )?
        .query_row(params![customer.id, today], |row| row.get(0))?;
    Ok(Money::from_minor(minor, customer.currency))
}
