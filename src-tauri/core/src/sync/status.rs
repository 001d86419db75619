//! What the faces see of the sync: status, runs, what waits, and problems. What the owner does about them is in `mend`.

use super::explain::action_named;
use super::{OutboxRow, OutboxState, ProblemRow, RunDetail, RunView, SyncStatus};
use crate::ids::RunId;
use crate::store::history::moment;
use crate::store::outbox::{self, Entry, State};
use crate::store::problems::{self, ProblemRecord};
use crate::store::{connections as rows, links, runs};
use crate::view::Page;
use crate::{Core, Error, Result};
use std::collections::HashMap;

/// Code of the problem of a run that stopped because it would have changed too much.
pub(super) const BRAKE: &str = "brake";

/// Code of the problem of a record that came in and could not be understood.
pub(super) const UNREADABLE: &str = "unreadable";

/// Name of the note that lets one run pass the brake.
pub(super) fn brake_note(connection: crate::ids::ConnectionId) -> String {
    format!("brake_released/{connection}")
}

/// Name of the note by which a rehearsal hands over why the brake would have stopped it.
pub(super) fn brake_seen(connection: crate::ids::ConnectionId) -> String {
    format!("brake_seen/{connection}")
}

/// Pages are positions: rows are numbered in the order they came.
pub(super) fn position(cursor: Option<&str>, start: i64) -> Result<i64> {
    cursor.map_or(Ok(start), |cursor| {
        cursor.parse().map_err(|_| Error::invalid("cursor", "This page no longer exists; start at the first."))
    })
}

pub(super) fn page<T>(mut rows: Vec<(i64, T)>, limit: u32) -> Page<T> {
    let more = rows.len() > limit as usize;
    rows.truncate(limit as usize);
    let next_cursor = rows.last().filter(|_| more).map(|(position, _)| position.to_string());
    Page { rows: rows.into_iter().map(|(_, row)| row).collect(), next_cursor }
}

impl Core {
    pub(super) fn status_now(&self) -> Result<SyncStatus> {
        let now = self.now();
        let paused = self.sync_settings()?.paused;
        self.store.read(|db| {
            let view = |id: Option<RunId>| id.map(|id| runs::view(db, id, now)).transpose().map(Option::flatten);
            Ok(SyncStatus {
                open_run: view(runs::open(db)?)?,
                last_run: view(runs::last_ended(db)?)?,
                connections: self.connection_views(db)?,
                waiting_count: outbox::count(db)?,
                problem_count: problems::count(db)?,
                next_run_at: self.engine.next_run_at().map(moment),
                paused,
                comparing_with: self.engine.comparing.lock().clone(),
            })
        })
    }

    pub(super) fn runs_page(&self, cursor: Option<&str>, limit: u32) -> Result<Page<RunView>> {
        let (limit, before) = (limit.clamp(1, 200), position(cursor, i64::MAX)?);
        Ok(page(self.store.read(|db| runs::page(db, before, limit + 1, self.now()))?, limit))
    }

    pub(super) fn run_detail(&self, id: RunId, cursor: Option<&str>, limit: u32) -> Result<RunDetail> {
        let (limit, before) = (limit.clamp(1, 200), position(cursor, i64::MAX)?);
        let run = self.run_view(id)?;
        let Page { rows: changes, next_cursor } =
            page(self.store.read(|db| runs::changes(db, id, before, limit + 1))?, limit);
        Ok(RunDetail { run, changes, next_cursor })
    }

    pub(super) fn outbox_page(&self, cursor: Option<&str>, limit: u32) -> Result<Page<OutboxRow>> {
        let (limit, after) = (limit.clamp(1, 200), position(cursor, 0)?);
        self.store.read(|db| {
            let names: HashMap<_, _> =
                rows::all(db)?.into_iter().map(|row| (row.id, self.vendor_name(&row.vendor))).collect();
            let entries = outbox::page(db, after, limit + 1)?.into_iter().map(|(entry, behind)| {
                let title = links::title(db, entry.kind, &entry.local_id)?;
                let vendor_name = names.get(&entry.connection_id).cloned().unwrap_or_default();
                Ok((entry.row, outbox_row(entry, behind, title, vendor_name)))
            });
            Ok(page(entries.collect::<Result<_>>()?, limit))
        })
    }

    pub(super) fn problems_page(&self, cursor: Option<&str>, limit: u32) -> Result<Page<ProblemRow>> {
        let (limit, before) = (limit.clamp(1, 200), position(cursor, i64::MAX)?);
        self.store.read(|db| {
            let names: HashMap<_, _> =
                rows::all(db)?.into_iter().map(|row| (row.id, self.vendor_name(&row.vendor))).collect();
            let found = problems::page(db, before, limit + 1)?.into_iter().map(|problem| {
                let vendor_name = names.get(&problem.connection_id).cloned().unwrap_or_default();
                let entry = problem.outbox_id.map(|id| outbox::get(db, id)).transpose()?.flatten();
                Ok((problem.row, problem_row(problem, entry.as_ref(), vendor_name)))
            });
            Ok(page(found.collect::<Result<_>>()?, limit))
        })
    }
}

fn outbox_row(entry: Entry, behind: bool, title: String, vendor_name: String) -> OutboxRow {
    let state = match entry.state {
        State::Waiting if behind || !entry.why.is_empty() => OutboxState::Blocked,
        State::Waiting => OutboxState::Waiting,
        State::Sending => OutboxState::Sending,
        State::Retrying => OutboxState::Retrying,
        State::Unknown => OutboxState::Unknown,
        State::Rejected => OutboxState::Rejected,
    };
    let attempts = entry.tries();
    let why = match state {
        _ if !entry.why.is_empty() => entry.why,
        OutboxState::Waiting => "Goes out with the next sync.".to_owned(),
        OutboxState::Blocked => "An earlier change of the same record goes first.".to_owned(),
        OutboxState::Sending => "On its way.".to_owned(),
        OutboxState::Retrying => "The last try failed; it is tried again by itself.".to_owned(),
        OutboxState::Unknown => "No answer came; the next sync finds out before sending again.".to_owned(),
        OutboxState::Rejected => "It was refused; see the problems.".to_owned(),
    };
    OutboxRow {
        id: entry.id,
        connection_id: entry.connection_id,
        vendor_name,
        kind: entry.kind.as_str().to_owned(),
        record_id: entry.local_id,
        title,
        operation: entry.operation,
        state,
        why,
        attempts,
        next_attempt_at: entry.next_attempt_at,
        created_at: entry.created_at,
    }
}

fn problem_row(problem: ProblemRecord, entry: Option<&Entry>, vendor_name: String) -> ProblemRow {
    ProblemRow {
        id: problem.id,
        connection_id: problem.connection_id,
        vendor_name,
        kind: problem.kind,
        record_id: problem.local_id,
        title: problem.title,
        message: problem.message,
        advice: problem.advice,
        vendor_text: problem.vendor_text,
        detail: problem.detail,
        action: action_named(&problem.action),
        setting: problem.setting,
        outbox_id: entry.map(|entry| entry.id),
        since: problem.since,
        attempts: entry.map_or(problem.attempts, Entry::tries),
    }
}
