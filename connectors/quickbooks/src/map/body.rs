//! Building bodies: what is written when, the checks QuickBooks would make, and whether a stored object holds all that
//! was sent.

use crate::wire::Object;
use backroom_money::{Money, Quantity, UnitPrice};
use connector_contract::{ConnectorError, Rejection};
use serde_json::{Number, Value, json};

/// A refusal made here instead of there. The field is the neutral one.
pub(crate) fn refuse(field: &str, text: impl Into<String>) -> ConnectorError {
    ConnectorError::Rejected(Rejection::ours("not_sent", Some(field.into()), text))
}

/// What QuickBooks has of a record that is about to change.
#[derive(Debug)]
pub(crate) struct Known<'a, T> {
    /// The object, byte for byte.
    pub stored: &'a Object,
    /// What it says.
    pub record: &'a T,
    /// What both sides last agreed on, in Backroom's writing. `None` where that is not known.
    pub base: Option<&'a T>,
}

impl<T> Clone for Known<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Known<'_, T> {}

impl<T> Known<'_, T> {
    /// A field as it is to be: what QuickBooks has, unless the owner changed it.
    pub(super) fn settled<V: PartialEq + Clone>(&self, wanted: &T, field: impl Fn(&T) -> &V) -> V {
        let untouched = self.base.is_some_and(|base| field(base) == field(wanted));
        field(if untouched { self.record } else { wanted }).clone()
    }
}

/// A body in the making. A create leaves out what is empty; an update writes it to clear what was there, and leaves out
/// what has not changed, so that nothing but the change is touched.
#[derive(Debug, Default)]
pub(crate) struct Body {
    object: Object,
    /// What QuickBooks has, for an update.
    stored: Option<Object>,
}

impl Body {
    pub(super) fn create() -> Self {
        Self::default()
    }

    pub(super) fn update(stored: &Object) -> Self {
        Self { object: Object::new(), stored: Some(stored.clone()) }
    }

    pub(super) fn set(&mut self, key: &str, value: impl Into<Value>) {
        self.object.insert(key.into(), value.into());
    }

    pub(crate) fn set_ref(&mut self, key: &str, id: &str) {
        self.set(key, json!({ "value": id }));
    }

    /// Whether nothing is written yet.
    pub(super) fn is_empty(&self) -> bool {
        self.object.is_empty()
    }

    /// Writes a text unless it is unknown, unchanged, or empty in a create.
    pub(super) fn set_text(&mut self, key: &str, wanted: Option<&String>, known: Option<&String>) {
        if let Some(text) = self.changed(wanted, known) {
            self.set(key, text.as_str());
        }
    }

    /// The same for a text that lies inside an object of its own, such as an e-mail address.
    pub(super) fn set_inner(&mut self, key: &str, inner: &str, wanted: Option<&String>, known: Option<&String>) {
        if let Some(text) = self.changed(wanted, known) {
            // What else lies in it stays.
            let mut object = self.stored_part(key).unwrap_or_default();
            object.insert(inner.to_owned(), Value::from(text.as_str()));
            self.set(key, object);
        }
    }

    fn stored_part(&self, key: &str) -> Option<Object> {
        self.stored.as_ref()?.get(key)?.as_object().cloned()
    }

    fn changed<'a>(&self, wanted: Option<&'a String>, known: Option<&String>) -> Option<&'a String> {
        let wanted = wanted?;
        let write = if self.stored.is_some() { known != Some(wanted) } else { !wanted.is_empty() };
        write.then_some(wanted)
    }

    /// Writes an address, or of a stored one the parts that changed. Nothing where it is unknown, unchanged, or empty in a
    /// create.
    pub(super) fn set_address(&mut self, key: &str, change: &super::address::Change<'_>) {
        if self.stored.is_some() {
            if let Some(object) = change.patch(self.stored_part(key).as_ref()) {
                self.set(key, object);
            }
        } else if let Some(object) = change.fresh() {
            self.set(key, object);
        }
    }

    /// The finished object; empty when an update changes nothing.
    pub(crate) fn into_object(self) -> Object {
        self.object
    }
}

/// An exact JSON number from a decimal text of ours.
pub(super) fn number(text: &str) -> Value {
    // Our own decimal texts are always JSON numbers; the other arm only avoids a panic.
    serde_json::from_str::<Number>(text).map_or_else(|_| Value::from(text), Value::Number)
}

pub(super) fn money_value(amount: Money) -> Value {
    number(&amount.to_decimal_string())
}

pub(super) fn price_value(price: UnitPrice) -> Value {
    number(&price.to_decimal_string())
}

pub(super) fn quantity_value(quantity: Quantity) -> Value {
    number(&quantity.to_decimal_string())
}

/// Refuses a text longer than QuickBooks keeps, unless QuickBooks has it already.
pub(super) fn limit_new(
    field: &str,
    text: Option<&String>,
    known: Option<&String>,
    most: usize,
) -> Result<(), ConnectorError> {
    limit(field, text.filter(|text| known != Some(*text)), most)
}

/// Refuses a text longer than QuickBooks keeps.
pub(super) fn limit(field: &str, text: Option<&String>, most: usize) -> Result<(), ConnectorError> {
    match text {
        Some(text) if text.chars().count() > most => {
            Err(refuse(field, format!("QuickBooks keeps at most {most} characters here")))
        }
        _ => Ok(()),
    }
}

/// Checks a name of a list record: not empty, not too long, and none of the three characters QuickBooks refuses (the
/// colon separates levels of a hierarchy).
pub(super) fn check_name(field: &str, name: &str, most: usize) -> Result<(), ConnectorError> {
    if name.trim().is_empty() {
        return Err(refuse(field, "QuickBooks needs a name"));
    }
    if name.contains([':', '\t', '\n', '\r']) {
        return Err(ConnectorError::Rejected(Rejection::ours(
            "name_characters",
            Some(field.into()),
            "QuickBooks does not allow a colon, a tab or a line break in a name",
        )));
    }
    limit(field, Some(&name.to_owned()), most)
}

/// Whether a stored object holds everything a body asked for: every key, numbers by value, an absent text for an empty
/// one. The lines that QuickBooks adds to an invoice and the ids of lines are not counted.
pub(crate) fn covers(stored: &Value, sent: &Value) -> bool {
    match (stored, sent) {
        (_, Value::Object(sent)) => sent
            .iter()
            .filter(|(key, _)| !matches!(key.as_str(), "sparse" | "SyncToken" | "name"))
            .all(|(key, sent)| match stored.get(key) {
                Some(stored) => covers(stored, sent),
                None => is_blank(sent),
            }),
        (Value::Array(stored), Value::Array(sent)) => {
            let stored: Vec<&Value> = stored.iter().filter(|line| !is_added_line(line)).collect();
            let sent: Vec<&Value> = sent.iter().filter(|line| !is_added_line(line)).collect();
            stored.len() == sent.len() && stored.into_iter().zip(sent).all(|(stored, sent)| covers(stored, sent))
        }
        (Value::Null, sent) => is_blank(sent),
        (stored, sent) => stored == sent || decimal(stored).is_some_and(|number| Some(number) == decimal(sent)),
    }
}

fn is_added_line(line: &Value) -> bool {
    line.get("DetailType").and_then(Value::as_str) == Some("SubTotalLineDetail")
}

fn is_blank(sent: &Value) -> bool {
    match sent {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(parts) => parts.values().all(is_blank),
        Value::Bool(_) | Value::Number(_) => false,
    }
}

fn decimal(value: &Value) -> Option<rust_decimal::Decimal> {
    match value {
        Value::Number(number) => number.to_string().parse().ok(),
        _ => None,
    }
}
