//! What the commands print: one value, as sentences or as JSON.

use backroom_core::Core;
use backroom_core::connections::SignInFailure;
use backroom_core::reports::ExportResult;
use backroom_core::sync::{Finding, RunState, RunView};
use serde::Serialize;
use serde_json::{Value, json};
use std::fmt::Write as _;

/// The outcome of a command.
pub struct Report {
    /// Whether all is well; decides the exit code.
    pub well: bool,
    /// It was asked to end before it was done; has an exit code of its own.
    pub interrupted: bool,
    value: Value,
    sentences: String,
}

/// A sign-in that ended without a connection.
#[derive(Serialize)]
pub struct Failure {
    /// Stable reason.
    pub reason: SignInFailure,
    /// What happened and what to do.
    pub message: String,
}

impl Report {
    /// A report of one value.
    pub fn new(well: bool, value: &impl Serialize, sentences: String) -> anyhow::Result<Self> {
        Ok(Self { well, interrupted: false, value: serde_json::to_value(value)?, sentences })
    }

    /// The exit code.
    pub fn code(&self) -> u8 {
        if self.interrupted { 3 } else { u8::from(!self.well) }
    }

    /// Adds a sentence for people.
    pub fn add(&mut self, sentence: &str) {
        self.sentences = format!("{}\n{sentence}", self.sentences.trim_end());
    }

    /// For machines: `{"ok": …, "data": …}`.
    pub fn json(&self) -> String {
        json!({ "ok": self.well, "data": self.value }).to_string()
    }

    /// For people.
    pub fn text(&self) -> &str {
        self.sentences.trim_end()
    }
}

/// The company, the connections, what waits and what needs the owner.
pub fn status(core: &Core) -> anyhow::Result<Report> {
    let app = core.app_status()?;
    let sync = core.sync_status()?;
    let mut text = String::new();
    match &app.company {
        Some(company) => writeln!(text, "{} ({}, {})", company.name, company.currency, company.time_zone)?,
        None => writeln!(text, "No company yet: open Backroom, or run `backroom-cli setup`.")?,
    }
    writeln!(text, "Data: {}", app.data_folder)?;
    for connection in &sync.connections {
        writeln!(text, "{}: {} – {}", connection.vendor_name, connection.account_name, connection.state_text)?;
    }
    writeln!(text, "{} waiting to be sent, {} to look at", sync.waiting_count, sync.problem_count)?;
    let well = app.company.is_some() && app.keychain_problem.is_none() && sync.problem_count == 0;
    Report::new(well, &json!({ "app": app, "sync": sync }), text)
}

/// A run and its parts.
pub fn run(run: &RunView, well: bool) -> anyhow::Result<Report> {
    let mut text = String::new();
    for part in &run.parts {
        writeln!(
            text,
            "{}: {} read, {} new, {} changed, {} sent, {} to look at{}",
            part.vendor_name,
            part.read_count,
            part.created_count,
            part.updated_count,
            part.sent_count,
            part.problem_count,
            part.error.as_ref().map(|error| format!(" – {error}")).unwrap_or_default()
        )?;
    }
    let ending = match run.state {
        RunState::Done => "Done.",
        RunState::DoneWithProblems => "Done; some records need you.",
        RunState::Failed => "Not complete; the rest comes with the next run.",
        RunState::Cancelled => "Cancelled.",
        RunState::Interrupted | RunState::Queued | RunState::Running => "Interrupted.",
    };
    writeln!(text, "{ending}")?;
    Ok(Report { interrupted: run.state == RunState::Interrupted, ..Report::new(well, run, text)? })
}

/// The files of an export.
pub fn export(result: &ExportResult) -> anyhow::Result<Report> {
    Report::new(true, result, format!("{} files in {}", result.files.len(), result.folder))
}

/// What the check-up found.
pub fn findings(findings: &[Finding]) -> anyhow::Result<Report> {
    let mut text = String::new();
    for finding in findings {
        writeln!(text, "{} {}: {}", if finding.ok { "ok  " } else { "FAIL" }, finding.area, finding.message)?;
        if !finding.ok && !finding.advice.is_empty() {
            writeln!(text, "     {}", finding.advice)?;
        }
    }
    Report::new(findings.iter().all(|finding| finding.ok), &findings, text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_finding_decides_the_outcome_and_shows_its_advice_only_when_it_is_bad() {
        let finding = |ok: bool| Finding {
            area: backroom_core::sync::Area::Keychain,
            ok,
            message: "It answers.".to_owned(),
            advice: "Unlock it.".to_owned(),
        };
        let good = findings(&[finding(true)]).expect("a report");
        assert!(good.well && !good.text().contains("Unlock"), "{}", good.text());
        let bad = findings(&[finding(true), finding(false)]).expect("a report");
        assert!(!bad.well && bad.text().ends_with("Unlock it."), "{}", bad.text());
        let document: Value = serde_json::from_str(&bad.json()).expect("one JSON document");
        assert_eq!(document["ok"], false);
        assert_eq!(document["data"].as_array().map(Vec::len), Some(2));
    }
}
