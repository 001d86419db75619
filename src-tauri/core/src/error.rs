//! The one error type of core, and the codes the faces of the app act on.

use connector_contract::ConnectorError;
use serde::{Deserialize, Serialize};

/// Shorthand for results of this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What can go wrong. Texts are for the owner; they never hold secrets.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Input that can't be accepted; lists every bad field, not only the first.
    #[error("{} to correct", if .0.len() == 1 { "one field".to_owned() } else { format!("{} fields", .0.len()) })]
    Invalid(Vec<FieldError>),
    /// The record does not exist.
    #[error("this {0} no longer exists")]
    NotFound(&'static str),
    /// The record was changed since it was opened.
    #[error("this {0} was changed in the meantime")]
    Stale(&'static str),
    /// A rule forbids it; the text says which and what to do instead.
    #[error("{0}")]
    Refused(String),
    /// A vendor answered with an error.
    #[error(transparent)]
    Connector(#[from] ConnectorError),
    /// The keychain can't be used.
    #[error(transparent)]
    Keychain(#[from] connector_contract::SecretError),
    /// Reading or writing the data file failed.
    #[error("the data file could not be read or written: {0}")]
    Storage(String),
    /// The disk has no room for the change; nothing was saved.
    #[error("the disk is full; nothing was saved")]
    DiskFull,
    /// The data file is damaged.
    #[error("the data file is damaged: {0}")]
    FileCorrupt(String),
    /// What lies in the data file's place can't be used as one: a folder, a link, or something Backroom has no access to.
    #[error("{0}")]
    FileUnusable(String),
    /// Another process works on the data file.
    #[error("{0}")]
    FileInUse(String),
    /// The data file was written by a newer version of the app.
    #[error("this data file was written by a newer version of Backroom (format {found}, this app knows {known})")]
    FileTooNew {
        /// Format of the file.
        found: u32,
        /// Newest format this app knows.
        known: u32,
    },
    /// A broken promise inside the app.
    #[error("an internal error: {0}")]
    Bug(String),
}

/// One field that can't be accepted as it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, specta::Type)]
pub struct FieldError {
    /// Path of the field in the draft, such as `email` or `lines.2.quantity`.
    pub field: String,
    /// What is wrong and what would be right, as a sentence.
    pub reason: String,
}

impl FieldError {
    /// A field and what is wrong with it.
    pub fn new(field: impl Into<String>, reason: impl Into<String>) -> Self {
        Self { field: field.into(), reason: reason.into() }
    }
}

/// Codes a face of the app acts on: one code, one wording, one action. Add one only if a consumer behaves differently.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, specta::Type)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "each mirrors a variant of Error or ConnectorError")]
pub enum Code {
    Invalid,
    NotFound,
    Stale,
    Refused,
    SignedOut,
    RateLimited,
    VendorUnavailable,
    VendorRefused,
    VendorConflict,
    VendorNotFound,
    VendorProtocol,
    Keychain,
    Storage,
    DiskFull,
    FileCorrupt,
    FileTooNew,
    FileUnusable,
    FileInUse,
    Bug,
}

impl Error {
    /// The code of this error.
    pub fn code(&self) -> Code {
        match self {
            Self::Invalid(_) => Code::Invalid,
            Self::NotFound(_) => Code::NotFound,
            Self::Stale(_) => Code::Stale,
            Self::Refused(_) => Code::Refused,
            Self::Connector(error) => match error {
                ConnectorError::Unauthorized(_) => Code::SignedOut,
                ConnectorError::RateLimited { .. } => Code::RateLimited,
                ConnectorError::Unavailable(_) | ConnectorError::Unknown(_) => Code::VendorUnavailable,
                ConnectorError::Rejected(_) => Code::VendorRefused,
                ConnectorError::Conflict { .. } => Code::VendorConflict,
                ConnectorError::NotFound(_) | ConnectorError::DeletedSince(_) => Code::VendorNotFound,
                ConnectorError::Protocol(_) | ConnectorError::TooLarge | ConnectorError::CursorExpired => {
                    Code::VendorProtocol
                }
                ConnectorError::Bug(_) => Code::Bug,
                ConnectorError::Keychain(_) => Code::Keychain,
            },
            Self::Keychain(_) => Code::Keychain,
            Self::Storage(_) => Code::Storage,
            Self::DiskFull => Code::DiskFull,
            Self::FileCorrupt(_) => Code::FileCorrupt,
            Self::FileTooNew { .. } => Code::FileTooNew,
            Self::FileUnusable(_) => Code::FileUnusable,
            Self::FileInUse(_) => Code::FileInUse,
            Self::Bug(_) => Code::Bug,
        }
    }

    /// One bad field.
    pub fn invalid(field: impl Into<String>, reason: impl Into<String>) -> Self {
        Self::Invalid(vec![FieldError::new(field, reason)])
    }
}

impl From<backroom_money::AmountError> for Error {
    fn from(error: backroom_money::AmountError) -> Self {
        Self::Refused(format!("An amount can't be computed: {error}."))
    }
}
