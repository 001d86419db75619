//! Pages of lists: keyset, so that the thousandth page costs what the first one does.
//!
//! Absent on purpose: OFFSET, counts of all rows (see `totals`), and how a search finds its rows (see `searchable`).

use super::searchable::Search;
use crate::view::Page;
use crate::{Error, Result};
use rusqlite::types::Value;
use rusqlite::{Connection, Row, params_from_iter};
use serde::{Deserialize, Serialize};
use std::fmt::Write as _;

/// Most rows of one page.
pub const MOST_ROWS: u32 = 200;

/// Where a page ends.
#[derive(Debug, Serialize, Deserialize)]
struct Cursor {
    /// The order it belongs to, so that it can't be used with another.
    #[serde(rename = "o")]
    order: String,
    #[serde(rename = "k")]
    key: Key,
    #[serde(rename = "i")]
    id: Key,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(untagged)]
enum Key {
    Whole(i64),
    Text(String),
}

impl Key {
    fn from_value(value: Value) -> Result<Self> {
        match value {
            Value::Integer(whole) => Ok(Self::Whole(whole)),
            Value::Text(text) => Ok(Self::Text(text)),
            _ => Err(Error::Bug("a list is sorted by a column that is neither text nor whole number".into())),
        }
    }
}

impl From<Key> for Value {
    fn from(key: Key) -> Self {
        match key {
            Key::Whole(whole) => Self::Integer(whole),
            Key::Text(text) => Self::Text(text),
        }
    }
}

/// A list: which columns of which table, in which order. All texts are parts of SQL written in this folder, never input.
#[derive(Debug)]
pub struct Listing<'a> {
    /// Table, known as `t` in all texts below. It has a unique column `id` unless `tie` says otherwise.
    pub table: &'a str,
    /// Joins of other tables, such as `JOIN customers c ON c.id = t.customer_id`; may be empty.
    pub joins: &'a str,
    /// What is selected.
    pub columns: &'a str,
    /// Column of `t` that sorts, NOT NULL and with an index for each branch.
    pub sort: &'a str,
    /// Column of `t` that settles equal sort keys.
    pub tie: &'a str,
    /// Largest first.
    pub descending: bool,
    /// Conditions on `t`, each with its own index; a row is listed when one of them holds, and at most one may. Empty: all rows.
    pub branches: &'a [&'a str],
    /// The value that `:bound` stands for in branches, such as the item whose movements are listed.
    pub bound: Option<Value>,
    /// What is searched for.
    pub search: Search,
    /// `next_cursor` of the page before.
    pub cursor: Option<&'a str>,
    /// Rows wanted.
    pub limit: u32,
}

/// A list's page of rows as `read` makes them from the selected columns.
pub fn list<T>(
    db: &Connection,
    listing: &Listing<'_>,
    mut read: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
) -> Result<Page<T>> {
    if matches!(listing.search, Search::Nothing) {
        return Ok(Page { rows: Vec::new(), next_cursor: None });
    }
    let limit = listing.limit.clamp(1, MOST_ROWS);
    let (sql, values) = statement(listing, limit)?;
    let mut statement = db.prepare_cached(&sql)?;
    let mut rows = statement.query(params_from_iter(values))?;
    let full = limit as usize;
    let mut page = Page { rows: Vec::with_capacity(full), next_cursor: None };
    let mut last = None;
    while let Some(row) = rows.next()? {
        if page.rows.len() == full {
            page.next_cursor = last.map(|cursor| serde_json::to_string(&cursor)).transpose()?;
            break;
        }
        page.rows.push(read(row)?);
        if page.rows.len() == full {
            last = Some(Cursor {
                order: order(listing),
                key: Key::from_value(row.get("sort_key")?)?,
                id: Key::from_value(row.get("tie_key")?)?,
            });
        }
    }
    Ok(page)
}

fn order(listing: &Listing<'_>) -> String {
    format!("{}{}", listing.sort, if listing.descending { "-" } else { "+" })
}

/// Where a listing's rows come from and what they must fulfil beside a branch, with values from `?2` on.
pub(super) fn rows(listing: &Listing<'_>) -> (String, String, Vec<Value>) {
    let mut values = vec![Value::Null];
    let mut conditions = String::new();
    let source = match &listing.search {
        Search::All | Search::Nothing => format!("{} t", listing.table),
        Search::Few { candidates, values: searched, also } => {
            values.extend(searched.iter().cloned().map(Value::Text));
            conditions.push_str(also);
            // CROSS JOIN keeps the few candidates outside and looks their rows up.
            format!("({candidates}) f CROSS JOIN {} t ON t.row = f.hit", listing.table)
        }
        Search::Many { condition, values: searched } => {
            values.extend(searched.iter().cloned().map(Value::Text));
            conditions.push_str(condition);
            format!("{} t", listing.table)
        }
    };
    (source, conditions, values)
}

/// The statement of a listing and its values.
fn statement(listing: &Listing<'_>, limit: u32) -> Result<(String, Vec<Value>)> {
    let (source, mut conditions, mut values) = rows(listing);
    values[0] = Value::Integer(i64::from(limit) + 1);
    let (sort, tie) = (listing.sort, listing.tie);
    let direction = if listing.descending { "DESC" } else { "ASC" };
    if let Some(cursor) = listing.cursor {
        let cursor = read_cursor(cursor, listing)?;
        let compare = if listing.descending { '<' } else { '>' };
        let at = values.len() + 1;
        let _ = write!(conditions, " AND (t.{sort}, t.{tie}) {compare} (?{at}, ?{})", at + 1);
        values.push(cursor.key.into());
        values.push(cursor.id.into());
    }
    values.extend(listing.bound.clone());
    let bound = format!("?{}", values.len());
    let branch = |condition: &str| {
        let condition = condition.replace(":bound", &bound);
        format!(
            "SELECT {}, t.{sort} AS sort_key, t.{tie} AS tie_key FROM {source} {} WHERE {condition}{conditions}
             ORDER BY t.{sort} {direction}, t.{tie} {direction} LIMIT ?1",
            listing.columns, listing.joins
        )
    };
    let sql = match listing.branches {
        [] => branch("1"),
        [one] => branch(one),
        many => {
            // Each branch is sorted by its own index; only the few rows they give are sorted again.
            let parts: Vec<String> =
                many.iter().map(|condition| format!("SELECT * FROM ({})", branch(condition))).collect();
            format!("{} ORDER BY sort_key {direction}, tie_key {direction} LIMIT ?1", parts.join(" UNION ALL "))
        }
    };
    Ok((sql, values))
}

fn read_cursor(text: &str, listing: &Listing<'_>) -> Result<Cursor> {
    serde_json::from_str(text)
        .ok()
        .filter(|cursor: &Cursor| cursor.order == order(listing))
        .ok_or_else(|| Error::invalid("cursor", "This page belongs to another order of the list; start at its top."))
}
