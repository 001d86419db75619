//! Receivables by age, from the due date.

use super::{AgingBuckets, AgingReport, AgingRow};
use crate::company::Company;
use crate::ids::CustomerId;
use crate::store;
use crate::{Error, Result};
use backroom_money::{Currency, Money};
use chrono::NaiveDate;
use rusqlite::Connection;
use std::collections::HashMap;

/// Amounts by age in minor units: not due, 1–30, 31–60, 61–90, 91 and more.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Ages([i64; 5]);

impl Ages {
    fn add(&mut self, bucket: usize, minor: i64) -> Result<()> {
        let sum = self.0[bucket].checked_add(minor);
        self.0[bucket] = sum.ok_or_else(|| Error::Refused("The receivables are too large to add up.".into()))?;
        Ok(())
    }

    fn total(&self) -> Result<i64> {
        let sum = self.0.iter().try_fold(0_i64, |sum, minor| sum.checked_add(*minor));
        sum.ok_or_else(|| Error::Refused("The receivables are too large to add up.".into()))
    }

    fn buckets(&self, currency: Currency) -> Result<AgingBuckets> {
        let view = |minor| Money::from_minor(minor, currency).into();
        let [current, days_1_30, days_31_60, days_61_90, days_91] = self.0;
        Ok(AgingBuckets {
            current: view(current),
            days_1_30: view(days_1_30),
            days_31_60: view(days_31_60),
            days_61_90: view(days_61_90),
            days_91: view(days_91),
            total: view(self.total()?),
        })
    }
}

/// Which bucket an invoice due on this day falls in.
fn bucket(due_on: NaiveDate, today: NaiveDate) -> usize {
    match (today - due_on).num_days() {
        ..=0 => 0,
        1..=30 => 1,
        31..=60 => 2,
        61..=90 => 3,
        _ => 4,
    }
}

/// The report as of today where the company is.
pub(super) fn report(db: &Connection, company: &Company, today: NaiveDate) -> Result<AgingReport> {
    let mut customers: HashMap<CustomerId, (Currency, Ages)> = HashMap::new();
    store::reports::each_open(db, |open| {
        let (_, ages) = customers.entry(open.customer).or_insert_with(|| (open.amount.currency(), Ages::default()));
        ages.add(open.due_on.map_or(0, |day| bucket(day, today)), open.amount.minor())
    })?;
    let mut total = Ages::default();
    let mut rows = Vec::with_capacity(customers.len());
    for (customer_id, (currency, ages)) in customers {
        if ages == Ages::default() {
            continue;
        }
        if currency == company.currency {
            for (bucket, minor) in ages.0.into_iter().enumerate() {
                total.add(bucket, minor)?;
            }
        }
        let customer_name = store::reports::customer_name(db, customer_id)?;
        rows.push((ages.total()?, AgingRow { customer_id, customer_name, buckets: ages.buckets(currency)? }));
    }
    rows.sort_by(|(total, row), (other, other_row)| {
        other.cmp(total).then_with(|| row.customer_name.cmp(&other_row.customer_name))
    });
    Ok(AgingReport {
        as_of: today.to_string(),
        rows: rows.into_iter().map(|(_, row)| row).collect(),
        total: total.buckets(company.currency)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buckets_start_on_the_day_after_the_due_day() {
        let today: NaiveDate = "2026-11-20".parse().unwrap();
        for (due, expected) in [
            ("2026-12-24", 0),
            ("2026-11-20", 0),
            ("2026-11-19", 1),
            ("2026-10-21", 1),
            ("2026-10-20", 2),
            ("2026-09-21", 2),
            ("2026-09-20", 3),
            ("2026-08-22", 3),
            ("2026-08-21", 4),
        ] {
            assert_eq!(bucket(due.parse().unwrap(), today), expected, "due {due}");
        }
    }
}
