//! The four QuickBooks entities that move, and what each is called where. Accounts, payment methods and preferences are
//! only read, so they are not here.

use connector_contract::RecordKind;
use serde::{Deserialize, Serialize};

/// An entity that is synced.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Entity {
    Customer,
    Item,
    Invoice,
    Payment,
}

impl Entity {
    /// All, in the order that makes references resolve.
    pub(crate) const ALL: [Self; 4] = [Self::Customer, Self::Item, Self::Invoice, Self::Payment];

    /// The name in queries and answers.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Customer => "Customer",
            Self::Item => "Item",
            Self::Invoice => "Invoice",
            Self::Payment => "Payment",
        }
    }

    /// The name in paths, which are case sensitive.
    pub(crate) const fn path(self) -> &'static str {
        match self {
            Self::Customer => "customer",
            Self::Item => "item",
            Self::Invoice => "invoice",
            Self::Payment => "payment",
        }
    }

    /// The neutral kind.
    pub(crate) const fn kind(self) -> RecordKind {
        match self {
            Self::Customer => RecordKind::Customer,
            Self::Item => RecordKind::Item,
            Self::Invoice => RecordKind::Invoice,
            Self::Payment => RecordKind::Payment,
        }
    }

    /// The entity that holds records of this kind, if QuickBooks has one.
    pub(crate) const fn of(kind: RecordKind) -> Option<Self> {
        match kind {
            RecordKind::Customer => Some(Self::Customer),
            RecordKind::Item => Some(Self::Item),
            RecordKind::Invoice => Some(Self::Invoice),
            RecordKind::Payment => Some(Self::Payment),
            _ => None,
        }
    }

    /// Name lists are deactivated and hidden from plain queries; transactions are voided or deleted.
    pub(crate) const fn is_list(self) -> bool {
        matches!(self, Self::Customer | Self::Item)
    }

    /// What a query selects: `Sku` is not part of `*`.
    pub(crate) const fn selection(self) -> &'static str {
        match self {
            Self::Item => "*, Sku",
            _ => "*",
        }
    }
}
