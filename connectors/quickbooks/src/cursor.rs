//! Positions in the streams. Plain structs without tagged variants: with exact numbers switched on, serde can't read
//! whole numbers inside those.

use crate::entity::Entity;
use chrono::{DateTime, Utc};
use connector_contract::{ConnectorError, Cursor};
use connector_http::{Narrow, Sizes};
use serde::{Deserialize, Serialize};

/// Rows asked for at once: the most QuickBooks gives, and less where the answer is larger than is read at once.
pub(crate) const SIZES: Sizes = Sizes(&[1000, 250, 50, 1]);
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
    /// Rows to ask for.
    #[serde(default = "largest")]
    pub size: u64,
}

/// What a position of an earlier version asks for.
const fn largest() -> u64 {
    SIZES.largest()
}

impl Walk {
    pub(crate) fn start() -> Self {
        Self { position: 1, tail: Vec::new(), size: largest() }
    }

    /// Asks for more again, one step, where whole larger pages have been left behind.
    fn grow(mut self) -> Self {
        self.size = SIZES.larger(self.size, self.position - 1);
        self
    }

    /// Rows that the next page shows again. A page of one row can't overlap and move on at once.
    fn overlap(&self) -> u64 {
        if self.size > OVERLAP { OVERLAP } else { 0 }
    }

    /// Where to go on after a page with these ids; `None` when the list has ended.
    pub(crate) fn after(&self, ids: Vec<String>) -> Option<Self> {
        let count = ids.len() as u64;
        let joins = self.position == 1 || self.tail.is_empty() || ids.iter().any(|id| self.tail.contains(id));
        if !joins {
            let position = self.position.saturating_sub(self.size - self.overlap()).max(1);
            return Some(Self { position, ..self.clone() });
        }
        if count < self.size {
            return None;
        }
        let position = self.position + count - self.overlap();
        let keep = ids.len() - usize::try_from(self.overlap()).unwrap_or_default().min(ids.len());
        Some(Self { position, tail: ids.into_iter().skip(keep).collect(), size: self.size }.grow())
    }
}

impl Narrow for Walk {
    const SIZES: Sizes = SIZES;

    fn size(&mut self) -> &mut u64 {
        &mut self.size
    }

    fn skip(&mut self) {
        self.position += 1;
        self.tail.clear();
    }

    fn one_row_on(&self, rows: u64) -> Self {
        Self { position: self.position + rows, tail: Vec::new(), size: 1 }
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
    /// A window that no capture could read. What exists came in by lists, which show neither deletions nor merges.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub blind: Option<Blind>,
}

/// A window of which deletions and merges are not known yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Blind {
    /// Where it begins.
    pub from: DateTime<Utc>,
    /// When it was last tried.
    pub tried: DateTime<Utc>,
}

impl ChangesCursor {
    pub(crate) fn starting(since: DateTime<Utc>) -> Self {
        Self { since, until: None, todo: Vec::new(), blind: None }
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
