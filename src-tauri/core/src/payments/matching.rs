//! Charges become payments: once everything of a run has been read, each charge about which something changed is looked at, joined
//! to the payment that it is, recorded as one, or asked about.
//!
//! Absent on purpose: the decision itself, which is pure (`charge`), and when it is made, which the sync knows.

use super::charge::{self, Look, NEAR_DAYS, SameReference, Verdict};
use super::payment::{Applied, DepositTo, Payment};
use super::processor::local_day;
use super::write::write;
use crate::event::Tag;
use crate::ids::{ConnectionId, InvoiceId, MoneyRecordId, PaymentId};
use crate::invoices::InvoiceState;
use crate::store::charge_match::{self, Candidate, Search};
use crate::store::charges::Stored;
use crate::store::outbox::{self, Wish};
use crate::store::problems::{self, NewProblem};
use crate::store::{self, Tx, decisions, history};
use crate::view::FieldChange;
use crate::{Error, Result};
use backroom_money::Money;
use chrono::{DateTime, NaiveDate, Utc};
use connector_contract::RecordKind;
use connector_contract::record::{Charge, ChargeStatus, RemoteId};
use rusqlite::Connection;
use uuid::Uuid;

/// Code of the question whether something that came in is a payment that is here already.
pub const SAME_PAYMENT: &str = "same_payment";

/// Code of the question what money is that arrived beyond what was due.
pub const MORE_THAN_DUE: &str = "more_than_due";

/// What looking at a charge did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Looked {
    /// The payment made from it just now; already queued for sending.
    pub payment: Option<PaymentId>,
    /// The payment it was found to be.
    pub joined: Option<PaymentId>,
    /// A question to the owner that is new.
    pub news: bool,
}

/// What there is to know about a charge.
struct Facts {
    day: NaiveDate,
    money_in: Money,
    invoice: Option<(InvoiceId, store::invoices::Standing)>,
    candidates: Vec<Candidate>,
    word: Option<(PaymentId, bool)>,
}

impl Facts {
    fn read(db: &crate::store::Db<'_>, connection: ConnectionId, remote: &RemoteId, charge: &Charge) -> Result<Self> {
        let currency = charge.amount.currency();
        let lost = charge_match::lost(db, connection, remote, currency)?;
        let day = local_day(db, charge.created_at)?;
        let invoice = named_invoice(db, charge)?;
        let search = Search { remote, currency, invoice: invoice.as_ref().map(|(id, _)| *id), day, days: NEAR_DAYS };
        let word = decisions::pair_word(db, connection, RecordKind::Charge, remote)?;
        Ok(Self {
            day,
            money_in: charge::money_in(charge, lost),
            candidates: charge_match::candidates(db, &search)?,
            invoice,
            word: word.and_then(|(id, same)| Some((id.parse().ok()?, same))),
        })
    }

    fn verdict(&self, remote: &RemoteId, charge: &Charge) -> Verdict {
        charge::decide(&Look {
            remote: &remote.0,
            charge,
            day: self.day,
            money_in: self.money_in,
            due: self.invoice.as_ref().map(|(_, standing)| standing.balance),
            candidates: &self.candidates,
            word: self.word,
        })
    }
}

/// The open invoice a charge names, if it is in the charge's currency.
fn named_invoice(db: &Connection, charge: &Charge) -> Result<Option<(InvoiceId, store::invoices::Standing)>> {
    for name in charge::names(charge) {
        let id = match name.parse::<InvoiceId>() {
            Ok(id) => Some(id),
            Err(_) => store::invoices::find_by_number(db, &name)?,
        };
        let Some(id) = id else { continue };
        let Some(invoice) = store::invoices::standing(db, id)? else { continue };
        if invoice.state == InvoiceState::Open && invoice.balance.currency() == charge.amount.currency() {
            return Ok(Some((id, invoice)));
        }
    }
    Ok(None)
}

/// Looks at a charge. An error concerns this charge alone, and is left for the next look.
pub fn look(tx: &Tx<'_>, id: MoneyRecordId, who: &str, now: DateTime<Utc>) -> Result<Looked> {
    charge_match::looked_at(tx, id)?;
    let Some((connection, remote, stored)) = store::charges::get(tx, id)? else { return Ok(Looked::default()) };
    let clear = |code| problems::clear_question(tx, connection, RecordKind::Charge, &id.to_string(), code);
    if let Some(payment) = stored.payment_id {
        clear(SAME_PAYMENT)?;
        if is_all_recorded(tx, connection, &remote, &stored.charge, payment)? {
            clear(MORE_THAN_DUE)?;
        }
        return Ok(Looked::default());
    }
    if stored.charge.status != ChargeStatus::Succeeded {
        clear(SAME_PAYMENT)?;
        clear(MORE_THAN_DUE)?;
        return Ok(Looked::default());
    }
    let facts = Facts::read(&tx.db(), connection, &remote, &stored.charge)?;
    let asker = Asker { tx, connection, id, remote: &remote, charge: &stored.charge, facts: &facts, now };
    let verdict = facts.verdict(&remote, &stored.charge);
    if !matches!(verdict, Verdict::AskSame(_)) {
        clear(SAME_PAYMENT)?;
    }
    if !matches!(verdict, Verdict::AskPaid) {
        clear(MORE_THAN_DUE)?;
    }
    match verdict {
        Verdict::Nothing => Ok(Looked::default()),
        Verdict::Join(payment) => {
            join(tx, connection, &remote, &stored, payment, who, now)?;
            Ok(Looked { joined: Some(payment), ..Looked::default() })
        }
        Verdict::AskSame(candidate) => Ok(Looked { news: asker.same(&candidate)?, ..Looked::default() }),
        Verdict::AskPaid => Ok(Looked { news: asker.paid()?, ..Looked::default() }),
        Verdict::Record { amount, applied, beyond } => {
            let Some((invoice, standing)) = &facts.invoice else { return Ok(Looked::default()) };
            let mut payment = blank(tx, connection, &remote, &stored.charge, who, now)?;
            payment.customer_id = standing.customer_id;
            payment.received_on = facts.day;
            payment.amount = amount;
            payment.applied = (applied.minor() > 0)
                .then_some(Applied { invoice_id: *invoice, amount: applied })
                .into_iter()
                .collect();
            let payment = write(tx, None, &payment, who, now)?.record.id;
            outbox::enqueue(tx, RecordKind::Payment, &payment.to_string(), Wish::Upsert, now)?;
            matched(tx, connection, &remote, &stored, payment, Some(*invoice))?;
            let news = if beyond.minor() > 0 { asker.beyond(amount, beyond)? } else { false };
            Ok(Looked { payment: Some(payment), joined: None, news })
        }
    }
}

fn is_all_recorded(
    tx: &Tx<'_>,
    connection: ConnectionId,
    remote: &RemoteId,
    charge: &Charge,
    payment: PaymentId,
) -> Result<bool> {
    let lost = charge_match::lost(tx, connection, remote, charge.amount.currency())?;
    let money_in = charge::money_in(charge, lost);
    let payment = store::payments::get(tx, payment)?;
    Ok(payment.is_none_or(|payment| payment.voided || payment.amount.minor() >= money_in.minor()))
}

fn blank(
    tx: &Tx<'_>,
    connection: ConnectionId,
    remote: &RemoteId,
    charge: &Charge,
    who: &str,
    now: DateTime<Utc>,
) -> Result<Payment> {
    // The same in a rehearsal and in the run after it, unless it was made before and is void by now.
    let id = PaymentId(crate::ids::derived(&[&connection.to_string(), "payment of charge", &remote.0]));
    let id = if store::payments::get(tx, id)?.is_some() { PaymentId::new() } else { id };
    Ok(Payment {
        id,
        version: 0,
        customer_id: crate::ids::CustomerId(Uuid::nil()),
        received_on: local_day(tx, charge.created_at)?,
        amount: charge.amount,
        method: who.to_owned(),
        reference: remote.0.clone(),
        note: charge.description.clone().unwrap_or_default(),
        applied: Vec::new(),
        deposit_to: DepositTo::Processor,
        voided: false,
        source: store::charges::vendor_of(tx, connection)?.unwrap_or_else(|| who.to_lowercase()),
        created_at: now,
        updated_at: now,
    })
}

/// The charge is this payment: its money is with the processor, and the history says so.
fn join(
    tx: &Tx<'_>,
    connection: ConnectionId,
    remote: &RemoteId,
    stored: &Stored,
    id: PaymentId,
    who: &str,
    now: DateTime<Utc>,
) -> Result<()> {
    let before = store::payments::get(tx, id)?.ok_or(Error::NotFound("payment"))?;
    let after = Payment { deposit_to: DepositTo::Processor, ..before.clone() };
    write(tx, Some(&before), &after, who, now)?;
    let charge = FieldChange { field: "charge".into(), before: None, after: Some(remote.0.clone()) };
    history::add(tx, RecordKind::Payment, &id.to_string(), now, who, "linked", &[charge])?;
    let named = named_invoice(tx, &stored.charge)?.map(|(invoice, _)| invoice);
    let paid = |invoice: &InvoiceId| before.applied.iter().any(|part| part.invoice_id == *invoice);
    let invoice = named.filter(paid).or_else(|| before.applied.first().map(|part| part.invoice_id)).or(named);
    matched(tx, connection, remote, stored, id, invoice)
}

fn matched(
    tx: &Tx<'_>,
    connection: ConnectionId,
    remote: &RemoteId,
    stored: &Stored,
    payment: PaymentId,
    invoice: Option<InvoiceId>,
) -> Result<()> {
    let after = Stored { invoice_id: invoice, payment_id: Some(payment), ..stored.clone() };
    store::charges::put(tx, connection, remote, &after)?;
    charge_match::looked_at(tx, stored.id)?;
    tx.changed(Tag::MoneyRecords);
    Ok(())
}

/// The payment that a charge that has not come in yet is or may be, and what speaks for it.
pub struct Proposal {
    /// Which payment.
    pub payment: PaymentId,
    /// It would be joined without asking.
    pub certain: bool,
    /// Field, ours, theirs, and whether they are the same.
    pub evidence: Vec<(&'static str, String, String, bool)>,
}

/// Looks for the payment that a charge is or may be, before it comes in.
pub fn propose(
    db: &crate::store::Db<'_>,
    connection: ConnectionId,
    remote: &RemoteId,
    charge: &Charge,
) -> Result<Option<Proposal>> {
    if charge.status != ChargeStatus::Succeeded {
        return Ok(None);
    }
    let facts = Facts { word: None, ..Facts::read(db, connection, remote, charge)? };
    let (id, certain) = match facts.verdict(remote, charge) {
        Verdict::Join(id) => (id, true),
        Verdict::AskSame(candidate) => (candidate.id, false),
        _ => return Ok(None),
    };
    let Some(candidate) = facts.candidates.iter().find(|candidate| candidate.id == id) else { return Ok(None) };
    let mut evidence = vec![
        ("amount", in_words(candidate.amount), in_words(facts.money_in), candidate.amount == facts.money_in),
        ("received_on", candidate.received_on.to_string(), facts.day.to_string(), candidate.received_on == facts.day),
    ];
    if let Some((_, invoice)) = &facts.invoice {
        let ours = if candidate.on_invoice.minor() > 0 { invoice.number.clone() } else { String::new() };
        evidence.push(("invoice", ours, invoice.number.clone(), candidate.on_invoice.minor() > 0));
    }
    if !candidate.reference.is_empty() {
        let same = charge::compare_references(&candidate.reference, &remote.0) > SameReference::No;
        evidence.push(("reference", candidate.reference.clone(), remote.0.clone(), same));
    }
    Ok(Some(Proposal { payment: id, certain, evidence }))
}

fn in_words(amount: Money) -> String {
    format!("{} {}", amount.to_decimal_string(), amount.currency())
}

fn day_in_words(day: NaiveDate) -> String {
    day.format("%b %-d, %Y").to_string()
}

/// Asks the owner about a charge.
struct Asker<'a> {
    tx: &'a Tx<'a>,
    connection: ConnectionId,
    id: MoneyRecordId,
    remote: &'a RemoteId,
    charge: &'a Charge,
    facts: &'a Facts,
    now: DateTime<Utc>,
}

impl Asker<'_> {
    fn number(&self) -> String {
        self.facts.invoice.as_ref().map_or_else(String::new, |(_, invoice)| invoice.number.clone())
    }

    fn arrived(&self) -> String {
        let (amount, day) = (in_words(self.facts.money_in), day_in_words(self.facts.day));
        match self.charge.customer_name.as_deref().filter(|name| !name.trim().is_empty()) {
            Some(name) => format!("{amount} arrived from {name} on {day}"),
            None => format!("{amount} arrived on {day}"),
        }
    }

    fn same(&self, candidate: &Candidate) -> Result<bool> {
        let (arrived, number) = (self.arrived(), self.number());
        let (amount, day) = (in_words(candidate.amount), day_in_words(candidate.received_on));
        let method =
            if candidate.method.is_empty() { "payment".to_owned() } else { format!("{} payment", candidate.method) };
        let reference = if candidate.reference.is_empty() {
            String::new()
        } else {
            format!(", reference “{}”", candidate.reference)
        };
        let pays = match (candidate.on_invoice.minor() > 0, number.is_empty()) {
            (true, false) => format!(", already pays invoice {number}"),
            (_, true) => " is already recorded".to_owned(),
            (false, false) => format!(" from the same customer is already recorded, but doesn't pay invoice {number}"),
        };
        let for_invoice = if number.is_empty() { String::new() } else { format!(" for invoice {number}") };
        let message = format!("{arrived}{for_invoice}. A {method} of {amount} on {day}{reference}{pays}.");
        let message = format!("{message} {}", self.agreement(candidate));
        self.ask(
            SAME_PAYMENT,
            "same_payment",
            &message,
            "Is it the same payment? Nothing is recorded for this charge until you answer.",
        )
    }

    /// What agrees and what doesn't, for people.
    fn agreement(&self, candidate: &Candidate) -> String {
        let (mut same, mut other) = (Vec::new(), Vec::new());
        let mut put = |agrees: bool, yes: &str, no: &str| {
            if agrees { same.push(yes.to_owned()) } else { other.push(no.to_owned()) }
        };
        put(candidate.amount == self.facts.money_in, "amount", "amount");
        put(candidate.received_on == self.facts.day, "day", "day");
        if self.facts.invoice.is_some() {
            put(candidate.on_invoice.minor() > 0, "invoice", "invoice");
        }
        if !candidate.reference.is_empty() {
            let same = charge::compare_references(&candidate.reference, &self.remote.0) > SameReference::No;
            put(same, "reference", "reference");
        }
        match (same.is_empty(), other.is_empty()) {
            (false, true) => format!("Same {}.", listed(&same)),
            (true, _) => format!("Different {}.", listed(&other)),
            (false, false) => format!("Same {}; different {}.", listed(&same), listed(&other)),
        }
    }

    fn paid(&self) -> Result<bool> {
        let message = format!("{} for invoice {}, but nothing is due on it.", self.arrived(), self.number());
        let advice =
            "Nothing is recorded for it yet. Record it as the customer's credit, or leave it and return the money.";
        self.ask(MORE_THAN_DUE, "record_credit", &message, advice)
    }

    fn beyond(&self, recorded: Money, beyond: Money) -> Result<bool> {
        let (recorded, beyond) = (in_words(recorded), in_words(beyond));
        let message = format!(
            "{} for invoice {}, but only {recorded} was due. {recorded} is recorded as a payment; {beyond} is not recorded yet.",
            self.arrived(),
            self.number()
        );
        let advice = "Record the rest as the customer's credit, or leave it, for example when it is a tip.";
        self.ask(MORE_THAN_DUE, "record_credit", &message, advice)
    }

    fn ask(&self, code: &str, action: &str, message: &str, advice: &str) -> Result<bool> {
        let id = self.id.to_string();
        let problem = NewProblem {
            connection_id: self.connection,
            kind: RecordKind::Charge.as_str(),
            local_id: Some(&id),
            remote_id: None,
            outbox_id: None,
            title: &format!("Charge {}", self.remote.0),
            code,
            message,
            advice,
            vendor_text: "",
            action,
            setting: None,
        };
        problems::report(self.tx, &problem, self.now)
    }
}

/// The owner's answer about a charge: it is the payment that was shown, or it is recorded although more arrived than was due.
pub fn answer(tx: &Tx<'_>, id: MoneyRecordId, same: bool, who: &str, now: DateTime<Utc>) -> Result<()> {
    let (connection, remote, stored) = store::charges::get(tx, id)?.ok_or(Error::NotFound("charge"))?;
    if let Some(payment) = stored.payment_id {
        return if same { Ok(()) } else { record_rest(tx, connection, &remote, &stored.charge, payment, now) };
    }
    let facts = Facts::read(&tx.db(), connection, &remote, &stored.charge)?;
    let shown = match facts.verdict(&remote, &stored.charge) {
        Verdict::AskSame(candidate) => Some(candidate.id),
        _ => None,
    };
    if same && shown.is_none() {
        return Err(Error::Refused("The payment it was compared with is no longer there. Sync again.".into()));
    }
    let payment = shown.unwrap_or(PaymentId(Uuid::nil())).to_string();
    decisions::set_pair_word(tx, connection, RecordKind::Charge, &remote, &payment, same)?;
    look(tx, id, who, now).map(drop)
}

/// "amount", "amount and day", "amount, day, and reference".
fn listed(words: &[String]) -> String {
    match words {
        [] => String::new(),
        [only] => only.clone(),
        [first, second] => format!("{first} and {second}"),
        [first @ .., last] => format!("{}, and {last}", first.join(", ")),
    }
}

/// The rest of what arrived becomes the customer's credit.
fn record_rest(
    tx: &Tx<'_>,
    connection: ConnectionId,
    remote: &RemoteId,
    charge: &Charge,
    payment: PaymentId,
    now: DateTime<Utc>,
) -> Result<()> {
    let before = store::payments::get(tx, payment)?.ok_or(Error::NotFound("payment"))?;
    let lost = charge_match::lost(tx, connection, remote, charge.amount.currency())?;
    let money_in = charge::money_in(charge, lost);
    if before.voided || before.amount.minor() >= money_in.minor() {
        return Ok(());
    }
    let after = Payment { amount: money_in, ..before.clone() };
    write(tx, Some(&before), &after, "owner", now)?;
    outbox::enqueue(tx, RecordKind::Payment, &payment.to_string(), Wish::Upsert, now)
}
