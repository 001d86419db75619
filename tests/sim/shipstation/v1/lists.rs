//! Products, customers, stores, ship-from locations, carriers and tags.

use super::super::catalogue::{self, CARRIERS, PACKAGES, USER_ID};
use super::super::model::{Customer, Product, ShipFrom, State, Store};
use super::super::time::{pacific, pacific_short, zulu};
use super::super::wire::{Call, Query, Reply, decimal};
use super::paging::{Slice, Span, word};
use super::{id, invalid, not_found, show};
use chrono::{DateTime, Utc};
use serde_json::{Value, json};

/// `GET /products`.
pub fn products(s: &State, call: &Call) -> Reply {
    let select = || {
        let query = &call.query;
        let slice = Slice::of(call)?;
        // `startDate` and `endDate` filter by creation.
        let span = |name: &str| query.get(name).and_then(super::super::time::read);
        let (start, end) = (span("startDate"), span("endDate"));
        let inactive = word(query, "showInactive", &["true", "false"])? == Some("true");
        let (sku, upc) = (query.get("sku"), query.get("upc"));
        let name = query.get("name").map(str::to_lowercase);
        let fits = |product: &&Product| {
            (inactive || product.active)
                && start.is_none_or(|start| product.created >= start)
                && end.is_none_or(|end| product.created <= end)
                && sku.is_none_or(|sku| product.sku.eq_ignore_ascii_case(sku))
                && upc.is_none_or(|upc| product.upc.as_deref() == Some(upc))
                && name.as_ref().is_none_or(|name| product.name.to_lowercase().contains(name))
        };
        let mut rows: Vec<&Product> = s.products.values().filter(fits).collect();
        match word(query, "sortBy", &["SKU", "ModifyDate", "CreateDate"])? {
            Some("SKU") => rows.sort_by(|a, b| a.sku.cmp(&b.sku)),
            Some("ModifyDate") => rows.sort_by_key(|product| (product.modified, product.id)),
            Some("CreateDate") => rows.sort_by_key(|product| (product.created, product.id)),
            _ => {}
        }
        if word(query, "sortDir", &["ASC", "DESC"])? == Some("DESC") {
            rows.reverse();
        }
        Ok((rows, slice))
    };
    match select() {
        Ok((rows, slice)) => {
            let page = slice.cut(&rows).into_iter().map(show::product).collect();
            slice.envelope("products", page, rows.len(), None)
        }
        Err(refusal) => refusal,
    }
}

/// `GET /products/{id}`.
pub fn product(s: &State, text: &str) -> Reply {
    let product = id(text).and_then(|id| s.products.get(&id));
    product.map_or_else(not_found, |product| Reply::ok(show::product(product)))
}

/// `PUT /products/{id}`: the whole resource has to be sent; what is left out is cleared.
pub fn put_product(s: &mut State, now: DateTime<Utc>, text: &str, body: &[u8]) -> Reply {
    let Some(product) = id(text).and_then(|id| s.products.get_mut(&id)) else { return not_found() };
    let Ok(Value::Object(given)) = serde_json::from_slice::<Value>(body) else {
        return invalid("apiProduct", "The body is not a JSON object.");
    };
    let of = |name: &str| given.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, value)| value);
    let text = |name: &str| of(name).and_then(Value::as_str);
    let (Some(sku), Some(name)) = (text("sku"), text("name")) else {
        return invalid("apiProduct", "The sku and the name are required.");
    };
    if of("productId").is_some_and(|id| id.as_i64() != Some(product.id)) {
        return invalid("apiProduct.productId", "The productId does not match the resource.");
    }
    sku.clone_into(&mut product.sku);
    name.clone_into(&mut product.name);
    product.price = of("price").and_then(decimal).unwrap_or_default();
    product.cost = of("defaultCost").and_then(decimal);
    product.weight_oz = of("weightOz").and_then(decimal).unwrap_or_default();
    product.upc = text("upc").map(str::to_owned);
    product.active = of("active").and_then(Value::as_bool).unwrap_or(true);
    product.fields.clone_from(&given);
    product.modified = now;
    Reply::ok(json!({"success": true, "message": "The requested product has been updated."})).applied()
}

/// `GET /customers`.
pub fn customers(s: &State, call: &Call) -> Reply {
    let slice = match Slice::of(call) {
        Ok(slice) => slice,
        Err(refusal) => return refusal,
    };
    let part = |customer: &Customer, name: &str| customer.address.get(name).and_then(Value::as_str).map(str::to_owned);
    let (state, country) = (call.query.get("stateCode"), call.query.get("countryCode"));
    let fits = |customer: &&Customer| {
        state.is_none_or(|state| part(customer, "state").as_deref() == Some(state))
            && country.is_none_or(|country| part(customer, "country").as_deref() == Some(country))
    };
    let mut rows: Vec<&Customer> = s.customers.values().filter(fits).collect();
    match call.query.get("sortBy").map(str::to_lowercase).as_deref() {
        Some("name") => rows.sort_by_key(|customer| part(customer, "name")),
        Some("modifydate") => rows.sort_by_key(|customer| (customer.modified, customer.id)),
        Some("createdate") => rows.sort_by_key(|customer| (customer.created, customer.id)),
        _ => {}
    }
    if call.query.get("sortDir").is_some_and(|dir| dir.eq_ignore_ascii_case("desc")) {
        rows.reverse();
    }
    let page = slice.cut(&rows).into_iter().map(show::customer).collect();
    slice.envelope("customers", page, rows.len(), None)
}

/// `GET /customers/{id}`.
pub fn customer(s: &State, text: &str) -> Reply {
    let customer = id(text).and_then(|id| s.customers.get(&id));
    customer.map_or_else(not_found, |customer| Reply::ok(show::customer(customer)))
}

fn shown_store(store: &Store) -> Value {
    json!({
        "storeId": store.id,
        "storeName": store.name,
        "marketplaceId": store.marketplace_id,
        "marketplaceName": store.marketplace,
        "accountName": null,
        "email": null,
        "integrationUrl": null,
        "active": store.active,
        "companyName": "",
        "phone": "",
        "publicEmail": "",
        "website": "",
        // The samples show the refresh date in UTC and the attempt in Pacific time.
        "refreshDate": zulu(store.refreshed).trim_end_matches('Z'),
        "lastRefreshAttempt": pacific_short(store.refreshed),
        "createDate": pacific_short(store.created),
        "modifyDate": pacific_short(store.created),
        "autoRefresh": false,
        "statusMappings": null,
    })
}

/// `GET /stores`: a bare list.
pub fn stores(s: &State, query: &Query) -> Reply {
    let inactive = query.get("showInactive").is_some_and(|text| text.eq_ignore_ascii_case("true"));
    let marketplace = query.get("marketplaceId").and_then(|text| text.parse::<i64>().ok());
    let fits = |store: &&Store| {
        (inactive || store.active) && marketplace.is_none_or(|marketplace| store.marketplace_id == marketplace)
    };
    Reply::ok(s.stores.values().filter(fits).map(shown_store).collect())
}

/// `GET /stores/{id}`.
pub fn store(s: &State, text: &str) -> Reply {
    let store = id(text).and_then(|id| s.stores.get(&id));
    store.map_or_else(not_found, |store| Reply::ok(shown_store(store)))
}

/// `GET /stores/marketplaces`: a bare list.
pub fn marketplaces(s: &State) -> Reply {
    let row = |store: &Store| {
        json!({"name": store.marketplace, "marketplaceId": store.marketplace_id, "canRefresh": store.marketplace_id != 0,
               "supportsCustomMappings": true, "supportsCustomStatuses": false, "canConfirmShipments": true})
    };
    Reply::ok(s.stores.values().map(row).collect())
}

fn asked_store(s: &State, query: &Query) -> Option<i64> {
    query.get("storeId").and_then(id).filter(|id| s.stores.contains_key(id))
}

/// `GET /stores/getrefreshstatus`.
pub fn refresh_status(s: &State, query: &Query) -> Reply {
    let Some(store) = asked_store(s, query).and_then(|id| s.stores.get(&id)) else { return not_found() };
    Reply::ok(json!({
        "storeId": store.id, "refreshStatusId": 2, "refreshStatus": "Updating orders",
        "lastRefreshAttempt": pacific_short(store.refreshed), "refreshDate": zulu(store.refreshed).trim_end_matches('Z'),
    }))
}

/// `POST /stores/refreshstore`.
pub fn refresh(s: &mut State, now: DateTime<Utc>, query: &Query) -> Reply {
    if query.get("refreshDate").is_some() && Span::of(query, "refreshDate").is_err() {
        return invalid("refreshDate", "The value is not valid for refreshDate.");
    }
    let Some(store) = asked_store(s, query).and_then(|id| s.stores.get_mut(&id)) else { return not_found() };
    store.refreshed = now;
    Reply::ok(json!({"success": true, "message": "Store refresh has been initiated."})).applied()
}

fn shown_warehouse(warehouse: &ShipFrom) -> Value {
    json!({
        "warehouseId": warehouse.id,
        "warehouseName": warehouse.name,
        "originAddress": warehouse.address,
        "returnAddress": warehouse.address,
        "createDate": pacific(warehouse.created),
        "isDefault": warehouse.is_default,
        "sellerIntegrationId": null,
        "extInventoryIdentity": null,
        "registerFedexMeter": null,
    })
}

/// `GET /warehouses`: a bare list of ship-from locations.
pub fn warehouses(s: &State) -> Reply {
    Reply::ok(s.warehouses.values().map(shown_warehouse).collect())
}

/// `GET /warehouses/{id}`.
pub fn warehouse(s: &State, text: &str) -> Reply {
    let warehouse = id(text).and_then(|id| s.warehouses.get(&id));
    warehouse.map_or_else(not_found, |warehouse| Reply::ok(shown_warehouse(warehouse)))
}

fn shown_carrier(carrier: &catalogue::Carrier) -> Value {
    json!({
        "name": carrier.name,
        "code": carrier.code,
        "accountNumber": carrier.account,
        "requiresFundedAccount": carrier.funded,
        "balance": if carrier.funded { json!(24) } else { json!(0) },
        "nickname": null,
        "shippingProviderId": carrier.provider_id,
        "primary": true,
    })
}

/// `GET /carriers`: a bare list.
pub fn carriers() -> Reply {
    Reply::ok(CARRIERS.iter().map(shown_carrier).collect())
}

fn asked_carrier(query: &Query) -> Result<&'static catalogue::Carrier, Reply> {
    let Some(code) = query.get("carrierCode") else {
        return Err(invalid("carrierCode", "The carrierCode field is required."));
    };
    catalogue::carrier(code).ok_or_else(not_found)
}

/// `GET /carriers/getcarrier`.
pub fn carrier(query: &Query) -> Reply {
    asked_carrier(query).map_or_else(|refusal| refusal, |carrier| Reply::ok(shown_carrier(carrier)))
}

/// `GET /carriers/listservices`: a bare list.
pub fn services(query: &Query) -> Reply {
    let list = |carrier: &'static catalogue::Carrier| {
        let row = |(code, name, domestic, _): &(&str, &str, bool, i64)| json!({"carrierCode": carrier.code, "code": code, "name": name, "domestic": domestic, "international": !domestic});
        Reply::ok(carrier.services.iter().map(row).collect())
    };
    asked_carrier(query).map_or_else(|refusal| refusal, list)
}

/// `GET /carriers/listpackages`: a bare list.
pub fn packages(query: &Query) -> Reply {
    let list = |carrier: &'static catalogue::Carrier| {
        let row = |(code, name): &(&str, &str)| json!({"carrierCode": carrier.code, "code": code, "name": name, "domestic": true, "international": true});
        Reply::ok(PACKAGES.iter().map(row).collect())
    };
    asked_carrier(query).map_or_else(|refusal| refusal, list)
}

/// `GET /accounts/listtags`: a bare list.
pub fn tags(s: &State) -> Reply {
    Reply::ok(s.tags.values().map(|tag| json!({"tagId": tag.id, "name": tag.name, "color": tag.color})).collect())
}

/// `GET /users`: a bare list.
pub fn users() -> Reply {
    Reply::ok(json!([{"userId": USER_ID, "userName": "owner@shop.test", "name": "Shop Owner"}]))
}
