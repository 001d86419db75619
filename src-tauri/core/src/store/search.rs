//! Finding records by a few letters: for the command box and the stock look-up.
//!
//! Absent on purpose: ranking by how often a word occurs. What is exactly what was typed comes first, then what begins with it,
//! then what contains it; each step reads a bounded number of rows from an index.

use super::searchable::{Hits, Searchable, words_of};
use super::{customers, invoice_list, items, orders};
use crate::Result;
use crate::ids::ItemId;
use crate::items::Item;
use crate::search::SearchHit;
use crate::text::barcode_key;
use rusqlite::types::Value;
use rusqlite::{Connection, params, params_from_iter};

/// Most hits of one kind.
pub(super) const MOST: u32 = 50;

/// Among at most this many hits inside words the best are picked; a commoner text needs more letters anyway.
const LOOKED_AT: u32 = 200;

/// A barcode of this many signs is no beginning of something else: its item is the answer.
const WHOLE_BARCODE: usize = 8;

/// What is looked for: its search key, and the upper end of all keys that begin with it.
pub(super) struct Wanted {
    pub(super) key: String,
    pub(super) end: String,
}

impl Wanted {
    pub(super) fn read(text: &str) -> Option<Self> {
        let key = words_of(text);
        (!key.is_empty()).then(|| Self { end: format!("{key}\u{10FFFF}"), key })
    }

    pub(super) fn words(&self) -> Vec<&str> {
        self.key.split(' ').collect()
    }
}

/// The newest rows that contain all words, as a table `f` of their `hit`s, with its values and the conditions on `t` to add.
pub(super) fn containing(searchable: &Searchable, hits: &Hits<'_>, newest: bool) -> (String, Vec<Value>, String) {
    let order = if newest { "ORDER BY hit DESC" } else { "" };
    let table = format!("(SELECT hit FROM ({} {order} LIMIT {LOOKED_AT})) f", hits.sql(1));
    let mut values = hits.values.clone();
    let also = searchable.with(&hits.rest, 1, &mut values);
    (table, values.into_iter().map(Value::Text).collect(), also)
}

/// Active items whose SKU or barcode is the text, then those whose SKU or name begins with it, then those that contain it.
pub fn items(db: &Connection, text: &str, limit: u32) -> Result<Vec<Item>> {
    let Some(wanted) = Wanted::read(text) else { return Ok(Vec::new()) };
    let limit = limit.min(MOST) as usize;
    let mut ids: Vec<ItemId> = Vec::new();
    let mut add = |sql: &str, values: &[&dyn rusqlite::ToSql]| -> Result<usize> {
        let before = ids.len();
        if before < limit {
            let mut statement = db.prepare_cached(sql)?;
            for id in statement.query_map(values, |row| row.get(0))? {
                let id = id?;
                if !ids.contains(&id) {
                    ids.push(id);
                }
            }
        }
        Ok(ids.len() - before)
    };
    let barcode = barcode_key(text);
    let scanned = add(BY_BARCODE, params![barcode, MOST])?;
    if scanned == 0 || barcode.len() < WHOLE_BARCODE {
        add(
            "SELECT id FROM items WHERE sku_key = ?1 AND sku_key <> '' AND archived = 0 LIMIT ?2",
            params![wanted.key, MOST],
        )?;
        for column in ["sku_key", "name_key"] {
            add(
                &format!(
                    "SELECT id FROM items WHERE archived = 0 AND {column} >= ?1 AND {column} < ?2 ORDER BY {column}, id LIMIT ?3"
                ),
                params![wanted.key, wanted.end, MOST],
            )?;
        }
        if let Some(hits) = items::SEARCHABLE.hits(&wanted.words()) {
            let (table, values, also) = containing(&items::SEARCHABLE, &hits, false);
            let sql = format!(
                "SELECT t.id FROM {table} CROSS JOIN items t ON t.row = f.hit WHERE t.archived = 0{also}
                 ORDER BY t.name_key, t.id LIMIT {MOST}"
            );
            let values: Vec<&dyn rusqlite::ToSql> = values.iter().map(|value| value as &dyn rusqlite::ToSql).collect();
            add(&sql, &values)?;
        }
    }
    ids.truncate(limit);
    ids.into_iter().filter_map(|id| items::get(db, id).transpose()).collect()
}

/// A scanned item, by the index of barcodes alone.
pub const BY_BARCODE: &str =
    "SELECT id FROM items WHERE barcode_key = ?1 AND barcode_key <> '' AND archived = 0 ORDER BY created_at LIMIT ?2";

/// Where one kind of record is looked for.
struct Place {
    kind: &'static str,
    /// Id, title, subtitle, key of the title.
    columns: &'static str,
    searchable: &'static Searchable,
    joins: &'static str,
    /// Which rows count.
    condition: &'static str,
    /// The column whose beginning is searched.
    key: &'static str,
    /// What settles equal keys.
    then: &'static str,
    /// Of many hits the newest are looked at.
    newest: bool,
}

const PLACES: [Place; 4] = [
    Place {
        kind: "customer",
        columns: "t.id, t.display_name, coalesce(nullif(t.company, ''), t.email), t.name_key",
        searchable: &customers::SEARCHABLE,
        joins: "",
        condition: "t.archived = 0",
        key: "name_key",
        then: "t.id",
        newest: false,
    },
    Place {
        kind: "item",
        columns: "t.id, t.name, t.sku, t.sku_key",
        searchable: &items::SEARCHABLE,
        joins: "",
        condition: "t.archived = 0",
        key: "sku_key",
        then: "t.id",
        newest: false,
    },
    Place {
        kind: "order",
        columns: "t.id, t.number, t.customer_name, t.number_key",
        searchable: &orders::SEARCHABLE,
        joins: "",
        condition: "1",
        key: "number_key",
        then: "t.ordered_at DESC",
        newest: true,
    },
    Place {
        kind: "invoice",
        columns: "t.id, t.number, c.display_name, t.number_key",
        searchable: &invoice_list::SEARCHABLE,
        joins: "LEFT JOIN customers c ON c.id = t.customer_id",
        condition: "1",
        key: "number_key",
        then: "t.id",
        newest: true,
    },
];

/// Records of all kinds, best matches first, at most `limit` together and a fair share of each kind.
pub fn records(db: &Connection, text: &str, limit: u32) -> Result<Vec<SearchHit>> {
    let Some(wanted) = Wanted::read(text) else { return Ok(Vec::new()) };
    let limit = limit.clamp(1, MOST) as usize;
    let mut hits: Vec<(u8, usize, SearchHit)> = Vec::new();
    for place in &PLACES {
        let mut positions = [0_usize; 3];
        for (rank, hit) in in_place(db, place, &wanted)?.into_iter().take(limit) {
            let position = &mut positions[usize::from(rank)];
            hits.push((rank, *position, hit));
            *position += 1;
        }
    }
    // Equal ranks alternate between the kinds, so that many orders don't hide the one customer.
    hits.sort_by_key(|(rank, position, _)| (*rank, *position));
    Ok(hits.into_iter().take(limit).map(|(_, _, hit)| hit).collect())
}

/// Hits of one kind with their ranks: 0 is exactly it, 1 begins with it, 2 contains it.
fn in_place(db: &Connection, place: &Place, wanted: &Wanted) -> Result<Vec<(u8, SearchHit)>> {
    let mut found: Vec<(u8, String, SearchHit)> = Vec::new();
    let mut read = |row: &rusqlite::Row<'_>| -> rusqlite::Result<()> {
        let id: String = row.get(0)?;
        if found.iter().any(|(_, _, hit)| hit.id == id) {
            return Ok(());
        }
        let key: String = row.get(3)?;
        let rank = match () {
            () if key == wanted.key => 0,
            () if key.starts_with(&wanted.key) => 1,
            () => 2,
        };
        let subtitle = row.get::<_, Option<String>>(2)?.unwrap_or_default();
        found.push((rank, key, SearchHit { kind: place.kind.to_owned(), id, title: row.get(1)?, subtitle }));
        Ok(())
    };
    let Place { columns, joins, condition, key, then, searchable, newest, .. } = place;
    let beginning = format!(
        "SELECT {columns} FROM {} t {joins} WHERE {condition} AND t.{key} >= ?1 AND t.{key} < ?2
         ORDER BY t.{key}, {then} LIMIT ?3",
        searchable.table
    );
    let mut statement = db.prepare_cached(&beginning)?;
    let mut rows = statement.query(params![wanted.key, wanted.end, MOST])?;
    while let Some(row) = rows.next()? {
        read(row)?;
    }
    if let Some(hits) = searchable.hits(&wanted.words()) {
        let (table, values, also) = containing(searchable, &hits, *newest);
        let sql = format!(
            "SELECT {columns} FROM {table} CROSS JOIN {} t ON t.row = f.hit {joins} WHERE {condition}{also}",
            searchable.table
        );
        let mut statement = db.prepare_cached(&sql)?;
        let mut rows = statement.query(params_from_iter(values))?;
        while let Some(row) = rows.next()? {
            read(row)?;
        }
    }
    found.sort_by(|(rank, key, _), (other_rank, other_key, _)| (rank, key).cmp(&(other_rank, other_key)));
    Ok(found.into_iter().map(|(rank, _, hit)| (rank, hit)).collect())
}
