//! Sending to Stripe: nothing is sent. Charges, refunds, disputes and payouts are made in Stripe, and a back office that
//! could move money would need a key that can; the recommended key can only read.

use connector_contract::{ConnectorError, Operation, Push, RecordKind, Rejection};

/// The answer to every push.
pub fn refuse(push: &Push) -> ConnectorError {
    let kind = match &push.operation {
        Operation::Create(record) | Operation::Update { record, .. } => record.kind(),
        Operation::Retire { kind, .. } => *kind,
    };
    let what = match kind {
        RecordKind::Charge => "Charges",
        RecordKind::Refund => "Refunds",
        RecordKind::Dispute => "Disputes",
        RecordKind::BalanceEntry => "Balance entries",
        RecordKind::Payout => "Payouts",
        _ => "These records",
    };
    ConnectorError::Rejected(Rejection::ours(
        "read_only",
        None,
        format!("{what} are only read from Stripe, never changed there. Make the change in Stripe itself."),
    ))
}
