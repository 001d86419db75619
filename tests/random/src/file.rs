//! What lies in the data file, read beside the app: links, what waits, problems, and the few fields of records that are compared.
//!
//! Absent on purpose: writing. Views would do for most of it, but a check should not trust the code it checks.

use anyhow::{Context as _, Result};
use rusqlite::{Connection, OpenFlags, OptionalExtension as _, params};
use std::path::Path;

/// The open file.
pub struct File(Connection);

/// A link.
#[derive(Debug, Clone)]
pub struct Link {
    /// Kind of record.
    pub kind: String,
    /// The vendor's id.
    pub remote_id: String,
    /// Our id.
    pub local_id: String,
    /// Gone over there.
    pub deleted: bool,
}

/// A change that waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiting {
    /// Vendor.
    pub vendor: String,
    /// Kind of record.
    pub kind: String,
    /// Our id.
    pub local_id: String,
    /// Id and generation: the idempotency key.
    pub key: String,
    /// `create`, `update` or `retire`.
    pub operation: String,
    /// Stored state.
    pub state: String,
    /// Why it waits.
    pub why: String,
}

/// A problem.
#[derive(Debug, Clone)]
pub struct Problem {
    /// Id.
    pub id: String,
    /// Kind of record.
    pub kind: String,
    /// Our id.
    pub local_id: Option<String>,
    /// The vendor's id.
    pub remote_id: Option<String>,
    /// Stable cause.
    pub code: String,
    /// In words.
    pub message: String,
    /// The change it is about.
    pub outbox_id: Option<String>,
}

/// Kinds of records that are sent somewhere, with what makes one of them worth sending. Archived list entries and void
/// documents that never arrived are dropped, and so are cancelled orders.
const SENT: [(&str, &str, &str); 5] = [
    ("customer", "quickbooks", "customers t WHERE t.archived = 0"),
    ("item", "quickbooks", "items t WHERE t.archived = 0"),
    ("invoice", "quickbooks", "invoices t WHERE t.status = 'open'"),
    ("payment", "quickbooks", "payments t WHERE t.voided = 0"),
    ("order", "shipstation", "orders t WHERE t.source = 'owner' AND t.status <> 'cancelled'"),
];

impl File {
    /// Opens the file to read.
    pub fn open(address: &str) -> Result<Self> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_URI;
        let connection = Connection::open_with_flags(address, flags).context("the data file can't be looked at")?;
        connection.set_prepared_statement_cache_capacity(128);
        Ok(Self(connection))
    }

    /// The same, without waiting for somebody who writes.
    pub fn open_impatiently(address: &str) -> Result<Self> {
        let file = Self::open(address)?;
        file.0.busy_timeout(std::time::Duration::ZERO)?;
        Ok(file)
    }

    /// The parts of a run, each as its step and its counters.
    pub fn run(&self, id: &str) -> Result<Vec<String>> {
        let mut statement = self.0.prepare_cached(
            "SELECT step || '[' || read_count || ',' || created_count || ',' || updated_count || ',' || sent_count || ','
                 || problem_count || ']' FROM run_parts WHERE run_id = ?1 ORDER BY position",
        )?;
        let parts = statement.query_map([id], |row| row.get::<_, String>(0))?;
        Ok(parts.map(|part| part.map(|part| part.replace(' ', ""))).collect::<rusqlite::Result<_>>()?)
    }

    /// A number that stays the same as long as nobody else commits a change.
    pub fn version(&self) -> Result<i64> {
        Ok(self.0.prepare_cached("PRAGMA data_version")?.query_row([], |row| row.get(0))?)
    }

    /// Writes a copy.
    pub fn copy(&self, to: &Path) -> Result<()> {
        Ok(self.0.backup("main", to, None)?)
    }

    fn all<T>(&self, sql: &str, row: impl FnMut(&rusqlite::Row<'_>) -> rusqlite::Result<T>) -> Result<Vec<T>> {
        let mut statement = self.0.prepare_cached(sql)?;
        Ok(statement.query_map([], row)?.collect::<rusqlite::Result<_>>()?)
    }

    /// All links.
    pub fn links(&self) -> Result<Vec<Link>> {
        self.all("SELECT kind, remote_id, local_id, deleted FROM links ORDER BY kind, remote_id", |row| {
            Ok(Link { kind: row.get(0)?, remote_id: row.get(1)?, local_id: row.get(2)?, deleted: row.get(3)? })
        })
    }

    /// The live link of a record, else a tombstone.
    pub fn link(&self, kind: &str, local_id: &str) -> Result<Option<Link>> {
        let mut statement = self.0.prepare_cached(
            "SELECT remote_id, deleted FROM links WHERE kind = ?1 AND local_id = ?2 ORDER BY deleted LIMIT 1",
        )?;
        let link = |row: &rusqlite::Row<'_>| {
            let (kind, local_id) = (kind.to_owned(), local_id.to_owned());
            Ok(Link { kind, remote_id: row.get(0)?, local_id, deleted: row.get(1)? })
        };
        Ok(statement.query_row([kind, local_id], link).optional()?)
    }

    /// Our id of a remote record.
    pub fn local_of(&self, kind: &str, remote_id: &str) -> Result<Option<String>> {
        let sql = "SELECT local_id FROM links WHERE kind = ?1 AND remote_id = ?2 LIMIT 1";
        Ok(self.0.prepare_cached(sql)?.query_row([kind, remote_id], |row| row.get(0)).optional()?)
    }

    /// Whether a record that ended over there may be sent as a new one.
    pub fn is_released(&self, kind: &str, remote_id: &str) -> Result<bool> {
        let sql = "SELECT EXISTS (SELECT 1 FROM links WHERE kind = ?1 AND remote_id = ?2 AND released = 1)";
        Ok(self.0.prepare_cached(sql)?.query_row([kind, remote_id], |row| row.get(0))?)
    }

    /// All that waits, in order.
    pub fn outbox(&self) -> Result<Vec<Waiting>> {
        self.all(
            "SELECT c.vendor, o.kind, o.local_id, o.id || ':' || o.generation, o.operation, o.state, o.why FROM outbox o
             JOIN connections c ON c.id = o.connection_id ORDER BY o.row",
            |row| {
                Ok(Waiting {
                    vendor: row.get(0)?,
                    kind: row.get(1)?,
                    local_id: row.get(2)?,
                    key: row.get(3)?,
                    operation: row.get(4)?,
                    state: row.get(5)?,
                    why: row.get(6)?,
                })
            },
        )
    }

    /// All problems, oldest first.
    pub fn problems(&self) -> Result<Vec<Problem>> {
        self.all("SELECT id, kind, local_id, remote_id, code, message, outbox_id FROM problems ORDER BY row", |row| {
            Ok(Problem {
                id: row.get(0)?,
                kind: row.get(1)?,
                local_id: row.get(2)?,
                remote_id: row.get(3)?,
                code: row.get(4)?,
                message: row.get(5)?,
                outbox_id: row.get(6)?,
            })
        })
    }

    /// Kind and remote id of what was put aside.
    pub fn parked(&self) -> Result<Vec<(String, String)>> {
        self.all("SELECT kind, remote_id FROM parked", |row| Ok((row.get(0)?, row.get(1)?)))
    }

    /// Whether a run is marked as going on.
    pub fn has_open_run(&self) -> Result<bool> {
        Ok(self
            .0
            .prepare_cached("SELECT EXISTS (SELECT 1 FROM runs WHERE state = 'running')")?
            .query_row([], |r| r.get(0))?)
    }

    /// Ids in the order they were made.
    pub fn ids(&self, table: &str, condition: &str) -> Result<Vec<String>> {
        self.all(&format!("SELECT id FROM {table} WHERE {condition} ORDER BY row"), |row| row.get(0))
    }

    /// A value of a record as text.
    pub fn field(&self, table: &str, column: &str, id: &str) -> Result<Option<String>> {
        let sql = format!("SELECT CAST({column} AS TEXT) FROM {table} WHERE id = ?1");
        Ok(self.0.prepare_cached(&sql)?.query_row([id], |row| row.get(0)).optional()?.flatten())
    }

    /// All rows of a query as texts.
    pub fn rows(&self, sql: &str) -> Result<Vec<Vec<String>>> {
        let mut statement = self.0.prepare_cached(sql)?;
        let columns = statement.column_count();
        let rows = statement.query_map([], |row| {
            (0..columns)
                .map(|column| {
                    Ok(match row.get_ref(column)? {
                        rusqlite::types::ValueRef::Null => String::new(),
                        rusqlite::types::ValueRef::Integer(number) => number.to_string(),
                        other => other.as_str().map_err(rusqlite::Error::from)?.to_owned(),
                    })
                })
                .collect::<rusqlite::Result<Vec<_>>>()
        })?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// Records that should be sent and are neither linked, nor waiting, nor a problem: kind and id.
    pub fn lost(&self) -> Result<Vec<(&'static str, String)>> {
        let mut lost = Vec::new();
        for (kind, vendor, worth) in SENT {
            let mut statement = self.0.prepare_cached(&format!(
                "SELECT t.id FROM {worth}
                 AND NOT EXISTS (SELECT 1 FROM links l WHERE l.kind = ?1 AND l.local_id = t.id
                     AND l.connection_id = (SELECT id FROM connections WHERE vendor = ?2))
                 AND NOT EXISTS (SELECT 1 FROM outbox o WHERE o.kind = ?1 AND o.local_id = t.id)
                 AND NOT EXISTS (SELECT 1 FROM problems p WHERE p.kind = ?1 AND p.local_id = t.id)"
            ))?;
            let ids = statement.query_map(params![kind, vendor], |row| row.get::<_, String>(0))?;
            lost.extend(ids.collect::<rusqlite::Result<Vec<_>>>()?.into_iter().map(|id| (kind, id)));
        }
        Ok(lost)
    }
}
