//! Every record as rows of text, for CSV files. Amounts, quantities and rates are written as people write them.
//!
//! Absent on purpose: what only the app needs (sort keys, sync bookkeeping, the outbox) and, as everywhere, secrets.

use crate::text::spreadsheet;
use crate::{Error, Result};
use backroom_money::{Currency, Money, Quantity, Rate, UnitPrice};
use rusqlite::types::ValueRef;
use rusqlite::{Connection, Row};

/// A file of the export.
pub struct Table {
    /// Name of the file without its ending.
    pub name: &'static str,
    sql: &'static str,
}

/// All files. Rows without a currency of their own get it from the record they belong to.
pub const TABLES: [Table; 24] = [
    Table { name: "company", sql: "SELECT * FROM company" },
    Table { name: "terms", sql: "SELECT * FROM terms ORDER BY due_days" },
    Table { name: "tax_codes", sql: "SELECT * FROM tax_codes ORDER BY name" },
    Table { name: "locations", sql: "SELECT * FROM locations ORDER BY name" },
    Table { name: "customers", sql: "SELECT * FROM customers ORDER BY row" },
    Table { name: "items", sql: "SELECT * FROM items ORDER BY row" },
    Table { name: "stock_levels", sql: "SELECT * FROM stock_levels" },
    Table { name: "stock_movements", sql: "SELECT * FROM stock_movements ORDER BY row" },
    Table { name: "orders", sql: "SELECT * FROM orders ORDER BY row" },
    Table {
        name: "order_lines",
        sql: "SELECT t.*, p.currency FROM orders p CROSS JOIN order_lines t ON t.order_id = p.id ORDER BY p.row, t.position",
    },
    Table { name: "shipments", sql: "SELECT * FROM shipments ORDER BY created_at" },
    Table { name: "shipment_lines", sql: "SELECT * FROM shipment_lines" },
    Table { name: "invoices", sql: "SELECT * FROM invoices ORDER BY row" },
    Table {
        name: "invoice_lines",
        sql: "SELECT t.*, p.currency FROM invoices p CROSS JOIN invoice_lines t ON t.invoice_id = p.id
              ORDER BY p.row, t.position",
    },
    Table {
        name: "invoice_taxes",
        sql: "SELECT t.*, p.currency FROM invoices p CROSS JOIN invoice_taxes t ON t.invoice_id = p.id
              ORDER BY p.row, t.position",
    },
    Table { name: "payments", sql: "SELECT * FROM payments ORDER BY row" },
    Table {
        name: "payment_applications",
        sql: "SELECT t.*, p.currency FROM payments p CROSS JOIN payment_applications t ON t.payment_id = p.id ORDER BY p.row",
    },
    Table { name: "charges", sql: "SELECT * FROM charges ORDER BY row" },
    Table { name: "refunds", sql: "SELECT * FROM refunds ORDER BY created_at" },
    Table { name: "disputes", sql: "SELECT * FROM disputes ORDER BY created_at" },
    Table { name: "payouts", sql: "SELECT * FROM payouts ORDER BY row" },
    Table { name: "balance_entries", sql: "SELECT * FROM balance_entries ORDER BY row" },
    Table { name: "ledger_entries", sql: "SELECT * FROM ledger_entries ORDER BY row" },
    Table {
        name: "ledger_postings",
        sql: "SELECT p.* FROM ledger_entries e CROSS JOIN ledger_postings p ON p.entry_id = e.id ORDER BY e.row, p.position",
    },
];

/// How a column is written.
#[derive(Clone, Copy)]
enum Form {
    Plain,
    Amount,
    /// What is finer than the currency is in the column with this index.
    Price(usize),
    Quantity,
    Percent,
}

/// Reads a table row by row: first the names of its columns, then the rows.
pub fn each_row(db: &Connection, table: &Table, mut take: impl FnMut(&[String]) -> Result<()>) -> Result<()> {
    let mut statement = db.prepare(table.sql)?;
    let columns = columns(&statement.column_names());
    let currency = statement.column_index("currency").ok();
    take(&columns.iter().map(|(_, name, _)| name.clone()).collect::<Vec<_>>())?;
    let mut rows = statement.query([])?;
    let mut cells = Vec::with_capacity(columns.len());
    while let Some(row) = rows.next()? {
        cells.clear();
        let currency = currency.map(|index| row.get::<_, super::columns::Code>(index)).transpose()?.map(|code| code.0);
        for (index, _, form) in &columns {
            cells.push(cell(row, *index, *form, currency)?);
        }
        take(&cells)?;
    }
    Ok(())
}

/// The columns that are exported: their place, their name, and how they are written.
fn columns(names: &[&str]) -> Vec<(usize, String, Form)> {
    let internal = ["_key", "_sort", "_finer"];
    let shown = |name: &str| name != "row" && !internal.iter().any(|end| name.ends_with(end));
    let described = |(index, name): (usize, &&str)| {
        let finer = |price: &str| names.iter().position(|name| name.strip_suffix("_finer") == Some(price));
        let endings = [("_minor", Form::Amount), ("_scaled", Form::Quantity), ("_ppm", Form::Percent)];
        let found = endings.into_iter().find_map(|(end, form)| Some((name.strip_suffix(end)?, form)));
        let (name, form) = found.unwrap_or((name, Form::Plain));
        (index, name.to_owned(), finer(name).map_or(form, Form::Price))
    };
    names.iter().enumerate().filter(|(_, name)| shown(name)).map(described).collect()
}

fn cell(row: &Row<'_>, index: usize, form: Form, currency: Option<Currency>) -> Result<String> {
    Ok(match (row.get_ref(index)?, form) {
        (ValueRef::Null, _) => String::new(),
        (ValueRef::Integer(whole), Form::Quantity) => Quantity::from_scaled(whole).to_decimal_string(),
        (ValueRef::Integer(whole), Form::Percent) => Rate::from_ppm(whole).to_percent_string(),
        (ValueRef::Integer(whole), Form::Amount) => {
            let currency = currency.ok_or_else(|| Error::Bug("an exported amount has no currency".into()))?;
            Money::from_minor(whole, currency).to_decimal_string()
        }
        (ValueRef::Integer(whole), Form::Price(finer)) => {
            let currency = currency.ok_or_else(|| Error::Bug("an exported price has no currency".into()))?;
            UnitPrice::from_parts(whole, row.get(finer)?, currency)?.to_decimal_string()
        }
        (ValueRef::Integer(whole), Form::Plain) => whole.to_string(),
        (ValueRef::Text(text), _) => spreadsheet::cell(&String::from_utf8_lossy(text)),
        (ValueRef::Real(_) | ValueRef::Blob(_), _) => {
            return Err(Error::Bug("an exported column is neither text nor whole number".into()));
        }
    })
}
