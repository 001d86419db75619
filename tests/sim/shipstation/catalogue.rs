//! Carriers, services and packages of the account: fixed, as most accounts' are.

use rust_decimal::Decimal;

/// A carrier account.
pub struct Carrier {
    /// Code.
    pub code: &'static str,
    /// Name.
    pub name: &'static str,
    /// Number of the account.
    pub account: &'static str,
    /// Needs money on it before a label is bought.
    pub funded: bool,
    /// Id with the vendor.
    pub provider_id: i64,
    /// Code, name, domestic, and price of a label in cents.
    pub services: &'static [(&'static str, &'static str, bool, i64)],
}

/// All carriers.
pub const CARRIERS: &[Carrier] = &[
    Carrier {
        code: "stamps_com",
        name: "Stamps.com",
        account: "SS123",
        funded: true,
        provider_id: 12_345,
        services: &[
            ("usps_ground_advantage", "USPS Ground Advantage", true, 735),
            ("usps_priority_mail", "USPS Priority Mail", true, 985),
            ("usps_first_class_mail_international", "USPS First Class Mail Intl", false, 1_640),
        ],
    },
    Carrier {
        code: "ups",
        name: "UPS",
        account: "ABCR80",
        funded: false,
        provider_id: 12_347,
        services: &[("ups_ground", "UPS Ground", true, 1_112), ("ups_2nd_day_air", "UPS 2nd Day Air", true, 2_455)],
    },
    Carrier {
        code: "fedex",
        name: "FedEx",
        account: "297929999",
        funded: false,
        provider_id: 12_348,
        services: &[
            ("fedex_ground", "FedEx Ground", true, 1_204),
            ("fedex_home_delivery", "FedEx Home Delivery", true, 1_268),
        ],
    },
];

/// Code and name of packages, the same for every carrier here.
pub const PACKAGES: &[(&str, &str)] =
    &[("package", "Package"), ("letter", "Letter"), ("large_envelope_or_flat", "Large Envelope or Flat")];

/// The user behind the keys.
pub const USER_ID: &str = "123456ab-ab12-3c4d-5e67-89f1abc1defa";

/// The carrier with this code.
pub fn carrier(code: &str) -> Option<&'static Carrier> {
    CARRIERS.iter().find(|carrier| carrier.code == code)
}

/// What a label costs.
pub fn price(carrier: &str, service: &str) -> Option<Decimal> {
    let service = self::carrier(carrier)?.services.iter().find(|(code, ..)| *code == service)?;
    Some(Decimal::new(service.3, 2))
}
