//! What is measured: opening, looking up, summing and paging, each beside something that does the same without us.
//!
//! Both sides of a ratio take turns, so that whatever else the machine does hits both; the middle of many turns counts.

use crate::fill;
use anyhow::{Result, ensure};
use backroom_core::invoices::InvoiceQuery;
use backroom_core::{Core, testing};
use rusqlite::{Connection, OpenFlags};
use std::collections::BTreeMap;
use std::hint::black_box;
use std::path::Path;
use std::time::{Duration, Instant};

/// Turns of each side.
const TURNS: usize = 15;

/// What is compared, and how many times dearer the first is.
pub fn ratios(small: &Path, large: &Path) -> Result<Vec<(&'static str, f64)>> {
    let opening = ratio(|| fill::open(large), || fill::open(small))?;
    let core = fill::open(large)?;
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let raw = Connection::open_with_flags(large.join(fill::FILE), flags)?;
    let look_up = ratio(|| found(&core, &format!("0{}", fill::RARE_BARCODE)), || found(&core, fill::RARE_NAME))?;
    let aging = ratio(|| Ok(core.aging_report()?), || summed(&raw))?;
    let page =
        ratio(|| Ok(core.list_invoices(InvoiceQuery { descending: true, ..testing::first_page() })?), || paged(&raw))?;
    Ok(vec![
        ("opening the large file / the small one", opening),
        ("looking a barcode up / a rare name", look_up),
        ("the aging report / its rows summed by SQLite alone", aging),
        ("a page of invoices / the same rows read by SQLite alone", page),
    ])
}

fn found(core: &Core, text: &str) -> Result<usize> {
    let hits = core.find_stock(text.to_owned(), 8)?;
    ensure!(hits.len() == 1, "{text} is found {} times", hits.len());
    Ok(hits.len())
}

/// The rows that an aging report is made of, from the index that covers them.
fn summed(raw: &Connection) -> Result<BTreeMap<String, i64>> {
    let mut statement = raw.prepare_cached(
        "SELECT customer_id, due_on, balance_minor, currency FROM invoices WHERE status = 'open' AND balance_minor <> 0",
    )?;
    let mut sums = BTreeMap::new();
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let due: String = row.get(1)?;
        black_box((row.get::<_, String>(0)?, row.get::<_, String>(3)?));
        *sums.entry(due).or_default() += row.get::<_, i64>(2)?;
    }
    Ok(sums)
}

/// The first rows of the list, newest first, with what a row of it shows.
fn paged(raw: &Connection) -> Result<usize> {
    let mut statement = raw.prepare_cached(
        "SELECT id, number, status, customer_name, currency, issued_on, due_on, total_minor, balance_minor FROM invoices
         ORDER BY issued_on DESC, id DESC LIMIT 50",
    )?;
    let mut rows = statement.query([])?;
    let mut count = 0;
    while let Some(row) = rows.next()? {
        for column in 0..7 {
            black_box(row.get::<_, String>(column)?);
        }
        black_box((row.get::<_, i64>(7)?, row.get::<_, i64>(8)?));
        count += 1;
    }
    Ok(count)
}

/// How many times longer the first takes than the second.
fn ratio<A, B>(first: impl Fn() -> Result<A>, second: impl Fn() -> Result<B>) -> Result<f64> {
    // The first turn of each fills the caches.
    black_box((first()?, second()?));
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for _ in 0..TURNS {
        ours.push(timed(&first)?);
        theirs.push(timed(&second)?);
    }
    Ok(middle(ours).as_secs_f64() / middle(theirs).as_secs_f64())
}

fn timed<T>(work: impl Fn() -> Result<T>) -> Result<Duration> {
    let begun = Instant::now();
    let made = work()?;
    let took = begun.elapsed();
    // What it costs to let go of it is not measured.
    drop(black_box(made));
    Ok(took)
}

fn middle(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}
