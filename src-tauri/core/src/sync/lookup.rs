//! Looking at single records of a vendor for the audit: what should have been listed and was not, and what the owner wants
//! mended.

use super::audit::MOST_PAGES;
use super::compare::{Comparison, Unseen};
use crate::{Core, Result};
use chrono::NaiveDate;
use connector_contract::{Connector, ConnectorError, Content, InventoryRequest, Pulled, RecordKind, RemoteId};

/// Records that are looked up one by one because they were not listed; more than that are no slip but a rule, and calls are
/// metered.
const MOST_LOOKUPS: usize = 100;

impl Core {
    /// Looks up what should have been listed: gone, or moved to another day. What is not looked up is told as just that.
    pub(super) async fn look_for(
        &self,
        connector: &dyn Connector,
        comparison: &mut Comparison<'_>,
        unseen: Vec<Unseen>,
    ) -> Result<()> {
        for (index, unseen) in unseen.into_iter().enumerate() {
            let kind = comparison.kind;
            if index >= MOST_LOOKUPS || !connector.looks_up(kind, &unseen.remote_id) {
                self.store.read(|db| comparison.not_listed(db, &unseen))?;
                continue;
            }
            let pulled = self.ask(fetch(connector, kind, &unseen.remote_id)).await??;
            self.store.read(|db| match &pulled.content {
                Content::Deleted(_) => comparison.gone(db, &unseen),
                _ => comparison.moved(db, &pulled),
            })?;
        }
        Ok(())
    }

    /// The record as it is now; one that is gone comes as such. Where a vendor tells no record by its id, the list of its day
    /// is looked through; `None` when it is not there.
    pub(super) async fn look_up(
        &self,
        connector: &dyn Connector,
        kind: RecordKind,
        remote: &RemoteId,
        day: Option<NaiveDate>,
    ) -> Result<Option<Pulled>> {
        if connector.looks_up(kind, remote) {
            return self.ask(fetch(connector, kind, remote)).await?.map(Some);
        }
        let Some(day) = day else { return Ok(None) };
        let mut cursor = None;
        for _ in 0..MOST_PAGES {
            let request = InventoryRequest { kind, days: (day, day), cursor, now: self.now() };
            let page = self.ask(connector.inventory(request)).await??;
            if let Some(found) = page.records.into_iter().find(|pulled| pulled.remote_id == *remote) {
                return Ok(Some(found));
            }
            match page.next {
                Some(next) => cursor = Some(next),
                None => return Ok(None),
            }
        }
        Ok(None)
    }
}

async fn fetch(connector: &dyn Connector, kind: RecordKind, remote: &RemoteId) -> Result<Pulled> {
    match connector.fetch(kind, remote).await {
        Err(ConnectorError::NotFound(_)) => {
            Ok(Pulled { remote_id: remote.clone(), version: None, updated_at: None, content: Content::Deleted(kind) })
        }
        other => Ok(other?),
    }
}
