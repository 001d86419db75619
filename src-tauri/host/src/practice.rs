//! Practice: a local stand-in for the vendors, offered beside Production when the environment names one.

use std::time::Duration;

/// Base URL of the vendors' stand-in.
pub const SANDBOX_VARIABLE: &str = "BACKROOM_SANDBOX";

/// Where the stand-in describes itself, below its base URL.
const DESCRIPTION_PATH: &str = "/__control/connection";

/// Longest description that is read, in bytes.
const DESCRIPTION_BYTES: usize = 64 * 1024;

/// The stand-in's description, or `None` when the environment names none or it does not answer within two seconds.
/// Only loopback addresses are asked: Practice must never reach another machine.
pub async fn describe() -> Option<serde_json::Value> {
    let base = std::env::var(SANDBOX_VARIABLE).ok().filter(|base| !base.is_empty())?;
    match tokio::time::timeout(Duration::from_secs(2), fetch(&base)).await {
        Ok(Ok(description)) => Some(description),
        Ok(Err(reason)) => {
            tracing::warn!(reason, "the stand-in for Practice did not answer as expected");
            None
        }
        Err(_) => {
            tracing::warn!("the stand-in for Practice did not answer in time");
            None
        }
    }
}

async fn fetch(base: &str) -> Result<serde_json::Value, String> {
    use connector_http::{Exchange as _, Limits, Network};
    let url = url::Url::parse(base).map_err(|error| error.to_string())?;
    let local = match url.host() {
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        Some(url::Host::Domain(name)) => name == "localhost",
        None => false,
    };
    if !local {
        return Err("the stand-in must run on this machine".to_owned());
    }
    let request = http::Request::get(format!("{}{DESCRIPTION_PATH}", base.trim_end_matches('/')))
        .body(bytes::Bytes::new())
        .map_err(|error| error.to_string())?;
    let network = Network::new().map_err(|error| error.to_string())?;
    let answer = network
        .exchange(request, Limits { body_bytes: DESCRIPTION_BYTES, ..Limits::default() })
        .await
        .map_err(|error| error.to_string())?;
    serde_json::from_slice(answer.body()).map_err(|error| error.to_string())
}
