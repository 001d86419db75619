//! Runs a parsed query over the books: filter, order, page, project.

use super::books::Books;
use super::kind::Kind;
use super::query::{Condition, Operator, Query, Select};
use super::refusal::Refusal;
use super::value::{Object, at, decimal, moment};
use serde_json::{Map, Value, json};
use std::cmp::Ordering;

/// Properties that any entity can be filtered and sorted by.
const ALWAYS: &[&str] = &["Id", "MetaData.LastUpdatedTime", "MetaData.CreateTime"];

/// The `QueryResponse` of a statement.
pub fn run(books: &Books, query: &Query) -> Result<Value, Refusal> {
    if let Some(single) = books.single(&query.entity) {
        let (name, object) = single;
        return Ok(json!({ name: [object], "startPosition": 1, "maxResults": 1 }));
    }
    let kind = Kind::named(&query.entity)
        .ok_or_else(|| Refusal::query_invalid(format!("metadata not found for Entity {}", query.entity)))?;
    check(kind, query)?;
    let mut rows: Vec<&Object> = books.all(kind).filter(|row| keeps(kind, query, row)).collect();
    rows.sort_by(|a, b| ordered(query, a, b));
    if query.select == Select::Count {
        return Ok(json!({ "totalCount": rows.len() }));
    }
    let page: Vec<Value> = rows
        .into_iter()
        .skip(query.start - 1)
        .take(query.rows)
        .map(|row| Value::Object(project(kind, &query.select, row)))
        .collect();
    // Only what is shown is worked on.
    if query.select != Select::Fields(vec!["Id".to_owned()]) {
        books.shows_well(kind, &page)?;
    }
    let mut answer = Map::new();
    if !page.is_empty() {
        answer.insert("startPosition".into(), json!(query.start));
        answer.insert("maxResults".into(), json!(page.len()));
        answer.insert(kind.name().into(), Value::Array(page));
    }
    Ok(Value::Object(answer))
}

fn check(kind: Kind, query: &Query) -> Result<(), Refusal> {
    let used = query.conditions.iter().map(|c| &c.property).chain(query.order.iter().map(|(p, _)| p));
    for property in used {
        let first = property.split('.').next().unwrap_or_default();
        let known = ALWAYS.contains(&property.as_str()) || kind.filterable().contains(&first);
        if known {
            continue;
        }
        let why = if kind.knows(first) { "not queryable" } else { "not found" };
        return Err(Refusal::query_invalid(format!("Property {property} {why} for Entity {}", kind.name())));
    }
    if let Select::Fields(fields) | Select::All(fields) = &query.select
        && let Some(unknown) = fields.iter().find(|f| !kind.knows(f.split('.').next().unwrap_or_default()))
    {
        return Err(Refusal::query_invalid(format!("Property {unknown} not found for Entity {}", kind.name())));
    }
    Ok(())
}

fn keeps(kind: Kind, query: &Query, row: &Object) -> bool {
    // Name lists hide inactive rows unless the query speaks of Active itself.
    let asked = query.conditions.iter().any(|c| c.property == "Active");
    let hidden = kind.is_list() && !asked && row.get("Active") == Some(&Value::Bool(false));
    !hidden && query.conditions.iter().all(|c| holds(c, row))
}

fn holds(condition: &Condition, row: &Object) -> bool {
    let Some(found) = property(row, &condition.property) else { return false };
    let compare = |value: &String| order_text(&found, value);
    let Some(first) = condition.values.first() else { return false };
    match condition.operator {
        Operator::Equal => compare(first) == Ordering::Equal,
        Operator::Less => compare(first) == Ordering::Less,
        Operator::Greater => compare(first) == Ordering::Greater,
        Operator::AtMost => compare(first) != Ordering::Greater,
        Operator::AtLeast => compare(first) != Ordering::Less,
        Operator::In => condition.values.iter().any(|v| compare(v) == Ordering::Equal),
        Operator::Like => like(&first.to_lowercase(), &found.to_lowercase()),
    }
}

/// The comparable text of a property: references by their id, addresses by their e-mail.
fn property(row: &Object, path: &str) -> Option<String> {
    let value = at(row, path)?;
    let value = value.get("value").or_else(|| value.get("Address")).unwrap_or(value);
    match value {
        Value::String(s) => Some(s.clone()),
        Value::Number(n) => Some(n.to_string()),
        Value::Bool(b) => Some(b.to_string()),
        _ => None,
    }
}

fn order_text(a: &str, b: &str) -> Ordering {
    let numbers = || Some((decimal(&Value::from(a))?, decimal(&Value::from(b))?));
    if let Some((a, b)) = numbers() {
        return a.cmp(&b);
    }
    // Only full time stamps are compared as moments; plain dates order correctly as text.
    if a.contains('T')
        && let (Some(a), Some(b)) = (moment(a), moment(b))
    {
        return a.cmp(&b);
    }
    a.to_lowercase().cmp(&b.to_lowercase())
}

/// `%` matches any run of characters; nothing else is special.
fn like(pattern: &str, text: &str) -> bool {
    match pattern.split_once('%') {
        None => pattern == text,
        Some((head, rest)) => text.strip_prefix(head).is_some_and(|tail| {
            tail.char_indices().map(|(i, _)| i).chain([tail.len()]).any(|i| like(rest, &tail[i..]))
        }),
    }
}

fn ordered(query: &Query, a: &Object, b: &Object) -> Ordering {
    for (path, descending) in &query.order {
        let found = match (property(a, path), property(b, path)) {
            (Some(a), Some(b)) => order_text(&a, &b),
            (None, None) => Ordering::Equal,
            (None, Some(_)) => Ordering::Less,
            (Some(_), None) => Ordering::Greater,
        };
        let found = if *descending { found.reverse() } else { found };
        if found != Ordering::Equal {
            return found;
        }
    }
    // Without ORDERBY rows come in the order of their ids.
    Ordering::Equal
}

fn project(kind: Kind, select: &Select, row: &Object) -> Object {
    match select {
        Select::All(extra) => {
            let mut row = Books::shown(row);
            // `Sku` is answered only when it is named.
            if kind == Kind::Item && !extra.iter().any(|f| f == "Sku") {
                row.remove("Sku");
            }
            row
        }
        Select::Fields(fields) => {
            let mut out = Object::new();
            for field in fields {
                let first = field.split('.').next().unwrap_or_default();
                if let Some(value) = row.get(first) {
                    out.insert(first.to_owned(), value.clone());
                }
            }
            out.insert("domain".into(), json!("QBO"));
            out.insert("sparse".into(), json!(true));
            out
        }
        Select::Count => Object::new(),
    }
}
