//! Which of our documents may be the same as one of theirs, and why: invoices by number, payments by customer, day and amount,
//! orders by the key they went out with. Unlike customers and items they are not compared by likeness: a repeat is a document
//! of its own.

use super::merge::{fields_of, same, words};
use super::plan::Evidence;
use super::records::payment::{self, Likeness};
use super::records::{self, Rendered, Same, Source};
use crate::Result;
use crate::ids::ConnectionId;
use crate::payments;
use crate::store::plan_items::Pair;
use crate::store::{Db, brakes, decisions, links};
use connector_contract::{Record, RecordKind, RemoteId, record};

/// The likeliest document of ours. `same` only where a run without a preview would take them for one.
pub fn propose(db: &Db<'_>, from: &Source<'_>, theirs: &Record) -> Result<Option<Pair>> {
    let (found, score, same) = match theirs {
        Record::Payment(theirs) => match payment::alike(db, from.connection, theirs)?.into_iter().next() {
            Some((ours, Likeness::Nothing)) => (Some(ours.id), 50, false),
            Some((ours, Likeness::Reference)) => (Some(ours.id), 95, true),
            Some((ours, Likeness::Invoices | Likeness::Unsettled | Likeness::Likely)) => (Some(ours.id), 85, true),
            None => (None, 0, false),
        },
        Record::Invoice(_) => (records::find_same(db, from, theirs, Same::ByKey)?, 90, true),
        Record::Order(_) => (records::find_same(db, from, theirs, Same::ByKey)?, 99, true),
        _ => (None, 0, false),
    };
    let Some(local_id) = found else { return Ok(None) };
    let title = links::title(db, theirs.kind(), &local_id)?;
    let evidence = evidence(db, from, theirs, &local_id)?;
    Ok(Some(Pair { local_id, title, score, evidence, same }))
}

/// The payment here that a charge is or may be. Taken for the same unless the owner says otherwise: nothing is recorded twice.
pub fn of_charge(
    db: &Db<'_>,
    connection: ConnectionId,
    remote: &RemoteId,
    charge: &record::Charge,
) -> Result<Option<Pair>> {
    let Some(found) = payments::propose_payment(db, connection, remote, charge)? else { return Ok(None) };
    let word = decisions::pair_word(db, connection, RecordKind::Charge, remote)?;
    let local_id = found.payment.to_string();
    let title = links::title(db, RecordKind::Payment, &local_id)?;
    let evidence = found.evidence.into_iter().map(|(field, ours, theirs, exact)| Evidence {
        field: field.to_owned(),
        ours,
        theirs,
        exact,
    });
    let same = word.is_none_or(|(said, same)| said != local_id || same);
    let score = if found.certain { 95 } else { 80 };
    Ok(Some(Pair { local_id, title, score, evidence: evidence.collect(), same }))
}

/// What both say of what documents are told apart by.
fn evidence(db: &Db<'_>, from: &Source<'_>, theirs: &Record, local_id: &str) -> Result<Vec<Evidence>> {
    let kind = theirs.kind();
    let names: &[&str] = match kind {
        RecordKind::Invoice => &["number", "issued_on", "total"],
        RecordKind::Payment => &["received_on", "amount", "reference"],
        _ => &["number", "ordered_at", "total"],
    };
    let there = fields_of(theirs)?;
    let here = match records::render(db, from.connection, kind, local_id)? {
        Rendered::Ready(ours) => fields_of(&ours)?,
        // What it refers to is not known over there yet: the amount alone then.
        Rendered::Missing(_) | Rendered::Nothing => {
            let amount = brakes::amount(db, kind, local_id)?;
            amount
                .map(|amount| Ok(("amount".to_owned(), serde_json::to_value(amount)?)))
                .into_iter()
                .collect::<Result<_>>()?
        }
    };
    let told = names.iter().filter_map(|name| {
        let (ours, theirs) = (here.get(*name)?, there.get(*name)?);
        let exact = same(ours, theirs);
        Some(Evidence { field: (*name).to_owned(), ours: words(ours)?, theirs: words(theirs)?, exact })
    });
    Ok(told.collect())
}
