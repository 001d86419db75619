//! Reading a connection's streams, page by page. A page, its links, conflicts, problems, counters and its cursor are one
//! transaction; a record that can't be applied is put aside and stops neither its page nor another record.

use super::RunState;
use super::incoming::{self, Outcome};
use super::part::{Ended, Part};
use super::status::BRAKE;
use crate::store::runs::{self, Counts};
use crate::store::{Tx, cursors, decisions, links, parked, problems};
use crate::{Error, Result};
use connector_contract::{ConnectorError, Content, Page, PullRequest, Pulled, RecordKind, Stream};
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;

/// A run may retire this share of a kind's records, but always this many, before it stops and asks.
const RETIRE_PERCENT: u32 = 20;
const RETIRE_ALWAYS: u32 = 10;
/// Likewise for changing them.
const CHANGE_PERCENT: u32 = 50;
const CHANGE_ALWAYS: u32 = 100;

/// Pages of one stream read in one run before the others get their turn; a vendor that always promises more ends here.
const MOST_PAGES: u32 = 10_000;

/// Records looked at again in one transaction.
const SET_ASIDE_PORTION: usize = 500;

/// What the run has done to records of a kind that exist on both sides.
#[derive(Debug, Clone, Copy, Default)]
pub struct Toll {
    retired: u32,
    changed: u32,
}

impl Part<'_> {
    /// Reads all streams to their present end. `true` when every one of them could be read.
    pub(super) async fn pull_all(&mut self) -> Result<bool, Ended> {
        let mut complete = true;
        for stream in self.connector.streams() {
            complete &= self.pull_stream(*stream).await?;
        }
        self.retry_set_aside()?;
        self.retry_parked()?;
        Ok(complete)
    }

    async fn pull_stream(&mut self, stream: Stream) -> Result<bool, Ended> {
        let mut restarted = false;
        for _ in 0..MOST_PAGES {
            self.check_halted()?;
            self.step(&format!("Reading {}", stream.label))?;
            let cursor = self.core.store.read(|db| cursors::get(db, self.row.id, stream.id))?;
            let request = PullRequest { stream, cursor, now: self.core.now() };
            match self.connector.pull(request).await {
                Ok(page) => {
                    if !self.take_page(stream, page)? {
                        return Ok(true);
                    }
                }
                Err(ConnectorError::CursorExpired) if !restarted => {
                    restarted = true;
                    self.core.store.write(|tx| cursors::clear(tx, self.row.id, stream.id))?;
                }
                Err(error) if stops_everything(&error) => return Err(self.failed(&error)?),
                Err(error) => {
                    self.report_connection(&error, Some(stream.label))?;
                    return Ok(false);
                }
            }
        }
        Ok(true)
    }

    /// Commits a page. `true` when another one waits.
    fn take_page(&mut self, stream: Stream, page: Page) -> Result<bool, Ended> {
        let tolls = RefCell::new(self.tolls.clone());
        let braked = Cell::new(false);
        let counts = self.core.store.write(|tx| {
            tx.set_origin(Some(self.row.id));
            let mut counts = Counts::default();
            for pulled in &page.records {
                counts.read += 1;
                self.take_record(tx, pulled, &mut counts, &mut tolls.borrow_mut())?;
            }
            if !self.brake_released
                && let Some(text) = self.over_limit(tx, &tolls.borrow())?
            {
                braked.set(true);
                return Err(Error::Refused(text));
            }
            cursors::set(tx, self.row.id, stream.id, &page.next, self.core.now())?;
            let step = format!("Reading {}", stream.label);
            runs::advance(tx, self.run, self.row.id, RunState::Running, &step, counts, self.core.now())?;
            Ok(counts)
        });
        match counts {
            Ok(counts) => {
                self.tolls = tolls.into_inner();
                self.problems += counts.problems;
                Ok(page.more)
            }
            Err(Error::Refused(text)) if braked.get() => Err(self.braked(&text)?),
            Err(error) => Err(error.into()),
        }
    }

    fn take_record(
        &self,
        tx: &Tx<'_>,
        pulled: &Pulled,
        counts: &mut Counts,
        tolls: &mut BTreeMap<RecordKind, Toll>,
    ) -> Result<()> {
        let kind = kind_of(pulled);
        match self.admit(tx, pulled)? {
            Ok(outcome) => {
                if !matches!(outcome, Outcome::Held | Outcome::Asks(_)) {
                    parked::remove(tx, self.row.id, kind, &pulled.remote_id)?;
                }
                if !matches!(outcome, Outcome::Held | Outcome::Asks(_) | Outcome::Problem(_)) {
                    problems::clear_incoming(tx, self.row.id, kind, &pulled.remote_id.0)?;
                }
                let toll = tolls.entry(kind).or_default();
                match outcome {
                    Outcome::Created => counts.created += 1,
                    Outcome::Updated => {
                        counts.updated += 1;
                        toll.changed += 1;
                    }
                    Outcome::Retired => {
                        counts.updated += 1;
                        toll.retired += 1;
                    }
                    Outcome::Problem(news) | Outcome::Asks(news) => counts.problems += u32::from(news),
                    Outcome::Same | Outcome::Stale | Outcome::Held => {}
                }
                Ok(())
            }
            // It may only be early: what it refers to can come with a later page. `retry_parked` tells the owner if not.
            Err(error) => {
                tracing::info!(kind = kind.as_str(), code = ?error.code(), "a record is put aside");
                parked::put(tx, self.row.id, pulled)
            }
        }
    }

    /// Looks again at what was set aside before: a decision may have been made, or the record may be free again.
    fn retry_set_aside(&mut self) -> Result<(), Ended> {
        let waiting = self.core.store.read(|db| decisions::all_aside(db, self.row.id))?;
        for portion in waiting.chunks(SET_ASIDE_PORTION) {
            let tolls = RefCell::new(self.tolls.clone());
            let counts = self.core.store.write(|tx| {
                tx.set_origin(Some(self.row.id));
                let mut counts = Counts::default();
                for pulled in portion {
                    self.take_record(tx, pulled, &mut counts, &mut tolls.borrow_mut())?;
                }
                if counts != Counts::default() {
                    runs::advance(tx, self.run, self.row.id, RunState::Running, "Sorting", counts, self.core.now())?;
                }
                Ok(counts)
            })?;
            self.tolls = tolls.into_inner();
            self.problems += counts.problems;
        }
        Ok(())
    }

    /// Tries what was put aside again, as long as that helps, and reports what still can't be applied.
    fn retry_parked(&mut self) -> Result<(), Ended> {
        loop {
            let counts = Cell::new(Counts::default());
            let waiting = self.core.store.write(|tx| {
                tx.set_origin(Some(self.row.id));
                let parked = parked::all(&tx.db(), self.row.id)?;
                let before = parked.len();
                let mut refused = Vec::new();
                let mut done = Counts::default();
                for pulled in parked {
                    match self.admit(tx, &pulled)? {
                        Ok(Outcome::Held) => refused.push((pulled, None)),
                        Ok(Outcome::Asks(news)) => {
                            done.problems += u32::from(news);
                            refused.push((pulled, None));
                        }
                        Ok(outcome) => {
                            parked::remove(tx, self.row.id, kind_of(&pulled), &pulled.remote_id)?;
                            problems::clear_incoming(tx, self.row.id, kind_of(&pulled), &pulled.remote_id.0)?;
                            done.created += u32::from(outcome == Outcome::Created);
                            done.updated += u32::from(matches!(outcome, Outcome::Updated | Outcome::Retired));
                        }
                        Err(error) => refused.push((pulled, Some(error))),
                    }
                }
                let progress = refused.len() < before;
                // What waits for a record that the owner holds is no problem.
                if !progress && decisions::count_aside(&tx.db(), self.row.id)? == 0 {
                    for (pulled, error) in &refused {
                        if let Some(error) = error {
                            done.problems += u32::from(incoming::report_refused(tx, &self.source(), pulled, error)?);
                        }
                    }
                }
                if done != Counts::default() {
                    runs::advance(tx, self.run, self.row.id, RunState::Running, "Sorting", done, self.core.now())?;
                }
                counts.set(done);
                Ok(progress && !refused.is_empty())
            })?;
            self.problems += counts.get().problems;
            if !waiting {
                return Ok(());
            }
        }
    }

    /// Words for the owner when the run has done more to one kind than it may without asking.
    fn over_limit(&self, tx: &Tx<'_>, tolls: &BTreeMap<RecordKind, Toll>) -> Result<Option<String>> {
        for (kind, toll) in tolls {
            if toll.retired <= RETIRE_ALWAYS && toll.changed <= CHANGE_ALWAYS {
                continue;
            }
            let live = links::count_live(&tx.db(), self.row.id, *kind)?;
            let over = |count: u32, always: u32, percent: u32, all: u32| count > always.max(all / 100 * percent);
            let name = kind.as_str().replace('_', " ");
            if over(toll.retired, RETIRE_ALWAYS, RETIRE_PERCENT, live + toll.retired) {
                return Ok(Some(format!("{} {name} records would be deleted or voided here.", toll.retired)));
            }
            if over(toll.changed, CHANGE_ALWAYS, CHANGE_PERCENT, live) {
                return Ok(Some(format!("{} of {live} {name} records would be changed here.", toll.changed)));
            }
        }
        Ok(None)
    }

    fn braked(&mut self, text: &str) -> Result<Ended> {
        let vendor = self.descriptor.name;
        let message = format!("The sync with {vendor} stopped before it did something big. {text}");
        let advice = format!("Look at {vendor}. If that is what you want, try again; the next sync then goes on.");
        self.report(BRAKE, &message, &advice, "", super::ProblemAction::Retry)?;
        Ok(Ended::Stopped(message))
    }
}

/// The kind of a record that came in.
pub(super) fn kind_of(pulled: &Pulled) -> RecordKind {
    match &pulled.content {
        Content::Present(record) => record.kind(),
        Content::Deleted(kind) | Content::Merged { kind, .. } | Content::Unreadable { kind, .. } => *kind,
    }
}

/// Whether an error concerns the whole connection rather than one stream.
pub(super) fn stops_everything(error: &ConnectorError) -> bool {
    matches!(
        error,
        ConnectorError::Unauthorized(_)
            | ConnectorError::RateLimited { .. }
            | ConnectorError::Unavailable(_)
            | ConnectorError::Unknown(_)
            | ConnectorError::Keychain(_)
    )
}
