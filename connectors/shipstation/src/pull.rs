//! Pulling orders, labels and fulfillments.
//!
//! Orders by change date; labels by creation date and, since V1 cannot list them by change, voided ones by void date;
//! fulfillments by creation date with a week's overlap, because V1 tells nowhere which were voided later.

use crate::auth::is_fault;
use crate::walk::{Present, Walk};
use crate::wire::{Fields, List, filter_time, list};
use crate::{ShipStation, map};
use chrono::{DateTime, Duration, Utc};
use connector_contract::{ConnectorError, Cursor, Page, PullRequest, Pulled, RecordKind, RemoteId, Stream};
use connector_http::{Call, Step, step};
use futures::FutureExt as _;
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
    /// Whether the window's start is what makes the list, so that it is always named.
    bounded: bool,
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
    bounded: false,
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
    bounded: false,
    // Without this the lines are null, which would read as "everything on the order".
    extra: &[("includeShipmentItems", "true")],
    map: |row| map::shipment(row).into_iter().collect(),
};

/// Sorted by creation, so a label voided during the walk pushes rows to later pages and none is missed.
const VOID_FEED: Feed = Feed { since: "voidDateStart", time: "voidDate", sorted: false, bounded: true, ..LABEL_FEED };

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
        let (records, mut more) = self.read(feed, walk, request.now).await?;
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

    /// Reads the walk's next page. A page that the vendor's program fails on, that it refuses or that can't be read is read
    /// in smaller ones, down to the one record it is about, which is passed over and reported.
    async fn read(
        &self,
        feed: &Feed,
        walk: &mut Walk,
        now: DateTime<Utc>,
    ) -> Result<(Vec<Pulled>, bool), ConnectorError> {
        let mut moved = false;
        let (list, present) = loop {
            let culprit = RemoteId::of_place(&format!("{}+{}", filter_time(walk.since), walk.offset));
            let read = |at: Walk| async move { self.fetch(feed, &at, now).await }.boxed();
            match step(walk, read, spoils_a_page).await? {
                // The window was too late by the vendor's clock: once more from where it should have begun, but not for ever.
                Step::Page((_, present)) if walk.begin(present) && !moved => moved = true,
                Step::Page(found) => break found,
                Step::Smaller => {}
                Step::Skipped(error) => {
                    let reason = unreadable_reason(&error);
                    return Ok((vec![Pulled::unreadable(feed.kind, culprit, reason)], true));
                }
            }
        };
        let times: Vec<DateTime<Utc>> = list.rows.iter().filter_map(|row| Fields(row).time(feed.time)).collect();
        let more = walk.advance(list.count, &times, list.total, feed.sorted, present.theirs);
        Ok((list.rows.iter().flat_map(|row| read_row(feed.kind, feed.map, Fields(row))).collect(), more))
    }

    async fn fetch(&self, feed: &Feed, walk: &Walk, now: DateTime<Utc>) -> Result<(List, Present), ConnectorError> {
        let mut call = Call::get(self.v1_base.route(feed.path, &[]));
        // From the very start no window is named: a row may be dated before any.
        if feed.bounded || !walk.is_whole() {
            call = call.query(feed.since, filter_time(walk.since));
        }
        call = call
            .query("sortBy", feed.sort)
            .query("sortDir", "ASC")
            .query("page", walk.page().to_string())
            .query("pageSize", walk.size.to_string());
        for (name, value) in feed.extra {
            call = call.query(name, value);
        }
        let answer = self.v1.send(call).await?;
        // An answer that bears no time is taken as given just now.
        let present = Present { theirs: answer.server_time().unwrap_or(now), ours: now };
        Ok((list(&answer, feed.collection)?, present))
    }
}

/// Whether one record may be what makes a whole page fail.
pub(crate) fn spoils_a_page(error: &ConnectorError) -> bool {
    match error {
        ConnectorError::Unavailable(reason) => is_fault(reason),
        ConnectorError::TooLarge | ConnectorError::Protocol(_) | ConnectorError::Rejected(_) => true,
        _ => false,
    }
}

/// Why a record that spoils its page was passed over.
pub(crate) fn unreadable_reason(error: &ConnectorError) -> String {
    let what = match error {
        ConnectorError::TooLarge => "this record is larger than is read at once".to_owned(),
        ConnectorError::Protocol(text) => format!("the answer about this record can't be read: {text}"),
        ConnectorError::Rejected(refused) => format!("ShipStation refuses to show this record: {}", refused.text),
        _ => "ShipStation itself fails to show this record".to_owned(),
    };
    format!("{what}; open and save it there")
}

/// A row as records. One that can't be told apart from others is reported, not passed over silently.
pub(crate) fn read_row(kind: RecordKind, map: fn(Fields) -> Vec<Pulled>, row: Fields) -> Vec<Pulled> {
    let pulled = map(row);
    if !pulled.is_empty() {
        return pulled;
    }
    let number = row.filled("orderNumber").unwrap_or_else(|| "no number".to_owned());
    let reason = format!("a row of ShipStation's list bears no id (order number: {number})");
    vec![Pulled::unreadable(kind, RemoteId::of_place(&number), reason)]
}
