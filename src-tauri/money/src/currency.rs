//! ISO 4217 currencies and the number of decimals each one has. Vendor-specific units (one counts ISK in hundredths)
//! belong to that vendor's connector, not here.

use iso_currency::IntoEnumIterator as _;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// A currency of ISO 4217, written as its three upper-case letters everywhere outside the program.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Currency(iso_currency::Currency);

/// The text is not the code of a current ISO 4217 currency.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("\"{0}\" is not a currency code such as USD or EUR")]
pub struct UnknownCurrency(pub String);

impl Currency {
    /// The US dollar.
    pub const USD: Self = Self(iso_currency::Currency::USD);
    /// The euro.
    pub const EUR: Self = Self(iso_currency::Currency::EUR);
    /// The Japanese yen (no decimals).
    pub const JPY: Self = Self(iso_currency::Currency::JPY);
    /// The Kuwaiti dinar (three decimals).
    pub const KWD: Self = Self(iso_currency::Currency::KWD);

    /// All currencies in use, by code. Funds, metals and test codes, which have no minor unit, are left out.
    pub fn all() -> Vec<Self> {
        let mut all: Vec<Self> =
            iso_currency::Currency::iter().filter(|code| code.exponent().is_some()).map(Self).collect();
        all.sort_by_key(|currency| currency.code());
        all
    }

    /// The three letters, such as `USD`.
    pub fn code(self) -> &'static str {
        self.0.code()
    }

    /// What people write beside an amount, such as `$`; several currencies share some of them.
    pub fn symbol(self) -> String {
        self.0.symbol().symbol
    }

    /// How many decimals an amount has: 0 for JPY, 2 for USD, 3 for KWD. Codes without a defined number count as 2.
    pub fn decimals(self) -> u32 {
        self.0.exponent().map_or(2, u32::from)
    }

    /// Minor units in one major unit: 1, 100 or 1,000.
    pub fn minor_per_major(self) -> i64 {
        10_i64.pow(self.decimals())
    }
}

impl FromStr for Currency {
    type Err = UnknownCurrency;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        iso_currency::Currency::from_code(&text.trim().to_ascii_uppercase())
            .map(Self)
            .ok_or_else(|| UnknownCurrency(text.chars().take(20).collect()))
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl Serialize for Currency {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.code())
    }
}

impl<'de> Deserialize<'de> for Currency {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}
