//! Which fields of a record go back together, and what of a run's change can be taken back. Pure.

use crate::sync::merge::{Fields, same};
use connector_contract::RecordKind;
use serde_json::Value;
use std::collections::BTreeSet;

/// Fields of a record here that only make sense together.
pub fn unit(kind: RecordKind, field: &str) -> &str {
    match (kind, field) {
        (
            RecordKind::Invoice,
            "lines" | "discount" | "discount_text" | "shipping" | "subtotal" | "taxes" | "tax" | "total"
            | "tax_inclusive" | "currency",
        )
        | (RecordKind::Order, "lines" | "shipping" | "tax" | "total" | "currency")
        | (RecordKind::Payment, "amount" | "applied") => "amounts",
        (RecordKind::Invoice, "state") | (RecordKind::Order, "hold_until") | (RecordKind::Payment, "voided") => {
            "status"
        }
        (RecordKind::Invoice, "due_on" | "terms_id") => "due_on",
        (RecordKind::Order, "ordered_on") => "ordered_at",
        _ => field,
    }
}

/// The unit here that a field of the neutral record belongs to.
pub fn unit_of_neutral(kind: RecordKind, field: &str) -> &str {
    match (kind, field) {
        (RecordKind::Customer | RecordKind::Item, "active") => "archived",
        (RecordKind::Invoice | RecordKind::Payment, "customer") => "customer_id",
        (RecordKind::Invoice | RecordKind::Payment, "voided") => "status",
        (RecordKind::Order, "shipping") => "ship_to",
        (RecordKind::Order, "shipping_amount" | "tax_amount") => "amounts",
        _ => unit(kind, field),
    }
}

/// What can be taken back of a change, and what can't.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Takeable {
    /// Values to put back.
    pub fields: Fields,
    /// Units that somebody changed since.
    pub changed_since: Vec<String>,
    /// Units that the run changed and that still hold what it wrote.
    pub units: BTreeSet<String>,
}

/// Compares a record as it is with what a run made of it, unit by unit.
pub fn takeable(kind: RecordKind, before: &Fields, after: &Fields, now: &Fields) -> Takeable {
    let of = |fields: &Fields, name: &str| fields.get(name).cloned().unwrap_or(Value::Null);
    let names: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    let changed: BTreeSet<&str> =
        names.iter().filter(|name| !same(&of(before, name), &of(after, name))).map(|name| unit(kind, name)).collect();
    let mut takeable = Takeable::default();
    for group in changed {
        let members: Vec<&String> = names.iter().copied().filter(|name| unit(kind, name) == group).collect();
        let all = |as_in: &Fields| members.iter().all(|name| same(&of(now, name), &of(as_in, name)));
        if all(before) {
            continue;
        }
        if all(after) {
            takeable.units.insert(group.to_owned());
            takeable.fields.extend(members.into_iter().map(|name| (name.clone(), of(before, name))));
        } else {
            takeable.changed_since.push(group.to_owned());
        }
    }
    takeable
}

/// Units that differ between two states. What one of them does not know, because it was kept before there was such a field, is no
/// difference.
pub fn differing(kind: RecordKind, a: &Fields, b: &Fields) -> Vec<String> {
    let both = a.iter().filter_map(|(name, value)| Some((name, value, b.get(name)?)));
    let units: BTreeSet<&str> = both.filter(|(_, a, b)| !same(a, b)).map(|(name, _, _)| unit(kind, name)).collect();
    units.into_iter().map(str::to_owned).collect()
}

/// Units in a sentence: `phone, bill to`.
pub fn words(units: &[String]) -> String {
    units.iter().map(|unit| unit.trim_end_matches("_id").replace('_', " ")).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn fields(value: Value) -> Fields {
        value.as_object().cloned().unwrap_or_default()
    }

    #[test]
    fn what_still_holds_goes_back_and_what_changed_since_is_named() {
        let before = fields(json!({"phone": "1", "email": "a", "notes": "x", "company": "c"}));
        let after = fields(json!({"phone": "2", "email": "b", "notes": "y", "company": "c"}));
        let now = fields(json!({"phone": "2", "email": "z", "notes": "x", "company": "new"}));
        let found = takeable(RecordKind::Customer, &before, &after, &now);
        assert_eq!(found.fields, fields(json!({"phone": "1"})));
        assert_eq!(found.changed_since, ["email"]);
    }

    #[test]
    fn amounts_go_back_together_or_not_at_all() {
        let before = fields(json!({"lines": [1], "total": 10, "tax": 0, "note": "a"}));
        let after = fields(json!({"lines": [2], "total": 20, "tax": 0, "note": "b"}));
        let now = fields(json!({"lines": [2], "total": 21, "tax": 1, "note": "b"}));
        let found = takeable(RecordKind::Invoice, &before, &after, &now);
        assert_eq!(found.fields, fields(json!({"note": "a"})));
        assert_eq!(found.changed_since, ["amounts"]);
        let found = takeable(RecordKind::Invoice, &before, &after, &after);
        assert_eq!(found.fields, before);
    }

    #[test]
    fn a_vendors_line_ids_are_no_change() {
        let before = fields(json!({"lines": [{"id": 1, "amount": 5}]}));
        let after = fields(json!({"lines": [{"id": 1, "amount": 6}]}));
        let now = fields(json!({"lines": [{"id": 1, "amount": 6, "remote_line": "9"}]}));
        assert_eq!(takeable(RecordKind::Invoice, &before, &after, &now).fields, before);
    }
}
