//! The completeness audit: a vendor's own lists against what is here, by day, whatever the feed of changes has shown.
//!
//! The feed of changes is read by time stamps and may be cut short at a window's edge; a list of what there is can't. The audit
//! changes nothing by itself: each difference waits for the owner, who brings or sends it.

use super::compare::{AuditCause, Comparison, source};
use super::status::{page, position};
use super::supervise::caught;
use super::{RunState, RunTrigger};
use crate::event::{AttentionPlace, Event, Tag};
use crate::ids::{ConnectionId, FindingId, RunId};
use crate::store::Db;
use crate::store::audits::{self, DayRow, FindingRow};
use crate::store::connections::{self as rows, ConnectionRow};
use crate::view::{FieldChange, MoneyView, Page};
use crate::{Core, Error, Result};
use chrono::{DateTime, Duration, NaiveDate, Utc};
use connector_contract::{Connector, Direction, InventoryRequest};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Days an audit covers by itself.
pub const USUAL_DAYS: u32 = 30;
/// The most days an audit covers.
const MOST_DAYS: u32 = 400;
/// How often it runs by itself.
const EVERY: Duration = Duration::days(7);
/// How long after an attempt that failed or was stopped it is tried again.
const AGAIN: Duration = Duration::hours(1);
/// A vendor that always promises another page ends here.
pub(super) const MOST_PAGES: usize = 2_000;

/// The newest audit of every connection.
#[derive(Debug, Clone, Serialize, Deserialize, specta::Type)]
pub struct AuditView {
    /// One entry per connection.
    pub connections: Vec<AuditConnection>,
    /// Differences still to be mended.
    pub open_count: u32,
    /// Records on their way, which are compared next time.
    pub waiting_count: u32,
}

/// The newest audit of a connection.
#[derive(Debug, Clone, Serialize, Deserialize, specta::Type)]
pub struct AuditConnection {
    /// Which connection.
    pub connection_id: ConnectionId,
    /// Vendor name.
    pub vendor_name: String,
    /// Account name.
    pub account_name: String,
    /// When (RFC 3339, UTC); `None` when it never was.
    pub checked_at: Option<String>,
    /// First day.
    pub from_day: Option<String>,
    /// Last day.
    pub to_day: Option<String>,
    /// Why it could not be finished, as a sentence.
    pub error: Option<String>,
    /// Differences still to be mended.
    pub open_count: u32,
    /// Records on their way: they explain a difference and are compared next time.
    pub waiting_count: u32,
    /// One entry per kind of record.
    pub kinds: Vec<AuditKind>,
    /// Kinds that come from this vendor and can't be compared.
    pub not_compared: Vec<String>,
}

/// A kind of record on both sides.
#[derive(Debug, Clone, Serialize, Deserialize, specta::Type)]
pub struct AuditKind {
    /// Kind of record.
    pub kind: String,
    /// Records here.
    pub here_count: u32,
    /// Records there.
    pub there_count: u32,
    /// Differences still to be mended.
    pub open_count: u32,
    /// Day by day, newest first; one without a day for kinds that have none.
    pub days: Vec<AuditDay>,
}

/// A day of a kind, in one currency.
#[derive(Debug, Clone, Serialize, Deserialize, specta::Type)]
pub struct AuditDay {
    /// The day, `YYYY-MM-DD`; `None` for kinds without one.
    pub day: Option<String>,
    /// Records here.
    pub here_count: u32,
    /// Records there.
    pub there_count: u32,
    /// Their sum here; `None` for kinds without amounts.
    pub here_total: Option<MoneyView>,
    /// Their sum there.
    pub there_total: Option<MoneyView>,
    /// Records on their way, which explain a difference.
    pub waiting_count: u32,
    /// Differences still to be mended.
    pub open_count: u32,
    /// Counts or sums are not the same.
    pub differs: bool,
}

/// A difference.
#[derive(Debug, Clone, Serialize, Deserialize, specta::Type)]
pub struct AuditFinding {
    /// Id.
    pub id: FindingId,
    /// Which connection.
    pub connection_id: ConnectionId,
    /// Vendor name.
    pub vendor_name: String,
    /// Kind of record.
    pub kind: String,
    /// What is wrong.
    pub cause: AuditCause,
    /// Local id, to open it.
    pub record_id: Option<String>,
    /// Name or number.
    pub title: String,
    /// Its day, where the kind has one.
    pub day: Option<String>,
    /// Amount here.
    pub here: Option<MoneyView>,
    /// Amount there.
    pub there: Option<MoneyView>,
    /// What differs: here as before, there as after.
    pub fields: Vec<FieldChange>,
    /// When it was mended (RFC 3339, UTC).
    pub fixed_at: Option<String>,
    /// What came of mending it, as a sentence; may be empty.
    pub outcome: String,
}

impl Core {
    /// Syncs, then compares both sides over the last `days` days (30 when zero); for all connections or one.
    pub async fn audit_now(&self, connection_id: Option<ConnectionId>, days: u32) -> Result<AuditView> {
        let run = self.run_to_end(connection_id, RunTrigger::Owner).await?;
        if matches!(run.state, RunState::Cancelled | RunState::Interrupted) {
            return Err(stopped());
        }
        let _alone = self.engine.alone().await?;
        self.audit_connections(connection_id, days).await?;
        self.audit_view()
    }

    /// The newest audit of every connection.
    pub fn audit_view(&self) -> Result<AuditView> {
        self.store.read(|db| {
            let connections: Vec<AuditConnection> =
                rows::all(db)?.into_iter().map(|row| self.audit_of(db, row)).collect::<Result<_>>()?;
            let open_count = connections.iter().map(|connection| connection.open_count).sum();
            let waiting_count = connections.iter().map(|connection| connection.waiting_count).sum();
            Ok(AuditView { connections, open_count, waiting_count })
        })
    }

    /// Differences of the newest audits, in their order.
    pub fn list_audit_findings(&self, cursor: Option<String>, limit: u32) -> Result<Page<AuditFinding>> {
        let (limit, after) = (limit.clamp(1, 200), position(cursor.as_deref(), 0)?);
        self.store.read(|db| {
            let names: BTreeMap<_, _> =
                rows::all(db)?.into_iter().map(|row| (row.id, self.vendor_name(&row.vendor))).collect();
            let found = audits::findings(db, after, limit + 1)?.into_iter().map(|row| {
                let vendor_name = names.get(&row.connection_id).cloned().unwrap_or_default();
                (row.row, finding_view(row, vendor_name))
            });
            Ok(page(found.collect(), limit))
        })
    }

    /// Kinds that come from a connection's vendor, of which it shows no list.
    fn not_compared(&self, row: &ConnectionRow) -> Vec<String> {
        let Ok((vendor, connector)) = self.connector(row) else { return Vec::new() };
        let comes = vendor.descriptor.capabilities.iter().filter(|capability| capability.direction != Direction::Out);
        let left_out =
            comes.map(|capability| capability.kind).filter(|kind| !connector.inventory_kinds().contains(kind));
        left_out.map(|kind| kind.as_str().to_owned()).collect()
    }

    /// Audits what is due by itself: a connection whose last audit, or whose making, is a week ago. Also while the timer is off:
    /// it only reads, and what the vendor changed since the last sync counts as on its way.
    pub(super) async fn audit_if_due(&self) {
        let due = match self.store.read(|db| self.audits_due(db)) {
            Ok(due) if due.is_empty() => return,
            Ok(due) => due,
            Err(error) => return tracing::error!(%error, "the audits could not be looked up"),
        };
        let Ok(_alone) = self.engine.alone().await else { return };
        for connection in due {
            if let Err(error) = self.audit_connections(Some(connection), USUAL_DAYS).await {
                tracing::error!(%error, "an audit could not be kept");
            }
        }
    }

    fn audits_due(&self, db: &Db<'_>) -> Result<Vec<ConnectionId>> {
        let mut due = Vec::new();
        for row in rows::all(db)?.into_iter().filter(|row| row.last_synced_at.is_some()) {
            let Some((last, finished)) = audits::last_checked(db, row.id)? else { continue };
            let Ok(last) = DateTime::parse_from_rfc3339(&last) else { continue };
            if self.now() - last.with_timezone(&Utc) >= if finished { EVERY } else { AGAIN } {
                due.push(row.id);
            }
        }
        Ok(due)
    }

    async fn audit_connections(&self, only: Option<ConnectionId>, days: u32) -> Result<()> {
        let days = if days == 0 { USUAL_DAYS } else { days.min(MOST_DAYS) };
        let last = self.store.read(|db| Ok(crate::company::require(db)?.day_of(self.now())))?;
        let span = (last - Duration::days(i64::from(days) - 1), last);
        let connections = self.store.read(rows::all)?;
        for row in connections.into_iter().filter(|row| only.is_none_or(|only| only == row.id)) {
            self.audit_connection(&row, span).await?;
        }
        Ok(())
    }

    /// Audits one connection. A vendor's errors are noted; what an earlier audit found stays then.
    async fn audit_connection(&self, row: &ConnectionRow, span: (NaiveDate, NaiveDate)) -> Result<()> {
        let compared =
            caught("an audit", self.compared(row, span)).await.unwrap_or_else(|panicked| Err(panicked.into()));
        let compared = match compared {
            Ok(compared) => compared,
            Err(error @ (Error::Connector(_) | Error::Refused(_) | Error::Keychain(_) | Error::Bug(_))) => {
                let vendor = self.vendor_name(&row.vendor);
                let text = match error {
                    Error::Refused(text) => text,
                    _ => format!("{vendor} could not be asked for everything; check again later."),
                };
                return self.store.write(|tx| audits::note(tx, row.id, span, &text, self.now()));
            }
            Err(error) => return Err(error),
        };
        let (days, findings) = compared;
        self.store.write(|tx| {
            let before = audits::open_counts(&tx.db(), row.id)?.iter().map(|(.., count)| count).sum::<u32>();
            audits::replace(tx, row.id, span, &days, &findings, self.now())?;
            let found = u32::try_from(findings.len()).unwrap_or(u32::MAX);
            if found > before {
                let vendor = self.vendor_name(&row.vendor);
                let text =
                    format!("{found} records differ between Backroom and {vendor}; see the audit on the Sync page.");
                let title = "The audit found differences".to_owned();
                tx.after_commit(Event::Attention { title, text, place: AttentionPlace::Audit });
            }
            Ok(())
        })
    }

    async fn compared(
        &self,
        row: &ConnectionRow,
        span: (NaiveDate, NaiveDate),
    ) -> Result<(Vec<DayRow>, Vec<FindingRow>)> {
        let _comparing = Comparing::begin(self, self.vendor_name(&row.vendor));
        let (vendor, connector) = self.connector(row)?;
        self.same_account(row, connector.as_ref()).await?;
        let synced_at = row.last_synced_at.as_deref().and_then(|text| DateTime::parse_from_rfc3339(text).ok());
        let Some(synced_at) = synced_at else {
            return Err(Error::Refused("It has not been synced yet; there is nothing to compare.".into()));
        };
        let from = source(row.id, &row.vendor, vendor.descriptor.name, RunId::new(), self.now());
        let (mut days, mut findings) = (Vec::new(), Vec::new());
        for kind in connector.inventory_kinds() {
            let sends = vendor.descriptor.sends(*kind);
            let mut comparison =
                self.store.read(|db| Comparison::new(db, from, *kind, sends, span, synced_at.with_timezone(&Utc)))?;
            self.read_inventory(connector.as_ref(), &mut comparison).await?;
            let unseen = self.store.read(|db| comparison.here(db))?;
            comparison.expect_something(&unseen)?;
            self.look_for(connector.as_ref(), &mut comparison, unseen).await?;
            let (more_days, more_findings) = comparison.done();
            days.extend(more_days);
            findings.extend(more_findings);
        }
        Ok((days, findings))
    }

    async fn read_inventory(&self, connector: &dyn Connector, comparison: &mut Comparison<'_>) -> Result<()> {
        let mut cursor = None;
        for _ in 0..MOST_PAGES {
            let (kind, days) = (comparison.kind, comparison.days);
            let page =
                self.ask(connector.inventory(InventoryRequest { kind, days, cursor, now: self.now() })).await??;
            self.store.read(|db| page.records.iter().try_for_each(|pulled| comparison.there(db, pulled)))?;
            match page.next {
                Some(next) => cursor = Some(next),
                None => return Ok(()),
            }
        }
        Err(Error::Refused("The vendor's list did not end; check again later.".into()))
    }

    /// The vendor's answer; it is not waited for when the work is to end.
    pub(super) async fn ask<T>(&self, question: impl Future<Output = T>) -> Result<T> {
        self.engine.unless_halted(question).await.map_err(|_| stopped())
    }

    fn audit_of(&self, db: &Db<'_>, row: ConnectionRow) -> Result<AuditConnection> {
        let audit = audits::get(db, row.id)?;
        let mut open: BTreeMap<(String, String), u32> = BTreeMap::new();
        for (kind, day, count) in audits::open_counts(db, row.id)? {
            open.insert((kind, day), count);
        }
        let open_count = open.values().sum();
        let mut kinds: Vec<AuditKind> = Vec::new();
        for day in audits::days(db, row.id)? {
            if kinds.last().is_none_or(|kind| kind.kind != day.kind) {
                let open_count = open.iter().filter(|((kind, _), _)| *kind == day.kind).map(|(_, count)| count).sum();
                let (kind, days) = (day.kind.clone(), Vec::new());
                kinds.push(AuditKind { kind, here_count: 0, there_count: 0, open_count, days });
            }
            if let Some(kind) = kinds.last_mut() {
                kind.here_count += day.here_count;
                kind.there_count += day.there_count;
                let open_count = open.get(&(day.kind.clone(), day.day.clone())).copied().unwrap_or_default();
                kind.days.push(day_view(day, open_count));
            }
        }
        let waiting_count = kinds.iter().flat_map(|kind| &kind.days).map(|day| day.waiting_count).sum();
        let (error, audit) = (audit.as_ref().map(|audit| audit.error.clone()), audit);
        Ok(AuditConnection {
            connection_id: row.id,
            waiting_count,
            not_compared: self.not_compared(&row),
            vendor_name: self.vendor_name(&row.vendor),
            account_name: row.account_name,
            checked_at: audit.as_ref().map(|audit| audit.checked_at.clone()),
            from_day: audit.as_ref().map(|audit| audit.from_day.clone()),
            to_day: audit.map(|audit| audit.to_day),
            error: error.filter(|error| !error.is_empty()),
            open_count,
            kinds,
        })
    }
}

/// Says with whom an audit compares, until it is dropped.
struct Comparing<'a>(&'a Core);

impl<'a> Comparing<'a> {
    fn begin(core: &'a Core, vendor: String) -> Self {
        *core.engine.comparing.lock() = Some(vendor);
        core.store.tell(&Event::Changed { tags: vec![Tag::Runs] });
        Self(core)
    }
}

impl Drop for Comparing<'_> {
    fn drop(&mut self) {
        *self.0.engine.comparing.lock() = None;
        self.0.store.tell(&Event::Changed { tags: vec![Tag::Runs] });
    }
}

fn stopped() -> Error {
    Error::Refused("It was stopped before it had ended; check again.".into())
}

fn money(minor: i64, currency: &str) -> Option<MoneyView> {
    (!currency.is_empty()).then(|| MoneyView { minor: minor.to_string(), currency: currency.to_owned() })
}

fn day_view(day: DayRow, open_count: u32) -> AuditDay {
    AuditDay {
        here_count: day.here_count,
        there_count: day.there_count,
        here_total: money(day.here_minor, &day.currency),
        there_total: money(day.there_minor, &day.currency),
        waiting_count: day.waiting_count,
        open_count,
        differs: (day.here_count, day.here_minor) != (day.there_count, day.there_minor),
        day: Some(day.day).filter(|day| !day.is_empty()),
    }
}

pub(super) fn finding_view(row: FindingRow, vendor_name: String) -> AuditFinding {
    AuditFinding {
        id: row.id,
        connection_id: row.connection_id,
        vendor_name,
        cause: AuditCause::named(&row.cause),
        kind: row.kind,
        record_id: row.local_id,
        title: row.title,
        day: Some(row.day).filter(|day| !day.is_empty()),
        here: row.here_minor.and_then(|minor| money(minor, &row.currency)),
        there: row.there_minor.and_then(|minor| money(minor, &row.currency)),
        fields: row.fields,
        fixed_at: row.fixed_at,
        outcome: row.outcome,
    }
}
