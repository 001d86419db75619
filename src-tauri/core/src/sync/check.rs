//! What the command line's `doctor` looks at: the data file, the ledger, the keychain, each connection, what is stuck.

use crate::ids::ConnectionId;
use crate::store::connections::{self as rows, ConnectionRow};
use crate::store::outbox;
use crate::{Core, Result, ledger};
use chrono::Duration;

/// Clocks further apart than this break signatures and windows.
const CLOCK_TOLERANCE: Duration = Duration::seconds(60);

/// What waits longer than this is stuck.
const STUCK_AFTER: Duration = Duration::days(2);

/// What a finding is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Area {
    /// The data file.
    DataFile,
    /// The ledger and what lists keep beside it.
    Ledger,
    /// The system's keychain.
    Keychain,
    /// A connection.
    Connection(ConnectionId),
    /// This machine's clock.
    Clock,
    /// What waits to be sent.
    Outbox,
}

impl std::fmt::Display for Area {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::DataFile => "data file",
            Self::Ledger => "books",
            Self::Keychain => "keychain",
            Self::Connection(_) => "connection",
            Self::Clock => "clock",
            Self::Outbox => "changes to send",
        })
    }
}

/// One thing that was looked at.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Finding {
    /// What it is about.
    pub area: Area,
    /// All is well.
    pub ok: bool,
    /// What was found, as a sentence.
    pub message: String,
    /// What to do; empty when all is well.
    pub advice: String,
}

impl Finding {
    fn good(area: Area, message: impl Into<String>) -> Self {
        Self { area, ok: true, message: message.into(), advice: String::new() }
    }

    fn bad(area: Area, message: impl Into<String>, advice: &str) -> Self {
        Self { area, ok: false, message: message.into(), advice: advice.to_owned() }
    }
}

impl Core {
    /// Looks at everything the app stands on. Asks each vendor once; changes nothing.
    pub async fn check(&self) -> Result<Vec<Finding>> {
        let mut findings = vec![self.check_file()?];
        findings.extend(self.file_problems().into_iter().map(|problem| {
            Finding::bad(Area::DataFile, problem, "Make room on the disk, then make a backup in Settings, under Data.")
        }));
        findings.extend(self.ledger_findings()?);
        findings.push(match self.probe_keychain().await {
            Ok(()) => Finding::good(Area::Keychain, "The keychain works."),
            Err(error) => Finding::bad(
                Area::Keychain,
                format!("The keychain can't be used: {error}."),
                "Unlock it, or install one; connections can't work without.",
            ),
        });
        for row in self.store.read(rows::all)? {
            findings.extend(self.check_connection(&row).await);
        }
        findings.push(self.check_outbox()?);
        Ok(findings)
    }

    fn check_file(&self) -> Result<Finding> {
        Ok(match self.store.read(rows::integrity_fault)? {
            None => Finding::good(Area::DataFile, "The data file is sound."),
            Some(fault) => Finding::bad(
                Area::DataFile,
                format!("The data file is damaged: {fault}."),
                "Restore the newest good backup: Settings, Data, or `backroom-cli restore FILE`. The damaged file is kept beside it.",
            ),
        })
    }

    fn ledger_findings(&self) -> Result<Vec<Finding>> {
        let faults = self.store.read(|db| ledger::check(db))?;
        if faults.is_empty() {
            return Ok(vec![Finding::good(Area::Ledger, "The ledger balances, and lists agree with it.")]);
        }
        let advice = "Export the ledger and report this; amounts in lists may be wrong.";
        Ok(faults.into_iter().map(|fault| Finding::bad(Area::Ledger, fault, advice)).collect())
    }

    async fn check_connection(&self, row: &ConnectionRow) -> Vec<Finding> {
        let area = Area::Connection(row.id);
        let name = format!("{} ({})", self.vendor_name(&row.vendor), row.account_name);
        let connector = match self.connector(row) {
            Ok((_, connector)) => connector,
            Err(error) => {
                return vec![Finding::bad(area, format!("{name}: {error}"), "Nothing can be synced with it.")];
            }
        };
        let account = match connector.identify().await {
            Ok(account) => account,
            Err(error) => {
                let advice = "Sync again; sign in again if it stays like this.";
                return vec![Finding::bad(area, format!("{name} does not answer: {error}."), advice)];
            }
        };
        if account.id != row.account_id {
            let advice = "Sign in again with the account this connection is for.";
            return vec![Finding::bad(area, format!("{name} leads to another account."), advice)];
        }
        let mut findings = vec![Finding::good(area, format!("{name} answers."))];
        if let Some(theirs) = account.server_time {
            let apart = self.now() - theirs;
            if apart.abs() > CLOCK_TOLERANCE {
                let (seconds, side) =
                    (apart.num_seconds().abs(), if apart > Duration::zero() { "ahead" } else { "behind" });
                let message = format!("This computer's clock is {seconds} seconds {side} of {name}.");
                findings.push(Finding::bad(Area::Clock, message, "Let the system set the time by itself."));
            }
        }
        findings
    }

    fn check_outbox(&self) -> Result<Finding> {
        let stuck = self.store.read(|db| outbox::count_older(db, self.now() - STUCK_AFTER))?;
        Ok(match stuck {
            0 => Finding::good(Area::Outbox, "Nothing waits for long."),
            count => Finding::bad(
                Area::Outbox,
                format!("{count} changes have been waiting for more than two days."),
                "Sync, then look at the problems on the Sync page.",
            ),
        })
    }
}
