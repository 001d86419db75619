//! Both sides beside each other: they show the same in every shared field, except where a problem says why not.

use crate::file::{File, Link};
use anyhow::{Result, bail, ensure};
use rust_decimal::Decimal;
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};
use vendor_sim::quickbooks::Kind;
use vendor_sim::{Vendor, World};

type Row = Map<String, Value>;

/// Looks both sides up and compares them.
struct Sides<'a> {
    long_absence: bool,
    /// What a problem or a waiting change explains: kind and local id.
    explained: BTreeSet<(String, String)>,
    /// The same by remote id.
    explained_there: BTreeSet<(String, String)>,
    /// Live links: kind and remote id to local id.
    links: BTreeMap<(String, String), String>,
    /// And the other way round.
    remotes: BTreeMap<(String, String), String>,
    tombstones: BTreeSet<(String, String)>,
    /// Invoices with a payment that a problem keeps on one side: what is left to pay differs until that is solved.
    half_paid: BTreeSet<String>,
    file: &'a File,
}

/// Compares what lies here with what the vendors keep. `left_out` are records that the owner chose not to send, and deletions that
/// happened during a long absence can't be seen any more.
/// Records in `spoiled` came in with half a character, and stay so until they change.
pub fn compare(
    world: &World,
    file: &File,
    left_out: &BTreeSet<(String, String)>,
    spoiled: &BTreeSet<(String, String)>,
    long_absence: bool,
) -> Result<()> {
    let (mut explained, mut explained_there) = (left_out.clone(), spoiled.clone());
    for problem in file.problems()? {
        if let Some(local) = problem.local_id {
            explained.insert((problem.kind.clone(), local));
        }
        if let Some(remote) = problem.remote_id {
            explained_there.insert((problem.kind, remote));
        }
    }
    for row in file.rows("SELECT direction, kind, record FROM sync_decisions")? {
        let named = (row[1].clone(), row[2].clone());
        if row[0] == "in" {
            explained_there.insert(named)
        } else {
            explained.insert(named)
        };
    }
    for entry in file.outbox()? {
        let record = (entry.kind.clone(), entry.local_id.clone());
        // One behind another one of the same record waits for that.
        let told = entry.state == "rejected" || !entry.why.is_empty() || explained.contains(&record);
        ensure!(told, "a change waits without a reason: {entry:?}");
        explained.insert(record);
    }
    explain_orders(file, &mut explained)?;
    let (mut links, mut remotes, mut tombstones) = (BTreeMap::new(), BTreeMap::new(), BTreeSet::new());
    for Link { kind, remote_id, local_id, deleted, .. } in file.links()? {
        if deleted {
            // What an undo voided over there is still shown there.
            if left_out.contains(&(kind.clone(), local_id)) {
                explained_there.insert((kind.clone(), remote_id.clone()));
            }
            tombstones.insert((kind, remote_id));
        } else {
            links.insert((kind.clone(), remote_id.clone()), local_id.clone());
            remotes.insert((kind, local_id), remote_id);
        }
    }
    wait_for_what_is_left_out(file, &links, &mut explained_there)?;
    for (kind, remote_id) in file.parked()? {
        ensure!(
            explained_there.contains(&(kind.clone(), remote_id.clone()))
                || links
                    .get(&(kind.clone(), remote_id.clone()))
                    .is_some_and(|l| explained.contains(&(kind.clone(), l.clone()))),
            "{kind} {remote_id} is put aside without a word"
        );
    }
    let half_paid = BTreeSet::new();
    let mut sides = Sides { long_absence, explained, explained_there, links, remotes, tombstones, half_paid, file };
    let payments = world.read(|state| state.quickbooks.books.all(Kind::Payment).cloned().collect::<Vec<Row>>());
    sides.half_paid = sides.half_paid(&payments)?;
    world.read(|state| -> Result<()> {
        let rows = |kind: Kind| state.quickbooks.books.all(kind).cloned().collect::<Vec<Row>>();
        sides.kind("customer", &rows(Kind::Customer), CUSTOMERS, Sides::customer)?;
        sides.kind("item", &rows(Kind::Item), ITEMS, Sides::item)?;
        sides.kind("invoice", &rows(Kind::Invoice), INVOICES, |row| sides.invoice(row))?;
        sides.kind("payment", &rows(Kind::Payment), PAYMENTS, |row| sides.payment(row))
    })?;
    let mut orders: Vec<Row> = rows(&world.dump(Vendor::Shipstation), "orders");
    let gone = |id: i64| world.read(|state| state.shipstation.orders.get(&id).is_some_and(|order| order.gone));
    orders.retain(|row| !row.get("orderId").and_then(Value::as_i64).is_some_and(gone));
    sides.kind("order", &orders, ORDERS, Sides::order)?;
    sides.processor(&world.dump(Vendor::Stripe))
}

/// What keeps a parcel of ours keeps its order from being shipped there.
fn explain_orders(file: &File, explained: &mut BTreeSet<(String, String)>) -> Result<()> {
    for parcel in file.rows("SELECT id, order_id FROM shipments WHERE order_id IS NOT NULL")? {
        if explained.contains(&("shipment".to_owned(), parcel[0].clone())) {
            explained.insert(("order".to_owned(), parcel[1].clone()));
        }
    }
    Ok(())
}

/// Money that came in by card is recorded once, also where the bookkeeper entered it too; unless the owner said it is two payments.
pub fn once_paid(day: &crate::day::Day, shop: &crate::shop::Shop) -> Result<()> {
    let asked = shop.file().problems()?.iter().any(|problem| match problem.code.as_str() {
        "same_payment" => true,
        // What was entered while ours was being sent, or had been sent without an answer, can only be reported.
        "there_twice" => day.entered_in_a_run,
        _ => false,
    });
    if day.said_apart || day.long_absence || asked {
        return Ok(());
    }
    let twice =
        "SELECT c.remote_id, count(*) FROM charges c JOIN payments p ON p.voided = 0 AND length(p.reference) >= 18
            AND substr(c.remote_id, 1, length(p.reference)) = p.reference GROUP BY c.remote_id HAVING count(*) > 1";
    let twice = shop.file().rows(twice)?;
    ensure!(twice.is_empty(), "recorded twice: {twice:?}");
    Ok(())
}

/// What came in and names a record that the owner keeps out, or one that waits for such a record, waits with it.
fn wait_for_what_is_left_out(
    file: &File,
    links: &BTreeMap<(String, String), String>,
    explained_there: &mut BTreeSet<(String, String)>,
) -> Result<()> {
    for _ in 0..4 {
        for parked in file.rows("SELECT kind, remote_id, coalesce(record, '') FROM parked")? {
            let names = |(kind, remote): &(String, String)| {
                let is_out = !links.contains_key(&(kind.clone(), remote.clone()));
                is_out && parked[2].contains(&format!("\"{kind}\":\"{remote}\""))
            };
            if explained_there.iter().any(names) {
                explained_there.insert((parked[0].clone(), parked[1].clone()));
            }
        }
    }
    Ok(())
}

fn rows(dump: &Value, name: &str) -> Vec<Row> {
    dump[name].as_array().into_iter().flatten().filter_map(Value::as_object).cloned().collect()
}

const CUSTOMERS: &str = "SELECT id, display_name, company, email, phone, notes, archived FROM customers";
const ITEMS: &str =
    "SELECT id, name, sku, description, unit_price_minor * 100000 + unit_price_finer, archived FROM items";
const INVOICES: &str = "SELECT id, number, status = 'void', CASE status WHEN 'void' THEN '' ELSE issued_on END,
    CASE status WHEN 'void' THEN '' ELSE due_on END, CASE status WHEN 'void' THEN '' ELSE customer_id END,
    CASE status WHEN 'void' THEN 0 ELSE total_minor END, CASE status WHEN 'void' THEN 0 ELSE balance_minor END,
    CASE status WHEN 'void' THEN '' ELSE note END, CASE status WHEN 'void' THEN '' ELSE message END FROM invoices";
/// Place of the balance among an invoice's fields.
const BALANCE: usize = 6;
const PAYMENTS: &str = "SELECT id, voided, CASE voided WHEN 1 THEN '' ELSE received_on END,
    CASE voided WHEN 1 THEN '' ELSE customer_id END, CASE voided WHEN 1 THEN 0 ELSE amount_minor END,
    coalesce((SELECT group_concat(invoice_id || '=' || amount_minor, ' ') FROM (SELECT * FROM payment_applications a
        WHERE a.payment_id = p.id AND p.voided = 0 ORDER BY invoice_id)), '') FROM payments p";
/// Place of the status among an order's fields.
const STATUS: usize = 1;
const ORDERS: &str = "SELECT id, number, CASE status WHEN 'partly_shipped' THEN 'open' ELSE status END, total_minor,
    customer_note, internal_note, (SELECT group_concat(sku || 'x' || (quantity_scaled / 10000), ' ') FROM
        (SELECT * FROM order_lines l WHERE l.order_id = o.id ORDER BY sku, quantity_scaled)) FROM orders o";

fn text(row: &Row, path: &str) -> String {
    let mut value = row.get(path.split('.').next().unwrap_or_default());
    for part in path.split('.').skip(1) {
        value = value.and_then(|value| value.get(part));
    }
    match value {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Null) | None => String::new(),
        Some(other) => other.to_string(),
    }
}

/// An amount in minor units, rounded half away from zero as prices are.
pub fn minor(row: &Row, path: &str) -> String {
    let amount: Decimal = text(row, path).parse().unwrap_or_default();
    let cents =
        (amount * Decimal::ONE_HUNDRED).round_dp_with_strategy(0, rust_decimal::RoundingStrategy::MidpointAwayFromZero);
    cents.normalize().to_string()
}

/// A price in ten-millionths, as exact as both sides keep it.
fn price(row: &Row, path: &str) -> String {
    let price: Decimal = text(row, path).parse().unwrap_or_default();
    (price * Decimal::from(10_000_000)).normalize().to_string()
}

impl Sides<'_> {
    fn half_paid(&self, payments: &[Row]) -> Result<BTreeSet<String>> {
        let mut half_paid = BTreeSet::new();
        let present: BTreeSet<String> = payments.iter().map(|row| text(row, "Id")).collect();
        for row in self.file.rows("SELECT payment_id, invoice_id FROM payment_applications")? {
            let payment = ("payment".to_owned(), row[0].clone());
            // Nobody tells which payments were deleted during a long absence.
            let unseen =
                self.long_absence && self.remotes.get(&payment).is_some_and(|remote| !present.contains(remote));
            let left_out = self
                .remotes
                .get(&payment)
                .is_some_and(|remote| self.explained_there.contains(&(payment.0.clone(), remote.clone())));
            if unseen || left_out || self.explained.contains(&payment) {
                half_paid.insert(row[1].clone());
            }
        }
        for row in payments {
            let key = ("payment".to_owned(), text(row, "Id"));
            let local =
                self.links.get(&key).is_some_and(|l| self.explained.contains(&("payment".to_owned(), l.clone())));
            if local || self.explained_there.contains(&key) {
                let lines = row.get("Line").and_then(Value::as_array).into_iter().flatten();
                let invoices = lines.filter_map(|line| line["LinkedTxn"][0]["TxnId"].as_str());
                half_paid.extend(invoices.map(|invoice| self.local("invoice", invoice)));
            }
        }
        Ok(half_paid)
    }

    /// Every record of a kind, once from here and once from there.
    fn kind(&self, kind: &str, there: &[Row], here: &str, show: impl Fn(&Row) -> Vec<String>) -> Result<()> {
        let id = |row: &Row| text(row, if kind == "order" { "orderId" } else { "Id" });
        let ours: BTreeMap<String, Vec<String>> =
            self.file.rows(here)?.into_iter().map(|row| (row[0].clone(), row[1..].to_vec())).collect();
        let mut present = BTreeSet::new();
        for row in there {
            let key = (kind.to_owned(), id(row));
            present.insert(key.1.clone());
            let Some(local) = self.links.get(&key) else {
                ensure!(
                    self.explained_there.contains(&key) || (self.tombstones.contains(&key) && kind == "order"),
                    "{kind} {} is over there and not here: {}",
                    key.1,
                    Value::Object(row.clone())
                );
                continue;
            };
            if self.explained.contains(&(kind.to_owned(), local.clone())) || self.explained_there.contains(&key) {
                continue;
            }
            let Some(ours) = ours.get(local) else { bail!("{kind} {local} is linked and does not exist") };
            let (mut ours, mut theirs) = (ours.clone(), show(row));
            if kind == "invoice" && self.half_paid.contains(local) {
                ours.remove(BALANCE);
                theirs.remove(BALANCE);
            }
            if kind == "order" && ours[STATUS] == "cancelled" {
                // A cancelled order is locked there, so an edit that waited behind the cancellation is not sent.
                ours.truncate(STATUS + 1);
                theirs.truncate(STATUS + 1);
            }
            ensure!(ours == theirs, "{kind} {local} differs:\n  here  {ours:?}\n  there {theirs:?}");
        }
        for ((of, local), remote) in self.remotes.iter().filter(|((of, _), _)| of == kind) {
            // ShipStation tells nobody of a deleted order, and nobody tells what was deleted during a long absence.
            let unseen = kind == "order" || self.long_absence;
            let explained = self.explained.contains(&(of.clone(), local.clone()))
                || self.explained_there.contains(&(of.clone(), remote.clone()));
            ensure!(present.contains(remote) || unseen || explained, "{kind} {local} is here and no longer over there");
        }
        Ok(())
    }

    fn local(&self, kind: &str, remote: &str) -> String {
        self.links.get(&(kind.to_owned(), remote.to_owned())).cloned().unwrap_or_else(|| format!("unknown {remote}"))
    }

    fn customer(row: &Row) -> Vec<String> {
        let archived = if text(row, "Active") == "true" { "0" } else { "1" };
        let phone = text(row, "PrimaryPhone.FreeFormNumber");
        let (name, company, email) =
            (text(row, "DisplayName"), text(row, "CompanyName"), text(row, "PrimaryEmailAddr.Address"));
        vec![name, company, email, phone, text(row, "Notes"), archived.to_owned()]
    }

    fn item(row: &Row) -> Vec<String> {
        let archived = if text(row, "Active") == "true" { "0" } else { "1" };
        let (name, sku, words) = (text(row, "Name"), text(row, "Sku"), text(row, "Description"));
        vec![name, sku, words, price(row, "UnitPrice"), archived.to_owned()]
    }

    fn invoice(&self, row: &Row) -> Vec<String> {
        let note = text(row, "PrivateNote");
        let void = note.starts_with("Voided") && minor(row, "TotalAmt") == "0";
        let blank = |text: String| if void { String::new() } else { text };
        vec![
            text(row, "DocNumber"),
            u8::from(void).to_string(),
            blank(text(row, "TxnDate")),
            blank(text(row, "DueDate")),
            blank(self.local("customer", &text(row, "CustomerRef.value"))),
            minor(row, "TotalAmt"),
            minor(row, "Balance"),
            blank(note),
            blank(text(row, "CustomerMemo.value")),
        ]
    }

    fn payment(&self, row: &Row) -> Vec<String> {
        let void = text(row, "PrivateNote").starts_with("Voided") && minor(row, "TotalAmt") == "0";
        let blank = |text: String| if void { String::new() } else { text };
        let lines = row.get("Line").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_object);
        let mut applied: Vec<String> = lines
            .filter_map(|line| {
                let invoice = line.get("LinkedTxn")?.get(0)?.get("TxnId")?.as_str()?;
                let amount = minor(line, "Amount");
                (amount != "0").then(|| format!("{}={amount}", self.local("invoice", invoice)))
            })
            .collect();
        applied.sort();
        vec![
            u8::from(void).to_string(),
            blank(text(row, "TxnDate")),
            blank(self.local("customer", &text(row, "CustomerRef.value"))),
            minor(row, "TotalAmt"),
            applied.join(" "),
        ]
    }

    fn order(row: &Row) -> Vec<String> {
        let status = match text(row, "orderStatus").as_str() {
            "awaiting_payment" => "awaiting_payment",
            "on_hold" => "on_hold",
            "shipped" => "shipped",
            "cancelled" => "cancelled",
            _ => "open",
        };
        let items = row.get("items").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_object);
        let mut lines: Vec<(String, i64)> =
            items.map(|item| (text(item, "sku"), text(item, "quantity").parse().unwrap_or(0))).collect();
        lines.sort();
        let lines: Vec<String> = lines.into_iter().map(|(sku, quantity)| format!("{sku}x{quantity}")).collect();
        vec![
            text(row, "orderNumber"),
            status.to_owned(),
            minor(row, "orderTotal"),
            text(row, "customerNotes"),
            text(row, "internalNotes"),
            lines.join(" "),
        ]
    }

    /// Everything the processor keeps is here, with its amounts.
    fn processor(&self, dump: &Value) -> Result<()> {
        for (kind, table, amount) in [
            ("charges", "charges", "amount_minor || ' ' || refunded_minor || ' ' || status"),
            ("refunds", "refunds", "amount_minor"),
            ("disputes", "disputes", "amount_minor"),
            ("payouts", "payouts", "amount_minor || ' ' || status"),
            ("balance_transactions", "balance_entries", "amount_minor || ' ' || fee_minor || ' ' || net_minor"),
        ] {
            let ours = self.file.rows(&format!("SELECT remote_id, {amount} FROM {table}"))?;
            let ours: BTreeMap<String, String> = ours.into_iter().map(|row| (row[0].clone(), row[1].clone())).collect();
            let theirs = rows(dump, kind);
            ensure!(ours.len() == theirs.len(), "{} {kind} there, {} here", theirs.len(), ours.len());
            for row in &theirs {
                let shown = match kind {
                    "charges" => {
                        format!("{} {} {}", text(row, "amount"), text(row, "amount_refunded"), text(row, "status"))
                    }
                    "payouts" => format!("{} {}", text(row, "amount"), text(row, "status")),
                    "balance_transactions" => {
                        format!("{} {} {}", text(row, "amount"), text(row, "fee"), text(row, "net"))
                    }
                    _ => text(row, "amount"),
                };
                let id = text(row, "id");
                if self.long_absence && kind != "balance_transactions" {
                    // What became of old records during a long absence is only told by the entries of the balance.
                    ensure!(ours.contains_key(&id), "{kind} {id} is not here");
                    continue;
                }
                ensure!(ours.get(&id) == Some(&shown), "{kind} {id} is {shown} there and {:?} here", ours.get(&id));
            }
        }
        let unproven = "SELECT remote_id, amount_minor, net_minor FROM payouts WHERE status = 'paid' AND automatic = 1 AND unproven = 1";
        let unproven = self.file.rows(unproven)?;
        ensure!(unproven.is_empty(), "payouts that don't add up: {unproven:?}");
        Ok(())
    }
}
