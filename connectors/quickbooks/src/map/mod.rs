//! Between QuickBooks objects and neutral records, both ways. Pure: plain data in, plain data out, no requests.
//!
//! Reading reports what is wrong with one object as text that names the field; it never fails a page. Writing refuses
//! what QuickBooks would refuse, with the neutral field, before anything is sent.

mod address;
mod body;
mod invoice;
mod invoice_body;
mod line;
mod lines;
mod list;
mod payment;

pub(crate) use body::{Body, Known, covers, refuse};
pub(crate) use invoice_body::{InvoiceChange, invoice_body, lacks_item};
pub(crate) use list::{ItemAccounts, customer_body, item_body};
pub(crate) use payment::{is_same_payment, payment_body};

use crate::entity::Entity;
use crate::wire::{self, Decimal, Head, Object, Ref};
use backroom_money::{Currency, Money, Quantity, Rounding, UnitPrice};
use chrono::NaiveDate;
use connector_contract::{Content, Pulled, Record, RemoteId, RemoteVersion};
use rust_decimal::RoundingStrategy;
use serde_json::Value;

/// What of the company's preferences changes the meaning of records. Read once per connection.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own in QuickBooks")]
pub(crate) struct Company {
    /// The home currency; records without `CurrencyRef` are in it.
    pub home: Currency,
    /// Several currencies are switched on, so every transaction must name its own.
    pub multi_currency: bool,
    /// The owner numbers invoices; when off, QuickBooks does and ignores ours.
    pub own_numbers: bool,
    /// Invoices may carry a discount.
    pub discounts: bool,
    /// Invoices may carry shipping.
    pub shipping: bool,
    /// Automated sales tax chooses the rate itself; otherwise the invoice names the company's tax code.
    pub automated_tax: bool,
    /// The company's default tax code, for companies without automated sales tax.
    pub tax_code: Option<String>,
}

impl Company {
    /// US companies mark lines as `TAX` or `NON`; elsewhere each line names a tax code of the country. The home
    /// currency tells them apart without another request.
    pub(crate) fn is_us(&self) -> bool {
        self.home == Currency::USD
    }

    fn currency(&self, named: Option<&Ref>, field: &str) -> Result<Currency, String> {
        match named.map(|currency| currency.value.as_str()) {
            None | Some("") => Ok(self.home),
            Some(code) => code.parse().map_err(|_| format!("{field} is not a known currency")),
        }
    }
}

/// A payment method's id and name. Payments mostly name only the id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Method {
    pub id: String,
    pub name: String,
}

/// What is needed to understand an object besides the object.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Context<'a> {
    pub company: &'a Company,
    pub methods: &'a [Method],
    /// Whether the answer would show a stock keeping unit if there were one. `*` leaves it out.
    pub sku_selected: bool,
}

/// Reads one object of a page. `None` for things that are no records, such as item categories.
pub(crate) fn pulled(entity: Entity, value: Value, context: Context<'_>) -> Option<Pulled> {
    let kind = entity.kind();
    if entity == Entity::Item && value.get("Type").and_then(Value::as_str) == Some("Category") {
        return None;
    }
    let nameless = || RemoteId::of_place(entity.name());
    let head: Head = match wire::read(value.clone()) {
        Ok(head) => head,
        Err(reason) => {
            let id = value.get("Id").and_then(Value::as_str).filter(|id| !id.is_empty());
            let id = id.map_or_else(nameless, |id| RemoteId(id.to_owned()));
            return Some(Pulled::unreadable(kind, id, reason));
        }
    };
    if head.id.is_empty() {
        return Some(Pulled::unreadable(kind, nameless(), "Id is missing"));
    }
    let found = if head.is_deleted() {
        Content::Deleted(kind)
    } else {
        match record(entity, value, context) {
            Ok(record) => Content::Present(Box::new(record)),
            Err(reason) => Content::Unreadable { kind, reason },
        }
    };
    let updated_at = head.updated_at();
    Some(Pulled {
        remote_id: RemoteId(head.id),
        version: head.sync_token.map(RemoteVersion),
        updated_at,
        content: found,
    })
}

/// Reads one object's content.
pub(crate) fn record(entity: Entity, value: Value, context: Context<'_>) -> Result<Record, String> {
    Ok(match entity {
        Entity::Customer => Record::Customer(list::customer(&wire::read(value)?, context)?),
        Entity::Item => Record::Item(list::item(wire::read(value)?, context)?),
        Entity::Invoice => Record::Invoice(invoice::invoice(&wire::read(value)?, context)?.0),
        Entity::Payment => Record::Payment(payment::payment(&wire::read(value)?, context)?),
    })
}

/// The id and version of an object that was just read or written.
pub(crate) fn identity(object: &Object) -> Option<(RemoteId, Option<RemoteVersion>)> {
    let id = object.get("Id")?.as_str()?;
    let version = object.get("SyncToken").and_then(Value::as_str).map(|token| RemoteVersion(token.to_owned()));
    Some((RemoteId(id.to_owned()), version))
}

fn text(text: Option<&String>) -> String {
    text.cloned().unwrap_or_default()
}

fn required(reference: Option<&Ref>, field: &str) -> Result<RemoteId, String> {
    match reference {
        Some(reference) if !reference.value.is_empty() => Ok(RemoteId(reference.value.clone())),
        _ => Err(format!("{field} is missing")),
    }
}

fn money(number: Option<&Decimal>, currency: Currency, field: &str) -> Result<Money, String> {
    let number = number.ok_or_else(|| format!("{field} is missing"))?;
    Money::parse(&number.0, currency).map_err(|error| format!("{field}: {error}"))
}

/// A price, exact to the seven decimals QuickBooks keeps. Should it ever show more, they are rounded half up here; the object
/// there keeps them, because a price that was not edited is not written back.
fn price(number: &Decimal, currency: Currency, field: &str) -> Result<UnitPrice, String> {
    UnitPrice::parse_rounded(&number.0, currency, Rounding::HalfUp).map_err(|error| format!("{field}: {error}"))
}

/// Quantities come with more decimals than we keep; they explain the amount and are rounded.
fn quantity(number: &Decimal, field: &str) -> Result<Quantity, String> {
    let wrong = || format!("{field} is not a number");
    let decimal: rust_decimal::Decimal =
        number.0.parse().or_else(|_| rust_decimal::Decimal::from_scientific(&number.0)).map_err(|_| wrong())?;
    let rounded = decimal.round_dp_with_strategy(Quantity::DECIMALS, RoundingStrategy::MidpointAwayFromZero);
    Quantity::parse(&rounded.to_string()).map_err(|error| format!("{field}: {error}"))
}

/// A day such as `2026-03-01`; an offset after it, which some answers carry, is ignored.
fn day(text: Option<&String>, field: &str) -> Result<Option<NaiveDate>, String> {
    let Some(text) = text.filter(|text| !text.is_empty()) else { return Ok(None) };
    let day = text.get(..10).and_then(connector_contract::calendar::day);
    day.map(Some).ok_or_else(|| format!("{field} is not a date"))
}

/// The note of a void record without the word that voiding put in front of it; `None` when the word is not there. Only for
/// records that are void by their amounts: anybody may begin a note like this.
fn unvoided(note: &str) -> Option<&str> {
    let rest = note.trim_start().strip_prefix("Voided").filter(|rest| !rest.starts_with(char::is_alphanumeric))?;
    Some(rest.trim_start_matches(|c: char| c.is_whitespace() || "-:.,".contains(c)))
}

#[cfg(test)]
mod patch_tests;
#[cfg(test)]
mod sums_tests;
#[cfg(test)]
mod tests;
