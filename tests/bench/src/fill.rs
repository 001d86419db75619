//! A data file of a chosen size: one record of each kind is saved by core itself, and SQL multiplies it.
//!
//! So the rows have every column the present format has, and the file is filled in minutes instead of hours.
//! Absent on purpose: books. Ledger, history and movements are not multiplied, because nothing measured here reads them.

use anyhow::{Context as _, Result};
use backroom_core::invoices::{InvoiceDraft, InvoiceSource};
use backroom_core::items::ItemDraft;
use backroom_core::{Core, Parts, testing};
use connector_contract::{FakeClock, MemorySecrets};
use rusqlite::Connection;
use rusqlite::functions::FunctionFlags;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Name of the data file in its folder.
pub const FILE: &str = backroom_core::DATA_FILE;

/// The name that only one item has.
pub const RARE_NAME: &str = "Zymurgy kettle";

/// The barcode that only this item has, as it is stored.
pub const RARE_BARCODE: &str = "4006381333931";

/// Customers that share the invoices.
const CUSTOMERS: u32 = 20_000;

const FIRST: [&str; 12] =
    ["Linen", "Cedar", "Harbor", "Slate", "Copper", "Winter", "Paper", "Field", "Amber", "Stone", "River", "North"];
const SECOND: [&str; 12] =
    ["mug", "notebook", "lamp", "apron", "vase", "candle", "basket", "board", "brush", "plate", "tray", "bottle"];

/// Core on the data file of a folder, on a clock that stands still.
pub fn open(folder: &Path) -> Result<Arc<Core>> {
    Ok(Core::open(Parts {
        data_folder: Some(folder.to_path_buf()),
        clock: Arc::new(FakeClock::at("2026-11-20T15:00:00Z".parse()?)),
        secrets: Arc::new(MemorySecrets::default()),
        vendors: Vec::new(),
        practice: None,
    })?)
}

/// The folder with so many items and invoices; filled the first time.
pub fn folder(parent: &Path, rows: u32, seed: u32) -> Result<PathBuf> {
    let folder = parent.join(format!("{rows}-{seed}"));
    let ready = folder.join("filled");
    // A file of an older format would be brought to the present one while it is measured.
    if std::fs::read_to_string(&ready).is_ok_and(|made| made == env!("CARGO_PKG_VERSION")) && open(&folder).is_ok() {
        return Ok(folder);
    }
    if folder.exists() {
        std::fs::remove_dir_all(&folder)?;
    }
    println!("Filling {} (once)", folder.display());
    first_records(&folder)?;
    multiply(&folder.join(FILE), rows, seed)?;
    std::fs::write(ready, env!("CARGO_PKG_VERSION"))?;
    Ok(folder)
}

/// A company with one customer, one item and one open invoice.
fn first_records(folder: &Path) -> Result<()> {
    let core = open(folder)?;
    core.set_up_company(backroom_core::company::CompanySetup {
        name: "Paper & Pens".to_owned(),
        currency: "USD".to_owned(),
        time_zone: "America/New_York".to_owned(),
    })?;
    let customer = core.save_customer(testing::customer("Tidewater Studio"))?;
    let item = ItemDraft { barcode: RARE_BARCODE.to_owned(), ..testing::item("ZYM-1", "12.50") };
    core.save_item(ItemDraft { name: RARE_NAME.to_owned(), ..item })?;
    let draft = core.new_invoice(InvoiceSource::Customer { id: customer.draft.id })?;
    core.save_invoice(InvoiceDraft { lines: vec![testing::invoice_line("Work", "1", "100.00")], ..draft })?;
    Ok(())
}

/// Writes every kind so often, each row with a name, a date and an amount of its own.
fn multiply(file: &Path, rows: u32, seed: u32) -> Result<()> {
    let mut db = Connection::open(file)?;
    // It can be made again; the wait for the disk can't be had back.
    db.pragma_update(None, "synchronous", "OFF")?;
    db.pragma_update(None, "cache_size", -400_000)?;
    functions(&db, seed)?;
    let work = db.transaction()?;
    let customers = CUSTOMERS.min(rows);
    let template = |table: &str| -> Result<i64> {
        Ok(work.query_row(&format!("SELECT row FROM {table} ORDER BY row LIMIT 1"), [], |row| row.get(0))?)
    };
    let (customer, item, invoice) = (template("customers")?, template("items")?, template("invoices")?);
    let named = "word(n) || ' ' || n";
    copy(
        &work,
        "customers",
        &format!("t.row = {customer}"),
        customers,
        &[
            ("id", "uid(1, n)"),
            ("display_name", named),
            ("name_key", "lower(word(n)) || ' ' || n"),
            ("open_minor", "0"),
        ],
    )?;
    copy(
        &work,
        "items",
        &format!("t.row = {item}"),
        rows,
        &[
            ("id", "uid(2, n)"),
            ("sku", "'SKU-' || n"),
            ("sku_key", "'sku-' || n"),
            ("name", named),
            ("name_key", "lower(word(n)) || ' ' || n"),
            ("barcode", "'2' || substr('000000000000' || n, -12)"),
            ("barcode_key", "'02' || substr('000000000000' || n, -12)"),
        ],
    )?;
    copy(
        &work,
        "invoices",
        &format!("t.row = {invoice}"),
        rows,
        &[
            ("id", "uid(3, n)"),
            ("number", "'N-' || n"),
            ("number_key", "'n-' || n"),
            ("number_sort", "'n-' || substr('0000000000' || n, -10)"),
            ("customer_id", &format!("uid(1, 1 + draw(n) % {customers})")),
            ("customer_name", "word(draw(n)) || ' ' || n"),
            ("issued_on", "date('2026-11-20', '-' || (draw(n) % 700) || ' days')"),
            ("due_on", "date('2026-11-20', (30 - draw(n) % 700) || ' days')"),
            ("balance_minor", "CASE WHEN draw(n) % 10 < 3 THEN total_minor ELSE 0 END"),
            ("paid_minor", "CASE WHEN draw(n) % 10 < 3 THEN 0 ELSE total_minor END"),
        ],
    )?;
    copy(
        &work,
        "invoice_lines",
        "t.invoice_id = (SELECT id FROM invoices ORDER BY row LIMIT 1)",
        rows,
        &[("id", "uid(4, n)"), ("invoice_id", "uid(3, n)"), ("description", "word(n) || ' for ' || word(draw(n))")],
    )?;
    work.commit()?;
    db.execute_batch("ANALYZE; PRAGMA wal_checkpoint(TRUNCATE);")?;
    Ok(())
}

/// `word(n)` is a name of two words, `draw(n)` a number drawn by the seed, `uid(kind, n)` an id. `search_key` is what the format's
/// triggers ask for; of plain letters and digits it is lower case.
fn functions(db: &Connection, seed: u32) -> Result<()> {
    let pure = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC;
    let draw = move |n: i64| {
        let mixed = (n.unsigned_abs() + u64::from(seed)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        i64::from(u32::try_from(mixed >> 33).unwrap_or_default())
    };
    db.create_scalar_function("draw", 1, pure, move |context| Ok(draw(context.get(0)?)))?;
    db.create_scalar_function("word", 1, pure, move |context| {
        let drawn = usize::try_from(draw(context.get(0)?)).unwrap_or_default();
        Ok(format!("{} {}", FIRST[drawn % FIRST.len()], SECOND[drawn / FIRST.len() % SECOND.len()]))
    })?;
    db.create_scalar_function("search_key", 1, pure, |context| Ok(context.get::<String>(0)?.to_lowercase()))?;
    db.create_scalar_function("uid", 2, pure, |context| {
        Ok(format!("0193{:04x}-0000-7000-8000-{:012x}", context.get::<i64>(0)?, context.get::<i64>(1)?))
    })?;
    Ok(())
}

/// Copies one row so often, with other values in these columns where the format has them.
fn copy(db: &Connection, table: &str, template: &str, times: u32, values: &[(&str, &str)]) -> Result<()> {
    let mut statement = db.prepare("SELECT name FROM pragma_table_xinfo(?1) WHERE hidden = 0 AND name <> 'row'")?;
    let columns: Vec<String> =
        statement.query_map([table], |row| row.get(0))?.collect::<rusqlite::Result<_>>().context("its columns")?;
    let value = |column: &String| {
        let given = values.iter().find(|(name, _)| name == column);
        given.map_or_else(|| format!("t.{column}"), |(_, value)| (*value).to_owned())
    };
    let chosen: Vec<String> = columns.iter().map(value).collect();
    db.execute(
        &format!(
            "WITH RECURSIVE numbers (n) AS (VALUES (1) UNION ALL SELECT n + 1 FROM numbers WHERE n < {times})
             INSERT INTO {table} ({}) SELECT {} FROM numbers, {table} t WHERE {template}",
            columns.join(", "),
            chosen.join(", ")
        ),
        [],
    )?;
    Ok(())
}
