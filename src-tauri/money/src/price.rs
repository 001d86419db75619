//! Unit prices: finer than an amount, because a label can cost 0.0125 dollars while an invoice comes to whole cents.
//!
//! A price is exact to ten-millionths of the currency's major unit, the finest that vendors keep. It becomes an amount only by
//! being multiplied with a quantity, and there the rounding is named.
//!
//! Absent on purpose: tax, discounts and sums of prices. Those are computed on amounts.

use crate::amount::divide;
use crate::quantity::{parse_scaled_rounded_wide, parse_scaled_wide, write_scaled_wide};
use crate::{AmountError, Currency, Money, Quantity, Rounding};
use serde::{Deserialize, Serialize};
use std::cmp::Ordering;
use std::fmt;

/// The price of one: a whole number of 10⁻⁷ of the currency's major unit. Its whole minor units always fit an amount.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct UnitPrice {
    units: i128,
    currency: Currency,
}

impl UnitPrice {
    /// Decimals a price can have.
    pub const DECIMALS: u32 = 7;

    /// Nothing, in this currency.
    pub const fn zero(currency: Currency) -> Self {
        Self { units: 0, currency }
    }

    /// From whole minor units and what goes beyond them, in 10⁻⁷ of the major unit, as stored: `(1, 25_000, USD)` is 0.0125.
    pub fn from_parts(minor: i64, finer: i64, currency: Currency) -> Result<Self, AmountError> {
        let units = i128::from(minor) * per_minor(currency) + i128::from(finer);
        Self::fitting(units, currency)
    }

    /// The whole minor units, cut towards zero.
    pub fn minor(self) -> i64 {
        // `fitting` lets no other price come into being.
        i64::try_from(self.units / per_minor(self.currency)).unwrap_or_default()
    }

    /// What goes beyond the whole minor units, in 10⁻⁷ of the major unit, with the sign of the price.
    pub fn finer(self) -> i64 {
        i64::try_from(self.units % per_minor(self.currency)).unwrap_or_default()
    }

    /// The currency of the price.
    pub const fn currency(self) -> Currency {
        self.currency
    }

    /// Whether this is exactly nothing.
    pub const fn is_zero(self) -> bool {
        self.units == 0
    }

    /// Whether this is less than nothing.
    pub const fn is_negative(self) -> bool {
        self.units < 0
    }

    /// Reads a plain decimal such as `12.5` or `-0.0125`; more than seven decimals are refused, trailing zeros are not counted.
    pub fn parse(text: &str, currency: Currency) -> Result<Self, AmountError> {
        Self::fitting(parse_scaled_wide(text, Self::DECIMALS)?, currency)
    }

    /// Like [`UnitPrice::parse`], but rounds what is finer than seven decimals. For vendors that send more than anybody keeps.
    pub fn parse_rounded(text: &str, currency: Currency, rounding: Rounding) -> Result<Self, AmountError> {
        Self::fitting(parse_scaled_rounded_wide(text, Self::DECIMALS, rounding)?, currency)
    }

    /// The price that an amount for so many comes to. `DividedByZero` for none.
    pub fn per_piece(amount: Money, quantity: Quantity, rounding: Rounding) -> Result<Self, AmountError> {
        let pieces = i128::from(quantity.scaled());
        if pieces == 0 {
            return Err(AmountError::DividedByZero);
        }
        let units = i128::from(amount.minor()) * per_minor(amount.currency());
        let product = units.checked_mul(i128::from(Quantity::ONE.scaled())).ok_or(AmountError::TooLarge)?;
        Self::fitting(divide(product, pieces, rounding), amount.currency())
    }

    /// As people and vendors write it: all decimals it has, and at least those of the currency (`12.50`, `0.0125`, `7` yen).
    pub fn to_decimal_string(self) -> String {
        write_scaled_wide(self.units, Self::DECIMALS, self.currency.decimals())
    }

    /// How many decimals it takes to write it, not counting zeros at the end.
    pub fn decimals(self) -> u32 {
        let mut units = self.units;
        let mut decimals = Self::DECIMALS;
        while decimals > 0 && units % 10 == 0 {
            units /= 10;
            decimals -= 1;
        }
        decimals
    }

    /// The price with at most so many decimals, for a vendor that holds fewer.
    pub fn rounded(self, decimals: u32, rounding: Rounding) -> Result<Self, AmountError> {
        let step = 10_i128.pow(Self::DECIMALS.saturating_sub(decimals));
        Self::fitting(divide(self.units, step, rounding) * step, self.currency)
    }

    /// What so many of it cost.
    pub fn times(self, quantity: Quantity, rounding: Rounding) -> Result<Money, AmountError> {
        let product = self.units.checked_mul(i128::from(quantity.scaled())).ok_or(AmountError::TooLarge)?;
        let minor = divide(product, per_minor(self.currency) * i128::from(Quantity::ONE.scaled()), rounding);
        let minor = i64::try_from(minor).map_err(|_| AmountError::TooLarge)?;
        Ok(Money::from_minor(minor, self.currency))
    }

    /// Sum; refuses other currencies and overflow.
    pub fn checked_add(self, other: Self) -> Result<Self, AmountError> {
        self.same_currency(other)?;
        Self::fitting(self.units + other.units, self.currency)
    }

    /// Difference; refuses other currencies and overflow.
    pub fn checked_sub(self, other: Self) -> Result<Self, AmountError> {
        self.same_currency(other)?;
        Self::fitting(self.units - other.units, self.currency)
    }

    /// The price with the opposite sign.
    pub fn checked_neg(self) -> Result<Self, AmountError> {
        Self::fitting(-self.units, self.currency)
    }

    /// Which of two prices in one currency is higher.
    pub fn compare(self, other: Self) -> Result<Ordering, AmountError> {
        self.same_currency(other)?;
        Ok(self.units.cmp(&other.units))
    }

    fn fitting(units: i128, currency: Currency) -> Result<Self, AmountError> {
        let whole = i64::try_from(units / per_minor(currency));
        whole.map(|_| Self { units, currency }).map_err(|_| AmountError::TooLarge)
    }

    fn same_currency(self, other: Self) -> Result<(), AmountError> {
        if self.currency == other.currency {
            Ok(())
        } else {
            Err(AmountError::MixedCurrencies(self.currency, other.currency))
        }
    }
}

/// How many of the smallest steps of a price are in one minor unit.
fn per_minor(currency: Currency) -> i128 {
    10_i128.pow(UnitPrice::DECIMALS.saturating_sub(currency.decimals()))
}

impl From<Money> for UnitPrice {
    fn from(amount: Money) -> Self {
        Self { units: i128::from(amount.minor()) * per_minor(amount.currency()), currency: amount.currency() }
    }
}

impl fmt::Debug for UnitPrice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.to_decimal_string(), self.currency)
    }
}

/// The written form. Prices were amounts once: a price of whole minor units is still written as one, so that what was stored then
/// reads and compares the same. A price is written in one way only, so equal texts are equal prices.
#[derive(Serialize, Deserialize)]
struct Written {
    minor: i64,
    currency: Currency,
    #[serde(default, skip_serializing_if = "is_nothing")]
    finer: i64,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
const fn is_nothing(number: &i64) -> bool {
    *number == 0
}

impl Serialize for UnitPrice {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Written { minor: self.minor(), currency: self.currency, finer: self.finer() }.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for UnitPrice {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Written { minor, currency, finer } = Written::deserialize(deserializer)?;
        Self::from_parts(minor, finer, currency).map_err(serde::de::Error::custom)
    }
}
