//! Invoice numbers: the company's pattern, its counter, and when the counter starts again.
//!
//! A number is only looked at when a form opens and used up when an open invoice is saved with it, so a form that is closed again
//! leaves no gap. Owners may type numbers of their own; the counter steps over those when it gets there.

use crate::company::{Company, NumberRestart};
use crate::ids::InvoiceId;
use crate::store;
use crate::text::search_key;
use crate::{Error, Result};
use chrono::{Datelike as _, NaiveDate};
use rusqlite::Connection;

/// Longest number; `QuickBooks` keeps no more of a `DocNumber`.
pub const LONGEST: usize = 21;

/// Numbers looked up one by one before all taken ones are read: mostly the next number is free, or one soon after.
const FIRST_TRIES: u32 = 32;

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
    let shape = Shape::new(&company.invoice_pattern, day);
    let found = |counter| next_with(company, counter, day, current.clone());
    for counter in first..=first.saturating_add(FIRST_TRIES) {
        if !store::invoices::number_taken(db, &fill(&company.invoice_pattern, counter, day), None)? {
            return found(counter);
        }
    }
    // Many are taken in a row: one pass over the index of numbers that begin like these, and the first gap is free.
    let mut taken = Vec::new();
    store::invoices::each_number(db, &shape.before, |number| {
        taken.extend(shape.counter_of(number).filter(|counter| *counter >= first));
    })?;
    taken.sort_unstable();
    taken.dedup();
    let mut counter = first;
    for other in taken {
        if other != counter {
            break;
        }
        let used_up = || Error::Refused("The invoice numbers are used up. Change the pattern under Settings.".into());
        counter = counter.checked_add(1).ok_or_else(used_up)?;
    }
    found(counter)
}

fn next_with(company: &Company, counter: u32, day: NaiveDate, period: String) -> Result<Next> {
    let text = fill(&company.invoice_pattern, counter, day);
    if text.chars().count() > LONGEST {
        return Err(Error::Refused(format!(
            "The next number, {text}, has {} characters; an invoice number has at most {LONGEST}. Shorten the pattern under \
             Settings.",
            text.chars().count()
        )));
    }
    Ok(Next { text, counter, period })
}

/// How long numbers of this pattern are when the counter has come to `counter`.
pub fn length(pattern: &str, counter: u32, day: NaiveDate) -> usize {
    fill(pattern, counter, day).chars().count()
}

/// What stands before and after the counter in a number of a day, as numbers are compared, and its fewest digits.
struct Shape {
    before: String,
    after: String,
    width: usize,
}

impl Shape {
    fn new(pattern: &str, day: NaiveDate) -> Self {
        // Two fillings of nine digits, which differ in each of them, show where the counter is.
        let key = |counter| search_key(&fill(pattern, counter, day));
        let (ones, twos) = (key(111_111_111), key(222_222_222));
        let same = ones.chars().zip(twos.chars()).take_while(|(one, two)| one == two).count();
        let before: String = ones.chars().take(same).collect();
        let after: String = ones.chars().skip(same + 9).collect();
        let around = ones.chars().count().saturating_sub(9);
        let width = key(1).chars().count().saturating_sub(around);
        Self { before, after, width }
    }

    /// The counter of a number of this shape; `None` for another number.
    fn counter_of(&self, number: &str) -> Option<u32> {
        let digits = number.strip_prefix(&self.before)?.strip_suffix(&self.after)?;
        let counter: u32 = digits.parse().ok()?;
        (format!("{counter:0width$}", width = self.width) == digits).then_some(counter)
    }
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

/// What the counter counts in; empty when it never starts again.
pub fn period(restart: NumberRestart, day: NaiveDate) -> String {
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
    fn the_counter_is_found_in_a_number_of_any_pattern() {
        let on = day("2026-11-11");
        for pattern in
            ["{n}", "INV-{n:5}", "{year}-{month}-{n:2}", "{n}{month}", "{year}{n:3}", "1{n}1", "É-{n:2}-x", "Bill"]
        {
            let shape = Shape::new(pattern, on);
            for counter in [1, 9, 10, 99, 100, 12_345, 1_111_111_111, u32::MAX] {
                let number = search_key(&fill(pattern, counter, on));
                assert_eq!(shape.counter_of(&number), Some(counter), "{pattern} {number}");
            }
            for other in ["", "inv-7", "x", "é-1-y", "-1", "+1"] {
                assert_eq!(shape.counter_of(other), None, "{pattern} {other}");
            }
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
