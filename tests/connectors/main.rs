//! Each real connector against its simulator, in process: no network, no database, no real waiting.
//!
//! A test plays the engine: it pulls with the cursors it was given, keeps what it saw, and pushes with a key. Absent on
//! purpose: what core makes of the records; that is the subject of the flows.

mod bench;
mod quickbooks;
mod shipstation;
