//! Where a stream stands, as the connector writes it into the cursor that core keeps.

use connector_contract::{ConnectorError, Cursor};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, VecDeque};

/// Position in the stream of changes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Changes {
    /// Listing everything, or following events.
    pub at: Position,
    /// Follow-up questions that records of earlier pages raised; answered before going on.
    #[serde(default, skip_serializing_if = "VecDeque::is_empty")]
    pub errands: VecDeque<Errand>,
}

/// Listing everything, or following events. All times are unix seconds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Position {
    /// Reading whole lists, newest first.
    Listing {
        /// Which list.
        list: List,
        /// Objects made from then on.
        since: i64,
        /// When the first list was begun; events are followed from there.
        started: i64,
        /// The last object of the page before.
        after: Option<String>,
    },
    /// Following events.
    Events {
        /// Everything before is known.
        from: i64,
        /// A window that is not read to its end.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        window: Option<Window>,
    },
}

/// The lists, in the order in which references resolve.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum List {
    Charges,
    Refunds,
    Disputes,
    Payouts,
}

impl List {
    /// The one to read after this.
    pub const fn next(self) -> Option<Self> {
        match self {
            Self::Charges => Some(Self::Refunds),
            Self::Refunds => Some(Self::Disputes),
            Self::Disputes => Some(Self::Payouts),
            Self::Payouts => None,
        }
    }
}

/// A span of events that takes several pages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Window {
    /// Its end.
    pub until: i64,
    /// When it was opened.
    pub opened: i64,
    /// The last event of the page before.
    pub after: Option<String>,
    /// Objects already handed over, and when that state of them was made. Pages run from new to old, so a later page
    /// may hold older states of them, which must not win.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub seen: BTreeMap<String, i64>,
}

/// A follow-up question.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Errand {
    /// The balance rows of a payout.
    Members {
        /// Which payout.
        payout: String,
        /// The last row of the page before.
        after: Option<String>,
    },
    /// The refunds of a charge, which some accounts' events only hint at.
    Refunds {
        /// Which charge.
        charge: String,
        /// The last refund of the page before.
        after: Option<String>,
    },
}

/// Position in the stream of balance rows. All times are unix seconds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Balance {
    /// Everything before is known.
    pub from: i64,
    /// A span that is not read to its end: when it was opened, and the last row of the page before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub open: Option<(i64, String)>,
}

/// Reads a cursor. One that this version cannot read is as good as none: the stream starts again, which loses nothing.
pub fn read<T: DeserializeOwned>(cursor: &Cursor) -> Result<T, ConnectorError> {
    serde_json::from_str(&cursor.0).map_err(|_| ConnectorError::CursorExpired)
}

/// Writes a cursor.
pub fn write<T: Serialize>(position: &T) -> Result<Cursor, ConnectorError> {
    serde_json::to_string(position)
        .map(Cursor)
        .map_err(|error| ConnectorError::Protocol(format!("the position could not be written: {error}")))
}
