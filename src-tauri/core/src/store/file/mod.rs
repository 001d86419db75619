//! The data file as a file: what may be opened ([`look`]), whose `-wal` lies beside it ([`life`]), proven copies ([`copy`]) and what
//! a copy holds ([`summary`]).
//!
//! Absent on purpose: when copies are made, how many are kept, and what a restore means for the sync (`crate::data`).

pub mod copy;
pub(crate) mod life;
pub mod look;
pub mod summary;
