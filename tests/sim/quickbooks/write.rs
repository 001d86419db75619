//! Create, update (sparse and full), delete and void: what is common to all entities.
//!
//! A write computes the whole new object against the books as they are, and only then stores it, so a refused write
//! leaves no trace.

use super::books::{Books, link};
use super::kind::Kind;
use super::lists;
use super::payment;
use super::refusal::Refusal;
use super::sale;
use super::value::{Object, date, flag, reference, text};
use chrono::{DateTime, Utc};
use serde_json::{Value, json};

/// What a request wants done, beside its body.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Wish {
    /// `operation=delete`.
    pub delete: bool,
    /// `operation=void`, or `include=void` on an update.
    pub void: bool,
    /// `include=allowduplicatedocnum`.
    pub duplicate_number: bool,
}

/// The moment of a write and its allowances, handed to the rules of each entity.
#[derive(Debug, Clone, Copy)]
pub struct Moment {
    /// Virtual time.
    pub now: DateTime<Utc>,
    /// The document's number may be taken already.
    pub duplicate_number: bool,
}

/// Does one write and returns the object as the answer carries it.
pub fn apply(books: &mut Books, kind: Kind, wish: Wish, body: &Object, now: DateTime<Utc>) -> Result<Object, Refusal> {
    if let Some(unknown) = body.keys().find(|k| !kind.knows(k)) {
        return Err(Refusal::unsupported_property(unknown));
    }
    let moment = Moment { now, duplicate_number: wish.duplicate_number };
    let id = text(body, "Id").map(str::to_owned).or_else(|| body.get("Id")?.as_u64().map(|n| n.to_string()));
    let Some(id) = id else {
        if wish.delete || wish.void {
            return Err(Refusal::missing("Id"));
        }
        return create(books, kind, body, moment);
    };
    let (number, old) = books.find(kind, &id)?;
    let old = old.clone();
    let token =
        text(body, "SyncToken").map(str::to_owned).or_else(|| Some(body.get("SyncToken")?.as_u64()?.to_string()));
    match token {
        None => return Err(Refusal::missing("SyncToken")),
        Some(token) if Some(token.as_str()) != text(&old, "SyncToken") => return Err(Refusal::stale()),
        Some(_) => {}
    }
    if wish.delete {
        return delete(books, kind, number, &old, now);
    }
    let next = if wish.void { voided(books, kind, number, &old)? } else { overlaid(kind, &old, body) };
    let next = if wish.void { next } else { checked(books, kind, Some((number, &old)), next, moment)? };
    if !kind.is_list() {
        editable(books, number, &old)?;
    }
    books.replace(kind, number, next, now);
    side_effects(books, kind, number, Some(&old), now);
    Ok(stored(books, kind, number))
}

fn create(books: &mut Books, kind: Kind, body: &Object, moment: Moment) -> Result<Object, Refusal> {
    let mut object = Object::new();
    for (field, value) in body {
        if kind.writable().contains(&field.as_str()) && !is_blank(value) {
            object.insert(field.clone(), value.clone());
        }
    }
    if kind.is_list() {
        object.insert("Active".into(), json!(flag(body, "Active").unwrap_or(true)));
    }
    let object = checked(books, kind, None, object, moment)?;
    let id = books.insert(kind, object, moment.now);
    if kind.is_sale() {
        sale::count_number(books, kind, id);
    }
    side_effects(books, kind, id, None, moment.now);
    Ok(stored(books, kind, id))
}

/// The stored object after a write, as the answer shows it.
fn stored(books: &Books, kind: Kind, id: u64) -> Object {
    books.get(kind, id).map(Books::shown).unwrap_or_default()
}

/// Null, and the empty text that some clients send for every field they do not use.
fn is_blank(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(s) => s.is_empty(),
        Value::Object(o) => o.is_empty() || o.values().all(is_blank),
        _ => false,
    }
}

/// A sparse update keeps what is not sent; a full one clears it. `Line` is replaced as a whole in both.
fn overlaid(kind: Kind, old: &Object, body: &Object) -> Object {
    let sparse = flag(body, "sparse").unwrap_or(false);
    let mut next = old.clone();
    for field in kind.writable() {
        match body.get(*field) {
            Some(value) if is_blank(value) => drop(next.remove(*field)),
            Some(value) => drop(next.insert((*field).to_owned(), value.clone())),
            None if sparse => {}
            None => drop(next.remove(*field)),
        }
    }
    if kind.is_list() {
        let kept = if sparse { flag(old, "Active") } else { None };
        next.insert("Active".into(), json!(flag(body, "Active").or(kept).unwrap_or(true)));
    }
    next
}

fn checked(
    books: &Books,
    kind: Kind,
    old: Option<(u64, &Object)>,
    object: Object,
    moment: Moment,
) -> Result<Object, Refusal> {
    lists::lengths(kind, &object)?;
    match kind {
        Kind::Customer | Kind::Vendor | Kind::Employee => lists::person(books, kind, old, object),
        Kind::Item => lists::item(books, old, object),
        Kind::Account | Kind::TaxCode | Kind::Term | Kind::PaymentMethod => lists::named(books, kind, old, object),
        Kind::Payment => payment::checked(books, old, object, moment),
        Kind::Invoice | Kind::SalesReceipt | Kind::CreditMemo => sale::checked(books, kind, old, object, moment),
    }
}

/// Whether a transaction may be changed at all.
fn editable(books: &Books, id: u64, old: &Object) -> Result<(), Refusal> {
    if books.deposited.contains(&id) {
        return Err(Refusal::deposited());
    }
    date(old, "TxnDate").map_or(Ok(()), |day| books.open_on(day))
}

fn delete(books: &mut Books, kind: Kind, id: u64, old: &Object, now: DateTime<Utc>) -> Result<Object, Refusal> {
    if kind.is_list() {
        let detail = format!("{} cannot be deleted; make it inactive instead.", kind.name());
        return Err(Refusal { code: "500", message: "Unsupported Operation", ..Refusal::business(detail) });
    }
    editable(books, id, old)?;
    if kind != Kind::Payment && !books.applied(kind, id).is_empty() {
        return Err(Refusal::has_dependents());
    }
    books.remove(kind, id, now);
    side_effects(books, kind, id, Some(old), now);
    let mut answer = Object::new();
    answer.insert("Id".into(), json!(id.to_string()));
    answer.insert("domain".into(), json!("QBO"));
    answer.insert("status".into(), json!("Deleted"));
    Ok(answer)
}

/// Amounts become zero and the note says so; there is no status flag.
fn voided(books: &Books, kind: Kind, id: u64, old: &Object) -> Result<Object, Refusal> {
    if !matches!(kind, Kind::Invoice | Kind::Payment | Kind::SalesReceipt) {
        let detail = format!("{} cannot be voided.", kind.name());
        return Err(Refusal { code: "500", message: "Unsupported Operation", ..Refusal::business(detail) });
    }
    if kind == Kind::Invoice && !books.applied(kind, id).is_empty() {
        return Err(Refusal::business(
            "The invoice has a payment applied to it. Unlink the payment before you void it.",
        ));
    }
    let mut next = old.clone();
    let note = text(old, "PrivateNote").unwrap_or_default();
    if !note.starts_with("Voided") {
        next.insert(
            "PrivateNote".into(),
            json!(if note.is_empty() { "Voided".to_owned() } else { format!("Voided - {note}") }),
        );
    }
    for field in ["TotalAmt", "Deposit", "Balance", "UnappliedAmt"] {
        if next.contains_key(field) {
            next.insert(field.into(), json!(0));
        }
    }
    if kind == Kind::Payment {
        next.insert("Line".into(), json!([]));
    } else {
        for line in next.get_mut("Line").and_then(Value::as_array_mut).into_iter().flatten() {
            line["Amount"] = json!(0);
            for field in ["Qty", "UnitPrice"] {
                if let Some(value) = line.get_mut("SalesItemLineDetail").and_then(|d| d.get_mut(field)) {
                    *value = json!(0);
                }
            }
        }
        next.insert("TxnTaxDetail".into(), json!({ "TotalTax": 0 }));
    }
    Ok(next)
}

/// Payments move the balance of what they are applied to, and documents move their customer's and the stock.
fn side_effects(books: &mut Books, kind: Kind, id: u64, old: Option<&Object>, now: DateTime<Utc>) {
    let new = books.get(kind, id).cloned();
    let versions: Vec<&Object> = old.into_iter().chain(new.as_ref()).collect();
    if kind == Kind::Payment {
        let mut touched: Vec<(Kind, u64)> = versions.iter().flat_map(|v| links_of(v)).collect();
        touched.sort_unstable();
        touched.dedup();
        for (linked, document) in touched {
            books.relink(linked, document, now);
        }
    }
    if kind.is_sale() {
        sale::move_stock(books, kind, old, new.as_ref(), now);
    }
    if !kind.is_list() {
        let mut customers: Vec<String> = versions.iter().filter_map(|v| reference(v, "CustomerRef")).collect();
        customers.dedup();
        for customer in customers {
            books.rebalance(&customer);
        }
    }
}

fn links_of(payment: &Object) -> Vec<(Kind, u64)> {
    let lines = payment.get("Line").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_object);
    lines.filter_map(|line| link(line).and_then(|(k, id)| Some((k, id.parse().ok()?)))).collect()
}
