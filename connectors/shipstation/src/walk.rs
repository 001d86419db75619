//! Walking a time-sorted list to its end, page by page, without missing rows that move meanwhile.
//!
//! Page numbers are unsafe on a list sorted by change: a row changed during the walk leaves its page, everything behind
//! it moves up, and the first row of the next page is never seen. So each full page moves the window's start to its last
//! row instead; numbers are used only where many rows share one second, and such a stretch is read again by the next run.
//! All windows and positions are bounded by the vendor's present time: a row dated ahead of it, such as one of the year 2099, is
//! brought in but moves nothing. Where the vendor's clock was put back since the last run, the next one begins earlier by
//! as much, because what changed meanwhile bears times that were passed already.
//! Pure: no requests, no clock.

use crate::wire::{overlap, window_start};
use chrono::{DateTime, Duration, TimeZone, Utc};
use connector_http::{Narrow, Sizes};
use serde::{Deserialize, Serialize};

/// Page sizes; 500 is the most the vendor gives.
pub(crate) const PAGES: Sizes = Sizes(&[500, 100, 10, 1]);

/// Where a walk stands; stored inside a cursor.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Walk {
    /// Start of the window.
    pub since: DateTime<Utc>,
    /// Rows of this window read already; a multiple of `size`.
    pub offset: u64,
    /// Page size.
    pub size: u64,
    /// The newest row of this run.
    newest: Option<DateTime<Utc>>,
    /// Where a stretch read by page numbers began; the next run starts there.
    recheck: Option<DateTime<Utc>>,
    /// This run is such a second reading, and does not ask for a third.
    rechecking: bool,
    /// By how many seconds the vendor's clock was ahead of ours when it last answered.
    #[serde(default)]
    ahead: Option<i64>,
}

impl Default for Walk {
    /// From before the vendor existed.
    fn default() -> Self {
        let since = Utc.with_ymd_and_hms(2000, 1, 1, 12, 0, 0).single().unwrap_or_default();
        Self { since, offset: 0, size: PAGES.largest(), newest: None, recheck: None, rechecking: false, ahead: None }
    }
}

/// The present moment, as the vendor has it and as we do.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Present {
    /// The vendor's, from its answer.
    pub theirs: DateTime<Utc>,
    /// Ours.
    pub ours: DateTime<Utc>,
}

impl Walk {
    /// Filters know whole seconds only, so a window starts a little before the last row.
    const STEP_BACK: Duration = Duration::seconds(2);
    /// Clocks of one vendor's machines differ a little, and so does the way to and fro.
    const JITTER: Duration = Duration::minutes(1);

    /// Whether this is the walk from the very start, for which no window is named: rows may be dated before any.
    pub fn is_whole(&self) -> bool {
        self.since == Self::default().since
    }

    /// Looks at the clocks when an answer is there. `true` when the window has to begin earlier than it did.
    pub fn begin(&mut self, present: Present) -> bool {
        let before = self.since;
        let ahead = (present.theirs - present.ours).num_seconds();
        let put_back = self.ahead.map_or(0, |known| known.saturating_sub(ahead));
        self.ahead = Some(ahead);
        if put_back > Self::JITTER.num_seconds() {
            let start = Duration::try_seconds(put_back).and_then(|back| self.since.checked_sub_signed(back));
            self.since = window_start(start.unwrap_or(self.since)).max(Self::default().since);
        }
        if self.since > present.theirs + Self::JITTER {
            // A position that some row of the future once moved: nobody knows what was passed over since.
            self.since = Self::default().since;
        }
        if self.since != before {
            self.offset = 0;
        }
        self.since != before
    }

    /// The page number to ask for, from 1.
    pub fn page(&self) -> u64 {
        self.offset / self.size + 1
    }

    /// Takes a page in: `count` rows came (null ones too), these are the times of those that have one, in their order,
    /// and `total` is what the vendor claims. `by_time` tells that the list is sorted by them. Returns whether there is
    /// more to read now.
    pub fn advance(
        &mut self,
        count: u64,
        times: &[DateTime<Utc>],
        total: Option<u64>,
        by_time: bool,
        theirs: DateTime<Utc>,
    ) -> bool {
        let (oldest, latest) = (Self::default().since, theirs + Self::JITTER);
        let believed = times.iter().copied().filter(|time| (oldest..=latest).contains(time));
        let times: Vec<DateTime<Utc>> = believed.map(|time| time.min(theirs)).collect();
        let page_newest = times.iter().max().copied();
        self.newest = self.newest.max(page_newest);
        let full = count >= self.size;
        let claimed = total.is_some_and(|total| total > self.offset + count);
        if count == 0 || !(full || claimed) {
            self.finish();
            return false;
        }
        // Out of order means that the sorting was not obeyed or that clocks changed; then only numbers are safe.
        let next =
            page_newest.filter(|_| by_time && times.is_sorted()).map(|time| window_start(time - Self::STEP_BACK));
        if let Some(next) = next.filter(|next| *next > self.since) {
            self.since = next;
            self.offset = 0;
            self.grow();
        } else if full {
            self.recheck.get_or_insert(self.since);
            self.offset += self.size;
            self.grow();
        } else {
            // A short page with more claimed: the vendor may allow only smaller pages.
            self.size = PAGES.at_most(count);
        }
        true
    }

    /// Lets the next run begin earlier than its own overlap.
    pub fn reach_back(&mut self, further: Duration) {
        self.since = self.since.max(Self::default().since + further) - further;
    }

    /// A larger page again, one step, where the rows read so far are a multiple of it.
    fn grow(&mut self) {
        self.size = PAGES.larger(self.size, self.offset);
    }

    /// Makes ready for the next run.
    fn finish(&mut self) {
        let behind = self.newest.map(|newest| window_start(newest - overlap(newest)));
        let recheck = self.recheck.filter(|_| !self.rechecking);
        let since = behind.unwrap_or(self.since);
        *self = Self {
            since: recheck.map_or(since, |recheck| recheck.min(since)),
            rechecking: recheck.is_some(),
            ahead: self.ahead,
            ..Self::default()
        };
    }
}

impl Narrow for Walk {
    const SIZES: Sizes = PAGES;

    fn size(&mut self) -> &mut u64 {
        &mut self.size
    }

    fn skip(&mut self) {
        self.offset += 1;
        self.grow();
    }

    fn one_row_on(&self, rows: u64) -> Self {
        Self { offset: self.offset + rows, size: 1, ..self.clone() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn minute(minute: i64) -> DateTime<Utc> {
        Utc.with_ymd_and_hms(2026, 7, 1, 0, 0, 0).unwrap() + Duration::minutes(minute)
    }

    /// The vendor's present time, long after.
    fn now() -> DateTime<Utc> {
        Utc.with_ymd_and_hms(2026, 12, 1, 0, 0, 0).unwrap()
    }

    /// What the vendor shows of these rows.
    fn page_of(rows: &[DateTime<Utc>], page: u64, size: u64) -> Vec<DateTime<Utc>> {
        let behind = usize::try_from((page - 1) * size).unwrap();
        rows.iter().copied().skip(behind).take(usize::try_from(size).unwrap()).collect()
    }

    fn minutes(range: std::ops::Range<i64>) -> Vec<DateTime<Utc>> {
        range.map(minute).collect()
    }

    #[test]
    fn a_full_page_moves_the_window_and_a_short_one_ends_the_walk() {
        let mut walk = Walk::default();
        assert!(walk.advance(500, &minutes(0..500), Some(700), true, now()));
        assert_eq!((walk.since, walk.page()), (minute(499) - Duration::seconds(2), 1));
        assert!(!walk.advance(201, &minutes(499..700), Some(201), true, now()));
        assert_eq!((walk.since, walk.page()), (minute(699) - Duration::minutes(5), 1));
        assert!(!walk.rechecking);
    }

    #[test]
    fn an_idle_walk_does_not_creep_backwards() {
        let mut walk = Walk::default();
        walk.advance(1, &[minute(60)], Some(1), true, now());
        let since = walk.since;
        for _ in 0..3 {
            assert!(!walk.advance(0, &[], Some(0), true, now()));
            assert_eq!(walk.since, since);
        }
        walk.advance(1, &[minute(60)], Some(1), true, now());
        assert_eq!(walk.since, since);
    }

    #[test]
    fn many_rows_of_one_second_are_read_by_number_and_once_more_in_the_next_run() {
        let same = vec![minute(0); 500];
        let mut walk = Walk::default();
        assert!(walk.advance(500, &same, None, true, now()));
        let start = walk.since;
        assert!(walk.advance(500, &same, None, true, now()));
        assert_eq!((walk.since, walk.page()), (start, 2));
        assert!(!walk.advance(3, &[minute(90)], None, true, now()));
        assert_eq!(walk.since, start, "the next run begins with the stretch");
        assert!(walk.advance(500, &same, None, true, now()));
        assert!(!walk.advance(3, &[minute(90)], None, true, now()));
        assert_eq!(walk.since, minute(85), "and does not ask for a third reading");
    }

    #[test]
    fn a_page_that_is_not_sorted_is_never_trusted_as_a_window() {
        let mut times = minutes(0..500);
        times.swap(0, 499);
        let mut walk = Walk::default();
        assert!(walk.advance(500, &times, None, true, now()));
        assert_eq!((walk.since, walk.page()), (Walk::default().since, 2));
    }

    #[test]
    fn a_vendor_that_gives_smaller_pages_than_asked_is_still_read_to_the_end() {
        let rows = minutes(0..650);
        let (mut walk, mut seen, mut reads) = (Walk::default(), std::collections::BTreeSet::new(), 0);
        loop {
            reads += 1;
            assert!(reads < 50, "it must end");
            let matching: Vec<_> = rows.iter().copied().filter(|time| *time >= walk.since).collect();
            let size = walk.size.min(100);
            let page: Vec<_> = page_of(&matching, walk.page(), size);
            seen.extend(page.iter().copied());
            if !walk.advance(page.len() as u64, &page, Some(matching.len() as u64), true, now()) {
                break;
            }
        }
        assert_eq!(seen.len(), 650);
    }

    #[test]
    fn a_total_that_claims_too_much_does_not_make_it_endless() {
        let mut walk = Walk::default();
        let mut reads = 0;
        while walk.advance(u64::from(walk.page() == 1), &[], Some(9), true, now()) {
            reads += 1;
            assert!(reads < 10);
        }
    }

    #[test]
    fn a_row_the_vendor_cannot_produce_is_closed_in_on_and_passed() {
        let mut walk = Walk::default();
        assert!(walk.shrink() && walk.shrink() && walk.shrink());
        assert!(!walk.shrink());
        walk.skip();
        assert_eq!((walk.size, walk.page()), (1, 2));
        assert!(walk.advance(1, &[], None, true, now()));
        for _ in 0..8 {
            assert!(walk.advance(1, &[], None, true, now()));
        }
        assert_eq!((walk.offset, walk.size, walk.page()), (10, 10, 2));
    }

    #[test]
    fn a_row_of_the_future_or_of_long_ago_moves_nothing() {
        let odd = [
            Utc.with_ymd_and_hms(2099, 1, 1, 0, 0, 0).unwrap(),
            Utc.with_ymd_and_hms(1970, 1, 1, 0, 0, 0).unwrap(),
            now() + Duration::hours(2),
        ];
        for odd in odd {
            for at in [0, 1, 2] {
                let mut times = minutes(58..60);
                times.insert(at, odd);
                let mut walk = Walk::default();
                assert!(!walk.advance(3, &times, Some(3), true, now()));
                assert_eq!(walk.since, minute(59) - Duration::minutes(5), "{odd} at {at}");
            }
        }
        let mut walk = Walk::default();
        assert!(!walk.advance(1, &odd[..1], Some(1), true, now()));
        assert!(walk.is_whole(), "nothing is known yet but a row of the future");
    }

    #[test]
    fn pages_that_end_in_rows_of_the_future_are_read_to_their_end() {
        let future = Utc.with_ymd_and_hms(2099, 1, 1, 0, 0, 0).unwrap();
        let mut rows = minutes(0..700);
        rows.extend(vec![future; 900]);
        let (mut walk, mut seen, mut reads) = (Walk::default(), 0, 0);
        loop {
            reads += 1;
            assert!(reads < 20, "it must end");
            let matching: Vec<_> = rows.iter().copied().filter(|time| *time >= walk.since).collect();
            let page: Vec<_> = page_of(&matching, walk.page(), walk.size);
            seen += page.iter().filter(|time| **time == future).count();
            if !walk.advance(page.len() as u64, &page, Some(matching.len() as u64), true, now()) {
                break;
            }
        }
        assert!(seen >= 900, "all of them came");
        assert!(walk.since < now(), "and the next run asks for what changes from now on");
    }

    #[test]
    fn a_position_that_a_row_of_the_future_once_moved_heals() {
        let mut walk = Walk { since: Utc.with_ymd_and_hms(2098, 12, 31, 0, 0, 0).unwrap(), ..Walk::default() };
        assert!(walk.begin(Present { theirs: now(), ours: now() }));
        assert!(walk.is_whole());
    }

    #[test]
    fn a_clock_of_the_vendors_that_was_put_back_makes_the_next_run_begin_earlier_by_as_much() {
        let ours = |hours: i64| now() + Duration::hours(hours);
        let mut walk = Walk::default();
        // The vendor is three hours ahead.
        assert!(!walk.begin(Present { theirs: ours(3), ours: ours(0) }));
        assert!(!walk.advance(1, &[ours(3)], Some(1), true, ours(3)));
        let since = walk.since;
        // Then it is put right, and a row changes at a time that was passed already.
        assert!(walk.begin(Present { theirs: ours(1), ours: ours(1) }));
        assert_eq!(walk.since, since - Duration::hours(3));
        assert!(walk.since < ours(0), "so what changed right after it is asked for");
        // Later pages and runs are not set back again.
        assert!(!walk.begin(Present { theirs: ours(1), ours: ours(1) }));
        assert!(!walk.advance(1, &[ours(1)], Some(1), true, ours(1)));
        assert!(!walk.begin(Present { theirs: ours(2), ours: ours(2) }));
    }
}
