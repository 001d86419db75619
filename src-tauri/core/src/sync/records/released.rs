//! Payments that an invoice let go of because it came in smaller than what they had paid of it.
//!
//! Over there, another payment may have been taken off first: then these still pay the invoice, and the vendor, who changed nothing
//! about them, tells nothing of them. So they are put aside as last seen and looked at again after the page.

use super::Source;
use crate::Result;
use crate::ids::PaymentId;
use crate::invoices::{Invoice, InvoiceState};
use crate::store::{Db, Tx, links, outbox, parked, payments};
use crate::sync::merge::record_of;
use backroom_money::Money;
use connector_contract::{Content, Pulled, RecordKind};

/// What payments pay of an invoice as it is now.
pub fn paid(db: &Db<'_>, invoice: Option<&Invoice>) -> Result<Vec<(PaymentId, Money)>> {
    invoice.map_or(Ok(Vec::new()), |invoice| payments::applied_to(db, invoice.id, invoice.currency))
}

/// Puts those of `before` aside that pay less of the invoice now. Not where it is void or another customer's: then they don't pay
/// it over there either.
pub fn look_again(
    tx: &Tx<'_>,
    from: &Source<'_>,
    before: &[(PaymentId, Money)],
    was: Option<&Invoice>,
    invoice: &Invoice,
) -> Result<()> {
    if invoice.state != InvoiceState::Open || was.is_none_or(|was| was.customer_id != invoice.customer_id) {
        return Ok(());
    }
    let now = paid(&tx.db(), Some(invoice))?;
    for (payment, _) in before.iter().filter(|part| !now.contains(part)) {
        put_aside(tx, from, *payment)?;
    }
    Ok(())
}

fn put_aside(tx: &Tx<'_>, from: &Source<'_>, payment: PaymentId) -> Result<()> {
    let (kind, local_id) = (RecordKind::Payment, payment.to_string());
    // A change of ours that waits is merged with theirs when it is sent.
    if !outbox::of_record(&tx.db(), from.connection, kind, &local_id)?.is_empty() {
        return Ok(());
    }
    let link = links::by_local(&tx.db(), from.connection, kind, &local_id)?.filter(|link| !link.deleted);
    let Some(mut link) = link else { return Ok(()) };
    let Some(agreed) = link.agreed.as_mut() else { return Ok(()) };
    let seen = Pulled {
        remote_id: link.remote_id.clone(),
        version: link.version.clone(),
        updated_at: agreed.seen_at,
        content: Content::Present(Box::new(record_of(kind, agreed.remote.clone())?)),
    };
    // As if the vendor had just said again what it pays.
    agreed.remote.remove("applied");
    links::put(tx, &link, from.now)?;
    parked::put(tx, from.connection, &seen)
}
