//! Dead letters: a change that can't be sent may be dropped with a reason. The record stays as it is on both sides, and is shown as
//! not sent until the vendor has what it lacks or a newer change brings it.

use super::merge::{Conflict, Fields, fields_of, overlay, same, three_way};
use super::records::{self, Rendered, Source};
use super::status::{page, position};
use crate::ids::{ConnectionId, OutboxId};
use crate::store::outbox::{self, Entry, State};
use crate::store::{Db, Tx, connections, dropped, history, links, problems};
use crate::view::{FieldChange, Page};
use crate::{Core, Error, Result};
use connector_contract::record::OrderStatus;
use connector_contract::{Record, RecordKind};
use serde::{Deserialize, Serialize};
use serde_json::Value;
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

/// What the vendor does not have when this change is not sent; `None` when it has all of it anyway.
fn lacking(db: &Db<'_>, entry: &Entry) -> Result<Option<Vec<String>>> {
    if entry.kind == RecordKind::Shipment && links::order_is_shipped_there(db, entry.connection_id, &entry.local_id)? {
        return Ok(None);
    }
    if entry.operation != "update" {
        return Ok(Some(Vec::new()));
    }
    let link = links::by_local(db, entry.connection_id, entry.kind, &entry.local_id)?.filter(|link| !link.deleted);
    let agreed = link.and_then(|link| link.agreed).unwrap_or_default();
    let Rendered::Ready(record) = records::render(db, entry.connection_id, entry.kind, &entry.local_id)? else {
        return Ok(Some(Vec::new()));
    };
    let merge = three_way(entry.kind, &agreed, &fields_of(&record)?, &overlay(&agreed.remote, &agreed.conflict));
    let open = merge.conflicts.into_iter().filter(Conflict::differs).map(|conflict| conflict.field);
    let fields: Vec<String> = merge.outgoing.into_iter().chain(open).collect();
    Ok(Some(fields).filter(|fields| !fields.is_empty()))
}

/// A record came in: whether the vendor still lacks what was not sent of it.
pub(super) fn look_again(
    tx: &Tx<'_>,
    from: &Source<'_>,
    theirs: &Record,
    fields: &Fields,
    local_id: &str,
) -> Result<()> {
    let kind = theirs.kind();
    let is_over = records::is_over(theirs);
    if let Record::Order(order) = theirs
        && (is_over || order.status == OrderStatus::Shipped)
    {
        dropped::settled_of_order(tx, from.connection, local_id)?;
    }
    let lacking = dropped::lacking(&tx.db(), from.connection, kind, local_id)?;
    if lacking.is_empty() {
        return Ok(());
    }
    let ours = match records::render(&tx.db(), from.connection, kind, local_id)? {
        Rendered::Ready(record) => fields_of(&record)?,
        Rendered::Missing(_) | Rendered::Nothing => return Ok(()),
    };
    let null = Value::Null;
    let has = |field: &String| same(ours.get(field).unwrap_or(&null), fields.get(field).unwrap_or(&null));
    let settled = lacking.iter().all(|(operation, lacking)| match operation.as_str() {
        "update" => lacking.iter().all(has),
        "retire" => is_over,
        _ => true,
    });
    if settled { dropped::settled(tx, from.connection, kind, local_id) } else { Ok(()) }
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
            let lacking = lacking(&tx.db(), &entry)?;
            dropped::add(tx, &entry, &title, &reason, lacking.as_deref(), now)?;
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
