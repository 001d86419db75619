//! Files written before prices were finer than the currency keep every price as it was.

use super::*;
use crate::ids::{InvoiceId, ItemId, OrderId};
use crate::store;
use backroom_money::UnitPrice;

const BEFORE: usize = 10;

/// An item, an order line and an invoice line of this price in a file of the format before.
fn old_file(currency: &str, minor: i64) -> (Connection, (ItemId, OrderId, InvoiceId)) {
    let mut file = Connection::open_in_memory().expect("a file");
    prepare(&file).expect("settings");
    migrate(&mut file, None, &MIGRATIONS[..BEFORE]).expect("the format before");
    let (item, order, invoice) = (ItemId::new(), OrderId::new(), InvoiceId::new());
    let (at, customer) = ("2026-11-20T09:00:00.000Z", crate::ids::CustomerId::new());
    let line = crate::ids::LineId::new;
    file.pragma_update(None, "foreign_keys", false).expect("a setting");
    file.execute_batch(&format!(
        "INSERT INTO items (id, version, sku, sku_key, name, name_key, description, barcode, kind, currency, unit_price_minor,
             unit_cost_minor, created_at, updated_at)
         VALUES ('{item}', 1, '', '', 'Label', 'label', '', '', 'service', '{currency}', {minor}, {minor}, '{at}', '{at}');
         INSERT INTO orders (id, version, number, number_key, number_sort, status, ordered_at, ordered_on, customer_name,
             customer_email, billing, ship_to, currency, shipping_minor, tax_minor, total_minor, line_count, customer_note,
             internal_note, requested_service, source, created_at, updated_at)
         VALUES ('{order}', 1, '1', '1', '1', 'open', '{at}', '2026-11-20', 'Ada', '', '{{}}', '{{}}', '{currency}', 0, 0,
             {minor}, 1, '', '', '', 'owner', '{at}', '{at}');
         INSERT INTO order_lines (id, order_id, position, sku, sku_key, name, quantity_scaled, unit_price_minor)
         VALUES ('{}', '{order}', 0, '', '', 'Label', 10000, {minor});
         INSERT INTO invoices (id, version, number, number_key, number_sort, status, customer_id, customer_name, currency,
             issued_on, due_on, discount_text, discount_minor, shipping_minor, subtotal_minor, tax_minor, total_minor,
             balance_minor, message, note, email, billing, shipping_address, source, created_at, updated_at)
         VALUES ('{invoice}', 1, '1', '1', '1', 'open', '{customer}', 'Ada', '{currency}', '2026-11-20', '2026-11-20', '', 0, 0,
             {minor}, 0, {minor}, {minor}, '', '', '', '{{}}', '{{}}', 'owner', '{at}', '{at}');
         INSERT INTO invoice_lines (id, invoice_id, position, description, quantity_scaled, unit_price_minor, amount_minor)
         VALUES ('{}', '{invoice}', 0, 'Label', 10000, {minor}, {minor});",
        line(),
        line(),
    ))
    .expect("rows of the format before");
    (file, (item, order, invoice))
}

#[test]
fn a_price_of_the_format_before_is_exact_in_every_currency() {
    for (currency, minor, written) in [
        ("USD", 1250, "12.50"),
        ("USD", -1, "-0.01"),
        ("JPY", 980, "980"),
        ("KWD", 1005, "1.005"),
        ("CLF", 12_345, "1.2345"),
        ("USD", i64::MAX, "92233720368547758.07"),
        ("JPY", i64::MIN, "-9223372036854775808"),
    ] {
        let (mut file, (item, order, invoice)) = old_file(currency, minor);
        migrate(&mut file, None, MIGRATIONS).expect("the newest format");
        let code = currency.parse().expect("a currency");
        let price = UnitPrice::parse(written, code).expect("a price");
        let found = store::items::get(&file, item).expect("a read").expect("the item");
        assert_eq!((found.unit_price, found.unit_cost), (price, Some(price)), "{currency} {minor}");
        assert_eq!(store::orders::get(&file, order).expect("a read").expect("the order").lines[0].unit_price, price);
        let found = store::invoices::get(&file, invoice).expect("a read").expect("the invoice");
        assert_eq!((found.lines[0].unit_price, found.lines[0].unit_price.to_decimal_string()), (price, written.into()));
    }
}

#[test]
fn records_agreed_frozen_or_kept_with_the_shape_before_are_still_read_and_compare_the_same() {
    let old = r#"{"name":"Label","sku":"LBL","description":"","barcode":null,"kind":"service",
        "unit_price":{"minor":1250,"currency":"USD"},"unit_cost":{"currency":"USD","minor":7},
        "taxable":true,"active":true,"on_hand":null}"#;
    let fields: crate::sync::merge::Fields = serde_json::from_str(old).expect("fields");
    let record = crate::sync::merge::record_of(connector_contract::RecordKind::Item, fields.clone()).expect("a record");
    let mut now = crate::sync::merge::fields_of(&record).expect("fields");
    // What the old shape did not know is unknown, and nothing else has changed.
    assert_eq!(now.remove("created_at"), Some(serde_json::Value::Null));
    assert_eq!(now, fields);
    let line = r#"{"id":"0192f0c4-0000-7000-8000-000000000001","line_key":"","item_id":null,"sku":"","name":"Label",
        "quantity":"1000","unit_price":{"minor":-250,"currency":"USD"},"adjustment":true}"#;
    let line: crate::orders::OrderLine = serde_json::from_str(line).expect("a line of an old state");
    assert_eq!(line.unit_price.to_decimal_string(), "-2.50");
}
