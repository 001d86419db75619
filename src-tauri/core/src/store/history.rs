//! Who changed which field when. Append-only; every write of a record adds one row.

use super::{Db, Tx};
use crate::Result;
use crate::view::{FieldChange, HistoryEntry};
use chrono::{DateTime, SecondsFormat, Utc};
use connector_contract::RecordKind;
use rusqlite::params;

/// Text form of a moment in the data file: RFC 3339 in UTC with milliseconds, so that texts sort by time.
pub fn moment(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Millis, true)
}

/// Adds a row. `who` is `owner` or a vendor's name; `action` is `created`, `updated`, `archived`, `voided`, ….
pub fn add(
    tx: &Tx<'_>,
    kind: RecordKind,
    local_id: &str,
    at: DateTime<Utc>,
    who: &str,
    action: &str,
    fields: &[FieldChange],
) -> Result<()> {
    tx.prepare_cached("INSERT INTO history (kind, local_id, at, who, action, fields) VALUES (?1, ?2, ?3, ?4, ?5, ?6)")?
        .execute(params![kind.as_str(), local_id, moment(at), who, action, serde_json::to_string(fields)?])?;
    Ok(())
}

/// The newest rows of a record, newest first.
pub fn newest(db: &Db<'_>, kind: RecordKind, local_id: &str, limit: u32) -> Result<Vec<HistoryEntry>> {
    let mut statement = db.prepare_cached(
        "SELECT at, who, action, fields FROM history WHERE kind = ?1 AND local_id = ?2 ORDER BY row DESC LIMIT ?3",
    )?;
    let rows = statement.query_map(params![kind.as_str(), local_id, limit], |row| {
        Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get::<_, String>(3)?))
    })?;
    rows.map(|row| {
        let (at, who, action, fields) = row?;
        Ok(HistoryEntry { at, who, action, fields: serde_json::from_str(&fields)? })
    })
    .collect()
}
