//! One change on its way to a vendor.

use crate::{Record, RecordKind, RemoteId, RemoteVersion};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Names one intended effect. The outbox entry's id and generation, at most 50 ASCII characters, unique for ever.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct IdempotencyKey(pub String);

/// A change to send. The record's references are remote ids of the same connection.
#[derive(Debug, Clone)]
pub struct Push {
    /// The same for every try of this change.
    pub key: IdempotencyKey,
    /// Whether an earlier try may already have been applied.
    pub attempt: Attempt,
    /// What the vendor may know the record by beside its own id (order key, marker in a note, metadata): our id of it, or for an
    /// order that is made again after it ended there the id of this change. At most 36 characters.
    pub natural_key: String,
    /// What to do.
    pub operation: Operation,
}

/// Whether an earlier try of the same change may have been applied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Attempt {
    /// No earlier try, or one that certainly had no effect.
    Clean,
    /// An earlier try ended without an answer. Replay the key where the vendor honours it, else look first.
    AfterUnknown,
}

/// What to do with the record over there.
#[derive(Debug, Clone)]
pub enum Operation {
    /// It does not exist there yet. For a shipment: what is still open of its order has left, and the vendor is told so. It is
    /// the vendor that says which record of its own that made.
    Create(Box<Record>),
    /// Make it look like this.
    Update {
        /// Which one.
        remote_id: RemoteId,
        /// The version we last saw; a newer one there is `Conflict`.
        version: Option<RemoteVersion>,
        /// The record both sides last agreed on, in our writing. A connector changes only the fields in which `record` differs
        /// from it and leaves everything else as the vendor has it. `None` where it is not known in full: then whatever
        /// differs from what the vendor has is changed.
        base: Option<Box<Record>>,
        /// The whole record as it should be.
        record: Box<Record>,
    },
    /// Void (documents) or deactivate (list records) it; nothing is ever hard-deleted.
    Retire {
        /// Which one.
        remote_id: RemoteId,
        /// The version we last saw.
        version: Option<RemoteVersion>,
        /// Which kind it is.
        kind: RecordKind,
    },
}

/// The outcome of a successful push: the record as the vendor now has it.
#[derive(Debug, Clone, PartialEq)]
pub struct Pushed {
    /// The vendor's id.
    pub remote_id: RemoteId,
    /// Its version now.
    pub version: Option<RemoteVersion>,
    /// What the vendor stored, which may differ from what was sent (a number it assigned, a tax it computed).
    /// `None` when the vendor only acknowledged, and when the record was found again after doubt: it may have been changed
    /// there since, and such a change must come in as one.
    pub record: Option<Box<Record>>,
    /// What of the record was in the request.
    pub written: Written,
}

/// What of a record was in the request that sent it, now or at an earlier try of the same change. The account of a run names
/// nothing else.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Written {
    /// Everything the change is about, as far as [`crate::Connector::keeps`] says that the vendor has a place for it.
    #[default]
    Change,
    /// These fields, by the names they have in the neutral record. None: the vendor had it all, or keeps none of it.
    Fields(BTreeSet<String>),
}

impl Written {
    /// These fields.
    pub fn fields<'a>(names: impl IntoIterator<Item = &'a str>) -> Self {
        Self::Fields(names.into_iter().map(str::to_owned).collect())
    }

    /// Whether a field of the change was in the request.
    pub fn names(&self, field: &str) -> bool {
        match self {
            Self::Change => true,
            Self::Fields(fields) => fields.contains(field),
        }
    }

    /// Whether no field was.
    pub fn is_nothing(&self) -> bool {
        matches!(self, Self::Fields(fields) if fields.is_empty())
    }
}
