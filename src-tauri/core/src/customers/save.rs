//! The owner's changes to customers: all checks, and what is written.

use super::{Customer, CustomerDraft};
use crate::fields::{Fields, LONGEST_LINE, LONGEST_NAME, LONGEST_TEXT};
use crate::ids::CustomerId;
use crate::store::outbox::{Wish, enqueue};
use crate::store::{self, Tx};
use crate::{Error, Result};
use backroom_money::Currency;
use chrono::{DateTime, Utc};
use connector_contract::RecordKind;

/// Most customers archived in one step; a list's selection is one page.
const MOST_AT_ONCE: usize = 500;

/// Creates or changes a customer. Saving what is stored already changes nothing, whichever version it was loaded with.
pub(super) fn save(tx: &Tx<'_>, draft: &CustomerDraft, now: DateTime<Utc>) -> Result<Customer> {
    let company = crate::company::require(tx)?;
    let before = store::customers::get(tx, draft.id)?;
    let mut fields = Fields::against(draft, before.clone().map(CustomerDraft::from).as_ref())?;
    let after = read(&mut fields, draft, before.as_ref(), company.currency, now);
    if store::customers::other_with_name(tx, &after.display_name, draft.id)?.is_some() {
        fields
            .wrong("display_name", "There is a customer with this name already; add something that tells them apart.");
    }
    if draft.terms_id.is_some_and(|id| !matches!(store::company::terms_by_id(tx, id), Ok(Some(_)))) {
        fields.wrong("terms_id", "These terms no longer exist; choose others.");
    }
    fields.finish()?;
    match &before {
        None if draft.version.is_some() => return Err(Error::NotFound("customer")),
        Some(before) if *before == after => return Ok(after),
        Some(before) if draft.version != Some(before.version) => return Err(Error::Stale("customer")),
        _ => {}
    }
    let written = super::write(tx, before.as_ref(), &after, "owner", now)?;
    enqueue(tx, RecordKind::Customer, &draft.id.to_string(), Wish::Upsert, now)?;
    Ok(written.record)
}

fn read(
    fields: &mut Fields,
    draft: &CustomerDraft,
    before: Option<&Customer>,
    currency: Currency,
    now: DateTime<Utc>,
) -> Customer {
    let start = before.cloned().unwrap_or_else(|| Customer::new(draft.id, "", currency, now));
    Customer {
        display_name: fields.name("display_name", &draft.display_name, LONGEST_NAME, "the customer's name"),
        company: fields.line("company", &draft.company, LONGEST_LINE),
        email: fields.email("email", &draft.email),
        phone: fields.line("phone", &draft.phone, LONGEST_LINE),
        billing: fields.address("billing", &draft.billing),
        shipping: fields.address("shipping", &draft.shipping),
        notes: fields.text("notes", &draft.notes, LONGEST_TEXT),
        terms_id: draft.terms_id,
        ..start
    }
}

/// Archives customers, or brings them back; all or none. What a customer owes stays owed.
pub(super) fn archive(tx: &Tx<'_>, ids: &[CustomerId], archived: bool, now: DateTime<Utc>) -> Result<()> {
    if ids.len() > MOST_AT_ONCE {
        return Err(Error::Refused(format!("Choose at most {MOST_AT_ONCE} customers at once.")));
    }
    for id in ids {
        let before = store::customers::get(tx, *id)?.ok_or(Error::NotFound("customer"))?;
        if before.archived == archived {
            continue;
        }
        if !archived && store::customers::other_with_name(tx, &before.display_name, *id)?.is_some() {
            return Err(Error::Refused(format!(
                "Another customer is called \"{}\" by now; rename that one before bringing this one back.",
                before.display_name
            )));
        }
        let after = Customer { archived, ..before.clone() };
        super::write(tx, Some(&before), &after, "owner", now)?;
        enqueue(tx, RecordKind::Customer, &id.to_string(), Wish::Upsert, now)?;
    }
    Ok(())
}
