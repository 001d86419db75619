//! From the first start to a company that is connected and synced.

use super::app;
use super::surroundings::Stage;
use super::window::LIST_ROW;
use crate::demo_data;
use anyhow::ensure;
use serde_json::json;
use std::time::{Duration, Instant};
use tokio::process::Command;

/// Pages worth a picture after the first sync: step, path, words that prove it is drawn.
const PAGES: [(&str, &str, &str); 6] = [
    ("Home after the first sync", "/home", demo_data::COMPANY),
    ("Customers", "/customers", "Blue Heron Cafe"),
    ("Orders", "/orders", "Shipped"),
    ("Inventory", "/inventory", "BEAN-1K"),
    ("Stripe payouts", "/payments/payouts", "To the cent"),
    ("Sync page", "/sync", "What it changed"),
];

/// Welcome, connections, first sync, a look around.
pub async fn play(stage: &mut Stage) -> anyhow::Result<()> {
    welcome(stage).await?;
    second_start(stage).await?;
    connect_quickbooks(stage).await?;
    first_look(stage, "QuickBooks").await?;
    for vendor in ["ShipStation", "Stripe"] {
        connect_with_keys(stage, vendor).await?;
        first_look(stage, vendor).await?;
    }
    first_sync(stage).await?;
    for (name, path, words) in PAGES {
        stage.record.begin(name);
        stage.window()?.go(path).await?;
        if path == "/sync" {
            stage.window()?.click("the first run", &format!("({LIST_ROW})[last()]")).await?;
        }
        stage.window()?.read(words).await?;
        stage.done(json!({})).await?;
    }
    Ok(())
}

async fn welcome(stage: &mut Stage) -> anyhow::Result<()> {
    stage.record.begin("First start: welcome");
    let begun = Instant::now();
    stage.open().await?;
    stage.window()?.read("Welcome to Backroom").await?;
    let seconds = (begun.elapsed().as_secs_f64() * 1_000.0).round() / 1_000.0;
    stage.done(json!({ "seconds_from_start_to_page": seconds })).await?;

    stage.record.begin("Set up the company");
    let window = stage.window()?;
    window.fill("Company name", demo_data::COMPANY).await?;
    window.choose("Time zone", "New York", "America/New York").await?;
    window.press("Start").await?;
    window.read("First steps").await?;
    let zone = stage.books().text("SELECT time_zone FROM company WHERE name = ?1", demo_data::COMPANY)?;
    ensure!(zone.as_deref() == Some("America/New_York"), "the company is kept: {zone:?}");
    stage.done(json!({ "time_zone": zone })).await
}

/// A second start while the app runs ends at once and leaves the first one alone.
async fn second_start(stage: &mut Stage) -> anyhow::Result<()> {
    stage.record.begin("Start it a second time");
    let begun = Instant::now();
    let second = Command::new(&stage.programs.app).env("BACKROOM_DATA_DIR", &stage.data).kill_on_drop(true).status();
    let ended = tokio::time::timeout(Duration::from_secs(10), second).await??;
    ensure!(ended.success(), "the second start ends well: {ended}");
    ensure!(app::find(&stage.programs.app, &stage.data).is_some(), "the first one goes on");
    stage.record.end(false, json!({ "second_start_ended_after_seconds": begun.elapsed().as_secs_f64() }))
}

async fn connect_quickbooks(stage: &mut Stage) -> anyhow::Result<()> {
    stage.record.begin("Connect QuickBooks: the dialog");
    stage.window()?.go("/settings/connections").await?;
    stage.window()?.press("Connect QuickBooks").await?;
    stage.window()?.read("Redirect address").await?;
    stage.done(json!({})).await?;

    stage.record.begin("Connect QuickBooks: declined");
    let bounced = ask_consent(stage, false).await?;
    stage.person.picture(&bounced, &stage.programs.out.join("bounce-declined.png")).await?;
    let link = stage.person.link_on(&bounced).await?;
    stage.person.open_link(&link).await?;
    stage.window()?.read("You declined the connection").await?;
    ensure!(stage.books().number("SELECT count(*) FROM connections")? == 0, "nothing is kept of a declined sign-in");
    stage.done(json!({ "connections": 0 })).await?;

    stage.record.begin("Connect QuickBooks: waiting for the browser");
    let pages = stage.person.pages();
    stage.window()?.press("Connect in the browser").await?;
    stage.window()?.read("Waiting for you to sign in").await?;
    let consent = stage.person.page_after(pages).await?;
    stage.done(json!({})).await?;

    stage.record.begin("Connect QuickBooks: the consent page in the browser");
    stage.person.picture(&consent, &stage.record.picture()).await?;
    stage.record.end(true, json!({}))?;

    stage.record.begin("Connect QuickBooks: the bounce page in the browser");
    let bounced = stage.person.answer(&stage.simulators, &consent, true).await?;
    stage.person.picture(&bounced, &stage.record.picture()).await?;
    let link = stage.person.link_on(&bounced).await?;
    ensure!(link.starts_with("backroom://oauth/quickbooks?") && link.contains("code="), "the page's link");
    stage.record.end(true, json!({}))?;

    stage.record.begin("Connect QuickBooks: the link comes back to the window");
    stage.person.open_link(&link).await?;
    let realm = stage.simulators.text(&["quickbooks", "realm_id"])?;
    stage.window()?.find("the QuickBooks connection", &connected("QuickBooks")).await?;
    stage.window()?.read(&realm).await?;
    let company = stage.books().text("SELECT account_name FROM connections WHERE vendor = ?1", "quickbooks")?;
    ensure!(company.as_deref() == Some(demo_data::COMPANY), "the vendor's company: {company:?}");
    stage.done(json!({ "account_name": company, "realm_id": realm })).await
}

/// Presses the dialog's button, waits for the browser's page and answers it. Returns where the vendor sends the browser.
async fn ask_consent(stage: &Stage, allow: bool) -> anyhow::Result<String> {
    let pages = stage.person.pages();
    stage.window()?.press("Connect in the browser").await?;
    let consent = stage.person.page_after(pages).await?;
    stage.person.answer(&stage.simulators, &consent, allow).await
}

async fn connect_with_keys(stage: &mut Stage, vendor: &str) -> anyhow::Result<()> {
    stage.record.begin(&format!("Connect {vendor}"));
    stage.at_rest().await?;
    let window = stage.window()?;
    window.go("/settings/connections").await?;
    window.press(&format!("Connect {vendor}")).await?;
    window.press("Check and connect").await?;
    window.find(&format!("the {vendor} connection"), &connected(vendor)).await?;
    let account =
        stage.books().text("SELECT account_name FROM connections WHERE vendor = ?1", &vendor.to_lowercase())?;
    stage.done(json!({ "account_name": account })).await
}

/// The first sync of a new connection is shown before anything of it is done; a word is enough.
async fn first_look(stage: &mut Stage, vendor: &str) -> anyhow::Result<()> {
    stage.record.begin(&format!("Preview of the first sync with {vendor}"));
    let before = stage.books().number("SELECT count(*) FROM runs")?;
    let window = stage.window()?;
    window.go("/sync/preview").await?;
    window.read(&format!("From {vendor}")).await?;
    ensure!(before == stage.books().number("SELECT count(*) FROM runs")?, "nothing is done unasked");
    stage.done(json!({ "items": stage.books().number("SELECT count(*) FROM plan_items")? })).await?;

    stage.record.begin(&format!("First sync with {vendor}, as previewed"));
    stage.window()?.press("Do this").await?;
    app::until("the run of the preview", Duration::from_mins(1), async || {
        Ok((stage.books().number("SELECT count(*) FROM runs")? > before).then_some(()))
    })
    .await?;
    stage.at_rest().await?;
    stage.done(json!({ "moved_meanwhile": stage.books().number("SELECT count(*) FROM plan_items WHERE outcome = 'moved'")? })).await
}

/// Where the settings say that a vendor is connected.
fn connected(vendor: &str) -> String {
    format!("//article[@aria-label='{vendor}'][contains(., 'Connected') or contains(., 'Syncing')]")
}

async fn first_sync(stage: &mut Stage) -> anyhow::Result<()> {
    stage.record.begin("Sync everything");
    let mut figures = stage.sync().await?;
    let counts = stage.books().counts()?;
    let quickbooks = stage.simulators.state("quickbooks").await?;
    let stripe = stage.simulators.state("stripe").await?;
    let shipstation = stage.simulators.state("shipstation").await?;
    let there = json!({
        "invoices": quickbooks["Invoice"].as_array().map(Vec::len),
        "orders": shipstation["orders"].as_array().map(Vec::len),
        "charges": stripe["charges"].as_array().map(Vec::len),
        "payouts": stripe["payouts"].as_array().map(Vec::len),
    });
    for kind in ["invoices", "charges", "payouts"] {
        ensure!(counts[kind] == there[kind], "{kind}: {} here, {} at the vendor", counts[kind], there[kind]);
    }
    let skus = stage.books().number("SELECT count(*) - count(DISTINCT sku) FROM items WHERE sku <> ''")?;
    ensure!(skus == 0, "{skus} items are here twice");
    let unproven = stage.books().number("SELECT count(*) FROM payouts WHERE unproven = 1")?;
    ensure!(unproven == 0, "{unproven} payouts do not add up");
    figures["here"] = counts.into();
    figures["at_vendors"] = there;
    stage.done(figures).await
}
