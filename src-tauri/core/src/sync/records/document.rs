//! What invoices and payments share: references that have to exist over there before they can be sent.

use super::Rendered;
use crate::Result;
use crate::ids::ConnectionId;
use crate::store::{Db, links};
use connector_contract::{Record, RecordKind, RemoteId};

/// Collects the remote ids of references, and what is missing.
pub struct References<'a> {
    db: &'a Db<'a>,
    connection: ConnectionId,
    missing: Vec<(RecordKind, String)>,
}

impl<'a> References<'a> {
    /// Nothing looked up yet.
    pub fn new(db: &'a Db<'a>, connection: ConnectionId) -> Self {
        Self { db, connection, missing: Vec::new() }
    }

    /// The remote id of a record; an empty one stands in while something is missing.
    pub fn get(&mut self, kind: RecordKind, local_id: impl ToString) -> Result<RemoteId> {
        let local_id = local_id.to_string();
        if let Some(remote) = links::referred_remote(self.db, self.connection, kind, &local_id)? {
            return Ok(remote);
        }
        if !self.missing.contains(&(kind, local_id.clone())) {
            self.missing.push((kind, local_id));
        }
        Ok(RemoteId(String::new()))
    }

    /// The record if nothing is missing.
    pub fn complete(self, record: Record) -> Rendered {
        if self.missing.is_empty() { Rendered::Ready(Box::new(record)) } else { Rendered::Missing(self.missing) }
    }
}
