//! What each cause of a refusal means to an owner: what is wrong, what to do, and the action that resolves it.
//!
//! Absent on purpose: the vendors' codes; their connectors say what they mean.

use super::ProblemAction;
use ProblemAction::{ConnectionSettings, Dismiss, EditRecord, Rename, Renumber, Retry, SignIn};
use connector_contract::Cause;

/// What is wrong, what to do, and the action that resolves it. `{vendor}` and `{record}` are filled in.
pub type Words = (&'static str, &'static str, ProblemAction);

/// The words for each cause.
const CAUSES: &[(Cause, Words)] = &[
    (
        Cause::NameTaken,
        (
            "{vendor} already has another entry with the name of {record}.",
            "Give it a name that is not used there, also not by vendors, employees or inactive entries.",
            Rename,
        ),
    ),
    (
        Cause::NameCharacters,
        (
            "{vendor} takes no colon, tab or line break in a name, and {record} has one.",
            "Give it a name without; it is sent again by itself.",
            Rename,
        ),
    ),
    (
        Cause::NumberTaken,
        (
            "The number of {record} is already used in {vendor}.",
            "Use the next free number, type another one and save, or void the other document there and try again.",
            Renumber,
        ),
    ),
    (
        Cause::PeriodClosed,
        (
            "The books of that period are closed in {vendor}.",
            "Choose a date after the closing date and save, or open the period there and try again.",
            EditRecord,
        ),
    ),
    (
        Cause::ReferenceGone,
        (
            "{record} refers to something that was deleted or made inactive in {vendor}.",
            "Make its customer and items active there again and try again, or choose others and save.",
            Retry,
        ),
    ),
    (
        Cause::ReferenceRefused,
        (
            "{record} refers to something that {vendor} does not accept, mostly because it is inactive there.",
            "Make its customer and items active there again and try again, or choose others and save.",
            Retry,
        ),
    ),
    (
        Cause::CustomerMissing,
        (
            "The customer of {record} is missing or inactive in {vendor}.",
            "Make the customer active there again and try again, or choose another and save.",
            Retry,
        ),
    ),
    (
        Cause::NothingToApplyTo,
        (
            "{vendor} can't tie {record} to the documents it names: they are paid, void or another customer's.",
            "Look at the documents there, then void this here and record it again.",
            EditRecord,
        ),
    ),
    (
        Cause::SubscriptionEnded,
        (
            "The subscription of {vendor} has ended, so it takes no changes.",
            "Renew the subscription there, then try again.",
            Retry,
        ),
    ),
    (
        Cause::WrongAccountType,
        (
            "{vendor} says that an account is of the wrong type for {record}.",
            "Choose the accounts in the settings of the connection.",
            ConnectionSettings,
        ),
    ),
    (
        Cause::InDeposit,
        (
            "{record} is part of a deposit in {vendor}, so it can't be changed.",
            "Take it out of the deposit there, then try again.",
            Retry,
        ),
    ),
    (
        Cause::Settled,
        (
            "{record} is settled in {vendor}, so it can't be voided.",
            "Undo the settlement there, then try again.",
            Retry,
        ),
    ),
    (
        Cause::BankMatched,
        (
            "{record} is matched with the bank feed in {vendor}, so it can't be removed.",
            "Undo the match there, then try again.",
            Retry,
        ),
    ),
    (
        Cause::BeforeStockBegan,
        (
            "{record} is dated before {vendor} began to count one of its items.",
            "Choose a later date and save, or change the item's starting date there.",
            EditRecord,
        ),
    ),
    (
        Cause::Email,
        ("{vendor} does not accept the e-mail address of {record}.", "Correct the address and save.", EditRecord),
    ),
    (
        Cause::TooLong,
        (
            "A text of {record} is too long for {vendor}.",
            "Shorten it and save; the vendor's words say which.",
            EditRecord,
        ),
    ),
    (
        Cause::NotAllowed,
        (
            "The user who signed in may not do this in {vendor}.",
            "Give the user the right there, or sign in as an administrator.",
            SignIn,
        ),
    ),
    (
        Cause::NotInEdition,
        (
            "The edition of {vendor} does not have what {record} needs.",
            "Switch the feature on there, or leave it out here and save.",
            EditRecord,
        ),
    ),
    (
        Cause::RightsLost,
        ("The user who signed in has lost the rights in {vendor}.", "Sign in as an administrator.", SignIn),
    ),
    (Cause::NoStore, ("The {vendor} account has no store yet.", "Add a store there, then try again.", Retry)),
    (
        Cause::Locked,
        (
            "{record} has been shipped or cancelled in {vendor} and can't be changed there any more.",
            "Nothing is left to do. Make the change there by hand if it matters.",
            Dismiss,
        ),
    ),
    (Cause::ReadOnly, ("{vendor} takes no changes from here.", "Make the change there by hand.", Dismiss)),
    (
        Cause::KeyKnown,
        (
            "{vendor} has met the key of this change before, with other content.",
            "Save the record again; it then goes out under a new key.",
            EditRecord,
        ),
    ),
    (
        Cause::KeyRefused,
        (
            "{vendor} did not accept the key of this change.",
            "Save the record again; it then goes out under a new key.",
            EditRecord,
        ),
    ),
    (
        Cause::AlreadyThere,
        (
            "{vendor} already has {record}.",
            "Look for it there. If it is the same, archive or void one of the two.",
            EditRecord,
        ),
    ),
    (
        Cause::ParentUnfit,
        (
            "What {record} belongs to does not fit in {vendor}.",
            "Choose another customer or parent and save.",
            EditRecord,
        ),
    ),
    (
        Cause::InUse,
        (
            "{record} is used by other records in {vendor}, so it can't be removed.",
            "Remove or change those there first, then try again.",
            Retry,
        ),
    ),
    (
        Cause::ItsOwnParent,
        ("{record} can't belong to itself in {vendor}.", "Choose another parent and save.", EditRecord),
    ),
    (
        Cause::Lacking,
        (
            "{record} lacks something that {vendor} needs.",
            "Fill it in and save; the vendor's words say what.",
            EditRecord,
        ),
    ),
    (
        Cause::UnknownReference,
        (
            "{record} refers to something by an id that {vendor} does not know.",
            "Choose its customer and items again and save.",
            EditRecord,
        ),
    ),
    (
        Cause::Text,
        (
            "{vendor} does not accept a text of {record}.",
            "Correct it and save; the vendor's words say which.",
            EditRecord,
        ),
    ),
    (Cause::Date, ("{vendor} does not accept a date of {record}.", "Correct the date and save.", EditRecord)),
    (
        Cause::Number,
        (
            "{vendor} does not accept a number in {record}.",
            "Correct it and save; the vendor's words say which.",
            EditRecord,
        ),
    ),
    (
        Cause::Decimals,
        ("A number in {record} has more decimals than {vendor} takes.", "Round it and save.", EditRecord),
    ),
    (Cause::Amount, ("{vendor} does not accept an amount of {record}.", "Correct the amount and save.", EditRecord)),
    (Cause::Percentage, ("{vendor} does not accept a percentage of {record}.", "Correct it and save.", EditRecord)),
    (
        Cause::Quantity,
        ("{vendor} does not accept a quantity of {record}.", "Correct the quantity and save.", EditRecord),
    ),
    (
        Cause::Choice,
        (
            "{vendor} does not know a choice made in {record}.",
            "Choose another and save; the vendor's words say which.",
            EditRecord,
        ),
    ),
    (
        Cause::Currency,
        (
            "{vendor} does not work with the currency of {record}.",
            "Switch on several currencies there, or use the home currency here and save.",
            EditRecord,
        ),
    ),
    (
        Cause::NoLines,
        (
            "{record} has no lines that {vendor} accepts.",
            "Add a line with an item and an amount, and save.",
            EditRecord,
        ),
    ),
    (
        Cause::BelowZero,
        (
            "{record} has an amount below zero, which {vendor} does not take.",
            "Use a credit or a discount instead and save.",
            EditRecord,
        ),
    ),
    (
        Cause::CustomField,
        ("{vendor} does not accept a custom field of {record}.", "Clear the field there, then try again.", Retry),
    ),
    (
        Cause::Rule,
        (
            "A rule of {vendor} forbids this for {record}.",
            "The vendor's message says which. Correct the record and save.",
            EditRecord,
        ),
    ),
    (
        Cause::LineSum,
        (
            "In {record} an amount is not its quantity times its price, as {vendor} works it out.",
            "Open it, check the lines and save; the amounts are worked out again.",
            EditRecord,
        ),
    ),
    (
        Cause::DiscountsOff,
        (
            "{vendor} books discounts only once they are switched on there.",
            "Switch discounts on in the settings of {vendor}, then try again.",
            Retry,
        ),
    ),
    (
        Cause::LineTax,
        (
            "{vendor} does not accept the tax of a line of {record}.",
            "Choose the tax of its lines again and save.",
            EditRecord,
        ),
    ),
    (
        Cause::Tax,
        (
            "{vendor} does not accept the tax of {record}.",
            "Choose the tax of its lines again and save, or set the tax up there.",
            EditRecord,
        ),
    ),
    (
        Cause::TaxFree,
        (
            "{vendor} takes no tax on {record}, because it is marked as free of tax there.",
            "Take the tax off its lines and save.",
            EditRecord,
        ),
    ),
    (
        Cause::TooDeep,
        (
            "{record} lies too deep below other entries in {vendor}.",
            "Move it up there to at most five levels, then try again.",
            Retry,
        ),
    ),
    (
        Cause::QuantityMissing,
        (
            "{vendor} counts an item of {record} and needs a quantity for it.",
            "Enter the quantity and save.",
            EditRecord,
        ),
    ),
    (
        Cause::CompanyReset,
        (
            "The company was reset in {vendor}, so its earlier records no longer exist.",
            "Disconnect it and connect it again.",
            ConnectionSettings,
        ),
    ),
    (Cause::Hold, ("{vendor} took {record} but could not put it on hold.", "Try again, or set the hold there.", Retry)),
    (
        Cause::VendorFault,
        (
            "{vendor} fails on {record}, mostly because something in it is not what it expects.",
            "Check its address, items and service, and save. If nothing is wrong, try again later.",
            EditRecord,
        ),
    ),
];

/// The words for a cause; each has some, which a test holds.
pub fn words(cause: Cause) -> Option<Words> {
    CAUSES.iter().find(|(known, _)| *known == cause).map(|(_, words)| *words)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_cause_has_words_that_are_sentences_and_stands_once() {
        for cause in Cause::ALL {
            let (message, advice, _) = words(*cause).unwrap_or_else(|| panic!("{cause:?} has no words"));
            assert!(message.ends_with('.') && advice.ends_with('.'), "{cause:?}");
            assert_eq!(CAUSES.iter().filter(|(known, _)| known == cause).count(), 1, "{cause:?}");
        }
    }
}
