//! What of a neutral record QuickBooks keeps, and what of it was in a request.

use crate::entity::Entity;
use crate::wire::Object;
use connector_contract::{RecordKind, Written};

/// The keys of a body and the neutral fields in them.
const fn keys(entity: Entity) -> &'static [(&'static str, &'static [&'static str])] {
    match entity {
        Entity::Customer => &[
            ("DisplayName", &["display_name"]),
            ("CompanyName", &["company"]),
            ("PrimaryEmailAddr", &["email"]),
            ("PrimaryPhone", &["phone"]),
            ("BillAddr", &["billing"]),
            ("ShipAddr", &["shipping"]),
            ("Notes", &["notes"]),
            ("Active", &["active"]),
            ("CurrencyRef", &["currency"]),
        ],
        Entity::Item => &[
            ("Name", &["name"]),
            ("Sku", &["sku"]),
            ("Description", &["description"]),
            ("Type", &["kind"]),
            ("UnitPrice", &["unit_price"]),
            ("PurchaseCost", &["unit_cost"]),
            ("Taxable", &["taxable"]),
            ("Active", &["active"]),
        ],
        Entity::Invoice => &[
            ("CustomerRef", &["customer"]),
            ("TxnDate", &["issued_on"]),
            ("DueDate", &["due_on"]),
            ("DocNumber", &["number"]),
            ("CustomerMemo", &["message"]),
            ("PrivateNote", &["note"]),
            ("BillEmail", &["email"]),
            ("BillAddr", &["billing"]),
            ("ShipAddr", &["shipping_address"]),
            ("CurrencyRef", &["currency"]),
            ("Deposit", &["deposit"]),
            ("Line", &["lines", "discount", "shipping", "total"]),
            ("TxnTaxDetail", &["tax", "total"]),
        ],
        Entity::Payment => &[
            ("CustomerRef", &["customer"]),
            ("TxnDate", &["received_on"]),
            ("TotalAmt", &["amount"]),
            ("PaymentMethodRef", &["method"]),
            ("PaymentRefNum", &["reference"]),
            ("PrivateNote", &["note"]),
            ("Line", &["applied"]),
        ],
    }
}

/// The fields in a body.
pub(crate) fn written(entity: Entity, body: &Object) -> Written {
    let there = keys(entity).iter().filter(|(key, _)| body.contains_key(*key));
    Written::fields(there.flat_map(|(_, fields)| fields.iter().copied()))
}

/// Whether QuickBooks has a place for a field. What a new record is in when no request says so counts as kept: everything is in
/// the home currency, and a void document is void.
pub(crate) fn keeps(kind: RecordKind, field: &str) -> bool {
    let Some(entity) = Entity::of(kind) else { return false };
    matches!(field, "currency" | "voided") || keys(entity).iter().any(|(_, fields)| fields.contains(&field))
}
