//! A payment processor's records: they only come in, and a second time changes nothing.

use super::{Source, Taken};
use crate::payments::{self, Recorded};
use crate::store::{Tx, links};
use crate::{Error, Result};
use connector_contract::{Record, RemoteId};

/// Takes one in.
pub fn take_over(tx: &Tx<'_>, from: &Source<'_>, remote: &RemoteId, theirs: &Record) -> Result<Taken> {
    let recorded = match theirs {
        Record::Charge(charge) => payments::record_charge(tx, from.connection, remote, charge)?,
        Record::Refund(refund) => payments::record_refund(tx, from.connection, remote, refund)?,
        Record::Dispute(dispute) => payments::record_dispute(tx, from.connection, remote, dispute)?,
        Record::BalanceEntry(entry) => payments::record_balance_entry(tx, from.connection, remote, entry, from.now)?,
        Record::Payout(payout) => payments::record_payout(tx, from.connection, remote, payout, from.now)?,
        _ => return Err(Error::Bug("this kind of record is taken over elsewhere".into())),
    };
    let local_id = links::money_record(&tx.db(), from.connection, theirs.kind(), remote)?;
    Ok(Taken { local_id, created: recorded == Recorded::Created, changes: Vec::new() })
}
