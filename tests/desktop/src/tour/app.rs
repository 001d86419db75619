//! The app as a process: finding it, ending it as the system does, and waiting without guessing how long.

use super::limit::named;
use anyhow::{Context as _, bail};
use std::path::Path;
use std::time::Duration;
use tokio::time::Instant;

/// Between two looks.
const PAUSE: Duration = Duration::from_millis(25);

/// Looks again and again until there is something, or says what did not come.
pub async fn until<T>(
    what: &str,
    at_most: Duration,
    mut look: impl AsyncFnMut() -> anyhow::Result<Option<T>>,
) -> anyhow::Result<T> {
    let begun = Instant::now();
    let looks = async {
        loop {
            if let Some(found) = look().await? {
                return Ok(found);
            }
            if begun.elapsed() > at_most {
                bail!("{what}: not within {} s", at_most.as_secs());
            }
            tokio::time::sleep(PAUSE).await;
        }
    };
    named(what, looks).await
}

/// The process of this program that works on this data folder, if it runs.
pub fn find(program: &Path, data: &Path) -> Option<u32> {
    let wanted = format!("BACKROOM_DATA_DIR={}", data.display());
    std::fs::read_dir("/proc").ok()?.flatten().find_map(|entry| {
        let id: u32 = entry.file_name().to_str()?.parse().ok()?;
        let same_program = std::fs::read_link(entry.path().join("exe")).is_ok_and(|target| target == program);
        let environment = std::fs::read(entry.path().join("environ")).unwrap_or_default();
        let same_folder = environment.split(|byte| *byte == 0).any(|set| set == wanted.as_bytes());
        (same_program && same_folder).then_some(id)
    })
}

/// Whether a process is there. One that has ended and only waits to be collected counts as gone; one whose first thread has ended
/// and others have not is there: what it holds, such as its name on the message bus, is free only with the last of them. An app that is
/// started meanwhile finds the name taken and nobody who answers.
pub fn runs(id: u32) -> bool {
    let Ok(threads) = std::fs::read_dir(format!("/proc/{id}/task")) else { return false };
    threads.flatten().any(|thread| {
        std::fs::read_to_string(thread.path().join("stat"))
            .is_ok_and(|stat| stat.rsplit(')').next().is_some_and(|rest| !rest.trim_start().starts_with(['Z', 'X'])))
    })
}

/// Asks a process to end.
pub async fn terminate(id: u32) -> anyhow::Result<()> {
    ask_to_end(&id.to_string()).await
}

/// Asks a process and all of its group to end.
pub async fn terminate_group(leader: u32) -> anyhow::Result<()> {
    ask_to_end(&format!("-{leader}")).await
}

async fn ask_to_end(whom: &str) -> anyhow::Result<()> {
    signal("-TERM", whom).await
}

async fn signal(which: &str, whom: &str) -> anyhow::Result<()> {
    let done = tokio::process::Command::new("kill").args([which, "--", whom]).status().await?;
    anyhow::ensure!(done.success(), "the process {whom} could not be sent {which}");
    Ok(())
}

/// Ends the app as logging off does, and returns how long it took.
pub async fn quit(program: &Path, data: &Path) -> anyhow::Result<Duration> {
    let id = find(program, data).context("the app runs")?;
    let begun = Instant::now();
    terminate(id).await?;
    ended(id).await?;
    Ok(begun.elapsed())
}

/// Ends the app without letting it do anything more.
pub async fn kill(program: &Path, data: &Path) -> anyhow::Result<()> {
    let id = find(program, data).context("the app runs")?;
    signal("-KILL", &id.to_string()).await?;
    ended(id).await
}

async fn ended(id: u32) -> anyhow::Result<()> {
    until("the app ends", Duration::from_secs(30), async || Ok((!runs(id)).then_some(()))).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_is_there_until_it_has_ended() {
        let mut child = std::process::Command::new("sleep").arg("30").spawn().expect("a process");
        assert!(runs(child.id()), "it runs");
        child.kill().expect("it can be ended");
        child.wait().expect("it ends");
        assert!(!runs(child.id()), "it is gone");
    }

    #[test]
    fn an_ended_process_that_nobody_collected_counts_as_gone() {
        let mut child = std::process::Command::new("true").spawn().expect("a process");
        while runs(child.id()) {
            std::thread::yield_now();
        }
        child.wait().expect("it was only waiting to be collected");
    }

    #[test]
    fn no_process_is_found_for_a_folder_nobody_works_on() {
        let own = std::env::current_exe().expect("this program");
        assert_eq!(find(&own, Path::new("/nowhere/at/all")), None);
    }
}
