//! Prices finer than a cent: they come in exact, stay exact while something else is edited, and go out exact when they are.

use crate::shop::{Shop, connected};
use backroom_core::items::ItemDraft;
use backroom_core::orders::OrderDraft;
use serde_json::{Value, json};
use vendor_sim::Vendor;

/// A number with exactly these digits.
fn exact(number: &str) -> Value {
    serde_json::from_str(number).unwrap()
}

fn order_there(shop: &Shop) -> Value {
    shop.one_there(Vendor::Shipstation, "orders", "orderNumber", "H-1")
}

#[tokio::test(start_paused = true)]
async fn an_order_of_labels_keeps_its_price_when_a_note_is_written() {
    for (price, pieces, total) in
        [("0.0125", 1000, "12.5"), ("0.3333333", 3, "0.9999999"), ("0.0000001", 1, "0.0000001"), ("24.5", 2, "49")]
    {
        let shop = connected("demo").await;
        shop.sync_well().await;
        let label = json!({ "sku": "LBL", "name": "Label", "quantity": pieces, "unitPrice": exact(price) });
        shop.act(Vendor::Shipstation, "create_order", &json!({ "orderNumber": "H-1", "items": [label] }));
        assert_eq!(
            order_there(&shop)["items"][0]["unitPrice"].to_string(),
            price,
            "the simulator keeps what it is sent"
        );
        shop.sync_well().await;
        let id = shop.orders().into_iter().find(|order| order.number == "H-1").unwrap().id;
        let loaded = shop.get_order(id).unwrap();
        assert_eq!(loaded.lines[0].unit_price.decimal.trim_end_matches('0'), price.trim_end_matches('0'));
        shop.save_order(OrderDraft { internal_note: "a note".to_owned(), ..loaded.draft }).unwrap();
        shop.sync_well().await;
        let there = order_there(&shop);
        assert_eq!(there["internalNotes"], "a note");
        let digits =
            |value: &Value| value.to_string().parse::<rust_decimal::Decimal>().unwrap().normalize().to_string();
        assert_eq!(
            (digits(&there["items"][0]["unitPrice"]), digits(&there["orderTotal"])),
            (price.into(), total.into())
        );
        shop.assert_sound();
    }
}

#[tokio::test(start_paused = true)]
async fn a_fine_price_of_an_item_goes_both_ways_to_quickbooks() {
    let shop = connected("demo").await;
    shop.sync_well().await;
    let there = || shop.one_there(Vendor::Quickbooks, "Item", "Sku", "MUG-01");
    let fine = json!({ "id": there()["Id"], "UnitPrice": exact("0.3333333") });
    shop.act(Vendor::Quickbooks, "edit_item", &fine);
    shop.sync_well().await;
    let here = shop.get_item(shop.item("MUG-01").id).unwrap();
    assert_eq!(here.unit_price.decimal, "0.3333333");
    let described = ItemDraft { description: "Thrown by hand".to_owned(), ..here.draft };
    let described = shop.save_item(described).unwrap().draft;
    shop.sync_well().await;
    assert_eq!(
        (there()["UnitPrice"].to_string(), &there()["Description"]),
        ("0.3333333".into(), &json!("Thrown by hand"))
    );
    shop.save_item(ItemDraft { unit_price: "0.0125".to_owned(), ..described }).unwrap();
    shop.sync_well().await;
    assert_eq!(there()["UnitPrice"].to_string(), "0.0125");
    shop.assert_sound();
}
