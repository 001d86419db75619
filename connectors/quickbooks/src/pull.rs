//! Reading: first a full list of each entity, then changes.
//!
//! Each list notes the server's time at its first page. `changes` starts at the earliest of those times, so nothing
//! falls between; what changes while the lists are read comes twice, which is harmless. The lists are pulled before
//! `changes` in every run and tell the connector their start; one that never heard of a start looks back as far as
//! QuickBooks allows.

use crate::api::{quoted, stamp};
use crate::connector::QuickBooks;
use crate::cursor::{self, Blind, ChangesCursor, How, ListCursor, Step, Walk};
use crate::entity::Entity;
use crate::map::{self, Context};
use crate::narrow;
use chrono::{DateTime, Duration, Utc};
use connector_contract::{ConnectorError, Page, PullRequest, Pulled, Stream};
use connector_http::Step as Narrowed;
use futures::FutureExt as _;
use serde_json::Value;
use std::sync::atomic::{AtomicBool, Ordering};

/// In the order that makes references resolve.
pub(crate) static STREAMS: [Stream; 5] = [
    Stream { id: "customers", label: "Customers" },
    Stream { id: "items", label: "Products and services" },
    Stream { id: "invoices", label: "Invoices" },
    Stream { id: "payments", label: "Payments" },
    Stream { id: "changes", label: "Changes" },
];

/// Windows overlap by this much: whether their edges are included is not documented, and a request may take two
/// minutes.
const OVERLAP: Duration = Duration::minutes(10);
/// Capture looks back 30 days at most; one day is left for clocks that differ.
const LOOK_BACK: Duration = Duration::days(29);
/// How much older a capture may get while it waits for its turn.
const SLACK: Duration = Duration::hours(12);
/// An answer with this many objects may have been cut: the most is 1,000, and nothing says whether there were more.
const CUT: usize = 990;
/// A window that no capture could read is captured again after this long: the record that spoils it may have changed by then.
const TRY_BLIND_AFTER: Duration = Duration::hours(6);
/// Windows shorter than this are not halved any further.
const SHORTEST: Duration = Duration::minutes(1);
/// Ids in one question for stock keeping units.
const IDS: usize = 100;

/// What one request brought.
pub(crate) struct Batch {
    pub rows: Vec<(Entity, Vec<Value>)>,
    /// The server's time.
    pub time: DateTime<Utc>,
    /// Whether stock keeping units were asked for; `*` and capture leave them out.
    pub sku_selected: bool,
    /// Rows that make every answer fail that holds them.
    pub unreadable: Vec<Pulled>,
}

impl Batch {
    fn nothing(time: DateTime<Utc>) -> Self {
        Self { rows: Vec::new(), time, sku_selected: true, unreadable: Vec::new() }
    }

    fn may_be_cut(&self) -> bool {
        self.rows.iter().map(|(_, rows)| rows.len()).sum::<usize>() >= CUT
    }
}

/// One page of a stream.
pub(crate) async fn pull(connector: &QuickBooks, request: PullRequest) -> Result<Page, ConnectorError> {
    let entity = match request.stream.id {
        "customers" => Entity::Customer,
        "items" => Entity::Item,
        "invoices" => Entity::Invoice,
        "payments" => Entity::Payment,
        "changes" => return changes(connector, &request).await,
        other => return Err(ConnectorError::Protocol(format!("QuickBooks has no stream called {other}"))),
    };
    first_sync(connector, entity, &request).await
}

async fn first_sync(connector: &QuickBooks, entity: Entity, request: &PullRequest) -> Result<Page, ConnectorError> {
    let cursor: Option<ListCursor> = request.cursor.as_ref().map(cursor::read).transpose()?;
    let walk = match &cursor {
        Some(ListCursor { began, walk: None }) => {
            connector.note_began(Some(*began));
            let next = request.cursor.clone().ok_or(ConnectorError::CursorExpired)?;
            return Ok(Page { records: Vec::new(), next, more: false });
        }
        Some(ListCursor { walk: Some(walk), .. }) => walk.clone(),
        None => Walk::start(),
    };
    let (batch, next) = list(connector, entity, None, &walk).await?;
    let began = cursor.map_or(batch.time, |cursor| cursor.began);
    connector.note_began(Some(began));
    let more = next.is_some();
    let records = records(connector, batch).await?;
    Ok(Page { records, next: cursor::write(&ListCursor { began, walk: next })?, more })
}

/// One page of a list in the order of ids, and the place of the next one.
async fn list(
    connector: &QuickBooks,
    entity: Entity,
    changed_since: Option<DateTime<Utc>>,
    walk: &Walk,
) -> Result<(Batch, Option<Walk>), ConnectorError> {
    let conditions = changed_since.map(|since| format!("MetaData.LastUpdatedTime >= {}", quoted(&stamp(since))));
    rows_where(connector, entity, conditions.into_iter().collect(), walk).await
}

/// One page of the rows that meet all conditions, in the order of ids, and the place of the next one.
pub(crate) async fn rows_where(
    connector: &QuickBooks,
    entity: Entity,
    mut conditions: Vec<String>,
    walk: &Walk,
) -> Result<(Batch, Option<Walk>), ConnectorError> {
    if entity.is_list() {
        // Otherwise inactive rows are left out.
        conditions.insert(0, "Active IN (true,false)".to_owned());
    }
    let condition = if conditions.is_empty() { String::new() } else { format!(" WHERE {}", conditions.join(" AND ")) };
    let page = |walk: &Walk, selection: &str| {
        format!(
            "SELECT {selection} FROM {}{condition} ORDERBY Id STARTPOSITION {} MAXRESULTS {}",
            entity.name(),
            walk.position,
            walk.size,
        )
    };
    let mut walk = walk.clone();
    let mut unreadable = Vec::new();
    let (rows, time) = loop {
        let about_a_row = AtomicBool::new(false);
        let read = |at: Walk| {
            let (page, about_a_row) = (page(&at, entity.selection()), &about_a_row);
            async move {
                let answer = connector.api.query(entity.name(), &page).await;
                let Err(error) = answer else { return answer };
                let judged = narrow::by_content(connector, error).await;
                about_a_row.store(judged.is_ok(), Ordering::Relaxed);
                Err(judged.unwrap_or_else(|error| error))
            }
            .boxed()
        };
        let before = walk.clone();
        let narrowed = connector_http::step(&mut walk, read, |_| about_a_row.load(Ordering::Relaxed)).await;
        match narrowed.map_err(narrow::later)? {
            Narrowed::Page(answer) => break answer,
            Narrowed::Smaller => {}
            Narrowed::Skipped(error) => {
                let ids = connector.api.query(entity.name(), &page(&before, "Id")).await;
                let id = ids.ok().and_then(|(rows, _)| rows.first()?.get("Id")?.as_str().map(str::to_owned));
                unreadable.push(narrow::passed_over(entity, id, before.position, &error));
            }
        }
    };
    let ids = rows.iter().map(|row| row.get("Id").and_then(Value::as_str).unwrap_or_default().to_owned()).collect();
    let next = walk.after(ids);
    Ok((Batch { rows: vec![(entity, rows)], time: known(time)?, sku_selected: true, unreadable }, next))
}

fn known(time: Option<DateTime<Utc>>) -> Result<DateTime<Utc>, ConnectorError> {
    time.ok_or_else(|| ConnectorError::Protocol("the answer does not tell the time".to_owned()))
}

async fn changes(connector: &QuickBooks, request: &PullRequest) -> Result<Page, ConnectorError> {
    let now = connector.api.vendor_now().await?;
    let mut cursor = if let Some(cursor) = &request.cursor {
        cursor::read(cursor)?
    } else {
        // A start that the server's clock has not reached was noted by one that has been set right since: nobody knows what
        // changed meanwhile, so all is read that can be.
        let began = connector.note_began(None).filter(|began| *began <= now);
        ChangesCursor::starting(began.unwrap_or(now - LOOK_BACK + OVERLAP))
    };
    if cursor.todo.is_empty() && now - (cursor.since - OVERLAP) > LOOK_BACK {
        cursor.todo = catch_up(cursor.since - OVERLAP, now - LOOK_BACK);
    }
    // What was left to capture may by now lie further back than capture looks.
    cursor.todo = cursor.todo.into_iter().flat_map(|step| reachable(step, now)).collect();
    let batch = if cursor.todo.is_empty() {
        begin(connector, &mut cursor, now).await?
    } else {
        step(connector, &mut cursor).await?
    };
    if cursor.todo.is_empty() {
        cursor.since = cursor.until.take().unwrap_or(cursor.since);
    }
    let more = !cursor.todo.is_empty();
    let records = records(connector, batch).await?;
    Ok(Page { records, next: cursor::write(&cursor)?, more })
}

/// Everything that changed since a moment, by capture.
async fn capture(connector: &QuickBooks, entities: &[Entity], from: DateTime<Utc>) -> Result<Batch, ConnectorError> {
    let (rows, time) = connector.api.changes(entities, from).await?;
    let time = known(time)?;
    if time < from {
        // A position ahead of the server's clock says nothing about what was missed.
        return Err(ConnectorError::CursorExpired);
    }
    Ok(Batch { rows, time, sku_selected: false, unreadable: Vec::new() })
}

/// The work after a long absence. Queries see everything that exists; deletions, and customers and items that were merged
/// away, are only seen as far as capture looks back, and an older one shows when the record is used next.
fn catch_up(since: DateTime<Utc>, capture_from: DateTime<Utc>) -> Vec<Step> {
    let lists = Entity::ALL.into_iter().map(|entity| Step::list(entity, since));
    let captures = Entity::ALL.into_iter().map(|entity| Step::capture(entity, capture_from));
    lists.chain(captures).collect()
}

/// A step that capture would soon refuse as too old is done by a list, which sees all that exists, and by a capture of what is
/// left to see of deletions and of customers and items that were merged away. That one is well within reach, so that it is not taken
/// for too old on the next page.
fn reachable(step: Step, now: DateTime<Utc>) -> Vec<Step> {
    if !matches!(step.how, How::Capture) || now - step.from <= LOOK_BACK + SLACK {
        return vec![step];
    }
    vec![Step::list(step.entity, step.from), Step::capture(step.entity, now - LOOK_BACK)]
}

/// All entities in one capture, from where one was blind on when it is time for that. If the answer may have been cut, each is
/// captured alone.
async fn begin(
    connector: &QuickBooks,
    cursor: &mut ChangesCursor,
    now: DateTime<Utc>,
) -> Result<Batch, ConnectorError> {
    let due = cursor.blind.take_if(|blind| now - blind.tried >= TRY_BLIND_AFTER);
    let blind = due.map(|blind| blind.from.max(now - LOOK_BACK + OVERLAP));
    let from = blind.map_or(cursor.since, |from| from.min(cursor.since)) - OVERLAP;
    let batch = narrow::whole(connector, capture(connector, &Entity::ALL, from).await).await?;
    cursor.until = batch.as_ref().map(|batch| batch.time);
    match batch {
        Some(batch) if !batch.may_be_cut() => Ok(batch),
        _ => {
            // All of it comes again, and in the order that references need.
            cursor.todo = Entity::ALL.into_iter().map(|entity| Step::capture(entity, from)).collect();
            Ok(Batch::nothing(from))
        }
    }
}

/// One part of a large window. A capture of one entity that may have been cut is followed by a list, which sees all
/// that exists, and by captures of shorter and shorter windows, which see the latest deletions.
async fn step(connector: &QuickBooks, cursor: &mut ChangesCursor) -> Result<Batch, ConnectorError> {
    let step = cursor.todo.remove(0);
    match step.how {
        How::List => {
            let walk = step.walk.clone().unwrap_or_else(Walk::start);
            let (batch, next) = list(connector, step.entity, Some(step.from), &walk).await?;
            cursor.until.get_or_insert(batch.time);
            if let Some(next) = next {
                cursor.todo.insert(0, Step { walk: Some(next), ..step });
            }
            Ok(batch)
        }
        How::Capture => {
            let batch = narrow::whole(connector, capture(connector, &[step.entity], step.from).await).await?;
            let until = match (cursor.until, &batch) {
                (Some(until), _) => until,
                (None, Some(batch)) => batch.time,
                // Nothing of this window could be read yet, so the server's clock is asked for.
                (None, None) => known(connector.api.company_info().await?.1)?,
            };
            cursor.until = Some(until);
            if batch.is_none() {
                let from = step.from + OVERLAP;
                let known = cursor.blind.map_or(from, |blind| blind.from);
                cursor.blind = Some(Blind { from: known.min(from), tried: until });
            }
            if batch.as_ref().is_none_or(Batch::may_be_cut) {
                // A shorter window, or the one after a long absence, has its list already. Lists come before what refers to
                // them.
                if step.from <= cursor.since - OVERLAP {
                    cursor.todo.insert(0, Step::list(step.entity, step.from));
                }
                let half = (until - step.from) / 2;
                if half > SHORTEST {
                    cursor.todo.insert(0, Step::capture(step.entity, step.from + half));
                }
            }
            Ok(batch.unwrap_or_else(|| Batch::nothing(until)))
        }
    }
}

/// Turns rows into records, asking first for what the rows leave out.
pub(crate) async fn records(connector: &QuickBooks, mut batch: Batch) -> Result<Vec<Pulled>, ConnectorError> {
    let company = connector.api.company().await?;
    let mut payments = batch.rows.iter().filter(|(entity, _)| *entity == Entity::Payment).flat_map(|(_, rows)| rows);
    let methods = if payments.any(lacks_method_name) { connector.api.methods().await? } else { &[] };
    if !batch.sku_selected
        && let Some((_, items)) = batch.rows.iter_mut().find(|(entity, _)| *entity == Entity::Item)
    {
        batch.unreadable.extend(select_skus(connector, items).await?);
    }
    let context = Context { company, methods, sku_selected: true };
    let all = batch.rows.into_iter().flat_map(|(entity, rows)| rows.into_iter().map(move |row| (entity, row)));
    let all = all.filter_map(|(entity, row)| map::pulled(entity, row, context));
    Ok(batch.unreadable.into_iter().chain(all).collect())
}

fn lacks_method_name(payment: &Value) -> bool {
    payment.get("PaymentMethodRef").is_some_and(|method| method.get("name").is_none())
}

/// Reads items again that came without a stock keeping unit: it may only be missing because it was not asked for. Returns those
/// that can't be read again; they are no longer among `items`.
async fn select_skus(connector: &QuickBooks, items: &mut Vec<Value>) -> Result<Vec<Pulled>, ConnectorError> {
    let lacking: Vec<String> = items.iter().filter(|item| item.get("Sku").is_none()).filter_map(id_of).collect();
    let mut todo: Vec<Vec<String>> = lacking.chunks(IDS).rev().map(<[String]>::to_vec).collect();
    let mut unreadable = Vec::new();
    while let Some(ids) = todo.pop() {
        let quoted: Vec<String> = ids.iter().map(|id| quoted(id)).collect();
        let statement = format!(
            "SELECT {} FROM Item WHERE Id IN ({}) AND Active IN (true,false) MAXRESULTS {}",
            Entity::Item.selection(),
            quoted.join(","),
            cursor::SIZES.largest(),
        );
        let error = match connector.api.query("Item", &statement).await {
            Ok((rows, _)) => {
                for row in rows {
                    if let Some(item) =
                        items.iter_mut().find(|item| id_of(item).is_some() && id_of(item) == id_of(&row))
                    {
                        *item = row;
                    }
                }
                continue;
            }
            Err(error) => narrow::by_content(connector, error).await?,
        };
        if let [id] = ids.as_slice() {
            if unreadable.len() >= narrow::MOST {
                return Err(narrow::later(error));
            }
            items.retain(|item| id_of(item).as_ref() != Some(id));
            unreadable.push(narrow::passed_over(Entity::Item, Some(id.clone()), 0, &error));
        } else {
            let (one, other) = ids.split_at(ids.len() / 2);
            todo.extend([other.to_vec(), one.to_vec()]);
        }
    }
    Ok(unreadable)
}

fn id_of(item: &Value) -> Option<String> {
    item.get("Id").and_then(Value::as_str).map(str::to_owned)
}

#[cfg(test)]
mod tests;
