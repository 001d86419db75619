//! Quantities with up to four decimals, and the exact reading and writing of scaled decimals that money shares.

use crate::amount::{AmountError, Rounding, divide};
use serde::{Deserialize, Serialize};
use std::fmt;

/// A quantity in ten-thousandths of a piece, so that 1.5 kg and 0.25 h are exact.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Quantity(i64);

impl Quantity {
    /// Decimals a quantity can have.
    pub const DECIMALS: u32 = 4;
    /// None.
    pub const ZERO: Self = Self(0);
    /// One piece.
    pub const ONE: Self = Self(10_000);

    /// From ten-thousandths, as stored.
    pub const fn from_scaled(scaled: i64) -> Self {
        Self(scaled)
    }

    /// From whole pieces; `None` when too large.
    pub fn from_whole(pieces: i64) -> Option<Self> {
        pieces.checked_mul(Self::ONE.0).map(Self)
    }

    /// Ten-thousandths of a piece.
    pub const fn scaled(self) -> i64 {
        self.0
    }

    /// The whole number of pieces, or `None` if there is a fraction. For vendors that only know whole pieces.
    pub fn whole(self) -> Option<i64> {
        (self.0 % Self::ONE.0 == 0).then_some(self.0 / Self::ONE.0)
    }

    /// Reads a plain decimal with at most four decimals.
    pub fn parse(text: &str) -> Result<Self, AmountError> {
        parse_scaled(text, Self::DECIMALS).map(Self)
    }

    /// Sum, or `None` on overflow.
    pub fn checked_add(self, other: Self) -> Option<Self> {
        self.0.checked_add(other.0).map(Self)
    }

    /// Difference, or `None` on overflow.
    pub fn checked_sub(self, other: Self) -> Option<Self> {
        self.0.checked_sub(other.0).map(Self)
    }

    /// The opposite, or `None` on overflow.
    pub fn checked_neg(self) -> Option<Self> {
        self.0.checked_neg().map(Self)
    }

    /// Written without needless zeros: `2`, `1.5`.
    pub fn to_decimal_string(self) -> String {
        write_scaled(self.0, Self::DECIMALS, false)
    }
}

impl fmt::Debug for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_decimal_string())
    }
}

impl Serialize for Quantity {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.to_decimal_string())
    }
}

impl<'de> Deserialize<'de> for Quantity {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::parse(&String::deserialize(deserializer)?).map_err(serde::de::Error::custom)
    }
}

/// Longest text that is looked at; a number of ours has twenty digits at most.
const LONGEST: usize = 100;

/// Reads a decimal into a whole number of 10^-decimals. Refuses surplus non-zero decimals.
pub(crate) fn parse_scaled(text: &str, decimals: u32) -> Result<i64, AmountError> {
    i64::try_from(parse_scaled_wide(text, decimals)?).map_err(|_| AmountError::TooLarge)
}

/// Like [`parse_scaled`], but rounds surplus decimals.
pub(crate) fn parse_scaled_rounded(text: &str, decimals: u32, rounding: Rounding) -> Result<i64, AmountError> {
    i64::try_from(parse_scaled_rounded_wide(text, decimals, rounding)?).map_err(|_| AmountError::TooLarge)
}

/// Like [`parse_scaled`], for numbers that are wider than an amount.
pub(crate) fn parse_scaled_wide(text: &str, decimals: u32) -> Result<i128, AmountError> {
    let (mantissa, scale) = mantissa_and_scale(text)?;
    rescale_wide(mantissa, scale, decimals, None)
}

/// Like [`parse_scaled_rounded`], for numbers that are wider than an amount.
pub(crate) fn parse_scaled_rounded_wide(text: &str, decimals: u32, rounding: Rounding) -> Result<i128, AmountError> {
    let (mantissa, scale) = mantissa_and_scale(text)?;
    rescale_wide(mantissa, scale, decimals, Some(rounding))
}

pub(crate) fn rescale(
    mantissa: i128,
    scale: u32,
    decimals: u32,
    rounding: Option<Rounding>,
) -> Result<i64, AmountError> {
    i64::try_from(rescale_wide(mantissa, scale, decimals, rounding)?).map_err(|_| AmountError::TooLarge)
}

fn rescale_wide(mantissa: i128, scale: u32, decimals: u32, rounding: Option<Rounding>) -> Result<i128, AmountError> {
    Ok(if scale <= decimals {
        mantissa.checked_mul(10_i128.pow(decimals - scale)).ok_or(AmountError::TooLarge)?
    } else {
        let divisor = 10_i128.pow(scale - decimals);
        match rounding {
            None if mantissa % divisor != 0 => return Err(AmountError::TooManyDecimals { allowed: decimals }),
            None => mantissa / divisor,
            Some(rounding) => divide(mantissa, divisor, rounding),
        }
    })
}

/// Splits `-12.50` into (-1250, 2). Exponents (`1e3`, which JSON allows) are read too.
pub(crate) fn mantissa_and_scale(text: &str) -> Result<(i128, u32), AmountError> {
    let text = text.trim();
    if text.is_empty() {
        return Err(AmountError::Empty);
    }
    let not_a_number = || AmountError::NotANumber(text.chars().take(40).collect());
    if text.len() > LONGEST || text.contains('_') {
        return Err(not_a_number());
    }
    let decimal = if text.contains(['e', 'E']) {
        rust_decimal::Decimal::from_scientific(text)
    } else {
        rust_decimal::Decimal::from_str_exact(text)
    };
    let decimal = decimal.map_err(|error| match error {
        rust_decimal::Error::ExceedsMaximumPossibleValue | rust_decimal::Error::LessThanMinimumPossibleValue => {
            AmountError::TooLarge
        }
        rust_decimal::Error::Underflow => AmountError::TooManyDecimals { allowed: rust_decimal::Decimal::MAX_SCALE },
        _ => not_a_number(),
    })?;
    Ok((decimal.mantissa(), decimal.scale()))
}

/// Writes a scaled number; `pad` keeps all decimals (money), otherwise needless zeros go (quantities).
pub(crate) fn write_scaled(value: i64, decimals: u32, pad: bool) -> String {
    let decimal = rust_decimal::Decimal::from_i128_with_scale(i128::from(value), decimals);
    if pad { decimal.to_string() } else { decimal.normalize().to_string() }
}

/// Writes a scaled number that is wider than an amount with all its decimals, and at least so many.
pub(crate) fn write_scaled_wide(value: i128, decimals: u32, least: u32) -> String {
    let (whole, part) = (value.unsigned_abs(), 10_u128.pow(decimals));
    let sign = if value < 0 { "-" } else { "" };
    let digits = format!("{:0width$}", whole % part, width = decimals as usize);
    let kept = digits.trim_end_matches('0').len().max(least as usize).min(digits.len());
    let whole = whole / part;
    if kept == 0 { format!("{sign}{whole}") } else { format!("{sign}{whole}.{}", &digits[..kept]) }
}
