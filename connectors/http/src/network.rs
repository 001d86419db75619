//! The real network, over reqwest with rustls.
//!
//! Absent on purpose: redirects (an answer that points elsewhere is an answer, and its judge refuses it), cookies, and
//! reqwest's own retries.

use crate::{Exchange, ExchangeError, Limits};
use bytes::{Bytes, BytesMut};
use futures::StreamExt;
use http::{Request, Response};
use std::collections::VecDeque;
use std::time::Duration;
use url::Host;

/// Exchanges over the machine's network. Cheap to clone; connections are pooled.
#[derive(Clone, Debug)]
pub struct Network {
    /// Over the proxy that the machine is set up with, if any.
    usual: reqwest::Client,
    /// Never over a proxy.
    direct: reqwest::Client,
}

impl Network {
    /// Time to find the host, connect and agree on TLS.
    const CONNECT: Duration = Duration::from_secs(15);

    /// Sets up the pool. Fails only when the machine offers no usable TLS roots.
    pub fn new() -> Result<Self, ExchangeError> {
        let built = |builder: reqwest::ClientBuilder| {
            builder
                .user_agent(concat!("Backroom/", env!("CARGO_PKG_VERSION")))
                .connect_timeout(Self::CONNECT)
                .redirect(reqwest::redirect::Policy::none())
                .retry(reqwest::retry::never())
                .gzip(true)
                .build()
                .map_err(|error| ExchangeError::NotSent(plain(&error)))
        };
        Ok(Self { usual: built(reqwest::Client::builder())?, direct: built(reqwest::Client::builder().no_proxy())? })
    }

    /// What is on this machine is asked directly, whatever proxy is set: a proxy could not reach it, and would get the key. So
    /// is everything without TLS, which a proxy could read.
    fn client_for(&self, url: &url::Url) -> &reqwest::Client {
        if url.scheme() == "https" && !is_loopback(url) { &self.usual } else { &self.direct }
    }
}

fn is_loopback(url: &url::Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => {
            let name = name.trim_end_matches('.').to_ascii_lowercase();
            name == "localhost" || name.ends_with(".localhost")
        }
        Some(Host::Ipv4(address)) => address.is_loopback() || address.is_unspecified(),
        Some(Host::Ipv6(address)) => {
            let mapped = address.to_ipv4_mapped().is_some_and(|address| address.is_loopback());
            address.is_loopback() || address.is_unspecified() || mapped
        }
        None => false,
    }
}

#[async_trait::async_trait]
impl Exchange for Network {
    async fn exchange(&self, request: Request<Bytes>, limits: Limits) -> Result<Response<Bytes>, ExchangeError> {
        let mut request = reqwest::Request::try_from(request).map_err(|error| ExchangeError::NotSent(plain(&error)))?;
        *request.timeout_mut() = Some(limits.total);
        let mut answer = self.client_for(request.url()).execute(request).await.map_err(sort)?;
        if answer.content_length().is_some_and(|length| length > limits.body_bytes as u64) {
            return Err(ExchangeError::TooLarge);
        }
        let mut response = Response::new(Bytes::new());
        *response.status_mut() = answer.status();
        *response.headers_mut() = std::mem::take(answer.headers_mut());
        // Kept as they come and joined once: a buffer that grows would hold everything twice over each time it does.
        let (mut pieces, mut size) = (VecDeque::new(), 0_usize);
        let mut chunks = answer.bytes_stream();
        while let Some(chunk) = chunks.next().await {
            let chunk = chunk.map_err(|error| ExchangeError::NoAnswer(plain(&error)))?;
            size = size.saturating_add(chunk.len());
            if size > limits.body_bytes {
                return Err(ExchangeError::TooLarge);
            }
            pieces.push_back(chunk);
        }
        let mut body = BytesMut::with_capacity(size);
        while let Some(piece) = pieces.pop_front() {
            body.extend_from_slice(&piece);
        }
        *response.body_mut() = body.freeze();
        Ok(response)
    }
}

/// A failure while connecting is certain not to have had an effect; any later one is not.
fn sort(error: reqwest::Error) -> ExchangeError {
    if error.is_connect() || error.is_builder() {
        ExchangeError::NotSent(plain(&error))
    } else {
        ExchangeError::NoAnswer(plain(&error))
    }
}

/// The cause in plain words. The library's own text would name the whole URL, which may hold personal data.
fn plain(error: &reqwest::Error) -> String {
    let words = if error.is_timeout() {
        "timed out"
    } else if error.is_connect() {
        "could not connect; check the internet connection"
    } else if error.is_builder() {
        "the request could not be built"
    } else {
        "the connection broke off"
    };
    words.to_owned()
}
