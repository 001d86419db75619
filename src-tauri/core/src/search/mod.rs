//! Finding any record by a few letters (Ctrl+K).

use serde::{Deserialize, Serialize};

/// A found record.
#[derive(Debug, Clone, Serialize, Deserialize, specta::Type)]
pub struct SearchHit {
    /// Kind of record: `customer`, `item`, `order`, `invoice`.
    pub kind: String,
    /// Local id.
    pub id: String,
    /// Name or number.
    pub title: String,
    /// A second line, such as the customer of an invoice.
    pub subtitle: String,
}

impl crate::Core {
    /// Finds records of all kinds; best matches first.
    pub fn search(&self, text: String, limit: u32) -> crate::Result<Vec<SearchHit>> {
        self.store.read(|db| crate::store::search::records(db, &text, limit))
    }
}
