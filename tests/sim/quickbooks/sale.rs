//! Invoices, sales receipts and credit memos: lines, tax, totals, numbers, due dates and stock.

use super::books::{Books, deposit};
use super::kind::Kind;
use super::refusal::Refusal;
use super::value::{Object, amount, cents, date, decimal, flag, number, reference, text, today};
use super::write::Moment;
use chrono::{DateTime, Days, NaiveDate, Utc};
use rust_decimal::Decimal;
use serde_json::{Value, json};

/// The company's combined sales tax rate, 5.5 %.
const TAX_RATE: Decimal = Decimal::from_parts(55, 0, 0, false, 3);

/// Checks a document and computes what the vendor computes.
pub fn checked(
    books: &Books,
    kind: Kind,
    old: Option<(u64, &Object)>,
    mut object: Object,
    moment: Moment,
) -> Result<Object, Refusal> {
    let was = old.map(|(_, o)| o);
    if kind != Kind::SalesReceipt && reference(&object, "CustomerRef").is_none() {
        return Err(Refusal::missing("CustomerRef"));
    }
    books.resolve(Kind::Customer, &mut object, "CustomerRef", was)?;
    for (field, target) in [
        ("SalesTermRef", Kind::Term),
        ("PaymentMethodRef", Kind::PaymentMethod),
        ("DepositToAccountRef", Kind::Account),
    ] {
        books.resolve(target, &mut object, field, was)?;
    }
    let day = txn_date(&mut object, moment.now)?;
    books.open_on(day)?;
    home_currency(&mut object)?;
    let totals = Lines::read(books, &object, day, was)?.finish(books, &mut object, was)?;
    settle(books, kind, old, &mut object, totals)?;
    doc_number(books, kind, old, &mut object, moment)?;
    if kind == Kind::Invoice {
        due_date(books, &mut object, day)?;
    }
    object.entry("EmailStatus").or_insert_with(|| json!("NotSet"));
    object.entry("PrintStatus").or_insert_with(|| json!("NeedToPrint"));
    object.entry("ApplyTaxAfterDiscount").or_insert_with(|| json!(false));
    Ok(object)
}

/// The transaction's day; the server's current date when it is missing.
pub fn txn_date(object: &mut Object, now: DateTime<Utc>) -> Result<NaiveDate, Refusal> {
    let Some(given) = text(object, "TxnDate") else {
        let day = today(now);
        object.insert("TxnDate".into(), json!(day.to_string()));
        return Ok(day);
    };
    date(object, "TxnDate").ok_or_else(|| Refusal::bad_date("TxnDate", given))
}

/// Only the home currency: multicurrency is off.
pub fn home_currency(object: &mut Object) -> Result<(), Refusal> {
    match reference(object, "CurrencyRef") {
        Some(code) if code != "USD" => {
            let detail = format!("Invalid currency {code}: multicurrency is not enabled for this company.");
            Err(Refusal { code: "2220", message: "Invalid Currency", ..Refusal::business(detail) }.on("CurrencyRef"))
        }
        _ => {
            object.insert("CurrencyRef".into(), super::value::refer("USD", "United States Dollar"));
            Ok(())
        }
    }
}

struct Lines {
    sold: Vec<Value>,
    discounts: Vec<Object>,
    subtotal: Decimal,
    taxable: Decimal,
}

impl Lines {
    fn read(books: &Books, object: &Object, day: NaiveDate, old: Option<&Object>) -> Result<Self, Refusal> {
        let sent = object.get("Line").and_then(Value::as_array).filter(|l| !l.is_empty());
        let sent = sent.ok_or_else(|| Refusal::missing("Line"))?;
        let mut out = Self { sold: Vec::new(), discounts: Vec::new(), subtotal: Decimal::ZERO, taxable: Decimal::ZERO };
        let customer_taxable = customer_taxable(books, object);
        let known: Vec<u64> = line_ids(old);
        let mut next = known.iter().copied().max().unwrap_or_default();
        for line in sent {
            let line = line.as_object().ok_or_else(|| Refusal::unsupported_property("Line"))?;
            let kind = text(line, "DetailType").ok_or_else(|| Refusal::missing("Line.DetailType"))?;
            let mut line = match kind {
                "SalesItemLineDetail" => {
                    let (line, taxable) = sales_line(books, line, day, old, customer_taxable)?;
                    let amount = amount(&line, "Amount");
                    out.subtotal += amount;
                    out.taxable += if taxable { amount } else { Decimal::ZERO };
                    line
                }
                "DiscountLineDetail" => {
                    out.discounts.push(line.clone());
                    continue;
                }
                // The server makes its own.
                "SubTotalLineDetail" => continue,
                "DescriptionOnly" => line.clone(),
                other => return Err(Refusal::bad_choice("Line.DetailType", other)),
            };
            // A known id keeps its line; everything else is a new line.
            let id =
                text(&line, "Id").and_then(|i| i.parse().ok()).filter(|i| known.contains(i)).unwrap_or_else(|| {
                    next += 1;
                    next
                });
            line.insert("Id".into(), json!(id.to_string()));
            line.insert("LineNum".into(), json!(out.sold.len() + 1));
            out.sold.push(Value::Object(line));
        }
        if out.sold.is_empty() {
            return Err(Refusal::missing("Line"));
        }
        Ok(out)
    }

    /// Adds subtotal, discount and tax and returns the total.
    fn finish(mut self, books: &Books, object: &mut Object, old: Option<&Object>) -> Result<Decimal, Refusal> {
        let mut lines = std::mem::take(&mut self.sold);
        lines.push(
            json!({ "Amount": number(self.subtotal), "DetailType": "SubTotalLineDetail", "SubTotalLineDetail": {} }),
        );
        let mut off = Decimal::ZERO;
        for mut line in std::mem::take(&mut self.discounts) {
            let part = discount(books, &line, self.subtotal)?;
            off += part;
            line.insert("Amount".into(), number(part));
            lines.push(Value::Object(line));
        }
        let after_discount = flag(object, "ApplyTaxAfterDiscount").unwrap_or(false);
        let base = if after_discount && !self.subtotal.is_zero() {
            self.taxable - cents(off * self.taxable / self.subtotal)
        } else {
            self.taxable
        };
        let tax = tax(books, object, base, old)?;
        object.insert("Line".into(), Value::Array(lines));
        let total = self.subtotal - off + tax;
        object.insert("TotalAmt".into(), number(total));
        if books.preference("TaxPrefs.UsingSalesTax") {
            let line = json!({ "Amount": number(tax), "DetailType": "TaxLineDetail",
                "TaxLineDetail": { "PercentBased": true, "NetAmountTaxable": number(base),
                                   "TaxPercent": number(TAX_RATE * Decimal::ONE_HUNDRED), "TaxRateRef": { "value": "1" } } });
            let lines = if base.is_zero() { json!([]) } else { json!([line]) };
            object.insert("TxnTaxDetail".into(), json!({ "TotalTax": number(tax), "TaxLine": lines }));
        } else {
            object.remove("TxnTaxDetail");
        }
        Ok(total)
    }
}

fn line_ids(object: Option<&Object>) -> Vec<u64> {
    let lines = object.and_then(|o| o.get("Line")).and_then(Value::as_array).into_iter().flatten();
    lines.filter_map(|l| l.get("Id")?.as_str()?.parse().ok()).collect()
}

fn customer_taxable(books: &Books, object: &Object) -> bool {
    let customer = reference(object, "CustomerRef").and_then(|id| books.get(Kind::Customer, id.parse().ok()?));
    customer.and_then(|c| flag(c, "Taxable")).unwrap_or(true)
}

/// A line that sells an item, and whether it is taxed.
fn sales_line(
    books: &Books,
    line: &Object,
    day: NaiveDate,
    old: Option<&Object>,
    customer_taxable: bool,
) -> Result<(Object, bool), Refusal> {
    let mut line = line.clone();
    if text(&line, "Description").is_some_and(|d| d.chars().count() > 4000) {
        let supplied = text(&line, "Description").map_or(0, |d| d.chars().count());
        return Err(Refusal::length("Line.Description", 4000, supplied));
    }
    let total = line.get("Amount").ok_or_else(|| Refusal::missing("Line.Amount"))?;
    let total = decimal(total).ok_or_else(|| Refusal::bad_number("Line.Amount"))?;
    let mut detail = line.get("SalesItemLineDetail").and_then(Value::as_object).cloned().unwrap_or_default();
    detail.retain(|_, v| !v.is_null());
    let (quantity, price) = (optional_number(&detail, "Qty")?, optional_number(&detail, "UnitPrice")?);
    // Clients send zero for both when they mean neither; the vendor takes it so.
    let unset = quantity.is_some_and(|q| q.is_zero()) && price.is_some_and(|p| p.is_zero());
    let (quantity, price) = if unset { (None, None) } else { (quantity, price) };
    if unset {
        detail.retain(|field, _| field != "Qty" && field != "UnitPrice");
    }
    if let (Some(quantity), Some(price)) = (quantity, price)
        && cents(quantity * price) != cents(total)
    {
        return Err(Refusal::amount_mismatch(&total.to_string()));
    }
    for (field, value) in [("Qty", quantity), ("UnitPrice", price)] {
        if let Some(value) = value {
            detail.insert(field.into(), number(value));
        }
    }
    item_of(books, &line, &mut detail, old)?;
    let item = reference(&detail, "ItemRef").and_then(|id| books.get(Kind::Item, id.parse().ok()?));
    if let Some(item) = item {
        if date(item, "InvStartDate").is_some_and(|start| day < start) {
            return Err(Refusal::before_inventory(text(item, "Name").unwrap_or_default()));
        }
        if let Some(account) = item.get("IncomeAccountRef") {
            detail.insert("ItemAccountRef".into(), account.clone());
        }
    }
    let code = reference(&detail, "TaxCodeRef");
    let taxable = match code.as_deref() {
        Some("TAX") => true,
        Some("NON") => false,
        Some(other) => return Err(Refusal::bad_tax_code(other)),
        // Absent counts as TAX; then the item and the customer decide.
        None => customer_taxable && item.and_then(|i| flag(i, "Taxable")).unwrap_or(true),
    };
    detail.insert("TaxCodeRef".into(), json!({ "value": if taxable { "TAX" } else { "NON" } }));
    line.insert("Amount".into(), number(cents(total)));
    line.insert("SalesItemLineDetail".into(), Value::Object(detail));
    Ok((line, taxable))
}

fn optional_number(detail: &Object, field: &str) -> Result<Option<Decimal>, Refusal> {
    let value = detail.get(field);
    value.map(|v| decimal(v).ok_or_else(|| Refusal::bad_number(field))).transpose()
}

/// The id under which shipping is sold when the company allows it.
const SHIPPING: &str = "SHIPPING_ITEM_ID";

/// Checks what the line sells. A line without an item gets the company's default, its first service.
fn item_of(books: &Books, line: &Object, detail: &mut Object, old: Option<&Object>) -> Result<(), Refusal> {
    let sent = reference(detail, "ItemRef");
    if sent.as_deref() == Some(SHIPPING) && books.preference("SalesFormsPrefs.AllowShipping") {
        return Ok(());
    }
    if sent.is_none() {
        let default =
            books.all(Kind::Item).find(|i| text(i, "Type") == Some("Service") && flag(i, "Active") == Some(true));
        let id = default.and_then(|i| text(i, "Id")).ok_or_else(|| Refusal::missing("ItemRef"))?;
        detail.insert("ItemRef".into(), json!({ "value": id }));
    }
    let before = old_item(old, text(line, "Id"));
    books.resolve(Kind::Item, detail, "ItemRef", before.as_ref())
}

/// The detail of the old version's line with this id, so that an item made inactive since is still accepted there.
fn old_item(old: Option<&Object>, id: Option<&str>) -> Option<Object> {
    let lines = old?.get("Line")?.as_array()?;
    let line = lines.iter().find(|l| l.get("Id").and_then(Value::as_str) == id)?;
    line.get("SalesItemLineDetail")?.as_object().cloned()
}

/// A positive amount that reduces the document.
fn discount(books: &Books, line: &Object, subtotal: Decimal) -> Result<Decimal, Refusal> {
    if !books.preference("SalesFormsPrefs.AllowDiscount") {
        return Err(Refusal::business("Discounts are turned off for this company."));
    }
    let detail = line.get("DiscountLineDetail").and_then(Value::as_object).cloned().unwrap_or_default();
    let off = if flag(&detail, "PercentBased").unwrap_or(false) {
        let percent = detail.get("DiscountPercent").and_then(decimal);
        let missing = || Refusal { code: "6090", ..Refusal::missing("DiscountPercent") };
        cents(subtotal * percent.ok_or_else(missing)? / Decimal::ONE_HUNDRED)
    } else {
        line.get("Amount").and_then(decimal).ok_or_else(|| Refusal::missing("Line.Amount"))?
    };
    if off.is_sign_negative() { Err(Refusal::negative("Line.Amount")) } else { Ok(off) }
}

/// The client's total of tax when it sends one, else the company's rate.
fn tax(books: &Books, object: &Object, base: Decimal, old: Option<&Object>) -> Result<Decimal, Refusal> {
    if !books.preference("TaxPrefs.UsingSalesTax") {
        return Ok(Decimal::ZERO);
    }
    let sent = object.get("TxnTaxDetail").filter(|d| d.get("TotalTax").is_some_and(|t| !t.is_null()));
    // What an earlier answer carried, sent back unchanged, is computed anew when the taxable sum moved.
    let echoed = old.and_then(|o| o.get("TxnTaxDetail")).filter(|was| Some(*was) == sent);
    match sent {
        Some(detail) if echoed.is_none_or(|was| taxed_base(was) == base) => {
            let tax = detail.get("TotalTax").and_then(decimal);
            let tax = tax.ok_or_else(|| Refusal::bad_number("TxnTaxDetail.TotalTax"))?;
            if tax.is_sign_negative() { Err(Refusal::negative("TxnTaxDetail.TotalTax")) } else { Ok(cents(tax)) }
        }
        _ => Ok(cents(base * TAX_RATE)),
    }
}

/// The taxable sum that the server noted in a tax detail.
fn taxed_base(detail: &Value) -> Decimal {
    detail.pointer("/TaxLine/0/TaxLineDetail/NetAmountTaxable").and_then(decimal).unwrap_or_default()
}

/// What is still open on a document, after what has been applied to it.
fn settle(
    books: &Books,
    kind: Kind,
    old: Option<(u64, &Object)>,
    object: &mut Object,
    total: Decimal,
) -> Result<(), Refusal> {
    if total.is_sign_negative() {
        return Err(Refusal::business("Transaction amount must be 0.00 or greater."));
    }
    let applied: Decimal = old.map_or(Decimal::ZERO, |(id, _)| books.applied(kind, id).iter().map(|(_, a)| *a).sum());
    let applied = applied + deposit(kind, object);
    if total < applied {
        return Err(Refusal::business("The total would be less than what has been applied. Unlink the payment first."));
    }
    let open = if kind == Kind::SalesReceipt { Decimal::ZERO } else { total - applied };
    object.insert("Balance".into(), number(open));
    if kind == Kind::CreditMemo {
        object.insert("RemainingCredit".into(), number(open));
    }
    object.entry("LinkedTxn").or_insert_with(|| json!([]));
    Ok(())
}

/// Custom numbers off: the vendor counts. On: what was sent, or none.
fn doc_number(
    books: &Books,
    kind: Kind,
    old: Option<(u64, &Object)>,
    object: &mut Object,
    moment: Moment,
) -> Result<(), Refusal> {
    let custom = books.preference("SalesFormsPrefs.CustomTxnNumbers");
    let sent = text(object, "DocNumber").map(str::to_owned);
    let automatic = sent.as_deref() == Some("AUTO_GENERATE") || (sent.is_none() && !custom);
    if automatic {
        let kept = old.and_then(|(_, o)| text(o, "DocNumber")).map(str::to_owned);
        let number = kept.unwrap_or_else(|| (books.last_number + 1).to_string());
        object.insert("DocNumber".into(), json!(number));
        return Ok(());
    }
    let Some(number) = sent else { return Ok(()) };
    let unchanged = old.and_then(|(_, o)| text(o, "DocNumber")) == Some(number.as_str());
    if unchanged || moment.duplicate_number || !custom {
        return Ok(());
    }
    for other in [Kind::Invoice, Kind::SalesReceipt, Kind::CreditMemo] {
        let own = old.filter(|_| other == kind).map(|(id, _)| id.to_string());
        let taken = |o: &&Object| text(o, "DocNumber") == Some(number.as_str()) && text(o, "Id") != own.as_deref();
        if let Some(holder) = books.all(other).find(taken) {
            let id = text(holder, "Id").and_then(|i| i.parse().ok()).unwrap_or_default();
            return Err(Refusal::duplicate_number(&number, other.name(), id));
        }
    }
    Ok(())
}

/// Remembers the number a new document got, so that the next one follows it.
pub fn count_number(books: &mut Books, kind: Kind, id: u64) {
    let given = books.get(kind, id).and_then(|o| text(o, "DocNumber")).and_then(|n| n.parse::<u64>().ok());
    if given == Some(books.last_number + 1) {
        books.last_number += 1;
    }
}

/// From the document's term, the customer's, or the company's; without any it is due at once.
fn due_date(books: &Books, object: &mut Object, day: NaiveDate) -> Result<(), Refusal> {
    if let Some(given) = text(object, "DueDate") {
        return date(object, "DueDate").map(|_| ()).ok_or_else(|| Refusal::bad_date("DueDate", given));
    }
    if !object.contains_key("SalesTermRef") {
        let customer = reference(object, "CustomerRef").and_then(|id| books.get(Kind::Customer, id.parse().ok()?));
        if let Some(term) = customer.and_then(|c| c.get("SalesTermRef")).cloned() {
            object.insert("SalesTermRef".into(), term);
        }
    }
    let term = reference(object, "SalesTermRef").and_then(|id| books.get(Kind::Term, id.parse().ok()?));
    let days = term.and_then(|t| t.get("DueDays")).and_then(Value::as_u64).unwrap_or_default();
    let due = day.checked_add_days(Days::new(days)).unwrap_or(day);
    object.insert("DueDate".into(), json!(due.to_string()));
    Ok(())
}

/// Sales take stock of tracked items away, credit memos bring it back; a change moves the difference.
pub fn move_stock(books: &mut Books, kind: Kind, old: Option<&Object>, new: Option<&Object>, now: DateTime<Utc>) {
    let direction = if kind == Kind::CreditMemo { Decimal::ONE } else { -Decimal::ONE };
    for (version, sign) in [(old, -direction), (new, direction)] {
        let lines = version.and_then(|v| v.get("Line")).and_then(Value::as_array).into_iter().flatten();
        for detail in lines.filter_map(|l| l.get("SalesItemLineDetail")?.as_object()) {
            let Some(id) = reference(detail, "ItemRef").and_then(|i| i.parse().ok()) else { continue };
            let Some(item) = books.table(Kind::Item).get_mut(&id) else { continue };
            if !flag(item, "TrackQtyOnHand").unwrap_or(false) {
                continue;
            }
            let left = amount(item, "QtyOnHand") + sign * amount(detail, "Qty");
            item.insert("QtyOnHand".into(), number(left));
            item["MetaData"]["LastUpdatedTime"] = json!(super::value::stamp(now));
        }
    }
}
