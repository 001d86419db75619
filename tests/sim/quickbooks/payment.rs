//! Customer payments: what is applied to which document and what is left over.

use super::books::{Books, link};
use super::kind::Kind;
use super::refusal::Refusal;
use super::sale::{home_currency, txn_date};
use super::value::{Object, amount, cents, decimal, number, refer, reference, text};
use super::write::Moment;
use rust_decimal::Decimal;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Checks a payment and computes what is left unapplied.
pub fn checked(
    books: &Books,
    old: Option<(u64, &Object)>,
    mut object: Object,
    moment: Moment,
) -> Result<Object, Refusal> {
    let was = old.map(|(_, o)| o);
    let customer = reference(&object, "CustomerRef").ok_or_else(|| Refusal::missing("CustomerRef"))?;
    books.resolve(Kind::Customer, &mut object, "CustomerRef", was)?;
    for (field, target) in [("PaymentMethodRef", Kind::PaymentMethod), ("DepositToAccountRef", Kind::Account)] {
        books.resolve(target, &mut object, field, was)?;
    }
    let total = object.get("TotalAmt").ok_or_else(|| Refusal::missing("TotalAmt"))?;
    let total = cents(decimal(total).ok_or_else(|| Refusal::bad_number("TotalAmt"))?);
    if total.is_sign_negative() && !total.is_zero() {
        return Err(Refusal::negative("TotalAmt"));
    }
    let day = txn_date(&mut object, moment.now)?;
    books.open_on(day)?;
    home_currency(&mut object)?;
    if !object.contains_key("DepositToAccountRef")
        && let Some(undeposited) =
            books.all(Kind::Account).find(|a| text(a, "AccountSubType") == Some("UndepositedFunds"))
    {
        let (id, name) = (text(undeposited, "Id").unwrap_or_default(), text(undeposited, "Name").unwrap_or_default());
        object.insert("DepositToAccountRef".into(), refer(id, name));
    }
    let (lines, used) = allocations(books, old.map(|(id, _)| id), &object, &customer)?;
    if used > total {
        return Err(Refusal::business("The amount applied is more than the amount received."));
    }
    object.insert("Line".into(), Value::Array(lines));
    object.insert("TotalAmt".into(), number(total));
    object.insert("UnappliedAmt".into(), number(total - used));
    Ok(object)
}

/// The lines as stored and how much of the money they use: invoices use it, credit memos add to it.
fn allocations(
    books: &Books,
    own: Option<u64>,
    object: &Object,
    customer: &str,
) -> Result<(Vec<Value>, Decimal), Refusal> {
    let mut used = Decimal::ZERO;
    let mut stored = Vec::new();
    let mut open: BTreeMap<(Kind, u64), Decimal> = BTreeMap::new();
    for line in object.get("Line").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_object) {
        if line.get("LinkedTxn").and_then(Value::as_array).is_none_or(Vec::is_empty) {
            continue;
        }
        let (kind, id) =
            link(line).ok_or_else(|| Refusal::cannot_link("the type of the linked transaction is wrong"))?;
        if !matches!(kind, Kind::Invoice | Kind::CreditMemo) {
            return Err(Refusal::cannot_link("only invoices and credit memos can be linked"));
        }
        let sent = line.get("Amount").ok_or_else(|| Refusal::missing("Line.Amount"))?;
        let sent = cents(decimal(sent).ok_or_else(|| Refusal::bad_number("Line.Amount"))?);
        if sent.is_sign_negative() {
            return Err(Refusal::negative("Line.Amount"));
        }
        let (number_of, document) = books.find(kind, &id)?;
        if reference(document, "CustomerRef").as_deref() != Some(customer) {
            return Err(Refusal::cannot_link("it belongs to another customer"));
        }
        let left = open.entry((kind, number_of)).or_insert_with(|| {
            let others = books.applied(kind, number_of).into_iter().filter(|(p, _)| Some(*p) != own);
            amount(document, "TotalAmt") - others.map(|(_, a)| a).sum::<Decimal>()
        });
        if left.is_zero() && !sent.is_zero() {
            return Err(Refusal::cannot_link("it is already paid"));
        }
        // More than is open is applied up to what is open; the rest stays unapplied.
        let applied = sent.min(*left);
        *left -= applied;
        used += if kind == Kind::CreditMemo { -applied } else { applied };
        stored.push(json!({
            "Amount": number(applied),
            "LinkedTxn": [{ "TxnId": id, "TxnType": kind.name() }],
        }));
    }
    Ok((stored, used))
}
