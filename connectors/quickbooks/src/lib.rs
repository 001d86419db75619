//! QuickBooks Online: customers, items, invoices and payments, both ways.
//!
//! Reading starts with full lists and goes on with change data capture; writing carries a request id, so that a repeat
//! has no second effect. Absent on purpose: webhooks (a desktop has no public address), batches (every item is metered
//! as a call, and nothing is gained), hard deletes, and any tax rule: Backroom's tax is sent along and the answer is
//! believed. The quirks are listed in this crate's README.

mod api;
mod auth;
mod choices;
mod connector;
mod cursor;
mod entity;
mod fault;
mod inventory;
mod map;
mod narrow;
mod pull;
mod push;
mod refusals;
mod wire;
mod written;

#[cfg(test)]
mod testing;

use connector_contract::{
    Capability, ConnectionConfig, Descriptor, Direction, Endpoint, Field, RecordKind, SettingField, Vendor,
};
use connector_http::Exchange;
use std::sync::Arc;

/// What QuickBooks says of itself.
pub static DESCRIPTOR: Descriptor = Descriptor {
    id: "quickbooks",
    name: "QuickBooks",
    summary: "Customers, items, invoices and payments, both ways",
    sign_in: connector_contract::SignIn::OAuth,
    fields: &[
        Field {
            id: "client_id",
            label: "Client ID",
            help: "Of your own app at developer.intuit.com, under Keys and credentials",
            secret: false,
            optional: false,
        },
        Field {
            id: "client_secret",
            label: "Client secret",
            help: "Beside the client ID; it stays in this computer's keychain",
            secret: true,
            optional: false,
        },
    ],
    endpoints: &[
        Endpoint {
            id: "api",
            label: "Accounting API",
            production: "https://quickbooks.api.intuit.com",
            practice: "quickbooks.base_url",
        },
        Endpoint {
            id: "discovery",
            label: "Sign-in addresses",
            production: "https://developer.api.intuit.com/.well-known/openid_configuration",
            practice: "quickbooks.discovery_url",
        },
    ],
    settings: &[
        SettingField {
            id: "income_account",
            label: "Income account",
            help: "New items book their sales here",
            required: true,
        },
        SettingField {
            id: "deposit_account",
            label: "Deposit account",
            help: "Payments are received here; without one QuickBooks uses Undeposited Funds",
            required: false,
        },
        SettingField {
            id: "default_item",
            label: "Item for lines without one",
            help: "QuickBooks needs an item on every invoice line with an amount; without a choice \"Services\" stands in",
            required: false,
        },
        SettingField {
            id: "tax_code",
            label: "Sales tax code",
            help: "Invoices with tax name it; only companies without automated sales tax need one",
            required: false,
        },
        SettingField {
            id: "expense_account",
            label: "Cost of goods sold account",
            help: "New items book their cost here; without one no cost is sent",
            required: false,
        },
        SettingField {
            id: "asset_account",
            label: "Inventory asset account",
            help: "With this and a cost account QuickBooks counts new stock items too; otherwise only Backroom does",
            required: false,
        },
    ],
    refusals: refusals::REFUSALS,
    capabilities: &[
        Capability { kind: RecordKind::Customer, direction: Direction::Both },
        Capability { kind: RecordKind::Item, direction: Direction::Both },
        Capability { kind: RecordKind::Invoice, direction: Direction::Both },
        Capability { kind: RecordKind::Payment, direction: Direction::Both },
    ],
};

/// QuickBooks as core receives it. All requests go through `exchange`.
pub fn vendor(exchange: Arc<dyn Exchange>) -> Vendor {
    let for_sign_in = Arc::clone(&exchange);
    Vendor {
        descriptor: &DESCRIPTOR,
        open: Arc::new(move |config: ConnectionConfig| Arc::new(connector::QuickBooks::open(&exchange, config))),
        sign_in: Some(Arc::new(move |config: ConnectionConfig| {
            Arc::new(auth::SignIn(auth::oauth(&for_sign_in, &config)))
        })),
    }
}
