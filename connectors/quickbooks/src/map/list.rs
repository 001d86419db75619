//! Customers and items: the two name lists.

use super::body::{check_name, limit_new, price_value};
use super::{Body, Company, Context, Known, address, price, quantity, refuse, text};
use crate::wire;
use chrono::NaiveDate;
use connector_contract::ConnectorError;
use connector_contract::record::{Address, Customer, Item, ItemKind};
use serde_json::json;

/// Reads a customer. QuickBooks sends whole objects without their empty fields, so an absent text is an empty one.
pub(super) fn customer(wire: &wire::Customer, context: Context<'_>) -> Result<Customer, String> {
    let display_name = wire.display_name.clone().filter(|name| !name.is_empty()).ok_or("DisplayName is missing")?;
    let company = text(wire.company_name.as_ref());
    let names = [display_name.as_str(), company.as_str()];
    Ok(Customer {
        email: Some(text(wire.primary_email_addr.as_ref().and_then(|email| email.address.as_ref()))),
        phone: Some(text(wire.primary_phone.as_ref().and_then(|phone| phone.free_form_number.as_ref()))),
        billing: Some(address::read(wire.bill_addr.as_ref(), &names)),
        shipping: Some(address::read(wire.ship_addr.as_ref(), &names)),
        notes: Some(text(wire.notes.as_ref())),
        active: wire.active.unwrap_or(true),
        currency: Some(context.company.currency(wire.currency_ref.as_ref(), "CurrencyRef")?),
        company: Some(company),
        display_name,
        created_at: wire.meta_data.made(),
    })
}

/// The body that makes a customer look like `wanted`; `known` is what QuickBooks has, `None` for a new one.
pub(crate) fn customer_body(
    wanted: &Customer,
    known: Option<Known<'_, Customer>>,
    company: &Company,
) -> Result<Body, ConnectorError> {
    let settled = known.map(|known| settled_customer(wanted, known));
    let (wanted, asked, before) = (settled.as_ref().unwrap_or(wanted), wanted, known.map(|known| known.record));
    let old = |field: fn(&Customer) -> Option<&String>| before.and_then(field);
    if before.is_none_or(|before| before.display_name != wanted.display_name) {
        check_name("display_name", &wanted.display_name, 500)?;
    }
    limit_new("company", wanted.company.as_ref(), old(|c| c.company.as_ref()), 100)?;
    limit_new("email", wanted.email.as_ref(), old(|c| c.email.as_ref()), 100)?;
    limit_new("phone", wanted.phone.as_ref(), old(|c| c.phone.as_ref()), 30)?;
    limit_new("notes", wanted.notes.as_ref(), old(|c| c.notes.as_ref()), 2000)?;
    if let Some(currency) = wanted.currency
        && currency != company.home
        && !company.multi_currency
        && before.is_none()
    {
        return Err(refuse("currency", format!("this QuickBooks company only uses {}", company.home)));
    }
    let mut body = known.map_or_else(Body::create, |known| Body::update(known.stored));
    body.set_text("DisplayName", Some(&wanted.display_name), before.map(|c| &c.display_name));
    body.set_text("CompanyName", wanted.company.as_ref(), old(|c| c.company.as_ref()));
    body.set_inner("PrimaryEmailAddr", "Address", wanted.email.as_ref(), old(|c| c.email.as_ref()));
    body.set_inner("PrimaryPhone", "FreeFormNumber", wanted.phone.as_ref(), old(|c| c.phone.as_ref()));
    let address = |field: fn(&Customer) -> Option<&Address>| address::Change {
        wanted: field(asked),
        known: before.and_then(field),
        base: known.and_then(|known| known.base).and_then(field),
        named: false,
    };
    body.set_address("BillAddr", &address(|c| c.billing.as_ref()));
    body.set_address("ShipAddr", &address(|c| c.shipping.as_ref()));
    body.set_text("Notes", wanted.notes.as_ref(), old(|c| c.notes.as_ref()));
    if wanted.active != before.is_none_or(|before| before.active) {
        body.set("Active", wanted.active);
    }
    // A customer's currency can't be changed later.
    if known.is_none()
        && company.multi_currency
        && let Some(currency) = wanted.currency
    {
        body.set_ref("CurrencyRef", currency.code());
    }
    Ok(body)
}

/// What the owner did not change is as QuickBooks has it.
fn settled_customer(wanted: &Customer, known: Known<'_, Customer>) -> Customer {
    Customer {
        display_name: known.settled(wanted, |c| &c.display_name),
        company: known.settled(wanted, |c| &c.company),
        email: known.settled(wanted, |c| &c.email),
        phone: known.settled(wanted, |c| &c.phone),
        notes: known.settled(wanted, |c| &c.notes),
        active: known.settled(wanted, |c| &c.active),
        currency: known.settled(wanted, |c| &c.currency),
        ..wanted.clone()
    }
}

/// Reads an item.
pub(super) fn item(wire: wire::Item, context: Context<'_>) -> Result<Item, String> {
    let home = context.company.home;
    let kind = match wire.kind.as_deref() {
        Some("Inventory") => ItemKind::Stocked,
        Some("Service") => ItemKind::Service,
        // A bundle ("Group") is not counted itself; its parts are. Older companies have kinds that can't be made any more, such as
        // other charges and assemblies: invoices name them, so they have to come in.
        Some(_) => ItemKind::NonStocked,
        None => return Err("Type is missing".into()),
    };
    let cost = wire.purchase_cost.as_ref().map(|cost| price(cost, home, "PurchaseCost")).transpose()?;
    // QuickBooks writes a cost of 0 on items it has no purchase account for: it means "not kept here".
    let unit_cost = cost.filter(|cost| !cost.is_zero() || wire.expense_account_ref.is_some());
    let unit_price = wire.unit_price.as_ref().map(|number| price(number, home, "UnitPrice")).transpose()?;
    let on_hand = match (&wire.qty_on_hand, kind) {
        (Some(number), ItemKind::Stocked) => Some(quantity(number, "QtyOnHand")?),
        _ => None,
    };
    let made = wire.meta_data.made();
    Ok(Item {
        name: wire.name.filter(|name| !name.is_empty()).ok_or("Name is missing")?,
        sku: wire.sku.or(context.sku_selected.then(String::new)),
        description: Some(wire.description.unwrap_or_default()),
        barcode: None,
        kind,
        unit_price,
        unit_cost,
        taxable: wire.taxable,
        active: wire.active.unwrap_or(true),
        on_hand,
        created_at: made,
    })
}

/// The accounts new items are booked to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct ItemAccounts {
    /// Sales; every item needs it.
    pub income: String,
    /// Cost of goods sold.
    pub expense: Option<String>,
    /// Value of the stock.
    pub asset: Option<String>,
}

/// The body that makes an item look like `wanted`. A new one is booked to `accounts` and, if it is counted, counted
/// from the day `since`.
pub(crate) fn item_body(
    wanted: &Item,
    known: Option<Known<'_, Item>>,
    accounts: Option<&ItemAccounts>,
    company: &Company,
    since: NaiveDate,
) -> Result<Body, ConnectorError> {
    let settled = known.map(|known| settled_item(wanted, known));
    let (wanted, before) = (settled.as_ref().unwrap_or(wanted), known.map(|known| known.record));
    let old = |field: fn(&Item) -> Option<&String>| before.and_then(field);
    if before.is_none_or(|before| before.name != wanted.name) {
        check_name("name", &wanted.name, 100)?;
    }
    limit_new("sku", wanted.sku.as_ref(), old(|i| i.sku.as_ref()), 100)?;
    limit_new("description", wanted.description.as_ref(), old(|i| i.description.as_ref()), 4000)?;
    for (field, amount) in [("unit_price", wanted.unit_price), ("unit_cost", wanted.unit_cost)] {
        if amount.is_some_and(|amount| amount.currency() != company.home) {
            return Err(refuse(field, format!("items in QuickBooks are priced in {}", company.home)));
        }
    }
    let mut body = known.map_or_else(Body::create, |known| Body::update(known.stored));
    body.set_text("Name", Some(&wanted.name), before.map(|i| &i.name));
    body.set_text("Sku", wanted.sku.as_ref(), old(|i| i.sku.as_ref()));
    body.set_text("Description", wanted.description.as_ref(), old(|i| i.description.as_ref()));
    if let Some(amount) = wanted.unit_price.filter(|now| before.and_then(|i| i.unit_price) != Some(*now)) {
        body.set("UnitPrice", price_value(amount));
    }
    // A cost without a purchase account is refused by QuickBooks, so it is only sent where there is one.
    let has_expense = accounts.is_some_and(|a| a.expense.is_some())
        || known
            .is_some_and(|known| known.stored.get("ExpenseAccountRef").is_some() || known.record.unit_cost.is_some());
    let cost = wanted.unit_cost.filter(|now| before.and_then(|i| i.unit_cost) != Some(*now));
    if let Some(amount) = cost.filter(|_| has_expense) {
        body.set("PurchaseCost", price_value(amount));
    }
    if wanted.taxable.is_some() && wanted.taxable != before.and_then(|i| i.taxable) {
        body.set("Taxable", wanted.taxable);
    }
    if wanted.active != before.is_none_or(|before| before.active) {
        body.set("Active", wanted.active);
    }
    if let (None, Some(accounts)) = (known, accounts) {
        set_type(&mut body, wanted.kind, accounts, since);
    }
    Ok(body)
}

/// What the owner did not change is as QuickBooks has it.
fn settled_item(wanted: &Item, known: Known<'_, Item>) -> Item {
    Item {
        name: known.settled(wanted, |i| &i.name),
        sku: known.settled(wanted, |i| &i.sku),
        description: known.settled(wanted, |i| &i.description),
        unit_price: known.settled(wanted, |i| &i.unit_price),
        unit_cost: known.settled(wanted, |i| &i.unit_cost),
        taxable: known.settled(wanted, |i| &i.taxable),
        active: known.settled(wanted, |i| &i.active),
        ..wanted.clone()
    }
}

fn set_type(body: &mut Body, kind: ItemKind, accounts: &ItemAccounts, since: NaiveDate) {
    body.set_ref("IncomeAccountRef", &accounts.income);
    if let Some(expense) = &accounts.expense {
        body.set_ref("ExpenseAccountRef", expense);
    }
    match (kind, &accounts.asset, &accounts.expense) {
        (ItemKind::Stocked, Some(asset), Some(_)) => {
            body.set("Type", "Inventory");
            body.set_ref("AssetAccountRef", asset);
            body.set("TrackQtyOnHand", true);
            body.set("QtyOnHand", json!(0));
            body.set("InvStartDate", since.to_string());
        }
        (ItemKind::Service, ..) => body.set("Type", "Service"),
        // Counting in QuickBooks needs both accounts; without them the item is sold there but counted only here.
        _ => body.set("Type", "NonInventory"),
    }
}
