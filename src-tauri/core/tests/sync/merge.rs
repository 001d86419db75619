//! The merge as a whole, over any fields: it commutes, it is stable, it loses nothing.

use backroom_core::sync::merge::{Agreed, Fields, Merge, differences, fields_of, overlay, record_of, three_way, words};
use backroom_money::{Currency, Money};
use connector_contract::record::{Address, Item, ItemKind};
use connector_contract::{Record, RecordKind};
use proptest::collection::btree_map;
use proptest::prelude::*;
use serde_json::{Value, json};

const NAMES: [&str; 5] = ["display_name", "email", "phone", "notes", "company"];

/// A record's fields: few names and few values, so that sides meet often.
fn fields() -> impl Strategy<Value = Fields> {
    btree_map(prop::sample::select(NAMES.to_vec()), 0..3_u8, NAMES.len()..=NAMES.len()).prop_map(|fields| {
        NAMES
            .iter()
            .map(|name| ((*name).to_owned(), json!(format!("v{}", fields.get(name).copied().unwrap_or_default()))))
            .collect()
    })
}

fn agreed(base: &Fields) -> Agreed {
    Agreed { remote: base.clone(), local: base.clone(), ..Agreed::default() }
}

fn merged(base: &Fields, ours: &Fields, theirs: &Fields) -> Merge {
    three_way(RecordKind::Customer, &agreed(base), ours, theirs)
}

proptest! {
    #[test]
    fn it_commutes(base in fields(), ours in fields(), theirs in fields()) {
        let (here, there) = (merged(&base, &ours, &theirs), merged(&base, &theirs, &ours));
        let names = |fields: &Fields| fields.keys().cloned().collect::<std::collections::BTreeSet<_>>();
        prop_assert_eq!(names(&here.incoming), there.outgoing);
        prop_assert_eq!(here.outgoing, names(&there.incoming));
        prop_assert_eq!(here.joined, there.joined);
        let swapped: Vec<_> = there.conflicts.iter().map(|c| (&c.field, &c.theirs, &c.ours)).collect();
        prop_assert_eq!(here.conflicts.iter().map(|c| (&c.field, &c.ours, &c.theirs)).collect::<Vec<_>>(), swapped);
    }

    #[test]
    fn it_is_stable(base in fields(), ours in fields(), theirs in fields()) {
        let first = merged(&base, &ours, &theirs);
        // Taken over here and agreed but for conflicts, the same record again brings nothing new.
        let here = overlay(&ours, &first.incoming);
        let mut seen = theirs.clone();
        first.conflicts.iter().for_each(|conflict| { seen.remove(&conflict.field); });
        let mut local = base.clone();
        for name in first.incoming.keys().chain(first.joined.keys()) {
            local.insert(name.clone(), here[name].clone());
        }
        let next = Agreed { remote: overlay(&base, &seen), local, ..Agreed::default() };
        let second = three_way(RecordKind::Customer, &next, &here, &theirs);
        prop_assert!(second.incoming.is_empty(), "{:?}", second.incoming);
        prop_assert_eq!(second.outgoing, first.outgoing);
        prop_assert_eq!(second.conflicts, first.conflicts);
    }

    #[test]
    fn it_loses_nothing(base in fields(), ours in fields(), theirs in fields()) {
        let merge = merged(&base, &ours, &theirs);
        for name in NAMES {
            let (old, our, their) = (&base[name], &ours[name], &theirs[name]);
            let conflict = merge.conflicts.iter().any(|c| c.field == name && c.ours == *our && c.theirs == *their);
            let incoming = merge.incoming.get(name) == Some(their);
            let outgoing = merge.outgoing.contains(name);
            let joined = merge.joined.get(name) == Some(our);
            let expected = match (our != old, their != old) {
                (false, false) => !conflict && !incoming && !outgoing && !joined,
                (true, false) => outgoing && !conflict && !incoming && !joined,
                (false, true) => incoming && !conflict && !outgoing && !joined,
                (true, true) if our == their => joined && !conflict,
                (true, true) => conflict && !incoming && !outgoing && !joined,
            };
            prop_assert!(expected, "{name}: {old} {our} {their} {merge:?}");
        }
    }
}

#[test]
fn the_manner_of_either_side_is_no_change() {
    let base = Agreed {
        remote: json!({"notes": "one line", "phone": "+1 555"}).as_object().cloned().expect("fields"),
        local: json!({"notes": "one\nline", "phone": "555"}).as_object().cloned().expect("fields"),
        ..Agreed::default()
    };
    let ours = base.local.clone();
    let theirs = json!({"notes": "another line", "phone": "+1 555"}).as_object().cloned().expect("fields");
    let merge = three_way(RecordKind::Customer, &base, &ours, &theirs);
    assert_eq!(merge.incoming.keys().collect::<Vec<_>>(), ["notes"]);
    assert!(merge.outgoing.is_empty() && merge.conflicts.is_empty());
}

#[test]
fn what_the_vendor_does_not_tell_has_not_changed() {
    let base = json!({"notes": "kept"}).as_object().cloned().expect("fields");
    let theirs = json!({"notes": null}).as_object().cloned().expect("fields");
    assert_eq!(merged(&base, &base, &theirs), Merge::default());
    assert_eq!(overlay(&base, &theirs), base);
}

#[test]
fn lines_and_sums_of_an_invoice_are_one() {
    let fields = |lines: &str, shipping: i64, total: i64, message: &str| {
        let money = |minor: i64| json!({"minor": minor, "currency": "USD"});
        let value = json!({
            "lines": [{"description": lines, "remote_line": "1"}], "shipping": money(shipping), "total": money(total),
            "message": message, "balance": money(total),
        });
        value.as_object().cloned().expect("fields")
    };
    let base = agreed(&fields("a", 0, 100, ""));
    // Our line, their shipping: half of each would not add up.
    let merge = three_way(RecordKind::Invoice, &base, &fields("b", 0, 150, ""), &fields("a", 20, 120, "hi"));
    let conflicts: Vec<&str> = merge.conflicts.iter().map(|conflict| conflict.field.as_str()).collect();
    assert_eq!(conflicts, ["lines", "shipping", "total"]);
    assert_eq!(merge.incoming.keys().collect::<Vec<_>>(), ["message"], "what is apart from the sums joins");
    // Ids that the vendor gives to lines are no content, and a balance follows from payments.
    let mut theirs = fields("a", 0, 100, "");
    theirs.insert("balance".into(), json!({"minor": 1, "currency": "USD"}));
    theirs.insert("lines".into(), json!([{"description": "a", "remote_line": "2"}]));
    assert_eq!(three_way(RecordKind::Invoice, &base, &fields("a", 0, 100, ""), &theirs), Merge::default());
}

#[test]
fn a_record_survives_the_way_into_fields_and_back() {
    let item = Record::Item(Item {
        name: "Pen".into(),
        sku: None,
        description: Some(String::new()),
        barcode: None,
        kind: ItemKind::Service,
        unit_price: Some(Money::from_minor(i64::MAX, Currency::JPY).into()),
        unit_cost: None,
        taxable: Some(true),
        active: true,
        on_hand: None,
        created_at: None,
    });
    let fields = fields_of(&item).expect("fields");
    assert_eq!(fields["kind"], json!("service"), "its own kind, not the record's");
    let text = serde_json::to_string(&fields).expect("a text");
    let back = record_of(RecordKind::Item, serde_json::from_str(&text).expect("fields")).expect("a record");
    assert_eq!(back, item);
}

#[test]
fn differences_are_told_in_words() {
    let money = Money::from_minor(1050, Currency::USD);
    let address = Address { line1: "1 High St".into(), city: "Ely".into(), ..Address::default() };
    assert_eq!(words(&serde_json::to_value(money).expect("a value")).as_deref(), Some("10.50 USD"));
    assert_eq!(words(&serde_json::to_value(address).expect("a value")).as_deref(), Some("1 High St, Ely"));
    assert_eq!(words(&json!([1, 2])).as_deref(), Some("2 lines"));
    assert_eq!(words(&json!("")), None);
    let (before, after) = (json!({"a": 1, "b": null}), json!({"a": 1, "b": "x"}));
    let fields = |value: &Value| value.as_object().cloned().expect("fields");
    let changes = differences(&fields(&before), &fields(&after));
    assert_eq!((changes.len(), changes[0].field.as_str(), changes[0].before.as_deref()), (1, "b", None));
}
