//! The owner's changes of stock, and looking stock up.

use backroom_core::Error;
use backroom_core::company::LocationDraft;
use backroom_core::ids::{ItemId, LocationId, MovementId};
use backroom_core::items::{ItemDraft, ItemKind, ItemView};
use backroom_core::stock::{MovementKind, StockChange, StockDraft};
use backroom_core::testing::{TestCore, item, wrong_fields};

fn change(item: &ItemView, change: StockChange, quantity: &str) -> StockDraft {
    StockDraft {
        id: MovementId::new(),
        item_id: item.draft.id,
        location_id: item.levels[0].location_id,
        to_location_id: None,
        change,
        quantity: quantity.into(),
        note: String::new(),
        seen: None,
        counted_before: false,
    }
}

fn shop(core: &TestCore) -> LocationId {
    let draft = LocationDraft { id: LocationId::new(), name: "Shop".into(), is_default: false };
    core.save_location(draft).unwrap().id
}

#[test]
fn each_change_moves_what_it_says() {
    let core = TestCore::new();
    let pen = core.stocked_item("PEN", "1", "10");
    assert_eq!(core.change_stock(change(&pen, StockChange::Receive, "5 + 2.5")).unwrap()[0].on_hand, "17.5");
    assert_eq!(core.change_stock(change(&pen, StockChange::Adjust, "-0.5")).unwrap()[0].on_hand, "17");
    assert_eq!(core.change_stock(change(&pen, StockChange::Count, "12")).unwrap()[0].on_hand, "12");
    let to = shop(&core);
    let transfer = StockDraft { to_location_id: Some(to), ..change(&pen, StockChange::Transfer, "4") };
    let levels = core.change_stock(transfer).unwrap();
    let on_hand: Vec<(&str, &str)> =
        levels.iter().map(|level| (level.location.as_str(), level.on_hand.as_str())).collect();
    assert_eq!(on_hand, [("Main", "8"), ("Shop", "4")]);
    let rows = core.list_movements(pen.draft.id, None, 50).unwrap().rows;
    let told: Vec<(MovementKind, &str, &str)> =
        rows.iter().map(|row| (row.kind, row.quantity.as_str(), row.on_hand_after.as_str())).collect();
    assert_eq!(
        told,
        [
            (MovementKind::Transfer, "4", "4"),
            (MovementKind::Transfer, "-4", "8"),
            (MovementKind::Count, "-5", "12"),
            (MovementKind::Adjustment, "-0.5", "17"),
            (MovementKind::Receipt, "7.5", "17.5"),
            (MovementKind::Opening, "10", "10"),
        ]
    );
    assert_eq!(core.check_stock().unwrap(), Vec::<String>::new());
}

#[test]
fn a_change_saved_twice_is_written_once() {
    let core = TestCore::new();
    let pen = core.stocked_item("PEN", "1", "10");
    let draft = change(&pen, StockChange::Receive, "5");
    assert_eq!(core.change_stock(draft.clone()).unwrap()[0].on_hand, "15");
    assert_eq!(core.change_stock(draft).unwrap()[0].on_hand, "15");
}

#[test]
fn a_count_of_what_has_moved_since_is_asked_about_before_it_is_taken() {
    for (typed, before, at_last) in [("10", true, "7"), ("9.5", true, "6.5"), ("10", false, "10"), ("6", false, "6")] {
        let core = TestCore::new();
        let pen = core.stocked_item("PEN", "1", "10");
        let count = StockDraft { seen: Some("10".into()), ..change(&pen, StockChange::Count, typed) };
        core.change_stock(change(&pen, StockChange::Adjust, "-3")).unwrap();
        let asked = match core.change_stock(count.clone()) {
            Err(Error::Invalid(fields)) => fields,
            other => panic!("{other:?}"),
        };
        assert!(asked[0].field == "seen" && asked[0].reason.contains("10 were on hand, now 7 are"), "{asked:?}");
        assert_eq!(core.get_item(pen.draft.id).unwrap().levels[0].on_hand, "7", "nothing was taken");
        let answered = if before {
            StockDraft { counted_before: true, ..count }
        } else {
            StockDraft { seen: Some("7".into()), ..count }
        };
        assert_eq!(core.change_stock(answered).unwrap()[0].on_hand, at_last, "{typed}");
        assert_eq!(core.check_stock().unwrap(), Vec::<String>::new());
    }
}

#[test]
fn only_a_count_asks_because_the_other_changes_say_how_many_moved() {
    let core = TestCore::new();
    let pen = core.stocked_item("PEN", "1", "10");
    let found = StockDraft { seen: Some("10".into()), ..change(&pen, StockChange::Adjust, "2") };
    core.change_stock(change(&pen, StockChange::Adjust, "-3")).unwrap();
    assert_eq!(core.change_stock(found).unwrap()[0].on_hand, "9");
    let unmoved = StockDraft { seen: Some("9.0".into()), ..change(&pen, StockChange::Count, "4") };
    assert_eq!(core.change_stock(unmoved).unwrap()[0].on_hand, "4");
}

#[test]
fn wrong_changes_name_their_fields_and_move_nothing() {
    let core = TestCore::new();
    let pen = core.stocked_item("PEN", "1", "3");
    for (kind, quantity) in [
        (StockChange::Receive, "0"),
        (StockChange::Receive, "-1"),
        (StockChange::Receive, "1.00001"),
        (StockChange::Receive, "many"),
        (StockChange::Receive, "99999999999999999999"),
        (StockChange::Receive, "922337203685477"),
        (StockChange::Adjust, ""),
        (StockChange::Adjust, "0"),
        (StockChange::Adjust, "-3.5"),
        (StockChange::Count, "-1"),
        (StockChange::Count, ""),
    ] {
        assert_eq!(wrong_fields(core.change_stock(change(&pen, kind, quantity))), ["quantity"], "{kind:?} {quantity}");
    }
    let lost = StockDraft {
        location_id: LocationId::new(),
        note: "x".repeat(10_000),
        ..change(&pen, StockChange::Transfer, "5")
    };
    assert_eq!(wrong_fields(core.change_stock(lost)), ["location_id", "to_location_id", "note", "quantity"]);
    assert_eq!(core.get_item(pen.draft.id).unwrap().levels[0].on_hand, "3");
    let gone = StockDraft { item_id: ItemId::new(), ..change(&pen, StockChange::Receive, "1") };
    assert!(matches!(core.change_stock(gone), Err(Error::NotFound("item"))));
}

#[test]
fn what_is_not_counted_has_no_stock() {
    let core = TestCore::new();
    let pen = core.stocked_item("PEN", "1", "3");
    let work = core.save_item(ItemDraft { kind: ItemKind::Service, ..item("WORK", "50") }).unwrap();
    let draft = StockDraft { item_id: work.draft.id, ..change(&pen, StockChange::Receive, "1") };
    assert!(matches!(core.change_stock(draft), Err(Error::Refused(_))));
    let hits = core.find_stock("work".into(), 5).unwrap();
    assert!(!hits[0].stocked && hits[0].levels.is_empty());
}

#[test]
fn a_look_up_puts_the_exact_code_first() {
    let core = TestCore::new();
    let save = |sku: &str, name: &str, barcode: &str| {
        core.save_item(ItemDraft { name: name.into(), barcode: barcode.into(), ..item(sku, "1") }).unwrap();
    };
    save("PEN-10", "Ball pen", "");
    save("PEN-1", "Fountain pen", "4006381333931");
    save("BOX", "PEN-1 gift box", "");
    save("CASE", "Case for pen-1 and others", "");
    let skus = |text: &str| -> Vec<String> {
        core.find_stock(text.into(), 10).unwrap().into_iter().map(|hit| hit.sku).collect()
    };
    assert_eq!(skus(" pen-1 "), ["PEN-1", "PEN-10", "BOX", "CASE"]);
    assert_eq!(skus("4006381333931"), ["PEN-1"]);
    assert_eq!(skus("fount"), ["PEN-1"]);
    assert_eq!(skus("pe"), ["PEN-1", "PEN-10", "BOX"]);
    assert_eq!(skus("untain pen"), ["PEN-1"]);
    assert!(skus("").is_empty() && skus("\"*").is_empty() && skus("nothing here").is_empty());
    assert_eq!(core.find_stock("pen".into(), 1).unwrap().len(), 1);
}

#[test]
fn archived_items_are_not_looked_up() {
    let core = TestCore::new();
    let pen = core.item("PEN", "1");
    core.archive_items(vec![pen.draft.id], true).unwrap();
    assert!(core.find_stock("PEN".into(), 5).unwrap().is_empty());
}

#[test]
fn movements_are_paged_newest_first() {
    let core = TestCore::new();
    let pen = core.stocked_item("PEN", "1", "1");
    for _ in 0..7 {
        core.change_stock(change(&pen, StockChange::Receive, "1")).unwrap();
    }
    let mut seen = Vec::new();
    let mut cursor = None;
    loop {
        let page = core.list_movements(pen.draft.id, cursor, 3).unwrap();
        seen.extend(page.rows.into_iter().map(|row| row.on_hand_after));
        cursor = page.next_cursor;
        if cursor.is_none() {
            break;
        }
    }
    assert_eq!(seen, ["8", "7", "6", "5", "4", "3", "2", "1"]);
}
