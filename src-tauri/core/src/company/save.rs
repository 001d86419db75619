//! Setting the company up and changing its settings: all checks, and the one write of each.

use super::{
    Company, CompanySetup, CompanyView, LocationDraft, LocationView, NumberRestart, TaxCodeDraft, TaxCodeView,
    TermsView,
};
use crate::event::Tag;
use crate::fields::{Fields, LONGEST_ITEM_NAME, LONGEST_LINE, LONGEST_NAME, sentence};
use crate::ids::{LocationId, TaxCodeId, TermsId};
use crate::store::company::TaxCode;
use crate::store::{self, Store, Tx};
use crate::text::same_key;
use crate::{Error, Result};
use backroom_money::{Currency, Rate, parse_expression, strip_percent};
use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;
use connector_contract::record::Address;
use std::str::FromStr as _;

/// Tax codes and locations are small lists that forms read whole.
const MOST_CHOICES: usize = 200;

/// Makes the company with what every business needs at first. Doing it twice with the same answers changes nothing.
pub(super) fn set_up(store: &Store, setup: &CompanySetup) -> Result<CompanyView> {
    let mut fields = Fields::default();
    let name = fields.required("name", &setup.name, LONGEST_NAME, "your company's name");
    let currency = currency(&mut fields, &setup.currency);
    let time_zone = time_zone(&mut fields, &setup.time_zone);
    fields.finish()?;
    let (Some(currency), Some(time_zone)) = (currency, time_zone) else {
        return Err(Error::Bug("a checked field is empty".into()));
    };
    store.write(|tx| {
        if let Some(company) = store::company::get(tx)? {
            let same = company.name == name && company.currency == currency && company.time_zone == time_zone;
            return if same {
                Ok(company.into())
            } else {
                Err(Error::Refused("Your company is set up already; change it under Settings.".into()))
            };
        }
        let net_30 = add_terms(tx)?;
        store::company::put_location(
            tx,
            &LocationView { id: LocationId::new(), name: "Main".into(), is_default: true },
        )?;
        let none = TaxCode { id: TaxCodeId::new(), name: "No tax".into(), rate: Rate::ZERO, archived: false };
        store::company::put_tax_code(tx, &none)?;
        let company = Company {
            version: 1,
            name,
            currency,
            time_zone,
            email: String::new(),
            phone: String::new(),
            address: Address::default(),
            invoice_pattern: "INV-{n:4}".into(),
            next_invoice_number: 1001,
            number_restart: NumberRestart::Never,
            number_period: String::new(),
            next_order_number: 1001,
            default_terms_id: Some(net_30),
            default_tax_code_id: Some(none.id),
        };
        store::company::put(tx, &company)?;
        tx.changed(Tag::Company);
        tx.changed(Tag::Settings);
        Ok(company.into())
    })
}

fn add_terms(tx: &Tx<'_>) -> Result<TermsId> {
    let mut net_30 = TermsId::new();
    for (name, due_days) in [("Due on receipt", 0), ("Net 15", 15), ("Net 30", 30), ("Net 60", 60)] {
        let terms = TermsView { id: TermsId::new(), name: name.into(), due_days };
        if due_days == 30 {
            net_30 = terms.id;
        }
        store::company::add_terms(tx, &terms)?;
    }
    Ok(net_30)
}

/// Saves the company's settings.
pub(super) fn save(store: &Store, draft: &CompanyView, now: DateTime<Utc>) -> Result<CompanyView> {
    let mut fields = Fields::default();
    let name = fields.required("name", &draft.name, LONGEST_NAME, "your company's name");
    let currency = currency(&mut fields, &draft.currency);
    let time_zone = time_zone(&mut fields, &draft.time_zone);
    let email = fields.email("email", &draft.email);
    let phone = fields.line("phone", &draft.phone, LONGEST_LINE);
    let address = fields.address("address", &draft.address);
    let invoice_pattern = pattern(&mut fields, draft);
    if draft.next_invoice_number == 0 {
        fields.wrong("next_invoice_number", "Numbers start at 1.");
    }
    store.write(|tx| {
        let before = super::require(tx)?;
        if currency.is_some_and(|currency| currency != before.currency) && store::company::has_amounts(tx)? {
            fields.wrong(
                "currency",
                format!("The home currency stays {}, because there are records with amounts in it.", before.currency),
            );
        }
        if draft.default_terms_id.is_some_and(|id| !matches!(store::company::terms_by_id(tx, id), Ok(Some(_)))) {
            fields.wrong("default_terms_id", "These terms no longer exist; choose others.");
        }
        if draft.invoice_pattern != before.invoice_pattern || draft.next_invoice_number != before.next_invoice_number {
            fits(&mut fields, draft, before.day_of(now));
        }
        let codes = store::company::tax_codes(tx)?;
        if draft.default_tax_code_id.is_some_and(|id| !codes.iter().any(|code| code.id == id && !code.archived)) {
            fields.wrong("default_tax_code_id", "This tax code is no longer offered; choose another.");
        }
        fields.finish()?;
        let (Some(currency), Some(time_zone)) = (currency, time_zone) else {
            return Err(Error::Bug("a checked field is empty".into()));
        };
        let mut after = Company {
            version: before.version,
            name,
            currency,
            time_zone,
            email,
            phone,
            address,
            invoice_pattern,
            next_invoice_number: draft.next_invoice_number,
            number_restart: draft.number_restart,
            number_period: before.number_period.clone(),
            next_order_number: before.next_order_number,
            default_terms_id: draft.default_terms_id,
            default_tax_code_id: draft.default_tax_code_id,
        };
        if after == before {
            return Ok(before.into());
        }
        if draft.version != before.version {
            return Err(Error::Stale("company"));
        }
        if after.number_restart != before.number_restart || after.next_invoice_number != before.next_invoice_number {
            // The counter typed now counts from today's period on.
            after.number_period = crate::invoices::number_period(after.number_restart, before.day_of(now));
        }
        after.version += 1;
        store::company::put(tx, &after)?;
        tx.changed(Tag::Company);
        Ok(after.into())
    })
}

/// Adds or changes a tax code. Invoices keep the rate they were saved with.
pub(super) fn save_tax_code(store: &Store, draft: &TaxCodeDraft) -> Result<TaxCodeView> {
    let mut fields = Fields::default();
    let name = fields.required("name", &draft.name, LONGEST_ITEM_NAME, "a name for this tax");
    let percent = strip_percent(&draft.percent).unwrap_or_else(|| draft.percent.clone());
    let rate = match parse_expression(&percent, 4).and_then(|plain| Rate::parse_percent(&plain)) {
        Ok(rate) if (Rate::ZERO..=Rate::ONE_HUNDRED_PERCENT).contains(&rate) => rate,
        Ok(_) => {
            fields.wrong("percent", "A tax is between 0 and 100 percent.");
            Rate::ZERO
        }
        Err(error) => {
            fields.wrong("percent", sentence(&error).replace("an amount", "a percentage"));
            Rate::ZERO
        }
    };
    store.write(|tx| {
        let company = super::require(tx)?;
        let codes = store::company::tax_codes(tx)?;
        if codes.iter().any(|code| code.id != draft.id && same_key(&code.name) == same_key(&name)) {
            fields.wrong("name", "There is a tax code with this name already.");
        }
        if draft.archived && company.default_tax_code_id == Some(draft.id) {
            fields.wrong("archived", "This is the default tax code; choose another default first.");
        }
        fields.finish()?;
        if codes.len() >= MOST_CHOICES && !codes.iter().any(|code| code.id == draft.id) {
            return Err(Error::Refused(format!("There are {MOST_CHOICES} tax codes already; change one of them.")));
        }
        let code = TaxCode { id: draft.id, name, rate, archived: draft.archived };
        store::company::put_tax_code(tx, &code)?;
        tx.changed(Tag::Settings);
        Ok(code.into())
    })
}

/// Adds or renames a location.
pub(super) fn save_location(store: &Store, draft: &LocationDraft) -> Result<LocationView> {
    let mut fields = Fields::default();
    let name = fields.required("name", &draft.name, LONGEST_ITEM_NAME, "a name for this location");
    store.write(|tx| {
        super::require(tx)?;
        let locations = store::company::locations(tx)?;
        let stored = locations.iter().find(|location| location.id == draft.id);
        if locations.iter().any(|other| other.id != draft.id && same_key(&other.name) == same_key(&name)) {
            fields.wrong("name", "There is a location with this name already.");
        }
        if stored.is_some_and(|location| location.is_default) && !draft.is_default {
            fields.wrong("is_default", "Make another location the default instead; there is always one.");
        }
        fields.finish()?;
        if locations.len() >= MOST_CHOICES && stored.is_none() {
            return Err(Error::Refused(format!("There are {MOST_CHOICES} locations already; rename one of them.")));
        }
        let location = LocationView { id: draft.id, name, is_default: draft.is_default };
        store::company::put_location(tx, &location)?;
        tx.changed(Tag::Settings);
        tx.changed(Tag::Stock);
        Ok(location)
    })
}

fn currency(fields: &mut Fields, code: &str) -> Option<Currency> {
    let currency = Currency::from_str(code).ok();
    if currency.is_none() {
        fields.wrong("currency", "Choose a currency from the list.");
    }
    currency
}

fn time_zone(fields: &mut Fields, name: &str) -> Option<Tz> {
    let zone = name.parse().ok();
    if zone.is_none() {
        fields.wrong("time_zone", "Choose a time zone from the list.");
    }
    zone
}

/// Numbers must not be longer than an invoice takes, now and for some time: the counter has room to grow by a digit.
fn fits(fields: &mut Fields, draft: &CompanyView, today: NaiveDate) {
    let most = crate::invoices::LONGEST_NUMBER;
    if fields.is_wrong("invoice_pattern") {
        return;
    }
    let later = draft.next_invoice_number.saturating_mul(10);
    let length = crate::invoices::number_length(&draft.invoice_pattern, later, today);
    if length > most {
        let reason =
            format!("Numbers of this pattern have up to {length} characters; an invoice number has at most {most}.");
        fields.wrong("invoice_pattern", reason);
    }
}

/// A pattern must hold the counter, and the year (and month) when the counter starts again with it; else numbers repeat.
fn pattern(fields: &mut Fields, draft: &CompanyView) -> String {
    let text = fields.required("invoice_pattern", &draft.invoice_pattern, 40, "a pattern such as INV-{n:4}");
    let mut holes = Vec::new();
    let mut rest = text.as_str();
    while let Some((_, after)) = rest.split_once('{') {
        let Some((hole, after)) = after.split_once('}') else {
            holes.push("");
            break;
        };
        holes.push(hole);
        rest = after;
    }
    let counts =
        |hole: &str| hole == "n" || hole.strip_prefix("n:").is_some_and(|width| matches!(width.parse(), Ok(1..=9_u8)));
    let known = |hole: &&str| counts(hole) || matches!(*hole, "year" | "month");
    if fields.is_wrong("invoice_pattern") {
        return text;
    }
    if !holes.iter().all(known) {
        fields.wrong("invoice_pattern", "Only {n}, {n:4}, {year} and {month} are filled in; check the braces.");
    } else if holes.iter().filter(|hole| counts(hole)).count() != 1 {
        fields.wrong("invoice_pattern", "The pattern needs the counter once: {n}, or {n:4} for four digits.");
    } else if draft.number_restart != NumberRestart::Never && !holes.contains(&"year") {
        fields.wrong("invoice_pattern", "The counter starts again each year, so the pattern needs {year}.");
    } else if draft.number_restart == NumberRestart::Monthly && !holes.contains(&"month") {
        fields.wrong("invoice_pattern", "The counter starts again each month, so the pattern needs {month}.");
    }
    text
}
