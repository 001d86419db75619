//! Both sides' sums are compared: at the end of a connection's part of a run, for every invoice and payment that came in or was
//! sent, and for those that differed before. A difference is a problem with both sums, and goes when they agree again.
//!
//! What is still on its way says nothing yet, so it is left out. Before the owner hears of a difference the vendor is asked once
//! more for the record: what changed there since it was read comes with the next run.
//!
//! Payments are looked at for another one that says the same, too (`same_payment`).
//!
//! Absent on purpose: anything that makes the sums agree; only the owner knows which side is right.

use super::gate::Gate;
use super::merge::{Fields, fields_of};
use super::part::{Ended, Part};
use super::pull::kind_of;
use super::same_payment::THERE_TWICE;
use super::settle::TOTAL_DIFFERS;
use super::{ProblemAction, RunState, explain};
use crate::Result;
use crate::invoices::InvoiceState;
use crate::store::links::{self, Link};
use crate::store::problems::{self, NewProblem};
use crate::store::runs::{self, Counts};
use crate::store::{self, Db, Tx, outbox, sums};
use backroom_money::Money;
use connector_contract::{Content, Pulled, RecordKind};
use serde::Deserialize as _;
use std::collections::BTreeSet;

/// Code of the problem of a record whose sums differ.
pub(super) const SUMS_DIFFER: &str = "sums_differ";

/// So many records are asked for once more in a run before what was read has to do.
const MOST_QUESTIONS: usize = 50;

/// One sum on both sides.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Difference {
    name: &'static str,
    ours: Money,
    theirs: Money,
}

/// How a record's sums compare.
enum Compared {
    /// Nothing can be said yet.
    Unknown,
    /// They agree, or no longer mean anything.
    Agree,
    /// They don't.
    Differ(Box<Link>, Vec<Difference>),
}

impl Part<'_> {
    /// Notes that a record came in.
    pub(super) fn touch_pulled(&self, db: &Db<'_>, pulled: &Pulled) -> Result<()> {
        let kind = kind_of(pulled);
        if matches!(kind, RecordKind::Invoice | RecordKind::Payment)
            && let Some(local_id) = links::local_of(db, self.row.id, kind, &pulled.remote_id)?
        {
            self.touched.lock().insert((kind, local_id));
        }
        Ok(())
    }

    /// Notes that a record was sent.
    pub(super) fn touch(&self, kind: RecordKind, local_id: &str) {
        if matches!(kind, RecordKind::Invoice | RecordKind::Payment) {
            self.touched.lock().insert((kind, local_id.to_owned()));
        }
    }

    /// Compares the sums of what was touched.
    pub(super) async fn compare_sums(&mut self) -> std::result::Result<(), Ended> {
        let touched = std::mem::take(&mut *self.touched.lock());
        if matches!(self.gate, Gate::Rehearsal(_)) {
            return Ok(());
        }
        let mut questions = 0;
        for (kind, local_id) in self.core.store.read(|db| self.to_compare(db, touched))? {
            if kind == RecordKind::Payment {
                self.look_for_twice(&local_id)?;
            }
            match self.core.store.read(|db| self.compared(db, kind, &local_id))? {
                Compared::Unknown => {}
                Compared::Agree => self.sums_agree(kind, &local_id)?,
                Compared::Differ(link, differences) => {
                    let known = self.core.store.read(|db| self.is_known(db, kind, &local_id, &differences))?;
                    if known {
                        continue;
                    }
                    questions += 1;
                    if questions > MOST_QUESTIONS || self.still_says_so(&link).await? {
                        self.sums_differ(kind, &local_id, &differences)?;
                    }
                }
            }
        }
        Ok(())
    }

    /// What was touched with the invoices around it, and what differed before.
    fn to_compare(
        &self,
        db: &Db<'_>,
        touched: BTreeSet<(RecordKind, String)>,
    ) -> Result<BTreeSet<(RecordKind, String)>> {
        let mut all = touched;
        let payments = all.iter().filter(|(kind, _)| *kind == RecordKind::Payment);
        let invoices = payments.map(|(_, payment)| sums::invoices_of(db, payment)).collect::<Result<Vec<_>>>()?;
        all.extend(invoices.into_iter().flatten().map(|invoice| (RecordKind::Invoice, invoice)));
        for code in [SUMS_DIFFER, THERE_TWICE] {
            for (kind, local_id) in sums::asked(db, self.row.id, code)? {
                all.insert((outbox::kind(&kind)?, local_id));
            }
        }
        Ok(all)
    }

    fn compared(&self, db: &Db<'_>, kind: RecordKind, local_id: &str) -> Result<Compared> {
        let Some(link) = links::by_local(db, self.row.id, kind, local_id)?.filter(|link| !link.deleted) else {
            return Ok(Compared::Agree);
        };
        let Some(agreed) = link.agreed.as_ref() else { return Ok(Compared::Unknown) };
        // That the vendor computed another total for what was sent has been said already.
        let unsettled = !agreed.conflict.is_empty()
            || problems::is_open(db, self.row.id, kind, local_id, TOTAL_DIFFERS)?
            || sums::is_on_its_way(db, self.row.id, kind, local_id)?
            || sums::waits_here(db, self.row.id, kind, &link.remote_id)?;
        if unsettled {
            return Ok(Compared::Unknown);
        }
        let Some(ours) = ours(db, kind, local_id)? else { return Ok(Compared::Agree) };
        if agreed.remote.get("voided").and_then(serde_json::Value::as_bool) == Some(true) {
            return Ok(Compared::Agree);
        }
        let differences = differing(&ours, &agreed.remote);
        Ok(if differences.is_empty() { Compared::Agree } else { Compared::Differ(Box::new(link), differences) })
    }

    /// Whether the vendor, asked now, still has what it had when it was read.
    async fn still_says_so(&self, link: &Link) -> std::result::Result<bool, Ended> {
        if !self.connector.looks_up(link.kind, &link.remote_id) {
            return Ok(true);
        }
        let Ok(now) = self.ask(self.connector.fetch(link.kind, &link.remote_id)).await? else { return Ok(false) };
        Ok(is_as_read(link, &now)?)
    }

    fn is_known(&self, db: &Db<'_>, kind: RecordKind, local_id: &str, differences: &[Difference]) -> Result<bool> {
        let message = self.in_words(db, kind, local_id, differences)?;
        problems::says(db, self.row.id, kind, local_id, SUMS_DIFFER, &message)
    }

    fn sums_agree(&self, kind: RecordKind, local_id: &str) -> Result<()> {
        let open = self.core.store.read(|db| problems::is_open(db, self.row.id, kind, local_id, SUMS_DIFFER))?;
        if !open {
            return Ok(());
        }
        self.core.store.write(|tx| problems::clear_question(tx, self.row.id, kind, local_id, SUMS_DIFFER))
    }

    fn sums_differ(&mut self, kind: RecordKind, local_id: &str, differences: &[Difference]) -> Result<()> {
        let now = self.core.now();
        let news = self.core.store.write_in_run(self.run, |tx: &Tx<'_>| {
            let vendor = self.descriptor.name;
            let advice = format!(
                "Look at it in {vendor}: a deposit larger than the invoice, a credit, a tip or a linked document there may be unknown here. Change the side that is wrong. This goes away when both agree."
            );
            let problem = NewProblem {
                connection_id: self.row.id,
                kind: kind.as_str(),
                local_id: Some(local_id),
                remote_id: None,
                outbox_id: None,
                title: &links::title(&tx.db(), kind, local_id)?,
                code: SUMS_DIFFER,
                message: &self.in_words(&tx.db(), kind, local_id, differences)?,
                advice: &advice,
                vendor_text: "",
                action: explain::action_name(ProblemAction::CompareAgain),
                setting: None,
            };
            let news = problems::report(tx, &problem, now)?;
            let counts = Counts { problems: u32::from(news), ..Counts::default() };
            if news {
                runs::advance(tx, self.run, self.row.id, RunState::Running, "Comparing sums", counts, now)?;
            }
            Ok::<_, crate::Error>(news)
        })?;
        self.problems += u32::from(news);
        Ok(())
    }

    fn in_words(&self, db: &Db<'_>, kind: RecordKind, local_id: &str, differences: &[Difference]) -> Result<String> {
        let (vendor, what) = (self.descriptor.name, links::title(db, kind, local_id)?);
        let words = |amount: Money| format!("{} {}", amount.to_decimal_string(), amount.currency());
        let each = differences.iter().map(|difference| {
            let Difference { name, ours, theirs } = difference;
            let sums = format!("{name} {} in {vendor} and {} here", words(*theirs), words(*ours));
            // A vendor may say any number; how far apart two of them are may be none.
            match ours
                .checked_sub(*theirs)
                .and_then(|apart| if apart.minor() < 0 { apart.checked_neg() } else { Ok(apart) })
            {
                Ok(apart) => format!("{sums}, a difference of {}", words(apart)),
                Err(_) => sums,
            }
        });
        Ok(format!("{what}: {}.", each.collect::<Vec<_>>().join("; ")))
    }
}

/// A sum of ours: the vendor's field, what to call it, how much.
type Sum = (&'static str, &'static str, Money);

/// Our sums that a vendor may have too; `None` where a document does not count.
fn ours(db: &Db<'_>, kind: RecordKind, local_id: &str) -> Result<Option<Vec<Sum>>> {
    let unreadable = |_| crate::Error::Bug("a stored id is not an id".into());
    if kind == RecordKind::Invoice {
        let invoice = store::invoices::get(db, local_id.parse().map_err(unreadable)?)?;
        let invoice = invoice.filter(|invoice| invoice.state == InvoiceState::Open);
        return Ok(invoice.map(|invoice| {
            vec![
                ("total", "the total is", invoice.total),
                ("tax", "the tax is", invoice.tax),
                ("deposit", "the deposit is", invoice.counted_deposit()),
                ("balance", "the balance due is", invoice.balance),
            ]
        }));
    }
    let payment = store::payments::get(db, local_id.parse().map_err(unreadable)?)?.filter(|payment| !payment.voided);
    let Some(payment) = payment else { return Ok(None) };
    Ok(Some(vec![
        ("amount", "the amount is", payment.amount),
        ("unapplied", "what is not applied is", payment.unapplied()?),
    ]))
}

/// Sums that the vendor tells and that differ. Another currency is another sum altogether.
fn differing(ours: &[Sum], theirs: &Fields) -> Vec<Difference> {
    let told = ours.iter().filter_map(|(field, name, ours)| {
        let theirs = theirs.get(*field).filter(|value| !value.is_null())?;
        let theirs = Money::deserialize(theirs).ok()?;
        (theirs.currency() == ours.currency() && theirs != *ours).then_some(Difference { name, ours: *ours, theirs })
    });
    told.collect()
}

/// Whether what the vendor shows now is what was read before.
fn is_as_read(link: &Link, now: &Pulled) -> Result<bool> {
    let (Content::Present(record), Some(agreed)) = (&now.content, &link.agreed) else { return Ok(false) };
    let fields = fields_of(record)?;
    let same_version = now.version.is_none() || now.version == link.version;
    let same = |field: &str| match (fields.get(field), agreed.remote.get(field)) {
        (Some(new), Some(old)) if !new.is_null() => super::merge::same(new, old),
        _ => true,
    };
    Ok(same_version && ["total", "tax", "deposit", "balance", "amount", "unapplied", "applied"].into_iter().all(same))
}
