//! From what was typed to an invoice: all checks at once, all amounts, no reading and no writing.
//!
//! Rounding: a line is quantity × price, half up, less its discount. The discount on the whole is spread over the lines by largest
//! remainder, negative lines included, which gives each tax code its base; tax is rounded half up once per code. Shipping is not
//! taxed.
//!
//! What was decided stays: an invoice that is edited keeps the rates, the amounts and the due day it was saved with as far as
//! nothing they follow from is edited (`rates`, `kept`).
//!
//! Absent on purpose: whether a number is free and whether a payment forbids the change; that needs the data file (`save`).

use super::invoice::{Invoice, InvoiceLine, InvoiceState, InvoiceTax};
use super::rates::Rates;
use super::taxes;
use super::view::draft_of;
use super::{InvoiceDraft, InvoiceLineDraft, InvoicePreview, TaxLine, number};
use crate::Result as CoreResult;
use crate::company::TermsView;
use crate::fields::{Fields, LONGEST_TEXT, is_possible, sentence, too_large};
use crate::ids::ItemId;
use crate::store::company::TaxCode;
use backroom_money::{
    AmountError, Currency, Money, Quantity, Rate, Rounding, UnitPrice, Writing, parse_expression, strip_percent,
};
use chrono::{DateTime, NaiveDate, Utc};
use std::collections::BTreeSet;

/// Most lines `QuickBooks` takes on an invoice.
pub const MOST_LINES: usize = 750;
/// Longest message to the customer (`CustomerMemo` in `QuickBooks`).
pub const LONGEST_MESSAGE: usize = 1000;
/// Longest description of a line and longest note of the owner.
pub const LONGEST_NOTE: usize = LONGEST_TEXT;

/// What the checks need to know of the data file.
pub struct Known<'a> {
    /// The stored invoice's currency, else the customer's, or the company's while none is chosen.
    pub currency: Currency,
    /// Whether the chosen customer exists.
    pub customer_exists: bool,
    /// Why the invoice can't be this customer's, as when it is billed in another currency.
    pub customer_problem: Option<String>,
    /// Addresses of the customer and the order, which are not judged when an invoice takes them over.
    pub emails_on_file: Vec<String>,
    /// Whether the named order exists, and is free for this invoice.
    pub order_problem: Option<String>,
    /// The chosen items that exist.
    pub items: BTreeSet<ItemId>,
    /// All tax codes.
    pub tax_codes: Vec<TaxCode>,
    /// All terms.
    pub terms: Vec<TermsView>,
    /// The invoice as stored, when it is being changed.
    pub before: Option<&'a Invoice>,
    /// An earlier state of it that is being brought back, with all that was decided then.
    pub earlier: Option<&'a Invoice>,
    /// The present moment.
    pub now: DateTime<Utc>,
}

/// An invoice being typed, as far as it can be computed.
pub struct Built {
    /// The invoice; only to be stored when `errors` is empty.
    pub invoice: Option<Invoice>,
    /// Amounts as far as computable, and the errors.
    pub preview: InvoicePreview,
}

impl<'a> Known<'a> {
    /// The state whose decisions stay: the one brought back, else the stored one.
    pub fn basis(&self) -> Option<&'a Invoice> {
        self.earlier.or(self.before)
    }

    /// A line of that state.
    fn kept_line(&self, id: crate::ids::LineId) -> Option<&'a InvoiceLine> {
        self.basis().and_then(|basis| basis.lines.iter().find(|line| line.id == id))
    }
}

/// Checks and computes a draft.
pub fn build(draft: &InvoiceDraft, known: &Known<'_>) -> CoreResult<Built> {
    let stored = known.before.map(|before| draft_of(before, &known.terms));
    let mut fields = Fields::against(draft, stored.as_ref())?;
    let head = head(&mut fields, draft, known);
    let (lines, line_amounts) = lines(&mut fields, draft, known);
    let amounts = amounts(&mut fields, draft, known, &lines).unwrap_or_else(|error| {
        fields.wrong_by_others("lines", sentence(&error));
        Amounts::nothing(known.currency)
    });
    let total_changed = known.before.is_none_or(|before| before.total != amounts.total);
    if amounts.total.minor() < 0 && total_changed {
        let reason = "The invoice would come to less than nothing. Lower the discount or the negative lines.";
        fields.wrong_by_others("lines", reason);
    }
    if total_changed && ![amounts.subtotal, amounts.total].into_iter().all(is_possible) {
        fields.wrong_by_others("lines", format!("The invoice is too large. {}", too_large(known.currency)));
    }
    let due_on = head.due_on.map(|day| day.to_string()).unwrap_or_default();
    let errors = fields.into_errors();
    let preview = InvoicePreview {
        line_amounts: line_amounts.into_iter().map(|amount| amount.map(Into::into)).collect(),
        subtotal: amounts.subtotal.into(),
        discount: amounts.discount.into(),
        shipping: amounts.shipping.into(),
        taxes: amounts.taxes.iter().map(tax_line).collect(),
        total: amounts.total.into(),
        due_on,
        errors,
    };
    let invoice = preview.errors.is_empty().then(|| assemble(draft, known, head, lines, amounts)).flatten();
    Ok(Built { invoice, preview })
}

/// A tax as the face shows it.
pub fn tax_line(tax: &InvoiceTax) -> TaxLine {
    TaxLine {
        name: tax.name.clone(),
        percent: tax.rate.to_percent_string(),
        taxable: tax.taxable.into(),
        amount: tax.amount.into(),
    }
}

struct Head {
    number: String,
    issued_on: Option<NaiveDate>,
    due_on: Option<NaiveDate>,
    message: String,
    note: String,
    email: String,
    billing: connector_contract::record::Address,
    shipping_address: connector_contract::record::Address,
}

fn head(fields: &mut Fields, draft: &InvoiceDraft, known: &Known<'_>) -> Head {
    match draft.customer_id {
        None => fields.wrong("customer_id", "Choose a customer."),
        Some(_) if !known.customer_exists => {
            fields.wrong("customer_id", "This customer no longer exists; choose another.");
        }
        Some(_) => {
            if let Some(problem) = &known.customer_problem {
                fields.wrong("customer_id", problem.clone());
            }
        }
    }
    if known.emails_on_file.iter().any(|email| !email.is_empty() && *email == draft.email) {
        fields.taken_over("email");
    }
    let number = fields.line("number", &draft.number, number::LONGEST);
    let issued_on = fields.day("issued_on", &draft.issued_on);
    let due_on = due_on(fields, draft, known, issued_on);
    if let Some(problem) = &known.order_problem {
        fields.wrong("order_id", problem.clone());
    }
    Head {
        number,
        issued_on,
        due_on,
        message: fields.text("message", &draft.message, LONGEST_MESSAGE),
        note: fields.text("note", &draft.note, LONGEST_NOTE),
        email: fields.email("email", &draft.email),
        billing: fields.address("billing", &draft.billing),
        shipping_address: fields.address("shipping_address", &draft.shipping_address),
    }
}

/// The day typed, or the one the terms give; without terms it is due on receipt.
fn due_on(
    fields: &mut Fields,
    draft: &InvoiceDraft,
    known: &Known<'_>,
    issued_on: Option<NaiveDate>,
) -> Option<NaiveDate> {
    let terms = draft.terms_id.map(|id| known.terms.iter().find(|terms| terms.id == id));
    if matches!(terms, Some(None)) {
        fields.wrong("terms_id", "These terms no longer exist; choose others.");
    }
    if draft.due_on.trim().is_empty() {
        let days = terms.flatten().map_or(0, |terms| u64::from(terms.due_days));
        return issued_on.and_then(|day| day.checked_add_days(chrono::Days::new(days)));
    }
    let due = fields.day("due_on", &draft.due_on);
    if let (Some(due), Some(issued)) = (due, issued_on)
        && due < issued
        && !(fields.is_stored("due_on") && fields.is_stored("issued_on"))
    {
        fields.wrong_by_others("due_on", "The due date can't be before the invoice date.");
    }
    due
}

/// A line the form added and nobody wrote in.
fn untouched(line: &InvoiceLineDraft) -> bool {
    let blank = |text: &str| text.trim().is_empty();
    line.item_id.is_none()
        && blank(&line.description)
        && blank(&line.unit_price)
        && blank(&line.discount)
        && (blank(&line.quantity) || Writing::split(&line.quantity).1.trim() == "1")
}

/// The lines that can be computed, and the amount of each line of the draft.
fn lines(fields: &mut Fields, draft: &InvoiceDraft, known: &Known<'_>) -> (Vec<InvoiceLine>, Vec<Option<Money>>) {
    let typed = draft.lines.iter().filter(|line| !untouched(line)).count();
    if typed == 0 && !draft.as_draft {
        fields.wrong("lines", "Add at least one line.");
    }
    if typed > MOST_LINES {
        fields.wrong("lines", format!("An invoice holds at most {MOST_LINES} lines; this one has {typed}."));
    }
    let mut seen = BTreeSet::new();
    let mut lines = Vec::new();
    let mut amounts = Vec::with_capacity(draft.lines.len());
    let most = known.before.map_or(0, |before| before.lines.len()).max(2 * MOST_LINES);
    for (index, typed) in draft.lines.iter().enumerate().take(most) {
        if untouched(typed) && known.kept_line(typed.id).is_none() {
            amounts.push(None);
            continue;
        }
        let path = format!("lines.{index}");
        if !seen.insert(typed.id) {
            fields.wrong_by_others(&path, "This line is there twice; remove one.");
        }
        let line = line(fields, &path, typed, known);
        amounts.push(line.as_ref().map(|line| line.amount));
        lines.extend(line);
    }
    (lines, amounts)
}

fn line(fields: &mut Fields, path: &str, typed: &InvoiceLineDraft, known: &Known<'_>) -> Option<InvoiceLine> {
    let at = |name: &str| format!("{path}.{name}");
    let description = fields.text(&at("description"), &typed.description, LONGEST_NOTE);
    match typed.item_id {
        Some(item) if !known.items.contains(&item) => {
            fields.wrong(at("item_id"), "This item no longer exists; choose another.");
        }
        None if description.trim().is_empty() => {
            fields.wrong(at("description"), "Choose an item, or write what this is.");
        }
        _ => {}
    }
    let code = typed.tax_code_id.map(|id| known.tax_codes.iter().find(|code| code.id == id));
    if matches!(code, Some(None)) {
        fields.wrong(at("tax_code_id"), "This tax code no longer exists; choose another.");
    }
    let rates = Rates::new(known.basis());
    let quantity = quantity(fields, &at("quantity"), &typed.quantity);
    let unit_price = price(fields, &at("unit_price"), &typed.unit_price, known.currency);
    let (quantity, unit_price) = (quantity?, unit_price?);
    let before = known.kept_line(typed.id);
    let discount_text = super::discount::plain(&typed.discount, known.currency);
    // What a vendor's line comes to is what the vendor says: it is kept while nothing of it is edited.
    let kept = before
        .filter(|line| (line.quantity, line.unit_price, &line.discount_text) == (quantity, unit_price, &discount_text));
    let amount = if let Some(line) = kept {
        line.amount
    } else {
        let gross = unit_price.times(quantity, Rounding::HalfUp).ok().filter(|gross| is_possible(*gross));
        let Some(gross) = gross else {
            fields.wrong_by_others(at("unit_price"), too_large(known.currency));
            return None;
        };
        gross.checked_sub(discount(fields, &at("discount"), &typed.discount, gross, "line")?).ok()?
    };
    // A line whose tax a vendor computed has no code of ours, and stays taxed until it gets one.
    let vendor_taxed =
        typed.tax_code_id.is_none() && before.is_some_and(|line| line.taxable && line.tax_code_id.is_none());
    Some(InvoiceLine {
        id: typed.id,
        remote_line: before.and_then(|line| line.remote_line.clone()),
        item_id: typed.item_id,
        description,
        quantity,
        unit_price,
        discount_text,
        amount,
        taxable: vendor_taxed || code.flatten().is_some_and(|code| rates.of(code).1 > Rate::ZERO),
        tax_code_id: typed.tax_code_id,
    })
}

fn quantity(fields: &mut Fields, field: &str, text: &str) -> Option<Quantity> {
    let errors_before = fields.is_wrong(field);
    let quantity = fields.quantity(field, text);
    match quantity {
        Some(quantity) if quantity <= Quantity::ZERO && !fields.is_stored(field) => {
            fields.wrong(field, "The quantity must be more than nothing.");
            None
        }
        None if !errors_before && !fields.is_wrong(field) => {
            fields.wrong(field, "Write how many.");
            None
        }
        other => other,
    }
}

/// A price may be negative: a deposit already paid, a credit for goods returned.
fn price(fields: &mut Fields, field: &str, text: &str, currency: Currency) -> Option<UnitPrice> {
    let price = fields.signed_price(field, text, currency);
    if price.is_none() && !fields.is_wrong(field) {
        fields.wrong(field, "Write a price; 0 is possible.");
    }
    price
}

/// A discount as typed, `10%` or an amount, on `whole`; `None` when wrong. A negative whole can't be discounted by an amount.
fn discount(fields: &mut Fields, field: &str, text: &str, whole: Money, what: &str) -> Option<Money> {
    let text = text.trim();
    if text.is_empty() {
        return Some(Money::zero(whole.currency()));
    }
    if let Some(percent) = strip_percent(text) {
        let rate = parse_expression(&percent, 4).and_then(|plain| Rate::parse_percent(&plain));
        let problem = match rate {
            Ok(rate) if (Rate::ZERO..=Rate::ONE_HUNDRED_PERCENT).contains(&rate) => {
                return whole.share(rate, Rounding::HalfUp).ok();
            }
            Ok(_) => "A discount is between 0% and 100%.".to_owned(),
            Err(AmountError::Empty) => "Write the percentage before the sign, such as 10%.".to_owned(),
            Err(error) => sentence(&error),
        };
        fields.wrong_by_others(field, problem);
        return None;
    }
    let amount = fields.amount(field, text, whole.currency())?;
    if amount.minor() > whole.minor().max(0) {
        let whole = whole.to_decimal_string();
        fields.wrong_by_others(field, format!("The discount is more than the {what} comes to ({whole})."));
        return None;
    }
    Some(amount)
}

struct Amounts {
    subtotal: Money,
    discount: Money,
    shipping: Money,
    taxes: Vec<InvoiceTax>,
    tax: Money,
    total: Money,
}

impl Amounts {
    fn nothing(currency: Currency) -> Self {
        let zero = Money::zero(currency);
        Self { subtotal: zero, discount: zero, shipping: zero, taxes: Vec::new(), tax: zero, total: zero }
    }
}

fn amounts(
    fields: &mut Fields,
    draft: &InvoiceDraft,
    known: &Known<'_>,
    lines: &[InvoiceLine],
) -> Result<Amounts, AmountError> {
    let currency = known.currency;
    let zero = Money::zero(currency);
    let subtotal = Money::sum(currency, lines.iter().map(|line| line.amount))?;
    let kept = known.before.filter(|before| before.subtotal == subtotal && fields.is_stored("discount"));
    let discount = kept.map(|before| before.discount);
    let discount = discount
        .or_else(|| self::discount(fields, "discount", &draft.discount, subtotal, "sum of the lines"))
        .unwrap_or(zero);
    let shipping = fields.amount("shipping", &draft.shipping, currency).unwrap_or(zero);
    let taxes = taxes::taxes(draft.tax_inclusive, known, lines, discount)?;
    let tax = Money::sum(currency, taxes.iter().map(|tax| tax.amount))?;
    let mut total = subtotal.checked_sub(discount)?.checked_add(shipping)?;
    if !draft.tax_inclusive {
        total = total.checked_add(tax)?;
    }
    Ok(Amounts { subtotal, discount, shipping, taxes, tax, total })
}

fn assemble(
    draft: &InvoiceDraft,
    known: &Known<'_>,
    head: Head,
    lines: Vec<InvoiceLine>,
    amounts: Amounts,
) -> Option<Invoice> {
    let zero = Money::zero(known.currency);
    Some(Invoice {
        id: draft.id,
        version: known.before.map_or(0, |before| before.version),
        number: head.number,
        state: if draft.as_draft { InvoiceState::Draft } else { InvoiceState::Open },
        customer_id: draft.customer_id?,
        currency: known.currency,
        issued_on: head.issued_on?,
        due_on: head.due_on?,
        terms_id: draft.terms_id,
        tax_inclusive: draft.tax_inclusive,
        lines,
        discount_text: super::discount::plain(&draft.discount, known.currency),
        discount: amounts.discount,
        shipping: amounts.shipping,
        subtotal: amounts.subtotal,
        taxes: amounts.taxes,
        tax: amounts.tax,
        total: amounts.total,
        deposit: known
            .before
            .map(|before| before.deposit)
            .filter(|deposit| deposit.currency() == known.currency)
            .unwrap_or(zero),
        paid: known.before.map_or(zero, |before| before.paid),
        balance: known.before.map_or(zero, |before| before.balance),
        message: head.message,
        note: head.note,
        email: head.email,
        billing: head.billing,
        shipping_address: head.shipping_address,
        order_id: draft.order_id,
        source: known.before.map_or_else(|| "owner".to_owned(), |before| before.source.clone()),
        created_at: known.before.map_or(known.now, |before| before.created_at),
        updated_at: known.now,
    })
}
