//! The keys of texts as SQL functions, for the triggers that keep search indexes and for migrations that fill keys.
//!
//! Absent on purpose: how a key is made; see `text`.

use crate::text::{barcode_key, number_key, same_key, search_key};
use rusqlite::Connection;
use rusqlite::functions::FunctionFlags;

type Key = fn(&str) -> String;

const KEYS: [(&str, Key); 4] =
    [("search_key", search_key), ("same_key", same_key), ("number_key", number_key), ("barcode_key", barcode_key)];

/// Gives a connection the keys.
pub(super) fn add_to(connection: &Connection) -> rusqlite::Result<()> {
    // Innocuous: triggers may call them.
    let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC | FunctionFlags::SQLITE_INNOCUOUS;
    for (name, key) in KEYS {
        connection
            .create_scalar_function(name, 1, flags, move |values| Ok(values.get_raw(0).as_str_or_null()?.map(key)))?;
    }
    Ok(())
}
