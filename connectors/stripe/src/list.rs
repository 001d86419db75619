//! A page of any of Stripe's lists, its rows read one by one: one that can't be read takes no other with it.
//!
//! Absent on purpose: what the rows mean; `map` and `events` know.

use crate::{map, wire};
use connector_contract::{ConnectorError, Pulled, RecordKind, RemoteId};
use connector_http::{Answer, Part};
use serde_json::Value;

/// More rows than Stripe ever gives on a page.
const MOST_ROWS: usize = 1_000;

/// A row.
#[derive(Debug)]
pub enum Row {
    /// An object, whatever it is.
    Object(Value),
    /// It could not be read, and is reported in its place; nothing to report where it is of no interest.
    Broken(Option<Box<Pulled>>),
}

/// One page, newest first.
#[derive(Debug)]
pub struct List {
    /// Its rows.
    pub rows: Vec<Row>,
    /// The last row that has an id, where more follow in the direction of walking.
    pub after: Option<String>,
}

impl List {
    /// A page of objects of one kind.
    pub fn of(answer: &Answer, kind: RecordKind) -> Result<Self, ConnectorError> {
        read(answer, |part, place| part.row::<Value>(kind, "id", &format!("{}:{place}", kind.as_str())).map_err(Some))
    }

    /// A page of events. One that can't be read is reported as the object it is about.
    pub fn of_events(answer: &Answer) -> Result<Self, ConnectorError> {
        read(answer, |part, _| part.value().map_err(|reason| broken_event(part, &reason)))
    }

    /// The objects, newest first.
    pub fn objects(&self) -> impl DoubleEndedIterator<Item = &Value> {
        self.rows.iter().filter_map(|row| match row {
            Row::Object(object) => Some(object),
            Row::Broken(_) => None,
        })
    }

    /// What is reported of rows that could not be read.
    pub fn broken(&self) -> impl Iterator<Item = Pulled> {
        self.rows.iter().filter_map(|row| match row {
            Row::Broken(Some(pulled)) => Some((**pulled).clone()),
            Row::Object(_) | Row::Broken(None) => None,
        })
    }

    /// The rows as records, oldest first.
    pub fn records(&self, record: impl Fn(&Value) -> Pulled) -> Vec<Pulled> {
        self.objects().rev().map(record).chain(self.broken()).collect()
    }
}

fn read(
    answer: &Answer,
    row: impl Fn(Part<'_>, usize) -> Result<Value, Option<Box<Pulled>>>,
) -> Result<List, ConnectorError> {
    let document = answer.document()?;
    let missing = || ConnectorError::Protocol("the answer is no list".to_owned());
    let data = document.root().get("data").and_then(|data| data.rows(MOST_ROWS)).ok_or_else(missing)?;
    let has_more = document.root().get("has_more").and_then(|more| more.read::<bool>().ok()).unwrap_or(false);
    let last = data.rows.iter().rev().find_map(|row| row.get("id").and_then(Part::text).filter(|id| wire::is_id(id)));
    let rows = data.rows.iter().enumerate().map(|(place, part)| match row(*part, place) {
        Ok(object) => Row::Object(object),
        Err(report) => Row::Broken(report),
    });
    Ok(List { rows: rows.collect(), after: last.filter(|_| has_more) })
}

/// What is reported of an event that can't be read. Events about what is not kept are not missed.
fn broken_event(event: Part<'_>, reason: &str) -> Option<Box<Pulled>> {
    let object = event.get("data").and_then(|data| data.get("object"));
    let text = |part: Option<Part<'_>>, name: &str| part.and_then(|part| part.get(name)).and_then(Part::text);
    let named = text(object, "object").and_then(|name| map::kind_named(&name));
    let kind = named.or_else(|| map::kind_of_event(&text(Some(event), "type")?))?;
    let id = text(object, "id").or_else(|| text(Some(event), "id"))?;
    Some(Box::new(Pulled::unreadable(kind, RemoteId(id), format!("This record could not be read: {reason}."))))
}
