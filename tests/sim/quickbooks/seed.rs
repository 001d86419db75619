//! Seeds: `empty`, a company with its accounts, and `demo`, the same company after a few months of business.
//!
//! Dates are relative to the present, so that there is always something overdue and something new.

use super::REALM_ID;
use super::books::Books;
use super::kind::Kind;
use super::value::{Object, number, refer, stamp};
use super::write::{self, Wish};
use chrono::{DateTime, Duration, Utc};
use rust_decimal::Decimal;
use serde_json::{Value, json};

/// Plants a seed; false when the name is unknown.
pub fn plant(books: &mut Books, now: DateTime<Utc>, name: &str) -> bool {
    if !matches!(name, "demo" | "empty") {
        return false;
    }
    let start = now - Duration::days(400);
    company(books, start);
    accounts(books, start);
    lists(books, start);
    if name == "demo" {
        demo(books, now, start);
    }
    true
}

/// A write that the seed itself guarantees to be right; a refusal is a mistake in this file.
fn make(books: &mut Books, kind: Kind, body: Value, at: DateTime<Utc>) -> u64 {
    let Value::Object(body) = body else { unreachable!("seeds are objects") };
    let made = write::apply(books, kind, Wish::default(), &body, at);
    let made = made.unwrap_or_else(|r| unreachable!("the seed is refused: {} ({})", r.detail, r.code));
    made.get("Id").and_then(Value::as_str).and_then(|id| id.parse().ok()).unwrap_or_default()
}

fn object(value: Value) -> Object {
    match value {
        Value::Object(object) => object,
        _ => Object::new(),
    }
}

fn company(books: &mut Books, at: DateTime<Utc>) {
    let meta = json!({ "CreateTime": stamp(at), "LastUpdatedTime": stamp(at) });
    // `Country` is the three-letter code since October 2025, and coordinates are gone.
    let address = json!({ "Id": "1", "Line1": "14 Wharf Street", "City": "Portland", "CountrySubDivisionCode": "ME",
                          "PostalCode": "04101", "Country": "USA" });
    books.company = object(json!({
        "Id": "1", "SyncToken": "4", "MetaData": meta, "CompanyName": "Harbor & Pine Coffee Supply",
        "LegalName": "Harbor & Pine Coffee Supply LLC", "CompanyAddr": address, "LegalAddr": address, "Country": "US",
        "CustomerCommunicationAddr": address, "Email": { "Address": "hello@harborpine.example" },
        "PrimaryPhone": { "FreeFormNumber": "(207) 555-0142" }, "WebAddr": { "URI": "https://harborpine.example" },
        "FiscalYearStartMonth": "January", "SupportedLanguages": "en", "CompanyStartDate": stamp(at)[..10],
        "NameValue": [{ "Name": "OfferingSku", "Value": "QuickBooks Online Plus" },
                      { "Name": "CompanyType", "Value": "LLC" }, { "Name": "realmId", "Value": REALM_ID }],
    }));
    books.preferences = object(json!({
        "Id": "1", "SyncToken": "0", "MetaData": meta,
        "AccountingInfoPrefs": { "UseAccountNumbers": false, "TrackDepartments": false, "ClassTrackingPerTxn": false,
                                 "ClassTrackingPerTxnLine": false },
        "ProductAndServicesPrefs": { "ForSales": true, "ForPurchase": true, "QuantityWithPriceAndRate": true,
                                     "QuantityOnHand": true },
        "SalesFormsPrefs": { "CustomTxnNumbers": true, "AllowDiscount": true, "AllowShipping": true, "AllowDeposit": false,
                             "AutoApplyCredit": false, "AutoApplyPayments": false, "UsingPriceLevels": false,
                             "DefaultTerms": { "value": "2" } },
        "TaxPrefs": { "UsingSalesTax": true, "PartnerTaxEnabled": true, "TaxGroupCodeRef": { "value": "1" } },
        "CurrencyPrefs": { "MultiCurrencyEnabled": false, "HomeCurrency": { "value": "USD" } },
        "ReportPrefs": { "ReportBasis": "Accrual" },
    }));
    books.last_number = 1000;
}

/// Name, type and subtype.
const ACCOUNTS: &[(&str, &str, &str)] = &[
    ("Checking", "Bank", "Checking"),
    ("Accounts Receivable (A/R)", "Accounts Receivable", "AccountsReceivable"),
    ("Undeposited Funds", "Other Current Asset", "UndepositedFunds"),
    ("Inventory Asset", "Other Current Asset", "Inventory"),
    ("Stripe Clearing", "Bank", "CashOnHand"),
    ("Accounts Payable (A/P)", "Accounts Payable", "AccountsPayable"),
    ("Sales Tax Payable", "Other Current Liability", "SalesTaxPayable"),
    ("Gift Cards Outstanding", "Other Current Liability", "OtherCurrentLiabilities"),
    ("Opening Balance Equity", "Equity", "OpeningBalanceEquity"),
    ("Retained Earnings", "Equity", "RetainedEarnings"),
    ("Sales of Product Income", "Income", "SalesOfProductIncome"),
    ("Services", "Income", "ServiceFeeIncome"),
    ("Shipping Income", "Income", "OtherPrimaryIncome"),
    ("Discounts given", "Income", "DiscountsRefundsGiven"),
    ("Cost of Goods Sold", "Cost of Goods Sold", "SuppliesMaterialsCogs"),
    ("Payment Processing Fees", "Expense", "OtherBusinessExpenses"),
    ("Shipping and Postage", "Expense", "ShippingFreightDelivery"),
    ("Office Supplies", "Expense", "OfficeGeneralAdministrativeExpenses"),
];

fn accounts(books: &mut Books, at: DateTime<Utc>) {
    for (name, kind, sub) in ACCOUNTS {
        make(books, Kind::Account, json!({ "Name": name, "AccountType": kind, "AccountSubType": sub }), at);
    }
}

fn lists(books: &mut Books, at: DateTime<Utc>) {
    for (name, days) in [("Due on receipt", 0), ("Net 30", 30), ("Net 15", 15), ("Net 60", 60)] {
        make(books, Kind::Term, json!({ "Name": name, "Type": "STANDARD", "DueDays": days }), at);
    }
    for (name, kind) in [
        ("Cash", "NON_CREDIT_CARD"),
        ("Check", "NON_CREDIT_CARD"),
        ("Credit Card", "CREDIT_CARD"),
        ("Stripe", "CREDIT_CARD"),
    ] {
        make(books, Kind::PaymentMethod, json!({ "Name": name, "Type": kind }), at);
    }
    let code = json!({ "Name": "Maine", "Description": "Maine state tax 5.5 %" });
    make(books, Kind::TaxCode, code, at);
}

/// Name, SKU, price and cost in cents, what is on hand at first.
const ITEMS: &[(&str, &str, i64, i64, i64)] = &[
    ("Stoneware mug", "MUG-01", 1800, 720, 180),
    ("Travel mug", "MUG-02", 2450, 1100, 96),
    ("House espresso 250 g", "BEAN-250", 980, 410, 420),
    ("House espresso 1 kg", "BEAN-1K", 3200, 1480, 130),
    ("Paper filters x100", "FILT-100", 640, 190, 260),
    ("Gooseneck kettle 0.9 l", "KETT-09", 6400, 3350, 24),
    ("Hand grinder", "GRIND-H", 8900, 4620, 31),
    ("Gift card", "GIFT-25", 2500, 0, 0),
];

fn account(books: &Books, name: &str) -> Value {
    let found = books.all(Kind::Account).find(|a| a.get("Name").is_some_and(|n| n == name));
    let id = found.and_then(|a| a.get("Id")).and_then(Value::as_str).unwrap_or_default();
    refer(id, name)
}

fn items(books: &mut Books, at: DateTime<Utc>) {
    for (name, sku, price, cost, on_hand) in ITEMS {
        let mut body = json!({
            "Name": name, "Sku": sku, "Description": name, "UnitPrice": number(Decimal::new(*price, 2)), "Taxable": true,
            "IncomeAccountRef": account(books, "Sales of Product Income"), "Type": "NonInventory",
        });
        if *on_hand > 0 {
            body["Type"] = json!("Inventory");
            body["TrackQtyOnHand"] = json!(true);
            body["QtyOnHand"] = json!(on_hand);
            body["InvStartDate"] = json!(stamp(at)[..10]);
            body["PurchaseCost"] = number(Decimal::new(*cost, 2));
            body["ExpenseAccountRef"] = account(books, "Cost of Goods Sold");
            body["AssetAccountRef"] = account(books, "Inventory Asset");
        } else {
            // A gift card is money owed, not a taxed sale.
            body["Taxable"] = json!(false);
            body["IncomeAccountRef"] = account(books, "Gift Cards Outstanding");
        }
        make(books, Kind::Item, body, at);
    }
}

/// Display name, given and family name, e-mail, street, city, postal code, term, taxed.
type Person =
    (&'static str, &'static str, &'static str, &'static str, &'static str, &'static str, &'static str, u32, bool);

const CUSTOMERS: &[Person] = &[
    ("Blue Heron Cafe", "Maya", "Castellano", "orders@blueheron.example", "22 Front Street", "Bath", "04530", 2, false),
    (
        "Anna Lindqvist",
        "Anna",
        "Lindqvist",
        "anna.lindqvist@mail.example",
        "8 Spruce Lane",
        "Yarmouth",
        "04096",
        1,
        true,
    ),
    ("Driftwood Inn", "Theo", "Marsh", "kitchen@driftwoodinn.example", "301 Shore Road", "Ogunquit", "03907", 2, false),
    (
        "Maple Street Bakery",
        "Ines",
        "Duarte",
        "ines@maplestreet.example",
        "77 Maple Street",
        "Lewiston",
        "04240",
        3,
        false,
    ),
    ("North Pier Books", "Sam", "Okafor", "hello@northpierbooks.example", "5 Pier Road", "Camden", "04843", 3, true),
    (
        "Tidewater Studio",
        "Lena",
        "Fischer",
        "lena@tidewater.example",
        "190 Commercial Street",
        "Portland",
        "04101",
        2,
        true,
    ),
    ("Old Mill Market", "George", "Pelletier", "buying@oldmill.example", "2 Mill Yard", "Biddeford", "04005", 4, false),
    (
        "Coastal Provisions",
        "Priya",
        "Raman",
        "accounts@coastalprov.example",
        "48 Harbor Way",
        "Rockland",
        "04841",
        2,
        false,
    ),
];

fn customers(books: &mut Books, at: DateTime<Utc>) {
    for (n, (name, given, family, email, street, city, postal, term, taxed)) in CUSTOMERS.iter().enumerate() {
        let address = json!({ "Line1": street, "City": city, "CountrySubDivisionCode": "ME", "PostalCode": postal, "Country": "USA" });
        let mut body = json!({
            "DisplayName": name, "GivenName": given, "FamilyName": family, "PrimaryEmailAddr": { "Address": email },
            "PrimaryPhone": { "FreeFormNumber": format!("(207) 555-01{:02}", 10 + n) }, "BillAddr": address,
            "ShipAddr": address, "Taxable": taxed, "SalesTermRef": { "value": term.to_string() },
        });
        if name != &format!("{given} {family}") {
            body["CompanyName"] = json!(name);
        }
        make(books, Kind::Customer, body, at + Duration::days(3 * i64::try_from(n).unwrap_or_default()));
    }
}

/// Days ago, customer, what was bought (item and quantity), share paid in percent and when.
type Sale = (i64, usize, &'static [(usize, u32)], u32, i64);

const INVOICES: &[Sale] = &[
    (88, 0, &[(3, 12), (0, 6)], 100, 60),
    (74, 3, &[(2, 40), (4, 10)], 100, 58),
    (63, 2, &[(3, 8), (5, 2)], 50, 30),
    (52, 6, &[(2, 60), (3, 10), (4, 20)], 0, 0),
    (41, 4, &[(0, 10), (1, 4)], 100, 27),
    (33, 5, &[(6, 1), (2, 6)], 0, 0),
    (20, 7, &[(3, 15), (4, 30)], 0, 0),
    (11, 0, &[(3, 10), (1, 6)], 0, 0),
    (5, 1, &[(6, 1), (5, 1), (7, 1)], 100, 5),
    (2, 3, &[(2, 30), (0, 4)], 0, 0),
];

fn demo(books: &mut Books, now: DateTime<Utc>, start: DateTime<Utc>) {
    items(books, start);
    customers(books, start);
    for (n, (ago, customer, bought, paid, paid_ago)) in INVOICES.iter().enumerate() {
        let at = now - Duration::days(*ago);
        let lines: Vec<Value> = bought.iter().map(|(item, quantity)| line(*item, *quantity)).collect();
        let who = json!({ "value": customer_id(*customer) });
        let body = json!({
            "DocNumber": (1001 + n).to_string(), "TxnDate": stamp(at)[..10], "CustomerRef": who, "Line": lines,
            "BillEmail": { "Address": CUSTOMERS[*customer].3 },
            "CustomerMemo": { "value": "Thank you for your business." },
        });
        let invoice = make(books, Kind::Invoice, body, at);
        if *paid > 0 {
            pay(books, invoice, &who, *paid, now - Duration::days(*paid_ago));
        }
    }
}

/// Customers are the first of their series.
fn customer_id(customer: usize) -> String {
    (customer + 1).to_string()
}

fn line(item: usize, quantity: u32) -> Value {
    let (name, _, price, _, on_hand) = ITEMS[item];
    let price = Decimal::new(price, 2);
    let mut detail = json!({
        "ItemRef": { "value": (item + 1).to_string() }, "Qty": quantity, "UnitPrice": number(price),
    });
    if on_hand == 0 {
        detail["TaxCodeRef"] = json!({ "value": "NON" });
    }
    json!({
        "DetailType": "SalesItemLineDetail", "Amount": number(price * Decimal::from(quantity)), "Description": name,
        "SalesItemLineDetail": detail,
    })
}

fn pay(books: &mut Books, invoice: u64, who: &Value, percent: u32, at: DateTime<Utc>) {
    let total = books.get(Kind::Invoice, invoice).map(|i| super::value::amount(i, "TotalAmt")).unwrap_or_default();
    let amount = number(super::value::cents(total * Decimal::from(percent) / Decimal::ONE_HUNDRED));
    let body = json!({
        "CustomerRef": who, "TotalAmt": amount, "TxnDate": stamp(at)[..10], "PaymentMethodRef": { "value": "2" },
        "PaymentRefNum": format!("CHK-{}", 4400 + invoice),
        "Line": [{ "Amount": amount, "LinkedTxn": [{ "TxnId": invoice.to_string(), "TxnType": "Invoice" }] }],
    });
    make(books, Kind::Payment, body, at);
}
