//! What QuickBooks' refusals mean, by the code of its faults (the error codes page of its developer documentation).
//!
//! Absent on purpose: sign-in, limits, stale versions and failures of the service, which `fault` sorts before.

use connector_contract::Cause;

/// The vendor's code, or the connector's own word, and what it means.
pub(crate) const REFUSALS: &[(&str, Cause)] = &[
    ("6240", Cause::NameTaken),
    ("name_characters", Cause::NameCharacters),
    ("6140", Cause::NumberTaken),
    ("6210", Cause::PeriodClosed),
    ("6200", Cause::PeriodClosed),
    ("610", Cause::ReferenceGone),
    ("2500", Cause::ReferenceRefused),
    ("6250", Cause::CustomerMissing),
    ("620", Cause::NothingToApplyTo),
    ("6190", Cause::SubscriptionEnded),
    ("6430", Cause::WrongAccountType),
    ("6540", Cause::InDeposit),
    ("6450", Cause::Settled),
    ("6480", Cause::BankMatched),
    ("6270", Cause::BeforeStockBegan),
    ("2210", Cause::Email),
    ("2050", Cause::TooLong),
    ("5020", Cause::NotAllowed),
    ("5030", Cause::NotInEdition),
    ("120", Cause::RightsLost),
    ("600", Cause::KeyKnown),
    ("2130", Cause::KeyRefused),
    ("630", Cause::AlreadyThere),
    ("700", Cause::ParentUnfit),
    ("800", Cause::InUse),
    ("900", Cause::ItsOwnParent),
    ("2020", Cause::Lacking),
    ("2030", Cause::UnknownReference),
    ("2040", Cause::Text),
    ("2060", Cause::Date),
    ("2070", Cause::Date),
    ("2090", Cause::Number),
    ("2100", Cause::Decimals),
    ("2110", Cause::Decimals),
    ("2140", Cause::Amount),
    ("2150", Cause::Percentage),
    ("2160", Cause::Quantity),
    ("2170", Cause::Choice),
    ("2220", Cause::Currency),
    ("2250", Cause::NoLines),
    ("2290", Cause::BelowZero),
    ("3000", Cause::CustomField),
    ("6000", Cause::Rule),
    ("6070", Cause::LineSum),
    ("6090", Cause::DiscountsOff),
    ("6100", Cause::LineTax),
    ("6160", Cause::Tax),
    ("6170", Cause::TaxFree),
    ("6180", Cause::TooDeep),
    ("6520", Cause::QuantityMissing),
    ("10200", Cause::CompanyReset),
    ("500", Cause::VendorFault),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_refusal_that_quickbooks_documents_has_a_cause() {
        let documented = [
            "500", "600", "610", "620", "630", "700", "800", "900", "2020", "2030", "2040", "2050", "2060", "2070",
            "2090", "2100", "2110", "2130", "2140", "2150", "2160", "2170", "2210", "2220", "2250", "2290", "2500",
            "3000", "5020", "5030", "6000", "6070", "6090", "6100", "6140", "6160", "6170", "6180", "6190", "6200",
            "6210", "6240", "6250", "6270", "6430", "6450", "6480", "6520", "6540", "10200",
        ];
        for code in documented {
            assert!(REFUSALS.iter().any(|(known, _)| *known == code), "{code}");
        }
    }
}
