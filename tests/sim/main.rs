//! `vendor-sim`: serves the three simulators on loopback, prints one JSON line and stays until it is told to stop.

use anyhow::Context;
use clap::Parser;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tokio::net::TcpListener;
use vendor_sim::World;

/// Local stand-ins for `QuickBooks` Online, `ShipStation` and Stripe.
#[derive(Parser)]
#[command(name = "vendor-sim", version)]
struct Arguments {
    /// Port on loopback; 0 picks a free one.
    #[arg(long, default_value_t = 0)]
    port: u16,
    /// What the vendors hold at first: `demo` or `empty`.
    #[arg(long, default_value = "demo")]
    seed: String,
    /// Authorize pages redirect at once instead of asking.
    #[arg(long)]
    auto_consent: bool,
    /// Keeps everything in this file: read at start when it exists, written on change and at exit.
    #[arg(long)]
    state: Option<PathBuf>,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let world = World::live();
    match &arguments.state {
        Some(file) if file.exists() => world.load(file).with_context(|| format!("cannot read {}", file.display()))?,
        _ => world.seed(&arguments.seed)?,
    }
    world.set_options(|o| o.auto_consent = arguments.auto_consent);
    let listener = TcpListener::bind(("127.0.0.1", arguments.port)).await.context("cannot listen on loopback")?;
    world.set_options(|o| o.base_url = format!("http://127.0.0.1:{}", listener.local_addr().map_or(0, |a| a.port())));
    announce(&world)?;
    tokio::select! {
        served = vendor_sim::serve(&world, listener) => served.context("cannot accept connections")?,
        () = keep_saved(&world, arguments.state.as_deref()) => {}
        stopped = stop_signal() => stopped.context("cannot wait for a signal")?,
    }
    if let Some(file) = &arguments.state {
        world.save(file)?;
    }
    Ok(())
}

/// The line that programs read to find the ports and keys.
fn announce(world: &World) -> anyhow::Result<()> {
    use std::io::Write;
    let mut out = std::io::stdout().lock();
    writeln!(out, "{}", serde_json::to_string(&world.connection())?)?;
    out.flush()?;
    Ok(())
}

/// Writes the state file soon after every change. Never ends.
async fn keep_saved(world: &World, file: Option<&Path>) {
    let mut saved = world.revision();
    loop {
        tokio::time::sleep(Duration::from_millis(250)).await;
        let Some(file) = file else { continue };
        let revision = world.revision();
        if revision != saved && world.save(file).is_ok() {
            saved = revision;
        }
    }
}

async fn stop_signal() -> std::io::Result<()> {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let mut term = signal(SignalKind::terminate())?;
        tokio::select! {
            _ = term.recv() => Ok(()),
            stopped = tokio::signal::ctrl_c() => stopped,
        }
    }
    #[cfg(not(unix))]
    tokio::signal::ctrl_c().await
}
