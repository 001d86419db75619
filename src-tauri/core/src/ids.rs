//! Ids made by us: `UUIDv7`, or `UUIDv8` where they follow from a name, one type per kind of record so that they can't be mixed up.

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use std::fmt;
use std::str::FromStr;
use uuid::Uuid;

/// An id made from what names something elsewhere: the same whenever it is made. `UUIDv8`.
pub(crate) fn derived(name: &[&str]) -> Uuid {
    let mut hash = Sha256::new();
    for part in name {
        // With their lengths, so that no two names run into the same text.
        hash.update(u64::try_from(part.len()).unwrap_or_default().to_be_bytes());
        hash.update(part.as_bytes());
    }
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&hash.finalize()[..16]);
    uuid::Builder::from_custom_bytes(bytes).into_uuid()
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, specta::Type)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl $name {
            /// A new id; ids made later sort later.
            #[expect(clippy::new_without_default, reason = "a fresh id is not a default value")]
            pub fn new() -> Self {
                Self(Uuid::now_v7())
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({})", stringify!($name), self.0)
            }
        }

        impl FromStr for $name {
            type Err = uuid::Error;

            fn from_str(text: &str) -> std::result::Result<Self, Self::Err> {
                Uuid::parse_str(text).map(Self)
            }
        }

        impl rusqlite::types::ToSql for $name {
            fn to_sql(&self) -> rusqlite::Result<rusqlite::types::ToSqlOutput<'_>> {
                Ok(self.0.to_string().into())
            }
        }

        impl rusqlite::types::FromSql for $name {
            fn column_result(value: rusqlite::types::ValueRef<'_>) -> rusqlite::types::FromSqlResult<Self> {
                value.as_str()?.parse().map_err(rusqlite::types::FromSqlError::other)
            }
        }
    )+};
}

ids! {
    /// A customer.
    CustomerId,
    /// An item.
    ItemId,
    /// A sales order.
    OrderId,
    /// A line of an order or invoice.
    LineId,
    /// An invoice.
    InvoiceId,
    /// A payment.
    PaymentId,
    /// A shipment.
    ShipmentId,
    /// A stock location.
    LocationId,
    /// A stock movement.
    MovementId,
    /// A tax code.
    TaxCodeId,
    /// Payment terms.
    TermsId,
    /// A charge, refund, dispute, balance entry or payout.
    MoneyRecordId,
    /// A connection to a vendor's account.
    ConnectionId,
    /// One run of the sync.
    RunId,
    /// One preview of a run.
    PlanId,
    /// One change waiting to be sent; also its idempotency key.
    OutboxId,
    /// Something the owner should look at.
    ProblemId,
    /// A difference between both sides that an audit found.
    FindingId,
    /// One balanced set of ledger postings.
    EntryId,
}
