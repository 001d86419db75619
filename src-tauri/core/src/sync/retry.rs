//! When a change that could not be sent is tried again: exponentially later, spread by chance, and not for ever. Pure.

use chrono::Duration;

/// After so many tries without success the owner is asked.
pub const GIVE_UP_AFTER: u32 = 10;

const FIRST: Duration = Duration::seconds(30);
const LONGEST: Duration = Duration::hours(6);

/// A vendor's wish counts up to here: whatever it meant by more, a day later it is asked again.
pub const LONGEST_ASKED: Duration = Duration::days(1);

/// How long to wait after the `attempts`-th try failed. `chance` is between 0 and `u16::MAX` and picks a moment in the second
/// half of the span, so that many changes that failed together do not come back together. `asked` is the vendor's own wish.
pub fn delay(attempts: u32, chance: u16, asked: Option<std::time::Duration>) -> Duration {
    let doublings = attempts.saturating_sub(1).min(20);
    let span = FIRST.checked_mul(1 << doublings).unwrap_or(LONGEST).min(LONGEST);
    let half = span / 2;
    let spread = Duration::milliseconds(half.num_milliseconds() * i64::from(chance) / i64::from(u16::MAX));
    let asked = asked.map(|asked| Duration::from_std(asked).map_or(LONGEST_ASKED, |asked| asked.min(LONGEST_ASKED)));
    (half + spread).max(asked.unwrap_or_default())
}

/// A number for [`delay`] that differs from entry to entry and from try to try, and is the same whenever it is asked for.
pub fn spread(entry: i64, attempts: u32) -> u16 {
    let mixed =
        (entry.unsigned_abs() ^ (u64::from(attempts) << 32)).wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    u16::try_from(mixed >> 48).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waiting_doubles_up_to_six_hours() {
        let longest: Vec<i64> = (1..=12).map(|tries| delay(tries, u16::MAX, None).num_seconds()).collect();
        assert_eq!(longest, [30, 60, 120, 240, 480, 960, 1920, 3840, 7680, 15360, 21600, 21600]);
        assert_eq!(delay(u32::MAX, u16::MAX, None), LONGEST, "no overflow");
    }

    #[test]
    fn chance_spreads_over_the_second_half_only() {
        assert_eq!(delay(3, 0, None).num_seconds(), 60);
        assert_eq!(delay(3, u16::MAX / 2, None).num_seconds(), 89);
        assert_eq!(delay(3, u16::MAX, None).num_seconds(), 120);
    }

    #[test]
    fn neighbours_in_the_queue_are_spread_apart() {
        let spreads: Vec<u16> = (1..=64).map(|row| spread(row, 1)).collect();
        let mut quarters = [0; 4];
        for spread in &spreads {
            quarters[usize::from(spread >> 14)] += 1;
        }
        assert!(quarters.iter().all(|count| (10..=22).contains(count)), "{quarters:?}");
        assert_ne!(spread(1, 1), spread(1, 2));
        assert_eq!(spread(7, 3), spread(7, 3));
    }

    #[test]
    fn the_vendors_own_wish_is_never_undercut() {
        assert_eq!(delay(1, 0, Some(std::time::Duration::from_mins(10))).num_minutes(), 10);
        assert_eq!(delay(8, 0, Some(std::time::Duration::from_secs(1))).num_seconds(), 1920);
    }

    #[test]
    fn a_wish_of_years_is_a_day() {
        for wish in [100_000_000, u64::MAX] {
            assert_eq!(delay(1, 0, Some(std::time::Duration::from_secs(wish))), LONGEST_ASKED, "{wish}");
        }
    }
}
