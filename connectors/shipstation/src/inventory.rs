//! What there is, apart from what changed: orders by the day they were placed, parcels by the day they went out.
//!
//! Absent on purpose: looking a label up by its id, which V1 offers nowhere; the list of its day shows it.

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

/// A list by a date that does not move, so page numbers are safe.
struct Listing {
    path: &'static str,
    collection: &'static str,
    start: &'static str,
    end: &'static str,
    sort: &'static str,
    extra: &'static [(&'static str, &'static str)],
    map: fn(Fields) -> Vec<Pulled>,
}

const ORDERS: Listing = Listing {
    path: "/orders",
    collection: "orders",
    start: "orderDateStart",
    end: "orderDateEnd",
    sort: "OrderDate",
    extra: &[],
    map: map::orders,
};

const LABELS: Listing = Listing {
    path: "/shipments",
    collection: "shipments",
    start: "shipDateStart",
    end: "shipDateEnd",
    sort: "ShipDate",
    // The same lines as the feed of changes shows.
    extra: &[("includeShipmentItems", "true")],
    map: |row| map::shipment(row).into_iter().collect(),
};

const FULFILLMENTS: Listing = Listing {
    path: "/fulfillments",
    collection: "fulfillments",
    extra: &[],
    map: |row| map::fulfillment(row).into_iter().collect(),
    ..LABELS
};

/// The lists that together hold a kind.
fn listings(kind: RecordKind) -> Result<&'static [Listing], ConnectorError> {
    match kind {
        RecordKind::Order => Ok(&[ORDERS]),
        RecordKind::Shipment => Ok(&[LABELS, FULFILLMENTS]),
        other => Err(ConnectorError::Protocol(format!("ShipStation lists no {} records", other.as_str()))),
    }
}

/// The list and the page a position names; the first of both without one.
fn place(cursor: Option<&Cursor>) -> Result<(usize, usize), ConnectorError> {
    let Some(Cursor(text)) = cursor else { return Ok((0, 1)) };
    let (at, number) = text.split_once(':').ok_or(ConnectorError::CursorExpired)?;
    at.parse().ok().zip(number.parse().ok()).ok_or(ConnectorError::CursorExpired)
}

impl ShipStation {
    /// One page of a kind. The window is a day wider at both ends: days here are the shop's, there they are Pacific.
    pub(crate) async fn list_all(&self, request: &InventoryRequest) -> Result<InventoryPage, ConnectorError> {
        let listings = listings(request.kind)?;
        let (at, number) = place(request.cursor.as_ref())?;
        let listing = listings.get(at).ok_or(ConnectorError::CursorExpired)?;
        let (first, last) = request.days;
        let (since, until) = (first - Duration::days(1), last + Duration::days(2));
        let mut call = Call::get(self.v1_base.route(listing.path, &[]))
            .query(listing.start, filter_time(since.and_time(NaiveTime::MIN).and_utc()))
            .query(listing.end, filter_time(until.and_time(NaiveTime::MIN).and_utc()))
            .query("sortBy", listing.sort)
            .query("sortDir", "ASC")
            .query("page", number.to_string())
            .query("pageSize", PAGE.to_string());
        for (name, value) in listing.extra {
            call = call.query(name, value);
        }
        let rows = list(&self.v1.send(call).await?, listing.collection)?;
        let more = rows.count > 0 && rows.total.map_or(rows.count >= PAGE, |total| total > (number * PAGE) as u64);
        let records = rows.rows.iter().flat_map(|row| (listing.map)(Fields(row))).collect();
        let next_list = (at + 1 < listings.len()).then_some((at + 1, 1));
        let next = if more { Some((at, number + 1)) } else { next_list };
        Ok(InventoryPage { records, next: next.map(|(at, number)| Cursor(format!("{at}:{number}"))) })
    }

    /// One record as it is now.
    pub(crate) async fn look_up(&self, kind: RecordKind, id: &RemoteId) -> Result<Pulled, ConnectorError> {
        let gone = || ConnectorError::NotFound(format!("{} {}", kind.as_str(), id.0));
        let records = match (kind, id.0.strip_prefix('f')) {
            (RecordKind::Order, _) => {
                let call = Call::get(self.v1_base.route("/orders/{id}", &[&id.0]));
                let row: Map<String, Value> = self.v1.send(call).await?.json()?;
                map::orders(Fields(&row))
            }
            (RecordKind::Shipment, Some(number)) => {
                let call = Call::get(self.v1_base.route(FULFILLMENTS.path, &[])).query("fulfillmentId", number);
                let rows = list(&self.v1.send(call).await?, FULFILLMENTS.collection)?;
                rows.rows.iter().flat_map(|row| (FULFILLMENTS.map)(Fields(row))).collect()
            }
            _ => return Err(ConnectorError::Protocol(format!("a {} can't be looked up", kind.as_str()))),
        };
        let found = records.into_iter().find(|pulled| pulled.remote_id == *id).ok_or_else(gone)?;
        if matches!(found.content, Content::Deleted(_)) { Err(gone()) } else { Ok(found) }
    }
}
