//! Shares such as tax rates and discounts, in parts per million.

use crate::amount::AmountError;
use crate::quantity::{parse_scaled, write_scaled};
use serde::{Deserialize, Serialize};
use std::fmt;

/// A share in parts per million: 8.25 % is 82,500.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Rate(i64);

impl Rate {
    /// Nothing.
    pub const ZERO: Self = Self(0);
    /// The whole.
    pub const ONE_HUNDRED_PERCENT: Self = Self(1_000_000);

    /// From parts per million, as stored.
    pub const fn from_ppm(ppm: i64) -> Self {
        Self(ppm)
    }

    /// Parts per million.
    pub const fn ppm(self) -> i64 {
        self.0
    }

    /// Reads a percentage: `8.25` is 8.25 %. At most four decimals.
    pub fn parse_percent(text: &str) -> Result<Self, AmountError> {
        parse_scaled(text.trim().trim_end_matches('%'), 4).map(Self)
    }

    /// The percentage without needless zeros: `8.25`.
    pub fn to_percent_string(self) -> String {
        write_scaled(self.0, 4, false)
    }
}

impl fmt::Debug for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}%", self.to_percent_string())
    }
}

impl Serialize for Rate {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.to_percent_string())
    }
}

impl<'de> Deserialize<'de> for Rate {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::parse_percent(&String::deserialize(deserializer)?).map_err(serde::de::Error::custom)
    }
}
