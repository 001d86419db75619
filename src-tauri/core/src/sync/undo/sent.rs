//! What became of an undo's changes at the vendors. What a vendor refuses returns here to what it still holds there, and the
//! record is named with the vendor's reason.

use super::UndoOutcome;
use super::apply::{WHO, is_retired, note_here};
use crate::event::Tag;
use crate::store::links::{self, Link};
use crate::store::outbox::{self, Entry, Wish};
use crate::store::undo as rows;
use crate::store::{Tx, snapshots};
use crate::sync::push::Ready;
use crate::sync::records::Source;
use crate::{Result, history};
use connector_contract::RecordKind;

/// A change of this record has arrived.
pub fn arrived(tx: &Tx<'_>, from: &Source<'_>, ready: &Ready) -> Result<()> {
    let entry = &ready.entry;
    let document = matches!(entry.kind, RecordKind::Invoice | RecordKind::Payment | RecordKind::Order);
    let retired = ready.frozen.operation == "retire";
    if document && retired {
        let_go(tx, from, entry)?;
    }
    let Some(step) = rows::waiting(&tx.db(), entry.kind, &entry.local_id)? else { return Ok(()) };
    if document && step.outcome == UndoOutcome::Retired && !retired {
        return rows::leave(tx, step.row, "It was changed again before the undo was sent, so it stays.");
    }
    if !rows::is_queued(&tx.db(), entry.kind, &entry.local_id)? {
        rows::finish(tx, step.row)?;
        tx.changed(Tag::Runs);
    }
    Ok(())
}

/// A document that the undo voided at the vendor and that stays in Backroom is one that was never sent: the next save sends it as a
/// new one, and what comes in of the old one is no longer its affair. Not so one that somebody else deleted there.
fn let_go(tx: &Tx<'_>, from: &Source<'_>, entry: &Entry) -> Result<()> {
    let now = snapshots::of(tx, entry.kind, &entry.local_id)?;
    if now.is_none_or(|now| is_retired(entry.kind, &now)) {
        return Ok(());
    }
    let link = links::by_local(&tx.db(), from.connection, entry.kind, &entry.local_id)?.filter(|link| !link.deleted);
    let Some(link) = link else { return Ok(()) };
    links::put(tx, &Link { deleted: true, released: true, ..link }, from.now)
}

/// A vendor will not take the change. `true` when it was an undo's, which is settled by this: the record returns to what it was,
/// and other vendors that took the undo are told.
pub fn refused(tx: &Tx<'_>, from: &Source<'_>, entry: &Entry, why: &str) -> Result<bool> {
    let Some(step) = rows::waiting(&tx.db(), entry.kind, &entry.local_id)? else { return Ok(false) };
    if let Some(fallback) = &step.fallback {
        let (origin, writing) = (tx.origin(), tx.run());
        tx.set_run(Some(step.run));
        let changes = history::put_back(tx, entry.kind, &entry.local_id, fallback, WHO, from.now)?;
        tx.set_run(writing);
        tx.set_origin(Some(from.connection));
        outbox::enqueue(tx, entry.kind, &entry.local_id, Wish::Upsert, from.now)?;
        tx.set_origin(origin);
        note_here(tx, step.run, entry.kind, &entry.local_id, "left", &changes, from.now)?;
    }
    rows::leave(tx, step.row, why)?;
    tx.changed(Tag::Runs);
    Ok(true)
}
