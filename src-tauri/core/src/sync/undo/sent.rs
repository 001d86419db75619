//! What became of an undo's changes at the vendors. What a vendor refuses returns here to what it still holds there, and the
//! record is named with the vendor's reason.

use super::UndoOutcome;
use super::apply::{WHO, note_here};
use crate::event::Tag;
use crate::ids::RunId;
use crate::store::outbox::{self, Entry, Wish};
use crate::store::undo as rows;
use crate::store::{self, Tx};
use crate::sync::push::Ready;
use crate::sync::records::{self, Source};
use crate::{Error, Result, history};
use connector_contract::RecordKind;

/// A change of this record has arrived. A document that an undo had voided over there is voided here now.
pub fn arrived(tx: &Tx<'_>, from: &Source<'_>, ready: &Ready) -> Result<()> {
    let entry = &ready.entry;
    let document = matches!(entry.kind, RecordKind::Invoice | RecordKind::Payment | RecordKind::Order);
    let retired = ready.frozen.operation == "retire";
    let step = rows::waiting(&tx.db(), entry.kind, &entry.local_id)?;
    if document && retired {
        retire_here(tx, from, entry, step.as_ref().map_or(from.run, |step| step.run))?;
    }
    let Some(step) = step else { return Ok(()) };
    if document && step.outcome == UndoOutcome::Retired && !retired {
        return rows::leave(tx, step.row, "It was changed again before the undo was sent, so it stays.");
    }
    if !rows::is_queued(&tx.db(), entry.kind, &entry.local_id)? {
        rows::finish(tx, step.row)?;
        tx.changed(Tag::Runs);
    }
    Ok(())
}

/// Nothing is left to do where the owner voided it here in the first place.
fn retire_here(tx: &Tx<'_>, from: &Source<'_>, entry: &Entry, run: RunId) -> Result<()> {
    let bug = || Error::Bug("a stored id is not an id".into());
    let undo = Source { who: WHO, ..*from };
    // It is the undo's doing, also where a later run brought it about.
    let writing = tx.run();
    tx.set_run(Some(run));
    let changes = records::retire(tx, &undo, entry.kind, &entry.local_id)?;
    tx.set_run(writing);
    if changes.is_empty() {
        return Ok(());
    }
    if entry.kind == RecordKind::Payment && store::charges::unmatch(tx, entry.local_id.parse().map_err(|_| bug())?)? {
        tx.changed(Tag::MoneyRecords);
    }
    if entry.kind == RecordKind::Invoice {
        let id = entry.local_id.parse().map_err(|_| bug())?;
        let order = store::invoices::get(tx, id)?.and_then(|invoice| invoice.order_id);
        let order = order.map(|order| store::orders::get(tx, order)).transpose()?.flatten();
        // The order it was made from can be billed again.
        if let Some(order) = order.filter(|order| order.invoice_id == Some(id)) {
            store::orders::set_invoice(tx, order.id, None)?;
            tx.changed(Tag::Orders);
        }
    }
    note_here(tx, run, entry.kind, &entry.local_id, "voided", &changes, from.now)
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
