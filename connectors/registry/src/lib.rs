//! The one list of vendors. A new one is added here and nowhere else outside its own folder.
//!
//! Absent on purpose: anything a vendor does; core only sees what this list returns.

use connector_contract::Vendor;
use connector_http::Exchange;
use std::sync::Arc;

/// All vendors that can be connected, in the order the connect dialog shows them. All requests go through `exchange`.
pub fn vendors(exchange: Arc<dyn Exchange>) -> Vec<Vendor> {
    [connector_quickbooks::vendor, connector_shipstation::vendor, connector_stripe::vendor]
        .map(|vendor| vendor(Arc::clone(&exchange)))
        .into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use connector_contract::SignIn;
    use connector_http::Network;
    use std::collections::BTreeSet;

    fn all() -> Vec<Vendor> {
        vendors(Arc::new(Network::new().unwrap()))
    }

    #[test]
    fn every_vendor_is_listed_once_and_tells_how_to_sign_in() {
        let names: Vec<&str> = all().iter().map(|vendor| vendor.descriptor.id).collect();
        assert_eq!(names, ["quickbooks", "shipstation", "stripe"]);
        for vendor in all() {
            let in_browser = vendor.descriptor.sign_in == SignIn::OAuth;
            assert_eq!(vendor.sign_in.is_some(), in_browser, "{}", vendor.descriptor.name);
        }
    }

    #[test]
    fn production_is_encrypted_and_every_endpoint_and_field_has_a_name_of_its_own() {
        for vendor in all() {
            let descriptor = vendor.descriptor;
            assert!(descriptor.endpoints.iter().all(|endpoint| endpoint.production.starts_with("https://")));
            let endpoints: BTreeSet<&str> = descriptor.endpoints.iter().map(|endpoint| endpoint.id).collect();
            let fields: BTreeSet<&str> = descriptor.fields.iter().map(|field| field.id).collect();
            let settings: BTreeSet<&str> = descriptor.settings.iter().map(|setting| setting.id).collect();
            assert_eq!(endpoints.len(), descriptor.endpoints.len(), "{}", descriptor.name);
            assert_eq!(fields.len(), descriptor.fields.len(), "{}", descriptor.name);
            assert_eq!(settings.len(), descriptor.settings.len(), "{}", descriptor.name);
        }
    }

    #[test]
    fn no_refusal_means_two_things() {
        for vendor in all() {
            let refusals = vendor.descriptor.refusals;
            let codes: BTreeSet<&str> = refusals.iter().map(|(code, _)| *code).collect();
            assert_eq!(codes.len(), refusals.len(), "{}", vendor.descriptor.name);
        }
    }
}
