//! Records as the older interface prints them.

use super::super::catalogue::USER_ID;
use super::super::model::{Customer, Fulfillment, Item, Label, Order, Product, State};
use super::super::time::{pacific, pacific_short};
use super::super::wire::number;
use serde_json::{Map, Value, json};

fn pick(fields: &Map<String, Value>, name: &str) -> Value {
    fields.get(name).cloned().unwrap_or_default()
}

fn or(value: Value, fallback: Value) -> Value {
    if value.is_null() { fallback } else { value }
}

/// Fields that are shown as they were written.
const AS_WRITTEN: [&str; 12] = [
    "customerUsername",
    "customerEmail",
    "customerNotes",
    "internalNotes",
    "giftMessage",
    "paymentMethod",
    "requestedShippingService",
    "carrierCode",
    "serviceCode",
    "packageCode",
    "shipDate",
    "dimensions",
];

/// An order.
pub fn order(order: &Order) -> Value {
    let of = |name: &str| pick(&order.fields, name);
    let mut out = json!({
        "orderId": order.id,
        "orderNumber": order.number,
        "orderKey": order.key,
        "orderDate": pacific(order.date),
        "createDate": pacific(order.created),
        "modifyDate": pacific(order.modified),
        "paymentDate": order.paid.map(pacific),
        "shipByDate": order.ship_by.map(pacific),
        "orderStatus": order.status,
        "customerId": order.customer_id,
        "billTo": address(&of("billTo"), false),
        "shipTo": address(&of("shipTo"), true),
        "items": order.items.iter().map(item).collect::<Vec<_>>(),
        "orderTotal": number(order.total()),
        "amountPaid": number(order.amount("amountPaid")),
        "taxAmount": number(order.amount("taxAmount")),
        "shippingAmount": number(order.amount("shippingAmount")),
        "gift": or(of("gift"), json!(false)),
        "confirmation": or(of("confirmation"), json!("none")),
        "holdUntilDate": order.hold_until.map(|day| day.to_string()),
        "weight": or(weight(&of("weight")), json!({"value": 0, "units": "ounces", "WeightUnits": 1})),
        "insuranceOptions": insurance(&of("insuranceOptions")),
        "internationalOptions":
            or(of("internationalOptions"), json!({"contents": null, "customsItems": null, "nonDelivery": null})),
        "advancedOptions": advanced(order),
        "tagIds": if order.tag_ids.is_empty() { Value::Null } else { json!(order.tag_ids) },
        "userId": null,
        "externallyFulfilled": false,
        "externallyFulfilledBy": null,
        "externallyFulfilledById": null,
        "externallyFulfilledByName": null,
        "labelMessages": null,
    });
    for name in AS_WRITTEN {
        out[name] = of(name);
    }
    out
}

fn advanced(order: &Order) -> Value {
    let of = |name: &str| pick(&order.advanced, name);
    let flag = |name: &str| or(of(name), json!(false));
    json!({
        "warehouseId": of("warehouseId"),
        "nonMachinable": flag("nonMachinable"),
        "saturdayDelivery": flag("saturdayDelivery"),
        "containsAlcohol": flag("containsAlcohol"),
        "mergedOrSplit": order.merged_or_split,
        "mergedIds": order.merged_ids,
        "parentId": order.parent_id,
        "storeId": of("storeId"),
        "customField1": of("customField1"),
        "customField2": of("customField2"),
        "customField3": of("customField3"),
        "source": of("source"),
        "billToParty": of("billToParty"),
        "billToAccount": of("billToAccount"),
        "billToPostalCode": of("billToPostalCode"),
        "billToCountryCode": of("billToCountryCode"),
        "billToMyOtherAccount": of("billToMyOtherAccount"),
    })
}

fn insurance(value: &Value) -> Value {
    json!({
        "provider": value.get("provider"),
        "insureShipment": or(value.get("insureShipment").cloned().unwrap_or_default(), json!(false)),
        "insuredValue": or(value.get("insuredValue").cloned().unwrap_or_default(), json!(0)),
    })
}

/// Ounces are 1, pounds 0 and grams 2 in the number that only answers carry.
fn weight(value: &Value) -> Value {
    let Value::Object(fields) = value else { return Value::Null };
    let units = pick(fields, "units");
    let code = match units.as_str() {
        Some("pounds") => 0,
        Some("grams") => 2,
        _ => 1,
    };
    json!({
        "value": or(pick(fields, "value"), json!(0)),
        "units": or(units, json!("ounces")),
        "WeightUnits": code,
    })
}

fn address(value: &Value, checked: bool) -> Value {
    let mut out = Map::new();
    for field in super::super::shape::ADDRESS {
        out.insert(field.name.to_owned(), value.get(field.name).cloned().unwrap_or_default());
    }
    out.insert("addressVerified".to_owned(), if checked { json!("Address not yet validated") } else { Value::Null });
    Value::Object(out)
}

fn item(item: &Item) -> Value {
    let mut out = Map::new();
    for field in super::super::shape::ITEM {
        out.insert(field.name.to_owned(), pick(&item.fields, field.name));
    }
    out.insert("orderItemId".to_owned(), json!(item.id));
    out.insert("quantity".to_owned(), json!(item.quantity()));
    out.insert("weight".to_owned(), weight(&pick(&item.fields, "weight")));
    out.insert("createDate".to_owned(), json!(pacific_short(item.created)));
    out.insert("modifyDate".to_owned(), json!(pacific_short(item.modified)));
    Value::Object(out)
}

/// A label, which this interface calls a shipment.
pub fn label(s: &State, label: &Label, with_items: bool) -> Value {
    let order = label.order_id.and_then(|id| s.orders.get(&id));
    let lines = || -> Vec<Value> {
        let names = ["lineItemKey", "sku", "name", "imageUrl", "unitPrice", "warehouseLocation", "options"];
        let line = |(item, quantity): &(Item, i64)| {
            let mut out = json!({
                "orderItemId": item.id,
                "quantity": quantity,
                "productId": pick(&item.fields, "productId"),
                "fulfillmentSku": pick(&item.fields, "fulfillmentSku"),
                "weight": weight(&pick(&item.fields, "weight")),
            });
            for name in names {
                out[name] = pick(&item.fields, name);
            }
            out
        };
        label.items.iter().map(line).collect()
    };
    json!({
        "shipmentId": label.id,
        "orderId": label.order_id,
        "orderKey": order.map(|order| &order.key),
        "userId": USER_ID,
        "customerEmail": order.and_then(|order| order.text("customerEmail")),
        "orderNumber": order.map(|order| &order.number),
        "createDate": pacific(label.created),
        "shipDate": label.ship_date.to_string(),
        "shipmentCost": number(label.cost),
        "insuranceCost": number(label.insurance_cost),
        "trackingNumber": label.tracking_number,
        "isReturnLabel": label.is_return,
        "batchNumber": null,
        "carrierCode": label.carrier,
        "serviceCode": label.service,
        "packageCode": label.package,
        "confirmation": label.confirmation,
        "warehouseId": order.map(|order| pick(&order.advanced, "warehouseId")),
        "voided": label.voided.is_some(),
        "voidDate": label.voided.map(pacific),
        "marketplaceNotified": label.marketplace_notified,
        "notifyErrorMessage": null,
        "shipTo": order.map(|order| address(&pick(&order.fields, "shipTo"), true)),
        "weight": order.map(|order| weight(&pick(&order.fields, "weight"))),
        "dimensions": null,
        "insuranceOptions": insurance(&Value::Null),
        "advancedOptions": null,
        "shipmentItems": if with_items { json!(lines()) } else { Value::Null },
        "labelData": null,
        "formData": null,
    })
}

/// An order marked as shipped.
pub fn fulfillment(s: &State, fulfillment: &Fulfillment) -> Value {
    let order = s.orders.get(&fulfillment.order_id);
    json!({
        "fulfillmentId": fulfillment.id,
        "orderId": fulfillment.order_id,
        "orderNumber": order.map(|order| &order.number),
        "userId": USER_ID,
        "customerEmail": order.and_then(|order| order.text("customerEmail")),
        "trackingNumber": fulfillment.tracking_number,
        "createDate": pacific(fulfillment.created),
        "shipDate": format!("{}T00:00:00.0000000", fulfillment.ship_date),
        "voidDate": null,
        "deliveryDate": null,
        "carrierCode": fulfillment.carrier,
        "sellerFillProviderId": null,
        "sellerFillProviderName": null,
        "fulfillmentProviderCode": null,
        "fulfillmentServiceCode": null,
        "fulfillmentFee": 0,
        "voidRequested": false,
        "voided": false,
        "marketplaceNotified": fulfillment.marketplace_notified,
        "notifyErrorMessage": null,
        "shipTo": order.map(|order| address(&pick(&order.fields, "shipTo"), true)),
    })
}

/// Fields of a product that are shown as they were written.
const OTHERS: [&str; 21] = [
    "length",
    "width",
    "height",
    "internalNotes",
    "fulfillmentSku",
    "productCategory",
    "productType",
    "warehouseLocation",
    "defaultCarrierCode",
    "defaultServiceCode",
    "defaultPackageCode",
    "defaultIntlCarrierCode",
    "defaultIntlServiceCode",
    "defaultIntlPackageCode",
    "defaultConfirmation",
    "defaultIntlConfirmation",
    "customsDescription",
    "customsValue",
    "customsTariffNo",
    "customsCountryCode",
    "noCustoms",
];

/// A product.
pub fn product(product: &Product) -> Value {
    let mut out = json!({
        "aliases": null,
        "productId": product.id,
        "sku": product.sku,
        "name": product.name,
        "price": number(product.price),
        "defaultCost": product.cost.map(number),
        "weightOz": number(product.weight_oz),
        "createDate": pacific_short(product.created),
        "modifyDate": pacific_short(product.modified),
        "active": product.active,
        "tags": null,
        "upc": product.upc,
        "thumbnailUrl": null,
    });
    for name in OTHERS {
        out[name] = pick(&product.fields, name);
    }
    out
}

/// A customer.
pub fn customer(customer: &Customer) -> Value {
    let of = |name: &str| pick(&customer.address, name);
    json!({
        "customerId": customer.id,
        "createDate": pacific(customer.created),
        "modifyDate": pacific(customer.modified),
        "name": of("name"),
        "company": of("company"),
        "street1": of("street1"),
        "street2": of("street2"),
        "city": of("city"),
        "state": of("state"),
        "postalCode": of("postalCode"),
        "countryCode": of("country"),
        "phone": of("phone"),
        "email": customer.email,
        "addressVerified": "Unverified",
        "marketplaceUsernames": [{
            "customerUserId": customer.id + 1_000_000,
            "customerId": customer.id,
            "createDate": pacific(customer.created),
            "modifyDate": pacific(customer.modified),
            "marketplaceId": 0,
            "marketplace": "ShipStation",
            "username": customer.username,
        }],
        "tags": null,
    })
}
