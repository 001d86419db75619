//! The company as it is kept, and what follows from its time zone.

use super::NumberRestart;
use crate::ids::{TaxCodeId, TermsId};
use crate::{Error, Result};
use backroom_money::Currency;
use chrono::{DateTime, NaiveDate, NaiveTime, Offset as _, TimeZone as _, Utc};
use chrono_tz::Tz;
use connector_contract::record::Address;
use rusqlite::Connection;

/// The company.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Company {
    /// Row version; raised by every save.
    pub version: u32,
    /// Its name, as on invoices.
    pub name: String,
    /// Home currency.
    pub currency: Currency,
    /// Time zone; decides what "today" is.
    pub time_zone: Tz,
    /// E-mail on invoices.
    pub email: String,
    /// Telephone on invoices.
    pub phone: String,
    /// Address on invoices.
    pub address: Address,
    /// Pattern of invoice numbers.
    pub invoice_pattern: String,
    /// The counter's next value.
    pub next_invoice_number: u32,
    /// When the counter starts again at 1.
    pub number_restart: NumberRestart,
    /// The year or month the counter belongs to, such as `2026` or `2026-11`; empty when it never restarts.
    pub number_period: String,
    /// The next number of an order typed in.
    pub next_order_number: u32,
    /// Terms of new invoices.
    pub default_terms_id: Option<TermsId>,
    /// Tax code of new invoice lines.
    pub default_tax_code_id: Option<TaxCodeId>,
}

impl Company {
    /// The day it is at this moment where the company is.
    pub fn day_of(&self, at: DateTime<Utc>) -> NaiveDate {
        let (moment, zone) = (at.naive_utc(), self.time_zone.offset_from_utc_datetime(&at.naive_utc()));
        // Only at the very ends of time is there no local one.
        moment.checked_add_offset(zone.fix()).unwrap_or(moment).date()
    }

    /// Noon of a day where the company is: the moment that stands for a day nobody gave a time for.
    pub fn noon_of(&self, day: NaiveDate) -> DateTime<Utc> {
        let noon = day.and_time(NaiveTime::MIN) + chrono::Duration::hours(12);
        self.time_zone.from_local_datetime(&noon).earliest().map_or_else(|| noon.and_utc(), |at| at.to_utc())
    }
}

/// The company, or a refusal before the welcome is done.
pub fn require(db: &Connection) -> Result<Company> {
    crate::store::company::get(db)?
        .ok_or_else(|| Error::Refused("Set up your company first: its name, currency and time zone.".into()))
}
