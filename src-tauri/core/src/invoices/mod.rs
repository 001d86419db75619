//! Invoices: what customers owe.

mod build;
mod discount;
mod invoice;
mod number;
mod rates;
mod save;
mod start;
mod taxes;
mod view;
mod write;

pub use invoice::{Invoice, InvoiceLine, InvoiceState, InvoiceTax, status_of};
pub(crate) use number::{LONGEST as LONGEST_NUMBER, length as number_length, period as number_period};
pub(crate) use view::draft_of;
pub(crate) use write::facts;
pub use write::write;

use crate::company;
use crate::ids::{CustomerId, InvoiceId, ItemId, LineId, OrderId, PaymentId, TaxCodeId, TermsId};
use crate::store;
use crate::view::{AddressView, HistoryEntry, ListQuery, MoneyView, RecordSync, RecordSyncState};
use serde::{Deserialize, Serialize};

/// Query of the invoice list.
pub type InvoiceQuery = ListQuery<InvoiceFilter, InvoiceSort>;

/// Which invoices.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, specta::Type)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names say it")]
pub enum InvoiceFilter {
    #[default]
    All,
    Draft,
    Open,
    Overdue,
    Paid,
    Void,
}

/// Orders of the invoice list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, specta::Type)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names say it")]
pub enum InvoiceSort {
    #[default]
    IssuedOn,
    DueOn,
    Number,
    Total,
    Balance,
}

/// Where an invoice stands. Overdue follows from the due date and is not stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, specta::Type)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names say it")]
pub enum InvoiceStatus {
    Draft,
    Open,
    PartlyPaid,
    Paid,
    Overdue,
    Void,
}

/// A row of the invoice list.
#[derive(Debug, Clone, Serialize, Deserialize, specta::Type)]
pub struct InvoiceRow {
    /// Id.
    pub id: InvoiceId,
    /// Number.
    pub number: String,
    /// Customer.
    pub customer_name: String,
    /// Day of the invoice.
    pub issued_on: String,
    /// Due day.
    pub due_on: String,
    /// Status today.
    pub status: InvoiceStatus,
    /// Total.
    pub total: MoneyView,
    /// Still open.
    pub balance: MoneyView,
    /// The worst of its sync states.
    pub sync: Option<RecordSyncState>,
}

/// A line as typed.
#[derive(Debug, Clone, Serialize, Deserialize, specta::Type)]
pub struct InvoiceLineDraft {
    /// Id, made by the form.
    pub id: LineId,
    /// The item; `None` for a line of free text.
    pub item_id: Option<ItemId>,
    /// Description on the document.
    pub description: String,
    /// How many, as typed.
    pub quantity: String,
    /// Price of one, as typed.
    pub unit_price: String,
    /// Discount as typed: `10%` or an amount; empty is none.
    pub discount: String,
    /// Tax code; `None` is not taxed.
    pub tax_code_id: Option<TaxCodeId>,
}

/// An invoice as typed.
#[derive(Debug, Clone, Serialize, Deserialize, specta::Type)]
pub struct InvoiceDraft {
    /// Id, made when the form opens.
    pub id: InvoiceId,
    /// Version it was loaded with; `None` for a new one.
    pub version: Option<u32>,
    /// Number; filled in with the next one, editable, unique.
    pub number: String,
    /// Who owes it.
    pub customer_id: Option<CustomerId>,
    /// Day of the invoice (`YYYY-MM-DD`).
    pub issued_on: String,
    /// Terms; they set the due day unless `due_on` was typed.
    pub terms_id: Option<TermsId>,
    /// Due day as typed; empty follows the terms.
    pub due_on: String,
    /// Lines.
    pub lines: Vec<InvoiceLineDraft>,
    /// Discount on the whole as typed: `10%` or an amount; empty is none.
    pub discount: String,
    /// Shipping charged, as typed.
    pub shipping: String,
    /// Unit prices already contain the tax.
    pub tax_inclusive: bool,
    /// Message to the customer.
    pub message: String,
    /// The owner's note.
    pub note: String,
    /// Where the bill is mailed.
    pub email: String,
    /// Bill-to.
    pub billing: AddressView,
    /// Ship-to.
    pub shipping_address: AddressView,
    /// The order it was made from.
    pub order_id: Option<OrderId>,
    /// Keep as a draft: no number is used up, nothing is posted or sent.
    pub as_draft: bool,
}

/// Totals of an invoice being typed, with all that is wrong with it.
#[derive(Debug, Clone, Serialize, Deserialize, specta::Type)]
pub struct InvoicePreview {
    /// Amount of each line; `None` where it can't be computed yet.
    pub line_amounts: Vec<Option<MoneyView>>,
    /// Sum of the lines.
    pub subtotal: MoneyView,
    /// Discount on the whole, positive.
    pub discount: MoneyView,
    /// Shipping.
    pub shipping: MoneyView,
    /// Tax by code.
    pub taxes: Vec<TaxLine>,
    /// Total.
    pub total: MoneyView,
    /// The due day that will be saved.
    pub due_on: String,
    /// Everything that would be refused on saving.
    pub errors: Vec<crate::FieldError>,
}

/// Tax of one code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, specta::Type)]
pub struct TaxLine {
    /// Name of the code.
    pub name: String,
    /// Percentage.
    pub percent: String,
    /// What it is computed on.
    pub taxable: MoneyView,
    /// The tax.
    pub amount: MoneyView,
}

/// A payment applied to an invoice.
#[derive(Debug, Clone, Serialize, Deserialize, specta::Type)]
pub struct AppliedPayment {
    /// Which payment.
    pub payment_id: PaymentId,
    /// Day it was received.
    pub received_on: String,
    /// Method.
    pub method: String,
    /// Reference.
    pub reference: String,
    /// How much of it.
    pub amount: MoneyView,
}

/// An invoice with what belongs to it.
#[derive(Debug, Clone, Serialize, Deserialize, specta::Type)]
pub struct InvoiceView {
    /// Its fields; `version` is set.
    pub draft: InvoiceDraft,
    /// Customer's name.
    pub customer_name: String,
    /// Status today.
    pub status: InvoiceStatus,
    /// Whether its fields can still be changed.
    pub editable: bool,
    /// Totals as saved; `errors` is empty.
    pub totals: InvoicePreview,
    /// Paid with the invoice itself.
    pub deposit: MoneyView,
    /// Payments so far.
    pub paid: MoneyView,
    /// Still open.
    pub balance: MoneyView,
    /// Payments applied.
    pub payments: Vec<AppliedPayment>,
    /// How it stands with each connection.
    pub sync: Vec<RecordSync>,
    /// The newest entries, newest first; `list_history` has the rest.
    pub history: Vec<HistoryEntry>,
}

/// What a new invoice starts from.
#[derive(Debug, Clone, Serialize, Deserialize, specta::Type)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum InvoiceSource {
    /// Nothing.
    Blank,
    /// A customer.
    Customer {
        /// Which one.
        id: CustomerId,
    },
    /// An order; its lines are taken over.
    Order {
        /// Which one.
        id: OrderId,
    },
    /// Another invoice, to bill the same again.
    Copy {
        /// Which one.
        id: InvoiceId,
    },
}

impl crate::Core {
    /// A page of invoices.
    pub fn list_invoices(&self, query: InvoiceQuery) -> crate::Result<crate::view::Page<InvoiceRow>> {
        self.store.read(|db| {
            let today = company::require(db)?.day_of(self.now());
            store::invoice_list::list(db, &query, today)
        })
    }

    /// One invoice.
    pub fn get_invoice(&self, id: InvoiceId) -> crate::Result<InvoiceView> {
        self.store.read(|db| self.invoice_view(db, id))
    }

    /// What a new invoice form starts with: number, dates, lines.
    pub fn new_invoice(&self, source: InvoiceSource) -> crate::Result<InvoiceDraft> {
        self.store.read(|db| start::start(db, &source, self.now()))
    }

    /// Totals and errors of an invoice being typed.
    pub fn preview_invoice(&self, draft: InvoiceDraft) -> crate::Result<InvoicePreview> {
        self.store.read(|db| save::preview(db, &draft, self.now()))
    }

    /// Creates or changes an invoice.
    pub fn save_invoice(&self, draft: InvoiceDraft) -> crate::Result<InvoiceView> {
        self.store.write(|tx| {
            save::save(tx, &draft, None, self.now())?;
            self.invoice_view(&tx.db(), draft.id)
        })
    }

    /// Saves an earlier state again, with the rates and amounts of that time.
    pub(crate) fn bring_back_invoice(&self, draft: &InvoiceDraft, earlier: &Invoice) -> crate::Result<()> {
        self.store.write(|tx| save::save(tx, draft, Some(earlier), self.now()))
    }

    /// Gives an open invoice the next free number, as when a vendor has another document with the present one. It is sent again
    /// by itself.
    pub fn renumber_invoice(&self, id: InvoiceId) -> crate::Result<InvoiceView> {
        let now = self.now();
        self.store.write(|tx| {
            let mut draft = self.invoice_view(&tx.db(), id)?.draft;
            let company = crate::company::require(tx)?;
            let day = draft.issued_on.parse().unwrap_or_else(|_| company.day_of(now));
            draft.number = number::next(tx, &company, day)?.text;
            save::save(tx, &draft, None, now)?;
            self.invoice_view(&tx.db(), id)
        })
    }

    /// Voids invoices; drafts are removed. All or none.
    pub fn void_invoices(&self, ids: Vec<InvoiceId>) -> crate::Result<()> {
        self.store.write(|tx| save::void(tx, &ids, self.now()))
    }
}
