//! An invoice as the face shows it and gives it back: the draft it would be typed as, its totals, its payments.

use super::build::tax_line;
use super::invoice::{Invoice, InvoiceLine, InvoiceState};
use super::{InvoiceDraft, InvoiceLineDraft, InvoicePreview, InvoiceView};
use crate::company::TermsView;
use crate::ids::InvoiceId;
use crate::store::{self, Db};
use crate::{Core, Error, Result, company};
use backroom_money::Money;
use connector_contract::RecordKind;

/// The draft an invoice would be typed as. Saving it unchanged changes nothing.
pub(crate) fn draft_of(invoice: &Invoice, terms: &[TermsView]) -> InvoiceDraft {
    let terms = invoice.terms_id.and_then(|id| terms.iter().find(|terms| terms.id == id));
    let days = terms.map_or(0, |terms| u64::from(terms.due_days));
    let by_terms = invoice.issued_on.checked_add_days(chrono::Days::new(days));
    InvoiceDraft {
        id: invoice.id,
        version: Some(invoice.version),
        number: invoice.number.clone(),
        customer_id: Some(invoice.customer_id),
        issued_on: invoice.issued_on.to_string(),
        terms_id: invoice.terms_id,
        due_on: if by_terms == Some(invoice.due_on) { String::new() } else { invoice.due_on.to_string() },
        lines: invoice.lines.iter().map(line_draft).collect(),
        discount: typed_discount(&invoice.discount_text, invoice.discount),
        shipping: if invoice.shipping.is_zero() { String::new() } else { invoice.shipping.to_decimal_string() },
        tax_inclusive: invoice.tax_inclusive,
        message: invoice.message.clone(),
        note: invoice.note.clone(),
        email: invoice.email.clone(),
        billing: invoice.billing.clone().into(),
        shipping_address: invoice.shipping_address.clone().into(),
        order_id: invoice.order_id,
        as_draft: invoice.state == InvoiceState::Draft,
    }
}

fn line_draft(line: &InvoiceLine) -> InvoiceLineDraft {
    InvoiceLineDraft {
        id: line.id,
        item_id: line.item_id,
        description: line.description.clone(),
        quantity: line.quantity.to_decimal_string(),
        unit_price: line.unit_price.to_decimal_string(),
        discount: line.discount_text.clone(),
        tax_code_id: line.tax_code_id,
    }
}

/// A vendor tells the discount only as an amount.
fn typed_discount(text: &str, discount: Money) -> String {
    if text.is_empty() && !discount.is_zero() { discount.to_decimal_string() } else { text.to_owned() }
}

fn totals(invoice: &Invoice) -> InvoicePreview {
    InvoicePreview {
        line_amounts: invoice.lines.iter().map(|line| Some(line.amount.into())).collect(),
        subtotal: invoice.subtotal.into(),
        discount: invoice.discount.into(),
        shipping: invoice.shipping.into(),
        taxes: invoice.taxes.iter().map(tax_line).collect(),
        total: invoice.total.into(),
        due_on: invoice.due_on.to_string(),
        errors: Vec::new(),
    }
}

impl Core {
    pub(super) fn invoice_view(&self, db: &Db<'_>, id: InvoiceId) -> Result<InvoiceView> {
        let invoice = store::invoices::get(db, id)?.ok_or(Error::NotFound("invoice"))?;
        let customer = store::customers::get(db, invoice.customer_id)?.ok_or(Error::NotFound("customer"))?;
        let today = company::require(db)?.day_of(self.now());
        Ok(InvoiceView {
            draft: draft_of(&invoice, &store::company::terms(db)?),
            customer_name: customer.display_name,
            status: invoice.status(today),
            editable: invoice.state != InvoiceState::Void,
            totals: totals(&invoice),
            deposit: invoice.counted_deposit().into(),
            paid: invoice.paid.into(),
            balance: invoice.balance.into(),
            payments: store::invoice_list::payments_of(db, &invoice)?,
            sync: self.record_sync(db, RecordKind::Invoice, id)?,
            history: store::history::first_page(db, RecordKind::Invoice, &id.to_string())?,
        })
    }
}
