//! What core tells its faces, always after commit.

use crate::sync::RunView;
use serde::{Deserialize, Serialize};

/// What a change makes stale. Queries name the tags they are made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, specta::Type)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names say it")]
pub enum Tag {
    Company,
    Customers,
    Items,
    Orders,
    Invoices,
    Payments,
    Stock,
    MoneyRecords,
    Connections,
    Outbox,
    Problems,
    Runs,
    Plans,
    Audits,
    Settings,
    Backups,
}

impl Tag {
    /// Every tag: another file is open.
    pub const ALL: [Self; 16] = [
        Self::Company,
        Self::Customers,
        Self::Items,
        Self::Orders,
        Self::Invoices,
        Self::Payments,
        Self::Stock,
        Self::MoneyRecords,
        Self::Connections,
        Self::Outbox,
        Self::Problems,
        Self::Runs,
        Self::Plans,
        Self::Audits,
        Self::Settings,
        Self::Backups,
    ];
}

/// The view of the sync that a call for the owner is about. Whoever looks at it needs no message any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, specta::Type)]
#[serde(rename_all = "snake_case")]
pub enum AttentionPlace {
    /// What a sync would do.
    Preview,
    /// What needs the owner.
    Problems,
    /// What both sides have.
    Audit,
    /// The data file and its backups.
    Data,
}

/// The one event type.
#[derive(Debug, Clone, Serialize, Deserialize, specta::Type)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Event {
    /// Committed data changed; queries with one of these tags are stale.
    Changed {
        /// What is stale.
        tags: Vec<Tag>,
    },
    /// A run moved on; the snapshot replaces the one in the query cache.
    Run {
        /// The run as it is now.
        run: RunView,
    },
    /// Something needs the owner: shown as a notification.
    Attention {
        /// Short title.
        title: String,
        /// One sentence.
        text: String,
        /// Where in the window it is seen and dealt with.
        place: AttentionPlace,
    },
    /// The window should show this page, for example after a sign-in came back.
    Navigate {
        /// Path inside the app, such as `/settings/connections`.
        path: String,
    },
    /// A sign-in through the browser ended.
    SignIn {
        /// How it ended.
        outcome: crate::connections::SignInOutcome,
    },
}
