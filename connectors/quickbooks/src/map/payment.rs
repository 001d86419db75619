//! Payments, both ways.
//!
//! Payments have no document number, so the owner's note ends with a line `Backroom <our id>`: it finds a payment again
//! when nobody knows whether it arrived. The line is taken off when reading.
//!
//! An update is a patch: the note's lines of ours, the lines of the payment and their links go back as they came.

use super::body::{limit, money_value};
use super::{Body, Company, Context, Known, Method, day, money, refuse, required, unvoided};
use crate::wire::{self, Decimal, LinkedTxn, Object};
use backroom_money::Money;
use connector_contract::record::{Applied, Payment};
use connector_contract::{ConnectorError, RemoteId};
use serde_json::{Value, json};

const MARKER: &str = "Backroom ";
/// Carries a reference that is longer than QuickBooks keeps in its own field.
const REFERENCE: &str = "Reference ";
const REFERENCE_CHARS: usize = 21;

/// What lies in the note of a payment: the owner's words, and at its very end lines of ours.
#[derive(Debug, Default, PartialEq, Eq)]
struct Note<'a> {
    /// The owner's own words.
    text: &'a str,
    marker: Option<&'a str>,
    reference: Option<&'a str>,
}

impl<'a> Note<'a> {
    /// `short` is what the payment's own field keeps of its reference. A line counts as ours only at the end and only when it
    /// can't be anything else: owners write of Backroom and of references too.
    fn read(note: &'a str, short: &str) -> Self {
        let mut read = Note { text: note, ..Note::default() };
        let (before, last) = last_line(read.text);
        if let Some(id) = last.strip_prefix(MARKER).filter(|id| is_id(id)) {
            (read.text, read.marker) = (before, Some(id));
        }
        let (before, last) = last_line(read.text);
        let long = |reference: &&str| short.chars().count() == REFERENCE_CHARS && reference.len() > short.len();
        if let Some(reference) = last.strip_prefix(REFERENCE).filter(long).filter(|long| long.starts_with(short)) {
            (read.text, read.reference) = (before, Some(reference));
        }
        read
    }
}

/// A text without its last line, and that line.
fn last_line(text: &str) -> (&str, &str) {
    text.rsplit_once('\n').map_or(("", text), |(before, last)| (before.trim_end_matches('\r'), last.trim_end()))
}

/// Whether it is one of our ids: five groups of hexadecimal digits.
fn is_id(text: &str) -> bool {
    let groups: Vec<&str> = text.split('-').collect();
    groups.iter().map(|group| group.len()).eq([8, 4, 4, 4, 12])
        && groups.iter().all(|group| group.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

/// Reads a payment.
pub(super) fn payment(wire: &wire::Payment, context: Context<'_>) -> Result<Payment, String> {
    let currency = context.company.currency(wire.currency_ref.as_ref(), "CurrencyRef")?;
    let amount = money(wire.total_amt.as_ref(), currency, "TotalAmt")?;
    let mut applied: Vec<Applied> = Vec::new();
    for (index, line) in wire.line.iter().enumerate() {
        let part = match &line.amount {
            Some(amount) => money(Some(amount), currency, &format!("Line[{index}].Amount"))?,
            None => Money::zero(currency),
        };
        if part.is_zero() {
            continue;
        }
        match line.linked_txn.iter().find(|linked| linked.kind == "Invoice") {
            // Several lines may pay one invoice.
            Some(linked) => match applied.iter_mut().find(|known| known.invoice.0 == linked.id) {
                Some(known) => {
                    known.amount = known.amount.checked_add(part).map_err(|error| format!("Line: {error}"))?;
                }
                None => applied.push(Applied { invoice: RemoteId(linked.id.clone()), amount: part }),
            },
            // Money comes mixed with credit memos, journal entries and expenses in one object; only the money is a payment.
            None => return Err("Line uses a credit memo or the like, which Backroom does not bring over".into()),
        }
    }
    let sum = Money::sum(currency, applied.iter().map(|part| part.amount)).map_err(|e| format!("Line: {e}"))?;
    let unapplied = wire.unapplied_amt.as_ref().map(|left| money(Some(left), currency, "UnappliedAmt")).transpose()?;
    let left = amount.checked_sub(sum).map_err(|error| format!("Line: {error}"))?;
    if left.minor() < 0 || unapplied.is_some_and(|unapplied| unapplied != left) {
        return Err("Line uses a credit, which Backroom does not bring over: it does not come to UnappliedAmt".into());
    }
    let note = wire.private_note.as_deref().unwrap_or_default();
    // Nothing was paid and nothing is linked: it is void if the note says so.
    let voided = amount.is_zero() && applied.is_empty() && unvoided(note).is_some();
    let note = unvoided(note).filter(|_| voided).unwrap_or(note);
    let method = wire.method.as_ref().and_then(|method| {
        let known = || context.methods.iter().find(|known| known.id == method.value).map(|known| known.name.clone());
        method.name.clone().filter(|name| !name.is_empty()).or_else(known)
    });
    let short = wire.reference.clone().unwrap_or_default();
    let note = Note::read(note, &short);
    let reference = note.reference.map_or_else(|| short.clone(), str::to_owned);
    Ok(Payment {
        customer: required(wire.customer_ref.as_ref(), "CustomerRef")?,
        received_on: day(wire.txn_date.as_ref(), "TxnDate")?.ok_or("TxnDate is missing")?,
        amount,
        method,
        reference: Some(reference),
        note: Some(note.text.to_owned()),
        applied,
        voided,
        unapplied,
    })
}

/// The body that makes a payment look like `wanted`; `known` is what QuickBooks has, `None` for a new one.
///
/// Customer and amount go with every update, as they are stored where they did not change. The lines only go where one did:
/// QuickBooks replaces them all, and takes the payment off what is not among them.
pub(crate) fn payment_body(
    wanted: &Payment,
    known: Option<Known<'_, Payment>>,
    local_id: &str,
    methods: &[Method],
    company: &Company,
) -> Result<Body, ConnectorError> {
    let settled = known.map(|known| settled(wanted, known));
    let (wanted, before) = (settled.as_ref().unwrap_or(wanted), known.map(|known| known.record));
    let mut body = known.map_or_else(Body::create, |known| Body::update(known.stored));
    if before.is_none_or(|b| b.received_on != wanted.received_on) {
        body.set("TxnDate", wanted.received_on.to_string());
    }
    let old = before.and_then(|b| b.reference.as_deref()).unwrap_or_default();
    let reference = wanted.reference.as_deref().unwrap_or(old);
    let short: String = reference.chars().take(REFERENCE_CHARS).collect();
    if reference != old {
        body.set("PaymentRefNum", short.as_str());
    }
    let same_note = before.is_some_and(|b| wanted.note.is_none() || b.note == wanted.note);
    if !same_note || reference != old {
        let note = private_note(wanted, known, local_id, (reference != short).then_some(reference));
        let stored = known.map_or("", |known| stored_text(known.stored, "PrivateNote"));
        if note != stored {
            limit("note", Some(&note), 4000)?;
            body.set("PrivateNote", note);
        }
    }
    if let Some(name) = &wanted.method
        && before.and_then(|b| b.method.as_ref()) != Some(name)
        && let Some(method) = methods.iter().find(|method| method.name.eq_ignore_ascii_case(name))
    {
        body.set_ref("PaymentMethodRef", &method.id);
    }
    let moved = before.is_none_or(|b| b.customer != wanted.customer);
    let paid = before.is_none_or(|b| b.amount != wanted.amount);
    let applied = before.is_none_or(|b| sorted(&b.applied) != sorted(&wanted.applied));
    if moved || paid || applied {
        check(wanted, company)?;
    }
    if moved || paid || applied || !body.is_empty() {
        match known.and_then(|known| known.stored.get("CustomerRef")).filter(|_| !moved) {
            Some(stored) => body.set("CustomerRef", stored.clone()),
            None => body.set_ref("CustomerRef", &wanted.customer.0),
        }
        match known.and_then(|known| known.stored.get("TotalAmt")).filter(|_| !paid) {
            Some(stored) => body.set("TotalAmt", stored.clone()),
            None => body.set("TotalAmt", money_value(wanted.amount)),
        }
    }
    if moved || applied {
        body.set("Line", lines(wanted, known));
    }
    if company.multi_currency && known.is_none() {
        body.set_ref("CurrencyRef", wanted.amount.currency().code());
    }
    Ok(body)
}

/// What the owner did not change is as QuickBooks has it.
fn settled(wanted: &Payment, known: Known<'_, Payment>) -> Payment {
    Payment {
        customer: known.settled(wanted, |p| &p.customer),
        received_on: known.settled(wanted, |p| &p.received_on),
        amount: known.settled(wanted, |p| &p.amount),
        method: known.settled(wanted, |p| &p.method),
        reference: known.settled(wanted, |p| &p.reference),
        note: known.settled(wanted, |p| &p.note),
        applied: known.settled(wanted, |p| &p.applied),
        ..wanted.clone()
    }
}

fn stored_text<'a>(stored: &'a Object, key: &str) -> &'a str {
    stored.get(key).and_then(Value::as_str).unwrap_or_default()
}

fn check(wanted: &Payment, company: &Company) -> Result<(), ConnectorError> {
    let currency = wanted.amount.currency();
    if currency != company.home && !company.multi_currency {
        return Err(refuse("currency", format!("this QuickBooks company only uses {}", company.home)));
    }
    if wanted.amount.minor() < 0 {
        return Err(refuse("amount", "QuickBooks does not take a negative payment"));
    }
    let sum = Money::sum(currency, wanted.applied.iter().map(|part| part.amount));
    match sum {
        Ok(sum) if sum.minor() <= wanted.amount.minor() => Ok(()),
        _ => Err(refuse("applied", "more is applied to invoices than was paid")),
    }
}

/// The owner's note, then the long reference, then our marker. A payment made in QuickBooks gets no marker.
fn private_note(wanted: &Payment, known: Option<Known<'_, Payment>>, local_id: &str, long: Option<&str>) -> String {
    let stored = known
        .map(|known| Note::read(stored_text(known.stored, "PrivateNote"), stored_text(known.stored, "PaymentRefNum")));
    let text = wanted.note.as_deref().or(stored.as_ref().map(|note| note.text)).unwrap_or_default();
    let marker = match &stored {
        Some(note) => note.marker,
        None => Some(local_id),
    };
    let lines = [
        (!text.is_empty()).then(|| text.to_owned()),
        long.map(|reference| format!("{REFERENCE}{reference}")),
        marker.map(|id| format!("{MARKER}{id}")),
    ];
    lines.into_iter().flatten().collect::<Vec<_>>().join("\n")
}

fn sorted(applied: &[Applied]) -> Vec<(&str, i64)> {
    let mut parts: Vec<_> = applied.iter().map(|part| (part.invoice.0.as_str(), part.amount.minor())).collect();
    parts.sort_unstable();
    parts
}

/// All lines: the stored ones in their places, byte for byte unless their amount changed, then those that are new. Where several
/// lines pay one invoice, the first of them takes the change.
fn lines(wanted: &Payment, known: Option<Known<'_, Payment>>) -> Vec<Value> {
    let stored = known.and_then(|known| known.stored.get("Line")).and_then(Value::as_array);
    let stored: Vec<&Value> = stored.into_iter().flatten().collect();
    let mut open: Vec<&Applied> = wanted.applied.iter().collect();
    let mut dropped: Vec<String> = Vec::new();
    let mut lines = Vec::new();
    for line in &stored {
        let Some(invoice) = linked_invoice(line) else {
            lines.push((*line).clone());
            continue;
        };
        let Some(at) = open.iter().position(|part| part.invoice.0 == invoice) else {
            let paid = wanted.applied.iter().any(|part| part.invoice.0 == invoice);
            if paid && !dropped.contains(&invoice) {
                lines.push((*line).clone());
            }
            continue;
        };
        let part = open.remove(at).amount;
        let all = stored.iter().filter(|other| linked_invoice(other).as_ref() == Some(&invoice));
        let others = all.filter_map(|other| amount_of(other, part)).map(Money::minor).map(i128::from).sum::<i128>()
            - amount_of(line, part).map_or(0, |amount| i128::from(amount.minor()));
        let own = i64::try_from(i128::from(part.minor()) - others).ok().filter(|own| *own > 0);
        if own.is_none() {
            dropped.push(invoice);
        }
        let own = own.map_or(part, |own| Money::from_minor(own, part.currency()));
        let mut line = (*line).clone();
        if amount_of(&line, part) != Some(own) {
            line["Amount"] = money_value(own);
        }
        lines.push(line);
    }
    lines.extend(open.into_iter().map(|part| {
        json!({
            "Amount": money_value(part.amount),
            "LinkedTxn": [{ "TxnId": part.invoice.0, "TxnType": "Invoice" }],
        })
    }));
    lines
}

/// What a line pays, in the currency of another amount.
fn amount_of(line: &Value, other: Money) -> Option<Money> {
    let amount = wire::read::<Decimal>(line.get("Amount")?.clone()).ok()?;
    Money::parse(&amount.0, other.currency()).ok()
}

fn linked_invoice(line: &Value) -> Option<String> {
    let linked: Vec<LinkedTxn> = wire::read(line.get("LinkedTxn")?.clone()).ok()?;
    linked.into_iter().find(|linked| linked.kind == "Invoice").map(|linked| linked.id)
}

/// Whether a stored payment is the one we sent: our marker and the same amount.
pub(crate) fn is_same_payment(stored: &Value, wanted: &Payment, local_id: &str) -> bool {
    let note = stored.get("PrivateNote").and_then(Value::as_str).unwrap_or_default();
    let total = stored.get("TotalAmt").cloned().and_then(|total| wire::read::<Decimal>(total).ok());
    let amount = total.and_then(|total| Money::parse(&total.0, wanted.amount.currency()).ok());
    last_line(note).1 == format!("{MARKER}{local_id}") && amount == Some(wanted.amount)
}
