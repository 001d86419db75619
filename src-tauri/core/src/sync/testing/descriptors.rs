//! Three vendors that do not exist, one per shape: books, parcels, card payments.

use connector_contract::{Capability, Cause, Descriptor, Direction, Endpoint, Field, RecordKind, SettingField, SignIn};

/// Bookkeeping: signs in through the browser, moves customers, items, invoices and payments both ways.
pub static BOOKS: Descriptor = Descriptor {
    id: "books",
    name: "Books",
    summary: "Customers, items, invoices and payments",
    sign_in: SignIn::OAuth,
    fields: &[
        Field { id: "client_id", label: "Client ID", help: "", secret: false, optional: false },
        Field { id: "client_secret", label: "Client secret", help: "", secret: true, optional: false },
    ],
    endpoints: &[ENDPOINT],
    settings: &[SettingField { id: "income_account", label: "Income account", help: "", required: true }],
    capabilities: &[
        both(RecordKind::Customer),
        both(RecordKind::Item),
        both(RecordKind::Invoice),
        both(RecordKind::Payment),
    ],
    refusals: &[
        ("taken", Cause::NameTaken),
        ("number", Cause::NumberTaken),
        ("closed", Cause::PeriodClosed),
        ("address", Cause::Email),
        ("characters", Cause::NameCharacters),
    ],
};

/// Shipping: signs in with a key, moves orders and shipments both ways.
pub static PARCELS: Descriptor = Descriptor {
    id: "parcels",
    name: "Parcels",
    summary: "Orders and shipments",
    sign_in: SignIn::Keys,
    fields: &[Field { id: "api_key", label: "API key", help: "", secret: true, optional: false }],
    endpoints: &[ENDPOINT],
    settings: &[],
    capabilities: &[both(RecordKind::Order), both(RecordKind::Shipment)],
    refusals: &[("locked", Cause::Locked)],
};

/// A payment processor: signs in with a key, everything only comes in.
pub static CARDS: Descriptor = Descriptor {
    id: "cards",
    name: "Cards",
    summary: "Charges, fees and payouts",
    sign_in: SignIn::Keys,
    fields: &[Field { id: "secret_key", label: "Secret key", help: "", secret: true, optional: false }],
    endpoints: &[ENDPOINT],
    settings: &[],
    capabilities: &[
        Capability { kind: RecordKind::Charge, direction: Direction::In },
        Capability { kind: RecordKind::BalanceEntry, direction: Direction::In },
    ],
    refusals: &[],
};

const ENDPOINT: Endpoint =
    Endpoint { id: "api", label: "API", production: "https://api.example.com", practice: "books.base_url" };

const fn both(kind: RecordKind) -> Capability {
    Capability { kind, direction: Direction::Both }
}
