//! Backing up and restoring from the command line. Restoring works without opening the data file, so it helps when that can't be opened.

use crate::report::Report;
use anyhow::{Context as _, bail};
use backroom_core::data::{self, BackupView, ChangedSince, Counts};
use backroom_core::{Core, Error};
use backroom_host::{EngineLock, LockError};
use serde_json::json;
use std::fmt::Write as _;
use std::io::{BufRead as _, IsTerminal as _};
use std::path::{Path, PathBuf};

/// Makes a proven backup: among the others, or at a place of the owner's choice.
pub fn backup(core: &Core, file: Option<&Path>) -> anyhow::Result<Report> {
    let made = match file {
        Some(file) => core.back_up_to(&std::path::absolute(file)?)?,
        None => core.back_up_now()?,
    };
    let text = format!("Backup made and checked: {}\n{}", made.path, holds(&made));
    Report::new(true, &made, text)
}

/// Puts a file in the data file's place: shows what it holds and what would be lost, asks, and keeps the present file.
pub fn restore(folder: &Path, file: &Path, yes: bool) -> anyhow::Result<Report> {
    let _only_one = match EngineLock::take(folder) {
        Ok(lock) => lock,
        Err(error @ LockError::Taken) => bail!("{error}; quit it, then restore. Nothing was changed."),
        Err(error) => return Err(error.into()),
    };
    let file = std::path::absolute(file)?;
    let (found, made_at) = data::inspect(&file).map_err(refused)?;
    let mut text = String::new();
    writeln!(text, "{} holds:", file.display())?;
    writeln!(text, "  {}", found.company.as_deref().unwrap_or("no company yet"))?;
    writeln!(text, "  {}", counts(found.counts))?;
    if let Some(made_at) = &made_at {
        writeln!(text, "  backup made {made_at}")?;
    }
    if let Some(newest) = &found.newest {
        writeln!(text, "  newest change {newest}")?;
    }
    text.push_str(&loss(folder, found.newest.as_deref()));
    if !yes {
        eprint!("{text}");
        if !agreed()? {
            bail!("Nothing was changed. `--yes` restores without asking.");
        }
        text.clear();
    }
    let time = chrono::Local::now().format("%Y-%m-%d_%H-%M-%S").to_string();
    let restored = data::restore_closed(folder, &file, &time).map_err(refused)?;
    writeln!(text, "Restored.")?;
    if let Some(kept) = &restored.kept_as {
        writeln!(text, "The file used until now is kept as {kept}.")?;
    }
    text.push_str("Before the next sync, review its preview: some of what waits may have been sent already.\n");
    text.push_str("Sign-ins are kept in the keychain of each computer; on another one, sign in again.\n");
    Report::new(true, &json!({ "holds": found, "made_at": made_at, "kept_as": restored.kept_as }), text)
}

fn refused(error: Error) -> anyhow::Error {
    anyhow::Error::from(error).context("The file was not restored; nothing was changed")
}

/// What the present file holds beyond the backup, where it can be read.
fn loss(folder: &Path, since: Option<&str>) -> String {
    let path = folder.join(backroom_core::DATA_FILE);
    if !path.exists() {
        return "There is no data file in its place now.\n".to_owned();
    }
    let compared = backroom_core::store::Store::open(&path).and_then(|store| {
        let changed = store.read(|db| backroom_core::store::restored::changed_since(db, since.unwrap_or_default()))?;
        let counts = store.summary()?.counts;
        // Closed in order, it holds everything by itself when it is kept.
        store.close()?;
        Ok((counts, changed))
    });
    match compared {
        Ok((now, changed)) => {
            let mut text = format!("The data file now holds {}.\n", counts(now));
            if changed.is_empty() {
                text.push_str("Nothing was changed after the backup.\n");
            } else {
                text.push_str("Changed after the backup, and missing once it is restored:\n");
                text.extend(changed.iter().map(|change| format!("  {}\n", line(change))));
            }
            text
        }
        Err(error) => format!("The data file in use can't be read: {error}.\n"),
    }
}

fn line(change: &ChangedSince) -> String {
    let ChangedSince { kind, created, changed } = change;
    format!("{}s: {created} new, {changed} changed", kind.replace('_', " "))
}

fn holds(backup: &BackupView) -> String {
    format!("{}: {}", backup.company.as_deref().unwrap_or("No company yet"), counts(backup.counts.unwrap_or_default()))
}

fn counts(counts: Counts) -> String {
    let Counts { customers, items, orders, invoices, payments } = counts;
    let kinds =
        [(customers, "customer"), (items, "item"), (orders, "order"), (invoices, "invoice"), (payments, "payment")];
    kinds.map(|(count, kind)| if count == 1 { format!("1 {kind}") } else { format!("{count} {kind}s") }).join(", ")
}

/// Only a person at a terminal can agree.
fn agreed() -> anyhow::Result<bool> {
    let input = std::io::stdin();
    if !input.is_terminal() {
        return Ok(false);
    }
    eprint!("Restore it? Type yes: ");
    let mut answer = String::new();
    input.lock().read_line(&mut answer).context("the answer could not be read")?;
    Ok(answer.trim().eq_ignore_ascii_case("yes"))
}

/// Where a backup goes, from the command line's arguments.
#[derive(clap::Args)]
pub struct BackupArguments {
    /// File to write; a new one in the folder `backups` when left out.
    pub file: Option<PathBuf>,
}

/// What to restore.
#[derive(clap::Args)]
pub struct RestoreArguments {
    /// The backup, or any copy of a data file.
    pub file: PathBuf,
    /// Don't ask.
    #[arg(long)]
    pub yes: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_file_holds_is_counted_as_people_say_it() {
        let held = Counts { customers: 1, items: 0, orders: 2, invoices: 1, payments: 30 };
        assert_eq!(counts(held), "1 customer, 0 items, 2 orders, 1 invoice, 30 payments");
    }
}
