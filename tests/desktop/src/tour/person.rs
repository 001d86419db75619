//! The person at the machine: whose browser opens where the app points it, who says yes or no there, and whose system hands links on.

use super::app::until;
use super::limit::named;
use super::simulators::Simulators;
use super::window::PATIENCE;
use anyhow::{Context as _, ensure};
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use tokio::process::Command;

/// Longest edge of a browser's window in pictures.
const BROWSER_SIZE: &str = "--window-size=900,640";

/// A person with a home folder.
pub struct Person {
    home: PathBuf,
    /// Where the browser writes the addresses it is given.
    opened: PathBuf,
}

impl Person {
    /// Makes a small program the default browser of this home folder. It only writes down what it is asked to open.
    pub async fn settle_in() -> anyhow::Result<Self> {
        let home = PathBuf::from(std::env::var_os("HOME").context("a home folder")?);
        let applications = home.join(".local/share/applications");
        fs::create_dir_all(&applications)?;
        let (script, opened) = (home.join("browser.sh"), home.join("opened-pages"));
        fs::write(&script, format!("#!/bin/sh\nprintf '%s\\n' \"$1\" >>'{}'\n", opened.display()))?;
        fs::set_permissions(&script, fs::Permissions::from_mode(0o755))?;
        let entry = format!(
            "[Desktop Entry]\nType=Application\nName=Browser\nExec={} %u\nMimeType=x-scheme-handler/http;x-scheme-handler/https;\n",
            script.display()
        );
        fs::write(applications.join("tour-browser.desktop"), entry)?;
        for scheme in ["http", "https"] {
            let set = Command::new("xdg-mime")
                .args(["default", "tour-browser.desktop", &format!("x-scheme-handler/{scheme}")])
                .kill_on_drop(true)
                .status()
                .await?;
            ensure!(set.success(), "the browser could not be made the default for {scheme}");
        }
        Ok(Self { home, opened })
    }

    /// How many pages the browser was asked to open so far.
    pub fn pages(&self) -> usize {
        fs::read_to_string(&self.opened).unwrap_or_default().lines().count()
    }

    /// Waits for the page after so many others.
    pub async fn page_after(&self, pages: usize) -> anyhow::Result<String> {
        until("a page in the browser", PATIENCE, async || {
            Ok(fs::read_to_string(&self.opened).unwrap_or_default().lines().nth(pages).map(str::to_owned))
        })
        .await
    }

    /// Answers the consent page. Returns the address the vendor sends the browser to: the bounce page.
    pub async fn answer(&self, simulators: &Simulators, consent: &str, allow: bool) -> anyhow::Result<String> {
        let (status, _, page) = simulators.browse("GET", consent, String::new()).await?;
        ensure!(status == 200 && page.contains("<form"), "the consent page asks: {status} {page}");
        let address = url::Url::parse(consent)?;
        let mut form = url::form_urlencoded::Serializer::new(String::new());
        form.extend_pairs(address.query_pairs());
        form.append_pair("decision", if allow { "allow" } else { "deny" });
        let action = address.join("oauth2/decision")?;
        let (status, target, page) = simulators.browse("POST", action.as_str(), form.finish()).await?;
        target.with_context(|| format!("the vendor sends the browser on: {status} {page}"))
    }

    /// The link that a page's own script offers under "Open Backroom", read from the page as a true browser has drawn it.
    pub async fn link_on(&self, page: &str) -> anyhow::Result<String> {
        let shown = self.browser(&["--dump-dom", page]).await?;
        let start = shown.find("href=\"backroom://").context("the page offers no link to Backroom")? + "href=\"".len();
        let link = shown[start..].split('"').next().unwrap_or_default();
        Ok(link.replace("&amp;", "&"))
    }

    /// A picture of a page in a true browser.
    pub async fn picture(&self, page: &str, file: &Path) -> anyhow::Result<()> {
        let target = format!("--screenshot={}", file.display());
        self.browser(&[BROWSER_SIZE, "--hide-scrollbars", &target, page]).await?;
        ensure!(file.exists(), "the browser took no picture of {page}");
        Ok(())
    }

    async fn browser(&self, arguments: &[&str]) -> anyhow::Result<String> {
        let program = std::env::var("BACKROOM_CHROMIUM").unwrap_or_else(|_| "/usr/bin/chromium".to_owned());
        let output = Command::new(&program)
            .args(["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"])
            .arg(format!("--user-data-dir={}", self.home.join("chromium").display()))
            .args(arguments)
            .kill_on_drop(true)
            .output();
        let output = tokio::time::timeout(PATIENCE * 3, output).await.context("the browser did not end")??;
        ensure!(output.status.success(), "the browser: {}", String::from_utf8_lossy(&output.stderr));
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    }

    /// Opens a link the way the desktop does.
    pub async fn open_link(&self, link: &str) -> anyhow::Result<()> {
        let opened = named("xdg-open", Command::new("xdg-open").arg(link).kill_on_drop(true).output()).await?;
        ensure!(opened.status.success(), "xdg-open: {}", String::from_utf8_lossy(&opened.stderr));
        Ok(())
    }
}
