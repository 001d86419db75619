//! Which order lines a parcel's lines are: by the vendor's id of the line, else by its key, else by SKU. Keys and SKUs repeat within an
//! order, so what is still open of each line decides among several, and no piece is counted for two lines. Pure.
//!
//! Absent on purpose: stock, and what becomes of lines that belong to no order line.

use super::{Order, OrderLine, ShipmentLine};
use crate::text::same_key;
use backroom_money::Quantity;

/// Whether the vendor named this very line: by its own id where both are known, else by key.
pub(super) fn is_named(ordered: &OrderLine, line: &ShipmentLine) -> bool {
    if line.remote_line.is_empty() || ordered.remote_line.is_empty() {
        return ordered.has_key(&line.line_key);
    }
    line.remote_line == ordered.remote_line
}

/// The lines of a parcel with the order lines they are about. One that covers several order lines is split among them.
pub(super) fn tie(order: &Order, told: &[ShipmentLine]) -> Vec<ShipmentLine> {
    let mut open: Vec<Quantity> = order.lines.iter().map(OrderLine::open).collect();
    let mut tied = Vec::with_capacity(told.len());
    for line in told {
        if line.quantity <= Quantity::ZERO {
            tied.push(line.clone());
            continue;
        }
        let parts = parts(&candidates(order, line), line.quantity, &open);
        if parts.is_empty() {
            tied.push(ShipmentLine { order_line_id: None, ..line.clone() });
        }
        for (index, quantity) in parts {
            open[index] = open[index].checked_sub(quantity).unwrap_or(Quantity::ZERO).max(Quantity::ZERO);
            tied.push(ShipmentLine { order_line_id: Some(order.lines[index].id), quantity, ..line.clone() });
        }
    }
    tied
}

/// The order lines a parcel's line may be about, in order.
fn candidates(order: &Order, line: &ShipmentLine) -> Vec<usize> {
    let all = |fits: &dyn Fn(&OrderLine) -> bool| -> Vec<usize> {
        order.lines.iter().enumerate().filter(|(_, ordered)| fits(ordered)).map(|(index, _)| index).collect()
    };
    let by_id = all(&|ordered| line.order_line_id.is_some_and(|id| id == ordered.id));
    if !by_id.is_empty() {
        return by_id;
    }
    let by_remote = all(&|ordered| !line.remote_line.is_empty() && ordered.remote_line == line.remote_line);
    if !by_remote.is_empty() {
        return by_remote;
    }
    let by_key = all(&|ordered| ordered.has_key(&line.line_key));
    if !by_key.is_empty() {
        return by_key;
    }
    let sku = same_key(&line.sku);
    all(&|ordered| !sku.is_empty() && !ordered.adjustment && same_key(&ordered.sku) == sku)
}

/// How many pieces go to which of the candidates: to the first where they fit, else to all that have some open. More than was
/// ordered stays with the last of them.
fn parts(candidates: &[usize], quantity: Quantity, open: &[Quantity]) -> Vec<(usize, Quantity)> {
    if let Some(index) = candidates.iter().find(|index| open[**index] >= quantity) {
        return vec![(*index, quantity)];
    }
    let mut left = quantity;
    let mut parts: Vec<(usize, Quantity)> = Vec::new();
    for index in candidates.iter().filter(|index| open[**index] > Quantity::ZERO) {
        let part = open[*index].min(left);
        if part > Quantity::ZERO {
            parts.push((*index, part));
            left = left.checked_sub(part).unwrap_or(Quantity::ZERO);
        }
    }
    match (parts.last_mut(), candidates.first()) {
        (Some((_, last)), _) => *last = last.checked_add(left).unwrap_or(*last),
        (None, Some(first)) => parts.push((*first, left)),
        (None, None) => {}
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::{LineId, OrderId};
    use backroom_money::{Currency, Money};

    fn pieces(count: i64) -> Quantity {
        Quantity::from_whole(count).unwrap()
    }

    fn order(lines: &[(&str, &str, i64)]) -> Order {
        let now = "2026-11-20T09:00:00Z".parse().unwrap();
        let line = |(id, key, count): &(&str, &str, i64)| OrderLine {
            id: LineId::new(),
            remote_line: (*id).to_owned(),
            line_key: (*key).to_owned(),
            item_id: None,
            sku: "MUG".to_owned(),
            name: "Mug".to_owned(),
            quantity: pieces(*count),
            shipped: Quantity::ZERO,
            unit_price: Money::from_minor(1000, Currency::USD).into(),
            adjustment: false,
            allocated: Quantity::ZERO,
            location_id: None,
        };
        Order { lines: lines.iter().map(line).collect(), ..Order::new(OrderId::new(), Currency::USD, "owner", now) }
    }

    fn parcel(lines: &[(&str, &str, i64)]) -> Vec<ShipmentLine> {
        let line = |(id, key, count): &(&str, &str, i64)| ShipmentLine {
            remote_line: (*id).to_owned(),
            line_key: (*key).to_owned(),
            order_line_id: None,
            item_id: None,
            sku: "mug ".to_owned(),
            name: "Mug".to_owned(),
            quantity: pieces(*count),
        };
        lines.iter().map(line).collect()
    }

    /// How many of each order line are in the parcel.
    fn shipped(order: &Order, told: &[ShipmentLine]) -> Vec<String> {
        let tied = tie(order, told);
        let of = |line: &OrderLine| -> i64 {
            tied.iter().filter(|part| part.order_line_id == Some(line.id)).map(|part| part.quantity.scaled()).sum()
        };
        order.lines.iter().map(|line| Quantity::from_scaled(of(line)).to_decimal_string()).collect()
    }

    #[test]
    fn two_lines_of_one_key_each_get_what_is_theirs() {
        let order = order(&[("1", "p7", 1), ("2", "p7", 2)]);
        for told in [[("1", "p7", 1), ("2", "p7", 2)], [("2", "p7", 2), ("1", "p7", 1)], [("", "p7", 1), ("", "p7", 2)]]
        {
            assert_eq!(shipped(&order, &parcel(&told)), ["1", "2"], "{told:?}");
        }
        assert_eq!(shipped(&order, &parcel(&[("", "p7", 2), ("", "p7", 1)])), ["1", "2"], "in any order");
        assert_eq!(shipped(&order, &parcel(&[("", "p7", 3)])), ["1", "2"], "in one line");
        assert_eq!(shipped(&order, &parcel(&[("", "", 1), ("", "", 2)])), ["1", "2"], "by SKU");
        assert_eq!(shipped(&order, &parcel(&[("2", "p7", 1)])), ["0", "1"], "the vendor's id says which");
    }

    #[test]
    fn what_is_more_than_ordered_is_counted_once() {
        let order = order(&[("1", "p7", 1), ("2", "p7", 2)]);
        assert_eq!(shipped(&order, &parcel(&[("", "p7", 5)])), ["1", "4"]);
        let none = parcel(&[("9", "other", 1)]).into_iter().map(|line| ShipmentLine { sku: "BOWL".to_owned(), ..line });
        let tied = tie(&order, &none.collect::<Vec<_>>());
        assert_eq!((tied.len(), tied[0].order_line_id), (1, None));
    }
}
