//! Each real connector against its simulator, in process: no network, no database, no real waiting.
//!
//! A test plays the engine: it pulls with the cursors it was given, keeps what it saw, and pushes with a key. Absent on
//! purpose: what core makes of the records; that is the subject of the flows.

#![expect(clippy::unwrap_used, reason = "a helper of a test that fails should fail the test")]

mod bench;
mod poison;
mod quickbooks;
mod running;
mod shipstation;
mod stripe;
