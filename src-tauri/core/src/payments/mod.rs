//! Payments received, and the charges, balance entries and payouts of a payment processor.

mod charge;
mod matching;
mod payment;
mod processor;
mod save;
mod write;

pub(crate) use charge::{NEAR_DAYS, SameReference, compare_references};
pub use matching::{Looked, look as look_at_charge};
pub(crate) use matching::{MORE_THAN_DUE, SAME_PAYMENT, answer as answer_charge, propose as propose_payment};
pub use payment::{Applied, DepositTo, Payment};
pub use processor::{Recorded, record_balance_entry, record_charge, record_dispute, record_payout, record_refund};
pub(crate) use write::facts;
pub(crate) use write::release_surplus;
pub use write::write;

use crate::ids::{CustomerId, InvoiceId, MoneyRecordId, PaymentId};
use crate::store;
use crate::view::{HistoryEntry, ListQuery, MoneyView, RecordSync, RecordSyncState};
use serde::{Deserialize, Serialize};

/// Query of the payment, charge and payout lists: newest first or reversed.
pub type MoneyQuery = ListQuery<MoneyFilter, MoneySort>;

/// Which rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, specta::Type)]
#[serde(rename_all = "snake_case")]
pub enum MoneyFilter {
    /// All.
    #[default]
    All,
    /// Payments with a part not applied; charges that name no known invoice; payouts whose proof is not zero.
    Unmatched,
}

/// Orders of the money lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, specta::Type)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names say it")]
pub enum MoneySort {
    #[default]
    Date,
    Amount,
}

/// A row of the payment list.
#[derive(Debug, Clone, Serialize, Deserialize, specta::Type)]
pub struct PaymentRow {
    /// Id.
    pub id: PaymentId,
    /// Day received.
    pub received_on: String,
    /// Customer.
    pub customer_name: String,
    /// Amount.
    pub amount: MoneyView,
    /// Not applied to any invoice.
    pub unapplied: MoneyView,
    /// Method.
    pub method: String,
    /// Reference.
    pub reference: String,
    /// Cancelled.
    pub voided: bool,
    /// The worst of its sync states.
    pub sync: Option<RecordSyncState>,
}

/// A payment as typed.
#[derive(Debug, Clone, Serialize, Deserialize, specta::Type)]
pub struct PaymentDraft {
    /// Id, made when the form opens.
    pub id: PaymentId,
    /// Who paid.
    pub customer_id: CustomerId,
    /// Day received (`YYYY-MM-DD`).
    pub received_on: String,
    /// Amount as typed.
    pub amount: String,
    /// Method, such as "Check".
    pub method: String,
    /// Check number or the like.
    pub reference: String,
    /// Note.
    pub note: String,
    /// Invoices it pays; a remainder stays as the customer's credit.
    pub applied: Vec<AppliedDraft>,
}

/// How much of a payment goes to an invoice, as typed.
#[derive(Debug, Clone, Serialize, Deserialize, specta::Type)]
pub struct AppliedDraft {
    /// Which invoice.
    pub invoice_id: InvoiceId,
    /// Amount as typed.
    pub amount: String,
}

/// A payment with what belongs to it.
#[derive(Debug, Clone, Serialize, Deserialize, specta::Type)]
pub struct PaymentView {
    /// The row.
    pub row: PaymentRow,
    /// Who paid.
    pub customer_id: CustomerId,
    /// Note.
    pub note: String,
    /// Invoices it pays.
    pub applied: Vec<AppliedInvoice>,
    /// How it stands with each connection.
    pub sync: Vec<RecordSync>,
    /// The newest entries, newest first; `list_history` has the rest.
    pub history: Vec<HistoryEntry>,
}

/// An invoice that a payment pays.
#[derive(Debug, Clone, Serialize, Deserialize, specta::Type)]
pub struct AppliedInvoice {
    /// Which invoice.
    pub invoice_id: InvoiceId,
    /// Its number.
    pub number: String,
    /// How much.
    pub amount: MoneyView,
}

/// A row of the charge list.
#[derive(Debug, Clone, Serialize, Deserialize, specta::Type)]
pub struct ChargeRow {
    /// Id.
    pub id: MoneyRecordId,
    /// The processor's id.
    pub remote_id: String,
    /// When (RFC 3339, UTC).
    pub created_at: String,
    /// Payer.
    pub customer_name: String,
    /// Processor's words.
    pub description: String,
    /// Gross.
    pub amount: MoneyView,
    /// What was taken of it.
    pub captured: MoneyView,
    /// Given back.
    pub refunded: MoneyView,
    /// Fee; `None` until the processor has told.
    pub fee: Option<MoneyView>,
    /// Amount − fee.
    pub net: Option<MoneyView>,
    /// `succeeded`, `pending`, `failed`, `refunded`, `partly_refunded`, `disputed`.
    pub status: String,
    /// The invoice it paid.
    pub invoice_id: Option<InvoiceId>,
    /// That invoice's number.
    pub invoice_number: Option<String>,
}

/// A row of the payout list.
#[derive(Debug, Clone, Serialize, Deserialize, specta::Type)]
pub struct PayoutRow {
    /// Id.
    pub id: MoneyRecordId,
    /// The processor's id.
    pub remote_id: String,
    /// Day it arrives.
    pub arrives_on: String,
    /// Amount.
    pub amount: MoneyView,
    /// Processor's words.
    pub status: String,
    /// Sum of its entries − amount; `None` while its entries are not known. Zero is proven.
    pub difference: Option<MoneyView>,
}

/// A payout, with each entry it is made of.
#[derive(Debug, Clone, Serialize, Deserialize, specta::Type)]
pub struct PayoutView {
    /// The row.
    pub row: PayoutRow,
    /// By schedule; the members of other payouts are not told by the processor.
    pub automatic: bool,
    /// Its entries, oldest first.
    pub entries: Vec<BalanceEntryRow>,
    /// Sum of gross amounts.
    pub gross: MoneyView,
    /// Sum of fees.
    pub fees: MoneyView,
    /// Sum of nets.
    pub net: MoneyView,
}

/// One movement of the processor's balance.
#[derive(Debug, Clone, Serialize, Deserialize, specta::Type)]
pub struct BalanceEntryRow {
    /// Id.
    pub id: MoneyRecordId,
    /// The processor's id.
    pub remote_id: String,
    /// When (RFC 3339, UTC).
    pub created_at: String,
    /// Category.
    pub category: String,
    /// Words.
    pub description: String,
    /// Gross, signed.
    pub amount: MoneyView,
    /// Fee.
    pub fee: MoneyView,
    /// Amount − fee.
    pub net: MoneyView,
}

impl crate::Core {
    /// A page of payments.
    pub fn list_payments(&self, query: MoneyQuery) -> crate::Result<crate::view::Page<PaymentRow>> {
        self.store.read(|db| store::money_lists::payments(db, &query))
    }

    /// One payment.
    pub fn get_payment(&self, id: PaymentId) -> crate::Result<PaymentView> {
        self.store.read(|db| self.payment_view(db, id))
    }

    /// Open invoices of a customer, oldest due first, to apply a payment to.
    pub fn open_invoices(&self, customer_id: CustomerId) -> crate::Result<Vec<crate::invoices::InvoiceRow>> {
        self.store.read(|db| {
            let today = crate::company::require(db)?.day_of(self.now());
            store::invoice_list::open_of(db, customer_id, today)
        })
    }

    /// Records a payment received.
    pub fn record_payment(&self, draft: PaymentDraft) -> crate::Result<PaymentView> {
        self.store.write(|tx| {
            save::record(tx, &draft, self.now())?;
            self.payment_view(&tx.db(), draft.id)
        })
    }

    /// Cancels a payment; its invoices are open again.
    pub fn void_payment(&self, id: PaymentId) -> crate::Result<()> {
        self.store.write(|tx| save::void(tx, id, self.now()))
    }

    /// A page of charges.
    pub fn list_charges(&self, query: MoneyQuery) -> crate::Result<crate::view::Page<ChargeRow>> {
        self.store.read(|db| store::money_lists::charges(db, &query))
    }

    /// A page of payouts.
    pub fn list_payouts(&self, query: MoneyQuery) -> crate::Result<crate::view::Page<PayoutRow>> {
        self.store.read(|db| store::money_lists::payouts(db, &query))
    }

    /// One payout with its entries.
    pub fn get_payout(&self, id: MoneyRecordId) -> crate::Result<PayoutView> {
        self.store.read(|db| store::money_lists::payout(db, id))
    }
}
