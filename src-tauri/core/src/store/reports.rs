//! The numbers of the home page and of the receivables report, from kept sums and covering indexes.

use super::columns::Code;
use crate::Result;
use crate::ids::CustomerId;
use backroom_money::{Currency, Money};
use chrono::NaiveDate;
use rusqlite::{Connection, OptionalExtension as _, params};

/// The kept balance of an account.
pub fn balance(db: &Connection, account: &str, currency: Currency) -> Result<Money> {
    let minor: Option<i64> = db
        .prepare_cached("SELECT amount_minor FROM ledger_balances WHERE account = ?1 AND currency = ?2")?
        .query_row(params![account, Code(currency)], |row| row.get(0))
        .optional()?;
    Ok(Money::from_minor(minor.unwrap_or(0), currency))
}

/// Sum and number of invoices past due; the sum only over this currency.
pub fn overdue(db: &Connection, today: NaiveDate, currency: Currency) -> Result<(Money, u32)> {
    Ok(db
        .prepare_cached(
            "SELECT COALESCE(SUM(balance_minor) FILTER (WHERE currency = ?2), 0), COUNT(*)
             FROM invoices INDEXED BY invoices_open WHERE status = 'open' AND balance_minor <> 0 AND due_on < ?1",
        )?
        .query_row(params![today, Code(currency)], |row| Ok((Money::from_minor(row.get(0)?, currency), row.get(1)?)))?)
}

/// Payments received between these days, both included, and what came with invoices. One dated in the future has not been received
/// yet.
pub fn received_between(db: &Connection, days: (NaiveDate, NaiveDate), currency: Currency) -> Result<Money> {
    let minor = db
        .prepare_cached(
            "SELECT (SELECT COALESCE(SUM(amount_minor), 0) FROM payments INDEXED BY payments_received
                 WHERE voided = 0 AND received_on BETWEEN ?1 AND ?2 AND currency = ?3)
             + (SELECT COALESCE(SUM(min(deposit_minor, total_minor)), 0) FROM invoices INDEXED BY invoices_deposits
                 WHERE status = 'open' AND deposit_minor > 0 AND issued_on BETWEEN ?1 AND ?2 AND currency = ?3)",
        )?
        .query_row(params![days.0, days.1, Code(currency)], |row| row.get(0))?;
    Ok(Money::from_minor(minor, currency))
}

/// Orders to ship, and items at or below their reorder point.
pub fn counts(db: &Connection) -> Result<(u32, u32)> {
    Ok(db
        .prepare_cached(
            "SELECT (SELECT COUNT(*) FROM orders WHERE status = 'open')
                 + (SELECT COUNT(*) FROM orders WHERE status = 'partly_shipped'),
                 (SELECT COUNT(*) FROM items WHERE low = 1 AND archived = 0)",
        )?
        .query_row([], |row| Ok((row.get(0)?, row.get(1)?)))?)
}

/// Whether there is any customer, item, invoice, connection.
pub fn has_any(db: &Connection) -> Result<[bool; 4]> {
    Ok(db
        .prepare_cached(
            "SELECT EXISTS (SELECT 1 FROM customers), EXISTS (SELECT 1 FROM items), EXISTS (SELECT 1 FROM invoices),
                 EXISTS (SELECT 1 FROM connections)",
        )?
        .query_row([], |row| Ok([row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?]))?)
}

/// Something a customer owes, or is owed.
pub struct OpenAmount {
    /// Who.
    pub customer: CustomerId,
    /// When it is due; `None` for credit not applied to an invoice, which is negative.
    pub due_on: Option<NaiveDate>,
    /// How much.
    pub amount: Money,
}

/// Every open invoice and every credit, handed on one by one: summing here is quicker than in SQL, and nothing is collected.
pub fn each_open(db: &Connection, mut take: impl FnMut(OpenAmount) -> Result<()>) -> Result<()> {
    let mut invoices = db.prepare_cached(
        "SELECT customer_id, due_on, balance_minor, currency FROM invoices INDEXED BY invoices_open
         WHERE status = 'open' AND balance_minor <> 0",
    )?;
    let mut rows = invoices.query([])?;
    while let Some(row) = rows.next()? {
        let currency = row.get::<_, Code>(3)?.0;
        let amount = Money::from_minor(row.get(2)?, currency);
        take(OpenAmount { customer: row.get(0)?, due_on: Some(row.get(1)?), amount })?;
    }
    let mut credits = db.prepare_cached(
        "SELECT customer_id, unapplied_minor, currency FROM payments INDEXED BY payments_credit
         WHERE unapplied_minor <> 0 AND voided = 0",
    )?;
    let mut rows = credits.query([])?;
    while let Some(row) = rows.next()? {
        let credit = Money::from_minor(row.get(1)?, row.get::<_, Code>(2)?.0);
        take(OpenAmount { customer: row.get(0)?, due_on: None, amount: credit.checked_neg()? })?;
    }
    Ok(())
}

/// A customer's name.
pub fn customer_name(db: &Connection, id: CustomerId) -> Result<String> {
    Ok(db.prepare_cached("SELECT display_name FROM customers WHERE id = ?1")?.query_row([id], |row| row.get(0))?)
}
