//! What there is, apart from what events told: everything by the time it was made.

use crate::map;
use crate::pull::{DAY, Reader, SETTLING_S};
use chrono::{DateTime, NaiveTime, Utc};
use connector_contract::{ConnectorError, Cursor, InventoryPage, InventoryRequest, RecordKind};

impl Reader {
    /// One page, newest first. The window is a day wider at both ends, because days are the shop's and times are not.
    pub(crate) async fn inventory(&self, request: &InventoryRequest) -> Result<InventoryPage, ConnectorError> {
        let path = match request.kind {
            RecordKind::Charge => "/v1/charges",
            RecordKind::Refund => "/v1/refunds",
            RecordKind::Dispute => "/v1/disputes",
            RecordKind::Payout => "/v1/payouts",
            RecordKind::BalanceEntry => "/v1/balance_transactions",
            other => return Err(ConnectorError::Protocol(format!("Stripe lists no {} records", other.as_str()))),
        };
        let midnight = |day: chrono::NaiveDate| day.and_time(NaiveTime::MIN).and_utc().timestamp();
        let (first, last) = request.days;
        let call = self
            .page(path, request.cursor.as_ref().map(|cursor| cursor.0.as_str()))
            .query("created[gte]", (midnight(first) - DAY).to_string())
            .query("created[lte]", (midnight(last) + 2 * DAY).to_string());
        let rows = self.fetch(call, request.kind).await?;
        let records = rows.objects().map(|object| map::pulled(request.kind, object, listed_at(object)));
        let records = records.chain(rows.broken()).collect();
        Ok(InventoryPage { records, next: rows.after.map(Cursor) })
    }
}

/// When an object was surely listed: new rows show up to a minute late, so one made shortly before a sync comes with the next.
fn listed_at(object: &serde_json::Value) -> Option<DateTime<Utc>> {
    let created = object.get("created")?.to_string().parse::<i64>().ok()?;
    DateTime::from_timestamp(created.checked_add(SETTLING_S)?, 0).and_then(connector_contract::calendar::moment)
}
