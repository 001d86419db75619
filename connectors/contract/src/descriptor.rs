//! What a connector says of itself, so that the connect dialog and settings are built from data.

use crate::{Cause, RecordKind};

/// Everything the app needs to know about a vendor before connecting.
#[derive(Debug, Clone)]
pub struct Descriptor {
    /// Stable name in the data file, such as `quickbooks`.
    pub id: &'static str,
    /// The vendor's name as owners know it.
    pub name: &'static str,
    /// One line on what connecting it brings.
    pub summary: &'static str,
    /// How the owner signs in.
    pub sign_in: SignIn,
    /// What the owner types or pastes to sign in.
    pub fields: &'static [Field],
    /// Base URLs that can be replaced by a compatible server's.
    pub endpoints: &'static [Endpoint],
    /// Choices to make once connected, such as the income account; their options come from `Connector::choices`.
    pub settings: &'static [SettingField],
    /// Which records move in which direction.
    pub capabilities: &'static [Capability],
    /// What the codes of its refusals mean.
    pub refusals: &'static [(&'static str, Cause)],
}

/// How the owner signs in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SignIn {
    /// In the browser, with the redirect through the bounce page.
    OAuth,
    /// With keys pasted from the vendor's settings page.
    Keys,
}

/// One thing to type when signing in. Every field is kept in the keychain.
#[derive(Debug, Clone)]
pub struct Field {
    /// Stable name, such as `client_secret`.
    pub id: &'static str,
    /// Label in the dialog.
    pub label: &'static str,
    /// Where to find it.
    pub help: &'static str,
    /// Shown as dots.
    pub secret: bool,
    /// May be left empty.
    pub optional: bool,
}

/// A base URL of the vendor.
#[derive(Debug, Clone)]
pub struct Endpoint {
    /// Stable name, such as `api`.
    pub id: &'static str,
    /// Label under "Advanced".
    pub label: &'static str,
    /// The vendor's production URL, without a trailing slash.
    pub production: &'static str,
    /// Where the value for Practice lies in the JSON line that the vendors' stand-in prints at its start,
    /// such as `quickbooks.base_url`.
    pub practice: &'static str,
}

/// Production or Practice; part of a connection's identity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Environment {
    /// The vendor itself.
    Production,
    /// A local stand-in, for learning and tests.
    Practice,
}

/// A choice the owner makes for a connection, such as the account sales are booked to.
#[derive(Debug, Clone)]
pub struct SettingField {
    /// Stable name, such as `income_account`.
    pub id: &'static str,
    /// Label in settings.
    pub label: &'static str,
    /// What depends on it.
    pub help: &'static str,
    /// Pushing cannot work without it.
    pub required: bool,
}

/// A kind of record and the direction it moves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Capability {
    /// Which records.
    pub kind: RecordKind,
    /// Which way.
    pub direction: Direction,
}

/// Which way records move, seen from Backroom.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// From the vendor.
    In,
    /// To the vendor.
    Out,
    /// Both ways.
    Both,
}

impl Descriptor {
    /// What a refusal with this code means, where that is known.
    pub fn cause_of(&self, code: &str) -> Option<Cause> {
        self.refusals.iter().find(|(known, _)| *known == code).map(|(_, cause)| *cause)
    }

    /// Whether records of this kind are sent to the vendor.
    pub fn sends(&self, kind: RecordKind) -> bool {
        self.capabilities.iter().any(|c| c.kind == kind && c.direction != Direction::In)
    }

    /// Whether records of this kind are fetched from the vendor.
    pub fn receives(&self, kind: RecordKind) -> bool {
        self.capabilities.iter().any(|c| c.kind == kind && c.direction != Direction::Out)
    }
}
