//! What stands at the foot of a list: how many rows the query has, and the sums of its columns of money, one per currency.
//!
//! Absent on purpose: anything read together with a page. A page costs the same at any size; counting reads every row that is counted,
//! so it is asked for apart and shown when it comes.

use super::columns::Code;
use super::page::{self, Listing};
use super::searchable::Search;
use super::{customers, invoice_list, items, money_lists, orders};
use crate::Result;
use crate::totals::{ListTotals, Sum, TotalsQuery};
use crate::view::MoneyView;
use chrono::NaiveDate;
use rusqlite::types::Value;
use rusqlite::{Connection, params_from_iter};
use std::fmt::Write as _;

/// A column of money that is added up: its name for the face, and the column of `t`.
type Summed = (&'static str, &'static str);

/// What is counted and added up of a list.
struct Counted<'a> {
    /// The list; which page it asks for makes no difference.
    listing: Listing<'a>,
    /// Columns of money.
    summed: &'static [Summed],
    /// Only what holds for this is added up: a void payment is a row of the list, and no money.
    real: &'static str,
}

fn counted<'a>(db: &Connection, query: &'a TotalsQuery, today: NaiveDate) -> Result<Counted<'a>> {
    let (listing, summed, real): (_, &'static [Summed], _) = match query {
        TotalsQuery::Customers(query) => (customers::listing(db, query)?, &[("open_balance", "open_minor")], "1"),
        TotalsQuery::Items(query) => (items::listing(db, query)?, &[], "1"),
        TotalsQuery::Orders(query) => {
            (orders::listing(db, query)?, &[("total", "total_minor")], "t.status <> 'cancelled'")
        }
        TotalsQuery::Invoices(query) => {
            let columns: &'static [Summed] = &[("total", "total_minor"), ("balance", "balance_minor")];
            (invoice_list::listing(db, query, today)?, columns, "t.status <> 'void'")
        }
        TotalsQuery::Payments(query) => {
            let columns: &'static [Summed] = &[("amount", "amount_minor"), ("unapplied", "unapplied_minor")];
            (money_lists::payments_listing(db, query)?, columns, "t.voided = 0")
        }
        TotalsQuery::Charges(query) => {
            (money_lists::charges_listing(db, query)?, &[("amount", "amount_minor")], "t.status <> 'failed'")
        }
        TotalsQuery::Payouts(query) => {
            (money_lists::payouts_listing(query), &[("amount", "amount_minor")], "t.status <> 'failed'")
        }
    };
    Ok(Counted { listing, summed, real })
}

/// Counts the rows of a list and adds up its columns of money; with `chosen`, of these ids among them.
pub fn of(db: &Connection, query: &TotalsQuery, today: NaiveDate, chosen: Option<&[String]>) -> Result<ListTotals> {
    let Counted { listing, summed, real } = &counted(db, query, today)?;
    let mut totals = ListTotals { count: 0, sums: Vec::new() };
    if matches!(listing.search, Search::Nothing) {
        return Ok(totals);
    }
    let (source, mut conditions, mut values) = page::rows(listing);
    if let Some(ids) = chosen {
        values.push(Value::Text(serde_json::to_string(ids)?));
        conditions = format!("{conditions} AND t.id IN (SELECT value FROM json_each(?{}))", values.len());
    }
    values.extend(listing.bound.clone());
    let bound = format!("?{}", values.len());
    // In two halves: a sum of many large amounts may not fit where each of them does.
    let mut halves = String::new();
    for (_, column) in *summed {
        for half in [">> 32", "& 4294967295"] {
            let _ = write!(halves, ", sum(CASE WHEN {real} THEN t.{column} {half} END)");
        }
    }
    // The listing keeps the first value for its limit, which is nothing here.
    let currency = if summed.is_empty() { "NULL" } else { "t.currency" };
    let branches: &[&str] = if listing.branches.is_empty() { &["1"] } else { listing.branches };
    for branch in branches {
        let condition = branch.replace(":bound", &bound);
        let sql = format!(
            "SELECT {currency}, count(*){halves} FROM {source} WHERE {condition}{conditions} AND ?1 IS NULL GROUP BY 1"
        );
        let mut statement = db.prepare_cached(&sql)?;
        let mut rows = statement.query(params_from_iter(&values))?;
        while let Some(row) = rows.next()? {
            totals.count += row.get::<_, u32>(1)?;
            for (place, (name, _)) in summed.iter().enumerate() {
                let high = i128::from(row.get::<_, Option<i64>>(2 + 2 * place)?.unwrap_or(0));
                let low = i128::from(row.get::<_, Option<i64>>(3 + 2 * place)?.unwrap_or(0));
                let currency = row.get::<_, Code>(0)?.0;
                add(&mut totals.sums, name, currency.code(), (high << 32) + low);
            }
        }
    }
    Ok(totals)
}

fn add(sums: &mut Vec<Sum>, name: &'static str, currency: &str, minor: i128) {
    let known = sums.iter_mut().find(|sum| sum.column == name && sum.amount.currency == currency);
    let before = known.as_ref().and_then(|sum| sum.amount.minor.parse::<i128>().ok()).unwrap_or(0);
    let text = (before + minor).to_string();
    if let Some(sum) = known {
        sum.amount.minor = text;
        return;
    }
    let amount = MoneyView { minor: text, currency: currency.to_owned() };
    sums.push(Sum { column: name.to_owned(), amount });
}
