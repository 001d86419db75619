//! Invoice numbers: the company's pattern, its counter, and when the counter starts again.
//!
//! A number is only looked at when a form opens and used up when an open invoice is saved with it, so a form that is closed again
//! leaves no gap. Owners may type numbers of their own; the counter steps over those when it gets there.

use crate::company::{Company, NumberRestart};
use crate::ids::InvoiceId;
use crate::store;
use crate::{Error, Result};
use chrono::{Datelike as _, NaiveDate};
use rusqlite::Connection;

/// Longest number; `QuickBooks` keeps no more of a `DocNumber`.
pub const LONGEST: usize = 21;

/// Numbers looked at before giving up: more than that are never taken in a row by accident.
const MOST_TRIES: u32 = 100_000;

/// The next number nobody has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Next {
    /// As it is written.
    pub text: String,
    /// The counter behind it.
    counter: u32,
    /// The year or month the counter belongs to; empty when it never restarts.
    period: String,
}

/// The next free number for an invoice of this day. Nothing is used up.
pub fn next(db: &Connection, company: &Company, day: NaiveDate) -> Result<Next> {
    let current = period(company.number_restart, day);
    // An empty period: the owner has just set the counter, for whatever period comes first.
    let goes_on = company.number_period.is_empty() || company.number_period == current;
    let first = if goes_on { company.next_invoice_number.max(1) } else { 1 };
    for counter in first..first.saturating_add(MOST_TRIES) {
        let text = fill(&company.invoice_pattern, counter, day);
        if !store::invoices::number_taken(db, &text, None)? {
            return Ok(Next { text, counter, period: current });
        }
    }
    Err(Error::Refused("No free invoice number was found. Set the next number or the pattern under Settings.".into()))
}

/// Moves the counter past this number, once an open invoice has it.
pub fn use_up(db: &Connection, company: &Company, next: &Next) -> Result<()> {
    // A bill for a past year or month takes a number of that time and leaves the present counter alone.
    if next.period < company.number_period {
        return Ok(());
    }
    store::company::set_invoice_counter(db, next.counter.saturating_add(1), &next.period)
}

/// Whether another issued or void invoice has this number.
pub fn taken(db: &Connection, number: &str, except: InvoiceId) -> Result<bool> {
    store::invoices::number_taken(db, number, Some(except))
}

fn period(restart: NumberRestart, day: NaiveDate) -> String {
    match restart {
        NumberRestart::Never => String::new(),
        NumberRestart::Yearly => format!("{:04}", day.year()),
        NumberRestart::Monthly => format!("{:04}-{:02}", day.year(), day.month()),
    }
}

/// Fills the pattern in. A pattern without the counter gets it at its end, because numbers must differ.
fn fill(pattern: &str, counter: u32, day: NaiveDate) -> String {
    let mut text = String::new();
    let mut has_counter = false;
    let mut rest = pattern;
    while let Some(start) = rest.find('{') {
        text.push_str(&rest[..start]);
        rest = &rest[start..];
        let Some(end) = rest.find('}') else { break };
        let hole = &rest[1..end];
        let numbered = numbered(hole, counter);
        has_counter |= numbered.is_some();
        let filled = match hole {
            "year" => format!("{:04}", day.year()),
            "month" => format!("{:02}", day.month()),
            _ => numbered.unwrap_or_else(|| rest[..=end].to_owned()),
        };
        text.push_str(&filled);
        rest = &rest[end + 1..];
    }
    text.push_str(rest);
    if has_counter { text } else { format!("{text}{counter}") }
}

/// The counter as `n`, or `n:5` for at least five digits, asks for it.
fn numbered(hole: &str, counter: u32) -> Option<String> {
    if hole == "n" {
        return Some(counter.to_string());
    }
    let width: usize = hole.strip_prefix("n:")?.parse().ok()?;
    Some(format!("{counter:0width$}", width = width.min(9)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn patterns_are_filled_in() {
        let on = day("2026-03-09");
        for (pattern, number) in [
            ("{n}", "7"),
            ("INV-{n:5}", "INV-00007"),
            ("{year}-{month}-{n:2}", "2026-03-07"),
            ("{n:12}", "000000007"),
            ("Bill", "Bill7"),
            ("{what}{n}", "{what}7"),
            ("{n:x}", "{n:x}7"),
            ("open{ {n", "open{ {n7"),
            ("é{n}", "é7"),
        ] {
            assert_eq!(fill(pattern, 7, on), number, "{pattern}");
        }
    }

    #[test]
    fn the_period_follows_the_restart() {
        let on = day("2026-03-09");
        assert_eq!(period(NumberRestart::Never, on), "");
        assert_eq!(period(NumberRestart::Yearly, on), "2026");
        assert_eq!(period(NumberRestart::Monthly, on), "2026-03");
    }
}
