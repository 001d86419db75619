//! `backroom-bridge`: the true UI, the true commands and a true data file in an ordinary browser, with the simulators behind them.
//!
//! Commands run by name on Tauri's mock runtime; a page script stands in for the webview's inside ([`page`]). Absent on purpose:
//! any command or view of its own.
#![expect(clippy::print_stdout, reason = "the one line a test reads to find the address")]

mod app;
mod page;
mod stand_ins;

use anyhow::Context as _;
use app::App;
use axum::Router;
use axum::routing::{get, post};
use clap::Parser;
use stand_ins::{WorldClock, secrets};
use std::path::PathBuf;
use std::sync::Arc;
use tokio::net::TcpListener;
use vendor_sim::World;

/// Serves Backroom to a browser.
#[derive(Parser)]
struct Arguments {
    /// What the simulated vendors hold at first: `demo` or `empty`.
    #[arg(long, default_value = "demo")]
    seed: String,
    /// Keep the data file here instead of in a folder that is removed at the end.
    #[arg(long)]
    data_dir: Option<PathBuf>,
    /// The built UI.
    #[arg(long, default_value = "ui/dist")]
    ui: PathBuf,
    /// Run on a machine without a keychain.
    #[arg(long)]
    no_keychain: bool,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let temporary = tempfile::tempdir()?;
    let folder = arguments.data_dir.unwrap_or_else(|| temporary.path().to_path_buf());

    let world = World::live();
    world.seed(&arguments.seed)?;
    let vendors = TcpListener::bind("127.0.0.1:0").await.context("the simulators can't listen")?;
    let vendors_url = format!("http://{}", vendors.local_addr()?);
    world.set_options(|options| {
        options.base_url.clone_from(&vendors_url);
        // A test answers the consent page as a person does.
        options.auto_consent = false;
    });
    let practice = serde_json::to_value(world.connection())?;
    tokio::spawn({
        let world = world.clone();
        async move { vendor_sim::serve(&world, vendors).await }
    });

    let app =
        Arc::new(App::open(&folder, practice, Arc::new(WorldClock(world.clone())), secrets(!arguments.no_keychain))?);
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let url = format!("http://{}", listener.local_addr()?);
    println!("{}", serde_json::json!({ "url": url, "vendors": world.connection(), "data_dir": folder }));
    axum::serve(listener, routes(app, &arguments.ui)).await?;
    Ok(())
}

fn routes(app: Arc<App>, ui: &std::path::Path) -> Router {
    Router::new()
        .route("/", get(page::index))
        .route("/index.html", get(page::index))
        .route("/__bridge/page.js", get(page::script))
        .route("/__bridge/invoke/{command}", post(app::invoke))
        .route("/__bridge/events", get(app::events))
        .route("/__bridge/opened", get(app::opened))
        .route("/__bridge/link", post(app::link))
        .with_state(page::Served { app, ui: ui.to_path_buf() })
        .fallback_service(tower_http::services::ServeDir::new(ui))
}
