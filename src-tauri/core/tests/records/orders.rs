//! Orders as the owner types them and acts on them, and what they promise from stock.

use backroom_core::Error;
use backroom_core::ids::{CustomerId, ItemId, LineId, OrderId};
use backroom_core::items::{ItemDraft, ItemKind};
use backroom_core::orders::{OrderAction, OrderDraft, OrderLineDraft, OrderStatus};
use backroom_core::testing::{TestCore, customer, item, mark_shipped, order, order_line, wrong_fields};

fn allocated(core: &TestCore, item: ItemId) -> (String, String) {
    let level = core.get_item(item).unwrap().levels.remove(0);
    (level.on_hand, level.allocated)
}

fn ship() -> OrderAction {
    mark_shipped(&[])
}

#[test]
fn an_order_has_a_number_totals_and_a_promise_of_stock() {
    let core = TestCore::new();
    let pen = core.stocked_item("PEN", "9.80", "5");
    let work = core.save_item(ItemDraft { kind: ItemKind::Service, ..item("WORK", "50") }).unwrap();
    let mut draft = order(vec![order_line(&pen, "2"), order_line(&work, "1.5")]);
    draft.shipping = "5".into();
    draft.tax = "1.57".into();
    let preview = core.preview_order(draft.clone()).unwrap();
    let amounts: Vec<_> = preview.line_amounts.iter().map(|amount| amount.as_ref().unwrap().minor.as_str()).collect();
    assert_eq!((amounts.as_slice(), preview.total.minor.as_str()), (["1960", "7500"].as_slice(), "10117"));
    assert!(preview.errors.is_empty());
    let saved = core.save_order(draft).unwrap();
    assert_eq!(
        (saved.draft.number.as_str(), saved.status, saved.total.minor.as_str()),
        ("1001", OrderStatus::Open, "10117")
    );
    assert_eq!((saved.subtotal.minor.as_str(), saved.source.as_str(), saved.editable), ("9460", "owner", true));
    assert_eq!(allocated(&core, pen.draft.id), ("5".into(), "2".into()));
    assert_eq!(core.order(&[(&pen, "7")]).draft.number, "1002");
    let level = core.get_item(pen.draft.id).unwrap().levels.remove(0);
    assert_eq!(level.available, "-4", "a backorder");
}

#[test]
fn saving_the_same_order_twice_takes_one_number() {
    let core = TestCore::new();
    let pen = core.stocked_item("PEN", "1", "5");
    let draft = order(vec![order_line(&pen, "2")]);
    let first = core.save_order(draft.clone()).unwrap();
    let second = core.save_order(draft.clone()).unwrap();
    assert_eq!((second.draft.version, &second.draft.number), (Some(1), &first.draft.number));
    assert_eq!(core.count("SELECT next_order_number FROM company"), 1002);
    assert_eq!(allocated(&core, pen.draft.id).1, "2");
    let changed = OrderDraft { internal_note: "x".into(), ..draft };
    assert!(matches!(core.save_order(changed), Err(Error::Stale("order"))));
}

#[test]
fn a_number_may_be_typed_and_is_unique() {
    let core = TestCore::new();
    let pen = core.item("PEN", "1");
    let mut draft = order(vec![order_line(&pen, "1")]);
    draft.number = "1001".into();
    core.save_order(draft).unwrap();
    assert_eq!(core.order(&[(&pen, "1")]).draft.number, "1002", "the counter steps over numbers in use");
    let mut draft = order(vec![order_line(&pen, "1")]);
    draft.number = " 1001 ".into();
    assert_eq!(wrong_fields(core.save_order(draft)), ["number"]);
}

#[test]
fn every_wrong_field_is_named_in_preview_and_on_saving() {
    let core = TestCore::new();
    let pen = core.item("PEN", "1");
    let mut good = order_line(&pen, "1");
    good.unit_price = "2*3".into();
    let bad = OrderLineDraft {
        id: LineId::new(),
        item_id: Some(ItemId::new()),
        sku: String::new(),
        name: String::new(),
        quantity: "-1".into(),
        unit_price: "1.23456789".into(),
    };
    let draft = OrderDraft {
        number: "x".repeat(10_000),
        ordered_on: "yesterday".into(),
        customer_id: Some(CustomerId::new()),
        customer_name: String::new(),
        customer_email: "nobody".into(),
        shipping: "-5".into(),
        tax: "lots".into(),
        ..order(vec![good.clone(), bad, good])
    };
    let expected = [
        "number",
        "customer_email",
        "shipping",
        "tax",
        "customer_id",
        "ordered_on",
        "lines.1.unit_price",
        "lines.1.quantity",
        "lines.1.item_id",
        "lines.1.name",
        "lines.2",
    ];
    let preview = core.preview_order(draft.clone()).unwrap();
    let fields: Vec<String> = preview.errors.into_iter().map(|error| error.field).collect();
    assert_eq!(fields, expected);
    assert_eq!(preview.line_amounts[0].as_ref().unwrap().minor, "600");
    assert!(preview.line_amounts[1].is_none());
    assert_eq!(wrong_fields(core.save_order(draft)), expected);
    assert_eq!(wrong_fields(core.save_order(order(Vec::new()))), ["lines"]);
    let nobody = OrderDraft { customer_name: " ".into(), ..order(vec![order_line(&pen, "1")]) };
    assert_eq!(wrong_fields(core.save_order(nobody)), ["customer_name"]);
    let mut huge = order_line(&pen, "900000000000000");
    huge.unit_price = "900000000000000".into();
    assert_eq!(wrong_fields(core.save_order(order(vec![huge]))), ["lines.0.unit_price", "lines.0.quantity"]);
    assert_eq!(core.count("SELECT count(*) FROM orders"), 0);
}

#[test]
fn a_customer_fills_in_what_was_left_empty() {
    let core = TestCore::new();
    let mut ada = customer("Ada");
    ada.email = "ada@example.com".into();
    let ada = core.save_customer(ada).unwrap();
    let pen = core.item("PEN", "1");
    let draft = OrderDraft {
        customer_id: Some(ada.draft.id),
        customer_name: String::new(),
        ..order(vec![order_line(&pen, "1")])
    };
    let saved = core.save_order(draft).unwrap();
    assert_eq!((saved.draft.customer_name.as_str(), saved.draft.customer_email.as_str()), ("Ada", "ada@example.com"));
}

#[test]
fn editing_moves_the_promise() {
    let core = TestCore::new();
    let pen = core.stocked_item("PEN", "1", "5");
    let ink = core.stocked_item("INK", "1", "5");
    let saved = core.order(&[(&pen, "2")]);
    let mut edit = saved.draft.clone();
    edit.lines[0].quantity = "3".into();
    edit.lines.push(order_line(&ink, "1"));
    let saved = core.save_order(edit).unwrap();
    assert_eq!((allocated(&core, pen.draft.id).1.as_str(), allocated(&core, ink.draft.id).1.as_str()), ("3", "1"));
    let mut edit = saved.draft;
    edit.lines.remove(0);
    core.save_order(edit).unwrap();
    assert_eq!((allocated(&core, pen.draft.id).1.as_str(), allocated(&core, ink.draft.id).1.as_str()), ("0", "1"));
    assert!(core.check_stock().unwrap().is_empty());
}

#[test]
fn holding_keeps_the_promise_and_cancelling_frees_it() {
    let core = TestCore::new();
    let pen = core.stocked_item("PEN", "1", "5");
    let id = core.order(&[(&pen, "2")]).draft.id;
    core.act_on_orders(vec![id], OrderAction::Hold { until: Some("2026-12-01".into()) }).unwrap();
    let held = core.get_order(id).unwrap();
    assert_eq!((held.status, held.hold_until.as_deref()), (OrderStatus::OnHold, Some("2026-12-01")));
    assert_eq!(allocated(&core, pen.draft.id).1, "2");
    core.act_on_orders(vec![id], OrderAction::Release).unwrap();
    assert_eq!(core.get_order(id).unwrap().history[0].action, "released");
    core.act_on_orders(vec![id], OrderAction::Cancel).unwrap();
    let cancelled = core.get_order(id).unwrap();
    assert!(cancelled.status == OrderStatus::Cancelled && !cancelled.editable);
    assert_eq!(allocated(&core, pen.draft.id), ("5".into(), "0".into()));
    let mut edit = cancelled.draft;
    edit.internal_note = "too late".into();
    assert!(matches!(core.save_order(edit), Err(Error::Refused(_))));
    let past = OrderAction::Hold { until: Some("2026-11-19".into()) };
    assert_eq!(wrong_fields(core.act_on_orders(vec![id], past)), ["until"]);
}

#[test]
fn an_order_marked_shipped_leaves_the_stock_once() {
    let core = TestCore::new();
    let pen = core.stocked_item("PEN", "1", "5");
    let id = core.order(&[(&pen, "2")]).draft.id;
    core.act_on_orders(vec![id], mark_shipped(&[(id, "1Z")])).unwrap();
    let shipped = core.get_order(id).unwrap();
    assert_eq!(shipped.status, OrderStatus::Shipped);
    assert_eq!(shipped.lines[0].shipped, "2");
    assert_eq!(shipped.shipments[0].contents, ["2 × PEN"]);
    assert_eq!(shipped.shipments[0].tracking_number, "1Z");
    assert_eq!(shipped.shipments[0].shipped_on.as_deref(), Some("2026-11-20"));
    assert_eq!(allocated(&core, pen.draft.id), ("3".into(), "0".into()));
    let error = core.act_on_orders(vec![id], ship()).unwrap_err();
    assert!(error.to_string().contains("order 1001 is shipped"), "{error}");
    assert_eq!(allocated(&core, pen.draft.id).0, "3");
}

#[test]
fn each_of_many_orders_has_a_tracking_number_of_its_own() {
    let core = TestCore::new();
    let pen = core.stocked_item("PEN", "1", "9");
    let ids: Vec<OrderId> = (0..3).map(|_| core.order(&[(&pen, "1")]).draft.id).collect();
    let options = core.shipping_options(ids.clone()).unwrap();
    assert_eq!((options.today.as_str(), options.vendors.len(), options.carriers.len()), ("2026-11-20", 0, 0));
    assert_eq!(options.orders.iter().map(|order| order.id).collect::<Vec<_>>(), ids);
    core.act_on_orders(ids.clone(), mark_shipped(&[(ids[2], "C"), (ids[0], "A")])).unwrap();
    let tracking = |id: &OrderId| core.get_order(*id).unwrap().shipments[0].tracking_number.clone();
    assert_eq!(ids.iter().map(tracking).collect::<Vec<_>>(), ["A", "", "C"]);
}

#[test]
fn what_is_wrong_with_a_parcel_is_named_and_nothing_ships() {
    let core = TestCore::new();
    let pen = core.stocked_item("PEN", "1", "9");
    let id = core.order(&[(&pen, "1")]).draft.id;
    let wrong = |change: fn(&mut OrderAction)| {
        let mut action = mark_shipped(&[(id, "1Z")]);
        change(&mut action);
        wrong_fields(core.act_on_orders(vec![id], action))
    };
    let day = |text: &str| {
        let mut action = mark_shipped(&[(id, "1Z")]);
        if let OrderAction::MarkShipped { shipped_on, .. } = &mut action {
            text.clone_into(shipped_on);
        }
        wrong_fields(core.act_on_orders(vec![id], action))
    };
    assert_eq!((day("2026-11-21"), day("soon")), (vec!["shipped_on".to_owned()], vec!["shipped_on".to_owned()]));
    let long = |action: &mut OrderAction| {
        if let OrderAction::MarkShipped { parcels, carrier, .. } = action {
            parcels[0].tracking_number = "9".repeat(10_000);
            *carrier = "x".repeat(10_000);
        }
    };
    assert_eq!(wrong(long), ["parcels.0.tracking_number", "carrier"]);
    let twice = |action: &mut OrderAction| {
        if let OrderAction::MarkShipped { parcels, .. } = action {
            parcels.push(parcels[0].clone());
        }
    };
    assert_eq!(wrong(twice), ["parcels.1.tracking_number"]);
    assert_eq!(core.get_order(id).unwrap().status, OrderStatus::Open);
}

#[test]
fn acting_on_many_is_all_or_none() {
    let core = TestCore::new();
    let pen = core.stocked_item("PEN", "1", "9");
    let ids: Vec<OrderId> = (0..8).map(|_| core.order(&[(&pen, "1")]).draft.id).collect();
    core.act_on_orders(ids[1..].to_vec(), OrderAction::Cancel).unwrap();
    let error = core.act_on_orders(ids.clone(), ship()).unwrap_err().to_string();
    assert!(error.contains("order 1002 is cancelled") && error.contains("and 2 more"), "{error}");
    assert_eq!(core.get_order(ids[0]).unwrap().status, OrderStatus::Open);
    assert_eq!(allocated(&core, pen.draft.id), ("9".into(), "1".into()));
    assert!(matches!(core.act_on_orders(vec![OrderId::new()], OrderAction::Release), Err(Error::NotFound("order"))));
}

#[test]
fn an_item_that_comes_later_is_tied_to_open_lines_by_sku() {
    let core = TestCore::new();
    let line = OrderLineDraft {
        id: LineId::new(),
        item_id: None,
        sku: "pen".into(),
        name: "A pen".into(),
        quantity: "2".into(),
        unit_price: "1".into(),
    };
    let id = core.save_order(order(vec![line])).unwrap().draft.id;
    let pen = core.stocked_item("PEN", "1", "5");
    assert_eq!(core.get_order(id).unwrap().lines[0].item_id, Some(pen.draft.id));
    assert_eq!(allocated(&core, pen.draft.id), ("5".into(), "2".into()));
    assert!(core.check_stock().unwrap().is_empty());
}

#[test]
fn the_day_of_an_order_is_the_companys() {
    let core = TestCore::new();
    let pen = core.item("PEN", "1");
    let draft = OrderDraft { ordered_on: "2026-03-08".into(), ..order(vec![order_line(&pen, "1")]) };
    let saved = core.save_order(draft).unwrap();
    assert_eq!(saved.draft.ordered_on, "2026-03-08");
    let noon = "SELECT count(*) FROM orders WHERE ordered_at = '2026-03-08T16:00:00.000Z'";
    assert_eq!(core.count(noon), 1, "noon in New York on the first day of summer time");
}
