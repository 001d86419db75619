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
    /// A JSON object with the vendor's keys, such as `{"secret_key": "…"}`; `-` reads it from the first line of standard input.
    #[arg(long)]
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
        fields: named(
            serde_json::from_str(&read_fields(&arguments.fields)?)
                .context("the keys are not a JSON object of texts")?,
        ),
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

fn read_fields(source: &str) -> anyhow::Result<String> {
    let mut text = String::new();
    if source == "-" {
        std::io::stdin().lock().read_line(&mut text)?;
    } else {
        std::fs::File::open(Path::new(source))
            .with_context(|| format!("{source} can't be opened"))?
            .take(64 * 1024)
            .read_to_string(&mut text)?;
    }
    Ok(text)
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
    fn endpoints_are_named_pairs_and_keep_their_equals_signs() {
        let pairs = split(&["api=http://127.0.0.1:9000/?a=b".to_owned()]).expect("a pair");
        assert_eq!(pairs.get("api").map(String::as_str), Some("http://127.0.0.1:9000/?a=b"));
        assert!(split(&["http://127.0.0.1".to_owned()]).is_err(), "a bare URL names no endpoint");
    }
}
