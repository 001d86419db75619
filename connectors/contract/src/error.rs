//! Errors a connector can report: one kind for each thing the engine does differently.

use std::time::Duration;

/// Who refused a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RefusedBy {
    /// The vendor answered so; the text is its words.
    Vendor,
    /// Our connector, which knows that the vendor can't take it; the text is ours and must never be quoted as the vendor's.
    Us,
}

/// A change was understood and refused. Trying again unchanged cannot help.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rejection {
    /// Whose words the text is.
    pub by: RefusedBy,
    /// The vendor's own code, such as `6240`, or a word of ours.
    pub code: String,
    /// The neutral field it is about, such as `display_name`, where the connector knows.
    pub field: Option<String>,
    /// Why, in the words of whoever refused, cut to a sensible length.
    pub text: String,
}

impl Rejection {
    /// A refusal in the vendor's words.
    pub fn vendors(code: impl Into<String>, field: Option<String>, text: impl Into<String>) -> Self {
        Self { by: RefusedBy::Vendor, code: code.into(), field, text: text.into() }
    }

    /// A refusal of our own, in our words.
    pub fn ours(code: impl Into<String>, field: Option<String>, text: impl Into<String>) -> Self {
        Self { by: RefusedBy::Us, code: code.into(), field, text: text.into() }
    }
}

/// What went wrong between us and a vendor. Texts never hold secrets or whole bodies.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConnectorError {
    /// The sign-in no longer works; only the owner can mend it.
    #[error("not signed in: {0}")]
    Unauthorized(String),
    /// Too many requests. Nothing was applied.
    #[error("asked to slow down")]
    RateLimited {
        /// How long the vendor wants us to wait.
        after: Duration,
    },
    /// The vendor could not be reached or is out of order. Nothing was applied.
    #[error("unavailable: {0}")]
    Unavailable(String),
    /// A write was sent and no answer came: it may or may not have been applied.
    #[error("no answer: {0}")]
    Unknown(String),
    /// The vendor refused this record, or our connector did, knowing that the vendor would.
    #[error("refused ({code}): {text}", code = .0.code, text = .0.text)]
    Rejected(Rejection),
    /// The remote record has moved on since we last saw it.
    #[error("changed on the other side")]
    Conflict {
        /// The version it has now, where the vendor tells.
        remote_version: Option<crate::RemoteVersion>,
    },
    /// The remote record does not exist (any more).
    #[error("not found: {0}")]
    NotFound(String),
    /// A create had its effect, and the record it made was deleted over there before anybody here heard of it.
    #[error("made, and deleted since")]
    DeletedSince(crate::RemoteId),
    /// The answer is not what the vendor's documentation promises: HTML, truncated JSON, a missing field.
    #[error("unreadable answer: {0}")]
    Protocol(String),
    /// The answer is larger than is read at once; asking for less may help. Nothing was applied.
    #[error("the answer is larger than allowed")]
    TooLarge,
    /// The cursor is too old for the vendor; the stream has to be read again from its start.
    #[error("the cursor is too old")]
    CursorExpired,
    /// A fault of our own: the connector panicked. A write may have been applied.
    #[error("{0}")]
    Bug(String),
    /// The keychain failed, so no request could be signed.
    #[error(transparent)]
    Keychain(#[from] crate::SecretError),
}

impl ConnectorError {
    /// Whether trying the same thing later may help without the owner doing anything.
    pub fn is_transient(&self) -> bool {
        matches!(self, Self::RateLimited { .. } | Self::Unavailable(_) | Self::Unknown(_))
    }
}
