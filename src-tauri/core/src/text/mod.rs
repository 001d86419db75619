//! The one place that decides about text: what becomes of what is typed, and when two texts count as the same.
//!
//! - [`typed`]: what the owner types or pastes, in Unicode's composed form and without characters that nobody sees.
//! - [`same_key`]: two texts with one key are one name, number, SKU or address, whatever their case, width or composition.
//! - [`search_key`]: what is searched and sorted by; accents and marks don't count either.
//! - [`number_key`]: a document's number as it is sorted.
//! - [`spreadsheet::cell`]: text in a CSV file, so that nothing of it runs.
//! - [`barcode_key`]: a barcode by its number, however many zeros a scanner puts in front.
//!
//! Absent on purpose: any change of what a vendor sent. It is kept and goes back as it came; only its keys are made here.

mod clean;
mod fold;
mod gtin;
pub mod spreadsheet;

pub use clean::{is_blank, typed};
pub use fold::{number_key, same_key, search_key};
pub use gtin::barcode_key;
