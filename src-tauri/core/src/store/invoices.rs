//! Invoices with their lines and taxes.
//!
//! Absent on purpose: what follows from a change (ledger, history, balances); `invoices::write` does that.

use super::columns::Json;
use super::history::moment;
use super::money::{amount, currency, named, price, quantity};
use crate::Result;
use crate::ids::{CustomerId, InvoiceId};
use crate::invoices::{Invoice, InvoiceLine, InvoiceState, InvoiceTax};
use crate::text::{number_key, same_key, search_key};
use backroom_money::{Currency, Money, Rate};
use chrono::{DateTime, Utc};
use rusqlite::{Connection, OptionalExtension as _, Row, named_params, params};

/// One invoice, whole.
pub fn get(db: &Connection, id: InvoiceId) -> Result<Option<Invoice>> {
    let found =
        db.prepare_cached("SELECT * FROM invoices WHERE id = ?1")?.query_row([id], invoice_without_parts).optional()?;
    let Some(mut invoice) = found else { return Ok(None) };
    invoice.lines = lines(db, id, invoice.currency)?;
    invoice.taxes = taxes(db, id, invoice.currency)?;
    Ok(Some(invoice))
}

/// The issued or void invoice with this number, whatever the case. With several (a vendor may allow it) the newest.
pub fn find_by_number(db: &Connection, number: &str) -> Result<Option<InvoiceId>> {
    Ok(db
        .prepare_cached(
            "SELECT id FROM invoices WHERE number_key = ?1 AND same_key(number) = ?2 AND status <> 'draft'
             ORDER BY id DESC LIMIT 1",
        )?
        .query_row([search_key(number), same_key(number)], |row| row.get(0))
        .optional()?)
}

/// Whether an issued or void invoice, other than `except`, has this number.
pub fn number_taken(db: &Connection, number: &str, except: Option<InvoiceId>) -> Result<bool> {
    Ok(db
        .prepare_cached(
            "SELECT EXISTS (SELECT 1 FROM invoices
                 WHERE number_key = ?1 AND same_key(number) = ?2 AND status <> 'draft' AND id IS NOT ?3)",
        )?
        .query_row(params![search_key(number), same_key(number), except], |row| row.get(0))?)
}

/// Every number of issued and void invoices that begins like this, as numbers are compared, from the index alone.
pub fn each_number(db: &Connection, begins: &str, mut take: impl FnMut(&str)) -> Result<()> {
    // No text sorts after the last character.
    let end = format!("{begins}{}", char::MAX);
    let mut statement = db.prepare_cached(
        "SELECT number_key FROM invoices INDEXED BY invoices_numbers
         WHERE status <> 'draft' AND number_key >= ?1 AND number_key < ?2",
    )?;
    let mut rows = statement.query([begins, end.as_str()])?;
    while let Some(row) = rows.next()? {
        take(row.get_ref(0)?.as_str().map_err(rusqlite::Error::from)?);
    }
    Ok(())
}

/// Adds an invoice with its lines and taxes.
pub fn insert(tx: &Connection, invoice: &Invoice) -> Result<()> {
    put(
        tx,
        invoice,
        "INSERT INTO invoices (id, version, number, number_key, number_sort, status, customer_id, customer_name, currency, issued_on, due_on, terms_id,
             tax_inclusive, discount_text, discount_minor, shipping_minor, subtotal_minor, tax_minor, total_minor,
             deposit_minor, paid_minor, balance_minor, message, note, email, billing, shipping_address, order_id, source, created_at, updated_at)
         VALUES (:id, :version, :number, :number_key, :number_sort, :status, :customer_id,
             (SELECT display_name FROM customers WHERE id = :customer_id), :currency, :issued_on, :due_on, :terms_id,
             :tax_inclusive, :discount_text, :discount, :shipping, :subtotal, :tax, :total,
             :deposit, :paid, :balance, :message, :note, :email, :billing, :shipping_address, :order_id, :source, :created_at, :updated_at)",
    )?;
    put_parts(tx, invoice)
}

/// Replaces an invoice with its lines and taxes.
pub fn update(tx: &Connection, invoice: &Invoice) -> Result<()> {
    put(
        tx,
        invoice,
        "UPDATE invoices SET version = :version, number = :number, number_key = :number_key, number_sort = :number_sort, status = :status,
             customer_id = :customer_id,
             customer_name = (SELECT display_name FROM customers WHERE id = :customer_id), currency = :currency, issued_on = :issued_on, due_on = :due_on, terms_id = :terms_id,
             tax_inclusive = :tax_inclusive, discount_text = :discount_text, discount_minor = :discount,
             shipping_minor = :shipping, subtotal_minor = :subtotal, tax_minor = :tax, total_minor = :total,
             deposit_minor = :deposit, paid_minor = :paid, balance_minor = :balance, message = :message, note = :note, email = :email,
             billing = :billing, shipping_address = :shipping_address, order_id = :order_id, source = :source,
             created_at = :created_at, updated_at = :updated_at
         WHERE id = :id",
    )?;
    tx.prepare_cached("DELETE FROM invoice_lines WHERE invoice_id = ?1")?.execute([invoice.id])?;
    tx.prepare_cached("DELETE FROM invoice_taxes WHERE invoice_id = ?1")?.execute([invoice.id])?;
    put_parts(tx, invoice)
}

/// Removes a draft; issued invoices stay forever.
pub fn delete_draft(tx: &Connection, id: InvoiceId) -> Result<()> {
    tx.prepare_cached("DELETE FROM invoices WHERE id = ?1 AND status = 'draft'")?.execute([id])?;
    Ok(())
}

/// What a payment needs to know of an invoice.
pub struct Standing {
    /// Number.
    pub number: String,
    /// Draft, open or void.
    pub state: InvoiceState,
    /// Who owes it.
    pub customer_id: CustomerId,
    /// Still owed.
    pub balance: Money,
}

/// Where an invoice stands, without its parts.
pub fn standing(db: &Connection, id: InvoiceId) -> Result<Option<Standing>> {
    Ok(db
        .prepare_cached("SELECT number, status, customer_id, balance_minor, currency FROM invoices WHERE id = ?1")?
        .query_row([id], |row| {
            Ok(Standing {
                number: row.get("number")?,
                state: named(row, "status", state_named)?,
                customer_id: row.get("customer_id")?,
                balance: amount(row, "balance_minor", currency(row, "currency")?)?,
            })
        })
        .optional()?)
}

/// Counts anew what is paid and open, after a payment changed. The version stays: nobody edited the invoice.
pub fn recount_paid(tx: &Connection, id: InvoiceId, now: DateTime<Utc>) -> Result<()> {
    tx.prepare_cached(
        "UPDATE invoices SET paid_minor = p.sum, updated_at = ?2,
             balance_minor = iif(status = 'open', total_minor - max(0, min(deposit_minor, total_minor)) - p.sum, 0)
         FROM (SELECT COALESCE(SUM(amount_minor), 0) AS sum FROM payment_applications WHERE invoice_id = ?1) AS p
         WHERE id = ?1",
    )?
    .execute(params![id, moment(now)])?;
    Ok(())
}

fn put(tx: &Connection, invoice: &Invoice, sql: &str) -> Result<()> {
    tx.prepare_cached(sql)?.execute(named_params! {
        ":id": invoice.id,
        ":version": invoice.version,
        ":number": invoice.number,
        ":number_key": search_key(&invoice.number),
        ":number_sort": number_key(&invoice.number),
        ":status": invoice.state.as_str(),
        ":customer_id": invoice.customer_id,
        ":currency": invoice.currency.code(),
        ":issued_on": invoice.issued_on,
        ":due_on": invoice.due_on,
        ":terms_id": invoice.terms_id,
        ":tax_inclusive": invoice.tax_inclusive,
        ":discount_text": invoice.discount_text,
        ":discount": invoice.discount.minor(),
        ":shipping": invoice.shipping.minor(),
        ":subtotal": invoice.subtotal.minor(),
        ":tax": invoice.tax.minor(),
        ":total": invoice.total.minor(),
        ":deposit": invoice.deposit.minor(),
        ":paid": invoice.paid.minor(),
        ":balance": invoice.balance.minor(),
        ":message": invoice.message,
        ":note": invoice.note,
        ":email": invoice.email,
        ":billing": Json(&invoice.billing),
        ":shipping_address": Json(&invoice.shipping_address),
        ":order_id": invoice.order_id,
        ":source": invoice.source,
        ":created_at": moment(invoice.created_at),
        ":updated_at": moment(invoice.updated_at),
    })?;
    Ok(())
}

fn put_parts(tx: &Connection, invoice: &Invoice) -> Result<()> {
    let mut insert = tx.prepare_cached(
        "INSERT INTO invoice_lines (id, invoice_id, position, remote_line, item_id, description, quantity_scaled,
             unit_price_minor, unit_price_finer, discount_text, amount_minor, taxable, tax_code_id)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
    )?;
    for (position, line) in (0_i64..).zip(&invoice.lines) {
        insert.execute(params![
            line.id,
            invoice.id,
            position,
            line.remote_line,
            line.item_id,
            line.description,
            line.quantity.scaled(),
            line.unit_price.minor(),
            line.unit_price.finer(),
            line.discount_text,
            line.amount.minor(),
            line.taxable,
            line.tax_code_id,
        ])?;
    }
    let mut insert = tx.prepare_cached(
        "INSERT INTO invoice_taxes (invoice_id, position, name, rate_ppm, taxable_minor, amount_minor, tax_code_id)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    )?;
    for (position, tax) in (0_i64..).zip(&invoice.taxes) {
        insert.execute(params![
            invoice.id,
            position,
            tax.name,
            tax.rate.ppm(),
            tax.taxable.minor(),
            tax.amount.minor(),
            tax.tax_code_id,
        ])?;
    }
    Ok(())
}

fn invoice_without_parts(row: &Row<'_>) -> rusqlite::Result<Invoice> {
    let currency = currency(row, "currency")?;
    let money = |column: &str| amount(row, column, currency);
    Ok(Invoice {
        id: row.get("id")?,
        version: row.get("version")?,
        number: row.get("number")?,
        state: named(row, "status", state_named)?,
        customer_id: row.get("customer_id")?,
        currency,
        issued_on: row.get("issued_on")?,
        due_on: row.get("due_on")?,
        terms_id: row.get("terms_id")?,
        tax_inclusive: row.get("tax_inclusive")?,
        lines: Vec::new(),
        discount_text: row.get("discount_text")?,
        discount: money("discount_minor")?,
        shipping: money("shipping_minor")?,
        subtotal: money("subtotal_minor")?,
        taxes: Vec::new(),
        tax: money("tax_minor")?,
        total: money("total_minor")?,
        deposit: money("deposit_minor")?,
        paid: money("paid_minor")?,
        balance: money("balance_minor")?,
        message: row.get("message")?,
        note: row.get("note")?,
        email: row.get("email")?,
        billing: row.get::<_, Json<_>>("billing")?.0,
        shipping_address: row.get::<_, Json<_>>("shipping_address")?.0,
        order_id: row.get("order_id")?,
        source: row.get("source")?,
        created_at: row.get("created_at")?,
        updated_at: row.get("updated_at")?,
    })
}

/// The state with this stored name.
pub fn state_named(name: &str) -> Option<InvoiceState> {
    [InvoiceState::Draft, InvoiceState::Open, InvoiceState::Void].into_iter().find(|state| state.as_str() == name)
}

fn lines(db: &Connection, id: InvoiceId, currency: Currency) -> Result<Vec<InvoiceLine>> {
    let mut statement = db.prepare_cached("SELECT * FROM invoice_lines WHERE invoice_id = ?1 ORDER BY position")?;
    let rows = statement.query_map([id], |row| {
        Ok(InvoiceLine {
            id: row.get("id")?,
            remote_line: row.get("remote_line")?,
            item_id: row.get("item_id")?,
            description: row.get("description")?,
            quantity: quantity(row, "quantity_scaled")?,
            unit_price: price(row, "unit_price", currency)?,
            discount_text: row.get("discount_text")?,
            amount: amount(row, "amount_minor", currency)?,
            taxable: row.get("taxable")?,
            tax_code_id: row.get("tax_code_id")?,
        })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

fn taxes(db: &Connection, id: InvoiceId, currency: Currency) -> Result<Vec<InvoiceTax>> {
    let mut statement = db.prepare_cached("SELECT * FROM invoice_taxes WHERE invoice_id = ?1 ORDER BY position")?;
    let rows = statement.query_map([id], |row| {
        Ok(InvoiceTax {
            tax_code_id: row.get("tax_code_id")?,
            name: row.get("name")?,
            rate: Rate::from_ppm(row.get("rate_ppm")?),
            taxable: amount(row, "taxable_minor", currency)?,
            amount: amount(row, "amount_minor", currency)?,
        })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}
