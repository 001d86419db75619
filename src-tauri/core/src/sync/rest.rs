//! A vendor that failed many times in a row is left alone for a while: who may try it all the same, and the words for it.
//!
//! Absent on purpose: when a vendor is left alone, which its connector decides.

use super::RunTrigger;
use super::part::{Ended, Part};
use crate::company::Company;
use crate::ids::ConnectionId;
use crate::store::{Db, company, connections as rows};
use crate::{Core, Result};
use chrono::Duration;
use connector_contract::Rest;

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

/// The end of the rest is told by the company's clock, to the minute that has surely come.
fn words(vendor: &str, rest: &Rest, company: Option<&Company>) -> String {
    let until = rest.until + Duration::seconds(59);
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
