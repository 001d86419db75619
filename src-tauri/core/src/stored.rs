//! What of a draft equals what is stored: the one place that says which fields are judged.
//!
//! Vendors and older versions keep records that our forms would refuse. Whoever edits one field of such a record must not be
//! asked to mend the others, so a field that equals what is stored is neither judged nor touched. This works on drafts of any
//! kind: the draft as it was typed beside the draft the stored record would be typed as, field by field.
//!
//! Absent on purpose: rules. They stay with each kind and report through [`crate::fields::Fields`], which asks here.

use serde::Serialize;
use serde_json::Value;
use std::collections::BTreeSet;

/// Paths of a draft whose values are the stored ones, such as `email` or `lines.2.quantity`.
#[derive(Debug, Default)]
pub struct Stored(BTreeSet<String>);

impl Stored {
    /// Compares a draft with the one its stored record would be typed as.
    pub fn compare<D: Serialize>(draft: &D, stored: &D) -> crate::Result<Self> {
        let mut same = BTreeSet::new();
        compare("", &serde_json::to_value(draft)?, &serde_json::to_value(stored)?, &mut same);
        Ok(Self(same))
    }

    /// Counts a field as stored: its value was taken over from another record as it stands there.
    pub fn add(&mut self, field: &str) {
        self.0.insert(field.to_owned());
    }

    /// Whether the value of this field is the stored one.
    pub fn has(&self, field: &str) -> bool {
        self.0.contains(field)
    }
}

fn compare(path: &str, typed: &Value, stored: &Value, same: &mut BTreeSet<String>) {
    let below = |name: &str| if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
    match (typed, stored) {
        (Value::Object(typed), Value::Object(stored)) => {
            for (name, value) in typed {
                if let Some(stored) = stored.get(name) {
                    compare(&below(name), value, stored, same);
                }
            }
        }
        // Lines are known by their ids: one that moved is still the same line.
        (Value::Array(typed), Value::Array(stored)) => {
            for (index, value) in typed.iter().enumerate() {
                let id = value.get("id");
                if let Some(stored) = stored.iter().find(|stored| id.is_some() && stored.get("id") == id) {
                    compare(&below(&index.to_string()), value, stored, same);
                }
            }
        }
        _ => {}
    }
    if typed == stored {
        same.insert(path.to_owned());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn only_what_differs_is_judged_and_lines_are_known_by_their_ids() {
        let stored = json!({"email": "a@b,c@d", "note": "", "billing": {"city": "Bath", "line1": "a\tb"},
            "lines": [{"id": 1, "quantity": "-1"}, {"id": 2, "quantity": "0"}]});
        let typed = json!({"email": "a@b,c@d", "note": "x", "billing": {"city": "Ely", "line1": "a\tb"},
            "lines": [{"id": 2, "quantity": "0"}, {"id": 1, "quantity": "-2"}, {"id": 3, "quantity": "-1"}]});
        let found = Stored::compare(&typed, &stored).unwrap();
        for field in ["email", "billing.line1", "lines.0", "lines.0.quantity", "lines.1.id"] {
            assert!(found.has(field), "{field}");
        }
        for field in ["note", "billing", "billing.city", "lines", "lines.1.quantity", "lines.2.quantity"] {
            assert!(!found.has(field), "{field}");
        }
    }
}
