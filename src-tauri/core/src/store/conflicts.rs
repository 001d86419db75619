//! Conflicts that wait for the owner, and the rule of each connection.

use super::problems::{self, CONFLICT, ProblemRecord};
use super::{Db, Tx};
use crate::Result;
use crate::event::Tag;
use crate::ids::{ConnectionId, ProblemId};
use connector_contract::RecordKind;
use rusqlite::{OptionalExtension as _, params};

/// The stored rule of a connection, `ours` or `theirs`; `None` asks the owner.
pub fn rule(db: &Db<'_>, connection: ConnectionId) -> Result<Option<String>> {
    Ok(db
        .prepare_cached("SELECT rule FROM conflict_rules WHERE connection_id = ?1")?
        .query_row([connection], |row| row.get(0))
        .optional()?)
}

/// Sets the rule; `None` goes back to asking.
pub fn set_rule(tx: &Tx<'_>, connection: ConnectionId, rule: Option<&str>) -> Result<()> {
    match rule {
        Some(rule) => tx.execute(
            "INSERT INTO conflict_rules (connection_id, rule) VALUES (?1, ?2)
             ON CONFLICT (connection_id) DO UPDATE SET rule = excluded.rule",
            params![connection, rule],
        )?,
        None => tx.execute("DELETE FROM conflict_rules WHERE connection_id = ?1", [connection])?,
    };
    tx.changed(Tag::Connections);
    Ok(())
}

fn records(db: &Db<'_>, ids: &[ProblemId]) -> Result<Vec<ProblemRecord>> {
    ids.iter().filter_map(|id| problems::get(db, *id).transpose()).collect()
}

/// Conflicts before a position, newest first.
pub fn page(db: &Db<'_>, before: i64, limit: u32) -> Result<Vec<ProblemRecord>> {
    let ids: Vec<ProblemId> = db
        .prepare_cached("SELECT id FROM problems WHERE code = ?1 AND row < ?2 ORDER BY row DESC LIMIT ?3")?
        .query_map(params![CONFLICT, before, limit], |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    records(db, &ids)
}

/// The conflict of a record, where it has one.
pub fn of_record(
    db: &Db<'_>,
    connection: ConnectionId,
    kind: RecordKind,
    local_id: &str,
) -> Result<Option<ProblemRecord>> {
    let id: Option<ProblemId> = db
        .prepare_cached(
            "SELECT id FROM problems WHERE connection_id = ?1 AND kind = ?2 AND local_id = ?3 AND code = ?4 LIMIT 1",
        )?
        .query_row(params![connection, kind.as_str(), local_id, CONFLICT], |row| row.get(0))
        .optional()?;
    id.map_or(Ok(None), |id| problems::get(db, id))
}
