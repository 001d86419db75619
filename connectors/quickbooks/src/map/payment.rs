//! Payments, both ways.
//!
//! Payments have no document number, so the owner's note ends with a line `Backroom <our id>`: it finds a payment again
//! when nobody knows whether it arrived. The line is taken off when reading.

use super::body::{limit, money_value};
use super::{Body, Company, Context, Method, day, money, refuse, required, unvoided};
use crate::wire::{self, Decimal, LinkedTxn, Object};
use backroom_money::Money;
use connector_contract::record::{Applied, Payment};
use connector_contract::{ConnectorError, RemoteId};
use serde_json::{Value, json};

const MARKER: &str = "Backroom ";
/// Carries a reference that is longer than QuickBooks keeps in its own field.
const REFERENCE: &str = "Reference ";
const REFERENCE_CHARS: usize = 21;

/// What lies in the note of a payment.
#[derive(Debug, Default, PartialEq, Eq)]
struct Note<'a> {
    /// The owner's own words.
    text: String,
    marker: Option<&'a str>,
    reference: Option<&'a str>,
    voided: bool,
}

impl<'a> Note<'a> {
    fn read(note: &'a str) -> Self {
        let (note, voided) = unvoided(note);
        let mut read = Note { voided, ..Note::default() };
        let mut own = Vec::new();
        for line in note.lines() {
            match (line.strip_prefix(MARKER), line.strip_prefix(REFERENCE)) {
                (Some(id), _) if is_id(id) => read.marker = Some(id),
                (_, Some(reference)) if reference.chars().count() > REFERENCE_CHARS => read.reference = Some(reference),
                _ => own.push(line),
            }
        }
        read.text = own.join("\n");
        read
    }
}

fn is_id(text: &str) -> bool {
    text.len() >= 8 && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
}

/// Reads a payment.
pub(super) fn payment(wire: &wire::Payment, context: Context<'_>) -> Result<Payment, String> {
    let currency = context.company.currency(wire.currency_ref.as_ref(), "CurrencyRef")?;
    let amount = money(wire.total_amt.as_ref(), currency, "TotalAmt")?;
    let note = Note::read(wire.private_note.as_deref().unwrap_or_default());
    let voided = note.voided && amount.is_zero();
    let mut applied: Vec<Applied> = Vec::new();
    for (index, line) in wire.line.iter().enumerate() {
        let Some(linked) = line.linked_txn.iter().find(|linked| linked.kind == "Invoice") else { continue };
        let part = money(line.amount.as_ref(), currency, &format!("Line[{index}].Amount"))?;
        if !part.is_zero() {
            applied.push(Applied { invoice: RemoteId(linked.id.clone()), amount: part });
        }
    }
    let sum = Money::sum(currency, applied.iter().map(|part| part.amount)).map_err(|e| format!("Line: {e}"))?;
    if sum.minor() > amount.minor() {
        // Money and credit notes come mixed in one object; only the money is a payment.
        return Err("Line uses a credit memo, which Backroom does not bring over".into());
    }
    let method = wire.method.as_ref().and_then(|method| {
        let known = || context.methods.iter().find(|known| known.id == method.value).map(|known| known.name.clone());
        method.name.clone().filter(|name| !name.is_empty()).or_else(known)
    });
    let short = wire.reference.clone().unwrap_or_default();
    let reference = match note.reference {
        Some(long) if long.starts_with(short.as_str()) => long.to_owned(),
        _ => short,
    };
    Ok(Payment {
        customer: required(wire.customer_ref.as_ref(), "CustomerRef")?,
        received_on: day(wire.txn_date.as_ref(), "TxnDate")?.ok_or("TxnDate is missing")?,
        amount,
        method,
        reference: Some(reference),
        note: Some(note.text),
        applied,
        voided,
        unapplied: None,
        credits: None,
    })
}

/// The body that makes a payment look like `wanted`. `known` is what QuickBooks has, as object and as record.
///
/// Customer, amount and all lines go with every update: a payment saved with some of its lines loses the others.
pub(crate) fn payment_body(
    wanted: &Payment,
    known: Option<(&Object, &Payment)>,
    local_id: &str,
    methods: &[Method],
    company: &Company,
) -> Result<Body, ConnectorError> {
    check(wanted, company)?;
    let before = known.map(|(_, record)| record);
    let mut body = if known.is_some() { Body::update() } else { Body::create() };
    if before.is_none_or(|b| b.received_on != wanted.received_on) {
        body.set("TxnDate", wanted.received_on.to_string());
    }
    let reference = wanted.reference.as_deref().or(before.and_then(|b| b.reference.as_deref())).unwrap_or_default();
    let short: String = reference.chars().take(REFERENCE_CHARS).collect();
    let old = before.and_then(|b| b.reference.as_deref()).unwrap_or_default();
    if reference != old {
        body.set("PaymentRefNum", short.as_str());
    }
    let note = private_note(wanted, known, local_id, (reference != short).then_some(reference));
    let stored = known.and_then(|(object, _)| object.get("PrivateNote")).and_then(Value::as_str).unwrap_or_default();
    if note != stored {
        limit("note", Some(&note), 4000)?;
        body.set("PrivateNote", note);
    }
    if let Some(name) = &wanted.method
        && before.and_then(|b| b.method.as_ref()) != Some(name)
        && let Some(method) = methods.iter().find(|method| method.name.eq_ignore_ascii_case(name))
    {
        body.set_ref("PaymentMethodRef", &method.id);
    }
    let moved = before.is_none_or(|b| {
        b.customer != wanted.customer || b.amount != wanted.amount || sorted(&b.applied) != sorted(&wanted.applied)
    });
    if known.is_none() || moved || !body.is_empty() {
        body.set_ref("CustomerRef", &wanted.customer.0);
        body.set("TotalAmt", money_value(wanted.amount));
        body.set("Line", lines(wanted, known.map(|(object, _)| object)));
    }
    if company.multi_currency && known.is_none() {
        body.set_ref("CurrencyRef", wanted.amount.currency().code());
    }
    Ok(body)
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
fn private_note(wanted: &Payment, known: Option<(&Object, &Payment)>, local_id: &str, long: Option<&str>) -> String {
    let stored = known.and_then(|(object, _)| object.get("PrivateNote")).and_then(Value::as_str).unwrap_or_default();
    let text = wanted.note.clone().unwrap_or_else(|| Note::read(stored).text);
    let marked = known.is_none() || Note::read(stored).marker.is_some();
    let lines = [
        (!text.is_empty()).then_some(text),
        long.map(|reference| format!("{REFERENCE}{reference}")),
        marked.then(|| format!("{MARKER}{local_id}")),
    ];
    lines.into_iter().flatten().collect::<Vec<_>>().join("\n")
}

fn sorted(applied: &[Applied]) -> Vec<(&str, i64)> {
    let mut parts: Vec<_> = applied.iter().map(|part| (part.invoice.0.as_str(), part.amount.minor())).collect();
    parts.sort_unstable();
    parts
}

/// All lines: the invoices as wanted, and whatever else the stored payment is linked to as it is.
fn lines(wanted: &Payment, stored: Option<&Object>) -> Vec<Value> {
    let others = stored.and_then(|object| object.get("Line")).and_then(Value::as_array).into_iter().flatten();
    let others = others.filter(|line| {
        let linked: Vec<LinkedTxn> =
            line.get("LinkedTxn").cloned().and_then(|l| wire::read(l).ok()).unwrap_or_default();
        !linked.is_empty() && linked.iter().all(|linked| linked.kind != "Invoice")
    });
    let invoices = wanted.applied.iter().map(|part| {
        json!({
            "Amount": money_value(part.amount),
            "LinkedTxn": [{ "TxnId": part.invoice.0, "TxnType": "Invoice" }],
        })
    });
    invoices.chain(others.cloned()).collect()
}

/// Whether a stored payment is the one we sent: our marker and the same amount.
pub(crate) fn is_same_payment(stored: &Value, wanted: &Payment, local_id: &str) -> bool {
    let note = stored.get("PrivateNote").and_then(Value::as_str).unwrap_or_default();
    let total = stored.get("TotalAmt").cloned().and_then(|total| wire::read::<Decimal>(total).ok());
    let amount = total.and_then(|total| Money::parse(&total.0, wanted.amount.currency()).ok());
    Note::read(note).marker == Some(local_id) && amount == Some(wanted.amount)
}
