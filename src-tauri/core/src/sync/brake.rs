//! The brake: what a run would delete, deactivate or change of what exists on both sides, in records and in money, coming in
//! and going out, and when that is so much that the owner is asked first.
//!
//! What comes in and would change something waits, set aside as it came, until all streams have been read; then it is weighed
//! together with what waited from earlier runs, and applied or kept. So a run that stops has changed nothing, however many
//! pages its reading took. What goes out is weighed once, before the first entry is sent. A rehearsal is weighed too: it does
//! not stop, but what weighs too much is on hold in its plan until the owner approves it.

use super::gate::Gate;
use super::incoming;
use super::merge::{Agreed, changed_there, fields_of};
use super::part::{Ended, Part};
use super::records;
use crate::company::SyncSettings;
use crate::ids::ConnectionId;
use crate::store::brakes::{self, Due, Live};
use crate::store::connections as rows;
use crate::store::{Db, decisions, links, parked, plan_items};
use crate::sync::ChangeDirection;
use crate::sync::status::brake_seen;
use crate::{Error, Result};
use backroom_money::{Currency, Money};
use connector_contract::{Content, Pulled, Record, RecordKind, Stream};
use std::collections::BTreeMap;

/// So many retirements of a kind are nobody's mistake, whatever share they are.
const FEW_RETIRED: u32 = 3;
/// Likewise changes.
const FEW_CHANGED: u32 = 10;
/// A share of money says something where there are so many documents; among fewer each is a large share.
const FEW_DOCUMENTS: u32 = 10;
/// So many linked records make a vendor that shows none of them suspicious.
pub const MANY: u32 = 5;

/// What the owner lets pass in a run however much it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Released {
    /// Nothing.
    Nothing,
    /// What goes out: the run takes another one back, which the owner has looked at record by record.
    Outgoing,
    /// Everything: the brake stopped a run before, and the owner said to go on.
    All,
}

/// What happens to a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Deed {
    /// It is deleted, deactivated, voided or cancelled.
    Retire,
    /// It is changed.
    Change,
}

/// One record that would be retired or changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Charge {
    deed: Deed,
    /// The money concerned: all of a document that goes, the difference of one that changes.
    money: Option<Money>,
}

/// Which way and which kind.
type Lane = (ChangeDirection, RecordKind);

/// What is too much.
#[derive(Debug, Clone)]
pub struct Verdict {
    lane: Lane,
    deed: Deed,
    text: String,
}

/// What a part does to records that exist on both sides.
#[derive(Debug, Clone, Default)]
pub struct Tolls {
    charged: BTreeMap<Lane, BTreeMap<String, Charge>>,
    /// What there was when the first record of the kind was charged.
    live: BTreeMap<RecordKind, Live>,
    /// What else the owner should know.
    notices: Vec<String>,
}

impl Tolls {
    fn charge(
        &mut self,
        db: &Db<'_>,
        connection: ConnectionId,
        lane: Lane,
        record: &str,
        charge: Charge,
    ) -> Result<()> {
        if let std::collections::btree_map::Entry::Vacant(place) = self.live.entry(lane.1) {
            place.insert(brakes::live(db, connection, lane.1)?);
        }
        self.charged.entry(lane).or_default().insert(record.to_owned(), charge);
        Ok(())
    }

    /// What is more than the owner lets pass unasked, in words.
    fn verdicts(&self, settings: &SyncSettings, vendor: &str) -> Vec<Verdict> {
        let mut verdicts = Vec::new();
        for (lane, charges) in &self.charged {
            let nothing = Live::default();
            let live = self.live.get(&lane.1).unwrap_or(&nothing);
            for (deed, percent, few) in [
                (Deed::Retire, settings.brake_retire_percent, FEW_RETIRED),
                (Deed::Change, settings.brake_change_percent, FEW_CHANGED),
            ] {
                let of_deed: Vec<&Charge> = charges.values().filter(|charge| charge.deed == deed).collect();
                let count = u32::try_from(of_deed.len()).unwrap_or(u32::MAX);
                let sums = sums(&of_deed, live, *lane, deed);
                let over = |part: i64, all: i64| i128::from(part) * 100 > i128::from(all) * i128::from(percent);
                let much = count > few && over(count.into(), live.count.into());
                let dear = sums.iter().any(|sum| sum.documents >= FEW_DOCUMENTS && over(sum.minor, sum.of));
                if much || dear {
                    verdicts.push(Verdict { lane: *lane, deed, text: words(*lane, deed, count, live, &sums, vendor) });
                }
            }
        }
        verdicts
    }
}

/// Money concerned in one currency.
struct Sum {
    currency: Currency,
    minor: i64,
    of: i64,
    documents: u32,
}

fn sums(charges: &[&Charge], live: &Live, (direction, _): Lane, deed: Deed) -> Vec<Sum> {
    let mut sums: BTreeMap<&'static str, Sum> = BTreeMap::new();
    for money in charges.iter().filter_map(|charge| charge.money) {
        let currency = money.currency();
        let (documents, of) = live.money.get(currency.code()).copied().unwrap_or_default();
        let sum = sums.entry(currency.code()).or_insert(Sum { currency, minor: 0, of, documents });
        sum.minor = sum.minor.saturating_add(money.minor());
        // What is void here already, and goes out, counted while it was in force.
        if direction == ChangeDirection::Out && deed == Deed::Retire {
            sum.of = sum.of.saturating_add(money.minor());
            sum.documents += 1;
        }
    }
    sums.into_values().filter(|sum| sum.minor != 0).collect()
}

fn words((direction, kind): Lane, deed: Deed, count: u32, live: &Live, sums: &[Sum], vendor: &str) -> String {
    let name = kind.as_str().replace('_', " ");
    let mut text = format!("{count} of {} {name} records", live.count.max(count));
    let comma = if sums.is_empty() { "" } else { "," };
    for Sum { currency, minor, of, .. } in sums {
        let amount = |minor| Money::from_minor(minor, *currency).to_decimal_string();
        text = format!("{text}, {} of {} {}", amount(*minor), amount(*of), currency.code());
    }
    let deed = match deed {
        Deed::Retire => "deleted, deactivated or voided",
        Deed::Change => "changed",
    };
    let place = match direction {
        ChangeDirection::In => "here".to_owned(),
        ChangeDirection::Out => format!("in {vendor}"),
    };
    format!("{text}{comma} would be {deed} {place}.")
}

/// What a record that came in would do to the one that exists on both sides, if anything that counts.
fn incoming(db: &Db<'_>, connection: ConnectionId, pulled: &Pulled) -> Result<Option<Charge>> {
    let kind = super::pull::kind_of(pulled);
    // What a processor booked is not ours to lose.
    if records::only_comes_in(kind) {
        return Ok(None);
    }
    let Some(link) = links::by_remote(db, connection, kind, &pulled.remote_id)?.filter(|link| !link.deleted) else {
        return Ok(None);
    };
    if incoming::is_older(&link, pulled) {
        return Ok(None);
    }
    let Some(agreed) = &link.agreed else { return Ok(None) };
    let before = agreed_amount(kind, agreed);
    let out_of_use = out_of_use(agreed);
    Ok(match &pulled.content {
        // A record merged into another one is not lost, and what refers to it comes right after it.
        Content::Unreadable { .. } | Content::Merged { .. } => None,
        Content::Deleted(_) => (!out_of_use).then_some(Charge { deed: Deed::Retire, money: before }),
        Content::Present(record) => {
            let changed = changed_there(kind, Some(agreed), &fields_of(record)?);
            let goes = records::is_retired(record) || is_cancelled(record);
            // An order on its way through the shop says the same as before.
            let says = |field: &String| super::merge::unit(kind, field) != "status";
            if changed.is_empty() {
                None
            } else if goes {
                (!out_of_use).then_some(Charge { deed: Deed::Retire, money: before })
            } else if changed.keys().any(says) {
                Some(Charge { deed: Deed::Change, money: difference(before, amount_of(record)) })
            } else {
                None
            }
        }
    })
}

fn outgoing(db: &Db<'_>, due: &Due) -> Result<Charge> {
    let before = due.agreed.as_ref().and_then(|agreed| agreed_amount(due.kind, agreed));
    // Entries of lists are not voided but changed to be out of use.
    let archived = !due.agreed.as_ref().is_some_and(out_of_use) && brakes::is_archived(db, due.kind, &due.local_id)?;
    if due.retire || archived {
        return Ok(Charge { deed: Deed::Retire, money: before });
    }
    let now = brakes::amount(db, due.kind, &due.local_id)?;
    Ok(Charge { deed: Deed::Change, money: difference(before, now) })
}

/// How much a document's change is about.
fn difference(before: Option<Money>, after: Option<Money>) -> Option<Money> {
    let (before, after) = (before?, after?);
    match after.checked_sub(before) {
        Ok(difference) => Some(Money::from_minor(difference.minor().saturating_abs(), before.currency())),
        // In another currency it is another sum altogether.
        Err(_) => Some(before),
    }
}

fn agreed_amount(kind: RecordKind, agreed: &Agreed) -> Option<Money> {
    let field = match kind {
        RecordKind::Invoice | RecordKind::Order => "total",
        RecordKind::Payment => "amount",
        _ => return None,
    };
    let amount = agreed.remote.get(field).or_else(|| agreed.local.get(field))?;
    serde_json::from_value(amount.clone()).ok()
}

fn amount_of(record: &Record) -> Option<Money> {
    match record {
        Record::Invoice(invoice) => Some(invoice.total),
        Record::Order(order) => Some(order.total),
        Record::Payment(payment) => Some(payment.amount),
        _ => None,
    }
}

fn is_cancelled(record: &Record) -> bool {
    matches!(record, Record::Order(order) if order.status == connector_contract::record::OrderStatus::Cancelled)
}

/// Whether it was out of use already when both sides last agreed.
fn out_of_use(agreed: &Agreed) -> bool {
    let is = |field: &str, value: bool| agreed.remote.get(field).and_then(serde_json::Value::as_bool) == Some(value);
    let cancelled = agreed.remote.get("status").is_some_and(|status| status == "cancelled");
    is("voided", true) || is("active", false) || cancelled
}

impl Part<'_> {
    /// Whether a record that came in has to wait until it is weighed with the others.
    pub(super) fn waits_for_brake(&self, db: &Db<'_>, pulled: &Pulled) -> Result<bool> {
        let own_doing = || self.sent.contains(&(super::pull::kind_of(pulled), pulled.remote_id.clone()));
        if self.weighed || !self.is_watched() || own_doing() {
            return Ok(false);
        }
        let Some(charge) = incoming(db, self.row.id, pulled)? else { return Ok(false) };
        if self.gate == Gate::Open {
            return Ok(true);
        }
        let lane = (ChangeDirection::In, super::pull::kind_of(pulled));
        self.tolls.lock().charge(db, self.row.id, lane, &pulled.remote_id.0, charge)?;
        Ok(false)
    }

    /// Before the first sync nothing exists on both sides, and what a plan does was approved.
    fn is_watched(&self) -> bool {
        self.row.last_synced_at.is_some() && !matches!(self.gate, Gate::Plan(_))
    }

    /// Weighs all that waits to be applied. From then on it may be.
    pub(super) fn weigh_incoming(&mut self) -> Result<(), Ended> {
        if self.gate == Gate::Open && self.is_watched() && self.released != Released::All {
            self.core.store.write_in_run(self.run, |tx| {
                let mut waiting = decisions::all_aside(&tx.db(), self.row.id)?;
                waiting.extend(parked::all(&tx.db(), self.row.id)?);
                for pulled in waiting {
                    let lane = (ChangeDirection::In, super::pull::kind_of(&pulled));
                    if self.is_left_alone(tx, &pulled)? || self.sent.contains(&(lane.1, pulled.remote_id.clone())) {
                        continue;
                    }
                    if let Some(charge) = incoming(&tx.db(), self.row.id, &pulled)? {
                        let mut tolls = self.tolls.lock();
                        tolls.charge(&tx.db(), self.row.id, lane, &pulled.remote_id.0, charge)?;
                    }
                }
                Ok(())
            })?;
            self.stop_if_over(ChangeDirection::In)?;
        }
        self.weighed = self.gate == Gate::Open;
        Ok(())
    }

    /// Weighs all that is due to be sent, before the first of it goes.
    pub(super) fn weigh_outgoing(&mut self) -> Result<(), Ended> {
        if !self.is_watched() || self.released != Released::Nothing {
            return Ok(());
        }
        let now = self.core.now();
        self.core.store.read(|db| {
            for due in brakes::due(db, self.row.id, now)? {
                let charge = outgoing(db, &due)?;
                let lane = (ChangeDirection::Out, due.kind);
                self.tolls.lock().charge(db, self.row.id, lane, &due.local_id, charge)?;
            }
            Ok(())
        })?;
        if self.gate == Gate::Open { self.stop_if_over(ChangeDirection::Out) } else { Ok(()) }
    }

    fn stop_if_over(&mut self, direction: ChangeDirection) -> Result<(), Ended> {
        let verdicts = self.verdicts()?;
        let texts: Vec<String> =
            verdicts.into_iter().filter(|verdict| verdict.lane.0 == direction).map(|verdict| verdict.text).collect();
        if texts.is_empty() { Ok(()) } else { Err(self.braked(&texts.join(" "))?) }
    }

    fn verdicts(&self) -> Result<Vec<Verdict>> {
        let settings = self.core.sync_settings()?;
        Ok(self.tolls.lock().verdicts(&settings, self.descriptor.name))
    }

    /// A vendor that shows nothing where there was much is out of order, emptied or another one.
    pub(super) fn expect_something(&mut self, stream: Stream) -> Result<(), Ended> {
        let expected = self.core.store.read(|db| brakes::expected(db, self.row.id, stream.id))?;
        if expected < MANY || self.released == Released::All || matches!(self.gate, Gate::Plan(_)) {
            return Ok(());
        }
        let text = format!(
            "{} shows nothing at all under {}, where {expected} records of yours are linked.",
            self.descriptor.name,
            stream.label.to_lowercase(),
        );
        if self.gate == Gate::Open {
            return Err(self.braked(&text)?);
        }
        self.tolls.lock().notices.push(text);
        Ok(())
    }

    /// In a rehearsal: puts what weighs too much on hold, and keeps the sentences for the plan.
    pub(super) fn hold_what_is_over(&self) -> Result<()> {
        let Gate::Rehearsal(plan) = self.gate else { return Ok(()) };
        let verdicts = self.verdicts()?;
        let tolls = self.tolls.lock();
        let mut texts = tolls.notices.clone();
        self.core.store.write(|tx| {
            for Verdict { lane, deed, text } in verdicts {
                texts.push(text);
                let charges = tolls.charged.get(&lane).into_iter().flatten();
                for (record, _) in charges.filter(|(_, charge)| charge.deed == deed) {
                    let key = decisions::Key { connection: self.row.id, direction: lane.0, kind: lane.1, record };
                    plan_items::hold(tx, plan, key)?;
                }
            }
            let text = texts.join(" ");
            rows::set_note(tx, &brake_seen(self.row.id), Some(text.as_str()).filter(|text| !text.is_empty()))
        })
    }

    fn braked(&mut self, text: &str) -> Result<Ended> {
        let vendor = self.descriptor.name;
        let message = format!("The sync with {vendor} stopped before it did something big. {text}");
        let advice = format!("Look at {vendor}. If that is what you want, let the next sync do it.");
        self.report(super::status::BRAKE, &message, &advice, ["", ""], super::ProblemAction::Release)?;
        Ok(Ended::Stopped(message))
    }
}

/// Refuses shares that are none.
pub(crate) fn check_shares(settings: &SyncSettings) -> Result<()> {
    for (field, percent) in [
        ("brake_retire_percent", settings.brake_retire_percent),
        ("brake_change_percent", settings.brake_change_percent),
    ] {
        if !(1..=100).contains(&percent) {
            return Err(Error::invalid(field, "Give a share between 1 and 100 percent."));
        }
    }
    Ok(())
}
