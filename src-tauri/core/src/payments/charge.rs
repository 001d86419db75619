//! Whether a charge is a payment, and which one: pure. What arrived of it, which invoice it names, whether a payment that is here
//! already is the same, and otherwise how much of it is recorded without asking.
//!
//! Absent on purpose: reading and writing; `matching` does both.

use crate::ids::PaymentId;
use crate::store::charge_match::{Candidate, LEAST_CUT};
use backroom_money::Money;
use chrono::NaiveDate;
use connector_contract::Safeguard;
use connector_contract::record::Charge;

/// Keys of a charge's metadata that name an invoice, best first; compared without case. The value is its number or our id.
const INVOICE_KEYS: [&str; 4] = ["backroom_invoice", "invoice_id", "invoice_number", "invoice"];

/// Days between a charge and the payment it may be.
pub const NEAR_DAYS: i64 = 5;

/// The names of invoices in a charge, best first.
pub fn names(charge: &Charge) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for key in INVOICE_KEYS {
        let values = charge.metadata.iter().filter(|(name, _)| name.trim().eq_ignore_ascii_case(key));
        for name in values.map(|(_, value)| value.trim().trim_start_matches(['#', '＃']).trim()) {
            if !name.is_empty() && !names.iter().any(|known| known == name) {
                names.push(name.to_owned());
            }
        }
    }
    names
}

/// What arrived of a charge: what was taken, less what was given back and what disputes took for good. Never less than nothing.
pub fn money_in(charge: &Charge, lost: Money) -> Money {
    let taken = captured(charge).minor().min(charge.amount.minor());
    let left = taken.saturating_sub(charge.refunded.minor()).saturating_sub(lost.minor());
    Money::from_minor(left.max(0), charge.amount.currency())
}

fn captured(charge: &Charge) -> Money {
    charge.captured.unwrap_or(charge.amount)
}

/// How two references of the same money compare.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum SameReference {
    /// They are different, or one is missing.
    No,
    /// One is the beginning of the other: some books cut long references.
    Cut,
    /// They are the same.
    Whole,
}

/// Compares two references.
pub fn compare_references(a: &str, b: &str) -> SameReference {
    let (a, b) = (a.trim(), b.trim());
    let (short, long) = if a.len() <= b.len() { (a, b) } else { (b, a) };
    if !a.is_empty() && a == b {
        SameReference::Whole
    } else if short.len() >= LEAST_CUT && long.starts_with(short) {
        SameReference::Cut
    } else {
        SameReference::No
    }
}

/// Everything that speaks for and against.
#[derive(Debug, Clone)]
pub struct Look<'a> {
    /// The processor's id of the charge.
    pub remote: &'a str,
    /// The charge.
    pub charge: &'a Charge,
    /// The company's day of the charge.
    pub day: NaiveDate,
    /// What arrived of it.
    pub money_in: Money,
    /// Still owed of the open invoice that it names; `None` where it names none.
    pub due: Option<Money>,
    /// Payments that may be the same.
    pub candidates: &'a [Candidate],
    /// The owner's word: a payment, and whether it is the same.
    pub word: Option<(PaymentId, bool)>,
}

/// What is to be done with a charge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It is no payment, or of nothing we know.
    Nothing,
    /// It is this payment.
    Join(PaymentId),
    /// It may be this payment: the owner knows.
    AskSame(Candidate),
    /// Nothing is due on its invoice any more, and nothing here says what else it was for.
    AskPaid,
    /// It is a payment of its own.
    Record {
        /// How much is recorded.
        amount: Money,
        /// How much of that pays the invoice.
        applied: Money,
        /// What arrived beyond that; the owner is asked about it.
        beyond: Money,
    },
}

/// Decides.
pub fn decide(look: &Look<'_>) -> Verdict {
    let denied = |candidate: &Candidate| look.word == Some((candidate.id, false));
    if let Some((id, true)) = look.word
        && look.candidates.iter().any(|candidate| candidate.id == id)
    {
        return Verdict::Join(id);
    }
    let looks = !Safeguard::SamePayment.is_broken();
    let possible = || look.candidates.iter().filter(|candidate| looks && !denied(candidate));
    if let Some(same) = possible().find(|candidate| is_certain(look, candidate)) {
        return Verdict::Join(same.id);
    }
    let Some(due) = look.due.filter(|_| look.money_in.minor() > 0) else { return Verdict::Nothing };
    let open = due.minor().max(0);
    let of_part = |minor: i64| Money::from_minor(minor, look.money_in.currency());
    if matches!(look.word, Some((_, false))) {
        let applied = of_part(look.money_in.minor().min(open));
        return Verdict::Record { amount: look.money_in, applied, beyond: of_part(0) };
    }
    if let Some(likely) = possible().filter(|candidate| is_likely(look, candidate)).max_by_key(|c| likeness(look, c)) {
        return Verdict::AskSame(likely.clone());
    }
    if open == 0 {
        let paying = possible().filter(|candidate| candidate.on_invoice.minor() > 0 && !candidate.of_another);
        return match paying.max_by_key(|candidate| likeness(look, candidate)) {
            Some(paying) => Verdict::AskSame(paying.clone()),
            None => Verdict::AskPaid,
        };
    }
    let amount = look.money_in.minor().min(open);
    Verdict::Record {
        amount: of_part(amount),
        applied: of_part(amount),
        beyond: of_part(look.money_in.minor() - amount),
    }
}

fn same_amount(look: &Look<'_>, candidate: &Candidate) -> bool {
    [look.money_in, look.charge.amount, captured(look.charge)].contains(&candidate.amount)
}

fn days_apart(look: &Look<'_>, candidate: &Candidate) -> i64 {
    (candidate.received_on - look.day).num_days().abs()
}

/// The same reference and amount. A cut reference may be another charge's of the same second, so it has to pay the same invoice.
fn is_certain(look: &Look<'_>, candidate: &Candidate) -> bool {
    same_amount(look, candidate)
        && match compare_references(&candidate.reference, look.remote) {
            SameReference::Whole => true,
            SameReference::Cut => candidate.on_invoice.minor() > 0 && !candidate.of_another,
            SameReference::No => false,
        }
}

/// A reference that fits, or the same amount at about the same time for the same invoice or for nothing yet.
fn is_likely(look: &Look<'_>, candidate: &Candidate) -> bool {
    let settles = candidate.on_invoice.minor() > 0 || candidate.unapplied == candidate.amount;
    let near = days_apart(look, candidate) <= NEAR_DAYS;
    let fits = compare_references(&candidate.reference, look.remote) > SameReference::No;
    !candidate.of_another && (fits || (same_amount(look, candidate) && near && settles))
}

/// The likeliest is the greatest: reference, amount, invoice, day.
fn likeness(look: &Look<'_>, candidate: &Candidate) -> (SameReference, bool, bool, i64) {
    (
        compare_references(&candidate.reference, look.remote),
        same_amount(look, candidate),
        candidate.on_invoice.minor() > 0,
        -days_apart(look, candidate),
    )
}
