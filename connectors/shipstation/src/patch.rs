//! Changing an order that V1 has. V1 takes orders whole, so everything goes back exactly as it came, members that nobody here
//! knows included, and only what we changed is written: the fields in which our order differs from the one both sides last
//! agreed on, and of those only what V1 does not say already.
//!
//! Absent on purpose: judging what was not changed. An order that V1 took once is not refused for what it always was.

use crate::body::{self, Raw, amount, line_fields, new_item, price, refuse};
use crate::map;
use crate::wire::{Fields, body_time};
use connector_contract::record::{Address, Order, OrderLine, OrderStatus};
use connector_contract::{ConnectorError, Safeguard, pair_lines};
use serde_json::{Value, json};

/// A changed order, and the neutral names of the fields that were written.
#[derive(Debug, PartialEq)]
pub(crate) struct Patched {
    pub raw: Raw,
    pub written: Vec<&'static str>,
}

/// `raw` with our changes since `base`; without one, with all in which ours differs from it.
pub(crate) fn order(order: &Order, base: Option<&Order>, raw: &Raw) -> Result<Patched, ConnectorError> {
    let shown = map::order(Fields(raw)).ok();
    if Safeguard::Patch.is_broken() {
        let mut raw = raw.clone();
        raw.extend(body::order(order)?);
        return Ok(Patched { raw, written: vec!["number", "lines", "billing", "shipping"] });
    }
    let Some(base) = base.or(shown.as_ref()) else {
        return Err(refuse("", "ShipStation shows this order in a form that Backroom can't change; change it there."));
    };
    let mut patch = Patch { raw: raw.clone(), written: Vec::new() };
    patch.head(order, base, shown.as_ref())?;
    patch.texts(order, base);
    patch.addresses(order, base)?;
    let money = patch.amounts(order, base)?;
    let lines = patch.lines(order, base)?;
    if money || lines {
        // V1 reckons it from what is sent; a sum of before would only contradict.
        patch.raw.remove("orderTotal");
    }
    Ok(Patched { raw: patch.raw, written: patch.written })
}

struct Patch {
    raw: Raw,
    written: Vec<&'static str>,
}

impl Patch {
    fn set(&mut self, name: &str, value: Value, neutral: &'static str) {
        self.raw.insert(name.to_owned(), value);
        if !self.written.contains(&neutral) {
            self.written.push(neutral);
        }
    }

    /// Number, day and status.
    fn head(&mut self, order: &Order, base: &Order, shown: Option<&Order>) -> Result<(), ConnectorError> {
        if order.number != base.number && shown.is_none_or(|shown| shown.number != order.number) {
            body::check_number(order)?;
            self.set("orderNumber", order.number.clone().into(), "number");
        }
        let same_day = |known: &Order| body::same_moment(known, order);
        if !same_day(base) && !shown.is_some_and(same_day) {
            self.set("orderDate", body_time(order.ordered_at).into(), "ordered_at");
        }
        let (ours, known) = (body::settled(order.status), body::settled(base.status));
        // Shipping has a call of its own; an update can't do it.
        if ours != known && ours != OrderStatus::Shipped && shown.is_none_or(|shown| shown.status != ours) {
            self.set("orderStatus", body::status(ours).into(), "status");
        }
        Ok(())
    }

    fn texts(&mut self, order: &Order, base: &Order) {
        for (name, neutral, ours, known) in [
            ("customerEmail", "customer_email", &order.customer_email, &base.customer_email),
            ("customerNotes", "customer_note", &order.customer_note, &base.customer_note),
            ("internalNotes", "internal_note", &order.internal_note, &base.internal_note),
            ("requestedShippingService", "requested_service", &order.requested_service, &base.requested_service),
        ] {
            // What is not stated has not been changed.
            let Some(ours) = ours else { continue };
            let there = Fields(&self.raw).text(name).unwrap_or_default();
            if *ours != known.clone().unwrap_or_default() && *ours != there {
                self.set(name, text(ours), neutral);
            }
        }
    }

    fn amounts(&mut self, order: &Order, base: &Order) -> Result<bool, ConnectorError> {
        let mut changed = false;
        for (name, neutral, ours, known) in [
            ("shippingAmount", "shipping_amount", Some(order.shipping_amount), Some(base.shipping_amount)),
            ("taxAmount", "tax_amount", Some(order.tax_amount), Some(base.tax_amount)),
            ("amountPaid", "paid", order.paid, base.paid),
        ] {
            let Some(ours) = ours.filter(|ours| Some(*ours) != known) else { continue };
            let value = amount(ours)?;
            if map::money(Fields(&self.raw), name).ok().flatten() != Some(ours) {
                self.set(name, value, neutral);
                changed |= neutral != "paid";
            }
        }
        Ok(changed)
    }

    fn addresses(&mut self, order: &Order, base: &Order) -> Result<(), ConnectorError> {
        // What was filled in when the order was made follows what it was made of as long as V1 shows it; nothing is filled in later.
        let there = self.raw.get("shipTo").and_then(Value::as_object).map(|raw| map::address(Fields(raw)));
        let filled = (body::ship_to(order), body::ship_to(base));
        let is_filled = body::tidy(there.as_ref()) == filled.1;
        let own = || (body::tidy(order.shipping.as_ref()), body::tidy(base.shipping.as_ref()));
        let (ours, known) = if is_filled { filled } else { own() };
        if ours != known {
            let patched = address(&ours, &known, self.raw.get("shipTo"));
            if Some(&patched) != self.raw.get("shipTo") {
                body::check_changed_address(&ours, &known)?;
                self.set("shipTo", patched, "shipping");
            }
        }
        // A bill-to of which nothing is known here, such as one with a name only, is none of ours.
        let (ours, known) = (body::tidy(order.billing.as_ref()), body::tidy(base.billing.as_ref()));
        if ours != known {
            let patched = address(&ours, &known, self.raw.get("billTo"));
            if Some(&patched) != self.raw.get("billTo") {
                self.set("billTo", patched, "billing");
            }
        }
        Ok(())
    }

    /// The lines; `true` when one was changed, added or taken away.
    fn lines(&mut self, order: &Order, base: &Order) -> Result<bool, ConnectorError> {
        let rows: Vec<Value> = self.raw.get("items").and_then(Value::as_array).cloned().unwrap_or_default();
        // What can't be read as a line keeps its place and is nobody's.
        let read: Vec<(usize, OrderLine)> = rows
            .iter()
            .enumerate()
            .filter_map(|(at, row)| Some((at, map::line(Fields(row.as_object()?)).ok()?)))
            .collect();
        let shown: Vec<OrderLine> = read.iter().map(|(_, line)| line.clone()).collect();
        let to_base = pair_lines(&order.lines, &base.lines);
        let base_to_rows = pair_lines(&base.lines, &shown);
        // Lines of ours that are new since; one may have arrived with an earlier try.
        let fresh: Vec<usize> = (0..order.lines.len()).filter(|at| to_base[*at].is_none()).collect();
        let unclaimed: Vec<usize> = (0..shown.len()).filter(|at| !base_to_rows.contains(&Some(*at))).collect();
        let wanted: Vec<OrderLine> = fresh.iter().map(|at| order.lines[*at].clone()).collect();
        let free: Vec<OrderLine> = unclaimed.iter().map(|at| shown[*at].clone()).collect();
        let arrived = pair_lines(&wanted, &free);

        let mut out: Vec<Option<Value>> = rows.iter().cloned().map(Some).collect();
        let mut changed = false;
        for (at, row) in base_to_rows.iter().enumerate().filter_map(|(at, row)| Some((at, (*row)?))) {
            let place = read[row].0;
            let Some(ours) = to_base.iter().position(|to| *to == Some(at)) else {
                out[place] = None;
                changed = true;
                continue;
            };
            let sides = Sides { ours: &order.lines[ours], known: &base.lines[at], shown: &shown[row] };
            changed |= sides.write(ours, out[place].as_mut())?;
        }
        let mut new = Vec::new();
        for (n, at) in fresh.iter().copied().enumerate() {
            match arrived[n].map(|free| unclaimed[free]) {
                Some(row) => {
                    let sides = Sides { ours: &order.lines[at], known: &shown[row], shown: &shown[row] };
                    changed |= sides.write(at, out[read[row].0].as_mut())?;
                }
                None => new.push(new_item(&order.lines[at], at)?),
            }
        }
        // A line that was agreed on and is no longer there was taken away by V1; it comes back only if we changed it.
        for (at, line) in order.lines.iter().enumerate() {
            let Some(known) = to_base[at].filter(|known| base_to_rows[*known].is_none()) else { continue };
            if line_fields(line) != line_fields(&base.lines[known]) {
                new.push(new_item(line, at)?);
            }
        }
        changed |= !new.is_empty();
        if changed {
            let items: Vec<Value> = out.into_iter().flatten().chain(new).collect();
            self.set("items", json!(items), "lines");
        }
        Ok(changed)
    }
}

/// A line as it should be, as it was agreed on, and as V1 has it.
struct Sides<'a> {
    ours: &'a OrderLine,
    known: &'a OrderLine,
    shown: &'a OrderLine,
}

impl Sides<'_> {
    /// Writes what we changed into V1's line. `true` when anything was.
    fn write(&self, index: usize, row: Option<&mut Value>) -> Result<bool, ConnectorError> {
        let Self { ours, known, shown } = self;
        let Some(item) = row.and_then(Value::as_object_mut) else { return Ok(false) };
        let mut changed = false;
        let mut set = |name: &str, value: Value| {
            item.insert(name.to_owned(), value);
            changed = true;
        };
        let sku = |line: &OrderLine| line.sku.clone().unwrap_or_default();
        if sku(ours) != sku(known) && sku(ours) != sku(shown) {
            set("sku", text(&sku(ours)));
        }
        if ours.name != known.name && ours.name != shown.name {
            set("name", ours.name.clone().into());
        }
        if ours.quantity != known.quantity && ours.quantity != shown.quantity {
            set("quantity", body::pieces(ours, index)?);
        }
        if ours.unit_price != known.unit_price && ours.unit_price != shown.unit_price {
            set("unitPrice", price(ours.unit_price)?);
        }
        if ours.adjustment != known.adjustment && ours.adjustment != shown.adjustment {
            set("adjustment", ours.adjustment.into());
        }
        Ok(changed)
    }
}

fn text(text: &str) -> Value {
    if text.trim().is_empty() { Value::Null } else { text.into() }
}

/// V1's address with the parts that we changed; all its other members stay.
fn address(ours: &Address, known: &Address, raw: Option<&Value>) -> Value {
    let mut fields = raw.and_then(Value::as_object).cloned().unwrap_or_default();
    let there = map::address(Fields(&fields));
    let parts = |address: &Address| {
        let Address { name, company, line1, line2, city, region, postal_code, country, phone } = address.clone();
        [name, company, line1, line2, city, region, postal_code, country, phone]
    };
    let names = ["name", "company", "street1", "street2", "city", "state", "postalCode", "country", "phone"];
    let sides = parts(ours).into_iter().zip(parts(known)).zip(parts(&there));
    for (name, ((ours, known), there)) in names.into_iter().zip(sides) {
        if ours == known || ours == there {
            continue;
        }
        if name == "street2" {
            second_line(&mut fields, &ours);
        } else {
            fields.insert(name.to_owned(), text(&ours));
        }
    }
    Value::Object(fields)
}

/// Our second line is V1's second and third: the one of them that was not edited stays.
fn second_line(fields: &mut Raw, ours: &str) {
    let there = |name: &str| Fields(fields).text(name).unwrap_or_default().trim().to_owned();
    let (second, third) = (there("street2"), there("street3"));
    let before_third = ours.strip_suffix(third.as_str()).and_then(|front| front.strip_suffix(", "));
    let after_second = ours.strip_prefix(second.as_str()).and_then(|back| back.strip_prefix(", "));
    match (before_third, after_second) {
        _ if third.is_empty() => drop(fields.insert("street2".to_owned(), text(ours))),
        (Some(front), _) => drop(fields.insert("street2".to_owned(), text(front))),
        _ if ours == third => drop(fields.insert("street2".to_owned(), Value::Null)),
        (None, Some(back)) if !second.is_empty() => drop(fields.insert("street3".to_owned(), text(back))),
        _ if ours == second => drop(fields.insert("street3".to_owned(), Value::Null)),
        _ => {
            fields.insert("street2".to_owned(), text(ours));
            fields.insert("street3".to_owned(), Value::Null);
        }
    }
}
