//! The accounting API: paths, repeated requests, and the answers' envelopes.

use super::books::Books;
use super::gate;
use super::kind::Kind;
use super::refusal::Refusal;
use super::value::{Object, answer_time, at, moment, stamp, text};
use super::write::{self, Wish};
use super::{query, select};
use crate::{Effect, World};
use axum::Json;
use axum::extract::{Path, RawQuery, State};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use chrono::{DateTime, Duration, Utc};
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// Items in one batch.
const BATCH_ITEMS: usize = 30;
/// Longest `requestid`, and longest for a batch.
const REQUEST_ID: usize = 50;
const BATCH_REQUEST_ID: usize = 36;
/// Longest `bId` beside a `requestid`.
const BATCH_ITEM_ID: usize = 10;
/// Entities that change data capture does not know.
const NO_CDC: &[Kind] = &[Kind::TaxCode];

/// One request to the company, past the gateway.
struct Call<'a> {
    method: &'a Method,
    path: Vec<&'a str>,
    query: BTreeMap<String, String>,
    body: &'a [u8],
    now: DateTime<Utc>,
    cdc_cap: usize,
}

impl Call<'_> {
    fn parameter(&self, name: &str) -> Option<&str> {
        self.query.get(name).map(String::as_str).filter(|v| !v.is_empty())
    }
}

/// What the company answers.
struct Answer {
    body: Value,
    effect: Option<Effect>,
}

impl Answer {
    fn read(body: Value) -> Self {
        Self { body, effect: None }
    }

    fn wrote(body: Value) -> Self {
        Self { body, effect: Some(Effect::Applied) }
    }
}

/// Every path below `/v3/company/{realm}`.
pub async fn company(
    State(world): State<World>,
    Path((realm, rest)): Path<(String, String)>,
    method: Method,
    RawQuery(raw): RawQuery,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let query = url::form_urlencoded::parse(raw.unwrap_or_default().as_bytes()).into_owned().collect();
    let limits = world.options().limits;
    let mut response = world.write(|s, now| {
        if let Err(refused) = gate::pass(s, &headers, &realm, rest == "batch", limits, now) {
            return *refused;
        }
        let cdc_cap = s.quickbooks.knobs.cdc_cap;
        let ended = s.quickbooks.knobs.subscription_ended;
        let call = Call { method: &method, path: rest.split('/').collect(), query, body: &body, now, cdc_cap };
        if call.path.len() == 3 && call.path[2] == "pdf" {
            return pdf(&s.quickbooks.books, &call);
        }
        let result = answer(&mut s.quickbooks.books, &call, ended);
        envelope(result, now)
    });
    let trace = world.write(|s, _| s.next_id("qb_tid"));
    if let Ok(value) = HeaderValue::from_str(&format!("1-6a0b{trace:08x}-sim")) {
        response.headers_mut().insert("intuit_tid", value);
    }
    response
}

fn envelope(result: Result<Answer, Refusal>, now: DateTime<Utc>) -> Response {
    let content = [(header::CONTENT_TYPE, "application/json;charset=UTF-8")];
    match result {
        Ok(mut answer) => {
            // A stored answer keeps the time of the first.
            if let Some(body) = answer.body.as_object_mut() {
                body.entry("time").or_insert_with(|| json!(answer_time(now)));
            }
            let mut response = (content, Json(answer.body)).into_response();
            if let Some(effect) = answer.effect {
                response.extensions_mut().insert(effect);
            }
            response
        }
        Err(refusal) => {
            let body = json!({ "Fault": refusal.body(), "time": answer_time(now) });
            (StatusCode::BAD_REQUEST, content, Json(body)).into_response()
        }
    }
}

fn answer(books: &mut Books, call: &Call, ended: bool) -> Result<Answer, Refusal> {
    let get = call.method == Method::GET;
    match (call.path.as_slice(), get) {
        (["query"], _) => {
            let posted = std::str::from_utf8(call.body).unwrap_or_default();
            let statement = if get { call.parameter("query").unwrap_or_default() } else { posted };
            Ok(Answer::read(json!({ "QueryResponse": select::run(books, &query::parse(statement)?)? })))
        }
        (["cdc"], true) => {
            let entities = call.parameter("entities").ok_or_else(|| Refusal::missing("entities"))?;
            let since = call.parameter("changedSince").ok_or_else(|| Refusal::missing("changedSince"))?;
            Ok(Answer::read(json!({ "CDCResponse": [changes(books, entities, since, call)?] })))
        }
        (["companyinfo", _], true) => Ok(Answer::read(json!({ "CompanyInfo": Books::shown(&books.company) }))),
        (["preferences"], true) => Ok(Answer::read(json!({ "Preferences": Books::shown(&books.preferences) }))),
        (["batch"], false) => batch(books, call, ended),
        ([entity], false) => single(books, kind(entity)?, call, ended),
        ([entity, id], true) => {
            let kind = kind(entity)?;
            let (_, object) = books.find(kind, id)?;
            Ok(Answer::read(json!({ kind.name(): Books::shown(object) })))
        }
        ([entity, id, "send"], false) => send(books, kind(entity)?, id, call),
        _ => Err(unsupported(&call.path.join("/"))),
    }
}

fn unsupported(what: &str) -> Refusal {
    let detail = format!("Operation {what} is not supported.");
    Refusal { code: "500", message: "Unsupported Operation", detail, ..Refusal::business("") }
}

fn kind(segment: &str) -> Result<Kind, Refusal> {
    Kind::of_path(segment).ok_or_else(|| unsupported(segment))
}

fn parsed(body: &[u8]) -> Result<Object, Refusal> {
    match serde_json::from_slice(body) {
        Ok(Value::Object(object)) => Ok(object),
        _ => Err(Refusal::unsupported_property("failed to parse json object; a property")),
    }
}

fn single(books: &mut Books, kind: Kind, call: &Call, ended: bool) -> Result<Answer, Refusal> {
    let key = call.parameter("requestid").map(str::to_owned);
    if let Some(key) = &key {
        if key.chars().count() > REQUEST_ID {
            return Err(Refusal::bad_request_id(REQUEST_ID, key.chars().count()));
        }
        // The first answer is given again even when the object has been deleted since.
        if let Some(first) = books.replies.get(key) {
            return Ok(Answer { body: first.clone(), effect: Some(Effect::Replayed) });
        }
    }
    if ended {
        return Err(Refusal::subscription());
    }
    let includes: Vec<&str> = call.parameter("include").unwrap_or_default().split(',').collect();
    let operation = call.parameter("operation").unwrap_or_default();
    let wish = Wish {
        delete: operation == "delete",
        void: operation == "void" || includes.contains(&"void"),
        duplicate_number: includes.contains(&"allowduplicatedocnum"),
    };
    let object = write::apply(books, kind, wish, &parsed(call.body)?, call.now)?;
    let body = json!({ kind.name(): object, "time": answer_time(call.now) });
    if let Some(key) = key {
        books.replies.insert(key, body.clone());
    }
    Ok(Answer::wrote(body))
}

fn batch(books: &mut Books, call: &Call, ended: bool) -> Result<Answer, Refusal> {
    let body = parsed(call.body)?;
    let items = body.get("BatchItemRequest").and_then(Value::as_array).filter(|i| !i.is_empty());
    let items = items.ok_or_else(|| Refusal::business("Batch Request is Empty"))?;
    if items.len() > BATCH_ITEMS {
        return Err(Refusal::batch_too_large(BATCH_ITEMS));
    }
    let key = call.parameter("requestid");
    if let Some(key) = key {
        let longest = items.iter().filter_map(|i| i.get("bId")?.as_str()).map(str::len).max().unwrap_or_default();
        if key.len() > BATCH_REQUEST_ID || longest > BATCH_ITEM_ID {
            return Err(Refusal::bad_request_id(BATCH_REQUEST_ID, key.len()));
        }
    }
    let mut answers = Vec::new();
    let mut effect = None;
    for item in items.iter().filter_map(Value::as_object) {
        let id = text(item, "bId").unwrap_or_default();
        // Request id and item id together name the item.
        let key = key.map(|k| format!("{k}/{id}"));
        if let Some(first) = key.as_ref().and_then(|k| books.replies.get(k)) {
            answers.push(first.clone());
            effect = effect.or(Some(Effect::Replayed));
            continue;
        }
        let mut answer = match batch_item(books, item, call, ended) {
            Ok((answer, wrote)) => {
                effect = if wrote { Some(Effect::Applied) } else { effect };
                answer
            }
            Err(refusal) => json!({ "Fault": refusal.body() }),
        };
        answer["bId"] = json!(id);
        if let Some(key) = key.filter(|_| answer.get("Fault").is_none()) {
            books.replies.insert(key, answer.clone());
        }
        answers.push(answer);
    }
    Ok(Answer { body: json!({ "BatchItemResponse": answers }), effect })
}

fn batch_item(books: &mut Books, item: &Object, call: &Call, ended: bool) -> Result<(Value, bool), Refusal> {
    if let Some(statement) = text(item, "Query") {
        return Ok((json!({ "QueryResponse": select::run(books, &query::parse(statement)?)? }), false));
    }
    if let Some(asked) = item.get("CDCQuery").and_then(Value::as_object) {
        let entities = text(asked, "entities").or_else(|| text(asked, "Entities")).unwrap_or_default();
        let since = text(asked, "changedSince").or_else(|| text(asked, "ChangedSince")).unwrap_or_default();
        return Ok((json!({ "CDCResponse": [changes(books, entities, since, call)?] }), false));
    }
    if ended {
        return Err(Refusal::subscription());
    }
    let found = item.iter().find_map(|(k, v)| Some((Kind::named(k)?, v.as_object()?)));
    let (kind, body) = found.ok_or_else(|| Refusal::missing("BatchItemRequest"))?;
    let operation = text(item, "operation").unwrap_or_default();
    let options = text(item, "optionsData").unwrap_or_default();
    if !["create", "update", "delete", "void"].contains(&operation) {
        return Err(Refusal::bad_choice("operation", operation));
    }
    let wish = Wish {
        delete: operation == "delete",
        void: operation == "void" || options == "void",
        duplicate_number: options == "allowduplicatedocnum",
    };
    Ok((json!({ kind.name(): write::apply(books, kind, wish, body, call.now)? }), true))
}

/// Change data capture: 30 days back, a capped number of objects and no cursor.
fn changes(books: &Books, entities: &str, since: &str, call: &Call) -> Result<Value, Refusal> {
    let from = moment(since).ok_or_else(|| Refusal::bad_date("changedSince", since))?;
    if call.now - from > Duration::days(30) {
        let detail = "changedSince can be at most 30 days ago.";
        return Err(Refusal { detail: detail.to_owned(), ..Refusal::bad_date("changedSince", since) });
    }
    let mut left = call.cdc_cap;
    let mut responses = Vec::new();
    for name in entities.split(',').map(str::trim) {
        let kind = Kind::named(name).filter(|k| !NO_CDC.contains(k));
        let kind = kind.ok_or_else(|| Refusal::query_invalid(format!("Entity {name} is not supported for CDC")))?;
        let found: Vec<Value> = books.changed_since(kind, from).into_iter().take(left).map(|(_, v)| v).collect();
        books.shows_well(kind, &found)?;
        left -= found.len();
        let mut response = Map::new();
        if !found.is_empty() {
            response.insert("startPosition".into(), json!(1));
            response.insert("maxResults".into(), json!(found.len()));
            response.insert("totalCount".into(), json!(found.len()));
            response.insert(kind.name().into(), Value::Array(found));
        }
        responses.push(Value::Object(response));
    }
    Ok(json!({ "QueryResponse": responses }))
}

fn send(books: &mut Books, kind: Kind, id: &str, call: &Call) -> Result<Answer, Refusal> {
    let (number, object) = books.find(kind, id)?;
    let mut object = object.clone();
    let default = at(&object, "BillEmail.Address").and_then(Value::as_str).map(str::to_owned);
    let Some(address) = call.parameter("sendTo").map(str::to_owned).or(default) else {
        let detail = "An email address is required to send this transaction.";
        return Err(Refusal { code: "6420", message: "Email address required", ..Refusal::business(detail) });
    };
    object.insert("BillEmail".into(), json!({ "Address": address }));
    object.insert("EmailStatus".into(), json!("EmailSent"));
    object.insert("DeliveryInfo".into(), json!({ "DeliveryType": "Email", "DeliveryTime": stamp(call.now) }));
    books.replace(kind, number, object, call.now);
    Ok(Answer::wrote(json!({ kind.name(): books.get(kind, number).map(Books::shown) })))
}

fn pdf(books: &Books, call: &Call) -> Response {
    let found = kind(call.path[0]).and_then(|kind| books.find(kind, call.path[1]).map(|(_, o)| o));
    match found {
        Ok(object) => {
            let number = text(object, "DocNumber").unwrap_or_default();
            let page = format!("%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\n% {number}\ntrailer<</Root 1 0 R>>\n%%EOF\n");
            ([(header::CONTENT_TYPE, "application/pdf")], page).into_response()
        }
        Err(refusal) => envelope(Err(refusal), call.now),
    }
}
