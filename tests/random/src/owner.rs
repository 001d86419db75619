//! What the owner does, through the methods the window calls. A refusal is no fault: owners try what can't be.

use crate::day::{Act, DESCRIPTION, Day, INTERNAL, NOTE, NOTES, PHONE};
use crate::shop::Shop;
use anyhow::{Context as _, Result};
use backroom_core::ids::{InvoiceId, MovementId, PaymentId};
use backroom_core::invoices::{InvoiceDraft, InvoiceLineDraft, InvoiceSource};
use backroom_core::items::{ItemDraft, ItemKind};
use backroom_core::orders::{OrderAction, OrderDraft, OrderLineDraft, ParcelDraft};
use backroom_core::payments::{AppliedDraft, PaymentDraft};
use backroom_core::stock::{StockChange, StockDraft};
use backroom_core::sync::{ConflictChoice, ConflictSide};
use backroom_core::testing;
use backroom_core::view::AddressView;
use chrono::Duration;
use std::collections::BTreeMap;
use std::str::FromStr;

/// What can be done, with its weight.
const ACTS: &[(u32, Act)] = &[
    (5, new_customer),
    (10, edit_customer),
    (3, archive_customer),
    (4, new_item),
    (5, edit_item),
    (2, archive_item),
    (7, new_order),
    (6, edit_order),
    (5, act_on_order),
    (9, new_invoice),
    (8, edit_invoice),
    (4, void_invoice),
    (9, record_payment),
    (3, void_payment),
    (5, change_stock),
    (5, solve_problem),
];

fn id<T: FromStr>(text: &str) -> Result<T> {
    T::from_str(text).ok().context("an id is no id")
}

impl Day {
    /// One thing.
    pub fn owner(&mut self, shop: &Shop) -> Result<()> {
        match self.chance.weighted(ACTS) {
            Some(act) => act(self, shop),
            None => Ok(()),
        }
    }

    fn pick(&mut self, shop: &Shop, table: &str, condition: &str) -> Result<Option<String>> {
        let ids = shop.file().ids(table, condition)?;
        Ok(self.chance.one(&ids).cloned())
    }

    fn today(shop: &Shop) -> String {
        // New York is four or five hours behind.
        (shop.world.now() - Duration::hours(5)).date_naive().to_string()
    }
}

fn new_customer(day: &mut Day, shop: &Shop) -> Result<()> {
    let mut draft = testing::customer(&day.text("Customer "));
    if day.chance.percent(50) {
        draft.email = format!("{}@buyers.example", day.text("c"));
    }
    if day.chance.percent(50) {
        draft.phone = day.text("555-");
    }
    let what = format!("new {}", draft.display_name);
    let saved = shop.core().save_customer(draft);
    day.outcome(shop, &what, saved)?;
    Ok(())
}

fn edit_customer(day: &mut Day, shop: &Shop) -> Result<()> {
    let Some(text) = day.pick(shop, "customers", "archived = 0")? else { return Ok(()) };
    let mut draft = shop.core().get_customer(id(&text)?)?.draft;
    let (field, value) = if day.chance.percent(50) { (PHONE, day.text("555-")) } else { (NOTES, day.text("note ")) };
    match field.column {
        "phone" => draft.phone.clone_from(&value),
        _ => draft.notes.clone_from(&value),
    }
    let renamed = day.chance.percent(15);
    if renamed {
        draft.display_name = day.text("Renamed ");
    }
    let what = format!("edit {} {} = {value}", draft.display_name, field.column);
    let saved = shop.core().save_customer(draft);
    if day.outcome(shop, &what, saved)?.is_some() {
        if renamed {
            day.wish("customer", &text, &["DisplayName", "FullyQualifiedName", "PrintOnCheckName"]);
        }
        day.edited(field, &text, &value);
    }
    Ok(())
}

fn archive_customer(day: &mut Day, shop: &Shop) -> Result<()> {
    let back = day.chance.percent(40);
    let Some(text) = day.pick(shop, "customers", if back { "archived = 1" } else { "archived = 0" })? else {
        return Ok(());
    };
    let name = shop.file().field("customers", "display_name", &text)?.unwrap_or_default();
    let done = shop.core().archive_customers(vec![id(&text)?], !back);
    if day.outcome(shop, &format!("{} {name}", if back { "bring back" } else { "archive" }), done)?.is_some() {
        day.let_go("customer", &text);
        day.wish("customer", &text, &["Active"]);
    }
    Ok(())
}

fn new_item(day: &mut Day, shop: &Shop) -> Result<()> {
    let sku = day.text("SKU-");
    let price = format!("{}.{:02}", day.chance.between(1, 90), day.chance.between(0, 99));
    let kind = day.chance.weighted(&[(5, ItemKind::Stocked), (2, ItemKind::NonStocked), (1, ItemKind::Service)]);
    let mut draft = ItemDraft { kind: kind.unwrap_or_default(), ..testing::item(&sku, &price) };
    if draft.kind == ItemKind::Stocked && day.chance.percent(70) {
        draft.opening_quantity = day.chance.between(1, 50).to_string();
    }
    let saved = shop.core().save_item(draft);
    day.outcome(shop, &format!("new item {sku} at {price}"), saved)?;
    Ok(())
}

fn edit_item(day: &mut Day, shop: &Shop) -> Result<()> {
    let Some(text) = day.pick(shop, "items", "archived = 0")? else { return Ok(()) };
    let mut draft = shop.core().get_item(id(&text)?)?.draft;
    let value = day.text("words ");
    draft.description.clone_from(&value);
    let priced = day.chance.percent(40);
    if priced {
        draft.unit_price = format!("{}.{:02}", day.chance.between(1, 90), day.chance.between(0, 99));
    }
    let what = format!("edit item {} description = {value}, price {}", draft.name, draft.unit_price);
    let saved = shop.core().save_item(draft);
    if day.outcome(shop, &what, saved)?.is_some() {
        day.edited(DESCRIPTION, &text, &value);
        if priced {
            day.wish("item", &text, &["UnitPrice"]);
        }
    }
    Ok(())
}

fn archive_item(day: &mut Day, shop: &Shop) -> Result<()> {
    let back = day.chance.percent(40);
    let Some(text) = day.pick(shop, "items", if back { "archived = 1" } else { "archived = 0" })? else {
        return Ok(());
    };
    let name = shop.file().field("items", "name", &text)?.unwrap_or_default();
    let done = shop.core().archive_items(vec![id(&text)?], !back);
    if day.outcome(shop, &format!("{} {name}", if back { "bring back" } else { "archive" }), done)?.is_some() {
        day.let_go("item", &text);
        day.wish("item", &text, &["Active"]);
    }
    Ok(())
}

fn address() -> AddressView {
    AddressView {
        name: "Ada Pine".to_owned(),
        line1: "12 Harbour Lane".to_owned(),
        city: "Portland".to_owned(),
        region: "ME".to_owned(),
        postal_code: "04101".to_owned(),
        country: "US".to_owned(),
        ..AddressView::default()
    }
}

fn new_order(day: &mut Day, shop: &Shop) -> Result<()> {
    let mut lines = Vec::new();
    for _ in 0..day.chance.between(1, 3) {
        let Some(text) = day.pick(shop, "items", "archived = 0")? else { return Ok(()) };
        lines.push(testing::order_line(&shop.core().get_item(id(&text)?)?, &day.chance.between(1, 4).to_string()));
    }
    let mut draft = OrderDraft { ordered_on: Day::today(shop), ship_to: address(), ..testing::order(lines) };
    if day.chance.percent(50)
        && let Some(customer) = day.pick(shop, "customers", "archived = 0")?
    {
        draft.customer_id = Some(id(&customer)?);
    }
    if day.chance.percent(30) {
        "5.00".clone_into(&mut draft.shipping);
    }
    let saved = shop.core().save_order(draft);
    day.outcome(shop, "new order", saved)?;
    Ok(())
}

fn edit_order(day: &mut Day, shop: &Shop) -> Result<()> {
    let Some(text) = day.pick(shop, "orders", "status IN ('awaiting_payment', 'open', 'on_hold')")? else {
        return Ok(());
    };
    let mut draft = shop.core().get_order(id(&text)?)?.draft;
    let value = day.text("inside ");
    draft.internal_note.clone_from(&value);
    let lines = format!("{:?}", draft.lines);
    if day.chance.percent(30)
        && let Some(line) = draft.lines.first_mut()
    {
        line.quantity = day.chance.between(1, 5).to_string();
    }
    if day.chance.percent(15)
        && let Some(item) = day.pick(shop, "items", "archived = 0")?
    {
        let line: OrderLineDraft = testing::order_line(&shop.core().get_item(id(&item)?)?, "1");
        draft.lines.push(line);
    }
    let what = format!("edit order {} internal note = {value}", draft.number);
    let same_lines = format!("{:?}", draft.lines) == lines;
    let saved = shop.core().save_order(draft);
    if day.outcome(shop, &what, saved)?.is_some() {
        day.edited(INTERNAL, &text, &value);
        if !same_lines {
            day.wish("order", &text, &["items", "orderTotal"]);
        }
    }
    Ok(())
}

fn act_on_order(day: &mut Day, shop: &Shop) -> Result<()> {
    let Some(text) = day.pick(shop, "orders", "status NOT IN ('shipped', 'cancelled')")? else { return Ok(()) };
    let until = Some((shop.world.now() + Duration::days(5)).date_naive().to_string());
    let until = until.filter(|_| day.chance.percent(60));
    let action = match day.chance.below(4) {
        0 => OrderAction::Hold { until },
        1 => OrderAction::Release,
        2 => OrderAction::Cancel,
        _ => OrderAction::MarkShipped {
            carrier: "ups".to_owned(),
            shipped_on: shop.world.now().date_naive().to_string(),
            notify_buyer: day.chance.percent(50),
            notify_channel: day.chance.percent(50),
            parcels: vec![ParcelDraft { order_id: id(&text)?, tracking_number: day.text("1Z") }],
        },
    };
    let number = shop.file().field("orders", "number", &text)?.unwrap_or_default();
    let ends = matches!(action, OrderAction::Cancel | OrderAction::MarkShipped { .. });
    let what = format!("order {number}: {action:?}");
    let done = shop.core().act_on_orders(vec![id(&text)?], action);
    if day.outcome(shop, &what, done)?.is_some() {
        if ends {
            day.let_go("order", &text);
        }
        day.wish_all("order", &text);
    }
    Ok(())
}

fn new_invoice(day: &mut Day, shop: &Shop) -> Result<()> {
    let order = if day.chance.percent(25) { day.pick(shop, "orders", "status <> 'cancelled'")? } else { None };
    let draft = if let Some(order) = order {
        let Some(draft) =
            day.outcome(shop, "bill an order", shop.core().new_invoice(InvoiceSource::Order { id: id(&order)? }))?
        else {
            return Ok(());
        };
        draft
    } else {
        let Some(customer) = day.pick(shop, "customers", "archived = 0")? else { return Ok(()) };
        let mut draft = shop.core().new_invoice(InvoiceSource::Customer { id: id(&customer)? })?;
        draft.lines.clear();
        for _ in 0..day.chance.between(1, 3) {
            draft.lines.push(invoice_line(day, shop)?);
        }
        draft
    };
    let mut draft = InvoiceDraft { as_draft: day.chance.percent(10), ..draft };
    if draft.customer_id.is_none()
        && let Some(customer) = day.pick(shop, "customers", "archived = 0")?
    {
        draft.customer_id = Some(id(&customer)?);
    }
    if day.chance.percent(25) {
        ["10%", "1.00"][day.chance.below(2)].clone_into(&mut draft.discount);
    }
    if day.chance.percent(25) {
        "7.50".clone_into(&mut draft.shipping);
    }
    let what = format!("new invoice {}{}", draft.number, if draft.as_draft { " (draft)" } else { "" });
    let saved = shop.core().save_invoice(draft);
    day.outcome(shop, &what, saved)?;
    Ok(())
}

fn invoice_line(day: &mut Day, shop: &Shop) -> Result<InvoiceLineDraft> {
    let price = format!("{}.{:02}", day.chance.between(1, 90), day.chance.between(0, 99));
    let mut line = testing::invoice_line(&day.text("Work "), &day.chance.between(1, 5).to_string(), &price);
    if day.chance.percent(75)
        && let Some(item) = day.pick(shop, "items", "archived = 0")?
    {
        line.item_id = Some(id(&item)?);
    }
    if day.chance.percent(15) {
        "10%".clone_into(&mut line.discount);
    }
    Ok(line)
}

fn edit_invoice(day: &mut Day, shop: &Shop) -> Result<()> {
    let Some(text) = day.pick(shop, "invoices", "status IN ('open', 'draft')")? else { return Ok(()) };
    let view = shop.core().get_invoice(id::<InvoiceId>(&text)?)?;
    let mut draft = view.draft;
    let value = day.text("remark ");
    draft.note.clone_from(&value);
    let more = day.chance.percent(30);
    if more {
        draft.lines.push(invoice_line(day, shop)?);
    }
    if draft.as_draft && day.chance.percent(60) {
        draft.as_draft = false;
    }
    let sent = !draft.as_draft;
    let what = format!("edit invoice {} note = {value}, {} lines", draft.number, draft.lines.len());
    let saved = shop.core().save_invoice(draft);
    if day.outcome(shop, &what, saved)?.is_some() && sent {
        day.edited(NOTE, &text, &value);
        if more {
            day.wish_all("invoice", &text);
        }
    }
    Ok(())
}

fn void_invoice(day: &mut Day, shop: &Shop) -> Result<()> {
    let Some(text) = day.pick(shop, "invoices", "status IN ('open', 'draft')")? else { return Ok(()) };
    let number = shop.file().field("invoices", "number", &text)?.unwrap_or_default();
    let done = shop.core().void_invoices(vec![id(&text)?]);
    if day.outcome(shop, &format!("void invoice {number}"), done)?.is_some() {
        day.let_go("invoice", &text);
        day.wish_all("invoice", &text);
    }
    Ok(())
}

fn record_payment(day: &mut Day, shop: &Shop) -> Result<()> {
    let owing = "id IN (SELECT customer_id FROM invoices WHERE status = 'open' AND balance_minor > 0)";
    let Some(customer) = day.pick(shop, "customers", owing)? else { return Ok(()) };
    let open = shop.core().open_invoices(id(&customer)?)?;
    let mut applied = Vec::new();
    let mut sum = 0;
    for invoice in open.iter().take(3) {
        let balance: i64 = invoice.balance.minor.parse()?;
        let part = if day.chance.percent(60) { balance } else { day.chance.between(1, balance.max(1)) };
        applied.push(AppliedDraft { invoice_id: invoice.id, amount: decimal(part) });
        sum += part;
    }
    if day.chance.percent(15) {
        sum += day.chance.between(1, 500);
    }
    let draft = PaymentDraft {
        id: PaymentId::new(),
        customer_id: id(&customer)?,
        received_on: Day::today(shop),
        amount: decimal(sum),
        method: ["Cash", "Check", "Bitcoin"][day.chance.below(3)].to_owned(),
        reference: day.text("ref "),
        note: if day.chance.percent(30) { day.text("thanks ") } else { String::new() },
        applied,
    };
    let what = format!("payment of {} for {} invoices", draft.amount, draft.applied.len());
    let twice = day.chance.percent(20).then(|| draft.clone());
    let saved = shop.core().record_payment(draft);
    day.outcome(shop, &what, saved)?;
    if let Some(draft) = twice {
        let saved = shop.core().record_payment(draft);
        day.outcome(shop, "the same payment again", saved)?;
    }
    Ok(())
}

fn decimal(minor: i64) -> String {
    format!("{}.{:02}", minor / 100, minor % 100)
}

fn void_payment(day: &mut Day, shop: &Shop) -> Result<()> {
    let Some(text) = day.pick(shop, "payments", "voided = 0")? else { return Ok(()) };
    let reference = shop.file().field("payments", "reference", &text)?.unwrap_or_default();
    let done = shop.core().void_payment(id(&text)?);
    if day.outcome(shop, &format!("cancel payment {reference}"), done)?.is_some() {
        day.wish_all("payment", &text);
    }
    Ok(())
}

fn change_stock(day: &mut Day, shop: &Shop) -> Result<()> {
    let Some(text) = day.pick(shop, "items", "kind = 'stocked'")? else { return Ok(()) };
    let change = day.chance.weighted(&[(4, StockChange::Receive), (2, StockChange::Adjust), (2, StockChange::Count)]);
    let change = change.unwrap_or(StockChange::Receive);
    let quantity = if change == StockChange::Adjust { day.chance.between(-5, 5) } else { day.chance.between(0, 30) };
    let draft = StockDraft {
        id: MovementId::new(),
        item_id: id(&text)?,
        location_id: shop.core().choices()?.locations.first().context("a location")?.id,
        to_location_id: None,
        change,
        quantity: quantity.to_string(),
        note: String::new(),
        seen: None,
        counted_before: false,
    };
    let done = shop.core().change_stock(draft);
    day.outcome(shop, &format!("stock {change:?} {quantity}"), done)?;
    Ok(())
}

/// Chooses a side for each group of fields of a conflict.
fn decide(day: &mut Day, shop: &Shop, kind: &str, about: &str) -> backroom_core::Result<()> {
    let conflicts = shop.core().list_conflicts(None, 200)?.rows;
    let Some(conflict) = conflicts.into_iter().find(|found| found.kind == kind && found.record_id == about) else {
        return Ok(());
    };
    let mut sides = BTreeMap::new();
    let choices: Vec<ConflictChoice> = conflict
        .fields
        .into_iter()
        .map(|field| {
            let ours = day.chance.percent(50);
            let side =
                *sides.entry(field.group).or_insert(if ours { ConflictSide::Ours } else { ConflictSide::Theirs });
            ConflictChoice { field: field.field, side }
        })
        .collect();
    shop.core().resolve_conflict(conflict.connection_id, kind, about, &choices)
}

fn solve_problem(day: &mut Day, shop: &Shop) -> Result<()> {
    let problems = shop.file().problems()?;
    let Some(problem) = day.chance.one(&problems).cloned() else { return Ok(()) };
    let about = problem.local_id.clone().unwrap_or_default();
    let decided = matches!(problem.code.as_str(), "brake" | "conflict" | "same_payment" | "more_than_due");
    let retry = decided || day.chance.percent(70);
    let verb = if retry { "try again" } else { "let it be" };
    let what = format!("{verb}: {} {} {}", problem.kind, problem.code, problem.message);
    let done = match (problem.code.as_str(), &problem.outbox_id) {
        ("brake", _) => shop.core().release_brake(id(&problem.id)?),
        ("conflict", _) => decide(day, shop, &problem.kind, &about),
        ("same_payment", _) => {
            let same = day.chance.percent(50);
            day.said_apart |= !same;
            shop.core().answer_same_payment(id(&problem.id)?, same)
        }
        ("more_than_due", _) => shop.core().answer_same_payment(id(&problem.id)?, false),
        _ if retry => shop.core().retry_problems(vec![id(&problem.id)?]),
        (_, Some(entry)) => shop.core().drop_outbox(id(entry)?, "It need not go"),
        (_, None) => shop.core().dismiss_problem(id(&problem.id)?),
    };
    if day.outcome(shop, &what, done)?.is_none() {
        return Ok(());
    }
    if retry && matches!(problem.code.as_str(), "deleted_after_arrival" | "deleted_there" | "gone" | "needed_there") {
        // The owner wants it anew.
        day.graves.retain(|grave| grave.kind != problem.kind);
    }
    day.wish_all(&problem.kind, &about);
    if problem.code == "unreadable" && !retry {
        // Put away, it is looked at again only when it changes. It may be reported without its id.
        let of_kind = day.poisoned.iter().filter(|(kind, _)| *kind == problem.kind).cloned().collect::<Vec<_>>();
        day.spoiled.extend(of_kind);
    }
    if !retry {
        day.left_out.insert((problem.kind.clone(), about.clone()));
    }
    // Trying what was voided over there again puts the problem away and sends nothing.
    if !retry || matches!(problem.code.as_str(), "conflict" | "voided_there") {
        day.let_go(&problem.kind, &about);
    }
    Ok(())
}
