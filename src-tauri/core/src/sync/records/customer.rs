//! Customers on both sides.

use super::{Rendered, Source, Taken, id, take, take_text};
use crate::company;
use crate::customers::{self, Customer};
use crate::ids::CustomerId;
use crate::store::{self, Db, Tx};
use crate::sync::merge::Fields;
use crate::view::FieldChange;
use crate::{Error, Result};
use connector_contract::{Record, record};
use uuid::Uuid;

/// Takes their changed fields over. The currency is only taken for a new customer: one with amounts can't change it.
pub fn take_over(
    tx: &Tx<'_>,
    from: &Source<'_>,
    local_id: Option<&str>,
    fresh: Uuid,
    theirs: &record::Customer,
    changed: &Fields,
) -> Result<Taken> {
    let before = load(tx, local_id)?;
    let mut after = if let Some(before) = &before {
        before.clone()
    } else {
        let currency = theirs.currency.map_or_else(|| Ok(company::require(tx)?.currency), Ok::<_, Error>)?;
        Customer::new(CustomerId(fresh), theirs.display_name.as_str(), currency, from.now)
    };
    take_text(changed, "display_name", &mut after.display_name, Some(&theirs.display_name));
    take_text(changed, "company", &mut after.company, theirs.company.as_ref());
    take_text(changed, "email", &mut after.email, theirs.email.as_ref());
    take_text(changed, "phone", &mut after.phone, theirs.phone.as_ref());
    take(changed, "billing", &mut after.billing, theirs.billing.as_ref());
    take(changed, "shipping", &mut after.shipping, theirs.shipping.as_ref());
    take_text(changed, "notes", &mut after.notes, theirs.notes.as_ref());
    take(changed, "active", &mut after.archived, Some(&!theirs.active));
    // An imported customer is as old as theirs.
    if let Some(made) = theirs.created_at.filter(|made| *made < after.created_at) {
        after.created_at = made;
    }
    let written = customers::write(tx, before.as_ref(), &after, from.who, from.now)?;
    Ok(Taken { local_id: after.id.to_string(), created: before.is_none(), changes: written.changes })
}

/// Archives it.
pub fn retire(tx: &Tx<'_>, from: &Source<'_>, local_id: &str) -> Result<Vec<FieldChange>> {
    let Some(before) = load(tx, Some(local_id))? else { return Ok(Vec::new()) };
    let after = Customer { archived: true, ..before.clone() };
    Ok(customers::write(tx, Some(&before), &after, from.who, from.now)?.changes)
}

/// Writes it out.
pub fn render(db: &Db<'_>, local_id: &str) -> Result<Rendered> {
    let Some(customer) = store::customers::get(db, id(local_id)?)? else { return Ok(Rendered::Nothing) };
    Ok(Rendered::Ready(Box::new(Record::Customer(record::Customer {
        display_name: customer.display_name,
        company: Some(customer.company),
        email: Some(customer.email),
        phone: Some(customer.phone),
        billing: Some(customer.billing),
        shipping: Some(customer.shipping),
        notes: Some(customer.notes),
        active: !customer.archived,
        currency: Some(customer.currency),
        created_at: None,
    }))))
}

fn load(tx: &Tx<'_>, local_id: Option<&str>) -> Result<Option<Customer>> {
    local_id.map(|local_id| store::customers::get(tx, id(local_id)?)).transpose().map(Option::flatten)
}
