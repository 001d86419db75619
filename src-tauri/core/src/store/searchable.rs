//! Searching a table by any part of a word without reading it from end to end. Texts and words are compared by their search
//! keys, so accents, case and width don't count.
//!
//! Absent on purpose: ranking (lists have an order of their own). A search that finds little reads what it found and sorts that;
//! one that finds a lot walks along the sort index and picks, because it will soon have a page.

use crate::Result;
use crate::text::search_key;
use rusqlite::Connection;
use std::fmt::Write as _;

/// Longest search text that is looked at.
pub(super) const LONGEST: usize = 200;

/// Up to this many hits a search sorts what it found; beyond, it walks along the sort index.
const FEW: u32 = 4_000;

/// What a list is searched for, as SQL. Made by [`Searchable::search`].
#[derive(Debug)]
pub enum Search {
    /// No search: all rows.
    All,
    /// A search that can find nothing.
    Nothing,
    /// Few hits: rows are looked up by the hits.
    Few {
        /// Gives the hits' `row` as `hit`.
        candidates: String,
        /// Values from `?2` on.
        values: Vec<String>,
        /// Further conditions, each with its AND.
        also: String,
    },
    /// Many hits: rows are picked on a walk along the sort index.
    Many {
        /// Conditions, each with its AND.
        condition: String,
        /// Values from `?2` on.
        values: Vec<String>,
    },
}

/// How a table is searched.
#[derive(Debug, Clone, Copy)]
pub struct Searchable {
    /// The table; it has an explicit `row`.
    pub table: &'static str,
    /// Its trigram index over the search keys; its terms are in a table of that name and `_terms`.
    pub index: &'static str,
    /// Columns of `t` in that index, joined as one text.
    pub text: &'static str,
    /// Columns of search keys, each with an index, whose beginning is searched for one or two letters.
    pub prefixes: &'static [&'static str],
}

/// Rows that an index finds for the words of a search.
pub(super) struct Hits<'a> {
    index: &'static str,
    /// What the index is asked: a query, or the range of the terms that begin with a short word.
    pub values: Vec<String>,
    /// Words that the index was not asked for.
    pub rest: Vec<&'a str>,
}

impl Hits<'_> {
    /// Gives the hits' `row` as `hit`; its values begin at this number.
    pub fn sql(&self, at: usize) -> String {
        let Self { index, values, .. } = self;
        if values.len() == 1 {
            format!("SELECT rowid AS hit FROM {index} WHERE {index} MATCH ?{at}")
        } else {
            format!("SELECT DISTINCT doc AS hit FROM {index}_terms WHERE term >= ?{at} AND term < ?{}", at + 1)
        }
    }
}

/// The words of a search: the search key of what was typed.
pub(super) fn words_of(typed: &str) -> String {
    search_key(&typed.chars().take(LONGEST).collect::<String>())
}

impl Searchable {
    /// Reads what was typed. Words of three letters and more are found anywhere in a text, Chinese, Japanese and Korean ones
    /// from the first sign on; shorter ones only narrow, and when there is nothing else they must begin the name or number.
    pub fn search(&self, db: &Connection, typed: &str) -> Result<Search> {
        let key = words_of(typed);
        let words: Vec<&str> = key.split(' ').filter(|word| !word.is_empty()).collect();
        if words.is_empty() {
            return Ok(Search::All);
        }
        let Some(hits) = self.hits(&words) else { return self.beginning_with(db, &key) };
        let found: u32 = db
            .prepare_cached(&format!("SELECT count(*) FROM ({} LIMIT {})", hits.sql(1), FEW + 1))?
            .query_row(rusqlite::params_from_iter(&hits.values), |row| row.get(0))?;
        if found <= FEW {
            let mut values = hits.values.clone();
            let also = self.with(&hits.rest, 2, &mut values);
            return Ok(Search::Few { candidates: hits.sql(2), values, also });
        }
        Ok(self.walk(&words))
    }

    /// Picks the rows with these words on a walk along the sort index.
    pub(super) fn walk(&self, words: &[&str]) -> Search {
        let mut values = Vec::new();
        let condition = self.with(words, 2, &mut values);
        Search::Many { condition, values }
    }

    /// What the index finds for these words; `None` when all are too short for it.
    pub(super) fn hits<'a>(&self, words: &[&'a str]) -> Option<Hits<'a>> {
        let (long, short): (Vec<&str>, Vec<&str>) = words.iter().partition(|word| word.chars().count() >= 3);
        if !long.is_empty() {
            let quoted: Vec<String> = long.iter().map(|word| format!("\"{}\"", word.replace('"', "\"\""))).collect();
            return Some(Hits { index: self.index, values: vec![quoted.join(" ")], rest: short });
        }
        let sign = words.iter().position(|word| word.chars().any(is_han_kana_or_hangul))?;
        let mut rest = words.to_vec();
        let word = rest.remove(sign);
        Some(Hits { index: self.index, values: vec![word.to_owned(), format!("{word}\u{10FFFF}")], rest })
    }

    /// Conditions that the text has these words, each with its AND. `first` is the number of the first value in `values`.
    pub(super) fn with(&self, words: &[&str], first: usize, values: &mut Vec<String>) -> String {
        let mut condition = String::new();
        for word in words {
            values.push((*word).to_owned());
            let _ = write!(condition, " AND instr(search_key({}), ?{}) > 0", self.text, first + values.len() - 1);
        }
        condition
    }

    fn beginning_with(&self, db: &Connection, start: &str) -> Result<Search> {
        // The highest letter there is ends the range of all texts with this start.
        let values = vec![start.to_owned(), format!("{start}\u{10FFFF}")];
        let within = |column: &str| format!("{column} >= ?2 AND {column} < ?3 AND {column} <> ''");
        let hits = |limit: &str| {
            let parts: Vec<String> = self
                .prefixes
                .iter()
                .map(|prefix| {
                    format!("SELECT * FROM (SELECT row AS hit FROM {} WHERE {} {limit})", self.table, within(prefix))
                })
                .collect();
            parts.join(" UNION ")
        };
        let found: u32 = db
            .prepare_cached(&format!("SELECT count(*) FROM ({})", hits("LIMIT ?1")))?
            .query_row(rusqlite::params![FEW + 1, values[0], values[1]], |row| row.get(0))?;
        if found == 0 {
            return Ok(Search::Nothing);
        }
        Ok(if found <= FEW {
            Search::Few { candidates: hits(""), values, also: String::new() }
        } else {
            let any: Vec<String> = self.prefixes.iter().map(|prefix| within(&format!("t.{prefix}"))).collect();
            Search::Many { condition: format!(" AND ({})", any.join(" OR ")), values }
        })
    }
}

/// Scripts whose words are often of one or two signs.
fn is_han_kana_or_hangul(c: char) -> bool {
    matches!(c, '\u{2E80}'..='\u{9FFF}' | '\u{A960}'..='\u{A97F}' | '\u{AC00}'..='\u{D7FF}' | '\u{F900}'..='\u{FAFF}'
        | '\u{20000}'..='\u{3FFFF}')
}
