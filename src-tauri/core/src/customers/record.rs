//! The customer as it is kept, and the one way to write it: for the owner's saves and for the sync alike.
//!
//! Absent on purpose: checks of what the owner typed (a vendor's record may break them), and the outbox (the owner's save
//! queues the change, the sync decides for itself).

use crate::event::Tag;
use crate::ids::{CustomerId, TermsId};
use crate::store::{self, Tx};
use crate::view::{Facts, Written, diff};
use crate::{Error, Result};
use backroom_money::{Currency, Money};
use chrono::{DateTime, Utc};
use connector_contract::RecordKind;
use connector_contract::record::Address;
use serde::{Deserialize, Serialize};

/// A customer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Customer {
    /// Id.
    pub id: CustomerId,
    /// Row version; raised by every write.
    pub version: u32,
    /// Name in lists; unique among active customers that the owner typed.
    pub display_name: String,
    /// Company.
    pub company: String,
    /// E-mail.
    pub email: String,
    /// Telephone.
    pub phone: String,
    /// Bill-to.
    pub billing: Address,
    /// Ship-to.
    pub shipping: Address,
    /// Notes.
    pub notes: String,
    /// Terms of this customer's invoices; `None` is the company's.
    pub terms_id: Option<TermsId>,
    /// Currency the customer is billed in.
    pub currency: Currency,
    /// Archived.
    pub archived: bool,
    /// Owed. Kept by invoices and payments; a value given to [`write`] is ignored.
    pub open: Money,
    /// When it was made here.
    pub created_at: DateTime<Utc>,
    /// Last change.
    pub updated_at: DateTime<Utc>,
}

impl Customer {
    /// A customer with a name and nothing else.
    pub fn new(id: CustomerId, display_name: impl Into<String>, currency: Currency, now: DateTime<Utc>) -> Self {
        Self {
            id,
            version: 0,
            display_name: display_name.into(),
            company: String::new(),
            email: String::new(),
            phone: String::new(),
            billing: Address::default(),
            shipping: Address::default(),
            notes: String::new(),
            terms_id: None,
            currency,
            archived: false,
            open: Money::zero(currency),
            created_at: now,
            updated_at: now,
        }
    }

    /// Its fields as history shows them.
    pub fn facts(&self) -> Facts {
        let mut facts = Facts::default();
        facts.text("display_name", &self.display_name);
        facts.text("company", &self.company);
        facts.text("email", &self.email);
        facts.text("phone", &self.phone);
        facts.address("billing", &self.billing);
        facts.address("shipping", &self.shipping);
        facts.text("notes", &self.notes);
        facts.optional("terms_id", self.terms_id);
        facts.text("currency", self.currency.code());
        facts.flag("archived", self.archived);
        facts
    }
}

/// Stores a customer with its history. `before` is what is stored now, `None` for a new one; `who` is `owner` or a vendor's
/// name. Nothing is written when nothing differs. Versions are the caller's to check, in this same transaction.
pub fn write(
    tx: &Tx<'_>,
    before: Option<&Customer>,
    after: &Customer,
    who: &str,
    now: DateTime<Utc>,
) -> Result<Written<Customer>> {
    let changes = diff(before.map(Customer::facts), after.facts());
    if let (Some(before), true) = (before, changes.is_empty()) {
        return Ok(Written { record: before.clone(), changes });
    }
    let mut record = after.clone();
    record.updated_at = now;
    let action = match before {
        None => {
            store::customers::insert(tx, &record)?;
            "created"
        }
        Some(before) => {
            store::customers::update(tx, &record)?;
            match (before.archived, after.archived) {
                (false, true) => "archived",
                (true, false) => "restored",
                _ => "updated",
            }
        }
    };
    store::history::add(tx, RecordKind::Customer, &record.id.to_string(), now, who, action, &changes)?;
    tx.changed(Tag::Customers);
    let record = store::customers::get(tx, record.id)?.ok_or(Error::NotFound("customer"))?;
    Ok(Written { record, changes })
}
