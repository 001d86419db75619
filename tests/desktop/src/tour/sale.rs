//! The main job: an invoice written here, seen at QuickBooks, paid at Stripe, paid on both sides. Then the same without a network,
//! and after a restart.

use super::surroundings::Stage;
use super::window::{ENTER, LIST_ROW};
use anyhow::{Context as _, ensure};
use serde_json::{Value, json};

const CUSTOMER: &str = "Tide & Timber Studio";
/// Three mugs and a kettle.
const TOTAL_MINOR: i64 = 3 * 1_800 + 6_400;

/// Runs while the company of the first steps is open; leaves no window.
pub async fn play(stage: &mut Stage) -> anyhow::Result<()> {
    let number = write_invoice(stage).await?;
    send(stage, &number).await?;
    pay(stage, &number).await?;
    one_vendor_down(stage).await?;
    no_network(stage).await?;
    reopen(stage, &number).await
}

async fn write_invoice(stage: &mut Stage) -> anyhow::Result<String> {
    stage.record.begin("Write an invoice");
    let window = stage.window()?;
    window.go("/invoices/new").await?;
    window.choose("Customer", CUSTOMER, "New customer").await?;
    window.press_in("//*[@role='dialog']", "Save").await?;
    window.holds("Customer", CUSTOMER).await?;
    window.choose("Item, line 1", "MUG-01", "MUG-01").await?;
    window.holds("Price, line 1", "18.00").await?;
    window.fill("Quantity, line 1", "2+1").await?;
    window.press_key("Price, line 1", ENTER).await?;
    window.field("Item, line 2").await?;
    window.choose("Item, line 2", "kettle", "KETT-09").await?;
    window.holds("Price, line 2", "64.00").await?;
    window.read("$118.00").await?;
    stage.done(json!({ "total_minor": TOTAL_MINOR })).await?;

    stage.record.begin("Save the invoice");
    stage.window()?.press("Save").await?;
    stage.window()?.find("the saved invoice", "//h2[starts-with(normalize-space(), 'Invoice ')]").await?;
    let sql = "SELECT i.number FROM invoices i JOIN customers c ON c.id = i.customer_id WHERE c.display_name = ?1";
    let number = stage.books().text(sql, CUSTOMER)?.context("the invoice is in the data file")?;
    ensure!(total(stage, &number)? == TOTAL_MINOR, "the total kept is the one shown");
    stage.done(json!({ "number": number, "waiting_to_be_sent": waiting(stage)? })).await?;
    Ok(number)
}

async fn send(stage: &mut Stage, number: &str) -> anyhow::Result<()> {
    stage.record.begin("Sync: the invoice goes to QuickBooks");
    let mut figures = stage.sync().await?;
    let sent = remote_invoice(stage, number).await?.with_context(|| format!("QuickBooks has no invoice {number}"))?;
    ensure!(waiting(stage)? == 0, "nothing waits any more");
    figures["quickbooks"] =
        json!({ "DocNumber": sent["DocNumber"], "TotalAmt": sent["TotalAmt"], "Balance": sent["Balance"] });
    stage.done(figures).await
}

async fn pay(stage: &mut Stage, number: &str) -> anyhow::Result<()> {
    stage.record.begin("The customer pays by card: paid here and at QuickBooks");
    let charge = json!({ "amount": TOTAL_MINOR, "currency": "usd", "metadata": { "invoice": number } });
    stage.simulators.act("stripe", "charge", charge).await?;
    let mut syncs = 0;
    let paid = loop {
        stage.sync().await?;
        syncs += 1;
        let sent = remote_invoice(stage, number).await?.context("QuickBooks has the invoice")?;
        if balance(stage, number)? == 0 && sent["Balance"].to_string().parse() == Ok(0.0) {
            break sent;
        }
        ensure!(syncs < 5, "not paid after {syncs} syncs: here {}, there {}", balance(stage, number)?, sent["Balance"]);
    };
    let invoice = format!("//aside[@aria-label='Invoice {number}']//h2/following-sibling::*[normalize-space()='Paid']");
    stage.window()?.find("“Paid” in the invoice's own panel", &invoice).await?;
    let payments = stage.simulators.state("quickbooks").await?;
    let applied = lines_paying(&payments, &paid["Id"]);
    ensure!(applied == 1, "QuickBooks holds {applied} payments of the invoice");
    let unbalanced = "SELECT count(*) FROM (SELECT entry_id FROM ledger_postings GROUP BY entry_id, currency HAVING sum(amount_minor) <> 0)";
    let unbalanced = stage.books().number(unbalanced)?;
    ensure!(unbalanced == 0, "{unbalanced} ledger entries do not balance");
    stage.done(json!({ "syncs": syncs, "quickbooks_balance": paid["Balance"], "quickbooks_payments": applied })).await
}

/// One vendor out of reach: the others are synced, and the window says which one is missing.
async fn one_vendor_down(stage: &mut Stage) -> anyhow::Result<()> {
    stage.record.begin("Sync while ShipStation is down");
    stage.simulators.outage("shipstation", true).await?;
    let figures = stage.sync().await?;
    let found = stage.books().text("SELECT state FROM connections WHERE vendor = ?1", "shipstation")?;
    ensure!(found.as_deref() == Some("unreachable"), "its state: {found:?}");
    let others =
        stage.books().number("SELECT count(*) FROM connections WHERE vendor <> 'shipstation' AND state = 'ready'")?;
    ensure!(others == 2, "the others are well");
    stage.window()?.go("/sync").await?;
    stage.window()?.click("the run", &format!("{LIST_ROW}[contains(., 'Done with problems')]")).await?;
    stage.window()?.read("could not be reached").await?;
    stage.done(figures).await?;
    stage.simulators.outage("shipstation", false).await
}

/// Nothing answers at all: stock, search and writing go on.
async fn no_network(stage: &mut Stage) -> anyhow::Result<()> {
    stage.simulators.stop().await?;
    stage.record.begin("Look up stock with every vendor switched off");
    let window = stage.window()?;
    window.go("/inventory/stock").await?;
    window.fill("SKU, name or barcode", "MUG-01").await?;
    window.find("the level", "//li[contains(., 'Stoneware mug')]//dt[.='Available']").await?;
    let on_hand = stage.books().text(
        "SELECT CAST(sum(l.on_hand_scaled) AS TEXT) FROM stock_levels l JOIN items i ON i.id = l.item_id WHERE i.sku = ?1",
        "MUG-01",
    )?;
    stage.done(json!({ "on_hand_scaled": on_hand })).await?;

    stage.record.begin("Sync with every vendor switched off");
    let figures = stage.sync().await?;
    stage.window()?.go("/home").await?;
    stage.window()?.find("the amounts owed", &format!("//h1[.='{}']", crate::demo_data::COMPANY)).await?;
    stage.done(figures).await
}

/// What was written is there after a restart, and the sync goes on where it was.
async fn reopen(stage: &mut Stage, number: &str) -> anyhow::Result<()> {
    stage.record.begin("Quit");
    let before = stage.books().counts()?;
    let seconds = stage.quit().await?;
    stage.record.end(false, json!({ "seconds_to_end": seconds }))?;

    stage.record.begin("Open it again: the invoice is still there");
    let memory = stage.home.join("simulators.json");
    stage.simulators.resume(&stage.programs.simulators, &memory).await?;
    stage.open().await?;
    stage.window()?.find("the navigation", "//nav").await?;
    stage.window()?.go("/invoices").await?;
    stage.window()?.read(number).await?;
    let after = stage.books().counts()?;
    ensure!(before == after, "before {before:?}, after {after:?}");
    stage.done(json!({ "here": after })).await?;

    stage.record.begin("Sync after the restart: both sides agree already");
    stage.sync().await?;
    let figures = stage.sync().await?;
    ensure!(figures["sent"] == 0, "nothing is sent twice: {figures}");
    stage.done(figures).await?;
    let seconds = stage.quit().await?;
    ensure!(seconds < 20.0, "quitting took {seconds} s");
    Ok(())
}

fn total(stage: &Stage, number: &str) -> anyhow::Result<i64> {
    amount(stage, "total_minor", number)
}

fn balance(stage: &Stage, number: &str) -> anyhow::Result<i64> {
    amount(stage, "balance_minor", number)
}

fn amount(stage: &Stage, column: &str, number: &str) -> anyhow::Result<i64> {
    let sql = format!("SELECT CAST({column} AS TEXT) FROM invoices WHERE number = ?1");
    Ok(stage.books().text(&sql, number)?.context("the invoice is in the data file")?.parse()?)
}

fn waiting(stage: &Stage) -> anyhow::Result<i64> {
    stage.books().number("SELECT count(*) FROM outbox")
}

async fn remote_invoice(stage: &Stage, number: &str) -> anyhow::Result<Option<Value>> {
    let all = stage.simulators.state("quickbooks").await?;
    let found = all["Invoice"].as_array().and_then(|all| all.iter().find(|one| one["DocNumber"] == number).cloned());
    Ok(found)
}

/// How many payments at QuickBooks are linked to this invoice.
fn lines_paying(state: &Value, invoice: &Value) -> usize {
    let links = |payment: &Value| -> bool {
        let lines = payment["Line"].as_array().into_iter().flatten();
        lines.flat_map(|line| line["LinkedTxn"].as_array().into_iter().flatten()).any(|txn| txn["TxnId"] == *invoice)
    };
    state["Payment"].as_array().into_iter().flatten().filter(|payment| links(payment)).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn payments_count_for_the_invoice_they_name() {
        let pays = |id: &str| json!({ "Line": [{ "LinkedTxn": [{ "TxnId": id, "TxnType": "Invoice" }] }] });
        let state = json!({ "Payment": [pays("7"), pays("8"), { "Line": [] }] });
        assert_eq!(lines_paying(&state, &json!("7")), 1);
        assert_eq!(lines_paying(&state, &json!("9")), 0);
        assert_eq!(lines_paying(&json!({}), &json!("7")), 0);
    }
}
