//! Reading what was typed into a form: every field is looked at, and all that is wrong is told at once.
//!
//! Absent on purpose: rules that need the data file, such as unique names; the areas add those to the same list.

use crate::stored::Stored;
use crate::text::{is_blank, typed};
use crate::view::AddressView;
use crate::{Error, FieldError, Result};
use backroom_money::{AmountError, Currency, Money, Quantity, UnitPrice, parse_amount, parse_expression};
use chrono::NaiveDate;
use connector_contract::record::Address;
use serde::Serialize;

/// Longest name of a customer; the limit QuickBooks documents for its display names.
pub const LONGEST_NAME: usize = 500;
/// Longest name or SKU of an item with QuickBooks.
pub const LONGEST_ITEM_NAME: usize = 100;
/// Longest description and note that QuickBooks keeps.
pub const LONGEST_TEXT: usize = 4000;
/// Longest single line of anything else.
pub const LONGEST_LINE: usize = 255;
/// Longest e-mail address and number of a document.
pub const LONGEST_ADDRESS: usize = 100;

/// The largest amount or price of a record, in minor units. Thousands of them still add up in a sum of the data file.
pub const LARGEST_MINOR: i64 = 999_999_999_999_999;
/// The largest quantity, in ten-thousandths of a piece.
pub const LARGEST_SCALED: i64 = 999_999_999_999_999;

/// Fields read so far, and what was wrong with them. A field that equals what is stored is neither judged nor touched.
#[derive(Debug, Default)]
pub struct Fields {
    errors: Vec<FieldError>,
    stored: Stored,
}

impl Fields {
    /// Reads a draft whose record is stored already; `stored` is the draft that the stored record would be typed as.
    pub fn against<D: Serialize>(draft: &D, stored: Option<&D>) -> Result<Self> {
        let stored = stored.map(|stored| Stored::compare(draft, stored)).transpose()?.unwrap_or_default();
        Ok(Self { errors: Vec::new(), stored })
    }

    /// Counts a field as stored: its value was taken over from another record as it stands there.
    pub fn taken_over(&mut self, field: &str) {
        self.stored.add(field);
    }

    /// Whether a field is as it is stored, so that it is not judged.
    pub fn is_stored(&self, field: &str) -> bool {
        self.stored.has(field)
    }

    /// Adds what is wrong with a field, unless it is as it is stored.
    pub fn wrong(&mut self, field: impl Into<String>, reason: impl Into<String>) {
        let field = field.into();
        if !self.is_stored(&field) {
            self.errors.push(FieldError::new(field, reason));
        }
    }

    /// Adds what is wrong with a field because of others that were changed, also where the field itself was not.
    pub fn wrong_by_others(&mut self, field: impl Into<String>, reason: impl Into<String>) {
        self.errors.push(FieldError::new(field, reason));
    }

    /// Whether this field, or one below it, is wrong already.
    pub fn is_wrong(&self, field: &str) -> bool {
        self.errors.iter().any(|error| error.field == field || error.field.starts_with(&format!("{field}.")))
    }

    /// A single line, trimmed.
    pub fn line(&mut self, field: &str, text: &str, longest: usize) -> String {
        if self.is_stored(field) {
            return text.to_owned();
        }
        let text = typed(text);
        let text = text.trim();
        if text.chars().any(char::is_control) {
            self.wrong(field, "Write this on one line, without tabs.");
        }
        self.fits(field, text, longest)
    }

    /// A single line that must not be empty. `what` completes "Write …".
    pub fn required(&mut self, field: &str, text: &str, longest: usize, what: &str) -> String {
        if is_blank(text) {
            self.wrong(field, format!("Write {what}."));
        }
        self.line(field, text, longest)
    }

    /// A name in the lists of QuickBooks, which takes no colon (it separates parent and child there).
    pub fn name(&mut self, field: &str, text: &str, longest: usize, what: &str) -> String {
        if text.contains(':') {
            self.wrong(field, "QuickBooks allows no colon in a name; use a dash instead.");
        }
        self.required(field, text, longest, what)
    }

    /// Text of several lines, trimmed at its end.
    pub fn text(&mut self, field: &str, text: &str, longest: usize) -> String {
        if self.is_stored(field) {
            return text.to_owned();
        }
        self.fits(field, typed(text).trim_end(), longest)
    }

    /// An e-mail address, or nothing.
    pub fn email(&mut self, field: &str, text: &str) -> String {
        let text = self.line(field, text, LONGEST_ADDRESS);
        let shaped = text.split_once('@').is_some_and(|(user, host)| {
            let dotted = host.contains('.') && !host.starts_with('.') && !host.ends_with('.') && !host.contains("..");
            !user.is_empty() && dotted && !host.contains('@') && !text.contains(char::is_whitespace)
        });
        if !text.is_empty() && !shaped && !self.is_wrong(field) {
            self.wrong(field, "Write one e-mail address, such as name@example.com.");
        }
        text
    }

    /// A postal address.
    pub fn address(&mut self, field: &str, typed: &AddressView) -> Address {
        let mut part = |name: &str, text: &str| self.line(&format!("{field}.{name}"), text, LONGEST_LINE);
        Address {
            name: part("name", &typed.name),
            company: part("company", &typed.company),
            line1: part("line1", &typed.line1),
            line2: part("line2", &typed.line2),
            city: part("city", &typed.city),
            region: part("region", &typed.region),
            postal_code: part("postal_code", &typed.postal_code),
            country: part("country", &typed.country),
            phone: part("phone", &typed.phone),
        }
    }

    /// An amount or a sum of amounts, in this currency; `None` when empty or wrong. It may not be negative.
    pub fn amount(&mut self, field: &str, text: &str, currency: Currency) -> Option<Money> {
        let read = parse_amount(text, currency, currency.decimals()).and_then(|plain| Money::parse(&plain, currency));
        match read {
            Ok(amount) if self.is_stored(field) => Some(amount),
            Ok(amount) if amount.minor() < 0 => {
                self.wrong(field, "This amount can't be negative.");
                None
            }
            Ok(amount) => self.not_too_large(field, amount.into()).then_some(amount),
            Err(AmountError::Empty) => None,
            Err(error) => {
                self.wrong(field, sentence(&error));
                None
            }
        }
    }

    /// A unit price or a sum of them, with all decimals a price can have; `None` when empty or wrong. It may not be negative.
    pub fn price(&mut self, field: &str, text: &str, currency: Currency) -> Option<UnitPrice> {
        let price = self.signed_price(field, text, currency)?;
        if price.is_negative() && !self.is_stored(field) {
            self.wrong(field, "This price can't be negative.");
            return None;
        }
        Some(price)
    }

    /// Like [`Fields::price`], of either sign: a credit for goods returned is a price below zero.
    pub fn signed_price(&mut self, field: &str, text: &str, currency: Currency) -> Option<UnitPrice> {
        match parse_amount(text, currency, UnitPrice::DECIMALS).and_then(|plain| UnitPrice::parse(&plain, currency)) {
            Ok(price) => self.not_too_large(field, price).then_some(price),
            Err(AmountError::Empty) => None,
            Err(error) => {
                self.wrong(field, sentence(&error).replace("an amount", "a price"));
                None
            }
        }
    }

    /// A quantity of either sign; `None` when empty or wrong.
    pub fn quantity(&mut self, field: &str, text: &str) -> Option<Quantity> {
        match parse_expression(text, Quantity::DECIMALS).and_then(|plain| Quantity::parse(&plain)) {
            Ok(quantity)
                if quantity.scaled().unsigned_abs() > LARGEST_SCALED.unsigned_abs() && !self.is_stored(field) =>
            {
                let most = Quantity::from_scaled(LARGEST_SCALED).to_decimal_string();
                self.wrong(field, format!("At most {most} is possible here."));
                None
            }
            Ok(quantity) => Some(quantity),
            Err(AmountError::Empty) => None,
            Err(error) => {
                self.wrong(field, sentence(&error).replace("an amount", "a quantity"));
                None
            }
        }
    }

    /// A whole number above zero, such as the next one of a counter; `None` when wrong.
    pub fn counter(&mut self, field: &str, text: &str) -> Option<u32> {
        let whole = parse_expression(text, 0).and_then(|plain| Money::parse(&plain, Currency::JPY));
        let counter = match whole {
            Ok(whole) => u32::try_from(whole.minor()).ok().filter(|counter| *counter > 0),
            Err(error @ AmountError::Unclear { .. }) => {
                self.wrong(field, sentence(&error));
                return None;
            }
            Err(_) => None,
        };
        if counter.is_none() {
            self.wrong(field, "Write a whole number from 1 on, such as 1001.");
        }
        counter
    }

    /// A day as `YYYY-MM-DD`, in the years businesses live in.
    pub fn day(&mut self, field: &str, text: &str) -> Option<NaiveDate> {
        use chrono::Datelike as _;
        let day = NaiveDate::parse_from_str(text.trim(), "%Y-%m-%d").ok();
        let day = day.filter(|day| self.is_stored(field) || (1900..=2200).contains(&day.year()));
        if day.is_none() {
            self.wrong(field, "Write a date such as 2026-11-20, or choose one.");
        }
        day
    }

    /// Everything that was wrong.
    pub fn into_errors(self) -> Vec<FieldError> {
        self.errors
    }

    /// Nothing, or all that was wrong.
    pub fn finish(self) -> Result<()> {
        if self.errors.is_empty() { Ok(()) } else { Err(Error::Invalid(self.errors)) }
    }

    fn not_too_large(&mut self, field: &str, price: UnitPrice) -> bool {
        let fits = price.minor().unsigned_abs() <= LARGEST_MINOR.unsigned_abs() || self.is_stored(field);
        if !fits {
            self.wrong(field, too_large(price.currency()));
        }
        fits
    }

    fn fits(&mut self, field: &str, text: &str, longest: usize) -> String {
        let length = text.chars().count();
        if length > longest {
            self.wrong(field, format!("This has {length} characters; at most {longest} fit."));
        }
        text.to_owned()
    }
}

/// What is said of an amount beyond [`LARGEST_MINOR`].
pub fn too_large(currency: Currency) -> String {
    let most = Money::from_minor(LARGEST_MINOR, currency);
    format!("At most {} {currency} is possible here.", most.to_decimal_string())
}

/// Whether an amount is one that records may hold.
pub const fn is_possible(amount: Money) -> bool {
    amount.minor().unsigned_abs() <= LARGEST_MINOR.unsigned_abs()
}

/// An error of reading a number as a sentence.
pub fn sentence(error: &AmountError) -> String {
    let text = error.to_string();
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| format!("{}{}.", first.to_uppercase(), letters.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_wrong_fields_are_told_at_once() {
        let mut fields = Fields::default();
        fields.name("name", "a:b\tc", 500, "a name");
        fields.required("other", "  ", 500, "a name");
        fields.email("email", "no at sign");
        fields.amount("price", "1.234", Currency::USD);
        fields.quantity("quantity", "1.00001");
        fields.day("day", "2026-02-30");
        let named: Vec<String> = fields.into_errors().into_iter().map(|error| error.field).collect();
        assert_eq!(named, ["name", "name", "other", "email", "price", "quantity", "day"]);
    }

    #[test]
    fn sums_are_read_and_negative_amounts_refused() {
        let mut fields = Fields::default();
        assert_eq!(fields.amount("price", "12.50 + 3*2", Currency::USD), Some(Money::from_minor(1850, Currency::USD)));
        assert_eq!(fields.amount("price", "", Currency::USD), None);
        assert!(!fields.is_wrong("price"));
        assert_eq!(fields.amount("price", "-1", Currency::USD), None);
        assert!(fields.is_wrong("price"));
    }

    #[test]
    fn prices_have_seven_decimals_in_any_currency_and_an_eighth_is_refused() {
        let mut fields = Fields::default();
        for (text, currency, read) in [
            ("0.0125", Currency::USD, "0.0125"),
            ("1/3", Currency::USD, "0.3333333"),
            ("1,250.5", Currency::USD, "1250.50"),
            ("0.25", Currency::JPY, "0.25"),
            ("1.2345", Currency::KWD, "1.2345"),
        ] {
            let price = fields.price("price", text, currency).map(UnitPrice::to_decimal_string);
            assert_eq!(price.as_deref(), Some(read), "{text}");
        }
        assert_eq!(fields.signed_price("price", "-0.0125", Currency::USD).map(UnitPrice::is_negative), Some(true));
        assert!(!fields.is_wrong("price"));
        assert_eq!(fields.price("negative", "-0.0125", Currency::USD), None);
        assert_eq!(fields.price("long", "0.12345678", Currency::USD), None);
        let errors: Vec<_> = fields.into_errors().into_iter().map(|error| (error.field, error.reason)).collect();
        assert_eq!(errors[0], ("negative".into(), "This price can't be negative.".into()));
        assert_eq!(errors[1], ("long".into(), "At most 7 decimals are possible here.".into()));
    }

    #[test]
    fn typed_text_is_kept_without_what_nobody_sees() {
        let mut fields = Fields::default();
        assert_eq!(fields.line("name", " Zoe\u{301}\u{200B} ", 20), "Zoé");
        assert_eq!(fields.text("note", "one\u{B}two\u{7}\r\nthree \n", 50), "one\ntwo\nthree");
        assert_eq!(fields.email("email", "me@example.com\u{FEFF}"), "me@example.com");
        assert!(fields.finish().is_ok());
        for blank in ["\u{200B}", "\u{2800}", "\u{3164} "] {
            let mut fields = Fields::default();
            fields.required("name", blank, 20, "a name");
            assert!(fields.is_wrong("name"), "{blank:?}");
        }
    }

    #[test]
    fn counters_are_read_with_their_thousands() {
        let read = |text: &str| {
            let mut fields = Fields::default();
            fields.counter("next", text)
        };
        for (text, next) in
            [("1,500", 1500), ("{,.}1.500", 1500), ("1 500", 1500), ("１５００", 1500), ("1000+1", 1001)]
        {
            assert_eq!(read(text), Some(next), "{text}");
        }
        for text in ["", "0", "-1", "1.5", "1,5", "abc", "4294967296", "$5"] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn amounts_are_read_with_the_signs_of_their_currency() {
        let read = |text: &str| {
            let mut fields = Fields::default();
            fields.amount("price", text, Currency::EUR).map(Money::minor)
        };
        assert_eq!(read("{,.}12,50 €"), Some(1250));
        assert_eq!(read("{,.}1.250"), Some(125_000));
        assert_eq!(read("€12.50"), Some(1250));
        for text in ["{,.}12.50", "$12.50", "(5)", "−5"] {
            assert_eq!(read(text), None, "{text}");
        }
        let mut fields = Fields::default();
        fields.quantity("quantity", "{,.}1.25");
        let reasons = fields.into_errors();
        assert_eq!(reasons[0].reason, "\"1.25\" is not clear; write 1,25 or 125.");
    }

    #[test]
    fn e_mail_addresses_need_a_name_and_a_host() {
        for (text, good) in
            [("", true), ("a@b.co", true), ("a@b", false), ("@b.co", false), ("a@b..co", false), ("a b@c.de", false)]
        {
            let mut fields = Fields::default();
            fields.email("email", text);
            assert_eq!(fields.into_errors().is_empty(), good, "{text}");
        }
    }
}
