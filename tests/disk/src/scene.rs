//! What the command line does while the disk fails, what is there before, and what must be there afterwards.

use anyhow::{Context as _, Result, ensure};
use backroom_core::DATA_FILE;
use backroom_core::company::CompanySetup;
use backroom_core::testing::TestCore;
use backroom_crash::line::Line;
use backroom_crash::office::{Office, Tally};
use backroom_crash::simulators::Simulators;
use rusqlite::{Connection, OpenFlags};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use vendor_sim::State;

/// Customers in the file in use, and in the older backup.
const NOW: u32 = 5;
const BACKED_UP: u32 = 3;

/// What the office has done before the sync on the failing disk: turns of work with a sync after each, and turns that wait for it.
const WORKED: u32 = 4;
const WAITING: u32 = 3;

/// Decides what that work is.
const SEED: u64 = 1;

/// What is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deed {
    Open,
    Save,
    Migrate,
    Sync,
    Export,
    Backup,
    Restore,
}

impl Deed {
    pub const ALL: [Self; 7] =
        [Self::Open, Self::Save, Self::Migrate, Self::Sync, Self::Export, Self::Backup, Self::Restore];

    pub fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Save => "save",
            Self::Migrate => "migrate",
            Self::Sync => "sync",
            Self::Export => "export",
            Self::Backup => "backup",
            Self::Restore => "restore",
        }
    }
}

/// The programs that are played with.
pub struct Programs {
    /// The command line.
    pub cli: PathBuf,
    /// The simulators.
    pub simulators: PathBuf,
}

impl Programs {
    /// The command line on a folder.
    fn line(&self, folder: &Path, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.cli);
        command.arg("--data-dir").arg(folder).arg("--json").args(arguments);
        command.env("BACKROOM_DATA_DIR", folder).env("BACKROOM_LOG", "off").stdin(Stdio::null());
        command
    }
}

/// A folder as it is before, to be copied for every run.
pub struct Scene<'a> {
    programs: &'a Programs,
    deed: Deed,
    before: PathBuf,
    run: PathBuf,
    backup: String,
    vendors: Option<Vendors>,
}

/// The other side of a sync as it is before, and what both sides expect of each other.
struct Vendors {
    simulators: Simulators,
    world: State,
    line: Line,
    office: Office,
}

impl<'a> Scene<'a> {
    pub async fn new(programs: &'a Programs, deed: Deed, work: &Path) -> Result<Self> {
        let (before, run, backup) = (work.join("before"), work.join("run"), work.join("older.sqlite"));
        fs::create_dir_all(&before)?;
        let mut vendors = None;
        match deed {
            Deed::Save => {}
            Deed::Migrate => old_file(&before.join(DATA_FILE))?,
            // The keychain's entries are named after the folder, so this one is made where it runs.
            Deed::Sync => {
                fs::create_dir_all(&run)?;
                vendors = Some(Vendors::new(programs, &run).await?);
                copy_files(&run, &before)?;
            }
            _ => company(&before, &backup)?,
        }
        Ok(Self { programs, deed, before, run, backup: backup.display().to_string(), vendors })
    }

    /// What is done on the failing disk, in this folder.
    pub fn command(&self, folder: &Path) -> Command {
        let mut command = self.programs.line(folder, &self.arguments());
        if let Some(vendors) = &self.vendors {
            command.env("BACKROOM_SANDBOX", vendors.simulators.url());
        }
        command
    }

    fn arguments(&self) -> Vec<&str> {
        match self.deed {
            Deed::Open | Deed::Migrate => vec!["status"],
            Deed::Save => vec!["setup", "--name", "Harbor & Pine"],
            Deed::Sync => vec!["sync"],
            Deed::Export => vec!["export"],
            Deed::Backup => vec!["backup"],
            Deed::Restore => vec!["restore", "--yes", &self.backup],
        }
    }

    /// The folder and the vendors as they are before.
    pub async fn fresh(&self) -> Result<PathBuf> {
        if self.run.exists() {
            fs::remove_dir_all(&self.run)?;
        }
        fs::create_dir_all(&self.run)?;
        copy_files(&self.before, &self.run)?;
        if let Some(vendors) = &self.vendors {
            vendors.simulators.restore(&vendors.world).await?;
        }
        Ok(self.run.clone())
    }

    /// Opens the folder on a good disk and looks at everything. What was reported counts only where the disk was `honest`: nothing
    /// lasts on one that says yes to a sync and does nothing, but what is there must be sound.
    pub async fn check(&self, folder: &Path, ended: &Output, honest: bool) -> Result<()> {
        let reported = honest && ended.status.code().is_some_and(|code| code < 2);
        let status = self.programs.line(folder, &["status"]).output()?;
        ensure!(status.status.code().is_some_and(|code| code < 2), "it does not open again: {}", text(&status));
        let data = look(&folder.join(DATA_FILE))?;
        match self.deed {
            Deed::Save => ensure!(!reported || data.companies == 1, "what was reported as saved is not there"),
            Deed::Restore if reported => ensure!(data.customers == BACKED_UP, "it was not restored"),
            Deed::Sync => return self.vendors.as_ref().context("a sync has vendors")?.check(honest).await,
            Deed::Restore => ensure!([NOW, BACKED_UP].contains(&data.customers), "{} customers", data.customers),
            _ => ensure!(data.customers == NOW, "{} customers", data.customers),
        }
        // Whatever has the name of a copy is one.
        let backups = folder.join("backups");
        let mut copies = 0;
        for place in [folder, &backups] {
            for entry in fs::read_dir(place).into_iter().flatten().flatten() {
                let name = entry.file_name().to_string_lossy().into_owned();
                if name != DATA_FILE && name.ends_with(".sqlite") {
                    let copy = look(&entry.path()).with_context(|| name.clone())?;
                    ensure!(copy.customers == NOW, "{name} holds {} customers", copy.customers);
                    copies += 1;
                }
            }
        }
        let promised = matches!(self.deed, Deed::Backup | Deed::Restore | Deed::Migrate) && reported;
        ensure!(!promised || copies > 0, "there is no copy");
        Ok(())
    }
}

impl Vendors {
    /// An office at work in this folder: connected to all three vendors, with changes on both sides that wait for the next sync.
    async fn new(programs: &Programs, folder: &Path) -> Result<Self> {
        let simulators = Simulators::start(&programs.simulators).await?;
        let line = Line::new(&programs.cli, folder, &simulators);
        line.set_up(&simulators).await?;
        line.sync_with_a_yes().await?;
        let mut office = Office::new(folder, SEED);
        for _ in 0..WORKED {
            office.work(&simulators).await?;
            line.sync_to_the_end().await?;
        }
        office.look(&simulators, false, &mut Tally::default()).await?;
        for _ in 0..WAITING {
            office.work(&simulators).await?;
        }
        let world = simulators.state().await?;
        Ok(Self { simulators, world, line, office })
    }

    /// Syncs on a good disk until both sides agree: nothing is lost, nothing is there twice. After a disk that lied the file may be any
    /// older one, so only that it still syncs is asked, with a yes to the preview that an older file waits for.
    async fn check(&self, honest: bool) -> Result<()> {
        if !honest {
            return self.line.sync_with_a_yes().await;
        }
        let (mut office, mut tally) = (self.office.clone(), Tally::default());
        office.look(&self.simulators, true, &mut tally).await?;
        office.settle(&self.line, &self.simulators, &mut tally).await?;
        ensure!(tally.lost + tally.doubled == 0, "{} lost, {} duplicated", tally.lost, tally.doubled);
        Ok(())
    }
}

fn copy_files(from: &Path, to: &Path) -> Result<()> {
    for entry in fs::read_dir(from)?.flatten().filter(|entry| entry.path().is_file()) {
        fs::copy(entry.path(), to.join(entry.file_name()))?;
    }
    Ok(())
}

fn text(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// A company with orders and stock, and an older backup of it.
fn company(folder: &Path, backup: &Path) -> Result<()> {
    let core = TestCore::open(Some(folder.to_path_buf()), Vec::new());
    let (name, currency, time_zone) = ("Harbor & Pine".into(), "USD".into(), "America/New_York".into());
    core.set_up_company(CompanySetup { name, currency, time_zone })?;
    let pen = core.stocked_item("PEN-1", "2.50", "100");
    for number in 0..NOW {
        if number == BACKED_UP {
            core.back_up_to(backup)?;
        }
        core.customer(&format!("Customer {number}"));
        core.order(&[(&pen, "2")]);
    }
    core.close()?;
    Ok(())
}

/// A file as an early version left it.
fn old_file(path: &Path) -> Result<()> {
    let file = Connection::open(path)?;
    file.execute_batch(include_str!("../../../src-tauri/core/src/store/migrations/0001_first.sql"))?;
    file.execute_batch(
        "INSERT INTO company (id, version, name, currency, time_zone, invoice_pattern, next_invoice_number, number_restart)
         VALUES (1, 1, 'Harbor & Pine', 'USD', 'America/New_York', '{n}', 1001, 'never');",
    )?;
    for number in 0..NOW {
        file.execute(
            "INSERT INTO customers (id, version, display_name, name_key, company, email, phone, billing, shipping, notes, currency,
                 created_at, updated_at)
             VALUES (?1, 1, ?1, ?1, '', '', '', '{}', '{}', '', 'USD', '2026-11-20T09:00:00.000Z', '2026-11-20T09:00:00.000Z')",
            [format!("01930000-0000-7000-8000-00000000000{number}")],
        )?;
    }
    file.pragma_update(None, "user_version", 1)?;
    file.pragma_update(None, "application_id", 0x4272_6d31)?;
    Ok(())
}

struct Data {
    companies: u32,
    customers: u32,
}

/// Checks a file as a whole and counts.
fn look(path: &Path) -> Result<Data> {
    let file = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    let sound: String = file.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
    ensure!(sound == "ok", "damaged: {sound}");
    let count = |sql: &str| -> Result<u32> { Ok(file.query_row(sql, [], |row| row.get(0))?) };
    let unbalanced = count(
        "SELECT count(*) FROM (SELECT entry_id FROM ledger_postings GROUP BY entry_id HAVING sum(amount_minor) <> 0)",
    )?;
    ensure!(unbalanced == 0, "{unbalanced} entries of the ledger do not balance");
    Ok(Data { companies: count("SELECT count(*) FROM company")?, customers: count("SELECT count(*) FROM customers")? })
}
