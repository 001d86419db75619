//! Rows of the company, its terms, tax codes, locations and settings.

use super::columns::{Code, Json, Named};
use crate::Result;
use crate::company::{Company, SyncSettings};
use crate::company::{LocationView, TermsView};
use crate::ids::{LocationId, TaxCodeId, TermsId};
use backroom_money::Rate;
use chrono_tz::Tz;
use rusqlite::types::FromSqlError;
use rusqlite::{Connection, OptionalExtension as _, params};

const COLUMNS: &str = "version, name, currency, time_zone, email, phone, address, invoice_pattern, next_invoice_number,
    number_restart, number_period, next_order_number, default_terms_id, default_tax_code_id";

/// The company, once the welcome is done.
pub fn get(db: &Connection) -> Result<Option<Company>> {
    let mut statement = db.prepare_cached(&format!("SELECT {COLUMNS} FROM company WHERE id = 1"))?;
    let company = statement.query_row([], |row| {
        Ok(Company {
            version: row.get(0)?,
            name: row.get(1)?,
            currency: row.get::<_, Code>(2)?.0,
            time_zone: row.get::<_, String>(3)?.parse::<Tz>().map_err(|error| {
                rusqlite::Error::FromSqlConversionFailure(
                    3,
                    rusqlite::types::Type::Text,
                    Box::new(FromSqlError::other(error)),
                )
            })?,
            email: row.get(4)?,
            phone: row.get(5)?,
            address: row.get::<_, Json<_>>(6)?.0,
            invoice_pattern: row.get(7)?,
            next_invoice_number: row.get(8)?,
            number_restart: row.get::<_, Named<_>>(9)?.0,
            number_period: row.get(10)?,
            next_order_number: row.get(11)?,
            default_terms_id: row.get(12)?,
            default_tax_code_id: row.get(13)?,
        })
    });
    Ok(company.optional()?)
}

/// Writes the company as it is, version included.
pub fn put(tx: &Connection, company: &Company) -> Result<()> {
    tx.prepare_cached(&format!(
        "INSERT OR REPLACE INTO company (id, {COLUMNS})
         VALUES (1, ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)"
    ))?
    .execute(params![
        company.version,
        company.name,
        Code(company.currency),
        company.time_zone.name(),
        company.email,
        company.phone,
        Json(&company.address),
        company.invoice_pattern,
        company.next_invoice_number,
        Named(company.number_restart),
        company.number_period,
        company.next_order_number,
        company.default_terms_id,
        company.default_tax_code_id,
    ])?;
    Ok(())
}

/// Moves the counter of invoice numbers. `period` is the year or month it belongs to, empty when it never restarts.
pub fn set_invoice_counter(tx: &Connection, next: u32, period: &str) -> Result<()> {
    tx.prepare_cached("UPDATE company SET next_invoice_number = ?1, number_period = ?2 WHERE id = 1")?
        .execute(params![next, period])?;
    Ok(())
}

/// Moves the counter of order numbers.
pub fn set_order_counter(tx: &Connection, next: u32) -> Result<()> {
    tx.prepare_cached("UPDATE company SET next_order_number = ?1 WHERE id = 1")?.execute([next])?;
    Ok(())
}

/// Whether any record holds an amount, so that the home currency can't change any more.
pub fn has_amounts(db: &Connection) -> Result<bool> {
    Ok(db.query_row(
        "SELECT EXISTS (SELECT 1 FROM items) OR EXISTS (SELECT 1 FROM orders) OR EXISTS (SELECT 1 FROM invoices)
             OR EXISTS (SELECT 1 FROM payments) OR EXISTS (SELECT 1 FROM customers)",
        [],
        |row| row.get(0),
    )?)
}

/// All terms by days.
pub fn terms(db: &Connection) -> Result<Vec<TermsView>> {
    let mut statement = db.prepare_cached("SELECT id, name, due_days FROM terms ORDER BY due_days, name")?;
    let rows =
        statement.query_map([], |row| Ok(TermsView { id: row.get(0)?, name: row.get(1)?, due_days: row.get(2)? }))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Adds terms.
pub fn add_terms(tx: &Connection, terms: &TermsView) -> Result<()> {
    tx.execute(
        "INSERT INTO terms (id, name, due_days) VALUES (?1, ?2, ?3)",
        params![terms.id, terms.name, terms.due_days],
    )?;
    Ok(())
}

/// One set of terms.
pub fn terms_by_id(db: &Connection, id: TermsId) -> Result<Option<TermsView>> {
    Ok(terms(db)?.into_iter().find(|terms| terms.id == id))
}

/// A tax code as computed with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TaxCode {
    /// Id.
    pub id: TaxCodeId,
    /// Name, unique.
    pub name: String,
    /// Rate.
    pub rate: Rate,
    /// No longer offered.
    pub archived: bool,
}

/// All tax codes, archived ones last. There are a handful, so they are read together.
pub fn tax_codes(db: &Connection) -> Result<Vec<TaxCode>> {
    let mut statement =
        db.prepare_cached("SELECT id, name, rate_ppm, archived FROM tax_codes ORDER BY archived, search_key(name)")?;
    let rows = statement.query_map([], |row| {
        Ok(TaxCode { id: row.get(0)?, name: row.get(1)?, rate: Rate::from_ppm(row.get(2)?), archived: row.get(3)? })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Adds or changes a tax code.
pub fn put_tax_code(tx: &Connection, code: &TaxCode) -> Result<()> {
    tx.execute(
        "INSERT INTO tax_codes (id, name, rate_ppm, archived) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT (id) DO UPDATE SET name = excluded.name, rate_ppm = excluded.rate_ppm, archived = excluded.archived",
        params![code.id, code.name, code.rate.ppm(), code.archived],
    )?;
    Ok(())
}

/// All locations, the default first.
pub fn locations(db: &Connection) -> Result<Vec<LocationView>> {
    let mut statement =
        db.prepare_cached("SELECT id, name, is_default FROM locations ORDER BY is_default DESC, search_key(name), id")?;
    let rows = statement
        .query_map([], |row| Ok(LocationView { id: row.get(0)?, name: row.get(1)?, is_default: row.get(2)? }))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// The location orders are taken from when nothing else is said; `None` before the welcome is done.
pub fn default_location(db: &Connection) -> Result<Option<LocationId>> {
    let mut statement = db.prepare_cached("SELECT id FROM locations WHERE is_default = 1")?;
    Ok(statement.query_row([], |row| row.get(0)).optional()?)
}

/// Adds or renames a location. Making it the default takes that from the one before.
pub fn put_location(tx: &Connection, location: &LocationView) -> Result<()> {
    if location.is_default {
        tx.execute("UPDATE locations SET is_default = 0 WHERE id <> ?1", params![location.id])?;
    }
    tx.execute(
        "INSERT INTO locations (id, name, is_default) VALUES (?1, ?2, ?3)
         ON CONFLICT (id) DO UPDATE SET name = excluded.name, is_default = excluded.is_default",
        params![location.id, location.name, location.is_default],
    )?;
    Ok(())
}

/// Settings of the background sync, as saved or as they are at first.
pub fn sync_settings(db: &Connection) -> Result<SyncSettings> {
    let saved: Option<Json<SyncSettings>> = db
        .prepare_cached("SELECT value FROM settings WHERE name = 'sync'")?
        .query_row([], |row| row.get(0))
        .optional()?;
    Ok(saved.map_or_else(SyncSettings::default, |json| json.0))
}

/// Saves the settings of the background sync.
pub fn put_sync_settings(tx: &Connection, settings: &SyncSettings) -> Result<()> {
    tx.execute(
        "INSERT INTO settings (name, value) VALUES ('sync', ?1) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        params![Json(settings)],
    )?;
    Ok(())
}
