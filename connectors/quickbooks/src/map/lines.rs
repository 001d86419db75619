//! Writing the lines of an invoice.
//!
//! QuickBooks replaces all lines at once. A stored line that is still wanted goes back in its place as it came, with all that
//! Backroom does not know of it; only what the owner changed is written into it. A line is known by QuickBooks' own id, and
//! where Backroom has not heard of that, by what both sides last agreed on.

use super::body::money_value;
use super::invoice::{Origin, SHIPPING};
use super::line::{Pen, is_same};
use crate::wire::{self, Object};
use backroom_money::Money;
use connector_contract::ConnectorError;
use connector_contract::record::{Invoice, InvoiceLine};
use serde_json::{Value, json};

/// Whether two lines are the same one.
type Same = dyn Fn(&InvoiceLine, &InvoiceLine) -> bool;

/// Writes the lines of one invoice.
pub(super) struct LineWriter<'a> {
    pub pen: Pen<'a>,
    pub wanted: &'a Invoice,
    /// As both sides last agreed, or what QuickBooks has where that is not known.
    pub before: Option<&'a Invoice>,
    pub raw: &'a [Value],
    pub known: Option<&'a (Invoice, Vec<Origin>)>,
}

/// The stored line that a line is.
#[derive(Debug, Clone, Copy)]
struct Match<'a> {
    /// Its place among the known lines.
    at: usize,
    /// The line as it was agreed.
    before: &'a InvoiceLine,
}

/// Which stored line each line is, and which stored lines nobody wants any more.
pub(super) struct Matched<'a> {
    lines: Vec<Option<Match<'a>>>,
    dropped: Vec<bool>,
}

impl Matched<'_> {
    /// Whether there is a line that QuickBooks does not have yet.
    pub(super) fn has_new(&self) -> bool {
        self.lines.iter().any(Option::is_none)
    }
}

impl<'a> LineWriter<'a> {
    fn known_lines(&self) -> &'a [InvoiceLine] {
        self.known.map_or(&[], |(record, _)| record.lines.as_slice())
    }

    /// Finds each line's stored line; no stored line is used twice.
    pub(super) fn matched(&self) -> Matched<'a> {
        let known = self.known_lines();
        let before = self.before.map_or(&[][..], |before| before.lines.as_slice());
        let there = pairs(before, known, &[&same_id, &same_content, &any_line]);
        let ours = pairs(&self.wanted.lines, before, &[&same_id, &same_content, &alike, &same_item, &same_words]);
        let mut used = vec![false; known.len()];
        let mut lines: Vec<Option<Match<'a>>> = ours
            .iter()
            .map(|at| {
                let base = (*at)?;
                let at = there[base]?;
                used[at] = true;
                Some(Match { at, before: &before[base] })
            })
            .collect();
        // What is new to both is there already where an earlier try arrived.
        for (line, slot) in self.wanted.lines.iter().zip(&mut lines).filter(|(_, slot)| slot.is_none()) {
            let found =
                (0..known.len()).find(|at| !used[*at] && !there.contains(&Some(*at)) && is_same(line, &known[*at]));
            if let Some(at) = found {
                used[at] = true;
                *slot = Some(Match { at, before: &known[at] });
            }
        }
        let dropped = (0..known.len()).map(|at| !used[at] && there.contains(&Some(at))).collect();
        Matched { lines, dropped }
    }

    /// Whether nothing about the lines, shipping and discount changed.
    pub(super) fn is_unchanged(&self, matched: &Matched<'_>) -> bool {
        let Some(before) = self.before else { return false };
        let kept = self.wanted.lines.iter().zip(&matched.lines);
        let mut places = matched.lines.iter().flatten().map(|found| found.at);
        let mut last = None;
        let in_order = places.all(|at| last.replace(at).is_none_or(|last| last < at));
        kept.into_iter().all(|(line, found)| found.is_some_and(|found| is_same(line, found.before)))
            && in_order
            && !matched.dropped.contains(&true)
            && self.wanted.discount == before.discount
            && self.wanted.shipping == before.shipping
    }

    /// Whether a line is new, or lost its item, so that it needs one that stands in.
    pub(super) fn lacks_item(&self, matched: &Matched<'_>) -> bool {
        self.wanted.lines.iter().zip(&matched.lines).any(|(line, found)| {
            let written = found.is_none_or(|found| found.before.item.is_some());
            line.item.is_none() && !line.amount.is_zero() && written
        })
    }

    /// All lines in the order they have in QuickBooks, the new ones where the owner put them.
    pub(super) fn write(&self, matched: &Matched<'_>) -> Result<Vec<Value>, ConnectorError> {
        let stored = self.stored(matched)?;
        let places: Vec<Option<usize>> =
            matched.lines.iter().map(|found| Some(self.known?.1.get(found.as_ref()?.at)?.index)).collect();
        let mut taken = vec![false; stored.len()];
        let mut lines = Vec::new();
        let in_order = places.iter().flatten().is_sorted();
        let mut next = 0;
        for (line, place) in self.wanted.lines.iter().zip(&places) {
            let Some(place) = *place else {
                lines.push(self.pen.fresh(line)?);
                continue;
            };
            // What stands between two lines, such as a subtotal, stays between them.
            let until = if in_order { place + 1 } else { 0 };
            for index in (next..until).chain([place]) {
                if !std::mem::replace(&mut taken[index], true) {
                    lines.extend(stored[index].clone());
                }
            }
            next = next.max(until);
        }
        let rest = stored.iter().zip(&taken).filter(|(_, taken)| !**taken);
        lines.extend(rest.filter_map(|(line, _)| line.clone()));
        lines.extend(self.added_shipping());
        lines.extend(self.added_discount());
        Ok(lines)
    }

    /// The stored lines as they are to be; `None` for one that goes.
    fn stored(&self, matched: &Matched<'_>) -> Result<Vec<Option<Value>>, ConnectorError> {
        let mut stored: Vec<Option<Value>> = self.raw.iter().cloned().map(Some).collect();
        let Some((record, origins)) = self.known else { return Ok(stored) };
        let mut of_known: Vec<Option<(&InvoiceLine, &InvoiceLine)>> = vec![None; origins.len()];
        for (line, found) in self.wanted.lines.iter().zip(&matched.lines) {
            if let Some(found) = found {
                of_known[found.at] = Some((found.before, line));
            }
        }
        for (at, origin) in origins.iter().enumerate() {
            let Some(raw) = stored.get_mut(origin.index) else { continue };
            match (origin.part, of_known[at]) {
                (None, Some((before, wanted))) => {
                    *raw = Some(self.pen.patched(&self.raw[origin.index], before, wanted)?);
                }
                (None, None) if matched.dropped[at] => *raw = None,
                (Some(part), Some((before, wanted))) => {
                    let inner = raw.as_mut().and_then(|raw| raw.pointer_mut(&format!("/GroupLineDetail/Line/{part}")));
                    if let Some(inner) = inner {
                        *inner = self.pen.patched(inner, before, wanted)?;
                    }
                }
                (Some(part), None) if matched.dropped[at] => {
                    let inner = raw.as_mut().and_then(|raw| raw.pointer_mut(&format!("/GroupLineDetail/Line/{part}")));
                    // Taken out below, so that the places of the others hold meanwhile.
                    if let Some(inner) = inner {
                        *inner = Value::Null;
                    }
                }
                _ => {}
            }
        }
        for raw in &mut stored {
            let parts =
                raw.as_mut().and_then(|raw| raw.pointer_mut("/GroupLineDetail/Line")).and_then(Value::as_array_mut);
            let Some(parts) = parts else { continue };
            let before = parts.len();
            parts.retain(|part| !part.is_null());
            if parts.is_empty() && before > 0 {
                *raw = None;
            }
        }
        let agreed = self.before.unwrap_or(record);
        if self.wanted.shipping != agreed.shipping {
            shift(&mut stored, &is_shipping, record.shipping, self.wanted.shipping, &set_shipping);
        }
        if self.wanted.discount != agreed.discount {
            shift(&mut stored, &is_discount, record.discount, self.wanted.discount, &set_discount);
        }
        Ok(stored)
    }

    fn added_shipping(&self) -> Option<Value> {
        let there = self.raw.iter().any(is_shipping);
        (!there && !self.wanted.shipping.is_zero()).then(|| {
            json!({
                "DetailType": "SalesItemLineDetail",
                "Amount": money_value(self.wanted.shipping),
                "SalesItemLineDetail": { "ItemRef": { "value": SHIPPING } },
            })
        })
    }

    fn added_discount(&self) -> Option<Value> {
        let there = self.raw.iter().any(is_discount);
        (!there && !self.wanted.discount.is_zero()).then(|| {
            json!({
                "DetailType": "DiscountLineDetail",
                "Amount": money_value(self.wanted.discount),
                "DiscountLineDetail": { "PercentBased": false },
            })
        })
    }
}

/// For each of `left` the one of `right` it is, the surest first; none is used twice.
fn pairs(left: &[InvoiceLine], right: &[InvoiceLine], passes: &[&Same]) -> Vec<Option<usize>> {
    let mut used = vec![false; right.len()];
    let mut found: Vec<Option<usize>> = vec![None; left.len()];
    for pass in passes {
        for (line, slot) in left.iter().zip(&mut found).filter(|(_, slot)| slot.is_none()) {
            *slot = right.iter().enumerate().position(|(at, other)| !used[at] && pass(line, other));
            if let Some(at) = *slot {
                used[at] = true;
            }
        }
    }
    found
}

fn same_id(left: &InvoiceLine, right: &InvoiceLine) -> bool {
    left.remote_line.is_some() && left.remote_line == right.remote_line
}

/// Two ids that differ are two lines, whatever they say.
fn any_line(left: &InvoiceLine, right: &InvoiceLine) -> bool {
    left.remote_line.is_none() || right.remote_line.is_none()
}

fn same_content(left: &InvoiceLine, right: &InvoiceLine) -> bool {
    any_line(left, right) && is_same(left, right)
}

fn alike(left: &InvoiceLine, right: &InvoiceLine) -> bool {
    any_line(left, right) && left.item == right.item && left.description == right.description
}

fn same_item(left: &InvoiceLine, right: &InvoiceLine) -> bool {
    any_line(left, right) && left.item.is_some() && left.item == right.item
}

fn same_words(left: &InvoiceLine, right: &InvoiceLine) -> bool {
    any_line(left, right) && !left.description.is_empty() && left.description == right.description
}

fn is_shipping(line: &Value) -> bool {
    line["SalesItemLineDetail"]["ItemRef"]["value"] == SHIPPING
}

fn is_discount(line: &Value) -> bool {
    line["DetailType"] == "DiscountLineDetail"
}

/// Brings the sum of several lines of a kind from one amount to another, in the first of them that can take it. The others stay
/// as they came; what would fall below nothing goes.
fn shift(
    stored: &mut [Option<Value>],
    of_kind: &dyn Fn(&Value) -> bool,
    from: Money,
    to: Money,
    set: &dyn Fn(&mut Object, Money),
) {
    let Ok(mut change) = to.checked_sub(from) else { return };
    let mut slots: Vec<&mut Option<Value>> =
        stored.iter_mut().filter(|slot| slot.as_ref().is_some_and(of_kind)).collect();
    // A percentage stays one where another line can take the change.
    slots.sort_by_key(|slot| slot.as_ref().is_some_and(|line| line["DiscountLineDetail"]["PercentBased"] == true));
    for slot in slots {
        if to.is_zero() {
            *slot = None;
            continue;
        }
        let Some(Value::Object(line)) = slot else { continue };
        let amount = line.get("Amount").cloned().and_then(|amount| wire::read::<wire::Decimal>(amount).ok());
        let amount = amount.and_then(|amount| Money::parse(&amount.0, to.currency()).ok());
        let Ok(sum) = amount.unwrap_or(Money::zero(to.currency())).checked_add(change) else { return };
        if sum.minor() > 0 {
            set(line, sum);
            return;
        }
        *slot = None;
        change = sum;
    }
}

fn set_shipping(line: &mut Object, amount: Money) {
    line.insert("Amount".into(), money_value(amount));
    if let Some(Value::Object(detail)) = line.get_mut("SalesItemLineDetail")
        && detail.contains_key("UnitPrice")
    {
        let one = detail.get("Qty").is_none_or(|pieces| pieces.to_string().trim_end_matches(['0', '.']) == "1");
        if one {
            detail.insert("UnitPrice".into(), money_value(amount));
        } else {
            detail.remove("UnitPrice");
            detail.remove("Qty");
        }
    }
}

/// An amount that the owner typed is no percentage any more.
fn set_discount(line: &mut Object, amount: Money) {
    line.insert("Amount".into(), money_value(amount));
    if let Some(Value::Object(detail)) = line.get_mut("DiscountLineDetail") {
        detail.insert("PercentBased".into(), Value::from(false));
        detail.remove("DiscountPercent");
    }
}
