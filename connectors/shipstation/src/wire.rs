//! The wire format of V1: Pacific times without offset, numbers read as text, fields that may be null or missing.
//!
//! Records are kept as raw JSON, because an update has to send back whatever it did not understand. Absent on purpose:
//! typed structs of every field, which one odd value in one record would make unreadable as a whole page.

use chrono::{DateTime, Duration, NaiveDate, NaiveDateTime, NaiveTime, TimeZone, Utc};
use chrono_tz::America::Los_Angeles;
use connector_contract::{ConnectorError, calendar};
use connector_http::Answer;
use serde_json::{Map, Value};

/// A time of the wire: Pacific without offset and with up to seven decimals, or a date only, or with an offset.
/// The repeated autumn hour is read as its first pass; the skipped spring hour as if clocks had not moved.
pub(crate) fn time(text: &str) -> Option<DateTime<Utc>> {
    let text = text.trim();
    if let Ok(time) = DateTime::parse_from_rfc3339(text) {
        return calendar::moment(time.to_utc());
    }
    let naive = ["%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%d %H:%M:%S%.f"]
        .iter()
        .find_map(|format| NaiveDateTime::parse_from_str(text, format).ok())
        .or_else(|| Some(date(text)?.and_time(NaiveTime::MIN)))?;
    if let Some(time) = Los_Angeles.from_local_datetime(&naive).earliest() {
        return calendar::moment(time.to_utc());
    }
    let hour = Duration::hours(1);
    let before = Los_Angeles.from_local_datetime(&naive.checked_sub_signed(hour)?).earliest()?;
    calendar::moment(before.to_utc().checked_add_signed(hour)?)
}

/// The day of a date or date-time.
pub(crate) fn date(text: &str) -> Option<NaiveDate> {
    calendar::day(text.get(..10)?)
}

/// A moment as V1 wants it in a filter. Seconds only.
pub(crate) fn filter_time(time: DateTime<Utc>) -> String {
    time.with_timezone(&Los_Angeles).format("%Y-%m-%d %H:%M:%S").to_string()
}

/// A moment as V1 wants it in a body.
pub(crate) fn body_time(time: DateTime<Utc>) -> String {
    // Seven decimals, of which chrono writes six.
    format!("{}0", time.with_timezone(&Los_Angeles).format("%Y-%m-%dT%H:%M:%S%.6f"))
}

/// The latest start of a window that surely includes `time`: whole seconds, and never inside the repeated autumn hour,
/// where the vendor could read the same words as an hour later.
pub(crate) fn window_start(time: DateTime<Utc>) -> DateTime<Utc> {
    let mut start = time - Duration::nanoseconds(i64::from(time.timestamp_subsec_nanos()));
    while Los_Angeles.from_local_datetime(&start.with_timezone(&Los_Angeles).naive_local()).single().is_none() {
        start -= Duration::hours(1);
    }
    start
}

/// How far a new run reaches back behind the newest row it knows: rows can be committed late, and around a clock change
/// the times of the wire are an hour off.
pub(crate) fn overlap(time: DateTime<Utc>) -> Duration {
    let day = Duration::days(1);
    let offset = |time: DateTime<Utc>| time.with_timezone(&Los_Angeles).naive_local() - time.naive_utc();
    if offset(time - day) == offset(time + day) { Duration::minutes(5) } else { Duration::hours(3) }
}

/// A page of a list.
pub(crate) struct List {
    /// Rows as they came, without null ones.
    pub rows: Vec<Map<String, Value>>,
    /// How many rows came, null ones included.
    pub count: u64,
    /// How many rows there are in all, as the vendor claims. Its `pages` is not read: it is wrong in places.
    pub total: Option<u64>,
}

/// Reads a list answer. Null rows are known to happen.
pub(crate) fn list(answer: &Answer, collection: &str) -> Result<List, ConnectorError> {
    let mut body: Map<String, Value> = answer.json()?;
    let Some(Value::Array(rows)) = body.remove(collection) else {
        return Err(ConnectorError::Protocol(format!("the list \"{collection}\" is missing in the answer")));
    };
    let count = rows.len() as u64;
    let total = body.get("total").and_then(Value::as_u64);
    let rows = rows.into_iter().filter_map(|row| if let Value::Object(row) = row { Some(row) } else { None }).collect();
    Ok(List { rows, count, total })
}

/// Lenient reading of one record's fields.
#[derive(Clone, Copy)]
pub(crate) struct Fields<'a>(pub &'a Map<String, Value>);

impl<'a> Fields<'a> {
    /// A text or number as text. Null and missing are `None`.
    pub fn text(self, name: &str) -> Option<String> {
        match self.0.get(name)? {
            Value::String(text) => Some(text.clone()),
            Value::Number(number) => Some(number.to_string()),
            _ => None,
        }
    }

    /// A text that is not blank.
    pub fn filled(self, name: &str) -> Option<String> {
        self.text(name).filter(|text| !text.trim().is_empty())
    }

    /// A text that the vendor always states: null means that it is empty, missing that nothing is said.
    pub fn stated(self, name: &str) -> Option<String> {
        self.0.get(name).map(|_| self.text(name).unwrap_or_default())
    }

    /// A flag; some answers carry it as text.
    pub fn flag(self, name: &str) -> bool {
        match self.0.get(name) {
            Some(Value::Bool(flag)) => *flag,
            Some(Value::String(text)) => text.eq_ignore_ascii_case("true"),
            _ => false,
        }
    }

    /// A time.
    pub fn time(self, name: &str) -> Option<DateTime<Utc>> {
        time(&self.filled(name)?)
    }

    /// An object inside.
    pub fn object(self, name: &str) -> Option<Fields<'a>> {
        self.0.get(name)?.as_object().map(Fields)
    }

    /// The objects of an array inside; `None` when it is null or missing.
    pub fn objects(self, name: &str) -> Option<Vec<Fields<'a>>> {
        Some(self.0.get(name)?.as_array()?.iter().filter_map(Value::as_object).map(Fields).collect())
    }

    /// The ids of an array inside.
    pub fn ids(self, name: &str) -> Vec<String> {
        let id = |value: &Value| match value {
            Value::Number(number) => Some(number.to_string()),
            Value::String(text) => Some(text.clone()),
            _ => None,
        };
        self.0.get(name).and_then(Value::as_array).into_iter().flatten().filter_map(id).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn utc(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn every_shape_of_time_is_read_as_pacific() {
        assert_eq!(time("2015-07-16T14:00:34.8230000"), Some(utc("2015-07-16T21:00:34.823Z")));
        assert_eq!(time("2015-01-16T09:43:03.05"), Some(utc("2015-01-16T17:43:03.050Z")));
        assert_eq!(time("2015-07-02"), Some(utc("2015-07-02T07:00:00Z")));
        assert_eq!(time("2015-07-02 08:00:00"), Some(utc("2015-07-02T15:00:00Z")));
        assert_eq!(time("2026-01-02T08:00:00Z"), Some(utc("2026-01-02T08:00:00Z")));
        assert_eq!(time("2026-01-02T08:00:00-05:00"), Some(utc("2026-01-02T13:00:00Z")));
        assert_eq!((time(""), time("soon"), time("2015-13-01")), (None, None, None));
    }

    #[test]
    fn a_time_or_day_at_the_end_of_what_can_be_said_is_none() {
        for odd in [
            "0000-01-01T00:00:00",
            "0001-01-01T00:00:00.0000000",
            "9999-12-31T23:59:59.9970000",
            "-262143-01-01T00:00:00",
            "-262143-01-01T00:30:00",
            "+262142-12-31T23:30:00",
            "+10000-01-01T00:00:00",
            "0000-01-01T00:00:00+23:59",
            "9999-12-31T23:59:59-23:59",
            "9999-12-31",
            "99999-12-31T00:00:00",
        ] {
            assert_eq!(time(odd), None, "{odd}");
        }
        for odd in ["0000-01-01", "9999-12-31T00:00:00", "+99999-1-1", "-999-01-01"] {
            assert_eq!(date(odd), None, "{odd}");
        }
        for edge in ["0001-01-03", "9998-12-30"] {
            let at = time(edge).unwrap();
            // What is sent and asked for is reckoned from it.
            assert!(!filter_time(at).is_empty() && !body_time(at).is_empty());
            assert!(window_start(at) <= at && overlap(at) > Duration::zero());
        }
    }

    #[test]
    fn the_repeated_autumn_hour_is_read_as_its_first_pass() {
        assert_eq!(time("2026-11-01T01:30:00"), Some(utc("2026-11-01T08:30:00Z")));
    }

    #[test]
    fn the_skipped_spring_hour_is_read_without_failing() {
        assert_eq!(time("2026-03-08T02:30:00"), Some(utc("2026-03-08T10:30:00Z")));
    }

    #[test]
    fn a_window_never_starts_inside_the_repeated_hour() {
        for inside in ["2026-11-01T08:10:00Z", "2026-11-01T09:10:00Z"] {
            let start = window_start(utc(inside));
            assert_eq!(filter_time(start), "2026-11-01 00:10:00", "{inside}");
            assert!(start < utc(inside));
        }
        assert_eq!(window_start(utc("2026-11-01T10:10:00.9Z")), utc("2026-11-01T10:10:00Z"));
        assert_eq!(filter_time(utc("2026-03-08T10:30:00Z")), "2026-03-08 03:30:00");
    }

    #[test]
    fn windows_overlap_more_around_a_clock_change() {
        assert_eq!(overlap(utc("2026-07-01T00:00:00Z")), Duration::minutes(5));
        assert_eq!(overlap(utc("2026-11-01T20:00:00Z")), Duration::hours(3));
        assert_eq!(overlap(utc("2026-03-08T11:00:00Z")), Duration::hours(3));
    }

    #[test]
    fn a_body_time_has_seven_decimals() {
        assert_eq!(body_time(utc("2026-07-01T00:00:00.5Z")), "2026-06-30T17:00:00.5000000");
    }
}
