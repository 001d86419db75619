//! What a client makes of the times that a server tells: its clock, and how long it wants us to wait.

use crate::testing::Script;
use crate::tests::Plain;
use crate::{Base, Call, Client};
use chrono::{DateTime, Utc};
use connector_contract::{Clock, ConnectorError, FakeClock};
use std::sync::Arc;
use std::time::Duration;

fn moment(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn read() -> Call {
    Call::get(Base::new("https://api.example.com").route("/things", &[]))
}

#[tokio::test(start_paused = true)]
async fn the_vendors_now_is_what_its_answers_show_and_a_portals_page_shows_nothing() {
    let ours = Arc::new(FakeClock::at(moment("2026-11-20T14:00:00Z")));
    let script = Script::new();
    let client = Client::new(script.clone(), Arc::new(Plain::default()), ours.clone());
    assert_eq!(client.vendor_now(ours.now()), ours.now());
    let steps = [
        (400, "Fri, 20 Nov 2026 12:00:00 GMT", "application/json", "2026-11-20T12:00:00Z"),
        (200, "Fri, 20 Nov 2026 09:00:00 GMT", "text/html; charset=utf-8", "2026-11-20T12:00:00Z"),
        (200, "Thu, 01 Jan 1970 00:00:00 GMT", "application/json", "2026-11-20T12:00:00Z"),
        (200, "Fri, 31 Dec 9999 23:59:59 GMT", "application/json", "2026-11-20T12:00:00Z"),
        (200, "yesterday", "application/json", "2026-11-20T12:00:00Z"),
        (200, "Fri, 20 Nov 2026 15:30:00 GMT", "application/json", "2026-11-20T15:30:00Z"),
    ];
    for (status, date, content_type, expected) in steps {
        script.answer(status, &[("date", date), ("content-type", content_type)], "{}");
        let _ = client.send(read()).await;
        assert_eq!(client.vendor_now(ours.now()), moment(expected), "{date} {content_type}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_absurd_wish_to_wait_is_cut_to_a_day_or_taken_for_a_minute_and_never_panics() {
    let (day, minute) = (86_400, 60);
    let date = "Fri, 20 Nov 2026 12:00:00 GMT";
    let cases = [
        ("18446744073709551615", day),
        ("99999999999999999999999999", day),
        ("100000000", day),
        ("86401", day),
        ("600", 600),
        ("0", 1),
        ("-1", minute),
        ("", minute),
        ("soon", minute),
        ("1e9", minute),
        ("12.5", minute),
        ("Fri, 31 Dec 9999 23:59:59 GMT", day),
        ("Fri, 20 Nov 2026 12:10:00 GMT", 600),
        ("Thu, 01 Jan 1970 00:00:00 GMT", minute),
        ("Fri, 20 Nov 2026 11:59:59 GMT", minute),
    ];
    for (wish, seconds) in cases {
        let script = Script::new();
        // A short wait is sat out, three times; a long one is handed on at once.
        for _ in 0..if seconds > 60 { 1 } else { 4 } {
            script.answer(429, &[("retry-after", wish), ("date", date)], "");
        }
        let clock = Arc::new(FakeClock::at(moment("2026-11-20T12:00:00Z")));
        let client = Client::new(script.clone(), Arc::new(Plain::default()), clock);
        match client.send(read()).await {
            Err(ConnectorError::RateLimited { after }) => assert_eq!(after.as_secs(), seconds, "{wish}"),
            other => panic!("{wish}: {other:?}"),
        }
        // The wait holds for the next call, and has an end.
        script.json(200, "{}");
        tokio::time::sleep(Duration::from_secs(86_401)).await;
        client.send(read()).await.unwrap_or_else(|error| panic!("{wish}: {error}"));
    }
}

#[tokio::test(start_paused = true)]
async fn a_wait_in_the_vendors_own_header_is_cut_to_a_day_too() {
    let script = Script::new();
    script.answer(200, &[("x-wait", "18446744073709551615")], "{}").json(200, "{}");
    let clock = Arc::new(FakeClock::at(moment("2026-11-20T12:00:00Z")));
    let client = Client::new(script.clone(), Arc::new(Plain::default()), clock);
    client.send(read()).await.unwrap();
    match client.send(read()).await {
        Err(ConnectorError::RateLimited { after }) => assert!(after <= Duration::from_hours(24), "{after:?}"),
        other => panic!("{other:?}"),
    }
}
