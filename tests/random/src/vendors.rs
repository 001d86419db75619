//! What the vendors' own users do on their side: bookkeepers, packers, buyers and banks.
//!
//! Refusals of the simulators are part of it (a paid invoice can't be voided there either). What is deleted or merged away is
//! remembered, because it must not come back.

#![expect(clippy::unnecessary_wraps, reason = "all acts have one shape, so that they fit into one table")]

use crate::day::{Act, Day, Grave};
use crate::processor;
use crate::shop::Shop;
use anyhow::Result;
use serde_json::{Value, json};
use vendor_sim::Vendor;
use vendor_sim::quickbooks::Kind;

/// What can be done, with its weight.
const ACTS: &[(u32, Act)] = &[
    (3, book_customer),
    (8, edit_customer),
    (2, customer_in_or_out),
    (2, merge_customers),
    (2, book_item),
    (3, edit_item),
    (1, item_in_or_out),
    (4, book_invoice),
    (5, edit_invoice),
    (3, void_or_delete_invoice),
    (5, book_payment),
    (3, void_or_delete_payment),
    (1, expire_tokens),
    (4, take_order),
    (4, edit_order),
    (4, order_status),
    (6, ship),
    (2, split),
    (1, merge_orders),
    (2, void_label),
    (1, delete_order),
    (6, processor::charge),
    (3, processor::book_charge),
    (3, processor::refund),
    (2, processor::dispute),
    (3, processor::payout),
    (1, processor::fee),
];

/// An object of the books, by its id.
pub fn books(shop: &Shop, kind: Kind, keep: impl Fn(&serde_json::Map<String, Value>) -> bool) -> Vec<String> {
    shop.world.read(|state| {
        let objects = state.quickbooks.books.all(kind).filter(|object| keep(object));
        objects.filter_map(|object| object.get("Id")?.as_str().map(str::to_owned)).collect()
    })
}

/// A text of an object of the books.
fn text_of(shop: &Shop, kind: Kind, id: &str, field: &str) -> String {
    shop.world.read(|state| {
        let object = id.parse().ok().and_then(|id| state.quickbooks.books.get(kind, id));
        let text = object.and_then(|object| object.get(field)).and_then(Value::as_str);
        text.unwrap_or_default().to_owned()
    })
}

/// Ids of orders in one of these states.
fn orders(shop: &Shop, states: &[&str]) -> Vec<i64> {
    shop.world.read(|state| {
        let orders = state.shipstation.orders.values();
        orders.filter(|o| !o.gone && states.contains(&o.status.as_str())).map(|o| o.id).collect()
    })
}

const OPEN: &[&str] = &["awaiting_payment", "awaiting_shipment", "on_hold"];

impl Day {
    /// One thing on one of their sides.
    pub fn vendors(&mut self, shop: &Shop) -> Result<()> {
        match self.chance.weighted(ACTS) {
            Some(act) => act(self, shop),
            None => Ok(()),
        }
    }

    /// Does it. `None` when the vendor refuses.
    pub fn act(&mut self, shop: &Shop, vendor: Vendor, action: &str, body: &Value) -> Option<Value> {
        let done = shop.world.act(vendor, action, body);
        let no = done.as_ref().err().map(|error| format!(" -- no: {error}")).unwrap_or_default();
        self.tell(shop, format!("{}: {action} {body}{no}", vendor.as_str()));
        done.ok()
    }

    /// The same in the books.
    pub fn books(&mut self, shop: &Shop, action: &str, body: &Value) -> Option<Value> {
        self.act(shop, Vendor::Quickbooks, action, body)
    }

    /// What must not come back. A document that an undo let go of there may: the next save sends it as a new one.
    fn bury(&mut self, shop: &Shop, kind: &'static str, remote_id: &str, key: String) -> Result<()> {
        if !key.is_empty() && !shop.file().is_released(kind, remote_id)? {
            self.graves.insert(Grave { kind, key });
        }
        Ok(())
    }

    /// The record of ours behind a remote one was touched over there. One that is not linked may be any whose arrival nobody has
    /// heard of yet.
    fn touch(&mut self, shop: &Shop, kind: &str, remote_id: &str) -> Result<()> {
        if let Some(local_id) = shop.file().local_of(kind, remote_id)? {
            self.touched(kind, &local_id);
            return Ok(());
        }
        for entry in shop.file().outbox()? {
            if entry.kind == kind && matches!(entry.state.as_str(), "sending" | "unknown") {
                self.touched(kind, &entry.local_id);
            }
        }
        Ok(())
    }
}

fn book_customer(day: &mut Day, shop: &Shop) -> Result<()> {
    let name = day.text("Bookkeeper's customer ");
    let email = json!({ "Address": format!("{}@books.example", day.text("b")) });
    day.books(shop, "create_customer", &json!({ "DisplayName": name, "PrimaryEmailAddr": email }));
    Ok(())
}

fn edit_customer(day: &mut Day, shop: &Shop) -> Result<()> {
    let Some(id) = day.chance.one(&books(shop, Kind::Customer, |_| true)).cloned() else { return Ok(()) };
    let mut body = json!({ "id": id });
    match day.chance.below(4) {
        0 => body["Notes"] = day.text("their note ").into(),
        1 => body["PrimaryPhone"] = json!({ "FreeFormNumber": day.text("777-") }),
        2 => body["CompanyName"] = day.text("Company ").into(),
        _ => body["PrimaryEmailAddr"] = json!({ "Address": format!("{}@there.example", day.text("e")) }),
    }
    day.books(shop, "edit_customer", &body);
    day.touch(shop, "customer", &id)
}

fn customer_in_or_out(day: &mut Day, shop: &Shop) -> Result<()> {
    let Some(id) = day.chance.one(&books(shop, Kind::Customer, |_| true)).cloned() else { return Ok(()) };
    let action = if day.chance.percent(60) { "deactivate_customer" } else { "reactivate_customer" };
    day.books(shop, action, &json!({ "id": id }));
    Ok(())
}

fn merge_customers(day: &mut Day, shop: &Shop) -> Result<()> {
    let all = books(shop, Kind::Customer, |object| object.get("Active") == Some(&json!(true)));
    let (Some(keep), Some(gone)) = (day.chance.one(&all).cloned(), day.chance.one(&all).cloned()) else {
        return Ok(());
    };
    if keep == gone {
        return Ok(());
    }
    let name = text_of(shop, Kind::Customer, &gone, "DisplayName");
    if day.books(shop, "merge_customers", &json!({ "keep": keep, "gone": gone })).is_some() {
        day.bury(shop, "customer", &gone, name)?;
        day.touch(shop, "customer", &gone)?;
    }
    Ok(())
}

fn account(shop: &Shop) -> String {
    let income =
        |object: &serde_json::Map<String, Value>| object.get("AccountSubType") == Some(&json!("SalesOfProductIncome"));
    books(shop, Kind::Account, income).into_iter().next().unwrap_or_default()
}

fn book_item(day: &mut Day, shop: &Shop) -> Result<()> {
    let body = json!({ "Name": day.text("Their item "), "Sku": day.text("THEIRS-"), "Type": "NonInventory",
                       "UnitPrice": day.chance.between(1, 90), "Taxable": false,
                       "IncomeAccountRef": { "value": account(shop) } });
    day.books(shop, "create_item", &body);
    Ok(())
}

fn edit_item(day: &mut Day, shop: &Shop) -> Result<()> {
    let Some(id) = day.chance.one(&books(shop, Kind::Item, |_| true)).cloned() else { return Ok(()) };
    let mut body = json!({ "id": id });
    match day.chance.below(2) {
        0 => body["Description"] = day.text("their words ").into(),
        _ => body["UnitPrice"] = day.chance.between(1, 90).into(),
    }
    day.books(shop, "edit_item", &body);
    day.touch(shop, "item", &id)
}

fn item_in_or_out(day: &mut Day, shop: &Shop) -> Result<()> {
    let Some(id) = day.chance.one(&books(shop, Kind::Item, |_| true)).cloned() else { return Ok(()) };
    let action = if day.chance.percent(60) { "deactivate_item" } else { "reactivate_item" };
    day.books(shop, action, &json!({ "id": id }));
    Ok(())
}

fn sale_line(day: &mut Day, shop: &Shop) -> Value {
    let items = books(shop, Kind::Item, |object| object.get("Active") == Some(&json!(true)));
    let (quantity, price) = (day.chance.between(1, 4), day.chance.between(1, 80));
    if day.chance.percent(10) {
        // Finer than a cent, and seven of them are 1.00.
        let detail = json!({ "Qty": 7, "UnitPrice": 0.142_857_1, "TaxCodeRef": { "value": "NON" } });
        let item = day.chance.one(&items).cloned();
        let mut line = json!({ "DetailType": "SalesItemLineDetail", "Amount": 1, "SalesItemLineDetail": detail });
        if let Some(item) = item {
            line["SalesItemLineDetail"]["ItemRef"] = json!({ "value": item });
        }
        return line;
    }
    let mut detail = json!({ "Qty": quantity, "UnitPrice": price, "TaxCodeRef": { "value": "NON" } });
    if let Some(item) = day.chance.one(&items) {
        detail["ItemRef"] = json!({ "value": item });
    }
    json!({ "DetailType": "SalesItemLineDetail", "Amount": quantity * price, "SalesItemLineDetail": detail })
}

fn book_invoice(day: &mut Day, shop: &Shop) -> Result<()> {
    let active = |object: &serde_json::Map<String, Value>| object.get("Active") == Some(&json!(true));
    let Some(customer) = day.chance.one(&books(shop, Kind::Customer, active)).cloned() else { return Ok(()) };
    let mut lines: Vec<Value> = (0..day.chance.between(1, 2)).map(|_| sale_line(day, shop)).collect();
    if day.chance.percent(15) {
        // A remark between lines, a second discount: what our own form does not have.
        lines.push(json!({ "DetailType": "DescriptionOnly", "Description": day.text("Remark line ") }));
        lines.push(sale_line(day, shop));
        for _ in 0..day.chance.between(0, 2) {
            lines.push(json!({ "DetailType": "DiscountLineDetail", "Amount": 0.5,
                               "DiscountLineDetail": { "PercentBased": false } }));
        }
    }
    let mut body = json!({ "CustomerRef": { "value": customer }, "DocNumber": day.text("V-"), "Line": lines });
    if day.chance.percent(10) {
        body["Deposit"] = json!(0.5);
    }
    day.books(shop, "create_invoice", &body);
    Ok(())
}

fn edit_invoice(day: &mut Day, shop: &Shop) -> Result<()> {
    let Some(id) = day.chance.one(&books(shop, Kind::Invoice, |_| true)).cloned() else { return Ok(()) };
    if text_of(shop, Kind::Invoice, &id, "PrivateNote").starts_with("Voided") {
        return Ok(());
    }
    let mut body = json!({ "id": id });
    match day.chance.below(4) {
        0 => body["PrivateNote"] = day.text("their remark ").into(),
        1 => body["CustomerMemo"] = json!({ "value": day.text("their message ") }),
        2 => body["DueDate"] = (shop.world.now().date_naive() + chrono::Duration::days(40)).to_string().into(),
        _ => body["Line"] = json!([sale_line(day, shop)]),
    }
    day.books(shop, "edit_invoice", &body);
    day.touch(shop, "invoice", &id)
}

fn void_or_delete_invoice(day: &mut Day, shop: &Shop) -> Result<()> {
    let Some(id) = day.chance.one(&books(shop, Kind::Invoice, |_| true)).cloned() else { return Ok(()) };
    let number = text_of(shop, Kind::Invoice, &id, "DocNumber");
    let local = shop.file().local_of("invoice", &id)?.unwrap_or_default();
    if day.chance.percent(50) {
        if day.books(shop, "void_invoice", &json!({ "id": id })).is_some() {
            day.let_go("invoice", &local);
        }
    } else if day.books(shop, "delete_invoice", &json!({ "id": id })).is_some() {
        day.bury(shop, "invoice", &id, number)?;
        day.let_go("invoice", &local);
    }
    Ok(())
}

fn book_payment(day: &mut Day, shop: &Shop) -> Result<()> {
    let open = |object: &serde_json::Map<String, Value>| object.get("Balance").is_some_and(|b| *b != 0);
    let Some(id) = day.chance.one(&books(shop, Kind::Invoice, open)).cloned() else { return Ok(()) };
    let (customer, balance) = shop.world.read(|state| {
        let invoice = id.parse().ok().and_then(|id| state.quickbooks.books.get(Kind::Invoice, id)).cloned();
        let invoice = invoice.unwrap_or_default();
        (invoice.get("CustomerRef").cloned().unwrap_or_default(), invoice.get("Balance").cloned().unwrap_or_default())
    });
    let amount = if day.chance.percent(60) { balance } else { json!(day.chance.between(1, 20)) };
    let body = json!({ "CustomerRef": { "value": customer["value"] }, "TotalAmt": amount,
                       "PaymentRefNum": day.text("V"),
                       "Line": [{ "Amount": amount, "LinkedTxn": [{ "TxnId": id, "TxnType": "Invoice" }] }] });
    day.books(shop, "create_payment", &body);
    Ok(())
}

fn void_or_delete_payment(day: &mut Day, shop: &Shop) -> Result<()> {
    let Some(id) = day.chance.one(&books(shop, Kind::Payment, |_| true)).cloned() else { return Ok(()) };
    let marker = marker(&text_of(shop, Kind::Payment, &id, "PrivateNote")).unwrap_or_default().to_owned();
    if day.chance.percent(50) {
        day.books(shop, "void_payment", &json!({ "id": id }));
    } else if day.books(shop, "delete_payment", &json!({ "id": id })).is_some() {
        day.bury(shop, "payment", &id, marker)?;
    }
    Ok(())
}

/// Our id in the note of a payment.
pub fn marker(note: &str) -> Option<&str> {
    note.lines().find_map(|line| line.strip_prefix("Backroom "))
}

fn expire_tokens(day: &mut Day, shop: &Shop) -> Result<()> {
    day.books(shop, "expire_access_tokens", &json!({}));
    shop.wire.tokens_expire();
    Ok(())
}

fn take_order(day: &mut Day, shop: &Shop) -> Result<()> {
    let skus: Vec<String> = shop.file().rows("SELECT sku FROM items WHERE sku <> '' ORDER BY row")?.concat();
    let mut items = Vec::new();
    for number in 0..day.chance.between(1, 3) {
        let sku = day.chance.one(&skus).cloned().unwrap_or_else(|| "UNKNOWN".to_owned());
        items.push(json!({ "lineItemKey": day.text("L"), "sku": sku, "name": format!("Thing {number}"),
                           "quantity": day.chance.between(1, 4), "unitPrice": day.chance.between(1, 50) }));
    }
    if day.chance.percent(12) {
        // One key on two lines, and a price finer than a cent.
        let mut again = items[0].clone();
        again["quantity"] = 4.into();
        again["unitPrice"] = json!(0.125);
        items.push(again);
    }
    let body = json!({ "orderNumber": day.text("S-"), "items": items });
    day.act(shop, Vendor::Shipstation, "create_order", &body);
    Ok(())
}

fn edit_order(day: &mut Day, shop: &Shop) -> Result<()> {
    let Some(id) = day.chance.one(&orders(shop, OPEN)).copied() else { return Ok(()) };
    let field = if day.chance.percent(50) { "customerNotes" } else { "internalNotes" };
    let mut body = json!({ "orderId": id });
    body[field] = day.text("packer's word ").into();
    day.act(shop, Vendor::Shipstation, "edit_order", &body);
    day.touch(shop, "order", &id.to_string())
}

fn order_status(day: &mut Day, shop: &Shop) -> Result<()> {
    let Some(id) = day.chance.one(&orders(shop, OPEN)).copied() else { return Ok(()) };
    let until = (shop.world.now() + chrono::Duration::days(4)).date_naive().to_string();
    let (action, body) = match day.chance.below(3) {
        0 => ("hold_order", json!({ "orderId": id, "until": until })),
        1 => ("restore_order", json!({ "orderId": id })),
        _ => ("cancel_order", json!({ "orderId": id })),
    };
    let local = shop.file().local_of("order", &id.to_string())?;
    if day.act(shop, Vendor::Shipstation, action, &body).is_some()
        && action == "cancel_order"
        && let Some(local) = local
    {
        day.let_go("order", &local);
    }
    Ok(())
}

fn ship(day: &mut Day, shop: &Shop) -> Result<()> {
    let Some(id) = day.chance.one(&orders(shop, &["awaiting_shipment"])).copied() else { return Ok(()) };
    let local = shop.file().local_of("order", &id.to_string())?;
    let body = json!({ "orderId": id });
    let done = if day.chance.percent(30) {
        let body = json!({ "orderId": id, "trackingNumber": day.text("T") });
        day.act(shop, Vendor::Shipstation, "mark_shipped", &body)
    } else {
        let part = part_of(day, shop, id).filter(|_| day.chance.percent(40));
        let body = part.map_or(body, |part| json!({ "orderId": id, "items": [part] }));
        day.act(shop, Vendor::Shipstation, "ship", &body)
    };
    if let (Some(_), Some(local)) = (done, local) {
        // A shipped order is locked, so an edit of ours that waits is refused or held.
        day.touched("order", &local);
    }
    Ok(())
}

fn part_of(day: &mut Day, shop: &Shop, id: i64) -> Option<Value> {
    let lines: Vec<(i64, i64)> = shop.world.read(|state| {
        let order = state.shipstation.orders.get(&id);
        order.into_iter().flat_map(|order| &order.items).map(|item| (item.id, item.quantity())).collect()
    });
    let (item, quantity) = day.chance.one(&lines).copied()?;
    let part = day.chance.between(1, quantity.max(1));
    Some(json!({ "orderItemId": item, "quantity": part }))
}

fn split(day: &mut Day, shop: &Shop) -> Result<()> {
    let Some(id) = day.chance.one(&orders(shop, OPEN)).copied() else { return Ok(()) };
    if let Some(part) = part_of(day, shop, id) {
        day.act(shop, Vendor::Shipstation, "split", &json!({ "orderId": id, "items": [part] }));
        day.touch(shop, "order", &id.to_string())?;
    }
    Ok(())
}

/// The key under which an order of ours went out, if it is one and arrived for sure.
fn order_key(shop: &Shop, id: i64) -> Result<String> {
    let local = shop.file().local_of("order", &id.to_string())?;
    // Orders that were split off share the key of their parent, which lives on.
    let key = shop.world.read(|state| {
        let order = state.shipstation.orders.get(&id).filter(|order| order.parent_id.is_none());
        order.map(|order| order.key.clone())
    });
    Ok(local.and(key).unwrap_or_default())
}

fn merge_orders(day: &mut Day, shop: &Shop) -> Result<()> {
    let all = orders(shop, &["awaiting_shipment"]);
    let (Some(&keep), Some(&gone)) = (day.chance.one(&all), day.chance.one(&all)) else { return Ok(()) };
    if keep == gone {
        return Ok(());
    }
    let key = order_key(shop, gone)?;
    if day.act(shop, Vendor::Shipstation, "merge", &json!({ "orderIds": [keep, gone] })).is_some() {
        day.bury(shop, "order", &gone.to_string(), key)?;
        day.touch(shop, "order", &gone.to_string())?;
        day.touch(shop, "order", &keep.to_string())?;
    }
    Ok(())
}

fn void_label(day: &mut Day, shop: &Shop) -> Result<()> {
    let labels: Vec<i64> = shop.world.read(|state| {
        state.shipstation.labels.values().filter(|label| label.voided.is_none()).map(|label| label.id).collect()
    });
    if let Some(id) = day.chance.one(&labels).copied() {
        day.act(shop, Vendor::Shipstation, "void_label", &json!({ "shipmentId": id }));
    }
    Ok(())
}

fn delete_order(day: &mut Day, shop: &Shop) -> Result<()> {
    let Some(id) = day.chance.one(&orders(shop, OPEN)).copied() else { return Ok(()) };
    let key = order_key(shop, id)?;
    if day.act(shop, Vendor::Shipstation, "delete_order", &json!({ "orderId": id })).is_some() {
        day.bury(shop, "order", &id.to_string(), key)?;
        day.touch(shop, "order", &id.to_string())?;
    }
    Ok(())
}
