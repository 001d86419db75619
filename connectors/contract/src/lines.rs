//! Which line of one order is which line of another: the vendor's own id first, then the key, then what is in it.
//!
//! Keys repeat (one key for a mug engraved for Ann and one for Bob), so each line is matched at most once. Absent on purpose:
//! deciding what to do with lines that have no match.

use crate::record::OrderLine;

/// Whether two lines may be one.
type Fits<'a> = &'a dyn Fn(&OrderLine, &OrderLine) -> bool;

/// For each of `ours` the index of its line among `theirs`, each of which is given away at most once.
pub fn pair_lines(ours: &[OrderLine], theirs: &[OrderLine]) -> Vec<Option<usize>> {
    fn filled(text: Option<&String>) -> Option<&str> {
        text.map(String::as_str).filter(|text| !text.is_empty())
    }
    let id = |a: &OrderLine, b: &OrderLine| {
        filled(a.remote_line.as_ref()).is_some_and(|id| Some(id) == filled(b.remote_line.as_ref()))
    };
    let key =
        |a: &OrderLine, b: &OrderLine| filled(a.key.as_ref()).is_some_and(|key| Some(key) == filled(b.key.as_ref()));
    let goods = |a: &OrderLine, b: &OrderLine| {
        a.sku.as_deref().unwrap_or_default() == b.sku.as_deref().unwrap_or_default() && a.name == b.name
    };
    let content = |a: &OrderLine, b: &OrderLine| {
        goods(a, b) && (a.quantity, a.unit_price, a.adjustment) == (b.quantity, b.unit_price, b.adjustment)
    };
    // Two lines with ids of their own that differ may still be one: a vendor may make its lines anew with each update.
    let passes: [Fits<'_>; 5] = [&id, &|a, b| key(a, b) && content(a, b), &key, &content, &goods];
    let mut pairs = vec![None; ours.len()];
    let mut taken = vec![false; theirs.len()];
    for fits in passes {
        for (at, line) in ours.iter().enumerate() {
            if pairs[at].is_some() {
                continue;
            }
            let found = theirs.iter().enumerate().position(|(index, other)| !taken[index] && fits(line, other));
            if let Some(index) = found {
                taken[index] = true;
                pairs[at] = Some(index);
            }
        }
    }
    pairs
}

#[cfg(test)]
mod tests {
    use super::*;
    use backroom_money::{Currency, Money, Quantity};

    fn line(id: &str, key: &str, name: &str, quantity: i64) -> OrderLine {
        let told = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        OrderLine {
            remote_line: told(id),
            key: told(key),
            sku: Some("MUG".into()),
            name: name.into(),
            quantity: Quantity::from_whole(quantity).unwrap(),
            unit_price: Money::from_minor(1000, Currency::USD).into(),
            adjustment: false,
        }
    }

    #[test]
    fn two_lines_of_one_key_are_told_apart_by_the_vendors_id() {
        let theirs = [line("1", "p7", "Mug", 1), line("2", "p7", "Mug", 2)];
        assert_eq!(pair_lines(&theirs, &theirs), [Some(0), Some(1)]);
        assert_eq!(pair_lines(&[line("2", "p7", "Mug", 5)], &theirs), [Some(1)]);
        assert_eq!(pair_lines(&[line("2", "p7", "Mug", 1), line("1", "p7", "Mug", 2)], &theirs), [Some(1), Some(0)]);
    }

    #[test]
    fn without_ids_a_repeated_key_goes_by_content_and_each_line_is_given_away_once() {
        let theirs = [line("1", "p7", "Mug", 1), line("2", "p7", "Mug", 2)];
        assert_eq!(pair_lines(&[line("", "p7", "Mug", 2)], &theirs), [Some(1)]);
        assert_eq!(pair_lines(&[line("", "p7", "Mug", 9), line("", "p7", "Mug", 8)], &theirs), [Some(0), Some(1)]);
        let three = [line("", "p7", "Mug", 1), line("", "p7", "Mug", 1), line("", "p7", "Mug", 1)];
        assert_eq!(pair_lines(&three, &theirs), [Some(0), Some(1), None]);
    }

    #[test]
    fn lines_that_the_vendor_made_anew_are_known_by_what_is_in_them() {
        let theirs = [line("11", "", "Mug", 1), line("12", "", "Bowl", 1)];
        let ours = [line("2", "2", "Bowl", 1), line("1", "1", "Mug", 4), line("", "new", "Plate", 1)];
        assert_eq!(pair_lines(&ours, &theirs), [Some(1), Some(0), None]);
    }
}
