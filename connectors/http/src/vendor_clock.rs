//! What time it is for the vendor, worked out from the `Date` header of its answers.
//!
//! Windows and cursors end at the vendor's present moment, never at ours: with our clock ahead, a window that ended at our
//! "now" would count as read up to a time the vendor has not reached, and what it makes until then would never be asked
//! for. So being early is only late, being late is lost: a `Date` that is behind ours is believed however far, one that
//! is ahead only up to [`LONGEST_LEAD`]. Absent on purpose: the time an answer was under way, which only makes us early.

use chrono::{DateTime, Datelike, TimeDelta, Utc};
use connector_contract::Clock;
use parking_lot::Mutex;
use std::sync::Arc;

/// A vendor's clock further ahead of ours than this is not believed. More than any time zone that was taken for another.
const LONGEST_LEAD: TimeDelta = TimeDelta::days(1);

/// Whether a server's clock can show this at all: a `Date` of 1970 or 9999 is a fault of the server, and no time.
pub fn plausible(time: DateTime<Utc>) -> bool {
    (2024..2200).contains(&time.year())
}

/// How far a vendor's clock is from ours.
pub(crate) struct VendorClock {
    ours: Arc<dyn Clock>,
    /// Theirs less ours, as of the last answer that showed a plausible time.
    offset: Mutex<Option<TimeDelta>>,
}

impl VendorClock {
    pub fn new(ours: Arc<dyn Clock>) -> Self {
        Self { ours, offset: Mutex::new(None) }
    }

    /// An answer that came just now shows this time.
    pub fn hear(&self, theirs: Option<DateTime<Utc>>) {
        let Some(theirs) = theirs.filter(|theirs| plausible(*theirs)) else { return };
        let offset = theirs.signed_duration_since(self.ours.now());
        if offset <= LONGEST_LEAD {
            *self.offset.lock() = Some(offset);
        }
    }

    /// Theirs less ours; `None` until an answer showed it.
    pub fn offset(&self) -> Option<TimeDelta> {
        *self.offset.lock()
    }

    /// The vendor's moment at this moment of ours; ours where nothing is known.
    pub fn at(&self, our_now: DateTime<Utc>) -> DateTime<Utc> {
        self.offset().and_then(|offset| our_now.checked_add_signed(offset)).unwrap_or(our_now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use connector_contract::FakeClock;

    fn moment(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn clock(ours: &str) -> (Arc<FakeClock>, VendorClock) {
        let ours = Arc::new(FakeClock::at(moment(ours)));
        (ours.clone(), VendorClock::new(ours))
    }

    #[test]
    fn ours_stands_in_until_an_answer_shows_theirs() {
        let (_, theirs) = clock("2026-11-20T12:00:00Z");
        assert_eq!(theirs.at(moment("2026-11-20T12:00:00Z")), moment("2026-11-20T12:00:00Z"));
        assert_eq!(theirs.offset(), None);
    }

    #[test]
    fn the_vendor_decides_whether_our_clock_is_ahead_or_behind_and_follows_a_jump_with_its_next_answer() {
        let (ours, theirs) = clock("2026-11-20T14:00:00Z");
        theirs.hear(Some(moment("2026-11-20T12:00:00Z")));
        assert_eq!(theirs.at(moment("2026-11-20T14:00:05Z")), moment("2026-11-20T12:00:05Z"));
        ours.set(moment("2026-11-20T11:00:00Z"));
        theirs.hear(Some(moment("2026-11-20T12:01:00Z")));
        assert_eq!(theirs.at(moment("2026-11-20T11:00:00Z")), moment("2026-11-20T12:01:00Z"));
    }

    #[test]
    fn an_absurd_date_changes_nothing() {
        let (ours, theirs) = clock("2026-11-20T12:00:00Z");
        theirs.hear(Some(moment("2026-11-20T12:00:07Z")));
        let far = [DateTime::<Utc>::MAX_UTC, DateTime::<Utc>::MIN_UTC, moment("1970-01-01T00:00:00Z")];
        for absurd in far.into_iter().map(Some).chain([None, Some(moment("2026-11-22T12:00:00Z"))]) {
            theirs.hear(absurd);
            assert_eq!(theirs.at(moment("2026-11-20T12:00:00Z")), moment("2026-11-20T12:00:07Z"), "{absurd:?}");
        }
        // However wrong ours is, no moment is out of range.
        ours.set(DateTime::<Utc>::MAX_UTC);
        theirs.hear(Some(moment("2026-11-20T12:00:00Z")));
        assert_eq!(theirs.at(DateTime::<Utc>::MAX_UTC), moment("2026-11-20T12:00:00Z"));
        assert_eq!(theirs.at(DateTime::<Utc>::MIN_UTC), DateTime::<Utc>::MIN_UTC);
    }

    #[test]
    fn our_clock_years_ahead_is_corrected_but_theirs_years_ahead_is_not_believed() {
        let (_, theirs) = clock("2031-01-01T00:00:00Z");
        theirs.hear(Some(moment("2026-11-20T12:00:00Z")));
        assert_eq!(theirs.at(moment("2031-01-01T00:00:00Z")), moment("2026-11-20T12:00:00Z"));
        let (_, theirs) = clock("2026-11-20T12:00:00Z");
        theirs.hear(Some(moment("2031-01-01T00:00:00Z")));
        assert_eq!(theirs.at(moment("2026-11-20T12:00:00Z")), moment("2026-11-20T12:00:00Z"));
    }
}
