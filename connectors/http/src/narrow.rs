//! Narrowing: what can't be read is asked for in smaller and smaller parts, down to the one record, which is reported.
//!
//! A vendor's program that trips over one record fails the whole page, query or capture it is in; an answer may be larger
//! than is read at once; a byte may be one that no JSON has. One step is taken at a time and each ends in a position that
//! can be stored, so that a search is never begun again: not by the next run, and not after an outage in the middle of it.
//! Lists with positions are narrowed by [`step`]; lists and captures that know only times by [`Search`].
//! Absent on purpose: how a vendor pages, and words for the owner.

use crate::answer::WEB_PAGE;
use connector_contract::ConnectorError;
use futures::future::BoxFuture;
use serde::{Deserialize, Serialize};

/// How many rows, at most, lie between a row that fails and the farthest one that is tried to find out whether it is the
/// row that is broken or the vendor: 1, 2, 4, … rows on.
const FARTHEST: u64 = 256;

/// Page sizes, largest first, the last one 1. Each divides the one before it.
#[derive(Debug, Clone, Copy)]
pub struct Sizes(pub &'static [u64]);

impl Sizes {
    /// The one to begin with.
    pub const fn largest(&self) -> u64 {
        match self.0 {
            [first, ..] => *first,
            [] => 1,
        }
    }

    /// The next smaller one; `None` when a single row is asked for already.
    pub fn smaller(&self, size: u64) -> Option<u64> {
        self.0.iter().copied().find(|smaller| *smaller < size)
    }

    /// The largest one of at most so many rows.
    pub fn at_most(&self, rows: u64) -> u64 {
        self.0.iter().copied().find(|size| *size <= rows).unwrap_or(1)
    }

    /// The largest one of which whole pages end at this position.
    pub fn that_begin_at(&self, position: u64) -> u64 {
        self.0.iter().copied().find(|size| position.is_multiple_of(*size)).unwrap_or(1)
    }

    /// Whether it is one of them.
    pub fn contains(&self, size: u64) -> bool {
        self.0.contains(&size)
    }

    /// One step larger again, where the rows read so far are whole pages of it; else the same.
    pub fn larger(&self, size: u64, read: u64) -> u64 {
        let larger = self.0.iter().rev().copied().find(|larger| *larger > size);
        larger.filter(|larger| read.is_multiple_of(*larger)).unwrap_or(size)
    }
}

/// A position in a list that can be narrowed.
pub trait Narrow: Clone + Send + Sync {
    /// The sizes of its pages.
    const SIZES: Sizes;
    /// How many rows are asked for.
    fn size(&mut self) -> &mut u64;
    /// Asks for fewer rows; `false` when it is one already.
    fn shrink(&mut self) -> bool {
        let size = self.size();
        Self::SIZES.smaller(*size).map(|smaller| *size = smaller).is_some()
    }
    /// Passes over the one row.
    fn skip(&mut self);
    /// The one row so many rows further on.
    #[must_use]
    fn one_row_on(&self, rows: u64) -> Self;
}

/// What a step brought.
#[derive(Debug, PartialEq, Eq)]
pub enum Step<T> {
    /// The page.
    Page(T),
    /// Nothing yet; fewer rows are asked for from now on.
    Smaller,
    /// The row at the position before can't be had, for this reason; it was passed over, and is to be reported.
    Skipped(ConnectorError),
}

/// Whether an error of a read may be about one of the rows asked for, and not about the vendor or the way there. A vendor's
/// own ways to say so (a page of its program that failed) are its connector's to add.
pub fn may_be_one_row(error: &ConnectorError) -> bool {
    match error {
        ConnectorError::TooLarge | ConnectorError::Rejected(_) => true,
        ConnectorError::Protocol(text) => !text.starts_with(WEB_PAGE),
        _ => false,
    }
}

/// Reads the page at `at`, or narrows it by one step; the position moves with what is found, and is worth storing even when
/// nothing came. A row is only skipped where another one near it can be had (or the list ends): else it is the vendor that
/// is out of order, and its error is returned.
pub async fn step<'a, P: Narrow, T: Send>(
    at: &mut P,
    read: impl Fn(P) -> BoxFuture<'a, Result<T, ConnectorError>> + Send + Sync,
    about_a_row: impl Fn(&ConnectorError) -> bool + Send + Sync,
) -> Result<Step<T>, ConnectorError> {
    let error = match read(at.clone()).await {
        Ok(page) => return Ok(Step::Page(page)),
        Err(error) if !about_a_row(&error) => return Err(error),
        Err(error) => error,
    };
    if at.shrink() {
        return Ok(Step::Smaller);
    }
    let mut further = 1;
    while further <= FARTHEST {
        match read(at.one_row_on(further)).await {
            Ok(_) => {
                at.skip();
                return Ok(Step::Skipped(error));
            }
            Err(other) if !about_a_row(&other) => return Err(other),
            Err(_) => further *= 2,
        }
    }
    Err(error)
}

/// A search in time (or by any whole number) for the border of what can be read, by halves. Stored in a cursor between
/// requests: ten days are searched to the second in 20 of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Search {
    /// Up to here it can be had.
    good: i64,
    /// Here it fails.
    bad: i64,
}

impl Search {
    /// `good` is known to work, or to be the edge beyond which nothing is wanted; `bad` is known to fail. Either may be the
    /// greater one.
    pub const fn between(good: i64, bad: i64) -> Self {
        Self { good, bad }
    }

    /// What to try next; `None` when the border is found.
    pub const fn middle(&self) -> Option<i64> {
        let middle = self.good.midpoint(self.bad);
        if middle == self.good || middle == self.bad { None } else { Some(middle) }
    }

    /// Takes in how trying the middle went.
    pub const fn tried(&mut self, middle: i64, works: bool) {
        if works {
            self.good = middle;
        } else {
            self.bad = middle;
        }
    }

    /// The last value that works.
    pub const fn good(&self) -> i64 {
        self.good
    }

    /// The first value that fails: where the culprit is.
    pub const fn bad(&self) -> i64 {
        self.bad
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::FutureExt as _;
    use std::collections::BTreeSet;
    use std::future::ready;
    use std::sync::atomic::{AtomicU32, Ordering};

    const SIZES: Sizes = Sizes(&[500, 100, 10, 1]);

    #[derive(Clone, Debug)]
    struct Walk {
        read: u64,
        size: u64,
    }

    impl Narrow for Walk {
        const SIZES: Sizes = SIZES;

        fn size(&mut self) -> &mut u64 {
            &mut self.size
        }

        fn skip(&mut self) {
            self.read += 1;
            self.size = SIZES.larger(self.size, self.read);
        }

        fn one_row_on(&self, rows: u64) -> Self {
            Self { read: self.read + rows, size: 1 }
        }
    }

    /// Reads a list of `count` rows to its end, some of which spoil their page. Gives rows, skipped rows, requests.
    async fn read_all(count: u64, bad: &BTreeSet<u64>) -> Result<(Vec<u64>, Vec<u64>, u32), ConnectorError> {
        let requests = AtomicU32::new(0);
        let read = |at: Walk| {
            requests.fetch_add(1, Ordering::Relaxed);
            let page: Vec<u64> = (at.read..count.min(at.read + at.size)).collect();
            let spoiled = page.iter().any(|row| bad.contains(row));
            ready(if spoiled { Err(ConnectorError::TooLarge) } else { Ok(page) }).boxed()
        };
        let (mut walk, mut rows, mut skipped) = (Walk { read: 0, size: SIZES.largest() }, vec![], vec![]);
        loop {
            assert!(requests.load(Ordering::Relaxed) < 2_000, "it must end");
            let before = walk.clone();
            match step(&mut walk, read, may_be_one_row).await? {
                Step::Page(page) if page.is_empty() => return Ok((rows, skipped, requests.load(Ordering::Relaxed))),
                Step::Page(page) => {
                    walk.read += page.len() as u64;
                    walk.size = SIZES.larger(walk.size, walk.read);
                    rows.extend(page);
                }
                Step::Smaller => {}
                Step::Skipped(error) => {
                    assert_eq!(error, ConnectorError::TooLarge);
                    skipped.push(before.read);
                }
            }
        }
    }

    #[tokio::test]
    async fn every_row_is_read_but_those_that_cannot_be_and_each_is_found_in_few_requests() {
        let far = (0..5).map(|n| n * 400 + 7).collect();
        let neighbors = (40..60).collect();
        for (bad, most) in [
            (BTreeSet::new(), 6),
            (BTreeSet::from([0]), 60),
            (BTreeSet::from([1999]), 60),
            (far, 220),
            (neighbors, 220),
            (BTreeSet::from([0, 1, 2, 3]), 70),
        ] {
            let (rows, skipped, requests) = read_all(2_000, &bad).await.unwrap();
            assert_eq!(skipped, bad.iter().copied().collect::<Vec<_>>());
            assert_eq!(rows, (0..2_000).filter(|row| !bad.contains(row)).collect::<Vec<_>>());
            assert!(requests <= most, "{requests} requests for {bad:?}");
        }
    }

    #[tokio::test]
    async fn a_vendor_that_fails_everywhere_skips_nothing_and_is_asked_a_bounded_number_of_times() {
        let all = (0..2_000).collect();
        assert_eq!(read_all(2_000, &all).await.unwrap_err(), ConnectorError::TooLarge);
    }

    #[tokio::test]
    async fn what_is_about_the_vendor_is_returned_at_once() {
        for error in [
            ConnectorError::Unavailable("closed".into()),
            ConnectorError::Unauthorized("no".into()),
            ConnectorError::Protocol(format!("{WEB_PAGE} (status 200)")),
        ] {
            let mut walk = Walk { read: 0, size: 500 };
            let failed = step(&mut walk, |_| ready(Err::<(), _>(error.clone())).boxed(), may_be_one_row).await;
            assert_eq!((failed, walk.size), (Err(error), 500));
        }
    }

    #[test]
    fn a_search_by_halves_ends_at_the_culprit_from_either_side() {
        for culprit in [0, 1, 499_999, 863_999] {
            let mut search = Search::between(-1, 864_000);
            let mut tries = 0;
            while let Some(middle) = search.middle() {
                search.tried(middle, middle < culprit);
                tries += 1;
            }
            assert_eq!((search.good(), search.bad()), (culprit - 1, culprit));
            assert!(tries <= 20);
            let mut search = Search::between(864_000, -1);
            while let Some(middle) = search.middle() {
                search.tried(middle, middle > culprit);
            }
            assert_eq!((search.good(), search.bad()), (culprit + 1, culprit));
        }
        assert_eq!(Search::between(i64::MIN, i64::MAX).middle(), Some(0));
    }
}
