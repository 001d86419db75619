//! What ShipStation's refusals mean. It has no codes of its own: the words are this connector's, and `500` is a fault of its program that
//! stays.

use connector_contract::Cause;

/// The vendor's code, or the connector's own word, and what it means.
pub(crate) const REFUSALS: &[(&str, Cause)] =
    &[("500", Cause::VendorFault), ("hold", Cause::Hold), ("locked", Cause::Locked), ("no_store", Cause::NoStore)];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_refusal_of_this_connector_that_needs_words_has_a_cause() {
        let documented = ["no_store", "locked", "hold", "500"];
        for code in documented {
            assert!(REFUSALS.iter().any(|(known, _)| *known == code), "{code}");
        }
    }
}
