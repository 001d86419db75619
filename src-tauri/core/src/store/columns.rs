//! How values lie in columns: moments, names of enums, currencies, JSON. Shared by all files of this folder.
//!
//! Amounts and quantities need nothing here: they are whole numbers, and a row's currency is read beside them.

use super::history::moment;
use backroom_money::{Currency, Money, Quantity, UnitPrice};
use chrono::{DateTime, Utc};
use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ToSql, ToSqlOutput, ValueRef};
use serde::de::IntoDeserializer as _;
use serde::{Serialize, de::DeserializeOwned};

/// A moment: RFC 3339 in UTC with milliseconds.
#[derive(Debug, Clone, Copy)]
pub struct Moment(pub DateTime<Utc>);

impl ToSql for Moment {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(moment(self.0).into())
    }
}

impl FromSql for Moment {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        DateTime::parse_from_rfc3339(value.as_str()?).map(|at| Self(at.to_utc())).map_err(FromSqlError::other)
    }
}

/// A unit variant of an enum, stored under its serde name.
#[derive(Debug, Clone, Copy)]
pub struct Named<T>(pub T);

impl<T: Serialize> ToSql for Named<T> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        match serde_json::to_value(&self.0) {
            Ok(serde_json::Value::String(name)) => Ok(name.into()),
            _ => Err(rusqlite::Error::ToSqlConversionFailure("not a name".into())),
        }
    }
}

impl<T: DeserializeOwned> FromSql for Named<T> {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        let name: serde::de::value::StrDeserializer<'_, serde::de::value::Error> = value.as_str()?.into_deserializer();
        T::deserialize(name).map(Self).map_err(FromSqlError::other)
    }
}

/// Anything kept as JSON, such as an address.
#[derive(Debug, Clone, Copy)]
pub struct Json<T>(pub T);

impl<T: Serialize> ToSql for Json<T> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        serde_json::to_string(&self.0)
            .map(Into::into)
            .map_err(|error| rusqlite::Error::ToSqlConversionFailure(error.into()))
    }
}

impl<T: DeserializeOwned> FromSql for Json<T> {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        serde_json::from_str(value.as_str()?).map(Self).map_err(FromSqlError::other)
    }
}

/// A currency under its three letters.
#[derive(Debug, Clone, Copy)]
pub struct Code(pub Currency);

impl ToSql for Code {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(self.0.code().into())
    }
}

impl FromSql for Code {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        value.as_str()?.parse().map(Self).map_err(FromSqlError::other)
    }
}

/// An amount in this column of a row with this currency.
pub fn money(row: &rusqlite::Row<'_>, index: usize, currency: Currency) -> rusqlite::Result<Money> {
    Ok(Money::from_minor(row.get(index)?, currency))
}

/// A unit price: its whole minor units in this column, what is finer in the next one.
pub fn price(row: &rusqlite::Row<'_>, index: usize, currency: Currency) -> rusqlite::Result<UnitPrice> {
    let (minor, finer) = (row.get(index)?, row.get(index + 1)?);
    UnitPrice::from_parts(minor, finer, currency).map_err(|error| FromSqlError::other(error).into())
}

/// A quantity in this column.
pub fn quantity(row: &rusqlite::Row<'_>, index: usize) -> rusqlite::Result<Quantity> {
    row.get(index).map(Quantity::from_scaled)
}
