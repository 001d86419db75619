//! The trait a vendor implements, and what a pull hands over.

use crate::{
    ConnectorError, InventoryPage, InventoryRequest, Push, Pushed, Record, RecordKind, RemoteId, RemoteVersion,
};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// One signed-in vendor account. Calls are independent of each other; none touches the database.
#[async_trait::async_trait]
pub trait Connector: Send + Sync {
    /// Whose account this is. Used to check a new sign-in and, before every run, that it is still the same account.
    async fn identify(&self) -> Result<Account, ConnectorError>;

    /// What can be pulled, in the order that makes references resolve: customers before invoices.
    fn streams(&self) -> &'static [Stream];

    /// The vendor is left alone for a while after many failures; `None` while it may be asked. Makes no request.
    fn rest(&self) -> Option<Rest> {
        None
    }

    /// Lets the next request through although the rest is not over: a person wants to know now.
    fn end_rest(&self) {}

    /// One page of a stream. Must be safe to repeat: the same request returns the same page or a newer one.
    async fn pull(&self, request: PullRequest) -> Result<Page, ConnectorError>;

    /// Sends one change. Never retried inside after a write may have been applied: that is `Unknown`, and the engine
    /// comes back with [`crate::Attempt::AfterUnknown`], whereupon the connector first finds out what happened.
    async fn push(&self, push: Push) -> Result<Pushed, ConnectorError>;

    /// Whether the vendor has a place for a field of this kind, by its name in the neutral record. A change of other fields is
    /// never sent, shown as sent or previewed. Makes no request.
    fn keeps(&self, _kind: RecordKind, _field: &str) -> bool {
        true
    }

    /// Options for the settings named in the descriptor, such as the vendor's accounts, and under [`SHIPPING_CARRIER`] the
    /// carriers a parcel can go with. Empty where there are none.
    async fn choices(&self) -> Result<Vec<Choice>, ConnectorError> {
        Ok(Vec::new())
    }

    /// The kinds that can be listed whole, in the order that makes references resolve. Empty where
    /// the vendor can't be compared with.
    fn inventory_kinds(&self) -> &'static [RecordKind] {
        &[]
    }

    /// One page of everything of a kind, whatever the feed of changes has shown. Asked only for [`Self::inventory_kinds`].
    async fn inventory(&self, request: InventoryRequest) -> Result<InventoryPage, ConnectorError> {
        Err(ConnectorError::Protocol(format!("{} records can't be listed", request.kind.as_str())))
    }

    /// Whether a record can be asked for by its id. Where not, only the list of its day shows it.
    fn looks_up(&self, _kind: RecordKind, _id: &RemoteId) -> bool {
        true
    }

    /// One record as it is now; `NotFound` when it is gone. Asked only where [`Self::looks_up`] says so.
    async fn fetch(&self, kind: RecordKind, _id: &RemoteId) -> Result<Pulled, ConnectorError> {
        Err(ConnectorError::Protocol(format!("{} records can't be looked up", kind.as_str())))
    }
}

/// Why and how long a vendor is left alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rest {
    /// The first moment at which it may be tried again.
    pub until: DateTime<Utc>,
    /// Failures in a row so far.
    pub failures: u32,
}

/// The account behind a connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// The vendor's id of the account (realm id, account id); never changes for one connection.
    pub id: String,
    /// The name to show: the company's or the account's.
    pub name: String,
    /// Live or test, where the vendor has modes.
    pub mode: Option<Mode>,
    /// The account's home currency, where known.
    pub currency: Option<backroom_money::Currency>,
    /// The vendor's clock when it answered, to find out whether ours is wrong.
    pub server_time: Option<DateTime<Utc>>,
}

/// Whether real money moves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// Real.
    Live,
    /// Sandbox or test keys.
    Test,
}

/// The setting under which a vendor that takes shipments offers the account's carriers. It is no choice of the connection: one
/// is chosen for each parcel.
pub const SHIPPING_CARRIER: &str = "shipping_carrier";

/// An option of a connection's setting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// Which setting it belongs to.
    pub setting: &'static str,
    /// The vendor's id.
    pub value: String,
    /// The vendor's name for it.
    pub label: String,
    /// The connector's own suggestion when the owner has not chosen.
    pub suggested: bool,
}

/// A feed with a cursor of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Stream {
    /// Stable name in the data file, such as `invoices` or `changes`.
    pub id: &'static str,
    /// Name to show while it runs.
    pub label: &'static str,
}

impl Stream {
    /// The id of a feed that reports deletions beside streams that read whole lists. It keeps its cursor while those are read again:
    /// started over, it would only show what still exists.
    pub const DELETIONS: &str = "changes";
}

/// A position in a stream. Opaque to core; written by a connector, read by the same connector.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Cursor(pub String);

/// Asks for the next page.
#[derive(Debug, Clone)]
pub struct PullRequest {
    /// Which stream.
    pub stream: Stream,
    /// Where the last committed page ended; `None` on the first run.
    pub cursor: Option<Cursor>,
    /// The present moment. Windows are computed from it, never from the machine's clock.
    pub now: DateTime<Utc>,
}

/// One page of changes. Core applies it and stores `next` in one transaction.
#[derive(Debug, Clone)]
pub struct Page {
    /// Records in the order they should be applied. May repeat records of earlier pages.
    pub records: Vec<Pulled>,
    /// Where to go on; stored even when there is nothing more for now.
    pub next: Cursor,
    /// Whether another page is waiting right now.
    pub more: bool,
}

/// One record as the vendor has it now.
#[derive(Debug, Clone, PartialEq)]
pub struct Pulled {
    /// The vendor's id, unique per kind within the connection.
    pub remote_id: RemoteId,
    /// The vendor's version, where it has one.
    pub version: Option<RemoteVersion>,
    /// When it last changed there, where known.
    pub updated_at: Option<DateTime<Utc>>,
    /// The content.
    pub content: Content,
}

impl Pulled {
    /// A record that was met and can't be read, and why.
    pub fn unreadable(kind: RecordKind, remote_id: RemoteId, reason: impl Into<String>) -> Self {
        Self {
            remote_id,
            version: None,
            updated_at: None,
            content: Content::Unreadable { kind, reason: reason.into() },
        }
    }
}

/// What is known of a pulled record.
#[derive(Debug, Clone, PartialEq)]
pub enum Content {
    /// It exists and looks like this.
    Present(Box<Record>),
    /// It was deleted there.
    Deleted(RecordKind),
    /// It is gone there because it was merged into another one, which has what it had.
    Merged {
        /// Which kind.
        kind: RecordKind,
        /// The one that stays.
        into: RemoteId,
    },
    /// It could not be understood; it becomes a problem to show and blocks nothing else.
    Unreadable {
        /// Which kind.
        kind: RecordKind,
        /// What is wrong with it, naming the field.
        reason: String,
    },
}
