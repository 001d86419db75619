//! Products, ship-from locations, tags and carriers. Products are read only here.

use super::super::catalogue::{CARRIERS, PACKAGES};
use super::super::model::{Product, State};
use super::super::time::zulu;
use super::super::wire::{Call, Reply, number};
use super::paging::Slice;
use super::{bad, se};
use serde_json::{Value, json};

/// `GET /v2/products`.
pub fn products(s: &State, call: &Call) -> Reply {
    let slice = match Slice::of(call, &["page_size"], 100, 100) {
        Ok(slice) => slice,
        Err(refusal) => return refusal,
    };
    let active = match call.query.get("active") {
        None => None,
        Some("true") => Some(true),
        Some("false") => Some(false),
        Some(_) => return bad("active", "active must be true or false."),
    };
    let name = call.query.get("name").map(str::to_lowercase);
    let fits = |product: &&Product| {
        call.query.get("sku").is_none_or(|sku| product.sku == sku)
            && active.is_none_or(|active| product.active == active)
            && name.as_ref().is_none_or(|name| product.name.to_lowercase().contains(name))
    };
    let rows: Vec<Value> = s.products.values().filter(fits).map(shown).collect();
    slice.envelope(call, "products", &rows)
}

fn shown(product: &Product) -> Value {
    let of = |name: &str| product.fields.get(name).cloned().unwrap_or_default();
    json!({
        "product_id": product.id,
        "sku": product.sku,
        "name": product.name,
        "upc": product.upc,
        "thumbnail_url": null,
        "price": {"currency": "usd", "amount": number(product.price)},
        "dimensions": null,
        "weight": {"value": number(product.weight_oz), "unit": "ounce"},
        "internal_notes": of("internalNotes"),
        "fulfillment_sku": of("fulfillmentSku"),
        "create_date": zulu(product.created),
        "modify_date": zulu(product.modified),
        "active": product.active,
        "product_category": null,
        "preset_group": null,
        "warehouse_location": of("warehouseLocation"),
        "no_customs": null,
        "tags": null,
        "aliases": null,
        "product_type": null,
        "is_returnable": true,
        "should_override_name": null,
        "is_bundle": false,
        "bundle_components": null,
    })
}

/// `GET /v2/warehouses`: no pages.
pub fn warehouses(s: &State) -> Reply {
    let rows = s.warehouses.values().map(|warehouse| {
        let of = |name: &str| warehouse.address.get(name).cloned().unwrap_or_default();
        let address = json!({
            "name": of("name"), "phone": of("phone"), "company_name": of("company"), "address_line1": of("street1"),
            "city_locality": of("city"), "state_province": of("state"), "postal_code": of("postalCode"),
            "country_code": of("country"), "address_residential_indicator": "unknown",
        });
        json!({
            "warehouse_id": se(warehouse.id), "is_default": warehouse.is_default, "name": warehouse.name,
            "created_at": zulu(warehouse.created), "origin_address": address, "return_address": address,
        })
    });
    Reply::ok(json!({"warehouses": rows.collect::<Vec<_>>()}))
}

/// `GET /v2/tags`: no pages.
pub fn tags(s: &State) -> Reply {
    Reply::ok(json!({"tags": s.tags.values().map(|tag| json!({"name": tag.name})).collect::<Vec<_>>()}))
}

/// `GET /v2/carriers`.
pub fn carriers() -> Reply {
    let rows: Vec<Value> = CARRIERS
        .iter()
        .map(|carrier| {
            let id = se(carrier.provider_id);
            let services = carrier.services.iter().map(|(code, name, domestic, _)| {
                json!({"carrier_id": id, "carrier_code": carrier.code, "service_code": code, "name": name,
                       "domestic": domestic, "international": !domestic, "is_multi_package_supported": false})
            });
            let packages = PACKAGES.iter().map(|(code, name)| json!({"package_code": code, "name": name}));
            json!({
                "carrier_id": id, "carrier_code": carrier.code, "account_number": carrier.account,
                "requires_funded_amount": carrier.funded, "balance": if carrier.funded { 24 } else { 0 },
                "nickname": carrier.name, "friendly_name": carrier.name, "primary": true,
                "has_multi_package_supporting_services": false, "supports_label_messages": false,
                "services": services.collect::<Vec<_>>(), "packages": packages.collect::<Vec<_>>(), "options": [],
            })
        })
        .collect();
    Reply::ok(json!({"carriers": rows}))
}
