//! The text of a discount as it is kept: `10%`, `5` or a sum, written so that everyone reads it alike.
//!
//! Absent on purpose: what it comes to and whether it is possible; `build` decides that.

use backroom_money::{Currency, Writing, parse_amount, parse_expression, strip_percent};

/// What was typed, in plain writing. Text that is plain already, or no number, stays as it is.
pub(super) fn plain(typed: &str, currency: Currency) -> String {
    let typed = typed.trim();
    if typed.is_ascii() && Writing::split(typed).1 == typed {
        return typed.to_owned();
    }
    let read = match strip_percent(typed) {
        Some(percent) => parse_expression(&percent, 4).map(|plain| format!("{plain}%")),
        None => parse_amount(typed, currency, currency.decimals()),
    };
    read.unwrap_or_else(|_| Writing::split(typed).1.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_discount_is_kept_in_plain_writing() {
        for (typed, kept) in [
            ("10%", "10%"),
            (" 5 ", "5"),
            ("2+3", "2+3"),
            ("{,.}7,5 %", "7.5%"),
            ("{,.}1.250,50", "1250.50"),
            ("１０％", "10%"),
            ("12,50 €", "12,50 €"),
            ("", ""),
        ] {
            assert_eq!(plain(typed, Currency::EUR), kept, "{typed}");
        }
    }
}
