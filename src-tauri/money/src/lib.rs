//! Exact money: amounts, unit prices, currencies, quantities and rates as integers.
//!
//! Absent on purpose: floating point, I/O, formatting for people (the UI does that with `Intl`), exchange of one
//! currency into another. Every operation that can overflow or round says so in its signature.

mod allocate;
mod amount;
mod currency;
mod expression;
mod price;
mod quantity;
mod rate;
mod typed;

pub use allocate::{allocate, allocate_signed};
pub use amount::{AmountError, Money, Rounding};
pub use currency::{Currency, UnknownCurrency};
pub use expression::{parse_amount, parse_expression};
pub use price::UnitPrice;
pub use quantity::Quantity;
pub use rate::Rate;
pub use typed::{Writing, strip_percent};
