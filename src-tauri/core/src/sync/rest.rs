//! A vendor that failed many times in a row is left alone for a while: who may try it all the same, and the words for it.
//!
//! Absent on purpose: when a vendor is left alone, which its connector decides.

use super::RunTrigger;
use super::gate::Gate;
use super::part::{Ended, Part, Task};
use super::retry::LONGEST_ASKED;
use crate::company::Company;
use crate::ids::ConnectionId;
use crate::store::{Db, Tx, company, connections as rows, outbox};
use crate::{Core, Result};
use chrono::{DateTime, Duration, Utc};
use connector_contract::Rest;

/// What waits no longer than this is not worth a word.
const SOON: Duration = Duration::minutes(5);

impl Core {
    /// The rest of a connection's vendor, where it is left alone just now.
    pub(crate) fn rest_of(&self, connection: ConnectionId) -> Option<Rest> {
        self.opened.lock().get(&connection).and_then(|connector| connector.rest())
    }

    /// What the owner is told of it.
    pub(crate) fn rest_words(db: &Db<'_>, vendor: &str, rest: &Rest) -> Result<String> {
        Ok(words(vendor, rest, company::get(db)?.as_ref()))
    }
}

impl Part<'_> {
    /// A run that the owner did not ask for leaves a resting vendor alone; one that they did ask for tries it once.
    pub(super) fn mind_rest(&self) -> Result<(), Ended> {
        if self.core.run_view(self.run)?.trigger != RunTrigger::Timer {
            self.connector.end_rest();
        }
        self.check_rest()
    }

    /// Ends the part where the vendor is left alone: what waits is not sent and uses up no try.
    pub(super) fn check_rest(&self) -> Result<(), Ended> {
        let Some(rest) = self.connector.rest() else { return Ok(()) };
        Err(self.rests(&rest)?)
    }

    /// The end of a part whose vendor wants fewer requests: the owner hears until when, where that is more than a moment.
    pub(super) fn slowed_down(&self, after: std::time::Duration) -> Result<Ended> {
        let vendor = self.descriptor.name;
        let wait = Duration::from_std(after).map_or(LONGEST_ASKED, |wait| wait.min(LONGEST_ASKED));
        if wait <= Duration::minutes(5) {
            return Ok(Ended::Failed(format!("{vendor} asked to slow down; the rest follows with the next sync.")));
        }
        let company = self.core.store.read(|db| company::get(db))?;
        let until = self.core.now().checked_add_signed(wait).map(|until| clock_time(until, company.as_ref()));
        let until = until.map_or_else(String::new, |until| format!(" until {until}"));
        Ok(Ended::Failed(format!("{vendor} asked to wait{until}; the rest follows with the first sync after that.")))
    }

    /// What a run that read and sent all it could still has to leave, in words: changes that the vendor wants to have later.
    /// `None` when nothing waits.
    pub(super) fn still_waits(&self, tx: &Tx<'_>, now: DateTime<Utc>) -> Result<Option<String>> {
        // A preview, and a run that only reads or sends a part, say nothing of what else waits.
        if self.gate != Gate::Open || !matches!(self.task, Task::Sync) {
            return Ok(None);
        }
        let Some((count, until)) = outbox::put_off(&tx.db(), self.row.id, now + SOON)? else { return Ok(None) };
        let until = clock_time(until, company::get(&tx.db())?.as_ref());
        let changes = if count == 1 { "1 change waits".to_owned() } else { format!("{count} changes wait") };
        Ok(Some(format!("{changes} to be sent to {} until {until}.", self.descriptor.name)))
    }

    /// The end of a part whose vendor rests. The connection keeps plain words: these name a time that passes.
    pub(super) fn rests(&self, rest: &Rest) -> Result<Ended> {
        let vendor = self.descriptor.name;
        self.core.store.write(|tx| {
            rows::set_state(tx, self.row.id, "unreachable", &unreachable(vendor))?;
            Ok(Ended::Failed(Core::rest_words(&tx.db(), vendor, rest)?))
        })
    }
}

/// Words for a vendor that did not answer.
pub(super) fn unreachable(vendor: &str) -> String {
    format!("{vendor} could not be reached; it is tried again with the next sync.")
}

/// A date and a time by the company's clock.
fn clock_time(at: DateTime<Utc>, company: Option<&Company>) -> String {
    let clock = "%b %-d, %H:%M";
    match company {
        Some(company) => at.with_timezone(&company.time_zone).format(clock).to_string(),
        None => format!("{} UTC", at.format(clock)),
    }
}

/// The end of the rest is told by the company's clock, to the minute that has surely come.
fn words(vendor: &str, rest: &Rest, company: Option<&Company>) -> String {
    let until = rest.until.checked_add_signed(Duration::seconds(59)).unwrap_or(rest.until);
    let clock = "%H:%M";
    let time = match company {
        Some(company) => until.with_timezone(&company.time_zone).format(clock).to_string(),
        None => until.format("%H:%M UTC").to_string(),
    };
    let failures = rest.failures;
    format!(
        "{vendor} failed {failures} times in a row; it is tried again with the first sync after {time}, or at once with \
         Sync now. Nothing is lost."
    )
}
