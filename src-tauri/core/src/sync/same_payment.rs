//! Payments that may be here already: charges are looked at when everything of a run has been read, a payment of a vendor's that
//! may be one of ours is asked about, and the owner answers.
//!
//! Absent on purpose: what speaks for two payments being one (`payments`, `records::payment`).

use super::gate::Gate;
use super::incoming::Outcome;
use super::part::{Part, Task};
use super::records::Source;
use super::records::payment::{self, LikePayment, Likeness};
use super::{ProblemAction, RunState, explain, mend};
use crate::ids::{ConnectionId, PaymentId, ProblemId};
use crate::payments::{self, Applied, MORE_THAN_DUE, Payment, SAME_PAYMENT};
use crate::store::problems::{self, NewProblem, ProblemRecord};
use crate::store::runs::{self, Counts};
use crate::store::{self, Db, Tx, charge_match, decisions, links, outbox, parked, payment_match};
use crate::{Core, Error, Result};
use backroom_money::Money;
use connector_contract::{Content, Pulled, Record, RecordKind, RemoteId, Safeguard, record};
use std::collections::BTreeSet;

/// Code of the problem of a payment that the vendor has twice.
pub(super) const THERE_TWICE: &str = "there_twice";

impl Part<'_> {
    /// Everything has been read: looks at the charges about which something changed, each by itself.
    pub(super) fn look_at_charges(&mut self) -> Result<()> {
        if !matches!(self.task, Task::Sync) {
            return Ok(());
        }
        let charges = self.core.store.read(|db| charge_match::to_look_at(db, self.row.id))?;
        let mut news = 0;
        for id in charges {
            news += self.core.store.write_in_run(self.run, |tx| {
                tx.set_origin(Some(self.row.id));
                let now = self.core.now();
                let looked = match tx.attempt(|| payments::look_at_charge(tx, id, self.descriptor.name, now))? {
                    Ok(looked) => looked,
                    Err(error) => {
                        // It stays a charge without a payment, and is looked at again when something about it changes.
                        tracing::info!(code = ?error.code(), "a charge is no payment");
                        charge_match::looked_at(tx, id)?;
                        return Ok(0);
                    }
                };
                let counts = Counts { problems: u32::from(looked.news), ..Counts::default() };
                if looked.news {
                    runs::advance(tx, self.run, self.row.id, RunState::Running, "Sorting", counts, now)?;
                }
                Ok::<_, Error>(counts.problems)
            })?;
        }
        if news > 0 && !matches!(self.gate, Gate::Rehearsal(_)) {
            self.problems += news;
            self.finish(Ok(()))?;
        }
        Ok(())
    }

    /// Reports a payment that the vendor has twice: somebody entered it there while ours was being sent, so that neither could be
    /// recognized. The problem is cleared once one of the two is deleted or voided.
    pub(super) fn look_for_twice(&mut self, local_id: &str) -> Result<()> {
        let (connection, kind) = (self.row.id, RecordKind::Payment);
        let (twice, reported) = self.core.store.read(|db| {
            let twice = payment_match::there_twice(db, connection, local_id)?;
            Ok::<_, Error>((twice, problems::is_open(db, connection, kind, local_id, THERE_TWICE)?))
        })?;
        if twice.is_none() && !reported {
            return Ok(());
        }
        let news = self.core.store.write_in_run(self.run, |tx| {
            let Some((first, second)) = &twice else {
                problems::clear_question(tx, connection, kind, local_id, THERE_TWICE)?;
                return Ok(false);
            };
            let get = |id: &str| -> Result<Payment> {
                let id = id.parse().map_err(|_| Error::Bug("a stored id is not an id".into()))?;
                store::payments::get(tx, id)?.ok_or(Error::NotFound("payment"))
            };
            let (first, later) = (get(first)?, get(second)?);
            let (vendor, amount) = (self.descriptor.name, in_words(later.amount));
            let day = |payment: &Payment| payment.received_on.format("%b %-d, %Y");
            let message = format!(
                "{vendor} has a payment of {amount} twice: on {} (reference “{}”) and on {} (reference “{}”).",
                day(&first),
                first.reference,
                day(&later),
                later.reference
            );
            let advice = format!(
                "If it is one payment, delete one of the two in {vendor}; the next sync removes it here. If there were two, dismiss this."
            );
            let problem = NewProblem {
                connection_id: connection,
                kind: kind.as_str(),
                local_id: Some(second),
                remote_id: None,
                outbox_id: None,
                title: &links::title(&tx.db(), kind, second)?,
                code: THERE_TWICE,
                message: &message,
                advice: &advice,
                vendor_text: "",
                action: explain::action_name(ProblemAction::CompareAgain),
                setting: None,
            };
            let news = problems::report(tx, &problem, self.core.now())?;
            if news {
                let counts = Counts { problems: 1, ..Counts::default() };
                runs::advance(tx, self.run, connection, RunState::Running, "Comparing sums", counts, self.core.now())?;
            }
            Ok(news)
        })?;
        self.problems += u32::from(news);
        Ok(())
    }

    /// Why a payment of ours has to stay: a question about it is open.
    pub(super) fn is_asked_about(&self, db: &Db<'_>, kind: RecordKind, local_id: &str) -> Result<bool> {
        Ok(kind == RecordKind::Payment && problems::is_open(db, self.row.id, kind, local_id, SAME_PAYMENT)?)
    }

    /// The payment at the vendor that came in and waits, and that a payment about to be created there is, or may be.
    pub(super) fn waiting_payment_like(&self, db: &Db<'_>, entry: &outbox::Entry) -> Result<Option<RemoteId>> {
        if entry.kind != RecordKind::Payment || Safeguard::Dedupe.is_broken() {
            return Ok(None);
        }
        let is_ours =
            |(ours, likeness): &(LikePayment, Likeness)| ours.id == entry.local_id && *likeness != Likeness::Nothing;
        for (remote, theirs) in payment_match::waiting_like(db, self.row.id, &entry.local_id)? {
            if !theirs.voided && payment::alike(db, self.row.id, &theirs)?.iter().any(is_ours) {
                return Ok(Some(remote));
            }
        }
        Ok(None)
    }
}

/// Whether a payment of ours that turned out to be theirs takes over what they say of it, instead of being merged: it was never
/// sent, and nobody typed it, or the owner said that it is the same.
pub(super) fn is_theirs_to_say(tx: &Tx<'_>, local_id: &str, told: bool, pending: &[outbox::Entry]) -> Result<bool> {
    let id = local_id.parse().map_err(|_| Error::Bug("a stored id is not an id".into()))?;
    let typed = store::payments::get(tx, id)?.is_none_or(|payment| payment.source == "owner");
    Ok((told || !typed) && pending.iter().all(|entry| entry.operation != "retire"))
}

/// What waited to make the payment over there need not go: it is there.
pub(super) fn need_not_go(tx: &Tx<'_>, pending: &[outbox::Entry]) -> Result<()> {
    for entry in pending {
        problems::clear_entry(tx, entry.id)?;
        outbox::remove(tx, entry.id)?;
    }
    Ok(())
}

fn in_words(amount: Money) -> String {
    format!("{} {}", amount.to_decimal_string(), amount.currency())
}

/// Keeps a payment of theirs until the owner has said whether it is one of ours.
pub(super) fn ask(
    tx: &Tx<'_>,
    from: &Source<'_>,
    pulled: &Pulled,
    theirs: &record::Payment,
    ours: &LikePayment,
) -> Result<Outcome> {
    parked::put(tx, from.connection, pulled)?;
    let title = links::title(&tx.db(), RecordKind::Payment, &ours.id)?;
    let reference = |text: &str| if text.is_empty() { String::new() } else { format!(" (reference “{text}”)") };
    let message = format!(
        "{} has a payment of {} on {}{}. Here is one of {} on {}{}, which {} doesn't have.",
        from.who,
        in_words(theirs.amount),
        theirs.received_on.format("%b %-d, %Y"),
        reference(theirs.reference.as_deref().unwrap_or_default()),
        in_words(ours.amount),
        ours.received_on.format("%b %-d, %Y"),
        reference(&ours.reference),
        from.who,
    );
    let problem = NewProblem {
        connection_id: from.connection,
        kind: RecordKind::Payment.as_str(),
        local_id: Some(&ours.id),
        remote_id: Some(&pulled.remote_id.0),
        outbox_id: None,
        title: &title,
        code: SAME_PAYMENT,
        message: &message,
        advice: "Is it the same payment? Neither is sent or taken over until you answer.",
        vendor_text: "",
        action: explain::action_name(ProblemAction::SamePayment),
        setting: None,
    };
    Ok(Outcome::Asks(problems::report(tx, &problem, from.now)?))
}

impl Core {
    /// Answers whether what a problem is about is the same payment (`same`), or is recorded as another one.
    pub fn answer_same_payment(&self, id: ProblemId, same: bool) -> Result<()> {
        let connection = self.store.write(|tx| {
            let asked = |problem: &ProblemRecord| matches!(problem.code.as_str(), SAME_PAYMENT | MORE_THAN_DUE);
            let problem = problems::get(&tx.db(), id)?.filter(asked).ok_or(Error::NotFound("problem"))?;
            let local_id = problem.local_id.as_deref().ok_or(Error::NotFound("record"))?;
            let unknown = |_| Error::NotFound("record");
            if problem.kind == RecordKind::Charge.as_str() {
                let vendor = store::charges::vendor_of(tx, problem.connection_id)?.unwrap_or_default();
                let who = self.vendor_name(&vendor);
                payments::answer_charge(tx, local_id.parse().map_err(unknown)?, same, &who, self.now())?;
            } else if let Some(remote) = problem.remote_id.clone().map(RemoteId) {
                let kind = RecordKind::Payment;
                decisions::set_pair_word(tx, problem.connection_id, kind, &remote, local_id, same)?;
                if !same {
                    let ours = local_id.parse().map_err(unknown)?;
                    self.make_room(tx, problem.connection_id, &remote, ours)?;
                }
            }
            problems::remove(tx, id)?;
            Ok(problem.connection_id)
        })?;
        mend::begin_for(self, &BTreeSet::from([connection]))
    }

    /// Theirs is in the books already, so ours gives way on invoices that don't owe enough for both; it becomes credit.
    fn make_room(&self, tx: &Tx<'_>, connection: ConnectionId, remote: &RemoteId, ours: PaymentId) -> Result<()> {
        let waiting = parked::all(&tx.db(), connection)?;
        let theirs =
            waiting.iter().filter(|pulled| pulled.remote_id == *remote).find_map(|pulled| match &pulled.content {
                Content::Present(record) => match record.as_ref() {
                    Record::Payment(payment) => Some(payment),
                    _ => None,
                },
                _ => None,
            });
        let (Some(theirs), Some(before)) = (theirs, store::payments::get(tx, ours)?) else { return Ok(()) };
        let mut after = Payment { applied: Vec::new(), ..before.clone() };
        for part in &before.applied {
            let mut left = part.amount.minor();
            for wanted in &theirs.applied {
                let local = links::referred_local(&tx.db(), connection, RecordKind::Invoice, &wanted.invoice)?;
                if local.as_deref() == Some(part.invoice_id.to_string().as_str())
                    && let Some(standing) = store::invoices::standing(tx, part.invoice_id)?
                {
                    left -= (wanted.amount.minor() - standing.balance.minor()).clamp(0, left);
                }
            }
            if left > 0 {
                after.applied.push(Applied { amount: Money::from_minor(left, part.amount.currency()), ..part.clone() });
            }
        }
        if after.applied != before.applied {
            payments::write(tx, Some(&before), &after, "owner", self.now())?;
            outbox::enqueue(tx, RecordKind::Payment, &ours.to_string(), outbox::Wish::Upsert, self.now())?;
        }
        Ok(())
    }
}
