//! Pages of invoices, and the open invoices of a customer.

use super::columns::{Code, money};
use super::invoices::state_named;
use super::page::{self, Listing};
use super::record_sync::worst_states;
use super::searchable::Searchable;
use crate::Result;
use crate::ids::CustomerId;
use crate::invoices::{AppliedPayment, Invoice, InvoiceFilter, InvoiceQuery, InvoiceRow, InvoiceSort, status_of};
use crate::view::Page;
use backroom_money::Money;
use chrono::NaiveDate;
use connector_contract::RecordKind;
use rusqlite::types::Value;
use rusqlite::{Connection, Row, params};

/// How invoices are searched.
pub(super) const SEARCHABLE: Searchable = Searchable {
    table: "invoices",
    index: "invoices_fts",
    text: "(t.number || char(10) || t.customer_name || char(10) || t.message || char(10) || t.note)",
    prefixes: &["number_key"],
};

const COLUMNS: &str = "t.id, t.number, t.customer_name, t.issued_on, t.due_on, t.status, t.currency, t.total_minor, \
     t.balance_minor";

fn read(row: &Row<'_>, today: NaiveDate) -> rusqlite::Result<InvoiceRow> {
    let currency = row.get::<_, Code>(6)?.0;
    let state = super::money::named(row, 5, state_named)?;
    let (total, balance) = (money(row, 7, currency)?, money(row, 8, currency)?);
    let due_on: NaiveDate = row.get(4)?;
    Ok(InvoiceRow {
        id: row.get(0)?,
        number: row.get(1)?,
        customer_name: row.get(2)?,
        issued_on: row.get(3)?,
        due_on: due_on.to_string(),
        status: status_of(state, total, balance, due_on, today),
        total: total.into(),
        balance: balance.into(),
        sync: None,
    })
}

/// The listing of a query. Each filter is a value of `standing`, which has an index for every order.
pub(super) fn listing<'a>(db: &Connection, query: &'a InvoiceQuery, today: NaiveDate) -> Result<Listing<'a>> {
    let (branches, bound): (&[&str], _) = match query.filter {
        InvoiceFilter::All => (&[], None),
        InvoiceFilter::Draft => (&["t.standing = 'draft'"], None),
        InvoiceFilter::Open => (&["t.standing = 'open'"], None),
        InvoiceFilter::Overdue if query.sort == InvoiceSort::DueOn => {
            (&["t.standing = 'open' AND t.due_on < :bound"], Some(Value::Text(today.to_string())))
        }
        // The plus keeps the due day's index out of it: in another order, open invoices are walked and picked.
        InvoiceFilter::Overdue => {
            (&["t.standing = 'open' AND +t.due_on < :bound"], Some(Value::Text(today.to_string())))
        }
        InvoiceFilter::Paid => (&["t.standing = 'paid'"], None),
        InvoiceFilter::Void => (&["t.standing = 'void'"], None),
    };
    Ok(Listing {
        table: "invoices",
        joins: "",
        columns: COLUMNS,
        sort: match query.sort {
            InvoiceSort::IssuedOn => "issued_on",
            InvoiceSort::DueOn => "due_on",
            InvoiceSort::Number => "number_sort",
            InvoiceSort::Total => "total_minor",
            InvoiceSort::Balance => "balance_minor",
        },
        tie: "id",
        descending: query.descending,
        branches,
        bound,
        search: SEARCHABLE.search(db, &query.search)?,
        cursor: query.cursor.as_deref(),
        limit: query.limit,
    })
}

/// A page of invoices with how they stand with the connections.
pub fn list(db: &Connection, query: &InvoiceQuery, today: NaiveDate) -> Result<Page<InvoiceRow>> {
    let mut page = page::list(db, &listing(db, query, today)?, |row| read(row, today))?;
    add_sync(db, &mut page.rows)?;
    Ok(page)
}

/// The open invoices of a customer, oldest due first.
pub fn open_of(db: &Connection, customer: CustomerId, today: NaiveDate) -> Result<Vec<InvoiceRow>> {
    let mut statement = db.prepare_cached(&format!(
        "SELECT {COLUMNS} FROM invoices t
         WHERE t.customer_id = ?1 AND t.status = 'open' AND t.balance_minor <> 0 ORDER BY t.due_on, t.id LIMIT 1000"
    ))?;
    let mut rows: Vec<InvoiceRow> =
        statement.query_map([customer], |row| read(row, today))?.collect::<rusqlite::Result<_>>()?;
    add_sync(db, &mut rows)?;
    Ok(rows)
}

fn add_sync(db: &Connection, rows: &mut [InvoiceRow]) -> Result<()> {
    let ids: Vec<String> = rows.iter().map(|row| row.id.to_string()).collect();
    let states = worst_states(db, RecordKind::Invoice, &ids)?;
    for (row, id) in rows.iter_mut().zip(&ids) {
        row.sync = states.get(id).copied();
    }
    Ok(())
}

/// The payments applied to an invoice, oldest first.
pub fn payments_of(db: &Connection, invoice: &Invoice) -> Result<Vec<AppliedPayment>> {
    let mut statement = db.prepare_cached(
        "SELECT p.id, p.received_on, p.method, p.reference, a.amount_minor
         FROM payment_applications a CROSS JOIN payments p ON p.id = a.payment_id
         WHERE a.invoice_id = ?1 ORDER BY p.received_on, p.id",
    )?;
    let rows = statement.query_map(params![invoice.id], |row| {
        Ok(AppliedPayment {
            payment_id: row.get(0)?,
            received_on: row.get(1)?,
            method: row.get(2)?,
            reference: row.get(3)?,
            amount: Money::from_minor(row.get(4)?, invoice.currency).into(),
        })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}
