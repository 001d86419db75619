//! Which daily backups are kept: the last seven days, the last four weeks and the last twelve months that have one.
//!
//! Absent on purpose: files and clocks.

use chrono::{Datelike as _, NaiveDate};
use std::collections::BTreeSet;

const DAYS: usize = 7;
const WEEKS: usize = 4;
const MONTHS: usize = 12;

/// The days whose backups may go. The newest backup of each kept week and month stands for it; `made` was made just now and stays
/// whatever the other dates say, because a clock may have been wrong for a while.
pub(super) fn superfluous(days: &[NaiveDate], made: NaiveDate) -> Vec<NaiveDate> {
    let newest_first: BTreeSet<std::cmp::Reverse<NaiveDate>> = days.iter().copied().map(std::cmp::Reverse).collect();
    let newest_first: Vec<NaiveDate> = newest_first.into_iter().map(|day| day.0).collect();
    let mut kept: BTreeSet<NaiveDate> = newest_first.iter().copied().take(DAYS).collect();
    kept.insert(made);
    let week = |day: NaiveDate| (day.iso_week().year(), day.iso_week().week());
    kept.extend(newest_of_each(&newest_first, week, WEEKS));
    kept.extend(newest_of_each(&newest_first, |day| (day.year(), day.month()), MONTHS));
    newest_first.into_iter().filter(|day| !kept.contains(day)).collect()
}

fn newest_of_each(
    newest_first: &[NaiveDate],
    span: impl Fn(NaiveDate) -> (i32, u32),
    most: usize,
) -> impl Iterator<Item = NaiveDate> {
    let mut spans = Vec::new();
    let mut newest = Vec::new();
    for day in newest_first {
        if !spans.contains(&span(*day)) {
            spans.push(span(*day));
            newest.push(*day);
        }
    }
    newest.into_iter().take(most)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a day")
    }

    /// Lives through every day of a span, with a backup each, and returns what is left.
    fn left(from: &str, to: &str) -> Vec<NaiveDate> {
        let mut kept = Vec::new();
        for today in day(from).iter_days().take_while(|today| *today <= day(to)) {
            kept.push(today);
            let gone = superfluous(&kept, today);
            kept.retain(|day| !gone.contains(day));
        }
        kept
    }

    #[test]
    fn two_years_of_days_leave_seven_days_four_weeks_and_twelve_months() {
        let kept = left("2024-12-01", "2026-11-30");
        let months: BTreeSet<_> = kept.iter().map(|day| (day.year(), day.month())).collect();
        assert_eq!(months.len(), 12, "{kept:?}");
        for back in 0..7 {
            assert!(kept.contains(&(day("2026-11-30") - chrono::Duration::days(back))), "{back} days back");
        }
        // The ends of the last four weeks: today's, and three Sundays.
        for sunday in ["2026-11-29", "2026-11-22", "2026-11-15"] {
            assert!(kept.contains(&day(sunday)), "{sunday}: {kept:?}");
        }
        assert!(kept.contains(&day("2026-10-31")) && kept.contains(&day("2025-12-31")));
        assert!(kept.len() <= 7 + 4 + 12, "{kept:?}");
    }

    #[test]
    fn few_backups_far_apart_are_all_kept() {
        let few = [day("2024-02-29"), day("2025-12-31"), day("2026-11-30")];
        assert_eq!(superfluous(&few, few[2]), []);
    }

    #[test]
    fn the_one_made_just_now_stays_even_when_the_clock_was_far_ahead_before() {
        let mut days: Vec<NaiveDate> = day("2099-01-01").iter_days().take(400).collect();
        let made = day("2026-11-30");
        days.push(made);
        assert!(!superfluous(&days, made).contains(&made));
    }
}
