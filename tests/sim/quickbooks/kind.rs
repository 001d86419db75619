//! The vendor's entities: names, id series, properties, and which of them can be filtered.

use serde::{Deserialize, Serialize};

/// An entity that is kept here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the vendor's own names")]
pub enum Kind {
    Customer,
    Vendor,
    Employee,
    Item,
    Account,
    TaxCode,
    Term,
    PaymentMethod,
    Invoice,
    SalesReceipt,
    CreditMemo,
    Payment,
}

/// Properties every entity may carry, ignored when sent except `Id`, `SyncToken` and `sparse`.
const COMMON: &[&str] = &[
    "Id",
    "SyncToken",
    "MetaData",
    "domain",
    "sparse",
    "status",
    "CustomField",
    "AttachableRef",
    "Active",
    "NameAndId",
    "HeaderFull",
    "HeaderLite",
    "ClientEntityId",
    "V4IDPseudonym",
    "time",
];

const PERSON: &[&str] = &[
    "DisplayName",
    "Title",
    "GivenName",
    "MiddleName",
    "FamilyName",
    "Suffix",
    "CompanyName",
    "PrintOnCheckName",
    "PrimaryEmailAddr",
    "PrimaryPhone",
    "Mobile",
    "AlternatePhone",
    "Fax",
    "WebAddr",
    "BillAddr",
    "ShipAddr",
    "Notes",
    "Taxable",
    "DefaultTaxCodeRef",
    "TaxExemptionReasonId",
    "SalesTermRef",
    "PaymentMethodRef",
    "CurrencyRef",
    "PreferredDeliveryMethod",
    "Job",
    "ParentRef",
    "BillWithParent",
    "IsProject",
    "ResaleNum",
    "CustomerTypeRef",
    "ARAccountRef",
    "AcctNum",
    "OpenBalanceDate",
    "PrimaryTaxIdentifier",
    "SecondaryTaxIdentifier",
    "GSTIN",
    "GSTRegistrationType",
    "BusinessNumber",
    "TermRef",
    "TaxIdentifier",
    "Vendor1099",
    "PrimaryAddr",
    "APAccountRef",
    "TaxReportingBasis",
    "BillRate",
    "CostRate",
    "BillableTime",
    "BirthDate",
    "EmployeeNumber",
    "EmailAddress",
    "Gender",
    "HiredDate",
    "ReleasedDate",
    "Organization",
    "SSN",
];

const ITEM: &[&str] = &[
    "Name",
    "Sku",
    "Description",
    "PurchaseDesc",
    "Type",
    "UnitPrice",
    "PurchaseCost",
    "Taxable",
    "SalesTaxIncluded",
    "PurchaseTaxIncluded",
    "SalesTaxCodeRef",
    "PurchaseTaxCodeRef",
    "IncomeAccountRef",
    "ExpenseAccountRef",
    "AssetAccountRef",
    "TrackQtyOnHand",
    "QtyOnHand",
    "InvStartDate",
    "ReorderPoint",
    "SubItem",
    "ParentRef",
    "PrefVendorRef",
    "TaxClassificationRef",
    "ClassRef",
    "Source",
    "ServiceType",
    "AbatementRate",
    "ReverseChargeRate",
    "PrintGroupedItems",
    "ManPartNum",
    "ItemCategoryType",
];

const ACCOUNT: &[&str] = &[
    "Name",
    "SubAccount",
    "ParentRef",
    "Description",
    "AccountType",
    "AccountSubType",
    "AcctNum",
    "BankNum",
    "OpeningBalance",
    "OpeningBalanceDate",
    "CurrencyRef",
    "TaxCodeRef",
    "AccountAlias",
    "TxnLocationType",
];

const LIST: &[&str] = &[
    "Name",
    "Description",
    "Type",
    "DueDays",
    "DiscountDays",
    "DiscountPercent",
    "DayOfMonthDue",
    "DueNextMonthDays",
    "DiscountDayOfMonth",
    "SalesTaxRateList",
    "PurchaseTaxRateList",
    "TaxGroup",
    "Taxable",
];

const SALE: &[&str] = &[
    "DocNumber",
    "TxnDate",
    "DueDate",
    "SalesTermRef",
    "CustomerRef",
    "Line",
    "BillEmail",
    "BillEmailCc",
    "BillEmailBcc",
    "EmailStatus",
    "PrintStatus",
    "CustomerMemo",
    "PrivateNote",
    "BillAddr",
    "ShipAddr",
    "ShipFromAddr",
    "DepartmentRef",
    "ClassRef",
    "CurrencyRef",
    "ExchangeRate",
    "GlobalTaxCalculation",
    "AllowOnlineCreditCardPayment",
    "AllowOnlineACHPayment",
    "AllowOnlinePayPalPayment",
    "AllowOnlineAffirmPayment",
    "AllowOnlinePayment",
    "AllowIPNPayment",
    "Deposit",
    "DepositToAccountRef",
    "TxnTaxDetail",
    "ApplyTaxAfterDiscount",
    "ShipDate",
    "TrackingNum",
    "ShipMethodRef",
    "PaymentMethodRef",
    "PaymentRefNum",
    "PONumber",
    "SalesRepRef",
    "FreeFormAddress",
    "TxnSource",
    "ARAccountRef",
    "ProjectRef",
    "TransactionLocationType",
    "RemitToRef",
    "PaymentType",
    "CreditCardPayment",
    "TemplateRef",
    "InvoiceRef",
    "CheckPayment",
    "TaxExemptionRef",
];

const PAYMENT: &[&str] = &[
    "CustomerRef",
    "TotalAmt",
    "TxnDate",
    "PaymentMethodRef",
    "PaymentRefNum",
    "DepositToAccountRef",
    "ARAccountRef",
    "CurrencyRef",
    "ExchangeRate",
    "PrivateNote",
    "Line",
    "ProcessPayment",
    "CreditCardPayment",
    "TxnSource",
    "TransactionLocationType",
    "ProjectRef",
    "CheckPayment",
    "PaymentType",
    "TaxExemptionRef",
    "TxnStatus",
];

/// Computed by the vendor; ignored when sent.
const READ_ONLY: &[&str] = &[
    "Balance",
    "BalanceWithJobs",
    "Level",
    "FullyQualifiedName",
    "HomeBalance",
    "HomeTotalAmt",
    "InvoiceLink",
    "invoiceStatus",
    "DeliveryInfo",
    "EInvoiceStatus",
    "RemainingCredit",
    "UnappliedAmt",
    "CurrentBalance",
    "CurrentBalanceWithSubAccounts",
    "Classification",
    "LinkedTxn",
    "TotalAmt",
    "RecurDataRef",
    "TaxFormType",
    "UQCId",
    "UQCDisplayText",
    "sparse",
    "Overview",
    "TotalExpense",
    "TotalRevenue",
    "OverDueBalance",
    "AvgCost",
    "DocNumber",
];

impl Kind {
    /// All of them, in the order in which references resolve.
    pub const ALL: [Self; 12] = [
        Self::Account,
        Self::TaxCode,
        Self::Term,
        Self::PaymentMethod,
        Self::Vendor,
        Self::Employee,
        Self::Customer,
        Self::Item,
        Self::Invoice,
        Self::SalesReceipt,
        Self::CreditMemo,
        Self::Payment,
    ];

    /// The vendor's name of it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Customer => "Customer",
            Self::Vendor => "Vendor",
            Self::Employee => "Employee",
            Self::Item => "Item",
            Self::Account => "Account",
            Self::TaxCode => "TaxCode",
            Self::Term => "Term",
            Self::PaymentMethod => "PaymentMethod",
            Self::Invoice => "Invoice",
            Self::SalesReceipt => "SalesReceipt",
            Self::CreditMemo => "CreditMemo",
            Self::Payment => "Payment",
        }
    }

    /// By its name in any case: some clients send lower case in queries.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|k| k.name().eq_ignore_ascii_case(name))
    }

    /// By its path segment, which is lower case only.
    pub fn of_path(segment: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|k| k.name().to_ascii_lowercase() == segment)
    }

    /// Name lists can be made inactive but never deleted; transactions the other way round.
    pub const fn is_list(self) -> bool {
        !matches!(self, Self::Invoice | Self::SalesReceipt | Self::CreditMemo | Self::Payment)
    }

    /// A sale with lines, as opposed to a payment.
    pub const fn is_sale(self) -> bool {
        matches!(self, Self::Invoice | Self::SalesReceipt | Self::CreditMemo)
    }

    /// Customers, vendors and employees share one list of names.
    pub const fn is_person(self) -> bool {
        matches!(self, Self::Customer | Self::Vendor | Self::Employee)
    }

    /// Which series its ids come from: transactions share one, people share one.
    pub const fn series(self) -> &'static str {
        match self {
            Self::Customer | Self::Vendor | Self::Employee => "name",
            Self::Invoice | Self::SalesReceipt | Self::CreditMemo | Self::Payment => "txn",
            other => other.name(),
        }
    }

    /// The property that holds its name.
    pub const fn name_field(self) -> &'static str {
        if self.is_person() { "DisplayName" } else { "Name" }
    }

    /// What a client may set.
    pub const fn writable(self) -> &'static [&'static str] {
        match self {
            Self::Customer | Self::Vendor | Self::Employee => PERSON,
            Self::Item => ITEM,
            Self::Account => ACCOUNT,
            Self::TaxCode | Self::Term | Self::PaymentMethod => LIST,
            Self::Invoice | Self::SalesReceipt | Self::CreditMemo => SALE,
            Self::Payment => PAYMENT,
        }
    }

    /// Whether the property is known at all; others are refused with 2010.
    pub fn knows(self, property: &str) -> bool {
        [self.writable(), COMMON, READ_ONLY].iter().any(|list| list.contains(&property))
    }

    /// Properties that a query may filter and sort by.
    pub fn filterable(self) -> &'static [&'static str] {
        match self {
            Self::Customer | Self::Vendor | Self::Employee => &[
                "DisplayName",
                "GivenName",
                "MiddleName",
                "FamilyName",
                "CompanyName",
                "PrintOnCheckName",
                "Active",
                "Balance",
                "FullyQualifiedName",
                "PrimaryEmailAddr",
                "Suffix",
                "Title",
                "Job",
                "Taxable",
                "ParentRef",
            ],
            Self::Item => {
                &["Name", "Active", "Type", "Sku", "Description", "UnitPrice", "FullyQualifiedName", "QtyOnHand"]
            }
            Self::Account => &[
                "Name",
                "Active",
                "AccountType",
                "AccountSubType",
                "Classification",
                "CurrentBalance",
                "FullyQualifiedName",
                "SubAccount",
                "AcctNum",
            ],
            Self::TaxCode | Self::Term | Self::PaymentMethod => &["Name", "Active", "Description", "Type", "DueDays"],
            Self::Invoice | Self::SalesReceipt | Self::CreditMemo => &[
                "DocNumber",
                "TxnDate",
                "DueDate",
                "CustomerRef",
                "Balance",
                "TotalAmt",
                "SalesTermRef",
                "DepartmentRef",
            ],
            // Payments have no DocNumber.
            Self::Payment => {
                &["TxnDate", "CustomerRef", "TotalAmt", "PaymentMethodRef", "DepositToAccountRef", "PaymentRefNum"]
            }
        }
    }
}
