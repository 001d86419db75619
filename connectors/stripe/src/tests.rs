//! The connector against a small shelf of objects that lists as Stripe does: newest first, by time and by position.

mod account;
mod money;
mod pages;

use super::*;
use backroom_money::{Currency, Money};
use bytes::Bytes;
use chrono::{DateTime, Utc};
use connector_contract::record::Charge;
use connector_contract::{
    Content, Cursor, Environment, FakeClock, MemorySecrets, Mode, Pulled, Record, RemoteId, Secret, SecretStore,
};
use connector_http::{ExchangeError, Limits};
use http::{Request, Response};
use parking_lot::Mutex;
use serde_json::{Value, json};
use std::collections::BTreeMap;

pub(super) const T0: i64 = 1_794_000_000;
pub(super) const DAY: i64 = 86_400;

/// Answers lists from what lies on it, and objects by id. Keeps every request.
#[derive(Default)]
pub(super) struct Shelf {
    lists: Mutex<BTreeMap<&'static str, Vec<Value>>>,
    requests: Mutex<Vec<String>>,
    page: Mutex<Option<usize>>,
    /// Stripe's clock, in unix seconds; `None` shows none.
    pub clock: Mutex<Option<i64>>,
    /// Bodies of lists as they are, to the letter.
    pub raw: Mutex<BTreeMap<String, String>>,
    /// A page of more rows than this is too large to be read.
    readable: Mutex<Option<usize>>,
    /// Paths that answer with a status and a body instead.
    refusals: Mutex<BTreeMap<String, (u16, String)>>,
}

impl Shelf {
    pub fn put(&self, path: &'static str, object: Value) {
        self.lists.lock().entry(path).or_default().push(object);
    }

    pub fn event(&self, id: &str, kind: &str, created: i64, version: &str, object: Value) {
        self.put(
            "/v1/events",
            json!({"id": id, "object": "event", "type": kind, "created": created, "api_version": version,
                   "data": {"object": object}, "livemode": false, "pending_webhooks": 0, "request": null}),
        );
    }

    fn refuse(&self, path: &str, status: u16, body: &str) {
        self.refusals.lock().insert(path.to_owned(), (status, body.to_owned()));
    }

    fn asked(&self, path: &str) -> Vec<String> {
        self.requests.lock().iter().filter(|line| line.split('?').next() == Some(path)).cloned().collect()
    }

    fn list(&self, path: &str, query: &BTreeMap<String, String>) -> (u16, Value) {
        let lists = self.lists.lock();
        let number = |name: &str| query.get(name).and_then(|text| text.parse::<i64>().ok());
        let created = |object: &Value| object["created"].as_i64().unwrap();
        let belongs = |object: &&Value| {
            number("created[gte]").is_none_or(|from| created(object) >= from)
                && number("created[lte]").is_none_or(|until| created(object) <= until)
                && query.get("payout").is_none_or(|payout| object["test_payout"] == payout.as_str())
                && query.get("charge").is_none_or(|charge| object["charge"] == charge.as_str())
        };
        let mut rows: Vec<&Value> = lists.get(path).into_iter().flatten().filter(belongs).collect();
        // Stable: within one second, what was put last is listed first.
        rows.reverse();
        rows.sort_by_key(|object| std::cmp::Reverse(created(object)));
        if let Some(after) = query.get("starting_after") {
            let Some(at) = rows.iter().position(|row| row["id"] == after.as_str()) else {
                return (400, serde_json::from_str(include_str!("../fixtures/error_400_aged_out.json")).unwrap());
            };
            rows.drain(..=at);
        }
        let asked = number("limit").and_then(|limit| usize::try_from(limit).ok()).unwrap_or(10);
        let page = self.page.lock().unwrap_or(100).min(asked);
        let more = rows.len() > page;
        rows.truncate(page);
        (200, json!({"object": "list", "data": rows, "has_more": more, "url": path}))
    }

    fn answer(&self, path: &str, query: &BTreeMap<String, String>) -> (u16, Value) {
        if let Some((status, body)) = self.refusals.lock().get(path) {
            return (*status, serde_json::from_str(body).unwrap());
        }
        if path == "/v1/account" {
            return (200, serde_json::from_str(include_str!("../fixtures/account.json")).unwrap());
        }
        if path.matches('/').count() == 2 {
            return self.list(path, query);
        }
        let id = path.rsplit('/').next().unwrap();
        let lists = self.lists.lock();
        let mut found = lists.iter().filter(|(path, _)| **path != "/v1/events").flat_map(|(_, rows)| rows);
        match found.rfind(|row| row["id"] == id) {
            Some(object) => (200, object.clone()),
            None => (404, json!({"error": {"type": "invalid_request_error", "code": "resource_missing"}})),
        }
    }
}

#[async_trait::async_trait]
impl Exchange for Shelf {
    async fn exchange(&self, request: Request<Bytes>, _: Limits) -> Result<Response<Bytes>, ExchangeError> {
        let url = url::Url::parse(&request.uri().to_string()).unwrap();
        assert_eq!(request.headers()["stripe-version"], "2026-10-28.endive", "on every call");
        let query = url.query_pairs().map(|(name, value)| (name.into_owned(), value.into_owned())).collect();
        self.requests.lock().push(format!("{}?{}", url.path(), url.query().unwrap_or_default()));
        let (status, body) = self.answer(url.path(), &query);
        let rows = body["data"].as_array().map_or(0, Vec::len);
        if self.readable.lock().is_some_and(|most| rows > most) {
            return Err(ExchangeError::TooLarge);
        }
        let raw = self.raw.lock().get(url.path()).cloned();
        let body = Bytes::from(raw.unwrap_or_else(|| body.to_string()));
        let mut response = Response::builder().status(status).header("content-type", "application/json");
        if let Some(now) = *self.clock.lock() {
            response = response.header("date", at(now).to_rfc2822());
        }
        Ok(response.body(body).unwrap())
    }
}

fn connector(shelf: &Arc<Shelf>, key: &str, account_id: Option<&str>) -> Arc<dyn Connector> {
    connector_at(shelf, key, account_id, DateTime::UNIX_EPOCH)
}

/// With our clock at this moment.
pub(super) fn connector_at(
    shelf: &Arc<Shelf>,
    key: &str,
    account_id: Option<&str>,
    ours: DateTime<Utc>,
) -> Arc<dyn Connector> {
    let secrets = MemorySecrets::default();
    secrets.set("secret_key", &Secret::new(key)).unwrap();
    (vendor(shelf.clone()).open)(ConnectionConfig {
        environment: Environment::Production,
        account_id: account_id.map(str::to_owned),
        endpoints: BTreeMap::new(),
        settings: BTreeMap::new(),
        secrets: Arc::new(secrets),
        clock: Arc::new(FakeClock::at(ours)),
    })
}

pub(super) fn at(unix: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(unix, 0).unwrap()
}

/// Pulls one stream to its end, as a run does.
pub(super) async fn pull_all(
    shelf: &Arc<Shelf>,
    stream: Stream,
    mut cursor: Option<Cursor>,
    now: i64,
) -> (Vec<Pulled>, Option<Cursor>) {
    let stripe = connector_at(shelf, "rk_test_abcd1234", None, at(now));
    let mut records = Vec::new();
    for _ in 0..500 {
        let page = stripe.pull(PullRequest { stream, cursor, now: at(now) }).await.unwrap();
        records.extend(page.records);
        cursor = Some(page.next);
        if !page.more {
            return (records, cursor);
        }
    }
    panic!("the stream never ends");
}

/// A shelf that was read whole at `T0`, and the cursor.
pub(super) async fn followed(shelf: &Arc<Shelf>) -> Option<Cursor> {
    pull_all(shelf, EVENTS, None, T0).await.1
}

pub(super) fn charge_object(id: &str, created: i64, refunded: i64) -> Value {
    json!({"id": id, "object": "charge", "amount": 2900, "amount_refunded": refunded, "currency": "usd",
           "created": created, "captured": true, "paid": true, "status": "succeeded", "metadata": {},
           "balance_transaction": null})
}

fn row(id: &str, created: i64) -> Value {
    json!({"id": id, "object": "balance_transaction", "amount": -86, "fee": 0, "net": -86, "currency": "usd",
           "created": created, "type": "stripe_fee", "reporting_category": "fee", "source": null})
}

/// What a data file would hold after applying the records in order.
fn applied(records: &[Pulled]) -> BTreeMap<String, Option<Record>> {
    let state = |pulled: &Pulled| match &pulled.content {
        Content::Present(record) => Some(record.as_ref().clone()),
        _ => None,
    };
    records.iter().map(|pulled| (pulled.remote_id.0.clone(), state(pulled))).collect()
}

fn charge(records: &[Pulled], id: &str) -> Charge {
    match applied(records).remove(id) {
        Some(Some(Record::Charge(charge))) => charge,
        other => panic!("{id}: {other:?}"),
    }
}

fn ids(records: &[Pulled]) -> Vec<&str> {
    records.iter().map(|pulled| pulled.remote_id.0.as_str()).collect()
}

#[tokio::test]
async fn the_first_load_lists_everything_page_by_page_and_then_follows_events() {
    let shelf = Arc::new(Shelf::default());
    *shelf.page.lock() = Some(2);
    for n in 0..5 {
        shelf.put("/v1/charges", charge_object(&format!("ch_{n}"), T0 - n * DAY, 0));
    }
    shelf.put("/v1/charges", charge_object("ch_ancient", T0 - 91 * DAY, 0));
    shelf.put(
        "/v1/refunds",
        json!({"id": "re_1", "object": "refund", "amount": 100, "currency": "usd",
                                    "created": T0 - DAY, "charge": "ch_1", "status": "succeeded"}),
    );
    let (records, _) = pull_all(&shelf, EVENTS, None, T0).await;
    assert_eq!(ids(&records), ["ch_1", "ch_0", "ch_3", "ch_2", "ch_4", "re_1"], "pages in order, 90 days back");
    assert_eq!(shelf.asked("/v1/charges").len(), 3);
    assert_eq!(shelf.asked("/v1/disputes").len(), 1);
    assert!(shelf.asked("/v1/events")[0].contains(&format!("created%5Bgte%5D={}", T0 - 600)));
}

#[tokio::test]
async fn what_changed_while_the_lists_were_read_is_found_through_events() {
    let shelf = Arc::new(Shelf::default());
    shelf.put("/v1/charges", charge_object("ch_1", T0 - 50, 0));
    let stripe = connector(&shelf, "rk_test_abcd1234", None);
    let page = stripe.pull(PullRequest { stream: EVENTS, cursor: None, now: at(T0) }).await.unwrap();
    assert!(page.more);
    shelf.event("evt_r", "charge.updated", T0 + 5, "2026-10-28.endive", charge_object("ch_1", T0 - 50, 500));
    let (records, _) = pull_all(&shelf, EVENTS, Some(page.next), T0 + 3600).await;
    assert_eq!(charge(&records, "ch_1").refunded, Money::from_minor(500, Currency::USD));
}

#[tokio::test]
async fn events_of_old_and_new_versions_are_read_alike() {
    let shelf = Arc::new(Shelf::default());
    let cursor = followed(&shelf).await;
    let old: Value = serde_json::from_str(include_str!("../fixtures/charge_2022.json")).unwrap();
    let new: Value = serde_json::from_str(include_str!("../fixtures/charge.json")).unwrap();
    shelf.event("evt_old", "charge.succeeded", T0 + 10, "2022-11-15", old);
    shelf.event("evt_new", "charge.succeeded", T0 + 20, "2026-10-28.endive", new);
    shelf.event(
        "evt_other",
        "customer.created",
        T0 + 21,
        "2025-02-24.acacia",
        json!({"id": "cus_1", "object": "customer"}),
    );
    let (records, _) = pull_all(&shelf, EVENTS, cursor, T0 + 900).await;
    assert_eq!(ids(&records), ["ch_2OldShape", "ch_3QaCard"]);
    assert_eq!(records[0].updated_at, Some(at(T0 + 10)));
    assert_eq!(charge(&records, "ch_2OldShape").balance_entry, Some(RemoteId("txn_2OldShape".into())));
}

#[tokio::test]
async fn an_event_that_appears_late_inside_the_overlap_is_found() {
    let shelf = Arc::new(Shelf::default());
    let mut cursor = followed(&shelf).await;
    shelf.event("evt_a", "charge.succeeded", T0 + 500, "2026-10-28.endive", charge_object("ch_a", T0 + 500, 0));
    (_, cursor) = pull_all(&shelf, EVENTS, cursor, T0 + 520).await;
    // Made before the one that was read, listed only after it.
    shelf.event("evt_late", "charge.succeeded", T0 + 470, "2026-10-28.endive", charge_object("ch_late", T0 + 470, 0));
    let (records, _) = pull_all(&shelf, EVENTS, cursor, T0 + 900).await;
    assert!(ids(&records).contains(&"ch_late"), "{:?}", ids(&records));
}

#[tokio::test]
async fn a_burst_within_one_second_is_read_whole_over_many_pages() {
    let shelf = Arc::new(Shelf::default());
    let cursor = followed(&shelf).await;
    for n in 0..250 {
        let id = format!("ch_{n}");
        shelf.event(
            &format!("evt_{n}"),
            "charge.succeeded",
            T0 + 100,
            "2026-10-28.endive",
            charge_object(&id, T0 + 100, 0),
        );
    }
    let (records, cursor) = pull_all(&shelf, EVENTS, cursor, T0 + 900).await;
    assert_eq!(applied(&records).len(), 250);
    let follow_ups = shelf.asked("/v1/events").iter().filter(|line| line.contains("starting_after")).count();
    assert_eq!(follow_ups, 2);
    assert!(!cursor.unwrap().0.contains("ch_"), "nothing of the window is carried on");
}

#[tokio::test]
async fn the_newest_state_wins_even_when_older_ones_come_on_later_pages() {
    let shelf = Arc::new(Shelf::default());
    let cursor = followed(&shelf).await;
    *shelf.page.lock() = Some(2);
    for (n, refunded) in [(0, 0), (1, 100), (2, 200), (3, 300), (4, 400)] {
        let object = charge_object("ch_1", T0, refunded);
        shelf.event(&format!("evt_{n}"), "charge.updated", T0 + 60 + n, "2026-10-28.endive", object);
    }
    let (records, _) = pull_all(&shelf, EVENTS, cursor, T0 + 900).await;
    assert_eq!(records.len(), 1, "one state per object");
    assert_eq!(charge(&records, "ch_1").refunded.minor(), 400);
}

#[tokio::test]
async fn two_states_of_one_second_are_settled_by_asking_for_the_object() {
    let shelf = Arc::new(Shelf::default());
    let cursor = followed(&shelf).await;
    let truth = charge_object("ch_1", T0, 700);
    shelf.put("/v1/charges", truth.clone());
    shelf.event("evt_2", "charge.updated", T0 + 60, "2026-10-28.endive", truth);
    shelf.event("evt_1", "charge.succeeded", T0 + 60, "2026-10-28.endive", charge_object("ch_1", T0, 0));
    let (records, _) = pull_all(&shelf, EVENTS, cursor, T0 + 900).await;
    assert_eq!(shelf.asked("/v1/charges/ch_1").len(), 1);
    assert_eq!(charge(&records, "ch_1").refunded.minor(), 700);
}

#[tokio::test]
async fn two_states_of_one_second_on_two_pages_are_settled_too() {
    let shelf = Arc::new(Shelf::default());
    let cursor = followed(&shelf).await;
    *shelf.page.lock() = Some(1);
    let truth = charge_object("ch_1", T0, 700);
    shelf.put("/v1/charges", truth.clone());
    shelf.event("evt_2", "charge.updated", T0 + 60, "2026-10-28.endive", truth);
    shelf.event("evt_1", "charge.succeeded", T0 + 60, "2026-10-28.endive", charge_object("ch_1", T0, 0));
    let (records, _) = pull_all(&shelf, EVENTS, cursor, T0 + 900).await;
    assert_eq!(charge(&records, "ch_1").refunded.minor(), 700);
}

#[tokio::test]
async fn a_later_event_brings_the_fee_that_was_unknown_at_first() {
    let shelf = Arc::new(Shelf::default());
    let cursor = followed(&shelf).await;
    shelf.event("evt_1", "charge.succeeded", T0 + 10, "2026-10-28.endive", charge_object("ch_1", T0 + 10, 0));
    let (records, cursor) = pull_all(&shelf, EVENTS, cursor, T0 + 60).await;
    assert_eq!(charge(&records, "ch_1").balance_entry, None);
    let mut settled = charge_object("ch_1", T0 + 10, 0);
    settled["balance_transaction"] = "txn_1".into();
    shelf.event("evt_2", "charge.updated", T0 + 1800, "2026-10-28.endive", settled);
    let (records, _) = pull_all(&shelf, EVENTS, cursor, T0 + 3600).await;
    assert_eq!(charge(&records, "ch_1").balance_entry, Some(RemoteId("txn_1".into())));
}

#[tokio::test]
async fn the_hint_of_an_old_account_leads_to_the_refund() {
    let shelf = Arc::new(Shelf::default());
    let cursor = followed(&shelf).await;
    shelf.event("evt_1", "charge.refunded", T0 + 10, "2022-11-15", charge_object("ch_1", T0 - DAY, 500));
    shelf.put(
        "/v1/refunds",
        json!({"id": "re_1", "object": "refund", "amount": 500, "currency": "usd",
                                    "created": T0 + 10, "charge": "ch_1", "status": "succeeded"}),
    );
    let (records, _) = pull_all(&shelf, EVENTS, cursor, T0 + 900).await;
    assert_eq!(ids(&records), ["ch_1", "re_1"]);
}

#[tokio::test]
async fn no_question_is_asked_where_the_refund_tells_itself() {
    let shelf = Arc::new(Shelf::default());
    let cursor = followed(&shelf).await;
    let asked = shelf.asked("/v1/refunds").len();
    let refund = json!({"id": "re_1", "object": "refund", "amount": 500, "currency": "usd", "created": T0 + 10,
                        "charge": "ch_1", "status": "succeeded"});
    shelf.event("evt_1", "refund.created", T0 + 10, "2026-10-28.endive", refund);
    shelf.event("evt_2", "charge.refunded", T0 + 10, "2026-10-28.endive", charge_object("ch_1", T0 - DAY, 500));
    let (records, _) = pull_all(&shelf, EVENTS, cursor, T0 + 900).await;
    assert_eq!(ids(&records), ["ch_1", "re_1"], "the charge before its refund");
    assert_eq!(shelf.asked("/v1/refunds").len(), asked);
}

#[tokio::test]
async fn a_position_that_aged_out_in_the_middle_of_a_window_starts_the_window_again() {
    let shelf = Arc::new(Shelf::default());
    let cursor = followed(&shelf).await;
    *shelf.page.lock() = Some(1);
    shelf.event("evt_1", "charge.succeeded", T0 + 10, "2026-10-28.endive", charge_object("ch_1", T0 + 10, 0));
    shelf.event("evt_2", "charge.succeeded", T0 + 20, "2026-10-28.endive", charge_object("ch_2", T0 + 20, 0));
    let stripe = connector(&shelf, "rk_test_abcd1234", None);
    let page = stripe.pull(PullRequest { stream: EVENTS, cursor, now: at(T0 + 60) }).await.unwrap();
    assert_eq!(ids(&page.records), ["ch_2"]);
    shelf.lists.lock().get_mut("/v1/events").unwrap().retain(|event| event["id"] != "evt_2");
    let (records, _) = pull_all(&shelf, EVENTS, Some(page.next), T0 + 60).await;
    assert_eq!(ids(&records), ["ch_1"]);
}

#[tokio::test]
async fn after_a_month_of_silence_the_lists_are_read_again_from_where_it_stopped() {
    let shelf = Arc::new(Shelf::default());
    let cursor = followed(&shelf).await;
    shelf.put("/v1/charges", charge_object("ch_gap", T0 + 10, 0));
    let now = T0 + 200 * DAY;
    let (records, cursor) = pull_all(&shelf, EVENTS, cursor, now).await;
    assert_eq!(ids(&records), ["ch_gap"]);
    let asked = shelf.asked("/v1/events").len();
    let (_, _) = pull_all(&shelf, EVENTS, cursor, now + 60).await;
    assert_eq!(shelf.asked("/v1/events").len(), asked + 1, "and then events again");
}

#[tokio::test]
async fn a_pause_of_a_week_is_read_a_day_at_a_time_oldest_first() {
    let shelf = Arc::new(Shelf::default());
    let cursor = followed(&shelf).await;
    for (n, refunded) in [(1, 0), (3, 100), (6, 300)] {
        let object = charge_object("ch_1", T0 + DAY, refunded);
        shelf.event(&format!("evt_{n}"), "charge.updated", T0 + n * DAY, "2026-10-28.endive", object);
    }
    let before = shelf.asked("/v1/events").len();
    let (records, _) = pull_all(&shelf, EVENTS, cursor, T0 + 7 * DAY).await;
    assert_eq!(charge(&records, "ch_1").refunded.minor(), 300);
    assert!((7..=8).contains(&(shelf.asked("/v1/events").len() - before)));
}

#[tokio::test]
async fn a_clock_that_was_ahead_for_a_while_hides_nothing() {
    let shelf = Arc::new(Shelf::default());
    let cursor = pull_all(&shelf, EVENTS, None, T0 + 5 * DAY).await.1;
    shelf.event("evt_1", "charge.succeeded", T0 + 10, "2026-10-28.endive", charge_object("ch_1", T0 + 10, 0));
    let (records, _) = pull_all(&shelf, EVENTS, cursor, T0 + 60).await;
    assert_eq!(ids(&records), ["ch_1"]);
}

#[tokio::test]
async fn a_row_that_cannot_be_read_stands_alone() {
    let shelf = Arc::new(Shelf::default());
    let mut bad = row("txn_bad", T0 - 20);
    bad["currency"] = "zzz".into();
    shelf.put("/v1/balance_transactions", bad);
    shelf.put("/v1/balance_transactions", row("txn_good", T0 - 10));
    let (records, _) = pull_all(&shelf, BALANCE_ENTRIES, None, T0).await;
    assert!(matches!(&records[0].content, Content::Unreadable { reason, .. } if reason.contains("currency")));
    assert!(matches!(&records[1].content, Content::Present(_)));
}

#[tokio::test]
async fn pulling_the_same_page_again_gives_the_same_records() {
    let shelf = Arc::new(Shelf::default());
    let cursor = followed(&shelf).await;
    shelf.event("evt_1", "charge.succeeded", T0 + 10, "2026-10-28.endive", charge_object("ch_1", T0 + 10, 0));
    let (first, _) = pull_all(&shelf, EVENTS, cursor.clone(), T0 + 60).await;
    let (second, _) = pull_all(&shelf, EVENTS, cursor, T0 + 60).await;
    assert_eq!(first, second);
}

#[tokio::test]
async fn a_cursor_that_cannot_be_read_starts_the_stream_again() {
    let shelf = Arc::new(Shelf::default());
    let stripe = connector(&shelf, "rk_test_abcd1234", None);
    let cursor = Some(Cursor("{\"from\":\"another program\"}".into()));
    let error = stripe.pull(PullRequest { stream: EVENTS, cursor, now: at(T0) }).await.unwrap_err();
    assert_eq!(error, ConnectorError::CursorExpired);
}
