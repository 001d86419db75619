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

/// Writes an address with all its parts: an empty part clears what was there. `named` puts the name and company on
/// lines of their own; list records leave them out, because QuickBooks adds the customer's name to forms by itself.
pub(super) fn write(address: &Address, named: bool) -> Object {
    let heading: &[&String] = if named { &[&address.name, &address.company] } else { &[] };
    let mut lines: Vec<&str> = heading
        .iter()
        .copied()
        .chain([&address.line1, &address.line2])
        .map(|line| line.trim())
        .filter(|line| !line.is_empty())
        .collect();
    lines.dedup();
    let mut object = Object::new();
    for (index, key) in ["Line1", "Line2", "Line3", "Line4", "Line5"].into_iter().enumerate() {
        object.insert(key.into(), Value::from(lines.get(index).copied().unwrap_or_default()));
    }
    for (key, part) in [
        ("City", &address.city),
        ("CountrySubDivisionCode", &address.region),
        ("PostalCode", &address.postal_code),
        ("Country", &address.country),
    ] {
        object.insert(key.into(), Value::from(part.as_str()));
    }
    object
}
