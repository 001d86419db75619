//! What a client makes of the times that a server tells: its clock, and how long it wants us to wait.

use crate::testing::Script;
use crate::tests::Plain;
use crate::{Base, Call, Client};
use chrono::{DateTime, Utc};
use connector_contract::{Clock, FakeClock};
use std::sync::Arc;

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
