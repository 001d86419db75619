//! Filters and pages of the older interface's lists.

use super::super::time;
use super::super::wire::{Call, Query, Reply};
use super::invalid;
use chrono::{DateTime, Utc};
use serde_json::{Value, json};

const USUAL: usize = 100;
const LARGEST: usize = 500;

/// A span of time from a query.
#[derive(Default, Clone, Copy)]
pub struct Span {
    start: Option<DateTime<Utc>>,
    end: Option<DateTime<Utc>>,
}

impl Span {
    /// Reads `<name>Start` and `<name>End`.
    pub fn of(query: &Query, name: &str) -> Result<Self, Reply> {
        let read = |suffix: &str| {
            let Some(text) = query.get(&format!("{name}{suffix}")) else { return Ok(None) };
            let wrong = || {
                let text = format!("The value '{text}' is not valid for {name}{suffix}.");
                invalid(&format!("{name}{suffix}"), &text)
            };
            time::read(text).map(Some).ok_or_else(wrong)
        };
        Ok(Self { start: read("Start")?, end: read("End")? })
    }

    /// After the start and before the end, as the filters of orders are described.
    pub fn between(self, at: DateTime<Utc>) -> bool {
        self.start.is_none_or(|start| at > start) && self.end.is_none_or(|end| at < end)
    }

    /// After the start and up to the end: the filter by order date.
    pub fn after_up_to(self, at: DateTime<Utc>) -> bool {
        self.start.is_none_or(|start| at > start) && self.end.is_none_or(|end| at <= end)
    }

    /// On or after the start, on or before the end: filters of shipments.
    pub fn within(self, at: DateTime<Utc>) -> bool {
        self.start.is_none_or(|start| at >= start) && self.end.is_none_or(|end| at <= end)
    }

    /// Whether it says anything.
    pub const fn is_set(self) -> bool {
        self.start.is_some() || self.end.is_some()
    }
}

/// A whole number from a query.
pub fn whole(query: &Query, name: &str) -> Result<Option<i64>, Reply> {
    query
        .get(name)
        .map(|text| text.parse().map_err(|_| invalid(name, &format!("The value '{text}' is not valid for {name}."))))
        .transpose()
}

/// One of several words from a query; the first one when absent.
pub fn word<'a>(query: &Query, name: &str, words: &[&'a str]) -> Result<Option<&'a str>, Reply> {
    let Some(text) = query.get(name) else { return Ok(None) };
    match words.iter().find(|word| word.eq_ignore_ascii_case(text)) {
        Some(word) => Ok(Some(word)),
        None => Err(invalid(name, &format!("The value '{text}' is not valid for {name}."))),
    }
}

/// Which part of a list is asked for.
#[derive(Clone, Copy)]
pub struct Slice {
    /// From 1.
    page: usize,
    size: usize,
    shown: usize,
}

impl Slice {
    /// Reads `page` and `pageSize`. A size over the limit is cut to it, a page below one is the first.
    pub fn of(call: &Call) -> Result<Self, Reply> {
        let at_least_one = |number: i64| usize::try_from(number.max(1)).unwrap_or(usize::MAX);
        let shown = whole(&call.query, "page")?.map_or(1, at_least_one);
        let size = whole(&call.query, "pageSize")?.map_or(USUAL, at_least_one).min(LARGEST);
        let page = if call.repeat_page { shown.saturating_sub(1).max(1) } else { shown };
        Ok(Self { page, size, shown })
    }

    /// The rows of the page. Past the end there are none.
    pub fn cut<T: Clone>(self, rows: &[T]) -> Vec<T> {
        rows.iter().skip((self.page - 1).saturating_mul(self.size)).take(self.size).cloned().collect()
    }

    /// The envelope. `short` makes `pages` too low, as the official examples have it.
    pub fn envelope(self, collection: &str, rows: Vec<Value>, total: usize, short: Option<Short>) -> Reply {
        let pages = total.div_ceil(self.size);
        let pages = match short {
            None => pages,
            Some(Short::Zero) => 0,
            Some(Short::OneLess) => pages.saturating_sub(1),
        };
        Reply::ok(json!({ collection: rows, "total": total, "page": self.shown, "pages": pages }))
    }
}

/// How `pages` is wrong.
#[derive(Clone, Copy)]
pub enum Short {
    /// Always 0.
    Zero,
    /// One too few.
    OneLess,
}
