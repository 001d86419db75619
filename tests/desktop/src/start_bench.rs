//! How soon the app's window is on the screen, and how much memory it takes when it has come to rest, each as a ratio to a blank window
//! that was built beside it. The two take turns, so that whatever else the machine does meets both.
//!
//! Absent on purpose: a verdict in milliseconds or megabytes; those are of this machine, now.
#![expect(clippy::print_stdout, reason = "the figures are the result")]

use anyhow::{Context as _, bail, ensure};
use clap::Args;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};
use x11rb::connection::Connection as _;
use x11rb::protocol::Event;
use x11rb::protocol::xproto::{ChangeWindowAttributesAux, ConnectionExt as _, EventMask};
use x11rb::rust_connection::RustConnection;

/// What is compared, all by absolute path.
#[derive(Args)]
pub struct Programs {
    /// The app, as it is shipped.
    #[arg(long)]
    app: PathBuf,
    /// The blank window, built the same way.
    #[arg(long)]
    blank: PathBuf,
    /// Data folder of the demo company.
    #[arg(long)]
    data: PathBuf,
    /// Starts of each that are counted.
    #[arg(long, default_value_t = 7)]
    runs: usize,
}

/// Smaller windows are the toolkit's own helpers.
const SMALLEST: u16 = 400;
/// A window that has not come by then does not come.
const PATIENCE: Duration = Duration::from_secs(30);
/// Memory is at rest when two looks this far apart agree within a hundredth.
const LOOK: Duration = Duration::from_millis(750);
/// Looks at least, and at most.
const LOOKS: std::ops::Range<usize> = 4..24;

/// Runs all starts and prints the ratios.
pub fn run(programs: &Programs) -> anyhow::Result<()> {
    let screen = Screen::open()?;
    let app = |screen: &Screen| {
        let mut command = Command::new(&programs.app);
        command.env("BACKROOM_DATA_DIR", &programs.data);
        start(screen, command)
    };
    let blank = |screen: &Screen| start(screen, Command::new(&programs.blank));
    // Files and shared libraries are read once before anything counts.
    app(&screen)?;
    blank(&screen)?;
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for run in 0..programs.runs {
        // Who goes first changes, so that neither always finds the machine as the other left it.
        if run % 2 == 0 {
            ours.push(app(&screen)?);
            theirs.push(blank(&screen)?);
        } else {
            theirs.push(blank(&screen)?);
            ours.push(app(&screen)?);
        }
    }
    let load = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    println!("app: {}; blank: {}; load {}", figures(&ours), figures(&theirs), load.trim());
    println!("start ratio {}", ratio(&ours, &theirs, |start| start.mapped.as_micros().try_into().unwrap_or(u64::MAX)));
    println!("memory ratio {}", ratio(&ours, &theirs, |start| start.memory));
    Ok(())
}

/// What one start took.
struct Start {
    /// From the first instruction to the window on the screen.
    mapped: Duration,
    /// Of all processes at rest, in KiB, with shared pages counted once.
    memory: u64,
}

fn median(starts: &[Start], figure: impl Fn(&Start) -> u64) -> u64 {
    let mut all: Vec<u64> = starts.iter().map(figure).collect();
    all.sort_unstable();
    all.get(all.len() / 2).copied().unwrap_or(0)
}

/// Of the medians, with two decimals.
fn ratio(ours: &[Start], theirs: &[Start], figure: impl Fn(&Start) -> u64 + Copy) -> String {
    let hundredths = median(ours, figure).saturating_mul(100) / median(theirs, figure).max(1);
    format!("{}.{:02}", hundredths / 100, hundredths % 100)
}

fn figures(starts: &[Start]) -> String {
    let milliseconds = median(starts, |start| start.mapped.as_millis().try_into().unwrap_or(u64::MAX));
    format!("{milliseconds} ms, {} MiB", median(starts, |start| start.memory) / 1024)
}

/// Starts a program, waits for its window and for rest, and ends it.
fn start(screen: &Screen, mut command: Command) -> anyhow::Result<Start> {
    screen.forget();
    let begun = Instant::now();
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn()?;
    let measured = screen.window(begun, &mut child).map(|mapped| Start { mapped, memory: at_rest(child.id()) });
    let family = family(child.id());
    end(&mut child, &family)?;
    measured
}

/// The display, told of every window that appears.
struct Screen {
    connection: RustConnection,
}

impl Screen {
    fn open() -> anyhow::Result<Self> {
        let (connection, screen) = x11rb::connect(None).context("there is no display")?;
        let root = connection.setup().roots.get(screen).context("the display has no screen")?.root;
        let wanted = ChangeWindowAttributesAux::new().event_mask(EventMask::SUBSTRUCTURE_NOTIFY);
        connection.change_window_attributes(root, &wanted)?.check()?;
        Ok(Self { connection })
    }

    /// Drops what was told of earlier windows.
    fn forget(&self) {
        while let Ok(Some(_)) = self.connection.poll_for_event() {}
    }

    /// Waits for a window of a size that a person would call one.
    fn window(&self, begun: Instant, child: &mut Child) -> anyhow::Result<Duration> {
        while begun.elapsed() < PATIENCE {
            let Some(event) = self.connection.poll_for_event()? else {
                if let Some(ended) = child.try_wait()? {
                    bail!("the program ended with {ended} before it showed a window");
                }
                sleep(Duration::from_micros(500));
                continue;
            };
            let Event::MapNotify(mapped) = event else { continue };
            let at = begun.elapsed();
            // A helper may be gone before it is asked for.
            let size = self.connection.get_geometry(mapped.window)?.reply().ok();
            if size.is_some_and(|size| size.width >= SMALLEST && size.height >= SMALLEST) {
                return Ok(at);
            }
        }
        bail!("no window within {} s", PATIENCE.as_secs())
    }
}

/// The memory of a process and all it started, once it no longer changes.
fn at_rest(leader: u32) -> u64 {
    let mut before = 0;
    for look in 0..LOOKS.end {
        sleep(LOOK);
        let now: u64 = family(leader).iter().filter_map(|id| proportional(*id)).sum();
        if look >= LOOKS.start && now.abs_diff(before) * 100 <= before {
            return now;
        }
        before = now;
    }
    before
}

/// A process and everything below it.
fn family(leader: u32) -> BTreeSet<u32> {
    let parents: Vec<(u32, u32)> = fs::read_dir("/proc")
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| {
            let id = entry.file_name().to_str()?.parse().ok()?;
            let stat = fs::read_to_string(entry.path().join("stat")).ok()?;
            let parent = stat.rsplit(')').next()?.split_whitespace().nth(1)?.parse().ok()?;
            Some((id, parent))
        })
        .collect();
    let mut found = BTreeSet::from([leader]);
    loop {
        let more: Vec<u32> = parents
            .iter()
            .filter(|(id, parent)| found.contains(parent) && !found.contains(id))
            .map(|(id, _)| *id)
            .collect();
        if more.is_empty() {
            return found;
        }
        found.extend(more);
    }
}

/// Memory of a process in KiB, with a page that several share counted in parts.
fn proportional(id: u32) -> Option<u64> {
    let rollup = fs::read_to_string(format!("/proc/{id}/smaps_rollup")).ok()?;
    rollup.lines().find_map(|line| line.strip_prefix("Pss:"))?.split_whitespace().next()?.parse().ok()
}

/// Asks a program to end and waits until it and all it started are gone.
fn end(child: &mut Child, family: &BTreeSet<u32>) -> anyhow::Result<()> {
    let asked = Command::new("kill").args(["-TERM", &child.id().to_string()]).status()?;
    ensure!(asked.success(), "the program could not be asked to end");
    let begun = Instant::now();
    child.wait()?;
    while begun.elapsed() < PATIENCE {
        if !family.iter().any(|id| proportional(*id).is_some() && Path::new(&format!("/proc/{id}")).exists()) {
            return Ok(());
        }
        sleep(Duration::from_millis(20));
    }
    bail!("something of it is left running")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ratio_is_one_of_medians() {
        let start = |ms: u64, memory| Start { mapped: Duration::from_millis(ms), memory };
        let ours = [start(900, 3), start(121, 118), start(120, 118)];
        let theirs = [start(100, 100), start(99, 100), start(101, 1)];
        assert_eq!(ratio(&ours, &theirs, |start| start.mapped.as_micros().try_into().unwrap_or(0)), "1.21");
        assert_eq!(ratio(&ours, &theirs, |start| start.memory), "1.18");
    }

    #[test]
    fn a_process_and_what_it_started_are_measured_together() {
        let mut child = Command::new("sh").args(["-c", "sleep 30 & wait"]).spawn().expect("a shell");
        let begun = Instant::now();
        while family(child.id()).len() < 2 && begun.elapsed() < PATIENCE {
            std::thread::yield_now();
        }
        let all = family(child.id());
        assert!(all.len() >= 2, "{all:?}");
        assert!(all.iter().filter_map(|id| proportional(*id)).sum::<u64>() > 0);
        for id in all {
            let _ended = Command::new("kill").arg(id.to_string()).status();
        }
        let _ended = child.wait();
    }
}
