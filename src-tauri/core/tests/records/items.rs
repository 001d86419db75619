//! Saving and archiving items.

use backroom_core::Error;
use backroom_core::ids::TaxCodeId;
use backroom_core::items::{ItemDraft, ItemKind};
use backroom_core::stock::{StockChange, StockDraft};
use backroom_core::testing::{TestCore, first_page, item, wrong_fields};

#[test]
fn prices_are_exact_in_every_currency() {
    for (currency, typed, written) in [
        ("USD", "1,234.5", "1234.50"),
        ("JPY", "980", "980"),
        ("JPY", "9.80", "9.8"),
        ("KWD", "1.005", "1.005"),
        ("KWD", "0.0125", "0.0125"),
        ("USD", "2*4.99 + .02", "10.00"),
        ("USD", "0.0125", "0.0125"),
        ("USD", "0.3333333", "0.3333333"),
    ] {
        let core = TestCore::in_currency(currency);
        let draft = ItemDraft { unit_cost: typed.into(), ..item("PEN", typed) };
        let saved = core.save_item(draft.clone()).unwrap();
        assert_eq!((saved.unit_price.decimal.as_str(), saved.unit_price.currency.as_str()), (written, currency));
        assert_eq!(saved.unit_cost, Some(saved.unit_price.clone()));
        assert_eq!((saved.draft.unit_price.as_str(), saved.draft.unit_cost.as_str()), (written, written));
        let row = &core.list_items(first_page()).unwrap().rows[0];
        assert_eq!(row.unit_price, saved.unit_price);
        let reason = format!("{written} {currency}");
        let told = saved.history[0].fields.iter().find(|field| field.field == "unit_cost").unwrap();
        assert_eq!(told.after.as_deref(), Some(reason.as_str()), "history shows all decimals");
    }
    let core = TestCore::in_currency("JPY");
    assert_eq!(wrong_fields(core.save_item(item("PEN", "9.80000001"))), ["unit_price"], "an eighth decimal");
}

#[test]
fn a_new_stocked_item_may_start_with_stock() {
    let core = TestCore::new();
    let draft = ItemDraft { opening_quantity: "12.5".into(), reorder_point: "20".into(), ..item("ROPE", "3") };
    let saved = core.save_item(draft.clone()).unwrap();
    assert_eq!(saved.levels.len(), 1);
    assert_eq!(saved.levels[0].on_hand, "12.5");
    let again = core.save_item(draft).unwrap();
    assert_eq!(again.levels[0].on_hand, "12.5", "a second save brings no second stock");
    let movements = core.list_movements(saved.draft.id, None, 10).unwrap();
    assert_eq!(movements.rows.len(), 1);
    assert_eq!(movements.rows[0].on_hand_after, "12.5");
    assert!(core.check_stock().unwrap().is_empty());
}

#[test]
fn every_wrong_field_is_named() {
    let core = TestCore::new();
    core.item("PEN", "1");
    let draft = ItemDraft {
        name: "Item \"PEN\": blue".into(),
        barcode: "1\t2".into(),
        unit_price: "-1".into(),
        unit_cost: "1.23456789".into(),
        reorder_point: "-5".into(),
        opening_quantity: "1.00001".into(),
        tax_code_id: Some(TaxCodeId::new()),
        ..item("pen", "")
    };
    let mut fields = wrong_fields(core.save_item(draft));
    fields.sort();
    let expected = [
        "barcode",
        "name",
        "name",
        "opening_quantity",
        "reorder_point",
        "sku",
        "tax_code_id",
        "unit_cost",
        "unit_price",
    ];
    assert_eq!(fields, expected);
    assert_eq!(wrong_fields(core.save_item(item(&"x".repeat(10_000), "1"))), ["sku", "name"]);
    let service = ItemDraft { kind: ItemKind::Service, opening_quantity: "1".into(), ..item("WORK", "50") };
    assert_eq!(wrong_fields(core.save_item(service)), ["opening_quantity"]);
}

#[test]
fn several_items_may_have_no_sku() {
    let core = TestCore::new();
    for name in ["One", "Two"] {
        core.save_item(ItemDraft { name: name.into(), ..item("", "1") }).unwrap();
    }
    assert_eq!(core.count("SELECT count(*) FROM items"), 2);
}

#[test]
fn an_item_with_stock_stays_counted() {
    let core = TestCore::new();
    let saved = core.stocked_item("PEN", "1", "3");
    let service = ItemDraft { kind: ItemKind::Service, ..saved.draft.clone() };
    assert_eq!(wrong_fields(core.save_item(service.clone())), ["kind"]);
    let count = StockDraft {
        id: backroom_core::ids::MovementId::new(),
        item_id: saved.draft.id,
        location_id: saved.levels[0].location_id,
        to_location_id: None,
        change: StockChange::Count,
        quantity: "0".into(),
        note: String::new(),
        seen: None,
        counted_before: false,
    };
    core.change_stock(count).unwrap();
    let saved = core.save_item(service).unwrap();
    assert!(saved.levels.is_empty());
}

#[test]
fn stale_and_repeated_saves_are_told_apart() {
    let core = TestCore::new();
    let loaded = core.item("PEN", "1").draft;
    let edit = ItemDraft { unit_price: "2".into(), ..loaded.clone() };
    assert_eq!(core.save_item(edit.clone()).unwrap().draft.version, Some(2));
    assert_eq!(core.save_item(edit).unwrap().draft.version, Some(2), "the same edit sent twice");
    let other = ItemDraft { unit_price: "3".into(), ..loaded };
    assert!(matches!(core.save_item(other), Err(Error::Stale("item"))));
}

#[test]
fn an_archived_items_sku_is_free_again() {
    let core = TestCore::new();
    let old = core.item("PEN", "1").draft.id;
    core.archive_items(vec![old], true).unwrap();
    core.item("PEN", "2");
    assert!(matches!(core.archive_items(vec![old], false), Err(Error::Refused(_))));
}
