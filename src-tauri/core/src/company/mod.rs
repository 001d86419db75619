//! The owner's company, its settings, and the choices every form draws from.

mod record;
mod save;

pub use record::{Company, require};

use crate::event::Tag;
use crate::ids::{LocationId, TaxCodeId, TermsId};
use crate::store;
use crate::store::company::TaxCode;
use crate::view::AddressView;
use backroom_money::Currency;
use connector_contract::Secret;
use serde::{Deserialize, Serialize};

/// What the app shows first: whether there is a company, and the state of what it stands on.
#[derive(Debug, Clone, Serialize, Deserialize, specta::Type)]
pub struct AppStatus {
    /// `None` until the welcome is done.
    pub company: Option<CompanyView>,
    /// Version of the app.
    pub app_version: String,
    /// Folder the data file lies in.
    pub data_folder: String,
    /// `None` when the keychain works; otherwise what is wrong with it, as a sentence.
    pub keychain_problem: Option<String>,
    /// Whether Practice is offered beside Production.
    pub practice_available: bool,
    /// Today in the company's time zone (`YYYY-MM-DD`).
    pub today: String,
}

/// The company.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, specta::Type)]
pub struct CompanyView {
    /// Its name, as on invoices.
    pub name: String,
    /// Home currency; fixed once there are amounts.
    pub currency: String,
    /// IANA time zone; decides what "today" is.
    pub time_zone: String,
    /// E-mail on invoices.
    pub email: String,
    /// Telephone on invoices.
    pub phone: String,
    /// Address on invoices.
    pub address: AddressView,
    /// Pattern of invoice numbers: `{n}`, `{n:5}`, `{year}`, `{month}` are filled in.
    pub invoice_pattern: String,
    /// The counter's next value.
    pub next_invoice_number: u32,
    /// When the counter starts again at 1.
    pub number_restart: NumberRestart,
    /// Terms of new invoices.
    pub default_terms_id: Option<TermsId>,
    /// Tax code of new invoice lines.
    pub default_tax_code_id: Option<TaxCodeId>,
    /// Row version, for saving.
    pub version: u32,
}

/// When invoice numbers start again at 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, specta::Type)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names say it")]
pub enum NumberRestart {
    #[default]
    Never,
    Yearly,
    Monthly,
}

/// The welcome's three answers.
#[derive(Debug, Clone, Serialize, Deserialize, specta::Type)]
pub struct CompanySetup {
    /// Company name.
    pub name: String,
    /// Home currency code.
    pub currency: String,
    /// IANA time zone.
    pub time_zone: String,
}

/// Settings of the app rather than of the company.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, specta::Type)]
pub struct SyncSettings {
    /// Minutes between background syncs; 0 is off. One of 0, 5, 15, 30, 60.
    pub interval_minutes: u32,
    /// Paused from the tray or the Sync page.
    pub paused: bool,
    /// Closing the window keeps the app in the tray.
    pub close_to_tray: bool,
    /// Desktop notifications when something needs the owner.
    pub notify: bool,
    /// A sync that would delete, deactivate or void more than this share, in percent of the records of a kind or of their
    /// money, stops and asks. From 1 to 100.
    #[serde(default = "usual_retire_percent")]
    pub brake_retire_percent: u32,
    /// Likewise for changing them.
    #[serde(default = "usual_change_percent")]
    pub brake_change_percent: u32,
}

const fn usual_retire_percent() -> u32 {
    20
}

const fn usual_change_percent() -> u32 {
    50
}

impl Default for SyncSettings {
    fn default() -> Self {
        Self {
            interval_minutes: 15,
            paused: false,
            close_to_tray: true,
            notify: true,
            brake_retire_percent: usual_retire_percent(),
            brake_change_percent: usual_change_percent(),
        }
    }
}

/// A tax code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, specta::Type)]
pub struct TaxCodeView {
    /// Id.
    pub id: TaxCodeId,
    /// Name, such as "Sales tax".
    pub name: String,
    /// Percentage, such as `8.25`.
    pub percent: String,
    /// No longer offered.
    pub archived: bool,
}

/// Payment terms.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, specta::Type)]
pub struct TermsView {
    /// Id.
    pub id: TermsId,
    /// Name, such as "Net 30".
    pub name: String,
    /// Days until due; 0 is due on receipt.
    pub due_days: u32,
}

/// A stock location.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, specta::Type)]
pub struct LocationView {
    /// Id.
    pub id: LocationId,
    /// Name.
    pub name: String,
    /// Orders are taken from it when nothing else is said.
    pub is_default: bool,
}

/// The small lists that forms draw from.
#[derive(Debug, Clone, Serialize, Deserialize, specta::Type)]
pub struct Choices {
    /// Tax codes, archived ones last.
    pub tax_codes: Vec<TaxCodeView>,
    /// Terms by days.
    pub terms: Vec<TermsView>,
    /// Locations, the default first.
    pub locations: Vec<LocationView>,
    /// Currency codes.
    pub currencies: Vec<String>,
    /// IANA time zones.
    pub time_zones: Vec<String>,
}

/// A tax code to add or change.
#[derive(Debug, Clone, Serialize, Deserialize, specta::Type)]
pub struct TaxCodeDraft {
    /// Id, made by the form.
    pub id: TaxCodeId,
    /// Name.
    pub name: String,
    /// Percentage as typed.
    pub percent: String,
    /// No longer offered.
    pub archived: bool,
}

/// A location to add or rename.
#[derive(Debug, Clone, Serialize, Deserialize, specta::Type)]
pub struct LocationDraft {
    /// Id, made by the form.
    pub id: LocationId,
    /// Name.
    pub name: String,
    /// Make it the default.
    pub is_default: bool,
}

impl From<Company> for CompanyView {
    fn from(company: Company) -> Self {
        Self {
            name: company.name,
            currency: company.currency.code().to_owned(),
            time_zone: company.time_zone.name().to_owned(),
            email: company.email,
            phone: company.phone,
            address: company.address.into(),
            invoice_pattern: company.invoice_pattern,
            next_invoice_number: company.next_invoice_number,
            number_restart: company.number_restart,
            default_terms_id: company.default_terms_id,
            default_tax_code_id: company.default_tax_code_id,
            version: company.version,
        }
    }
}

impl From<TaxCode> for TaxCodeView {
    fn from(code: TaxCode) -> Self {
        Self { id: code.id, name: code.name, percent: code.rate.to_percent_string(), archived: code.archived }
    }
}

impl crate::Core {
    /// What the app shows first.
    pub fn app_status(&self) -> crate::Result<AppStatus> {
        let company = self.store.read(|db| store::company::get(db))?;
        let now = self.now();
        let today = company.as_ref().map_or_else(|| now.date_naive(), |company| company.day_of(now));
        Ok(AppStatus {
            company: company.map(Into::into),
            app_version: env!("CARGO_PKG_VERSION").to_owned(),
            data_folder: self.parts.data_folder.as_ref().map(|folder| folder.display().to_string()).unwrap_or_default(),
            keychain_problem: self.keychain_problem(),
            practice_available: self.parts.practice.is_some(),
            today: today.to_string(),
        })
    }

    /// Writes and removes an entry of no worth: the only way to learn whether the keychain can be used.
    fn keychain_problem(&self) -> Option<String> {
        const PROBE: &str = "backroom/probe";
        let secrets = &self.parts.secrets;
        let tried = secrets.set(PROBE, &Secret::new("probe")).and_then(|()| secrets.delete(PROBE));
        tried.err().map(|error| {
            let text = error.to_string();
            let mut letters = text.chars();
            letters.next().map_or_else(String::new, |first| format!("{}{}.", first.to_uppercase(), letters.as_str()))
        })
    }

    /// Ends the welcome: makes the company, its default location, terms and a tax code.
    pub fn set_up_company(&self, setup: CompanySetup) -> crate::Result<CompanyView> {
        save::set_up(&self.store, &setup)
    }

    /// Saves the company's settings.
    pub fn save_company(&self, company: CompanyView) -> crate::Result<CompanyView> {
        save::save(&self.store, &company, self.now())
    }

    /// Reads a whole number that the owner typed into this field, such as the next one of a counter.
    pub fn read_whole_number(&self, field: &str, text: &str) -> crate::Result<u32> {
        let mut fields = crate::fields::Fields::default();
        let read = fields.counter(field, text);
        fields.finish()?;
        read.ok_or_else(|| crate::Error::Bug("a checked field is empty".into()))
    }

    /// The small lists forms draw from.
    pub fn choices(&self) -> crate::Result<Choices> {
        self.store.read(|db| {
            Ok(Choices {
                tax_codes: store::company::tax_codes(db)?.into_iter().map(Into::into).collect(),
                terms: store::company::terms(db)?,
                locations: store::company::locations(db)?,
                currencies: Currency::all().into_iter().map(|currency| currency.code().to_owned()).collect(),
                time_zones: chrono_tz::TZ_VARIANTS.iter().map(|zone| zone.name().to_owned()).collect(),
            })
        })
    }

    /// Adds or changes a tax code.
    pub fn save_tax_code(&self, draft: TaxCodeDraft) -> crate::Result<TaxCodeView> {
        save::save_tax_code(&self.store, &draft)
    }

    /// Adds or renames a location.
    pub fn save_location(&self, draft: LocationDraft) -> crate::Result<LocationView> {
        save::save_location(&self.store, &draft)
    }

    /// Settings of the background sync.
    pub fn sync_settings(&self) -> crate::Result<SyncSettings> {
        self.store.read(|db| store::company::sync_settings(db))
    }

    /// Saves the settings of the background sync.
    pub fn save_sync_settings(&self, settings: SyncSettings) -> crate::Result<SyncSettings> {
        if ![0, 5, 15, 30, 60].contains(&settings.interval_minutes) {
            return Err(crate::Error::invalid("interval_minutes", "Choose off, 5, 15, 30 or 60 minutes."));
        }
        crate::sync::check_shares(&settings)?;
        self.store.write(|tx| {
            store::company::put_sync_settings(tx, &settings)?;
            tx.changed(Tag::Settings);
            Ok(settings)
        })
    }
}
