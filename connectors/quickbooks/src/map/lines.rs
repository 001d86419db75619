//! Writing the lines of an invoice.
//!
//! QuickBooks replaces all lines at once. A line that is still wanted keeps everything Backroom does not know (class,
//! service date, place in a bundle); only what changed is written into it.

use super::body::{money_value, number, quantity_value};
use super::invoice::{Origin, SHIPPING};
use super::{Company, refuse};
use crate::wire::Object;
use backroom_money::{Money, Rounding, UnitPrice};
use connector_contract::ConnectorError;
use connector_contract::record::{Invoice, InvoiceLine};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// Whether two lines are the same one.
type Same = dyn Fn(&InvoiceLine, &InvoiceLine) -> bool;

/// Writes the lines of one invoice.
pub(super) struct LineWriter<'a> {
    company: &'a Company,
    wanted: &'a Invoice,
    raw: &'a [Value],
    known: Option<&'a (Invoice, Vec<Origin>)>,
}

impl<'a> LineWriter<'a> {
    pub(super) fn new(
        company: &'a Company,
        wanted: &'a Invoice,
        stored: Option<&'a Object>,
        known: Option<&'a (Invoice, Vec<Origin>)>,
    ) -> Self {
        let raw = stored.and_then(|object| object.get("Line")).and_then(Value::as_array);
        Self { company, wanted, raw: raw.map_or(&[], Vec::as_slice), known }
    }

    /// All lines, then shipping, then the discount. The subtotal is the server's.
    pub(super) fn write(&self) -> Result<Vec<Value>, ConnectorError> {
        let matches = self.matches();
        let whole = self.whole_bundles(&matches);
        let mut lines = Vec::new();
        let mut written = BTreeSet::new();
        for (line, matched) in self.wanted.lines.iter().zip(&matches) {
            match matched.and_then(|at| self.origin(at).map(|origin| (at, origin))) {
                Some((_, origin)) if origin.in_bundle && whole.contains(&origin.index) => {
                    if written.insert(origin.index) {
                        lines.push(self.raw[origin.index].clone());
                    }
                }
                Some((at, origin)) if !origin.in_bundle => lines.push(self.changed(line, at, origin)?),
                _ => lines.push(self.fresh(line)?),
            }
        }
        lines.extend(self.shipping());
        lines.extend(self.discount());
        Ok(lines)
    }

    fn known_lines(&self) -> &'a [InvoiceLine] {
        self.known.map_or(&[], |(record, _)| record.lines.as_slice())
    }

    fn origin(&self, at: usize) -> Option<Origin> {
        let origin = *self.known?.1.get(at)?;
        (origin.index < self.raw.len()).then_some(origin)
    }

    /// For each wanted line the stored line it is: by id, else by equal content. No stored line is used twice.
    fn matches(&self) -> Vec<Option<usize>> {
        let known = self.known_lines();
        let mut used = vec![false; known.len()];
        let mut found: Vec<Option<usize>> = vec![None; self.wanted.lines.len()];
        let same_id = |l: &InvoiceLine, k: &InvoiceLine| l.remote_line.is_some() && l.remote_line == k.remote_line;
        let same_content = |l: &InvoiceLine, k: &InvoiceLine| {
            (l.remote_line.is_none() || k.remote_line.is_none())
                && InvoiceLine { remote_line: None, ..l.clone() } == InvoiceLine { remote_line: None, ..k.clone() }
        };
        let passes: [&Same; 2] = [&same_id, &same_content];
        for pass in passes {
            for (line, slot) in self.wanted.lines.iter().zip(&mut found).filter(|(_, slot)| slot.is_none()) {
                *slot = known.iter().enumerate().position(|(at, known)| !used[at] && pass(line, known));
                if let Some(at) = *slot {
                    used[at] = true;
                }
            }
        }
        found
    }

    /// Bundles of which every part is wanted unchanged. Others are written as plain lines: a part can't be changed
    /// alone.
    fn whole_bundles(&self, matches: &[Option<usize>]) -> Vec<usize> {
        let Some((record, origins)) = self.known else { return Vec::new() };
        let bundles = origins.iter().filter(|origin| origin.in_bundle).map(|origin| origin.index);
        let kept = |at: usize| {
            self.wanted.lines.iter().zip(matches).any(|(line, matched)| {
                let known = &record.lines[at];
                *matched == Some(at) && InvoiceLine { remote_line: known.remote_line.clone(), ..line.clone() } == *known
            })
        };
        bundles.filter(|index| (0..origins.len()).filter(|at| origins[*at].index == *index).all(kept)).collect()
    }

    /// The stored line with what changed written into it.
    fn changed(&self, line: &InvoiceLine, at: usize, origin: Origin) -> Result<Value, ConnectorError> {
        let known = &self.known_lines()[at];
        let Some(mut object) = self.raw[origin.index].as_object().cloned() else { return self.fresh(line) };
        if !object.contains_key("SalesItemLineDetail") {
            let unchanged = InvoiceLine { remote_line: known.remote_line.clone(), ..line.clone() } == *known;
            return if unchanged { Ok(Value::Object(object)) } else { self.fresh(line) };
        }
        if line.description != known.description {
            object.insert("Description".into(), Value::from(line.description.as_str()));
        }
        let priced = (line.quantity, line.unit_price, line.amount) != (known.quantity, known.unit_price, known.amount);
        let taxed = line.taxable != known.taxable;
        let item = line.item != known.item;
        if priced {
            object.insert("Amount".into(), money_value(line.amount));
        }
        if let Some(Value::Object(detail)) = object.get_mut("SalesItemLineDetail") {
            if priced {
                set_price(detail, line);
            }
            if item {
                set_item(detail, line);
            }
            if taxed {
                self.set_tax(detail, line)?;
            }
        }
        Ok(Value::Object(object))
    }

    /// A new line.
    fn fresh(&self, line: &InvoiceLine) -> Result<Value, ConnectorError> {
        if line.item.is_none() && line.amount.is_zero() && line.unit_price.is_zero() {
            return Ok(json!({ "DetailType": "DescriptionOnly", "Description": line.description }));
        }
        let mut detail = Object::new();
        set_item(&mut detail, line);
        set_price(&mut detail, line);
        self.set_tax(&mut detail, line)?;
        let mut object = json!({
            "DetailType": "SalesItemLineDetail",
            "Amount": money_value(line.amount),
            "SalesItemLineDetail": detail,
        });
        if !line.description.is_empty() {
            object["Description"] = Value::from(line.description.as_str());
        }
        Ok(object)
    }

    /// A line without a code counts as taxable in the US, so `NON` is always said.
    fn set_tax(&self, detail: &mut Object, line: &InvoiceLine) -> Result<(), ConnectorError> {
        if self.company.is_us() {
            detail.insert("TaxCodeRef".into(), json!({ "value": if line.taxable { "TAX" } else { "NON" } }));
            Ok(())
        } else if line.taxable {
            Err(refuse("lines", "taxable lines can only be sent to US companies; enter this invoice in QuickBooks"))
        } else {
            detail.remove("TaxCodeRef");
            Ok(())
        }
    }

    fn shipping(&self) -> Option<Value> {
        let wanted = self.wanted.shipping;
        let before = self.known.map(|(record, _)| record.shipping);
        let is_shipping = |line: &&Value| line["SalesItemLineDetail"]["ItemRef"]["value"] == SHIPPING;
        if before == Some(wanted) {
            return self.raw.iter().find(is_shipping).cloned();
        }
        if wanted.is_zero() {
            return None;
        }
        Some(json!({
            "DetailType": "SalesItemLineDetail",
            "Amount": money_value(wanted),
            "SalesItemLineDetail": { "ItemRef": { "value": SHIPPING } },
        }))
    }

    fn discount(&self) -> Option<Value> {
        let wanted = self.wanted.discount;
        let stored = self.raw.iter().find(|line| line["DetailType"] == "DiscountLineDetail");
        let before = self.known.map(|(record, _)| record);
        // A percentage stays one only while what it is taken from stays too.
        let same = before.is_some_and(|b| {
            let sum = |invoice: &Invoice| Money::sum(invoice.currency, invoice.lines.iter().map(|line| line.amount));
            b.discount == wanted && sum(b) == sum(self.wanted)
        });
        if same {
            return stored.cloned();
        }
        if wanted.is_zero() {
            return None;
        }
        let mut detail = json!({ "PercentBased": false });
        let account = stored.map(|line| &line["DiscountLineDetail"]["DiscountAccountRef"]);
        if let Some(account) = account.filter(|account| !account.is_null()) {
            detail["DiscountAccountRef"] = account.clone();
        }
        Some(json!({
            "DetailType": "DiscountLineDetail",
            "Amount": money_value(wanted),
            "DiscountLineDetail": detail,
        }))
    }
}

fn set_item(detail: &mut Object, line: &InvoiceLine) {
    match &line.item {
        Some(item) => detail.insert("ItemRef".into(), json!({ "value": item.0 })),
        None => detail.remove("ItemRef"),
    };
}

/// QuickBooks refuses a line whose amount is not quantity × price (6070). A line discount is therefore written as the
/// price it comes to; where no price of seven decimals gives the amount, the amount stands alone.
fn set_price(detail: &mut Object, line: &InvoiceLine) {
    detail.remove("Qty");
    detail.remove("UnitPrice");
    let agrees = line.unit_price.times(line.quantity, Rounding::HalfUp) == Ok(line.amount);
    let price = if agrees { Some(line.unit_price.to_decimal_string()) } else { effective_price(line) };
    if let Some(price) = price {
        detail.insert("Qty".into(), quantity_value(line.quantity));
        detail.insert("UnitPrice".into(), number(&price));
    }
}

fn effective_price(line: &InvoiceLine) -> Option<String> {
    let price = UnitPrice::per_piece(line.amount, line.quantity, Rounding::HalfUp).ok()?;
    (price.times(line.quantity, Rounding::HalfUp) == Ok(line.amount)).then(|| price.to_decimal_string())
}
