//! Why a vendor refuses a change, in neutral terms. Which code of a vendor's means which is its connector's to say
//! (`Descriptor::refusals`); what an owner reads is core's.
//!
//! Absent on purpose: refusals of a connector's own that are whole sentences for the owner already; they need no cause.

/// Declares the causes, and lists them.
macro_rules! causes {
    ($($(#[$doc:meta])+ $name:ident,)+) => {
        /// Why a change was refused.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Cause {
            $($(#[$doc])+ $name,)+
        }

        impl Cause {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$name,)+];
        }
    };
}

causes! {
    /// Another entry has the name.
    NameTaken,
    /// A name holds a character that the vendor takes in none.
    NameCharacters,
    /// The number of a document is used.
    NumberTaken,
    /// The books of that period are closed.
    PeriodClosed,
    /// It refers to something that was deleted or made inactive.
    ReferenceGone,
    /// It refers to something that the vendor does not accept there.
    ReferenceRefused,
    /// Its customer is missing or inactive.
    CustomerMissing,
    /// A payment can't be tied to the documents it names.
    NothingToApplyTo,
    /// The subscription has ended.
    SubscriptionEnded,
    /// An account is of the wrong type.
    WrongAccountType,
    /// It is part of a bank deposit.
    InDeposit,
    /// It is settled.
    Settled,
    /// It is matched with the bank feed.
    BankMatched,
    /// It is dated before an item began to be counted.
    BeforeStockBegan,
    /// An e-mail address is not accepted.
    Email,
    /// A text is too long.
    TooLong,
    /// The user who signed in may not do this.
    NotAllowed,
    /// The edition lacks what it needs.
    NotInEdition,
    /// The user who signed in has lost the rights.
    RightsLost,
    /// The account has no store yet.
    NoStore,
    /// It has been shipped or canceled and can't be changed any more.
    Locked,
    /// The vendor takes no changes.
    ReadOnly,
    /// The key of the change was met before, with other content.
    KeyKnown,
    /// The key of the change is not accepted.
    KeyRefused,
    /// The vendor has the record already.
    AlreadyThere,
    /// What it belongs to does not fit.
    ParentUnfit,
    /// Other records use it.
    InUse,
    /// It would belong to itself.
    ItsOwnParent,
    /// Something that the vendor needs is missing.
    Lacking,
    /// It refers to an id that the vendor does not know.
    UnknownReference,
    /// A text is not accepted.
    Text,
    /// A date is not accepted.
    Date,
    /// A number is not accepted.
    Number,
    /// A number has too many decimals.
    Decimals,
    /// An amount is not accepted.
    Amount,
    /// A percentage is not accepted.
    Percentage,
    /// A quantity is not accepted.
    Quantity,
    /// A choice is not known.
    Choice,
    /// The currency is not used there.
    Currency,
    /// No line is accepted.
    NoLines,
    /// An amount is below zero.
    BelowZero,
    /// A custom field is not accepted.
    CustomField,
    /// A rule of the vendor's forbids it.
    Rule,
    /// An amount is not its quantity times its price.
    LineSum,
    /// Discounts are switched off.
    DiscountsOff,
    /// The tax of a line is not accepted.
    LineTax,
    /// The tax is not accepted.
    Tax,
    /// It is marked as free of tax.
    TaxFree,
    /// It lies too deep below other entries.
    TooDeep,
    /// A counted item needs a quantity.
    QuantityMissing,
    /// The company was reset.
    CompanyReset,
    /// It was taken but not put on hold.
    Hold,
    /// The vendor fails on it.
    VendorFault,
}
