//! The whole tour in order, and what its steps share. A step that fails ends it with a picture of the moment.

use super::books::Books;
use super::limit::{FAREWELL, Progress};
use super::person::Person;
use super::record::Record;
use super::simulators::Simulators;
use super::window::Window;
use super::{Programs, command_line, first_steps, keychain, round_trip, sale, trouble};
use anyhow::{Context as _, anyhow, ensure};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::time::Duration;
use tokio::signal::unix::{SignalKind, signal};

/// Longest time a sync of the demo shop may take.
const SYNC_PATIENCE: Duration = Duration::from_mins(2);

/// Everything a step may use.
pub struct Stage {
    /// The programs under test.
    pub programs: Programs,
    /// What happened so far.
    pub record: Record,
    /// Who sits in front of the machine.
    pub person: Person,
    /// The vendors.
    pub simulators: Simulators,
    /// Home folder of this session.
    pub home: PathBuf,
    /// The data folder of the main job.
    pub data: PathBuf,
    /// The open window, while there is one.
    window: Option<Window>,
}

/// Goes through all of it.
pub async fn run(programs: Programs) -> anyhow::Result<()> {
    std::fs::create_dir_all(&programs.out)?;
    let home = PathBuf::from(std::env::var_os("HOME").context("a home folder")?);
    let progress = Progress::new();
    let setting = async {
        let person = Person::settle_in().await?;
        Ok((person, Simulators::start(&programs.simulators, &home.join("simulators.json")).await?))
    };
    let (person, simulators) = progress.watch(setting).await?;
    let mut stage = Stage {
        record: Record::new(&programs.out, progress.clone()),
        person,
        simulators,
        data: home.join("company"),
        home,
        window: None,
        programs,
    };
    let steps = async {
        tokio::select! {
            ended = stage.play() => ended,
            error = told_to_end() => Err(error),
        }
    };
    let ended = progress.watch(Box::pin(steps)).await;
    if ended.is_err() {
        stage.keep_traces();
        if let Some(window) = &stage.window {
            let file = stage.programs.out.join("failed.png");
            let picture = tokio::time::timeout(FAREWELL, window.picture(&file)).await;
            match picture.unwrap_or_else(|_late| Err(anyhow!("the window does not answer"))) {
                Ok(()) => eprintln!("The moment is in {}", file.display()),
                Err(error) => eprintln!("No picture could be taken: {error:#}"),
            }
        }
    }
    if let Some(window) = stage.window.take() {
        // What is not closed in time ends when it is dropped.
        let closed = tokio::time::timeout(FAREWELL, window.close()).await.context("the window could not be closed");
        match closed.flatten() {
            Err(error) if ended.is_err() => eprintln!("{error:#}"),
            closed => closed?,
        }
    }
    ended
}

/// Returns when somebody stops the tour: what it started has groups of its own, which would not be stopped with it.
async fn told_to_end() -> anyhow::Error {
    let (Ok(mut interrupt), Ok(mut terminate)) = (signal(SignalKind::interrupt()), signal(SignalKind::terminate()))
    else {
        return std::future::pending().await;
    };
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
    anyhow!("somebody stopped it")
}

impl Stage {
    async fn play(&mut self) -> anyhow::Result<()> {
        first_steps::play(self).await?;
        sale::play(self).await?;
        keychain::play(self).await?;
        trouble::play(self).await?;
        command_line::play(self).await?;
        round_trip::play(self).await
    }

    /// Copies data file and log beside the pictures: the home folder is gone when the session ends.
    fn keep_traces(&self) {
        let kept = self.programs.out.join("failed-data");
        let copied = std::process::Command::new("cp").arg("-r").arg(&self.data).arg(&kept).status();
        if copied.is_ok_and(|status| status.success()) {
            eprintln!("The company's data is in {}", kept.display());
        }
    }

    /// Opens the app on the company's folder with Practice on offer.
    pub async fn open(&mut self) -> anyhow::Result<()> {
        let (data, sandbox) = (self.data.clone(), self.simulators.url()?);
        self.open_on(&data, &[("BACKROOM_SANDBOX", &sandbox)]).await
    }

    /// Opens the app on any folder.
    pub async fn open_on(&mut self, data: &Path, settings: &[(&str, &str)]) -> anyhow::Result<()> {
        ensure!(self.window.is_none(), "a window is open already");
        self.window = Some(Window::open(&self.programs, data, settings).await?);
        Ok(())
    }

    /// The open window.
    pub fn window(&self) -> anyhow::Result<&Window> {
        self.window.as_ref().context("no window is open")
    }

    /// Ends the app as logging off does; returns the seconds it took. Nothing may have gone wrong on its pages.
    pub async fn quit(&mut self) -> anyhow::Result<f64> {
        let faults = self.window()?.faults().await?;
        ensure!(faults.is_empty(), "faults on the page: {faults:?}");
        self.window.take().context("no window is open")?.quit().await
    }

    /// Ends the app in the middle of whatever it does, as the system does when it runs out of memory.
    pub async fn kill(&mut self) -> anyhow::Result<()> {
        self.window.take().context("no window is open")?.kill().await
    }

    /// Ends the step with a picture of the window.
    pub async fn done(&mut self, figures: Value) -> anyhow::Result<()> {
        self.window()?.picture(&self.record.picture()).await?;
        self.record.end(true, figures)
    }

    /// The company's data.
    pub fn books(&self) -> Books {
        Books::of(&self.data)
    }

    /// Waits until no run goes on, neither in the data nor in the window.
    pub async fn at_rest(&self) -> anyhow::Result<()> {
        let books = self.books();
        super::app::until("the end of the run", SYNC_PATIENCE, async || {
            let open = books.number("SELECT count(*) FROM runs WHERE finished_at IS NULL")?;
            Ok((open == 0).then_some(()))
        })
        .await?;
        self.window()?
            .find("“Sync now”", "//section[@aria-label='Sync']//button[normalize-space()='Sync now']")
            .await?;
        Ok(())
    }

    /// Presses "Sync now" and waits for the end of a run that began after it.
    pub async fn sync(&self) -> anyhow::Result<Value> {
        self.at_rest().await?;
        let books = self.books();
        let before = books.number("SELECT coalesce(max(row), 0) FROM runs")?;
        self.window()?.press_in("//section[@aria-label='Sync']", "Sync now").await?;
        let new = format!("SELECT count(*) FROM runs WHERE row > {before} AND finished_at IS NOT NULL");
        super::app::until("the end of the run", SYNC_PATIENCE, async || Ok((books.number(&new)? > 0).then_some(())))
            .await?;
        self.at_rest().await?;
        let run = |what: &str| {
            books.number(&format!(
                "SELECT coalesce(sum({what}), 0) FROM run_parts WHERE run_id = (SELECT id FROM runs ORDER BY row DESC LIMIT 1)"
            ))
        };
        Ok(json!({
            "read": run("read_count")?,
            "created": run("created_count")?,
            "updated": run("updated_count")?,
            "sent": run("sent_count")?,
            "problems": run("problem_count")?,
        }))
    }
}
