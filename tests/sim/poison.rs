//! Poisoned records: one object that makes every answer it is in hard to read, or impossible to get.
//!
//! Played on the wire, after the vendor's handler: what comes is what a vendor sent whose own store holds half a character,
//! or whose program trips over one record. Only reads are spoiled.

use crate::Vendor;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// What the object does to its answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Harm {
    /// The field's text ends in the middle of a character: no valid UTF-8.
    BadUtf8 {
        /// A member of the object.
        field: String,
    },
    /// The field's text ends with `\ud83c`, the first half of an escaped pair.
    LoneSurrogate {
        /// A member of the object.
        field: String,
    },
    /// The object holds something nested this deep.
    Deep {
        /// How deep.
        levels: usize,
    },
    /// The object holds a value that no JSON has.
    BrokenJson,
    /// Any answer that would hold the object is this instead.
    Fails {
        /// Its status.
        status: u16,
        /// Its body.
        body: Value,
    },
}

/// A poisoned object.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Poison {
    /// Whose.
    pub vendor: Vendor,
    /// The member that names the object, such as `{"orderId": 1001}`. Text and number are the same.
    pub record: Map<String, Value>,
    /// The member or list it stands in; where its name is unique, none is needed. An object that is the whole answer fits.
    #[serde(default)]
    pub within: Option<String>,
    /// What it does.
    pub harm: Harm,
}

impl Poison {
    /// The object whose `member` is `id`.
    pub fn of(vendor: Vendor, member: &str, id: impl Into<Value>, harm: Harm) -> Self {
        Self { vendor, record: Map::from_iter([(member.to_owned(), id.into())]), within: None, harm }
    }

    /// Only where it stands in this member or list.
    #[must_use]
    pub fn within(mut self, name: &str) -> Self {
        self.within = Some(name.to_owned());
        self
    }

    fn is_about(&self, object: &Map<String, Value>, within: Option<&str>) -> bool {
        let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        let here = self.within.as_deref().zip(within).is_none_or(|(wanted, here)| wanted == here);
        here && self.record.iter().all(|(name, id)| object.get(name).is_some_and(|found| text(found) == text(id)))
    }
}

/// What is left of an answer.
pub(crate) enum Spoiled {
    /// Its body with the harm in it.
    Body(Vec<u8>),
    /// Another answer.
    Answer { status: u16, body: Value },
}

/// Stand for what `serde_json` would never write; replaced in the written text. No vendor writes them.
const CUT: &str = "@@sim-cut@@";
const HALF: &str = "@@sim-half@@";
const BROKEN: &str = "@@sim-broken@@";
const DEEP: &str = "@@sim-deep@@";

/// The answer with its poisoned objects; `None` where it holds none.
pub(crate) fn spoil(body: &[u8], poisons: &[Poison]) -> Option<Spoiled> {
    let mut answer: Value = serde_json::from_slice(body).ok()?;
    let mut met = Met::default();
    met.visit(&mut answer, None, poisons);
    if let Some((status, body)) = met.fails {
        return Some(Spoiled::Answer { status, body });
    }
    if !met.any {
        return None;
    }
    let deep = format!("{}{}", "[".repeat(met.levels), "]".repeat(met.levels));
    let text = serde_json::to_vec(&answer).ok()?;
    let text = replace(&text, CUT.as_bytes(), b"\xf0\x9f\x8e");
    let text = replace(&text, HALF.as_bytes(), br"\ud83c");
    let text = replace(&text, format!("\"{BROKEN}\"").as_bytes(), b"NaN");
    Some(Spoiled::Body(replace(&text, format!("\"{DEEP}\"").as_bytes(), deep.as_bytes())))
}

#[derive(Default)]
struct Met {
    any: bool,
    levels: usize,
    fails: Option<(u16, Value)>,
}

impl Met {
    fn visit(&mut self, value: &mut Value, within: Option<&str>, poisons: &[Poison]) {
        match value {
            Value::Array(items) => items.iter_mut().for_each(|item| self.visit(item, within, poisons)),
            Value::Object(object) => {
                for (name, member) in object.iter_mut() {
                    self.visit(member, Some(name), poisons);
                }
                let harms: Vec<&Harm> = poisons
                    .iter()
                    .filter(|poison| poison.is_about(object, within))
                    .map(|poison| &poison.harm)
                    .collect();
                for harm in harms {
                    self.harm(object, harm);
                }
            }
            _ => {}
        }
    }

    fn harm(&mut self, object: &mut Map<String, Value>, harm: &Harm) {
        self.any = true;
        let mut ends_with = |field: &String, mark: &str| {
            let text = object.get(field).and_then(Value::as_str).unwrap_or_default();
            let text = format!("{text}{mark}");
            object.insert(field.clone(), text.into());
        };
        match harm {
            Harm::BadUtf8 { field } => ends_with(field, CUT),
            Harm::LoneSurrogate { field } => ends_with(field, HALF),
            Harm::Deep { levels } => {
                self.levels = *levels;
                object.insert("simulatorDepth".to_owned(), DEEP.into());
            }
            Harm::BrokenJson => drop(object.insert("simulatorWord".to_owned(), BROKEN.into())),
            Harm::Fails { status, body } => self.fails = Some((*status, body.clone())),
        }
    }
}

fn replace(text: &[u8], mark: &[u8], with: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut at = 0;
    while at < text.len() {
        if text[at..].starts_with(mark) {
            out.extend_from_slice(with);
            at += mark.len();
        } else {
            out.push(text[at]);
            at += 1;
        }
    }
    out
}
