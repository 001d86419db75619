//! The welcome, the company's settings and the small lists.

use backroom_core::Error;
use backroom_core::company::{CompanySetup, LocationDraft, NumberRestart, SyncSettings, TaxCodeDraft};
use backroom_core::event::{Event, Tag};
use backroom_core::ids::{LocationId, TaxCodeId};
use backroom_core::testing::{TestCore, customer, wrong_fields};
use chrono::Duration;

fn setup(name: &str, currency: &str, time_zone: &str) -> CompanySetup {
    CompanySetup { name: name.into(), currency: currency.into(), time_zone: time_zone.into() }
}

#[test]
fn the_welcome_makes_what_every_business_needs() {
    let core = TestCore::before_welcome();
    assert!(core.app_status().unwrap().company.is_none());
    let company = core.set_up_company(setup(" Paper & Pens ", "eur", "Europe/Berlin")).unwrap();
    assert_eq!((company.name.as_str(), company.currency.as_str(), company.version), ("Paper & Pens", "EUR", 1));
    let choices = core.choices().unwrap();
    let terms: Vec<&str> = choices.terms.iter().map(|terms| terms.name.as_str()).collect();
    assert_eq!(terms, ["Due on receipt", "Net 15", "Net 30", "Net 60"]);
    let default = choices.terms.iter().find(|terms| Some(terms.id) == company.default_terms_id).unwrap();
    assert_eq!(default.due_days, 30);
    assert_eq!(choices.locations.len(), 1);
    assert!(choices.locations[0].is_default && choices.locations[0].name == "Main");
    assert_eq!(choices.tax_codes[0].percent, "0");
    assert!(choices.currencies.contains(&"JPY".to_owned()) && !choices.currencies.contains(&"XXX".to_owned()));
    assert!(choices.time_zones.contains(&"America/New_York".to_owned()));
}

#[test]
fn answering_the_welcome_twice_makes_one_company() {
    let core = TestCore::before_welcome();
    let first = core.set_up_company(setup("Shop", "USD", "UTC")).unwrap();
    assert_eq!(core.set_up_company(setup("Shop", "USD", "UTC")).unwrap(), first);
    assert!(matches!(core.set_up_company(setup("Other", "USD", "UTC")), Err(Error::Refused(_))));
    assert_eq!(core.count("SELECT count(*) FROM terms"), 4);
}

#[test]
fn a_wrong_welcome_names_every_field() {
    let core = TestCore::before_welcome();
    assert_eq!(wrong_fields(core.set_up_company(setup(" ", "dollars", "Mars"))), ["name", "currency", "time_zone"]);
    assert!(matches!(core.save_customer(customer("Ada")), Err(Error::Refused(_))));
}

#[test]
fn today_is_the_companys_day() {
    let core = TestCore::new();
    assert_eq!(core.app_status().unwrap().today, "2026-11-20");
    core.clock.advance(Duration::hours(12));
    assert_eq!(core.app_status().unwrap().today, "2026-11-20", "22:00 in New York is the next day in UTC");
    core.clock.advance(Duration::hours(3));
    assert_eq!(core.app_status().unwrap().today, "2026-11-21");
}

#[test]
fn the_keychain_is_probed_without_leaving_anything() {
    let core = TestCore::new();
    assert_eq!(core.app_status().unwrap().keychain_problem, None);
    assert!(core.secrets.names().is_empty());
}

#[test]
fn settings_are_saved_once_per_version() {
    let core = TestCore::new();
    let mut company = core.app_status().unwrap().company.unwrap();
    company.email = "hello@paper.example".into();
    company.invoice_pattern = "{year}-{n:5}".into();
    company.number_restart = NumberRestart::Yearly;
    let saved = core.save_company(company.clone()).unwrap();
    assert_eq!(saved.version, 2);
    assert_eq!(core.save_company(company.clone()).unwrap().version, 2, "the same again changes nothing");
    company.phone = "1".into();
    assert!(matches!(core.save_company(company), Err(Error::Stale(_))));
    let changed = |event: &Event| matches!(event, Event::Changed { tags } if tags.contains(&Tag::Company));
    assert!(core.events.lock().iter().any(changed));
}

#[test]
fn wrong_settings_name_every_field() {
    let core = TestCore::new();
    let mut company = core.app_status().unwrap().company.unwrap();
    company.name = String::new();
    company.email = "nobody".into();
    company.invoice_pattern = "INV-{x}".into();
    company.next_invoice_number = 0;
    company.default_tax_code_id = Some(TaxCodeId::new());
    let wrong = wrong_fields(core.save_company(company));
    assert_eq!(wrong, ["name", "email", "invoice_pattern", "next_invoice_number", "default_tax_code_id"]);
}

#[test]
fn a_pattern_needs_its_counter_and_what_it_restarts_with() {
    let core = TestCore::new();
    let company = core.app_status().unwrap().company.unwrap();
    for (pattern, restart, good) in [
        ("{n}", NumberRestart::Never, true),
        ("INV-{n:4}", NumberRestart::Never, true),
        ("INV", NumberRestart::Never, false),
        ("{n}{n}", NumberRestart::Never, false),
        ("{n", NumberRestart::Never, false),
        ("{n:0}", NumberRestart::Never, false),
        ("{n}", NumberRestart::Yearly, false),
        ("{year}/{n}", NumberRestart::Yearly, true),
        ("{year}/{n}", NumberRestart::Monthly, false),
        ("{year}-{month}-{n:3}", NumberRestart::Monthly, true),
    ] {
        let version = core.app_status().unwrap().company.unwrap().version;
        let draft = backroom_core::company::CompanyView {
            invoice_pattern: pattern.into(),
            number_restart: restart,
            version,
            ..company.clone()
        };
        assert_eq!(core.save_company(draft).is_ok(), good, "{pattern}");
    }
}

#[test]
fn the_currency_is_fixed_once_there_are_amounts() {
    let core = TestCore::new();
    let mut company = core.app_status().unwrap().company.unwrap();
    company.currency = "EUR".into();
    company = core.save_company(company).unwrap();
    core.item("PEN", "1.20");
    company.currency = "USD".into();
    assert_eq!(wrong_fields(core.save_company(company)), ["currency"]);
}

#[test]
fn tax_codes_are_unique_and_in_bounds() {
    let core = TestCore::new();
    let draft = |name: &str, percent: &str| TaxCodeDraft {
        id: TaxCodeId::new(),
        name: name.into(),
        percent: percent.into(),
        archived: false,
    };
    assert_eq!(core.save_tax_code(draft("Sales tax", "8.25")).unwrap().percent, "8.25");
    assert_eq!(wrong_fields(core.save_tax_code(draft("sales TAX", "101"))), ["percent", "name"]);
    assert_eq!(wrong_fields(core.save_tax_code(draft("Odd", "8.12345"))), ["percent"]);
    let default = core.app_status().unwrap().company.unwrap().default_tax_code_id.unwrap();
    let archive = TaxCodeDraft { id: default, name: "No tax".into(), percent: "0".into(), archived: true };
    assert_eq!(wrong_fields(core.save_tax_code(archive)), ["archived"]);
}

#[test]
fn there_is_always_one_default_location() {
    let core = TestCore::new();
    let main = core.choices().unwrap().locations[0].clone();
    let shop = LocationDraft { id: LocationId::new(), name: "Shop".into(), is_default: true };
    core.save_location(shop.clone()).unwrap();
    let defaults: Vec<String> =
        core.choices().unwrap().locations.into_iter().filter(|l| l.is_default).map(|l| l.name).collect();
    assert_eq!(defaults, ["Shop"]);
    let twice = LocationDraft { id: main.id, name: "SHOP".into(), is_default: false };
    assert_eq!(wrong_fields(core.save_location(twice)), ["name"]);
    let none = LocationDraft { is_default: false, ..shop };
    assert_eq!(wrong_fields(core.save_location(none)), ["is_default"]);
}

#[test]
fn sync_settings_are_kept() {
    let core = TestCore::new();
    let first = core.sync_settings().unwrap();
    assert_eq!(first.interval_minutes, 15);
    let changed = SyncSettings {
        interval_minutes: 60,
        paused: true,
        close_to_tray: false,
        notify: false,
        brake_retire_percent: 30,
        brake_change_percent: 70,
    };
    core.save_sync_settings(changed.clone()).unwrap();
    assert_eq!(core.sync_settings().unwrap(), changed);
    assert_eq!(
        wrong_fields(core.save_sync_settings(SyncSettings { interval_minutes: 7, ..changed.clone() })),
        ["interval_minutes"]
    );
    for percent in [0, 101] {
        let settings = SyncSettings { brake_retire_percent: percent, ..changed.clone() };
        assert_eq!(wrong_fields(core.save_sync_settings(settings)), ["brake_retire_percent"]);
        let settings = SyncSettings { brake_change_percent: percent, ..changed.clone() };
        assert_eq!(wrong_fields(core.save_sync_settings(settings)), ["brake_change_percent"]);
    }
}
