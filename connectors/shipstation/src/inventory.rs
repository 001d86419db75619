//! What there is, apart from what changed: orders by the day they were placed, parcels by the day they went out.
//!
//! Absent on purpose: looking a label up by its id, which V1 offers nowhere; the list of its day shows it.

use crate::pull::{read_row, spoils_a_page, unreadable_reason};
use crate::walk::PAGES;
use crate::wire::{Fields, List, filter_time, list};
use crate::{ShipStation, map};
use chrono::{Duration, NaiveTime};
use connector_contract::{
    ConnectorError, Content, Cursor, InventoryPage, InventoryRequest, Pulled, RecordKind, RemoteId,
};
use connector_http::{Call, Narrow, Sizes, Step, step};
use futures::FutureExt as _;
use serde_json::{Map, Value};

/// Where a listing stands: which of the kind's lists, how many of its rows are read, and how many are asked for.
#[derive(Debug, Clone, Copy)]
struct Place {
    list: usize,
    offset: u64,
    size: u64,
}

impl Place {
    fn start(list: usize) -> Self {
        Self { list, offset: 0, size: PAGES.largest() }
    }

    /// The place a position names; the first without one.
    fn read(cursor: Option<&Cursor>) -> Result<Self, ConnectorError> {
        let Some(Cursor(text)) = cursor else { return Ok(Self::start(0)) };
        let numbers: Vec<u64> = text.split(':').filter_map(|part| part.parse().ok()).collect();
        match numbers[..] {
            [list, offset, size] if PAGES.contains(size) && offset.is_multiple_of(size) => {
                let list = usize::try_from(list).map_err(|_| ConnectorError::CursorExpired)?;
                Ok(Self { list, offset, size })
            }
            _ => Err(ConnectorError::CursorExpired),
        }
    }

    fn cursor(self) -> Cursor {
        Cursor(format!("{}:{}:{}", self.list, self.offset, self.size))
    }

    /// The place `rows` further on, with the largest pages that begin there.
    fn after(self, rows: u64) -> Self {
        let offset = self.offset + rows;
        Self { offset, size: PAGES.that_begin_at(offset), ..self }
    }

    /// The place behind a page of `count` rows. A short one with more behind it means that the vendor gives smaller pages only.
    fn beyond(self, count: u64) -> Self {
        if count >= self.size {
            return self.after(self.size);
        }
        let size = PAGES.at_most(count);
        Self { offset: self.offset + count / size * size, size, ..self }
    }
}

impl Narrow for Place {
    const SIZES: Sizes = PAGES;

    fn size(&mut self) -> &mut u64 {
        &mut self.size
    }

    fn skip(&mut self) {
        *self = self.after(1);
    }

    fn one_row_on(&self, rows: u64) -> Self {
        Self { offset: self.offset + rows, size: 1, ..*self }
    }
}

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

impl ShipStation {
    /// One page of a kind. A page that one record spoils is read in smaller ones, down to that record, which is reported.
    pub(crate) async fn list_all(&self, request: &InventoryRequest) -> Result<InventoryPage, ConnectorError> {
        let listings = listings(request.kind)?;
        let mut place = Place::read(request.cursor.as_ref())?;
        let listing = listings.get(place.list).ok_or(ConnectorError::CursorExpired)?;
        let rows = loop {
            let id = RemoteId::of_place(&format!("{}+{}", listing.path, place.offset));
            let read = |at: Place| self.list_page(listing, request, at).boxed();
            match step(&mut place, read, spoils_a_page).await? {
                Step::Page(rows) => break rows,
                Step::Smaller => {}
                Step::Skipped(error) => {
                    let records = vec![Pulled::unreadable(request.kind, id, unreadable_reason(&error))];
                    return Ok(InventoryPage { records, next: Some(place.cursor()) });
                }
            }
        };
        let read = place.offset + rows.count;
        let more = rows.count > 0 && rows.total.map_or(rows.count >= place.size, |total| total > read);
        let records = rows.rows.iter().flat_map(|row| read_row(request.kind, listing.map, Fields(row))).collect();
        let next_list = (place.list + 1 < listings.len()).then(|| Place::start(place.list + 1));
        let next = if more { Some(place.beyond(rows.count)) } else { next_list };
        Ok(InventoryPage { records, next: next.map(Place::cursor) })
    }

    /// The window is a day wider at both ends: days here are the shop's, there they are Pacific.
    async fn list_page(
        &self,
        listing: &Listing,
        request: &InventoryRequest,
        place: Place,
    ) -> Result<List, ConnectorError> {
        let (first, last) = request.days;
        let (since, until) = (first - Duration::days(1), last + Duration::days(2));
        let mut call = Call::get(self.v1_base.route(listing.path, &[]))
            .query(listing.start, filter_time(since.and_time(NaiveTime::MIN).and_utc()))
            .query(listing.end, filter_time(until.and_time(NaiveTime::MIN).and_utc()))
            .query("sortBy", listing.sort)
            .query("sortDir", "ASC")
            .query("page", (place.offset / place.size + 1).to_string())
            .query("pageSize", place.size.to_string());
        for (name, value) in listing.extra {
            call = call.query(name, value);
        }
        list(&self.v1.send(call).await?, listing.collection)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_listing_goes_on_behind_each_page_and_never_skips_rows() {
        let start = Place::start(0);
        assert_eq!((start.beyond(500).offset, start.beyond(500).size), (500, 500));
        let capped = start.beyond(250);
        assert_eq!((capped.offset, capped.size), (200, 100), "the vendor gives smaller pages only");
        let mut single = start;
        while single.shrink() {}
        assert_eq!(single.size, 1);
        assert_eq!((single.after(1).offset, single.after(1).size), (1, 1));
        assert_eq!((Place { offset: 99, ..single }).after(1).size, 100, "and larger ones where they begin");
    }

    #[test]
    fn a_position_of_another_form_starts_over() {
        for text in ["", "0:1", "0:3:500", "x:0:500", "0:0:7"] {
            assert!(Place::read(Some(&Cursor(text.to_owned()))).is_err(), "{text}");
        }
        let place = Place::read(Some(&Place { list: 1, offset: 30, size: 10 }.cursor())).unwrap();
        assert_eq!((place.list, place.offset, place.size), (1, 30, 10));
    }
}
