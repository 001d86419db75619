//! Times of the older interface: US Pacific, with daylight saving, written without any sign of it.
//!
//! Inside, everything is UTC.

use chrono::{DateTime, LocalResult, NaiveDate, NaiveDateTime, TimeDelta, TimeZone, Utc};
use chrono_tz::America::Los_Angeles;

/// As orders, labels and products print it: seven decimals.
pub fn pacific(at: DateTime<Utc>) -> String {
    at.with_timezone(&Los_Angeles).format("%Y-%m-%dT%H:%M:%S%.3f0000").to_string()
}

/// As lines of an order print it: no needless decimals.
pub fn pacific_short(at: DateTime<Utc>) -> String {
    let text = at.with_timezone(&Los_Angeles).format("%Y-%m-%dT%H:%M:%S%.3f").to_string();
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// The Pacific day of a moment.
pub fn pacific_day(at: DateTime<Utc>) -> NaiveDate {
    at.with_timezone(&Los_Angeles).date_naive()
}

/// Midnight in the Pacific zone.
pub fn midnight(day: NaiveDate) -> DateTime<Utc> {
    resolve(day.and_time(chrono::NaiveTime::MIN))
}

/// Reads a time without offset as Pacific; an offset is honoured. A bare date is its midnight.
pub fn read(text: &str) -> Option<DateTime<Utc>> {
    let text = text.trim();
    if let Ok(at) = DateTime::parse_from_rfc3339(&text.replacen(' ', "T", 1)) {
        return Some(at.to_utc());
    }
    for format in
        ["%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%d %H:%M:%S%.f", "%m/%d/%Y %H:%M:%S", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"]
    {
        if let Ok(naive) = NaiveDateTime::parse_from_str(text, format) {
            return Some(resolve(naive));
        }
    }
    read_day(text).map(midnight)
}

/// Reads a date; a time after it is ignored.
pub fn read_day(text: &str) -> Option<NaiveDate> {
    let head = text.trim().get(..10)?;
    NaiveDate::parse_from_str(head, "%Y-%m-%d").or_else(|_| NaiveDate::parse_from_str(head, "%m/%d/%Y")).ok()
}

/// The repeated hour of autumn is its first run; the missing hour of spring is an hour later.
fn resolve(naive: NaiveDateTime) -> DateTime<Utc> {
    match Los_Angeles.from_local_datetime(&naive) {
        LocalResult::Single(at) | LocalResult::Ambiguous(at, _) => at.to_utc(),
        LocalResult::None => match Los_Angeles.from_local_datetime(&(naive + TimeDelta::hours(1))) {
            LocalResult::Single(at) | LocalResult::Ambiguous(at, _) => at.to_utc(),
            LocalResult::None => naive.and_utc(),
        },
    }
}

/// As the newer interface prints it.
pub fn zulu(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%dT%H:%M:%S%.3fZ").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn utc(text: &str) -> DateTime<Utc> {
        DateTime::parse_from_rfc3339(text).unwrap().to_utc()
    }

    #[test]
    fn winter_and_summer_differ_by_an_hour_and_nothing_says_so() {
        assert_eq!(pacific(utc("2026-01-15T12:00:00.823Z")), "2026-01-15T04:00:00.8230000");
        assert_eq!(pacific(utc("2026-07-15T12:00:00Z")), "2026-07-15T05:00:00.0000000");
        assert_eq!(pacific_short(utc("2026-07-15T12:00:00.050Z")), "2026-07-15T05:00:00.05");
        assert_eq!(pacific_short(utc("2026-07-15T12:00:10Z")), "2026-07-15T05:00:10");
    }

    #[test]
    fn naive_times_are_pacific_and_offsets_are_honoured() {
        assert_eq!(read("2026-01-15 04:00:00"), Some(utc("2026-01-15T12:00:00Z")));
        assert_eq!(
            read("2026-07-15T05:00:00.1234567").map(|t| t.timestamp()),
            Some(utc("2026-07-15T12:00:00Z").timestamp())
        );
        assert_eq!(read("2026-07-15T12:00:00Z"), Some(utc("2026-07-15T12:00:00Z")));
        assert_eq!(read("2026-07-15 12:00:00-00:00"), Some(utc("2026-07-15T12:00:00Z")));
        assert_eq!(read("2026-07-15"), Some(utc("2026-07-15T07:00:00Z")));
        assert_eq!(read("yesterday"), None);
    }

    #[test]
    fn both_nights_of_the_clock_change_have_an_answer() {
        assert_eq!(read("2026-11-01 01:30:00"), Some(utc("2026-11-01T08:30:00Z")), "the first of two half past ones");
        assert_eq!(pacific(utc("2026-11-01T09:30:00Z")), pacific(utc("2026-11-01T08:30:00Z")), "two moments, one text");
        assert_eq!(read("2026-03-08 02:30:00"), Some(utc("2026-03-08T10:30:00Z")), "an hour that does not exist");
    }
}
