//! Postal addresses. QuickBooks has five free lines and no name; Backroom has a name, a company and two lines.

use super::text;
use crate::wire::{Addr, Object};
use connector_contract::record::Address;
use serde_json::Value;

/// Reads an address. `names` are the customer's own names: QuickBooks forms put them on the first lines, where they are
/// recognised and kept apart from the street.
pub(super) fn read(wire: Option<&Addr>, names: &[&str]) -> Address {
    let Some(wire) = wire else { return Address::default() };
    let mut lines: Vec<&str> = [&wire.line1, &wire.line2, &wire.line3, &wire.line4, &wire.line5]
        .into_iter()
        .filter_map(|line| line.as_deref())
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .collect();
    let mut name = String::new();
    if lines.len() > 1 && names.iter().any(|known| !known.is_empty() && *known == lines[0]) {
        lines.remove(0).clone_into(&mut name);
    }
    let mut lines = lines.into_iter();
    let street = lines.next().unwrap_or_default().to_owned();
    Address {
        name,
        company: String::new(),
        line1: street,
        line2: lines.collect::<Vec<_>>().join(", "),
        city: text(wire.city.as_ref()),
        region: text(wire.country_sub_division_code.as_ref()),
        postal_code: text(wire.postal_code.as_ref()),
        country: country(wire.country.as_deref().unwrap_or_default()),
        phone: String::new(),
    }
}

/// The country field is free text; the common ways to write the home of most companies become its code.
fn country(text: &str) -> String {
    let known = ["USA", "U.S.A.", "US", "United States", "United States of America"];
    if known.iter().any(|name| name.eq_ignore_ascii_case(text.trim())) { "US".into() } else { text.trim().to_owned() }
}

/// The five keys of lines, in order.
const LINES: [&str; 5] = ["Line1", "Line2", "Line3", "Line4", "Line5"];

/// The other keys and their parts.
fn parts(address: &Address) -> [(&'static str, &String); 4] {
    [
        ("City", &address.city),
        ("CountrySubDivisionCode", &address.region),
        ("PostalCode", &address.postal_code),
        ("Country", &address.country),
    ]
}

/// An address on its way to QuickBooks.
#[derive(Debug, Clone, Copy)]
pub(super) struct Change<'a> {
    /// As it should be; `None` leaves it.
    pub wanted: Option<&'a Address>,
    /// What the stored one says.
    pub known: Option<&'a Address>,
    /// What both sides last agreed on.
    pub base: Option<&'a Address>,
    /// Whether name and company are lines of it. List records leave them out, because QuickBooks adds the customer's name
    /// to forms by itself.
    pub named: bool,
}

impl Change<'_> {
    /// A new address, without its empty parts.
    pub(super) fn fresh(&self) -> Option<Object> {
        let wanted = self.wanted.filter(|wanted| !wanted.is_empty())?;
        let mut object = Object::new();
        for (key, line) in LINES.into_iter().zip(self.lines(wanted)) {
            object.insert(key.into(), Value::from(line));
        }
        for (key, part) in parts(wanted).into_iter().filter(|(_, part)| !part.is_empty()) {
            object.insert(key.into(), Value::from(part.as_str()));
        }
        Some(object)
    }

    /// The stored address with only what changed written into it; `None` when nothing did.
    pub(super) fn patch(&self, stored: Option<&Object>) -> Option<Object> {
        let wanted = self.wanted?;
        let empty = Address::default();
        let known = self.known.unwrap_or(&empty);
        let before = self.base.unwrap_or(known);
        if wanted == before || wanted == known {
            return None;
        }
        let Some(stored) = stored else { return self.fresh() };
        let mut object = stored.clone();
        for ((key, part), (_, old)) in parts(wanted).into_iter().zip(parts(before)) {
            if part != old {
                object.insert(key.into(), Value::from(part.as_str()));
            }
        }
        let (old, new) = (self.lines(before), self.lines(wanted));
        if old != new {
            let slots: Vec<usize> = (0..LINES.len()).filter(|at| !slot(stored, *at).is_empty()).collect();
            let there: Vec<String> = slots.iter().map(|at| slot(stored, *at).to_owned()).collect();
            let lines = if there == old { new } else { self.edited(there, known, before, wanted) };
            write_lines(&mut object, &slots, &lines);
        }
        (object != *stored).then_some(object)
    }

    /// The lines of an address as it is written.
    fn lines(&self, address: &Address) -> Vec<String> {
        let heading: &[&String] = if self.named { &[&address.name, &address.company] } else { &[] };
        let all = heading.iter().copied().chain([&address.line1, &address.line2]);
        let mut lines: Vec<String> = all.map(|line| line.trim().to_owned()).filter(|line| !line.is_empty()).collect();
        lines.dedup();
        lines
    }

    /// Lines that somebody wrote in QuickBooks, with the owner's changes in their places.
    fn edited(&self, mut lines: Vec<String>, known: &Address, before: &Address, wanted: &Address) -> Vec<String> {
        let mut heading = if known.name.is_empty() { 0 } else { 1.min(lines.len()) };
        let rest: Vec<String> = lines.split_off((heading + 1).min(lines.len()));
        let rest = if wanted.line2 == before.line2 { rest } else { respread(&rest, wanted.line2.trim()) };
        if wanted.line1 != before.line1 {
            lines.truncate(heading);
            lines.extend(Some(wanted.line1.trim().to_owned()).filter(|line| !line.is_empty()));
        }
        if wanted.name != before.name && (self.named || heading > 0) {
            lines.drain(..heading);
            heading = usize::from(!wanted.name.trim().is_empty());
            lines.splice(0..0, Some(wanted.name.trim().to_owned()).filter(|name| !name.is_empty()));
        }
        if self.named && wanted.company != before.company && !wanted.company.trim().is_empty() {
            lines.insert(heading.min(lines.len()), wanted.company.trim().to_owned());
        }
        lines.extend(rest);
        lines
    }
}

fn slot(stored: &Object, at: usize) -> &str {
    stored.get(LINES[at]).and_then(Value::as_str).unwrap_or_default().trim()
}

/// Lines that are shown as one, after that one was edited: those that it still begins or ends with stay as they are.
fn respread(lines: &[String], text: &str) -> Vec<String> {
    let (mut front, mut back, mut middle) = (0, lines.len(), text);
    while front < back
        && let Some(rest) = middle.strip_prefix(lines[front].as_str())
    {
        match rest.strip_prefix(", ") {
            Some(rest) => middle = rest,
            None if rest.is_empty() => middle = "",
            None => break,
        }
        front += 1;
    }
    while front < back
        && let Some(rest) = middle.strip_suffix(lines[back - 1].as_str())
    {
        match rest.strip_suffix(", ") {
            Some(rest) => middle = rest,
            None if rest.is_empty() => middle = "",
            None => break,
        }
        back -= 1;
    }
    let changed = Some(middle.to_owned()).filter(|middle| !middle.is_empty());
    lines[..front].iter().cloned().chain(changed).chain(lines[back..].iter().cloned()).collect()
}

/// Writes lines into the slots they had, or into the first ones where their number changed. What does not fit shares the last.
fn write_lines(object: &mut Object, slots: &[usize], lines: &[String]) {
    let mut lines = lines.to_vec();
    if lines.len() > LINES.len() {
        let last = lines.split_off(LINES.len() - 1).join(", ");
        lines.push(last);
    }
    let first: Vec<usize> = (0..lines.len()).collect();
    let places = if slots.len() == lines.len() { slots } else { first.as_slice() };
    for (at, key) in LINES.into_iter().enumerate() {
        let line = places.iter().position(|place| *place == at).and_then(|index| lines.get(index));
        match line {
            Some(line) if slot(object, at) != line.as_str() => {
                object.insert(key.into(), Value::from(line.as_str()));
            }
            None if !slot(object, at).is_empty() => {
                object.insert(key.into(), Value::from(""));
            }
            _ => {}
        }
    }
}
