//! Errors on their way to the window: a code it acts on, words for people, and the id to find it in the log.

use backroom_core::{Code, Error, FieldError};
use serde::Serialize;
use uuid::Uuid;

/// What the window gets instead of data.
#[derive(Debug, Serialize, specta::Type)]
pub struct UiError {
    /// What to act on.
    pub code: Code,
    /// What happened, as a sentence.
    pub message: String,
    /// Every bad field, for `invalid`.
    pub fields: Vec<FieldError>,
    /// A next step, where one is known beyond the code's own.
    pub hint: String,
    /// Finds the request in the log.
    pub request_id: String,
}

impl UiError {
    /// Turns an error of core into one for the window, and logs it.
    pub fn new(error: Error, request_id: Uuid) -> Self {
        let code = error.code();
        let message = error.to_string();
        tracing::warn!(error.code = ?code, "command failed");
        let fields = if let Error::Invalid(fields) = error { fields } else { Vec::new() };
        Self { code, message, fields, hint: String::new(), request_id: request_id.to_string() }
    }
}
