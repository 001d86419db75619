//! The real window by WebDriver: finding what a person would name, clicking, typing, taking pictures.

use super::Programs;
use super::app::{self, until};
use anyhow::{Context as _, bail, ensure};
use fantoccini::elements::Element;
use fantoccini::{Client, ClientBuilder, Locator};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};
use tokio::process::{Child, Command};

/// How long something on the page may take to appear.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// The Enter key.
pub const ENTER: &str = "\u{e007}";

/// Any row of a list, as `XPath`.
pub const LIST_ROW: &str = "//*[@role='grid']//*[@role='row'][@aria-rowindex > 1]";

/// How long a list must be the same to count as at rest: longer than the page waits for the next letter.
const REST: Duration = Duration::from_millis(300);

/// Pictures that are taken until two are alike.
const PICTURES: usize = 10;

/// The app with its window open.
pub struct Window {
    driver: Child,
    client: Client,
    program: PathBuf,
    data: PathBuf,
}

impl Window {
    /// Starts the app on a data folder and waits for its page. `settings` are further variables of its environment.
    pub async fn open(programs: &Programs, data: &Path, settings: &[(&str, &str)]) -> anyhow::Result<Self> {
        let [port, native] = free_ports()?;
        let mut driver = Command::new(&programs.driver);
        driver
            .args(["--port", &port.to_string(), "--native-port", &native.to_string()])
            .args(["--native-driver", "/usr/bin/WebKitWebDriver"])
            .env("BACKROOM_DATA_DIR", data)
            .env_remove("BACKROOM_SANDBOX")
            .envs(settings.iter().copied())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            // A group of its own, so that the driver below it ends with it.
            .process_group(0)
            .kill_on_drop(true);
        let mut driver = driver.spawn().context("the driver could not be started")?;
        let client = match connect(programs, [port, native]).await {
            Ok(client) => client,
            Err(error) => {
                dismiss(&mut driver).await?;
                return Err(error);
            }
        };
        let window = Self { driver, client, program: programs.app.clone(), data: data.to_path_buf() };
        window.watch().await?;
        Ok(window)
    }

    /// Counts faults of the page from here on: thrown errors and what the content policy stopped.
    async fn watch(&self) -> anyhow::Result<()> {
        let script = "window.faults = [];
            addEventListener('error', (event) => window.faults.push(String(event.message)));
            addEventListener('unhandledrejection', (event) => window.faults.push(String(event.reason)));
            document.addEventListener('securitypolicyviolation',
                (event) => window.faults.push(`${event.violatedDirective} ${event.blockedURI}`));";
        self.client.execute(script, vec![]).await?;
        Ok(())
    }

    /// What went wrong on the page without being shown.
    pub async fn faults(&self) -> anyhow::Result<Vec<String>> {
        Ok(serde_json::from_value(self.client.execute("return window.faults", vec![]).await?)?)
    }

    /// Goes to a page of the app by its path.
    pub async fn go(&self, path: &str) -> anyhow::Result<()> {
        self.client.execute("window.location.hash = arguments[0]", vec![json!(path)]).await?;
        Ok(())
    }

    /// The page's address behind the `#`.
    pub async fn place(&self) -> anyhow::Result<String> {
        let place = self.client.execute("return window.location.hash.slice(1)", vec![]).await?;
        Ok(place.as_str().unwrap_or_default().to_owned())
    }

    /// Everything that can be read in the window now.
    pub async fn text(&self) -> anyhow::Result<String> {
        let text = self.client.execute("return document.body ? document.body.innerText : ''", vec![]).await?;
        Ok(text.as_str().unwrap_or_default().to_owned())
    }

    /// Waits until this can be read in the window.
    pub async fn read(&self, words: &str) -> anyhow::Result<()> {
        self.read_within(words, PATIENCE).await
    }

    /// [`Window::read`] for what takes its time.
    pub async fn read_within(&self, words: &str, at_most: Duration) -> anyhow::Result<()> {
        until(&format!("“{words}” in the window"), at_most, async || {
            Ok(self.text().await?.contains(words).then_some(()))
        })
        .await
    }

    /// Waits until there is an element.
    pub async fn find(&self, what: &str, path: &str) -> anyhow::Result<Element> {
        let wait = self.client.wait().at_most(PATIENCE).every(Duration::from_millis(50));
        wait.for_element(Locator::XPath(path)).await.with_context(|| format!("{what} is not in the window"))
    }

    /// How many elements there are now.
    pub async fn count(&self, path: &str) -> anyhow::Result<usize> {
        Ok(self.client.find_all(Locator::XPath(path)).await?.len())
    }

    /// Clicks a button by its name, or the one inside `within` (an `XPath` that ends before the button).
    pub async fn press_in(&self, within: &str, name: &str) -> anyhow::Result<()> {
        let path = format!(
            "{within}//button[not(@disabled) and not(@data-loading) and (normalize-space()={0} or @aria-label={0})]",
            quoted(name)?
        );
        self.click(&format!("the button {name}"), &path).await
    }

    /// Clicks a button by its name.
    pub async fn press(&self, name: &str) -> anyhow::Result<()> {
        self.press_in("", name).await
    }

    /// Clicks the first element that can be seen; one that is still moving or covered is tried again.
    pub async fn click(&self, what: &str, path: &str) -> anyhow::Result<()> {
        let mut why = None;
        let clicked = until(&format!("a click on {what}"), PATIENCE, async || {
            for element in self.client.find_all(Locator::XPath(path)).await? {
                // It may have gone from the page meanwhile; then the next look finds what took its place.
                if !element.is_displayed().await.unwrap_or(false) {
                    continue;
                }
                match element.click().await {
                    Ok(()) => return Ok(Some(())),
                    Err(error) => why = Some(error),
                }
            }
            Ok(None)
        })
        .await;
        clicked.with_context(|| why.map_or_else(|| "nothing to click".to_owned(), |error| error.to_string()))
    }

    /// The field with this label, whether it stands beside it or is only spoken.
    pub async fn field(&self, label: &str) -> anyhow::Result<Element> {
        let label = quoted(label)?;
        let path = format!(
            "//*[self::input or self::textarea][@aria-label={label} or @id=//label[normalize-space()={label} or \
             normalize-space()=concat({label}, ' *')]/@for]"
        );
        self.find(&format!("the field {label}"), &path).await
    }

    /// Types into a field in place of what it holds.
    pub async fn fill(&self, label: &str, text: &str) -> anyhow::Result<()> {
        let field = self.field(label).await?;
        field.click().await?;
        let element = serde_json::to_value(&field)?;
        self.client.execute("arguments[0].focus(); arguments[0].select()", vec![element]).await?;
        field.send_keys(text).await?;
        let now = field.prop("value").await?;
        ensure!(now.as_deref() == Some(text), "typing “{text}” into the field {label} gave {now:?}");
        Ok(())
    }

    /// Waits until a field holds this.
    pub async fn holds(&self, label: &str, value: &str) -> anyhow::Result<()> {
        until(&format!("“{value}” in the field {label}"), PATIENCE, async || {
            let now = self.field(label).await?.prop("value").await?;
            Ok((now.as_deref() == Some(value)).then_some(()))
        })
        .await
    }

    /// Types into a field that offers choices, and takes the first one that contains these words once the list has come to rest:
    /// while it still narrows, a click may land on what moves up.
    pub async fn choose(&self, label: &str, typed: &str, option: &str) -> anyhow::Result<()> {
        self.fill(label, typed).await?;
        let offered = "return [...document.querySelectorAll('[role=option]')].filter((o) => o.checkVisibility())
            .map((o) => o.innerText).join('\\n')";
        let mut since = Instant::now();
        let mut before = String::new();
        until(&format!("the choice {option} in the field {label}"), PATIENCE, async || {
            let now = self.client.execute(offered, vec![]).await?.as_str().unwrap_or_default().to_owned();
            if now != before {
                (since, before) = (Instant::now(), now);
            }
            Ok((before.contains(option) && since.elapsed() > REST).then_some(()))
        })
        .await?;
        let path = format!("//*[@role='option'][contains(normalize-space(), {})]", quoted(option)?);
        self.click(&format!("the choice {option}"), &path).await
    }

    /// A picture of the page at rest. The driver's picture may lag behind the page by some frames, so it is taken until two are
    /// alike; something that turns for ever gets the last one.
    pub async fn picture(&self, file: &Path) -> anyhow::Result<()> {
        let mut picture = self.frame().await?;
        for _ in 1..PICTURES {
            let next = self.frame().await?;
            let same = next == picture;
            picture = next;
            if same {
                break;
            }
        }
        std::fs::write(file, picture)?;
        Ok(())
    }

    /// What is drawn after all that moves and ends has come to rest, and two frames later.
    async fn frame(&self) -> anyhow::Result<Vec<u8>> {
        let settled = "const done = arguments[0];
            const endless = (animation) => animation.effect?.getTiming().iterations === Infinity;
            const resting = () => document.getAnimations().every((a) => a.playState !== 'running' || endless(a));
            const begun = performance.now();
            const frames = (count) => count === 0 ? done() : requestAnimationFrame(() => frames(count - 1));
            const look = () => resting() || performance.now() - begun > 2000 ? frames(2) : requestAnimationFrame(look);
            look();";
        self.client.execute_async(settled, vec![]).await?;
        Ok(self.client.screenshot().await?)
    }

    /// Ends the app as the system does when the owner logs off. Returns the seconds it took.
    pub async fn quit(mut self) -> anyhow::Result<f64> {
        let took = app::quit(&self.program, &self.data).await?;
        dismiss(&mut self.driver).await?;
        Ok((took.as_secs_f64() * 1_000.0).round() / 1_000.0)
    }

    /// Ends the driver, and with it the app if it still runs.
    pub async fn close(mut self) -> anyhow::Result<()> {
        // The app may be gone already.
        let _closed = self.client.clone().close().await;
        dismiss(&mut self.driver).await?;
        if let Some(id) = app::find(&self.program, &self.data) {
            app::terminate(id).await?;
        }
        let gone = async || Ok(app::find(&self.program, &self.data).is_none().then_some(()));
        until("the app ends", Duration::from_secs(30), gone).await
    }
}

/// Waits for the driver and the one below it, which is later, and lets them start the app.
async fn connect(programs: &Programs, ports: [u16; 2]) -> anyhow::Result<Client> {
    for port in ports {
        until("the driver answers", PATIENCE, async || {
            Ok(tokio::net::TcpStream::connect(("127.0.0.1", port)).await.ok())
        })
        .await?;
    }
    let Value::Object(wanted) = json!({ "browserName": "wry", "tauri:options": { "application": programs.app } })
    else {
        bail!("capabilities are an object");
    };
    let client = ClientBuilder::new(HttpConnector::new())
        .capabilities(wanted)
        .connect(&format!("http://127.0.0.1:{}", ports[0]))
        .await
        .context("the driver could not open the app")?;
    Ok(client)
}

/// Ends the driver with the one below it, which would outlive it.
async fn dismiss(driver: &mut Child) -> anyhow::Result<()> {
    let id = driver.id().context("the driver runs")?;
    app::terminate_group(id).await?;
    let ended = tokio::time::timeout(PATIENCE, driver.wait()).await;
    ensure!(ended.is_ok(), "the driver did not end");
    Ok(())
}

/// A text as `XPath` takes it.
pub fn quoted(text: &str) -> anyhow::Result<String> {
    match (text.contains('\''), text.contains('"')) {
        (false, _) => Ok(format!("'{text}'")),
        (true, false) => Ok(format!("\"{text}\"")),
        (true, true) => bail!("XPath can't quote {text}"),
    }
}

/// Two ports nobody listens on, held at the same time so that they differ.
fn free_ports() -> anyhow::Result<[u16; 2]> {
    let held = [TcpListener::bind("127.0.0.1:0")?, TcpListener::bind("127.0.0.1:0")?];
    Ok([held[0].local_addr()?.port(), held[1].local_addr()?.port()])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_with_either_quote_can_be_looked_for() {
        assert_eq!(quoted("Start").expect("plain"), "'Start'");
        assert_eq!(quoted("The keychain can't be used").expect("one kind"), "\"The keychain can't be used\"");
        assert!(quoted("'\"").is_err());
    }
}
