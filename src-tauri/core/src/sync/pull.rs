//! Reading a connection's streams, page by page. A page, its links, conflicts, problems, counters and its cursor are one
//! transaction; a record that can't be applied is put aside and stops neither its page nor another record.

use super::RunState;
use super::brake::Released;
use super::gate::Gate;
use super::incoming::{self, Outcome};
use super::incomplete;
use super::part::{Ended, Part};
use super::records;
use super::writing::{as_it_came, references};
use crate::Result;
use crate::store::runs::{self, Counts};
use crate::store::{Tx, brakes, cursors, decisions, links, parked, problems};
use connector_contract::{ConnectorError, Content, Page, PullRequest, Pulled, RecordKind, RemoteId, Safeguard, Stream};
use std::cell::Cell;
use std::collections::HashSet;

/// Pages of one stream read in one run before the others get their turn; a vendor that always promises more ends here.
const MOST_PAGES: u32 = 10_000;

/// Records looked at again in one transaction.
const SET_ASIDE_PORTION: usize = 500;

impl Part<'_> {
    /// Reads all streams to their present end. `true` when every one of them could be read.
    pub(super) async fn pull_all(&mut self) -> Result<bool, Ended> {
        let mut complete = true;
        self.weighed = self.gate == Gate::Open && self.released == Released::All;
        let streams = self.connector.streams();
        if let Some(first) = streams.first() {
            self.step(&reading(*first))?;
        }
        for (place, stream) in streams.iter().enumerate() {
            complete &= self.pull_stream(*stream, streams.get(place + 1).copied()).await?;
        }
        self.weigh_incoming()?;
        self.retry_set_aside()?;
        self.retry_parked()?;
        Ok(complete)
    }

    async fn pull_stream(&mut self, stream: Stream, next: Option<Stream>) -> Result<bool, Ended> {
        let mut restarted = false;
        for _ in 0..MOST_PAGES {
            self.check_halted()?;
            let cursor = self.core.store.read(|db| cursors::get(db, self.row.id, stream.id))?;
            let from_start = cursor.is_none();
            let request = PullRequest { stream, cursor, now: self.core.now() };
            match self.ask(self.connector.pull(request)).await? {
                Ok(page) => {
                    if from_start && page.records.is_empty() && !page.more {
                        self.expect_something(stream)?;
                    }
                    if !self.take_page(stream, page, from_start, next)? {
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

    /// Commits a page, and with it what is read next. `true` when another page waits.
    fn take_page(&mut self, stream: Stream, page: Page, from_start: bool, next: Option<Stream>) -> Result<bool> {
        if Safeguard::CursorWithPage.is_broken() {
            self.core.store.write(|tx| cursors::set(tx, self.row.id, stream.id, &page.next, self.core.now()))?;
        }
        let counts = self.core.store.write_in_run(self.run, |tx| {
            tx.set_origin(Some(self.row.id));
            let mut counts = Counts::default();
            for pulled in &page.records {
                counts.read += 1;
                self.take_record(tx, pulled, &mut counts)?;
                if from_start {
                    brakes::note_full_read(tx, self.row.id, stream.id, kind_of(pulled))?;
                }
            }
            cursors::set(tx, self.row.id, stream.id, &page.next, self.core.now())?;
            let step = reading(next.filter(|_| !page.more).unwrap_or(stream));
            runs::advance(tx, self.run, self.row.id, RunState::Running, &step, counts, self.core.now())?;
            Ok(counts)
        })?;
        self.problems += counts.problems;
        Ok(page.more)
    }

    fn take_record(&self, tx: &Tx<'_>, pulled: &Pulled, counts: &mut Counts) -> Result<()> {
        let kind = kind_of(pulled);
        let seen = as_it_came(pulled)?;
        // Pages overlap, so most of what comes is as it came before.
        if let Some(seen) = &seen
            && links::is_seen(&tx.db(), self.row.id, kind, &pulled.remote_id, seen)?
        {
            return Ok(());
        }
        let whole = decisions::with_kept(&tx.db(), self.row.id, pulled)?;
        let pulled = whole.as_ref().unwrap_or(pulled);
        let admitted = self.admit(tx, pulled)?;
        let settled = matches!(admitted, Ok(Outcome::Same | Outcome::Created | Outcome::Updated));
        links::set_seen(tx, self.row.id, kind, &pulled.remote_id, seen.as_deref().filter(|_| settled))?;
        match admitted {
            Ok(outcome) => {
                if !matches!(outcome, Outcome::Held | Outcome::Asks(_)) {
                    parked::remove(tx, self.row.id, kind, &pulled.remote_id)?;
                }
                self.touch_pulled(&tx.db(), pulled)?;
                if !matches!(outcome, Outcome::Held | Outcome::Asks(_) | Outcome::Problem(_)) {
                    problems::clear_incoming(tx, self.row.id, kind, &pulled.remote_id.0)?;
                }
                match outcome {
                    Outcome::Created => counts.created += 1,
                    Outcome::Updated | Outcome::Retired => counts.updated += 1,
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
            let counts = self.core.store.write_in_run(self.run, |tx| {
                tx.set_origin(Some(self.row.id));
                let mut counts = Counts::default();
                for pulled in portion {
                    self.take_record(tx, pulled, &mut counts)?;
                }
                if counts != Counts::default() {
                    runs::advance(tx, self.run, self.row.id, RunState::Running, "Sorting", counts, self.core.now())?;
                }
                Ok(counts)
            })?;
            self.problems += counts.problems;
        }
        Ok(())
    }

    /// Tries what was put aside again, as long as that helps, and reports what still can't be applied.
    fn retry_parked(&mut self) -> Result<(), Ended> {
        loop {
            let counts = Cell::new(Counts::default());
            let waiting = self.core.store.write_in_run(self.run, |tx| {
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
                            self.touch_pulled(&tx.db(), &pulled)?;
                            parked::remove(tx, self.row.id, kind_of(&pulled), &pulled.remote_id)?;
                            problems::clear_incoming(tx, self.row.id, kind_of(&pulled), &pulled.remote_id.0)?;
                            done.created += u32::from(outcome == Outcome::Created);
                            done.updated += u32::from(matches!(outcome, Outcome::Updated | Outcome::Retired));
                        }
                        Err(error) => refused.push((pulled, Some(error))),
                    }
                }
                let progress = refused.len() < before;
                let progress = progress || self.settle_refused(tx, &refused, &mut done)?;
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

    /// Reports what can't be taken over, and takes over without its items what only lacks those. `true` when something is here
    /// now that others may have waited for.
    fn settle_refused(
        &self,
        tx: &Tx<'_>,
        refused: &[(Pulled, Option<crate::Error>)],
        done: &mut Counts,
    ) -> Result<bool> {
        let kept_out = self.kept_out(tx, refused.iter().map(|(pulled, _)| pulled))?;
        let mut progress = false;
        for (pulled, error) in refused {
            let known = kept_out.contains(&(kind_of(pulled), pulled.remote_id.clone()));
            let Some(error) = error.as_ref().filter(|_| !known) else { continue };
            let partial = incomplete::without_missing_items(tx, &self.source(), pulled)?;
            let taken =
                partial.map(|partial| Ok::<_, crate::Error>((self.admit(tx, &partial)?, partial))).transpose()?;
            let news = match taken {
                Some((Ok(outcome @ (Outcome::Created | Outcome::Updated | Outcome::Same)), partial)) => {
                    self.touch_pulled(&tx.db(), &partial)?;
                    done.created += u32::from(outcome == Outcome::Created);
                    done.updated += u32::from(outcome == Outcome::Updated);
                    progress |= outcome == Outcome::Created;
                    incomplete::report(tx, &self.source(), pulled)?
                }
                _ => incoming::report_refused(tx, &self.source(), pulled, error)?,
            };
            done.problems += u32::from(news);
        }
        Ok(progress)
    }

    /// What the owner holds back and never came in, and what of these can't come in without it: no problem, since the owner knows.
    fn kept_out<'p>(
        &self,
        tx: &Tx<'_>,
        refused: impl Iterator<Item = &'p Pulled> + Clone,
    ) -> Result<HashSet<(RecordKind, RemoteId)>> {
        let mut kept_out = decisions::kept_out(&tx.db(), self.row.id)?;
        let mut more = !kept_out.is_empty();
        while more {
            more = false;
            for pulled in refused.clone() {
                let needs = |found: &(RecordKind, RemoteId)| kept_out.contains(found);
                // What else a processor's records refer to is not looked into.
                let waits = records::only_comes_in(kind_of(pulled)) || references(pulled)?.iter().any(needs);
                more |= waits && kept_out.insert((kind_of(pulled), pulled.remote_id.clone()));
            }
        }
        Ok(kept_out)
    }
}

fn reading(stream: Stream) -> String {
    format!("Reading {}", stream.label)
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
