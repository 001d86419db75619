//! Reading amounts, quantities and names by the name of their column; [`super::columns`] has the same for plain values.

use backroom_money::{Currency, Money, Quantity, UnitPrice};
use rusqlite::types::FromSqlError;
use rusqlite::{Row, RowIndex};
use std::fmt::Display;

/// A currency column.
pub fn currency(row: &Row<'_>, column: &str) -> rusqlite::Result<Currency> {
    let code: String = row.get(column)?;
    code.parse().map_err(|error| FromSqlError::other(error).into())
}

/// A `_minor` column in this currency.
pub fn amount(row: &Row<'_>, column: &str, currency: Currency) -> rusqlite::Result<Money> {
    Ok(Money::from_minor(row.get(column)?, currency))
}

/// A `_minor` column and the `_finer` one beside it, in this currency.
pub fn price(row: &Row<'_>, name: &str, currency: Currency) -> rusqlite::Result<UnitPrice> {
    let (minor, finer) = (row.get(format!("{name}_minor").as_str())?, row.get(format!("{name}_finer").as_str())?);
    UnitPrice::from_parts(minor, finer, currency).map_err(|error| FromSqlError::other(error).into())
}

/// A `_scaled` column.
pub fn quantity(row: &Row<'_>, column: &str) -> rusqlite::Result<Quantity> {
    Ok(Quantity::from_scaled(row.get(column)?))
}

/// A column with one of a few names.
pub fn named<T>(
    row: &Row<'_>,
    column: impl RowIndex + Display + Copy,
    read: impl Fn(&str) -> Option<T>,
) -> rusqlite::Result<T> {
    let text = row.get_ref(column)?.as_str()?;
    read(text).ok_or_else(|| FromSqlError::Other(format!("\"{text}\" is not expected in {column}").into()).into())
}
