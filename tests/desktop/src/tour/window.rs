//! The real window by WebDriver: finding what a person would name, clicking, typing, taking pictures.

use super::Programs;
use super::app::until;
use super::driver::Driver;
use super::limit::answer;
use anyhow::{Context as _, bail, ensure};
use fantoccini::elements::Element;
use fantoccini::{Client, Locator};
use serde_json::{Value, json};
use std::path::Path;
use std::time::Duration;
use tokio::time::Instant;

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
    driver: Driver,
    client: Client,
}

impl Window {
    /// Starts the app on a data folder and waits for its page. `settings` are further variables of its environment.
    pub async fn open(programs: &Programs, data: &Path, settings: &[(&str, &str)]) -> anyhow::Result<Self> {
        let (driver, client) = Driver::open(programs, data, settings).await?;
        let window = Self { driver, client };
        window.watch().await?;
        Ok(window)
    }

    /// What a script on the page returns.
    async fn run(&self, what: &str, script: &str, arguments: Vec<Value>) -> anyhow::Result<Value> {
        answer(what, self.client.execute(script, arguments)).await
    }

    /// All elements there are now.
    async fn all(&self, what: &str, path: &str) -> anyhow::Result<Vec<Element>> {
        answer(what, self.client.find_all(Locator::XPath(path))).await
    }

    /// Counts faults of the page from here on: thrown errors and what the content policy stopped.
    async fn watch(&self) -> anyhow::Result<()> {
        let script = "window.faults = [];
            addEventListener('error', (event) => window.faults.push(String(event.message)));
            addEventListener('unhandledrejection', (event) => window.faults.push(String(event.reason)));
            document.addEventListener('securitypolicyviolation',
                (event) => window.faults.push(`${event.violatedDirective} ${event.blockedURI}`));";
        self.run("watching for faults", script, vec![]).await?;
        Ok(())
    }

    /// What went wrong on the page without being shown.
    pub async fn faults(&self) -> anyhow::Result<Vec<String>> {
        Ok(serde_json::from_value(self.run("the page's faults", "return window.faults", vec![]).await?)?)
    }

    /// Goes to a page of the app by its path.
    pub async fn go(&self, path: &str) -> anyhow::Result<()> {
        self.run("going to a page", "window.location.hash = arguments[0]", vec![json!(path)]).await?;
        Ok(())
    }

    /// The page's address behind the `#`.
    pub async fn place(&self) -> anyhow::Result<String> {
        let place = self.run("the page's address", "return window.location.hash.slice(1)", vec![]).await?;
        Ok(place.as_str().unwrap_or_default().to_owned())
    }

    /// Everything that can be read in the window now.
    pub async fn text(&self) -> anyhow::Result<String> {
        let script = "return document.body ? document.body.innerText : ''";
        let text = self.run("the page's text", script, vec![]).await?;
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
        until(&format!("{what} in the window"), PATIENCE, async || Ok(self.all(what, path).await?.into_iter().next()))
            .await
    }

    /// How many elements there are now.
    pub async fn count(&self, path: &str) -> anyhow::Result<usize> {
        Ok(self.all("the elements to count", path).await?.len())
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
            for element in self.all(what, path).await? {
                // It may have gone from the page meanwhile; then the next look finds what took its place.
                if !answer("whether it can be seen", element.is_displayed()).await.unwrap_or(false) {
                    continue;
                }
                match answer("the click", element.click()).await {
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
        answer("the click into the field", field.click()).await?;
        let element = serde_json::to_value(&field)?;
        self.run("choosing all of the field", "arguments[0].focus(); arguments[0].select()", vec![element]).await?;
        answer("the typing", field.send_keys(text)).await?;
        let now = answer("the field's value", field.prop("value")).await?;
        ensure!(now.as_deref() == Some(text), "typing “{text}” into the field {label} gave {now:?}");
        Ok(())
    }

    /// Waits until a field holds this.
    pub async fn holds(&self, label: &str, value: &str) -> anyhow::Result<()> {
        until(&format!("“{value}” in the field {label}"), PATIENCE, async || {
            let now = answer("the field's value", self.field(label).await?.prop("value")).await?;
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
            let now = self.run("the choices", offered, vec![]).await?.as_str().unwrap_or_default().to_owned();
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
        answer("the page at rest", self.client.execute_async(settled, vec![])).await?;
        answer("a picture", self.client.screenshot()).await
    }

    /// Presses a key in a field.
    pub async fn press_key(&self, label: &str, key: &str) -> anyhow::Result<()> {
        answer("the key", self.field(label).await?.send_keys(key)).await
    }

    /// Ends the app as the system does when the owner logs off. Returns the seconds it took.
    pub async fn quit(self) -> anyhow::Result<f64> {
        let took = self.driver.quit().await?;
        Ok((took.as_secs_f64() * 1_000.0).round() / 1_000.0)
    }

    /// Ends the app without a word, and with it the driver.
    pub async fn kill(self) -> anyhow::Result<()> {
        self.driver.kill().await
    }

    /// Ends the driver, and with it the app if it still runs.
    pub async fn close(self) -> anyhow::Result<()> {
        // The app may be gone already.
        let _closed = answer("the window's end", self.client.close()).await;
        self.driver.end().await
    }
}

/// A text as `XPath` takes it.
pub fn quoted(text: &str) -> anyhow::Result<String> {
    match (text.contains('\''), text.contains('"')) {
        (false, _) => Ok(format!("'{text}'")),
        (true, false) => Ok(format!("\"{text}\"")),
        (true, true) => bail!("XPath can't quote {text}"),
    }
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
