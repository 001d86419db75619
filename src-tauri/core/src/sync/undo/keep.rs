//! Keeping, with each change of a run, what it takes to undo it: the record here before and after.

use super::fields::{unit, unit_of_neutral};
use crate::Result;
use crate::ids::{ConnectionId, RunId};
use crate::store::undo::{Kept, keep};
use crate::store::{Tx, history};
use crate::sync::merge::{Agreed, Fields, differences};
use crate::sync::push::Ready;
use connector_contract::{Pulled, Pushed, RecordKind};
use std::collections::BTreeSet;

/// Keeps the states of a change that was just written here and noted in the run. Without `pulled` it was made here.
pub fn here(
    tx: &Tx<'_>,
    run: RunId,
    kind: RecordKind,
    local_id: &str,
    created: bool,
    pulled: Option<(ConnectionId, &Pulled)>,
) -> Result<()> {
    let (after, before) = history::newest_states(&tx.db(), kind, local_id)?;
    let kept = Kept {
        connection: pulled.map(|(connection, _)| connection),
        before: before.as_ref().filter(|_| !created),
        after: after.as_ref(),
        remote_id: pulled.map(|(_, pulled)| &pulled.remote_id),
        version: pulled.and_then(|(_, pulled)| pulled.version.as_ref()),
    };
    // A change without the state before it can't be undone; half of it would look like a new record.
    if created || kept.before.is_some() {
        keep(tx, run, &kept)?;
    }
    Ok(())
}

/// Keeps which record over there was found to be the same as one here; that was just noted in the run.
pub fn joined(tx: &Tx<'_>, run: RunId, connection: ConnectionId, pulled: &Pulled) -> Result<()> {
    let kept = Kept { connection: Some(connection), remote_id: Some(&pulled.remote_id), ..Kept::default() };
    keep(tx, run, &kept)
}

/// Keeps the states of a change that was sent: as both sides last agreed, and as it was sent. What differs otherwise between
/// the two came in meanwhile and belongs to another change.
pub fn sent(
    tx: &Tx<'_>,
    run: RunId,
    connection: ConnectionId,
    ready: &Ready,
    agreed: &Agreed,
    pushed: Option<&Pushed>,
) -> Result<()> {
    let (entry, frozen) = (&ready.entry, &ready.frozen);
    let state = |id: Option<u32>| -> Result<Option<Fields>> {
        let Some(id) = id else { return Ok(None) };
        Ok(history::get(&tx.db(), entry.kind, &entry.local_id, id)?.and_then(|(_, state)| state))
    };
    let Some(after) = state(frozen.history)? else { return Ok(()) };
    let created = frozen.operation == "create";
    let before = if created {
        None
    } else {
        let Some(then) = state(agreed.history)? else { return Ok(()) };
        let units: BTreeSet<String> = match &frozen.fields {
            Some(ours) => differences(&agreed.local, ours)
                .iter()
                .map(|change| unit_of_neutral(entry.kind, &change.field).to_owned())
                .collect(),
            None => [unit_of_neutral(entry.kind, "voided").to_owned(), "status".to_owned()].into(),
        };
        let mut before = after.clone();
        before.extend(then.into_iter().filter(|(name, _)| units.contains(unit(entry.kind, name))));
        Some(before)
    };
    let kept = Kept {
        connection: Some(connection),
        before: before.as_ref(),
        after: Some(&after),
        remote_id: pushed.map(|pushed| &pushed.remote_id),
        version: pushed.and_then(|pushed| pushed.version.as_ref()),
    };
    keep(tx, run, &kept)
}
