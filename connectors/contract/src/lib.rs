//! What core and a vendor's connector agree on: neutral records, the [`Connector`] trait and its errors.
//!
//! Absent on purpose: HTTP, SQL, any vendor's name. A connector never sees a local id or the database; core never sees a
//! vendor's wire format. References between records travel as remote ids of the same connection, which core
//! translates from its links before a push and into local ids after a pull.

pub mod calendar;
mod cause;
mod clock;
#[cfg(feature = "conformance")]
pub mod conformance;
mod connector;
mod descriptor;
mod error;
mod inventory;
mod lines;
mod push;
pub mod record;
mod sabotage;
mod secret;
mod vendor;

pub use cause::Cause;
pub use clock::{Clock, FakeClock, SystemClock};
pub use connector::{
    Account, Choice, Connector, Content, Cursor, Mode, Page, PullRequest, Pulled, Rest, SHIPPING_CARRIER, Stream,
};
pub use descriptor::{Capability, Descriptor, Direction, Endpoint, Environment, Field, SettingField, SignIn};
pub use error::{ConnectorError, RefusedBy, Rejection};
pub use inventory::{InventoryPage, InventoryRequest};
pub use lines::pair_lines;
pub use push::{Attempt, IdempotencyKey, Operation, Push, Pushed, Written};
pub use record::{Record, RecordKind, RemoteId, RemoteVersion};
pub use sabotage::Safeguard;
pub use secret::{MemorySecrets, Secret, SecretError, SecretStore};
pub use vendor::{BrowserSignIn, ConnectionConfig, Opener, ScopedSecrets, Vendor};
