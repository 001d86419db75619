//! What the machine must have, and putting it there on Debian and Ubuntu.

use crate::shell::{NPM, command, has, output, run, target};
use anyhow::bail;
use std::path::PathBuf;

/// Debian's packages for building: a C compiler for SQLite, and the webview, which brings GTK along.
const BUILD: &[&str] = &["build-essential", "pkg-config", "libwebkit2gtk-4.1-dev"];
/// For running: the tray's library is loaded when the app starts; the next three register links and open pages; without a font
/// there is no text, and without certificates no vendor can be told from another.
const RUN: &[&str] = &[
    "libayatana-appindicator3-1",
    "xdg-utils",
    "desktop-file-utils",
    "libglib2.0-bin",
    "fonts-dejavu-core",
    "ca-certificates",
];
/// A display, a session and a keychain.
const SESSION: &[&str] = &["xvfb", "dbus", "gnome-keyring", "libglib2.0-bin"];
/// The same and a driver, for tests of the real window; a browser for tests of the UI; Python to install the checker of licenses.
const TEST: &[&str] = &["xvfb", "dbus", "gnome-keyring", "webkit2gtk-driver", "chromium", "procps", "python3-venv"];

/// Oldest Node.js that the UI's tools run on.
const NODE: u32 = 20;

/// The driver of Tauri windows; 3.0 alphas exist, so the version is named.
const DRIVER_VERSION: &str = "2.1.0";

/// Installs what is missing for building and running; with `tests`, for testing too.
pub fn prepare(tests: bool) -> anyhow::Result<()> {
    let node = if has(NPM) { output(&mut command("node", ["--version"])).ok() } else { None };
    if node.as_deref().and_then(major).is_none_or(|version| version < NODE) {
        bail!("Node.js {NODE} or newer with npm is needed: install it from nodejs.org or your system's packages");
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

/// Installs what `tests/desktop/session.sh` needs.
pub fn session() -> anyhow::Result<()> {
    debian(SESSION)
}

/// The major version in a text such as `v20.19.1`.
fn major(version: &str) -> Option<u32> {
    version.trim().trim_start_matches('v').split('.').next()?.parse().ok()
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
    run(&mut crate::shell::npm(["ci", "--prefix", &prefix, "--no-audit", "--no-fund", "--loglevel", "error"]))?;
    std::fs::write(stamp, lock)?;
    Ok(())
}

/// The driver of Tauri windows, built once into the target folder. It only hands requests on, so it is built the quick way.
pub fn driver() -> anyhow::Result<PathBuf> {
    let tools = target().join("tools");
    let driver = tools.join("bin/tauri-driver");
    if !driver.is_file() {
        println!("Building tauri-driver {DRIVER_VERSION}");
        let root = tools.to_string_lossy().into_owned();
        let arguments =
            ["install", "tauri-driver", "--version", DRIVER_VERSION, "--locked", "--debug", "--quiet", "--root", &root];
        run(&mut crate::shell::cargo(arguments))?;
    }
    Ok(driver)
}

#[cfg(test)]
mod tests {
    use super::major;

    #[test]
    fn nodes_version_is_read() {
        assert_eq!(major("v20.20.2\n"), Some(20));
        assert_eq!(major("22.1.0"), Some(22));
        assert_eq!(major("not found"), None);
    }
}
