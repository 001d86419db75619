//! What the account holds at first: a small shop for stationery and coffee, with the same goods as the other vendors'.

use super::acts;
use super::model::{InventoryLocation, InventoryWarehouse, ShipFrom, State, Store, Tag};
use chrono::{DateTime, Duration, Utc};
use rust_decimal::Decimal;
use serde_json::{Value, json};

/// SKU, name, price, cost, ounces, pieces on the shelf.
const GOODS: [(&str, &str, &str, &str, u32, i64); 8] = [
    ("MUG-01", "Stoneware mug", "18.00", "6.20", 14, 48),
    ("MUG-02", "Travel mug", "24.50", "9.80", 12, 30),
    ("BEAN-250", "House espresso 250 g", "9.80", "4.10", 9, 120),
    ("BEAN-1K", "House espresso 1 kg", "32.00", "14.60", 36, 40),
    ("FILT-100", "Paper filters x100", "6.40", "1.90", 6, 200),
    ("KETT-09", "Gooseneck kettle 0.9 l", "64.00", "29.00", 38, 12),
    ("GRIND-H", "Hand grinder", "89.00", "41.50", 26, 9),
    ("GIFT-25", "Gift card 25.00", "25.00", "0.00", 1, 0),
];

/// Buyers: name, e-mail, street, city, state, postal code.
const BUYERS: [(&str, &str, &str, &str, &str, &str); 6] = [
    ("Ada Pine", "ada@pine.test", "12 Harbour Lane", "Portland", "ME", "04101"),
    ("Ben Oak", "ben@oak.test", "480 Elm Street", "Austin", "TX", "78703"),
    ("Cora Birch", "cora@birch.test", "9 Mission Street", "San Francisco", "CA", "94105"),
    ("Dov Larch", "dov@larch.test", "77 Cedar Avenue", "Seattle", "WA", "98101"),
    ("Eve Maple", "eve@maple.test", "3 Orchard Road", "Burlington", "VT", "05401"),
    ("Finn Ash", "finn@ash.test", "221 River Road", "Boise", "ID", "83702"),
];

/// Plants a seed; false when the name is unknown.
pub fn plant(s: &mut State, now: DateTime<Utc>, name: &str) -> bool {
    match name {
        "empty" => account(s, now),
        "demo" => {
            account(s, now);
            goods(s, now);
            orders(s, now);
        }
        _ => return false,
    }
    true
}

/// What every account has from its first day.
fn account(s: &mut State, now: DateTime<Utc>) {
    let opened = now - Duration::days(400);
    let stores = [(26_815, "Manual orders", 0, "ShipStation"), (26_816, "Web shop", 36, "WooCommerce")];
    for (id, name, marketplace_id, marketplace) in stores {
        let (name, marketplace) = (name.to_owned(), marketplace.to_owned());
        let store = Store { id, name, marketplace_id, marketplace, active: true, created: opened, refreshed: now };
        s.stores.insert(id, store);
    }
    let address = json!({
        "name": "Shipping desk", "company": "Harbour Paper & Coffee", "street1": "1 Pier Road", "street2": null,
        "street3": null, "city": "Portland", "state": "ME", "postalCode": "04101", "country": "US",
        "phone": "207-555-0100", "residential": false, "addressVerified": null,
    });
    let address = address.as_object().cloned().unwrap_or_default();
    s.warehouses.insert(
        24_079,
        ShipFrom { id: 24_079, name: "Pier Road".to_owned(), address, created: opened, is_default: true },
    );
    for (id, name, color) in
        [(8_362, "Backorder", "#800080"), (8_336, "Fragile", "#33CCCC"), (8_221, "Repeat buyer", "#CC99FF")]
    {
        s.tags.insert(id, Tag { id, name: name.to_owned(), color: color.to_owned() });
    }
    let warehouse = format!("se-{}", s.id("inventory_warehouse", 2_001));
    let made = InventoryWarehouse { id: warehouse.clone(), name: "Pier Road".into(), created: opened, updated: opened };
    s.inventory_warehouses.insert(warehouse.clone(), made);
    for name in ["Shop-1-1-1", "Cellar-1-1-1"] {
        let id = format!("se-{}", s.id("inventory_location", 3_001));
        let (name, warehouse_id) = (name.to_owned(), warehouse.clone());
        let made = InventoryLocation { id: id.clone(), warehouse_id, name, created: opened, updated: opened };
        s.inventory_locations.insert(id, made);
    }
}

fn goods(s: &mut State, now: DateTime<Utc>) {
    let bought = now - Duration::days(200);
    for (sku, name, price, cost, ounces, pieces) in GOODS {
        let product = json!({"sku": sku, "name": name, "price": price, "defaultCost": cost, "weightOz": ounces});
        must(acts::act(s, bought, "save_product", &product));
        if pieces > 0 {
            must(acts::act(s, bought, "set_stock", &json!({"sku": sku, "quantity": pieces})));
            let cost = Decimal::from_str_exact(cost).ok().map(|cost| (cost, "usd".to_owned()));
            let first = s.inventory_locations.keys().next().cloned().unwrap_or_default();
            s.bin(sku, &first, "sellable").cost = cost;
        }
    }
}

/// Acts of the seed are known to be right; one that is refused is a mistake in this file, and its tests say so.
fn must(outcome: Result<Value, crate::ActError>) -> Value {
    outcome.unwrap_or_else(|error| json!({"error": error.0}))
}

fn line(sku: &str, quantity: i64) -> Value {
    let goods = GOODS.iter().find(|(s, ..)| *s == sku);
    let (name, price) = goods.map_or(("", "0"), |(_, name, price, ..)| (name, price));
    let weight = goods.map_or(0, |(.., ounces, _)| *ounces);
    json!({
        "lineItemKey": format!("line-{sku}"), "sku": sku, "name": name, "quantity": quantity, "unitPrice": price,
        "weight": {"value": weight, "units": "ounces"}, "options": [],
    })
}

/// One order of the web shop.
fn place(s: &mut State, at: DateTime<Utc>, number: u32, buyer: usize, lines: &[(&str, i64)], more: &Value) -> Value {
    let (name, email, street, city, state, postal) = BUYERS[buyer % BUYERS.len()];
    let to =
        json!({"name": name, "street1": street, "city": city, "state": state, "postalCode": postal, "country": "US"});
    let items: Vec<Value> = lines.iter().map(|(sku, quantity)| line(sku, *quantity)).collect();
    let mut order = json!({
        "orderNumber": number.to_string(), "orderKey": format!("shop-{number}"), "orderDate": at.to_rfc3339(),
        "paymentDate": at.to_rfc3339(), "orderStatus": "awaiting_shipment", "customerUsername": email,
        "customerEmail": email, "billTo": to, "shipTo": to, "items": items, "shippingAmount": 7.5, "taxAmount": 0,
        "requestedShippingService": "Ground", "paymentMethod": "Card",
        "weight": {"value": 16, "units": "ounces"}, "advancedOptions": {"warehouseId": 24_079, "storeId": 26_816},
    });
    for (name, value) in more.as_object().into_iter().flatten() {
        order[name] = value.clone();
    }
    must(acts::act(s, at, "create_order", &order))
}

/// Twelve orders in every state that an owner meets.
fn orders(s: &mut State, now: DateTime<Utc>) {
    let ago = |days: i64, minutes: i64| now - Duration::days(days) + Duration::minutes(minutes);
    let none = json!({});
    place(s, ago(21, 3), 1041, 0, &[("MUG-01", 2), ("BEAN-250", 3)], &none);
    must(acts::act(s, ago(20, 0), "ship", &json!({"orderNumber": "1041"})));
    place(s, ago(18, 40), 1042, 1, &[("KETT-09", 1)], &json!({"taxAmount": 5.28, "amountPaid": 76.78}));
    must(acts::act(
        s,
        ago(17, 0),
        "ship",
        &json!({"orderNumber": "1042", "carrierCode": "ups", "serviceCode": "ups_ground"}),
    ));
    place(s, ago(15, 11), 1043, 2, &[("BEAN-1K", 1), ("FILT-100", 2)], &none);
    let marked = json!({"orderNumber": "1043", "carrierCode": "Courier", "trackingNumber": "BIKE-0007"});
    must(acts::act(s, ago(14, 0), "mark_shipped", &marked));
    // Partly shipped: the kettle left, the grinder waits.
    place(s, ago(9, 55), 1044, 3, &[("KETT-09", 1), ("GRIND-H", 1)], &json!({"amountPaid": 160.5}));
    let part = json!({"orderNumber": "1044", "items": [{"sku": "KETT-09", "quantity": 1}]});
    must(acts::act(s, ago(8, 0), "ship", &part));
    // A label bought by mistake.
    place(s, ago(7, 5), 1045, 4, &[("MUG-02", 1)], &none);
    must(acts::act(s, ago(6, 0), "ship", &json!({"orderNumber": "1045"})));
    must(acts::act(s, ago(6, 30), "void_label", &json!({"orderNumber": "1045"})));
    place(s, ago(6, 90), 1046, 5, &[("BEAN-250", 6)], &none);
    must(acts::act(s, ago(5, 0), "cancel_order", &json!({"orderNumber": "1046"})));
    place(s, ago(4, 20), 1047, 0, &[("BEAN-1K", 2)], &json!({"customerNotes": "Please grind for a moka pot."}));
    let until = super::time::pacific_day(now) + Duration::days(5);
    must(acts::act(s, ago(3, 0), "hold_order", &json!({"orderNumber": "1047", "until": until.to_string()})));
    place(s, ago(3, 8), 1048, 1, &[("GIFT-25", 2)], &json!({"orderStatus": "awaiting_payment", "paymentDate": null}));
    let coupon = json!({"sku": "WELCOME10", "name": "10 % off", "quantity": 1, "unitPrice": -8.9, "adjustment": true});
    place(s, ago(2, 17), 1049, 2, &[], &json!({"items": [line("GRIND-H", 1), coupon], "amountPaid": 87.6}));
    place(s, ago(1, 2), 1050, 3, &[("MUG-01", 4), ("FILT-100", 1)], &json!({"gift": true, "giftMessage": "Enjoy!"}));
    let abroad = json!({"name": "Greta Linde", "street1": "Torstraße 1", "city": "Berlin", "postalCode": "10119", "country": "DE"});
    place(
        s,
        ago(0, -200),
        1051,
        4,
        &[("MUG-02", 2)],
        &json!({"shipTo": abroad, "billTo": abroad, "shippingAmount": 24}),
    );
    place(s, ago(0, -30), 1052, 5, &[("BEAN-250", 2), ("FILT-100", 2), ("MUG-01", 1)], &none);
    must(acts::act(s, ago(0, -10), "tag_order", &json!({"orderNumber": "1050", "tagId": 8_336})));
}
