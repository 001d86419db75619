//! Positions in the streams. Plain structs without tagged variants: with exact numbers switched on, serde can't read
//! whole numbers inside those.

use crate::entity::Entity;
use chrono::{DateTime, Utc};
use connector_contract::{ConnectorError, Cursor};
use serde::{Deserialize, Serialize};

/// Rows asked for at once; the most QuickBooks gives.
pub(crate) const PAGE: u64 = 1000;
/// Pages overlap by this many rows.
pub(crate) const OVERLAP: u64 = 10;

/// A place in a list that is read page by page in the order of ids.
///
/// Positions are counted from the start of the list, so a row deleted while we read moves all later rows up and a page
/// would skip some. Pages therefore overlap, and a page that shows none of the last rows of the page before is a sign
/// to step back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Walk {
    /// Position of the first row wanted, counted from 1.
    pub position: u64,
    /// Ids of the last rows seen.
    pub tail: Vec<String>,
}

impl Walk {
    pub(crate) fn start() -> Self {
        Self { position: 1, tail: Vec::new() }
    }

    /// Where to go on after a page with these ids; `None` when the list has ended.
    pub(crate) fn after(&self, ids: Vec<String>) -> Option<Self> {
        let count = ids.len() as u64;
        let joins = self.position == 1 || self.tail.is_empty() || ids.iter().any(|id| self.tail.contains(id));
        if !joins {
            let position = self.position.saturating_sub(PAGE - OVERLAP).max(1);
            return Some(Self { position, tail: self.tail.clone() });
        }
        if count < PAGE {
            return None;
        }
        let position = self.position + count - OVERLAP;
        let keep = ids.len() - usize::try_from(OVERLAP).unwrap_or_default().min(ids.len());
        Some(Self { position, tail: ids.into_iter().skip(keep).collect() })
    }
}

/// Position in a first sync.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ListCursor {
    /// The server's time at the first page: `changes` has to start there.
    pub began: DateTime<Utc>,
    /// `None` when the list is finished for good.
    pub walk: Option<Walk>,
}

/// Position in the changes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ChangesCursor {
    /// Everything up to here has been handed over.
    pub since: DateTime<Utc>,
    /// What `since` becomes when the work below is done.
    pub until: Option<DateTime<Utc>>,
    /// Work of a window that did not fit into one answer.
    pub todo: Vec<Step>,
}

impl ChangesCursor {
    pub(crate) fn starting(since: DateTime<Utc>) -> Self {
        Self { since, until: None, todo: Vec::new() }
    }
}

/// A part of a large window.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Step {
    pub entity: Entity,
    pub how: How,
    pub from: DateTime<Utc>,
    /// Only for lists.
    pub walk: Option<Walk>,
}

impl Step {
    pub(crate) fn capture(entity: Entity, from: DateTime<Utc>) -> Self {
        Self { entity, how: How::Capture, from, walk: None }
    }

    pub(crate) fn list(entity: Entity, from: DateTime<Utc>) -> Self {
        Self { entity, how: How::List, from, walk: Some(Walk::start()) }
    }
}

/// How a part is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum How {
    /// Change data capture: shows deletions, holds at most 1,000 objects.
    Capture,
    /// Query by time of change: pages, but shows no deletions.
    List,
}

/// Writes a position.
pub(crate) fn write(cursor: &impl Serialize) -> Result<Cursor, ConnectorError> {
    let text = serde_json::to_string(cursor);
    text.map(Cursor).map_err(|_| ConnectorError::Protocol("the position could not be written down".to_owned()))
}

/// Reads a position. One that can't be read means the stream starts again, which is harmless.
pub(crate) fn read<T: serde::de::DeserializeOwned>(cursor: &Cursor) -> Result<T, ConnectorError> {
    serde_json::from_str(&cursor.0).map_err(|_| ConnectorError::CursorExpired)
}
