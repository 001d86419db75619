//! What invoicing and payments read of tables that others own: a customer's terms and addresses, items, tax codes, the company's
//! numbering. Narrow on purpose, so that those tables can grow without touching this.

use super::columns::Json;
use super::money::{amount, currency};
use super::{Db, Tx};
use crate::ids::{CustomerId, InvoiceId, ItemId, OrderId, TaxCodeId, TermsId};
use crate::{Error, Result};
use backroom_money::{Currency, Money, Rate};
use connector_contract::record::Address;
use rusqlite::{OptionalExtension as _, params};

/// What a bill takes from its customer.
#[derive(Debug, Clone)]
pub struct Billed {
    /// Name.
    pub display_name: String,
    /// The only currency the customer is billed in.
    pub currency: Currency,
    /// E-mail.
    pub email: String,
    /// Bill-to.
    pub billing: Address,
    /// Ship-to.
    pub shipping: Address,
    /// Terms of this customer, if other than the company's.
    pub terms_id: Option<TermsId>,
}

/// What a bill takes from an item.
#[derive(Debug, Clone)]
pub struct Billable {
    /// Description on documents, or the name where there is none.
    pub description: String,
    /// Sales price.
    pub unit_price: Money,
    /// Its own tax code.
    pub tax_code_id: Option<TaxCodeId>,
    /// Whether it is taxed at all.
    pub taxable: bool,
}

/// A tax code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TaxCode {
    /// Id.
    pub id: TaxCodeId,
    /// Name.
    pub name: String,
    /// Rate.
    pub rate: Rate,
}

/// What invoicing takes from the company.
#[derive(Debug, Clone)]
pub struct Billing {
    /// Home currency.
    pub currency: Currency,
    /// What "today" means.
    pub time_zone: chrono_tz::Tz,
    /// Pattern of invoice numbers.
    pub pattern: String,
    /// The counter's next value in `period`.
    pub next_number: u32,
    /// `never`, `yearly` or `monthly`.
    pub restart: String,
    /// The year or month the counter belongs to.
    pub period: String,
    /// Terms of new invoices.
    pub default_terms_id: Option<TermsId>,
    /// Tax code of new lines.
    pub default_tax_code_id: Option<TaxCodeId>,
}

/// What invoicing takes from the company; refused until the welcome is done.
pub fn company(db: &Db<'_>) -> Result<Billing> {
    db.prepare_cached(
        "SELECT currency, time_zone, invoice_pattern, next_invoice_number, number_restart, number_period,
             default_terms_id, default_tax_code_id FROM company",
    )?
    .query_row([], |row| {
        let zone: String = row.get("time_zone")?;
        Ok(Billing {
            currency: currency(row, "currency")?,
            time_zone: zone.parse().unwrap_or(chrono_tz::Tz::UTC),
            pattern: row.get("invoice_pattern")?,
            next_number: row.get("next_invoice_number")?,
            restart: row.get("number_restart")?,
            period: row.get("number_period")?,
            default_terms_id: row.get("default_terms_id")?,
            default_tax_code_id: row.get("default_tax_code_id")?,
        })
    })
    .optional()?
    .ok_or_else(|| Error::Refused("Set up your company first: its name, currency and time zone.".into()))
}

/// Moves the counter of invoice numbers.
pub fn set_next_number(tx: &Tx<'_>, next: u32, period: &str) -> Result<()> {
    tx.prepare_cached("UPDATE company SET next_invoice_number = ?1, number_period = ?2")?
        .execute(params![next, period])?;
    Ok(())
}

/// A customer to bill.
pub fn customer(db: &Db<'_>, id: CustomerId) -> Result<Option<Billed>> {
    Ok(db
        .prepare_cached(
            "SELECT display_name, currency, email, billing, shipping, terms_id FROM customers WHERE id = ?1",
        )?
        .query_row([id], |row| {
            Ok(Billed {
                display_name: row.get("display_name")?,
                currency: currency(row, "currency")?,
                email: row.get("email")?,
                billing: row.get::<_, Json<_>>("billing")?.0,
                shipping: row.get::<_, Json<_>>("shipping")?.0,
                terms_id: row.get("terms_id")?,
            })
        })
        .optional()?)
}

/// An item to bill.
pub fn item(db: &Db<'_>, id: ItemId) -> Result<Option<Billable>> {
    Ok(db
        .prepare_cached(
            "SELECT name, description, currency, unit_price_minor, tax_code_id, taxable FROM items WHERE id = ?1",
        )?
        .query_row([id], |row| {
            let (name, description): (String, String) = (row.get("name")?, row.get("description")?);
            let currency = currency(row, "currency")?;
            Ok(Billable {
                description: if description.is_empty() { name } else { description },
                unit_price: amount(row, "unit_price_minor", currency)?,
                tax_code_id: row.get("tax_code_id")?,
                taxable: row.get("taxable")?,
            })
        })
        .optional()?)
}

/// A tax code, archived or not.
pub fn tax_code(db: &Db<'_>, id: TaxCodeId) -> Result<Option<TaxCode>> {
    Ok(db
        .prepare_cached("SELECT id, name, rate_ppm FROM tax_codes WHERE id = ?1")?
        .query_row([id], |row| Ok(TaxCode { id: row.get(0)?, name: row.get(1)?, rate: Rate::from_ppm(row.get(2)?) }))
        .optional()?)
}

/// Days until due of terms.
pub fn due_days(db: &Db<'_>, id: TermsId) -> Result<Option<u32>> {
    Ok(db.prepare_cached("SELECT due_days FROM terms WHERE id = ?1")?.query_row([id], |row| row.get(0)).optional()?)
}

/// Whether an order exists.
pub fn order_exists(db: &Db<'_>, id: OrderId) -> Result<bool> {
    Ok(db.prepare_cached("SELECT EXISTS (SELECT 1 FROM orders WHERE id = ?1)")?.query_row([id], |row| row.get(0))?)
}

/// Ties an order to the invoice made from it, or frees it again.
pub fn set_order_invoice(tx: &Tx<'_>, order: OrderId, invoice: Option<InvoiceId>) -> Result<()> {
    tx.prepare_cached("UPDATE orders SET invoice_id = ?2 WHERE id = ?1")?.execute(params![order, invoice])?;
    tx.changed(crate::event::Tag::Orders);
    Ok(())
}
