//! That an update changes what was changed, and nothing else, to the letter.

use crate::body::Raw;
use crate::map;
use crate::patch::{self, Patched};
use crate::wire::Fields;
use backroom_money::Quantity;
use connector_contract::ConnectorError;
use connector_contract::record::{Address, Order, OrderLine, OrderStatus};
use serde_json::{Value, json};

fn raw(value: Value) -> Raw {
    match value {
        Value::Object(raw) => raw,
        other => panic!("{other}"),
    }
}

/// As core writes the order it read: what is not stated is empty, and amounts paid are never its own.
fn ours(raw: &Raw) -> Order {
    let known = map::order(Fields(raw)).unwrap();
    Order {
        billing: Some(known.billing.clone().unwrap_or_default()),
        shipping: Some(known.shipping.clone().unwrap_or_default()),
        customer_email: Some(known.customer_email.clone().unwrap_or_default()),
        customer_note: Some(known.customer_note.clone().unwrap_or_default()),
        internal_note: Some(known.internal_note.clone().unwrap_or_default()),
        requested_service: Some(known.requested_service.clone().unwrap_or_default()),
        paid: None,
        key: None,
        ..known
    }
}

/// The order after one edit, patched against what was agreed on, and without knowing what was.
fn edited(raw: &Raw, edit: impl Fn(&mut Order)) -> Vec<Patched> {
    let base = ours(raw);
    let mut order = base.clone();
    edit(&mut order);
    vec![patch::order(&order, Some(&base), raw).unwrap(), patch::order(&order, None, raw).unwrap()]
}

/// That only these members of the order differ.
#[track_caller]
fn only(before: &Raw, after: &Patched, names: &[&str]) {
    let mut expected = before.clone();
    for name in names {
        match after.raw.get(*name) {
            Some(value) => expected.insert((*name).to_owned(), value.clone()),
            None => expected.remove(*name),
        };
        assert_ne!(before.get(*name), after.raw.get(*name), "{name} was to change");
    }
    assert_eq!(serde_json::to_string(&expected).unwrap(), serde_json::to_string(&after.raw).unwrap());
}

fn note(order: &mut Order) {
    order.internal_note = Some("a note".to_owned());
}

fn head() -> Value {
    json!({
        "orderId": 1, "orderNumber": "H-1", "orderKey": "k", "orderDate": "2026-07-01T10:00:00.1230000",
        "modifyDate": "2026-07-01T10:00:00.1230000", "orderStatus": "awaiting_shipment", "orderTotal": 12.50,
    })
}

fn with(members: Value) -> Raw {
    let mut order = raw(head());
    order.extend(raw(members));
    order
}

#[test]
fn a_price_finer_than_a_cent_and_its_total_go_back_as_they_came() {
    for (price, total) in [("0.0125", "12.50"), ("0.0050000", "5"), ("1e-3", "1.0"), ("19.995", "19995.000")] {
        let text = format!(
            r#"{{"orderTotal":{total},"items":[{{"orderItemId":1,"lineItemKey":"k1","sku":"LBL","name":"Label",
                "quantity":1000,"unitPrice":{price}}}]}}"#
        );
        let stored = with(serde_json::from_str(&text).unwrap());
        for patched in edited(&stored, note) {
            only(&stored, &patched, &["internalNotes"]);
            assert_eq!(patched.written, ["internal_note"]);
            assert_eq!(patched.raw["items"][0]["unitPrice"].to_string(), price);
            assert_eq!(patched.raw["orderTotal"].to_string(), total);
        }
    }
}

fn two_of_one_key() -> Raw {
    let line = |id: u32, quantity: u32, weight: u32, name: &str| {
        json!({"orderItemId": id, "lineItemKey": "p7", "sku": "MUG", "name": "Mug", "quantity": quantity, "unitPrice": 10,
               "weight": {"value": weight, "units": "ounces"}, "options": [{"name": "Engraving", "value": name}]})
    };
    with(json!({"items": [line(1, 1, 12, "Ann"), line(2, 2, 24, "Bob")]}))
}

#[test]
fn two_lines_of_one_key_keep_what_is_theirs() {
    let stored = two_of_one_key();
    for patched in edited(&stored, note) {
        only(&stored, &patched, &["internalNotes"]);
    }
    for patched in edited(&stored, |order| order.lines[1].quantity = Quantity::from_whole(5).unwrap()) {
        let mut expected = stored["items"].clone();
        expected[1]["quantity"] = json!(5);
        assert_eq!(patched.raw["items"], expected);
        assert!(patched.raw.get("orderTotal").is_none(), "it is the vendor's to reckon");
    }
    // The first one is taken away: the second is still Bob's.
    for patched in edited(&stored, |order| drop(order.lines.remove(0))) {
        assert_eq!(patched.raw["items"], json!([stored["items"][1]]));
    }
    // A file of before knows no ids of lines.
    let base = Order { lines: ours(&stored).lines.into_iter().map(no_id).collect(), ..ours(&stored) };
    let mut order = base.clone();
    order.lines.remove(0);
    assert_eq!(patch::order(&order, Some(&base), &stored).unwrap().raw["items"], json!([stored["items"][1]]));
}

fn no_id(line: OrderLine) -> OrderLine {
    OrderLine { remote_line: None, ..line }
}

#[test]
fn a_bill_to_of_which_nothing_but_a_name_is_known_is_never_overwritten() {
    let ship_to = json!({"name": "Tim Reed", "street1": "1 Pier Road", "city": "Portland", "state": "ME",
                         "postalCode": "04101", "country": "US", "residential": true,
                         "addressVerified": "Address validated successfully", "pickupPoint": {"id": 7}});
    let name_only = json!({"name": "Pat Reed", "company": null, "street1": null, "city": null, "state": null,
                           "postalCode": null, "country": null});
    for bill_to in [name_only, json!({"name": "Pat Reed"}), json!({"name": null}), Value::Null] {
        let stored = with(json!({"billTo": bill_to, "shipTo": ship_to, "gift": true, "giftMessage": "Hi"}));
        for patched in edited(&stored, note) {
            only(&stored, &patched, &["internalNotes"]);
        }
        let street = |order: &mut Order| {
            order.shipping = Some(Address { line1: "2 Pier Road".into(), ..order.shipping.clone().unwrap() });
        };
        for patched in edited(&stored, street) {
            only(&stored, &patched, &["shipTo"]);
            let mut expected = ship_to.clone();
            expected["street1"] = json!("2 Pier Road");
            assert_eq!(patched.raw["shipTo"], expected, "residential and verified stay as the vendor has them");
        }
    }
}

#[test]
fn streets_of_three_lines_stay_until_they_are_edited() {
    let ship_to = json!({"name": "A", "street1": "1", "street2": "Floor 3", "street3": " Rear door", "city": "Bend",
                         "state": "OR", "postalCode": "97701", "country": "us"});
    let stored = with(json!({"shipTo": ship_to, "billTo": {"name": "A"}}));
    let city = |order: &mut Order| {
        order.shipping = Some(Address { city: "Salem".into(), ..order.shipping.clone().unwrap() });
    };
    for patched in edited(&stored, city) {
        let mut expected = ship_to.clone();
        expected["city"] = json!("Salem");
        assert_eq!(patched.raw["shipTo"], expected);
    }
    let second = |order: &mut Order| {
        order.shipping = Some(Address { line2: "Floor 4".into(), ..order.shipping.clone().unwrap() });
    };
    for patched in edited(&stored, second) {
        assert_eq!(
            (&patched.raw["shipTo"]["street2"], &patched.raw["shipTo"]["street3"]),
            (&json!("Floor 4"), &Value::Null)
        );
    }
}

#[test]
fn the_one_of_two_street_lines_that_was_not_edited_stays() {
    let ship_to = json!({"name": "A", "street1": "1", "street2": "Floor 3", "street3": "Rear door ", "city": "Bend",
                         "state": "OR", "postalCode": "97701", "country": "US"});
    let stored = with(json!({"shipTo": ship_to, "billTo": {"name": "A"}}));
    for (line2, second, third) in [
        ("Floor 4, Rear door", json!("Floor 4"), json!("Rear door ")),
        ("Floor 3, Front door", json!("Floor 3"), json!("Front door")),
        ("Rear door", Value::Null, json!("Rear door ")),
        ("Floor 3", json!("Floor 3"), Value::Null),
        ("", Value::Null, Value::Null),
        ("Floor 4, Front door", json!("Floor 4, Front door"), Value::Null),
    ] {
        let edit = |order: &mut Order| {
            order.shipping = Some(Address { line2: line2.into(), ..order.shipping.clone().unwrap() });
        };
        for patched in edited(&stored, edit) {
            let mut expected = ship_to.clone();
            (expected["street2"], expected["street3"]) = (second.clone(), third.clone());
            assert_eq!(patched.raw["shipTo"], expected, "{line2}");
        }
    }
}

#[test]
fn a_bill_to_that_is_edited_never_fills_in_a_ship_to() {
    let bill_to = json!({"name": "Pat Reed", "street1": "1 Pier Road", "city": "Portland", "state": "ME",
                         "postalCode": "04101", "country": "US"});
    let city = |order: &mut Order| {
        order.billing = Some(Address { city: "Bath".into(), ..order.billing.clone().unwrap() });
    };
    for ship_to in
        [Value::Null, json!({}), json!({"name": null, "residential": true}), json!({"name": "", "street1": ""})]
    {
        let stored = with(json!({"billTo": bill_to, "shipTo": ship_to}));
        for patched in edited(&stored, city) {
            only(&stored, &patched, &["billTo"]);
        }
        for patched in edited(&stored, |order| order.customer_name = "Somebody".into()) {
            assert!(patched.written.is_empty(), "a name that the address does not have is not written into it");
        }
    }
    // An order of ours that ships to where the bill goes still does.
    let stored = with(json!({"billTo": bill_to, "shipTo": bill_to}));
    let base = Order { shipping: None, ..ours(&stored) };
    let mut order = base.clone();
    city(&mut order);
    let patched = patch::order(&order, Some(&base), &stored).unwrap();
    assert_eq!((&patched.raw["shipTo"]["city"], &patched.raw["billTo"]["city"]), (&json!("Bath"), &json!("Bath")));
}

#[test]
fn what_an_address_never_had_is_not_asked_for_when_another_part_is_edited() {
    let stored =
        with(json!({"shipTo": {"name": "", "street1": "1 Pier Road", "country": "Germany"}, "billTo": {"name": "A"}}));
    let with_phone = |order: &mut Order| {
        order.shipping = Some(Address { phone: "555-1".into(), ..order.shipping.clone().unwrap() });
    };
    for patched in edited(&stored, with_phone) {
        only(&stored, &patched, &["shipTo"]);
        let mut expected = stored["shipTo"].clone();
        expected["phone"] = json!("555-1");
        assert_eq!(patched.raw["shipTo"], expected);
    }
    let base = ours(&stored);
    for (field, edit) in [
        ("shipping.line1", (|to: &mut Address| to.line1.clear()) as fn(&mut Address)),
        ("shipping.country", |to| to.country = "Atlantis".into()),
        ("shipping", |to| *to = Address::default()),
    ] {
        let mut order = base.clone();
        edit(order.shipping.as_mut().unwrap());
        let refused = patch::order(&order, Some(&base), &stored).unwrap_err();
        assert!(
            matches!(&refused, ConnectorError::Rejected(refused) if refused.field.as_deref() == Some(field)),
            "{refused:?}"
        );
    }
}

#[test]
fn odd_records_go_back_as_they_came() {
    let odd = [
        json!({"items": null, "customerNotes": null, "taxAmount": null, "shippingAmount": "7.50"}),
        json!({"items": [null, {"orderItemId": 5, "name": "Gift", "quantity": 0, "unitPrice": null, "options": null}, 7]}),
        json!({"items": [{"orderItemId": 1, "name": "Rope", "quantity": 1.5, "unitPrice": 2},
                         {"orderItemId": 2, "name": "Discount", "quantity": 1, "unitPrice": -5.00, "adjustment": true},
                         {"orderItemId": 2, "name": "Discount", "quantity": 1, "unitPrice": -5.00, "adjustment": true}]}),
        json!({"orderStatus": "pending_fulfillment", "shipTo": {"name": "X", "street1": "Y"}, "billTo": null,
               "externallyFulfilled": true, "externallyFulfilledByName": "A", "tagIds": [3, 4]}),
        json!({"advancedOptions": {"customField1": "rush", "storeId": 310, "parentId": 7, "mergedIds": [1]},
               "internationalOptions": {"contents": "gift", "customsItems": [{"customsItemId": 1, "value": 1.10}]},
               "insuranceOptions": {"provider": "carrier", "insuredValue": 100.000}, "loyaltyTier": {"a": [1e2, -0.0]}}),
        json!({"orderNumber": "x".repeat(80), "amountPaid": 0.005, "orderDate": "2026-11-01T01:30:00"}),
    ];
    for members in odd {
        let stored = with(members);
        for patched in edited(&stored, note) {
            only(&stored, &patched, &["internalNotes"]);
        }
        for patched in edited(&stored, |_| ()) {
            assert!(patched.written.is_empty() && patched.raw == stored, "{stored:?}");
        }
    }
}

#[test]
fn an_update_never_ships_and_a_hold_is_only_a_status() {
    let stored = with(json!({}));
    for patched in edited(&stored, |order| order.status = OrderStatus::Shipped) {
        assert!(patched.written.is_empty(), "shipping has a call of its own");
    }
    for patched in edited(&stored, |order| order.status = OrderStatus::OnHold) {
        only(&stored, &patched, &["orderStatus"]);
    }
}

#[test]
fn a_change_that_has_arrived_already_writes_nothing() {
    let stored = two_of_one_key();
    let base = ours(&stored);
    let mut order = base.clone();
    note(&mut order);
    order.lines[0].quantity = Quantity::from_whole(4).unwrap();
    order.lines.push(OrderLine { remote_line: None, key: Some("new".into()), ..order.lines[0].clone() });
    let sent = patch::order(&order, Some(&base), &stored).unwrap();
    // The vendor made its lines anew and writes numbers its own way.
    let mut arrived = sent.raw.clone();
    for (at, item) in arrived["items"].as_array_mut().unwrap().iter_mut().enumerate() {
        item["orderItemId"] = json!(100 + at);
        item["unitPrice"] = json!("10.00");
    }
    assert_eq!(patch::order(&order, Some(&base), &arrived).unwrap().written, Vec::<&str>::new());
}

/// A small generator of its own, so that each failure names its seed.
struct Chance(u64);

impl Chance {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((mixed ^ (mixed >> 31)) >> 33).unwrap() % end
    }

    fn value(&mut self, depth: u64) -> Value {
        let texts = ["", " ", "a", "Zoé", "1", "null", "\u{1F600}", "x\ny"];
        let numbers = ["0", "-0", "1.50", "1e2", "12345678901234567890", "0.000", "-7.25E-3"];
        match self.below(if depth == 0 { 5 } else { 7 }) {
            0 => Value::Null,
            1 => json!(self.below(2) == 0),
            2 | 3 => json!(texts[self.below(8)]),
            4 => serde_json::from_str(numbers[self.below(7)]).unwrap(),
            5 => (0..self.below(3)).map(|_| self.value(depth - 1)).collect(),
            _ => Value::Object((0..self.below(4)).map(|n| (format!("m{n}"), self.value(depth - 1))).collect()),
        }
    }

    fn order(&mut self) -> Raw {
        let mut order = raw(head());
        for name in [
            "gift",
            "giftMessage",
            "weight",
            "dimensions",
            "insuranceOptions",
            "internationalOptions",
            "tagIds",
            "advancedOptions",
            "customField9",
            "loyalty",
            "externallyFulfilled",
            "labelMessages",
        ] {
            if self.below(3) > 0 {
                order.insert(name.to_owned(), self.value(3));
            }
        }
        for name in ["customerEmail", "customerNotes", "internalNotes", "requestedShippingService"] {
            if self.below(2) == 0 {
                order.insert(name.to_owned(), if self.below(2) == 0 { Value::Null } else { json!("text") });
            }
        }
        for name in ["shipTo", "billTo"] {
            let mut address =
                json!({"name": "N", "street1": "S", "city": "C", "state": "ME", "postalCode": "1", "country": "US"});
            address["extra"] = self.value(2);
            if self.below(3) == 0 {
                address = json!({"name": "N", "residential": self.value(0)});
            }
            order.insert(name.to_owned(), address);
        }
        let keys = ["p7", "p8", ""];
        let prices = ["0.0125", "10", "9.990", "-5.00", "1e1"];
        let items = (0..self.below(5)).map(|n| {
            let mut item = json!({"orderItemId": n + 1, "sku": "S", "name": "Thing", "quantity": self.below(4)});
            item["lineItemKey"] = json!(keys[self.below(3)]);
            item["unitPrice"] = serde_json::from_str(prices[self.below(5)]).unwrap();
            item["options"] = self.value(2);
            item
        });
        let items: Vec<Value> = items.collect();
        order.insert("items".to_owned(), json!(items));
        order
    }
}

#[test]
fn of_random_orders_only_the_edited_field_changes() {
    type Edit = (&'static [&'static str], fn(&mut Order));
    let edits: [Edit; 5] = [
        (&["internalNotes"], note),
        (&["customerNotes"], |order| order.customer_note = Some("theirs".into())),
        (&["orderNumber"], |order| order.number = "H-2".into()),
        (&["requestedShippingService"], |order| order.requested_service = Some("Air".into())),
        (&["orderStatus"], |order| order.status = OrderStatus::OnHold),
    ];
    for seed in 0..2_000 {
        let mut chance = Chance(seed);
        let stored = chance.order();
        let (names, edit) = edits[chance.below(5)];
        for patched in edited(&stored, edit) {
            let mut before = stored.clone();
            for name in names {
                before.insert((*name).to_owned(), patched.raw[*name].clone());
            }
            assert_eq!(before, patched.raw, "seed {seed}");
        }
        // One line's quantity: its own number changes, and no other line.
        let lines = ours(&stored).lines.len();
        if lines > 0 {
            let at = chance.below(lines);
            for patched in edited(&stored, |order| order.lines[at].quantity = Quantity::from_whole(77).unwrap()) {
                let mut before = stored.clone();
                before.remove("orderTotal");
                before["items"][at]["quantity"] = json!(77);
                assert_eq!(before, patched.raw, "seed {seed}, line {at}");
            }
        }
    }
}
