//! What there is, apart from what events told: charges and payouts by the time they were made.

use crate::map;
use crate::pull::{DAY, Reader, last_id};
use chrono::NaiveTime;
use connector_contract::{ConnectorError, Cursor, InventoryPage, InventoryRequest, RecordKind};

impl Reader {
    /// One page, newest first. The window is a day wider at both ends, because days are the shop's and times are not.
    pub(crate) async fn inventory(&self, request: &InventoryRequest) -> Result<InventoryPage, ConnectorError> {
        let path = match request.kind {
            RecordKind::Charge => "/v1/charges",
            RecordKind::Payout => "/v1/payouts",
            other => return Err(ConnectorError::Protocol(format!("Stripe lists no {} records", other.as_str()))),
        };
        let midnight = |day: chrono::NaiveDate| day.and_time(NaiveTime::MIN).and_utc().timestamp();
        let (first, last) = request.days;
        let call = self
            .page(path, request.cursor.as_ref().map(|cursor| cursor.0.as_str()))
            .query("created[gte]", (midnight(first) - DAY).to_string())
            .query("created[lte]", (midnight(last) + 2 * DAY).to_string());
        let rows = self.fetch(call).await?;
        let records = rows.data.iter().map(|object| map::pulled(request.kind, object, None)).collect();
        Ok(InventoryPage { records, next: last_id(&rows).map(Cursor) })
    }
}
