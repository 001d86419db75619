//! Sums typed into amount fields: `12.50 + 3*2`, as owners know it from `QuickBooks`. Exact, no floating point.

use crate::amount::{AmountError, Rounding};
use rust_decimal::Decimal;

/// Longest text that is read; a longer one is no amount a person typed.
const LONGEST: usize = 200;

/// Works out `+ - * /` and brackets over decimals and returns a plain decimal text, which [`crate::Money::parse`] or
/// [`crate::Quantity::parse`] then reads. A plain number comes back unchanged, surplus decimals and all, so the caller
/// still refuses them; the result of a sum is rounded half up to `decimals`.
pub fn parse_expression(text: &str, decimals: u32) -> Result<String, AmountError> {
    let trimmed = text.trim();
    if trimmed.is_empty() {
        return Err(AmountError::Empty);
    }
    let bad = || AmountError::NotANumber(trimmed.chars().take(40).collect());
    if trimmed.len() > LONGEST {
        return Err(bad());
    }
    // A comma groups thousands as the owner's keyboard and paste give them; `1,234.50` is common, `1,5` is refused.
    let plain = ungroup(trimmed).ok_or_else(bad)?;
    if crate::quantity::mantissa_and_scale(&plain).is_ok() {
        return Ok(plain);
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

fn ungroup(text: &str) -> Option<String> {
    if !text.contains(',') {
        return Some(text.to_owned());
    }
    let parts: Vec<&str> = text.split(',').collect();
    let grouped = parts.iter().skip(1).all(|part| {
        part.len() >= 3
            && part.as_bytes()[..3].iter().all(u8::is_ascii_digit)
            && !part.as_bytes().get(3).is_some_and(u8::is_ascii_digit)
    });
    let led = parts[..parts.len() - 1].iter().all(|part| part.ends_with(|c: char| c.is_ascii_digit()));
    (grouped && led).then(|| parts.concat())
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
            b'-' => self.after_operator(Self::factor).map(|value| -value),
            b'(' => {
                self.depth = self.depth.checked_add(1).filter(|depth| *depth <= 20)?;
                let value = self.after_operator(Self::sum)?;
                (self.peek() == Some(b')')).then(|| self.rest = &self.rest[1..])?;
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
