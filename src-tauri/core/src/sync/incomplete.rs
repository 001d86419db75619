//! Invoices whose lines name an item that never comes: one that can't be read, or that is no item here, such as a category. They come
//! in with what is known, amounts included, and stay set aside besides, so that they are completed once the item is there.
//!
//! Absent on purpose: a customer that never comes. Without one there is nobody who owes the invoice.

use super::ProblemAction;
use super::explain::action_name;
use super::records::{self, Source};
use crate::Result;
use crate::store::problems::{self, INCOMPLETE, NewProblem};
use crate::store::{Tx, links};
use connector_contract::{Content, Pulled, Record, RecordKind};

/// The record without the items that have not come in; `None` where it lacks none.
pub fn without_missing_items(tx: &Tx<'_>, from: &Source<'_>, pulled: &Pulled) -> Result<Option<Pulled>> {
    let Content::Present(record) = &pulled.content else { return Ok(None) };
    let Record::Invoice(invoice) = record.as_ref() else { return Ok(None) };
    let (mut invoice, mut lacks) = (invoice.clone(), false);
    for line in &mut invoice.lines {
        let Some(item) = &line.item else { continue };
        if links::local_of(&tx.db(), from.connection, RecordKind::Item, item)?.is_none() {
            line.item = None;
            lacks = true;
        }
    }
    let partial = || Pulled { content: Content::Present(Box::new(Record::Invoice(invoice))), ..pulled.clone() };
    Ok(lacks.then(partial))
}

/// Says that a record came in without an item. `true` when that is news.
pub fn report(tx: &Tx<'_>, from: &Source<'_>, pulled: &Pulled) -> Result<bool> {
    let Content::Present(record) = &pulled.content else { return Ok(false) };
    let link = links::by_remote(&tx.db(), from.connection, record.kind(), &pulled.remote_id)?;
    let title = records::title(record);
    let problem = NewProblem {
        connection_id: from.connection,
        kind: record.kind().as_str(),
        local_id: link.as_ref().map(|link| link.local_id.as_str()),
        remote_id: Some(&pulled.remote_id.0),
        outbox_id: None,
        title: &title,
        code: INCOMPLETE,
        message: &format!(
            "{title} came in with its amounts, but one of its lines names an item that could not be read from {}.",
            from.who
        ),
        advice: &format!(
            "Until then the line is text only. Check the item in {}; once it comes in, the line is completed automatically.",
            from.who
        ),
        vendor_text: "",
        action: action_name(ProblemAction::Retry),
        setting: None,
    };
    problems::report(tx, &problem, from.now)
}
