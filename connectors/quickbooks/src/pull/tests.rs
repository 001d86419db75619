//! Reading, against a scripted exchange: paging, handing over to changes, large windows.

use super::*;
use crate::testing::{METHODS, PREFERENCES, asked, connected, json, time};
use connector_contract::{Connector, Content, Cursor, RecordKind};
use connector_http::Narrow as _;
use connector_http::testing::Script;
use serde_json::json as j;
use std::sync::Arc;

const CDC: &str = include_str!("../../fixtures/cdc.json");
const NOW: &str = "2026-11-20T09:00:00Z";
/// The server's time in every scripted answer.
const SERVER: &str = "2026-11-20T01:00:00.000-08:00";

fn request(stream: &str, cursor: Option<Cursor>) -> PullRequest {
    let stream = STREAMS.into_iter().find(|known| known.id == stream).unwrap();
    PullRequest { stream, cursor, now: time(NOW) }
}

fn rows(entity: Entity, ids: impl IntoIterator<Item = u64>) -> Vec<Value> {
    let row = |id: u64| match entity {
        Entity::Customer => j!({ "Id": id.to_string(), "SyncToken": "0", "DisplayName": format!("C{id}") }),
        Entity::Item => j!({ "Id": id.to_string(), "SyncToken": "0", "Name": format!("I{id}"), "Type": "Service" }),
        Entity::Invoice => j!({ "Id": id.to_string(), "status": "Deleted" }),
        Entity::Payment => j!({ "Id": id.to_string(), "SyncToken": "0", "TotalAmt": 1, "TxnDate": "2026-11-01",
            "CustomerRef": { "value": "1" }, "PaymentMethodRef": { "value": "3" } }),
    };
    ids.into_iter().map(row).collect()
}

fn queried(entity: Entity, ids: impl IntoIterator<Item = u64>) -> String {
    let mut response = serde_json::Map::new();
    let rows = rows(entity, ids);
    if !rows.is_empty() {
        response.insert(entity.name().into(), rows.into());
    }
    j!({ "QueryResponse": response, "time": SERVER }).to_string()
}

fn captured(entity: Entity, count: u64) -> String {
    j!({ "CDCResponse": [{ "QueryResponse": [{ entity.name(): rows(entity, 1..=count) }, {}] }], "time": SERVER })
        .to_string()
}

fn ids(page: &Page) -> Vec<u64> {
    page.records.iter().map(|record| record.remote_id.0.parse().unwrap()).collect()
}

#[expect(clippy::unnecessary_wraps, reason = "it goes where a first pull has none")]
fn cursor(page: &Page) -> Option<Cursor> {
    Some(page.next.clone())
}

async fn pull(connector: &QuickBooks, stream: &str, cursor: Option<Cursor>) -> Page {
    connector.pull(request(stream, cursor)).await.unwrap()
}

#[tokio::test(start_paused = true)]
async fn a_first_sync_reads_inactive_rows_too_and_then_rests() {
    let script = Script::new();
    script.json(200, &queried(Entity::Customer, 1..=3)).json(200, PREFERENCES);
    let connector = connected(&script);
    let page = pull(&connector, "customers", None).await;
    assert_eq!((ids(&page), page.more), (vec![1, 2, 3], false));
    let again = pull(&connector, "customers", cursor(&page)).await;
    assert_eq!((again.records.len(), again.more, &again.next), (0, false, &page.next));
    let query = "GET /query?query=SELECT * FROM Customer WHERE Active IN (true,false) ORDERBY Id STARTPOSITION 1 MAXRESULTS 1000";
    assert_eq!(asked(&script), [query, "GET /preferences"], "a finished list asks nothing");
}

#[tokio::test(start_paused = true)]
async fn items_are_selected_with_their_stock_keeping_unit_and_payments_with_their_methods() {
    let script = Script::new();
    script.json(200, &queried(Entity::Item, [])).json(200, PREFERENCES);
    script.json(200, &queried(Entity::Payment, [9])).json(200, METHODS);
    let connector = connected(&script);
    assert!(pull(&connector, "items", None).await.records.is_empty(), "no hits means no key in the answer");
    let page = pull(&connector, "payments", None).await;
    let Content::Present(record) = &page.records[0].content else { panic!() };
    assert!(matches!(record.as_ref(), connector_contract::Record::Payment(p) if p.method.as_deref() == Some("Visa")));
    assert!(asked(&script)[0].contains("SELECT *, Sku FROM Item WHERE Active IN (true,false) ORDERBY Id"));
    assert!(asked(&script)[2].contains("SELECT * FROM Payment ORDERBY Id"), "{:?}", asked(&script));
}

#[tokio::test(start_paused = true)]
async fn pages_overlap_and_repeating_one_gives_the_same() {
    let script = Script::new();
    let (first, second) = (queried(Entity::Customer, 1..=1000), queried(Entity::Customer, 991..=1200));
    script.json(200, &first).json(200, PREFERENCES).json(200, &second).json(200, &second);
    let connector = connected(&script);
    let page = pull(&connector, "customers", None).await;
    assert!(page.more);
    let one = pull(&connector, "customers", cursor(&page)).await;
    let two = pull(&connector, "customers", cursor(&page)).await;
    assert_eq!((ids(&one), &one.next, one.more), (ids(&two), &two.next, false));
    assert!(asked(&script)[2].contains("STARTPOSITION 991 "));
}

#[tokio::test(start_paused = true)]
async fn rows_deleted_while_reading_do_not_make_others_fall_through() {
    let script = Script::new();
    script.json(200, &queried(Entity::Payment, 1..=1000)).json(200, PREFERENCES).json(200, METHODS);
    // 50 payments were deleted in between: position 991 now shows 1041 and later.
    script.json(200, &queried(Entity::Payment, 1041..=1100));
    script.json(200, &queried(Entity::Payment, (1..=950).chain(1001..=1050)));
    let connector = connected(&script);
    let page = pull(&connector, "payments", None).await;
    let page = pull(&connector, "payments", cursor(&page)).await;
    assert!(page.more, "none of the last rows is here, so some may have been skipped");
    let page = pull(&connector, "payments", cursor(&page)).await;
    assert!(ids(&page).contains(&1001));
    assert!(asked(&script).last().unwrap().contains("STARTPOSITION 1 "));
}

#[tokio::test(start_paused = true)]
async fn changes_start_where_the_first_list_began() {
    let script = Script::new();
    script.json(200, &queried(Entity::Customer, [1])).json(200, PREFERENCES).json(200, CDC);
    script.json(200, PREFERENCES).json(200, &queried(Entity::Item, [6]));
    let connector = connected(&script);
    let page = pull(&connector, "customers", None).await;
    // Another life of the app: the finished list still tells when it began.
    let reopened = connected(&script);
    pull(&reopened, "customers", cursor(&page)).await;
    let page = pull(&reopened, "changes", None).await;
    assert!(!page.more);
    let cdc = &asked(&script)[2];
    assert_eq!(cdc, "GET /cdc?entities=Customer,Item,Invoice,Payment&changedSince=2026-11-20T08:50:00+00:00");
}

#[tokio::test(start_paused = true)]
async fn changes_bring_tombstones_and_problems_and_the_next_window_starts_at_the_servers_time() {
    let script = Script::new();
    script.json(200, CDC).json(200, PREFERENCES).json(200, &queried(Entity::Item, [6])).json(200, CDC);
    script.json(200, &queried(Entity::Item, [6]));
    let connector = connected(&script);
    let start = cursor::write(&ChangesCursor::starting(time("2026-11-19T00:00:00Z"))).unwrap();
    let page = pull(&connector, "changes", Some(start)).await;
    let of = |id: &str| page.records.iter().find(|r| r.remote_id.0 == id).unwrap();
    assert_eq!(of("119").content, Content::Deleted(RecordKind::Invoice));
    assert_eq!(of("120").content, Content::Deleted(RecordKind::Payment));
    assert!(matches!(&of("121").content, Content::Unreadable { reason, .. } if reason == "TotalAmt can't be read"));
    let Content::Present(item) = &of("6").content else { panic!() };
    assert!(
        matches!(item.as_ref(), connector_contract::Record::Item(item) if item.name == "I6"),
        "read again for its SKU"
    );
    pull(&connector, "changes", cursor(&page)).await;
    let asked = asked(&script);
    assert!(asked[2].contains("SELECT *, Sku FROM Item WHERE Id IN ('6') AND Active IN (true,false)"), "{asked:?}");
    assert!(asked[3].ends_with("changedSince=2026-11-20T08:50:00+00:00"), "{asked:?}");
}

#[tokio::test(start_paused = true)]
async fn a_full_answer_is_split_by_entity_then_listed_and_halved() {
    let script = Script::new();
    let none = j!({ "CDCResponse": [{ "QueryResponse": [{}] }], "time": SERVER }).to_string();
    script.json(200, &captured(Entity::Invoice, 1000)).json(200, PREFERENCES);
    script.json(200, &none).json(200, &none); // customers, items
    script.json(200, &captured(Entity::Invoice, 1000)).json(200, &captured(Entity::Invoice, 400));
    script
        .json(200, &queried(Entity::Invoice, 1..=1000))
        .json(200, &queried(Entity::Invoice, 991..=1500))
        .json(200, &none);
    let connector = connected(&script);
    let start = ChangesCursor::starting(time("2026-11-20T05:10:00Z"));
    let mut page = pull(&connector, "changes", Some(cursor::write(&start).unwrap())).await;
    let mut seen = ids(&page);
    while page.more {
        page = pull(&connector, "changes", cursor(&page)).await;
        seen.extend(ids(&page));
    }
    assert!(seen.contains(&1500), "all that exists is found by listing");
    let asked = asked(&script);
    let after: Vec<&str> = asked[2..].iter().map(String::as_str).collect();
    assert_eq!(after[0], "GET /cdc?entities=Customer&changedSince=2026-11-20T05:00:00+00:00");
    assert_eq!(after[2], "GET /cdc?entities=Invoice&changedSince=2026-11-20T05:00:00+00:00");
    assert_eq!(after[3], "GET /cdc?entities=Invoice&changedSince=2026-11-20T07:00:00+00:00");
    assert_eq!(after[6], "GET /cdc?entities=Payment&changedSince=2026-11-20T05:00:00+00:00");
    let list = "SELECT * FROM Invoice WHERE MetaData.LastUpdatedTime >= '2026-11-20T05:00:00+00:00' ORDERBY Id STARTPOSITION 1 ";
    assert!(after[4].contains(list) && after[5].contains("STARTPOSITION 991 "), "{after:?}");
    let end: ChangesCursor = cursor::read(&page.next).unwrap();
    assert_eq!(end, ChangesCursor::starting(time(SERVER)), "the next window starts where the first answer was made");
    assert_eq!(script.left(), 0);
}

/// A connection that reads at most so many bytes at once.
fn reading(script: &Arc<Script>, body_bytes: usize) -> QuickBooks {
    let mut connector = connected(script);
    connector.api.limits.body_bytes = body_bytes;
    connector
}

/// How many rows were asked for, from which one on.
fn pages(script: &Script) -> Vec<String> {
    let asked = asked(script).into_iter();
    asked.filter_map(|line| line.split_once("STARTPOSITION ").map(|(_, page)| page.to_owned())).collect()
}

#[tokio::test(start_paused = true)]
async fn a_page_that_is_too_large_is_read_in_smaller_ones_and_the_list_goes_on() {
    let script = Script::new();
    script.json(200, &queried(Entity::Customer, 1..=1000)).json(200, &queried(Entity::Customer, 1..=250));
    script.json(200, PREFERENCES).json(200, &queried(Entity::Customer, 241..=300));
    let connector = reading(&script, 20_000);
    let page = pull(&connector, "customers", None).await;
    assert_eq!((ids(&page), page.more), ((1..=250).collect(), true));
    let page = pull(&connector, "customers", cursor(&page)).await;
    assert_eq!((ids(&page).last(), page.more), (Some(&300), false));
    assert_eq!(pages(&script), ["1 MAXRESULTS 1000", "1 MAXRESULTS 250", "241 MAXRESULTS 250"]);
}

#[tokio::test(start_paused = true)]
async fn a_row_that_no_answer_can_hold_is_closed_in_on_reported_and_passed() {
    let script = Script::new();
    let big = queried(Entity::Invoice, 1..=1000);
    script.json(200, &big).json(200, &big).json(200, &big).json(200, &big);
    // The row behind it can be had, so it is the row; then its id alone.
    script.json(200, &queried(Entity::Invoice, [2])).json(200, &queried(Entity::Invoice, [1]));
    script.json(200, &queried(Entity::Invoice, [2])).json(200, PREFERENCES);
    script.json(200, &queried(Entity::Invoice, [3])).json(200, &queried(Entity::Invoice, []));
    let connector = reading(&script, 20_000);
    let page = pull(&connector, "invoices", None).await;
    let Content::Unreadable { kind: RecordKind::Invoice, reason } = &page.records[0].content else { panic!() };
    assert!(reason.contains("too large"), "{reason}");
    assert_eq!(ids(&page), [1, 2], "it is named by its id, which alone is small enough");
    assert!(page.more);
    let page = pull(&connector, "invoices", cursor(&page)).await;
    assert!(page.more);
    assert!(!pull(&connector, "invoices", cursor(&page)).await.more);
    let wanted = ["1 MAXRESULTS 1000", "1 MAXRESULTS 250", "1 MAXRESULTS 50", "1 MAXRESULTS 1", "2 MAXRESULTS 1"];
    assert_eq!(pages(&script)[..5], wanted);
    assert_eq!(pages(&script)[5..], ["1 MAXRESULTS 1", "2 MAXRESULTS 1", "3 MAXRESULTS 1", "4 MAXRESULTS 1"]);
}

#[test]
fn smaller_pages_grow_again_and_positions_of_earlier_versions_are_read() {
    let mut walk: Walk = cursor::read(&Cursor(r#"{"position":991,"tail":["1"]}"#.into())).unwrap();
    assert_eq!(walk.size, 1000);
    assert!(walk.shrink() && walk.shrink() && walk.shrink() && !walk.shrink());
    walk.tail.clear();
    for id in 991..=1000 {
        assert_eq!((walk.position, walk.size), (id, 1));
        walk = walk.after(vec![id.to_string()]).unwrap();
    }
    assert_eq!((walk.position, walk.size), (1001, 50), "a whole fifty lies behind");
}

#[tokio::test(start_paused = true)]
async fn a_capture_that_is_too_large_is_split_by_entity_and_then_listed() {
    let script = Script::new();
    let none = j!({ "CDCResponse": [{ "QueryResponse": [{}] }], "time": SERVER }).to_string();
    let big = captured(Entity::Customer, 900);
    let info = include_str!("../../fixtures/companyinfo.json");
    let headers = [("content-type", "application/json"), ("date", "Fri, 20 Nov 2026 09:00:00 GMT")];
    script.json(200, &big).json(200, PREFERENCES).json(200, &big).answer(200, &headers, info);
    // A shorter window can be read and shows the latest merges; the list shows the rest.
    script.json(200, &none).json(200, &queried(Entity::Customer, 1..=20));
    script.json(200, &none).json(200, &none).json(200, &none);
    let connector = reading(&script, 20_000);
    let start = ChangesCursor::starting(time("2026-11-20T05:10:00Z"));
    let mut page = pull(&connector, "changes", Some(cursor::write(&start).unwrap())).await;
    let mut seen = ids(&page);
    while page.more {
        page = pull(&connector, "changes", cursor(&page)).await;
        seen.extend(ids(&page));
    }
    assert_eq!(seen, (1..=20).collect::<Vec<_>>());
    let end: ChangesCursor = cursor::read(&page.next).unwrap();
    let blind = Some(Blind { from: start.since, tried: time(SERVER) });
    let whole = ChangesCursor { blind, ..ChangesCursor::starting(time(SERVER)) };
    assert_eq!(end, whole, "only what was deleted in the window is asked for again, when it can be read");
    assert_eq!(script.left(), 0);
}

#[tokio::test(start_paused = true)]
async fn after_a_long_absence_lists_by_time_of_change_take_over() {
    let script = Script::new();
    let none = j!({ "CDCResponse": [{ "QueryResponse": [] }], "time": SERVER }).to_string();
    script.json(200, &queried(Entity::Customer, [1])).json(200, PREFERENCES);
    script
        .json(200, &queried(Entity::Item, [2]))
        .json(200, &queried(Entity::Invoice, []))
        .json(200, &queried(Entity::Payment, []));
    script.json(200, &none).json(200, &none).json(200, &none).json(200, &none);
    let connector = connected(&script);
    let start = ChangesCursor::starting(time("2026-06-01T00:10:00Z"));
    let mut page = pull(&connector, "changes", Some(cursor::write(&start).unwrap())).await;
    while page.more {
        page = pull(&connector, "changes", cursor(&page)).await;
    }
    let asked = asked(&script);
    assert!(
        asked[0]
            .contains("Active IN (true,false) AND MetaData.LastUpdatedTime >= '2026-06-01T00:00:00+00:00' ORDERBY Id")
    );
    assert_eq!(
        asked[7], "GET /cdc?entities=Invoice&changedSince=2026-10-22T09:00:00+00:00",
        "deletions as far back as they are told"
    );
    assert_eq!(cursor::read::<ChangesCursor>(&page.next).unwrap(), ChangesCursor::starting(time(SERVER)));
}

#[tokio::test(start_paused = true)]
async fn a_customer_that_was_merged_away_during_a_long_absence_is_told_as_gone() {
    let script = Script::new();
    let none = j!({ "CDCResponse": [{ "QueryResponse": [] }], "time": SERVER }).to_string();
    let gone = j!({ "Id": "7", "status": "Deleted", "MetaData": { "LastUpdatedTime": "2026-11-10T03:00:00-08:00" } });
    let merged = j!({ "CDCResponse": [{ "QueryResponse": [{ "Customer": [gone] }] }], "time": SERVER }).to_string();
    script.json(200, &queried(Entity::Customer, [1])).json(200, PREFERENCES);
    for entity in [Entity::Item, Entity::Invoice, Entity::Payment] {
        script.json(200, &queried(entity, []));
    }
    script.json(200, &merged).json(200, &none).json(200, &none).json(200, &none);
    let connector = connected(&script);
    let start = ChangesCursor::starting(time("2026-06-01T00:10:00Z"));
    let mut page = pull(&connector, "changes", Some(cursor::write(&start).unwrap())).await;
    let mut told = page.records.clone();
    while page.more {
        page = pull(&connector, "changes", cursor(&page)).await;
        told.extend(page.records.clone());
    }
    let ended: Vec<_> = told.iter().filter(|pulled| pulled.content == Content::Deleted(RecordKind::Customer)).collect();
    assert_eq!(ended.iter().map(|pulled| pulled.remote_id.0.as_str()).collect::<Vec<_>>(), ["7"]);
    assert_eq!(script.left(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_capture_left_over_from_too_long_ago_is_done_by_a_list_instead() {
    let script = Script::new();
    let none = j!({ "CDCResponse": [{ "QueryResponse": [] }], "time": SERVER }).to_string();
    script.json(200, &queried(Entity::Item, [2])).json(200, PREFERENCES).json(200, &none);
    script.json(200, &queried(Entity::Invoice, [])).json(200, &none);
    let connector = connected(&script);
    let from = time("2026-10-01T00:00:00Z");
    let mut left = ChangesCursor::starting(from);
    left.until = Some(time(SERVER));
    left.todo = vec![Step::capture(Entity::Item, from), Step::capture(Entity::Invoice, from)];
    // The clock goes on from page to page.
    let mut asking = request("changes", Some(cursor::write(&left).unwrap()));
    loop {
        let page = connector.pull(asking.clone()).await.unwrap();
        if !page.more {
            break;
        }
        asking = PullRequest { cursor: cursor(&page), now: asking.now + Duration::seconds(1), ..asking };
    }
    let asked = asked(&script);
    assert!(asked[0].contains("FROM Item") && asked[0].contains(">= '2026-10-01T00:00:00+00:00'"), "{asked:?}");
    assert_eq!(asked[2], "GET /cdc?entities=Item&changedSince=2026-10-22T09:00:00+00:00");
    assert!(asked[3].contains("FROM Invoice") && asked[3].contains(">= '2026-10-01T00:00:00+00:00'"), "{asked:?}");
    assert_eq!(asked[4], "GET /cdc?entities=Invoice&changedSince=2026-10-22T09:00:00+00:00");
    assert_eq!(script.left(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_cursor_from_the_future_or_from_elsewhere_starts_the_stream_again() {
    let script = Script::new();
    script.json(200, CDC);
    let connector = connected(&script);
    let ahead = cursor::write(&ChangesCursor::starting(time("2027-06-01T00:00:00Z"))).unwrap();
    assert_eq!(connector.pull(request("changes", Some(ahead))).await.unwrap_err(), ConnectorError::CursorExpired);
    for stream in ["customers", "changes"] {
        let error = connector.pull(request(stream, Some(Cursor("evt_1".into())))).await.unwrap_err();
        assert_eq!(error, ConnectorError::CursorExpired);
    }
    let unheard = cursor::read::<ListCursor>(&Cursor(json("{}").to_string())).unwrap_err();
    assert_eq!(unheard, ConnectorError::CursorExpired);
}

#[tokio::test(start_paused = true)]
async fn changes_without_a_known_start_look_back_as_far_as_possible() {
    let script = Script::new();
    script
        .json(200, &j!({ "CDCResponse": [{ "QueryResponse": [] }], "time": SERVER }).to_string())
        .json(200, PREFERENCES);
    let connector = connected(&script);
    assert!(!pull(&connector, "changes", None).await.more);
    assert!(asked(&script)[0].ends_with("changedSince=2026-10-22T09:00:00+00:00"), "{:?}", asked(&script));
}

#[tokio::test(start_paused = true)]
async fn a_company_is_known_by_its_realm_and_its_clock() {
    let script: Arc<Script> = Script::new();
    let info = include_str!("../../fixtures/companyinfo.json");
    let headers = [("content-type", "application/json"), ("date", "Fri, 20 Nov 2026 09:00:05 GMT")];
    script.answer(200, &headers, info).json(200, PREFERENCES);
    script.json(200, &info.replace(r#""Id": "1""#, r#""Id": "4620816365171234560""#));
    let connector = connected(&script);
    let account = connector.identify().await.unwrap();
    assert_eq!(
        (account.id.as_str(), account.name.as_str()),
        (crate::testing::REALM, "Craig's Design and Landscaping Services")
    );
    assert_eq!(account.server_time, Some(time("2026-11-20T09:00:05Z")));
    assert_eq!(account.currency.unwrap().code(), "USD");
    assert!(
        matches!(connector.identify().await.unwrap_err(), ConnectorError::Unauthorized(_)),
        "another company answered"
    );
}

#[tokio::test(start_paused = true)]
async fn accounts_are_offered_with_the_ones_made_for_the_purpose_suggested() {
    let script = Script::new();
    let codes = r#"{"QueryResponse":{"TaxCode":[{"Id":"2","Name":"Maine"},{"Id":"3","Name":"Old","Active":false},{"Id":"TAX","Name":"TAX"}]}}"#;
    script.json(200, crate::testing::ACCOUNTS).json(200, &queried(Entity::Item, [7, 8]));
    script.json(200, PREFERENCES).json(200, codes);
    let connector = connected(&script);
    let choices = connector.choices().await.unwrap();
    let of = |setting: &str| -> Vec<_> {
        choices.iter().filter(|c| c.setting == setting).map(|c| (c.value.as_str(), c.suggested)).collect()
    };
    assert_eq!(of("income_account"), [("45", false), ("79", true)], "inactive accounts are left out");
    assert_eq!(of("deposit_account"), [("35", false), ("4", true)]);
    assert_eq!((of("expense_account"), of("asset_account")), (vec![("80", true)], vec![("81", true)]));
    connector.choices().await.unwrap();
    assert_eq!(of("default_item"), [("7", true), ("8", false)]);
    assert_eq!(of("tax_code"), [("2", true)], "the company's own");
    assert_eq!(script.count(), 4, "accounts, items, preferences and tax codes are read once");
}
