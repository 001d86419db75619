//! What the machine must have, and putting it there on Debian and Ubuntu.

use crate::shell::{command, has, output, run, target};
use anyhow::bail;
use std::path::PathBuf;

/// Debian's packages and why each is needed.
const BUILD: &[&str] = &["build-essential", "pkg-config", "libwebkit2gtk-4.1-dev", "libayatana-appindicator3-dev"];
const RUN: &[&str] = &["xdg-utils", "desktop-file-utils", "libglib2.0-bin", "fonts-dejavu-core"];
/// A display, a session, a keychain and a driver, for tests of the real window; a browser for tests of the UI.
const TEST: &[&str] =
    &["xvfb", "xauth", "dbus", "dbus-x11", "gnome-keyring", "webkit2gtk-driver", "chromium", "imagemagick"];

/// The driver of Tauri windows; 3.0 alphas exist, so the version is named.
const DRIVER_VERSION: &str = "2.1.0";

/// Installs what is missing for building and running; with `tests`, for testing too.
pub fn prepare(tests: bool) -> anyhow::Result<()> {
    if !has("npm") {
        bail!("Node.js 20 or newer with npm is needed: install it from your system's packages or nodejs.org");
    }
    if cfg!(target_os = "linux") {
        let wanted = BUILD.iter().chain(RUN).chain(TEST.iter().filter(|_| tests)).copied();
        debian(&wanted.collect::<Vec<_>>())?;
    }
    npm("ui")?;
    if tests {
        npm("tests/browser")?;
    }
    Ok(())
}

fn debian(wanted: &[&str]) -> anyhow::Result<()> {
    if !has("dpkg-query") {
        println!(
            "This is no Debian or Ubuntu, so install these yourself (or their counterparts): {}",
            wanted.join(" ")
        );
        return Ok(());
    }
    let installed = command("dpkg-query", ["-W", "-f", "${Package}:${db:Status-Status}\n"]).output()?.stdout;
    let installed = String::from_utf8_lossy(&installed).into_owned();
    let missing: Vec<&str> = wanted
        .iter()
        .copied()
        .filter(|name| !installed.lines().any(|line| line == format!("{name}:installed")))
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    println!("Installing {}", missing.join(" "));
    let root = output(&mut command("id", ["-u"]))?.trim() == "0";
    let apt = |arguments: &[&str]| {
        let mut full: Vec<&str> = if root { vec![] } else { vec!["sudo"] };
        full.extend(["env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-qq"]);
        full.extend(arguments);
        run(&mut command(full[0], &full[1..]))
    };
    apt(&["update"])?;
    apt(&[&["install", "-y", "--no-install-recommends"], missing.as_slice()].concat())
}

/// `npm ci`, once per lock file.
fn npm(folder: &str) -> anyhow::Result<()> {
    let folder = PathBuf::from(folder);
    let lock = std::fs::read_to_string(folder.join("package-lock.json"))?;
    let stamp = folder.join("node_modules/.installed-lock");
    if std::fs::read_to_string(&stamp).is_ok_and(|installed| installed == lock) {
        return Ok(());
    }
    println!("Installing the packages of {}", folder.display());
    let prefix = folder.to_string_lossy().into_owned();
    run(&mut command("npm", ["ci", "--prefix", &prefix, "--no-audit", "--no-fund", "--loglevel", "error"]))?;
    std::fs::write(stamp, lock)?;
    Ok(())
}

/// The driver of Tauri windows, built once into the target folder.
pub fn driver() -> anyhow::Result<PathBuf> {
    let tools = target().join("tools");
    let driver = tools.join("bin/tauri-driver");
    if !driver.is_file() {
        println!("Building tauri-driver {DRIVER_VERSION}");
        let root = tools.to_string_lossy().into_owned();
        let arguments =
            ["install", "tauri-driver", "--version", DRIVER_VERSION, "--locked", "--quiet", "--root", &root];
        run(&mut crate::shell::cargo(arguments))?;
    }
    Ok(driver)
}
