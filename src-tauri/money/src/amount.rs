//! An amount of money: a whole number of minor units and its currency.

use crate::{Currency, Quantity, Rate};
use serde::{Deserialize, Serialize};
use std::fmt;

/// How a result that falls between two minor units is settled. Named at each call, because vendors differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rounding {
    /// Half a unit goes away from zero, as on most invoices.
    HalfUp,
    /// Half a unit goes to the even neighbour; sums of many roundings do not drift.
    HalfEven,
    /// Towards zero.
    Down,
}

/// Why an amount could not be read or computed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AmountError {
    /// Nothing was written.
    #[error("write an amount")]
    Empty,
    /// Not a number, nor a sum of numbers.
    #[error("\"{0}\" is not an amount")]
    NotANumber(String),
    /// A number whose marks could mean two things to its writer.
    #[error("\"{typed}\" is not clear; write {readings}")]
    Unclear {
        /// As typed.
        typed: String,
        /// How to write what may have been meant.
        readings: String,
    },
    /// An amount with the sign of another currency.
    #[error("this amount is in {expected}, not in {sign}; write it in {expected}")]
    OtherCurrency {
        /// The sign or code that was typed.
        sign: String,
        /// The currency of the amount.
        expected: Currency,
    },
    /// More decimals than the currency (or the quantity) has.
    #[error("at most {allowed} decimals are possible here")]
    TooManyDecimals {
        /// How many the target can hold.
        allowed: u32,
    },
    /// Too large for any real business.
    #[error("this number is too large")]
    TooLarge,
    /// Two currencies met in one operation.
    #[error("{0} and {1} can't be added up")]
    MixedCurrencies(Currency, Currency),
    /// A sum divided by nothing.
    #[error("a number can't be divided by zero")]
    DividedByZero,
}

/// An exact amount. Fields are private so that every change goes through a checked operation.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Money {
    minor: i64,
    currency: Currency,
}

impl Money {
    /// From minor units: `from_minor(1050, USD)` is 10.50 dollars.
    pub const fn from_minor(minor: i64, currency: Currency) -> Self {
        Self { minor, currency }
    }

    /// Nothing, in this currency.
    pub const fn zero(currency: Currency) -> Self {
        Self { minor: 0, currency }
    }

    /// The whole number of minor units.
    pub const fn minor(self) -> i64 {
        self.minor
    }

    /// The currency of the amount.
    pub const fn currency(self) -> Currency {
        self.currency
    }

    /// Whether this is exactly nothing.
    pub const fn is_zero(self) -> bool {
        self.minor == 0
    }

    /// Reads a plain decimal such as `1050`, `10.5` or `-0.01`; more decimals than the currency has are refused,
    /// trailing zeros are not counted. Grouping marks are not accepted: vendors never send them.
    pub fn parse(text: &str, currency: Currency) -> Result<Self, AmountError> {
        let minor = crate::quantity::parse_scaled(text, currency.decimals())?;
        Ok(Self { minor, currency })
    }

    /// Like [`Money::parse`], but rounds surplus decimals. For vendors that send unit prices finer than the currency.
    pub fn parse_rounded(text: &str, currency: Currency, rounding: Rounding) -> Result<Self, AmountError> {
        let minor = crate::quantity::parse_scaled_rounded(text, currency.decimals(), rounding)?;
        Ok(Self { minor, currency })
    }

    /// The amount as vendors write it: `-10.50`, `7` for yen.
    pub fn to_decimal_string(self) -> String {
        crate::quantity::write_scaled(self.minor, self.currency.decimals(), true)
    }

    /// Sum; refuses other currencies and overflow.
    pub fn checked_add(self, other: Self) -> Result<Self, AmountError> {
        self.same_currency(other)?;
        self.minor.checked_add(other.minor).map(|minor| Self { minor, ..self }).ok_or(AmountError::TooLarge)
    }

    /// Difference; refuses other currencies and overflow.
    pub fn checked_sub(self, other: Self) -> Result<Self, AmountError> {
        self.same_currency(other)?;
        self.minor.checked_sub(other.minor).map(|minor| Self { minor, ..self }).ok_or(AmountError::TooLarge)
    }

    /// The amount with the opposite sign.
    pub fn checked_neg(self) -> Result<Self, AmountError> {
        self.minor.checked_neg().map(|minor| Self { minor, ..self }).ok_or(AmountError::TooLarge)
    }

    /// Sum of many amounts in one currency; an empty list is zero of `currency`.
    pub fn sum(currency: Currency, amounts: impl IntoIterator<Item = Self>) -> Result<Self, AmountError> {
        amounts.into_iter().try_fold(Self::zero(currency), Self::checked_add)
    }

    /// Unit price times quantity.
    pub fn times(self, quantity: Quantity, rounding: Rounding) -> Result<Self, AmountError> {
        self.scaled(i128::from(quantity.scaled()), i128::from(Quantity::ONE.scaled()), rounding)
    }

    /// This share of the amount: a tax or a discount.
    pub fn share(self, rate: Rate, rounding: Rounding) -> Result<Self, AmountError> {
        self.scaled(i128::from(rate.ppm()), i128::from(Rate::ONE_HUNDRED_PERCENT.ppm()), rounding)
    }

    /// The tax contained in a gross amount: gross × rate ÷ (1 + rate).
    pub fn share_included(self, rate: Rate, rounding: Rounding) -> Result<Self, AmountError> {
        let one = i128::from(Rate::ONE_HUNDRED_PERCENT.ppm());
        self.scaled(i128::from(rate.ppm()), one + i128::from(rate.ppm()), rounding)
    }

    /// The amount × numerator ÷ denominator.
    pub fn ratio(self, numerator: i64, denominator: i64, rounding: Rounding) -> Result<Self, AmountError> {
        self.scaled(i128::from(numerator), i128::from(denominator), rounding)
    }

    fn scaled(self, numerator: i128, denominator: i128, rounding: Rounding) -> Result<Self, AmountError> {
        if denominator == 0 {
            return Err(AmountError::DividedByZero);
        }
        let product = i128::from(self.minor).checked_mul(numerator).ok_or(AmountError::TooLarge)?;
        let minor = i64::try_from(divide(product, denominator, rounding)).map_err(|_| AmountError::TooLarge)?;
        Ok(Self { minor, ..self })
    }

    fn same_currency(self, other: Self) -> Result<(), AmountError> {
        if self.currency == other.currency {
            Ok(())
        } else {
            Err(AmountError::MixedCurrencies(self.currency, other.currency))
        }
    }
}

/// Integer division with a named rounding; `denominator` is not zero.
pub(crate) fn divide(numerator: i128, denominator: i128, rounding: Rounding) -> i128 {
    let (numerator, denominator) = if denominator < 0 { (-numerator, -denominator) } else { (numerator, denominator) };
    let quotient = numerator / denominator;
    let remainder = (numerator % denominator).abs();
    let away = if numerator < 0 { -1 } else { 1 };
    let twice = remainder * 2;
    let up = match rounding {
        Rounding::Down => false,
        Rounding::HalfUp => twice >= denominator,
        Rounding::HalfEven => twice > denominator || (twice == denominator && quotient % 2 != 0),
    };
    if up { quotient + away } else { quotient }
}

impl fmt::Debug for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.to_decimal_string(), self.currency)
    }
}
