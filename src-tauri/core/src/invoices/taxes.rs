//! The tax of an invoice: by code, rounded half up once per code, and what a vendor computed.
//!
//! Absent on purpose: which rate a code has on this invoice (`rates`).

use super::build::Known;
use super::invoice::{Invoice, InvoiceLine, InvoiceTax};
use super::rates::Rates;
use backroom_money::{AmountError, Money, Rate, Rounding, allocate_signed};
use std::collections::BTreeSet;

/// Tax by code, in the order the codes appear, then what a vendor computed.
pub fn taxes(
    inclusive: bool,
    known: &Known<'_>,
    lines: &[InvoiceLine],
    discount: Money,
) -> Result<Vec<InvoiceTax>, AmountError> {
    if let Some(saved) = known.basis().filter(|saved| taxed_alike(saved, inclusive, lines, discount)) {
        return Ok(saved.taxes.clone());
    }
    let by_vendor = |line: &InvoiceLine| taxed_by_vendor(known, line);
    let rates = Rates::new(known.basis());
    let mut taxes = Vec::new();
    let mut done = BTreeSet::new();
    for id in lines.iter().filter(|line| !by_vendor(line)).filter_map(|line| line.tax_code_id) {
        let Some(code) = known.tax_codes.iter().find(|code| code.id == id) else { continue };
        let (name, rate) = rates.of(code);
        if rate == Rate::ZERO || !done.insert(id) {
            continue;
        }
        let base = base(lines, discount, |line| line.tax_code_id == Some(id) && !by_vendor(line))?;
        let (taxable, amount) = if inclusive {
            let amount = base.share_included(rate, Rounding::HalfUp)?;
            (base.checked_sub(amount)?, amount)
        } else {
            (base, base.share(rate, Rounding::HalfUp)?)
        };
        taxes.push(InvoiceTax { tax_code_id: Some(id), name, rate, taxable, amount });
    }
    taxes.extend(vendor_taxes(known, lines, discount)?);
    Ok(taxes)
}

/// Whether nothing that tax follows from differs from a saved state: then its tax is the one that was decided.
fn taxed_alike(saved: &Invoice, inclusive: bool, lines: &[InvoiceLine], discount: Money) -> bool {
    let basis = |line: &InvoiceLine| (line.id, line.amount, line.taxable, line.tax_code_id);
    saved.tax_inclusive == inclusive
        && saved.discount == discount
        && saved.lines.iter().map(basis).eq(lines.iter().map(basis))
}

/// Whether the tax of a stored line is in what a vendor computed (told without a rate) rather than in one of our codes.
fn in_vendor_tax(before: &Invoice, line: &InvoiceLine) -> bool {
    let ours = before.taxes.iter().any(|tax| tax.rate > Rate::ZERO);
    let theirs = before.taxes.iter().any(|tax| tax.rate == Rate::ZERO);
    line.taxable && theirs && (line.tax_code_id.is_none() || !ours)
}

/// Whether a line being typed is still the one whose tax a vendor computed. Another tax code makes it ours.
fn taxed_by_vendor(known: &Known<'_>, line: &InvoiceLine) -> bool {
    known.basis().is_some_and(|before| {
        let stored = before.lines.iter().find(|stored| stored.id == line.id);
        stored.is_some_and(|stored| stored.tax_code_id == line.tax_code_id && in_vendor_tax(before, stored))
    })
}

/// What the chosen lines come to after their part of the discount on the whole.
fn base(lines: &[InvoiceLine], discount: Money, chosen: impl Fn(&InvoiceLine) -> bool) -> Result<Money, AmountError> {
    let weights: Vec<i64> = lines.iter().map(|line| line.amount.minor()).collect();
    let shares = allocate_signed(discount, &weights)?;
    lines
        .iter()
        .zip(shares)
        .filter(|(line, _)| chosen(line))
        .try_fold(Money::zero(discount.currency()), |sum, (line, share)| {
            sum.checked_add(line.amount)?.checked_sub(share)
        })
}

/// Tax that a vendor computed is not ours to compute anew. It stays as it is while what it is on stays, and follows in
/// proportion otherwise, until the vendor says what it is.
fn vendor_taxes(known: &Known<'_>, lines: &[InvoiceLine], discount: Money) -> Result<Vec<InvoiceTax>, AmountError> {
    let Some(before) = known.basis().filter(|before| before.currency == known.currency) else { return Ok(Vec::new()) };
    let old = base(&before.lines, before.discount, |line| in_vendor_tax(before, line))?;
    let new = base(lines, discount, |line| taxed_by_vendor(known, line))?;
    let mut taxes = Vec::new();
    for tax in before.taxes.iter().filter(|tax| tax.rate == Rate::ZERO) {
        let mut tax = tax.clone();
        if old != new && !old.is_zero() {
            tax.amount = tax.amount.ratio(new.minor(), old.minor(), Rounding::HalfUp)?;
            tax.taxable = new;
        }
        if tax.amount.is_zero() {
            continue;
        }
        taxes.push(tax);
    }
    Ok(taxes)
}
