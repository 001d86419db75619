//! The rates of an invoice that is edited: those it was saved with, whatever the tax codes say today.
//!
//! A code changed or archived under Settings is for new invoices. On a saved one a code keeps the name and the rate of that time,
//! also for lines added to it later: one document has one rate per code.
//!
//! Absent on purpose: tax a vendor computed, which has no rate of ours (`build`).

use super::invoice::Invoice;
use crate::store::company::TaxCode;
use backroom_money::Rate;
use std::collections::BTreeSet;

/// The rates that were decided with an invoice.
#[derive(Clone, Copy)]
pub struct Rates<'a>(Option<&'a Invoice>);

impl<'a> Rates<'a> {
    /// Those of a saved state; `None` for a new invoice.
    pub fn new(saved: Option<&'a Invoice>) -> Self {
        Self(saved)
    }

    /// Name and rate of a code on this invoice.
    pub fn of(self, code: &TaxCode) -> (String, Rate) {
        self.0.and_then(|saved| decided(saved, code)).unwrap_or_else(|| (code.name.clone(), code.rate))
    }
}

fn decided(saved: &Invoice, code: &TaxCode) -> Option<(String, Rate)> {
    let ours = || saved.taxes.iter().filter(|tax| tax.rate > Rate::ZERO);
    if let Some(tax) = ours().find(|tax| tax.tax_code_id == Some(code.id)) {
        return Some((tax.name.clone(), tax.rate));
    }
    let mut lines = saved.lines.iter().filter(|line| line.tax_code_id == Some(code.id)).peekable();
    lines.peek()?;
    if lines.all(|line| !line.taxable) {
        return Some((code.name.clone(), Rate::ZERO));
    }
    // Invoices saved by earlier versions name the tax but not its code.
    let nameless: Vec<_> = ours().filter(|tax| tax.tax_code_id.is_none()).collect();
    let codes: BTreeSet<_> =
        saved.lines.iter().filter(|line| line.taxable).filter_map(|line| line.tax_code_id).collect();
    let same_name = nameless.iter().find(|tax| tax.name == code.name);
    let only = nameless.first().filter(|_| nameless.len() == 1 && codes.len() == 1);
    same_name.or(only).map(|tax| (tax.name.clone(), tax.rate))
}
