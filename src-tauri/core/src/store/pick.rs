//! The few records a form offers while one types: what is exactly what was typed, then what begins with it, then what contains it.
//! Each step reads a bounded number of rows from an index, so it is as quick among a million as among ten.

use super::search::{MOST, Wanted, containing};
use super::searchable::Searchable;
use super::{customers, items};
use crate::Result;
use rusqlite::types::{FromSql, Value};
use rusqlite::{Connection, ToSql, params};

/// Where a form looks.
pub struct Field {
    searchable: &'static Searchable,
    /// Columns of search keys, each with an index: the name first, then other names for it, such as the SKU.
    keys: &'static [&'static str],
}

/// Customers by name.
pub const CUSTOMERS: Field = Field { searchable: &customers::SEARCHABLE, keys: &["name_key"] };

/// Items by name and SKU.
pub const ITEMS: Field = Field { searchable: &items::SEARCHABLE, keys: &["name_key", "sku_key"] };

/// The active records that fit best, best first; without a text, the first by name.
pub fn best<I: FromSql + PartialEq>(db: &Connection, field: &Field, text: &str, limit: u32) -> Result<Vec<I>> {
    let limit = limit.clamp(1, MOST) as usize;
    let mut found: Vec<I> = Vec::new();
    let mut add = |sql: &str, values: &[&dyn ToSql]| -> Result<()> {
        if found.len() < limit {
            let mut statement = db.prepare_cached(sql)?;
            for id in statement.query_map(values, |row| row.get(0))? {
                let id: I = id?;
                if !found.contains(&id) {
                    found.push(id);
                }
            }
        }
        Ok(())
    };
    let table = field.searchable.table;
    let Some(wanted) = Wanted::read(text) else {
        add(&format!("SELECT id FROM {table} WHERE archived = 0 ORDER BY name_key, id LIMIT ?1"), params![MOST])?;
        found.truncate(limit);
        return Ok(found);
    };
    for key in field.keys {
        let exact = format!("SELECT id FROM {table} WHERE archived = 0 AND {key} = ?1 AND {key} <> '' LIMIT ?2");
        add(&exact, params![wanted.key, MOST])?;
    }
    for key in field.keys {
        let begins = format!(
            "SELECT id FROM {table} WHERE archived = 0 AND {key} >= ?1 AND {key} < ?2 ORDER BY {key}, id LIMIT ?3"
        );
        add(&begins, params![wanted.key, wanted.end, MOST])?;
    }
    if let Some(hits) = field.searchable.hits(&wanted.words()) {
        let (table_of_hits, mut values, also) = containing(field.searchable, &hits, false);
        values.push(Value::Text(wanted.key.clone()));
        let key = values.len();
        // A word of the name that begins so stands before one that only contains it.
        let contains = format!(
            "SELECT t.id FROM {table_of_hits} CROSS JOIN {table} t ON t.row = f.hit WHERE t.archived = 0{also}
             ORDER BY instr(' ' || t.name_key, ' ' || ?{key}) = 0, instr(t.name_key, ?{key}) = 0, t.name_key, t.id LIMIT {MOST}"
        );
        let values: Vec<&dyn ToSql> = values.iter().map(|value| value as &dyn ToSql).collect();
        add(&contains, &values)?;
    }
    found.truncate(limit);
    Ok(found)
}
