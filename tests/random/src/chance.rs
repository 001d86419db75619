//! Chance: everything random of a seed is drawn here, in one row, so that the same seed plays the same way.

use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};

/// The one source.
#[derive(Clone)]
pub struct Chance(StdRng);

impl Chance {
    /// Of this seed.
    pub fn new(seed: u64) -> Self {
        Self(StdRng::seed_from_u64(seed))
    }

    /// A whole number below `end`.
    pub fn below(&mut self, end: usize) -> usize {
        self.0.random_range(0..end.max(1))
    }

    /// A whole number from `first` to `last`.
    pub fn between(&mut self, first: i64, last: i64) -> i64 {
        self.0.random_range(first..=last)
    }

    /// True so often in a hundred.
    pub fn percent(&mut self, percent: u32) -> bool {
        self.0.random_range(0..100) < percent
    }

    /// One of these.
    pub fn one<'a, T>(&mut self, of: &'a [T]) -> Option<&'a T> {
        if of.is_empty() { None } else { of.get(self.below(of.len())) }
    }

    /// One of these by weight.
    pub fn weighted<T: Copy>(&mut self, of: &[(u32, T)]) -> Option<T> {
        let sum: u32 = of.iter().map(|(weight, _)| weight).sum();
        let mut at = self.0.random_range(0..sum.max(1));
        of.iter().find_map(|(weight, value)| {
            if at < *weight {
                return Some(*value);
            }
            at -= weight;
            None
        })
    }

    /// Sixty-four random bits.
    pub fn bits(&mut self) -> u64 {
        self.0.random()
    }
}
