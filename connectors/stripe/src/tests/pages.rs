//! Answers that are too large to read at once are asked for in smaller pages.

use super::*;

#[tokio::test(start_paused = true)]
async fn lists_and_events_that_are_too_large_at_once_are_read_whole_in_smaller_pages() {
    for readable in [99, 50, 10, 9, 1] {
        let shelf = Arc::new(Shelf::default());
        *shelf.readable.lock() = Some(readable);
        for n in 0..25 {
            shelf.put("/v1/charges", charge_object(&format!("ch_{n:03}"), T0 - 1_000 + n, 0));
        }
        let (records, cursor) = pull_all(&shelf, EVENTS, None, T0).await;
        assert_eq!(applied(&records).len(), 25, "{readable}");
        for n in 0..25 {
            let (id, at) = (format!("ch_{n:03}"), T0 + 100 + n);
            shelf.event(
                &format!("evt_{n:03}"),
                "charge.refunded",
                at,
                "2026-10-28.endive",
                charge_object(&id, T0 - 1_000 + n, 100),
            );
        }
        let (records, _) = pull_all(&shelf, EVENTS, cursor, T0 + 1_000).await;
        let refunded = applied(&records).into_values().flatten();
        let refunded =
            refunded.filter(|record| matches!(record, Record::Charge(charge) if charge.refunded.minor() == 100));
        assert_eq!(refunded.count(), 25, "{readable}");
    }
}

#[tokio::test(start_paused = true)]
async fn one_row_that_is_too_large_alone_is_said_after_few_requests_and_stops_no_other_stream() {
    let shelf = Arc::new(Shelf::default());
    *shelf.readable.lock() = Some(0);
    shelf.put("/v1/charges", charge_object("ch_1", T0 - 1_000, 0));
    let stripe = connector_at(&shelf, "rk_test_abcd1234", None, at(T0));
    let failed = stripe.pull(PullRequest { stream: EVENTS, cursor: None, now: at(T0) }).await;
    assert_eq!(failed.unwrap_err(), ConnectorError::TooLarge);
    assert_eq!(shelf.asked("/v1/charges").len(), 3, "pages of 100, 10 and 1");
    let balance = stripe.streams().iter().copied().find(|stream| *stream != EVENTS).unwrap();
    assert!(stripe.pull(PullRequest { stream: balance, cursor: None, now: at(T0) }).await.is_ok());
}
