//! Which days and moments a record may bear: those that every layer can hold, sort, shift by a few days and show in any time zone.
//!
//! Vendors' answers hold years of 0, 9999 and far beyond. Arithmetic on the edge of what a calendar can say overflows, and years of
//! five digits sort before those of four, so such a row is reported instead.
//! Absent on purpose: whether a day makes sense. A due day of the year 9000 is the owner's.

use chrono::{DateTime, Datelike as _, NaiveDate, Utc};

/// The years of days that are kept.
const YEARS: std::ops::RangeInclusive<i32> = 1..=9998;

/// A day written as `2026-03-01`, with nothing before or after it.
pub fn day(text: &str) -> Option<NaiveDate> {
    let plain = text
        .bytes()
        .enumerate()
        .all(|(at, byte)| if matches!(at, 4 | 7) { byte == b'-' } else { byte.is_ascii_digit() });
    let day = (plain && text.len() == 10).then(|| NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()).flatten();
    day.filter(|day| holds(*day))
}

/// Whether a day can be kept.
pub fn holds(day: NaiveDate) -> bool {
    YEARS.contains(&day.year())
}

/// A moment that can be kept: a day from either end of the calendar's years, so that it has a day in every time zone.
pub fn moment(at: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let in_years = YEARS.contains(&at.year());
    let first = at.year() == *YEARS.start() && at.ordinal() == 1;
    (in_years && !first).then_some(at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_days_that_every_layer_can_hold_are_read() {
        for text in ["2026-03-01", "0001-01-01", "9998-12-31", "2024-02-29"] {
            assert_eq!(day(text).map(|day| day.to_string()).as_deref(), Some(text));
        }
        for text in [
            "",
            "0000-12-31",
            "9999-12-31",
            "2026-02-29",
            "2026-3-1",
            "+99999-1-1",
            "-999-01-01",
            "99999-1-01",
            "2026/03/01",
            " 026-03-01",
            "2026-03-01T",
            "20260301",
            "２０２6-1",
            "+262142-12",
        ] {
            assert_eq!(day(text), None, "{text}");
        }
    }

    #[test]
    fn a_moment_that_is_kept_has_a_day_in_every_time_zone() {
        for text in ["0001-01-01T12:00:00Z", "0000-06-01T00:00:00Z", "9999-01-01T00:00:00Z"] {
            assert_eq!(moment(text.parse().unwrap()), None, "{text}");
        }
        for edge in [DateTime::<Utc>::MIN_UTC, DateTime::<Utc>::MAX_UTC] {
            assert_eq!(moment(edge), None);
        }
        for text in ["0001-01-02T00:00:00Z", "9998-12-31T23:59:59Z", "2026-11-30T00:00:00Z"] {
            let at = moment(text.parse().unwrap()).expect("a moment");
            for hours in [-14, 14] {
                let zone = chrono::FixedOffset::east_opt(hours * 3600).unwrap();
                assert!((1..=9999).contains(&at.with_timezone(&zone).year()), "{text}");
            }
        }
    }
}
