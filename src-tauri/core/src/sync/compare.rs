//! Comparing what a vendor has with what is here, record by record: the part of an audit that needs no network.
//!
//! Counted are records in force; archived, voided and cancelled ones are not. What waits to be sent or to be taken over, and
//! what the vendor changed after the last sync, is on its way and no finding.

use super::brake::MANY;
use super::merge::{Fields, changed_there, differences, fields_of, record_of, same, three_way};
use super::records::{self, Rendered, Same, Source};
use crate::company::{self, Company};
use crate::ids::{ConnectionId, FindingId};
use crate::store::audits::{self, DayRow, FindingRow, LocalRow};
use crate::store::links::{self, Link};
use crate::store::{Db, decisions, outbox};
use crate::view::FieldChange;
use crate::{Error, Result};
use backroom_money::Money;
use chrono::{DateTime, NaiveDate, Utc};
use connector_contract::{Content, Pulled, Record, RecordKind, RemoteId};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashSet};

/// What is wrong with a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, specta::Type)]
#[serde(rename_all = "snake_case")]
pub enum AuditCause {
    /// It is there and not here.
    MissingHere,
    /// It is here, should be there, and never was.
    MissingThere,
    /// It was there and is gone.
    DeletedThere,
    /// It was there and is not in the list; nobody has looked it up.
    NotListed,
    /// It was changed there, and no sync has seen it.
    ChangedThere,
    /// It was changed here, and nothing is on its way.
    ChangedHere,
    /// Both.
    ChangedBoth,
}

impl AuditCause {
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::MissingHere => "missing_here",
            Self::MissingThere => "missing_there",
            Self::DeletedThere => "deleted_there",
            Self::NotListed => "not_listed",
            Self::ChangedThere => "changed_there",
            Self::ChangedHere => "changed_here",
            Self::ChangedBoth => "changed_both",
        }
    }

    pub(super) fn named(name: &str) -> Self {
        // The column's CHECK allows nothing else.
        match name {
            "missing_here" => Self::MissingHere,
            "missing_there" => Self::MissingThere,
            "deleted_there" => Self::DeletedThere,
            "not_listed" => Self::NotListed,
            "changed_there" => Self::ChangedThere,
            "changed_here" => Self::ChangedHere,
            _ => Self::ChangedBoth,
        }
    }
}

/// What an audit looks at of a record, whoever keeps it.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Face {
    day: Option<NaiveDate>,
    amount: Option<Money>,
    retired: bool,
    title: String,
}

fn face(record: &Record, company: &Company) -> Face {
    let (day, amount, retired) = match record {
        Record::Customer(customer) => (None, None, !customer.active),
        Record::Item(item) => (None, None, !item.active),
        Record::Order(order) => (
            Some(company.day_of(order.ordered_at)),
            Some(order.total),
            order.status == connector_contract::record::OrderStatus::Cancelled,
        ),
        Record::Invoice(invoice) => (Some(invoice.issued_on), Some(invoice.total), invoice.voided),
        Record::Payment(payment) => (Some(payment.received_on), Some(payment.amount), payment.voided),
        Record::Shipment(shipment) => (shipment.shipped_on, shipment.cost, shipment.voided),
        Record::Charge(charge) => (Some(company.day_of(charge.created_at)), Some(charge.amount), false),
        Record::Refund(refund) => (Some(company.day_of(refund.created_at)), Some(refund.amount), false),
        Record::Dispute(dispute) => (Some(company.day_of(dispute.created_at)), Some(dispute.amount), false),
        Record::BalanceEntry(entry) => (Some(company.day_of(entry.created_at)), Some(entry.net), false),
        Record::Payout(payout) => (Some(company.day_of(payout.created_at)), Some(payout.amount), false),
    };
    Face { day, amount, retired, title: records::title(record) }
}

/// The comparison of one kind, growing page by page.
pub(super) struct Comparison<'a> {
    pub(super) from: Source<'a>,
    pub(super) kind: RecordKind,
    pub(super) sends: bool,
    pub(super) days: (NaiveDate, NaiveDate),
    /// What the vendor changed later than this comes with the next sync.
    pub(super) synced_at: DateTime<Utc>,
    company: Company,
    rows: BTreeMap<(String, String), DayRow>,
    seen: HashSet<RemoteId>,
    findings: Vec<FindingRow>,
}

/// A row here that the vendor did not list.
pub(super) struct Unseen {
    pub(super) row: LocalRow,
    pub(super) remote_id: RemoteId,
}

/// A way of adding a record to its day.
enum Side {
    Here(i64),
    There(i64),
    Waiting,
}

impl<'a> Comparison<'a> {
    pub(super) fn new(
        db: &Db<'_>,
        from: Source<'a>,
        kind: RecordKind,
        sends: bool,
        days: (NaiveDate, NaiveDate),
        synced_at: DateTime<Utc>,
    ) -> Result<Self> {
        let company = company::require(db)?;
        let (rows, seen, findings) = (BTreeMap::new(), HashSet::new(), Vec::new());
        Ok(Self { from, kind, sends, days, synced_at, company, rows, seen, findings })
    }

    pub(super) fn done(self) -> (Vec<DayRow>, Vec<FindingRow>) {
        (self.rows.into_values().collect(), self.findings)
    }

    fn covers(&self, day: Option<NaiveDate>) -> bool {
        day.is_none_or(|day| (self.days.0..=self.days.1).contains(&day))
    }

    fn count(&mut self, day: &str, currency: &str, side: &Side) {
        let kind = self.kind.as_str();
        let row = self.rows.entry((day.to_owned(), currency.to_owned())).or_insert_with(|| DayRow {
            kind: kind.to_owned(),
            day: day.to_owned(),
            currency: currency.to_owned(),
            ..DayRow::default()
        });
        match side {
            Side::Here(minor) => {
                row.here_count += 1;
                row.here_minor = row.here_minor.saturating_add(*minor);
            }
            Side::There(minor) => {
                row.there_count += 1;
                row.there_minor = row.there_minor.saturating_add(*minor);
            }
            Side::Waiting => row.waiting_count += 1,
        }
    }

    /// Takes a record in that the vendor listed. What can't be read is told by the sync already.
    pub(super) fn there(&mut self, db: &Db<'_>, pulled: &Pulled) -> Result<()> {
        let Content::Present(record) = &pulled.content else {
            self.seen.insert(pulled.remote_id.clone());
            return Ok(());
        };
        let face = face(record, &self.company);
        if !self.covers(face.day) || !self.seen.insert(pulled.remote_id.clone()) {
            return Ok(());
        }
        let (day, currency) = place(&face);
        if !face.retired {
            self.count(&day, &currency, &Side::There(face.amount.map_or(0, Money::minor)));
        }
        self.compare(db, pulled, record, &face)
    }

    /// A linked record that was not listed but is still there: its day moved out of the span, or into it here.
    pub(super) fn moved(&mut self, db: &Db<'_>, pulled: &Pulled) -> Result<()> {
        let Content::Present(record) = &pulled.content else { return Ok(()) };
        let face = face(record, &self.company);
        self.compare(db, pulled, record, &face)
    }

    fn compare(&mut self, db: &Db<'_>, pulled: &Pulled, record: &Record, face: &Face) -> Result<()> {
        let Source { connection, .. } = self.from;
        let link = links::by_remote(db, connection, self.kind, &pulled.remote_id)?;
        let local_id = match &link {
            Some(link) if !link.deleted => Some(link.local_id.clone()),
            _ => match decisions::pair_word(db, connection, self.kind, &pulled.remote_id)? {
                Some((local_id, same)) => Some(local_id).filter(|_| same),
                None => records::find_same(db, &self.from, record, Same::ByKey)?,
            },
        };
        let waiting = audits::is_waiting(db, connection, self.kind, &pulled.remote_id)?;
        let pending = match &local_id {
            Some(local_id) => !outbox::of_record(db, connection, self.kind, local_id)?.is_empty(),
            None => false,
        };
        let (day, currency) = place(face);
        let found = match link {
            Some(Link { deleted: false, agreed: Some(agreed), local_id, .. }) => {
                let theirs = fields_of(record)?;
                let ours = self.ours(db, &local_id)?;
                if self.has_ended(record, ours.as_ref())? {
                    return Ok(());
                }
                difference(self.kind, self.sends, &agreed, ours.as_ref(), &theirs)
            }
            Some(Link { deleted: false, .. }) => None,
            // Never here, or here once and back again. What is out of use there need not come.
            _ if face.retired => None,
            _ => Some((AuditCause::MissingHere, Vec::new())),
        };
        let Some((cause, fields)) = found else { return Ok(()) };
        if waiting || pending || pulled.updated_at.is_some_and(|at| at > self.synced_at) {
            self.count(&day, &currency, &Side::Waiting);
            return Ok(());
        }
        let there_minor = face.amount.map(Money::minor);
        let here_minor = match &local_id {
            Some(local_id) if cause != AuditCause::MissingHere => self.amount_here(db, local_id)?.or(there_minor),
            _ => None,
        };
        let title = match &local_id {
            Some(local_id) => links::title(db, self.kind, local_id)?,
            None => face.title.clone(),
        };
        self.find(cause, local_id, Some(pulled.remote_id.0.clone()), title, (day, currency), fields);
        if let Some(last) = self.findings.last_mut() {
            (last.here_minor, last.there_minor) = (here_minor, there_minor);
        }
        Ok(())
    }

    fn ours(&self, db: &Db<'_>, local_id: &str) -> Result<Option<Fields>> {
        match records::render(db, self.from.connection, self.kind, local_id)? {
            Rendered::Ready(record) => Ok(Some(fields_of(&record)?)),
            Rendered::Missing(_) | Rendered::Nothing => Ok(None),
        }
    }

    /// A document that is void or cancelled on both sides: what it says beside is no difference that could be mended.
    fn has_ended(&self, theirs: &Record, ours: Option<&Fields>) -> Result<bool> {
        let is_document = matches!(self.kind, RecordKind::Invoice | RecordKind::Payment | RecordKind::Order);
        let Some(ours) = ours.filter(|_| is_document && records::is_over(theirs)) else { return Ok(false) };
        Ok(records::is_over(&record_of(self.kind, ours.clone())?))
    }

    fn amount_here(&self, db: &Db<'_>, local_id: &str) -> Result<Option<i64>> {
        match records::render(db, self.from.connection, self.kind, local_id)? {
            Rendered::Ready(record) => Ok(face(&record, &self.company).amount.map(Money::minor)),
            Rendered::Missing(_) | Rendered::Nothing => Ok(None),
        }
    }

    /// Counts what is here and finds what the vendor should have; returns linked records that it did not list.
    pub(super) fn here(&mut self, db: &Db<'_>) -> Result<Vec<Unseen>> {
        let (from, to) = self.span();
        let rows = audits::local_rows(db, self.from.connection, self.kind, self.sends, &from, &to)?;
        let mut unseen = Vec::new();
        for row in rows {
            let day = self.day_here(&row.at)?;
            if !self.covers(day) {
                continue;
            }
            let day = day.map(|day| day.to_string()).unwrap_or_default();
            if !row.retired {
                self.count(&day, &row.currency, &Side::Here(row.minor));
            }
            match &row.remote_id {
                Some(remote) if self.seen.contains(remote) => {}
                _ if row.waiting => self.count(&day, &row.currency, &Side::Waiting),
                Some(remote) => unseen.push(Unseen { remote_id: remote.clone(), row }),
                // A draft or the like is nothing to send.
                None if matches!(
                    records::render(db, self.from.connection, self.kind, &row.local_id)?,
                    Rendered::Nothing
                ) => {}
                None => self.lacks(db, AuditCause::MissingThere, &row, None)?,
            }
        }
        Ok(unseen)
    }

    /// Refuses a list with nothing on it where much should be: the vendor is out of order, emptied or another one, and that
    /// all of it was deleted would be the least likely.
    pub(super) fn expect_something(&self, unseen: &[Unseen]) -> Result<()> {
        let linked = unseen.iter().filter(|unseen| !unseen.row.retired).count();
        if !self.seen.is_empty() || linked < MANY as usize {
            return Ok(());
        }
        let (who, name) = (self.from.who, self.kind.as_str().replace('_', " "));
        Err(Error::Refused(format!(
            "{who} lists nothing where {linked} {name} records of yours are linked, so nothing was compared. Look at {who}."
        )))
    }

    /// A linked record that is gone over there. One out of use here already needs nothing.
    pub(super) fn gone(&mut self, db: &Db<'_>, unseen: &Unseen) -> Result<()> {
        if unseen.row.retired {
            return Ok(());
        }
        // Its deletion is known and waits for the owner.
        if audits::is_waiting(db, self.from.connection, self.kind, &unseen.remote_id)? {
            let day = self.day_here(&unseen.row.at)?.map(|day| day.to_string()).unwrap_or_default();
            self.count(&day, &unseen.row.currency, &Side::Waiting);
            return Ok(());
        }
        self.lacks(db, AuditCause::DeletedThere, &unseen.row, Some(unseen.remote_id.0.clone()))
    }

    /// A linked record that was not listed and not looked up: whether it is gone is not known.
    pub(super) fn not_listed(&mut self, db: &Db<'_>, unseen: &Unseen) -> Result<()> {
        if unseen.row.retired {
            return Ok(());
        }
        self.lacks(db, AuditCause::NotListed, &unseen.row, Some(unseen.remote_id.0.clone()))
    }

    fn lacks(&mut self, db: &Db<'_>, cause: AuditCause, row: &LocalRow, remote: Option<String>) -> Result<()> {
        let day = self.day_here(&row.at)?.map(|day| day.to_string()).unwrap_or_default();
        let title = links::title(db, self.kind, &row.local_id)?;
        self.find(cause, Some(row.local_id.clone()), remote, title, (day, row.currency.clone()), Vec::new());
        if let Some(last) = self.findings.last_mut().filter(|_| !row.currency.is_empty()) {
            last.here_minor = Some(row.minor);
        }
        Ok(())
    }

    fn find(
        &mut self,
        cause: AuditCause,
        local_id: Option<String>,
        remote_id: Option<String>,
        title: String,
        (day, currency): (String, String),
        fields: Vec<FieldChange>,
    ) {
        self.findings.push(FindingRow {
            row: 0,
            id: FindingId::new(),
            connection_id: self.from.connection,
            kind: self.kind.as_str().to_owned(),
            cause: cause.as_str().to_owned(),
            local_id,
            remote_id,
            title,
            day,
            here_minor: None,
            there_minor: None,
            currency,
            fields,
            fixed_at: None,
            outcome: String::new(),
        });
    }

    /// The span as the rows here store it: days, or moments a day wider at both ends.
    fn span(&self) -> (String, String) {
        let (first, last) = self.days;
        let wide = chrono::Duration::days(1);
        match self.kind {
            RecordKind::Invoice | RecordKind::Payment | RecordKind::Shipment => (first.to_string(), last.to_string()),
            _ => ((first - wide).to_string(), (last + wide + wide).to_string()),
        }
    }

    fn day_here(&self, at: &str) -> Result<Option<NaiveDate>> {
        if at.is_empty() {
            return Ok(None);
        }
        if let Ok(day) = at.parse::<NaiveDate>() {
            return Ok(Some(day));
        }
        let moment = DateTime::parse_from_rfc3339(at).map_err(|_| Error::Bug("a stored moment is none".into()))?;
        Ok(Some(self.company.day_of(moment.with_timezone(&Utc))))
    }
}

fn place(face: &Face) -> (String, String) {
    let day = face.day.map(|day| day.to_string()).unwrap_or_default();
    (day, face.amount.map(|amount| amount.currency().code().to_owned()).unwrap_or_default())
}

/// What differs between a linked record here and there that neither side has on its way. `ours` is `None` for kinds that are
/// never written out.
fn difference(
    kind: RecordKind,
    sends: bool,
    agreed: &super::merge::Agreed,
    ours: Option<&Fields>,
    theirs: &Fields,
) -> Option<(AuditCause, Vec<FieldChange>)> {
    let Some(ours) = ours else {
        let changed = changed_there(kind, Some(agreed), theirs);
        let known: Fields =
            changed.keys().filter_map(|name| Some((name.clone(), agreed.remote.get(name)?.clone()))).collect();
        return (!changed.is_empty()).then(|| (AuditCause::ChangedThere, differences(&known, &changed)));
    };
    let merge = three_way(kind, agreed, ours, theirs);
    let null = serde_json::Value::Null;
    let differs = |name: &String| {
        let their = theirs.get(name).unwrap_or(&null);
        !their.is_null() && !same(their, ours.get(name).unwrap_or(&null))
    };
    let incoming: Vec<&String> = merge.incoming.keys().filter(|name| differs(name)).collect();
    let outgoing: Vec<&String> = merge.outgoing.iter().filter(|name| sends && differs(name)).collect();
    let clashing: Vec<&String> =
        merge.conflicts.iter().filter(|conflict| conflict.differs()).map(|conflict| &conflict.field).collect();
    let cause = match (incoming.is_empty(), outgoing.is_empty(), clashing.is_empty()) {
        (true, true, true) => return None,
        (false, true, true) => AuditCause::ChangedThere,
        (true, false, true) => AuditCause::ChangedHere,
        _ => AuditCause::ChangedBoth,
    };
    let names = incoming.into_iter().chain(outgoing).chain(clashing);
    let (mut here, mut there) = (Fields::new(), Fields::new());
    for name in names {
        here.insert(name.clone(), ours.get(name).unwrap_or(&null).clone());
        there.insert(name.clone(), theirs.get(name).unwrap_or(&null).clone());
    }
    Some((cause, differences(&here, &there)))
}

/// The connection a comparison is made for.
pub(super) fn source<'a>(
    connection: ConnectionId,
    vendor: &'a str,
    who: &'a str,
    run: crate::ids::RunId,
    now: DateTime<Utc>,
) -> Source<'a> {
    Source { connection, vendor, who, run, now }
}
