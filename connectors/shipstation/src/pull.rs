//! Pulling orders, labels and fulfillments.
//!
//! Orders by change date; labels by creation date and, since V1 cannot list them by change, voided ones by void date;
//! fulfillments by creation date with a week's overlap, because V1 tells nowhere which were voided later.

use crate::auth::is_fault;
use crate::walk::Walk;
use crate::wire::{Fields, List, filter_time, list};
use crate::{ShipStation, map};
use chrono::{DateTime, Duration, Utc};
use connector_contract::{ConnectorError, Content, Cursor, Page, PullRequest, Pulled, RecordKind, RemoteId, Stream};
use connector_http::Call;
use serde::{Deserialize, Serialize};

/// Orders, so that shipments find theirs.
pub(crate) const ORDERS: Stream = Stream { id: "orders", label: "Orders" };
/// Labels made in ShipStation.
pub(crate) const SHIPMENTS: Stream = Stream { id: "shipments", label: "Shipments" };
/// Orders marked as shipped elsewhere.
pub(crate) const FULFILLMENTS: Stream = Stream { id: "fulfillments", label: "Fulfillments" };

/// A position: the walks of a stream, of which one is under way.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
struct Position {
    /// By change or creation.
    main: Walk,
    /// By void date; labels only.
    voids: Walk,
    /// The walk by void date is under way.
    in_voids: bool,
}

/// One list as a walk reads it.
struct Feed {
    path: &'static str,
    collection: &'static str,
    /// Filter of the window's start.
    since: &'static str,
    /// The field whose times move the window.
    time: &'static str,
    sort: &'static str,
    kind: RecordKind,
    /// Whether rows come sorted by `time`; otherwise only page numbers are safe.
    sorted: bool,
    extra: &'static [(&'static str, &'static str)],
    map: fn(Fields) -> Vec<Pulled>,
}

const ORDER_FEED: Feed = Feed {
    path: "/orders",
    collection: "orders",
    since: "modifyDateStart",
    time: "modifyDate",
    sort: "ModifyDate",
    kind: RecordKind::Order,
    sorted: true,
    extra: &[],
    map: map::orders,
};

const LABEL_FEED: Feed = Feed {
    path: "/shipments",
    collection: "shipments",
    since: "createDateStart",
    time: "createDate",
    sort: "CreateDate",
    kind: RecordKind::Shipment,
    sorted: true,
    // Without this the lines are null, which would read as "everything on the order".
    extra: &[("includeShipmentItems", "true")],
    map: |row| map::shipment(row).into_iter().collect(),
};

/// Sorted by creation, so a label voided during the walk pushes rows to later pages and none is missed.
const VOID_FEED: Feed = Feed { since: "voidDateStart", time: "voidDate", sorted: false, ..LABEL_FEED };

const FULFILLMENT_FEED: Feed = Feed {
    path: "/fulfillments",
    collection: "fulfillments",
    extra: &[],
    map: |row| map::fulfillment(row).into_iter().collect(),
    ..LABEL_FEED
};

impl ShipStation {
    pub(crate) async fn pull_page(&self, request: PullRequest) -> Result<Page, ConnectorError> {
        let mut position = match &request.cursor {
            Some(Cursor(text)) => serde_json::from_str(text).map_err(|_| ConnectorError::CursorExpired)?,
            None => Position::default(),
        };
        let labels = request.stream == SHIPMENTS;
        let (feed, walk) = match request.stream.id {
            "orders" => (&ORDER_FEED, &mut position.main),
            "shipments" if position.in_voids => (&VOID_FEED, &mut position.voids),
            "shipments" => (&LABEL_FEED, &mut position.main),
            "fulfillments" => (&FULFILLMENT_FEED, &mut position.main),
            other => return Err(ConnectorError::Protocol(format!("there is no stream \"{other}\""))),
        };
        let (records, mut more) = self.read(feed, walk).await?;
        if !more && labels {
            position.in_voids = !position.in_voids;
            more = position.in_voids;
        }
        if !more && request.stream == FULFILLMENTS {
            position.main.reach_back(Duration::days(7));
        }
        let next = serde_json::to_string(&position)
            .map_err(|error| ConnectorError::Protocol(format!("the cursor could not be written: {error}")))?;
        Ok(Page { records, next: Cursor(next), more })
    }

    /// Reads the walk's next page. A page the vendor's program fails on is read in smaller ones, down to the one record
    /// that it cannot produce, which is passed over and reported.
    async fn read(&self, feed: &Feed, walk: &mut Walk) -> Result<(Vec<Pulled>, bool), ConnectorError> {
        let list = loop {
            match self.fetch(feed, walk).await {
                Ok(list) => break list,
                Err(ConnectorError::Unavailable(reason)) if is_fault(&reason) => {
                    if walk.shrink() {
                        continue;
                    }
                    let culprit = format!("unreadable:{}+{}", filter_time(walk.since), walk.offset);
                    let mut next = walk.clone();
                    next.skip();
                    // Only when the row behind it can be had is it the row, and not the whole vendor, that is broken.
                    self.fetch(feed, &next.single()).await?;
                    *walk = next;
                    return Ok((vec![unreadable(culprit, feed.kind)], true));
                }
                Err(ConnectorError::TooLarge) if walk.shrink() => {}
                Err(error) => return Err(error),
            }
        };
        let times: Vec<DateTime<Utc>> = list.rows.iter().filter_map(|row| Fields(row).time(feed.time)).collect();
        let more = walk.advance(list.count, &times, list.total, feed.sorted);
        Ok((list.rows.iter().flat_map(|row| (feed.map)(Fields(row))).collect(), more))
    }

    async fn fetch(&self, feed: &Feed, walk: &Walk) -> Result<List, ConnectorError> {
        let mut call = Call::get(self.v1_base.route(feed.path, &[]))
            .query(feed.since, filter_time(walk.since))
            .query("sortBy", feed.sort)
            .query("sortDir", "ASC")
            .query("page", walk.page().to_string())
            .query("pageSize", walk.size.to_string());
        for (name, value) in feed.extra {
            call = call.query(name, value);
        }
        list(&self.v1.send(call).await?, feed.collection)
    }
}

fn unreadable(id: String, kind: RecordKind) -> Pulled {
    let reason = "ShipStation itself fails to show this record; open and save it there".to_owned();
    Pulled { remote_id: RemoteId(id), version: None, updated_at: None, content: Content::Unreadable { kind, reason } }
}
