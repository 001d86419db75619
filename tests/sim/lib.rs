//! Stand-ins for QuickBooks Online, `ShipStation` and Stripe that speak the vendors' wire protocols with state.
//!
//! One [`World`] holds all three behind one lock, with virtual time, seeded ids, faults and a log of requests. The same
//! routers answer over the network (the `vendor-sim` binary) and in process ([`InProcess`]). Written from the vendors'
//! documented behaviour, never from what our connectors happen to send. Absent on purpose: our own types and rules.
//!
//! What a vendor module offers the frame (functions, not a trait, because each is called in one place):
//! `State` (plain data, saved to the state file), `router(World)` (with a fallback), `seed`, `dump`, `act` and `refusal`.

pub mod clock;
pub mod connection;
mod control;
pub mod faults;
mod front;
mod in_process;
mod network;
pub mod poison;
pub mod quickbooks;
pub mod shipstation;
pub mod stripe;
#[cfg(test)]
mod tests;
pub mod world;

pub use clock::WorldClock;
pub use connection::Connection;
pub use faults::{Fault, FaultKind};
pub use front::{Broken, Effect};
pub use in_process::InProcess;
pub use network::serve;
pub use poison::{Harm, Poison};
pub use world::{RequestEntry, State, Vendor, World};

/// Why an act of the vendor's own user or a control request could not be done: a sentence for the test's author.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActError(pub String);

impl std::fmt::Display for ActError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for ActError {}

impl<T: Into<String>> From<T> for ActError {
    fn from(text: T) -> Self {
        Self(text.into())
    }
}
