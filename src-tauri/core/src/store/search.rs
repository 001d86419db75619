//! Finding records by a few letters: for the command box and the stock look-up.
//!
//! Absent on purpose: ranking by how often a word occurs. What is exactly what was typed comes first, then what begins with it,
//! then what contains it; each step reads a bounded number of rows from an index.

use super::columns::text_key;
use super::items;
use crate::Result;
use crate::ids::ItemId;
use crate::items::Item;
use crate::search::SearchHit;
use rusqlite::{Connection, params};

/// Most hits of one kind.
const MOST: u32 = 50;

/// Longest text that is looked at.
const LONGEST: usize = 200;

/// Among at most this many hits inside words the best are picked; a commoner text needs more letters anyway.
const LOOKED_AT: u32 = 200;

/// A trimmed text with its key, its upper end as a prefix, and the query of the trigram index when it is long enough for one.
struct Wanted {
    key: String,
    end: String,
    query: Option<String>,
}

impl Wanted {
    fn read(text: &str) -> Option<Self> {
        let text: String = text.chars().filter(|letter| *letter != '\0').take(LONGEST).collect();
        let key = text_key(&text);
        if key.is_empty() {
            return None;
        }
        let words = key.split_whitespace().filter(|word| word.chars().count() >= 3);
        let query = words.map(|word| format!("\"{}\"", word.replace('"', "\"\""))).collect::<Vec<_>>().join(" ");
        Some(Self { end: format!("{key}\u{10FFFF}"), query: (!query.is_empty()).then_some(query), key })
    }
}

/// Active items whose SKU or barcode is the text, then those whose SKU or name begins with it, then those that contain it.
pub fn items(db: &Connection, text: &str, limit: u32) -> Result<Vec<Item>> {
    let Some(wanted) = Wanted::read(text) else { return Ok(Vec::new()) };
    let mut ids: Vec<ItemId> = Vec::new();
    let mut add = |sql: &str, values: &[&dyn rusqlite::ToSql]| -> Result<()> {
        if ids.len() < limit.min(MOST) as usize {
            let mut statement = db.prepare_cached(sql)?;
            for id in statement.query_map(values, |row| row.get(0))? {
                let id = id?;
                if !ids.contains(&id) {
                    ids.push(id);
                }
            }
        }
        Ok(())
    };
    add(
        "SELECT id FROM items WHERE sku_key = ?1 AND sku_key <> '' AND archived = 0
         UNION ALL SELECT id FROM items WHERE barcode = ?2 AND barcode <> '' AND archived = 0 LIMIT ?3",
        params![wanted.key, text.trim(), MOST],
    )?;
    for column in ["sku_key", "name_key"] {
        add(
            &format!(
                "SELECT id FROM items WHERE archived = 0 AND {column} >= ?1 AND {column} < ?2 ORDER BY {column}, id LIMIT ?3"
            ),
            params![wanted.key, wanted.end, MOST],
        )?;
    }
    if let Some(query) = &wanted.query {
        add(
            "SELECT t.id FROM (SELECT rowid AS hit FROM items_fts WHERE items_fts MATCH ?1 LIMIT ?2) f
             CROSS JOIN items t ON t.row = f.hit WHERE t.archived = 0 ORDER BY t.name_key, t.id LIMIT ?3",
            params![query, LOOKED_AT, MOST],
        )?;
    }
    ids.truncate(limit.min(MOST) as usize);
    ids.into_iter().filter_map(|id| items::get(db, id).transpose()).collect()
}

/// Where one kind of record is looked for.
struct Place {
    kind: &'static str,
    /// Id, title, subtitle, key of the title, by key range `?1`–`?2`, at most `?3`.
    beginning: &'static str,
    /// The same by trigram query `?1`, at most `?2` hits looked at.
    containing: &'static str,
}

const PLACES: [Place; 4] = [
    Place {
        kind: "customer",
        beginning: "SELECT id, display_name, coalesce(nullif(company, ''), email), name_key FROM customers
            WHERE archived = 0 AND name_key >= ?1 AND name_key < ?2 ORDER BY name_key, id LIMIT ?3",
        containing: "SELECT t.id, t.display_name, coalesce(nullif(t.company, ''), t.email), t.name_key
            FROM (SELECT rowid AS hit FROM customers_fts WHERE customers_fts MATCH ?1 LIMIT ?2) f
            CROSS JOIN customers t ON t.row = f.hit WHERE t.archived = 0",
    },
    Place {
        kind: "item",
        beginning: "SELECT id, name, sku, sku_key FROM items
            WHERE archived = 0 AND sku_key >= ?1 AND sku_key < ?2 ORDER BY sku_key, id LIMIT ?3",
        containing: "SELECT t.id, t.name, t.sku, t.name_key
            FROM (SELECT rowid AS hit FROM items_fts WHERE items_fts MATCH ?1 LIMIT ?2) f
            CROSS JOIN items t ON t.row = f.hit WHERE t.archived = 0",
    },
    Place {
        kind: "order",
        beginning: "SELECT id, number, customer_name, number_key FROM orders
            WHERE number_key >= ?1 AND number_key < ?2 ORDER BY number_key, ordered_at DESC LIMIT ?3",
        containing: "SELECT t.id, t.number, t.customer_name, t.number_key
            FROM (SELECT rowid AS hit FROM orders_fts WHERE orders_fts MATCH ?1 ORDER BY rowid DESC LIMIT ?2) f
            CROSS JOIN orders t ON t.row = f.hit",
    },
    Place {
        kind: "invoice",
        beginning: "SELECT t.id, t.number, c.display_name, t.number_key FROM invoices t
            LEFT JOIN customers c ON c.id = t.customer_id
            WHERE t.number_key >= ?1 AND t.number_key < ?2 ORDER BY t.number_key, t.id LIMIT ?3",
        containing: "SELECT t.id, t.number, c.display_name, t.number_key
            FROM (SELECT rowid AS hit FROM invoices_fts WHERE invoices_fts MATCH ?1 ORDER BY rowid DESC LIMIT ?2) f
            CROSS JOIN invoices t ON t.row = f.hit LEFT JOIN customers c ON c.id = t.customer_id",
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
    let mut statement = db.prepare_cached(place.beginning)?;
    let mut rows = statement.query(params![wanted.key, wanted.end, MOST])?;
    while let Some(row) = rows.next()? {
        read(row)?;
    }
    if let Some(query) = &wanted.query {
        let mut statement = db.prepare_cached(place.containing)?;
        let mut rows = statement.query(params![query, LOOKED_AT])?;
        while let Some(row) = rows.next()? {
            read(row)?;
        }
    }
    found.sort_by(|(rank, key, _), (other_rank, other_key, _)| (rank, key).cmp(&(other_rank, other_key)));
    Ok(found.into_iter().map(|(rank, _, hit)| (rank, hit)).collect())
}
