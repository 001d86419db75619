//! `backroom-cli`: the same core without a window, for scripts, rescue and tests.
//!
//! Prints sentences for people or, with `--json`, one JSON document for machines. Exit code 0 means all is well, 1 means it ran and
//! found something, 2 means it could not run, 3 means a sync was asked to end before it was done.
#![expect(clippy::print_stdout, reason = "printing is what a command-line program is for")]

mod backup;
mod connect;
mod report;
mod signals;
mod sync;

use anyhow::Context as _;
use backroom_core::Core;
use backroom_core::company::CompanySetup;
use backroom_host::{EngineLock, LockError};
use clap::{Parser, Subcommand};
use report::Report;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

/// Backroom on the command line.
#[derive(Parser)]
#[command(name = "backroom-cli", version)]
struct Arguments {
    /// Folder of the data file; the app's own when left out.
    #[arg(long, global = true)]
    data_dir: Option<PathBuf>,
    /// Print one JSON document instead of sentences.
    #[arg(long, global = true)]
    json: bool,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Shows the company, the connections, what waits and what needs you.
    Status,
    /// Runs one sync of all connections to its end. Ctrl+C ends it after its current step; the next sync goes on from there.
    /// The first sync of a new connection waits for a look at its preview.
    Sync {
        /// Take the first sync of new connections as it comes, without a look at its preview.
        #[arg(long)]
        yes: bool,
    },
    /// Writes every record as CSV files.
    Export,
    /// Checks the data file, the books, the keychain, each connection and the clock.
    Doctor,
    /// Makes the company in an empty data file.
    Setup {
        /// Company name.
        #[arg(long)]
        name: String,
        /// Home currency code.
        #[arg(long, default_value = "USD")]
        currency: String,
        /// IANA time zone.
        #[arg(long, default_value = "America/New_York")]
        time_zone: String,
    },
    /// Connects a vendor's account.
    Connect(connect::ConnectArguments),
    /// Makes a backup, reopens and checks it, and only then gives it its name.
    Backup(backup::BackupArguments),
    /// Puts a backup in the data file's place: shows what it holds, asks, and keeps the present file beside it.
    /// Refused while Backroom is open; sign-ins are not part of a backup.
    Restore(backup::RestoreArguments),
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let json = arguments.json;
    match run(arguments) {
        Ok(report) => {
            println!("{}", if json { report.json() } else { report.text().to_owned() });
            ExitCode::from(report.code())
        }
        Err(error) => {
            if json {
                println!("{}", serde_json::json!({ "ok": false, "error": format!("{error:#}") }));
            } else {
                eprintln!("{error:#}");
            }
            ExitCode::from(2)
        }
    }
}

fn run(arguments: Arguments) -> anyhow::Result<Report> {
    let folder = arguments
        .data_dir
        .map(std::path::absolute)
        .transpose()?
        .or_else(backroom_host::data_folder)
        .context("this system names no folder for application data; give one with --data-dir")?;
    if let Command::Restore(backup::RestoreArguments { file, yes }) = &arguments.command {
        return backup::restore(&folder, file, *yes);
    }
    let _log = backroom_host::start_log(&folder);
    backroom_host::log_panics(true);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let opened = backroom_host::open(&folder).await?;
        let core = Arc::clone(&opened.core);
        // A sync ends by itself when it is asked to, after its current step; everything else may end at once, but never with the
        // file half closed.
        let ends_itself = matches!(arguments.command, Command::Sync { .. });
        let _listening = (!ends_itself).then(|| signals::close_on_end(&core)).transpose()?;
        let answered = answer(&core, opened.engine, arguments.command).await;
        // A renewal under way may have spent the sign-in's key; its successor is stored first.
        backroom_host::renewals_done().await;
        match (answered, core.close()) {
            (Ok(report), Ok(())) => Ok(report),
            (Ok(_), Err(error)) => Err(error.into()),
            (Err(error), _) => Err(error),
        }
    })
}

async fn answer(core: &Arc<Core>, engine: Result<EngineLock, LockError>, command: Command) -> anyhow::Result<Report> {
    match command {
        Command::Status => report::status(core),
        Command::Sync { yes } => {
            let _lock = engine?;
            let report = sync::sync(core, yes, sync::asked_to_end()).await;
            core.look_after_file();
            report
        }
        Command::Export => report::export(&core.export_data()?),
        Command::Doctor => report::findings(&core.check().await?),
        Command::Setup { name, currency, time_zone } => {
            let company = core.set_up_company(CompanySetup { name, currency, time_zone }).map_err(explain)?;
            Report::new(true, &company, format!("{} is set up.", company.name))
        }
        Command::Connect(arguments) => connect::connect(core, arguments).await,
        Command::Backup(arguments) => backup::backup(core, arguments.file.as_deref()),
        // Done before anything is opened.
        Command::Restore(_) => anyhow::bail!("a restore is never done on an open file"),
    }
}

/// An error with all its fields, since there is no form to show them beside.
fn explain(error: backroom_core::Error) -> anyhow::Error {
    match error {
        backroom_core::Error::Invalid(fields) => {
            let lines: Vec<String> = fields.iter().map(|field| format!("{}: {}", field.field, field.reason)).collect();
            anyhow::anyhow!(lines.join("\n"))
        }
        other => other.into(),
    }
}
