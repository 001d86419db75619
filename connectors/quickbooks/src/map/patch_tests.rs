//! An update is a patch: whatever Backroom does not know, and whatever the owner did not change, goes back as it came.

use super::*;
use crate::testing::{context, json, methods, us};
use backroom_money::Currency;
use connector_contract::record::{Address, Customer, Invoice, Item, Payment};
use serde_json::json as j;

const BILLABLE: &str = include_str!("../../fixtures/invoice_billable.json");
const FEATURES: &str = include_str!("../../fixtures/invoice_features.json");
const GRATUITY: &str = include_str!("../../fixtures/invoice_gratuity.json");

fn usd(minor: i64) -> Money {
    Money::from_minor(minor, Currency::USD)
}

fn object(value: &Value) -> Object {
    value.as_object().cloned().unwrap()
}

fn invoice(value: &Value) -> Invoice {
    let Record::Invoice(invoice) = record(Entity::Invoice, value.clone(), context(&us(), &[])).unwrap() else {
        panic!()
    };
    invoice
}

/// What is sent when the owner makes `wanted` of an invoice that both sides agreed on. `ours` is how Backroom wrote it then.
fn patch_from(stored: &Value, ours: &Invoice, wanted: &Invoice) -> Value {
    let stored = object(stored);
    let change = InvoiceChange { wanted, stored: Some(&stored), base: Some(ours), company: &us(), stand_in: None };
    assert!(!lacks_item(&change).unwrap(), "no item is asked for");
    Value::Object(invoice_body(&change).unwrap().into_object())
}

fn patch(stored: &Value, edit: impl Fn(&mut Invoice)) -> Value {
    let ours = invoice(stored);
    let mut wanted = ours.clone();
    edit(&mut wanted);
    patch_from(stored, &ours, &wanted)
}

fn lines(body: &Value) -> &Vec<Value> {
    body["Line"].as_array().unwrap()
}

#[test]
fn a_note_beside_a_billable_expense_sends_the_note_alone() {
    let body = patch(&json(BILLABLE), |i| i.note = Some("Called about the freight".into()));
    assert_eq!(body, j!({ "PrivateNote": "Called about the freight" }));
}

#[test]
fn an_edit_beside_a_billable_expense_leaves_its_line_byte_for_byte() {
    let stored = json(BILLABLE);
    let body = patch(&stored, |i| {
        i.lines[0].description = "Install, second floor".into();
    });
    assert_eq!(lines(&body)[1].to_string(), stored["Line"][1].to_string());
    assert_eq!(body.as_object().unwrap().keys().collect::<Vec<_>>(), ["Line"], "no tax, no default item");
}

#[test]
fn a_tip_is_a_line_without_an_item_and_keeps_its_own() {
    let stored = json(GRATUITY);
    let tip = &invoice(&stored).lines[1];
    assert_eq!((tip.item.clone(), tip.amount, tip.description.as_str()), (None, usd(1_800), "Gratuity"));
    assert_eq!((invoice(&stored).shipping, invoice(&stored).total), (usd(700), usd(12_500)));
    let body = patch(&stored, |i| {
        (i.lines[1].amount, i.lines[1].unit_price, i.total) = (usd(2_000), usd(2_000).into(), usd(12_700));
    });
    assert_eq!(lines(&body)[1]["SalesItemLineDetail"], stored["Line"][1]["SalesItemLineDetail"], "no price, no pieces");
    assert_eq!(lines(&body)[1]["Amount"].to_string(), "20.00");
    assert_eq!((&lines(&body)[0], &lines(&body)[2]), (&stored["Line"][0], &stored["Line"][2]));
}

#[test]
fn changed_shipping_keeps_its_line_and_tax_code() {
    let stored = j!({ "Id": "90", "Amount": 10, "DetailType": "SalesItemLineDetail",
        "SalesItemLineDetail": { "ItemRef": { "value": "SHIPPING_ITEM_ID" }, "TaxCodeRef": { "value": "NON" } } });
    let mut whole = json(GRATUITY);
    whole["Line"][2] = stored;
    whole["TotalAmt"] = 128.into();
    let body = patch(&whole, |i| (i.shipping, i.total) = (usd(2_000), usd(13_800)));
    let line = &lines(&body)[2];
    assert_eq!((&line["Id"], line["Amount"].to_string()), (&j!("90"), "20.00".into()));
    assert_eq!(line["SalesItemLineDetail"]["TaxCodeRef"]["value"], "NON");
}

#[test]
fn several_discounts_and_shippings_all_survive_an_edit_of_a_line() {
    let stored = json(FEATURES);
    let body = patch(&stored, |i| {
        let line = &mut i.lines[0];
        (line.quantity, line.amount) = (Quantity::from_whole(3).unwrap(), usd(3_000));
        i.total = i.total.checked_add(usd(1_000)).unwrap();
    });
    let (before, after) = (lines(&stored), lines(&body));
    assert_eq!(after.len(), before.len());
    assert_eq!(after[1..], before[1..], "discounts, shippings, subtotals, bundle, in their places");
    // And a changed discount lands in one of them.
    let body = patch(&stored, |i| {
        i.discount = i.discount.checked_add(usd(100)).unwrap();
        i.total = i.total.checked_sub(usd(100)).unwrap();
    });
    let changed = lines(&body).iter().zip(before).filter(|(now, then)| now != then).count();
    assert_eq!((changed, lines(&body).len()), (1, before.len()));
}

#[test]
fn lines_without_ids_of_ours_are_still_the_lines_both_sides_agreed_on() {
    let stored = json(FEATURES);
    let mut ours = invoice(&stored);
    ours.lines.iter_mut().for_each(|line| line.remote_line = None);
    let mut wanted = ours.clone();
    wanted.lines[1].description = "Edited here".into();
    let body = patch_from(&stored, &ours, &wanted);
    let mut expected = stored["Line"].clone();
    expected[1]["Description"] = "Edited here".into();
    assert_eq!(body["Line"], expected);
}

#[test]
fn a_new_line_comes_where_it_was_put_and_an_update_that_arrived_already_sends_nothing_twice() {
    let mut stored = json(GRATUITY);
    let ours = invoice(&stored);
    let mut wanted = ours.clone();
    let mut line = wanted.lines[0].clone();
    (line.remote_line, line.description) = (None, "Another".into());
    wanted.lines.insert(1, line);
    wanted.total = usd(22_500);
    let body = patch_from(&stored, &ours, &wanted);
    assert_eq!((lines(&body).len(), &lines(&body)[1]["Description"]), (4, &j!("Another")));
    stored["Line"] = body["Line"].clone();
    stored["Line"][1]["Id"] = "77".into();
    stored["TotalAmt"] = 225.into();
    assert_eq!(patch_from(&stored, &ours, &wanted).get("Line"), None);
}

#[test]
fn a_price_finer_than_ours_is_never_rewritten_by_another_change_of_its_line() {
    let mut stored = json(GRATUITY);
    stored["Line"][0]["SalesItemLineDetail"]["UnitPrice"] = json("0.1234567");
    stored["Line"][0]["SalesItemLineDetail"]["Qty"] = json("810.0005");
    stored["Line"][0]["Amount"] = json("100.0");
    let body = patch(&stored, |i| i.lines[0].description = "Screws".into());
    let mut expected = stored["Line"][0].clone();
    expected["Description"] = "Screws".into();
    assert_eq!(lines(&body)[0].to_string(), expected.to_string());
}

#[test]
fn a_note_that_begins_like_a_void_one_is_the_owners() {
    let mut stored = json(GRATUITY);
    stored["PrivateNote"] = "Voided: invoice 0988, replaced by this one".into();
    assert_eq!(invoice(&stored).note.as_deref(), Some("Voided: invoice 0988, replaced by this one"));
    let body = patch(&stored, |i| i.note = i.note.as_ref().map(|note| format!("{note} (called)")));
    assert_eq!(body, j!({ "PrivateNote": "Voided: invoice 0988, replaced by this one (called)" }));
    // Also where nothing is charged for goods that were delivered.
    stored["TotalAmt"] = 0.into();
    stored["Line"] = j!([{ "Id": "1", "Amount": 0, "DetailType": "SalesItemLineDetail",
        "SalesItemLineDetail": { "ItemRef": { "value": "5" }, "Qty": 1, "UnitPrice": 0 } }]);
    assert!(!invoice(&stored).voided);
}

#[test]
fn the_city_of_an_address_of_five_lines_changes_alone() {
    let mut stored = json(GRATUITY);
    stored["BillAddr"] = j!({ "Id": "9", "Line1": "Alder Cafe", "Line2": "Attn. Accounts", "Line3": "12 Wharf St",
        "Line4": "Rear entrance", "Line5": "Floor 3", "City": "Portland", "Country": "USA", "Lat": "43.65", "Note": "x" });
    let with = |edit: &dyn Fn(&mut Address)| {
        let body = patch(&stored, |i| edit(i.billing.as_mut().unwrap()));
        body["BillAddr"].clone()
    };
    let expected = |changes: &[(&str, &str)]| {
        let mut address = stored["BillAddr"].clone();
        for (key, value) in changes {
            address[*key] = Value::from(*value);
        }
        address
    };
    assert_eq!(with(&|a| a.city = "Bath".into()), expected(&[("City", "Bath")]));
    let line2 = invoice(&stored).billing.unwrap().line2.replace("Floor 3", "Floor 4");
    assert_eq!(with(&|a| a.line2.clone_from(&line2)), expected(&[("Line5", "Floor 4")]));
}

/// Where an edit is seen there, and the edit.
type Case<E> = (&'static str, E);

/// An edit of an invoice.
type InvoiceEdit<'a> = &'a dyn Fn(&mut Invoice);

/// A number that looks random and is always the same.
fn dice(seed: &mut u64, sides: usize) -> usize {
    *seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    usize::try_from(*seed >> 33).unwrap() % sides
}

/// Puts members nobody knows into every object of a stored record.
fn strange(value: &mut Value, seed: &mut u64) {
    match value {
        Value::Array(entries) => entries.iter_mut().for_each(|entry| strange(entry, seed)),
        Value::Object(members) => {
            members.values_mut().for_each(|member| strange(member, seed));
            if dice(seed, 2) == 0 {
                let number = json(&format!("{}.{:07}", dice(seed, 100), dice(seed, 10_000_000)));
                members.insert(format!("X{}", dice(seed, 1000)), j!({ "any": [number, null, "", { "Id": "7" }] }));
            }
        }
        _ => {}
    }
}

/// The only differences between two values, as paths.
fn differences(left: &Value, right: &Value, path: &str, found: &mut Vec<String>) {
    match (left, right) {
        (Value::Object(a), Value::Object(b)) => {
            let mut names: Vec<&String> = a.keys().chain(b.keys()).collect();
            names.sort_unstable();
            names.dedup();
            let null = Value::Null;
            for name in names {
                let (a, b) = (a.get(name).unwrap_or(&null), b.get(name).unwrap_or(&null));
                differences(a, b, &format!("{path}/{name}"), found);
            }
        }
        (Value::Array(a), Value::Array(b)) if a.len() == b.len() => {
            (0..a.len()).for_each(|at| differences(&a[at], &b[at], &format!("{path}/{at}"), found));
        }
        // To the letter, so that numbers keep their digits.
        _ => {
            let [left, right] = [left, right].map(ToString::to_string);
            if left != right {
                found.push(path.to_owned());
            }
        }
    }
}

/// Where a sparse update with this body leaves another value.
fn changed(stored: &Value, body: &Value) -> Vec<String> {
    let mut after = object(stored);
    after.extend(object(body));
    let mut found = Vec::new();
    differences(stored, &Value::Object(after), "", &mut found);
    found
}

#[test]
fn one_edit_of_any_invoice_changes_only_its_own_field() {
    for seed in 1..200_u64 {
        let seed = &mut { seed };
        let mut stored = [json(BILLABLE), json(FEATURES), json(GRATUITY)][dice(seed, 3)].clone();
        strange(&mut stored, seed);
        let at = dice(seed, invoice(&stored).lines.len());
        let edits: [Case<InvoiceEdit<'_>>; 8] = [
            ("/PrivateNote", &|i| i.note = Some("New note".into())),
            ("/CustomerMemo/value", &|i| i.message = Some("New message".into())),
            ("/DueDate", &|i| i.due_on = Some("2027-05-01".parse().unwrap())),
            ("/TxnDate", &|i| i.issued_on = "2027-04-01".parse().unwrap()),
            ("/DocNumber", &|i| i.number = Some("N-77".into())),
            ("/BillEmail/Address", &|i| i.email = Some("new@example.com".into())),
            ("/BillAddr/City", &|i| i.billing.as_mut().unwrap().city = "New City".into()),
            ("Description", &|i| i.lines[at].description = "New words".into()),
        ];
        let (path, edit) = edits[dice(seed, edits.len())];
        let found = changed(&stored, &patch(&stored, edit));
        // A member that was not there at all is new as a whole.
        let fits =
            |found: &String| path.starts_with(found.as_str()) || (!path.starts_with('/') && found.ends_with(path));
        assert!(found.len() == 1 && found.iter().all(fits), "{path}: {found:?}\n{stored:#}");
    }
}

#[test]
fn one_edit_of_any_customer_item_or_payment_changes_only_its_own_field() {
    let day = "2026-11-19".parse().unwrap();
    for seed in 1..200_u64 {
        let seed = &mut { seed };
        let mut stored = json(include_str!("../../fixtures/customer.json"));
        stored["ParentRef"] = j!({ "value": "7" });
        stored["Job"] = true.into();
        stored["PrimaryEmailAddr"]["Address"] = "a@example.com, b@example.com".into();
        strange(&mut stored, seed);
        let Record::Customer(ours) = record(Entity::Customer, stored.clone(), context(&us(), &[])).unwrap() else {
            panic!()
        };
        let edits: [Case<fn(&mut Customer)>; 4] = [
            ("/Notes", |c| c.notes = Some("New".into())),
            ("/PrimaryPhone/FreeFormNumber", |c| c.phone = Some("555-9".into())),
            ("/BillAddr/PostalCode", |c| c.billing.as_mut().unwrap().postal_code = "00000".into()),
            ("/CompanyName", |c| c.company = Some("New".into())),
        ];
        let (path, edit) = edits[dice(seed, edits.len())];
        let (mut wanted, raw) = (ours.clone(), object(&stored));
        edit(&mut wanted);
        let known = Known { stored: &raw, record: &ours, base: Some(&ours) };
        let found = changed(&stored, &Value::Object(customer_body(&wanted, Some(known), &us()).unwrap().into_object()));
        assert!(found.len() == 1 && path.starts_with(found[0].as_str()), "{path}: {found:?}");

        let mut stored = json(include_str!("../../fixtures/item_inventory.json"));
        strange(&mut stored, seed);
        let Record::Item(ours) = record(Entity::Item, stored.clone(), context(&us(), &[])).unwrap() else { panic!() };
        let edits: [Case<fn(&mut Item)>; 3] = [
            ("/Name", |i| i.name = "New".into()),
            ("/Description", |i| i.description = Some("New".into())),
            ("/Sku", |i| i.sku = Some("NEW-1".into())),
        ];
        let (path, edit) = edits[dice(seed, edits.len())];
        let (mut wanted, raw) = (ours.clone(), object(&stored));
        edit(&mut wanted);
        let known = Known { stored: &raw, record: &ours, base: Some(&ours) };
        let body = item_body(&wanted, Some(known), None, &us(), day).unwrap();
        assert_eq!(changed(&stored, &Value::Object(body.into_object())), [path]);

        let mut stored = json(include_str!("../../fixtures/payment.json"));
        strange(&mut stored, seed);
        let Record::Payment(ours) = record(Entity::Payment, stored.clone(), context(&us(), &methods())).unwrap() else {
            panic!()
        };
        let edits: [Case<fn(&mut Payment)>; 3] = [
            ("/TxnDate", |p| p.received_on = "2027-01-01".parse().unwrap()),
            ("/PrivateNote", |p| p.note = Some("New".into())),
            ("/PaymentMethodRef", |p| p.method = Some("Cash".into())),
        ];
        let (path, edit) = edits[dice(seed, edits.len())];
        let (mut wanted, raw) = (ours.clone(), object(&stored));
        edit(&mut wanted);
        let known = Known { stored: &raw, record: &ours, base: Some(&ours) };
        let id = "0199a7b2-1111-7222-8333-944455556666";
        let body = payment_body(&wanted, Some(known), id, &methods(), &us()).unwrap();
        let found = changed(&stored, &Value::Object(body.into_object()));
        assert!(found.iter().all(|found| found.starts_with(path)) && !found.is_empty(), "{path}: {found:?}");
    }
}
