//! Rules of the name lists: customers, vendors, employees, items, accounts, terms, codes.

use super::books::Books;
use super::kind::Kind;
use super::refusal::Refusal;
use super::value::{Object, amount, date, decimal, flag, number, refer, reference, text};
use serde_json::{Value, json};

/// Longest texts by property path.
const LENGTHS: &[(&str, usize)] = &[
    ("DisplayName", 500),
    ("Title", 16),
    ("Suffix", 16),
    ("GivenName", 100),
    ("MiddleName", 100),
    ("FamilyName", 100),
    ("Notes", 2000),
    ("PrimaryEmailAddr.Address", 100),
    ("BillEmail.Address", 100),
    ("PrimaryPhone.FreeFormNumber", 30),
    ("BillAddr.Line1", 500),
    ("BillAddr.Line2", 500),
    ("BillAddr.City", 255),
    ("BillAddr.PostalCode", 30),
    ("ShipAddr.Line1", 500),
    ("ShipAddr.Line2", 500),
    ("ShipAddr.City", 255),
    ("ShipAddr.PostalCode", 30),
    ("Sku", 100),
    ("Description", 4000),
    ("DocNumber", 21),
    ("CustomerMemo.value", 1000),
    ("PrivateNote", 4000),
    ("PaymentRefNum", 21),
];

/// Refuses texts that are too long, with 2050.
pub fn lengths(kind: Kind, object: &Object) -> Result<(), Refusal> {
    let name = match kind {
        Kind::Term | Kind::PaymentMethod => 31,
        _ => 100,
    };
    for (path, max) in LENGTHS.iter().copied().chain([("Name", name)]) {
        let supplied = text(object, path).map_or(0, |t| t.chars().count());
        if supplied > max {
            return Err(Refusal::length(path, max, supplied));
        }
    }
    Ok(())
}

/// Tab, newline and colon separate levels inside the vendor; no name may hold them.
fn plain(field: &str, name: &str) -> Result<(), Refusal> {
    if name.contains([':', '\t', '\n']) {
        let detail = format!("{field} must not contain a colon, tab or new line.");
        return Err(Refusal { code: "2040", message: "Invalid String", ..Refusal::business(detail) }.on(field));
    }
    Ok(())
}

fn same(a: &str, b: &str) -> bool {
    a.trim().to_lowercase() == b.trim().to_lowercase()
}

/// The id of another object in these lists with the same name. Inactive ones count.
fn holder(books: &Books, kinds: &[Kind], own: Option<u64>, name: &str) -> Option<u64> {
    for kind in kinds {
        for object in books.all(*kind) {
            let id: u64 = text(object, "Id")?.parse().ok()?;
            if Some(id) != own && text(object, kind.name_field()).is_some_and(|n| same(n, name)) {
                return Some(id);
            }
        }
    }
    None
}

/// A customer, vendor or employee.
pub fn person(books: &Books, kind: Kind, old: Option<(u64, &Object)>, mut object: Object) -> Result<Object, Refusal> {
    let built = || {
        let parts = ["Title", "GivenName", "MiddleName", "FamilyName", "Suffix"];
        let name = parts.iter().filter_map(|p| text(&object, p)).collect::<Vec<_>>().join(" ");
        (!name.is_empty()).then_some(name)
    };
    let name = text(&object, "DisplayName").map(str::to_owned).or_else(built).map(|n| n.trim().to_owned());
    let Some(name) = name.filter(|n| !n.is_empty()) else {
        let detail = "Required parameter DisplayName is missing in the request, and there is no name to build it from";
        return Err(Refusal { detail: detail.to_owned(), ..Refusal::missing("DisplayName") });
    };
    plain("DisplayName", &name)?;
    if let Some(id) = holder(books, &[Kind::Customer, Kind::Vendor, Kind::Employee], old.map(|(id, _)| id), &name) {
        return Err(Refusal::duplicate_name(id));
    }
    if text(&object, "PrimaryEmailAddr.Address").is_some_and(|e| !e.contains('@') || e.contains(char::is_whitespace)) {
        return Err(Refusal::bad_email());
    }
    for (field, target) in
        [("SalesTermRef", Kind::Term), ("PaymentMethodRef", Kind::PaymentMethod), ("ParentRef", Kind::Customer)]
    {
        books.resolve(target, &mut object, field, old.map(|(_, o)| o))?;
    }
    if object.get("PreferredDeliveryMethod").is_some_and(|m| !["Print", "Email", "None"].iter().any(|w| m == w)) {
        return Err(Refusal::bad_choice("PreferredDeliveryMethod", "PreferredDeliveryMethod"));
    }
    currency(&mut object, old)?;
    let (level, full) = place(books, &object, &name)?;
    object.entry("PrintOnCheckName").or_insert_with(|| json!(name));
    object.insert("FullyQualifiedName".into(), json!(full));
    object.insert("DisplayName".into(), json!(name));
    if kind == Kind::Customer {
        let was = |field: &str| old.map_or_else(Default::default, |(_, o)| amount(o, field));
        object.insert("Balance".into(), number(was("Balance")));
        object.insert("BalanceWithJobs".into(), number(was("BalanceWithJobs")));
        object.insert("Job".into(), json!(level > 0));
        object.insert("BillWithParent".into(), json!(flag(&object, "BillWithParent").unwrap_or(false)));
        object.insert("Taxable".into(), json!(flag(&object, "Taxable").unwrap_or(true)));
        object.entry("PreferredDeliveryMethod").or_insert_with(|| json!("None"));
        if level > 0 {
            object.insert("Level".into(), json!(level));
        }
    }
    Ok(object)
}

/// The depth below the parents and the name with theirs before it.
fn place(books: &Books, object: &Object, name: &str) -> Result<(usize, String), Refusal> {
    let Some(parent) = reference(object, "ParentRef") else { return Ok((0, name.to_owned())) };
    let parent = books.referred(Kind::Customer, &parent)?;
    let above = text(parent, "FullyQualifiedName").unwrap_or_default();
    let level = above.matches(':').count() + 1;
    if level >= 5 {
        let detail = "You can only nest five levels.";
        return Err(Refusal { code: "6180", message: "Too many levels", ..Refusal::business(detail) });
    }
    Ok((level, format!("{above}:{name}")))
}

/// A name has exactly one currency, fixed when it is made. This company has only its home currency.
fn currency(object: &mut Object, old: Option<(u64, &Object)>) -> Result<(), Refusal> {
    let code = reference(object, "CurrencyRef").unwrap_or_else(|| "USD".to_owned());
    let fixed = old.and_then(|(_, o)| reference(o, "CurrencyRef"));
    if code != "USD" || fixed.is_some_and(|f| f != code) {
        let detail = format!("Invalid currency {code}: multicurrency is not enabled for this company.");
        return Err(
            Refusal { code: "2220", message: "Invalid Currency", ..Refusal::business(detail) }.on("CurrencyRef")
        );
    }
    object.insert("CurrencyRef".into(), refer("USD", "United States Dollar"));
    Ok(())
}

/// A product or service.
pub fn item(books: &Books, old: Option<(u64, &Object)>, mut object: Object) -> Result<Object, Refusal> {
    let name = text(&object, "Name").ok_or_else(|| Refusal::missing("Name"))?.trim().to_owned();
    plain("Name", &name)?;
    if let Some(id) = holder(books, &[Kind::Item], old.map(|(id, _)| id), &name) {
        return Err(Refusal::duplicate_name(id));
    }
    for field in ["UnitPrice", "PurchaseCost", "QtyOnHand", "ReorderPoint"] {
        if let Some(value) = object.get(field) {
            let value = decimal(value).ok_or_else(|| Refusal::bad_number(field))?;
            object.insert(field.into(), number(value));
        }
    }
    let was = |field: &str| old.and_then(|(_, o)| text(o, field)).map(str::to_owned);
    let kind = text(&object, "Type").map(str::to_owned).or_else(|| was("Type")).unwrap_or_else(|| "Service".to_owned());
    if !["Inventory", "NonInventory", "Service", "Category", "Group"].contains(&kind.as_str()) {
        return Err(Refusal::bad_choice("Type", &kind));
    }
    let tracked = flag(&object, "TrackQtyOnHand").unwrap_or(false);
    if kind == "Inventory" {
        inventory(&object, tracked)?;
    } else if tracked {
        return Err(Refusal::business("Only items of type Inventory can track quantity on hand."));
    }
    let needs_income = matches!(kind.as_str(), "Inventory" | "NonInventory" | "Service");
    for field in ["IncomeAccountRef", "ExpenseAccountRef", "AssetAccountRef"] {
        books.resolve(Kind::Account, &mut object, field, old.map(|(_, o)| o))?;
    }
    // An item that is only bought needs an expense account instead.
    if needs_income && !["IncomeAccountRef", "ExpenseAccountRef"].iter().any(|f| object.contains_key(*f)) {
        return Err(Refusal::missing("IncomeAccountRef"));
    }
    income_account(books, &object)?;
    object.insert("Name".into(), json!(name));
    object.insert("FullyQualifiedName".into(), json!(name));
    object.insert("Type".into(), json!(kind));
    object.insert("TrackQtyOnHand".into(), json!(tracked));
    object.insert("Taxable".into(), json!(flag(&object, "Taxable").unwrap_or(false)));
    for field in ["UnitPrice", "PurchaseCost"] {
        object.entry(field).or_insert_with(|| json!(0));
    }
    Ok(object)
}

fn inventory(object: &Object, tracked: bool) -> Result<(), Refusal> {
    if !tracked {
        return Err(Refusal::missing("TrackQtyOnHand"));
    }
    for field in ["QtyOnHand", "InvStartDate", "IncomeAccountRef", "ExpenseAccountRef", "AssetAccountRef"] {
        if object.contains_key(field) {
            continue;
        }
        let refusal = Refusal::missing(field);
        return Err(match field {
            "InvStartDate" => {
                Refusal { detail: "As of date for initial quantity on hand is required".to_owned(), ..refusal }
            }
            _ => refusal,
        });
    }
    if date(object, "InvStartDate").is_none() {
        return Err(Refusal::bad_date("InvStartDate", text(object, "InvStartDate").unwrap_or_default()));
    }
    // Editing the quantity edits the starting value; the vendor advises against it but takes it.
    Ok(())
}

fn income_account(books: &Books, object: &Object) -> Result<(), Refusal> {
    let Some(id) = reference(object, "IncomeAccountRef") else { return Ok(()) };
    let account = books.referred(Kind::Account, &id)?;
    let kind = text(account, "AccountType").unwrap_or_default();
    if !matches!(kind, "Income" | "Other Income" | "Other Current Liability") {
        let detail = format!("Wrong account type {kind} for IncomeAccountRef.");
        return Err(Refusal { code: "6430", message: "Invalid account type", ..Refusal::business(detail) });
    }
    Ok(())
}

/// An account, term, tax code or payment method: a unique name and little else.
pub fn named(books: &Books, kind: Kind, old: Option<(u64, &Object)>, mut object: Object) -> Result<Object, Refusal> {
    let name = text(&object, "Name").ok_or_else(|| Refusal::missing("Name"))?.trim().to_owned();
    plain("Name", &name)?;
    if let Some(id) = holder(books, &[kind], old.map(|(id, _)| id), &name) {
        return Err(Refusal::duplicate_name(id));
    }
    if kind == Kind::Account {
        let of = text(&object, "AccountType").ok_or_else(|| Refusal::missing("AccountType"))?;
        let class = classification(of).ok_or_else(|| Refusal::bad_choice("AccountType", of))?;
        object.insert("Classification".into(), json!(class));
        object.entry("CurrentBalance").or_insert(Value::from(0));
        object.entry("SubAccount").or_insert(Value::from(false));
        currency(&mut object, old)?;
        object.insert("FullyQualifiedName".into(), json!(name));
    }
    object.insert("Name".into(), json!(name));
    Ok(object)
}

fn classification(account_type: &str) -> Option<&'static str> {
    Some(match account_type {
        "Bank" | "Accounts Receivable" | "Other Current Asset" | "Fixed Asset" | "Other Asset" => "Asset",
        "Accounts Payable" | "Credit Card" | "Other Current Liability" | "Long Term Liability" => "Liability",
        "Equity" => "Equity",
        "Income" | "Other Income" => "Revenue",
        "Cost of Goods Sold" | "Expense" | "Other Expense" => "Expense",
        _ => return None,
    })
}
