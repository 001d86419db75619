//! Connecting from the command line: keys from a file or standard input, never from arguments, which other users could see.

use crate::explain;
use crate::report::{self, Report};
use anyhow::Context as _;
use backroom_core::Core;
use backroom_core::connections::{ConnectDraft, ConnectionEnvironment, NamedText, SignInOutcome};
use clap::Args;
use std::collections::BTreeMap;
use std::io::{BufRead as _, Read as _};
use std::path::Path;
use std::sync::Arc;

/// Connects a vendor's account.
#[derive(Args)]
pub struct ConnectArguments {
    /// Vendor, such as `stripe`.
    vendor: String,
    /// Where the vendor's keys are: `-` reads them from the first line of standard input, `env:NAME` from the environment variable NAME,
    /// anything else is the path of a file. Each holds one JSON object, such as `{"secret_key": "…"}`. The keys themselves are refused here:
    /// other people on this computer can see a program's arguments.
    #[arg(long, value_name = "- | env:NAME | FILE")]
    fields: String,
    /// Use the local stand-in.
    #[arg(long)]
    practice: bool,
    /// A base URL of a compatible server, such as `api=http://127.0.0.1:9000`. May be repeated.
    #[arg(long, value_name = "NAME=URL")]
    endpoint: Vec<String>,
    /// Redirect URI registered with the vendor, for sign-ins through the browser.
    #[arg(long)]
    redirect_uri: Option<String>,
}

/// Checks the keys and keeps the connection; for a browser sign-in prints the page to open and waits for the address it ends at.
pub async fn connect(core: &Arc<Core>, arguments: ConnectArguments) -> anyhow::Result<Report> {
    let vendor = core
        .list_vendors()?
        .into_iter()
        .find(|vendor| vendor.id == arguments.vendor)
        .with_context(|| format!("there is no vendor \"{}\"", arguments.vendor))?;
    let draft = ConnectDraft {
        vendor: arguments.vendor,
        connection_id: None,
        environment: if arguments.practice {
            ConnectionEnvironment::Practice
        } else {
            ConnectionEnvironment::Production
        },
        fields: named(read_fields(&arguments.fields)?),
        endpoints: named(split(&arguments.endpoint)?),
        redirect_uri: arguments.redirect_uri,
    };
    let outcome = if vendor.oauth {
        let started = core.start_sign_in(draft).await.map_err(explain)?;
        eprintln!("Open this page, sign in, then paste the address you end at:\n{}", started.authorize_url);
        let mut pasted = String::new();
        std::io::stdin().lock().read_line(&mut pasted)?;
        core.finish_sign_in(pasted.trim().to_owned()).await?
    } else {
        core.connect_with_keys(draft).await.map_err(explain)?
    };
    match outcome {
        SignInOutcome::Connected { connection } => {
            let text = format!("{} is connected: {}", connection.vendor_name, connection.account_name);
            Report::new(true, &connection, text)
        }
        SignInOutcome::Failed { reason, message } => {
            Report::new(false, &report::Failure { reason, message: message.clone() }, message)
        }
    }
}

/// Longest keys that are read.
const MOST: u64 = 64 * 1024;

/// The keys from where the argument says. Errors never repeat what was read or typed.
fn read_fields(source: &str) -> anyhow::Result<BTreeMap<String, String>> {
    if source.trim_start().starts_with('{') {
        anyhow::bail!(
            "--fields takes a place, not the keys: other people on this computer can see a program's arguments. Write them to a file and \
             name it, put them in an environment variable and write env:NAME, or pipe them in and write -. Change this key at the vendor; \
             it may have been seen."
        );
    }
    let (place, text) = if source == "-" {
        let mut text = String::new();
        std::io::stdin().lock().take(MOST).read_line(&mut text).context("standard input can't be read")?;
        ("standard input".to_owned(), text)
    } else if let Some(name) = source.strip_prefix("env:") {
        let text = std::env::var(name).ok().filter(|text| !text.trim().is_empty());
        (
            format!("the environment variable {name}"),
            text.with_context(|| format!("the environment variable {name} is not set"))?,
        )
    } else {
        let mut text = String::new();
        std::fs::File::open(Path::new(source))
            .and_then(|file| file.take(MOST).read_to_string(&mut text))
            // Not by its name: a key may have been typed in its place.
            .context("the file that --fields names can't be read")?;
        ("the file".to_owned(), text)
    };
    // The parser's own words would quote a key.
    serde_json::from_str(text.trim()).map_err(|_| {
        anyhow::anyhow!("{place} does not hold one JSON object of names and texts, such as {{\"secret_key\": \"…\"}}")
    })
}

fn split(pairs: &[String]) -> anyhow::Result<BTreeMap<String, String>> {
    pairs
        .iter()
        .map(|pair| {
            let (name, url) = pair.split_once('=').with_context(|| format!("\"{pair}\" is not NAME=URL"))?;
            Ok((name.to_owned(), url.to_owned()))
        })
        .collect()
}

fn named(texts: BTreeMap<String, String>) -> Vec<NamedText> {
    texts.into_iter().map(|(id, value)| NamedText { id, value }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_come_from_a_file_and_are_never_repeated() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("keys.json");
        std::fs::write(&file, "{\"secret_key\": \"rk_live_1\"}\n").expect("a file");
        let place = file.display().to_string();
        assert_eq!(read_fields(&place).expect("keys").get("secret_key").map(String::as_str), Some("rk_live_1"));
        for wrong in ["rk_live_1", "{\"secret_key\": rk_live_1}", "{\"secret_key\": 17}", ""] {
            std::fs::write(&file, wrong).expect("a file");
            let words = format!("{:#}", read_fields(&place).expect_err("no keys"));
            assert!(words.starts_with("the file does not hold") && !words.contains("rk_live"), "{words}");
        }
        let typed = format!("{:#}", read_fields("rk_live_1").expect_err("no file"));
        assert!(typed.contains("can't be read") && !typed.contains("rk_live"), "{typed}");
        let unset = format!("{:#}", read_fields("env:BACKROOM_NO_SUCH_KEYS").expect_err("not set"));
        assert!(unset.contains("BACKROOM_NO_SUCH_KEYS is not set"), "{unset}");
    }

    #[test]
    fn keys_as_an_argument_are_refused_with_the_three_ways_and_not_repeated() {
        let words = format!("{:#}", read_fields("{\"secret_key\": \"rk_live_1\"}").expect_err("a refusal"));
        for part in ["file", "env:NAME", "write -"] {
            assert!(words.contains(part), "{words}");
        }
        assert!(!words.contains("rk_live"), "{words}");
    }

    #[test]
    fn endpoints_are_named_pairs_and_keep_their_equals_signs() {
        let pairs = split(&["api=http://127.0.0.1:9000/?a=b".to_owned()]).expect("a pair");
        assert_eq!(pairs.get("api").map(String::as_str), Some("http://127.0.0.1:9000/?a=b"));
        assert!(split(&["http://127.0.0.1".to_owned()]).is_err(), "a bare URL names no endpoint");
    }
}
