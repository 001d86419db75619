//! An office whose program can be made to fail: the real command line, the real simulators, and what must hold whatever happens to it.
//! `backroom-crash` kills the program, `backroom-disk` lets its disk fail.
//!
//! Absent on purpose: what the owner and the vendors' people do, and the promises; both are those of `backroom-random`.

pub mod line;
pub mod office;
pub mod simulators;
