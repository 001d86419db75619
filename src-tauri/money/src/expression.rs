//! Sums typed into amount fields: `12.50 + 3*2`. Exact, no floating point.

use crate::Currency;
use crate::amount::{AmountError, Rounding};
use crate::typed::Writing;
use rust_decimal::Decimal;

/// Deepest nesting of brackets and signs.
const DEEPEST: u8 = 20;

/// Works out `+ - * /` and brackets over decimals and returns a plain decimal text, which [`crate::Money::parse`] or
/// [`crate::Quantity::parse`] then reads. A plain number comes back unchanged, surplus decimals and all, so the caller
/// still refuses them; the result of a sum is rounded half up to `decimals`.
pub fn parse_expression(text: &str, decimals: u32) -> Result<String, AmountError> {
    evaluate(&crate::typed::plain(text, None)?, text, decimals)
}

/// [`parse_expression`] for an amount: signs and codes of its currency may stand beside its numbers, as in `$12.50`.
pub fn parse_amount(text: &str, currency: Currency, decimals: u32) -> Result<String, AmountError> {
    evaluate(&crate::typed::plain(text, Some(currency))?, text, decimals)
}

fn evaluate(plain: &str, typed: &str, decimals: u32) -> Result<String, AmountError> {
    let bad = || AmountError::NotANumber(Writing::split(typed).1.trim().chars().take(40).collect());
    if crate::quantity::mantissa_and_scale(plain).is_ok() {
        return Ok(plain.to_owned());
    }
    let mut parser = Parser { rest: plain.as_bytes(), depth: 0 };
    let value =
        parser.sum().ok_or_else(|| if parser.divided_by_zero() { AmountError::DividedByZero } else { bad() })?;
    if !parser.at_end() {
        return Err(bad());
    }
    let (mantissa, scale) = (value.mantissa(), value.scale());
    let rounded = crate::quantity::rescale(mantissa, scale, decimals, Some(Rounding::HalfUp))?;
    Ok(crate::quantity::write_scaled(rounded, decimals, false))
}

/// Recursive descent over ASCII; small enough that a parser crate would be the larger dependency.
struct Parser<'a> {
    rest: &'a [u8],
    depth: u8,
}

impl Parser<'_> {
    fn sum(&mut self) -> Option<Decimal> {
        let mut value = self.product()?;
        loop {
            match self.peek() {
                Some(b'+') => value = value.checked_add(self.after_operator(Self::product)?)?,
                Some(b'-') => value = value.checked_sub(self.after_operator(Self::product)?)?,
                _ => return Some(value),
            }
        }
    }

    fn product(&mut self) -> Option<Decimal> {
        let mut value = self.factor()?;
        loop {
            match self.peek() {
                Some(b'*') => value = value.checked_mul(self.after_operator(Self::factor)?)?,
                Some(b'/') => {
                    let divisor = self.after_operator(Self::factor)?;
                    if divisor.is_zero() {
                        self.rest = b"/0";
                        return None;
                    }
                    value = value.checked_div(divisor)?;
                }
                _ => return Some(value),
            }
        }
    }

    fn factor(&mut self) -> Option<Decimal> {
        match self.peek()? {
            b'-' => {
                self.depth = self.depth.checked_add(1).filter(|depth| *depth <= DEEPEST)?;
                let value = self.after_operator(Self::factor)?;
                self.depth -= 1;
                Some(-value)
            }
            b'(' => {
                self.depth = self.depth.checked_add(1).filter(|depth| *depth <= DEEPEST)?;
                let value = self.after_operator(Self::sum)?;
                (self.peek() == Some(b')')).then(|| self.rest = &self.rest[1..])?;
                self.depth -= 1;
                Some(value)
            }
            _ => {
                let end = self.rest.iter().position(|c| !c.is_ascii_digit() && *c != b'.').unwrap_or(self.rest.len());
                let (number, rest) = self.rest.split_at(end);
                self.rest = rest;
                Decimal::from_str_exact(std::str::from_utf8(number).ok()?).ok()
            }
        }
    }

    fn after_operator(&mut self, next: fn(&mut Self) -> Option<Decimal>) -> Option<Decimal> {
        self.rest = &self.rest[1..];
        next(self)
    }

    fn peek(&mut self) -> Option<u8> {
        self.rest = self.rest.trim_ascii_start();
        self.rest.first().copied()
    }

    fn at_end(&mut self) -> bool {
        self.peek().is_none()
    }

    fn divided_by_zero(&self) -> bool {
        self.rest == b"/0"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_are_worked_out() {
        for (text, result) in [
            ("12.50 + 3*2", "18.5"),
            ("(1+2)*3-4/2", "7"),
            ("10/3", "3.33"),
            ("2/3", "0.67"),
            ("-5", "-5"),
            ("--5", "5"),
            ("3 - -2", "5"),
            ("1,234.50", "1234.50"),
            ("1,234,567 + 1", "1234568"),
            (" 7 ", "7"),
            (".5+.5", "1"),
        ] {
            assert_eq!(parse_expression(text, 2).as_deref(), Ok(result), "{text}");
        }
        let many = vec!["(1)"; 40].join("+");
        assert_eq!(parse_expression(&many, 2).as_deref(), Ok("40"), "brackets side by side are not deep");
    }

    #[test]
    fn a_plain_number_keeps_its_surplus_decimals() {
        assert_eq!(parse_expression("1.2345", 2).as_deref(), Ok("1.2345"));
    }

    #[test]
    fn what_is_no_sum_is_refused() {
        for text in ["abc", "5-", "5 (2)", "(1", "1)", "-", "+", "1e", "1e3", "$5", "=1+1"] {
            assert!(matches!(parse_expression(text, 2), Err(AmountError::NotANumber(_))), "{text}");
        }
        for text in ["1,5", "1234,567", "0,500", "1.234,567", "1,234,5", "1 2", "1..2", "1,234.5,6"] {
            assert!(matches!(parse_expression(text, 2), Err(AmountError::Unclear { .. })), "{text}");
        }
        assert_eq!(parse_expression("  ", 2), Err(AmountError::Empty));
        assert_eq!(parse_expression("1/(2-2)", 2), Err(AmountError::DividedByZero));
        assert!(parse_expression(&"(".repeat(150), 2).is_err());
        assert!(parse_expression(&"1".repeat(10_000), 2).is_err());
    }
}
