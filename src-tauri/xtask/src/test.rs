//! `test`: every check, part by part, with seconds and counts. A part that fails does not hide the others.

use crate::shell::{cargo, npm, target};
use crate::{build, demo, deny, machine, random};
use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};
use std::time::Instant;

/// Numbers of tests.
#[derive(Default, Clone, Copy)]
struct Counts {
    passed: u64,
    failed: u64,
    skipped: u64,
}

impl Counts {
    fn add(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.skipped += other.skipped;
    }
}

/// A named part and what runs it.
type Part = (&'static str, fn() -> anyhow::Result<Counts>);

/// Runs all parts, or those whose name contains `only`.
pub fn run(only: Option<&str>) -> anyhow::Result<()> {
    machine::prepare(true)?;
    build::placeholder_ui()?;
    let parts: [Part; 13] = [
        ("format", || check(&mut cargo(["fmt", "--all", "--check"]))),
        ("ui: types and lint", || check(&mut npm(["--prefix", "ui", "run", "--silent", "check"]))),
        ("ui: unit tests", || count(&mut npm(["--prefix", "ui", "run", "--silent", "test"]), vitest)),
        ("ui: build", || build::ui().map(|()| Counts { passed: 1, ..Counts::default() })),
        ("clippy", || {
            check(&mut cargo(["clippy", "--locked", "--workspace", "--all-targets", "--", "-D", "warnings"]))
        }),
        ("licenses and sources", || deny::check().map(|()| Counts { passed: 1, ..Counts::default() })),
        ("rust", || count(cargo(["test", "--locked", "--no-fail-fast"]).args(build::EVERYTHING), libtest)),
        ("random days", random_days),
        ("wrong answers", wrong_answers),
        ("crash", crash),
        ("disk", disk),
        ("browser", browser),
        ("desktop", desktop),
    ];
    let mut total = Counts::default();
    let mut failed = Vec::new();
    let chosen: Vec<_> = parts.iter().filter(|(name, _)| only.is_none_or(|only| name.contains(only))).collect();
    anyhow::ensure!(!chosen.is_empty(), "no part is called so; there are: {}", parts.map(|(name, _)| name).join(", "));
    for (name, part) in chosen {
        println!("\n=== {name}");
        let begun = Instant::now();
        let counts = part().unwrap_or_else(|error| {
            println!("{error:#}");
            Counts { failed: 1, ..Counts::default() }
        });
        println!("=== {name}: {} s", begun.elapsed().as_secs());
        if counts.failed > 0 {
            failed.push(*name);
        }
        total.add(counts);
    }
    if !failed.is_empty() {
        println!("\nfailed: {}", failed.join(", "));
    }
    println!("\n{} passed, {} failed, {} skipped", total.passed, total.failed, total.skipped);
    if total.failed > 0 {
        std::process::exit(1);
    }
    Ok(())
}

/// A check without counts of its own is one test.
fn check(command: &mut Command) -> anyhow::Result<Counts> {
    crate::shell::run(command)?;
    Ok(Counts { passed: 1, ..Counts::default() })
}

/// Runs a test program, shows what it prints, and adds up what its lines say. Ending badly without naming a failed test counts as
/// one failure.
fn count(command: &mut Command, read: fn(&str) -> Option<Counts>) -> anyhow::Result<Counts> {
    let mut child = command.env("CI", "true").env("NO_COLOR", "1").stdout(Stdio::piped()).spawn()?;
    let mut counts = Counts::default();
    for line in BufReader::new(child.stdout.take().expect("its output is piped")).lines() {
        let line = line?;
        println!("{line}");
        if let Some(seen) = read(&line) {
            counts.add(seen);
        }
    }
    if !child.wait()?.success() && counts.failed == 0 {
        counts.failed = 1;
    }
    anyhow::ensure!(counts.passed + counts.failed > 0, "it ran no test");
    Ok(counts)
}

/// `test result: ok. 12 passed; 0 failed; 1 ignored; …`
fn libtest(line: &str) -> Option<Counts> {
    let rest = line.strip_prefix("test result: ")?;
    Some(Counts {
        passed: before(rest, " passed")?,
        failed: before(rest, " failed")?,
        skipped: before(rest, " ignored")?,
    })
}

/// `     Tests  1 failed | 40 passed | 2 skipped (43)`
fn vitest(line: &str) -> Option<Counts> {
    let rest = line.trim_start().strip_prefix("Tests ")?;
    let number = |word| before(rest, word).unwrap_or(0);
    Some(Counts { passed: number(" passed"), failed: number(" failed"), skipped: number(" skipped") })
}

/// `  12 passed (1.2m)`, `  1 failed`, `  2 skipped`: each on a line of its own.
fn playwright(line: &str) -> Option<Counts> {
    let line = line.trim();
    let number = |word: &str| {
        let rest = line.split_once(word)?;
        let alone = rest.1.is_empty() || rest.1.starts_with(" (");
        alone.then(|| rest.0.parse().ok()).flatten()
    };
    let counts = Counts {
        passed: number(" passed").unwrap_or(0),
        failed: number(" failed").unwrap_or(0),
        skipped: number(" skipped").unwrap_or(0),
    };
    (counts.passed + counts.failed + counts.skipped > 0).then_some(counts)
}

/// `300 seeds, 60000 steps, 4800 faults, 1600 kills, 0 violations`: each seed is a test.
fn days(line: &str) -> Option<Counts> {
    let (seeds, failed) = (before(line, " seeds, ")?, before(line, " violations")?);
    Some(Counts { passed: seeds.saturating_sub(failed), failed, skipped: 0 })
}

/// `8 of 8 sabotages caught`: each sabotage is a test.
fn sabotages(line: &str) -> Option<Counts> {
    let line = line.strip_suffix(" sabotages caught")?;
    let (caught, all) = line.split_once(" of ")?;
    let (caught, all): (u64, u64) = (caught.parse().ok()?, all.parse().ok()?);
    Some(Counts { passed: caught, failed: all.saturating_sub(caught), skipped: 0 })
}

/// `10 kills, 12 restarts, 0 lost, …`: each kill is a test, and what is lost or doubled a failed one.
fn kills(line: &str) -> Option<Counts> {
    let failed = before(line, " lost, ")? + before(line, " duplicated, ")?;
    Some(Counts { passed: before(line, " kills, ")?, failed, skipped: 0 })
}

/// The number that stands right before a word.
fn before(text: &str, word: &str) -> Option<u64> {
    let (head, _) = text.split_once(word)?;
    head.rsplit(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
}

/// Seeds that once found something.
const FOUND: [u64; 17] = [
    7_654_596,
    7_655_349,
    1_796_049_924,
    500_021,
    500_155,
    900_236,
    3_000_222,
    3_000_309,
    3_000_393,
    11_000_787,
    11_001_473,
    13_000_811,
    13_000_861,
    13_001_211,
    15_001_666,
    19_002_704,
    21_000_311,
];

/// The same seeds as ever and the proof that each safeguard would be missed. No fresh ones: the same tree always gets the same
/// answer. Those are played with `cargo xtask random`.
fn random_days() -> anyhow::Result<Counts> {
    let program = random::for_tests()?;
    let play = |arguments: &str, read| {
        println!("cargo xtask random {arguments}");
        count(program("backroom-random").args(arguments.split(' ')), read)
    };
    let mut counts = play("--seeds 300 --steps 200", days)?;
    for seed in FOUND {
        counts.add(play(&format!("--seeds 1 --from {seed} --steps 200"), days)?);
    }
    counts.add(play("--sabotage all", sabotages)?);
    Ok(counts)
}

/// The seed of the kills in the test command: the same every time. Fresh ones are `cargo xtask crash`'s.
const CRASH: u64 = 20_261_130;

/// One place of a vendor's answers made wrong, in the same thousand ways every time.
fn wrong_answers() -> anyhow::Result<Counts> {
    println!("cargo xtask fuzz --seeds 1000");
    count(random::for_tests()?("backroom-fuzz").args(["--seeds", "1000"]), days)
}

/// The real command line, killed in the middle of its syncs.
fn crash() -> anyhow::Result<Counts> {
    if !cfg!(target_os = "linux") {
        println!("A keychain of its own is only made on Linux.");
        return Ok(Counts { skipped: 1, ..Counts::default() });
    }
    println!("cargo xtask crash --kills 10 --seed {CRASH}");
    count(&mut random::crash_program(10, CRASH)?, kills)
}

/// `126 disk faults, 0 lost`: each fault is a test.
fn disk_faults(line: &str) -> Option<Counts> {
    let (faults, failed) = (before(line, " disk faults, ")?, before(line, " lost")?);
    Some(Counts { passed: faults.saturating_sub(failed), failed, skipped: 0 })
}

/// The real command line on a disk that fails.
fn disk() -> anyhow::Result<Counts> {
    if !cfg!(target_os = "linux") {
        println!("The failing disk is only made on Linux.");
        return Ok(Counts { skipped: 1, ..Counts::default() });
    }
    println!("cargo xtask disk");
    count(&mut random::disk_program(false)?, disk_faults)
}

/// The true UI and the true commands in Chromium, with accessibility checks.
fn browser() -> anyhow::Result<Counts> {
    build::ui()?;
    build::tools(&["backroom-bridge"])?;
    let mut tests = npm(["--prefix", "tests/browser", "run", "--silent", "test"]);
    count(tests.env("BACKROOM_BRIDGE", build::built("backroom-bridge")), playwright)
}

/// The main job in the real window.
fn desktop() -> anyhow::Result<Counts> {
    if !cfg!(target_os = "linux") {
        println!("The window is only driven on Linux.");
        return Ok(Counts { skipped: 1, ..Counts::default() });
    }
    build::ui()?;
    let programs = build::programs()?;
    let folder = target().join("desktop-test");
    let ended = demo::drive(&programs, &folder);
    let steps: Vec<serde_json::Value> = std::fs::read_to_string(folder.join("summary.json"))
        .ok()
        .and_then(|summary| serde_json::from_str(&summary).ok())
        .unwrap_or_default();
    if let Err(error) = &ended {
        println!("{error:#}");
    }
    Ok(Counts { passed: steps.len() as u64, failed: u64::from(ended.is_err()), skipped: 0 })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers(counts: Option<Counts>) -> Option<(u64, u64, u64)> {
        counts.map(|counts| (counts.passed, counts.failed, counts.skipped))
    }

    #[test]
    fn cargos_closing_line_is_counted() {
        let line = "test result: FAILED. 12 passed; 1 failed; 2 ignored; 0 measured; 0 filtered out; finished in 0.1s";
        assert_eq!(numbers(libtest(line)), Some((12, 1, 2)));
        assert_eq!(numbers(libtest("test money ... ok")), None);
    }

    #[test]
    fn vitests_closing_line_is_counted() {
        assert_eq!(numbers(vitest("      Tests  1 failed | 40 passed | 2 skipped (43)")), Some((40, 1, 2)));
        assert_eq!(numbers(vitest("      Tests  40 passed (40)")), Some((40, 0, 0)));
        assert_eq!(numbers(vitest(" Test Files  9 passed (9)")), None);
    }

    #[test]
    fn closing_lines_of_random_days_sabotages_and_crashes_are_counted() {
        assert_eq!(numbers(days("300 seeds, 60000 steps, 4 faults, 1 kills, 2 violations")), Some((298, 2, 0)));
        assert_eq!(numbers(days("44 runs in 5 ms on 2 threads: 6.1 seeds a second each")), None);
        assert_eq!(numbers(sabotages("7 of 8 sabotages caught")), Some((7, 1, 0)));
        assert_eq!(numbers(sabotages("no-dedupe 12 lost")), None);
        let line = "10 kills, 12 restarts, 1 lost, 2 duplicated, integrity ok, ledger balanced";
        assert_eq!(numbers(kills(line)), Some((10, 3, 0)));
        assert_eq!(numbers(kills("  3 after 20 ms: Killed")), None);
    }

    #[test]
    fn playwrights_closing_lines_are_counted() {
        assert_eq!(numbers(playwright("  12 passed (1.2m)")), Some((12, 0, 0)));
        assert_eq!(numbers(playwright("  1 failed")), Some((0, 1, 0)));
        assert_eq!(numbers(playwright("  2 skipped")), Some((0, 0, 2)));
        assert_eq!(numbers(playwright("  ✓  3 home.spec.ts:5 › 4 passed orders are shown (2s)")), None);
    }
}
