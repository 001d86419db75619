//! Reading orders.

use super::super::model::{Order, State};
use super::super::shape::STATUSES;
use super::super::wire::{Call, Reply};
use super::paging::{Short, Slice, Span, whole, word};
use super::{id, invalid, not_found, show};
use chrono::{DateTime, Utc};
use serde_json::Value;

/// `GET /orders`.
pub fn list(s: &mut State, now: DateTime<Utc>, call: &Call) -> Reply {
    select(s, call).map_or_else(
        |refusal| refusal,
        |(ids, slice)| {
            let short = s.on("pages_undercount").then_some(Short::OneLess);
            let page = slice.cut(&ids);
            let rows: Vec<Value> = page.iter().filter_map(|id| s.order(*id)).map(show::order).collect();
            if s.on("shifting_pages")
                && let Some(first) = page.first()
            {
                s.change(*first, now, |_| ());
            }
            slice.envelope("orders", rows, ids.len(), short)
        },
    )
}

fn select(s: &State, call: &Call) -> Result<(Vec<i64>, Slice), Reply> {
    let query = &call.query;
    let slice = Slice::of(call)?;
    let (created, modified) = (Span::of(query, "createDate")?, Span::of(query, "modifyDate")?);
    let (ordered, paid) = (Span::of(query, "orderDate")?, Span::of(query, "paymentDate")?);
    let status = word(query, "orderStatus", STATUSES)?;
    let store = whole(query, "storeId")?;
    let customer = query.get("customerName").map(str::to_lowercase);
    let keyword = query.get("itemKeyword").map(str::to_lowercase);
    let number = query.get("orderNumber").map(str::to_lowercase);
    let fits = |order: &&Order| {
        !order.gone
            && created.between(order.created)
            && modified.between(order.modified)
            && ordered.after_up_to(order.date)
            && (!paid.is_set() || order.paid.is_some_and(|at| paid.within(at)))
            && status.is_none_or(|status| order.status == status)
            && store.is_none_or(|store| order.advanced.get("storeId").and_then(Value::as_i64) == Some(store))
            && customer.as_ref().is_none_or(|name| names(order).any(|n| n.to_lowercase().contains(name)))
            && keyword.as_ref().is_none_or(|word| mentions(order, word))
            // Starts-with, not equals.
            && number.as_ref().is_none_or(|number| order.number.to_lowercase().starts_with(number))
    };
    let mut orders: Vec<&Order> = s.orders.values().filter(fits).collect();
    match word(query, "sortBy", &["OrderDate", "ModifyDate", "CreateDate"])? {
        Some("OrderDate") => orders.sort_by_key(|order| (order.date, order.id)),
        Some("ModifyDate") => orders.sort_by_key(|order| (order.modified, order.id)),
        Some("CreateDate") => orders.sort_by_key(|order| (order.created, order.id)),
        _ => {}
    }
    if word(query, "sortDir", &["ASC", "DESC"])? == Some("DESC") {
        orders.reverse();
    }
    Ok((orders.iter().map(|order| order.id).collect(), slice))
}

fn names(order: &Order) -> impl Iterator<Item = &str> {
    let bill_to = order.fields.get("billTo").and_then(|address| address.get("name")).and_then(Value::as_str);
    [order.ship_to("name"), bill_to, order.text("customerUsername")].into_iter().flatten()
}

fn mentions(order: &Order, word: &str) -> bool {
    order.items.iter().any(|item| {
        let texts = ["sku", "name"].map(|name| item.fields.get(name).and_then(Value::as_str).unwrap_or_default());
        let options = item.fields.get("options").map(Value::to_string).unwrap_or_default();
        texts.into_iter().chain([options.as_str()]).any(|text| text.to_lowercase().contains(word))
    })
}

/// `GET /orders/{id}`. Merged-away and deleted orders are not found.
pub fn one(s: &State, text: &str, stale: bool) -> Reply {
    let Some(order) = id(text).and_then(|id| s.order(id)) else { return not_found() };
    let shown = s.older.get(&order.id).filter(|_| stale).unwrap_or(order);
    Reply::ok(show::order(shown))
}

/// `GET /orders/listbytag`: both filters are required.
pub fn list_by_tag(s: &State, call: &Call) -> Reply {
    let select = || {
        let Some(status) = word(&call.query, "orderStatus", STATUSES)? else {
            return Err(invalid("orderStatus", "The orderStatus field is required."));
        };
        let Some(tag) = whole(&call.query, "tagId")? else {
            return Err(invalid("tagId", "The tagId field is required."));
        };
        let slice = Slice::of(call)?;
        let fits = |order: &&Order| !order.gone && order.status == status && order.tag_ids.contains(&tag);
        Ok((s.orders.values().filter(fits).map(show::order).collect::<Vec<_>>(), slice))
    };
    match select() {
        Ok((rows, slice)) => slice.envelope("orders", slice.cut(&rows), rows.len(), None),
        Err(refusal) => refusal,
    }
}
