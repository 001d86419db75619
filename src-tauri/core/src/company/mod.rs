//! The owner's company, its settings, and the choices every form draws from.

mod record;

pub use record::{Company, require};

use crate::ids::{LocationId, TaxCodeId, TermsId};
use crate::view::AddressView;
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

#[expect(unused_variables, reason = "being built")]
impl crate::Core {
    /// What the app shows first.
    pub fn app_status(&self) -> crate::Result<AppStatus> {
        Err(crate::Error::Bug("not built yet".into()))
    }

    /// Ends the welcome: makes the company, its default location, terms and a tax code.
    pub fn set_up_company(&self, setup: CompanySetup) -> crate::Result<CompanyView> {
        Err(crate::Error::Bug("not built yet".into()))
    }

    /// Saves the company's settings.
    pub fn save_company(&self, company: CompanyView) -> crate::Result<CompanyView> {
        Err(crate::Error::Bug("not built yet".into()))
    }

    /// The small lists forms draw from.
    pub fn choices(&self) -> crate::Result<Choices> {
        Err(crate::Error::Bug("not built yet".into()))
    }

    /// Adds or changes a tax code.
    pub fn save_tax_code(&self, draft: TaxCodeDraft) -> crate::Result<TaxCodeView> {
        Err(crate::Error::Bug("not built yet".into()))
    }

    /// Adds or renames a location.
    pub fn save_location(&self, draft: LocationDraft) -> crate::Result<LocationView> {
        Err(crate::Error::Bug("not built yet".into()))
    }

    /// Settings of the background sync.
    pub fn sync_settings(&self) -> crate::Result<SyncSettings> {
        Err(crate::Error::Bug("not built yet".into()))
    }

    /// Saves the settings of the background sync.
    pub fn save_sync_settings(&self, settings: SyncSettings) -> crate::Result<SyncSettings> {
        Err(crate::Error::Bug("not built yet".into()))
    }
}
