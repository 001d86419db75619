//! What there is, apart from what changed: orders by the day they were placed.

use crate::wire::{Fields, filter_time, list};
use crate::{ShipStation, map};
use chrono::{Duration, NaiveTime};
use connector_contract::{
    ConnectorError, Content, Cursor, InventoryPage, InventoryRequest, Pulled, RecordKind, RemoteId,
};
use connector_http::Call;
use serde_json::{Map, Value};

/// The most rows a page holds.
const PAGE: usize = 500;

impl ShipStation {
    /// One page of orders. The window is a day wider at both ends: days here are the shop's, there they are Pacific. Sorted by
    /// a date that does not move, so page numbers are safe.
    pub(crate) async fn list_orders(&self, request: &InventoryRequest) -> Result<InventoryPage, ConnectorError> {
        if request.kind != RecordKind::Order {
            return Err(ConnectorError::Protocol(format!("ShipStation lists no {} records", request.kind.as_str())));
        }
        let number = request.cursor.as_ref().and_then(|cursor| cursor.0.parse::<usize>().ok()).unwrap_or(1);
        let (first, last) = request.days;
        let (since, until) = (first - Duration::days(1), last + Duration::days(2));
        let call = Call::get(self.v1_base.route("/orders", &[]))
            .query("orderDateStart", filter_time(since.and_time(NaiveTime::MIN).and_utc()))
            .query("orderDateEnd", filter_time(until.and_time(NaiveTime::MIN).and_utc()))
            .query("sortBy", "OrderDate")
            .query("sortDir", "ASC")
            .query("page", number.to_string())
            .query("pageSize", PAGE.to_string());
        let rows = list(&self.v1.send(call).await?, "orders")?;
        let more = rows.total.map_or(rows.count >= PAGE, |total| total > (number * PAGE) as u64);
        let records = rows.rows.iter().flat_map(|row| map::orders(Fields(row))).collect();
        Ok(InventoryPage { records, next: (more && rows.count > 0).then(|| Cursor((number + 1).to_string())) })
    }

    /// One order as it is now.
    pub(crate) async fn fetch_order(&self, id: &RemoteId) -> Result<Pulled, ConnectorError> {
        let row: Map<String, Value> =
            self.v1.send(Call::get(self.v1_base.route("/orders/{id}", &[&id.0]))).await?.json()?;
        let gone = || ConnectorError::NotFound(format!("order {}", id.0));
        let found = map::orders(Fields(&row)).into_iter().find(|pulled| pulled.remote_id == *id).ok_or_else(gone)?;
        if matches!(found.content, Content::Deleted(_)) { Err(gone()) } else { Ok(found) }
    }
}
