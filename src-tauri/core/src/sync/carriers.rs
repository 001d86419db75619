//! The carriers a vendor that takes parcels offers: fetched while a sync runs, at most once a day, and kept in the data file, so that
//! one can be chosen with no network.
//!
//! Absent on purpose: services and packages. A parcel that is marked as shipped has left already.

use super::part::{Ended, Part};
use crate::ids::ConnectionId;
use crate::store::connections::{self as rows, ConnectionRow, StoredChoice};
use chrono::{DateTime, Duration, Utc};
use connector_contract::{RecordKind, SHIPPING_CARRIER};

/// How long a list is good enough.
const GOOD_FOR: Duration = Duration::hours(24);

fn note(connection: ConnectionId) -> String {
    format!("carriers_read/{connection}")
}

impl Part<'_> {
    /// Reads the list again where it is due. Not getting it stops nothing: the old one stays.
    pub(super) async fn refresh_carriers(&mut self) -> Result<(), Ended> {
        if !self.descriptor.sends(RecordKind::Shipment) {
            return Ok(());
        }
        let now = self.core.now();
        let read = self.core.store.read(|db| rows::note(db, &note(self.row.id)))?;
        let read = read.and_then(|text| text.parse::<DateTime<Utc>>().ok());
        // A time ahead of now was written by a clock that was wrong.
        if read.is_some_and(|read| read <= now && now - read < GOOD_FOR) {
            return Ok(());
        }
        let Ok(choices) = self.connector.choices().await else { return Ok(()) };
        let carriers: Vec<StoredChoice> = choices
            .into_iter()
            .filter(|choice| choice.setting == SHIPPING_CARRIER)
            .map(|choice| StoredChoice {
                setting: choice.setting.to_owned(),
                value: choice.value,
                label: choice.label,
                suggested: choice.suggested,
            })
            .collect();
        self.core.store.write(|tx| {
            let Some(row) = rows::get(&tx.db(), self.row.id)? else { return Ok(()) };
            let others = row.choices.iter().filter(|choice| choice.setting != SHIPPING_CARRIER).cloned();
            let choices: Vec<StoredChoice> = others.chain(carriers.iter().cloned()).collect();
            rows::set_note(tx, &note(self.row.id), Some(&now.to_rfc3339()))?;
            if choices == row.choices {
                return Ok(());
            }
            rows::put(tx, &ConnectionRow { choices, ..row }, now)
        })?;
        Ok(())
    }
}
