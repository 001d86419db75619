//! Payments on both sides.

use super::document::References;
use super::{Rendered, Source, Taken, id, local, take, take_text};
use crate::Result;
use crate::ids::{ConnectionId, PaymentId};
use crate::payments::{self, Applied, DepositTo, Payment};
use crate::payments::{NEAR_DAYS, SameReference, compare_references};
pub use crate::store::payment_match::LikePayment;
use crate::store::{self, Db, Tx};
use crate::store::{links, payment_match};
use crate::sync::merge::Fields;
use crate::text::same_key;
use crate::view::FieldChange;
use connector_contract::{Record, RecordKind, record};
use uuid::Uuid;

/// Takes their changed fields over. Like an invoice, a void only voids.
pub fn take_over(
    tx: &Tx<'_>,
    from: &Source<'_>,
    local_id: Option<&str>,
    fresh: Uuid,
    theirs: &record::Payment,
    changed: &Fields,
) -> Result<Taken> {
    let before = load(tx, local_id)?;
    let after = match &before {
        Some(before) if theirs.voided => Payment { voided: true, ..before.clone() },
        Some(before) => update(tx, from, before.clone(), theirs, changed)?,
        None => {
            let fresh = Payment {
                id: PaymentId(fresh),
                version: 0,
                customer_id: local(&tx.db(), from, RecordKind::Customer, &theirs.customer)?,
                received_on: theirs.received_on,
                amount: theirs.amount,
                method: String::new(),
                reference: String::new(),
                note: String::new(),
                applied: Vec::new(),
                deposit_to: DepositTo::Bank,
                voided: theirs.voided,
                source: from.vendor.to_owned(),
                created_at: from.now,
                updated_at: from.now,
            };
            update(tx, from, fresh, theirs, changed)?
        }
    };
    let written = payments::write(tx, before.as_ref(), &after, from.who, from.now)?;
    Ok(Taken { local_id: after.id.to_string(), created: before.is_none(), changes: written.changes })
}

fn update(
    tx: &Tx<'_>,
    from: &Source<'_>,
    mut after: Payment,
    theirs: &record::Payment,
    changed: &Fields,
) -> Result<Payment> {
    if changed.contains_key("customer") {
        after.customer_id = local(&tx.db(), from, RecordKind::Customer, &theirs.customer)?;
    }
    take(changed, "received_on", &mut after.received_on, Some(&theirs.received_on));
    take(changed, "amount", &mut after.amount, Some(&theirs.amount));
    take_text(changed, "method", &mut after.method, theirs.method.as_ref());
    take_text(changed, "reference", &mut after.reference, theirs.reference.as_ref());
    take_text(changed, "note", &mut after.note, theirs.note.as_ref());
    // A payment that moves with its customer pays the same invoices as before, which moved too; here the move took them off.
    if changed.contains_key("applied") || changed.contains_key("customer") {
        after.applied = theirs
            .applied
            .iter()
            .map(|part| {
                let invoice_id = local(&tx.db(), from, RecordKind::Invoice, &part.invoice)?;
                Ok(Applied { invoice_id, amount: part.amount })
            })
            .collect::<Result<_>>()?;
    }
    Ok(after)
}

/// A shorter reference, such as a check's number, comes again.
const LONG_REFERENCE: usize = 16;

/// What speaks for two payments of the same customer, day and amount being one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Likeness {
    /// The same reference.
    Reference,
    /// No reference on one side, and the same invoices.
    Invoices,
    /// Ours was sent, and nobody knows yet whether it arrived.
    Unsettled,
    /// The same reference with another amount, or the same amount and invoices some days apart or under another reference.
    Likely,
    /// Nothing more: people do pay the same amount twice on a day.
    Nothing,
}

impl Likeness {
    /// Whether they are taken for one without asking.
    pub const fn is_enough(self) -> bool {
        !matches!(self, Self::Nothing | Self::Likely)
    }
}

/// The payment of ours that this one is (`true`), or may be.
pub fn find(db: &Db<'_>, connection: ConnectionId, theirs: &record::Payment) -> Result<Option<(LikePayment, bool)>> {
    if connector_contract::Safeguard::Dedupe.is_broken() {
        return Ok(None);
    }
    let alike = alike(db, connection, theirs)?;
    let found = alike.into_iter().next().filter(|(_, likeness)| *likeness != Likeness::Nothing);
    Ok(found.map(|(ours, likeness)| (ours, likeness.is_enough())))
}

/// Payments of ours that may be this one, the likeliest first.
pub fn alike(db: &Db<'_>, connection: ConnectionId, theirs: &record::Payment) -> Result<Vec<(LikePayment, Likeness)>> {
    let customer = links::local_of(db, connection, RecordKind::Customer, &theirs.customer)?;
    let reference = theirs.reference.as_deref().unwrap_or_default().trim();
    let paid = theirs.applied.iter().map(|part| links::local_of(db, connection, RecordKind::Invoice, &part.invoice));
    let mut paid: Vec<String> = paid.collect::<Result<Vec<_>>>()?.into_iter().flatten().collect();
    paid.sort_unstable();
    let near = payment_match::Near { day: theirs.received_on, days: NEAR_DAYS, amount: theirs.amount, reference };
    let found = payment_match::payments_like(db, connection, customer.as_deref(), &near)?;
    let judged = found.into_iter().filter_map(|ours| Some((judge(theirs, reference, &paid, &ours)?, ours)));
    let judged = judged.map(|(likeness, ours)| (ours, likeness));
    let mut judged: Vec<_> = judged.collect();
    judged.sort_by_key(|(_, likeness)| *likeness as u8);
    Ok(judged)
}

/// What speaks for one of ours; `None` when nothing does.
fn judge(theirs: &record::Payment, reference: &str, paid: &[String], ours: &LikePayment) -> Option<Likeness> {
    let mut invoices = ours.invoices.clone();
    invoices.sort_unstable();
    let known = ours.reference.trim();
    let same_amount = ours.amount == theirs.amount;
    let same_day = ours.received_on == theirs.received_on;
    let same_invoices = !paid.is_empty() && invoices == paid;
    let shared = paid.iter().any(|invoice| invoices.contains(invoice)) || paid.is_empty() || invoices.is_empty();
    let unnamed = reference.is_empty() || known.is_empty();
    let equal = !reference.is_empty() && same_key(known) == same_key(reference);
    Some(match compare_references(known, reference) {
        // What was voided there has lost its amount. Only one that was sent can be it.
        SameReference::Whole | SameReference::Cut
            if theirs.voided && ours.unsettled && known.len() >= LONG_REFERENCE =>
        {
            Likeness::Unsettled
        }
        _ if equal && same_amount && same_day => Likeness::Reference,
        SameReference::Whole | SameReference::Cut if same_amount && shared && known.len() >= LONG_REFERENCE => {
            Likeness::Reference
        }
        _ if same_amount && same_day && unnamed && same_invoices => Likeness::Invoices,
        _ if same_amount && same_day && ours.unsettled => Likeness::Unsettled,
        SameReference::Whole | SameReference::Cut if known.len() >= LONG_REFERENCE => Likeness::Likely,
        // Two checks of the same amount for the same invoice are no rarity; a charge is told from them by its reference.
        _ if same_amount && same_invoices && (ours.of_charge || unnamed) => Likeness::Likely,
        _ if same_amount && same_day => Likeness::Nothing,
        _ => return None,
    })
}

/// Cancels it; its invoices are open again.
pub fn retire(tx: &Tx<'_>, from: &Source<'_>, local_id: &str) -> Result<Vec<FieldChange>> {
    let Some(before) = load(tx, Some(local_id))? else { return Ok(Vec::new()) };
    let after = Payment { voided: true, ..before.clone() };
    Ok(payments::write(tx, Some(&before), &after, from.who, from.now)?.changes)
}

/// Writes it out.
pub fn render(db: &Db<'_>, connection: ConnectionId, local_id: &str) -> Result<Rendered> {
    let Some(payment) = store::payments::get(db, id(local_id)?)? else { return Ok(Rendered::Nothing) };
    let mut references = References::new(db, connection);
    let customer = references.get(RecordKind::Customer, payment.customer_id)?;
    let mut applied = Vec::with_capacity(payment.applied.len());
    for part in &payment.applied {
        let invoice = references.get(RecordKind::Invoice, part.invoice_id)?;
        applied.push(record::Applied { invoice, amount: part.amount });
    }
    Ok(references.complete(Record::Payment(record::Payment {
        customer,
        received_on: payment.received_on,
        amount: payment.amount,
        method: Some(payment.method),
        reference: Some(payment.reference),
        note: Some(payment.note),
        applied,
        voided: payment.voided,
        unapplied: None,
    })))
}

fn load(tx: &Tx<'_>, local_id: Option<&str>) -> Result<Option<Payment>> {
    let Some(local_id) = local_id else { return Ok(None) };
    store::payments::get(&tx.db(), id(local_id)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use backroom_money::Money;
    use connector_contract::RemoteId;

    const CHARGE: &str = "ch_1SimFboOBFoXSfezIvx7ygoo";

    #[test]
    fn what_was_voided_there_is_ours_only_where_ours_was_sent_and_not_answered() {
        let amount = |text: &str| Money::parse(text, "USD".parse().expect("a currency")).expect("an amount");
        let day = "2026-11-20".parse().expect("a day");
        let theirs = |voided| record::Payment {
            customer: RemoteId("1".into()),
            received_on: day,
            amount: amount("0"),
            method: None,
            reference: None,
            note: None,
            applied: Vec::new(),
            unapplied: None,
            voided,
        };
        let ours = |unsettled| LikePayment {
            id: "ours".into(),
            reference: CHARGE.into(),
            received_on: day,
            amount: amount("186.42"),
            of_charge: true,
            invoices: Vec::new(),
            unsettled,
        };
        for reference in [CHARGE, &CHARGE[..21]] {
            assert_eq!(judge(&theirs(true), reference, &[], &ours(true)), Some(Likeness::Unsettled));
            assert_eq!(judge(&theirs(true), reference, &[], &ours(false)), Some(Likeness::Likely));
            assert_eq!(judge(&theirs(false), reference, &[], &ours(true)), Some(Likeness::Likely));
        }
    }
}
