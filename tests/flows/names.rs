//! Names that our forms would not take stay as they are at the vendor, to the byte, while something else is edited.

use crate::shop::{Shop, connected};
use backroom_core::customers::CustomerDraft;
use backroom_core::items::ItemDraft;
use serde_json::{Value, json};
use vendor_sim::Vendor;

fn there(shop: &Shop, entity: &str, id: &Value) -> Value {
    shop.one_there(Vendor::Quickbooks, entity, "Id", id.as_str().unwrap())
}

#[tokio::test(start_paused = true)]
async fn an_invisible_character_in_an_imported_name_survives_an_edit_of_the_notes() {
    for name in
        ["Zo\u{200B}e Ltd", "Soft\u{AD}ware Ltd", "Zoe\u{301} Ltd", "A\u{2060}B", "Two  spaces", "\u{202A}Ltd\u{202C}"]
    {
        let shop = connected("demo").await;
        let id = shop.act(Vendor::Quickbooks, "create_customer", &json!({ "DisplayName": name }))["Id"].clone();
        let item = json!({ "Name": name, "Type": "Service", "IncomeAccountRef": { "value": income(&shop) } });
        let item = shop.act(Vendor::Quickbooks, "create_item", &item)["Id"].clone();
        shop.sync_well().await;
        let found = shop.customers().into_iter().map(|row| shop.get_customer(row.id).unwrap().draft);
        let mut found = found.filter(|draft| draft.display_name == name);
        let draft = found.next().unwrap_or_else(|| panic!("{name:?} is kept as it came"));
        shop.save_customer(CustomerDraft { notes: "Called".into(), ..draft }).unwrap();
        let mut items = shop.items().into_iter().filter(|row| row.name == name);
        let draft = shop.get_item(items.next().unwrap().id).unwrap().draft;
        shop.save_item(ItemDraft { description: "New".into(), ..draft }).unwrap();
        shop.sync_well().await;
        let (customer, item) = (there(&shop, "Customer", &id), there(&shop, "Item", &item));
        assert_eq!((customer["DisplayName"].as_str(), &customer["Notes"]), (Some(name), &json!("Called")));
        assert_eq!((item["Name"].as_str(), &item["Description"]), (Some(name), &json!("New")));
        assert!(shop.problems().is_empty() && shop.outbox().is_empty());
    }
}

fn income(shop: &Shop) -> Value {
    let accounts = shop.there(Vendor::Quickbooks, "Account");
    accounts.iter().find(|account| account["AccountType"] == "Income").unwrap()["Id"].clone()
}
