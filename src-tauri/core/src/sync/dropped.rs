//! Dead letters: a change that can't be sent may be dropped with a reason. The record stays as it is on both sides.

use super::status::{page, position};
use crate::ids::{ConnectionId, OutboxId};
use crate::store::outbox::{self, State};
use crate::store::{connections, dropped, history, links, problems};
use crate::view::{FieldChange, Page};
use crate::{Core, Error, Result};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

/// Longest reason kept.
const REASON_CHARS: usize = 500;

/// A change that the owner decided not to send.
#[derive(Debug, Clone, Serialize, Deserialize, specta::Type)]
pub struct DroppedRow {
    /// Id of the change.
    pub id: OutboxId,
    /// Which connection.
    pub connection_id: ConnectionId,
    /// Vendor name.
    pub vendor_name: String,
    /// Kind of record.
    pub kind: String,
    /// Local id, to open it.
    pub record_id: String,
    /// Its name or number back then.
    pub title: String,
    /// `create`, `update` or `retire`.
    pub operation: String,
    /// Why it waited, as a sentence; may be empty.
    pub why: String,
    /// Why it was dropped.
    pub reason: String,
    /// Tries until then.
    pub attempts: u32,
    /// When it was dropped (RFC 3339, UTC).
    pub dropped_at: String,
}

impl Core {
    /// Takes a change off the queue for good. It is sent again only when the record is changed again.
    pub fn drop_outbox(&self, id: OutboxId, reason: &str) -> Result<()> {
        let reason: String = reason.trim().chars().take(REASON_CHARS).collect();
        if reason.is_empty() {
            return Err(Error::invalid("reason", "Say why, so that you know later."));
        }
        let now = self.now();
        self.store.write(|tx| {
            let entry = outbox::get(&tx.db(), id)?.ok_or(Error::NotFound("change"))?;
            if entry.state == State::Sending {
                return Err(Error::Refused("It is being sent just now. Try again when the run has ended.".into()));
            }
            let title = links::title(&tx.db(), entry.kind, &entry.local_id)?;
            dropped::add(tx, &entry, &title, &reason, now)?;
            let change = FieldChange { field: "reason".into(), before: None, after: Some(reason.clone()) };
            history::add(tx, entry.kind, &entry.local_id, now, "owner", "not_sent", &[change])?;
            problems::clear_entry(tx, entry.id)?;
            outbox::remove(tx, entry.id)?;
            // A conflict it was in is decided with it: ours stays here, theirs stays there.
            links::settle(tx, entry.connection_id, entry.kind, &entry.local_id, now)
        })
    }

    /// What was dropped, newest first.
    pub fn list_dropped(&self, cursor: Option<String>, limit: u32) -> Result<Page<DroppedRow>> {
        let (limit, before) = (limit.clamp(1, 200), position(cursor.as_deref(), i64::MAX)?);
        self.store.read(|db| {
            let names: HashMap<_, _> =
                connections::all(db)?.into_iter().map(|row| (row.id, self.vendor_name(&row.vendor))).collect();
            let found = dropped::page(db, before, limit + 1)?.into_iter().map(|row| {
                let vendor_name = names.get(&row.connection_id).cloned().unwrap_or_default();
                let view = DroppedRow {
                    id: row.id,
                    connection_id: row.connection_id,
                    vendor_name,
                    kind: row.kind,
                    record_id: row.local_id,
                    title: row.title,
                    operation: row.operation,
                    why: row.why,
                    reason: row.reason,
                    attempts: row.attempts,
                    dropped_at: row.dropped_at,
                };
                (row.row, view)
            });
            Ok(page(found.collect(), limit))
        })
    }
}
