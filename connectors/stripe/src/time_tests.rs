//! Stripe's clock bounds what is read, whatever ours shows; and a row that can't be read is that row's trouble alone.

use super::tests::{DAY, Shelf, T0, at, charge_object, connector_at, followed, pull_all};
use super::{BALANCE_ENTRIES, EVENTS};
use connector_contract::{Content, Cursor, PullRequest, Pulled};
use serde_json::json;
use std::sync::Arc;

const VERSION: &str = "2026-10-28.endive";

/// Ids of what came in.
fn ids(records: &[Pulled]) -> Vec<&str> {
    records.iter().map(|pulled| pulled.remote_id.0.as_str()).collect()
}

#[tokio::test]
async fn what_is_made_while_our_clock_is_wrong_comes_in() {
    // Ours less Stripe's at the first read, at the next one, and at the last.
    for wrong in [[7200, 0, 0], [-7200, 0, 0], [7200, -7200, 7200], [0, 7200, 0], [40 * DAY, 0, 0]] {
        let shelf = Arc::new(Shelf::default());
        *shelf.clock.lock() = Some(T0);
        let (_, mut events) = pull_all(&shelf, EVENTS, None, T0 + wrong[0]).await;
        let (_, mut rows) = pull_all(&shelf, BALANCE_ENTRIES, None, T0 + wrong[0]).await;
        for (place, wrong) in (1..).zip(&wrong[1..]) {
            let (charge, row, made) = (format!("ch_{place}"), format!("txn_{place}"), T0 + place * 3000 - 1200);
            shelf.event(&format!("evt_{place}"), "charge.succeeded", made, VERSION, charge_object(&charge, made, 0));
            shelf.put(
                "/v1/balance_transactions",
                json!({"id": row, "object": "balance_transaction", "amount": 100, "fee": 0, "net": 100,
                       "currency": "usd", "created": made, "type": "charge"}),
            );
            let now = T0 + place * 3000;
            *shelf.clock.lock() = Some(now);
            let (came, next) = pull_all(&shelf, EVENTS, events, now + wrong).await;
            assert!(ids(&came).contains(&charge.as_str()), "{wrong}: {:?}", ids(&came));
            events = next;
            let (came, next) = pull_all(&shelf, BALANCE_ENTRIES, rows, now + wrong).await;
            assert!(ids(&came).contains(&row.as_str()), "{wrong}: {:?}", ids(&came));
            rows = next;
        }
    }
}

#[tokio::test]
async fn a_cursor_that_a_wrong_clock_wrote_is_not_believed() {
    let shelf = Arc::new(Shelf::default());
    *shelf.clock.lock() = Some(T0);
    let made = T0 - 5 * DAY;
    shelf.event("evt_1", "charge.succeeded", made, VERSION, charge_object("ch_1", made, 0));
    let stripe = connector_at(&shelf, "rk_test_abcd1234", None, at(T0));
    stripe.identify().await.unwrap();
    let mut cursor = Some(Cursor(json!({"at": {"events": {"from": T0 + 7200}}}).to_string()));
    let mut came = Vec::new();
    for _ in 0..100 {
        let page = stripe.pull(PullRequest { stream: EVENTS, cursor, now: at(T0) }).await.unwrap();
        came.extend(page.records);
        cursor = Some(page.next);
        if !page.more {
            break;
        }
    }
    assert!(ids(&came).contains(&"ch_1"));
}

#[tokio::test]
async fn a_time_that_is_yet_to_come_moves_nothing_and_hides_no_later_change() {
    let shelf = Arc::new(Shelf::default());
    *shelf.clock.lock() = Some(T0);
    let cursor = followed(&shelf).await;
    let far = T0 + 20_000 * DAY;
    shelf.event("evt_far", "charge.succeeded", far, VERSION, charge_object("ch_far", far, 0));
    *shelf.clock.lock() = Some(T0 + 600);
    let (came, cursor) = pull_all(&shelf, EVENTS, cursor, T0 + 600).await;
    assert_eq!(ids(&came), ["ch_far"]);
    assert!(came[0].updated_at <= Some(at(T0 + 600)), "{:?}", came[0].updated_at);
    shelf.event("evt_next", "charge.succeeded", T0 + 700, VERSION, charge_object("ch_next", T0 + 700, 0));
    *shelf.clock.lock() = Some(T0 + 1200);
    let (came, _) = pull_all(&shelf, EVENTS, cursor, T0 + 1200).await;
    assert!(ids(&came).contains(&"ch_next"), "{:?}", ids(&came));
}

/// Whether a record came in (`true`), was reported (`false`), or neither.
fn state(records: &[Pulled], id: &str) -> Option<bool> {
    let found = records.iter().find(|pulled| pulled.remote_id.0 == id);
    found.map(|pulled| matches!(pulled.content, Content::Present(_)))
}

#[tokio::test]
async fn a_row_that_cannot_be_read_is_reported_and_its_neighbors_come_in() {
    let deep = format!("{}{}", "[".repeat(200), "]".repeat(200));
    let good = charge_object("ch_good", T0, 0).to_string();
    let half = good.replace("ch_good", "ch_half").replacen('{', r#"{"description": "\ud83c", "#, 1);
    let words = r#"{"id": "ch_words", "object": "charge", "amount": "five", "currency": "usd", "created": 1}"#;
    let nested = format!(r#"{{"id": "ch_deep", "object": "charge", "x": {deep}}}"#);
    let shelf = Arc::new(Shelf::default());
    let rows = [nested.as_str(), &half, words, "17", &good].join(",");
    shelf.raw.lock().insert("/v1/charges".into(), format!(r#"{{"data": [{rows}], "has_more": false}}"#));
    let (came, cursor) = pull_all(&shelf, EVENTS, None, T0).await;
    assert_eq!((state(&came, "ch_good"), state(&came, "ch_half")), (Some(true), Some(true)));
    assert_eq!((state(&came, "ch_deep"), state(&came, "ch_words")), (Some(false), Some(false)));
    assert_eq!(came.len(), 5, "nothing is passed over in silence: {:?}", ids(&came));

    let event = |id: &str, created: &str, object: &str| {
        format!(r#"{{"id": "{id}", "type": "charge.updated", "created": {created}, "data": {{"object": {object}}}}}"#)
    };
    let now = T0.to_string();
    let rows = [
        event("evt_1", &now, &nested),
        event("evt_2", &now, &good),
        event("evt_3", "\"noon\"", words),
        r#"{"id": "evt_4", "type": "charge.updated", "created": 5}"#.to_owned(),
        format!(r#"{{"id": "evt_5", "type": "customer.updated", "x": {deep}}}"#),
    ];
    shelf.raw.lock().insert("/v1/events".into(), format!(r#"{{"data": [{}], "has_more": false}}"#, rows.join(",")));
    let (came, _) = pull_all(&shelf, EVENTS, cursor, T0 + 60).await;
    assert_eq!(state(&came, "ch_good"), Some(true));
    for broken in ["ch_deep", "ch_words", "evt_4"] {
        assert_eq!(state(&came, broken), Some(false), "{broken}");
    }
    assert_eq!(state(&came, "evt_5"), None, "what is not kept is not missed");
}
