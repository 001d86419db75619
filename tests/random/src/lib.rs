//! The parts of a random day: what the owner and the vendors' people do, the promises that are checked, and how both sides compare.
//! The program `backroom-random` plays them in one process; the crash tests play them around real processes.

pub mod agree;
pub mod chance;
pub mod check;
pub mod day;
mod ear;
pub mod file;
pub mod fuzz;
pub mod jobs;
mod owner;
mod patched;
mod play;
mod processor;
pub mod shop;
pub mod sides;
mod trouble;
mod trust;
mod vendors;
pub mod wire;

pub use day::Counts;
pub use play::{Played, play};
