//! Which of our records may be the same as one of theirs, how sure that is, and why. Only customers and items are compared;
//! documents are told by numbers and references.
//!
//! Equal e-mail addresses, SKUs and names are proposed as the same; telephone numbers, bar codes and names that are only alike
//! are shown, but the records stay separate unless the owner says otherwise.

use super::plan::Evidence;
use crate::Result;
use crate::ids::ConnectionId;
use crate::store::Db;
use crate::store::links;
use crate::store::plan_items::{self, Pair};
use crate::text::{barcode_key, same_key, search_key};
use connector_contract::{Record, RecordKind};
use std::collections::{BTreeMap, HashMap};

/// Fewer digits are no telephone number.
const LEAST_DIGITS: usize = 7;

/// What two records are compared by: field, how much an equal value says in percent, whether that is enough.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Sign {
    Sku,
    Email,
    Name,
    Phone,
    Barcode,
    Alike,
}

impl Sign {
    const fn weight(self) -> (u32, bool) {
        match self {
            Self::Sku => (95, true),
            Self::Email => (90, true),
            Self::Name => (85, true),
            Self::Barcode => (60, false),
            Self::Phone => (55, false),
            Self::Alike => (45, false),
        }
    }

    const fn field(self) -> &'static str {
        match self {
            Self::Sku => "sku",
            Self::Email => "email",
            Self::Name | Self::Alike => "name",
            Self::Phone => "phone",
            Self::Barcode => "barcode",
        }
    }
}

/// Our records of one kind, ready to be looked up.
#[derive(Default)]
pub struct Pairs {
    /// By sign and comparable value.
    found_by: HashMap<(Sign, String), Vec<usize>>,
    /// Id, name, e-mail or SKU, phone or bar code.
    ours: Vec<[String; 4]>,
}

impl Pairs {
    /// Reads what a connection does not know yet. Costs as much as there is of it, so it is done once for a rehearsal.
    pub fn read(db: &Db<'_>, connection: ConnectionId, kind: RecordKind) -> Result<Self> {
        let ours = plan_items::unmatched(db, connection, kind)?;
        let mut found_by: HashMap<_, Vec<usize>> = HashMap::new();
        for (place, [_, name, second, third]) in ours.iter().enumerate() {
            for (sign, value, _) in signs(kind, name, second, third) {
                found_by.entry((sign, value)).or_default().push(place);
            }
        }
        Ok(Self { found_by, ours })
    }

    /// The best match that the connection still does not know.
    pub fn find(&self, db: &Db<'_>, connection: ConnectionId, theirs: &Record) -> Result<Option<Pair>> {
        let (kind, name, second, third) = match theirs {
            Record::Customer(theirs) => (RecordKind::Customer, &theirs.display_name, &theirs.email, &theirs.phone),
            Record::Item(theirs) => (RecordKind::Item, &theirs.name, &theirs.sku, &theirs.barcode),
            _ => return Ok(None),
        };
        let (second, third) = (second.as_deref().unwrap_or_default(), third.as_deref().unwrap_or_default());
        let mut met: BTreeMap<usize, Vec<(Sign, String)>> = BTreeMap::new();
        for (sign, value, shown) in signs(kind, name, second, third) {
            for place in self.found_by.get(&(sign, value)).into_iter().flatten() {
                met.entry(*place).or_default().push((sign, shown.clone()));
            }
        }
        let mut best: Option<Pair> = None;
        for (place, signs) in met {
            let Some([local_id, title, ..]) = self.ours.get(place) else { continue };
            let pair = self.pair(place, local_id, title, signs);
            let better = best.as_ref().is_none_or(|best| (pair.same, pair.score) > (best.same, best.score));
            if better && links::remote_of(db, connection, kind, local_id)?.is_none() {
                best = Some(pair);
            }
        }
        Ok(best)
    }

    fn pair(&self, place: usize, local_id: &str, title: &str, signs: Vec<(Sign, String)>) -> Pair {
        let named = signs.iter().any(|(sign, _)| *sign == Sign::Name);
        let kept = signs.into_iter().filter(|(sign, _)| *sign != Sign::Alike || !named);
        let (mut doubt, mut same, mut evidence) = (100, false, Vec::new());
        for (sign, theirs) in kept {
            let (weight, enough) = sign.weight();
            // What is left open by all signs together.
            doubt = doubt * (100 - weight) / 100;
            same |= enough;
            let ours = match (sign, self.ours.get(place)) {
                (Sign::Name | Sign::Alike, Some([_, name, ..])) => name.clone(),
                (Sign::Email | Sign::Sku, Some([_, _, second, _])) => second.clone(),
                (_, Some([.., third])) => third.clone(),
                (_, None) => String::new(),
            };
            evidence.push(Evidence { field: sign.field().to_owned(), ours, theirs, exact: sign != Sign::Alike });
        }
        Pair { local_id: local_id.to_owned(), title: title.to_owned(), score: (100 - doubt).min(99), evidence, same }
    }
}

/// What a record can be told by: sign, comparable value, value as it is.
fn signs(kind: RecordKind, name: &str, second: &str, third: &str) -> Vec<(Sign, String, String)> {
    let mut signs = vec![(Sign::Name, same_key(name), name), (Sign::Alike, alike(name), name)];
    if kind == RecordKind::Customer {
        let digits: String = third.chars().filter(char::is_ascii_digit).collect();
        // The country's code may be missing on one side.
        let tail = digits.len().saturating_sub(10);
        let digits = if digits.len() < LEAST_DIGITS { String::new() } else { digits[tail..].to_owned() };
        signs.extend([(Sign::Email, same_key(second), second), (Sign::Phone, digits, third)]);
    } else {
        signs.extend([(Sign::Sku, same_key(second), second), (Sign::Barcode, barcode_key(third), third)]);
    }
    let told = signs.into_iter().filter(|(_, value, _)| !value.is_empty());
    told.map(|(sign, value, shown)| (sign, value, shown.to_owned())).collect()
}

/// A name without its order, accents, marks and legal form: "Lindqvist, Anna" is like "Anna Lindqvist".
fn alike(name: &str) -> String {
    const FORMS: [&str; 9] = ["inc", "llc", "ltd", "co", "corp", "limited", "company", "gmbh", "the"];
    let lower = search_key(name);
    let mut words: Vec<&str> =
        lower.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty() && !FORMS.contains(word)).collect();
    words.sort_unstable();
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_alike_whatever_their_order_marks_and_legal_form() {
        assert_eq!(alike("Lindqvist, Anna"), alike("anna  lindqvist"));
        assert_eq!(alike("The Harbor Co."), alike("Harbor, Inc"));
        assert_ne!(alike("Anna Lind"), alike("Anna Lindqvist"));
        assert_eq!(alike("Ltd."), "", "a legal form alone says nothing");
    }

    #[test]
    fn short_numbers_are_no_telephone_and_country_codes_may_be_missing() {
        let phone = |text: &str| {
            let signs = signs(RecordKind::Customer, "", "", text);
            signs.into_iter().find(|(sign, ..)| *sign == Sign::Phone).map(|(_, value, _)| value)
        };
        assert_eq!(phone("+1 (207) 555-0199"), phone("207.555.0199"));
        assert_eq!(phone("123"), None);
    }
}
