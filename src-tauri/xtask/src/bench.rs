//! `bench`: figures as ratios of two things measured in one run, because times alone are the machine's.

use crate::shell::{cargo, command, run as run_program, target};
use crate::{build, machine};
use anyhow::ensure;
use std::path::PathBuf;

/// What can be measured.
#[derive(Debug, Clone, Copy, clap::ValueEnum)]
pub enum What {
    /// The window's way to the screen, and its memory at rest, against a blank window.
    Start,
    /// Opening, looking up, summing and paging a large data file, against a small one and SQLite alone. Fills its files once.
    Store,
}

/// Measures.
pub fn run(what: What) -> anyhow::Result<()> {
    match what {
        What::Start => start(),
        What::Store => run_program(&mut cargo(["run", "--release", "--locked", "--quiet", "-p", "backroom-bench"])),
    }
}

/// Both programs are built as they are shipped, and started in turns under a display of their own.
fn start() -> anyhow::Result<()> {
    ensure!(cfg!(target_os = "linux"), "windows and memory are only measured on Linux");
    machine::prepare(false)?;
    machine::session()?;
    build::ui()?;
    println!("Building both programs as they are shipped");
    let both = ["--bins", "--example", "blank", "--features", "blank-window"];
    run_program(cargo(["build", "--release", "--locked", "-p", "backroom"]).args(both))?;
    build::tools(&["backroom-tour"])?;
    let tour = build::built("backroom-tour");
    let released = |name: &str| -> PathBuf { target().join("release").join(name) };
    let data = target().join("bench/start");
    run_program(std::process::Command::new(&tour).arg("demo-data").arg("--data-dir").arg(&data))?;
    run_program(
        command("bash", ["tests/desktop/session.sh"])
            .arg(&tour)
            .arg("start-bench")
            .arg("--app")
            .arg(released("backroom"))
            .arg("--blank")
            .arg(released("examples/blank"))
            .arg("--data")
            .arg(&data),
    )
}
