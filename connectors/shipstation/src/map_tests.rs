//! Every odd record of the fixtures, field by field.

use crate::map;
use crate::wire::Fields;
use backroom_money::{Money, Quantity, UnitPrice};
use connector_contract::record::{Address, Order, OrderStatus, Shipment};
use connector_contract::{Content, Pulled, Record, RecordKind, RemoteId};
use serde_json::Value;

pub(crate) const ORDERS: &str = include_str!("../fixtures/orders.json");
pub(crate) const SHIPMENTS: &str = include_str!("../fixtures/shipments.json");
pub(crate) const FULFILLMENTS: &str = include_str!("../fixtures/fulfillments.json");
pub(crate) const STORES: &str = include_str!("../fixtures/stores.json");

fn mapped(fixture: &str, collection: &str, each: fn(Fields) -> Vec<Pulled>) -> Vec<Pulled> {
    let body: Value = serde_json::from_str(fixture).unwrap();
    let rows = body[collection].as_array().unwrap();
    rows.iter().filter_map(Value::as_object).flat_map(|row| each(Fields(row))).collect()
}

fn pulled_orders() -> Vec<Pulled> {
    mapped(ORDERS, "orders", map::orders)
}

fn order(id: &str) -> Order {
    match pulled_orders().into_iter().find(|pulled| pulled.remote_id.0 == id).unwrap().content {
        Content::Present(record) => match *record {
            Record::Order(order) => order,
            other => panic!("{other:?}"),
        },
        other => panic!("{other:?}"),
    }
}

fn shipment(pulled: &Pulled) -> &Shipment {
    match &pulled.content {
        Content::Present(record) => match record.as_ref() {
            Record::Shipment(shipment) => shipment,
            other => panic!("{other:?}"),
        },
        other => panic!("{other:?}"),
    }
}

fn unreadable(pulled: &Pulled) -> &str {
    match &pulled.content {
        Content::Unreadable { reason, .. } => reason,
        other => panic!("{other:?}"),
    }
}

fn dollars(text: &str) -> Money {
    Money::parse(text, map::CURRENCY).unwrap()
}

#[test]
fn an_order_is_read_whole() {
    let order = order("9001");
    assert_eq!(order.number, "W-1001");
    assert_eq!(order.key.as_deref(), Some("0190aa11-0000-7000-8000-000000000001"));
    assert_eq!(order.status, OrderStatus::Open);
    assert_eq!(order.ordered_at.to_rfc3339(), "2026-07-01T00:05:00+00:00");
    assert_eq!(
        (order.customer_name.as_str(), order.customer_email.as_deref()),
        ("Mara Quist", Some("mara@example.com"))
    );
    assert_eq!((order.total, order.paid), (dollars("41.99"), Some(dollars("41.99"))));
    assert_eq!((order.tax_amount, order.shipping_amount), (dollars("2"), dollars("5")));
    assert_eq!(order.customer_note.as_deref(), Some("Please ring twice"));
    assert_eq!(order.requested_service.as_deref(), Some("Ground"));
    assert_eq!(order.parent, None);
    let version = &pulled_orders()[0];
    assert_eq!(version.version.as_ref().unwrap().0, "2026-07-01T09:00:00.5000000");
    assert_eq!(version.updated_at.unwrap().to_rfc3339(), "2026-07-01T16:00:00.500+00:00");
}

#[test]
fn the_third_street_line_joins_the_second() {
    let shipping = order("9001").shipping.unwrap();
    let Address { line1, line2, region, country, .. } = shipping;
    assert_eq!([line1, line2, region, country], ["12 Alder Way", "Floor 3, Rear door", "OR", "US"]);
}

#[test]
fn a_bill_to_with_a_name_only_says_nothing_about_the_address() {
    assert_eq!(order("9001").billing, None);
    assert_eq!(order("9002").billing.unwrap().city, "Oslo");
}

#[test]
fn lines_keep_their_keys_prices_and_adjustments() {
    let lines = order("9001").lines;
    assert_eq!(lines[0].key.as_deref(), Some("l-1"));
    assert_eq!(lines[0].unit_price, UnitPrice::parse("19.995", map::CURRENCY).unwrap(), "finer than a cent stays so");
    assert_eq!(lines[0].quantity, Quantity::from_whole(2).unwrap());
    assert_eq!(lines[1].key.as_deref(), Some("70002"), "the vendor's number stands in for a missing key");
    assert!(lines[1].adjustment && lines[1].sku.is_none());
    assert_eq!(lines[1].unit_price, dollars("-5").into());
}

#[test]
fn a_note_that_is_null_is_empty_and_one_that_is_missing_is_unsaid() {
    assert_eq!(order("9001").internal_note.as_deref(), Some(""));
    assert_eq!(order("9002").internal_note, None);
}

#[test]
fn a_hold_keeps_its_day_and_null_amounts_are_nothing() {
    let order = order("9002");
    assert_eq!((order.status, order.hold_until.unwrap().to_string()), (OrderStatus::OnHold, "2026-11-09".to_owned()));
    assert!(order.total.is_zero() && order.tax_amount.is_zero() && order.paid.is_none() && order.lines.is_empty());
    assert_eq!(order.customer_name, "Ivo Sand");
    assert_eq!(order.ordered_at.to_rfc3339(), "2026-11-01T08:30:00+00:00", "first pass of the repeated hour");
}

#[test]
fn orders_merged_into_another_leave_tombstones_before_it() {
    let pulled = pulled_orders();
    let ids: Vec<_> = pulled.iter().map(|pulled| pulled.remote_id.0.as_str()).collect();
    assert_eq!(ids, ["9001", "8800", "8801", "9002", "9003", "9004", "9005"]);
    let into = RemoteId("9002".into());
    assert_eq!(pulled[1].content, Content::Merged { kind: RecordKind::Order, into });
}

#[test]
fn a_split_off_order_names_its_parent_and_an_unknown_status_is_open() {
    let order = order("9003");
    assert_eq!(order.parent, Some(RemoteId("9001".into())));
    assert_eq!(order.status, OrderStatus::Open);
    assert_eq!(order.customer_name, "fred77");
    assert_eq!(
        (order.total, order.shipping_amount),
        (dollars("12.5"), dollars("10")),
        "text and exponents are numbers too"
    );
    assert_eq!((order.billing, order.shipping), (None, None));
}

#[test]
fn an_order_without_a_date_is_unreadable_and_names_the_field() {
    assert!(unreadable(&pulled_orders()[5]).contains("orderDate"));
}

#[test]
fn a_cut_quantity_is_data() {
    let order = order("9005");
    assert_eq!((order.status, order.lines[0].quantity), (OrderStatus::Cancelled, Quantity::parse("1.5").unwrap()));
}

#[test]
fn a_label_carries_cost_tracking_and_lines() {
    let pulled = mapped(SHIPMENTS, "shipments", |row| map::shipment(row).into_iter().collect());
    let first = shipment(&pulled[0]);
    assert_eq!((pulled[0].remote_id.0.as_str(), first.order.clone()), ("5001", Some(RemoteId("9001".into()))));
    assert_eq!(first.cost, Some(dollars("8.85")), "postage and insurance");
    assert_eq!(first.tracking_number.as_deref(), Some("1Z000001"));
    assert_eq!(first.shipped_on.unwrap().to_string(), "2026-07-03");
    let lines = first.lines.as_ref().unwrap();
    assert_eq!((lines[0].line_key.as_deref(), lines[0].quantity), (Some("l-1"), Quantity::ONE));
}

#[test]
fn voided_and_return_labels_are_marked_and_a_void_is_a_new_version() {
    let pulled = mapped(SHIPMENTS, "shipments", |row| map::shipment(row).into_iter().collect());
    assert!(shipment(&pulled[1]).voided && shipment(&pulled[1]).lines.is_none());
    assert_eq!(pulled[1].version.as_ref().unwrap().0, "2026-07-04T12:00:00.0000000");
    assert!(unreadable(&pulled[2]).contains("shipDate"));
    assert!(shipment(&pulled[3]).is_return);
    assert_eq!(shipment(&pulled[3]).lines.as_deref(), Some([].as_slice()));
}

#[test]
fn a_fulfillment_never_shares_an_id_with_a_label_and_says_nothing_of_lines() {
    let pulled = mapped(FULFILLMENTS, "fulfillments", |row| map::fulfillment(row).into_iter().collect());
    assert_eq!(pulled[0].remote_id.0, "f5001");
    let shipment = shipment(&pulled[0]);
    assert_eq!((shipment.lines.as_ref(), shipment.shipped_on.unwrap().to_string()), (None, "2026-07-06".to_owned()));
    assert_eq!(shipment.tracking_number.as_deref(), Some("HAND-1"));
}
